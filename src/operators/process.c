/*
 * operators/process.c -- the keyed process operator: a user's callbacks per row and per timer, with
 * state per key (R7, R50).
 *
 * DESIGN     One callback is one unit: room on every port and state of the key are looked at before
 *            it, nothing waits inside. A value state is a map table, a map state an ordered table
 *            (key, map key). Timers of both domains are timer sets. What a callback does to timers
 *            is noted and done when it returns, so that the list of due timers it came from stays
 *            good; then due timers are looked at anew. A timer set from a row has floor target + 1,
 *            from a timer none: it fires in this advance. Nothing but tables and timers is in a
 *            snapshot. When the input ends, processing timers that are not due are dropped.
 * OWNERSHIP  The user's instance is opened at init and closed with the operator; values given to
 *            callbacks point into batches and tables.
 * THREADS    T:task. At its memory limit: the job fails with "out of memory".
 */
#include "operators/process.h"

#include <stdatomic.h>
#include <string.h>

#include "operators/operators.h"
#include "operators/process_value.h"

enum { TABLE_EVENT_TIMERS = 1, TABLE_PROCESSING_TIMERS = 2, TABLE_STATES = 16 };

enum { DUE_LIMIT = 32, CLOCK_EVERY = 16 };

#define STEP_NS INT64_C(200000)

static sb_process *
self_of(sb_op *op)
{
    return (sb_process *)(void *)op;
}

/* ---- set-up
 * -------------------------------------------------------------------------------------------------
 */

static sb_status
open_state(sb_process *self, int32_t index, const sb_schema *key, sb_init *ctx, sb_arena *arena,
           sb_error *err)
{
    sb_process_state *s = &self->states[index];
    const sb_user_state *user = &self->user->states[index];
    s->user = user;
    s->value = sb_vector_alloc(ctx->mem, &user->value, 1, true);
    s->key = user->is_map ? sb_vector_alloc(ctx->mem, &user->key, 1, true) : NULL;
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, 2);
    sb_schema *schemas = SB_NEW_ARRAY(arena, sb_schema, 2);
    if (!s->value || (user->is_map && !s->key) || !fields || !schemas) {
        SB_NOMEM(err);
    }
    s->value->encoding = SB_CONST; /* read at any row */
    fields[0] = (sb_field){.name = "value", .type = user->value};
    schemas[0] = (sb_schema){1, &fields[0]};
    sb_table_spec spec = {.table_id = TABLE_STATES + (uint32_t)index,
                          .shape = user->is_map ? SB_ORDERED : SB_MAP,
                          .key = key,
                          .row = &schemas[0],
                          .ttl_ms = user->ttl_ms};
    if (user->is_map) {
        s->key->encoding = SB_CONST;
        fields[1] = (sb_field){.name = "key", .type = user->key};
        schemas[1] = (sb_schema){1, &fields[1]};
        spec.sort = &schemas[1];
    }
    return sb_state_open_table(ctx->state, &spec, &s->table, err);
}

static sb_status
open_tables(sb_process *self, sb_init *ctx, sb_error *err)
{
    /* tables copy what they keep */
    sb_arena *arena = self->base.mem ? sb_arena_new(self->base.mem) : NULL;
    const sb_schema *key = arena ? sb_keyed_schema(arena, ctx->inputs[0], self->body->keys) : NULL;
    self->states =
        sb_alloc_zero(ctx->mem, sizeof *self->states * (size_t)(self->user->count_states + 1));
    sb_status status = key && self->states ? SB_OK
                                           : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__,
                                                          "out of memory");
    if (status == SB_OK) {
        status = sb_state_open_timers(ctx->state, TABLE_EVENT_TIMERS, key,
                                      &self->timers[SABOT_EVENT_TIME], err);
    }
    if (status == SB_OK) {
        status = sb_state_open_timers(ctx->state, TABLE_PROCESSING_TIMERS, key,
                                      &self->timers[SABOT_PROCESSING_TIME], err);
    }
    for (int32_t i = 0; status == SB_OK && i < self->user->count_states; i++) {
        status = open_state(self, i, key, ctx, arena, err);
    }
    sb_arena_free(arena);
    return status;
}

static sb_status
process_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    sb_process *self = self_of(op);
    self->body = node->body;
    self->user = ctx->users ? ctx->users->process(ctx->users, self->body->name) : NULL;
    self->input = ctx->inputs[0];
    self->os = ctx->os;
    self->base.mem = ctx->mem;
    if (!self->user) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "process function '%s' is not registered",
                self->body->name);
    }
    if (self->user->count_sides != self->body->count_sides) {
        SB_FAIL(err, SB_STATUS_CONFLICT, "process function '%s' has %d side outputs, the plan %d",
                self->body->name, (int)self->user->count_sides, (int)self->body->count_sides);
    }
    SB_TRY(sb_keyed_init(&self->keyed, ctx->mem, self->body->keys, ctx->batch_rows + 1, err), err);
    SB_TRY(open_tables(self, ctx, err), err);
    self->context = (sb_process_context){.base = {&sb_process_call_table}, .op = self};
    self->instance = self->user->user;
    if (self->user->open) {
        sabot_status status = self->user->open(self->user->user, &self->instance);
        if (status != SABOT_OK) {
            SB_FAIL(err, (sb_status)status, "process function '%s': open failed (%s)",
                    self->body->name, sb_status_text((sb_status)status));
        }
    }
    self->is_open = true;
    return SB_OK;
}

static void
process_close(sb_op *op)
{
    sb_process *self = self_of(op);
    if (self->is_open && self->user->close) {
        self->user->close(self->instance);
    }
    self->is_open = false;
    for (int32_t i = 0; self->states && i < self->user->count_states; i++) {
        sb_vector_unref(self->states[i].key);
        sb_vector_unref(self->states[i].value);
    }
    if (self->states) {
        sb_free(self->base.mem, self->states,
                sizeof *self->states * (size_t)(self->user->count_states + 1));
        self->states = NULL;
    }
    sb_free(self->base.mem, self->ops, sizeof *self->ops * (size_t)self->capacity_ops);
    self->ops = NULL;
    self->capacity_ops = 0;
    sb_keyed_deinit(&self->keyed);
}

/* ---- callbacks
 * -------------------------------------------------------------------------------------------------
 */

/* Does what the callback asked of timers, in its order. Returns true if a domain's timers
 * changed. */
static sb_status
apply_timers(sb_process *self, bool changed[2], sb_error *err)
{
    sb_process_context *c = &self->context;
    changed[0] = changed[1] = false;
    for (int32_t i = 0; i < self->count_ops; i++) {
        const sb_process_timer *op = &self->ops[i];
        sb_timers *timers = self->timers[op->domain];
        changed[op->domain] = true;
        if (op->set) {
            int64_t floor = op->domain == SABOT_EVENT_TIME ? c->floor_ms : SB_WM_MIN;
            SB_TRY(sb_timers_set(timers, &c->key, &op->time_ms, floor, err), err);
        }
    }
    for (int32_t i = 0; i < self->count_ops; i++) {
        const sb_process_timer *op = &self->ops[i];
        if (op->set) {
            continue;
        }
        bool again = false; /* set once more after it was deleted */
        for (int32_t k = i + 1; k < self->count_ops; k++) {
            const sb_process_timer *later = &self->ops[k];
            again = again ||
                    (later->set && later->domain == op->domain && later->time_ms == op->time_ms);
        }
        if (!again) {
            sb_timers_cancel(self->timers[op->domain], &c->key, &op->time_ms);
        }
    }
    self->count_ops = 0;
    return SB_OK;
}

static sb_status
end_callback(sb_process *self, sabot_status status, const char *what, bool changed[2])
{
    sb_process_context *c = &self->context;
    if (status == SABOT_OK && c->failed == SABOT_OK) {
        return apply_timers(self, changed, c->err);
    }
    self->count_ops = 0;
    if (c->failed == SABOT_OK) {
        const char *text = status > SABOT_OK && status <= SABOT_INTERNAL
                               ? sb_status_text((sb_status)status)
                               : "unknown status";
        SB_FAIL(c->err, SB_STATUS_DATA, "process function '%s': %s failed (%s)", self->user->name,
                what, text);
    }
    return (sb_status)c->failed;
}

static bool
has_room(sb_io *io)
{
    for (int32_t i = 0; i < io->count_ports; i++) {
        if (sb_port_room(io, i) == 0) {
            return false;
        }
    }
    return true;
}

static bool
is_resident(sb_process *self, const sb_keys *key)
{
    for (int32_t i = 0; i < self->user->count_states; i++) {
        if (sb_table_want(self->states[i].table, key) == 0) {
            return false;
        }
    }
    return true;
}

static bool
time_is_up(sb_process *self, int64_t started_ns, int32_t *count)
{
    return ++*count % CLOCK_EVERY == 0 && self->os->monotonic_ns(self->os) - started_ns > STEP_NS;
}

static sb_status
fire(sb_process *self, sb_io *io, sabot_time_domain domain, const sb_due *due, int32_t row,
     bool changed[2])
{
    sb_process_context *c = &self->context;
    c->key = (sb_keys){
        .columns = due->columns, .rows = &c->key_row, .hashes = &due->hashes[row], .count = 1};
    c->key_row = row;
    c->head = NULL;
    c->timestamp_ms = due->ts_ms[row];
    c->floor_ms = SB_WM_MIN;
    c->domain = domain;
    c->failed = SABOT_OK;
    atomic_fetch_add_explicit(&self->base.metrics->fired, 1, memory_order_relaxed);
    (void)io;
    return end_callback(self, self->user->on_timer(self->instance, &c->base), "on_timer", changed);
}

/* Fires what is due; 0: all of it, else what the step returns. */
static sb_step
run_timers(sb_process *self, sb_io *io, sabot_time_domain domain, int64_t upto_ms,
           int64_t started_ns, int32_t *count)
{
    sb_timers *timers = self->timers[domain];
    bool changed[2] = {false, false};
    while (sb_timers_count(timers) > 0 && sb_timers_next_ms(timers) <= upto_ms) {
        sb_due due;
        if (sb_timers_due(timers, upto_ms, DUE_LIMIT, &due, self->context.err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        if (due.count == 0) {
            break;
        }
        changed[domain] = false;
        for (int32_t i = 0; i < due.count && !changed[domain]; i++) {
            int32_t row = i;
            sb_keys key = {
                .columns = due.columns, .rows = &row, .hashes = &due.hashes[i], .count = 1};
            if (!has_room(io)) {
                return SB_WAIT_ROOM;
            }
            if (!is_resident(self, &key)) {
                return SB_WAIT_STATE;
            }
            if (!sb_timers_take(timers, i)) {
                continue;
            }
            if (fire(self, io, domain, &due, i, changed) != SB_OK) {
                return SB_STEP_FAIL;
            }
            if (time_is_up(self, started_ns, count)) {
                return SB_STEP_AGAIN;
            }
        }
    }
    return 0;
}

static int64_t
rowtime_ms(const sb_process *self, const sb_batch *head, int32_t physical)
{
    if (self->body->rowtime < 0) {
        return INT64_MIN;
    }
    sabot_value v = sb_process_vector_value(head->columns[self->body->rowtime], physical);
    if (v.kind != SABOT_VALUE_INT && v.kind != SABOT_VALUE_WIDE) {
        return INT64_MIN;
    }
    int64_t us = v.kind == SABOT_VALUE_INT ? v.as.i64 : v.as.wide.high;
    return us / 1000 - (us % 1000 < 0);
}

/* Rows up to the next mark; 0: all of them, else what the step returns. */
static sb_step
run_rows(sb_process *self, sb_io *io, int64_t started_ns, int32_t *count)
{
    sb_process_context *c = &self->context;
    const sb_batch *head = io->in[0].head;
    int32_t end = sb_io_run_end(io, 0);
    int64_t target = sb_io_target_ms(io);
    bool changed[2];
    if (end - io->in[0].row > self->keyed.capacity) {
        end = io->in[0].row + self->keyed.capacity;
    }
    sb_keys keys = sb_keyed_load(&self->keyed, head, io->in[0].row, end - io->in[0].row);
    for (int32_t i = 0; i < keys.count; i++) {
        c->key = (sb_keys){
            .columns = keys.columns, .rows = &keys.rows[i], .hashes = &keys.hashes[i], .count = 1};
        if (!has_room(io)) {
            return SB_WAIT_ROOM;
        }
        if (!is_resident(self, &c->key)) {
            return SB_WAIT_STATE;
        }
        c->key_row = c->row = keys.rows[i];
        c->head = head;
        c->timestamp_ms = rowtime_ms(self, head, c->row);
        c->floor_ms = target == INT64_MAX ? target : target + 1;
        c->domain = SABOT_EVENT_TIME;
        c->failed = SABOT_OK;
        if (end_callback(self, self->user->on_row(self->instance, &c->base), "on_row", changed) !=
            SB_OK) {
            return SB_STEP_FAIL;
        }
        sb_io_consume(io, 0, 1);
        if (time_is_up(self, started_ns, count)) {
            return SB_STEP_AGAIN;
        }
    }
    return 0;
}

static sb_step
process_step(sb_op *op, sb_io *io, sb_error *err)
{
    sb_process *self = self_of(op);
    sb_input *in = &io->in[0];
    int64_t started_ns = self->os->monotonic_ns(self->os);
    int32_t count = 0;
    sb_step wait;
    self->context.io = io;
    self->context.err = err;
    for (;;) {
        int64_t target = sb_io_target_ms(io);
        if (target > io->done_ms) {
            if ((wait = run_timers(self, io, SABOT_EVENT_TIME, target, started_ns, &count)) != 0) {
                return wait;
            }
            sb_io_advance_done(io, true);
        }
        if ((wait = run_timers(self, io, SABOT_PROCESSING_TIME, io->now_ms, started_ns, &count)) !=
            0) {
            return wait;
        }
        if (sb_io_mark_here(io, 0)) {
            sb_io_take_mark(io, 0);
            continue;
        }
        if (!in->head || in->row == in->head->count_rows) {
            break;
        }
        if ((wait = run_rows(self, io, started_ns, &count)) != 0) {
            return wait;
        }
    }
    if (!in->head && in->ended) {
        return SB_STEP_DONE;
    }
    int64_t next = sb_timers_count(self->timers[SABOT_PROCESSING_TIME]) > 0
                       ? sb_timers_next_ms(self->timers[SABOT_PROCESSING_TIME])
                       : INT64_MAX;
    if (next == INT64_MAX) {
        return SB_WAIT_INPUT;
    }
    sb_io_wake_at(io, next);
    return SB_WAIT_INPUT | SB_WAIT_CLOCK;
}

static void
process_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "KeyedProcess(%s)", ((const sb_process_node *)op->node->body)->name);
}

const sb_op_vtable sb_op_process = {
    .name = "KeyedProcess",
    .instance_size = sizeof(sb_process),
    .count_inputs = 1,
    .dist = SB_DIST_SLOT,
    .init = process_init,
    .step = process_step,
    .close = process_close,
    .describe = process_describe,
};
