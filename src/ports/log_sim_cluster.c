/*
 * ports/log_sim_cluster.c -- see log_sim.h: the brokers.
 */
#include "ports/log_sim.h"

#include "ports/log_sim_priv.h"

#include <string.h>

uint64_t
sb_ls_random(sb_log_sim *sim, uint64_t below)
{
    uint64_t z = sim->random += UINT64_C(0x9E3779B97F4A7C15); /* SplitMix64 */
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (z ^ (z >> 31)) % below;
}

int64_t
sb_ls_now_ms(sb_log_sim *sim)
{
    return sim->clock->wall_us(sim->clock) / 1000;
}

sb_log_sim *
sb_log_sim_new(sb_os *clock, uint64_t seed)
{
    sb_log_sim *sim = sb_alloc_zero(sb_mem_root(), sizeof *sim);
    sb_assert(sim);
    sim->clock = clock;
    sim->mem = sb_mem_root();
    sim->arena = sb_arena_new(sim->mem);
    sim->random = seed;
    sb_assert(sim->arena);
    return sim;
}

void
sb_log_sim_free(sb_log_sim *sim)
{
    if (!sim) {
        return;
    }
    for (int32_t t = 0; t < sim->count_topics; t++) {
        for (int32_t p = 0; p < sim->topics[t].count; p++) {
            sb_ls_partition *part = &sim->topics[t].partitions[p];
            sb_free(sim->mem, part->at, sizeof *part->at * (size_t)part->capacity);
        }
    }
    sb_free(sim->mem, sim->transactions,
            sizeof *sim->transactions * (size_t)sim->capacity_transactions);
    sb_arena_free(sim->arena);
    sb_free(sim->mem, sim, sizeof *sim);
}

sb_ls_topic *
sb_ls_find_topic(sb_log_sim *sim, const char *name)
{
    for (int32_t i = 0; i < sim->count_topics; i++) {
        if (strcmp(sim->topics[i].name, name) == 0) {
            return &sim->topics[i];
        }
    }
    return NULL;
}

void
sb_log_sim_topic(sb_log_sim *sim, const char *name, int32_t partitions)
{
    sb_ls_topic *topic = sb_ls_find_topic(sim, name);
    if (!topic) {
        sb_assert(sim->count_topics < SB_LS_TOPICS_MAX);
        topic = &sim->topics[sim->count_topics++];
        topic->name = sb_arena_strdup(sim->arena, name);
    }
    sb_ls_partition *all = SB_NEW_ARRAY(sim->arena, sb_ls_partition, partitions);
    sb_assert(all && partitions >= topic->count);
    if (topic->count > 0) {
        memcpy(all, topic->partitions, sizeof *all * (size_t)topic->count);
    }
    topic->partitions = all;
    topic->count = partitions;
}

void
sb_log_sim_set_lies(sb_log_sim *sim, const sb_log_sim_lies *lies)
{
    sim->lies = *lies;
}

void
sb_log_sim_set_fate(sb_log_sim *sim,
                    sb_log_fate (*fate)(void *ctx, sb_log_call call, const char *what), void *ctx)
{
    sim->fate = fate;
    sim->fate_ctx = ctx;
}

/* ---- records ---- */

static sb_str
copy_bytes(sb_log_sim *sim, sb_str bytes)
{
    return (sb_str){bytes.data ? sb_arena_strndup(sim->arena, bytes.data, bytes.size) : NULL,
                    bytes.size};
}

sb_log_append
sb_ls_copy(sb_log_sim *sim, const sb_log_append *record)
{
    sb_log_append copy = *record;
    sb_log_header *headers = SB_NEW_ARRAY(sim->arena, sb_log_header, record->count_headers + 1);
    copy.topic = sb_arena_strdup(sim->arena, record->topic);
    copy.key = copy_bytes(sim, record->key);
    copy.value = copy_bytes(sim, record->value);
    for (int32_t i = 0; i < record->count_headers; i++) {
        headers[i] = (sb_log_header){copy_bytes(sim, record->headers[i].key),
                                     copy_bytes(sim, record->headers[i].value)};
    }
    copy.headers = headers;
    return copy;
}

static sb_ls_record *
add_record(sb_log_sim *sim, sb_ls_partition *p)
{
    if (p->count == p->capacity) {
        int64_t capacity = p->capacity ? 2 * p->capacity : 64;
        p->at = sb_realloc(sim->mem, p->at, sizeof *p->at * (size_t)p->capacity,
                           sizeof *p->at * (size_t)capacity);
        sb_assert(p->at);
        p->capacity = capacity;
    }
    sb_ls_record *record = &p->at[p->count++];
    memset(record, 0, sizeof *record);
    record->transaction = -1;
    return record;
}

static uint64_t
hash_bytes(sb_str bytes)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < bytes.size; i++) {
        h = (h ^ (unsigned char)bytes.data[i]) * 1099511628211u;
    }
    return h ^ (h >> 29);
}

static void
store_record(sb_log_sim *sim, const sb_log_append *from, int32_t transaction)
{
    sb_ls_topic *topic = sb_ls_find_topic(sim, from->topic);
    int32_t partition = from->partition;
    if (partition < 0) {
        partition =
            (int32_t)((from->key.data ? hash_bytes(from->key) : sb_ls_random(sim, 1 << 20)) %
                      (uint64_t)topic->count);
    }
    sb_log_append copy = sb_ls_copy(sim, from);
    sb_ls_record *record = add_record(sim, &topic->partitions[partition]);
    record->timestamp_ms = from->timestamp_ms >= 0 ? from->timestamp_ms : sb_ls_now_ms(sim);
    record->transaction = transaction;
    record->key = copy.key;
    record->value = copy.value;
    record->headers = (sb_log_header *)(uintptr_t)copy.headers;
    record->count_headers = copy.count_headers;
}

void
sb_log_sim_put(sb_log_sim *sim, const char *topic, int32_t partition, sb_str key, sb_str value,
               int64_t timestamp_ms)
{
    sb_log_append record = {.topic = topic,
                            .partition = partition,
                            .key = key,
                            .value = value,
                            .timestamp_ms = timestamp_ms};
    store_record(sim, &record, -1);
}

static bool
is_open(const sb_log_sim *sim, const sb_ls_record *record)
{
    return record->transaction >= 0 && sim->transactions[record->transaction].state == SB_LS_OPEN;
}

int64_t
sb_ls_stable_offset(const sb_log_sim *sim, const sb_ls_partition *p)
{
    for (int64_t i = 0; i < p->count; i++) {
        if (is_open(sim, &p->at[i]) && !sim->lies.reads_open) {
            return i;
        }
    }
    return p->count;
}

void
sb_log_sim_read(sb_log_sim *sim, const char *topic, bool committed,
                void (*visit)(void *ctx, int32_t partition, const sb_log_record *record), void *ctx)
{
    sb_ls_topic *t = sb_ls_find_topic(sim, topic);
    for (int32_t p = 0; t && p < t->count; p++) {
        const sb_ls_partition *part = &t->partitions[p];
        int64_t end = committed ? sb_ls_stable_offset(sim, part) : part->count;
        for (int64_t i = 0; i < end; i++) {
            const sb_ls_record *r = &part->at[i];
            if (r->mark || (committed && r->transaction >= 0 &&
                            sim->transactions[r->transaction].state == SB_LS_ABORTED)) {
                continue;
            }
            sb_log_record seen = {.offset = i,
                                  .timestamp_ms = r->timestamp_ms,
                                  .key = r->key,
                                  .value = r->value,
                                  .native = r};
            visit(ctx, p, &seen);
        }
    }
}

/* ---- groups ---- */

const sb_ls_offset *
sb_ls_get_offset(const sb_log_sim *sim, const char *group, const char *topic, int32_t partition)
{
    for (int32_t i = 0; i < sim->count_offsets; i++) {
        const sb_ls_offset *o = &sim->offsets[i];
        if (strcmp(o->group, group) == 0 && strcmp(o->topic, topic) == 0 &&
            o->partition == partition) {
            return o;
        }
    }
    return NULL;
}

void
sb_ls_set_offset(sb_log_sim *sim, const char *group, const sb_log_place *place)
{
    sb_ls_offset *o =
        (sb_ls_offset *)(uintptr_t)sb_ls_get_offset(sim, group, place->topic, place->partition);
    if (!o) {
        sb_assert(sim->count_offsets < SB_LS_GROUPS_MAX);
        o = &sim->offsets[sim->count_offsets++];
        o->group = sb_arena_strdup(sim->arena, group);
        o->topic = sb_arena_strdup(sim->arena, place->topic);
        o->partition = place->partition;
    }
    o->offset = place->offset;
    o->metadata = sb_arena_strdup(sim->arena, place->metadata ? place->metadata : "");
}

bool
sb_ls_offset_pending(const sb_log_sim *sim, const char *group)
{
    for (int32_t i = 0; i < sim->count_transactions; i++) {
        const sb_ls_transaction *t = &sim->transactions[i];
        for (int32_t k = 0; t->state == SB_LS_OPEN && k < t->count_offsets; k++) {
            if (strcmp(t->offsets[k].group, group) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* ---- transactions ---- */

int32_t
sb_ls_id_of(sb_log_sim *sim, const char *name)
{
    for (int32_t i = 0; i < sim->count_ids; i++) {
        if (strcmp(sim->ids[i].name, name) == 0) {
            return i;
        }
    }
    sb_assert(sim->count_ids < SB_LS_IDS_MAX);
    sim->ids[sim->count_ids] = (sb_ls_id){.name = sb_arena_strdup(sim->arena, name), .open = -1};
    return sim->count_ids++;
}

/* A mark in every partition that the transaction has records in; its offsets count, or never
 * did. */
static void
end_transaction(sb_log_sim *sim, int32_t id, bool commit)
{
    int32_t place = sim->ids[id].open;
    sb_ls_transaction *t = &sim->transactions[place];
    t->state = commit ? SB_LS_COMMITTED : SB_LS_ABORTED;
    sim->ids[id].open = -1;
    sim->commits += commit;
    for (int32_t i = 0; commit && i < t->count_offsets; i++) {
        const sb_ls_offset *o = &t->offsets[i];
        sb_log_place at = {o->topic, o->partition, o->offset, 0, o->metadata};
        sb_ls_set_offset(sim, o->group, &at);
    }
    for (int32_t n = 0; n < sim->count_topics; n++) {
        for (int32_t p = 0; p < sim->topics[n].count; p++) {
            sb_ls_partition *part = &sim->topics[n].partitions[p];
            bool has = false;
            for (int64_t i = part->count - 1; i >= 0 && !has; i--) {
                has = part->at[i].transaction == place;
            }
            if (has) {
                sb_ls_record *mark = add_record(sim, part);
                mark->mark = true;
            }
        }
    }
}

int32_t
sb_ls_fence(sb_log_sim *sim, int32_t id, int64_t timeout_ms)
{
    sb_ls_id *owner = &sim->ids[id];
    owner->timeout_ms = timeout_ms;
    if (sim->lies.no_fence) {
        return owner->epoch;
    }
    if (owner->open >= 0) {
        end_transaction(sim, id, false);
    }
    return ++owner->epoch;
}

static sb_status
check_epoch(const sb_log_sim *sim, int32_t id, int32_t epoch, sb_error *err)
{
    if (!sim->lies.no_fence && sim->ids[id].epoch != epoch) {
        SB_FAIL(err, SB_STATUS_CONFLICT, "transactional id %s: epoch %d is fenced by %d",
                sim->ids[id].name, epoch, sim->ids[id].epoch);
    }
    return SB_OK;
}

static int32_t
open_transaction(sb_log_sim *sim, int32_t id)
{
    if (sim->ids[id].open >= 0) {
        return sim->ids[id].open;
    }
    if (sim->count_transactions == sim->capacity_transactions) {
        int32_t capacity = sim->capacity_transactions ? 2 * sim->capacity_transactions : 64;
        sim->transactions =
            sb_realloc(sim->mem, sim->transactions,
                       sizeof(sb_ls_transaction) * (size_t)sim->capacity_transactions,
                       sizeof(sb_ls_transaction) * (size_t)capacity);
        sb_assert(sim->transactions);
        sim->capacity_transactions = capacity;
    }
    sim->transactions[sim->count_transactions] =
        (sb_ls_transaction){.state = SB_LS_OPEN, .id = id, .started_ms = sb_ls_now_ms(sim)};
    return sim->ids[id].open = sim->count_transactions++;
}

sb_status
sb_ls_append(sb_log_sim *sim, int32_t id, int32_t epoch, const sb_log_append *record, sb_error *err)
{
    sb_ls_topic *topic = sb_ls_find_topic(sim, record->topic);
    if (!topic || record->partition >= topic->count) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "no partition %d of topic %s", record->partition,
                record->topic);
    }
    if (id < 0) {
        store_record(sim, record, -1);
        return SB_OK;
    }
    SB_TRY(check_epoch(sim, id, epoch, err), err);
    int32_t place = open_transaction(sim, id);
    sim->transactions[place].touched = true;
    store_record(sim, record, place);
    return SB_OK;
}

sb_status
sb_ls_send_offsets(sb_log_sim *sim, int32_t id, int32_t epoch, const char *group,
                   const sb_log_place *places, int32_t count, sb_error *err)
{
    SB_TRY(check_epoch(sim, id, epoch, err), err);
    int32_t place = open_transaction(sim, id);
    sb_ls_transaction *t = &sim->transactions[place];
    t->touched = true;
    t->offsets = SB_NEW_ARRAY(sim->arena, sb_ls_offset, count);
    t->count_offsets = count;
    for (int32_t i = 0; i < count; i++) {
        t->offsets[i] = (sb_ls_offset){
            .group = sb_arena_strdup(sim->arena, group),
            .topic = sb_arena_strdup(sim->arena, places[i].topic),
            .partition = places[i].partition,
            .offset = places[i].offset,
            .metadata = sb_arena_strdup(sim->arena, places[i].metadata ? places[i].metadata : "")};
        if (sim->lies.offsets_outside) {
            sb_ls_set_offset(sim, group, &places[i]);
        }
    }
    if (sim->lies.offsets_outside) {
        t->count_offsets = 0;
    }
    return SB_OK;
}

sb_status
sb_ls_end(sb_log_sim *sim, int32_t id, int32_t epoch, bool commit, sb_error *err)
{
    SB_TRY(check_epoch(sim, id, epoch, err), err);
    if (sim->ids[id].open >= 0) {
        end_transaction(sim, id, commit);
    }
    return SB_OK;
}

/* ---- time ---- */

void
sb_ls_send_late(sb_log_sim *sim, const sb_ls_late *request, int64_t delay_ms)
{
    sb_ls_late *late = SB_NEW(sim->arena, sb_ls_late);
    sb_ls_late **at = &sim->late;
    *late = *request;
    late->at_ms = sb_ls_now_ms(sim) + delay_ms;
    while (*at && (*at)->at_ms <= late->at_ms) {
        at = &(*at)->next;
    }
    late->next = *at;
    *at = late;
}

static void
arrive(sb_log_sim *sim, const sb_ls_late *late)
{
    sb_error ignored;
    sb_error_clear(&ignored);
    if (late->commit) {
        (void)sb_ls_end(sim, late->id, late->epoch, true, &ignored);
    } else if (late->id < 0 || sim->ids[late->id].open >= 0) {
        /* Its transaction must have been begun with the coordinator: one that has ended since
         * takes nothing any more (KIP-890, part 1). */
        (void)sb_ls_append(sim, late->id, late->epoch, &late->record, &ignored);
    }
}

void
sb_ls_tick(sb_log_sim *sim)
{
    int64_t now_ms = sb_ls_now_ms(sim);
    while (sim->late && sim->late->at_ms <= now_ms) {
        sb_ls_late *late = sim->late;
        sim->late = late->next;
        arrive(sim, late);
    }
    for (int32_t i = 0; i < sim->count_ids; i++) {
        sb_ls_id *id = &sim->ids[i];
        if (id->open >= 0 && now_ms - sim->transactions[id->open].started_ms > id->timeout_ms) {
            end_transaction(sim, i, false);
            id->epoch++; /* its owner learns of it by being refused */
        }
    }
}

void
sb_log_sim_settle(sb_log_sim *sim)
{
    while (sim->late) {
        sb_ls_late *late = sim->late;
        sim->late = late->next;
        arrive(sim, late);
    }
    sb_ls_tick(sim);
}

int32_t
sb_log_sim_open_transactions(const sb_log_sim *sim)
{
    int32_t count = 0;
    for (int32_t i = 0; i < sim->count_ids; i++) {
        int32_t open = sim->ids[i].open;
        count += open >= 0 && sim->transactions[open].touched;
    }
    return count;
}

int64_t
sb_log_sim_commits(const sb_log_sim *sim)
{
    return sim->commits;
}

bool
sb_log_sim_chance(sb_log_sim *sim, uint32_t of_65536)
{
    return sb_ls_random(sim, 65536) < of_65536;
}
