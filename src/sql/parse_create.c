/*
 * sql/parse_create.c -- CREATE TABLE, CREATE VIEW and CREATE MATERIALIZED TABLE.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/parser.h"

/* ---- keys ---- */

static sb_status
table_key_twice(sb_parser *p, const sb_ast_create_table *table, int32_t begin)
{
    if (table->count_keys > 0) {
        return sb_sql_error(p->err, SB_SQL_TABLE_DEFINITION, begin, sb_parse_last_end(p),
                            "table has two primary keys");
    }
    return SB_OK;
}

/* [NOT] ENFORCED; nothing said means ENFORCED */
static sb_status
table_enforced(sb_parser *p, sb_ast_create_table *table)
{
    table->enforced_begin = table->enforced_end = sb_parse_peek(p, 0)->begin;
    if (sb_parse_take_words(p, "NOT ENFORCED")) {
        return SB_OK;
    }
    table->enforced = true;
    table->enforced_end = sb_parse_peek(p, 0)->end;
    (void)sb_parse_take_word(p, "ENFORCED");
    return SB_OK;
}

static sb_status
table_key_words(sb_parser *p, sb_ast_create_table *table)
{
    if (sb_parse_take_word(p, "UNIQUE")) {
        table->unique = true;
        return SB_OK;
    }
    SB_TRY(sb_parse_want_word(p, "PRIMARY"), p->err);
    return sb_parse_want_word(p, "KEY");
}

/* [CONSTRAINT c] PRIMARY KEY (a, b) NOT ENFORCED as an element of its own */
static sb_status
table_constraint(sb_parser *p, sb_ast_create_table *table)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;

    if (sb_parse_take_word(p, "CONSTRAINT")) {
        SB_TRY(sb_parse_name(p, "a name of a constraint", &table->constraint), p->err);
    }
    SB_TRY(table_key_words(p, table), p->err);
    SB_TRY(table_key_twice(p, table, begin), p->err);
    table->keys_begin = begin;
    SB_TRY(sb_parse_names(p, "a name of a column", &table->keys, &table->count_keys), p->err);
    return table_enforced(p, table);
}

/* [CONSTRAINT c] PRIMARY KEY NOT ENFORCED behind the type of a column */
static sb_status
column_key(sb_parser *p, sb_ast_create_table *table, sb_ast_column *column)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;

    if (sb_parse_take_word(p, "CONSTRAINT")) {
        SB_TRY(sb_parse_name(p, "a name of a constraint", &column->constraint), p->err);
    }
    SB_TRY(table_key_words(p, table), p->err);
    SB_TRY(table_key_twice(p, table, begin), p->err);
    column->primary_key = true;
    table->constraint = column->constraint;
    table->keys_begin = -1;
    table->keys = &column->name;
    table->count_keys = 1;
    return table_enforced(p, table);
}

/* ---- watermark and columns ---- */

static sb_status
table_watermark(sb_parser *p, sb_ast_create_table *table)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;

    p->at += 2;
    if (table->watermark != NULL) {
        return sb_sql_error(p->err, SB_SQL_TABLE_DEFINITION, begin, sb_parse_last_end(p),
                            "table has two watermarks");
    }
    table->watermark_begin = begin;
    SB_TRY(sb_parse_path(p, "a name of a column", &table->watermark_path), p->err);
    table->watermark_column = table->watermark_path.parts[0];
    SB_TRY(sb_parse_want_word(p, "AS"), p->err);
    return sb_parse_expr(p, &table->watermark);
}

static sb_status
column_metadata(sb_parser *p, sb_ast_column *column)
{
    column->kind = SB_AST_COLUMN_METADATA;
    if (sb_parse_take_word(p, "FROM")) {
        SB_TRY(sb_parse_string(p, "a quoted metadata key", &column->metadata_key), p->err);
    }
    column->is_virtual = sb_parse_take_word(p, "VIRTUAL");
    return SB_OK;
}

/* ALTER TABLE: FIRST, AFTER x */
static sb_status
column_position(sb_parser *p, sb_ast_column *column)
{
    if (sb_parse_take_word(p, "FIRST")) {
        column->first = true;
    } else if (sb_parse_take_word(p, "AFTER")) {
        return sb_parse_path(p, "a name of a column", &column->after);
    }
    return SB_OK;
}

static sb_status
column_type(sb_parser *p, sb_ast_create_table *table, sb_ast_column *column)
{
    column->type_begin = sb_parse_peek(p, 0)->begin;
    SB_TRY(sb_parse_type(p, &column->type), p->err);
    column->type_end = sb_parse_last_end(p);
    if (sb_parse_take_word(p, "METADATA")) {
        SB_TRY(column_metadata(p, column), p->err);
    }
    if (sb_parse_is_word(p, 0, "CONSTRAINT") || sb_parse_is_word(p, 0, "PRIMARY") ||
        sb_parse_is_word(p, 0, "UNIQUE")) {
        return column_key(p, table, column);
    }
    return SB_OK;
}

static sb_status
table_column(sb_parser *p, sb_ast_create_table *table, bool alter, sb_ast_column *column)
{
    SB_TRY(sb_parse_name(p, "a name of a column", &column->name), p->err);
    if (alter && sb_parse_is_symbol(p, 0, ".")) {
        p->at--;
        SB_TRY(sb_parse_path(p, "a name of a column", &column->path), p->err);
        column->name = column->path.parts[column->path.count - 1];
    }
    if (sb_parse_is_symbol(p, 0, ",") || sb_parse_is_symbol(p, 0, ")")) {
        column->kind = SB_AST_COLUMN_NAME;
        return SB_OK;
    }
    if (sb_parse_take_word(p, "AS")) {
        column->kind = SB_AST_COLUMN_COMPUTED;
        column->type_begin = sb_parse_peek(p, 0)->begin;
        SB_TRY(sb_parse_expr(p, &column->expr), p->err);
        column->type_end = sb_parse_last_end(p);
    } else {
        SB_TRY(column_type(p, table, column), p->err);
    }
    if (sb_parse_take_word(p, "COMMENT")) {
        SB_TRY(sb_parse_string(p, "a quoted comment", &column->comment), p->err);
    }
    return alter ? column_position(p, column) : SB_OK;
}

sb_status
sb_parse_element(sb_parser *p, sb_ast_create_table *table, bool alter, sb_parse_list *columns)
{
    sb_ast_column *column;

    if (sb_parse_is_word(p, 0, "WATERMARK") && sb_parse_is_word(p, 1, "FOR")) {
        return table_watermark(p, table);
    }
    if (sb_parse_is_word(p, 0, "CONSTRAINT") ||
        (sb_parse_is_word(p, 0, "PRIMARY") && sb_parse_is_word(p, 1, "KEY")) ||
        (sb_parse_is_word(p, 0, "UNIQUE") && sb_parse_is_symbol(p, 1, "("))) {
        return table_constraint(p, table);
    }
    column = SB_NEW(p->arena, sb_ast_column);
    if (column == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(table_column(p, table, alter, column), p->err);
    return sb_parse_list_add(p, columns, column);
}

sb_status
sb_parse_elements_end(sb_parser *p, sb_ast_create_table *table, const sb_parse_list *columns)
{
    table->has_elements = true;
    SB_PARSE_COPY(p, columns, sb_ast_column, &table->columns, &table->count_columns);
    return SB_OK;
}

sb_status
sb_parse_elements(sb_parser *p, sb_ast_create_table *table, bool alter)
{
    sb_parse_list list = {0};

    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    do {
        SB_TRY(sb_parse_element(p, table, alter, &list), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    return sb_parse_elements_end(p, table, &list);
}

/* ---- what stands behind the columns ---- */

static sb_status
distribution_buckets(sb_parser *p, sb_ast_distribution *out)
{
    const sb_token *token = sb_parse_peek(p, 0);

    if (token->kind != SB_TOKEN_INTEGER) {
        return sb_parse_fail(p, "a number of buckets");
    }
    for (size_t i = 0; i < token->value.size && out->buckets <= INT32_MAX; i++) {
        out->buckets = out->buckets * 10 + (token->value.data[i] - '0');
    }
    if (out->buckets < 1 || out->buckets > INT32_MAX) {
        return sb_sql_error(p->err, SB_SQL_VALUE, token->begin, token->end,
                            "number of buckets must be between 1 and %d", INT32_MAX);
    }
    p->at++;
    return sb_parse_want_word(p, "BUCKETS");
}

/* Behind DISTRIBUTED or DISTRIBUTION: [BY] [HASH | RANGE] ( a, b ) [INTO n BUCKETS] */
sb_status
sb_parse_distribution(sb_parser *p, sb_ast_distribution *out)
{
    out->is_set = true;
    out->begin = p->at > 0 ? p->tokens[p->at - 1].begin : 0;
    if (sb_parse_take_word(p, "BY")) {
        if (sb_parse_take_word(p, "HASH")) {
            out->kind = "HASH";
        } else if (sb_parse_take_word(p, "RANGE")) {
            out->kind = "RANGE";
        }
        SB_TRY(sb_parse_names(p, "a name of a column", &out->columns, &out->count_columns), p->err);
        if (sb_parse_take_word(p, "INTO")) {
            SB_TRY(distribution_buckets(p, out), p->err);
        }
    } else if (sb_parse_take_word(p, "INTO")) {
        SB_TRY(distribution_buckets(p, out), p->err);
    } else {
        return sb_parse_fail(p, "BY or INTO");
    }
    out->end = sb_parse_last_end(p);
    return SB_OK;
}

static sb_status
like_option(sb_parser *p, sb_ast_like_option *out)
{
    static const char *const merges[] = {"INCLUDING", "EXCLUDING", "OVERWRITING"};
    static const char *const features[] = {"ALL",      "CONSTRAINTS", "DISTRIBUTION", "GENERATED",
                                           "METADATA", "OPTIONS",     "PARTITIONS",   "WATERMARKS"};
    int merge = 0, feature = 0;

    out->begin = sb_parse_peek(p, 0)->begin;
    while (merge < 3 && !sb_parse_take_word(p, merges[merge])) {
        merge++;
    }
    if (merge == 3) {
        return sb_parse_fail(p, "INCLUDING, EXCLUDING or OVERWRITING");
    }
    while (feature < 8 && !sb_parse_take_word(p, features[feature])) {
        feature++;
    }
    if (feature == 8) {
        return sb_parse_fail(p, "ALL, CONSTRAINTS, DISTRIBUTION, GENERATED, METADATA, OPTIONS, "
                                "PARTITIONS or WATERMARKS");
    }
    out->merge = (sb_ast_merge)merge;
    out->feature = (sb_ast_feature)feature;
    out->end = sb_parse_last_end(p);
    return SB_OK;
}

/* Behind LIKE */
static sb_status
table_like(sb_parser *p, sb_ast_create_table *table)
{
    sb_parse_list list = {0};

    SB_TRY(sb_parse_path(p, "a name of a table", &table->like), p->err);
    if (!sb_parse_take_symbol(p, "(")) {
        return SB_OK;
    }
    do {
        sb_ast_like_option *option = SB_NEW(p->arena, sb_ast_like_option);

        if (option == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(like_option(p, option), p->err);
        SB_TRY(sb_parse_list_add(p, &list, option), p->err);
    } while (!sb_parse_is_symbol(p, 0, ")"));
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_PARSE_COPY(p, &list, sb_ast_like_option, &table->like_options, &table->count_like);
    return SB_OK;
}

static sb_status
table_middle(sb_parser *p, sb_ast_create_table *table)
{
    if (sb_parse_take_word(p, "COMMENT")) {
        SB_TRY(sb_parse_string(p, "a quoted comment", &table->comment), p->err);
    }
    if (sb_parse_take_word(p, "DISTRIBUTED")) {
        SB_TRY(sb_parse_distribution(p, &table->distribution), p->err);
    }
    if (sb_parse_take_words(p, "PARTITIONED BY")) {
        SB_TRY(sb_parse_names(p, "a name of a column", &table->partition, &table->count_partition),
               p->err);
    }
    return sb_parse_with(p, &table->options, &table->has_options);
}

/* ---- CREATE TABLE ---- */

static sb_status
create_table(sb_parser *p, sb_ast_statement *out, sb_ast_create_table *table)
{
    out->kind = SB_AST_CREATE_TABLE;
    out->table = table;
    table->temporary = out->temporary;
    table->or_replace = out->or_replace;
    table->if_not_exists = sb_parse_if_not_exists(p);
    SB_TRY(sb_parse_path(p, "a name of a table", &table->name), p->err);
    if (sb_parse_is_symbol(p, 0, "(")) {
        SB_TRY(sb_parse_elements(p, table, false), p->err);
    }
    SB_TRY(table_middle(p, table), p->err);
    if (sb_parse_take_word(p, "LIKE")) {
        return table_like(p, table);
    }
    if (sb_parse_take_word(p, "AS")) {
        return sb_parse_query(p, &table->query);
    }
    if (table->count_columns == 0) {
        return sb_sql_error(p->err, SB_SQL_TABLE_DEFINITION, table->name.begin, table->name.end,
                            "table \"%s\" has no columns",
                            table->name.parts[table->name.count - 1].text);
    }
    for (int32_t i = 0; i < table->count_columns; i++) {
        if (table->columns[i].kind == SB_AST_COLUMN_NAME) {
            return sb_sql_error(p->err, SB_SQL_SYNTAX, table->columns[i].name.begin,
                                table->columns[i].name.end, "column \"%s\" has no type",
                                table->columns[i].name.text);
        }
    }
    return SB_OK;
}

static sb_ast_create_table *
create_new(sb_parser *p)
{
    sb_ast_create_table *table = SB_NEW(p->arena, sb_ast_create_table);

    if (table != NULL) {
        table->keys_begin = -1;
    }
    return table;
}

/* Behind REPLACE */
sb_status
sb_parse_replace(sb_parser *p, sb_ast_statement *out)
{
    sb_ast_create_table *table = create_new(p);

    if (table == NULL) {
        SB_NOMEM(p->err);
    }
    table->replace = true;
    SB_TRY(sb_parse_want_word(p, "TABLE"), p->err);
    SB_TRY(create_table(p, out, table), p->err);
    return table->query != NULL ? SB_OK : sb_parse_fail(p, "AS and a query");
}

/* ---- materialized tables ---- */

/* FRESHNESS = INTERVAL '1' MINUTE */
sb_status
sb_parse_freshness(sb_parser *p, sb_ast_expr **out)
{
    SB_TRY(sb_parse_want_word(p, "FRESHNESS"), p->err);
    SB_TRY(sb_parse_want_symbol(p, "="), p->err);
    if (!sb_parse_is_word(p, 0, "INTERVAL")) {
        return sb_parse_fail(p, "INTERVAL");
    }
    return sb_parse_expr(p, out);
}

/* REFRESH_MODE = FULL */
sb_status
sb_parse_refresh_mode(sb_parser *p, sb_ast_refresh *out)
{
    SB_TRY(sb_parse_want_word(p, "REFRESH_MODE"), p->err);
    SB_TRY(sb_parse_want_symbol(p, "="), p->err);
    if (sb_parse_take_word(p, "FULL")) {
        *out = SB_AST_REFRESH_FULL;
    } else if (sb_parse_take_word(p, "CONTINUOUS")) {
        *out = SB_AST_REFRESH_CONTINUOUS;
    } else {
        return sb_parse_fail(p, "FULL or CONTINUOUS");
    }
    return SB_OK;
}

/* [START_MODE = FROM_NOW ( x )] */
static sb_status
materialized_start(sb_parser *p, sb_ast_create_table *table)
{
    static const char *const modes[] = {"FROM_BEGINNING",     "FROM_NOW",
                                        "FROM_TIMESTAMP",     "RESUME_OR_FROM_BEGINNING",
                                        "RESUME_OR_FROM_NOW", "RESUME_OR_FROM_TIMESTAMP"};

    if (!sb_parse_take_word(p, "START_MODE")) {
        return SB_OK;
    }
    SB_TRY(sb_parse_want_symbol(p, "="), p->err);
    for (int i = 0; i < 6 && table->start_mode == NULL; i++) {
        table->start_mode = sb_parse_take_word(p, modes[i]) ? modes[i] : NULL;
    }
    if (table->start_mode == NULL) {
        return sb_parse_fail(p, "FROM_BEGINNING, FROM_NOW, FROM_TIMESTAMP or RESUME_OR_FROM_...");
    }
    if (!sb_parse_take_symbol(p, "(")) {
        return SB_OK;
    }
    SB_TRY(sb_parse_expr(p, &table->start_value), p->err);
    return sb_parse_want_symbol(p, ")");
}

/* Behind MATERIALIZED TABLE */
sb_status
sb_parse_create_materialized(sb_parser *p, sb_ast_statement *out)
{
    sb_ast_create_table *table = create_new(p);

    if (table == NULL) {
        SB_NOMEM(p->err);
    }
    out->kind = SB_AST_CREATE_TABLE;
    out->table = table;
    table->materialized = true;
    table->or_replace = out->or_replace;
    table->if_not_exists = sb_parse_if_not_exists(p);
    SB_TRY(sb_parse_path(p, "a name of a table", &table->name), p->err);
    if (sb_parse_is_symbol(p, 0, "(")) {
        SB_TRY(sb_parse_elements(p, table, false), p->err);
    }
    SB_TRY(table_middle(p, table), p->err);
    SB_TRY(materialized_start(p, table), p->err);
    if (sb_parse_is_word(p, 0, "FRESHNESS")) {
        SB_TRY(sb_parse_freshness(p, &table->freshness), p->err);
    }
    if (sb_parse_is_word(p, 0, "REFRESH_MODE")) {
        SB_TRY(sb_parse_refresh_mode(p, &table->refresh), p->err);
    }
    SB_TRY(sb_parse_want_word(p, "AS"), p->err);
    return sb_parse_query(p, &table->query);
}

/* ---- CREATE VIEW ---- */

static sb_status
create_view(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_CREATE_VIEW;
    out->object = SB_AST_OBJECT_VIEW;
    out->is_view = true;
    out->if_exists = sb_parse_if_not_exists(p);
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
    bool taken;

    out->or_replace = sb_parse_take_words(p, "OR REPLACE");
    if (!out->or_replace && sb_parse_take_words(p, "OR ALTER")) {
        out->or_replace = true;
        return sb_parse_take_words(p, "MATERIALIZED TABLE")
                   ? sb_parse_create_materialized(p, out)
                   : sb_parse_fail(p, "MATERIALIZED TABLE");
    }
    out->temporary = sb_parse_take_word(p, "TEMPORARY");
    if (sb_parse_take_word(p, "TABLE")) {
        sb_ast_create_table *table = create_new(p);

        if (table == NULL) {
            SB_NOMEM(p->err);
        }
        return create_table(p, out, table);
    }
    if (sb_parse_take_word(p, "VIEW")) {
        return create_view(p, out);
    }
    if (!out->temporary && !out->or_replace && sb_parse_take_words(p, "MATERIALIZED TABLE")) {
        return sb_parse_create_materialized(p, out);
    }
    SB_TRY(sb_parse_create_object(p, out, &taken), p->err);
    return taken ? SB_OK : sb_parse_fail(p, "TABLE or VIEW");
}
