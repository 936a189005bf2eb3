/*
 * cli/final_test.c -- changelogs and the rows that they amount to, by hand and against a list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/final.h"

static bool
collect(void *ctx, const char *const *cells)
{
    return fprintf(ctx, "%s ", cells[0] ? cells[0] : "NULL") > 0;
}

static void
assert_rows(const sb_final *final, const char *expected)
{
    char text[4096] = "";
    FILE *to = fmemopen(text, sizeof text, "w");
    sb_final_each(final, collect, to);
    fclose(to);
    assert_string_equal(text, expected);
}

typedef struct tally {
    int *counts;
    int64_t rows;
} tally;

static bool
take_off(void *ctx, const char *const *cells)
{
    tally *t = ctx;
    t->counts[strtol(cells[0], NULL, 10)]--;
    t->rows++;
    return true;
}

static void
change(sb_final *final, sabot_op op, const char *cell)
{
    assert_true(sb_final_change(final, op, &cell));
}

static void
test_updates_keep_their_place(void **state)
{
    (void)state;
    sb_final *final = sb_final_new(1, 0);
    change(final, SABOT_INSERT, "a1");
    change(final, SABOT_INSERT, "b1");
    change(final, SABOT_UPDATE_BEFORE, "a1");
    change(final, SABOT_UPDATE_AFTER, "a2");
    assert_rows(final, "a2 b1 ");
    change(final, SABOT_DELETE, "a2");
    change(final, SABOT_INSERT, "c1"); /* not into a's place: it is no update */
    assert_rows(final, "b1 c1 ");
    assert_int_equal(sb_final_count(final), 2);
    sb_final_free(final);
}

static void
test_equal_rows_and_nulls(void **state)
{
    (void)state;
    sb_final *final = sb_final_new(1, 0);
    change(final, SABOT_INSERT, NULL);
    change(final, SABOT_INSERT, "");
    change(final, SABOT_INSERT, NULL);
    assert_rows(final, "NULL NULL  ");
    change(final, SABOT_DELETE, NULL);
    change(final, SABOT_DELETE, "not there");
    assert_rows(final, "NULL  ");
    assert_int_equal(sb_final_count(final), 2);
    sb_final_free(final);
}

static void
test_limit_gives_up_the_oldest(void **state)
{
    (void)state;
    sb_final *final = sb_final_new(1, 2);
    change(final, SABOT_INSERT, "a");
    change(final, SABOT_INSERT, "b");
    change(final, SABOT_INSERT, "c");
    assert_rows(final, "b c ");
    change(final, SABOT_UPDATE_BEFORE, "a"); /* was given up */
    change(final, SABOT_UPDATE_AFTER, "d");
    assert_rows(final, "c d ");
    sb_final_free(final);
}

/* Many random changes against an array of counts. */
static void
test_against_counts(void **state)
{
    (void)state;

    enum { VALUES = 300, STEPS = 60000 };

    int counts[VALUES] = {0};
    uint32_t seed = 12345;
    sb_final *final = sb_final_new(1, 0);
    for (int i = 0; i < STEPS; i++) {
        seed = seed * 1664525 + 1013904223;
        int value = (int)(seed >> 8) % VALUES, up = (int)(seed >> 30) & 1;
        char cell[16];
        snprintf(cell, sizeof cell, "%d", value);
        if (counts[value] > 0 && (seed >> 29 & 1)) {
            change(final, up ? SABOT_UPDATE_BEFORE : SABOT_DELETE, cell);
            counts[value]--;
        } else {
            change(final, up ? SABOT_UPDATE_AFTER : SABOT_INSERT, cell);
            counts[value]++;
        }
    }
    tally t = {counts, 0};
    sb_final_each(final, take_off, &t);
    for (int i = 0; i < VALUES; i++) {
        assert_int_equal(counts[i], 0);
    }
    assert_int_equal(t.rows, sb_final_count(final));
    sb_final_free(final);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_updates_keep_their_place),
        cmocka_unit_test(test_equal_rows_and_nulls),
        cmocka_unit_test(test_limit_gives_up_the_oldest),
        cmocka_unit_test(test_against_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
