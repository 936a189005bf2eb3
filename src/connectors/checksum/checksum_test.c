/*
 * connectors/checksum/checksum_test.c -- the value checksum against a slow scalar reference, in
 * every encoding; the sink's state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "columnar/columnar_testing.h"
#include "connectors/checksum/checksum.h"
#include "connectors/checksum/row_hash.h"
#include "connectors/connectors_testing.h"

/* ---- the definition, word by word, sharing no code with the product
 * --------------------------------------- */

static uint64_t
mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

typedef struct words {
    uint64_t sum, count;
} words;

static void
add(words *w, uint64_t word)
{
    uint64_t key = mix(0x5AB07 + (w->count + 1) * UINT64_C(0x9E3779B97F4A7C15)) | 1;
    w->sum += word * key;
    w->count++;
}

static void
add_bytes(words *w, const unsigned char *p, uint32_t size)
{
    add(w, size);
    for (uint32_t i = 0; i < size; i += 8) {
        uint64_t word = 0;
        for (uint32_t k = i; k < size && k < i + 8; k++) {
            word |= (uint64_t)p[k] << (8 * (k - i));
        }
        add(w, word);
    }
}

static void
add_reference(words *w, const sb_vector *v, int32_t row)
{
    if (v->encoding == SB_CONST) {
        row = 0;
    }
    if (v->phys == SB_PHYS_NULL || (v->validity && !(v->validity[row / 64] >> (row % 64) & 1))) {
        add(w, UINT64_C(0x5A5A0F0F12345678));
        return;
    }
    if (v->encoding == SB_DICT) {
        row = ((const int32_t *)v->values)[row];
        v = v->dict;
    }
    switch ((sb_phys)v->phys) {
    case SB_PHYS_BOOL: add(w, ((const uint8_t *)v->values)[row]); break;
    case SB_PHYS_I8: add(w, (uint64_t)((const int8_t *)v->values)[row]); break;
    case SB_PHYS_I16: add(w, (uint64_t)((const int16_t *)v->values)[row]); break;
    case SB_PHYS_I32: add(w, (uint64_t)((const int32_t *)v->values)[row]); break;
    case SB_PHYS_I64: add(w, ((const uint64_t *)v->values)[row]); break;
    case SB_PHYS_F32: add(w, ((const uint32_t *)v->values)[row]); break;
    case SB_PHYS_F64: add(w, ((const uint64_t *)v->values)[row]); break;
    case SB_PHYS_I128: {
        uint64_t parts[2];
        memcpy(parts, (const char *)v->values + 16 * row, 16);
        add(w, parts[0]);
        if (parts[1] != (parts[0] >> 63 ? UINT64_MAX : 0)) {
            add(w, parts[1]);
        }
        break;
    }
    case SB_PHYS_TSNS:
        add(w, (uint64_t)((const sb_ts_ns *)v->values)[row].us);
        add(w, (uint64_t)((const sb_ts_ns *)v->values)[row].ns);
        break;
    case SB_PHYS_VIEW: {
        const sb_view *view = (const sb_view *)v->values + row;
        add_bytes(w, (const unsigned char *)sb_view_data(view), sb_view_size(view));
        break;
    }
    case SB_PHYS_STRUCT:
        for (int32_t i = 0; i < v->count_children; i++) {
            add_reference(w, v->children[i], row);
        }
        break;
    default: {
        sb_list_entry entry = ((const sb_list_entry *)v->values)[row];
        add(w, (uint64_t)entry.count);
        for (int32_t i = entry.offset; i < entry.offset + entry.count; i++) {
            for (int32_t c = 0; c < v->count_children; c++) {
                add_reference(w, v->children[c], i);
            }
        }
        break;
    }
    }
}

static uint64_t
reference(const sb_batch *batch, int32_t from, int64_t *rows)
{
    uint64_t sum = 0;
    for (int32_t i = from; i < batch->count_rows; i++) {
        int32_t row = batch->selection ? batch->selection[i] : i;
        uint8_t op = batch->ops ? batch->ops[row] : 0;
        words w = {0, 0};
        for (int32_t c = 0; c < batch->schema->count; c++) {
            add_reference(&w, batch->columns[c], row);
        }
        bool plus = op == SB_ROW_INSERT || op == SB_ROW_UPDATE_AFTER;
        sum += plus ? mix(w.sum) : 0 - mix(w.sum);
        *rows += plus ? 1 : -1;
    }
    return sum;
}

/* ---- tests
 * -------------------------------------------------------------------------------------------------
 */

static sb_batch *
random_batch(const sb_schema *schema, uint64_t *state, int32_t rows)
{
    sb_error err;
    sb_vector *columns[64];
    for (int32_t c = 0; c < schema->count; c++) {
        const sb_type *type = &schema->fields[c].type;
        columns[c] = sb_testing_vector(sb_mem_root(), type, rows, state,
                                       (int)(sb_testing_random(state) % 3) * 5);
        uint64_t form = sb_testing_random(state) % 4;
        if (form < 2 && rows > 0) {
            sb_vector *flat = columns[c];
            columns[c] = form ? sb_testing_as_dict(sb_mem_root(), flat, state)
                              : sb_testing_as_const(sb_mem_root(), flat, 0, rows);
            sb_vector_unref(flat);
        }
    }
    sb_batch *batch = sb_batch_new(sb_mem_root(), schema, columns, rows);
    if (sb_testing_random(state) % 2) {
        sb_buffer *ops = sb_buffer_new(sb_mem_root(), rows + 1);
        for (int32_t i = 0; i < rows; i++) {
            ops->data[i] = (uint8_t)(sb_testing_random(state) % 4);
        }
        sb_batch_set_ops(batch, ops, ops->data);
    }
    if (sb_testing_random(state) % 2) {
        int32_t keep[256], count = 0;
        for (int32_t i = 0; i < rows; i++) {
            if (sb_testing_random(state) % 3) {
                keep[count++] = i;
            }
        }
        assert_int_equal(sb_batch_filter(batch, keep, count, &err), SB_OK);
    }
    return batch;
}

static void
test_random_batches(void **state)
{
    (void)state;
    sb_error err;
    uint64_t random = 5;
    sb_row_hasher h;
    sb_row_hasher_init(&h, sb_mem_root());
    for (int round = 0; round < 200; round++) {
        sb_batch *batch =
            random_batch(&sb_testing_schema, &random, (int32_t)(sb_testing_random(&random) % 200));
        int32_t from = batch->count_rows
                           ? (int32_t)(sb_testing_random(&random) % (uint64_t)batch->count_rows)
                           : 0;
        uint64_t sum = 17;
        int64_t rows = 3, expected_rows = 3;
        assert_int_equal(sb_row_hasher_batch(&h, batch, from, batch->count_rows, &sum, &rows, &err),
                         SB_OK);
        assert_true(sum == 17 + reference(batch, from, &expected_rows));
        assert_int_equal(rows, expected_rows);
        sb_batch_free(batch);
    }
    sb_row_hasher_deinit(&h);
}

/* More words than keys in the table. */
static void
test_long_strings(void **state)
{
    (void)state;
    sb_error err;
    static const sb_field fields[] = {
        {.name = "a", .type = {.id = SB_TYPE_VARCHAR, .length = SB_LENGTH_MAX}},
        {.name = "b", .type = {.id = SB_TYPE_BIGINT}},
        {.name = "c", .type = {.id = SB_TYPE_VARCHAR, .length = SB_LENGTH_MAX}},
        {.name = "d", .type = {.id = SB_TYPE_INT}}};
    static const sb_schema schema = {4, fields};
    sb_batch_builder builder;
    sb_batch *batch;
    assert_int_equal(sb_batch_builder_init(&builder, sb_mem_root(), &schema, &err), SB_OK);
    for (int i = 0; i < 300; i++) {
        char text[8192];
        memset(text, 'a' + i % 26, sizeof text);
        sb_column_bytes(&builder.columns[0], text, (size_t)(i * 27 % 8192));
        sb_column_i64(&builder.columns[1], i);
        sb_column_bytes(&builder.columns[2], text, (size_t)(i % 40));
        sb_column_i64(&builder.columns[3], -i);
        sb_batch_builder_row(&builder, SB_ROW_INSERT);
    }
    assert_int_equal(sb_batch_builder_finish(&builder, &batch, &err), SB_OK);
    sb_row_hasher h;
    sb_row_hasher_init(&h, sb_mem_root());
    uint64_t sum = 0;
    int64_t rows = 0, expected_rows = 0;
    assert_int_equal(sb_row_hasher_batch(&h, batch, 0, 300, &sum, &rows, &err), SB_OK);
    assert_true(sum == reference(batch, 0, &expected_rows));
    sb_row_hasher_deinit(&h);
    sb_batch_free(batch);
    sb_batch_builder_deinit(&builder);
}

static void
test_sink_state(void **state)
{
    (void)state;
    sb_error err;
    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_sink_node node = {.table = sb_testing_table(arena, "checksum", "a INT, s STRING", NULL)};
    sb_metrics metrics[3] = {0};
    sb_sink *sinks[3];
    sb_sink_init inits[3];
    sb_sink_facts facts;
    const sb_sink_vtable *vt = sb_connector_checksum.sink;
    assert_int_equal(sb_connector_checksum.sink_facts(node.table, &facts, &err), SB_OK);
    assert_true(facts.row_ops == SB_ROWS_ALL && facts.transactional && !facts.upsert);
    for (int i = 0; i < 3; i++) {
        inits[i] = (sb_sink_init){.mem = sb_mem_root(),
                                  .os = sb_os_real(),
                                  .node = &node,
                                  .metrics = &metrics[i],
                                  .parallelism = 2};
        sinks[i] = calloc(1, vt->instance_size);
        sinks[i]->vtable = vt;
        assert_int_equal(vt->init(sinks[i], &inits[i], &err), SB_OK);
    }
    sb_batch *batch = sb_testing_batch(sb_mem_root(), node.table->columns,
                                       "{\"op\":\"+I\",\"data\":{\"a\":1,\"s\":\"x\"}}\n{\"op\":\"+"
                                       "I\",\"data\":{\"a\":2,\"s\":null}}\n"
                                       "{\"op\":\"-U\",\"data\":{\"a\":1,\"s\":\"x\"}}\n{\"op\":\"+"
                                       "U\",\"data\":{\"a\":1,\"s\":\"y\"}}\n");
    int32_t taken;
    int64_t rows = 0;
    uint64_t expected = reference(batch, 0, &rows);
    assert_int_equal(vt->write(sinks[0], batch, 0, 0, &taken, &err), SB_OK);
    assert_int_equal(taken, 4);
    assert_true(atomic_load(&metrics[0].checksum) == expected);
    assert_int_equal(atomic_load(&metrics[0].fired), 2);
    assert_int_equal(vt->write(sinks[1], batch, 1, 0, &taken, &err), SB_OK);
    assert_int_equal(taken, 3);
    /* Two pieces restored into one instance: summed. */
    for (int i = 0; i < 2; i++) {
        sb_writer w;
        sb_writer_init(&w, sb_mem_root());
        assert_int_equal(vt->snapshot(sinks[i], &w, &err), SB_OK);
        sb_reader r = sb_reader_of(w.out.data, w.out.size);
        assert_int_equal(vt->restore(sinks[2], &r, &err), SB_OK);
        r = sb_reader_of(w.out.data, w.out.size - 1);
        assert_int_equal(vt->restore(sinks[2], &r, &err), SB_STATUS_CORRUPT);
        sb_writer_deinit(&w);
    }
    assert_true(atomic_load(&metrics[2].checksum) == expected + reference(batch, 1, &rows));
    assert_int_equal(atomic_load(&metrics[2].fired), 3);
    for (int i = 0; i < 3; i++) {
        vt->close(sinks[i]);
        free(sinks[i]);
    }
    sb_batch_free(batch);
    sb_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_batches),
        cmocka_unit_test(test_long_strings),
        cmocka_unit_test(test_sink_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
