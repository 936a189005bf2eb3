/*
 * sql/bind_create.c -- CREATE TABLE: columns, watermark and keys checked and bound.
 *
 * DESIGN     Computed columns may use physical and metadata columns, the watermark any column.
 *            Both are bound over all declared columns, in the arena of the new entry.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"
#include "sql/print.h"
#include "sql/table_draft.h"

/* One key, one column: a second one would be the same value again. */
static sb_status
create_metadata(sb_binder *b, const sb_ast_column *from, int32_t place, sb_catalog_table *out)
{
    const char *key = from->metadata_key != NULL ? from->metadata_key : from->name.text;

    for (int32_t i = 0; i < place; i++) {
        const sb_catalog_column *other = &out->columns[i];

        if (other->kind == SB_AST_COLUMN_METADATA && strcmp(other->metadata_key, key) == 0) {
            sb_status status =
                sb_sql_error(b->rel.err, SB_SQL_DUPLICATE, from->name.begin, from->name.end,
                             "columns \"%s\" and \"%s\" are both from the metadata key '%s'",
                             other->name, from->name.text, key);
            sb_error_hint(b->rel.err, "make it a computed column: %s AS %s", from->name.text,
                          other->name);
            return status;
        }
    }
    out->columns[place].metadata_key = sb_arena_strdup(out->arena, key);
    if (out->columns[place].metadata_key == NULL) {
        SB_NOMEM(b->rel.err);
    }
    return SB_OK;
}

static sb_status
create_unique(sb_binder *b, const sb_ast_create_table *ast, int32_t place)
{
    const sb_ast_name *name = &ast->columns[place].name;

    for (int32_t j = 0; j < place; j++) {
        if (strcmp(ast->columns[j].name.text, name->text) == 0) {
            return sb_sql_error(b->rel.err, SB_SQL_DUPLICATE, name->begin, name->end,
                                "column \"%s\" is there twice", name->text);
        }
    }
    return SB_OK;
}

static sb_status
create_physical(sb_binder *b, const sb_ast_create_table *ast, sb_catalog_table *out)
{
    sb_status failed = SB_OK;

    for (int32_t i = 0; i < ast->count_columns; i++) {
        const sb_ast_column *from = &ast->columns[i];
        sb_catalog_column *to = &out->columns[i];

        to->kind = from->kind;
        to->is_virtual = from->is_virtual;
        to->name = sb_arena_strdup(out->arena, from->name.text);
        to->comment = from->comment != NULL ? sb_arena_strdup(out->arena, from->comment) : NULL;
        if (to->name == NULL) {
            SB_NOMEM(b->rel.err);
        }
        if (from->kind != SB_AST_COLUMN_COMPUTED) {
            SB_TRY(sb_type_copy(out->arena, &from->type, &to->type, b->rel.err), b->rel.err);
        }
        SB_KEEP(b, create_unique(b, ast, i), &from->name, &failed);
        if (from->kind == SB_AST_COLUMN_METADATA) {
            SB_KEEP(b, create_metadata(b, from, i, out), &from->name, &failed);
        }
    }
    out->count_columns = ast->count_columns;
    return sb_bind_settle(b, failed);
}

/* A relation with the columns bound so far; computed ones are left out (under a name nobody can
 * write) until they are bound. */
static sb_status
create_scope(sb_binder *b, const sb_catalog_table *table, bool computed, sb_scope *out)
{
    sb_rel *rel = SB_NEW(b->rel.arena, sb_rel);
    sb_field *fields = SB_NEW_ARRAY(b->rel.arena, sb_field, table->count_columns + 1);

    out->tables = SB_NEW(b->rel.arena, sb_scope_table);
    if (rel == NULL || fields == NULL || out->tables == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < table->count_columns; i++) {
        bool hidden = !computed && table->columns[i].kind == SB_AST_COLUMN_COMPUTED;

        fields[i] = (sb_field){.name = hidden ? "" : table->columns[i].name,
                               .type = table->columns[i].type};
    }
    rel->schema = (sb_schema){.count = table->count_columns, .fields = fields};
    out->rel = rel;
    out->count_tables = 1;
    out->tables[0] = (sb_scope_table){.alias = table->name, .count = table->count_columns};
    return SB_OK;
}

/* An expression as it is kept and shown. */
static sb_status
create_text(sb_binder *b, const sb_ast_expr *expr, const char *text, sb_catalog_table *table,
            const char **out)
{
    sb_text printed;

    sb_text_init(&printed, sb_mem_root());
    sb_ast_print_expr(expr, text, table->arena, &printed);
    *out = sb_text_failed(&printed) ? NULL : sb_arena_strdup(table->arena, printed.data);
    sb_text_deinit(&printed);
    if (*out == NULL) {
        SB_NOMEM(b->rel.err);
    }
    return SB_OK;
}

static sb_status
create_expr(sb_binder *b, const sb_scope *scope, const sb_ast_column *from, const char *text,
            sb_catalog_table *table, sb_catalog_column *to)
{
    sb_expr *expr;

    SB_TRY(sb_bind_expr(b, scope, from->expr, &expr), b->rel.err);
    if (expr->type.id == SB_TYPE_NULL) {
        return sb_sql_error(b->rel.err, SB_SQL_TYPE, from->expr->begin, from->expr->end,
                            "computed column \"%s\" has no type", from->name.text);
    }
    SB_TRY(sb_expr_clone(table->arena, expr, &to->expr, b->rel.err), b->rel.err);
    SB_TRY(sb_type_copy(table->arena, &expr->type, &to->type, b->rel.err), b->rel.err);
    return create_text(b, from->expr, text, table, &to->expr_text);
}

static sb_status
create_computed(sb_binder *b, const sb_ast_create_table *ast, const char *text,
                sb_catalog_table *out)
{
    sb_scope scope = {.no_aggs = "a computed column"};
    sb_status failed = SB_OK;

    SB_TRY(create_scope(b, out, false, &scope), b->rel.err);
    for (int32_t i = 0; i < ast->count_columns; i++) {
        const sb_ast_column *from = &ast->columns[i];

        if (from->kind == SB_AST_COLUMN_COMPUTED) {
            SB_KEEP(b, create_expr(b, &scope, from, text, out, &out->columns[i]), from->expr,
                    &failed);
        }
    }
    return sb_bind_settle(b, failed);
}

static int32_t
create_find(const sb_catalog_table *table, const char *name)
{
    for (int32_t i = 0; i < table->count_columns; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static sb_status
create_column_unknown(sb_binder *b, const sb_catalog_table *table, const sb_ast_name *name,
                      const char *what)
{
    const char *names[200] = {NULL};
    const char *nearest;
    int32_t count = 0;

    for (; count < table->count_columns && count < 200; count++) {
        names[count] = table->columns[count].name;
    }
    (void)sb_sql_error(b->rel.err, SB_SQL_COLUMN_UNKNOWN, name->begin, name->end,
                       "column \"%s\" of %s not found", name->text, what);
    nearest = sb_sql_nearest(name->text, names, count);
    if (nearest != NULL) {
        sb_error_hint(b->rel.err, "did you mean \"%s\"?", nearest);
    }
    return SB_STATUS_NOT_FOUND;
}

static sb_status
create_type_error(sb_binder *b, int32_t begin, int32_t end, const char *what, const sb_type *have,
                  const char *hint)
{
    sb_text text;

    sb_text_init(&text, sb_mem_root());
    sb_type_print(have, &text);
    (void)sb_sql_error(b->rel.err, SB_SQL_TIME_ATTRIBUTE, begin, end, "%s is %s", what, text.data);
    sb_error_hint(b->rel.err, "%s", hint);
    sb_text_deinit(&text);
    return SB_STATUS_SEMANTIC;
}

static sb_status
create_watermark(sb_binder *b, const sb_ast_create_table *ast, const char *text,
                 sb_catalog_table *out)
{
    sb_scope scope = {.no_aggs = "WATERMARK"};
    const sb_type *type;
    sb_expr *expr;
    int32_t column;

    if (ast->watermark == NULL) {
        return SB_OK;
    }
    column = create_find(out, ast->watermark_column.text);
    if (column < 0) {
        return create_column_unknown(b, out, &ast->watermark_column, "WATERMARK");
    }
    type = &out->columns[column].type;
    if (!sb_type_is_timestamp(type) || type->precision > 3) {
        return create_type_error(b, ast->watermark_column.begin, ast->watermark_column.end,
                                 "the column of WATERMARK", type,
                                 "event time is TIMESTAMP(3) or TIMESTAMP_LTZ(3)");
    }
    SB_TRY(create_scope(b, out, true, &scope), b->rel.err);
    if (ast->watermark->kind == SB_AST_CALL && ast->watermark->count_args == 0 &&
        strcmp(ast->watermark->name, "SOURCE_WATERMARK") == 0) {
        SB_TRY(sb_expr_call(out->arena, "SOURCE_WATERMARK", NULL, 0, &expr, b->rel.err),
               b->rel.err);
        expr->type = *type; /* whatever its column is */
    } else {
        SB_TRY(sb_bind_expr(b, &scope, ast->watermark, &expr), b->rel.err);
    }
    if (expr->type.id != type->id) {
        return create_type_error(
            b, ast->watermark->begin, ast->watermark->end, "the expression of WATERMARK",
            &expr->type, "it must have the type of its column, as in ts - INTERVAL '5' SECOND");
    }
    SB_TRY(sb_expr_clone(out->arena, expr, &out->watermark, b->rel.err), b->rel.err);
    out->watermark_column = column;
    return create_text(b, ast->watermark, text, out, &out->watermark_text);
}

static sb_status
create_column(sb_binder *b, const sb_ast_name *names, int32_t i, const char *what,
              const sb_catalog_table *out, int32_t *at)
{
    at[i] = create_find(out, names[i].text);
    if (at[i] < 0) {
        return create_column_unknown(b, out, &names[i], what);
    }
    if (out->columns[at[i]].kind != SB_AST_COLUMN_PHYSICAL) {
        return sb_sql_error(b->rel.err, SB_SQL_TABLE_DEFINITION, names[i].begin, names[i].end,
                            "column \"%s\" of %s is not a physical column", names[i].text, what);
    }
    for (int32_t j = 0; j < i; j++) {
        if (at[i] == at[j]) {
            return sb_sql_error(b->rel.err, SB_SQL_DUPLICATE, names[i].begin, names[i].end,
                                "column \"%s\" is in %s twice", names[i].text, what);
        }
    }
    return SB_OK;
}

/* Names to declared physical columns. */
static sb_status
create_columns(sb_binder *b, const sb_ast_name *names, int32_t count, const char *what,
               sb_catalog_table *out, sb_columns *columns)
{
    int32_t *at = SB_NEW_ARRAY(out->arena, int32_t, count + 1);
    sb_status failed = SB_OK;

    if (at == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < count; i++) {
        SB_KEEP(b, create_column(b, names, i, what, out, at), &names[i], &failed);
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    *columns = (sb_columns){.count = count, .at = at};
    return SB_OK;
}

static sb_status
create_options(sb_binder *b, const sb_options *from, sb_catalog_table *out)
{
    sb_status failed = SB_OK;

    out->options.at = SB_NEW_ARRAY(out->arena, sb_option, from->count + 1);
    if (out->options.at == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < from->count; i++) {
        sb_option *option = &out->options.at[i];
        int32_t begin = from->at[i].position, end = begin + (int32_t)strlen(from->at[i].key) + 2;

        for (int32_t j = 0; j < i; j++) {
            if (strcmp(from->at[i].key, from->at[j].key) == 0) {
                sb_status status = sb_sql_error(b->rel.err, SB_SQL_DUPLICATE, begin, end,
                                                "option '%s' is there twice", from->at[i].key);

                SB_TRY(sb_bind_keep(b, status, begin, end, &failed), b->rel.err);
            }
        }
        *option = (sb_option){.key = sb_arena_strdup(out->arena, from->at[i].key),
                              .value = sb_arena_strdup(out->arena, from->at[i].value),
                              .position = -1};
        if (option->key == NULL || option->value == NULL) {
            SB_NOMEM(b->rel.err);
        }
    }
    out->options.count = from->count;
    return sb_bind_settle(b, failed);
}

/* DISTRIBUTED BY: its columns are there; it is kept as text and has no effect on what runs. */
static sb_status
create_distribution(sb_binder *b, const sb_ast_create_table *ast, sb_catalog_table *out)
{
    sb_columns columns;
    sb_text text;

    if (!ast->distribution.is_set) {
        return SB_OK;
    }
    SB_TRY(create_columns(b, ast->distribution.columns, ast->distribution.count_columns,
                          "DISTRIBUTED BY", out, &columns),
           b->rel.err);
    sb_text_init(&text, sb_mem_root());
    sb_draft_print_distribution(&ast->distribution, &text);
    out->distribution = sb_arena_strdup(out->arena, text.data);
    sb_text_deinit(&text);
    if (out->distribution == NULL) {
        SB_NOMEM(b->rel.err);
    }
    return SB_OK;
}

static sb_status
create_enforced(sb_binder *b, const sb_ast_create_table *ast)
{
    if (ast->count_keys == 0 || !ast->enforced) {
        return SB_OK;
    }
    (void)sb_sql_error(b->rel.err, SB_SQL_TABLE_DEFINITION, ast->enforced_begin, ast->enforced_end,
                       "primary keys cannot be enforced: write NOT ENFORCED");
    sb_error_hint(b->rel.err,
                  "sabot does not check primary keys: write PRIMARY KEY (...) NOT ENFORCED");
    return SB_STATUS_SEMANTIC;
}

sb_status
sb_bind_create_table(sb_binder *b, const sb_ast_create_table *ast, const char *text,
                     sb_catalog_table *out)
{
    sb_status failed = SB_OK, computed = SB_OK;

    if (ast->count_columns > SB_REL_COLUMNS_MAX) {
        return sb_sql_error(b->rel.err, SB_SQL_TOO_DEEP, ast->name.begin, ast->name.end,
                            "more than %d columns", SB_REL_COLUMNS_MAX);
    }
    out->columns = SB_NEW_ARRAY(out->arena, sb_catalog_column, ast->count_columns + 1);
    if (out->columns == NULL) {
        SB_NOMEM(b->rel.err);
    }
    out->temporary = ast->temporary;
    SB_KEEP(b, create_enforced(b, ast), &ast->name, &failed);
    SB_KEEP(b, create_physical(b, ast, out), &ast->name, &failed);
    SB_KEEP(b, create_columns(b, ast->keys, ast->count_keys, "PRIMARY KEY", out, &out->keys),
            &ast->name, &failed);
    for (int32_t i = 0; i < out->keys.count; i++) {
        out->columns[out->keys.at[i]].type.nullable = false;
    }
    SB_KEEP(b, create_computed(b, ast, text, out), &ast->name, &computed);
    if (computed == SB_OK) { /* it may use all of them */
        SB_KEEP(b, create_watermark(b, ast, text, out), &ast->name, &failed);
    }
    SB_KEEP(b,
            create_columns(b, ast->partition, ast->count_partition, "PARTITIONED BY", out,
                           &out->partition),
            &ast->name, &failed);
    SB_KEEP(b, create_options(b, &ast->options, out), &ast->name, &failed);
    SB_KEEP(b, create_distribution(b, ast, out), &ast->name, &failed);
    SB_TRY(sb_bind_settle(b, failed != SB_OK ? failed : computed), b->rel.err);
    if (ast->comment != NULL) {
        out->comment = sb_arena_strdup(out->arena, ast->comment);
    }
    if (ast->constraint.text != NULL) {
        out->constraint = sb_arena_strdup(out->arena, ast->constraint.text);
    }
    return SB_OK;
}
