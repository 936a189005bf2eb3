/*
 * operators/joined.h -- what the joins share: which keys can match, and output columns made of
 * matches.
 */
#ifndef SB_OPERATORS_JOINED_H
#define SB_OPERATORS_JOINED_H

#include "flow/op.h"

/* False when a key column is NULL and not compared null-safe: such a row matches nothing.
 * null_safe NULL: none is. */
bool sb_joined_key_matches(const sb_keys *keys, int32_t position, int32_t count_keys,
                           const bool *null_safe);
/* Value columns of n stored rows of `table` (count_columns of them), bytes copied: state may change
 * before the batch is read. On failure some of out are set; the caller drops them all. */
sb_status sb_joined_stored(const sb_table *table, int32_t count_columns, uint8_t *const *rows,
                           int32_t n, const sb_field *fields, sb_mem *mem, sb_vector **out,
                           sb_error *err);
/* A joined batch through the residual condition (NULL: none) and out of port 0. keep: room for
 * its rows. Takes the batch. */
sb_status sb_joined_push(sb_io *io, sb_eval *residual, int32_t *keep, sb_batch *batch,
                         sb_error *err);

#endif
