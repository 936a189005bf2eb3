/*
 * columnar/batch.c -- batch headers: life, marks, selection, slices, compaction.
 *
 * DESIGN     A batch without columns is legal (SELECT COUNT(*) needs no column): its rows are
 *            counted only.
 * OWNERSHIP  A header owns one reference per column and buffer, and its copy of the marks.
 * THREADS    T:task (header), T:any (vectors)
 */
#include "columnar/batch.h"

#include <string.h>

static size_t
columns_bytes(const sb_batch *b)
{
    return sizeof(sb_vector *) * (size_t)b->schema->count;
}

static void
count_pinned(sb_batch *b)
{
    int64_t bytes = (int64_t)sizeof *b + (int64_t)sizeof *b->marks * b->capacity_marks;
    for (int32_t i = 0; i < b->schema->count; i++) {
        bytes += sb_vector_count_pinned(b->columns[i]);
    }
    bytes += b->own_selection ? b->own_selection->size : 0;
    bytes += b->own_ops ? b->own_ops->size : 0;
    bytes += b->own_rowtime ? b->own_rowtime->size : 0;
    b->pinned_bytes = bytes;
}

sb_batch *
sb_batch_new(sb_mem *mem, const sb_schema *schema, sb_vector *const *columns, int32_t count_rows)
{
    sb_batch *b = sb_alloc_zero(mem, sizeof *b);
    sb_vector **own = sb_alloc(mem, sizeof *own * (size_t)schema->count);
    if (!b || !own) {
        for (int32_t i = 0; i < schema->count; i++) {
            sb_vector_unref(columns[i]);
        }
        sb_free(mem, own, sizeof *own * (size_t)schema->count);
        sb_free(mem, b, sizeof *b);
        return NULL;
    }
    for (int32_t i = 0; i < schema->count; i++) {
        sb_assert(columns[i]->length >= count_rows || columns[i]->encoding == SB_CONST);
        own[i] = columns[i];
    }
    b->schema = schema;
    b->columns = own;
    b->count_rows = count_rows;
    b->count_physical = count_rows;
    b->split = -1;
    b->mem = mem;
    count_pinned(b);
    return b;
}

sb_batch *
sb_batch_empty(sb_mem *mem, const sb_schema *schema)
{
    size_t size = sizeof(sb_vector *) * (size_t)schema->count;
    sb_vector **columns = sb_alloc_zero(mem, size);
    if (!columns) {
        return NULL;
    }
    bool fine = true;
    for (int32_t i = 0; i < schema->count && fine; i++) {
        columns[i] = sb_vector_empty(mem, &schema->fields[i].type);
        fine = columns[i] != NULL;
    }
    sb_batch *b = fine ? sb_batch_new(mem, schema, columns, 0) : NULL;
    for (int32_t i = 0; i < schema->count && !fine; i++) {
        sb_vector_unref(columns[i]);
    }
    sb_free(mem, columns, size);
    return b;
}

sb_batch *
sb_batch_watermark(sb_mem *mem, const sb_schema *schema, int64_t watermark_ms)
{
    sb_batch *b = sb_batch_empty(mem, schema);
    sb_mark mark = {.row = 0, .watermark_ms = watermark_ms};
    if (b && sb_batch_set_marks(b, &mark, 1, NULL) != SB_OK) {
        return sb_batch_free(b);
    }
    return b;
}

sb_batch *
sb_batch_free(sb_batch *b)
{
    if (!b) {
        return NULL;
    }
    for (int32_t i = 0; i < b->schema->count; i++) {
        sb_vector_unref(b->columns[i]);
    }
    sb_free(b->mem, b->columns, columns_bytes(b));
    sb_buffer_unref(b->own_selection);
    sb_buffer_unref(b->own_ops);
    sb_buffer_unref(b->own_rowtime);
    if (b->capacity_marks > 0) {
        sb_free(b->mem, (void *)(uintptr_t)b->marks, sizeof *b->marks * (size_t)b->capacity_marks);
    }
    sb_free(b->mem, b, sizeof *b);
    return NULL;
}

sb_batch *
sb_batch_share(sb_mem *mem, const sb_batch *batch)
{
    for (int32_t i = 0; i < batch->schema->count; i++) {
        sb_vector_ref(batch->columns[i]); /* taken over, also on failure */
    }
    sb_batch *b = sb_batch_new(mem, batch->schema, batch->columns, 0);
    if (!b) {
        return NULL;
    }
    b->selection = batch->selection;
    b->ops = batch->ops;
    b->rowtime_ms = batch->rowtime_ms;
    b->count_rows = batch->count_rows;
    b->count_physical = batch->count_physical;
    b->split = batch->split;
    b->own_selection = batch->own_selection ? sb_buffer_ref(batch->own_selection) : NULL;
    b->own_ops = batch->own_ops ? sb_buffer_ref(batch->own_ops) : NULL;
    b->own_rowtime = batch->own_rowtime ? sb_buffer_ref(batch->own_rowtime) : NULL;
    if (sb_batch_set_marks(b, batch->marks, batch->count_marks, NULL) != SB_OK) {
        return sb_batch_free(b);
    }
    b->pinned_bytes = batch->pinned_bytes;
    return b;
}

static sb_mark *
marks_mut(sb_batch *b)
{
    return (sb_mark *)(uintptr_t)b->marks;
}

sb_status
sb_batch_set_marks(sb_batch *b, const sb_mark *marks, int32_t count, sb_error *err)
{
    if (count > b->capacity_marks) {
        sb_mark *own = sb_alloc(b->mem, sizeof *own * (size_t)count);
        if (!own) {
            SB_NOMEM(err);
        }
        if (b->capacity_marks > 0) {
            sb_free(b->mem, marks_mut(b), sizeof *b->marks * (size_t)b->capacity_marks);
        }
        b->pinned_bytes += (int64_t)sizeof *own * (count - b->capacity_marks);
        b->marks = own;
        b->capacity_marks = count;
    }
    if (count > 0) {
        /* `marks` may be a part of ours */
        memmove(marks_mut(b), marks, sizeof *marks * (size_t)count);
    }
    b->count_marks = count;
    return SB_OK;
}

void
sb_batch_set_selection(sb_batch *b, sb_buffer *own, const int32_t *selection, int32_t count_rows)
{
    b->pinned_bytes += (own ? own->size : 0) - (b->own_selection ? b->own_selection->size : 0);
    sb_buffer_unref(b->own_selection);
    b->own_selection = own;
    b->selection = selection;
    b->count_rows = count_rows;
}

void
sb_batch_set_ops(sb_batch *b, sb_buffer *own, const uint8_t *ops)
{
    b->pinned_bytes += (own ? own->size : 0) - (b->own_ops ? b->own_ops->size : 0);
    sb_buffer_unref(b->own_ops);
    b->own_ops = own;
    b->ops = ops;
}

/* ---- filter
 * ------------------------------------------------------------------------------------- */

/* Marks go to the number of kept rows before them; of those that fall together the last stays. */
static void
remap_marks(sb_batch *b, const int32_t *keep, int32_t count)
{
    sb_mark *marks = marks_mut(b);
    int32_t out = 0, kept = 0;
    for (int32_t i = 0; i < b->count_marks; i++) {
        sb_mark mark = marks[i];
        while (kept < count && keep[kept] < mark.row) {
            kept++;
        }
        mark.row = kept;
        if (out > 0 && marks[out - 1].row == kept) {
            out--;
        }
        marks[out++] = mark;
    }
    b->count_marks = out;
}

sb_status
sb_batch_filter(sb_batch *b, const int32_t *keep, int32_t count, sb_error *err)
{
    sb_assert(count <= b->count_rows);
    if (count == b->count_rows) {
        return SB_OK;
    }
    sb_buffer *own = sb_buffer_new(b->mem, (int64_t)sizeof *keep * count);
    if (!own) {
        SB_NOMEM(err);
    }
    int32_t *selection = (int32_t *)(void *)own->data;
    if (b->selection) {
        for (int32_t i = 0; i < count; i++) {
            selection[i] = b->selection[keep[i]];
        }
    } else if (count > 0) {
        memcpy(selection, keep, sizeof *keep * (size_t)count);
    }
    if (b->count_marks > 0) {
        remap_marks(b, keep, count);
    }
    sb_batch_set_selection(b, own, selection, count);
    sb_dassert(sb_batch_valid(b));
    return SB_OK;
}

/* ---- slice
 * -------------------------------------------------------------------------------------- */

static bool
select_range(sb_batch *b, int32_t from, int32_t to)
{
    if (b->selection) {
        b->selection += from;
    } else if (from > 0) {
        sb_buffer *own = sb_buffer_new(b->mem, (int64_t)sizeof(int32_t) * (to - from));
        if (!own) {
            return false;
        }
        int32_t *selection = (int32_t *)(void *)own->data;
        for (int32_t i = from; i < to; i++) {
            selection[i - from] = i;
        }
        sb_batch_set_selection(b, own, selection, to - from);
    }
    b->count_rows = to - from;
    return true;
}

sb_batch *
sb_batch_slice(sb_mem *mem, const sb_batch *batch, int32_t from, int32_t to, bool with_marks)
{
    sb_assert(0 <= from && from <= to && to <= batch->count_rows);
    sb_batch *b = sb_batch_share(mem, batch);
    if (!b) {
        return NULL;
    }
    if (!select_range(b, from, to)) {
        return sb_batch_free(b);
    }
    sb_mark *marks = marks_mut(b);
    int32_t out = 0;
    for (int32_t i = 0; with_marks && i < b->count_marks; i++) {
        if (marks[i].row >= from && marks[i].row <= to) {
            marks[out++] =
                (sb_mark){.row = marks[i].row - from, .watermark_ms = marks[i].watermark_ms};
        }
    }
    b->count_marks = out;
    sb_dassert(sb_batch_valid(b));
    return b;
}

/* ---- compaction
 * --------------------------------------------------------------------------------- */

bool
sb_batch_is_sparse(const sb_batch *b)
{
    return (int64_t)b->count_rows * 2 < b->count_physical;
}

/* Dense copies of what stands by physical row. NULL stays NULL. */
static bool
compact_side(sb_batch *b, const void *from, size_t width, sb_buffer **out)
{
    *out = NULL;
    if (!from) {
        return true;
    }
    *out = sb_buffer_new(b->mem, (int64_t)width * b->count_rows);
    if (!*out) {
        return false;
    }
    for (int32_t i = 0; i < b->count_rows; i++) {
        memcpy((*out)->data + (size_t)i * width,
               (const char *)from + (size_t)sb_batch_row(b, i) * width, width);
    }
    return true;
}

static bool
compact_columns(sb_batch *b, bool copy_bytes, sb_vector **columns)
{
    for (int32_t i = 0; i < b->schema->count; i++) {
        columns[i] =
            sb_vector_compact(b->mem, b->columns[i], b->selection, b->count_rows, copy_bytes);
        if (!columns[i]) {
            while (i > 0) {
                sb_vector_unref(columns[--i]);
            }
            return false;
        }
    }
    return true;
}

sb_status
sb_batch_compact(sb_batch *b, bool copy_bytes, sb_error *err)
{
    sb_buffer *ops, *rowtime = NULL;
    sb_vector **columns = sb_alloc(b->mem, columns_bytes(b));
    if (!compact_side(b, b->ops, sizeof *b->ops, &ops) ||
        !compact_side(b, b->rowtime_ms, sizeof *b->rowtime_ms, &rowtime) || !columns ||
        !compact_columns(b, copy_bytes, columns)) {
        sb_buffer_unref(ops);
        sb_buffer_unref(rowtime);
        sb_free(b->mem, columns, columns_bytes(b));
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < b->schema->count; i++) {
        sb_vector_unref(b->columns[i]);
        b->columns[i] = columns[i];
    }
    sb_free(b->mem, columns, columns_bytes(b));
    b->count_physical = b->count_rows;
    sb_batch_set_selection(b, NULL, NULL, b->count_rows);
    sb_batch_set_ops(b, ops, ops ? ops->data : NULL);
    sb_buffer_unref(b->own_rowtime);
    b->own_rowtime = rowtime;
    b->rowtime_ms = rowtime ? (const int64_t *)(const void *)rowtime->data : NULL;
    count_pinned(b);
    sb_dassert(sb_batch_valid(b));
    return SB_OK;
}

/* ---- checks and text
 * ---------------------------------------------------------------------------- */

static bool
vector_valid(const sb_vector *v, const sb_type *type, int32_t rows)
{
    if (!v || (v->length < rows && v->encoding != SB_CONST) || v->phys != sb_type_phys(type)) {
        return false;
    }
    if (v->encoding == SB_DICT) {
        const int32_t *codes = v->values;
        if (!v->dict || v->dict->encoding != SB_FLAT || v->dict->phys != v->phys) {
            return false;
        }
        for (int32_t i = 0; i < rows; i++) {
            if (codes[i] < 0 || codes[i] >= v->dict->length) {
                return false;
            }
        }
        return true;
    }
    int32_t own_rows = v->encoding == SB_CONST ? 1 : v->length;
    for (int32_t i = 0; i < v->count_children; i++) {
        int32_t need = v->phys == SB_PHYS_STRUCT ? own_rows : 0;
        if (!vector_valid(v->children[i], &type->children[i].type, need)) {
            return false;
        }
    }
    return v->values || v->phys == SB_PHYS_NULL || v->phys == SB_PHYS_STRUCT || v->length == 0;
}

bool
sb_batch_valid(const sb_batch *b)
{
    if (b->count_rows < 0 || b->count_rows > b->count_physical) {
        return false;
    }
    for (int32_t i = 0; i < b->schema->count; i++) {
        if (!vector_valid(b->columns[i], &b->schema->fields[i].type, b->count_physical)) {
            return false;
        }
    }
    for (int32_t i = 0; b->selection && i < b->count_rows; i++) {
        if (b->selection[i] >= b->count_physical ||
            b->selection[i] <= (i > 0 ? b->selection[i - 1] : -1)) {
            return false;
        }
    }
    for (int32_t i = 0; b->ops && i < b->count_rows; i++) {
        if (b->ops[sb_batch_row(b, i)] > SB_ROW_DELETE) {
            return false;
        }
    }
    for (int32_t i = 0; i < b->count_marks; i++) {
        const sb_mark *m = &b->marks[i];
        if (m->row < 0 || m->row > b->count_rows ||
            (i > 0 && (m->row <= m[-1].row || m->watermark_ms <= m[-1].watermark_ms))) {
            return false;
        }
    }
    return true;
}

void
sb_batch_dump(const sb_batch *b, sb_text *out)
{
    static const char *const names[] = {"+I", "-U", "+U", "-D"};
    int32_t mark = 0;
    for (int32_t i = 0; i <= b->count_rows; i++) {
        for (; mark < b->count_marks && b->marks[mark].row == i; mark++) {
            sb_text_printf(out, "@ %lld\n", (long long)b->marks[mark].watermark_ms);
        }
        if (i == b->count_rows) {
            break;
        }
        int32_t row = sb_batch_row(b, i);
        sb_text_printf(out, "%s (", names[sb_batch_op(b, row)]);
        for (int32_t c = 0; c < b->schema->count; c++) {
            sb_text_add(out, c > 0 ? ", " : "");
            sb_value_print(b->columns[c], row, out);
        }
        sb_text_add(out, ")\n");
    }
}
