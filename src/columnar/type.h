/*
 * columnar/type.h -- the SQL types and how their values lie in memory.
 *
 * DESIGN     A type is a small value; children of nested types live in an arena that outlives it.
 *            The physical kind decides which kernel runs; the logical type decides meaning and
 *            rendering.
 *              BOOLEAN            1 byte, 0 or 1 (a bitmap only at the Arrow boundary)
 *              DECIMAL(p<=18)     int64 unscaled          DECIMAL(p<=38)     __int128 unscaled
 *              DATE               int32 days              TIME(p)            int32 milliseconds of
 * the day TIMESTAMP(p<=6)    int64 microseconds      TIMESTAMP(p 7..9)  sb_ts_ns (16 bytes)
 *              TIMESTAMP_LTZ      the same, an instant in UTC
 *              INTERVAL YEAR..    int32 months            INTERVAL DAY..     int64 milliseconds
 *              CHAR VARCHAR BINARY VARBINARY              sb_view (16 bytes)
 *              VARIANT BITMAP                             sb_view of their bytes
 *              ARRAY MULTISET MAP                         sb_list_entry + child vectors;  ROW:
 * child vectors
 */
#ifndef SB_COLUMNAR_TYPE_H
#define SB_COLUMNAR_TYPE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/text.h"

typedef __int128 sb_int128;

typedef enum sb_type_id {
    SB_TYPE_NULL, /* the type of a bare NULL literal */
    SB_TYPE_BOOLEAN,
    SB_TYPE_TINYINT,
    SB_TYPE_SMALLINT,
    SB_TYPE_INT,
    SB_TYPE_BIGINT,
    SB_TYPE_FLOAT,
    SB_TYPE_DOUBLE,
    SB_TYPE_DECIMAL,
    SB_TYPE_CHAR,
    SB_TYPE_VARCHAR, /* STRING is VARCHAR(SB_LENGTH_MAX) */
    SB_TYPE_BINARY,
    SB_TYPE_VARBINARY, /* BYTES is VARBINARY(SB_LENGTH_MAX) */
    SB_TYPE_DATE,
    SB_TYPE_TIME,
    SB_TYPE_TIMESTAMP,
    SB_TYPE_TIMESTAMP_LTZ,
    SB_TYPE_INTERVAL_MONTH, /* YEAR TO MONTH */
    SB_TYPE_INTERVAL_DAY,   /* DAY TO SECOND */
    SB_TYPE_ARRAY,
    SB_TYPE_MAP,
    SB_TYPE_MULTISET,
    SB_TYPE_ROW,
    SB_TYPE_VARIANT, /* kernels/variant.h */
    SB_TYPE_BITMAP,  /* kernels/bitmap.h */
    SB_TYPE_ID_COUNT
} sb_type_id;

#define SB_LENGTH_MAX INT32_MAX

typedef struct sb_type {
    uint8_t id; /* sb_type_id */
    bool nullable;
    uint8_t precision; /* DECIMAL 1..38, TIME / TIMESTAMP 0..9 */
    uint8_t scale;     /* DECIMAL 0..precision */
    int32_t length;    /* CHAR, VARCHAR, BINARY, VARBINARY: characters or bytes */
    int32_t count_children;
    const struct sb_field *children; /* ARRAY, MULTISET: element; MAP: key, value; ROW: fields */
    const char *class_name;          /* ROW: not NULL: it is STRUCTURED<'class_name', ...> */
} sb_type;

typedef struct sb_field {
    const char *name;
    sb_type type;
    uint32_t column_id; /* stable across plans; 0: none */
} sb_field;

typedef struct sb_schema {
    int32_t count;
    const sb_field *fields;
} sb_schema;

typedef enum sb_phys {
    SB_PHYS_NULL, /* no values */
    SB_PHYS_BOOL,
    SB_PHYS_I8,
    SB_PHYS_I16,
    SB_PHYS_I32,
    SB_PHYS_I64,
    SB_PHYS_F32,
    SB_PHYS_F64,
    SB_PHYS_I128,
    SB_PHYS_TSNS,
    SB_PHYS_VIEW,
    SB_PHYS_LIST,
    SB_PHYS_STRUCT,
    SB_PHYS_COUNT
} sb_phys;

typedef struct sb_ts_ns { /* TIMESTAMP(7..9) */
    int64_t us;           /* floor of the instant */
    int32_t ns;           /* 0..999: nanoseconds of that microsecond */
    int32_t zero;         /* keeps equal values equal as bytes */
} sb_ts_ns;

typedef struct sb_list_entry { /* one list of a LIST vector: rows [offset, offset + count) of the
                                  child vectors */
    int32_t offset, count;
} sb_list_entry;

/* Umbra-style string view: inline up to 12 bytes, else prefix and pointer into a buffer that the
 * vector keeps alive. Arrow's view with a pointer in place of (buffer, offset); see
 * docs/decisions/0001. Inline bytes are zero-padded. */
typedef union sb_view {
    struct {
        uint32_t size;
        char data[12];
    } small; /* size <= 12 */

    struct {
        uint32_t size;
        char prefix[4];
        const char *data;
    } large;

    uint64_t words[2];
} sb_view;

#define SB_VIEW_INLINE 12

static inline uint32_t
sb_view_size(const sb_view *v)
{
    return v->small.size;
}

static inline const char *
sb_view_data(const sb_view *v)
{
    return v->small.size <= SB_VIEW_INLINE ? v->small.data : v->large.data;
}

/* `data` must stay alive (a buffer of the vector) when size > 12. */
static inline sb_view
sb_view_make(const char *data, uint32_t size)
{
    sb_view v = {.words = {0, 0}};
    v.small.size = size;
    if (size <= SB_VIEW_INLINE) {
        __builtin_memcpy(v.small.data, data, size);
    } else {
        __builtin_memcpy(v.large.prefix, data, 4);
        v.large.data = data;
    }
    return v;
}

static inline bool
sb_view_equal(const sb_view *a, const sb_view *b)
{
    if (a->words[0] != b->words[0]) {
        return false;
    }
    if (a->small.size <= SB_VIEW_INLINE) {
        return a->words[1] == b->words[1];
    }
    return a->large.data == b->large.data ||
           __builtin_memcmp(a->large.data, b->large.data, a->large.size) == 0;
}

int sb_view_compare(const sb_view *a, const sb_view *b); /* by bytes, as memcmp then length */

sb_phys sb_type_phys(const sb_type *type);

static inline int32_t
sb_phys_size(sb_phys phys) /* bytes per value; 0 for NULL and STRUCT */
{
    static const uint8_t sizes[SB_PHYS_COUNT] = {0, 1, 1, 2, 4, 8, 4, 8, 16, 16, 16, 8, 0};
    return sizes[phys];
}

/* with nullability and field names */
bool sb_type_equal(const sb_type *a, const sb_type *b);
/* top-level and nested nullability and names ignored */
bool sb_type_same_ignoring_null(const sb_type *a, const sb_type *b);
/* "DECIMAL(10, 2) NOT NULL", as Flink prints it */
void sb_type_print(const sb_type *type, sb_text *out);
sb_status sb_type_copy(sb_arena *arena, const sb_type *type, sb_type *out, sb_error *err);
sb_status sb_schema_copy(sb_arena *arena, const sb_schema *schema, sb_schema **out, sb_error *err);
bool sb_schema_equal(const sb_schema *a, const sb_schema *b); /* types and names, not ids */
int32_t sb_schema_find(const sb_schema *schema, sb_str name); /* -1: none */
void sb_type_write(sb_writer *w, const sb_type *type);
sb_status sb_type_read(sb_reader *r, sb_arena *arena, sb_type *out, sb_error *err);
void sb_schema_write(sb_writer *w, const sb_schema *schema);
sb_status sb_schema_read(sb_reader *r, sb_arena *arena, sb_schema **out, sb_error *err);

#define SB_TYPE(kind, null) ((sb_type){.id = SB_TYPE_##kind, .nullable = (null)})

static inline sb_type
sb_type_decimal(int p, int s, bool null)
{
    return (sb_type){
        .id = SB_TYPE_DECIMAL, .nullable = null, .precision = (uint8_t)p, .scale = (uint8_t)s};
}

static inline sb_type
sb_type_string(bool null)
{
    return (sb_type){.id = SB_TYPE_VARCHAR, .nullable = null, .length = SB_LENGTH_MAX};
}

static inline sb_type
sb_type_timestamp(int p, bool null)
{
    return (sb_type){.id = SB_TYPE_TIMESTAMP, .nullable = null, .precision = (uint8_t)p};
}

static inline bool
sb_type_is_string(const sb_type *t)
{
    return t->id == SB_TYPE_CHAR || t->id == SB_TYPE_VARCHAR;
}

static inline bool
sb_type_is_binary(const sb_type *t)
{
    return t->id == SB_TYPE_BINARY || t->id == SB_TYPE_VARBINARY;
}

/* Bytes with a meaning of their own: equal or not, without order. */
static inline bool
sb_type_is_opaque(const sb_type *t)
{
    return t->id == SB_TYPE_VARIANT || t->id == SB_TYPE_BITMAP;
}

static inline bool
sb_type_is_nested(const sb_type *t)
{
    return t->id >= SB_TYPE_ARRAY && t->id <= SB_TYPE_ROW;
}

static inline bool
sb_type_is_integer(const sb_type *t)
{
    return t->id >= SB_TYPE_TINYINT && t->id <= SB_TYPE_BIGINT;
}

static inline bool
sb_type_is_numeric(const sb_type *t)
{
    return t->id >= SB_TYPE_TINYINT && t->id <= SB_TYPE_DECIMAL;
}

static inline bool
sb_type_is_timestamp(const sb_type *t)
{
    return t->id == SB_TYPE_TIMESTAMP || t->id == SB_TYPE_TIMESTAMP_LTZ;
}

#endif
