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

#endif
