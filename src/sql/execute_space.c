/*
 * sql/execute_space.c -- catalogs and databases: CREATE, ALTER, DROP, USE.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/session.h"
#include "sql/user_function.h"

/* ---- CREATE ---- */

static const char *
space_option(const sb_ast_statement *s, const char *key)
{
    return sb_options_get(&s->options, key);
}

/* WITH ('type' = 'sqlite', 'path' = 'file') */
static sb_status
create_file_catalog(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    const char *path = space_option(s, "path"), *database = space_option(s, "default-database");
    const sb_ast_name *name = &s->name.parts[0];
    sb_catalog_space *space;
    sb_status status;

    if (path == NULL) {
        (void)sb_sql_error(x->err, SB_SQL_OPTION, name->begin, name->end,
                           "catalog \"%s\" has no option 'path'", name->text);
        sb_error_hint(x->err, "the file that keeps it");
        return SB_STATUS_INVALID;
    }
    SB_TRY(sb_catalog_space_new(catalog, name->text, "sqlite",
                                database != NULL ? database : "default", &space, x->err),
           x->err);
    space->comment = sb_catalog_copy(catalog, space, s->comment);
    status = sb_catalog_set_options(catalog, space, &s->options, NULL, 0, &space->options, x->err);
    if (status == SB_OK) {
        status = sb_keep_open(x, space, path);
    }
    if (status != SB_OK) {
        sb_catalog_space_drop(catalog, space);
        return sb_sql_error_place(x->err, SB_SQL_OPTION, name->begin, name->end);
    }
    return sb_result_message(x, "catalog %s created", name->text);
}

static sb_status
create_catalog(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    const char *type = space_option(s, "type"), *database = space_option(s, "default-database");
    const sb_ast_name *name = &s->name.parts[0];
    sb_catalog_space *space;

    if (s->name.count > 1) {
        return sb_sql_error(x->err, SB_SQL_SYNTAX, s->name.begin, s->name.end,
                            "the name of a catalog has one part");
    }
    if (sb_catalog_find_space(catalog, name->text) != NULL) {
        return s->if_exists ? sb_result_message(x, "catalog %s exists already", name->text)
                            : sb_sql_error(x->err, SB_SQL_TABLE_EXISTS, name->begin, name->end,
                                           "catalog \"%s\" exists already", name->text);
    }
    if (type != NULL && strcmp(type, "sqlite") == 0 && x->session->info.catalog_open != NULL) {
        return create_file_catalog(x, s);
    }
    if (type == NULL || strcmp(type, "generic_in_memory") != 0) {
        (void)sb_sql_error(x->err, type == NULL ? SB_SQL_OPTION : SB_SQL_CONNECTOR, name->begin,
                           name->end,
                           type == NULL ? "catalog \"%s\" has no option 'type'"
                                        : "catalog \"%s\": type '%s' not found",
                           name->text, type);
        sb_error_hint(x->err, "types: generic_in_memory, sqlite");
        return type == NULL ? SB_STATUS_INVALID : SB_STATUS_NOT_FOUND;
    }
    SB_TRY(sb_catalog_space_new(catalog, name->text, type, database != NULL ? database : "default",
                                &space, x->err),
           x->err);
    space->comment = sb_catalog_copy(catalog, space, s->comment);
    SB_TRY(sb_catalog_set_options(catalog, space, &s->options, NULL, 0, &space->options, x->err),
           x->err);
    return sb_result_message(x, "catalog %s created", name->text);
}

static sb_status
create_database(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    const sb_ast_name *name = &s->name.parts[s->name.count - 1];
    const char *where = s->name.count > 1 ? s->name.parts[0].text : catalog->current_catalog;
    sb_catalog_space *space = sb_catalog_find_space(catalog, where);
    sb_catalog_database *database;

    if (s->name.count > 2) {
        return sb_sql_error(x->err, SB_SQL_SYNTAX, s->name.begin, s->name.end,
                            "the name of a database has at most two parts");
    }
    if (space == NULL) {
        return sb_sql_error(x->err, SB_SQL_TABLE_UNKNOWN, s->name.parts[0].begin,
                            s->name.parts[0].end, "catalog \"%s\" not found", where);
    }
    if (sb_catalog_find_database(space, name->text) != NULL) {
        return s->if_exists ? sb_result_message(x, "database %s exists already", name->text)
                            : sb_sql_error(x->err, SB_SQL_TABLE_EXISTS, name->begin, name->end,
                                           "database \"%s\" exists already", name->text);
    }
    SB_TRY(sb_catalog_database_new(catalog, space, name->text, &database, x->err), x->err);
    database->comment = sb_catalog_copy(catalog, space, s->comment);
    SB_TRY(sb_catalog_set_options(catalog, space, &s->options, NULL, 0, &database->options, x->err),
           x->err);
    SB_TRY(sb_keep_put_database(x, space, database), x->err);
    return sb_result_message(x, "database %s created", name->text);
}

sb_status
sb_execute_create_space(sb_execution *x, const sb_ast_statement *s)
{
    return s->object == SB_AST_OBJECT_CATALOG ? create_catalog(x, s) : create_database(x, s);
}

/* ---- ALTER ---- */

static sb_status
space_of(sb_execution *x, const sb_ast_statement *s, sb_catalog_space **out)
{
    *out = sb_catalog_find_space(&x->session->catalog, s->name.parts[0].text);
    if (*out == NULL) {
        return sb_sql_error(x->err, SB_SQL_TABLE_UNKNOWN, s->name.begin, s->name.end,
                            "catalog \"%s\" not found", s->name.parts[0].text);
    }
    return SB_OK;
}

sb_status
sb_execute_alter_space(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    sb_catalog_space *space;
    sb_catalog_database *database = NULL;
    sb_options *options;

    if (s->object == SB_AST_OBJECT_CATALOG) {
        SB_TRY(space_of(x, s, &space), x->err);
    } else {
        SB_TRY(sb_catalog_resolve_database(catalog, &s->name, &space, &database, x->err), x->err);
    }
    options = database != NULL ? &database->options : &space->options;
    if (s->alter == SB_AST_ALTER_COMMENT) {
        space->comment = sb_catalog_copy(catalog, space, s->comment);
    } else {
        SB_TRY(sb_catalog_set_options(catalog, space, &s->options, s->strings, s->count_strings,
                                      options, x->err),
               x->err);
    }
    if (database != NULL) {
        SB_TRY(sb_keep_put_database(x, space, database), x->err);
    }
    return sb_result_message(x, "%s %s altered", database != NULL ? "database" : "catalog",
                             database != NULL ? database->name : space->name);
}

/* ---- DROP ---- */

static sb_status
drop_catalog(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    const char *name = s->name.parts[0].text;
    sb_catalog_space *space = sb_catalog_find_space(catalog, name);

    if (space == NULL && s->if_exists) {
        return sb_result_message(x, "catalog %s does not exist", name);
    }
    SB_TRY(space_of(x, s, &space), x->err);
    if (strcmp(catalog->current_catalog, name) == 0 || space == &catalog->builtin) {
        return sb_sql_error(x->err, SB_SQL_TABLE_DEFINITION, s->name.begin, s->name.end,
                            space == &catalog->builtin ? "catalog \"%s\" cannot be dropped"
                                                       : "catalog \"%s\" is in use",
                            name);
    }
    SB_TRY(sb_result_message(x, "catalog %s dropped", name), x->err);
    sb_catalog_space_drop(catalog, space);
    return SB_OK;
}

static sb_status
drop_database(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    const sb_ast_name *name = &s->name.parts[s->name.count - 1];
    sb_catalog_space *space;
    sb_catalog_database *database;
    sb_status status = sb_catalog_resolve_database(catalog, &s->name, &space, &database, x->err);

    if (status != SB_OK && s->if_exists) {
        sb_error_clear(x->err);
        return sb_result_message(x, "database %s does not exist", name->text);
    }
    SB_TRY(status, x->err);
    if ((strcmp(space->name, catalog->current_catalog) == 0 &&
         strcmp(database->name, catalog->current_database) == 0) ||
        database == &catalog->builtin_database) {
        return sb_sql_error(x->err, SB_SQL_TABLE_DEFINITION, name->begin, name->end,
                            database == &catalog->builtin_database
                                ? "database \"%s\" cannot be dropped"
                                : "database \"%s\" is in use",
                            name->text);
    }
    for (const sb_catalog_table *table = catalog->first; table != NULL && !s->cascade;
         table = table->next) {
        if (strcmp(table->catalog, space->name) == 0 &&
            strcmp(table->database, database->name) == 0) {
            (void)sb_sql_error(x->err, SB_SQL_TABLE_DEFINITION, name->begin, name->end,
                               "database \"%s\" is not empty", name->text);
            sb_error_hint(x->err, "write DROP DATABASE %s CASCADE to drop its tables too",
                          name->text);
            return SB_STATUS_SEMANTIC;
        }
    }
    for (const sb_catalog_function *f = catalog->functions; f != NULL && !s->cascade; f = f->next) {
        if (f->catalog != NULL && strcmp(f->catalog, space->name) == 0 &&
            strcmp(f->database, database->name) == 0) {
            (void)sb_sql_error(x->err, SB_SQL_TABLE_DEFINITION, name->begin, name->end,
                               "database \"%s\" is not empty", name->text);
            sb_error_hint(x->err, "write DROP DATABASE %s CASCADE to drop its functions too",
                          name->text);
            return SB_STATUS_SEMANTIC;
        }
    }
    SB_TRY(sb_keep_remove_database(x, space, database->name), x->err);
    SB_TRY(sb_result_message(x, "database %s dropped", name->text), x->err);
    sb_catalog_database_drop(catalog, space, database);
    return SB_OK;
}

sb_status
sb_execute_drop_space(sb_execution *x, const sb_ast_statement *s)
{
    return s->object == SB_AST_OBJECT_CATALOG ? drop_catalog(x, s) : drop_database(x, s);
}

/* ---- USE ---- */

sb_status
sb_execute_use(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    sb_catalog_space *space;
    sb_catalog_database *database;
    sb_ast_name parts[2];
    sb_ast_path path = {.count = 2, .parts = parts, .begin = s->name.begin, .end = s->name.end};

    if (s->object == SB_AST_OBJECT_CATALOG) { /* a wrong name gets the same answer as in c.d */
        parts[0] = s->name.parts[0];
        space = sb_catalog_find_space(catalog, parts[0].text);
        parts[1] = parts[0];
        parts[1].text = space != NULL ? space->default_database : "";
        SB_TRY(sb_catalog_resolve_database(catalog, &path, &space, &database, x->err), x->err);
    } else {
        SB_TRY(sb_catalog_resolve_database(catalog, &s->name, &space, &database, x->err), x->err);
    }
    catalog->current_catalog = space->name;
    catalog->current_database = database->name;
    return sb_result_message(x, "using %s",
                             s->object == SB_AST_OBJECT_CATALOG ? space->name : database->name);
}
