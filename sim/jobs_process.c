/*
 * sim/jobs_process.c -- a keyed process function: map state per window, event timers, a side output
 * for what comes too late.
 */
#include <string.h>

#include "sabot/sabot.h"
#include "sim/case.h"

#define SIZE_MS  10000
#define EPOCH_MS 1704067200000 /* 2024-01-01, the day of all rows */

enum { STATE_COUNT, STATE_SUM, STATE_ROWS };

static sabot_status
late_row(sabot_process_context *context, int64_t time_ms)
{
    sabot_value values[2];
    sabot_status status = sabot_process_key(context, 0, &values[0]);
    values[1] = sabot_int(time_ms);
    return status == SABOT_OK ? sabot_process_emit_side(context, 0, values, 2) : status;
}

static sabot_status
map_plus(sabot_process_context *context, int32_t state, int64_t key, int64_t add)
{
    sabot_value old;
    sabot_status status = sabot_map_get(context, state, sabot_int(key), &old);
    if (status != SABOT_OK && status != SABOT_NOT_FOUND) {
        return status;
    }
    return sabot_map_put(context, state, sabot_int(key),
                         sabot_int(add + (status == SABOT_OK ? old.as.i64 : 0)));
}

static sabot_status
on_row(void *instance, sabot_process_context *context)
{
    (void)instance;
    int64_t time_ms = sabot_process_timestamp(context),
            end_ms = time_ms / SIZE_MS * SIZE_MS + SIZE_MS - 1;
    sabot_value v, rows;
    if (end_ms <= sabot_process_watermark(context)) {
        return late_row(context, time_ms);
    }
    sabot_status status = sabot_process_get(context, sabot_process_column(context, "v"), &v);
    if (status == SABOT_OK) {
        status = map_plus(context, STATE_COUNT, end_ms, 1);
    }
    if (status == SABOT_OK) {
        status = map_plus(context, STATE_SUM, end_ms, v.kind == SABOT_VALUE_NULL ? 0 : v.as.i64);
    }
    if (status == SABOT_OK) {
        status = sabot_state_get(context, STATE_ROWS, &rows);
    }
    if (status == SABOT_OK) {
        status = sabot_state_set(context, STATE_ROWS,
                                 sabot_int(rows.kind == SABOT_VALUE_NULL ? 1 : rows.as.i64 + 1));
    }
    /* One that is taken back, and one of the other clock that does nothing. */
    if (status == SABOT_OK) {
        status = sabot_process_set_timer(context, SABOT_EVENT_TIME, end_ms + 1);
    }
    if (status == SABOT_OK) {
        status = sabot_process_delete_timer(context, SABOT_EVENT_TIME, end_ms + 1);
    }
    if (status == SABOT_OK) {
        status = sabot_process_set_timer(context, SABOT_PROCESSING_TIME,
                                         sabot_process_now(context) + time_ms % 20);
    }
    return status == SABOT_OK ? sabot_process_set_timer(context, SABOT_EVENT_TIME, end_ms) : status;
}

static sabot_status
on_timer(void *instance, sabot_process_context *context)
{
    (void)instance;
    int64_t end_ms = sabot_process_timestamp(context);
    sabot_value values[4];
    if (sabot_process_domain(context) != SABOT_EVENT_TIME) {
        return SABOT_OK;
    }
    sabot_status status = sabot_process_key(context, 0, &values[0]);
    values[1] = sabot_int(end_ms);
    if (status == SABOT_OK) {
        status = sabot_map_get(context, STATE_COUNT, sabot_int(end_ms), &values[2]);
    }
    if (status == SABOT_OK) {
        status = sabot_map_get(context, STATE_SUM, sabot_int(end_ms), &values[3]);
    }
    if (status == SABOT_NOT_FOUND) {
        return sabot_process_fail(context, "a timer without its window");
    }
    if (status == SABOT_OK) {
        status = sabot_process_emit(context, values, 4);
    }
    if (status == SABOT_OK) {
        status = sabot_map_remove(context, STATE_COUNT, sabot_int(end_ms));
    }
    return status == SABOT_OK ? sabot_map_remove(context, STATE_SUM, sabot_int(end_ms)) : status;
}

bool
sb_sim_register_process(struct sabot_engine *engine)
{
    static const sabot_state_declaration states[] = {
        {.name = "count", .map_key = "BIGINT", .value = "BIGINT"},
        {.name = "sum", .map_key = "BIGINT", .value = "BIGINT"},
        {.name = "rows", .value = "BIGINT"},
    };
    static const sabot_side_output sides[] = {{.tag = "late", .columns = "k BIGINT, due BIGINT"}};
    static const sabot_process_function function = {
        .struct_size = sizeof function,
        .name = "tens",
        .columns = "k BIGINT, til BIGINT, n BIGINT, total BIGINT",
        .states = states,
        .count_states = 3,
        .sides = sides,
        .count_sides = 1,
        .on_row = on_row,
        .on_timer = on_timer,
    };
    return sabot_register_process(engine, &function, NULL) == SABOT_OK;
}

typedef struct window {
    int64_t k, end_ms, n, sum;
} window;

static void
expect(sb_sim_case *c, const sb_sim_table *t, sb_sim_sink *main_sink, sb_sim_sink *side)
{
    window *all = SB_NEW_ARRAY(c->arena, window, t->count);
    int32_t count = 0;
    sb_assert(all);
    for (int32_t i = 0; i < t->count; i++) {
        const sb_sim_row *row = &t->rows[i];
        int64_t end_ms = row->ts_ms / SIZE_MS * SIZE_MS + SIZE_MS - 1;
        int32_t at = 0;
        if (c->exact && row->clock_ms != SIM_NONE && end_ms <= row->clock_ms) {
            sb_sim_lines_printf(&side->expected, "{\"k\":%lld,\"due\":%lld}", (long long)row->k,
                                (long long)(row->ts_ms + EPOCH_MS));
            continue;
        }
        while (at < count && (all[at].k != row->k || all[at].end_ms != end_ms)) {
            at++;
        }
        if (at == count) {
            all[count++] = (window){.k = row->k, .end_ms = end_ms};
        }
        all[at].n++;
        all[at].sum += row->v == SIM_NONE ? 0 : row->v;
    }
    for (int32_t i = 0; i < count; i++) {
        sb_sim_lines_printf(&main_sink->expected,
                            "{\"k\":%lld,\"til\":%lld,\"n\":%lld,\"total\":%lld}",
                            (long long)all[i].k, (long long)(all[i].end_ms + EPOCH_MS),
                            (long long)all[i].n, (long long)all[i].sum);
    }
}

void
sb_sim_make_process(sb_sim_case *c)
{
    c->exact = sb_sim_percent(&c->random, 60);
    sb_sim_table *t = sb_sim_add_events(c, "events");
    sb_sim_sink *main_sink =
        sb_sim_add_sink(c, "fired", "k BIGINT, til BIGINT, n BIGINT, total BIGINT", SIM_APPEND);
    sb_sim_sink *side = sb_sim_add_sink(c, "late", "k BIGINT, due BIGINT", SIM_APPEND);
#define OPTIONS \
    "'connector' = 'process', 'function' = 'tens', 'input' = 'events', 'partition-by' = 'k'"
    sb_text_add(
        &c->sql,
        "CREATE TABLE tens (k BIGINT, til BIGINT, n BIGINT, total BIGINT) WITH (" OPTIONS ");\n"
        "CREATE TABLE tens_late (k BIGINT, due BIGINT) WITH (" OPTIONS ", 'side' = 'late');\n"
        "EXECUTE STATEMENT SET BEGIN\n"
        "INSERT INTO fired SELECT * FROM tens;\n"
        "INSERT INTO late SELECT * FROM tens_late;\nEND;\n");
#undef OPTIONS
    expect(c, t, main_sink, side);
    c->expected_late = -1;
}
