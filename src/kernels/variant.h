/*
 * kernels/variant.h -- values of type VARIANT: how they lie in memory, access to their parts, their
 * JSON text.
 *
 * DESIGN     A value is one run of bytes: metadata, then the value itself, both as in the Variant
 *            encoding of Apache Parquet, version 1, little-endian.
 *              metadata  u8 version 1 | (offset bytes - 1) << 6, count of names, count + 1 offsets
 *                        of names, the names; numbers in as many bytes as an offset
 *              value     u8 kind in 2 bits: 0 primitive, 1 short text, 2 object, 3 array
 *                primitive  id << 2: 0 null, 1 true, 2 false, 3..6 integers of 1, 2, 4, 8 bytes,
 *                           7 double, 8..10 decimal of 4, 8, 16 bytes behind a u8 scale,
 *                           16 text behind a u32 size
 *                short text size << 2; fewer than 64 bytes
 *                object     large << 6 | (bytes of an id - 1) << 4 | (bytes of an offset - 1) << 2;
 *                           count in 1 (large: 4) bytes, ids of names, count + 1 offsets, values;
 *                           ordered by name as UTF-16
 *                array      large << 4 | (bytes of an offset - 1) << 2; count, offsets, values
 *            A part of a value keeps all names of the whole. Two values are equal when their bytes
 *            are. Other primitives of Parquet (dates, times, bytes) have no way in. Bytes that are
 *            no such value are never read beyond their end: they have no parts and print as null.
 * THREADS    T:any
 */
#ifndef SB_KERNELS_VARIANT_H
#define SB_KERNELS_VARIANT_H

#include "base/text.h"

#define SB_VARIANT_SIZE_MAX (1 << 24) /* of metadata and of value each */
#define SB_VARIANT_DEPTH    1000      /* of objects and arrays inside each other */

enum { SB_VARIANT_PRIMITIVE, SB_VARIANT_SHORT_TEXT, SB_VARIANT_OBJECT, SB_VARIANT_ARRAY };

enum {
    SB_VARIANT_NULL = 0,
    SB_VARIANT_TRUE = 1,
    SB_VARIANT_FALSE = 2,
    SB_VARIANT_INT1 = 3,
    SB_VARIANT_INT2 = 4,
    SB_VARIANT_INT4 = 5,
    SB_VARIANT_INT8 = 6,
    SB_VARIANT_DOUBLE = 7,
    SB_VARIANT_DECIMAL4 = 8,
    SB_VARIANT_DECIMAL8 = 9,
    SB_VARIANT_DECIMAL16 = 10,
    SB_VARIANT_TEXT = 16
};

typedef struct sb_variant { /* slices of the bytes */
    sb_str metadata, value;
} sb_variant;

/* False: no VARIANT. */
bool sb_variant_open(sb_str bytes, sb_variant *out);

static inline int
sb_variant_kind(const sb_variant *v)
{
    return v->value.data[0] & 3;
}

/* The value of a name in an object; the element of an array from 0. False: there is none. */
bool sb_variant_field(const sb_variant *v, sb_str name, sb_variant *out);
bool sb_variant_element(const sb_variant *v, int64_t index, sb_variant *out);
/* As JSON without blanks; members in order of their names, decimals without zeros at their end. */
void sb_variant_write_json(sb_str bytes, sb_text *out);

#endif
