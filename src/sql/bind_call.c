/*
 * sql/bind_call.c -- what only the front end knows of a call: which arguments are time attributes,
 * where it may stand; functions that are unknown.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"

/* Is it event time: a column that is, or one moved by an interval? */
static bool
call_is_rowtime(const sb_scope *scope, const sb_expr *arg)
{
    if (arg->kind == SB_EXPR_CALL && arg->count_args == 2 &&
        (sb_expr_is_call(arg, "+") || sb_expr_is_call(arg, "-"))) {
        arg = arg->args[0];
    }
    return arg->kind == SB_EXPR_COLUMN && scope->rel != NULL &&
           arg->column < scope->rel->schema.count && scope->rel->time[arg->column] == SB_TIME_EVENT;
}

static sb_status
call_check_watermark(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast,
                     sb_expr *const *args)
{
    const char *place = scope->no_aggs;
    sb_text type;

    if (place != NULL && (strcmp(place, "ON") == 0 || strcmp(place, "UNNEST") == 0)) {
        return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, ast->begin, ast->end,
                            "not supported: CURRENT_WATERMARK in %s", place);
    }
    if (ast->count_args != 1 || call_is_rowtime(scope, args[0])) {
        return SB_OK;
    }
    sb_text_init(&type, sb_mem_root());
    sb_type_print(&args[0]->type, &type);
    (void)sb_sql_error(b->rel.err, SB_SQL_TIME_ATTRIBUTE, ast->args[0]->begin, ast->args[0]->end,
                       "CURRENT_WATERMARK needs an event-time attribute, not a value of type %s",
                       type.data);
    sb_error_hint(b->rel.err, "it is a column that WATERMARK FOR names, or window_time");
    sb_text_deinit(&type);
    return SB_STATUS_SEMANTIC;
}

sb_status
sb_bind_call_check(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast,
                   sb_expr *const *args)
{
    if (strcmp(ast->name, "CURRENT_WATERMARK") == 0) {
        return call_check_watermark(b, scope, ast, args);
    }
    if (strcmp(ast->name, "SOURCE_WATERMARK") == 0 && ast->count_args == 0) {
        (void)sb_sql_error(b->rel.err, SB_SQL_TIME_ATTRIBUTE, ast->begin, ast->end,
                           "SOURCE_WATERMARK() may only stand in a WATERMARK clause, and alone");
        sb_error_hint(b->rel.err, "write WATERMARK FOR ts AS SOURCE_WATERMARK()");
        return SB_STATUS_SEMANTIC;
    }
    return SB_OK;
}

sb_status
sb_bind_call_unknown(sb_binder *b, const sb_ast_expr *ast, sb_status status)
{
    int32_t end = ast->begin + (int32_t)strlen(ast->name);

    (void)status;
    if (end > ast->end) {
        end = ast->end;
    }
    return sb_sql_error_place(b->rel.err, SB_SQL_FUNCTION_UNKNOWN, ast->begin, end);
}
