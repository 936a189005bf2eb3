/*
 * flow/io_test.c -- cursor, event clock, ports and the row-wise step, with no runtime behind them.
 */
#include "flow/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const sb_field FIELDS[] = {{.name = "v", .type = {.id = SB_TYPE_BIGINT}}};
static const sb_schema SCHEMA = {1, FIELDS};

typedef struct bench {
    sb_mem *mem;
    sb_port port;
    sb_io io;
    bool room;
    sb_batch *pushed[32];
    int32_t count_pushed;
} bench;

static bool
bench_can_push(void *ctx)
{
    return ((bench *)ctx)->room;
}

static void
bench_push(void *ctx, sb_batch *batch)
{
    bench *b = ctx;
    assert_true(b->count_pushed < 32 && sb_batch_valid(batch));
    b->pushed[b->count_pushed++] = batch;
}

static void
bench_begin(bench *b, int32_t inputs, int32_t limit_rows)
{
    sb_error err;
    memset(b, 0, sizeof *b);
    b->mem = sb_mem_new(NULL, "test", 0);
    b->room = true;
    b->port = (sb_port){.limit_rows = limit_rows,
                        .watermark_ms = SB_WM_MIN,
                        .can_push = bench_can_push,
                        .push = bench_push,
                        .ctx = b};
    assert_int_equal(sb_batch_builder_init(&b->port.open, b->mem, &SCHEMA, &err), SB_OK);
    b->io = (sb_io){.count_inputs = inputs,
                    .out = &b->port,
                    .count_ports = 1,
                    .done_ms = SB_WM_MIN,
                    .level_ms = SB_WM_MAX,
                    .mem = b->mem};
    b->io.in[0].watermark_ms = b->io.in[1].watermark_ms = SB_WM_MIN;
}

static void
bench_end(bench *b)
{
    for (int32_t i = 0; i < b->count_pushed; i++) {
        sb_batch_free(b->pushed[i]);
    }
    sb_batch_free((sb_batch *)(uintptr_t)b->io.in[0].head);
    sb_batch_builder_deinit(&b->port.open);
    assert_int_equal(sb_mem_used(b->mem), 0);
    sb_mem_unref(b->mem);
}

/* Rows 0..count with the given marks. */
static sb_batch *
make_batch(sb_mem *mem, int32_t count, const sb_mark *marks, int32_t count_marks)
{
    sb_error err;
    sb_vector *v = sb_vector_alloc(mem, &FIELDS[0].type, count, false);
    for (int32_t i = 0; i < count; i++) {
        ((int64_t *)sb_vector_values_mut(v))[i] = i;
    }
    sb_batch *batch = sb_batch_new(mem, &SCHEMA, &v, count);
    assert_non_null(batch);
    assert_int_equal(sb_batch_set_marks(batch, marks, count_marks, &err), SB_OK);
    return batch;
}

static void
append(bench *b, int64_t v)
{
    sb_column_i64(&sb_port_builder(&b->io, 0)->columns[0], v);
    sb_batch_builder_row(sb_port_builder(&b->io, 0), SB_ROW_INSERT);
}

/* --- cursor --- */

static void
the_cursor_walks_rows_and_marks(void **state)
{
    bench b;
    const sb_mark marks[] = {{0, 5}, {2, 7}, {3, 9}};
    (void)state;
    bench_begin(&b, 1, 10);
    b.io.in[0].head = make_batch(b.mem, 3, marks, 3);
    assert_true(sb_io_mark_here(&b.io, 0));
    assert_int_equal(sb_io_run_end(&b.io, 0), 0);
    sb_io_take_mark(&b.io, 0);
    assert_int_equal(b.io.in[0].watermark_ms, 5);
    assert_int_equal(sb_io_run_end(&b.io, 0), 2);
    sb_io_consume(&b.io, 0, 2);
    assert_false(sb_io_head_done(&b.io, 0));
    sb_io_take_mark(&b.io, 0);
    assert_int_equal(sb_io_run_end(&b.io, 0), 3);
    sb_io_consume(&b.io, 0, 1);
    assert_false(sb_io_head_done(&b.io, 0));
    sb_io_take_mark(&b.io, 0);
    assert_true(sb_io_head_done(&b.io, 0));
    assert_int_equal(b.io.in[0].watermark_ms, 9);
    bench_end(&b);
}

/* --- clock --- */

static void
the_target_is_the_minimum_over_inputs_that_are_not_idle(void **state)
{
    bench b;
    (void)state;
    bench_begin(&b, 2, 10);
    b.io.in[0].watermark_ms = 50;
    assert_int_equal(sb_io_target_ms(&b.io), SB_WM_MIN);
    b.io.in[1].watermark_ms = 20;
    assert_int_equal(sb_io_target_ms(&b.io), 20);
    sb_io_advance_done(&b.io, true);
    assert_int_equal(b.io.done_ms, 20);
    b.io.in[1].idle = true; /* an input that goes idle moves the clock */
    assert_int_equal(sb_io_target_ms(&b.io), 50);
    sb_io_advance_done(&b.io, true);
    b.io.in[0].idle = true; /* all idle: as it was */
    assert_int_equal(sb_io_target_ms(&b.io), 50);
    b.io.in[1].idle = false; /* back, and behind: never falls */
    assert_int_equal(sb_io_target_ms(&b.io), 50);
    /* One input at its end, the other only silent: time has not ended (I22). */
    b.io.in[0] = (sb_input){.watermark_ms = SB_WM_MAX, .ended = true};
    b.io.in[1].idle = true;
    assert_int_equal(sb_io_target_ms(&b.io), 50);
    b.io.in[1] = (sb_input){.watermark_ms = SB_WM_MAX, .ended = true};
    assert_int_equal(sb_io_target_ms(&b.io), SB_WM_MAX);
    bench_end(&b);
}

static void
marks_are_clamped_while_pieces_are_merged(void **state)
{
    bench b;
    const sb_mark marks[] = {{0, 10}, {1, 30}, {2, 40}};
    (void)state;
    bench_begin(&b, 1, 10);
    b.io.level_ms = 25;
    sb_port_mark(&b.io, 0, 5);
    sb_port_mark(&b.io, 0, 100);
    sb_port_mark(&b.io, 0, 50);
    assert_int_equal(b.port.watermark_ms, 25);
    b.io.level_ms = 35;
    sb_port_push(&b.io, 0, make_batch(b.mem, 2, marks, 3));
    assert_int_equal(b.count_pushed, 2); /* the open batch goes first */
    assert_int_equal(b.pushed[0]->marks[b.pushed[0]->count_marks - 1].watermark_ms, 25);
    assert_int_equal(b.pushed[1]->count_marks, 2); /* 10 is old, 40 is above the level */
    assert_int_equal(b.pushed[1]->marks[0].watermark_ms, 30);
    assert_int_equal(b.pushed[1]->marks[1].watermark_ms, 35);
    b.io.level_ms = SB_WM_NO_END;
    sb_port_mark(&b.io, 0, SB_WM_MAX);
    assert_int_equal(b.port.watermark_ms, 35);
    sb_port_mark(&b.io, 0, 1000);
    assert_int_equal(b.port.watermark_ms, 1000);
    bench_end(&b);
}

/* --- ports --- */

static void
room_ends_with_the_open_batch_when_nobody_takes_it(void **state)
{
    bench b;
    (void)state;
    bench_begin(&b, 1, 3);
    assert_int_equal(sb_port_room(&b.io, 0), 3);
    append(&b, 1);
    append(&b, 2);
    assert_int_equal(sb_port_room(&b.io, 0), 1);
    append(&b, 3);
    append(&b, 4); /* soft by one unit: a pair */
    b.room = false;
    assert_int_equal(sb_port_room(&b.io, 0), 0);
    assert_int_equal(b.count_pushed, 0);
    b.room = true;
    assert_int_equal(sb_port_room(&b.io, 0), 3);
    assert_int_equal(b.count_pushed, 1);
    assert_int_equal(b.pushed[0]->count_rows, 4);
    b.room = false; /* an empty open batch in front of a full ring takes nothing, either */
    assert_int_equal(sb_port_room(&b.io, 0), 0);
    append(&b, 5);
    sb_io_flush(&b.io);
    assert_int_equal(b.count_pushed, 1);
    sb_io_push_all(&b.io); /* before a barrier: over the limit */
    assert_int_equal(b.count_pushed, 2);
    assert_int_equal(b.port.count_rows, 5);
    bench_end(&b);
}

/* --- the row-wise step --- */

static int32_t drop_above;
static bool give_nothing;

static sb_status
keep_small(sb_op *op, sb_io *io, sb_batch *in, sb_batch **out, sb_error *err)
{
    int32_t keep[64], n = 0;
    (void)op;
    (void)io;
    if (drop_above < 0) {
        sb_batch_free(in);
        SB_FAIL(err, SB_STATUS_DATA, "a bad row");
    }
    if (give_nothing) {
        sb_batch_free(in);
        return SB_OK;
    }
    for (int32_t i = 0; i < in->count_rows; i++) {
        keep[n] = i;
        n += *(const int64_t *)sb_vector_at(in->columns[0], sb_batch_row(in, i)) <= drop_above;
    }
    *out = in;
    return sb_batch_filter(in, keep, n, err);
}

static const sb_op_vtable KEEP_SMALL = {
    .name = "keep_small", .count_inputs = 1, .count_ports = 1, .process = keep_small};

static void
a_rowwise_operator_passes_rows_and_all_marks(void **state)
{
    bench b;
    sb_error err;
    const sb_mark marks[] = {{1, 10}, {3, 30}, {4, 40}};
    sb_plan_node node = {.schema = &SCHEMA};
    (void)state;
    bench_begin(&b, 1, 10);
    sb_op op = {.vtable = &KEEP_SMALL, .node = &node, .mem = b.mem};
    drop_above = 1;
    assert_int_equal(sb_op_step(&op, &b.io, &err), SB_WAIT_INPUT);
    b.io.in[0].head = make_batch(b.mem, 4, marks, 3);
    b.room = false;
    assert_int_equal(sb_op_step(&op, &b.io, &err), SB_WAIT_ROOM);
    assert_int_equal(b.io.in[0].row, 0);
    b.room = true;
    assert_int_equal(sb_op_step(&op, &b.io, &err), SB_STEP_AGAIN);
    assert_true(sb_io_head_done(&b.io, 0));
    assert_int_equal(b.count_pushed, 1);
    assert_int_equal(b.pushed[0]->count_rows, 2);
    assert_int_equal(b.port.watermark_ms, 40);
    assert_int_equal(b.io.done_ms, 40);
    assert_int_equal(b.io.in[0].watermark_ms, 40);
    bench_end(&b);
}

static void
marks_survive_an_operator_that_gives_nothing(void **state)
{
    bench b;
    sb_error err;
    const sb_mark marks[] = {{1, 10}, {4, 40}};
    sb_plan_node node = {.schema = &SCHEMA};
    (void)state;
    bench_begin(&b, 1, 10);
    sb_op op = {.vtable = &KEEP_SMALL, .node = &node, .mem = b.mem};
    drop_above = 0;
    give_nothing = true;
    b.io.in[0].head = make_batch(b.mem, 4, marks, 2);
    assert_int_equal(sb_op_step(&op, &b.io, &err), SB_STEP_AGAIN);
    give_nothing = false;
    assert_int_equal(b.count_pushed, 0);
    sb_io_flush(&b.io);
    assert_int_equal(b.count_pushed, 1);
    assert_int_equal(b.pushed[0]->marks[0].watermark_ms, 40);
    bench_end(&b);
}

static void
a_rowwise_failure_leaves_the_cursor(void **state)
{
    bench b;
    sb_error err;
    sb_plan_node node = {.schema = &SCHEMA};
    (void)state;
    bench_begin(&b, 1, 10);
    sb_op op = {.vtable = &KEEP_SMALL, .node = &node, .mem = b.mem};
    drop_above = -1;
    b.io.in[0].head = make_batch(b.mem, 4, NULL, 0);
    assert_int_equal(sb_op_step(&op, &b.io, &err), SB_STEP_FAIL);
    assert_int_equal(err.status, SB_STATUS_DATA);
    assert_int_equal(b.io.in[0].row, 0);
    bench_end(&b);
}

static void
a_rowwise_operator_passes_split_news(void **state)
{
    bench b;
    sb_error err;
    sb_plan_node node = {.schema = &SCHEMA};
    (void)state;
    bench_begin(&b, 1, 10);
    sb_op op = {.vtable = &KEEP_SMALL, .node = &node, .mem = b.mem};
    sb_batch *news = sb_batch_empty(b.mem, &SCHEMA);
    news->split = 7;
    b.io.in[0].head = news;
    assert_int_equal(sb_op_step(&op, &b.io, &err), SB_STEP_AGAIN);
    assert_int_equal(b.count_pushed, 1);
    assert_int_equal(b.pushed[0]->split, 7);
    drop_above = 1;
    sb_batch_free(news);
    sb_batch *rows = make_batch(b.mem, 3, NULL, 0);
    rows->split = 7;
    b.io.in[0] = (sb_input){.head = rows, .watermark_ms = SB_WM_MIN};
    assert_int_equal(sb_op_step(&op, &b.io, &err), SB_STEP_AGAIN);
    assert_int_equal(b.pushed[1]->split, 7);
    sb_batch_free(rows);
    b.io.in[0] = (sb_input){.watermark_ms = SB_WM_MAX, .ended = true};
    assert_int_equal(sb_op_step(&op, &b.io, &err), SB_STEP_DONE);
    assert_int_equal(b.port.watermark_ms, SB_WM_MAX);
    bench_end(&b);
}

/* --- splits --- */

static void
a_split_is_listed_once(void **state)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_split_list list = {.arena = sb_arena_new(mem)};
    sb_error err;
    char id[16];
    (void)state;
    for (int32_t round = 0; round < 2; round++) {
        for (int32_t i = 0; i < 100000; i++) {
            snprintf(id, sizeof id, "file-%d", i);
            assert_int_equal(sb_split_add(&list, id, (sb_str){id, 4}, &err), SB_OK);
        }
    }
    assert_int_equal(list.count, 100000);
    assert_int_equal(list.at[42].ordinal, 42);
    assert_string_equal(list.at[42].id, "file-42");
    assert_true(sb_str_equal(list.at[42].descriptor, SB_STR("file")));
    sb_arena_free(list.arena);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cursor_walks_rows_and_marks),
        cmocka_unit_test(the_target_is_the_minimum_over_inputs_that_are_not_idle),
        cmocka_unit_test(marks_are_clamped_while_pieces_are_merged),
        cmocka_unit_test(room_ends_with_the_open_batch_when_nobody_takes_it),
        cmocka_unit_test(a_rowwise_operator_passes_rows_and_all_marks),
        cmocka_unit_test(marks_survive_an_operator_that_gives_nothing),
        cmocka_unit_test(a_rowwise_failure_leaves_the_cursor),
        cmocka_unit_test(a_rowwise_operator_passes_split_news),
        cmocka_unit_test(a_split_is_listed_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
