/*
 * formats/records.c -- see records.h.
 */
#include "formats/records.h"

#include <string.h>

#define LINES 256 /* given to decode_records at once */

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

typedef struct lines_bad { /* bad records among lines */
    const sb_decode *call;
    const sb_str *lines;
    const int64_t *numbers;
} lines_bad;

static sb_status
pass_on_line(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    const lines_bad *lines = ctx;
    sb_bad_record line = *bad;
    line.bytes = lines->lines[bad->offset];
    line.line = lines->numbers[bad->offset];
    line.offset = line.bytes.data - lines->call->data;
    return lines->call->bad.bad(lines->call->bad.ctx, &line, err);
}

/* Finds the next lines; returns how many. */
static int32_t
cut_lines(const sb_decode *call, sb_str *lines, int64_t *numbers)
{
    size_t at = call->consumed;
    int64_t number = call->lines;
    int32_t count = 0;
    while (count < LINES && at < call->size) {
        const char *p = call->data + at, *lf = memchr(p, '\n', call->size - at);
        if (!lf && !call->final) {
            break;
        }
        size_t size = lf ? (size_t)(lf - p) : call->size - at;
        lines[count] = (sb_str){p, size};
        numbers[count++] = number;
        number += lf != NULL;
        at += size + (lf != NULL);
    }
    return count;
}

sb_status
sb_records_decode_lines(sb_decoder *d, sb_decode *call, sb_error *err)
{
    sb_str lines[LINES];
    int64_t numbers[LINES];
    int32_t record_of[SB_RECORD_ROWS_MAX];
    call->consumed = 0;
    call->lines = 0;
    call->rows = 0;
    call->has_ops = false;
    while (call->rows < call->limit_rows) {
        int32_t count = cut_lines(call, lines, numbers), left = call->limit_rows - call->rows;
        if (count == 0) {
            break;
        }
        lines_bad bad = {call, lines, numbers};
        sb_decode_records some = {.records = lines,
                                  .count = count,
                                  .limit_rows =
                                      left < SB_RECORD_ROWS_MAX ? left : SB_RECORD_ROWS_MAX,
                                  .columns = call->columns,
                                  .ops = call->ops + call->rows,
                                  .record_of = record_of,
                                  .bad = {pass_on_line, &bad}};
        if (left < SB_RECORD_ROWS_MAX && call->rows > 0) {
            break; /* the next call has all its room for the next line */
        }
        SB_TRY(d->vtable->decode_records(d, &some, err), err);
        call->rows += some.rows;
        call->has_ops = call->has_ops || some.has_ops;
        if (some.consumed > 0) {
            const sb_str *last = &lines[some.consumed - 1];
            bool lf = last->data + last->size < call->data + call->size;
            call->consumed = (size_t)(last->data + last->size - call->data) + lf;
            call->lines = numbers[some.consumed - 1] + lf;
        }
        if (some.consumed < count) {
            break;
        }
    }
    return SB_OK;
}
