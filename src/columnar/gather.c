/*
 * columnar/gather.c -- typed gather loops.
 *
 * DESIGN     One loop body, inlined once per width. Rows of -1 are looked for first (one cheap
 *            pass), so that the common loop has no test.
 * THREADS    T:any
 */
#include "columnar/gather.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

static bool
any_negative(const int32_t *rows, int32_t count)
{
    int32_t all = 0;
    for (int32_t i = 0; rows && i < count; i++) {
        all |= rows[i];
    }
    return all < 0;
}

/* ---- values
 * ------------------------------------------------------------------------------------- */

INLINE void
take(char *dst, const char *src, const int32_t *rows, int32_t count, size_t width)
{
    for (int32_t i = 0; i < count; i++) {
        memcpy(dst + (size_t)i * width, src + (size_t)(uint32_t)rows[i] * width, width);
    }
}

INLINE void
take_dict(char *dst, const char *src, const int32_t *codes, const int32_t *rows, int32_t count,
          size_t width)
{
    for (int32_t i = 0; i < count; i++) {
        int32_t row = rows ? rows[i] : i;
        memcpy(dst + (size_t)i * width, src + (size_t)(uint32_t)codes[row] * width, width);
    }
}

INLINE void
fill(char *dst, const char *src, int32_t count, size_t width)
{
    for (int32_t i = 0; i < count; i++) {
        memcpy(dst + (size_t)i * width, src, width);
    }
}

/* Slow: some rows are -1. */
static void
take_careful(char *dst, const sb_vector *v, const int32_t *rows, int32_t count, size_t width)
{
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
    for (int32_t i = 0; i < count; i++) {
        if (rows[i] < 0) {
            memset(dst + (size_t)i * width, 0, width);
        } else {
            size_t index = (size_t)sb_vector_index(v, rows[i]);
            memcpy(dst + (size_t)i * width, (const char *)flat->values + index * width, width);
        }
    }
}

INLINE void
gather_width(const sb_vector *v, const int32_t *rows, int32_t count, char *dst, size_t width)
{
    switch ((sb_encoding)v->encoding) {
    case SB_FLAT: take(dst, v->values, rows, count, width); break;
    case SB_CONST: fill(dst, v->values, count, width); break;
    case SB_DICT: take_dict(dst, v->dict->values, v->values, rows, count, width); break;
    }
}

void
sb_gather_values(const sb_vector *v, const int32_t *rows, int32_t count, void *dst)
{
    size_t width = (size_t)sb_phys_size((sb_phys)v->phys);
    if (width == 0 || count == 0) {
        return;
    }
    if (v->encoding == SB_FLAT && !rows) {
        memcpy(dst, v->values, (size_t)count * width);
        return;
    }
    if (any_negative(rows, count)) {
        take_careful(dst, v, rows, count, width);
        return;
    }
    switch (width) {
    case 1: gather_width(v, rows, count, dst, 1); break;
    case 2: gather_width(v, rows, count, dst, 2); break;
    case 4: gather_width(v, rows, count, dst, 4); break;
    case 8: gather_width(v, rows, count, dst, 8); break;
    case 16: gather_width(v, rows, count, dst, 16); break;
    default: sb_assert(!"width");
    }
}

/* ---- validity
 * ----------------------------------------------------------------------------------- */

static uint64_t
bits_load(const uint64_t *bits, int32_t at, int32_t count) /* count 1..64 */
{
    int32_t word = at >> 6, shift = at & 63;
    uint64_t v = bits[word] >> shift;
    if (shift > 0 && shift + count > 64) {
        v |= bits[word + 1] << (64 - shift);
    }
    return v;
}

static void
bits_store(uint64_t *bits, int32_t at, int32_t count, uint64_t v) /* count 1..64 */
{
    int32_t word = at >> 6, shift = at & 63;
    uint64_t mask = count == 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
    bits[word] = (bits[word] & ~(mask << shift)) | ((v & mask) << shift);
    if (shift + count > 64) {
        int32_t done = 64 - shift;
        bits[word + 1] = (bits[word + 1] & ~(mask >> done)) | ((v & mask) >> done);
    }
}

void
sb_bits_copy(uint64_t *to, int32_t to_at, const uint64_t *from, int32_t from_at, int32_t count)
{
    for (int32_t i = 0; i < count; i += 64) {
        int32_t n = count - i < 64 ? count - i : 64;
        bits_store(to, to_at + i, n, bits_load(from, from_at + i, n));
    }
}

bool
sb_gather_may_have_nulls(const sb_vector *v, const int32_t *rows, int32_t count)
{
    return v->validity || v->phys == SB_PHYS_NULL || any_negative(rows, count);
}

static bool
gather_bits(const uint64_t *from, const int32_t *rows, int32_t count, uint64_t *bits, int32_t at)
{
    uint64_t all = 1;
    for (int32_t i = 0; i < count; i += 64) {
        int32_t n = count - i < 64 ? count - i : 64;
        uint64_t word = 0;
        for (int32_t j = 0; j < n; j++) {
            int32_t row = rows[i + j];
            uint64_t bit = (from[row >> 6] >> (row & 63)) & 1;
            word |= bit << j;
            all &= bit;
        }
        bits_store(bits, at + i, n, word);
    }
    return !all;
}

static bool
copy_bits(const uint64_t *from, int32_t count, uint64_t *bits, int32_t at)
{
    bool any = false;
    for (int32_t i = 0; i < count; i += 64) {
        int32_t n = count - i < 64 ? count - i : 64;
        uint64_t mask = n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
        uint64_t word = bits_load(from, i, n) & mask;
        any |= word != mask;
        bits_store(bits, at + i, n, word);
    }
    return any;
}

bool
sb_gather_validity(const sb_vector *v, const int32_t *rows, int32_t count, uint64_t *bits,
                   int32_t at)
{
    bool negative = any_negative(rows, count);
    bool whole = v->phys == SB_PHYS_NULL ||
                 (v->encoding == SB_CONST && v->validity && !(v->validity[0] & 1));
    if (whole || negative) {
        bool any = false;
        for (int32_t i = 0; i < count; i++) {
            int32_t row = rows ? rows[i] : i;
            if (whole || row < 0 || !sb_vector_valid(v, row)) {
                sb_bit_clear(bits, at + i);
                any = true;
            }
        }
        return any;
    }
    if (!v->validity || v->encoding == SB_CONST) {
        return false;
    }
    return rows ? gather_bits(v->validity, rows, count, bits, at)
                : copy_bits(v->validity, count, bits, at);
}
