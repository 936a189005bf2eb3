/*
 * flow/io.c -- what an operator may do with its inputs and ports: cursor, event clock, output.
 *
 * DESIGN     Plain bookkeeping on sb_io; rings and gates are behind the port's function pointers,
 *            so the same calls work in a test with no runtime at all.
 * THREADS    T:task
 */
#include "flow/op.h"

void
sb_io_consume(sb_io *io, int input, int32_t count_rows)
{
    sb_input *in = &io->in[input];
    sb_assert(input < io->count_inputs && count_rows >= 0);
    sb_assert(in->head && in->row + count_rows <= in->head->count_rows);
    in->row += count_rows;
    /* Rows behind a mark are consumed only after the mark was taken. */
    sb_dassert(in->mark == in->head->count_marks || in->head->marks[in->mark].row >= in->row);
}

void
sb_io_take_mark(sb_io *io, int input)
{
    sb_input *in = &io->in[input];
    sb_assert(sb_io_mark_here(io, input));
    int64_t watermark_ms = in->head->marks[in->mark].watermark_ms;
    in->mark++;
    if (watermark_ms > in->watermark_ms) {
        in->watermark_ms = watermark_ms;
    }
}

int32_t
sb_io_run_end(const sb_io *io, int input)
{
    const sb_input *in = &io->in[input];
    if (!in->head) {
        return 0;
    }
    if (in->mark < in->head->count_marks) {
        return in->head->marks[in->mark].row;
    }
    return in->head->count_rows;
}

int64_t
sb_io_target_ms(const sb_io *io)
{
    int64_t target_ms = SB_WM_MAX;
    bool any = false, held = false;
    for (int32_t i = 0; i < io->count_inputs; i++) {
        const sb_input *in = &io->in[i];
        if (in->idle && !in->ended) {
            held |= in->watermark_ms != SB_WM_MAX;
            continue;
        }
        any = true;
        if (in->watermark_ms < target_ms) {
            target_ms = in->watermark_ms;
        }
    }
    /* All idle: as it was. One input at its end and the other only idle: event time has not
     * ended (I22). */
    if (!any || (target_ms == SB_WM_MAX && held)) {
        return io->done_ms;
    }
    return target_ms > io->done_ms ? target_ms : io->done_ms;
}

void
sb_io_advance_done(sb_io *io, bool forward)
{
    int64_t target_ms = sb_io_target_ms(io);
    sb_assert(target_ms >= io->done_ms); /* I3 */
    io->done_ms = target_ms;
    if (forward) {
        for (int32_t i = 0; i < io->count_ports; i++) {
            sb_port_mark(io, i, target_ms);
        }
    }
}

/* --- ports --- */

static void
port_push_open(sb_port *port)
{
    sb_batch *batch = NULL;
    sb_error err;
    if (sb_batch_builder_is_empty(&port->open)) {
        return;
    }
    if (sb_batch_builder_finish(&port->open, &batch, &err) != SB_OK) {
        port->failed = true;
        return;
    }
    port->count_rows += batch->count_rows;
    port->push(port->ctx, batch);
}

/* What of a watermark may pass while pieces are merged; SB_WM_MIN: nothing. */
static int64_t
level_clamp(const sb_io *io, int64_t watermark_ms)
{
    if (watermark_ms <= io->level_ms) {
        return watermark_ms;
    }
    return io->level_ms == SB_WM_NO_END ? SB_WM_MIN : io->level_ms;
}

void
sb_port_mark(sb_io *io, int port, int64_t watermark_ms)
{
    sb_port *out = &io->out[port];
    watermark_ms = level_clamp(io, watermark_ms);
    if (watermark_ms <= out->watermark_ms) {
        return;
    }
    out->watermark_ms = watermark_ms;
    sb_batch_builder_mark(&out->open, watermark_ms);
    out->failed |= out->open.failed;
}

int32_t
sb_port_room(sb_io *io, int port)
{
    sb_port *out = &io->out[port];
    if (out->open.failed) {
        out->failed = true;
    }
    if (out->open.count_rows >= out->limit_rows) {
        if (!out->can_push(out->ctx)) {
            return 0;
        }
        port_push_open(out);
    } else if (out->open.count_rows == 0 && !out->can_push(out->ctx)) {
        /* An empty open batch in front of a full ring takes no rows: else each step would add
         * one batch that nobody takes. */
        return 0;
    }
    return out->limit_rows - out->open.count_rows;
}

/* Clamps the batch's marks to the level and to what the port sent last. */
static bool
port_fit_marks(sb_io *io, sb_port *out, sb_batch *batch)
{
    bool fits = true;
    int64_t last_ms = out->watermark_ms;
    for (int32_t i = 0; i < batch->count_marks; i++) {
        int64_t watermark_ms = batch->marks[i].watermark_ms;
        fits &= watermark_ms > last_ms && watermark_ms <= io->level_ms;
        last_ms = watermark_ms;
    }
    if (!fits) {
        sb_mark *marks = sb_alloc(batch->mem, sizeof(sb_mark) * (size_t)batch->count_marks);
        int32_t count = 0;
        sb_error err;
        if (!marks) {
            return false;
        }
        last_ms = out->watermark_ms;
        for (int32_t i = 0; i < batch->count_marks; i++) {
            sb_mark mark = batch->marks[i];
            mark.watermark_ms = level_clamp(io, mark.watermark_ms);
            if (mark.watermark_ms > last_ms) {
                marks[count++] = mark;
                last_ms = mark.watermark_ms;
            }
        }
        size_t size = sizeof(sb_mark) * (size_t)batch->count_marks;
        sb_status status = sb_batch_set_marks(batch, marks, count, &err);
        sb_free(batch->mem, marks, size);
        if (status != SB_OK) {
            return false;
        }
    }
    out->watermark_ms = last_ms;
    return true;
}

void
sb_port_push(sb_io *io, int port, sb_batch *batch)
{
    sb_port *out = &io->out[port];
    port_push_open(out);
    if (batch->count_marks > 0 && !port_fit_marks(io, out, batch)) {
        out->failed = true;
        sb_batch_free(batch);
        return;
    }
    out->count_rows += batch->count_rows;
    out->push(out->ctx, batch);
}

void
sb_io_flush(sb_io *io)
{
    for (int32_t i = 0; i < io->count_ports; i++) {
        sb_port *out = &io->out[i];
        if (!sb_batch_builder_is_empty(&out->open) && out->can_push(out->ctx)) {
            port_push_open(out);
        }
    }
}

void
sb_io_push_all(sb_io *io)
{
    for (int32_t i = 0; i < io->count_ports; i++) {
        port_push_open(&io->out[i]);
    }
}
