/*
 * engine/process_calls.c -- the public calls that a process function makes, handed to the operator
 * behind its context.
 *
 * THREADS    T:task
 */
#include "flow/user.h"

int32_t
sabot_process_column(sabot_process_context *context, const char *name)
{
    return context->calls->column(context, name);
}

sabot_status
sabot_process_get(sabot_process_context *context, int32_t column, sabot_value *out)
{
    return context->calls->get(context, column, out);
}

sabot_op
sabot_process_op(sabot_process_context *context)
{
    return context->calls->op(context);
}

sabot_status
sabot_process_key(sabot_process_context *context, int32_t index, sabot_value *out)
{
    return context->calls->key(context, index, out);
}

int64_t
sabot_process_watermark(sabot_process_context *context)
{
    return context->calls->watermark(context);
}

int64_t
sabot_process_now(sabot_process_context *context)
{
    return context->calls->now(context);
}

int64_t
sabot_process_timestamp(sabot_process_context *context)
{
    return context->calls->timestamp(context);
}

sabot_time_domain
sabot_process_domain(sabot_process_context *context)
{
    return context->calls->domain(context);
}

sabot_status
sabot_process_set_timer(sabot_process_context *context, sabot_time_domain domain, int64_t time_ms)
{
    return context->calls->timer(context, domain, time_ms, true);
}

sabot_status
sabot_process_delete_timer(sabot_process_context *context, sabot_time_domain domain,
                           int64_t time_ms)
{
    return context->calls->timer(context, domain, time_ms, false);
}

sabot_status
sabot_state_get(sabot_process_context *context, int32_t state, sabot_value *out)
{
    return context->calls->state_get(context, state, out);
}

sabot_status
sabot_state_set(sabot_process_context *context, int32_t state, sabot_value value)
{
    return context->calls->state_set(context, state, &value);
}

sabot_status
sabot_state_clear(sabot_process_context *context, int32_t state)
{
    return context->calls->state_clear(context, state);
}

sabot_status
sabot_map_get(sabot_process_context *context, int32_t state, sabot_value key, sabot_value *out)
{
    return context->calls->map_get(context, state, &key, out);
}

sabot_status
sabot_map_put(sabot_process_context *context, int32_t state, sabot_value key, sabot_value value)
{
    return context->calls->map_put(context, state, &key, &value);
}

sabot_status
sabot_map_remove(sabot_process_context *context, int32_t state, sabot_value key)
{
    return context->calls->map_remove(context, state, &key);
}

sabot_status
sabot_map_each(sabot_process_context *context, int32_t state,
               bool (*visit)(void *ctx, const sabot_value *key, const sabot_value *value),
               void *ctx)
{
    return context->calls->map_each(context, state, visit, ctx);
}

sabot_status
sabot_process_emit(sabot_process_context *context, const sabot_value *values, size_t count)
{
    return context->calls->emit(context, 0, values, count);
}

sabot_status
sabot_process_emit_side(sabot_process_context *context, int32_t side, const sabot_value *values,
                        size_t count)
{
    return context->calls->emit(context, side < 0 ? -1 : side + 1, values, count);
}

sabot_status
sabot_process_fail(sabot_process_context *context, const char *message)
{
    return context->calls->fail(context, message);
}
