/*
 * state/fixture_testing.h -- for tests of state by hand: a state with one table, keys of one
 * BIGINT.
 *
 * OWNERSHIP  Who opens closes; closing checks that nothing is left.
 */
#ifndef SB_STATE_FIXTURE_TESTING_H
#define SB_STATE_FIXTURE_TESTING_H

#include "state/state.h"

extern const sb_type sb_st_bigint;
extern const sb_schema sb_st_one_i64; /* a BIGINT */

typedef struct sb_st_fixture {
    sb_mem *mem;
    sb_state *state;
    sb_table *t;
} sb_st_fixture;

void sb_st_open(sb_st_fixture *f, const sb_table_spec *spec, int64_t limit);
void sb_st_close(sb_st_fixture *f);

/* A vector of int64 and keys over it. */
typedef struct sb_st_ints {
    sb_vector *v;
    uint64_t *hashes;
} sb_st_ints;

sb_st_ints sb_st_ints_make(const int64_t *values, int32_t n);
sb_keys sb_st_ints_keys(sb_st_ints *x); /* all of them */
void sb_st_ints_free(sb_st_ints *x);

/* Where the row has the value column. */
int64_t *sb_st_value(const sb_table *t, uint8_t *row, int32_t column);

#endif
