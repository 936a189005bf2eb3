/*
 * engine/job_place.c -- where in a script a job comes from: what fails when it runs is shown there.
 *
 * OWNERSHIP  the job owns its copies; error.c copies what an error needs.
 * THREADS    the engine's thread.
 */
#include <string.h>

#include "engine/engine_priv.h"

sb_status
sb_engine_job_place(sabot_job *job, const sabot_script *script, int32_t index, sb_error *err)
{
    sb_mem *mem = job->engine->mem;
    sb_sql_range range = sb_sql_script_range(script->script, index);
    const char *text = sb_sql_script_text(script->script);
    const char *line_end = memchr(text + range.begin, '\n', (size_t)(range.end - range.begin));
    size_t size = (size_t)range.end + strcspn(text + range.end, "\n");
    job->place_text = sb_alloc(mem, size + 1);
    job->place_name = script->name ? sb_engine_strdup(mem, script->name) : NULL;
    if (!job->place_text || (script->name && !job->place_name)) {
        sb_free(mem, job->place_text, job->place_text ? size + 1 : 0);
        job->place_text = NULL;
        SB_NOMEM(err);
    }
    memcpy(job->place_text, text, size);
    job->place_text[size] = '\0';
    job->place_size = size;
    job->place_begin = range.begin;
    job->place_end = line_end ? (int32_t)(line_end - text) : range.end;
    return SB_OK;
}

sabot_status
sb_engine_job_status(sabot_job *job, sabot_error **out, sb_status status, sb_error *err)
{
    if (status == SB_OK || !job->place_text || status == SB_STATUS_NOMEM ||
        status == SB_STATUS_CANCELLED || status == SB_STATUS_TIMEOUT) {
        return sb_engine_status(out, status, err);
    }
    sb_error_at(err, job->place_begin, job->place_end);
    return sb_engine_fail(out, err, job->place_name, job->place_text, job->place_size);
}
