/*
 * kernels/view.h -- views made in registers, and pairs of decimal digits.
 *
 * DESIGN     sb_view_make copies short text with memcpy and reads it back as words, which waits for
 * the stores; sb_view_of gathers the bytes with two overlapping loads instead. It reads data[0,
 * size) only. THREADS    T:any
 */
#ifndef SB_KERNELS_VIEW_H
#define SB_KERNELS_VIEW_H

#include "columnar/type.h"

#include <string.h>

extern const char sb_digit_pairs[201]; /* "000102..99" */

/* Two digits of a value below 100. */
static inline char *
sb_put_pair(char *at, uint64_t value)
{
    memcpy(at, sb_digit_pairs + 2 * value, 2);
    return at + 2;
}

static inline uint64_t
sb_load_64(const char *at)
{
    uint64_t v;
    memcpy(&v, at, 8);
    return v;
}

static inline uint64_t
sb_load_32(const char *at)
{
    uint32_t v;
    memcpy(&v, at, 4);
    return v;
}

/* The same view as sb_view_make(data, size). Little-endian machines only, as the file formats. */
static inline sb_view
sb_view_of(const char *data, uint32_t size)
{
    uint64_t low, high = 0; /* bytes 0..3 and 4..11 */
    if (size > SB_VIEW_INLINE) {
        low = sb_load_32(data);
        high = (uint64_t)(uintptr_t)data;
    } else if (size >= 8) {
        uint64_t first = sb_load_64(data);
        low = first & UINT32_MAX;
        high = first >> 32 | sb_load_32(data + size - 4) << (8 * (size - 8));
    } else if (size >= 4) {
        low = sb_load_32(data);
        high = sb_load_32(data + size - 4) << (8 * (size - 4)) >> 32;
    } else if (size > 0) {
        uint64_t middle = (unsigned char)data[size / 2], last = (unsigned char)data[size - 1];
        low = (unsigned char)data[0] | middle << (8 * (size / 2)) | last << (8 * (size - 1));
    } else {
        low = 0;
    }
    return (sb_view){.words = {size | low << 32, high}};
}

/* memcmp() == 0 for what is mostly short. */
static inline bool
sb_equal_short(const char *a, const char *b, size_t size)
{
    if (size > 16) {
        return memcmp(a, b, size) == 0;
    }
    if (size >= 8) {
        return ((sb_load_64(a) ^ sb_load_64(b)) |
                (sb_load_64(a + size - 8) ^ sb_load_64(b + size - 8))) == 0;
    }
    if (size >= 4) {
        return ((sb_load_32(a) ^ sb_load_32(b)) |
                (sb_load_32(a + size - 4) ^ sb_load_32(b + size - 4))) == 0;
    }
    return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

/* memcpy for what is mostly short. */
static inline void
sb_copy_short(char *to, const char *from, size_t size)
{
    if (size > 16) {
        memcpy(to, from, size);
    } else if (size >= 8) {
        uint64_t first = sb_load_64(from), last = sb_load_64(from + size - 8);
        memcpy(to, &first, 8);
        memcpy(to + size - 8, &last, 8);
    } else if (size >= 4) {
        uint32_t first = (uint32_t)sb_load_32(from), last = (uint32_t)sb_load_32(from + size - 4);
        memcpy(to, &first, 4);
        memcpy(to + size - 4, &last, 4);
    } else if (size > 0) {
        char middle = from[size / 2], last = from[size - 1];
        to[0] = from[0];
        to[size / 2] = middle;
        to[size - 1] = last;
    }
}

#endif
