/*
 * operators/operators_testing.c -- see operators_testing.h.
 */
#include "operators/operators_testing.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/os/sim.h"
#include "columnar/columnar_testing.h"
#include "columnar/row.h"

/* --- driver --- */

typedef struct driver {
    sb_test_run *run;
    sb_mem *mem;
    sb_os *os;
    sb_store *store;
    sb_state *state;
    sb_op *op;
    sb_io io;
    sb_port ports[2];
    int32_t at[2]; /* next feed entry per input */
    uint64_t random;
    uint64_t checkpoint;
    bool room;
    int64_t allocations; /* of the operator so far */
    uint8_t ended[64];   /* splits */
    uint8_t paused[64];
    bool restoring;
    int64_t last_mark; /* recorded from port 0 */
    bool expects_mark; /* the next mark repeats it */
    sb_status failed;
} driver;

/* --- rows into batches --- */

static double
to_double(int64_t v)
{
    return v == SB_TEST_NAN ? __builtin_nan("") : v == SB_TEST_NEGATIVE_ZERO ? -0.0 : (double)v;
}

static int64_t
of_double(double d)
{
    return d != d                           ? SB_TEST_NAN
           : d == 0 && __builtin_signbit(d) ? SB_TEST_NEGATIVE_ZERO
                                            : (int64_t)d;
}

static sb_int128
to_wide(int64_t v)
{
    sb_int128 nines = 0;
    for (int i = 0; i < 38; i++) {
        nines = nines * 10 + 9;
    }
    return v == SB_TEST_NINES ? nines : v == -SB_TEST_NINES ? -nines : v;
}

static int64_t
of_wide(sb_int128 wide)
{
    sb_int128 nines = to_wide(SB_TEST_NINES);
    return wide == nines ? SB_TEST_NINES : wide == -nines ? -SB_TEST_NINES : (int64_t)wide;
}

static void
append_value(sb_column_builder *c, const sb_test_row *row, int32_t at)
{
    char text[SB_TEST_TEXT];
    if (row->null[at]) {
        sb_column_null(c);
    } else if (c->phys == SB_PHYS_VIEW) {
        sb_test_text(row->v[at], text);
        sb_column_bytes(c, text, strlen(text));
    } else if (c->phys == SB_PHYS_F64 || c->phys == SB_PHYS_F32) {
        sb_column_f64(c, to_double(row->v[at]));
    } else if (c->phys == SB_PHYS_I128) {
        sb_int128 wide = to_wide(row->v[at]);
        sb_column_value(c, &wide);
    } else {
        sb_column_i64(c, sb_type_is_timestamp(c->type) ? row->v[at] * 1000 : row->v[at]);
    }
}

static void
append_row(sb_batch_builder *b, const sb_test_row *row)
{
    for (int32_t c = 0; c < b->schema->count; c++) {
        append_value(&b->columns[c], row, c);
    }
    sb_batch_builder_row(b, row->op);
}

/* A view's bytes do not end with a zero. */
static int64_t
text_number(const sb_view *view)
{
    char text[32] = "";
    memcpy(text, sb_view_data(view), sb_view_size(view) < 31 ? sb_view_size(view) : 31);
    return strtoll(text, NULL, 10);
}

static bool
is_json(const sb_vector *v, int32_t row)
{
    const sb_view *view = sb_vector_at(v, row);
    return sb_view_size(view) > 0 && strchr("[{", sb_view_data(view)[0]) != NULL;
}

static int64_t
fold_json(const sb_view *view)
{
    int64_t folded = 0;
    for (uint32_t i = 0; i < sb_view_size(view); i++) {
        folded = sb_test_fold(folded, (unsigned char)sb_view_data(view)[i]);
    }
    return folded;
}

static int64_t
fold_list(const sb_vector *v, int32_t row)
{
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v, *of = flat->children[0];
    sb_list_entry list = *(const sb_list_entry *)sb_vector_at(v, row);
    int64_t folded = 0;
    for (int32_t i = list.offset; i < list.offset + list.count; i++) {
        const void *at = sb_vector_valid(of, i) ? sb_vector_at(of, i) : NULL;
        folded = sb_test_fold(folded, !at                       ? INT32_MIN
                                      : of->phys == SB_PHYS_F64 ? llround(*(const double *)at * 1e6)
                                                                : *(const int64_t *)at);
    }
    return folded;
}

static int64_t
read_value(const sb_vector *v, int32_t row)
{
    const void *at = sb_vector_at(v, row);
    switch ((sb_phys)v->phys) {
    case SB_PHYS_BOOL: return *(const uint8_t *)at;
    case SB_PHYS_I32: return *(const int32_t *)at;
    case SB_PHYS_F64: return of_double(*(const double *)at);
    case SB_PHYS_I128: return of_wide(*(const sb_int128 *)at);
    case SB_PHYS_VIEW: return is_json(v, row) ? fold_json(at) : text_number(at) - 10000000;
    case SB_PHYS_LIST: return fold_list(v, row);
    default:
        return sb_type_is_timestamp(v->type) ? *(const int64_t *)at / 1000 : *(const int64_t *)at;
    }
}

/* Texts must come out whole, not only their number. */
static void
check_text(const sb_vector *v, int32_t row, int64_t value)
{
    char text[SB_TEST_TEXT];
    if (v->phys == SB_PHYS_VIEW && !is_json(v, row)) {
        const sb_view *view = sb_vector_at(v, row);
        sb_test_text(value, text);
        assert_int_equal(sb_view_size(view), strlen(text));
        assert_memory_equal(sb_view_data(view), text, strlen(text));
    }
}

/* Marks that only repeat what was said before a restart are left out. */
static void
record_mark(driver *d, sb_test_rows *out, int64_t watermark_ms)
{
    bool main = out == &d->run->out[0];
    if (main && d->expects_mark) {
        assert_true(!d->run->announces || d->run->fault_hit || watermark_ms == d->last_mark);
        d->expects_mark = false;
    }
    if (!main || watermark_ms > d->last_mark) {
        sb_test_mark(out, watermark_ms);
    }
    if (main && watermark_ms > d->last_mark) {
        d->last_mark = watermark_ms;
    }
}

static void
record(driver *d, sb_test_rows *out, const sb_batch *batch)
{
    int32_t mark = 0;
    for (int32_t i = 0; i <= batch->count_rows; i++) {
        for (; mark < batch->count_marks && batch->marks[mark].row == i; mark++) {
            record_mark(d, out, batch->marks[mark].watermark_ms);
        }
        if (i == batch->count_rows) {
            break;
        }
        int32_t row = sb_batch_row(batch, i);
        sb_test_row *to = sb_test_event_add(out, SB_TEST_ROW, 0, 0);
        to->op = sb_batch_op(batch, row);
        for (int32_t c = 0; c < batch->schema->count && c < SB_TEST_COLUMNS; c++) {
            to->null[c] = !sb_vector_valid(batch->columns[c], row);
            to->v[c] = to->null[c] ? 0 : read_value(batch->columns[c], row);
            if (!to->null[c]) {
                check_text(batch->columns[c], row, to->v[c]);
            }
        }
    }
}

static sb_batch *
finish_batch(driver *d, sb_batch_builder *b, const int32_t *keep, int32_t count_keep, int32_t split)
{
    sb_error err;
    sb_batch *batch;
    int32_t all = b->count_rows;
    assert_int_equal(sb_batch_builder_finish(b, &batch, &err), SB_OK);
    sb_batch_builder_deinit(b);
    if (count_keep < all) {
        assert_int_equal(sb_batch_filter(batch, keep, count_keep, &err), SB_OK);
    }
    for (int32_t c = 0; c < batch->schema->count && batch->count_physical > 0; c++) {
        if (sb_test_random(&d->random) % 4 == 0) {
            sb_vector *dict = sb_testing_as_dict(d->mem, batch->columns[c], &d->random);
            sb_vector_unref(batch->columns[c]);
            batch->columns[c] = dict;
        }
    }
    batch->split = split;
    assert_true(sb_batch_valid(batch));
    return batch;
}

/* Happens while no row waits. */
static bool
is_outside(const sb_test_row *row)
{
    return row->event == SB_TEST_CLOCK || row->event == SB_TEST_PAUSE ||
           row->event == SB_TEST_GO_ON;
}

/* The next rows of a feed; at random with rows in between that are not selected. */
static sb_batch *
next_batch(driver *d, int32_t input)
{
    const sb_test_rows *feed = &d->run->feeds[input];
    const sb_test_row *first = d->at[input] < feed->count ? &feed->at[d->at[input]] : NULL;
    int32_t split = d->run->uses_splits && first ? first->split : -1;
    sb_batch_builder b;
    sb_error err;
    int32_t *keep = malloc(sizeof *keep * (size_t)(d->run->batch_rows + 1)), n = 0;
    assert_int_equal(sb_batch_builder_init(&b, d->mem, d->run->inputs[input], &err), SB_OK);
    bool sparse = sb_test_random(&d->random) % 2 && !d->run->uses_splits;
    while (d->at[input] < feed->count && n < (d->run->in_order ? 1 : d->run->batch_rows)) {
        const sb_test_row *row = &feed->at[d->at[input]];
        if (is_outside(row) || (d->run->uses_splits && row->split != split)) {
            break;
        }
        if (row->event == SB_TEST_SPLIT || row->event == SB_TEST_SPLIT_END) {
            if (row == first) {
                d->at[input]++;
                d->ended[split] = row->event == SB_TEST_SPLIT_END;
            }
            break;
        }
        d->at[input]++;
        if (row->event == SB_TEST_MARK) {
            sb_batch_builder_mark(&b, row->time_ms);
            if (d->run->in_order) {
                break;
            }
            continue;
        }
        if (sparse && sb_test_random(&d->random) % 3 == 0) {
            append_row(&b, &feed->at[sb_test_random(&d->random) % (uint64_t)(d->at[input])]);
        }
        keep[n++] = b.count_rows;
        append_row(&b, row);
    }
    if (d->at[input] == feed->count && !d->run->uses_splits && !d->run->no_end_mark) {
        sb_batch_builder_mark(&b, SB_WM_MAX);
    }
    d->at[input] += d->at[input] == feed->count;
    sb_batch *batch = finish_batch(d, &b, keep, n, split);
    free(keep);
    return batch;
}

/* --- the operator, with allocations that may fail --- */

static void
arm(driver *d)
{
    int64_t left = d->run->fail_at - d->allocations;
    sb_mem_fail_after(d->run->fail_at > 0 && left > 0 ? left : INT64_MAX);
}

static void
disarm(driver *d)
{
    d->allocations += sb_mem_fail_after(0);
    d->run->fault_hit |= d->run->fail_at > 0 && d->allocations >= d->run->fail_at;
}

/* True: go on. A failure that was asked for ends the run. */
static bool
passed(driver *d, sb_status status, const sb_error *err)
{
    disarm(d);
    if (status == SB_OK) {
        return true;
    }
    d->failed = status;
    snprintf(d->run->message, sizeof d->run->message, "%.200s", err->message);
    /* A descriptor that cannot be held in memory reads as damaged. */
    bool expected = status == SB_STATUS_NOMEM || (status == SB_STATUS_CORRUPT && d->restoring);
    if (!d->run->may_fail && !(d->run->fault_hit && expected)) {
        fail_msg("status %d: %s %s", (int)status, err->message, err->frames);
    }
    return false;
}

static bool
can_push(void *ctx)
{
    driver *d = ctx;
    return d->room;
}

static void
push0(void *ctx, sb_batch *batch)
{
    driver *d = ctx;
    assert_true(sb_batch_valid(batch));
    record(d, &d->run->out[0], batch);
    d->room = sb_test_random(&d->random) % 4 != 0;
    sb_batch_free(batch);
}

static void
push1(void *ctx, sb_batch *batch)
{
    driver *d = ctx;
    record(d, &d->run->out[1], batch);
    sb_batch_free(batch);
}

static sb_split_state
split_state(void *ctx, int32_t split)
{
    driver *d = ctx;
    return d->ended[split] ? SB_SPLIT_ENDED : d->paused[split] ? SB_SPLIT_PAUSED : SB_SPLIT_RUNNING;
}

static bool
open_instance(driver *d)
{
    sb_error err;
    d->state = sb_state_new(d->mem, 0, SB_KEY_SLOTS);
    d->op = sb_alloc_zero(d->mem, d->run->vtable->instance_size);
    assert_true(d->state && d->op);
    d->op->vtable = d->run->vtable;
    d->op->node = d->run->node;
    d->op->metrics = &d->run->metrics;
    d->op->mem = d->mem;
    sb_state_set_now(d->state, d->io.now_ms);
    sb_init ctx = {.mem = d->mem,
                   .os = sb_os_real(),
                   .state = d->state,
                   .zone = d->run->zone ? d->run->zone : "UTC",
                   .parallelism = 1,
                   .batch_rows = d->run->batch_rows,
                   .inputs = d->run->inputs,
                   .metrics = &d->run->metrics};
    arm(d);
    return passed(d, d->run->vtable->init(d->op, d->run->node, &ctx, &err), &err);
}

static void
close_instance(driver *d)
{
    d->run->vtable->close(d->op);
    sb_free(d->mem, d->op, d->run->vtable->instance_size);
    d->op = NULL;
    d->state = sb_state_free(d->state);
}

static sb_status
take_snapshot(driver *d, sb_writer *op, sb_writer *descriptor, sb_error *err)
{
    char prefix[32];
    sb_state_snapshot *snapshot;
    if (d->run->vtable->snapshot) {
        SB_TRY(d->run->vtable->snapshot(d->op, op, err), err);
    }
    SB_TRY(sb_state_freeze(d->state, ++d->checkpoint, &snapshot, err), err);
    snprintf(prefix, sizeof prefix, "s-%llu", (unsigned long long)d->checkpoint);
    sb_status status = sb_state_snapshot_write(snapshot, d->store, prefix, descriptor, err);
    sb_state_snapshot_end(snapshot, status == SB_OK);
    return status;
}

static sb_status
load_snapshot(driver *d, const sb_writer *op, const sb_writer *descriptor, sb_error *err)
{
    sb_reader r = sb_reader_of(descriptor->out.data, descriptor->out.size);
    SB_TRY(sb_state_restore(d->state, &r, d->store, true, err), err);
    sb_piece piece = {.parallelism = 1,
                      .watermark_ms = {d->io.in[0].watermark_ms, d->io.in[1].watermark_ms},
                      .level_ms = d->io.done_ms,
                      .head_is_mine = {true, true},
                      .same_owner = true,
                      .op = sb_reader_of(op->out.data, op->out.size)};
    return d->run->vtable->restore ? d->run->vtable->restore(d->op, &piece, err) : SB_OK;
}

/* Snapshot between two steps, throw the instance away, restore into a new one. */
static bool
restart(driver *d)
{
    sb_error err;
    sb_writer op, descriptor;
    sb_io_push_all(&d->io);
    sb_writer_init(&op, d->mem);
    sb_writer_init(&descriptor, d->mem);
    arm(d);
    bool ok = passed(d, take_snapshot(d, &op, &descriptor, &err), &err);
    if (ok) {
        close_instance(d);
        ok = open_instance(d);
    }
    if (ok) {
        arm(d);
        d->restoring = true;
        ok = passed(d, load_snapshot(d, &op, &descriptor, &err), &err);
        d->restoring = false;
    }
    sb_writer_deinit(&op);
    sb_writer_deinit(&descriptor);
    d->io.done_ms = SB_WM_MIN; /* resumes a cut-off firing */
    /* a new process knows of no mark */
    d->ports[0].watermark_ms = d->ports[1].watermark_ms = SB_WM_MIN;
    d->expects_mark = d->last_mark != SB_WM_MIN;
    d->run->count_restarts++;
    return ok;
}

/* --- the loop --- */

/* With in_order: may this input go on, or is it the other's turn? */
static bool
has_turn(const driver *d, int32_t i)
{
    if (d->run->right_first && i == 0) {
        return !d->io.in[1].head && d->at[1] > d->run->feeds[1].count;
    }
    if (!d->run->in_order) {
        return d->run->count_inputs == 1 || sb_test_random((uint64_t *)(uintptr_t)&d->random) % 2;
    }
    if (d->io.in[0].head || d->io.in[1].head) {
        return false;
    }
    int32_t order[2];
    for (int32_t k = 0; k < 2; k++) {
        const sb_test_rows *feed = &d->run->feeds[k];
        order[k] = d->at[k] < feed->count    ? feed->at[d->at[k]].order
                   : d->at[k] == feed->count ? INT32_MAX - 1
                                             : INT32_MAX;
    }
    return order[i] < order[1 - i] || (order[i] == order[1 - i] && i == 0);
}

static void
refill(driver *d)
{
    for (int32_t i = 0; i < d->run->count_inputs; i++) {
        sb_input *in = &d->io.in[i];
        if (in->head && sb_io_head_done(&d->io, i)) {
            sb_batch_free((sb_batch *)(uintptr_t)in->head);
            in->head = NULL;
        }
    }
    for (int32_t i = 0; i < d->run->count_inputs; i++) {
        sb_input *in = &d->io.in[i];
        const sb_test_rows *feed = &d->run->feeds[i];
        const sb_test_row *next = d->at[i] < feed->count ? &feed->at[d->at[i]] : NULL;
        if (!in->head && next && is_outside(next) && next->event != SB_TEST_CLOCK) {
            d->paused[next->split] = next->event == SB_TEST_PAUSE;
            d->at[i]++;
        } else if (!in->head && next && is_outside(next)) {
            d->io.now_ms = feed->at[d->at[i]++].time_ms;
            d->io.eval.now_us = d->io.now_ms * 1000;
            sb_state_set_now(d->state, d->io.now_ms);
        } else if (!in->head && d->at[i] <= feed->count && has_turn(d, i)) {
            in->head = next_batch(d, i);
            in->row = in->mark = 0;
        }
        in->ended = !in->head && d->at[i] > feed->count;
    }
}

static void
init_driver(driver *d, sb_test_run *run)
{
    sb_error err;
    *d = (driver){.run = run, .random = run->seed * 2 + 1, .room = true, .last_mark = SB_WM_MIN};
    d->mem = sb_mem_new(sb_mem_root(), "test", 0);
    d->os = sb_os_sim_new(1);
    (void)passed(d, sb_store_open_folder(d->os, d->mem, "state", &d->store, &err), &err);
    const char *zone = run->zone ? run->zone : "UTC";
    d->io = (sb_io){.count_inputs = run->count_inputs,
                    .out = d->ports,
                    .count_ports = run->vtable->count_ports,
                    .done_ms = SB_WM_MIN,
                    .level_ms = SB_WM_MAX,
                    .now_ms = run->now_ms,
                    .mem = d->mem,
                    .eval = {.zone = zone, .now_us = run->now_ms * 1000},
                    .split_state = run->uses_splits ? split_state : NULL,
                    .split_ctx = d};
    for (int32_t p = 0; p < 2; p++) {
        const sb_schema *schema = p == 0 ? run->node->schema : run->inputs[0];
        assert_int_equal(sb_batch_builder_init(&d->ports[p].open, d->mem, schema, &err), SB_OK);
        d->ports[p].limit_rows = run->port_rows ? run->port_rows : run->batch_rows;
        d->ports[p].watermark_ms = SB_WM_MIN;
        d->ports[p].can_push = can_push;
        d->ports[p].push = p == 0 ? push0 : push1;
        d->ports[p].ctx = d;
    }
    for (int32_t i = 0; i < 2; i++) {
        d->io.in[i].watermark_ms = SB_WM_MIN;
    }
}

static void
close_driver(driver *d)
{
    if (d->failed == SB_OK) {
        sb_io_push_all(&d->io);
    }
    if (d->op) {
        close_instance(d);
    }
    for (int32_t p = 0; p < 2; p++) {
        sb_batch_builder_deinit(&d->ports[p].open);
    }
    for (int32_t i = 0; i < 2; i++) {
        sb_batch_free((sb_batch *)(uintptr_t)d->io.in[i].head);
    }
    sb_store_close(d->store);
    sb_os_sim_free(d->os);
    assert_int_equal(sb_mem_used(d->mem), 0);
    sb_mem_unref(d->mem);
    d->run->failed = d->failed;
    d->run->idle_out = d->io.idle_out;
}

/* A restored watermark operator says at once what it had said, with no row waiting. */
static void
step_announces(driver *d)
{
    sb_error err;
    sb_batch *head = (sb_batch *)(uintptr_t)d->io.in[0].head;
    bool ended = d->io.in[0].ended;
    d->io.in[0].head = NULL;
    d->io.in[0].ended = false;
    arm(d);
    (void)sb_op_step(d->op, &d->io, &err);
    sb_io_push_all(&d->io);
    disarm(d);
    assert_true(!d->expects_mark || d->run->fault_hit);
    d->io.in[0].head = head;
    d->io.in[0].ended = ended;
}

/* One step; false: it failed as it was asked to, or is done. */
static bool
step_once(driver *d)
{
    sb_error err;
    sb_error_clear(&err);
    d->io.wake_at_ms = INT64_MAX;
    sb_state_set_now(d->state, d->io.now_ms); /* as the runtime does before each step */
    arm(d);
    sb_step step = sb_op_step(d->op, &d->io, &err);
    if (step != SB_STEP_AGAIN && !(step & SB_STEP_FAIL)) {
        sb_io_flush(&d->io);
    }
    sb_status status = (step & SB_STEP_FAIL) ? err.status : SB_OK;
    assert_false((step & SB_STEP_FAIL) && status == SB_OK);
    if (status == SB_OK && (d->ports[0].failed || d->ports[1].failed)) {
        status = sb_error_set(&err, SB_STATUS_NOMEM, __FILE__, __LINE__, "port");
    }
    assert_int_not_equal(step, 0);
    return passed(d, status, &err) && !(step & SB_STEP_DONE);
}

void
sb_test_run_all(sb_test_run *run)
{
    driver d;
    init_driver(&d, run);
    bool ok = open_instance(&d);
    for (int64_t steps = 0; ok; steps++) {
        assert_true(steps < 20000000);
        refill(&d);
        d.room = d.room || sb_test_random(&d.random) % 2;
        ok = step_once(&d);
        if (ok && run->restart_every &&
            sb_test_random(&d.random) % (uint64_t)run->restart_every == 0) {
            ok = restart(&d);
            if (ok && run->announces) {
                step_announces(&d);
            }
        }
    }
    close_driver(&d);
}

void
sb_test_fail_allocations(const sb_test_run *run, int32_t columns, int64_t stride)
{
    sb_test_run right = *run;
    sb_test_run_all(&right);
    int64_t failures = 0;
    for (int64_t at = 1;; at += stride) {
        sb_test_run broken = *run;
        broken.fail_at = at;
        sb_test_run_all(&broken);
        if (broken.failed == SB_OK) {
            assert_true(sb_test_same_multiset(&right.out[0], &broken.out[0], columns));
        }
        failures += broken.failed != SB_OK;
        bool hit = broken.fault_hit;
        sb_test_run_free(&broken);
        if (!hit) {
            break;
        }
    }
    assert_true(failures > 0);
    sb_test_run_free(&right);
}

void
sb_test_run_free(sb_test_run *run)
{
    sb_test_rows_free(&run->out[0]);
    sb_test_rows_free(&run->out[1]);
}
