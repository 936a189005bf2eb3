/*
 * sql/bind_aggregate.c -- aggregate calls.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"

static sb_status
aggregate_type_error(sb_binder *b, const sb_bind_agg *agg, const char *name, const sb_type *arg)
{
    sb_text type;

    sb_text_init(&type, sb_mem_root());
    sb_type_print(arg, &type);
    (void)sb_sql_error(b->rel.err, SB_SQL_TYPE, agg->begin, agg->end,
                       "%s does not take an argument of type %s", name, type.data);
    sb_text_deinit(&type);
    return SB_STATUS_SEMANTIC;
}

/* The type of the result by Flink's rules (R24, R25). False: not of such an argument. It may be
 * NULL when nothing is summed: settled with the grouping. */
static bool
aggregate_type(sb_agg_kind kind, const sb_type *arg, sb_type *out)
{
    *out = arg != NULL ? *arg : SB_TYPE(BIGINT, false);
    switch (kind) {
    case SB_AGG_COUNT_STAR:
    case SB_AGG_COUNT: *out = SB_TYPE(BIGINT, false); return true;
    case SB_AGG_SUM:
    case SB_AGG_AVG:
        if (arg->id == SB_TYPE_DECIMAL) {
            out->precision = 38;
            out->scale = kind == SB_AGG_SUM || arg->scale > 6 ? arg->scale : 6;
        }
        return sb_type_is_numeric(arg);
    case SB_AGG_M2: *out = SB_TYPE(DOUBLE, true); return sb_type_is_numeric(arg);
    case SB_AGG_MIN:
    case SB_AGG_MAX:
    case SB_AGG_FIRST:
    case SB_AGG_LAST:
        return arg->id < SB_TYPE_ARRAY && !sb_type_is_binary(arg) && arg->id != SB_TYPE_NULL;
    case SB_AGG_LIST: *out = sb_type_string(true); return sb_type_is_string(arg);
    default: return false; /* bind_collect.c */
    }
}

typedef struct aggregate_function {
    const char *name;
    sb_agg_kind kind; /* of a variance: AVG, which has the same type */
    int32_t max_args;
} aggregate_function;

static const aggregate_function aggregate_functions[] = {
    {"COUNT", SB_AGG_COUNT, 1},
    {"SUM", SB_AGG_SUM, 1},
    {"MIN", SB_AGG_MIN, 1},
    {"MAX", SB_AGG_MAX, 1},
    {"AVG", SB_AGG_AVG, 1},
    {"FIRST_VALUE", SB_AGG_FIRST, 1},
    {"LAST_VALUE", SB_AGG_LAST, 1},
    {"LISTAGG", SB_AGG_LIST, 2},
    {"STDDEV_POP", SB_AGG_AVG, 1},
    {"STDDEV_SAMP", SB_AGG_AVG, 1},
    {"STDDEV", SB_AGG_AVG, 1},
    {"VAR_POP", SB_AGG_AVG, 1},
    {"VAR_SAMP", SB_AGG_AVG, 1},
    {"VARIANCE", SB_AGG_AVG, 1},
    {"COLLECT", SB_AGG_COLLECT, 1},
    {"ARRAY_AGG", SB_AGG_ARRAY, 1},
    {"PERCENTILE", SB_AGG_PERCENTILE, 3},
    {"JSON_ARRAYAGG", SB_AGG_JSON_ARRAY, 1},
    {"JSON_OBJECTAGG", SB_AGG_JSON_OBJECT, 2},
    {"BITMAP_BUILD_AGG", SB_AGG_BITMAP_BUILD, 1},
    {"BITMAP_BUILD_CARDINALITY_AGG", SB_AGG_BITMAP_BUILD, 1},
    {"BITMAP_AND_AGG", SB_AGG_BITMAP_AND, 1},
    {"BITMAP_AND_CARDINALITY_AGG", SB_AGG_BITMAP_AND, 1},
    {"BITMAP_OR_AGG", SB_AGG_BITMAP_OR, 1},
    {"BITMAP_OR_CARDINALITY_AGG", SB_AGG_BITMAP_OR, 1},
    {"BITMAP_XOR_AGG", SB_AGG_BITMAP_XOR, 1},
    {"BITMAP_XOR_CARDINALITY_AGG", SB_AGG_BITMAP_XOR, 1},
};

static sb_status
aggregate_check(sb_binder *b, const sb_ast_expr *ast, const aggregate_function *f)
{
    int32_t least = f->kind == SB_AGG_PERCENTILE || f->kind == SB_AGG_JSON_OBJECT ? 2 : 1;

    if (ast->star && f->kind != SB_AGG_COUNT) {
        return sb_sql_error(b->rel.err, SB_SQL_TYPE, ast->begin, ast->end,
                            "%s(*): only COUNT takes *", ast->name);
    }
    if (ast->star && ast->distinct) {
        return sb_sql_error(b->rel.err, SB_SQL_TYPE, ast->begin, ast->end,
                            "COUNT(DISTINCT *): name a column");
    }
    if (ast->count_args > 1 && f->kind == SB_AGG_COUNT) {
        return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, ast->begin, ast->end,
                            "not supported: COUNT of several columns");
    }
    if (!ast->star && (ast->count_args < least || ast->count_args > f->max_args)) {
        return sb_sql_error(b->rel.err, SB_SQL_TYPE, ast->begin, ast->end, "%s takes %s, not %d",
                            ast->name,
                            f->max_args == 1   ? "one argument"
                            : f->max_args == 3 ? "two or three arguments"
                                               : "one or two arguments",
                            ast->count_args);
    }
    return SB_OK;
}

static sb_status
aggregate_kind(sb_binder *b, const sb_ast_expr *ast, sb_agg_kind *out)
{
    for (size_t i = 0; i < sizeof(aggregate_functions) / sizeof(aggregate_functions[0]); i++) {
        if (strcmp(ast->name, aggregate_functions[i].name) == 0) {
            *out = ast->star ? SB_AGG_COUNT_STAR : aggregate_functions[i].kind;
            return aggregate_check(b, ast, &aggregate_functions[i]);
        }
    }
    return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, ast->begin,
                        ast->begin + (int32_t)strlen(ast->name),
                        "not supported: aggregate function %s", ast->name);
}

/* What LISTAGG puts between two values. */
static sb_status
aggregate_separator(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, const char **out)
{
    const sb_ast_expr *from = ast->count_args > 1 ? ast->args[1] : NULL;
    sb_expr *literal;

    *out = ",";
    if (from == NULL) {
        return SB_OK;
    }
    SB_TRY(sb_bind_expr(b, scope, from, &literal), b->rel.err);
    if (literal->kind != SB_EXPR_LITERAL || literal->is_null ||
        !sb_type_is_string(&literal->type)) {
        return sb_sql_error(b->rel.err, SB_SQL_TYPE, from->begin, from->end,
                            "the separator of %s must be a string literal", ast->name);
    }
    *out = sb_arena_printf(b->rel.arena, "%.*s", (int)sb_view_size(&literal->value.view),
                           sb_view_data(&literal->value.view));
    if (*out == NULL) {
        SB_NOMEM(b->rel.err);
    }
    return SB_OK;
}

static bool
aggregate_same_expr(const sb_expr *a, const sb_expr *b)
{
    return (a == NULL && b == NULL) || (a != NULL && b != NULL && sb_expr_equal(a, b));
}

static sb_status
aggregate_add(sb_binder *b, const sb_scope *scope, const sb_bind_agg *agg, int32_t *out_index)
{
    struct sb_scope_aggs *aggs = scope->aggs;

    for (int32_t i = 0; i < aggs->count; i++) {
        const sb_bind_agg *old = &aggs->at[i];

        if (old->call.kind == agg->call.kind && old->call.distinct == agg->call.distinct &&
            aggregate_same_expr(old->arg, agg->arg) &&
            aggregate_same_expr(old->filter, agg->filter) &&
            aggregate_same_expr(old->second, agg->second) &&
            sb_agg_call_same_rest(&old->call, &agg->call) &&
            (agg->call.kind != SB_AGG_LIST ||
             strcmp(old->call.separator, agg->call.separator) == 0)) {
            *out_index = i;
            return SB_OK;
        }
    }
    if (aggs->count == aggs->capacity) {
        int32_t capacity = aggs->capacity == 0 ? 8 : aggs->capacity * 2;
        sb_bind_agg *grown = SB_NEW_ARRAY(b->rel.arena, sb_bind_agg, capacity);

        if (grown == NULL) {
            SB_NOMEM(b->rel.err);
        }
        if (aggs->count > 0) {
            memcpy(grown, aggs->at, sizeof(grown[0]) * (size_t)aggs->count);
        }
        aggs->at = grown;
        aggs->capacity = capacity;
    }
    *out_index = aggs->count;
    aggs->at[aggs->count++] = *agg;
    return SB_OK;
}

sb_status
sb_bind_agg_column(sb_binder *b, const sb_scope *scope, sb_bind_agg *agg, sb_expr **out)
{
    int32_t index = 0;

    if (agg->call.kind <= SB_AGG_M2 &&
        !aggregate_type(agg->call.kind, agg->arg != NULL ? &agg->arg->type : NULL,
                        &agg->call.type)) {
        return aggregate_type_error(b, agg, sb_agg_name(agg->call.kind), &agg->arg->type);
    }
    if ((agg->filter != NULL || scope->aggs->global) && agg->call.kind > SB_AGG_COUNT &&
        agg->call.kind <= SB_AGG_M2) {
        agg->call.type.nullable = true;
    }
    SB_TRY(aggregate_add(b, scope, agg, &index), b->rel.err);
    *out = sb_expr_column(b->rel.arena, (scope->rel != NULL ? scope->rel->schema.count : 0) + index,
                          &agg->call.type);
    if (*out == NULL) {
        SB_NOMEM(b->rel.err);
    }
    (*out)->position = agg->begin;
    (*out)->position_end = agg->end;
    return SB_OK;
}

/* The first argument and FILTER. When they fail, the errors of the other arguments, too. */
static sb_status
aggregate_args(sb_binder *b, const sb_scope *inner, const sb_ast_expr *ast, sb_bind_agg *agg)
{
    sb_status failed = SB_OK;
    sb_expr *other;

    if (agg->call.kind != SB_AGG_COUNT_STAR) {
        SB_KEEP(b, sb_bind_expr(b, inner, ast->args[0], &agg->arg), ast->args[0], &failed);
    }
    if (ast->filter != NULL) {
        SB_KEEP(b, sb_bind_condition(b, inner, ast->filter, "FILTER", &agg->filter), ast->filter,
                &failed);
    }
    for (int32_t i = 1; failed != SB_OK && i < ast->count_args; i++) {
        SB_KEEP(b, sb_bind_expr(b, inner, ast->args[i], &other), ast->args[i], &failed);
    }
    return sb_bind_settle(b, failed);
}

sb_status
sb_bind_aggregate(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr **out)
{
    sb_bind_agg agg = {.begin = ast->begin, .end = ast->end};
    sb_scope inner = *scope;
    sb_type type;

    if (sb_bind_is_grouping(ast->name)) {
        return sb_bind_grouping_call(b, scope, ast, out);
    }
    if (scope->in_agg) {
        return sb_sql_error(b->rel.err, SB_SQL_AGGREGATE_PLACE, ast->begin, ast->end,
                            "aggregate %s inside an aggregate", ast->name);
    }
    if (scope->aggs == NULL) {
        (void)sb_sql_error(b->rel.err, SB_SQL_AGGREGATE_PLACE, ast->begin, ast->end,
                           "aggregate %s in %s", ast->name,
                           scope->no_aggs != NULL ? scope->no_aggs : "an expression");
        if (scope->no_aggs != NULL && strcmp(scope->no_aggs, "WHERE") == 0) {
            sb_error_hint(b->rel.err, "conditions on aggregates stand in HAVING");
        }
        return SB_STATUS_SEMANTIC;
    }
    SB_TRY(aggregate_kind(b, ast, &agg.call.kind), b->rel.err);
    inner.in_agg = true;
    SB_TRY(aggregate_args(b, &inner, ast, &agg), b->rel.err);
    if (agg.call.kind > SB_AGG_M2) {
        SB_TRY(sb_bind_collecting(b, &inner, ast, &agg), b->rel.err);
    } else if (!aggregate_type(agg.call.kind, agg.arg != NULL ? &agg.arg->type : NULL, &type)) {
        return aggregate_type_error(b, &agg, ast->name, &agg.arg->type);
    }
    if (agg.call.kind == SB_AGG_LIST) {
        SB_TRY(aggregate_separator(b, &inner, ast, &agg.call.separator), b->rel.err);
    }
    agg.call.distinct = ast->distinct && agg.call.kind != SB_AGG_MIN && agg.call.kind != SB_AGG_MAX;
    SB_TRY(sb_bind_is_variance(ast->name) ? sb_bind_variance(b, scope, ast->name, &agg, &type, out)
                                          : sb_bind_agg_column(b, scope, &agg, out),
           b->rel.err);
    (*out)->position = ast->begin;
    (*out)->position_end = ast->end;
    return SB_OK;
}
