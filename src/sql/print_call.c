/*
 * sql/print_call.c -- calls: operators, functions with words between their arguments, aggregates.
 *
 * DESIGN     One function tells the level of a call and, given a printer, prints it, so that the
 *            two cannot differ. Functions whose words are not in the tree one by one (JSON_VALUE
 *            ...) are copied from the source.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "expr/function.h"
#include "sql/printer.h"

static const struct {
    const char *name;
    int level;
} call_binary[] = {
    {"OR", SB_PR_OR},      {"AND", SB_PR_AND},     {"=", SB_PR_COMPARE},  {"<>", SB_PR_COMPARE},
    {"<", SB_PR_COMPARE},  {"<=", SB_PR_COMPARE},  {">", SB_PR_COMPARE},  {">=", SB_PR_COMPARE},
    {"+", SB_PR_ADD},      {"-", SB_PR_ADD},       {"*", SB_PR_MULTIPLY}, {"/", SB_PR_MULTIPLY},
    {"%", SB_PR_MULTIPLY}, {"||", SB_PR_MULTIPLY},
};

static bool
call_is(const sb_ast_expr *expr, const char *name, int32_t count)
{
    return (count < 0 || expr->count_args == count) && strcmp(expr->name, name) == 0;
}

/* ---- operators ---- */

static bool
call_operator(sb_printer *p, const sb_ast_expr *expr, int *out_level)
{
    for (size_t i = 0; i < sizeof(call_binary) / sizeof(call_binary[0]); i++) {
        if (call_is(expr, call_binary[i].name, 2)) {
            *out_level = call_binary[i].level;
            if (p != NULL) {
                sb_pr_expr_level(p, expr->args[0], *out_level);
                sb_pr_add(p, " ");
                sb_pr_add(p, expr->name);
                sb_pr_add(p, " ");
                sb_pr_expr_level(p, expr->args[1], *out_level + 1);
            }
            return true;
        }
    }
    if (call_is(expr, "-", 1)) {
        const sb_ast_expr *arg = expr->args[0];

        *out_level = SB_PR_SIGN;
        if (p != NULL) { /* -- would begin a comment, -1 be a literal */
            bool wrap = arg->kind == SB_AST_NUMBER && !arg->negative && !arg->bracketed;

            sb_pr_add(p, wrap                                                ? "-("
                         : sb_pr_level(arg) == SB_PR_SIGN && !arg->bracketed ? "- "
                                                                             : "-");
            sb_pr_expr_level(p, arg, SB_PR_SIGN);
            sb_pr_add(p, wrap ? ")" : "");
        }
        return true;
    }
    return false;
}

/* x IS NULL, x IS DISTINCT FROM y */
static bool
call_test(sb_printer *p, const sb_ast_expr *expr, int *out_level)
{
    if (strncmp(expr->name, "IS ", 3) != 0 || expr->count_args < 1) {
        return false;
    }
    *out_level = SB_PR_IS;
    if (p != NULL) {
        sb_pr_expr_level(p, expr->args[0], SB_PR_IS);
        sb_pr_add(p, " ");
        sb_pr_add(p, expr->name);
        if (expr->count_args == 2) {
            sb_pr_add(p, " ");
            sb_pr_expr_level(p, expr->args[1], SB_PR_COMPARE + 1);
        }
    }
    return true;
}

/* [NOT] BETWEEN, LIKE, SIMILAR TO, IN */
static bool
call_range(sb_printer *p, const sb_ast_expr *expr, bool negated)
{
    bool between = strncmp(expr->name, "BETWEEN", 7) == 0 && expr->count_args == 3;
    bool like = (strcmp(expr->name, "LIKE") == 0 || strcmp(expr->name, "SIMILAR TO") == 0) &&
                (expr->count_args == 2 || expr->count_args == 3);
    bool in = strcmp(expr->name, "IN") == 0 && expr->count_args > 1;

    if (expr->kind != SB_AST_CALL || (!between && !like && !in)) {
        return false;
    }
    if (p == NULL) {
        return true;
    }
    sb_pr_expr_level(p, expr->args[0], SB_PR_RANGE);
    sb_pr_add(p, negated ? " NOT " : " ");
    sb_pr_add(p, expr->name);
    sb_pr_add(p, in ? " (" : " ");
    if (in) {
        sb_pr_exprs(p, expr->args + 1, expr->count_args - 1);
        sb_pr_add(p, ")");
        return true;
    }
    sb_pr_expr_level(p, expr->args[1], SB_PR_ADD);
    if (expr->count_args == 3) {
        sb_pr_add(p, between ? " AND " : " ESCAPE ");
        sb_pr_expr_level(p, expr->args[2], SB_PR_ADD);
    }
    return true;
}

static bool
call_not(sb_printer *p, const sb_ast_expr *expr, int *out_level)
{
    const sb_ast_expr *arg;

    if (!call_is(expr, "NOT", 1)) {
        return false;
    }
    arg = expr->args[0];
    if (!arg->bracketed && arg->kind == SB_AST_CALL && call_range(NULL, arg, true)) {
        *out_level = SB_PR_RANGE;
        return p == NULL || call_range(p, arg, true);
    }
    if (!arg->bracketed && arg->kind == SB_AST_IN_QUERY) {
        *out_level = SB_PR_RANGE;
        if (p != NULL) {
            sb_pr_expr_level(p, arg->args[0], SB_PR_RANGE);
            sb_pr_add(p, " NOT IN ");
            sb_pr_subquery(p, arg->query);
        }
        return true;
    }
    *out_level = SB_PR_NOT;
    if (p != NULL) {
        sb_pr_add(p, "NOT ");
        sb_pr_expr_level(p, arg, SB_PR_NOT);
    }
    return true;
}

/* ---- functions with words ---- */

static void
call_word(sb_printer *p, const sb_ast_expr *word)
{
    sb_pr_bytes(p, word->text.data, word->text.size);
}

/* name ( a <first> b <second> c <third> d ) */
static void
call_between(sb_printer *p, const sb_ast_expr *expr, const char *first, const char *second,
             const char *third)
{
    const char *const words[] = {"", first, second, third};

    sb_pr_add(p, expr->name);
    sb_pr_add(p, "(");
    for (int32_t i = 0; i < expr->count_args; i++) {
        sb_pr_add(p, words[i]);
        sb_pr_expr(p, expr->args[i]);
    }
    sb_pr_add(p, ")");
}

static void
call_trim(sb_printer *p, const sb_ast_expr *expr)
{
    bool plain = sb_str_equal(expr->args[0]->text, SB_STR("BOTH")) &&
                 expr->args[1]->kind == SB_AST_STRING &&
                 sb_str_equal(expr->args[1]->text, SB_STR(" "));

    sb_pr_add(p, "TRIM(");
    if (!plain) {
        call_word(p, expr->args[0]);
        sb_pr_add(p, " ");
        sb_pr_expr(p, expr->args[1]);
        sb_pr_add(p, " FROM ");
    }
    sb_pr_expr(p, expr->args[2]);
    sb_pr_add(p, ")");
}

static bool
call_words(sb_printer *p, const sb_ast_expr *expr)
{
    if (call_is(expr, "EXTRACT", 2)) {
        sb_pr_add(p, "EXTRACT(");
        call_word(p, expr->args[0]);
        sb_pr_add(p, " FROM ");
        sb_pr_expr(p, expr->args[1]);
        sb_pr_add(p, ")");
    } else if ((call_is(expr, "FLOOR", 2) || call_is(expr, "CEIL", 2)) &&
               expr->args[1]->kind == SB_AST_STRING) {
        sb_pr_add(p, expr->name);
        sb_pr_add(p, "(");
        sb_pr_expr(p, expr->args[0]);
        sb_pr_add(p, " TO ");
        call_word(p, expr->args[1]);
        sb_pr_add(p, ")");
    } else if (call_is(expr, "TIMESTAMPADD", 3) || call_is(expr, "TIMESTAMPDIFF", 3)) {
        sb_pr_add(p, expr->name);
        sb_pr_add(p, "(");
        call_word(p, expr->args[0]);
        sb_pr_add(p, ", ");
        sb_pr_exprs(p, expr->args + 1, 2);
        sb_pr_add(p, ")");
    } else if (call_is(expr, "TRIM", 3)) {
        call_trim(p, expr);
    } else if (call_is(expr, "POSITION", 2)) {
        sb_pr_add(p, "POSITION(");
        sb_pr_expr_level(p, expr->args[0], SB_PR_ADD);
        sb_pr_add(p, " IN ");
        sb_pr_expr(p, expr->args[1]);
        sb_pr_add(p, ")");
    } else if (call_is(expr, "OVERLAY", -1) && expr->count_args >= 3 && expr->count_args <= 4) {
        call_between(p, expr, " PLACING ", " FROM ", " FOR ");
    } else {
        return false;
    }
    return true;
}

/* ARRAY[...], MAP[...], a[i], CURRENT_DATE, ROW(...) */
static bool
call_special(sb_printer *p, const sb_ast_expr *expr)
{
    static const char *const niladic[] = {"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP",
                                          "LOCALTIME", "LOCALTIMESTAMP"};
    bool source = p->text != NULL && expr->end > expr->begin;

    for (size_t i = 0; i < 5; i++) {
        if (call_is(expr, niladic[i], 0)) {
            sb_pr_add(p, expr->name);
            return true;
        }
    }
    if (source && strncmp(expr->name, "JSON_", 5) == 0 && expr->count_args > 0 &&
        expr->args[0] != NULL && expr->args[0]->kind == SB_AST_STRING &&
        expr->args[0]->begin == expr->args[0]->end) { /* the words are not in the tree */
        sb_pr_source(p, expr->begin, expr->end);
        return true;
    }
    if (call_is(expr, "ITEM", 2) && source && p->text[expr->end - 1] == ']') {
        sb_pr_expr_level(p, expr->args[0], SB_PR_PRIMARY);
        sb_pr_add(p, "[");
        sb_pr_expr(p, expr->args[1]);
        sb_pr_add(p, "]");
        return true;
    }
    if ((call_is(expr, "ARRAY", -1) || call_is(expr, "MAP", -1)) && source &&
        p->text[expr->end - 1] == ']') {
        sb_pr_add(p, expr->name);
        sb_pr_add(p, "[");
        sb_pr_exprs(p, expr->args, expr->count_args);
        sb_pr_add(p, "]");
        return true;
    }
    if (call_is(expr, "ROW", -1) && expr->count_args > 1 && source && p->text[expr->begin] == '(') {
        sb_pr_add(p, "(");
        sb_pr_exprs(p, expr->args, expr->count_args);
        sb_pr_add(p, ")");
        return true;
    }
    return false;
}

/* ---- plain calls ---- */

/* Functions that sabot knows in capital letters, others as written. */
static void
call_name(sb_printer *p, const sb_ast_expr *expr)
{
    size_t size = strlen(expr->name);

    if (expr->path.count > 1) {
        sb_pr_path(p, &expr->path);
        return;
    }
    if (p->text == NULL || (size_t)(expr->end - expr->begin) < size ||
        expr->kind == SB_AST_AGGREGATE || sb_function_find(expr->name, NULL) != NULL ||
        !sb_str_equal_nocase((sb_str){p->text + expr->begin, size}, (sb_str){expr->name, size})) {
        sb_pr_add(p, expr->name);
    } else {
        sb_pr_bytes(p, p->text + expr->begin, size);
    }
}

static void
call_nulls(sb_printer *p, const sb_ast_expr *expr)
{
    sb_pr_add(p, expr->ignore_nulls    ? " IGNORE NULLS"
                 : expr->respect_nulls ? " RESPECT NULLS"
                                       : "");
}

/* JSON_OBJECTAGG(KEY k VALUE v NULL ON NULL) */
static bool
call_json_aggregate(sb_printer *p, const sb_ast_expr *expr)
{
    bool object = call_is(expr, "JSON_OBJECTAGG", 2);

    if (expr->kind != SB_AST_AGGREGATE || (!object && !call_is(expr, "JSON_ARRAYAGG", 1))) {
        return false;
    }
    sb_pr_add(p, expr->name);
    sb_pr_add(p, object ? "(KEY " : "(");
    sb_pr_expr(p, expr->args[0]);
    if (object) {
        sb_pr_add(p, " VALUE ");
        sb_pr_expr(p, expr->args[1]);
    }
    sb_pr_add(p, expr->ignore_nulls ? " ABSENT ON NULL)" : " NULL ON NULL)");
    return true;
}

static void
call_plain(sb_printer *p, const sb_ast_expr *expr)
{
    call_name(p, expr);
    sb_pr_add(p, "(");
    sb_pr_add(p, expr->distinct ? "DISTINCT " : "");
    sb_pr_add(p, expr->star ? "*" : "");
    sb_pr_exprs(p, expr->args, expr->count_args);
    if (expr->count_order > 0 && !expr->within_group) {
        sb_pr_add(p, " ORDER BY ");
        sb_pr_order(p, expr->order, expr->count_order);
    }
    sb_pr_add(p, ")");
    if (expr->within_group) {
        sb_pr_add(p, " WITHIN GROUP (ORDER BY ");
        sb_pr_order(p, expr->order, expr->count_order);
        sb_pr_add(p, ")");
    }
    call_nulls(p, expr);
    if (expr->filter != NULL) {
        sb_pr_add(p, " FILTER (WHERE ");
        sb_pr_expr(p, expr->filter);
        sb_pr_add(p, ")");
    }
}

void
sb_pr_call(sb_printer *p, const sb_ast_expr *expr, int *out_level)
{
    *out_level = SB_PR_PRIMARY;
    if (expr->kind == SB_AST_CALL && expr->over == NULL) {
        if (call_operator(p, expr, out_level) || call_test(p, expr, out_level) ||
            call_not(p, expr, out_level)) {
            return;
        }
        if (call_range(NULL, expr, false)) {
            *out_level = SB_PR_RANGE;
            if (p != NULL) {
                (void)call_range(p, expr, false);
            }
            return;
        }
    }
    if (p == NULL) {
        return;
    }
    if (call_json_aggregate(p, expr)) {
        return;
    }
    if (expr->kind == SB_AST_AGGREGATE || (!call_words(p, expr) && !call_special(p, expr))) {
        call_plain(p, expr);
    }
    if (expr->over != NULL) {
        sb_pr_over(p, expr->over);
    }
}
