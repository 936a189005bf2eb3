/*
 * engine/result.c -- what a statement gave: a message, static rows, or a job whose rows are read
 * here.
 *
 * THREADS    the engine's thread.
 */
#include <string.h>

#include "engine/engine_priv.h"

void
sabot_result_free(sabot_result *result)
{
    if (result) {
        sb_row_text_free(result->how);
        sb_engine_job_unref(result->job);
        sb_sql_result_free(result->sql);
        sb_batch_free(result->table);
        sb_text_deinit(&result->types);
        sb_text_deinit(&result->message);
        sb_free(result->mem, result, sizeof *result);
    }
}

sabot_kind
sabot_result_kind(const sabot_result *result)
{
    return result->kind;
}

const char *
sabot_result_message(const sabot_result *result)
{
    return result->message.data;
}

int32_t
sabot_result_count_warnings(const sabot_result *result)
{
    return result->sql ? sb_sql_result_count_warnings(result->sql) : 0;
}

const char *
sabot_result_warning(const sabot_result *result, int32_t index)
{
    return index >= 0 && index < sabot_result_count_warnings(result)
               ? sb_sql_result_warning(result->sql, index)
               : NULL;
}

int32_t
sabot_result_count_columns(const sabot_result *result)
{
    return result->schema ? result->schema->count : 0;
}

static const sb_field *
field_at(const sabot_result *result, int32_t column)
{
    return column >= 0 && column < sabot_result_count_columns(result)
               ? &result->schema->fields[column]
               : NULL;
}

const char *
sabot_result_column_name(const sabot_result *result, int32_t column)
{
    const sb_field *field = field_at(result, column);
    return field ? field->name : NULL;
}

const char *
sabot_result_column_type(const sabot_result *result, int32_t column)
{
    if (!field_at(result, column)) {
        return NULL;
    }
    const char *at = result->types.data;
    for (int32_t i = 0; i < column; i++) {
        at += strlen(at) + 1;
    }
    return at;
}

bool
sabot_result_column_is_number(const sabot_result *result, int32_t column)
{
    const sb_field *field = field_at(result, column);
    return field && sb_type_is_numeric(&field->type);
}

bool
sabot_result_is_bounded(const sabot_result *result)
{
    return result->is_bounded;
}

bool
sabot_result_is_insert_only(const sabot_result *result)
{
    return result->is_insert_only;
}

sabot_job *
sabot_result_job(sabot_result *result)
{
    return result->job;
}

static sb_status
check_rows(sabot_result *result, sb_error *err)
{
    if (result->kind != SABOT_RESULT_TABLE && result->kind != SABOT_RESULT_QUERY) {
        SB_FAIL(err, SB_STATUS_INVALID, "the statement gives no rows");
    }
    if (result->streamed) {
        SB_FAIL(err, SB_STATUS_INVALID, "the rows were given to an Arrow stream");
    }
    return SB_OK;
}

/* NULL at the end. */
static sb_status
next_batch(sabot_result *result, int64_t timeout_ms, sb_batch **out, sb_error *err)
{
    SB_TRY(check_rows(result, err), err);
    if (result->kind == SABOT_RESULT_QUERY) {
        return sb_engine_job_take(result->job, timeout_ms, out, err);
    }
    *out = NULL;
    if (result->table_read) {
        return SB_OK;
    }
    result->table_read = true;
    if (!result->sql) {
        *out = result->table;
        result->table = NULL;
        return SB_OK;
    }
    return sb_sql_result_batch(result->sql, result->mem, out, err);
}

sabot_status
sabot_result_fetch(sabot_result *result, int64_t timeout_ms, sabot_rows **out, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    sb_batch *batch = NULL;
    sabot_rows *rows = NULL;
    sb_status status = next_batch(result, timeout_ms, &batch, &err);
    if (status == SB_STATUS_TIMEOUT && err.status == SB_OK) {
        return SABOT_TIMEOUT;
    }
    if (status == SB_OK && batch) {
        if (!result->how) {
            const char *zone = result->job ? result->job->plan->zone : "UTC";
            status = sb_row_text_new(result->mem, result->schema, zone, &result->how, &err);
        }
        if (status == SB_OK) {
            status = sb_rows_new(result->how, batch, &rows, &err);
        } else {
            sb_batch_free(batch);
        }
    }
    if (status != SB_OK) {
        return result->job ? sb_engine_job_status(result->job, error, status, &err)
                           : sb_engine_status(error, status, &err);
    }
    *out = rows;
    return SABOT_OK;
}

static bool
give_rows(const sabot_rows *rows, sabot_row_callback row, void *ctx, const char **cells,
          int32_t count)
{
    for (int32_t r = 0; r < rows->count_rows; r++) {
        for (int32_t c = 0; c < count; c++) {
            cells[c] = sabot_rows_text(rows, r, c, NULL);
        }
        if (!row(ctx, sabot_rows_op(rows, r), cells, count)) {
            return false;
        }
    }
    return true;
}

sabot_status
sabot_result_each(sabot_result *result, sabot_row_callback row, void *ctx, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    int32_t count = sabot_result_count_columns(result);
    size_t size = sizeof(char *) * ((size_t)count + 1);
    const char **cells = sb_alloc_zero(result->mem, size);
    if (!cells) {
        return sb_engine_status(
            error, sb_error_set(&err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory"), &err);
    }
    sabot_status status;
    bool more = true;
    do {
        sabot_rows *rows = NULL;
        status = sabot_result_fetch(result, -1, &rows, error);
        more = status == SABOT_OK && rows;
        if (more && !give_rows(rows, row, ctx, cells, count)) {
            more = false;
            if (result->job) {
                sabot_job_cancel(result->job);
            }
        }
        sabot_rows_free(rows);
    } while (more);
    sb_free(result->mem, cells, size);
    return status;
}

sabot_status
sabot_result_stream(sabot_result *result, sabot_stream_op op, struct ArrowArrayStream *out,
                    sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    sb_batch *batch = NULL;
    sb_status status = check_rows(result, &err);
    bool with_op =
        op == SABOT_STREAM_OP_ALWAYS || (op == SABOT_STREAM_OP_AUTO && !result->is_insert_only);
    if (status == SB_OK && op == SABOT_STREAM_OP_NEVER && !result->is_insert_only) {
        status = sb_error_set(&err, SB_STATUS_INVALID, __FILE__, __LINE__,
                              "the result has updates, which need the column \"op\"");
    }
    if (status == SB_OK && result->kind == SABOT_RESULT_TABLE) {
        status = next_batch(result, -1, &batch, &err);
    }
    if (status == SB_OK) {
        result->streamed = true;
        status = sb_stream_export(result->engine->mem, result->job, batch, result->schema, with_op,
                                  out, &err);
    }
    return sb_engine_status(error, status, &err);
}
