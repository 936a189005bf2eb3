/*
 * formats/json_shape.h -- lines of JSON that look like the one before: same keys, same order, same
 * blanks; only the scalars differ.
 *
 * DESIGN     A shape is what stands between the scalars of a line, learned from one line. A line
 *            that fits it is read without an index: compare, skip a scalar, compare. What does not
 *            fit in any way (other keys, lists, an escape, a byte that is not ASCII, a control
 *            byte) is left to the general way, which would give the same for every line that fits.
 *            Where a scalar ends is told by the marks of the text (json_marks.h), which are found
 *            for some lines at once; lines that they do not fit are tried scalar by scalar.
 * OWNERSHIP  The shape holds copies.
 */
#ifndef SB_FORMATS_JSON_SHAPE_H
#define SB_FORMATS_JSON_SHAPE_H

#include "formats/json_marks.h"
#include "formats/json_tree.h"

#define SB_JSON_PARTS_MAX 96   /* scalars of a line */
#define SB_JSON_SHAPE_MAX 4096 /* bytes between them */
#define SB_JSON_OPENS_MAX 16   /* wanted objects of a line */

typedef struct sb_json_part { /* what stands before a scalar, and whose it is */
    uint32_t from, size;      /* in the shape's text */
    int32_t node;             /* -1: nobody wants it */
    bool is_string;           /* it was one in the line that was learned from */
} sb_json_part;

/* The same for sb_json_shape_match_marked: the text of a string has its opening quote, too. */
typedef struct sb_json_marked_part {
    char head[16];   /* of the text */
    uint32_t *slots; /* of the node; NULL: nobody wants it */
    const char *text;
    uint32_t size;
    uint32_t mask;   /* of the bytes of the head */
    uint32_t quotes; /* in the text */
    /* where the first one is; behind the last scalar: where the line ends */
    uint32_t first_quote;
    bool is_string;
    bool is_long;  /* more than the head */
    uint8_t opens; /* wanted objects that begin in it */
} sb_json_marked_part;

typedef struct sb_json_open { /* a wanted object begins in the text before a scalar */
    int32_t part, node;
    uint32_t offset; /* of its brace in the part */
} sb_json_open;

typedef struct sb_json_shape {
    bool known;
    uint32_t marks; /* of a line, its end included; 0: cannot be matched by them */
    int32_t count, count_opens;
    sb_json_part parts[SB_JSON_PARTS_MAX + 1]; /* parts[count]: behind the last scalar */
    sb_json_open opens[SB_JSON_OPENS_MAX];
    char text[SB_JSON_SHAPE_MAX + 8]; /* 8 bytes behind each part are readable */
    sb_json_marked_part marked[SB_JSON_PARTS_MAX + 1];
    char marked_text[SB_JSON_SHAPE_MAX + SB_JSON_PARTS_MAX + 16]; /* 16 bytes are readable */
} sb_json_shape;

/* Learns from the line [p, end), behind which SB_FORMAT_PADDING bytes are readable; false: not
 * from this one, and no shape is known. */
bool sb_json_shape_learn(sb_json_shape *shape, const sb_json_tree *tree, const char *p,
                         const char *end);

/* Does the line at p, in text that ends at `end`, fit? Then slots[row] of the tree's nodes say
 * which of `tokens` (from *count on; positions from base) their values are: a token and the next
 * one are begin and end; there is room for two per node. Returns the end of the line (without its
 * line end); NULL: it does not fit, slots are as before. */
const char *sb_json_shape_match(const sb_json_shape *shape, sb_json_tree *tree, const char *base,
                                const char *p, const char *end, int32_t row, uint32_t *tokens,
                                uint32_t *count);

/* The same by marks, whose next one is the first of the line at `line`, and whose base is that of
 * the positions: fits only lines whose scalars are strings where they were strings in the line
 * that was learned from. Of those it says the same, and the marks of the line are done with. */
const char *sb_json_shape_match_marked(const sb_json_shape *shape, sb_json_tree *tree,
                                       sb_json_marks *marks, uint32_t line, int32_t row,
                                       uint32_t *tokens, uint32_t *count);

#endif
