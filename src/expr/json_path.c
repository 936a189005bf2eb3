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
    sb_text_init(&p->made, mem);
    sb_text_init(&p->side[0], mem);
    sb_text_init(&p->side[1], mem);
    sb_text_init(&p->kept, mem);
}

static void
drop_regexes(sb_json_path *p)
{
    for (; p->count_regexes > 0; p->count_regexes--) {
        sb_regex_deinit(&p->regexes[p->count_regexes - 1]);
    }
}

void
sb_json_path_deinit(sb_json_path *p)
{
    sb_text_deinit(&p->text);
    sb_text_deinit(&p->names);
    sb_text_deinit(&p->made);
    sb_text_deinit(&p->side[0]);
    sb_text_deinit(&p->side[1]);
    sb_text_deinit(&p->kept);
    drop_regexes(p);
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

void
sb_json_keep(sb_json_path *p, const char *from, const char *to, int32_t *out_begin,
             int32_t *out_end)
{
    *out_begin = (int32_t)p->names.size;
    sb_text_append(&p->names, from, (size_t)(to - from));
    *out_end = (int32_t)p->names.size;
}

bool
sb_json_keep_quoted(sb_json_path *p, const char *from, const char *to, int32_t *out_begin,
                    int32_t *out_end)
{
    static const char letters[] = "nrtbf", controls[] = "\n\r\t\b\f";
    *out_begin = (int32_t)p->names.size;
    while (from && from < to) {
        if (*from != '\\' || from + 1 == to) {
            sb_text_char(&p->names, *from++);
            continue;
        }
        const char *letter = from[1] ? strchr(letters, from[1]) : NULL;
        if (from[1] == 'u') {
            from = sb_jdoc_put_unit(&p->names, from + 2, to);
            continue;
        }
        sb_text_char(&p->names, letter ? controls[letter - letters] : from[1]);
        from += 2;
    }
    *out_end = (int32_t)p->names.size;
    return from != NULL;
}

static bool
add_name(sb_json_path *p, const char *from, const char *to)
{
    sb_json_step *step = add_step(p, SB_JSON_STEP_NAME);
    if (step) {
        sb_json_keep(p, from, to, &step->name, &step->name_end);
    }
    return step != NULL;
}

static bool
add_quoted_name(sb_json_path *p, const char *from, const char *to)
{
    sb_json_step *step = add_step(p, SB_JSON_STEP_NAME);
    return step && sb_json_keep_quoted(p, from, to, &step->name, &step->name_end);
}

/* One more name of ['a','b']. */
static bool
add_to_names(sb_json_path *p, const char *from, const char *to)
{
    sb_json_step *step = &p->steps[p->count - 1];
    if (step->kind == SB_JSON_STEP_NAME) {
        step->kind = SB_JSON_STEP_NAMES;
        p->definite = false; /* unless it is the last step */
        step->count = 1;
        step->at[0] = step->name;
        step->at[1] = step->name_end;
    }
    if (2 * step->count == SB_JSON_POSITIONS_MAX) {
        p->unsupported = true;
        return false;
    }
    int32_t *at = &step->at[2 * step->count++];
    return sb_json_keep_quoted(p, from, to, at, at + 1);
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
        if (take(c, ':')) { /* Jayway reads on, but takes no third part */
            while (c->at < c->end && *c->at && strchr("0123456789-:", *c->at)) {
                c->at++;
            }
        }
        return (step->has_from || step->has_to) && take(c, ']');
    }
    for (; has && step->count < SB_JSON_POSITIONS_MAX; has = number(c, &v)) {
        step->at[step->count++] = v;
        if (!take(c, ',')) {
            p->definite = definite && step->count == 1;
            return take(c, ']');
        }
    }
    p->unsupported = p->unsupported || (has && step->count == SB_JSON_POSITIONS_MAX);
    return false;
}

/* 'a', or 'a','b': up to the closing bracket */
static bool
quoted_names(sb_json_path *p, cursor *c)
{
    bool first = true;
    do {
        skip(c);
        if (c->at >= c->end || (*c->at != '\'' && *c->at != '"')) {
            return false;
        }
        char quote = *c->at++;
        const char *from = c->at;
        while (c->at < c->end && *c->at != quote) {
            c->at += *c->at == '\\' ? 2 : 1;
        }
        if (c->at >= c->end ||
            !(first ? add_quoted_name(p, from, c->at) : add_to_names(p, from, c->at))) {
            return false;
        }
        c->at++;
        first = false;
    } while (take(c, ','));
    return take(c, ']');
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
    return c->at < c->end && (*c->at == '\'' || *c->at == '"') ? quoted_names(p, c)
                                                               : positions(p, c);
}

/* A function, whose name begins at `from`; nothing may follow, and no .. stand in front. */
static bool
function(sb_json_path *p, cursor *c, const char *from)
{
    sb_str name = {from, (size_t)(c->at - from)};
    bool definite = p->definite;
    sb_json_step *step = add_step(p, SB_JSON_STEP_FUNCTION);
    const char *behind =
        step ? sb_json_function_compile(name, c->at, c->end, &step->at[0], &step->at[1]) : NULL;
    for (int32_t i = 0; i < p->count; i++) {
        p->unsupported = p->unsupported || p->steps[i].kind == SB_JSON_STEP_DEEP;
    }
    p->definite = definite;
    p->unsupported = p->unsupported || behind != c->end;
    c->at = c->end;
    return !p->unsupported;
}

/* A name behind a point: up to the next step. */
static bool
plain_name(sb_json_path *p, cursor *c)
{
    const char *from = c->at;
    while (c->at < c->end && !strchr(".[ (", *c->at)) {
        c->at++;
    }
    return c->at < c->end && *c->at == '(' ? function(p, c, from)
                                           : c->at > from && add_name(p, from, c->at);
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

/* Several names at the end make one object, elsewhere they are many places. */
static void
settle_names(sb_json_path *p)
{
    const sb_json_step *last = p->count > 0 ? &p->steps[p->count - 1] : NULL;
    if (!last || last->kind != SB_JSON_STEP_NAMES) {
        return;
    }
    p->definite = true;
    for (int32_t i = 0; i + 1 < p->count; i++) {
        const sb_json_step *s = &p->steps[i];
        p->definite = p->definite && (s->kind == SB_JSON_STEP_NAME ||
                                      (s->kind == SB_JSON_STEP_POSITIONS && s->count == 1));
    }
}

static void
compile(sb_json_path *p)
{
    cursor c = {p->text.data, p->text.data + p->text.size};
    p->count = p->count_terms = 0;
    p->broken = p->unsupported = p->lax = false;
    p->definite = true;
    drop_regexes(p);
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
    if (c.at < c.end && (*c.at == '$' || *c.at == '@')) {
        c.at++;
    } else if (c.at < c.end && *c.at != '[') { /* a name alone: $.name */
        p->broken = !plain_name(p, &c);
    }
    while (!p->broken && c.at < c.end) {
        p->broken = !step(p, &c);
    }
    settle_names(p);
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
        int32_t more = !p->capacity_found                  ? 16
                       : p->capacity_found > INT32_MAX / 2 ? -1
                                                           : p->capacity_found * 2;
        int32_t *bigger =
            more < 0 ? NULL
                     : sb_realloc(p->mem, p->found, sizeof *bigger * (size_t)p->capacity_found,
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

static int32_t
named(finder *f, int32_t at, int32_t i, int32_t node)
{
    const sb_json_step *s = &f->p->steps[at];
    sb_str name = {f->p->names.data + s->at[2 * i], (size_t)(s->at[2 * i + 1] - s->at[2 * i])};
    return sb_jdoc_member(f->d, node, name);
}

/* An object of those members that are there; -1: out of memory. */
static int32_t
merged(finder *f, int32_t at, int32_t node)
{
    int32_t object = sb_jdoc_add(f->d, SB_JSON_OBJECT), last = -1;
    for (int32_t i = 0; object >= 0 && i < f->p->steps[at].count; i++) {
        int32_t member = named(f, at, i, node);
        int32_t copy = member >= 0 ? sb_jdoc_add(f->d, SB_JSON_NULL) : -1;
        if (copy < 0) {
            continue;
        }
        sb_jdoc_node *nodes = f->d->nodes;
        nodes[copy] = nodes[member];
        nodes[copy].next = -1;
        *(last < 0 ? &nodes[object].first : &nodes[last].next) = copy;
        nodes[object].count++;
        last = copy;
    }
    return f->d->failed ? -1 : object;
}

static void
visit_names(finder *f, int32_t at, int32_t node, bool definite)
{
    if (f->d->nodes[node].kind != SB_JSON_OBJECT) {
        missing(f, definite);
        return;
    }
    if (at + 1 == f->p->count) {
        int32_t object = merged(f, at, node);
        if (object >= 0) {
            add_found(f, object);
        }
        return;
    }
    for (int32_t i = 0; i < f->p->steps[at].count; i++) {
        int32_t member = named(f, at, i, node);
        if (member >= 0) {
            visit(f, at + 1, member, false);
        }
    }
}

/* With both bounds a range counts from the one to the other, through 0 when the first is below it;
 * with one of them it ends at the array's. */
static void
visit_range(finder *f, int32_t at, int32_t node)
{
    const sb_json_step *s = &f->p->steps[at];
    const sb_jdoc *d = f->d;
    int64_t count = d->nodes[node].count, from = s->at[0], to = s->has_to ? s->at[1] : count;
    if (s->has_from && s->has_to) {
        from = from < -count ? -count : from;
    } else {
        from = !s->has_from ? 0 : from < 0 ? count + from : from;
        from = from < 0 ? 0 : from;
        to = to < 0 ? count + to : to;
    }
    to = to > count ? count : to;
    int32_t child = -1;
    for (int64_t i = from; i < to; i++) {
        bool seek = i == from || i == 0;
        child = seek ? sb_json_element(d, node, (int32_t)i) : d->nodes[child].next;
        visit(f, at + 1, child, false);
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
    if (s->kind == SB_JSON_STEP_RANGE) {
        visit_range(f, at, node);
        return;
    }
    for (int32_t i = 0; i < s->count; i++) {
        int32_t found = sb_json_element(f->d, node, s->at[i]);
        if (found >= 0) {
            visit(f, at + 1, found, definite && s->count == 1);
        }
    }
}

/* The elements of an array that pass, or an object that does. */
static void
visit_filter(finder *f, int32_t at, int32_t node, bool definite)
{
    const sb_json_step *s = &f->p->steps[at];
    const sb_jdoc_node n = f->d->nodes[node]; /* a copy: nodes may be made, and move */
    if (sb_jdoc_is_scalar(&n)) {
        f->p->failed = f->p->failed || definite;
        return;
    }
    if (n.kind == SB_JSON_OBJECT) {
        if (sb_json_filter_holds(f->p, s, f->d, node)) {
            visit(f, at + 1, node, false);
        }
        return;
    }
    for (int32_t i = n.first; i >= 0; i = f->d->nodes[i].next) {
        if (sb_json_filter_holds(f->p, s, f->d, i)) {
            visit(f, at + 1, i, false);
        }
    }
}

/* Does the step behind .. look at this node? Several names at the end: if it has all of them; a
 * filter there: at an array that passes it. */
static bool
deep_fits(finder *f, int32_t at, int32_t node)
{
    uint8_t kind = f->d->nodes[node].kind;
    const sb_json_step *next = at < f->p->count ? &f->p->steps[at] : NULL;
    if (next && (next->kind == SB_JSON_STEP_POSITIONS || next->kind == SB_JSON_STEP_RANGE)) {
        return kind == SB_JSON_ARRAY;
    }
    if (next && next->kind == SB_JSON_STEP_FILTER && kind == SB_JSON_ARRAY &&
        at + 1 == f->p->count) {
        return sb_json_filter_holds(f->p, next, f->d, node);
    }
    if (kind != SB_JSON_OBJECT) {
        return next && next->kind == SB_JSON_STEP_ALL && kind == SB_JSON_ARRAY;
    }
    bool all = true;
    if (next && next->kind == SB_JSON_STEP_NAMES && at + 1 == f->p->count) {
        for (int32_t i = 0; all && i < next->count; i++) {
            all = named(f, at, i, node) >= 0;
        }
    }
    return all;
}

/* .. : the step behind it at every place below. */
static void
visit_deep(finder *f, int32_t at, int32_t node)
{
    if (deep_fits(f, at + 1, node)) {
        visit(f, at + 1, node, false);
    }
    for (int32_t i = f->d->nodes[node].first; i >= 0; i = f->d->nodes[i].next) {
        visit_deep(f, at, i);
    }
}

static void
visit_function(finder *f, int32_t at, int32_t node)
{
    const sb_json_step *s = &f->p->steps[at];
    int32_t made = sb_json_function_call(f->p, f->d, s->at[0], s->at[1], node);
    if (made >= 0) {
        add_found(f, made);
    }
}

static void
visit(finder *f, int32_t at, int32_t node, bool definite)
{
    if (f->p->missing || f->p->failed || f->d->failed) {
        return;
    }
    if (at == f->p->count) {
        add_found(f, node);
        return;
    }
    switch ((sb_json_step_kind)f->p->steps[at].kind) {
    case SB_JSON_STEP_NAME: visit_name(f, at, node, definite); break;
    case SB_JSON_STEP_NAMES: visit_names(f, at, node, definite); break;
    case SB_JSON_STEP_FUNCTION: visit_function(f, at, node); break;
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
    p->missing = p->failed = false;
    sb_text_clear(&p->made);
    sb_text_clear(&p->kept);
    p->look++;
    int32_t read = d->count;
    visit(&f, 0, 0, true);
    if (p->definite && p->count_found == 0) {
        missing(&f, true);
    }
    d->failed = d->failed || sb_text_failed(&p->made);
    sb_json_function_settle(p, d, read);
    return !p->missing && !p->failed;
}
