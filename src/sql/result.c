/*
 * sql/result.c -- what a statement answers.
 *
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "columnar/builder.h"
#include "sql/session.h"

/* ---- making ---- */

sb_status
sb_result_message(sb_execution *x, const char *fmt, ...)
{
    char message[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    x->result->kind = SB_SQL_RESULT_OK;
    x->result->message = sb_arena_strdup(x->result->arena, message);
    if (x->result->message == NULL) {
        SB_NOMEM(x->err);
    }
    return SB_OK;
}

sb_status
sb_result_columns(sb_execution *x, const char *const *names, int32_t count)
{
    sb_field *fields = SB_NEW_ARRAY(x->result->arena, sb_field, count + 1);

    if (fields == NULL) {
        SB_NOMEM(x->err);
    }
    for (int32_t i = 0; i < count; i++) {
        bool flag = names[i][0] == '?';

        fields[i] = (sb_field){.name = sb_arena_strdup(x->result->arena, names[i] + flag),
                               .type = flag ? SB_TYPE(BOOLEAN, true) : sb_type_string(true)};
        if (fields[i].name == NULL) {
            SB_NOMEM(x->err);
        }
    }
    x->result->kind = SB_SQL_RESULT_TABLE;
    x->result->schema = (sb_schema){.count = count, .fields = fields};
    return SB_OK;
}

sb_status
sb_result_row(sb_execution *x, const char *const *cells)
{
    sb_sql_result *result = x->result;
    const char **row = SB_NEW_ARRAY(result->arena, const char *, result->schema.count + 1);

    if (row == NULL) {
        SB_NOMEM(x->err);
    }
    if (result->count_rows == result->capacity_rows) {
        int32_t capacity = result->capacity_rows == 0 ? 16 : result->capacity_rows * 2;
        const char ***grown = SB_NEW_ARRAY(result->arena, const char **, capacity);

        if (grown == NULL) {
            SB_NOMEM(x->err);
        }
        if (result->count_rows > 0) {
            memcpy(grown, result->rows, sizeof(grown[0]) * (size_t)result->count_rows);
        }
        result->rows = grown;
        result->capacity_rows = capacity;
    }
    for (int32_t i = 0; i < result->schema.count; i++) {
        if (cells[i] != NULL && (row[i] = sb_arena_strdup(result->arena, cells[i])) == NULL) {
            SB_NOMEM(x->err);
        }
    }
    result->rows[result->count_rows++] = row;
    return SB_OK;
}

/* ---- reading ---- */

sb_sql_result *
sb_sql_result_free(sb_sql_result *result)
{
    if (result != NULL) {
        sb_plan_free(result->plan);
        sb_arena_free(result->arena); /* the result lies in it */
    }
    return NULL;
}

sb_sql_result_kind
sb_sql_result_get_kind(const sb_sql_result *result)
{
    return result->kind;
}

const char *
sb_sql_result_message(const sb_sql_result *result)
{
    return result->message;
}

int32_t
sb_sql_result_count_columns(const sb_sql_result *result)
{
    return result->schema.count;
}

int32_t
sb_sql_result_count_rows(const sb_sql_result *result)
{
    return result->count_rows;
}

const sb_schema *
sb_sql_result_schema(const sb_sql_result *result)
{
    return &result->schema;
}

const char *
sb_sql_result_cell(const sb_sql_result *result, int32_t row, int32_t column)
{
    sb_assert(row >= 0 && row < result->count_rows && column >= 0 && column < result->schema.count);
    return result->rows[row][column];
}

sb_status
sb_sql_result_batch(const sb_sql_result *result, sb_mem *mem, sb_batch **out, sb_error *err)
{
    sb_batch_builder builder;
    sb_status status;

    SB_TRY(sb_batch_builder_init(&builder, mem, &result->schema, err), err);
    for (int32_t row = 0; row < result->count_rows; row++) {
        for (int32_t i = 0; i < result->schema.count; i++) {
            const char *cell = result->rows[row][i];

            if (cell == NULL) {
                sb_column_null(&builder.columns[i]);
            } else if (result->schema.fields[i].type.id == SB_TYPE_BOOLEAN) {
                sb_column_i64(&builder.columns[i], strcmp(cell, "true") == 0);
            } else {
                sb_column_bytes(&builder.columns[i], cell, strlen(cell));
            }
        }
        sb_batch_builder_row(&builder, SB_ROW_INSERT);
    }
    status = sb_batch_builder_finish(&builder, out, err);
    sb_batch_builder_deinit(&builder);
    return status;
}

sb_sql_plan_kind
sb_sql_result_plan_kind(const sb_sql_result *result)
{
    return result->plan_kind;
}

sb_plan *
sb_sql_result_plan(const sb_sql_result *result)
{
    return result->plan;
}

sb_plan *
sb_sql_result_take_plan(sb_sql_result *result)
{
    sb_plan *plan = result->plan;

    result->plan = NULL;
    return plan;
}

bool
sb_sql_result_is_bounded(const sb_sql_result *result)
{
    return result->bounded;
}

int32_t
sb_sql_result_count_warnings(const sb_sql_result *result)
{
    return result->count_warnings;
}

const char *
sb_sql_result_warning(const sb_sql_result *result, int32_t index)
{
    sb_assert(index >= 0 && index < result->count_warnings);
    return result->warnings[index];
}
