/*
 * connectors/kafka/rd_query.c -- questions to the cluster: topics, partitions, bounds of offsets.
 *
 * DESIGN     Two readers ask, because the library answers with what a client's isolation level
 *            sees: one reads committed records (the last stable offset), one all (the high
 *            watermark). Neither is in a group. Offsets of all partitions are asked for at once:
 *            first and last ones are times to the protocol.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/kafka/rd_priv.h"

#define TRY_MS      5000 /* one try of a call: the next one may find another broker */
#define PAUSE_NS    INT64_C(100000000)
#define AT_LATEST   (-1) /* times with a meaning of their own */
#define AT_EARLIEST (-2)

/* The reader; made at its first use. */
static sb_status
reader(sb_rd_log *log, bool uncommitted, rd_kafka_t **out, sb_error *err)
{
    const sb_rd_setting settings[] = {
        {"isolation.level", uncommitted ? "read_uncommitted" : "read_committed", true},
        {NULL, NULL, false},
    };
    rd_kafka_conf_t *conf;
    /* Not under the lock, which log lines take. Two at a time may make one: the loser's goes. */
    sb_mutex_lock(log->lock);
    *out = log->reader[uncommitted];
    sb_mutex_unlock(log->lock);
    if (*out) {
        return SB_OK;
    }
    rd_kafka_t *made;
    SB_TRY(sb_rd_conf(log, SB_KAFKA_FOR_CONSUMER, &log->client, settings, &conf, err), err);
    SB_TRY(sb_rd_client_new(log, RD_KAFKA_CONSUMER, conf, &made, err), err);
    sb_mutex_lock(log->lock);
    bool first = !log->reader[uncommitted];
    log->reader[uncommitted] = first ? made : log->reader[uncommitted];
    *out = log->reader[uncommitted];
    sb_mutex_unlock(log->lock);
    if (!first) {
        log->rd->destroy(made);
    }
    return SB_OK;
}

/* ---- topics --------------------------------------------------------------------------------- */

/* NULL topic: all. */
static sb_status
metadata_of(sb_rd_log *log, rd_kafka_t *rk, rd_kafka_topic_t *topic, const char *doing,
            const struct rd_kafka_metadata **out, sb_error *err)
{
    int64_t deadline = sb_rd_deadline(log, log->call_ms);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    for (int32_t ms; (ms = sb_rd_left(log, deadline, TRY_MS)) > 0;) {
        code = log->rd->metadata(rk, topic == NULL, topic, out, ms);
        log->rd->poll(rk, 0);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && topic && (*out)->topic_cnt == 1) {
            const struct rd_kafka_metadata_topic *t = &(*out)->topics[0];
            code = t->partition_cnt > 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : t->err;
            if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
                log->rd->metadata_destroy(*out);
            }
        }
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            atomic_store(&log->reached, true);
            return SB_OK;
        }
        if (!sb_rd_is_passing(code)) {
            break;
        }
        sb_thread_sleep_ns(PAUSE_NS); /* a topic that has just been made has no leader yet */
    }
    return sb_rd_fail(log, code, NULL, doing, err);
}

static bool
is_internal(const char *name)
{
    return strcmp(name, "__consumer_offsets") == 0 || strcmp(name, "__transaction_state") == 0 ||
           strcmp(name, "__share_group_state") == 0;
}

static sb_status
all_topics(sb_rd_log *log, rd_kafka_t *rk, sb_arena *arena, sb_log_topic **out, int32_t *out_count,
           sb_error *err)
{
    const struct rd_kafka_metadata *all;
    SB_TRY(metadata_of(log, rk, NULL, "listing the topics", &all, err), err);
    sb_log_topic *topics = SB_NEW_ARRAY(arena, sb_log_topic, all->topic_cnt + 1);
    int32_t count = 0;
    bool failed = !topics;
    for (int i = 0; i < all->topic_cnt && !failed; i++) {
        const struct rd_kafka_metadata_topic *t = &all->topics[i];
        if (t->partition_cnt > 0 && !is_internal(t->topic)) {
            topics[count] = (sb_log_topic){sb_arena_strdup(arena, t->topic), t->partition_cnt};
            failed = !topics[count++].name;
        }
    }
    log->rd->metadata_destroy(all);
    if (failed) {
        SB_NOMEM(err);
    }
    *out = topics;
    *out_count = count;
    return SB_OK;
}

static sb_status
one_topic(sb_rd_log *log, rd_kafka_t *rk, const char *name, sb_arena *arena, sb_log_topic *out,
          sb_error *err)
{
    char doing[320];
    const struct rd_kafka_metadata *metadata;
    snprintf(doing, sizeof doing, "topic '%.249s'", name);
    rd_kafka_topic_t *topic = log->rd->topic_new(rk, name, NULL);
    if (!topic) {
        return sb_rd_fail(log, log->rd->last_error(), NULL, doing, err);
    }
    sb_status status = metadata_of(log, rk, topic, doing, &metadata, err);
    log->rd->topic_destroy(topic);
    if (status == SB_STATUS_NOT_FOUND) {
        sb_error_set(err, status, __FILE__, __LINE__, "kafka %s: topic '%s' is not there",
                     log->brokers, name);
        sb_error_hint(err, "create it first, or check 'topic' and 'properties.bootstrap.servers'");
    }
    if (status != SB_OK) {
        return status;
    }
    *out = (sb_log_topic){sb_arena_strdup(arena, name),
                          metadata->topic_cnt > 0 ? metadata->topics[0].partition_cnt : 0};
    log->rd->metadata_destroy(metadata);
    if (!out->name) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_rd_topics(sb_log *base, const char *const *names, int32_t count_names, sb_arena *arena,
             sb_log_topic **out, int32_t *out_count, sb_error *err)
{
    sb_rd_log *log = sb_rd_log_of(base);
    rd_kafka_t *rk;
    SB_TRY(reader(log, true, &rk, err), err);
    if (!names) {
        return all_topics(log, rk, arena, out, out_count, err);
    }
    *out = SB_NEW_ARRAY(arena, sb_log_topic, count_names + 1);
    if (!*out) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count_names; i++) {
        SB_TRY(one_topic(log, rk, names[i], arena, &(*out)[i], err), err);
    }
    *out_count = count_names;
    return SB_OK;
}

/* ---- bounds --------------------------------------------------------------------------------- */

/* The answers of one call; *missing: places that have none yet. */
static rd_kafka_resp_err_t
take_offsets(const rd_kafka_topic_partition_list_t *list, sb_log_place **asked, int32_t *missing,
             int32_t *bad)
{
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    int32_t left = 0;
    for (int32_t i = 0; i < *missing; i++) {
        const rd_kafka_topic_partition_t *one = &list->elems[i];
        if (one->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            asked[i]->offset = one->offset >= 0 ? one->offset : SB_LOG_NO_OFFSET;
            continue;
        }
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR || sb_rd_is_passing(code)) {
            code = one->err;
            *bad = left;
        }
        asked[left++] = asked[i];
    }
    *missing = left;
    return code;
}

static sb_status
ask_offsets(sb_rd_log *log, rd_kafka_t *rk, sb_log_bound bound, sb_log_place **asked, int32_t count,
            sb_error *err)
{
    const sb_rd *rd = log->rd;
    int64_t deadline = sb_rd_deadline(log, log->call_ms);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    char doing[320];
    int32_t bad = 0;
    for (int32_t ms; count > 0 && (ms = sb_rd_left(log, deadline, TRY_MS)) > 0;) {
        rd_kafka_topic_partition_list_t *list = rd->topic_partition_list_new(count);
        for (int32_t i = 0; i < count; i++) {
            rd->topic_partition_list_add(list, asked[i]->topic, asked[i]->partition)->offset =
                bound == SB_LOG_EARLIEST  ? AT_EARLIEST
                : bound == SB_LOG_AT_TIME ? asked[i]->timestamp_ms
                                          : AT_LATEST;
        }
        code = rd->offsets_for_times(rk, list, ms);
        rd->poll(rk, 0);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            code = take_offsets(list, asked, &count, &bad);
        }
        rd->topic_partition_list_destroy(list);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR && !sb_rd_is_passing(code)) {
            break;
        }
        if (count > 0) {
            sb_thread_sleep_ns(PAUSE_NS);
        }
    }
    if (count == 0) {
        atomic_store(&log->reached, true);
        return SB_OK;
    }
    snprintf(doing, sizeof doing, "offsets of topic '%.249s', partition %d", asked[bad]->topic,
             asked[bad]->partition);
    return sb_rd_fail(log, code, NULL, doing, err);
}

sb_status
sb_rd_bounds(sb_log *base, sb_log_bound bound, sb_log_place *places, int32_t count, sb_error *err)
{
    sb_rd_log *log = sb_rd_log_of(base);
    rd_kafka_t *rk;
    if (count == 0) {
        return SB_OK;
    }
    SB_TRY(reader(log, bound != SB_LOG_STABLE, &rk, err), err);
    size_t size = sizeof(sb_log_place *) * (size_t)count;
    sb_log_place **asked = sb_alloc(log->mem, size);
    if (!asked) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        asked[i] = &places[i];
    }
    sb_status status = ask_offsets(log, rk, bound, asked, count, err);
    sb_free(log->mem, asked, size);
    return status;
}
