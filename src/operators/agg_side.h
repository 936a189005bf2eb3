/*
 * operators/agg_side.h -- inside the aggregates: the tables beside the main one.
 *
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_AGG_SIDE_H
#define SB_OPERATORS_AGG_SIDE_H

#include "operators/agg_set.h"

static inline int8_t *
sb_agg_acts(const sb_agg_set *set, int32_t aggregate)
{
    return &set->acts[(size_t)aggregate * (size_t)set->capacity];
}

enum { SB_DISTINCT_SLOTS = 2048 };

#define SB_SLOT_BITS (~(UINT64_MAX >> 15)) /* of a hash: where a key lives */

/* agg_act.c: what each row of the run does to each aggregate -- its sign times filter times
 * argument not NULL. Fills set->act. */
void sb_agg_set_acts(sb_agg_set *set, const sb_agg_run *run);
/* Are NULLs values of the aggregate, or errors? */
bool sb_agg_takes_nulls(const sb_agg_call *call);
/* Lists filters and arguments; false: out of memory. */
bool sb_agg_set_share(sb_agg_set *set, int32_t capacity);

/* agg_order.c. False: out of memory. */
bool sb_agg_set_order_init(sb_agg_set *set, int32_t capacity);
/* The run with groups side by side, when that pays and may be: returns the count of stretches,
 * whose ends stand in set->ends; 0: not done. */
int32_t sb_agg_set_order(sb_agg_set *set, const sb_agg_run *run, sb_agg_run *out);

/* The key of one position of a run. */
static inline sb_keys
sb_agg_one_key(const sb_agg_run *run, int32_t at)
{
    const sb_keys *k = &run->keys;
    return (sb_keys){k->columns, &k->rows[at], &k->hashes[at], k->space ? &k->space[at] : NULL, 1};
}

/* Takes all entries of one group out of an ordered table. */
void sb_agg_clear_group(sb_table *table, const sb_keys *one);

/* Puts aggregate i into the DISTINCT set of its argument. */
sb_status sb_distinct_join(sb_agg_set *set, int32_t i, sb_error *err);
sb_status sb_distinct_open(sb_agg_set *set, sb_distinct_set *d, sb_init *ctx, const sb_schema *key,
                           uint32_t id, int64_t ttl_ms, sb_error *err);
/* agg_number.c: numbers of the groups of a run into set->groups. */
void sb_agg_number_groups(sb_agg_set *set, const sb_agg_run *run);
/* Keys (number of the group, argument) of the different values of a run; set->numbers says which
 * of them each position has. *out_gathered: NULL, or what the caller frees after use. */
sb_status sb_agg_numbered_keys(sb_agg_set *set, sb_distinct_set *d, const sb_agg_run *run,
                               sb_keys *out, sb_vector **out_gathered, sb_error *err);
/* Turns the members' acts from "this row has the value" into "the value appeared / disappeared". */
sb_status sb_distinct_update(sb_agg_set *set, sb_distinct_set *d, const sb_agg_run *run,
                             sb_error *err);

/* A bytes accumulator changes: the row may move, and every position of the group must see it
 * where it is then. */
sb_status sb_agg_set_view(sb_agg_set *set, sb_agg_run *run, int32_t at, int32_t column,
                          const sb_view *value, sb_error *err);
/* The accumulator takes the value of a field of an entry; NULL: there is none. */
sb_status sb_agg_hold(sb_agg_set *set, const sb_agg *agg, sb_agg_run *run, int32_t at,
                      sb_table *from_table, int32_t from_field, const uint8_t *from, sb_error *err);

/* agg_arrival.c: FIRST, LAST and LIST. */
bool sb_agg_is_arrival(const sb_agg *agg);
/* Takes two ids from `id` on. */
sb_status sb_arrival_open(sb_agg_set *set, int32_t i, sb_init *ctx, const sb_schema *key,
                          uint32_t id, int64_t ttl_ms, sb_error *err);
sb_status sb_arrival_row(sb_agg_set *set, int32_t index, sb_agg_run *run, int32_t i, int8_t act,
                         sb_error *err);
sb_status sb_arrival_clear(sb_agg_set *set, int32_t index, const sb_keys *one, sb_error *err);

/* agg_collect.c: COLLECT and the kinds behind it. */
sb_status sb_agg_collect_open(sb_agg_set *set, int32_t i, sb_init *ctx, const sb_schema *key,
                              uint32_t id, int64_t ttl_ms, sb_error *err);
void sb_agg_collect_close(sb_agg_set *set, int32_t i);
sb_status sb_agg_collect_update(sb_agg_set *set, int32_t index, sb_agg_run *run, const int8_t *act,
                                sb_column_builder *pairs, sb_error *err);
sb_status sb_agg_collect_results(sb_agg_set *set, int32_t index, const sb_agg_groups *groups,
                                 sb_column_builder *out, sb_error *err);
/* agg_bitmap.c: appends the result; field of the value in the rows of the entries. */
sb_status sb_agg_append_bitmap(const sb_agg_set *set, const sb_agg *agg,
                               const sb_row_layout *layout, int32_t field,
                               const sb_agg_entry *entries, int32_t n, sb_column_builder *out,
                               sb_error *err);
/* Puts the only value of `v` into the `previous` column of a position's row. */
sb_status sb_agg_collect_keep(sb_agg_set *set, int32_t index, sb_agg_run *run, int32_t i,
                              sb_vector *v, sb_error *err);
void sb_agg_collect_previous(const sb_agg_set *set, int32_t index, uint8_t *const *rows,
                             int32_t count, sb_column_builder *out);

sb_status sb_extreme_open(sb_agg_set *set, int32_t i, sb_init *ctx, const sb_schema *key,
                          uint32_t id, int64_t ttl_ms, sb_error *err);
/* Aggregate number `index` with a table of its values, over retracting input. pairs: NULL, or where
 * results before and after each row go. */
sb_status sb_extreme_update(sb_agg_set *set, int32_t index, sb_agg_run *run, const int8_t *act,
                            sb_column_builder *pairs, sb_error *err);

#endif
