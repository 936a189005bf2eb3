/* Batches and builders: filter and marks against a naive reference, slices, compaction, ops,
 * durable bytes, failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "columnar/columnar_testing.h"
#include "columnar/row.h"

static sb_mem *mem;

static int
setup(void **state)
{
    (void)state;
    mem = sb_mem_new(NULL, "test", 0);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    int64_t used = sb_mem_used(mem);
    sb_mem_unref(mem);
    return used == 0 ? 0 : -1;
}

static const sb_field number_field[] = {
    {.name = "n", .type = {.id = SB_TYPE_BIGINT, .nullable = true}}};
static const sb_schema numbers = {1, number_field};

/* Rows 0..count with ops and marks by chance. */
static sb_batch *
random_batch(sb_mem *budget, const sb_schema *schema, int32_t count, uint64_t *state, bool ops,
             sb_error *err)
{
    sb_batch_builder b;
    sb_batch *batch = NULL;
    if (sb_batch_builder_init(&b, budget, schema, err) != SB_OK) {
        return NULL;
    }
    int64_t watermark = -10;
    for (int32_t i = 0; i <= count; i++) {
        while (sb_testing_random(state) >> 62 == 0) {
            sb_batch_builder_mark(&b, watermark++);
        }
        if (i < count) {
            for (int32_t f = 0; f < schema->count; f++) {
                if (schema == &numbers) {
                    sb_column_i64(&b.columns[f], i);
                } else {
                    sb_testing_append(&b.columns[f], state, 4);
                }
            }
            sb_batch_builder_row(&b,
                                 ops ? (uint8_t)(sb_testing_random(state) >> 62) : SB_ROW_INSERT);
        }
    }
    sb_status status = sb_batch_builder_finish(&b, &batch, err);
    sb_batch_builder_deinit(&b);
    return status == SB_OK ? batch : NULL;
}

/* ---- filter against a list of events
 * ------------------------------------------------------------ */

typedef struct event { /* a row or a mark, in the order of the stream */
    bool is_mark;
    int64_t value; /* the number of the row, or the watermark */
    uint8_t op;
} event;

static int
events_of(const sb_batch *b, event *out)
{
    int n = 0;
    for (int32_t i = 0, m = 0; i <= b->count_rows; i++) {
        for (; m < b->count_marks && b->marks[m].row <= i; m++) {
            out[n++] = (event){.is_mark = true, .value = b->marks[m].watermark_ms};
        }
        if (i < b->count_rows) {
            int32_t row = sb_batch_row(b, i);
            int64_t value = *(const int64_t *)sb_vector_at(b->columns[0], row);
            out[n++] = (event){.value = value, .op = sb_batch_op(b, row)};
        }
    }
    return n;
}

/* What a filter must leave: rows that are kept, all marks, and of marks with no row between them
 * the last. */
static int
filter_naively(event *events, int n, const bool *keep)
{
    int out = 0, row = 0;
    for (int i = 0; i < n; i++) {
        if (!events[i].is_mark && !keep[row++]) {
            continue;
        }
        if (events[i].is_mark && out > 0 && events[out - 1].is_mark) {
            out--;
        }
        events[out++] = events[i];
    }
    return out;
}

static void
check_events(const sb_batch *b, const event *wanted, int n)
{
    event got[1000];
    assert_true(sb_batch_valid(b));
    assert_int_equal(events_of(b, got), n);
    for (int i = 0; i < n; i++) {
        assert_int_equal(got[i].is_mark, wanted[i].is_mark);
        assert_int_equal(got[i].value, wanted[i].value);
        assert_int_equal(got[i].op, wanted[i].op);
    }
}

static void
test_filter_and_marks(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed < 400; seed++) {
        uint64_t state = seed;
        event events[1000];
        sb_batch *b = random_batch(mem, &numbers, (int32_t)(seed % 40), &state, seed % 2, NULL);
        int n = events_of(b, events);
        for (int round = 0; round < 3; round++) {
            bool keep[64];
            int32_t kept[64], count = 0;
            for (int32_t i = 0; i < b->count_rows; i++) {
                keep[i] = (sb_testing_random(&state) >> 33) % (seed % 5 + 1) != 0;
                if (keep[i]) {
                    kept[count++] = i;
                }
            }
            n = filter_naively(events, n, keep);
            assert_int_equal(sb_batch_filter(b, kept, count, NULL), SB_OK);
            check_events(b, events, n);
        }
        sb_batch *copy = sb_batch_share(mem, b);
        assert_int_equal(sb_batch_compact(b, seed % 3 == 0, NULL), SB_OK);
        assert_null(b->selection);
        assert_int_equal(b->count_physical, b->count_rows);
        check_events(b, events, n);
        check_events(copy, events, n);
        sb_batch_free(copy);
        sb_batch_free(b);
    }
}

static void
test_slices(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed < 200; seed++) {
        uint64_t state = seed;
        sb_batch *b = random_batch(mem, &numbers, 20, &state, true, NULL);
        static const int32_t keep[] = {1, 2, 5, 6, 7, 9, 12, 15, 18, 19};
        if (seed % 2) {
            assert_int_equal(sb_batch_filter(b, keep, 10, NULL), SB_OK);
        }
        int32_t from = (int32_t)(sb_testing_random(&state) >> 40) % (b->count_rows + 1);
        int32_t to = from + (int32_t)(sb_testing_random(&state) >> 40) % (b->count_rows - from + 1);
        for (int with = 0; with < 2; with++) {
            sb_batch *s = sb_batch_slice(mem, b, from, to, with);
            event wanted[1000];
            int n = 0;
            for (int32_t i = from, m = 0; i <= to; i++) {
                for (; m < b->count_marks && b->marks[m].row <= i; m++) {
                    if (with && b->marks[m].row == i) {
                        wanted[n++] = (event){.is_mark = true, .value = b->marks[m].watermark_ms};
                    }
                }
                if (i < to) {
                    int32_t row = sb_batch_row(b, i);
                    wanted[n++] = (event){.value = ((const int64_t *)b->columns[0]->values)[row],
                                          .op = sb_batch_op(b, row)};
                }
            }
            check_events(s, wanted, n);
            sb_batch_free(s);
        }
        sb_batch_free(b);
    }
}

static void
test_marks_and_watermark_batch(void **unused)
{
    (void)unused;
    sb_batch *b = sb_batch_watermark(mem, &sb_testing_schema, 77);
    assert_true(sb_batch_valid(b));
    assert_int_equal(b->count_rows, 0);
    assert_int_equal(b->count_marks, 1);
    assert_int_equal(b->marks[0].watermark_ms, 77);
    static const sb_mark falling[] = {{0, 5}, {0, 6}};
    assert_int_equal(sb_batch_set_marks(b, falling, 2, NULL), SB_OK);
    assert_false(sb_batch_valid(b));                                       /* two at one position */
    assert_int_equal(sb_batch_set_marks(b, b->marks + 1, 1, NULL), SB_OK); /* a part of its own */
    assert_int_equal(b->marks[0].watermark_ms, 6);
    sb_batch_free(b);
    assert_null(sb_batch_free(NULL));

    sb_batch_builder builder;
    assert_int_equal(sb_batch_builder_init(&builder, mem, &numbers, NULL), SB_OK);
    sb_batch_builder_mark(&builder, 1);
    sb_batch_builder_mark(&builder, 3); /* replaces */
    sb_column_i64(builder.columns, 5);
    sb_batch_builder_row(&builder, SB_ROW_INSERT);
    sb_batch_builder_mark(&builder, 3); /* nothing new */
    sb_column_null(builder.columns);
    sb_batch_builder_row(&builder, SB_ROW_DELETE);
    sb_batch_builder_mark(&builder, 9);
    assert_int_equal(sb_batch_builder_finish(&builder, &b, NULL), SB_OK);
    assert_true(sb_batch_builder_is_empty(&builder));
    sb_text out;
    sb_text_init(&out, mem);
    sb_batch_dump(b, &out);
    assert_string_equal(out.data, "@ 3\n+I (5)\n-D (NULL)\n@ 9\n");
    sb_text_deinit(&out);
    sb_batch_free(b);
    sb_batch_builder_deinit(&builder);
}

static void
test_valid_finds_damage(void **unused)
{
    (void)unused;
    uint64_t state = 1;
    sb_batch *b = random_batch(mem, &numbers, 10, &state, true, NULL);
    int32_t selection[] = {3, 5, 5};
    assert_true(sb_batch_valid(b));
    sb_batch_set_selection(b, NULL, selection, 3);
    b->count_marks = 0;
    assert_false(sb_batch_valid(b)); /* not ascending */
    selection[2] = 10;
    assert_false(sb_batch_valid(b)); /* beyond the end */
    selection[2] = 9;
    assert_true(sb_batch_valid(b));
    assert_true(sb_batch_is_sparse(b));
    b->count_rows = 11;
    assert_false(sb_batch_valid(b));
    b->count_rows = 3;
    uint8_t ops[10] = {0};
    sb_batch_set_ops(b, NULL, ops);
    ops[4] = 9; /* not selected: does not matter */
    assert_true(sb_batch_valid(b));
    ops[5] = 4;
    assert_false(sb_batch_valid(b));
    sb_batch_free(b);
}

/* ---- builder
 * ------------------------------------------------------------------------------------ */

static void
test_append_batches(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed < 20; seed++) {
        uint64_t state = seed;
        sb_batch *parts[3];
        sb_batch_builder b;
        assert_int_equal(sb_batch_builder_init(&b, mem, &sb_testing_schema, NULL), SB_OK);
        for (int round = 0; round < 2; round++) { /* a builder is reusable */
            for (int p = 0; p < 3; p++) {
                parts[p] = random_batch(mem, &sb_testing_schema, 60, &state, p == 1, NULL);
                static const int32_t keep[] = {0, 3, 4, 7, 20, 59};
                if (p == 2) {
                    assert_int_equal(sb_batch_filter(parts[p], keep, 6, NULL), SB_OK);
                }
                sb_batch_builder_append(&b, parts[p], p, parts[p]->count_rows - p);
            }
            sb_batch *all;
            assert_int_equal(sb_batch_builder_finish(&b, &all, NULL), SB_OK);
            assert_true(sb_batch_valid(all));
            int32_t at = 0;
            for (int p = 0; p < 3; p++) {
                for (int32_t i = p; i < parts[p]->count_rows - p; i++, at++) {
                    int32_t row = sb_batch_row(parts[p], i);
                    assert_int_equal(sb_batch_op(all, at), sb_batch_op(parts[p], row));
                    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
                        assert_true(
                            sb_testing_equal(all->columns[f], at, parts[p]->columns[f], row));
                    }
                }
                sb_batch_free(parts[p]);
            }
            assert_int_equal(at, all->count_rows);
            sb_text out;
            sb_text_init(&out, mem);
            sb_batch_dump(all, &out); /* reads all bytes after the parts are gone */
            sb_text_deinit(&out);
            sb_batch_free(all);
        }
        sb_batch_builder_deinit(&b);
    }
}

static void
test_column_calls(void **unused)
{
    (void)unused;
    sb_type type = sb_type_string(true);
    sb_column_builder c;
    assert_int_equal(sb_column_builder_init(&c, mem, &type, NULL), SB_OK);
    sb_view *room = sb_column_reserve(&c, 3);
    room[0] = sb_view_make("a", 1);
    room[1] = (sb_view){.words = {0, 0}};
    room[2] = sb_view_make("c", 1);
    static const uint8_t valid[] = {1, 0, 1};
    sb_column_added(&c, 3, valid);
    sb_buffer *heap = sb_buffer_new(mem, 20);
    memcpy(heap->data, "a text of 20 letters", 20);
    sb_column_pin(&c, heap);
    sb_column_pin(&c, heap);
    sb_column_view(&c, sb_view_make((const char *)heap->data, 20));
    sb_buffer_unref(heap);
    char big[70000];
    memset(big, 'z', sizeof big);
    sb_column_bytes(&c, big, sizeof big);
    sb_column_bytes(&c, NULL, 0);
    sb_vector *v = sb_column_finish(&c, NULL);
    assert_int_equal(v->count_heaps, 2);
    assert_int_equal(v->length, 6);
    assert_false(sb_vector_valid(v, 1));
    assert_int_equal(sb_view_size(sb_vector_at(v, 4)), 70000);
    assert_memory_equal(sb_view_data(sb_vector_at(v, 3)), "a text of 20 letters", 20);
    sb_column_repeat(&c, v, 3, 600);
    sb_column_repeat(&c, v, 1, 2);
    sb_vector *w = sb_column_finish(&c, NULL);
    sb_vector_unref(v);
    assert_int_equal(w->length, 602);
    assert_memory_equal(sb_view_data(sb_vector_at(w, 599)), "a text of 20 letters", 20);
    assert_false(sb_vector_valid(w, 601));
    sb_vector_unref(w);
    sb_column_builder_deinit(&c);

    sb_type small = SB_TYPE(TINYINT, true);
    assert_int_equal(sb_column_builder_init(&c, mem, &small, NULL), SB_OK);
    sb_column_i64(&c, 300); /* narrowed as in Java */
    v = sb_column_finish(&c, NULL);
    assert_int_equal(*(const int8_t *)v->values, 44);
    assert_null(v->validity);
    sb_vector_unref(v);
    sb_column_builder_deinit(&c);
}

/* ---- durable bytes
 * ------------------------------------------------------------------------------ */

static void
test_bytes_round_trip(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed < 30; seed++) {
        uint64_t state = seed;
        sb_batch *b = random_batch(mem, &sb_testing_schema, 50, &state, seed % 2, NULL);
        static const int32_t keep[] = {0, 3, 4, 7, 20, 49};
        if (seed % 3 == 0) {
            assert_int_equal(sb_batch_filter(b, keep, 6, NULL), SB_OK);
        }
        b->split = (int32_t)seed % 4 - 1;
        int64_t times[50];
        for (int i = 0; i < 50; i++) {
            times[i] = 1000 - i;
        }
        b->rowtime_ms = seed % 4 ? times : NULL;
        int32_t from = (int32_t)seed % 5;
        sb_writer w;
        sb_writer_init(&w, mem);
        sb_write_u8(&w, 1); /* an odd offset: rows are not aligned in the input */
        assert_int_equal(sb_batch_write(&w, b, from, NULL), SB_OK);
        sb_reader r = sb_reader_of(w.out.data + 1, w.out.size - 1);
        sb_batch *back;
        assert_int_equal(sb_batch_read(&r, mem, &sb_testing_schema, &back, NULL), SB_OK);
        assert_int_equal(sb_reader_left(&r), 0);
        assert_true(sb_batch_valid(back));
        assert_int_equal(back->split, b->split);
        sb_batch *rest = sb_batch_slice(mem, b, from, b->count_rows, true);
        assert_int_equal(back->count_rows, rest->count_rows);
        assert_int_equal(back->count_marks, rest->count_marks);
        for (int32_t i = 0; i < rest->count_marks; i++) {
            assert_int_equal(back->marks[i].row, rest->marks[i].row);
            assert_int_equal(back->marks[i].watermark_ms, rest->marks[i].watermark_ms);
        }
        for (int32_t i = 0; i < back->count_rows; i++) {
            int32_t row = sb_batch_row(rest, i);
            assert_int_equal(sb_batch_op(back, i), sb_batch_op(b, row));
            if (b->rowtime_ms) {
                assert_int_equal(back->rowtime_ms[i], times[row]);
            }
            for (int32_t f = 0; f < sb_testing_schema.count; f++) {
                assert_true(sb_testing_equal(back->columns[f], i, b->columns[f], row));
            }
        }
        /* every shorter input is refused, and damage never crashes */
        for (size_t size = 0; size < w.out.size - 1; size += 1 + size / 20) {
            r = sb_reader_of(w.out.data + 1, size);
            sb_batch *none = NULL;
            assert_int_equal(sb_batch_read(&r, mem, &sb_testing_schema, &none, NULL),
                             SB_STATUS_CORRUPT);
        }
        for (int k = 0; k < 300; k++) {
            size_t at = 1 + (sb_testing_random(&state) >> 20) % (w.out.size - 1);
            uint8_t bit = (uint8_t)(1u << (sb_testing_random(&state) >> 61));
            w.out.data[at] = (char)(w.out.data[at] ^ bit);
            r = sb_reader_of(w.out.data + 1, w.out.size - 1);
            sb_batch *odd = NULL;
            sb_status status = sb_batch_read(&r, mem, &sb_testing_schema, &odd, NULL);
            assert_true(status == SB_OK ? sb_batch_valid(odd) : status == SB_STATUS_CORRUPT);
            sb_batch_free(odd);
            w.out.data[at] = (char)(w.out.data[at] ^ bit);
        }
        sb_batch_free(rest);
        sb_batch_free(back);
        sb_batch_free(b);
        sb_writer_deinit(&w);
    }
}

/* ---- no memory
 * ---------------------------------------------------------------------------------- */

static sb_status
everything(sb_mem *budget, void *ctx, sb_error *err)
{
    uint64_t state = 42;
    (void)ctx;
    sb_batch *b = random_batch(budget, &sb_testing_schema, 12, &state, true, err);
    sb_batch *slice = NULL, *back = NULL, *mark = NULL;
    sb_writer w;
    sb_writer_init(&w, budget);
    sb_status status = b ? SB_OK : SB_STATUS_NOMEM;
    static const int32_t keep[] = {0, 3, 4, 7, 11};
    status = status != SB_OK ? status : sb_batch_filter(b, keep, 5, err);
    if (status == SB_OK) {
        slice = sb_batch_slice(budget, b, 1, 5, true);
        mark = sb_batch_watermark(budget, &sb_testing_schema, 5);
        status = slice && mark ? SB_OK : SB_STATUS_NOMEM;
    }
    status = status != SB_OK ? status : sb_batch_write(&w, b, 1, err);
    if (status == SB_OK) {
        sb_reader r = sb_reader_of(w.out.data, w.out.size);
        status = sb_batch_read(&r, budget, &sb_testing_schema, &back, err);
    }
    status = status != SB_OK ? status : sb_batch_compact(b, true, err);
    sb_batch_free(b);
    sb_batch_free(slice);
    sb_batch_free(back);
    sb_batch_free(mark);
    sb_writer_deinit(&w);
    return status;
}

static void
test_allocation_failures(void **unused)
{
    (void)unused;
    assert_true(sb_testing_fail_each_allocation(everything, NULL) > 300);
}

static void
test_budget_limit(void **unused)
{
    (void)unused;
    sb_mem *small = sb_mem_new(mem, "small", 100000);
    sb_batch_builder b;
    sb_error err;
    assert_int_equal(sb_batch_builder_init(&b, small, &numbers, &err), SB_OK);
    for (int i = 0; i < 100000; i++) {
        sb_column_i64(b.columns, i);
        sb_batch_builder_row(&b, SB_ROW_DELETE);
    }
    assert_true(sb_batch_builder_failed(&b));
    sb_batch *batch = NULL;
    assert_int_equal(sb_batch_builder_finish(&b, &batch, &err), SB_STATUS_NOMEM);
    assert_null(batch);
    sb_column_i64(b.columns, 1); /* usable again */
    sb_batch_builder_row(&b, SB_ROW_INSERT);
    assert_int_equal(sb_batch_builder_finish(&b, &batch, &err), SB_OK);
    sb_batch_free(batch);
    sb_batch_builder_deinit(&b);
    assert_int_equal(sb_mem_used(small), 0);
    sb_mem_unref(small);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_filter_and_marks),
        T(test_slices),
        T(test_marks_and_watermark_batch),
        T(test_valid_finds_damage),
        T(test_append_batches),
        T(test_column_calls),
        T(test_bytes_round_trip),
        T(test_allocation_failures),
        T(test_budget_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
