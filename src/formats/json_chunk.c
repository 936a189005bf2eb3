/*
 * formats/json_chunk.c -- see json_chunk.h.
 */
#include "formats/json_chunk.h"

#include <string.h>

#include "formats/chunk.h"
#include "formats/json_nested.h"
#include "formats/json_walk.h"
#include "formats/time_text.h"

static const char what_missing[] = "is missing";
static const char what_value[] = "cannot be read";

/* ---- conversion
 * ----------------------------------------------------------------------------------- */

static inline void
bad_value(sb_json_decoder *d, int32_t r, int32_t node, const char *why)
{
    d->records[r].why = why;
    d->records[r].node = node;
}

static bool
parent_is_there(const sb_json_decoder *d, const sb_json_node *node, int32_t r)
{
    return node->parent < 0 || d->tree.nodes[node->parent].valid[r];
}

/* No value: NULL, or bad when fields must be there. */
static void
convert_missing(sb_json_decoder *d, int32_t index, int32_t r)
{
    sb_json_node *node = &d->tree.nodes[index];
    node->valid[r] = 0;
    if (d->options.fail_on_missing_field && parent_is_there(d, node, r)) {
        bad_value(d, r, index, what_missing);
    }
}

/* What the usual value of a column looks like: those are read without asking what else may stand
 * there. */
typedef enum usual { USUAL_NONE, USUAL_INTEGER, USUAL_TEXT, USUAL_DECIMAL, USUAL_TIME } usual;

static usual
usual_of(const sb_type *type, bool strict)
{
    switch ((sb_type_id)type->id) {
    case SB_TYPE_BIGINT: return USUAL_INTEGER;
    case SB_TYPE_CHAR:
    case SB_TYPE_VARCHAR: return USUAL_TEXT;
    case SB_TYPE_DECIMAL: return sb_type_phys(type) == SB_PHYS_I64 ? USUAL_DECIMAL : USUAL_NONE;
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return strict ? USUAL_NONE : USUAL_TIME;
    default: return USUAL_NONE;
    }
}

typedef struct leaf { /* a column that is converted */
    sb_json_decoder *d;
    sb_json_values values;
    sb_json_node *node;
    int32_t index;
    sb_fmt_minute minute;
} leaf;

/* False: it is another one. plain: strings have no escapes. No blanks follow what is read here. */
static inline bool
take_usual(leaf *l, usual kind, const char *p, const char *end, bool plain, void *out)
{
    const sb_type *type = l->node->type;
    sb_str text = {p + 1, (size_t)(end - p - 2)};
    sb_ts_ns ts;
    switch (kind) {
    case USUAL_INTEGER: return sb_json_short_integer(p, end, out);
    case USUAL_DECIMAL: return sb_json_short_decimal(p, end, type->precision, type->scale, out);
    case USUAL_TEXT:
        if (*p != '"' || !plain) {
            return false;
        }
        *(sb_str *)out = text;
        return true;
    case USUAL_TIME:
        if (*p != '"' || !plain ||
            !sb_fmt_parse_timestamp_near(text, l->values.iso, type->id == SB_TYPE_TIMESTAMP_LTZ,
                                         type->precision, &l->minute, &ts)) {
            return false;
        }
        if (type->precision > 6) {
            memcpy(out, &ts, sizeof ts);
        } else {
            memcpy(out, &ts.us, sizeof ts.us);
        }
        return true;
    default: return false;
    }
}

/* A value that is missing, or not the usual one. */
static sb_status
convert_unusual(leaf *l, int32_t r, void *out, sb_error *err)
{
    sb_json_decoder *d = l->d;
    uint32_t token = l->node->slots[r];
    if (token == SB_JSON_MISSING) {
        convert_missing(d, l->index, r);
        return SB_OK;
    }
    const char *p = d->text_base + d->tokens[token];
    const char *end = sb_json_token_end(d->text_base, d->tokens, token);
    sb_json_got got = sb_json_scalar(&l->values, l->node->type, p, end, out);
    l->node->valid[r] = got == SB_JSON_VALUE;
    if (got == SB_JSON_NOMEM) {
        SB_NOMEM(err);
    }
    if (got == SB_JSON_BAD && !d->options.ignore_parse_errors) {
        bad_value(d, r, l->index, what_value);
    }
    return SB_OK;
}

/* `kind` is a constant where this is called, so that each kind has a loop of its own. */
static inline __attribute__((always_inline)) sb_status
convert_as(leaf *l, usual kind, sb_error *err)
{
    const char *base = l->d->text_base;
    const uint32_t *tokens = l->d->tokens, *slots = l->node->slots;
    const sb_json_record *record = l->d->records;
    const ptrdiff_t width = l->node->width;
    uint8_t *out = l->node->values, *valid = l->node->valid;
    for (int32_t r = 0, count = l->d->count; r < count; r++, out += width) {
        uint32_t token = slots[r];
        if (record[r].why) {
            continue;
        }
        if (token != SB_JSON_MISSING &&
            take_usual(l, kind, base + tokens[token], base + tokens[token + 1], record[r].plain,
                       out)) {
            valid[r] = 1;
            continue;
        }
        SB_TRY(convert_unusual(l, r, out, err), err);
    }
    return SB_OK;
}

static sb_status
convert_leaf(sb_json_decoder *d, int32_t index, sb_error *err)
{
    leaf l = {.d = d,
              .values = {d->scratch, &d->text, d->options.iso, d->options.strict},
              .node = &d->tree.nodes[index],
              .index = index};
    switch (usual_of(l.node->type, d->options.strict)) {
    case USUAL_INTEGER: return convert_as(&l, USUAL_INTEGER, err);
    case USUAL_TEXT: return convert_as(&l, USUAL_TEXT, err);
    case USUAL_DECIMAL: return convert_as(&l, USUAL_DECIMAL, err);
    case USUAL_TIME: return convert_as(&l, USUAL_TIME, err);
    case USUAL_NONE: break;
    }
    return convert_as(&l, USUAL_NONE, err);
}

static bool
is_null_token(const sb_json_decoder *d, uint32_t token)
{
    const char *p = d->text_base + d->tokens[token];
    return *p == 'n' && sb_json_token_end(d->text_base, d->tokens, token) - p == 4 &&
           memcmp(p, "null", 4) == 0;
}

static void
convert_row(sb_json_decoder *d, int32_t index)
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
convert_list(sb_json_decoder *d, int32_t index, sb_error *err)
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
convert_op(sb_json_decoder *d, int32_t index)
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
convert(sb_json_decoder *d, sb_error *err)
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
append_value(sb_json_decoder *d, int32_t index, int32_t r, sb_column_builder *to, sb_error *err)
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
tell_bad(sb_json_decoder *d, const sb_json_record *record, sb_error *err)
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
        .offset = record->offset,
        .line = record->line,
        .bytes = {record->data, record->size},
        .reason = d->reason.data,
        .tolerated = d->options.ignore_parse_errors,
    };
    return d->out.bad.bad(d->out.bad.ctx, &bad, err);
}

/* Tells of bad records; returns whether there were any. */
static sb_status
tell_all_bad(sb_json_decoder *d, bool *out_any, sb_error *err)
{
    *out_any = false;
    for (int32_t r = 0; r < d->count; r++) {
        if (d->records[r].why) {
            *out_any = true;
            SB_TRY(tell_bad(d, &d->records[r], err), err);
        }
    }
    return SB_OK;
}

static inline void
take_row(sb_json_decoder *d, int32_t r)
{
    sb_json_output *out = &d->out;
    uint8_t op = d->tree.op >= 0 ? d->ops[r] : (uint8_t)SB_ROW_INSERT;
    out->has_ops = out->has_ops || op != SB_ROW_INSERT;
    if (out->record_of) {
        out->record_of[out->rows] = (int32_t)d->records[r].offset;
    }
    out->ops[out->rows++] = op;
}

/* All records of the chunk, and none is bad or has an op. */
static void
take_inserts(sb_json_decoder *d)
{
    sb_json_output *out = &d->out;
    for (int32_t r = 0; out->record_of && r < d->count; r++) {
        out->record_of[out->rows + r] = (int32_t)d->records[r].offset;
    }
    memset(out->ops + out->rows, SB_ROW_INSERT, (size_t)d->count);
    out->rows += d->count;
}

/* No records; every slot says missing. */
void
sb_json_chunk_clear(sb_json_decoder *d)
{
    for (int32_t i = 0; i < d->tree.count; i++) {
        memset(d->tree.nodes[i].slots, 0xFF, sizeof(uint32_t) * (size_t)d->count);
    }
    d->count = 0;
    d->used = 0;
    sb_arena_clear(d->scratch);
}

sb_status
sb_json_chunk_flush(sb_json_decoder *d, sb_error *err)
{
    bool any_bad;
    if (d->count == 0) {
        return SB_OK;
    }
    SB_TRY(convert(d, err), err);
    SB_TRY(tell_all_bad(d, &any_bad, err), err);
    for (int32_t c = 0; c < d->tree.count_columns; c++) {
        int32_t index = d->tree.columns[c];
        if (!any_bad && d->tree.nodes[index].kind == SB_JSON_LEAF &&
            sb_type_phys(d->tree.nodes[index].type) != SB_PHYS_NULL) {
            sb_chunk_append(&d->out.columns[c], d->tree.nodes[index].values,
                            d->tree.nodes[index].valid, d->count);
            continue;
        }
        for (int32_t r = 0; r < d->count; r++) {
            if (!d->records[r].why) {
                SB_TRY(append_value(d, index, r, &d->out.columns[c], err), err);
            }
        }
    }
    if (!any_bad && d->tree.op < 0) {
        take_inserts(d);
    } else {
        for (int32_t r = 0; r < d->count; r++) {
            if (!d->records[r].why) {
                take_row(d, r);
            }
        }
    }
    sb_json_chunk_clear(d);
    return SB_OK;
}
