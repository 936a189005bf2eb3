/*
 * connectors/kafka/kafka_source.c -- topics as a source, of 'kafka' and 'upsert-kafka': partitions
 * read, records decoded, positions kept.
 *
 * DESIGN     One consumer for a reader; a partition is read from an explicit offset, into a queue
 *            of its own. A poll takes what waits there, up to a batch, and decodes it; with nothing
 *            there the split sleeps until the driver calls. A position is the offset of the next
 *            record, and how many of its rows are out already: a record of a changelog format may
 *            make more rows than a batch takes. What is behind those is kept until the next poll.
 *            A partition with an end is done when the next offset is there, whatever lies before
 *            it: the marks of transactions take offsets too.
 *            Offsets go to the group when a checkpoint is decided, without waiting: it is for
 *            others to see; the job itself never reads them back. They are those of that
 *            checkpoint, though the next may have been prepared meanwhile: each keeps its own until
 *            one is decided. A job that keeps no checkpoints leaves the group alone, as in Flink.
 * OWNERSHIP  Owns log, consumer, decoder, dead letters and the rest of a batch.
 * THREADS    T:task, so one thread for the consumer; enumerate: T:io.
 */
#include "connectors/kafka/kafka_source.h"

#include <stdatomic.h>
#include <string.h>

#include "connectors/kafka/kafka_decode.h"
#include "connectors/kafka/rd_log.h"

#define POSITION_VERSION 1
#define EMPTY_POLLS      16   /* polls of records that make no rows, before others get their turn */
#define LOOK_AGAIN_MS    1000 /* a sleeping partition is looked at now and then in any case */
#define SNAPS            4    /* checkpoints whose offsets are kept: one decided, one under way */

/* Of records that wait, for all partitions of a reader together, and the bounds for one. */
#define QUEUES_BYTES    (INT64_C(128) << 20)
#define QUEUE_BYTES_MIN (INT64_C(2) << 20)
#define QUEUE_BYTES_MAX (INT64_C(32) << 20)

typedef struct kafka_split {
    int32_t ordinal;
    sb_kafka_partition at;  /* topic in the source's arena */
    int32_t handle;         /* of the consumer; -1: not read yet, or not any more */
    int64_t next;           /* offset of the next record that was not polled */
    int32_t skip;           /* restored: so many rows of that record were out already */
    int64_t behind;         /* its part of pending_records */
    int64_t snapped[SNAPS]; /* offsets in the source's checkpoints; -1: not in that one */
    sb_batch *rest;         /* NULL, or a batch that is given piece by piece */
    int64_t *rest_offsets;  /* of the record of each row */
    int32_t rest_row, rest_rows;
} kafka_split;

typedef struct kafka_source {
    sb_source base; /* first */
    sb_arena *arena;
    const sb_kafka_options *options;
    const sb_log_driver *driver;
    sb_log *log;
    sb_log_consumer *consumer; /* NULL until the first partition is read */
    sb_kafka_decoder decoder;
    sb_kafka_letters letters;
    kafka_split **splits; /* in order of opening */
    int32_t count_splits, capacity_splits;
    kafka_split *polled;   /* whose records are being decoded */
    uint64_t snaps[SNAPS]; /* numbers of checkpoints, 0: none; the oldest gives way */
    int32_t next_snap;
} kafka_source;

static kafka_source *
source_of(sb_source *s)
{
    sb_assert(s->vtable == &sb_kafka_source);
    return (kafka_source *)(void *)s;
}

static kafka_split *
find_split(const kafka_source *s, int32_t ordinal)
{
    for (int32_t i = 0; i < s->count_splits; i++) {
        if (s->splits[i]->ordinal == ordinal) {
            return s->splits[i];
        }
    }
    return NULL;
}

static int64_t
monitor_interval(const sb_source_node *node)
{
    const sb_kafka_options *options;
    sb_arena *arena = sb_arena_new(sb_mem_root());
    int64_t ms = 0;
    if (arena &&
        sb_kafka_options_read(node->table, SB_KAFKA_SOURCE, arena, &options, NULL) == SB_OK &&
        options->stop == SB_KAFKA_STOP_NEVER && options->discovery_ms > 0) {
        ms = options->discovery_ms;
    }
    sb_arena_free(arena);
    return ms;
}

/* --- bad records --- */

static sb_status
on_bad(void *ctx, const sb_log_record *record, bool key, const sb_bad_record *bad, sb_error *err)
{
    kafka_source *s = ctx;
    const kafka_split *split = s->polled;
    const sb_kafka_options *o = s->options;
    atomic_fetch_add_explicit(&s->base.ctx->metrics->bad_records, 1, memory_order_relaxed);
    if (o->bad == SB_BAD_DEAD_LETTER) {
        return sb_kafka_letters_add(&s->letters, split->at.topic, split->at.partition, record, key,
                                    bad->reason, err);
    }
    if (o->bad == SB_BAD_SKIP || bad->tolerated) {
        return SB_OK;
    }
    bool text = sb_format_is_utf8(bad->bytes.data, bad->bytes.size);
    int size = !text ? 0 : bad->bytes.size > 200 ? 200 : (int)bad->bytes.size;
    sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__,
                 "topic '%s', partition %d, offset %lld: %s%s%s%.*s%s", split->at.topic,
                 split->at.partition, (long long)record->offset, key ? "key: " : "", bad->reason,
                 size > 0 ? ": " : "", size, bad->bytes.data,
                 text && bad->bytes.size > 200 ? "..." : "");
    sb_error_hint(err, "'bad-records' = 'skip' or 'dead-letter' goes on without such records");
    return SB_STATUS_DATA;
}

/* --- opening --- */

static sb_status
source_init(sb_source *base, const sb_source_init *ctx, sb_error *err)
{
    kafka_source *s = source_of(base);
    base->ctx = ctx;
    s->driver = sb_log_driver_of(ctx->os, &sb_log_driver_rdkafka);
    s->arena = sb_arena_new(ctx->mem);
    if (!s->arena) {
        SB_NOMEM(err);
    }
    SB_TRY(sb_kafka_options_read(ctx->node->table, SB_KAFKA_SOURCE, s->arena, &s->options, err),
           err);
    sb_log_config config = {.mem = ctx->mem,
                            .os = ctx->os,
                            .properties = s->options->properties,
                            .count = s->options->count_properties,
                            .note = ctx->note,
                            .ctx = ctx->note_ctx};
    SB_TRY(s->driver->open(&config, &s->log, err), err);
    s->letters =
        (sb_kafka_letters){.driver = s->driver, .log = s->log, .topic = s->options->bad_topic};
    sb_kafka_decoder_init decoder = {
        .ctx = ctx, .options = s->options, .driver = s->driver, .bad = on_bad, .bad_ctx = s};
    return sb_kafka_decoder_open(&s->decoder, &decoder, err);
}

static sb_status
add_split(kafka_source *s, kafka_split *split, sb_error *err)
{
    if (s->count_splits == s->capacity_splits) {
        int32_t capacity = s->capacity_splits ? s->capacity_splits * 2 : 16;
        kafka_split **splits =
            sb_realloc(s->base.ctx->mem, s->splits, sizeof *splits * (size_t)s->capacity_splits,
                       sizeof *splits * (size_t)capacity);
        if (!splits) {
            SB_NOMEM(err);
        }
        s->splits = splits;
        s->capacity_splits = capacity;
    }
    s->splits[s->count_splits++] = split;
    return SB_OK;
}

static sb_status
source_open(sb_source *base, const sb_split *split, sb_reader *position, sb_error *err)
{
    kafka_source *s = source_of(base);
    kafka_split *own = SB_NEW(s->arena, kafka_split);
    if (!own) {
        SB_NOMEM(err);
    }
    own->ordinal = split->ordinal;
    own->handle = -1;
    for (int32_t i = 0; i < SNAPS; i++) {
        own->snapped[i] = -1;
    }
    SB_TRY(sb_kafka_partition_read(split->descriptor, s->arena, &own->at, err), err);
    own->next = own->at.start;
    if (position) {
        if (sb_read_u8(position) != POSITION_VERSION) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "the position in partition '%s' has another version",
                    split->id);
        }
        own->next = sb_read_i64(position);
        own->skip = (int32_t)sb_read_varint(position);
        SB_TRY(sb_reader_done(position, "position in a kafka partition", err), err);
        if (own->next < 0 || own->skip < 0) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "the position in partition '%s' is out of range",
                    split->id);
        }
    }
    return add_split(s, own, err);
}

static bool
is_done(const kafka_split *split)
{
    return !split->rest && split->at.stop != SB_KAFKA_NO_STOP && split->next >= split->at.stop;
}

static bool
wants(const kafka_source *s, sb_kafka_metadata kind)
{
    const sb_source_node *node = s->base.ctx->node;
    for (int32_t i = 0; i < node->count_metadata; i++) {
        if (sb_kafka_metadata_of(node->metadata[i].key) == kind) {
            return true;
        }
    }
    return false;
}

static sb_status
open_consumer(kafka_source *s, const kafka_split *split, sb_error *err)
{
    const sb_source_init *ctx = s->base.ctx;
    int64_t mine = (split->at.siblings + ctx->parallelism - 1) / ctx->parallelism;
    int64_t bytes = QUEUES_BYTES / (mine > 0 ? mine : 1);
    bytes = bytes < QUEUE_BYTES_MIN   ? QUEUE_BYTES_MIN
            : bytes > QUEUE_BYTES_MAX ? QUEUE_BYTES_MAX
                                      : bytes;
    sb_log_consumer_options options = {
        .uncommitted = s->options->uncommitted,
        .timestamps = s->options->bad == SB_BAD_DEAD_LETTER || wants(s, SB_KAFKA_META_TIMESTAMP) ||
                      wants(s, SB_KAFKA_META_TIMESTAMP_TYPE) ||
                      wants(s, SB_KAFKA_META_LEADER_EPOCH),
        .headers = s->options->bad == SB_BAD_DEAD_LETTER || wants(s, SB_KAFKA_META_HEADERS) ||
                   wants(s, SB_KAFKA_META_HEADER_LIST),
        .queue_bytes = bytes,
        .wake = ctx->wake,
        .ctx = ctx->wake_ctx,
    };
    return s->driver->consumer_open(s->log, &options, &s->consumer, err);
}

static sb_status
start_reading(kafka_source *s, kafka_split *split, sb_error *err)
{
    if (!s->consumer) {
        SB_TRY(open_consumer(s, split, err), err);
    }
    return s->driver->consume(s->consumer, split->at.topic, split->at.partition, split->next,
                              &split->handle, err);
}

/* --- polling --- */

static void
count_behind(kafka_source *s, kafka_split *split, int64_t end)
{
    if (end != SB_LOG_NO_OFFSET && split->at.stop != SB_KAFKA_NO_STOP && end > split->at.stop) {
        end = split->at.stop;
    }
    int64_t behind = end == SB_LOG_NO_OFFSET ? split->behind
                     : end > split->next     ? end - split->next
                                             : 0;
    atomic_fetch_add_explicit(&s->base.ctx->metrics->pending_records, behind - split->behind,
                              memory_order_relaxed);
    split->behind = behind;
}

static void
count_bytes(kafka_source *s, const sb_log_record *records, int32_t count)
{
    int64_t bytes = 0;
    for (int32_t i = 0; i < count; i++) {
        bytes += (int64_t)(records[i].key.size + records[i].value.size);
    }
    atomic_fetch_add_explicit(&s->base.ctx->metrics->bytes_read, bytes, memory_order_relaxed);
}

/* More rows than may go out now, or the first ones are out already: kept. */
static sb_status
keep_rest(kafka_source *s, kafka_split *split, sb_batch *batch, sb_error *err)
{
    sb_mem *mem = s->base.ctx->mem;
    int32_t rows = batch->count_rows;
    split->rest_offsets = sb_alloc(mem, sizeof(int64_t) * (size_t)rows);
    if (!split->rest_offsets) {
        sb_batch_free(batch);
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < rows; i++) {
        split->rest_offsets[i] = s->decoder.records[s->decoder.row_record[i]].offset;
    }
    split->rest = batch;
    split->rest_rows = rows;
    split->rest_row = split->skip < rows ? split->skip : rows;
    split->skip = 0;
    return SB_OK;
}

static void
drop_rest(kafka_source *s, kafka_split *split)
{
    sb_free(s->base.ctx->mem, split->rest_offsets, sizeof(int64_t) * (size_t)split->rest_rows);
    sb_batch_free(split->rest);
    split->rest = NULL;
    split->rest_offsets = NULL;
    split->rest_rows = split->rest_row = 0;
}

static sb_status
take_from_rest(kafka_source *s, kafka_split *split, int32_t limit, sb_batch **out, sb_error *err)
{
    int32_t from = split->rest_row;
    int32_t to = split->rest_rows - from > limit ? from + limit : split->rest_rows;
    if (to > from) {
        *out = sb_batch_slice(s->base.ctx->mem, split->rest, from, to, false);
        if (!*out) {
            SB_NOMEM(err);
        }
        (*out)->split = split->ordinal;
    }
    split->rest_row = to;
    if (to == split->rest_rows) {
        drop_rest(s, split);
    }
    return SB_OK;
}

static sb_status
take_records(kafka_source *s, kafka_split *split, const sb_log_records *records, int32_t limit,
             sb_batch **out, sb_error *err)
{
    int32_t count = records->count;
    int64_t next = records->next_offset;
    sb_batch *batch = NULL;
    if (split->at.stop != SB_KAFKA_NO_STOP) {
        while (count > 0 && records->at[count - 1].offset >= split->at.stop) {
            count--;
        }
        next = next > split->at.stop ? split->at.stop : next;
    }
    if (count > 0) {
        count_bytes(s, records->at, count);
        s->polled = split;
        sb_status status = sb_kafka_decode(&s->decoder, split->at.topic, split->at.partition,
                                           records->at, count, &batch, err);
        s->polled = NULL;
        SB_TRY(status, err);
        /* the rows that are out are those of the record at the restored offset, if it is there */
        split->skip = batch && records->at[0].offset == split->next ? split->skip : 0;
    }
    split->next = next > split->next ? next : split->next;
    if (batch && (split->skip > 0 || batch->count_rows > limit)) {
        SB_TRY(keep_rest(s, split, batch, err), err);
        return take_from_rest(s, split, limit, out, err);
    }
    if (batch) {
        batch->split = split->ordinal;
    }
    *out = batch;
    return SB_OK;
}

/* One look into the queue; *empty: nothing was there. */
static sb_status
poll_once(kafka_source *s, kafka_split *split, int32_t limit, sb_batch **out, bool *empty,
          sb_error *err)
{
    sb_log_records records;
    if (split->rest) {
        *empty = false;
        return take_from_rest(s, split, limit, out, err);
    }
    if (split->handle < 0) {
        SB_TRY(start_reading(s, split, err), err);
    }
    SB_TRY(s->driver->poll(s->consumer, split->handle, limit, &records, err), err);
    *empty = records.count == 0;
    sb_status status = take_records(s, split, &records, limit, out, err);
    count_behind(s, split, records.end_offset);
    s->driver->release(s->consumer, &records);
    return status;
}

static sb_step
source_poll(sb_source *base, int32_t ordinal, int32_t limit_rows, int64_t now_ms, sb_batch **out,
            int64_t *wake_ms, sb_error *err)
{
    kafka_source *s = source_of(base);
    kafka_split *split = find_split(s, ordinal);
    bool empty = false;
    sb_assert(split && limit_rows > 0 && limit_rows <= base->ctx->batch_rows);
    *out = NULL;
    for (int i = 0; i < EMPTY_POLLS && !*out && !empty && !is_done(split); i++) {
        if (poll_once(s, split, limit_rows, out, &empty, err) != SB_OK) {
            sb_error_frame(err, __FILE__, __LINE__, __func__);
            sb_batch_free(*out);
            *out = NULL;
            return SB_STEP_FAIL;
        }
    }
    if (is_done(split)) {
        count_behind(s, split, split->next);
        return sb_kafka_letters_flush(&s->letters, err) == SB_OK ? SB_STEP_DONE : SB_STEP_FAIL;
    }
    if (*out || !empty) {
        return SB_STEP_AGAIN;
    }
    *wake_ms = now_ms + LOOK_AGAIN_MS;
    return SB_WAIT_ASYNC;
}

/* --- checkpoints --- */

/* The next row that is not out: its record, and how many rows of it are out. */
static void
place_of(const kafka_split *split, int64_t *offset, int32_t *skip)
{
    *offset = split->next;
    *skip = split->skip;
    if (split->rest) {
        *offset = split->rest_offsets[split->rest_row];
        *skip = 0;
        while (*skip < split->rest_row &&
               split->rest_offsets[split->rest_row - 1 - *skip] == *offset) {
            ++*skip;
        }
    }
}

static sb_status
source_position(sb_source *base, int32_t ordinal, sb_writer *w, sb_error *err)
{
    kafka_split *split = find_split(source_of(base), ordinal);
    int64_t offset;
    int32_t skip;
    sb_assert(split);
    place_of(split, &offset, &skip);
    sb_write_u8(w, POSITION_VERSION);
    sb_write_i64(w, offset);
    sb_write_varint(w, (uint64_t)skip);
    if (w->out.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
source_prepare(sb_source *base, uint64_t checkpoint, sb_error *err)
{
    kafka_source *s = source_of(base);
    int32_t snap = s->next_snap;
    s->next_snap = (snap + 1) % SNAPS;
    s->snaps[snap] = checkpoint;
    for (int32_t i = 0; i < s->count_splits; i++) { /* done ones too, whose position nobody asks */
        int32_t skip;
        place_of(s->splits[i], &s->splits[i]->snapped[snap], &skip);
    }
    return sb_kafka_letters_flush(&s->letters, err);
}

/* Where its offsets are; -1: prepared by nobody here. */
static int32_t
find_snap(const kafka_source *s, uint64_t checkpoint)
{
    for (int32_t i = 0; i < SNAPS; i++) {
        if (s->snaps[i] == checkpoint && checkpoint != 0) {
            return i;
        }
    }
    return -1;
}

static sb_status
source_commit(sb_source *base, uint64_t checkpoint, sb_error *err)
{
    kafka_source *s = source_of(base);
    sb_mem *mem = base->ctx->mem;
    int32_t snap = find_snap(s, checkpoint);
    if (!s->options->commit_offsets || !base->ctx->checkpoints || s->count_splits == 0 ||
        snap < 0) {
        return SB_OK;
    }
    size_t size = sizeof(sb_log_place) * (size_t)s->count_splits;
    sb_log_place *places = sb_alloc_zero(mem, size);
    int32_t count = 0;
    if (!places) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < s->count_splits; i++) {
        kafka_split *split = s->splits[i];
        if (split->snapped[snap] >= 0) {
            places[count++] = (sb_log_place){.topic = split->at.topic,
                                             .partition = split->at.partition,
                                             .offset = split->snapped[snap]};
        }
    }
    /* The job does not need them: a failure is not its own. */
    (void)s->driver->commit_offsets_later(s->log, s->options->group, places, count, NULL);
    sb_free(mem, places, size);
    return SB_OK;
}

/* --- closing --- */

static void
source_close_split(sb_source *base, int32_t ordinal)
{
    kafka_source *s = source_of(base);
    kafka_split *split = find_split(s, ordinal);
    if (!split) {
        return;
    }
    if (split->handle >= 0) {
        s->driver->unconsume(s->consumer, split->handle);
        split->handle = -1;
    }
    drop_rest(s, split); /* its offset goes to the group with the next checkpoint */
}

static void
source_close(sb_source *base)
{
    kafka_source *s = source_of(base);
    if (!base->ctx || !s->arena) {
        return;
    }
    for (int32_t i = 0; i < s->count_splits; i++) {
        source_close_split(base, s->splits[i]->ordinal);
    }
    sb_kafka_letters_close(&s->letters);
    sb_kafka_decoder_close(&s->decoder);
    if (s->consumer) {
        s->driver->consumer_close(s->consumer);
    }
    if (s->log) {
        s->driver->close(s->log);
    }
    sb_free(base->ctx->mem, s->splits, sizeof *s->splits * (size_t)s->capacity_splits);
    s->arena = sb_arena_free(s->arena);
    s->splits = NULL;
    s->consumer = NULL;
    s->log = NULL;
    s->count_splits = s->capacity_splits = 0;
}

const sb_source_vtable sb_kafka_source = {
    .name = "kafka",
    .instance_size = sizeof(kafka_source),
    .enumerate = sb_kafka_enumerate,
    .monitor_interval_ms = monitor_interval,
    .open_all = true,
    .init = source_init,
    .open = source_open,
    .poll = source_poll,
    .position = source_position,
    .prepare = source_prepare,
    .commit = source_commit,
    .close_split = source_close_split,
    .close = source_close,
};
