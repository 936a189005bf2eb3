/*
 * engine/topic_calls.c -- the public side of topic.h: topics as a table, records as text.
 *
 * THREADS    the engine's thread.
 */
#include <stdlib.h>
#include <string.h>

#include "columnar/builder.h"
#include "engine/payload.h"
#include "engine/topic.h"

struct sabot_topic {
    sb_topic topic;
    sabot_record record;
    sb_text key, value, key_formats, value_formats;
};

/* ---- SHOW TOPICS ---- */

static int
compare_topics(const void *a, const void *b)
{
    return strcmp(((const sb_log_topic *)a)->name, ((const sb_log_topic *)b)->name);
}

static sb_status
fill_table(sabot_result *result, const sb_log_topic *topics, int32_t count, sb_error *err)
{
    sb_batch_builder builder;
    result->table_fields[0] = (sb_field){.name = "topic", .type = sb_type_string(false)};
    result->table_fields[1] = (sb_field){.name = "partitions", .type = SB_TYPE(INT, false)};
    result->table_schema = (sb_schema){2, result->table_fields};
    result->schema = &result->table_schema;
    SB_TRY(sb_batch_builder_init(&builder, result->mem, result->schema, err), err);
    for (int32_t i = 0; i < count; i++) {
        sb_column_bytes(&builder.columns[0], topics[i].name, strlen(topics[i].name));
        sb_column_i64(&builder.columns[1], topics[i].partitions);
        sb_batch_builder_row(&builder, SB_ROW_INSERT);
    }
    sb_status status = sb_batch_builder_finish(&builder, &result->table, err);
    sb_batch_builder_deinit(&builder);
    return status == SB_OK ? sb_engine_print_types(result, err) : status;
}

static sb_status
list_topics(sabot_result *result, const sabot_option *properties, size_t count, sb_error *err)
{
    sb_topic topic = {0};
    sb_log_topic *topics;
    int32_t count_topics;
    sb_status status =
        sb_topic_list(&topic, result->engine, properties, count, &topics, &count_topics, err);
    if (status == SB_OK) {
        if (count_topics > 1) {
            qsort(topics, (size_t)count_topics, sizeof *topics, compare_topics);
        }
        status = fill_table(result, topics, count_topics, err);
    }
    sb_topic_close(&topic);
    return status;
}

sabot_status
sabot_topics(sabot_engine *engine, const sabot_option *properties, size_t count, sabot_result **out,
             sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    sabot_result *result = sb_alloc_zero(engine->mem, sizeof *result);
    if (!result) {
        return sb_engine_status(
            error, sb_error_set(&err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory"), &err);
    }
    result->engine = engine;
    result->mem = engine->mem;
    result->kind = SABOT_RESULT_TABLE;
    result->is_bounded = result->is_insert_only = true;
    sb_text_init(&result->types, engine->mem);
    sb_text_init(&result->message, engine->mem);
    sb_status status = list_topics(result, properties, count, &err);
    if (status != SB_OK) {
        sabot_result_free(result);
        return sb_engine_status(error, status, &err);
    }
    *out = result;
    return SABOT_OK;
}

/* ---- PRINT ---- */

sabot_status
sabot_topic_open(sabot_engine *engine, const char *name, const sabot_option *properties,
                 size_t count, bool from_beginning, sabot_topic **out, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    sabot_topic *topic = sb_alloc_zero(engine->mem, sizeof *topic);
    if (!topic) {
        return sb_engine_status(
            error, sb_error_set(&err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory"), &err);
    }
    sb_status status =
        sb_topic_open(&topic->topic, engine, name, properties, count, from_beginning, &err);
    if (status != SB_OK) {
        sb_free(engine->mem, topic, sizeof *topic);
        return sb_engine_status(error, status, &err);
    }
    sb_text *const texts[] = {&topic->key, &topic->value, &topic->key_formats,
                              &topic->value_formats};
    for (int i = 0; i < 4; i++) {
        sb_text_init(texts[i], engine->mem);
    }
    *out = topic;
    return SABOT_OK;
}

void
sabot_topic_close(sabot_topic *topic)
{
    if (topic) {
        sb_mem *mem = topic->topic.engine->mem;
        sb_topic_close(&topic->topic);
        sb_text_deinit(&topic->key);
        sb_text_deinit(&topic->value);
        sb_text_deinit(&topic->key_formats);
        sb_text_deinit(&topic->value_formats);
        sb_free(mem, topic, sizeof *topic);
    }
}

/* What the records are that came together with the one that was given last. */
static void
guess_formats(sabot_topic *t)
{
    uint32_t keys = 0, values = 0;
    for (int32_t i = 0; i < t->topic.records.count; i++) {
        keys |= 1U << sb_payload_guess(t->topic.records.at[i].key);
        values |= 1U << sb_payload_guess(t->topic.records.at[i].value);
    }
    sb_text_clear(&t->key_formats);
    sb_text_clear(&t->value_formats);
    sb_payload_names(keys, &t->key_formats);
    sb_payload_names(values, &t->value_formats);
}

static sb_status
fill_record(sabot_topic *t, const sb_log_record *record, sb_error *err)
{
    sb_text_clear(&t->key);
    sb_text_clear(&t->value);
    sb_payload_print(record->key, sb_payload_guess(record->key), &t->key);
    sb_payload_print(record->value, sb_payload_guess(record->value), &t->value);
    if (t->topic.at == 1) { /* the first of those that came together */
        guess_formats(t);
    }
    if (sb_text_failed(&t->key) || sb_text_failed(&t->value) || sb_text_failed(&t->key_formats) ||
        sb_text_failed(&t->value_formats)) {
        SB_NOMEM(err);
    }
    t->record.offset = record->offset;
    t->record.timestamp_ms = record->time_type == SB_LOG_NO_TIME ? INT64_MIN : record->timestamp_ms;
    t->record.key = t->key.data;
    t->record.value = t->value.data;
    t->record.key_formats = t->key_formats.data;
    t->record.value_formats = t->value_formats.data;
    return SB_OK;
}

sabot_status
sabot_topic_next(sabot_topic *topic, int64_t timeout_ms, const sabot_record **out,
                 sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    const sb_log_record *record;
    sb_status status =
        sb_topic_next(&topic->topic, timeout_ms, &record, &topic->record.partition, &err);
    if (status == SB_OK && !record) {
        return SABOT_TIMEOUT;
    }
    if (status == SB_OK) {
        status = fill_record(topic, record, &err);
    }
    if (status != SB_OK) {
        return sb_engine_status(error, status, &err);
    }
    *out = &topic->record;
    return SABOT_OK;
}
