/*
 * sql/parse_create.c -- CREATE TABLE and CREATE VIEW.
 *
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "sql/parser.h"

/* ---- CREATE TABLE ---- */

static sb_status
table_keys(sb_parser *p, sb_ast_create_table *table, int32_t begin)
{
    if (table->count_keys > 0) {
        return sb_sql_error(p->err, SB_SQL_TABLE_DEFINITION, begin, sb_parse_last_end(p),
                            "table has two primary keys");
    }
    return sb_parse_names(p, "a name of a column", &table->keys, &table->count_keys);
}

static sb_status
table_not_enforced(sb_parser *p)
{
    if (sb_parse_take_words(p, "NOT ENFORCED")) {
        return SB_OK;
    }
    if (!sb_parse_is_word(p, 0, "ENFORCED")) {
        sb_status status = sb_parse_fail(p, "NOT ENFORCED");

        sb_error_hint(p->err,
                      "sabot does not check primary keys: write PRIMARY KEY (...) NOT ENFORCED");
        return status;
    }
    return sb_sql_error(p->err, SB_SQL_TABLE_DEFINITION, sb_parse_peek(p, 0)->begin,
                        sb_parse_peek(p, 0)->end,
                        "primary keys cannot be enforced: write NOT ENFORCED");
}

static sb_status
table_constraint(sb_parser *p, sb_ast_create_table *table)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;
    sb_ast_name name;

    if (sb_parse_take_word(p, "CONSTRAINT")) {
        SB_TRY(sb_parse_name(p, "a name of a constraint", &name), p->err);
    }
    if (sb_parse_is_word(p, 0, "UNIQUE")) {
        return sb_parse_unsupported(p, 1, "UNIQUE");
    }
    SB_TRY(sb_parse_want_word(p, "PRIMARY"), p->err);
    SB_TRY(sb_parse_want_word(p, "KEY"), p->err);
    SB_TRY(table_keys(p, table, begin), p->err);
    return table_not_enforced(p);
}

static sb_status
table_watermark(sb_parser *p, sb_ast_create_table *table)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;

    p->at += 2;
    if (table->watermark != NULL) {
        return sb_sql_error(p->err, SB_SQL_TABLE_DEFINITION, begin, sb_parse_last_end(p),
                            "table has two watermarks");
    }
    SB_TRY(sb_parse_name(p, "a name of a column", &table->watermark_column), p->err);
    if (sb_parse_is_symbol(p, 0, ".")) {
        return sb_parse_unsupported(p, 1, "WATERMARK FOR a nested field");
    }
    SB_TRY(sb_parse_want_word(p, "AS"), p->err);
    return sb_parse_expr(p, &table->watermark);
}

static sb_status
table_metadata(sb_parser *p, sb_ast_column *column)
{
    column->kind = SB_AST_COLUMN_METADATA;
    if (sb_parse_take_word(p, "FROM")) {
        SB_TRY(sb_parse_string(p, "a quoted metadata key", &column->metadata_key), p->err);
    }
    column->is_virtual = sb_parse_take_word(p, "VIRTUAL");
    return SB_OK;
}

static sb_status
table_column(sb_parser *p, sb_ast_create_table *table, sb_ast_column *column)
{
    SB_TRY(sb_parse_name(p, "a name of a column", &column->name), p->err);
    if (sb_parse_take_word(p, "AS")) {
        column->kind = SB_AST_COLUMN_COMPUTED;
        column->type_begin = sb_parse_peek(p, 0)->begin;
        SB_TRY(sb_parse_expr(p, &column->expr), p->err);
        column->type_end = sb_parse_last_end(p);
    } else {
        column->type_begin = sb_parse_peek(p, 0)->begin;
        SB_TRY(sb_parse_type(p, &column->type), p->err);
        column->type_end = sb_parse_last_end(p);
        if (sb_parse_take_word(p, "METADATA")) {
            SB_TRY(table_metadata(p, column), p->err);
        }
        if (sb_parse_is_word(p, 0, "CONSTRAINT") || sb_parse_is_word(p, 0, "PRIMARY")) {
            int32_t begin = sb_parse_peek(p, 0)->begin;
            sb_ast_name name;

            if (sb_parse_take_word(p, "CONSTRAINT")) {
                SB_TRY(sb_parse_name(p, "a name of a constraint", &name), p->err);
            }
            SB_TRY(sb_parse_want_word(p, "PRIMARY"), p->err);
            SB_TRY(sb_parse_want_word(p, "KEY"), p->err);
            if (table->count_keys > 0) {
                return sb_sql_error(p->err, SB_SQL_TABLE_DEFINITION, begin, sb_parse_last_end(p),
                                    "table has two primary keys");
            }
            table->keys = &column->name;
            table->count_keys = 1;
            SB_TRY(table_not_enforced(p), p->err);
        }
    }
    if (sb_parse_take_word(p, "COMMENT")) {
        SB_TRY(sb_parse_string(p, "a quoted comment", &column->comment), p->err);
    }
    return SB_OK;
}

static sb_status
table_elements(sb_parser *p, sb_ast_create_table *table)
{
    sb_parse_list list = {0};

    do {
        if (sb_parse_is_word(p, 0, "WATERMARK") && sb_parse_is_word(p, 1, "FOR")) {
            SB_TRY(table_watermark(p, table), p->err);
        } else if (sb_parse_is_word(p, 0, "CONSTRAINT") ||
                   (sb_parse_is_word(p, 0, "PRIMARY") && sb_parse_is_word(p, 1, "KEY")) ||
                   (sb_parse_is_word(p, 0, "UNIQUE") && sb_parse_is_symbol(p, 1, "("))) {
            SB_TRY(table_constraint(p, table), p->err);
        } else {
            sb_ast_column *column = SB_NEW(p->arena, sb_ast_column);

            if (column == NULL) {
                SB_NOMEM(p->err);
            }
            SB_TRY(table_column(p, table, column), p->err);
            SB_TRY(sb_parse_list_add(p, &list, column), p->err);
        }
    } while (sb_parse_take_symbol(p, ","));
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    table->count_columns = list.count;
    table->columns = SB_NEW_ARRAY(p->arena, sb_ast_column, list.count > 0 ? list.count : 1);
    if (table->columns == NULL) {
        SB_NOMEM(p->err);
    }
    for (int32_t i = 0; i < list.count; i++) {
        table->columns[i] = *(sb_ast_column *)list.at[i];
    }
    return SB_OK;
}

static sb_status
table_tail(sb_parser *p, sb_ast_create_table *table)
{
    if (sb_parse_take_word(p, "COMMENT")) {
        SB_TRY(sb_parse_string(p, "a quoted comment", &table->comment), p->err);
    }
    if (sb_parse_is_word(p, 0, "DISTRIBUTED")) {
        return sb_parse_unsupported(p, 1, "DISTRIBUTED BY");
    }
    if (sb_parse_take_words(p, "PARTITIONED BY")) {
        SB_TRY(sb_parse_names(p, "a name of a column", &table->partition, &table->count_partition),
               p->err);
    }
    if (sb_parse_take_word(p, "WITH")) {
        SB_TRY(sb_parse_options(p, &table->options), p->err);
    }
    if (sb_parse_is_word(p, 0, "LIKE")) {
        return sb_parse_unsupported(p, 1, "CREATE TABLE LIKE");
    }
    if (sb_parse_take_word(p, "AS")) {
        SB_TRY(sb_parse_query(p, &table->query), p->err);
    }
    return SB_OK;
}

static sb_status
create_table(sb_parser *p, bool temporary, sb_ast_statement *out)
{
    sb_ast_create_table *table = SB_NEW(p->arena, sb_ast_create_table);

    if (table == NULL) {
        SB_NOMEM(p->err);
    }
    out->kind = SB_AST_CREATE_TABLE;
    out->table = table;
    table->temporary = temporary;
    table->if_not_exists = sb_parse_take_words(p, "IF NOT EXISTS");
    SB_TRY(sb_parse_path(p, "a name of a table", &table->name), p->err);
    if (sb_parse_take_symbol(p, "(")) {
        SB_TRY(table_elements(p, table), p->err);
    }
    SB_TRY(table_tail(p, table), p->err);
    if (table->count_columns == 0 && table->query == NULL) {
        return sb_sql_error(p->err, SB_SQL_TABLE_DEFINITION, table->name.begin, table->name.end,
                            "table \"%s\" has no columns",
                            table->name.parts[table->name.count - 1].text);
    }
    return SB_OK;
}

/* ---- CREATE VIEW ---- */

static sb_status
create_view(sb_parser *p, bool temporary, sb_ast_statement *out)
{
    out->kind = SB_AST_CREATE_VIEW;
    out->temporary = temporary;
    out->is_view = true;
    out->if_exists = sb_parse_take_words(p, "IF NOT EXISTS");
    SB_TRY(sb_parse_path(p, "a name of a view", &out->name), p->err);
    if (sb_parse_is_symbol(p, 0, "(") && !sb_parse_is_query(p, 0)) {
        SB_TRY(sb_parse_names(p, "a name of a column", &out->columns, &out->count_columns), p->err);
    }
    if (sb_parse_take_word(p, "COMMENT")) {
        SB_TRY(sb_parse_string(p, "a quoted comment", &out->comment), p->err);
    }
    SB_TRY(sb_parse_want_word(p, "AS"), p->err);
    out->body_begin = sb_parse_peek(p, 0)->begin;
    return sb_parse_query(p, &out->query);
}

/* Behind CREATE. */
sb_status
sb_parse_create(sb_parser *p, sb_ast_statement *out)
{
    static const char *const unsupported[] = {"FUNCTION",     "CATALOG",    "DATABASE", "MODEL",
                                              "MATERIALIZED", "CONNECTION", "SYSTEM"};
    bool temporary;

    if (sb_parse_is_word(p, 0, "OR")) {
        return sb_parse_unsupported(p, 2, "CREATE OR REPLACE");
    }
    temporary = sb_parse_take_word(p, "TEMPORARY");
    if (sb_parse_take_word(p, "TABLE")) {
        return create_table(p, temporary, out);
    }
    if (sb_parse_take_word(p, "VIEW")) {
        return create_view(p, temporary, out);
    }
    for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
        if (sb_parse_is_word(p, 0, unsupported[i])) {
            char name[64];

            snprintf(name, sizeof(name), "CREATE %s", unsupported[i]);
            return sb_parse_unsupported(p, 1, name);
        }
    }
    return sb_parse_fail(p, "TABLE or VIEW");
}
