/* Types: physical kinds, names as Flink prints them, equality, copies, durable bytes and damaged
 * ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "columnar/columnar_testing.h"

static void
check_name(const sb_type *type, const char *expected)
{
    sb_text out;
    sb_text_init(&out, sb_mem_root());
    sb_type_print(type, &out);
    assert_string_equal(out.data, expected);
    sb_text_deinit(&out);
}

static void
test_names(void **unused)
{
    (void)unused;
    sb_type type = SB_TYPE(INT, false);
    check_name(&type, "INT NOT NULL");
    type = sb_type_decimal(10, 2, false);
    check_name(&type, "DECIMAL(10, 2) NOT NULL");
    type = sb_type_string(true);
    check_name(&type, "STRING");
    type.length = 20;
    check_name(&type, "VARCHAR(20)");
    type = (sb_type){.id = SB_TYPE_VARBINARY, .nullable = true, .length = SB_LENGTH_MAX};
    check_name(&type, "BYTES");
    type = (sb_type){.id = SB_TYPE_CHAR, .length = 3};
    check_name(&type, "CHAR(3) NOT NULL");
    type = sb_type_timestamp(3, true);
    check_name(&type, "TIMESTAMP(3)");
    type.id = SB_TYPE_TIMESTAMP_LTZ;
    check_name(&type, "TIMESTAMP_LTZ(3)");
    type = (sb_type){.id = SB_TYPE_TIME, .nullable = true};
    check_name(&type, "TIME(0)");
    type = SB_TYPE(NULL, true);
    check_name(&type, "NULL");
    static const sb_field fields[] = {
        {.name = "a`b", .type = {.id = SB_TYPE_INT, .nullable = true}},
        {.name = "c", .type = {.id = SB_TYPE_BOOLEAN}}};
    type = (sb_type){.id = SB_TYPE_ROW, .nullable = true, .count_children = 2, .children = fields};
    check_name(&type, "ROW<`a``b` INT, `c` BOOLEAN NOT NULL>");
    sb_field element = {.name = "element", .type = type};
    sb_type array = {
        .id = SB_TYPE_ARRAY, .nullable = false, .count_children = 1, .children = &element};
    check_name(&array, "ARRAY<ROW<`a``b` INT, `c` BOOLEAN NOT NULL>> NOT NULL");
    type = (sb_type){.id = SB_TYPE_MAP, .nullable = true, .count_children = 2, .children = fields};
    check_name(&type, "MAP<INT, BOOLEAN NOT NULL>");
    type = (sb_type){
        .id = SB_TYPE_MULTISET, .nullable = true, .count_children = 1, .children = fields};
    check_name(&type, "MULTISET<INT>");
}

static void
test_kinds(void **unused)
{
    (void)unused;

    static const struct {
        sb_type type;
        sb_phys phys;
        int32_t size;
    } rows[] = {
        {{.id = SB_TYPE_BOOLEAN}, SB_PHYS_BOOL, 1},
        {{.id = SB_TYPE_DECIMAL, .precision = 18}, SB_PHYS_I64, 8},
        {{.id = SB_TYPE_DECIMAL, .precision = 19}, SB_PHYS_I128, 16},
        {{.id = SB_TYPE_TIMESTAMP, .precision = 6}, SB_PHYS_I64, 8},
        {{.id = SB_TYPE_TIMESTAMP_LTZ, .precision = 7}, SB_PHYS_TSNS, 16},
        {{.id = SB_TYPE_DATE}, SB_PHYS_I32, 4},
        {{.id = SB_TYPE_CHAR}, SB_PHYS_VIEW, 16},
        {{.id = SB_TYPE_MULTISET}, SB_PHYS_LIST, 8},
        {{.id = SB_TYPE_ROW}, SB_PHYS_STRUCT, 0},
        {{.id = SB_TYPE_NULL}, SB_PHYS_NULL, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(sb_type_phys(&rows[i].type), rows[i].phys);
        assert_int_equal(sb_phys_size(rows[i].phys), rows[i].size);
    }
    assert_int_equal(sizeof(sb_view), 16);
    assert_int_equal(sizeof(sb_ts_ns), 16);
    assert_int_equal(sizeof(sb_list_entry), 8);
}

static void
test_equality(void **unused)
{
    (void)unused;
    for (int32_t i = 0; i < sb_testing_schema.count; i++) {
        for (int32_t j = 0; j < sb_testing_schema.count; j++) {
            const sb_type *a = &sb_testing_schema.fields[i].type,
                          *b = &sb_testing_schema.fields[j].type;
            assert_int_equal(sb_type_equal(a, b), i == j);
            assert_int_equal(sb_type_same_ignoring_null(a, b), i == j);
        }
    }
    sb_field x = {.name = "x", .type = SB_TYPE(INT, true)},
             y = {.name = "y", .type = SB_TYPE(INT, false)};
    sb_type a = {.id = SB_TYPE_ROW, .nullable = true, .count_children = 1, .children = &x};
    sb_type b = {.id = SB_TYPE_ROW, .nullable = false, .count_children = 1, .children = &y};
    assert_false(sb_type_equal(&a, &b));
    assert_true(sb_type_same_ignoring_null(&a, &b));
    b.nullable = true;
    y.type.nullable = true;
    assert_false(sb_type_equal(&a, &b)); /* names of fields */
    a.id = b.id = SB_TYPE_ARRAY;
    assert_true(sb_type_equal(&a, &b)); /* names of elements mean nothing */
    sb_schema s = {1, &x}, t = {1, &y};
    assert_false(sb_schema_equal(&s, &t));
    assert_int_equal(sb_schema_find(&sb_testing_schema, SB_STR("ts9")), 16);
    assert_int_equal(sb_schema_find(&sb_testing_schema, SB_STR("TS9")), -1);
}

static sb_status
copy_and_read(sb_mem *mem, void *ctx, sb_error *err)
{
    (void)ctx;
    sb_arena *arena = sb_arena_new(mem);
    sb_writer w;
    sb_writer_init(&w, mem);
    sb_schema *copy = NULL, *read = NULL;
    sb_schema_write(&w, &sb_testing_schema);
    sb_status status = arena && !w.out.failed ? SB_OK : SB_STATUS_NOMEM;
    status = status != SB_OK ? status : sb_schema_copy(arena, &sb_testing_schema, &copy, err);
    sb_reader r = sb_reader_of(w.out.data, w.out.size);
    status = status != SB_OK ? status : sb_schema_read(&r, arena, &read, err);
    if (status == SB_OK) {
        assert_true(sb_schema_equal(copy, &sb_testing_schema));
        assert_true(sb_schema_equal(read, &sb_testing_schema));
        assert_ptr_not_equal(copy->fields[23].type.children,
                             sb_testing_schema.fields[23].type.children);
        assert_int_equal(sb_reader_left(&r), 0);
    }
    sb_writer_deinit(&w);
    sb_arena_free(arena);
    return status;
}

static void
test_copy_write_read(void **unused)
{
    (void)unused;
    assert_true(sb_testing_fail_each_allocation(copy_and_read, NULL) > 5);
}

static void
test_damaged_schemas(void **unused)
{
    (void)unused;
    sb_writer w;
    uint64_t state = 4;
    sb_writer_init(&w, sb_mem_root());
    sb_schema_write(&w, &sb_testing_schema);
    sb_arena *arena = sb_arena_new(sb_mem_root());
    for (int round = 0; round < 20000; round++) {
        size_t at = (sb_testing_random(&state) >> 20) % w.out.size;
        uint8_t bit = (uint8_t)(1u << (sb_testing_random(&state) >> 61));
        w.out.data[at] = (char)(w.out.data[at] ^ bit);
        sb_reader r = sb_reader_of(w.out.data, round % 3 ? w.out.size : at);
        sb_schema *read;
        sb_status status = sb_schema_read(&r, arena, &read, NULL);
        assert_true(status == SB_OK || status == SB_STATUS_CORRUPT);
        if (status == SB_OK) {
            sb_text out;
            sb_text_init(&out, sb_mem_root());
            for (int32_t i = 0; i < read->count; i++) { /* usable without further care */
                sb_type_print(&read->fields[i].type, &out);
                sb_type_phys(&read->fields[i].type);
            }
            sb_text_deinit(&out);
        }
        w.out.data[at] = (char)(w.out.data[at] ^ bit);
        sb_arena_clear(arena);
    }
    sb_writer_deinit(&w);
    /* types that nest without end */
    sb_writer_init(&w, sb_mem_root());
    for (int i = 0; i < 10000; i++) {
        sb_write_raw(&w, (uint8_t[]){SB_TYPE_ARRAY, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0}, 11);
    }
    sb_reader r = sb_reader_of(w.out.data, w.out.size);
    sb_type type;
    assert_int_equal(sb_type_read(&r, arena, &type, NULL), SB_STATUS_CORRUPT);
    sb_writer_deinit(&w);
    sb_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),           cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_equality),        cmocka_unit_test(test_copy_write_read),
        cmocka_unit_test(test_damaged_schemas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
