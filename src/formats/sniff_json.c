/*
 * formats/sniff_json.c -- guessing the columns of JSON lines.
 *
 * DESIGN     A reader of its own, which walks each line once and adds what it sees to a tree of
 *            names. Texts are looked at as they are written: an escape makes a text no time.
 */
#include <string.h>

#include "formats/format.h"
#include "formats/json_text.h"
#include "formats/json_value.h"
#include "formats/sniff_priv.h"

typedef struct json_reader {
    sb_arena *arena;
    const char *at, *end; /* of the line */
    int depth;
    bool nomem;
} json_reader;

static void
skip_blanks(json_reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r')) {
        r->at++;
    }
}

static bool
take(json_reader *r, char c)
{
    skip_blanks(r);
    if (r->at < r->end && *r->at == c) {
        r->at++;
        return true;
    }
    return false;
}

/* At the quote; the text without quotes. */
static bool
read_string(json_reader *r, sb_str *out, bool *out_escaped)
{
    *out_escaped = false;
    if (!take(r, '"')) {
        return false;
    }
    const char *begin = r->at;
    while (r->at < r->end && *r->at != '"') {
        if (*r->at == '\\') {
            *out_escaped = true;
            r->at++;
        }
        r->at++;
    }
    if (r->at >= r->end) {
        return false;
    }
    *out = (sb_str){begin, (size_t)(r->at++ - begin)};
    return true;
}

/* The name of a field: with escapes it is read as JSON strings are. */
static bool
read_name(json_reader *r, sb_str *out)
{
    bool escaped;
    if (!read_string(r, out, &escaped)) {
        return false;
    }
    if (escaped) {
        sb_text text;
        sb_text_init(&text, sb_mem_root());
        sb_json_values values = {.scratch = r->arena, .text = &text};
        sb_json_got got = sb_json_string(&values, out->data - 1, out->data + out->size + 1, out);
        char *copy = got == SB_JSON_VALUE ? sb_arena_strndup(r->arena, out->data, out->size) : NULL;
        *out = (sb_str){copy, copy ? out->size : 0};
        sb_text_deinit(&text);
        r->nomem = r->nomem || got == SB_JSON_NOMEM || (got == SB_JSON_VALUE && !copy);
    }
    return out->size > 0 && !memchr(out->data, 0, out->size) &&
           sb_format_is_utf8(out->data, out->size);
}

static bool read_value(json_reader *r, sb_seen *seen);

static bool
read_object(json_reader *r, sb_seen *seen)
{
    sb_str name;
    seen->bits |= SB_SEEN_OBJECT;
    seen->guess = seen->first;
    if (take(r, '}')) {
        return true;
    }
    do {
        if (!read_name(r, &name) || !take(r, ':')) {
            return false;
        }
        sb_seen *field = sb_seen_field(r->arena, seen, name);
        if (!field) {
            r->nomem = true;
            return false;
        }
        if (!read_value(r, field)) {
            return false;
        }
    } while (take(r, ','));
    return take(r, '}');
}

static bool
read_array(json_reader *r, sb_seen *seen)
{
    seen->bits |= SB_SEEN_ARRAY;
    if (take(r, ']')) {
        return true;
    }
    if (!seen->element) {
        seen->element = SB_NEW(r->arena, sb_seen);
        if (!seen->element) {
            r->nomem = true;
            return false;
        }
    }
    do {
        if (!read_value(r, seen->element)) {
            return false;
        }
    } while (take(r, ','));
    return take(r, ']');
}

/* Numbers, true, false, null: up to what ends a value. */
static bool
read_word(json_reader *r, sb_seen *seen)
{
    const char *begin = r->at;
    bool unused;
    while (r->at < r->end && !strchr(",}] \t\r", *r->at)) {
        r->at++;
    }
    sb_str word = {begin, (size_t)(r->at - begin)};
    if (sb_str_equal(word, SB_STR("null"))) {
        seen->bits |= SB_SEEN_NULL;
    } else if (sb_str_equal(word, SB_STR("true")) || sb_str_equal(word, SB_STR("false"))) {
        seen->bits |= SB_SEEN_BOOLEAN;
    } else if (word.size > 0 && sb_json_is_number(word.data, word.size, &unused)) {
        seen->bits |= sb_seen_number(word);
    } else {
        return false;
    }
    return true;
}

static bool
read_value(json_reader *r, sb_seen *seen)
{
    sb_seen nobody = {.bits = 0};
    sb_str text;
    bool escaped, fine;
    skip_blanks(r);
    if (r->at == r->end) {
        return false;
    }
    if (*r->at == '"') {
        fine = read_string(r, &text, &escaped);
        if (fine && escaped) {
            seen->bits |= SB_SEEN_TEXT;
        } else if (fine) {
            sb_seen_string(seen, text);
        }
        return fine;
    }
    if (*r->at != '{' && *r->at != '[') {
        return read_word(r, seen);
    }
    if (r->depth >= 10 * SB_SNIFF_DEPTH) {
        return false;
    }
    if (r->depth >= SB_SNIFF_DEPTH) { /* a text; its inside is only stepped over */
        seen->bits |= SB_SEEN_TEXT;
        seen = &nobody;
    }
    r->depth++;
    fine = *r->at++ == '{' ? read_object(r, seen) : read_array(r, seen);
    r->depth--;
    return fine;
}

/* ---- files ---- */

static sb_status
bad_line(const sb_sniff_file *file, int64_t line, sb_str text, sb_error *err)
{
    int size = text.size > 100 ? 100 : (int)text.size;
    if (text.size > 0 && text.data[0] == '[') {
        sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                     "not supported: file '%s', line %lld: a JSON array in place of a JSON object "
                     "on each line",
                     file->path, (long long)line);
        sb_error_hint(err, "jq -c '.[]' writes the elements of an array as lines");
        return SB_STATUS_NOT_SUPPORTED;
    }
    sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__,
                 "file '%s', line %lld: no JSON object: %.*s%s", file->path, (long long)line, size,
                 text.data, text.size > 100 ? "..." : "");
    sb_error_hint(err, "JSON is read line by line, an object each; jq -c . writes it so");
    return SB_STATUS_DATA;
}

/* Lines of a file; a last one that the sample cuts is left out. */
static sb_status
read_lines(sb_arena *arena, const sb_sniff_file *file, sb_seen *top, int64_t *rows, sb_error *err)
{
    const char *at = file->data, *end = at + file->size;
    for (int64_t line = 1; at < end && *rows < SB_SNIFF_ROWS; line++) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        if (!lf && !file->whole) {
            break;
        }
        const char *stop = lf ? lf : end;
        json_reader r = {.arena = arena, .at = at, .end = stop};
        skip_blanks(&r);
        sb_str text = {r.at, (size_t)(stop - r.at)};
        if (text.size > 0) {
            bool fine = take(&r, '{') && read_object(&r, top);
            skip_blanks(&r);
            if (r.nomem) {
                SB_NOMEM(err);
            }
            if (!fine || r.at != r.end) {
                return bad_line(file, line, text, err);
            }
            ++*rows;
        }
        at = lf ? lf + 1 : end;
    }
    return SB_OK;
}

sb_status
sb_sniff_json(sb_arena *arena, const sb_sniff_file *files, int32_t count, sb_sniff_guess *out,
              sb_error *err)
{
    sb_seen top = {.bits = 0};
    *out = (sb_sniff_guess){.format = "json"};
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(read_lines(arena, &files[i], &top, &out->rows, err), err);
    }
    if (top.count == 0) {
        SB_FAIL(err, SB_STATUS_DATA,
                "file '%s' has no JSON object with a field to guess columns from", files[0].path);
    }
    if (top.count > SB_SNIFF_COLUMNS) {
        SB_FAIL(err, SB_STATUS_LIMIT, "file '%s' has more than %d different names of fields",
                files[0].path, SB_SNIFF_COLUMNS);
    }
    uint32_t all = sb_seen_all(&top);
    bool iso = (all & SB_SEEN_ISO) != 0 && (all & SB_SEEN_SQL) == 0;
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, top.count);
    if (!fields) {
        SB_NOMEM(err);
    }
    int32_t i = 0;
    for (const sb_seen *field = top.first; field; field = field->next, i++) {
        fields[i].name = field->name;
        SB_TRY(sb_seen_type(arena, field, iso, &fields[i].type, err), err);
    }
    out->columns = (sb_schema){top.count, fields};
    if (iso) {
        sb_sniff_option_add(out, "json.timestamp-format.standard", "ISO-8601");
    }
    sb_sniff_option_add(out, "json.strict-types", "true");
    return SB_OK;
}
