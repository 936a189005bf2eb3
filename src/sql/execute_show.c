/*
 * sql/execute_show.c -- SHOW, DESCRIBE, SET and RESET.
 *
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "sql/session.h"

/* ---- SHOW ---- */

static sb_status
show_list(sb_execution *x, const char *column, bool views_only)
{
    SB_TRY(sb_result_columns(x, &column, 1), x->err);
    for (const sb_catalog_table *table = x->session->catalog.first; table != NULL;
         table = table->next) {
        if (table->is_view || !views_only) {
            SB_TRY(sb_result_row(x, &table->name), x->err);
        }
    }
    return SB_OK;
}

static sb_status
show_one(sb_execution *x, const char *column, const char *value)
{
    SB_TRY(sb_result_columns(x, &column, 1), x->err);
    return sb_result_row(x, &value);
}

static void
show_quoted(sb_text *out, const char *text, char quote)
{
    sb_text_char(out, quote);
    for (; *text != '\0'; text++) {
        if (*text == quote) {
            sb_text_char(out, quote);
        }
        sb_text_char(out, *text);
    }
    sb_text_char(out, quote);
}

static void
show_names(sb_text *out, const sb_catalog_table *table, const sb_columns *columns)
{
    for (int32_t i = 0; i < columns->count; i++) {
        sb_text_add(out, i > 0 ? ", " : "");
        show_quoted(out, table->columns[columns->at[i]].name, '`');
    }
}

static void
show_create_column(sb_text *out, const sb_catalog_column *column)
{
    sb_text_add(out, "  ");
    show_quoted(out, column->name, '`');
    sb_text_char(out, ' ');
    if (column->kind == SB_AST_COLUMN_COMPUTED) {
        sb_text_printf(out, "AS %s", column->expr_text);
    } else {
        sb_type_print(&column->type, out);
    }
    if (column->kind == SB_AST_COLUMN_METADATA) {
        sb_text_add(out, " METADATA");
        if (strcmp(column->metadata_key, column->name) != 0) {
            sb_text_add(out, " FROM ");
            show_quoted(out, column->metadata_key, '\'');
        }
        sb_text_add(out, column->is_virtual ? " VIRTUAL" : "");
    }
    if (column->comment != NULL) {
        sb_text_add(out, " COMMENT ");
        show_quoted(out, column->comment, '\'');
    }
}

static void
show_create_table(sb_text *out, const sb_catalog_table *table)
{
    sb_text_printf(out, "CREATE %sTABLE ", table->temporary ? "TEMPORARY " : "");
    show_quoted(out, table->name, '`');
    sb_text_add(out, " (\n");
    for (int32_t i = 0; i < table->count_columns; i++) {
        sb_text_add(out, i > 0 ? ",\n" : "");
        show_create_column(out, &table->columns[i]);
    }
    if (table->watermark != NULL) {
        sb_text_add(out, ",\n  WATERMARK FOR ");
        show_quoted(out, table->columns[table->watermark_column].name, '`');
        sb_text_printf(out, " AS %s", table->watermark_text);
    }
    if (table->keys.count > 0) {
        sb_text_add(out, ",\n  PRIMARY KEY (");
        show_names(out, table, &table->keys);
        sb_text_add(out, ") NOT ENFORCED");
    }
    sb_text_add(out, "\n)");
    if (table->comment != NULL) {
        sb_text_add(out, " COMMENT ");
        show_quoted(out, table->comment, '\'');
    }
    if (table->partition.count > 0) {
        sb_text_add(out, " PARTITIONED BY (");
        show_names(out, table, &table->partition);
        sb_text_char(out, ')');
    }
    if (table->options.count > 0) {
        sb_text_add(out, " WITH (\n");
        for (int32_t i = 0; i < table->options.count; i++) {
            sb_text_add(out, i > 0 ? ",\n  " : "  ");
            show_quoted(out, table->options.at[i].key, '\'');
            sb_text_add(out, " = ");
            show_quoted(out, table->options.at[i].value, '\'');
        }
        sb_text_add(out, "\n)");
    }
}

static void
show_create_view(sb_text *out, const sb_catalog_table *view)
{
    sb_columns all = {.count = view->count_columns};
    int32_t at[SB_REL_COLUMNS_MAX];

    for (int32_t i = 0; i < view->count_columns; i++) {
        at[i] = i;
    }
    all.at = at;
    sb_text_printf(out, "CREATE %sVIEW ", view->temporary ? "TEMPORARY " : "");
    show_quoted(out, view->name, '`');
    sb_text_add(out, " (");
    show_names(out, view, &all);
    sb_text_printf(out, ") AS %s", view->view_text);
}

static sb_status
show_create(sb_execution *x, const sb_ast_statement *s)
{
    const sb_catalog_table *table;
    const char *name, *column = s->is_view ? "create view" : "create table";
    sb_text text;
    sb_status status;

    SB_TRY(sb_catalog_resolve(&s->name, &name, x->err), x->err);
    table = sb_catalog_find(&x->session->catalog, name);
    if (table == NULL) {
        return sb_catalog_unknown(&x->session->catalog, name, s->name.begin, s->name.end, x->err);
    }
    if (table->is_view != s->is_view) {
        return sb_sql_error(x->err, SB_SQL_NOT_A_TABLE, s->name.begin, s->name.end,
                            "\"%s\" is a %s", name, table->is_view ? "view" : "table");
    }
    sb_text_init(&text, x->session->mem);
    if (table->is_view) {
        show_create_view(&text, table);
    } else {
        show_create_table(&text, table);
    }
    status = sb_text_failed(&text)
                 ? sb_error_set(x->err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                 : show_one(x, column, text.data);
    sb_text_deinit(&text);
    return status;
}

sb_status
sb_execute_show(sb_execution *x, const sb_ast_statement *s)
{
    bool catalog = s->object == SB_AST_OBJECT_CATALOG;

    if (s->show == SB_AST_SHOW_CREATE) {
        return show_create(x, s);
    }
    if (s->show == SB_AST_SHOW_CURRENT) {
        return catalog ? show_one(x, "current catalog name", SB_CATALOG_NAME)
                       : show_one(x, "current database name", SB_DATABASE_NAME);
    }
    switch (s->object) {
    case SB_AST_OBJECT_TABLE: return show_list(x, "table name", false);
    case SB_AST_OBJECT_VIEW: return show_list(x, "view name", true);
    case SB_AST_OBJECT_CATALOG: return show_one(x, "catalog name", SB_CATALOG_NAME);
    case SB_AST_OBJECT_DATABASE: return show_one(x, "database name", SB_DATABASE_NAME);
    default: break;
    }
    SB_FAIL(x->err, SB_STATUS_INTERNAL, "SHOW of unknown kind %d", (int)s->show);
}

/* ---- DESCRIBE ---- */

/* "AS a + b", "METADATA FROM 'k' VIRTUAL"; empty: physical */
static void
describe_extras(sb_text *out, const sb_catalog_column *column)
{
    if (column->kind == SB_AST_COLUMN_COMPUTED) {
        sb_text_printf(out, "AS %s", column->expr_text);
    } else if (column->kind == SB_AST_COLUMN_METADATA) {
        sb_text_add(out, "METADATA");
        if (strcmp(column->metadata_key, column->name) != 0) {
            sb_text_printf(out, " FROM '%s'", column->metadata_key);
        }
        sb_text_add(out, column->is_virtual ? " VIRTUAL" : "");
    }
}

static sb_status
describe_row(sb_execution *x, const sb_catalog_table *table, int32_t i, sb_text *type, sb_text *key,
             sb_text *extras)
{
    const sb_catalog_column *column = &table->columns[i];
    bool watermark = table->watermark != NULL && table->watermark_column == i;
    sb_type plain = column->type;
    const char *cells[6];

    sb_text_clear(type);
    sb_text_clear(key);
    sb_text_clear(extras);
    plain.nullable = true;
    sb_type_print(&plain, type);
    sb_text_add(type, watermark ? " *ROWTIME*" : "");
    if (sb_columns_index(&table->keys, i) >= 0) {
        sb_text_add(key, "PRI(");
        for (int32_t k = 0; k < table->keys.count; k++) {
            sb_text_printf(key, "%s%s", k > 0 ? ", " : "", table->columns[table->keys.at[k]].name);
        }
        sb_text_char(key, ')');
    }
    describe_extras(extras, column);
    cells[0] = column->name;
    cells[1] = type->data;
    cells[2] = column->type.nullable ? "true" : "false";
    cells[3] = key->size > 0 ? key->data : NULL;
    cells[4] = extras->size > 0 ? extras->data : NULL;
    cells[5] = watermark ? table->watermark_text : NULL;
    if (sb_text_failed(type) || sb_text_failed(key) || sb_text_failed(extras)) {
        SB_NOMEM(x->err);
    }
    return sb_result_row(x, cells);
}

sb_status
sb_execute_describe(sb_execution *x, const sb_ast_statement *s)
{
    static const char *const names[] = {"name", "type", "?null", "key", "extras", "watermark"};
    const sb_catalog_table *table;
    const char *name;
    sb_text texts[3];
    sb_status status = SB_OK;

    SB_TRY(sb_catalog_resolve(&s->name, &name, x->err), x->err);
    table = sb_catalog_find(&x->session->catalog, name);
    if (table == NULL) {
        return sb_catalog_unknown(&x->session->catalog, name, s->name.begin, s->name.end, x->err);
    }
    SB_TRY(sb_result_columns(x, names, 6), x->err);
    for (int i = 0; i < 3; i++) {
        sb_text_init(&texts[i], x->session->mem);
    }
    for (int32_t i = 0; status == SB_OK && i < table->count_columns; i++) {
        status = describe_row(x, table, i, &texts[0], &texts[1], &texts[2]);
    }
    for (int i = 0; i < 3; i++) {
        sb_text_deinit(&texts[i]);
    }
    return status;
}

/* ---- SET, RESET ---- */

sb_status
sb_execute_set(sb_execution *x, const sb_ast_statement *s)
{
    static const char *const names[] = {"key", "value"};
    const char *nearest;

    if (s->key == NULL) {
        SB_TRY(sb_result_columns(x, names, 2), x->err);
        for (int32_t i = 0; i < x->session->config.count; i++) {
            const char *cells[] = {x->session->config.at[i].key, x->session->config.at[i].value};

            SB_TRY(sb_result_row(x, cells), x->err);
        }
        return SB_OK;
    }
    if (sb_config_set(&x->session->config, s->key, s->value, x->err) != SB_OK) {
        return sb_sql_error_place(x->err, SB_SQL_OPTION, s->value_begin, s->value_end);
    }
    if (!sb_config_known(&x->session->info, s->key, &nearest)) {
        sb_text_printf(&x->warnings, "option '%s' is not known", s->key);
        if (nearest != NULL) {
            sb_text_printf(&x->warnings, ": did you mean '%s'?", nearest);
        }
        sb_text_char(&x->warnings, '\n');
    }
    return sb_result_message(x, "%s = %s", s->key, s->value);
}

sb_status
sb_execute_reset(sb_execution *x, const sb_ast_statement *s)
{
    sb_config_reset(&x->session->config, s->key);
    return s->key != NULL ? sb_result_message(x, "%s reset", s->key)
                          : sb_result_message(x, "all options reset");
}
