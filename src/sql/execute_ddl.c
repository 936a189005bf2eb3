/*
 * sql/execute_ddl.c -- CREATE and DROP.
 *
 * DESIGN     A new entry is made aside and added when everything about it is right. CREATE TABLE
 *            AS is CREATE TABLE and INSERT in one; when the INSERT cannot be planned the table is
 *            not there either.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/session.h"

static sb_status
ddl_exists(sb_execution *x, const sb_catalog_table *old, const sb_ast_path *path)
{
    return sb_sql_error(x->err, SB_SQL_TABLE_EXISTS, path->begin, path->end,
                        "%s \"%s\" exists already", old->is_view ? "view" : "table", old->name);
}

/* ---- CREATE TABLE ---- */

static sb_status
create_entry(sb_execution *x, const sb_ast_create_table *ast, sb_catalog_table *table)
{
    sb_arena *arena;
    sb_binder binder;
    sb_status status;

    if (ast->query != NULL) {
        return sb_create_as_entry(x, ast, table);
    }
    arena = sb_arena_new(x->session->mem);
    if (arena == NULL) {
        SB_NOMEM(x->err);
    }
    sb_execution_binder(x, arena, &binder);
    status = sb_bind_create_table(&binder, ast, x->script->text, table);
    sb_arena_free(arena);
    return status;
}

/* The new entry, not in the catalog yet. */
static sb_status
create_new(sb_execution *x, const sb_ast_statement *s, const sb_catalog_id *id,
           sb_catalog_table **out)
{
    sb_status status;

    if (s->table->like.count > 0) {
        return sb_execute_like(x, s, id, out);
    }
    *out = sb_catalog_table_new(&x->session->catalog, id);
    if (*out == NULL) {
        SB_NOMEM(x->err);
    }
    status = create_entry(x, s->table, *out);
    if (status != SB_OK) {
        sb_catalog_table_free(*out);
    }
    return status;
}

sb_status
sb_execute_create_table(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    const sb_ast_create_table *ast = s->table;
    sb_catalog_table *old, *table;
    sb_catalog_id id;
    sb_status status;

    SB_TRY(sb_catalog_resolve(catalog, &ast->name, &id, x->err), x->err);
    old = sb_catalog_find_kind(catalog, &id, ast->temporary);
    if (old != NULL && ast->if_not_exists) {
        return sb_result_message(x, "table %s exists already", id.name);
    }
    if (old != NULL && !((ast->or_replace || ast->replace) && !old->is_view)) {
        return ddl_exists(x, old, &ast->name);
    }
    if (old == NULL && ast->replace) {
        return sb_catalog_unknown(catalog, &id, ast->name.begin, ast->name.end, x->err);
    }
    SB_TRY(create_new(x, s, &id, &table), x->err);
    if (ast->query != NULL) {
        x->result->kind = SB_SQL_RESULT_PLAN;
        x->result->plan_kind = SB_SQL_PLAN_INSERT;
        status = sb_create_as_plan(x, s, table, &x->result->plan);
        if (status != SB_OK) {
            sb_catalog_table_free(table);
            return status;
        }
    }
    if (old != NULL) {
        sb_catalog_take(catalog, old);
    }
    sb_catalog_add(catalog, table);
    status = sb_keep_put(x, table);
    if (status != SB_OK) {
        sb_catalog_drop(catalog, table);
        if (old != NULL) {
            sb_catalog_add(catalog, old);
        }
        return status;
    }
    sb_catalog_table_free(old);
    return ast->query != NULL ? SB_OK
                              : sb_result_message(x, "table %s %s", table->name,
                                                  old != NULL ? "replaced" : "created");
}

/* ---- CREATE VIEW ---- */

static sb_status
view_columns(sb_execution *x, const sb_ast_statement *s, const sb_rel *rel, sb_catalog_table *view)
{
    if (s->count_columns > 0 && s->count_columns != rel->schema.count) {
        return sb_sql_error(x->err, SB_SQL_COLUMN_COUNT, s->columns[0].begin,
                            s->columns[s->count_columns - 1].end, "%d names for %d columns",
                            s->count_columns, rel->schema.count);
    }
    view->columns = SB_NEW_ARRAY(view->arena, sb_catalog_column, rel->schema.count + 1);
    if (view->columns == NULL) {
        SB_NOMEM(x->err);
    }
    for (int32_t i = 0; i < rel->schema.count; i++) {
        sb_catalog_column *column = &view->columns[i];

        for (int32_t j = 0; j < i && s->count_columns > 0; j++) {
            if (strcmp(s->columns[i].text, s->columns[j].text) == 0) {
                return sb_sql_error(x->err, SB_SQL_DUPLICATE, s->columns[i].begin,
                                    s->columns[i].end, "column \"%s\" is there twice",
                                    s->columns[i].text);
            }
        }
        column->name = sb_arena_strdup(
            view->arena, s->count_columns > 0 ? s->columns[i].text : rel->schema.fields[i].name);
        if (column->name == NULL) {
            SB_NOMEM(x->err);
        }
        column->time = (sb_time_kind)rel->time[i];
        SB_TRY(sb_type_copy(view->arena, &rel->schema.fields[i].type, &column->type, x->err),
               x->err);
    }
    view->count_columns = rel->schema.count;
    return SB_OK;
}

static sb_status
view_entry(sb_execution *x, const sb_ast_statement *s, sb_arena *arena, sb_catalog_table *view)
{
    const sb_catalog *catalog = &x->session->catalog;
    const sb_sql_session there = *x->session;
    sb_catalog elsewhere = *catalog;
    sb_binder binder;
    sb_rel *rel;

    sb_execution_binder(x, arena, &binder);
    if (there.view_catalog != NULL) { /* read from a store */
        elsewhere.current_catalog = there.view_catalog;
        elsewhere.current_database = there.view_database;
        binder.catalog = &elsewhere;
    }
    SB_TRY(sb_bind_query(&binder, s->query, &rel), x->err);
    SB_TRY(sb_bind_end(&binder), x->err);
    SB_TRY(view_columns(x, s, rel, view), x->err);
    view->is_view = true;
    view->view_catalog = sb_arena_strdup(
        view->arena, there.view_catalog != NULL ? there.view_catalog : catalog->current_catalog);
    view->view_database = sb_arena_strdup(
        view->arena, there.view_catalog != NULL ? there.view_database : catalog->current_database);
    view->comment = s->comment != NULL ? sb_arena_strdup(view->arena, s->comment) : NULL;
    view->view_text = sb_arena_strndup(view->arena, x->script->text + s->body_begin,
                                       (size_t)(s->end - s->body_begin));
    if (view->view_text == NULL || view->view_catalog == NULL || view->view_database == NULL) {
        SB_NOMEM(x->err);
    }
    return SB_OK;
}

static sb_status
view_new(sb_execution *x, const sb_ast_statement *s, const sb_catalog_id *id, bool temporary,
         sb_catalog_table **out)
{
    sb_arena *arena = sb_arena_new(x->session->mem);
    sb_status status;

    *out = sb_catalog_table_new(&x->session->catalog, id);
    if (arena == NULL || *out == NULL) {
        sb_arena_free(arena);
        sb_catalog_table_free(*out);
        SB_NOMEM(x->err);
    }
    (*out)->temporary = temporary;
    status = view_entry(x, s, arena, *out);
    sb_arena_free(arena);
    if (status != SB_OK) {
        sb_catalog_table_free(*out);
    }
    return status;
}

/* The message, and the definition in the store; frees the view when that fails. */
static sb_status
view_message(sb_execution *x, sb_catalog_table *view, const char *what)
{
    sb_status status = sb_result_message(x, "view %s %s", view->name, what);

    if (status == SB_OK) {
        status = sb_keep_put(x, view);
    }
    if (status != SB_OK) {
        sb_catalog_table_free(view);
    }
    return status;
}

sb_status
sb_execute_create_view(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    sb_catalog_table *old, *view;
    sb_catalog_id id;

    SB_TRY(sb_catalog_resolve(catalog, &s->name, &id, x->err), x->err);
    old = sb_catalog_find_kind(catalog, &id, s->temporary);
    if (old != NULL && s->if_exists) {
        return sb_result_message(x, "view %s exists already", id.name);
    }
    if (old != NULL && !(s->or_replace && old->is_view)) {
        return ddl_exists(x, old, &s->name);
    }
    SB_TRY(view_new(x, s, &id, s->temporary, &view), x->err);
    SB_TRY(view_message(x, view, old != NULL ? "replaced" : "created"), x->err);
    if (old != NULL) {
        sb_catalog_replace(catalog, old, view);
    } else {
        sb_catalog_add(catalog, view);
    }
    return SB_OK;
}

/* ALTER VIEW v AS query: the names of the columns are those of the new query. */
sb_status
sb_execute_alter_view(sb_execution *x, const sb_ast_statement *s, sb_catalog_table *old)
{
    sb_catalog_id id = {old->catalog, old->database, old->name};
    sb_catalog_table *view;

    SB_TRY(view_new(x, s, &id, old->temporary, &view), x->err);
    SB_TRY(view_message(x, view, "altered"), x->err);
    sb_catalog_replace(&x->session->catalog, old, view);
    return SB_OK;
}

/* ---- DROP ---- */

sb_status
sb_execute_drop(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    const char *what = s->is_view ? "view" : "table";
    sb_catalog_table *table, *temporary;
    sb_catalog_id id;

    if (s->object == SB_AST_OBJECT_CATALOG || s->object == SB_AST_OBJECT_DATABASE) {
        return sb_execute_drop_space(x, s);
    }
    if (s->object == SB_AST_OBJECT_FUNCTION) {
        return sb_execute_drop_function(x, s);
    }
    SB_TRY(sb_catalog_resolve(catalog, &s->name, &id, x->err), x->err);
    temporary = sb_catalog_find_kind(catalog, &id, true);
    table = s->temporary ? temporary : sb_catalog_find_kind(catalog, &id, false);
    if (!s->temporary && temporary != NULL) {
        (void)sb_sql_error(x->err, SB_SQL_NOT_A_TABLE, s->name.begin, s->name.end,
                           "\"%s\" is a temporary %s", id.name,
                           temporary->is_view ? "view" : "table");
        sb_error_hint(x->err, "write DROP TEMPORARY %s %s", temporary->is_view ? "VIEW" : "TABLE",
                      id.name);
        return SB_STATUS_SEMANTIC;
    }
    if (table == NULL) {
        return s->if_exists ? sb_result_message(x, "%s %s does not exist", what, id.name)
                            : sb_catalog_unknown(catalog, &id, s->name.begin, s->name.end, x->err);
    }
    if (table->is_view != s->is_view) {
        (void)sb_sql_error(x->err, SB_SQL_NOT_A_TABLE, s->name.begin, s->name.end, "\"%s\" is a %s",
                           id.name, table->is_view ? "view" : "table");
        sb_error_hint(x->err, "write DROP %s %s", table->is_view ? "VIEW" : "TABLE", id.name);
        return SB_STATUS_SEMANTIC;
    }
    SB_TRY(sb_keep_remove(x, table), x->err);
    SB_TRY(sb_result_message(x, "%s %s dropped", what, id.name), x->err);
    sb_catalog_drop(catalog, table);
    return SB_OK;
}
