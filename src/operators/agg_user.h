/*
 * operators/agg_user.h -- aggregate functions of the user: accumulators as bytes in a table beside
 * the main one.
 *
 * DESIGN     A run of rows is cut into waves: in each a group has rows of one sign that follow each
 *            other, or one row where results before and after every row are wanted. So the function
 *            is called once a wave, for all its rows or groups, whatever the number of groups. The
 *            accumulators of the groups of a run are copied out of the table before and back after.
 *            Slices of a HOP window are merged when it fires, the oldest first.
 * OWNERSHIP  The table belongs to the operator's state; scratch to the set's arena.
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_AGG_USER_H
#define SB_OPERATORS_AGG_USER_H

#include "expr/udf.h"
#include "operators/agg_side.h"

typedef struct sb_user_slot { /* the buffer of one accumulator */
    sb_mem *mem;
    size_t capacity;
} sb_user_slot;

typedef struct sb_user_group { /* of a run */
    uint8_t state;             /* GROUP_... */
    int8_t sign;               /* of its wave; 0: rows that do nothing */
    int32_t wave;              /* number of its wave */
    int32_t result;            /* which value is its result now; -1: unknown */
} sb_user_group;

typedef struct sb_user_row { /* a position of a run */
    int32_t group, wave;
    int32_t before, after; /* which values; -1: NULL */
} sb_user_row;

struct sb_agg_user {
    sb_udf_instance *function;
    sb_table *table;
    sb_schema args, result; /* types of the function */
    bool packed;            /* its arguments are fields of a ROW */
    int32_t arg;            /* input column */
    sb_mem *mem;
    int32_t capacity;
    /* per group */
    sabot_accumulator *accs;
    sb_user_slot *slots;
    sb_user_group *groups;
    int32_t count_groups;
    uint8_t **rows; /* of the table; NULL: none */
    uint64_t *hashes;
    int64_t *spaces;
    int32_t *key_rows;
    sabot_accumulator *asked, *merged; /* of a call */
    int32_t *asked_groups;
    /* per position */
    sb_user_row *positions;
    int32_t *order;  /* 0, 1, 2 ... */
    int32_t *starts; /* where each wave begins in the second half of `chosen` */
    int32_t count_waves;
    int32_t *map; /* main row -> group, by a hash; -1: none */
    int32_t map_size;
    int32_t *chosen, *places, *chosen_groups; /* rows of a call; positions by wave behind them */
    sb_vector *columns[SB_UDF_ARGS_MAX + 1];
    sb_column_builder values; /* results of a run */
    bool has_values;
};

/* The row type of its table. */
extern const sb_schema sb_agg_user_row;
sb_status sb_agg_user_open(sb_agg_set *set, int32_t i, sb_init *ctx, sb_table *table,
                           sb_error *err);
void sb_agg_user_close(sb_agg_set *set, int32_t i);
sb_status sb_agg_user_update(sb_agg_set *set, int32_t index, sb_agg_run *run, const int8_t *act,
                             sb_column_builder *pairs, sb_error *err);
sb_status sb_agg_user_results(sb_agg_set *set, int32_t index, const sb_agg_groups *groups,
                              sb_column_builder *out, sb_error *err);

#endif
