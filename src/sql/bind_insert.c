/*
 * sql/bind_insert.c -- INSERT INTO, and the sink of a SELECT.
 *
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "sql/bind.h"

static sb_status
insert_sink_info(sb_binder *b, const sb_ast_path *path, const sb_table_desc *desc,
                 sb_sink_info *out)
{
    const sb_connector_info *info = b->rel.info;

    *out = (sb_sink_info){0};
    if (desc->connector == NULL) {
        (void)sb_sql_error(b->rel.err, SB_SQL_OPTION, path->begin, path->end,
                           "table \"%s\" has no option 'connector'", desc->name);
        sb_error_hint(b->rel.err, "CREATE TABLE ... WITH ('connector' = '...')");
        return SB_STATUS_INVALID;
    }
    if (info == NULL || info->sink_info == NULL) {
        return sb_sql_error(b->rel.err, SB_SQL_CONNECTOR, path->begin, path->end,
                            "no connector can be written to here");
    }
    if (info->sink_info(info->ctx, desc, out, b->rel.err) != SB_OK) {
        sb_sql_code code = b->rel.err != NULL && b->rel.err->status == SB_STATUS_NOT_FOUND
                               ? SB_SQL_CONNECTOR
                               : SB_SQL_OPTION;

        sb_sql_error_table(b->rel.err, desc->name);
        return sb_sql_error_place(b->rel.err, code, path->begin, path->end);
    }
    if (out->accepts == 0) {
        out->accepts = SB_ROWS_INSERT;
    }
    return SB_OK;
}

/* Physical column of a name in INSERT INTO t (a, b). */
static sb_status
insert_find_column(sb_binder *b, const sb_catalog_table *table, const sb_table_desc *desc,
                   const sb_ast_name *name, int32_t *out)
{
    const char *names[200] = {NULL};
    const char *nearest;
    int32_t count = 0;

    *out = sb_schema_find(desc->columns, sb_str_of(name->text));
    if (*out >= 0) {
        return SB_OK;
    }
    for (int32_t i = 0; i < table->count_columns; i++) {
        if (strcmp(table->columns[i].name, name->text) == 0) {
            return sb_sql_error(
                b->rel.err, SB_SQL_NOT_WRITABLE, name->begin, name->end,
                "column \"%s\" of \"%s\" cannot be written to: it is %s", name->text, table->name,
                table->columns[i].kind == SB_AST_COLUMN_COMPUTED ? "computed" : "metadata");
        }
    }
    for (; count < desc->columns->count && count < 200; count++) {
        names[count] = desc->columns->fields[count].name;
    }
    (void)sb_sql_error(b->rel.err, SB_SQL_COLUMN_UNKNOWN, name->begin, name->end,
                       "column \"%s\" not found in \"%s\"", name->text, table->name);
    nearest = sb_sql_nearest(name->text, names, count);
    if (nearest != NULL) {
        sb_error_hint(b->rel.err, "did you mean \"%s\"?", nearest);
    }
    return SB_STATUS_NOT_FOUND;
}

/* from[i]: column of the query for physical column i, or -1. */
static sb_status
insert_columns(sb_binder *b, const sb_ast_insert *insert, const sb_catalog_table *table,
               const sb_table_desc *desc, const sb_rel *query, int32_t *from)
{
    int32_t width = desc->columns->count;
    int32_t wanted = insert->count_columns > 0 ? insert->count_columns : width;

    if (query->schema.count != wanted) {
        (void)sb_sql_error(b->rel.err, SB_SQL_COLUMN_COUNT, insert->query->begin,
                           insert->query->end, "the query gives %d column%s, table \"%s\" takes %d",
                           query->schema.count, query->schema.count == 1 ? "" : "s", table->name,
                           wanted);
        return SB_STATUS_SEMANTIC;
    }
    for (int32_t i = 0; i < width; i++) {
        from[i] = insert->count_columns > 0 ? -1 : i;
    }
    for (int32_t i = 0; i < insert->count_columns; i++) {
        int32_t column;

        SB_TRY(insert_find_column(b, table, desc, &insert->columns[i], &column), b->rel.err);
        if (from[column] >= 0) {
            return sb_sql_error(b->rel.err, SB_SQL_DUPLICATE, insert->columns[i].begin,
                                insert->columns[i].end, "column \"%s\" is there twice",
                                insert->columns[i].text);
        }
        from[column] = i;
    }
    for (int32_t i = 0; i < width; i++) {
        if (from[i] < 0 && !desc->columns->fields[i].type.nullable) {
            return sb_sql_error(b->rel.err, SB_SQL_NOT_WRITABLE, insert->columns[0].begin,
                                insert->columns[insert->count_columns - 1].end,
                                "column \"%s\" of \"%s\" is NOT NULL and gets no value",
                                desc->columns->fields[i].name, table->name);
        }
    }
    return SB_OK;
}

static sb_status
insert_type_error(sb_binder *b, const sb_ast_insert *insert, const sb_table_desc *desc,
                  int32_t column, const sb_rel *query, int32_t from)
{
    sb_text have, want;
    const sb_ast_query *ast = insert->query;
    int32_t begin = ast->begin, end = ast->end;

    sb_text_init(&have, sb_mem_root());
    sb_text_init(&want, sb_mem_root());
    sb_type_print(&query->schema.fields[from].type, &have);
    sb_type_print(&desc->columns->fields[column].type, &want);
    if (ast->kind == SB_AST_SELECT && ast->count_items == query->schema.count &&
        from < ast->count_items) {
        bool star = false;

        for (int32_t i = 0; i < ast->count_items; i++) {
            star |= ast->items[i].expr->kind == SB_AST_STAR ||
                    ast->items[i].expr->kind == SB_AST_ROW_STAR;
        }
        if (!star) {
            begin = ast->items[from].expr->begin;
            end = ast->items[from].expr->end;
        }
    }
    (void)sb_sql_error(b->rel.err, SB_SQL_TYPE, begin, end,
                       "column %d of the query is %s, column \"%s\" of \"%s\" is %s", from + 1,
                       have.data, desc->columns->fields[column].name, desc->name, want.data);
    sb_error_hint(b->rel.err, "CAST(... AS %s)", want.data);
    sb_text_deinit(&have);
    sb_text_deinit(&want);
    return SB_STATUS_SEMANTIC;
}

static sb_status
insert_calc(sb_binder *b, const sb_ast_insert *insert, const sb_table_desc *desc,
            const int32_t *from, sb_rel *query, sb_rel **out)
{
    int32_t width = desc->columns->count;
    sb_expr **exprs = SB_NEW_ARRAY(b->rel.arena, sb_expr *, width + 1);
    const char **names = SB_NEW_ARRAY(b->rel.arena, const char *, width + 1);

    if (exprs == NULL || names == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < width; i++) {
        sb_type type = desc->columns->fields[i].type;

        names[i] = desc->columns->fields[i].name;
        if (from[i] < 0) {
            exprs[i] = sb_expr_null(b->rel.arena, &type);
        } else {
            exprs[i] = sb_expr_column(b->rel.arena, from[i], &query->schema.fields[from[i]].type);
        }
        if (exprs[i] == NULL) {
            SB_NOMEM(b->rel.err);
        }
        type.nullable = exprs[i]->type.nullable;
        if (from[i] >= 0 && !sb_type_equal(&type, &exprs[i]->type) &&
            sb_expr_coerce(b->rel.arena, exprs[i], &type, &exprs[i], b->rel.err) != SB_OK) {
            return insert_type_error(b, insert, desc, i, query, from[i]);
        }
    }
    return sb_rel_calc(&b->rel, query, NULL, exprs, names, width, out);
}

static sb_status
insert_check_metadata(sb_binder *b, const sb_ast_insert *insert, const sb_catalog_table *table)
{
    for (int32_t i = 0; i < table->count_columns; i++) {
        if (table->columns[i].kind == SB_AST_COLUMN_METADATA && !table->columns[i].is_virtual) {
            (void)sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, insert->table.begin,
                               insert->table.end,
                               "not supported: writing metadata column \"%s\" of \"%s\"",
                               table->columns[i].name, table->name);
            sb_error_hint(b->rel.err, "declare it METADATA VIRTUAL");
            return SB_STATUS_NOT_SUPPORTED;
        }
    }
    return SB_OK;
}

static sb_status
insert_parallelism(sb_binder *b, const sb_ast_insert *insert, const sb_table_desc *desc,
                   int32_t *out)
{
    const char *text = sb_options_get(&desc->options, "sink.parallelism");
    int64_t value = 0;

    if (text != NULL && !sb_parse_int(text, 1, 32768, &value)) {
        return sb_sql_error(b->rel.err, SB_SQL_OPTION, insert->table.begin, insert->table.end,
                            "option 'sink.parallelism' of \"%s\" cannot be '%s'", desc->name, text);
    }
    *out = (int32_t)value;
    return SB_OK;
}

sb_status
sb_bind_insert(sb_binder *b, const sb_ast_insert *insert, sb_rel **out)
{
    sb_table_desc *desc = SB_NEW(b->rel.arena, sb_table_desc);
    const sb_catalog_table *table;
    sb_catalog_id id;
    sb_rel *query, *sink;
    int32_t *from;

    SB_TRY(sb_catalog_resolve(b->catalog, &insert->table, &id, b->rel.err), b->rel.err);
    table = sb_catalog_find(b->catalog, &id);
    if (table == NULL) {
        return sb_catalog_unknown(b->catalog, &id, insert->table.begin, insert->table.end,
                                  b->rel.err);
    }
    if (table->is_view) {
        return sb_sql_error(b->rel.err, SB_SQL_NOT_WRITABLE, insert->table.begin, insert->table.end,
                            "\"%s\" is a view and cannot be written to", id.name);
    }
    if (desc == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_TRY(insert_check_metadata(b, insert, table), b->rel.err);
    SB_TRY(sb_bind_table_desc(b, table, &insert->hints, desc, NULL), b->rel.err);
    SB_TRY(sb_bind_query(b, insert->query, &query), b->rel.err);
    from = SB_NEW_ARRAY(b->rel.arena, int32_t, desc->columns->count + 1);
    if (from == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_TRY(insert_columns(b, insert, table, desc, query, from), b->rel.err);
    SB_TRY(insert_calc(b, insert, desc, from, query, &query), b->rel.err);
    SB_TRY(sb_rel_new(&b->rel, SB_REL_SINK, &query, 1, &sink), b->rel.err);
    SB_TRY(insert_sink_info(b, &insert->table, desc, &sink->sink_info), b->rel.err);
    SB_TRY(insert_parallelism(b, insert, desc, &sink->sink_parallelism), b->rel.err);
    sink->sink = desc;
    sink->begin = insert->table.begin;
    sink->end = insert->table.end;
    SB_TRY(sb_rel_derive(&b->rel, sink), b->rel.err);
    *out = sink;
    return SB_OK;
}

sb_status
sb_bind_collect(sb_binder *b, const sb_ast_query *query, sb_rel **out)
{
    sb_table_desc *desc = SB_NEW(b->rel.arena, sb_table_desc);
    sb_rel *rel, *sink;

    SB_TRY(sb_bind_query(b, query, &rel), b->rel.err);
    SB_TRY(sb_rel_new(&b->rel, SB_REL_SINK, &rel, 1, &sink), b->rel.err);
    if (desc == NULL) {
        SB_NOMEM(b->rel.err);
    }
    desc->name = "collect";
    desc->columns = sb_arena_memdup(b->rel.arena, &rel->schema,
                                    sizeof(rel->schema)); /* names as the query gives them */
    if (desc->columns == NULL) {
        SB_NOMEM(b->rel.err);
    }
    sink->sink = desc;
    sink->collect = true;
    sink->sink_info = (sb_sink_info){.accepts = SB_ROWS_ALL};
    sink->begin = query->begin;
    sink->end = query->end;
    SB_TRY(sb_rel_derive(&b->rel, sink), b->rel.err);
    *out = sink;
    return SB_OK;
}
