/*
 * operators/agg.h -- accumulators of the aggregate functions inside state rows; shared by group
 * and window aggregation.
 *
 * DESIGN     An aggregate keeps its accumulator in one or two value columns of a map row
 *            (sb_agg_columns declares them). Work goes column at a time, rows in order:
 *            accumulators of different aggregates do not touch, so this equals row-at-a-time even
 *            where a key repeats within the batch. What a row does to an aggregate stands in `act`:
 *            +1 accumulate, -1 retract, 0 nothing (filtered, NULL argument, duplicate of a
 *            DISTINCT). MIN / MAX over retracting input and DISTINCT need tables of their own:
 *            operators/agg_set.h. NULL rule (R23): SUM, MIN, MAX, AVG of no values are NULL; COUNT
 *            is 0. SUM wraps in its own type, AVG sums in BIGINT, DOUBLE or DECIMAL(38) (R24, R25).
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_AGG_H
#define SB_OPERATORS_AGG_H

#include "flow/op.h"

/* What happens to the accumulator of the row at a position besides `act`. */
enum {
    SB_AGG_RESET = 1, /* first row of a (new or emptied) group: start from nothing */
    SB_AGG_SAVE = 2,  /* mini-batch: remember the result of before in the `previous` columns */
    SB_AGG_DROP = 4   /* last row of a group: what the side tables hold of it leaves with it */
};

typedef struct sb_agg {
    sb_agg_call call;
    const sb_type *type; /* of the results: the plan's, for batches outlive the operator */
    uint8_t arg_phys;    /* sb_phys of the argument; BOOL for COUNT(*) */
    uint8_t result_phys;
    uint8_t sum_scale;  /* of the argument, for decimal averages */
    uint8_t value_size; /* bytes of the accumulator's slot */
    /* SUM and AVG over retracting input, AVG always: a count of values beside the sum */
    bool keeps_count;
    int32_t value_column; /* value column of the accumulator in the state row; -1: none */
    int32_t count_column; /* of the count; -1: none */
    int32_t prev_column;  /* of the previous result (mini-batch); -1: none */
    int32_t mean_column;  /* M2: of the mean; -1: none */
    bool is_decimal;      /* the argument */
    /* Resolved against the table's layout by sb_agg_bind. */
    uint32_t value_at, count_at, prev_at, mean_at; /* byte offsets of the slots */
    int32_t value_field, count_field, prev_field;
} sb_agg;

typedef struct sb_agg_input { /* rows of one run */
    int32_t count;
    uint8_t **rows;          /* state row per position */
    const int32_t *physical; /* batch row per position */
    const sb_vector *arg;    /* FLAT; NULL for COUNT(*) */
    sb_mem *mem;             /* for scratch */
    const int8_t *act;
    const uint8_t *how; /* SB_AGG_RESET | SB_AGG_SAVE per position; NULL: none anywhere */
    /* Where the rows change seldom (and how is NULL): the end of each stretch of positions with the
     * same row; NULL: they change often. */
    const int32_t *ends;
    int32_t count_ends;
    bool plain; /* act is +1 everywhere */
    /* The rows of the whole run, of which this may be a part: what a row that moves is put right
     * in. */
    uint8_t **all_rows;
    int32_t count_all;
} sb_agg_input;

/* Where results go: values[2*i] before and values[2*i+1] after row i (pairs), or values[i]. */
typedef struct sb_agg_output {
    sb_vector *vector; /* FLAT with validity, written in place */
} sb_agg_output;

/* Most columns of one aggregate. */
#define SB_AGG_FIELDS_MAX 4

/* Declares accumulator (and previous-result) columns of one aggregate: appends fields to
 * `fields`, moving *count. `arg` is the argument's type (NULL for COUNT(*)). */
sb_status sb_agg_columns(sb_agg *agg, const sb_agg_call *call, const sb_type *arg, bool retracts,
                         bool previous, sb_field *fields, int32_t *count, sb_error *err);
void sb_agg_bind(sb_agg *agg, const sb_table *table);
/* Makes the accumulator of a row that was just created one of no values. */
void sb_agg_start(const sb_agg *agg, uint8_t *row);
/* Remembers the result in the `previous` columns (what SB_AGG_SAVE does). Not for bytes. */
void sb_agg_save(const sb_agg *agg, uint8_t *row);
/* The same for bytes: the row may move. */
sb_status sb_agg_save_bytes(const sb_agg *agg, sb_table *table, uint8_t **row, sb_error *err);
/* Updates accumulators; with `pairs`, writes the results before and after each row. Not for
 * bytes MIN/MAX (sb_agg_update_bytes). */
void sb_agg_update(const sb_agg *agg, const sb_agg_input *in, sb_agg_output *pairs);
/* MIN, MAX, FIRST, LAST and LIST of strings and binaries: rows may move in the table; in->all_rows
 * is kept right. */
sb_status sb_agg_update_bytes(const sb_agg *agg, sb_table *table, const sb_agg_input *in,
                              sb_column_builder *pairs, sb_error *err);

/* Separator and value, behind the values that are in the list. */
void sb_agg_join_text(const sb_agg *agg, sb_text *list, const sb_view *v);

/* Are its values in a table of their own, with nothing in the main row (agg_collect.c)? */
static inline bool
sb_agg_is_collecting(const sb_agg *agg)
{
    return agg->call.kind >= SB_AGG_COLLECT;
}

static inline bool
sb_agg_is_bytes(const sb_agg *agg)
{
    return agg->result_phys == SB_PHYS_VIEW;
}

/* Results of rows merged over `slices` (rows[s * count + i], NULL where a slice has none) into
 * values [0, count). One slice: plain results. */
sb_status sb_agg_results(const sb_agg *agg, const sb_row_layout *layout, uint8_t *const *rows,
                         int32_t slices, int32_t count, sb_column_builder *out, sb_error *err);
/* The previous results (mini-batch). */
sb_status sb_agg_previous(const sb_agg *agg, const sb_row_layout *layout, uint8_t *const *rows,
                          int32_t count, sb_column_builder *out, sb_error *err);

#endif
