/*
 * flow/rowwise.c -- the step of operators that turn one batch into at most one batch and keep
 * nothing.
 *
 * DESIGN     The whole rest of the head is handed over at once, as a header of its own, so
 *            `process` may change selection and marks. The rows are consumed only after the result
 *            went out: a failed call leaves the cursor where it was (I6). Marks travel inside the
 *            batch, so done moves to the last of them without being forwarded again.
 * THREADS    T:task
 */
#include "flow/op.h"

/* Whatever `process` left out (a NULL or markless result), the last mark must reach the ports. */
static void
rowwise_consume(sb_io *io)
{
    sb_input *in = &io->in[0];
    while (!sb_io_head_done(io, 0)) {
        if (sb_io_mark_here(io, 0)) {
            sb_io_take_mark(io, 0);
        } else {
            sb_io_consume(io, 0, sb_io_run_end(io, 0) - in->row);
        }
    }
    sb_io_advance_done(io, true);
}

/* The rest of the head: rows from the cursor on, marks not yet taken. */
static sb_batch *
rowwise_head(const sb_op *op, const sb_input *in)
{
    const sb_batch *head = in->head;
    sb_error err;
    if (in->row == 0 && in->mark == 0) {
        return sb_batch_share(op->mem, head);
    }
    sb_batch *rest = sb_batch_slice(op->mem, head, in->row, head->count_rows, false);
    int32_t count = head->count_marks - in->mark;
    if (!rest || count == 0) {
        return rest;
    }
    sb_mark *marks = sb_alloc(op->mem, sizeof(sb_mark) * (size_t)count);
    if (!marks) {
        return sb_batch_free(rest);
    }
    for (int32_t i = 0; i < count; i++) {
        marks[i] = head->marks[in->mark + i];
        marks[i].row -= in->row;
    }
    sb_status status = sb_batch_set_marks(rest, marks, count, &err);
    sb_free(op->mem, marks, sizeof(sb_mark) * (size_t)count);
    return status == SB_OK ? rest : sb_batch_free(rest);
}

static sb_status
rowwise_run(sb_op *op, sb_io *io, sb_error *err)
{
    const sb_input *in = &io->in[0];
    sb_batch *batch = NULL, *out = NULL;
    int32_t split = in->head->split;
    if (in->head->count_rows == 0) {
        /* Nothing to compute: marks are taken below, but a split's announcement must go through. */
        if (split >= 0) {
            out = sb_batch_empty(op->mem, op->node->schema);
            if (!out) {
                SB_NOMEM(err);
            }
        }
    } else {
        batch = rowwise_head(op, in);
        if (!batch) {
            SB_NOMEM(err);
        }
        SB_TRY(op->vtable->process(op, io, batch, &out, err), err);
    }
    if (out) {
        out->split = split;
        sb_port_push(io, 0, out);
    }
    rowwise_consume(io);
    return SB_OK;
}

sb_step
sb_op_rowwise_step(sb_op *op, sb_io *io, sb_error *err)
{
    sb_assert(io->count_inputs == 1);
    const sb_input *in = &io->in[0];
    if (sb_io_target_ms(io) > io->done_ms) {
        sb_io_advance_done(io, true);
    }
    if (!in->head) {
        return in->ended ? SB_STEP_DONE : SB_WAIT_INPUT;
    }
    if (in->head->count_rows > in->row && sb_port_room(io, 0) == 0) {
        return SB_WAIT_ROOM;
    }
    if (rowwise_run(op, io, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    return SB_STEP_AGAIN;
}
