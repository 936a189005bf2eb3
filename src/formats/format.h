/*
 * formats/format.h -- bytes <-> columns: what a format is.
 *
 * DESIGN     Two ways in and out: a run of bytes that the decoder parts into records (files), and
 *            records that lie apart (messages). A decoder turns a run of bytes into rows of column
 *            builders, a whole run at a call; it finds the records itself (lines, quoted lines) and
 *            takes only complete ones. Only projected columns are decoded. A record that cannot be
 *            read is no error of the decoder: it is told to a handler, which decides (fail, skip,
 *            dead letter). An encoder appends rows of a batch to a text, each with its line end.
 *            Formats know nothing of plans: options come through a getter, without the format's
 *            prefix.
 * OWNERSHIP  The maker frees decoders and encoders. Table, schema and options outlive them.
 * THREADS    One thread at a time per instance; sb_format itself is read-only.
 */
#ifndef SB_FORMATS_FORMAT_H
#define SB_FORMATS_FORMAT_H

#include "columnar/builder.h"

#define SB_FORMAT_PADDING 64 /* bytes a decoder may read (not use) behind its input */
#define SB_FORMAT_RECORD_MAX \
    (64 << 20) /* a longer record is refused: it would be no record but garbage */

typedef struct sb_format_option { /* for checks and documentation */
    const char *key;              /* without the format's prefix */
    const char *type;             /* "string", "bool", "char", "enum:a|b" */
    const char *default_value;    /* NULL: none */
    const char *text;
} sb_format_option;

/* How a format sees its part of a table's options. */
typedef struct sb_format_options {
    const char *(*get)(const void *ctx, const char *key); /* NULL: not set */
    /* points err at the option; may be NULL */
    void (*blame)(const void *ctx, const char *key, sb_error *err);
    const void *ctx;
} sb_format_options;

typedef struct sb_format_table {
    const sb_schema *columns; /* physical columns of the table */
    /* Per projected column: which fields of a ROW are wanted (bit k: field k; from 63 on: all), the
     * others may be NULL. NULL: all of all. */
    const uint64_t *fields;
    int32_t count_key; /* primary key columns; 0: none */
    const int32_t *key;
    /* Metadata of the format (sb_format.metadata) that a decoder gives behind the projected
     * columns; only of formats of records. */
    int32_t count_metadata;
    const char *const *metadata;
    sb_format_options options;
} sb_format_table;

typedef struct sb_format_facts {
    /* bits 1 << sb_row_op that rows may carry (source) or that are taken (sink) */
    uint8_t row_ops;
    bool upsert;        /* sink: with the key it wants upserts, no -U */
    bool delete_by_key; /* source: -D rows may carry the key only */
    bool messages_only; /* these columns have no place in files: decode and encode are NULL */
} sb_format_facts;

typedef struct sb_bad_record {
    int64_t offset; /* of its first byte, from the start of the input of this call */
    int64_t line;   /* line ends before it in the input of this call */
    sb_str bytes;   /* without line end */
    const char *reason;
    bool tolerated; /* the format's ignore-parse-errors: skipped whatever the policy is */
} sb_bad_record;

typedef struct sb_bad_handler {
    /* not OK: decoding ends with it */
    sb_status (*bad)(void *ctx, const sb_bad_record *record, sb_error *err);
    void *ctx;
} sb_bad_handler;

typedef struct sb_decode { /* one call */
    const char *data;      /* readable for SB_FORMAT_PADDING bytes behind its end */
    size_t size;
    bool begin; /* the input begins a file */
    bool final; /* nothing follows: the last record may lack its line end */
    int32_t limit_rows;
    sb_column_builder *columns; /* one per projected column */
    uint8_t *ops;               /* room for limit_rows ops, by row of this call */
    sb_bad_handler bad;
    /* results */
    size_t consumed; /* bytes of complete records */
    int64_t lines;   /* line ends in them */
    int32_t rows;    /* appended to every column */
    bool has_ops;    /* some row is no insert: `ops` holds all of them */
} sb_decode;

/* Records that lie apart, as the messages of a log do: a record is one whole value, line ends in
 * it are its own. A record of no bytes or without a value (data NULL) is none: it makes no row and
 * is not bad (but for raw, where they are the empty value and NULL). Records may lie anywhere;
 * JSON is fastest where each is followed by one '\n' and then by the next one. */
typedef struct sb_decode_records { /* one call */
    const sb_str *records;         /* each readable SB_FORMAT_PADDING bytes behind its end */
    int32_t count;                 /* at least one */
    int32_t limit_rows;            /* at least SB_RECORD_ROWS_MAX */
    sb_column_builder *columns;    /* one per projected column, then one per metadata column */
    uint8_t *ops;                  /* room for limit_rows ops, by row of this call */
    int32_t *record_of;            /* room for limit_rows: which record a row is of */
    sb_bad_handler bad;            /* offset: place of the record in `records`; line 0 */
    /* results */
    int32_t consumed; /* records; one whose rows have no room any more is left */
    int32_t rows;     /* appended to every column */
    bool has_ops;     /* some row is no insert: `ops` holds all of them */
} sb_decode_records;

/* Most rows that one record can make: the limit of canal's lists. A record with more is bad. */
#define SB_RECORD_ROWS_MAX 2048

typedef struct sb_decoder sb_decoder;

typedef struct sb_decoder_vtable {
    /* Takes complete records until limit_rows rows are there or the input has none left. NULL: the
     * format, or this column, has no place in files. */
    sb_status (*decode)(sb_decoder *d, sb_decode *call, sb_error *err);
    sb_status (*decode_records)(sb_decoder *d, sb_decode_records *call, sb_error *err);
    void (*free)(sb_decoder *d);
} sb_decoder_vtable;

struct sb_decoder {
    const sb_decoder_vtable *vtable;
    sb_mem *mem;
};

typedef struct sb_encoder sb_encoder;

typedef struct sb_encoder_vtable {
    /* Appends logical rows [from, to) of the batch; out of memory is sticky in `out`. */
    sb_status (*encode)(sb_encoder *e, const sb_batch *batch, int32_t from, int32_t to,
                        sb_text *out, sb_error *err);
    /* The same without line ends or heads: one record for each row. ends: room for to - from; where
     * in `out` the record of the row ends. A row without a record (Flink writes none for it) has
     * the end of the row before. */
    sb_status (*encode_records)(sb_encoder *e, const sb_batch *batch, int32_t from, int32_t to,
                                sb_text *out, size_t *ends, sb_error *err);
    void (*free)(sb_encoder *e);
} sb_encoder_vtable;

struct sb_encoder {
    const sb_encoder_vtable *vtable;
    sb_mem *mem;
};

typedef struct sb_format {
    const char *name;
    bool messages_only;              /* it has no place in files: decode and encode are NULL */
    const sb_format_option *options; /* ends with key NULL */
    /* Options and column types; INVALID, SEMANTIC or NOT_SUPPORTED before anything runs. */
    sb_status (*check)(const sb_format_table *table, bool source, sb_format_facts *out,
                       sb_error *err);
    sb_status (*decoder)(sb_mem *mem, const sb_format_table *table, const int32_t *project,
                         int32_t count, sb_decoder **out, sb_error *err);
    sb_status (*encoder)(sb_mem *mem, const sb_format_table *table, sb_encoder **out,
                         sb_error *err);
    /* What a record tells besides its columns (debezium's "source.table"): the type of `key`;
     * NOT_FOUND with the list of keys. NULL: nothing. */
    sb_status (*metadata)(const sb_format_table *table, const char *key, sb_type *out,
                          sb_error *err);
} sb_format;

extern const sb_format sb_format_json;
extern const sb_format sb_format_changelog_json;
extern const sb_format sb_format_csv;
extern const sb_format sb_format_raw;
extern const sb_format sb_format_avro;
extern const sb_format sb_format_avro_confluent;
extern const sb_format sb_format_json_confluent;
extern const sb_format sb_format_debezium_avro_confluent; /* known, and refused */
extern const sb_format sb_format_debezium_json;
extern const sb_format sb_format_canal_json;
extern const sb_format sb_format_maxwell_json;
extern const sb_format sb_format_ogg_json;

const sb_format *sb_format_find(const char *name); /* NULL: unknown */
/* The known names, for messages: "canal-json, changelog-json, csv, ...". */
void sb_format_names(sb_text *out);

/* Options, for formats. Errors name the option and its value. */
const char *sb_format_get(const sb_format_table *table, const char *key, const char *otherwise);
sb_status sb_format_bool(const sb_format_table *table, const char *key, bool otherwise, bool *out,
                         sb_error *err);
/* One character (one byte); an empty or longer value is refused. `otherwise` 0: none. "\t" and
 * the like are understood. */
sb_status sb_format_char(const sb_format_table *table, const char *key, char otherwise, char *out,
                         sb_error *err);
sb_status sb_format_bad_option(const sb_format_table *table, const char *key, const char *why,
                               sb_error *err);

bool sb_format_is_utf8(const char *data, size_t size);

static inline sb_decoder *
sb_decoder_free(sb_decoder *d)
{
    if (d) {
        d->vtable->free(d);
    }
    return NULL;
}

static inline sb_encoder *
sb_encoder_free(sb_encoder *e)
{
    if (e) {
        e->vtable->free(e);
    }
    return NULL;
}

#endif
