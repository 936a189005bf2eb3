/*
 * engine/error.c -- the public error object: status, code, place, message, hint, and all of it as
 * text.
 *
 * OWNERSHIP  An error stands alone: it survives the engine.
 * THREADS    one thread at a time per error.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/engine_priv.h"
#include "sabot/version.h"
#include "sql/code.h"
#include "sql/report.h"

struct sabot_error {
    sb_error err;
    int32_t line, column, end_column;
    sb_text text;
    sb_text trace;
    sabot_error *next; /* of the same statement, behind it in the text; owned. NULL: none */
};

#define SAME(name) \
    SB_STATIC_ASSERT((int)SABOT_##name == (int)SB_STATUS_##name, "public status " #name)
SAME(OK);
SAME(NOMEM);
SAME(INVALID);
SAME(SYNTAX);
SAME(SEMANTIC);
SAME(NOT_FOUND);
SAME(EXISTS);
SAME(NOT_SUPPORTED);
SAME(DATA);
SAME(IO);
SAME(CORRUPT);
SAME(CONFLICT);
SAME(LIMIT);
SAME(CANCELLED);
SAME(TIMEOUT);
SAME(INTERNAL);
#undef SAME

const char *
sabot_version(void)
{
    return SABOT_VERSION;
}

sabot_status
sb_engine_fail(sabot_error **out, const sb_error *err, const char *name, const char *text,
               size_t size)
{
    sabot_status status = (sabot_status)err->status;
    sabot_error *error = out ? calloc(1, sizeof *error) : NULL;
    if (!error) {
        return status;
    }
    error->err = *err;
    if (!text || err->position < 0 || (size_t)err->position > size) {
        error->err.position = -1;
        text = NULL;
    } else {
        int32_t end_line = 0,
                end = err->position_end > err->position ? err->position_end - 1 : err->position;
        sb_sql_locate(text, size, err->position, &error->line, &error->column);
        sb_sql_locate(text, size, end, &end_line, &error->end_column);
        error->end_column = end_line == error->line ? error->end_column + 1 : 0;
    }
    sb_text_init(&error->text, sb_mem_root());
    sb_text_init(&error->trace, sb_mem_root());
    sb_sql_report(&error->err, name, text ? text : "", text ? size : 0, false, &error->text);
    if (error->text.size > 0 && error->text.data[error->text.size - 1] != '\n') {
        sb_text_char(&error->text, '\n');
    }
    sb_text_add(&error->trace, err->frames);
    *out = error;
    return status;
}

sabot_status
sabot_error_status(const sabot_error *error)
{
    return error ? (sabot_status)error->err.status : SABOT_OK;
}

const char *
sabot_error_code(const sabot_error *error)
{
    return error ? error->err.code : "";
}

const char *
sabot_error_message(const sabot_error *error)
{
    return error ? error->err.message : "";
}

const char *
sabot_error_hint(const sabot_error *error)
{
    return error ? error->err.hint : "";
}

int32_t
sabot_error_line(const sabot_error *error)
{
    return error ? error->line : 0;
}

int32_t
sabot_error_column(const sabot_error *error)
{
    return error ? error->column : 0;
}

int32_t
sabot_error_end_column(const sabot_error *error)
{
    return error ? error->end_column : 0;
}

const char *
sabot_error_text(const sabot_error *error)
{
    return error ? error->text.data : "";
}

const char *
sabot_error_trace(const sabot_error *error)
{
    return error ? error->trace.data : "";
}

const sabot_error *
sabot_error_next(const sabot_error *error)
{
    return error ? error->next : NULL;
}

void
sb_engine_chain(sabot_error *error, sabot_error *next)
{
    error->next = next;
}

void
sabot_error_free(sabot_error *error)
{
    while (error) {
        sabot_error *next = error->next;
        sb_text_deinit(&error->text);
        sb_text_deinit(&error->trace);
        free(error);
        error = next;
    }
}

const char *
sabot_explain_code(const char *code)
{
    return code ? sb_sql_code_help(code) : NULL;
}

void
sabot_string_free(char *text)
{
    free(text);
}

char *
sb_engine_strdup(sb_mem *mem, const char *text)
{
    if (!text) {
        return NULL;
    }
    size_t size = strlen(text) + 1;
    char *copy = sb_alloc(mem, size);
    if (copy) {
        memcpy(copy, text, size);
    }
    return copy;
}

void
sb_engine_strfree(sb_mem *mem, char *text)
{
    if (text) {
        sb_free(mem, text, strlen(text) + 1);
    }
}

char *
sb_engine_export_text(sb_text *text, sb_error *err)
{
    char *copy = sb_text_failed(text) ? NULL : malloc(text->size + 1);
    if (copy) {
        memcpy(copy, text->data, text->size + 1);
    } else {
        (void)sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    sb_text_deinit(text);
    return copy;
}
