/*
 * operators/limit.c -- OFFSET and LIMIT over inserts without an order: rows pass until there were
 * enough.
 *
 * DESIGN     Row-wise adapter in one subtask. How many rows came is all its state.
 * THREADS    T:task
 */
#include "operators/operators.h"

typedef struct limit_op {
    sb_op base;
    const sb_limit_node *body;
    int64_t seen; /* rows, up to offset + limit */
} limit_op;

static sb_status
limit_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    (void)ctx;
    (void)err;
    SB_OP_CAST(op, limit_op, &sb_op_limit)->body = node->body;
    return SB_OK;
}

static sb_status
limit_process(sb_op *op, sb_io *io, sb_batch *in, sb_batch **out, sb_error *err)
{
    limit_op *self = SB_OP_CAST(op, limit_op, &sb_op_limit);
    int64_t count = in->count_rows, from = self->body->offset - self->seen;
    int64_t to = self->body->limit < 0 ? count : self->body->limit + from;
    from = from < 0 ? 0 : from > count ? count : from;
    to = to < from ? from : to > count ? count : to;
    self->seen += count;
    *out = in;
    if (to - from == count) {
        return SB_OK;
    }
    op->metrics->dropped_rows += count - (to - from);
    sb_buffer *keep = sb_buffer_new(io->mem, (int64_t)sizeof(int32_t) * (to - from + 1));
    sb_status status = SB_OK;
    if (!keep) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    } else {
        int32_t *rows = (int32_t *)(void *)keep->data;
        for (int64_t i = from; i < to; i++) {
            rows[i - from] = (int32_t)i;
        }
        status = sb_batch_filter(in, rows, (int32_t)(to - from), err);
    }
    sb_buffer_unref(keep);
    if (status != SB_OK) {
        *out = sb_batch_free(in);
    }
    return status;
}

static sb_status
limit_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    sb_write_i64(w, SB_OP_CAST(op, limit_op, &sb_op_limit)->seen);
    if (sb_text_failed(&w->out)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
limit_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    limit_op *self = SB_OP_CAST(op, limit_op, &sb_op_limit);
    sb_reader r = piece->op;
    self->seen += sb_read_i64(&r);
    return sb_reader_done(&r, "rows of a limit", err);
}

static void
limit_close(sb_op *op)
{
    (void)op;
}

static void
limit_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "Limit(%s)", op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_limit = {
    .name = "Limit",
    .instance_size = sizeof(limit_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_ANY,
    .init = limit_init,
    .process = limit_process,
    .snapshot = limit_snapshot,
    .restore = limit_restore,
    .close = limit_close,
    .describe = limit_describe,
};
