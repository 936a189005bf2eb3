/*
 * engine/script.c -- statements: parse, execute, and what comes out of them as a result.
 *
 * THREADS    the engine's thread.
 */
#include <string.h>

#include "engine/engine_priv.h"
#include "sql/code.h"

static sabot_status
fail_in(const sabot_script *script, const sb_error *err, sabot_error **error)
{
    const char *text = sb_sql_script_text(script->script);
    return sb_engine_fail(error, err, script->name, text, strlen(text));
}

/* The error of a statement, and behind it the other errors of the same statement. */
static sabot_status
fail_all(const sabot_script *script, const sb_error *err, sabot_error **error)
{
    const sb_sql_errors *all = sb_sql_session_errors(script->engine->session);
    sabot_status status = fail_in(script, err, error);
    sabot_error *last = error ? *error : NULL;
    for (int32_t i = 1; last && i < all->count; i++) {
        sabot_error *next = NULL;
        (void)fail_in(script, &all->at[i], &next);
        if (!next) {
            break;
        }
        sb_engine_chain(last, next);
        last = next;
    }
    return status;
}

sabot_status
sabot_script_parse(sabot_engine *engine, const char *text, size_t size, const char *name,
                   sabot_script **out, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    sb_sql_script *parsed = NULL;
    sb_status status = sb_sql_parse(engine->mem, text, size, &parsed, &err);
    if (status != SB_OK) {
        return sb_engine_fail(error, &err, name, text, size);
    }
    sabot_script *script = sb_alloc_zero(engine->mem, sizeof *script);
    if (script && name) {
        script->name = sb_engine_strdup(engine->mem, name);
    }
    if (!script || (name && !script->name)) {
        sb_free(engine->mem, script, sizeof *script);
        sb_sql_script_free(parsed);
        return sb_engine_status(
            error, sb_error_set(&err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory"), &err);
    }
    script->engine = engine;
    script->script = parsed;
    *out = script;
    return SABOT_OK;
}

void
sabot_script_free(sabot_script *script)
{
    if (script) {
        sb_mem *mem = script->engine->mem;
        sb_sql_script_free(script->script);
        sb_engine_strfree(mem, script->name);
        sb_free(mem, script, sizeof *script);
    }
}

int32_t
sabot_script_count(const sabot_script *script)
{
    return sb_sql_script_count(script->script);
}

const char *
sabot_script_statement(const sabot_script *script, int32_t index, size_t *out_size)
{
    if (index < 0 || index >= sabot_script_count(script)) {
        return NULL;
    }
    sb_sql_range range = sb_sql_script_range(script->script, index);
    *out_size = (size_t)(range.end - range.begin);
    return sb_sql_script_text(script->script) + range.begin;
}

sb_status
sb_engine_print_types(sabot_result *result, sb_error *err)
{
    for (int32_t i = 0; result->schema && i < result->schema->count; i++) {
        sb_type_print(&result->schema->fields[i].type, &result->types);
        sb_text_char(&result->types, '\0');
    }
    if (sb_text_failed(&result->types) || sb_text_failed(&result->message)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* INSERT or SELECT: process inputs are put in, the job is made and checked. */
static sb_status
plan_result(sabot_result *result, sb_error *err)
{
    sabot_engine *engine = result->engine;
    sb_engine_config config;
    sb_grafts grafts = {.all_bounded = true};
    SB_TRY(sb_engine_config_read(sb_sql_session_options(engine->session), &config, err), err);
    bool is_query = sb_sql_result_plan_kind(result->sql) == SB_SQL_PLAN_SELECT;
    sb_plan *plan = sb_sql_result_take_plan(result->sql);
    sb_status status = sb_process_graft(engine, plan, &grafts, err);
    if (status != SB_OK) {
        sb_plan_free(plan);
        sb_grafts_free(&grafts, engine->mem);
        return status;
    }
    result->kind = is_query ? SABOT_RESULT_QUERY : SABOT_RESULT_JOB;
    result->is_bounded = sb_sql_result_is_bounded(result->sql) && grafts.all_bounded;
    SB_TRY(sb_engine_job_new(engine, plan, &grafts, is_query, &config, &result->job, err), err);
    if (is_query) {
        const sb_plan_node *input = result->job->plan->sinks[0]->inputs[0];
        result->schema = result->job->plan->sinks[0]->schema;
        result->is_insert_only = input->traits.row_ops == SB_ROWS_INSERT;
        result->is_bounded |= result->job->rows_left >= 0;
    }
    return SB_OK;
}

/* SET of a key of the engine with a value that it cannot have: refused where it stands. */
static sb_status
check_options(sabot_engine *engine, sb_error *err)
{
    sb_engine_config config;
    return sb_engine_config_read(sb_sql_session_options(engine->session), &config, err);
}

static sb_status
fill_result(sabot_result *result, sb_error *err)
{
    sb_sql_result *sql = result->sql;
    result->is_bounded = result->is_insert_only = true;
    switch (sb_sql_result_get_kind(sql)) {
    case SB_SQL_RESULT_OK:
        result->kind = SABOT_RESULT_DONE;
        sb_text_add(&result->message, sb_sql_result_message(sql));
        SB_TRY(check_options(result->engine, err), err);
        break;
    case SB_SQL_RESULT_TEXT:
        result->kind = SABOT_RESULT_TEXT;
        sb_text_add(&result->message, sb_sql_result_message(sql));
        break;
    case SB_SQL_RESULT_TABLE:
        result->kind = SABOT_RESULT_TABLE;
        result->schema = sb_sql_result_schema(sql);
        break;
    case SB_SQL_RESULT_PLAN: SB_TRY(plan_result(result, err), err); break;
    }
    return sb_engine_print_types(result, err);
}

sb_status
sb_engine_execute(sabot_script *script, int32_t index, sabot_result **out, sb_error *err)
{
    sabot_engine *engine = script->engine;
    sabot_result *result = sb_alloc_zero(engine->mem, sizeof *result);
    if (!result) {
        SB_NOMEM(err);
    }
    result->engine = engine;
    result->mem = engine->mem;
    sb_text_init(&result->types, engine->mem);
    sb_text_init(&result->message, engine->mem);
    sb_status status = sb_sql_execute(engine->session, script->script, index, &result->sql, err);
    if (status == SB_OK) {
        status = fill_result(result, err);
        if (status != SB_OK && err->position < 0) {
            sb_sql_range range = sb_sql_script_range(script->script, index);
            const char *text = sb_sql_script_text(script->script);
            const char *line_end =
                memchr(text + range.begin, '\n', (size_t)(range.end - range.begin));
            sb_error_at(err, range.begin, line_end ? (int32_t)(line_end - text) : range.end);
        }
    }
    if (status != SB_OK) {
        sabot_result_free(result);
        return status;
    }
    *out = result;
    return SB_OK;
}

sabot_status
sabot_script_execute(sabot_script *script, int32_t index, sabot_result **out, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    if (index < 0 || index >= sabot_script_count(script)) {
        sb_error_set(&err, SB_STATUS_INVALID, __FILE__, __LINE__, "the script has no statement %d",
                     (int)index);
        return sb_engine_fail(error, &err, NULL, NULL, 0);
    }
    if (sb_engine_execute(script, index, out, &err) != SB_OK) {
        return fail_all(script, &err, error);
    }
    return SABOT_OK;
}

sabot_status
sabot_execute(sabot_engine *engine, const char *sql, sabot_result **out, sabot_error **error)
{
    sabot_script *script;
    sabot_result *last = NULL;
    sabot_status status = sabot_script_parse(engine, sql, strlen(sql), NULL, &script, error);
    if (status != SABOT_OK) {
        return status;
    }
    int32_t count = sabot_script_count(script);
    for (int32_t i = 0; i < count && status == SABOT_OK; i++) {
        sabot_result_free(last);
        last = NULL;
        status = sabot_script_execute(script, i, &last, error);
        if (status == SABOT_OK && last->kind == SABOT_RESULT_JOB) {
            status = sabot_job_run(last->job, error);
        } else if (status == SABOT_OK && last->kind == SABOT_RESULT_QUERY && i + 1 < count) {
            sb_error err;
            sb_error_clear(&err);
            sb_error_set(&err, SB_STATUS_INVALID, __FILE__, __LINE__,
                         "a SELECT must be the last statement");
            sb_sql_range range = sb_sql_script_range(script->script, i);
            sb_error_at(&err, range.begin, range.end);
            status = fail_in(script, &err, error);
        }
    }
    if (status == SABOT_OK && count == 0) {
        sb_error err;
        sb_error_clear(&err);
        sb_error_set(&err, SB_STATUS_INVALID, __FILE__, __LINE__,
                     "there is no statement in the text");
        status = sb_engine_fail(error, &err, NULL, NULL, 0);
    }
    sabot_script_free(script);
    if (status != SABOT_OK || !out) {
        sabot_result_free(last);
        return status;
    }
    *out = last;
    return SABOT_OK;
}

sabot_status
sabot_validate(sabot_engine *engine, const char *sql, const char *name, sabot_error **error)
{
    sabot_script *script;
    sabot_status status = sabot_script_parse(engine, sql, strlen(sql), name, &script, error);
    if (status != SABOT_OK) {
        return status;
    }
    for (int32_t i = 0; i < sabot_script_count(script) && status == SABOT_OK; i++) {
        sabot_result *result = NULL;
        status = sabot_script_execute(script, i, &result, error);
        sabot_result_free(result);
    }
    sabot_script_free(script);
    return status;
}
