/*
 * state/snapshot.c -- freezing a state, writing what has changed, and hearing how it ended.
 *
 * DESIGN     freeze swaps the dirty lists. write copies the pages on the lists into one blob, then,
 *            if more than half of what the retained blobs hold is dead, also pages of the emptiest
 *            blobs that nobody has touched since the barrier, so that those blobs drop out. `homes`
 *            is changed at once and logged; the end of the snapshot decides about the log, and the
 *            next writer acts on it.
 * OWNERSHIP  A snapshot keeps its state alive; sb_state_snapshot_end frees it.
 * THREADS    freeze, end: T:task. write: T:io. cancel: T:any.
 */
#include <string.h>

#include "state/state_priv.h"

#define BLOCK_SIZE  (256 * 1024)
#define COMPACT_MIN (1024 * 1024) /* blobs smaller than this in all are left alone */

sb_status
sb_state_freeze(sb_state *state, uint64_t checkpoint, sb_state_snapshot **out, sb_error *err)
{
    if (state->running) {
        SB_FAIL(err, SB_STATUS_CONFLICT,
                "checkpoint %llu cannot begin: checkpoint %llu is still being written",
                (unsigned long long)checkpoint, (unsigned long long)state->running->checkpoint);
    }
    uint32_t count = state->count_tables;
    sb_state_snapshot *s = sb_alloc_zero(state->mem, sizeof *s);
    sb_frozen *frozen = sb_alloc_zero(state->mem, count * sizeof *frozen);
    sb_table_totals *totals = sb_alloc_zero(state->mem, count * sizeof *totals);
    uint32_t done = 0;
    sb_status status = SB_OK;
    if (!s || !frozen || !totals || !sb_state_make_homes(state)) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    for (; status == SB_OK && done < count; done++) {
        sb_table *t = state->tables[done];
        status = sb_pages_freeze(&t->pages, &frozen[done], err);
        if (status != SB_OK) {
            break;
        }
        totals[done] = (sb_table_totals){
            .rows = t->pages.count_rows, .bytes = sb_table_bytes(t), .next_seq = t->next_seq};
    }
    if (status != SB_OK) {
        while (done > 0) {
            sb_pages_thaw(&state->tables[--done]->pages, false);
        }
        sb_free(state->mem, totals, count * sizeof *totals);
        sb_free(state->mem, frozen, count * sizeof *frozen);
        sb_free(state->mem, s, sizeof *s);
        return status;
    }
    *s = (sb_state_snapshot){.state = state,
                             .checkpoint = checkpoint,
                             .count_tables = count,
                             .frozen = frozen,
                             .totals = totals};
    state->running = s;
    *out = s;
    return SB_OK;
}

/* ---- writing
 * -------------------------------------------------------------------------------------- */

typedef struct job {
    sb_state_snapshot *snapshot;
    sb_homes *homes;
    sb_blob_out out;
    uint32_t number; /* of the new blob */
} job;

static sb_status
check_cancelled(const job *j, sb_error *err)
{
    if (atomic_load_explicit(&j->snapshot->is_cancelled, memory_order_relaxed)) {
        SB_FAIL(err, SB_STATUS_CANCELLED, "checkpoint %llu was cancelled",
                (unsigned long long)j->snapshot->checkpoint);
    }
    return SB_OK;
}

static sb_status
write_heads(job *j, sb_error *err)
{
    const sb_state *state = j->snapshot->state;
    sb_writer w;
    sb_writer_init(&w, state->mem);
    sb_write_varint(&w, state->count_tables);
    for (uint32_t i = 0; i < state->count_tables; i++) {
        sb_table_head_write(&w, state->tables[i]);
    }
    uint8_t *at = w.out.failed ? NULL : sb_blob_out_reserve(&j->out, w.out.size);
    if (at) {
        memcpy(at, w.out.data, w.out.size);
        j->out.raw_size += w.out.size;
    }
    sb_writer_deinit(&w);
    if (!at) {
        SB_NOMEM(err);
    }
    return sb_blob_out_flush(&j->out, SB_BLOCK_TABLES, err);
}

static bool
in_blob_to_leave(const sb_homes *homes, const sb_home *home)
{
    for (uint32_t i = 0; home && i < home->count; i++) {
        if (sb_homes_blob(homes, home->refs[i].blob)->evacuate) {
            return true;
        }
    }
    return false;
}

static sb_status
write_page(job *j, uint32_t table, sb_page *p, bool only_untouched, sb_error *err)
{
    const sb_home *old = sb_homes_get(j->homes, table, p->id);
    sb_copy_job copy = {
        .table = j->snapshot->state->tables[table],
        .frozen = &j->snapshot->frozen[table],
        .home = old,
        .whole = only_untouched || in_blob_to_leave(j->homes, old),
        .only_untouched = only_untouched,
    };
    sb_copied copied;
    SB_TRY(check_cancelled(j, err), err);
    SB_TRY(sb_snapshot_copy(&copy, p, &j->out, &copied, err), err);
    if (copied.is_touched) {
        return SB_OK;
    }
    sb_home home = copied.is_delta ? *old : (sb_home){.page = p, .born = p->born};
    if (!copied.is_empty) {
        home.refs[home.count++] = (sb_home_ref){j->number, copied.bytes};
        sb_homes_blob(j->homes, j->number)->total += copied.bytes;
    }
    if (!sb_homes_set(j->homes, table, p->id, &home)) {
        SB_NOMEM(err);
    }
    return j->out.raw_size >= BLOCK_SIZE ? sb_blob_out_flush(&j->out, SB_BLOCK_RECORDS, err)
                                         : SB_OK;
}

static sb_status
write_list(job *j, uint32_t table, sb_error *err)
{
    static const sb_home none = {0};
    const sb_frozen *f = &j->snapshot->frozen[table];
    for (uint32_t i = 0; i < f->count; i++) {
        sb_dirty entry = f->list[i];
        if (entry & 1) {
            if (!sb_homes_set(j->homes, table, (uint32_t)(entry >> 1), &none)) {
                SB_NOMEM(err);
            }
        } else {
            SB_TRY(write_page(j, table, (sb_page *)entry, false, err), err);
        }
    }
    return SB_OK;
}

/* Moves what is left in blobs to be emptied into the new one, but for pages that the task has
 * touched since the barrier: they are written whole next time. */
static sb_status
compact(job *j, sb_error *err)
{
    bool any = false;
    for (uint32_t b = 0; b < j->homes->count_blobs; b++) {
        any = any || (j->homes->blobs[b].evacuate && j->homes->blobs[b].refs > 0);
    }
    for (uint32_t t = 0; any && t < j->homes->count_tables; t++) {
        for (uint32_t p = 0; p < j->homes->tables[t].count; p++) {
            const sb_home *home = &j->homes->tables[t].homes[p];
            if (in_blob_to_leave(j->homes, home)) {
                SB_TRY(write_page(j, t, home->page, true, err), err);
            }
        }
    }
    return SB_OK;
}

static sb_status
write_blob(job *j, sb_error *err)
{
    SB_TRY(write_heads(j, err), err);
    for (uint32_t t = 0; t < j->snapshot->count_tables; t++) {
        SB_TRY(write_list(j, t, err), err);
    }
    SB_TRY(compact(j, err), err);
    if (j->out.raw_size > 0) {
        SB_TRY(sb_blob_out_flush(&j->out, SB_BLOCK_RECORDS, err), err);
    }
    SB_TRY(check_cancelled(j, err), err);
    if (j->out.count_records == 0) {
        sb_blob_out_abort(&j->out);
        return SB_OK;
    }
    sb_crash_point("state-blob");
    SB_TRY(sb_blob_out_close(&j->out, err), err);
    sb_homes_blob(j->homes, j->number)->file_bytes = j->out.file_bytes;
    return SB_OK;
}

/* What was logged by the last snapshot becomes final. */
static void
settle(sb_state *state)
{
    if (state->fate == SB_FATE_COMPLETED) {
        sb_homes_commit(&state->homes);
    } else if (state->fate == SB_FATE_FAILED) {
        sb_homes_roll_back(&state->homes);
    }
    state->fate = SB_FATE_NONE;
}

static sb_status
open_blob(job *j, sb_store *store, const char *prefix, sb_error *err)
{
    sb_state *state = j->snapshot->state;
    uint64_t id = sb_store_random(store), checkpoint = j->snapshot->checkpoint;
    sb_text name;
    sb_text_init(&name, state->mem);
    sb_text_printf(&name, "%s/%llu-%016llx", prefix, (unsigned long long)checkpoint,
                   (unsigned long long)id);
    sb_home_blob *blob = sb_text_failed(&name) ? NULL : sb_homes_add_blob(j->homes, name.data, id);
    sb_status status =
        blob ? SB_OK : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (blob) {
        j->number = blob->number;
        status = sb_blob_out_open(&j->out, store, name.data, id, checkpoint, err);
    }
    sb_text_deinit(&name);
    return status;
}

sb_status
sb_state_snapshot_write(sb_state_snapshot *snapshot, sb_store *store, const char *blob_prefix,
                        sb_writer *out, sb_error *err)
{
    sb_state *state = snapshot->state;
    job j = {.snapshot = snapshot, .homes = &state->homes};
    sb_assert(!snapshot->is_written && state->fate != SB_FATE_OPEN);
    settle(state);
    sb_homes_choose(&state->homes, COMPACT_MIN);
    sb_status status = open_blob(&j, store, blob_prefix, err);
    if (status == SB_OK) {
        status = write_blob(&j, err);
        if (status != SB_OK) {
            sb_blob_out_abort(&j.out);
        }
    }
    if (status == SB_OK && !sb_descriptor_write(out, snapshot->checkpoint, state->slot_from,
                                                state->slot_to, state->tables, snapshot->totals,
                                                snapshot->count_tables, &state->homes)) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    if (status != SB_OK) {
        sb_homes_roll_back(&state->homes);
        return status;
    }
    state->fate = SB_FATE_OPEN;
    snapshot->is_written = true;
    return SB_OK;
}

/* ---- end
 * ------------------------------------------------------------------------------------------ */

void
sb_state_snapshot_cancel(sb_state_snapshot *snapshot)
{
    atomic_store_explicit(&snapshot->is_cancelled, true, memory_order_relaxed);
}

void
sb_state_snapshot_end(sb_state_snapshot *snapshot, bool completed)
{
    sb_state *state = snapshot->state;
    sb_assert(!completed || snapshot->is_written);
    sb_assert(state->running == snapshot);
    state->running = NULL;
    if (state->fate == SB_FATE_OPEN) {
        state->fate = completed ? SB_FATE_COMPLETED : SB_FATE_FAILED;
    }
    for (uint32_t i = 0; i < snapshot->count_tables; i++) {
        sb_pages_thaw(&state->tables[i]->pages, completed);
    }
    sb_free(state->mem, snapshot->totals, snapshot->count_tables * sizeof *snapshot->totals);
    sb_free(state->mem, snapshot->frozen, snapshot->count_tables * sizeof *snapshot->frozen);
    sb_mem *mem = state->mem;
    sb_free(mem, snapshot, sizeof *snapshot);
    if (state->is_closed) {
        sb_state_destroy(state);
    }
}
