/*
 * cli/show_job.c -- a job without rows of its own: an INSERT or a statement set.
 *
 * THREADS    the main thread; the job runs on its own.
 */
#include <unistd.h>

#include "cli/show.h"

enum { POLL_MS = 100 };

static void
print_end(const sb_show *show, sabot_job *job, int64_t began_ms)
{
    sabot_job_info info = {.struct_size = sizeof info};
    sabot_job_get_info(job, &info);
    int64_t ms = sb_cli_now_ms() - began_ms;
    if (show->job_json) {
        char *operators = sabot_job_metrics(job);
        printf("{\"job\":{\"state\":\"%s\",\"rows_in\":%lld,\"rows_out\":%lld,\"net_rows\":%lld,"
               "\"value_checksum\":\"%016llx\","
               "\"late_rows\":%lld,\"bad_records\":%lld,\"pending_records\":%lld,\"restarts\":%d,"
               "\"last_checkpoint\":%llu,"
               "\"wall_ms\":%lld,\"operators\":%s}}\n",
               sabot_job_state_name(info.state), (long long)info.source_rows,
               (long long)info.sink_rows, (long long)info.net_rows,
               (unsigned long long)info.checksum, (long long)info.late_rows,
               (long long)info.bad_records, (long long)info.pending_records, (int)info.restarts,
               (unsigned long long)info.last_checkpoint, (long long)ms,
               operators ? operators : "[]");
        sabot_string_free(operators);
        fflush(stdout);
    } else if (isatty(2) || show->verbose) {
        fprintf(stderr, "%s: %lld rows in, %lld rows out, %.1f s\n",
                sabot_job_state_name(info.state), (long long)info.source_rows,
                (long long)info.sink_rows, (double)ms / 1000);
    }
    if (info.late_rows > 0) {
        fprintf(stderr, "warning: %lld row%s came too late and %s dropped\n",
                (long long)info.late_rows, info.late_rows == 1 ? "" : "s",
                info.late_rows == 1 ? "was" : "were");
    }
    if (info.bad_records > 0) {
        fprintf(stderr, "warning: %lld record%s could not be read\n", (long long)info.bad_records,
                info.bad_records == 1 ? "" : "s");
    }
}

/* After a signal. */
static int
print_stopped(sabot_job *job)
{
    sabot_job_info info = {.struct_size = sizeof info};
    sabot_job_get_info(job, &info);
    if (info.state == SABOT_JOB_FINISHED) {
        return SB_EXIT_OK;
    }
    if (info.has_state && info.last_checkpoint > 0) {
        fprintf(stderr, "checkpoint %llu saved\n", (unsigned long long)info.last_checkpoint);
        return SB_EXIT_OK;
    }
    if (info.restored) {
        fprintf(stderr, "stopped; checkpoint %llu is the last\n",
                (unsigned long long)info.restored_from);
    } else if (info.has_state) {
        fputs("stopped before the first checkpoint\n", stderr);
    } else {
        fputs("stopped; nothing is kept (a state directory keeps it: --state)\n", stderr);
    }
    return SB_EXIT_INTERRUPTED;
}

static bool
tell_restored(sabot_job *job, bool told)
{
    sabot_job_info info = {.struct_size = sizeof info};
    sabot_job_get_info(job, &info);
    if (!told && info.restored) {
        fprintf(stderr, "resumed from checkpoint %llu\n", (unsigned long long)info.restored_from);
    }
    return told || info.restored;
}

int
sb_show_job(sb_show *show, sabot_result *result)
{
    sabot_job *job = sabot_result_job(result);
    sabot_error *error = NULL;
    sb_progress progress;
    bool stopping = false, told = false;
    int64_t began_ms = sb_cli_now_ms();
    sabot_job_set_log(job, sb_show_log_line, show);
    if (sabot_job_open(job, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    sb_progress_begin(&progress, sabot_result_is_bounded(result));
    sabot_status status = sabot_job_start(job, &error);
    sabot_job_info info = {.struct_size = sizeof info};
    while (status == SABOT_OK && (status = sabot_job_wait(job, POLL_MS, &error)) == SABOT_TIMEOUT) {
        status = SABOT_OK;
        told = tell_restored(job, told);
        if (sb_cli_interrupted() && !stopping) {
            sb_progress_end(&progress);
            fputs(show->has_state ? "stopping with a checkpoint; once more stops at once\n"
                                  : "stopping; once more stops at once\n",
                  stderr);
            sabot_job_stop(job, false);
            stopping = true;
        }
        if (!stopping) {
            sb_progress_show(&progress, job);
        }
        sabot_job_get_info(job, &info);
        if (info.state >= SABOT_JOB_FINISHED) {
            status = sabot_job_wait(job, -1, &error);
            break;
        }
    }
    sb_progress_end(&progress);
    if (status != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    (void)tell_restored(job, told);
    print_end(show, job, began_ms);
    return stopping ? print_stopped(job) : SB_EXIT_OK;
}
