/*
 * sabot/types.h -- what the public headers share: status codes, values, the export mark.
 *
 * Part of the public API; C and C++.
 */
#ifndef SABOT_TYPES_H
#define SABOT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SABOT_API __attribute__((visibility("default")))
#else
#define SABOT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What became of a call. Everything but SABOT_OK comes with a message (sabot_error). */
typedef enum sabot_status {
    SABOT_OK = 0,
    SABOT_NOMEM,    /* an allocation failed or memory.limit is reached */
    SABOT_INVALID,  /* an argument or option is wrong */
    SABOT_SYNTAX,   /* the SQL text does not parse */
    SABOT_SEMANTIC, /* it parses and means nothing: unknown column, wrong type */
    SABOT_NOT_FOUND,
    SABOT_EXISTS,
    SABOT_NOT_SUPPORTED, /* known, but not built yet; the message names it */
    SABOT_DATA,          /* a row makes the job fail: division by zero, bad CAST */
    SABOT_IO,
    SABOT_CORRUPT,  /* durable bytes fail their checksum or structure */
    SABOT_CONFLICT, /* somebody else owns it, or it belongs to another query */
    SABOT_LIMIT,
    SABOT_CANCELLED,
    SABOT_TIMEOUT,
    SABOT_INTERNAL
} sabot_status;

/* A kind of change. A result without deletes and updates has only inserts. */
typedef enum sabot_op {
    SABOT_INSERT = 0,        /* +I */
    SABOT_UPDATE_BEFORE = 1, /* -U */
    SABOT_UPDATE_AFTER = 2,  /* +U */
    SABOT_DELETE = 3         /* -D */
} sabot_op;

typedef enum sabot_value_kind {
    SABOT_VALUE_NULL = 0,
    /* i64: BOOLEAN 0/1, integers, DATE days, TIME ms, TIMESTAMP(<=6) and TIMESTAMP_LTZ(<=6)
       microseconds since the epoch, INTERVAL months or ms, DECIMAL(<=18) unscaled */
    SABOT_VALUE_INT,
    SABOT_VALUE_DOUBLE, /* f64: FLOAT, DOUBLE */
    SABOT_VALUE_BYTES,  /* bytes: CHAR, VARCHAR, STRING (UTF-8), BINARY, BYTES */
    /* wide: DECIMAL(19..38) unscaled, two's complement; TIMESTAMP(7..9): high microseconds,
       low nanoseconds 0..999 */
    SABOT_VALUE_WIDE
} sabot_value_kind;

/* One value of a column. The kind follows from the column's SQL type. */
typedef struct sabot_value {
    sabot_value_kind kind;

    union {
        int64_t i64;
        double f64;

        struct {
            const char *data; /* not zero-terminated */
            size_t size;
        } bytes;

        struct {
            uint64_t low;
            int64_t high;
        } wide;
    } as;
} sabot_value;

static inline sabot_value
sabot_null(void)
{
    sabot_value v;
    v.kind = SABOT_VALUE_NULL;
    v.as.i64 = 0;
    return v;
}

static inline sabot_value
sabot_int(int64_t i64)
{
    sabot_value v;
    v.kind = SABOT_VALUE_INT;
    v.as.i64 = i64;
    return v;
}

static inline sabot_value
sabot_double(double f64)
{
    sabot_value v;
    v.kind = SABOT_VALUE_DOUBLE;
    v.as.f64 = f64;
    return v;
}

static inline sabot_value
sabot_bytes(const char *data, size_t size)
{
    sabot_value v;
    v.kind = SABOT_VALUE_BYTES;
    v.as.bytes.data = data;
    v.as.bytes.size = size;
    return v;
}

#ifdef __cplusplus
}
#endif

#endif
