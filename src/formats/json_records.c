/*
 * formats/json_records.c -- JSON records that lie apart (messages) into columns.
 *
 * DESIGN     Records that lie one behind the other with a line end between them are a run: a text
 *            that is read as lines are, by one shape or one index for all of them. That the line
 *            ends between them are none of JSON's is what keeps a record from reaching into the
 *            next one: no string goes over a line end unseen. A run that the index refuses is
 *            halved until the record that spoils it stands alone. Any other record is a run by
 *            itself. Of a record the first object counts, as for Flink; what follows is not read.
 */
#include <string.h>

#include "formats/json_chunk.h"
#include "formats/json_walk.h"

static inline bool
is_none(const sb_str *record)
{
    return !record->data || record->size == 0;
}

/* Does the next record follow this one behind one line end? */
static inline bool
is_followed(const sb_str *record)
{
    const char *end = record->data + record->size;
    return record[1].data == end + 1 && record[1].size > 0 && *end == '\n';
}

/* Behind the last record of the run from `at` on; *bytes: from its first byte to its last. */
static int32_t
run_end(const sb_decode_records *call, int32_t at, size_t *bytes)
{
    const sb_str *records = call->records;
    int32_t end = at + 1;
    *bytes = records[at].size;
    while (end < call->count && is_followed(&records[end - 1]) &&
           *bytes + 1 + records[end].size <= SB_JSON_WINDOW) {
        *bytes += 1 + records[end].size;
        end++;
    }
    return end;
}

static inline sb_json_record *
new_record(sb_json_decoder *d, const sb_decode_records *call, int32_t at)
{
    return sb_json_chunk_add(d, call->records[at].data, call->records[at].size, at, 0);
}

/* ---- by shape ---- */

/* Does this record of a run fit? Then its strings have nothing special. */
static inline bool
match_in_run(sb_json_decoder *d, const sb_str *record)
{
    const char *base = d->text_base, *end = record->data + record->size;
    sb_json_marks *marks = d->shape->marks > 0 ? d->marks : NULL;
    const char *stop = marks ? sb_json_shape_match_marked(d->shape, &d->tree, marks,
                                                          (uint32_t)(record->data - base), d->count,
                                                          d->shaped, &d->used)
                             : NULL;
    bool marked = stop != NULL;
    if (!stop) { /* with a null for a string, or the other way round? */
        stop = sb_json_shape_match(d->shape, &d->tree, base, record->data, end, d->count, d->shaped,
                                   &d->used);
    }
    if (stop && marks && (!marked || stop != end)) {
        sb_json_marks_skip(marks, (uint32_t)(end - base) + 1);
    }
    return stop != NULL;
}

/* Records [at, end) of a run of the shape that is known, up to the first other one. */
static sb_status
take_shaped_run(sb_json_decoder *d, sb_decode_records *call, int32_t end, size_t bytes,
                sb_error *err)
{
    const sb_str *records = call->records;
    d->text_base = records[call->consumed].data;
    d->tokens = d->shaped;
    if (d->shape->marks > 0) {
        sb_json_marks_begin(d->marks, d->text_base, (uint32_t)bytes);
    }
    while (call->consumed < end && sb_json_chunk_has_room(d)) {
        if (!match_in_run(d, &records[call->consumed])) {
            break;
        }
        new_record(d, call, call->consumed++)->plain = true;
        if (d->count == SB_JSON_CHUNK) {
            SB_TRY(sb_json_chunk_flush(d, err), err);
        }
    }
    return sb_json_chunk_flush(d, err);
}

/* Lone records of the shape that is known, up to the first other one: positions count from the
 * first one of the chunk. */
static sb_status
take_shaped_alone(sb_json_decoder *d, sb_decode_records *call, sb_error *err)
{
    int32_t begin = call->consumed;
    d->tokens = d->shaped;
    d->text_base = call->records[begin].data;
    while (call->consumed < call->count && sb_json_chunk_has_room(d)) {
        const sb_str *record = &call->records[call->consumed];
        if (is_none(record)) {
            call->consumed++;
            continue;
        }
        bool followed = call->consumed + 1 < call->count && is_followed(record);
        if (record->size > SB_FORMAT_RECORD_MAX || (followed && call->consumed > begin)) {
            break; /* a run begins here */
        }
        uintptr_t base = (uintptr_t)d->text_base, first = (uintptr_t)record->data;
        if (first < base || first - base + record->size >= SB_JSON_MISSING) {
            if (d->count > 0) {
                SB_TRY(sb_json_chunk_flush(d, err), err);
            }
            d->text_base = record->data;
        }
        if (!sb_json_shape_match(d->shape, &d->tree, d->text_base, record->data,
                                 record->data + record->size, d->count, d->shaped, &d->used)) {
            break;
        }
        new_record(d, call, call->consumed++)->plain = true;
        if (d->count == SB_JSON_CHUNK) {
            SB_TRY(sb_json_chunk_flush(d, err), err);
        }
    }
    return sb_json_chunk_flush(d, err);
}

/* Takes what it can of the run. */
static sb_status
try_shape(sb_json_decoder *d, sb_decode_records *call, int32_t end, size_t bytes, sb_error *err)
{
    if (sb_json_shape_paused(d)) {
        return SB_OK;
    }
    int32_t begin = call->consumed;
    const sb_str *first = &call->records[begin];
    if (sb_json_shape_begin(d, first->data, first->data + first->size)) {
        if (end - begin > 1) {
            SB_TRY(take_shaped_run(d, call, end, bytes, err), err);
        } else {
            SB_TRY(take_shaped_alone(d, call, err), err);
        }
    }
    sb_json_shape_score(d, (size_t)(call->consumed - begin), (size_t)(end - begin),
                        d->out.rows >= d->out.limit_rows);
    return SB_OK;
}

/* ---- by index ---- */

/* Records up to `end`, indexed; positions count from the first byte of the first one. */
static sb_status
take_indexed(sb_json_decoder *d, sb_decode_records *call, int32_t end, sb_error *err)
{
    sb_json_walk walk = {
        .base = d->text_base, .tokens = d->tokens, .tree = &d->tree, .is_first = true};
    while (call->consumed < end && sb_json_chunk_has_room(d)) {
        const sb_str *record = &call->records[call->consumed];
        walk.line_end = (uint32_t)(record->data + record->size - walk.base);
        bool blank = walk.tokens[walk.at] >= walk.line_end;
        int32_t row = d->count;
        sb_json_record *taken = new_record(d, call, call->consumed++);
        taken->why = blank ? "no JSON object" : sb_json_walk_record(&walk, row);
        sb_json_walk_behind(&walk, taken->why != NULL);
        if (d->count == SB_JSON_CHUNK) {
            SB_TRY(sb_json_chunk_flush(d, err), err);
        }
    }
    return sb_json_chunk_flush(d, err);
}

/* Bytes of the first object of a record, found byte by byte; 0: it has no end. */
static size_t
first_object(const sb_str *record)
{
    int64_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < record->size; i++) {
        char c = record->data[i];
        if (in_string) {
            i += c == '\\';
            in_string = c != '"';
            continue;
        }
        in_string = c == '"';
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth <= 0 && (c == '}' || c == ']')) {
            return i + 1;
        }
    }
    return 0;
}

/* A record that the index has refused: once more without what follows the object. */
static sb_status
take_odd(sb_json_decoder *d, sb_decode_records *call, sb_json_index_result result, sb_error *err)
{
    const sb_str *record = &call->records[call->consumed];
    size_t size = first_object(record);
    if (size > 0 && size < record->size) {
        SB_TRY(sb_json_index_text(d, record->data, size, true, &result, err), err);
        if (result == SB_JSON_INDEX_OK) {
            return take_indexed(d, call, call->consumed + 1, err);
        }
    }
    new_record(d, call, call->consumed++)->why = sb_json_index_why(result);
    return sb_json_chunk_flush(d, err);
}

static sb_status
take_range(sb_json_decoder *d, sb_decode_records *call, int32_t end, sb_error *err)
{
    const sb_str *first = &call->records[call->consumed], *last = &call->records[end - 1];
    int32_t middle = call->consumed + (end - call->consumed) / 2;
    bool one = end - call->consumed == 1;
    sb_json_index_result result;
    SB_TRY(sb_json_index_text(d, first->data, (size_t)(last->data + last->size - first->data), one,
                              &result, err),
           err);
    if (result == SB_JSON_INDEX_OK) {
        return take_indexed(d, call, end, err);
    }
    if (one) {
        return take_odd(d, call, result, err);
    }
    SB_TRY(take_range(d, call, middle, err), err);
    if (call->consumed < middle || d->out.rows >= d->out.limit_rows) {
        return SB_OK; /* enough rows for now */
    }
    return take_range(d, call, end, err);
}

/* ---- a call ---- */

static sb_status
refuse_long(sb_json_decoder *d, sb_decode_records *call, sb_error *err)
{
    new_record(d, call, call->consumed++)->why = "longer than 64 MiB";
    return sb_json_chunk_flush(d, err);
}

static sb_status
decode_runs(sb_json_decoder *d, sb_decode_records *call, sb_error *err)
{
    while (call->consumed < call->count && d->out.rows < d->out.limit_rows) {
        const sb_str *record = &call->records[call->consumed];
        size_t bytes;
        if (is_none(record)) {
            call->consumed++;
            continue;
        }
        if (record->size > SB_FORMAT_RECORD_MAX) {
            SB_TRY(refuse_long(d, call, err), err);
            continue;
        }
        int32_t end = run_end(call, call->consumed, &bytes);
        SB_TRY(try_shape(d, call, end, bytes, err), err);
        if (call->consumed < end && d->out.rows < d->out.limit_rows) {
            SB_TRY(take_range(d, call, end, err), err);
        }
    }
    return SB_OK;
}

sb_status
sb_json_decode_records(sb_decoder *base, sb_decode_records *call, sb_error *err)
{
    sb_json_decoder *d = (sb_json_decoder *)(void *)base;
    call->consumed = 0;
    sb_json_decoder_begin(d, &(sb_json_output){.columns = call->columns,
                                               .ops = call->ops,
                                               .record_of = call->record_of,
                                               .bad = call->bad,
                                               .limit_rows = call->limit_rows});
    sb_status status = decode_runs(d, call, err);
    call->rows = d->out.rows;
    call->has_ops = d->out.has_ops;
    return status;
}
