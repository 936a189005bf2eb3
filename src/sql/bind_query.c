/*
 * sql/bind_query.c -- SELECT, UNION and WITH.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"
#include "sql/lexer.h"

/* ---- SELECT ---- */

typedef struct select_list {
    sb_expr **exprs;
    const char **names;
    int32_t count, capacity;
} select_list;

static sb_status
list_add(sb_binder *b, select_list *list, sb_expr *expr, const char *name)
{
    if (list->count == SB_REL_COLUMNS_MAX) {
        return sb_sql_error(b->rel.err, SB_SQL_TOO_DEEP, expr->position, expr->position_end,
                            "more than %d columns", SB_REL_COLUMNS_MAX);
    }
    if (list->count == list->capacity) {
        int32_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        sb_expr **exprs = SB_NEW_ARRAY(b->rel.arena, sb_expr *, capacity);
        const char **names = SB_NEW_ARRAY(b->rel.arena, const char *, capacity);

        if (exprs == NULL || names == NULL) {
            SB_NOMEM(b->rel.err);
        }
        if (list->count > 0) {
            memcpy(exprs, list->exprs, sizeof(exprs[0]) * (size_t)list->count);
            memcpy(names, list->names, sizeof(names[0]) * (size_t)list->count);
        }
        list->exprs = exprs;
        list->names = names;
        list->capacity = capacity;
    }
    list->exprs[list->count] = expr;
    list->names[list->count++] = name;
    return SB_OK;
}

static sb_status
list_star(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, select_list *list)
{
    sb_expr **exprs;
    const char **names;
    int32_t count;

    if (ast->kind == SB_AST_ROW_STAR) {
        sb_expr *row;

        SB_TRY(sb_bind_expr(b, scope, ast->args[0], &row), b->rel.err);
        SB_TRY(sb_bind_row_star(b, row, ast, &exprs, &names, &count), b->rel.err);
    } else {
        SB_TRY(sb_bind_star(b, scope, ast, &exprs, &names, &count), b->rel.err);
    }
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(list_add(b, list, exprs[i], names[i]), b->rel.err);
    }
    return SB_OK;
}

static const char *
list_name(sb_binder *b, const sb_ast_item *item, int32_t index)
{
    const sb_ast_expr *expr = item->expr;

    if (item->alias.text != NULL) {
        return item->alias.text;
    }
    if (expr->kind == SB_AST_NAME) {
        return expr->path.parts[expr->path.count - 1].text;
    }
    if (expr->kind == SB_AST_FIELD || (expr->kind == SB_AST_CALL && expr->count_args == 0 &&
                                       sb_sql_niladic(sb_str_of(expr->name)) != NULL)) {
        return expr->name;
    }
    return sb_arena_printf(b->rel.arena, "EXPR$%d", index);
}

static sb_status
select_item(sb_binder *b, const sb_scope *scope, const sb_ast_item *item, const char *name,
            select_list *list)
{
    sb_expr *expr;

    if (item->expr->kind == SB_AST_STAR || item->expr->kind == SB_AST_ROW_STAR) {
        if (item->alias.text != NULL) {
            return sb_sql_error(b->rel.err, SB_SQL_SYNTAX, item->alias.begin, item->alias.end,
                                "* cannot have a name");
        }
        return list_star(b, scope, item->expr, list);
    }
    SB_TRY(sb_bind_expr(b, scope, item->expr, &expr), b->rel.err);
    return list_add(b, list, expr, name);
}

static sb_status
select_items(sb_binder *b, const sb_scope *scope, const sb_ast_query *query, select_list *list)
{
    const sb_type null = SB_TYPE(NULL, true);
    sb_status failed = SB_OK;

    for (int32_t i = 0; i < query->count_items; i++) {
        const sb_ast_item *item = &query->items[i];
        const char *name = list_name(b, item, i);
        sb_status before = failed;

        if (name == NULL) {
            SB_NOMEM(b->rel.err);
        }
        failed = SB_OK;
        SB_KEEP(b, select_item(b, scope, item, name, list), item->expr, &failed);
        if (failed != SB_OK) { /* ORDER BY finds its name, so that there is no error there */
            sb_expr *nothing = sb_expr_null(b->rel.arena, &null);

            if (nothing == NULL) {
                SB_NOMEM(b->rel.err);
            }
            SB_TRY(list_add(b, list, nothing, name), b->rel.err);
        }
        failed = before != SB_OK ? before : failed;
    }
    return sb_bind_settle(b, failed);
}

/* Without GROUPING SETS: one set of all different expressions. */
static sb_status
select_group(sb_binder *b, sb_scope *scope, const sb_ast_query *query, sb_bind_sets *out)
{
    sb_scope plain = *scope;
    sb_status failed = SB_OK;

    plain.aggs = NULL;
    plain.no_aggs = "GROUP BY";
    if (query->count_group_sets > 0) {
        return sb_bind_group_sets(b, &plain, query, out);
    }
    *out = (sb_bind_sets){.exprs = SB_NEW_ARRAY(b->rel.arena, sb_expr *, query->count_group + 1),
                          .sets = SB_NEW(b->rel.arena, uint64_t),
                          .count = 1};
    if (out->exprs == NULL || out->sets == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < query->count_group; i++) {
        sb_expr *expr = NULL;
        bool seen = false;

        SB_KEEP(b, sb_bind_expr(b, &plain, query->group[i], &expr), query->group[i], &failed);
        for (int32_t j = 0; failed == SB_OK && j < out->count_exprs; j++) {
            seen |= sb_expr_equal(out->exprs[j], expr);
        }
        out->exprs[out->count_exprs] = expr;
        out->count_exprs += !seen;
    }
    *out->sets = UINT64_MAX;
    return sb_bind_settle(b, failed);
}

/* What ORDER BY needs and the select list has not goes behind it; out_at: the place of each
 * item. */
static sb_status
select_order_item(sb_binder *b, const sb_scope *scope, const sb_ast_query *query, int32_t i,
                  select_list *list, int32_t visible, int32_t *at)
{
    const sb_ast_expr *item = query->order[i].expr;
    const char *name;
    sb_expr *expr;

    SB_TRY(sb_bind_order_item(b, item, list->names, visible, at), b->rel.err);
    if (*at >= 0) {
        return SB_OK;
    }
    SB_TRY(sb_bind_expr(b, scope, item, &expr), b->rel.err);
    for (*at = 0; *at < list->count && !sb_expr_equal(list->exprs[*at], expr);) {
        (*at)++;
    }
    if (*at < list->count) {
        return SB_OK;
    }
    if (query->distinct) {
        return sb_sql_error(b->rel.err, SB_SQL_GROUPING, item->begin, item->end,
                            "ORDER BY of SELECT DISTINCT: the expression is not in the select "
                            "list");
    }
    name = sb_arena_printf(b->rel.arena, "$o%d", i);
    if (name == NULL) {
        SB_NOMEM(b->rel.err);
    }
    return list_add(b, list, expr, name);
}

static sb_status
select_order(sb_binder *b, const sb_scope *scope, const sb_ast_query *query, select_list *list,
             int32_t **out_at)
{
    int32_t visible = list->count;
    sb_status failed = SB_OK;

    *out_at = SB_NEW_ARRAY(b->rel.arena, int32_t, query->count_order + 1);
    if (*out_at == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < query->count_order; i++) {
        SB_KEEP(b, select_order_item(b, scope, query, i, list, visible, &(*out_at)[i]),
                query->order[i].expr, &failed);
    }
    return sb_bind_settle(b, failed);
}

static sb_status
select_where(sb_binder *b, const sb_ast_query *query, sb_scope *scope, sb_rel **rel)
{
    sb_scope plain = *scope;
    sb_expr *condition;

    if (query->where == NULL) {
        return SB_OK;
    }
    plain.aggs = NULL;
    plain.no_aggs = "WHERE";
    SB_TRY(sb_bind_condition(b, &plain, query->where, "WHERE", &condition), b->rel.err);
    SB_TRY(sb_rel_filter(&b->rel, *rel, condition, rel), b->rel.err);
    scope->rel = *rel;
    return SB_OK;
}

sb_status
sb_bind_select(sb_binder *b, const sb_ast_query *query, sb_rel **out)
{
    struct sb_scope_aggs aggs = {.global = query->count_group == 0 && query->count_group_sets == 0,
                                 .grouped_allowed = query->has_group};
    sb_scope scope = {.no_aggs = "SELECT"};
    select_list list = {0};
    sb_bind_sets sets;
    sb_expr *having = NULL;
    int32_t visible, *order;
    sb_status failed = SB_OK;
    sb_rel *rel;

    if (query->from != NULL) {
        SB_TRY(sb_bind_from(b, query->from, &scope), b->rel.err);
        rel = (sb_rel *)scope.rel;
    } else {
        SB_TRY(sb_bind_one_row(b, &rel), b->rel.err);
        scope.rel = rel;
    }
    SB_KEEP(b, select_where(b, query, &scope, &rel), query, &failed);
    SB_KEEP(b, select_group(b, &scope, query, &sets), query, &failed);
    scope.aggs = &aggs;
    SB_KEEP(b, select_items(b, &scope, query, &list), query, &failed);
    visible = list.count;
    SB_KEEP(b, select_order(b, &scope, query, &list, &order), query, &failed);
    if (query->having != NULL) {
        SB_KEEP(b, sb_bind_condition(b, &scope, query->having, "HAVING", &having), query->having,
                &failed);
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    if (query->has_group || having != NULL || aggs.count > 0) {
        SB_TRY(sb_bind_grouping(b, &scope, &sets, list.exprs, list.count, &having, &rel),
               b->rel.err);
    }
    SB_TRY(sb_rel_unique_names(b->rel.arena, list.names, list.count), b->rel.err);
    SB_TRY(sb_rel_calc(&b->rel, rel, having, list.exprs, list.names, list.count, &rel), b->rel.err);
    rel->begin = query->begin;
    rel->end = query->end;
    if (query->distinct) {
        SB_TRY(sb_bind_distinct(b, rel, &rel), b->rel.err);
    }
    SB_TRY(sb_bind_sort(b, query, order, visible, &rel), b->rel.err);
    *out = rel;
    return SB_OK;
}

/* ---- UNION ---- */

static int32_t
union_terms(const sb_ast_query *query, const sb_ast_query **terms, int32_t count)
{
    if (query->kind == SB_AST_UNION && query->all && query->count_ctes == 0 &&
        query->tail_begin == query->tail_end) {
        count = union_terms(query->left, terms, count);
        return union_terms(query->right, terms, count);
    }
    if (terms != NULL) {
        terms[count] = query;
    }
    return count + 1;
}

/* All inputs to the common types of their columns. */
static sb_status
union_coerce(sb_binder *b, sb_rel **inputs, int32_t count)
{
    int32_t width = inputs[0]->schema.count;
    sb_type *common = SB_NEW_ARRAY(b->rel.arena, sb_type, width + 1);
    const sb_type **types = SB_NEW_ARRAY(b->rel.arena, const sb_type *, count);

    if (common == NULL || types == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t c = 0; c < width; c++) {
        for (int32_t i = 0; i < count; i++) {
            types[i] = &inputs[i]->schema.fields[c].type;
        }
        if (sb_type_common(b->rel.arena, types, count, &common[c], b->rel.err) != SB_OK) {
            sb_error_prefix(b->rel.err, "column %d of UNION (\"%s\")", c + 1,
                            inputs[0]->schema.fields[c].name);
            return sb_sql_error_place(b->rel.err, SB_SQL_TYPE, inputs[count - 1]->begin,
                                      inputs[count - 1]->end);
        }
    }
    for (int32_t i = 0; i < count; i++) {
        sb_expr **exprs = SB_NEW_ARRAY(b->rel.arena, sb_expr *, width + 1);
        const char **names = SB_NEW_ARRAY(b->rel.arena, const char *, width + 1);

        if (exprs == NULL || names == NULL) {
            SB_NOMEM(b->rel.err);
        }
        for (int32_t c = 0; c < width; c++) {
            sb_type type = common[c];

            names[c] = inputs[0]->schema.fields[c].name;
            exprs[c] = sb_expr_column(b->rel.arena, c, &inputs[i]->schema.fields[c].type);
            if (exprs[c] == NULL) {
                SB_NOMEM(b->rel.err);
            }
            type.nullable = exprs[c]->type.nullable;
            if (!sb_type_equal(&type, &exprs[c]->type)) {
                SB_TRY(sb_expr_coerce(b->rel.arena, exprs[c], &type, &exprs[c], b->rel.err),
                       b->rel.err);
            }
        }
        SB_TRY(sb_rel_calc(&b->rel, inputs[i], NULL, exprs, names, width, &inputs[i]), b->rel.err);
    }
    return SB_OK;
}

static sb_status
query_union(sb_binder *b, const sb_ast_query *query, sb_rel **out)
{
    sb_ast_query plain = *query;
    const sb_ast_query **terms;
    sb_rel **inputs;
    sb_status failed = SB_OK;
    int32_t count = 2;

    /* WITH in front and ORDER BY behind belong to the union, not to a term. */
    plain.count_ctes = 0;
    plain.tail_begin = plain.tail_end = 0;
    if (query->all) {
        count = union_terms(&plain, NULL, 0);
    }
    terms = SB_NEW_ARRAY(b->rel.arena, const sb_ast_query *, count);
    inputs = SB_NEW_ARRAY(b->rel.arena, sb_rel *, count);
    if (terms == NULL || inputs == NULL) {
        SB_NOMEM(b->rel.err);
    }
    if (query->all) {
        (void)union_terms(&plain, terms, 0);
    } else {
        terms[0] = query->left;
        terms[1] = query->right;
    }
    for (int32_t i = 0; i < count; i++) {
        SB_KEEP(b, sb_bind_query(b, terms[i], &inputs[i]), terms[i], &failed);
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    for (int32_t i = 0; i < count; i++) {
        if (inputs[i]->schema.count != inputs[0]->schema.count) {
            return sb_sql_error(b->rel.err, SB_SQL_COLUMN_COUNT, terms[i]->begin, terms[i]->end,
                                "UNION of %d and %d columns", inputs[0]->schema.count,
                                inputs[i]->schema.count);
        }
        inputs[i]->begin = terms[i]->begin;
        inputs[i]->end = terms[i]->end;
    }
    SB_TRY(union_coerce(b, inputs, count), b->rel.err);
    SB_TRY(sb_rel_new(&b->rel, SB_REL_UNION, inputs, count, out), b->rel.err);
    SB_TRY(sb_rel_derive(&b->rel, *out), b->rel.err);
    if (!query->all) {
        SB_TRY(sb_bind_distinct(b, *out, out), b->rel.err);
    }
    return SB_OK;
}

/* ---- WITH ---- */

static sb_status
query_ctes(sb_binder *b, const sb_ast_query *query)
{
    for (int32_t i = 0; i < query->count_ctes; i++) {
        sb_bind_cte *cte = SB_NEW(b->rel.arena, sb_bind_cte);

        if (cte == NULL) {
            SB_NOMEM(b->rel.err);
        }
        for (int32_t j = 0; j < i; j++) {
            if (strcmp(query->ctes[j].name.text, query->ctes[i].name.text) == 0) {
                return sb_sql_error(b->rel.err, SB_SQL_DUPLICATE, query->ctes[i].name.begin,
                                    query->ctes[i].name.end,
                                    "common table expression \"%s\" is there twice",
                                    query->ctes[i].name.text);
            }
        }
        cte->cte = &query->ctes[i];
        cte->outer = b->ctes;
        cte->next = b->ctes;
        b->ctes = cte;
    }
    return SB_OK;
}

static sb_status
query_bind(sb_binder *b, const sb_ast_query *query, sb_rel **out)
{
    SB_TRY(query_ctes(b, query), b->rel.err);
    switch (query->kind) {
    case SB_AST_SELECT: SB_TRY(sb_bind_select(b, query, out), b->rel.err); break;
    case SB_AST_UNION: SB_TRY(query_union(b, query, out), b->rel.err); break;
    case SB_AST_VALUES: SB_TRY(sb_bind_values(b, query, out), b->rel.err); break;
    case SB_AST_NESTED: SB_TRY(sb_bind_query(b, query->left, out), b->rel.err); break;
    default: SB_FAIL(b->rel.err, SB_STATUS_INTERNAL, "query of kind %d", (int)query->kind);
    }
    return query->kind != SB_AST_SELECT ? sb_bind_tail(b, query, out) : SB_OK;
}

sb_status
sb_bind_query(sb_binder *b, const sb_ast_query *query, sb_rel **out)
{
    sb_bind_cte *ctes = b->ctes;
    sb_status status = query_bind(b, query, out);

    b->ctes = ctes;
    return status;
}
