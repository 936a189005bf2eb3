/*
 * base/quantity.h -- durations, memory sizes and numbers as Flink writes them in options.
 *
 * THREADS    T:any
 */
#ifndef SB_BASE_QUANTITY_H
#define SB_BASE_QUANTITY_H

#include "base/text.h"

/* "10 s", "500ms", "1 min", "2 h", "1 d", "100" (ms), "1500 us" (rounded down to ms). False: not
 * a duration or too long. */
bool sb_parse_duration_ms(const char *text, int64_t *out);
/* "128MB", "64 kb", "1g", "4096" (bytes); units are powers of 1024. False: not a size or too
 * large. */
bool sb_parse_memory(const char *text, int64_t *out);
bool sb_parse_bool(const char *text, bool *out); /* true, false in any case */
bool sb_parse_int(const char *text, int64_t low, int64_t high, int64_t *out);
/* Can it be a zone: UTC, an offset as GMT+02:00 or an IANA name (which the engine resolves)? */
bool sb_parse_zone_name(const char *text);
bool sb_parse_number(const char *text, double low, double high, double *out);

#endif
