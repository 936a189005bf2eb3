/*
 * expr/fn_map.c -- MAP_KEYS, MAP_VALUES, MAP_ENTRIES, MAP_FROM_ARRAYS, MAP_UNION.
 *
 * DESIGN     Entries keep the order in which they were put in.
 */
#include "expr/infer.h"
#include "expr/nested.h"

/* ---- MAP_KEYS, MAP_VALUES, MAP_ENTRIES: the lists of the map over other children ---- */

enum { KEYS, VALUES, ENTRIES };

static sb_status
parts_infer(sb_infer *in, sb_error *err)
{
    int code = in->function->impl->code;
    if (in->count != 1 || !sb_infer_is(in, 0, SB_TYPE_MAP)) {
        return sb_infer_mismatch(in, err);
    }
    const sb_type *map = &in->args[0]->type;
    sb_type entry = {
        .id = SB_TYPE_ROW, .nullable = true, .count_children = 2, .children = map->children};
    const sb_type *element = code == ENTRIES ? &entry : &map->children[code == KEYS ? 0 : 1].type;
    in->type = sb_type_array_of(in->arena, element, map->nullable, err);
    if (!in->type.children || code != ENTRIES) {
        return in->type.children ? SB_OK : SB_STATUS_NOMEM;
    }
    sb_field *fields = SB_NEW_ARRAY(in->arena, sb_field, 2);
    if (!fields) {
        SB_NOMEM(err);
    }
    fields[0] = (sb_field){.name = "key", .type = map->children[0].type};
    fields[1] = (sb_field){.name = "value", .type = map->children[1].type};
    ((sb_field *)(uintptr_t)in->type.children)[0].type.children = fields;
    return SB_OK;
}

static sb_vector *
entries_of(sb_call *call, const sb_vector *map)
{
    int32_t rows = map->children[0]->length;
    sb_vector *v = sb_vector_alloc(call->mem, &sb_call_type(call)->children[0].type, rows, false);
    for (int32_t i = 0; v && i < 2; i++) {
        v->children[i] = sb_vector_ref(map->children[i]);
        v->pinned_bytes += map->children[i]->pinned_bytes;
    }
    return v;
}

static sb_status
parts_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    int code = call->expr->function->impl->code;
    sb_vector *map;
    SB_TRY(sb_call_flat(call, 0, &map, err), err);
    int32_t rows = map->encoding == SB_CONST ? 1 : map->length;
    sb_vector *v = sb_vector_alloc(call->mem, sb_call_type(call), rows, map->validity != NULL);
    sb_vector *child = code == ENTRIES ? entries_of(call, map)
                                       : sb_vector_ref(map->children[code == KEYS ? 0 : 1]);
    if (!v || !child) {
        sb_vector_unref(v);
        sb_vector_unref(child);
        sb_vector_unref(map);
        SB_NOMEM(err);
    }
    __builtin_memcpy(sb_vector_values_mut(v), map->values, sizeof(sb_list_entry) * (size_t)rows);
    if (map->validity) {
        __builtin_memcpy(sb_vector_validity_mut(v), map->validity, (size_t)sb_bits_bytes(rows));
    }
    v->children[0] = child;
    v->pinned_bytes += child->pinned_bytes;
    v->encoding = map->encoding;
    v->length = map->length;
    sb_vector_unref(map);
    *out = v;
    return SB_OK;
}

const sb_impl sb_impl_map_keys = {.infer = parts_infer, .vector = parts_vector, .code = KEYS};
const sb_impl sb_impl_map_values = {.infer = parts_infer, .vector = parts_vector, .code = VALUES};
const sb_impl sb_impl_map_entries = {.infer = parts_infer, .vector = parts_vector, .code = ENTRIES};

/* ---- MAP_FROM_ARRAYS ---- */

static sb_status
from_arrays_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 2 || !sb_infer_is(in, 0, SB_TYPE_ARRAY) ||
        !sb_infer_is(in, 1, SB_TYPE_ARRAY)) {
        return sb_infer_mismatch(in, err);
    }
    in->type = sb_type_map_of(in->arena, &in->args[0]->type.children[0].type,
                              &in->args[1]->type.children[0].type, sb_infer_nullable(in), err);
    return in->type.children ? SB_OK : SB_STATUS_NOMEM;
}

static sb_status
take_entries(sb_call *call, int32_t arg, int32_t child, sb_list_entry list, sb_column_builder *to,
             sb_error *err)
{
    sb_nested_scratch *s = call->state;
    SB_TRY(sb_nested_reserve(s, list.count, err), err);
    for (int32_t i = 0; i < list.count; i++) {
        s->at[i] = list.offset + i;
    }
    sb_column_gather(to, sb_list_child(call->args[arg], child), s->at, list.count);
    return SB_OK;
}

static sb_status
from_arrays_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_list_entry keys = sb_list_at(call->args[0], row), values = sb_list_at(call->args[1], row);
    if (keys.count != values.count) {
        SB_FAIL(err, SB_STATUS_DATA, "MAP_FROM_ARRAYS: %d keys and %d values", keys.count,
                values.count);
    }
    sb_column_list_begin(to);
    SB_TRY(take_entries(call, 0, 0, keys, &to->children[0], err), err);
    SB_TRY(take_entries(call, 1, 0, values, &to->children[1], err), err);
    sb_column_list_end(to);
    return SB_OK;
}

static sb_status
from_arrays_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, from_arrays_build, out, err);
}

const sb_impl sb_impl_map_from_arrays = {.infer = from_arrays_infer,
                                         .vector = from_arrays_vector,
                                         .prepare = sb_nested_prepare,
                                         .release = sb_nested_release};

/* ---- MAP_UNION ---- */

static sb_status
union_infer(sb_infer *in, sb_error *err)
{
    for (int32_t i = 0; i < in->count; i++) {
        if (!sb_infer_is(in, i, SB_TYPE_MAP)) {
            return sb_infer_mismatch(in, err);
        }
    }
    if (in->count == 0 || sb_infer_common(in, 0, 1, -1, &in->type, err) != SB_OK) {
        return sb_infer_mismatch(in, err);
    }
    in->type.nullable = sb_infer_nullable(in);
    return SB_OK;
}

/* Is the key of an entry in the maps [from, to) of the row? Where: argument and entry. */
static bool
find_key(const sb_call *call, int32_t row, int32_t from, int32_t to, const sb_vector *keys,
         int32_t key, int32_t *out_arg, int32_t *out_entry)
{
    for (int32_t i = to; i-- > from;) {
        sb_list_entry list = sb_list_at(call->args[i], row);
        const sb_vector *others = sb_list_child(call->args[i], 0);
        for (int32_t j = list.offset + list.count; j-- > list.offset;) {
            if (sb_nested_equal(others, j, keys, key)) {
                *out_arg = i;
                *out_entry = j;
                return true;
            }
        }
    }
    return false;
}

/* Every key at its first place, with its last value. */
static sb_status
union_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    int32_t count = call->expr->count_args;
    (void)err;
    sb_column_list_begin(to);
    for (int32_t i = 0; i < count; i++) {
        sb_list_entry list = sb_list_at(call->args[i], row);
        sb_vector *keys = sb_list_child(call->args[i], 0);
        for (int32_t j = list.offset; j < list.offset + list.count; j++) {
            int32_t arg = i, entry = j;
            if (find_key(call, row, 0, i, keys, j, &arg, &entry)) {
                continue;
            }
            (void)find_key(call, row, i + 1, count, keys, j, &arg, &entry);
            sb_column_gather(&to->children[0], keys, &j, 1);
            sb_column_gather(&to->children[1], sb_list_child(call->args[arg], 1), &entry, 1);
        }
    }
    sb_column_list_end(to);
    return SB_OK;
}

static sb_status
union_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, union_build, out, err);
}

const sb_impl sb_impl_map_union = {.infer = union_infer, .vector = union_vector};
