/*
 * engine/topic.c -- see topic.h.
 */
#include "engine/topic.h"

#include <string.h>

#include "registry/registry.h"

#define SERVERS    "sabot.kafka.bootstrap.servers"
#define POLL_ROWS  100
#define PAUSE_NS   INT64_C(5000000)
#define QUEUE_SIZE (INT64_C(4) << 20) /* bytes of a partition that wait */
#define NEAR       4                  /* letters that a name may be wrong in */

/* ---- the cluster ---- */

const char *
sb_topic_property(const char *key)
{
    static const char prefix[] = "properties.";
    return strncmp(key, prefix, sizeof prefix - 1) == 0 ? key + sizeof prefix - 1 : key;
}

static sb_status
open_log(sb_topic *t, const sabot_option *properties, size_t count, sb_error *err)
{
    sabot_engine *engine = t->engine;
    sb_log_property *all = SB_NEW_ARRAY(t->arena, sb_log_property, (int32_t)count + 1);
    sb_log_config config = {.mem = engine->mem, .os = engine->os, .properties = all};
    bool servers = false;
    if (!all) {
        SB_NOMEM(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *key = sb_topic_property(properties[i].key);
        servers |= strcmp(key, "bootstrap.servers") == 0;
        all[config.count++] = (sb_log_property){key, properties[i].value};
    }
    const char *set = sb_sql_session_get(engine->session, SERVERS);
    if (!servers && !set) {
        sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                     "there is no Kafka cluster to ask: its brokers are not known");
        sb_error_hint(err, "SET '" SERVERS "' = 'localhost:9092', or say WITH "
                           "('properties.bootstrap.servers' = 'localhost:9092')");
        return SB_STATUS_INVALID;
    }
    if (!servers) {
        all[config.count++] = (sb_log_property){"bootstrap.servers", set};
    }
    t->driver = sb_log_driver_of(engine->os, sb_registry_log_driver());
    return t->driver->open(&config, &t->log, err);
}

static sb_status
begin(sb_topic *t, sabot_engine *engine, const sabot_option *properties, size_t count,
      sb_error *err)
{
    t->engine = engine;
    t->arena = sb_arena_new(engine->mem);
    if (!t->arena) {
        SB_NOMEM(err);
    }
    return open_log(t, properties, count, err);
}

/* Which topics there are, those first whose names are near. */
static void
hint_topics(sb_topic *t, const char *name, sb_error *err)
{
    sb_log_topic *topics;
    int32_t count, best = -1, distance = NEAR;
    sb_error ignored;
    sb_text list;
    sb_error_clear(&ignored);
    if (t->driver->topics(t->log, NULL, 0, t->arena, &topics, &count, &ignored) != SB_OK) {
        return;
    }
    sb_text_init(&list, t->engine->mem);
    for (int32_t i = 0; i < count; i++) {
        int d = sb_str_distance(sb_str_of(name), sb_str_of(topics[i].name), distance - 1);
        best = d < distance ? i : best;
        distance = d < distance ? d : distance;
        if (list.size < 200) {
            sb_text_printf(&list, "%s%s", i > 0 ? ", " : "", topics[i].name);
        } else if (list.data[list.size - 1] != '.') {
            sb_text_add(&list, ", ...");
        }
    }
    if (best >= 0) {
        sb_error_hint(err, "did you mean '%s'? topics: %s", topics[best].name, list.data);
    } else if (count > 0) {
        sb_error_hint(err, "topics: %s", list.data);
    } else {
        sb_error_hint(err, "the cluster has no topics");
    }
    sb_text_deinit(&list);
}

sb_status
sb_topic_list(sb_topic *t, sabot_engine *engine, const sabot_option *properties, size_t count,
              sb_log_topic **out, int32_t *out_count, sb_error *err)
{
    SB_TRY(begin(t, engine, properties, count, err), err);
    return t->driver->topics(t->log, NULL, 0, t->arena, out, out_count, err);
}

/* ---- reading ---- */

static sb_status
find_partitions(sb_topic *t, sb_error *err)
{
    sb_log_topic *topics;
    int32_t count;
    sb_status status = t->driver->topics(t->log, &t->name, 1, t->arena, &topics, &count, err);
    if (status == SB_STATUS_NOT_FOUND) {
        hint_topics(t, t->name, err);
    }
    if (status != SB_OK) {
        return status;
    }
    t->count = topics[0].partitions;
    t->parts = SB_NEW_ARRAY(t->arena, sb_topic_part, t->count);
    if (!t->parts) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
ask_bounds(sb_topic *t, sb_log_bound bound, sb_log_place *places, sb_error *err)
{
    for (int32_t i = 0; i < t->count; i++) {
        places[i] = (sb_log_place){.topic = t->name, .partition = i, .offset = SB_LOG_NO_OFFSET};
    }
    return t->driver->bounds(t->log, bound, places, t->count, err);
}

/* As tables do: all records, unless isolation.level says otherwise. */
static bool
sees_uncommitted(const sabot_option *properties, size_t count)
{
    bool yes = true;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(sb_topic_property(properties[i].key), "isolation.level") == 0) {
            yes = strcmp(properties[i].value, "read_committed") != 0;
        }
    }
    return yes;
}

static sb_status
open_topic(sb_topic *t, bool from_beginning, bool uncommitted, sb_error *err)
{
    SB_TRY(find_partitions(t, err), err);
    sb_log_place *ends = SB_NEW_ARRAY(t->arena, sb_log_place, t->count);
    sb_log_place *starts = SB_NEW_ARRAY(t->arena, sb_log_place, t->count);
    if (!ends || !starts) {
        SB_NOMEM(err);
    }
    SB_TRY(ask_bounds(t, uncommitted ? SB_LOG_LATEST : SB_LOG_STABLE, ends, err), err);
    SB_TRY(ask_bounds(t, from_beginning ? SB_LOG_EARLIEST : SB_LOG_LATEST, starts, err), err);
    for (int32_t i = 0; i < t->count; i++) {
        t->parts[i] =
            (sb_topic_part){.partition = i, .end = ends[i].offset, .next = starts[i].offset};
    }
    t->uncommitted = uncommitted;
    return SB_OK;
}

sb_status
sb_topic_open(sb_topic *t, sabot_engine *engine, const char *name, const sabot_option *properties,
              size_t count, bool from_beginning, sb_error *err)
{
    sb_status status = begin(t, engine, properties, count, err);
    if (status == SB_OK) {
        t->name = sb_arena_strdup(t->arena, name);
        status = t->name ? open_topic(t, from_beginning, sees_uncommitted(properties, count), err)
                         : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    if (status != SB_OK) {
        sb_topic_close(t);
    }
    return status;
}

static void
release(sb_topic *t)
{
    if (t->holds) {
        t->driver->release(t->consumer, &t->records);
        t->holds = false;
    }
}

void
sb_topic_close(sb_topic *t)
{
    release(t);
    for (int32_t i = 0; t->consumer && i < t->count_open; i++) {
        t->driver->unconsume(t->consumer, t->parts[i].handle);
    }
    if (t->consumer) {
        t->driver->consumer_close(t->consumer);
    }
    if (t->log) {
        t->driver->close(t->log);
    }
    sb_arena_free(t->arena);
    memset(t, 0, sizeof *t);
}

/* With the first record that is asked for: a topic without any needs no consumer. */
static sb_status
start(sb_topic *t, sb_error *err)
{
    sb_log_consumer_options options = {
        .uncommitted = t->uncommitted, .timestamps = true, .queue_bytes = QUEUE_SIZE};
    SB_TRY(t->driver->consumer_open(t->log, &options, &t->consumer, err), err);
    for (int32_t i = 0; i < t->count; i++) {
        sb_topic_part *part = &t->parts[i];
        SB_TRY(t->driver->consume(t->consumer, t->name, i, part->next, &part->handle, err), err);
        t->count_open++;
    }
    return SB_OK;
}

/* Each partition once; *out_found: one had records, which are held now. */
static sb_status
poll_round(sb_topic *t, bool *out_found, sb_error *err)
{
    *out_found = false;
    for (int32_t i = 0; i < t->count && !*out_found; i++) {
        t->polled = (t->polled + 1) % t->count;
        sb_topic_part *part = &t->parts[t->polled];
        release(t);
        SB_TRY(t->driver->poll(t->consumer, part->handle, POLL_ROWS, &t->records, err), err);
        t->holds = true;
        t->at = 0;
        part->next = t->records.next_offset;
        *out_found = t->records.count > 0;
    }
    return SB_OK;
}

sb_status
sb_topic_next(sb_topic *t, int64_t timeout_ms, const sb_log_record **out, int32_t *out_partition,
              sb_error *err)
{
    sb_os *os = t->engine->os;
    int64_t deadline = os->monotonic_ns(os) + timeout_ms * 1000000;
    *out = NULL;
    if (!t->consumer) {
        SB_TRY(start(t, err), err);
    }
    for (;;) {
        bool found;
        if (t->holds && t->at < t->records.count) {
            *out = &t->records.at[t->at++];
            *out_partition = t->parts[t->polled].partition;
            return SB_OK;
        }
        SB_TRY(poll_round(t, &found, err), err);
        if (!found) {
            if (os->monotonic_ns(os) >= deadline) {
                return SB_OK;
            }
            sb_thread_sleep_ns(PAUSE_NS);
        }
    }
}

bool
sb_topic_is_read(const sb_topic *t)
{
    for (int32_t i = 0; i < t->count; i++) {
        if (t->parts[i].next < t->parts[i].end) {
            return false;
        }
    }
    return !t->holds || t->at >= t->records.count;
}
