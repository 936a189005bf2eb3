/*
 * sql/bind_from.c -- FROM: tables, views, common table expressions, subqueries, joins.
 *
 * DESIGN     Each reference to a view or a common table expression is bound anew; equal sub-trees
 *            are merged at the end of planning, so nothing is computed twice.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"
#include "sql/information_schema.h"
#include "sql/refuse.h"

static sb_status
from_single(sb_binder *b, sb_rel *rel, const char *alias, sb_scope *out)
{
    out->rel = rel;
    out->tables = SB_NEW(b->rel.arena, sb_scope_table);
    if (out->tables == NULL) {
        SB_NOMEM(b->rel.err);
    }
    out->count_tables = 1;
    out->tables[0] = (sb_scope_table){.alias = alias, .first = 0, .count = rel->schema.count};
    return SB_OK;
}

/* AS t (a, b, c) */
static sb_status
from_rename(sb_binder *b, const sb_ast_name *columns, int32_t count, int32_t begin, int32_t end,
            sb_rel **rel)
{
    const char **names;

    if (count == 0) {
        return SB_OK;
    }
    if (count != (*rel)->schema.count) {
        return sb_sql_error(b->rel.err, SB_SQL_COLUMN_COUNT, begin, end, "%d names for %d columns",
                            count, (*rel)->schema.count);
    }
    for (int32_t i = 0; i < count; i++) {
        for (int32_t j = 0; j < i; j++) {
            if (strcmp(columns[i].text, columns[j].text) == 0) {
                return sb_sql_error(b->rel.err, SB_SQL_DUPLICATE, columns[i].begin, columns[i].end,
                                    "column \"%s\" is there twice", columns[i].text);
            }
        }
    }
    SB_TRY(sb_rel_filter(&b->rel, *rel, NULL, rel), b->rel.err);
    names = (*rel)->names;
    for (int32_t i = 0; i < count; i++) {
        names[i] = sb_arena_strdup(b->rel.arena, columns[i].text);
        if (names[i] == NULL) {
            SB_NOMEM(b->rel.err);
        }
    }
    return sb_rel_derive(&b->rel, *rel);
}

/* Places inside a view are places of its text, not of the statement: all become that of the
 * reference. */
static void
from_view_place(sb_rel *rel, const sb_ast_path *path)
{
    rel->begin = path->begin;
    rel->end = path->end;
    for (int32_t i = 0; i < rel->count_inputs; i++) {
        from_view_place(rel->inputs[i], path);
    }
}

static sb_status
from_view(sb_binder *b, const sb_catalog_table *view, const sb_ast_path *path, sb_rel **out)
{
    sb_ast_statement **statements;
    sb_bind_cte *ctes = b->ctes;
    const sb_catalog *catalog = b->catalog;
    sb_catalog there = *catalog; /* names in a view are those of where it was made */
    const sb_rel_table *known = b->rel.tables;
    int32_t count;
    sb_status status;
    sb_ast_name *names;

    if (b->views == SB_BIND_VIEWS_MAX) {
        return sb_sql_error(b->rel.err, SB_SQL_TOO_DEEP, path->begin, path->end,
                            "views nested more than %d deep", SB_BIND_VIEWS_MAX);
    }
    b->views++;
    b->ctes = NULL;
    there.current_catalog = view->view_catalog;
    there.current_database = view->view_database;
    b->catalog = &there;
    status = sb_ast_parse(b->rel.arena, view->view_text, (int32_t)strlen(view->view_text),
                          &statements, &count, b->rel.err);
    if (status == SB_OK) {
        status = sb_sql_refuse(statements[0], b->rel.err);
    }
    if (status == SB_OK) {
        status = sb_bind_query(b, statements[0]->query, out);
    }
    b->catalog = catalog;
    b->ctes = ctes;
    b->views--;
    if (status != SB_OK) {
        /* Its place is in the view's text, which the user does not see here. */
        sb_error_prefix(b->rel.err, "in view \"%s\"", view->name);
        if (b->rel.err != NULL) {
            sb_error_at(b->rel.err, path->begin, path->end);
        }
        return status;
    }
    names = SB_NEW_ARRAY(b->rel.arena, sb_ast_name, view->count_columns + 1);
    if (names == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < view->count_columns; i++) {
        names[i].text = view->columns[i].name;
    }
    from_view_place(*out, path);
    for (sb_rel_table *table = b->rel.tables; table != known; table = table->next) {
        table->begin = path->begin;
        table->end = path->end;
    }
    return from_rename(b, names, view->count_columns, path->begin, path->end, out);
}

static sb_status
from_cte(sb_binder *b, sb_bind_cte *found, const sb_ast_path *path, sb_rel **out)
{
    sb_bind_cte *ctes = b->ctes;
    const sb_ast_cte *cte = found->cte;
    sb_status status;

    b->ctes = found->outer;
    status = sb_bind_query(b, cte->query, out);
    b->ctes = ctes;
    SB_TRY(status, b->rel.err);
    (*out)->begin = path->begin;
    (*out)->end = path->end;
    return from_rename(b, cte->columns, cte->count_columns, cte->name.begin, cte->name.end, out);
}

static sb_status
from_unknown(sb_binder *b, const sb_catalog_id *id, const sb_ast_path *path)
{
    const char *name = id->name;

    for (const sb_bind_cte *cte = b->ctes; cte != NULL; cte = cte->next) {
        const char *cte_name = cte->cte->name.text;

        if (sb_sql_nearest(name, &cte_name, 1) != NULL) {
            (void)sb_sql_error(b->rel.err, SB_SQL_TABLE_UNKNOWN, path->begin, path->end,
                               "table \"%s\" not found", name);
            sb_error_hint(b->rel.err, "did you mean \"%s\"?", cte_name);
            return SB_STATUS_NOT_FOUND;
        }
    }
    return sb_catalog_unknown(b->catalog, id, path->begin, path->end, b->rel.err);
}

static sb_status
from_path(sb_binder *b, const sb_ast_from *from, sb_rel **out, const char **out_name,
          sb_catalog_id *out_id)
{
    const sb_ast_path *path = &from->path;
    const sb_catalog_table *table;
    sb_catalog_table *information;
    sb_catalog_id id;

    if (from->is_file) {
        return sb_bind_file(b, path, &from->hints, out, out_name);
    }
    if (path->count == 1) {
        for (sb_bind_cte *cte = b->ctes; cte != NULL; cte = cte->next) {
            if (strcmp(cte->cte->name.text, path->parts[0].text) == 0) {
                *out_name = cte->cte->name.text;
                if (from->hints.count > 0) {
                    return sb_sql_error(b->rel.err, SB_SQL_OPTION, from->begin, from->end,
                                        "OPTIONS on a common table expression");
                }
                return from_cte(b, cte, path, out);
            }
        }
    }
    SB_TRY(sb_information_find(b->catalog, path, b->rel.arena, &information, b->rel.err),
           b->rel.err);
    if (information != NULL) {
        id = (sb_catalog_id){information->catalog, information->database, information->name};
    } else {
        SB_TRY(sb_catalog_resolve(b->catalog, path, &id, b->rel.err), b->rel.err);
    }
    *out_name = id.name;
    *out_id = id;
    table = information != NULL ? information : sb_catalog_find(b->catalog, &id);
    if (table == NULL) {
        return from_unknown(b, &id, path);
    }
    if (table->is_view) {
        if (from->hints.count > 0) {
            return sb_sql_error(b->rel.err, SB_SQL_OPTION, from->begin, from->end,
                                "OPTIONS on view \"%s\"", *out_name);
        }
        return from_view(b, table, path, out);
    }
    return sb_bind_table(b, path, &from->hints, out);
}

static sb_status
from_join(sb_binder *b, const sb_ast_from *from, sb_scope *out)
{
    sb_scope left = {0}, right = {0};
    sb_status failed = SB_OK;
    sb_rel *inputs[2], *join;

    if (from->right->kind == SB_AST_FROM_UNNEST || from->right->kind == SB_AST_FROM_FUNCTION) {
        return sb_bind_unnest_join(b, from, out);
    }
    SB_KEEP(b, sb_bind_from(b, from->left, &left), from->left, &failed);
    SB_KEEP(b, sb_bind_from(b, from->right, &right), from->right, &failed);
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    inputs[0] = (sb_rel *)left.rel;
    inputs[1] = (sb_rel *)right.rel;
    SB_TRY(sb_rel_new(&b->rel, SB_REL_JOIN, inputs, 2, &join), b->rel.err);
    SB_TRY(sb_rel_derive(&b->rel, join), b->rel.err);
    join->begin = from->begin;
    join->end = from->end;
    out->rel = join;
    out->count_tables = left.count_tables + right.count_tables;
    out->tables = SB_NEW_ARRAY(b->rel.arena, sb_scope_table, out->count_tables);
    if (out->tables == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < out->count_tables; i++) {
        out->tables[i] =
            i < left.count_tables ? left.tables[i] : right.tables[i - left.count_tables];
        if (i >= left.count_tables) {
            out->tables[i].first += left.rel->schema.count;
        }
        for (int32_t j = 0; j < i; j++) {
            if (out->tables[i].alias != NULL && out->tables[j].alias != NULL &&
                strcmp(out->tables[i].alias, out->tables[j].alias) == 0) {
                (void)sb_sql_error(b->rel.err, SB_SQL_DUPLICATE, from->right->begin,
                                   from->right->end, "table \"%s\" is in FROM twice",
                                   out->tables[i].alias);
                sb_error_hint(b->rel.err, "give one of them another name: %s AS other",
                              out->tables[i].alias);
                return SB_STATUS_SEMANTIC;
            }
        }
    }
    if (from->condition != NULL) {
        sb_scope scope = *out;

        scope.no_aggs = "ON";
        SB_KEEP(b, sb_bind_condition(b, &scope, from->condition, "ON", &join->condition),
                from->condition, &failed);
        if (failed != SB_OK) { /* its columns are there all the same */
            join->condition = NULL;
            return SB_OK;
        }
        SB_TRY(sb_rel_derive(&b->rel, join), b->rel.err);
    }
    return SB_OK;
}

/* FROM UNNEST(...), FROM TABLE(f(...)): over one row that has a column nobody sees. */
static sb_status
from_unnest(sb_binder *b, const sb_ast_from *from, sb_scope *out)
{
    sb_scope one = {0}, all;
    sb_rel *rel;
    int32_t *columns;

    SB_TRY(sb_bind_one_row(b, &rel), b->rel.err);
    one.rel = rel;
    SB_TRY(sb_bind_unnest(b, &one, from, false, &all), b->rel.err);
    columns = SB_NEW_ARRAY(b->rel.arena, int32_t, all.rel->schema.count + 1);
    if (columns == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = all.tables[0].first; i < all.rel->schema.count; i++) {
        columns[i - all.tables[0].first] = i;
    }
    SB_TRY(sb_rel_select(&b->rel, (sb_rel *)all.rel, columns, all.tables[0].count, &rel),
           b->rel.err);
    return from_single(b, rel, from->alias.text, out);
}

sb_status
sb_bind_from(sb_binder *b, const sb_ast_from *from, sb_scope *out)
{
    const char *alias = NULL;
    sb_catalog_id id = {NULL, NULL, NULL}; /* of a table of the catalog */
    sb_rel *rel = NULL;

    switch (from->kind) {
    case SB_AST_FROM_JOIN: return from_join(b, from, out);
    case SB_AST_FROM_UNNEST:
    case SB_AST_FROM_FUNCTION: return from_unnest(b, from, out);
    case SB_AST_FROM_TABLE: SB_TRY(from_path(b, from, &rel, &alias, &id), b->rel.err); break;
    case SB_AST_FROM_QUERY: SB_TRY(sb_bind_query(b, from->query, &rel), b->rel.err); break;
    case SB_AST_FROM_WINDOW:
        SB_TRY(sb_bind_window(b, from, &rel), b->rel.err);
        if (from->left->kind == SB_AST_FROM_TABLE) {
            alias = from->left->path.parts[from->left->path.count - 1].text;
        }
        break;
    default: SB_FAIL(b->rel.err, SB_STATUS_INTERNAL, "relation of kind %d", (int)from->kind);
    }
    if (from->alias.text != NULL) {
        alias = from->alias.text;
        SB_TRY(
            from_rename(b, from->columns, from->count_columns, from->alias.begin, from->end, &rel),
            b->rel.err);
    }
    SB_TRY(from_single(b, rel, alias, out), b->rel.err);
    if (from->alias.text == NULL) {
        out->tables[0].catalog = id.catalog;
        out->tables[0].database = id.database;
    }
    return SB_OK;
}
