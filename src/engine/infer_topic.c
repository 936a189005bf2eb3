/*
 * engine/infer_topic.c -- what a Kafka topic would be as a table: sabot infer
 * kafka://host:port/topic.
 *
 * DESIGN     The first records are given to the sniffer as the lines of a file: values, and keys
 *            that are objects. Other keys are one column of format raw. A key format makes no row
 *            of a record without a key, so it is proposed only where all records have one.
 * THREADS    the engine's thread.
 */
#include <string.h>

#include "engine/infer.h"
#include "engine/payload.h"
#include "engine/topic.h"

#define SAMPLE_RECORDS 500
#define SAMPLE_BYTES   (4 * SB_SNIFF_BYTES)
#define STEP_MS        100
#define SILENT_STEPS   100 /* so many without a record, though there should be some */

typedef struct sample {
    sb_text values, keys; /* one a line */
    uint32_t value_kinds, key_kinds;
    bool values_are_objects, keys_are_objects;
    int64_t records;
} sample;

/* ---- the records ---- */

static void
add_line(sb_str bytes, sb_text *lines, uint32_t *kinds, bool *objects)
{
    sb_payload kind = sb_payload_guess(bytes);
    size_t blank = 0;
    *kinds |= 1U << kind;
    if (kind == SB_PAYLOAD_NULL) {
        return;
    }
    while (blank < bytes.size && strchr(" \t\r\n", bytes.data[blank])) {
        blank++;
    }
    *objects &= kind == SB_PAYLOAD_JSON && bytes.data[blank] == '{';
    if (kind == SB_PAYLOAD_JSON) {
        sb_payload_print(bytes, kind, lines); /* without line ends */
    } else {
        sb_text_append(lines, bytes.data, bytes.size);
    }
    sb_text_char(lines, '\n');
}

static sb_status
read_sample(sb_topic *topic, sample *s, sb_error *err)
{
    const sb_log_record *record;
    int32_t partition;
    s->values_are_objects = s->keys_are_objects = true;
    for (int silent = 0; s->records < SAMPLE_RECORDS && s->values.size < SAMPLE_BYTES;) {
        if (sb_topic_is_read(topic)) {
            break;
        }
        SB_TRY(sb_topic_next(topic, STEP_MS, &record, &partition, err), err);
        silent = record ? 0 : silent + 1;
        if (silent == SILENT_STEPS) {
            break; /* marks of transactions may be all there is */
        }
        if (record) {
            add_line(record->value, &s->values, &s->value_kinds, &s->values_are_objects);
            add_line(record->key, &s->keys, &s->key_kinds, &s->keys_are_objects);
            s->records++;
        }
    }
    if (sb_text_failed(&s->values) || sb_text_failed(&s->keys)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
check_sample(const sample *s, const char *topic, sb_error *err)
{
    uint32_t framed = 1U << SB_PAYLOAD_FRAMED | 1U << SB_PAYLOAD_FRAMED_JSON;
    uint32_t binary = 1U << SB_PAYLOAD_INT | 1U << SB_PAYLOAD_BIGINT | 1U << SB_PAYLOAD_BINARY;
    if ((s->value_kinds & ~(1U << SB_PAYLOAD_NULL)) == 0) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "topic '%s' has no %s to guess columns from", topic,
                s->records > 0 ? "record with a value" : "records");
    }
    if (s->value_kinds & framed) {
        sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                     "not supported: guessing the columns of records with a schema id (topic '%s')",
                     topic);
        sb_error_hint(err, "write CREATE TABLE with the columns of the registry's schema, and "
                           "'format' = 'avro-confluent' or 'json-confluent'");
        return SB_STATUS_NOT_SUPPORTED;
    }
    if (s->value_kinds & binary) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: records of topic '%s' are neither JSON nor text", topic);
    }
    return SB_OK;
}

/* ---- the table ---- */

static sb_status
sniff_lines(sabot_engine *engine, sb_arena *arena, const sb_text *lines, const char *url,
            bool objects, sb_sniff_guess *out, sb_error *err)
{
    char *data = sb_arena_alloc(arena, lines->size + SB_FORMAT_PADDING);
    if (!data) {
        SB_NOMEM(err);
    }
    memcpy(data, lines->data, lines->size);
    memset(data + lines->size, 0, SB_FORMAT_PADDING);
    sb_sniff_file file = {.path = url,
                          .name = sb_str_of(objects ? ".json" : ""),
                          .data = data,
                          .size = lines->size,
                          .whole = true,
                          .no_header = true};
    SB_TRY(sb_sniff(arena, engine->mem, &file, 1, out, err), err);
    if (strcmp(out->format, "raw") == 0) {
        sb_field *field = sb_arena_memdup(arena, out->columns.fields, sizeof *field);
        if (!field) {
            SB_NOMEM(err);
        }
        field->name = "value";
        out->columns.fields = field;
    }
    return SB_OK;
}

/* The one column of keys that are no objects. */
static sb_status
raw_key(sb_arena *arena, uint32_t kinds, sb_sniff_guess *out, sb_error *err)
{
    uint32_t text = 1U << SB_PAYLOAD_TEXT | 1U << SB_PAYLOAD_NUMBER | 1U << SB_PAYLOAD_JSON;
    const sb_type bytes = {.id = SB_TYPE_VARBINARY, .nullable = true, .length = SB_LENGTH_MAX};
    sb_field *field = SB_NEW(arena, sb_field);
    if (!field) {
        SB_NOMEM(err);
    }
    field->name = "key";
    field->type = (kinds & ~text) == 0 ? sb_type_string(true) : bytes;
    *out = (sb_sniff_guess){.format = "raw", .columns = {1, field}};
    return SB_OK;
}

static bool
has_column(const sb_schema *columns, const char *prefix, const char *name)
{
    size_t size = strlen(prefix);
    for (int32_t i = 0; i < columns->count; i++) {
        const char *own = columns->fields[i].name;
        if (strncmp(own, prefix, size) == 0 && strcmp(own + size, name) == 0) {
            return true;
        }
    }
    return false;
}

/* What the names of key columns must begin with, so that none is that of another column. */
static const char *
choose_prefix(const sb_schema *value, const sb_schema *key)
{
    static const char *const prefixes[] = {"", "key_", "record_key_", "message_key_"};
    size_t last = sizeof prefixes / sizeof prefixes[0] - 1;
    for (size_t k = 0; k < last; k++) {
        bool alone = true;
        for (int32_t i = 0; i < key->count; i++) {
            alone = alone && !has_column(value, prefixes[k], key->fields[i].name);
        }
        if (alone) {
            return prefixes[k];
        }
    }
    return prefixes[last];
}

static void
add_head(sb_infer_table *table, const char *key, const char *value)
{
    sb_assert(table->count_head < SB_INFER_HEAD);
    table->head[table->count_head++] = (sb_sniff_option){key, value};
}

/* Key columns in front, and the options that say so. */
static sb_status
add_key(sb_arena *arena, const sb_sniff_guess *key, sb_infer_table *table, sb_error *err)
{
    sb_schema *columns = &table->guess.columns;
    const char *prefix = choose_prefix(columns, &key->columns), *names = "";
    int32_t count = key->columns.count + columns->count;
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, count);
    bool failed = !fields;
    for (int32_t i = 0; !failed && i < count; i++) {
        fields[i] = i < key->columns.count ? key->columns.fields[i]
                                           : columns->fields[i - key->columns.count];
        if (i < key->columns.count) {
            fields[i].name = sb_arena_printf(arena, "%s%s", prefix, fields[i].name);
            names = sb_arena_printf(arena, "%s%s%s", names, i > 0 ? ";" : "",
                                    fields[i].name ? fields[i].name : "");
            failed = !fields[i].name || !names;
        }
    }
    if (failed) {
        SB_NOMEM(err);
    }
    *columns = (sb_schema){count, fields};
    add_head(table, "key.format", key->format);
    add_head(table, "key.fields", names);
    if (*prefix) {
        add_head(table, "key.fields-prefix", prefix);
    }
    add_head(table, "value.fields-include", "EXCEPT_KEY");
    for (int32_t i = 0; i < key->count_options; i++) {
        const char *name = sb_arena_printf(arena, "key.%s", key->options[i].key);
        if (!name) {
            SB_NOMEM(err);
        }
        add_head(table, name, key->options[i].value);
    }
    return SB_OK;
}

static sb_status
make_table(sabot_engine *engine, sb_arena *arena, const sample *s, const char *url,
           sb_infer_table *table, sb_error *err)
{
    sb_sniff_guess key;
    SB_TRY(sniff_lines(engine, arena, &s->values, url, s->values_are_objects, &table->guess, err),
           err);
    add_head(table, "format", table->guess.format);
    if (s->key_kinds & 1U << SB_PAYLOAD_NULL) {
        return SB_OK;
    }
    if (s->keys_are_objects) {
        SB_TRY(sniff_lines(engine, arena, &s->keys, url, true, &key, err), err);
    } else {
        SB_TRY(raw_key(arena, s->key_kinds, &key, err), err);
    }
    return add_key(arena, &key, table, err);
}

/* kafka://host:port,host:port/topic */
static sb_status
split_url(sb_arena *arena, const char *url, char **out_servers, char **out_topic, sb_error *err)
{
    const char *servers = url + sizeof SB_INFER_KAFKA - 1;
    const char *slash = strchr(servers, '/');
    if (!slash || slash == servers || !slash[1] || strchr(slash + 1, '/')) {
        SB_FAIL(err, SB_STATUS_INVALID, "'%s' names no topic: kafka://host:port/topic is wanted",
                url);
    }
    *out_servers = sb_arena_strndup(arena, servers, (size_t)(slash - servers));
    *out_topic = sb_arena_strdup(arena, slash + 1);
    if (!*out_servers || !*out_topic) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* The properties with the brokers in front, for the client and for the statement. */
static sb_status
add_properties(sb_arena *arena, const char *servers, sb_infer_properties given, sb_infer_table *out,
               sabot_option all[SB_INFER_PROPERTIES + 1], sb_error *err)
{
    if (given.count > SB_INFER_PROPERTIES) {
        SB_FAIL(err, SB_STATUS_LIMIT, "%zu properties for a topic: at most %d are taken",
                given.count, SB_INFER_PROPERTIES);
    }
    all[0] = (sabot_option){"bootstrap.servers", servers};
    for (size_t i = 0; i < given.count; i++) {
        all[i + 1] = given.at[i];
    }
    for (size_t i = 0; i <= given.count; i++) {
        const char *name = sb_arena_printf(arena, "properties.%s", sb_topic_property(all[i].key));
        if (!name) {
            SB_NOMEM(err);
        }
        add_head(out, name, all[i].value);
    }
    return SB_OK;
}

sb_status
sb_infer_topic(sabot_engine *engine, sb_arena *arena, const char *url,
               sb_infer_properties properties, sb_infer_table *out, sb_error *err)
{
    sabot_option all[SB_INFER_PROPERTIES + 1];
    char *servers, *name;
    sb_topic topic = {0};
    sample s = {0};
    SB_TRY(split_url(arena, url, &servers, &name, err), err);
    out->name = name;
    add_head(out, "connector", "kafka");
    add_head(out, "topic", name);
    SB_TRY(add_properties(arena, servers, properties, out, all, err), err);
    add_head(out, "scan.startup.mode", "earliest-offset");
    SB_TRY(sb_topic_open(&topic, engine, name, all, properties.count + 1, true, err), err);
    sb_text_init(&s.values, engine->mem);
    sb_text_init(&s.keys, engine->mem);
    sb_status status = read_sample(&topic, &s, err);
    sb_topic_close(&topic);
    if (status == SB_OK) {
        status = check_sample(&s, name, err);
    }
    if (status == SB_OK) {
        status = make_table(engine, arena, &s, url, out, err);
    }
    sb_text_deinit(&s.values);
    sb_text_deinit(&s.keys);
    return status;
}
