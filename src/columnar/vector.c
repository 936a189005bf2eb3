/*
 * columnar/vector.c -- buffers and vectors: life, gathering, views of other vectors.
 *
 * DESIGN     A vector that shares memory of another keeps a reference on it in `base` and copies
 *            its pointers. Vectors of nested types own an array of child references, filled by
 *            their maker.
 * OWNERSHIP  By reference count; unref of the last one frees children, dictionary, buffers, heaps
 *            and base.
 * THREADS    T:any to read and ref; building: one thread.
 */
#include "columnar/vector.h"

#include <stdatomic.h>
#include <string.h>

#include "columnar/gather.h"

/* ---- buffers
 * ------------------------------------------------------------------------------------ */

#define BUFFER_HEAD 64
SB_STATIC_ASSERT(sizeof(sb_buffer) <= BUFFER_HEAD, "the data follows the head at a multiple of 64");

/* Size of the block that holds head and data. Small blocks of the heap are aligned to 16 only:
 * leave room to align. */
static size_t
buffer_block(int64_t size)
{
    size_t block = BUFFER_HEAD + (((size_t)size + 63) & ~(size_t)63);
    return block < 1024 ? block + 48 : block;
}

sb_buffer *
sb_buffer_new(sb_mem *mem, int64_t size)
{
    sb_assert(size >= 0);
    sb_buffer *buffer = sb_alloc(mem, buffer_block(size));
    if (!buffer) {
        return NULL;
    }
    atomic_init(&buffer->refs, 1);
    buffer->size = size;
    buffer->data = (uint8_t *)(((uintptr_t)buffer + BUFFER_HEAD + 63) & ~(uintptr_t)63);
    buffer->mem = mem;
    buffer->release = NULL;
    buffer->ctx = NULL;
    return buffer;
}

sb_buffer *
sb_buffer_foreign(sb_mem *mem, const void *data, int64_t size, void (*release)(sb_buffer *),
                  void *ctx)
{
    sb_assert(release);
    sb_buffer *buffer = sb_alloc(mem, sizeof *buffer);
    if (buffer) {
        atomic_init(&buffer->refs, 1);
        buffer->size = size;
        buffer->data = (uint8_t *)(uintptr_t)data;
        buffer->mem = mem;
        buffer->release = release;
        buffer->ctx = ctx;
    }
    return buffer;
}

sb_buffer *
sb_buffer_ref(sb_buffer *buffer)
{
    atomic_fetch_add_explicit(&buffer->refs, 1, memory_order_relaxed);
    return buffer;
}

void
sb_buffer_unref(sb_buffer *buffer)
{
    if (!buffer) {
        return;
    }
    int32_t before = atomic_fetch_sub_explicit(&buffer->refs, 1, memory_order_acq_rel);
    sb_assert(before > 0);
    if (before > 1) {
        return;
    }
    if (buffer->release) {
        buffer->release(buffer);
        sb_free(buffer->mem, buffer, sizeof *buffer);
    } else {
        sb_free(buffer->mem, buffer, buffer_block(buffer->size));
    }
}

/* ---- life of a vector
 * --------------------------------------------------------------------------- */

/* Room of the array of further heaps: follows from the count. */
static int32_t
heaps_room(int32_t count)
{
    int32_t room = 8;
    while (room < count) {
        room *= 2;
    }
    return count ? room : 0;
}

static size_t
children_bytes(const sb_vector *v)
{
    return sizeof *v->children * (size_t)v->count_children;
}

sb_vector *
sb_vector_ref(sb_vector *v)
{
    atomic_fetch_add_explicit(&v->refs, 1, memory_order_relaxed);
    return v;
}

void
sb_vector_drop_heaps(sb_vector *v)
{
    for (int32_t i = 0; i < v->count_heaps; i++) {
        v->pinned_bytes -= v->heaps[i]->size;
        sb_buffer_unref(v->heaps[i]);
    }
    for (int32_t i = 0; i < v->count_more_heaps; i++) {
        v->pinned_bytes -= v->more_heaps[i]->size;
        sb_buffer_unref(v->more_heaps[i]);
    }
    sb_free(v->mem, v->more_heaps, sizeof *v->more_heaps * (size_t)heaps_room(v->count_more_heaps));
    v->count_heaps = 0;
    v->count_more_heaps = 0;
    v->more_heaps = NULL;
}

static void
vector_free(sb_vector *v)
{
    if (v->children) {
        for (int32_t i = 0; i < v->count_children; i++) {
            sb_vector_unref(v->children[i]);
        }
        sb_free(v->mem, v->children, children_bytes(v));
    }
    sb_vector_unref(v->dict);
    sb_buffer_unref(v->own_validity);
    sb_buffer_unref(v->own_values);
    sb_vector_drop_heaps(v);
    sb_vector_unref(v->base);
    sb_free(v->mem, v, sizeof *v);
}

void
sb_vector_unref(sb_vector *v)
{
    if (!v) {
        return;
    }
    int32_t before = atomic_fetch_sub_explicit(&v->refs, 1, memory_order_acq_rel);
    sb_assert(before > 0);
    if (before == 1) {
        vector_free(v);
    }
}

sb_vector *
sb_vector_new(sb_mem *mem, const sb_type *type, int32_t length)
{
    sb_assert(length >= 0);
    sb_vector *v = sb_alloc_zero(mem, sizeof *v);
    if (!v) {
        return NULL;
    }
    atomic_init(&v->refs, 1);
    v->mem = mem;
    v->encoding = SB_FLAT;
    v->phys = (uint8_t)sb_type_phys(type);
    v->length = length;
    v->type = type;
    if (v->phys == SB_PHYS_LIST || v->phys == SB_PHYS_STRUCT) {
        v->count_children = type->count_children;
        v->children = sb_alloc_zero(mem, children_bytes(v));
        if (!v->children) {
            sb_vector_unref(v);
            return NULL;
        }
    }
    return v;
}

static bool
add_validity(sb_vector *v)
{
    int64_t size = sb_bits_bytes(v->length);
    v->own_validity = sb_buffer_new(v->mem, size);
    if (!v->own_validity) {
        return false;
    }
    memset(v->own_validity->data, 0xFF, (size_t)size);
    v->validity = (const uint64_t *)(const void *)v->own_validity->data;
    v->pinned_bytes += size;
    return true;
}

sb_vector *
sb_vector_alloc(sb_mem *mem, const sb_type *type, int32_t length, bool with_validity)
{
    sb_vector *v = sb_vector_new(mem, type, length);
    if (!v) {
        return NULL;
    }
    int64_t size = (int64_t)length * sb_phys_size((sb_phys)v->phys);
    v->own_values = sb_buffer_new(mem, size);
    if (!v->own_values || (with_validity && !add_validity(v))) {
        sb_vector_unref(v);
        return NULL;
    }
    v->values = v->own_values->data;
    v->pinned_bytes += size;
    if (with_validity && (v->phys == SB_PHYS_VIEW || v->phys == SB_PHYS_LIST)) {
        memset(v->own_values->data, 0, (size_t)size); /* what stays under a NULL is safe to read */
    }
    return v;
}

/* ---- heaps
 * -------------------------------------------------------------------------------------- */

#define LOOK_BACK 64 /* how many heaps are searched for a duplicate */

static bool
has_heap(const sb_vector *v, const sb_buffer *heap)
{
    for (int32_t i = 0; i < v->count_heaps; i++) {
        if (v->heaps[i] == heap) {
            return true;
        }
    }
    int32_t from = v->count_more_heaps > LOOK_BACK ? v->count_more_heaps - LOOK_BACK : 0;
    for (int32_t i = v->count_more_heaps - 1; i >= from; i--) {
        if (v->more_heaps[i] == heap) {
            return true;
        }
    }
    return false;
}

sb_status
sb_vector_add_heap(sb_vector *v, sb_buffer *heap, sb_error *err)
{
    if (has_heap(v, heap)) {
        return SB_OK;
    }
    if (v->count_heaps < SB_VECTOR_HEAPS) {
        v->heaps[v->count_heaps++] = sb_buffer_ref(heap);
    } else {
        int32_t room = heaps_room(v->count_more_heaps), need = heaps_room(v->count_more_heaps + 1);
        if (need > room) {
            size_t one = sizeof *v->more_heaps;
            sb_buffer **grown =
                sb_realloc(v->mem, v->more_heaps, one * (size_t)room, one * (size_t)need);
            if (!grown) {
                SB_NOMEM(err);
            }
            v->more_heaps = grown;
        }
        v->more_heaps[v->count_more_heaps++] = sb_buffer_ref(heap);
    }
    v->pinned_bytes += heap->size;
    return SB_OK;
}

sb_status
sb_vector_pin(sb_vector *v, sb_vector *from, sb_error *err)
{
    for (; from; from = from->base) {
        for (int32_t i = 0; i < from->count_heaps; i++) {
            SB_TRY(sb_vector_add_heap(v, from->heaps[i], err), err);
        }
        for (int32_t i = 0; i < from->count_more_heaps; i++) {
            SB_TRY(sb_vector_add_heap(v, from->more_heaps[i], err), err);
        }
        if (from->dict) {
            SB_TRY(sb_vector_pin(v, from->dict, err), err);
        }
    }
    return SB_OK;
}

int64_t
sb_vector_count_pinned(const sb_vector *v)
{
    int64_t bytes = 0;
    for (; v; v = v->base) {
        bytes += (v->own_values ? v->own_values->size : 0) +
                 (v->own_validity ? v->own_validity->size : 0);
        for (int32_t i = 0; i < v->count_heaps; i++) {
            bytes += v->heaps[i]->size;
        }
        for (int32_t i = 0; i < v->count_more_heaps; i++) {
            bytes += v->more_heaps[i]->size;
        }
        /* A borrowed dictionary or child is counted with the base. */
        if (!v->base) {
            bytes += v->dict ? sb_vector_count_pinned(v->dict) : 0;
            for (int32_t i = 0; i < v->count_children; i++) {
                bytes += sb_vector_count_pinned(v->children[i]);
            }
        }
    }
    return bytes;
}

/* ---- constants
 * ---------------------------------------------------------------------------------- */

static bool
const_string(sb_vector *v, const sb_view *value)
{
    sb_view view = *value;
    if (sb_view_size(&view) > SB_VIEW_INLINE) {
        sb_buffer *heap = sb_buffer_new(v->mem, sb_view_size(&view));
        if (!heap) {
            return false;
        }
        memcpy(heap->data, view.large.data, sb_view_size(&view));
        view.large.data = (const char *)heap->data;
        v->heaps[v->count_heaps++] = heap;
        v->pinned_bytes += heap->size;
    }
    memcpy(v->own_values->data, &view, sizeof view);
    return true;
}

sb_vector *
sb_vector_empty(sb_mem *mem, const sb_type *type)
{
    sb_vector *v = sb_vector_alloc(mem, type, 0, false);
    for (int32_t i = 0; v && i < v->count_children; i++) {
        v->children[i] = sb_vector_empty(mem, &type->children[i].type);
        if (!v->children[i]) {
            sb_vector_unref(v);
            return NULL;
        }
    }
    return v;
}

static bool
const_null(sb_vector *v, int32_t length)
{
    memset(v->own_values->data, 0, (size_t)v->own_values->size);
    ((uint64_t *)(void *)v->own_validity->data)[0] = 0;
    for (int32_t i = 0; i < v->count_children; i++) {
        const sb_type *type = &v->type->children[i].type;
        v->children[i] = v->phys == SB_PHYS_STRUCT ? sb_vector_const(v->mem, type, NULL, length)
                                                   : sb_vector_empty(v->mem, type);
        if (!v->children[i]) {
            return false;
        }
    }
    return true;
}

sb_vector *
sb_vector_const(sb_mem *mem, const sb_type *type, const void *value, int32_t length)
{
    sb_vector *v = sb_vector_alloc(mem, type, 1, !value);
    if (!v) {
        return NULL;
    }
    bool fine;
    if (!value) {
        fine = const_null(v, length);
    } else if (v->phys == SB_PHYS_VIEW) {
        fine = const_string(v, value);
    } else {
        sb_assert(v->phys != SB_PHYS_LIST && v->phys != SB_PHYS_STRUCT && v->phys != SB_PHYS_NULL);
        memcpy(v->own_values->data, value, (size_t)sb_phys_size((sb_phys)v->phys));
        fine = true;
    }
    if (!fine) {
        sb_vector_unref(v);
        return NULL;
    }
    v->encoding = SB_CONST;
    v->length = length;
    return v;
}
