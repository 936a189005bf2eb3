/*
 * formats/cdc_rows.h -- decoded envelopes of changes -> rows.
 *
 * DESIGN     First it is planned, message by message, which rows there are and where their values
 *            stand; then columns are filled one after the other, by runs of rows whose values come
 *            from the same column of the envelope.
 * OWNERSHIP  sb_cdc_rows_deinit frees what planning has allocated. The vectors of an envelope
 *            belong to sb_cdc_envelope_open / close.
 */
#ifndef SB_FORMATS_CDC_ROWS_H
#define SB_FORMATS_CDC_ROWS_H

#include "formats/cdc.h"
#include "formats/pattern.h"

#define SB_CDC_FIELDS_MAX 16 /* of an envelope */

typedef struct sb_cdc_layout { /* what the envelope is */
    const sb_cdc *cdc;
    int32_t count_columns;    /* projected */
    const char *const *names; /* theirs */
    bool in_payload;
    int32_t after, before, op; /* places of fields */
    int32_t include[2];        /* canal: database and table; -1: not looked at */
    int32_t count_fields;
    int32_t count_metadata;
    const sb_cdc_metadata *const *metadata;
    int32_t *metadata_field; /* place of its field */
} sb_cdc_layout;

typedef struct sb_cdc_envelope { /* a decoded batch of messages */
    sb_vector *fields[SB_CDC_FIELDS_MAX];
    sb_vector *payload; /* with in_payload */
    sb_vector **after;  /* per projected column; rows are those of the lists' elements for canal */
    sb_vector **before;
} sb_cdc_envelope;

typedef struct sb_cdc_row { /* one that was planned */
    int32_t envelope;       /* row of the envelope */
    int32_t record;
    int32_t after, before; /* rows of the columns */
    /* where `flags` say which columns of `before` are those of `after`; -1 */
    int32_t unchanged;
    bool is_before;
    uint8_t op;
} sb_cdc_row;

typedef struct sb_cdc_rows {
    sb_mem *mem;
    const sb_cdc_layout *layout;
    bool tolerant; /* ignore-parse-errors */
    sb_pattern *include[2];
    sb_cdc_row *rows;
    int32_t count, capacity;
    int32_t limit, room; /* rows that a call can take at all, and now */
    sb_text flags;       /* bytes, count_columns for each row that has some */
    int32_t *at;         /* scratch of filling, `capacity` each */
} sb_cdc_rows;

typedef enum sb_cdc_plan { SB_CDC_PLANNED, SB_CDC_BAD, SB_CDC_NO_ROOM, SB_CDC_NOMEM } sb_cdc_plan;

void sb_cdc_rows_deinit(sb_cdc_rows *r);
/* For a call that takes `limit` rows and has `used` of them. */
sb_status sb_cdc_rows_begin(sb_cdc_rows *r, int32_t limit, int32_t used, sb_error *err);
/* Is the message one that the table wants? Asks its text. */
bool sb_cdc_text_included(sb_cdc_rows *r, sb_str message);
/* Plans the rows of the message of an envelope row; BAD: *why says why (rows that Flink would have
 * emitted before stay when it is tolerant). */
sb_cdc_plan sb_cdc_rows_plan(sb_cdc_rows *r, const sb_cdc_envelope *e, int32_t row, int32_t record,
                             sb_str message, const char **why);
/* Appends the planned rows to the builders. */
void sb_cdc_rows_append(sb_cdc_rows *r, const sb_cdc_envelope *e, sb_column_builder *columns);

#endif
