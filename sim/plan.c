/*
 * sim/plan.c -- see run.h: SQL text to a plan, with the engine's session and its process functions.
 */
#include <string.h>

#include "engine/engine_priv.h"
#include "sim/run.h"

static sb_status
plan_statements(sb_sim_plan *out, const sb_sim_case *c, sb_plan **out_plan, sb_error *err)
{
    sb_sql_script *script = NULL;
    SB_TRY(sb_sql_parse(out->engine->mem, c->sql.data, c->sql.size, &script, err), err);
    sb_status status = SB_OK;
    *out_plan = NULL;
    for (int32_t i = 0; i < sb_sql_script_count(script) && status == SB_OK; i++) {
        sb_sql_result *result = NULL;
        status = sb_sql_execute(out->engine->session, script, i, &result, err);
        if (status == SB_OK && sb_sql_result_get_kind(result) == SB_SQL_RESULT_PLAN) {
            *out_plan = sb_sql_result_take_plan(result);
        }
        sb_sql_result_free(result);
    }
    sb_sql_script_free(script);
    return status;
}

static sb_status
graft(sb_sim_plan *out, sb_plan *plan, sb_error *err)
{
    sb_grafts grafts = {.all_bounded = true};
    sb_status status = sb_process_graft(out->engine, plan, &grafts, err);
    for (int32_t i = 0; i < grafts.count && status == SB_OK; i++) {
        sb_assert(out->count_inputs < 8);
        out->inputs[out->count_inputs++] = grafts.plans[i];
        grafts.plans[i] = NULL;
    }
    if (status == SB_OK) {
        sb_free(out->engine->mem, grafts.plans, sizeof *grafts.plans * (size_t)grafts.count);
    } else {
        sb_grafts_free(&grafts, out->engine->mem);
    }
    return status;
}

static sb_status
copy_plan(sb_sim_plan *out, sb_mem *mem, sb_error *err)
{
    sb_writer w;
    sb_plan *copy = NULL;
    sb_writer_init(&w, mem);
    sb_plan_write(&w, out->plan);
    sb_reader r = sb_reader_of(w.out.data, w.out.size);
    sb_status status = sb_plan_read(&r, mem, &copy, err);
    sb_writer_deinit(&w);
    if (status == SB_OK) {
        sb_plan_free(out->plan);
        out->plan = copy;
    }
    return status;
}

sb_status
sb_sim_plan_make(const sb_sim_case *c, sb_mem *mem, bool copied, sb_sim_plan *out, sb_error *err)
{
    memset(out, 0, sizeof *out);
    if (sabot_engine_open(NULL, 0, &out->engine, NULL) != SABOT_OK ||
        !sb_sim_register_process(out->engine)) {
        SB_NOMEM(err);
    }
    SB_TRY(plan_statements(out, c, &out->plan, err), err);
    if (!out->plan) {
        SB_FAIL(err, SB_STATUS_INTERNAL, "the script has nothing to run");
    }
    SB_TRY(graft(out, out->plan, err), err);
    return copied ? copy_plan(out, mem, err) : SB_OK;
}

void
sb_sim_plan_free(sb_sim_plan *plan)
{
    sb_plan_free(plan->plan);
    for (int32_t i = 0; i < plan->count_inputs; i++) {
        sb_plan_free(plan->inputs[i]);
    }
    sabot_engine_close(plan->engine);
    memset(plan, 0, sizeof *plan);
}
