/*
 * kernels/bits.c -- see bits.h.
 */
#include "kernels/bits.h"

void
sb_bits_and(uint64_t *out, const uint64_t *a, const uint64_t *b, int32_t count)
{
    int32_t words = (count + 63) / 64;
    for (int32_t i = 0; i < words; i++) {
        out[i] = a[i] & b[i];
    }
}

void
sb_bits_fill(uint64_t *bits, int32_t count, bool value)
{
    __builtin_memset(bits, value ? 0xFF : 0, (size_t)sb_bits_bytes(count));
}

int32_t
sb_bits_count(const uint64_t *bits, int32_t count)
{
    int32_t n = 0, words = count / 64;
    for (int32_t i = 0; i < words; i++) {
        n += __builtin_popcountll(bits[i]);
    }
    if (count % 64) {
        n += __builtin_popcountll(bits[words] & ((UINT64_C(1) << (count % 64)) - 1));
    }
    return n;
}

int32_t
sb_bits_select(int32_t *out, const uint64_t *bits, bool value, const int32_t *rows, int32_t count)
{
    int32_t n = 0;
    if (rows) {
        for (int32_t i = 0; i < count; i++) {
            out[n] = rows[i];
            n += sb_bit_get(bits, rows[i]) == value;
        }
        return n;
    }
    for (int32_t i = 0; i < count; i++) {
        out[n] = i;
        n += sb_bit_get(bits, i) == value;
    }
    return n;
}
