/*
 * cli/cmd_run.c -- sabot run FILE, sabot -f FILE, sabot "SQL": executes a script.
 *
 * DESIGN     All statements are executed (parsed, planned) before the first job runs, so a mistake
 *            in the last statement stops the first. Then jobs run one after another, in the order
 *            of the script.
 * THREADS    the main thread; jobs run on theirs.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

enum { POLL_MS = 100 };

typedef struct run {
    sb_engine_options options;
    const char *file; /* NULL: `sql` */
    char *sql;
    size_t size;
    const char *state;
    bool json, verbose;
    sabot_engine *engine;
    sabot_script *script;
    sabot_result **results;
    int32_t count;
} run;

static void
log_line(void *ctx, int level, const char *line)
{
    const run *r = ctx;
    static const char *const names[] = {"debug", "note", "warning"};
    if (level == 2 || (r->verbose && level < 3)) { /* an error ends the job, and is shown then */
        fprintf(stderr, "%s: %s\n", names[level < 0 ? 0 : level], line);
    }
}

static void
print_job_end(const run *r, sabot_job *job, int64_t began_ms)
{
    sabot_job_info info = {.struct_size = sizeof info};
    sabot_job_get_info(job, &info);
    int64_t ms = sb_cli_now_ms() - began_ms;
    if (r->json) {
        char *operators = sabot_job_metrics(job);
        printf(
            "{\"job\":{\"state\":\"%s\",\"rows_in\":%lld,\"rows_out\":%lld,\"net_rows\":%lld,"
            "\"value_checksum\":\"%016llx\","
            "\"late_rows\":%lld,\"bad_records\":%lld,\"restarts\":%d,\"last_checkpoint\":%llu,"
            "\"wall_ms\":%lld,\"operators\":%s}}\n",
            sabot_job_state_name(info.state), (long long)info.source_rows,
            (long long)info.sink_rows, (long long)info.net_rows, (unsigned long long)info.checksum,
            (long long)info.late_rows, (long long)info.bad_records, (int)info.restarts,
            (unsigned long long)info.last_checkpoint, (long long)ms, operators ? operators : "[]");
        sabot_string_free(operators);
        fflush(stdout);
    } else if (isatty(2) || r->verbose) {
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
    fputs("stopped; nothing is kept (a state directory keeps it: --state)\n", stderr);
    return SB_EXIT_INTERRUPTED;
}

static int
run_job(run *r, sabot_job *job)
{
    sabot_error *error = NULL;
    sb_progress progress;
    bool stopping = false;
    int64_t began_ms = sb_cli_now_ms();
    sabot_job_set_log(job, log_line, r);
    if (sabot_job_open(job, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    sb_progress_begin(&progress);
    sabot_status status = sabot_job_start(job, &error);
    sabot_job_info info = {.struct_size = sizeof info};
    bool told = false;
    while (status == SABOT_OK && (status = sabot_job_wait(job, POLL_MS, &error)) == SABOT_TIMEOUT) {
        status = SABOT_OK;
        if (!told) {
            sabot_job_get_info(job, &info);
            told = info.restored;
            if (told) {
                fprintf(stderr, "resumed from checkpoint %llu\n",
                        (unsigned long long)info.restored_from);
            }
        }
        if (sb_cli_interrupted() && !stopping) {
            sb_progress_end(&progress);
            fputs(r->state ? "stopping with a checkpoint; once more stops at once\n"
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
    sabot_job_get_info(job, &info);
    if (!told && info.restored) {
        fprintf(stderr, "resumed from checkpoint %llu\n", (unsigned long long)info.restored_from);
    }
    print_job_end(r, job, began_ms);
    return stopping ? print_stopped(job) : SB_EXIT_OK;
}

static int
show_result(run *r, sabot_result *result)
{
    int code = SB_EXIT_OK;
    switch (sabot_result_kind(result)) {
    case SABOT_RESULT_DONE:
        if (r->verbose) {
            fprintf(stderr, "%s\n", sabot_result_message(result));
        }
        break;
    case SABOT_RESULT_TEXT: {
        const char *text = sabot_result_message(result);
        size_t size = strlen(text);
        fputs(text, stdout);
        fputs(size > 0 && text[size - 1] == '\n' ? "" : "\n", stdout);
        fflush(stdout);
        break;
    }
    case SABOT_RESULT_TABLE: (void)sb_cli_print_rows(result, r->json, &code); break;
    case SABOT_RESULT_QUERY:
        if (r->state) {
            fputs("warning: a SELECT keeps no state; write an INSERT to use --state\n", stderr);
        }
        sabot_job_set_log(sabot_result_job(result), log_line, r);
        (void)sb_cli_print_rows(result, r->json, &code);
        break;
    case SABOT_RESULT_JOB: code = run_job(r, sabot_result_job(result)); break;
    }
    return code;
}

static int
execute_all(run *r)
{
    sabot_error *error = NULL;
    const char *name = r->file ? (strcmp(r->file, "-") == 0 ? "stdin" : r->file) : NULL;
    if (sabot_engine_open(r->options.at, r->options.count, &r->engine, &error) != SABOT_OK ||
        sabot_script_parse(r->engine, r->sql, r->size, name, &r->script, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    for (size_t i = 0; i < r->options.count; i++) {
        const char *key = r->options.at[i].key;
        if (strncmp(key, "table.", 6) != 0 && !sabot_engine_knows(r->engine, key)) {
            fprintf(stderr, "warning: unknown option '%s' has no effect\n", key);
        }
    }
    r->count = sabot_script_count(r->script);
    if (r->count == 0) {
        fputs("error: there is no statement in the text\n", stderr);
        return SB_EXIT_ERROR;
    }
    r->results = calloc((size_t)r->count, sizeof *r->results);
    for (int32_t i = 0; r->results && i < r->count; i++) {
        if (sabot_script_execute(r->script, i, &r->results[i], &error) != SABOT_OK) {
            sb_cli_print_error(error);
            return SB_EXIT_ERROR;
        }
        sb_cli_print_warnings(r->results[i]);
    }
    int code = r->results ? SB_EXIT_OK : SB_EXIT_ERROR;
    for (int32_t i = 0; code == SB_EXIT_OK && i < r->count; i++) {
        code = sb_cli_interrupted() ? SB_EXIT_INTERRUPTED : show_result(r, r->results[i]);
        if (sb_cli_interrupted() && code == SB_EXIT_OK) {
            break; /* stopped with a checkpoint: the rest waits for the next run */
        }
    }
    return code;
}

static void
run_free(run *r)
{
    for (int32_t i = 0; r->results && i < r->count; i++) {
        sabot_result_free(r->results[i]);
    }
    free(r->results);
    sabot_script_free(r->script);
    sabot_engine_close(r->engine);
    sb_cli_free_options(&r->options);
    free(r->sql);
}

static const sb_flag flags[] = {
    {"--file", "-f", true},        {"--state", "-s", true}, {"--set", NULL, true},
    {"--parallelism", "-p", true}, {"--json", NULL, false}, {"--verbose", "-v", false},
    {"--execute", "-e", true},     {NULL, NULL, false},
};

/* Reads the words; -1: go on, else the exit code. */
static int
read_words(run *r, sb_args *args)
{
    int flag;
    int64_t count;
    while ((flag = sb_cli_next_arg(args)) != SB_ARG_END) {
        bool ok = true;
        switch (flag) {
        case 0:
            ok = !r->file && !r->sql;
            r->file = args->value;
            break;
        case 1:
            r->state = args->value;
            ok = *r->state && sb_cli_add_option(&r->options, "state.dir", r->state);
            break;
        case 2:
            if (!sb_cli_add_assignment(&r->options, args->value)) {
                return sb_cli_usage("run", "--set wants key=value, not \"%s\"", args->value);
            }
            break;
        case 3:
            if (!sb_cli_parse_count(args->value, 1, 1024, &count)) {
                return sb_cli_usage(
                    "run", "--parallelism wants a number from 1 to 1024, not \"%s\"", args->value);
            }
            ok = sb_cli_add_option(&r->options, "parallelism.default", args->value);
            break;
        case 4: r->json = true; break;
        case 5: r->verbose = true; break;
        case SB_ARG_HELP: return SB_EXIT_OK;
        case SB_ARG_BAD: return SB_EXIT_USAGE;
        default:
            if (r->file || r->sql) {
                return sb_cli_usage("run", "one script at a time: \"%s\" is too much", args->value);
            }
            if (flag == 6 || sb_cli_is_sql(args->value)) {
                r->sql = strdup(args->value);
                r->size = strlen(args->value);
            } else {
                r->file = args->value;
            }
        }
        if (!ok) {
            return sb_cli_usage("run", "cannot use \"%s\" here", args->value);
        }
    }
    return -1;
}

int
sb_cli_run(int argc, char **argv)
{
    run r = {0};
    sb_args args = {.verb = "run", .flags = flags, .argc = argc, .argv = argv};
    int code = read_words(&r, &args);
    if (code < 0 && !r.file && !r.sql) {
        code = sb_cli_usage("run", "a file or a statement is needed");
    }
    if (code < 0 && r.file) {
        r.sql = sb_cli_read_file(r.file, &r.size);
        code = r.sql ? -1 : SB_EXIT_ERROR;
    }
    if (code < 0) {
        sb_cli_catch_signals();
        code = execute_all(&r);
    }
    run_free(&r);
    return code;
}
