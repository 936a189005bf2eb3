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
    SB_TRY(sb_bind_ask(b, desc, path, NULL, out), b->rel.err);
    if (out->accepts == 0) {
        out->accepts = SB_ROWS_INSERT;
    }
    return SB_OK;
}

/* What INSERT INTO writes, in the order of declaration: the physical columns and the metadata
 * columns that are not VIRTUAL. */
typedef struct insert_targets {
    sb_schema columns; /* with the declared types */
    int32_t *place;    /* in what the sink gets: physical columns first */
    sb_schema sink;    /* that */
    int32_t count_metadata;
    sb_metadata_column *metadata; /* with the connector's types */
} insert_targets;

static sb_status
insert_add_metadata(sb_binder *b, const sb_ast_insert *insert, const sb_table_desc *desc,
                    const sb_catalog_column *column, sb_metadata_column *out)
{
    const sb_connector_info *info = b->rel.info;
    sb_type given;
    sb_expr *expr, *cast;

    if (info == NULL || info->metadata == NULL || desc->connector == NULL ||
        info->metadata(info->ctx, desc, column->metadata_key, true, &given, b->rel.err) != SB_OK) {
        if (info == NULL || info->metadata == NULL || desc->connector == NULL) {
            (void)sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, insert->table.begin,
                               insert->table.end, "not supported: metadata columns of \"%s\"",
                               desc->name);
        }
        sb_error_prefix(b->rel.err, "column \"%s\"", column->name);
        sb_sql_error_table(b->rel.err, desc->name);
        if (b->rel.err != NULL && b->rel.err->hint[0] == 0) {
            sb_error_hint(b->rel.err, "a column that is only read is declared METADATA VIRTUAL");
        }
        return sb_sql_error_place(b->rel.err, SB_SQL_OPTION, insert->table.begin,
                                  insert->table.end);
    }
    out->key = sb_arena_strdup(b->rel.arena, column->metadata_key);
    expr = sb_expr_column(b->rel.arena, 0, &column->type);
    if (out->key == NULL || expr == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_TRY(sb_type_copy(b->rel.arena, &given, &out->type, b->rel.err), b->rel.err);
    if (sb_expr_cast(b->rel.arena, expr, &given, false, &cast, b->rel.err) != SB_OK) {
        sb_error_prefix(b->rel.err, "metadata column \"%s\" of \"%s\"", column->name, desc->name);
        return sb_sql_error_place(b->rel.err, SB_SQL_TYPE, insert->table.begin, insert->table.end);
    }
    return SB_OK;
}

static sb_status
insert_find_targets(sb_binder *b, const sb_ast_insert *insert, const sb_catalog_table *table,
                    const sb_table_desc *desc, insert_targets *out)
{
    sb_field *fields = SB_NEW_ARRAY(b->rel.arena, sb_field, table->count_columns + 1);
    sb_field *sink = SB_NEW_ARRAY(b->rel.arena, sb_field, table->count_columns + 1);
    int32_t width = desc->columns->count, physical = 0;

    *out = (insert_targets){
        .place = SB_NEW_ARRAY(b->rel.arena, int32_t, table->count_columns + 1),
        .metadata = SB_NEW_ARRAY(b->rel.arena, sb_metadata_column, table->count_columns + 1)};
    if (fields == NULL || sink == NULL || out->place == NULL || out->metadata == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < table->count_columns; i++) {
        const sb_catalog_column *column = &table->columns[i];
        int32_t at = out->columns.count;

        if (column->kind == SB_AST_COLUMN_PHYSICAL) {
            fields[at] = sink[physical] = desc->columns->fields[physical];
            out->place[at] = physical++;
        } else if (column->kind == SB_AST_COLUMN_METADATA && !column->is_virtual) {
            sb_metadata_column *metadata = &out->metadata[out->count_metadata];

            SB_TRY(insert_add_metadata(b, insert, desc, column, metadata), b->rel.err);
            fields[at].name = sb_arena_strdup(b->rel.arena, column->name);
            if (fields[at].name == NULL) {
                SB_NOMEM(b->rel.err);
            }
            SB_TRY(sb_type_copy(b->rel.arena, &column->type, &fields[at].type, b->rel.err),
                   b->rel.err);
            out->place[at] = width + out->count_metadata++;
            sink[out->place[at]] = (sb_field){.name = fields[at].name, .type = metadata->type};
        } else {
            continue;
        }
        out->columns.count++;
    }
    out->columns.fields = fields;
    out->sink = (sb_schema){.count = width + out->count_metadata, .fields = sink};
    return SB_OK;
}

/* Column of a name in INSERT INTO t (a, b). */
static sb_status
insert_find_column(sb_binder *b, const sb_catalog_table *table, const insert_targets *targets,
                   const sb_ast_name *name, int32_t *out)
{
    const char *names[200] = {NULL};
    const char *nearest;
    int32_t count = 0;

    *out = sb_schema_find(&targets->columns, sb_str_of(name->text));
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
    for (; count < targets->columns.count && count < 200; count++) {
        names[count] = targets->columns.fields[count].name;
    }
    (void)sb_sql_error(b->rel.err, SB_SQL_COLUMN_UNKNOWN, name->begin, name->end,
                       "column \"%s\" not found in \"%s\"", name->text, table->name);
    nearest = sb_sql_nearest(name->text, names, count);
    if (nearest != NULL) {
        sb_error_hint(b->rel.err, "did you mean \"%s\"?", nearest);
    }
    return SB_STATUS_NOT_FOUND;
}

static sb_status
insert_column(sb_binder *b, const sb_ast_insert *insert, const sb_catalog_table *table,
              const insert_targets *targets, int32_t i, int32_t *from)
{
    int32_t column;

    SB_TRY(insert_find_column(b, table, targets, &insert->columns[i], &column), b->rel.err);
    if (from[column] >= 0) {
        return sb_sql_error(b->rel.err, SB_SQL_DUPLICATE, insert->columns[i].begin,
                            insert->columns[i].end, "column \"%s\" is there twice",
                            insert->columns[i].text);
    }
    from[column] = i;
    return SB_OK;
}

/* from[i]: column of the query for target i, or -1. */
static sb_status
insert_columns(sb_binder *b, const sb_ast_insert *insert, const sb_catalog_table *table,
               const insert_targets *targets, int32_t *from)
{
    const sb_schema *columns = &targets->columns;
    sb_status failed = SB_OK;

    for (int32_t i = 0; i < columns->count; i++) {
        from[i] = insert->count_columns > 0 ? -1 : i;
    }
    for (int32_t i = 0; i < insert->count_columns; i++) {
        SB_KEEP(b, insert_column(b, insert, table, targets, i, from), &insert->columns[i], &failed);
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err); /* the wrong name may stand for what is left */
    for (int32_t i = 0; i < columns->count; i++) {
        if (from[i] < 0 && !columns->fields[i].type.nullable) {
            int32_t begin = insert->columns[0].begin;
            int32_t end = insert->columns[insert->count_columns - 1].end;
            sb_status status = sb_sql_error(b->rel.err, SB_SQL_NOT_WRITABLE, begin, end,
                                            "column \"%s\" of \"%s\" is NOT NULL and gets no value",
                                            columns->fields[i].name, table->name);

            SB_TRY(sb_bind_keep(b, status, begin, end, &failed), b->rel.err);
        }
    }
    return sb_bind_settle(b, failed);
}

static sb_status
insert_count(sb_binder *b, const sb_ast_insert *insert, const sb_catalog_table *table,
             const insert_targets *targets, const sb_rel *query)
{
    int32_t wanted = insert->count_columns > 0 ? insert->count_columns : targets->columns.count;

    return query->schema.count == wanted
               ? SB_OK
               : sb_sql_error(
                     b->rel.err, SB_SQL_COLUMN_COUNT, insert->query->begin, insert->query->end,
                     "the query gives %d column%s, table \"%s\" takes %d", query->schema.count,
                     query->schema.count == 1 ? "" : "s", table->name, wanted);
}

static sb_status
insert_type_error(sb_binder *b, const sb_ast_insert *insert, const sb_table_desc *desc,
                  const sb_field *column, const sb_rel *query, int32_t from)
{
    sb_text have, want;
    const sb_ast_query *ast = insert->query;
    int32_t begin = ast->begin, end = ast->end;

    sb_text_init(&have, sb_mem_root());
    sb_text_init(&want, sb_mem_root());
    sb_type_print(&query->schema.fields[from].type, &have);
    sb_type_print(&column->type, &want);
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
                       have.data, column->name, desc->name, want.data);
    sb_error_hint(b->rel.err, "CAST(... AS %s)", want.data);
    sb_text_deinit(&have);
    sb_text_deinit(&want);
    return SB_STATUS_SEMANTIC;
}

/* The column of the query as the declared type; metadata then as the connector's. */
static sb_status
insert_expr(sb_binder *b, const sb_ast_insert *insert, const sb_table_desc *desc,
            const insert_targets *targets, int32_t target, int32_t from, const sb_rel *query,
            sb_expr **out)
{
    const sb_field *column = &targets->columns.fields[target];
    int32_t metadata = targets->place[target] - desc->columns->count;
    sb_type type = column->type;

    *out = from < 0 ? sb_expr_null(b->rel.arena, &type)
                    : sb_expr_column(b->rel.arena, from, &query->schema.fields[from].type);
    if (*out == NULL) {
        SB_NOMEM(b->rel.err);
    }
    type.nullable = (*out)->type.nullable;
    if (from >= 0 && !sb_type_equal(&type, &(*out)->type) &&
        sb_expr_coerce(b->rel.arena, *out, &type, out, b->rel.err) != SB_OK) {
        return insert_type_error(b, insert, desc, column, query, from);
    }
    if (metadata < 0) {
        return SB_OK;
    }
    type = targets->metadata[metadata].type;
    type.nullable = (*out)->type.nullable;
    return sb_type_equal(&type, &(*out)->type)
               ? SB_OK
               : sb_expr_cast(b->rel.arena, *out, &type, false, out, b->rel.err);
}

static sb_status
insert_calc(sb_binder *b, const sb_ast_insert *insert, const sb_table_desc *desc,
            const insert_targets *targets, const int32_t *from, sb_rel *query, sb_rel **out)
{
    int32_t width = targets->columns.count;
    sb_status failed = SB_OK;
    sb_expr **exprs = SB_NEW_ARRAY(b->rel.arena, sb_expr *, width + 1);
    const char **names = SB_NEW_ARRAY(b->rel.arena, const char *, width + 1);

    if (exprs == NULL || names == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < width; i++) {
        int32_t at = targets->place[i];

        names[at] = targets->columns.fields[i].name;
        SB_KEEP(b, insert_expr(b, insert, desc, targets, i, from[i], query, &exprs[at]),
                insert->query, &failed);
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    return sb_rel_calc(&b->rel, query, NULL, exprs, names, width, out);
}

/* What the table's rows cannot do without. */
static sb_status
insert_check_metadata(sb_binder *b, const sb_ast_insert *insert, const insert_targets *targets,
                      const sb_rel *sink)
{
    const char *needs = sink->sink_info.needs_metadata;

    for (int32_t i = 0; i < targets->count_metadata && needs != NULL; i++) {
        if (strcmp(targets->metadata[i].key, needs) == 0) {
            needs = NULL;
        }
    }
    if (needs == NULL) {
        return SB_OK;
    }
    (void)sb_sql_error(b->rel.err, SB_SQL_TABLE_DEFINITION, insert->table.begin, insert->table.end,
                       "table \"%s\" has no column that writes the metadata '%s', which says where "
                       "a row goes",
                       sink->sink->name, needs);
    sb_error_hint(b->rel.err, "declare it: `%s` STRING NOT NULL METADATA", needs);
    return SB_STATUS_SEMANTIC;
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

/* The table to write to. */
static sb_status
insert_table(sb_binder *b, const sb_ast_insert *insert, const sb_catalog_table **out)
{
    sb_catalog_id id;

    if (b->created != NULL) {
        *out = b->created;
        return SB_OK;
    }
    SB_TRY(sb_catalog_resolve(b->catalog, &insert->table, &id, b->rel.err), b->rel.err);
    *out = sb_catalog_find(b->catalog, &id);
    if (*out == NULL) {
        return sb_catalog_unknown(b->catalog, &id, insert->table.begin, insert->table.end,
                                  b->rel.err);
    }
    if ((*out)->is_view) {
        return sb_sql_error(b->rel.err, SB_SQL_NOT_WRITABLE, insert->table.begin, insert->table.end,
                            "\"%s\" is a view and cannot be written to", id.name);
    }
    return SB_OK;
}

/* What can be said of the table without the query. */
static sb_status
insert_target(sb_binder *b, const sb_ast_insert *insert, const sb_catalog_table *table,
              sb_table_desc *desc, insert_targets *targets, int32_t *from)
{
    SB_TRY(sb_bind_table_desc(b, table, &insert->hints, desc, NULL), b->rel.err);
    SB_TRY(insert_find_targets(b, insert, table, desc, targets), b->rel.err);
    return insert_columns(b, insert, table, targets, from);
}

/* The sink over what the query gives. */
static sb_status
insert_sink(sb_binder *b, const sb_ast_insert *insert, const sb_table_desc *desc,
            const insert_targets *targets, sb_rel *query, sb_rel **out)
{
    sb_status failed = SB_OK;
    sb_rel *sink;

    SB_TRY(sb_rel_new(&b->rel, SB_REL_SINK, &query, query != NULL, &sink), b->rel.err);
    SB_KEEP(b, insert_sink_info(b, &insert->table, desc, &sink->sink_info), &insert->table,
            &failed);
    SB_KEEP(b, insert_parallelism(b, insert, desc, &sink->sink_parallelism), &insert->table,
            &failed);
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    sink->sink = desc;
    SB_TRY(insert_check_metadata(b, insert, targets, sink), b->rel.err);
    sink->sink_columns = &targets->sink;
    sink->count_sink_metadata = targets->count_metadata;
    sink->sink_metadata = targets->metadata;
    sink->begin = insert->table.begin;
    sink->end = insert->table.end;
    *out = sink;
    return SB_OK;
}

sb_status
sb_bind_insert(sb_binder *b, const sb_ast_insert *insert, sb_rel **out)
{
    sb_table_desc *desc = SB_NEW(b->rel.arena, sb_table_desc);
    insert_targets *targets = SB_NEW(b->rel.arena, insert_targets);
    const sb_catalog_table *table = NULL;
    sb_status failed = SB_OK, of_query = SB_OK;
    sb_rel *query = NULL, *sink = NULL;
    int32_t *from = NULL;

    SB_KEEP(b, insert_table(b, insert, &table), &insert->table, &failed);
    if (failed == SB_OK) {
        from = SB_NEW_ARRAY(b->rel.arena, int32_t, table->count_columns + 1);
        if (desc == NULL || from == NULL || targets == NULL) {
            SB_NOMEM(b->rel.err);
        }
        SB_KEEP(b, insert_target(b, insert, table, desc, targets, from), &insert->table, &failed);
    }
    SB_KEEP(b, sb_bind_query(b, insert->query, &query), insert->query, &of_query);
    if (failed == SB_OK && of_query == SB_OK) {
        SB_KEEP(b, insert_count(b, insert, table, targets, query), insert->query, &of_query);
    }
    if (failed == SB_OK && of_query == SB_OK) {
        SB_KEEP(b, insert_calc(b, insert, desc, targets, from, query, &query), insert->query,
                &of_query);
    }
    if (failed ==
        SB_OK) { /* also when the query has failed: what the connector says of the table */
        SB_KEEP(b, insert_sink(b, insert, desc, targets, query, &sink), &insert->table, &failed);
    }
    SB_TRY(sb_bind_settle(b, failed != SB_OK ? failed : of_query), b->rel.err);
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
    sink->sink_columns = desc->columns;
    sink->collect = true;
    sink->sink_info = (sb_sink_info){.accepts = SB_ROWS_ALL};
    sink->begin = query->begin;
    sink->end = query->end;
    SB_TRY(sb_rel_derive(&b->rel, sink), b->rel.err);
    *out = sink;
    return SB_OK;
}
