/*
 * kernels/json_scan.h -- runs of plain bytes in JSON strings, sixteen at a time.
 *
 * THREADS    T:any
 */
#ifndef SB_KERNELS_JSON_SCAN_H
#define SB_KERNELS_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline bool
sb_json_is_plain(char c)
{
    return (unsigned char)c >= ' ' && c != '"' && c != '\\';
}

/* The first byte at or behind `at` that is a quote, a backslash or below ' '; size: there is none.
 */
static inline size_t
sb_json_plain_end(const char *text, size_t at, size_t size)
{
#ifdef __SSE2__
    for (; at + 16 <= size; at += 16) {
        __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(c, _mm_set1_epi8(' ' - 1)), c);
        __m128i special = _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('"')),
                                       _mm_cmpeq_epi8(c, _mm_set1_epi8('\\')));
        unsigned bits = (unsigned)_mm_movemask_epi8(_mm_or_si128(special, low));
        if (bits) {
            return at + (size_t)__builtin_ctz(bits);
        }
    }
#endif
    while (at < size && sb_json_is_plain(text[at])) {
        at++;
    }
    return at;
}

/* The same for JSON_QUOTE, which also writes slashes and all that is not ASCII in another way. */
static inline size_t
sb_json_quote_end(const char *text, size_t at, size_t size)
{
#ifdef __SSE2__
    for (; at + 16 <= size; at += 16) {
        __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        __m128i low = _mm_cmplt_epi8(c, _mm_set1_epi8(' ')); /* bytes above 127 are negative */
        __m128i special = _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('"')),
                                       _mm_cmpeq_epi8(c, _mm_set1_epi8('\\')));
        special = _mm_or_si128(special, _mm_cmpeq_epi8(c, _mm_set1_epi8('/')));
        unsigned bits = (unsigned)_mm_movemask_epi8(_mm_or_si128(special, low));
        if (bits) {
            return at + (size_t)__builtin_ctz(bits);
        }
    }
#endif
    while (at < size && sb_json_is_plain(text[at]) && text[at] != '/' && !(text[at] & 0x80)) {
        at++;
    }
    return at;
}

#endif
