/*
 * sql/execute_alter.c -- ALTER TABLE, ALTER VIEW, CREATE TABLE LIKE.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/session.h"
#include "sql/table_draft.h"

/* ---- a draft becomes a table ---- */

/* Parses and binds the draft; places of errors become that of the statement. */
static sb_status
draft_bind(sb_execution *x, const sb_table_draft *draft, const sb_catalog_id *id, bool temporary,
           sb_arena *arena, sb_catalog_table **out)
{
    sb_ast_statement **statements;
    sb_binder binder;
    sb_text text;
    int32_t count;
    sb_status status;

    sb_text_init(&text, sb_mem_root());
    sb_draft_print(draft, temporary, "`t`", &text);
    *out = sb_catalog_table_new(&x->session->catalog, id);
    if (*out == NULL || sb_text_failed(&text)) {
        sb_text_deinit(&text);
        sb_catalog_table_free(*out);
        SB_NOMEM(x->err);
    }
    status = sb_ast_parse(arena, text.data, (int32_t)text.size, &statements, &count, x->err);
    if (status == SB_OK) {
        sb_execution_binder(x, arena, &binder);
        binder.errors = NULL; /* the text is not that of the statement */
        status = sb_bind_create_table(&binder, statements[0]->table, text.data, *out);
    }
    sb_text_deinit(&text);
    if (status != SB_OK) {
        sb_catalog_table_free(*out);
    }
    return status;
}

static sb_status
draft_place(sb_execution *x, const sb_ast_statement *s, sb_status status)
{
    if (status != SB_OK && status != SB_STATUS_NOMEM && x->err != NULL) {
        sb_error_at(x->err, s->begin, s->end);
    }
    return status;
}

/* ---- columns ---- */

static sb_status
alter_no_column(sb_execution *x, const sb_table_draft *draft, const sb_ast_name *name)
{
    const char *names[256], *nearest;
    int32_t count = draft->count < 256 ? draft->count : 256;

    for (int32_t i = 0; i < count; i++) {
        names[i] = draft->columns[i].name;
    }
    nearest = sb_sql_nearest(name->text, names, count);
    (void)sb_sql_error(x->err, SB_SQL_COLUMN_UNKNOWN, name->begin, name->end,
                       "column \"%s\" not found", name->text);
    if (nearest != NULL) {
        sb_error_hint(x->err, "did you mean \"%s\"?", nearest);
    }
    return SB_STATUS_NOT_FOUND;
}

static sb_status
alter_nested(sb_execution *x, const sb_ast_path *path)
{
    return path->count > 1 ? sb_sql_error(x->err, SB_SQL_UNSUPPORTED, path->begin, path->end,
                                          "not supported: ALTER TABLE of a nested column")
                           : SB_OK;
}

/* Where FIRST or AFTER puts a column; `otherwise` when neither is said. */
static sb_status
alter_position(sb_execution *x, const sb_table_draft *draft, const sb_ast_column *column,
               int32_t otherwise, int32_t *out)
{
    *out = column->first ? 0 : otherwise;
    if (column->after.count > 0) {
        int32_t at = sb_draft_find(draft, column->after.parts[column->after.count - 1].text);

        SB_TRY(alter_nested(x, &column->after), x->err);
        if (at < 0) {
            return alter_no_column(x, draft, &column->after.parts[0]);
        }
        *out = at + 1;
    }
    return SB_OK;
}

static sb_status
alter_add_column(sb_execution *x, sb_table_draft *draft, const sb_ast_column *column)
{
    sb_draft_column piece;
    int32_t at;

    SB_TRY(alter_nested(x, &column->path), x->err);
    if (sb_draft_find(draft, column->name.text) >= 0) {
        return sb_sql_error(x->err, SB_SQL_DUPLICATE, column->name.begin, column->name.end,
                            "column \"%s\" exists already", column->name.text);
    }
    SB_TRY(alter_position(x, draft, column, draft->count, &at), x->err);
    SB_TRY(sb_draft_column_of(draft, column, x->script->text, &piece, x->err), x->err);
    return sb_draft_insert(draft, at, &piece, x->err);
}

static sb_status
alter_modify_column(sb_execution *x, sb_table_draft *draft, const sb_ast_column *column)
{
    int32_t old = sb_draft_find(draft, column->name.text), at;
    sb_draft_column piece;

    SB_TRY(alter_nested(x, &column->path), x->err);
    if (old < 0) {
        return alter_no_column(x, draft, &column->name);
    }
    SB_TRY(sb_draft_column_of(draft, column, x->script->text, &piece, x->err), x->err);
    sb_draft_remove(draft, old);
    SB_TRY(alter_position(x, draft, column, old, &at), x->err);
    return sb_draft_insert(draft, at, &piece, x->err);
}

static sb_status
alter_elements(sb_execution *x, const sb_ast_statement *s, sb_table_draft *draft)
{
    const sb_ast_create_table *from = s->table;
    bool add = s->alter == SB_AST_ALTER_ADD;

    for (int32_t i = 0; i < from->count_columns; i++) {
        if (from->columns[i].kind == SB_AST_COLUMN_NAME) {
            return sb_sql_error(x->err, SB_SQL_SYNTAX, from->columns[i].name.begin,
                                from->columns[i].name.end, "column \"%s\" has no type",
                                from->columns[i].name.text);
        }
        SB_TRY(add ? alter_add_column(x, draft, &from->columns[i])
                   : alter_modify_column(x, draft, &from->columns[i]),
               x->err);
    }
    if (from->count_keys > 0) {
        if (add == (draft->count_keys > 0)) {
            return sb_sql_error(x->err, SB_SQL_TABLE_DEFINITION, from->keys[0].begin,
                                from->keys[from->count_keys - 1].end,
                                add ? "table has a primary key already"
                                    : "table has no primary key");
        }
        SB_TRY(sb_draft_set_keys(draft, from, x->err), x->err);
    }
    if (from->watermark != NULL) {
        if (add == (draft->watermark != NULL)) {
            return sb_sql_error(x->err, SB_SQL_TABLE_DEFINITION, from->watermark_begin,
                                from->watermark->end,
                                add ? "table has a watermark already" : "table has no watermark");
        }
        SB_TRY(sb_draft_set_watermark(draft, from, x->script->text, x->err), x->err);
    }
    return SB_OK;
}

static bool
alter_listed(const char *const *names, int32_t count, const char *name)
{
    for (int32_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* What stands in the way of another name or none; NULL: nothing. */
static const char *
alter_used(const sb_table_draft *draft, const char *name)
{
    return alter_listed(draft->partition, draft->count_partition, name) ? "partition key"
           : draft->watermark != NULL && strcmp(draft->watermark_column, name) == 0 ? "watermark"
                                                                                    : NULL;
}

static sb_status
alter_drop_columns(sb_execution *x, const sb_ast_statement *s, sb_table_draft *draft)
{
    for (int32_t i = 0; i < s->count_paths; i++) {
        const sb_ast_name *name = &s->paths[i].parts[0];
        int32_t at = sb_draft_find(draft, name->text);
        const char *used;

        SB_TRY(alter_nested(x, &s->paths[i]), x->err);
        if (at < 0) {
            return alter_no_column(x, draft, name);
        }
        used = alter_listed(draft->keys, draft->count_keys, name->text)
                   ? "primary key"
                   : alter_used(draft, name->text);
        if (used != NULL) {
            return sb_sql_error(x->err, SB_SQL_TABLE_DEFINITION, name->begin, name->end,
                                "column \"%s\" is used by the %s", name->text, used);
        }
        sb_draft_remove(draft, at);
    }
    return SB_OK;
}

static void
alter_rename_in(const char **names, int32_t count, const char *from, const char *to)
{
    for (int32_t i = 0; i < count; i++) {
        names[i] = strcmp(names[i], from) == 0 ? to : names[i];
    }
}

static sb_status
alter_rename_column(sb_execution *x, const sb_ast_statement *s, sb_table_draft *draft)
{
    const sb_ast_name *from = &s->paths[0].parts[0], *to = &s->to.parts[s->to.count - 1];
    int32_t at = sb_draft_find(draft, from->text);
    const char *name = sb_arena_strdup(draft->arena, to->text);

    SB_TRY(alter_nested(x, &s->paths[0]), x->err);
    if (at < 0) {
        return alter_no_column(x, draft, from);
    }
    if (sb_draft_find(draft, to->text) >= 0) {
        return sb_sql_error(x->err, SB_SQL_DUPLICATE, to->begin, to->end,
                            "column \"%s\" exists already", to->text);
    }
    if (name == NULL) {
        SB_NOMEM(x->err);
    }
    const char *used = alter_used(draft, from->text);
    if (used != NULL) {
        return sb_sql_error(x->err, SB_SQL_TABLE_DEFINITION, from->begin, from->end,
                            "column \"%s\" is used by the %s", from->text, used);
    }
    draft->columns[at].name = name;
    alter_rename_in(draft->keys, draft->count_keys, from->text, name);
    return SB_OK;
}

/* ---- the rest of ALTER TABLE ---- */

static sb_status
alter_options(sb_execution *x, const sb_ast_statement *s, sb_table_draft *draft)
{
    if (s->alter == SB_AST_ALTER_RESET && s->count_strings == 0) {
        return sb_sql_error(x->err, SB_SQL_OPTION, s->name.begin, s->name.end,
                            "ALTER TABLE RESET without a key");
    }
    for (int32_t i = 0; i < s->options.count; i++) {
        SB_TRY(sb_draft_set_option(draft, s->options.at[i].key, s->options.at[i].value, x->err),
               x->err);
    }
    for (int32_t i = 0; i < s->count_strings; i++) {
        if (strcmp(s->strings[i], "connector") == 0) {
            return sb_sql_error(x->err, SB_SQL_OPTION, s->strings_at[i],
                                s->strings_at[i] + (int32_t)strlen(s->strings[i]) + 2,
                                "option 'connector' cannot be reset");
        }
        SB_TRY(sb_draft_set_option(draft, s->strings[i], NULL, x->err), x->err);
    }
    return SB_OK;
}

static sb_status
alter_missing(sb_execution *x, const sb_ast_statement *s, const char *what)
{
    return sb_sql_error(x->err, SB_SQL_TABLE_DEFINITION, s->name.begin, s->name.end,
                        "table has no %s", what);
}

static sb_status
alter_drop_part(sb_execution *x, const sb_ast_statement *s, sb_table_draft *draft)
{
    if (s->alter == SB_AST_ALTER_DROP_WATERMARK) {
        if (draft->watermark == NULL) {
            return alter_missing(x, s, "watermark");
        }
        draft->watermark = NULL;
    } else if (s->alter == SB_AST_ALTER_DROP_DISTRIBUTION) {
        if (draft->distribution == NULL) {
            return alter_missing(x, s, "distribution");
        }
        draft->distribution = NULL;
    } else {
        if (draft->count_keys == 0) {
            return alter_missing(x, s, "primary key");
        }
        if (s->alter == SB_AST_ALTER_DROP_CONSTRAINT &&
            (draft->constraint == NULL || strcmp(draft->constraint, s->columns[0].text) != 0)) {
            return sb_sql_error(x->err, SB_SQL_TABLE_DEFINITION, s->columns[0].begin,
                                s->columns[0].end, "constraint \"%s\" not found",
                                s->columns[0].text);
        }
        draft->count_keys = 0;
        draft->constraint = NULL;
    }
    return SB_OK;
}

static sb_status
alter_draft(sb_execution *x, const sb_ast_statement *s, sb_table_draft *draft)
{
    switch (s->alter) {
    case SB_AST_ALTER_ADD:
    case SB_AST_ALTER_MODIFY: return alter_elements(x, s, draft);
    case SB_AST_ALTER_DROP_COLUMNS: return alter_drop_columns(x, s, draft);
    case SB_AST_ALTER_RENAME_COLUMN: return alter_rename_column(x, s, draft);
    case SB_AST_ALTER_SET:
    case SB_AST_ALTER_RESET: return alter_options(x, s, draft);
    case SB_AST_ALTER_COMMENT:
        draft->comment = sb_arena_strdup(draft->arena, s->comment);
        return SB_OK;
    case SB_AST_ALTER_ADD_DISTRIBUTION:
    case SB_AST_ALTER_MODIFY_DISTRIBUTION:
        if ((s->alter == SB_AST_ALTER_ADD_DISTRIBUTION) == (draft->distribution != NULL)) {
            return sb_sql_error(x->err, SB_SQL_TABLE_DEFINITION, s->name.begin, s->name.end,
                                draft->distribution != NULL ? "table has a distribution already"
                                                            : "table has no distribution");
        }
        return sb_draft_set_distribution(draft, &s->table->distribution, x->err);
    default: return alter_drop_part(x, s, draft);
    }
}

/* RENAME TO of a table or view. */
static sb_status
alter_rename(sb_execution *x, const sb_ast_statement *s, sb_catalog_table *table)
{
    sb_catalog *catalog = &x->session->catalog;
    sb_catalog_id id = {table->catalog, table->database, s->to.parts[s->to.count - 1].text};
    const char *name;

    /* It stays where it is: in Flink, too, a database in front of the new name makes no
     * difference. */
    if ((s->to.count > 1 && strcmp(s->to.parts[s->to.count - 2].text, id.database) != 0) ||
        (s->to.count > 2 && strcmp(s->to.parts[0].text, id.catalog) != 0)) {
        sb_text_printf(&x->warnings, "RENAME TO does not move: \"%s\" stays in %s.%s\n", id.name,
                       id.catalog, id.database);
    }
    if (sb_catalog_find_kind(catalog, &id, table->temporary) != NULL) {
        return sb_sql_error(x->err, SB_SQL_TABLE_EXISTS, s->to.begin, s->to.end,
                            "table \"%s\" exists already", id.name);
    }
    name = sb_arena_strdup(table->arena, id.name);
    if (name == NULL) {
        SB_NOMEM(x->err);
    }
    SB_TRY(sb_result_message(x, "%s %s renamed to %s", table->is_view ? "view" : "table",
                             table->name, name),
           x->err);
    SB_TRY(sb_keep_remove(x, table), x->err);
    table->name = name;
    return sb_keep_put(x, table);
}

static sb_status
alter_table(sb_execution *x, const sb_ast_statement *s, sb_catalog_table *table)
{
    sb_arena *arena = sb_arena_new(x->session->mem);
    sb_catalog_id id = {table->catalog, table->database, table->name};
    sb_catalog_table *altered = NULL;
    sb_table_draft draft;
    sb_status status;

    if (arena == NULL) {
        SB_NOMEM(x->err);
    }
    status = sb_draft_of_table(arena, table, &draft, x->err);
    if (status == SB_OK) {
        status = alter_draft(x, s, &draft);
    }
    if (status == SB_OK) {
        status = draft_place(x, s, draft_bind(x, &draft, &id, table->temporary, arena, &altered));
    }
    sb_arena_free(arena);
    SB_TRY(status, x->err);
    status = sb_result_message(x, "table %s altered", table->name);
    if (status == SB_OK) {
        status = sb_partitions_copy(x, table, altered);
    }
    if (status == SB_OK) {
        status = sb_keep_put(x, altered);
    }
    if (status != SB_OK) {
        sb_catalog_table_free(altered);
        return status;
    }
    sb_catalog_replace(&x->session->catalog, table, altered);
    return SB_OK;
}

/* ---- ALTER TABLE, ALTER VIEW ---- */

sb_status
sb_execute_alter(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog_table *table;
    sb_catalog_id id;

    if (s->object == SB_AST_OBJECT_DATABASE || s->object == SB_AST_OBJECT_CATALOG) {
        return sb_execute_alter_space(x, s);
    }
    if (s->object == SB_AST_OBJECT_FUNCTION) {
        return sb_execute_alter_function(x, s);
    }
    SB_TRY(sb_catalog_resolve(&x->session->catalog, &s->name, &id, x->err), x->err);
    table = sb_catalog_find(&x->session->catalog, &id);
    if (table == NULL) {
        return s->if_exists ? sb_result_message(x, "%s %s does not exist",
                                                s->is_view ? "view" : "table", id.name)
                            : sb_catalog_unknown(&x->session->catalog, &id, s->name.begin,
                                                 s->name.end, x->err);
    }
    if (table->is_view != s->is_view) {
        (void)sb_sql_error(x->err, SB_SQL_NOT_A_TABLE, s->name.begin, s->name.end, "\"%s\" is a %s",
                           id.name, table->is_view ? "view" : "table");
        sb_error_hint(x->err, "write ALTER %s %s", table->is_view ? "VIEW" : "TABLE", id.name);
        return SB_STATUS_SEMANTIC;
    }
    if (s->alter == SB_AST_ALTER_RENAME) {
        return alter_rename(x, s, table);
    }
    if (s->alter == SB_AST_ALTER_ADD_PARTITIONS || s->alter == SB_AST_ALTER_DROP_PARTITIONS) {
        return sb_execute_partitions(x, s, table);
    }
    return s->is_view ? sb_execute_alter_view(x, s, table) : alter_table(x, s, table);
}

/* ---- CREATE TABLE LIKE ---- */

static sb_ast_merge
like_merge(const sb_ast_create_table *ast, sb_ast_feature feature)
{
    sb_ast_merge merge = feature == SB_AST_FEATURE_OPTIONS ? SB_AST_OVERWRITING : SB_AST_INCLUDING;

    for (int round = 0; round < 2; round++) { /* ALL first, then what is said of the feature */
        for (int32_t i = 0; i < ast->count_like; i++) {
            const sb_ast_like_option *option = &ast->like_options[i];

            if (option->feature == (round == 0 ? SB_AST_FEATURE_ALL : feature)) {
                merge = option->merge;
            }
        }
    }
    return merge;
}

static sb_status
like_twice(sb_execution *x, const sb_ast_create_table *ast, const char *what, const char *name,
           const char *feature)
{
    (void)sb_sql_error(x->err, SB_SQL_DUPLICATE, ast->like.begin, ast->like.end,
                       "%s%s%s%s is in both tables", what, name != NULL ? " \"" : "",
                       name != NULL ? name : "", name != NULL ? "\"" : "");
    if (feature != NULL) {
        sb_error_hint(x->err, "write LIKE ... (OVERWRITING %s) or (EXCLUDING %s)", feature,
                      feature);
    }
    return SB_STATUS_SEMANTIC;
}

/* What is not wanted of the source table goes. */
static void
like_filter(const sb_ast_create_table *ast, sb_table_draft *draft)
{
    for (int32_t i = draft->count - 1; i >= 0; i--) {
        sb_ast_column_kind kind = draft->columns[i].kind;

        if ((kind == SB_AST_COLUMN_COMPUTED &&
             like_merge(ast, SB_AST_FEATURE_GENERATED) == SB_AST_EXCLUDING) ||
            (kind == SB_AST_COLUMN_METADATA &&
             like_merge(ast, SB_AST_FEATURE_METADATA) == SB_AST_EXCLUDING)) {
            sb_draft_remove(draft, i);
        }
    }
    if (like_merge(ast, SB_AST_FEATURE_WATERMARKS) == SB_AST_EXCLUDING) {
        draft->watermark = NULL;
    }
    if (like_merge(ast, SB_AST_FEATURE_CONSTRAINTS) == SB_AST_EXCLUDING) {
        draft->count_keys = 0;
        draft->constraint = NULL;
    }
    if (like_merge(ast, SB_AST_FEATURE_PARTITIONS) == SB_AST_EXCLUDING) {
        draft->count_partition = 0;
    }
    if (like_merge(ast, SB_AST_FEATURE_DISTRIBUTION) == SB_AST_EXCLUDING) {
        draft->distribution = NULL;
    }
    if (like_merge(ast, SB_AST_FEATURE_OPTIONS) == SB_AST_EXCLUDING) {
        draft->options.count = 0;
    }
}

static sb_status
like_columns(sb_execution *x, const sb_ast_create_table *ast, sb_table_draft *draft)
{
    for (int32_t i = 0; i < ast->count_columns; i++) {
        const sb_ast_column *column = &ast->columns[i];
        int32_t old = sb_draft_find(draft, column->name.text);
        sb_draft_column piece;

        SB_TRY(sb_draft_column_of(draft, column, x->script->text, &piece, x->err), x->err);
        if (old < 0) {
            SB_TRY(sb_draft_insert(draft, draft->count, &piece, x->err), x->err);
            continue;
        }
        if (draft->columns[old].kind != column->kind || column->kind == SB_AST_COLUMN_PHYSICAL ||
            like_merge(ast, column->kind == SB_AST_COLUMN_COMPUTED
                                ? SB_AST_FEATURE_GENERATED
                                : SB_AST_FEATURE_METADATA) != SB_AST_OVERWRITING) {
            return like_twice(x, ast, "column", column->name.text,
                              column->kind == SB_AST_COLUMN_COMPUTED   ? "GENERATED"
                              : column->kind == SB_AST_COLUMN_METADATA ? "METADATA"
                                                                       : NULL);
        }
        draft->columns[old] = piece;
    }
    return SB_OK;
}

static sb_status
like_rest(sb_execution *x, const sb_ast_create_table *ast, sb_table_draft *draft)
{
    if (ast->watermark != NULL) {
        if (draft->watermark != NULL &&
            like_merge(ast, SB_AST_FEATURE_WATERMARKS) != SB_AST_OVERWRITING) {
            return like_twice(x, ast, "a watermark", NULL, "WATERMARKS");
        }
        SB_TRY(sb_draft_set_watermark(draft, ast, x->script->text, x->err), x->err);
    }
    if (ast->count_keys > 0) {
        if (draft->count_keys > 0) {
            return like_twice(x, ast, "a primary key", NULL, NULL);
        }
        SB_TRY(sb_draft_set_keys(draft, ast, x->err), x->err);
    }
    if (ast->count_partition > 0) {
        if (draft->count_partition > 0) {
            return like_twice(x, ast, "PARTITIONED BY", NULL, NULL);
        }
        draft->partition = SB_NEW_ARRAY(draft->arena, const char *, ast->count_partition);
        if (draft->partition == NULL) {
            SB_NOMEM(x->err);
        }
        for (int32_t i = 0; i < ast->count_partition; i++) {
            draft->partition[i] = sb_arena_strdup(draft->arena, ast->partition[i].text);
        }
        draft->count_partition = ast->count_partition;
    }
    if (ast->distribution.is_set) {
        if (draft->distribution != NULL) {
            return like_twice(x, ast, "a distribution", NULL, NULL);
        }
        SB_TRY(sb_draft_set_distribution(draft, &ast->distribution, x->err), x->err);
    }
    draft->comment = ast->comment != NULL ? sb_arena_strdup(draft->arena, ast->comment) : NULL;
    for (int32_t i = 0; i < ast->options.count; i++) {
        const sb_option *option = &ast->options.at[i];

        if (like_merge(ast, SB_AST_FEATURE_OPTIONS) == SB_AST_INCLUDING &&
            sb_options_get(&draft->options, option->key) != NULL) {
            return like_twice(x, ast, "option", option->key, "OPTIONS");
        }
        SB_TRY(sb_draft_set_option(draft, option->key, option->value, x->err), x->err);
    }
    return SB_OK;
}

sb_status
sb_execute_like(sb_execution *x, const sb_ast_statement *s, const sb_catalog_id *id,
                sb_catalog_table **out)
{
    const sb_ast_create_table *ast = s->table;
    const sb_catalog *catalog = &x->session->catalog;
    const sb_catalog_table *source;
    sb_catalog_id source_id;
    sb_arena *arena;
    sb_table_draft draft;
    sb_status status;

    SB_TRY(sb_catalog_resolve(catalog, &ast->like, &source_id, x->err), x->err);
    source = sb_catalog_find(catalog, &source_id);
    if (source == NULL) {
        return sb_catalog_unknown(catalog, &source_id, ast->like.begin, ast->like.end, x->err);
    }
    if (source->is_view) {
        return sb_sql_error(x->err, SB_SQL_NOT_A_TABLE, ast->like.begin, ast->like.end,
                            "\"%s\" is a view", source->name);
    }
    arena = sb_arena_new(x->session->mem);
    if (arena == NULL) {
        SB_NOMEM(x->err);
    }
    status = sb_draft_of_table(arena, source, &draft, x->err);
    if (status == SB_OK) {
        like_filter(ast, &draft);
        status = like_columns(x, ast, &draft);
    }
    if (status == SB_OK) {
        status = like_rest(x, ast, &draft);
    }
    if (status == SB_OK) {
        status = draft_place(x, s, draft_bind(x, &draft, id, ast->temporary, arena, out));
    }
    sb_arena_free(arena);
    return status;
}
