/*
 * formats/cdc.h -- changes of database tables as JSON: debezium-json, canal-json, maxwell-json and
 * ogg-json.
 *
 * DESIGN     A message holds the row after and the row before a change, what happened, and facts
 *            about it. It is decoded by the JSON decoder as a record of these ("envelope"), a batch
 *            of messages at a time; then each message makes rows (an update two, canal's lists
 *            many), which are gathered from the columns of the envelope. Which of an envelope's
 *            fields are decoded is told by the projected columns and the wanted metadata.
 * OWNERSHIP  The decoder owns all; descriptions (sb_cdc) are constant.
 */
#ifndef SB_FORMATS_CDC_H
#define SB_FORMATS_CDC_H

#include "formats/json_options.h"
#include "formats/records.h"

#define SB_CDC_BATCH 512 /* messages decoded at once */

typedef enum sb_cdc_kind { SB_CDC_DEBEZIUM, SB_CDC_CANAL, SB_CDC_MAXWELL, SB_CDC_OGG } sb_cdc_kind;

typedef enum sb_cdc_how {                  /* how metadata comes from a field of the envelope */
                          SB_CDC_COPY,     /* as it is */
                          SB_CDC_MILLIS,   /* a BIGINT, milliseconds since 1970 */
                          SB_CDC_SECONDS,  /* the same in seconds */
                          SB_CDC_PROPERTY, /* of a map of strings */
                          SB_CDC_PROPERTY_MILLIS, /* the same as milliseconds */
                          SB_CDC_EVENT_TIME,      /* text, in UTC: see ogg_time.h */
                          SB_CDC_INGESTION_TIME   /* the same; NULL if it cannot be read */
} sb_cdc_how;

typedef struct sb_cdc_metadata {
    const char *key;
    const char *field; /* of the message */
    const char *property;
    sb_cdc_how how;
    bool outside; /* with schema-include: beside the payload, not in it */
    sb_type type;
} sb_cdc_metadata;

typedef struct sb_cdc {
    sb_cdc_kind kind;
    const char *op, *after, *before; /* names of fields */
    const sb_cdc_metadata *metadata; /* ends with key NULL */
    sb_json_wrap wrap, wrap_without_nulls;
} sb_cdc;

typedef struct sb_cdc_options {
    sb_json_options json;
    bool schema_include;    /* debezium: the message is the "payload" of an object */
    const char *include[2]; /* canal: patterns of database and table; NULL: any */
} sb_cdc_options;

extern const sb_cdc sb_cdc_debezium, sb_cdc_canal, sb_cdc_maxwell, sb_cdc_ogg;

sb_status sb_cdc_options_read(const sb_cdc *cdc, const sb_format_table *table, bool source,
                              sb_cdc_options *out, sb_error *err);
/* NULL: there is none of this key. */
const sb_cdc_metadata *sb_cdc_find_metadata(const sb_cdc *cdc, const char *key);
sb_status sb_cdc_decoder_new(sb_mem *mem, const sb_cdc *cdc, const sb_format_table *table,
                             const sb_cdc_options *options, const int32_t *project, int32_t count,
                             sb_decoder **out, sb_error *err);

#endif
