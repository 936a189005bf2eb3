/*
 * sql/print_expr.c -- expressions: literals, names, casts, CASE, subqueries, windows, brackets.
 *
 * DESIGN     Brackets are written where the source had them and where precedence wants them. Every
 *            kind of node has its case in sb_pr_expr_inner; forms of calls are in print_call.c.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/printer.h"

static const char *const expr_units[] = {"", "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};

/* ---- pieces ---- */

void
sb_pr_exprs(sb_printer *p, sb_ast_expr *const *exprs, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        sb_pr_expr(p, exprs[i]);
    }
}

void
sb_pr_order(sb_printer *p, const sb_ast_order *order, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        sb_pr_expr(p, order[i].expr);
        sb_pr_add(p, order[i].desc ? " DESC" : order[i].asc ? " ASC" : "");
        sb_pr_add(p, order[i].nulls_first  ? " NULLS FIRST"
                     : order[i].nulls_last ? " NULLS LAST"
                                           : "");
    }
}

static void
expr_bound(sb_printer *p, const sb_ast_bound *bound)
{
    switch (bound->kind) {
    case SB_AST_BOUND_NONE: break;
    case SB_AST_BOUND_UNBOUNDED_PRECEDING: sb_pr_add(p, "UNBOUNDED PRECEDING"); break;
    case SB_AST_BOUND_CURRENT_ROW: sb_pr_add(p, "CURRENT ROW"); break;
    case SB_AST_BOUND_UNBOUNDED_FOLLOWING: sb_pr_add(p, "UNBOUNDED FOLLOWING"); break;
    case SB_AST_BOUND_PRECEDING:
    case SB_AST_BOUND_FOLLOWING:
        sb_pr_expr_level(p, bound->offset, SB_PR_ADD);
        sb_pr_add(p, bound->kind == SB_AST_BOUND_PRECEDING ? " PRECEDING" : " FOLLOWING");
        break;
    }
}

static void
expr_frame(sb_printer *p, const sb_ast_window *window)
{
    sb_pr_add(p, window->frame == SB_AST_FRAME_ROWS ? "ROWS " : "RANGE ");
    if (window->to.kind == SB_AST_BOUND_NONE) {
        expr_bound(p, &window->from);
        return;
    }
    sb_pr_add(p, "BETWEEN ");
    expr_bound(p, &window->from);
    sb_pr_add(p, " AND ");
    expr_bound(p, &window->to);
}

void
sb_pr_window(sb_printer *p, const sb_ast_window *window)
{
    const char *gap = "";

    sb_pr_add(p, "(");
    if (window->base.text != NULL) {
        sb_pr_name(p, &window->base);
        gap = " ";
    }
    if (window->count_partition > 0) {
        sb_pr_add(p, gap);
        sb_pr_add(p, "PARTITION BY ");
        sb_pr_exprs(p, window->partition, window->count_partition);
        gap = " ";
    }
    if (window->count_order > 0) {
        sb_pr_add(p, gap);
        sb_pr_add(p, "ORDER BY ");
        sb_pr_order(p, window->order, window->count_order);
        gap = " ";
    }
    if (window->frame != SB_AST_FRAME_NONE) {
        sb_pr_add(p, gap);
        expr_frame(p, window);
        gap = " ";
    }
    if (window->allow_partial || window->disallow_partial) {
        sb_pr_add(p, gap);
        sb_pr_add(p, window->allow_partial ? "ALLOW PARTIAL" : "DISALLOW PARTIAL");
    }
    sb_pr_add(p, ")");
}

void
sb_pr_over(sb_printer *p, const sb_ast_window *window)
{
    sb_pr_add(p, " OVER ");
    if (window->bracketed) {
        sb_pr_window(p, window);
    } else {
        sb_pr_name(p, &window->base);
    }
}

void
sb_pr_type(sb_printer *p, const sb_type *type, int32_t begin, int32_t end)
{
    sb_text text;

    if (p->text != NULL && end > begin) {
        sb_pr_source(p, begin, end);
        return;
    }
    sb_text_init(&text, sb_mem_root());
    sb_type_print(type, &text);
    sb_pr_add(p, text.data);
    sb_text_deinit(&text);
}

/* ---- literals ---- */

static void
expr_interval(sb_printer *p, const sb_ast_expr *expr)
{
    sb_pr_add(p, expr->negative ? "INTERVAL -" : "INTERVAL ");
    sb_pr_quoted(p, expr->text, '\'');
    sb_pr_add(p, " ");
    if (p->text != NULL && expr->end > expr->begin) { /* with the precision of the units */
        const char *quote = memrchr(p->text + expr->begin, '\'', (size_t)(expr->end - expr->begin));
        const char *end = p->text + expr->end;

        if (quote != NULL && (!p->kept || memchr(quote, '(', (size_t)(end - quote)) != NULL)) {
            sb_pr_source(p, (int32_t)(quote - p->text) + 1, expr->end);
            return;
        }
    }
    sb_pr_add(p, expr_units[expr->unit_from]);
    if (expr->unit_to != expr->unit_from) {
        sb_pr_add(p, " TO ");
        sb_pr_add(p, expr_units[expr->unit_to]);
    }
}

/* A zero byte has no place in a text that is kept: it is written as an escape. */
static void
expr_string(sb_printer *p, sb_str text)
{
    if (text.size == 0 || memchr(text.data, '\0', text.size) == NULL) {
        sb_pr_quoted(p, text, '\'');
        return;
    }
    sb_pr_add(p, "U&'");
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];

        sb_pr_add(p, c == '\0' ? "\\0000" : c == '\\' ? "\\\\" : c == '\'' ? "''" : "");
        if (c != '\0' && c != '\\' && c != '\'') {
            sb_pr_bytes(p, &c, 1);
        }
    }
    sb_pr_add(p, "'");
}

static void
expr_literal(sb_printer *p, const sb_ast_expr *expr)
{
    switch (expr->kind) {
    case SB_AST_NULL: sb_pr_add(p, expr->type.id == SB_TYPE_BOOLEAN ? "UNKNOWN" : "NULL"); break;
    case SB_AST_BOOLEAN: sb_pr_add(p, expr->boolean ? "TRUE" : "FALSE"); break;
    case SB_AST_NUMBER:
        sb_pr_add(p, expr->negative ? "-" : "");
        sb_pr_bytes(p, expr->text.data, expr->text.size);
        break;
    case SB_AST_BINARY:
        sb_pr_add(p, "X");
        sb_pr_quoted(p, expr->text, '\'');
        break;
    case SB_AST_TEMPORAL:
        sb_pr_add(p, expr->type.id == SB_TYPE_DATE   ? "DATE "
                     : expr->type.id == SB_TYPE_TIME ? "TIME "
                                                     : "TIMESTAMP ");
        sb_pr_quoted(p, expr->text, '\'');
        break;
    case SB_AST_INTERVAL: expr_interval(p, expr); break;
    default: expr_string(p, expr->text); break;
    }
}

/* ---- CASE, CAST, queries ---- */

static void
expr_case_inside(sb_printer *p, const void *node)
{
    const sb_ast_expr *expr = node;

    sb_pr_add(p, "CASE");
    if (expr->args[0] != NULL) {
        sb_pr_add(p, " ");
        sb_pr_expr(p, expr->args[0]);
    }
    p->indent += SB_PRINT_INDENT;
    for (int32_t i = 1; i + 1 < expr->count_args; i += 2) {
        sb_pr_line(p);
        sb_pr_comments(p, expr->args[i]->begin);
        sb_pr_add(p, "WHEN ");
        sb_pr_expr(p, expr->args[i]);
        sb_pr_add(p, " THEN ");
        sb_pr_expr(p, expr->args[i + 1]);
    }
    if (expr->args[expr->count_args - 1] != NULL) {
        sb_pr_line(p);
        sb_pr_comments(p, expr->args[expr->count_args - 1]->begin);
        sb_pr_add(p, "ELSE ");
        sb_pr_expr(p, expr->args[expr->count_args - 1]);
    }
    p->indent -= SB_PRINT_INDENT;
    sb_pr_line(p);
    sb_pr_add(p, "END");
}

static void
expr_cast(sb_printer *p, const sb_ast_expr *expr)
{
    if (expr->type_end == 0 && p->text != NULL) { /* JSON_VALUE(... RETURNING VARCHAR(9)) */
        sb_pr_expr(p, expr->args[0]);
        return;
    }
    sb_pr_add(p, expr->try_cast ? "TRY_CAST(" : "CAST(");
    sb_pr_expr(p, expr->args[0]);
    sb_pr_add(p, " AS ");
    sb_pr_type(p, &expr->type, expr->type_begin, expr->type_end);
    sb_pr_add(p, ")");
}

static void
expr_query(sb_printer *p, const sb_ast_expr *expr)
{
    switch (expr->kind) {
    case SB_AST_EXISTS: sb_pr_add(p, "EXISTS "); break;
    case SB_AST_IN_QUERY:
        sb_pr_expr_level(p, expr->args[0], SB_PR_RANGE);
        sb_pr_add(p, " IN ");
        break;
    case SB_AST_QUANTIFIED:
        sb_pr_expr_level(p, expr->args[0], SB_PR_COMPARE);
        sb_pr_add(p, " ");
        sb_pr_add(p, expr->name);
        sb_pr_add(p, expr->distinct ? " ALL " : " SOME ");
        break;
    default: sb_pr_add(p, expr->name != NULL ? expr->name : ""); break;
    }
    if (expr->query != NULL) {
        sb_pr_subquery(p, expr->query);
        return;
    }
    sb_pr_add(p, "(");
    sb_pr_exprs(p, expr->args + 1, expr->count_args - 1);
    sb_pr_add(p, ")");
}

/* ---- any expression ---- */

static void
expr_inner(sb_printer *p, const sb_ast_expr *expr)
{
    int level;

    switch (expr->kind) {
    case SB_AST_NULL:
    case SB_AST_BOOLEAN:
    case SB_AST_NUMBER:
    case SB_AST_STRING:
    case SB_AST_BINARY:
    case SB_AST_TEMPORAL:
    case SB_AST_INTERVAL: expr_literal(p, expr); break;
    case SB_AST_NAME: sb_pr_path(p, &expr->path); break;
    case SB_AST_STAR:
        sb_pr_path(p, &expr->path);
        sb_pr_add(p, expr->path.count > 0 ? ".*" : "*");
        break;
    case SB_AST_CALL:
    case SB_AST_AGGREGATE: sb_pr_call(p, expr, &level); break;
    case SB_AST_CASE: sb_pr_node(p, expr_case_inside, expr, expr->end); break;
    case SB_AST_CAST: expr_cast(p, expr); break;
    case SB_AST_FIELD:
    case SB_AST_ROW_STAR:
        sb_pr_expr_level(p, expr->args[0], SB_PR_PRIMARY);
        sb_pr_add(p, ".");
        if (expr->kind == SB_AST_FIELD) {
            sb_sql_print_name(expr->name, p->out);
            sb_pr_add(p, "");
        } else {
            sb_pr_add(p, "*");
        }
        break;
    case SB_AST_SUBQUERY:
    case SB_AST_EXISTS:
    case SB_AST_IN_QUERY:
    case SB_AST_QUANTIFIED: expr_query(p, expr); break;
    }
}

int
sb_pr_level(const sb_ast_expr *expr)
{
    int level = SB_PR_PRIMARY;

    switch (expr->kind) {
    case SB_AST_NUMBER: return expr->negative ? SB_PR_SIGN : SB_PR_PRIMARY;
    case SB_AST_CALL: sb_pr_call(NULL, expr, &level); return level;
    case SB_AST_IN_QUERY: return SB_PR_RANGE;
    case SB_AST_QUANTIFIED: return SB_PR_COMPARE;
    default: return level;
    }
}

void
sb_pr_expr_level(sb_printer *p, const sb_ast_expr *expr, int level)
{
    bool brackets = expr->bracketed || sb_pr_level(expr) < level;

    sb_pr_add(p, brackets ? "(" : "");
    expr_inner(p, expr);
    sb_pr_add(p, brackets ? ")" : "");
}

void
sb_pr_expr(sb_printer *p, const sb_ast_expr *expr)
{
    sb_pr_expr_level(p, expr, SB_PR_OR);
}

/* ---- conditions ---- */

static void
condition_flat(sb_printer *p, const void *node)
{
    sb_pr_expr(p, node);
}

static bool
condition_is(const sb_ast_expr *expr, const char *name)
{
    return expr->kind == SB_AST_CALL && expr->count_args == 2 && expr->name != NULL &&
           expr->over == NULL && strcmp(expr->name, name) == 0;
}

/* The terms of a chain a AND b AND c, one a line. */
static void
condition_terms(sb_printer *p, const sb_ast_expr *expr, const char *name, bool first)
{
    if (condition_is(expr, name) && (first || !expr->bracketed)) {
        condition_terms(p, expr->args[0], name, false);
        sb_pr_line(p);
        sb_pr_comments(p, expr->args[1]->begin);
        sb_pr_add(p, name);
        sb_pr_add(p, " ");
        sb_pr_expr_level(p, expr->args[1], strcmp(name, "OR") == 0 ? SB_PR_OR + 1 : SB_PR_AND + 1);
        return;
    }
    sb_pr_expr_level(p, expr, strcmp(name, "OR") == 0 ? SB_PR_OR : SB_PR_AND);
}

void
sb_pr_condition(sb_printer *p, const sb_ast_expr *expr)
{
    const char *name = condition_is(expr, "AND") ? "AND" : condition_is(expr, "OR") ? "OR" : NULL;

    if (name == NULL || expr->bracketed || p->flat) {
        sb_pr_expr(p, expr);
        return;
    }
    if (!sb_pr_try(p, condition_flat, expr, expr->end)) {
        p->indent += SB_PRINT_INDENT;
        condition_terms(p, expr, name, true);
        p->indent -= SB_PRINT_INDENT;
    }
}
