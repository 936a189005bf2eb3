/*
 * sql/bind_order.c -- ORDER BY, OFFSET and LIMIT.
 *
 * DESIGN     What is sorted by becomes columns of the relation below, behind those that are asked
 *            for, and goes again above. An item is a number of the select list, a name of it, or
 *            an expression over what the select list may use too. NULL is the least value; where
 *            the text says otherwise, a column `x IS NULL` goes in front.
 * THREADS    one thread at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "sql/bind.h"
#include "sql/lexer.h"

static bool
order_is_ordinal(const sb_ast_expr *expr)
{
    return expr->kind == SB_AST_NUMBER && expr->token == SB_TOKEN_INTEGER && !expr->negative;
}

sb_status
sb_bind_order_item(sb_binder *b, const sb_ast_expr *item, const char *const *names, int32_t count,
                   int32_t *out)
{
    *out = -1;
    if (order_is_ordinal(item)) {
        char text[16] = "";
        long place;

        if (item->text.size < sizeof(text)) {
            memcpy(text, item->text.data, item->text.size);
        }
        place = strtol(text, NULL, 10);
        if (place < 1 || place > count) {
            return sb_sql_error(b->rel.err, SB_SQL_COLUMN_UNKNOWN, item->begin, item->end,
                                "ORDER BY %.*s: the select list has %d column%s",
                                (int)item->text.size, item->text.data, count,
                                count == 1 ? "" : "s");
        }
        *out = (int32_t)place - 1;
        return SB_OK;
    }
    for (int32_t i = 0; item->kind == SB_AST_NAME && item->path.count == 1 && i < count; i++) {
        if (strcmp(names[i], item->path.parts[0].text) == 0) {
            *out = i;
            return SB_OK;
        }
    }
    return SB_OK;
}

/* A literal that is not negative; `otherwise` where there is none. */
static sb_status
order_number(sb_binder *b, const sb_ast_expr *expr, const char *what, int64_t otherwise,
             int64_t *out)
{
    char text[24] = "";

    *out = otherwise;
    if (expr == NULL) {
        return SB_OK;
    }
    if (!order_is_ordinal(expr) || expr->text.size > 18) {
        return sb_sql_error(b->rel.err, SB_SQL_TYPE, expr->begin, expr->end,
                            "%s wants a whole number", what);
    }
    memcpy(text, expr->text.data, expr->text.size);
    *out = strtoll(text, NULL, 10);
    return SB_OK;
}

/* Columns `x IS NULL` for items whose NULLs do not stand where they stand by themselves. */
static sb_status
order_add_nulls(sb_binder *b, const sb_ast_query *query, const int32_t *at, int32_t *nulls,
                sb_rel **rel)
{
    sb_rel_context *ctx = &b->rel;
    int32_t width = (*rel)->schema.count, count = width;
    sb_expr **exprs;
    const char **names;

    SB_TRY(sb_rel_columns(ctx, *rel, query->count_order, &exprs, &names), ctx->err);
    for (int32_t i = 0; i < query->count_order; i++) {
        const sb_ast_order *item = &query->order[i];
        bool first = item->nulls_first || (!item->nulls_last && !item->desc);

        nulls[i] = -1;
        if (first != item->desc || !exprs[at[i]]->type.nullable) {
            continue; /* NULL is the least value */
        }
        nulls[i] = count;
        names[count] = sb_arena_printf(ctx->arena, "$n%d", i);
        if (names[count] == NULL) {
            SB_NOMEM(ctx->err);
        }
        SB_TRY(sb_expr_call(ctx->arena, "IS NULL", &exprs[at[i]], 1, &exprs[count++], ctx->err),
               ctx->err);
    }
    return count == width ? SB_OK : sb_rel_calc(ctx, *rel, NULL, exprs, names, count, rel);
}

static sb_status
order_check_types(sb_binder *b, const sb_ast_query *query, const int32_t *at, const sb_rel *rel)
{
    for (int32_t i = 0; i < query->count_order; i++) {
        const sb_type *type = &rel->schema.fields[at[i]].type;

        if (type->id >= SB_TYPE_ARRAY) {
            return sb_sql_error(b->rel.err, SB_SQL_TYPE, query->order[i].expr->begin,
                                query->order[i].expr->end, "values of type %s have no order",
                                type->id == SB_TYPE_ARRAY      ? "ARRAY"
                                : type->id == SB_TYPE_MAP      ? "MAP"
                                : type->id == SB_TYPE_MULTISET ? "MULTISET"
                                : type->id == SB_TYPE_VARIANT  ? "VARIANT"
                                : type->id == SB_TYPE_BITMAP   ? "BITMAP"
                                                               : "ROW");
        }
    }
    return SB_OK;
}

sb_status
sb_bind_sort(sb_binder *b, const sb_ast_query *query, const int32_t *at, int32_t visible,
             sb_rel **rel)
{
    sb_rel_context *ctx = &b->rel;
    int32_t *nulls = SB_NEW_ARRAY(ctx->arena, int32_t, query->count_order + 1);
    int32_t *keys = SB_NEW_ARRAY(ctx->arena, int32_t, 2 * query->count_order + 1), count = 0;
    bool *descending = SB_NEW_ARRAY(ctx->arena, bool, 2 * query->count_order + 1);
    int32_t *columns = SB_NEW_ARRAY(ctx->arena, int32_t, visible + 1);
    int64_t offset, limit;
    sb_rel *sort;

    if (query->count_order == 0 && query->limit == NULL && query->offset == NULL) {
        return SB_OK;
    }
    if (nulls == NULL || keys == NULL || descending == NULL || columns == NULL) {
        SB_NOMEM(ctx->err);
    }
    SB_TRY(order_number(b, query->offset, "OFFSET", 0, &offset), ctx->err);
    SB_TRY(order_number(b, query->limit, query->fetch ? "FETCH" : "LIMIT", -1, &limit), ctx->err);
    SB_TRY(order_check_types(b, query, at, *rel), ctx->err);
    SB_TRY(order_add_nulls(b, query, at, nulls, rel), ctx->err);
    for (int32_t i = 0; i < query->count_order; i++) {
        if (nulls[i] >= 0) { /* FALSE comes first: NULLs last */
            descending[count] = query->order[i].nulls_first;
            keys[count++] = nulls[i];
        }
        descending[count] = query->order[i].desc;
        keys[count++] = at[i];
    }
    SB_TRY(sb_rel_new(ctx, SB_REL_SORT, rel, 1, &sort), ctx->err);
    sort->keys = (sb_columns){.count = count, .at = keys};
    sort->descending = descending;
    sort->offset = offset;
    sort->limit = limit;
    sort->begin = query->tail_begin;
    sort->end = query->tail_end;
    SB_TRY(sb_rel_derive(ctx, sort), ctx->err);
    *rel = sort;
    for (int32_t i = 0; i < visible; i++) {
        columns[i] = i;
    }
    return visible == sort->schema.count ? SB_OK : sb_rel_select(ctx, sort, columns, visible, rel);
}

sb_status
sb_bind_tail(sb_binder *b, const sb_ast_query *query, sb_rel **rel)
{
    sb_rel_context *ctx = &b->rel;
    int32_t width = (*rel)->schema.count, count = width;
    int32_t *at = SB_NEW_ARRAY(ctx->arena, int32_t, query->count_order + 1);
    sb_expr **exprs;
    const char **names;
    sb_scope_table table = {.count = width};
    sb_scope scope = {.rel = *rel, .tables = &table, .count_tables = 1, .no_aggs = "ORDER BY"};
    sb_status failed = SB_OK;

    if (at == NULL) {
        SB_NOMEM(ctx->err);
    }
    SB_TRY(sb_rel_columns(ctx, *rel, query->count_order, &exprs, &names), ctx->err);
    for (int32_t i = 0; i < query->count_order; i++) {
        const sb_ast_expr *item = query->order[i].expr;

        SB_KEEP(b, sb_bind_order_item(b, item, names, width, &at[i]), item, &failed);
        if (at[i] < 0) {
            SB_KEEP(b, sb_bind_expr(b, &scope, item, &exprs[count]), item, &failed);
            names[count] = sb_arena_printf(ctx->arena, "$o%d", i);
            if (names[count] == NULL) {
                SB_NOMEM(ctx->err);
            }
            at[i] = count++;
        }
    }
    SB_TRY(sb_bind_settle(b, failed), ctx->err);
    if (count > width) {
        SB_TRY(sb_rel_calc(ctx, *rel, NULL, exprs, names, count, rel), ctx->err);
    }
    return sb_bind_sort(b, query, at, width, rel);
}
