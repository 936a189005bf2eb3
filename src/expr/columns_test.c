/*
 * expr/columns_test.c -- functions that have a loop of their own for flat columns: the same values
 * come out as of dictionaries, constants and selections, which go row by row; LIKE against a slow
 * matcher.
 */
#include "columnar/columnar_testing.h"
#include "expr/expr_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 1400, COUNT = 5 };

#define STRING_TYPE                                                      \
    {                                                                    \
        .id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX \
    }

static const sb_field fields[COUNT] = {
    {.name = "s", .type = STRING_TYPE},
    {.name = "t", .type = {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 3}},
    {.name = "f", .type = {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 6}},
    {.name = "d", .type = {.id = SB_TYPE_DATE, .nullable = true}},
    {.name = "l", .type = {.id = SB_TYPE_BIGINT, .nullable = true}}};
static const sb_schema schema = {COUNT, fields};
static const sb_eval_context context = {.zone = "UTC"};

static sb_arena *arena;
static sb_mem *mem;
static sb_error err;

static int
setup(void **state)
{
    (void)state;
    return sb_testing_open(&mem, &arena, &err);
}

static int
teardown(void **state)
{
    (void)state;
    return sb_testing_close(&mem, &arena);
}

/* ---- columns ------------------------------------------------------------------------------------
 */

static const char *const letters[] = {
    "a", "b",  "c", "/", "_", "%", "\"", "\\", "\xC3\xA4", "\xE6\x9D\xB1", "\xF0\x9F\x98\x80",
    "A", "\n", " ", "ab"};

static size_t
random_text(char *to, int longest, int kinds, uint64_t *seed)
{
    size_t size = 0;
    uint64_t n = sb_testing_random(seed) % (uint64_t)(longest + 1);
    for (uint64_t i = 0; i < n; i++) {
        const char *c = letters[sb_testing_random(seed) % (uint64_t)kinds];
        memcpy(to + size, c, strlen(c));
        size += strlen(c);
    }
    return size;
}

static int64_t
random_moment(int64_t unit, uint64_t *seed)
{
    int64_t v = (int64_t)(sb_testing_random(seed) >> 8);
    int64_t year = INT64_C(31556952000000);
    switch (sb_testing_random(seed) % 4) {
    case 0: v %= 60 * year; break;
    case 1: v = v % (3000 * year) - 900 * year; break;
    case 2: v = v % (9000 * year) - 3000 * year; break;
    default: v = (v % 80000 - 40000) * INT64_C(86400000000) + v % 5 * 1000 - 2000;
    }
    return v - v % unit;
}

static sb_vector *
random_column(int32_t i, uint64_t *seed)
{
    char text[4096];
    sb_column_builder to;
    assert_int_equal(sb_column_builder_init(&to, mem, &fields[i].type, &err), SB_OK);
    for (int r = 0; r < ROWS; r++) {
        if (sb_testing_random(seed) % 9 == 0) {
            sb_column_null(&to);
        } else if (i == 0) {
            /* the first letters are ASCII */
            int kinds = sb_testing_random(seed) % 2 ? 8 : (int)(sizeof letters / sizeof *letters);
            size_t size = random_text(text, r % 3 ? 14 : 80, kinds, seed);
            sb_column_bytes(&to, text, size);
        } else if (i == 3) {
            sb_column_i64(&to, random_moment(1, seed) / INT64_C(86400000000));
        } else if (i == 4) {
            uint64_t v = sb_testing_random(seed);
            sb_column_i64(&to, (int64_t)v >> (v % 50));
        } else {
            sb_column_i64(&to, random_moment(i == 1 ? 1000 : 1, seed));
        }
    }
    sb_vector *v = sb_column_finish(&to, &err);
    assert_non_null(v);
    sb_column_builder_deinit(&to);
    return v;
}

typedef enum column_form { FLAT, DICTIONARY, SELECTED } column_form;

static sb_batch *
batch_of(sb_vector *const *columns, column_form form, uint64_t *seed)
{
    sb_vector *own[COUNT];
    int32_t keep[ROWS], n = 0;
    for (int i = 0; i < COUNT; i++) {
        own[i] = form == DICTIONARY ? sb_testing_as_dict(mem, columns[i], seed)
                                    : sb_vector_ref(columns[i]);
    }
    sb_batch *batch = sb_batch_new(mem, &schema, own, ROWS);
    assert_non_null(batch);
    for (int32_t r = 0; form == SELECTED && r < ROWS; r++) {
        if (sb_testing_random(seed) % 3 == 0) {
            keep[n++] = r;
        }
    }
    if (form == SELECTED) {
        assert_int_equal(sb_batch_filter(batch, keep, n, &err), SB_OK);
    }
    return batch;
}

static sb_vector *
run(const char *sql, const sb_batch *batch)
{
    return sb_testing_run(mem, arena, sql, batch, &context);
}

/* ---- flat columns -------------------------------------------------------------------------------
 */

static const char *const texts[] = {
    "CHAR_LENGTH($0)",
    "STARTSWITH($0, 'a')",
    "STARTSWITH($0, 'abab')",
    "ENDSWITH($0, 'ab')",
    "ENDSWITH($0, '')",
    "REVERSE($0)",
    "UPPER($0)",
    "LOWER($0)",
    "REPEAT($0, 3)",
    "CONCAT_WS('-', $0, 'x', $0)",
    "TRANSLATE($0, 'ab/', 'x')",
    "TRANSLATE($0, 'aba', 'xyz')",
    "TRANSLATE($0, 'a\u00E4', 'x')",
    "HEX($0)",
    "FROM_BASE64(TO_BASE64($0))",
    "CAST(DECODE(UNHEX(HEX($0)), 'UTF-8') AS STRING)",
    "OVERLAY($0, 'xy', 3, 2)",
    "OVERLAY($0, 'xyz', 2)",
    "JSON_QUOTE($0)",
    "JSON_UNQUOTE(JSON_QUOTE($0))",
    "JSON_UNQUOTE('\"' || $0 || '\"')",
    "ENCODE($0, 'UTF-8')",
    "$0 LIKE 'a%'",
    "$0 LIKE '%b'",
    "$0 LIKE 'ab'",
    "$0 LIKE '%ab%'",
    "$0 LIKE '%a%b%'",
    "$0 LIKE '%a_b%'",
    "EXTRACT(YEAR FROM $1)",
    "EXTRACT(QUARTER FROM $1)",
    "EXTRACT(MONTH FROM $2)",
    "EXTRACT(WEEK FROM $1)",
    "EXTRACT(DAY FROM $2)",
    "EXTRACT(DOY FROM $2)",
    "EXTRACT(DOW FROM $1)",
    "EXTRACT(ISODOW FROM $1)",
    "EXTRACT(CENTURY FROM $1)",
    "EXTRACT(EPOCH FROM $1)",
    "EXTRACT(HOUR FROM $1)",
    "EXTRACT(HOUR FROM $2)",
    "EXTRACT(MINUTE FROM $2)",
    "EXTRACT(SECOND FROM $2)",
    "EXTRACT(YEAR FROM $3)",
    "EXTRACT(MONTH FROM $3)",
    "EXTRACT(WEEK FROM $3)",
    "EXTRACT(DOY FROM $3)",
    "FLOOR($1 TO MONTH)",
    "FLOOR($2 TO YEAR)",
    "FLOOR($2 TO QUARTER)",
    "FLOOR($2 TO DAY)",
    "TIMESTAMPDIFF(MINUTE, $1, $2)",
    "TIMESTAMPDIFF(DAY, $3, $2)",
    "TIMESTAMPDIFF(SECOND, $2, $1)",
    "TIMESTAMPDIFF(MONTH, $2, $1)",
    "TO_TIMESTAMP_LTZ($4, 3)",
    "TO_TIMESTAMP_LTZ($4, 0)",
    "TO_TIMESTAMP_LTZ($4 % 1000000000, 0)",
};

/* Rows that are NULL, or not selected, need not agree. */
static void
compare(const char *sql, const sb_vector *a, const sb_vector *b, const sb_batch *batch)
{
    for (int32_t i = 0; i < batch->count_rows; i++) {
        int32_t r = batch->selection ? batch->selection[i] : i;
        if (!sb_testing_equal(a, r, b, r)) {
            fail_msg("%s differs in row %d", sql, (int)r);
        }
    }
}

static void
test_flat(void **state)
{
    sb_vector *columns[COUNT];
    uint64_t seed = 11;
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        columns[i] = random_column(i, &seed);
    }
    sb_batch *flat = batch_of(columns, FLAT, &seed);
    sb_batch *dict = batch_of(columns, DICTIONARY, &seed);
    sb_batch *some = batch_of(columns, SELECTED, &seed);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sb_vector *a = run(texts[i], flat), *b = run(texts[i], dict), *c = run(texts[i], some);
        compare(texts[i], a, b, flat);
        compare(texts[i], a, c, some);
        sb_vector_unref(a);
        sb_vector_unref(b);
        sb_vector_unref(c);
    }
    sb_batch_free(flat);
    sb_batch_free(dict);
    sb_batch_free(some);
    for (int i = 0; i < COUNT; i++) {
        sb_vector_unref(columns[i]);
    }
}

/* ---- LIKE ---------------------------------------------------------------------------------------
 */

static size_t
width_of(const char *s)
{
    size_t n = 1;
    while (((unsigned char)s[n] & 0xC0) == 0x80) {
        n++;
    }
    return n;
}

static bool
slow_like(const char *s, const char *end, const char *p, const char *p_end)
{
    if (p == p_end) {
        return s == end;
    }
    if (*p == '%') {
        return slow_like(s, end, p + 1, p_end) ||
               (s < end && slow_like(s + width_of(s), end, p, p_end));
    }
    if (s == end) {
        return false;
    }
    size_t n = width_of(s), m = width_of(p);
    return (*p == '_' || (n == m && memcmp(s, p, n) == 0)) && slow_like(s + n, end, p + m, p_end);
}

static void
test_like(void **state)
{
    /* a, b, _, %, and letters of 2, 3 and 4 bytes */
    static const char *const parts[] = {"a", "b", "_", "%", "\xC3\xA4", "\xE6\x9D\xB1"};
    uint64_t seed = 5;
    char pattern[128], sql[256];
    (void)state;
    sb_vector *columns[COUNT];
    for (int i = 0; i < COUNT; i++) {
        columns[i] = random_column(i, &seed);
    }
    sb_batch *batch = batch_of(columns, FLAT, &seed);
    int64_t yes = 0;
    for (int k = 0; k < 700; k++) {
        size_t size = 0;
        for (uint64_t n = sb_testing_random(&seed) % 8; n > 0; n--) {
            const char *part = parts[sb_testing_random(&seed) % 6];
            part = sb_testing_random(&seed) % 3 == 0 ? "%" : part;
            memcpy(pattern + size, part, strlen(part));
            size += strlen(part);
        }
        pattern[size] = 0;
        snprintf(sql, sizeof sql, "$0 LIKE '%s'", pattern);
        sb_vector *got = run(sql, batch);
        for (int32_t r = 0; r < ROWS; r++) {
            if (sb_vector_valid(columns[0], r) && sb_view_size(sb_vector_at(columns[0], r)) < 20) {
                const sb_view *v = sb_vector_at(columns[0], r);
                const char *s = sb_view_data(v);
                char text[4096];
                memcpy(text, s, sb_view_size(v));
                text[sb_view_size(v)] = 0;
                bool want = slow_like(text, text + sb_view_size(v), pattern, pattern + size);
                yes += want;
                if (*(const uint8_t *)sb_vector_at(got, r) != want) {
                    fail_msg("'%s' LIKE '%s' is %d", text, pattern, want);
                }
            }
        }
        sb_vector_unref(got);
    }
    assert_true(yes > 10000);
    sb_batch_free(batch);
    for (int i = 0; i < COUNT; i++) {
        sb_vector_unref(columns[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_flat, setup, teardown),
        cmocka_unit_test_setup_teardown(test_like, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
