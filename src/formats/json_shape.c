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

/* Which of 16 bytes may a number have: 0..9 + - . e E? */
static inline uint64_t
number_bits(bytes16 c)
{
    bytes16 fits = (bytes16)((bytes16)(c - '0') <= 9) | (bytes16)(c == '.') | (bytes16)(c == '-') |
                   (bytes16)(c == '+') | (bytes16)((c | 32) == 'e');
    return top_bits(fits);
}

/* The first byte of [p, end) that no number has. Else at or behind end. */
static inline const char *
number_end(const char *p, const char *end)
{
    for (; p < end; p += 16) {
        uint64_t others = number_bits(load16(p)) ^ 0xFFFF;
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
    s->parts[s->count++] = (sb_json_part){.from = l->used, .size = size, .node = node};
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
    l->shape->parts[l->shape->count - 1].is_string = *l->p == '"';
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

/* The part for matching by marks; false: it has bytes besides quotes that are marks. */
static bool
mark_part(sb_json_shape *s, const sb_json_tree *tree, int32_t index, uint32_t from)
{
    const sb_json_part *part = &s->parts[index];
    sb_json_marked_part *m = &s->marked[index];
    char *text = s->marked_text + from;
    bool last = index == s->count, is_string = !last && part->is_string;
    *m = (sb_json_marked_part){.text = text, .size = part->size + is_string};
    m->is_string = is_string;
    m->is_long = m->size > sizeof m->head;
    m->slots = !last && part->node >= 0 ? tree->nodes[part->node].slots : NULL;
    m->mask = m->is_long ? 0xFFFF : (UINT32_C(1) << m->size) - 1;
    m->first_quote = m->size;
    memcpy(text, s->text + part->from, part->size);
    text[part->size] = '"';
    memcpy(m->head, text, sizeof m->head);
    for (uint32_t k = 0; k < m->size; k++) {
        if ((unsigned char)text[k] < ' ') {
            return false;
        }
        m->first_quote = text[k] == '"' && m->quotes == 0 ? k : m->first_quote;
        m->quotes += text[k] == '"';
    }
    for (int32_t i = 0; i < s->count_opens; i++) {
        m->opens += s->opens[i].part == index;
    }
    return true;
}

/* Where the marks of a line of this shape are. */
static void
mark_parts(sb_json_shape *s, const sb_json_tree *tree)
{
    uint32_t marks = 1, from = 0;
    for (int32_t i = 0; i <= s->count; i++) {
        if (!mark_part(s, tree, i, from)) {
            return;
        }
        from += s->marked[i].size;
        marks += s->marked[i].quotes + s->marked[i].is_string;
    }
    s->marks = marks <= SB_JSON_MARKS_NEED ? marks : 0;
}

bool
sb_json_shape_learn(sb_json_shape *shape, const sb_json_tree *tree, const char *p, const char *end)
{
    lesson l = {.shape = shape, .tree = tree, .p = p, .end = end, .from = p};
    shape->known = false;
    shape->marks = 0;
    shape->count = shape->count_opens = 0;
    if (p >= end || *p != '{' || !learn_object(&l, 0, 1)) {
        return false;
    }
    if (l.p != end || !add_part(&l, -1)) {
        return false; /* blanks at the end are for the general way */
    }
    shape->count--;
    shape->known = true;
    mark_parts(shape, tree);
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

/* ---- matching by marks ---- */

static inline bool
same_text(const char *p, const sb_json_marked_part *part)
{
    if (~top_bits((bytes16)(load16(p) == load16(part->head))) & part->mask) {
        return false;
    }
    return !part->is_long || memcmp(p, part->text, part->size) == 0;
}

static bool
is_long_scalar(const char *p, const char *end)
{
    if ((unsigned)(*p - '0') > 9 && *p != '-') {
        return word_end(p, end) == end;
    }
    return number_end(p + 1, end) == end;
}

/* Are these `size` bytes a scalar that is no string? Mostly digits, perhaps with a point. */
static inline bool
is_bare_scalar(const char *p, int32_t size)
{
    if (__builtin_expect((uint32_t)size - 1 < 16, 1)) {
        bytes16 c = load16(p);
        uint32_t digits = (uint32_t)top_bits((bytes16)((bytes16)(c - '0') <= 9));
        uint32_t point = (uint32_t)top_bits((bytes16)(c == '.')) & ~UINT32_C(1);
        uint32_t fits = digits | point | (*p == '-');
        if (__builtin_expect((~fits & ((UINT32_C(1) << size) - 1)) == 0, 1)) {
            return true;
        }
    }
    return size > 0 && is_long_scalar(p, p + size);
}

/* Returns the mark of the line's end; NULL: it does not fit. */
static const uint32_t *
match_parts(const sb_json_shape *s, sb_json_tree *tree, const char *base, uint32_t begin,
            const uint32_t *marks, int32_t row, uint32_t *tokens, uint32_t *used)
{
    const sb_json_marked_part *part = s->marked, *last = part + s->count;
    const sb_json_open *open = s->opens;
    uint32_t n = *used;
    for (;; part++) {
        if (!same_text(base + begin, part)) {
            return NULL;
        }
        if (__builtin_expect(part->opens > 0, 0)) {
            for (int32_t i = part->opens; i > 0; i--, open++) {
                tree->nodes[open->node].slots[row] = n;
                tokens[n++] = begin + open->offset;
            }
        }
        marks += part->quotes;
        if (part == last) {
            break;
        }
        uint32_t from = begin + part->size;
        if (part->is_string) {
            from--;
            begin = *marks + 1;
            if (base[*marks++] != '"') {
                return NULL;
            }
        } else {
            begin = *marks - part[1].first_quote;
            if (!is_bare_scalar(base + from, (int32_t)(begin - from))) {
                return NULL;
            }
        }
        if (part->slots) {
            part->slots[row] = n;
            tokens[n] = from;
            tokens[n + 1] = begin;
            n += 2;
        }
    }
    *used = n;
    return *marks == begin + last->size ? marks : NULL;
}

const char *
sb_json_shape_match_marked(const sb_json_shape *s, sb_json_tree *tree, sb_json_marks *marks,
                           uint32_t line, int32_t row, uint32_t *tokens, uint32_t *count)
{
    if (!sb_json_marks_have(marks, s->marks)) {
        return NULL;
    }
    uint32_t used = *count;
    const uint32_t *mark =
        match_parts(s, tree, marks->base, line, marks->at + marks->next, row, tokens, &used);
    uint32_t end = mark ? *mark : 0;
    bool cr = mark && end < marks->size && marks->base[end] == '\r';
    end += cr;
    if (!mark || (end < marks->size && marks->base[end] != '\n')) {
        take_back(s, tree, row);
        return NULL;
    }
    marks->next = (uint32_t)(mark - marks->at) + 1;
    if (cr) {
        sb_json_marks_skip(marks, end + 1);
    }
    *count = used;
    return marks->base + end;
}
