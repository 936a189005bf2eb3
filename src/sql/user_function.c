/*
 * sql/user_function.c -- see user_function.h.
 *
 * THREADS    one thread at a time.
 */
#include "sql/user_function.h"

#include <string.h>

#include "base/os/library.h"
#include "columnar/arrow.h"
#include "sql/parser.h"
#include "sql/print.h"
#include "sql/session.h"

/* ---- entries ---- */

static bool
is_at(const sb_catalog_function *function, const char *space, const char *database)
{
    if (space == NULL || function->catalog == NULL) {
        return space == function->catalog;
    }
    return strcmp(function->catalog, space) == 0 && strcmp(function->database, database) == 0;
}

sb_catalog_function *
sb_catalog_function_find(const sb_catalog *catalog, const char *space, const char *database,
                         const char *name, bool temporary)
{
    for (sb_catalog_function *f = catalog->functions; f != NULL; f = f->next) {
        if (f->temporary == temporary && is_at(f, space, database) &&
            sb_str_equal_nocase(sb_str_of(f->name), sb_str_of(name))) {
            return f;
        }
    }
    return NULL;
}

static char *
lower_copy(sb_arena *arena, const char *name)
{
    char *copy = sb_arena_strdup(arena, name);

    for (char *c = copy; c != NULL && *c != '\0'; c++) {
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    }
    return copy;
}

sb_catalog_function *
sb_catalog_function_new(sb_catalog *catalog, const char *space, const char *database,
                        const char *name, const char *text, bool temporary)
{
    sb_arena *arena = sb_arena_new(catalog->mem);
    sb_catalog_function *function = arena != NULL ? SB_NEW(arena, sb_catalog_function) : NULL;

    if (function != NULL) {
        function->arena = arena;
        function->temporary = temporary;
        function->name = lower_copy(arena, name);
        function->text = sb_arena_strdup(arena, text);
        function->catalog = space != NULL ? sb_arena_strdup(arena, space) : NULL;
        function->database = space != NULL ? sb_arena_strdup(arena, database) : NULL;
    }
    if (function == NULL || function->name == NULL || function->text == NULL ||
        (space != NULL && (function->catalog == NULL || function->database == NULL))) {
        sb_arena_free(arena);
        return NULL;
    }
    return function;
}

void
sb_catalog_function_free(sb_catalog_function *function)
{
    if (function != NULL) {
        sb_arena_free(function->arena); /* the entry itself lies in it */
    }
}

void
sb_catalog_function_add(sb_catalog *catalog, sb_catalog_function *function)
{
    function->next = catalog->functions;
    catalog->functions = function;
}

void
sb_catalog_function_drop(sb_catalog *catalog, sb_catalog_function *function)
{
    sb_catalog_function **at = &catalog->functions;

    while (*at != function) {
        sb_assert(*at != NULL);
        at = &(*at)->next;
    }
    *at = function->next;
    sb_catalog_function_free(function);
}

/* ---- types of a descriptor ---- */

/* A parser over a text that is not a script. */
static sb_status
types_open(sb_arena *arena, const char *text, sb_parser *out, sb_error *err)
{
    sb_token *tokens;

    *out = (sb_parser){.arena = arena, .text = text, .err = err};
    SB_TRY(sb_lex(arena, text, 0, (int32_t)strlen(text), &tokens, &out->count, err), err);
    out->tokens = tokens;
    return SB_OK;
}

static sb_status
types_list(sb_parser *p, bool names, sb_schema *out)
{
    sb_field *fields = SB_NEW_ARRAY(p->arena, sb_field, SB_UDF_ARGS_MAX + 1);

    if (fields == NULL) {
        SB_NOMEM(p->err);
    }
    *out = (sb_schema){.count = 0, .fields = fields};
    if (sb_parse_peek(p, 0)->kind == SB_TOKEN_END) {
        return SB_OK;
    }
    do {
        sb_field *field = &fields[out->count];
        sb_ast_name name = {.text = ""};

        if (out->count == SB_UDF_ARGS_MAX) {
            SB_FAIL(p->err, SB_STATUS_LIMIT, "more than %d types", SB_UDF_ARGS_MAX);
        }
        if (names) {
            SB_TRY(sb_parse_name(p, "a name of a column", &name), p->err);
        }
        field->name = name.text;
        SB_TRY(sb_parse_type(p, &field->type), p->err);
        out->count++;
    } while (sb_parse_take_symbol(p, ","));
    return sb_parse_peek(p, 0)->kind == SB_TOKEN_END ? SB_OK
                                                     : sb_parse_fail(p, "a comma or the end");
}

/* From SQL text, or from an Arrow schema; *out NULL: neither is there. */
static sb_status
types_of(sb_arena *arena, const char *text, const struct ArrowSchema *arrow, bool names,
         const sb_schema **out, sb_error *err)
{
    sb_schema *schema = NULL;
    sb_parser p;

    if (text != NULL) {
        schema = SB_NEW(arena, sb_schema);
        if (schema == NULL) {
            SB_NOMEM(err);
        }
        SB_TRY(types_open(arena, text, &p, err), err);
        SB_TRY(types_list(&p, names, schema), err);
    } else if (arrow != NULL) {
        SB_TRY(sb_arrow_import_schema(arena, arrow, &schema, err), err);
    }
    *out = schema;
    return SB_OK;
}

static sb_status
types_check(const sabot_function *def, const sb_schema *args, const sb_schema *result,
            sb_error *err)
{
    bool table = def->kind == SABOT_FUNCTION_TABLE;

    if (args == NULL || result == NULL) {
        SB_FAIL(err, SB_STATUS_INVALID, "it tells no types of its %s, and has no `infer`",
                args == NULL ? "arguments" : "result");
    }
    if (args->count > SB_UDF_ARGS_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT, "more than %d arguments", SB_UDF_ARGS_MAX);
    }
    if (args->count == 0 && (def->flags & SABOT_FUNCTION_VARIADIC) != 0) {
        SB_FAIL(err, SB_STATUS_INVALID, "VARIADIC without an argument that is repeated");
    }
    if (table ? result->count == 0 : result->count != 1) {
        SB_FAIL(err, SB_STATUS_INVALID,
                table ? "a TABLE function without columns" : "a result of %d columns, not one",
                result->count);
    }
    SB_TRY(sb_udf_check_result(result, err), err);
    for (int32_t i = 0; table && i < result->count; i++) {
        if (result->fields[i].name[0] == '\0') {
            SB_FAIL(err, SB_STATUS_INVALID, "a TABLE function with a column without a name");
        }
    }
    return SB_OK;
}

/* Puts the types into the spec. */
static sb_status
fill_types(sb_arena *arena, const sabot_function *def, sb_udf_spec *spec, sb_error *err)
{
    bool table = def->kind == SABOT_FUNCTION_TABLE;

    if (def->infer != NULL) {
        return SB_OK;
    }
    sb_status status =
        types_of(arena, def->arguments, def->arguments_schema, false, &spec->args, err);
    if (status == SB_OK) {
        status = types_of(arena, def->result, def->result_schema, table, &spec->result, err);
    }
    if (status != SB_OK) {
        sb_error_prefix(err, "the types that it declares");
        sb_error_at(err, -1, -1); /* the place is one of its text */
        if (status != SB_STATUS_NOMEM) {
            status = SB_STATUS_INVALID;
            err->status = status;
            err->code[0] = '\0';
        }
        return status;
    }
    return types_check(def, spec->args, spec->result, err);
}

static sb_status
add_descriptor(sb_mem *mem, sb_udf_library *library, const sabot_function *given, sb_udf_spec *spec,
               sb_udf **out, sb_error *err)
{
    sb_arena *arena = sb_arena_new(mem);
    sabot_function def;
    sb_status status;

    if (arena == NULL) {
        SB_NOMEM(err);
    }
    status = sb_udf_check(given, &def, err);
    if (status == SB_OK) {
        spec->def = &def;
        status = fill_types(arena, &def, spec, err);
    }
    if (status == SB_OK) {
        status = sb_udf_add(library, spec, out, err);
    }
    sb_arena_free(arena);
    return status;
}

/* ---- loading ---- */

/* How plans call it. */
static void
print_id(const sb_catalog_function *function, sb_text *out)
{
    if (function->catalog != NULL) {
        sb_sql_print_name(function->catalog, out);
        sb_text_char(out, '.');
        sb_sql_print_name(function->database, out);
        sb_text_char(out, '.');
        sb_sql_print_name(function->name, out);
    } else {
        sb_text_add(out, function->name);
    }
}

static sb_status
load_symbol(const char *text, sb_text *path, const sabot_function **out, sb_error *err)
{
    const char *colon = strrchr(text, ':');
    const char *name = colon != NULL && strchr(colon, '/') == NULL ? colon + 1 : NULL;
    void *library = NULL, *symbol;
    sabot_function_symbol get;

    sb_text_append(path, text, name != NULL ? (size_t)(colon - text) : strlen(text));
    if (sb_text_failed(path)) {
        SB_NOMEM(err);
    }
    name = name != NULL ? name : SB_FUNCTION_SYMBOL;
    if (path->size == 0 || *name == '\0') {
        sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                     "'%.300s' names no library and symbol", text);
        sb_error_hint(err, "write AS 'libx.so:symbol'");
        return SB_STATUS_INVALID;
    }
    sb_status status = sb_library_open(path->data, &library, err);
    if (status == SB_STATUS_NOT_FOUND) {
        sb_error_hint(err, "paths that are relative begin at the current folder");
    }
    SB_TRY(status, err);
    symbol = sb_library_symbol(library, name);
    if (symbol == NULL) {
        sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                     "library '%.300s' exports no symbol '%.100s'", path->data, name);
        sb_error_hint(err, "declare it SABOT_FUNCTION_EXPORT (and extern \"C\" in C++)");
        return SB_STATUS_NOT_FOUND;
    }
    memcpy(&get, &symbol, sizeof(get));
    *out = get();
    return SB_OK;
}

sb_status
sb_user_function_load(sb_mem *mem, sb_udf_library *library, sb_catalog_function *function,
                      sb_error *err)
{
    const sabot_function *def = NULL;
    sb_text path, id;
    sb_status status;

    sb_text_init(&path, mem);
    sb_text_init(&id, mem);
    print_id(function, &id);
    status = load_symbol(function->text, &path, &def, err);
    if (status == SB_OK && sb_text_failed(&id)) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    if (status == SB_OK) {
        sb_udf_spec spec = {.name = function->name, .id = id.data, .origin = function->text};

        status = add_descriptor(mem, library, def, &spec, &function->udf, err);
        if (status != SB_OK && status != SB_STATUS_NOMEM) {
            sb_error_prefix(err, "'%.300s'", function->text);
        }
    }
    sb_text_deinit(&path);
    sb_text_deinit(&id);
    return status;
}

sb_status
sb_user_function_register(sb_mem *mem, sb_udf_library *library, const char *name,
                          const sabot_function *def, sb_error *err)
{
    sb_arena *arena = sb_arena_new(mem);
    const char *lower = arena != NULL ? lower_copy(arena, name) : NULL;
    sb_udf_spec spec = {.name = lower, .id = lower, .origin = ""};
    sb_udf *udf;
    sb_status status;

    if (lower == NULL) {
        sb_arena_free(arena);
        SB_NOMEM(err);
    }
    if (sb_udf_of_system(library, lower) != NULL) {
        status =
            sb_error_set(err, SB_STATUS_EXISTS, __FILE__, __LINE__, "it is registered already");
    } else {
        status = add_descriptor(mem, library, def, &spec, &udf, err);
    }
    sb_arena_free(arena);
    if (status != SB_OK && status != SB_STATUS_NOMEM) {
        sb_error_prefix(err, "function '%.100s'", name);
    }
    return status;
}

sb_status
sb_sql_session_register(sb_sql_session *session, const char *name, const sabot_function *function,
                        sb_error *err)
{
    if (name == NULL || !sb_user_function_is_name(name)) {
        SB_FAIL(err, SB_STATUS_INVALID, "the name of a function begins with a letter or _");
    }
    if (sb_catalog_function_find(&session->catalog, NULL, NULL, name, true) != NULL) {
        SB_FAIL(err, SB_STATUS_EXISTS, "function '%.100s': there is a temporary one of the system",
                name);
    }
    return sb_user_function_register(session->mem, session->info.functions, name, function, err);
}

/* ---- names ---- */

bool
sb_user_function_is_name(const char *name)
{
    return (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') || *name == '_' ||
           (unsigned char)*name >= 0x80;
}

bool
sb_user_function_is_builtin(const char *name)
{
    const sb_function *function = sb_function_find(name, NULL);

    return (function != NULL && (function->flags & SB_FN_INTERNAL) == 0) ||
           sb_sql_is_aggregate(name);
}

static sb_status
load_found(sb_binder *b, sb_catalog_function *found, const sb_ast_path *path, const sb_udf **out)
{
    if (found->udf == NULL) {
        sb_udf_library *library = b->rel.info->functions;
        sb_status status = library == NULL
                               ? sb_error_set(b->rel.err, SB_STATUS_NOT_SUPPORTED, __FILE__,
                                              __LINE__, "not supported: user functions")
                               : sb_user_function_load(b->catalog->mem, library, found, b->rel.err);

        if (status != SB_OK) {
            sb_error_prefix(b->rel.err, "function %s", found->name);
            return sb_sql_error_place(b->rel.err, SB_SQL_FUNCTION, path->begin, path->end);
        }
    }
    *out = found->udf;
    return SB_OK;
}

sb_status
sb_user_function_find(sb_binder *b, const sb_ast_path *path, const sb_udf **out)
{
    const sb_catalog *catalog = b->catalog;
    const char *name = path->parts[path->count - 1].text;
    sb_catalog_function *found = NULL;
    sb_catalog_id id;

    *out = NULL;
    if (catalog == NULL) {
        return SB_OK;
    }
    if (path->count == 1) {
        found = sb_catalog_function_find(catalog, NULL, NULL, name, true);
        if (found == NULL && b->rel.info->functions != NULL) {
            *out = sb_udf_of_system(b->rel.info->functions, name);
        }
        if (found == NULL && (*out != NULL || sb_user_function_is_builtin(name))) {
            return SB_OK;
        }
    }
    if (found == NULL) {
        SB_TRY(sb_catalog_resolve(catalog, path, &id, b->rel.err), b->rel.err);
        found = sb_catalog_function_find(catalog, id.catalog, id.database, name, true);
    }
    if (found == NULL) {
        found = sb_catalog_function_find(catalog, id.catalog, id.database, name, false);
    }
    return found != NULL ? load_found(b, found, path, out) : SB_OK;
}
