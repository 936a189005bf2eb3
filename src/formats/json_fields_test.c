/*
 * formats/json_fields_test.c -- fields of ROW columns that nobody reads: NULL, and no reason to
 * refuse a record; all others as without pruning.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "formats/format.h"
#include "formats/formats_testing.h"

static const int32_t all[] = {0, 1, 2};

static void
test_fields(void **state)
{
    (void)state;
    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_text out;
    sb_text_init(&out, sb_mem_root());
    const sb_schema *schema = sb_test_schema(
        arena, "id INT, r ROW<a INT, b STRING, c ROW<x INT, y INT>>, s ROW<p INT, q INT>");
    sb_format_table table = sb_test_table(schema, NULL);
    static const char data[] =
        "{\"id\":1,\"r\":{\"a\":1,\"b\":\"t\",\"c\":{\"x\":2,\"y\":3}},\"s\":{\"p\":4,\"q\":5}}\n"
        "{\"id\":2,\"r\":{\"c\":{\"y\":3},\"a\":\"none\"},\"s\":{\"q\":[],\"p\":6}}\n"
        "{\"id\":3,\"r\":null,\"s\":{}}\n"
        "{\"id\":4,\"r\":{\"b\":\"u\"}}\n";
    /* of r: b and c; of s: nothing but whether it is there */
    uint64_t fields[] = {UINT64_MAX, 6, 0};
    table.fields = fields;
    sb_test_decode(&sb_format_json, &table, all, 3, data, sizeof data - 1, 0, 100, &out);
    assert_string_equal(
        out.data,
        "{\"op\":\"+I\",\"data\":{\"id\":1,\"r\":{\"a\":null,\"b\":\"t\",\"c\":{\"x\":2,\"y\":3}},"
        "\"s\":{\"p\":null,\"q\":null}}}\n"
        "{\"op\":\"+I\",\"data\":{\"id\":2,\"r\":{\"a\":null,\"b\":null,\"c\":{\"x\":null,\"y\":3}}"
        ","
        "\"s\":{\"p\":null,\"q\":null}}}\n"
        "{\"op\":\"+I\",\"data\":{\"id\":3,\"r\":null,\"s\":{\"p\":null,\"q\":null}}}\n"
        "{\"op\":\"+I\",\"data\":{\"id\":4,\"r\":{\"a\":null,\"b\":\"u\",\"c\":null},\"s\":null}}"
        "\n");
    table.fields = NULL; /* then the record with "none" for an INT is bad */
    sb_text_clear(&out);
    sb_test_decode(&sb_format_json, &table, all, 3, data, sizeof data - 1, 0, 100, &out);
    assert_non_null(strstr(out.data, "BAD 2 "));
    assert_non_null(strstr(out.data, "{\"id\":1,\"r\":{\"a\":1,\"b\":\"t\","));
    sb_text_deinit(&out);
    sb_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
