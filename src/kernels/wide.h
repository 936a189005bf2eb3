/*
 * kernels/wide.h -- unsigned integers of up to 512 bits, for decimals whose intermediate values
 * outgrow 128.
 *
 * DESIGN     Limbs of 32 bits, least significant first; `count` has no leading zero limbs (0 is
 * count 0). Division is Knuth's algorithm D (The Art of Computer Programming, volume 2, 4.3.1).
 * THREADS    T:any
 */
#ifndef SB_KERNELS_WIDE_H
#define SB_KERNELS_WIDE_H

#include <stdbool.h>
#include <stdint.h>

#define SB_WIDE_LIMBS 16

typedef struct sb_wide {
    uint32_t limb[SB_WIDE_LIMBS];
    int count;
} sb_wide;

sb_wide sb_wide_of(unsigned __int128 value);
/* False when the value needs more than 128 bits. */
bool sb_wide_to_u128(const sb_wide *value, unsigned __int128 *out);
/* The caller keeps products below 512 bits (asserted). */
sb_wide sb_wide_multiply(const sb_wide *a, const sb_wide *b);
sb_wide sb_wide_add(const sb_wide *a, const sb_wide *b);
sb_wide sb_wide_subtract(const sb_wide *a, const sb_wide *b); /* a >= b */
int sb_wide_compare(const sb_wide *a, const sb_wide *b);
void sb_wide_divide(const sb_wide *a, const sb_wide *b, sb_wide *quotient, sb_wide *remainder);
sb_wide sb_wide_pow10(int exponent); /* 0..130 */

#endif
