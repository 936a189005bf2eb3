/*
 * operators/agg_user_priv.h -- between the two files of user aggregates.
 *
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_AGG_USER_PRIV_H
#define SB_OPERATORS_AGG_USER_PRIV_H

#include "operators/agg_user.h"

/* Accumulator g: of no rows; of a row of the table; into a row of the table, which may move. */
sb_status sb_agg_user_create(sb_agg_user *u, int32_t g, sb_error *err);
sb_status sb_agg_user_load(sb_agg_user *u, int32_t g, const uint8_t *row, sb_error *err);
sb_status sb_agg_user_store(sb_agg_user *u, int32_t g, uint8_t *row, sb_error *err);
/* Gives large buffers of the first `count` back. */
void sb_agg_user_trim(sb_agg_user *u, int32_t count);
/* Accumulates (sign > 0) or retracts the physical rows chosen[0..count) of their chosen_groups. */
sb_status sb_agg_user_apply(sb_agg_user *u, const sb_batch *head, int32_t count, int8_t sign,
                            sb_error *err);
/* Appends the values of accumulators. Uses `order`. */
sb_status sb_agg_user_values(sb_agg_user *u, const sabot_accumulator *accs, int32_t count,
                             sb_column_builder *out, sb_error *err);

#endif
