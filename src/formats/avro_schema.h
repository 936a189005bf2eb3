/*
 * formats/avro_schema.h -- schemas of Avro: from JSON, and from the columns of a table.
 *
 * DESIGN     A tree in an arena; named types may refer to themselves, so that it can have circles.
 *            Logical types that are not known here are left out, as Avro demands.
 * OWNERSHIP  Everything lives in the arena given; texts are copies.
 */
#ifndef SB_FORMATS_AVRO_SCHEMA_H
#define SB_FORMATS_AVRO_SCHEMA_H

#include "columnar/type.h"

#define SB_AVRO_DEPTH_MAX 64 /* nesting of a schema, and of values that are skipped */

typedef enum sb_avro_kind {
    SB_AVRO_NULL,
    SB_AVRO_BOOLEAN,
    SB_AVRO_INT,
    SB_AVRO_LONG,
    SB_AVRO_FLOAT,
    SB_AVRO_DOUBLE,
    SB_AVRO_BYTES,
    SB_AVRO_STRING,
    SB_AVRO_RECORD,
    SB_AVRO_ENUM,
    SB_AVRO_ARRAY,
    SB_AVRO_MAP,
    SB_AVRO_UNION,
    SB_AVRO_FIXED
} sb_avro_kind;

typedef enum sb_avro_logical {
    SB_AVRO_PLAIN,
    SB_AVRO_DECIMAL,
    SB_AVRO_DATE,
    SB_AVRO_TIME_MILLIS,
    SB_AVRO_TIME_MICROS,
    SB_AVRO_MILLIS, /* timestamp- and local-timestamp- */
    SB_AVRO_MICROS,
    SB_AVRO_NANOS
} sb_avro_logical;

typedef struct sb_avro_schema sb_avro_schema;

typedef struct sb_avro_field {
    const char *name;
    const sb_avro_schema *schema;
    int32_t count_aliases;
    const char **aliases;
    /* the default as Avro's binary form of the field's schema; data NULL: there is none */
    sb_str otherwise;
} sb_avro_field;

struct sb_avro_schema {
    sb_avro_kind kind;
    sb_avro_logical logical;
    int32_t precision, scale; /* DECIMAL */
    const char *name;         /* RECORD, ENUM, FIXED: full name */
    int32_t size;             /* FIXED */
    int32_t count;            /* RECORD: fields; ENUM: symbols; UNION: branches */
    const sb_avro_field *fields;
    const char **symbols;
    int32_t symbol_otherwise;        /* ENUM: its default; -1: none */
    const sb_avro_schema **branches; /* UNION; ARRAY, MAP: the one of the elements */
};

sb_status sb_avro_schema_parse(sb_arena *arena, sb_str json, const sb_avro_schema **out,
                               sb_error *err);
/* The schema of a table's columns as Flink derives it, as JSON. */
sb_status sb_avro_schema_derive(const sb_schema *columns, bool legacy, sb_text *out, sb_error *err);
const char *sb_avro_kind_name(const sb_avro_schema *schema);

/* The branch of a union that is not null, if there is just one; the schema itself if it is no
 * union; else NULL. */
const sb_avro_schema *sb_avro_not_null(const sb_avro_schema *schema, bool *nullable);

/* Appends a long (or int) in Avro's binary form. */
void sb_avro_put_long(sb_text *out, int64_t v);

#endif
