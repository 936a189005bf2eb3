/*
 * sql/print_query.c -- SELECT, VALUES, TABLE, set operations, WITH, ORDER BY and LIMIT.
 *
 * DESIGN     A query that fits stays on one line; else every clause begins a line.
 * THREADS    one thread at a time.
 */
#include "sql/printer.h"

/* ---- SELECT ---- */

static void
select_item(sb_printer *p, const sb_ast_item *item)
{
    sb_pr_comments(p, item->expr->begin);
    sb_pr_condition(p, item->expr);
    if (item->alias.text != NULL) {
        sb_pr_add(p, " AS ");
        sb_pr_name(p, &item->alias);
    }
}

static void
select_items_flat(sb_printer *p, const void *node)
{
    const sb_ast_query *query = node;

    sb_pr_add(p, " ");
    for (int32_t i = 0; i < query->count_items; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        select_item(p, &query->items[i]);
    }
}

static void
select_items(sb_printer *p, const sb_ast_query *query)
{
    const sb_ast_item *last = &query->items[query->count_items - 1];

    if (sb_pr_try(p, select_items_flat, query, last->expr->end)) {
        return;
    }
    p->indent += SB_PRINT_INDENT;
    for (int32_t i = 0; i < query->count_items; i++) {
        sb_pr_add(p, i > 0 ? "," : "");
        sb_pr_line(p);
        select_item(p, &query->items[i]);
    }
    p->indent -= SB_PRINT_INDENT;
}

static void
select_group_part(sb_printer *p, const sb_ast_group *group)
{
    switch (group->kind) {
    case SB_AST_GROUP_EXPR: sb_pr_expr(p, group->exprs[0]); return;
    case SB_AST_GROUP_LIST:
        sb_pr_add(p, "(");
        sb_pr_exprs(p, group->exprs, group->count_exprs);
        sb_pr_add(p, ")");
        return;
    case SB_AST_GROUP_SETS: sb_pr_add(p, "GROUPING SETS ("); break;
    case SB_AST_GROUP_ROLLUP: sb_pr_add(p, "ROLLUP ("); break;
    case SB_AST_GROUP_CUBE: sb_pr_add(p, "CUBE ("); break;
    }
    for (int32_t i = 0; i < group->count; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        select_group_part(p, group->parts[i]);
    }
    sb_pr_add(p, ")");
}

/* GROUP BY of plain expressions, one a line when they are long */
static void
select_group_flat(sb_printer *p, const void *node)
{
    const sb_ast_query *query = node;

    sb_pr_add(p, " ");
    sb_pr_exprs(p, query->group, query->count_group);
}

static void
select_group(sb_printer *p, const sb_ast_query *query)
{
    sb_pr_add(p, query->group_distinct ? "GROUP BY DISTINCT" : "GROUP BY");
    if (query->count_group_sets > 0) {
        for (int32_t i = 0; i < query->count_group_sets; i++) {
            sb_pr_add(p, i > 0 ? ", " : " ");
            select_group_part(p, query->group_sets[i]);
        }
    } else if (query->count_group == 0) {
        sb_pr_add(p, " ()");
    } else if (!sb_pr_try(p, select_group_flat, query, query->group[query->count_group - 1]->end)) {
        p->indent += SB_PRINT_INDENT;
        for (int32_t i = 0; i < query->count_group; i++) {
            sb_pr_add(p, i > 0 ? "," : "");
            sb_pr_line(p);
            sb_pr_comments(p, query->group[i]->begin);
            sb_pr_expr(p, query->group[i]);
        }
        p->indent -= SB_PRINT_INDENT;
    }
}

static void
select_windows(sb_printer *p, const sb_ast_query *query)
{
    sb_pr_line(p);
    sb_pr_comments(p, query->windows[0]->begin);
    sb_pr_add(p, "WINDOW ");
    for (int32_t i = 0; i < query->count_windows; i++) {
        if (i > 0) {
            sb_pr_add(p, ",");
            sb_pr_line(p);
        }
        sb_pr_name(p, &query->windows[i]->name);
        sb_pr_add(p, " AS ");
        sb_pr_window(p, query->windows[i]);
    }
}

/* A clause with one condition. */
static void
select_condition(sb_printer *p, const char *word, const sb_ast_expr *condition)
{
    if (condition == NULL) {
        return;
    }
    sb_pr_line(p);
    sb_pr_comments(p, condition->begin);
    sb_pr_add(p, word);
    sb_pr_condition(p, condition);
}

static void
query_select(sb_printer *p, const sb_ast_query *query)
{
    sb_pr_add(p, "SELECT");
    sb_pr_hints(p, NULL, query->hints, query->count_hints);
    sb_pr_add(p, query->distinct ? " DISTINCT" : "");
    select_items(p, query);
    if (query->from != NULL) {
        sb_pr_line(p);
        sb_pr_comments(p, query->from->begin);
        sb_pr_add(p, "FROM ");
        sb_pr_from(p, query->from);
    }
    select_condition(p, "WHERE ", query->where);
    if (query->has_group) {
        sb_pr_line(p);
        if (query->count_group_sets > 0) {
            sb_pr_comments(p, query->group_sets[0]->begin);
        } else if (query->count_group > 0) {
            sb_pr_comments(p, query->group[0]->begin);
        }
        select_group(p, query);
    }
    select_condition(p, "HAVING ", query->having);
    if (query->count_windows > 0) {
        select_windows(p, query);
    }
    select_condition(p, "QUALIFY ", query->qualify);
}

/* ---- VALUES ---- */

static void
values_row(sb_printer *p, const sb_ast_query *query, int32_t row)
{
    sb_pr_add(p, "(");
    sb_pr_exprs(p, query->rows[row], query->count_columns);
    sb_pr_add(p, ")");
}

static void
values_flat(sb_printer *p, const void *node)
{
    const sb_ast_query *query = node;

    sb_pr_add(p, "VALUES ");
    for (int32_t i = 0; i < query->count_rows; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        values_row(p, query, i);
    }
}

static void
query_values(sb_printer *p, const sb_ast_query *query)
{
    if (sb_pr_try(p, values_flat, query, query->end)) {
        return;
    }
    sb_pr_add(p, "VALUES");
    p->indent += SB_PRINT_INDENT;
    for (int32_t i = 0; i < query->count_rows; i++) {
        sb_pr_add(p, i > 0 ? "," : "");
        sb_pr_line(p);
        sb_pr_comments(p, query->rows[i][0]->begin);
        values_row(p, query, i);
    }
    p->indent -= SB_PRINT_INDENT;
}

/* ---- set operations ---- */

static bool
query_has_tail(const sb_ast_query *query)
{
    return query->count_order > 0 || query->limit != NULL || query->limit_all ||
           query->offset != NULL;
}

static bool
query_is_set(const sb_ast_query *query)
{
    return query->kind == SB_AST_UNION || query->kind == SB_AST_INTERSECT ||
           query->kind == SB_AST_EXCEPT;
}

/* A part of a set operation: in brackets when it would be read differently without. */
static void
query_part(sb_printer *p, const sb_ast_query *outer, const sb_ast_query *part, bool right)
{
    bool brackets = part->count_ctes > 0 || query_has_tail(part);

    if (query_is_set(part)) {
        bool tight = outer->kind == SB_AST_INTERSECT, tight_part = part->kind == SB_AST_INTERSECT;

        brackets |= right ? tight || !tight_part : tight && !tight_part;
    }
    if (brackets) {
        sb_pr_subquery(p, part);
    } else {
        sb_pr_query(p, part);
    }
}

static void
query_set(sb_printer *p, const sb_ast_query *query)
{
    query_part(p, query, query->left, false);
    sb_pr_line(p);
    sb_pr_comments(p, query->right->begin);
    sb_pr_add(p, query->kind == SB_AST_UNION       ? "UNION"
                 : query->kind == SB_AST_INTERSECT ? "INTERSECT"
                                                   : "EXCEPT");
    sb_pr_add(p, query->all ? " ALL" : "");
    sb_pr_line(p);
    query_part(p, query, query->right, true);
}

/* ---- WITH, ORDER BY, LIMIT ---- */

static void
query_ctes(sb_printer *p, const sb_ast_query *query)
{
    sb_pr_add(p, query->recursive ? "WITH RECURSIVE " : "WITH ");
    for (int32_t i = 0; i < query->count_ctes; i++) {
        const sb_ast_cte *cte = &query->ctes[i];

        if (i > 0) {
            sb_pr_add(p, ",");
            sb_pr_line(p);
            sb_pr_comments(p, cte->name.begin);
        }
        sb_pr_name(p, &cte->name);
        sb_pr_add(p, " ");
        if (cte->count_columns > 0) {
            sb_pr_names(p, cte->columns, cte->count_columns);
            sb_pr_add(p, " ");
        }
        sb_pr_add(p, "AS ");
        sb_pr_subquery(p, cte->query);
    }
    sb_pr_line(p);
}

static void
query_tail(sb_printer *p, const sb_ast_query *query)
{
    if (!query_has_tail(query)) {
        return;
    }
    if (query->count_order > 0) {
        sb_pr_line(p);
        sb_pr_comments(p, query->order[0].expr->begin);
        sb_pr_add(p, "ORDER BY ");
        sb_pr_order(p, query->order, query->count_order);
    }
    if (query->limit_all || (query->limit != NULL && !query->fetch)) {
        sb_pr_line(p);
        sb_pr_add(p, "LIMIT ");
        if (query->limit_all) {
            sb_pr_add(p, "ALL");
        } else {
            sb_pr_expr(p, query->limit);
        }
    }
    if (query->offset != NULL) {
        sb_pr_line(p);
        sb_pr_add(p, "OFFSET ");
        sb_pr_expr(p, query->offset);
        sb_pr_add(p, query->fetch ? " ROWS" : "");
    }
    if (query->fetch) {
        sb_pr_line(p);
        sb_pr_add(p, "FETCH FIRST ");
        sb_pr_expr(p, query->limit);
        sb_pr_add(p, " ROWS ONLY");
    }
}

static void
query_inside(sb_printer *p, const void *node)
{
    const sb_ast_query *query = node;

    sb_pr_comments(p, query->begin);
    if (query->count_ctes > 0) {
        query_ctes(p, query);
    }
    switch (query->kind) {
    case SB_AST_SELECT: query_select(p, query); break;
    case SB_AST_VALUES: query_values(p, query); break;
    case SB_AST_UNION:
    case SB_AST_INTERSECT:
    case SB_AST_EXCEPT: query_set(p, query); break;
    case SB_AST_TABLE_QUERY:
        sb_pr_add(p, "TABLE ");
        sb_pr_path(p, &query->from->path);
        break;
    case SB_AST_NESTED: sb_pr_subquery(p, query->left); break;
    }
    query_tail(p, query);
}

void
sb_pr_query(sb_printer *p, const sb_ast_query *query)
{
    sb_pr_node(p, query_inside, query, query->end);
}

static void
subquery_flat(sb_printer *p, const void *node)
{
    sb_pr_add(p, "(");
    query_inside(p, node);
    sb_pr_add(p, ")");
}

void
sb_pr_subquery(sb_printer *p, const sb_ast_query *query)
{
    if (!sb_pr_try(p, subquery_flat, query, query->end)) {
        sb_pr_open(p);
        query_inside(p, query);
        sb_pr_close(p);
    }
}
