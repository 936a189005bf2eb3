/*
 * sql/bind_expr.c -- syntax of an expression to a typed expression.
 *
 * DESIGN     Operators and functions go to the catalogue of expr; what is only syntax is lowered
 *            here: BETWEEN to comparisons, the simple CASE to conditions, named fields to field
 *            accesses.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/module.h"
#include "sql/user_function.h"

static sb_status
expr_call(sb_binder *b, const char *name, sb_expr *const *args, int32_t count,
          const sb_ast_expr *ast, sb_expr **out)
{
    sb_status status = sb_expr_call(b->rel.arena, name, args, count, out, b->rel.err);

    if (status == SB_STATUS_NOT_FOUND) {
        return sb_bind_call_unknown(b, ast, status);
    }
    if (status != SB_OK) {
        return sb_sql_error_place(b->rel.err, SB_SQL_TYPE, ast->begin, ast->end);
    }
    (*out)->position = ast->begin;
    (*out)->position_end = ast->end;
    return SB_OK;
}

static sb_status
expr_args(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr ***out)
{
    sb_status failed = SB_OK;

    *out = SB_NEW_ARRAY(b->rel.arena, sb_expr *, ast->count_args > 0 ? ast->count_args : 1);
    if (*out == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < ast->count_args; i++) {
        SB_KEEP(b, sb_bind_expr(b, scope, ast->args[i], &(*out)[i]), ast->args[i], &failed);
    }
    return sb_bind_settle(b, failed);
}

/* x >= low AND x <= high; SYMMETRIC: or the other way round */
static sb_status
expr_between(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr **out)
{
    bool symmetric = strcmp(ast->name, "BETWEEN SYMMETRIC") == 0;
    sb_expr **args;
    sb_expr *both[2];

    SB_TRY(expr_args(b, scope, ast, &args), b->rel.err);
    for (int round = 0; round < (symmetric ? 2 : 1); round++) {
        sb_expr *low[2] = {args[0], args[1 + round]}, *high[2] = {args[0], args[2 - round]};
        sb_expr *pair[2];

        SB_TRY(expr_call(b, ">=", low, 2, ast, &pair[0]), b->rel.err);
        SB_TRY(expr_call(b, "<=", high, 2, ast, &pair[1]), b->rel.err);
        SB_TRY(expr_call(b, "AND", pair, 2, ast, &both[round]), b->rel.err);
    }
    *out = both[0];
    return symmetric ? expr_call(b, "OR", both, 2, ast, out) : SB_OK;
}

/* A condition or a result of CASE. operand NULL: there is none, or it has failed. */
static sb_status
expr_case_part(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, int32_t i,
               sb_expr *operand, sb_expr **out)
{
    const sb_ast_expr *part = ast->args[i + 1];

    SB_TRY(sb_bind_expr(b, scope, part, out), b->rel.err);
    if (i % 2 == 0 && operand != NULL) {
        sb_expr *pair[2] = {operand, *out};

        return expr_call(b, "=", pair, 2, part, out);
    }
    if (i % 2 == 0 && ast->args[0] == NULL && (*out)->type.id != SB_TYPE_BOOLEAN &&
        (*out)->type.id != SB_TYPE_NULL) {
        return sb_sql_error(b->rel.err, SB_SQL_TYPE, part->begin, part->end,
                            "WHEN needs a BOOLEAN");
    }
    return SB_OK;
}

static sb_status
expr_case(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr **out)
{
    int32_t count = ast->count_args - 1; /* without the operand */
    sb_expr **args = SB_NEW_ARRAY(b->rel.arena, sb_expr *, count);
    sb_expr *operand = NULL;
    sb_type null = SB_TYPE(NULL, true);
    sb_status failed = SB_OK;

    if (args == NULL) {
        SB_NOMEM(b->rel.err);
    }
    if (ast->args[0] != NULL) {
        SB_KEEP(b, sb_bind_expr(b, scope, ast->args[0], &operand), ast->args[0], &failed);
        operand = failed == SB_OK ? operand : NULL;
    }
    for (int32_t i = 0; i < count - 1; i++) {
        SB_KEEP(b, expr_case_part(b, scope, ast, i, operand, &args[i]), ast->args[i + 1], &failed);
    }
    if (ast->args[count] != NULL) {
        SB_KEEP(b, sb_bind_expr(b, scope, ast->args[count], &args[count - 1]), ast->args[count],
                &failed);
    } else {
        args[count - 1] = sb_expr_null(b->rel.arena, &null);
        if (args[count - 1] == NULL) {
            SB_NOMEM(b->rel.err);
        }
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    return expr_call(b, "CASE", args, count, ast, out);
}

/* CAST(2.5 AS INTERVAL DAY) of a number as written: so many units, as an interval literal. */
static sb_status
expr_interval(sb_binder *b, const sb_ast_expr *ast, const sb_expr *number, sb_expr **out)
{
    static const int64_t units[] = {
        [SB_UNIT_YEAR] = 12,      [SB_UNIT_MONTH] = 1,      [SB_UNIT_DAY] = 86400000,
        [SB_UNIT_HOUR] = 3600000, [SB_UNIT_MINUTE] = 60000, [SB_UNIT_SECOND] = 1000};
    sb_type type = ast->type;
    sb_int128 value =
        sb_type_phys(&number->type) == SB_PHYS_I128 ? number->value.i128 : number->value.i64;
    sb_int128 scale = 1;

    for (int i = 0; i < number->type.scale; i++) {
        scale *= 10;
    }
    if (value > INT64_MAX || value < INT64_MIN || scale > INT64_MAX) {
        return sb_sql_error(b->rel.err, SB_SQL_VALUE, ast->begin, ast->end,
                            "number is out of the range of an interval");
    }
    value = value * units[ast->unit_from] / scale;
    if (value > (type.id == SB_TYPE_INTERVAL_MONTH ? INT32_MAX : INT64_MAX) ||
        value < (type.id == SB_TYPE_INTERVAL_MONTH ? INT32_MIN : INT64_MIN)) {
        return sb_sql_error(b->rel.err, SB_SQL_VALUE, ast->begin, ast->end,
                            "number is out of the range of an interval");
    }
    type.nullable = false;
    *out = sb_expr_i64(b->rel.arena, &type, (int64_t)value);
    if (*out == NULL) {
        SB_NOMEM(b->rel.err);
    }
    return SB_OK;
}

static sb_status
expr_cast(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr **out)
{
    sb_expr *arg;
    sb_type type = ast->type;

    SB_TRY(sb_bind_expr(b, scope, ast->args[0], &arg), b->rel.err);
    type.nullable = arg->type.nullable || ast->try_cast;
    if (ast->unit_from != SB_UNIT_NONE && !ast->try_cast && ast->args[0]->kind == SB_AST_NUMBER &&
        (sb_type_is_integer(&arg->type) || arg->type.id == SB_TYPE_DECIMAL)) {
        return expr_interval(b, ast, arg, out);
    }
    if (ast->unit_from == SB_UNIT_NONE && sb_type_is_numeric(&arg->type) &&
        (type.id == SB_TYPE_INTERVAL_DAY || type.id == SB_TYPE_INTERVAL_MONTH)) {
        return sb_sql_error(b->rel.err, SB_SQL_TYPE, ast->begin, ast->end,
                            "there is no cast from a number to an interval of several units");
    }
    if (sb_expr_cast(b->rel.arena, arg, &type, ast->try_cast, out, b->rel.err) != SB_OK) {
        return sb_sql_error_place(b->rel.err, SB_SQL_TYPE, ast->begin, ast->end);
    }
    if (*out != arg) {
        (*out)->position = ast->begin;
        (*out)->position_end = ast->end;
    }
    return SB_OK;
}

static sb_status
expr_field(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr **out)
{
    sb_ast_name name = {.text = ast->name, .begin = ast->args[0]->end, .end = ast->end};
    sb_expr *row;

    SB_TRY(sb_bind_expr(b, scope, ast->args[0], &row), b->rel.err);
    name.begin = ast->end - (int32_t)strlen(ast->name);
    return sb_bind_field(b, row, &name, out);
}

/* A call of what is not there, or only an aggregate of the user could be. */
static sb_status
expr_no_function(sb_binder *b, const sb_ast_expr *ast)
{
    const sb_ast_path *path = &ast->path;

    if (path->count == 1 && sb_function_find(ast->name, NULL) != NULL) {
        return sb_sql_error(b->rel.err, SB_SQL_AGGREGATE_PLACE, ast->begin, ast->end,
                            "%s %s, which is not an aggregate function",
                            ast->distinct ? "DISTINCT in" : "FILTER after", ast->name);
    }
    return sb_sql_error(b->rel.err, SB_SQL_FUNCTION_UNKNOWN, path->begin, path->end,
                        "unknown function '%s'", path->parts[path->count - 1].text);
}

/* The arguments; when some of them fail, also that there is no such function. */
static sb_status
expr_call_args(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr ***out)
{
    sb_status failed = SB_OK;
    sb_expr *call;

    SB_KEEP(b, expr_args(b, scope, ast, out), ast, &failed);
    if (failed != SB_OK && sb_function_find(ast->name, NULL) == NULL) {
        sb_status status = sb_expr_call(b->rel.arena, ast->name, NULL, 0, &call, b->rel.err);

        if (status == SB_STATUS_NOT_FOUND) {
            SB_KEEP(b, sb_bind_call_unknown(b, ast, status), ast, &failed);
        }
        sb_error_clear(b->rel.err);
    }
    return sb_bind_settle(b, failed);
}

/* Is it a function of the module core, which is not loaded? */
static bool
expr_is_unloaded(const sb_binder *b, const sb_ast_expr *ast)
{
    return b->catalog != NULL && b->catalog->no_core && ast->path.count > 0 &&
           sb_user_function_is_builtin(ast->name) && !sb_module_keeps(ast->name);
}

static sb_status
expr_plain_call(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr **out)
{
    static const char *const windows[] = {
        "TUMBLE",        "HOP",         "SESSION",         "CUMULATE",
        "TUMBLE_START",  "TUMBLE_END",  "TUMBLE_ROWTIME",  "TUMBLE_PROCTIME",
        "HOP_START",     "HOP_END",     "HOP_ROWTIME",     "HOP_PROCTIME",
        "SESSION_START", "SESSION_END", "SESSION_ROWTIME", "SESSION_PROCTIME"};
    const sb_udf *udf = NULL;
    sb_expr **args;

    if (ast->path.count > 0) {
        SB_TRY(sb_user_function_find(b, &ast->path, &udf), b->rel.err);
    }
    if (udf != NULL) {
        return sb_bind_user_call(b, scope, udf, ast, out);
    }
    if (ast->path.count > 1 || ast->distinct || ast->filter != NULL) {
        return expr_no_function(b, ast);
    }
    if (expr_is_unloaded(b, ast)) {
        return sb_module_unknown(b->rel.err, ast->name, ast->path.begin, ast->path.end);
    }
    if (strcmp(ast->name, "BETWEEN") == 0 || strcmp(ast->name, "BETWEEN SYMMETRIC") == 0) {
        return expr_between(b, scope, ast, out);
    }
    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
        if (strcmp(ast->name, windows[i]) == 0) {
            (void)sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, ast->begin, ast->end,
                               "not supported: group window function %s", ast->name);
            sb_error_hint(b->rel.err, "use a window table function: FROM TUMBLE(TABLE t, "
                                      "DESCRIPTOR(ts), INTERVAL '10' MINUTE) "
                                      "GROUP BY window_start, window_end");
            return SB_STATUS_NOT_SUPPORTED;
        }
    }
    SB_TRY(expr_call_args(b, scope, ast, &args), b->rel.err);
    if (strcmp(ast->name, "CURRENT_DATABASE") == 0 && ast->count_args == 0) {
        sb_type type = sb_type_string(false);

        *out = sb_expr_string(b->rel.arena, &type, SB_STR("default_database"));
        if (*out == NULL) {
            SB_NOMEM(b->rel.err);
        }
        return SB_OK;
    }
    SB_TRY(sb_bind_call_check(b, scope, ast, args), b->rel.err);
    return expr_call(b, ast->name, args, ast->count_args, ast, out);
}

/* A temporary function of the system may have the name of a built-in aggregate. */
static sb_status
expr_aggregate(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr **out)
{
    const sb_udf *udf = NULL;

    if (ast->path.count > 0 && !ast->star) {
        SB_TRY(sb_user_function_find(b, &ast->path, &udf), b->rel.err);
    }
    if (udf == NULL && b->catalog != NULL && b->catalog->no_core) {
        return sb_module_unknown(b->rel.err, ast->name, ast->begin,
                                 ast->begin + (int32_t)strlen(ast->name));
    }
    return udf != NULL ? sb_bind_user_call(b, scope, udf, ast, out)
                       : sb_bind_aggregate(b, scope, ast, out);
}

/* PI without brackets, where no column has that name */
static bool
expr_is_pi(const sb_scope *scope, const sb_ast_expr *ast)
{
    sb_str name = sb_str_of(ast->path.parts[0].text);

    return ast->path.count == 1 && sb_str_equal_nocase(name, SB_STR("PI")) &&
           (scope->rel == NULL || sb_schema_find(&scope->rel->schema, name) < 0);
}

sb_status
sb_bind_expr(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr **out)
{
    switch (ast->kind) {
    case SB_AST_NULL:
    case SB_AST_BOOLEAN:
    case SB_AST_NUMBER:
    case SB_AST_STRING:
    case SB_AST_BINARY:
    case SB_AST_TEMPORAL:
    case SB_AST_INTERVAL: return sb_bind_literal(b, ast, out);
    case SB_AST_NAME:
        return expr_is_pi(scope, ast) ? expr_call(b, "PI", NULL, 0, ast, out)
                                      : sb_bind_column(b, scope, ast, out);
    case SB_AST_STAR:
    case SB_AST_ROW_STAR:
        return sb_sql_error(b->rel.err, SB_SQL_SYNTAX, ast->begin, ast->end,
                            "* may stand in the list of SELECT only");
    case SB_AST_CALL: return expr_plain_call(b, scope, ast, out);
    case SB_AST_AGGREGATE: return expr_aggregate(b, scope, ast, out);
    case SB_AST_CASE: return expr_case(b, scope, ast, out);
    case SB_AST_CAST: return expr_cast(b, scope, ast, out);
    case SB_AST_FIELD: return expr_field(b, scope, ast, out);
    case SB_AST_SUBQUERY:
    case SB_AST_EXISTS:
    case SB_AST_IN_QUERY:
    case SB_AST_QUANTIFIED: break; /* refused before (refuse.c) */
    }
    SB_FAIL(b->rel.err, SB_STATUS_INTERNAL, "expression of unknown kind %d", (int)ast->kind);
}

sb_status
sb_bind_condition(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, const char *what,
                  sb_expr **out)
{
    sb_type boolean = SB_TYPE(BOOLEAN, true);

    SB_TRY(sb_bind_expr(b, scope, ast, out), b->rel.err);
    if ((*out)->type.id == SB_TYPE_NULL) {
        SB_TRY(sb_expr_coerce(b->rel.arena, *out, &boolean, out, b->rel.err), b->rel.err);
    }
    if ((*out)->type.id != SB_TYPE_BOOLEAN) {
        sb_text type;

        sb_text_init(&type, sb_mem_root());
        sb_type_print(&(*out)->type, &type);
        (void)sb_sql_error(b->rel.err, SB_SQL_TYPE, ast->begin, ast->end,
                           "%s must be BOOLEAN, not %s", what, type.data);
        sb_text_deinit(&type);
        return SB_STATUS_SEMANTIC;
    }
    return SB_OK;
}

sb_status
sb_bind_duration(sb_binder *b, const sb_ast_expr *ast, const char *what, int64_t *out_ms)
{
    sb_scope scope = {.no_aggs = "a window"};
    sb_expr *expr;

    SB_TRY(sb_bind_expr(b, &scope, ast, &expr), b->rel.err);
    SB_TRY(sb_expr_fold(b->rel.arena, expr, b->rel.zone, &expr, b->rel.err), b->rel.err);
    if (expr->kind != SB_EXPR_LITERAL || expr->is_null || expr->type.id != SB_TYPE_INTERVAL_DAY) {
        bool months = expr->type.id == SB_TYPE_INTERVAL_MONTH;

        (void)sb_sql_error(b->rel.err, SB_SQL_WINDOW, ast->begin, ast->end,
                           "%s must be a constant interval of days to seconds", what);
        sb_error_hint(b->rel.err,
                      months ? "months and years differ in length" : "write INTERVAL '10' MINUTE");
        return SB_STATUS_SEMANTIC;
    }
    *out_ms = expr->value.i64;
    return SB_OK;
}
