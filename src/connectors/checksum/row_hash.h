/*
 * connectors/checksum/row_hash.h -- the value checksum: a hash of every value of every row, order
 * of rows does not matter.
 *
 * DESIGN     A row is a list of 64-bit words x_0, x_1, ...; its hash is mix(sum of x_j * K_j), K_j
 *            = draw(0x5AB07, j) | 1 (SplitMix64). The words:
 *              integers, DATE, TIME, BOOLEAN, intervals   the value, sign-extended
 *              TIMESTAMP, TIMESTAMP_LTZ up to 6 digits    microseconds; 7..9 digits: microseconds,
 * then nanoseconds of it DECIMAL                                    the unscaled value; its upper
 * 64 bits follow when it does not fit 64 FLOAT, DOUBLE                              the bits
 *              strings, bytes                             length, then groups of eight bytes,
 * little-endian, zero-padded ROW                                        the words of its fields;
 * ARRAY, MAP, MULTISET: count, then elements NULL                                       one word,
 * SB_HASH_NULL Worked column by column: every row has its sum and its next j. THREADS    One thread
 * at a time per hasher.
 */
#ifndef SB_CONNECTORS_CHECKSUM_ROW_HASH_H
#define SB_CONNECTORS_CHECKSUM_ROW_HASH_H

#include "columnar/batch.h"

#define SB_ROW_HASH_KEYS 512 /* K_j kept in a table; more are made as needed */

typedef struct sb_row_hasher {
    uint64_t keys[SB_ROW_HASH_KEYS];
    sb_mem *mem;
    int32_t capacity; /* rows */
    uint64_t *sums;
    uint32_t *next; /* word number of each row */
    int32_t *rows;  /* physical row of each logical row */
    uint32_t same;  /* every row is at this word; UINT32_MAX: they differ, see `next` */
} sb_row_hasher;

void sb_row_hasher_init(sb_row_hasher *h, sb_mem *mem);
void sb_row_hasher_deinit(sb_row_hasher *h);
/* Adds the hashes of logical rows [from, to): +I and +U count up, -U and -D down. */
sb_status sb_row_hasher_batch(sb_row_hasher *h, const sb_batch *batch, int32_t from, int32_t to,
                              uint64_t *sum, int64_t *rows, sb_error *err);
uint64_t sb_row_hash_key(uint64_t j);

#endif
