/*
 * sql/bind_table.c -- a catalogue table as a statement reads or writes it.
 *
 * DESIGN     Everything is copied into the arena of the plan, so that the plan stands when the
 *            table is dropped. Options of a hint come behind those of the table and win.
 *            Connector and format are asked here, once per table and hints.
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "sql/bind.h"

static sb_status
table_copy_options(sb_binder *b, const sb_catalog_table *table, const sb_options *hints,
                   sb_options *out)
{
    int32_t count = 0;

    if (hints->count > 0 &&
        !sb_config_bool(b->config, "table.dynamic-table-options.enabled", true)) {
        int32_t begin = hints->at[0].position;

        (void)sb_sql_error(b->rel.err, SB_SQL_OPTION, begin, begin + 1,
                           "OPTIONS hint, but option 'table.dynamic-table-options.enabled' is "
                           "'false'");
        sb_error_hint(b->rel.err, "leave the hint out or SET the option to 'true'");
        return SB_STATUS_INVALID;
    }
    out->at = SB_NEW_ARRAY(b->rel.arena, sb_option, table->options.count + hints->count + 1);
    if (out->at == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int round = 0; round < 2; round++) {
        const sb_options *from = round == 0 ? &table->options : hints;

        for (int32_t i = 0; i < from->count; i++) {
            sb_option option = {.key = sb_arena_strdup(b->rel.arena, from->at[i].key),
                                .value = sb_arena_strdup(b->rel.arena, from->at[i].value),
                                .position = round == 0 ? -1 : from->at[i].position};
            int32_t at = 0;

            if (option.key == NULL || option.value == NULL) {
                SB_NOMEM(b->rel.err);
            }
            while (at < count && strcmp(out->at[at].key, option.key) != 0) {
                at++;
            }
            out->at[at] = option;
            count += at == count;
        }
    }
    out->count = count;
    return SB_OK;
}

sb_status
sb_bind_table_desc(sb_binder *b, const sb_catalog_table *table, const sb_options *hints,
                   sb_table_desc *out, int32_t *out_columns)
{
    sb_field *fields = SB_NEW_ARRAY(b->rel.arena, sb_field, table->count_columns + 1);
    int32_t *physical = SB_NEW_ARRAY(b->rel.arena, int32_t, table->count_columns + 1);
    int32_t *keys = SB_NEW_ARRAY(b->rel.arena, int32_t, table->keys.count + 1);
    int32_t *partition = SB_NEW_ARRAY(b->rel.arena, int32_t, table->partition.count + 1);
    sb_schema *schema = SB_NEW(b->rel.arena, sb_schema);

    bool plain = strcmp(table->catalog, SB_CATALOG_NAME) == 0 &&
                 strcmp(table->database, SB_DATABASE_NAME) == 0;

    *out = (sb_table_desc){.name = plain ? sb_arena_strdup(b->rel.arena, table->name)
                                         : sb_arena_printf(b->rel.arena, "%s.%s.%s", table->catalog,
                                                           table->database, table->name)};
    if (fields == NULL || physical == NULL || keys == NULL || partition == NULL || schema == NULL ||
        out->name == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < table->count_columns; i++) {
        physical[i] = -1;
        if (table->columns[i].kind == SB_AST_COLUMN_PHYSICAL) {
            physical[i] = schema->count++;
            fields[physical[i]].name = sb_arena_strdup(b->rel.arena, table->columns[i].name);
            if (fields[physical[i]].name == NULL) {
                SB_NOMEM(b->rel.err);
            }
            SB_TRY(sb_type_copy(b->rel.arena, &table->columns[i].type, &fields[physical[i]].type,
                                b->rel.err),
                   b->rel.err);
        }
    }
    schema->fields = fields;
    out->columns = schema;
    for (int32_t i = 0; i < table->keys.count; i++) {
        keys[i] = physical[table->keys.at[i]];
    }
    out->primary_key = (sb_columns){.count = table->keys.count, .at = keys};
    for (int32_t i = 0; i < table->partition.count; i++) {
        partition[i] = physical[table->partition.at[i]];
    }
    out->count_partition = table->partition.count;
    out->partition = partition;
    SB_TRY(table_copy_options(b, table, hints, &out->options), b->rel.err);
    out->connector = sb_options_get(&out->options, "connector");
    if (out_columns != NULL) {
        memcpy(out_columns, physical, sizeof(int32_t) * (size_t)table->count_columns);
    }
    return SB_OK;
}

static sb_status
table_copy_column(sb_binder *b, const sb_catalog_column *from, sb_catalog_column *to)
{
    *to = *from;
    to->name = sb_arena_strdup(b->rel.arena, from->name);
    if (to->name == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_TRY(sb_type_copy(b->rel.arena, &from->type, &to->type, b->rel.err), b->rel.err);
    if (from->metadata_key != NULL) {
        to->metadata_key = sb_arena_strdup(b->rel.arena, from->metadata_key);
        if (to->metadata_key == NULL) {
            SB_NOMEM(b->rel.err);
        }
    }
    return from->expr != NULL ? sb_expr_clone(b->rel.arena, from->expr, &to->expr, b->rel.err)
                              : SB_OK;
}

static sb_status
table_copy(sb_binder *b, const sb_catalog_table *table, sb_catalog_table **out)
{
    sb_catalog_table *copy = sb_arena_memdup(b->rel.arena, table, sizeof(*table));

    if (copy == NULL) {
        SB_NOMEM(b->rel.err);
    }
    copy->next = NULL;
    copy->arena = NULL;
    copy->name = sb_arena_strdup(b->rel.arena, table->name);
    copy->columns = SB_NEW_ARRAY(b->rel.arena, sb_catalog_column, table->count_columns + 1);
    copy->keys = sb_columns_of(b->rel.arena, table->keys.at, table->keys.count);
    if (copy->name == NULL || copy->columns == NULL ||
        (copy->keys.count > 0 && copy->keys.at == NULL)) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < table->count_columns; i++) {
        SB_TRY(table_copy_column(b, &table->columns[i], &copy->columns[i]), b->rel.err);
    }
    if (table->watermark != NULL) {
        SB_TRY(sb_expr_clone(b->rel.arena, table->watermark, &copy->watermark, b->rel.err),
               b->rel.err);
    }
    *out = copy;
    return SB_OK;
}

/* What the connector gives for each metadata column, and that it can be cast to the declared type.
 */
static sb_status
table_metadata(sb_binder *b, sb_rel_table *table, const sb_ast_path *path)
{
    const sb_connector_info *info = b->rel.info;
    const sb_catalog_table *catalog = table->catalog;

    table->metadata_types = SB_NEW_ARRAY(b->rel.arena, sb_type, catalog->count_columns + 1);
    if (table->metadata_types == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < catalog->count_columns; i++) {
        const sb_catalog_column *column = &catalog->columns[i];
        sb_type given;
        sb_expr *expr, *cast;

        if (column->kind != SB_AST_COLUMN_METADATA) {
            continue;
        }
        if (info == NULL || info->metadata == NULL) {
            return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, path->begin, path->end,
                                "not supported: metadata columns of \"%s\"", table->desc.name);
        }
        if (info->metadata(info->ctx, &table->desc, column->metadata_key, false, &given,
                           b->rel.err) != SB_OK) {
            sb_sql_error_table(b->rel.err, table->desc.name);
            return sb_sql_error_place(b->rel.err, SB_SQL_OPTION, path->begin, path->end);
        }
        SB_TRY(sb_type_copy(b->rel.arena, &given, &table->metadata_types[i], b->rel.err),
               b->rel.err);
        expr = sb_expr_column(b->rel.arena, 0, &given);
        if (expr == NULL) {
            SB_NOMEM(b->rel.err);
        }
        if (sb_expr_cast(b->rel.arena, expr, &column->type, false, &cast, b->rel.err) != SB_OK) {
            sb_error_prefix(b->rel.err, "metadata column \"%s\" of \"%s\"", column->name,
                            table->desc.name);
            return sb_sql_error_place(b->rel.err, SB_SQL_TYPE, path->begin, path->end);
        }
    }
    return SB_OK;
}

static sb_status
table_ask_source(sb_binder *b, sb_rel_table *table, const sb_ast_path *path)
{
    const sb_connector_info *info = b->rel.info;

    if (table->desc.connector == NULL) {
        (void)sb_sql_error(b->rel.err, SB_SQL_OPTION, path->begin, path->end,
                           "table \"%s\" has no option 'connector'", table->desc.name);
        sb_error_hint(b->rel.err, "CREATE TABLE ... WITH ('connector' = '...')");
        return SB_STATUS_INVALID;
    }
    if (info == NULL || info->source_info == NULL) {
        return sb_sql_error(b->rel.err, SB_SQL_CONNECTOR, path->begin, path->end,
                            "no connector can be read here");
    }
    SB_TRY(sb_bind_ask(b, &table->desc, path, &table->source, NULL), b->rel.err);
    if (table->source.row_ops == 0) {
        table->source.row_ops = SB_ROWS_INSERT;
    }
    return table_metadata(b, table, path);
}

/* Upsert sources (updates without -U) need their key; the rest of the changelog is made from it. */
static sb_status
table_check_changes(sb_binder *b, sb_rel_table *table, const sb_ast_path *path)
{
    uint8_t ops = table->source.row_ops;
    bool updates = (ops & SB_ROW_BIT(SB_ROW_UPDATE_AFTER)) != 0;
    bool before = (ops & SB_ROW_BIT(SB_ROW_UPDATE_BEFORE)) != 0;

    table->normalize = (updates && !before) ||
                       (table->source.delete_by_key && (ops & SB_ROW_BIT(SB_ROW_DELETE)) != 0);
    if (ops != SB_ROWS_INSERT &&
        sb_config_bool(b->config, "table.exec.source.cdc-events-duplicate", false)) {
        table->normalize = true;
    }
    if (table->normalize && table->desc.primary_key.count == 0) {
        (void)sb_sql_error(b->rel.err, SB_SQL_TABLE_DEFINITION, path->begin, path->end,
                           "table \"%s\" is an upsert source and has no primary key",
                           table->desc.name);
        sb_error_hint(b->rel.err, "declare PRIMARY KEY (...) NOT ENFORCED in CREATE TABLE");
        return SB_STATUS_SEMANTIC;
    }
    return SB_OK;
}

static const char *
table_key(sb_binder *b, const sb_table_desc *desc)
{
    const char *key = desc->name;

    for (int32_t i = 0; i < desc->options.count && key != NULL; i++) {
        key = sb_arena_printf(b->rel.arena, "%s\n%s=%s", key, desc->options.at[i].key,
                              desc->options.at[i].value);
    }
    return key;
}

static sb_status
table_scan(sb_binder *b, sb_rel_table *table, const sb_ast_path *path, sb_rel **out)
{
    const sb_catalog_table *catalog = table->catalog;
    int32_t count = catalog->count_columns;
    sb_field *fields = SB_NEW_ARRAY(b->rel.arena, sb_field, count + 1);
    sb_rel *rel;

    SB_TRY(sb_rel_new(&b->rel, SB_REL_SCAN, NULL, 0, &rel), b->rel.err);
    rel->time = SB_NEW_ARRAY(b->rel.arena, uint8_t, count + 1);
    rel->props = SB_NEW_ARRAY(b->rel.arena, uint8_t, count + 1);
    if (fields == NULL || rel->time == NULL || rel->props == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < count; i++) {
        fields[i] = (sb_field){.name = catalog->columns[i].name, .type = catalog->columns[i].type};
        if (catalog->columns[i].expr != NULL &&
            sb_expr_is_call(catalog->columns[i].expr, "PROCTIME")) {
            rel->time[i] = SB_TIME_PROCESSING;
        }
    }
    if (catalog->watermark_column >= 0) {
        rel->time[catalog->watermark_column] = SB_TIME_EVENT;
    }
    rel->schema = (sb_schema){.count = count, .fields = fields};
    rel->table = table;
    rel->begin = path->begin;
    rel->end = path->end;
    *out = rel;
    return SB_OK;
}

sb_status
sb_bind_table(sb_binder *b, const sb_ast_path *path, const sb_options *hints, sb_rel **out)
{
    const sb_catalog_table *entry;
    sb_catalog_id id;

    SB_TRY(sb_catalog_resolve(b->catalog, path, &id, b->rel.err), b->rel.err);
    entry = sb_catalog_find(b->catalog, &id);
    sb_assert(entry != NULL && !entry->is_view);
    return sb_bind_entry(b, entry, path, hints, out);
}

sb_status
sb_bind_entry(sb_binder *b, const sb_catalog_table *entry, const sb_ast_path *path,
              const sb_options *hints, sb_rel **out)
{
    sb_catalog_table *copy = NULL;
    sb_rel_table *table = SB_NEW(b->rel.arena, sb_rel_table);
    sb_status failed = SB_OK;

    if (table == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_TRY(sb_bind_table_desc(b, entry, hints, &table->desc, NULL), b->rel.err);
    table->key = table_key(b, &table->desc);
    if (table->key == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (sb_rel_table *old = b->rel.tables; old != NULL; old = old->next) {
        if (strcmp(old->key, table->key) == 0) {
            return table_scan(b, old, path, out);
        }
    }
    SB_TRY(table_copy(b, entry, &copy), b->rel.err);
    table->catalog = copy;
    table->begin = path->begin;
    table->end = path->end;
    table->used = SB_NEW_ARRAY(b->rel.arena, uint8_t, copy->count_columns + 1);
    if (table->used == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_KEEP(b, table_ask_source(b, table, path), path, &failed);
    if (failed != SB_OK) { /* its columns are there all the same */
        table->source = (sb_source_info){.row_ops = SB_ROWS_INSERT};
    }
    SB_TRY(table_check_changes(b, table, path), b->rel.err);
    table->next = b->rel.tables;
    b->rel.tables = table;
    b->rel.count_tables++;
    return table_scan(b, table, path, out);
}
