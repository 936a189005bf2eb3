/*
 * sql/config.c -- SET options.
 *
 * DESIGN     One table row per known key with the form of its value. Prefixes that open a family
 *            (properties of a backend ...) end with a point.
 * THREADS    one thread at a time.
 */
#include "sql/config.h"

#include <stdio.h>
#include <string.h>

#include "sql/catalog.h"
#include "sql/code.h"

typedef enum config_form {
    FORM_TEXT,
    FORM_BOOL,
    FORM_DURATION,
    FORM_COUNT,
    FORM_ZONE,
    FORM_CHOICE,
    FORM_PREFIX
} config_form;

static const struct config_row {
    const char *key;
    config_form form;
    const char *choices; /* FORM_CHOICE: separated by | */
    const char *value;   /* default; NULL: none */
    const char *text;    /* one line for people; NULL: a family */
} config_rows[] = {
    {"table.exec.state.ttl", FORM_DURATION, NULL, "0 ms",
     "how long state that is not written is kept; 0: for ever"},
    {"table.exec.mini-batch.enabled", FORM_BOOL, NULL, "false",
     "aggregates gather rows before they send changes"},
    {"table.exec.mini-batch.allow-latency", FORM_DURATION, NULL, "0 ms",
     "most time that mini-batch waits"},
    {"table.exec.mini-batch.size", FORM_COUNT, NULL, "-1", "most rows that mini-batch gathers"},
    {"table.local-time-zone", FORM_ZONE, NULL, "UTC",
     "zone of the session: TIMESTAMP_LTZ, CURRENT_DATE, windows over local time"},
    {"table.exec.resource.default-parallelism", FORM_COUNT, NULL, "-1",
     "subtasks of each operator; -1: parallelism.default"},
    {"table.exec.source.idle-timeout", FORM_DURATION, NULL, "0 ms",
     "a source that is silent so long holds no watermark back; 0: never"},
    {"table.exec.source.cdc-events-duplicate", FORM_BOOL, NULL, "false",
     "changes may come twice: they are normalised by the primary key"},
    {"table.exec.sink.upsert-materialize", FORM_CHOICE, "AUTO|NONE|FORCE", "AUTO",
     "keep rows before a sink whose key is not that of the query"},
    {"table.exec.sink.require-on-conflict", FORM_BOOL, NULL, "false", "accepted, of no effect"},
    {"table.exec.sink.not-null-enforcer", FORM_CHOICE, "ERROR|DROP", "ERROR",
     "what happens to NULL in a NOT NULL column of a sink"},
    {"table.exec.sink.type-length-enforcer", FORM_CHOICE, "IGNORE|TRIM_PAD|ERROR", "IGNORE",
     "what happens to text that is too long for a column of a sink"},
    {"table.exec.sink.keyed-shuffle", FORM_CHOICE, "AUTO|NONE|FORCE", "AUTO",
     "bring rows of one key to one subtask of a sink"},
    {"table.dml-sync", FORM_BOOL, NULL, "true",
     "INSERT statements of a script run one after another"},
    {"table.dynamic-table-options.enabled", FORM_BOOL, NULL, "true", "OPTIONS hints are taken"},
    {"table.sql-dialect", FORM_CHOICE, "DEFAULT", "DEFAULT", "the dialect of SQL"},
    {"table.", FORM_PREFIX, NULL, NULL, NULL},
    {"parallelism.default", FORM_COUNT, NULL, "1", "subtasks of each operator"},
    {"pipeline.auto-watermark-interval", FORM_DURATION, NULL, "200 ms",
     "time between two watermarks of a source"},
    {"pipeline.name", FORM_TEXT, NULL, NULL, "name of the job"},
    {"pipeline.max-parallelism", FORM_COUNT, NULL, "128", "number of key groups"},
    {"pipeline.object-reuse", FORM_BOOL, NULL, "false", "accepted, of no effect"},
    {"pipeline.operator-chaining.enabled", FORM_BOOL, NULL, "true", "accepted, of no effect"},
    {"execution.runtime-mode", FORM_CHOICE, "STREAMING|BATCH|AUTOMATIC", "STREAMING",
     "BATCH: NOW() and its like once per query"},
    {"execution.checkpointing.interval", FORM_DURATION, NULL, NULL, "time between checkpoints"},
    {"execution.checkpointing.mode", FORM_CHOICE, "EXACTLY_ONCE|AT_LEAST_ONCE", "EXACTLY_ONCE",
     "guarantee of checkpoints"},
    {"execution.checkpointing.timeout", FORM_DURATION, NULL, "10 min",
     "a checkpoint that takes longer has failed"},
    {"execution.checkpointing.min-pause", FORM_DURATION, NULL, "0 ms",
     "least time between two checkpoints"},
    {"execution.checkpointing.", FORM_PREFIX, NULL, NULL, NULL},
    {"execution.state-recovery.", FORM_PREFIX, NULL, NULL, NULL},
    {"execution.buffer-timeout.", FORM_PREFIX, NULL, NULL, NULL},
    {"execution.", FORM_PREFIX, NULL, NULL, NULL},
    {"state.", FORM_PREFIX, NULL, NULL, NULL},
    {"restart-strategy.", FORM_PREFIX, NULL, NULL, NULL},
    {"restart-strategy", FORM_TEXT, NULL, NULL, "what happens when a job fails"},
    {"sql-client.", FORM_PREFIX, NULL, NULL, NULL},
    {"metrics.", FORM_PREFIX, NULL, NULL, NULL},
    {"rest.", FORM_PREFIX, NULL, NULL, NULL},
    {"memory.", FORM_PREFIX, NULL, NULL, NULL},
    {"scan.interleave", FORM_BOOL, NULL, "false", "sources take turns row by row"},
    {"$internal.", FORM_PREFIX, NULL, NULL, NULL},
};

#define CONFIG_ROWS       ((int)(sizeof(config_rows) / sizeof(config_rows[0])))
#define CONFIG_OTHERS_MAX 200 /* keys of the engine that guesses are made of */

const char *
sb_config_key_at(int32_t index)
{
    for (int32_t i = 0; i < CONFIG_ROWS; i++) {
        if (config_rows[i].form != FORM_PREFIX && index-- == 0) {
            return config_rows[i].key;
        }
    }
    return NULL;
}

void
sb_config_init(sb_config *config, sb_mem *mem)
{
    *config = (sb_config){.mem = mem};
}

static void
config_free_text(sb_config *config, const char *text)
{
    if (text != NULL) {
        sb_free(config->mem, (void *)text, strlen(text) + 1);
    }
}

void
sb_config_deinit(sb_config *config)
{
    sb_config_reset(config, NULL);
    sb_free(config->mem, config->at, sizeof(sb_option) * (size_t)config->capacity);
    *config = (sb_config){.mem = config->mem};
}

const char *
sb_config_get(const sb_config *config, const char *key)
{
    for (int32_t i = 0; i < config->count; i++) {
        if (strcmp(config->at[i].key, key) == 0) {
            return config->at[i].value;
        }
    }
    return NULL;
}

void
sb_config_reset(sb_config *config, const char *key)
{
    int32_t kept = 0;

    for (int32_t i = 0; i < config->count; i++) {
        if (key != NULL && strcmp(config->at[i].key, key) != 0) {
            config->at[kept++] = config->at[i];
            continue;
        }
        config_free_text(config, config->at[i].key);
        config_free_text(config, config->at[i].value);
    }
    config->count = kept;
}

static char *
config_copy(sb_config *config, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = sb_alloc(config->mem, size);

    if (copy != NULL) {
        memcpy(copy, text, size);
    }
    return copy;
}

/* ---- values ---- */

static bool
config_is_space(char c)
{
    return c == ' ' || c == '\t';
}

bool
sb_config_parse_duration(const char *text, int64_t *out_ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {
        {"", 1},          {"ms", 1},          {"milli", 1},
        {"millis", 1},    {"millisecond", 1}, {"milliseconds", 1},
        {"s", 1000},      {"sec", 1000},      {"secs", 1000},
        {"second", 1000}, {"seconds", 1000},  {"min", 60000},
        {"m", 60000},     {"minute", 60000},  {"minutes", 60000},
        {"h", 3600000},   {"hour", 3600000},  {"hours", 3600000},
        {"d", 86400000},  {"day", 86400000},  {"days", 86400000},
    };

    int64_t value = 0;
    size_t length;
    int digits = 0;

    while (config_is_space(*text)) {
        text++;
    }
    for (; *text >= '0' && *text <= '9' && digits <= 12; text++, digits++) {
        value = value * 10 + (*text - '0');
    }
    while (config_is_space(*text)) {
        text++;
    }
    length = strlen(text);
    while (length > 0 && config_is_space(text[length - 1])) {
        length--;
    }
    if (digits == 0 || digits > 12) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (sb_str_equal_nocase((sb_str){text, length}, sb_str_of(units[i].unit))) {
            return !__builtin_mul_overflow(value, units[i].ms, out_ms);
        }
    }
    return false;
}

bool
sb_config_parse_bool(const char *text, bool *out)
{
    if (sb_str_equal_nocase(sb_str_of(text), SB_STR("true"))) {
        *out = true;
        return true;
    }
    *out = false;
    return sb_str_equal_nocase(sb_str_of(text), SB_STR("false"));
}

bool
sb_config_parse_int(const char *text, int64_t low, int64_t high, int64_t *out)
{
    bool negative = *text == '-';
    int64_t value = 0;
    int digits = 0;

    for (text += negative; *text >= '0' && *text <= '9' && digits < 18; text++, digits++) {
        value = value * 10 + (*text - '0');
    }
    if (digits == 0 || *text != '\0') {
        return false;
    }
    value = negative ? -value : value;
    *out = value;
    return value >= low && value <= high;
}

bool
sb_config_parse_zone(const char *text)
{
    size_t length = strlen(text);

    if (length == 0 || length > 60) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    strchr("/_+-:", c) != NULL;

        if (!fine) {
            return false;
        }
    }
    return text[0] != '/' && strstr(text, "..") == NULL;
}

static bool
config_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);

    while (*choices != '\0') {
        size_t one = strcspn(choices, "|");

        if (one == length && sb_str_equal_nocase((sb_str){choices, one}, (sb_str){value, length})) {
            return true;
        }
        choices += one;
        choices += *choices == '|';
    }
    return false;
}

static const char *
config_check(const struct config_row *row, const char *value)
{
    int64_t number;
    bool flag;

    switch (row->form) {
    case FORM_BOOL: return sb_config_parse_bool(value, &flag) ? NULL : "true or false";
    case FORM_DURATION:
        return sb_config_parse_duration(value, &number) ? NULL
                                                        : "a duration such as '10 s' or '5 min'";
    case FORM_COUNT:
        return sb_config_parse_int(value, -1, INT32_MAX, &number) ? NULL : "a whole number";
    case FORM_ZONE:
        return sb_config_parse_zone(value) ? NULL : "a time zone such as 'UTC' or 'Europe/Berlin'";
    case FORM_CHOICE: return config_choice(row->choices, value) ? NULL : row->choices;
    default: return NULL;
    }
}

sb_status
sb_config_set(sb_config *config, const char *key, const char *value, sb_error *err)
{
    char *key_copy, *value_copy;

    for (int i = 0; i < CONFIG_ROWS; i++) {
        const char *wanted =
            strcmp(config_rows[i].key, key) == 0 ? config_check(&config_rows[i], value) : NULL;

        if (wanted != NULL) {
            (void)sb_sql_error(err, SB_SQL_OPTION, -1, -1, "option '%s' cannot be '%s'", key,
                               value);
            sb_error_hint(err, "it is %s", wanted);
            return SB_STATUS_INVALID;
        }
    }
    key_copy = config_copy(config, key);
    value_copy = config_copy(config, value);
    if (key_copy != NULL && value_copy != NULL && config->count == config->capacity) {
        int32_t capacity = config->capacity == 0 ? 16 : config->capacity * 2;
        sb_option *grown =
            sb_realloc(config->mem, config->at, sizeof(sb_option) * (size_t)config->capacity,
                       sizeof(sb_option) * (size_t)capacity);

        if (grown != NULL) {
            config->at = grown;
            config->capacity = capacity;
        }
    }
    if (key_copy == NULL || value_copy == NULL || config->count == config->capacity) {
        config_free_text(config, key_copy);
        config_free_text(config, value_copy);
        SB_NOMEM(err);
    }
    sb_config_reset(config, key);
    config->at[config->count++] = (sb_option){.key = key_copy, .value = value_copy, .position = -1};
    return SB_OK;
}

bool
sb_config_known(const sb_connector_info *info, const char *key, const char **out_nearest)
{
    const char *keys[CONFIG_ROWS + CONFIG_OTHERS_MAX], *other;
    int32_t count = 0;

    *out_nearest = NULL;
    if (info != NULL && info->known_key != NULL && info->known_key(info->ctx, key)) {
        return true;
    }
    for (int i = 0; i < CONFIG_ROWS; i++) {
        if (strcmp(config_rows[i].key, key) == 0) {
            return true;
        }
        if (config_rows[i].form != FORM_PREFIX) {
            keys[count++] = config_rows[i].key;
        }
    }
    for (int32_t i = 0; info != NULL && info->key_at != NULL && i < CONFIG_OTHERS_MAX &&
                        (other = info->key_at(info->ctx, i)) != NULL;
         i++) {
        keys[count++] = other;
    }
    /* A key that looks like a slip of one we know is told even inside a family. */
    *out_nearest = sb_sql_nearest(key, keys, count);
    for (int i = 0; i < CONFIG_ROWS && *out_nearest == NULL; i++) {
        if (config_rows[i].form == FORM_PREFIX &&
            strncmp(config_rows[i].key, key, strlen(config_rows[i].key)) == 0) {
            return true;
        }
    }
    return false;
}

int64_t
sb_config_duration(const sb_config *config, const char *key, int64_t otherwise_ms)
{
    const char *text = sb_config_get(config, key);
    int64_t value = otherwise_ms;

    if (text != NULL && !sb_config_parse_duration(text, &value)) {
        value = otherwise_ms;
    }
    return value;
}

bool
sb_config_bool(const sb_config *config, const char *key, bool otherwise)
{
    const char *text = sb_config_get(config, key);
    bool value = otherwise;

    return text != NULL && sb_config_parse_bool(text, &value) ? value : otherwise;
}

const char *
sb_config_zone(const sb_config *config)
{
    const char *zone = sb_config_get(config, "table.local-time-zone");

    return zone == NULL || sb_str_equal_nocase(sb_str_of(zone), SB_STR("default")) ? "UTC" : zone;
}

bool
sb_config_minibatch(const sb_config *config, int64_t *out_rows, int64_t *out_ms)
{
    const char *size = sb_config_get(config, "table.exec.mini-batch.size");

    *out_rows = 0;
    *out_ms = sb_config_duration(config, "table.exec.mini-batch.allow-latency", 0);
    return sb_config_bool(config, "table.exec.mini-batch.enabled", false) && size != NULL &&
           *out_ms > 0 && sb_config_parse_int(size, 1, INT32_MAX, out_rows);
}

const char *
sb_config_at(int32_t index, const char **out_type, const char **out_default, const char **out_text)
{
    static const char *const forms[] = {"text", "true or false", "duration", "number", "time zone"};

    for (int i = 0; i < CONFIG_ROWS; i++) {
        const struct config_row *row = &config_rows[i];

        if (row->form != FORM_PREFIX && index-- == 0) {
            *out_type = row->form == FORM_CHOICE ? row->choices : forms[row->form];
            *out_default = row->value;
            *out_text = row->text;
            return row->key;
        }
    }
    return NULL;
}
