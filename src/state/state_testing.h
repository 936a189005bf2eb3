/*
 * state/state_testing.h -- for the tests of state: random tables, batches of random keys, and a
 * naive model of a table.
 *
 * DESIGN     The model is an array of rows in order of creation, searched from the front; cells are
 *            compared by code of its own. It shares no code with the tables but the reading of a
 *            row's fields (columnar).
 */
#ifndef SB_STATE_STATE_TESTING_H
#define SB_STATE_STATE_TESTING_H

#include "state/state.h"

#define SB_ST_COLUMNS 4   /* of a kind, at most */
#define SB_ST_BATCH   320 /* keys of a batch, at most */

typedef struct sb_st_rng {
    uint64_t state;
} sb_st_rng;

uint64_t sb_st_random(sb_st_rng *r);

static inline uint64_t
sb_st_below(sb_st_rng *r, uint64_t n)
{
    return sb_st_random(r) % n;
}

typedef struct sb_st_cell {
    bool null;
    uint32_t size;
    unsigned char bytes[96]; /* of the physical value; of a string: its bytes */
} sb_st_cell;

typedef struct sb_st_table { /* what kind of table */
    sb_shape shape;
    sb_field key_fields[SB_ST_COLUMNS], sort_fields[SB_ST_COLUMNS], value_fields[SB_ST_COLUMNS];
    sb_schema key, sort, row;
    bool descending[SB_ST_COLUMNS];
    bool has_space, index_rows, fixed_values;
    int64_t ttl_ms;
    uint32_t table_id;
    int32_t key_range; /* how many different cells a key column takes */
} sb_st_table;

typedef struct sb_st_row {
    sb_st_cell key[SB_ST_COLUMNS], sort[SB_ST_COLUMNS], values[SB_ST_COLUMNS];
    int64_t space;
    int64_t write_ms;
    uint64_t flag; /* order of flagging, 0: none */
    uint64_t hash; /* as the table has it */
    uint32_t tag;  /* of key and space, to skip most comparisons */
} sb_st_row;

typedef struct sb_st_model {
    const sb_st_table *kind;
    sb_st_row **rows;
    int32_t count, capacity;
    uint64_t next_flag;
    int64_t now_ms;
} sb_st_model;

typedef struct sb_st_batch { /* keys, sort and value columns of the same rows; vectors of mixed
                             encodings with other rows between */
    int32_t count;
    sb_st_row *rows; /* SB_ST_BATCH of them */
    int32_t physical[SB_ST_BATCH];
    uint64_t hashes[SB_ST_BATCH];
    int64_t space[SB_ST_BATCH];
    sb_vector *key[SB_ST_COLUMNS], *sort[SB_ST_COLUMNS], *values[SB_ST_COLUMNS];
    sb_keys keys;
    uint8_t *found[SB_ST_BATCH];
    uint64_t bits[SB_ST_BATCH / 64 + 1];
} sb_st_batch;

/* A random kind of table; seed decides all. */
void sb_st_table_random(sb_st_table *kind, sb_st_rng *r, sb_shape shape, uint32_t table_id);
void sb_st_table_spec(const sb_st_table *kind, sb_table_spec *out);
/* Fixed kinds by hand: add columns with sb_st_add. */
void sb_st_add(sb_field *fields, sb_schema *schema, const char *name, sb_type type);

sb_st_batch *sb_st_batch_new(void);
void sb_st_batch_free(sb_st_batch *b);
/* n rows of random cells. */
void sb_st_batch_random(sb_st_batch *b, const sb_st_table *kind, sb_st_rng *r, int32_t n);
/* Makes vectors and keys from b->rows. */
void sb_st_batch_build(sb_st_batch *b, const sb_st_table *kind, sb_st_rng *r);
void sb_st_batch_clear(sb_st_batch *b);
sb_st_cell sb_st_cell_random(const sb_type *type, sb_st_rng *r, int32_t range);
bool sb_st_cell_equal(const sb_st_cell *a, const sb_st_cell *b);
/* NULL lowest, Java doubles */
int sb_st_cell_compare(const sb_type *type, const sb_st_cell *a, const sb_st_cell *b);

void sb_st_model_init(sb_st_model *m, const sb_st_table *kind);
void sb_st_model_deinit(sb_st_model *m);
void sb_st_model_copy(sb_st_model *to, const sb_st_model *from); /* `to` is fresh */
bool sb_st_same_key(const sb_st_table *kind, const sb_st_row *a, const sb_st_row *b);
bool sb_st_same_sort(const sb_st_table *kind, const sb_st_row *a, const sb_st_row *b);
bool sb_st_same_values(const sb_st_table *kind, const sb_st_row *a, const sb_st_row *b);
bool sb_st_alive(const sb_st_model *m, const sb_st_row *row); /* not expired */
/* First living row with the key (and, ordered, the sort columns) of `like`; NULL: none. */
sb_st_row *sb_st_find(const sb_st_model *m, const sb_st_row *like);
sb_st_row *sb_st_add_row(sb_st_model *m, const sb_st_row *row);
void sb_st_remove_row(sb_st_model *m, sb_st_row *row);

/* What the operations (state_step_testing.c) share with the model. */
bool sb_st_cell_is_nan(const sb_st_cell *c, uint32_t size);
void sb_st_cell_set(sb_st_cell *cell, const void *data, size_t size);
void sb_st_assert_same_row(const sb_st_table *kind, const sb_st_row *have, const sb_st_row *want);
sb_st_row **sb_st_rows_of_key(const sb_st_model *m, const sb_st_row *like, int32_t *out_count);
void sb_st_row_random(sb_st_row *row, const sb_st_table *kind, sb_st_rng *r);

/* Reads a table's row into cells. */
void sb_st_read_row(const sb_table *t, const sb_st_table *kind, uint8_t *row, sb_st_row *out);
/* Asserts that the table has exactly the living rows of the model, in the right order where
 * there is one. */
void sb_st_check(sb_table *t, sb_st_model *m);
/* One random operation on both; counts on sb_mem_fail_after not being armed. */
void sb_st_step(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b);
/* The same, with the n-th allocation failing. Asserts that the table is as before, or as after,
 * or (put) between. */
void sb_st_step_failing(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b);

#endif
