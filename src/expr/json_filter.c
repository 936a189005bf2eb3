/*
 * expr/json_filter.c -- filters of JSON paths: comparisons of what stands at a place with a
 * literal, joined by && and ||.
 *
 * DESIGN     As Jayway compares: numbers with numbers by value, a text with a number when it reads
 *            as
 * it, others only with their kind; what is not there is unequal to everything.
 */
#include "expr/json_path.h"

#include <stdlib.h>
#include <string.h>

/* ---- compiling ---- */

static const char *
skip(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    return at;
}

/* Behind a word, which must stand here; NULL: it does not. */
static const char *
take(const char *at, const char *end, const char *word)
{
    size_t n = strlen(word);
    at = skip(at, end);
    return (size_t)(end - at) >= n && memcmp(at, word, n) == 0 ? at + n : NULL;
}

static void
keep(sb_json_path *p, const char *from, const char *to, int32_t *out_begin, int32_t *out_end)
{
    *out_begin = (int32_t)p->names.size;
    for (; from < to; from++) {
        from += *from == '\\' && from + 1 < to;
        sb_text_char(&p->names, *from);
    }
    *out_end = (int32_t)p->names.size;
}

/* A text in quotes; NULL: it does not end. */
static const char *
quoted(sb_json_path *p, const char *at, const char *end, int32_t *out_begin, int32_t *out_end)
{
    char quote = *at++;
    const char *from = at;
    while (at < end && *at != quote) {
        at += *at == '\\' ? 2 : 1;
    }
    if (at >= end) {
        return NULL;
    }
    keep(p, from, at, out_begin, out_end);
    return at + 1;
}

/* .name, ['name'], [1] */
static const char *
place_step(sb_json_path *p, sb_json_term *t, const char *at, const char *end)
{
    if (t->count == SB_JSON_PLACE_MAX) {
        return NULL;
    }
    t->place[t->count].by_name = true;
    if (*at == '.') {
        const char *from = ++at;
        while (at < end && !strchr(".[ =!<>()&|~", *at)) {
            at++;
        }
        keep(p, from, at, &t->place[t->count].at, &t->place[t->count].end);
        t->count++;
        return at > from ? at : NULL;
    }
    at = skip(at + 1, end);
    if (at < end && (*at == '\'' || *at == '"')) {
        at = quoted(p, at, end, &t->place[t->count].at, &t->place[t->count].end);
    } else {
        char *behind;
        long v = strtol(at, &behind, 10);
        if (behind == at || behind > end || v > INT32_MAX || v < -INT32_MAX) {
            return NULL;
        }
        t->place[t->count].by_name = false;
        t->place[t->count].at = (int32_t)v;
        at = behind;
    }
    t->count++;
    return at ? take(at, end, "]") : NULL;
}

static const char *
literal(sb_json_path *p, sb_json_term *t, const char *at, const char *end)
{
    static const struct {
        const char *word;
        sb_jdoc_kind kind;
    } words[] = {{"null", SB_JSON_NULL}, {"true", SB_JSON_TRUE}, {"false", SB_JSON_FALSE}};

    at = skip(at, end);
    if (at < end && (*at == '\'' || *at == '"')) {
        t->literal = SB_JSON_STRING;
        return quoted(p, at, end, &t->text, &t->text_end);
    }
    for (int i = 0; i < 3; i++) {
        const char *behind = take(at, end, words[i].word);
        if (behind) {
            t->literal = (uint8_t)words[i].kind;
            return behind;
        }
    }
    const char *from = at;
    while (at < end && *at && strchr("+-.0123456789eE", *at)) {
        at++;
    }
    t->literal = SB_JSON_FLOAT;
    keep(p, from, at, &t->text, &t->text_end);
    return at > from ? at : NULL;
}

/* @.a.b >= 5 */
static const char *
term(sb_json_path *p, sb_json_term *t, const char *at, const char *end)
{
    static const char *const ops[] = {"==", "!=", "<=", ">=", "<", ">"};
    const char *behind = NULL;
    at = take(at, end, "@");
    while (at && at < end && (*at == '.' || *at == '[')) {
        at = place_step(p, t, at, end);
    }
    for (int i = 0; at && i < 6 && !behind; i++) {
        behind = take(at, end, ops[i]);
        t->op = (uint8_t)i;
    }
    return behind ? literal(p, t, behind, end) : NULL;
}

const char *
sb_json_filter_compile(sb_json_path *p, sb_json_step *step, const char *at, const char *end)
{
    bool starts_group = true;
    step->at[0] = p->count_terms;
    at = take(at, end, "(");
    while (at && p->count_terms < SB_JSON_TERMS_MAX) {
        sb_json_term *t = &p->terms[p->count_terms++];
        *t = (sb_json_term){.starts_group = starts_group};
        step->count++;
        at = term(p, t, at, end);
        if (!at) {
            return NULL;
        }
        const char *and_or = take(at, end, "&&");
        starts_group = !and_or;
        and_or = and_or ? and_or : take(at, end, "||");
        if (!and_or) {
            return take(at, end, ")");
        }
        at = and_or;
    }
    return NULL;
}

/* ---- looking ---- */

static int32_t
find_place(const sb_json_path *p, const sb_json_term *t, sb_jdoc *d, int32_t node)
{
    for (int32_t i = 0; i < t->count && node >= 0; i++) {
        bool by_name = t->place[i].by_name;
        if (d->nodes[node].kind != (by_name ? SB_JSON_OBJECT : SB_JSON_ARRAY)) {
            return -1;
        }
        sb_str name = {p->names.data + t->place[i].at, (size_t)(t->place[i].end - t->place[i].at)};
        node = by_name ? sb_jdoc_member(d, node, name) : sb_json_element(d, node, t->place[i].at);
    }
    return node;
}

static bool
number_of(sb_str s, double *out)
{
    char buffer[64], *end;
    if (s.size == 0 || s.size >= sizeof buffer || strchr("+-.0123456789", s.data[0]) == NULL) {
        return false;
    }
    memcpy(buffer, s.data, s.size);
    buffer[s.size] = 0;
    *out = strtod(buffer, &end);
    return end == buffer + s.size;
}

static bool
decide(sb_json_compare op, int order)
{
    switch (op) {
    case SB_JSON_EQ: return order == 0;
    case SB_JSON_NE: return order != 0;
    case SB_JSON_LE: return order <= 0;
    case SB_JSON_GE: return order >= 0;
    case SB_JSON_LT: return order < 0;
    default: return order > 0;
    }
}

static bool
term_holds(const sb_json_path *p, const sb_json_term *t, sb_jdoc *d, int32_t node)
{
    int32_t at = find_place(p, t, d, node);
    sb_json_compare op = (sb_json_compare)t->op;
    const sb_jdoc_node *n = at >= 0 ? &d->nodes[at] : NULL;
    sb_str text = {p->names.data + t->text, (size_t)(t->text_end - t->text)};
    double x, y;
    if (!n || !sb_jdoc_is_scalar(n)) {
        return op == SB_JSON_NE;
    }
    bool number = n->kind == SB_JSON_INTEGER || n->kind == SB_JSON_FLOAT;
    bool mixed = number ? t->literal == SB_JSON_STRING
                        : n->kind == SB_JSON_STRING && t->literal == SB_JSON_FLOAT;
    if ((number && t->literal == SB_JSON_FLOAT) || (mixed && op <= SB_JSON_NE)) {
        bool both = number_of(n->text, &x) && number_of(text, &y);
        return both ? decide(op, (x > y) - (x < y)) : op == SB_JSON_NE;
    }
    if (n->kind == SB_JSON_STRING && t->literal == SB_JSON_STRING) {
        sb_text_clear(&d->other);
        sb_jdoc_scalar_text(n, &d->other);
        size_t size = d->other.size < text.size ? d->other.size : text.size;
        int order = size ? memcmp(d->other.data, text.data, size) : 0;
        order = order ? order : (d->other.size > text.size) - (d->other.size < text.size);
        return decide(op, order);
    }
    bool same = n->kind == t->literal;
    return op == SB_JSON_EQ ? same : op == SB_JSON_NE && !same;
}

bool
sb_json_filter_holds(const sb_json_path *p, const sb_json_step *step, sb_jdoc *d, int32_t node)
{
    bool group = false;
    for (int32_t i = 0; i < step->count; i++) {
        const sb_json_term *t = &p->terms[step->at[0] + i];
        if (t->starts_group) {
            if (i > 0 && group) {
                return true;
            }
            group = true;
        }
        group = group && term_holds(p, t, d, node);
    }
    return group;
}
