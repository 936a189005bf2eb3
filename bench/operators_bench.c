/*
 * bench/operators_bench.c -- cost of the stateful operators per row, with inputs like Nexmark's.
 *
 * Usage: bench_operators_bench [q17 | q17_batch | q5 | join | join_hot] [rows, default 2000000]
 *   q17        GROUP BY auction, day: 8 aggregates with filters, row by row
 *   q17_batch  the same with mini-batch
 *   q5         COUNT(*) per auction in HOP(2 s, 10 s), a watermark every 200 ms
 *   join       each row meets one row of the other side; rows carry 100 bytes of text
 *   join_hot   the same with 1000 keys and one side of one row per key
 * Times are CPU times of the thread in the operator alone, so that a busy machine disturbs less.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "operators/operators.h"

enum { ROWS = 4096, TEXT = 100 };

#define BIG                  \
    {                        \
        .id = SB_TYPE_BIGINT \
    }
#define STRING                                         \
    {                                                  \
        .id = SB_TYPE_VARCHAR, .length = SB_LENGTH_MAX \
    }
#define FLAG                  \
    {                         \
        .id = SB_TYPE_BOOLEAN \
    }
#define TIME                                    \
    {                                           \
        .id = SB_TYPE_TIMESTAMP, .precision = 3 \
    }

static sb_error err;
static int64_t rows_out, batches_out;

static void
must(bool done)
{
    if (!done) {
        fprintf(stderr, "failed: %s %s\n", err.message, err.frames);
        exit(1);
    }
}

static bool
can_push(void *ctx)
{
    (void)ctx;
    return true;
}

static void
push(void *ctx, sb_batch *batch)
{
    (void)ctx;
    rows_out += batch->count_rows;
    batches_out++;
    sb_batch_free(batch);
}

typedef struct bench {
    const sb_op_vtable *vtable;
    sb_plan_node node;
    const sb_schema *inputs[2];
    sb_mem *mem;
    sb_state *state;
    sb_op *op;
    sb_io io;
    sb_port ports[2];
    sb_metrics metrics;
    int64_t ns;
} bench;

static void
bench_open(bench *b, const sb_op_vtable *vtable, const void *body, const sb_schema *output)
{
    b->vtable = vtable;
    b->node = (sb_plan_node){.schema = output, .body = body};
    b->mem = sb_mem_new(sb_mem_root(), "bench", 0);
    b->state = sb_state_new(b->mem, 0, SB_KEY_SLOTS);
    b->op = sb_alloc_zero(b->mem, vtable->instance_size);
    must(b->state && b->op);
    b->op->vtable = vtable;
    b->op->node = &b->node;
    b->op->metrics = &b->metrics;
    b->op->mem = b->mem;
    sb_init ctx = {.mem = b->mem,
                   .os = sb_os_real(),
                   .state = b->state,
                   .zone = "UTC",
                   .parallelism = 1,
                   .batch_rows = ROWS,
                   .inputs = b->inputs,
                   .metrics = &b->metrics};
    must(vtable->init(b->op, &b->node, &ctx, &err) == SB_OK);
    b->io = (sb_io){.count_inputs = vtable->count_inputs,
                    .out = b->ports,
                    .count_ports = vtable->count_ports,
                    .done_ms = SB_WM_MIN,
                    .level_ms = SB_WM_MAX,
                    .mem = b->mem,
                    .eval = {.zone = "UTC"}};
    for (int32_t p = 0; p < 2; p++) {
        must(sb_batch_builder_init(&b->ports[p].open, b->mem, p == 0 ? output : b->inputs[0],
                                   &err) == SB_OK);
        b->ports[p].limit_rows = ROWS;
        b->ports[p].watermark_ms = SB_WM_MIN;
        b->ports[p].can_push = can_push;
        b->ports[p].push = push;
        b->io.in[p].watermark_ms = SB_WM_MIN;
    }
}

static void
bench_feed(bench *b, int32_t input, sb_batch *batch)
{
    sb_input *in = &b->io.in[input];
    in->head = batch;
    in->row = in->mark = 0;
    int64_t from = sb_thread_cpu_ns();
    do {
        sb_step step = sb_op_step(b->op, &b->io, &err);
        must(!(step & SB_STEP_FAIL));
        sb_io_flush(&b->io);
    } while (!sb_io_head_done(&b->io, input));
    b->ns += sb_thread_cpu_ns() - from;
    in->head = NULL;
    sb_batch_free(batch);
}

static void
bench_close(bench *b, const char *name, int64_t rows)
{
    printf("%-10s %6.1f ns a row   %9lld rows in %9lld out in %lld batches, state %lld MB\n", name,
           (double)b->ns / (double)rows, (long long)rows, (long long)rows_out,
           (long long)batches_out, (long long)sb_state_bytes(b->state) >> 20);
    b->vtable->close(b->op);
    sb_free(b->mem, b->op, b->vtable->instance_size);
    sb_state_free(b->state);
    for (int32_t p = 0; p < 2; p++) {
        sb_batch_builder_deinit(&b->ports[p].open);
    }
    sb_mem_unref(b->mem);
    rows_out = batches_out = 0;
}

static int64_t
mix(int64_t i, uint64_t below)
{
    return (int64_t)(((unsigned __int128)sb_hash_u64((uint64_t)i) * below) >> 64);
}

/* The auction of bid i: nearly always one of the hot ones, which move on with time. */
static int64_t
auction_of(int64_t i)
{
    int64_t last = i * 6 / 92 + 1000;
    return mix(i, 100) > 0 ? last / 100 * 100 : last - mix(i * 7 + 1, 100);
}

/* --- q17 --- */

static const sb_field bid_fields[] = {{"auction", BIG, 0}, {"day", STRING, 0},  {"price", BIG, 0},
                                      {"low", FLAG, 0},    {"middle", FLAG, 0}, {"high", FLAG, 0}};
static const sb_schema bid_schema = {6, bid_fields};
static const sb_field day_fields[] = {
    {"auction", BIG, 0}, {"day", STRING, 0}, {"n", BIG, 0},  {"n1", BIG, 0},   {"n2", BIG, 0},
    {"n3", BIG, 0},      {"lo", BIG, 0},     {"hi", BIG, 0}, {"mean", BIG, 0}, {"total", BIG, 0}};
static const sb_schema day_schema = {10, day_fields};
static const sb_agg_call day_calls[] = {{SB_AGG_COUNT_STAR, -1, -1, false, BIG, .separator = NULL},
                                        {SB_AGG_COUNT_STAR, -1, 3, false, BIG, .separator = NULL},
                                        {SB_AGG_COUNT_STAR, -1, 4, false, BIG, .separator = NULL},
                                        {SB_AGG_COUNT_STAR, -1, 5, false, BIG, .separator = NULL},
                                        {SB_AGG_MIN, 2, -1, false, BIG, .separator = NULL},
                                        {SB_AGG_MAX, 2, -1, false, BIG, .separator = NULL},
                                        {SB_AGG_AVG, 2, -1, false, BIG, .separator = NULL},
                                        {SB_AGG_SUM, 2, -1, false, BIG, .separator = NULL}};

static void
run_q17(int64_t rows, bool minibatch)
{
    static const int32_t keys[] = {0, 1};
    sb_group_agg_node body = {.keys = {2, keys},
                              .count_aggs = 8,
                              .aggs = day_calls,
                              .emit_before = true,
                              .minibatch_rows = minibatch ? 5000 : 0,
                              .minibatch_ms = 2000};
    bench b = {.inputs = {&bid_schema}};
    bench_open(&b, &sb_op_group_agg, &body, &day_schema);
    for (int64_t i = 0; i < rows; i += ROWS) {
        sb_batch_builder builder;
        sb_batch *batch;
        must(sb_batch_builder_init(&builder, b.mem, &bid_schema, &err) == SB_OK);
        for (int64_t r = i; r < i + ROWS; r++) {
            int64_t price = mix(r * 3, 2000000);
            char day[16];
            snprintf(day, sizeof day, "2024-01-%02d", (int)(r / 1000000 % 28) + 1);
            sb_column_i64(&builder.columns[0], auction_of(r));
            sb_column_bytes(&builder.columns[1], day, 10);
            sb_column_i64(&builder.columns[2], price);
            sb_column_i64(&builder.columns[3], price < 10000);
            sb_column_i64(&builder.columns[4], price >= 10000 && price < 1000000);
            sb_column_i64(&builder.columns[5], price >= 1000000);
            sb_batch_builder_row(&builder, SB_ROW_INSERT);
        }
        must(sb_batch_builder_finish(&builder, &batch, &err) == SB_OK);
        sb_batch_builder_deinit(&builder);
        bench_feed(&b, 0, batch);
    }
    bench_close(&b, minibatch ? "q17_batch" : "q17", rows);
}

/* --- q5 --- */

static const sb_field time_fields[] = {{"auction", BIG, 0}, {"ts", TIME, 0}};
static const sb_schema time_schema = {2, time_fields};
static const sb_field hot_fields[] = {
    {"auction", BIG, 0}, {"n", BIG, 0}, {"ws", TIME, 0}, {"we", TIME, 0}};
static const sb_schema hot_schema = {4, hot_fields};

static void
run_q5(int64_t rows)
{
    static const int32_t keys[] = {0};
    static const sb_agg_call calls[] = {{SB_AGG_COUNT_STAR, -1, -1, false, BIG, .separator = NULL}};
    static const sb_window_property properties[] = {SB_WINDOW_START, SB_WINDOW_END};
    sb_window_agg_node body = {.window = {SB_WINDOW_HOP, 10000, 2000, 0, false},
                               .time = 1,
                               .keys = {1, keys},
                               .count_aggs = 1,
                               .aggs = calls,
                               .count_properties = 2,
                               .properties = properties};
    bench b = {.inputs = {&time_schema}};
    int64_t mark = 0;
    bench_open(&b, &sb_op_window_agg, &body, &hot_schema);
    for (int64_t i = 0; i < rows; i += ROWS) {
        sb_batch_builder builder;
        sb_batch *batch;
        must(sb_batch_builder_init(&builder, b.mem, &time_schema, &err) == SB_OK);
        for (int64_t r = i; r < i + ROWS; r++) {
            int64_t ms = 1700000000000 + r / 92;
            sb_column_i64(&builder.columns[0], auction_of(r));
            sb_column_i64(&builder.columns[1], ms * 1000);
            sb_batch_builder_row(&builder, SB_ROW_INSERT);
            if (ms - 4000 > mark + 200) {
                mark = ms - 4000;
                sb_batch_builder_mark(&builder, mark);
            }
        }
        must(sb_batch_builder_finish(&builder, &batch, &err) == SB_OK);
        sb_batch_builder_deinit(&builder);
        bench_feed(&b, 0, batch);
    }
    bench_close(&b, "q5", rows);
}

/* --- joins --- */

static const sb_field side_fields[] = {
    {"id", BIG, 0}, {"a", BIG, 0}, {"b", BIG, 0}, {"text", STRING, 0}};
static const sb_schema side_schema = {4, side_fields};
static const sb_field pair_fields[] = {{"id", BIG, 0},      {"a", BIG, 0},       {"b", BIG, 0},
                                       {"text", STRING, 0}, {"id0", BIG, 0},     {"a0", BIG, 0},
                                       {"b0", BIG, 0},      {"text0", STRING, 0}};
static const sb_schema pair_schema = {8, pair_fields};

static sb_batch *
side_batch(sb_mem *mem, int64_t from, int64_t keys)
{
    sb_batch_builder builder;
    sb_batch *batch;
    char text[TEXT];
    memset(text, 'x', sizeof text);
    must(sb_batch_builder_init(&builder, mem, &side_schema, &err) == SB_OK);
    for (int64_t r = from; r < from + ROWS; r++) {
        snprintf(text, sizeof text, "%lld", (long long)r);
        sb_column_i64(&builder.columns[0], keys ? mix(r, (uint64_t)keys) : r);
        sb_column_i64(&builder.columns[1], r * 7);
        sb_column_i64(&builder.columns[2], r * 9);
        sb_column_bytes(&builder.columns[3], text, sizeof text);
        sb_batch_builder_row(&builder, SB_ROW_INSERT);
    }
    must(sb_batch_builder_finish(&builder, &batch, &err) == SB_OK);
    sb_batch_builder_deinit(&builder);
    return batch;
}

static void
run_join(int64_t rows, bool hot)
{
    static const int32_t keys[] = {0};
    sb_join_node body = {.left_keys = {1, keys}, .right_keys = {1, keys}};
    bench b = {.inputs = {&side_schema, &side_schema}};
    bench_open(&b, &sb_op_join, &body, &pair_schema);
    int64_t fed = 0;
    if (hot) { /* 4096 keys on the left, each once; then the right side */
        bench_feed(&b, 0, side_batch(b.mem, 0, 0));
        b.ns = 0;
    }
    for (int64_t i = 0; fed < rows; i += ROWS) {
        if (!hot) {
            bench_feed(&b, 0, side_batch(b.mem, i, 0));
            fed += ROWS;
        }
        bench_feed(&b, 1, side_batch(b.mem, i, hot ? ROWS : 0));
        fed += ROWS;
    }
    bench_close(&b, hot ? "join_hot" : "join", fed);
}

int
main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "all";
    int64_t rows = argc > 2 ? atoll(argv[2]) : 2000000;
    bool all = strcmp(only, "all") == 0;
    sb_mem_setup();
    if (all || strcmp(only, "q17") == 0) {
        run_q17(rows, false);
    }
    if (all || strcmp(only, "q17_batch") == 0) {
        run_q17(rows, true);
    }
    if (all || strcmp(only, "q5") == 0) {
        run_q5(rows);
    }
    if (all || strcmp(only, "join") == 0) {
        run_join(rows / 2, false);
    }
    if (all || strcmp(only, "join_hot") == 0) {
        run_join(rows / 2, true);
    }
    return 0;
}
