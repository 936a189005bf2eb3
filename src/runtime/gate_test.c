/*
 * runtime/gate_test.c -- the gate against a naive model: all interleavings of small scripts, then
 * random ones.
 *
 * DESIGN     The model is StatusWatermarkValve's behaviour written down element by element (R5),
 *            with MAX held back as I22 says. Each channel has a script of elements; every order in
 *            which they can arrive is tried, and after each arrival the gate is read until it
 *            stops. What the operator saw (rows, marks, idle, ended) must be what the model says
 *            for that order.
 */
#include "runtime/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHANNELS 3
#define SCRIPT   4

static const sb_field FIELDS[] = {{.name = "v", .type = {.id = SB_TYPE_BIGINT}}};
static const sb_schema SCHEMA = {1, FIELDS};
static const sb_mutants NO_MUTANTS;

typedef enum step_kind {
    STEP_NONE,
    STEP_ROW,
    STEP_MARK,
    STEP_IDLE,
    STEP_ACTIVE,
    STEP_END
} step_kind;

typedef struct step {
    step_kind kind;
    int64_t value; /* of the row or mark */
} step;

typedef struct script {
    step at[CHANNELS][SCRIPT];
    int32_t channels;
} script;

/* --- the model: keeps everything as plain facts, recomputes all from them --- */

typedef struct model {
    int64_t watermark[CHANNELS];
    bool idle[CHANNELS], ended[CHANNELS], aligned[CHANNELS];
    int32_t channels;
    int64_t last;
    char trace[2048]; /* what the operator sees */
} model;

static void
model_trace(model *m, const char *what, int64_t value)
{
    size_t n = strlen(m->trace);
    if (value == SB_WM_MAX) {
        snprintf(m->trace + n, sizeof m->trace - n, "%s=MAX ", what);
    } else {
        snprintf(m->trace + n, sizeof m->trace - n, "%s=%lld ", what, (long long)value);
    }
}

static void
model_emit(model *m, int64_t watermark)
{
    if (watermark > m->last) {
        m->last = watermark;
        model_trace(m, "wm", watermark);
    }
}

static void
model_minimum(model *m)
{
    int64_t low = SB_WM_MAX;
    bool all_max = true, any = false;
    for (int32_t i = 0; i < m->channels; i++) {
        all_max &= m->watermark[i] == SB_WM_MAX;
        if (m->aligned[i]) {
            any = true;
            low = m->watermark[i] < low ? m->watermark[i] : low;
        }
    }
    if (any && (low != SB_WM_MAX || all_max)) {
        model_emit(m, low);
    }
}

static void
model_watermark(model *m, int32_t c, int64_t watermark)
{
    if (m->idle[c] || watermark <= m->watermark[c]) {
        return;
    }
    m->watermark[c] = watermark;
    if (watermark >= m->last) {
        m->aligned[c] = true;
    }
    model_minimum(m);
}

static void
model_idle(model *m, int32_t c)
{
    bool held = m->aligned[c] && m->watermark[c] == m->last, any_active = false;
    if (m->idle[c]) {
        return;
    }
    m->idle[c] = true;
    m->aligned[c] = false;
    for (int32_t i = 0; i < m->channels; i++) {
        any_active |= !m->idle[i] && !m->ended[i];
    }
    if (any_active) {
        model_minimum(m);
        return;
    }
    int64_t high = SB_WM_MIN;
    for (int32_t i = 0; i < m->channels; i++) {
        high = m->watermark[i] != SB_WM_MAX && m->watermark[i] > high ? m->watermark[i] : high;
    }
    if (held) {
        model_emit(m, high);
    }
}

static void
model_step(model *m, int32_t c, step s)
{
    switch (s.kind) {
    case STEP_NONE: break;
    case STEP_ROW: model_trace(m, "row", s.value); break;
    case STEP_MARK: model_watermark(m, c, s.value); break;
    case STEP_IDLE: model_idle(m, c); break;
    case STEP_ACTIVE:
        m->idle[c] = false;
        m->aligned[c] |= m->watermark[c] >= m->last;
        break;
    case STEP_END:
        m->idle[c] = false;
        m->ended[c] = true;
        m->watermark[c] = SB_WM_MAX;
        m->aligned[c] = true;
        model_minimum(m);
        break;
    }
}

static void
model_flags(const model *m, bool *out_idle, bool *out_ended)
{
    *out_idle = *out_ended = true;
    for (int32_t i = 0; i < m->channels; i++) {
        *out_ended &= m->ended[i];
        *out_idle &= m->idle[i] || m->ended[i];
    }
    *out_idle &= !*out_ended;
}

/* --- the gate under test --- */

typedef struct bench {
    sb_mem *mem;
    sb_channel channels[CHANNELS];
    sb_gate_channel gate_channels[CHANNELS];
    sb_gate gate;
    sb_io io;
    model seen; /* only its trace is used */
} bench;

static void
bench_init(bench *b, sb_mem *mem, int32_t channels)
{
    sb_error err;
    memset(b, 0, sizeof *b);
    b->mem = mem;
    for (int32_t i = 0; i < channels; i++) {
        assert_int_equal(sb_channel_init(&b->channels[i], mem, true, 1, &err), SB_OK);
        b->gate_channels[i] = (sb_gate_channel){.channel = &b->channels[i]};
    }
    sb_gate_init(&b->gate, mem, &SCHEMA, &NO_MUTANTS, b->gate_channels, channels, true);
    b->io.count_inputs = 1;
    b->io.in[0].watermark_ms = SB_WM_MIN;
}

static sb_batch *
row_batch(sb_mem *mem, int64_t value)
{
    sb_vector *v = sb_vector_alloc(mem, &FIELDS[0].type, 1, false);
    *(int64_t *)sb_vector_values_mut(v) = value;
    sb_batch *batch = sb_batch_new(mem, &SCHEMA, &v, 1);
    assert_non_null(batch);
    return batch;
}

static void
bench_send(bench *b, int32_t c, step s)
{
    sb_element e = {.kind = SB_EL_BATCH};
    switch (s.kind) {
    case STEP_NONE: return;
    case STEP_ROW: e.batch = row_batch(b->mem, s.value); break;
    case STEP_MARK: e.batch = sb_batch_watermark(b->mem, &SCHEMA, s.value); break;
    case STEP_IDLE: e = (sb_element){.kind = SB_EL_STATUS, .idle = true}; break;
    case STEP_ACTIVE: e = (sb_element){.kind = SB_EL_STATUS}; break;
    case STEP_END: e = (sb_element){.kind = SB_EL_END}; break;
    }
    assert_true(sb_channel_push(&b->channels[c], e));
}

/* Reads and consumes what there is. */
static void
bench_drain(bench *b)
{
    sb_input *in = &b->io.in[0];
    sb_error err;
    for (;;) {
        bool moved = false;
        assert_int_equal(sb_gate_fill(&b->gate, in, &moved, &err), SB_OK);
        if (!in->head) {
            return;
        }
        assert_true(sb_batch_valid(in->head));
        while (!sb_io_head_done(&b->io, 0)) {
            if (sb_io_mark_here(&b->io, 0)) {
                sb_io_take_mark(&b->io, 0);
                model_trace(&b->seen, "wm", in->watermark_ms);
                continue;
            }
            model_trace(&b->seen, "row",
                        *(const int64_t *)sb_vector_at(in->head->columns[0],
                                                       sb_batch_row(in->head, in->row)));
            sb_io_consume(&b->io, 0, 1);
        }
        sb_batch_free((sb_batch *)(uintptr_t)in->head);
        in->head = NULL;
        in->row = in->mark = 0;
    }
}

static void
bench_deinit(bench *b)
{
    for (int32_t i = 0; i < CHANNELS; i++) {
        sb_channel_deinit(&b->channels[i]);
    }
}

/* Plays one order of arrival and compares after every element. */
static void
play(const script *s, const int32_t *order, int32_t count, sb_mem *mem)
{
    bench b;
    model m = {.channels = s->channels, .last = SB_WM_MIN};
    int32_t next[CHANNELS] = {0};
    bench_init(&b, mem, s->channels);
    for (int32_t i = 0; i < s->channels; i++) {
        m.watermark[i] = SB_WM_MIN;
        m.aligned[i] = true;
    }
    for (int32_t i = 0; i < count; i++) {
        int32_t c = order[i];
        step st = s->at[c][next[c]++];
        bool idle, ended;
        model_step(&m, c, st);
        model_flags(&m, &idle, &ended);
        bench_send(&b, c, st);
        bench_drain(&b);
        if (strcmp(m.trace, b.seen.trace) != 0 || idle != b.io.in[0].idle ||
            ended != b.io.in[0].ended) {
            print_error("model: %s idle %d ended %d\ngate:  %s idle %d ended %d\n", m.trace, idle,
                        ended, b.seen.trace, b.io.in[0].idle, b.io.in[0].ended);
            for (int32_t j = 0; j <= i; j++) {
                print_error("channel %d, ", order[j]);
            }
            fail();
        }
    }
    bench_deinit(&b);
}

static int64_t
all_orders(const script *s, sb_mem *mem, int32_t *order, int32_t depth, int32_t *left)
{
    int64_t count = 0;
    bool leaf = true;
    for (int32_t c = 0; c < s->channels; c++) {
        if (left[c] > 0) {
            leaf = false;
            left[c]--;
            order[depth] = c;
            count += all_orders(s, mem, order, depth + 1, left);
            left[c]++;
        }
    }
    if (leaf) {
        play(s, order, depth, mem);
        return 1;
    }
    return count;
}

static uint64_t
next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    return z ^ (z >> 27);
}

/* A script that a producer may send: nothing behind an end, marks ascend, active only when idle. */
static void
draw_channel(step *at, uint64_t *random)
{
    int64_t watermark = (int64_t)(next_random(random) % 3);
    bool idle = false;
    for (int32_t i = 0; i < SCRIPT; i++) {
        uint64_t r = next_random(random) % 10;
        if (idle) {
            at[i] = r < 7 ? (step){STEP_ACTIVE, 0} : (step){STEP_END, 0};
            idle = false;
        } else if (r < 5) {
            watermark += 1 + (int64_t)(next_random(random) % 4);
            at[i] = (step){STEP_MARK, watermark};
        } else if (r < 8) {
            at[i] = (step){STEP_IDLE, 0};
            idle = true;
        } else {
            at[i] = r < 9 ? (step){STEP_ROW, i} : (step){STEP_END, 0};
        }
        if (at[i].kind == STEP_END) {
            break;
        }
    }
}

static void
every_order_of_small_scripts(void **state)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    uint64_t random = 5;
    int64_t plays = 0;
    (void)state;
    for (int32_t n = 0; n < 120; n++) {
        script s = {.channels = 1 + n % CHANNELS};
        int32_t order[CHANNELS * SCRIPT], left[CHANNELS] = {0};
        for (int32_t c = 0; c < s.channels; c++) {
            draw_channel(s.at[c], &random);
            while (left[c] < (s.channels == 3 ? 3 : SCRIPT) && s.at[c][left[c]].kind != STEP_NONE) {
                left[c]++;
            }
        }
        plays += all_orders(&s, mem, order, 0, left);
    }
    assert_true(plays > 10000);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

static void
finished_and_idle_do_not_end_time(void **state)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    bench b;
    (void)state;
    bench_init(&b, mem, 2);
    bench_send(&b, 0, (step){STEP_MARK, 5});
    bench_drain(&b);
    bench_send(&b, 1, (step){STEP_IDLE, 0});
    bench_drain(&b);
    bench_send(&b, 0, (step){STEP_END, 0});
    bench_drain(&b);
    assert_string_equal(b.seen.trace, "wm=5 "); /* I22 */
    assert_true(b.io.in[0].idle && !b.io.in[0].ended);
    bench_send(&b, 1, (step){STEP_ACTIVE, 0});
    bench_send(&b, 1, (step){STEP_MARK, 7});
    bench_send(&b, 1, (step){STEP_END, 0});
    bench_drain(&b);
    assert_string_equal(b.seen.trace, "wm=5 wm=7 wm=MAX ");
    assert_true(b.io.in[0].ended);
    bench_deinit(&b);
    sb_mem_unref(mem);
}

static void
a_channel_back_from_idle_must_catch_up(void **state)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    bench b;
    (void)state;
    bench_init(&b, mem, 2);
    bench_send(&b, 1, (step){STEP_IDLE, 0});
    bench_send(&b, 0, (step){STEP_MARK, 100});
    bench_send(&b, 1, (step){STEP_ACTIVE, 0});
    /* behind: ignored, and does not hold channel 0 back */
    bench_send(&b, 1, (step){STEP_MARK, 50});
    bench_drain(&b);
    bench_send(&b, 0, (step){STEP_MARK, 120});
    bench_drain(&b);
    assert_string_equal(b.seen.trace, "wm=100 wm=120 ");
    bench_send(&b, 1, (step){STEP_MARK, 130}); /* caught up: counts from now on */
    bench_send(&b, 0, (step){STEP_MARK, 150});
    bench_drain(&b);
    bench_deinit(&b);
    assert_string_equal(b.seen.trace, "wm=100 wm=120 wm=130 ");
    sb_mem_unref(mem);
}

/* --- barriers --- */

static void
send_barrier(bench *b, int32_t c, uint64_t checkpoint)
{
    assert_true(sb_channel_push(&b->channels[c],
                                (sb_element){.kind = SB_EL_BARRIER, .checkpoint = checkpoint}));
}

static void
nothing_is_read_behind_a_barrier(void **state)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    bench b;
    uint64_t id = 0;
    (void)state;
    bench_init(&b, mem, 2);
    send_barrier(&b, 0, 1);
    bench_send(&b, 0, (step){STEP_ROW, 1});
    bench_drain(&b);
    assert_int_equal(sb_gate_barrier(&b.gate, &id), SB_GATE_OPEN);
    assert_true(sb_gate_has_barrier(&b.gate));
    /* in front of the other barrier: part of the checkpoint */
    bench_send(&b, 1, (step){STEP_ROW, 2});
    send_barrier(&b, 1, 1);
    bench_drain(&b);
    assert_string_equal(b.seen.trace, "row=2 ");
    assert_int_equal(sb_gate_barrier(&b.gate, &id), SB_GATE_ALIGNED);
    assert_int_equal(id, 1);
    bench_drain(&b);
    assert_string_equal(b.seen.trace, "row=2 ");
    sb_gate_release(&b.gate, 1);
    bench_drain(&b);
    assert_string_equal(b.seen.trace, "row=2 row=1 ");
    bench_deinit(&b);
    sb_mem_unref(mem);
}

static void
a_barrier_behind_the_head_has_arrived(void **state)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    bench b;
    uint64_t id = 0;
    bool moved = false;
    sb_error err;
    (void)state;
    bench_init(&b, mem, 2);
    bench_send(&b, 0, (step){STEP_ROW, 1});
    send_barrier(&b, 0, 4);
    send_barrier(&b, 1, 4);
    assert_int_equal(sb_gate_fill(&b.gate, &b.io.in[0], &moved, &err), SB_OK);
    assert_true(moved && b.io.in[0].head);
    assert_int_equal(sb_gate_barrier(&b.gate, &id), SB_GATE_ALIGNED);
    assert_int_equal(id, 4);
    sb_batch_free((sb_batch *)(uintptr_t)b.io.in[0].head);
    bench_deinit(&b);
    sb_mem_unref(mem);
}

static void
a_newer_barrier_replaces_an_older_one(void **state)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    bench b;
    uint64_t id = 0;
    (void)state;
    bench_init(&b, mem, 2);
    send_barrier(&b, 0, 1); /* given up: channel 1 never brings it */
    bench_send(&b, 0, (step){STEP_ROW, 1});
    send_barrier(&b, 0, 2);
    send_barrier(&b, 1, 2);
    bench_drain(&b);
    /* the row in front of barrier 2 is still to come */
    assert_int_equal(sb_gate_barrier(&b.gate, &id), SB_GATE_OPEN);
    bench_drain(&b);
    assert_string_equal(b.seen.trace, "row=1 ");
    assert_int_equal(sb_gate_barrier(&b.gate, &id), SB_GATE_ALIGNED);
    assert_int_equal(id, 2);
    sb_gate_release(&b.gate, 2);
    send_barrier(&b, 0, 2); /* an echo of something done is ignored */
    bench_drain(&b);
    assert_int_equal(sb_gate_barrier(&b.gate, &id), SB_GATE_OPEN);
    bench_deinit(&b);
    sb_mem_unref(mem);
}

static void
ended_channels_count_as_arrived(void **state)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    bench b;
    uint64_t id = 0;
    (void)state;
    bench_init(&b, mem, 2);
    bench_send(&b, 0, (step){STEP_END, 0});
    send_barrier(&b, 1, 9);
    bench_drain(&b);
    assert_int_equal(sb_gate_barrier(&b.gate, &id), SB_GATE_ALIGNED);
    assert_int_equal(id, 9);
    sb_gate_release(&b.gate, 9);
    bench_send(&b, 1, (step){STEP_END, 0});
    bench_drain(&b);
    assert_int_equal(sb_gate_barrier(&b.gate, &id), SB_GATE_ENDED);
    bench_deinit(&b);
    sb_mem_unref(mem);
}

static void
at_least_once_does_not_block(void **state)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    bench b;
    uint64_t id = 0;
    (void)state;
    bench_init(&b, mem, 2);
    b.gate.blocking = false;
    send_barrier(&b, 0, 1);
    bench_send(&b, 0, (step){STEP_ROW, 1});
    bench_drain(&b);
    assert_string_equal(b.seen.trace, "row=1 ");
    assert_int_equal(sb_gate_barrier(&b.gate, &id), SB_GATE_OPEN);
    send_barrier(&b, 1, 1);
    bench_drain(&b);
    assert_int_equal(sb_gate_barrier(&b.gate, &id), SB_GATE_ALIGNED);
    bench_deinit(&b);
    sb_mem_unref(mem);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_of_small_scripts),
        cmocka_unit_test(finished_and_idle_do_not_end_time),
        cmocka_unit_test(a_channel_back_from_idle_must_catch_up),
        cmocka_unit_test(nothing_is_read_behind_a_barrier),
        cmocka_unit_test(a_barrier_behind_the_head_has_arrived),
        cmocka_unit_test(a_newer_barrier_replaces_an_older_one),
        cmocka_unit_test(ended_channels_count_as_arrived),
        cmocka_unit_test(at_least_once_does_not_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
