/*
 * expr/fn_json_build.c -- values as JSON: JSON_STRING, JSON_OBJECT, JSON_ARRAY, JSON.
 *
 * DESIGN     The first argument of JSON_OBJECT and JSON_ARRAY is a literal: 'NULL' or 'ABSENT'
 *            (what
 * becomes of NULLs), and after a colon one letter per value, J when it is JSON already (made by
 * JSON_OBJECT, JSON_ARRAY or JSON), which must be known before constants are folded.
 */
#include "expr/cast.h"
#include "expr/infer.h"
#include "expr/json_doc.h"
#include "expr/nested.h"
#include "expr/sort.h"
#include "kernels/number.h"
#include "kernels/variant.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct build_state {
    sb_nested_scratch order; /* members being sorted; a stack */
    sb_jdoc doc;             /* JSON(text) */
    bool fixed;              /* JSON_OBJECT: all keys are literals */
    int32_t fixed_count;     /* of its members in order.at; 0: not sorted yet */
    sb_text heads;           /* then: their names, each as "name": */
    size_t *head_ends;       /* where each of them ends */
} build_state;

/* ---- type rules ---- */

static bool
is_json_type(const sb_type *t)
{
    if (t->id == SB_TYPE_MAP) {
        return sb_type_is_string(&t->children[0].type) && is_json_type(&t->children[1].type);
    }
    for (int32_t i = 0; i < t->count_children; i++) {
        if (!is_json_type(&t->children[i].type)) {
            return false;
        }
    }
    return t->id != SB_TYPE_DATE && t->id != SB_TYPE_TIME && t->id != SB_TYPE_NULL &&
           t->id != SB_TYPE_INTERVAL_MONTH && t->id != SB_TYPE_INTERVAL_DAY &&
           t->id != SB_TYPE_MULTISET && t->id != SB_TYPE_BITMAP;
}

static bool
makes_json(const sb_expr *e)
{
    return e->kind == SB_EXPR_CALL && strncmp(e->function->name, "JSON", 4) == 0 &&
           (e->function->name[4] == 0 || strcmp(e->function->name, "JSON_OBJECT") == 0 ||
            strcmp(e->function->name, "JSON_ARRAY") == 0);
}

static sb_status
check_value(sb_infer *in, int32_t i, sb_error *err)
{
    if (is_json_type(&in->args[i]->type)) {
        return SB_OK;
    }
    sb_text type;
    sb_text_init(&type, sb_mem_root());
    sb_type_print(&in->args[i]->type, &type);
    sb_error_set(err, SB_STATUS_SEMANTIC, __FILE__, __LINE__,
                 "%s: a value of type %.300s has no form in JSON", in->function->name, type.data);
    sb_text_deinit(&type);
    sb_error_hint(err, "CAST it to STRING");
    sb_error_at(err, in->args[i]->position, in->args[i]->position_end);
    return SB_STATUS_SEMANTIC;
}

static sb_status
json_string_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 1) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(check_value(in, 0, err), err);
    in->type = sb_type_string(sb_infer_nullable(in));
    return SB_OK;
}

/* 'NULL' becomes 'NULL:VJV', with a letter per value from `first` on, `step` apart. */
static sb_status
mark_values(sb_infer *in, int32_t first, int32_t step, sb_error *err)
{
    sb_str word = sb_arg_str(&in->args[0]->value.view);
    sb_text text;
    if (memchr(word.data, ':', word.size)) {
        return SB_OK;
    }
    sb_text_init(&text, sb_mem_root());
    sb_text_append(&text, word.data, word.size);
    sb_text_char(&text, ':');
    for (int32_t i = first; i < in->count; i += step) {
        sb_text_char(&text, makes_json(in->args[i]) ? 'J' : 'V');
    }
    sb_type type = sb_type_string(false);
    in->args[0] = sb_text_failed(&text)
                      ? NULL
                      : sb_expr_string(in->arena, &type, (sb_str){text.data, text.size});
    sb_text_deinit(&text);
    if (!in->args[0]) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
build_infer(sb_infer *in, sb_error *err)
{
    bool object = in->function->impl->code != 0;
    int32_t step = object ? 2 : 1, first = object ? 2 : 1;
    if (in->count < 1 || in->args[0]->kind != SB_EXPR_LITERAL || in->args[0]->is_null ||
        (object && in->count % 2 == 0)) {
        return sb_infer_mismatch(in, err);
    }
    for (int32_t i = first; i < in->count; i += step) {
        if (object &&
            (in->args[i - 1]->type.nullable || !sb_type_is_string(&in->args[i - 1]->type))) {
            SB_FAIL(err, SB_STATUS_SEMANTIC,
                    "the keys of JSON_OBJECT must be texts that cannot be NULL");
        }
        SB_TRY(check_value(in, i, err), err);
    }
    SB_TRY(mark_values(in, first, step, err), err);
    in->type = sb_type_string(false);
    return SB_OK;
}

/* ---- state ---- */

static sb_status
build_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    build_state *s = SB_NEW(arena, build_state);
    if (!s) {
        SB_NOMEM(err);
    }
    s->order.mem = call->mem;
    sb_jdoc_init(&s->doc, call->mem);
    call->state = s;
    s->fixed = call->expr->function->impl->code != 0;
    for (int32_t i = 1; s->fixed && i < call->expr->count_args; i += 2) {
        s->fixed = sb_call_literal(call, i) != NULL;
    }
    sb_text_init(&s->heads, call->mem);
    s->head_ends = SB_NEW_ARRAY(arena, size_t, call->expr->count_args);
    if (!s->head_ends) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static void
build_release(void *state)
{
    build_state *s = state;
    sb_nested_release(&s->order);
    sb_jdoc_deinit(&s->doc);
    sb_text_deinit(&s->heads);
}

/* ---- values ---- */

static void
write_base64(sb_str s, sb_text *out)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    sb_text_char(out, '"');
    for (size_t i = 0; i < s.size; i += 3) {
        size_t left = s.size - i < 3 ? s.size - i : 3;
        uint32_t v = 0;
        for (size_t k = 0; k < 3; k++) {
            v = v << 8 | (k < left ? (unsigned char)s.data[i + k] : 0);
        }
        for (size_t k = 0; k < 4; k++) {
            sb_text_char(out, k <= left ? digit[v >> (18 - 6 * k) & 63] : '=');
        }
    }
    sb_text_char(out, '"');
}

/* "2020-01-01T01:02:03.45": the fraction without zeros at its end. */
static void
write_timestamp(const sb_type *type, const void *value, sb_text *out)
{
    char buffer[64];
    sb_type plain = *type;
    plain.id = SB_TYPE_TIMESTAMP; /* an instant: as of UTC */
    size_t size = sb_value_text(&plain, value, NULL, buffer);
    char *space = memchr(buffer, ' ', size);
    if (space) {
        *space = 'T';
    }
    if (memchr(buffer, '.', size)) {
        while (buffer[size - 1] == '0') {
            size--;
        }
        size -= buffer[size - 1] == '.';
    }
    sb_text_char(out, '"');
    sb_text_append(out, buffer, size);
    sb_text_add(out, type->id == SB_TYPE_TIMESTAMP_LTZ ? "Z\"" : "\"");
}

static void
write_double(double value, sb_text *out)
{
    char buffer[64];
    size_t size = sb_double_print(buffer, value), letters = 0;
    for (size_t i = 0; i < size; i++) {
        letters += buffer[i] > '9';
    }
    if (value == 0) {
        sb_text_add(out, "0.0"); /* there is no negative zero */
    } else if (letters == 0) {
        sb_text_append(out, buffer, size);
    } else if (isfinite(value)) {
        sb_jdoc_write_decimal((sb_str){buffer, size}, out);
    } else {
        sb_jdoc_write_string((sb_str){buffer, size}, out); /* NaN, Infinity */
    }
}

static void
write_scalar(const sb_vector *v, int32_t row, sb_text *out)
{
    const sb_type *type = v->type;
    const void *value = sb_vector_at(v, row);
    char buffer[64];
    if (sb_type_is_string(type)) {
        sb_jdoc_write_string(sb_arg_str(value), out);
        return;
    }
    if (sb_type_is_binary(type)) {
        write_base64(sb_arg_str(value), out);
        return;
    }
    if (type->id == SB_TYPE_VARIANT) {
        sb_variant_write_json(sb_arg_str(value), out);
        return;
    }
    if (type->id == SB_TYPE_BOOLEAN) {
        sb_text_add(out, *(const uint8_t *)value ? "true" : "false");
        return;
    }
    if (sb_type_is_timestamp(type)) {
        write_timestamp(type, value, out);
        return;
    }
    if (type->id == SB_TYPE_DOUBLE) {
        write_double(*(const double *)value, out);
    } else if (type->id == SB_TYPE_FLOAT) {
        write_double((double)*(const float *)value, out);
    } else {
        size_t size = sb_value_text(type, value, NULL, buffer);
        sb_jdoc_write_decimal((sb_str){buffer, size}, out);
    }
}

typedef struct member_order { /* what the names of members are compared by */
    const sb_vector *keys;    /* MAP */
    const sb_field *fields;   /* ROW */
    const sb_call *call;      /* JSON_OBJECT: at `row` */
    int32_t row;
} member_order;

static sb_str
name_of(const member_order *o, int32_t i)
{
    if (o->fields) {
        return sb_str_of(o->fields[i].name ? o->fields[i].name : "");
    }
    if (o->call) {
        return sb_arg_str(sb_vector_at(o->call->args[2 * i + 1], o->row));
    }
    return sb_vector_valid(o->keys, i) ? sb_arg_str(sb_vector_at(o->keys, i)) : SB_STR("null");
}

static int
compare_names(const void *a, const void *b, void *ctx)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    sb_str p = name_of(ctx, x), q = name_of(ctx, y);
    int c = sb_jdoc_order(p, q);
    return c ? c : (x > y) - (x < y);
}

/* The members [first, first + count) in order of their names at order.at[base..]; of equal names
 * the last only. */
static sb_status
sort_members(build_state *s, member_order *o, int32_t base, int32_t first, int32_t *count,
             sb_error *err)
{
    int32_t n = 0;
    SB_TRY(sb_nested_reserve(&s->order, base + *count, err), err);
    int32_t *at = s->order.at + base;
    for (int32_t i = 0; i < *count; i++) {
        at[i] = first + i;
    }
    if (*count > 1) {
        sb_sort_rows(at, *count, compare_names, o);
    }
    for (int32_t i = 0; i < *count; i++) {
        if (i + 1 == *count || !sb_str_equal(name_of(o, at[i]), name_of(o, at[i + 1]))) {
            at[n++] = at[i];
        }
    }
    *count = n;
    return SB_OK;
}

static sb_status write_value(build_state *s, const sb_vector *v, int32_t row, int32_t base,
                             sb_text *out, sb_error *err);

static sb_status
write_members(build_state *s, const sb_vector *v, int32_t row, int32_t base, sb_text *out,
              sb_error *err)
{
    bool map = v->phys == SB_PHYS_LIST;
    member_order o = {0};
    int32_t first = 0, count = v->type->count_children, at = row;
    if (map) {
        sb_list_entry list = sb_list_at(v, row);
        o.keys = sb_list_child(v, 0);
        first = list.offset;
        count = list.count;
    } else {
        o.fields = v->type->children;
        at = sb_vector_index(v, row);
    }
    SB_TRY(sort_members(s, &o, base, first, &count, err), err);
    sb_text_char(out, '{');
    for (int32_t i = 0; i < count; i++) {
        int32_t member = s->order.at[base + i];
        sb_text_add(out, i ? "," : "");
        sb_jdoc_write_string(name_of(&o, member), out);
        sb_text_char(out, ':');
        SB_TRY(write_value(s, sb_list_child(v, map ? 1 : member), map ? member : at, base + count,
                           out, err),
               err);
    }
    sb_text_char(out, '}');
    return SB_OK;
}

static sb_status
write_value(build_state *s, const sb_vector *v, int32_t row, int32_t base, sb_text *out,
            sb_error *err)
{
    if (!sb_vector_valid(v, row)) {
        sb_text_add(out, "null");
        return SB_OK;
    }
    if (v->type->id == SB_TYPE_MAP || v->type->id == SB_TYPE_ROW) {
        return write_members(s, v, row, base, out, err);
    }
    if (v->phys != SB_PHYS_LIST) {
        write_scalar(v, row, out);
        return SB_OK;
    }
    sb_list_entry list = sb_list_at(v, row);
    sb_text_char(out, '[');
    for (int32_t i = 0; i < list.count; i++) {
        sb_text_add(out, i ? "," : "");
        SB_TRY(write_value(s, sb_list_child(v, 0), list.offset + i, base, out, err), err);
    }
    sb_text_char(out, ']');
    return SB_OK;
}

/* ---- functions ---- */

static sb_status
put_text(sb_call *call, sb_column_builder *to, sb_error *err)
{
    if (sb_text_failed(&call->text)) {
        SB_NOMEM(err);
    }
    sb_column_bytes(to, call->text.data, call->text.size);
    return SB_OK;
}

static sb_status
json_string_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_text_clear(&call->text);
    SB_TRY(write_value(call->state, call->args[0], row, 0, &call->text, err), err);
    return put_text(call, to, err);
}

static sb_status
json_string_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, json_string_build, out, err);
}

const sb_impl sb_impl_json_string = {.infer = json_string_infer,
                                     .vector = json_string_vector,
                                     .prepare = build_prepare,
                                     .release = build_release};

/* Value number i of JSON_OBJECT or JSON_ARRAY; made of JSON it goes in as it is. */
static sb_status
write_argument(sb_call *call, int32_t i, int32_t row, int32_t base, sb_error *err)
{
    bool object = call->expr->function->impl->code != 0;
    sb_str words = sb_arg_str(&call->expr->args[0]->value.view);
    const char *colon = memchr(words.data, ':', words.size);
    const sb_vector *v = call->args[object ? 2 * i + 2 : i + 1];
    bool json = colon && colon + 1 + i < words.data + words.size && colon[1 + i] == 'J';
    if (json && sb_vector_valid(v, row)) {
        sb_str s = sb_arg_str(sb_vector_at(v, row));
        sb_text_append(&call->text, s.data, s.size);
        return SB_OK;
    }
    return write_value(call->state, v, row, base, &call->text, err);
}

static bool
is_absent(const sb_call *call)
{
    return sb_view_data(&call->expr->args[0]->value.view)[0] == 'A';
}

static void
write_head(const member_order *o, int32_t member, sb_text *out)
{
    sb_jdoc_write_string(name_of(o, member), out);
    sb_text_char(out, ':');
}

/* Names that are the same in each row, in their order. */
static sb_status
write_heads(build_state *s, const member_order *o, int32_t count, sb_error *err)
{
    sb_text_clear(&s->heads);
    for (int32_t i = 0; i < count; i++) {
        write_head(o, s->order.at[i], &s->heads);
        s->head_ends[i] = s->heads.size;
    }
    if (sb_text_failed(&s->heads)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
object_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    build_state *s = call->state;
    member_order o = {.call = call, .row = row};
    int32_t count = (call->expr->count_args - 1) / 2;
    bool first = true;
    if (s->fixed && s->fixed_count > 0) {
        count = s->fixed_count; /* nested objects sort behind them */
    } else {
        SB_TRY(sort_members(s, &o, 0, 0, &count, err), err);
        if (s->fixed) {
            SB_TRY(write_heads(s, &o, count, err), err);
        }
        s->fixed_count = count;
    }
    sb_text_clear(&call->text);
    sb_text_char(&call->text, '{');
    for (int32_t i = 0; i < count; i++) {
        int32_t member = s->order.at[i];
        if (is_absent(call) && !sb_vector_valid(call->args[2 * member + 2], row)) {
            continue;
        }
        if (!first) {
            sb_text_char(&call->text, ',');
        }
        if (s->fixed) {
            size_t from = i ? s->head_ends[i - 1] : 0;
            sb_text_append(&call->text, s->heads.data + from, s->head_ends[i] - from);
        } else {
            write_head(&o, member, &call->text);
        }
        SB_TRY(write_argument(call, member, row, count, err), err);
        first = false;
    }
    sb_text_char(&call->text, '}');
    return put_text(call, to, err);
}

static sb_status
array_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    bool first = true;
    sb_text_clear(&call->text);
    sb_text_char(&call->text, '[');
    for (int32_t i = 0; i < call->expr->count_args - 1; i++) {
        if (is_absent(call) && !sb_vector_valid(call->args[i + 1], row)) {
            continue;
        }
        if (!first) {
            sb_text_char(&call->text, ',');
        }
        SB_TRY(write_argument(call, i, row, 0, err), err);
        first = false;
    }
    sb_text_char(&call->text, ']');
    return put_text(call, to, err);
}

static sb_status
build_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, call->expr->function->impl->code ? object_build : array_build, out,
                         err);
}

const sb_impl sb_impl_json_object = {.infer = build_infer,
                                     .vector = build_vector,
                                     .prepare = build_prepare,
                                     .release = build_release,
                                     .code = 1};
const sb_impl sb_impl_json_array = {.infer = build_infer,
                                    .vector = build_vector,
                                    .prepare = build_prepare,
                                    .release = build_release,
                                    .code = 0};

/* JSON(text): the text as JSON, in the form that the others give; an empty text is null. */
static sb_status
json_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    build_state *s = call->state;
    sb_str text = sb_arg_str(args[0]);
    if (text.size == 0) {
        call->is_null = true;
        return SB_OK;
    }
    if (!sb_jdoc_parse(&s->doc, text)) {
        if (s->doc.failed) {
            SB_NOMEM(err);
        }
        SB_FAIL(err, SB_STATUS_DATA, "JSON: '%.*s' is not JSON",
                (int)(text.size > 200 ? 200 : text.size), text.data);
    }
    sb_text_clear(&call->text);
    sb_jdoc_write(&s->doc, 0, &call->text);
    return sb_call_text(call, out, err);
}

const sb_impl sb_impl_json = {.row = json_row, .prepare = build_prepare, .release = build_release};
