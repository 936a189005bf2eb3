/*
 * sql/bind_file.c -- FROM 'x.csv': a file as a table that nobody has created.
 *
 * DESIGN     The engine looks into the file and answers with a CREATE TABLE statement, which is
 *            bound as if it had been executed, into the arena of the plan. The same file twice in a
 *            statement is looked into twice and read once.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"

/* a/b.json.gz: b */
static const char *
file_stem(sb_binder *b, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t size = strcspn(name, ".");

    if (strcmp(path, "-") == 0) {
        return "stdin";
    }

    return sb_arena_strndup(b->rel.arena, size > 0 ? name : path, size > 0 ? size : strlen(path));
}

static sb_status
file_bind(sb_binder *b, const char *name, const char *text, sb_catalog_table **out)
{
    sb_ast_statement **statements;
    int32_t count;
    sb_status status;
    sb_catalog_table *entry = SB_NEW(b->rel.arena, sb_catalog_table);

    if (entry == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_TRY(sb_ast_parse(b->rel.arena, text, (int32_t)strlen(text), &statements, &count, b->rel.err),
           b->rel.err);
    sb_assert(count == 1 && statements[0]->kind == SB_AST_CREATE_TABLE);
    entry->arena = b->rel.arena;
    entry->catalog = SB_CATALOG_NAME;
    entry->database = SB_DATABASE_NAME;
    entry->name = name;
    entry->watermark_column = -1;
    *out = entry;
    b->views++; /* a text of its own */
    status = sb_bind_create_table(b, statements[0]->table, text, entry);
    b->views--;
    return status;
}

sb_status
sb_bind_file_entry(sb_binder *b, const sb_ast_path *path, sb_catalog_table **out)
{
    const sb_connector_info *info = b->rel.info;
    const char *name = path->parts[0].text, *text;
    sb_status status;

    if (info == NULL || info->file_table == NULL) {
        return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, path->begin, path->end,
                            "not supported: a file in FROM");
    }
    if (info->file_table(info->ctx, name, b->rel.arena, &text, b->rel.err) != SB_OK) {
        return sb_sql_error_place(b->rel.err, SB_SQL_TABLE_UNKNOWN, path->begin, path->end);
    }
    status = file_bind(b, name, text, out);
    if (status != SB_OK) {
        /* Its place is in a text that the user does not see. */
        sb_error_prefix(b->rel.err, "file '%s'", name);
        if (b->rel.err != NULL) {
            sb_error_at(b->rel.err, path->begin, path->end);
        }
    }
    return status;
}

sb_status
sb_bind_file(sb_binder *b, const sb_ast_path *path, const sb_options *hints, sb_rel **out,
             const char **out_name)
{
    sb_catalog_table *entry;

    *out_name = file_stem(b, path->parts[0].text);
    if (*out_name == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_TRY(sb_bind_file_entry(b, path, &entry), b->rel.err);
    return sb_bind_entry(b, entry, path, hints, out);
}
