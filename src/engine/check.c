/*
 * engine/check.c -- all errors of a text, and text in canonical form.
 *
 * DESIGN     Checking has an engine of its own, so that the definitions in the text are gone
 *            afterwards. A statement that fails because the definition of its table failed before
 *            is not told of.
 * THREADS    one thread per call.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/engine_priv.h"
#include "engine/json_text.h"
#include "sql/code.h"
#include "sql/print.h"

struct sabot_errors {
    sabot_error **at;
    int32_t count;
    char *name; /* of the text; NULL: none */
    char *text; /* a copy: source lines */
    size_t size;
};

sabot_status
sabot_format(const char *sql, size_t size, const char *name, char **out, sabot_error **error)
{
    sb_error err;
    sb_text text;
    sb_error_clear(&err);
    sb_text_init(&text, sb_mem_root());
    sb_status status = sb_sql_format(sb_mem_root(), sql, size, &text, &err);
    if (status != SB_OK) {
        sb_text_deinit(&text);
        return sb_engine_fail(error, &err, name, sql, size);
    }
    *out = sb_engine_export_text(&text, &err);
    return sb_engine_status(error, *out ? SB_OK : err.status, &err);
}

/* All errors of the statement that gave `err`. False: there is no room for more. */
static bool
add_errors(sabot_engine *engine, sb_sql_script *parsed, const sb_error *err, sb_sql_errors *errors)
{
    const sb_sql_errors *all = sb_sql_session_errors(engine->session);
    int32_t before = errors->count; /* those of the statement itself do not silence each other */
    for (int32_t i = 0; i == 0 || i < all->count; i++) {
        const sb_error *one = i == 0 ? err : &all->at[i];
        sb_sql_errors earlier = *errors;
        earlier.count = before;
        if (!sb_sql_is_follow_up(parsed, &earlier, one) && !sb_sql_errors_add(errors, one)) {
            return false;
        }
    }
    return true;
}

/* Binds and plans the statements that parse, one by one. */
static sb_status
check_statements(sabot_engine *engine, sb_sql_script *parsed, sb_sql_errors *errors)
{
    sabot_script script = {.engine = engine, .script = parsed};
    for (int32_t i = 0; i < sb_sql_script_count(parsed); i++) {
        sabot_result *result = NULL;
        sb_error err;
        sb_error_clear(&err);
        if (sb_engine_execute(&script, i, &result, &err) == SB_OK) {
            sabot_result_free(result);
            continue;
        }
        if (err.status == SB_STATUS_NOMEM) {
            return err.status;
        }
        if (!add_errors(engine, parsed, &err, errors)) {
            return SB_OK;
        }
    }
    return SB_OK;
}

static int
compare_places(const void *a, const void *b)
{
    const sb_error *left = a, *right = b;
    return (left->position > right->position) - (left->position < right->position);
}

static sb_status
export_errors(const sb_sql_errors *errors, const char *sql, size_t size, const char *name,
              sabot_errors **out)
{
    sabot_errors *list = calloc(1, sizeof *list);
    if (list) {
        list->at = calloc((size_t)errors->count + 1, sizeof *list->at);
        list->name = name ? strdup(name) : NULL;
        list->text = malloc(size + 1);
        list->size = size;
    }
    if (!list || !list->at || !list->text || (name && !list->name)) {
        sabot_errors_free(list);
        return SB_STATUS_NOMEM;
    }
    memcpy(list->text, sql, size);
    list->text[size] = '\0';
    for (int32_t i = 0; i < errors->count; i++) {
        (void)sb_engine_fail(&list->at[i], &errors->at[i], name, sql, size);
        if (!list->at[i]) {
            sabot_errors_free(list);
            return SB_STATUS_NOMEM;
        }
        list->count++;
    }
    *out = list;
    return SB_OK;
}

sabot_status
sabot_check(const sabot_option *options, size_t count, const char *sql, size_t size,
            const char *name, sabot_errors **out, sabot_error **error)
{
    sabot_engine *engine;
    sb_sql_script *script = NULL;
    sb_sql_errors errors;
    sb_error err;
    sabot_status opened = sabot_engine_open(options, count, &engine, error);
    if (opened != SABOT_OK) {
        return opened;
    }
    sb_error_clear(&err);
    sb_sql_errors_init(&errors, engine->mem);
    sb_sql_session_scratch(engine->session);
    sabot_catalogs_hold(engine);
    sb_status status = sb_sql_parse_all(engine->mem, sql, size, &script, &errors, &err);
    if (status == SB_OK) {
        status = check_statements(engine, script, &errors);
    }
    if (status == SB_OK) {
        if (errors.count > 0) {
            qsort(errors.at, (size_t)errors.count, sizeof errors.at[0], compare_places);
        }
        status = export_errors(&errors, sql, size, name, out);
    }
    if (status != SB_OK && err.status == SB_OK) {
        sb_error_set(&err, status, __FILE__, __LINE__, "out of memory");
    }
    sb_sql_errors_deinit(&errors);
    sb_sql_script_free(script);
    sabot_engine_close(engine);
    return sb_engine_status(error, status, &err);
}

int32_t
sabot_errors_count(const sabot_errors *errors)
{
    return errors->count;
}

const sabot_error *
sabot_errors_at(const sabot_errors *errors, int32_t index)
{
    return index >= 0 && index < errors->count ? errors->at[index] : NULL;
}

void
sabot_errors_free(sabot_errors *errors)
{
    if (errors) {
        for (int32_t i = 0; i < errors->count; i++) {
            sabot_error_free(errors->at[i]);
        }
        free(errors->at);
        free(errors->name);
        free(errors->text);
        free(errors);
    }
}

/* The line of the text that the error is in. */
static void
json_source(sb_text *out, const sabot_errors *errors, int32_t line)
{
    const char *at = errors->text, *end = errors->text + errors->size;
    for (int32_t i = 1; i < line && at < end; i++) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        at = next ? next + 1 : end;
    }
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    char *copy = strndup(at, (size_t)((stop ? stop : end) - at));
    if (copy) {
        sb_engine_json_string(out, copy);
    } else {
        out->failed = true;
    }
    free(copy);
}

static void
json_error(sb_text *out, const sabot_errors *errors, const sabot_error *error)
{
    int32_t line = sabot_error_line(error);
    sb_text_add(out, "{\"file\":");
    if (errors->name) {
        sb_engine_json_string(out, errors->name);
    } else {
        sb_text_add(out, "null");
    }
    sb_text_printf(out, ",\"line\":%d,\"column\":%d,\"end_column\":%d,\"code\":", (int)line,
                   (int)sabot_error_column(error), (int)sabot_error_end_column(error));
    sb_engine_json_string(out, sabot_error_code(error));
    sb_text_add(out, ",\"severity\":\"error\",\"message\":");
    sb_engine_json_string(out, sabot_error_message(error));
    sb_text_add(out, ",\"hint\":");
    sb_engine_json_string(out, sabot_error_hint(error));
    sb_text_add(out, ",\"source_line\":");
    if (line > 0) {
        json_source(out, errors, line);
    } else {
        sb_text_add(out, "null");
    }
    sb_text_add(out, "}");
}

char *
sabot_errors_json(const sabot_errors *errors)
{
    sb_error err;
    sb_text text;
    sb_error_clear(&err);
    sb_text_init(&text, sb_mem_root());
    sb_text_add(&text, "[");
    for (int32_t i = 0; i < errors->count; i++) {
        sb_text_add(&text, i > 0 ? ",\n " : "");
        json_error(&text, errors, errors->at[i]);
    }
    sb_text_add(&text, "]");
    return sb_engine_export_text(&text, &err);
}
