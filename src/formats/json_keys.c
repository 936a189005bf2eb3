/*
 * formats/json_keys.c -- see json_keys.h.
 */
#include "formats/json_keys.h"

#include "formats/json_text.h"

#define NAME_MAX_SIZE 256 /* of a key with escapes; a longer one is nobody's */

static const char *
skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
        p++;
    }
    return p;
}

/* Behind the string whose quote is at p. */
static const char *
string_end(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++) {
        p += *p == '\\';
    }
    return p < end ? p + 1 : end;
}

bool
sb_json_next_key(sb_json_key_scan *scan)
{
    const char *p = scan->at;
    while (p < scan->end) {
        if (*p == '"') {
            const char *name = p + 1, *stop = string_end(p, scan->end);
            p = skip_blanks(stop, scan->end);
            if (p < scan->end && *p == ':') {
                scan->key = (sb_str){name, (size_t)(stop - 1 - name)};
                scan->at = p + 1;
                return true;
            }
            continue;
        }
        scan->depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
        p++;
    }
    scan->at = scan->end;
    return false;
}

bool
sb_json_key_is(const sb_json_key_scan *scan, sb_str name)
{
    char plain[NAME_MAX_SIZE];
    sb_str key = scan->key;
    if (sb_str_equal(key, name)) {
        return true;
    }
    bool escaped = key.size > 0 && __builtin_memchr(key.data, '\\', key.size);
    return escaped && key.size <= sizeof plain &&
           sb_json_unescape(key.data, key.size, plain, &key.size) &&
           sb_str_equal((sb_str){plain, key.size}, name);
}

/* Behind the value at p. */
static const char *
value_end(const char *p, const char *end)
{
    int64_t depth = 0;
    while (p < end) {
        char c = *p;
        if (c == '"') {
            p = string_end(p, end);
        } else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            return p;
        } else {
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
            p++;
        }
        if (depth == 0 && (c == '"' || c == '}' || c == ']')) {
            return p;
        }
    }
    return p;
}

bool
sb_json_member(sb_str text, sb_str name, sb_str *value)
{
    bool found = false;
    sb_json_key_scan scan = sb_json_key_scan_of(text);
    while (sb_json_next_key(&scan)) {
        if (scan.depth != 1) {
            if (scan.depth < 1) {
                return found; /* behind the object */
            }
            continue;
        }
        const char *p = skip_blanks(scan.at, scan.end), *end = value_end(p, scan.end);
        if (sb_json_key_is(&scan, name)) {
            while (end > p && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r')) {
                end--;
            }
            *value = (sb_str){p, (size_t)(end - p)};
            found = true;
        }
    }
    return found;
}
