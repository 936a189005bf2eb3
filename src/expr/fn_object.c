/*
 * expr/fn_object.c -- OBJECT_OF, OBJECT_UPDATE: structured types, which are ROWs with a class name.
 *
 * DESIGN     Names of class and attributes are literals: they make the type, the values make the
 *            columns.
 */
#include "expr/infer.h"
#include "expr/nested.h"
#include "kernels/bits.h"

#include <string.h>

/* ---- type rules ---- */

static bool
is_text_literal(const sb_expr *e)
{
    return e->kind == SB_EXPR_LITERAL && !e->is_null && sb_type_is_string(&e->type);
}

/* A name as in Java: parts with points between them, none of which begins with a digit. */
static bool
is_class_name(sb_str s)
{
    bool first = true;
    for (size_t i = 0; i < s.size; i++) {
        char c = s.data[i];
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (c & 0x80);
        bool fine = letter || (!first && ((c >= '0' && c <= '9') || c == '.'));
        if (!fine) {
            return false;
        }
        first = c == '.';
    }
    return !first;
}

static const char *
text_of(sb_infer *in, const sb_expr *literal)
{
    sb_str s = sb_arg_str(&literal->value.view);
    return sb_arena_strndup(in->arena, s.data, s.size);
}

/* The name and value at args[i], args[i + 1]; the names before, from `first` on, are others. */
static sb_status
attribute_of(sb_infer *in, int32_t first, int32_t i, sb_field *out, sb_error *err)
{
    const char *what = in->function->name;
    if (!is_text_literal(in->args[i])) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "%s: names of attributes are text literals", what);
    }
    *out = (sb_field){.name = text_of(in, in->args[i]), .type = in->args[i + 1]->type};
    if (!out->name) {
        SB_NOMEM(err);
    }
    for (int32_t k = first; k < i; k += 2) {
        if (sb_str_equal(sb_arg_str(&in->args[k]->value.view), sb_str_of(out->name))) {
            SB_FAIL(err, SB_STATUS_SEMANTIC, "%s: the attribute '%s' is there twice", what,
                    out->name);
        }
    }
    if (out->type.id == SB_TYPE_NULL) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "%s: NULL has no type: write CAST(NULL AS type)", what);
    }
    return SB_OK;
}

static sb_status
of_infer(sb_infer *in, sb_error *err)
{
    if (in->count % 2 == 0 || !is_text_literal(in->args[0])) {
        return sb_infer_mismatch(in, err);
    }
    if (in->count == 1) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: OBJECT_OF without attributes");
    }
    if (!is_class_name(sb_arg_str(&in->args[0]->value.view))) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "OBJECT_OF: the name of the class is none of Java's");
    }
    sb_field *fields = SB_NEW_ARRAY(in->arena, sb_field, in->count / 2);
    const char *class_name = text_of(in, in->args[0]);
    if (!fields || !class_name) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < in->count / 2; i++) {
        SB_TRY(attribute_of(in, 1, 1 + 2 * i, &fields[i], err), err);
    }
    in->type = (sb_type){.id = SB_TYPE_ROW,
                         .nullable = true,
                         .count_children = in->count / 2,
                         .children = fields,
                         .class_name = class_name};
    return SB_OK;
}

static int32_t
find_attribute(const sb_type *type, const char *name)
{
    for (int32_t i = 0; i < type->count_children; i++) {
        if (strcmp(type->children[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static sb_status
update_infer(sb_infer *in, sb_error *err)
{
    if (in->count % 2 == 0 || !in->args[0]->type.class_name) {
        return sb_infer_mismatch(in, err);
    }
    if (in->count == 1) {
        in->replace = in->args[0];
        return SB_OK;
    }
    in->type = in->args[0]->type;
    sb_field *fields = sb_arena_memdup(in->arena, in->type.children,
                                       sizeof *fields * (size_t)in->type.count_children);
    if (!fields) {
        SB_NOMEM(err);
    }
    for (int32_t i = 1; i < in->count; i += 2) {
        sb_field field;
        SB_TRY(attribute_of(in, 1, i, &field, err), err);
        int32_t at = find_attribute(&in->type, field.name);
        if (at < 0) {
            SB_FAIL(err, SB_STATUS_SEMANTIC, "OBJECT_UPDATE: there is no attribute '%s'",
                    field.name);
        }
        fields[at].type = field.type;
    }
    in->type.children = fields;
    return SB_OK;
}

/* ---- values ---- */

/* A column as child of the result. */
static sb_status
put_child(sb_call *call, sb_vector *made, int32_t i, sb_vector *from, sb_error *err)
{
    bool whole = from->encoding == SB_FLAT && from->length == call->length;
    made->children[i] =
        whole ? sb_vector_ref(from) : sb_vector_gather(call->mem, from, NULL, call->length);
    if (!made->children[i]) {
        SB_NOMEM(err);
    }
    made->pinned_bytes += made->children[i]->pinned_bytes;
    return SB_OK;
}

static sb_status
of_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    sb_vector *v = sb_vector_alloc(call->mem, sb_call_type(call), call->length, false);
    sb_status status = v ? SB_OK : SB_STATUS_NOMEM;
    for (int32_t i = 0; status == SB_OK && i < v->count_children; i++) {
        status = put_child(call, v, i, call->args[2 + 2 * i], err);
    }
    if (status != SB_OK) {
        sb_vector_unref(v);
        SB_NOMEM(err);
    }
    *out = v;
    return SB_OK;
}

/* The argument that is the new value of an attribute; NULL: it stays. */
static sb_vector *
new_value(const sb_call *call, int32_t attribute)
{
    const sb_expr *e = call->expr;
    for (int32_t i = 1; i < e->count_args; i += 2) {
        if (e->args[i]->kind == SB_EXPR_LITERAL &&
            sb_str_equal(sb_arg_str(&e->args[i]->value.view),
                         sb_str_of(e->type.children[attribute].name))) {
            return call->args[i + 1];
        }
    }
    return NULL;
}

static sb_status
fill_update(sb_call *call, sb_vector *made, sb_error *err)
{
    sb_vector *from = call->args[0];
    for (int32_t i = 0; i < made->count_children; i++) {
        sb_vector *value = new_value(call, i), *field = NULL;
        if (!value) {
            value = field = sb_vector_field(call->mem, from, i);
        }
        if (!value) {
            SB_NOMEM(err);
        }
        sb_status status = put_child(call, made, i, value, err);
        sb_vector_unref(field);
        SB_TRY(status, err);
    }
    for (int32_t r = 0; r < call->length; r++) {
        if (!sb_vector_valid(from, r)) {
            SB_TRY(sb_vector_make_validity(made, err), err);
            sb_bit_clear(sb_vector_validity_mut(made), r);
        }
    }
    return SB_OK;
}

static sb_status
update_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    sb_vector *v = sb_vector_alloc(call->mem, sb_call_type(call), call->length, false);
    if (!v) {
        SB_NOMEM(err);
    }
    sb_status status = fill_update(call, v, err);
    if (status != SB_OK) {
        sb_vector_unref(v);
        return status;
    }
    *out = v;
    return SB_OK;
}

const sb_impl sb_impl_object_of = {.infer = of_infer, .vector = of_vector};
const sb_impl sb_impl_object_update = {.infer = update_infer, .vector = update_vector};
