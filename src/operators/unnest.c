/*
 * operators/unnest.c -- CROSS JOIN UNNEST(x): each row once per element of its ARRAY, MAP or
 * MULTISET, with the element behind it; LATERAL TABLE(f(x)): once per row that a function gives.
 *
 * DESIGN     Elements are gathered from the child vectors of the collection. A row whose collection
 *            is NULL or has no element has no copy; with `outer` one, whose element is NULL. An
 *            element that is a ROW becomes its fields, and one that is NULL is left out, as in
 *            Flink (where other elements may be NULL). An element of a MULTISET counts as often as
 *            it is in it. Functions: unnest_call.h.
 * THREADS    T:task. No tables.
 */
#include "operators/operators.h"
#include "operators/repeat.h"
#include "operators/unnest_call.h"

typedef struct unnest_op {
    sb_op base;
    const sb_unnest_node *body;
    sb_repeat repeat;
    int32_t *elements;          /* row of the child vectors of each position; -1: none */
    int32_t *ordinals;          /* place of it in its collection */
    const sb_vector *rows;      /* the elements, if they are ROWs */
    const sb_vector *list;      /* of the head */
    const sb_list_entry *lists; /* its values */
    int32_t before;             /* columns of the input */
    sb_unnest_call call;        /* of a table function */
} unnest_op;

static sb_status
unnest_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    unnest_op *self = SB_OP_CAST(op, unnest_op, &sb_op_unnest);
    self->body = node->body;
    self->before = ctx->inputs[0]->count;
    SB_TRY(sb_repeat_init(&self->repeat, ctx->mem, ctx->batch_rows, err), err);
    if (self->body->function) {
        return sb_unnest_call_init(&self->call, node, ctx, err);
    }
    self->elements = sb_alloc(ctx->mem, sizeof *self->elements * (size_t)ctx->batch_rows);
    self->ordinals = sb_alloc(ctx->mem, sizeof *self->ordinals * (size_t)ctx->batch_rows);
    if (!self->elements || !self->ordinals) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_list_entry
list_at(const unnest_op *self, int32_t physical)
{
    bool there = sb_vector_valid(self->list, physical);
    return there ? self->lists[sb_vector_index(self->list, physical)] : (sb_list_entry){0, 0};
}

static bool
is_left_out(const unnest_op *self, int32_t element)
{
    return self->rows && !sb_vector_valid(self->rows, element);
}

static int32_t
count_elements(void *ctx, int32_t physical)
{
    const unnest_op *self = ctx;
    sb_list_entry list = list_at(self, physical);
    int32_t count = list.count;
    for (int32_t i = 0; self->rows && self->rows->validity && i < list.count; i++) {
        count -= is_left_out(self, list.offset + i);
    }
    return count == 0 && self->body->outer ? 1 : count;
}

/* The first element from `element` on that is not left out; -1: there is none. */
static int32_t
next_element(const unnest_op *self, sb_list_entry list, int32_t element)
{
    while (element < list.offset + list.count && is_left_out(self, element)) {
        element++;
    }
    return element < list.offset + list.count ? element : -1;
}

static void
place_elements(unnest_op *self)
{
    const sb_repeat *repeat = &self->repeat;
    int32_t row = -1, element = -1;
    for (int32_t i = 0; i < repeat->count; i++) {
        sb_list_entry list = list_at(self, repeat->rows[i]);
        if (repeat->rows[i] == row) {
            element = next_element(self, list, element + 1);
        } else { /* maybe not the first copy: the others are out already */
            element = next_element(self, list, list.offset);
            for (int32_t skipped = 0; skipped < repeat->copies[i]; skipped++) {
                element = next_element(self, list, element + 1);
            }
        }
        row = repeat->rows[i];
        self->elements[i] = element;
        self->ordinals[i] = element - list.offset + 1;
    }
}

/* A gathered vector under the type of its column. Takes `v` over. */
static sb_vector *
typed(const unnest_op *self, sb_mem *mem, sb_vector *v, int32_t column)
{
    sb_vector *out =
        v ? sb_vector_retype(mem, v, &self->base.node->schema->fields[column].type) : NULL;
    sb_vector_unref(v);
    return out;
}

/* The fields of ROW elements, else the elements. */
static bool
element_columns(unnest_op *self, sb_mem *mem, sb_vector **out)
{
    const sb_vector *flat = self->list->encoding == SB_DICT ? self->list->dict : self->list;
    int32_t count = self->repeat.count, column = self->before;
    for (int32_t k = 0; k < flat->count_children; k++) {
        sb_vector *all = sb_vector_gather(mem, flat->children[k], self->elements, count);
        if (!all || all->phys != SB_PHYS_STRUCT || flat->count_children > 1) {
            out[column] = typed(self, mem, all, column);
            column++;
            continue;
        }
        for (int32_t f = 0; f < all->count_children; f++, column++) {
            out[column] = typed(self, mem, sb_vector_field(mem, all, f), column);
        }
        sb_vector_unref(all);
    }
    return out[column - 1] != NULL;
}

static sb_vector *
ordinal_column(const unnest_op *self, sb_mem *mem, int32_t column)
{
    const sb_type *type = &self->base.node->schema->fields[column].type;
    int32_t count = self->repeat.count;
    sb_vector *v = sb_vector_alloc(mem, type, count, self->body->outer);
    int32_t *values = v ? sb_vector_values_mut(v) : NULL;
    for (int32_t i = 0; v && i < count; i++) {
        values[i] = self->ordinals[i];
        if (self->elements[i] < 0) {
            sb_vector_validity_mut(v)[i >> 6] &= ~(UINT64_C(1) << (i & 63));
            values[i] = 0;
        }
    }
    return v;
}

static void
unnest_columns(sb_op *op, sb_mem *mem, const sb_batch *head, sb_vector **out)
{
    unnest_op *self = SB_OP_CAST(op, unnest_op, &sb_op_unnest);
    int32_t last = op->node->schema->count - 1;
    (void)head;
    if (self->body->function) {
        (void)sb_unnest_call_columns(&self->call, mem, self->repeat.count, out + self->before);
        return;
    }
    place_elements(self);
    if (element_columns(self, mem, out) && self->body->ordinality) {
        out[last] = ordinal_column(self, mem, last);
    }
}

static sb_status
unnest_run(sb_op *op, sb_io *io, int32_t room, sb_error *err)
{
    unnest_op *self = SB_OP_CAST(op, unnest_op, &sb_op_unnest);
    const sb_input *in = &io->in[0];
    if (self->body->function) {
        int32_t done = 0;
        SB_TRY(sb_unnest_call_run(&self->call, &self->repeat, io, room, &done, err), err);
        return sb_repeat_emit(&self->repeat, op, io, done, unnest_columns, err);
    }
    self->list = in->head->columns[self->body->column];
    const sb_vector *flat = self->list->encoding == SB_DICT ? self->list->dict : self->list;
    self->lists = flat->values;
    bool are_rows = flat->count_children == 1 && flat->children[0]->phys == SB_PHYS_STRUCT;
    self->rows = are_rows ? flat->children[0] : NULL;
    int32_t rows =
        sb_repeat_fill(&self->repeat, in, sb_io_run_end(io, 0), room, count_elements, self);
    return sb_repeat_emit(&self->repeat, op, io, rows, unnest_columns, err);
}

static sb_step
unnest_step(sb_op *op, sb_io *io, sb_error *err)
{
    return sb_repeat_step(op, io, unnest_run, err);
}

static sb_status
unnest_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    return sb_repeat_snapshot(&SB_OP_CAST(op, unnest_op, &sb_op_unnest)->repeat, w, err);
}

static sb_status
unnest_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    return sb_repeat_restore(&SB_OP_CAST(op, unnest_op, &sb_op_unnest)->repeat, piece, 0, err);
}

static void
unnest_close(sb_op *op)
{
    unnest_op *self = SB_OP_CAST(op, unnest_op, &sb_op_unnest);
    size_t size = sizeof *self->elements * (size_t)self->repeat.capacity;
    sb_unnest_call_close(&self->call);
    sb_free(op->mem, self->elements, self->elements ? size : 0);
    sb_free(op->mem, self->ordinals, self->ordinals ? size : 0);
    self->elements = self->ordinals = NULL;
    sb_repeat_deinit(&self->repeat);
}

static void
unnest_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "Correlate(%s)", op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_unnest = {
    .name = "Correlate",
    .instance_size = sizeof(unnest_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_ANY,
    .init = unnest_init,
    .step = unnest_step,
    .snapshot = unnest_snapshot,
    .restore = unnest_restore,
    .close = unnest_close,
    .describe = unnest_describe,
};
