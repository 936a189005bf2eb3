/*
 * connectors/kafka/rd_group.c -- committed offsets of consumer groups.
 *
 * DESIGN     A client for each group that is asked for; it never joins the group, so the cluster
 *            takes its commits only while no member is there. Reading waits for transactions that
 *            would change the offsets (a stable answer): the library gives up on one after a while
 *            and says so only in the partition's own error, which is why every answer is looked at
 *            one by one. Later commits are answered into a queue of the group, looked at with the
 *            next call.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/kafka/rd_priv.h"

#define TRY_MS   5000
#define PAUSE_NS INT64_C(100000000)
#define CLOSE_MS 3000 /* for commits that are under way */

struct sb_rd_group {
    sb_rd_group *next;
    char *name;  /* in the log's arena */
    bool stable; /* its answers wait for open transactions */
    rd_kafka_t *rk;
    rd_kafka_queue_t *answers;   /* of later commits */
    _Atomic int32_t outstanding; /* of these */
};

static sb_rd_group *
find_group(sb_rd_log *log, const char *name, bool stable)
{
    sb_rd_group *g = log->groups;
    while (g && (strcmp(g->name, name) != 0 || g->stable != stable)) {
        g = g->next;
    }
    return g;
}

static sb_status
new_group(sb_rd_log *log, const char *name, bool stable, sb_rd_group **out, sb_error *err)
{
    const sb_rd_setting settings[] = {
        {"group.id", name, true},
        {"enable.auto.commit", "false", true},
        {"isolation.level", stable ? "read_committed" : "read_uncommitted", true},
        {NULL, NULL, false},
    };
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;
    SB_TRY(sb_rd_conf(log, SB_KAFKA_FOR_CONSUMER, &log->client, settings, &conf, err), err);
    SB_TRY(sb_rd_client_new(log, RD_KAFKA_CONSUMER, conf, &rk, err), err);
    sb_mutex_lock(log->lock);
    sb_rd_group *g = find_group(log, name, stable); /* made by another thread meanwhile */
    bool first = !g;
    if (first) {
        g = SB_NEW(log->arena, sb_rd_group);
        char *copy = g ? sb_arena_strdup(log->arena, name) : NULL;
        if (copy) {
            *g = (sb_rd_group){.next = log->groups,
                               .name = copy,
                               .stable = stable,
                               .rk = rk,
                               .answers = log->rd->queue_new(rk)};
            log->groups = g;
        } else {
            g = NULL;
            first = false;
        }
    }
    sb_mutex_unlock(log->lock);
    if (!first) {
        log->rd->destroy(rk);
    }
    if (!g) {
        SB_NOMEM(err);
    }
    *out = g;
    return SB_OK;
}

static sb_status
group_of(sb_rd_log *log, const char *name, bool stable, sb_rd_group **out, sb_error *err)
{
    sb_mutex_lock(log->lock);
    *out = find_group(log, name, stable);
    sb_mutex_unlock(log->lock);
    return *out ? SB_OK : new_group(log, name, stable, out, err);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Fills the places if all are known. */
static rd_kafka_resp_err_t
take_committed(const rd_kafka_topic_partition_list_t *list, sb_arena *arena, sb_log_place *places,
               int32_t count, bool *no_memory)
{
    for (int32_t i = 0; i < count; i++) {
        if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return list->elems[i].err;
        }
    }
    for (int32_t i = 0; i < count; i++) {
        const rd_kafka_topic_partition_t *one = &list->elems[i];
        places[i].offset = one->offset >= 0 ? one->offset : SB_LOG_NO_OFFSET;
        places[i].metadata = NULL;
        if (one->metadata_size > 0) {
            places[i].metadata = sb_arena_strndup(arena, one->metadata, one->metadata_size);
            *no_memory = *no_memory || !places[i].metadata;
        }
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

sb_status
sb_rd_committed(sb_log *base, const char *group, bool stable, sb_arena *arena, sb_log_place *places,
                int32_t count, sb_error *err)
{
    sb_rd_log *log = sb_rd_log_of(base);
    const sb_rd *rd = log->rd;
    sb_rd_group *g;
    char doing[320];
    bool no_memory = false;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (count == 0) {
        return SB_OK;
    }
    SB_TRY(group_of(log, group, stable, &g, err), err);
    int64_t deadline = sb_rd_deadline(log, log->call_ms);
    for (int32_t ms; (ms = sb_rd_left(log, deadline, TRY_MS)) > 0;) {
        rd_kafka_topic_partition_list_t *list = sb_rd_places(rd, places, count, err);
        if (!list) {
            return SB_STATUS_NOMEM;
        }
        code = rd->committed(g->rk, list, ms);
        rd->poll(g->rk, 0);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            code = take_committed(list, arena, places, count, &no_memory);
        }
        rd->topic_partition_list_destroy(list);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR || !sb_rd_is_passing(code)) {
            break;
        }
        sb_thread_sleep_ns(PAUSE_NS);
    }
    if (no_memory) {
        SB_NOMEM(err);
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        atomic_store(&log->reached, true);
        return SB_OK;
    }
    snprintf(doing, sizeof doing, "committed offsets of group '%.200s'", group);
    return sb_rd_fail(log, code, NULL, doing, err);
}

/* ---- writing -------------------------------------------------------------------------------- */

static rd_kafka_resp_err_t
answer_of(const sb_rd *rd, rd_kafka_event_t *event)
{
    rd_kafka_resp_err_t code = rd->event_error(event);
    const rd_kafka_topic_partition_list_t *list = rd->event_topic_partition_list(event);
    for (int i = 0; list && i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        code = list->elems[i].err;
    }
    return code;
}

static sb_status
start_commit(sb_rd_log *log, sb_rd_group *g, const sb_log_place *places, int32_t count,
             rd_kafka_queue_t *answers, sb_error *err)
{
    const sb_rd *rd = log->rd;
    rd_kafka_topic_partition_list_t *list = sb_rd_places(rd, places, count, err);
    if (!list) {
        return SB_STATUS_NOMEM;
    }
    rd_kafka_resp_err_t code = rd->commit_queue(g->rk, list, answers, NULL, NULL);
    rd->topic_partition_list_destroy(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR
               ? SB_OK
               : sb_rd_fail(log, code, NULL, "committing offsets", err);
}

sb_status
sb_rd_commit_offsets(sb_log *base, const char *group, const sb_log_place *places, int32_t count,
                     sb_error *err)
{
    sb_rd_log *log = sb_rd_log_of(base);
    const sb_rd *rd = log->rd;
    sb_rd_group *g;
    char doing[320];
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (count == 0) {
        return SB_OK;
    }
    SB_TRY(group_of(log, group, true, &g, err), err);
    int64_t deadline = sb_rd_deadline(log, log->call_ms);
    /* A queue of this call alone: an answer that comes too late goes with it. */
    rd_kafka_queue_t *answers = rd->queue_new(g->rk);
    sb_status status = start_commit(log, g, places, count, answers, err);
    bool waiting = status == SB_OK;
    for (int32_t ms; waiting && (ms = sb_rd_left(log, deadline, TRY_MS)) > 0;) {
        rd_kafka_event_t *event = rd->queue_poll(answers, ms);
        rd->poll(g->rk, 0);
        if (event && rd->event_type(event) == RD_KAFKA_EVENT_OFFSET_COMMIT) {
            code = answer_of(rd, event);
            waiting = false;
            if (sb_rd_is_passing(code) && sb_rd_left(log, deadline, 1) > 0) {
                sb_thread_sleep_ns(PAUSE_NS);
                status = start_commit(log, g, places, count, answers, err);
                waiting = status == SB_OK;
            }
        }
        if (event) {
            rd->event_destroy(event);
        }
    }
    rd->queue_destroy(answers);
    if (status != SB_OK || code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return status;
    }
    snprintf(doing, sizeof doing, "committing offsets of group '%.200s'", group);
    return sb_rd_fail(log, code, NULL, doing, err);
}

/* Looks at the answers that are there, waiting for the first one up to `ms`. False: none. */
static bool
take_answer(sb_rd_log *log, sb_rd_group *g, int32_t ms)
{
    const sb_rd *rd = log->rd;
    rd_kafka_event_t *event = rd->queue_poll(g->answers, ms);
    if (!event) {
        return false;
    }
    if (rd->event_type(event) == RD_KAFKA_EVENT_OFFSET_COMMIT) {
        rd_kafka_resp_err_t code = answer_of(rd, event);
        atomic_fetch_sub(&g->outstanding, 1);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            sb_rd_note(log, true, "offsets of group '%s' were not committed: %s", g->name,
                       rd->err2str(code));
        }
    }
    rd->event_destroy(event);
    return true;
}

sb_status
sb_rd_commit_offsets_later(sb_log *base, const char *group, const sb_log_place *places,
                           int32_t count, sb_error *err)
{
    sb_rd_log *log = sb_rd_log_of(base);
    sb_rd_group *g;
    if (count == 0) {
        return SB_OK;
    }
    SB_TRY(group_of(log, group, true, &g, err), err);
    while (take_answer(log, g, 0)) {
    }
    log->rd->poll(g->rk, 0);
    SB_TRY(start_commit(log, g, places, count, g->answers, err), err);
    atomic_fetch_add(&g->outstanding, 1);
    return SB_OK;
}

void
sb_rd_groups_close(sb_rd_log *log)
{
    int64_t deadline = sb_rd_deadline(log, CLOSE_MS);
    for (sb_rd_group *g = log->groups; g; g = g->next) {
        for (int32_t ms;
             atomic_load(&g->outstanding) > 0 && (ms = sb_rd_left(log, deadline, CLOSE_MS)) > 0;) {
            take_answer(log, g, ms);
        }
        log->rd->queue_destroy(g->answers);
        log->rd->destroy(g->rk);
    }
    log->groups = NULL;
}
