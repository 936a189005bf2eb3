/*
 * formats/format.c -- the list of formats, and reading of their options.
 */
#include "formats/format.h"

#include <string.h>

static const sb_format *const formats[] = {
    &sb_format_avro,         &sb_format_avro_confluent,
    &sb_format_canal_json,   &sb_format_changelog_json,
    &sb_format_csv,          &sb_format_debezium_json,
    &sb_format_json,         &sb_format_json_confluent,
    &sb_format_maxwell_json, &sb_format_ogg_json,
    &sb_format_raw,
};
#define COUNT_FORMATS ((int)(sizeof formats / sizeof formats[0]))

const sb_format *
sb_format_find(const char *name)
{
    for (int i = 0; i < COUNT_FORMATS; i++) {
        if (strcmp(formats[i]->name, name) == 0) {
            return formats[i];
        }
    }
    return NULL;
}

void
sb_format_names(sb_text *out)
{
    for (int i = 0; i < COUNT_FORMATS; i++) {
        sb_text_printf(out, "%s%s", i ? ", " : "", formats[i]->name);
    }
}

const char *
sb_format_get(const sb_format_table *table, const char *key, const char *otherwise)
{
    const char *value = table->options.get ? table->options.get(table->options.ctx, key) : NULL;
    return value ? value : otherwise;
}

sb_status
sb_format_bad_option(const sb_format_table *table, const char *key, const char *why, sb_error *err)
{
    const char *value = sb_format_get(table, key, "");
    sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__, "option '%s' = '%s': %s", key, value,
                 why);
    if (table->options.blame) {
        table->options.blame(table->options.ctx, key, err);
    }
    return SB_STATUS_INVALID;
}

sb_status
sb_format_bool(const sb_format_table *table, const char *key, bool otherwise, bool *out,
               sb_error *err)
{
    const char *value = sb_format_get(table, key, NULL);
    if (!value) {
        *out = otherwise;
        return SB_OK;
    }
    sb_str s = sb_str_of(value);
    if (sb_str_equal_nocase(s, SB_STR("true"))) {
        *out = true;
    } else if (sb_str_equal_nocase(s, SB_STR("false"))) {
        *out = false;
    } else {
        return sb_format_bad_option(table, key, "expected true or false", err);
    }
    return SB_OK;
}

/* The character a two-byte escape stands for, or 0. */
static char
escaped_char(const char *value)
{
    if (value[0] != '\\' || !value[1] || value[2]) {
        return 0;
    }
    switch (value[1]) {
    case 't': return '\t';
    case '\\': return '\\';
    case 'b': return '\b';
    case 'f': return '\f';
    default: return 0;
    }
}

sb_status
sb_format_char(const sb_format_table *table, const char *key, char otherwise, char *out,
               sb_error *err)
{
    const char *value = sb_format_get(table, key, NULL);
    if (!value) {
        *out = otherwise;
        return SB_OK;
    }
    char escaped = escaped_char(value);
    if (escaped) {
        *out = escaped;
        return SB_OK;
    }
    if (strncmp(value, "\\u00", 4) == 0 &&
        strlen(value) == 6) { /* '\u0001', as Flink's users write it */
        int code = 0;
        for (int i = 4; i < 6; i++) {
            const char *digits = "0123456789abcdef", *at = strchr(digits, value[i] | 0x20);
            if (!at) {
                return sb_format_bad_option(table, key,
                                            "expected two hexadecimal digits after \\u00", err);
            }
            code = code * 16 + (int)(at - digits);
        }
        if (code > 0 && code < 128 && code != '\n') {
            *out = (char)code;
            return SB_OK;
        }
    }
    if (strlen(value) != 1) {
        return sb_format_bad_option(table, key, "expected one ASCII character", err);
    }
    if (*value == '\n' || *value == '\r' || (unsigned char)*value >= 128) {
        return sb_format_bad_option(table, key, "expected one ASCII character that is no line end",
                                    err);
    }
    *out = *value;
    return SB_OK;
}
