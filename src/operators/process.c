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
 * SIZE: calls, set-up and callbacks of one operator share one context; values are in
 *       process_value.c.
 * OWNERSHIP  The user's instance is opened at init and closed with the operator; values given to
 *            callbacks point into batches and tables.
 * THREADS    T:task. At its memory limit: the job fails with "out of memory".
 */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "flow/user.h"
#include "operators/keyed.h"
#include "operators/operators.h"
#include "operators/process_value.h"

enum { TABLE_EVENT_TIMERS = 1, TABLE_PROCESSING_TIMERS = 2, TABLE_STATES = 16 };

enum { DUE_LIMIT = 32, CLOCK_EVERY = 16, TIMER_OPS_MAX = 1 << 20 };

#define STEP_NS INT64_C(200000)

typedef struct process_state {
    const sb_user_state *user;
    sb_table *table;
    sb_vector *key, *value; /* CONST, one value: what is looked up or written */
} process_state;

typedef struct timer_op {
    int64_t time_ms;
    bool set;
    uint8_t domain;
} timer_op;

typedef struct process_op process_op;

typedef struct process_context {
    sabot_process_context base; /* first: what callbacks get */
    process_op *op;
    sb_io *io;
    sb_error *err;
    sb_keys key;          /* one key */
    int32_t key_row;      /* its physical row */
    const sb_batch *head; /* on_row; NULL in on_timer */
    int32_t row;          /* physical row of `head` */
    int64_t timestamp_ms;
    int64_t floor_ms; /* of event timers set now */
    sabot_time_domain domain;
    sabot_status failed; /* first call that failed; its message is in err */
} process_context;

struct process_op {
    sb_op base;
    const sb_process_node *body;
    const sb_user_process *user;
    const sb_schema *input;
    sb_os *os;
    void *instance;
    bool is_open;
    sb_keyed keyed;
    sb_timers *timers[2]; /* by domain */
    process_state *states;
    process_context context;
    timer_op *ops;
    int32_t count_ops, capacity_ops;
};

static process_op *
self_of(sb_op *op)
{
    return (process_op *)(void *)op;
}

static process_context *
context_of(sabot_process_context *c)
{
    return (process_context *)(void *)c;
}

/* ---- values
 * -------------------------------------------------------------------------------------------------
 */

static sabot_status refuse(process_context *c, sb_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static sabot_status
refuse(process_context *c, sb_status status, const char *fmt, ...)
{
    char message[512];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    if (c->failed == SABOT_OK) {
        c->failed = (sabot_status)status;
        (void)sb_error_set(c->err, status, __FILE__, __LINE__, "process function '%s': %s",
                           c->op->user->name, message);
    }
    return (sabot_status)status;
}

static sabot_status
refuse_nomem(process_context *c)
{
    return refuse(c, SB_STATUS_NOMEM, "out of memory");
}

/* Does the value fit the type? Otherwise the context fails, `what` names the place. */
static sabot_status
check_value(process_context *c, const sb_type *type, const sabot_value *v, const char *what)
{
    const char *problem = sb_process_value_problem(type, v);
    return problem ? refuse(c, SB_STATUS_INVALID, "%s for %s", problem, what) : SABOT_OK;
}

/* Puts the value into a CONST vector of one value. */
static sabot_status
set_const(process_context *c, sb_vector *vector, const sabot_value *v, const char *what)
{
    sabot_status status = check_value(c, vector->type, v, what);
    if (status != SABOT_OK) {
        return status;
    }
    if (v->kind == SABOT_VALUE_NULL) {
        sb_bit_clear(sb_vector_validity_mut(vector), 0);
        memset(sb_vector_values_mut(vector), 0, (size_t)sb_phys_size((sb_phys)vector->phys));
    } else {
        sb_bit_set(sb_vector_validity_mut(vector), 0);
        sb_process_store_value(vector->type, v, sb_vector_values_mut(vector));
    }
    return SABOT_OK;
}

/* ---- calls: the row, the key, time
 * ----------------------------------------------------------------------------- */

static int32_t
call_column(sabot_process_context *context, const char *name)
{
    return sb_schema_find(context_of(context)->op->input, sb_str_of(name));
}

static sabot_status
call_get(sabot_process_context *context, int32_t column, sabot_value *out)
{
    process_context *c = context_of(context);
    if (!c->head) {
        return refuse(c, SB_STATUS_INVALID, "there is no row in a timer callback");
    }
    if (column < 0 || column >= c->head->schema->count) {
        return refuse(c, SB_STATUS_INVALID, "input has no column %d", (int)column);
    }
    const sb_vector *vector = c->head->columns[column];
    if (!sb_process_is_flat((sb_phys)vector->phys)) {
        return refuse(c, SB_STATUS_NOT_SUPPORTED,
                      "not supported: reading column \"%s\" of a nested type",
                      c->head->schema->fields[column].name);
    }
    *out = sb_process_vector_value(vector, c->row);
    return SABOT_OK;
}

static sabot_op
call_op(sabot_process_context *context)
{
    const process_context *c = context_of(context);
    return c->head ? (sabot_op)sb_batch_op(c->head, c->row) : SABOT_INSERT;
}

static sabot_status
call_key(sabot_process_context *context, int32_t index, sabot_value *out)
{
    process_context *c = context_of(context);
    if (index < 0 || index >= c->op->body->keys.count) {
        return refuse(c, SB_STATUS_INVALID, "the key has no column %d", (int)index);
    }
    *out = sb_process_vector_value(c->key.columns[index], c->key_row);
    return SABOT_OK;
}

static int64_t
call_watermark(sabot_process_context *context)
{
    return sb_io_target_ms(context_of(context)->io);
}

static int64_t
call_now(sabot_process_context *context)
{
    return context_of(context)->io->now_ms;
}

static int64_t
call_timestamp(sabot_process_context *context)
{
    return context_of(context)->timestamp_ms;
}

static sabot_time_domain
call_domain(sabot_process_context *context)
{
    return context_of(context)->domain;
}

static sabot_status
call_timer(sabot_process_context *context, sabot_time_domain domain, int64_t time_ms, bool set)
{
    process_context *c = context_of(context);
    process_op *self = c->op;
    if (domain != SABOT_EVENT_TIME && domain != SABOT_PROCESSING_TIME) {
        return refuse(c, SB_STATUS_INVALID, "unknown time domain %d", (int)domain);
    }
    if (set && !self->user->on_timer) {
        return refuse(c, SB_STATUS_INVALID, "a timer is set and there is no on_timer");
    }
    if (self->count_ops == TIMER_OPS_MAX) {
        return refuse(c, SB_STATUS_LIMIT, "more than %d timers in one callback", TIMER_OPS_MAX);
    }
    if (self->count_ops == self->capacity_ops) {
        int32_t capacity = self->capacity_ops ? 2 * self->capacity_ops : 16;
        timer_op *ops =
            sb_realloc(self->base.mem, self->ops, sizeof *ops * (size_t)self->capacity_ops,
                       sizeof *ops * (size_t)capacity);
        if (!ops) {
            return refuse_nomem(c);
        }
        self->ops = ops;
        self->capacity_ops = capacity;
    }
    self->ops[self->count_ops++] = (timer_op){time_ms, set, (uint8_t)domain};
    return SABOT_OK;
}

/* ---- calls: state
 * ---------------------------------------------------------------------------------------------- */

static process_state *
state_at(process_context *c, int32_t state, bool is_map)
{
    if (state < 0 || state >= c->op->user->count_states) {
        (void)refuse(c, SB_STATUS_INVALID, "there is no state %d", (int)state);
        return NULL;
    }
    process_state *s = &c->op->states[state];
    if (s->user->is_map != is_map) {
        (void)refuse(c, SB_STATUS_INVALID, "state \"%s\" is a %s state", s->user->name,
                     s->user->is_map ? "map" : "value");
        return NULL;
    }
    return s;
}

/* Own status of a table call that failed: its error is in err already. */
static sabot_status
table_failed(process_context *c, sb_status status)
{
    if (c->failed == SABOT_OK) {
        c->failed = (sabot_status)status;
    }
    return (sabot_status)status;
}

static sabot_status
call_state_get(sabot_process_context *context, int32_t state, sabot_value *out)
{
    process_context *c = context_of(context);
    process_state *s = state_at(c, state, false);
    uint8_t *row;
    if (!s) {
        return c->failed;
    }
    sb_map_find(s->table, &c->key, &row);
    *out = row ? sb_process_row_value(sb_table_layout(s->table), row, sb_table_field(s->table, 0))
               : sabot_null();
    return SABOT_OK;
}

static sabot_status
call_state_set(sabot_process_context *context, int32_t state, const sabot_value *value)
{
    process_context *c = context_of(context);
    process_state *s = state_at(c, state, false);
    sabot_status status = s ? set_const(c, s->value, value, s->user->name) : c->failed;
    if (status != SABOT_OK) {
        return status;
    }
    sb_status done = sb_map_put(s->table, &c->key, &s->value, c->err);
    return done == SB_OK ? SABOT_OK : table_failed(c, done);
}

static sabot_status
call_state_clear(sabot_process_context *context, int32_t state)
{
    process_context *c = context_of(context);
    if (state < 0 || state >= c->op->user->count_states) {
        return refuse(c, SB_STATUS_INVALID, "there is no state %d", (int)state);
    }
    process_state *s = &c->op->states[state];
    uint8_t *row;
    if (!s->user->is_map) {
        sb_map_erase(s->table, &c->key);
        return SABOT_OK;
    }
    while ((row = sb_ordered_first(s->table, &c->key)) != NULL) {
        sb_table_erase_row(s->table, row);
    }
    return SABOT_OK;
}

static int32_t
map_key_field(const process_op *self)
{
    return self->body->keys.count; /* layout: key columns, sort column, value column */
}

static sabot_status
call_map_get(sabot_process_context *context, int32_t state, const sabot_value *key,
             sabot_value *out)
{
    process_context *c = context_of(context);
    process_state *s = state_at(c, state, true);
    uint8_t *row;
    sabot_status status = s ? set_const(c, s->key, key, s->user->name) : c->failed;
    if (status != SABOT_OK) {
        return status;
    }
    sb_ordered_find(s->table, &c->key, &s->key, &row);
    if (!row) {
        return SABOT_NOT_FOUND;
    }
    *out = sb_process_row_value(sb_table_layout(s->table), row, sb_table_field(s->table, 0));
    return SABOT_OK;
}

/* Writes the one value column of a row that is there. */
static sabot_status
write_value(process_context *c, process_state *s, uint8_t *row, const sabot_value *value)
{
    const sb_row_layout *layout = sb_table_layout(s->table);
    int32_t field = sb_table_field(s->table, 0);
    const sb_type *type = &s->user->value;
    bool is_null = value->kind == SABOT_VALUE_NULL;
    if (sb_type_phys(type) == SB_PHYS_VIEW) {
        sb_view view = is_null ? sb_view_make("", 0)
                               : sb_view_make(value->as.bytes.data, (uint32_t)value->as.bytes.size);
        return sb_table_set_view(s->table, row, 0, &view, is_null) ? SABOT_OK : refuse_nomem(c);
    }
    char *slot = sb_row_slot(layout, row, field);
    bool wide = sb_phys_size(sb_type_phys(type)) == 16;
    sb_table_touch(s->table, row);
    memset(slot, 0, wide ? 16 : 8);
    sb_row_set_null(row, field, is_null);
    if (!is_null && value->kind == SABOT_VALUE_INT) {
        /* slots of integers are sign-extended */
        int64_t i64 = sb_process_cut_timestamp(type, value->as.i64);
        memcpy(slot, &i64, sizeof i64);
    } else if (!is_null) {
        sb_process_store_value(type, value, slot);
    }
    return SABOT_OK;
}

static sabot_status
call_map_put(sabot_process_context *context, int32_t state, const sabot_value *key,
             const sabot_value *value)
{
    process_context *c = context_of(context);
    process_state *s = state_at(c, state, true);
    uint8_t *row;
    uint64_t created;
    sabot_status status = s ? set_const(c, s->key, key, s->user->name) : c->failed;
    if (status == SABOT_OK) {
        status = check_value(c, &s->user->value, value, s->user->name);
    }
    if (status != SABOT_OK) {
        return status;
    }
    sb_status done = sb_ordered_put(s->table, &c->key, &s->key, &row, &created, c->err);
    return done == SB_OK ? write_value(c, s, row, value) : table_failed(c, done);
}

static sabot_status
call_map_remove(sabot_process_context *context, int32_t state, const sabot_value *key)
{
    process_context *c = context_of(context);
    process_state *s = state_at(c, state, true);
    sabot_status status = s ? set_const(c, s->key, key, s->user->name) : c->failed;
    if (status == SABOT_OK) {
        sb_ordered_erase(s->table, &c->key, &s->key);
    }
    return status;
}

static sabot_status
call_map_each(sabot_process_context *context, int32_t state,
              bool (*visit)(void *ctx, const sabot_value *key, const sabot_value *value), void *ctx)
{
    process_context *c = context_of(context);
    process_state *s = state_at(c, state, true);
    if (!s) {
        return c->failed;
    }
    const sb_row_layout *layout = sb_table_layout(s->table);
    uint8_t *row = sb_ordered_first(s->table, &c->key);
    while (row) {
        sabot_value key = sb_process_row_value(layout, row, map_key_field(c->op));
        sabot_value value = sb_process_row_value(layout, row, sb_table_field(s->table, 0));
        if (!visit(ctx, &key, &value)) {
            break;
        }
        row = sb_ordered_next(s->table, row);
    }
    return SABOT_OK;
}

/* ---- calls: output
 * --------------------------------------------------------------------------------------------- */

static sabot_status
call_emit(sabot_process_context *context, int32_t port, const sabot_value *values, size_t count)
{
    process_context *c = context_of(context);
    if (port < 0 || port >= c->io->count_ports) {
        return refuse(c, SB_STATUS_INVALID, "there is no side output %d", (int)port - 1);
    }
    sb_batch_builder *open = sb_port_builder(c->io, port);
    if (count != (size_t)open->schema->count) {
        return refuse(c, SB_STATUS_INVALID, "a row of %zu values for %d columns", count,
                      (int)open->schema->count);
    }
    for (size_t i = 0; i < count; i++) {
        sabot_status status =
            check_value(c, &open->schema->fields[i].type, &values[i], open->schema->fields[i].name);
        if (status != SABOT_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < count; i++) {
        const sb_type *type = &open->schema->fields[i].type;
        sb_column_builder *column = &open->columns[i];
        char value[16];
        if (values[i].kind == SABOT_VALUE_NULL) {
            sb_column_null(column);
        } else if (values[i].kind == SABOT_VALUE_BYTES) {
            sb_column_bytes(column, values[i].as.bytes.data, values[i].as.bytes.size);
        } else {
            sb_process_store_value(type, &values[i], value);
            sb_column_value(column, value);
        }
    }
    sb_batch_builder_row(open, SB_ROW_INSERT);
    return sb_batch_builder_failed(open) ? refuse_nomem(c) : SABOT_OK;
}

static sabot_status
call_fail(sabot_process_context *context, const char *message)
{
    return refuse(context_of(context), SB_STATUS_DATA, "%s", message);
}

static const sb_process_calls process_calls = {
    .column = call_column,
    .get = call_get,
    .op = call_op,
    .key = call_key,
    .watermark = call_watermark,
    .now = call_now,
    .timestamp = call_timestamp,
    .domain = call_domain,
    .timer = call_timer,
    .state_get = call_state_get,
    .state_set = call_state_set,
    .state_clear = call_state_clear,
    .map_get = call_map_get,
    .map_put = call_map_put,
    .map_remove = call_map_remove,
    .map_each = call_map_each,
    .emit = call_emit,
    .fail = call_fail,
};

/* ---- set-up
 * -------------------------------------------------------------------------------------------------
 */

static sb_status
open_state(process_op *self, int32_t index, const sb_schema *key, sb_init *ctx, sb_arena *arena,
           sb_error *err)
{
    process_state *s = &self->states[index];
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
open_tables(process_op *self, sb_init *ctx, sb_error *err)
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
    process_op *self = self_of(op);
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
    self->context = (process_context){.base = {&process_calls}, .op = self};
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
    process_op *self = self_of(op);
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
apply_timers(process_op *self, bool changed[2], sb_error *err)
{
    process_context *c = &self->context;
    changed[0] = changed[1] = false;
    for (int32_t i = 0; i < self->count_ops; i++) {
        const timer_op *op = &self->ops[i];
        sb_timers *timers = self->timers[op->domain];
        changed[op->domain] = true;
        if (op->set) {
            int64_t floor = op->domain == SABOT_EVENT_TIME ? c->floor_ms : SB_WM_MIN;
            SB_TRY(sb_timers_set(timers, &c->key, &op->time_ms, floor, err), err);
        }
    }
    for (int32_t i = 0; i < self->count_ops; i++) {
        const timer_op *op = &self->ops[i];
        if (op->set) {
            continue;
        }
        bool again = false; /* set once more after it was deleted */
        for (int32_t k = i + 1; k < self->count_ops; k++) {
            const timer_op *later = &self->ops[k];
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
end_callback(process_op *self, sabot_status status, const char *what, bool changed[2])
{
    process_context *c = &self->context;
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
is_resident(process_op *self, const sb_keys *key)
{
    for (int32_t i = 0; i < self->user->count_states; i++) {
        if (sb_table_want(self->states[i].table, key) == 0) {
            return false;
        }
    }
    return true;
}

static bool
time_is_up(process_op *self, int64_t started_ns, int32_t *count)
{
    return ++*count % CLOCK_EVERY == 0 && self->os->monotonic_ns(self->os) - started_ns > STEP_NS;
}

static sb_status
fire(process_op *self, sb_io *io, sabot_time_domain domain, const sb_due *due, int32_t row,
     bool changed[2])
{
    process_context *c = &self->context;
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
run_timers(process_op *self, sb_io *io, sabot_time_domain domain, int64_t upto_ms,
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
rowtime_ms(const process_op *self, const sb_batch *head, int32_t physical)
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
run_rows(process_op *self, sb_io *io, int64_t started_ns, int32_t *count)
{
    process_context *c = &self->context;
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
    process_op *self = self_of(op);
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
    .instance_size = sizeof(process_op),
    .count_inputs = 1,
    .dist = SB_DIST_SLOT,
    .init = process_init,
    .step = process_step,
    .close = process_close,
    .describe = process_describe,
};
