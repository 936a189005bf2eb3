/*
 * connectors/blackhole/blackhole.c -- a sink that swallows everything.
 */
#include "connectors/blackhole/blackhole.h"

#include "connectors/options.h"

static const sb_option_spec blackhole_options[] = {{NULL, NULL, NULL, NULL}};

static sb_status
blackhole_facts(const sb_table_desc *table, sb_sink_facts *out, sb_error *err)
{
    SB_TRY(sb_table_options_check(table, blackhole_options, NULL, err), err);
    /* As Flink's: takes updates without asking for their -U, with or without a key. */
    *out = (sb_sink_facts){.row_ops = SB_ROWS_UPSERT, .transactional = true};
    return SB_OK;
}

static sb_status
blackhole_init(sb_sink *s, const sb_sink_init *ctx, sb_error *err)
{
    (void)err;
    s->ctx = ctx;
    return SB_OK;
}

static sb_status
blackhole_write(sb_sink *s, const sb_batch *in, int32_t from_row, int64_t now_ms, int32_t *out_rows,
                sb_error *err)
{
    (void)s;
    (void)now_ms;
    (void)err;
    *out_rows = in->count_rows - from_row;
    return SB_OK;
}

static sb_status
blackhole_prepare(sb_sink *s, uint64_t checkpoint, bool last, sb_writer *handle, sb_error *err)
{
    (void)s;
    (void)checkpoint;
    (void)last;
    (void)handle;
    (void)err;
    return SB_OK;
}

static void
blackhole_close(sb_sink *s)
{
    (void)s;
}

static const sb_sink_vtable blackhole_sink = {
    .name = "blackhole",
    .instance_size = sizeof(sb_sink),
    .capabilities = SB_SINK_TRANSACTIONAL | SB_SINK_IDEMPOTENT | SB_SINK_ORDERED,
    .init = blackhole_init,
    .write = blackhole_write,
    .prepare = blackhole_prepare,
    .close = blackhole_close,
};

const sb_connector sb_connector_blackhole = {
    .name = "blackhole",
    .sink = &blackhole_sink,
    .options = blackhole_options,
    .sink_facts = blackhole_facts,
};
