/*
 * connectors/datagen/datagen_test.c -- datagen and values: ranges, sequences, bounds, positions,
 * refusals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "columnar/columnar_testing.h"
#include "connectors/connectors_testing.h"
#include "connectors/datagen/datagen.h"
#include "connectors/values/values.h"
#include "formats/fixture_testing.h"

/* All rows as text; also checks that going on from the positions after `stop` batches gives the
 * same. */
static const char *
run(const sb_connector *connector, const char *schema, const char *const *pairs,
    int32_t parallelism, int stop)
{
    const sb_table_desc *table = sb_testing_table(arena, connector->name, schema, pairs);
    sb_source_node *node = sb_testing_source_node(arena, table);
    sb_source_facts facts;
    sb_error err;
    sb_testing_source first, second;
    sb_batch *batch;
    sb_text_clear(&out);
    assert_int_equal(connector->source_facts(table, &facts, &err), SB_OK);
    assert_true(facts.bounded);
    assert_int_equal(sb_testing_source_start(&first, sb_mem_root(), sb_os_real(), connector, node,
                                             parallelism, 64, NULL),
                     SB_OK);
    for (int i = 0; i < stop && sb_testing_source_next(&first, 7, 0, &batch) == SB_STEP_AGAIN;
         i++) {
        sb_testing_print(batch, &out);
        sb_batch_free(batch);
    }
    sb_str *positions = sb_testing_source_positions(&first);
    sb_status status = sb_testing_source_start(&second, sb_mem_root(), sb_os_real(), connector,
                                               node, parallelism, 64, positions);
    assert_int_equal(status, SB_OK);
    sb_step step;
    while ((step = sb_testing_source_next(&second, 64, 0, &batch)) == SB_STEP_AGAIN) {
        sb_testing_print(batch, &out);
        sb_batch_free(batch);
    }
    if (step == SB_STEP_FAIL) {
        sb_text_printf(&out, "FAIL %s\n", second.err.message);
    }
    sb_testing_source_stop(&first);
    sb_testing_source_stop(&second);
    return out.data;
}

static void
test_sequences(void **state)
{
    (void)state;
    const char *pairs[] = {"rows-per-second",
                           "0",
                           "fields.a.kind",
                           "sequence",
                           "fields.a.start",
                           "5",
                           "fields.a.end",
                           "8",
                           "fields.s.kind",
                           "sequence",
                           "fields.s.start",
                           "1",
                           "fields.s.end",
                           "100",
                           NULL};
    assert_string_equal(run(&sb_connector_datagen, "a INT, s STRING", pairs, 1, 0),
                        "{\"op\":\"+I\",\"data\":{\"a\":5,\"s\":\"1\"}}\n{\"op\":\"+I\",\"data\":{"
                        "\"a\":6,\"s\":\"2\"}}\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":7,\"s\":\"3\"}}\n{\"op\":\"+I\",\"data\":{"
                        "\"a\":8,\"s\":\"4\"}}\n");
    /* Two splits take every other row. */
    assert_string_equal(run(&sb_connector_datagen, "a INT, s STRING", pairs, 2, 0),
                        "{\"op\":\"+I\",\"data\":{\"a\":5,\"s\":\"1\"}}\n{\"op\":\"+I\",\"data\":{"
                        "\"a\":7,\"s\":\"3\"}}\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":6,\"s\":\"2\"}}\n{\"op\":\"+I\",\"data\":{"
                        "\"a\":8,\"s\":\"4\"}}\n");
}

static const char random_schema[] = "a INT, b BIGINT, d DECIMAL(6, 2), f DOUBLE, s STRING, v "
                                    "VARCHAR(9), t BOOLEAN, y BYTES, l ARRAY<TINYINT>, m "
                                    "MAP<STRING, INT>, r ROW<x INT, y STRING>, n INT";

static void
test_random_values(void **state)
{
    (void)state;
    const char *pairs[] = {"rows-per-second",
                           "0",
                           "number-of-rows",
                           "300",
                           "seed",
                           "7",
                           "fields.a.min",
                           "-3",
                           "fields.a.max",
                           "3",
                           "fields.d.min",
                           "1.5",
                           "fields.d.max",
                           "2.25",
                           "fields.f.min",
                           "0",
                           "fields.f.max",
                           "1",
                           "fields.s.length",
                           "5",
                           "fields.v.length",
                           "9",
                           "fields.v.var-len",
                           "true",
                           "fields.l.length",
                           "2",
                           "fields.r.x.min",
                           "1",
                           "fields.r.x.max",
                           "2",
                           "fields.n.null-rate",
                           "0.5",
                           NULL};
    const sb_table_desc *table = sb_testing_table(arena, "datagen", random_schema, pairs);
    sb_testing_source s;
    sb_batch *batch;
    int rows = 0, nulls = 0, seen[7] = {0}, lengths[10] = {0}, trues = 0;
    sb_source_node *node = sb_testing_source_node(arena, table);
    assert_int_equal(sb_testing_source_start(&s, sb_mem_root(), sb_os_real(), &sb_connector_datagen,
                                             node, 1, 64, NULL),
                     SB_OK);
    while (sb_testing_source_next(&s, 64, 0, &batch) == SB_STEP_AGAIN) {
        for (int32_t i = 0; i < batch->count_rows; i++, rows++) {
            int32_t a = *(const int32_t *)sb_vector_at(batch->columns[0], i);
            int64_t d = *(const int64_t *)sb_vector_at(batch->columns[2], i);
            double f = *(const double *)sb_vector_at(batch->columns[3], i);
            uint32_t v = sb_view_size(sb_vector_at(batch->columns[5], i));
            int32_t x = *(const int32_t *)sb_vector_at(batch->columns[10]->children[0], i);
            assert_true(a >= -3 && a <= 3 && d >= 150 && d <= 225 && f >= 0 && f < 1 && v >= 1 &&
                        v <= 9 && (x == 1 || x == 2));
            assert_int_equal(sb_view_size(sb_vector_at(batch->columns[4], i)), 5);
            assert_int_equal(sb_view_size(sb_vector_at(batch->columns[7], i)), 100);
            assert_int_equal(((const sb_list_entry *)sb_vector_at(batch->columns[8], i))->count, 2);
            assert_int_equal(((const sb_list_entry *)sb_vector_at(batch->columns[9], i))->count, 3);
            seen[a + 3]++;
            lengths[v]++;
            trues += *(const uint8_t *)sb_vector_at(batch->columns[6], i);
            nulls += !sb_vector_valid(batch->columns[11], i);
        }
        sb_batch_free(batch);
    }
    sb_testing_source_stop(&s);
    assert_int_equal(rows, 300);
    for (int i = 0; i < 7; i++) {
        assert_true(seen[i] > 15); /* 43 expected */
    }
    for (int i = 1; i < 10; i++) {
        assert_true(lengths[i] > 10); /* 33 expected */
    }
    assert_true(nulls > 100 && nulls < 200 && trues > 100 && trues < 200);
}

static void
test_positions(void **state)
{
    (void)state;
    const char *pairs[] = {"rows-per-second", "0", "number-of-rows", "50", "seed", "9", NULL};
    char *whole = sb_arena_strdup(arena, run(&sb_connector_datagen, random_schema, pairs, 1, 0));
    for (int stop = 1; stop < 9; stop++) {
        assert_string_equal(run(&sb_connector_datagen, random_schema, pairs, 1, stop), whole);
    }
    const char *other[] = {"rows-per-second", "0", "number-of-rows", "50", "seed", "10", NULL};
    assert_string_not_equal(run(&sb_connector_datagen, random_schema, other, 1, 0), whole);
}

static void
test_pace(void **state)
{
    (void)state;
    const char *pairs[] = {"rows-per-second", "10", "number-of-rows", "5", NULL};
    sb_testing_source s;
    sb_batch *batch;
    sb_source_node *node =
        sb_testing_source_node(arena, sb_testing_table(arena, "datagen", "a INT", pairs));
    assert_int_equal(sb_testing_source_start(&s, sb_mem_root(), sb_os_real(), &sb_connector_datagen,
                                             node, 1, 64, NULL),
                     SB_OK);
    int64_t now = 1000;
    for (int row = 0; row < 5; row++, now += 100) {
        assert_int_equal(sb_testing_source_next(&s, 64, now, &batch), SB_STEP_AGAIN);
        assert_int_equal(batch->count_rows, 1);
        sb_batch_free(batch);
        if (row < 4) {
            assert_int_equal(sb_testing_source_next(&s, 64, now + 99, &batch), SB_WAIT_CLOCK);
        }
    }
    assert_int_equal(sb_testing_source_next(&s, 64, now, &batch), SB_STEP_DONE);
    sb_testing_source_stop(&s);
}

static void
refuse(const char *const *pairs, const char *message)
{
    sb_source_facts facts;
    sb_error err;
    const sb_table_desc *table =
        sb_testing_table(arena, "datagen", "a INT NOT NULL, b BOOLEAN, s STRING", pairs);
    assert_int_not_equal(sb_connector_datagen.source_facts(table, &facts, &err), SB_OK);
    assert_string_equal(err.message, message);
}

static void
test_refusals(void **state)
{
    (void)state;
    const char *kind[] = {"fields.a.kind", "both", NULL};
    refuse(kind, "option 'fields.a.kind' = 'both': expected random or sequence");
    const char *range[] = {"fields.a.min", "5", "fields.a.max", "4", NULL};
    refuse(range, "option 'fields.a.max' = '4': is less than the minimum");
    const char *half[] = {"fields.a.kind", "sequence", "fields.a.start", "1", NULL};
    refuse(half, "option 'fields.a.kind' = 'sequence': a sequence needs 'start' and 'end'");
    const char *flag[] = {
        "fields.b.kind", "sequence", "fields.b.start", "1", "fields.b.end", "2", NULL};
    refuse(flag, "option 'fields.b.kind' = 'sequence': this type has no sequence");
    const char *column[] = {"fields.z.min", "1", NULL};
    refuse(column, "option 'fields.z.min' = '1': the table has no such column");
    const char *null_rate[] = {"fields.a.null-rate", "0.1", NULL};
    refuse(null_rate, "option 'fields.a.null-rate' = '0.1': the column is NOT NULL");
    const char *unknown[] = {"fields.a.minimum", "1", NULL};
    refuse(unknown, "connector 'datagen' has no option 'fields.a.minimum'");
    sb_source_facts facts;
    sb_error err;
    const char *none[] = {NULL};
    assert_int_equal(sb_connector_datagen.source_facts(
                         sb_testing_table(arena, "datagen", "a INT", none), &facts, &err),
                     SB_OK);
    assert_false(facts.bounded);
}

static void
test_values(void **state)
{
    (void)state;
    const char *pairs[] = {"rows", "{\"a\":1}\n{\"a\":2,\"s\":\"x\"}\n\n{}", NULL};
    const char *rows = "{\"op\":\"+I\",\"data\":{\"a\":1,\"s\":null}}\n{\"op\":\"+I\",\"data\":{"
                       "\"a\":2,\"s\":\"x\"}}\n"
                       "{\"op\":\"+I\",\"data\":{\"a\":null,\"s\":null}}\n";
    assert_string_equal(run(&sb_connector_values, "a INT, s STRING", pairs, 3, 0), rows);
    assert_string_equal(run(&sb_connector_values, "a INT, s STRING", pairs, 1, 1), rows);
    const char *changes[] = {"format", "changelog-json", "rows",
                             "{\"op\":\"-D\",\"data\":{\"a\":1}}", NULL};
    assert_string_equal(run(&sb_connector_values, "a INT", changes, 1, 0),
                        "{\"op\":\"-D\",\"data\":{\"a\":1}}\n");
    const char *bad[] = {"rows", "{\"a\":1}\nx", NULL};
    assert_string_equal(run(&sb_connector_values, "a INT", bad, 1, 0),
                        "FAIL option 'rows', line 2: not a JSON object\n");
}

static sb_status
run_with_little_memory(sb_mem *mem, void *ctx, sb_error *err)
{
    sb_testing_source s;
    sb_batch *batch;
    sb_status status =
        sb_testing_source_start(&s, mem, sb_os_real(), &sb_connector_datagen, ctx, 1, 50, NULL);
    for (sb_step step = SB_STEP_AGAIN; status == SB_OK && step == SB_STEP_AGAIN;) {
        step = sb_testing_source_next(&s, 50, 0, &batch);
        sb_batch_free(batch);
        status = step == SB_STEP_FAIL ? s.err.status : SB_OK;
    }
    *err = s.err;
    sb_testing_source_stop(&s);
    return status;
}

static void
test_out_of_memory(void **state)
{
    (void)state;
    const char *pairs[] = {
        "rows-per-second", "0", "number-of-rows", "60", "fields.n.null-rate", "0.5", NULL};
    const sb_table_desc *table = sb_testing_table(arena, "datagen", random_schema, pairs);
    assert_true(sb_testing_fail_each_allocation(run_with_little_memory,
                                                sb_testing_source_node(arena, table)) > 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sequences, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_random_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_positions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_out_of_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
