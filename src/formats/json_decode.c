/*
 * formats/json_decode.c -- lines of JSON into columns.
 *
 * DESIGN     Input is taken in windows of whole lines that fit the cache. A window is indexed at
 *            once (json_index); then each line is walked (json_walk) and the tokens of the wanted
 *            values are noted, record by record; then values are converted column by column, a
 *            chunk of records at a time; then rows that are fine go to the builders. Text that the
 *            index refuses (not UTF-8, an open string) is halved until the line that spoils it
 *            stands alone. Scratch memory for strings is dropped after every chunk. Before all
 *            that, lines shaped like the first of the window are taken without an index
 *            (json_shape); where that does not pay it is tried less and less often.
 */
#include <string.h>

#include "formats/chunk.h"
#include "formats/json_index.h"
#include "formats/json_nested.h"
#include "formats/json_options.h"
#include "formats/json_shape.h"
#include "formats/json_tree.h"
#include "formats/json_walk.h"

#define WINDOW    (64 << 10)
#define PAUSE_MAX 64 /* windows */

typedef struct json_record { /* one of the chunk */
    size_t offset, size;     /* in the input, without line end */
    int64_t line;
    const char *why; /* NULL: fine */
    int32_t node;    /* whose value is bad; -1: the record itself */
    bool plain;      /* its strings have no escapes, and are ASCII */
} json_record;

typedef struct json_decoder {
    sb_decoder base;
    sb_json_options options;
    sb_json_tree tree;
    sb_json_index *index;
    int64_t charged; /* for the index */
    sb_arena *scratch;
    sb_text text;   /* scratch of conversions */
    sb_text reason; /* of the bad record that is told */
    char *patched;  /* a line with control bytes replaced, to be indexed */
    size_t patched_size;
    const uint32_t *tokens; /* of the text indexed last */
    const char *text_base;  /* what its positions count from */
    sb_json_shape *shape;   /* in the tree's arena */
    sb_json_marks *marks;   /* the same */
    uint32_t *shaped;       /* tokens of a chunk of lines of that shape */
    int32_t pause, pauses;  /* windows until a shape is tried again; and next time */
    int32_t count;          /* records of the chunk */
    json_record records[SB_JSON_CHUNK];
    uint8_t ops[SB_JSON_CHUNK];
} json_decoder;

static const char what_missing[] = "is missing";
static const char what_value[] = "cannot be read";

/* ---- conversion
 * ----------------------------------------------------------------------------------- */

static inline void
bad_value(json_decoder *d, int32_t r, int32_t node, const char *why)
{
    d->records[r].why = why;
    d->records[r].node = node;
}

static bool
parent_is_there(const json_decoder *d, const sb_json_node *node, int32_t r)
{
    return node->parent < 0 || d->tree.nodes[node->parent].valid[r];
}

/* No value: NULL, or bad when fields must be there. */
static void
convert_missing(json_decoder *d, int32_t index, int32_t r)
{
    sb_json_node *node = &d->tree.nodes[index];
    node->valid[r] = 0;
    if (d->options.fail_on_missing_field && parent_is_there(d, node, r)) {
        bad_value(d, r, index, what_missing);
    }
}

static sb_status
convert_leaf(json_decoder *d, int32_t index, sb_error *err)
{
    sb_json_node *node = &d->tree.nodes[index];
    sb_json_values values = {d->scratch, &d->text, d->options.iso, d->options.strict};
    const sb_type *type = node->type;
    const bool big = type->id == SB_TYPE_BIGINT, text = sb_type_is_string(type);
    const char *base = d->text_base;
    const uint32_t *tokens = d->tokens, *slots = node->slots;
    uint8_t *out = node->values;
    for (int32_t r = 0; r < d->count; r++, out += node->width) {
        uint32_t token = slots[r];
        if (d->records[r].why) {
            continue;
        }
        if (token == SB_JSON_MISSING) {
            convert_missing(d, index, r);
            continue;
        }
        const char *p = base + tokens[token];
        if (big && sb_json_short_integer(p, base + tokens[token + 1], (int64_t *)(void *)out)) {
            node->valid[r] = 1; /* nearly every one; no blanks behind it */
            continue;
        }
        if (text && *p == '"' && d->records[r].plain) {
            *(sb_str *)(void *)out = (sb_str){p + 1, base + tokens[token + 1] - p - 2};
            node->valid[r] = 1;
            continue;
        }
        const char *end = sb_json_token_end(base, tokens, token);
        sb_json_got got = sb_json_scalar(&values, type, p, end, out);
        node->valid[r] = got == SB_JSON_VALUE;
        if (got == SB_JSON_NOMEM) {
            SB_NOMEM(err);
        }
        if (got == SB_JSON_BAD && !d->options.ignore_parse_errors) {
            bad_value(d, r, index, what_value);
        }
    }
    return SB_OK;
}

static bool
is_null_token(const json_decoder *d, uint32_t token)
{
    const char *p = d->text_base + d->tokens[token];
    return *p == 'n' && sb_json_token_end(d->text_base, d->tokens, token) - p == 4 &&
           memcmp(p, "null", 4) == 0;
}

static void
convert_row(json_decoder *d, int32_t index)
{
    sb_json_node *node = &d->tree.nodes[index];
    bool must = index == d->tree.data;
    for (int32_t r = 0; r < d->count; r++) {
        uint32_t token = node->slots[r];
        if (d->records[r].why) {
            continue;
        }
        if (token == SB_JSON_MISSING && !must) {
            convert_missing(d, index, r);
            continue;
        }
        node->valid[r] = token != SB_JSON_MISSING && d->text_base[d->tokens[token]] == '{';
        if (!node->valid[r] && must) {
            bad_value(d, r, index,
                      token == SB_JSON_MISSING ? what_missing : "is not a JSON object");
        } else if (!node->valid[r] && !is_null_token(d, token) && !d->options.ignore_parse_errors) {
            bad_value(d, r, index, "is not a JSON object");
        }
    }
}

/* Whether lists can be read is found out first: their builders cannot take back. */
static sb_status
convert_list(json_decoder *d, int32_t index, sb_error *err)
{
    sb_json_node *node = &d->tree.nodes[index];
    sb_json_values values = {d->scratch, &d->text, d->options.iso, d->options.strict};
    sb_json_nested nested = {&values, &d->options, d->text_base, d->tokens};
    for (int32_t r = 0; r < d->count; r++) {
        uint32_t token = node->slots[r];
        if (d->records[r].why) {
            continue;
        }
        if (token == SB_JSON_MISSING) {
            convert_missing(d, index, r);
            continue;
        }
        sb_json_got got = sb_json_nested_read(&nested, node->type, token, NULL);
        node->valid[r] = got == SB_JSON_VALUE;
        if (got == SB_JSON_NOMEM) {
            SB_NOMEM(err);
        }
        if (got == SB_JSON_BAD && !d->options.ignore_parse_errors) {
            bad_value(d, r, index, what_value);
        }
    }
    return SB_OK;
}

static void
convert_op(json_decoder *d, int32_t index)
{
    static const char names[4][5] = {"\"+I\"", "\"-U\"", "\"+U\"",
                                     "\"-D\""}; /* in the order of sb_row_op */
    const sb_json_node *node = &d->tree.nodes[index];
    for (int32_t r = 0; r < d->count; r++) {
        uint32_t token = node->slots[r];
        if (d->records[r].why) {
            continue;
        }
        int op = 4;
        if (token != SB_JSON_MISSING) {
            const char *p = d->text_base + d->tokens[token];
            for (op = 0; op < 4 && memcmp(p, names[op], 4) != 0; op++) {
            }
        }
        if (op == 4) {
            bad_value(d, r, index,
                      token == SB_JSON_MISSING ? what_missing : "is not one of +I -U +U -D");
        }
        d->ops[r] = (uint8_t)op;
    }
}

static sb_status
convert(json_decoder *d, sb_error *err)
{
    memset(d->tree.nodes[0].valid, 1, (size_t)d->count);
    for (int32_t i = 1; i < d->tree.count; i++) {
        switch (d->tree.nodes[i].kind) {
        case SB_JSON_LEAF: SB_TRY(convert_leaf(d, i, err), err); break;
        case SB_JSON_ROW: convert_row(d, i); break;
        case SB_JSON_LIST: SB_TRY(convert_list(d, i, err), err); break;
        case SB_JSON_OP: convert_op(d, i); break;
        }
    }
    return SB_OK;
}

/* ---- to the builders
 * ------------------------------------------------------------------------------ */

static sb_status
append_value(json_decoder *d, int32_t index, int32_t r, sb_column_builder *to, sb_error *err)
{
    const sb_json_node *node = &d->tree.nodes[index];
    if (!node->valid[r] || node->slots[r] == SB_JSON_MISSING) {
        sb_column_null(to);
        return SB_OK;
    }
    if (node->kind == SB_JSON_ROW) {
        int32_t child = index + 1;
        for (int32_t i = 0; i < to->count_children; i++) {
            if (child == node->end || d->tree.nodes[child].place != i) {
                sb_column_null(&to->children[i]); /* nobody reads it */
                continue;
            }
            SB_TRY(append_value(d, child, r, &to->children[i], err), err);
            child = d->tree.nodes[child].end;
        }
        sb_column_struct(to);
    } else if (node->kind == SB_JSON_LIST) {
        sb_json_values values = {d->scratch, &d->text, d->options.iso, d->options.strict};
        sb_json_nested nested = {&values, &d->options, d->text_base, d->tokens};
        if (sb_json_nested_read(&nested, node->type, node->slots[r], to) == SB_JSON_NOMEM) {
            SB_NOMEM(err);
        }
    } else if (to->phys == SB_PHYS_VIEW) {
        const sb_str *text = (const sb_str *)(const void *)node->values + r;
        sb_column_bytes(to, text->data, text->size);
    } else {
        sb_column_value(to, node->values + (size_t)r * (size_t)node->width);
    }
    return SB_OK;
}

static sb_status
tell_bad(json_decoder *d, sb_decode *call, const json_record *record, sb_error *err)
{
    sb_text_clear(&d->reason);
    const sb_json_node *node = record->node >= 0 ? &d->tree.nodes[record->node] : NULL;
    if (node && node->type) {
        uint32_t token = node->slots[record - d->records];
        sb_text_printf(&d->reason, "field '%s' %s", node->name, record->why);
        if (token != SB_JSON_MISSING) {
            const char *p = d->text_base + d->tokens[token],
                       *end = sb_json_token_end(d->text_base, d->tokens, token);
            int size = end - p > 60 ? 60 : (int)(end - p);
            sb_text_printf(&d->reason, " as ");
            sb_type_print(node->type, &d->reason);
            sb_text_printf(&d->reason, ": %.*s%s", size, p, end - p > 60 ? "..." : "");
        }
    } else if (node) {
        sb_text_printf(&d->reason, "\"%s\" %s", node->name, record->why);
    } else {
        sb_text_add(&d->reason, record->why);
    }
    if (d->reason.failed) {
        SB_NOMEM(err);
    }
    sb_bad_record bad = {
        .offset = (int64_t)record->offset,
        .line = record->line,
        .bytes = {call->data + record->offset, record->size},
        .reason = d->reason.data,
        .tolerated = d->options.ignore_parse_errors,
    };
    return call->bad.bad(call->bad.ctx, &bad, err);
}

/* Tells of bad records; returns whether there were any. */
static sb_status
tell_all_bad(json_decoder *d, sb_decode *call, bool *out_any, sb_error *err)
{
    *out_any = false;
    for (int32_t r = 0; r < d->count; r++) {
        if (d->records[r].why) {
            *out_any = true;
            SB_TRY(tell_bad(d, call, &d->records[r], err), err);
        }
    }
    return SB_OK;
}

static void
take_op(sb_decode *call, uint8_t op)
{
    call->has_ops = call->has_ops || op != SB_ROW_INSERT;
    call->ops[call->rows++] = op;
}

/* No records; every slot says missing. */
static void
clear_chunk(json_decoder *d)
{
    for (int32_t i = 0; i < d->tree.count; i++) {
        memset(d->tree.nodes[i].slots, 0xFF, sizeof(uint32_t) * (size_t)d->count);
    }
    d->count = 0;
    sb_arena_clear(d->scratch);
}

static sb_status
flush(json_decoder *d, sb_decode *call, sb_error *err)
{
    bool any_bad;
    if (d->count == 0) {
        return SB_OK;
    }
    SB_TRY(convert(d, err), err);
    SB_TRY(tell_all_bad(d, call, &any_bad, err), err);
    for (int32_t c = 0; c < d->tree.count_columns; c++) {
        int32_t index = d->tree.columns[c];
        if (!any_bad && d->tree.nodes[index].kind == SB_JSON_LEAF &&
            sb_type_phys(d->tree.nodes[index].type) != SB_PHYS_NULL) {
            sb_chunk_append(&call->columns[c], d->tree.nodes[index].values,
                            d->tree.nodes[index].valid, d->count);
            continue;
        }
        for (int32_t r = 0; r < d->count; r++) {
            if (!d->records[r].why) {
                SB_TRY(append_value(d, index, r, &call->columns[c], err), err);
            }
        }
    }
    for (int32_t r = 0; r < d->count; r++) {
        if (!d->records[r].why) {
            take_op(call, d->tree.op >= 0 ? d->ops[r] : (uint8_t)SB_ROW_INSERT);
        }
    }
    clear_chunk(d);
    return SB_OK;
}

/* ---- records
 * -------------------------------------------------------------------------------------- */

/* An empty place in the chunk for the line [offset, end). */
static json_record *
new_record(json_decoder *d, sb_decode *call, size_t offset, size_t end)
{
    if (end > offset && call->data[end - 1] == '\r') {
        end--;
    }
    json_record *record = &d->records[d->count++];
    *record =
        (json_record){.offset = offset, .size = end - offset, .line = call->lines, .node = -1};
    return record;
}

/* Lines [begin, end) of the input, indexed: positions count from text_base, which stands for
 * call->data + begin. */
static sb_status
take_lines(json_decoder *d, sb_decode *call, size_t begin, size_t end, sb_error *err)
{
    sb_json_walk walk = {.base = d->text_base, .tokens = d->tokens, .tree = &d->tree};
    size_t at = begin;
    while (at < end && call->rows + d->count < call->limit_rows) {
        const char *lf = memchr(call->data + at, '\n', end - at);
        size_t line_end = lf ? (size_t)(lf - call->data) : end;
        walk.line_end = (uint32_t)(line_end - begin);
        if (d->tokens[walk.at] < walk.line_end) {
            int32_t row = d->count;
            json_record *record = new_record(d, call, at, line_end);
            record->why = sb_json_walk_record(&walk, row);
            while (d->tokens[walk.at] < walk.line_end) {
                walk.at++; /* the rest of a bad line */
            }
            while (record->why && walk.at > 0 && d->tokens[walk.at - 1] >= walk.line_end) {
                walk.at--; /* it had run into the next one */
            }
        }
        call->lines += lf != NULL;
        at = line_end + (lf != NULL);
        call->consumed = at;
        if (d->count == SB_JSON_CHUNK) {
            SB_TRY(flush(d, call, err), err);
        }
    }
    return flush(d, call, err);
}

static sb_status
index_room(json_decoder *d, size_t size, sb_error *err)
{
    if (d->index && sb_json_index_capacity(d->index) >= size) {
        return SB_OK;
    }
    sb_json_index_free(d->index);
    d->index = NULL;
    sb_mem_discharge(d->base.mem, d->charged);
    d->charged = 0;
    size_t capacity = size < WINDOW ? WINDOW : size + size / 4;
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
index_patched(json_decoder *d, const char *line, size_t size, sb_json_index_result *out,
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

/* A line that the index has refused. */
static sb_status
take_odd_line(json_decoder *d, sb_decode *call, size_t begin, size_t end,
              sb_json_index_result result, sb_error *err)
{
    size_t line_end = end > begin && call->data[end - 1] == '\n' ? end - 1 : end;
    if (result == SB_JSON_INDEX_CONTROL) {
        SB_TRY(index_patched(d, call->data + begin, line_end - begin, &result, err), err);
        if (result == SB_JSON_INDEX_OK) {
            return take_lines(d, call, begin, end, err);
        }
    }
    json_record *record = new_record(d, call, begin, line_end);
    record->why = result == SB_JSON_INDEX_UTF8 ? "not valid UTF-8" : "a string is not closed";
    call->lines += line_end < end;
    call->consumed = end;
    return flush(d, call, err);
}

static sb_status
take_range(json_decoder *d, sb_decode *call, size_t begin, size_t end, sb_error *err)
{
    uint32_t count;
    SB_TRY(index_room(d, end - begin, err), err);
    d->text_base = call->data + begin;
    sb_json_index_result result =
        sb_json_index_run(d->index, d->text_base, end - begin, &d->tokens, &count);
    if (result == SB_JSON_INDEX_OK) {
        return take_lines(d, call, begin, end, err);
    }
    if (result == SB_JSON_INDEX_NOMEM) {
        SB_NOMEM(err);
    }
    /* Halve at a line end: the first one behind the middle, or the last one before it. */
    size_t middle = begin + (end - begin) / 2, size = end - 1 - middle;
    const char *lf = size ? memchr(call->data + middle, '\n', size) : NULL;
    if (!lf) {
        lf = memrchr(call->data + begin, '\n', middle - begin);
    }
    if (!lf) {
        return take_odd_line(d, call, begin, end, result, err);
    }
    size_t cut = (size_t)(lf - call->data) + 1;
    SB_TRY(take_range(d, call, begin, cut, err), err);
    if (call->consumed < cut || call->rows >= call->limit_rows) {
        return SB_OK; /* enough rows for now */
    }
    return take_range(d, call, cut, end, err);
}

/* Lines of the shape that is known, up to the first other one. */
static sb_status
take_shaped(json_decoder *d, sb_decode *call, size_t end, sb_error *err)
{
    uint32_t used = 0;
    size_t begin = call->consumed;
    sb_json_marks *marks = d->shape->marks > 0 && end - begin < UINT32_MAX ? d->marks : NULL;
    d->text_base = call->data + begin;
    d->tokens = d->shaped;
    if (marks) {
        sb_json_marks_begin(marks, d->text_base, (uint32_t)(end - begin));
    }
    while (call->consumed < end && call->rows + d->count < call->limit_rows) {
        uint32_t line = (uint32_t)(call->consumed - begin);
        const char *stop = marks ? sb_json_shape_match_marked(d->shape, &d->tree, marks, line,
                                                              d->count, d->shaped, &used)
                                 : NULL;
        bool plain = stop != NULL; /* between two marks there is nothing special */
        if (!stop) {
            stop = sb_json_shape_match(d->shape, &d->tree, d->text_base, d->text_base + line,
                                       call->data + end, d->count, d->shaped, &used);
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
            SB_TRY(flush(d, call, err), err);
            used = 0;
        }
    }
    return flush(d, call, err);
}

static void
learn_shape(json_decoder *d, const char *p, const char *end)
{
    const char *lf = memchr(p, '\n', (size_t)(end - p));
    end = lf ? lf : end;
    end -= end > p && end[-1] == '\r';
    (void)sb_json_shape_learn(d->shape, &d->tree, p, end);
}

/* Takes what it can of the window. */
static sb_status
try_shape(json_decoder *d, sb_decode *call, size_t end, sb_error *err)
{
    if (d->pause > 0) {
        d->pause--;
        return SB_OK;
    }
    size_t begin = call->consumed;
    if (!d->shape->known) {
        learn_shape(d, call->data + begin, call->data + end);
    }
    if (d->shape->known) {
        SB_TRY(take_shaped(d, call, end, err), err);
    }
    if (call->rows < call->limit_rows && (call->consumed - begin) < (end - begin) / 2) {
        d->shape->known = false;
        d->pauses = d->pauses ? 2 * d->pauses : 1;
        d->pauses = d->pauses < PAUSE_MAX ? d->pauses : PAUSE_MAX;
        d->pause = d->pauses;
    } else if (call->consumed == end) {
        d->pauses = 0;
    }
    return SB_OK;
}

/* End of the next window of whole lines; `begin` when a line is not complete yet. */
static size_t
window_end(const sb_decode *call, size_t begin)
{
    size_t left = call->size - begin;
    if (left <= WINDOW && call->final) {
        return call->size;
    }
    size_t take = left < WINDOW ? left : WINDOW;
    const char *lf = memrchr(call->data + begin, '\n', take);
    if (!lf && left > take) {
        lf = memchr(call->data + begin + take, '\n', left - take);
    }
    if (lf) {
        return (size_t)(lf - call->data) + 1;
    }
    return call->final ? call->size : begin;
}

static sb_status
json_decode(sb_decoder *base, sb_decode *call, sb_error *err)
{
    json_decoder *d = (json_decoder *)(void *)base;
    call->consumed = 0;
    call->lines = 0;
    call->rows = 0;
    call->has_ops = false;
    d->count = SB_JSON_CHUNK; /* a call that failed may have left some */
    clear_chunk(d);
    while (call->consumed < call->size && call->rows < call->limit_rows) {
        size_t end = window_end(call, call->consumed);
        if (end == call->consumed) {
            break;
        }
        if (end - call->consumed > SB_FORMAT_RECORD_MAX + 1) {
            SB_FAIL(err, SB_STATUS_LIMIT, "a line is longer than %d bytes", SB_FORMAT_RECORD_MAX);
        }
        SB_TRY(try_shape(d, call, end, err), err);
        if (call->consumed < end && call->rows < call->limit_rows) {
            SB_TRY(take_range(d, call, call->consumed, end, err), err);
        }
    }
    return SB_OK;
}

/* ---- life
 * ------------------------------------------------------------------------------------------ */

static void
json_free(sb_decoder *base)
{
    json_decoder *d = (json_decoder *)(void *)base;
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

static const sb_decoder_vtable json_decoder_vtable = {.decode = json_decode, .free = json_free};

static sb_status
shape_room(json_decoder *d, sb_error *err)
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
    json_decoder *d = sb_alloc_zero(mem, sizeof *d);
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
        status = index_room(d, WINDOW, err);
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
