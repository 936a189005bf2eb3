/*
 * sql/config.c -- SET options.
 *
 * THREADS    one thread at a time.
 */
#include "sql/config.h"

#include <string.h>

#include "base/quantity.h"
#include "plan/settings.h"
#include "sql/catalog.h"
#include "sql/code.h"

#define CONFIG_KEYS_MAX 512 /* that guesses are made of */

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

sb_status
sb_config_set(sb_config *config, const char *key, const char *value, sb_error *err)
{
    char *key_copy, *value_copy;
    const sb_setting *setting = sb_setting_find(key);
    sb_setting_value ignored;

    if (setting != NULL && sb_setting_read(setting, value, &ignored, err) != SB_OK) {
        return sb_sql_error_place(err, SB_SQL_OPTION, -1, -1);
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
sb_config_known(const char *key, const char **out_nearest)
{
    const char *keys[CONFIG_KEYS_MAX];
    int32_t count = 0;
    const sb_setting *setting;

    *out_nearest = NULL;
    if (sb_setting_find(key) != NULL) {
        return true;
    }
    while (count < CONFIG_KEYS_MAX && (setting = sb_setting_at(count)) != NULL) {
        keys[count++] = setting->key;
    }
    /* A key that looks like a slip of one we know is told even inside a family. */
    *out_nearest = sb_sql_nearest(key, keys, count);
    return *out_nearest == NULL && sb_setting_in_family(key);
}

int64_t
sb_config_duration(const sb_config *config, const char *key, int64_t otherwise_ms)
{
    const char *text = sb_config_get(config, key);
    int64_t value = otherwise_ms;

    if (text != NULL && !sb_parse_duration_ms(text, &value)) {
        value = otherwise_ms;
    }
    return value;
}

bool
sb_config_bool(const sb_config *config, const char *key, bool otherwise)
{
    const char *text = sb_config_get(config, key);
    bool value = otherwise;

    return text != NULL && sb_parse_bool(text, &value) ? value : otherwise;
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
           *out_ms > 0 && sb_parse_int(size, 1, INT32_MAX, out_rows);
}
