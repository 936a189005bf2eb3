/*
 * expr/json_doc.c -- see json_doc.h.
 */
#include "expr/json_doc.h"

#include "base/mem.h"
#include "expr/sort.h"
#include "kernels/json_scan.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 1000

/* ---- life ---- */

void
sb_jdoc_init(sb_jdoc *d, sb_mem *mem)
{
    *d = (sb_jdoc){.mem = mem};
    sb_text_init(&d->key, mem);
    sb_text_init(&d->other, mem);
}

void
sb_jdoc_deinit(sb_jdoc *d)
{
    sb_free(d->mem, d->nodes, sizeof *d->nodes * (size_t)d->capacity);
    sb_free(d->mem, d->order, sizeof *d->order * (size_t)d->order_capacity);
    sb_text_deinit(&d->key);
    sb_text_deinit(&d->other);
}

static bool
grow_nodes(sb_jdoc *d)
{
    int32_t more = d->capacity ? d->capacity * 2 : 64;
    sb_jdoc_node *bigger = d->capacity > INT32_MAX / 2
                               ? NULL
                               : sb_realloc(d->mem, d->nodes, sizeof *bigger * (size_t)d->capacity,
                                            sizeof *bigger * (size_t)more);
    if (!bigger) {
        d->failed = true;
        return false;
    }
    d->nodes = bigger;
    d->capacity = more;
    return true;
}

/* The node behind the last one; NULL: out of memory. */
static inline sb_jdoc_node *
add_node(sb_jdoc *d, sb_jdoc_kind kind, const char *text, size_t size)
{
    if (d->count == d->capacity && !grow_nodes(d)) {
        return NULL;
    }
    sb_jdoc_node *n = &d->nodes[d->count++];
    n->kind = (uint8_t)kind;
    n->escaped = n->key_escaped = false;
    n->first = n->next = -1;
    n->count = 0;
    n->text.data = text;
    n->text.size = size;
    n->key.data = NULL;
    n->key.size = 0;
    return n;
}

/* ---- reading ------------------------------------------------------------------------------------
 * Each function reads from `at` and returns what is behind, NULL: it is broken. The node of a value
 * is the first one that is made for it.
 */

static inline const char *
skip_space(const char *at, const char *end)
{
    while (at < end && (unsigned char)*at <= ' ' &&
           (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) {
        at++;
    }
    return at;
}

/* Behind a backslash. */
static const char *
skip_escape(const char *at, const char *end)
{
    if (at >= end || *at == 0 || !strchr("\"\\/bfnrtu", *at)) {
        return NULL;
    }
    for (int i = 1; *at == 'u' && i <= 4; i++) {
        if (end - at <= i || sb_hex_digit(at[i]) < 0) {
            return NULL;
        }
    }
    return at + 1; /* the digits are plain */
}

/* From behind the opening quote to the closing one. */
static inline __attribute__((always_inline)) const char *
string_end(const char *at, const char *end, bool *out_escaped)
{
    *out_escaped = false;
    for (;;) {
        at += sb_json_plain_end(at, 0, (size_t)(end - at));
        if (at >= end) {
            return NULL;
        }
        if (*at == '"') {
            return at;
        }
        if (*at != '\\' || !(at = skip_escape(at + 1, end))) {
            return NULL;
        }
        *out_escaped = true;
    }
}

static const char *
skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    return at;
}

static bool
is_word(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           c == '$' || (c & 0x80);
}

static const char *
read_number(sb_jdoc *d, const char *at, const char *end)
{
    const char *from = at;
    bool whole = true;
    at += *at == '-';
    const char *first = at;
    at = skip_digits(at, end);
    if (at == first || (*first == '0' && at > first + 1)) {
        return NULL;
    }
    if (at < end && *at == '.') {
        whole = false;
        first = ++at;
        at = skip_digits(at, end);
        if (at == first) {
            return NULL;
        }
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        whole = false;
        at++;
        at += at < end && (*at == '+' || *at == '-');
        first = at;
        at = skip_digits(at, end);
        if (at == first || (at - first > 9 && !d->long_exponents)) {
            return NULL;
        }
    }
    if (at < end && is_word(*at)) {
        return NULL;
    }
    return add_node(d, whole ? SB_JSON_INTEGER : SB_JSON_FLOAT, from, (size_t)(at - from)) ? at
                                                                                           : NULL;
}

static const char *
read_literal(sb_jdoc *d, const char *at, const char *end)
{
    static const struct {
        const char *word;
        size_t size;
        sb_jdoc_kind kind;
    } words[] = {{"null", 4, SB_JSON_NULL}, {"true", 4, SB_JSON_TRUE}, {"false", 5, SB_JSON_FALSE}};

    for (int i = 0; i < 3; i++) {
        size_t n = words[i].size;
        if ((size_t)(end - at) >= n && memcmp(at, words[i].word, n) == 0) {
            at += n;
            if (at < end && is_word(*at)) {
                return NULL;
            }
            return add_node(d, words[i].kind, words[i].word, n) ? at : NULL;
        }
    }
    return NULL;
}

static const char *read_value(sb_jdoc *d, const char *at, const char *end, int depth);

/* The elements of an array, the members of an object, whose node is the last one. */
static const char *
read_children(sb_jdoc *d, const char *at, const char *end, bool object, int depth)
{
    const char close = object ? '}' : ']';
    int32_t parent = d->count - 1, last = -1, count = 0;
    at = skip_space(at, end);
    if (at < end && *at == close) {
        return at + 1;
    }
    for (;;) {
        const char *key = NULL, *key_end = NULL;
        bool escaped = false;
        if (object) {
            at = skip_space(at, end);
            if (at >= end || *at != '"') {
                return NULL;
            }
            key = at + 1;
            key_end = string_end(key, end, &escaped);
            at = key_end ? skip_space(key_end + 1, end) : end;
            if (at >= end || *at++ != ':') {
                return NULL;
            }
        }
        int32_t child = d->count;
        at = read_value(d, at, end, depth + 1);
        at = at ? skip_space(at, end) : end;
        if (at >= end) {
            return NULL;
        }
        sb_jdoc_node *nodes = d->nodes;
        nodes[child].key.data = key;
        nodes[child].key.size = object ? (size_t)(key_end - key) : 0;
        nodes[child].key_escaped = escaped;
        *(last < 0 ? &nodes[parent].first : &nodes[last].next) = child;
        last = child;
        nodes[parent].count = ++count;
        char c = *at++;
        if (c != ',') {
            return c == close ? at : NULL;
        }
    }
}

static const char *
read_value(sb_jdoc *d, const char *at, const char *end, int depth)
{
    at = skip_space(at, end);
    if (at >= end || depth > MAX_DEPTH) {
        return NULL;
    }
    char c = *at;
    if (c == '{' || c == '[') {
        bool object = c == '{';
        return add_node(d, object ? SB_JSON_OBJECT : SB_JSON_ARRAY, NULL, 0)
                   ? read_children(d, at + 1, end, object, depth)
                   : NULL;
    }
    if (c == '"') {
        bool escaped;
        const char *stop = string_end(at + 1, end, &escaped);
        sb_jdoc_node *n =
            stop ? add_node(d, SB_JSON_STRING, at + 1, (size_t)(stop - at - 1)) : NULL;
        if (!n) {
            return NULL;
        }
        n->escaped = escaped;
        return stop + 1;
    }
    return c == '-' || (c >= '0' && c <= '9') ? read_number(d, at, end) : read_literal(d, at, end);
}

bool
sb_jdoc_parse(sb_jdoc *d, sb_str text)
{
    d->count = 0;
    d->order_count = 0;
    d->failed = false;
    return read_value(d, text.data, text.data + text.size, 0) != NULL;
}

/* ---- looking ---- */

static sb_str
key_of(const sb_jdoc_node *n, sb_text *scratch)
{
    if (!n->key_escaped) {
        return n->key;
    }
    sb_text_clear(scratch);
    sb_jdoc_unescape(scratch, n->key);
    return (sb_str){scratch->data, scratch->size};
}

int32_t
sb_jdoc_member(sb_jdoc *d, int32_t object, sb_str name)
{
    int32_t found = -1;
    for (int32_t i = d->nodes[object].first; i >= 0; i = d->nodes[i].next) {
        const sb_jdoc_node *n = &d->nodes[i];
        if (!n->key_escaped && n->key.size != name.size) {
            continue;
        }
        if (sb_str_equal(key_of(n, &d->key), name)) {
            found = i; /* the last one counts */
        }
    }
    return found;
}

void
sb_jdoc_scalar_text(const sb_jdoc_node *n, sb_text *out)
{
    if (n->kind == SB_JSON_FLOAT && !n->escaped) {
        sb_jdoc_write_decimal(n->text, out);
    } else if (n->kind == SB_JSON_STRING && n->escaped) {
        sb_jdoc_unescape(out, n->text);
    } else if (n->kind == SB_JSON_INTEGER && sb_str_equal(n->text, SB_STR("-0"))) {
        sb_text_char(out, '0');
    } else {
        sb_text_append(out, n->text.data, n->text.size);
    }
}

/* ---- writing ---- */

/* The significant digits of a number as it is written. */
typedef struct digit_list {
    const char *at, *end;
} digit_list;

static void
write_digits(digit_list *d, int64_t count, sb_text *out)
{
    for (; count > 0 && d->at < d->end; d->at++) {
        if (*d->at != '.') {
            sb_text_char(out, *d->at);
            count--;
        }
    }
}

/* With the point `scale` places from the right. */
static void
write_plain(digit_list digits, int64_t size, int64_t scale, sb_text *out)
{
    if (size <= scale) {
        sb_text_add(out, "0.");
        for (int64_t i = size; i < scale; i++) {
            sb_text_char(out, '0');
        }
        write_digits(&digits, size, out);
        return;
    }
    write_digits(&digits, size - scale, out);
    sb_text_add(out, scale > 0 ? "." : "");
    write_digits(&digits, scale, out);
}

/* What stands behind the E; it has 32 bits. */
static int64_t
read_exponent(const char *at, const char *end)
{
    int64_t v = 0;
    bool negative = at < end && *at == '-';
    for (at += at < end && (*at == '-' || *at == '+'); at < end; at++) {
        v = v * 10 + (*at - '0');
    }
    return negative ? -v : v;
}

void
sb_jdoc_write_decimal(sb_str number, sb_text *out)
{
    const char *end = number.data + number.size, *at = number.data;
    bool negative = at < end && *at == '-', after_point = false;
    int64_t scale = 0, size = 0;
    digit_list digits = {0};
    for (at += negative; at < end && (*at | 0x20) != 'e'; at++) {
        if (*at == '.') {
            after_point = true;
            continue;
        }
        scale += after_point;
        if (*at != '0' && !digits.at) {
            digits.at = at;
        }
        size += digits.at != NULL;
    }
    digits.end = at;
    if (!digits.at) { /* there is no negative zero */
        digits = (digit_list){"0", NULL};
        digits.end = digits.at + 1;
        size = 1;
        negative = false;
    }
    scale -= at < end ? read_exponent(at + 1, end) : 0;
    int64_t adjusted = size - 1 - scale;
    sb_text_add(out, negative ? "-" : "");
    if (scale >= 0 && adjusted >= -6) {
        write_plain(digits, size, scale, out);
        return;
    }
    write_digits(&digits, 1, out);
    sb_text_add(out, size > 1 ? "." : "");
    write_digits(&digits, size - 1, out);
    sb_text_printf(out, "E%+lld", (long long)adjusted);
}

/* UTF-16 has what takes four bytes of UTF-8 before U+E000 to U+FFFF. */
int
sb_jdoc_order(sb_str a, sb_str b)
{
    size_t size = a.size < b.size ? a.size : b.size, i = 0;
    while (i < size && a.data[i] == b.data[i]) {
        i++;
    }
    if (i == size) {
        return (a.size > b.size) - (a.size < b.size);
    }
    unsigned char x = (unsigned char)a.data[i], y = (unsigned char)b.data[i];
    bool swapped =
        (x >= 0xF0 && (y == 0xEE || y == 0xEF)) || (y >= 0xF0 && (x == 0xEE || x == 0xEF));
    return swapped ? (x < y) - (x > y) : (x > y) - (x < y);
}

static int
compare_members(const void *a, const void *b, void *ctx)
{
    sb_jdoc *d = ctx;
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    sb_str p = key_of(&d->nodes[x], &d->key), q = key_of(&d->nodes[y], &d->other);
    int c = sb_jdoc_order(p, q);
    return c ? c : (x > y) - (x < y);
}

static bool
same_key(sb_jdoc *d, int32_t x, int32_t y)
{
    return sb_str_equal(key_of(&d->nodes[x], &d->key), key_of(&d->nodes[y], &d->other));
}

/* The members of an object on the stack `order`; returns where they begin, -1: out of memory. */
static int32_t
sort_members(sb_jdoc *d, int32_t object)
{
    int32_t begin = d->order_count, count = d->nodes[object].count;
    if (begin + count > d->order_capacity) {
        int32_t more = (begin + count) * 2;
        int32_t *bigger = sb_realloc(d->mem, d->order, sizeof *bigger * (size_t)d->order_capacity,
                                     sizeof *bigger * (size_t)more);
        if (!bigger) {
            d->failed = true;
            return -1;
        }
        d->order = bigger;
        d->order_capacity = more;
    }
    for (int32_t i = d->nodes[object].first; i >= 0; i = d->nodes[i].next) {
        d->order[d->order_count++] = i;
    }
    if (count > 1) {
        sb_sort_rows(d->order + begin, count, compare_members, d);
    }
    return begin;
}

int32_t
sb_jdoc_count_members(sb_jdoc *d, int32_t object)
{
    int32_t begin = sort_members(d, object), count = d->nodes[object].count, different = 0;
    for (int32_t i = 0; begin >= 0 && i < count; i++) {
        different += i + 1 == count || !same_key(d, d->order[begin + i], d->order[begin + i + 1]);
    }
    d->order_count = begin >= 0 ? begin : d->order_count;
    return different;
}

static int
compare_rows(const void *a, const void *b, void *ctx)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    (void)ctx;
    return (x > y) - (x < y);
}

int32_t
sb_jdoc_first_members(sb_jdoc *d, int32_t object)
{
    int32_t begin = sort_members(d, object), count = d->nodes[object].count, kept = 0;
    for (int32_t i = 0; begin >= 0 && i < count; i++) {
        int32_t *rows = d->order + begin;
        if (i == 0 || !same_key(d, rows[kept - 1], rows[i])) {
            rows[kept++] = rows[i];
        }
    }
    if (begin >= 0) {
        sb_sort_rows(d->order + begin, kept, compare_rows, NULL); /* nodes count as they stand */
        d->order_count = begin + kept;
    }
    return begin;
}

int32_t
sb_jdoc_add(sb_jdoc *d, sb_jdoc_kind kind)
{
    return add_node(d, kind, NULL, 0) ? d->count - 1 : -1;
}

static void
write_object(sb_jdoc *d, int32_t node, sb_text *out)
{
    int32_t begin = sort_members(d, node), count = d->nodes[node].count;
    bool first = true;
    sb_text_char(out, '{');
    for (int32_t i = 0; begin >= 0 && i < count; i++) {
        int32_t member = d->order[begin + i];
        if (i + 1 < count && same_key(d, member, d->order[begin + i + 1])) {
            continue; /* a later one of the same name follows */
        }
        if (!first) {
            sb_text_char(out, ',');
        }
        sb_jdoc_write_string(key_of(&d->nodes[member], &d->key), out);
        sb_text_char(out, ':');
        sb_jdoc_write(d, member, out);
        first = false;
    }
    sb_text_char(out, '}');
    d->order_count = begin >= 0 ? begin : d->order_count;
}

/* Infinity and NaN, which a function of a path may give, are texts in JSON. */
static bool
is_finite(const sb_jdoc_node *n)
{
    char last = n->text.size > 0 ? n->text.data[n->text.size - 1] : '0';
    return n->kind != SB_JSON_FLOAT || (last >= '0' && last <= '9');
}

void
sb_jdoc_write(sb_jdoc *d, int32_t node, sb_text *out)
{
    const sb_jdoc_node *n = &d->nodes[node];
    if (n->kind == SB_JSON_OBJECT) {
        write_object(d, node, out);
    } else if (n->kind == SB_JSON_ARRAY) {
        sb_text_char(out, '[');
        for (int32_t i = n->first; i >= 0; i = d->nodes[i].next) {
            if (i != n->first) {
                sb_text_char(out, ',');
            }
            sb_jdoc_write(d, i, out);
        }
        sb_text_char(out, ']');
    } else if (n->kind == SB_JSON_STRING && n->escaped) {
        sb_text_clear(&d->other);
        sb_jdoc_unescape(&d->other, n->text);
        sb_jdoc_write_string((sb_str){d->other.data, d->other.size}, out);
    } else if (n->kind == SB_JSON_STRING || !is_finite(n)) {
        sb_jdoc_write_string(n->text, out);
    } else {
        sb_jdoc_scalar_text(n, out);
    }
}
