/*
 * engine/explain.c -- plans as text, JSON or DOT.
 *
 * THREADS    the engine's thread.
 */
#include <string.h>

#include "engine/engine_priv.h"

void
sb_engine_print_plan(const sb_plan *plan, sabot_explain_format format, sb_text *out)
{
    switch (format) {
    case SABOT_EXPLAIN_JSON: sb_plan_print_json(plan, out); break;
    case SABOT_EXPLAIN_DOT: sb_plan_print_dot(plan, out); break;
    case SABOT_EXPLAIN_CHANGELOG: sb_plan_print(plan, SB_PLAN_CHANGELOG, out); break;
    case SABOT_EXPLAIN_DETAILS: sb_plan_print(plan, SB_PLAN_ALL, out); break;
    default: sb_plan_print(plan, SB_PLAN_PLAIN, out);
    }
}

/* One plan behind the other: JSON as elements of an array, text with an empty line between. */
static void
add_result(const sabot_engine *engine, const sabot_result *result, sabot_explain_format format,
           int32_t count, sb_text *out)
{
    if (count > 0) {
        sb_text_char(out, format == SABOT_EXPLAIN_JSON ? ',' : '\n');
    }
    if (result->kind == SABOT_RESULT_TEXT) {
        sb_text_add(out, result->message.data);
    } else {
        sb_engine_print_plan(result->job->plan, format, out);
        if (format == SABOT_EXPLAIN_DETAILS) {
            sb_engine_print_promises(engine, result->job->plan, out);
        }
    }
    if (format != SABOT_EXPLAIN_JSON && out->size > 0 && out->data[out->size - 1] != '\n') {
        sb_text_char(out, '\n');
    }
}

sabot_status
sabot_explain(sabot_engine *engine, const char *sql, const char *name, sabot_explain_format format,
              char **out, sabot_error **error)
{
    sabot_script *script;
    sb_text text;
    int32_t count = 0;
    sabot_status status = sabot_script_parse(engine, sql, strlen(sql), name, &script, error);
    if (status != SABOT_OK) {
        return status;
    }
    sb_text_init(&text, engine->mem);
    if (format == SABOT_EXPLAIN_JSON) {
        sb_text_char(&text, '[');
    }
    for (int32_t i = 0; i < sabot_script_count(script) && status == SABOT_OK; i++) {
        sabot_result *result = NULL;
        status = sabot_script_execute(script, i, &result, error);
        bool text_in_json =
            result && result->kind == SABOT_RESULT_TEXT && format == SABOT_EXPLAIN_JSON;
        if (result && !text_in_json && (result->job || result->kind == SABOT_RESULT_TEXT)) {
            add_result(engine, result, format, count++, &text);
        }
        sabot_result_free(result);
    }
    sabot_script_free(script);
    if (format == SABOT_EXPLAIN_JSON) {
        sb_text_add(&text, "]\n");
    }
    sb_error err;
    sb_error_clear(&err);
    if (status == SABOT_OK && count == 0) {
        sb_error_set(&err, SB_STATUS_INVALID, __FILE__, __LINE__,
                     "there is no query and no INSERT in the text");
        status = sb_engine_fail(error, &err, NULL, NULL, 0);
    }
    if (status != SABOT_OK) {
        sb_text_deinit(&text);
        return status;
    }
    char *copy = sb_engine_export_text(&text, &err);
    if (!copy) {
        return sb_engine_fail(error, &err, NULL, NULL, 0);
    }
    *out = copy;
    return SABOT_OK;
}
