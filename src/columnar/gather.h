/*
 * columnar/gather.h -- inside columnar: moving values and validity of chosen rows into flat memory.
 *
 * DESIGN     `rows` are physical rows of `v`; NULL means 0..count; -1 means NULL. One typed loop
 *            per encoding and width, no branch per row.
 * THREADS    T:any
 */
#ifndef SB_COLUMNAR_GATHER_H
#define SB_COLUMNAR_GATHER_H

#include "columnar/vector.h"

/* Writes count values to dst. Not for NULL and STRUCT (nothing is written). Rows of -1 give
 * zeroes. */
void sb_gather_values(const sb_vector *v, const int32_t *rows, int32_t count, void *dst);
/* Clears the bits [at, at + count) of NULL rows, whose bits are set before. Returns true if
 * there was a NULL. */
bool sb_gather_validity(const sb_vector *v, const int32_t *rows, int32_t count, uint64_t *bits,
                        int32_t at);
/* True if sb_gather_validity may clear a bit. */
bool sb_gather_may_have_nulls(const sb_vector *v, const int32_t *rows, int32_t count);
/* Copies `count` bits that start at `from_at` to `to_at`; the target bits may have any value
 * before. */
void sb_bits_copy(uint64_t *to, int32_t to_at, const uint64_t *from, int32_t from_at,
                  int32_t count);

#endif
