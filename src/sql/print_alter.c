/*
 * sql/print_alter.c -- ALTER, SHOW, DESCRIBE.
 *
 * THREADS    one thread at a time.
 */
#include "sql/printer.h"

void
sb_pr_partition(sb_printer *p, const sb_ast_partition *partition)
{
    sb_pr_add(p, "PARTITION (");
    for (int32_t i = 0; i < partition->count; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        sb_pr_name(p, &partition->names[i]);
        if (partition->values[i] != NULL) {
            sb_pr_add(p, " = ");
            sb_pr_expr(p, partition->values[i]);
        }
    }
    sb_pr_add(p, ")");
}

/* ---- ALTER ---- */

static void
alter_partitions(sb_printer *p, const sb_ast_statement *s)
{
    bool add = s->alter == SB_AST_ALTER_ADD_PARTITIONS;

    for (int32_t i = 0; i < s->count_partitions; i++) {
        const sb_ast_partition *partition = s->partitions[i];

        sb_pr_add(p, i > 0 ? (add ? " " : ", ") : "");
        sb_pr_partition(p, partition);
        if (partition->options.at != NULL) {
            sb_pr_add(p, " WITH ");
            sb_pr_options(p, &partition->options);
        }
    }
}

static void
alter_elements(sb_printer *p, const sb_ast_statement *s)
{
    const sb_ast_create_table *table = s->table;
    int32_t count = table->count_columns + (table->watermark != NULL) +
                    (table->count_keys > 0 && table->keys_begin >= 0);

    sb_pr_add(p, s->alter == SB_AST_ALTER_ADD ? "ADD " : "MODIFY ");
    if (count > 1) {
        sb_pr_elements(p, table);
    } else {
        sb_pr_element_list(p, table, false);
    }
}

static void
alter_paths(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, s->count_paths > 1 ? "(" : "");
    for (int32_t i = 0; i < s->count_paths; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        sb_pr_path(p, &s->paths[i]);
    }
    sb_pr_add(p, s->count_paths > 1 ? ")" : "");
}

static void
alter_keys(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, "RESET (");
    for (int32_t i = 0; i < s->count_strings; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        sb_pr_string(p, s->strings[i]);
    }
    sb_pr_add(p, ")");
}

static void
alter_as(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, "AS");
    if (s->query == NULL) {
        sb_pr_add(p, " ");
        sb_pr_class(p, s);
        return;
    }
    sb_pr_line(p);
    sb_pr_query(p, s->query);
}

static void
alter_refresh(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, "REFRESH");
    if (s->count_partitions > 0) {
        sb_pr_add(p, " ");
        sb_pr_partition(p, s->partitions[0]);
    }
}

static void
alter_options(sb_printer *p, const char *word, const sb_ast_statement *s)
{
    sb_pr_add(p, word);
    if (s->has_options) {
        sb_pr_options(p, &s->options);
    }
}

static void
alter_action(sb_printer *p, const sb_ast_statement *s)
{
    switch (s->alter) {
    case SB_AST_ALTER_RENAME:
        sb_pr_add(p, "RENAME TO ");
        sb_pr_path(p, &s->to);
        break;
    case SB_AST_ALTER_RENAME_COLUMN:
        sb_pr_add(p, "RENAME ");
        alter_paths(p, s);
        sb_pr_add(p, " TO ");
        sb_pr_path(p, &s->to);
        break;
    case SB_AST_ALTER_SET: alter_options(p, "SET ", s); break;
    case SB_AST_ALTER_RESET: alter_keys(p, s); break;
    case SB_AST_ALTER_COMMENT:
        sb_pr_add(p, "COMMENT ");
        sb_pr_string(p, s->comment);
        break;
    case SB_AST_ALTER_AS: alter_as(p, s); break;
    case SB_AST_ALTER_ADD:
    case SB_AST_ALTER_MODIFY: alter_elements(p, s); break;
    case SB_AST_ALTER_DROP_COLUMNS:
        sb_pr_add(p, "DROP ");
        alter_paths(p, s);
        break;
    case SB_AST_ALTER_DROP_PRIMARY_KEY: sb_pr_add(p, "DROP PRIMARY KEY"); break;
    case SB_AST_ALTER_DROP_CONSTRAINT:
        sb_pr_add(p, "DROP CONSTRAINT ");
        sb_pr_name(p, &s->columns[0]);
        break;
    case SB_AST_ALTER_DROP_WATERMARK: sb_pr_add(p, "DROP WATERMARK"); break;
    case SB_AST_ALTER_DROP_DISTRIBUTION: sb_pr_add(p, "DROP DISTRIBUTION"); break;
    case SB_AST_ALTER_ADD_DISTRIBUTION:
    case SB_AST_ALTER_MODIFY_DISTRIBUTION:
        sb_pr_add(p, s->alter == SB_AST_ALTER_ADD_DISTRIBUTION ? "ADD DISTRIBUTION"
                                                               : "MODIFY DISTRIBUTION");
        sb_pr_distribution(p, &s->table->distribution);
        break;
    case SB_AST_ALTER_ADD_PARTITIONS:
        sb_pr_add(p, s->cascade ? "ADD IF NOT EXISTS " : "ADD ");
        alter_partitions(p, s);
        break;
    case SB_AST_ALTER_DROP_PARTITIONS:
        sb_pr_add(p, s->cascade ? "DROP IF EXISTS " : "DROP ");
        alter_partitions(p, s);
        break;
    case SB_AST_ALTER_SUSPEND: sb_pr_add(p, "SUSPEND"); break;
    case SB_AST_ALTER_RESUME:
        alter_options(p, s->has_options ? "RESUME WITH " : "RESUME", s);
        break;
    case SB_AST_ALTER_REFRESH: alter_refresh(p, s); break;
    case SB_AST_ALTER_FRESHNESS:
        sb_pr_add(p, "SET FRESHNESS = ");
        sb_pr_expr(p, s->table->freshness);
        break;
    case SB_AST_ALTER_REFRESH_MODE:
        sb_pr_add(p, s->table->refresh == SB_AST_REFRESH_FULL ? "SET REFRESH_MODE = FULL"
                                                              : "SET REFRESH_MODE = CONTINUOUS");
        break;
    }
}

void
sb_pr_alter(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, "ALTER ");
    sb_pr_add(p, s->temporary ? "TEMPORARY " : "");
    sb_pr_add(p, s->is_system ? "SYSTEM " : "");
    sb_pr_add(p, sb_ast_object_name(s->object));
    sb_pr_add(p, s->if_exists ? " IF EXISTS " : " ");
    sb_pr_path(p, &s->name);
    sb_pr_add(p, " ");
    alter_action(p, s);
}

/* ---- SHOW, DESCRIBE ---- */

static void
show_list(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, s->show_user ? "USER " : s->show_full ? "FULL " : "");
    sb_pr_add(p, sb_ast_object_name(s->object));
    sb_pr_add(p, "S");
    if (s->preposition != NULL) {
        sb_pr_add(p, " ");
        sb_pr_add(p, s->preposition);
    }
    if (s->name.count > 0) {
        sb_pr_add(p, " ");
        sb_pr_path(p, &s->name);
    }
    if (s->count_partitions > 0) {
        sb_pr_add(p, " ");
        sb_pr_partition(p, s->partitions[0]);
    }
    if (s->pattern != NULL) {
        sb_pr_add(p, s->not_like ? " NOT" : "");
        sb_pr_add(p, s->ilike ? " ILIKE " : " LIKE ");
        sb_pr_string(p, s->pattern);
    }
}

void
sb_pr_show(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, "SHOW ");
    if (s->show == SB_AST_SHOW_LIST) {
        show_list(p, s);
        return;
    }
    sb_pr_add(p, s->show == SB_AST_SHOW_CURRENT ? "CURRENT " : "CREATE ");
    sb_pr_add(p, sb_ast_object_name(s->object));
    if (s->show == SB_AST_SHOW_CREATE) {
        sb_pr_add(p, " ");
        sb_pr_path(p, &s->name);
    }
}

void
sb_pr_describe(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, s->desc ? "DESC " : "DESCRIBE ");
    if (s->object != SB_AST_OBJECT_TABLE) {
        sb_pr_add(p, sb_ast_object_name(s->object));
        sb_pr_add(p, " ");
    }
    sb_pr_add(p, s->extended ? "EXTENDED " : "");
    if (s->text != NULL) {
        sb_pr_string(p, s->text);
    } else {
        sb_pr_path(p, &s->name);
    }
}
