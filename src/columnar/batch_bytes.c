/*
 * columnar/batch_bytes.c -- a whole batch as durable bytes, and back.
 *
 * DESIGN     u8 version | varint rows | i64 split | u8 flags | varint marks, each varint row and
 *            i64 watermark | ops, a byte each | rowtimes, i64 each | block of rows in the canonical
 *            layout, one behind the other. What is read is checked row by row before it is decoded.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "columnar/row.h"

#define VERSION     1
#define HAS_OPS     1
#define HAS_ROWTIME 2

/* ---- writing
 * ------------------------------------------------------------------------------------ */

/* What is needed to encode n rows; owned by write_rows. */
typedef struct encode_room {
    int32_t *rows; /* physical row of each */
    uint32_t *sizes;
    uint8_t **dst;
    sb_buffer *bytes;
} encode_room;

static sb_status
encode_rows(const sb_row_layout *l, const sb_batch *b, int32_t from, int32_t count,
            encode_room *room, sb_writer *w, sb_error *err)
{
    for (int32_t i = 0; i < count; i++) {
        room->rows[i] = sb_batch_row(b, from + i);
    }
    sb_row_sizes(l, b->columns, room->rows, count, room->sizes);
    int64_t total = 0;
    for (int32_t i = 0; i < count; i++) {
        if (room->sizes[i] >= SB_ROW_SIZE_MAX) {
            SB_FAIL(err, SB_STATUS_LIMIT, "a row is larger than %u bytes", SB_ROW_SIZE_MAX);
        }
        total += room->sizes[i];
    }
    room->bytes = sb_buffer_new(b->mem, total);
    if (!room->bytes) {
        SB_NOMEM(err);
    }
    int64_t at = 0;
    for (int32_t i = 0; i < count; i++) {
        room->dst[i] = room->bytes->data + at;
        at += room->sizes[i];
    }
    sb_row_encode(l, b->columns, room->rows, count, room->dst);
    sb_write_raw(w, room->bytes->data, (size_t)total);
    return SB_OK;
}

static sb_status
write_rows(sb_writer *w, const sb_batch *b, int32_t from, sb_error *err)
{
    size_t count = (size_t)(b->count_rows - from);
    sb_row_layout layout;
    SB_TRY(sb_row_layout_init(&layout, b->mem, b->schema, err), err);
    encode_room room = {
        .rows = sb_alloc(b->mem, sizeof *room.rows * count),
        .sizes = sb_alloc(b->mem, sizeof *room.sizes * count),
        .dst = sb_alloc(b->mem, sizeof *room.dst * count),
    };
    sb_status status;
    if (room.rows && room.sizes && room.dst) {
        status = encode_rows(&layout, b, from, (int32_t)count, &room, w, err);
    } else {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    sb_buffer_unref(room.bytes);
    sb_free(b->mem, room.rows, sizeof *room.rows * count);
    sb_free(b->mem, room.sizes, sizeof *room.sizes * count);
    sb_free(b->mem, room.dst, sizeof *room.dst * count);
    sb_row_layout_deinit(&layout);
    return status;
}

sb_status
sb_batch_write(sb_writer *w, const sb_batch *b, int32_t from, sb_error *err)
{
    sb_assert(from >= 0 && from <= b->count_rows);
    int32_t first_mark = 0;
    while (first_mark < b->count_marks && b->marks[first_mark].row < from) {
        first_mark++;
    }
    sb_write_u8(w, VERSION);
    sb_write_varint(w, (uint64_t)(b->count_rows - from));
    sb_write_i64(w, b->split);
    sb_write_u8(w, (b->ops ? HAS_OPS : 0) | (b->rowtime_ms ? HAS_ROWTIME : 0));
    sb_write_varint(w, (uint64_t)(b->count_marks - first_mark));
    for (int32_t i = first_mark; i < b->count_marks; i++) {
        sb_write_varint(w, (uint64_t)(b->marks[i].row - from));
        sb_write_i64(w, b->marks[i].watermark_ms);
    }
    for (int32_t i = from; b->ops && i < b->count_rows; i++) {
        sb_write_u8(w, b->ops[sb_batch_row(b, i)]);
    }
    for (int32_t i = from; b->rowtime_ms && i < b->count_rows; i++) {
        sb_write_i64(w, b->rowtime_ms[sb_batch_row(b, i)]);
    }
    size_t block = sb_write_block_begin(w);
    SB_TRY(write_rows(w, b, from, err), err);
    sb_write_block_end(w, block);
    if (w->out.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* ---- reading
 * ------------------------------------------------------------------------------------ */

typedef struct batch_head { /* views into the input */
    uint64_t rows, marks;
    int64_t split;
    uint8_t flags;
    sb_reader mark_bytes;
    const void *ops, *rowtime;
    sb_reader row_bytes;
} batch_head;

static bool
marks_make_sense(sb_reader r, uint64_t count, uint64_t rows)
{
    uint64_t last_row = 0;
    int64_t last = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t row = sb_read_varint(&r);
        int64_t watermark = sb_read_i64(&r);
        if (row > rows || (i > 0 && (row <= last_row || watermark <= last))) {
            return false;
        }
        last_row = row;
        last = watermark;
    }
    return !r.failed;
}

static sb_status
read_head(sb_reader *r, batch_head *head, sb_error *err)
{
    uint8_t version = sb_read_u8(r);
    if (!r->failed && version != VERSION) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "batch has the unknown version %d", version);
    }
    head->rows = sb_read_varint(r);
    head->split = sb_read_i64(r);
    head->flags = sb_read_u8(r);
    head->marks = sb_read_varint(r);
    head->mark_bytes = *r;
    bool fine = head->rows <= INT32_MAX && head->marks <= head->rows + 1 && head->split >= -1 &&
                head->split <= INT32_MAX && !(head->flags & ~(HAS_OPS | HAS_ROWTIME));
    for (uint64_t i = 0; fine && i < head->marks && !r->failed; i++) {
        sb_read_varint(r);
        sb_read_i64(r);
    }
    head->ops = head->flags & HAS_OPS ? sb_read_raw(r, head->rows) : NULL;
    head->rowtime = head->flags & HAS_ROWTIME ? sb_read_raw(r, head->rows * 8) : NULL;
    head->row_bytes = sb_read_block(r);
    SB_TRY(sb_reader_done(r, "batch", err), err);
    const uint8_t *ops = head->ops;
    for (uint64_t i = 0; fine && ops && i < head->rows; i++) {
        fine = ops[i] <= SB_ROW_DELETE;
    }
    if (!fine || !marks_make_sense(head->mark_bytes, head->marks, head->rows) ||
        head->rows > sb_reader_left(&head->row_bytes) / 8) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "batch is damaged: %llu rows, %llu marks, flags %d",
                (unsigned long long)head->rows, (unsigned long long)head->marks, head->flags);
    }
    return SB_OK;
}

/* Finds and checks the rows in `bytes`, which is aligned. */
static sb_status
find_rows(const sb_row_layout *l, sb_buffer *bytes, uint8_t **rows, int32_t count, sb_error *err)
{
    uint8_t *at = bytes->data;
    size_t left = (size_t)bytes->size;
    for (int32_t i = 0; i < count; i++) {
        if (!sb_row_valid(l, at, left)) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "batch is damaged: row %d", i);
        }
        rows[i] = at;
        left -= sb_row_size(at);
        at += sb_row_size(at);
    }
    if (left != 0) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "batch is damaged: %zu bytes behind the last row", left);
    }
    return SB_OK;
}

static sb_status
build_batch(const sb_row_layout *l, uint8_t **rows, const batch_head *head,
            sb_batch_builder *builder, sb_batch **out, sb_error *err)
{
    int32_t count = (int32_t)head->rows;
    sb_row_decode(l, rows, count, 0, l->count, builder->columns, true);
    sb_batch_builder_rows_ops(builder, count, head->ops);
    sb_batch *batch;
    SB_TRY(sb_batch_builder_finish(builder, &batch, err), err);
    batch->split = (int32_t)head->split;
    if (head->rowtime) {
        batch->own_rowtime = sb_buffer_new(batch->mem, (int64_t)count * 8);
        if (!batch->own_rowtime) {
            sb_batch_free(batch);
            SB_NOMEM(err);
        }
        memcpy(batch->own_rowtime->data, head->rowtime, (size_t)count * 8);
        batch->rowtime_ms = (const int64_t *)(const void *)batch->own_rowtime->data;
        batch->pinned_bytes += batch->own_rowtime->size;
    }
    *out = batch;
    return SB_OK;
}

static sb_status
add_marks(sb_batch *batch, const batch_head *head, sb_error *err)
{
    size_t size = sizeof(sb_mark) * (size_t)head->marks;
    sb_mark *marks = sb_alloc(batch->mem, size);
    if (!marks) {
        SB_NOMEM(err);
    }
    sb_reader r = head->mark_bytes;
    for (uint64_t i = 0; i < head->marks; i++) {
        marks[i].row = (int32_t)sb_read_varint(&r);
        marks[i].watermark_ms = sb_read_i64(&r);
    }
    sb_status status = sb_batch_set_marks(batch, marks, (int32_t)head->marks, err);
    sb_free(batch->mem, marks, size);
    return status;
}

static sb_status
read_rows(const sb_row_layout *l, sb_mem *mem, const batch_head *head, sb_batch **out,
          sb_error *err)
{
    size_t size = sb_reader_left(&head->row_bytes),
           pointers = sizeof(uint8_t *) * (size_t)head->rows;
    sb_buffer *bytes = sb_buffer_new(mem, (int64_t)size); /* the input need not be aligned */
    uint8_t **rows = sb_alloc(mem, pointers);
    sb_batch_builder builder;
    sb_status status =
        bytes && rows ? sb_batch_builder_init(&builder, mem, l->schema, err)
                      : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK) {
        memcpy(bytes->data, head->row_bytes.at, size);
        status = find_rows(l, bytes, rows, (int32_t)head->rows, err);
        if (status == SB_OK) {
            status = build_batch(l, rows, head, &builder, out, err);
        }
        sb_batch_builder_deinit(&builder);
    }
    sb_free(mem, rows, pointers);
    sb_buffer_unref(bytes);
    return status;
}

sb_status
sb_batch_read(sb_reader *r, sb_mem *mem, const sb_schema *schema, sb_batch **out, sb_error *err)
{
    batch_head head = {0};
    SB_TRY(read_head(r, &head, err), err);
    sb_row_layout layout;
    SB_TRY(sb_row_layout_init(&layout, mem, schema, err), err);
    sb_batch *batch = NULL;
    sb_status status = read_rows(&layout, mem, &head, &batch, err);
    sb_row_layout_deinit(&layout);
    if (status == SB_OK && head.marks > 0) {
        status = add_marks(batch, &head, err);
    }
    if (status != SB_OK) {
        sb_batch_free(batch);
        return status;
    }
    *out = batch;
    return SB_OK;
}
