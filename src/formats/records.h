/*
 * formats/records.h -- records that lie apart, for formats that read and write them one by one.
 */
#ifndef SB_FORMATS_RECORDS_H
#define SB_FORMATS_RECORDS_H

#include "formats/format.h"

/* decode_records by means of the decoder's `decode`: each record is an input of its own, whose
 * first row counts. */
sb_status sb_records_decode_each(sb_decoder *d, sb_decode_records *call, sb_error *err);

/* decode by means of the decoder's `decode_records`: each line is a record. */
sb_status sb_records_decode_lines(sb_decoder *d, sb_decode *call, sb_error *err);

/* Tells of a bad record of the call. */
sb_status sb_records_bad(const sb_decode_records *call, int32_t record, const char *reason,
                         bool tolerated, sb_error *err);

static inline bool
sb_record_is_none(const sb_str *record)
{
    return !record->data || record->size == 0;
}

static inline void
sb_records_begin(sb_decode_records *call)
{
    call->consumed = 0;
    call->rows = 0;
    call->has_ops = false;
}

static inline void
sb_records_add_row(sb_decode_records *call, int32_t record, uint8_t op)
{
    call->has_ops = call->has_ops || op != SB_ROW_INSERT;
    call->ops[call->rows] = op;
    call->record_of[call->rows++] = record;
}

#endif
