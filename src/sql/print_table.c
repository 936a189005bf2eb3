/*
 * sql/print_table.c -- CREATE TABLE, CREATE VIEW and their parts.
 *
 * THREADS    one thread at a time.
 */
#include <stdio.h>

#include "sql/printer.h"

/* ---- columns, watermark, keys ---- */

static void
table_enforced(sb_printer *p, const sb_ast_create_table *table)
{
    sb_pr_add(p, table->enforced ? " ENFORCED" : " NOT ENFORCED");
}

static void
table_key_words(sb_printer *p, const sb_ast_create_table *table, const sb_ast_name *constraint)
{
    if (constraint->text != NULL) {
        sb_pr_add(p, "CONSTRAINT ");
        sb_pr_name(p, constraint);
        sb_pr_add(p, " ");
    }
    sb_pr_add(p, table->unique ? "UNIQUE" : "PRIMARY KEY");
}

static void
table_column(sb_printer *p, const sb_ast_create_table *table, const sb_ast_column *column)
{
    if (column->path.count > 0) {
        sb_pr_path(p, &column->path);
    } else {
        sb_pr_name(p, &column->name);
    }
    if (column->kind == SB_AST_COLUMN_COMPUTED) {
        sb_pr_add(p, " AS ");
        sb_pr_expr(p, column->expr);
    } else if (column->kind != SB_AST_COLUMN_NAME) {
        sb_pr_add(p, " ");
        sb_pr_type(p, &column->type, column->type_begin, column->type_end);
    }
    if (column->kind == SB_AST_COLUMN_METADATA) {
        sb_pr_add(p, " METADATA");
        if (column->metadata_key != NULL) {
            sb_pr_add(p, " FROM ");
            sb_pr_string(p, column->metadata_key);
        }
        sb_pr_add(p, column->is_virtual ? " VIRTUAL" : "");
    }
    if (column->primary_key) {
        sb_pr_add(p, " ");
        table_key_words(p, table, &column->constraint);
        table_enforced(p, table);
    }
    if (column->comment != NULL) {
        sb_pr_add(p, " COMMENT ");
        sb_pr_string(p, column->comment);
    }
    sb_pr_add(p, column->first ? " FIRST" : "");
    if (column->after.count > 0) {
        sb_pr_add(p, " AFTER ");
        sb_pr_path(p, &column->after);
    }
}

void
sb_pr_columns(sb_printer *p, const sb_ast_column *columns, int32_t count)
{
    static const sb_ast_create_table none;

    sb_pr_add(p, "(");
    for (int32_t i = 0; i < count; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        table_column(p, &none, &columns[i]);
    }
    sb_pr_add(p, ")");
}

static void
element_begin(sb_printer *p, bool *first, int32_t position)
{
    if (!*first) {
        sb_pr_add(p, ",");
        sb_pr_line(p);
    }
    *first = false;
    sb_pr_comments(p, position);
}

static void
element_watermark(sb_printer *p, const sb_ast_create_table *table)
{
    sb_pr_add(p, "WATERMARK FOR ");
    sb_pr_path(p, &table->watermark_path);
    sb_pr_add(p, " AS ");
    sb_pr_expr(p, table->watermark);
}

static void
element_keys(sb_printer *p, const sb_ast_create_table *table)
{
    table_key_words(p, table, &table->constraint);
    sb_pr_add(p, " ");
    sb_pr_names(p, table->keys, table->count_keys);
    table_enforced(p, table);
}

/* Columns, watermark and keys in the order of the source. */
void
sb_pr_element_list(sb_printer *p, const sb_ast_create_table *table, bool brackets)
{
    bool watermark = table->watermark != NULL;
    bool keys = table->count_keys > 0 && table->keys_begin >= 0;
    bool first = true;

    for (int32_t i = 0; i <= table->count_columns; i++) {
        int32_t at = i < table->count_columns
                         ? (table->columns[i].path.count > 0 ? table->columns[i].path.begin
                                                             : table->columns[i].name.begin)
                         : INT32_MAX;

        for (int round = 0; round < 2; round++) {
            if (watermark && table->watermark_begin < at &&
                (!keys || table->watermark_begin < table->keys_begin)) {
                element_begin(p, &first, table->watermark_begin);
                element_watermark(p, table);
                watermark = false;
            }
            if (keys && table->keys_begin < at &&
                (!watermark || table->keys_begin < table->watermark_begin)) {
                element_begin(p, &first, table->keys_begin);
                element_keys(p, table);
                keys = false;
            }
        }
        if (i < table->count_columns) {
            element_begin(p, &first, at);
            table_column(p, table, &table->columns[i]);
        }
    }
    (void)brackets;
}

static void
elements_inside(sb_printer *p, const void *node)
{
    sb_pr_open(p);
    sb_pr_element_list(p, node, true);
    sb_pr_close(p);
}

/* Always one element a line, unless there are only names. */
void
sb_pr_elements(sb_printer *p, const sb_ast_create_table *table)
{
    bool names = table->watermark == NULL && table->keys_begin < 0;

    for (int32_t i = 0; i < table->count_columns; i++) {
        names &= table->columns[i].kind == SB_AST_COLUMN_NAME;
    }
    if (!names || !sb_pr_try(p, elements_inside, table, table->name.end)) {
        elements_inside(p, table);
    }
}

/* ---- what stands behind the columns ---- */

void
sb_pr_distribution(sb_printer *p, const sb_ast_distribution *distribution)
{
    char text[40];

    if (distribution->count_columns > 0) {
        sb_pr_add(p, " BY ");
        sb_pr_add(p, distribution->kind != NULL ? distribution->kind : "");
        sb_pr_names(p, distribution->columns, distribution->count_columns);
    }
    if (distribution->buckets > 0) {
        snprintf(text, sizeof(text), " INTO %lld BUCKETS", (long long)distribution->buckets);
        sb_pr_add(p, text);
    }
}

static void
table_like(sb_printer *p, const sb_ast_create_table *table)
{
    static const char *const merges[] = {"INCLUDING ", "EXCLUDING ", "OVERWRITING "};
    static const char *const features[] = {"ALL",      "CONSTRAINTS", "DISTRIBUTION", "GENERATED",
                                           "METADATA", "OPTIONS",     "PARTITIONS",   "WATERMARKS"};

    sb_pr_add(p, " LIKE ");
    sb_pr_path(p, &table->like);
    if (table->count_like == 0) {
        return;
    }
    sb_pr_add(p, " ");
    sb_pr_open(p);
    for (int32_t i = 0; i < table->count_like; i++) {
        if (i > 0) {
            sb_pr_line(p);
        }
        sb_pr_comments(p, table->like_options[i].begin);
        sb_pr_add(p, merges[table->like_options[i].merge]);
        sb_pr_add(p, features[table->like_options[i].feature]);
    }
    sb_pr_close(p);
}

static void
table_refresh(sb_printer *p, const sb_ast_create_table *table)
{
    if (table->start_mode != NULL) {
        sb_pr_line(p);
        sb_pr_add(p, "START_MODE = ");
        sb_pr_add(p, table->start_mode);
        if (table->start_value != NULL) {
            sb_pr_add(p, "(");
            sb_pr_expr(p, table->start_value);
            sb_pr_add(p, ")");
        }
    }
    if (table->freshness != NULL) {
        sb_pr_line(p);
        sb_pr_add(p, "FRESHNESS = ");
        sb_pr_expr(p, table->freshness);
    }
    if (table->refresh != SB_AST_REFRESH_NONE) {
        sb_pr_line(p);
        sb_pr_add(p, table->refresh == SB_AST_REFRESH_FULL ? "REFRESH_MODE = FULL"
                                                           : "REFRESH_MODE = CONTINUOUS");
    }
}

static void
table_tail(sb_printer *p, const sb_ast_create_table *table)
{
    if (table->comment != NULL) {
        sb_pr_add(p, " COMMENT ");
        sb_pr_string(p, table->comment);
    }
    if (table->distribution.is_set) {
        sb_pr_add(p, " DISTRIBUTED");
        sb_pr_distribution(p, &table->distribution);
    }
    if (table->count_partition > 0) {
        sb_pr_add(p, " PARTITIONED BY ");
        sb_pr_names(p, table->partition, table->count_partition);
    }
    if (table->has_options) {
        sb_pr_add(p, " WITH ");
        sb_pr_options(p, &table->options);
    }
    table_refresh(p, table);
    if (table->like.count > 0) {
        table_like(p, table);
    }
    if (table->query != NULL) {
        sb_pr_add(p, table->freshness != NULL || table->start_mode != NULL ||
                             table->refresh != SB_AST_REFRESH_NONE
                         ? ""
                         : " AS");
        if (table->freshness != NULL || table->start_mode != NULL ||
            table->refresh != SB_AST_REFRESH_NONE) {
            sb_pr_line(p);
            sb_pr_add(p, "AS");
        }
        sb_pr_line(p);
        sb_pr_query(p, table->query);
    }
}

static void
table_create(sb_printer *p, const sb_ast_create_table *table)
{
    sb_pr_add(p, table->replace ? "REPLACE "
                 : table->or_replace
                     ? (table->materialized ? "CREATE OR ALTER " : "CREATE OR REPLACE ")
                     : "CREATE ");
    sb_pr_add(p, table->temporary ? "TEMPORARY " : "");
    sb_pr_add(p, table->materialized ? "MATERIALIZED TABLE " : "TABLE ");
    sb_pr_add(p, table->if_not_exists ? "IF NOT EXISTS " : "");
    sb_pr_path(p, &table->name);
    if (table->has_elements) {
        sb_pr_add(p, " ");
        sb_pr_elements(p, table);
    }
    table_tail(p, table);
}

static void
view_create(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, s->or_replace ? "CREATE OR REPLACE " : "CREATE ");
    sb_pr_add(p, s->temporary ? "TEMPORARY " : "");
    sb_pr_add(p, "VIEW ");
    sb_pr_add(p, s->if_exists ? "IF NOT EXISTS " : "");
    sb_pr_path(p, &s->name);
    if (s->count_columns > 0) {
        sb_pr_add(p, " ");
        sb_pr_names(p, s->columns, s->count_columns);
    }
    if (s->comment != NULL) {
        sb_pr_add(p, " COMMENT ");
        sb_pr_string(p, s->comment);
    }
    sb_pr_add(p, " AS");
    sb_pr_line(p);
    sb_pr_query(p, s->query);
}

void
sb_pr_table(sb_printer *p, const sb_ast_statement *s)
{
    if (s->kind == SB_AST_CREATE_VIEW) {
        view_create(p, s);
    } else {
        table_create(p, s->table);
    }
}
