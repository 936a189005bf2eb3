/*
 * columnar/row.c -- the row layout, and encoding and decoding column at a time.
 *
 * DESIGN     Rows are handled in blocks that stay in the cache while their columns are written one
 *            after another. The size field of a row is its cursor for variable bytes while it is
 *            being written. Fixed values are written for NULL rows too and zeroed afterwards: the
 *            loops have no branch per row.
 * THREADS    T:any
 */
#include "columnar/row.h"

#include <string.h>

#include "columnar/row_value.h"

#define INLINE static inline __attribute__((always_inline))
#define BLOCK  256

sb_status
sb_row_layout_init(sb_row_layout *l, sb_mem *mem, const sb_schema *schema, sb_error *err)
{
    *l = (sb_row_layout){.schema = schema, .count = schema->count, .mem = mem};
    l->offsets = sb_alloc(mem, sizeof *l->offsets * (size_t)schema->count);
    if (!l->offsets) {
        SB_NOMEM(err);
    }
    uint32_t at = SB_TUPLE_HEAD + (uint32_t)sb_bits_bytes(schema->count);
    for (int32_t i = 0; i < schema->count; i++) {
        sb_phys phys = sb_type_phys(&schema->fields[i].type);
        l->offsets[i] = at;
        l->has_bytes |= phys == SB_PHYS_VIEW || sb_phys_is_nested(phys);
        at += sb_slot_size(phys);
    }
    l->fixed_size = at;
    return SB_OK;
}

void
sb_row_layout_deinit(sb_row_layout *l)
{
    if (l->offsets) {
        sb_free(l->mem, l->offsets, sizeof *l->offsets * (size_t)l->count);
    }
    *l = (sb_row_layout){0};
}

/* ---- a block of a column
 * ------------------------------------------------------------------------ */

typedef struct column_block {
    const sb_vector *v;
    const void *values;   /* flat values */
    const int32_t *rows;  /* physical rows, or NULL: from `first` on */
    const int32_t *index; /* into `values`; NULL: from `first` on */
    const uint8_t *valid; /* by row of the block; NULL: no NULLs */
    int32_t first, count;
    int32_t index_room[BLOCK];
    uint8_t valid_room[BLOCK];
} column_block;

static void
block_valid(column_block *b)
{
    const sb_vector *v = b->v;
    b->valid = NULL;
    if (!v->validity && v->phys != SB_PHYS_NULL) {
        return;
    }
    uint8_t all = 1;
    if (v->encoding == SB_CONST || v->phys == SB_PHYS_NULL) {
        all = v->phys != SB_PHYS_NULL && (v->validity[0] & 1);
        memset(b->valid_room, all, (size_t)b->count);
    } else {
        for (int32_t i = 0; i < b->count; i++) {
            int32_t row = b->rows ? b->rows[i] : b->first + i;
            b->valid_room[i] = (v->validity[row >> 6] >> (row & 63)) & 1;
            all &= b->valid_room[i];
        }
    }
    b->valid = all ? NULL : b->valid_room;
}

/* rows already points to the block, or is NULL. */
static void
block_init(column_block *b, const sb_vector *v, const int32_t *rows, int32_t first, int32_t count)
{
    b->v = v;
    b->rows = rows;
    b->first = first;
    b->count = count;
    b->values = v->encoding == SB_DICT ? v->dict->values : v->values;
    b->index = rows;
    if (v->encoding == SB_CONST) {
        memset(b->index_room, 0, sizeof *b->index_room * (size_t)count);
        b->index = b->index_room;
    } else if (v->encoding == SB_DICT) {
        const int32_t *codes = v->values;
        for (int32_t i = 0; i < count; i++) {
            b->index_room[i] = codes[rows ? rows[i] : first + i];
        }
        b->index = b->index_room;
    }
    block_valid(b);
}

INLINE size_t
block_index(const column_block *b, int32_t i)
{
    return b->index ? (size_t)(uint32_t)b->index[i] : (size_t)(uint32_t)(b->first + i);
}

static int32_t
block_row(const column_block *b, int32_t i)
{
    return b->rows ? b->rows[i] : b->first + i;
}

/* ---- sizes
 * -------------------------------------------------------------------------------------- */

static void
add_view_sizes(const column_block *b, uint64_t *sizes)
{
    const sb_view *views = b->values;
    for (int32_t i = 0; i < b->count; i++) {
        uint64_t size = views[block_index(b, i)].small.size;
        bool counts = size > SB_VIEW_INLINE && (!b->valid || b->valid[i]);
        sizes[i] += counts ? sb_pad8(size) : 0;
    }
}

void
sb_row_sizes(const sb_row_layout *l, sb_vector *const *columns, const int32_t *rows, int32_t count,
             uint32_t *out_sizes)
{
    if (!l->has_bytes) {
        for (int32_t i = 0; i < count; i++) {
            out_sizes[i] = l->fixed_size;
        }
        return;
    }
    column_block block;
    uint64_t sizes[BLOCK];
    for (int32_t at = 0; at < count; at += BLOCK) {
        int32_t n = count - at < BLOCK ? count - at : BLOCK;
        for (int32_t i = 0; i < n; i++) {
            sizes[i] = l->fixed_size;
        }
        for (int32_t f = 0; f < l->count; f++) {
            sb_phys phys = (sb_phys)columns[f]->phys;
            if (phys == SB_PHYS_VIEW) {
                block_init(&block, columns[f], rows ? rows + at : NULL, at, n);
                add_view_sizes(&block, sizes);
            }
            for (int32_t i = 0; sb_phys_is_nested(phys) && i < n; i++) {
                sizes[i] += sb_row_value_extra(columns[f], rows ? rows[at + i] : at + i);
            }
        }
        for (int32_t i = 0; i < n; i++) {
            out_sizes[at + i] = sizes[i] < SB_ROW_SIZE_MAX ? (uint32_t)sizes[i] : SB_ROW_SIZE_MAX;
        }
    }
}

/* ---- encoding
 * ----------------------------------------------------------------------------------- */

INLINE void
put_word(uint8_t *slot, int64_t v)
{
    memcpy(slot, &v, sizeof v);
}

/* value widths as in memory; each is a loop of its own after inlining */
INLINE void
encode_loop(const column_block *b, uint8_t *const *dst, uint32_t offset, sb_phys phys)
{
    for (int32_t i = 0; i < b->count; i++) {
        uint8_t *slot = dst[i] + offset;
        size_t at = block_index(b, i);
        switch (phys) {
        case SB_PHYS_BOOL: put_word(slot, ((const uint8_t *)b->values)[at]); break;
        case SB_PHYS_I8: put_word(slot, ((const int8_t *)b->values)[at]); break;
        case SB_PHYS_I16: put_word(slot, ((const int16_t *)b->values)[at]); break;
        case SB_PHYS_I32: put_word(slot, ((const int32_t *)b->values)[at]); break;
        case SB_PHYS_I64: put_word(slot, ((const int64_t *)b->values)[at]); break;
        case SB_PHYS_F32:
            sb_row_fixed_write(SB_PHYS_F32, (const float *)b->values + at, slot);
            break;
        case SB_PHYS_F64: {
            double v = ((const double *)b->values)[at];
            int64_t bits;
            memcpy(&bits, &v, sizeof bits);
            put_word(slot, v == v ? bits : INT64_C(0x7FF8000000000000));
            break;
        }
        default: memcpy(slot, (const char *)b->values + at * 16, 16);
        }
    }
}

static void
encode_views(const column_block *b, uint8_t *const *dst, uint32_t offset)
{
    const sb_view *views = b->values;
    for (int32_t i = 0; i < b->count; i++) {
        sb_view view = views[block_index(b, i)];
        uint32_t size = view.small.size;
        if (__builtin_expect(size > SB_VIEW_INLINE, 0) && (!b->valid || b->valid[i])) {
            uint32_t cursor = sb_row_size(dst[i]), padded = (uint32_t)sb_pad8(size);
            memset(dst[i] + cursor + padded - 8, 0, 8);
            memcpy(dst[i] + cursor, view.large.data, size);
            view.words[1] = cursor;
            *(uint32_t *)(void *)dst[i] = cursor + padded;
        }
        memcpy(dst[i] + offset, &view, sizeof view);
    }
}

static void
encode_nested(const column_block *b, uint8_t *const *dst, uint32_t offset)
{
    for (int32_t i = 0; i < b->count; i++) {
        uint8_t *slot = dst[i] + offset;
        memset(slot, 0, 8);
        if (!b->valid || b->valid[i]) {
            uint32_t cursor =
                sb_row_value_write(b->v, block_row(b, i), dst[i], slot, sb_row_size(dst[i]));
            *(uint32_t *)(void *)dst[i] = cursor;
        }
    }
}

static void
encode_nulls(const column_block *b, uint8_t *const *dst, int32_t field, uint32_t offset)
{
    uint32_t width = sb_slot_size((sb_phys)b->v->phys);
    for (int32_t i = 0; i < b->count; i++) {
        if (!b->valid[i]) {
            dst[i][SB_TUPLE_HEAD + (field >> 3)] |= (uint8_t)(1u << (field & 7));
            memset(dst[i] + offset, 0, width);
        }
    }
}

static void
encode_column(const column_block *b, uint8_t *const *dst, int32_t field, uint32_t offset)
{
    switch ((sb_phys)b->v->phys) {
    case SB_PHYS_BOOL: encode_loop(b, dst, offset, SB_PHYS_BOOL); break;
    case SB_PHYS_I8: encode_loop(b, dst, offset, SB_PHYS_I8); break;
    case SB_PHYS_I16: encode_loop(b, dst, offset, SB_PHYS_I16); break;
    case SB_PHYS_I32: encode_loop(b, dst, offset, SB_PHYS_I32); break;
    case SB_PHYS_I64: encode_loop(b, dst, offset, SB_PHYS_I64); break;
    case SB_PHYS_F32: encode_loop(b, dst, offset, SB_PHYS_F32); break;
    case SB_PHYS_F64: encode_loop(b, dst, offset, SB_PHYS_F64); break;
    case SB_PHYS_I128:
    case SB_PHYS_TSNS: encode_loop(b, dst, offset, SB_PHYS_I128); break;
    case SB_PHYS_VIEW: encode_views(b, dst, offset); break;
    case SB_PHYS_LIST:
    case SB_PHYS_STRUCT: encode_nested(b, dst, offset); break;
    case SB_PHYS_NULL:
    case SB_PHYS_COUNT: break;
    }
    if (b->valid) {
        encode_nulls(b, dst, field, offset);
    }
}

void
sb_row_encode(const sb_row_layout *l, sb_vector *const *columns, const int32_t *rows, int32_t count,
              uint8_t *const *dst)
{
    column_block block;
    size_t head = SB_TUPLE_HEAD + (size_t)sb_bits_bytes(l->count);
    for (int32_t at = 0; at < count; at += BLOCK) {
        int32_t n = count - at < BLOCK ? count - at : BLOCK;
        for (int32_t i = 0; i < n; i++) {
            uint64_t first_word = l->fixed_size;
            memset(dst[at + i] + SB_TUPLE_HEAD, 0, head - SB_TUPLE_HEAD);
            memcpy(dst[at + i], &first_word, sizeof first_word);
        }
        for (int32_t f = 0; f < l->count; f++) {
            block_init(&block, columns[f], rows ? rows + at : NULL, at, n);
            encode_column(&block, dst + at, f, l->offsets[f]);
        }
    }
}

/* ---- decoding
 * ----------------------------------------------------------------------------------- */

/* 1 for rows that are not NULL; returns false if all are. */
static bool
rows_valid(uint8_t *const *rows, int32_t count, int32_t field, uint8_t *valid)
{
    uint8_t all = 1;
    for (int32_t i = 0; i < count; i++) {
        valid[i] = !sb_row_is_null(rows[i], field);
        all &= valid[i];
    }
    return !all;
}

INLINE void
decode_loop(uint8_t *const *rows, int32_t count, uint32_t offset, char *out, size_t width)
{
    for (int32_t i = 0; i < count; i++) {
        memcpy(out + (size_t)i * width, rows[i] + offset, width);
    }
}

static void
decode_views(uint8_t *const *rows, int32_t count, uint32_t offset, sb_column_builder *c,
             sb_view *out, bool copy_bytes)
{
    for (int32_t i = 0; i < count; i++) {
        sb_view view;
        memcpy(&view, rows[i] + offset, sizeof view);
        if (view.small.size > SB_VIEW_INLINE) {
            const char *data = (const char *)rows[i] + view.words[1];
            if (copy_bytes) {
                char *copy = sb_column_heap(c, view.small.size);
                if (!copy) {
                    return; /* the builder has failed */
                }
                data = memcpy(copy, data, view.small.size);
            }
            view.large.data = data;
        }
        out[i] = view;
    }
}

static void
decode_nested(uint8_t *const *rows, int32_t count, int32_t field, uint32_t offset,
              sb_column_builder *c, bool copy_bytes)
{
    for (int32_t i = 0; i < count; i++) {
        if (sb_row_is_null(rows[i], field)) {
            sb_column_null(c);
        } else {
            sb_row_value_read(rows[i], rows[i] + offset, c, copy_bytes);
        }
    }
}

static void
decode_block(uint8_t *const *rows, int32_t count, int32_t field, uint32_t offset,
             sb_column_builder *c, bool copy_bytes)
{
    uint8_t valid[BLOCK];
    char *out = sb_column_reserve(c, count);
    if (!out) {
        return;
    }
    switch ((sb_phys)c->phys) {
    case SB_PHYS_BOOL:
    case SB_PHYS_I8: decode_loop(rows, count, offset, out, 1); break;
    case SB_PHYS_I16: decode_loop(rows, count, offset, out, 2); break;
    case SB_PHYS_I32:
    case SB_PHYS_F32: decode_loop(rows, count, offset, out, 4); break;
    case SB_PHYS_I64:
    case SB_PHYS_F64: decode_loop(rows, count, offset, out, 8); break;
    case SB_PHYS_I128:
    case SB_PHYS_TSNS: decode_loop(rows, count, offset, out, 16); break;
    case SB_PHYS_VIEW:
        decode_views(rows, count, offset, c, (sb_view *)(void *)out, copy_bytes);
        break;
    case SB_PHYS_NULL: break;
    case SB_PHYS_LIST:
    case SB_PHYS_STRUCT:
    case SB_PHYS_COUNT: sb_assert(!"nested values are decoded one by one");
    }
    sb_column_added(c, count, rows_valid(rows, count, field, valid) ? valid : NULL);
}

void
sb_row_decode(const sb_row_layout *l, uint8_t *const *rows, int32_t count, int32_t first_field,
              int32_t count_fields, sb_column_builder *columns, bool copy_bytes)
{
    for (int32_t at = 0; at < count; at += BLOCK) {
        int32_t n = count - at < BLOCK ? count - at : BLOCK;
        for (int32_t f = 0; f < count_fields; f++) {
            int32_t field = first_field + f;
            if (sb_phys_is_nested((sb_phys)columns[f].phys)) {
                decode_nested(rows + at, n, field, l->offsets[field], &columns[f], copy_bytes);
            } else {
                decode_block(rows + at, n, field, l->offsets[field], &columns[f], copy_bytes);
            }
        }
    }
}
