/*
 * formats/formats_testing.h -- helpers of the tests of formats and connectors.
 */
#ifndef SB_FORMATS_FORMATS_TESTING_H
#define SB_FORMATS_FORMATS_TESTING_H

#include "formats/format.h"

/* A schema from "a INT, b ROW<x STRING, y DECIMAL(10, 2)> NOT NULL, c ARRAY<INT>"; fails the
 * test when it cannot be read. */
const sb_schema *sb_test_schema(sb_arena *arena, const char *text);

/* Options from key, value, ... NULL. */
typedef struct sb_test_options {
    const char *pairs[33];
} sb_test_options;

sb_format_table sb_test_table(const sb_schema *schema, const sb_test_options *options);

/* Reads `data` in one go (split_at 0) or given in two pieces, the first of split_at bytes; writes
 * the rows as changelog-json lines (decimals plain), bad records as "BAD line offset reason" lines,
 * a failed call as "ERROR message". */
void sb_test_decode(const sb_format *format, const sb_format_table *table, const int32_t *project,
                    int32_t count, const char *data, size_t size, size_t split_at,
                    int32_t limit_rows, sb_text *out);

/* How records lie in memory: each in memory of its own, or in one frame with line ends between. */
typedef enum sb_test_lie { SB_TEST_APART, SB_TEST_FRAMED } sb_test_lie;

/* Decodes records (data NULL: without a value) of all columns of the table, and of its metadata;
 * writes each row as "<record> " and a changelog-json line, bad ones as "BAD <record> reason". */
void sb_test_decode_records(const sb_format *format, const sb_format_table *table,
                            const sb_str *records, int32_t count, sb_test_lie lie,
                            int32_t limit_rows, sb_text *out);

/* A batch of rows given as lines of changelog-json. */
sb_batch *sb_test_rows(sb_mem *mem, const sb_schema *schema, const char *lines);

/* Rows (lines of changelog-json) as records, each as its text (or in hexadecimal digits) and a
 * line end; "NONE" for rows without one, "ERROR message" for a call that failed. */
void sb_test_encode_records(const sb_format *format, const sb_format_table *table,
                            const char *lines, bool hex, sb_text *out);

#endif
