/*
 * columnar/hash.h -- hashes of key columns, a batch at a time. Part of the snapshot format: never
 * change a result.
 *
 * DESIGN     Equal values hash equal in every encoding. NULL has a hash of its own. FLOAT/DOUBLE:
 *            as Java keys (all NaN equal, -0.0 differs from 0.0). The hash of a decimal depends on
 *            the unscaled value only (same type on both sides). One column: its hash; several:
 *            folded left to right with sb_hash_combine; no column: 0.
 */
#ifndef SB_COLUMNAR_HASH_H
#define SB_COLUMNAR_HASH_H

#include "columnar/batch.h"

/* rows: physical rows (NULL: 0..count). out[i] is the hash of rows[i]. */
void sb_hash_columns(sb_vector *const *columns, int32_t count_columns, const int32_t *rows,
                     int32_t count, uint64_t *out);
uint64_t sb_hash_value(sb_phys phys, const void *value); /* one value; strings: an sb_view */

#endif
