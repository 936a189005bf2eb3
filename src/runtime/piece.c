/*
 * runtime/piece.c -- see piece.h.
 */
#include "runtime/piece.h"

#include "runtime/sink_op.h"
#include "runtime/unit.h"

#include "columnar/row.h"

/* The head from the cursor on: rows, and marks that were not taken. */
static sb_status
write_rest(sb_unit *unit, int32_t input, sb_writer *w, sb_error *err)
{
    const sb_input *in = &unit->io.in[input];
    const sb_mutants *mutants = unit->gates[input].mutants;
    if (!in->head || mutants->rests_dropped) {
        return SB_OK;
    }
    sb_batch *rest = sb_batch_share(unit->mem, in->head);
    if (!rest) {
        SB_NOMEM(err);
    }
    /* Marks that were taken are not part of the rest; those left keep their place. */
    int32_t left = in->head->count_marks - in->mark;
    const sb_mark *marks = left > 0 ? in->head->marks + in->mark : NULL;
    sb_status status = sb_batch_set_marks(rest, marks, mutants->rest_marks_dropped ? 0 : left, err);
    if (status == SB_OK) {
        status = sb_batch_write(w, rest, in->row, err);
    }
    sb_batch_free(rest);
    return status;
}

sb_status
sb_piece_write(sb_unit *unit, sb_writer *w, sb_error *err)
{
    const sb_io *io = &unit->io;
    bool idle = io->count_inputs > 0;
    int64_t level_ms = io->count_ports > 0 ? io->out[0].watermark_ms : io->done_ms;
    for (int32_t i = 0; i < io->count_inputs; i++) {
        idle &= io->in[i].idle && io->in[i].watermark_ms == SB_WM_MIN;
    }
    sb_write_u32(w, SB_PIECE_VERSION);
    sb_write_u8(w, (uint8_t)io->count_inputs);
    sb_write_i64(w, level_ms);
    sb_write_u8(w, idle);
    sb_write_u8(w, unit->finished);
    for (int32_t i = 0; i < io->count_inputs; i++) {
        sb_write_i64(w, io->in[i].watermark_ms);
        sb_write_u8(w, io->in[i].idle);
        sb_write_u32(w,
                     io->in[i].head ? (uint32_t)(io->in[i].head->count_rows - io->in[i].row) : 0);
        size_t block = sb_write_block_begin(w);
        SB_TRY(write_rest(unit, i, w, err), err);
        sb_write_block_end(w, block);
    }
    size_t block = sb_write_block_begin(w);
    if (unit->vtable->snapshot) {
        SB_TRY(unit->vtable->snapshot(unit->op, w, err), err);
    }
    sb_write_block_end(w, block);
    block = sb_write_block_begin(w);
    if (unit->is_sink) {
        sb_sink_op_write_handles(unit->op, w);
    }
    sb_write_block_end(w, block);
    if (w->out.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

void
sb_piece_write_state(sb_writer *w, const sb_writer *state)
{
    size_t block = sb_write_block_begin(w);
    if (state) {
        sb_write_raw(w, state->out.data, state->out.size);
    }
    sb_write_block_end(w, block);
}

static sb_str
read_block(sb_reader *r)
{
    sb_reader block = sb_read_block(r);
    return (sb_str){(const char *)block.at, sb_reader_left(&block)};
}

sb_status
sb_piece_read(sb_reader *r, sb_piece_view *out, sb_error *err)
{
    uint32_t version = sb_read_u32(r);
    if (!r->failed && version > SB_PIECE_VERSION) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "piece of node %u has version %u, this program knows %u", out->node_id, version,
                SB_PIECE_VERSION);
    }
    int32_t count = sb_read_u8(r);
    if (count > 2) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "piece of node %u has %d inputs", out->node_id, count);
    }
    out->level_ms = sb_read_i64(r);
    out->idle = sb_read_u8(r);
    out->finished = sb_read_u8(r);
    for (int32_t i = 0; i < count; i++) {
        out->watermark_ms[i] = sb_read_i64(r);
        out->input_idle[i] = sb_read_u8(r);
        out->rest_rows[i] = (int32_t)sb_read_u32(r);
        out->rest[i] = read_block(r);
    }
    out->op = read_block(r);
    out->handles = read_block(r);
    out->state = read_block(r);
    return sb_reader_done(r, "piece of a checkpoint", err);
}

sb_status
sb_piece_handles(const sb_piece_view *piece,
                 sb_status (*visit)(void *ctx, const sb_handle_view *handle, sb_error *err),
                 void *ctx, sb_error *err)
{
    sb_reader r = sb_reader_of(piece->handles.data, piece->handles.size);
    if (piece->handles.size == 0) {
        return SB_OK;
    }
    uint64_t count = sb_read_varint(&r);
    for (uint64_t i = 0; i < count && !r.failed; i++) {
        sb_handle_view handle = {.checkpoint = sb_read_u64(&r)};
        handle.bytes = sb_read_str(&r);
        if (!r.failed) {
            SB_TRY(visit(ctx, &handle, err), err);
        }
    }
    return sb_reader_done(&r, "sink handles of a checkpoint", err);
}
