/*
 * sql/refuse.c -- what parses and cannot be done (yet): the one list of it.
 *
 * DESIGN     Called when a script is parsed, before any of it is looked at further, so the binder
 *            and the executor never see a form that is listed here. Whoever makes a form work
 *            takes its line away.
 * THREADS    T:any
 */
#include "sql/refuse.h"

#include <stdio.h>
#include <string.h>

#include "sql/ast_walk.h"

static sb_status
refuse(void *ctx, int32_t begin, int32_t end, const char *name)
{
    return sb_sql_error(ctx, SB_SQL_UNSUPPORTED, begin, end, "not supported: %s", name);
}

static sb_status
refuse_hints(void *ctx, const sb_ast_hint *hints, int32_t count)
{
    char name[80];

    if (count == 0) {
        return SB_OK;
    }
    snprintf(name, sizeof(name), "hint %.40s", hints[0].name.text);
    return refuse(ctx, hints[0].name.begin, hints[0].name.end, name);
}

/* ---- queries ---- */

static sb_status
refuse_query(void *ctx, const sb_ast_query *query)
{
    if (query->recursive) {
        return refuse(ctx, query->begin, query->ctes[0].name.end, "WITH RECURSIVE");
    }
    switch (query->kind) {
    case SB_AST_INTERSECT: return refuse(ctx, query->word_begin, query->word_end, "INTERSECT");
    case SB_AST_EXCEPT: return refuse(ctx, query->word_begin, query->word_end, "EXCEPT");
    case SB_AST_TABLE_QUERY: return refuse(ctx, query->begin, query->end, "TABLE as a query");
    case SB_AST_SELECT:
    case SB_AST_UNION:
    case SB_AST_VALUES:
    case SB_AST_NESTED: break;
    }
    SB_TRY(refuse_hints(ctx, query->hints, query->count_hints), ctx);
    if (query->count_windows > 0) {
        return refuse(ctx, query->windows[0]->begin, query->windows[0]->end, "WINDOW");
    }
    if (query->qualify != NULL) {
        return refuse(ctx, query->qualify->begin, query->qualify->end, "QUALIFY");
    }
    return SB_OK;
}

/* ---- relations ---- */

static sb_status
refuse_join(void *ctx, const sb_ast_from *from)
{
    if ((from->right->kind == SB_AST_FROM_UNNEST || from->right->kind == SB_AST_FROM_FUNCTION) &&
        !from->natural && from->count_columns == 0) {
        return SB_OK;
    }
    if (from->natural) {
        return refuse(ctx, from->word_begin, from->word_end, "NATURAL JOIN");
    }
    switch (from->join) {
    case SB_AST_JOIN_LEFT: return refuse(ctx, from->word_begin, from->word_end, "LEFT JOIN");
    case SB_AST_JOIN_RIGHT: return refuse(ctx, from->word_begin, from->word_end, "RIGHT JOIN");
    case SB_AST_JOIN_FULL: return refuse(ctx, from->word_begin, from->word_end, "FULL JOIN");
    case SB_AST_JOIN_INNER:
    case SB_AST_JOIN_CROSS:
    case SB_AST_JOIN_COMMA: break;
    }
    return from->count_columns > 0 ? refuse(ctx, from->columns[0].begin, from->end, "JOIN USING")
                                   : SB_OK;
}

static sb_status
refuse_window(void *ctx, const sb_ast_from *from)
{
    if (from->window == SB_AST_TVF_CUMULATE) {
        return refuse(ctx, from->begin, from->end, "CUMULATE windows");
    }
    if (from->window == SB_AST_TVF_SESSION) {
        return refuse(ctx, from->begin, from->end, "SESSION windows");
    }
    return from->count_partition > 0
               ? refuse(ctx, from->partition[0]->begin, from->partition[0]->end,
                        "PARTITION BY in a window function")
               : SB_OK;
}

/* Functions of tables, and arguments by name. */
static sb_status
refuse_function_call(void *ctx, const sb_ast_from *from)
{
    char name[96];

    snprintf(name, sizeof(name), "table function %.60s",
             from->path.parts[from->path.count - 1].text);
    for (int32_t i = 0; i < from->count_args; i++) {
        if (from->args[i].kind != SB_AST_ARG_EXPR) {
            return refuse(ctx, from->path.begin, from->path.end, name);
        }
        if (from->args[i].name.text != NULL) {
            return refuse(ctx, from->args[i].begin, from->args[i].end,
                          "named arguments of a function");
        }
    }
    return SB_OK;
}

static sb_status
refuse_from(void *ctx, const sb_ast_from *from)
{
    SB_TRY(refuse_hints(ctx, from->other_hints, from->count_other_hints), ctx);
    switch (from->kind) {
    case SB_AST_FROM_JOIN: return refuse_join(ctx, from);
    case SB_AST_FROM_WINDOW: SB_TRY(refuse_window(ctx, from), ctx); break;
    case SB_AST_FROM_FUNCTION: return refuse_function_call(ctx, from);
    case SB_AST_FROM_UNNEST: return SB_OK;
    case SB_AST_FROM_MATCH: return refuse(ctx, from->word_begin, from->word_end, "MATCH_RECOGNIZE");
    case SB_AST_FROM_PIVOT:
        return refuse(ctx, from->word_begin, from->word_end, "PIVOT and UNPIVOT");
    case SB_AST_FROM_TABLE:
    case SB_AST_FROM_QUERY: break;
    }
    if (from->lateral) {
        return refuse(ctx, from->word_begin, from->word_end, "LATERAL");
    }
    if (from->system_time != NULL) {
        return refuse(ctx, from->word_begin, from->word_end,
                      "FOR SYSTEM_TIME AS OF (temporal and lookup join)");
    }
    return from->sample != NULL
               ? refuse(ctx, from->sample->method.begin, from->sample->method.end, "TABLESAMPLE")
               : SB_OK;
}

/* ---- expressions ---- */

/* IGNORE NULLS; ABSENT ON NULL */
static bool
takes_nulls(const sb_ast_expr *expr)
{
    return expr->kind == SB_AST_AGGREGATE &&
           (strcmp(expr->name, "ARRAY_AGG") == 0 || strcmp(expr->name, "JSON_ARRAYAGG") == 0 ||
            strcmp(expr->name, "JSON_OBJECTAGG") == 0);
}

static sb_status
refuse_expr(void *ctx, const sb_ast_expr *expr)
{
    if (expr->over != NULL) {
        return refuse(ctx, expr->over->begin, expr->over->end, "OVER");
    }
    if (expr->count_order > 0) {
        return refuse(ctx, expr->order[0].expr->begin, expr->order[0].expr->end,
                      expr->within_group ? "WITHIN GROUP" : "ORDER BY in an aggregate");
    }
    if ((expr->ignore_nulls || expr->respect_nulls) && !takes_nulls(expr)) {
        return refuse(ctx, expr->begin, expr->end, "IGNORE NULLS and RESPECT NULLS");
    }
    switch (expr->kind) {
    case SB_AST_SUBQUERY:
        return refuse(ctx, expr->begin, expr->end,
                      expr->name != NULL ? "collection of a query" : "scalar subquery");
    case SB_AST_EXISTS: return refuse(ctx, expr->begin, expr->end, "EXISTS");
    case SB_AST_IN_QUERY: return refuse(ctx, expr->begin, expr->end, "IN with a subquery");
    case SB_AST_QUANTIFIED:
        return refuse(ctx, expr->begin, expr->end, "comparison with ALL, SOME or ANY");
    default: return SB_OK;
    }
}

/* ---- statements ---- */

static sb_status
refuse_insert(sb_error *err, const sb_ast_insert *insert)
{
    SB_TRY(refuse_hints(err, insert->other_hints, insert->count_other_hints), err);
    if (insert->upsert) {
        return refuse(err, insert->begin, insert->table.end, "UPSERT INTO");
    }
    if (insert->overwrite) {
        return refuse(err, insert->begin, insert->table.end, "INSERT OVERWRITE");
    }
    if (insert->partition != NULL) {
        return refuse(err, insert->partition->begin, insert->partition->end,
                      "INSERT INTO a partition");
    }
    return insert->conflict != SB_AST_CONFLICT_NONE
               ? refuse(err, insert->conflict_begin, insert->end, "ON CONFLICT")
               : SB_OK;
}

/* The whole statement, called `verb` and what it is about. */
static sb_status
refuse_object(sb_error *err, const sb_ast_statement *s, const char *verb, const char *plural)
{
    char name[64];

    snprintf(name, sizeof(name), "%s %s%s", verb, sb_ast_object_name(s->object), plural);
    return refuse(err, s->begin, s->end, name);
}

static sb_status
refuse_explain(sb_error *err, const sb_ast_statement *s)
{
    if (s->explain_cost || s->explain_advice) {
        return refuse(err, s->begin, s->explained->begin,
                      s->explain_cost ? "EXPLAIN ESTIMATED_COST" : "EXPLAIN PLAN_ADVICE");
    }
    return sb_sql_refuse(s->explained, err);
}

/* Columns without types: all of them, and only with AS. */
static sb_status
refuse_names(sb_error *err, const sb_ast_create_table *table)
{
    for (int32_t i = 0; i < table->count_columns; i++) {
        const sb_ast_column *column = &table->columns[i];
        bool is_name = column->kind == SB_AST_COLUMN_NAME;

        if (is_name && table->query == NULL) {
            return sb_sql_error(err, SB_SQL_SYNTAX, column->name.begin, column->name.end,
                                "column \"%s\" has no type", column->name.text);
        }
        if (is_name != (table->columns[0].kind == SB_AST_COLUMN_NAME)) {
            return sb_sql_error(err, SB_SQL_SYNTAX, column->name.begin, column->name.end,
                                "columns with and without types in one list");
        }
    }
    return SB_OK;
}

static sb_status
refuse_table(sb_error *err, const sb_ast_statement *s)
{
    const sb_ast_create_table *table = s->table;

    if (table->materialized) {
        return refuse(err, s->begin, table->name.end, "CREATE MATERIALIZED TABLE");
    }
    if (table->unique) {
        return refuse(err, table->keys_begin >= 0 ? table->keys_begin : table->keys[0].begin,
                      table->keys[table->count_keys - 1].end, "UNIQUE");
    }
    if (table->watermark_path.count > 1) {
        return refuse(err, table->watermark_path.begin, table->watermark_path.end,
                      "WATERMARK FOR a nested field");
    }
    return refuse_names(err, table);
}

/* What is neither a table nor a view, and can be made, altered and dropped. */
static bool
refuse_is_space(const sb_ast_statement *s)
{
    return s->object == SB_AST_OBJECT_CATALOG || s->object == SB_AST_OBJECT_DATABASE ||
           s->object == SB_AST_OBJECT_FUNCTION;
}

/* CREATE FUNCTION, ALTER FUNCTION: in C, from a library, and nothing else. */
static sb_status
refuse_function(sb_error *err, const sb_ast_statement *s)
{
    const char *verb = s->kind == SB_AST_ALTER ? "ALTER" : "CREATE";
    bool c = s->language != NULL && strcmp(s->language, "C") == 0;
    char name[80];

    if (!c) {
        snprintf(name, sizeof(name), "%s FUNCTION ... LANGUAGE %s", verb,
                 s->language != NULL ? s->language : "JAVA");
        (void)refuse(err, s->begin, s->end, name);
        sb_error_hint(err, "functions are written in C: AS 'libx.so:symbol' LANGUAGE C");
        return SB_STATUS_NOT_SUPPORTED;
    }
    if (s->resource_kind != NULL) {
        snprintf(name, sizeof(name), "%s FUNCTION ... USING %s", verb, s->resource_kind);
        return refuse(err, s->begin, s->end, name);
    }
    snprintf(name, sizeof(name), "%s FUNCTION ... WITH", verb);
    return s->has_options ? refuse(err, s->begin, s->end, name) : SB_OK;
}

static sb_status
refuse_alter(sb_error *err, const sb_ast_statement *s)
{
    if (s->table != NULL && s->table->unique) {
        return refuse(err, s->begin, s->end, "UNIQUE");
    }
    if (s->table != NULL && s->table->watermark_path.count > 1) {
        return refuse(err, s->table->watermark_path.begin, s->table->watermark_path.end,
                      "WATERMARK FOR a nested field");
    }
    if (s->object == SB_AST_OBJECT_FUNCTION) {
        return refuse_function(err, s);
    }
    return s->object > SB_AST_OBJECT_VIEW && !refuse_is_space(s)
               ? refuse_object(err, s, "ALTER", "")
               : SB_OK;
}

static const char *
refuse_whole(const sb_ast_statement *s)
{
    switch (s->kind) {
    case SB_AST_UPDATE: return "UPDATE";
    case SB_AST_DELETE: return "DELETE";
    case SB_AST_TRUNCATE: return "TRUNCATE TABLE";
    case SB_AST_ANALYZE: return "ANALYZE TABLE";
    case SB_AST_CALL_PROCEDURE: return "CALL";
    case SB_AST_ADD_JAR: return "ADD JAR";
    case SB_AST_REMOVE_JAR: return "REMOVE JAR";
    case SB_AST_COMPILE_PLAN: return "COMPILE PLAN";
    case SB_AST_EXECUTE_PLAN: return "EXECUTE PLAN";
    case SB_AST_STOP_JOB: return "STOP JOB";
    case SB_AST_CLIENT: return s->text;
    default: return NULL;
    }
}

static sb_status
refuse_kind(sb_error *err, const sb_ast_statement *s)
{
    const char *whole = refuse_whole(s);

    if (whole != NULL) {
        return refuse(err, s->begin, s->end, whole);
    }
    switch (s->kind) {
    case SB_AST_CREATE_TABLE: return refuse_table(err, s);
    case SB_AST_CREATE_OBJECT:
        if (s->object == SB_AST_OBJECT_FUNCTION) {
            return refuse_function(err, s);
        }
        return refuse_is_space(s) ? SB_OK : refuse_object(err, s, "CREATE", "");
    case SB_AST_ALTER: return refuse_alter(err, s);
    case SB_AST_DROP:
        return s->object > SB_AST_OBJECT_VIEW && !refuse_is_space(s)
                   ? refuse_object(err, s, "DROP", "")
                   : SB_OK;
    case SB_AST_SHOW:
        if (s->show == SB_AST_SHOW_CREATE) {
            return s->object > SB_AST_OBJECT_VIEW && s->object != SB_AST_OBJECT_CATALOG
                       ? refuse_object(err, s, "SHOW CREATE", "")
                       : SB_OK;
        }
        return s->object == SB_AST_OBJECT_JOB ? refuse_object(err, s, "SHOW", "S") : SB_OK;
    case SB_AST_DESCRIBE:
        return s->object > SB_AST_OBJECT_VIEW && !refuse_is_space(s)
                   ? refuse_object(err, s, "DESCRIBE", "")
                   : SB_OK;
    case SB_AST_EXPLAIN: return refuse_explain(err, s);
    default: return SB_OK;
    }
}

sb_status
sb_sql_refuse(const sb_ast_statement *s, sb_error *err)
{
    sb_ast_visitor visitor = {
        .ctx = err, .query = refuse_query, .from = refuse_from, .expr = refuse_expr, .err = err};

    SB_TRY(refuse_kind(err, s), err);
    for (int32_t i = 0; i < s->count_inserts; i++) {
        SB_TRY(refuse_insert(err, s->inserts[i]), err);
    }
    return sb_ast_walk_statement(&visitor, s);
}
