/*
 * columnar/vector.h -- one column of a batch: immutable, shared by reference count.
 *
 * DESIGN     Encodings: FLAT (values[row]), CONST (values[0] for every row), DICT (values are int32
 *            indexes into `dict`, itself FLAT). Validity is a bitmap (bit set = not NULL) by
 *            physical row for FLAT and DICT, by row 0 for CONST; NULL pointer: nothing is NULL.
 *            Values under a NULL are unspecified but safe to read (views under a NULL have size 0
 *            or valid bytes). DICT: a NULL is in the outer validity only. Read one value
 *            generically with sb_vector_index(): it maps a physical row to an index into the flat
 *            values.
 * OWNERSHIP  sb_vector_ref / unref. The creator holds the one reference. Buffers under it live as
 *            long as it does.
 * THREADS    T:any to read and ref; building: one thread.
 */
#ifndef SB_COLUMNAR_VECTOR_H
#define SB_COLUMNAR_VECTOR_H

#include "columnar/type.h"

typedef enum sb_encoding { SB_FLAT, SB_CONST, SB_DICT } sb_encoding;

/* A reference-counted piece of memory. */
typedef struct sb_buffer {
    _Atomic int32_t refs;
    int64_t size;
    uint8_t *data; /* 64-byte aligned when made by sb_buffer_new */
    sb_mem *mem;   /* charged budget, or NULL */
    /* foreign memory: called at the last unref; NULL: own memory */
    void (*release)(struct sb_buffer *self);
    void *ctx; /* for release */
} sb_buffer;

sb_buffer *sb_buffer_new(sb_mem *mem, int64_t size); /* not zeroed; NULL: out of memory */
sb_buffer *sb_buffer_foreign(sb_mem *mem, const void *data, int64_t size,
                             void (*release)(sb_buffer *), void *ctx);
sb_buffer *sb_buffer_ref(sb_buffer *buffer);
void sb_buffer_unref(sb_buffer *buffer); /* NULL is fine */

#define SB_VECTOR_HEAPS 4

typedef struct sb_vector {
    _Atomic int32_t refs;
    uint8_t encoding; /* sb_encoding */
    uint8_t phys;     /* sb_phys of `type` */
    uint8_t count_heaps;
    int32_t length;      /* physical rows (CONST: any; reading row r is row 0) */
    const sb_type *type; /* owned by plan, schema or catalog: outlives the job's batches */
    const uint64_t *validity;
    const void *values;
    /* STRUCT: one per field, same length; LIST: the element vector(s) */
    struct sb_vector **children;
    int32_t count_children;
    struct sb_vector *dict; /* DICT only */
    sb_buffer *own_validity, *own_values;
    sb_buffer *heaps[SB_VECTOR_HEAPS]; /* bytes that views point into */
    sb_buffer **more_heaps;            /* beyond SB_VECTOR_HEAPS: count_more_heaps of them */
    int32_t count_more_heaps;
    /* a vector whose memory this one borrows (slice, struct field); one reference */
    struct sb_vector *base;
    int64_t pinned_bytes; /* memory kept alive by this vector, shared or not */
    sb_mem *mem;
} sb_vector;

sb_vector *sb_vector_ref(sb_vector *v);
void sb_vector_unref(sb_vector *v); /* NULL is fine */
/* An empty shell (refs 1, FLAT, no buffers) to be filled by its maker. */
sb_vector *sb_vector_new(sb_mem *mem, const sb_type *type, int32_t length);
/* With an own values buffer (and validity, all bits set, when with_validity) ready to be written
 * through sb_vector_values_mut. */
sb_vector *sb_vector_alloc(sb_mem *mem, const sb_type *type, int32_t length, bool with_validity);

static inline void *
sb_vector_values_mut(sb_vector *v)
{
    return (void *)(uintptr_t)v->values;
}

static inline uint64_t *
sb_vector_validity_mut(sb_vector *v)
{
    return (uint64_t *)(uintptr_t)v->validity;
}

/* Adds a reference to `heap`, unless v has it already. */
sb_status sb_vector_add_heap(sb_vector *v, sb_buffer *heap, sb_error *err);
void sb_vector_drop_heaps(sb_vector *v);
/* Makes v keep alive everything that `from` keeps alive (views copied from it). */
sb_status sb_vector_pin(sb_vector *v, sb_vector *from, sb_error *err);
/* FLAT, no rows, children and all. */
sb_vector *sb_vector_empty(sb_mem *mem, const sb_type *type);
/* value: pointer to one physical value (sb_view for strings; bytes are copied), NULL for NULL.
 * Nested types: only NULL. The children of a CONST ROW are read at row 0. */
sb_vector *sb_vector_const(sb_mem *mem, const sb_type *type, const void *value, int32_t length);
/* FLAT copy (or a reference when it is FLAT already). Result has one reference. NULL: out of
 * memory. */
sb_vector *sb_vector_flatten(sb_mem *mem, sb_vector *v);
/* Rows rows[0..count) (NULL: the first count) gathered into a new FLAT vector. String bytes are
 * shared, not copied. */
sb_vector *sb_vector_gather(sb_mem *mem, sb_vector *v, const int32_t *rows, int32_t count);
/* Field of a ROW vector; its NULLs are combined with the parent's. One reference. */
sb_vector *sb_vector_field(sb_mem *mem, sb_vector *v, int32_t field);
/* The same vector under another type of the same physical kind (CAST that is a no-op,
 * nullability). */
sb_vector *sb_vector_retype(sb_mem *mem, sb_vector *v, const sb_type *type);

static inline int32_t
sb_vector_index(const sb_vector *v, int32_t row)
{
    return v->encoding == SB_FLAT    ? row
           : v->encoding == SB_CONST ? 0
                                     : ((const int32_t *)v->values)[row];
}

static inline bool
sb_vector_valid(const sb_vector *v, int32_t row)
{
    if (v->phys == SB_PHYS_NULL) {
        return false;
    }
    if (!v->validity) {
        return true;
    }
    row = v->encoding == SB_CONST ? 0 : row;
    return (v->validity[row >> 6] >> (row & 63)) & 1;
}

/* Pointer to the value of a physical row (meaningful when valid; not for STRUCT). */
static inline const void *
sb_vector_at(const sb_vector *v, int32_t row)
{
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
    return (const char *)flat->values +
           (size_t)sb_vector_index(v, row) * (size_t)sb_phys_size((sb_phys)v->phys);
}

static inline bool
sb_bit_get(const uint64_t *bits, int32_t i)
{
    return (bits[i >> 6] >> (i & 63)) & 1;
}

static inline void
sb_bit_set(uint64_t *bits, int32_t i)
{
    bits[i >> 6] |= UINT64_C(1) << (i & 63);
}

static inline void
sb_bit_clear(uint64_t *bits, int32_t i)
{
    bits[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}

static inline int64_t
sb_bits_bytes(int32_t count)
{
    return ((int64_t)count + 63) / 64 * 8;
}

/* Memory kept alive by v, counted from its parts. */
int64_t sb_vector_count_pinned(const sb_vector *v);
/* Rows as in sb_vector_gather, but deep: elements of nested values are copied too, and string bytes
 * are copied when copy_bytes is set or less than half of the pinned bytes would be live. Without
 * copy_bytes a constant stays one, and so does a dictionary of no more values than rows. */
sb_vector *sb_vector_compact(sb_mem *mem, sb_vector *v, const int32_t *rows, int32_t count,
                             bool copy_bytes);
/* Appends one value as text, for dumps and messages: 1.50, 2024-01-31 10:00:00.000, [1, NULL],
 * {a=1}, (x, y). */
void sb_value_print(const sb_vector *v, int32_t row, sb_text *out);

/* Three-way comparison of two values of one type: NULL lowest; DOUBLE as Java's Double.compare
 * (NaN greatest, -0.0 < 0.0). */
/* two values in memory; not NULL, LIST, STRUCT */
int sb_phys_compare(sb_phys phys, const void *a, const void *b);
int sb_value_compare(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b);
/* NULL equals NULL */
bool sb_value_equal(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b);

#endif
