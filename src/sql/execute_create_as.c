/*
 * sql/execute_create_as.c -- CREATE TABLE AS: the columns of the table from those it declares and
 * those of the query, and the plan that fills it.
 *
 * DESIGN     As in Flink: declared columns come first, then those of the query. A physical or
 *            metadata column of a name that the query gives stands in its place and its type
 *            holds; a computed one must not. A list of names alone puts the columns of the query
 *            in another order. The merged list is bound as that of a plain CREATE TABLE.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/session.h"

typedef struct create_as {
    sb_execution *x;
    const sb_ast_create_table *ast;
    const sb_schema *given; /* by the query */
    sb_ast_column *columns; /* merged */
    int32_t count;
} create_as;

static sb_status
as_given(create_as *c, int32_t i, sb_ast_column *out)
{
    const sb_ast_query *query = c->ast->query;
    const sb_field *field = &c->given->fields[i];

    *out = (sb_ast_column){.kind = SB_AST_COLUMN_PHYSICAL,
                           .name = {.text = field->name, .begin = query->begin, .end = query->end},
                           .type = field->type};
    if (field->type.id == SB_TYPE_NULL) {
        return sb_sql_error(c->x->err, SB_SQL_TYPE, query->begin, query->end,
                            "column \"%s\" of the query has no type", field->name);
    }
    if (out->type.id == SB_TYPE_CHAR && out->type.length == 0) {
        out->type.length = 1;
    }
    return SB_OK;
}

static const sb_ast_column *
as_declared(const create_as *c, const char *name)
{
    for (int32_t i = 0; i < c->ast->count_columns; i++) {
        if (strcmp(c->ast->columns[i].name.text, name) == 0) {
            return &c->ast->columns[i];
        }
    }
    return NULL;
}

/* (b, a): the columns of the query in this order. */
static sb_status
as_names(create_as *c)
{
    const sb_ast_create_table *ast = c->ast;
    int32_t count = ast->count_columns;

    if (count != c->given->count) {
        return sb_sql_error(c->x->err, SB_SQL_COLUMN_COUNT, ast->columns[0].name.begin,
                            ast->columns[count - 1].name.end,
                            "%d names for the %d columns of the query", count, c->given->count);
    }
    for (int32_t i = 0; i < count; i++) {
        const sb_ast_name *name = &ast->columns[i].name;
        int32_t from = sb_schema_find(c->given, sb_str_of(name->text));

        for (int32_t j = 0; j < i; j++) {
            if (strcmp(ast->columns[j].name.text, name->text) == 0) {
                return sb_sql_error(c->x->err, SB_SQL_DUPLICATE, name->begin, name->end,
                                    "column \"%s\" is there twice", name->text);
            }
        }
        if (from < 0) {
            (void)sb_sql_error(c->x->err, SB_SQL_COLUMN_UNKNOWN, name->begin, name->end,
                               "column \"%s\" is not one of the query", name->text);
            sb_error_hint(c->x->err, "with a type it is a column of its own: %s STRING",
                          name->text);
            return SB_STATUS_NOT_FOUND;
        }
        SB_TRY(as_given(c, from, &c->columns[c->count]), c->x->err);
        c->columns[c->count++].name = *name;
    }
    return SB_OK;
}

static sb_status
as_merge(create_as *c)
{
    const sb_ast_create_table *ast = c->ast;

    if (ast->count_columns > 0 && ast->columns[0].kind == SB_AST_COLUMN_NAME) {
        return as_names(c);
    }
    for (int32_t i = 0; i < ast->count_columns; i++) {
        const sb_ast_column *column = &ast->columns[i];

        if (sb_schema_find(c->given, sb_str_of(column->name.text)) < 0) {
            c->columns[c->count++] = *column;
        } else if (column->kind == SB_AST_COLUMN_COMPUTED || column->is_virtual) {
            return sb_sql_error(
                c->x->err, SB_SQL_DUPLICATE, column->name.begin, column->name.end,
                "column \"%s\" is one of the query, and a %s column cannot stand for it",
                column->name.text, column->kind == SB_AST_COLUMN_COMPUTED ? "computed" : "virtual");
        }
    }
    for (int32_t i = 0; i < c->given->count; i++) {
        const sb_ast_column *declared = as_declared(c, c->given->fields[i].name);

        SB_TRY(as_given(c, i, &c->columns[c->count]), c->x->err);
        if (declared != NULL) {
            c->columns[c->count] = *declared;
        }
        c->count++;
    }
    return SB_OK;
}

/* Is the column declared with a type? A bare name is not. */
static bool
as_has_type(const create_as *c, const char *name)
{
    const sb_ast_column *declared = as_declared(c, name);

    return declared != NULL && declared->kind != SB_AST_COLUMN_NAME;
}

/* A key may be declared over columns of the query that are never NULL. */
static sb_status
as_check_keys(create_as *c)
{
    for (int32_t k = 0; k < c->ast->count_keys; k++) {
        const sb_ast_name *key = &c->ast->keys[k];
        int32_t at = sb_schema_find(c->given, sb_str_of(key->text));

        if (at >= 0 && !as_has_type(c, key->text) && c->given->fields[at].type.nullable) {
            (void)sb_sql_error(c->x->err, SB_SQL_TABLE_DEFINITION, key->begin, key->end,
                               "column \"%s\" of PRIMARY KEY can be NULL in the query", key->text);
            sb_error_hint(c->x->err, "COALESCE(%s, ...) AS %s makes it NOT NULL", key->text,
                          key->text);
            return SB_STATUS_SEMANTIC;
        }
    }
    return SB_OK;
}

static sb_status
as_bind(sb_execution *x, const sb_ast_create_table *ast, sb_arena *arena, sb_catalog_table *table)
{
    create_as c = {.x = x, .ast = ast};
    sb_ast_create_table merged = *ast;
    sb_binder binder;
    sb_rel *rel;

    sb_execution_binder(x, arena, &binder);
    SB_TRY(sb_bind_query(&binder, ast->query, &rel), x->err);
    SB_TRY(sb_bind_end(&binder), x->err);
    c.given = &rel->schema;
    c.columns = SB_NEW_ARRAY(arena, sb_ast_column, ast->count_columns + rel->schema.count + 1);
    if (c.columns == NULL) {
        SB_NOMEM(x->err);
    }
    SB_TRY(as_merge(&c), x->err);
    SB_TRY(as_check_keys(&c), x->err);
    merged.columns = c.columns;
    merged.count_columns = c.count;
    return sb_bind_create_table(&binder, &merged, x->script->text, table);
}

sb_status
sb_create_as_entry(sb_execution *x, const sb_ast_create_table *ast, sb_catalog_table *table)
{
    sb_arena *arena;
    sb_status status;

    if (ast->temporary) {
        return sb_sql_error(x->err, SB_SQL_UNSUPPORTED, ast->name.begin, ast->name.end,
                            "not supported: CREATE TABLE AS of a temporary table");
    }
    arena = sb_arena_new(x->session->mem);
    if (arena == NULL) {
        SB_NOMEM(x->err);
    }
    status = as_bind(x, ast, arena, table);
    sb_arena_free(arena);
    return status;
}

/* The columns that the query gives, as the list of an INSERT. */
static sb_status
as_targets(sb_execution *x, const sb_ast_create_table *ast, sb_arena *arena, sb_ast_insert *insert)
{
    sb_binder binder;
    sb_rel *rel;

    sb_execution_binder(x, arena, &binder);
    SB_TRY(sb_bind_query(&binder, ast->query, &rel), x->err);
    insert->columns = SB_NEW_ARRAY(arena, sb_ast_name, rel->schema.count + 1);
    if (insert->columns == NULL) {
        SB_NOMEM(x->err);
    }
    for (int32_t i = 0; i < rel->schema.count; i++) {
        insert->columns[i] = (sb_ast_name){
            .text = rel->schema.fields[i].name, .begin = ast->name.begin, .end = ast->name.end};
    }
    insert->count_columns = rel->schema.count;
    return SB_OK;
}

sb_status
sb_create_as_plan(sb_execution *x, const sb_ast_statement *s, const sb_catalog_table *table,
                  sb_plan **out)
{
    sb_ast_insert insert = {
        .table = s->table->name, .query = s->table->query, .begin = s->begin, .end = s->end};
    sb_ast_insert *list[] = {&insert};
    sb_arena *arena = sb_arena_new(x->session->mem);
    sb_status status = SB_OK;

    if (arena == NULL) {
        SB_NOMEM(x->err);
    }
    if (s->table->count_columns > 0) {
        status = as_targets(x, s->table, arena, &insert);
    }
    if (status == SB_OK) {
        x->created = table;
        status = sb_execute_plan(x, list, 1, NULL, s->begin, s->end, out);
        x->created = NULL;
    }
    sb_arena_free(arena);
    return status;
}

sb_status
sb_explain_create_as(sb_execution *x, const sb_ast_statement *s, sb_plan **out)
{
    sb_catalog *catalog = &x->session->catalog;
    sb_catalog_table *table;
    sb_catalog_id id;
    sb_status status;

    SB_TRY(sb_catalog_resolve(catalog, &s->table->name, &id, x->err), x->err);
    table = sb_catalog_table_new(catalog, &id);
    if (table == NULL) {
        SB_NOMEM(x->err);
    }
    status = sb_create_as_entry(x, s->table, table);
    if (status == SB_OK) {
        status = sb_create_as_plan(x, s, table, out);
    }
    sb_catalog_table_free(table);
    return status;
}
