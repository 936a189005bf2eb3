/*
 * expr/fn_json_path.c -- JSON_VALUE, JSON_QUERY, JSON_EXISTS.
 *
 * DESIGN     The first argument is a literal with what the words of the call say: JSON_VALUE
 * 'STRING DEFAULT NULL' (type, on empty, on error), then text, path and the values of DEFAULT;
 * JSON_QUERY 'STRING WITHOUT NULL NULL' (type, wrapper, on empty, on error); JSON_EXISTS 'FALSE'
 * (on error). A path that is constant is compiled once and refused when it is broken.
 */
#include "expr/infer.h"
#include "expr/json_path.h"
#include "expr/nested.h"
#include "kernels/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum behaviour { ON_NULL, ON_ERROR, ON_DEFAULT, ON_ARRAY, ON_OBJECT } behaviour;

enum { WITHOUT, CONDITIONAL, UNCONDITIONAL };

typedef struct json_state {
    sb_jdoc doc;
    sb_json_path path;
    behaviour empty, error;
    int wrapper;
    int32_t default_empty, default_error; /* arguments; -1: none */
    char exists;                          /* JSON_EXISTS on error: T, F, U, E */
} json_state;

/* ---- words ---- */

static sb_str
word_at(const sb_expr *e, int index)
{
    sb_str s = sb_arg_str(&e->args[0]->value.view);
    for (; index > 0; index--) {
        const char *space = memchr(s.data, ' ', s.size);
        if (!space) {
            return (sb_str){0};
        }
        s = (sb_str){space + 1, (size_t)(s.data + s.size - space - 1)};
    }
    const char *end = memchr(s.data, ' ', s.size);
    return (sb_str){s.data, end ? (size_t)(end - s.data) : s.size};
}

static behaviour
behaviour_at(const sb_expr *e, int index)
{
    static const char *const names[] = {"NULL", "ERROR", "DEFAULT", "ARRAY", "OBJECT"};
    sb_str word = word_at(e, index);
    for (int i = 0; i < 5; i++) {
        if (sb_str_equal(word, sb_str_of(names[i]))) {
            return (behaviour)i;
        }
    }
    return ON_NULL;
}

static bool
words_can_fail(const sb_expr *e)
{
    sb_str s = sb_arg_str(&e->args[0]->value.view);
    return memmem(s.data, s.size, "ERROR", 5) || !sb_str_equal(word_at(e, 0), SB_STR("STRING"));
}

/* ---- type rules ---- */

static bool
has_words(const sb_infer *in)
{
    return in->count >= 3 && in->args[0]->kind == SB_EXPR_LITERAL && !in->args[0]->is_null &&
           sb_type_is_string(&in->args[0]->type);
}

/* Text and path; a constant path must be one. */
static sb_status
text_and_path(sb_infer *in, sb_error *err)
{
    if (!has_words(in)) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(sb_infer_coerce(in, 1, sb_type_string(true), err), err);
    SB_TRY(sb_infer_coerce(in, 2, sb_type_string(true), err), err);
    const sb_expr *literal = in->args[2];
    while (literal->kind == SB_EXPR_CALL && literal->count_args == 1) {
        literal = literal->args[0]; /* behind an implicit cast */
    }
    if (literal->kind != SB_EXPR_LITERAL || literal->is_null ||
        !sb_type_is_string(&literal->type)) {
        return SB_OK;
    }
    sb_json_path *path = SB_NEW(in->arena, sb_json_path);
    if (!path) {
        SB_NOMEM(err);
    }
    sb_str text = sb_arg_str(&literal->value.view);
    sb_json_path_init(path, sb_mem_root());
    sb_status status = sb_json_path_compile(path, text, err);
    if (status == SB_OK && path->unsupported) {
        status = sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                              "not supported: JSON path '%.*s' with such a filter or function",
                              (int)(text.size > 200 ? 200 : text.size), text.data);
    } else if (status == SB_OK && path->broken) {
        status = sb_error_set(err, SB_STATUS_SEMANTIC, __FILE__, __LINE__, "'%.*s' is no JSON path",
                              (int)(text.size > 200 ? 200 : text.size), text.data);
        sb_error_hint(err, "a path is like '$.name[0]', 'lax $.name' or '$..name'");
        sb_error_at(err, literal->position, literal->position_end);
    }
    sb_json_path_deinit(path);
    return status;
}

static sb_status
returning(sb_infer *in, const char *function, sb_error *err)
{
    sb_str type = word_at(&(sb_expr){.args = in->args}, 0);
    if (sb_str_equal(type, SB_STR("STRING"))) {
        in->type = sb_type_string(true);
    } else if (sb_str_equal(type, SB_STR("BOOLEAN"))) {
        in->type = SB_TYPE(BOOLEAN, true);
    } else if (sb_str_equal(type, SB_STR("INTEGER"))) {
        in->type = SB_TYPE(INT, true);
    } else if (sb_str_equal(type, SB_STR("DOUBLE"))) {
        in->type = SB_TYPE(DOUBLE, true);
    } else if (sb_str_equal(type, SB_STR("ARRAY"))) {
        const sb_type element = sb_type_string(true);
        in->type = sb_type_array_of(in->arena, &element, true, err);
        return in->type.children ? SB_OK : SB_STATUS_NOMEM;
    } else {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "%s cannot return this type", function);
    }
    return SB_OK;
}

/* JSON_VALUE and JSON_QUERY take a VARIANT as its JSON text. */
static sb_status
variant_to_text(sb_infer *in, sb_error *err)
{
    return in->count > 1 && in->args[1]->type.id == SB_TYPE_VARIANT
               ? sb_infer_cast(in, 1, sb_type_string(true), err)
               : SB_OK;
}

static sb_status
value_infer(sb_infer *in, sb_error *err)
{
    bool defaults = (in->function->flags & SB_FN_OWN_NULLS) != 0;
    if (defaults != (in->count > 3)) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(variant_to_text(in, err), err);
    SB_TRY(text_and_path(in, err), err);
    SB_TRY(returning(in, "JSON_VALUE", err), err);
    for (int32_t i = 3; i < in->count; i++) {
        sb_type to = in->type;
        to.nullable = in->args[i]->type.nullable;
        bool truth = in->args[i]->type.id == SB_TYPE_BOOLEAN && sb_type_is_string(&to);
        if (!sb_type_same_ignoring_null(&in->args[i]->type, &to)) {
            SB_TRY(sb_expr_cast(in->arena, in->args[i], &to, false, &in->args[i], err), err);
        }
        if (truth) { /* as JSON writes it, not as CAST does */
            SB_TRY(sb_expr_call(in->arena, "LOWER", &in->args[i], 1, &in->args[i], err), err);
        }
    }
    return SB_OK;
}

static sb_status
query_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 3) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(variant_to_text(in, err), err);
    SB_TRY(text_and_path(in, err), err);
    return returning(in, "JSON_QUERY", err);
}

static sb_status
exists_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 3) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(text_and_path(in, err), err);
    in->type = SB_TYPE(BOOLEAN, true);
    return SB_OK;
}

/* ---- running ---- */

enum { VALUE, QUERY, EXISTS };

static sb_status
json_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    const sb_expr *e = call->expr, *path = sb_call_literal(call, 2);
    json_state *s = SB_NEW(arena, json_state);
    int kind = e->function->impl->code;
    if (!s) {
        SB_NOMEM(err);
    }
    sb_jdoc_init(&s->doc, call->mem);
    sb_json_path_init(&s->path, call->mem);
    call->state = s;
    s->exists = word_at(e, 0).size > 0 ? word_at(e, 0).data[0] : 'F';
    s->empty = behaviour_at(e, kind == QUERY ? 2 : 1);
    s->error = behaviour_at(e, kind == QUERY ? 3 : 2);
    s->default_empty = s->empty == ON_DEFAULT ? 3 : -1;
    s->default_error = s->error == ON_DEFAULT ? (s->empty == ON_DEFAULT ? 4 : 3) : -1;
    sb_str wrapper = word_at(e, 1);
    s->wrapper = sb_str_equal(wrapper, SB_STR("CONDITIONAL"))     ? CONDITIONAL
                 : sb_str_equal(wrapper, SB_STR("UNCONDITIONAL")) ? UNCONDITIONAL
                                                                  : WITHOUT;
    return path ? sb_json_path_compile(&s->path, sb_arg_str(&path->value.view), err) : SB_OK;
}

static void
json_release(void *state)
{
    json_state *s = state;
    sb_jdoc_deinit(&s->doc);
    sb_json_path_deinit(&s->path);
}

typedef enum outcome { FOUND, NOTHING, FAILED } outcome;

/* What the path finds in the text of a row. FAILED: the text is no JSON, or a strict path leads
 * nowhere; *out_why then says so. */
static sb_status
look(sb_call *call, int32_t row, outcome *out, const char **out_why, sb_error *err)
{
    json_state *s = call->state;
    sb_str text = sb_arg_str(sb_vector_at(call->args[1], row));
    SB_TRY(sb_json_path_compile(&s->path, sb_arg_str(sb_vector_at(call->args[2], row)), err), err);
    *out = FAILED;
    *out_why = "the path is not valid";
    if (s->path.broken || s->path.unsupported) {
        return SB_OK;
    }
    if (!sb_jdoc_parse(&s->doc, text)) {
        *out = s->path.lax ? NOTHING : FAILED;
        *out_why = "the text is not JSON";
    } else if (!sb_json_path_find(&s->path, &s->doc)) {
        *out_why = s->path.failed ? "a function or filter has no answer" : "the path leads nowhere";
    } else {
        *out = s->path.definite && s->path.count_found == 0 ? NOTHING : FOUND;
    }
    if (s->doc.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* The one node of a definite path; NULL: a list was found. */
static const sb_jdoc_node *
single(const json_state *s)
{
    return s->path.definite ? &s->doc.nodes[s->path.found[0]] : NULL;
}

static sb_status
fail(const sb_call *call, const char *why, sb_error *err)
{
    const json_state *s = call->state;
    SB_FAIL(err, SB_STATUS_DATA, "%s: %s: path '%.*s'", call->expr->function->name, why,
            (int)(s->path.text.size > 200 ? 200 : s->path.text.size), s->path.text.data);
}

/* ---- JSON_VALUE ---- */

static sb_status
put_scalar(sb_call *call, const sb_jdoc_node *n, sb_column_builder *to, sb_error *err)
{
    const sb_type *type = sb_call_type(call);
    sb_text_clear(&call->text);
    sb_jdoc_scalar_text(n, &call->text);
    if (sb_text_failed(&call->text)) {
        SB_NOMEM(err);
    }
    if (type->id == SB_TYPE_VARCHAR) {
        sb_column_bytes(to, call->text.data, call->text.size);
        return SB_OK;
    }
    bool number = n->kind == SB_JSON_INTEGER || n->kind == SB_JSON_FLOAT;
    if (type->id == SB_TYPE_BOOLEAN && (n->kind == SB_JSON_TRUE || n->kind == SB_JSON_FALSE)) {
        sb_column_i64(to, n->kind == SB_JSON_TRUE);
        return SB_OK;
    }
    if (type->id == SB_TYPE_DOUBLE && number) {
        sb_column_f64(to, strtod(call->text.data, NULL));
        return SB_OK;
    }
    if (type->id == SB_TYPE_INT && n->kind == SB_JSON_INTEGER && call->text.size < 12) {
        long long v = strtoll(call->text.data, NULL, 10);
        if (v >= INT32_MIN && v <= INT32_MAX) {
            sb_column_i64(to, v);
            return SB_OK;
        }
    }
    SB_FAIL(err, SB_STATUS_DATA, "JSON_VALUE: '%.*s' is no value of the type behind RETURNING",
            (int)(call->text.size > 200 ? 200 : call->text.size), call->text.data);
}

static sb_status
put_behaviour(sb_call *call, int32_t row, behaviour b, int32_t arg, const char *why,
              sb_column_builder *to, sb_error *err)
{
    if (b == ON_ERROR) {
        return fail(call, why, err);
    }
    if (b == ON_DEFAULT) {
        sb_column_gather(to, call->args[arg], &row, 1);
    } else {
        sb_column_null(to);
    }
    return SB_OK;
}

static bool
is_null_row(const sb_call *call, int32_t row)
{
    return !sb_vector_valid(call->args[1], row) || !sb_vector_valid(call->args[2], row);
}

static sb_status
value_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    const json_state *s = call->state;
    outcome o;
    const char *why;
    if (is_null_row(call, row)) {
        sb_column_null(to);
        return SB_OK;
    }
    SB_TRY(look(call, row, &o, &why, err), err);
    const sb_jdoc_node *n = o == FOUND ? single(s) : NULL;
    if (n && sb_jdoc_is_scalar(n) && n->kind != SB_JSON_NULL) {
        return put_scalar(call, n, to, err);
    }
    if (o == FOUND && !s->path.lax) {
        o = FAILED;
        why = "a strict path must lead to a scalar value";
    }
    if (o == FAILED) {
        return put_behaviour(call, row, s->error, s->default_error, why, to, err);
    }
    return put_behaviour(call, row, s->empty, s->default_empty, "the result is empty", to, err);
}

static sb_status
value_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, value_build, out, err);
}

const sb_impl sb_impl_json_value = {.infer = value_infer,
                                    .vector = value_vector,
                                    .prepare = json_prepare,
                                    .release = json_release,
                                    .can_fail = words_can_fail,
                                    .code = VALUE};

const sb_impl sb_impl_json_value_default = {.infer = value_infer,
                                            .vector = value_vector,
                                            .prepare = json_prepare,
                                            .release = json_release,
                                            .can_fail = words_can_fail,
                                            .code = VALUE};

/* ---- JSON_QUERY ---- */

/* An element of ARRAY<STRING>: strings as they are, others as JSON. */
static void
put_element(sb_call *call, int32_t node, sb_column_builder *to)
{
    json_state *s = call->state;
    const sb_jdoc_node *n = &s->doc.nodes[node];
    if (n->kind == SB_JSON_NULL) {
        sb_column_null(to);
        return;
    }
    sb_text_clear(&call->text);
    if (n->kind == SB_JSON_STRING) {
        sb_jdoc_scalar_text(n, &call->text);
    } else {
        sb_jdoc_write(&s->doc, node, &call->text);
    }
    sb_column_bytes(to, call->text.data, call->text.size);
}

static void
write_found(json_state *s, sb_text *out)
{
    if (s->path.definite) {
        sb_jdoc_write(&s->doc, s->path.found[0], out);
        return;
    }
    sb_text_char(out, '[');
    for (int32_t i = 0; i < s->path.count_found; i++) {
        sb_text_add(out, i ? "," : "");
        sb_jdoc_write(&s->doc, s->path.found[i], out);
    }
    sb_text_char(out, ']');
}

/* The elements of what was found, or what was found as the only element. */
static void
put_list(sb_call *call, bool wrap, sb_column_builder *to)
{
    json_state *s = call->state;
    const sb_jdoc_node *n = single(s);
    sb_column_list_begin(to);
    if (wrap && n) {
        put_element(call, s->path.found[0], &to->children[0]);
    } else if (wrap) {
        sb_text_clear(&call->text);
        write_found(s, &call->text);
        sb_column_bytes(&to->children[0], call->text.data, call->text.size);
    } else if (n) {
        for (int32_t i = n->first; i >= 0; i = s->doc.nodes[i].next) {
            put_element(call, i, &to->children[0]);
        }
    } else {
        for (int32_t i = 0; i < s->path.count_found; i++) {
            put_element(call, s->path.found[i], &to->children[0]);
        }
    }
    sb_column_list_end(to);
}

static sb_status
put_query(sb_call *call, bool wrap, sb_column_builder *to, sb_error *err)
{
    json_state *s = call->state;
    if (sb_call_type(call)->id == SB_TYPE_ARRAY) {
        put_list(call, wrap, to);
        return SB_OK;
    }
    sb_text_clear(&call->text);
    sb_text_add(&call->text, wrap ? "[" : "");
    write_found(s, &call->text);
    sb_text_add(&call->text, wrap ? "]" : "");
    if (sb_text_failed(&call->text) || s->doc.failed) {
        SB_NOMEM(err);
    }
    sb_column_bytes(to, call->text.data, call->text.size);
    return SB_OK;
}

static sb_status
query_behaviour(sb_call *call, behaviour b, const char *why, sb_column_builder *to, sb_error *err)
{
    if (b == ON_ERROR) {
        return fail(call, why, err);
    }
    if (b == ON_NULL) {
        sb_column_null(to);
    } else if (sb_call_type(call)->id == SB_TYPE_ARRAY) {
        sb_column_list_begin(to);
        sb_column_list_end(to);
    } else {
        sb_column_bytes(to, b == ON_ARRAY ? "[]" : "{}", 2);
    }
    return SB_OK;
}

static sb_status
query_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    const json_state *s = call->state;
    outcome o;
    const char *why;
    SB_TRY(look(call, row, &o, &why, err), err);
    const sb_jdoc_node *n = o == FOUND ? single(s) : NULL;
    bool list = o == FOUND && (!n || n->kind == SB_JSON_ARRAY);
    bool null = n && n->kind == SB_JSON_NULL;
    bool wrap = s->wrapper == UNCONDITIONAL || (s->wrapper == CONDITIONAL && !list);
    bool fits = sb_call_type(call)->id != SB_TYPE_ARRAY || list || wrap;
    if (o == FOUND && !null && fits && (wrap || !n || !sb_jdoc_is_scalar(n))) {
        return put_query(call, wrap, to, err);
    }
    if (o == FOUND && !s->path.lax) {
        o = FAILED;
        why = "a strict path must lead to an array or object";
    }
    return o == FAILED ? query_behaviour(call, s->error, why, to, err)
                       : query_behaviour(call, s->empty, "the result is empty", to, err);
}

static sb_status
query_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, query_build, out, err);
}

static bool
query_can_fail(const sb_expr *e)
{
    sb_str s = sb_arg_str(&e->args[0]->value.view);
    return memmem(s.data, s.size, "ERROR", 5) != NULL;
}

const sb_impl sb_impl_json_query = {.infer = query_infer,
                                    .vector = query_vector,
                                    .prepare = json_prepare,
                                    .release = json_release,
                                    .can_fail = query_can_fail,
                                    .code = QUERY};

/* ---- JSON_EXISTS ---- */

static sb_status
exists_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    const json_state *s = call->state;
    outcome o;
    const char *why;
    SB_TRY(look(call, row, &o, &why, err), err);
    bool null = o == FOUND && single(s) && single(s)->kind == SB_JSON_NULL;
    if (null && !s->path.lax) {
        o = FAILED;
        why = "a strict path must lead to a value";
    }
    if (o != FAILED) {
        sb_column_i64(to, o == FOUND && !null);
    } else if (s->exists == 'E') {
        return fail(call, why, err);
    } else if (s->exists == 'U') {
        sb_column_null(to);
    } else {
        sb_column_i64(to, s->exists == 'T');
    }
    return SB_OK;
}

static sb_status
exists_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, exists_build, out, err);
}

const sb_impl sb_impl_json_exists = {.infer = exists_infer,
                                     .vector = exists_vector,
                                     .prepare = json_prepare,
                                     .release = json_release,
                                     .can_fail = query_can_fail,
                                     .code = EXISTS};
