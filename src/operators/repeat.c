/*
 * operators/repeat.c -- several rows for one.
 *
 * THREADS    T:task
 */
#include "operators/repeat.h"

enum { STEP_BATCHES = 8 };

sb_status
sb_repeat_init(sb_repeat *repeat, sb_mem *mem, int32_t capacity, sb_error *err)
{
    *repeat = (sb_repeat){.mem = mem, .capacity = capacity};
    repeat->rows = sb_alloc(mem, sizeof *repeat->rows * (size_t)capacity);
    repeat->copies = sb_alloc(mem, sizeof *repeat->copies * (size_t)capacity);
    if (!repeat->rows || !repeat->copies) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

void
sb_repeat_deinit(sb_repeat *repeat)
{
    size_t capacity = (size_t)repeat->capacity;
    sb_free(repeat->mem, repeat->rows, repeat->rows ? sizeof *repeat->rows * capacity : 0);
    sb_free(repeat->mem, repeat->copies, repeat->copies ? sizeof *repeat->copies * capacity : 0);
    repeat->rows = repeat->copies = NULL;
}

int32_t
sb_repeat_fill(sb_repeat *repeat, const sb_input *in, int32_t end, int32_t room,
               sb_repeat_copies copies, void *ctx)
{
    int32_t n = 0, row = in->row;
    room = room < repeat->capacity ? room : repeat->capacity;
    while (row < end) {
        int32_t physical = sb_batch_row(in->head, row), all = copies(ctx, physical);
        for (; repeat->at < all && n < room; repeat->at++) {
            repeat->rows[n] = physical;
            repeat->copies[n++] = repeat->at;
        }
        if (repeat->at < all) {
            break;
        }
        repeat->at = 0;
        row++;
    }
    repeat->count = n;
    return row - in->row;
}

/* Takes the columns over, also on failure. NULL: out of memory. */
static sb_batch *
repeated_batch(const sb_repeat *repeat, sb_mem *mem, const sb_schema *schema, const sb_batch *head,
               sb_vector **out)
{
    int32_t count = repeat->count;
    sb_buffer *ops = head->ops ? sb_buffer_new(mem, count > 0 ? count : 1) : NULL;
    bool ok = ops || !head->ops;
    for (int32_t c = 0; c < schema->count; c++) {
        if (!out[c] && ok && c < head->schema->count) {
            out[c] = sb_vector_gather(mem, head->columns[c], repeat->rows, count);
        }
        ok = ok && out[c];
    }
    if (!ok) {
        for (int32_t c = 0; c < schema->count; c++) {
            sb_vector_unref(out[c]);
        }
        sb_buffer_unref(ops);
        return NULL;
    }
    sb_batch *batch = sb_batch_new(mem, schema, out, count);
    for (int32_t i = 0; batch && ops && i < count; i++) {
        ops->data[i] = head->ops[repeat->rows[i]];
    }
    if (batch && ops) {
        sb_batch_set_ops(batch, ops, ops->data);
    } else {
        sb_buffer_unref(ops);
    }
    return batch;
}

sb_status
sb_repeat_emit(const sb_repeat *repeat, sb_op *op, sb_io *io, int32_t rows,
               sb_repeat_columns columns, sb_error *err)
{
    const sb_schema *schema = op->node->schema;
    size_t size = sizeof(sb_vector *) * (size_t)schema->count;
    sb_vector **out = repeat->count > 0 ? sb_alloc_zero(io->mem, size) : NULL;
    sb_batch *batch = NULL;
    if (out) {
        columns(op, io->mem, io->in[0].head, out);
        batch = repeated_batch(repeat, io->mem, schema, io->in[0].head, out);
        sb_free(io->mem, out, size);
    }
    if (!batch && repeat->count > 0) {
        SB_NOMEM(err);
    }
    if (batch) {
        sb_port_push(io, 0, batch);
    }
    sb_io_consume(io, 0, rows);
    return SB_OK;
}

sb_step
sb_repeat_step(sb_op *op, sb_io *io, sb_repeat_run run, sb_error *err)
{
    sb_input *in = &io->in[0];
    for (int32_t batches = 0;; batches++) {
        if (sb_io_target_ms(io) > io->done_ms) {
            sb_io_advance_done(io, true);
        }
        if (!in->head) {
            return in->ended ? SB_STEP_DONE : SB_WAIT_INPUT;
        }
        if (sb_io_mark_here(io, 0)) {
            sb_io_take_mark(io, 0);
            continue;
        }
        if (sb_io_head_done(io, 0)) {
            return SB_WAIT_INPUT;
        }
        int32_t room = sb_port_room(io, 0);
        if (room == 0) {
            return SB_WAIT_ROOM;
        }
        if (batches >= STEP_BATCHES) {
            return SB_STEP_AGAIN;
        }
        if (run(op, io, room, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
    }
}

sb_status
sb_repeat_snapshot(const sb_repeat *repeat, sb_writer *w, sb_error *err)
{
    sb_write_u32(w, (uint32_t)repeat->at);
    if (sb_text_failed(&w->out)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_repeat_restore(sb_repeat *repeat, const sb_piece *piece, int32_t copies_max, sb_error *err)
{
    sb_reader r = piece->op;
    uint32_t at = sb_read_u32(&r), max = copies_max > 0 ? (uint32_t)copies_max : INT32_MAX;
    SB_TRY(sb_reader_done(&r, "cursor of a repeated row", err), err);
    if (at >= max) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "cursor %u is beyond the %u copies of a row", at, max);
    }
    if (piece->head_is_mine[0]) {
        repeat->at = (int32_t)at;
    }
    return SB_OK;
}
