/*
 * sql/report.h -- an error as people read it: line, column, the source line with the culprit
 * underlined, the hint.
 *
 * THREADS    T:any
 */
#ifndef SB_SQL_REPORT_H
#define SB_SQL_REPORT_H

#include "base/text.h"

/* Line and column (both from 1, columns in code points) of a byte offset. */
void sb_sql_locate(const char *text, size_t size, int32_t position, int32_t *out_line,
                   int32_t *out_column);

/*
 *   error[SB2002]: column "actuion" not found in "bid"
 *    --> top.sql:3:8
 *    3 | SELECT actuion FROM bid;
 *      |        ^^^^^^^
 *    hint: did you mean "auction"?
 *
 * `name` is the file (NULL: only line and column). Without a position only the first and the last
 * line. `color`: ANSI colours.
 */
void sb_sql_report(const sb_error *err, const char *name, const char *text, size_t size, bool color,
                   sb_text *out);

#endif
