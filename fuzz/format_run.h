/*
 * fuzz/format_run.h -- bytes through a format, as the fuzzers of formats do it.
 */
#ifndef SB_FUZZ_FORMAT_RUN_H
#define SB_FUZZ_FORMAT_RUN_H

#include "formats/format.h"

/* One column of each type that formats read. With `flat` without MAP and nested lists: csv has
 * none. */
const sb_schema *format_run_schema(bool flat);

/* The input read in one go and torn in two (the first byte says where) must give the same rows and
 * the same bad records, and the rows must come back when they are written as changelog-json and
 * read again. Aborts if not. */
void format_run_check(const sb_format *format, const sb_schema *schema,
                      const char *(*option)(const void *ctx, const char *key), const uint8_t *data,
                      size_t size);

/* The input cut at byte 0x1f into records that lie apart: they must give the same rows and the
 * same bad records wherever they lie (each alone; in one frame with line ends between). Aborts if
 * not. */
void format_run_records(const sb_format *format, const sb_schema *schema,
                        const char *(*option)(const void *ctx, const char *key),
                        const uint8_t *data, size_t size);

#endif
