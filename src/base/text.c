/*
 * base/text.c -- growing strings, ASCII comparison, edit distance.
 *
 * THREADS    one thread at a time.
 */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static char empty_text[1] = {0}; /* what an empty text points to; never written but with a zero */

static int
ascii_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

bool
sb_str_equal_nocase(sb_str a, sb_str b)
{
    if (a.size != b.size) {
        return false;
    }
    for (size_t i = 0; i < a.size; i++) {
        if (ascii_lower((unsigned char)a.data[i]) != ascii_lower((unsigned char)b.data[i])) {
            return false;
        }
    }
    return true;
}

#define DISTANCE_MAX 256 /* names longer than this are only compared for equality */

int
sb_str_distance(sb_str a, sb_str b, int limit)
{
    size_t gap = a.size > b.size ? a.size - b.size : b.size - a.size;
    if (sb_str_equal(a, b)) {
        return 0;
    }
    if (limit < 1 || gap > (size_t)limit || a.size > DISTANCE_MAX || b.size > DISTANCE_MAX) {
        return limit + 1;
    }
    /* Levenshtein with one row: row[j] is the distance of a[0..i) and b[0..j). */
    int row[DISTANCE_MAX + 1];
    for (size_t j = 0; j <= b.size; j++) {
        row[j] = (int)j;
    }
    for (size_t i = 1; i <= a.size; i++) {
        int diagonal = row[0], best = row[0] = (int)i;
        for (size_t j = 1; j <= b.size; j++) {
            int change = diagonal + (a.data[i - 1] != b.data[j - 1]);
            int least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = change < least ? change : least;
            best = row[j] < best ? row[j] : best;
        }
        if (best > limit) {
            return limit + 1;
        }
    }
    return row[b.size] <= limit ? row[b.size] : limit + 1;
}

void
sb_text_init(sb_text *text, sb_mem *mem)
{
    *text = (sb_text){.mem = mem, .data = empty_text};
}

void
sb_text_deinit(sb_text *text)
{
    if (text->capacity > 0) {
        sb_free(text->mem, text->data, text->capacity);
    }
    sb_text_init(text, text->mem);
}

void
sb_text_clear(sb_text *text)
{
    text->size = 0;
    text->failed = false;
    if (text->capacity > 0) {
        text->data[0] = 0;
    }
}

static bool
text_grow(sb_text *text, size_t need)
{
    size_t capacity = text->capacity < 64 ? 64 : text->capacity * 2;
    capacity = capacity < need ? need : capacity;
    char *data =
        sb_realloc(text->mem, text->capacity ? text->data : NULL, text->capacity, capacity);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

/* Puts the terminating zero behind the reserved room: right if the caller fills all of it. */
char *
sb_text_reserve(sb_text *text, size_t size)
{
    if (text->failed || size > SIZE_MAX / 4) {
        text->failed = true;
        return NULL;
    }
    if (text->size + size + 1 > text->capacity && !text_grow(text, text->size + size + 1)) {
        return NULL;
    }
    text->data[text->size] = 0;
    text->data[text->size + size] = 0;
    return text->data + text->size;
}

void
sb_text_append(sb_text *text, const void *data, size_t size)
{
    char *at = sb_text_reserve(text, size);
    if (at && size > 0) {
        memcpy(at, data, size);
        text->size += size;
    }
}

void
sb_text_add(sb_text *text, const char *zero_terminated)
{
    sb_text_append(text, zero_terminated, strlen(zero_terminated));
}

void
sb_text_char_slow(sb_text *text, char c)
{
    sb_text_append(text, &c, 1);
}

void
sb_text_printf(sb_text *text, const char *fmt, ...)
{
    char small[256];
    va_list args;
    va_start(args, fmt);
    int size = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    if (size < 0) {
        text->failed = true;
        return;
    }
    if ((size_t)size < sizeof small) {
        sb_text_append(text, small, (size_t)size);
        return;
    }
    char *at = sb_text_reserve(text, (size_t)size);
    if (at) {
        va_start(args, fmt);
        vsnprintf(at, (size_t)size + 1, fmt, args);
        va_end(args);
        text->size += (size_t)size;
    }
}
