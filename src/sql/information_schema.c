/*
 * sql/information_schema.c -- see information_schema.h. To add a table: its columns, a function
 * that writes its rows, a row in `tables`.
 */
#include "sql/information_schema.h"

#include <string.h>

#include "sql/code.h"

enum { COLUMNS_MAX = 16 };

typedef struct rows {
    const sb_catalog_space *space; /* whose rows */
    const sb_catalog *catalog;
    sb_arena *arena;
    const char *const *columns; /* "name" STRING, "name#" INT, "name!" NOT NULL */
    sb_text text;
    int32_t count, cell; /* rows; cells of the row that is being written */
} rows;

/* ---- cells ---- */

static void
cell_begin(rows *r)
{
    if (r->cell == 0) {
        sb_text_add(&r->text, r->count++ > 0 ? ", (" : "(");
    } else {
        sb_text_add(&r->text, ", ");
    }
}

/* Only the first row says the types. */
static void
cell_end(rows *r)
{
    const char *column = r->columns[r->cell++];
    bool last = r->columns[r->cell] == NULL;

    if (r->count == 1) {
        sb_text_printf(&r->text, " AS %s)", strchr(column, '#') != NULL ? "INT" : "STRING");
    }
    if (last) {
        sb_text_char(&r->text, ')');
        r->cell = 0;
    }
}

static void
cell(rows *r, const char *value)
{
    cell_begin(r);
    sb_text_add(&r->text, r->count == 1 ? "CAST(" : "");
    if (value == NULL) {
        sb_text_add(&r->text, "NULL");
    } else {
        sb_text_char(&r->text, '\'');
        for (; *value != '\0'; value++) {
            sb_text_add(&r->text, *value == '\'' ? "'" : "");
            sb_text_char(&r->text, *value);
        }
        sb_text_char(&r->text, '\'');
    }
    cell_end(r);
}

static void
cell_number(rows *r, int32_t value)
{
    cell_begin(r);
    sb_text_printf(&r->text, "%s%d", r->count == 1 ? "CAST(" : "", value);
    cell_end(r);
}

static void
cell_flag(rows *r, bool value)
{
    cell(r, value ? "YES" : "NO");
}

static void
cell_names(rows *r, const sb_catalog_table *table)
{
    cell(r, table->catalog);
    cell(r, table->database);
    cell(r, table->name);
}

/* ---- tables ---- */

static const char *const catalogs_columns[] = {"CATALOG_NAME!", "CATALOG_TYPE", "REMARKS", NULL};

static void
catalogs_rows(rows *r)
{
    for (const sb_catalog_space *s = r->catalog->spaces; s != NULL; s = s->next) {
        cell(r, s->name);
        cell(r, s->type);
        cell(r, s->comment);
    }
}

static const char *const schemata_columns[] = {"CATALOG_NAME!", "SCHEMA_NAME!", "REMARKS", NULL};

static void
schemata_rows(rows *r)
{
    for (const sb_catalog_database *d = r->space->databases; d != NULL; d = d->next) {
        cell(r, r->space->name);
        cell(r, d->name);
        cell(r, d->comment);
    }
    cell(r, r->space->name);
    cell(r, SB_INFORMATION_SCHEMA);
    cell(r, NULL);
}

/* The tables and views of the catalog; NULL: the first. */
static const sb_catalog_table *
next_table(const rows *r, const sb_catalog_table *table)
{
    table = table == NULL ? r->catalog->first : table->next;
    while (table != NULL && strcmp(table->catalog, r->space->name) != 0) {
        table = table->next;
    }
    return table;
}

static const char *const tables_columns[] = {"TABLE_CATALOG!",
                                             "TABLE_SCHEMA!",
                                             "TABLE_NAME!",
                                             "TABLE_TYPE!",
                                             "IS_TEMPORARY!",
                                             "DISTRIBUTION",
                                             "IS_WATERMARKED!",
                                             "WATERMARK_COLUMN",
                                             "WATERMARK_EXPRESSION",
                                             "REMARKS",
                                             NULL};

static void
tables_rows(rows *r)
{
    for (const sb_catalog_table *t = next_table(r, NULL); t != NULL; t = next_table(r, t)) {
        bool marked = t->watermark != NULL;

        cell_names(r, t);
        cell(r, t->is_view ? "VIEW" : "BASE TABLE");
        cell_flag(r, t->temporary);
        cell(r, t->distribution);
        cell_flag(r, marked);
        cell(r, marked ? t->columns[t->watermark_column].name : NULL);
        cell(r, marked ? t->watermark_text : NULL);
        cell(r, t->comment);
    }
}

static const char *const views_columns[] = {"TABLE_CATALOG!", "TABLE_SCHEMA!", "TABLE_NAME!",
                                            "VIEW_DEFINITION!", NULL};

static void
views_rows(rows *r)
{
    for (const sb_catalog_table *t = next_table(r, NULL); t != NULL; t = next_table(r, t)) {
        if (t->is_view) {
            cell_names(r, t);
            cell(r, t->view_text);
        }
    }
}

static const char *const columns_columns[] = {"TABLE_CATALOG!",
                                              "TABLE_SCHEMA!",
                                              "TABLE_NAME!",
                                              "COLUMN_NAME!",
                                              "ORDINAL_POSITION#!",
                                              "IS_NULLABLE!",
                                              "DATA_TYPE!",
                                              "IS_GENERATED!",
                                              "GENERATION_EXPRESSION",
                                              "IS_METADATA!",
                                              "METADATA_KEY",
                                              "IS_PERSISTED!",
                                              "REMARKS",
                                              NULL};

static void
columns_row(rows *r, const sb_catalog_table *t, int32_t i, sb_text *type)
{
    const sb_catalog_column *c = &t->columns[i];
    sb_type plain = c->type;
    bool computed = c->kind == SB_AST_COLUMN_COMPUTED, meta = c->kind == SB_AST_COLUMN_METADATA;

    plain.nullable = true;
    sb_text_clear(type);
    sb_type_print(&plain, type);
    cell_names(r, t);
    cell(r, c->name);
    cell_number(r, i + 1);
    cell_flag(r, c->type.nullable);
    cell(r, type->data);
    cell_flag(r, computed);
    cell(r, computed ? c->expr_text : NULL);
    cell_flag(r, meta);
    cell(r, meta ? c->metadata_key : NULL);
    cell_flag(r, !computed && !(meta && c->is_virtual));
    cell(r, c->comment);
}

static void
columns_rows(rows *r)
{
    sb_text type;

    sb_text_init(&type, r->catalog->mem);
    for (const sb_catalog_table *t = next_table(r, NULL); t != NULL; t = next_table(r, t)) {
        for (int32_t i = 0; i < t->count_columns && !sb_text_failed(&r->text); i++) {
            columns_row(r, t, i, &type);
        }
    }
    sb_text_deinit(&type);
}

static void
cell_constraint(rows *r, const sb_catalog_table *t)
{
    cell(r, t->catalog);
    cell(r, t->database);
    cell(r, t->constraint != NULL ? t->constraint : sb_catalog_constraint(r->arena, t));
}

static const char *const constraints_columns[] = {
    "CONSTRAINT_CATALOG!", "CONSTRAINT_SCHEMA!", "CONSTRAINT_NAME!",
    "TABLE_CATALOG!",      "TABLE_SCHEMA!",      "TABLE_NAME!",
    "CONSTRAINT_TYPE!",    "ENFORCED!",          NULL};

static void
constraints_rows(rows *r)
{
    for (const sb_catalog_table *t = next_table(r, NULL); t != NULL; t = next_table(r, t)) {
        if (t->keys.count > 0) {
            cell_constraint(r, t);
            cell_names(r, t);
            cell(r, "PRIMARY KEY");
            cell_flag(r, false);
        }
    }
}

static const char *const key_columns[] = {
    "CONSTRAINT_CATALOG!", "CONSTRAINT_SCHEMA!", "CONSTRAINT_NAME!",
    "TABLE_CATALOG!",      "TABLE_SCHEMA!",      "TABLE_NAME!",
    "COLUMN_NAME!",        "ORDINAL_POSITION#!", NULL};

static void
key_rows(rows *r)
{
    for (const sb_catalog_table *t = next_table(r, NULL); t != NULL; t = next_table(r, t)) {
        for (int32_t i = 0; i < t->keys.count; i++) {
            cell_constraint(r, t);
            cell_names(r, t);
            cell(r, t->columns[t->keys.at[i]].name);
            cell_number(r, i + 1);
        }
    }
}

static const char *const options_columns[] = {"TABLE_CATALOG!", "TABLE_SCHEMA!", "TABLE_NAME!",
                                              "OPTION_KEY!",    "OPTION_VALUE!", NULL};

static void
options_rows(rows *r)
{
    for (const sb_catalog_table *t = next_table(r, NULL); t != NULL; t = next_table(r, t)) {
        for (int32_t i = 0; i < t->options.count; i++) {
            cell_names(r, t);
            cell(r, t->options.at[i].key);
            cell(r, t->options.at[i].value);
        }
    }
}

static const char *const name_columns[] = {"CATALOG_NAME!", NULL};

static void
name_rows(rows *r)
{
    cell(r, r->space->name);
}

static const struct {
    const char *name;
    const char *const *columns;
    void (*rows)(rows *r);
} tables[] = {
    {"CATALOGS", catalogs_columns, catalogs_rows},
    {"COLUMNS", columns_columns, columns_rows},
    {"INFORMATION_SCHEMA_CATALOG_NAME", name_columns, name_rows},
    {"KEY_COLUMN_USAGE", key_columns, key_rows},
    {"SCHEMATA", schemata_columns, schemata_rows},
    {"TABLES", tables_columns, tables_rows},
    {"TABLE_CONSTRAINTS", constraints_columns, constraints_rows},
    {"TABLE_OPTIONS", options_columns, options_rows},
    {"VIEWS", views_columns, views_rows},
};

enum { COUNT_TABLES = sizeof(tables) / sizeof(tables[0]) };

const char *
sb_information_table_at(int32_t index)
{
    return index >= 0 && index < COUNT_TABLES ? tables[index].name : NULL;
}

/* ---- finding one ---- */

/* The catalog whose INFORMATION_SCHEMA the first `count` names of a path are; NULL: none. */
static const sb_catalog_space *
find_space(const sb_catalog *catalog, const sb_ast_path *path, int32_t count)
{
    const sb_catalog_space *space;

    if (count < 1 || count > 2 ||
        !sb_str_equal_nocase(sb_str_of(path->parts[count - 1].text),
                             SB_STR(SB_INFORMATION_SCHEMA))) {
        return NULL;
    }
    space =
        sb_catalog_find_space(catalog, count == 2 ? path->parts[0].text : catalog->current_catalog);
    return space != NULL && sb_catalog_find_database(space, path->parts[count - 1].text) == NULL
               ? space
               : NULL;
}

bool
sb_information_is_schema(const sb_catalog *catalog, const sb_ast_path *path)
{
    return find_space(catalog, path, path->count) != NULL;
}

static sb_status
unknown_table(const sb_ast_path *path, sb_error *err)
{
    const sb_ast_name *name = &path->parts[path->count - 1];
    const char *names[COUNT_TABLES], *nearest;

    for (int32_t i = 0; i < COUNT_TABLES; i++) {
        names[i] = tables[i].name;
    }
    nearest = sb_sql_nearest(name->text, names, COUNT_TABLES);
    (void)sb_sql_error(err, SB_SQL_TABLE_UNKNOWN, name->begin, name->end,
                       "table \"%s\" not found in %s", name->text, SB_INFORMATION_SCHEMA);
    if (nearest != NULL) {
        sb_error_hint(err, "did you mean \"%s\"?", nearest);
    } else {
        sb_error_hint(err, "SHOW TABLES FROM %s lists them", SB_INFORMATION_SCHEMA);
    }
    return SB_STATUS_NOT_FOUND;
}

static sb_status
make_columns(sb_catalog_table *table, const char *const *columns, sb_arena *arena, sb_error *err)
{
    table->columns = SB_NEW_ARRAY(arena, sb_catalog_column, COLUMNS_MAX);
    for (; table->columns != NULL && columns[table->count_columns] != NULL;
         table->count_columns++) {
        const char *name = columns[table->count_columns];
        sb_catalog_column *column = &table->columns[table->count_columns];

        sb_assert(table->count_columns < COLUMNS_MAX);
        column->name = sb_arena_strndup(arena, name, strcspn(name, "#!"));
        column->type = (sb_type){.id = SB_TYPE_VARCHAR, .length = SB_LENGTH_MAX};
        if (strchr(name, '#') != NULL) {
            column->type = (sb_type){.id = SB_TYPE_INT};
        }
        column->type.nullable = strchr(name, '!') == NULL;
        if (column->name == NULL) {
            SB_NOMEM(err);
        }
    }
    if (table->columns == NULL) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* SELECT * FROM (VALUES (CAST('a' AS STRING), ...), ...); of no row, one that is left out. */
static sb_status
make_text(rows *r, void (*fill)(rows *r), sb_arena *arena, const char **out, sb_error *err)
{
    sb_text_init(&r->text, r->catalog->mem);
    sb_text_add(&r->text, "SELECT * FROM (VALUES ");
    fill(r);
    if (r->count == 0) {
        for (int32_t i = 0; r->columns[i] != NULL; i++) {
            cell(r, NULL);
        }
        sb_text_add(&r->text, ") WHERE FALSE");
    } else {
        sb_text_char(&r->text, ')');
    }
    *out = sb_text_failed(&r->text) ? NULL : sb_arena_strdup(arena, r->text.data);
    sb_text_deinit(&r->text);
    if (*out == NULL) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_information_find(const sb_catalog *catalog, const sb_ast_path *path, sb_arena *arena,
                    sb_catalog_table **out, sb_error *err)
{
    const sb_catalog_space *space = find_space(catalog, path, path->count - 1);
    sb_catalog_table *table;
    int32_t index = 0;

    *out = NULL;
    if (space == NULL) {
        return SB_OK;
    }
    while (index < COUNT_TABLES &&
           !sb_str_equal_nocase(sb_str_of(path->parts[path->count - 1].text),
                                sb_str_of(tables[index].name))) {
        index++;
    }
    if (index == COUNT_TABLES) {
        return unknown_table(path, err);
    }
    table = SB_NEW(arena, sb_catalog_table);
    if (table == NULL) {
        SB_NOMEM(err);
    }
    *table = (sb_catalog_table){.arena = arena,
                                .catalog = space->name,
                                .database = SB_INFORMATION_SCHEMA,
                                .name = tables[index].name,
                                .is_view = true,
                                .watermark_column = -1,
                                .view_catalog = catalog->current_catalog,
                                .view_database = catalog->current_database};
    SB_TRY(make_columns(table, tables[index].columns, arena, err), err);
    rows r = {.space = space, .catalog = catalog, .arena = arena, .columns = tables[index].columns};
    SB_TRY(make_text(&r, tables[index].rows, arena, &table->view_text, err), err);
    *out = table;
    return SB_OK;
}
