/*
 * base/text.h -- a growing string, and a slice of one.
 *
 * DESIGN     Out of memory is sticky: later appends do nothing and sb_text_failed() tells. Always
 *            zero-terminated.
 * THREADS    one thread at a time.
 */
#ifndef SB_BASE_TEXT_H
#define SB_BASE_TEXT_H

#include "base/mem.h"

typedef struct sb_str { /* a slice; owns nothing; not zero-terminated */
    const char *data;
    size_t size;
} sb_str;

#define SB_STR(literal) ((sb_str){(literal), sizeof(literal) - 1})

static inline sb_str
sb_str_of(const char *text)
{
    return (sb_str){text, text ? __builtin_strlen(text) : 0};
}

static inline bool
sb_str_equal(sb_str a, sb_str b)
{
    return a.size == b.size && (a.size == 0 || __builtin_memcmp(a.data, b.data, a.size) == 0);
}

bool sb_str_equal_nocase(sb_str a, sb_str b); /* ASCII */
/* Edit distance with a bound, for "did you mean"; returns limit + 1 when above. */
int sb_str_distance(sb_str a, sb_str b, int limit);

typedef struct sb_text {
    sb_mem *mem;
    char *data; /* zero-terminated; never NULL after init */
    size_t size, capacity;
    bool failed;
} sb_text;

void sb_text_init(sb_text *text, sb_mem *mem);
void sb_text_deinit(sb_text *text);
void sb_text_clear(sb_text *text);
void sb_text_append(sb_text *text, const void *data, size_t size);
void sb_text_add(sb_text *text, const char *zero_terminated);
void sb_text_char_slow(sb_text *text, char c);

static inline void
sb_text_char(sb_text *text, char c)
{
    if (text->failed || text->size + 1 >= text->capacity) {
        sb_text_char_slow(text, c);
        return;
    }
    text->data[text->size++] = c;
    text->data[text->size] = 0;
}

void sb_text_printf(sb_text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for `size` more bytes and returns where they go (then bump text->size yourself);
 * NULL: out of memory. */
char *sb_text_reserve(sb_text *text, size_t size);

/* Value of a hexadecimal digit of either case; -1: it is none. */
static inline int
sb_hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static inline bool
sb_text_failed(const sb_text *text)
{
    return text->failed;
}

#endif
