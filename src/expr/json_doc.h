/*
 * expr/json_doc.h -- a JSON text as a tree, and values as JSON text. Inside this folder only, but
 * for sb_jdoc_write_string.
 *
 * DESIGN     Nodes lie in one array that is used again for the next text; strings are slices of the
 * text. As Jackson reads: what follows the first value is not looked at. Written JSON has its
 * members in order of their names, the last of equal ones; numbers with a point or exponent as
 * Java's BigDecimal prints them.
 * OWNERSHIP  A document refers to its text, which must outlive the use of the nodes.
 * THREADS    T:task
 */
#ifndef SB_EXPR_JSON_DOC_H
#define SB_EXPR_JSON_DOC_H

#include "base/text.h"
#include "kernels/json_string.h"

typedef enum sb_jdoc_kind {
    SB_JSON_NULL,
    SB_JSON_FALSE,
    SB_JSON_TRUE,
    SB_JSON_INTEGER,
    SB_JSON_FLOAT, /* has a point or an exponent */
    SB_JSON_STRING,
    SB_JSON_ARRAY,
    SB_JSON_OBJECT
} sb_jdoc_kind;

typedef struct sb_jdoc_node {
    uint8_t kind;               /* sb_jdoc_kind */
    bool escaped, key_escaped;  /* FLOAT: escaped says that the text is printed as it is */
    int32_t first, next, count; /* children; -1: none */
    sb_str text;                /* scalars; strings without quotes */
    sb_str key;                 /* of a member, without quotes */
} sb_jdoc_node;

typedef struct sb_jdoc {
    sb_mem *mem;
    sb_jdoc_node *nodes; /* 0: the root */
    int32_t count, capacity;
    int32_t *order; /* scratch for sorting members; a stack */
    int32_t order_count, order_capacity;
    sb_text key, other; /* scratch */
    bool failed;        /* out of memory */
    /* may have more than 9 digits; sb_jdoc_write_decimal does not take larger ones than 32 bits */
    bool long_exponents;
} sb_jdoc;

void sb_jdoc_init(sb_jdoc *d, sb_mem *mem);
void sb_jdoc_deinit(sb_jdoc *d);
/* False: not JSON, or (d->failed) out of memory. */
bool sb_jdoc_parse(sb_jdoc *d, sb_str text);

static inline bool
sb_jdoc_is_scalar(const sb_jdoc_node *n)
{
    return n->kind < SB_JSON_ARRAY;
}

/* The text of a scalar: strings unescaped, numbers as BigDecimal. */
void sb_jdoc_scalar_text(const sb_jdoc_node *n, sb_text *out);
/* Member of an object by name; -1: none. */
int32_t sb_jdoc_member(sb_jdoc *d, int32_t object, sb_str name);
void sb_jdoc_write(sb_jdoc *d, int32_t node, sb_text *out);
/* One more node behind those that were read; -1: out of memory. */
int32_t sb_jdoc_add(sb_jdoc *d, sb_jdoc_kind kind);
/* Members of an object with different names. */
int32_t sb_jdoc_count_members(sb_jdoc *d, int32_t object);
/* Puts the first member of each name on the stack `order`, as they stand; returns where they begin,
 * to which the caller sets d->order_count back; -1: out of memory. */
int32_t sb_jdoc_first_members(sb_jdoc *d, int32_t object);
/* The order of Java's texts: by units of UTF-16. */
int sb_jdoc_order(sb_str a, sb_str b);

/* A string with quotes and escapes. */
static inline void
sb_jdoc_write_string(sb_str s, sb_text *out)
{
    sb_json_quote(s, out);
}

/* A decimal number as BigDecimal.toString has it; the exponent is one of 32 bits. */
void sb_jdoc_write_decimal(sb_str number, sb_text *out);
/* fn_json.c: \x of a string that is valid. */
void sb_jdoc_unescape(sb_text *out, sb_str s);
/* fn_json.c: one \uXXXX from behind its u, or two that make one character; half of one becomes '?'.
 * Returns what is behind; NULL: digits are missing. */
const char *sb_jdoc_put_unit(sb_text *out, const char *at, const char *end);

#endif
