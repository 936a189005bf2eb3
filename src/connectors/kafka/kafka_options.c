/*
 * connectors/kafka/kafka_options.c -- reading and checking of what a table of Kafka says.
 */
#include "connectors/kafka/kafka_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/kafka/kafka_parts.h"
#include "connectors/kafka/kafka_properties.h"
#include "formats/pattern.h"

/* One of the names, whatever its case: its place. */
static sb_status
read_name(const sb_table_desc *table, const char *key, const char *const *names, int count,
          int otherwise, int *out, sb_error *err)
{
    const char *value = sb_table_option(table, key, NULL);
    char why[160] = "expected ";
    *out = otherwise;
    if (!value) {
        return SB_OK;
    }
    for (int i = 0; i < count; i++) {
        if (sb_str_equal_nocase(sb_str_of(value), sb_str_of(names[i]))) {
            *out = i;
            return SB_OK;
        }
        size_t size = strlen(why);
        snprintf(why + size, sizeof why - size, "%s%s",
                 i == 0           ? ""
                 : i == count - 1 ? " or "
                                  : ", ",
                 names[i]);
    }
    return sb_table_option_bad(table, key, why, err);
}

/* --- topics --- */

static sb_status
check_topic_name(const sb_table_desc *table, const char *name, sb_error *err)
{
    size_t size = strlen(name);
    if (size > SB_KAFKA_TOPIC_MAX || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != size) {
        return sb_table_option_bad(table, "topic",
                                   "a topic is up to 249 letters, digits, '.', '_', '-'", err);
    }
    return SB_OK;
}

static sb_status
read_topics(const sb_table_desc *table, sb_arena *arena, sb_kafka_options *o, sb_error *err)
{
    const char *topic = sb_table_option(table, "topic", NULL);
    sb_error why;
    o->pattern = sb_table_option(table, "topic-pattern", NULL);
    if (topic && o->pattern) {
        return sb_table_option_bad(table, "topic-pattern", "not together with 'topic'", err);
    }
    if (!topic && !o->pattern) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "table '%s': connector '%s' needs the option 'topic' or 'topic-pattern'",
                table->name, table->connector);
    }
    if (o->pattern) {
        return sb_pattern_check(o->pattern, &why) == SB_OK
                   ? SB_OK
                   : sb_table_option_bad(table, "topic-pattern", why.message, err);
    }
    SB_TRY(sb_kafka_list(table, "topic", arena, &o->topics, &o->count_topics, err), err);
    for (int32_t i = 0; i < o->count_topics; i++) {
        SB_TRY(check_topic_name(table, o->topics[i], err), err);
        for (int32_t k = 0; k < i; k++) {
            if (strcmp(o->topics[i], o->topics[k]) == 0) {
                return sb_table_option_bad(table, "topic", "names a topic twice", err);
            }
        }
    }
    return SB_OK;
}

/* --- properties --- */

#define PREFIX "properties."

const char *
sb_kafka_property(const sb_kafka_options *o, const char *key)
{
    for (int32_t i = o->count_properties; i-- > 0;) {
        if (strcmp(o->properties[i].key, key) == 0) {
            return o->properties[i].value;
        }
    }
    return NULL;
}

/* What the driver will say of them, but before anything runs. */
static sb_status
check_properties(const sb_table_desc *table, sb_arena *arena, const sb_kafka_options *o,
                 sb_error *err)
{
    sb_kafka_native *native;
    int32_t count;
    sb_log_config config = {.properties = o->properties, .count = o->count_properties};
    for (int32_t i = 0; i < o->count_properties; i++) {
        sb_status status = sb_kafka_property_check(&o->properties[i], err);
        if (status != SB_OK) {
            char key[160];
            snprintf(key, sizeof key, PREFIX "%s", o->properties[i].key);
            sb_table_option_blame(table, key, err);
            return status;
        }
    }
    return sb_kafka_properties_translate(&config, arena, &native, &count, err);
}

static sb_status
read_properties(const sb_table_desc *table, sb_arena *arena, sb_kafka_options *o, sb_error *err)
{
    sb_log_property *at = SB_NEW_ARRAY(arena, sb_log_property, table->options.count + 1);
    if (!at) {
        SB_NOMEM(err);
    }
    o->properties = at;
    for (int32_t i = 0; i < table->options.count; i++) {
        const sb_option *option = &table->options.at[i];
        if (strncmp(option->key, PREFIX, strlen(PREFIX)) == 0) {
            at[o->count_properties++] =
                (sb_log_property){option->key + strlen(PREFIX), option->value};
        }
    }
    o->servers = sb_kafka_property(o, "bootstrap.servers");
    if (!o->servers) {
        o->servers = sb_kafka_property(o, "metadata.broker.list");
    }
    if (!o->servers || !*o->servers) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "table '%s': connector '%s' needs the option 'properties.bootstrap.servers'",
                table->name, table->connector);
    }
    return check_properties(table, arena, o, err);
}

/* A property that is a number of milliseconds. */
static sb_status
read_property_ms(const sb_table_desc *table, const sb_kafka_options *o, const char *name,
                 int64_t otherwise, int64_t *out, sb_error *err)
{
    char key[96];
    *out = otherwise;
    if (!sb_kafka_property(o, name)) {
        return SB_OK;
    }
    snprintf(key, sizeof key, PREFIX "%s", name);
    return sb_table_option_i64(table, key, otherwise, 1, INT32_MAX, out, err);
}

/* --- source --- */

static sb_status
bad_offsets(const sb_table_desc *table, const char *key, sb_error *err)
{
    return sb_table_option_bad(table, key,
                               "expected 'partition:0,offset:42;partition:1,offset:300'", err);
}

/* "name:number" followed by `end` (or the end of the text): moves on behind it. */
static bool
read_number(const char **p, const char *name, char end, long long *out)
{
    size_t size = strlen(name);
    char *stop;
    if (strncmp(*p, name, size) != 0 || (*p)[size] < '0' || (*p)[size] > '9') {
        return false;
    }
    errno = 0;
    *out = strtoll(*p + size, &stop, 10);
    if (errno || (*stop && *stop != end) || (end == ',' && *stop != ',')) {
        return false;
    }
    *p = stop + (*stop != 0);
    return true;
}

static sb_status
read_offsets(const sb_table_desc *table, const char *key, sb_arena *arena, sb_kafka_offsets *out,
             sb_error *err)
{
    const char *text = sb_table_option(table, key, "");
    int32_t count = 0;
    for (const char *p = text; *p; p++) {
        count += *p == ';';
    }
    sb_kafka_offset *at = SB_NEW_ARRAY(arena, sb_kafka_offset, count + 1);
    if (!at) {
        SB_NOMEM(err);
    }
    *out = (sb_kafka_offsets){0, at};
    for (const char *p = text; out->count == 0 || *p;) {
        long long partition, offset;
        if (!read_number(&p, "partition:", ',', &partition) || partition > INT32_MAX ||
            !read_number(&p, "offset:", ';', &offset)) {
            return bad_offsets(table, key, err);
        }
        int32_t place = out->count++;
        while (place > 0 && at[place - 1].partition > partition) {
            at[place] = at[place - 1];
            place--;
        }
        if (place > 0 && at[place - 1].partition == partition) {
            return sb_table_option_bad(table, key, "names a partition twice", err);
        }
        at[place] = (sb_kafka_offset){(int32_t)partition, offset};
    }
    return SB_OK;
}

/* What modes `timestamp` and `specific-offsets` need: "scan.startup" or "scan.bounded". */
static sb_status
read_bound(const sb_table_desc *table, const char *scan, int mode, int time, int offsets,
           sb_arena *arena, const sb_kafka_options *o, int64_t *out_ms,
           sb_kafka_offsets *out_offsets, sb_error *err)
{
    char mode_key[48], ms_key[48], offsets_key[48], why[96];
    snprintf(mode_key, sizeof mode_key, "%s.mode", scan);
    snprintf(ms_key, sizeof ms_key, "%s.timestamp-millis", scan);
    snprintf(offsets_key, sizeof offsets_key, "%s.specific-offsets", scan);
    const char *needs = mode == time ? ms_key : mode == offsets ? offsets_key : NULL;
    if (needs && !sb_table_option(table, needs, NULL)) {
        snprintf(why, sizeof why, "needs the option '%s'", needs);
        return sb_table_option_bad(table, mode_key, why, err);
    }
    if (mode == offsets && o->count_topics != 1) {
        return sb_table_option_bad(table, mode_key, "offsets are those of one topic only", err);
    }
    SB_TRY(sb_table_option_i64(table, ms_key, 0, 0, INT64_MAX, out_ms, err), err);
    return mode == offsets ? read_offsets(table, offsets_key, arena, out_offsets, err) : SB_OK;
}

static sb_status
read_modes(const sb_table_desc *table, sb_arena *arena, sb_kafka_options *o, sb_error *err)
{
    static const char *const starts[] = {"group-offsets", "earliest-offset", "latest-offset",
                                         "timestamp", "specific-offsets"};
    static const char *const stops[] = {"unbounded", "latest-offset", "group-offsets", "timestamp",
                                        "specific-offsets"};
    int start = SB_KAFKA_START_EARLIEST, stop;
    if (!o->upsert) {
        SB_TRY(read_name(table, "scan.startup.mode", starts, 5, SB_KAFKA_START_GROUP, &start, err),
               err);
        SB_TRY(read_bound(table, "scan.startup", start, SB_KAFKA_START_TIME, SB_KAFKA_START_OFFSETS,
                          arena, o, &o->start_ms, &o->start_offsets, err),
               err);
    }
    SB_TRY(read_name(table, "scan.bounded.mode", stops, 5, SB_KAFKA_STOP_NEVER, &stop, err), err);
    SB_TRY(read_bound(table, "scan.bounded", stop, SB_KAFKA_STOP_TIME, SB_KAFKA_STOP_OFFSETS, arena,
                      o, &o->stop_ms, &o->stop_offsets, err),
           err);
    o->start = (sb_kafka_start)start;
    o->stop = (sb_kafka_stop)stop;
    return SB_OK;
}

static sb_status
check_group(const sb_table_desc *table, const sb_kafka_options *o, sb_error *err)
{
    bool start = o->start == SB_KAFKA_START_GROUP, stop = o->stop == SB_KAFKA_STOP_GROUP;
    if (o->group || (!start && !stop)) {
        return SB_OK;
    }
    sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                 "table '%s': '%s' = 'group-offsets'%s needs the option 'properties.group.id'",
                 table->name, start ? "scan.startup.mode" : "scan.bounded.mode",
                 start && !sb_table_option(table, "scan.startup.mode", NULL) ? " (the default)"
                                                                             : "");
    if (start) {
        sb_error_hint(err, "or set 'scan.startup.mode' = 'earliest-offset' or 'latest-offset'");
        sb_table_option_blame(table, "scan.startup.mode", err);
    } else {
        sb_table_option_blame(table, "scan.bounded.mode", err);
    }
    return SB_STATUS_INVALID;
}

static sb_status
read_source(const sb_table_desc *table, sb_arena *arena, sb_kafka_options *o, sb_error *err)
{
    static const char *const resets[] = {"none", "earliest", "latest"};
    static const char *const levels[] = {"read_committed", "read_uncommitted"};
    int reset, level;
    SB_TRY(read_modes(table, arena, o, err), err);
    o->group = sb_kafka_property(o, "group.id");
    if (o->group && !*o->group) {
        return sb_table_option_bad(table, "properties.group.id", "is empty", err);
    }
    SB_TRY(check_group(table, o, err), err);
    SB_TRY(read_name(table, "properties.auto.offset.reset", resets, 3, SB_KAFKA_RESET_NONE, &reset,
                     err),
           err);
    o->reset = (sb_kafka_reset)reset;
    SB_TRY(read_name(table, "properties.isolation.level", levels, 2, 1, &level, err), err);
    o->uncommitted = level == 1;
    bool commit;
    SB_TRY(
        sb_table_option_bool(table, "properties.commit.offsets.on.checkpoint", true, &commit, err),
        err);
    o->commit_offsets = commit && o->group;
    SB_TRY(sb_table_option_duration(table, "scan.topic-partition-discovery.interval", 300000,
                                    &o->discovery_ms, err),
           err);
    SB_TRY(sb_table_bad_policy(table, "bad-records.topic", &o->bad, &o->bad_topic, err), err);
    for (int32_t i = 0; i < o->count_topics && o->bad == SB_BAD_DEAD_LETTER; i++) {
        if (strcmp(o->topics[i], o->bad_topic) == 0) {
            return sb_table_option_bad(table, "bad-records.topic", "is a topic of the table itself",
                                       err);
        }
    }
    return SB_OK;
}

/* --- sink --- */

static sb_status
read_guarantee(const sb_table_desc *table, sb_kafka_options *o, sb_error *err)
{
    static const char *const names[] = {"at-least-once", "exactly-once", "none"};
    static const char *const strategies[] = {"INCREMENTING", "POOLING"};
    int guarantee, strategy;
    const char *key = "sink.delivery-guarantee";
    if (sb_table_option(table, "sink.semantic", NULL)) {
        if (sb_table_option(table, key, NULL)) {
            return sb_table_option_bad(table, "sink.semantic",
                                       "is the old name of 'sink.delivery-guarantee', which is "
                                       "there too",
                                       err);
        }
        key = "sink.semantic";
    }
    SB_TRY(read_name(table, key, names, 3, SB_KAFKA_AT_LEAST_ONCE, &guarantee, err), err);
    o->guarantee = (sb_kafka_guarantee)guarantee;
    SB_TRY(read_name(table, "sink.transaction-naming-strategy", strategies, 2, 0, &strategy, err),
           err);
    o->transactional_id_prefix = sb_table_option(table, "sink.transactional-id-prefix", NULL);
    if (o->transactional_id_prefix && !*o->transactional_id_prefix) {
        return sb_table_option_bad(table, "sink.transactional-id-prefix", "is empty", err);
    }
    if (o->guarantee == SB_KAFKA_EXACTLY_ONCE && !o->transactional_id_prefix) {
        return sb_table_option_bad(table, key, "needs the option 'sink.transactional-id-prefix'",
                                   err);
    }
    return SB_OK;
}

static sb_status
read_partitioner(const sb_table_desc *table, sb_kafka_options *o, sb_error *err)
{
    static const char *const names[] = {"default", "fixed", "round-robin"};
    const char *name = sb_table_option(table, "sink.partitioner", "default");
    for (int i = 0; i < 3; i++) {
        if (strcmp(name, names[i]) == 0) {
            o->partitioner = (sb_kafka_partitioner)i;
            if (i == SB_KAFKA_PARTITIONER_ROUND_ROBIN && o->key.format) {
                return sb_table_option_bad(table, "sink.partitioner",
                                           "not together with 'key.fields': rows of one key would "
                                           "be in several partitions",
                                           err);
            }
            return SB_OK;
        }
    }
    if (!strchr(name, '.')) { /* no name of a class either */
        return sb_table_option_bad(table, "sink.partitioner",
                                   "expected default, fixed or round-robin", err);
    }
    sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                 "not supported: 'sink.partitioner' = '%s' (a class of Java)", name);
    sb_error_hint(err, "expected default, fixed or round-robin; 'key.fields' sends rows of one key "
                       "to one partition");
    sb_table_option_blame(table, "sink.partitioner", err);
    return SB_STATUS_NOT_SUPPORTED;
}

static sb_status
read_flush(const sb_table_desc *table, sb_kafka_options *o, sb_error *err)
{
    static const char rows_key[] = "sink.buffer-flush.max-rows",
                      ms_key[] = "sink.buffer-flush.interval";
    int64_t rows;
    SB_TRY(sb_table_option_i64(table, rows_key, 0, INT32_MIN, INT32_MAX, &rows, err), err);
    SB_TRY(sb_table_option_duration(table, ms_key, 0, &o->flush_ms, err), err);
    if (rows > 0 && o->flush_ms <= 0) {
        return sb_table_option_bad(
            table, rows_key, "needs a 'sink.buffer-flush.interval' of more than nothing", err);
    }
    if (rows <= 0 && o->flush_ms > 0) {
        return sb_table_option_bad(table, ms_key,
                                   "needs a 'sink.buffer-flush.max-rows' of more than 0", err);
    }
    o->flush_rows = rows > 0 ? (int32_t)rows : 0;
    return SB_OK;
}

static sb_status
read_sink(const sb_table_desc *table, sb_kafka_options *o, sb_error *err)
{
    SB_TRY(read_guarantee(table, o, err), err);
    SB_TRY(read_partitioner(table, o, err), err);
    SB_TRY(read_flush(table, o, err), err);
    SB_TRY(read_property_ms(table, o, "transaction.timeout.ms", 0, &o->transaction_timeout_ms, err),
           err);
    return read_property_ms(table, o, "delivery.timeout.ms", 120000, &o->delivery_timeout_ms, err);
}

sb_status
sb_kafka_options_read(const sb_table_desc *table, sb_kafka_side side, sb_arena *arena,
                      const sb_kafka_options **out, sb_error *err)
{
    sb_kafka_options *o = SB_NEW(arena, sb_kafka_options);
    if (!o) {
        SB_NOMEM(err);
    }
    o->upsert = strcmp(table->connector, "upsert-kafka") == 0;
    SB_TRY(sb_refuse_partitions(table, err), err);
    SB_TRY(sb_kafka_find_formats(table, arena, o, err), err);
    sb_format_part parts[] = {{o->value.format, o->value.bridge.prefix},
                              {o->key.format, o->key.bridge.prefix}};
    SB_TRY(
        sb_table_options_check_parts(
            table, o->upsert ? sb_upsert_kafka_option_specs : sb_kafka_option_specs, parts, 2, err),
        err);
    SB_TRY(read_properties(table, arena, o, err), err);
    SB_TRY(read_topics(table, arena, o, err), err);
    if (side == SB_KAFKA_SOURCE) {
        SB_TRY(read_source(table, arena, o, err), err);
    } else {
        SB_TRY(read_sink(table, o, err), err);
    }
    SB_TRY(sb_kafka_fill_parts(table, side, arena, o, err), err);
    *out = o;
    return SB_OK;
}

sb_kafka_metadata
sb_kafka_metadata_of(const char *key)
{
    static const char *const names[] = {"topic",        "partition", "headers",   "header-list",
                                        "leader-epoch", "offset",    "timestamp", "timestamp-type"};
    for (int i = 0; i < SB_KAFKA_META_FORMAT; i++) {
        if (strcmp(key, names[i]) == 0) {
            return (sb_kafka_metadata)i;
        }
    }
    return strncmp(key, SB_KAFKA_META_FORMAT_PREFIX, strlen(SB_KAFKA_META_FORMAT_PREFIX)) == 0
               ? SB_KAFKA_META_FORMAT
               : SB_KAFKA_META_NONE;
}
