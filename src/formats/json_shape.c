/*
 * formats/json_shape.c -- see json_shape.h.
 */
#include "formats/json_shape.h"

#include <string.h>

#include "formats/format.h"

#define DEPTH_MAX 8

/* ---- scalars ---- */

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int8_t signed16 __attribute__((vector_size(16)));

/* Bit i: the top bit of byte i. */
static inline uint64_t
top_bits(bytes16 v)
{
#ifdef __SSE2__
    typedef char char16 __attribute__((vector_size(16)));
    return (uint32_t)__builtin_ia32_pmovmskb128((char16)v);
#else
    uint64_t bits = 0;
    for (int i = 0; i < 16; i++) {
        bits |= (uint64_t)(v[i] >> 7) << i;
    }
    return bits;
#endif
}

static inline bytes16
load16(const char *p)
{
    bytes16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Which of 16 bytes are '"', '\\', below ' ' or above 127? */
static inline uint64_t
special_bits(const char *p)
{
    bytes16 c = load16(p);
    /* as signed numbers, bytes above 127 are below ' ' too */
    return top_bits((bytes16)((c == '"') | (c == '\\') | ((signed16)c < ' ')));
}

/* The first special byte of [p, end); else at or behind end. Reads blocks, so that few branches
 * depend on lengths: up to 63 bytes behind end. */
static inline const char *
plain_end(const char *p, const char *end)
{
    for (; p < end; p += 64) {
        uint64_t bits = special_bits(p) | special_bits(p + 16) << 16 | special_bits(p + 32) << 32 |
                        special_bits(p + 48) << 48;
        if (bits) {
            return p + __builtin_ctzll(bits);
        }
    }
    return p;
}

/* The first byte of [p, end) that no number has: 0..9 + - . e E. Else at or behind end. */
static inline const char *
number_end(const char *p, const char *end)
{
    for (; p < end; p += 16) {
        bytes16 c = load16(p);
        bytes16 fits = (bytes16)((bytes16)(c - '0') <= 9) | (bytes16)(c == '.') |
                       (bytes16)(c == '-') | (bytes16)(c == '+') | (bytes16)((c | 32) == 'e');
        uint64_t others = top_bits(~fits);
        if (others) {
            return p + __builtin_ctzll(others);
        }
    }
    return p;
}

static const char *
word_end(const char *p, const char *end)
{
    static const char *const words[] = {"true", "false", "null"};
    for (int i = 0; i < 3; i++) {
        size_t size = strlen(words[i]);
        if ((size_t)(end - p) >= size && memcmp(p, words[i], size) == 0) {
            return p + size;
        }
    }
    return NULL;
}

/* End of the scalar at p; NULL: none, or not a plain one. A line end is no part of any. */
static inline const char *
scalar_end(const char *p, const char *end)
{
    if (p >= end) {
        return NULL;
    }
    if (*p == '"') {
        p = plain_end(p + 1, end);
        return p < end && *p == '"' ? p + 1 : NULL;
    }
    if ((unsigned)(*p - '0') <= 9 || *p == '-') {
        p = number_end(p + 1, end);
        return p < end ? p : end;
    }
    return word_end(p, end);
}

/* ---- learning ---- */

typedef struct lesson {
    sb_json_shape *shape;
    const sb_json_tree *tree;
    const char *p, *end;
    const char *from; /* of the part that is being read */
    uint32_t used;    /* of the shape's text */
    uint64_t seen[4]; /* nodes that have a value */
} lesson;

static bool
add_part(lesson *l, int32_t node)
{
    sb_json_shape *s = l->shape;
    uint32_t size = (uint32_t)(l->p - l->from);
    if (s->count >= SB_JSON_PARTS_MAX || size > SB_JSON_SHAPE_MAX - l->used) {
        return false;
    }
    memcpy(s->text + l->used, l->from, size);
    s->parts[s->count++] = (sb_json_part){l->used, size, node};
    l->used += size;
    return true;
}

static void
skip_blanks(lesson *l)
{
    while (l->p < l->end && (*l->p == ' ' || *l->p == '\t')) {
        l->p++;
    }
}

static bool
skip_byte(lesson *l, char c)
{
    skip_blanks(l);
    if (l->p >= l->end || *l->p != c) {
        return false;
    }
    l->p++;
    skip_blanks(l);
    return true;
}

/* A node that has its value twice is nothing for a shape: the last one counts. */
static bool
note_node(lesson *l, int32_t node)
{
    if (node >= 256 || l->seen[node >> 6] >> (node & 63) & 1) {
        return false;
    }
    l->seen[node >> 6] |= UINT64_C(1) << (node & 63);
    return true;
}

static bool learn_object(lesson *l, int32_t node, int depth);

static bool
learn_value(lesson *l, int32_t node, int depth)
{
    sb_json_kind kind = node >= 0 ? l->tree->nodes[node].kind : SB_JSON_ROW;
    if (kind == SB_JSON_LIST || (node >= 0 && !note_node(l, node)) || l->p >= l->end) {
        return false;
    }
    if (*l->p == '{') {
        return kind == SB_JSON_ROW && learn_object(l, node, depth + 1);
    }
    if (!add_part(l, node)) {
        return false;
    }
    l->p = l->from = scalar_end(l->p, l->end);
    return l->p != NULL;
}

/* The object at p; node -1: nobody wants it. */
static bool
learn_object(lesson *l, int32_t node, int depth)
{
    sb_json_shape *s = l->shape;
    if (node >= 0) {
        if (s->count_opens >= SB_JSON_OPENS_MAX) {
            return false;
        }
        s->opens[s->count_opens++] = (sb_json_open){s->count, node, (uint32_t)(l->p - l->from)};
    }
    if (depth > DEPTH_MAX || !skip_byte(l, '{')) {
        return false;
    }
    do {
        if (l->p >= l->end || *l->p != '"') {
            return false;
        }
        const char *name = l->p + 1, *name_end = plain_end(name, l->end);
        if (name_end >= l->end || *name_end != '"') {
            return false;
        }
        l->p = name_end + 1;
        int32_t field = -1;
        if (node >= 0) {
            field = sb_json_find(l->tree, &l->tree->nodes[node].keys, name,
                                 (uint32_t)(name_end - name));
        }
        if (!skip_byte(l, ':') || !learn_value(l, field, depth)) {
            return false;
        }
    } while (skip_byte(l, ','));
    return l->p < l->end && *l->p++ == '}';
}

bool
sb_json_shape_learn(sb_json_shape *shape, const sb_json_tree *tree, const char *p, const char *end)
{
    lesson l = {.shape = shape, .tree = tree, .p = p, .end = end, .from = p};
    shape->known = false;
    shape->count = shape->count_opens = 0;
    if (p >= end || *p != '{' || !learn_object(&l, 0, 1)) {
        return false;
    }
    if (l.p != end || !add_part(&l, -1)) {
        return false; /* blanks at the end are for the general way */
    }
    shape->count--;
    shape->known = true;
    return true;
}

/* ---- matching ---- */

static inline uint64_t
load8(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline bool
same_bytes(const char *a, const char *b, uint32_t size)
{
    uint64_t differ = 0;
    for (; size >= 8; size -= 8, a += 8, b += 8) {
        differ |= load8(a) ^ load8(b);
    }
    uint64_t rest = size ? (load8(a) ^ load8(b)) << (64 - 8 * size) : 0;
    return (differ | rest) == 0;
}

static void
take_back(const sb_json_shape *s, sb_json_tree *tree, int32_t row)
{
    for (int32_t i = 0; i < s->count; i++) {
        if (s->parts[i].node >= 0) {
            tree->nodes[s->parts[i].node].slots[row] = SB_JSON_MISSING;
        }
    }
    for (int32_t i = 0; i < s->count_opens; i++) {
        tree->nodes[s->opens[i].node].slots[row] = SB_JSON_MISSING;
    }
}

const char *
sb_json_shape_match(const sb_json_shape *s, sb_json_tree *tree, const char *base, const char *p,
                    const char *end, int32_t row, uint32_t *tokens, uint32_t *count)
{
    uint32_t used = *count;
    int32_t open = 0;
    for (int32_t i = 0;; i++) {
        const sb_json_part *part = &s->parts[i];
        if ((size_t)(end - p) < part->size || !same_bytes(p, s->text + part->from, part->size)) {
            break;
        }
        for (; open < s->count_opens && s->opens[open].part == i; open++) {
            tree->nodes[s->opens[open].node].slots[row] = used;
            tokens[used++] = (uint32_t)(p + s->opens[open].offset - base);
        }
        p += part->size;
        if (i == s->count) {
            const char *line_end = p < end && *p == '\r' ? p + 1 : p;
            if (line_end < end && *line_end != '\n') {
                break;
            }
            *count = used;
            return line_end;
        }
        const char *stop = scalar_end(p, end);
        if (!stop) {
            break;
        }
        if (part->node >= 0) {
            tree->nodes[part->node].slots[row] = used;
            tokens[used++] = (uint32_t)(p - base);
            tokens[used++] = (uint32_t)(stop - base);
        }
        p = stop;
    }
    take_back(s, tree, row);
    return NULL;
}
