/*
 * sql/execute_function.c -- CREATE, ALTER, DROP FUNCTION; what SHOW and DESCRIBE say of them.
 *
 * DESIGN     The library is loaded and its descriptor checked before the entry is there, so that a
 *            function that exists can be used; only entries of a catalog in a file are loaded late.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/catalog_store.h"
#include "sql/print.h"
#include "sql/session.h"
#include "sql/user_function.h"

/* Where a statement's function is; catalog NULL: of the system. */
static sb_status
function_place(sb_execution *x, const sb_ast_statement *s, sb_catalog_id *out)
{
    const char *name = s->name.parts[s->name.count - 1].text;

    if (s->is_system) {
        *out = (sb_catalog_id){.name = name};
        if (s->name.count > 1) {
            return sb_sql_error(x->err, SB_SQL_FUNCTION, s->name.begin, s->name.end,
                                "a function of the system has a name of one part");
        }
    } else {
        SB_TRY(sb_catalog_resolve(&x->session->catalog, &s->name, out, x->err), x->err);
    }
    return SB_OK;
}

/* ---- stores ---- */

static sb_catalog_store *
store_of(const sb_execution *x, const sb_catalog_function *function)
{
    const sb_catalog_space *space =
        function->temporary ? NULL : sb_catalog_find_space(&x->session->catalog, function->catalog);

    return space != NULL && !x->session->scratch ? space->store : NULL;
}

static sb_status
store_put(sb_execution *x, const sb_catalog_function *function)
{
    sb_catalog_store *store = store_of(x, function);
    sb_stored stored = {
        .kind = SB_STORED_FUNCTION, .database = function->database, .name = function->name};
    sb_text text;
    sb_status status;

    if (store == NULL) {
        return SB_OK;
    }
    sb_text_init(&text, x->session->mem);
    sb_text_add(&text, "CREATE FUNCTION ");
    sb_sql_print_name(function->name, &text);
    sb_text_add(&text, " AS ");
    sb_sql_print_string(function->text, &text);
    sb_text_add(&text, " LANGUAGE C");
    stored.text = text.data;
    status = sb_text_failed(&text)
                 ? sb_error_set(x->err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                 : store->put(store, &stored, x->err);
    sb_text_deinit(&text);
    return status;
}

/* ---- CREATE and ALTER ---- */

/* A new entry with its code, not in the catalog yet. */
static sb_status
function_make(sb_execution *x, const sb_ast_statement *s, const sb_catalog_id *id,
              sb_catalog_function **out)
{
    sb_sql_session *session = x->session;
    sb_catalog_function *function;
    sb_status status = SB_OK;

    if (session->info.functions == NULL) {
        return sb_sql_error(x->err, SB_SQL_UNSUPPORTED, s->begin, s->name.end,
                            "not supported: user functions");
    }
    function = sb_catalog_function_new(&session->catalog, id->catalog, id->database, id->name,
                                       s->text, s->temporary);
    if (function == NULL) {
        SB_NOMEM(x->err);
    }
    if (!session->is_loading) {
        status = sb_user_function_load(session->mem, session->info.functions, function, x->err);
    }
    if (status != SB_OK) {
        sb_catalog_function_free(function);
        return sb_sql_error_place(x->err, SB_SQL_FUNCTION, s->text_begin, s->text_end);
    }
    *out = function;
    return SB_OK;
}

/* The code that an entry stood for is found by its name no more. */
static void
function_forget(sb_execution *x, sb_catalog_function *function, const sb_udf *instead)
{
    if (function->udf != NULL && function->udf != instead) {
        sb_udf_drop(x->session->info.functions, function->udf);
    }
    sb_catalog_function_drop(&x->session->catalog, function);
}

sb_status
sb_execute_create_function(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    sb_catalog_function *old, *function;
    sb_catalog_id id;

    SB_TRY(function_place(x, s, &id), x->err);
    if (!sb_user_function_is_name(id.name)) {
        return sb_sql_error(x->err, SB_SQL_FUNCTION, s->name.begin, s->name.end,
                            "the name of a function begins with a letter or _");
    }
    old = sb_catalog_function_find(catalog, id.catalog, id.database, id.name, s->temporary);
    if (old != NULL && s->if_exists) {
        return sb_result_message(x, "function %s exists already", old->name);
    }
    if (old != NULL || (id.catalog == NULL && x->session->info.functions != NULL &&
                        sb_udf_of_system(x->session->info.functions, id.name) != NULL)) {
        return sb_sql_error(x->err, SB_SQL_TABLE_EXISTS, s->name.begin, s->name.end,
                            "function \"%s\" exists already", id.name);
    }
    SB_TRY(function_make(x, s, &id, &function), x->err);
    sb_status status = store_put(x, function);
    if (status == SB_OK) {
        status = sb_result_message(x, "function %s created", function->name);
    }
    if (status != SB_OK) {
        sb_catalog_function_free(function);
        return status;
    }
    sb_catalog_function_add(catalog, function);
    return SB_OK;
}

static sb_status
function_unknown(sb_execution *x, const sb_ast_statement *s)
{
    const char *name = s->name.parts[s->name.count - 1].text, *nearest;
    const char *names[64];
    int32_t count = 0;

    for (const sb_catalog_function *f = x->session->catalog.functions; f != NULL && count < 64;
         f = f->next) {
        names[count++] = f->name;
    }
    nearest = sb_sql_nearest(name, names, count);
    (void)sb_sql_error(x->err, SB_SQL_FUNCTION_UNKNOWN, s->name.begin, s->name.end,
                       "unknown function '%s'", name);
    if (nearest != NULL) {
        sb_error_hint(x->err, "did you mean %s?", nearest);
    }
    return SB_STATUS_NOT_FOUND;
}

sb_status
sb_execute_alter_function(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    sb_catalog_function *old, *function;
    sb_catalog_id id;
    sb_status status;

    if (s->temporary) {
        (void)sb_sql_error(x->err, SB_SQL_UNSUPPORTED, s->begin, s->name.end,
                           "not supported: ALTER TEMPORARY %sFUNCTION",
                           s->is_system ? "SYSTEM " : "");
        sb_error_hint(x->err, "drop it and create it again");
        return SB_STATUS_NOT_SUPPORTED;
    }
    SB_TRY(function_place(x, s, &id), x->err);
    old = sb_catalog_function_find(catalog, id.catalog, id.database, id.name, false);
    if (old == NULL) {
        return s->if_exists ? sb_result_message(x, "function %s does not exist", id.name)
                            : function_unknown(x, s);
    }
    SB_TRY(function_make(x, s, &id, &function), x->err);
    status = store_put(x, function);
    if (status == SB_OK) {
        status = sb_result_message(x, "function %s altered", function->name);
    }
    if (status != SB_OK) {
        sb_catalog_function_free(function);
        return status;
    }
    function_forget(x, old, function->udf);
    sb_catalog_function_add(catalog, function);
    return SB_OK;
}

/* ---- DROP ---- */

static sb_status
function_hint(sb_execution *x, const sb_ast_statement *s, const sb_catalog_id *id)
{
    const sb_catalog *catalog = &x->session->catalog;
    bool other = !s->is_system && sb_catalog_function_find(catalog, id->catalog, id->database,
                                                           id->name, !s->temporary) != NULL;
    bool system = sb_catalog_function_find(catalog, NULL, NULL, id->name, true) != NULL;

    (void)function_unknown(x, s);
    if (other || (system && !s->is_system)) {
        sb_error_hint(x->err, "there is a %s: write DROP %sFUNCTION %s",
                      other && s->temporary ? "function that is not temporary"
                      : other               ? "temporary function"
                                            : "temporary function of the system",
                      other && s->temporary ? ""
                      : other               ? "TEMPORARY "
                                            : "TEMPORARY SYSTEM ",
                      id->name);
    } else if (sb_user_function_is_builtin(id->name)) {
        sb_error_hint(x->err, "built-in functions stay");
    }
    return SB_STATUS_NOT_FOUND;
}

sb_status
sb_execute_drop_function(sb_execution *x, const sb_ast_statement *s)
{
    sb_catalog *catalog = &x->session->catalog;
    sb_udf_library *library = x->session->info.functions;
    sb_catalog_function *function;
    sb_catalog_store *store;
    sb_catalog_id id;

    SB_TRY(function_place(x, s, &id), x->err);
    function = sb_catalog_function_find(catalog, id.catalog, id.database, id.name, s->temporary);
    if (function == NULL && id.catalog == NULL && library != NULL) {
        sb_udf *host = (sb_udf *)(uintptr_t)sb_udf_of_system(library, id.name);

        if (host != NULL) {
            sb_udf_drop(library, host);
            return sb_result_message(x, "function %s dropped", id.name);
        }
    }
    if (function == NULL) {
        return s->if_exists ? sb_result_message(x, "function %s does not exist", id.name)
                            : function_hint(x, s, &id);
    }
    store = store_of(x, function);
    if (store != NULL) {
        SB_TRY(store->remove(store, SB_STORED_FUNCTION, function->database, function->name, x->err),
               x->err);
    }
    SB_TRY(sb_result_message(x, "function %s dropped", function->name), x->err);
    function_forget(x, function, NULL);
    return SB_OK;
}

/* ---- DESCRIBE ---- */

static sb_status
describe_pair(sb_execution *x, const char *name, const char *value)
{
    const char *cells[] = {name, value};

    return sb_result_row(x, cells);
}

static sb_status
describe_code(sb_execution *x, const sb_udf *udf, bool extended)
{
    static const char *const kinds[] = {"", "SCALAR", "AGGREGATE", "TABLE"};
    bool fixed = (udf->def.flags & SABOT_FUNCTION_DETERMINISTIC) != 0;
    bool strict = (udf->def.flags & SABOT_FUNCTION_STRICT) != 0;

    if (extended) {
        SB_TRY(describe_pair(x, "kind", kinds[udf->def.kind]), x->err);
        SB_TRY(describe_pair(x, "is deterministic", fixed ? "true" : "false"), x->err);
        SB_TRY(describe_pair(x, "supports constant folding",
                             fixed && sb_udf_is(udf, SABOT_FUNCTION_SCALAR) ? "true" : "false"),
               x->err);
        SB_TRY(describe_pair(x, "called on NULL", strict ? "false" : "true"), x->err);
        if (sb_udf_is(udf, SABOT_FUNCTION_AGGREGATE)) {
            SB_TRY(describe_pair(x, "can retract", udf->def.retract != NULL ? "true" : "false"),
                   x->err);
            SB_TRY(describe_pair(x, "can merge", udf->def.merge != NULL ? "true" : "false"),
                   x->err);
        }
    }
    return describe_pair(x, "signature", udf->signature);
}

sb_status
sb_describe_user_function(sb_execution *x, const sb_ast_statement *s, bool *out_found)
{
    static const char *const names[] = {"info name", "info value"};
    const sb_ast_path *path = &s->name;
    const sb_udf *udf;
    sb_arena *arena = sb_arena_new(x->session->mem);
    sb_binder binder;
    sb_status status;

    *out_found = false;
    if (arena == NULL) {
        SB_NOMEM(x->err);
    }
    sb_execution_binder(x, arena, &binder);
    status = sb_user_function_find(&binder, path, &udf);
    sb_arena_free(arena);
    if (status != SB_OK || udf == NULL) {
        return status;
    }
    bool system = strchr(udf->id, '.') == NULL;
    bool temporary = system;
    for (const sb_catalog_function *f = x->session->catalog.functions; f != NULL; f = f->next) {
        temporary = temporary || (f->udf == udf && f->temporary);
    }
    *out_found = true;
    SB_TRY(sb_result_columns(x, names, 2), x->err);
    SB_TRY(describe_pair(x, "name", udf->function.name), x->err);
    SB_TRY(describe_pair(x, "is system function", system ? "true" : "false"), x->err);
    SB_TRY(describe_pair(x, "is temporary", temporary ? "true" : "false"), x->err);
    SB_TRY(describe_pair(x, "class name", udf->origin[0] != '\0' ? udf->origin : "(host program)"),
           x->err);
    SB_TRY(describe_pair(x, "function language", "C"), x->err);
    return describe_code(x, udf, s->extended);
}
