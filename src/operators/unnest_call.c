/*
 * operators/unnest_call.c -- see unnest_call.h.
 *
 * THREADS    T:task
 */
#include "operators/unnest_call.h"

#include <string.h>

enum { HINT_FIRST = 64 };

static sb_status
alloc_scratch(sb_unnest_call *self, sb_error *err)
{
    size_t n = (size_t)self->capacity;
    self->columns = sb_alloc_zero(self->mem, sizeof *self->columns * (SB_UDF_ARGS_MAX + 1));
    self->results = sb_alloc_zero(self->mem, sizeof *self->results * (size_t)self->result.count);
    self->physical = sb_alloc(self->mem, 4 * n * sizeof(int32_t));
    if (!self->columns || !self->results || !self->physical) {
        SB_NOMEM(err);
    }
    self->places = self->physical + n;
    self->rows = self->places + n;
    self->elements = self->rows + n;
    return SB_OK;
}

sb_status
sb_unnest_call_init(sb_unnest_call *self, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    const sb_schema *input = ctx->inputs[0];
    self->mem = ctx->mem;
    self->body = node->body;
    self->capacity = ctx->batch_rows;
    self->hint = HINT_FIRST;
    self->args = (sb_schema){.count = self->body->count_args,
                             .fields = input->fields[self->body->column].type.children};
    self->result = (sb_schema){.count = node->schema->count - input->count,
                               .fields = node->schema->fields + input->count};
    SB_TRY(alloc_scratch(self, err), err);
    return sb_udf_open(self->body->function, ctx->mem, &self->args, &self->result, ctx->zone,
                       &self->function, err);
}

static void
drop_vectors(sb_vector **vectors, int32_t count)
{
    for (int32_t i = 0; vectors && i < count; i++) {
        sb_vector_unref(vectors[i]);
        vectors[i] = NULL;
    }
}

void
sb_unnest_call_close(sb_unnest_call *self)
{
    size_t n = (size_t)self->capacity;
    if (!self->mem) {
        return;
    }
    drop_vectors(self->results, self->result.count);
    sb_udf_close(self->function);
    sb_free(self->mem, self->columns,
            self->columns ? sizeof *self->columns * (SB_UDF_ARGS_MAX + 1) : 0);
    sb_free(self->mem, self->results,
            self->results ? sizeof *self->results * (size_t)self->result.count : 0);
    sb_free(self->mem, self->physical, self->physical ? 4 * n * sizeof(int32_t) : 0);
    *self = (sb_unnest_call){0};
}

/* ---- a call ---- */

/* The arguments of self->physical[0..count), dense. */
static sb_status
load_arguments(sb_unnest_call *self, const sb_batch *head, int32_t count, sb_error *err)
{
    sb_vector *row =
        sb_vector_gather(self->mem, head->columns[self->body->column], self->physical, count);
    bool ok = row != NULL;
    for (int32_t i = 0; ok && i < self->args.count; i++) {
        self->columns[i] = sb_vector_field(self->mem, row, i);
        ok = self->columns[i] != NULL;
    }
    sb_vector_unref(row);
    if (!ok) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
refuse(const sb_unnest_call *self, const char *what, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_INVALID, "function %s: %s", self->body->function->function.name, what);
}

typedef struct call_counts { /* what came out of a call */
    int64_t given, max, next, rows;
} call_counts;

static sb_status
check_call(const sb_unnest_call *self, const call_counts *c, sb_error *err)
{
    if (c->given < 0 || c->given > c->max) {
        return refuse(self, "it gave more rows than it was asked for", err);
    }
    if (c->next < 0 || c->next > c->rows) {
        return refuse(self, "`next_row` is not one of its rows", err);
    }
    if (c->given == 0 && c->next == 0) {
        return refuse(self, "it gave no rows and did not go on", err);
    }
    for (int64_t i = 0; i < c->given; i++) {
        int32_t row = self->rows[i];
        if (row < 0 || row >= c->rows || row > c->next || (i > 0 && row < self->rows[i - 1])) {
            return refuse(self, "`rows` does not ascend, or goes beyond `next_row`", err);
        }
    }
    return SB_OK;
}

/* Calls the function for `count` rows whose arguments are loaded; gives the rows that are done. */
static sb_status
call_function(sb_unnest_call *self, const int32_t *places, int32_t count, int32_t skip,
              int32_t room, int64_t *out_next, sb_error *err)
{
    sb_udf_instance *f = self->function;
    struct ArrowArray arguments = {0}, result = {0};
    struct ArrowSchema schema = {0};
    SB_TRY(sb_udf_arguments(f, self->columns, places, count, &arguments, err), err);
    sabot_table_call call = {.struct_size = sizeof call,
                             .arguments = &arguments,
                             .skip = skip,
                             .max_rows = room,
                             .result = &result,
                             .result_schema = &schema,
                             .rows = self->rows,
                             .next_row = -1};
    sabot_status status = f->udf->def.table(f->state, &call, sb_udf_context(f));
    sb_udf_release(&arguments, NULL);
    if (status != SABOT_OK) {
        sb_udf_release(&result, &schema);
        return sb_udf_status(f, status, err);
    }
    call_counts counts = {.given = result.release ? result.length : 0,
                          .max = room,
                          .next = call.next_row,
                          .rows = count};
    sb_status checked = check_call(self, &counts, err);
    if (checked != SB_OK) {
        sb_udf_release(&result, &schema);
        return checked;
    }
    self->count_results = (int32_t)counts.given;
    *out_next = call.next_row;
    if (self->count_results == 0) {
        sb_udf_release(&result, &schema);
        return SB_OK;
    }
    return sb_udf_take(f, &result, &schema, counts.given, self->results, err);
}

/* ---- positions ---- */

typedef struct placing {
    int32_t count;        /* rows given to the operator's run */
    int32_t count_chosen; /* of them, those given to the function */
    bool some;            /* not all */
    int64_t next;
} placing;

/* The results in the order of their rows; returns how many rows are done. */
static int32_t
place(sb_unnest_call *self, sb_repeat *repeat, const placing *p)
{
    int32_t done = 0, j = 0, d = 0, n = 0;
    for (; done < p->count; done++) {
        bool chosen = !p->some || (d < p->count_chosen && self->places[d] == done);
        if (chosen && d > p->next) {
            break;
        }
        for (; chosen && j < self->count_results && self->rows[j] == d; j++) {
            repeat->rows[n] = self->physical[done];
            self->elements[n++] = j;
            repeat->at++;
        }
        if (chosen && d == p->next) {
            break; /* more of it will come */
        }
        if (repeat->at == 0 && self->body->outer) {
            repeat->rows[n] = self->physical[done];
            self->elements[n++] = -1;
        }
        d += chosen;
        repeat->at = 0;
    }
    repeat->count = n;
    return done;
}

static void
adapt(sb_unnest_call *self, int32_t given, int32_t done, int32_t room)
{
    if (done == given && self->count_results < room / 2) {
        self->hint = self->hint > self->capacity / 2 ? self->capacity : 2 * self->hint;
    } else if (done < given / 4) {
        self->hint = done > 0 ? 2 * done : 1;
    }
}

static sb_status
run_rows(sb_unnest_call *self, sb_repeat *repeat, const sb_batch *head, placing *p, int32_t room,
         int32_t *out_rows, sb_error *err)
{
    SB_TRY(load_arguments(self, head, p->count, err), err);
    p->count_chosen = sb_udf_rows(self->function, self->columns, NULL, p->count, self->places);
    p->some = p->count_chosen < p->count;
    p->next = 0;
    if (p->count_chosen > 0) {
        SB_TRY(call_function(self, p->some ? self->places : NULL, p->count_chosen, repeat->at, room,
                             &p->next, err),
               err);
    }
    if (repeat->at > INT32_MAX - self->count_results) {
        SB_FAIL(err, SB_STATUS_LIMIT, "function %s gives more than %d rows for one",
                self->body->function->function.name, INT32_MAX);
    }
    *out_rows = place(self, repeat, p);
    adapt(self, p->count, *out_rows, room);
    return SB_OK;
}

sb_status
sb_unnest_call_run(sb_unnest_call *self, sb_repeat *repeat, sb_io *io, int32_t room,
                   int32_t *out_rows, sb_error *err)
{
    const sb_input *in = &io->in[0];
    placing p = {.count = sb_io_run_end(io, 0) - in->row};
    room = room < self->capacity ? room : self->capacity;
    p.count = p.count < self->hint ? p.count : self->hint;
    if (self->body->outer && room > 1) { /* rows without a result need room too */
        p.count = p.count < room / 2 ? p.count : room / 2;
        room -= p.count;
    } else if (self->body->outer) {
        p.count = 1;
    }
    for (int32_t i = 0; i < p.count; i++) {
        self->physical[i] = sb_batch_row(in->head, in->row + i);
    }
    drop_vectors(self->results, self->result.count);
    self->count_results = 0;
    sb_status status = run_rows(self, repeat, in->head, &p, room, out_rows, err);
    drop_vectors(self->columns, self->args.count);
    return status;
}

bool
sb_unnest_call_columns(sb_unnest_call *self, sb_mem *mem, int32_t count, sb_vector **out)
{
    bool as_is = count == self->count_results, ok = true;
    for (int32_t i = 0; as_is && i < count; i++) {
        as_is = self->elements[i] == i;
    }
    for (int32_t c = 0; c < self->result.count; c++) {
        const sb_type *type = &self->result.fields[c].type;
        if (self->count_results == 0) { /* rows of a LEFT JOIN only */
            out[c] = sb_vector_const(mem, type, NULL, count);
        } else if (as_is) {
            out[c] = sb_vector_ref(self->results[c]);
        } else {
            out[c] = sb_vector_gather(mem, self->results[c], self->elements, count);
        }
        ok = ok && out[c];
    }
    return ok;
}
