/*
 * operators/calc.c -- filter and projection in one pass; and the two operators that only look at
 * row kinds.
 *
 * DESIGN     Row-wise adapter. The predicate narrows the selection; projected columns are computed
 *            by physical row, so they stand under the same selection, ops and marks. Columns that
 *            pass through are shared.
 * OWNERSHIP  `in` is consumed.
 * THREADS    T:task. Keeps no state.
 */
#include <string.h>

#include "operators/operators.h"

typedef struct calc_op {
    sb_op base;
    const sb_calc_node *body;
    sb_eval *eval; /* projections, under the condition if there is one */
    int32_t *keep; /* capacity_keep logical rows */
    int32_t capacity_keep;
} calc_op;

static sb_status
calc_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    calc_op *self = SB_OP_CAST(op, calc_op, &sb_op_calc);
    self->body = node->body;
    return sb_eval_new_filter(ctx->mem, ctx->inputs[0], self->body->condition,
                              self->body->projections, self->body->count, ctx->zone, &self->eval,
                              err);
}

static sb_status
reserve_keep(calc_op *self, int32_t rows, sb_error *err)
{
    if (rows > self->capacity_keep) {
        int32_t *keep =
            sb_realloc(self->base.mem, self->keep, sizeof *keep * (size_t)self->capacity_keep,
                       sizeof *keep * (size_t)rows);
        if (!keep) {
            SB_NOMEM(err);
        }
        self->keep = keep;
        self->capacity_keep = rows;
    }
    return SB_OK;
}

/* The columns of the result; `in` loses the rows that do not pass. */
static sb_status
evaluate(calc_op *self, sb_io *io, sb_batch *in, sb_vector **columns, sb_error *err)
{
    int32_t count;
    if (!self->body->condition) {
        return sb_eval_run(self->eval, in, &io->eval, columns, err);
    }
    SB_TRY(reserve_keep(self, in->count_rows, err), err);
    SB_TRY(sb_eval_run_filter(self->eval, in, &io->eval, self->keep, &count, columns, err), err);
    if (count == in->count_rows) {
        return SB_OK;
    }
    self->base.metrics->dropped_rows += in->count_rows - count;
    sb_status status = sb_batch_filter(in, self->keep, count, err);
    for (int32_t i = 0; status != SB_OK && i < self->body->count; i++) {
        sb_vector_unref(columns[i]);
    }
    return status;
}

/* Moves selection, ops, rowtime and marks of `from` under new columns. */
static void
move_row_parts(sb_batch *to, sb_batch *from)
{
    to->selection = from->selection;
    to->own_selection = from->own_selection;
    to->ops = from->ops;
    to->own_ops = from->own_ops;
    to->rowtime_ms = from->rowtime_ms;
    to->own_rowtime = from->own_rowtime;
    to->count_rows = from->count_rows;
    to->split = from->split;
    from->selection = NULL;
    from->own_selection = from->own_ops = from->own_rowtime = NULL;
    from->ops = NULL;
    from->rowtime_ms = NULL;
}

/* NULL: no row is left, and no mark. Takes the columns over. */
static sb_status
make_batch(calc_op *self, sb_io *io, sb_batch *in, sb_vector **columns, sb_batch **out,
           sb_error *err)
{
    *out = NULL;
    if (in->count_rows == 0 && in->count_marks == 0) {
        for (int32_t i = 0; i < self->body->count; i++) {
            sb_vector_unref(columns[i]);
        }
        return SB_OK;
    }
    *out = sb_batch_new(io->mem, self->base.node->schema, columns, in->count_physical);
    if (!*out || sb_batch_set_marks(*out, in->marks, in->count_marks, err) != SB_OK) {
        *out = sb_batch_free(*out);
        SB_NOMEM(err);
    }
    move_row_parts(*out, in);
    return SB_OK;
}

static sb_status
project(calc_op *self, sb_io *io, sb_batch *in, sb_batch **out, sb_error *err)
{
    sb_vector *inline_columns[32];
    size_t size = sizeof(sb_vector *) * (size_t)(self->body->count + 1);
    sb_vector **columns = self->body->count <= 32 ? inline_columns : sb_alloc(self->base.mem, size);
    if (!columns) {
        SB_NOMEM(err);
    }
    sb_status status = evaluate(self, io, in, columns, err);
    status = status == SB_OK ? make_batch(self, io, in, columns, out, err) : status;
    if (columns != inline_columns) {
        sb_free(self->base.mem, columns, size);
    }
    return status;
}

static sb_status
calc_process(sb_op *op, sb_io *io, sb_batch *in, sb_batch **out, sb_error *err)
{
    calc_op *self = SB_OP_CAST(op, calc_op, &sb_op_calc);
    sb_status status = SB_OK;
    *out = NULL;
    io->eval.watermark_ms = io->in[0].watermark_ms;
    /* An empty batch goes on only when it carries watermarks. */
    if (in->count_rows > 0 || in->count_marks > 0) {
        status = project(self, io, in, out, err);
    }
    sb_batch_free(in);
    return status;
}

static void
calc_close(sb_op *op)
{
    calc_op *self = SB_OP_CAST(op, calc_op, &sb_op_calc);
    sb_eval_free(self->eval);
    sb_free(op->mem, self->keep, sizeof *self->keep * (size_t)self->capacity_keep);
    self->keep = NULL;
    self->eval = NULL;
}

static void
describe_node(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "%s(%s)", op->vtable->name,
                   op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_calc = {
    .name = "Calc",
    .instance_size = sizeof(calc_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_SLOT,
    .init = calc_init,
    .process = calc_process,
    .close = calc_close,
    .describe = describe_node,
};

/* --- union: its gate has the channels of all inputs; rows pass --- */

static sb_status
union_process(sb_op *op, sb_io *io, sb_batch *in, sb_batch **out, sb_error *err)
{
    (void)io;
    (void)err;
    in->schema = op->node->schema;
    *out = in;
    return SB_OK;
}

static sb_status
plain_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    (void)op;
    (void)node;
    (void)ctx;
    (void)err;
    return SB_OK;
}

static void
plain_close(sb_op *op)
{
    (void)op;
}

const sb_op_vtable sb_op_union = {
    .name = "Union",
    .instance_size = sizeof(sb_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_ANY,
    .init = plain_init,
    .process = union_process,
    .close = plain_close,
    .describe = describe_node,
};

/* --- drop update-before: for consumers by key --- */

static sb_status
drop_before_process(sb_op *op, sb_io *io, sb_batch *in, sb_batch **out, sb_error *err)
{
    *out = in;
    if (!in->ops || in->count_rows == 0) {
        return SB_OK;
    }
    sb_buffer *keep = sb_buffer_new(io->mem, (int64_t)sizeof(int32_t) * in->count_rows);
    if (!keep) {
        *out = sb_batch_free(in);
        SB_NOMEM(err);
    }
    int32_t *rows = (int32_t *)(void *)keep->data, count = 0;
    for (int32_t i = 0; i < in->count_rows; i++) {
        rows[count] = i;
        count += in->ops[sb_batch_row(in, i)] != SB_ROW_UPDATE_BEFORE;
    }
    op->metrics->dropped_rows += in->count_rows - count;
    sb_status status = count < in->count_rows ? sb_batch_filter(in, rows, count, err) : SB_OK;
    sb_buffer_unref(keep);
    if (status != SB_OK) {
        *out = sb_batch_free(in);
    }
    return status;
}

const sb_op_vtable sb_op_drop_before = {
    .name = "DropUpdateBefore",
    .instance_size = sizeof(sb_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_SLOT,
    .init = plain_init,
    .process = drop_before_process,
    .close = plain_close,
    .describe = describe_node,
};
