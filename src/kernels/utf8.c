/*
 * kernels/utf8.c -- see utf8.h.
 *
 * DESIGN     Case mapping: one code point to one by utf8proc; the mappings that grow (ß, ligatures)
 * and the final sigma are a short table, as in Unicode's SpecialCasing without conditions on
 * language.
 */
#include "kernels/utf8.h"
#include "kernels/view.h"

#include <string.h>
#include <utf8proc.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#ifdef __SSSE3__
#include <immintrin.h>
#endif

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* Continuation bytes (10xxxxxx) among eight. */
static inline int
continuations(uint64_t word)
{
    return __builtin_popcountll(word & ~(word << 1) & HIGH_BITS);
}

#ifdef __SSE2__
static inline __m128i
load_16(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* A bit for each continuation byte: as signed numbers they are below all lead bytes. */
static inline unsigned
continuation_bits(const char *at)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(load_16(at), _mm_set1_epi8(-64)));
}
#endif

int32_t
sb_utf8_view_count(const sb_view *view)
{
    uint32_t size = view->small.size;
    if (size > SB_VIEW_INLINE) {
        return (int32_t)sb_utf8_count(sb_view_data(view), size);
    }
    return (int32_t)size - continuations(view->words[0] >> 32) - continuations(view->words[1]);
}

int64_t
sb_utf8_count(const char *text, size_t size)
{
    size_t i = 0;
    int64_t n = (int64_t)size;
#ifdef __SSE2__
    if (size >= 16) {
        for (; i + 16 <= size; i += 16) {
            n -= __builtin_popcount(continuation_bits(text + i));
        }
        unsigned rest = (unsigned)(size - i); /* the last block overlaps */
        return n - __builtin_popcount(continuation_bits(text + size - 16) >> (16 - rest));
    }
#endif
    for (; i + 8 <= size; i += 8) {
        n -= continuations(sb_load_64(text + i));
    }
    if (i < size && size >= 8) {
        return n - continuations(sb_load_64(text + size - 8) >> (8 * (8 - (size - i))));
    }
    for (; i < size; i++) {
        n -= !sb_utf8_is_lead(text[i]);
    }
    return n;
}

bool
sb_utf8_is_ascii(const char *text, size_t size)
{
    uint64_t high = 0;
    size_t i = 0;
#ifdef __SSE2__
    if (size >= 16) {
        __m128i all = load_16(text + size - 16);
        for (; i + 16 <= size; i += 16) {
            all = _mm_or_si128(all, load_16(text + i));
        }
        return _mm_movemask_epi8(all) == 0;
    }
#endif
    for (; i + 8 <= size; i += 8) {
        high |= sb_load_64(text + i);
    }
    if (i < size && size >= 8) {
        high |= sb_load_64(text + size - 8);
        i = size;
    }
    for (; i < size; i++) {
        high |= (uint64_t)(unsigned char)text[i];
    }
    return (high & HIGH_BITS) == 0;
}

bool
sb_utf8_is_valid(const char *text, size_t size)
{
    if (sb_utf8_is_ascii(text, size)) {
        return true;
    }
    for (size_t i = 0; i < size;) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)text + i, (utf8proc_ssize_t)(size - i), &cp);
        if (n <= 0) {
            return false;
        }
        i += (size_t)n;
    }
    return true;
}

size_t
sb_utf8_offset(const char *text, size_t size, int64_t index)
{
    size_t i = 0;
    if (index <= 0) {
        return 0;
    }
    if ((uint64_t)index >= size) {
        return size;
    }
    for (; index >= 8 && i + 8 <= size; i += 8) {
        index -= 8 - continuations(sb_load_64(text + i));
    }
    if (i + 8 <= size && continuations(sb_load_64(text + i)) == 0) {
        return i + (size_t)index;
    }
    for (; i < size && index >= 0; i++) {
        if (sb_utf8_is_lead(text[i]) && index-- == 0) {
            return i;
        }
    }
    return size;
}

#ifdef __SSE2__
/* Is the needle at one of 16 places? Both its first and its last byte must agree, then the rest is
 * compared. Source: Muła, "SIMD-friendly algorithms for substring searching", the generic form. */
static inline const char *
find_in_block(const char *text, const char *needle, size_t needle_size, __m128i first, __m128i last)
{
    __m128i both = _mm_and_si128(_mm_cmpeq_epi8(load_16(text), first),
                                 _mm_cmpeq_epi8(load_16(text + needle_size - 1), last));
    for (unsigned mask = (unsigned)_mm_movemask_epi8(both); mask; mask &= mask - 1) {
        const char *at = text + __builtin_ctz(mask);
        if (memcmp(at, needle, needle_size) == 0) {
            return at;
        }
    }
    return NULL;
}

/* There are at least 16 places: the last block may overlap the one before. */
static const char *
find_by_blocks(const char *text, size_t places, const char *needle, size_t needle_size)
{
    const __m128i first = _mm_set1_epi8(needle[0]), last = _mm_set1_epi8(needle[needle_size - 1]);
    for (size_t i = 0; i + 16 <= places; i += 16) {
        const char *at = find_in_block(text + i, needle, needle_size, first, last);
        if (at) {
            return at;
        }
    }
    return places % 16 == 0 ? NULL
                            : find_in_block(text + places - 16, needle, needle_size, first, last);
}
#endif

static const char *
find(const char *text, size_t size, const char *needle, size_t needle_size)
{
    size_t places = size - needle_size + 1;
#ifdef __SSE2__
    if (needle_size > 0 && needle_size <= 64 && places >= 16) { /* longer: could get quadratic */
        return find_by_blocks(text, places, needle, needle_size);
    }
#endif
    if (needle_size == 0 || places > 16) {
        return memmem(text, size, needle, needle_size);
    }
    for (size_t i = 0; i < places; i++) {
        if (text[i] == needle[0] && memcmp(text + i, needle, needle_size) == 0) {
            return text + i;
        }
    }
    return NULL;
}

size_t
sb_utf8_find(const char *text, size_t size, const char *needle, size_t needle_size, size_t from)
{
    if (from > size || needle_size > size - from) {
        return SIZE_MAX;
    }
    const char *found = find(text + from, size - from, needle, needle_size);
    return found ? (size_t)(found - text) : SIZE_MAX;
}

size_t
sb_utf8_drop_byte(char *restrict to, const char *restrict text, size_t size, char byte)
{
    size_t i = 0, n = 0;
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi8(byte);
    for (; i + 16 <= size; i += 16) {
        __m128i block = load_16(text + i);
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block, wanted));
        _mm_storeu_si128((__m128i *)(void *)(to + n), block); /* n <= i: there is room */
        if (!mask) {
            n += 16;
            continue;
        }
        for (size_t k = 0; k < 16; k++) {
            to[n] = text[i + k];
            n += 1 & ~(mask >> k);
        }
    }
#endif
    for (; i < size; i++) {
        to[n] = text[i];
        n += text[i] != byte;
    }
    return n;
}

size_t
sb_utf8_nth_byte(const char *text, size_t size, char byte, int32_t n)
{
    size_t i = 0;
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi8(byte);
    while (i < size && size >= 16) {
        size_t at = i + 16 <= size ? i : size - 16; /* the last block overlaps */
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(load_16(text + at), wanted));
        mask &= ~0u << (i - at);
        int32_t here = __builtin_popcount(mask);
        if (n < here) {
            for (; n > 0; n--) {
                mask &= mask - 1;
            }
            return at + (size_t)__builtin_ctz(mask);
        }
        n -= here;
        i = at + 16;
    }
#endif
    for (; i < size; i++) {
        if (text[i] == byte && n-- == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

#ifdef __SSSE3__
/* The last bytes first. */
static inline void
reverse_16(char *to, const char *from)
{
    const __m128i order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    _mm_storeu_si128((__m128i *)(void *)to, _mm_shuffle_epi8(load_16(from), order));
}
#endif

static void
reverse_bytes(char *restrict to, const char *restrict text, size_t size)
{
    size_t i = 0;
#ifdef __SSSE3__
    if (size >= 16) {
        for (; i + 16 <= size; i += 16) {
            reverse_16(to + size - i - 16, text + i);
        }
        reverse_16(to, text + size - 16);
        return;
    }
#endif
    for (; i + 8 <= size; i += 8) {
        uint64_t word = __builtin_bswap64(sb_load_64(text + i));
        memcpy(to + size - i - 8, &word, 8);
    }
    for (; i < size; i++) {
        to[size - 1 - i] = text[i];
    }
}

void
sb_utf8_reverse(char *restrict to, const char *restrict text, size_t size)
{
    if (sb_utf8_is_ascii(text, size)) {
        reverse_bytes(to, text, size);
        return;
    }
    for (size_t i = 0; i < size;) {
        size_t w = sb_utf8_width(text + i, size - i);
        memcpy(to + size - i - w, text + i, w);
        i += w;
    }
}

typedef struct case_growth {
    int32_t from;
    const char *to;
} case_growth;

static const case_growth upper_growth[] = {{0xDF, "SS"},
                                           {0x149, "\u02BCN"},
                                           {0x1F0, "J\u030C"},
                                           {0x390, "\u0399\u0308\u0301"},
                                           {0x3B0, "\u03A5\u0308\u0301"},
                                           {0x587, "\u0535\u0552"},
                                           {0x1E96, "H\u0331"},
                                           {0x1E97, "T\u0308"},
                                           {0x1E98, "W\u030A"},
                                           {0x1E99, "Y\u030A"},
                                           {0x1E9A, "A\u02BE"},
                                           {0xFB00, "FF"},
                                           {0xFB01, "FI"},
                                           {0xFB02, "FL"},
                                           {0xFB03, "FFI"},
                                           {0xFB04, "FFL"},
                                           {0xFB05, "ST"},
                                           {0xFB06, "ST"}};

static const char *
grown_upper(int32_t cp)
{
    bool may = cp == 0xDF || (cp >= 0x149 && cp <= 0x587) || (cp >= 0x1E96 && cp <= 0x1E9A) ||
               (cp >= 0xFB00 && cp <= 0xFB06);
    if (may && (cp < 0x3B1 || cp > 0x45F)) { /* where most Greek and Cyrillic letters are */
        for (size_t i = 0; i < sizeof upper_growth / sizeof upper_growth[0]; i++) {
            if (upper_growth[i].from == cp) {
                return upper_growth[i].to;
            }
        }
    }
    return NULL;
}

/* Final sigma: a letter before it and none after it. */
static bool
is_final_sigma(const char *text, size_t size, size_t at, bool letter_before)
{
    utf8proc_int32_t cp;
    if (!letter_before) {
        return false;
    }
    if (at >= size) {
        return true;
    }
    utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(size - at), &cp);
    utf8proc_category_t c = cp < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(cp);
    return !(c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO);
}

/* Letters from `first` on change their case; all bytes are ASCII. */
static inline uint64_t
word_case(uint64_t word, char first)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t from = word + ones * (0x80 - (uint64_t)(unsigned char)first);
    uint64_t above = word + ones * (0x80 - (uint64_t)(unsigned char)first - 26);
    return word ^ ((from & ~above & HIGH_BITS) >> 2);
}

bool
sb_utf8_view_case(const sb_view *view, bool upper, sb_view *out)
{
    char first = upper ? 'a' : 'A';
    if (view->small.size > SB_VIEW_INLINE ||
        ((view->words[0] >> 32 | view->words[1]) & HIGH_BITS)) {
        return false;
    }
    /* The size is below 13: no letter. */
    *out = (sb_view){.words = {word_case(view->words[0], first), word_case(view->words[1], first)}};
    return true;
}

void
sb_utf8_ascii_case(char *restrict to, const char *restrict text, size_t size, bool upper)
{
    char first = upper ? 'a' : 'A';
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t word = word_case(sb_load_64(text + i), first);
        memcpy(to + i, &word, 8);
    }
    if (i < size && size >= 8) {
        uint64_t word = word_case(sb_load_64(text + size - 8), first);
        memcpy(to + size - 8, &word, 8);
        return;
    }
    for (; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        to[i] = (char)(c ^ ((unsigned char)(c - (unsigned char)first) < 26 ? 0x20 : 0));
    }
}

static bool
ascii_case(sb_text *out, const char *text, size_t size, bool upper)
{
    if (!sb_utf8_is_ascii(text, size)) {
        return false;
    }
    char *to = sb_text_reserve(out, size);
    if (to) {
        sb_utf8_ascii_case(to, text, size, upper);
        out->size += size;
        out->data[out->size] = 0;
    }
    return true;
}

/* Letters whose other case is a fixed distance away; below 0: it is not known here. */
static inline int32_t
near_case(int32_t cp, bool upper)
{
    if (cp >= 0x2E80 && cp < 0xA640) {
        return cp; /* CJK and its neighbours have no case */
    }
    if (upper) {
        bool latin = cp >= 0xE0 && cp <= 0xFE && cp != 0xF7, cyrillic = cp >= 0x430 && cp <= 0x44F;
        bool greek = cp >= 0x3B1 && cp <= 0x3C9 && cp != 0x3C2;
        return latin || greek || cyrillic ? cp - 0x20 : -1;
    }
    bool latin = cp >= 0xC0 && cp <= 0xDE && cp != 0xD7, cyrillic = cp >= 0x410 && cp <= 0x42F;
    bool greek = cp >= 0x391 && cp <= 0x3A9 && cp != 0x3A2 && cp != 0x3A3;
    bool small =
        (cp >= 0xDF && cp <= 0xFF) || (cp >= 0x3B1 && cp <= 0x3C9) || (cp >= 0x430 && cp <= 0x45F);
    return latin || greek || cyrillic ? cp + 0x20 : small ? cp : -1;
}

static bool
is_letter(int32_t cp)
{
    utf8proc_category_t c = utf8proc_category(cp);
    return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

/* One character of text[at..size) that is not ASCII; `before`: the one before it, -1: none. Returns
 * the bytes written, *out_cp what was read, -1 for a malformed byte. */
static size_t
put_case(char *to, const char *text, size_t size, size_t *at, bool upper, int32_t before,
         int32_t *out_cp)
{
    utf8proc_int32_t cp, other;
    utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)text + *at, (utf8proc_ssize_t)(size - *at), &cp);
    *out_cp = n > 0 ? cp : -1;
    if (n <= 0) {
        *to = text[(*at)++];
        return 1;
    }
    *at += (size_t)n;
    const char *grown = upper ? grown_upper(cp) : cp == 0x130 ? "i\u0307" : NULL;
    if (grown) {
        size_t width = strlen(grown);
        memcpy(to, grown, width);
        return width;
    }
    other = near_case(cp, upper);
    if (other < 0) {
        other = upper ? utf8proc_toupper(cp) : utf8proc_tolower(cp);
    }
    if (!upper && cp == 0x3A3 &&
        is_final_sigma(text, size, *at, before >= 0 && is_letter(before))) {
        other = 0x3C2;
    }
    return (size_t)utf8proc_encode_char(other, (utf8proc_uint8_t *)to);
}

/* No mapping needs more than three times the bytes. */
static void
map_case(sb_text *out, const char *text, size_t size, bool upper)
{
    char first = upper ? 'a' : 'A';
    int32_t cp = -1;
    char *begin = sb_text_reserve(out, 3 * size + 4), *to = begin;
    if (!begin) {
        return;
    }
    for (size_t i = 0; i < size;) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x80) {
            cp = c;
            *to++ = (char)((unsigned)(c - first) < 26 ? c ^ 0x20 : c);
            i++;
        } else {
            to += put_case(to, text, size, &i, upper, cp, &cp);
        }
    }
    out->size += (size_t)(to - begin);
    out->data[out->size] = 0;
}

void
sb_utf8_upper(sb_text *out, const char *text, size_t size)
{
    if (!ascii_case(out, text, size, true)) {
        map_case(out, text, size, true);
    }
}

void
sb_utf8_lower(sb_text *out, const char *text, size_t size)
{
    if (!ascii_case(out, text, size, false)) {
        map_case(out, text, size, false);
    }
}

/* Bytes of the longest beginning of a valid sequence at the start of malformed text: at least 1. A
 * surrogate counts as a sequence of three, as in Java. */
static size_t
malformed_width(const unsigned char *p, size_t size)
{
    static const struct {
        unsigned char from, to, second_from, second_to, length;
    } forms[] = {{0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
                 {0xE1, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
                 {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};

    for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
        if (p[0] < forms[f].from || p[0] > forms[f].to) {
            continue;
        }
        if (size < 2 || p[1] < forms[f].second_from || p[1] > forms[f].second_to) {
            return 1;
        }
        size_t n = 2;
        while (n < size && n < forms[f].length && (p[n] & 0xC0) == 0x80) {
            n++;
        }
        return n;
    }
    return 1;
}

void
sb_utf8_repair(sb_text *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text + i;
        utf8proc_int32_t cp;
        utf8proc_ssize_t n = utf8proc_iterate(p, (utf8proc_ssize_t)(size - i), &cp);
        if (n > 0) {
            sb_text_append(out, text + i, (size_t)n);
            i += (size_t)n;
        } else {
            sb_text_add(out, "\uFFFD");
            i += malformed_width(p, size - i);
        }
    }
}
