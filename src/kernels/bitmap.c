/*
 * kernels/bitmap.c -- see bitmap.h.
 */
#include "kernels/bitmap.h"

#include "kernels/number.h"

#include <stdlib.h>
#include <string.h>

enum {
    COOKIE_PLAIN = 12346,
    COOKIE_RUNS = 12347,
    WORDS = 1024,     /* of a container as bits */
    LIST_MAX = 4096,  /* numbers in a list */
    OFFSETS_FROM = 4, /* containers, where there are runs */
    PRINTED_MAX = 0x80000
};

static uint32_t
number_at(sb_str s, size_t at, int bytes)
{
    uint32_t v = 0;
    for (int i = bytes; i-- > 0;) {
        v = v << 8 | (unsigned char)s.data[at + (size_t)i];
    }
    return v;
}

static void
add_number(sb_text *out, uint32_t v, int bytes)
{
    char buffer[4];
    for (int i = 0; i < bytes; i++) {
        buffer[i] = (char)(v >> (8 * i));
    }
    sb_text_append(out, buffer, (size_t)bytes);
}

/* ---- reading ---- */

typedef struct reader {
    sb_str bytes;
    uint32_t count, next;    /* containers */
    size_t flags, heads, at; /* where they begin; flags 0: there are no runs */
    uint32_t key, size;      /* of the container read last */
    uint64_t words[WORDS];
} reader;

static bool
open_reader(reader *r, sb_str bytes)
{
    uint32_t cookie = bytes.size >= 8 ? number_at(bytes, 0, 4) : 0;
    bool runs = (cookie & 0xFFFF) == COOKIE_RUNS;
    *r = (reader){.bytes = bytes};
    if (runs) {
        r->count = (cookie >> 16) + 1;
        r->flags = 4;
        r->heads = r->flags + (r->count + 7) / 8;
    } else if (cookie == COOKIE_PLAIN) {
        r->count = number_at(bytes, 4, 4);
        r->heads = 8;
    } else {
        return false;
    }
    if (r->count > 0x10000) {
        return false;
    }
    r->at = r->heads + (size_t)r->count * 4;
    r->at += !runs || r->count >= OFFSETS_FROM ? (size_t)r->count * 4 : 0;
    return r->at <= bytes.size;
}

static bool
has_runs(const reader *r)
{
    return r->flags > 0 &&
           ((unsigned char)r->bytes.data[r->flags + r->next / 8] >> (r->next % 8) & 1);
}

static void
set_range(uint64_t *words, uint32_t first, uint32_t last)
{
    for (uint32_t w = first / 64; w <= last / 64; w++) {
        uint64_t from = w == first / 64 ? ~UINT64_C(0) << (first % 64) : ~UINT64_C(0);
        uint64_t to = w == last / 64 ? ~UINT64_C(0) >> (63 - last % 64) : ~UINT64_C(0);
        words[w] |= from & to;
    }
}

static uint32_t
count_words(const uint64_t *words)
{
    uint32_t n = 0;
    for (int i = 0; i < WORDS; i++) {
        n += (uint32_t)__builtin_popcountll(words[i]);
    }
    return n;
}

/* Runs or a list or bits, to bits. False: the bytes end before. */
static bool
read_words(reader *r, bool runs)
{
    size_t left = r->bytes.size - r->at;
    if (runs) {
        uint32_t count = left >= 2 ? number_at(r->bytes, r->at, 2) : 0xFFFF;
        if (left < 2 + (size_t)count * 4) {
            return false;
        }
        for (uint32_t i = 0; i < count; i++) {
            uint32_t first = number_at(r->bytes, r->at + 2 + (size_t)i * 4, 2);
            uint32_t last = first + number_at(r->bytes, r->at + 4 + (size_t)i * 4, 2);
            if (last > 0xFFFF) {
                return false;
            }
            set_range(r->words, first, last);
        }
        r->at += 2 + (size_t)count * 4;
        return true;
    }
    size_t size = r->size > LIST_MAX ? sizeof r->words : (size_t)r->size * 2;
    if (left < size) {
        return false;
    }
    if (r->size > LIST_MAX) {
        for (size_t i = 0; i < WORDS; i++) {
            r->words[i] = number_at(r->bytes, r->at + i * 8, 4) |
                          (uint64_t)number_at(r->bytes, r->at + i * 8 + 4, 4) << 32;
        }
    } else {
        for (uint32_t i = 0; i < r->size; i++) {
            uint32_t v = number_at(r->bytes, r->at + (size_t)i * 2, 2);
            r->words[v / 64] |= UINT64_C(1) << (v % 64);
        }
    }
    r->at += size;
    return true;
}

/* The next container into r->words; *out_more: there was one. False: damaged. */
static bool
read_container(reader *r, bool *out_more)
{
    *out_more = r->next < r->count;
    if (!*out_more) {
        return true;
    }
    uint32_t key = number_at(r->bytes, r->heads + (size_t)r->next * 4, 2);
    if (r->next > 0 && key <= r->key) {
        return false;
    }
    r->key = key;
    r->size = number_at(r->bytes, r->heads + (size_t)r->next * 4 + 2, 2) + 1;
    memset(r->words, 0, sizeof r->words);
    if (!read_words(r, has_runs(r)) || count_words(r->words) != r->size) {
        return false;
    }
    r->next++;
    return true;
}

/* ---- writing ---- */

typedef struct writer {
    sb_text *out; /* first the containers; finish_writer puts the head before them */
    uint32_t count;
    bool runs;

    struct {
        uint16_t key, size;
        uint32_t at; /* in out; the uppermost bit: has runs */
    } * heads;

    uint32_t capacity;
    bool failed;
} writer;

static void
start_writer(writer *w, sb_text *out)
{
    *w = (writer){.out = out};
    sb_text_clear(out);
}

static bool
grow_heads(writer *w)
{
    uint32_t more = w->capacity ? 2 * w->capacity : 16;
    void *heads =
        sb_realloc(w->out->mem, w->heads, sizeof *w->heads * w->capacity, sizeof *w->heads * more);
    if (!heads) {
        w->failed = true;
        return false;
    }
    w->heads = heads;
    w->capacity = more;
    return true;
}

static uint32_t
count_runs(const uint64_t *words)
{
    uint32_t n = 0;
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        n += (uint32_t)__builtin_popcountll(words[i] & ~(words[i] << 1 | carry));
        carry = words[i] >> 63;
    }
    return n;
}

/* The first number from `from` on that is in the set (or is not); 65536: none. */
static uint32_t
find_bit(const uint64_t *words, uint32_t from, bool set)
{
    for (uint32_t w = from / 64; w < WORDS; w++) {
        uint64_t word = set ? words[w] : ~words[w];
        word &= w == from / 64 ? ~UINT64_C(0) << (from % 64) : ~UINT64_C(0);
        if (word) {
            return w * 64 + (uint32_t)__builtin_ctzll(word);
        }
    }
    return 0x10000;
}

static void
write_runs(writer *w, const uint64_t *words, uint32_t runs)
{
    add_number(w->out, runs, 2);
    for (uint32_t at = find_bit(words, 0, true); at < 0x10000;) {
        uint32_t end = find_bit(words, at, false);
        add_number(w->out, at, 2);
        add_number(w->out, end - 1 - at, 2);
        at = end < 0x10000 ? find_bit(words, end, true) : end;
    }
}

static void
write_container(writer *w, uint32_t key, const uint64_t *words)
{
    uint32_t size = count_words(words), runs = count_runs(words);
    bool list = size <= LIST_MAX, as_runs = 2 + 4 * runs < (list ? 2 * size : 8 * WORDS);
    if (size == 0 || (w->count == w->capacity && !grow_heads(w))) {
        return;
    }
    w->heads[w->count].key = (uint16_t)key;
    w->heads[w->count].size = (uint16_t)(size - 1);
    w->heads[w->count++].at = (uint32_t)w->out->size | (uint32_t)as_runs << 31;
    w->runs |= as_runs;
    if (as_runs) {
        write_runs(w, words, runs);
        return;
    }
    for (int i = 0; i < WORDS; i++) {
        if (!list) {
            add_number(w->out, (uint32_t)words[i], 4);
            add_number(w->out, (uint32_t)(words[i] >> 32), 4);
            continue;
        }
        for (uint64_t word = words[i]; word; word &= word - 1) {
            add_number(w->out, (uint32_t)i * 64 + (uint32_t)__builtin_ctzll(word), 2);
        }
    }
}

static void
write_head(const writer *w, char *to)
{
    size_t flags = (w->count + 7) / 8, offsets = w->count * (size_t)4, at = 0;
    size_t head = w->runs ? 4 + flags + offsets : 8 + offsets;
    bool with_offsets = !w->runs || w->count >= OFFSETS_FROM;
    uint32_t cookie[2] = {w->runs ? COOKIE_RUNS | (w->count - 1) << 16 : COOKIE_PLAIN, w->count};
    memcpy(to, cookie, 8); /* little-endian */
    if (w->runs) {
        memset(to + 4, 0, flags);
        for (uint32_t i = 0; i < w->count; i++) {
            to[4 + i / 8] = (char)(to[4 + i / 8] | (int)(w->heads[i].at >> 31) << (i % 8));
        }
    }
    at = w->runs ? 4 + flags : 8;
    for (uint32_t i = 0; i < w->count; i++, at += 4) {
        memcpy(to + at, &w->heads[i].key, 2);
        memcpy(to + at + 2, &w->heads[i].size, 2);
    }
    head += with_offsets ? offsets : 0;
    for (uint32_t i = 0; with_offsets && i < w->count; i++, at += 4) {
        uint32_t offset = (w->heads[i].at & INT32_MAX) + (uint32_t)head;
        memcpy(to + at, &offset, 4);
    }
}

static sb_bitmap_status
finish_writer(writer *w, sb_bitmap_status status)
{
    size_t body = w->out->size, head = w->runs ? 4 + (w->count + 7) / 8 : 8;
    head += w->count * (size_t)(!w->runs || w->count >= OFFSETS_FROM ? 8 : 4);
    char *to = w->failed ? NULL : sb_text_reserve(w->out, head);
    if (to && status == SB_BITMAP_OK) {
        memmove(w->out->data + head, w->out->data, body);
        write_head(w, w->out->data);
        w->out->size += head;
    }
    sb_free(w->out->mem, w->heads, sizeof *w->heads * w->capacity);
    return status != SB_BITMAP_OK                       ? status
           : !to || w->failed || sb_text_failed(w->out) ? SB_BITMAP_NOMEM
                                                        : SB_BITMAP_OK;
}

/* ---- operations ---- */

sb_bitmap_status
sb_bitmap_read(sb_str bytes, sb_text *out)
{
    reader r;
    writer w;
    bool more = true;
    if (!open_reader(&r, bytes)) {
        return SB_BITMAP_DAMAGED;
    }
    start_writer(&w, out);
    sb_bitmap_status status = SB_BITMAP_OK;
    while (more) {
        if (!read_container(&r, &more)) {
            status = SB_BITMAP_DAMAGED;
            break;
        }
        if (more) {
            write_container(&w, r.key, r.words);
        }
    }
    return finish_writer(&w, status);
}

static int
compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

sb_bitmap_status
sb_bitmap_of(uint32_t *numbers, size_t count, sb_text *out)
{
    uint64_t words[WORDS];
    writer w;
    start_writer(&w, out);
    if (count > 0) {
        qsort(numbers, count, sizeof *numbers, compare_numbers);
    }
    for (size_t i = 0; i < count;) {
        uint32_t key = numbers[i] >> 16;
        memset(words, 0, sizeof words);
        for (; i < count && numbers[i] >> 16 == key; i++) {
            words[(numbers[i] & 0xFFFF) / 64] |= UINT64_C(1) << (numbers[i] % 64);
        }
        write_container(&w, key, words);
    }
    return finish_writer(&w, SB_BITMAP_OK);
}

static void
combine_words(sb_bitmap_op op, uint64_t *a, const uint64_t *b)
{
    for (int i = 0; i < WORDS; i++) {
        a[i] = op == SB_BITMAP_AND   ? a[i] & b[i]
               : op == SB_BITMAP_OR  ? a[i] | b[i]
               : op == SB_BITMAP_XOR ? a[i] ^ b[i]
                                     : a[i] & ~b[i];
    }
}

sb_bitmap_status
sb_bitmap_combine(sb_bitmap_op op, sb_str a, sb_str b, sb_text *out)
{
    reader x, y;
    writer w;
    bool more_x, more_y, both = op == SB_BITMAP_OR || op == SB_BITMAP_XOR;
    if (!open_reader(&x, a) || !open_reader(&y, b) || !read_container(&x, &more_x) ||
        !read_container(&y, &more_y)) {
        return SB_BITMAP_DAMAGED;
    }
    start_writer(&w, out);
    bool fine = true;
    while (fine && (more_x || more_y)) {
        bool take_x = more_x && (!more_y || x.key <= y.key);
        bool take_y = more_y && (!more_x || y.key <= x.key);
        if (take_x && take_y) {
            combine_words(op, x.words, y.words);
            write_container(&w, x.key, x.words);
        } else if (take_x && op != SB_BITMAP_AND) {
            write_container(&w, x.key, x.words);
        } else if (take_y && both) {
            write_container(&w, y.key, y.words);
        }
        fine = (!take_x || read_container(&x, &more_x)) && (!take_y || read_container(&y, &more_y));
    }
    return finish_writer(&w, fine ? SB_BITMAP_OK : SB_BITMAP_DAMAGED);
}

int64_t
sb_bitmap_count(sb_str bytes)
{
    uint32_t cookie = bytes.size >= 8 ? number_at(bytes, 0, 4) : 0;
    bool runs = (cookie & 0xFFFF) == COOKIE_RUNS;
    uint32_t containers = runs ? (cookie >> 16) + 1 : bytes.size >= 8 ? number_at(bytes, 4, 4) : 0;
    size_t heads = runs ? 4 + (containers + 7) / 8 : 8;
    int64_t n = 0;
    for (uint32_t i = 0; i < containers && heads + (size_t)i * 4 + 4 <= bytes.size; i++) {
        n += (int64_t)number_at(bytes, heads + (size_t)i * 4 + 2, 2) + 1;
    }
    return n;
}

sb_bitmap_status
sb_bitmap_numbers(sb_str bytes, sb_text *out)
{
    reader r;
    bool more = true;
    if (!open_reader(&r, bytes)) {
        return SB_BITMAP_DAMAGED;
    }
    while (more) {
        if (!read_container(&r, &more)) {
            return SB_BITMAP_DAMAGED;
        }
        for (uint32_t at = more ? find_bit(r.words, 0, true) : 0x10000; at < 0x10000;
             at = find_bit(r.words, at + 1, true)) {
            uint32_t number = r.key << 16 | at;
            sb_text_append(out, &number, sizeof number);
        }
    }
    return sb_text_failed(out) ? SB_BITMAP_NOMEM : SB_BITMAP_OK;
}

void
sb_bitmap_print(sb_str bytes, sb_text *out)
{
    reader r;
    char buffer[SB_DOUBLE_TEXT];
    size_t start = out->size;
    bool more = open_reader(&r, bytes), first = true;
    sb_text_char(out, '{');
    while (more && read_container(&r, &more) && more) {
        for (uint32_t at = find_bit(r.words, 0, true); at < 0x10000;
             at = find_bit(r.words, at + 1, true), first = false) {
            if (!first) {
                sb_text_char(out, ',');
            }
            if (!first && out->size - start > PRINTED_MAX) {
                sb_text_add(out, "...}");
                return;
            }
            sb_text_append(out, buffer, sb_int_print(buffer, (int64_t)(r.key << 16 | at)));
        }
    }
    sb_text_char(out, '}');
}
