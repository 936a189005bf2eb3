/*
 * formats/json_keys.h -- keys in JSON text, found byte by byte.
 *
 * DESIGN     For the few questions that decoded columns cannot answer: is a key there at all? The
 *            text may be anything; of text that is no JSON the answers mean nothing, but nothing
 *            behind its end is read.
 */
#ifndef SB_FORMATS_JSON_KEYS_H
#define SB_FORMATS_JSON_KEYS_H

#include "base/text.h"

typedef struct sb_json_key_scan {
    const char *at, *end;
    int32_t depth; /* containers that are open; of the members of the outermost object: 1 */
    sb_str key;    /* found last, between its quotes */
} sb_json_key_scan;

static inline sb_json_key_scan
sb_json_key_scan_of(sb_str text)
{
    return (sb_json_key_scan){.at = text.data, .end = text.data + text.size};
}

/* The next key at any depth; then `at` is where its value begins, or blanks before. */
bool sb_json_next_key(sb_json_key_scan *scan);
/* Is the key found last `name`? */
bool sb_json_key_is(const sb_json_key_scan *scan, sb_str name);
/* The value of a member of the outermost object, the last one of this name; false: there is none.
 */
bool sb_json_member(sb_str text, sb_str name, sb_str *value);

#endif
