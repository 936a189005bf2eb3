/*
 * operators/agg_set.h -- all aggregates of one operator: accumulators in the main table, and the
 * tables that DISTINCT and retracting MIN / MAX need beside it.
 *
 * DESIGN     DISTINCT aggregates over the same argument share one table (R27). Append-only input: a
 * map (group, argument) -> one bit per aggregate; its hash keeps the slot bits of the group's hash,
 * so both rows live in the same slot. The group stands there as its number, which its row in the
 * main table has and which no other group of the job gets (agg_number.c), or, where groups leave by
 * namespace, as its key. Retracting input: an ordered table, group key ->
 * argument -> one count per aggregate. MIN / MAX over retracting input keep all values with counts
 * in an ordered table (R28); the accumulator holds the current extreme. FIRST, LAST and LIST over
 * retracting input: agg_arrival.c. COLLECT and its kin: agg_collect.c. Counts may be negative: a
 * value taken out before it came in. They leave at 0; only counts above 0 are seen. OWNERSHIP  The
 * set owns its arrays; tables belong to the operator's state. THREADS    T:task
 */
#ifndef SB_OPERATORS_AGG_SET_H
#define SB_OPERATORS_AGG_SET_H

#include "operators/agg.h"

typedef struct sb_distinct_set { /* DISTINCT aggregates over one argument column */
    int32_t arg;                 /* input column */
    int32_t count;               /* aggregates */
    int32_t *members;            /* indexes into the set's aggregates */
    bool takes_nulls;            /* NULL is a value to one of them */
    sb_table *table;
    sb_schema key;       /* append-only: number of the group or its key, then the argument */
    sb_schema sort;      /* retracting: the argument */
    sb_schema row;       /* "mask", or one count per member */
    sb_vector **columns; /* scratch: key columns of a run */
    sb_vector *values;   /* scratch of numbered groups: the different arguments, if of 8 bytes */
    int8_t **news;       /* scratch: by member, where it acts */
} sb_distinct_set;

typedef struct sb_agg_arrival { /* FIRST, LAST and LIST over retracting input */
    sb_table *places;           /* (group key, value) -> number in the list */
    sb_schema key;              /* of the places */
    sb_schema list_sort;        /* number, value */
    sb_schema place_sort;       /* number */
    sb_schema row;              /* no columns */
    sb_vector **columns;        /* scratch: columns of a key of the places */
} sb_agg_arrival;

typedef struct sb_agg_entry { /* one value of a group while its result is made */
    uint8_t *row;
    int64_t count;
} sb_agg_entry;

typedef struct sb_agg_contents { /* COLLECT and the kinds behind it: the values of the groups */
    sb_table *table;
    sb_schema sort;         /* the value, or the key */
    sb_schema row;          /* bags: the value; else its count, or the member */
    sb_schema saved_schema; /* the result, as bytes in the `previous` column */
    sb_row_layout saved;
    sb_agg_entry *entries; /* scratch */
    int32_t capacity;
} sb_agg_contents;

typedef struct sb_agg_user sb_agg_user; /* agg_user.h */

typedef struct sb_agg_ordered { /* a run in the order of its groups */
    int32_t *physical, *groups;
    uint8_t **rows;
    uint64_t *hashes;
    int64_t *space;
} sb_agg_ordered;

typedef struct sb_agg_set {
    sb_mem *mem;
    sb_arena *arena;
    int32_t count;
    sb_agg *aggs;
    bool retracts;
    bool has_space;
    sb_table *table; /* the main table with the accumulators */
    int32_t count_distincts;
    sb_distinct_set *distincts;
    sb_table **extremes;        /* per aggregate: all its values; NULL: none */
    sb_agg_arrival **arrivals;  /* per aggregate; NULL: none */
    sb_agg_contents **contents; /* per aggregate; NULL: none */
    sb_agg_user **users;        /* per aggregate: of the user; NULL: none */
    /* Groups with numbers: value column and place in a row; -1: none. Numbers up to here are
     * given; it is part of the operator's snapshot. */
    int32_t number_column;
    uint32_t number_at;
    int64_t last_number;
    int64_t emitted;    /* values that went into results of collecting aggregates */
    bool has_bytes;     /* an aggregate is a string: rows may move when they are updated */
    int32_t capacity;   /* rows of a run */
    int8_t *acts;       /* count * capacity: what each row of the run does to each aggregate */
    const int8_t **act; /* per aggregate: its acts, or another array that says the same */
    int8_t *ones;       /* signs of a run that only adds */
    /* Scratch, per aggregate: the run as it sees it, and its argument. */
    sb_agg_input *inputs;
    sb_vector **flats;
    /* What aggregates share: filter columns with 1 for each position that passes, and argument
     * columns. */
    int32_t count_filters, count_args;
    int32_t *filters, *args;
    int32_t *filter_of, *arg_of; /* per aggregate; -1: none */
    int8_t *passes;              /* count_filters * capacity */
    bool *arg_nulls;             /* of the run */
    int32_t *ends;               /* of stretches of positions with the same row */
    sb_agg_ordered ordered;
    /* Scratch for distinct keys. */
    uint64_t *masks;  /* by position: one bit per member */
    int32_t *numbers; /* by position: which different value; -1: none */
    int32_t *last;    /* by a hash: number of the last value with it */
    uint64_t *hashes;
    uint8_t **rows;
    int32_t *positions, *physical;
    int64_t *space;
    int64_t *groups;      /* by position: the number of its group */
    uint64_t *words;      /* by position: the argument, or its hash */
    sb_vector *group_key; /* by key: the number of its group */
} sb_agg_set;

typedef struct sb_agg_run { /* some rows of a head */
    const sb_batch *head;
    const int32_t *physical;
    int32_t count;
    sb_keys keys;          /* group keys of these rows (space included) */
    uint8_t **rows;        /* main table rows, touched */
    const int8_t *sign;    /* +1, -1, 0 (leave out); NULL: all +1 */
    const uint8_t *how;    /* SB_AGG_RESET | SB_AGG_SAVE | SB_AGG_DROP; NULL: none */
    const int32_t *groups; /* by position: equal numbers are equal groups */
} sb_agg_run;

typedef struct sb_agg_groups { /* groups whose results are wanted */
    int32_t count, slices;
    uint8_t *const *rows;   /* of the main table: rows[s * count + i], NULL where there is none */
    sb_vector *const *keys; /* FLAT: row i is the key of group i */
    const int32_t *numbers; /* 0, 1, 2 ... count - 1 */
} sb_agg_groups;

/* First: declares accumulator columns (appended to fields; at most SB_AGG_FIELDS_MAX an
 * aggregate, and one more). numbers: DISTINCT may give groups numbers, as their rows stay in the
 * main table as long as those of their values, and last_number is kept. */
sb_status sb_agg_set_declare(sb_agg_set *set, sb_mem *mem, const sb_agg_call *calls, int32_t count,
                             const sb_schema *input, bool retracts, bool previous, bool numbers,
                             sb_field *fields, int32_t *count_fields, sb_error *err);
/* Then, with the main table open: opens the side tables, ids from first_id on. capacity: most
 * rows of a run. */
sb_status sb_agg_set_open(sb_agg_set *set, sb_init *ctx, sb_table *table, const sb_schema *key,
                          bool has_space, uint32_t first_id, int64_t ttl_ms, int32_t capacity,
                          sb_error *err);
void sb_agg_set_close(sb_agg_set *set);
/* Remembers all results of a row, which may move, as those of before; not of aggregates that
 * collect. */
sb_status sb_agg_set_save(const sb_agg_set *set, uint8_t **row, sb_error *err);
/* A row was just created: no values yet. */
void sb_agg_set_start(const sb_agg_set *set, uint8_t *row);
/* Updates all aggregates for the run. pairs: NULL, or an array of count vectors to be filled:
 * results before (2i) and after (2i+1) each row; one reference each. */
sb_status sb_agg_set_update(sb_agg_set *set, sb_agg_run *run, sb_vector **pairs, sb_error *err);
/* Results of aggregate number `index`: one value a group. */
sb_status sb_agg_set_results(sb_agg_set *set, int32_t index, const sb_agg_groups *groups,
                             sb_column_builder *out, sb_error *err);
/* The results of before (mini-batch). */
sb_status sb_agg_set_previous(const sb_agg_set *set, int32_t index, uint8_t *const *rows,
                              int32_t count, sb_column_builder *out, sb_error *err);
/* Does an aggregate collect its values? */
bool sb_agg_set_collects(const sb_agg_set *set);
/* Drops the side tables' rows of one namespace value (window that left). */
void sb_agg_set_drop_space(sb_agg_set *set, int64_t space);
/* Can accumulators of slices be merged? Not with DISTINCT or tables of values, nor FIRST and
 * LAST: who came first is not in them. */
bool sb_agg_set_merges(const sb_agg_call *calls, int32_t count, bool retracts);

#endif
