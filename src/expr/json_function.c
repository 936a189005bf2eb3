/*
 * expr/json_function.c -- functions at the end of a JSON path: $.a.length(), $.a.sum(). See
 * json_path.h.
 *
 * DESIGN     As Jayway has them, with its corners: max() of numbers below zero is the smallest
 * number above it, and what counts from the end never reaches the first element. A text that is
 * made lies in p->made; its node tells where by `first`, until the texts do not move any more.
 */
#include "expr/json_path.h"
#include "kernels/number.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define OFFSET_OF(at) (-2 - (at)) /* of a text in `made`, as `first` of its node, and back */

static const struct {
    const char *name;
    sb_json_function function;
} functions[] = {
    {"length", SB_JSON_LENGTH}, {"size", SB_JSON_SIZE},     {"keys", SB_JSON_KEYS},
    {"min", SB_JSON_MIN},       {"max", SB_JSON_MAX},       {"avg", SB_JSON_AVG},
    {"sum", SB_JSON_SUM},       {"stddev", SB_JSON_STDDEV}, {"first", SB_JSON_FIRST},
    {"last", SB_JSON_LAST},     {"index", SB_JSON_INDEX},   {"concat", SB_JSON_CONCAT}};

static const char *
skip(const char *at, const char *end)
{
    while (at < end && *at == ' ') {
        at++;
    }
    return at;
}

const char *
sb_json_function_compile(sb_str name, const char *at, const char *end, int32_t *out_function,
                         int32_t *out_argument)
{
    int32_t found = -1, argument = 0;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        found = sb_str_equal(name, sb_str_of(functions[i].name)) ? (int32_t)i : found;
    }
    at = found >= 0 && at < end && *at == '(' ? skip(at + 1, end) : NULL;
    if (at && functions[found].function == SB_JSON_INDEX) {
        bool negative = at < end && *at == '-';
        const char *digits = at += negative;
        while (at < end && *at >= '0' && *at <= '9' && at - digits < 9) {
            argument = argument * 10 + (*at++ - '0');
        }
        at = at > digits ? skip(at, end) : NULL;
        argument = negative ? -argument : argument;
    }
    if (!at || at >= end || *at != ')') {
        return NULL;
    }
    *out_function = (int32_t)functions[found].function;
    *out_argument = argument;
    return at + 1;
}

/* ---- results ---- */

static int32_t
make(sb_json_path *p, sb_jdoc *d, sb_jdoc_kind kind, const char *text, size_t size)
{
    bool fits = p->made.size <= INT32_MAX - 2;
    d->failed = d->failed || !fits;
    int32_t node = fits ? sb_jdoc_add(d, kind) : -1;
    if (node >= 0) {
        d->nodes[node].first = OFFSET_OF((int32_t)p->made.size);
        d->nodes[node].text.size = size;
        d->nodes[node].escaped = kind == SB_JSON_FLOAT;
        sb_text_append(&p->made, text, size);
    }
    return node;
}

void
sb_json_function_settle(const sb_json_path *p, sb_jdoc *d, int32_t from)
{
    for (int32_t i = from; i < d->count; i++) {
        if (d->nodes[i].first < -1) {
            d->nodes[i].text.data = p->made.data + OFFSET_OF(d->nodes[i].first);
            d->nodes[i].first = -1;
        }
    }
}

static int32_t
make_null(sb_jdoc *d)
{
    int32_t node = sb_jdoc_add(d, SB_JSON_NULL);
    if (node >= 0) {
        d->nodes[node].text = SB_STR("null");
    }
    return node;
}

static int32_t
fail(sb_json_path *p)
{
    p->failed = true;
    return -1;
}

/* ---- functions ---- */

static int32_t
length(sb_json_path *p, sb_jdoc *d, int32_t node)
{
    char text[SB_DOUBLE_TEXT];
    if (sb_jdoc_is_scalar(&d->nodes[node])) {
        return make_null(d);
    }
    int32_t count = d->nodes[node].kind == SB_JSON_ARRAY ? d->nodes[node].count
                                                         : sb_jdoc_count_members(d, node);
    return make(p, d, SB_JSON_INTEGER, text, sb_int_print(text, count));
}

static int32_t
keys(sb_jdoc *d, int32_t node)
{
    if (d->nodes[node].kind != SB_JSON_OBJECT) {
        return make_null(d);
    }
    int32_t begin = sb_jdoc_first_members(d, node), count = d->order_count - begin;
    int32_t array = begin >= 0 ? sb_jdoc_add(d, SB_JSON_ARRAY) : -1, last = -1;
    for (int32_t k = 0; array >= 0 && k < count; k++) {
        int32_t i = d->order[begin + k], key = sb_jdoc_add(d, SB_JSON_STRING);
        if (key < 0) {
            continue;
        }
        sb_jdoc_node *nodes = d->nodes;
        nodes[key].text = nodes[i].key;
        nodes[key].escaped = nodes[i].key_escaped;
        *(last < 0 ? &nodes[array].first : &nodes[last].next) = key;
        nodes[array].count++;
        last = key;
    }
    d->order_count = begin >= 0 ? begin : d->order_count;
    return d->failed ? -1 : array;
}

/* Over the numbers of an array; others do not count. */
static int32_t
aggregate(sb_json_path *p, sb_jdoc *d, sb_json_function function, int32_t node)
{
    char text[SB_DOUBLE_TEXT];
    double sum = 0, squares = 0, least = DBL_MAX, most = DBL_TRUE_MIN, count = 0;
    bool array = d->nodes[node].kind == SB_JSON_ARRAY;
    for (int32_t i = array ? d->nodes[node].first : -1; i >= 0; i = d->nodes[i].next) {
        const sb_jdoc_node *n = &d->nodes[i];
        double v;
        if ((n->kind != SB_JSON_INTEGER && n->kind != SB_JSON_FLOAT) ||
            !sb_double_parse(n->text.data, n->text.size, &v)) {
            continue;
        }
        count++;
        sum += v;
        squares += v * v;
        least = v < least ? v : least;
        most = v > most ? v : most;
    }
    if (count == 0) {
        return fail(p);
    }
    double result = function == SB_JSON_MIN   ? least
                    : function == SB_JSON_MAX ? most
                    : function == SB_JSON_AVG ? sum / count
                    : function == SB_JSON_SUM ? sum
                                              : sqrt(squares / count - sum * sum / count / count);
    return make(p, d, SB_JSON_FLOAT, text, sb_double_print(text, result));
}

static int32_t
element(sb_json_path *p, sb_jdoc *d, int32_t index, int32_t node)
{
    if (d->nodes[node].kind != SB_JSON_ARRAY) {
        return fail(p);
    }
    int32_t count = d->nodes[node].count;
    bool there = index >= 0 ? index < count : count + index > 0;
    return there ? sb_json_element(d, node, index) : fail(p);
}

static int32_t
concat(sb_json_path *p, sb_jdoc *d, int32_t node)
{
    bool array = d->nodes[node].kind == SB_JSON_ARRAY;
    size_t begin = p->made.size;
    int32_t made = make(p, d, SB_JSON_STRING, "", 0);
    for (int32_t i = array && made >= 0 ? d->nodes[node].first : -1; i >= 0; i = d->nodes[i].next) {
        if (d->nodes[i].kind == SB_JSON_STRING) {
            sb_jdoc_scalar_text(&d->nodes[i], &p->made);
        }
    }
    if (made >= 0) {
        d->nodes[made].text.size = p->made.size - begin;
    }
    return made;
}

int32_t
sb_json_function_call(sb_json_path *p, sb_jdoc *d, int32_t function, int32_t argument, int32_t node)
{
    switch ((sb_json_function)function) {
    case SB_JSON_LENGTH:
    case SB_JSON_SIZE: return length(p, d, node);
    case SB_JSON_KEYS: return keys(d, node);
    case SB_JSON_FIRST: return element(p, d, 0, node);
    case SB_JSON_LAST: return element(p, d, -1, node);
    case SB_JSON_INDEX: return element(p, d, argument, node);
    case SB_JSON_CONCAT: return concat(p, d, node);
    default: return aggregate(p, d, (sb_json_function)function, node);
    }
}
