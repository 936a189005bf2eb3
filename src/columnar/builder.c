/*
 * columnar/builder.c -- column builders.
 *
 * DESIGN     Values and validity grow by doubling; a finished vector tells the next one how much
 *            room to start with. Strings are copied into heap blocks that never move, so views stay
 *            right while the builder grows. Room for all that an append needs is made before
 *            anything is written: all or nothing.
 * THREADS    one thread at a time.
 */
#include "columnar/builder.h"

#include <string.h>

#include "columnar/gather.h"

#define ROOM_FIRST 64
#define HEAP_FIRST 1024
#define HEAP_MAX   (256 * 1024)

static uint64_t *
builder_bits(sb_column_builder *c)
{
    return (uint64_t *)(void *)c->validity->data;
}

static size_t
width_of(const sb_column_builder *c)
{
    return (size_t)sb_phys_size((sb_phys)c->phys);
}

/* ---- life
 * --------------------------------------------------------------------------------------- */

sb_status
sb_column_builder_init(sb_column_builder *c, sb_mem *mem, const sb_type *type, sb_error *err)
{
    *c = (sb_column_builder){.type = type, .phys = (uint8_t)sb_type_phys(type), .mem = mem};
    bool nested = c->phys == SB_PHYS_LIST || c->phys == SB_PHYS_STRUCT;
    if (!nested) {
        return SB_OK;
    }
    c->children = sb_alloc_zero(mem, sizeof *c->children * (size_t)type->count_children);
    if (!c->children) {
        SB_NOMEM(err);
    }
    c->count_children = type->count_children;
    for (int32_t i = 0; i < c->count_children; i++) {
        sb_status status =
            sb_column_builder_init(&c->children[i], mem, &type->children[i].type, err);
        if (status != SB_OK) {
            sb_column_builder_deinit(c);
            return status;
        }
    }
    return SB_OK;
}

/* Room of the array of heaps: follows from the count. */
static int32_t
heaps_room(int32_t count)
{
    int32_t room = 4;
    while (room < count) {
        room *= 2;
    }
    return count ? room : 0;
}

/* Drops all rows; `heaps` keeps its room. */
static void
builder_clear(sb_column_builder *c)
{
    sb_buffer_unref(c->values);
    sb_buffer_unref(c->validity);
    for (int32_t i = 0; i < c->count_heaps; i++) {
        sb_buffer_unref(c->heaps[i]);
    }
    c->values = c->validity = c->heap = NULL;
    c->count_heaps = c->count = c->capacity = 0;
    c->heap_used = c->heap_total = 0;
    c->has_nulls = c->failed = false;
    for (int32_t i = 0; i < c->count_children; i++) {
        builder_clear(&c->children[i]);
    }
}

void
sb_column_builder_deinit(sb_column_builder *c)
{
    builder_clear(c);
    sb_free(c->mem, c->heaps, sizeof *c->heaps * (size_t)c->capacity_heaps);
    for (int32_t i = 0; i < c->count_children; i++) {
        if (c->children[i].mem) { /* else: not reached by an init that failed */
            sb_column_builder_deinit(&c->children[i]);
        }
    }
    if (c->children) {
        sb_free(c->mem, c->children, sizeof *c->children * (size_t)c->type->count_children);
    }
    *c = (sb_column_builder){.type = c->type, .phys = c->phys, .mem = c->mem};
}

/* ---- room
 * --------------------------------------------------------------------------------------- */

static int32_t
next_capacity(const sb_column_builder *c, int64_t need)
{
    int64_t capacity = c->capacity > 0 ? (int64_t)c->capacity * 2 : ROOM_FIRST;
    if (c->capacity == 0 && c->count_last > capacity) {
        capacity = c->count_last;
    }
    if (capacity < need) {
        capacity = need;
    }
    return capacity > INT32_MAX - 64 ? INT32_MAX - 64 : (int32_t)capacity;
}

static sb_buffer *
grown(sb_mem *mem, sb_buffer *old, int64_t used, int64_t size)
{
    sb_buffer *buffer = sb_buffer_new(mem, size);
    if (buffer && old) {
        memcpy(buffer->data, old->data, (size_t)used);
    }
    return buffer;
}

static bool
grow(sb_column_builder *c, int32_t count)
{
    int64_t need = (int64_t)c->count + count;
    int32_t capacity = next_capacity(c, need);
    if (need > capacity) {
        return false;
    }
    sb_buffer *values = grown(c->mem, c->values, (int64_t)c->count * (int64_t)width_of(c),
                              (int64_t)capacity * (int64_t)width_of(c));
    if (!values) {
        return false;
    }
    if (c->validity) {
        int64_t size = sb_bits_bytes(capacity), used = sb_bits_bytes(c->capacity);
        sb_buffer *validity = grown(c->mem, c->validity, used, size);
        if (!validity) {
            sb_buffer_unref(values);
            return false;
        }
        memset(validity->data + used, 0xFF, (size_t)(size - used));
        sb_buffer_unref(c->validity);
        c->validity = validity;
    }
    sb_buffer_unref(c->values);
    c->values = values;
    c->capacity = capacity;
    return true;
}

static inline bool
make_room(sb_column_builder *c, int32_t count)
{
    if (__builtin_expect(c->failed, 0)) {
        return false;
    }
    if (__builtin_expect(count > c->capacity - c->count, 0) && !grow(c, count)) {
        c->failed = true;
        return false;
    }
    return true;
}

static bool
make_validity(sb_column_builder *c)
{
    if (c->validity || c->phys == SB_PHYS_NULL) {
        return true;
    }
    int64_t size = sb_bits_bytes(c->capacity);
    c->validity = sb_buffer_new(c->mem, size);
    if (!c->validity) {
        c->failed = true;
        return false;
    }
    memset(c->validity->data, 0xFF, (size_t)size);
    return true;
}

static inline char *
value_at(sb_column_builder *c, int32_t row)
{
    return (char *)c->values->data + (size_t)row * width_of(c);
}

void *
sb_column_reserve(sb_column_builder *c, int32_t count)
{
    sb_dassert(c->phys != SB_PHYS_LIST && c->phys != SB_PHYS_STRUCT);
    return make_room(c, count) ? value_at(c, c->count) : NULL;
}

void
sb_column_added(sb_column_builder *c, int32_t count, const uint8_t *valid)
{
    if (c->failed) {
        return;
    }
    sb_dassert(count <= c->capacity - c->count);
    uint8_t all = 1;
    for (int32_t i = 0; valid && i < count; i++) {
        all &= valid[i] != 0;
    }
    if (!all) {
        if (!make_validity(c)) {
            return;
        }
        for (int32_t i = 0; i < count && c->phys != SB_PHYS_NULL; i++) {
            if (!valid[i]) {
                sb_bit_clear(builder_bits(c), c->count + i);
            }
        }
        c->has_nulls = true;
    }
    c->count += count;
}

/* ---- heaps
 * -------------------------------------------------------------------------------------- */

#define LOOK_BACK 16 /* how many heaps are searched for a duplicate */

/* Adds a heap to the list; takes the reference over, also on failure. */
static bool
add_heap(sb_column_builder *c, sb_buffer *heap)
{
    if (c->count_heaps == c->capacity_heaps) {
        int32_t need = heaps_room(c->count_heaps + 1);
        size_t one = sizeof *c->heaps;
        sb_buffer **heaps =
            sb_realloc(c->mem, c->heaps, one * (size_t)c->capacity_heaps, one * (size_t)need);
        if (!heaps) {
            sb_buffer_unref(heap);
            c->failed = true;
            return false;
        }
        c->heaps = heaps;
        c->capacity_heaps = need;
    }
    c->heaps[c->count_heaps++] = heap;
    return true;
}

static __attribute__((noinline)) char *
new_heap(sb_column_builder *c, size_t size)
{
    int64_t room = c->heap                     ? c->heap->size * 2
                   : c->heap_last > HEAP_FIRST ? c->heap_last
                                               : HEAP_FIRST;
    room = room < (int64_t)size * 4 ? (int64_t)size * 4 : room;
    room = room > HEAP_MAX ? HEAP_MAX : room;
    /* a large string does not waste the rest of the block */
    bool own_block = (int64_t)size * 4 > room;
    sb_buffer *heap = sb_buffer_new(c->mem, own_block ? (int64_t)size : room);
    if (!heap) {
        c->failed = true;
        return NULL;
    }
    if (!add_heap(c, heap)) {
        return NULL;
    }
    c->heap_total += (int64_t)size;
    if (!own_block) {
        c->heap = heap;
        c->heap_used = (int64_t)size;
    }
    return (char *)heap->data;
}

char *
sb_column_heap(sb_column_builder *c, size_t size)
{
    if (c->failed) {
        return NULL;
    }
    if (!c->heap || (int64_t)size > c->heap->size - c->heap_used) {
        return new_heap(c, size);
    }
    char *at = (char *)c->heap->data + c->heap_used;
    c->heap_used += (int64_t)size;
    c->heap_total += (int64_t)size;
    return at;
}

void
sb_column_pin(sb_column_builder *c, sb_buffer *heap)
{
    int32_t from = c->count_heaps > LOOK_BACK ? c->count_heaps - LOOK_BACK : 0;
    for (int32_t i = c->count_heaps - 1; i >= from; i--) {
        if (c->heaps[i] == heap) {
            return;
        }
    }
    if (!c->failed) {
        add_heap(c, sb_buffer_ref(heap));
    }
}

static void
pin_vector(sb_column_builder *c, const sb_vector *from)
{
    for (; from; from = from->base) {
        for (int32_t i = 0; i < from->count_heaps; i++) {
            sb_column_pin(c, from->heaps[i]);
        }
        for (int32_t i = 0; i < from->count_more_heaps; i++) {
            sb_column_pin(c, from->more_heaps[i]);
        }
        if (from->dict) {
            pin_vector(c, from->dict);
        }
    }
}

/* ---- one value
 * ---------------------------------------------------------------------------------- */

void
sb_column_null(sb_column_builder *c)
{
    if (!make_room(c, 1) || !make_validity(c)) {
        return;
    }
    for (int32_t i = 0; c->phys == SB_PHYS_STRUCT && i < c->count_children; i++) {
        sb_column_null(&c->children[i]);
    }
    memset(value_at(c, c->count), 0, width_of(c));
    if (c->phys == SB_PHYS_LIST && c->count_children > 0) {
        ((sb_list_entry *)(void *)value_at(c, c->count))->offset = c->children[0].count;
    }
    if (c->validity) {
        sb_bit_clear(builder_bits(c), c->count);
    }
    c->has_nulls = true;
    c->count++;
}

void
sb_column_value(sb_column_builder *c, const void *value)
{
    sb_dassert(c->phys != SB_PHYS_VIEW && c->phys != SB_PHYS_LIST && c->phys != SB_PHYS_STRUCT);
    if (make_room(c, 1)) {
        memcpy(value_at(c, c->count), value, width_of(c));
        c->count++;
    }
}

void
sb_column_i64(sb_column_builder *c, int64_t v)
{
    if (!make_room(c, 1)) {
        return;
    }
    void *at = value_at(c, c->count);
    switch ((sb_phys)c->phys) {
    case SB_PHYS_BOOL: *(uint8_t *)at = v != 0; break;
    case SB_PHYS_I8: *(int8_t *)at = (int8_t)v; break;
    case SB_PHYS_I16: *(int16_t *)at = (int16_t)v; break;
    case SB_PHYS_I32: *(int32_t *)at = (int32_t)v; break;
    case SB_PHYS_I64: *(int64_t *)at = v; break;
    case SB_PHYS_I128: *(sb_int128 *)at = v; break;
    case SB_PHYS_TSNS: *(sb_ts_ns *)at = (sb_ts_ns){.us = v}; break;
    default: sb_assert(!"not an integer kind");
    }
    c->count++;
}

void
sb_column_f64(sb_column_builder *c, double v)
{
    sb_assert(c->phys == SB_PHYS_F32 || c->phys == SB_PHYS_F64);
    if (!make_room(c, 1)) {
        return;
    }
    if (c->phys == SB_PHYS_F32) {
        *(float *)(void *)value_at(c, c->count) = (float)v;
    } else {
        *(double *)(void *)value_at(c, c->count) = v;
    }
    c->count++;
}

void
sb_column_bytes(sb_column_builder *c, const char *data, size_t size)
{
    sb_dassert(c->phys == SB_PHYS_VIEW);
    if (size > SB_LENGTH_MAX) {
        c->failed = true;
    }
    if (!make_room(c, 1)) {
        return;
    }
    if (size > SB_VIEW_INLINE) {
        char *copy = sb_column_heap(c, size);
        if (!copy) {
            return;
        }
        data = memcpy(copy, data, size);
    }
    *(sb_view *)(void *)value_at(c, c->count) =
        size ? sb_view_make(data, (uint32_t)size) : (sb_view){.words = {0, 0}};
    c->count++;
}

void
sb_column_view(sb_column_builder *c, sb_view view)
{
    sb_dassert(c->phys == SB_PHYS_VIEW);
    if (make_room(c, 1)) {
        *(sb_view *)(void *)value_at(c, c->count) = view;
        c->count++;
    }
}

void
sb_column_list_begin(sb_column_builder *c)
{
    sb_dassert(c->phys == SB_PHYS_LIST);
    if (make_room(c, 1)) {
        *(sb_list_entry *)(void *)value_at(c, c->count) =
            (sb_list_entry){.offset = c->children[0].count};
    }
}

void
sb_column_list_end(sb_column_builder *c)
{
    if (c->failed) {
        return;
    }
    sb_list_entry *entry = (sb_list_entry *)(void *)value_at(c, c->count);
    for (int32_t i = 0; i < c->count_children; i++) {
        c->failed |= c->children[i].failed;
        sb_assert(c->failed || c->children[i].count == c->children[0].count);
    }
    entry->count = c->children[0].count - entry->offset;
    c->count += !c->failed;
}

void
sb_column_struct(sb_column_builder *c)
{
    sb_dassert(c->phys == SB_PHYS_STRUCT);
    for (int32_t i = 0; i < c->count_children; i++) {
        c->failed |= c->children[i].failed;
        sb_dassert(c->failed || c->children[i].count == c->count + 1);
    }
    if (make_room(c, 1)) {
        c->count++;
    }
}

/* ---- many values
 * -------------------------------------------------------------------------------- */

/* Elements of the lists at `rows` go to the children; the entries are written. Rows of -1 and
 * NULLs: empty. */
static bool
gather_lists(sb_column_builder *c, sb_vector *from, const int32_t *rows, int32_t count)
{
    const sb_vector *flat = from->encoding == SB_DICT ? from->dict : from;
    sb_list_entry *entries = (sb_list_entry *)(void *)value_at(c, c->count);
    int64_t total = 0, start = c->children[0].count;
    for (int32_t i = 0; i < count; i++) {
        int32_t row = rows ? rows[i] : i;
        bool valid = row >= 0 && sb_vector_valid(from, row);
        int32_t elements = valid ? ((const sb_list_entry *)sb_vector_at(from, row))->count : 0;
        entries[i] = (sb_list_entry){.offset = (int32_t)(start + total), .count = elements};
        total += elements;
        if (start + total > INT32_MAX) {
            return false;
        }
    }
    size_t size = sizeof(int32_t) * (size_t)total;
    int32_t *elements = sb_alloc(c->mem, size);
    if (!elements) {
        return false;
    }
    int32_t at = 0;
    for (int32_t i = 0; i < count; i++) {
        if (entries[i].count > 0) {
            int32_t first = ((const sb_list_entry *)sb_vector_at(from, rows ? rows[i] : i))->offset;
            for (int32_t j = 0; j < entries[i].count; j++) {
                elements[at++] = first + j;
            }
        }
    }
    bool fine = true;
    for (int32_t i = 0; i < c->count_children; i++) {
        sb_column_gather(&c->children[i], flat->children[i], elements, at);
        fine &= !c->children[i].failed;
    }
    sb_free(c->mem, elements, size);
    return fine;
}

static bool
gather_fields(sb_column_builder *c, sb_vector *from, const int32_t *rows, int32_t count)
{
    const sb_vector *flat = from->encoding == SB_DICT ? from->dict : from;
    size_t size = sizeof(int32_t) * (size_t)count;
    int32_t *mapped = sb_alloc(c->mem, size);
    if (!mapped) {
        return false;
    }
    for (int32_t i = 0; i < count; i++) {
        int32_t row = rows ? rows[i] : i;
        mapped[i] = row < 0 || !sb_vector_valid(from, row) ? -1 : sb_vector_index(from, row);
    }
    bool fine = true;
    for (int32_t i = 0; i < c->count_children; i++) {
        sb_column_gather(&c->children[i], flat->children[i], mapped, count);
        fine &= !c->children[i].failed;
    }
    sb_free(c->mem, mapped, size);
    return fine;
}

void
sb_column_gather(sb_column_builder *c, sb_vector *from, const int32_t *rows, int32_t count)
{
    sb_assert(from->phys == c->phys);
    if (count == 0 || !make_room(c, count)) {
        return;
    }
    bool nulls = sb_gather_may_have_nulls(from, rows, count);
    if (nulls && !make_validity(c)) {
        return;
    }
    bool fine = true;
    if (c->phys == SB_PHYS_LIST) {
        fine = gather_lists(c, from, rows, count);
    } else if (c->phys == SB_PHYS_STRUCT) {
        fine = gather_fields(c, from, rows, count);
    } else {
        sb_gather_values(from, rows, count, value_at(c, c->count));
        if (c->phys == SB_PHYS_VIEW) {
            pin_vector(c, from);
        }
    }
    if (!fine || c->failed) {
        c->failed = true;
        return;
    }
    if (nulls) {
        c->has_nulls |= c->phys == SB_PHYS_NULL ||
                        sb_gather_validity(from, rows, count, builder_bits(c), c->count);
    }
    c->count += count;
}

void
sb_column_repeat(sb_column_builder *c, sb_vector *from, int32_t row, int32_t count)
{
    int32_t rows[256];
    for (int32_t i = 0; i < 256 && i < count; i++) {
        rows[i] = row;
    }
    for (; count > 0; count -= 256) {
        sb_column_gather(c, from, rows, count < 256 ? count : 256);
    }
}

/* ---- finish
 * ------------------------------------------------------------------------------------- */

/* Gives values and validity away; children and heaps are added by the caller. */
static sb_vector *
make_vector(sb_column_builder *c)
{
    sb_vector *v = sb_vector_new(c->mem, c->type, c->count);
    if (!v) {
        return NULL;
    }
    if (!c->values) {
        c->values = sb_buffer_new(c->mem, 0);
    }
    if (!c->values) {
        sb_vector_unref(v);
        return NULL;
    }
    v->own_values = sb_buffer_ref(c->values);
    v->values = v->own_values->data;
    v->pinned_bytes = c->values->size;
    if (c->has_nulls && c->validity) {
        v->own_validity = sb_buffer_ref(c->validity);
        v->validity = builder_bits(c);
        v->pinned_bytes += c->validity->size;
    }
    return v;
}

sb_vector *
sb_column_finish(sb_column_builder *c, sb_error *err)
{
    sb_vector *v = c->failed ? NULL : make_vector(c);
    for (int32_t i = 0; v && i < c->count_heaps; i++) {
        if (sb_vector_add_heap(v, c->heaps[i], NULL) != SB_OK) {
            sb_vector_unref(v);
            v = NULL;
        }
    }
    for (int32_t i = 0; v && i < c->count_children; i++) {
        v->children[i] = sb_column_finish(&c->children[i], NULL);
        v->pinned_bytes += v->children[i] ? v->children[i]->pinned_bytes : 0;
        if (!v->children[i]) {
            sb_vector_unref(v);
            v = NULL;
        }
    }
    if (v) {
        c->count_last = c->count;
        c->heap_last = c->heap_total;
    } else {
        sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    builder_clear(c);
    return v;
}
