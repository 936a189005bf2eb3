/*
 * sql/sql_vectors_test.c -- answers recorded from Apache Flink 2.3.0 (expr/testdata), through the
 * parser and the binder, over literals and over columns in every encoding.
 *
 * DESIGN     sql_differences.inc holds the known differences, with our answer and the
 *            reason.
 * The entries of a map are compared without their order, which Flink takes from its hashing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expr/expr_testing.h"
#include "sql/bind.h"

typedef struct vector {
    const char *sql, *type, *value;
} vector;

static const vector nested[] = {
#include "expr/testdata/sql_nested.inc"
};

static const vector json[] = {
#include "expr/testdata/sql_json.inc"
};

static const vector scalars[] = {
#include "expr/testdata/sql_scalars.inc"
};

typedef struct difference {
    const char *sql, *flink, *ours, *why;
} difference;

static const difference differences[] = {
#include "expr/testdata/sql_differences.inc"
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- an expression through the front end ---- */

static sb_status
bind_text(sb_arena *arena, const char *sql, const char *zone, sb_expr **out, sb_error *err)
{
    char *text = sb_arena_printf(arena, "SELECT %s", sql);
    sb_ast_statement **statements;
    int32_t count = 0;
    sb_binder binder = {.rel = {.arena = arena, .zone = zone, .err = err}};
    sb_scope scope = {.no_aggs = "a test"};

    SB_TRY(sb_ast_parse(arena, text, (int32_t)strlen(text), &statements, &count, err), err);
    if (count != 1 || statements[0]->kind != SB_AST_QUERY) {
        SB_FAIL(err, SB_STATUS_SYNTAX, "no query");
    }
    return sb_bind_expr(&binder, &scope, statements[0]->query->items[0].expr, out);
}

static sb_status
value_of(sb_mem *mem, const char *sql, const char *zone, sb_testing_mode mode, sb_text *out_type,
         sb_text *out, sb_error *err)
{
    sb_arena *arena = sb_arena_new(mem);
    sb_expr *expr = NULL;
    sb_status status = bind_text(arena, sql, zone, &expr, err);

    if (status == SB_OK) {
        status = sb_testing_evaluate(mem, arena, expr, zone, mode, out_type, out, err);
    }
    sb_arena_free(arena);
    return status;
}

/* ---- comparison ---- */

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "{b=1, a=2}" with its entries in order; other texts as they are. */
static void
in_order(const char *text, sb_text *out)
{
    size_t size = strlen(text), count = 0;
    char *copy = strdup(text), *parts[64];
    int depth = 0;

    if (text[0] != '{' || size < 3) {
        sb_text_add(out, text);
        free(copy);
        return;
    }
    copy[size - 1] = '\0';
    parts[count++] = copy + 1;
    for (char *c = copy + 1; *c != '\0' && count < 64; c++) {
        depth += (*c == '[' || *c == '{' || *c == '(') - (*c == ']' || *c == '}' || *c == ')');
        if (depth == 0 && c[0] == ',' && c[1] == ' ') {
            *c = '\0';
            parts[count++] = c + 2;
        }
    }
    qsort(parts, count, sizeof(parts[0]), by_text);
    for (size_t i = 0; i < count; i++) {
        sb_text_add(out, i > 0 ? ", " : "{");
        sb_text_add(out, parts[i]);
    }
    free(copy);
}

static bool
same_text(const char *a, const char *b)
{
    sb_text x, y;
    bool same;

    sb_text_init(&x, sb_mem_root());
    sb_text_init(&y, sb_mem_root());
    in_order(a, &x);
    in_order(b, &y);
    same = strcmp(x.data != NULL ? x.data : "", y.data != NULL ? y.data : "") == 0;
    sb_text_deinit(&x);
    sb_text_deinit(&y);
    return same;
}

/* Types count characters where Flink counts UTF-16 units: not compared beyond the BMP. */
static bool
same_type(const char *sql, const char *wanted, const char *got)
{
    return wanted[0] == '\0' || strpbrk(sql, "\xF0\xF1\xF2\xF3\xF4") != NULL ||
           strcmp(wanted, got) == 0;
}

static int
check(const char *sql, const char *type, const char *value, sb_testing_mode mode)
{
    sb_mem *mem = sb_mem_new(sb_mem_root(), "vectors", 0);
    sb_text got_type, got;
    sb_error err;
    sb_status status;
    const char *shown;
    bool fine;

    sb_error_clear(&err);
    sb_text_init(&got_type, mem);
    sb_text_init(&got, mem);
    status = value_of(mem, sql, "UTC", mode, &got_type, &got, &err);
    shown = status == SB_OK ? got.data : "\\E";
    fine = same_text(shown, value) && (status != SB_OK || same_type(sql, type, got_type.data));
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

/* The known difference of an expression; NULL: none. An entry "~text" is about all expressions that
 * have the text in them. */
static const difference *
difference_of(const char *sql)
{
    const difference *found = NULL;

    for (size_t i = 0; i < COUNT(differences); i++) {
        const difference *d = &differences[i];

        if (strcmp(d->sql, sql) == 0) {
            return d;
        }
        if (found == NULL && d->sql[0] == '~' && strstr(sql, d->sql + 1) != NULL) {
            found = d;
        }
    }
    return found;
}

static int
check_vector(const vector *v, sb_testing_mode mode)
{
    const difference *d = difference_of(v->sql);

    if (d == NULL) {
        return check(v->sql, v->type, v->value, mode);
    }
    if (d->ours[0] == '*') {
        return 0;
    }
    return check(v->sql, "", d->ours[0] == '=' ? v->value : d->ours, mode);
}

static void
check_all(const vector *vectors, size_t count)
{
    int bad = 0;

    for (size_t i = 0; i < count; i++) {
        for (int mode = 0; mode < SB_TESTING_MODES; mode++) {
            bad += check_vector(&vectors[i], (sb_testing_mode)mode);
        }
    }
    assert_int_equal(bad, 0);
}

static void
test_nested(void **state)
{
    (void)state;
    check_all(nested, COUNT(nested));
}

static void
test_json(void **state)
{
    (void)state;
    check_all(json, COUNT(json));
}

static void
test_scalars(void **state)
{
    (void)state;
    check_all(scalars, COUNT(scalars));
}

static void
test_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(differences); i++) {
        assert_true(differences[i].why[0] && differences[i].ours[0]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nested), cmocka_unit_test(test_json),
                                       cmocka_unit_test(test_scalars),
                                       cmocka_unit_test(test_differences)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
