/*
 * formats/json_nested.c -- lists, maps, and rows in them.
 *
 * DESIGN     The slow, general way: by recursion, a value at a time. Rows outside lists go the fast
 *            way of json_decode.c.
 */
#include "formats/json_nested.h"

#include <string.h>

#include "formats/json_tree.h"
#include "formats/json_walk.h"

static inline char
char_at(const sb_json_nested *n, uint32_t token)
{
    return n->base[n->tokens[token]];
}

uint32_t
sb_json_nested_next(const sb_json_nested *n, uint32_t token)
{
    int32_t depth = 0;
    do {
        char c = char_at(n, token++);
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    } while (depth > 0);
    return token;
}

static sb_json_got
read_scalar(sb_json_nested *n, const sb_type *type, uint32_t token, sb_column_builder *to)
{
    union {
        sb_str text;
        sb_ts_ns ts;
        sb_int128 wide;
        uint8_t bytes[16];
    } value;

    const char *p = n->base + n->tokens[token];
    sb_json_got got =
        sb_json_scalar(n->values, type, p, sb_json_token_end(n->base, n->tokens, token), &value);
    if (!to || got == SB_JSON_BAD || got == SB_JSON_NOMEM) {
        return got;
    }
    if (got == SB_JSON_NULL) {
        sb_column_null(to);
    } else if (to->phys == SB_PHYS_VIEW) {
        sb_column_bytes(to, value.text.data, value.text.size);
    } else {
        sb_column_value(to, &value);
    }
    return got;
}

/* An element or field: what cannot be read becomes NULL when errors are ignored. */
static sb_json_got
read_inner(sb_json_nested *n, const sb_type *type, uint32_t token, sb_column_builder *to)
{
    if (!n->options->ignore_parse_errors) {
        return sb_json_nested_read(n, type, token, to);
    }
    sb_json_got got = sb_json_nested_read(n, type, token, NULL);
    if (got == SB_JSON_BAD) {
        if (to) {
            sb_column_null(to);
        }
        return SB_JSON_NULL;
    }
    return got == SB_JSON_NOMEM ? got : sb_json_nested_read(n, type, token, to);
}

static inline bool
is_wrong(sb_json_got got)
{
    return got == SB_JSON_BAD || got == SB_JSON_NOMEM;
}

static sb_json_got
read_array(sb_json_nested *n, const sb_type *type, uint32_t token, sb_column_builder *to)
{
    if (char_at(n, token) != '[') {
        return SB_JSON_BAD;
    }
    if (to) {
        sb_column_list_begin(to);
    }
    for (token++; char_at(n, token) != ']'; token = sb_json_nested_next(n, token)) {
        if (char_at(n, token) == ',') {
            token++;
        }
        sb_json_got got =
            read_inner(n, &type->children[0].type, token, to ? &to->children[0] : NULL);
        if (is_wrong(got)) {
            return got;
        }
    }
    if (to) {
        sb_column_list_end(to);
    }
    return SB_JSON_VALUE;
}

static uint32_t
skip_comma(const sb_json_nested *n, uint32_t token)
{
    return token + (char_at(n, token) == ',');
}

/* Does an equal key come later in the object? Then this entry is overwritten. */
static sb_json_got
is_overwritten(sb_json_nested *n, sb_str key, uint32_t token, bool *out)
{
    *out = false;
    while (char_at(n, token) != '}') {
        token = skip_comma(n, token);
        sb_str other;
        const char *p = n->base + n->tokens[token];
        sb_json_got got =
            sb_json_string(n->values, p, sb_json_trim(p, n->base + n->tokens[token + 1]), &other);
        if (got != SB_JSON_VALUE) {
            return got;
        }
        if (sb_str_equal(key, other)) {
            *out = true;
            return SB_JSON_VALUE;
        }
        token = sb_json_nested_next(n, token + 2);
    }
    return SB_JSON_VALUE;
}

static sb_json_got
read_entry(sb_json_nested *n, const sb_type *type, uint32_t *token, sb_column_builder *to)
{
    sb_str key;
    bool overwritten;
    uint32_t at = *token, value = at + 2;
    const char *p = n->base + n->tokens[at];
    sb_json_got got =
        sb_json_string(n->values, p, sb_json_trim(p, n->base + n->tokens[at + 1]), &key);
    *token = sb_json_nested_next(n, value);
    if (got == SB_JSON_VALUE) {
        got = is_overwritten(n, key, *token, &overwritten);
    }
    if (got != SB_JSON_VALUE || overwritten) {
        return got;
    }
    if (to) {
        sb_column_bytes(&to->children[0], key.data, key.size);
    }
    return read_inner(n, &type->children[1].type, value, to ? &to->children[1] : NULL);
}

static sb_json_got
read_map(sb_json_nested *n, const sb_type *type, uint32_t token, sb_column_builder *to)
{
    if (char_at(n, token) != '{') {
        return SB_JSON_BAD;
    }
    if (to) {
        sb_column_list_begin(to);
    }
    token++;
    while (char_at(n, token) != '}') {
        token = skip_comma(n, token);
        sb_json_got got = read_entry(n, type, &token, to);
        if (is_wrong(got)) {
            return got;
        }
    }
    if (to) {
        sb_column_list_end(to);
    }
    return SB_JSON_VALUE;
}

/* Notes the token of every field of the type; of equal keys the last counts. */
static sb_json_got
find_fields(sb_json_nested *n, const sb_type *type, uint32_t token, uint32_t *found)
{
    for (int32_t i = 0; i < type->count_children; i++) {
        found[i] = SB_JSON_MISSING;
    }
    for (token++; char_at(n, token) != '}'; token = sb_json_nested_next(n, token)) {
        token = skip_comma(n, token);
        sb_str key;
        const char *p = n->base + n->tokens[token];
        sb_json_got got =
            sb_json_string(n->values, p, sb_json_trim(p, n->base + n->tokens[token + 1]), &key);
        if (got != SB_JSON_VALUE) {
            return got;
        }
        token += 2;
        for (int32_t i = 0; i < type->count_children; i++) {
            if (sb_str_equal(sb_str_of(type->children[i].name), key)) {
                found[i] = token;
                break;
            }
        }
    }
    return SB_JSON_VALUE;
}

static sb_json_got
read_row(sb_json_nested *n, const sb_type *type, uint32_t token, sb_column_builder *to)
{
    if (char_at(n, token) != '{') {
        return SB_JSON_BAD;
    }
    uint32_t *found = SB_NEW_ARRAY(n->values->scratch, uint32_t, type->count_children + 1);
    if (!found) {
        return SB_JSON_NOMEM;
    }
    sb_json_got got = find_fields(n, type, token, found);
    for (int32_t i = 0; i < type->count_children && !is_wrong(got); i++) {
        sb_column_builder *child = to ? &to->children[i] : NULL;
        if (found[i] != SB_JSON_MISSING) {
            got = read_inner(n, &type->children[i].type, found[i], child);
        } else if (n->options->fail_on_missing_field) {
            return SB_JSON_BAD;
        } else if (child) {
            sb_column_null(child);
        }
    }
    if (is_wrong(got)) {
        return got;
    }
    if (to) {
        sb_column_struct(to);
    }
    return SB_JSON_VALUE;
}

sb_json_got
sb_json_nested_read(sb_json_nested *n, const sb_type *type, uint32_t token, sb_column_builder *to)
{
    bool nested = type->count_children > 0;
    if (!nested) {
        return read_scalar(n, type, token, to);
    }
    const char *p = n->base + n->tokens[token];
    if (*p == 'n' && sb_json_token_end(n->base, n->tokens, token) - p == 4 &&
        memcmp(p, "null", 4) == 0) {
        if (to) {
            sb_column_null(to);
        }
        return SB_JSON_NULL;
    }
    switch ((sb_type_id)type->id) {
    case SB_TYPE_ARRAY: return read_array(n, type, token, to);
    case SB_TYPE_MAP: return read_map(n, type, token, to);
    default: return read_row(n, type, token, to);
    }
}
