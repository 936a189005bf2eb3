/*
 * formats/avro.h -- what avro and avro-confluent share: the table's schema, a decoder of binary
 * records, a writer of rows.
 *
 * OWNERSHIP  As told at each part.
 */
#ifndef SB_FORMATS_AVRO_H
#define SB_FORMATS_AVRO_H

#include "formats/avro_plan.h"
#include "formats/records.h"

/* Reads option timestamp_mapping.legacy and derives the schema of the table's columns (JSON). */
sb_status sb_avro_table_schema(const sb_format_table *table, bool source, sb_text *out,
                               sb_error *err);
/* Does the schema (of option 'schema') fit the columns, by position? SEMANTIC if not. */
sb_status sb_avro_schema_fits(const sb_avro_schema *schema, const sb_schema *columns, bool source,
                              sb_error *err);

/* Where a decoder has its steps from. */
typedef struct sb_avro_steps {
    /* The steps for a record, whose header (if it has one) is cut off. *out NULL: *why says why the
     * record is bad. An error ends the call. */
    sb_status (*find)(void *ctx, sb_str *record, const sb_avro_step **out, const char **why,
                      sb_error *err);
    void (*free)(void *ctx);
    void *ctx; /* the decoder frees it */
} sb_avro_steps;

/* types: of the projected columns. */
sb_status sb_avro_decoder_new(sb_mem *mem, const sb_schema *columns, const int32_t *project,
                              int32_t count, const sb_avro_steps *steps, sb_decoder **out,
                              sb_error *err);

/* Writes a row (fields of the record by position) in the binary form of a schema. DATA: a value
 * has no form (a symbol that is none, NULL where there is no null). */
sb_status sb_avro_write_row(const sb_avro_schema *schema, const sb_batch *batch, int32_t row,
                            sb_text *out, sb_error *err);

#endif
