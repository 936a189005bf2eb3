/*
 * connectors/kafka/kafka_transactions.c -- see kafka_transactions.h.
 */
#include "connectors/kafka/kafka_transactions.h"

#include "connectors/kafka/kafka_options.h"
#include "connectors/kafka/rd_log.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TURNS 2
/* Longest transaction that a broker takes unless it is told otherwise
 * (transaction.max.timeout.ms). */
#define BROKER_TIMEOUT_MS (15 * 60 * 1000)
#define TIMEOUT_MIN_MS    (60 * 1000)
#define MAGIC             "sabot1"

typedef struct turn { /* a producer; one that was tired is replaced */
    sb_log_producer *producer;
    char *id;  /* transactional */
    bool open; /* a transaction was begun */
} turn;

typedef struct transactions {
    sb_decider base;
    sb_mem *mem;
    sb_arena *arena;
    sb_log *log;
    const sb_log_driver *driver;
    sb_mutex *lock; /* of the producers: one may be replaced while it is asked */
    turn turns[TURNS];
    _Atomic int64_t decided; /* epochs */
    void (*wake)(void *ctx);
    void *ctx;
    bool claimed; /* the first decision, which no sink has a part in, is done */
    char *group, *anchor;
    char *servers;
    char job_id[40];
    uint64_t claim;
    int64_t timeout_ms;
} transactions;

static transactions *
transactions_of(sb_decider *d)
{
    return (transactions *)(void *)d;
}

/* ---- one decider for all sinks ---- */

typedef struct shared { /* what the sinks have together */
    const char *prefix, *anchor, *servers;
    sb_log_property *properties;
    int32_t count;
    int64_t timeout_ms;
} shared;

static sb_status
join_property(shared *all, const sb_log_property *p, const sb_sink_node *sink, const char *first,
              sb_error *err)
{
    for (int32_t i = 0; i < all->count; i++) {
        if (strcmp(all->properties[i].key, p->key) != 0) {
            continue;
        }
        if (strcmp(all->properties[i].value, p->value) == 0) {
            return SB_OK;
        }
        sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                     "not supported: exactly-once tables with different 'properties.%s': one "
                     "transaction holds the results of all of them (%s, %s)",
                     p->key, first, sink->table->name);
        sb_error_hint(err, "give both tables the same value, or write one of them at-least-once");
        return err->status;
    }
    all->properties[all->count++] = *p;
    return SB_OK;
}

static const char *
lesser(const char *a, const char *b)
{
    return !a || strcmp(b, a) < 0 ? b : a;
}

static sb_status
join_sinks(const sb_sink_node *const *sinks, int32_t count, sb_arena *arena, shared *out,
           sb_error *err)
{
    int32_t room = 0;
    const sb_kafka_options **options = SB_NEW_ARRAY(arena, const sb_kafka_options *, count);
    if (!options) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(sb_kafka_options_read(sinks[i]->table, SB_KAFKA_SINK, arena, &options[i], err), err);
        room += options[i]->count_properties;
    }
    *out = (shared){.properties = SB_NEW_ARRAY(arena, sb_log_property, room + 1)};
    if (!out->properties) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        const sb_kafka_options *o = options[i];
        for (int32_t k = 0; k < o->count_properties; k++) {
            SB_TRY(join_property(out, &o->properties[k], sinks[i], sinks[0]->table->name, err),
                   err);
        }
        out->prefix = lesser(out->prefix, o->transactional_id_prefix);
        for (int32_t k = 0; k < o->count_topics; k++) {
            out->anchor = lesser(out->anchor, o->topics[k]);
        }
        out->timeout_ms = o->transaction_timeout_ms ? o->transaction_timeout_ms : out->timeout_ms;
    }
    out->servers = options[0]->servers;
    if (!out->anchor) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: exactly-once results in topics of a pattern (table %s): name the "
                "topics",
                sinks[0]->table->name);
    }
    return SB_OK;
}

/* A transaction lives from the first row behind a barrier until the checkpoint after it is decided:
 * two intervals and what the checkpoint takes. */
static sb_status
choose_timeout(shared *all, int64_t interval_ms, sb_error *err)
{
    int64_t least_ms = 2 * interval_ms;
    if (all->timeout_ms > 0 && all->timeout_ms < least_ms) {
        sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                     "'properties.transaction.timeout.ms' = '%lld' is too short: a transaction is "
                     "open from one checkpoint to the next, and they are %lld ms apart",
                     (long long)all->timeout_ms, (long long)interval_ms);
        sb_error_hint(err, "set it to %lld at least, or take checkpoints more often",
                      (long long)(3 * interval_ms));
        return err->status;
    }
    if (all->timeout_ms == 0) {
        int64_t wanted_ms = interval_ms == 0 ? BROKER_TIMEOUT_MS : 3 * interval_ms;
        wanted_ms = wanted_ms < TIMEOUT_MIN_MS ? TIMEOUT_MIN_MS : wanted_ms;
        all->timeout_ms = wanted_ms > BROKER_TIMEOUT_MS ? BROKER_TIMEOUT_MS : wanted_ms;
        if (all->timeout_ms < least_ms) {
            sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                         "checkpoints are %lld ms apart, and a transaction may be open for %d ms "
                         "unless the brokers allow more",
                         (long long)interval_ms, BROKER_TIMEOUT_MS);
            sb_error_hint(err, "take checkpoints more often, or set "
                               "'properties.transaction.timeout.ms' and transaction.max.timeout.ms "
                               "of the brokers");
            return err->status;
        }
    }
    return SB_OK;
}

static sb_status
transactions_check(const sb_sink_node *const *sinks, int32_t count, int64_t interval_ms,
                   sb_error *err)
{
    shared all;
    sb_arena *arena = sb_arena_new(sb_mem_root());
    if (!arena) {
        SB_NOMEM(err);
    }
    sb_status status = join_sinks(sinks, count, arena, &all, err);
    if (status == SB_OK) {
        status = choose_timeout(&all, interval_ms, err);
    }
    sb_arena_free(arena);
    return status;
}

/* ---- what the group says ---- */

static bool
read_metadata(const char *text, sb_decision *out, uint64_t *out_claim)
{
    char job[40];
    int ended;
    if (!text || sscanf(text, MAGIC ";%39[^;];%16" SCNx64 ";%d", job, out_claim, &ended) != 3) {
        return false;
    }
    out->ended = ended != 0;
    snprintf(out->job_id, sizeof out->job_id, "%s", job);
    return true;
}

static sb_status
look(transactions *t, bool stable, sb_decision *out, uint64_t *out_claim, sb_error *err)
{
    sb_log_place place = {.topic = t->anchor, .offset = SB_LOG_NO_OFFSET};
    *out = (sb_decision){0};
    *out_claim = 0;
    SB_TRY(t->driver->committed(t->log, t->group, stable, t->arena, &place, 1, err), err);
    if (place.offset < 0) {
        return SB_OK;
    }
    if (!read_metadata(place.metadata, out, out_claim)) {
        sb_error_set(err, SB_STATUS_CONFLICT, __FILE__, __LINE__,
                     "group %s has an offset of topic %s that is not one of this engine's",
                     t->group, t->anchor);
        sb_error_hint(err, "somebody else uses the group: choose another "
                           "'sink.transactional-id-prefix'");
        return err->status;
    }
    out->known = true;
    out->checkpoint = (uint64_t)place.offset;
    return SB_OK;
}

static sb_status
leave_alone(const transactions *t, const sb_decider_init *init, const sb_decision *decision,
            uint64_t claim, sb_error *err)
{
    if (init->again && claim != init->claim) {
        sb_error_set(err, SB_STATUS_CONFLICT, __FILE__, __LINE__,
                     "another process has taken over the transactions of group %s on %s: this one "
                     "ends",
                     t->group, t->servers);
        sb_error_hint(err, "the same job was started twice, or two jobs have the same "
                           "'sink.transactional-id-prefix'");
        return err->status;
    }
    if (decision->known && !decision->ended && strcmp(decision->job_id, init->job_id) != 0) {
        sb_error_set(err, SB_STATUS_CONFLICT, __FILE__, __LINE__,
                     "the transactions of group %s on %s belong to another job (%s, checkpoint "
                     "%" PRIu64 "), which has not come to its end",
                     t->group, t->servers, decision->job_id, decision->checkpoint);
        sb_error_hint(err,
                      "resume it with its own state folder; or choose another "
                      "'sink.transactional-id-prefix'; or, if it is to be forgotten, delete "
                      "the group: kafka-consumer-groups.sh --delete --group %s",
                      t->group);
        return err->status;
    }
    return SB_OK;
}

/* ---- producers ---- */

static sb_status
open_turn(transactions *t, turn *own, sb_error *err)
{
    sb_log_producer_options options = {.transactional_id = own->id,
                                       .transaction_timeout_ms = t->timeout_ms,
                                       .wake = t->wake,
                                       .ctx = t->ctx};
    SB_TRY(t->driver->producer_open(t->log, &options, &own->producer, err), err);
    return t->driver->fence(own->producer, err);
}

static sb_status
begin_turn(transactions *t, turn *own, bool tired, sb_error *err)
{
    if (tired) {
        sb_mutex_lock(t->lock);
        t->driver->producer_close(own->producer);
        own->producer = NULL;
        sb_mutex_unlock(t->lock);
        SB_TRY(open_turn(t, own, err), err);
    }
    SB_TRY(t->driver->begin(own->producer, err), err);
    own->open = true;
    return SB_OK;
}

static void
transactions_close(sb_decider *d)
{
    transactions *t = transactions_of(d);
    for (int32_t i = 0; i < TURNS; i++) {
        sb_error ignored;
        sb_error_clear(&ignored);
        if (t->turns[i].open) { /* readers wait for the end of what was begun */
            (void)t->driver->abort(t->turns[i].producer, &ignored);
        }
        if (t->turns[i].producer) {
            t->driver->producer_close(t->turns[i].producer);
        }
    }
    if (t->log) {
        t->driver->close(t->log);
    }
    if (t->lock) {
        sb_mutex_free(t->lock);
    }
    sb_arena_free(t->arena);
    sb_free(t->mem, t, sizeof *t);
}

/* ---- opening ---- */

static sb_status
open_log(transactions *t, const sb_decider_init *init, const shared *all, sb_error *err)
{
    sb_log_config config = {.mem = init->mem,
                            .os = init->os,
                            .properties = all->properties,
                            .count = all->count,
                            .note = init->note,
                            .ctx = init->ctx};
    t->driver = sb_log_driver_of(init->os, &sb_log_driver_rdkafka);
    t->servers = sb_arena_strdup(t->arena, all->servers);
    t->anchor = sb_arena_strdup(t->arena, all->anchor);
    t->group = sb_arena_printf(t->arena, "%s-sabot", all->prefix);
    for (int32_t i = 0; i < TURNS; i++) {
        t->turns[i].id = sb_arena_printf(t->arena, "%s-sabot-%d", all->prefix, i);
        if (!t->turns[i].id) {
            SB_NOMEM(err);
        }
    }
    if (!t->servers || !t->anchor || !t->group) {
        SB_NOMEM(err);
    }
    return t->driver->open(&config, &t->log, err);
}

static sb_status
open_all(transactions *t, const sb_decider_init *init, sb_decision *out, sb_error *err)
{
    uint64_t claim;
    shared all;
    t->lock = sb_mutex_new();
    if (!t->lock) {
        SB_NOMEM(err);
    }
    SB_TRY(join_sinks(init->sinks, init->count_sinks, t->arena, &all, err), err);
    SB_TRY(choose_timeout(&all, init->checkpoint_interval, err), err);
    t->timeout_ms = all.timeout_ms;
    SB_TRY(open_log(t, init, &all, err), err);
    SB_TRY(look(t, false, out, &claim, err), err);
    SB_TRY(leave_alone(t, init, out, claim, err), err);
    for (int32_t i = 0; i < TURNS; i++) {
        SB_TRY(open_turn(t, &t->turns[i], err), err);
    }
    SB_TRY(look(t, true, out, &claim, err), err);
    SB_TRY(leave_alone(t, init, out, claim, err), err);
    for (int32_t i = 0; i < TURNS; i++) {
        SB_TRY(begin_turn(t, &t->turns[i], false, err), err);
    }
    return SB_OK;
}

static sb_status
transactions_open(const sb_decider_init *init, sb_decider **out, sb_decision *out_decision,
                  sb_error *err)
{
    transactions *t = sb_alloc_zero(init->mem, sizeof *t);
    if (!t) {
        SB_NOMEM(err);
    }
    t->base.vtable = &sb_kafka_transactions;
    t->mem = init->mem;
    t->claim = init->claim;
    t->wake = init->wake;
    t->ctx = init->ctx;
    snprintf(t->job_id, sizeof t->job_id, "%s", init->job_id);
    t->arena = sb_arena_new(init->mem);
    sb_status status =
        t->arena ? open_all(t, init, out_decision, err)
                 : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status != SB_OK) {
        sb_error_prefix(err, "exactly-once results of table %s", init->sinks[0]->table->name);
        transactions_close(&t->base);
        return status;
    }
    *out = &t->base;
    return SB_OK;
}

/* ---- deciding ---- */

/* The claim is written with the producer of epoch 0 before any sink has it. */
static turn *
oldest(transactions *t)
{
    return &t->turns[t->decided % TURNS];
}

static sb_status
transactions_prepare(sb_decider *d, sb_error *err)
{
    transactions *t = transactions_of(d);
    return t->driver->flush(oldest(t)->producer, err);
}

static sb_status
transactions_decide(sb_decider *d, uint64_t checkpoint, bool ended, sb_error *err)
{
    transactions *t = transactions_of(d);
    char metadata[128];
    bool tired = false;
    turn *own = oldest(t);
    sb_log_place place = {.topic = t->anchor, .offset = (int64_t)checkpoint, .metadata = metadata};
    snprintf(metadata, sizeof metadata, MAGIC ";%s;%016" PRIx64 ";%d", t->job_id, t->claim, ended);
    SB_TRY(t->driver->send_offsets(own->producer, t->group, &place, 1, err), err);
    own->open = false; /* whatever becomes of it */
    SB_TRY(t->driver->commit(own->producer, &tired, err), err);
    t->decided += t->claimed;
    t->claimed = true;
    return begin_turn(t, own, tired, err);
}

bool
sb_kafka_transactions_ready(sb_decider *d, int64_t epoch)
{
    transactions *t = transactions_of(d);
    bool ready = epoch == 0;
    if (!ready) {
        sb_mutex_lock(t->lock);
        const turn *before = &t->turns[(epoch - 1) % TURNS];
        ready = epoch <= atomic_load(&t->decided) || !before->producer ||
                t->driver->delivered(before->producer);
        sb_mutex_unlock(t->lock);
    }
    return ready;
}

sb_log_producer *
sb_kafka_transactions_producer(sb_decider *d, int64_t epoch)
{
    return transactions_of(d)->turns[epoch % TURNS].producer;
}

const sb_decider_vtable sb_kafka_transactions = {
    .name = "kafka",
    .check = transactions_check,
    .open = transactions_open,
    .prepare = transactions_prepare,
    .decide = transactions_decide,
    .close = transactions_close,
};
