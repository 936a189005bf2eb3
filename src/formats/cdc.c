/*
 * formats/cdc.c -- the formats debezium-json, canal-json, maxwell-json and ogg-json: options,
 * facts, metadata, makers.
 */
#include "formats/cdc.h"

#include <string.h>

#include "formats/pattern.h"

#define CDC_OPTIONS                                                                               \
    {"ignore-parse-errors", "bool", "false",                                                      \
     "a field that cannot be read is NULL, a message is skipped"},                                \
        {"timestamp-format.standard", "enum:SQL|ISO-8601", "SQL", "how timestamps are written"},  \
        {"map-null-key.mode", "enum:FAIL|DROP|LITERAL", "FAIL",                                   \
         "what to do with a NULL key of a map"},                                                  \
        {"map-null-key.literal", "string", "null", "the key written for NULL with mode LITERAL"}, \
        {"encode.decimal-as-plain-number", "bool", "false", "write 100.00, not 1E+2"},            \
    {                                                                                             \
        "encode.ignore-null-fields", "bool", "false", "leave NULL fields out"                     \
    }

static const sb_format_option plain_options[] = {CDC_OPTIONS, {NULL, NULL, NULL, NULL}};
static const sb_format_option debezium_options[] = {
    CDC_OPTIONS,
    {"schema-include", "bool", "false", "messages have their schema with them: {schema, payload}"},
    {NULL, NULL, NULL, NULL}};
static const sb_format_option canal_options[] = {
    CDC_OPTIONS,
    {"database.include", "string", NULL, "pattern of the databases whose changes are read"},
    {"table.include", "string", NULL, "pattern of the tables whose changes are read"},
    {NULL, NULL, NULL, NULL}};

/* ---- what the formats are ---- */

#define STRING                                                           \
    {                                                                    \
        .id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX \
    }
#define LTZ(p)                                                          \
    {                                                                   \
        .id = SB_TYPE_TIMESTAMP_LTZ, .nullable = true, .precision = (p) \
    }

static const sb_field strings[] = {{.name = "key", .type = STRING},
                                   {.name = "value", .type = STRING}};
static const sb_field counts[] = {{.name = "key", .type = STRING},
                                  {.name = "value", .type = {.id = SB_TYPE_INT, .nullable = true}}};
static const sb_field element[] = {{.name = "element", .type = STRING}};

#define PROPERTIES                                                                    \
    {                                                                                 \
        .id = SB_TYPE_MAP, .nullable = true, .count_children = 2, .children = strings \
    }
#define COUNTS                                                                       \
    {                                                                                \
        .id = SB_TYPE_MAP, .nullable = true, .count_children = 2, .children = counts \
    }
#define TEXTS                                                                           \
    {                                                                                   \
        .id = SB_TYPE_ARRAY, .nullable = true, .count_children = 1, .children = element \
    }
#define END                                   \
    {                                         \
        NULL, NULL, NULL, SB_CDC_COPY, false, \
        {                                     \
            .id = SB_TYPE_NULL                \
        }                                     \
    }

static const sb_cdc_metadata debezium_metadata[] = {
    {"schema", "schema", NULL, SB_CDC_COPY, true, STRING},
    {"ingestion-timestamp", "ts_ms", NULL, SB_CDC_MILLIS, false, LTZ(3)},
    {"source.timestamp", "source", "ts_ms", SB_CDC_PROPERTY_MILLIS, false, LTZ(3)},
    {"source.database", "source", "db", SB_CDC_PROPERTY, false, STRING},
    {"source.schema", "source", "schema", SB_CDC_PROPERTY, false, STRING},
    {"source.table", "source", "table", SB_CDC_PROPERTY, false, STRING},
    {"source.properties", "source", NULL, SB_CDC_COPY, false, PROPERTIES},
    END,
};
static const sb_cdc_metadata canal_metadata[] = {
    {"database", "database", NULL, SB_CDC_COPY, false, STRING},
    {"table", "table", NULL, SB_CDC_COPY, false, STRING},
    {"sql-type", "sqlType", NULL, SB_CDC_COPY, false, COUNTS},
    {"pk-names", "pkNames", NULL, SB_CDC_COPY, false, TEXTS},
    {"ingestion-timestamp", "ts", NULL, SB_CDC_MILLIS, false, LTZ(3)},
    {"event-timestamp", "es", NULL, SB_CDC_MILLIS, false, LTZ(3)},
    END,
};
static const sb_cdc_metadata maxwell_metadata[] = {
    {"database", "database", NULL, SB_CDC_COPY, false, STRING},
    {"table", "table", NULL, SB_CDC_COPY, false, STRING},
    {"primary-key-columns", "primary_key_columns", NULL, SB_CDC_COPY, false, TEXTS},
    {"ingestion-timestamp", "ts", NULL, SB_CDC_SECONDS, false, LTZ(3)},
    END,
};
static const sb_cdc_metadata ogg_metadata[] = {
    {"table", "table", NULL, SB_CDC_COPY, false, STRING},
    {"primary-keys", "primary_keys", NULL, SB_CDC_COPY, false, TEXTS},
    {"ingestion-timestamp", "current_ts", NULL, SB_CDC_INGESTION_TIME, false, LTZ(6)},
    {"event-timestamp", "op_ts", NULL, SB_CDC_EVENT_TIME, false, LTZ(6)},
    END,
};

/* Kinds in the order of sb_row_op: an update is written as what it takes out and what it puts in,
 * since a message holds one row only. */
#define KINDS(in, out)           \
    {                            \
        (in), (out), (in), (out) \
    }

const sb_cdc sb_cdc_debezium = {
    .kind = SB_CDC_DEBEZIUM,
    .op = "op",
    .after = "after",
    .before = "before",
    .metadata = debezium_metadata,
    .wrap = {KINDS("{\"before\":null,\"after\":", "{\"before\":"),
             KINDS(",\"op\":\"c\"}", ",\"after\":null,\"op\":\"d\"}")},
    .wrap_without_nulls = {KINDS("{\"after\":", "{\"before\":"),
                           KINDS(",\"op\":\"c\"}", ",\"op\":\"d\"}")},
};
const sb_cdc sb_cdc_canal = {
    .kind = SB_CDC_CANAL,
    .op = "type",
    .after = "data",
    .before = "old",
    .metadata = canal_metadata,
    .wrap = {KINDS("{\"data\":[", "{\"data\":["),
             KINDS("],\"type\":\"INSERT\"}", "],\"type\":\"DELETE\"}")},
    .wrap_without_nulls = {KINDS("{\"data\":[", "{\"data\":["),
                           KINDS("],\"type\":\"INSERT\"}", "],\"type\":\"DELETE\"}")},
};
const sb_cdc sb_cdc_maxwell = {
    .kind = SB_CDC_MAXWELL,
    .op = "type",
    .after = "data",
    .before = "old",
    .metadata = maxwell_metadata,
    .wrap = {KINDS("{\"data\":", "{\"data\":"),
             KINDS(",\"type\":\"insert\"}", ",\"type\":\"delete\"}")},
    .wrap_without_nulls = {KINDS("{\"data\":", "{\"data\":"),
                           KINDS(",\"type\":\"insert\"}", ",\"type\":\"delete\"}")},
};
const sb_cdc sb_cdc_ogg = {
    .kind = SB_CDC_OGG,
    .op = "op_type",
    .after = "after",
    .before = "before",
    .metadata = ogg_metadata,
    .wrap = {KINDS("{\"before\":null,\"after\":", "{\"before\":"),
             KINDS(",\"op_type\":\"I\"}", ",\"after\":null,\"op_type\":\"D\"}")},
    .wrap_without_nulls = {KINDS("{\"after\":", "{\"before\":"),
                           KINDS(",\"op_type\":\"I\"}", ",\"op_type\":\"D\"}")},
};

const sb_cdc_metadata *
sb_cdc_find_metadata(const sb_cdc *cdc, const char *key)
{
    for (const sb_cdc_metadata *m = cdc->metadata; m->key; m++) {
        if (strcmp(m->key, key) == 0) {
            return m;
        }
    }
    return NULL;
}

/* ---- options ---- */

sb_status
sb_cdc_options_read(const sb_cdc *cdc, const sb_format_table *table, bool source,
                    sb_cdc_options *out, sb_error *err)
{
    *out = (sb_cdc_options){.include = {NULL, NULL}};
    SB_TRY(sb_json_options_read(table, false, &out->json, err), err);
    SB_TRY(sb_json_check_source(table, source, err), err);
    if (cdc->kind == SB_CDC_DEBEZIUM) {
        SB_TRY(sb_format_bool(table, "schema-include", false, &out->schema_include, err), err);
        if (out->schema_include && !source) {
            return sb_format_bad_option(table, "schema-include",
                                        "messages are written without their schema", err);
        }
    }
    if (cdc->kind == SB_CDC_CANAL) {
        out->include[0] = sb_format_get(table, "database.include", NULL);
        out->include[1] = sb_format_get(table, "table.include", NULL);
        for (int i = 0; i < 2; i++) {
            const char *key = i == 0 ? "database.include" : "table.include";
            sb_error why;
            if (out->include[i] && sb_pattern_check(out->include[i], &why) != SB_OK) {
                return sb_format_bad_option(table, key, why.message, err);
            }
        }
    }
    out->json.wrap = out->json.ignore_null_fields ? &cdc->wrap_without_nulls : &cdc->wrap;
    return SB_OK;
}

static sb_status
check(const sb_cdc *cdc, const sb_format_table *table, bool source, sb_format_facts *out,
      sb_error *err)
{
    sb_cdc_options options;
    SB_TRY(sb_cdc_options_read(cdc, table, source, &options, err), err);
    *out = (sb_format_facts){.row_ops = 15};
    return SB_OK;
}

static sb_status
metadata(const sb_cdc *cdc, const char *key, sb_type *out, sb_error *err)
{
    const sb_cdc_metadata *found = sb_cdc_find_metadata(cdc, key);
    if (found) {
        *out = found->type;
        return SB_OK;
    }
    char keys[256];
    size_t size = 0;
    for (const sb_cdc_metadata *m = cdc->metadata; m->key; m++) {
        size_t more = strlen(m->key) + 2;
        if (size + more < sizeof keys) {
            memcpy(keys + size, size ? ", " : "", size ? 2 : 0);
            memcpy(keys + size + (size ? 2 : 0), m->key, strlen(m->key));
            size += more - (size ? 0 : 2);
        }
    }
    SB_FAIL(err, SB_STATUS_NOT_FOUND, "the format has no metadata '%s'; it has %.*s", key,
            (int)size, keys);
}

static sb_status
decoder(const sb_cdc *cdc, sb_mem *mem, const sb_format_table *table, const int32_t *project,
        int32_t count, sb_decoder **out, sb_error *err)
{
    sb_cdc_options options;
    SB_TRY(sb_cdc_options_read(cdc, table, true, &options, err), err);
    return sb_cdc_decoder_new(mem, cdc, table, &options, project, count, out, err);
}

static sb_status
encoder(const sb_cdc *cdc, sb_mem *mem, const sb_format_table *table, sb_encoder **out,
        sb_error *err)
{
    sb_cdc_options options;
    SB_TRY(sb_cdc_options_read(cdc, table, false, &options, err), err);
    return sb_json_encoder_new(mem, table, &options.json, out, err);
}

/* ---- the formats ---- */

#define CDC_FORMAT(name_, text_, options_)                                                        \
    static sb_status name_##_check(const sb_format_table *table, bool source,                     \
                                   sb_format_facts *out, sb_error *err)                           \
    {                                                                                             \
        return check(&sb_cdc_##name_, table, source, out, err);                                   \
    }                                                                                             \
    static sb_status name_##_decoder(sb_mem *mem, const sb_format_table *table,                   \
                                     const int32_t *project, int32_t count, sb_decoder **out,     \
                                     sb_error *err)                                               \
    {                                                                                             \
        return decoder(&sb_cdc_##name_, mem, table, project, count, out, err);                    \
    }                                                                                             \
    static sb_status name_##_encoder(sb_mem *mem, const sb_format_table *table, sb_encoder **out, \
                                     sb_error *err)                                               \
    {                                                                                             \
        return encoder(&sb_cdc_##name_, mem, table, out, err);                                    \
    }                                                                                             \
    static sb_status name_##_keys(const sb_format_table *table, const char *key, sb_type *out,    \
                                  sb_error *err)                                                  \
    {                                                                                             \
        (void)table;                                                                              \
        return metadata(&sb_cdc_##name_, key, out, err);                                          \
    }                                                                                             \
    const sb_format sb_format_##name_##_json = {.name = text_,                                    \
                                                .options = options_,                              \
                                                .check = name_##_check,                           \
                                                .decoder = name_##_decoder,                       \
                                                .encoder = name_##_encoder,                       \
                                                .metadata = name_##_keys}

CDC_FORMAT(debezium, "debezium-json", debezium_options);
CDC_FORMAT(canal, "canal-json", canal_options);
CDC_FORMAT(maxwell, "maxwell-json", plain_options);
CDC_FORMAT(ogg, "ogg-json", plain_options);
