/*
 * expr/expr_test.c -- trees: calls and their errors, printing, bytes, substitution, folding,
 * determinism, types.
 */
#include "expr/expr_testing.h"
#include "expr/function.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const sb_field row_fields[] = {{.name = "x", .type = {.id = SB_TYPE_INT, .nullable = true}},
                                      {.name = "y", .type = {.id = SB_TYPE_VARCHAR, .length = 10}}};
static const sb_field fields[] = {
    {.name = "a", .type = {.id = SB_TYPE_INT}},
    {.name = "b", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "s", .type = {.id = SB_TYPE_VARCHAR, .length = SB_LENGTH_MAX}},
    {.name = "ts", .type = {.id = SB_TYPE_TIMESTAMP, .precision = 3}},
    {.name = "r",
     .type = {.id = SB_TYPE_ROW, .nullable = true, .count_children = 2, .children = row_fields}}};
static const sb_schema schema = {5, fields};
static sb_arena *arena;
static sb_error err;

static int
setup(void **state)
{
    (void)state;
    arena = sb_arena_new(sb_mem_root());
    sb_error_clear(&err);
    return arena ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    arena = sb_arena_free(arena);
    return 0;
}

static sb_expr *
parse(const char *sql)
{
    sb_expr *e = NULL;
    if (sb_testing_parse(arena, sql, &schema, &e, &err) != SB_OK) {
        fail_msg("%s: %s", sql, err.message);
    }
    return e;
}

static void
check_print(const char *sql, const char *wanted)
{
    sb_text out;
    sb_text_init(&out, sb_mem_root());
    sb_expr_print(parse(sql), &schema, &out);
    assert_string_equal(out.data, wanted);
    sb_text_deinit(&out);
}

static void
test_print(void **state)
{
    (void)state;
    check_print("$0 + 1 > 5 AND $2 LIKE 'a''b%'", "((a + 1) > 5) AND LIKE(s, 'a''b%')");
    check_print("CASE WHEN $0 = 1 THEN 'x' ELSE $2 END",
                "CASE WHEN a = 1 THEN CAST('x' AS STRING) ELSE s END");
    check_print("$0 IS NOT NULL OR NOT $0 IN (1, 2, 3)",
                "(a IS NOT NULL) OR (NOT (a IN (1, 2, 3)))");
    check_print("CAST($0 AS DECIMAL(5, 2))", "CAST(a AS DECIMAL(5, 2))");
    check_print("TRY_CAST($2 AS INT)", "TRY_CAST(s AS INT)");
    check_print("$3 - INTERVAL '5' SECOND", "ts - INTERVAL '+0 00:00:05.000'");
    check_print("DATE '2020-01-05'", "DATE '2020-01-05'");
    check_print("1.50", "1.50");
    check_print("X'0aff'", "X'0AFF'");
    check_print("NULLIF($0, 2)", "CASE WHEN a = 2 THEN NULL ELSE a END");
}

static void
check_error(const char *sql, sb_status status, const char *message, const char *hint)
{
    sb_expr *e = NULL;
    sb_error_clear(&err);
    assert_int_equal(sb_testing_parse(arena, sql, &schema, &e, &err), status);
    if (!strstr(err.message, message) || !strstr(err.hint, hint)) {
        fail_msg("%s: '%s' hint '%s'", sql, err.message, err.hint);
    }
}

static void
test_errors(void **state)
{
    (void)state;
    check_error("UPPR('a')", SB_STATUS_NOT_FOUND, "unknown function 'UPPR'", "did you mean UPPER?");
    check_error("FROBNICATE('a')", SB_STATUS_NOT_FOUND, "unknown function", "");
    check_error("UPPER(1)", SB_STATUS_SEMANTIC,
                "cannot apply UPPER to arguments of type (INT NOT NULL)", "UPPER(STRING)");
    check_error("UPPER()", SB_STATUS_SEMANTIC, "cannot apply UPPER", "");
    check_error("UPPER('a', 'b')", SB_STATUS_SEMANTIC, "cannot apply UPPER", "");
    check_error("1 + 'a'", SB_STATUS_SEMANTIC, "cannot apply +", "");
    check_error("1 = 'a'", SB_STATUS_SEMANTIC, "cannot apply =", "");
    check_error("TRUE AND 1", SB_STATUS_SEMANTIC, "cannot apply AND", "");
    check_error("CASE WHEN 1 THEN 2 END", SB_STATUS_SEMANTIC, "cannot apply CASE", "");
    check_error("CASE WHEN TRUE THEN 2 ELSE 'a' END", SB_STATUS_SEMANTIC, "no common type", "");
    check_error("CAST(1 AS DATE)", SB_STATUS_SEMANTIC, "no cast from INT NOT NULL to DATE", "");
    check_error("CAST(TIMESTAMP '2020-01-01' AS BIGINT)", SB_STATUS_SEMANTIC, "no cast", "");
    check_error("$4 < $4", SB_STATUS_SEMANTIC, "cannot apply <", "");
    check_error("EXTRACT(FORTNIGHT FROM $3)", SB_STATUS_SEMANTIC, "cannot apply EXTRACT", "");
    check_error("EXTRACT(HOUR FROM $2)", SB_STATUS_SEMANTIC, "cannot apply EXTRACT", "");
    check_error("TO_TIMESTAMP_LTZ(1, 10)", SB_STATUS_SEMANTIC, "precision", "");
}

/* All kinds of nodes survive a trip through bytes; every cut is an error and not a crash. */
static void
test_bytes(void **state)
{
    static const char *const texts[] = {
        "$0 + 1 > 5 AND $2 LIKE 'a%'",
        "CASE WHEN $0 = 1 THEN 1.5 ELSE CAST(NULL AS DECIMAL(30, 2)) END",
        "FLOOR($3 TO HOUR)",
        "- $0",
        "$3 + INTERVAL '1' MONTH",
        "X'0102' = X'03'",
        "1e300 + CAST($0 AS FLOAT)",
        "TIMESTAMP '2020-01-01 00:00:00.123456789' > $3",
        "CAST('99999999999999999999999999999' AS DECIMAL(38, 2))",
        "'a long string that is not inline' || $2",
        "NOW()",
        "TRY_CAST($2 AS BOOLEAN) IS NOT TRUE"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sb_expr *e = parse(texts[i]), *back = NULL;
        sb_writer w;
        sb_writer_init(&w, sb_mem_root());
        sb_expr_write(&w, e);
        sb_reader r = sb_reader_of(w.out.data, w.out.size);
        assert_int_equal(sb_expr_read(&r, arena, &back, &err), SB_OK);
        assert_true(sb_expr_equal(e, back));
        assert_int_equal(sb_reader_left(&r), 0);
        for (size_t cut = 0; cut < w.out.size; cut++) {
            r = sb_reader_of(w.out.data, cut);
            assert_int_not_equal(sb_expr_read(&r, arena, &back, &err), SB_OK);
        }
        sb_writer_deinit(&w);
    }
}

static void
test_unknown_function_in_bytes(void **state)
{
    sb_expr *e = parse("UPPER($2)"), *back;
    sb_writer w;
    (void)state;
    sb_writer_init(&w, sb_mem_root());
    sb_expr_write(&w, e);
    char *at = memmem(w.out.data, w.out.size, "UPPER", 5);
    assert_non_null(at);
    memcpy(at, "UPPEX", 5);
    sb_reader r = sb_reader_of(w.out.data, w.out.size);
    assert_int_equal(sb_expr_read(&r, arena, &back, &err), SB_STATUS_NOT_SUPPORTED);
    assert_non_null(strstr(err.message, "UPPEX"));
    sb_writer_deinit(&w);
}

static void
test_substitute_and_columns(void **state)
{
    sb_expr *e = parse("$0 + $1 * 2"), *out;
    sb_expr *map[5] = {parse("$1"), NULL, NULL, NULL, NULL};
    uint8_t used[5] = {0};
    (void)state;
    map[0] = sb_expr_column(arena, 7, &fields[0].type);
    assert_int_equal(sb_expr_substitute(arena, e, map, &out, &err), SB_OK);
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    sb_expr_print(out, NULL, &text);
    assert_string_equal(text.data, "CAST($7 AS BIGINT) + ($1 * CAST(2 AS BIGINT))");
    sb_text_deinit(&text);
    assert_false(sb_expr_equal(e, out));
    sb_expr_columns(e, used, 5);
    assert_memory_equal(used, ((uint8_t[]){1, 1, 0, 0, 0}), 5);
}

static void
test_fields_of_rows(void **state)
{
    (void)state;
    sb_field parts[] = {{.name = "x", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
                        {.name = "y", .type = {.id = SB_TYPE_BIGINT, .nullable = true}}};
    sb_type row = {.id = SB_TYPE_ROW, .nullable = true, .children = parts, .count_children = 2};
    uint64_t read[3] = {0};
    sb_expr *y, *sum, *both[2];
    assert_int_equal(sb_expr_field(arena, sb_expr_column(arena, 1, &row), 1, &y, &err), SB_OK);
    both[0] = y;
    both[1] = sb_expr_column(arena, 2, &parts[0].type);
    assert_int_equal(sb_expr_call(arena, "+", both, 2, &sum, &err), SB_OK);
    sb_expr_fields(sum, read, 3);
    assert_true(read[0] == 0 && read[1] == 2 && read[2] == UINT64_MAX);
    sb_expr_fields(sb_expr_column(arena, 1, &row), read, 3);
    assert_true(read[1] == UINT64_MAX);
}

static void
check_fold(const char *sql, const char *zone, const char *wanted)
{
    sb_expr *out;
    sb_text text;
    assert_int_equal(sb_expr_fold(arena, parse(sql), zone, &out, &err), SB_OK);
    sb_text_init(&text, sb_mem_root());
    sb_expr_print(out, &schema, &text);
    assert_string_equal(text.data, wanted);
    sb_text_deinit(&text);
}

static void
test_fold(void **state)
{
    (void)state;
    check_fold("1 + 2 * 3", "UTC", "7");
    check_fold("$0 + (1 + 2)", "UTC", "a + 3");
    check_fold("1 / 0", "UTC", "1 / 0"); /* stays: perhaps no row needs it */
    check_fold("CASE WHEN FALSE THEN 1 / 0 ELSE 2 END", "UTC", "2");
    check_fold("UPPER('a') || 'b'", "UTC", "'Ab'");
    check_fold("NULLIF(1, 1)", "UTC", "NULL");
    check_fold("CAST(TIMESTAMP '2024-07-01 12:00:00' AS TIMESTAMP_LTZ(0))", "Europe/Berlin",
               "TIMESTAMP_LTZ '2024-07-01 10:00:00'");
    check_fold("1.5 + 1", "UTC", "2.5");
    check_fold("CAST('1e300' AS DOUBLE)", "UTC", "1.0E300");
    check_fold("TRUE AND CAST(NULL AS BOOLEAN)", "UTC", "NULL");
    check_fold("CAST('abc' AS INT)", "UTC", "CAST('abc' AS INT)");
    check_fold("NOW() > TO_TIMESTAMP_LTZ(0)", "UTC",
               "NOW() > TIMESTAMP_LTZ '1970-01-01 00:00:00.000'");
}

static void
test_determinism(void **state)
{
    (void)state;
    assert_int_equal(sb_expr_determinism(parse("$0 + 1")), SB_DETERMINISTIC);
    assert_int_equal(sb_expr_determinism(parse("UPPER(CAST(NOW() AS STRING))")), SB_PER_RECORD);
    assert_true(sb_expr_can_fail(parse("$0 / $1")));
    assert_false(sb_expr_can_fail(parse("$0 / 2")));
    assert_true(sb_expr_can_fail(parse("CAST($2 AS INT)")));
    assert_false(sb_expr_can_fail(parse("TRY_CAST($2 AS INT)")));
    assert_false(sb_expr_can_fail(parse("CAST($0 AS BIGINT)")));
}

static void
check_common(sb_type a, sb_type b, const char *wanted)
{
    const sb_type *types[2] = {&a, &b};
    sb_type out;
    sb_text text;
    sb_status status = sb_type_common(arena, types, 2, &out, &err);
    if (!wanted) {
        assert_int_equal(status, SB_STATUS_SEMANTIC);
        return;
    }
    assert_int_equal(status, SB_OK);
    sb_text_init(&text, sb_mem_root());
    sb_type_print(&out, &text);
    assert_string_equal(text.data, wanted);
    sb_text_deinit(&text);
}

static void
test_common_types(void **state)
{
    sb_type char3 = {.id = SB_TYPE_CHAR, .length = 3}, char5 = {.id = SB_TYPE_CHAR, .length = 5};
    sb_type ltz = {.id = SB_TYPE_TIMESTAMP_LTZ, .precision = 3};
    (void)state;
    check_common(SB_TYPE(INT, false), SB_TYPE(BIGINT, true), "BIGINT");
    check_common(SB_TYPE(INT, false), sb_type_decimal(5, 2, false), "DECIMAL(12, 2) NOT NULL");
    check_common(sb_type_decimal(38, 0, false), sb_type_decimal(38, 20, false),
                 "DECIMAL(38, 0) NOT NULL");
    check_common(sb_type_decimal(30, 10, false), sb_type_decimal(38, 20, false),
                 "DECIMAL(38, 18) NOT NULL");
    check_common(SB_TYPE(FLOAT, false), SB_TYPE(INT, false), "FLOAT NOT NULL");
    check_common(SB_TYPE(FLOAT, false), sb_type_decimal(5, 2, false), "DOUBLE NOT NULL");
    check_common(char3, char3, "CHAR(3) NOT NULL");
    check_common(char3, char5, "VARCHAR(5) NOT NULL");
    check_common(char3, sb_type_string(true), "STRING");
    check_common(SB_TYPE(NULL, true), SB_TYPE(INT, false), "INT");
    check_common(sb_type_timestamp(3, false), sb_type_timestamp(6, false), "TIMESTAMP(6) NOT NULL");
    check_common(sb_type_timestamp(6, false), ltz, "TIMESTAMP_LTZ(6) NOT NULL");
    check_common(SB_TYPE(DATE, false), sb_type_timestamp(3, false), "TIMESTAMP(3) NOT NULL");
    check_common(SB_TYPE(INT, false), char3, NULL);
    check_common(SB_TYPE(BOOLEAN, false), SB_TYPE(INT, false), NULL);
    check_common(SB_TYPE(TIME, false), SB_TYPE(DATE, false), NULL);
}

static void
test_coerce(void **state)
{
    sb_expr *a = parse("$0"), *out;
    sb_type small = SB_TYPE(SMALLINT, true), big = SB_TYPE(BIGINT, true), same = SB_TYPE(INT, true),
            text = sb_type_string(true);
    (void)state;
    assert_int_equal(sb_expr_coerce(arena, a, &same, &out, &err), SB_OK);
    assert_ptr_equal(out, a);
    assert_int_equal(sb_expr_coerce(arena, a, &big, &out, &err), SB_OK);
    assert_int_equal(out->type.id, SB_TYPE_BIGINT);
    assert_int_equal(sb_expr_coerce(arena, a, &small, &out, &err), SB_STATUS_SEMANTIC);
    assert_int_equal(sb_expr_coerce(arena, a, &text, &out, &err), SB_STATUS_SEMANTIC);
    assert_int_equal(sb_expr_coerce(arena, parse("NULL"), &text, &out, &err), SB_OK);
    assert_true(out->is_null && out->type.id == SB_TYPE_VARCHAR);
}

static void
test_field(void **state)
{
    sb_expr *out;
    (void)state;
    assert_int_equal(sb_expr_field(arena, parse("$4"), 1, &out, &err), SB_OK);
    assert_true(out->type.nullable && out->type.id == SB_TYPE_VARCHAR);
    assert_int_equal(sb_expr_field(arena, parse("$0"), 0, &out, &err), SB_STATUS_SEMANTIC);
}

/* Names are unique per overload, patterns have known letters, every row has a doc and something
 * that runs. */
static void
test_catalogue(void **state)
{
    int32_t count;
    const sb_function *all = sb_function_all(&count);
    (void)state;
    for (int32_t i = 0; i < count; i++) {
        const sb_function *f = &all[i];
        assert_true(f->doc[0] && f->name[0]);
        assert_int_equal(strspn(f->args, "absxneildtpDTyzukAMRVB?*"), strlen(f->args));
        assert_true(strchr("bsxildDTmLvwcaAMRVB0123456789", f->result[0]) != NULL);
        assert_true(f->impl->row || f->impl->vector || f->impl->infer ||
                    (f->flags & SB_FN_SPECIAL));
        assert_ptr_equal(sb_function_by_id(f->name, sb_function_id(f)), f);
    }
    assert_null(sb_function_by_id("UPPER", 7));
    assert_null(sb_function_by_id("NOPE", 0));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {TEST(test_print),
                                       TEST(test_errors),
                                       TEST(test_bytes),
                                       TEST(test_unknown_function_in_bytes),
                                       TEST(test_substitute_and_columns),
                                       TEST(test_fields_of_rows),
                                       TEST(test_fold),
                                       TEST(test_determinism),
                                       TEST(test_common_types),
                                       TEST(test_coerce),
                                       TEST(test_field),
                                       TEST(test_catalogue)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
