/*
 * connectors/kafka/kafka_decode.c -- see kafka_decode.h.
 */
#include "connectors/kafka/kafka_decode.h"

#include <string.h>

static bool
reads_nothing(const sb_kafka_part *part)
{
    return part->format == &sb_format_raw;
}

/* --- opening --- */

static int32_t
place_in(sb_columns columns, int32_t column)
{
    for (int32_t i = 0; i < columns.count; i++) {
        if (columns.at[i] == column) {
            return i;
        }
    }
    return -1;
}

/* Which projected columns the part has: their places in it, and for each output column its place
 * among those. */
static void
project_part(sb_kafka_decoder *d, const sb_kafka_part *part, int32_t *project, uint64_t *fields,
             int32_t *place_of, int32_t *out_count)
{
    const sb_source_node *node = d->init.ctx->node;
    *out_count = 0;
    for (int32_t i = 0; i < node->project.count; i++) {
        int32_t place = part->format ? place_in(part->columns, node->project.at[i]) : -1;
        place_of[i] = place < 0 ? -1 : *out_count;
        if (place >= 0) {
            fields[*out_count] = node->fields ? node->fields[i] : UINT64_MAX;
            project[(*out_count)++] = place;
        }
    }
}

/* Metadata of the value's format stands behind its columns. */
static sb_status
format_metadata(sb_kafka_decoder *d, sb_format_table *view, int32_t count, sb_error *err)
{
    const sb_source_node *node = d->init.ctx->node;
    const char **keys = SB_NEW_ARRAY(d->arena, const char *, node->count_metadata + 1);
    if (!keys) {
        SB_NOMEM(err);
    }
    view->metadata = keys;
    view->count_metadata = 0;
    for (int32_t i = 0; i < node->count_metadata; i++) {
        int32_t column = node->project.count + i;
        d->value_of[column] = d->key_of[column] = -1;
        if (sb_kafka_metadata_of(node->metadata[i].key) == SB_KAFKA_META_FORMAT) {
            d->value_of[column] = count + view->count_metadata;
            keys[view->count_metadata++] =
                node->metadata[i].key + strlen(SB_KAFKA_META_FORMAT_PREFIX);
        }
    }
    return SB_OK;
}

static sb_status
open_builders(sb_kafka_decoder *d, sb_kafka_part_decoder *p, const int32_t *place_of, int32_t count,
              sb_error *err)
{
    const sb_source_init *ctx = d->init.ctx;
    p->builders = SB_NEW_ARRAY(d->arena, sb_column_builder, count + 1);
    p->vectors = SB_NEW_ARRAY(d->arena, sb_vector *, count + 1);
    if (!p->builders || !p->vectors) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        int32_t column = 0;
        while (place_of[column] != i) {
            column++;
        }
        SB_TRY(sb_column_builder_init(&p->builders[i], ctx->mem, &ctx->output->fields[column].type,
                                      err),
               err);
        p->count++;
    }
    return SB_OK;
}

static sb_status
open_part(sb_kafka_decoder *d, sb_kafka_part_decoder *p, const sb_kafka_part *part, bool key,
          int32_t *place_of, sb_error *err)
{
    const sb_source_node *node = d->init.ctx->node;
    int32_t *project = SB_NEW_ARRAY(d->arena, int32_t, node->project.count + 1);
    uint64_t *fields = SB_NEW_ARRAY(d->arena, uint64_t, node->project.count + 1);
    int32_t count;
    if (!project || !fields) {
        SB_NOMEM(err);
    }
    p->part = part;
    p->key = key;
    project_part(d, part, project, fields, place_of, &count);
    if (!part->format) {
        return SB_OK;
    }
    sb_format_table *view = SB_NEW(d->arena, sb_format_table);
    if (!view) {
        SB_NOMEM(err);
    }
    *view = part->table;
    view->fields = fields;
    if (!key) {
        SB_TRY(format_metadata(d, view, count, err), err);
    }
    SB_TRY(open_builders(d, p, place_of, count + view->count_metadata, err), err);
    return part->format->decoder(d->init.ctx->mem, view, project, count, &p->decoder, err);
}

sb_status
sb_kafka_decoder_open(sb_kafka_decoder *d, const sb_kafka_decoder_init *init, sb_error *err)
{
    const sb_source_node *node = init->ctx->node;
    int32_t columns = node->project.count + node->count_metadata;
    *d = (sb_kafka_decoder){.init = *init};
    sb_assert(init->ctx->output->count == columns);
    d->arena = sb_arena_new(init->ctx->mem);
    d->value_of = d->arena ? SB_NEW_ARRAY(d->arena, int32_t, columns + 1) : NULL;
    d->key_of = d->arena ? SB_NEW_ARRAY(d->arena, int32_t, columns + 1) : NULL;
    if (!d->value_of || !d->key_of) {
        SB_NOMEM(err);
    }
    const sb_kafka_part *key = &init->options->key;
    SB_TRY(open_part(d, &d->key, key, true, d->key_of, err), err);
    SB_TRY(open_part(d, &d->value, &init->options->value, false, d->value_of, err), err);
    d->needs_key = key->format && key->columns.count > 0 && !reads_nothing(key);
    d->values_only = !init->options->upsert && !d->needs_key && !d->key.decoder;
    for (int32_t i = 0; i < node->project.count; i++) {
        d->keys_of_all = d->keys_of_all || d->value_of[i] < 0;
    }
    return SB_OK;
}

static void
close_part(sb_kafka_part_decoder *p)
{
    p->decoder = sb_decoder_free(p->decoder);
    for (int32_t i = 0; i < p->count; i++) {
        sb_vector_unref(p->vectors[i]);
        sb_column_builder_deinit(&p->builders[i]);
    }
    p->count = 0;
}

static void
free_records(sb_kafka_decoder *d)
{
    sb_mem *mem = d->init.ctx->mem;
    size_t count = (size_t)d->capacity;
    sb_free(mem, d->key.records, d->key.records ? sizeof(sb_str) * count : 0);
    sb_free(mem, d->key.source, d->key.source ? sizeof(int32_t) * count : 0);
    sb_free(mem, d->value.records, d->value.records ? sizeof(sb_str) * count : 0);
    sb_free(mem, d->value.source, d->value.source ? sizeof(int32_t) * count : 0);
    sb_free(mem, d->key_row, d->key_row ? sizeof(int32_t) * count : 0);
    d->key.records = d->value.records = NULL;
    d->key.source = d->value.source = d->key_row = NULL;
    d->capacity = 0;
}

void
sb_kafka_decoder_close(sb_kafka_decoder *d)
{
    if (!d->init.ctx) {
        return;
    }
    sb_mem *mem = d->init.ctx->mem;
    size_t rows = (size_t)d->capacity_rows;
    close_part(&d->key);
    close_part(&d->value);
    free_records(d);
    sb_free(mem, d->frame, d->frame_size);
    sb_free(mem, d->ops, rows);
    sb_free(mem, d->row_record, sizeof(int32_t) * rows);
    sb_free(mem, d->row_value, sizeof(int32_t) * rows);
    sb_free(mem, d->row_key, sizeof(int32_t) * rows);
    d->arena = sb_arena_free(d->arena);
    *d = (sb_kafka_decoder){0};
}

/* --- room --- */

static sb_status
room_for_records(sb_kafka_decoder *d, int32_t count, sb_error *err)
{
    sb_mem *mem = d->init.ctx->mem;
    if (count <= d->capacity) {
        return SB_OK;
    }
    free_records(d);
    size_t n = (size_t)count;
    d->capacity = count;
    d->key.records = sb_alloc(mem, sizeof(sb_str) * n);
    d->key.source = sb_alloc(mem, sizeof(int32_t) * n);
    d->value.records = sb_alloc(mem, sizeof(sb_str) * n);
    d->value.source = sb_alloc(mem, sizeof(int32_t) * n);
    d->key_row = sb_alloc(mem, sizeof(int32_t) * n);
    if (!d->key.records || !d->key.source || !d->value.records || !d->value.source || !d->key_row) {
        free_records(d);
        SB_NOMEM(err);
    }
    return SB_OK;
}

static bool
grow(sb_mem *mem, void *array, size_t element, int32_t from, int32_t to)
{
    void *old, *now;
    memcpy(&old, array, sizeof old);
    now = sb_realloc(mem, old, element * (size_t)from, element * (size_t)to);
    if (now) {
        memcpy(array, &now, sizeof now);
    }
    return now != NULL;
}

/* All arrays have one capacity; where one cannot grow, those that did are given back their size. */
static sb_status
room_for_rows(sb_kafka_decoder *d, int32_t count, sb_error *err)
{
    sb_mem *mem = d->init.ctx->mem;
    int32_t from = d->capacity_rows, to = from ? from : SB_RECORD_ROWS_MAX;
    if (count <= from) {
        return SB_OK;
    }
    while (to < count) {
        to *= 2;
    }
    void *arrays[] = {&d->ops, &d->row_record, &d->row_value, &d->row_key};
    size_t sizes[] = {1, sizeof(int32_t), sizeof(int32_t), sizeof(int32_t)};
    for (int i = 0; i < 4; i++) {
        if (!grow(mem, arrays[i], sizes[i], from, to)) {
            while (i-- > 0) {
                if (from == 0) {
                    void *one;
                    memcpy(&one, arrays[i], sizeof one);
                    sb_free(mem, one, sizes[i] * (size_t)to);
                    memset(arrays[i], 0, sizeof one);
                } else {
                    (void)grow(mem, arrays[i], sizes[i], to, from); /* shrinks */
                }
            }
            SB_NOMEM(err);
        }
    }
    d->capacity_rows = to;
    return SB_OK;
}

/* Copies the part's bytes of its records into the frame. */
static sb_status
fill_frame(sb_kafka_decoder *d, sb_kafka_part_decoder *p, sb_error *err)
{
    sb_mem *mem = d->init.ctx->mem;
    size_t size = SB_FORMAT_PADDING;
    for (int32_t i = 0; i < p->count_in; i++) {
        const sb_log_record *r = &d->records[p->source[i]];
        size += (p->key ? r->key.size : r->value.size) + 1;
    }
    if (size > d->frame_size) {
        sb_free(mem, d->frame, d->frame_size);
        size_t more = size + size / 4;
        d->frame = sb_alloc(mem, more);
        d->frame_size = d->frame ? more : 0;
        if (!d->frame) {
            SB_NOMEM(err);
        }
    }
    char *at = d->frame;
    for (int32_t i = 0; i < p->count_in; i++) {
        const sb_log_record *r = &d->records[p->source[i]];
        sb_str bytes = p->key ? r->key : r->value;
        p->records[i] = (sb_str){bytes.data ? at : NULL, bytes.size};
        if (bytes.size > 0) {
            memcpy(at, bytes.data, bytes.size);
            at += bytes.size;
        }
        *at++ = '\n';
    }
    memset(at, 0, SB_FORMAT_PADDING);
    return SB_OK;
}

/* --- decoding --- */

typedef struct bad_ctx {
    sb_kafka_decoder *d;
    sb_kafka_part_decoder *p;
    int32_t done; /* records of earlier calls */
} bad_ctx;

static sb_status
on_bad(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    bad_ctx *b = ctx;
    int32_t record = b->p->source[b->done + (int32_t)bad->offset];
    return b->d->init.bad(b->d->init.bad_ctx, &b->d->records[record], b->p->key, bad, err);
}

/* All records of the part; rows: how many there are, in ops and `rows_of` (by place in the part's
 * records). */
static sb_status
decode_part(sb_kafka_decoder *d, sb_kafka_part_decoder *p, int32_t *rows, bool *has_ops,
            sb_error *err)
{
    *rows = 0;
    *has_ops = false;
    if (p->count_in == 0) {
        return SB_OK;
    }
    SB_TRY(fill_frame(d, p, err), err);
    for (int32_t done = 0; done < p->count_in;) {
        int32_t left = p->count_in - done;
        int32_t room = left > SB_RECORD_ROWS_MAX ? left : SB_RECORD_ROWS_MAX;
        SB_TRY(room_for_rows(d, *rows + room, err), err);
        bad_ctx bad = {d, p, done};
        sb_decode_records call = {
            .records = p->records + done,
            .count = left,
            .limit_rows = d->capacity_rows - *rows,
            .columns = p->builders,
            .ops = d->ops + *rows,
            .record_of = d->row_record + *rows,
            .bad = {on_bad, &bad},
        };
        SB_TRY(p->decoder->vtable->decode_records(p->decoder, &call, err), err);
        for (int32_t i = 0; i < call.rows; i++) {
            d->row_record[*rows + i] = p->source[done + d->row_record[*rows + i]];
        }
        if (!*has_ops && call.has_ops) {
            memset(d->ops, SB_ROW_INSERT, (size_t)*rows);
        } else if (*has_ops && !call.has_ops) {
            memset(d->ops + *rows, SB_ROW_INSERT, (size_t)call.rows);
        }
        *has_ops = *has_ops || call.has_ops;
        *rows += call.rows;
        done += call.consumed;
        sb_assert(call.consumed > 0);
    }
    return SB_OK;
}

static sb_status
finish_part(sb_kafka_part_decoder *p, sb_error *err)
{
    for (int32_t i = 0; i < p->count; i++) {
        sb_vector_unref(p->vectors[i]);
        p->vectors[i] = sb_column_finish(&p->builders[i], err);
        if (!p->vectors[i]) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

static bool
is_tombstone(const sb_kafka_decoder *d, const sb_log_record *r)
{
    return d->init.options->upsert && !r->value.data;
}

/* Keys of the records whose columns need them: key_row. */
static sb_status
decode_keys(sb_kafka_decoder *d, int32_t count, sb_error *err)
{
    int32_t rows;
    bool has_ops;
    d->key.count_in = 0;
    for (int32_t i = 0; i < count; i++) {
        const sb_log_record *r = &d->records[i];
        bool none = d->needs_key && (!r->key.data || r->key.size == 0);
        d->key_row[i] = none ? -1 : 0;
        if (!none && d->key.decoder && (d->keys_of_all || is_tombstone(d, r))) {
            d->key_row[i] = -1;
            d->key.source[d->key.count_in++] = i;
        }
    }
    SB_TRY(decode_part(d, &d->key, &rows, &has_ops, err), err);
    for (int32_t row = rows; row-- > 0;) {
        d->key_row[d->row_record[row]] = row;
    }
    return rows > 0 ? finish_part(&d->key, err) : SB_OK;
}

/* Which records have a value to be decoded; returns how many delete instead. */
static int32_t
choose_values(sb_kafka_decoder *d, int32_t count)
{
    int32_t tombstones = 0;
    d->value.count_in = 0;
    for (int32_t i = 0; i < count; i++) {
        if (d->key_row[i] < 0) {
            continue; /* no row without its key */
        }
        if (is_tombstone(d, &d->records[i])) {
            tombstones++;
        } else {
            d->value.source[d->value.count_in++] = i;
        }
    }
    return tombstones;
}

static void
choose_all(sb_kafka_decoder *d, int32_t count)
{
    d->value.count_in = count;
    for (int32_t i = 0; i < count; i++) {
        d->value.source[i] = i;
    }
}

static sb_status
decode_values(sb_kafka_decoder *d, int32_t tombstones, int32_t *rows, bool *has_ops, sb_error *err)
{
    SB_TRY(decode_part(d, &d->value, rows, has_ops, err), err);
    return *rows > 0 || tombstones > 0 ? finish_part(&d->value, err) : SB_OK;
}

/* --- rows --- */

static void
add_row(sb_kafka_decoder *d, int32_t at, int32_t record, int32_t value_row, uint8_t op)
{
    d->row_record[at] = record;
    d->row_value[at] = value_row;
    d->row_key[at] = d->key_row[record];
    d->ops[at] = op;
}

/* Rows of values and deletes in the order of their records: from the back, so that the values' own
 * rows are not written over before they are read. */
static sb_status
merge_rows(sb_kafka_decoder *d, int32_t rows, bool has_ops, int32_t count, int32_t tombstones,
           sb_error *err)
{
    bool upsert = d->init.options->upsert;
    SB_TRY(room_for_rows(d, rows + tombstones, err), err);
    int32_t at = rows + tombstones, record = count;
    d->count_rows = at;
    for (int32_t row = rows; at-- > 0;) {
        int32_t next = row > 0 ? d->row_record[row - 1] : -1;
        int32_t delete = -1;
        while (tombstones > 0 && delete < 0 && record - 1 > next) {
            record--;
            delete = d->key_row[record] >= 0 && is_tombstone(d, &d->records[record]) ? record : -1;
        }
        if (delete >= 0) {
            add_row(d, at, delete, -1, SB_ROW_DELETE);
            continue;
        }
        row--;
        uint8_t op = has_ops ? d->ops[row] : SB_ROW_INSERT;
        add_row(d, at, next, row, upsert && op == SB_ROW_INSERT ? SB_ROW_UPDATE_AFTER : op);
    }
    return SB_OK;
}

/* Rows of `a` where they have one, else of `b`. */
static sb_vector *
mix(sb_kafka_decoder *d, const sb_type *type, sb_vector *a, const int32_t *rows_a, sb_vector *b,
    const int32_t *rows_b, sb_error *err)
{
    sb_column_builder c;
    if (sb_column_builder_init(&c, d->init.ctx->mem, type, err) != SB_OK) {
        return NULL;
    }
    for (int32_t row = 0, end; row < d->count_rows; row = end) {
        bool of_a = rows_a[row] >= 0;
        for (end = row + 1; end < d->count_rows && (rows_a[end] >= 0) == of_a;) {
            end++;
        }
        if (of_a || !b) {
            sb_column_gather(&c, a, rows_a + row, end - row);
        } else {
            sb_column_gather(&c, b, rows_b + row, end - row);
        }
    }
    sb_vector *vector = sb_column_finish(&c, err);
    sb_column_builder_deinit(&c);
    return vector;
}

static bool
in_order(const int32_t *rows, int32_t count, const sb_vector *v)
{
    if (v->length != count) {
        return false;
    }
    for (int32_t i = 0; i < count; i++) {
        if (rows[i] != i) {
            return false;
        }
    }
    return true;
}

static sb_vector *
column_of(sb_kafka_decoder *d, int32_t column, bool deletes, sb_error *err)
{
    const sb_type *type = &d->init.ctx->output->fields[column].type;
    int32_t v = d->value_of[column], k = d->key_of[column];
    sb_vector *value = v >= 0 ? d->value.vectors[v] : NULL;
    sb_vector *key = k >= 0 ? d->key.vectors[k] : NULL;
    if (value && !deletes) {
        return sb_vector_ref(value);
    }
    if (value) {
        return mix(d, type, value, d->row_value, key, d->row_key, err);
    }
    sb_assert(key);
    return in_order(d->row_key, d->count_rows, key)
               ? sb_vector_ref(key)
               : mix(d, type, key, d->row_key, NULL, NULL, err);
}

static sb_status
make_columns(sb_kafka_decoder *d, const char *topic, int32_t partition, bool deletes,
             sb_vector **columns, sb_error *err)
{
    const sb_source_init *ctx = d->init.ctx;
    int32_t plain = ctx->node->project.count;
    for (int32_t i = 0; i < ctx->output->count; i++) {
        sb_kafka_metadata kind = i < plain
                                     ? SB_KAFKA_META_FORMAT
                                     : sb_kafka_metadata_of(ctx->node->metadata[i - plain].key);
        columns[i] = kind == SB_KAFKA_META_FORMAT
                         ? column_of(d, i, deletes, err)
                         : sb_kafka_metadata_vector(d, topic, partition, kind,
                                                    &ctx->output->fields[i].type, err);
        if (!columns[i]) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

static sb_status
make_batch(sb_kafka_decoder *d, const char *topic, int32_t partition, bool deletes, bool has_ops,
           sb_batch **out, sb_error *err)
{
    const sb_source_init *ctx = d->init.ctx;
    size_t size = sizeof(sb_vector *) * (size_t)(ctx->output->count + 1);
    sb_vector **columns = sb_alloc_zero(ctx->mem, size);
    if (!columns) {
        SB_NOMEM(err);
    }
    sb_status status = make_columns(d, topic, partition, deletes, columns, err);
    sb_batch *batch = NULL;
    if (status == SB_OK) { /* takes the columns over, also when it fails */
        batch = sb_batch_new(ctx->mem, ctx->output, columns, d->count_rows);
    } else {
        for (int32_t i = 0; i < ctx->output->count; i++) {
            sb_vector_unref(columns[i]);
        }
    }
    sb_free(ctx->mem, columns, size);
    sb_buffer *ops = batch && has_ops ? sb_buffer_new(ctx->mem, d->count_rows) : NULL;
    if (status == SB_OK && (!batch || (has_ops && !ops))) {
        sb_batch_free(batch);
        SB_NOMEM(err);
    }
    if (ops) {
        memcpy(ops->data, d->ops, (size_t)d->count_rows);
        sb_batch_set_ops(batch, ops, ops->data);
    }
    *out = batch;
    return status;
}

static void
drop_vectors(sb_kafka_part_decoder *p)
{
    for (int32_t i = 0; i < p->count; i++) {
        sb_vector_unref(p->vectors[i]);
        p->vectors[i] = NULL;
    }
}

sb_status
sb_kafka_decode(sb_kafka_decoder *d, const char *topic, int32_t partition,
                const sb_log_record *records, int32_t count, sb_batch **out, sb_error *err)
{
    int32_t rows, tombstones = 0;
    bool has_ops;
    *out = NULL;
    d->records = records;
    d->count_rows = 0;
    SB_TRY(room_for_records(d, count, err), err);
    if (d->values_only) {
        choose_all(d, count);
    } else {
        SB_TRY(decode_keys(d, count, err), err);
        tombstones = choose_values(d, count);
    }
    SB_TRY(decode_values(d, tombstones, &rows, &has_ops, err), err);
    if (rows + tombstones == 0) {
        return SB_OK;
    }
    if (d->values_only) {
        d->count_rows = rows;
    } else {
        SB_TRY(merge_rows(d, rows, has_ops, count, tombstones, err), err);
    }
    sb_status status = make_batch(d, topic, partition, tombstones > 0,
                                  has_ops || d->init.options->upsert, out, err);
    drop_vectors(&d->key);
    drop_vectors(&d->value);
    return status;
}
