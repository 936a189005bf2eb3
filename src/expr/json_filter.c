/*
 * expr/json_filter.c -- filters of JSON paths: comparisons of literals and of what stands at places
 * below @ and $, joined by &&, || and !.
 *
 * DESIGN     As Jayway compares: a number takes a text as a number, a text takes a number as text,
 * so the order of the two sides tells; < and > are only of two numbers or two texts. What is not
 * there is unequal to everything, itself too, in a strict path, and null in a lax one. Filters that
 * make Flink fail as it runs (a place alone, lists as literals, in, contains, size, empty) are not
 * supported; an array or object is unequal to everything.
 */
#include "expr/json_path.h"

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

/* Behind a text in quotes; NULL: it does not end. */
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
    return sb_json_keep_quoted(p, from, at, out_begin, out_end) ? at + 1 : NULL;
}

/* .name, .function() */
static const char *
point(sb_json_path *p, sb_json_side *s, const char *at, const char *end)
{
    const char *from = ++at;
    while (at < end && !strchr(".[ =!<>()&|~", *at)) {
        at++;
    }
    if (at < end && *at == '(') {
        sb_str name = {from, (size_t)(at - from)};
        return sb_json_function_compile(name, at, end, &s->function, &s->argument);
    }
    s->place[s->count].by_name = true;
    sb_json_keep(p, from, at, &s->place[s->count].at, &s->place[s->count].end);
    s->count++;
    return at > from ? at : NULL;
}

/* Behind a position, -1 the last one; NULL: there is none. */
static const char *
position(const char *at, const char *end, int32_t *out)
{
    bool negative = at < end && *at == '-';
    int64_t v = 0;
    const char *digits = at += negative;
    for (; at < end && *at >= '0' && *at <= '9' && v <= INT32_MAX; at++) {
        v = v * 10 + (*at - '0');
    }
    *out = (int32_t)(negative ? -v : v);
    return at > digits && v <= INT32_MAX ? at : NULL;
}

/* .name, ['name'], [1] */
static const char *
place_step(sb_json_path *p, sb_json_side *s, const char *at, const char *end)
{
    if (s->count == SB_JSON_PLACE_MAX || s->function >= 0) {
        return NULL;
    }
    if (*at == '.') {
        return point(p, s, at, end);
    }
    at = skip(at + 1, end);
    s->place[s->count].by_name = at < end && (*at == '\'' || *at == '"');
    if (s->place[s->count].by_name) {
        at = quoted(p, at, end, &s->place[s->count].at, &s->place[s->count].end);
    } else {
        at = position(at, end, &s->place[s->count].at);
    }
    s->count++;
    return at ? take(at, end, "]") : NULL;
}

static const char *
literal(sb_json_path *p, sb_json_side *s, const char *at, const char *end)
{
    static const struct {
        const char *word;
        sb_jdoc_kind kind;
    } words[] = {{"null", SB_JSON_NULL}, {"true", SB_JSON_TRUE}, {"false", SB_JSON_FALSE}};

    if (at < end && (*at == '\'' || *at == '"')) {
        s->literal = SB_JSON_STRING;
        return quoted(p, at, end, &s->text, &s->text_end);
    }
    for (int i = 0; i < 3; i++) {
        const char *behind = take(at, end, words[i].word);
        if (behind) {
            s->literal = (uint8_t)words[i].kind;
            return behind;
        }
    }
    const char *from = at;
    sb_json_number number;
    if (at >= end || !(*at == '-' || *at == '.' || (*at >= '0' && *at <= '9'))) {
        return NULL;
    }
    while (at < end && *at && strchr("-.0123456789eE", *at)) {
        at++;
    }
    s->literal = SB_JSON_FLOAT;
    sb_json_keep(p, from, at, &s->text, &s->text_end);
    return sb_json_number_read((sb_str){from, (size_t)(at - from)}, &number) ? at : NULL;
}

/* A literal, or a place: @.a.b, $['c'][0], @.d.length() */
static const char *
side(sb_json_path *p, sb_json_side *s, const char *at, const char *end)
{
    *s = (sb_json_side){.function = -1};
    at = skip(at, end);
    if (at >= end || (*at != '@' && *at != '$')) {
        return literal(p, s, at, end);
    }
    s->kind = *at++ == '@' ? SB_JSON_FROM_ITEM : SB_JSON_FROM_ROOT;
    while (at && at < end && (*at == '.' || *at == '[')) {
        at = place_step(p, s, at, end);
    }
    return at;
}

static bool
compiles(sb_regex *r, sb_str pattern)
{
    sb_error ignored;
    sb_error_clear(&ignored);
    return sb_regex_compile(r, pattern, &ignored) == SB_OK && r->code;
}

/* /y.+/ or /y.+/i, all of a text; NULL: not supported. */
static const char *
regex(sb_json_path *p, sb_json_term *t, const char *at, const char *end)
{
    at = skip(at, end);
    const char *from = at + 1;
    if (at >= end || *at != '/' || p->count_regexes == SB_JSON_REGEXES_MAX) {
        return NULL;
    }
    for (at++; at < end && *at != '/'; at++) {
        at += *at == '\\';
    }
    if (at >= end) {
        return NULL;
    }
    bool any_case = at + 1 < end && at[1] == 'i';
    sb_str pattern = {from, (size_t)(at - from)};
    sb_text text;
    sb_text_init(&text, p->mem);
    sb_text_add(&text, any_case ? "(?i)\\A(?:" : "\\A(?:");
    sb_text_append(&text, pattern.data, pattern.size);
    sb_text_add(&text, memmem(pattern.data, pattern.size, "\\Q", 2) ? "\\E)\\z" : ")\\z");
    sb_regex *r = &p->regexes[p->count_regexes];
    sb_regex_init(r, p->mem);
    t->regex = p->count_regexes++;
    bool ok = !sb_text_failed(&text) && compiles(r, pattern) && /* by itself, too */
              compiles(r, (sb_str){text.data, text.size});
    sb_text_deinit(&text);
    return ok ? at + 1 + any_case : NULL;
}

static int32_t
add_term(sb_json_path *p, sb_json_term_kind kind, int32_t left, int32_t right)
{
    if (p->count_terms == SB_JSON_TERMS_MAX) {
        return -1;
    }
    p->terms[p->count_terms] =
        (sb_json_term){.kind = (uint8_t)kind, .left = left, .right = right, .regex = -1};
    return p->count_terms++;
}

/* @.a.b >= 5 */
static const char *
comparison(sb_json_path *p, const char *at, const char *end, int32_t *out)
{
    static const char *const ops[] = {"===", "!==", "==", "!=", "<=", ">=", "=~", "<", ">"};
    const char *behind = NULL;
    *out = add_term(p, SB_JSON_COMPARE, -1, -1);
    sb_json_term *t = *out >= 0 ? &p->terms[*out] : NULL;
    at = t ? side(p, &t->sides[0], at, end) : NULL;
    for (int i = 0; at && i < 9 && !behind; i++) {
        behind = take(at, end, ops[i]);
        t->op = (uint8_t)i;
    }
    if (!behind) {
        return NULL;
    }
    return t->op == SB_JSON_MATCH ? regex(p, t, behind, end) : side(p, &t->sides[1], behind, end);
}

#define DEEPEST 16 /* of brackets and ! */

static const char *either(sb_json_path *p, const char *at, const char *end, int depth,
                          int32_t *out);

/* A ! in front of a place says nothing. */
static const char *
one(sb_json_path *p, const char *at, const char *end, int depth, int32_t *out)
{
    const char *behind = take(at, end, "!");
    if (depth > DEEPEST) {
        return NULL;
    }
    if (behind && (take(behind, end, "@") || take(behind, end, "$"))) {
        return comparison(p, behind, end, out);
    }
    if (behind) {
        behind = one(p, behind, end, depth + 1, out);
        *out = behind ? add_term(p, SB_JSON_NOT, *out, -1) : -1;
        return *out >= 0 ? behind : NULL;
    }
    behind = take(at, end, "(");
    if (behind) {
        behind = either(p, behind, end, depth + 1, out);
        return behind ? take(behind, end, ")") : NULL;
    }
    return comparison(p, at, end, out);
}

static const char *
both(sb_json_path *p, const char *at, const char *end, int depth, int32_t *out)
{
    at = one(p, at, end, depth, out);
    for (const char *more; at && (more = take(at, end, "&&"));) {
        int32_t left = *out;
        at = one(p, more, end, depth, out);
        *out = at ? add_term(p, SB_JSON_AND, left, *out) : -1;
        at = *out >= 0 ? at : NULL;
    }
    return at;
}

static const char *
either(sb_json_path *p, const char *at, const char *end, int depth, int32_t *out)
{
    at = both(p, at, end, depth, out);
    for (const char *more; at && (more = take(at, end, "||"));) {
        int32_t left = *out;
        at = both(p, more, end, depth, out);
        *out = at ? add_term(p, SB_JSON_OR, left, *out) : -1;
        at = *out >= 0 ? at : NULL;
    }
    return at;
}

const char *
sb_json_filter_compile(sb_json_path *p, sb_json_step *step, const char *at, const char *end)
{
    int32_t term = -1;
    at = take(at, end, "(");
    at = at ? either(p, at, end, 0, &term) : NULL;
    step->at[0] = term;
    return at ? take(at, end, ")") : NULL;
}

/* ---- looking ---- */

typedef sb_json_value value;

static value
value_of(const sb_jdoc_node *n, sb_text *scratch)
{
    switch ((sb_jdoc_kind)n->kind) {
    case SB_JSON_NULL: return (value){.kind = SB_JSON_NOTHING};
    case SB_JSON_TRUE:
    case SB_JSON_FALSE: return (value){.kind = SB_JSON_TRUTH, .truth = n->kind == SB_JSON_TRUE};
    case SB_JSON_INTEGER:
    case SB_JSON_FLOAT:
    case SB_JSON_STRING: break;
    default: return (value){.kind = SB_JSON_OTHER};
    }
    sb_text_clear(scratch);
    sb_jdoc_scalar_text(n, scratch);
    return (value){.kind = n->kind == SB_JSON_STRING ? SB_JSON_TEXT : SB_JSON_NUMBER,
                   .text = {scratch->data, scratch->size}};
}

static int32_t
find_place(const sb_json_path *p, const sb_json_side *s, sb_jdoc *d, int32_t node)
{
    for (int32_t i = 0; i < s->count && node >= 0; i++) {
        bool by_name = s->place[i].by_name;
        if (d->nodes[node].kind != (by_name ? SB_JSON_OBJECT : SB_JSON_ARRAY)) {
            return -1;
        }
        sb_str name = {p->names.data + s->place[i].at, (size_t)(s->place[i].end - s->place[i].at)};
        node = by_name ? sb_jdoc_member(d, node, name) : sb_json_element(d, node, s->place[i].at);
    }
    return node;
}

/* The value that a function gives; what it made goes away again. */
static value
call(sb_json_path *p, const sb_json_side *s, sb_jdoc *d, int32_t node, sb_text *scratch)
{
    value v = {.kind = SB_JSON_ABSENT};
    int32_t read = d->count;
    size_t made = p->made.size;
    node = sb_json_function_call(p, d, s->function, s->argument, node);
    d->failed = d->failed || sb_text_failed(&p->made);
    if (node >= 0 && !d->failed) {
        sb_json_function_settle(p, d, read);
        v = value_of(&d->nodes[node], scratch);
    }
    d->count = read;
    if (!d->failed) {
        p->made.size = made;
    }
    return v;
}

static value
evaluate(sb_json_path *p, const sb_json_side *s, sb_jdoc *d, int32_t item, sb_text *scratch)
{
    if (s->kind == SB_JSON_LITERAL) {
        sb_jdoc_node n = {.kind = s->literal,
                          .text = {p->names.data + s->text, (size_t)(s->text_end - s->text)}};
        return value_of(&n, scratch);
    }
    int32_t node = find_place(p, s, d, s->kind == SB_JSON_FROM_ITEM ? item : 0);
    if (node < 0) {
        return (value){.kind = p->lax ? SB_JSON_NOTHING : SB_JSON_ABSENT};
    }
    return s->function < 0 ? value_of(&d->nodes[node], scratch) : call(p, s, d, node, scratch);
}

/* A side that is the same for all items is evaluated once a look. */
static value
value_for(sb_json_path *p, sb_json_side *s, sb_jdoc *d, int32_t item, sb_text *scratch)
{
    if (s->kind == SB_JSON_FROM_ITEM) {
        return evaluate(p, s, d, item, scratch);
    }
    if (s->look != p->look) {
        s->kept = evaluate(p, s, d, item, scratch);
        s->look = p->look;
        s->kept_at = p->kept.size;
        sb_text_append(&p->kept, s->kept.text.data, s->kept.text.size);
        d->failed = d->failed || sb_text_failed(&p->kept) || sb_text_failed(scratch);
    }
    if (d->failed) {
        return (value){.kind = SB_JSON_ABSENT};
    }
    value v = s->kept;
    v.text.data = p->kept.data + s->kept_at;
    return v;
}

/* False: one of them is no number. */
static bool
compare_numbers(value a, value b, int *out_order)
{
    sb_json_number x, y;
    if (!sb_json_number_read(a.text, &x) || !sb_json_number_read(b.text, &y)) {
        return false;
    }
    *out_order = sb_json_number_compare(&x, &y);
    return true;
}

static bool
are_equal(value a, value b)
{
    int order;
    switch (a.kind) {
    case SB_JSON_NOTHING: return b.kind == SB_JSON_NOTHING;
    case SB_JSON_TRUTH: return b.kind == SB_JSON_TRUTH && a.truth == b.truth;
    case SB_JSON_NUMBER:
        return (b.kind == SB_JSON_NUMBER || b.kind == SB_JSON_TEXT) &&
               compare_numbers(a, b, &order) && order == 0;
    case SB_JSON_TEXT:
        return (b.kind == SB_JSON_NUMBER || b.kind == SB_JSON_TEXT) && sb_str_equal(a.text, b.text);
    default: return false;
    }
}

static bool
is_ordered(sb_json_compare op, value a, value b)
{
    int order;
    if (a.kind == SB_JSON_TEXT && b.kind == SB_JSON_TEXT) {
        order = sb_jdoc_order(a.text, b.text);
    } else if (a.kind != SB_JSON_NUMBER || b.kind != SB_JSON_NUMBER ||
               !compare_numbers(a, b, &order)) {
        return false;
    }
    return op == SB_JSON_LT   ? order < 0
           : op == SB_JSON_LE ? order <= 0
           : op == SB_JSON_GT ? order > 0
                              : order >= 0;
}

static bool
matches(sb_json_path *p, const sb_json_term *t, sb_jdoc *d, value v)
{
    int groups = 0;
    sb_error ignored;
    sb_error_clear(&ignored);
    sb_str text = v.kind == SB_JSON_TEXT || v.kind == SB_JSON_NUMBER ? v.text
                  : v.kind != SB_JSON_TRUTH                          ? (sb_str){"", 0}
                  : v.truth                                          ? SB_STR("true")
                                                                     : SB_STR("false");
    sb_status status =
        sb_regex_find(&p->regexes[t->regex], "a JSON path", text, 0, &groups, &ignored);
    d->failed = d->failed || status == SB_STATUS_NOMEM;
    p->failed = p->failed || status != SB_OK;
    return groups > 0;
}

static bool
term_holds(sb_json_path *p, int32_t term, sb_jdoc *d, int32_t node)
{
    sb_json_term *t = &p->terms[term];
    switch ((sb_json_term_kind)t->kind) {
    case SB_JSON_AND: return term_holds(p, t->left, d, node) && term_holds(p, t->right, d, node);
    case SB_JSON_OR: return term_holds(p, t->left, d, node) || term_holds(p, t->right, d, node);
    case SB_JSON_NOT: return !term_holds(p, t->left, d, node);
    case SB_JSON_COMPARE: break;
    }
    value a = value_for(p, &t->sides[0], d, node, &p->side[0]);
    if (t->op == SB_JSON_MATCH) {
        return matches(p, t, d, a);
    }
    value b = value_for(p, &t->sides[1], d, node, &p->side[1]);
    d->failed = d->failed || sb_text_failed(&p->side[0]) || sb_text_failed(&p->side[1]);
    switch ((sb_json_compare)t->op) {
    case SB_JSON_EQ: return are_equal(a, b);
    case SB_JSON_NE: return !are_equal(a, b);
    case SB_JSON_SAME: return a.kind == b.kind && are_equal(a, b);
    case SB_JSON_NOT_SAME: return !(a.kind == b.kind && are_equal(a, b));
    default: return is_ordered((sb_json_compare)t->op, a, b);
    }
}

bool
sb_json_filter_holds(sb_json_path *p, const sb_json_step *step, sb_jdoc *d, int32_t node)
{
    return term_holds(p, step->at[0], d, node);
}
