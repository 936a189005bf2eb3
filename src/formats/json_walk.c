/*
 * formats/json_walk.c -- structure of one record of JSON.
 */
#include "formats/json_walk.h"

#include <string.h>

#include "formats/format.h"
#include "formats/json_text.h"
#include "formats/json_value.h"

static const char what_depth[] = "nested too deep";
static const char what_end[] = "ends too early";
static const char what_syntax[] = "not valid JSON";

static inline char
token_char(const sb_json_walk *w, uint32_t token)
{
    return w->base[w->tokens[token]];
}

/* 0..9 + - . e E: characters of a number. */
static bool
is_number_shape(const char *p, const char *end)
{
    for (; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if ((unsigned)(c - '0') > 9 && c != '.' && c != '-' && c != '+' && (c | 32) != 'e') {
            return false;
        }
    }
    return true;
}

/* A scalar nobody wants. */
static inline const char *
skip_scalar(sb_json_walk *w)
{
    const char *p = w->base + w->tokens[w->at];
    if (*p != '"') {
        const char *end = sb_json_trim(p, w->base + w->tokens[w->at + 1]);
        size_t size = (size_t)(end - p);
        bool fine = *p == 't'   ? size == 4 && memcmp(p, "true", 4) == 0
                    : *p == 'f' ? size == 5 && memcmp(p, "false", 5) == 0
                    : *p == 'n'
                        ? size == 4 && memcmp(p, "null", 4) == 0
                        : (*p == '-' || (unsigned)(*p - '0') <= 9) && is_number_shape(p, end);
        if (!fine) {
            return what_syntax;
        }
    }
    w->at++;
    return NULL;
}

static const char *skip_container(sb_json_walk *w);

static inline const char *
skip_value(sb_json_walk *w)
{
    char c = token_char(w, w->at);
    return c == '{' || c == '[' ? skip_container(w) : skip_scalar(w);
}

static const char *
skip_container(sb_json_walk *w)
{
    bool object = token_char(w, w->at) == '{';
    char close = object ? '}' : ']';
    const char *wrong = NULL;
    if (++w->depth > SB_JSON_DEPTH_MAX) {
        return what_depth;
    }
    w->at++;
    if (token_char(w, w->at) == close && w->tokens[w->at] < w->line_end) {
        w->at++;
        w->depth--;
        return NULL;
    }
    for (;;) {
        if (w->tokens[w->at] >= w->line_end) {
            return what_end;
        }
        if (object) {
            if (token_char(w, w->at) != '"' || token_char(w, w->at + 1) != ':') {
                return what_syntax;
            }
            w->at += 2;
            if (w->tokens[w->at] >= w->line_end) {
                return what_end;
            }
        }
        wrong = skip_value(w);
        if (wrong) {
            return wrong;
        }
        if (w->tokens[w->at] >= w->line_end) {
            return what_end;
        }
        char c = token_char(w, w->at++);
        if (c == close) {
            w->depth--;
            return NULL;
        }
        if (c != ',') {
            return what_syntax;
        }
    }
}

const char *
sb_json_walk_skip(sb_json_walk *w)
{
    return skip_value(w);
}

/* The wanted field that a key with escapes names. */
static int32_t
find_escaped(const sb_json_walk *w, const sb_json_keys *keys, const char *name, uint32_t size)
{
    char plain[256 + SB_FORMAT_PADDING];
    size_t plain_size;
    if (size > 256 || !sb_json_unescape(name, size, plain, &plain_size)) {
        return -1; /* the longest name wanted could be longer: then it has no escapes to fit */
    }
    return sb_json_find(w->tree, keys, plain, (uint32_t)plain_size);
}

static inline bool
has_escape(const char *name, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        if (name[i] == '\\') {
            return true;
        }
    }
    return false;
}

static const char *walk_row(sb_json_walk *w, int32_t index, int32_t row);

static void
forget(sb_json_tree *tree, int32_t node, int32_t row)
{
    for (int32_t i = node + 1; i < tree->nodes[node].end; i++) {
        tree->nodes[i].slots[row] = SB_JSON_MISSING;
    }
}

/* Node of the key [name, name + size) by the table of names; remembers it as the guess for the
 * next record. */
static __attribute__((noinline)) int32_t
look_up(const sb_json_walk *w, const sb_json_node *row_node, const char *name, uint32_t size,
        uint32_t ordinal)
{
    int32_t found = sb_json_find(w->tree, &row_node->keys, name, size);
    if (found < 0 && has_escape(name, size)) {
        return find_escaped(w, &row_node->keys, name, size);
    }
    if (ordinal < SB_JSON_GUESSES && (found >= 0 || size <= 8)) {
        row_node->guesses[ordinal] = (sb_json_guess){sb_json_name_head(name, size), size, found};
    }
    return found;
}

/* The node of the ordinal-th key of an object, most often as guessed. */
static inline int32_t
find_node(const sb_json_walk *w, const sb_json_node *row_node, uint32_t key, uint32_t colon,
          uint32_t ordinal)
{
    const char *name = w->base + key + 1;
    uint32_t size = colon - key - 2;
    if (ordinal < SB_JSON_GUESSES) {
        const sb_json_guess *guess = &row_node->guesses[ordinal];
        if (size == guess->size && name[size] == '"' &&
            sb_json_name_head(name, size) == guess->head &&
            (size <= 8 || memcmp(name, w->tree->nodes[guess->node].name, size) == 0)) {
            return guess->node;
        }
    }
    const char *name_end = w->base + colon - 1;
    while (*name_end != '"') {
        name_end--; /* blanks before the colon; the opening quote stops it */
    }
    return look_up(w, row_node, name, (uint32_t)(name_end - name), ordinal);
}

/* A value somebody wants, at `at`. */
static const char *
take_wanted(sb_json_walk *w, int32_t found, int32_t row)
{
    sb_json_node *node = &w->tree->nodes[found];
    char c = token_char(w, w->at);
    node->slots[row] = w->at;
    if (node->kind == SB_JSON_ROW) {
        forget(w->tree, found, row);
        if (c == '{') {
            return walk_row(w, found, row);
        }
    }
    if (c == '{' || c == '[') {
        return skip_container(w);
    }
    w->at++; /* the conversion looks at it closely */
    return c == '}' || c == ']' || c == ',' || c == ':' ? what_syntax : NULL;
}

/* The object of a ROW node at `at`. Of equal keys the last counts. */
static const char *
walk_row(sb_json_walk *w, int32_t index, int32_t row)
{
    const sb_json_node *row_node = &w->tree->nodes[index];
    const char *base = w->base;
    const uint32_t *tokens = w->tokens;
    const uint32_t line_end = w->line_end;
    uint32_t at = w->at + 1;
    if (base[tokens[at]] == '}' && tokens[at] < line_end) {
        w->at = at + 1;
        return NULL;
    }
    for (uint32_t ordinal = 0;; ordinal++) {
        uint32_t key = tokens[at], colon = tokens[at + 1], value = tokens[at + 2];
        if (value >= line_end || base[key] != '"' || base[colon] != ':') {
            bool syntax =
                (key < line_end && base[key] != '"') || (colon < line_end && base[colon] != ':');
            return syntax ? what_syntax : what_end;
        }
        int32_t found = find_node(w, row_node, key, colon, ordinal);
        const char *wrong = NULL;
        w->at = at + 2;
        if (found >= 0) {
            wrong = take_wanted(w, found, row);
        } else if (base[value] == '"') {
            w->at++;
        } else {
            wrong = skip_value(w);
        }
        if (__builtin_expect(wrong != NULL, 0)) {
            return wrong;
        }
        at = w->at;
        if (tokens[at] >= line_end) {
            return what_end;
        }
        char c = base[tokens[at++]];
        if (c != ',') {
            w->at = at;
            return c == '}' ? NULL : what_syntax;
        }
    }
}

const char *
sb_json_walk_record(sb_json_walk *w, int32_t row)
{
    if (token_char(w, w->at) != '{') {
        return "not a JSON object";
    }
    w->tree->nodes[0].slots[row] = w->at;
    w->depth = 1;
    const char *wrong = walk_row(w, 0, row);
    if (!wrong && !w->is_first && w->tokens[w->at] < w->line_end) {
        return "something follows the JSON object";
    }
    return wrong;
}

const char *
sb_json_container_end(const char *base, const uint32_t *tokens, uint32_t token)
{
    int32_t depth = 0;
    for (;; token++) { /* the walk has checked that it is closed */
        char c = base[tokens[token]];
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth == 0) {
            return base + tokens[token] + 1;
        }
    }
}
