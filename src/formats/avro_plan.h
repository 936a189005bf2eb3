/*
 * formats/avro_plan.h -- how values of a writer's schema become values of columns: Avro's schema
 * resolution, done once per pair of schemas.
 *
 * DESIGN     A step says what to do with one value of the writer: skip it, or turn it into a value
 *            of a type. The steps of a record stand in the order of the writer's fields, flat; a
 *            nested type has steps of its own. What the schemas forbid is a step too (FORBIDDEN):
 *            it is an error only of records that have such a value. Fields that the writer does not
 *            have are read from their defaults, which are binary values of the reader's schema.
 *            Reading is done in two halves, so that a bad record leaves nothing behind: scalars are
 *            read at once, nested values are checked first and appended later.
 * OWNERSHIP  The steps live in the arena of the plan, with the writer's schema.
 */
#ifndef SB_FORMATS_AVRO_PLAN_H
#define SB_FORMATS_AVRO_PLAN_H

#include "columnar/builder.h"
#include "formats/avro_value.h"

typedef enum sb_avro_op {
    SB_AVRO_SKIP,
    SB_AVRO_AS_NULL,
    SB_AVRO_AS_BOOLEAN,
    SB_AVRO_AS_INTEGER, /* int and long, cut to the width of the type as Java casts */
    SB_AVRO_AS_TIME,    /* TIME from milliseconds or microseconds */
    SB_AVRO_AS_TIMESTAMP,
    SB_AVRO_AS_REAL,    /* from int, long, float, double */
    SB_AVRO_AS_TEXT,    /* string, or bytes that are UTF-8 */
    SB_AVRO_AS_BYTES,   /* bytes, string, fixed */
    SB_AVRO_AS_SYMBOL,  /* enum to text */
    SB_AVRO_AS_DECIMAL, /* bytes, fixed */
    SB_AVRO_AS_LIST,    /* ARRAY */
    SB_AVRO_AS_MAP,     /* MAP */
    SB_AVRO_AS_ROW,
    SB_AVRO_BRANCH,    /* union: the step of the branch */
    SB_AVRO_FORBIDDEN, /* `why` */
} sb_avro_op;

typedef struct sb_avro_step {
    sb_avro_op op;
    const sb_type *type;          /* of the value; NULL: SKIP */
    const sb_avro_schema *writer; /* NULL: from a default */
    const char *why;              /* FORBIDDEN */
    const char *name;             /* of the field; NULL: none */
    int32_t place;                /* field of a ROW, or projected column; -1: skipped */
    int32_t count;
    struct sb_avro_step *steps; /* ROW: fields of the writer, then those it lacks; BRANCH: branches;
                                   LIST, MAP: of the elements */
    int32_t count_own;          /* ROW: fields of the writer */
    int64_t multiply, divide;   /* TIME, TIMESTAMP */
    int32_t scale;              /* DECIMAL: of the writer */
    const char *const *symbols; /* SYMBOL: texts by the writer's index; NULL: the reader lacks it */
    int32_t count_symbols;
    sb_str otherwise; /* what a field that the writer lacks is read from */
} sb_avro_step;

typedef enum sb_avro_got { SB_AVRO_VALUE, SB_AVRO_NO_VALUE, SB_AVRO_BAD } sb_avro_got;

typedef struct sb_avro_wanted { /* a record as a table sees it */
    const sb_avro_schema *reader;
    int32_t count; /* columns of the table = fields of the reader's record */
    const sb_field *fields;
    const int32_t *places; /* projected column of each, or -1 */
} sb_avro_wanted;

/* Steps of a record: op ROW (or BRANCH of such), `place` of its steps are projected columns. */
sb_status sb_avro_plan_record(sb_arena *arena, const sb_avro_schema *writer,
                              const sb_avro_wanted *wanted, sb_avro_step *out, sb_error *err);

/* A value that is not nested, into 16 bytes (an sb_str for texts, which point into the input). */
sb_avro_got sb_avro_read_scalar(const sb_avro_step *step, sb_avro_cursor *c, void *out,
                                const char **why);
/* An unscaled value with another scale, rounded; false: it does not fit. */
bool sb_avro_rescale(sb_int128 v, int scale, int precision, int new_scale, sb_int128 *out);

static inline bool
sb_avro_is_nested(const sb_type *type)
{
    return sb_type_is_nested(type);
}

/* Steps over any value and tells what is wrong with it, or NULL. */
const char *sb_avro_check(const sb_avro_step *step, sb_avro_cursor *c, int32_t depth);
/* Appends a value that has been checked. */
void sb_avro_append(const sb_avro_step *step, sb_avro_cursor *c, sb_column_builder *to);

#endif
