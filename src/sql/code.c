/*
 * sql/code.c -- making errors that know their place in the text.
 *
 * THREADS    T:any
 */
#include "sql/code.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *code;
    sb_status status;
    const char *help;
} code_rows[] = {

#define X(name, code, status, help) {code, SB_STATUS_##status, help},
    SB_SQL_CODES(X)
#undef X
};
SB_STATIC_ASSERT(sizeof(code_rows) / sizeof(code_rows[0]) == SB_SQL_CODE_COUNT, "one row per code");

sb_status
sb_sql_error(sb_error *err, sb_sql_code code, int32_t begin, int32_t end, const char *fmt, ...)
{
    char message[sizeof(err->message)];
    va_list args;

    if (err == NULL) {
        return code_rows[code].status;
    }
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    sb_error_clear(err);
    (void)sb_error_set(err, code_rows[code].status, __FILE__, __LINE__, "%s", message);
    snprintf(err->code, sizeof(err->code), "%s", code_rows[code].code);
    sb_error_at(err, begin, end);
    return code_rows[code].status;
}

sb_status
sb_sql_error_place(sb_error *err, sb_sql_code code, int32_t begin, int32_t end)
{
    if (err == NULL) {
        return code_rows[code].status;
    }
    if (err->status == SB_STATUS_NOMEM) {
        return err->status;
    }
    if (err->code[0] == '\0') {
        sb_sql_code use = err->status == SB_STATUS_NOT_SUPPORTED ? SB_SQL_UNSUPPORTED : code;

        snprintf(err->code, sizeof(err->code), "%s", code_rows[use].code);
    }
    if (err->position < 0) {
        sb_error_at(err, begin, end);
    }
    return err->status;
}

void
sb_sql_error_table(sb_error *err, const char *name)
{
    char quoted[128], single[128];

    if (err == NULL) {
        return;
    }
    snprintf(quoted, sizeof(quoted), "\"%s\"", name);
    snprintf(single, sizeof(single), "table '%s'", name); /* as connectors write it */
    if (strstr(err->message, quoted) == NULL && strstr(err->message, single) == NULL) {
        sb_error_prefix(err, "table \"%s\"", name);
    }
}

const char *
sb_sql_code_help(const char *code)
{
    for (int i = 0; i < SB_SQL_CODE_COUNT; i++) {
        if (strcmp(code_rows[i].code, code) == 0) {
            return code_rows[i].help;
        }
    }
    return NULL;
}

const char *
sb_sql_code_at(int index, const char **out_help)
{
    if (index < 0 || index >= SB_SQL_CODE_COUNT) {
        return NULL;
    }
    *out_help = code_rows[index].help;
    return code_rows[index].code;
}

void
sb_sql_errors_init(sb_sql_errors *errors, sb_mem *mem)
{
    *errors = (sb_sql_errors){.mem = mem};
}

void
sb_sql_errors_deinit(sb_sql_errors *errors)
{
    sb_free(errors->mem, errors->at, sizeof(sb_error) * (size_t)errors->capacity);
    *errors = (sb_sql_errors){.mem = errors->mem};
}

bool
sb_sql_errors_add(sb_sql_errors *errors, const sb_error *err)
{
    if (errors->count == SB_SQL_ERRORS_MAX) {
        return false;
    }
    if (errors->count == errors->capacity) {
        int32_t capacity = errors->capacity == 0 ? 8 : errors->capacity * 2;
        sb_error *grown =
            sb_realloc(errors->mem, errors->at, sizeof(sb_error) * (size_t)errors->capacity,
                       sizeof(sb_error) * (size_t)capacity);

        if (grown == NULL) {
            return false;
        }
        errors->at = grown;
        errors->capacity = capacity;
    }
    errors->at[errors->count++] = *err;
    return true;
}

bool
sb_sql_errors_add_new(sb_sql_errors *errors, const sb_error *err)
{
    for (int32_t i = 0; i < errors->count; i++) {
        if (errors->at[i].position == err->position &&
            strcmp(errors->at[i].message, err->message) == 0) {
            return true;
        }
    }
    return sb_sql_errors_add(errors, err);
}

void
sb_sql_errors_sort(sb_sql_errors *errors)
{
    for (int32_t i = 1; i < errors->count; i++) {
        sb_error moved = errors->at[i];
        int32_t at = i;

        for (; at > 0 && (uint32_t)errors->at[at - 1].position > (uint32_t)moved.position; at--) {
            errors->at[at] = errors->at[at - 1];
        }
        errors->at[at] = moved;
    }
}

void
sb_sql_errors_clear(sb_sql_errors *errors)
{
    errors->count = 0;
    errors->is_kept = false;
}
