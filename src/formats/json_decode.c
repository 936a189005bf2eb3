/*
 * formats/json_decode.c -- lines of JSON into columns, and the life of a JSON decoder.
 *
 * DESIGN     Input is taken in windows of whole lines that fit the cache. A window is indexed at
 *            once (json_index); then each line is walked (json_walk) and the tokens of the wanted
 *            values are noted, record by record; json_chunk does the rest. Text that the index
 *            refuses (not UTF-8, an open string) is halved until the line that spoils it stands
 *            alone. Before all that, lines shaped like the first of the window are taken without
 *            an index (json_shape); where that does not pay it is tried less and less often.
 */
#include <string.h>

#include "formats/json_chunk.h"
#include "formats/json_walk.h"

#define PAUSE_MAX 64 /* windows */

/* ---- index and shape ---- */

sb_status
sb_json_index_room(sb_json_decoder *d, size_t size, sb_error *err)
{
    if (d->index && sb_json_index_capacity(d->index) >= size) {
        return SB_OK;
    }
    sb_json_index_free(d->index);
    d->index = NULL;
    sb_mem_discharge(d->base.mem, d->charged);
    d->charged = 0;
    size_t capacity = size < SB_JSON_WINDOW ? SB_JSON_WINDOW : size + size / 4;
    int64_t bytes = (int64_t)sb_json_index_bytes(capacity);
    if (!sb_mem_charge(d->base.mem, bytes)) {
        SB_NOMEM(err);
    }
    d->charged = bytes;
    d->index = sb_json_index_new(capacity);
    if (!d->index) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* Jackson, as Flink sets it up, takes control bytes in strings: the index gets a copy without
 * them. */
static sb_status
index_patched(sb_json_decoder *d, const char *line, size_t size, sb_json_index_result *out,
              sb_error *err)
{
    uint32_t count;
    if (d->patched_size < size + SB_FORMAT_PADDING) {
        sb_free(d->base.mem, d->patched, d->patched_size);
        d->patched_size = 0;
        d->patched = sb_alloc(d->base.mem, size + SB_FORMAT_PADDING);
        if (!d->patched) {
            SB_NOMEM(err);
        }
        d->patched_size = size + SB_FORMAT_PADDING;
    }
    for (size_t i = 0; i < size; i++) {
        d->patched[i] = (unsigned char)line[i] < ' ' ? ' ' : line[i];
    }
    *out = sb_json_index_run(d->index, d->patched, size, &d->tokens, &count);
    return SB_OK;
}

sb_status
sb_json_index_text(sb_json_decoder *d, const char *data, size_t size, bool one,
                   sb_json_index_result *out, sb_error *err)
{
    uint32_t count;
    SB_TRY(sb_json_index_room(d, size, err), err);
    d->text_base = data;
    *out = sb_json_index_run(d->index, data, size, &d->tokens, &count);
    if (*out == SB_JSON_INDEX_CONTROL && one) {
        SB_TRY(index_patched(d, data, size, out, err), err);
    }
    if (*out == SB_JSON_INDEX_NOMEM) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

const char *
sb_json_index_why(sb_json_index_result result)
{
    return result == SB_JSON_INDEX_UTF8 ? "not valid UTF-8" : "a string is not closed";
}

bool
sb_json_shape_begin(sb_json_decoder *d, const char *p, const char *end)
{
    if (!d->shape->known) {
        (void)sb_json_shape_learn(d->shape, &d->tree, p, end);
    }
    return d->shape->known;
}

void
sb_json_shape_score(sb_json_decoder *d, size_t taken, size_t all, bool stopped)
{
    if (!stopped && taken < all / 2) {
        d->shape->known = false;
        d->pauses = d->pauses ? 2 * d->pauses : 1;
        d->pauses = d->pauses < PAUSE_MAX ? d->pauses : PAUSE_MAX;
        d->pause = d->pauses;
    } else if (taken >= all) {
        d->pauses = 0;
    }
}

/* ---- lines ---- */

/* An empty place in the chunk for the line [offset, end). */
static sb_json_record *
new_record(sb_json_decoder *d, sb_decode *call, size_t offset, size_t end)
{
    if (end > offset && call->data[end - 1] == '\r') {
        end--;
    }
    return sb_json_chunk_add(d, call->data + offset, end - offset, (int64_t)offset, call->lines);
}

/* Lines [begin, end) of the input, indexed: positions count from text_base, which stands for
 * call->data + begin. */
static sb_status
take_lines(sb_json_decoder *d, sb_decode *call, size_t begin, size_t end, sb_error *err)
{
    sb_json_walk walk = {.base = d->text_base, .tokens = d->tokens, .tree = &d->tree};
    size_t at = begin;
    while (at < end && sb_json_chunk_has_room(d)) {
        const char *lf = memchr(call->data + at, '\n', end - at);
        size_t line_end = lf ? (size_t)(lf - call->data) : end;
        walk.line_end = (uint32_t)(line_end - begin);
        if (d->tokens[walk.at] < walk.line_end) {
            int32_t row = d->count;
            sb_json_record *record = new_record(d, call, at, line_end);
            record->why = sb_json_walk_record(&walk, row);
            sb_json_walk_behind(&walk, record->why != NULL);
        }
        call->lines += lf != NULL;
        at = line_end + (lf != NULL);
        call->consumed = at;
        if (d->count == SB_JSON_CHUNK) {
            SB_TRY(sb_json_chunk_flush(d, err), err);
        }
    }
    return sb_json_chunk_flush(d, err);
}

static sb_status
take_range(sb_json_decoder *d, sb_decode *call, size_t begin, size_t end, sb_error *err)
{
    /* Halve at a line end: the first one behind the middle, or the last one before it. */
    size_t middle = begin + (end - begin) / 2, size = end - 1 - middle;
    const char *lf = size ? memchr(call->data + middle, '\n', size) : NULL;
    if (!lf) {
        lf = memrchr(call->data + begin, '\n', middle - begin);
    }
    size_t text_end = !lf && call->data[end - 1] == '\n' ? end - 1 : end;
    sb_json_index_result result;
    SB_TRY(sb_json_index_text(d, call->data + begin, text_end - begin, !lf, &result, err), err);
    if (result == SB_JSON_INDEX_OK) {
        return take_lines(d, call, begin, end, err);
    }
    if (!lf) {
        new_record(d, call, begin, text_end)->why = sb_json_index_why(result);
        call->lines += text_end < end;
        call->consumed = end;
        return sb_json_chunk_flush(d, err);
    }
    size_t cut = (size_t)(lf - call->data) + 1;
    SB_TRY(take_range(d, call, begin, cut, err), err);
    if (call->consumed < cut || d->out.rows >= d->out.limit_rows) {
        return SB_OK; /* enough rows for now */
    }
    return take_range(d, call, cut, end, err);
}

/* Lines of the shape that is known, up to the first other one. */
static sb_status
take_shaped(sb_json_decoder *d, sb_decode *call, size_t end, sb_error *err)
{
    size_t begin = call->consumed;
    sb_json_marks *marks = d->shape->marks > 0 && end - begin < UINT32_MAX ? d->marks : NULL;
    d->text_base = call->data + begin;
    d->tokens = d->shaped;
    if (marks) {
        sb_json_marks_begin(marks, d->text_base, (uint32_t)(end - begin));
    }
    while (call->consumed < end && sb_json_chunk_has_room(d)) {
        uint32_t line = (uint32_t)(call->consumed - begin);
        const char *stop = marks ? sb_json_shape_match_marked(d->shape, &d->tree, marks, line,
                                                              d->count, d->shaped, &d->used)
                                 : NULL;
        bool plain = stop != NULL; /* between two marks there is nothing special */
        if (!stop) {
            stop = sb_json_shape_match(d->shape, &d->tree, d->text_base, d->text_base + line,
                                       call->data + end, d->count, d->shaped, &d->used);
            if (stop && marks) { /* with a null for a string, or the other way round */
                sb_json_marks_skip(marks, (uint32_t)(stop - d->text_base) + 1);
            }
        }
        if (!stop) {
            break;
        }
        size_t line_end = (size_t)(stop - call->data);
        bool lf = line_end < end;
        new_record(d, call, call->consumed, line_end)->plain = plain;
        call->lines += lf;
        call->consumed = line_end + lf;
        if (d->count == SB_JSON_CHUNK) {
            SB_TRY(sb_json_chunk_flush(d, err), err);
        }
    }
    return sb_json_chunk_flush(d, err);
}

/* Takes what it can of the window. */
static sb_status
try_shape(sb_json_decoder *d, sb_decode *call, size_t end, sb_error *err)
{
    if (sb_json_shape_paused(d)) {
        return SB_OK;
    }
    size_t begin = call->consumed;
    const char *p = call->data + begin, *lf = memchr(p, '\n', end - begin);
    const char *line_end = lf ? lf : call->data + end;
    line_end -= line_end > p && line_end[-1] == '\r';
    if (sb_json_shape_begin(d, p, line_end)) {
        SB_TRY(take_shaped(d, call, end, err), err);
    }
    bool stopped = d->out.rows >= d->out.limit_rows;
    sb_json_shape_score(d, call->consumed - begin, end - begin, stopped);
    return SB_OK;
}

/* End of the next window of whole lines; `begin` when a line is not complete yet. */
static size_t
window_end(const sb_decode *call, size_t begin)
{
    size_t left = call->size - begin;
    if (left <= SB_JSON_WINDOW && call->final) {
        return call->size;
    }
    size_t take = left < SB_JSON_WINDOW ? left : SB_JSON_WINDOW;
    const char *lf = memrchr(call->data + begin, '\n', take);
    if (!lf && left > take) {
        lf = memchr(call->data + begin + take, '\n', left - take);
    }
    if (lf) {
        return (size_t)(lf - call->data) + 1;
    }
    return call->final ? call->size : begin;
}

void
sb_json_decoder_begin(sb_json_decoder *d, const sb_json_output *out)
{
    d->out = *out;
    d->count = SB_JSON_CHUNK; /* a call that failed may have left some */
    sb_json_chunk_clear(d);
}

static sb_status
decode_windows(sb_json_decoder *d, sb_decode *call, sb_error *err)
{
    while (call->consumed < call->size && d->out.rows < d->out.limit_rows) {
        size_t end = window_end(call, call->consumed);
        if (end == call->consumed) {
            break;
        }
        if (end - call->consumed > SB_FORMAT_RECORD_MAX + 1) {
            SB_FAIL(err, SB_STATUS_LIMIT, "a line is longer than %d bytes", SB_FORMAT_RECORD_MAX);
        }
        SB_TRY(try_shape(d, call, end, err), err);
        if (call->consumed < end && d->out.rows < d->out.limit_rows) {
            SB_TRY(take_range(d, call, call->consumed, end, err), err);
        }
    }
    return SB_OK;
}

static sb_status
json_decode(sb_decoder *base, sb_decode *call, sb_error *err)
{
    sb_json_decoder *d = (sb_json_decoder *)(void *)base;
    call->consumed = 0;
    call->lines = 0;
    sb_json_decoder_begin(d, &(sb_json_output){.columns = call->columns,
                                               .ops = call->ops,
                                               .bad = call->bad,
                                               .limit_rows = call->limit_rows});
    sb_status status = decode_windows(d, call, err);
    call->rows = d->out.rows;
    call->has_ops = d->out.has_ops;
    return status;
}

/* ---- life ---- */

static void
json_free(sb_decoder *base)
{
    sb_json_decoder *d = (sb_json_decoder *)(void *)base;
    sb_mem *mem = base->mem;
    sb_json_tree_deinit(&d->tree);
    sb_json_index_free(d->index);
    sb_mem_discharge(mem, d->charged);
    sb_arena_free(d->scratch);
    sb_text_deinit(&d->text);
    sb_text_deinit(&d->reason);
    sb_free(mem, d->patched, d->patched_size);
    sb_free(mem, d, sizeof *d);
}

static const sb_decoder_vtable json_decoder_vtable = {
    .decode = json_decode, .decode_records = sb_json_decode_records, .free = json_free};

static sb_status
shape_room(sb_json_decoder *d, sb_error *err)
{
    /* Only wanted values have tokens: two each, one for an object. */
    d->shape = SB_NEW(d->tree.arena, sb_json_shape);
    d->marks = SB_NEW(d->tree.arena, sb_json_marks);
    d->shaped = SB_NEW_ARRAY(d->tree.arena, uint32_t, 2 * SB_JSON_CHUNK * d->tree.count);
    if (!d->shape || !d->marks || !d->shaped) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_json_decoder_new(sb_mem *mem, const sb_format_table *table, const sb_json_options *options,
                    const int32_t *project, int32_t count, sb_decoder **out, sb_error *err)
{
    sb_json_decoder *d = sb_alloc_zero(mem, sizeof *d);
    if (!d) {
        SB_NOMEM(err);
    }
    d->base = (sb_decoder){&json_decoder_vtable, mem};
    d->options = *options;
    sb_text_init(&d->text, mem);
    sb_text_init(&d->reason, mem);
    d->scratch = sb_arena_new(mem);
    sb_status status =
        d->scratch ? SB_OK
                   : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK) {
        status = sb_json_tree_init(&d->tree, mem, table->columns, project, table->fields, count,
                                   options->envelope, err);
    }
    if (status == SB_OK) {
        status = sb_json_index_room(d, SB_JSON_WINDOW, err);
    }
    if (status == SB_OK) {
        status = shape_room(d, err);
    }
    if (status != SB_OK) {
        json_free(&d->base);
        return status;
    }
    *out = &d->base;
    return SB_OK;
}
