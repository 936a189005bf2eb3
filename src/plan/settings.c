/*
 * plan/settings.c -- see settings.h.
 */
#include "plan/settings.h"

#include <inttypes.h>
#include <string.h>

#include "base/quantity.h"

/* clang-format off */
#define ROW(key, form, low, high, choices, refused, value, text) \
    {key, SB_SETTING_##form, low, high, choices, refused, value, text},
#define TEXT(key, value, text)              ROW(key, TEXT, 0, 0, NULL, NULL, value, text)
#define BOOL(key, value, text)              ROW(key, BOOL, 0, 0, NULL, NULL, value, text)
#define DURATION(key, value, text)          ROW(key, DURATION, 0, 0, NULL, NULL, value, text)
#define MEMORY(key, value, text)            ROW(key, MEMORY, 0, 0, NULL, NULL, value, text)
#define INT(key, value, low, high, text)    ROW(key, INT, low, high, NULL, NULL, value, text)
#define NUMBER(key, value, low, high, text) ROW(key, NUMBER, low, high, NULL, NULL, value, text)
#define ZONE(key, value, text)              ROW(key, ZONE, 0, 0, NULL, NULL, value, text)
#define CHOICE(key, value, choices, refused, text) \
    ROW(key, CHOICE, 0, 0, choices, refused, value, text)
/* clang-format on */

/* In the order of sb_restart_kind. */
#define RESTARTS                                                                                  \
    "default|none,off,disable|fixed-delay,fixeddelay|failure-rate,failurerate|exponential-delay," \
    "exponentialdelay"

static const sb_setting settings[] = {
#include "plan/settings.def"
};

/* What Flink has under these and is not in the list has no effect here, and nobody is told so. */
static const char *const families[] = {
    "table.",      "pipeline.", "execution.", "state.",  "restart-strategy.",
    "sql-client.", "metrics.",  "rest.",      "memory.", "$internal.",
};

enum {
    COUNT_SETTINGS = sizeof settings / sizeof settings[0],
    COUNT_FAMILIES = sizeof families / sizeof families[0]
};

const sb_setting *
sb_setting_at(int32_t index)
{
    return index >= 0 && index < COUNT_SETTINGS ? &settings[index] : NULL;
}

const sb_setting *
sb_setting_find(const char *key)
{
    for (int32_t i = 0; i < COUNT_SETTINGS; i++) {
        if (strcmp(settings[i].key, key) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

bool
sb_setting_in_family(const char *key)
{
    for (int32_t i = 0; i < COUNT_FAMILIES; i++) {
        if (strncmp(families[i], key, strlen(families[i])) == 0) {
            return true;
        }
    }
    return false;
}

const char *
sb_setting_type(const sb_setting *setting)
{
    switch (setting->form) {
    case SB_SETTING_TEXT: return "text";
    case SB_SETTING_BOOL: return "true or false";
    case SB_SETTING_DURATION: return "duration";
    case SB_SETTING_MEMORY: return "size";
    case SB_SETTING_INT: return "number";
    case SB_SETTING_NUMBER: return "decimal number";
    case SB_SETTING_CHOICE: return setting->choices;
    case SB_SETTING_ZONE: return "time zone";
    }
    return "text";
}

/* The place of a value among the choices. */
static bool
find_choice(const char *choices, const char *text, int32_t *out)
{
    sb_str wanted = sb_str_of(text);
    *out = 0;
    while (choices && *choices) {
        size_t size = strcspn(choices, "|,");
        if (sb_str_equal_nocase((sb_str){choices, size}, wanted)) {
            return true;
        }
        *out += choices[size] == '|';
        choices += size + (choices[size] != '\0');
    }
    return false;
}

static bool
parse(const sb_setting *setting, const char *text, sb_setting_value *out)
{
    switch (setting->form) {
    case SB_SETTING_BOOL: return sb_parse_bool(text, &out->flag);
    case SB_SETTING_DURATION: return sb_parse_duration_ms(text, &out->number);
    case SB_SETTING_MEMORY: return sb_parse_memory(text, &out->number);
    case SB_SETTING_INT: return sb_parse_int(text, setting->low, setting->high, &out->number);
    case SB_SETTING_NUMBER:
        return sb_parse_number(text, (double)setting->low, (double)setting->high, &out->real);
    case SB_SETTING_CHOICE: return find_choice(setting->choices, text, &out->choice);
    case SB_SETTING_ZONE: out->text = text; return sb_parse_zone_name(text);
    case SB_SETTING_TEXT: out->text = text; return *text != '\0';
    }
    return false;
}

static void
hint(const sb_setting *setting, sb_error *err)
{
    switch (setting->form) {
    case SB_SETTING_DURATION:
        sb_error_hint(err, "it is a duration such as '10 s' or '500 ms'");
        return;
    case SB_SETTING_MEMORY: sb_error_hint(err, "it is a size such as '128 mb'"); return;
    case SB_SETTING_INT:
        sb_error_hint(err, "it is a whole number from %" PRId64 " to %" PRId64, setting->low,
                      setting->high);
        return;
    case SB_SETTING_NUMBER:
        sb_error_hint(err, "it is a number from %" PRId64 " to %" PRId64, setting->low,
                      setting->high);
        return;
    case SB_SETTING_ZONE:
        sb_error_hint(err, "it is a time zone such as 'UTC' or 'Europe/Berlin'");
        return;
    default: sb_error_hint(err, "it is %s", sb_setting_type(setting)); return;
    }
}

sb_status
sb_setting_read(const sb_setting *setting, const char *text, sb_setting_value *out, sb_error *err)
{
    if (parse(setting, text, out)) {
        return SB_OK;
    }
    if (find_choice(setting->refused, text, &out->choice)) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: '%s' of option '%s'", text,
                setting->key);
    }
    sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__, "option '%s' cannot be '%s'",
                 setting->key, text);
    hint(setting, err);
    return SB_STATUS_INVALID;
}
