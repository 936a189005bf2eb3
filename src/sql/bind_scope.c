/*
 * sql/bind_scope.c -- finding what a name stands for.
 *
 * DESIGN     a.b.c is tried as table a, column b, field c, then as column a, field b, field c;
 *            the default catalog and database may stand in front. A name that two tables have
 *            must be qualified.
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sql/bind.h"

#define SCOPE_GUESSES 200

static const char *
scope_alias(const sb_scope_table *table)
{
    return table->alias != NULL ? table->alias : "(unnamed)";
}

/* Column `name` of the tables [from, to) of the scope: index, -1 none, -2 ambiguous. */
static int32_t
scope_find(const sb_scope *scope, int32_t from, int32_t to, const char *name)
{
    int32_t found = -1;

    for (int32_t t = from; t < to; t++) {
        const sb_scope_table *table = &scope->tables[t];

        for (int32_t i = table->first; i < table->first + table->count; i++) {
            if (strcmp(scope->rel->schema.fields[i].name, name) == 0) {
                if (found >= 0) {
                    return -2;
                }
                found = i;
            }
        }
    }
    return found;
}

static int32_t
scope_find_table(const sb_scope *scope, const char *alias)
{
    for (int32_t t = 0; t < scope->count_tables; t++) {
        if (scope->tables[t].alias != NULL && strcmp(scope->tables[t].alias, alias) == 0) {
            return t;
        }
    }
    return -1;
}

static sb_status
scope_ambiguous(sb_binder *b, const sb_scope *scope, const sb_ast_name *name)
{
    char list[300];
    size_t used = 0;

    (void)sb_sql_error(b->rel.err, SB_SQL_COLUMN_AMBIGUOUS, name->begin, name->end,
                       "column \"%s\" is ambiguous", name->text);
    list[0] = '\0';
    for (int32_t t = 0; t < scope->count_tables; t++) {
        if (scope_find(scope, t, t + 1, name->text) != -1 &&
            used + strlen(scope_alias(&scope->tables[t])) + strlen(name->text) + 8 < sizeof(list)) {
            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s.%s",
                                     used > 0 ? " or " : "", scope_alias(&scope->tables[t]),
                                     name->text);
        }
    }
    sb_error_hint(b->rel.err, "write %s", list);
    return SB_STATUS_SEMANTIC;
}

/* "did you mean", else the list of columns. */
static void
scope_hint(sb_binder *b, const sb_scope *scope, int32_t from, int32_t to, const char *name)
{
    const char *names[SCOPE_GUESSES] = {NULL};
    const char *nearest;
    int32_t count = 0;
    char list[400];
    size_t used = 0;

    for (int32_t t = from; t < to; t++) {
        const sb_scope_table *table = &scope->tables[t];

        for (int32_t i = table->first; i < table->first + table->count && count < SCOPE_GUESSES;
             i++) {
            const char *column = scope->rel->schema.fields[i].name;

            if (column[0] != '\0') { /* a computed column that is not bound yet has none */
                names[count++] = column;
            }
        }
    }
    nearest = sb_sql_nearest(name, names, count);
    if (nearest != NULL) {
        sb_error_hint(b->rel.err, "did you mean \"%s\"?", nearest);
        return;
    }
    for (int32_t i = 0; i < count; i++) {
        if (used + strlen(names[i]) + 6 >= sizeof(list)) {
            used += (size_t)snprintf(list + used, sizeof(list) - used, ", ...");
            break;
        }
        used +=
            (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    if (count > 0) {
        sb_error_hint(b->rel.err, "columns: %s", list);
    }
}

static sb_status
scope_not_found(sb_binder *b, const sb_scope *scope, int32_t from, int32_t to,
                const sb_ast_name *name)
{
    if (to - from == 1 && scope->tables[from].alias != NULL) {
        (void)sb_sql_error(b->rel.err, SB_SQL_COLUMN_UNKNOWN, name->begin, name->end,
                           "column \"%s\" not found in \"%s\"", name->text,
                           scope->tables[from].alias);
    } else {
        (void)sb_sql_error(b->rel.err, SB_SQL_COLUMN_UNKNOWN, name->begin, name->end,
                           "column \"%s\" not found", name->text);
    }
    scope_hint(b, scope, from, to, name->text);
    return SB_STATUS_NOT_FOUND;
}

sb_status
sb_bind_field(sb_binder *b, sb_expr *row, const sb_ast_name *name, sb_expr **out)
{
    const char *names[SCOPE_GUESSES] = {NULL};
    const char *nearest;
    int32_t count = 0;

    if (row->type.id != SB_TYPE_ROW) {
        sb_text type;

        sb_text_init(&type, sb_mem_root());
        sb_type_print(&row->type, &type);
        (void)sb_sql_error(b->rel.err, SB_SQL_TYPE, name->begin, name->end,
                           "field \"%s\" of a value of type %s, which is no ROW", name->text,
                           type.data);
        sb_text_deinit(&type);
        return SB_STATUS_SEMANTIC;
    }
    for (int32_t i = 0; i < row->type.count_children; i++) {
        const char *have = row->type.children[i].name;

        if (row->type.class_name != NULL ? strcasecmp(have, name->text) == 0
                                         : strcmp(have, name->text) == 0) {
            SB_TRY(sb_expr_field(b->rel.arena, row, i, out, b->rel.err), b->rel.err);
            (*out)->position = row->position >= 0 ? row->position : name->begin;
            (*out)->position_end = name->end;
            return SB_OK;
        }
        if (count < SCOPE_GUESSES) {
            names[count++] = row->type.children[i].name;
        }
    }
    (void)sb_sql_error(b->rel.err, SB_SQL_COLUMN_UNKNOWN, name->begin, name->end,
                       "field \"%s\" not found in the row", name->text);
    nearest = sb_sql_nearest(name->text, names, count);
    if (nearest != NULL) {
        sb_error_hint(b->rel.err, "did you mean \"%s\"?", nearest);
    }
    return SB_STATUS_NOT_FOUND;
}

static sb_status
scope_fields(sb_binder *b, const sb_scope *scope, int32_t column, const sb_ast_path *path,
             int32_t next, sb_expr **out)
{
    sb_expr *expr = sb_expr_column(b->rel.arena, column, &scope->rel->schema.fields[column].type);

    if (expr == NULL) {
        SB_NOMEM(b->rel.err);
    }
    expr->position = path->begin;
    expr->position_end = path->parts[next - 1].end;
    for (; next < path->count; next++) {
        SB_TRY(sb_bind_field(b, expr, &path->parts[next], &expr), b->rel.err);
    }
    *out = expr;
    return SB_OK;
}

/* How many leading parts name catalog and database of the table that follows. */
static int32_t
scope_skip(const sb_scope *scope, const sb_ast_path *path)
{
    for (int32_t skip = 2; skip > 0; skip--) {
        int32_t t = skip < path->count ? scope_find_table(scope, path->parts[skip].text) : -1;
        const sb_scope_table *table = t >= 0 ? &scope->tables[t] : NULL;

        if (table != NULL && table->database != NULL &&
            strcmp(path->parts[skip - 1].text, table->database) == 0 &&
            (skip == 1 || strcmp(path->parts[0].text, table->catalog) == 0)) {
            return skip;
        }
    }
    return 0;
}

/* The column that the path begins with; *next is the first part that is a field. */
static sb_status
scope_resolve(sb_binder *b, const sb_scope *scope, const sb_ast_path *path, int32_t *out_column,
              int32_t *out_next)
{
    int32_t skip = scope_skip(scope, path);
    const sb_ast_name *part = &path->parts[skip];
    int32_t table = path->count > skip + 1 ? scope_find_table(scope, part->text) : -1;

    if (table >= 0) {
        *out_next = skip + 2;
        *out_column = scope_find(scope, table, table + 1, path->parts[skip + 1].text);
        if (*out_column == -2) {
            return scope_ambiguous(b, scope, &path->parts[skip + 1]);
        }
        if (*out_column >= 0) {
            return SB_OK;
        }
    }
    *out_next = skip + 1;
    *out_column = scope_find(scope, 0, scope->count_tables, part->text);
    if (*out_column == -2) {
        return scope_ambiguous(b, scope, part);
    }
    if (*out_column >= 0) {
        return SB_OK;
    }
    if (table >= 0) {
        return scope_not_found(b, scope, table, table + 1, &path->parts[skip + 1]);
    }
    if (path->count > skip + 1) {
        const char *aliases[SCOPE_GUESSES] = {NULL};
        int32_t count = 0;
        const char *nearest;

        (void)sb_sql_error(b->rel.err, SB_SQL_TABLE_UNKNOWN, part->begin, part->end,
                           "table \"%s\" is not in FROM", part->text);
        for (int32_t t = 0; t < scope->count_tables && count < SCOPE_GUESSES; t++) {
            if (scope->tables[t].alias != NULL) {
                aliases[count++] = scope->tables[t].alias;
            }
        }
        nearest = sb_sql_nearest(part->text, aliases, count);
        if (nearest != NULL) {
            sb_error_hint(b->rel.err, "did you mean \"%s\"?", nearest);
        }
        return SB_STATUS_NOT_FOUND;
    }
    return scope_not_found(b, scope, 0, scope->count_tables, part);
}

sb_status
sb_bind_column(sb_binder *b, const sb_scope *scope, const sb_ast_expr *name, sb_expr **out)
{
    int32_t column, next;

    if (scope->rel == NULL || scope->count_tables == 0) {
        return sb_sql_error(b->rel.err, SB_SQL_COLUMN_UNKNOWN, name->begin, name->end,
                            "column \"%s\" not found: there are no columns here",
                            name->path.parts[0].text);
    }
    SB_TRY(scope_resolve(b, scope, &name->path, &column, &next), b->rel.err);
    return scope_fields(b, scope, column, &name->path, next, out);
}

static sb_status
star_arrays(sb_binder *b, int32_t count, sb_expr ***out, const char ***out_names)
{
    *out = SB_NEW_ARRAY(b->rel.arena, sb_expr *, count > 0 ? count : 1);
    *out_names = SB_NEW_ARRAY(b->rel.arena, const char *, count > 0 ? count : 1);
    if (*out == NULL || *out_names == NULL) {
        SB_NOMEM(b->rel.err);
    }
    return SB_OK;
}

sb_status
sb_bind_row_star(sb_binder *b, sb_expr *row, const sb_ast_expr *star, sb_expr ***out,
                 const char ***out_names, int32_t *out_count)
{
    if (row->type.id != SB_TYPE_ROW) {
        return sb_sql_error(b->rel.err, SB_SQL_TYPE, star->begin, star->end,
                            ".* after a value that is no ROW");
    }
    *out_count = row->type.count_children;
    SB_TRY(star_arrays(b, *out_count, out, out_names), b->rel.err);
    for (int32_t i = 0; i < *out_count; i++) {
        SB_TRY(sb_expr_field(b->rel.arena, row, i, &(*out)[i], b->rel.err), b->rel.err);
        (*out)[i]->position = star->begin;
        (*out)[i]->position_end = star->end;
        (*out_names)[i] = row->type.children[i].name;
    }
    return SB_OK;
}

sb_status
sb_bind_star(sb_binder *b, const sb_scope *scope, const sb_ast_expr *star, sb_expr ***out,
             const char ***out_names, int32_t *out_count)
{
    int32_t first = 0, count, table = -1;

    if (scope->rel == NULL || scope->count_tables == 0) {
        return sb_sql_error(b->rel.err, SB_SQL_COLUMN_UNKNOWN, star->begin, star->end,
                            "* without FROM");
    }
    count = scope->rel->schema.count;
    if (star->path.count > 0) {
        int32_t skip = star->path.count - 1;

        table = scope_find_table(scope, star->path.parts[skip].text);
        if (table < 0 || (skip > 0 && scope_skip(scope, &star->path) != skip)) {
            sb_expr *row;

            SB_TRY(sb_bind_column(b, scope, star, &row), b->rel.err);
            return sb_bind_row_star(b, row, star, out, out_names, out_count);
        }
        first = scope->tables[table].first;
        count = scope->tables[table].count;
    }
    SB_TRY(star_arrays(b, count, out, out_names), b->rel.err);
    for (int32_t i = 0; i < count; i++) {
        const sb_field *field = &scope->rel->schema.fields[first + i];

        (*out)[i] = sb_expr_column(b->rel.arena, first + i, &field->type);
        if ((*out)[i] == NULL) {
            SB_NOMEM(b->rel.err);
        }
        (*out)[i]->position = star->begin;
        (*out)[i]->position_end = star->end;
        (*out_names)[i] = field->name;
    }
    *out_count = count;
    return SB_OK;
}
