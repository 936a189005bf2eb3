/*
 * sql/parse_alter.c -- ALTER of everything that can be altered.
 *
 * DESIGN     One action per statement. What each object can have done to it is checked here, as
 *            Flink's grammar does: ALTER VIEW v ADD ... does not parse.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/parser.h"

static sb_ast_create_table *
alter_table(sb_parser *p, sb_ast_statement *out)
{
    if (out->table == NULL) {
        out->table = SB_NEW(p->arena, sb_ast_create_table);
        if (out->table != NULL) {
            out->table->keys_begin = -1;
        }
    }
    return out->table;
}

/* ---- pieces ---- */

/* ( 'a', 'b' ) */
static sb_status
alter_keys(sb_parser *p, sb_ast_statement *out)
{
    sb_parse_list list = {0}, places = {0};

    out->alter = SB_AST_ALTER_RESET;
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    if (sb_parse_take_symbol(p, ")")) {
        return SB_OK;
    }
    do {
        const char *key;
        int32_t *place = SB_NEW(p->arena, int32_t);

        if (place == NULL) {
            SB_NOMEM(p->err);
        }
        *place = sb_parse_peek(p, 0)->begin;
        SB_TRY(sb_parse_string(p, "a quoted option name", &key), p->err);
        SB_TRY(sb_parse_list_add(p, &list, (void *)key), p->err);
        SB_TRY(sb_parse_list_add(p, &places, place), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    out->strings = (const char **)list.at;
    out->count_strings = list.count;
    out->strings_at = sb_parse_list_copy(p, &places, sizeof(int32_t));
    if (out->strings_at == NULL) {
        SB_NOMEM(p->err);
    }
    return SB_OK;
}

static sb_status
alter_set(sb_parser *p, sb_ast_statement *out)
{
    out->alter = SB_AST_ALTER_SET;
    out->has_options = true;
    return sb_parse_options(p, &out->options);
}

static sb_status
alter_rename(sb_parser *p, sb_ast_statement *out)
{
    out->alter = SB_AST_ALTER_RENAME;
    SB_TRY(sb_parse_want_word(p, "TO"), p->err);
    return sb_parse_path(p, "a new name", &out->to);
}

static sb_status
alter_comment(sb_parser *p, sb_ast_statement *out)
{
    out->alter = SB_AST_ALTER_COMMENT;
    return sb_parse_string(p, "a quoted comment", &out->comment);
}

static sb_status
alter_query(sb_parser *p, sb_ast_statement *out)
{
    out->alter = SB_AST_ALTER_AS;
    out->body_begin = sb_parse_peek(p, 0)->begin;
    return sb_parse_query(p, &out->query);
}

/* a.b, or ( a, b.c ) */
static sb_status
alter_paths(sb_parser *p, sb_ast_statement *out)
{
    bool brackets = sb_parse_take_symbol(p, "(");
    sb_parse_list list = {0};

    do {
        sb_ast_path *path = SB_NEW(p->arena, sb_ast_path);

        if (path == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_path(p, "a name of a column", path), p->err);
        SB_TRY(sb_parse_list_add(p, &list, path), p->err);
    } while (brackets && sb_parse_take_symbol(p, ","));
    SB_PARSE_COPY(p, &list, sb_ast_path, &out->paths, &out->count_paths);
    return brackets ? sb_parse_want_symbol(p, ")") : SB_OK;
}

/* PARTITION (a = 1) [WITH (..)] PARTITION ...: with commas when dropping */
static sb_status
alter_partitions(sb_parser *p, bool add, sb_ast_statement *out)
{
    sb_parse_list list = {0};

    out->alter = add ? SB_AST_ALTER_ADD_PARTITIONS : SB_AST_ALTER_DROP_PARTITIONS;
    while (sb_parse_take_word(p, "PARTITION")) {
        sb_ast_partition *partition;
        bool has = false;

        SB_TRY(sb_parse_partition(p, &partition), p->err);
        if (add) {
            SB_TRY(sb_parse_with(p, &partition->options, &has), p->err);
        }
        SB_TRY(sb_parse_list_add(p, &list, partition), p->err);
        if (!add) {
            (void)sb_parse_take_symbol(p, ",");
        }
    }
    if (list.count == 0) {
        return sb_parse_fail(p, "PARTITION");
    }
    out->partitions = (sb_ast_partition **)list.at;
    out->count_partitions = list.count;
    return SB_OK;
}

/* ---- ALTER TABLE ---- */

/* Behind ADD or MODIFY: one element or several in brackets, or DISTRIBUTION */
static sb_status
table_elements(sb_parser *p, bool add, sb_ast_statement *out)
{
    sb_ast_create_table *table = alter_table(p, out);
    sb_parse_list list = {0};

    if (table == NULL) {
        SB_NOMEM(p->err);
    }
    if (sb_parse_take_word(p, "DISTRIBUTION")) {
        out->alter = add ? SB_AST_ALTER_ADD_DISTRIBUTION : SB_AST_ALTER_MODIFY_DISTRIBUTION;
        return sb_parse_distribution(p, &table->distribution);
    }
    out->alter = add ? SB_AST_ALTER_ADD : SB_AST_ALTER_MODIFY;
    if (sb_parse_is_symbol(p, 0, "(")) {
        return sb_parse_elements(p, table, true);
    }
    SB_TRY(sb_parse_element(p, table, true, &list), p->err);
    return sb_parse_elements_end(p, table, &list);
}

static sb_status
table_drop(sb_parser *p, sb_ast_statement *out)
{
    if (sb_parse_is_word(p, 0, "PARTITION") || sb_parse_is_words(p, "IF EXISTS PARTITION")) {
        out->cascade = sb_parse_take_words(p, "IF EXISTS");
        return alter_partitions(p, false, out);
    }
    if (sb_parse_take_word(p, "CONSTRAINT")) {
        out->alter = SB_AST_ALTER_DROP_CONSTRAINT;
        out->columns = SB_NEW(p->arena, sb_ast_name);
        if (out->columns == NULL) {
            SB_NOMEM(p->err);
        }
        out->count_columns = 1;
        return sb_parse_name(p, "a name of a constraint", &out->columns[0]);
    }
    if (sb_parse_take_words(p, "PRIMARY KEY")) {
        out->alter = SB_AST_ALTER_DROP_PRIMARY_KEY;
        return SB_OK;
    }
    if (sb_parse_take_word(p, "WATERMARK")) {
        out->alter = SB_AST_ALTER_DROP_WATERMARK;
        return SB_OK;
    }
    if (sb_parse_take_word(p, "DISTRIBUTION")) {
        out->alter = SB_AST_ALTER_DROP_DISTRIBUTION;
        return SB_OK;
    }
    out->alter = SB_AST_ALTER_DROP_COLUMNS;
    return alter_paths(p, out);
}

static sb_status
table_rename(sb_parser *p, sb_ast_statement *out)
{
    if (sb_parse_is_word(p, 0, "TO")) {
        return alter_rename(p, out);
    }
    out->alter = SB_AST_ALTER_RENAME_COLUMN;
    SB_TRY(alter_paths(p, out), p->err);
    SB_TRY(sb_parse_want_word(p, "TO"), p->err);
    return sb_parse_path(p, "a new name", &out->to);
}

static sb_status
table_action(sb_parser *p, sb_ast_statement *out)
{
    if (sb_parse_take_word(p, "RENAME")) {
        return table_rename(p, out);
    }
    if (sb_parse_take_word(p, "RESET")) {
        return alter_keys(p, out);
    }
    if (sb_parse_take_word(p, "SET")) {
        return alter_set(p, out);
    }
    if (sb_parse_take_word(p, "ADD")) {
        if (sb_parse_is_word(p, 0, "PARTITION") ||
            sb_parse_is_words(p, "IF NOT EXISTS PARTITION")) {
            out->cascade = sb_parse_take_words(p, "IF NOT EXISTS");
            return alter_partitions(p, true, out);
        }
        return table_elements(p, true, out);
    }
    if (sb_parse_take_word(p, "MODIFY")) {
        return table_elements(p, false, out);
    }
    if (sb_parse_take_word(p, "DROP")) {
        return table_drop(p, out);
    }
    if (sb_parse_take_word(p, "COMMENT")) {
        return alter_comment(p, out);
    }
    return sb_parse_fail(p, "RENAME, SET, RESET, ADD, MODIFY or DROP");
}

/* ---- ALTER MATERIALIZED TABLE ---- */

static sb_status
materialized_set(sb_parser *p, sb_ast_statement *out)
{
    sb_ast_create_table *table = alter_table(p, out);

    if (table == NULL) {
        SB_NOMEM(p->err);
    }
    if (sb_parse_is_word(p, 0, "FRESHNESS")) {
        out->alter = SB_AST_ALTER_FRESHNESS;
        return sb_parse_freshness(p, &table->freshness);
    }
    if (sb_parse_is_word(p, 0, "REFRESH_MODE")) {
        out->alter = SB_AST_ALTER_REFRESH_MODE;
        return sb_parse_refresh_mode(p, &table->refresh);
    }
    return alter_set(p, out);
}

static sb_status
materialized_action(sb_parser *p, sb_ast_statement *out)
{
    if (sb_parse_take_word(p, "SUSPEND")) {
        out->alter = SB_AST_ALTER_SUSPEND;
        return SB_OK;
    }
    if (sb_parse_take_word(p, "RESUME")) {
        out->alter = SB_AST_ALTER_RESUME;
        return sb_parse_with(p, &out->options, &out->has_options);
    }
    if (sb_parse_take_word(p, "REFRESH")) {
        if (sb_parse_is_word(p, 0, "PARTITION")) {
            SB_TRY(alter_partitions(p, false, out), p->err);
        }
        out->alter = SB_AST_ALTER_REFRESH;
        return SB_OK;
    }
    if (sb_parse_take_word(p, "SET")) {
        return materialized_set(p, out);
    }
    if (sb_parse_take_word(p, "AS")) {
        return alter_query(p, out);
    }
    if (sb_parse_is_word(p, 0, "RESET") || sb_parse_is_word(p, 0, "ADD") ||
        sb_parse_is_word(p, 0, "MODIFY") || sb_parse_is_word(p, 0, "DROP")) {
        return table_action(p, out);
    }
    return sb_parse_fail(p, "SUSPEND, RESUME, REFRESH, SET, RESET, ADD, MODIFY, DROP or AS");
}

/* ---- the other objects ---- */

static sb_status
other_action(sb_parser *p, sb_ast_statement *out)
{
    bool named = out->object == SB_AST_OBJECT_MODEL || out->object == SB_AST_OBJECT_CONNECTION ||
                 out->object == SB_AST_OBJECT_VIEW;
    bool options = out->object != SB_AST_OBJECT_FUNCTION && out->object != SB_AST_OBJECT_VIEW;

    if (named && sb_parse_take_word(p, "RENAME")) {
        return alter_rename(p, out);
    }
    if (options && sb_parse_take_word(p, "SET")) {
        return alter_set(p, out);
    }
    if (options && out->object != SB_AST_OBJECT_DATABASE && sb_parse_take_word(p, "RESET")) {
        return alter_keys(p, out);
    }
    if (out->object == SB_AST_OBJECT_CATALOG && sb_parse_take_word(p, "COMMENT")) {
        return alter_comment(p, out);
    }
    if (out->object == SB_AST_OBJECT_VIEW && sb_parse_take_word(p, "AS")) {
        return alter_query(p, out);
    }
    if (out->object == SB_AST_OBJECT_FUNCTION && sb_parse_take_word(p, "AS")) {
        out->alter = SB_AST_ALTER_AS;
        return sb_parse_class(p, out);
    }
    return sb_parse_fail(p, out->object == SB_AST_OBJECT_VIEW       ? "RENAME TO or AS"
                            : out->object == SB_AST_OBJECT_FUNCTION ? "AS"
                            : out->object == SB_AST_OBJECT_DATABASE ? "SET"
                            : out->object == SB_AST_OBJECT_CATALOG  ? "SET, RESET or COMMENT"
                                                                    : "SET, RESET or RENAME TO");
}

/* Behind ALTER. */
sb_status
sb_parse_alter(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_ALTER;
    out->temporary = sb_parse_take_word(p, "TEMPORARY");
    out->is_system = out->temporary && sb_parse_take_word(p, "SYSTEM");
    if (!sb_parse_object(p, &out->object) ||
        (out->temporary && out->object != SB_AST_OBJECT_FUNCTION)) {
        return sb_parse_fail(p, "TABLE, VIEW, DATABASE, CATALOG, FUNCTION, MODEL, CONNECTION or "
                                "MATERIALIZED TABLE");
    }
    out->is_view = out->object == SB_AST_OBJECT_VIEW;
    out->if_exists = sb_parse_if_exists(p);
    SB_TRY(sb_parse_path(p, "a name", &out->name), p->err);
    if (out->object == SB_AST_OBJECT_TABLE) {
        return table_action(p, out);
    }
    return out->object == SB_AST_OBJECT_MATERIALIZED_TABLE ? materialized_action(p, out)
                                                           : other_action(p, out);
}
