/*
 * expr/nested.c -- see nested.h.
 */
#include "expr/nested.h"

#include "expr/eval_priv.h"
#include "expr/infer.h"
#include "kernels/bits.h"

#include <string.h>

/* ---- results ---- */

static bool
any_null(const sb_call *call, int32_t row)
{
    for (int32_t i = 0; i < call->expr->count_args; i++) {
        if (!sb_vector_valid(call->args[i], row)) {
            return true;
        }
    }
    return false;
}

static sb_status
build_rows(sb_call *call, const void *with, sb_vector **out, sb_error *err)
{
    const sb_build_fn *fn = with;
    bool own = (call->expr->function->flags & SB_FN_OWN_NULLS) != 0;
    sb_column_builder to;
    int32_t next = 0;
    sb_status status = sb_column_builder_init(&to, call->mem, sb_call_type(call), err);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        for (; status == SB_OK && next < r; next++) {
            sb_column_null(&to);
        }
        if (status != SB_OK) {
            break;
        }
        if (!own && any_null(call, r)) {
            sb_column_null(&to);
        } else {
            status = (*fn)(call, r, &to, err);
        }
        next = r + 1;
    }
    for (; status == SB_OK && next < call->length; next++) {
        sb_column_null(&to);
    }
    if (status == SB_OK) {
        *out = sb_column_finish(&to, err);
        status = *out ? SB_OK : SB_STATUS_NOMEM;
    }
    sb_column_builder_deinit(&to);
    return status;
}

sb_status
sb_call_build(sb_call *call, sb_build_fn fn, sb_vector **out, sb_error *err)
{
    int32_t arg = sb_call_dictionary_arg(call);
    bool own = (call->expr->function->flags & SB_FN_OWN_NULLS) != 0;
    if (arg >= 0 && !call->can_fail && !own) {
        return sb_call_over_dictionary(call, arg, build_rows, &fn, out, err);
    }
    return build_rows(call, &fn, out, err);
}

sb_status
sb_call_pick(sb_call *call, sb_pick_fn fn, int32_t child, sb_vector **out, sb_error *err)
{
    size_t size = sizeof(int32_t) * (size_t)call->length;
    int32_t *rows = sb_alloc(call->mem, size);
    sb_column_builder to;
    if (!rows) {
        SB_NOMEM(err);
    }
    memset(rows, 0xFF, size);
    sb_status status = sb_column_builder_init(&to, call->mem, sb_call_type(call), err);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        if (status == SB_OK && !any_null(call, r)) {
            status = fn(call, r, &rows[r], err);
        }
    }
    if (status == SB_OK) {
        sb_column_gather(&to, sb_list_child(call->args[0], child), rows, call->length);
        *out = sb_column_finish(&to, err);
        status = *out ? SB_OK : SB_STATUS_NOMEM;
    }
    sb_column_builder_deinit(&to);
    sb_free(call->mem, rows, size);
    return status;
}

void
sb_build_list(sb_column_builder *to, sb_vector *from, const int32_t *rows, int32_t count)
{
    sb_column_list_begin(to);
    sb_column_gather(&to->children[0], from, rows, count);
    sb_column_list_end(to);
}

/* ---- scratch ---- */

sb_status
sb_nested_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    sb_nested_scratch *s = SB_NEW(arena, sb_nested_scratch);
    if (!s) {
        SB_NOMEM(err);
    }
    s->mem = call->mem;
    call->state = s;
    return SB_OK;
}

void
sb_nested_release(void *state)
{
    sb_nested_scratch *s = state;
    sb_free(s->mem, s->at, sizeof *s->at * (size_t)s->capacity);
}

sb_status
sb_nested_reserve(sb_nested_scratch *s, int32_t count, sb_error *err)
{
    if (count <= s->capacity) {
        return SB_OK;
    }
    int32_t more = count < 64 ? 64 : count > INT32_MAX / 2 ? count : count * 2;
    int32_t *bigger = sb_alloc(s->mem, sizeof *bigger * (size_t)more);
    if (!bigger) {
        SB_NOMEM(err);
    }
    if (s->capacity > 0) {
        memcpy(bigger, s->at, sizeof *bigger * (size_t)s->capacity);
    }
    sb_nested_release(s);
    s->at = bigger;
    s->capacity = more;
    return SB_OK;
}

/* ---- equality ---- */

static bool
lists_equal(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b)
{
    sb_list_entry x = sb_list_at(a, row_a), y = sb_list_at(b, row_b);
    bool map = a->type->id == SB_TYPE_MAP;
    const sb_vector *xs = sb_list_child(a, 0), *ys = sb_list_child(b, 0);
    if (x.count != y.count) {
        return false;
    }
    for (int32_t i = 0; i < x.count; i++) {
        int32_t j = i;
        bool same = sb_nested_equal(xs, x.offset + i, ys, y.offset + i);
        for (j = same ? i : 0; map && !same && j < y.count; j += !same) {
            same = sb_nested_equal(xs, x.offset + i, ys, y.offset + j);
        }
        if (!same || (map && !sb_nested_equal(sb_list_child(a, 1), x.offset + i,
                                              sb_list_child(b, 1), y.offset + j))) {
            return false;
        }
    }
    return true;
}

static bool
rows_equal(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b)
{
    row_a = sb_vector_index(a, row_a);
    row_b = sb_vector_index(b, row_b);
    for (int32_t i = 0; i < a->type->count_children; i++) {
        if (!sb_nested_equal(sb_list_child(a, i), row_a, sb_list_child(b, i), row_b)) {
            return false;
        }
    }
    return true;
}

bool
sb_nested_equal(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b)
{
    bool valid_a = sb_vector_valid(a, row_a), valid_b = sb_vector_valid(b, row_b);
    if (!valid_a || !valid_b) {
        return valid_a == valid_b;
    }
    switch ((sb_phys)a->phys) {
    case SB_PHYS_LIST: return lists_equal(a, row_a, b, row_b);
    case SB_PHYS_STRUCT: return rows_equal(a, row_a, b, row_b);
    case SB_PHYS_F64:
        return *(const double *)sb_vector_at(a, row_a) == *(const double *)sb_vector_at(b, row_b);
    case SB_PHYS_F32:
        return *(const float *)sb_vector_at(a, row_a) == *(const float *)sb_vector_at(b, row_b);
    default: return sb_value_equal(a, row_a, b, row_b);
    }
}

/* ---- = and <> of ARRAY and MAP, IS [NOT] DISTINCT FROM ---- */

static sb_status
and_of_fields(sb_infer *in, sb_expr **out, sb_error *err)
{
    int32_t count = in->args[0]->type.count_children;
    sb_expr **parts = SB_NEW_ARRAY(in->arena, sb_expr *, count);
    if (!parts) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        sb_expr *pair[2];
        SB_TRY(sb_expr_field(in->arena, in->args[0], i, &pair[0], err), err);
        SB_TRY(sb_expr_field(in->arena, in->args[1], i, &pair[1], err), err);
        SB_TRY(sb_expr_call(in->arena, "=", pair, 2, &parts[i], err), err);
    }
    *out = parts[0];
    return count == 1 ? SB_OK : sb_expr_call(in->arena, "AND", parts, count, out, err);
}

/* ROWs are equal when all their fields are, with NULL for unknown; the others, and structured
 * types, as a whole. */
static sb_status
nested_equal_infer(sb_infer *in, sb_error *err)
{
    bool negate = in->function->impl->code != 0;
    if (in->count != 2 || in->args[0]->type.count_children == 0 ||
        in->args[0]->type.id != in->args[1]->type.id ||
        in->args[0]->type.count_children != in->args[1]->type.count_children) {
        return sb_infer_mismatch(in, err);
    }
    bool structured = in->args[0]->type.class_name || in->args[1]->type.class_name;
    if (in->args[0]->type.id == SB_TYPE_ROW && in->function->name[0] != 'I' && !structured) {
        SB_TRY(and_of_fields(in, &in->replace, err), err);
        return negate ? sb_expr_call(in->arena, "NOT", &in->replace, 1, &in->replace, err) : SB_OK;
    }
    sb_type common;
    if (sb_infer_common(in, 0, 1, -1, &common, err) != SB_OK) {
        return sb_infer_mismatch(in, err);
    }
    bool null = in->function->name[0] != 'I' && sb_infer_nullable(in);
    in->type = SB_TYPE(BOOLEAN, null);
    return SB_OK;
}

static sb_status
nested_equal_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    bool own = (call->expr->function->flags & SB_FN_OWN_NULLS) != 0;
    bool negate = call->expr->function->impl->code != 0;
    const sb_vector *a = call->args[0], *b = call->args[1];
    SB_TRY(own ? sb_call_result(call, false, out, err) : sb_call_strict_result(call, out, err),
           err);
    uint8_t *values = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        if (own || sb_vector_valid(*out, r)) {
            values[r] = sb_nested_equal(a, r, b, r) != negate;
        }
    }
    return SB_OK;
}

const sb_impl sb_impl_nested_eq = {
    .infer = nested_equal_infer, .vector = nested_equal_vector, .code = 0};
const sb_impl sb_impl_nested_ne = {
    .infer = nested_equal_infer, .vector = nested_equal_vector, .code = 1};

/* x IN (a, b) of nested values: x = a OR x = b; NOT IN: x <> a AND x <> b. */
static sb_status
nested_in_infer(sb_infer *in, sb_error *err)
{
    bool negate = in->function->impl->code != 0;
    sb_expr **parts = SB_NEW_ARRAY(in->arena, sb_expr *, in->count);
    if (in->count < 2 || in->args[0]->type.count_children == 0) {
        return sb_infer_mismatch(in, err);
    }
    if (!parts) {
        SB_NOMEM(err);
    }
    for (int32_t i = 1; i < in->count; i++) {
        sb_expr *pair[2] = {in->args[0], in->args[i]};
        SB_TRY(sb_expr_call(in->arena, negate ? "<>" : "=", pair, 2, &parts[i - 1], err), err);
    }
    in->replace = parts[0];
    return in->count == 2 ? SB_OK
                          : sb_expr_call(in->arena, negate ? "AND" : "OR", parts, in->count - 1,
                                         &in->replace, err);
}

const sb_impl sb_impl_nested_in = {.infer = nested_in_infer, .code = 0};
const sb_impl sb_impl_nested_not_in = {.infer = nested_in_infer, .code = 1};

/* ---- type rules ---- */

static sb_type
type_of(sb_arena *arena, uint8_t id, const sb_type *first, const sb_type *second, bool null,
        sb_error *err)
{
    sb_type type = {.id = id, .nullable = null, .count_children = second ? 2 : 1};
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, type.count_children);
    if (!fields) {
        sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        return (sb_type){0};
    }
    fields[0] = (sb_field){.name = second ? "key" : "element", .type = *first};
    if (second) {
        fields[1] = (sb_field){.name = "value", .type = *second};
    }
    type.children = fields;
    return type;
}

sb_type
sb_type_array_of(sb_arena *arena, const sb_type *element, bool null, sb_error *err)
{
    return type_of(arena, SB_TYPE_ARRAY, element, NULL, null, err);
}

sb_type
sb_type_map_of(sb_arena *arena, const sb_type *key, const sb_type *value, bool null, sb_error *err)
{
    return type_of(arena, SB_TYPE_MAP, key, value, null, err);
}

bool
sb_infer_is(const sb_infer *in, int32_t i, sb_type_id id)
{
    return i < in->count && in->args[i]->type.id == id;
}

sb_status
sb_infer_coerce(sb_infer *in, int32_t i, sb_type to, sb_error *err)
{
    sb_expr *out;
    sb_error ignored;
    to.nullable = in->args[i]->type.nullable;
    sb_status status = sb_expr_coerce(in->arena, in->args[i], &to, &out, &ignored);
    if (status == SB_STATUS_SEMANTIC) {
        return sb_infer_mismatch(in, err);
    }
    if (status != SB_OK) {
        SB_NOMEM(err);
    }
    in->args[i] = out;
    return SB_OK;
}
