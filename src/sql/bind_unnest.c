/*
 * sql/bind_unnest.c -- CROSS JOIN UNNEST(x), LEFT JOIN UNNEST(x) ON TRUE, with or without
 * ORDINALITY.
 *
 * DESIGN     The collection becomes a column behind those of the left side, UNNEST repeats the rows
 *            once per element, and the column goes again. Standing alone, the left side is one row
 *            without columns.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"

/* Left columns and the collection. */
static sb_status
unnest_input(sb_binder *b, const sb_scope *left, const sb_ast_from *from, sb_rel **out)
{
    sb_rel_context *ctx = &b->rel;
    int32_t width = left->rel->schema.count;
    sb_expr **exprs;
    const char **names;
    sb_scope scope = *left;
    sb_expr *collection;

    if (from->count_exprs > 1) {
        return sb_sql_error(ctx->err, SB_SQL_UNSUPPORTED, from->exprs[1]->begin,
                            from->exprs[1]->end, "not supported: UNNEST of several collections");
    }
    scope.aggs = NULL;
    scope.no_aggs = "UNNEST";
    SB_TRY(sb_bind_expr(b, &scope, from->exprs[0], &collection), ctx->err);
    if (sb_type_phys(&collection->type) != SB_PHYS_LIST) {
        (void)sb_sql_error(ctx->err, SB_SQL_TYPE, from->exprs[0]->begin, from->exprs[0]->end,
                           "UNNEST wants an ARRAY, MAP or MULTISET");
        return SB_STATUS_SEMANTIC;
    }
    SB_TRY(sb_rel_columns(ctx, left->rel, 1, &exprs, &names), ctx->err);
    exprs[width] = collection;
    names[width] = "$c";
    return sb_rel_calc(ctx, (sb_rel *)left->rel, NULL, exprs, names, width + 1, out);
}

/* Names of the new columns: AS t (a, b). */
static sb_status
unnest_rename(sb_binder *b, const sb_ast_from *from, sb_rel *rel, int32_t width)
{
    int32_t count = rel->schema.count - width;

    if (from->count_columns == 0) {
        return SB_OK;
    }
    if (from->count_columns != count) {
        return sb_sql_error(b->rel.err, SB_SQL_COLUMN_COUNT, from->columns[0].begin, from->end,
                            "%d names for %d columns", from->count_columns, count);
    }
    for (int32_t i = 0; i < count; i++) {
        for (int32_t j = 0; j < i; j++) {
            if (strcmp(from->columns[i].text, from->columns[j].text) == 0) {
                return sb_sql_error(b->rel.err, SB_SQL_DUPLICATE, from->columns[i].begin,
                                    from->columns[i].end, "column \"%s\" is there twice",
                                    from->columns[i].text);
            }
        }
        rel->names[width + i] = from->columns[i].text;
    }
    return sb_rel_derive(&b->rel, rel);
}

sb_status
sb_bind_unnest(sb_binder *b, const sb_scope *left, const sb_ast_from *from, bool outer,
               sb_scope *out)
{
    sb_rel_context *ctx = &b->rel;
    int32_t width = left->rel->schema.count, *columns;
    sb_rel *input, *unnest, *rel;

    SB_TRY(unnest_input(b, left, from, &input), ctx->err);
    SB_TRY(sb_rel_new(ctx, SB_REL_UNNEST, &input, 1, &unnest), ctx->err);
    unnest->column = width;
    unnest->outer = outer;
    unnest->ordinality = from->ordinality;
    unnest->begin = from->begin;
    unnest->end = from->end;
    SB_TRY(sb_rel_derive(ctx, unnest), ctx->err);
    columns = SB_NEW_ARRAY(ctx->arena, int32_t, unnest->schema.count + 1);
    if (columns == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < unnest->schema.count - 1; i++) {
        columns[i] = i < width ? i : i + 1;
    }
    SB_TRY(sb_rel_select(ctx, unnest, columns, unnest->schema.count - 1, &rel), ctx->err);
    SB_TRY(unnest_rename(b, from, rel, width), ctx->err);
    rel->begin = from->begin;
    rel->end = from->end;
    *out = (sb_scope){.rel = rel, .count_tables = left->count_tables + 1};
    out->tables = SB_NEW_ARRAY(ctx->arena, sb_scope_table, out->count_tables);
    if (out->tables == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < left->count_tables; i++) {
        out->tables[i] = left->tables[i];
    }
    out->tables[left->count_tables] = (sb_scope_table){
        .alias = from->alias.text, .first = width, .count = rel->schema.count - width};
    return SB_OK;
}

static bool
unnest_condition_is_true(const sb_ast_expr *condition)
{
    return condition == NULL || (condition->kind == SB_AST_BOOLEAN && condition->boolean);
}

sb_status
sb_bind_unnest_join(sb_binder *b, const sb_ast_from *join, sb_scope *out)
{
    bool outer = join->join == SB_AST_JOIN_LEFT;
    sb_scope left = {0};
    sb_expr *condition;
    sb_rel *rel;

    if (join->join == SB_AST_JOIN_RIGHT || join->join == SB_AST_JOIN_FULL) {
        return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, join->word_begin, join->word_end,
                            "not supported: RIGHT and FULL JOIN of UNNEST");
    }
    if (outer && !unnest_condition_is_true(join->condition)) {
        (void)sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, join->condition->begin,
                           join->condition->end,
                           "not supported: LEFT JOIN of UNNEST on a condition");
        sb_error_hint(b->rel.err, "write ON TRUE and put the condition into WHERE");
        return SB_STATUS_NOT_SUPPORTED;
    }
    SB_TRY(sb_bind_from(b, join->left, &left), b->rel.err);
    SB_TRY(sb_bind_unnest(b, &left, join->right, outer, out), b->rel.err);
    if (unnest_condition_is_true(join->condition)) {
        return SB_OK;
    }
    out->no_aggs = "ON";
    SB_TRY(sb_bind_condition(b, out, join->condition, "ON", &condition), b->rel.err);
    SB_TRY(sb_rel_filter(&b->rel, (sb_rel *)out->rel, condition, &rel), b->rel.err);
    out->rel = rel;
    return SB_OK;
}
