/*
 * columnar/columnar_testing.h -- for tests: schemas of all types, random vectors in every encoding,
 * slow references.
 *
 * THREADS    one thread at a time.
 */
#ifndef SB_COLUMNAR_COLUMNAR_TESTING_H
#define SB_COLUMNAR_COLUMNAR_TESTING_H

#include "columnar/builder.h"

/* One column of each type, nested ones included; all nullable. Static memory. */
extern const sb_schema sb_testing_schema;

uint64_t sb_testing_random(uint64_t *state);
/* Appends one random value (NULL with chance 1/nulls, 0: never) of the builder's type. Few
 * distinct values: many are equal. */
void sb_testing_append(sb_column_builder *c, uint64_t *state, int nulls);
/* A random flat vector. Asserts that memory is there. */
sb_vector *sb_testing_vector(sb_mem *mem, const sb_type *type, int32_t length, uint64_t *state,
                             int nulls);
/* The same values in another encoding: DICT with a shuffled dictionary; or CONST, if all rows
 * are equal to row 0. */
sb_vector *sb_testing_as_dict(sb_mem *mem, sb_vector *flat, uint64_t *state);
sb_vector *sb_testing_as_const(sb_mem *mem, sb_vector *flat, int32_t row, int32_t length);
/* Slow equality that shares no code with the product: NULL equals NULL, floats as Java keys. */
bool sb_testing_equal(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b);
/* Runs body with a fresh budget again and again, each time with the next allocation failing, until
 * it gets through. Each time it must end in OK or NOMEM and leave nothing charged. Returns how many
 * allocations failed. */
int64_t sb_testing_fail_each_allocation(sb_status (*body)(sb_mem *mem, void *ctx, sb_error *err),
                                        void *ctx);

#endif
