/*
 * base/status.h -- how an operation says that it failed.
 *
 * DESIGN     Every fallible function returns sb_status and fills a caller-owned sb_error (last
 *            parameter). Three kinds of trouble are never mixed: a bug asserts; an operation that
 *            failed returns a status; a bad record is counted and routed by policy.
 * OWNERSHIP  sb_error is plain memory of the caller; nothing in it is allocated.
 * THREADS    T:any (one sb_error belongs to one thread at a time).
 */
#ifndef SB_BASE_STATUS_H
#define SB_BASE_STATUS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SB_STATUS_LIST(X)                                                                   \
    X(OK, "ok")                                                                             \
    X(NOMEM, "out of memory")      /* an allocation or a memory budget failed */            \
    X(INVALID, "invalid argument") /* option or argument is wrong */                        \
    X(SYNTAX, "syntax error")      /* the text does not parse */                            \
    X(SEMANTIC,                                                                             \
      "semantic error") /* the text parses and means nothing: unknown column, wrong type */ \
    X(NOT_FOUND, "not found")                                                               \
    X(EXISTS, "already exists")                                                             \
    X(NOT_SUPPORTED, "not supported")                                                       \
    X(DATA, "bad data") /* a row makes the job fail: division by zero, bad CAST */          \
    X(IO, "input/output error")                                                             \
    X(CORRUPT, "corrupt data") /* durable bytes fail their checksum or structure */         \
    X(CONFLICT, "conflict")    /* somebody else owns it, or it belongs to another query */  \
    X(LIMIT, "limit reached")                                                               \
    X(CANCELLED, "cancelled")                                                               \
    X(TIMEOUT, "timed out")                                                                 \
    X(INTERNAL, "internal error")

typedef enum sb_status {

#define X(name, text) SB_STATUS_##name,
    SB_STATUS_LIST(X)
#undef X
        SB_STATUS_COUNT
} sb_status;

#define SB_OK SB_STATUS_OK

/* Position is a byte offset into the text being read (SQL), or -1. */
typedef struct sb_error {
    sb_status status;
    /* the same operation may succeed later: a restart strategy may try again */
    bool retriable;
    char code[8];         /* "SB1042"; empty: none. `sabot help CODE` explains it */
    int32_t position;     /* byte offset into the SQL text, -1: none */
    int32_t position_end; /* one past the last byte to underline */
    char message[1024];   /* lower case, no full stop, names the kind of object and the value */
    char hint[512];       /* what to do; empty: none */
    char frames[512];     /* "file:line function" of the callers that passed it up, newest last */
} sb_error;

void sb_error_clear(sb_error *err);
const char *sb_status_text(sb_status status);
/* Formats the message and sets status; position -1; returns status. err may be NULL. */
sb_status sb_error_set(sb_error *err, sb_status status, const char *file, int line, const char *fmt,
                       ...) __attribute__((format(printf, 5, 6)));
void sb_error_hint(sb_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sb_error_at(sb_error *err, int32_t position, int32_t position_end);
/* Puts "prefix: " before the message, to add context on the way up. */
void sb_error_prefix(sb_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sb_error_frame(sb_error *err, const char *file, int line, const char *function);

#define SB_FAIL(err, status, ...) \
    return sb_error_set((err), (status), __FILE__, __LINE__, __VA_ARGS__)

#define SB_TRY(expr, err)                                        \
    do {                                                         \
        sb_status try_status_ = (expr);                          \
        if (__builtin_expect(try_status_ != SB_OK, 0)) {         \
            sb_error_frame((err), __FILE__, __LINE__, __func__); \
            return try_status_;                                  \
        }                                                        \
    } while (0)

/* For functions with a clean-up label: sets the local `status` and jumps. */
#define SB_GOTO(expr, err, label)                                \
    do {                                                         \
        status = (expr);                                         \
        if (__builtin_expect(status != SB_OK, 0)) {              \
            sb_error_frame((err), __FILE__, __LINE__, __func__); \
            goto label;                                          \
        }                                                        \
    } while (0)

/* Bugs. sb_assert is always on (O(1) conditions); sb_dassert only in builds with SB_DEBUG (loops
 * allowed). */
_Noreturn void sb_assert_fail(const char *condition, const char *file, int line,
                              const char *function);
#define sb_assert(cond) \
    (__builtin_expect(!!(cond), 1) ? (void)0 : sb_assert_fail(#cond, __FILE__, __LINE__, __func__))
#if defined(SB_DEBUG) && SB_DEBUG
#define sb_dassert(cond) sb_assert(cond)
#else
#define sb_dassert(cond) ((void)sizeof(cond))
#endif
#define SB_STATIC_ASSERT(cond, text) _Static_assert(cond, text)

#endif
