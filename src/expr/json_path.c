/*
 * expr/json_path.c -- see json_path.h.
 */
#include "expr/json_path.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
sb_json_path_init(sb_json_path *p, sb_mem *mem)
{
    p->mem = mem;
    sb_text_init(&p->text, mem);
    sb_text_init(&p->names, mem);
}

void
sb_json_path_deinit(sb_json_path *p)
{
    sb_text_deinit(&p->text);
    sb_text_deinit(&p->names);
    sb_free(p->mem, p->found, sizeof *p->found * (size_t)p->capacity_found);
}

/* ---- compiling ---- */

typedef struct cursor {
    const char *at, *end;
} cursor;

static void
skip(cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n')) {
        c->at++;
    }
}

static bool
take(cursor *c, char wanted)
{
    skip(c);
    if (c->at >= c->end || *c->at != wanted) {
        return false;
    }
    c->at++;
    return true;
}

static sb_json_step *
add_step(sb_json_path *p, sb_json_step_kind kind)
{
    if (p->count == SB_JSON_STEPS_MAX) {
        p->unsupported = true;
        return NULL;
    }
    p->definite = p->definite && kind == SB_JSON_STEP_NAME;
    p->steps[p->count] = (sb_json_step){.kind = (uint8_t)kind};
    return &p->steps[p->count++];
}

static bool
add_name(sb_json_path *p, const char *from, const char *to)
{
    sb_json_step *step = add_step(p, SB_JSON_STEP_NAME);
    if (!step) {
        return false;
    }
    step->name = (int32_t)p->names.size;
    for (; from < to; from++) {
        from += *from == '\\' && from + 1 < to;
        sb_text_char(&p->names, *from);
    }
    step->name_end = (int32_t)p->names.size;
    return true;
}

static bool
number(cursor *c, int32_t *out)
{
    char *end;
    skip(c);
    if (c->at >= c->end || !(*c->at == '-' || (*c->at >= '0' && *c->at <= '9'))) {
        return false;
    }
    long v = strtol(c->at, &end, 10);
    if (end == c->at || end > c->end || v > INT32_MAX || v < -INT32_MAX) {
        return false;
    }
    *out = (int32_t)v;
    c->at = end;
    return true;
}

/* 1, 1,2, 1:2, :2, 1: behind an opening bracket */
static bool
positions(sb_json_path *p, cursor *c)
{
    bool definite = p->definite;
    sb_json_step *step = add_step(p, SB_JSON_STEP_POSITIONS);
    int32_t v = 0;
    if (!step) {
        return false;
    }
    bool has = number(c, &v);
    if (take(c, ':')) {
        step->kind = SB_JSON_STEP_RANGE;
        step->has_from = has;
        step->at[0] = v;
        step->has_to = number(c, &step->at[1]);
        return (step->has_from || step->has_to) && take(c, ']');
    }
    for (; has && step->count < SB_JSON_POSITIONS_MAX; has = number(c, &v)) {
        step->at[step->count++] = v;
        if (!take(c, ',')) {
            p->definite = definite && step->count == 1;
            return take(c, ']');
        }
    }
    return false;
}

static bool
bracket(sb_json_path *p, cursor *c)
{
    skip(c);
    if (take(c, '*')) {
        return add_step(p, SB_JSON_STEP_ALL) && take(c, ']');
    }
    if (take(c, '?')) {
        sb_json_step *filter = add_step(p, SB_JSON_STEP_FILTER);
        const char *end = filter ? sb_json_filter_compile(p, filter, c->at, c->end) : NULL;
        p->unsupported = p->unsupported || !end;
        c->at = end ? end : c->at;
        return end && take(c, ']');
    }
    if (c->at < c->end && (*c->at == '\'' || *c->at == '"')) {
        char quote = *c->at++;
        const char *from = c->at;
        while (c->at < c->end && *c->at != quote) {
            c->at += *c->at == '\\' ? 2 : 1;
        }
        if (c->at >= c->end || !add_name(p, from, c->at)) {
            return false;
        }
        c->at++;
        skip(c);
        p->unsupported = p->unsupported || (c->at < c->end && *c->at == ',');
        return take(c, ']');
    }
    return positions(p, c);
}

/* A name behind a point: up to the next step. */
static bool
plain_name(sb_json_path *p, cursor *c)
{
    const char *from = c->at;
    while (c->at < c->end && !strchr(".[ (", *c->at)) {
        c->at++;
    }
    if (c->at < c->end && *c->at == '(') {
        p->unsupported = true;
        return false;
    }
    return c->at > from && add_name(p, from, c->at);
}

static bool
step(sb_json_path *p, cursor *c)
{
    if (*c->at == '[') {
        c->at++;
        return bracket(p, c);
    }
    if (*c->at != '.') {
        return false;
    }
    c->at++;
    if (c->at < c->end && *c->at == '.') {
        c->at++;
        if (!add_step(p, SB_JSON_STEP_DEEP)) {
            return false;
        }
        if (c->at < c->end && *c->at == '[') {
            c->at++;
            return bracket(p, c);
        }
    }
    if (c->at >= c->end) {
        return false;
    }
    if (*c->at == '[') { /* $.['a b'] */
        c->at++;
        return bracket(p, c);
    }
    if (*c->at == '*') {
        c->at++;
        return add_step(p, SB_JSON_STEP_ALL);
    }
    return plain_name(p, c);
}

/* "lax " or "strict " in front */
static bool
mode(cursor *c, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(c->end - c->at) <= n || strncasecmp(c->at, word, n) != 0 ||
        !(c->at[n] == ' ' || c->at[n] == '\t' || c->at[n] == '\n')) {
        return false;
    }
    c->at += n;
    return true;
}

static void
compile(sb_json_path *p)
{
    cursor c = {p->text.data, p->text.data + p->text.size};
    p->count = p->count_terms = 0;
    p->broken = p->unsupported = p->lax = false;
    p->definite = true;
    sb_text_clear(&p->names);
    skip(&c);
    p->lax = mode(&c, "lax");
    if (!p->lax) {
        (void)mode(&c, "strict");
    }
    skip(&c);
    while (c.end > c.at && c.end[-1] == ' ') {
        c.end--;
    }
    p->broken = c.at >= c.end;
    if (c.at < c.end && *c.at == '$') {
        c.at++;
    } else if (c.at < c.end && *c.at != '[') { /* a name alone: $.name */
        p->broken = !plain_name(p, &c);
    }
    while (!p->broken && c.at < c.end) {
        p->broken = !step(p, &c);
    }
}

sb_status
sb_json_path_compile(sb_json_path *p, sb_str text, sb_error *err)
{
    if (p->compiled && sb_str_equal((sb_str){p->text.data, p->text.size}, text)) {
        return SB_OK;
    }
    sb_text_clear(&p->text);
    sb_text_append(&p->text, text.data, text.size);
    if (!sb_text_failed(&p->text)) {
        compile(p);
    }
    if (sb_text_failed(&p->text) || sb_text_failed(&p->names)) {
        SB_NOMEM(err);
    }
    p->compiled = true;
    return SB_OK;
}

/* ---- finding ---- */

typedef struct finder {
    sb_json_path *p;
    sb_jdoc *d;
} finder;

static void visit(finder *f, int32_t at, int32_t node, bool definite);

static void
add_found(finder *f, int32_t node)
{
    sb_json_path *p = f->p;
    if (p->count_found == p->capacity_found) {
        int32_t more = p->capacity_found ? p->capacity_found * 2 : 16;
        int32_t *bigger = sb_realloc(p->mem, p->found, sizeof *bigger * (size_t)p->capacity_found,
                                     sizeof *bigger * (size_t)more);
        if (!bigger) {
            f->d->failed = true;
            return;
        }
        p->found = bigger;
        p->capacity_found = more;
    }
    p->found[p->count_found++] = node;
}

int32_t
sb_json_element(const sb_jdoc *d, int32_t array, int32_t at)
{
    int32_t count = d->nodes[array].count;
    at = at < 0 ? count + at : at;
    if (at < 0 || at >= count) {
        return -1;
    }
    int32_t node = d->nodes[array].first;
    while (at-- > 0) {
        node = d->nodes[node].next;
    }
    return node;
}

/* A place that is not there: an error of a strict path, unless what leads there may be many. */
static void
missing(finder *f, bool definite)
{
    f->p->missing = f->p->missing || (definite && !f->p->lax);
}

static void
visit_name(finder *f, int32_t at, int32_t node, bool definite)
{
    const sb_json_step *s = &f->p->steps[at];
    if (f->d->nodes[node].kind != SB_JSON_OBJECT) {
        missing(f, definite);
        return;
    }
    sb_str name = {f->p->names.data + s->name, (size_t)(s->name_end - s->name)};
    int32_t member = sb_jdoc_member(f->d, node, name);
    if (member >= 0) {
        visit(f, at + 1, member, definite);
    } else {
        missing(f, definite);
    }
}

static void
visit_array(finder *f, int32_t at, int32_t node, bool definite)
{
    const sb_json_step *s = &f->p->steps[at];
    if (f->d->nodes[node].kind != SB_JSON_ARRAY) {
        missing(f, definite);
        return;
    }
    if (s->kind == SB_JSON_STEP_POSITIONS) {
        for (int32_t i = 0; i < s->count; i++) {
            int32_t found = sb_json_element(f->d, node, s->at[i]);
            if (found >= 0) {
                visit(f, at + 1, found, definite && s->count == 1);
            }
        }
        return;
    }
    int64_t count = f->d->nodes[node].count;
    int64_t from = !s->has_from ? 0 : s->at[0] < 0 ? count + s->at[0] : s->at[0];
    int64_t to = !s->has_to ? count : s->at[1] < 0 ? count + s->at[1] : s->at[1];
    for (int64_t i = from < 0 ? 0 : from; i < to && i < count; i++) {
        visit(f, at + 1, sb_json_element(f->d, node, (int32_t)i), false);
    }
}

/* The elements of an array that pass, or an object that does. */
static void
visit_filter(finder *f, int32_t at, int32_t node, bool definite)
{
    const sb_json_step *s = &f->p->steps[at];
    const sb_jdoc_node *n = &f->d->nodes[node];
    if (sb_jdoc_is_scalar(n)) {
        missing(f, definite);
        f->p->nothing = f->p->nothing || (definite && f->p->lax);
        return;
    }
    if (n->kind == SB_JSON_OBJECT) {
        if (sb_json_filter_holds(f->p, s, f->d, node)) {
            visit(f, at + 1, node, false);
        }
        return;
    }
    for (int32_t i = n->first; i >= 0; i = f->d->nodes[i].next) {
        if (sb_json_filter_holds(f->p, s, f->d, i)) {
            visit(f, at + 1, i, false);
        }
    }
}

/* .. : the step behind it at every place below. */
static void
visit_deep(finder *f, int32_t at, int32_t node)
{
    const sb_jdoc_node *n = &f->d->nodes[node];
    const sb_json_step *next = at + 1 < f->p->count ? &f->p->steps[at + 1] : NULL;
    bool array_step =
        next && (next->kind == SB_JSON_STEP_POSITIONS || next->kind == SB_JSON_STEP_RANGE);
    if (n->kind == (array_step ? SB_JSON_ARRAY : SB_JSON_OBJECT) ||
        (next && next->kind == SB_JSON_STEP_ALL && !sb_jdoc_is_scalar(n))) {
        visit(f, at + 1, node, false);
    }
    for (int32_t i = n->first; i >= 0; i = f->d->nodes[i].next) {
        visit_deep(f, at, i);
    }
}

static void
visit(finder *f, int32_t at, int32_t node, bool definite)
{
    if (f->p->missing || f->d->failed) {
        return;
    }
    if (at == f->p->count) {
        add_found(f, node);
        return;
    }
    switch ((sb_json_step_kind)f->p->steps[at].kind) {
    case SB_JSON_STEP_NAME: visit_name(f, at, node, definite); break;
    case SB_JSON_STEP_POSITIONS:
    case SB_JSON_STEP_RANGE: visit_array(f, at, node, definite); break;
    case SB_JSON_STEP_ALL:
        for (int32_t i = f->d->nodes[node].first; i >= 0; i = f->d->nodes[i].next) {
            visit(f, at + 1, i, false);
        }
        break;
    case SB_JSON_STEP_DEEP: visit_deep(f, at, node); break;
    case SB_JSON_STEP_FILTER: visit_filter(f, at, node, definite); break;
    }
}

bool
sb_json_path_find(sb_json_path *p, sb_jdoc *d)
{
    finder f = {.p = p, .d = d};
    p->count_found = 0;
    p->missing = p->nothing = false;
    visit(&f, 0, 0, true);
    if (p->definite && p->count_found == 0) {
        missing(&f, true);
    }
    return !p->missing;
}
