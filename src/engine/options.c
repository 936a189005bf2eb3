/*
 * engine/options.c -- see options.h. To add a key: a field in sb_engine_config and a row here.
 */
#include "engine/options.h"

#include <string.h>

#include "engine/duration.h"
#include "sabot/sabot.h"
#include "sql/config.h"

typedef enum option_kind {
    OPTION_DURATION, /* int64_t ms */
    OPTION_MEMORY,   /* int64_t bytes */
    OPTION_INT,      /* int64_t in [low, high] */
    OPTION_NUMBER,   /* double in [low, high] */
    OPTION_BOOL,
    OPTION_ENUM, /* int32_t: place in `choices` */
    OPTION_TEXT,
    OPTION_NOTHING /* known, without effect here */
} option_kind;

typedef struct option_row {
    const char *key;
    option_kind kind;
    size_t offset;
    const char *value; /* default; NULL: not set */
    int64_t low, high;
    const char *choices; /* "a|b|c" */
    const char *text;
} option_row;

#define AT(field) offsetof(sb_engine_config, field)
#define DURATION(key, field, value, text)                        \
    {                                                            \
        key, OPTION_DURATION, AT(field), value, 0, 0, NULL, text \
    }
#define MEMORY(key, field, value, text)                        \
    {                                                          \
        key, OPTION_MEMORY, AT(field), value, 0, 0, NULL, text \
    }
#define INT(key, field, value, low, high, text)                  \
    {                                                            \
        key, OPTION_INT, AT(field), value, low, high, NULL, text \
    }
#define NUMBER(key, field, value, low, high, text)                  \
    {                                                               \
        key, OPTION_NUMBER, AT(field), value, low, high, NULL, text \
    }
#define BOOL(key, field, value, text)                        \
    {                                                        \
        key, OPTION_BOOL, AT(field), value, 0, 0, NULL, text \
    }
#define ENUM(key, field, value, choices, text)                  \
    {                                                           \
        key, OPTION_ENUM, AT(field), value, 0, 0, choices, text \
    }
#define TEXT(key, field, text)                              \
    {                                                       \
        key, OPTION_TEXT, AT(field), NULL, 0, 0, NULL, text \
    }
#define NOTHING(key, text)                             \
    {                                                  \
        key, OPTION_NOTHING, 0, NULL, 0, 0, NULL, text \
    }

/* In the order of sb_restart_kind. */
#define RESTARTS                                                                                  \
    "default|none,off,disable|fixed-delay,fixeddelay|failure-rate,failurerate|exponential-delay," \
    "exponentialdelay"

static const option_row rows[] = {
    DURATION("execution.checkpointing.interval", checkpoint_interval_ms, NULL,
             "time between checkpoints; 10 s with a state directory, else none"),
    ENUM("execution.checkpointing.mode", checkpoint_mode, "EXACTLY_ONCE",
         "EXACTLY_ONCE,exactly-once|AT_LEAST_ONCE,at-least-once", "guarantee of checkpoints"),
    DURATION("execution.checkpointing.timeout", checkpoint_timeout_ms, "10 min",
             "a checkpoint that takes longer has failed"),
    DURATION("execution.checkpointing.min-pause", checkpoint_min_pause_ms, "0 ms",
             "least time from the end of one to the start of the next"),
    INT("execution.checkpointing.tolerable-failed-checkpoints", checkpoint_tolerable, "0", 0,
        INT32_MAX, "consecutive failed checkpoints that do not fail the job"),
    INT("execution.checkpointing.num-retained", checkpoint_retained, "1", 1, 10000,
        "checkpoints that are kept"),
    INT("state.checkpoints.num-retained", checkpoint_retained, NULL, 1, 10000,
        "older name of execution.checkpointing.num-retained"),
    BOOL("execution.checkpointing.unaligned.enabled", checkpoint_unaligned, "false",
         "barriers overtake the rows that wait in front of an operator"),
    BOOL("execution.checkpointing.unaligned", checkpoint_unaligned, NULL,
         "older name of execution.checkpointing.unaligned.enabled"),
    BOOL("execution.checkpointing.no-fallback", checkpoint_no_fallback, "true",
         "a damaged newest checkpoint is an error, not a reason to take the one before"),
    TEXT("execution.checkpointing.dir", checkpoint_dir, "folder of checkpoints, as --state"),
    TEXT("state.checkpoints.dir", checkpoint_dir, "older name of execution.checkpointing.dir"),
    TEXT("state.dir", state_dir, "state directory; the command line's --state"),
    ENUM("restart-strategy.type", restart_kind, "default", RESTARTS,
         "what happens when a job fails"),
    ENUM("restart-strategy", restart_kind, NULL, RESTARTS, "older name of restart-strategy.type"),
    INT("restart-strategy.fixed-delay.attempts", fixed_attempts, "1", 0, INT32_MAX,
        "restarts before the job fails"),
    DURATION("restart-strategy.fixed-delay.delay", fixed_delay_ms, "1 s", "pause before a restart"),
    INT("restart-strategy.failure-rate.max-failures-per-interval", rate_failures, "1", 1, INT32_MAX,
        "failures allowed in an interval"),
    DURATION("restart-strategy.failure-rate.failure-rate-interval", rate_interval_ms, "1 min",
             "the interval"),
    DURATION("restart-strategy.failure-rate.delay", rate_delay_ms, "1 s", "pause before a restart"),
    DURATION("restart-strategy.exponential-delay.initial-backoff", exp_initial_ms, "1 s",
             "first pause"),
    DURATION("restart-strategy.exponential-delay.max-backoff", exp_max_ms, "1 min",
             "longest pause"),
    NUMBER("restart-strategy.exponential-delay.backoff-multiplier", exp_multiplier, "1.5", 1, 1000,
           "growth of the pause"),
    DURATION("restart-strategy.exponential-delay.reset-backoff-threshold", exp_reset_ms, "1 h",
             "so long without a failure starts over"),
    NUMBER("restart-strategy.exponential-delay.jitter-factor", exp_jitter, "0.1", 0, 1,
           "random part of the pause"),
    INT("restart-strategy.exponential-delay.attempts-before-reset-backoff", exp_attempts, "0", 0,
        INT32_MAX, "restarts before the job fails; 0: unlimited"),
    INT("parallelism.default", parallelism, "1", 1, 1024,
        "subtasks of each operator; the command line's --parallelism"),
    INT("table.exec.resource.default-parallelism", parallelism, NULL, -1, 1024,
        "the same for SQL; -1: parallelism.default"),
    INT("execution.workers", workers, "0", 0, 1024, "worker threads; 0: one per core"),
    INT("execution.batch-rows", batch_rows, "4096", 1, 65536, "most rows in a batch"),
    MEMORY("execution.ring-size", ring_bytes, "1 mb",
           "bytes that may wait on an edge between two tasks"),
    MEMORY("memory.limit", memory_limit, "0", "most memory of a job; 0: no limit"),
    MEMORY("memory.prefault", memory_prefault, "0",
           "memory for state that is touched at once, so that no job waits for its first use"),
    BOOL("scan.interleave", interleave, "false",
         "sources take turns row by row, in the order of CREATE TABLE: results that can be "
         "repeated"),
    ENUM("execution.runtime-mode", runtime_mode, "STREAMING", "STREAMING|BATCH|AUTOMATIC",
         "BATCH: NOW() and its like once per query"),
    ENUM("engine.threads", threads, "own", "own|none",
         "none: jobs run only where the caller steps or reads them"),
    INT("engine.seed", seed, "0", 0, INT64_MAX,
        "engine.threads = none: order of work drawn from it; 0: fair"),
    NOTHING("table.dml-sync", "INSERT statements of a script always run one after another"),
    NOTHING("pipeline.name", "name of the job"),
    NOTHING("sql-client.execution.result-mode", "how the shell shows results"),
    NOTHING("sql-client.verbose", "how the shell shows errors"),
};
#undef AT

enum { COUNT_ROWS = sizeof rows / sizeof rows[0] };

static bool
parse_choice(const char *choices, const char *value, int32_t *out)
{
    int32_t place = 0;
    size_t size = strlen(value);
    for (const char *at = choices; *at;) {
        size_t length = strcspn(at, "|,");
        if (sb_str_equal_nocase((sb_str){at, length}, (sb_str){value, size})) {
            *out = place;
            return true;
        }
        at += length;
        if (*at == '|') {
            place++;
        }
        at += *at != '\0';
    }
    return false;
}

static const char *
expected(const option_row *row)
{
    switch (row->kind) {
    case OPTION_DURATION: return "a duration such as '10 s' or '500 ms'";
    case OPTION_MEMORY: return "a size such as '128 mb'";
    case OPTION_INT: return "a whole number";
    case OPTION_NUMBER: return "a number";
    case OPTION_BOOL: return "true or false";
    default: return "one of the known values";
    }
}

static sb_status
read_value(const option_row *row, const char *value, sb_engine_config *config, sb_error *err)
{
    void *at = (char *)config + row->offset;
    bool ok = true;
    switch (row->kind) {
    case OPTION_DURATION: ok = sb_parse_duration_ms(value, at); break;
    case OPTION_MEMORY: ok = sb_parse_memory(value, at); break;
    case OPTION_INT: ok = sb_parse_int(value, row->low, row->high, at); break;
    case OPTION_NUMBER: ok = sb_parse_number(value, (double)row->low, (double)row->high, at); break;
    case OPTION_BOOL: ok = sb_parse_bool(value, at); break;
    case OPTION_ENUM: ok = parse_choice(row->choices, value, at); break;
    case OPTION_TEXT:
        ok = value[0] != '\0';
        *(const char **)at = value;
        break;
    case OPTION_NOTHING: break;
    }
    if (!ok) {
        sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__, "option '%s' cannot be '%s'",
                     row->key, value);
        if (row->kind == OPTION_ENUM) {
            sb_error_hint(err, "one of %s", row->choices);
        } else if (row->kind == OPTION_INT) {
            sb_error_hint(err, "a whole number from %lld to %lld", (long long)row->low,
                          (long long)row->high);
        } else {
            sb_error_hint(err, "%s", expected(row));
        }
        return SB_STATUS_INVALID;
    }
    return SB_OK;
}

static const option_row *
find_row(const char *key)
{
    for (int32_t i = 0; i < COUNT_ROWS; i++) {
        if (strcmp(rows[i].key, key) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

sb_status
sb_engine_config_read(sb_options options, sb_engine_config *out, sb_error *err)
{
    sb_engine_config config;
    memset(&config, 0, sizeof config);
    config.checkpoint_interval_ms = -1;
    for (int32_t i = 0; i < COUNT_ROWS; i++) {
        if (rows[i].value) {
            SB_TRY(read_value(&rows[i], rows[i].value, &config, err), err);
        }
    }
    for (int32_t i = 0; i < options.count; i++) {
        const option_row *row = find_row(options.at[i].key);
        int64_t before = config.parallelism;
        if (row) {
            SB_TRY(read_value(row, options.at[i].value, &config, err), err);
        }
        if (config.parallelism <= 0) {
            config.parallelism = before; /* -1 of table.exec.resource.default-parallelism */
        }
    }
    *out = config;
    return SB_OK;
}

sb_status
sb_engine_option_check(const char *key, const char *value, sb_error *err)
{
    sb_engine_config config;
    memset(&config, 0, sizeof config);
    const option_row *row = find_row(key);
    return row ? read_value(row, value, &config, err) : SB_OK;
}

bool
sb_engine_option_known(const char *key)
{
    return find_row(key) != NULL;
}

bool
sabot_option_describe(int32_t index, sabot_option_info *out)
{
    const char *type, *value, *text, *key = sb_engine_option_at(index, &type, &value, &text);
    for (int32_t i = 0, other = index - COUNT_ROWS; !key && other >= 0; i++) {
        key = sb_config_at(i, &type, &value, &text);
        if (!key) {
            return false;
        }
        if (find_row(key) || other-- > 0) {
            key = NULL; /* the engine has it already, or a later one is asked for */
        }
    }
    if (!key) {
        return false;
    }
    *out = (sabot_option_info){.key = key, .type = type, .value = value, .text = text};
    return true;
}

const char *
sb_engine_option_at(int32_t index, const char **out_type, const char **out_default,
                    const char **out_text)
{
    static const char *const types[] = {"duration",      "size", "number", "decimal number",
                                        "true or false", NULL,   "text",   "text"};

    if (index < 0 || index >= COUNT_ROWS) {
        return NULL;
    }
    *out_type = rows[index].kind == OPTION_ENUM ? rows[index].choices : types[rows[index].kind];
    *out_default = rows[index].value;
    *out_text = rows[index].text;
    return rows[index].key;
}

static void
apply_restart(const sb_engine_config *config, sb_restart_options *restart)
{
    restart->kind = (sb_restart_kind)config->restart_kind;
    restart->attempts = (int32_t)config->fixed_attempts;
    restart->delay_ms = config->restart_kind == SB_RESTART_FAILURE_RATE ? config->rate_delay_ms
                                                                        : config->fixed_delay_ms;
    restart->max_failures = (int32_t)config->rate_failures;
    restart->failure_interval_ms = config->rate_interval_ms;
    restart->initial_backoff_ms = config->exp_initial_ms;
    restart->max_backoff_ms = config->exp_max_ms;
    restart->backoff_multiplier = config->exp_multiplier;
    restart->reset_threshold_ms = config->exp_reset_ms;
    restart->jitter = config->exp_jitter;
    restart->max_attempts = (int32_t)config->exp_attempts;
}

void
sb_engine_config_apply(const sb_engine_config *config, sb_job_config *job)
{
    job->parallelism = (int32_t)config->parallelism;
    job->workers = (int32_t)config->workers;
    job->batch_rows = (int32_t)config->batch_rows;
    job->ring_bytes = config->ring_bytes;
    job->interleave = config->interleave;
    job->host_driven = config->threads == 1;
    job->seed = (uint64_t)config->seed;
    job->batch_mode = config->runtime_mode == 1;
    apply_restart(config, &job->restart);
    sb_checkpoint_options *checkpoint = &job->checkpoint;
    checkpoint->interval_ms =
        config->checkpoint_interval_ms < 0 ? 10000 : config->checkpoint_interval_ms;
    checkpoint->mode = (sb_checkpoint_mode)config->checkpoint_mode;
    checkpoint->timeout_ms = config->checkpoint_timeout_ms;
    checkpoint->min_pause_ms = config->checkpoint_min_pause_ms;
    checkpoint->tolerable_failed = (int32_t)config->checkpoint_tolerable;
    checkpoint->num_retained = (int32_t)config->checkpoint_retained;
    checkpoint->overtaking = config->checkpoint_unaligned;
    checkpoint->no_fallback = config->checkpoint_no_fallback;
}
