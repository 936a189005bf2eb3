/*
 * formats/json_walk.h -- one record of an indexed run of JSON: checks its structure and notes where
 * the wanted values are.
 *
 * DESIGN     Works on the positions of json_index.h. The grammar of objects and arrays is checked
 *            in full, scalars of fields nobody wants by their shape only (first bytes of literals,
 *            characters of numbers).
 */
#ifndef SB_FORMATS_JSON_WALK_H
#define SB_FORMATS_JSON_WALK_H

#include "formats/json_index.h"
#include "formats/json_tree.h"
#include "formats/json_value.h"

#define SB_JSON_DEPTH_MAX 1000 /* nesting of a record, as Jackson limits it */

typedef struct sb_json_walk {
    const char *base;       /* positions count from here */
    const uint32_t *tokens; /* positions, with their tail */
    uint32_t at;            /* next token */
    /* position behind the record: tokens from here on belong to the next one */
    uint32_t line_end;
    int32_t depth;
    bool is_first; /* the record is the first object of the text; what follows it is no matter */
    sb_json_tree *tree;
} sb_json_walk;

/* Token `at` begins the record; fills slots[row] of the tree's nodes, which must be SB_JSON_MISSING
 * before. NULL, or why the text is no record. Behind it `at` is the token that follows the record
 * (only when it was one). */
const char *sb_json_walk_record(sb_json_walk *w, int32_t row);

/* Behind a record: `at` is the first token that is not of it. */
static inline void
sb_json_walk_behind(sb_json_walk *w, bool bad)
{
    while (w->tokens[w->at] < w->line_end) {
        w->at++; /* the rest of a bad record */
    }
    while (bad && w->at > 0 && w->tokens[w->at - 1] >= w->line_end) {
        w->at--; /* it had run into the next one */
    }
}

/* Steps over the value at `at`; NULL or what is wrong. */
const char *sb_json_walk_skip(sb_json_walk *w);

/* End of a container: behind its closing token. */
const char *sb_json_container_end(const char *base, const uint32_t *tokens, uint32_t token);

/* End of the value of a token, blanks behind it removed. */
static inline const char *
sb_json_token_end(const char *base, const uint32_t *tokens, uint32_t token)
{
    const char *p = base + tokens[token], *end = base + tokens[token + 1];
    if (*p == '{' || *p == '[') {
        return sb_json_container_end(base, tokens, token);
    }
    return end[-1] > ' ' ? end : sb_json_trim(p, end);
}

#endif
