/*
 * process.c -- a keyed process function: state and timers per key, in C, used from SQL.
 *
 * Finds accounts with a small payment that is followed by a large one within a minute. The function
 * keeps a flag per account (value state) and sets an event-time timer that forgets it. Payments
 * that are not positive go to a side output.
 *
 *     cc process.c $(pkg-config --cflags --libs sabot) -o process && ./process
 */
#include <sabot/sabot.h>

#include <inttypes.h>
#include <stdio.h>

enum { STATE_SMALL }; /* time of the small payment, in ms */

enum { MINUTE_MS = 60000 };

static sabot_status
on_row(void *instance, sabot_process_context *context)
{
    sabot_value account, amount, small;
    (void)instance;
    if (sabot_process_get(context, 0, &account) != SABOT_OK ||
        sabot_process_get(context, 1, &amount) != SABOT_OK ||
        sabot_state_get(context, STATE_SMALL, &small) != SABOT_OK) {
        return SABOT_INVALID; /* what went wrong stands in the context */
    }
    int64_t time_ms = sabot_process_timestamp(context);
    if (amount.as.i64 <= 0) {
        sabot_value row[] = {account, amount};
        return sabot_process_emit_side(context, 0, row, 2);
    }
    if (small.kind != SABOT_VALUE_NULL && amount.as.i64 > 500) {
        sabot_value row[] = {account, amount, sabot_int((time_ms - small.as.i64) / 1000)};
        sabot_status status = sabot_process_emit(context, row, 3);
        if (status != SABOT_OK) {
            return status;
        }
    }
    if (amount.as.i64 >= 10) {
        return sabot_state_clear(context, STATE_SMALL);
    }
    sabot_status status = sabot_process_set_timer(context, SABOT_EVENT_TIME, time_ms + MINUTE_MS);
    return status == SABOT_OK ? sabot_state_set(context, STATE_SMALL, sabot_int(time_ms)) : status;
}

static sabot_status
on_timer(void *instance, sabot_process_context *context)
{
    sabot_value small;
    (void)instance;
    sabot_status status = sabot_state_get(context, STATE_SMALL, &small);
    if (status == SABOT_OK && small.kind != SABOT_VALUE_NULL &&
        small.as.i64 + MINUTE_MS <= sabot_process_timestamp(context)) {
        status = sabot_state_clear(context, STATE_SMALL);
    }
    return status;
}

static bool
print_row(void *ctx, sabot_op op, const char *const *cells, int32_t count)
{
    (void)op;
    printf("%s:", (const char *)ctx);
    for (int32_t i = 0; i < count; i++) {
        printf(" %s", cells[i] ? cells[i] : "NULL");
    }
    putchar('\n');
    return true;
}

static const char payments[] =
    "CREATE TABLE payments (account BIGINT, amount BIGINT, ts TIMESTAMP(3),\n"
    "    WATERMARK FOR ts AS ts - INTERVAL '1' SECOND\n"
    ") WITH ('connector' = 'values', 'rows' = '"
    "{\"account\":1,\"amount\":5,\"ts\":\"2024-01-01 00:00:00\"}\n"
    "{\"account\":2,\"amount\":7,\"ts\":\"2024-01-01 00:00:10\"}\n"
    "{\"account\":1,\"amount\":900,\"ts\":\"2024-01-01 00:00:30\"}\n"
    "{\"account\":3,\"amount\":-4,\"ts\":\"2024-01-01 00:00:40\"}\n"
    "{\"account\":3,\"amount\":20,\"ts\":\"2024-01-01 00:01:30\"}\n"
    "{\"account\":2,\"amount\":800,\"ts\":\"2024-01-01 00:02:00\"}\n')";

static sabot_status
show(sabot_engine *engine, const char *title, const char *sql, sabot_error **error)
{
    sabot_result *result = NULL;
    sabot_status status = sabot_execute(engine, sql, &result, error);
    if (status == SABOT_OK) {
        status = sabot_result_each(result, print_row, (void *)(uintptr_t)title, error);
    }
    sabot_result_free(result);
    return status;
}

int
main(void)
{
    static const sabot_state_declaration states[] = {{"small", NULL, "BIGINT", 0}};
    static const sabot_side_output sides[] = {{"rejected", "account BIGINT, amount BIGINT"}};
    static const char *const keys[] = {"account"};
    sabot_process_function function = {.struct_size = sizeof function};
    sabot_engine *engine = NULL;
    sabot_error *error = NULL;
    sabot_status status;

    function.name = "small_then_large";
    function.columns = "account BIGINT, amount BIGINT, seconds BIGINT";
    function.states = states;
    function.count_states = 1;
    function.sides = sides;
    function.count_sides = 1;
    function.on_row = on_row;
    function.on_timer = on_timer;

    if ((status = sabot_engine_open(NULL, 0, &engine, &error)) == SABOT_OK &&
        (status = sabot_execute(engine, payments, NULL, &error)) == SABOT_OK &&
        (status = sabot_register_process(engine, &function, &error)) == SABOT_OK &&
        (status = sabot_process_table(engine, "alerts", "small_then_large", "payments", keys, 1,
                                      &error)) == SABOT_OK &&
        (status = show(engine, "alert", "SELECT * FROM alerts", &error)) == SABOT_OK) {
        status = show(engine, "rejected", "SELECT * FROM `alerts$rejected`", &error);
    }
    if (status != SABOT_OK) {
        fputs(sabot_error_text(error), stderr);
        sabot_error_free(error);
    }
    sabot_engine_close(engine);
    return status == SABOT_OK ? 0 : 1;
}
