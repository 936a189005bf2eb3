/*
 * columnar/vector_ops.c -- vectors made from vectors: flat, gathered, field, retyped, compacted.
 *
 * OWNERSHIP  Every result has one reference; NULL means out of memory and leaves nothing behind.
 * THREADS    T:any
 */
#include <string.h>

#include "columnar/builder.h"
#include "columnar/gather.h"
#include "columnar/vector.h"

/* Drops what a maker has built so far; returns NULL to be returned. */
static sb_vector *
give_up(sb_vector *v)
{
    sb_vector_unref(v);
    return NULL;
}

sb_vector *
sb_vector_flatten(sb_mem *mem, sb_vector *v)
{
    return v->encoding == SB_FLAT ? sb_vector_ref(v) : sb_vector_gather(mem, v, NULL, v->length);
}

/* ---- gather
 * ------------------------------------------------------------------------------------- */

static bool
gather_fields(sb_mem *mem, sb_vector *out, const sb_vector *v, const int32_t *rows, int32_t count)
{
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
    int32_t *mapped = NULL;
    size_t mapped_size = sizeof *mapped * (size_t)count;
    if (v->encoding != SB_FLAT) {
        mapped = sb_alloc(mem, mapped_size);
        if (!mapped) {
            return false;
        }
        for (int32_t i = 0; i < count; i++) {
            int32_t row = rows ? rows[i] : i;
            mapped[i] = row < 0 ? -1 : sb_vector_index(v, row);
        }
        rows = mapped;
    }
    bool fine = true;
    for (int32_t i = 0; i < out->count_children && fine; i++) {
        out->children[i] = sb_vector_gather(mem, flat->children[i], rows, count);
        fine = out->children[i] != NULL;
        out->pinned_bytes += fine ? out->children[i]->pinned_bytes : 0;
    }
    sb_free(mem, mapped, mapped_size);
    return fine;
}

static bool
gather_children(sb_mem *mem, sb_vector *out, sb_vector *v, const int32_t *rows, int32_t count)
{
    switch ((sb_phys)out->phys) {
    case SB_PHYS_VIEW: return sb_vector_pin(out, v, NULL) == SB_OK;
    case SB_PHYS_STRUCT: return gather_fields(mem, out, v, rows, count);
    case SB_PHYS_LIST: {
        const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
        for (int32_t i = 0; i < out->count_children; i++) {
            out->children[i] = sb_vector_ref(flat->children[i]);
            out->pinned_bytes += out->children[i]->pinned_bytes;
        }
        return true;
    }
    default: return true;
    }
}

sb_vector *
sb_vector_gather(sb_mem *mem, sb_vector *v, const int32_t *rows, int32_t count)
{
    bool nulls = sb_gather_may_have_nulls(v, rows, count) && v->phys != SB_PHYS_NULL;
    sb_vector *out = sb_vector_alloc(mem, v->type, count, nulls);
    if (!out) {
        return NULL;
    }
    sb_gather_values(v, rows, count, sb_vector_values_mut(out));
    if (nulls && !sb_gather_validity(v, rows, count, sb_vector_validity_mut(out), 0)) {
        out->pinned_bytes -= out->own_validity->size;
        sb_buffer_unref(out->own_validity);
        out->own_validity = NULL;
        out->validity = NULL;
    }
    return gather_children(mem, out, v, rows, count) ? out : give_up(out);
}

/* ---- borrowed vectors
 * --------------------------------------------------------------------------- */

/* Everything of v under another header; v is kept alive as the base. */
static sb_vector *
borrow(sb_mem *mem, sb_vector *v, const sb_type *type)
{
    sb_vector *out = sb_vector_new(mem, type, v->length);
    if (!out) {
        return NULL;
    }
    sb_assert(out->phys == v->phys && out->count_children == v->count_children);
    out->encoding = v->encoding;
    out->validity = v->validity;
    out->values = v->values;
    out->pinned_bytes = v->pinned_bytes;
    out->base = sb_vector_ref(v);
    out->dict = v->dict ? sb_vector_ref(v->dict) : NULL;
    for (int32_t i = 0; i < v->count_children; i++) {
        /* A DICT has its children in the dictionary. */
        out->children[i] = v->children[i] ? sb_vector_ref(v->children[i]) : NULL;
    }
    return out;
}

sb_vector *
sb_vector_retype(sb_mem *mem, sb_vector *v, const sb_type *type)
{
    return borrow(mem, v, type);
}

/* A flat vector with the values of `child` that is NULL where either is. */
static sb_vector *
under_parent(sb_mem *mem, const sb_vector *parent, sb_vector *child)
{
    sb_vector *flat = sb_vector_flatten(mem, child);
    sb_vector *out = flat ? borrow(mem, flat, flat->type) : NULL;
    sb_vector_unref(flat);
    if (!out || out->phys == SB_PHYS_NULL) {
        return out;
    }
    out->length = parent->length;
    int64_t size = sb_bits_bytes(parent->length);
    out->own_validity = sb_buffer_new(mem, size);
    if (!out->own_validity) {
        return give_up(out);
    }
    uint64_t *bits = (uint64_t *)(void *)out->own_validity->data;
    for (int64_t i = 0; i < size / 8; i++) {
        bits[i] = parent->validity[i] & (out->validity ? out->validity[i] : UINT64_MAX);
    }
    out->validity = bits;
    out->pinned_bytes += size;
    return out;
}

/* Field of a constant ROW: what stands at row 0, as a constant. */
static sb_vector *
const_field(sb_mem *mem, const sb_vector *v, sb_vector *child)
{
    if (!sb_vector_valid(v, 0)) {
        return sb_vector_const(mem, child->type, NULL, v->length);
    }
    static const int32_t first[1] = {0};
    sb_vector *out = sb_vector_gather(mem, child, first, 1);
    if (out) {
        out->encoding = SB_CONST;
        out->length = v->length;
    }
    return out;
}

sb_vector *
sb_vector_field(sb_mem *mem, sb_vector *v, int32_t field)
{
    sb_assert(v->phys == SB_PHYS_STRUCT && field >= 0 && field < v->count_children);
    if (v->encoding == SB_CONST) {
        return const_field(mem, v, v->children[field]);
    }
    if (v->encoding == SB_DICT) {
        sb_vector *flat = sb_vector_flatten(mem, v);
        sb_vector *out = flat ? sb_vector_field(mem, flat, field) : NULL;
        sb_vector_unref(flat);
        return out;
    }
    return v->validity ? under_parent(mem, v, v->children[field])
                       : sb_vector_ref(v->children[field]);
}

/* ---- compaction
 * --------------------------------------------------------------------------------- */

/* Gives a vector that nobody shares its own string bytes, if that is worth it. */
static bool
own_strings(sb_vector *v, bool copy_bytes)
{
    sb_view *views = sb_vector_values_mut(v);
    int64_t live = 0, pinned = v->pinned_bytes - v->own_values->size;
    for (int32_t i = 0; i < v->length; i++) {
        live +=
            sb_vector_valid(v, i) && views[i].small.size > SB_VIEW_INLINE ? views[i].small.size : 0;
    }
    if (v->count_heaps == 0 || (!copy_bytes && live * 2 >= pinned)) {
        return true;
    }
    sb_buffer *heap = sb_buffer_new(v->mem, live);
    if (!heap) {
        return false;
    }
    char *at = (char *)heap->data;
    for (int32_t i = 0; i < v->length; i++) {
        if (!sb_vector_valid(v, i)) {
            views[i] = (sb_view){.words = {0, 0}};
        } else if (views[i].small.size > SB_VIEW_INLINE) {
            memcpy(at, views[i].large.data, views[i].large.size);
            views[i].large.data = at;
            at += views[i].large.size;
        }
    }
    sb_vector_drop_heaps(v);
    sb_status status = sb_vector_add_heap(v, heap, NULL);
    sb_buffer_unref(heap);
    return status == SB_OK;
}

static bool
own_bytes(sb_vector *v, bool copy_bytes)
{
    bool fine = v->phys != SB_PHYS_VIEW || own_strings(v, copy_bytes);
    for (int32_t i = 0; i < v->count_children && fine; i++) {
        fine = own_bytes(v->children[i], copy_bytes);
    }
    return fine;
}

static sb_vector *
copy_nested(sb_mem *mem, sb_vector *v, const int32_t *rows, int32_t count)
{
    sb_column_builder builder;
    if (sb_column_builder_init(&builder, mem, v->type, NULL) != SB_OK) {
        return NULL;
    }
    sb_column_gather(&builder, v, rows, count);
    sb_vector *out = sb_column_finish(&builder, NULL);
    sb_column_builder_deinit(&builder);
    return out;
}

/* The same dictionary with the indexes of these rows. */
static sb_vector *
compact_dict(sb_mem *mem, sb_vector *v, const int32_t *rows, int32_t count)
{
    sb_vector *out = sb_vector_new(mem, v->type, count);
    sb_buffer *own = sb_buffer_new(mem, (int64_t)sizeof(int32_t) * count);
    if (!out || !own) {
        sb_buffer_unref(own);
        return give_up(out);
    }
    const int32_t *from = v->values;
    int32_t *to = (int32_t *)(void *)own->data;
    for (int32_t i = 0; i < count; i++) {
        to[i] = from[rows ? rows[i] : i];
    }
    out->encoding = SB_DICT;
    out->dict = sb_vector_ref(v->dict);
    out->own_values = own;
    out->values = own->data;
    out->pinned_bytes = own->size + v->dict->pinned_bytes;
    if (v->validity) {
        out->own_validity = sb_buffer_new(mem, sb_bits_bytes(count));
        if (!out->own_validity) {
            return give_up(out);
        }
        out->validity = (const uint64_t *)(const void *)out->own_validity->data;
        out->pinned_bytes += out->own_validity->size;
        memset(out->own_validity->data, 0xff, (size_t)out->own_validity->size);
        sb_gather_validity(v, rows, count, sb_vector_validity_mut(out), 0);
    }
    return out;
}

sb_vector *
sb_vector_compact(sb_mem *mem, sb_vector *v, const int32_t *rows, int32_t count, bool copy_bytes)
{
    bool nested = v->phys == SB_PHYS_LIST || v->phys == SB_PHYS_STRUCT;
    if (!copy_bytes && !nested && v->encoding == SB_CONST) {
        return sb_vector_ref(v);
    }
    if (!copy_bytes && !nested && v->encoding == SB_DICT && v->dict->length <= count) {
        return compact_dict(mem, v, rows, count);
    }
    sb_vector *out =
        nested ? copy_nested(mem, v, rows, count) : sb_vector_gather(mem, v, rows, count);
    return !out || own_bytes(out, copy_bytes) ? out : give_up(out);
}
