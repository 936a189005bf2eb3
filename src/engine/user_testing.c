/*
 * engine/user_testing.c -- see user_testing.h.
 */
#include "engine/user_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct text {
    char data[8192];
    size_t size;
} text;

/* "+a|b;" per row */
static bool
collect(void *ctx, sabot_op op, const char *const *cells, int32_t count)
{
    text *t = ctx;
    t->size += (size_t)snprintf(t->data + t->size, sizeof t->data - t->size, "%c",
                                op == SABOT_INSERT || op == SABOT_UPDATE_AFTER ? '+' : '-');
    for (int32_t i = 0; i < count; i++) {
        t->size += (size_t)snprintf(t->data + t->size, sizeof t->data - t->size, "%s%s",
                                    i ? "|" : "", cells[i] ? cells[i] : "NULL");
    }
    t->size += (size_t)snprintf(t->data + t->size, sizeof t->data - t->size, ";");
    return t->size < sizeof t->data - 200;
}

static sabot_status
run(sabot_engine *engine, const char *sql, text *out, sabot_error **error)
{
    sabot_result *result = NULL;
    sabot_status status = sabot_execute(engine, sql, &result, error);
    out->size = 0;
    out->data[0] = 0;
    if (status == SABOT_OK && sabot_result_kind(result) != SABOT_RESULT_DONE) {
        status = sabot_result_each(result, collect, out, error);
    }
    sabot_result_free(result);
    return status;
}

void
sb_user_gives(sabot_engine *engine, const char *sql, const char *expected)
{
    sabot_error *error = NULL;
    text t;
    if (run(engine, sql, &t, &error) != SABOT_OK) {
        fail_msg("%s: %s", sql, sabot_error_text(error));
    }
    if (strcmp(t.data, expected) != 0) {
        fail_msg("%s\n  wanted %s\n  got    %s", sql, expected, t.data);
    }
}

void
sb_user_fails(sabot_engine *engine, const char *sql, sabot_status wanted, const char *part)
{
    sabot_error *error = NULL;
    text t;
    sabot_status status = run(engine, sql, &t, &error);
    if (status != wanted || !strstr(sabot_error_text(error), part)) {
        fail_msg("%s\n  wanted %d \"%s\"\n  got    %d %s", sql, wanted, part, status,
                 error ? sabot_error_text(error) : t.data);
    }
    sabot_error_free(error);
}

int sb_user_batch_rows;

sabot_engine *
sb_user_engine(void)
{
    sabot_engine *engine = NULL;
    char rows[16];
    snprintf(rows, sizeof rows, "%d", sb_user_batch_rows);
    sabot_option option = {"execution.batch-rows", rows};
    assert_int_equal(sabot_engine_open(&option, sb_user_batch_rows ? 1 : 0, &engine, NULL),
                     SABOT_OK);
    return engine;
}

void
sb_user_registers(sabot_engine *engine, const char *name, const sabot_function *function)
{
    sabot_error *error = NULL;
    if (sabot_register_function(engine, name, function, &error) != SABOT_OK) {
        fail_msg("%s", sabot_error_text(error));
    }
}
