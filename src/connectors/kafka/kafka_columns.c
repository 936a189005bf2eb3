/*
 * connectors/kafka/kafka_columns.c -- metadata columns of records.
 */
#include <string.h>

#include "connectors/kafka/kafka_decode.h"

static const sb_log_record *
record_of(const sb_kafka_decoder *d, int32_t row)
{
    return &d->records[d->row_record[row]];
}

static const char *
time_type_name(uint8_t type)
{
    return type == SB_LOG_CREATE_TIME   ? "CreateTime"
           : type == SB_LOG_APPEND_TIME ? "LogAppendTime"
                                        : "NoTimestampType";
}

static bool
one_time_type(const sb_kafka_decoder *d)
{
    for (int32_t i = 1; i < d->count_rows; i++) {
        if (record_of(d, i)->time_type != record_of(d, 0)->time_type) {
            return false;
        }
    }
    return true;
}

static sb_vector *
text_vector(const sb_kafka_decoder *d, const sb_type *type, const char *text)
{
    sb_view view = sb_view_make(text, (uint32_t)strlen(text));
    return sb_vector_const(d->init.ctx->mem, type, &view, d->count_rows);
}

/* --- headers --- */

static void
add_header(sb_column_builder *key, sb_column_builder *value, const sb_log_header *h)
{
    sb_column_bytes(key, h->key.data, h->key.size);
    if (h->value.data) {
        sb_column_bytes(value, h->value.data, h->value.size);
    } else {
        sb_column_null(value);
    }
}

/* A map has one entry for each name: that of the last header. */
static bool
comes_again(const sb_log_driver *driver, const sb_log_record *record, int32_t index, sb_str key)
{
    sb_log_header later;
    for (int32_t i = index + 1; driver->header(record, i, &later); i++) {
        if (sb_str_equal(later.key, key)) {
            return true;
        }
    }
    return false;
}

static void
add_headers(const sb_kafka_decoder *d, sb_column_builder *c, int32_t row, bool map)
{
    const sb_log_driver *driver = d->init.driver;
    const sb_log_record *record = record_of(d, row);
    sb_log_header h;
    sb_column_list_begin(c);
    for (int32_t i = 0; driver->header(record, i, &h); i++) {
        if (!map) {
            sb_column_builder *entry = &c->children[0];
            add_header(&entry->children[0], &entry->children[1], &h);
            sb_column_struct(entry);
        } else if (!comes_again(driver, record, i, h.key)) {
            add_header(&c->children[0], &c->children[1], &h);
        }
    }
    sb_column_list_end(c);
}

/* --- columns --- */

static void
add_value(const sb_kafka_decoder *d, sb_column_builder *c, int32_t row, sb_kafka_metadata kind)
{
    const sb_log_record *record = record_of(d, row);
    const char *name;
    switch (kind) {
    case SB_KAFKA_META_OFFSET: sb_column_i64(c, record->offset); break;
    case SB_KAFKA_META_TIMESTAMP:
        sb_column_i64(c, (int64_t)((uint64_t)record->timestamp_ms * 1000));
        break;
    case SB_KAFKA_META_LEADER_EPOCH:
        if (record->leader_epoch >= 0) {
            sb_column_i64(c, record->leader_epoch);
        } else {
            sb_column_null(c);
        }
        break;
    case SB_KAFKA_META_TIMESTAMP_TYPE:
        name = time_type_name(record->time_type);
        sb_column_bytes(c, name, strlen(name));
        break;
    default: add_headers(d, c, row, kind == SB_KAFKA_META_HEADERS); break;
    }
}

sb_vector *
sb_kafka_metadata_vector(const sb_kafka_decoder *d, const char *topic, int32_t partition,
                         sb_kafka_metadata kind, const sb_type *type, sb_error *err)
{
    sb_mem *mem = d->init.ctx->mem;
    sb_column_builder c;
    if (kind == SB_KAFKA_META_TOPIC) {
        return text_vector(d, type, topic);
    }
    if (kind == SB_KAFKA_META_PARTITION) {
        return sb_vector_const(mem, type, &partition, d->count_rows);
    }
    if (kind == SB_KAFKA_META_TIMESTAMP_TYPE && one_time_type(d)) {
        return text_vector(d, type, time_type_name(record_of(d, 0)->time_type));
    }
    if (sb_column_builder_init(&c, mem, type, err) != SB_OK) {
        return NULL;
    }
    for (int32_t row = 0; row < d->count_rows; row++) {
        add_value(d, &c, row, kind);
    }
    sb_vector *vector = sb_column_finish(&c, err);
    sb_column_builder_deinit(&c);
    return vector;
}
