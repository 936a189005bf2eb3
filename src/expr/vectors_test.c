/*
 * expr/vectors_test.c -- answers recorded from Apache Flink 2.3.0 (testdata/), over literals and
 * over columns in every encoding.
 *
 * DESIGN     differences.inc holds the known differences, with our answer and the reason.
 */
#include "expr/expr_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct vector {
    const char *sql, *type, *value;
} vector;

static const vector utc[] = {
#include "expr/testdata/literals_utc.inc"
};
static const vector new_york[] = {
#include "expr/testdata/literals_new_york.inc"
};
static const vector berlin[] = {
#include "expr/testdata/columns_berlin.inc"
};

static const vector encodings[] = {
#include "expr/testdata/functions_encodings.inc"
};
static const vector text[] = {
#include "expr/testdata/functions_text.inc"
};
static const vector math[] = {
#include "expr/testdata/functions_math.inc"
};
static const vector similar[] = {
#include "expr/testdata/functions_similar.inc"
};
static const vector times[] = {
#include "expr/testdata/functions_time.inc"
};
static const vector columns[] = {
#include "expr/testdata/functions_columns.inc"
};
static const vector url[] = {
#include "expr/testdata/functions_url.inc"
};
static const vector json[] = {
#include "expr/testdata/functions_json.inc"
};
static const vector randoms[] = {
#include "expr/testdata/functions_random.inc"
};
static const vector hash[] = {
#include "expr/testdata/functions_hash.inc"
};

static const struct {
    const char *zone, *sql, *flink, *ours, *why;
} differences[] = {

#include "expr/testdata/differences.inc"
};

/* Evaluates in one mode; fills buffers that the caller frees. */
static int
check(const char *zone, const char *sql, const char *type, const char *value, sb_testing_mode mode)
{
    sb_text got_type, got;
    sb_error err;
    sb_mem *mem = sb_mem_new(sb_mem_root(), "vectors", 0);
    sb_error_clear(&err);
    sb_text_init(&got_type, mem);
    sb_text_init(&got, mem);
    sb_status status = sb_testing_value(mem, sql, zone, mode, &got_type, &got, &err);
    const char *shown = status == SB_OK ? got.data : "\\E";
    bool fine = strcmp(shown, value) == 0 &&
                (status != SB_OK || !type[0] || strcmp(got_type.data, type) == 0);
    if (!fine) {
        print_error("mode %d: %s\n  wanted %s %s\n  got    %s %s %s\n", (int)mode, sql, type, value,
                    got_type.data, shown, status == SB_OK ? "" : err.message);
    }
    sb_text_deinit(&got_type);
    sb_text_deinit(&got);
    if (sb_mem_used(mem) != 0) {
        print_error("%s: %lld bytes are left\n", sql, (long long)sb_mem_used(mem));
        fine = false;
    }
    sb_mem_unref(mem);
    return fine ? 0 : 1;
}

static void
check_from(const vector *vectors, size_t count, const char *zone, int first_mode)
{
    int bad = 0;
    for (size_t i = 0; i < count; i++) {
        for (int mode = first_mode; mode < SB_TESTING_MODES; mode++) {
            bad += check(zone, vectors[i].sql, vectors[i].type, vectors[i].value,
                         (sb_testing_mode)mode);
        }
    }
    assert_int_equal(bad, 0);
}

static void
check_all(const vector *vectors, size_t count, const char *zone)
{
    check_from(vectors, count, zone, 0);
}

static void
test_utc(void **state)
{
    (void)state;
    check_all(utc, sizeof utc / sizeof utc[0], "UTC");
}

static void
test_new_york(void **state)
{
    (void)state;
    check_all(new_york, sizeof new_york / sizeof new_york[0], "America/New_York");
}

static void
test_berlin(void **state)
{
    (void)state;
    check_all(berlin, sizeof berlin / sizeof berlin[0], "Europe/Berlin");
}

static void
test_hash(void **state)
{
    (void)state;
    check_all(hash, sizeof hash / sizeof hash[0], "UTC");
}

static void
test_encodings(void **state)
{
    (void)state;
    check_all(encodings, sizeof encodings / sizeof encodings[0], "UTC");
}

static void
test_text(void **state)
{
    (void)state;
    check_all(text, sizeof text / sizeof text[0], "UTC");
}

static void
test_math(void **state)
{
    (void)state;
    check_all(math, sizeof math / sizeof math[0], "UTC");
}

static void
test_similar(void **state)
{
    (void)state;
    check_all(similar, sizeof similar / sizeof similar[0], "UTC");
}

static void
test_time(void **state)
{
    (void)state;
    check_all(times, sizeof times / sizeof times[0], "UTC");
}

static void
test_columns(void **state)
{
    (void)state;
    check_all(columns, sizeof columns / sizeof columns[0], "UTC");
}

static void
test_url(void **state)
{
    (void)state;
    check_all(url, sizeof url / sizeof url[0], "UTC");
}

static void
test_json(void **state)
{
    (void)state;
    check_all(json, sizeof json / sizeof json[0], "UTC");
}

static void
test_random(void **state)
{
    (void)state;
    /* A literal seed starts a sequence, and the row that is looked at is not the first. */
    check_from(randoms, sizeof randoms / sizeof randoms[0], "UTC", SB_TESTING_FLAT);
}

static void
test_differences(void **state)
{
    int bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        bad += check(differences[i].zone, differences[i].sql, "", differences[i].ours,
                     SB_TESTING_LITERALS);
        assert_true(differences[i].why[0]);
    }
    assert_int_equal(bad, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utc),       cmocka_unit_test(test_new_york),
        cmocka_unit_test(test_berlin),    cmocka_unit_test(test_hash),
        cmocka_unit_test(test_random),    cmocka_unit_test(test_json),
        cmocka_unit_test(test_url),       cmocka_unit_test(test_columns),
        cmocka_unit_test(test_time),      cmocka_unit_test(test_similar),
        cmocka_unit_test(test_encodings), cmocka_unit_test(test_math),
        cmocka_unit_test(test_text),      cmocka_unit_test(test_differences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
