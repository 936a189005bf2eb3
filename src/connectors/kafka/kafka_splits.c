/*
 * connectors/kafka/kafka_splits.c -- which partitions are read, and from where to where.
 *
 * DESIGN     A split is a partition, "topic-partition". Where it starts and stops is asked once,
 *            when it is found, and kept in its descriptor, which every checkpoint holds: a restart
 *            reads the same records. latest-offset is the high watermark, open transactions
 *            included, as Flink's admin client sees it; a reader of committed records stops there
 *            when what is open has ended.
 * THREADS    T:io
 */
#include <stdio.h>
#include <string.h>

#include "connectors/kafka/kafka_source.h"
#include "connectors/kafka/rd_log.h"
#include "formats/pattern.h"

#define DESCRIPTOR_VERSION 1

typedef struct finder {
    const sb_kafka_options *options;
    const sb_log_driver *driver;
    sb_log *log;
    sb_arena *arena;
    sb_log_topic *topics;
    int32_t count_topics;
    int32_t count_all; /* partitions of these */
    /* those that are new; offsets by what was asked for last */
    sb_log_place *places;
    int64_t *start, *stop;
    int32_t count;
} finder;

/* --- descriptors --- */

static sb_status
partition_write(const sb_kafka_partition *p, sb_writer *w, sb_error *err)
{
    sb_write_u8(w, DESCRIPTOR_VERSION);
    sb_write_cstr(w, p->topic);
    sb_write_u32(w, (uint32_t)p->partition);
    sb_write_i64(w, p->start);
    sb_write_i64(w, p->stop);
    sb_write_u32(w, (uint32_t)p->siblings);
    if (w->out.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_kafka_partition_read(sb_str descriptor, sb_arena *arena, sb_kafka_partition *out, sb_error *err)
{
    sb_reader r = sb_reader_of(descriptor.data, descriptor.size);
    if (sb_read_u8(&r) != DESCRIPTOR_VERSION) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "the description of a kafka partition has another version");
    }
    out->topic = sb_read_cstr(&r, arena);
    out->partition = (int32_t)sb_read_u32(&r);
    out->start = sb_read_i64(&r);
    out->stop = sb_read_i64(&r);
    out->siblings = (int32_t)sb_read_u32(&r);
    SB_TRY(sb_reader_done(&r, "kafka partition", err), err);
    if (!out->topic || out->partition < 0 || out->start < 0 || out->stop < SB_KAFKA_NO_STOP) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "the description of a kafka partition makes no sense");
    }
    return SB_OK;
}

/* --- topics --- */

static sb_status
find_topics(finder *f, sb_error *err)
{
    sb_pattern *pattern;
    if (!f->options->pattern) {
        return f->driver->topics(f->log, f->options->topics, f->options->count_topics, f->arena,
                                 &f->topics, &f->count_topics, err);
    }
    SB_TRY(f->driver->topics(f->log, NULL, 0, f->arena, &f->topics, &f->count_topics, err), err);
    SB_TRY(sb_pattern_new(sb_mem_root(), f->options->pattern, &pattern, err), err);
    int32_t kept = 0;
    for (int32_t i = 0; i < f->count_topics; i++) {
        /* dead letters are no input, whatever the pattern says */
        bool letters = f->options->bad_topic && f->options->bad == SB_BAD_DEAD_LETTER &&
                       strcmp(f->topics[i].name, f->options->bad_topic) == 0;
        if (!letters && sb_pattern_matches(pattern, sb_str_of(f->topics[i].name))) {
            f->topics[kept++] = f->topics[i];
        }
    }
    f->count_topics = kept;
    sb_pattern_free(pattern);
    return SB_OK;
}

static char *
split_id(sb_arena *arena, const sb_log_place *place)
{
    return sb_arena_printf(arena, "%s-%d", place->topic, place->partition);
}

static bool
is_known(const sb_split_list *list, const char *id)
{
    for (int32_t i = 0; i < list->count; i++) {
        if (strcmp(list->at[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* Partitions that the list does not have: in order of topic and partition. */
static sb_status
find_new(finder *f, const sb_split_list *list, sb_error *err)
{
    for (int32_t i = 0; i < f->count_topics; i++) {
        f->count_all += f->topics[i].partitions;
    }
    f->places = SB_NEW_ARRAY(f->arena, sb_log_place, f->count_all + 1);
    f->start = SB_NEW_ARRAY(f->arena, int64_t, f->count_all + 1);
    f->stop = SB_NEW_ARRAY(f->arena, int64_t, f->count_all + 1);
    if (!f->places || !f->start || !f->stop) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < f->count_topics; i++) {
        for (int32_t p = 0; p < f->topics[i].partitions; p++) {
            sb_log_place place = {.topic = f->topics[i].name, .partition = p};
            char *id = split_id(f->arena, &place);
            if (!id) {
                SB_NOMEM(err);
            }
            if (!is_known(list, id)) {
                f->places[f->count++] = place;
            }
        }
    }
    return SB_OK;
}

/* --- offsets --- */

/* One bound of all new partitions. */
static sb_status
ask(finder *f, sb_log_bound bound, int64_t time_ms, int64_t *out, sb_error *err)
{
    for (int32_t i = 0; i < f->count; i++) {
        f->places[i].timestamp_ms = time_ms;
        f->places[i].offset = SB_LOG_NO_OFFSET;
    }
    SB_TRY(f->driver->bounds(f->log, bound, f->places, f->count, err), err);
    for (int32_t i = 0; i < f->count; i++) {
        out[i] = f->places[i].offset;
    }
    return SB_OK;
}

static sb_status
ask_committed(finder *f, int64_t *out, sb_error *err)
{
    for (int32_t i = 0; i < f->count; i++) {
        f->places[i].offset = SB_LOG_NO_OFFSET;
        out[i] = SB_LOG_NO_OFFSET;
    }
    if (!f->options->group) {
        return SB_OK;
    }
    SB_TRY(f->driver->committed(f->log, f->options->group, !f->options->uncommitted, f->arena,
                                f->places, f->count, err),
           err);
    for (int32_t i = 0; i < f->count; i++) {
        out[i] = f->places[i].offset;
    }
    return SB_OK;
}

/* Where out has none: the other bound. */
static sb_status
fill_from(finder *f, sb_log_bound bound, int64_t *out, sb_error *err)
{
    bool missing = false;
    for (int32_t i = 0; i < f->count; i++) {
        missing = missing || out[i] == SB_LOG_NO_OFFSET;
    }
    if (!missing) {
        return SB_OK;
    }
    int64_t *other = SB_NEW_ARRAY(f->arena, int64_t, f->count);
    if (!other) {
        SB_NOMEM(err);
    }
    SB_TRY(ask(f, bound, 0, other, err), err);
    for (int32_t i = 0; i < f->count; i++) {
        out[i] = out[i] == SB_LOG_NO_OFFSET ? other[i] : out[i];
    }
    return SB_OK;
}

static sb_status
no_committed(const finder *f, int32_t i, const char *option, sb_error *err)
{
    sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                 "topic '%s', partition %d: group '%s' has committed no offset, and '%s' is "
                 "'group-offsets'",
                 f->places[i].topic, f->places[i].partition, f->options->group, option);
    sb_error_hint(err, "'properties.auto.offset.reset' = 'earliest' or 'latest' says where to "
                       "begin then");
    return SB_STATUS_NOT_FOUND;
}

/* A committed offset that has expired is none, as Kafka's own clients have it. */
static sb_status
start_of_group(finder *f, sb_error *err)
{
    int64_t *first = SB_NEW_ARRAY(f->arena, int64_t, f->count);
    int64_t *end = SB_NEW_ARRAY(f->arena, int64_t, f->count);
    if (!first || !end) {
        SB_NOMEM(err);
    }
    SB_TRY(ask_committed(f, f->start, err), err);
    SB_TRY(ask(f, SB_LOG_EARLIEST, 0, first, err), err);
    SB_TRY(ask(f, SB_LOG_LATEST, 0, end, err), err);
    for (int32_t i = 0; i < f->count; i++) {
        bool none = f->start[i] == SB_LOG_NO_OFFSET;
        bool there = !none && f->start[i] >= first[i] && f->start[i] <= end[i];
        if (there) {
            continue;
        }
        if (f->options->reset == SB_KAFKA_RESET_NONE && none) {
            return no_committed(f, i, "scan.startup.mode", err);
        }
        if (f->options->reset == SB_KAFKA_RESET_NONE) {
            sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                         "topic '%s', partition %d: group '%s' has committed offset %lld, which is "
                         "not there: the partition has offsets %lld to %lld",
                         f->places[i].topic, f->places[i].partition, f->options->group,
                         (long long)f->start[i], (long long)first[i], (long long)end[i]);
            sb_error_hint(err, "'properties.auto.offset.reset' = 'earliest' or 'latest' says where "
                               "to begin then");
            return SB_STATUS_NOT_FOUND;
        }
        f->start[i] = f->options->reset == SB_KAFKA_RESET_EARLIEST ? first[i] : end[i];
    }
    return SB_OK;
}

/* Partitions that are not named: where the group is, or at their first record. */
static sb_status
specific(finder *f, const sb_kafka_offsets *offsets, int64_t *out, sb_error *err)
{
    SB_TRY(ask_committed(f, out, err), err);
    for (int32_t i = 0; i < f->count; i++) {
        for (int32_t k = 0; k < offsets->count; k++) {
            if (offsets->at[k].partition == f->places[i].partition) {
                out[i] = offsets->at[k].offset;
            }
        }
    }
    return fill_from(f, SB_LOG_EARLIEST, out, err);
}

static sb_status
check_named(const finder *f, const sb_kafka_offsets *offsets, const char *option, sb_error *err)
{
    for (int32_t k = 0; k < offsets->count; k++) {
        if (f->count_topics == 1 && offsets->at[k].partition >= f->topics[0].partitions) {
            SB_FAIL(err, SB_STATUS_NOT_FOUND,
                    "option '%s': topic '%s' has no partition %d: it has %d of them", option,
                    f->topics[0].name, offsets->at[k].partition, f->topics[0].partitions);
        }
    }
    return SB_OK;
}

static sb_status
find_start(finder *f, bool first, sb_error *err)
{
    const sb_kafka_options *o = f->options;
    switch (first ? o->start : SB_KAFKA_START_EARLIEST) {
    case SB_KAFKA_START_EARLIEST: return ask(f, SB_LOG_EARLIEST, 0, f->start, err);
    case SB_KAFKA_START_LATEST: return ask(f, SB_LOG_LATEST, 0, f->start, err);
    case SB_KAFKA_START_TIME:
        SB_TRY(ask(f, SB_LOG_AT_TIME, o->start_ms, f->start, err), err);
        return fill_from(f, SB_LOG_LATEST, f->start, err);
    case SB_KAFKA_START_OFFSETS:
        SB_TRY(check_named(f, &o->start_offsets, "scan.startup.specific-offsets", err), err);
        return specific(f, &o->start_offsets, f->start, err);
    case SB_KAFKA_START_GROUP: break;
    }
    return start_of_group(f, err);
}

static sb_status
find_stop(finder *f, sb_error *err)
{
    const sb_kafka_options *o = f->options;
    switch (o->stop) {
    case SB_KAFKA_STOP_NEVER:
        for (int32_t i = 0; i < f->count; i++) {
            f->stop[i] = SB_KAFKA_NO_STOP;
        }
        return SB_OK;
    case SB_KAFKA_STOP_LATEST: return ask(f, SB_LOG_LATEST, 0, f->stop, err);
    case SB_KAFKA_STOP_TIME:
        SB_TRY(ask(f, SB_LOG_AT_TIME, o->stop_ms, f->stop, err), err);
        return fill_from(f, SB_LOG_LATEST, f->stop, err);
    case SB_KAFKA_STOP_OFFSETS:
        SB_TRY(check_named(f, &o->stop_offsets, "scan.bounded.specific-offsets", err), err);
        return specific(f, &o->stop_offsets, f->stop, err);
    case SB_KAFKA_STOP_GROUP: break;
    }
    SB_TRY(ask_committed(f, f->stop, err), err);
    for (int32_t i = 0; i < f->count; i++) {
        if (f->stop[i] == SB_LOG_NO_OFFSET) {
            return no_committed(f, i, "scan.bounded.mode", err);
        }
    }
    return SB_OK;
}

/* --- splits --- */

static sb_status
add_splits(finder *f, sb_mem *mem, sb_split_list *list, sb_error *err)
{
    sb_writer w;
    sb_status status = SB_OK;
    sb_writer_init(&w, mem);
    for (int32_t i = 0; i < f->count && status == SB_OK; i++) {
        sb_kafka_partition p = {.topic = f->places[i].topic,
                                .partition = f->places[i].partition,
                                .start = f->start[i],
                                .stop = f->stop[i],
                                .siblings = f->count_all};
        char *id = split_id(f->arena, &f->places[i]);
        sb_text_clear(&w.out);
        status = id ? partition_write(&p, &w, err)
                    : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        if (status == SB_OK) {
            status = sb_split_add(list, id, (sb_str){w.out.data, w.out.size}, err);
        }
    }
    sb_writer_deinit(&w);
    return status;
}

static sb_status
find(finder *f, sb_mem *mem, sb_split_list *list, sb_error *err)
{
    bool first = list->count == 0;
    SB_TRY(find_topics(f, err), err);
    SB_TRY(find_new(f, list, err), err);
    if (f->count > 0) {
        SB_TRY(find_start(f, first, err), err);
        SB_TRY(find_stop(f, err), err);
        SB_TRY(add_splits(f, mem, list, err), err);
    }
    /* what has an end is what was there at the start */
    list->complete = f->options->stop != SB_KAFKA_STOP_NEVER || f->options->discovery_ms <= 0;
    return SB_OK;
}

sb_status
sb_kafka_enumerate(const sb_source_node *node, sb_os *os, sb_mem *mem, int32_t parallelism,
                   sb_split_list *list, sb_error *err)
{
    finder f = {.driver = sb_log_driver_of(os, &sb_log_driver_rdkafka)};
    (void)parallelism;
    f.arena = sb_arena_new(mem);
    if (!f.arena) {
        SB_NOMEM(err);
    }
    sb_status status =
        sb_kafka_options_read(node->table, SB_KAFKA_SOURCE, f.arena, &f.options, err);
    if (status == SB_OK) {
        sb_log_config config = {.mem = mem,
                                .os = os,
                                .properties = f.options->properties,
                                .count = f.options->count_properties,
                                .note = list->note,
                                .ctx = list->note_ctx};
        status = f.driver->open(&config, &f.log, err);
    }
    if (status == SB_OK) {
        status = find(&f, mem, list, err);
        f.driver->close(f.log);
    }
    if (status != SB_OK) {
        sb_error_prefix(err, "table '%s'", node->table->name);
    }
    sb_arena_free(f.arena);
    return status;
}
