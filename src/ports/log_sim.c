/*
 * ports/log_sim.c -- see log_sim.h: the client.
 */
#include "ports/log_sim.h"

#include "ports/log_sim_priv.h"

#include <string.h>

#define CONSUMED_MAX 64
#define QUEUE_MAX    512
#define LATE_MS      400 /* a request that is on its way arrives within this */

typedef struct sim_log {
    sb_log base;
    sb_log_sim *sim;
    sb_mem *mem;
} sim_log;

typedef struct consumed {
    char *topic;
    int32_t partition;
    int64_t next;
    bool used;
} consumed;

typedef struct sim_consumer {
    sb_log_consumer base;
    sim_log *log;
    sb_log_consumer_options options;
    sb_arena *arena; /* names */
    consumed at[CONSUMED_MAX];
    sb_log_record *records; /* of the last poll */
    int32_t capacity;
} sim_consumer;

typedef struct sim_producer {
    sb_log_producer base;
    sim_log *log;
    sb_log_producer_options options;
    int32_t id, epoch; /* id -1: no transactions */
    bool fenced, dead, begun;
    sb_log_append queue[QUEUE_MAX];
    int32_t count, limit;
    sb_error failure; /* of a delivery, not told yet */
} sim_producer;

static sb_log_fate
fate_of(sb_log_sim *sim, sb_log_call call, const char *what)
{
    sb_ls_tick(sim);
    return sim->fate ? sim->fate(sim->fate_ctx, call, what) : SB_LOG_FINE;
}

static sb_status
no_answer(sb_error *err, const char *what)
{
    sb_error_set(err, SB_STATUS_TIMEOUT, __FILE__, __LINE__, "no answer to %s", what);
    if (err) {
        err->retriable = true;
    }
    return SB_STATUS_TIMEOUT;
}

static bool
has_effect(sb_log_fate fate)
{
    return fate != SB_LOG_REQUEST_LOST && fate != SB_LOG_DEAD;
}

static bool
is_answered(sb_log_fate fate)
{
    return fate == SB_LOG_FINE || fate == SB_LOG_RETRIED;
}

/* ---- the cluster ---- */

static sb_status
sim_open(const sb_log_config *config, sb_log **out, sb_error *err)
{
    sim_log *log = sb_alloc_zero(config->mem, sizeof *log);
    if (!log) {
        SB_NOMEM(err);
    }
    log->base.driver = &sb_log_driver_sim;
    log->sim = config->os->log_cluster;
    log->mem = config->mem;
    *out = &log->base;
    return SB_OK;
}

static void
sim_close(sb_log *base)
{
    sim_log *log = (sim_log *)(void *)base;
    sb_free(log->mem, log, sizeof *log);
}

static sb_log_sim *
cluster_of(sb_log *log)
{
    return ((sim_log *)(void *)log)->sim;
}

static sb_status
sim_topics(sb_log *log, const char *const *names, int32_t count_names, sb_arena *arena,
           sb_log_topic **out, int32_t *out_count, sb_error *err)
{
    sb_log_sim *sim = cluster_of(log);
    int32_t count = names ? count_names : sim->count_topics;
    if (!is_answered(fate_of(sim, SB_LOG_CALL_TOPICS, names ? names[0] : "topics"))) {
        return no_answer(err, "topics");
    }
    *out = SB_NEW_ARRAY(arena, sb_log_topic, count + 1);
    if (!*out) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        const sb_ls_topic *topic = names ? sb_ls_find_topic(sim, names[i]) : &sim->topics[i];
        if (!topic) {
            SB_FAIL(err, SB_STATUS_NOT_FOUND, "topic %s is not there", names[i]);
        }
        (*out)[i] = (sb_log_topic){topic->name, topic->count};
    }
    *out_count = count;
    return SB_OK;
}

static sb_ls_partition *
find_partition(sb_log_sim *sim, const char *name, int32_t partition, sb_error *err)
{
    sb_ls_topic *topic = sb_ls_find_topic(sim, name);
    if (!topic || partition < 0 || partition >= topic->count) {
        sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__, "no partition %d of topic %s",
                     partition, name);
        return NULL;
    }
    return &topic->partitions[partition];
}

static int64_t
offset_at(const sb_ls_partition *p, int64_t timestamp_ms)
{
    for (int64_t i = 0; i < p->count; i++) {
        if (!p->at[i].mark && p->at[i].timestamp_ms >= timestamp_ms) {
            return i;
        }
    }
    return SB_LOG_NO_OFFSET;
}

static sb_status
sim_bounds(sb_log *log, sb_log_bound bound, sb_log_place *places, int32_t count, sb_error *err)
{
    sb_log_sim *sim = cluster_of(log);
    if (!is_answered(fate_of(sim, SB_LOG_CALL_BOUNDS, places[0].topic))) {
        return no_answer(err, "offsets of a topic");
    }
    for (int32_t i = 0; i < count; i++) {
        const sb_ls_partition *p = find_partition(sim, places[i].topic, places[i].partition, err);
        if (!p) {
            return SB_STATUS_NOT_FOUND;
        }
        places[i].offset = bound == SB_LOG_EARLIEST ? 0
                           : bound == SB_LOG_LATEST ? p->count
                           : bound == SB_LOG_STABLE ? sb_ls_stable_offset(sim, p)
                                                    : offset_at(p, places[i].timestamp_ms);
    }
    return SB_OK;
}

static sb_status
sim_committed(sb_log *log, const char *group, bool stable, sb_arena *arena, sb_log_place *places,
              int32_t count, sb_error *err)
{
    sb_log_sim *sim = cluster_of(log);
    if (!is_answered(fate_of(sim, SB_LOG_CALL_COMMITTED, group)) ||
        (stable && sb_ls_offset_pending(sim, group))) {
        return no_answer(err, "offsets of a group");
    }
    for (int32_t i = 0; i < count; i++) {
        const sb_ls_offset *o = sb_ls_get_offset(sim, group, places[i].topic, places[i].partition);
        places[i].offset = o ? o->offset : SB_LOG_NO_OFFSET;
        places[i].metadata = o ? sb_arena_strdup(arena, o->metadata) : NULL;
    }
    return SB_OK;
}

static sb_status
sim_commit_offsets(sb_log *log, const char *group, const sb_log_place *places, int32_t count,
                   sb_error *err)
{
    sb_log_sim *sim = cluster_of(log);
    sb_log_fate fate = fate_of(sim, SB_LOG_CALL_COMMIT_OFFSETS, group);
    for (int32_t i = 0; has_effect(fate) && i < count; i++) {
        sb_ls_set_offset(sim, group, &places[i]);
    }
    return is_answered(fate) ? SB_OK : no_answer(err, "a commit of offsets");
}

static sb_status
sim_commit_later(sb_log *log, const char *group, const sb_log_place *places, int32_t count,
                 sb_error *err)
{
    sb_error ignored;
    (void)err;
    sb_error_clear(&ignored);
    (void)sim_commit_offsets(log, group, places, count, &ignored);
    return SB_OK;
}

/* ---- reading ---- */

static sim_consumer *
consumer_of(sb_log_consumer *c)
{
    return (sim_consumer *)(void *)c;
}

static sb_status
sim_consumer_open(sb_log *base, const sb_log_consumer_options *options, sb_log_consumer **out,
                  sb_error *err)
{
    sim_log *log = (sim_log *)(void *)base;
    sim_consumer *c = sb_alloc_zero(log->mem, sizeof *c);
    if (!c) {
        SB_NOMEM(err);
    }
    c->base.driver = &sb_log_driver_sim;
    c->log = log;
    c->options = *options;
    c->arena = sb_arena_new(log->mem);
    *out = &c->base;
    if (!c->arena) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static void
sim_consumer_close(sb_log_consumer *base)
{
    sim_consumer *c = consumer_of(base);
    sb_free(c->log->mem, c->records, sizeof *c->records * (size_t)c->capacity);
    sb_arena_free(c->arena);
    sb_free(c->log->mem, c, sizeof *c);
}

static sb_status
sim_consume(sb_log_consumer *base, const char *topic, int32_t partition, int64_t offset,
            int32_t *out_handle, sb_error *err)
{
    sim_consumer *c = consumer_of(base);
    int32_t at = 0;
    while (at < CONSUMED_MAX && c->at[at].used) {
        at++;
    }
    sb_assert(at < CONSUMED_MAX);
    c->at[at] = (consumed){sb_arena_strdup(c->arena, topic), partition, offset, true};
    *out_handle = at;
    if (!c->at[at].topic) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static void
sim_unconsume(sb_log_consumer *base, int32_t handle)
{
    consumer_of(base)->at[handle].used = false;
}

static sb_status
make_room(sim_consumer *c, int32_t limit, sb_error *err)
{
    if (c->capacity < limit) {
        sb_log_record *records =
            sb_realloc(c->log->mem, c->records, sizeof *records * (size_t)c->capacity,
                       sizeof *records * (size_t)limit);
        if (!records) {
            SB_NOMEM(err);
        }
        c->records = records;
        c->capacity = limit;
    }
    return SB_OK;
}

static bool
is_seen(const sim_consumer *c, const sb_ls_record *r)
{
    const sb_log_sim *sim = c->log->sim;
    return !r->mark && (c->options.uncommitted || r->transaction < 0 || sim->lies.reads_open ||
                        sim->transactions[r->transaction].state == SB_LS_COMMITTED);
}

static sb_status
sim_poll(sb_log_consumer *base, int32_t handle, int32_t limit, sb_log_records *out, sb_error *err)
{
    sim_consumer *c = consumer_of(base);
    sb_log_sim *sim = c->log->sim;
    consumed *from = &c->at[handle];
    *out = (sb_log_records){.next_offset = from->next, .end_offset = SB_LOG_NO_OFFSET};
    SB_TRY(make_room(c, limit, err), err);
    out->at = c->records;
    if (!is_answered(fate_of(sim, SB_LOG_CALL_POLL, from->topic)) || sb_ls_random(sim, 8) == 0) {
        if (c->options.wake) { /* nothing has come yet; it will */
            c->options.wake(c->options.ctx);
        }
        return SB_OK;
    }
    const sb_ls_partition *p = find_partition(sim, from->topic, from->partition, err);
    if (!p) {
        return SB_STATUS_NOT_FOUND;
    }
    int64_t end = c->options.uncommitted ? p->count : sb_ls_stable_offset(sim, p);
    if (from->next > p->count) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "offset %lld of %s-%d is not there",
                (long long)from->next, from->topic, from->partition);
    }
    int32_t most = sb_ls_random(sim, 2) ? limit : 1 + (int32_t)sb_ls_random(sim, (uint64_t)limit);
    while (from->next < end && out->count < most) {
        const sb_ls_record *r = &p->at[from->next++];
        if (is_seen(c, r)) {
            c->records[out->count++] = (sb_log_record){.offset = from->next - 1,
                                                       .timestamp_ms = r->timestamp_ms,
                                                       .leader_epoch = 0,
                                                       .time_type = SB_LOG_CREATE_TIME,
                                                       .key = r->key,
                                                       .value = r->value,
                                                       .native = r};
        }
    }
    out->next_offset = from->next;
    out->end_offset = end;
    out->at_end = from->next >= end;
    return SB_OK;
}

static void
sim_release(sb_log_consumer *base, sb_log_records *records)
{
    (void)base;
    (void)records;
}

static bool
sim_header(const sb_log_record *record, int32_t index, sb_log_header *out)
{
    const sb_ls_record *r = record->native;
    if (index >= r->count_headers) {
        return false;
    }
    *out = r->headers[index];
    return true;
}

/* ---- writing ---- */

static sim_producer *
producer_of(sb_log_producer *p)
{
    return (sim_producer *)(void *)p;
}

static sb_status
sim_producer_open(sb_log *base, const sb_log_producer_options *options, sb_log_producer **out,
                  sb_error *err)
{
    sim_log *log = (sim_log *)(void *)base;
    sim_producer *p = sb_alloc_zero(log->mem, sizeof *p);
    if (!p) {
        SB_NOMEM(err);
    }
    p->base.driver = &sb_log_driver_sim;
    p->log = log;
    p->options = *options;
    p->id = options->transactional_id ? sb_ls_id_of(log->sim, options->transactional_id) : -1;
    p->limit = 1 + (int32_t)sb_ls_random(log->sim, QUEUE_MAX);
    *out = &p->base;
    return SB_OK;
}

static sb_ls_late
late_record(const sim_producer *p, const sb_log_append *record)
{
    return (sb_ls_late){.id = p->id, .epoch = p->epoch, .record = *record};
}

/* The process is dead: some of what was queued is on its way. */
static void
let_go(sim_producer *p)
{
    sb_log_sim *sim = p->log->sim;
    int32_t sent = p->count > 0 ? (int32_t)sb_ls_random(sim, (uint64_t)p->count + 1) : 0;
    int64_t delay_ms = (int64_t)sb_ls_random(sim, LATE_MS);
    for (int32_t i = 0; i < sent; i++) {
        sb_ls_late late = late_record(p, &p->queue[i]);
        sb_ls_send_late(sim, &late, delay_ms);
    }
    p->count = 0;
}

static void
sim_producer_close(sb_log_producer *base)
{
    sim_producer *p = producer_of(base);
    if (p->dead) {
        let_go(p);
    }
    sb_free(p->log->mem, p, sizeof *p);
}

static void
deliver(sim_producer *p, int32_t count)
{
    sb_log_sim *sim = p->log->sim;
    for (int32_t i = 0; i < count && p->failure.status == SB_OK; i++) {
        (void)sb_ls_append(sim, p->id, p->epoch, &p->queue[i], &p->failure);
    }
    p->count -= count;
    memmove(p->queue, p->queue + count, sizeof p->queue[0] * (size_t)p->count);
}

static sb_status
tell_failure(sim_producer *p, sb_error *err)
{
    if (p->failure.status == SB_OK) {
        return SB_OK;
    }
    *err = p->failure;
    sb_error_clear(&p->failure);
    return err->status;
}

static sb_status
sim_producer_append(sb_log_producer *base, const sb_log_append *records, int32_t count,
                    int32_t *out_taken, sb_error *err)
{
    sim_producer *p = producer_of(base);
    sb_log_sim *sim = p->log->sim;
    sb_log_fate fate = fate_of(sim, SB_LOG_CALL_APPEND, records[0].topic);
    int32_t taken = 0;
    *out_taken = 0;
    sb_assert(p->id < 0 || p->begun);
    SB_TRY(tell_failure(p, err), err);
    p->dead |= fate == SB_LOG_DEAD || fate == SB_LOG_DEAD_AFTER;
    while (taken < count && p->count < p->limit && fate != SB_LOG_DEAD) {
        p->queue[p->count++] = sb_ls_copy(sim, &records[taken++]);
    }
    *out_taken = taken;
    if (fate == SB_LOG_REQUEST_LOST) { /* a delivery that the client gave up */
        sb_error_set(&p->failure, SB_STATUS_IO, __FILE__, __LINE__, "a record of %s was lost",
                     records[0].topic);
        p->failure.retriable = true;
    } else if (!p->dead && sb_ls_random(sim, 4) == 0) { /* batches linger */
        deliver(p, (int32_t)sb_ls_random(sim, (uint64_t)p->count + 1));
    }
    if (p->dead) {
        return no_answer(err, "append");
    }
    if (taken < count && p->options.wake) {
        p->options.wake(p->options.ctx);
    }
    return SB_OK;
}

static bool
sim_delivered(sb_log_producer *base)
{
    sim_producer *p = producer_of(base);
    sb_ls_tick(p->log->sim);
    if (p->count > 0 && p->options.wake) {
        if (!p->dead) {
            deliver(p, (int32_t)sb_ls_random(p->log->sim, (uint64_t)p->count + 1));
        }
        p->options.wake(p->options.ctx);
    }
    return p->count == 0 || p->log->sim->lies.delivered_early;
}

static sb_status
sim_flush(sb_log_producer *base, sb_error *err)
{
    sim_producer *p = producer_of(base);
    sb_log_fate fate =
        fate_of(p->log->sim, SB_LOG_CALL_FLUSH,
                p->options.transactional_id ? p->options.transactional_id : "records");
    p->dead |= fate == SB_LOG_DEAD || fate == SB_LOG_DEAD_AFTER;
    if (has_effect(fate)) {
        deliver(p, p->count);
    }
    SB_TRY(tell_failure(p, err), err);
    return is_answered(fate) ? SB_OK : no_answer(err, "flush");
}

static sb_status
sim_producer_fence(sb_log_producer *base, sb_error *err)
{
    sim_producer *p = producer_of(base);
    sb_log_sim *sim = p->log->sim;
    sb_log_fate fate = fate_of(sim, SB_LOG_CALL_FENCE, p->options.transactional_id);
    p->dead |= fate == SB_LOG_DEAD || fate == SB_LOG_DEAD_AFTER;
    if (has_effect(fate)) {
        p->epoch = sb_ls_fence(sim, p->id, p->options.transaction_timeout_ms);
        p->fenced = is_answered(fate);
    }
    return is_answered(fate) ? SB_OK : no_answer(err, "init_transactions");
}

static sb_status
sim_producer_begin(sb_log_producer *base, sb_error *err)
{
    sim_producer *p = producer_of(base);
    (void)err;
    sb_assert(p->fenced && !p->begun);
    p->begun = true;
    return SB_OK;
}

static sb_status
sim_producer_send_offsets(sb_log_producer *base, const char *group, const sb_log_place *places,
                          int32_t count, sb_error *err)
{
    sim_producer *p = producer_of(base);
    sb_log_sim *sim = p->log->sim;
    sb_log_fate fate = fate_of(sim, SB_LOG_CALL_SEND_OFFSETS, group);
    sb_assert(p->begun);
    p->dead |= fate == SB_LOG_DEAD || fate == SB_LOG_DEAD_AFTER;
    if (has_effect(fate)) {
        SB_TRY(sb_ls_send_offsets(sim, p->id, p->epoch, group, places, count, err), err);
    }
    return is_answered(fate) ? SB_OK : no_answer(err, "send_offsets");
}

static sb_status
end(sim_producer *p, sb_log_call call, bool *out_tired, sb_error *err)
{
    sb_log_sim *sim = p->log->sim;
    sb_log_fate fate = fate_of(sim, call, p->options.transactional_id);
    bool commit = call == SB_LOG_CALL_COMMIT;
    sb_ls_late again = {.commit = true, .id = p->id, .epoch = p->epoch};
    sb_assert(p->begun);
    p->dead |= fate == SB_LOG_DEAD || fate == SB_LOG_DEAD_AFTER;
    p->count = 0; /* what was not flushed is no part of it */
    if (has_effect(fate)) {
        SB_TRY(sb_ls_end(sim, p->id, p->epoch, commit, err), err);
    }
    bool on_its_way = fate == SB_LOG_RETRIED || fate == SB_LOG_DEAD || fate == SB_LOG_REQUEST_LOST;
    if (commit && on_its_way && (fate == SB_LOG_RETRIED || sb_ls_random(sim, 2))) {
        sb_ls_send_late(sim, &again, (int64_t)sb_ls_random(sim, LATE_MS));
    }
    p->begun = false;
    *out_tired = fate == SB_LOG_RETRIED && !sim->lies.never_tired;
    return is_answered(fate) ? SB_OK : no_answer(err, commit ? "commit" : "abort");
}

static sb_status
sim_commit(sb_log_producer *base, bool *out_tired, sb_error *err)
{
    return end(producer_of(base), SB_LOG_CALL_COMMIT, out_tired, err);
}

static sb_status
sim_abort(sb_log_producer *base, sb_error *err)
{
    bool tired;
    return end(producer_of(base), SB_LOG_CALL_ABORT, &tired, err);
}

const sb_log_driver sb_log_driver_sim = {
    .name = "simulated",
    .open = sim_open,
    .close = sim_close,
    .topics = sim_topics,
    .bounds = sim_bounds,
    .committed = sim_committed,
    .commit_offsets = sim_commit_offsets,
    .commit_offsets_later = sim_commit_later,
    .consumer_open = sim_consumer_open,
    .consumer_close = sim_consumer_close,
    .consume = sim_consume,
    .unconsume = sim_unconsume,
    .poll = sim_poll,
    .release = sim_release,
    .header = sim_header,
    .producer_open = sim_producer_open,
    .producer_close = sim_producer_close,
    .append = sim_producer_append,
    .delivered = sim_delivered,
    .flush = sim_flush,
    .fence = sim_producer_fence,
    .begin = sim_producer_begin,
    .send_offsets = sim_producer_send_offsets,
    .commit = sim_commit,
    .abort = sim_abort,
};
