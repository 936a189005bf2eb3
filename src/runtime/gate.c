/*
 * runtime/gate.c -- see gate.h.
 *
 * DESIGN     Control elements are handled only while there is no head, so everything the operator
 *            learns is in the order of the channel. A change of the combined watermark that no
 *            batch brings (a channel ended or went idle) becomes a batch of no rows with one mark.
 */
#include "runtime/gate.h"

void
sb_gate_init(sb_gate *gate, sb_mem *mem, const sb_schema *schema, const sb_mutants *mutants,
             sb_gate_channel *channels, int32_t count, bool blocking)
{
    *gate = (sb_gate){.mem = mem,
                      .schema = schema,
                      .mutants = mutants,
                      .channels = channels,
                      .count = count,
                      .last_ms = SB_WM_MIN,
                      .blocking = blocking && !mutants->no_alignment};
    gate->all_idle = count > 0;
    for (int32_t i = 0; i < count; i++) {
        channels[i].watermark_ms = SB_WM_MIN;
        channels[i].aligned = !channels[i].idle;
        gate->all_idle &= channels[i].idle;
    }
}

void
sb_gate_set_watermark(sb_gate *gate, int64_t watermark_ms)
{
    gate->last_ms = watermark_ms;
}

/* Minimum over the channels that count, but `except`; channels at MAX do not hold it back.
 * out_hold: some channel that does not count is neither ended nor at MAX, so MAX must not pass. */
static int64_t
gate_minimum(const sb_gate *gate, int32_t except, bool *out_hold)
{
    int64_t minimum_ms = SB_WM_MAX;
    *out_hold = false;
    for (int32_t i = 0; i < gate->count; i++) {
        const sb_gate_channel *c = &gate->channels[i];
        if (i == except) {
            continue;
        }
        if (c->aligned) {
            minimum_ms = c->watermark_ms < minimum_ms ? c->watermark_ms : minimum_ms;
        } else if (c->watermark_ms != SB_WM_MAX) {
            *out_hold = !gate->mutants->max_past_idle;
        }
    }
    return minimum_ms;
}

/* The combined watermark as it is now; never below what was given. */
static int64_t
gate_combined(const sb_gate *gate)
{
    bool hold = false, any = false;
    int64_t minimum_ms = gate_minimum(gate, -1, &hold);
    for (int32_t i = 0; i < gate->count; i++) {
        any |= gate->channels[i].aligned;
    }
    if (!any || (minimum_ms == SB_WM_MAX && hold) || minimum_ms < gate->last_ms) {
        return gate->last_ms;
    }
    return minimum_ms;
}

static void
channel_realign(const sb_gate *gate, sb_gate_channel *c)
{
    if (!c->aligned && (c->watermark_ms >= gate->last_ms || gate->mutants->no_realign)) {
        c->aligned = true;
    }
}

static void
gate_update_flags(sb_gate *gate)
{
    bool ended = true, idle = true;
    for (int32_t i = 0; i < gate->count; i++) {
        ended &= gate->channels[i].ended;
        idle &= gate->channels[i].idle || gate->channels[i].ended;
    }
    gate->all_ended = ended;
    gate->all_idle = idle && !ended;
}

/* The highest finite watermark over all channels: what R5 gives out before the input goes idle. */
static int64_t
gate_maximum(const sb_gate *gate)
{
    int64_t maximum_ms = gate->last_ms;
    for (int32_t i = 0; i < gate->count; i++) {
        int64_t watermark_ms = gate->channels[i].watermark_ms;
        if (watermark_ms != SB_WM_MAX && watermark_ms > maximum_ms) {
            maximum_ms = watermark_ms;
        }
    }
    return maximum_ms;
}

/* Returns the combined watermark after the change. */
static int64_t
gate_status(sb_gate *gate, sb_gate_channel *c, bool idle)
{
    if (c->idle == idle || c->ended) {
        return gate->last_ms;
    }
    c->idle = idle;
    if (!idle) {
        channel_realign(gate, c);
        gate_update_flags(gate);
        return gate->last_ms; /* coming back never raises the minimum */
    }
    bool held = c->aligned && c->watermark_ms == gate->last_ms;
    c->aligned = false;
    gate_update_flags(gate);
    if (gate->all_idle) {
        return held ? gate_maximum(gate) : gate->last_ms;
    }
    return gate_combined(gate);
}

static int64_t
gate_end(sb_gate *gate, sb_gate_channel *c)
{
    c->ended = true;
    c->idle = false;
    c->watermark_ms = SB_WM_MAX;
    c->aligned = true;
    gate_update_flags(gate);
    return gate_combined(gate);
}

/* Puts a batch of one mark in place when the combined watermark rose. */
static sb_status
gate_raise(sb_gate *gate, sb_input *in, int64_t watermark_ms, sb_error *err)
{
    if (watermark_ms <= gate->last_ms) {
        return SB_OK;
    }
    sb_batch *head = sb_batch_watermark(gate->mem, gate->schema, watermark_ms);
    if (!head) {
        SB_NOMEM(err);
    }
    gate->last_ms = watermark_ms;
    in->head = head;
    in->row = in->mark = 0;
    return SB_OK;
}

/* Rewrites the marks of a batch that came on channel `index` to the combined watermark. */
static sb_status
gate_rewrite(sb_gate *gate, int32_t index, sb_batch *batch, sb_error *err)
{
    sb_gate_channel *c = &gate->channels[index];
    bool hold = false;
    int32_t count = 0;
    if (c->idle) {
        return sb_batch_set_marks(batch, NULL, 0, err);
    }
    int64_t others_ms = gate_minimum(gate, index, &hold);
    size_t size = sizeof(sb_mark) * (size_t)batch->count_marks;
    sb_mark *marks = sb_alloc(gate->mem, size);
    if (!marks) {
        SB_NOMEM(err);
    }
    bool same = true;
    for (int32_t i = 0; i < batch->count_marks; i++) {
        const sb_mark *mark = &batch->marks[i];
        c->watermark_ms =
            mark->watermark_ms > c->watermark_ms ? mark->watermark_ms : c->watermark_ms;
        channel_realign(gate, c);
        int64_t combined_ms = c->watermark_ms < others_ms ? c->watermark_ms : others_ms;
        if (c->aligned && combined_ms > gate->last_ms && !(combined_ms == SB_WM_MAX && hold)) {
            same &= combined_ms == mark->watermark_ms && count == i;
            gate->last_ms = combined_ms;
            marks[count++] = (sb_mark){mark->row, combined_ms};
        }
    }
    sb_status status = SB_OK;
    if (!same || count != batch->count_marks) {
        status = sb_batch_set_marks(batch, marks, count, err);
    }
    sb_free(gate->mem, marks, size);
    return status;
}

static sb_status
gate_batch(sb_gate *gate, int32_t index, sb_batch *batch, sb_input *in, sb_error *err)
{
    if (batch->count_marks > 0) {
        sb_status status = gate_rewrite(gate, index, batch, err);
        if (status != SB_OK) {
            sb_batch_free(batch);
            return status;
        }
    }
    if (batch->count_rows == 0 && batch->count_marks == 0 && batch->split < 0) {
        sb_batch_free(batch);
        return SB_OK;
    }
    sb_dassert(sb_batch_valid(batch));
    in->head = batch;
    in->row = in->mark = 0;
    return SB_OK;
}

static void
channel_arrive(sb_gate *gate, sb_gate_channel *c)
{
    sb_element e = sb_channel_pop(c->channel);
    sb_assert(e.kind == SB_EL_BARRIER);
    if (e.checkpoint <= gate->taken) {
        return; /* given up in the meantime */
    }
    c->barrier = e.checkpoint;
    c->blocked = gate->blocking;
}

/* Reads elements of one channel until there is a head or it has nothing to read. */
static sb_status
gate_read(sb_gate *gate, int32_t index, sb_input *in, bool *out_moved, sb_error *err)
{
    sb_gate_channel *c = &gate->channels[index];
    const sb_element *front;
    while (!in->head && !c->blocked && !c->ended && (front = sb_channel_peek(c->channel))) {
        int64_t combined_ms = gate->last_ms;
        *out_moved = true;
        if (front->kind == SB_EL_BARRIER) {
            channel_arrive(gate, c);
            if (gate->mutants->read_past_barrier) {
                c->blocked = false;
            }
            continue;
        }
        sb_element e = sb_channel_pop(c->channel);
        if (e.kind == SB_EL_BATCH) {
            SB_TRY(gate_batch(gate, index, e.batch, in, err), err);
            continue;
        }
        combined_ms = e.kind == SB_EL_END ? gate_end(gate, c) : gate_status(gate, c, e.idle);
        SB_TRY(gate_raise(gate, in, combined_ms, err), err);
    }
    return SB_OK;
}

sb_status
sb_gate_fill(sb_gate *gate, sb_input *in, bool *out_moved, sb_error *err)
{
    sb_assert(!in->head);
    for (int32_t n = 0; n < gate->count && !in->head; n++) {
        int32_t index = (gate->next + n) % gate->count;
        SB_TRY(gate_read(gate, index, in, out_moved, err), err);
        if (in->head) {
            gate->next = (index + 1) % gate->count;
        }
    }
    if (!in->head) {
        bool ended = gate->all_ended && gate->last_ms == SB_WM_MAX;
        *out_moved |= in->idle != gate->all_idle || in->ended != ended;
        in->idle = gate->all_idle;
        in->ended = ended;
    } else if (!gate->all_idle) {
        in->idle = false;
    }
    return SB_OK;
}

/* --- barriers --- */

/* Barriers at the front are taken out even while there is a head: they stand behind it. */
static void
gate_look_for_barriers(sb_gate *gate)
{
    for (int32_t i = 0; i < gate->count; i++) {
        sb_gate_channel *c = &gate->channels[i];
        const sb_element *front;
        while (!c->blocked && !c->ended && c->barrier <= gate->taken &&
               (front = sb_channel_peek(c->channel)) && front->kind == SB_EL_BARRIER) {
            channel_arrive(gate, c);
        }
    }
}

sb_gate_alignment
sb_gate_barrier(sb_gate *gate, uint64_t *out_checkpoint)
{
    if (gate->all_ended) {
        return SB_GATE_ENDED;
    }
    for (;;) {
        uint64_t newest = 0;
        bool all = true;
        gate_look_for_barriers(gate);
        for (int32_t i = 0; i < gate->count; i++) {
            newest = gate->channels[i].barrier > newest ? gate->channels[i].barrier : newest;
        }
        if (newest <= gate->taken) {
            return SB_GATE_OPEN;
        }
        bool again = false;
        for (int32_t i = 0; i < gate->count; i++) {
            sb_gate_channel *c = &gate->channels[i];
            if (c->ended || c->barrier == newest) {
                continue;
            }
            all = false;
            /* A newer barrier came elsewhere: the older checkpoint was given up, its barrier
             * blocks nobody. */
            if (c->blocked) {
                c->blocked = false;
                again = true;
            }
        }
        if (all) {
            *out_checkpoint = newest;
            return SB_GATE_ALIGNED;
        }
        if (!again) {
            return SB_GATE_OPEN;
        }
    }
}

bool
sb_gate_has_barrier(const sb_gate *gate)
{
    for (int32_t i = 0; i < gate->count; i++) {
        if (gate->channels[i].barrier > gate->taken) {
            return true;
        }
    }
    return false;
}

void
sb_gate_release(sb_gate *gate, uint64_t checkpoint)
{
    if (checkpoint > gate->taken) {
        gate->taken = checkpoint;
    }
    for (int32_t i = 0; i < gate->count; i++) {
        if (gate->channels[i].barrier <= gate->taken) {
            gate->channels[i].blocked = false;
        }
    }
}
