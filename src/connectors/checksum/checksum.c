/*
 * connectors/checksum/checksum.c -- a sink that only sums up the hashes of its rows: results are
 * compared without storing them.
 *
 * DESIGN     Sum and net count of rows are state: they are in every checkpoint and summed over the
 * pieces of a restore. They stand in metrics->checksum and metrics->fired at any time (subtasks add
 * up).
 */
#include "connectors/checksum/checksum.h"

#include <stdatomic.h>

#include "connectors/checksum/row_hash.h"
#include "connectors/options.h"

#define STATE_VERSION 1

typedef struct checksum_sink {
    sb_sink base;
    sb_row_hasher hasher;
    uint64_t sum;
    int64_t rows; /* added minus taken back */
} checksum_sink;

static const sb_option_spec checksum_options[] = {{NULL, NULL, NULL, NULL}};

static const sb_sink_vtable checksum_vtable;

static checksum_sink *
sink_of(sb_sink *s)
{
    sb_assert(s->vtable == &checksum_vtable);
    return (checksum_sink *)(void *)s;
}

static sb_status
checksum_facts(const sb_table_desc *table, sb_sink_facts *out, sb_error *err)
{
    SB_TRY(sb_table_options_check(table, checksum_options, NULL, err), err);
    *out = (sb_sink_facts){.row_ops = SB_ROWS_ALL, .transactional = true};
    return SB_OK;
}

static sb_status
checksum_init(sb_sink *base, const sb_sink_init *ctx, sb_error *err)
{
    (void)err;
    base->ctx = ctx;
    sb_row_hasher_init(&sink_of(base)->hasher, ctx->mem);
    return SB_OK;
}

static void
publish(const checksum_sink *s)
{
    atomic_store_explicit(&s->base.ctx->metrics->checksum, s->sum, memory_order_relaxed);
    atomic_store_explicit(&s->base.ctx->metrics->fired, s->rows, memory_order_relaxed);
}

static sb_status
checksum_write(sb_sink *base, const sb_batch *in, int32_t from_row, int64_t now_ms,
               int32_t *out_rows, sb_error *err)
{
    checksum_sink *s = sink_of(base);
    (void)now_ms;
    SB_TRY(sb_row_hasher_batch(&s->hasher, in, from_row, in->count_rows, &s->sum, &s->rows, err),
           err);
    *out_rows = in->count_rows - from_row;
    publish(s);
    return SB_OK;
}

static sb_status
checksum_prepare(sb_sink *base, uint64_t checkpoint, bool last, sb_writer *handle, sb_error *err)
{
    (void)base;
    (void)checkpoint;
    (void)last;
    (void)handle;
    (void)err;
    return SB_OK;
}

static sb_status
checksum_snapshot(sb_sink *base, sb_writer *w, sb_error *err)
{
    const checksum_sink *s = sink_of(base);
    sb_write_u8(w, STATE_VERSION);
    sb_write_u64(w, s->sum);
    sb_write_i64(w, s->rows);
    if (w->out.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
checksum_restore(sb_sink *base, sb_reader *r, sb_error *err)
{
    checksum_sink *s = sink_of(base);
    if (sb_read_u8(r) != STATE_VERSION) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "the state of a checksum sink has an unknown version");
    }
    uint64_t sum = sb_read_u64(r);
    int64_t rows = sb_read_i64(r);
    SB_TRY(sb_reader_done(r, "state of a checksum sink", err), err);
    s->sum += sum;
    s->rows += rows;
    publish(s);
    return SB_OK;
}

static void
checksum_close(sb_sink *base)
{
    if (base->ctx) {
        sb_row_hasher_deinit(&sink_of(base)->hasher);
    }
}

static const sb_sink_vtable checksum_vtable = {
    .name = "checksum",
    .instance_size = sizeof(checksum_sink),
    .capabilities = SB_SINK_TRANSACTIONAL | SB_SINK_ORDERED,
    .init = checksum_init,
    .write = checksum_write,
    .prepare = checksum_prepare,
    .snapshot = checksum_snapshot,
    .restore = checksum_restore,
    .close = checksum_close,
};

const sb_connector sb_connector_checksum = {
    .name = "checksum",
    .sink = &checksum_vtable,
    .options = checksum_options,
    .sink_facts = checksum_facts,
};
