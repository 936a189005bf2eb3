/*
 * expr/fn_nested.c -- ARRAY[...], MAP[...], ROW(...), element access, CARDINALITY, ELEMENT.
 *
 * DESIGN     A field of a ROW is FIELD (fn_cast.c). An element out of reach is NULL; a constant
 * position below 1 is refused when the call is made.
 */
#include "expr/infer.h"
#include "expr/nested.h"
#include "kernels/bits.h"

/* ---- ARRAY ---- */

static sb_status
array_infer(sb_infer *in, sb_error *err)
{
    sb_type element;
    if (in->count == 0) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "ARRAY needs at least one element");
    }
    SB_TRY(sb_infer_common(in, 0, 1, -1, &element, err), err);
    if (element.id == SB_TYPE_NULL) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "the elements of ARRAY[NULL] have no type");
    }
    in->type = sb_type_array_of(in->arena, &element, false, err);
    return in->type.children ? SB_OK : SB_STATUS_NOMEM;
}

static sb_status
array_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    (void)err;
    sb_column_list_begin(to);
    for (int32_t i = 0; i < call->expr->count_args; i++) {
        sb_column_gather(&to->children[0], call->args[i], &row, 1);
    }
    sb_column_list_end(to);
    return SB_OK;
}

static sb_status
array_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, array_build, out, err);
}

const sb_impl sb_impl_array = {.infer = array_infer, .vector = array_vector};

/* ---- MAP ---- */

static sb_status
map_infer(sb_infer *in, sb_error *err)
{
    sb_type key, value;
    if (in->count == 0 || in->count % 2 != 0) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "MAP needs pairs of key and value");
    }
    SB_TRY(sb_infer_common(in, 0, 2, -1, &key, err), err);
    SB_TRY(sb_infer_common(in, 1, 2, -1, &value, err), err);
    if (key.id == SB_TYPE_NULL || value.id == SB_TYPE_NULL) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "the keys or values of a MAP of NULLs have no type");
    }
    in->type = sb_type_map_of(in->arena, &key, &value, false, err);
    return in->type.children ? SB_OK : SB_STATUS_NOMEM;
}

/* Of equal keys the first keeps its place and the last its value. */
static sb_status
map_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    int32_t count = call->expr->count_args;
    (void)err;
    sb_column_list_begin(to);
    for (int32_t i = 0; i < count; i += 2) {
        int32_t last = i;
        bool seen = false;
        for (int32_t j = 0; j < i && !seen; j += 2) {
            seen = sb_nested_equal(call->args[j], row, call->args[i], row);
        }
        for (int32_t j = i + 2; j < count && !seen; j += 2) {
            last = sb_nested_equal(call->args[j], row, call->args[i], row) ? j : last;
        }
        if (!seen) {
            sb_column_gather(&to->children[0], call->args[i], &row, 1);
            sb_column_gather(&to->children[1], call->args[last + 1], &row, 1);
        }
    }
    sb_column_list_end(to);
    return SB_OK;
}

static sb_status
map_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, map_build, out, err);
}

const sb_impl sb_impl_map = {.infer = map_infer, .vector = map_vector};

/* ---- ROW ---- */

static sb_status
row_infer(sb_infer *in, sb_error *err)
{
    sb_field *fields = SB_NEW_ARRAY(in->arena, sb_field, in->count + 1);
    if (in->count == 0) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "ROW needs at least one field");
    }
    if (!fields) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < in->count; i++) {
        if (in->args[i]->type.id == SB_TYPE_NULL) {
            SB_FAIL(err, SB_STATUS_SEMANTIC, "NULL in ROW has no type: write CAST(NULL AS type)");
        }
        fields[i] = (sb_field){.name = sb_arena_printf(in->arena, "EXPR$%d", (int)i),
                               .type = in->args[i]->type};
        if (!fields[i].name) {
            SB_NOMEM(err);
        }
    }
    in->type = (sb_type){.id = SB_TYPE_ROW, .count_children = in->count, .children = fields};
    return SB_OK;
}

static sb_status
row_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    sb_vector *v = sb_vector_alloc(call->mem, sb_call_type(call), call->length, false);
    if (!v) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < v->count_children; i++) {
        sb_vector *arg = call->args[i];
        bool whole = arg->encoding == SB_FLAT && arg->length == call->length;
        v->children[i] =
            whole ? sb_vector_ref(arg) : sb_vector_gather(call->mem, arg, NULL, call->length);
        if (!v->children[i]) {
            sb_vector_unref(v);
            SB_NOMEM(err);
        }
        v->pinned_bytes += v->children[i]->pinned_bytes;
    }
    *out = v;
    return SB_OK;
}

const sb_impl sb_impl_row = {.infer = row_infer, .vector = row_vector};

/* ---- x[...] ---- */

static sb_status
item_of_array(sb_infer *in, sb_error *err)
{
    const sb_expr *at = in->args[1];
    if (at->type.id != SB_TYPE_NULL && !sb_type_is_integer(&at->type)) {
        return sb_infer_mismatch(in, err);
    }
    if (at->kind == SB_EXPR_LITERAL && !at->is_null && at->value.i64 < 1) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "the elements of an ARRAY are numbered from 1: there is no element %lld",
                (long long)at->value.i64);
    }
    SB_TRY(sb_infer_cast(in, 1, SB_TYPE(BIGINT, true), err), err);
    in->type = in->args[0]->type.children[0].type;
    in->type.nullable = true;
    return SB_OK;
}

static sb_status
item_of_map(sb_infer *in, sb_error *err)
{
    const sb_type *map = &in->args[0]->type;
    const sb_type *pair[2] = {&map->children[0].type, &in->args[1]->type};
    sb_type common, type;
    if (sb_type_common(in->arena, pair, 2, &common, err) != SB_OK) {
        return sb_infer_mismatch(in, err);
    }
    in->type = map->children[1].type;
    in->type.nullable = true;
    if (!sb_type_is_string(&common)) {
        type = sb_type_map_of(in->arena, &common, &map->children[1].type, map->nullable, err);
        if (!type.children) {
            return SB_STATUS_NOMEM;
        }
        SB_TRY(sb_infer_cast(in, 0, type, err), err);
        SB_TRY(sb_infer_cast(in, 1, common, err), err);
    }
    return SB_OK;
}

/* row[1], row['name']: a field, known when the call is made */
static sb_status
item_of_row(sb_infer *in, sb_error *err)
{
    const sb_type *row = &in->args[0]->type;
    const sb_expr *at = in->args[1];
    if (at->kind != SB_EXPR_LITERAL || at->is_null || row->class_name) {
        return sb_infer_mismatch(in, err);
    }
    for (int32_t i = 0; i < row->count_children; i++) {
        sb_str name = sb_str_of(row->children[i].name ? row->children[i].name : "");
        if (sb_type_is_integer(&at->type)
                ? at->value.i64 == i + 1
                : sb_type_is_string(&at->type) && sb_str_equal(name, sb_arg_str(&at->value.view))) {
            return sb_expr_field(in->arena, in->args[0], i, &in->replace, err);
        }
    }
    SB_FAIL(err, SB_STATUS_SEMANTIC, "the ROW has no such field");
}

static sb_status
item_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 2) {
        return sb_infer_mismatch(in, err);
    }
    switch (in->args[0]->type.id) {
    case SB_TYPE_ARRAY: return item_of_array(in, err);
    case SB_TYPE_MAP: return item_of_map(in, err);
    case SB_TYPE_ROW: return item_of_row(in, err);
    default: return sb_infer_mismatch(in, err);
    }
}

static sb_status
array_pick(sb_call *call, int32_t row, int32_t *out, sb_error *err)
{
    sb_list_entry list = sb_list_at(call->args[0], row);
    int64_t at = *(const int64_t *)sb_vector_at(call->args[1], row);
    (void)err;
    *out = at >= 1 && at <= list.count ? list.offset + (int32_t)at - 1 : -1;
    return SB_OK;
}

static sb_status
map_pick(sb_call *call, int32_t row, int32_t *out, sb_error *err)
{
    sb_list_entry list = sb_list_at(call->args[0], row);
    const sb_vector *keys = sb_list_child(call->args[0], 0);
    (void)err;
    *out = -1;
    for (int32_t i = list.count; i-- > 0 && *out < 0;) {
        *out = sb_nested_equal(keys, list.offset + i, call->args[1], row) ? list.offset + i : -1;
    }
    return SB_OK;
}

static sb_status
item_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_arg_type(call, 0)->id == SB_TYPE_MAP
               ? sb_call_pick(call, map_pick, 1, out, err)
               : sb_call_pick(call, array_pick, 0, out, err);
}

const sb_impl sb_impl_item = {.infer = item_infer, .vector = item_vector};

/* ---- CARDINALITY, ELEMENT ---- */

static sb_status
cardinality_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 1 || in->args[0]->type.count_children == 0 ||
        in->args[0]->type.id == SB_TYPE_ROW) {
        return sb_infer_mismatch(in, err);
    }
    in->type = SB_TYPE(INT, sb_infer_nullable(in));
    return SB_OK;
}

static sb_status
cardinality_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_vector *arg = call->args[0];
    SB_TRY(sb_call_strict_result(call, out, err), err);
    int32_t *to = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        to[r] = sb_vector_valid(arg, r) ? sb_list_at(arg, r).count : 0;
    }
    return SB_OK;
}

const sb_impl sb_impl_cardinality = {.infer = cardinality_infer, .vector = cardinality_vector};

static sb_status
element_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 1 ||
        !(sb_infer_is(in, 0, SB_TYPE_ARRAY) || sb_infer_is(in, 0, SB_TYPE_MULTISET))) {
        return sb_infer_mismatch(in, err);
    }
    in->type = in->args[0]->type.children[0].type;
    in->type.nullable = true; /* there may be none */
    return SB_OK;
}

static sb_status
element_pick(sb_call *call, int32_t row, int32_t *out, sb_error *err)
{
    sb_list_entry list = sb_list_at(call->args[0], row);
    if (list.count > 1) {
        SB_FAIL(err, SB_STATUS_DATA, "ELEMENT of a list with %d elements", list.count);
    }
    *out = list.count == 1 ? list.offset : -1;
    return SB_OK;
}

static sb_status
element_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_pick(call, element_pick, 0, out, err);
}

const sb_impl sb_impl_element = {.infer = element_infer, .vector = element_vector};
