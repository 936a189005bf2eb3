/*
 * host_driven.c -- a job without threads of its own: the host calls it with the host's clock.
 *
 * The engine is opened with engine.threads = none. Each sabot_job_step does one bounded piece of
 * work; rows are taken in between. A program with an event loop would call it when the loop is idle
 * or at `wake_ms`. Here the clock is a variable, so a run can be repeated exactly.
 *
 *     cc host_driven.c $(pkg-config --cflags --libs sabot) -o host_driven && ./host_driven
 */
#include <sabot/sabot.h>

#include <inttypes.h>
#include <stdio.h>

static const char script[] =
    "CREATE TABLE numbers (id BIGINT) WITH (\n"
    "    'connector' = 'datagen', 'number-of-rows' = '1000', 'rows-per-second' = '100',\n"
    "    'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '1000');\n"
    "SELECT id FROM numbers WHERE MOD(id, 250) = 0";

int
main(void)
{
    static const sabot_option options[] = {{"engine.threads", "none"}};
    sabot_engine *engine = NULL;
    sabot_result *result = NULL;
    sabot_error *error = NULL;
    sabot_progress progress = {false, true, 0};
    int64_t begin_ms = 1700000000000, now_ms = begin_ms, steps = 0, sleeps = 0;

    sabot_status status = sabot_engine_open(options, 1, &engine, &error);
    if (status == SABOT_OK) {
        status = sabot_execute(engine, script, &result, &error);
    }
    while (status == SABOT_OK && !progress.ended) {
        status = sabot_job_step(sabot_result_job(result), now_ms, &progress, &error);
        steps++;
        for (;;) {
            sabot_rows *rows = NULL;
            if (status != SABOT_OK || sabot_result_fetch(result, 0, &rows, NULL) != SABOT_OK ||
                !rows) {
                break;
            }
            for (int32_t i = 0; i < sabot_rows_count(rows); i++) {
                printf("row %s\n", sabot_rows_text(rows, i, 0, NULL));
            }
            sabot_rows_free(rows);
        }
        if (!progress.progress && !progress.ended) { /* an event loop would sleep until wake_ms */
            now_ms = progress.wake_ms > now_ms && progress.wake_ms < now_ms + 1000
                         ? progress.wake_ms
                         : now_ms + 10;
            sleeps++;
        }
    }
    if (status != SABOT_OK) {
        fputs(sabot_error_text(error), stderr);
        sabot_error_free(error);
    } else {
        printf("virtual time %s\n", now_ms - begin_ms >= 9000 ? "about 10 s" : "too short");
        fprintf(stderr, "%" PRId64 " steps, %" PRId64 " sleeps\n", steps, sleeps);
    }
    sabot_result_free(result);
    sabot_engine_close(engine);
    return status == SABOT_OK ? 0 : 1;
}
