/*
 * formats/records.c -- see records.h.
 */
#include "formats/records.h"

typedef struct one_bad { /* a bad record inside of one that lies apart */
    const sb_decode_records *call;
    int32_t record;
    bool told;
} one_bad;

sb_status
sb_records_bad(const sb_decode_records *call, int32_t record, const char *reason, bool tolerated,
               sb_error *err)
{
    sb_bad_record bad = {
        .offset = record, .bytes = call->records[record], .reason = reason, .tolerated = tolerated};
    return call->bad.bad(call->bad.ctx, &bad, err);
}

static sb_status
pass_on(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    one_bad *one = ctx;
    if (one->told) {
        return SB_OK; /* of a text that is not read any more */
    }
    one->told = true;
    return sb_records_bad(one->call, one->record, bad->reason, bad->tolerated, err);
}

sb_status
sb_records_decode_each(sb_decoder *d, sb_decode_records *call, sb_error *err)
{
    sb_records_begin(call);
    for (; call->consumed < call->count && call->rows < call->limit_rows; call->consumed++) {
        const sb_str *record = &call->records[call->consumed];
        if (sb_record_is_none(record)) {
            continue;
        }
        one_bad bad = {.call = call, .record = call->consumed};
        if (record->size > SB_FORMAT_RECORD_MAX) {
            SB_TRY(sb_records_bad(call, bad.record, "longer than 64 MiB", false, err), err);
            continue;
        }
        sb_decode one = {.data = record->data,
                         .size = record->size,
                         .final = true,
                         .limit_rows = 1,
                         .columns = call->columns,
                         .ops = call->ops + call->rows,
                         .bad = {pass_on, &bad}};
        SB_TRY(d->vtable->decode(d, &one, err), err);
        if (one.rows > 0) {
            sb_records_add_row(call, call->consumed, call->ops[call->rows]);
        } else if (!bad.told) {
            SB_TRY(sb_records_bad(call, bad.record, "no record in it", false, err), err);
        }
    }
    return SB_OK;
}
