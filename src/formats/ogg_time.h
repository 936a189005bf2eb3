/*
 * formats/ogg_time.h -- the two times of a message of Oracle GoldenGate, each with Flink's own
 * rules.
 *
 * THREADS    T:any; no state.
 */
#ifndef SB_FORMATS_OGG_TIME_H
#define SB_FORMATS_OGG_TIME_H

#include "base/text.h"

/* op_ts: yyyy-[M]M-[d]d[ [H]H:[m]m:[s]s[.fraction]], cut to milliseconds; February 30 is the last
 * of February. False: cannot be read. */
bool sb_ogg_event_time(sb_str s, int64_t *us);

/* current_ts: yyyy-MM-ddTHH:mm:ss.SSSSSS, cut to milliseconds; else what java.sql.Timestamp takes,
 * with a blank in it, or java.sql.Date: whole, and what is too much of a field goes on into the
 * next. False: NULL. */
bool sb_ogg_ingestion_time(sb_str s, int64_t *us);

#endif
