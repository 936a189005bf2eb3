/*
 * sql/bind_collect.c -- COLLECT, ARRAY_AGG, PERCENTILE, JSON_ARRAYAGG, JSON_OBJECTAGG,
 * BITMAP_..._AGG: arguments and result types.
 *
 * DESIGN     As Flink does it: values of the JSON aggregates go through JSON_STRING below the
 *            aggregate; PERCENTILE takes DOUBLE, its shares are constants.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"

static sb_status
collect_of(sb_binder *b, sb_type_id id, const sb_type *element, bool null, sb_type *out)
{
    sb_field *field = SB_NEW(b->rel.arena, sb_field);

    if (field == NULL) {
        SB_NOMEM(b->rel.err);
    }
    *field = (sb_field){.name = "element", .type = *element};
    *out = (sb_type){.id = (uint8_t)id, .nullable = null, .count_children = 1, .children = field};
    return SB_OK;
}

/* What is made of JSON goes in as it is. */
static sb_status
collect_json(sb_binder *b, sb_expr **value)
{
    if (sb_expr_is_call(*value, "JSON_OBJECT") || sb_expr_is_call(*value, "JSON_ARRAY") ||
        sb_expr_is_call(*value, "JSON")) {
        return SB_OK;
    }
    return sb_expr_call(b->rel.arena, "JSON_STRING", value, 1, value, b->rel.err);
}

static sb_status
collect_error(sb_binder *b, const sb_ast_expr *at, const char *message)
{
    return sb_sql_error(b->rel.err, SB_SQL_TYPE, at->begin, at->end, "%s", message);
}

/* ---- PERCENTILE ---- */

static sb_status
collect_share(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, double *out)
{
    const sb_type to = SB_TYPE(DOUBLE, false);
    sb_expr *expr;

    SB_TRY(sb_bind_expr(b, scope, ast, &expr), b->rel.err);
    if (!sb_type_is_numeric(&expr->type) || expr->type.nullable) {
        return collect_error(b, ast, "a share of PERCENTILE is a number that cannot be NULL");
    }
    SB_TRY(sb_expr_cast(b->rel.arena, expr, &to, false, &expr, b->rel.err), b->rel.err);
    SB_TRY(sb_expr_fold(b->rel.arena, expr, NULL, &expr, b->rel.err), b->rel.err);
    if (expr->kind != SB_EXPR_LITERAL || expr->is_null) {
        return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, ast->begin, ast->end,
                            "not supported: PERCENTILE of a share that is no constant");
    }
    if (!(expr->value.f64 >= 0 && expr->value.f64 <= 1)) {
        return collect_error(b, ast, "a share of PERCENTILE lies between 0 and 1");
    }
    *out = expr->value.f64;
    return SB_OK;
}

static sb_status
collect_shares(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_bind_agg *agg)
{
    bool many = ast->kind == SB_AST_CALL && strcmp(ast->name, "ARRAY") == 0;
    int32_t count = many ? ast->count_args : 1;
    double *shares = SB_NEW_ARRAY(b->rel.arena, double, count + 1);

    if (shares == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(collect_share(b, scope, many ? ast->args[i] : ast, &shares[i]), b->rel.err);
    }
    agg->call.shares = shares;
    agg->call.count_shares = count;
    agg->call.type = SB_TYPE(DOUBLE, true);
    return many ? collect_of(b, SB_TYPE_ARRAY, &SB_TYPE(DOUBLE, true), true, &agg->call.type)
                : SB_OK;
}

static sb_status
collect_percentile(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_bind_agg *agg)
{
    sb_type to = SB_TYPE(DOUBLE, agg->arg->type.nullable);

    if (!sb_type_is_numeric(&agg->arg->type)) {
        return collect_error(b, ast->args[0], "PERCENTILE takes numbers");
    }
    SB_TRY(collect_shares(b, scope, ast->args[1], agg), b->rel.err);
    if (agg->arg->type.id != SB_TYPE_DOUBLE) {
        SB_TRY(sb_expr_cast(b->rel.arena, agg->arg, &to, false, &agg->arg, b->rel.err), b->rel.err);
    }
    if (ast->count_args < 3) {
        return SB_OK;
    }
    if (ast->distinct) {
        return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, ast->begin, ast->end,
                            "not supported: PERCENTILE of DISTINCT values with a frequency");
    }
    SB_TRY(sb_bind_expr(b, scope, ast->args[2], &agg->second), b->rel.err);
    if (!sb_type_is_integer(&agg->second->type)) {
        return collect_error(b, ast->args[2], "the frequency of PERCENTILE is a whole number");
    }
    to = SB_TYPE(BIGINT, agg->second->type.nullable);
    return agg->second->type.id == SB_TYPE_BIGINT
               ? SB_OK
               : sb_expr_cast(b->rel.arena, agg->second, &to, false, &agg->second, b->rel.err);
}

/* ---- all ---- */

static sb_status
collect_object(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_bind_agg *agg)
{
    if (!sb_type_is_string(&agg->arg->type)) {
        return collect_error(b, ast->args[0], "the keys of JSON_OBJECTAGG are texts");
    }
    SB_TRY(sb_bind_expr(b, scope, ast->args[1], &agg->second), b->rel.err);
    return collect_json(b, &agg->second);
}

static sb_status
collect_bitmap(sb_binder *b, const sb_ast_expr *ast, sb_bind_agg *agg)
{
    const sb_type *arg = &agg->arg->type;
    sb_type number = SB_TYPE(INT, arg->nullable);

    agg->call.type =
        strstr(ast->name, "CARDINALITY") != NULL ? SB_TYPE(BIGINT, true) : SB_TYPE(BITMAP, true);
    if (agg->call.kind != SB_AGG_BITMAP_BUILD) {
        return arg->id == SB_TYPE_BITMAP ? SB_OK
                                         : collect_error(b, ast->args[0], "it takes a BITMAP");
    }
    if (arg->id == SB_TYPE_TINYINT || arg->id == SB_TYPE_SMALLINT) {
        return sb_expr_cast(b->rel.arena, agg->arg, &number, false, &agg->arg, b->rel.err);
    }
    return arg->id == SB_TYPE_INT ? SB_OK : collect_error(b, ast->args[0], "it takes an INT");
}

sb_status
sb_bind_collecting(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_bind_agg *agg)
{
    /* so says Flink; texts may be longer */
    const sb_type json = {.id = SB_TYPE_VARCHAR, .length = 2000};
    bool words = ast->ignore_nulls || ast->respect_nulls;

    if (agg->arg->type.id == SB_TYPE_NULL) {
        return collect_error(b, ast->args[0], "NULL alone has no type");
    }
    agg->call.nulls = agg->call.kind != SB_AGG_COLLECT && agg->call.kind != SB_AGG_PERCENTILE &&
                      agg->call.kind < SB_AGG_BITMAP_BUILD && !ast->ignore_nulls;
    switch (agg->call.kind) {
    case SB_AGG_COLLECT: {
        sb_type element = agg->arg->type;

        element.nullable = false;
        return collect_of(b, SB_TYPE_MULTISET, &element, false, &agg->call.type);
    }
    case SB_AGG_ARRAY:
        if (words && ast->filter != NULL) {
            return collect_error(b, ast, "FILTER cannot follow IGNORE NULLS or RESPECT NULLS");
        }
        return collect_of(b, SB_TYPE_ARRAY, &agg->arg->type, true, &agg->call.type);
    case SB_AGG_PERCENTILE: return collect_percentile(b, scope, ast, agg);
    case SB_AGG_JSON_ARRAY: agg->call.type = json; return collect_json(b, &agg->arg);
    case SB_AGG_JSON_OBJECT: agg->call.type = json; return collect_object(b, scope, ast, agg);
    default: return collect_bitmap(b, ast, agg);
    }
}
