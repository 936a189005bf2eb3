/*
 * columnar/row.h -- the canonical, versioned row layout: rows in state, snapshots and stored rests.
 *
 * DESIGN     A row is one self-contained run of bytes, 8-byte aligned, position-independent:
 *              u32 size (whole row, multiple of 8) | u32 zero | null bitmap (bit set = NULL, padded
 *              to 8 bytes) | one slot per field | variable bytes (each padded to 8 bytes)
 *            Slots: 8 bytes (16 for I128 and TSNS); narrower values are sign-extended (BOOL 0/1;
 *            F32 its 4 bytes then zero).
 *            VIEW: strings up to 12 bytes stand in a 16-byte slot as the inline sb_view; longer
 *                  ones as
 *            {u32 size, char prefix[4], u64 offset from row start}. LIST / STRUCT: {u32 offset, u32
 *            size} of an encoding of the nested value. Bytes under NULL and paddings are zero, so
 *            equal rows are equal as bytes.
 * THREADS    a layout is read-only after init: T:any.
 */
#ifndef SB_COLUMNAR_ROW_H
#define SB_COLUMNAR_ROW_H

#include "columnar/builder.h"

#define SB_ROW_LAYOUT_VERSION 1

typedef struct sb_row_layout {
    const sb_schema *schema;
    int32_t count;
    uint32_t *offsets;   /* slot of each field, from row start */
    uint32_t fixed_size; /* header, bitmap and slots; a row without long bytes has this size */
    bool has_bytes;      /* some field may need variable bytes */
    sb_mem *mem;
} sb_row_layout;

/* schema outlives it */
sb_status sb_row_layout_init(sb_row_layout *layout, sb_mem *mem, const sb_schema *schema,
                             sb_error *err);
void sb_row_layout_deinit(sb_row_layout *layout);

static inline uint32_t
sb_row_size(const uint8_t *row)
{
    return *(const uint32_t *)(const void *)row;
}

static inline bool
sb_row_is_null(const uint8_t *row, int32_t field)
{
    return (row[8 + (field >> 3)] >> (field & 7)) & 1;
}

static inline void
sb_row_set_null(uint8_t *row, int32_t field, bool null)
{
    row[8 + (field >> 3)] =
        (uint8_t)((row[8 + (field >> 3)] & ~(1u << (field & 7))) | ((unsigned)null << (field & 7)));
}

static inline void *
sb_row_slot(const sb_row_layout *l, uint8_t *row, int32_t field)
{
    return row + l->offsets[field];
}

/* A VIEW field as a view; long bytes point into the row. */
static inline sb_view
sb_row_view(const sb_row_layout *l, const uint8_t *row, int32_t field)
{
    sb_view v;
    __builtin_memcpy(&v, row + l->offsets[field], sizeof v);
    if (v.small.size > SB_VIEW_INLINE) {
        v.large.data = (const char *)row + v.words[1];
    }
    return v;
}

/* A row of this size or more is not made: sb_row_sizes answers SB_ROW_SIZE_MAX for it and the
 * caller fails with LIMIT. */
#define SB_ROW_SIZE_MAX (UINT32_C(1) << 30)

/* Encoding, column at a time. columns[i] is field i of the layout; rows physical (NULL:
 * 0..count). */
void sb_row_sizes(const sb_row_layout *l, sb_vector *const *columns, const int32_t *rows,
                  int32_t count, uint32_t *out_sizes);
/* dst[i] has room for the size given by sb_row_sizes, 8-byte aligned. */
void sb_row_encode(const sb_row_layout *l, sb_vector *const *columns, const int32_t *rows,
                   int32_t count, uint8_t *const *dst);
/* Decoding: appends fields [first_field, first_field + count_fields) of each row to
 * columns[0..count_fields). copy_bytes false: views point into the rows, which the caller keeps
 * alive and pins; true: bytes are copied into the builder's heap. */
void sb_row_decode(const sb_row_layout *l, uint8_t *const *rows, int32_t count, int32_t first_field,
                   int32_t count_fields, sb_column_builder *columns, bool copy_bytes);
/* Field-wise equality of a row's fields [first, first + n) with columns at a physical row; NULL
 * equals NULL. */
bool sb_row_equal_columns(const sb_row_layout *l, const uint8_t *row, int32_t first, int32_t n,
                          sb_vector *const *columns, int32_t physical);
/* The same for many rows, column at a time: out[i] = 1 if rows[i] equals the columns at
 * physical[i], else 0 (also for rows[i] NULL). */
void sb_row_equal_batch(const sb_row_layout *l, uint8_t *const *rows, int32_t first, int32_t n,
                        sb_vector *const *columns, const int32_t *physical, int32_t count,
                        uint8_t *out);
/* True if the bytes at `row` (8-byte aligned), of which `left` are there, are a row of this
 * layout that is safe to read. */
bool sb_row_valid(const sb_row_layout *l, const uint8_t *row, size_t left);
/* as sb_value_compare */
int sb_row_compare_field(const sb_row_layout *l, const uint8_t *a, const uint8_t *b, int32_t field);

static inline bool
sb_row_equal(const uint8_t *a, const uint8_t *b)
{
    return sb_row_size(a) == sb_row_size(b) && __builtin_memcmp(a, b, sb_row_size(a)) == 0;
}

/* A whole batch as durable bytes (ops, marks, split included) and back; for stored rests. */
sb_status sb_batch_write(sb_writer *w, const sb_batch *batch, int32_t from_row, sb_error *err);
sb_status sb_batch_read(sb_reader *r, sb_mem *mem, const sb_schema *schema, sb_batch **out,
                        sb_error *err);

#endif
