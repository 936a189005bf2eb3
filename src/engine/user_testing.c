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

#include "sabot/arrow_help.h"

bool
sb_user_collect(void *ctx, sabot_op op, const char *const *cells, int32_t count)
{
    sb_user_text *t = ctx;
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
run(sabot_engine *engine, const char *sql, sb_user_text *out, sabot_error **error)
{
    sabot_result *result = NULL;
    sabot_status status = sabot_execute(engine, sql, &result, error);
    out->size = 0;
    out->data[0] = 0;
    if (status == SABOT_OK && sabot_result_kind(result) != SABOT_RESULT_DONE) {
        status = sabot_result_each(result, sb_user_collect, out, error);
    }
    sabot_result_free(result);
    return status;
}

void
sb_user_gives(sabot_engine *engine, const char *sql, const char *expected)
{
    sabot_error *error = NULL;
    sb_user_text t;
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
    sb_user_text t;
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

/* ---- samples ---- */

/* Wraps, as SUM does. */
static int64_t
add(int64_t a, int64_t b, int64_t sign)
{
    return (int64_t)((uint64_t)a + (uint64_t)b * (uint64_t)sign);
}

static sabot_status
total_change(sabot_accumulator *groups, size_t count, const struct ArrowArray *args,
             const int32_t *group, int64_t sign)
{
    for (int64_t i = 0; i < args->length; i++) {
        assert_in_range(group[i], 0, count - 1);
        sb_user_total *t = groups[group[i]].data;
        assert_int_equal(groups[group[i]].size, sizeof *t);
        assert_int_equal((uintptr_t)t % 16, 0);
        assert_false(sabot_array_is_null(args->children[0], i));
        t->sum = add(t->sum, sabot_array_i64(args->children[0], i), sign);
        t->count += sign;
    }
    return SABOT_OK;
}

static sabot_status
total_add(void *state, sabot_accumulator *groups, size_t count, const struct ArrowArray *args,
          const int32_t *group, sabot_function_context *c)
{
    (void)state, (void)c;
    return total_change(groups, count, args, group, 1);
}

static sabot_status
total_take(void *state, sabot_accumulator *groups, size_t count, const struct ArrowArray *args,
           const int32_t *group, sabot_function_context *c)
{
    (void)state, (void)c;
    return total_change(groups, count, args, group, -1);
}

static sabot_status
total_merge(void *state, sabot_accumulator *into, const sabot_accumulator *from, size_t count,
            sabot_function_context *c)
{
    (void)state, (void)c;
    for (size_t i = 0; i < count; i++) {
        sb_user_total *a = into[i].data;
        const sb_user_total *b = from[i].data;
        a->sum = add(a->sum, b->sum, 1);
        a->count += b->count;
    }
    return SABOT_OK;
}

static sabot_status
total_value(void *state, const sabot_accumulator *groups, size_t count, struct ArrowArray *out,
            struct ArrowSchema *schema, sabot_function_context *c)
{
    sabot_column column;
    (void)state, (void)c;
    assert_true(sabot_column_new(&column, "l", 8, (int64_t)count));
    for (size_t i = 0; i < count; i++) {
        const sb_user_total *t = groups[i].data;
        ((int64_t *)column.values)[i] = t->sum;
        if (t->count == 0) {
            assert_true(sabot_column_null(&column, (int64_t)i));
        }
    }
    return sabot_column_give(&column, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

const sabot_function sb_user_sum = {.abi_version = SABOT_FUNCTION_ABI,
                                    .kind = SABOT_FUNCTION_AGGREGATE,
                                    .struct_size = sizeof(sabot_function),
                                    .flags = DET | STRICT,
                                    .arguments = "BIGINT",
                                    .result = "BIGINT",
                                    .accumulator_size = sizeof(sb_user_total),
                                    .accumulate = total_add,
                                    .retract = total_take,
                                    .merge = total_merge,
                                    .value = total_value};

/* Not more than three: first, first + 1 ... up to last. */
static sabot_status
series_call(void *state, sabot_table_call *call, sabot_function_context *c)
{
    int64_t count = 0, row = call->first_row;
    sabot_column column;
    (void)state, (void)c;
    assert_true(sabot_column_new(&column, "l", 8, call->max_rows));
    for (bool full = false; row < call->arguments->length; row += !full) {
        int64_t at = sabot_array_i64(call->arguments->children[0], row);
        int64_t last = sabot_array_i64(call->arguments->children[1], row);
        last = last > at + 2 ? at + 2 : last;
        at += row == call->first_row ? call->skip : 0;
        for (; at <= last && count < call->max_rows; at++, count++) {
            ((int64_t *)column.values)[count] = at;
            call->rows[count] = (int32_t)row;
        }
        full = at <= last;
        if (full) {
            break;
        }
    }
    call->next_row = row;
    return sabot_columns_give(&column, 1, count, call->result, call->result_schema) ? SABOT_OK
                                                                                    : SABOT_NOMEM;
}

const sabot_function sb_user_series = {.abi_version = SABOT_FUNCTION_ABI,
                                       .kind = SABOT_FUNCTION_TABLE,
                                       .struct_size = sizeof(sabot_function),
                                       .flags = DET | STRICT,
                                       .arguments = "BIGINT, BIGINT",
                                       .result = "x BIGINT",
                                       .table = series_call};

static sabot_status
shout_call(void *state, const struct ArrowArray *args, struct ArrowArray *out,
           struct ArrowSchema *schema, sabot_function_context *c)
{
    sabot_column column;
    (void)state, (void)c;
    assert_true(sabot_text_new(&column, "u", args->length));
    for (int64_t i = 0; i < args->length; i++) {
        char loud[64];
        size_t size;
        const char *from = sabot_array_text(args->children[0], i, &size);
        size = size > sizeof loud - 20 ? sizeof loud - 20 : size;
        memcpy(loud, from, size);
        memcpy(loud + size, ", and far from here!", 20); /* longer than a view holds inline */
        assert_true(sabot_text_add(&column, i, loud, size + 20));
    }
    return sabot_column_give(&column, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

const sabot_function sb_user_shout = {.abi_version = SABOT_FUNCTION_ABI,
                                      .kind = SABOT_FUNCTION_SCALAR,
                                      .struct_size = sizeof(sabot_function),
                                      .flags = DET | STRICT,
                                      .arguments = "STRING",
                                      .result = "STRING",
                                      .scalar = shout_call};
