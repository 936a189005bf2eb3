/*
 * connectors/options.c -- options of a table.
 */
#include "connectors/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"

const char *
sb_table_option(const sb_table_desc *table, const char *key, const char *otherwise)
{
    const char *value = sb_options_get(&table->options, key);
    return value ? value : otherwise;
}

void
sb_table_option_blame(const sb_table_desc *table, const char *key, sb_error *err)
{
    for (int32_t i = 0; i < table->options.count; i++) {
        const sb_option *option = &table->options.at[i];
        if (strcmp(option->key, key) == 0 && option->position >= 0) {
            sb_error_at(err, option->position, option->position + 1);
        }
    }
}

sb_status
sb_table_option_bad(const sb_table_desc *table, const char *key, const char *why, sb_error *err)
{
    sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__, "option '%s' = '%s': %s", key,
                 sb_table_option(table, key, ""), why);
    sb_table_option_blame(table, key, err);
    return SB_STATUS_INVALID;
}

sb_status
sb_table_option_i64(const sb_table_desc *table, const char *key, int64_t otherwise, int64_t lo,
                    int64_t hi, int64_t *out, sb_error *err)
{
    const char *value = sb_table_option(table, key, NULL);
    if (!value) {
        *out = otherwise;
        return SB_OK;
    }
    char *end;
    char why[96];
    errno = 0;
    long long v = strtoll(value, &end, 10);
    if (end == value || *end || errno) {
        return sb_table_option_bad(table, key, "expected a whole number", err);
    }
    if (v < lo || v > hi) {
        snprintf(why, sizeof why, "must be between %lld and %lld", (long long)lo, (long long)hi);
        return sb_table_option_bad(table, key, why, err);
    }
    *out = v;
    return SB_OK;
}

sb_status
sb_table_option_f64(const sb_table_desc *table, const char *key, double otherwise, double lo,
                    double hi, double *out, sb_error *err)
{
    const char *value = sb_table_option(table, key, NULL);
    if (!value) {
        *out = otherwise;
        return SB_OK;
    }
    char *end;
    char why[96];
    double v = strtod(value, &end);
    if (end == value || *end || v != v) {
        return sb_table_option_bad(table, key, "expected a number", err);
    }
    if (v < lo || v > hi) {
        snprintf(why, sizeof why, "must be between %g and %g", lo, hi);
        return sb_table_option_bad(table, key, why, err);
    }
    *out = v;
    return SB_OK;
}

sb_status
sb_table_option_bool(const sb_table_desc *table, const char *key, bool otherwise, bool *out,
                     sb_error *err)
{
    sb_str value = sb_str_of(sb_table_option(table, key, otherwise ? "true" : "false"));
    *out = sb_str_equal_nocase(value, SB_STR("true"));
    if (!*out && !sb_str_equal_nocase(value, SB_STR("false"))) {
        return sb_table_option_bad(table, key, "expected true or false", err);
    }
    return SB_OK;
}

sb_status
sb_table_option_duration(const sb_table_desc *table, const char *key, int64_t otherwise_ms,
                         int64_t *out_ms, sb_error *err)
{
    const char *value = sb_table_option(table, key, NULL);
    if (!value) {
        *out_ms = otherwise_ms;
        return SB_OK;
    }
    if (!sb_parse_duration_ms(value, out_ms)) {
        return sb_table_option_bad(table, key,
                                   "expected a duration such as '10 s', '1 min', '500 ms'", err);
    }
    return SB_OK;
}

sb_status
sb_table_option_memory(const sb_table_desc *table, const char *key, int64_t otherwise, int64_t *out,
                       sb_error *err)
{
    const char *value = sb_table_option(table, key, NULL);
    if (!value) {
        *out = otherwise;
        return SB_OK;
    }
    if (!sb_parse_memory(value, out)) {
        return sb_table_option_bad(table, key, "expected a size such as '128MB', '64 kb', '1 gb'",
                                   err);
    }
    return SB_OK;
}

/* ---- which keys there may be
 * ---------------------------------------------------------------------- */

/* Does a key fit a spec's key, where '#' stands for any name? */
static bool
fits(const char *spec, const char *key)
{
    const char *hash = strchr(spec, '#');
    if (!hash) {
        return strcmp(spec, key) == 0;
    }
    size_t before = (size_t)(hash - spec), after = strlen(hash + 1), size = strlen(key);
    return size > before + after && memcmp(spec, key, before) == 0 &&
           strcmp(key + size - after, hash + 1) == 0;
}

static bool
is_format_key(const sb_format_part *part, const char *key)
{
    size_t size = part->format ? strlen(part->prefix) : 0;
    if (!part->format || strncmp(key, part->prefix, size) != 0 || key[size] != '.') {
        return false;
    }
    for (const sb_format_option *o = part->format->options; o->key; o++) {
        if (strcmp(o->key, key + size + 1) == 0) {
            return true;
        }
    }
    return false;
}

/* Keys the planner and the runtime read from any table. */
static bool
is_common_key(const char *key)
{
    static const char *const prefixes[] = {"scan.watermark.", "scan.parallelism",
                                           "sink.parallelism", "connector"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t size = strlen(prefixes[i]);
        if (strncmp(key, prefixes[i], size) == 0 && (prefixes[i][size - 1] == '.' || !key[size])) {
            return true;
        }
    }
    return false;
}

typedef struct guess {
    const char *key;
    char best[128];
    int distance;
} guess;

static void
guess_key(guess *g, const char *prefix, const char *key)
{
    char whole[128];
    snprintf(whole, sizeof whole, "%s%s%s", prefix, *prefix ? "." : "", key);
    int distance = sb_str_distance(sb_str_of(g->key), sb_str_of(whole), 4);
    if (distance < g->distance) {
        g->distance = distance;
        memcpy(g->best, whole, sizeof whole);
    }
}

static sb_status
unknown_key(const sb_table_desc *table, const char *key, const sb_option_spec *specs,
            const sb_format_part *parts, int32_t count, sb_error *err)
{
    guess g = {.key = key, .distance = 5};
    for (const sb_option_spec *s = specs; s && s->key; s++) {
        guess_key(&g, "", s->key);
    }
    for (int32_t i = 0; i < count; i++) {
        for (const sb_format_option *o = parts[i].format ? parts[i].format->options : NULL;
             o && o->key; o++) {
            guess_key(&g, parts[i].prefix, o->key);
        }
    }
    sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__, "connector '%s' has no option '%s'",
                 table->connector, key);
    if (g.best[0]) {
        sb_error_hint(err, "did you mean '%s'?", g.best);
    }
    sb_table_option_blame(table, key, err);
    return SB_STATUS_INVALID;
}

sb_status
sb_table_options_check_parts(const sb_table_desc *table, const sb_option_spec *specs,
                             const sb_format_part *parts, int32_t count, sb_error *err)
{
    for (int32_t i = 0; i < table->options.count; i++) {
        const char *key = table->options.at[i].key;
        bool known = is_common_key(key);
        for (int32_t k = 0; k < count && !known; k++) {
            known = is_format_key(&parts[k], key);
        }
        for (const sb_option_spec *s = specs; s && s->key && !known; s++) {
            known = fits(s->key, key);
        }
        if (!known) {
            return unknown_key(table, key, specs, parts, count, err);
        }
    }
    return SB_OK;
}

sb_status
sb_table_options_check(const sb_table_desc *table, const sb_option_spec *specs,
                       const sb_format *format, sb_error *err)
{
    sb_format_part part = {format, format ? format->name : ""};
    return sb_table_options_check_parts(table, specs, &part, 1, err);
}

sb_status
sb_table_bad_policy(const sb_table_desc *table, const char *to, sb_bad_policy *out,
                    const char **out_to, sb_error *err)
{
    static const char *const names[] = {
        [SB_BAD_FAIL] = "fail", [SB_BAD_SKIP] = "skip", [SB_BAD_DEAD_LETTER] = "dead-letter"};
    const char *policy = sb_table_option(table, "bad-records", "fail");
    char why[96];
    *out_to = sb_table_option(table, to, NULL);
    for (int i = 0; i < 3; i++) {
        if (strcmp(policy, names[i]) == 0) {
            *out = (sb_bad_policy)i;
            if (*out == SB_BAD_DEAD_LETTER && (!*out_to || !**out_to)) {
                snprintf(why, sizeof why, "needs the option '%s'", to);
                return sb_table_option_bad(table, "bad-records", why, err);
            }
            return SB_OK;
        }
    }
    return sb_table_option_bad(table, "bad-records", "expected fail, skip or dead-letter", err);
}

/* ---- formats
 * --------------------------------------------------------------------------------------- */

sb_status
sb_table_format_of(const sb_table_desc *table, const char *key, const sb_format **out,
                   sb_error *err)
{
    const char *name = sb_table_option(table, key, "");
    sb_text names;
    *out = sb_format_find(name);
    if (*out) {
        return SB_OK;
    }
    sb_text_init(&names, sb_mem_root());
    sb_format_names(&names);
    sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__, "unknown format '%s'", name);
    sb_error_hint(err, "formats: %s", names.data);
    sb_table_option_blame(table, key, err);
    sb_text_deinit(&names);
    return SB_STATUS_NOT_FOUND;
}

sb_status
sb_table_format(const sb_table_desc *table, const sb_format **out, sb_error *err)
{
    if (!sb_table_option(table, "format", NULL)) {
        SB_FAIL(err, SB_STATUS_INVALID, "table '%s': connector '%s' needs the option 'format'",
                table->name, table->connector);
    }
    SB_TRY(sb_table_format_of(table, "format", out, err), err);
    if ((*out)->messages_only) {
        sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                     "not supported: format '%s' with connector '%s'; it is one of messages",
                     (*out)->name, table->connector);
        sb_table_option_blame(table, "format", err);
        return SB_STATUS_NOT_SUPPORTED;
    }
    return SB_OK;
}

static void
bridge_key(const sb_format_bridge *bridge, const char *key, char *out, size_t size)
{
    snprintf(out, size, "%s.%s", bridge->prefix, key);
}

static const char *
bridge_get(const void *ctx, const char *key)
{
    char whole[128];
    bridge_key(ctx, key, whole, sizeof whole);
    return sb_options_get(&((const sb_format_bridge *)ctx)->table->options, whole);
}

static void
bridge_blame(const void *ctx, const char *key, sb_error *err)
{
    char whole[128];
    bridge_key(ctx, key, whole, sizeof whole);
    sb_error_prefix(err, "format '%s'", ((const sb_format_bridge *)ctx)->prefix);
    sb_table_option_blame(((const sb_format_bridge *)ctx)->table, whole, err);
}

void
sb_table_for_format(const sb_table_desc *table, const sb_format *format, sb_format_bridge *bridge,
                    sb_format_table *out)
{
    *bridge = (sb_format_bridge){table, format->name};
    *out = (sb_format_table){
        .columns = table->columns,
        .count_key = table->primary_key.count,
        .key = table->primary_key.at,
        .options = {bridge_get, bridge_blame, bridge},
    };
}

sb_status
sb_table_format_check(const sb_table_desc *table, const sb_format *format, bool source,
                      sb_format_facts *out, sb_error *err)
{
    sb_format_bridge bridge;
    sb_format_table view;
    sb_table_for_format(table, format, &bridge, &view);
    SB_TRY(format->check(&view, source, out, err), err);
    if (out->messages_only) {
        sb_text type;
        sb_text_init(&type, sb_mem_root());
        sb_type_print(&table->columns->fields[0].type, &type);
        sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                     "not supported: format '%s' of %s with connector '%s'; only messages hold it",
                     format->name, type.data, table->connector);
        sb_text_deinit(&type);
        return SB_STATUS_NOT_SUPPORTED;
    }
    return SB_OK;
}

sb_status
sb_refuse_partitions(const sb_table_desc *table, sb_error *err)
{
    if (table->count_partition > 0) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: PARTITIONED BY (table '%s', connector '%s')", table->name,
                table->connector);
    }
    return SB_OK;
}
