/*
 * columnar/arrow_export.c -- batches out through the Arrow C Data interface.
 *
 * DESIGN     A column is made flat first (selection, constants, dictionaries). Where our memory is
 *            Arrow's memory the array shares it by a reference on the vector; booleans, small
 *            decimals, timestamps in other units, strings and lists with gaps are converted. Long
 *            strings go to data buffers of their own: our views hold pointers.
 * OWNERSHIP  Each array node owns an array_node: one vector reference, its converted buffers, its
 *            children.
 * THREADS    T:any
 */
#include <string.h>

#include "columnar/arrow.h"

#define OWN_MAX 4 /* converted buffers besides the data of strings */

typedef struct array_node {
    sb_mem *mem;
    sb_vector *vector;       /* whose memory is shared; may be NULL */
    sb_buffer *own[OWN_MAX]; /* converted */
    int32_t count_own;
    sb_buffer **data; /* bytes of long strings */
    int64_t count_data;
    const void **buffers;
    int64_t count_buffers;
    struct ArrowArray **children; /* pointers into `storage` */
    struct ArrowArray *storage;
    int64_t count_children;
} array_node;

static void
array_release(struct ArrowArray *self)
{
    array_node *node = self->private_data;
    sb_mem *mem = node->mem;
    for (int64_t i = 0; i < node->count_children && node->storage; i++) {
        if (node->storage[i].release) {
            node->storage[i].release(&node->storage[i]);
        }
    }
    sb_free(mem, node->storage, sizeof *node->storage * (size_t)node->count_children);
    sb_free(mem, node->children, sizeof *node->children * (size_t)node->count_children);
    for (int32_t i = 0; i < node->count_own; i++) {
        sb_buffer_unref(node->own[i]);
    }
    for (int64_t i = 0; i < node->count_data && node->data; i++) {
        sb_buffer_unref(node->data[i]);
    }
    sb_free(mem, node->data, sizeof *node->data * (size_t)node->count_data);
    sb_free(mem, node->buffers, sizeof *node->buffers * (size_t)node->count_buffers);
    sb_vector_unref(node->vector);
    sb_free(mem, node, sizeof *node);
    self->release = NULL;
}

/* A node with room for buffers and children. On failure nothing is left. */
static sb_status
start_array(sb_mem *mem, int64_t length, int64_t count_buffers, int64_t count_children,
            struct ArrowArray *out, sb_error *err)
{
    array_node *node = sb_alloc_zero(mem, sizeof *node);
    if (!node) {
        SB_NOMEM(err);
    }
    node->mem = mem;
    node->count_buffers = count_buffers;
    node->count_children = count_children;
    node->buffers = sb_alloc_zero(mem, sizeof *node->buffers * (size_t)count_buffers);
    node->storage = sb_alloc_zero(mem, sizeof *node->storage * (size_t)count_children);
    node->children = sb_alloc_zero(mem, sizeof *node->children * (size_t)count_children);
    *out = (struct ArrowArray){.length = length, .private_data = node, .release = array_release};
    if (!node->buffers || !node->storage || !node->children) {
        array_release(out);
        SB_NOMEM(err);
    }
    for (int64_t i = 0; i < count_children; i++) {
        node->children[i] = &node->storage[i];
    }
    out->n_buffers = count_buffers;
    out->buffers = node->buffers;
    out->n_children = count_children;
    out->children = count_children ? node->children : NULL;
    return SB_OK;
}

static void *
own_buffer(array_node *node, int64_t size)
{
    sb_assert(node->count_own < OWN_MAX);
    sb_buffer *buffer = sb_buffer_new(node->mem, size);
    if (!buffer) {
        return NULL;
    }
    node->own[node->count_own++] = buffer;
    return buffer->data;
}

/* ---- converted values
 * --------------------------------------------------------------------------- */

static void *
bool_bits(array_node *node, const sb_vector *v)
{
    const uint8_t *values = v->values;
    uint64_t *bits = own_buffer(node, sb_bits_bytes(v->length));
    if (bits) {
        memset(bits, 0, (size_t)sb_bits_bytes(v->length));
        for (int32_t i = 0; i < v->length; i++) {
            bits[i >> 6] |= (uint64_t)(values[i] & 1) << (i & 63);
        }
    }
    return bits;
}

static void *
wide_decimals(array_node *node, const sb_vector *v)
{
    const int64_t *values = v->values;
    sb_int128 *out = own_buffer(node, (int64_t)sizeof *out * v->length);
    for (int32_t i = 0; out && i < v->length; i++) {
        out[i] = values[i];
    }
    return out;
}

static void *
milliseconds(array_node *node, const sb_vector *v)
{
    const int64_t *values = v->values;
    int64_t *out = own_buffer(node, (int64_t)sizeof *out * v->length);
    for (int32_t i = 0; out && i < v->length; i++) {
        out[i] = values[i] / 1000 - (values[i] % 1000 < 0);
    }
    return out;
}

static sb_status
nanoseconds(array_node *node, const sb_vector *v, const void **out, sb_error *err)
{
    const sb_ts_ns *values = v->values;
    int64_t *ns = own_buffer(node, (int64_t)sizeof *ns * v->length);
    if (!ns) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < v->length; i++) {
        bool over = __builtin_mul_overflow(values[i].us, 1000, &ns[i]);
        over |= __builtin_add_overflow(ns[i], values[i].ns, &ns[i]);
        if (over && sb_vector_valid(v, i)) {
            SB_FAIL(err, SB_STATUS_DATA,
                    "timestamp of %lld microseconds does not fit into Arrow's nanoseconds",
                    (long long)values[i].us);
        }
    }
    *out = ns;
    return SB_OK;
}

/* ---- strings
 * ------------------------------------------------------------------------------------ */

typedef struct arrow_view { /* Arrow's view of a string longer than 12 bytes */
    int32_t size;
    char prefix[4];
    int32_t buffer, offset;
} arrow_view;

SB_STATIC_ASSERT(sizeof(arrow_view) == sizeof(sb_view), "views are rewritten in place");

/* Sizes of the data buffers: each takes strings until it would pass 2 GiB. Returns their number. */
static int64_t
plan_data(const sb_vector *v, int64_t *sizes, int64_t room)
{
    const sb_view *views = v->values;
    int64_t count = 0;
    for (int32_t i = 0; i < v->length; i++) {
        int64_t size = sb_vector_valid(v, i) ? views[i].small.size : 0;
        if (size <= SB_VIEW_INLINE) {
            continue;
        }
        if (count == 0 || sizes[count - 1] + size > INT32_MAX) {
            sb_assert(count < room);
            sizes[count++] = 0;
        }
        sizes[count - 1] += size;
    }
    return count;
}

static void
fill_views(array_node *node, const sb_vector *v, const int64_t *sizes, arrow_view *out)
{
    const sb_view *views = v->values;
    int32_t buffer = 0;
    int64_t used = 0;
    for (int32_t i = 0; i < v->length; i++) {
        sb_view view = sb_vector_valid(v, i) ? views[i] : (sb_view){.words = {0, 0}};
        if (view.small.size > SB_VIEW_INLINE) {
            if (used == sizes[buffer]) {
                buffer++;
                used = 0;
            }
            memcpy(node->data[buffer]->data + used, view.large.data, view.large.size);
            arrow_view moved = {
                .size = (int32_t)view.large.size, .buffer = buffer, .offset = (int32_t)used};
            memcpy(moved.prefix, view.large.prefix, sizeof moved.prefix);
            used += view.large.size;
            memcpy(&view, &moved, sizeof view);
        }
        memcpy(&out[i], &view, sizeof view);
    }
}

static int64_t
long_bytes(const sb_vector *v)
{
    const sb_view *views = v->values;
    int64_t total = 0;
    for (int32_t i = 0; i < v->length; i++) {
        total +=
            sb_vector_valid(v, i) && views[i].small.size > SB_VIEW_INLINE ? views[i].small.size : 0;
    }
    return total;
}

/* Buffers: validity, views, data..., sizes of the data. */
static sb_status
export_strings(sb_mem *mem, sb_vector *v, struct ArrowArray *out, sb_error *err)
{
    /* Two data buffers that follow each other hold more than 2 GiB together: that bounds their
     * number. */
    int64_t room = long_bytes(v) / (1 << 30) + 1, count;
    int64_t *plan = sb_alloc(mem, sizeof *plan * (size_t)room);
    if (!plan) {
        SB_NOMEM(err);
    }
    count = plan_data(v, plan, room);
    sb_status status = start_array(mem, v->length, 3 + count, 0, out, err);
    if (status != SB_OK) {
        sb_free(mem, plan, sizeof *plan * (size_t)room);
        return status;
    }
    array_node *node = out->private_data;
    arrow_view *views = own_buffer(node, (int64_t)sizeof *views * v->length);
    int64_t *sizes = own_buffer(node, (int64_t)sizeof *sizes * (count + 1));
    node->data = sb_alloc_zero(mem, sizeof *node->data * (size_t)count);
    node->count_data = count;
    bool fine = views && sizes && node->data;
    for (int64_t i = 0; fine && i < count; i++) {
        node->data[i] = sb_buffer_new(mem, plan[i]);
        fine = node->data[i] != NULL;
    }
    if (fine) {
        fill_views(node, v, plan, views);
        memcpy(sizes, plan, sizeof *sizes * (size_t)count);
        node->buffers[1] = views;
        for (int64_t i = 0; i < count; i++) {
            node->buffers[2 + i] = node->data[i]->data;
        }
        node->buffers[2 + count] = sizes;
    }
    sb_free(mem, plan, sizeof *plan * (size_t)room);
    if (!fine) {
        out->release(out);
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* ---- nested
 * ------------------------------------------------------------------------------------- */

static sb_status export_vector(sb_mem *mem, const sb_type *type, sb_vector *v, const int32_t *rows,
                               int32_t count, struct ArrowArray *out, sb_error *err);

/* Offsets of the lists, and the rows of their elements when they are not one run from 0 on (else
 * *out_rows is NULL). */
static sb_status
plan_lists(array_node *node, const sb_vector *v, int32_t **out_rows, int32_t *out_count,
           sb_error *err)
{
    const sb_list_entry *lists = v->values;
    int32_t *offsets = own_buffer(node, (int64_t)sizeof *offsets * (v->length + 1));
    if (!offsets) {
        SB_NOMEM(err);
    }
    int64_t total = 0;
    bool run = true;
    for (int32_t i = 0; i < v->length; i++) {
        bool counts = sb_vector_valid(v, i) && lists[i].count > 0;
        offsets[i] = (int32_t)total;
        run &= !counts || lists[i].offset == total;
        total += counts ? lists[i].count : 0;
        if (total > INT32_MAX) {
            SB_FAIL(err, SB_STATUS_LIMIT, "the lists of a batch have more than %d elements",
                    INT32_MAX);
        }
    }
    offsets[v->length] = (int32_t)total;
    node->buffers[1] = offsets;
    *out_count = (int32_t)total;
    *out_rows = NULL;
    if (!run) {
        int32_t *rows = own_buffer(node, (int64_t)sizeof *rows * total), at = 0;
        if (!rows) {
            SB_NOMEM(err);
        }
        for (int32_t i = 0; i < v->length; i++) {
            for (int32_t j = 0; sb_vector_valid(v, i) && j < lists[i].count; j++) {
                rows[at++] = lists[i].offset + j;
            }
        }
        *out_rows = rows;
    }
    return SB_OK;
}

static sb_status
export_list(sb_mem *mem, const sb_type *type, sb_vector *v, struct ArrowArray *out, sb_error *err)
{
    int32_t *rows = NULL, count = 0;
    bool map = type->id == SB_TYPE_MAP;
    SB_TRY(start_array(mem, v->length, 2, 1, out, err), err);
    sb_status status;
    SB_GOTO(plan_lists(out->private_data, v, &rows, &count, err), err, fail);
    struct ArrowArray *elements = out->children[0];
    if (!map) {
        SB_GOTO(
            export_vector(mem, &type->children[0].type, v->children[0], rows, count, elements, err),
            err, fail);
        return SB_OK;
    }
    SB_GOTO(start_array(mem, count, 1, 2, elements, err), err, fail);
    for (int32_t i = 0; i < 2; i++) {
        SB_GOTO(export_vector(mem, &type->children[i].type, v->children[i], rows, count,
                              elements->children[i], err),
                err, fail);
    }
    return SB_OK;
fail:
    out->release(out);
    return status;
}

static sb_status
export_struct(sb_mem *mem, const sb_type *type, sb_vector *v, struct ArrowArray *out, sb_error *err)
{
    SB_TRY(start_array(mem, v->length, 1, v->count_children, out, err), err);
    sb_status status;
    for (int32_t i = 0; i < v->count_children; i++) {
        SB_GOTO(export_vector(mem, &type->children[i].type, v->children[i], NULL, v->length,
                              out->children[i], err),
                err, fail);
    }
    return SB_OK;
fail:
    out->release(out);
    return status;
}

/* ---- any vector
 * ------------------------------------------------------------------------------- */
/* `type` is the schema's; the vector's own may differ in precision. */

static sb_status
fixed_values(array_node *node, const sb_type *type, const sb_vector *v, const void **out,
             sb_error *err)
{
    *out = v->values;
    if (type->id == SB_TYPE_BOOLEAN) {
        *out = bool_bits(node, v);
    } else if (type->id == SB_TYPE_DECIMAL && v->phys == SB_PHYS_I64) {
        *out = wide_decimals(node, v);
    } else if (v->phys == SB_PHYS_TSNS) {
        SB_TRY(nanoseconds(node, v, out, err), err);
    } else if (sb_type_is_timestamp(type) && type->precision <= 3) {
        *out = milliseconds(node, v);
    }
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
export_fixed(sb_mem *mem, const sb_type *type, sb_vector *v, struct ArrowArray *out, sb_error *err)
{
    SB_TRY(start_array(mem, v->length, 2, 0, out, err), err);
    array_node *node = out->private_data;
    sb_status status = fixed_values(node, type, v, &node->buffers[1], err);
    if (status != SB_OK) {
        out->release(out);
    }
    return status;
}

static sb_status
export_flat(sb_mem *mem, const sb_type *type, sb_vector *v, struct ArrowArray *out, sb_error *err)
{
    switch ((sb_phys)v->phys) {
    case SB_PHYS_NULL:
        SB_TRY(start_array(mem, v->length, 0, 0, out, err), err);
        out->null_count = v->length;
        return SB_OK;
    case SB_PHYS_VIEW: SB_TRY(export_strings(mem, v, out, err), err); break;
    case SB_PHYS_LIST: SB_TRY(export_list(mem, type, v, out, err), err); break;
    case SB_PHYS_STRUCT: SB_TRY(export_struct(mem, type, v, out, err), err); break;
    default: SB_TRY(export_fixed(mem, type, v, out, err), err);
    }
    array_node *node = out->private_data;
    node->buffers[0] = v->validity;
    node->vector = sb_vector_ref(v);
    out->null_count = v->validity ? -1 : 0;
    return SB_OK;
}

static sb_status
export_vector(sb_mem *mem, const sb_type *type, sb_vector *v, const int32_t *rows, int32_t count,
              struct ArrowArray *out, sb_error *err)
{
    bool as_is = v->encoding == SB_FLAT && !rows && v->length == count;
    sb_vector *flat = as_is ? sb_vector_ref(v) : sb_vector_gather(mem, v, rows, count);
    if (!flat) {
        SB_NOMEM(err);
    }
    sb_status status = export_flat(mem, type, flat, out, err);
    sb_vector_unref(flat);
    return status;
}

static sb_status
export_ops(sb_mem *mem, const sb_batch *batch, struct ArrowArray *out, sb_error *err)
{
    SB_TRY(start_array(mem, batch->count_rows, 2, 0, out, err), err);
    array_node *node = out->private_data;
    uint8_t *ops = own_buffer(node, batch->count_rows);
    if (!ops) {
        out->release(out);
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < batch->count_rows; i++) {
        ops[i] = sb_batch_op(batch, sb_batch_row(batch, i));
    }
    node->buffers[1] = ops;
    return SB_OK;
}

sb_status
sb_arrow_export_batch(sb_mem *mem, const sb_batch *batch, bool with_op, struct ArrowArray *out,
                      sb_error *err)
{
    struct ArrowArray root;
    SB_TRY(start_array(mem, batch->count_rows, 1, batch->schema->count + with_op, &root, err), err);
    sb_status status = SB_OK;
    if (with_op) {
        SB_GOTO(export_ops(mem, batch, root.children[0], err), err, fail);
    }
    for (int32_t i = 0; i < batch->schema->count; i++) {
        SB_GOTO(export_vector(mem, &batch->schema->fields[i].type, batch->columns[i],
                              batch->selection, batch->count_rows, root.children[with_op + i], err),
                err, fail);
    }
    *out = root;
    return SB_OK;
fail:
    root.release(&root);
    return status;
}
