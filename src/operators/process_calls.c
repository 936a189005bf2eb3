/*
 * operators/process_calls.c -- what a user's callback may ask for: its row, time and timers, state,
 * output.
 *
 * DESIGN     A call that fails is remembered in the context with its message; the callback's own
 *            status does not hide it. Timers are only noted here.
 * THREADS    T:task
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "operators/process.h"
#include "operators/process_value.h"

enum { TIMER_OPS_MAX = 1 << 20 };

static sb_process_context *
context_of(sabot_process_context *c)
{
    return (sb_process_context *)(void *)c;
}

/* ---- values
 * -------------------------------------------------------------------------------------------------
 */

static sabot_status refuse(sb_process_context *c, sb_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static sabot_status
refuse(sb_process_context *c, sb_status status, const char *fmt, ...)
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
refuse_nomem(sb_process_context *c)
{
    return refuse(c, SB_STATUS_NOMEM, "out of memory");
}

/* Does the value fit the type? Otherwise the context fails, `what` names the place. */
static sabot_status
check_value(sb_process_context *c, const sb_type *type, const sabot_value *v, const char *what)
{
    const char *problem = sb_process_value_problem(type, v);
    return problem ? refuse(c, SB_STATUS_INVALID, "%s for %s", problem, what) : SABOT_OK;
}

/* Puts the value into a CONST vector of one value. */
static sabot_status
set_const(sb_process_context *c, sb_vector *vector, const sabot_value *v, const char *what)
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
    sb_process_context *c = context_of(context);
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
    const sb_process_context *c = context_of(context);
    return c->head ? (sabot_op)sb_batch_op(c->head, c->row) : SABOT_INSERT;
}

static sabot_status
call_key(sabot_process_context *context, int32_t index, sabot_value *out)
{
    sb_process_context *c = context_of(context);
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
    sb_process_context *c = context_of(context);
    sb_process *self = c->op;
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
        sb_process_timer *ops =
            sb_realloc(self->base.mem, self->ops, sizeof *ops * (size_t)self->capacity_ops,
                       sizeof *ops * (size_t)capacity);
        if (!ops) {
            return refuse_nomem(c);
        }
        self->ops = ops;
        self->capacity_ops = capacity;
    }
    self->ops[self->count_ops++] = (sb_process_timer){time_ms, set, (uint8_t)domain};
    return SABOT_OK;
}

/* ---- calls: state
 * ---------------------------------------------------------------------------------------------- */

static sb_process_state *
state_at(sb_process_context *c, int32_t state, bool is_map)
{
    if (state < 0 || state >= c->op->user->count_states) {
        (void)refuse(c, SB_STATUS_INVALID, "there is no state %d", (int)state);
        return NULL;
    }
    sb_process_state *s = &c->op->states[state];
    if (s->user->is_map != is_map) {
        (void)refuse(c, SB_STATUS_INVALID, "state \"%s\" is a %s state", s->user->name,
                     s->user->is_map ? "map" : "value");
        return NULL;
    }
    return s;
}

/* Own status of a table call that failed: its error is in err already. */
static sabot_status
table_failed(sb_process_context *c, sb_status status)
{
    if (c->failed == SABOT_OK) {
        c->failed = (sabot_status)status;
    }
    return (sabot_status)status;
}

static sabot_status
call_state_get(sabot_process_context *context, int32_t state, sabot_value *out)
{
    sb_process_context *c = context_of(context);
    sb_process_state *s = state_at(c, state, false);
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
    sb_process_context *c = context_of(context);
    sb_process_state *s = state_at(c, state, false);
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
    sb_process_context *c = context_of(context);
    if (state < 0 || state >= c->op->user->count_states) {
        return refuse(c, SB_STATUS_INVALID, "there is no state %d", (int)state);
    }
    sb_process_state *s = &c->op->states[state];
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
map_key_field(const sb_process *self)
{
    return self->body->keys.count; /* layout: key columns, sort column, value column */
}

static sabot_status
call_map_get(sabot_process_context *context, int32_t state, const sabot_value *key,
             sabot_value *out)
{
    sb_process_context *c = context_of(context);
    sb_process_state *s = state_at(c, state, true);
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
write_value(sb_process_context *c, sb_process_state *s, uint8_t *row, const sabot_value *value)
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
    sb_process_context *c = context_of(context);
    sb_process_state *s = state_at(c, state, true);
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
    sb_process_context *c = context_of(context);
    sb_process_state *s = state_at(c, state, true);
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
    sb_process_context *c = context_of(context);
    sb_process_state *s = state_at(c, state, true);
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
    sb_process_context *c = context_of(context);
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

const sb_process_calls sb_process_call_table = {
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
