/*
 * sql/execute_store.c -- definitions of a catalog that is kept in a store: written when they
 * change, read when the catalog is opened.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/catalog_store.h"
#include "sql/print.h"
#include "sql/session.h"
#include "sql/table_draft.h"

static sb_catalog_store *
store_of(const sb_execution *x, const char *catalog)
{
    const sb_catalog_space *space = sb_catalog_find_space(&x->session->catalog, catalog);

    return space != NULL && !x->session->scratch ? space->store : NULL;
}

/* ---- writing ---- */

static sb_status
store_text(sb_execution *x, const sb_catalog_table *table, sb_text *out)
{
    sb_arena *arena;
    sb_table_draft draft;
    sb_text name;
    sb_status status;

    sb_text_init(&name, x->session->mem);
    sb_sql_print_name(table->name, &name);
    if (table->is_view) {
        sb_text_printf(out, "CREATE VIEW %s (", name.data);
        for (int32_t i = 0; i < table->count_columns; i++) {
            sb_text_add(out, i > 0 ? ", " : "");
            sb_sql_print_name(table->columns[i].name, out);
        }
        sb_text_char(out, ')');
        if (table->comment != NULL) {
            sb_text_add(out, " COMMENT ");
            sb_sql_print_string(table->comment, out);
        }
        sb_text_printf(out, " AS %s", table->view_text);
        sb_text_deinit(&name);
        return SB_OK;
    }
    arena = sb_arena_new(x->session->mem);
    status = arena != NULL ? sb_draft_of_table(arena, table, &draft, x->err) : SB_STATUS_NOMEM;
    if (status == SB_OK) {
        sb_draft_print(&draft, false, name.data, out);
    }
    sb_text_deinit(&name);
    sb_arena_free(arena);
    return status;
}

sb_status
sb_keep_put(sb_execution *x, const sb_catalog_table *table)
{
    sb_catalog_store *store = table->temporary ? NULL : store_of(x, table->catalog);
    sb_stored stored = {.kind = table->is_view ? SB_STORED_VIEW : SB_STORED_TABLE,
                        .database = table->database,
                        .name = table->name};
    sb_text text;
    sb_status status;

    if (store == NULL) {
        return SB_OK;
    }
    sb_text_init(&text, x->session->mem);
    status = store_text(x, table, &text);
    if (table->is_view) {
        bool own = strcmp(table->view_catalog, table->catalog) == 0;

        stored.base_catalog = own ? "" : table->view_catalog;
        stored.base_database = table->view_database;
    }
    if (status == SB_OK && sb_text_failed(&text)) {
        status = sb_error_set(x->err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    if (status == SB_OK) {
        stored.text = text.data;
        status = store->put(store, &stored, x->err);
    }
    sb_text_deinit(&text);
    return status;
}

sb_status
sb_keep_remove(sb_execution *x, const sb_catalog_table *table)
{
    sb_catalog_store *store = table->temporary ? NULL : store_of(x, table->catalog);

    return store != NULL ? store->remove(store, table->is_view ? SB_STORED_VIEW : SB_STORED_TABLE,
                                         table->database, table->name, x->err)
                         : SB_OK;
}

sb_status
sb_keep_put_database(sb_execution *x, const sb_catalog_space *space,
                     const sb_catalog_database *database)
{
    sb_catalog_store *store = store_of(x, space->name);
    sb_stored stored = {.kind = SB_STORED_DATABASE, .database = "", .name = database->name};
    sb_text text;
    sb_status status;

    if (store == NULL) {
        return SB_OK;
    }
    sb_text_init(&text, x->session->mem);
    sb_text_add(&text, "CREATE DATABASE ");
    sb_sql_print_name(database->name, &text);
    if (database->comment != NULL) {
        sb_text_add(&text, " COMMENT ");
        sb_sql_print_string(database->comment, &text);
    }
    sb_text_add(&text, database->options.count > 0 ? " WITH (" : "");
    for (int32_t i = 0; i < database->options.count; i++) {
        sb_text_add(&text, i > 0 ? ", " : "");
        sb_sql_print_string(database->options.at[i].key, &text);
        sb_text_add(&text, " = ");
        sb_sql_print_string(database->options.at[i].value, &text);
    }
    sb_text_add(&text, database->options.count > 0 ? ")" : "");
    stored.text = text.data;
    status = store->put(store, &stored, x->err);
    sb_text_deinit(&text);
    return status;
}

sb_status
sb_keep_remove_database(sb_execution *x, const sb_catalog_space *space, const char *name)
{
    sb_catalog_store *store = store_of(x, space->name);

    return store != NULL ? store->remove(store, SB_STORED_DATABASE, "", name, x->err) : SB_OK;
}

/* ---- reading ---- */

typedef struct store_loading {
    sb_execution *x;
    const sb_catalog_space *space;
} store_loading;

/* Runs one stored statement as if it stood in a script. */
static sb_status
store_run(sb_execution *x, const sb_stored *stored, sb_error *err)
{
    sb_sql_script *script = NULL;
    sb_execution inner = {.session = x->session, .err = err, .result = x->result};
    sb_status status =
        sb_sql_parse(x->session->mem, stored->text, strlen(stored->text), &script, err);

    if (status == SB_OK && script->count == 1) {
        const sb_ast_statement *s = script->statements[0];

        inner.script = script;
        sb_text_init(&inner.warnings, x->session->mem);
        status = s->kind == SB_AST_CREATE_TABLE        ? sb_execute_create_table(&inner, s)
                 : s->kind == SB_AST_CREATE_VIEW       ? sb_execute_create_view(&inner, s)
                 : s->object == SB_AST_OBJECT_FUNCTION ? sb_execute_create_function(&inner, s)
                                                       : sb_execute_create_space(&inner, s);
        sb_text_deinit(&inner.warnings);
    }
    sb_sql_script_free(script);
    return status;
}

/* A definition that does not fit any more is left out with a warning: it stays in the store. */
static sb_status
store_each(void *ctx, const sb_stored *stored, sb_error *err)
{
    store_loading *loading = ctx;
    sb_execution *x = loading->x;
    sb_catalog *catalog = &x->session->catalog;
    bool view = stored->kind == SB_STORED_VIEW;
    sb_status status;

    catalog->current_catalog = loading->space->name;
    catalog->current_database =
        stored->kind == SB_STORED_DATABASE ? loading->space->default_database : stored->database;
    if (view) { /* its own name is looked up where it is, the names of its query elsewhere */
        x->session->view_catalog =
            stored->base_catalog[0] != '\0' ? stored->base_catalog : loading->space->name;
        x->session->view_database = stored->base_database;
    }
    status = store_run(x, stored, err);
    x->session->view_catalog = x->session->view_database = NULL;
    if (status == SB_OK || status == SB_STATUS_NOMEM) {
        return status;
    }
    sb_text_printf(&x->warnings, "catalog %s: %s.%s is left out: %s\n", loading->space->name,
                   stored->database, stored->name, err->message);
    sb_error_clear(err);
    return SB_OK;
}

sb_status
sb_keep_open(sb_execution *x, sb_catalog_space *space, const char *path)
{
    const sb_connector_info *info = &x->session->info;
    sb_catalog *catalog = &x->session->catalog;
    const char *current_catalog = catalog->current_catalog;
    const char *current_database = catalog->current_database;
    store_loading loading = {.x = x, .space = space};
    bool scratch = x->session->scratch, no_core = catalog->no_core;
    sb_status status;

    SB_TRY(info->catalog_open(info->ctx, path, &space->store, x->err), x->err);
    x->session->scratch = true; /* what is read is not written again */
    x->session->is_loading = true;
    catalog->no_core = false; /* modules are of the session, not of what is stored */
    status = space->store->load(space->store, store_each, &loading, x->err);
    x->session->scratch = scratch;
    x->session->is_loading = false;
    catalog->no_core = no_core;
    catalog->current_catalog = current_catalog;
    catalog->current_database = current_database;
    return status;
}
