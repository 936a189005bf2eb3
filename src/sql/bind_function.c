/*
 * sql/bind_function.c -- user functions in expressions: scalar ones and aggregates.
 *
 * DESIGN     An aggregate has one argument column: its argument, or a ROW of all when it has
 *            another number of them (of one constant when it has none).
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/user_function.h"

static sb_status
bind_args(sb_binder *b, const sb_scope *scope, sb_ast_expr *const *asts, int32_t count,
          sb_expr ***out)
{
    sb_expr **args = SB_NEW_ARRAY(b->rel.arena, sb_expr *, count + 1);
    sb_status failed = SB_OK;

    if (args == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < count; i++) {
        SB_KEEP(b, sb_bind_expr(b, scope, asts[i], &args[i]), asts[i], &failed);
    }
    *out = args;
    return sb_bind_settle(b, failed);
}

static sb_status
call_scalar(sb_binder *b, const sb_scope *scope, const sb_udf *udf, const sb_ast_expr *ast,
            sb_expr **out)
{
    sb_expr **args;

    if (ast->distinct || ast->filter != NULL) {
        return sb_sql_error(b->rel.err, SB_SQL_AGGREGATE_PLACE, ast->begin, ast->end,
                            "%s %s, which is not an aggregate function",
                            ast->distinct ? "DISTINCT in" : "FILTER after", udf->function.name);
    }
    SB_TRY(bind_args(b, scope, ast->args, ast->count_args, &args), b->rel.err);
    if (sb_udf_scalar(b->rel.arena, udf, args, ast->count_args, out, b->rel.err) != SB_OK) {
        return sb_sql_error_place(b->rel.err, SB_SQL_TYPE, ast->begin, ast->end);
    }
    (*out)->position = ast->begin;
    (*out)->position_end = ast->end;
    return SB_OK;
}

/* ---- aggregates ---- */

/* Several arguments, or none, as one value that is never NULL. */
static sb_status
pack_args(sb_binder *b, sb_expr **args, int32_t count, sb_expr **out)
{
    const sb_type yes = SB_TYPE(BOOLEAN, false);

    if (count == 0) {
        args[0] = sb_expr_i64(b->rel.arena, &yes, 1);
        if (args[0] == NULL) {
            SB_NOMEM(b->rel.err);
        }
    }
    return sb_expr_call(b->rel.arena, "ROW", args, count > 0 ? count : 1, out, b->rel.err);
}

sb_status
sb_bind_user_row(sb_binder *b, const sb_udf *udf, sb_expr **args, int32_t count,
                 const sb_schema **out_result, sb_expr **out)
{
    SB_TRY(sb_udf_bind(b->rel.arena, udf, args, count, out_result, b->rel.err), b->rel.err);
    return pack_args(b, args, count, out);
}

static sb_status
aggregate_place(sb_binder *b, const sb_scope *scope, const sb_udf *udf, const sb_ast_expr *ast)
{
    const char *name = udf->function.name;

    if (scope->in_agg) {
        return sb_sql_error(b->rel.err, SB_SQL_AGGREGATE_PLACE, ast->begin, ast->end,
                            "aggregate %s inside an aggregate", name);
    }
    if (scope->aggs == NULL) {
        (void)sb_sql_error(b->rel.err, SB_SQL_AGGREGATE_PLACE, ast->begin, ast->end,
                           "aggregate %s in %s", name,
                           scope->no_aggs != NULL ? scope->no_aggs : "an expression");
        if (scope->no_aggs != NULL && strcmp(scope->no_aggs, "WHERE") == 0) {
            sb_error_hint(b->rel.err, "conditions on aggregates stand in HAVING");
        }
        return SB_STATUS_SEMANTIC;
    }
    return SB_OK;
}

sb_status
sb_bind_user_aggregate(sb_binder *b, const sb_scope *scope, const sb_udf *udf,
                       const sb_ast_expr *ast, sb_expr **out)
{
    sb_bind_agg agg = {.begin = ast->begin, .end = ast->end};
    sb_scope inner = *scope;
    const sb_schema *result;
    sb_expr **args;
    sb_status status, failed = SB_OK;

    SB_TRY(aggregate_place(b, scope, udf, ast), b->rel.err);
    inner.in_agg = true;
    SB_KEEP(b, bind_args(b, &inner, ast->args, ast->count_args, &args), ast, &failed);
    if (ast->filter != NULL) {
        SB_KEEP(b, sb_bind_condition(b, &inner, ast->filter, "FILTER", &agg.filter), ast->filter,
                &failed);
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    if (ast->distinct && ast->count_args != 1) {
        return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, ast->begin, ast->end,
                            "not supported: %s of DISTINCT values of %d arguments",
                            udf->function.name, ast->count_args);
    }
    status = sb_udf_bind(b->rel.arena, udf, args, ast->count_args, &result, b->rel.err);
    if (status != SB_OK) {
        return sb_sql_error_place(b->rel.err, SB_SQL_TYPE, ast->begin, ast->end);
    }
    agg.call.kind = SB_AGG_USER;
    agg.call.function = udf;
    agg.call.distinct = ast->distinct;
    agg.call.nulls = (udf->def.flags & SABOT_FUNCTION_STRICT) == 0;
    agg.call.count_packed = ast->count_args == 1 ? -1 : ast->count_args;
    agg.arg = args[0];
    if (ast->count_args != 1) {
        SB_TRY(pack_args(b, args, ast->count_args, &agg.arg), b->rel.err);
    }
    SB_TRY(sb_type_copy(b->rel.arena, &result->fields[0].type, &agg.call.type, b->rel.err),
           b->rel.err);
    return sb_bind_agg_column(b, scope, &agg, out);
}

/* ---- any ---- */

sb_status
sb_bind_user_call(sb_binder *b, const sb_scope *scope, const sb_udf *udf, const sb_ast_expr *ast,
                  sb_expr **out)
{
    switch (udf->def.kind) {
    case SABOT_FUNCTION_SCALAR: return call_scalar(b, scope, udf, ast, out);
    case SABOT_FUNCTION_AGGREGATE: return sb_bind_user_aggregate(b, scope, udf, ast, out);
    default: break;
    }
    (void)sb_sql_error(b->rel.err, SB_SQL_TYPE, ast->begin, ast->end,
                       "%s is a table function: it stands in FROM", udf->function.name);
    sb_error_hint(b->rel.err, "write FROM ..., LATERAL TABLE(%s(...)) AS t", udf->function.name);
    return SB_STATUS_SEMANTIC;
}
