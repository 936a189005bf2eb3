/*
 * sql/execute_describe.c -- DESCRIBE, and SHOW COLUMNS, which answers the same.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "expr/function.h"
#include "sql/information_schema.h"
#include "sql/module.h"
#include "sql/session.h"

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
    bool proctime = column->time == SB_TIME_PROCESSING ||
                    (column->kind == SB_AST_COLUMN_COMPUTED && column->expr != NULL &&
                     sb_expr_is_call(column->expr, "PROCTIME"));
    sb_type plain = column->type;
    const char *cells[7];

    sb_text_clear(type);
    sb_text_clear(key);
    sb_text_clear(extras);
    plain.nullable = true;
    sb_type_print(&plain, type);
    sb_text_add(type, watermark || column->time == SB_TIME_EVENT ? " *ROWTIME*" : "");
    sb_text_add(type, proctime ? " *PROCTIME*" : "");
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
    cells[6] = column->comment;
    if (sb_text_failed(type) || sb_text_failed(key) || sb_text_failed(extras)) {
        SB_NOMEM(x->err);
    }
    return sb_result_row(x, cells);
}

/* A table or view, also of the information schema; a file. */
static sb_status
describe_find(sb_execution *x, const sb_ast_statement *s, const sb_catalog_table **out)
{
    sb_catalog_table *found;
    sb_catalog_id id;

    if (s->kind == SB_AST_DESCRIBE && s->text != NULL) {
        sb_binder binder;

        sb_execution_binder(x, x->result->arena, &binder);
        SB_TRY(sb_bind_file_entry(&binder, &s->name, &found), x->err);
        *out = found;
        return SB_OK;
    }
    SB_TRY(sb_information_find(&x->session->catalog, &s->name, x->result->arena, &found, x->err),
           x->err);
    if (found == NULL) {
        SB_TRY(sb_catalog_resolve(&x->session->catalog, &s->name, &id, x->err), x->err);
        found = sb_catalog_find(&x->session->catalog, &id);
    }
    *out = found;
    return found != NULL
               ? SB_OK
               : sb_catalog_unknown(&x->session->catalog, &id, s->name.begin, s->name.end, x->err);
}

static sb_status
describe_table(sb_execution *x, const sb_ast_statement *s)
{
    static const char *const names[] = {"name",   "type",      "?null",  "key",
                                        "extras", "watermark", "comment"};
    const sb_catalog_table *table;
    sb_text texts[3];
    sb_status status = SB_OK;
    bool comments = false;

    SB_TRY(describe_find(x, s, &table), x->err);
    for (int32_t i = 0; i < table->count_columns; i++) {
        comments |= table->columns[i].comment != NULL;
    }
    SB_TRY(sb_result_columns(x, names, comments ? 7 : 6), x->err);
    for (int i = 0; i < 3; i++) {
        sb_text_init(&texts[i], x->session->mem);
    }
    for (int32_t i = 0; status == SB_OK && i < table->count_columns; i++) {
        if (sb_show_wanted(s, table->columns[i].name)) {
            status = describe_row(x, table, i, &texts[0], &texts[1], &texts[2]);
        }
    }
    for (int i = 0; i < 3; i++) {
        sb_text_deinit(&texts[i]);
    }
    return status;
}

static sb_status
describe_pair(sb_execution *x, const char *name, const char *value)
{
    const char *cells[] = {name, value};

    return value != NULL ? sb_result_row(x, cells) : SB_OK;
}

static sb_status
describe_options(sb_execution *x, const sb_options *options)
{
    for (int32_t i = 0; i < options->count; i++) {
        const char *name = sb_arena_printf(x->result->arena, "option:%s", options->at[i].key);

        if (name == NULL) {
            SB_NOMEM(x->err);
        }
        if (strcmp(options->at[i].key, "type") != 0) { /* a catalog's stands above */
            SB_TRY(describe_pair(x, name, options->at[i].value), x->err);
        }
    }
    return SB_OK;
}

static sb_status
describe_space(sb_execution *x, const sb_ast_statement *s)
{
    static const char *const names[] = {"info name", "info value"};
    const sb_catalog *catalog = &x->session->catalog;
    sb_catalog_space *space;
    sb_catalog_database *database = NULL;

    if (s->object == SB_AST_OBJECT_DATABASE) {
        SB_TRY(sb_catalog_resolve_database(catalog, &s->name, &space, &database, x->err), x->err);
    } else if ((space = sb_catalog_find_space(catalog, s->name.parts[0].text)) == NULL) {
        return sb_sql_error(x->err, SB_SQL_TABLE_UNKNOWN, s->name.begin, s->name.end,
                            "catalog \"%s\" not found", s->name.parts[0].text);
    }
    SB_TRY(sb_result_columns(x, names, 2), x->err);
    SB_TRY(describe_pair(x, "name", database != NULL ? database->name : space->name), x->err);
    if (database == NULL) {
        SB_TRY(describe_pair(x, "type", space->type), x->err);
    }
    if (database != NULL) {
        SB_TRY(describe_pair(x, "comment", database->comment), x->err);
    } else {
        const char *cells[] = {"comment", space->comment};

        SB_TRY(sb_result_row(x, cells), x->err);
    }
    return s->extended
               ? describe_options(x, database != NULL ? &database->options : &space->options)
               : SB_OK;
}

static sb_status
describe_function(sb_execution *x, const sb_ast_statement *s)
{
    static const char *const names[] = {"info name", "info value"};
    const char *name = s->name.parts[s->name.count - 1].text;
    const sb_function *function = sb_function_find(name, NULL);
    bool found;

    SB_TRY(sb_describe_user_function(x, s, &found), x->err);
    if (found) {
        return SB_OK;
    }
    if (x->session->catalog.no_core && function != NULL) {
        return sb_module_unknown(x->err, name, s->name.begin, s->name.end);
    }
    if (function == NULL || (function->flags & SB_FN_INTERNAL) != 0) {
        return sb_sql_error(x->err, SB_SQL_FUNCTION_UNKNOWN, s->name.begin, s->name.end,
                            "unknown function '%s'", name);
    }
    SB_TRY(sb_result_columns(x, names, 2), x->err);
    SB_TRY(describe_pair(x, "name", function->name), x->err);
    SB_TRY(describe_pair(x, "is system function", "true"), x->err);
    SB_TRY(describe_pair(x, "description", function->doc), x->err);
    for (; function != NULL; function = sb_function_find(name, function)) {
        sb_text text;
        sb_status status;

        sb_text_init(&text, x->session->mem);
        sb_function_signature(function, &text);
        status = describe_pair(x, "signature", text.data);
        sb_text_deinit(&text);
        SB_TRY(status, x->err);
    }
    return SB_OK;
}

sb_status
sb_execute_describe(sb_execution *x, const sb_ast_statement *s)
{
    switch (s->object) {
    case SB_AST_OBJECT_CATALOG:
    case SB_AST_OBJECT_DATABASE: return describe_space(x, s);
    case SB_AST_OBJECT_FUNCTION: return describe_function(x, s);
    default: return describe_table(x, s);
    }
}
