/*
 * expr/variant_build.h -- a JSON text as a VARIANT (kernels/variant.h). Inside this folder only.
 *
 * DESIGN     Names get numbers in order of their first appearance. Numbers become the narrowest
 *            integer, else a decimal of up to 38 digits, else (and with an exponent) a double.
 * THREADS    T:task
 */
#ifndef SB_EXPR_VARIANT_BUILD_H
#define SB_EXPR_VARIANT_BUILD_H

#include "expr/json_doc.h"

typedef struct sb_variant_entry { /* a member of an object being built */
    int32_t name, offset;
} sb_variant_entry;

typedef struct sb_variant_builder {
    sb_mem *mem;
    sb_jdoc doc;
    bool allow_duplicates; /* of names in one object: the last one wins */
    sb_text value, names;  /* bytes so far */
    int32_t *ends;         /* of name i in `names` */
    int32_t count_names, capacity_names;
    int32_t *slots; /* hash table of names: number + 1 */
    int32_t count_slots;
    sb_variant_entry *entries; /* a stack */
    int32_t count_entries, capacity_entries;
    int32_t *order; /* scratch for sorting */
    int32_t capacity_order;
    int32_t *offsets; /* elements of arrays being built; a stack */
    int32_t count_offsets, capacity_offsets;
    const char *why; /* it failed: what is wrong; NULL: out of memory */
} sb_variant_builder;

void sb_variant_builder_init(sb_variant_builder *b, sb_mem *mem);
void sb_variant_builder_deinit(sb_variant_builder *b);
/* Clears *out and puts the bytes of the VARIANT there. False: see b->why. */
bool sb_variant_from_json(sb_variant_builder *b, sb_str json, sb_text *out);

#endif
