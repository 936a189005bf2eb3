/*
 * formats/json_marks.h -- where the bytes of JSON text are that no plain string has: '"', '\\',
 * control bytes (line ends among them) and bytes above 127.
 *
 * DESIGN     Found in blocks of 64 bytes, a piece of some kilobytes at a time, so that the text is
 *            still in the cache when it is read. No position depends on another one: what reads
 *            them does not wait for the end of one value to find the next. The end of the text
 *            counts as a mark.
 * OWNERSHIP  Plain memory of the caller.
 */
#ifndef SB_FORMATS_JSON_MARKS_H
#define SB_FORMATS_JSON_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SB_JSON_MARKS_PIECE 4096 /* bytes looked at at once; a multiple of 64 */
#define SB_JSON_MARKS_NEED  512  /* most marks that can be asked for */

typedef struct sb_json_marks {
    const char *base;       /* the text; SB_FORMAT_PADDING bytes behind it are readable */
    uint32_t size, scanned; /* of the text */
    uint32_t count, next;   /* of `at`: found, done with */
    bool narrow;            /* as on a processor without AVX2; for tests */
    /* a block writes 8 at a time */
    uint32_t at[SB_JSON_MARKS_NEED + SB_JSON_MARKS_PIECE + 8];
} sb_json_marks;

void sb_json_marks_begin(sb_json_marks *marks, const char *base, uint32_t size);
/* Scans on until `need` (<= SB_JSON_MARKS_NEED) marks from `next` on are there, or all; false:
 * there are no more so many. */
bool sb_json_marks_more(sb_json_marks *marks, uint32_t need);

static inline bool
sb_json_marks_have(sb_json_marks *marks, uint32_t need)
{
    return marks->count - marks->next >= need || sb_json_marks_more(marks, need);
}

/* Marks before `position` are done with. */
static inline void
sb_json_marks_skip(sb_json_marks *marks, uint32_t position)
{
    while (sb_json_marks_have(marks, 1) && marks->at[marks->next] < position) {
        marks->next++;
    }
}

#endif
