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
#include "expr/function.h"
#include "sql/bind.h"

typedef struct vector {
    const char *sql, *type, *value;
} vector;

static const vector nested[] = {
#include "expr/testdata/sql_nested.inc"
};

static const vector json[] = {
#include "expr/testdata/sql_json.inc"
#include "expr/testdata/sql_json_corners.inc"
#include "expr/testdata/sql_json_paths.inc"
};

/* tests/oracle/expressions/opaque.txt */
static const vector variants[] = {
#include "expr/testdata/sql_bitmap.inc"
#include "expr/testdata/sql_charsets.inc"
#include "expr/testdata/sql_charsets_wide.inc"
#include "expr/testdata/sql_more.inc"
#include "expr/testdata/sql_object.inc"
#include "expr/testdata/sql_variant.inc"
};

static const vector scalars[] = {
#include "expr/testdata/sql_scalars.inc"
};

/* tests/oracle/expressions/random_expressions.py, seeds 20 to 22 */
static const vector randoms[] = {
#include "expr/testdata/sql_random.inc"
};

/* table.local-time-zone=America/New_York */
static const vector new_york[] = {
#include "expr/testdata/sql_new_york.inc"
};

/* Every pair of types: tests/oracle/expressions/casts.py */
static const vector casts[] = {
#include "expr/testdata/sql_casts.inc"
};

/* Recorded earlier; expr/vectors_test.c runs them with a parser of its own. */
static const vector earlier[] = {
#include "expr/testdata/columns_berlin.inc"
#include "expr/testdata/functions_columns.inc"
#include "expr/testdata/functions_encodings.inc"
#include "expr/testdata/functions_hash.inc"
#include "expr/testdata/functions_json.inc"
#include "expr/testdata/functions_math.inc"
#include "expr/testdata/functions_random.inc"
#include "expr/testdata/functions_similar.inc"
#include "expr/testdata/functions_text.inc"
#include "expr/testdata/functions_time.inc"
#include "expr/testdata/functions_url.inc"
#include "expr/testdata/literals_new_york.inc"
#include "expr/testdata/literals_utc.inc"
};

typedef struct difference {
    const char *sql, *flink, *ours, *why;
} difference;

static const difference differences[] = {
#include "expr/testdata/sql_differences.inc"
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- an expression through the front end ---- */

/* *out_ast: the syntax tree, also when the expression does not bind. */
static sb_status
bind_text(sb_arena *arena, const char *sql, const char *in_zone, const sb_ast_expr **out_ast,
          sb_expr **out, sb_error *err)
{
    char *text = sb_arena_printf(arena, "SELECT %s", sql);
    sb_ast_statement **statements;
    int32_t count = 0;
    sb_binder binder = {.rel = {.arena = arena, .zone = in_zone, .err = err}};
    sb_scope scope = {.no_aggs = "a test"};

    SB_TRY(sb_ast_parse(arena, text, (int32_t)strlen(text), &statements, &count, err), err);
    if (count != 1 || statements[0]->kind != SB_AST_QUERY) {
        SB_FAIL(err, SB_STATUS_SYNTAX, "no query");
    }
    *out_ast = statements[0]->query->items[0].expr;
    return sb_bind_expr(&binder, &scope, *out_ast, out);
}

static sb_status
value_of(sb_mem *mem, const char *sql, const char *in_zone, sb_testing_mode mode, sb_text *out_type,
         sb_text *out, sb_error *err)
{
    sb_arena *arena = sb_arena_new(mem);
    const sb_ast_expr *ast;
    sb_expr *expr = NULL;
    sb_status status = bind_text(arena, sql, in_zone, &ast, &expr, err);

    if (status == SB_OK) {
        status = sb_testing_evaluate(mem, arena, expr, in_zone, mode, out_type, out, err);
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

static const char *zone = "UTC"; /* of the vectors that are being checked */

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
    status = value_of(mem, sql, zone, mode, &got_type, &got, &err);
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

/* ---- coverage ---- */

#define ENOUGH 8 /* recorded answers per signature */

/* Signatures with fewer recorded answers, and why. */
static const struct {
    const char *name, *why;
} few[] = {
    {"CEILING", "the parser says CEIL"},
    {"CURRENT_DATE", "another answer every time"},
    {"CURRENT_ROW_TIMESTAMP", "another answer every time"},
    {"CURRENT_TIME", "another answer every time"},
    {"CURRENT_TIMESTAMP", "another answer every time"},
    {"CURRENT_WATERMARK", "needs a time attribute: oracle cases watermark-..."},
    {"E", "one answer only"},
    {"LOCALTIME", "another answer every time"},
    {"LOCALTIMESTAMP", "another answer every time"},
    {"NOT BETWEEN", "the parser says NOT (x BETWEEN ...)"},
    {"NOT IN", "the parser says NOT (x IN ...)"},
    {"NOT LIKE", "the parser says NOT (x LIKE ...)"},
    {"NOT SIMILAR TO", "the parser says NOT (x SIMILAR TO ...)"},
    {"NOW", "another answer every time"},
    {"PI", "one answer only"},
    {"PROCTIME", "another answer every time"},
    {"RAND", "a sequence per seed"},
    {"SOURCE_WATERMARK", "never runs: oracle case error-source-watermark"},
    {"SUBSTR", "the parser says SUBSTRING"},
    {"UNIX_TIMESTAMP", "without arguments another answer every time"},
    {"UUID", "another answer every time"},
};

typedef struct usage { /* how often each signature is in an expression */
    const sb_function *functions;
    int32_t count;
    int32_t *bound, *named; /* in what was bound; by name in the syntax tree */
} usage;

static void
count_names(usage *u, const sb_ast_expr *ast)
{
    for (int32_t i = 0; i < u->count && ast->name != NULL; i++) {
        u->named[i] += strcmp(u->functions[i].name, ast->name) == 0;
    }
    for (int32_t i = 0; i < u->count && ast->kind == SB_AST_CASE; i++) {
        u->named[i] += strcmp(u->functions[i].name, "CASE") == 0;
    }
    for (int32_t i = 0; i < ast->count_args; i++) {
        if (ast->args[i] != NULL) {
            count_names(u, ast->args[i]);
        }
    }
}

static void
count_bound(usage *u, const sb_expr *expr)
{
    if (expr->kind == SB_EXPR_CALL) {
        u->bound[expr->function - u->functions]++;
    }
    for (int32_t i = 0; expr->kind == SB_EXPR_CALL && i < expr->count_args; i++) {
        count_bound(u, expr->args[i]);
    }
}

static void
count_vectors(usage *u, const vector *vectors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sb_arena *arena = sb_arena_new(sb_mem_root());
        const sb_ast_expr *ast = NULL;
        sb_expr *expr = NULL;
        sb_error err;

        sb_error_clear(&err);
        if (bind_text(arena, vectors[i].sql, "UTC", &ast, &expr, &err) == SB_OK) {
            count_bound(u, expr);
        }
        if (ast != NULL) {
            count_names(u, ast);
        }
        sb_arena_free(arena);
    }
}

static bool
may_have_few(const char *name)
{
    for (size_t i = 0; i < COUNT(few); i++) {
        if (strcmp(few[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Every signature of the catalogue has enough recorded answers. What becomes another expression
 * when it is bound (IF, BETWEEN ...) is counted by its name. */
static void
test_coverage(void **state)
{
    usage u;
    int bad = 0;

    (void)state;
    u.functions = sb_function_all(&u.count);
    u.bound = calloc((size_t)u.count, sizeof(u.bound[0]));
    u.named = calloc((size_t)u.count, sizeof(u.named[0]));
    count_vectors(&u, nested, COUNT(nested));
    count_vectors(&u, json, COUNT(json));
    count_vectors(&u, scalars, COUNT(scalars));
    count_vectors(&u, variants, COUNT(variants));
    count_vectors(&u, new_york, COUNT(new_york));
    count_vectors(&u, earlier, COUNT(earlier));
    for (int32_t i = 0; i < u.count; i++) {
        const sb_function *f = &u.functions[i];
        bool runs = f->impl->row != NULL || f->impl->vector != NULL || (f->flags & SB_FN_SPECIAL);
        int32_t have = runs ? u.bound[i] : u.named[i];

        if ((have < ENOUGH) != may_have_few(f->name) &&
            !(may_have_few(f->name) && have >= ENOUGH && f->args[0] != '\0')) {
            print_error("%s(%s): %d recorded answers\n", f->name, f->args, (int)have);
            bad++;
        }
    }
    free(u.bound);
    free(u.named);
    assert_int_equal(bad, 0);
}

/* ---- Flink's list ---- */

static const struct {
    const char *name, *where;
} flink[] = {

#include "expr/testdata/flink_functions.inc"
};

/* The answer to a call by name. */
static sb_status
call_by_name(const char *name, sb_error *err)
{
    sb_arena *arena = sb_arena_new(sb_mem_root());
    char *sql = sb_arena_printf(arena, "%s()", name);
    const sb_ast_expr *ast = NULL;
    sb_expr *expr;
    sb_status status;

    sb_error_clear(err);
    status = bind_text(arena, sql, "UTC", &ast, &expr, err);
    sb_arena_free(arena);
    return status;
}

/* Nothing of Flink's is unknown: it is there, or it is named as not supported. */
static void
test_flink_list(void **state)
{
    sb_error err;
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(flink); i++) {
        const char *name = flink[i].name, *where = flink[i].where;
        bool scalar = sb_function_find(name, NULL) != NULL;
        bool fine = strcmp(where, "scalar") == 0 ? scalar : !scalar;

        if (strcmp(where, "aggregate") == 0) {
            sb_status status = call_by_name(name, &err);

            fine = sb_sql_is_aggregate(name) || status == SB_STATUS_NOT_SUPPORTED;
        } else if (strcmp(where, "missing") == 0) {
            fine = fine && call_by_name(name, &err) == SB_STATUS_NOT_SUPPORTED &&
                   strstr(err.message, "not supported") != NULL;
        } else if (strcmp(where, "special") == 0) {
            fine = call_by_name(name, &err) == SB_OK;
        }
        if (!fine) {
            print_error("%s: not %s\n", name, where);
            bad++;
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
test_variants(void **state)
{
    (void)state;
    check_all(variants, COUNT(variants));
}

static void
test_new_york(void **state)
{
    (void)state;
    zone = "America/New_York";
    check_all(new_york, COUNT(new_york));
    zone = "UTC";
}

static void
test_random(void **state)
{
    (void)state;
    check_all(randoms, COUNT(randoms));
}

static void
test_casts(void **state)
{
    (void)state;
    check_all(casts, COUNT(casts));
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nested),     cmocka_unit_test(test_json),
        cmocka_unit_test(test_scalars),    cmocka_unit_test(test_casts),
        cmocka_unit_test(test_variants),   cmocka_unit_test(test_new_york),
        cmocka_unit_test(test_random),     cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_flink_list), cmocka_unit_test(test_differences)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
