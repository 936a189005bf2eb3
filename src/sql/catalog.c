/*
 * sql/catalog.c -- tables and views of a session, in memory.
 *
 * THREADS    one thread at a time.
 */
#include "sql/catalog.h"

#include <stdio.h>
#include <string.h>

#include "sql/code.h"

void
sb_catalog_init(sb_catalog *catalog, sb_mem *mem)
{
    *catalog = (sb_catalog){.mem = mem};
}

void
sb_catalog_deinit(sb_catalog *catalog)
{
    while (catalog->first != NULL) {
        sb_catalog_drop(catalog, catalog->first);
    }
}

sb_status
sb_catalog_resolve(const sb_ast_path *path, const char **out_name, sb_error *err)
{
    const sb_ast_name *parts = path->parts;

    if (path->count > 3) {
        return sb_sql_error(err, SB_SQL_TABLE_UNKNOWN, path->begin, path->end,
                            "a table name has at most three parts");
    }
    if (path->count == 3 && strcmp(parts[0].text, SB_CATALOG_NAME) != 0) {
        (void)sb_sql_error(err, SB_SQL_TABLE_UNKNOWN, parts[0].begin, parts[0].end,
                           "catalog \"%s\" not found", parts[0].text);
        sb_error_hint(err, "the only catalog is %s", SB_CATALOG_NAME);
        return SB_STATUS_NOT_FOUND;
    }
    if (path->count >= 2 && strcmp(parts[path->count - 2].text, SB_DATABASE_NAME) != 0) {
        const sb_ast_name *part = &parts[path->count - 2];

        (void)sb_sql_error(err, SB_SQL_TABLE_UNKNOWN, part->begin, part->end,
                           "database \"%s\" not found", part->text);
        sb_error_hint(err, "the only database is %s", SB_DATABASE_NAME);
        return SB_STATUS_NOT_FOUND;
    }
    *out_name = parts[path->count - 1].text;
    return SB_OK;
}

sb_catalog_table *
sb_catalog_find(const sb_catalog *catalog, const char *name)
{
    for (sb_catalog_table *table = catalog->first; table != NULL; table = table->next) {
        if (strcmp(table->name, name) == 0) {
            return table;
        }
    }
    return NULL;
}

sb_catalog_table *
sb_catalog_table_new(sb_catalog *catalog, const char *name)
{
    sb_arena *arena = sb_arena_new(catalog->mem);
    sb_catalog_table *table = arena != NULL ? SB_NEW(arena, sb_catalog_table) : NULL;

    if (table != NULL) {
        table->arena = arena;
        table->watermark_column = -1;
        table->name = sb_arena_strdup(arena, name);
    }
    if (table == NULL || table->name == NULL) {
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

void
sb_catalog_drop(sb_catalog *catalog, sb_catalog_table *table)
{
    sb_catalog_table **at = &catalog->first;

    while (*at != table) {
        sb_assert(*at != NULL);
        at = &(*at)->next;
    }
    *at = table->next;
    sb_catalog_table_free(table);
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

sb_status
sb_catalog_unknown(const sb_catalog *catalog, const char *name, int32_t begin, int32_t end,
                   sb_error *err)
{
    const char *names[256] = {NULL};
    const char *nearest;
    int32_t count = 0;

    for (sb_catalog_table *table = catalog->first; table != NULL && count < 256;
         table = table->next) {
        names[count++] = table->name;
    }
    (void)sb_sql_error(err, SB_SQL_TABLE_UNKNOWN, begin, end, "table \"%s\" not found", name);
    nearest = sb_sql_nearest(name, names, count);
    if (nearest != NULL) {
        sb_error_hint(err, "did you mean \"%s\"?", nearest);
    } else if (count == 0) {
        sb_error_hint(err, "no table has been created yet");
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
