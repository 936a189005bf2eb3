/*
 * sql/catalog.c -- catalogs, databases, tables and views of a session.
 *
 * THREADS    one thread at a time.
 */
#include "sql/catalog.h"

#include <stdio.h>
#include <string.h>

#include "sql/catalog_store.h"
#include "sql/code.h"
#include "sql/user_function.h"

void
sb_catalog_init(sb_catalog *catalog, sb_mem *mem)
{
    *catalog = (sb_catalog){.mem = mem};
    catalog->builtin_database.name = SB_DATABASE_NAME;
    catalog->builtin = (sb_catalog_space){.name = SB_CATALOG_NAME,
                                          .type = "generic_in_memory",
                                          .default_database = SB_DATABASE_NAME,
                                          .databases = &catalog->builtin_database};
    catalog->spaces = &catalog->builtin;
    catalog->current_catalog = SB_CATALOG_NAME;
    catalog->current_database = SB_DATABASE_NAME;
}

static void
space_close(sb_catalog_space *space)
{
    if (space->store != NULL) {
        space->store->close(space->store);
        space->store = NULL;
    }
}

void
sb_catalog_deinit(sb_catalog *catalog)
{
    while (catalog->first != NULL) {
        sb_catalog_drop(catalog, catalog->first);
    }
    while (catalog->functions != NULL) {
        sb_catalog_function_drop(catalog, catalog->functions);
    }
    while (catalog->spaces != NULL) {
        sb_catalog_space *next = catalog->spaces->next;

        space_close(catalog->spaces);
        sb_arena_free(catalog->spaces->arena); /* the space lies in it, but for the first */
        catalog->spaces = next;
    }
}

/* ---- names ---- */

sb_catalog_space *
sb_catalog_find_space(const sb_catalog *catalog, const char *name)
{
    for (sb_catalog_space *space = catalog->spaces; space != NULL; space = space->next) {
        if (strcmp(space->name, name) == 0) {
            return space;
        }
    }
    return NULL;
}

sb_catalog_database *
sb_catalog_find_database(const sb_catalog_space *space, const char *name)
{
    for (sb_catalog_database *one = space->databases; one != NULL; one = one->next) {
        if (strcmp(one->name, name) == 0) {
            return one;
        }
    }
    return NULL;
}

static sb_status
catalog_no_space(const sb_catalog *catalog, const sb_ast_name *name, sb_error *err)
{
    const char *names[64], *nearest;
    int32_t count = 0;

    for (const sb_catalog_space *space = catalog->spaces; space != NULL && count < 64;
         space = space->next) {
        names[count++] = space->name;
    }
    nearest = sb_sql_nearest(name->text, names, count);
    (void)sb_sql_error(err, SB_SQL_TABLE_UNKNOWN, name->begin, name->end,
                       "catalog \"%s\" not found", name->text);
    if (count == 1) {
        sb_error_hint(err, "the only catalog is %s", names[0]);
    } else if (nearest != NULL) {
        sb_error_hint(err, "did you mean \"%s\"?", nearest);
    }
    return SB_STATUS_NOT_FOUND;
}

static sb_status
catalog_no_database(const sb_catalog_space *space, const sb_ast_name *name, sb_error *err)
{
    const char *names[64], *nearest;
    int32_t count = 0;

    for (const sb_catalog_database *one = space->databases; one != NULL && count < 64;
         one = one->next) {
        names[count++] = one->name;
    }
    nearest = sb_sql_nearest(name->text, names, count);
    (void)sb_sql_error(err, SB_SQL_TABLE_UNKNOWN, name->begin, name->end,
                       "database \"%s\" not found", name->text);
    if (count == 1) {
        sb_error_hint(err, "the only database is %s", names[0]);
    } else if (nearest != NULL) {
        sb_error_hint(err, "did you mean \"%s\"?", nearest);
    }
    return SB_STATUS_NOT_FOUND;
}

static sb_status
catalog_place(const sb_catalog *catalog, const sb_ast_name *space_name, const sb_ast_name *name,
              sb_catalog_space **out_space, sb_catalog_database **out, sb_error *err)
{
    *out_space = sb_catalog_find_space(catalog, space_name != NULL ? space_name->text
                                                                   : catalog->current_catalog);
    if (*out_space == NULL) {
        return catalog_no_space(catalog, space_name, err);
    }
    *out =
        sb_catalog_find_database(*out_space, name != NULL ? name->text : catalog->current_database);
    return *out == NULL && name != NULL ? catalog_no_database(*out_space, name, err) : SB_OK;
}

sb_status
sb_catalog_resolve(const sb_catalog *catalog, const sb_ast_path *path, sb_catalog_id *out,
                   sb_error *err)
{
    const sb_ast_name *parts = path->parts;
    sb_catalog_space *space;
    sb_catalog_database *database;

    if (path->count > 3) {
        return sb_sql_error(err, SB_SQL_TABLE_UNKNOWN, path->begin, path->end,
                            "a table name has at most three parts");
    }
    SB_TRY(catalog_place(catalog, path->count == 3 ? &parts[0] : NULL,
                         path->count >= 2 ? &parts[path->count - 2] : NULL, &space, &database, err),
           err);
    out->catalog = space->name;
    out->database = database != NULL ? database->name : catalog->current_database;
    out->name = parts[path->count - 1].text;
    return SB_OK;
}

sb_status
sb_catalog_resolve_database(const sb_catalog *catalog, const sb_ast_path *path,
                            sb_catalog_space **out_space, sb_catalog_database **out, sb_error *err)
{
    if (path->count > 2) {
        return sb_sql_error(err, SB_SQL_TABLE_UNKNOWN, path->begin, path->end,
                            "the name of a database has at most two parts");
    }
    return catalog_place(catalog, path->count == 2 ? &path->parts[0] : NULL,
                         &path->parts[path->count - 1], out_space, out, err);
}

/* ---- tables ---- */

sb_catalog_table *
sb_catalog_find_kind(const sb_catalog *catalog, const sb_catalog_id *id, bool temporary)
{
    for (sb_catalog_table *table = catalog->first; table != NULL; table = table->next) {
        if (table->temporary == temporary && strcmp(table->name, id->name) == 0 &&
            strcmp(table->database, id->database) == 0 &&
            strcmp(table->catalog, id->catalog) == 0) {
            return table;
        }
    }
    return NULL;
}

sb_catalog_table *
sb_catalog_find(const sb_catalog *catalog, const sb_catalog_id *id)
{
    sb_catalog_table *table = sb_catalog_find_kind(catalog, id, true);

    return table != NULL ? table : sb_catalog_find_kind(catalog, id, false);
}

sb_catalog_table *
sb_catalog_table_new(sb_catalog *catalog, const sb_catalog_id *id)
{
    sb_arena *arena = sb_arena_new(catalog->mem);
    sb_catalog_table *table = arena != NULL ? SB_NEW(arena, sb_catalog_table) : NULL;

    if (table != NULL) {
        table->arena = arena;
        table->watermark_column = -1;
        table->name = sb_arena_strdup(arena, id->name);
        table->database = sb_arena_strdup(arena, id->database);
        table->catalog = sb_arena_strdup(arena, id->catalog);
    }
    if (table == NULL || table->name == NULL || table->database == NULL || table->catalog == NULL) {
        sb_arena_free(arena);
        return NULL;
    }
    return table;
}

void
sb_catalog_table_free(sb_catalog_table *table)
{
    if (table != NULL) {
        sb_arena_free(table->arena); /* the entry itself lies in it */
    }
}

void
sb_catalog_add(sb_catalog *catalog, sb_catalog_table *table)
{
    sb_catalog_table **end = &catalog->first;

    while (*end != NULL) {
        end = &(*end)->next;
    }
    table->ordinal = catalog->next_ordinal++;
    table->next = NULL;
    *end = table;
}

static sb_catalog_table **
catalog_link(sb_catalog *catalog, const sb_catalog_table *table)
{
    sb_catalog_table **at = &catalog->first;

    while (*at != table) {
        sb_assert(*at != NULL);
        at = &(*at)->next;
    }
    return at;
}

void
sb_catalog_replace(sb_catalog *catalog, sb_catalog_table *old, sb_catalog_table *table)
{
    sb_catalog_table **at = catalog_link(catalog, old);

    table->ordinal = old->ordinal;
    table->next = old->next;
    *at = table;
    sb_catalog_table_free(old);
}

void
sb_catalog_take(sb_catalog *catalog, sb_catalog_table *table)
{
    sb_catalog_table **at = catalog_link(catalog, table);

    *at = table->next;
    table->next = NULL;
}

void
sb_catalog_drop(sb_catalog *catalog, sb_catalog_table *table)
{
    sb_catalog_take(catalog, table);
    sb_catalog_table_free(table);
}

/* ---- catalogs and databases ---- */

static sb_arena *
space_arena(sb_catalog *catalog, sb_catalog_space *space)
{
    if (space->arena == NULL) {
        space->arena = sb_arena_new(catalog->mem);
    }
    return space->arena;
}

const char *
sb_catalog_copy(sb_catalog *catalog, sb_catalog_space *space, const char *text)
{
    sb_arena *arena = space_arena(catalog, space);

    return arena != NULL && text != NULL ? sb_arena_strdup(arena, text) : NULL;
}

sb_status
sb_catalog_database_new(sb_catalog *catalog, sb_catalog_space *space, const char *name,
                        sb_catalog_database **out, sb_error *err)
{
    sb_arena *arena = space_arena(catalog, space);
    sb_catalog_database *database = arena != NULL ? SB_NEW(arena, sb_catalog_database) : NULL;
    sb_catalog_database **end = &space->databases;

    if (database == NULL || (database->name = sb_arena_strdup(arena, name)) == NULL) {
        SB_NOMEM(err);
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = database;
    *out = database;
    return SB_OK;
}

sb_status
sb_catalog_space_new(sb_catalog *catalog, const char *name, const char *type, const char *database,
                     sb_catalog_space **out, sb_error *err)
{
    sb_arena *arena = sb_arena_new(catalog->mem);
    sb_catalog_space *space = arena != NULL ? SB_NEW(arena, sb_catalog_space) : NULL;
    sb_catalog_space **end = &catalog->spaces;
    sb_catalog_database *first;

    if (space != NULL) {
        space->arena = arena;
        space->name = sb_arena_strdup(arena, name);
        space->type = sb_arena_strdup(arena, type);
        space->default_database = sb_arena_strdup(arena, database);
    }
    if (space == NULL || space->name == NULL || space->type == NULL ||
        space->default_database == NULL ||
        sb_catalog_database_new(catalog, space, database, &first, err) != SB_OK) {
        sb_arena_free(arena);
        SB_NOMEM(err);
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = space;
    *out = space;
    return SB_OK;
}

static void
catalog_drop_functions(sb_catalog *catalog, const char *space, const char *database)
{
    sb_catalog_function *next;

    for (sb_catalog_function *function = catalog->functions; function != NULL; function = next) {
        next = function->next;
        if (function->catalog != NULL && strcmp(function->catalog, space) == 0 &&
            (database == NULL || strcmp(function->database, database) == 0)) {
            sb_catalog_function_drop(catalog, function);
        }
    }
}

/* All tables and functions of a database (NULL: of all databases) of a catalog. */
static void
catalog_drop_tables(sb_catalog *catalog, const char *space, const char *database)
{
    sb_catalog_table *next;

    catalog_drop_functions(catalog, space, database);

    for (sb_catalog_table *table = catalog->first; table != NULL; table = next) {
        next = table->next;
        if (strcmp(table->catalog, space) == 0 &&
            (database == NULL || strcmp(table->database, database) == 0)) {
            sb_catalog_drop(catalog, table);
        }
    }
}

void
sb_catalog_space_drop(sb_catalog *catalog, sb_catalog_space *space)
{
    sb_catalog_space **at = &catalog->spaces;

    sb_assert(space != &catalog->builtin);
    catalog_drop_tables(catalog, space->name, NULL);
    while (*at != space) {
        at = &(*at)->next;
    }
    *at = space->next;
    space_close(space);
    sb_arena_free(space->arena);
}

void
sb_catalog_database_drop(sb_catalog *catalog, sb_catalog_space *space,
                         sb_catalog_database *database)
{
    sb_catalog_database **at = &space->databases;

    catalog_drop_tables(catalog, space->name, database->name);
    while (*at != database) {
        at = &(*at)->next;
    }
    *at = database->next; /* its memory goes with the catalog */
}

sb_status
sb_catalog_set_options(sb_catalog *catalog, sb_catalog_space *space, const sb_options *add,
                       const char *const *reset, int32_t count_reset, sb_options *options,
                       sb_error *err)
{
    sb_arena *arena = space_arena(catalog, space);
    int32_t room = options->count + (add != NULL ? add->count : 0), count = 0;
    sb_option *at = arena != NULL ? SB_NEW_ARRAY(arena, sb_option, room + 1) : NULL;

    if (at == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < options->count; i++) {
        bool gone = false;

        for (int32_t k = 0; k < count_reset; k++) {
            gone |= strcmp(reset[k], options->at[i].key) == 0;
        }
        for (int32_t k = 0; add != NULL && k < add->count; k++) {
            gone |= strcmp(add->at[k].key, options->at[i].key) == 0;
        }
        if (!gone) {
            at[count++] = options->at[i];
        }
    }
    for (int32_t i = 0; add != NULL && i < add->count; i++) {
        at[count] = (sb_option){.key = sb_arena_strdup(arena, add->at[i].key),
                                .value = sb_arena_strdup(arena, add->at[i].value),
                                .position = -1};
        if (at[count].key == NULL || at[count].value == NULL) {
            SB_NOMEM(err);
        }
        count++;
    }
    *options = (sb_options){.count = count, .at = at};
    return SB_OK;
}

static char
catalog_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

const char *
sb_sql_nearest(const char *name, const char *const *names, int32_t count)
{
    size_t length = strlen(name);
    int limit = length <= 2 ? 1 : length <= 5 ? 2 : 3;
    int best = limit + 1;
    const char *nearest = NULL;

    for (int32_t i = 0; i < count; i++) {
        int distance;

        if (sb_str_equal_nocase(sb_str_of(name), sb_str_of(names[i]))) {
            return names[i];
        }
        distance = sb_str_distance(sb_str_of(name), sb_str_of(names[i]), limit);
        if (distance < best && distance < (int)strlen(names[i]) &&
            (length > 1 || catalog_lower(name[0]) == catalog_lower(names[i][0]))) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

const char *
sb_catalog_constraint(sb_arena *arena, const sb_catalog_table *table)
{
    const char *name = "PK";

    for (int32_t i = 0; name != NULL && i < table->keys.count; i++) {
        name = sb_arena_printf(arena, "%s_%s", name, table->columns[table->keys.at[i]].name);
    }
    return name;
}

sb_status
sb_catalog_unknown(const sb_catalog *catalog, const sb_catalog_id *id, int32_t begin, int32_t end,
                   sb_error *err)
{
    const char *names[256] = {NULL};
    const char *nearest;
    int32_t count = 0;

    for (sb_catalog_table *table = catalog->first; table != NULL && count < 256;
         table = table->next) {
        if (strcmp(table->catalog, id->catalog) == 0 &&
            strcmp(table->database, id->database) == 0) {
            names[count++] = table->name;
        }
    }
    (void)sb_sql_error(err, SB_SQL_TABLE_UNKNOWN, begin, end, "table \"%s\" not found", id->name);
    nearest = sb_sql_nearest(id->name, names, count);
    if (nearest != NULL) {
        sb_error_hint(err, "did you mean \"%s\"?", nearest);
    } else if (count == 0) {
        sb_error_hint(err, catalog->first == NULL ? "no table has been created yet"
                                                  : "the database has no tables");
    } else if (count <= 20) {
        char list[400];
        size_t used = 0;

        for (int32_t i = 0; i < count && used + strlen(names[i]) + 3 < sizeof(list); i++) {
            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i > 0 ? ", " : "",
                                     names[i]);
        }
        sb_error_hint(err, "tables: %s", list);
    }
    return SB_STATUS_NOT_FOUND;
}
