/*
 * operators/agg_collect_test.c -- COLLECT, ARRAY_AGG, PERCENTILE, BITMAP_BUILD_CARDINALITY_AGG and
 * the JSON aggregates, in groups and windows, against a slow evaluator that plays the rows of a
 * group again for each result.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "operators/operators_testing.h"

enum { K, V, F, D, U, T, TS, IN_COLUMNS }; /* D is V as DOUBLE; U differs in all rows */

enum { COUNT_AGGS = 6, OUT_COLUMNS = COUNT_AGGS + 1, WINDOW_COLUMNS = COUNT_AGGS + 2 };

enum { SLIDE = 10, SLICES = 3 };

#define BIG                                    \
    {                                          \
        .id = SB_TYPE_BIGINT, .nullable = true \
    }
#define DOUBLE                                 \
    {                                          \
        .id = SB_TYPE_DOUBLE, .nullable = true \
    }
#define TEXT                                                             \
    {                                                                    \
        .id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX \
    }
#define STAMP                                                      \
    {                                                              \
        .id = SB_TYPE_TIMESTAMP, .nullable = false, .precision = 3 \
    }
#define LIST_OF(kind, of)                                                           \
    {                                                                               \
        .id = SB_TYPE_##kind, .nullable = true, .count_children = 1, .children = of \
    }

static const sb_field input_fields[] = {
    {"k", BIG, 0},    {"v", BIG, 0},  {"f", {.id = SB_TYPE_BOOLEAN, .nullable = true}, 0},
    {"d", DOUBLE, 0}, {"u", TEXT, 0}, {"t", TEXT, 0},
    {"ts", STAMP, 0}};
static const sb_schema input_schema = {IN_COLUMNS, input_fields};
static const sb_field element = {"element", BIG, 0}, share = {"element", DOUBLE, 0};
static const double shares[] = {0.75, 0, 0.3, 1};

static const sb_agg_call first_calls[] = {
    {SB_AGG_COLLECT, V, -1, .type = LIST_OF(MULTISET, &element), .second = -1},
    {SB_AGG_ARRAY, V, F, .type = LIST_OF(ARRAY, &element), .second = -1, .nulls = true},
    {SB_AGG_PERCENTILE, D, -1, .type = LIST_OF(ARRAY, &share), .second = -1, .count_shares = 4,
     .shares = shares},
    {SB_AGG_JSON_OBJECT, U, -1, .type = TEXT, .second = T},
    {SB_AGG_ARRAY, V, -1, .type = LIST_OF(ARRAY, &element), .second = -1},
    {SB_AGG_BITMAP_BUILD, V, -1, .type = BIG, .second = -1}};
static const sb_agg_call second_calls[] = {
    {SB_AGG_COLLECT, V, F, .distinct = true, .type = LIST_OF(MULTISET, &element), .second = -1},
    {SB_AGG_ARRAY, V, -1, .distinct = true, .type = LIST_OF(ARRAY, &element), .second = -1,
     .nulls = true},
    {SB_AGG_PERCENTILE, D, F, .type = LIST_OF(ARRAY, &share), .second = V, .count_shares = 4,
     .shares = shares},
    {SB_AGG_JSON_ARRAY, T, -1, .type = TEXT, .second = -1, .nulls = true},
    {SB_AGG_JSON_OBJECT, U, -1, .type = TEXT, .second = T, .nulls = true},
    {SB_AGG_BITMAP_BUILD, V, F, .type = BIG, .second = -1}};

static void
output_fields(const sb_agg_call *calls, sb_field out[WINDOW_COLUMNS])
{
    out[0] = (sb_field){"k", BIG, 0};
    for (int32_t a = 0; a < COUNT_AGGS; a++) {
        out[a + 1] = (sb_field){"a", calls[a].type, 0};
    }
    out[OUT_COLUMNS] = (sb_field){"w", STAMP, 0};
}

/* --- the slow evaluator --- */

typedef struct values { /* what an aggregate holds: values, and for members their keys */
    int64_t at[512], key[512];
    bool null[512];
    int32_t count;
} values;

static void
take_out(values *l, int32_t i)
{
    l->count--;
    for (; i < l->count; i++) {
        l->at[i] = l->at[i + 1];
        l->key[i] = l->key[i + 1];
        l->null[i] = l->null[i + 1];
    }
}

static int32_t
count_like(const values *l, bool null, int64_t v)
{
    int32_t n = 0;
    for (int32_t i = 0; i < l->count; i++) {
        n += l->null[i] == null && (null || l->at[i] == v);
    }
    return n;
}

/* One value comes or goes: the oldest like it. */
static void
step(values *l, bool adds, int64_t key, bool null, int64_t v)
{
    if (adds) {
        l->at[l->count] = null ? 0 : v;
        l->key[l->count] = key;
        l->null[l->count++] = null;
        return;
    }
    for (int32_t i = 0; i < l->count; i++) {
        if (l->null[i] == null && (null || l->at[i] == v) && l->key[i] == key) {
            take_out(l, i);
            return;
        }
    }
}

/* Plays the rows of one slice (all: slice -1). */
static void
play(const sb_agg_call *call, const sb_test_rows *rows, int64_t slice, values *out)
{
    static values all; /* with those that DISTINCT leaves out */
    bool object = call->kind == SB_AGG_JSON_OBJECT;
    all.count = 0;
    for (int32_t i = 0; i < rows->count; i++) {
        const sb_test_row *r = &rows->at[i];
        int32_t from = object ? call->second : call->arg;
        int64_t key = object ? r->v[call->arg] : 0;
        bool adds = sb_row_op_adds(r->op), null = r->null[from];
        if ((slice >= 0 && r->v[TS] / SLIDE != slice) ||
            (call->filter >= 0 && (r->null[call->filter] || !r->v[call->filter])) ||
            (null && !call->nulls)) {
            continue;
        }
        int64_t times = call->kind != SB_AGG_PERCENTILE || call->second < 0 ? 1
                        : r->null[call->second]                             ? 0
                                                                            : r->v[call->second];
        int32_t before = count_like(&all, null, r->v[from]);
        step(&all, adds, key, null, r->v[from]);
        if (call->distinct && before + (adds ? 1 : -1) != (adds ? 1 : 0)) {
            continue;
        }
        for (int64_t n = 0; n < times; n++) {
            step(out, adds, key, null, r->v[from]);
        }
    }
}

static void
sort_values(values *l, bool by_key)
{
    for (int32_t i = 1; i < l->count; i++) {
        for (int32_t k = i; k > 0 && (by_key ? l->key[k - 1] > l->key[k] : l->at[k - 1] > l->at[k]);
             k--) {
            int64_t at = l->at[k], key = l->key[k];
            bool null = l->null[k];
            l->at[k] = l->at[k - 1];
            l->key[k] = l->key[k - 1];
            l->null[k] = l->null[k - 1];
            l->at[k - 1] = at;
            l->key[k - 1] = key;
            l->null[k - 1] = null;
        }
    }
}

static int64_t
fold_text(int64_t folded, const char *text)
{
    for (; *text; text++) {
        folded = sb_test_fold(folded, (unsigned char)*text);
    }
    return folded;
}

static int64_t
fold_json(const values *l, bool object)
{
    char text[SB_TEST_TEXT];
    int64_t folded = fold_text(0, object ? "{" : "[");
    for (int32_t i = 0; i < l->count; i++) {
        folded = fold_text(folded, i ? "," : "");
        if (object) {
            sb_test_text(l->key[i], text);
            folded = fold_text(fold_text(fold_text(folded, "\""), text), "\":");
        }
        sb_test_text(l->at[i], text);
        folded = fold_text(folded, l->null[i] ? "null" : text);
    }
    return fold_text(folded, object ? "}" : "]");
}

/* False: NULL. */
static bool
result(const sb_agg_call *call, values *l, int64_t *out)
{
    *out = 0;
    switch (call->kind) {
    case SB_AGG_JSON_ARRAY: *out = fold_json(l, false); return true;
    case SB_AGG_JSON_OBJECT:
        sort_values(l, true);
        *out = fold_json(l, true);
        return true;
    case SB_AGG_PERCENTILE:
        sort_values(l, false);
        for (int32_t p = 0; p < call->count_shares && l->count > 0; p++) {
            double at = call->shares[p] * (l->count - 1);
            int32_t low = (int32_t)at, high = low + 1 < l->count ? low + 1 : low;
            double value = (double)l->at[low] + (at - low) * (double)(l->at[high] - l->at[low]);
            *out = sb_test_fold(*out, llround(value * 1e6));
        }
        return l->count > 0;
    case SB_AGG_BITMAP_BUILD: /* the lower half of a BIGINT, and so small a number, is an INT */
        sort_values(l, false);
        for (int32_t i = 0; i < l->count; i++) {
            *out += i == 0 || l->at[i] != l->at[i - 1];
        }
        return l->count > 0;
    case SB_AGG_COLLECT: sort_values(l, false); break;
    default: break;
    }
    for (int32_t i = 0; i < l->count; i++) {
        *out = sb_test_fold(*out, l->null[i] ? INT32_MIN : l->at[i]);
    }
    return call->kind == SB_AGG_COLLECT || l->count > 0;
}

/* The results over slices [from, to], the newest first; from -1: all at once. Returns whether an
 * array holds a NULL: such are never the same. */
static bool
results(const sb_agg_call *calls, const sb_test_rows *rows, int64_t from, int64_t to,
        sb_test_row *out)
{
    bool odd = false;
    for (int32_t a = 0; a < COUNT_AGGS; a++) {
        static values l;
        l.count = 0;
        for (int64_t s = to; s >= from; s--) {
            static values of_slice;
            of_slice.count = 0;
            play(&calls[a], rows, s, &of_slice);
            for (int32_t i = 0; i < of_slice.count; i++) {
                step(&l, true, of_slice.key[i], of_slice.null[i], of_slice.at[i]);
            }
        }
        for (int32_t i = 0; calls[a].kind == SB_AGG_ARRAY && i < l.count; i++) {
            odd = odd || l.null[i];
        }
        out->null[a + 1] = !result(&calls[a], &l, &out->v[a + 1]);
    }
    return odd;
}

typedef struct group {
    bool null;
    int64_t key, live;
    sb_test_rows rows; /* all changes of it */
} group;

static group *
group_of(group *groups, int32_t *count, const sb_test_row *r)
{
    int32_t g = 0;
    while (g < *count && (groups[g].null != r->null[K] || groups[g].key != r->v[K])) {
        g++;
    }
    if (g == *count) {
        groups[(*count)++] = (group){.null = r->null[K], .key = r->v[K]};
    }
    return &groups[g];
}

static void
reference(const sb_test_rows *feed, const sb_agg_call *calls, bool emit_before, sb_test_rows *out)
{
    static group groups[16];
    int32_t count = 0;
    for (int32_t i = 0; i < feed->count; i++) {
        const sb_test_row *r = &feed->at[i];
        if (r->event != SB_TEST_ROW) {
            continue;
        }
        group *g = group_of(groups, &count, r);
        sb_test_row before = {.null = {g->null}, .v = {g->key}}, after = before;
        bool first = g->live == 0, odd = results(calls, &g->rows, -1, -1, &before);
        g->live += sb_row_op_adds(r->op) ? 1 : -1;
        sb_test_add(&g->rows, r->op, IN_COLUMNS, r->v, r->null);
        results(calls, &g->rows, -1, -1, &after);
        if (g->live == 0) {
            sb_test_add(out, SB_ROW_DELETE, OUT_COLUMNS, before.v, before.null);
            g->rows.count = 0;
        } else if (first) {
            sb_test_add(out, SB_ROW_INSERT, OUT_COLUMNS, after.v, after.null);
        } else if (odd || !sb_test_row_same(&before, &after, OUT_COLUMNS)) {
            if (emit_before) {
                sb_test_add(out, SB_ROW_UPDATE_BEFORE, OUT_COLUMNS, before.v, before.null);
            }
            sb_test_add(out, SB_ROW_UPDATE_AFTER, OUT_COLUMNS, after.v, after.null);
        }
    }
    for (int32_t g = 0; g < count; g++) {
        sb_test_rows_free(&groups[g].rows);
    }
}

/* All windows of SLICES slices that have rows at the end. */
static void
window_reference(const sb_test_rows *feed, const sb_agg_call *calls, sb_test_rows *out)
{
    static group groups[16];
    int32_t count = 0;
    int64_t last = 0;
    for (int32_t i = 0; i < feed->count; i++) {
        const sb_test_row *r = &feed->at[i];
        if (r->event == SB_TEST_ROW) {
            sb_test_add(&group_of(groups, &count, r)->rows, r->op, IN_COLUMNS, r->v, r->null);
            last = r->v[TS] / SLIDE > last ? r->v[TS] / SLIDE : last;
        }
    }
    for (int32_t g = 0; g < count; g++) {
        for (int64_t to = 0; to < last + SLICES; to++) {
            sb_test_row row = {.null = {groups[g].null}, .v = {groups[g].key}};
            int64_t from = to - SLICES + 1 > 0 ? to - SLICES + 1 : 0, live = 0;
            for (int32_t i = 0; i < groups[g].rows.count; i++) {
                int64_t slice = groups[g].rows.at[i].v[TS] / SLIDE;
                live += slice < from || slice > to                ? 0
                        : sb_row_op_adds(groups[g].rows.at[i].op) ? 1
                                                                  : -1;
            }
            if (live > 0) {
                results(calls, &groups[g].rows, from, to, &row);
                row.v[OUT_COLUMNS] = (to + 1) * SLIDE;
                sb_test_add(out, SB_ROW_INSERT, WINDOW_COLUMNS, row.v, row.null);
            }
        }
        sb_test_rows_free(&groups[g].rows);
    }
}

/* Random rows over few keys. When retracting, rows that are there leave again; in windows only
 * those of the slice that is open. */
static void
make_feed(uint64_t seed, bool retracts, bool windows, int32_t rows, sb_test_rows *out)
{
    sb_test_rows live = {0};
    uint64_t s = seed * 91 + 3;
    for (int32_t i = 0; i < rows; i++) {
        if (retracts && sb_test_random(&s) % 10 < 4 && live.count > 0) {
            int32_t k = (int32_t)(sb_test_random(&s) % (uint64_t)live.count);
            sb_test_row *r = &live.at[k];
            if (!windows || r->v[TS] / SLIDE == i / SLIDE) {
                sb_test_add(out, SB_ROW_DELETE, IN_COLUMNS, r->v, r->null);
                *r = live.at[--live.count];
                continue;
            }
        }
        int64_t value = (int64_t)(sb_test_random(&s) % 6);
        bool null = sb_test_random(&s) % 5 == 0;
        int64_t v[IN_COLUMNS] = {
            (int64_t)(sb_test_random(&s) % 4), value, (int64_t)(sb_test_random(&s) % 2), value, i,
            (int64_t)(sb_test_random(&s) % 3), i};
        bool n[IN_COLUMNS] = {
            sb_test_random(&s) % 9 == 0, null, sb_test_random(&s) % 5 == 0, null, false,
            sb_test_random(&s) % 4 == 0, false};
        const sb_test_row *row = sb_test_add(out, SB_ROW_INSERT, IN_COLUMNS, v, n);
        sb_test_add(&live, 0, IN_COLUMNS, row->v, row->null);
        if (sb_test_random(&s) % 11 == 0) {
            sb_test_mark(out, i / SLIDE * SLIDE - 1);
        }
    }
    sb_test_rows_free(&live);
}

/* --- the operators --- */

typedef struct setting {
    const sb_agg_call *calls;
    bool retracts, emit_before, windows;
    int64_t minibatch_rows, fail_stride;
} setting;

static sb_test_run
run_once(const setting *s, const sb_test_rows *feed, int32_t batch_rows, int32_t restart_every,
         uint64_t seed)
{
    static const int32_t key = K;
    static const sb_window_property end = SB_WINDOW_END;
    sb_field fields[WINDOW_COLUMNS];
    output_fields(s->calls, fields);
    sb_schema schema = {s->windows ? WINDOW_COLUMNS : OUT_COLUMNS, fields};
    sb_group_agg_node groups = {.keys = {1, &key},
                                .count_aggs = COUNT_AGGS,
                                .aggs = s->calls,
                                .input_retracts = s->retracts,
                                .emit_before = s->emit_before,
                                .minibatch_rows = s->minibatch_rows,
                                .minibatch_ms = 1000};
    sb_window_agg_node windows = {
        .window = {.kind = SB_WINDOW_HOP, .size_ms = SLICES * SLIDE, .slide_ms = SLIDE},
        .time = TS,
        .keys = {1, &key},
        .count_aggs = COUNT_AGGS,
        .aggs = s->calls,
        .input_retracts = s->retracts,
        .count_properties = 1,
        .properties = &end};
    sb_plan_node node = {.kind = s->windows ? SB_NODE_WINDOW_AGG : SB_NODE_GROUP_AGG,
                         .schema = &schema,
                         .body = s->windows ? (const void *)&windows : &groups};
    sb_test_run run = {.vtable = s->windows ? &sb_op_window_agg : &sb_op_group_agg,
                       .node = &node,
                       .inputs = {&input_schema},
                       .count_inputs = 1,
                       .feeds = feed,
                       .batch_rows = batch_rows,
                       .seed = seed,
                       .restart_every = restart_every};
    if (s->fail_stride) {
        sb_test_fail_allocations(&run, schema.count, s->fail_stride);
    } else {
        sb_test_run_all(&run);
    }
    return run;
}

static void
changelog_is_the_reference(void **unused)
{
    (void)unused;
    static const int32_t sizes[] = {1, 7, 4096};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        setting s = {.calls = seed % 4 < 2 ? first_calls : second_calls,
                     .retracts = seed % 2,
                     .emit_before = seed % 3 != 0};
        sb_test_rows feed = {0}, expected = {0};
        make_feed(seed, s.retracts, false, 300, &feed);
        reference(&feed, s.calls, s.emit_before, &expected);
        for (int k = 0; k < 6; k++) {
            sb_test_run run = run_once(&s, &feed, sizes[k % 3], k < 3 ? 0 : 5, seed + (uint64_t)k);
            assert_true(sb_test_same_sequence(&expected, &run.out[0], OUT_COLUMNS));
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
    for (uint64_t seed = 1; seed <= 12; seed++) {
        setting s = {.calls = seed % 4 < 2 ? first_calls : second_calls,
                     .retracts = seed % 2,
                     .emit_before = true,
                     .minibatch_rows = 1 + (int64_t)(seed * 7 % 60)};
        sb_test_rows feed = {0}, expected = {0}, table = {0};
        make_feed(seed, s.retracts, false, 300, &feed);
        reference(&feed, s.calls, true, &expected);
        sb_test_materialize(&expected, OUT_COLUMNS, &table);
        for (int k = 0; k < 4; k++) {
            sb_test_run run = run_once(&s, &feed, k % 2 ? 5 : 4096, k < 2 ? 0 : 6, seed);
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

/* Slices are put together the newest first; with DISTINCT there are none, so only first_calls. */
static void
windows_are_the_reference(void **unused)
{
    (void)unused;
    static const int32_t sizes[] = {1, 7, 4096};
    for (uint64_t seed = 1; seed <= 8; seed++) {
        setting s = {.calls = first_calls, .retracts = seed % 2, .windows = true};
        sb_test_rows feed = {0}, expected = {0};
        make_feed(seed, s.retracts, true, 200, &feed);
        window_reference(&feed, s.calls, &expected);
        for (int k = 0; k < 6; k++) {
            sb_test_run run = run_once(&s, &feed, sizes[k % 3], k < 3 ? 0 : 5, seed + (uint64_t)k);
            sb_test_rows got = {0};
            sb_test_materialize(&run.out[0], WINDOW_COLUMNS, &got);
            assert_true(sb_test_same_multiset(&expected, &got, WINDOW_COLUMNS));
            sb_test_rows_free(&got);
            sb_test_run_free(&run);
        }
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
    }
}

static void
each_allocation_may_fail(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < 8; seed++) {
        setting s = {.calls = seed < 6 && seed % 2 ? second_calls : first_calls,
                     .retracts = seed % 4 >= 2,
                     .emit_before = true,
                     .windows = seed >= 6,
                     .minibatch_rows = seed >= 4 && seed < 6 ? 12 : 0,
                     .fail_stride = 5};
        sb_test_rows feed = {0};
        make_feed(seed + 1, s.retracts, s.windows, 40, &feed);
        sb_test_run run = run_once(&s, &feed, 13, 4, seed);
        sb_test_run_free(&run);
        sb_test_rows_free(&feed);
    }
}

/* A key that is there already ends the job; after it has left, it may come again. */
static void
a_key_of_an_object_comes_once(void **unused)
{
    (void)unused;
    setting s = {.calls = first_calls, .retracts = true, .emit_before = true};
    const int64_t v[IN_COLUMNS] = {1, 2, 1, 2, 7, 3, 0};
    sb_test_rows feed = {0};
    sb_test_add(&feed, SB_ROW_INSERT, IN_COLUMNS, v, NULL);
    sb_test_add(&feed, SB_ROW_DELETE, IN_COLUMNS, v, NULL);
    sb_test_add(&feed, SB_ROW_INSERT, IN_COLUMNS, v, NULL);
    sb_test_run run = run_once(&s, &feed, 4, 0, 1);
    assert_int_equal(run.out[0].at[0].op, SB_ROW_INSERT);
    assert_int_equal(run.out[0].at[1].op, SB_ROW_DELETE);
    assert_int_equal(run.out[0].at[2].op, SB_ROW_INSERT);
    sb_test_run_free(&run);
    sb_test_add(&feed, SB_ROW_INSERT, IN_COLUMNS, v, NULL);

    sb_field fields[WINDOW_COLUMNS];
    static const int32_t key = K;
    output_fields(s.calls, fields);
    sb_schema schema = {OUT_COLUMNS, fields};
    sb_group_agg_node body = {.keys = {1, &key},
                              .count_aggs = COUNT_AGGS,
                              .aggs = s.calls,
                              .input_retracts = true,
                              .emit_before = true};
    sb_plan_node node = {.kind = SB_NODE_GROUP_AGG, .schema = &schema, .body = &body};
    run = (sb_test_run){.vtable = &sb_op_group_agg,
                        .node = &node,
                        .inputs = {&input_schema},
                        .count_inputs = 1,
                        .feeds = &feed,
                        .batch_rows = 4,
                        .may_fail = true};
    sb_test_run_all(&run);
    assert_int_equal(run.failed, SB_STATUS_DATA);
    assert_non_null(strstr(run.message, "is there twice"));
    sb_test_run_free(&run);
    sb_test_rows_free(&feed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changelog_is_the_reference),
        cmocka_unit_test(minibatch_ends_at_the_same_table),
        cmocka_unit_test(windows_are_the_reference),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(a_key_of_an_object_comes_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
