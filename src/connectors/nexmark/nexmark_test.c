/*
 * connectors/nexmark/nexmark_test.c -- the generator against its specification and the reference
 * checksums.
 *
 * Expected values: the generator's specification (first values, two events as JSON) and the table
 * of reference results of the hand-written program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "columnar/columnar_testing.h"
#include "connectors/checksum/row_hash.h"
#include "connectors/connectors_testing.h"
#include "connectors/nexmark/nexmark.h"
#include "connectors/nexmark/pools.h"

#define PERSON                                                                                 \
    "person ROW<id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, " \
    "state STRING, dateTime TIMESTAMP(3), extra "                                              \
    "STRING>"

static const char schema_text[] =
    "event_type INT, " PERSON ", "
    "auction ROW<id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve "
    "BIGINT, dateTime TIMESTAMP(3), expires "
    "TIMESTAMP(3), seller BIGINT, category BIGINT, extra STRING>, "
    "bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime "
    "TIMESTAMP(3), extra STRING>";

static sb_arena *arena;

static int
set_up(void **state)
{
    (void)state;
    arena = sb_arena_new(sb_mem_root());
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    arena = sb_arena_free(arena);
    return 0;
}

static const uint64_t *start_fields; /* of the next source; NULL: all */

static void
start(sb_testing_source *s, const char *schema, const char *const *pairs, int32_t batch_rows,
      const sb_str *positions)
{
    const sb_table_desc *table = sb_testing_table(arena, "nexmark", schema, pairs);
    sb_source_facts facts;
    sb_error err;
    assert_int_equal(sb_connector_nexmark.source_facts(table, &facts, &err), SB_OK);
    assert_true(facts.bounded && facts.replayable && facts.row_ops == SB_ROWS_INSERT);
    sb_source_node *node = sb_testing_source_node(arena, table);
    node->fields = start_fields;
    assert_int_equal(sb_testing_source_start(s, sb_mem_root(), sb_os_real(), &sb_connector_nexmark,
                                             node, 1, batch_rows, positions),
                     SB_OK);
}

static void
test_streams(void **state)
{
    (void)state;
    assert_true(sb_nexmark_draw(1, 0) == UINT64_C(0x910a2dec89025cc1));
    assert_true(sb_nexmark_draw(1, 1) == UINT64_C(0xbeeb8da1658eec67));
    assert_true(sb_nexmark_draw(1, 2) == UINT64_C(0xf893a2eefb32555e));
    assert_true(sb_nexmark_draw(1, 3) == UINT64_C(0x71c18690ee42c90b));
    assert_true(sb_nexmark_draw(sb_nexmark_draw(1, 0), 0) == UINT64_C(0x5e41ab087439611e));
    sb_buffer *pools = sb_nexmark_pools_new(sb_mem_root(), 1, false);
    int64_t sum = 0;
    for (int i = 0; i < 257; i++) {
        sum += sb_nexmark_pools_of(pools)->prices[i];
    }
    assert_true(sum == INT64_C(487280048085));
    sb_buffer_unref(pools);
}

static void
test_first_events(void **state)
{
    (void)state;
    sb_testing_source s;
    sb_batch *batch;
    sb_text out;
    const char *pairs[] = {"events", "5", NULL};
    sb_text_init(&out, sb_mem_root());
    start(&s, schema_text, pairs, 100, NULL);
    assert_int_equal(sb_testing_source_next(&s, 100, 0, &batch), SB_STEP_AGAIN);
    sb_testing_print(batch, &out);
    const char *first = "{\"op\":\"+I\",\"data\":{\"event_type\":0,\"person\":{\"id\":1000,"
                        "\"name\":\"Saul Bartels\",\"emailAddress\":\"sx "
                        "sea@hgd.com\",\"creditCard\":\"5526 1972 9626 "
                        "0452\",\"city\":\"Redmond\",\"state\":\"ID\",\"dateTime\":\"2024-01-01 "
                        "00:00:00\",\"extra\":"
                        "\"tiyukiqxzcazgmfalgwxiptxshngfjfeybmegjlyxchqcuhoydvdsxxzhduxezmbgjkieszp"
                        "hisxbgbuhcsfnygnxofshgxutlqletjkikilxmnts"
                        "opahjg\"},\"auction\":null,\"bid\":null}}\n";
    const char *fifth = "{\"op\":\"+I\",\"data\":{\"event_type\":2,\"person\":null,\"auction\":"
                        "null,\"bid\":{\"auction\":1000,\"bidder\":2001,\"price\":"
                        "86595388,\"channel\":\"channel-8071\",\"url\":\"https://www.nexmark.com/"
                        "pbj/nfg/_bt/item.htm?query=1&channel_id=503840768\","
                        "\"dateTime\":\"2024-01-01 "
                        "00:00:00\",\"extra\":"
                        "\"epochlhvosesgfhbqnsmurpaucrvjbfnmkgimktyqelgkivdbpyufvlpfhfhu\"}}}\n";
    assert_memory_equal(out.data, first, strlen(first));
    const char *line = out.data;
    for (int i = 0; i < 4; i++) {
        line = strchr(line, '\n') + 1;
    }
    assert_string_equal(line, fifth);
    sb_batch_free(batch);
    sb_text_deinit(&out);
    sb_testing_source_stop(&s);
}

static void
expect_same_field(sb_vector *all, sb_vector *some, int32_t field, bool wanted, int32_t rows)
{
    sb_vector *a = sb_vector_field(sb_mem_root(), all, field),
              *b = sb_vector_field(sb_mem_root(), some, field);
    for (int32_t row = 0; row < rows; row++) {
        assert_int_equal(sb_vector_valid(b, row), wanted && sb_vector_valid(a, row));
        if (!sb_vector_valid(b, row)) {
            continue;
        }
        const void *x = sb_vector_at(a, row), *y = sb_vector_at(b, row);
        if (a->phys == SB_PHYS_VIEW) {
            assert_int_equal(sb_view_size(x), sb_view_size(y));
            assert_memory_equal(sb_view_data(x), sb_view_data(y), sb_view_size(x));
        } else {
            assert_memory_equal(x, y, 8);
        }
    }
    sb_vector_unref(a);
    sb_vector_unref(b);
}

/* Fields that are not read are NULL, and the others do not change with them. */
static void
test_some_fields(void **state)
{
    (void)state;
    const char *pairs[] = {"events", "20000", "first-event", "777", NULL};
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t draw = sb_nexmark_draw(seed, 0);
        uint64_t masks[4] = {UINT64_MAX, draw & 0xFF, draw >> 8 & 0x3FF, draw >> 20 & 0x7F};
        if (seed <= 7) { /* one alone */
            masks[1] = masks[2] = masks[3] = UINT64_C(1) << (seed - 1);
        }
        sb_testing_source whole, part;
        sb_batch *a, *b;
        start(&whole, schema_text, pairs, 1000, NULL);
        start_fields = masks;
        start(&part, schema_text, pairs, 1000, NULL);
        start_fields = NULL;
        for (int round = 0; round < 3; round++) {
            assert_int_equal(sb_testing_source_next(&whole, 1000, 0, &a), SB_STEP_AGAIN);
            assert_int_equal(sb_testing_source_next(&part, 1000, 0, &b), SB_STEP_AGAIN);
            assert_int_equal(a->count_rows, b->count_rows);
            for (int32_t c = 1; c < 4; c++) {
                for (int32_t k = 0; k < a->columns[c]->count_children; k++) {
                    expect_same_field(a->columns[c], b->columns[c], k, masks[c] >> k & 1,
                                      a->count_rows);
                }
            }
            sb_batch_free(a);
            sb_batch_free(b);
        }
        sb_testing_source_stop(&whole);
        sb_testing_source_stop(&part);
    }
}

/* Value checksum of the chosen fields of all bids: Nexmark query 0. */
static uint64_t
bids_checksum(const char *const *pairs, int32_t limit, int64_t *out_rows, int64_t *out_events)
{
    static const int32_t wanted[] = {0, 1, 2, 5, 6}; /* auction, bidder, price, dateTime, extra */
    sb_testing_source s;
    sb_batch *batch;
    sb_error err;
    uint64_t sum = 0;
    sb_row_hasher hasher;
    sb_row_hasher_init(&hasher, sb_mem_root());
    start(&s, schema_text, pairs, limit, NULL);
    *out_rows = *out_events = 0;
    while (sb_testing_source_next(&s, limit, 0, &batch) == SB_STEP_AGAIN) {
        sb_field fields[5];
        sb_schema schema = {5, fields};
        sb_vector *columns[5];
        int32_t keep[4096], count = 0;
        *out_events += batch->count_rows;
        for (int32_t row = 0; row < batch->count_rows; row++) {
            if (*(const int32_t *)sb_vector_at(batch->columns[0], row) == 2) {
                assert_true(sb_vector_valid(batch->columns[3], row) &&
                            !sb_vector_valid(batch->columns[1], row));
                keep[count++] = row;
            }
        }
        for (int i = 0; i < 5; i++) {
            fields[i] = batch->schema->fields[3].type.children[wanted[i]];
            columns[i] = sb_vector_field(sb_mem_root(), batch->columns[3], wanted[i]);
        }
        sb_batch *bids = sb_batch_new(sb_mem_root(), &schema, columns, batch->count_rows);
        assert_int_equal(sb_batch_filter(bids, keep, count, &err), SB_OK);
        assert_int_equal(
            sb_row_hasher_batch(&hasher, bids, 0, bids->count_rows, &sum, out_rows, &err), SB_OK);
        sb_batch_free(bids);
        sb_batch_free(batch);
    }
    sb_row_hasher_deinit(&hasher);
    sb_testing_source_stop(&s);
    return sum;
}

static void
test_reference_checksums(void **state)
{
    (void)state;
    int64_t rows, events;
    const char *fast[] = {"events", "100000", NULL},
               *slow[] = {"events", "100000", "rate", "1", NULL};
    const char *three[] = {"events", "100000", "splits", "3", NULL};
    assert_true(bids_checksum(fast, 4096, &rows, &events) == UINT64_C(0x9f3a5f3278d1038e));
    assert_int_equal(rows, 92000);
    assert_int_equal(events, 100000);
    assert_true(bids_checksum(fast, 333, &rows, &events) == UINT64_C(0x9f3a5f3278d1038e));
    assert_true(bids_checksum(slow, 4096, &rows, &events) == UINT64_C(0xae7218747fe7a75f));
    assert_true(bids_checksum(three, 4096, &rows, &events) == UINT64_C(0x9f3a5f3278d1038e));
    assert_int_equal(events, 100000);
}

/* Stopping in the middle of a block and going on with another batch size gives the same events. */
static void
test_positions(void **state)
{
    (void)state;
    const char *pairs[] = {"events", "5003", "splits", "2", "first-event", "17", NULL};
    sb_testing_source whole, first, second;
    sb_batch *batch;
    sb_text expected, got;
    sb_text_init(&expected, sb_mem_root());
    sb_text_init(&got, sb_mem_root());
    start(&whole, schema_text, pairs, 4096, NULL);
    while (sb_testing_source_next(&whole, 4096, 0, &batch) == SB_STEP_AGAIN) {
        sb_testing_print(batch, &expected);
        sb_batch_free(batch);
    }
    start(&first, schema_text, pairs, 4096, NULL);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sb_testing_source_next(&first, 777, 0, &batch), SB_STEP_AGAIN);
        sb_testing_print(batch, &got);
        sb_batch_free(batch);
    }
    start(&second, schema_text, pairs, 100, sb_testing_source_positions(&first));
    while (sb_testing_source_next(&second, 100, 0, &batch) == SB_STEP_AGAIN) {
        sb_testing_print(batch, &got);
        sb_batch_free(batch);
    }
    assert_string_equal(got.data, expected.data);
    sb_testing_source_stop(&whole);
    sb_testing_source_stop(&first);
    sb_testing_source_stop(&second);
    sb_text_deinit(&expected);
    sb_text_deinit(&got);
}

/* Batches are kept while the source goes on and after it is closed: nobody may write into them. */
static void
test_batches_live_on(void **state)
{
    (void)state;
    const char *pairs[] = {"events", "40000", NULL};
    sb_testing_source s;
    sb_batch *kept[41], *end;
    uint64_t sums[41] = {0};
    int64_t rows = 0;
    int count = 0;
    sb_error err;
    sb_row_hasher hasher;
    sb_row_hasher_init(&hasher, sb_mem_root());
    start(&s, PERSON ", event_type INT", pairs, 1000, NULL);
    while (count < 40 && sb_testing_source_next(&s, 1000, 0, &kept[count]) == SB_STEP_AGAIN) {
        assert_int_equal(sb_row_hasher_batch(&hasher, kept[count], 0, kept[count]->count_rows,
                                             &sums[count], &rows, &err),
                         SB_OK);
        count++;
    }
    assert_int_equal(sb_testing_source_next(&s, 1000, 0, &end), SB_STEP_DONE);
    s.connector->source->close(s.instance);
    s.instance = NULL;
    assert_int_equal(count, 40);
    for (int i = 0; i < count; i++) {
        uint64_t sum = 0;
        /* Gathered strings pin what they need. */
        sb_vector *copy =
            sb_vector_gather(sb_mem_root(), kept[i]->columns[0], NULL, kept[i]->count_rows);
        assert_int_equal(
            sb_row_hasher_batch(&hasher, kept[i], 0, kept[i]->count_rows, &sum, &rows, &err),
            SB_OK);
        assert_true(sum == sums[i]);
        sb_vector *shared = sb_vector_ref(kept[i]->columns[0]);
        for (int32_t row = 0; row < kept[i]->count_rows; row++) {
            assert_true(sb_testing_equal(copy, row, shared, row));
        }
        sb_batch_free(kept[i]);
        sb_vector_unref(shared);
        uint32_t bytes = 0;
        for (int32_t row = 0; row < copy->length; row += 50) {
            const sb_view *email = sb_vector_at(copy->children[2], row);
            /* still readable */
            bytes += (uint32_t)(unsigned char)sb_view_data(email)[sb_view_size(email) - 1];
        }
        assert_true(bytes >= 20 * 'm');
        sb_vector_unref(copy);
    }
    sb_row_hasher_deinit(&hasher);
    sb_testing_source_stop(&s);
}

static void
test_pace(void **state)
{
    (void)state;
    const char *pairs[] = {"events", "100", "events-per-second", "1000", NULL};
    sb_testing_source s;
    sb_batch *batch;
    int64_t now = 5000000, rows = 0;
    start(&s, schema_text, pairs, 64, NULL);
    assert_int_equal(sb_testing_source_next(&s, 64, now, &batch), SB_WAIT_CLOCK);
    while (rows < 100) {
        now += 10;
        if (sb_testing_source_next(&s, 64, now, &batch) == SB_STEP_AGAIN) {
            rows += batch->count_rows;
            sb_batch_free(batch);
        }
        assert_true(rows <= now - 5000000);
    }
    assert_int_equal(now, 5000100);
    sb_testing_source_stop(&s);
}

static void
refuse(const char *schema, const char *const *pairs, const char *message)
{
    sb_source_facts facts;
    sb_error err;
    const sb_table_desc *table = sb_testing_table(arena, "nexmark", schema, pairs);
    assert_int_not_equal(sb_connector_nexmark.source_facts(table, &facts, &err), SB_OK);
    assert_string_equal(err.message, message);
}

static void
test_refusals(void **state)
{
    (void)state;
    const char *none[] = {NULL};
    refuse("x INT", none,
           "connector 'nexmark' has no column 'x', only event_type, person, auction, bid");
    refuse("bid ROW<auction INT>", none,
           "connector 'nexmark': column 'bid' has not the type it must have");
    const char *precision[] = {"precision", "4", NULL};
    refuse("event_type INT", precision, "option 'precision' = '4': must be 3 or 6");
    const char *fine[] = {"precision", "6", NULL};
    refuse(schema_text, fine, "connector 'nexmark': column 'person' has not the type it must have");
    const char *rate[] = {"rate", "0", NULL};
    refuse("event_type INT", rate, "option 'rate' = '0': must be between 1 and 1000000000");
    const char *typo[] = {"event", "1", NULL};
    refuse("event_type INT", typo, "connector 'nexmark' has no option 'event'");
}

static sb_status
run_with_little_memory(sb_mem *mem, void *ctx, sb_error *err)
{
    sb_testing_source s;
    sb_batch *batch;
    sb_status status =
        sb_testing_source_start(&s, mem, sb_os_real(), &sb_connector_nexmark, ctx, 1, 50, NULL);
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
    const char *pairs[] = {"events", "100", NULL};
    const sb_table_desc *table = sb_testing_table(arena, "nexmark", schema_text, pairs);
    assert_true(sb_testing_fail_each_allocation(run_with_little_memory,
                                                sb_testing_source_node(arena, table)) > 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_streams, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_first_events, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_some_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reference_checksums, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_positions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_batches_live_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_out_of_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
