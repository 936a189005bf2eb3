/*
 * connectors/kafka/kafka.c -- the connectors 'kafka' and 'upsert-kafka': facts and metadata.
 *
 * DESIGN     A table of 'kafka' changes as its format says. One of 'upsert-kafka' has a key: what
 *            is read are updates and deletes by key, from which the planner makes the whole
 *            changelog; what is written are inserts, updates and deletes without the rows before.
 * THREADS    T:any
 */
#include "connectors/kafka/kafka.h"

#include <string.h>

/* Reads the options for a moment. */
static sb_status
with_options(const sb_table_desc *table, sb_kafka_side side,
             sb_status (*take)(const sb_kafka_options *o, void *out, sb_error *err), void *out,
             sb_error *err)
{
    const sb_kafka_options *o;
    sb_arena *arena = sb_arena_new(sb_mem_root());
    if (!arena) {
        SB_NOMEM(err);
    }
    sb_status status = sb_kafka_options_read(table, side, arena, &o, err);
    if (status == SB_OK) {
        status = take(o, out, err);
    }
    sb_arena_free(arena);
    return status;
}

static sb_status
take_source_facts(const sb_kafka_options *o, void *to, sb_error *err)
{
    (void)err;
    sb_source_facts *out = to;
    *out = (sb_source_facts){
        .row_ops = o->upsert ? SB_ROW_BIT(SB_ROW_UPDATE_AFTER) | SB_ROW_BIT(SB_ROW_DELETE)
                             : o->value_facts.row_ops,
        .delete_by_key = o->upsert || o->value_facts.delete_by_key,
        .bounded = o->stop != SB_KAFKA_STOP_NEVER,
        .replayable = true,
    };
    return SB_OK;
}

static sb_status
source_facts(const sb_table_desc *table, sb_source_facts *out, sb_error *err)
{
    return with_options(table, SB_KAFKA_SOURCE, take_source_facts, out, err);
}

static sb_status
take_sink_facts(const sb_kafka_options *o, void *to, sb_error *err)
{
    (void)err;
    sb_sink_facts *out = to;
    *out = (sb_sink_facts){
        .row_ops = o->upsert ? SB_ROWS_UPSERT : o->value_facts.row_ops,
        .upsert = o->upsert || o->value_facts.upsert,
        .transactional = o->guarantee == SB_KAFKA_EXACTLY_ONCE,
        .loses = o->guarantee == SB_KAFKA_NO_GUARANTEE,
        .needs_metadata = o->count_topics == 1 ? NULL : "topic",
    };
    return SB_OK;
}

static sb_status
sink_facts(const sb_table_desc *table, sb_sink_facts *out, sb_error *err)
{
    return with_options(table, SB_KAFKA_SINK, take_sink_facts, out, err);
}

/* --- metadata columns --- */

static const sb_field map_fields[] = {
    {.name = "key", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "value", .type = {.id = SB_TYPE_VARBINARY, .nullable = true, .length = SB_LENGTH_MAX}},
};
/* a header that is read has a name */
static const sb_field header_read_fields[] = {
    {.name = "key", .type = {.id = SB_TYPE_VARCHAR, .nullable = false, .length = SB_LENGTH_MAX}},
    {.name = "value", .type = {.id = SB_TYPE_VARBINARY, .nullable = true, .length = SB_LENGTH_MAX}},
};
static const sb_field list_read_fields[] = {
    {.name = "element",
     .type = {.id = SB_TYPE_ROW,
              .nullable = false,
              .count_children = 2,
              .children = header_read_fields}},
};
static const sb_field list_write_fields[] = {
    {.name = "element",
     .type = {.id = SB_TYPE_ROW, .nullable = true, .count_children = 2, .children = map_fields}},
};

/* All that are known, with the types of reading and writing; id NULL: not that. */
static const sb_type read_types[SB_KAFKA_META_FORMAT] = {
    [SB_KAFKA_META_TOPIC] = {.id = SB_TYPE_VARCHAR, .length = SB_LENGTH_MAX},
    [SB_KAFKA_META_PARTITION] = {.id = SB_TYPE_INT},
    [SB_KAFKA_META_HEADERS] = {.id = SB_TYPE_MAP, .count_children = 2, .children = map_fields},
    [SB_KAFKA_META_HEADER_LIST] = {.id = SB_TYPE_ARRAY,
                                   .count_children = 1,
                                   .children = list_read_fields},
    [SB_KAFKA_META_LEADER_EPOCH] = {.id = SB_TYPE_INT, .nullable = true},
    [SB_KAFKA_META_OFFSET] = {.id = SB_TYPE_BIGINT},
    [SB_KAFKA_META_TIMESTAMP] = {.id = SB_TYPE_TIMESTAMP_LTZ, .precision = 3},
    [SB_KAFKA_META_TIMESTAMP_TYPE] = {.id = SB_TYPE_VARCHAR, .length = SB_LENGTH_MAX},
};
static const sb_type write_types[SB_KAFKA_META_FORMAT] = {
    [SB_KAFKA_META_TOPIC] = {.id = SB_TYPE_VARCHAR, .length = SB_LENGTH_MAX},
    [SB_KAFKA_META_HEADERS] = {.id = SB_TYPE_MAP,
                               .nullable = true,
                               .count_children = 2,
                               .children = map_fields},
    [SB_KAFKA_META_HEADER_LIST] = {.id = SB_TYPE_ARRAY,
                                   .nullable = true,
                                   .count_children = 1,
                                   .children = list_write_fields},
    [SB_KAFKA_META_TIMESTAMP] = {.id = SB_TYPE_TIMESTAMP_LTZ, .nullable = true, .precision = 3},
};

typedef struct metadata_question {
    const sb_table_desc *table;
    const char *key;
    bool for_sink;
    sb_type *out;
} metadata_question;

static sb_status
unknown_metadata(const metadata_question *q, sb_error *err)
{
    const sb_connector *c = strcmp(q->table->connector, sb_connector_kafka.name) == 0
                                ? &sb_connector_kafka
                                : &sb_connector_upsert_kafka;
    sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                 "table '%s': connector '%s' has no %smetadata '%s'", q->table->name, c->name,
                 q->for_sink ? "writable " : "", q->key);
    sb_error_hint(err, "%s",
                  q->for_sink ? "writable: timestamp, headers, header-list, and topic where the "
                                "table has several; a column that is only read is METADATA VIRTUAL"
                              : "metadata: topic, partition, offset, timestamp, timestamp-type, "
                                "headers, header-list, leader-epoch, and 'value.' with what the "
                                "format of the value has");
    return SB_STATUS_NOT_FOUND;
}

static sb_status
take_metadata(const sb_kafka_options *o, void *to, sb_error *err)
{
    const metadata_question *q = to;
    sb_kafka_metadata meta = sb_kafka_metadata_of(q->key);
    if (q->for_sink) {
        if (meta >= SB_KAFKA_META_FORMAT || write_types[meta].id == SB_TYPE_NULL ||
            (meta == SB_KAFKA_META_TOPIC && o->count_topics == 1)) {
            return unknown_metadata(q, err);
        }
        *q->out = write_types[meta];
        return SB_OK;
    }
    if (meta < SB_KAFKA_META_FORMAT) {
        *q->out = read_types[meta];
        return SB_OK;
    }
    if (meta == SB_KAFKA_META_NONE || !o->value.format->metadata) {
        return unknown_metadata(q, err);
    }
    return o->value.format->metadata(&o->value.table, q->key + strlen(SB_KAFKA_META_FORMAT_PREFIX),
                                     q->out, err);
}

static sb_status
metadata(const sb_table_desc *table, const char *key, bool for_sink, sb_type *out, sb_error *err)
{
    metadata_question q = {table, key, for_sink, out};
    return with_options(table, for_sink ? SB_KAFKA_SINK : SB_KAFKA_SOURCE, take_metadata, &q, err);
}

const sb_connector sb_connector_kafka = {
    .name = "kafka",
    .source = &sb_kafka_source,
    .sink = &sb_kafka_sink,
    .options = sb_kafka_option_specs,
    .source_facts = source_facts,
    .sink_facts = sink_facts,
    .metadata = metadata,
};

const sb_connector sb_connector_upsert_kafka = {
    .name = "upsert-kafka",
    .source = &sb_kafka_source,
    .sink = &sb_kafka_sink,
    .options = sb_upsert_kafka_option_specs,
    .source_facts = source_facts,
    .sink_facts = sink_facts,
    .metadata = metadata,
};
