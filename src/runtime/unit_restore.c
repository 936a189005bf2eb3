/*
 * runtime/unit_restore.c -- taking over old pieces, one after the other, each under its own clock.
 *
 * DESIGN     docs/contracts.md section 4. For each old piece that concerns this subtask: the
 *            inputs' watermarks become the piece's, done becomes MIN, its state is loaded (own
 *            slots only), restore() is called, its rest (own rows only) becomes the head; the
 *            operator is stepped until the heads are gone and done == target. Only then the next
 *            piece, and the channels after the last (I13). Meanwhile forwarded watermarks are
 *            clamped to the lowest level of the other pieces. In the end each input's watermark is
 *            the minimum over the pieces, and done is MIN again: the first normal step announces it
 *            downstream.
 */
#include "columnar/hash.h"
#include "columnar/row.h"
#include "runtime/graph.h"
#include "runtime/job_priv.h"
#include "runtime/unit.h"

#include "base/hash.h"

#include <stdatomic.h>

/* --- who owns what --- */

static bool
has_rest_rows(const sb_piece_view *piece)
{
    return piece->rest_rows[0] > 0 || piece->rest_rows[1] > 0;
}

/* Does restore() of this piece concern the unit (its slots, splits or turn), apart from rests? */
static bool
piece_is_mine(const sb_unit *unit, const sb_piece_view *piece)
{
    if (piece->parallelism == unit->parallelism) {
        return piece->subtask == unit->subtask;
    }
    switch (unit->vtable->dist) {
    case SB_DIST_SLOT: return piece->slot_from < unit->slot_to && piece->slot_to > unit->slot_from;
    case SB_DIST_SPLIT: return true;
    case SB_DIST_ANY: return piece->subtask % unit->parallelism == unit->subtask;
    }
    return false;
}

/* Do rows come here by split (in the chain of a source) instead of by key? */
static bool
rows_follow_splits(const sb_unit *unit)
{
    const sb_plan_node *node = unit->node;
    for (int32_t i = 0; i < node->count_inputs; i++) {
        if (node->exchanges[i].kind != SB_EXCHANGE_FORWARD ||
            node->inputs[i]->traits.partition.count > 0) {
            return false;
        }
    }
    return node->count_inputs > 0;
}

sb_status
sb_unit_assign_pieces(sb_unit *unit, const sb_piece_view *pieces, int32_t count, sb_error *err)
{
    sb_unit_restore *restore = &unit->restore;
    *restore = (sb_unit_restore){0};
    restore->pieces = SB_NEW_ARRAY(unit->graph->arena, const sb_piece_view *, count + 1);
    restore->clocks = SB_NEW_ARRAY(unit->graph->arena, const sb_piece_view *, count + 1);
    if (!restore->pieces || !restore->clocks) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        bool same = pieces[i].parallelism == unit->parallelism;
        bool concerns = piece_is_mine(unit, &pieces[i]) || (!same && has_rest_rows(&pieces[i]));
        if (concerns) {
            restore->pieces[restore->count++] = &pieces[i];
        }
        /* In the chain of a source the splits have moved: this subtask's rows may come from where
         * another's did, whose watermark was lower. */
        if (concerns ||
            (!same && (unit->vtable->dist != SB_DIST_SLOT || rows_follow_splits(unit)))) {
            restore->clocks[restore->count_clocks++] = &pieces[i];
        }
    }
    return SB_OK;
}

/* Owner of each logical row of a rest. */
static void
rest_owners(const sb_unit *unit, const sb_piece_view *piece, int32_t input, const sb_batch *rest,
            uint64_t *hashes, int32_t *owners)
{
    int32_t owner = piece->subtask % unit->parallelism;
    bool fixed = piece->parallelism == unit->parallelism || unit->graph->mutants->wrong_slot_owner;
    if (!fixed && rest->split >= 0) { /* in the chain of a source: no exchange by key was passed */
        owner = rest->split % unit->parallelism;
        fixed = true;
    }
    if (fixed || !unit->rest_keyed[input]) {
        for (int32_t i = 0; i < rest->count_rows; i++) {
            owners[i] = owner;
        }
        return;
    }
    sb_vector *columns[64];
    const sb_columns *keys = &unit->rest_keys[input];
    for (int32_t k = 0; k < keys->count; k++) {
        columns[k] = rest->columns[keys->at[k]];
    }
    sb_hash_columns(columns, keys->count, rest->selection, rest->count_rows, hashes);
    for (int32_t i = 0; i < rest->count_rows; i++) {
        owners[i] = (int32_t)sb_slot_owner(sb_key_slot(hashes[i]), (uint32_t)unit->parallelism);
    }
}

/* Keeps the own rows of `rest`; out_first: its first row is one of them. */
static sb_status
filter_rest(sb_unit *unit, const sb_piece_view *piece, int32_t input, sb_batch *rest,
            bool *out_first, sb_error *err)
{
    size_t n = (size_t)rest->count_rows + 1;
    uint64_t *hashes = sb_alloc(unit->mem, n * sizeof *hashes);
    int32_t *owners = sb_alloc(unit->mem, n * sizeof *owners);
    int32_t *keep = sb_alloc(unit->mem, n * sizeof *keep);
    int32_t count = 0;
    sb_status status = SB_OK;
    if (!hashes || !owners || !keep) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    } else {
        rest_owners(unit, piece, input, rest, hashes, owners);
        for (int32_t i = 0; i < rest->count_rows; i++) {
            keep[count] = i;
            count += owners[i] == unit->subtask;
        }
        *out_first = rest->count_rows > 0 && owners[0] == unit->subtask;
        if (count < rest->count_rows) {
            status = sb_batch_filter(rest, keep, count, err);
        }
    }
    sb_free(unit->mem, hashes, n * sizeof *hashes);
    sb_free(unit->mem, owners, n * sizeof *owners);
    sb_free(unit->mem, keep, n * sizeof *keep);
    return status;
}

static sb_status
load_rest(sb_unit *unit, const sb_piece_view *piece, int32_t input, sb_batch **out, bool *out_first,
          sb_error *err)
{
    sb_batch *rest = NULL;
    *out_first = false;
    if (piece->rest[input].size == 0) {
        return SB_OK;
    }
    sb_reader r = sb_reader_of(piece->rest[input].data, piece->rest[input].size);
    SB_TRY(sb_batch_read(&r, unit->mem, unit->input_schemas[input], &rest, err), err);
    int32_t count_before = rest->count_rows;
    sb_status status = filter_rest(unit, piece, input, rest, out_first, err);
    if (status != SB_OK) {
        sb_batch_free(rest);
        return status;
    }
    /* No rows: it tells that a split begins or ends, which concerns the owner of the split only. */
    bool told = rest->split >= 0 && rest->count_rows == 0 && count_before == 0 &&
                (piece->parallelism == unit->parallelism ||
                 rest->split % unit->parallelism == unit->subtask);
    if (rest->count_rows == 0 && !told) {
        rest->split = -1;
    }
    /* Marks concern everybody; a rest of another subtask's rows alone brings them, too, when its
     * piece is merged here. */
    *out = rest;
    return SB_OK;
}

/* --- loading --- */

/* In the chain of a source without a split, after a change of parallelism: the pieces are of
 * others, whose clocks must not be told here. Consumers would wait for this subtask to go on from
 * there (R5), and it never will. */
static bool
is_bystander(const sb_unit *unit)
{
    return unit->no_splits && unit->restore.count > 0 &&
           unit->restore.pieces[0]->parallelism != unit->parallelism;
}

/* Forwarded watermarks while piece `index` is replayed: the lowest level of the other pieces. */
static int64_t
clamp_level(const sb_unit *unit, int32_t index)
{
    int64_t level_ms = SB_WM_MAX;
    bool idle = false;
    const sb_piece_view *own = unit->restore.pieces[index];
    for (int32_t i = 0; i < unit->restore.count_clocks; i++) {
        const sb_piece_view *piece = unit->restore.clocks[i];
        if (piece == own) {
            continue;
        }
        if (piece->idle) {
            idle = true;
        } else if (piece->level_ms < level_ms) {
            level_ms = piece->level_ms;
        }
    }
    if (unit->graph->mutants->no_level_clamp) {
        return SB_WM_MAX;
    }
    if (is_bystander(unit)) {
        return SB_WM_MIN;
    }
    if (idle && level_ms == SB_WM_MAX) {
        return SB_WM_NO_END; /* a silent piece is in no minimum but holds MAX back (I22) */
    }
    return level_ms;
}

/* Minimum over the pieces as they were written: the one clock of a mutant. */
static int64_t
merged_watermark(const sb_unit *unit, int32_t input)
{
    int64_t minimum_ms = SB_WM_MAX;
    bool any = false, idle = false;
    for (int32_t i = 0; i < unit->restore.count_clocks; i++) {
        const sb_piece_view *piece = unit->restore.clocks[i];
        if (piece->idle) {
            idle = true;
            continue;
        }
        any = true;
        minimum_ms =
            piece->watermark_ms[input] < minimum_ms ? piece->watermark_ms[input] : minimum_ms;
    }
    if (!any || (idle && minimum_ms == SB_WM_MAX)) {
        return SB_WM_MIN;
    }
    return minimum_ms;
}

static sb_status
restore_op(sb_unit *unit, const sb_piece_view *view, const bool *first, sb_error *err)
{
    sb_piece piece = {.subtask = view->subtask,
                      .parallelism = view->parallelism,
                      .level_ms = view->level_ms,
                      .idle = view->idle,
                      .same_owner =
                          view->parallelism == unit->parallelism && view->subtask == unit->subtask,
                      .op = sb_reader_of(view->op.data, view->op.size)};
    for (int32_t i = 0; i < 2; i++) {
        piece.watermark_ms[i] = view->watermark_ms[i];
        piece.head_is_mine[i] = first[i] || unit->graph->mutants->head_cursor_kept;
    }
    if (unit->state && view->state.size > 0 && unit->graph->job->store) {
        sb_reader r = sb_reader_of(view->state.data, view->state.size);
        SB_TRY(sb_state_restore(unit->state, &r, unit->graph->job->store, piece.same_owner, err),
               err);
    }
    if (unit->vtable->restore) {
        SB_TRY(unit->vtable->restore(unit->op, &piece, err), err);
    }
    return SB_OK;
}

static void
set_clock(sb_unit *unit, const sb_piece_view *view)
{
    const sb_mutants *mutants = unit->graph->mutants;
    sb_io *io = &unit->io;
    int64_t done_ms = SB_WM_MAX;
    for (int32_t i = 0; i < io->count_inputs; i++) {
        io->in[i].watermark_ms =
            mutants->restore_one_clock ? merged_watermark(unit, i) : view->watermark_ms[i];
        io->in[i].idle = view->input_idle[i];
        io->in[i].ended = false;
        done_ms = io->in[i].watermark_ms < done_ms ? io->in[i].watermark_ms : done_ms;
    }
    io->done_ms = mutants->done_not_reset && io->count_inputs > 0 ? done_ms : SB_WM_MIN;
    io->level_ms = clamp_level(unit, unit->restore.next);
}

static sb_status
load_piece(sb_unit *unit, sb_error *err)
{
    const sb_piece_view *view = unit->restore.pieces[unit->restore.next];
    sb_batch *rest[2] = {NULL, NULL};
    bool first[2] = {false, false};
    sb_status status = SB_OK;
    for (int32_t i = 0; i < unit->io.count_inputs && status == SB_OK; i++) {
        status = load_rest(unit, view, i, &rest[i], &first[i], err);
    }
    set_clock(unit, view);
    if (status == SB_OK && piece_is_mine(unit, view)) {
        status = restore_op(unit, view, first, err);
    }
    for (int32_t i = 0; i < unit->io.count_inputs; i++) {
        if (status != SB_OK) {
            sb_batch_free(rest[i]);
        } else {
            unit->io.in[i].head = rest[i];
            unit->io.in[i].row = unit->io.in[i].mark = 0;
        }
    }
    unit->wait = SB_STEP_AGAIN;
    unit->restore.replaying = true;
    return status;
}

/* --- the turn --- */

/* What the inputs have reached with this piece, its rest included. */
static void
merge_watermarks(sb_unit *unit)
{
    const sb_piece_view *view = unit->restore.pieces[unit->restore.next];
    if (unit->restore.next == 0) {
        unit->restore.merged_ms[0] = unit->restore.merged_ms[1] = SB_WM_MAX;
    }
    for (int32_t i = 0; i < unit->io.count_inputs && !view->idle; i++) {
        int64_t here_ms = unit->io.in[i].watermark_ms;
        if (here_ms < unit->restore.merged_ms[i]) {
            unit->restore.merged_ms[i] = here_ms;
        }
    }
}

static bool
some_piece_idle(const sb_unit *unit)
{
    for (int32_t i = 0; i < unit->restore.count_clocks; i++) {
        if (unit->restore.clocks[i]->idle) {
            return true;
        }
    }
    return false;
}

/* The clocks of pieces that are not loaded here. */
static void
merge_foreign_clocks(sb_unit *unit)
{
    sb_unit_restore *restore = &unit->restore;
    for (int32_t c = 0; c < restore->count_clocks; c++) {
        const sb_piece_view *view = restore->clocks[c];
        bool loaded = view->idle;
        for (int32_t i = 0; i < restore->count; i++) {
            loaded |= restore->pieces[i] == view;
        }
        for (int32_t i = 0; i < unit->io.count_inputs && !loaded; i++) {
            if (view->watermark_ms[i] < restore->merged_ms[i]) {
                restore->merged_ms[i] = view->watermark_ms[i];
            }
        }
    }
}

static void
restore_finish(sb_unit *unit)
{
    sb_io *io = &unit->io;
    merge_foreign_clocks(unit);
    for (int32_t i = 0; i < io->count_inputs; i++) {
        int64_t watermark_ms = unit->restore.merged_ms[i];
        if (watermark_ms == SB_WM_MAX && some_piece_idle(unit)) {
            watermark_ms = SB_WM_MIN; /* I22 */
        }
        if (is_bystander(unit)) {
            watermark_ms = SB_WM_MIN;
        }
        io->in[i].watermark_ms = watermark_ms;
        io->in[i].idle = false;
        sb_gate_set_watermark(&unit->gates[i], watermark_ms);
    }
    if (!unit->graph->mutants->done_not_reset) {
        io->done_ms = SB_WM_MIN;
    }
    io->level_ms = SB_WM_MAX;
    unit->wait = SB_STEP_AGAIN;
    if (atomic_fetch_sub(&unit->graph->count_restoring, 1) == 1) {
        sb_job_notify(unit->graph->job);
    }
}

static bool
piece_replayed(const sb_unit *unit)
{
    const sb_io *io = &unit->io;
    for (int32_t i = 0; i < io->count_inputs; i++) {
        if (io->in[i].head) {
            return false;
        }
    }
    return !(unit->wait & SB_STEP_AGAIN) && io->done_ms == sb_io_target_ms(io);
}

static void
drop_empty_heads(sb_unit *unit)
{
    for (int32_t i = 0; i < unit->io.count_inputs; i++) {
        sb_input *in = &unit->io.in[i];
        if (in->head && in->head->split < 0 && sb_io_head_done(&unit->io, i)) {
            in->head = sb_batch_free((sb_batch *)(uintptr_t)in->head);
        }
    }
}

sb_status
sb_unit_restore_turn(sb_unit *unit, bool *out_progress, sb_error *err)
{
    if (!unit->restore.replaying) {
        sb_status status = load_piece(unit, err);
        *out_progress = true;
        if (status != SB_OK) {
            atomic_store(&unit->graph->restore_failed, true);
            return status;
        }
        drop_empty_heads(unit); /* a rest of other subtasks' rows alone is no head */
    }
    if (unit->io.count_inputs > 0) {
        SB_TRY(sb_unit_step(unit, out_progress, err), err);
    }
    if (unit->io.count_inputs == 0 || piece_replayed(unit)) {
        *out_progress = true;
        merge_watermarks(unit);
        unit->restore.replaying = false;
        unit->restore.next++;
        if (unit->restore.next == unit->restore.count) {
            restore_finish(unit);
        }
    }
    return SB_OK;
}
