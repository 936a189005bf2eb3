/*
 * connectors/datagen/field_gen.h -- random or sequential values of one column.
 *
 * DESIGN     A value is a pure function of the seed, the column and the number of the row (and of
 *            the clock, for DATE, TIME and TIMESTAMP, as in Flink), so a position is a row number.
 *            Nested types have generators of their parts.
 */
#ifndef SB_CONNECTORS_DATAGEN_FIELD_GEN_H
#define SB_CONNECTORS_DATAGEN_FIELD_GEN_H

#include "connectors/options.h"

typedef struct sb_field_gen {
    const sb_type *type;
    bool sequence;
    int64_t start, end;     /* sequence */
    int64_t min, max;       /* integers, DATE; DECIMAL: unscaled */
    double min_f, max_f;    /* FLOAT, DOUBLE */
    sb_int128 min_d, max_d; /* DECIMAL, unscaled */
    int64_t max_past_ms;    /* TIMESTAMP */
    int64_t length;         /* characters, bytes, elements */
    bool var_len;
    double null_rate;
    uint64_t seed; /* of this generator; set by sb_field_gen_seed */
    int32_t count_parts;
    struct sb_field_gen *parts; /* ARRAY, MAP, MULTISET: 1 or 2; ROW: fields */
} sb_field_gen;

/* Reads 'fields.NAME.*' of the column. Parts: fields.NAME.element / key / value / FIELD. */
sb_status sb_field_gen_read(sb_arena *arena, const sb_table_desc *table, const sb_field *field,
                            sb_field_gen *out, sb_error *err);
/* Rows until the first sequence in it ends; INT64_MAX: none. */
int64_t sb_field_gen_rows(const sb_field_gen *gen);
void sb_field_gen_seed(sb_field_gen *gen, uint64_t seed);
/* Appends the value of row n. */
void sb_field_gen_append(const sb_field_gen *gen, uint64_t n, int64_t now_us,
                         sb_column_builder *to);

#endif
