/*
 * connectors/kafka/kafka_decode.h -- records of a partition as rows of a batch.
 *
 * DESIGN     Values (and keys, when a column comes from them) are copied once into a frame, one
 *            behind the other with a line end between and padding behind the last, and decoded in
 *            one call. A row's columns come from the value, from the key, or from the record itself
 *            (metadata). A column that key and value have comes from the value, as in Flink; of a
 *            record without a value, which deletes (upsert-kafka), from the key.
 *            As in Flink a row needs a key if the table has a key format: a record without one
 *            makes no row, unless the format reads nothing as a value (raw).
 * OWNERSHIP  Owns decoders, builders and frame. Batches are given away.
 * THREADS    T:task
 */
#ifndef SB_CONNECTORS_KAFKA_KAFKA_DECODE_H
#define SB_CONNECTORS_KAFKA_KAFKA_DECODE_H

#include "connectors/kafka/kafka_options.h"

typedef struct sb_kafka_decoder_init {
    const sb_source_init *ctx;
    const sb_kafka_options *options;
    const sb_log_driver *driver;
    /* A record that its format cannot read; not OK: decoding ends with it. */
    sb_status (*bad)(void *ctx, const sb_log_record *record, bool key, const sb_bad_record *bad,
                     sb_error *err);
    void *bad_ctx;
} sb_kafka_decoder_init;

typedef struct sb_kafka_part_decoder { /* key or value */
    const sb_kafka_part *part;
    bool key;
    sb_decoder *decoder; /* NULL: never decoded */
    sb_column_builder *builders;
    sb_vector **vectors; /* of the batch that is made */
    int32_t count;       /* of both; format's metadata columns are the last */
    /* of the call */
    sb_str *records;  /* as the format gets them */
    int32_t *source;  /* which of the batch's records each is */
    int32_t count_in; /* of both */
} sb_kafka_part_decoder;

typedef struct sb_kafka_decoder {
    sb_kafka_decoder_init init;
    sb_arena *arena;
    sb_kafka_part_decoder key, value;
    bool needs_key;    /* records without a key make no row */
    bool keys_of_all;  /* a column comes from the key alone */
    bool values_only;  /* every row is of a value: keys do not matter, nothing deletes */
    int32_t *value_of; /* per output column: place among the value's builders; -1: none */
    int32_t *key_of;
    const sb_log_record *records; /* of the call */
    int32_t capacity;             /* records that there is room for */
    int32_t *key_row;             /* per record: row of its key; -1: has none */
    char *frame;
    size_t frame_size;
    uint8_t *ops; /* per row */
    int32_t *row_record, *row_value, *row_key;
    int32_t capacity_rows;
    int32_t count_rows; /* of the last batch; row_record says which record each is of */
} sb_kafka_decoder;

sb_status sb_kafka_decoder_open(sb_kafka_decoder *d, const sb_kafka_decoder_init *init,
                                sb_error *err);
/* Records of one partition; *out NULL: they make no row. */
sb_status sb_kafka_decode(sb_kafka_decoder *d, const char *topic, int32_t partition,
                          const sb_log_record *records, int32_t count, sb_batch **out,
                          sb_error *err);
void sb_kafka_decoder_close(sb_kafka_decoder *d); /* accepts half-open ones */

/* kafka_columns.c: a column of the batch that comes from the record itself. NULL: no memory */
sb_vector *sb_kafka_metadata_vector(const sb_kafka_decoder *d, const char *topic, int32_t partition,
                                    sb_kafka_metadata kind, const sb_type *type, sb_error *err);

#endif
