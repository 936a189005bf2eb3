/*
 * base/status.c -- filling an sb_error.
 *
 * DESIGN     Nothing allocates. Text that does not fit is cut at the end; frames that do not fit
 *            are left out whole.
 * THREADS    T:any (one sb_error belongs to one thread at a time).
 */
#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os/os.h"

void
sb_error_clear(sb_error *err)
{
    if (!err) {
        return;
    }
    err->status = SB_OK;
    err->retriable = false;
    err->code[0] = 0;
    err->position = -1;
    err->position_end = -1;
    err->message[0] = 0;
    err->hint[0] = 0;
    err->frames[0] = 0;
}

const char *
sb_status_text(sb_status status)
{
    static const char *const texts[] = {
#define X(name, text) [SB_STATUS_##name] = text,
        SB_STATUS_LIST(X)
#undef X
    };
    SB_STATIC_ASSERT(sizeof texts / sizeof *texts == SB_STATUS_COUNT, "one text per status");

    return (unsigned)status < SB_STATUS_COUNT ? texts[status] : "unknown status";
}

sb_status
sb_error_set(sb_error *err, sb_status status, const char *file, int line, const char *fmt, ...)
{
    if (!err) {
        return status;
    }
    /* The arguments may point into *err (a message that is wrapped): format first, clear then. */
    char message[sizeof err->message];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    sb_error_clear(err);
    err->status = status;
    memcpy(err->message, message, strlen(message) + 1);
    int size = snprintf(err->frames, sizeof err->frames, "%s:%d", file, line);
    if (size < 0 || (size_t)size >= sizeof err->frames) {
        err->frames[0] = 0;
    }
    return status;
}

void
sb_error_hint(sb_error *err, const char *fmt, ...)
{
    if (!err) {
        return;
    }
    char hint[sizeof err->hint];
    va_list args;
    va_start(args, fmt);
    vsnprintf(hint, sizeof hint, fmt, args);
    va_end(args);
    memcpy(err->hint, hint, strlen(hint) + 1);
}

void
sb_error_at(sb_error *err, int32_t position, int32_t position_end)
{
    if (err) {
        err->position = position;
        err->position_end = position_end;
    }
}

void
sb_error_prefix(sb_error *err, const char *fmt, ...)
{
    if (!err) {
        return;
    }
    char text[sizeof err->message];
    va_list args;
    va_start(args, fmt);
    int size = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (size < 0) {
        return;
    }
    size_t used = strlen(text), room = sizeof text - 1 - used;
    size_t sep = room < 2 ? room : 2, rest = strlen(err->message);
    rest = rest < room - sep ? rest : room - sep;
    memcpy(text + used, ": ", sep);
    memcpy(text + used + sep, err->message, rest);
    text[used + sep + rest] = 0;
    memcpy(err->message, text, used + sep + rest + 1);
}

void
sb_error_frame(sb_error *err, const char *file, int line, const char *function)
{
    if (!err) {
        return;
    }
    size_t used = strlen(err->frames);
    size_t room = sizeof err->frames - used;
    int size =
        snprintf(err->frames + used, room, "%s%s:%d %s", used ? "\n" : "", file, line, function);
    if (size < 0 || (size_t)size >= room) {
        err->frames[used] = 0;
    }
}

_Noreturn void
sb_assert_fail(const char *condition, const char *file, int line, const char *function)
{
    char text[1024];
    int size = snprintf(text, sizeof text, "sabot: assertion failed: %s (%s:%d %s)\n", condition,
                        file, line, function);
    if (size > 0) {
        sb_stderr_write(text, (size_t)size < sizeof text ? (size_t)size : sizeof text - 1);
    }
    abort();
}
