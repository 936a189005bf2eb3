/*
 * runtime/source_op.c -- see source_op.h.
 *
 * DESIGN     Split i belongs to subtask i mod parallelism. Every split that becomes known is
 *            announced by an empty batch, so the watermark operator holds time back for it; then up
 *            to max_open_splits (or all, if the source wants that) are open and polled in turn, one
 *            batch a step. A split's end is told by another empty batch. When the list is complete
 *            and all splits have ended: MAX, then DONE. A batch that was polled is pushed at once,
 *            so a position is always that of the next row not in any pushed batch (I20).
 * THREADS    T:task
 */
#include "runtime/source_op.h"

#include "base/os/os.h"
#include "runtime/job_priv.h"

#include <stdatomic.h>
#include <string.h>

#define POLL_AGAIN_MIN_MS 1 /* a split without data is asked again after this, doubling up to */
#define POLL_AGAIN_MAX_MS 20

typedef enum split_phase { SPLIT_WAITING, SPLIT_OPEN, SPLIT_DONE } split_phase;

typedef struct split_run {
    sb_split split;
    split_phase phase;
    bool announced, end_told;
    bool paused;       /* by watermark alignment */
    bool has_position; /* `position` was restored; used when it is opened */
    sb_writer position;
    bool asleep;     /* waits for the source's call */
    int64_t wake_ms; /* not polled before; INT64_MIN: at once */
    int64_t backoff_ms;
    int64_t watermark_ms; /* told by the watermark operator */
} split_run;

typedef struct source_op {
    sb_op base;
    sb_unit *unit;
    sb_feed *feed;
    const sb_source_vtable *vtable;
    sb_source *source;
    sb_source_init init;
    split_run *splits; /* own ones, in order of ordinal */
    int32_t count, capacity, count_open, count_done;
    int32_t next;       /* whose turn it is */
    int32_t known;      /* splits of the feed that were looked at */
    uint64_t version;   /* of the feed, when it was read last */
    _Atomic bool woken; /* T:any the source has called */
    bool complete;      /* no more splits */
    bool ended;
    int32_t grant;         /* interleave: batches it may still poll; -1: any */
    uint64_t decided;      /* last checkpoint told to the source */
    sb_align_group *group; /* NULL: none */
    int32_t member;
    /* when to look again; splits above this watermark rest */
    int64_t align_next_ms, align_limit_ms;
} source_op;

static source_op *
source_of(sb_op *op)
{
    return SB_OP_CAST(op, source_op, &sb_source_op);
}

static void
source_wake(void *ctx)
{
    source_op *self = ctx;
    atomic_store(&self->woken, true);
    sb_task_signal(self->unit->task);
}

static sb_status
source_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    source_op *self = source_of(op);
    sb_unit *unit = (sb_unit *)(void *)((char *)ctx - offsetof(sb_unit, init));
    sb_job *job = unit->graph->job;
    const sb_source_node *body = node->body;
    self->unit = unit;
    self->grant = job->config.interleave ? 0 : -1;
    self->vtable = job->config.factories->connector(body->table->connector)->source;
    for (int32_t i = 0; i < job->count_feeds; i++) {
        if (job->feeds[i].node == node) {
            self->feed = &job->feeds[i];
        }
    }
    sb_assert(self->feed);
    self->init = (sb_source_init){.mem = ctx->mem,
                                  .os = ctx->os,
                                  .node = body,
                                  .output = node->schema,
                                  .subtask = ctx->subtask,
                                  .parallelism = ctx->parallelism,
                                  .batch_rows = ctx->batch_rows,
                                  .zone = ctx->zone,
                                  .metrics = ctx->metrics,
                                  .wake = source_wake,
                                  .wake_ctx = self,
                                  .checkpoints = job->store != NULL,
                                  .note = sb_job_note,
                                  .note_ctx = job};
    self->source = sb_alloc_zero(ctx->mem, self->vtable->instance_size);
    if (!self->source) {
        SB_NOMEM(err);
    }
    self->source->vtable = self->vtable;
    self->source->ctx = &self->init;
    return self->vtable->init(self->source, &self->init, err);
}

static void
source_close(sb_op *op)
{
    source_op *self = source_of(op);
    for (int32_t i = 0; i < self->count; i++) {
        if (self->splits[i].phase == SPLIT_OPEN && self->vtable->close_split) {
            self->vtable->close_split(self->source, self->splits[i].split.ordinal);
        }
        sb_writer_deinit(&self->splits[i].position);
    }
    if (self->source) {
        if (self->vtable->close) {
            self->vtable->close(self->source);
        }
        sb_free(self->init.mem, self->source, self->vtable->instance_size);
        self->source = NULL;
    }
    sb_free(op->mem, self->splits, sizeof *self->splits * (size_t)self->capacity);
    self->splits = NULL;
    self->count = self->capacity = 0;
}

/* --- splits --- */

static split_run *
find_split(source_op *self, int32_t ordinal)
{
    for (int32_t i = 0; i < self->count; i++) {
        if (self->splits[i].split.ordinal == ordinal) {
            return &self->splits[i];
        }
    }
    return NULL;
}

static sb_status
add_split(source_op *self, const sb_split *split, sb_error *err)
{
    if (self->count == self->capacity) {
        int32_t capacity = self->capacity ? 2 * self->capacity : 8;
        split_run *splits =
            sb_realloc(self->base.mem, self->splits, sizeof *splits * (size_t)self->capacity,
                       sizeof *splits * (size_t)capacity);
        if (!splits) {
            SB_NOMEM(err);
        }
        self->splits = splits;
        self->capacity = capacity;
    }
    split_run *run = &self->splits[self->count++];
    *run = (split_run){.split = *split,
                       .wake_ms = INT64_MIN,
                       .backoff_ms = POLL_AGAIN_MIN_MS,
                       .watermark_ms = SB_WM_MIN};
    sb_writer_init(&run->position, self->base.mem);
    return SB_OK;
}

/* Takes over what the enumerator has published. */
static sb_status
read_feed(source_op *self, sb_error *err)
{
    uint64_t version = atomic_load(&self->feed->version);
    sb_split split;
    if (version == self->version) {
        return SB_OK;
    }
    while (sb_feed_read(self->feed, self->known, &split, &self->complete)) {
        self->known++;
        if (split.ordinal % self->init.parallelism == self->init.subtask) {
            SB_TRY(add_split(self, &split, err), err);
        }
    }
    self->version = version;
    return SB_OK;
}

static sb_status
open_split(source_op *self, split_run *run, sb_error *err)
{
    sb_reader position = sb_reader_of(run->position.out.data, run->position.out.size);
    sb_status status =
        self->vtable->open(self->source, &run->split, run->has_position ? &position : NULL, err);
    if (status != SB_OK) {
        sb_error_prefix(err, "split %s", run->split.id);
        return status;
    }
    run->phase = SPLIT_OPEN;
    self->count_open++;
    return SB_OK;
}

static void
end_split(source_op *self, split_run *run)
{
    if (run->phase == SPLIT_OPEN) {
        if (self->vtable->close_split) {
            self->vtable->close_split(self->source, run->split.ordinal);
        }
        self->count_open--;
    }
    run->phase = SPLIT_DONE;
    self->count_done++;
}

/* --- watermark alignment --- */

static void
align_publish(source_op *self)
{
    int64_t lowest_ms = SB_WM_MAX;
    for (int32_t i = 0; i < self->count; i++) {
        const split_run *run = &self->splits[i];
        if (run->phase != SPLIT_DONE && run->watermark_ms < lowest_ms) {
            lowest_ms = run->watermark_ms;
        }
    }
    atomic_store_explicit(&self->group->members[self->member].watermark_ms, lowest_ms,
                          memory_order_relaxed);
}

static int64_t
align_limit(const source_op *self)
{
    int64_t lowest_ms = SB_WM_MAX;
    for (int32_t i = 0; i < self->group->count; i++) {
        int64_t ms =
            atomic_load_explicit(&self->group->members[i].watermark_ms, memory_order_relaxed);
        lowest_ms = ms < lowest_ms ? ms : lowest_ms;
    }
    int64_t limit_ms;
    if (__builtin_add_overflow(lowest_ms, self->group->max_drift_ms, &limit_ms)) {
        return SB_WM_MAX;
    }
    return limit_ms;
}

/* Every update interval the group's lowest watermark is looked at; splits above the limit rest
 * at once. */
static void
align(source_op *self, int64_t now_ms)
{
    if (!self->group) {
        return;
    }
    if (now_ms >= self->align_next_ms) {
        align_publish(self);
        self->align_limit_ms = align_limit(self);
        self->align_next_ms = now_ms + self->group->update_ms;
    }
    for (int32_t i = 0; i < self->count; i++) {
        split_run *run = &self->splits[i];
        run->paused = run->phase == SPLIT_OPEN && run->watermark_ms > self->align_limit_ms;
    }
}

void
sb_source_op_align(sb_op *op, sb_align_group *group, int32_t index)
{
    source_op *self = source_of(op);
    self->group = group;
    self->member = index;
    self->align_next_ms = INT64_MIN;
    self->align_limit_ms = SB_WM_MAX;
}

void
sb_source_op_split_watermark(void *ctx, int32_t split, int64_t watermark_ms)
{
    source_op *self = source_of(ctx);
    split_run *run = find_split(self, split);
    if (run && watermark_ms > run->watermark_ms) {
        run->watermark_ms = watermark_ms;
    }
}

sb_split_state
sb_source_op_split_state(void *ctx, int32_t split)
{
    source_op *self = source_of(ctx);
    const split_run *run = find_split(self, split);
    if (!run) {
        return SB_SPLIT_RUNNING;
    }
    return run->phase == SPLIT_DONE ? SB_SPLIT_ENDED
           : run->paused            ? SB_SPLIT_PAUSED
                                    : SB_SPLIT_RUNNING;
}

/* --- polling --- */

static sb_status
push_news(source_op *self, sb_io *io, int32_t split, sb_error *err)
{
    sb_batch *batch = sb_batch_empty(self->base.mem, self->base.node->schema);
    if (!batch) {
        SB_NOMEM(err);
    }
    batch->split = split;
    sb_port_push(io, 0, batch);
    return SB_OK;
}

/* Announcements and ends that were not told yet; one a step. */
static sb_status
tell(source_op *self, sb_io *io, bool *out_told, sb_error *err)
{
    *out_told = false;
    for (int32_t i = 0; i < self->count; i++) {
        split_run *run = &self->splits[i];
        bool announce = !run->announced && run->phase != SPLIT_DONE;
        bool end = run->announced && run->phase == SPLIT_DONE && !run->end_told;
        if (!announce && !end) {
            continue;
        }
        if (announce) {
            run->announced = true;
            if (self->unit->graph->mutants->no_split_announcement) {
                continue;
            }
        } else {
            run->end_told = true;
        }
        *out_told = true;
        return push_news(self, io, run->split.ordinal, err);
    }
    return SB_OK;
}

static bool
may_poll(const source_op *self, const split_run *run, int64_t now_ms)
{
    if (run->phase == SPLIT_DONE || run->paused || run->wake_ms > now_ms) {
        return false;
    }
    return run->phase == SPLIT_OPEN || self->vtable->open_all ||
           self->count_open < self->unit->graph->job->config.max_open_splits;
}

static void
poll_later(split_run *run, int64_t now_ms)
{
    run->wake_ms = now_ms + run->backoff_ms;
    run->backoff_ms =
        run->backoff_ms * 2 > POLL_AGAIN_MAX_MS ? POLL_AGAIN_MAX_MS : run->backoff_ms * 2;
}

static sb_status
save_position(source_op *self, split_run *run, sb_error *err)
{
    sb_text_clear(&run->position.out);
    run->has_position = true;
    return self->vtable->position(self->source, run->split.ordinal, &run->position, err);
}

/* Polls one split. */
static sb_step
poll_split(source_op *self, sb_io *io, split_run *run, sb_error *err)
{
    sb_batch *batch = NULL;
    int64_t wake_ms = INT64_MAX;
    int32_t limit = self->grant >= 0 ? 1 : self->init.batch_rows;
    if (run->phase == SPLIT_WAITING && open_split(self, run, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    if (self->unit->graph->mutants->position_early && save_position(self, run, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    sb_step got = self->vtable->poll(self->source, run->split.ordinal, limit, io->now_ms, &batch,
                                     &wake_ms, err);
    if (batch) {
        sb_dassert(sb_batch_valid(batch));
        batch->split = run->split.ordinal; /* I19 */
        run->wake_ms = INT64_MIN;
        run->backoff_ms = POLL_AGAIN_MIN_MS;
        bool rows = batch->count_rows > 0;
        sb_port_push(io, 0, batch);
        self->grant -= self->grant > 0 && rows;
    }
    if (got & SB_STEP_FAIL) {
        sb_error_prefix(err, "split %s", run->split.id);
        return SB_STEP_FAIL;
    }
    if (got & SB_STEP_DONE) {
        end_split(self, run);
    } else if (got & (SB_WAIT_CLOCK | SB_WAIT_ASYNC)) {
        run->wake_ms = wake_ms;
        run->asleep = (got & SB_WAIT_ASYNC) != 0;
    } else if (!batch) {
        poll_later(run, io->now_ms);
    }
    return SB_STEP_AGAIN;
}

/* Earliest time, not before `from_ms`, at which a split wants to be polled. */
static void
wake_for_splits(const source_op *self, sb_io *io, int64_t from_ms)
{
    for (int32_t i = 0; i < self->count; i++) {
        const split_run *run = &self->splits[i];
        if (run->phase != SPLIT_DONE && !run->paused && run->wake_ms >= from_ms &&
            run->wake_ms != INT64_MAX) {
            sb_io_wake_at(io, run->wake_ms);
        }
    }
    if (self->group && self->count_done < self->count) {
        sb_io_wake_at(io, self->align_next_ms);
    }
}

static sb_step
source_end(source_op *self, sb_io *io)
{
    sb_port_mark(io, 0, SB_WM_MAX);
    self->ended = true;
    if (self->group) {
        atomic_store(&self->group->members[self->member].watermark_ms, SB_WM_MAX);
    }
    return SB_STEP_DONE;
}

static bool
source_stopped(const source_op *self)
{
    uint64_t stop_at = atomic_load(&self->unit->graph->stop_at);
    return stop_at != 0 && self->unit->last_barrier >= stop_at;
}

static void
wake_up(source_op *self)
{
    if (!atomic_exchange(&self->woken, false)) {
        return;
    }
    for (int32_t i = 0; i < self->count; i++) {
        if (self->splits[i].asleep) {
            self->splits[i].asleep = false;
            self->splits[i].wake_ms = INT64_MIN;
        }
    }
}

static sb_step
source_poll(source_op *self, sb_io *io, sb_error *err)
{
    wake_up(self);
    if (self->grant == 0) {
        /* those ready now are polled when it is the source's turn */
        wake_for_splits(self, io, io->now_ms + 1);
        return SB_WAIT_INPUT | SB_WAIT_CLOCK;
    }
    for (int32_t n = 0; n < self->count; n++) {
        split_run *run = &self->splits[(self->next + n) % self->count];
        if (may_poll(self, run, io->now_ms)) {
            self->next = (self->next + n + 1) % self->count;
            return poll_split(self, io, run, err);
        }
    }
    wake_for_splits(self, io, io->now_ms + 1);
    return SB_WAIT_INPUT | SB_WAIT_CLOCK;
}

static sb_step
source_step(sb_op *op, sb_io *io, sb_error *err)
{
    source_op *self = source_of(op);
    bool told = false;
    if (source_stopped(self)) {
        return SB_WAIT_INPUT;
    }
    if (read_feed(self, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    if (atomic_load(&self->unit->graph->drain)) {
        for (int32_t i = 0; i < self->count; i++) {
            if (self->splits[i].phase == SPLIT_OPEN &&
                save_position(self, &self->splits[i], err) != SB_OK) {
                return SB_STEP_FAIL;
            }
        }
        return source_end(self, io);
    }
    /* Without a split it is silent; when the list is complete it stays what it was until its
     * end. */
    bool none = self->count == self->count_done && (!self->complete || io->idle_out);
    sb_io_set_idle(io, none && !self->unit->graph->mutants->empty_not_idle);
    if (sb_port_room(io, 0) == 0) {
        return SB_WAIT_ROOM;
    }
    if (tell(self, io, &told, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    if (told) {
        return SB_STEP_AGAIN;
    }
    if (self->complete && self->count_done == self->count) {
        return source_end(self, io);
    }
    align(self, io->now_ms);
    return source_poll(self, io, err);
}

void
sb_source_op_grant(sb_op *op, int32_t count)
{
    source_of(op)->grant = count;
}

bool
sb_source_op_has_news(const sb_op *op)
{
    const source_op *self = (const source_op *)(const void *)op;
    if (self->version != atomic_load(&self->feed->version)) {
        return true;
    }
    for (int32_t i = 0; i < self->count; i++) {
        const split_run *run = &self->splits[i];
        bool done = run->phase == SPLIT_DONE;
        if ((!run->announced && !done) || (run->announced && done && !run->end_told)) {
            return true;
        }
    }
    return false;
}

bool
sb_source_op_ended(const sb_op *op)
{
    return ((const source_op *)(const void *)op)->ended;
}

/* --- checkpoints --- */

/* A batch that was polled and is lost: the position is behind rows that nobody got. */
static sb_status
lose_a_batch(source_op *self, split_run *run, sb_error *err)
{
    sb_batch *batch = NULL;
    int64_t wake_ms;
    sb_step got = self->vtable->poll(self->source, run->split.ordinal, 1, self->unit->io.now_ms,
                                     &batch, &wake_ms, err);
    sb_batch_free(batch);
    return got & SB_STEP_FAIL ? SB_STATUS_INTERNAL : SB_OK;
}

static sb_status
source_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    source_op *self = source_of(op);
    const sb_mutants *mutants = self->unit->graph->mutants;
    if (self->vtable->prepare) {
        SB_TRY(self->vtable->prepare(self->source, self->unit->taking, err), err);
    }
    sb_write_varint(w, (uint64_t)self->count);
    for (int32_t i = 0; i < self->count; i++) {
        split_run *run = &self->splits[i];
        if (run->phase == SPLIT_OPEN && mutants->position_late) {
            SB_TRY(lose_a_batch(self, run, err), err);
        }
        if (run->phase == SPLIT_OPEN && !mutants->position_early &&
            !(self->ended && run->has_position)) {
            SB_TRY(save_position(self, run, err), err);
        }
        sb_write_cstr(w, run->split.id);
        sb_write_u8(w, run->phase == SPLIT_DONE);
        sb_write_u8(w, run->has_position);
        sb_write_str(w, (sb_str){run->position.out.data, run->position.out.size});
        if (run->position.out.failed) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

static split_run *
find_split_id(source_op *self, const char *id)
{
    for (int32_t i = 0; i < self->count; i++) {
        if (strcmp(self->splits[i].split.id, id) == 0) {
            return &self->splits[i];
        }
    }
    return NULL;
}

static sb_status
source_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    source_op *self = source_of(op);
    sb_reader r = piece->op;
    SB_TRY(read_feed(self, err), err); /* the feed was filled from the same manifest */
    sb_arena *arena = sb_arena_new(self->base.mem);
    if (!arena) {
        SB_NOMEM(err);
    }
    uint64_t count = sb_read_varint(&r);
    for (uint64_t i = 0; i < count && !r.failed; i++) {
        char *id = sb_read_cstr(&r, arena);
        bool done = sb_read_u8(&r), has_position = sb_read_u8(&r);
        sb_str position = sb_read_str(&r);
        split_run *run = id && !r.failed ? find_split_id(self, id) : NULL;
        if (!run) {
            continue; /* another subtask's */
        }
        sb_text_clear(&run->position.out);
        sb_write_raw(&run->position, position.data, position.size);
        run->has_position = has_position;
        if (done && run->phase != SPLIT_DONE) {
            run->phase = SPLIT_DONE;
            run->end_told = true;
            self->count_done++;
        }
    }
    sb_arena_free(arena);
    return sb_reader_done(&r, "split positions", err);
}

sb_status
sb_source_op_decided(sb_op *op, uint64_t checkpoint, sb_error *err)
{
    source_op *self = source_of(op);
    if (checkpoint <= self->decided) {
        return SB_OK;
    }
    self->decided = checkpoint;
    if (self->vtable->commit) {
        sb_crash_point("source-commit");
        return self->vtable->commit(self->source, checkpoint, err);
    }
    return SB_OK;
}

static void
source_describe(const sb_op *op, sb_text *out)
{
    const sb_source_node *body = op->node->body;
    sb_text_printf(out, "Source(%s)", body->table->name);
}

const sb_op_vtable sb_source_op = {
    .name = "Source",
    .instance_size = sizeof(source_op),
    .count_inputs = 0,
    .count_ports = 1,
    .dist = SB_DIST_SPLIT,
    .init = source_init,
    .step = source_step,
    .snapshot = source_snapshot,
    .restore = source_restore,
    .close = source_close,
    .describe = source_describe,
};
