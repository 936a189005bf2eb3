/*
 * cli/nexmark_run.c -- sabot bench nexmark: each query from the generator into a checksum, one JSON
 * line each.
 *
 * DESIGN     An engine of its own per query. CPU time is that of the whole process while the job
 *            runs. The generator alone is measured first: all its columns into a sink that drops
 *            them.
 * THREADS    the main thread; jobs run on theirs.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "cli/cli.h"

enum { POLL_MS = 50 };

typedef struct bench {
    sb_engine_options options;
    const char *queries;
    const char *state;
    int64_t events, seed, rate;
    bool no_minibatch, no_gen;
    double gen_ns;
} bench;

typedef struct measured {
    sabot_job_info info;
    int64_t cpu_ns, wall_ns;
    int64_t state_bytes; /* most seen */
} measured;

static int64_t
cpu_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
           ((int64_t)usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

static int64_t
wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Once, as `sabot run` does. */
static void
tell_resumed(const sabot_job_info *info, bool *told)
{
    if (!*told && info->restored) {
        fprintf(stderr, "resumed from checkpoint %llu\n", (unsigned long long)info->restored_from);
        *told = true;
    }
}

/* Runs to the end; 0, or the exit code after a message. */
static int
run_measured(sabot_job *job, measured *out)
{
    sabot_error *error = NULL;
    sabot_status status;
    int64_t cpu = cpu_ns(), wall = wall_ns();
    bool told = false;
    out->state_bytes = 0;
    out->info.struct_size = sizeof out->info;
    while ((status = sabot_job_wait(job, POLL_MS, &error)) == SABOT_TIMEOUT) {
        sabot_job_get_info(job, &out->info);
        tell_resumed(&out->info, &told);
        if (out->info.state_bytes > out->state_bytes) {
            out->state_bytes = out->info.state_bytes;
        }
        if (sb_cli_interrupted()) {
            sabot_job_cancel(job);
            (void)sabot_job_wait(job, -1, NULL);
            return SB_EXIT_INTERRUPTED;
        }
    }
    out->cpu_ns = cpu_ns() - cpu;
    out->wall_ns = wall_ns() - wall;
    if (status != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    sabot_job_get_info(job, &out->info);
    tell_resumed(&out->info, &told);
    if (out->info.state_bytes > out->state_bytes) {
        out->state_bytes = out->info.state_bytes;
    }
    return 0;
}

static char *
make_script(const bench *b, const char *sink_columns, const char *sink, const char *query)
{
    size_t size = strlen(sb_nexmark_columns) + strlen(sb_nexmark_views) + strlen(sink_columns) +
                  strlen(query) + 1024;
    char *text = malloc(size);
    if (text) {
        snprintf(text, size,
                 "CREATE TABLE nexmark (\n%s) WITH ('connector' = 'nexmark', 'events' = '%lld', "
                 "'seed' = '%lld', 'rate' = '%lld');\n%s"
                 "CREATE TABLE outcome (%s) WITH ('connector' = '%s');\nINSERT INTO outcome\n%s;\n",
                 sb_nexmark_columns, (long long)b->events, (long long)b->seed, (long long)b->rate,
                 sb_nexmark_views, sink_columns, sink, query);
    }
    return text;
}

static int
open_engine(bench *b, const sb_nexmark_query *query, sabot_engine **out)
{
    sabot_error *error = NULL;
    if (sabot_engine_open(b->options.at, b->options.count, out, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    sabot_status status = SABOT_OK;
    if (query && query->minibatch && !b->no_minibatch) {
        static const sabot_option minibatch[] = {{"table.exec.mini-batch.enabled", "true"},
                                                 {"table.exec.mini-batch.allow-latency", "2 s"},
                                                 {"table.exec.mini-batch.size", "50000"}};
        for (int i = 0; i < 3 && status == SABOT_OK; i++) {
            status = sabot_engine_set(*out, minibatch[i].key, minibatch[i].value, &error);
        }
    }
    if (status == SABOT_OK && query && b->state) {
        char folder[4096];
        snprintf(folder, sizeof folder, "%s/%s", b->state, query->name);
        status = sabot_engine_set(*out, "state.dir", folder, &error);
    }
    if (status != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    return 0;
}

/* Executes the script; the job of its last statement runs. 0, or the exit code; with `quiet` a
 * query that cannot be planned is only told. */
static int
run_script(sabot_engine *engine, const char *text, const char *name, bool skip_unplanned,
           measured *out)
{
    sabot_script *script = NULL;
    sabot_error *error = NULL;
    sabot_result *result = NULL;
    sabot_status status = sabot_script_parse(engine, text, strlen(text), name, &script, &error);
    for (int32_t i = 0; status == SABOT_OK && i < sabot_script_count(script); i++) {
        sabot_result_free(result);
        result = NULL;
        status = sabot_script_execute(script, i, &result, &error);
    }
    int code = 0;
    if (status != SABOT_OK && skip_unplanned && sabot_error_status(error) != SABOT_NOMEM) {
        fprintf(stderr, "%s is left out: %s\n", name, sabot_error_message(error));
        sabot_error_free(error);
        code = -1;
    } else if (status != SABOT_OK) {
        sb_cli_print_error(error);
        code = SB_EXIT_ERROR;
    } else {
        code = run_measured(sabot_result_job(result), out);
    }
    sabot_result_free(result);
    sabot_script_free(script);
    return code;
}

static int
measure_generator(bench *b)
{
    static const char columns[] = "event_type INT,\n"
                                  "person ROW<id BIGINT, name VARCHAR, emailAddress VARCHAR, "
                                  "creditCard VARCHAR, city VARCHAR, state VARCHAR,\n"
                                  "           `dateTime` TIMESTAMP(3), extra VARCHAR>,\n"
                                  "auction ROW<id BIGINT, itemName VARCHAR, description VARCHAR, "
                                  "initialBid BIGINT, reserve BIGINT,\n"
                                  "            `dateTime` TIMESTAMP(3), expires TIMESTAMP(3), "
                                  "seller BIGINT, category BIGINT, extra VARCHAR>,\n"
                                  "bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel "
                                  "VARCHAR, url VARCHAR, `dateTime` TIMESTAMP(3),\n"
                                  "        extra VARCHAR>";
    sabot_engine *engine = NULL;
    measured m;
    int code = open_engine(b, NULL, &engine);
    char *text = make_script(b, columns, "blackhole",
                             "SELECT event_type, person, auction, bid FROM nexmark");
    if (code == 0) {
        code = text ? run_script(engine, text, "generator", false, &m) : SB_EXIT_ERROR;
    }
    if (code == 0) {
        b->gen_ns = (double)m.cpu_ns / (double)b->events;
    }
    free(text);
    sabot_engine_close(engine);
    return code;
}

static int
run_query(bench *b, const sb_nexmark_query *query, bool all)
{
    sabot_engine *engine = NULL;
    measured m;
    int code = open_engine(b, query, &engine);
    char *text = make_script(b, query->sink, "checksum", query->sql);
    if (code == 0) {
        code = text ? run_script(engine, text, query->name, all, &m) : SB_EXIT_ERROR;
    }
    if (code == 0) {
        double events = (double)b->events;
        printf("{\"query\":\"%s\",\"events\":%lld,\"rows\":%lld,\"sink_rows\":%lld,\"value_"
               "checksum\":\"%016llx\",\"total_ns\":%.1f,"
               "\"gen_ns\":%.1f,\"wall_ns\":%.1f,\"state_mb\":%.2f,\"checkpoints\":%lld,\"source_"
               "rows\":%lld,"
               "\"restored_from\":%llu}\n",
               query->name, (long long)b->events, (long long)m.info.net_rows,
               (long long)m.info.sink_rows, (unsigned long long)m.info.checksum,
               (double)m.cpu_ns / events, b->gen_ns, (double)m.wall_ns / events,
               (double)m.state_bytes / 1e6, (long long)m.info.checkpoints,
               (long long)m.info.source_rows, (unsigned long long)m.info.restored_from);
        fflush(stdout);
    }
    free(text);
    sabot_engine_close(engine);
    return code;
}

static bool
is_wanted(const char *list, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = list; *at;) {
        size_t length = strcspn(at, ",");
        if (length == size && strncmp(at, name, size) == 0) {
            return true;
        }
        at += length + (at[length] == ',');
    }
    return false;
}

static bool
is_query(const char *name, size_t size)
{
    const sb_nexmark_query *query;
    for (int i = 0; (query = sb_nexmark_query_at(i)) != NULL; i++) {
        if (strlen(query->name) == size && strncmp(query->name, name, size) == 0) {
            return true;
        }
    }
    return false;
}

static int
run_all(bench *b)
{
    bool all = strcmp(b->queries, "all") == 0;
    const sb_nexmark_query *query;
    for (const char *at = b->queries; !all && *at;) {
        size_t length = strcspn(at, ",");
        if (!is_query(at, length)) {
            return sb_cli_usage("bench", "unknown query \"%.*s\"", (int)length, at);
        }
        at += length + (at[length] == ',');
    }
    sb_cli_catch_signals();
    int code = b->no_gen ? 0 : measure_generator(b);
    for (int i = 0; code <= 0 && (query = sb_nexmark_query_at(i)) != NULL; i++) {
        if (all || is_wanted(b->queries, query->name)) {
            code = run_query(b, query, all);
        }
    }
    return code < 0 ? SB_EXIT_OK : code;
}

static const sb_flag flags[] = {
    {"--queries", "-q", true}, {"--events", "-n", true},      {"--seed", NULL, true},
    {"--rate", NULL, true},    {"--parallelism", "-p", true}, {"--checkpoint", NULL, true},
    {"--state", NULL, true},   {"--batch", NULL, true},       {"--no-minibatch", NULL, false},
    {"--no-gen", NULL, false}, {"--set", NULL, true},         {NULL, NULL, false},
};

static bool
take_flag(bench *b, int flag, const char *value)
{
    switch (flag) {
    case 0: b->queries = value; return *value != '\0';
    case 1: return sb_cli_parse_count(value, 1, INT64_C(9000000000000), &b->events);
    case 2: return sb_cli_parse_count(value, 0, INT64_MAX, &b->seed);
    case 3: return sb_cli_parse_count(value, 1, 1000000000, &b->rate);
    case 4: return sb_cli_add_option(&b->options, "parallelism.default", value);
    case 5: return sb_cli_add_option(&b->options, "execution.checkpointing.interval", value);
    case 6: b->state = value; return *value != '\0';
    case 7: return sb_cli_add_option(&b->options, "execution.batch-rows", value);
    case 8: b->no_minibatch = true; return true;
    case 9: b->no_gen = true; return true;
    default: return sb_cli_add_assignment(&b->options, value);
    }
}

int
sb_cli_bench(int argc, char **argv)
{
    bench b = {.queries = "all", .events = 1000000, .seed = 1, .rate = 100000};
    sb_args args = {.verb = "bench", .flags = flags, .argc = argc, .argv = argv};
    bool named = false;
    int flag, code = -1;
    while (code < 0 && (flag = sb_cli_next_arg(&args)) != SB_ARG_END) {
        if (flag == SB_ARG_HELP) {
            code = SB_EXIT_OK;
        } else if (flag == SB_ARG_BAD) {
            code = SB_EXIT_USAGE;
        } else if (flag == SB_ARG_WORD && !named && strcmp(args.value, "nexmark") == 0) {
            named = true;
        } else if (flag == SB_ARG_WORD) {
            code =
                sb_cli_usage("bench", "unknown benchmark \"%s\" (there is: nexmark)", args.value);
        } else if (!take_flag(&b, flag, args.value)) {
            code = sb_cli_usage("bench", "%s cannot be \"%s\"", flags[flag].name,
                                args.value ? args.value : "");
        }
    }
    if (code < 0) {
        code = named ? run_all(&b) : sb_cli_usage("bench", "say which one: sabot bench nexmark");
    }
    sb_cli_free_options(&b.options);
    return code;
}
