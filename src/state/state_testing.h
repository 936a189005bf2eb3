/*
 * state/state_testing.h -- for the tests of state: random tables, batches of random keys, and a naive model of a table.
 *
 * DESIGN     The model is an array of rows in order of creation, searched from the front; cells are compared by code of
 *            its own. It shares no code with the tables but the reading of a row's fields (columnar).
 */
#ifndef SB_STATE_STATE_TESTING_H
#define SB_STATE_STATE_TESTING_H

#include "state/state.h"

#define ST_COLUMNS 4 /* of a kind, at most */
#define ST_BATCH 320 /* keys of a batch, at most */

typedef struct st_rng {
    uint64_t state;
} st_rng;
uint64_t st_random(st_rng *r);
static inline uint64_t
st_below(st_rng *r, uint64_t n)
{
    return st_random(r) % n;
}

typedef struct st_cell {
    bool null;
    uint32_t size;
    unsigned char bytes[96]; /* of the physical value; of a string: its bytes */
} st_cell;

typedef struct st_table { /* what kind of table */
    sb_shape shape;
    sb_field key_fields[ST_COLUMNS], sort_fields[ST_COLUMNS], value_fields[ST_COLUMNS];
    sb_schema key, sort, row;
    bool descending[ST_COLUMNS];
    bool has_space, index_rows, fixed_values;
    int64_t ttl_ms;
    uint32_t table_id;
    int32_t key_range; /* how many different cells a key column takes */
} st_table;

typedef struct st_row {
    st_cell key[ST_COLUMNS], sort[ST_COLUMNS], values[ST_COLUMNS];
    int64_t space;
    int64_t write_ms;
    uint64_t flag;   /* order of flagging, 0: none */
    uint64_t hash;   /* as the table has it */
    uint32_t tag;    /* of key and space, to skip most comparisons */
} st_row;

typedef struct st_model {
    const st_table *kind;
    st_row **rows;
    int32_t count, capacity;
    uint64_t next_flag;
    int64_t now_ms;
} st_model;

typedef struct st_batch { /* keys, sort and value columns of the same rows; vectors of mixed encodings with other rows between */
    int32_t count;
    st_row *rows; /* ST_BATCH of them */
    int32_t physical[ST_BATCH];
    uint64_t hashes[ST_BATCH];
    int64_t space[ST_BATCH];
    sb_vector *key[ST_COLUMNS], *sort[ST_COLUMNS], *values[ST_COLUMNS];
    sb_keys keys;
    uint8_t *found[ST_BATCH];
    uint64_t bits[ST_BATCH / 64 + 1];
} st_batch;

/* A random kind of table; seed decides all. */
void st_table_random(st_table *kind, st_rng *r, sb_shape shape, uint32_t table_id);
void st_table_spec(const st_table *kind, sb_table_spec *out);
/* Fixed kinds by hand: add columns with st_add. */
void st_add(sb_field *fields, sb_schema *schema, const char *name, sb_type type);

st_batch *st_batch_new(void);
void st_batch_free(st_batch *b);
/* n rows of random cells. */
void st_batch_random(st_batch *b, const st_table *kind, st_rng *r, int32_t n);
/* Makes vectors and keys from b->rows. */
void st_batch_build(st_batch *b, const st_table *kind, st_rng *r);
void st_batch_clear(st_batch *b);
st_cell st_cell_random(const sb_type *type, st_rng *r, int32_t range);
bool st_cell_equal(const st_cell *a, const st_cell *b);
int st_cell_compare(const sb_type *type, const st_cell *a, const st_cell *b); /* NULL lowest, Java doubles */

void st_model_init(st_model *m, const st_table *kind);
void st_model_deinit(st_model *m);
void st_model_copy(st_model *to, const st_model *from); /* `to` is fresh */
bool st_same_key(const st_table *kind, const st_row *a, const st_row *b);
bool st_same_sort(const st_table *kind, const st_row *a, const st_row *b);
bool st_same_values(const st_table *kind, const st_row *a, const st_row *b);
bool st_alive(const st_model *m, const st_row *row); /* not expired */
/* First living row with the key (and, ordered, the sort columns) of `like`; NULL: none. */
st_row *st_find(const st_model *m, const st_row *like);
st_row *st_add_row(st_model *m, const st_row *row);
void st_remove_row(st_model *m, st_row *row);

/* Reads a table's row into cells. */
void st_read_row(const sb_table *t, const st_table *kind, uint8_t *row, st_row *out);
/* Asserts that the table has exactly the living rows of the model, in the right order where there is one. */
void st_check(sb_table *t, st_model *m);
/* One random operation on both; counts on sb_mem_fail_after not being armed. */
void st_step(sb_table *t, st_model *m, st_rng *r, st_batch *b);
/* The same, with the n-th allocation failing. Asserts that the table is as before, or as after, or (put) between. */
void st_step_failing(sb_table *t, st_model *m, st_rng *r, st_batch *b);

#endif
