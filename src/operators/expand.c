/*
 * operators/expand.c -- GROUPING SETS: each row once per set, with NULL for the keys that the set
 * does not have, and the number of the set behind it.
 *
 * DESIGN     The copies of a row follow each other in the order of the sets, as in Flink, so
 *            results do not depend on how rows come in batches.
 * THREADS    T:task. No tables.
 */
#include <string.h>

#include "operators/operators.h"
#include "operators/repeat.h"

typedef struct expand_op {
    sb_op base;
    const sb_expand_node *body;
    sb_repeat repeat;
    int32_t *masked; /* row of each position, -1 where a column is not in the set */
    uint8_t *keeps;  /* by set and column: its value stays */
} expand_op;

static size_t
keeps_size(const sb_expand_node *body, const sb_plan_node *node)
{
    return (size_t)body->sets.count * (size_t)node->schema->count;
}

static sb_status
expand_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    expand_op *self = SB_OP_CAST(op, expand_op, &sb_op_expand);
    const sb_expand_node *body = self->body = node->body;
    int32_t columns = node->schema->count;
    SB_TRY(sb_repeat_init(&self->repeat, ctx->mem, ctx->batch_rows, err), err);
    self->masked = sb_alloc(ctx->mem, sizeof *self->masked * (size_t)ctx->batch_rows);
    self->keeps = sb_alloc(ctx->mem, keeps_size(body, node));
    if (!self->masked || !self->keeps) {
        SB_NOMEM(err);
    }
    memset(self->keeps, 1, keeps_size(body, node));
    for (int32_t s = 0; s < body->sets.count; s++) {
        uint8_t *keeps = self->keeps + (size_t)s * (size_t)columns;
        for (int32_t k = 0; k < body->keys.count; k++) {
            keeps[body->keys.at[k]] = 0;
        }
        for (int32_t k = 0; k < body->sets.at[s].count; k++) {
            keeps[body->sets.at[s].at[k]] = 1;
        }
    }
    return SB_OK;
}

static int32_t
count_sets(void *ctx, int32_t physical)
{
    (void)physical;
    return ((const expand_op *)ctx)->body->sets.count;
}

static sb_vector *
key_column(expand_op *self, sb_mem *mem, const sb_batch *head, int32_t column)
{
    const sb_repeat *repeat = &self->repeat;
    int32_t columns = self->base.node->schema->count;
    for (int32_t i = 0; i < repeat->count; i++) {
        bool keeps = self->keeps[repeat->copies[i] * columns + column];
        self->masked[i] = keeps ? repeat->rows[i] : -1;
    }
    sb_vector *v = sb_vector_gather(mem, head->columns[column], self->masked, repeat->count);
    sb_vector *nullable =
        v ? sb_vector_retype(mem, v, &self->base.node->schema->fields[column].type) : NULL;
    sb_vector_unref(v);
    return nullable;
}

static sb_vector *
set_column(const expand_op *self, sb_mem *mem)
{
    const sb_schema *schema = self->base.node->schema;
    const sb_type *type = &schema->fields[schema->count - 1].type;
    sb_vector *v = sb_vector_alloc(mem, type, self->repeat.count, false);
    int64_t *values = v ? sb_vector_values_mut(v) : NULL;
    for (int32_t i = 0; v && i < self->repeat.count; i++) {
        values[i] = self->repeat.copies[i];
    }
    return v;
}

static void
expand_columns(sb_op *op, sb_mem *mem, const sb_batch *head, sb_vector **out)
{
    expand_op *self = SB_OP_CAST(op, expand_op, &sb_op_expand);
    const sb_columns *keys = &self->body->keys;
    for (int32_t k = 0; k < keys->count; k++) {
        out[keys->at[k]] = key_column(self, mem, head, keys->at[k]);
        if (!out[keys->at[k]]) {
            return; /* without the last column there is no batch */
        }
    }
    out[op->node->schema->count - 1] = set_column(self, mem);
}

static sb_status
expand_run(sb_op *op, sb_io *io, int32_t room, sb_error *err)
{
    expand_op *self = SB_OP_CAST(op, expand_op, &sb_op_expand);
    int32_t rows =
        sb_repeat_fill(&self->repeat, &io->in[0], sb_io_run_end(io, 0), room, count_sets, self);
    return sb_repeat_emit(&self->repeat, op, io, rows, expand_columns, err);
}

static sb_step
expand_step(sb_op *op, sb_io *io, sb_error *err)
{
    return sb_repeat_step(op, io, expand_run, err);
}

static sb_status
expand_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    return sb_repeat_snapshot(&SB_OP_CAST(op, expand_op, &sb_op_expand)->repeat, w, err);
}

static sb_status
expand_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    expand_op *self = SB_OP_CAST(op, expand_op, &sb_op_expand);
    return sb_repeat_restore(&self->repeat, piece, self->body->sets.count, err);
}

static void
expand_close(sb_op *op)
{
    expand_op *self = SB_OP_CAST(op, expand_op, &sb_op_expand);
    sb_free(op->mem, self->masked,
            self->masked ? sizeof *self->masked * (size_t)self->repeat.capacity : 0);
    sb_free(op->mem, self->keeps, self->keeps ? keeps_size(self->body, op->node) : 0);
    self->masked = NULL;
    self->keeps = NULL;
    sb_repeat_deinit(&self->repeat);
}

static void
expand_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "Expand(%s)", op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_expand = {
    .name = "Expand",
    .instance_size = sizeof(expand_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_ANY,
    .init = expand_init,
    .step = expand_step,
    .snapshot = expand_snapshot,
    .restore = expand_restore,
    .close = expand_close,
    .describe = expand_describe,
};
