/*
 * operators/agg_priv.h -- inside the accumulators: the code of aggregates that agg.c does not hold.
 *
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_AGG_PRIV_H
#define SB_OPERATORS_AGG_PRIV_H

#include "operators/agg.h"

/* agg_variance.c */
void sb_agg_m2_update(const sb_agg *agg, const sb_agg_input *in, sb_vector *pairs);
void sb_agg_m2_results(const sb_agg *agg, uint8_t *const *rows, int32_t slices, int32_t count,
                       sb_column_builder *out);
void sb_agg_m2_save(const sb_agg *agg, uint8_t *row);

#endif
