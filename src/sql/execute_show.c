/*
 * sql/execute_show.c -- SHOW.
 *
 * DESIGN     Every list is gathered, filtered by LIKE, sorted and then answered.
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expr/function.h"
#include "sql/information_schema.h"
#include "sql/print.h"
#include "sql/session.h"
#include "sql/table_draft.h"
#include "sql/user_function.h"

/* ---- lists ---- */

typedef struct show_names {
    const char **at;
    int32_t count, capacity;
} show_names;

static char
show_fold(char c, bool fold)
{
    return fold && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Length of the code point at `text`. */
static size_t
show_point(const char *text)
{
    size_t size = 1;

    while (((unsigned char)text[size] & 0xC0) == 0x80) {
        size++;
    }
    return size;
}

/* SQL's LIKE with % and _; a backslash takes the next character as it is. A % that did not fit is
 * tried again one character further; only the last one has to be. */
static bool
show_like(const char *text, const char *pattern, bool fold)
{
    const char *star = NULL, *from = NULL;

    while (*text != '\0') {
        bool escaped = *pattern == '\\' && pattern[1] != '\0';

        if (*pattern == '%') {
            star = ++pattern;
            from = text;
        } else if (*pattern == '_' && !escaped) {
            pattern++;
            text += show_point(text);
        } else if (*pattern != '\0' &&
                   show_fold(pattern[escaped], fold) == show_fold(*text, fold)) {
            pattern += 1 + escaped;
            text++;
        } else if (star != NULL) {
            from += show_point(from);
            text = from;
            pattern = star;
        } else {
            return false;
        }
    }
    while (*pattern == '%') {
        pattern++;
    }
    return *pattern == '\0';
}

static bool
show_wanted(const sb_ast_statement *s, const char *name)
{
    return s->pattern == NULL || show_like(name, s->pattern, s->ilike) != s->not_like;
}

static sb_status
show_add(sb_execution *x, const sb_ast_statement *s, show_names *names, const char *name)
{
    if (!show_wanted(s, name)) {
        return SB_OK;
    }
    if (names->count == names->capacity) {
        int32_t capacity = names->capacity == 0 ? 32 : names->capacity * 2;
        const char **grown = SB_NEW_ARRAY(x->result->arena, const char *, capacity);

        if (grown == NULL) {
            SB_NOMEM(x->err);
        }
        if (names->count > 0) {
            memcpy(grown, names->at, sizeof(grown[0]) * (size_t)names->count);
        }
        names->at = grown;
        names->capacity = capacity;
    }
    names->at[names->count++] = name;
    return SB_OK;
}

static int
show_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each name once. */
static sb_status
show_answer(sb_execution *x, const char *column, show_names *names)
{
    if (names->count > 1) {
        qsort(names->at, (size_t)names->count, sizeof(names->at[0]), show_compare);
    }
    SB_TRY(sb_result_columns(x, &column, 1), x->err);
    for (int32_t i = 0; i < names->count; i++) {
        if (i == 0 || strcmp(names->at[i - 1], names->at[i]) != 0) {
            SB_TRY(sb_result_row(x, &names->at[i]), x->err);
        }
    }
    return SB_OK;
}

/* The database that FROM names, else the current one. */
static sb_status
show_place(sb_execution *x, const sb_ast_statement *s, const char **catalog, const char **database)
{
    sb_catalog_space *space;
    sb_catalog_database *found;

    *catalog = x->session->catalog.current_catalog;
    *database = x->session->catalog.current_database;
    if (s->name.count > 0) {
        SB_TRY(sb_catalog_resolve_database(&x->session->catalog, &s->name, &space, &found, x->err),
               x->err);
        *catalog = space->name;
        *database = found->name;
    }
    return SB_OK;
}

static sb_status
show_tables(sb_execution *x, const sb_ast_statement *s, bool views_only)
{
    const char *catalog, *database, *name;
    show_names names = {0};

    if (s->name.count > 0 && sb_information_is_schema(&x->session->catalog, &s->name)) {
        for (int32_t i = 0; (name = sb_information_table_at(i)) != NULL; i++) {
            SB_TRY(show_add(x, s, &names, name), x->err);
        }
        return show_answer(x, views_only ? "view name" : "table name", &names);
    }
    SB_TRY(show_place(x, s, &catalog, &database), x->err);
    for (const sb_catalog_table *table = x->session->catalog.first; table != NULL;
         table = table->next) {
        if ((table->is_view || !views_only) && strcmp(table->catalog, catalog) == 0 &&
            strcmp(table->database, database) == 0) {
            SB_TRY(show_add(x, s, &names, table->name), x->err);
        }
    }
    return show_answer(x, views_only ? "view name" : "table name", &names);
}

static sb_status
show_catalogs(sb_execution *x, const sb_ast_statement *s)
{
    show_names names = {0};

    for (const sb_catalog_space *space = x->session->catalog.spaces; space != NULL;
         space = space->next) {
        SB_TRY(show_add(x, s, &names, space->name), x->err);
    }
    return show_answer(x, "catalog name", &names);
}

static sb_status
show_databases(sb_execution *x, const sb_ast_statement *s)
{
    const sb_catalog *catalog = &x->session->catalog;
    const char *where = s->name.count > 0 ? s->name.parts[0].text : catalog->current_catalog;
    const sb_catalog_space *space = sb_catalog_find_space(catalog, where);
    show_names names = {0};

    if (space == NULL || s->name.count > 1) {
        return sb_sql_error(x->err, SB_SQL_TABLE_UNKNOWN, s->name.begin, s->name.end,
                            "catalog \"%s\" not found", where);
    }
    for (const sb_catalog_database *one = space->databases; one != NULL; one = one->next) {
        SB_TRY(show_add(x, s, &names, one->name), x->err);
    }
    return show_answer(x, "database name", &names);
}

static sb_status
show_functions(sb_execution *x, const sb_ast_statement *s)
{
    int32_t count = 0;
    const sb_function *all = sb_function_all(&count);
    sb_udf_library *library = x->session->info.functions;
    const char *catalog, *database;
    show_names names = {0};

    for (int32_t i = 0; i < count && !s->show_user && !x->session->catalog.no_core; i++) {
        if ((all[i].flags & SB_FN_INTERNAL) == 0) {
            SB_TRY(show_add(x, s, &names, all[i].name), x->err);
        }
    }
    SB_TRY(show_place(x, s, &catalog, &database), x->err);
    for (const sb_catalog_function *f = x->session->catalog.functions; f != NULL; f = f->next) {
        if (f->catalog == NULL ||
            (strcmp(f->catalog, catalog) == 0 && strcmp(f->database, database) == 0)) {
            SB_TRY(show_add(x, s, &names, f->name), x->err);
        }
    }
    for (int32_t i = 0; library != NULL && sb_udf_system_at(library, i) != NULL; i++) {
        SB_TRY(show_add(x, s, &names, sb_udf_system_at(library, i)->id), x->err);
    }
    return show_answer(x, "function name", &names);
}

static sb_status
show_one(sb_execution *x, const char *column, const char *value)
{
    SB_TRY(sb_result_columns(x, &column, 1), x->err);
    return sb_result_row(x, &value);
}

/* ---- SHOW CREATE ---- */

static void
show_quoted(sb_text *out, const char *name)
{
    sb_text_char(out, '`');
    for (; *name != '\0'; name++) {
        sb_text_add(out, *name == '`' ? "`" : "");
        sb_text_char(out, *name);
    }
    sb_text_char(out, '`');
}

static void
show_path(sb_text *out, const sb_catalog_table *table)
{
    const char *const parts[] = {table->catalog, table->database, table->name};

    for (int i = 0; i < 3; i++) {
        sb_text_add(out, i > 0 ? "." : "");
        show_quoted(out, parts[i]);
    }
}

static void
show_create_view(sb_text *out, const sb_catalog_table *view)
{
    sb_text_printf(out, "CREATE %sVIEW ", view->temporary ? "TEMPORARY " : "");
    show_path(out, view);
    sb_text_add(out, " (\n");
    for (int32_t i = 0; i < view->count_columns; i++) {
        sb_text_add(out, i > 0 ? ",\n  " : "  ");
        show_quoted(out, view->columns[i].name);
    }
    sb_text_add(out, "\n)");
    if (view->comment != NULL) {
        sb_text_add(out, "\nCOMMENT ");
        sb_sql_print_string(view->comment, out);
    }
    sb_text_printf(out, "\nAS %s\n", view->view_text);
}

static int
show_compare_options(const void *a, const void *b)
{
    return strcmp(((const sb_option *)a)->key, ((const sb_option *)b)->key);
}

/* A key without a name has one in Flink: PK_a_b. */
static sb_status
show_constraint(sb_arena *arena, const sb_catalog_table *table, sb_table_draft *draft,
                sb_error *err)
{
    if (draft->count_keys > 0 && draft->constraint == NULL) {
        draft->constraint = sb_catalog_constraint(arena, table);
        if (draft->constraint == NULL) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

static sb_status
show_create_table(sb_execution *x, const sb_catalog_table *table, sb_text *out)
{
    sb_arena *arena = sb_arena_new(x->session->mem);
    sb_table_draft draft;
    sb_text name;
    sb_status status;

    if (arena == NULL) {
        SB_NOMEM(x->err);
    }
    sb_text_init(&name, x->session->mem);
    show_path(&name, table);
    status = sb_draft_of_table(arena, table, &draft, x->err);
    if (status == SB_OK) {
        status = show_constraint(arena, table, &draft, x->err);
    }
    if (status == SB_OK) {
        qsort(draft.options.at, (size_t)draft.options.count, sizeof(draft.options.at[0]),
              show_compare_options);
        sb_draft_print(&draft, table->temporary, name.data, out);
        sb_text_char(out, '\n');
    }
    sb_text_deinit(&name);
    sb_arena_free(arena);
    return status;
}

/* In the order of their keys. */
static void
show_options(sb_text *out, const sb_options *options)
{
    const sb_option *last = NULL;

    for (int32_t shown = 0; shown < options->count; shown++) {
        const sb_option *next = NULL;

        for (int32_t i = 0; i < options->count; i++) {
            const sb_option *one = &options->at[i];

            if ((last == NULL || strcmp(one->key, last->key) > 0) &&
                (next == NULL || strcmp(one->key, next->key) < 0)) {
                next = one;
            }
        }
        sb_text_add(out, shown > 0 ? ",\n  " : "  ");
        sb_sql_print_string(next->key, out);
        sb_text_add(out, " = ");
        sb_sql_print_string(next->value, out);
        last = next;
    }
}

static sb_status
show_create_catalog(sb_execution *x, const sb_ast_statement *s)
{
    const sb_catalog_space *space =
        sb_catalog_find_space(&x->session->catalog, s->name.parts[0].text);
    sb_text text;
    sb_status status;

    if (space == NULL) {
        return sb_sql_error(x->err, SB_SQL_TABLE_UNKNOWN, s->name.begin, s->name.end,
                            "catalog \"%s\" not found", s->name.parts[0].text);
    }
    sb_text_init(&text, x->session->mem);
    sb_text_add(&text, "CREATE CATALOG ");
    show_quoted(&text, space->name);
    if (space->comment != NULL) {
        sb_text_add(&text, "\nCOMMENT ");
        sb_sql_print_string(space->comment, &text);
    }
    sb_text_add(&text, "\nWITH (\n");
    if (space->options.count == 0) {
        sb_text_printf(&text, "  'type' = '%s'", space->type);
    }
    show_options(&text, &space->options);
    sb_text_add(&text, "\n)\n");
    status = show_one(x, "result", text.data);
    sb_text_deinit(&text);
    return status;
}

static sb_status
show_create(sb_execution *x, const sb_ast_statement *s)
{
    const sb_catalog_table *table;
    sb_catalog_id id;
    sb_text text;
    sb_status status = SB_OK;

    if (s->object == SB_AST_OBJECT_CATALOG) {
        return show_create_catalog(x, s);
    }
    SB_TRY(sb_catalog_resolve(&x->session->catalog, &s->name, &id, x->err), x->err);
    table = sb_catalog_find(&x->session->catalog, &id);
    if (table == NULL) {
        return sb_catalog_unknown(&x->session->catalog, &id, s->name.begin, s->name.end, x->err);
    }
    if (table->is_view != s->is_view) {
        return sb_sql_error(x->err, SB_SQL_NOT_A_TABLE, s->name.begin, s->name.end,
                            "\"%s\" is a %s", id.name, table->is_view ? "view" : "table");
    }
    sb_text_init(&text, x->session->mem);
    if (table->is_view) {
        show_create_view(&text, table);
    } else {
        status = show_create_table(x, table, &text);
    }
    if (status == SB_OK) {
        status = sb_text_failed(&text)
                     ? sb_error_set(x->err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                     : show_one(x, "result", text.data);
    }
    sb_text_deinit(&text);
    return status;
}

sb_status
sb_execute_show(sb_execution *x, const sb_ast_statement *s)
{
    const sb_catalog *catalog = &x->session->catalog;
    show_names none = {0};

    if (s->show == SB_AST_SHOW_CREATE) {
        return show_create(x, s);
    }
    if (s->show == SB_AST_SHOW_CURRENT) {
        return s->object == SB_AST_OBJECT_CATALOG
                   ? show_one(x, "current catalog name", catalog->current_catalog)
                   : show_one(x, "current database name", catalog->current_database);
    }
    switch (s->object) {
    case SB_AST_OBJECT_TABLE: return show_tables(x, s, false);
    case SB_AST_OBJECT_VIEW: return show_tables(x, s, true);
    case SB_AST_OBJECT_CATALOG: return show_catalogs(x, s);
    case SB_AST_OBJECT_DATABASE: return show_databases(x, s);
    case SB_AST_OBJECT_FUNCTION: return show_functions(x, s);
    case SB_AST_OBJECT_PARTITION: return sb_execute_show_partitions(x, s);
    case SB_AST_OBJECT_MODULE: return sb_execute_show_modules(x, s);
    case SB_AST_OBJECT_COLUMN: return sb_execute_describe(x, s);
    case SB_AST_OBJECT_JAR: return show_answer(x, "jars", &none);
    case SB_AST_OBJECT_PROCEDURE: return show_answer(x, "procedure name", &none);
    case SB_AST_OBJECT_MODEL: return show_answer(x, "model name", &none);
    case SB_AST_OBJECT_CONNECTION: return show_answer(x, "connection name", &none);
    case SB_AST_OBJECT_MATERIALIZED_TABLE: return show_answer(x, "materialized table name", &none);
    default: break;
    }
    SB_FAIL(x->err, SB_STATUS_INTERNAL, "SHOW of unknown kind %d", (int)s->object);
}

bool
sb_show_wanted(const sb_ast_statement *s, const char *name)
{
    return show_wanted(s, name);
}
