/*
 * columnar/batch_builder.c -- one column builder per field, plus ops and marks.
 *
 * DESIGN     `ops` exists from the first row on that is not an insert; before that all rows are
 *            inserts.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "columnar/builder.h"

#define APPEND_STEP 1024 /* rows gathered at a time when their numbers have to be made up */

static size_t
columns_bytes(const sb_batch_builder *b)
{
    return sizeof *b->columns * (size_t)b->schema->count;
}

sb_status
sb_batch_builder_init(sb_batch_builder *b, sb_mem *mem, const sb_schema *schema, sb_error *err)
{
    *b = (sb_batch_builder){.schema = schema, .mem = mem};
    b->columns = sb_alloc_zero(mem, columns_bytes(b));
    if (!b->columns) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < schema->count; i++) {
        sb_status status =
            sb_column_builder_init(&b->columns[i], mem, &schema->fields[i].type, err);
        if (status != SB_OK) {
            sb_batch_builder_deinit(b);
            return status;
        }
    }
    return SB_OK;
}

static void
clear_rows(sb_batch_builder *b)
{
    sb_buffer_unref(b->ops);
    b->ops = NULL;
    b->capacity_ops = 0;
    b->count_rows = 0;
    b->count_marks = 0;
    b->has_ops = false;
    b->failed = false;
}

void
sb_batch_builder_deinit(sb_batch_builder *b)
{
    clear_rows(b);
    for (int32_t i = 0; b->columns && i < b->schema->count; i++) {
        if (b->columns[i].mem) {
            sb_column_builder_deinit(&b->columns[i]);
        }
    }
    if (b->columns) {
        sb_free(b->mem, b->columns, columns_bytes(b));
    }
    sb_free(b->mem, b->marks, sizeof *b->marks * (size_t)b->capacity_marks);
    *b = (sb_batch_builder){.schema = b->schema, .mem = b->mem};
}

bool
sb_batch_builder_failed(const sb_batch_builder *b)
{
    bool failed = b->failed;
    for (int32_t i = 0; i < b->schema->count && !failed; i++) {
        failed = b->columns[i].failed;
    }
    return failed;
}

/* Room for the ops of `count` more rows; those before have theirs. */
static bool
ops_room(sb_batch_builder *b, int32_t count)
{
    int64_t need = (int64_t)b->count_rows + count;
    if (b->has_ops && need <= b->capacity_ops) {
        return true;
    }
    int64_t capacity = need < 64 ? 64 : need * 2;
    sb_buffer *ops = capacity > INT32_MAX ? NULL : sb_buffer_new(b->mem, capacity);
    if (!ops) {
        b->failed = true;
        return false;
    }
    if (b->has_ops) {
        memcpy(ops->data, b->ops->data, (size_t)b->count_rows);
    } else {
        memset(ops->data, SB_ROW_INSERT, (size_t)b->count_rows);
    }
    sb_buffer_unref(b->ops);
    b->ops = ops;
    b->capacity_ops = (int32_t)capacity;
    b->has_ops = true;
    return true;
}

static void
check_counts(const sb_batch_builder *b)
{
#if defined(SB_DEBUG) && SB_DEBUG
    for (int32_t i = 0; i < b->schema->count && !sb_batch_builder_failed(b); i++) {
        sb_assert(b->columns[i].count == b->count_rows);
    }
#else
    (void)b;
#endif
}

void
sb_batch_builder_row(sb_batch_builder *b, uint8_t op)
{
    sb_batch_builder_rows(b, 1, op);
}

void
sb_batch_builder_rows(sb_batch_builder *b, int32_t count, uint8_t op)
{
    if (op != SB_ROW_INSERT || b->has_ops) {
        if (!ops_room(b, count)) {
            return;
        }
        memset(b->ops->data + b->count_rows, op, (size_t)count);
    }
    b->count_rows += count;
    check_counts(b);
}

void
sb_batch_builder_rows_ops(sb_batch_builder *b, int32_t count, const uint8_t *ops)
{
    uint8_t any = 0;
    for (int32_t i = 0; ops && i < count; i++) {
        any |= ops[i];
    }
    if (!ops || any == SB_ROW_INSERT) {
        sb_batch_builder_rows(b, count, SB_ROW_INSERT);
        return;
    }
    if (ops_room(b, count)) {
        memcpy(b->ops->data + b->count_rows, ops, (size_t)count);
        b->count_rows += count;
        check_counts(b);
    }
}

void
sb_batch_builder_mark(sb_batch_builder *b, int64_t watermark_ms)
{
    sb_mark mark = {.row = b->count_rows, .watermark_ms = watermark_ms};
    sb_mark *last = b->count_marks > 0 ? &b->marks[b->count_marks - 1] : NULL;
    sb_assert(!last || last->watermark_ms <= watermark_ms);
    if (last && last->watermark_ms == watermark_ms) {
        return; /* says nothing new */
    }
    if (last && last->row == b->count_rows) {
        *last = mark;
        return;
    }
    if (b->count_marks == b->capacity_marks) {
        int32_t capacity = b->capacity_marks ? b->capacity_marks * 2 : 4;
        size_t one = sizeof *b->marks;
        sb_mark *marks =
            sb_realloc(b->mem, b->marks, one * (size_t)b->capacity_marks, one * (size_t)capacity);
        if (!marks) {
            b->failed = true;
            return;
        }
        b->marks = marks;
        b->capacity_marks = capacity;
    }
    b->marks[b->count_marks++] = mark;
}

/* Appends the physical rows `rows`, or [first, first + count) when rows is NULL. */
static void
append_physical(sb_batch_builder *b, const sb_batch *from, const int32_t *rows, int32_t first,
                int32_t count)
{
    int32_t numbers[APPEND_STEP];
    uint8_t ops[APPEND_STEP];
    sb_assert(count <= APPEND_STEP);
    if (!rows) {
        for (int32_t i = 0; i < count; i++) {
            numbers[i] = first + i;
        }
        rows = numbers;
    }
    for (int32_t i = 0; i < b->schema->count; i++) {
        sb_column_gather(&b->columns[i], from->columns[i], rows, count);
    }
    for (int32_t i = 0; from->ops && i < count; i++) {
        ops[i] = from->ops[rows[i]];
    }
    sb_batch_builder_rows_ops(b, count, from->ops ? ops : NULL);
}

void
sb_batch_builder_append(sb_batch_builder *b, const sb_batch *from, int32_t from_row, int32_t to_row)
{
    sb_assert(0 <= from_row && from_row <= to_row && to_row <= from->count_rows);
    sb_assert(from->schema->count == b->schema->count);
    for (int32_t at = from_row; at < to_row; at += APPEND_STEP) {
        int32_t count = to_row - at < APPEND_STEP ? to_row - at : APPEND_STEP;
        append_physical(b, from, from->selection ? from->selection + at : NULL, at, count);
    }
}

static sb_batch *
make_batch(sb_batch_builder *b, sb_vector **columns, sb_error *err)
{
    bool fine = !b->failed;
    for (int32_t i = 0; i < b->schema->count; i++) {
        columns[i] = sb_column_finish(&b->columns[i], err);
        fine &= columns[i] != NULL;
    }
    if (!fine) {
        for (int32_t i = 0; i < b->schema->count; i++) {
            sb_vector_unref(columns[i]);
        }
        return NULL;
    }
    return sb_batch_new(b->mem, b->schema, columns, b->count_rows);
}

sb_status
sb_batch_builder_finish(sb_batch_builder *b, sb_batch **out, sb_error *err)
{
    size_t size = sizeof(sb_vector *) * (size_t)b->schema->count;
    sb_vector **columns = sb_alloc_zero(b->mem, size);
    sb_batch *batch = columns ? make_batch(b, columns, err) : NULL;
    sb_free(b->mem, columns, size);
    if (!columns) {
        for (int32_t i = 0; i < b->schema->count; i++) {
            sb_vector_unref(sb_column_finish(&b->columns[i], NULL));
        }
    }
    if (batch && b->has_ops) {
        sb_batch_set_ops(batch, sb_buffer_ref(b->ops), b->ops->data);
    }
    if (batch && sb_batch_set_marks(batch, b->marks, b->count_marks, err) != SB_OK) {
        batch = sb_batch_free(batch);
    }
    clear_rows(b);
    if (!batch) {
        SB_NOMEM(err);
    }
    *out = batch;
    return SB_OK;
}
