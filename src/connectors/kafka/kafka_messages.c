/*
 * connectors/kafka/kafka_messages.c -- see kafka_messages.h.
 */
#include "connectors/kafka/kafka_messages.h"

#include <inttypes.h>
#include <string.h>

/* --- opening --- */

static sb_status
open_part(sb_kafka_part_encoder *e, sb_mem *mem, const sb_kafka_part *part, sb_error *err)
{
    sb_text_init(&e->bytes, mem);
    e->part = part;
    e->columns = sb_alloc_zero(mem, sizeof *e->columns * (size_t)(part->columns.count + 1));
    if (!e->columns) {
        SB_NOMEM(err);
    }
    return part->format->encoder(mem, &part->table, &e->encoder, err);
}

static void
close_part(sb_kafka_part_encoder *e, sb_mem *mem)
{
    if (e->part) {
        e->encoder = sb_encoder_free(e->encoder);
        sb_free(mem, e->columns, sizeof *e->columns * (size_t)(e->part->columns.count + 1));
        e->columns = NULL;
        sb_text_deinit(&e->bytes);
        e->part = NULL;
    }
}

static void
find_metadata(sb_kafka_messages *m)
{
    const sb_sink_node *node = m->init.node;
    m->timestamp = m->headers = m->header_list = m->topic = -1;
    for (int32_t i = 0; i < node->count_metadata; i++) {
        int32_t column = node->table->columns->count + i;
        switch (sb_kafka_metadata_of(node->metadata[i].key)) {
        case SB_KAFKA_META_TIMESTAMP: m->timestamp = column; break;
        case SB_KAFKA_META_HEADERS: m->headers = column; break;
        case SB_KAFKA_META_HEADER_LIST: m->header_list = column; break;
        case SB_KAFKA_META_TOPIC: m->topic = column; break;
        default: break;
        }
    }
}

/* Adds a topic; asks for its partitions if the partitioner wants them. */
static sb_status
add_topic(sb_kafka_messages *m, sb_str name, sb_kafka_topic **out, sb_error *err)
{
    sb_mem *mem = m->init.mem;
    if (m->count_topics == m->capacity_topics) {
        int32_t capacity = m->capacity_topics * 2 + 4;
        sb_kafka_topic *topics =
            sb_realloc(mem, m->topics, sizeof *topics * (size_t)m->capacity_topics,
                       sizeof *topics * (size_t)capacity);
        if (!topics) {
            SB_NOMEM(err);
        }
        m->topics = topics;
        m->capacity_topics = capacity;
    }
    sb_kafka_topic topic = {.name = sb_alloc(mem, name.size + 1)};
    if (!topic.name) {
        SB_NOMEM(err);
    }
    memcpy(topic.name, name.data, name.size);
    topic.name[name.size] = 0;
    if (m->init.options->partitioner != SB_KAFKA_PARTITIONER_DEFAULT) {
        sb_status status = m->init.partitions(m->init.ctx, topic.name, &topic.partitions, err);
        if (status != SB_OK) {
            sb_free(mem, topic.name, name.size + 1);
            return status;
        }
        topic.next = topic.partitions > 0 ? m->init.subtask % topic.partitions : 0;
    }
    *out = &m->topics[m->count_topics];
    m->topics[m->count_topics++] = topic;
    return SB_OK;
}

sb_status
sb_kafka_messages_open(sb_kafka_messages *m, const sb_kafka_messages_init *init, sb_error *err)
{
    const sb_kafka_options *o = init->options;
    sb_kafka_topic *topic;
    m->init = *init;
    find_metadata(m);
    if (o->count_topics != 1 && m->topic < 0) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "table '%s' does not say to which of its topics a row goes: it needs a column "
                "METADATA FROM 'topic'",
                init->node->table->name);
    }
    if (o->key.format) {
        SB_TRY(open_part(&m->key, init->mem, &o->key, err), err);
    }
    SB_TRY(open_part(&m->value, init->mem, &o->value, err), err);
    if (o->pattern) {
        SB_TRY(sb_pattern_new(init->mem, o->pattern, &m->pattern, err), err);
    }
    for (int32_t i = 0; i < o->count_topics; i++) {
        SB_TRY(add_topic(m, sb_str_of(o->topics[i]), &topic, err), err);
    }
    return SB_OK;
}

void
sb_kafka_messages_close(sb_kafka_messages *m)
{
    sb_mem *mem = m->init.mem;
    close_part(&m->key, mem);
    close_part(&m->value, mem);
    m->pattern = sb_pattern_free(m->pattern);
    for (int32_t i = 0; i < m->count_topics; i++) {
        sb_free(mem, m->topics[i].name, strlen(m->topics[i].name) + 1);
    }
    if (mem) {
        sb_free(mem, m->topics, sizeof *m->topics * (size_t)m->capacity_topics);
        sb_free(mem, m->header_at, sizeof *m->header_at * (size_t)m->capacity_headers);
    }
    *m = (sb_kafka_messages){.count = 0};
}

/* --- topics, partitions --- */

static sb_status
wrong_topic(const sb_kafka_messages *m, sb_str name, const char *why, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_DATA, "table '%s': the column of the metadata 'topic' is '%.*s', %s",
            m->init.node->table->name,
            (int)(name.size < SB_KAFKA_TOPIC_MAX ? name.size : SB_KAFKA_TOPIC_MAX), name.data, why);
}

static sb_status
find_topic(sb_kafka_messages *m, const sb_batch *batch, int32_t row, sb_kafka_topic **out,
           sb_error *err)
{
    const sb_kafka_options *o = m->init.options;
    if (o->count_topics == 1) {
        *out = &m->topics[0];
        return SB_OK;
    }
    const sb_vector *v = batch->columns[m->topic];
    if (!sb_vector_valid(v, row)) {
        SB_FAIL(err, SB_STATUS_DATA, "table '%s': the column of the metadata 'topic' is NULL",
                m->init.node->table->name);
    }
    const sb_view *view = sb_vector_at(v, row);
    sb_str name = {sb_view_data(view), sb_view_size(view)};
    for (int32_t i = 0; i < m->count_topics; i++) {
        if (sb_str_equal(name, sb_str_of(m->topics[i].name))) {
            *out = &m->topics[i];
            return SB_OK;
        }
    }
    if (!o->pattern) {
        return wrong_topic(m, name, "which is not in the list 'topic'", err);
    }
    if (name.size == 0 || name.size > SB_KAFKA_TOPIC_MAX || memchr(name.data, 0, name.size)) {
        return wrong_topic(m, name, "which is no name of a topic", err);
    }
    return sb_pattern_matches(m->pattern, name)
               ? add_topic(m, name, out, err)
               : wrong_topic(m, name, "which does not match 'topic-pattern'", err);
}

static int32_t
partition_for(sb_kafka_messages *m, sb_kafka_topic *topic)
{
    int32_t partition = -1;
    if (m->init.options->partitioner == SB_KAFKA_PARTITIONER_FIXED) {
        partition = m->init.subtask % topic->partitions;
    } else if (m->init.options->partitioner == SB_KAFKA_PARTITIONER_ROUND_ROBIN) {
        partition = topic->next;
        topic->next = (topic->next + 1) % topic->partitions;
    }
    return partition;
}

void
sb_kafka_messages_unsend(sb_kafka_messages *m, int32_t from)
{
    if (m->init.options->partitioner != SB_KAFKA_PARTITIONER_ROUND_ROBIN) {
        return;
    }
    for (int32_t i = m->count; i-- > from;) {
        for (int32_t k = 0; k < m->count_topics; k++) {
            if (m->topics[k].name == m->at[i].topic) {
                m->topics[k].next = m->at[i].partition;
            }
        }
    }
}

/* --- metadata --- */

static sb_status
read_timestamp(const sb_kafka_messages *m, const sb_batch *batch, int32_t row, int64_t *out,
               sb_error *err)
{
    *out = -1;
    if (m->timestamp < 0 || !sb_vector_valid(batch->columns[m->timestamp], row)) {
        return SB_OK;
    }
    int64_t us = *(const int64_t *)sb_vector_at(batch->columns[m->timestamp], row);
    if (us < 0) {
        SB_FAIL(err, SB_STATUS_DATA,
                "table '%s': the metadata 'timestamp' lies before 1970 (%" PRId64
                " ms), which Kafka does not take",
                m->init.node->table->name, (us - 999) / 1000);
    }
    *out = us / 1000;
    return SB_OK;
}

static sb_status
add_header(sb_kafka_messages *m, const sb_vector *key, const sb_vector *value, int32_t i,
           sb_error *err)
{
    if (!sb_vector_valid(key, i)) {
        return SB_OK; /* a header without a name is none */
    }
    if (m->count_headers == m->capacity_headers) {
        int32_t capacity = m->capacity_headers * 2 + 16;
        sb_log_header *at =
            sb_realloc(m->init.mem, m->header_at, sizeof *at * (size_t)m->capacity_headers,
                       sizeof *at * (size_t)capacity);
        if (!at) {
            SB_NOMEM(err);
        }
        m->header_at = at;
        m->capacity_headers = capacity;
    }
    sb_log_header *header = &m->header_at[m->count_headers++];
    const sb_view *name = sb_vector_at(key, i);
    *header = (sb_log_header){.key = {sb_view_data(name), sb_view_size(name)}};
    if (sb_vector_valid(value, i)) {
        const sb_view *bytes = sb_vector_at(value, i);
        header->value = (sb_str){sb_view_data(bytes), sb_view_size(bytes)};
    }
    return SB_OK;
}

/* Headers of one row; *out_count of them were added. */
static sb_status
read_headers(sb_kafka_messages *m, const sb_batch *batch, int32_t row, int32_t *out_count,
             sb_error *err)
{
    int32_t column = m->headers >= 0 ? m->headers : m->header_list;
    int32_t before = m->count_headers;
    *out_count = 0;
    if (column < 0 || !sb_vector_valid(batch->columns[column], row)) {
        return SB_OK;
    }
    const sb_vector *v = batch->columns[column];
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
    sb_list_entry list = *(const sb_list_entry *)sb_vector_at(v, row);
    for (int32_t i = list.offset; i < list.offset + list.count; i++) {
        const sb_vector *parent = flat->children[0];
        if (m->headers >= 0) {
            SB_TRY(add_header(m, flat->children[0], flat->children[1], i, err), err);
        } else if (sb_vector_valid(parent, i)) {
            int32_t place = sb_vector_index(parent, i);
            const sb_vector *rows = parent->encoding == SB_DICT ? parent->dict : parent;
            SB_TRY(add_header(m, rows->children[0], rows->children[1], place, err), err);
        }
    }
    *out_count = m->count_headers - before;
    return SB_OK;
}

/* --- encoding --- */

/* The batch as the encoder of a part sees it. */
static sb_batch
part_view(const sb_kafka_part_encoder *e, const sb_batch *batch, bool with_ops)
{
    sb_batch view = *batch;
    for (int32_t i = 0; i < e->part->columns.count; i++) {
        e->columns[i] = batch->columns[e->part->columns.at[i]];
    }
    view.schema = e->part->table.columns;
    view.columns = e->columns;
    view.ops = with_ops ? batch->ops : NULL;
    view.marks = NULL;
    view.count_marks = 0;
    return view;
}

/* Encodes [from, to), of which `first` is the first row of the run. */
static sb_status
encode_rows(sb_kafka_part_encoder *e, const sb_batch *batch, bool with_ops, int32_t first,
            int32_t from, int32_t to, sb_error *err)
{
    sb_batch view = part_view(e, batch, with_ops);
    return e->encoder->vtable->encode_records(e->encoder, &view, from, to, &e->bytes,
                                              e->ends + (from - first), err);
}

/* Values of the rows that have one. */
static sb_status
encode_values(sb_kafka_messages *m, const sb_batch *batch, int32_t from, int32_t to, sb_error *err)
{
    sb_kafka_part_encoder *e = &m->value;
    if (!m->init.options->upsert || !batch->ops) {
        return encode_rows(e, batch, !m->init.options->upsert, from, from, to, err);
    }
    for (int32_t row = from; row < to;) {
        int32_t end = row;
        while (end < to && sb_row_op_adds(sb_batch_op(batch, sb_batch_row(batch, end)))) {
            end++;
        }
        if (end > row) {
            SB_TRY(encode_rows(e, batch, false, from, row, end, err), err);
        } else {
            e->ends[end++ - from] = e->bytes.size;
        }
        row = end;
    }
    return SB_OK;
}

/* The bytes of row `i` of the run. Of an empty record only the format knows whether it is a NULL:
 * raw has one column. */
static sb_str
part_bytes(const sb_kafka_part_encoder *e, const sb_batch *batch, int32_t i, int32_t row)
{
    size_t begin = i > 0 ? e->ends[i - 1] : 0;
    if (e->ends[i] == begin && e->part->format == &sb_format_raw &&
        !sb_vector_valid(batch->columns[e->part->columns.at[0]], row)) {
        return (sb_str){NULL, 0};
    }
    return (sb_str){e->bytes.data + begin, e->ends[i] - begin};
}

static sb_status
make_message(sb_kafka_messages *m, const sb_batch *batch, int32_t from, int32_t logical,
             sb_error *err)
{
    int32_t row = sb_batch_row(batch, logical), count_headers;
    uint8_t op = sb_batch_op(batch, row);
    sb_kafka_topic *topic;
    if (m->init.options->upsert && op == SB_ROW_UPDATE_BEFORE) {
        return SB_OK;
    }
    sb_log_append *to = &m->at[m->count];
    SB_TRY(find_topic(m, batch, row, &topic, err), err);
    *to = (sb_log_append){.topic = topic->name, .partition = partition_for(m, topic)};
    if (m->key.part) {
        to->key = part_bytes(&m->key, batch, logical - from, row);
    }
    if (!m->init.options->upsert || op != SB_ROW_DELETE) {
        to->value = part_bytes(&m->value, batch, logical - from, row);
    }
    SB_TRY(read_timestamp(m, batch, row, &to->timestamp_ms, err), err);
    SB_TRY(read_headers(m, batch, row, &count_headers, err), err);
    to->count_headers = count_headers;
    m->row_of[m->count++] = logical;
    return SB_OK;
}

sb_status
sb_kafka_messages_encode(sb_kafka_messages *m, const sb_batch *batch, int32_t from, int32_t to,
                         sb_error *err)
{
    sb_assert(to - from <= SB_KAFKA_RUN_ROWS);
    m->count = m->count_headers = 0;
    sb_text_clear(&m->value.bytes);
    if (m->key.part) {
        sb_text_clear(&m->key.bytes);
        SB_TRY(encode_rows(&m->key, batch, false, from, from, to, err), err);
    }
    SB_TRY(encode_values(m, batch, from, to, err), err);
    if (m->value.bytes.failed || (m->key.part && m->key.bytes.failed)) {
        SB_NOMEM(err);
    }
    for (int32_t row = from; row < to; row++) {
        SB_TRY(make_message(m, batch, from, row, err), err);
    }
    int32_t header = 0; /* the array may have moved while it grew */
    for (int32_t i = 0; i < m->count; i++) {
        m->at[i].headers = m->at[i].count_headers > 0 ? &m->header_at[header] : NULL;
        header += m->at[i].count_headers;
    }
    return SB_OK;
}
