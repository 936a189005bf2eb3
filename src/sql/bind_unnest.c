/*
 * sql/bind_unnest.c -- CROSS JOIN UNNEST(x), LEFT JOIN UNNEST(x) ON TRUE, with or without
 * ORDINALITY; LATERAL TABLE(f(x)) in the same places.
 *
 * DESIGN     The collection, or a ROW of the arguments of a table function, becomes a column behind
 *            those of the left side, UNNEST repeats the rows once per element or result row, and
 *            the column goes again. Standing alone, the left side is one row without columns.
 *            Without LATERAL the arguments of a function see no columns.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/user_function.h"

/* What becomes of the left side's rows. */
typedef struct unnest_what {
    sb_expr *column; /* the collection, or the ROW of arguments */
    const sb_udf *function;
    int32_t count_args;
    const sb_schema *result;
} unnest_what;

/* The arguments of a table function. */
static sb_status
unnest_call(sb_binder *b, const sb_scope *left, const sb_ast_from *from, unnest_what *out)
{
    sb_expr **args = SB_NEW_ARRAY(b->rel.arena, sb_expr *, from->count_args + 1);
    sb_scope scope = *left, none = {.no_aggs = "a table function"};
    const char *name = from->path.parts[from->path.count - 1].text;
    sb_status failed = SB_OK;

    if (args == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_TRY(sb_user_function_find(b, &from->path, &out->function), b->rel.err);
    if (out->function == NULL && sb_user_function_is_builtin(name)) {
        (void)sb_sql_error(b->rel.err, SB_SQL_TYPE, from->path.begin, from->path.end,
                           "%s is not a table function", name);
        return SB_STATUS_SEMANTIC;
    }
    if (out->function == NULL) {
        return sb_sql_error(b->rel.err, SB_SQL_FUNCTION_UNKNOWN, from->path.begin, from->path.end,
                            "unknown function '%s'", name);
    }
    if (!sb_udf_is(out->function, SABOT_FUNCTION_TABLE)) {
        return sb_sql_error(b->rel.err, SB_SQL_TYPE, from->path.begin, from->path.end,
                            "%s is not a table function: it is %.200s", name,
                            out->function->signature);
    }
    scope.aggs = NULL;
    scope.no_aggs = none.no_aggs;
    for (int32_t i = 0; i < from->count_args; i++) {
        SB_KEEP(b, sb_bind_expr(b, from->lateral ? &scope : &none, from->args[i].expr, &args[i]),
                from->args[i].expr, &failed);
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    out->count_args = from->count_args;
    if (sb_bind_user_row(b, out->function, args, from->count_args, &out->result, &out->column) !=
        SB_OK) {
        return sb_sql_error_place(b->rel.err, SB_SQL_TYPE, from->path.begin, from->end);
    }
    return SB_OK;
}

static sb_status
unnest_collection(sb_binder *b, const sb_scope *left, const sb_ast_from *from, unnest_what *out)
{
    sb_rel_context *ctx = &b->rel;
    sb_scope scope = *left;

    if (from->count_exprs > 1) {
        return sb_sql_error(ctx->err, SB_SQL_UNSUPPORTED, from->exprs[1]->begin,
                            from->exprs[1]->end, "not supported: UNNEST of several collections");
    }
    scope.aggs = NULL;
    scope.no_aggs = "UNNEST";
    SB_TRY(sb_bind_expr(b, &scope, from->exprs[0], &out->column), ctx->err);
    if (sb_type_phys(&out->column->type) != SB_PHYS_LIST) {
        (void)sb_sql_error(ctx->err, SB_SQL_TYPE, from->exprs[0]->begin, from->exprs[0]->end,
                           "UNNEST wants an ARRAY, MAP or MULTISET");
        return SB_STATUS_SEMANTIC;
    }
    return SB_OK;
}

/* Left columns, and what is taken apart. */
static sb_status
unnest_input(sb_binder *b, const sb_scope *left, const sb_ast_from *from, unnest_what *what,
             sb_rel **out)
{
    sb_rel_context *ctx = &b->rel;
    int32_t width = left->rel->schema.count;
    sb_expr **exprs;
    const char **names;

    SB_TRY(from->kind == SB_AST_FROM_FUNCTION ? unnest_call(b, left, from, what)
                                              : unnest_collection(b, left, from, what),
           ctx->err);
    SB_TRY(sb_rel_columns(ctx, left->rel, 1, &exprs, &names), ctx->err);
    exprs[width] = what->column;
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
    unnest_what what = {0};

    SB_TRY(unnest_input(b, left, from, &what, &input), ctx->err);
    SB_TRY(sb_rel_new(ctx, SB_REL_UNNEST, &input, 1, &unnest), ctx->err);
    unnest->column = width;
    unnest->outer = outer;
    unnest->ordinality = from->ordinality;
    unnest->function = what.function;
    unnest->count_args = what.count_args;
    unnest->result = what.result;
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
    const char *what = join->right->kind == SB_AST_FROM_FUNCTION ? "a table function" : "UNNEST";
    sb_scope left = {0};
    sb_expr *condition;
    sb_rel *rel;

    if (join->join == SB_AST_JOIN_RIGHT || join->join == SB_AST_JOIN_FULL) {
        return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, join->word_begin, join->word_end,
                            "not supported: RIGHT and FULL JOIN of %s", what);
    }
    if (outer && !unnest_condition_is_true(join->condition)) {
        (void)sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, join->condition->begin,
                           join->condition->end, "not supported: LEFT JOIN of %s on a condition",
                           what);
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
