/*
 * operators/group_agg_test.c -- GROUP BY against a slow evaluator that recomputes each group from
 * its list of rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "columnar/hash.h"
#include "operators/operators_testing.h"

enum { OUT_COLUMNS = 6 };

/* Input: key, value, flag. Output has room for 6 columns in a test row: key and five aggregates
 * at a time. */
static const sb_field input_fields[] = {{"k", {.id = SB_TYPE_BIGINT, .nullable = true}, 0},
                                        {"v", {.id = SB_TYPE_BIGINT, .nullable = true}, 0},
                                        {"f", {.id = SB_TYPE_BOOLEAN, .nullable = true}, 0}};
static const sb_schema input_schema = {3, input_fields};
static const sb_field output_fields[] = {{"k", {.id = SB_TYPE_BIGINT, .nullable = true}, 0},
                                         {"a", {.id = SB_TYPE_BIGINT, .nullable = true}, 0},
                                         {"b", {.id = SB_TYPE_BIGINT, .nullable = true}, 0},
                                         {"c", {.id = SB_TYPE_BIGINT, .nullable = true}, 0},
                                         {"d", {.id = SB_TYPE_BIGINT, .nullable = true}, 0},
                                         {"e", {.id = SB_TYPE_BIGINT, .nullable = true}, 0}};
static const sb_schema output_schema = {6, output_fields};
#define BIG                                    \
    {                                          \
        .id = SB_TYPE_BIGINT, .nullable = true \
    }
/* Two sets of five aggregates. */
static const sb_agg_call plain_calls[] = {
    {SB_AGG_COUNT_STAR, -1, -1, false, BIG, .separator = NULL},
    {SB_AGG_SUM, 1, -1, false, BIG, .separator = NULL},
    {SB_AGG_MIN, 1, -1, false, BIG, .separator = NULL},
    {SB_AGG_MAX, 1, 2, false, BIG, .separator = NULL},
    {SB_AGG_AVG, 1, -1, false, BIG, .separator = NULL}};
static const sb_agg_call distinct_calls[] = {{SB_AGG_COUNT, 1, -1, true, BIG, .separator = NULL},
                                             {SB_AGG_COUNT, 1, 2, true, BIG, .separator = NULL},
                                             {SB_AGG_SUM, 1, -1, true, BIG, .separator = NULL},
                                             {SB_AGG_COUNT, 1, 2, false, BIG, .separator = NULL},
                                             {SB_AGG_AVG, 1, 2, true, BIG, .separator = NULL}};

/* The same with a VARCHAR value: its texts sort as the numbers that stand for them. */
static const sb_field text_input_fields[] = {
    {"k", {.id = SB_TYPE_BIGINT, .nullable = true}, 0},
    {"v", {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}, 0},
    {"f", {.id = SB_TYPE_BOOLEAN, .nullable = true}, 0}};
static const sb_schema text_input_schema = {3, text_input_fields};
#define TEXT                                                             \
    {                                                                    \
        .id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX \
    }
static const sb_field text_output_fields[] = {{"k", BIG, 0}, {"a", TEXT, 0}, {"b", TEXT, 0},
                                              {"c", BIG, 0}, {"d", TEXT, 0}, {"e", BIG, 0}};
static const sb_schema text_output_schema = {6, text_output_fields};
static const sb_agg_call text_calls[] = {{SB_AGG_MIN, 1, -1, false, TEXT, .separator = NULL},
                                         {SB_AGG_MAX, 1, -1, false, TEXT, .separator = NULL},
                                         {SB_AGG_COUNT, 1, -1, true, BIG, .separator = NULL},
                                         {SB_AGG_MAX, 1, 2, false, TEXT, .separator = NULL},
                                         {SB_AGG_COUNT, 1, 2, false, BIG, .separator = NULL}};

/* --- the slow evaluator --- */

typedef struct group {
    bool null;
    int64_t key;
    sb_test_rows rows;
} group;

static sb_test_row
result_of(const group *g, const sb_agg_call *calls, uint8_t op)
{
    sb_test_row row = {.op = op};
    row.null[0] = g->null;
    row.v[0] = g->key;
    for (int32_t a = 0; a < 5; a++) {
        row.null[a + 1] = !sb_test_aggregate(&calls[a], &g->rows, &row.v[a + 1]);
    }
    return row;
}

static void
push(sb_test_rows *out, const sb_test_row *row)
{
    sb_test_add(out, row->op, OUT_COLUMNS, row->v, row->null);
}

/* The changelog by rule R21. */
static void
reference(const sb_test_rows *feed, const sb_agg_call *calls, bool emit_before, sb_test_rows *out)
{
    static group groups[64];
    int32_t count = 0;
    memset(groups, 0, sizeof groups);
    for (int32_t i = 0; i < feed->count; i++) {
        const sb_test_row *r = &feed->at[i];
        if (r->event != SB_TEST_ROW) {
            continue;
        }
        int32_t g = 0;
        while (g < count && (groups[g].null != r->null[0] || groups[g].key != r->v[0])) {
            g++;
        }
        if (g == count) {
            groups[count++] = (group){.null = r->null[0], .key = r->v[0]};
        }
        group *at = &groups[g];
        sb_test_row before = result_of(at, calls, SB_ROW_UPDATE_BEFORE);
        bool first = at->rows.count == 0;
        if (sb_row_op_adds(r->op)) {
            sb_test_add(&at->rows, 0, 3, r->v, r->null);
        } else {
            int32_t k = 0;
            for (; k < at->rows.count; k++) {
                const sb_test_row *o = &at->rows.at[k];
                if (o->null[1] == r->null[1] && o->v[1] == r->v[1] && o->null[2] == r->null[2] &&
                    o->v[2] == r->v[2]) {
                    break;
                }
            }
            if (first) {
                continue;
            }
            assert_true(k < at->rows.count);
            at->rows.at[k] = at->rows.at[--at->rows.count];
        }
        sb_test_row after = result_of(at, calls, SB_ROW_UPDATE_AFTER);
        if (at->rows.count == 0) {
            before.op = SB_ROW_DELETE;
            push(out, &before);
        } else if (first) {
            after.op = SB_ROW_INSERT;
            push(out, &after);
        } else {
            before.op = after.op;
            if (!sb_test_row_same(&before, &after, OUT_COLUMNS)) {
                before.op = SB_ROW_UPDATE_BEFORE;
                if (emit_before) {
                    push(out, &before);
                }
                push(out, &after);
            }
        }
    }
    for (int32_t g = 0; g < count; g++) {
        sb_test_rows_free(&groups[g].rows);
    }
}

/* Random rows over few keys; when retracting, rows that are there leave again, sometimes as -U
 * +U, sometimes an unknown key is retracted. */
static void
make_feed(uint64_t seed, bool retracts, int32_t rows, sb_test_rows *out)
{
    sb_test_rows live = {0};
    uint64_t s = seed * 77 + 5;
    for (int32_t i = 0; i < rows; i++) {
        uint64_t dice = sb_test_random(&s) % 10;
        if (retracts && dice < 4 && live.count > 0) {
            int32_t k = (int32_t)(sb_test_random(&s) % (uint64_t)live.count);
            sb_test_row *r = &live.at[k];
            sb_test_add(out, dice < 2 ? SB_ROW_DELETE : SB_ROW_UPDATE_BEFORE, 3, r->v, r->null);
            *r = live.at[--live.count];
            continue;
        }
        if (retracts && dice == 9 && i % 20 == 0) { /* nobody knows this key */
            sb_test_add(out, SB_ROW_DELETE, 3, (int64_t[]){999, 1, 1}, NULL);
            continue;
        }
        int64_t v[3] = {(int64_t)(sb_test_random(&s) % 9), (int64_t)(sb_test_random(&s) % 7) - 3,
                        (int64_t)(sb_test_random(&s) % 2)};
        bool n[3] = {sb_test_random(&s) % 9 == 0, sb_test_random(&s) % 5 == 0,
                     sb_test_random(&s) % 5 == 0};
        sb_test_add(out, dice % 2 ? SB_ROW_INSERT : SB_ROW_UPDATE_AFTER, 3, v, n);
        if (!retracts) {
            out->at[out->count - 1].op = SB_ROW_INSERT;
        }
        sb_test_add(&live, 0, 3, v, n);
        for (int c = 0; c < 3; c++) {
            live.at[live.count - 1].v[c] = out->at[out->count - 1].v[c];
        }
        if (sb_test_random(&s) % 13 == 0) {
            sb_test_mark(out, i);
        }
    }
    sb_test_rows_free(&live);
}

typedef struct setting {
    bool retracts, emit_before;
    int64_t minibatch_rows;
    const sb_agg_call *calls;
    int64_t fail_stride; /* let allocations fail in turn */
} setting;

static const sb_agg_call *
calls_of(uint64_t seed)
{
    return seed % 6 < 2 ? plain_calls : seed % 6 < 4 ? distinct_calls : text_calls;
}

static sb_test_run
run_once(const setting *s, const sb_test_rows *feed, int32_t batch_rows, int32_t restart_every,
         uint64_t seed)
{
    static const int32_t key = 0;
    sb_group_agg_node body = {.keys = {1, &key},
                              .count_aggs = 5,
                              .aggs = s->calls,
                              .input_retracts = s->retracts,
                              .emit_before = s->emit_before,
                              .minibatch_rows = s->minibatch_rows,
                              .minibatch_ms = 1000};
    bool text = s->calls == text_calls;
    sb_plan_node node = {.kind = SB_NODE_GROUP_AGG,
                         .schema = text ? &text_output_schema : &output_schema,
                         .body = &body};
    sb_test_run run = {.vtable = &sb_op_group_agg,
                       .node = &node,
                       .inputs = {text ? &text_input_schema : &input_schema},
                       .count_inputs = 1,
                       .feeds = feed,
                       .batch_rows = batch_rows,
                       .seed = seed,
                       .restart_every = restart_every};
    if (s->fail_stride) {
        sb_test_fail_allocations(&run, OUT_COLUMNS, s->fail_stride);
    } else {
        sb_test_run_all(&run);
    }
    return run;
}

static void
changelog_is_the_reference_at_any_batch_size(void **unused)
{
    (void)unused;
    static const int32_t sizes[] = {1, 7, 4096};
    for (uint64_t seed = 1; seed <= 24; seed++) {
        setting s = {.retracts = seed % 2, .emit_before = seed % 3 != 0, .calls = calls_of(seed)};
        sb_test_rows feed = {0}, expected = {0};
        make_feed(seed, s.retracts, 600, &feed);
        reference(&feed, s.calls, s.emit_before, &expected);
        for (int k = 0; k < 6; k++) {
            sb_test_run run = run_once(&s, &feed, sizes[k % 3], k < 3 ? 0 : 5, seed + (uint64_t)k);
            assert_true(sb_test_same_sequence(&expected, &run.out[0], OUT_COLUMNS));
            assert_true(k < 3 || k == 5 || run.count_restarts > 0);
            sb_test_run_free(&run);
        }
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
    }
}

static void
minibatch_ends_at_the_same_table(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        setting s = {.retracts = seed % 2,
                     .emit_before = true,
                     .minibatch_rows = 1 + (int64_t)(seed * 7 % 90),
                     .calls = calls_of(seed)};
        sb_test_rows feed = {0}, expected = {0}, table = {0};
        make_feed(seed, s.retracts, 600, &feed);
        reference(&feed, s.calls, true, &expected);
        sb_test_materialize(&expected, OUT_COLUMNS, &table);
        for (int k = 0; k < 4; k++) {
            sb_test_run run = run_once(&s, &feed, k % 2 ? 5 : 4096, k < 2 ? 0 : 6, seed);
            sb_test_rows got = {0};
            sb_test_materialize(&run.out[0], OUT_COLUMNS, &got);
            assert_true(sb_test_same_multiset(&table, &got, OUT_COLUMNS));
            assert_true(run.out[0].count <= expected.count + feed.count);
            sb_test_rows_free(&got);
            sb_test_run_free(&run);
        }
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
        sb_test_rows_free(&table);
    }
}

/* Rows that come in stretches of one key, without marks between them. */
static void
make_stretches(uint64_t seed, int32_t rows, sb_test_rows *out)
{
    uint64_t s = seed * 131 + 3;
    int64_t key = 0;
    for (int32_t i = 0; i < rows; i++) {
        key = sb_test_random(&s) % 40 == 0 ? (int64_t)(sb_test_random(&s) % 4) : key;
        int64_t v[3] = {key, (int64_t)(sb_test_random(&s) % 7) - 3,
                        (int64_t)(sb_test_random(&s) % 2)};
        /* Long pieces without any NULL, and others with some. */
        bool some = i / 200 % 2;
        bool n[3] = {false, some && sb_test_random(&s) % 5 == 0,
                     some && sb_test_random(&s) % 5 == 0};
        sb_test_add(out, SB_ROW_INSERT, 3, v, n);
    }
}

static void
stretches_of_one_key_say_what_single_rows_say(void **unused)
{
    (void)unused;
    static const int32_t sizes[] = {1, 7, 4096};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        setting s = {.emit_before = true, .calls = calls_of(seed)};
        sb_test_rows feed = {0}, expected = {0}, table = {0};
        make_stretches(seed, 600, &feed);
        reference(&feed, s.calls, true, &expected);
        sb_test_materialize(&expected, OUT_COLUMNS, &table);
        for (int k = 0; k < 6; k++) {
            s.minibatch_rows = k < 3 ? 0 : 250;
            sb_test_run run = run_once(&s, &feed, sizes[k % 3], k == 2 ? 5 : 0, seed);
            if (k < 3) {
                assert_true(sb_test_same_sequence(&expected, &run.out[0], OUT_COLUMNS));
            }
            sb_test_rows got = {0};
            sb_test_materialize(&run.out[0], OUT_COLUMNS, &got);
            assert_true(sb_test_same_multiset(&table, &got, OUT_COLUMNS));
            sb_test_rows_free(&got);
            sb_test_run_free(&run);
        }
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
        sb_test_rows_free(&table);
    }
}

/* More different values in a run than the table of last values has room for: those that are pushed
 * out and come again are counted once all the same. */
static void
distinct_values_that_crowd_each_other_count_once(void **unused)
{
    (void)unused;

    enum { KEYS = 3, VALUES = 6000, ROWS = 16000 };

    static bool seen[KEYS][VALUES], flagged[KEYS][VALUES];
    static const sb_agg_call calls[] = {{SB_AGG_COUNT, 1, -1, true, BIG, .separator = NULL},
                                        {SB_AGG_COUNT, 1, 2, true, BIG, .separator = NULL},
                                        {SB_AGG_SUM, 1, -1, true, BIG, .separator = NULL},
                                        {SB_AGG_COUNT, 1, 2, false, BIG, .separator = NULL},
                                        {SB_AGG_MAX, 1, 2, true, BIG, .separator = NULL}};
    sb_test_rows feed = {0}, expected = {0};
    uint64_t r = 5;
    int64_t result[KEYS][6] = {{0}};
    memset(seen, 0, sizeof seen);
    memset(flagged, 0, sizeof flagged);
    for (int32_t i = 0; i < ROWS; i++) {
        int64_t k = (int64_t)(sb_test_random(&r) % KEYS),
                v = (int64_t)(sb_test_random(&r) % VALUES);
        int64_t f = sb_test_random(&r) % 3 == 0;
        sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){k, v, f}, NULL);
        result[k][0] = k;
        result[k][1] += !seen[k][v];
        result[k][2] += f && !flagged[k][v];
        result[k][3] += seen[k][v] ? 0 : v;
        result[k][4] += f;
        result[k][5] = f && v > result[k][5] ? v : result[k][5];
        seen[k][v] = true;
        flagged[k][v] = flagged[k][v] || f;
    }
    for (int32_t k = 0; k < KEYS; k++) {
        sb_test_add(&expected, SB_ROW_INSERT, 6, result[k], NULL);
    }
    for (int k = 0; k < 3; k++) {
        setting s = {.emit_before = true, .calls = calls, .minibatch_rows = k ? 1 << 20 : 0};
        sb_test_run run = run_once(&s, &feed, 4096, k == 2 ? 7 : 0, 3);
        sb_test_rows got = {0};
        sb_test_materialize(&run.out[0], OUT_COLUMNS, &got);
        assert_true(sb_test_same_multiset(&expected, &got, OUT_COLUMNS));
        sb_test_rows_free(&got);
        sb_test_run_free(&run);
    }
    sb_test_rows_free(&feed);
    sb_test_rows_free(&expected);
}

/* Groups of one key slot that appear one after the other, most of them after a restart: no two of
 * them share a number, or values of one would be taken for seen in another. Of BIGINTs, and of
 * texts, whose values have keys of another form. */
static void
groups_of_one_slot_keep_their_values_apart(void **unused)
{
    (void)unused;

    enum { KEYS = 8, VALUES = 3, ROWS_EACH = 12 };

    int64_t keys[KEYS];
    int32_t found = 0;
    uint32_t slot = sb_key_slot(sb_hash_value(SB_PHYS_I64, &(int64_t){0}));
    for (int64_t k = 0; found < KEYS; k++) {
        if (sb_key_slot(sb_hash_value(SB_PHYS_I64, &k)) == slot) {
            keys[found++] = k;
        }
    }
    for (int k = 0; k < 8; k++) {
        setting s = {.emit_before = true,
                     .calls = k % 2 ? text_calls : distinct_calls,
                     .minibatch_rows = k / 2 % 2 ? 5 : 0};
        sb_test_rows feed = {0}, expected = {0}, table = {0}, got = {0};
        for (int32_t i = 0; i < KEYS * ROWS_EACH; i++) {
            /* the new one, and one of those before */
            int32_t g = i / ROWS_EACH;
            g = i % 3 == 2 ? i % (g + 1) : g;
            sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){keys[g], i % VALUES, i / 2 % 2}, NULL);
        }
        reference(&feed, s.calls, true, &expected);
        sb_test_materialize(&expected, OUT_COLUMNS, &table);
        sb_test_run run = run_once(&s, &feed, 4, k < 4 ? 3 : 1, (uint64_t)k);
        sb_test_materialize(&run.out[0], OUT_COLUMNS, &got);
        assert_true(run.count_restarts > KEYS / 2);
        assert_true(sb_test_same_multiset(&table, &got, OUT_COLUMNS));
        sb_test_run_free(&run);
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
        sb_test_rows_free(&table);
        sb_test_rows_free(&got);
    }
}

static sb_status
restore_count(sb_op *op, int64_t last, sb_error *err)
{
    sb_piece piece = {.parallelism = 2, .op = sb_reader_of(&last, sizeof last)};
    return sb_op_group_agg.restore(op, &piece, err);
}

/* Groups of several pieces meet in one instance: numbers go on behind all of them. */
static void
numbers_go_on_behind_those_of_all_pieces(void **unused)
{
    (void)unused;
    static const int32_t key = 0;
    static const int64_t pieces[] = {5, 90, 17};
    const sb_schema *inputs[] = {&input_schema};
    sb_group_agg_node body = {.keys = {1, &key}, .count_aggs = 5, .aggs = distinct_calls};
    sb_plan_node node = {.kind = SB_NODE_GROUP_AGG, .schema = &output_schema, .body = &body};
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_state *state = sb_state_new(mem, 0, SB_KEY_SLOTS);
    sb_metrics metrics = {0};
    sb_error err;
    sb_op *op = sb_alloc_zero(mem, sb_op_group_agg.instance_size);
    *op = (sb_op){.vtable = &sb_op_group_agg, .node = &node, .metrics = &metrics, .mem = mem};
    sb_init ctx = {.mem = mem,
                   .os = sb_os_real(),
                   .state = state,
                   .zone = "UTC",
                   .parallelism = 2,
                   .batch_rows = 16,
                   .inputs = inputs,
                   .metrics = &metrics};
    assert_int_equal(sb_op_group_agg.init(op, &node, &ctx, &err), SB_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(restore_count(op, pieces[i], &err), SB_OK);
    }
    sb_writer w;
    sb_writer_init(&w, mem);
    assert_int_equal(sb_op_group_agg.snapshot(op, &w, &err), SB_OK);
    sb_reader r = sb_reader_of(w.out.data, w.out.size);
    assert_int_equal(sb_read_i64(&r), 90);
    sb_writer_deinit(&w);
    /* what cannot be is damage: a count below 0, one that is cut off */
    assert_int_equal(restore_count(op, -1, &err), SB_STATUS_CORRUPT);
    sb_piece cut = {.parallelism = 2, .op = sb_reader_of("1234", 4)};
    assert_int_equal(sb_op_group_agg.restore(op, &cut, &err), SB_STATUS_CORRUPT);
    sb_op_group_agg.close(op);
    sb_free(mem, op, sb_op_group_agg.instance_size);
    sb_state_free(state);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

static void
each_allocation_may_fail(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < 12; seed++) {
        setting s = {.retracts = seed % 2,
                     .emit_before = true,
                     .minibatch_rows = seed >= 6 ? 20 : 0,
                     .calls = calls_of(seed),
                     .fail_stride = 7};
        sb_test_rows feed = {0};
        make_feed(seed + 1, s.retracts, 60, &feed);
        sb_test_run run = run_once(&s, &feed, 13, 4, seed);
        sb_test_run_free(&run);
        sb_test_rows_free(&feed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changelog_is_the_reference_at_any_batch_size),
        cmocka_unit_test(minibatch_ends_at_the_same_table),
        cmocka_unit_test(stretches_of_one_key_say_what_single_rows_say),
        cmocka_unit_test(distinct_values_that_crowd_each_other_count_once),
        cmocka_unit_test(groups_of_one_slot_keep_their_values_apart),
        cmocka_unit_test(numbers_go_on_behind_those_of_all_pieces),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
