/*
 * columnar/builder.h -- building a batch row by row or column by column.
 *
 * DESIGN     A column builder grows values, validity and a byte heap. A batch builder is one column
 *            builder per field plus ops and marks. Ops are kept only when a row is not an insert.
 *            Each append is all or nothing per call; out of memory is sticky
 *            (sb_batch_builder_failed) and reported by finish. Protocol: append exactly one value
 *            to every column, then sb_batch_builder_row(op). Column-wise bulk appends of the same
 *            number of values to all columns, then sb_batch_builder_rows(n).
 * OWNERSHIP  finish gives a batch away and leaves the builder empty and reusable.
 * THREADS    one thread at a time.
 */
#ifndef SB_COLUMNAR_BUILDER_H
#define SB_COLUMNAR_BUILDER_H

#include "columnar/batch.h"

typedef struct sb_column_builder {
    const sb_type *type;
    uint8_t phys;
    bool has_nulls;
    bool failed;
    int32_t count, capacity;
    sb_mem *mem;
    sb_buffer *values;   /* capacity values */
    sb_buffer *validity; /* NULL until the first NULL */
    sb_buffer *heap;     /* bytes of copied strings: current block */
    int64_t heap_used;
    sb_buffer **heaps; /* all blocks and pinned foreign heaps */
    int32_t count_heaps, capacity_heaps;
    struct sb_column_builder *children; /* STRUCT, LIST */
    int32_t count_children;
    /* rows of the last finished vector: the next one starts with as much room */
    int32_t count_last;
    int64_t heap_last;  /* bytes copied for the last finished vector */
    int64_t heap_total; /* bytes copied so far */
} sb_column_builder;

sb_status sb_column_builder_init(sb_column_builder *c, sb_mem *mem, const sb_type *type,
                                 sb_error *err);
void sb_column_builder_deinit(sb_column_builder *c);
void sb_column_null(sb_column_builder *c);
/* One value of the physical kind (not VIEW, LIST, STRUCT). */
void sb_column_value(sb_column_builder *c, const void *value);
/* any integer kind, BOOL, DATE...: narrowed to the physical kind */
void sb_column_i64(sb_column_builder *c, int64_t v);
void sb_column_f64(sb_column_builder *c, double v);
void sb_column_bytes(sb_column_builder *c, const char *data, size_t size); /* copies the bytes */
/* bytes live in a buffer given to sb_column_pin */
void sb_column_view(sb_column_builder *c, sb_view view);
void sb_column_pin(sb_column_builder *c, sb_buffer *heap); /* adds a reference */
void sb_column_list_begin(sb_column_builder *c);           /* append elements to children, then */
void sb_column_list_end(sb_column_builder *c);
/* after one value was appended to every child (also for NULL children) */
void sb_column_struct(sb_column_builder *c);
/* rows (physical) of a vector of the same type; row -1: NULL. Strings: views are shared and the
 * source is pinned. */
void sb_column_gather(sb_column_builder *c, sb_vector *from, const int32_t *rows, int32_t count);
void sb_column_repeat(sb_column_builder *c, sb_vector *from, int32_t row, int32_t count);
/* Makes room for `count` more values and returns the place of the first (then write them and call
 * sb_column_added);
 * NULL: out of memory. Not for LIST and STRUCT. */
void *sb_column_reserve(sb_column_builder *c, int32_t count);
/* valid: one byte a row, 0 = NULL; or NULL: no NULLs. */
void sb_column_added(sb_column_builder *c, int32_t count, const uint8_t *valid);
/* Room for `size` bytes in the heap of the builder, alive as long as the vector; NULL: out of
 * memory. */
char *sb_column_heap(sb_column_builder *c, size_t size);
/* NULL: out of memory; builder is empty again */
sb_vector *sb_column_finish(sb_column_builder *c, sb_error *err);

typedef struct sb_batch_builder {
    const sb_schema *schema;
    sb_mem *mem;
    sb_column_builder *columns;
    int32_t count_rows;
    bool has_ops, failed;
    sb_buffer *ops;
    int32_t capacity_ops;
    sb_mark *marks;
    int32_t count_marks, capacity_marks;
} sb_batch_builder;

sb_status sb_batch_builder_init(sb_batch_builder *b, sb_mem *mem, const sb_schema *schema,
                                sb_error *err);
void sb_batch_builder_deinit(sb_batch_builder *b);
void sb_batch_builder_row(sb_batch_builder *b, uint8_t op);
void sb_batch_builder_rows(sb_batch_builder *b, int32_t count, uint8_t op);
/* ops NULL: inserts */
void sb_batch_builder_rows_ops(sb_batch_builder *b, int32_t count, const uint8_t *ops);
/* At the current row; a mark already there is replaced. Marks must ascend. */
void sb_batch_builder_mark(sb_batch_builder *b, int64_t watermark_ms);
/* Out of memory so far? finish will say so too. */
bool sb_batch_builder_failed(const sb_batch_builder *b);

static inline bool
sb_batch_builder_is_empty(const sb_batch_builder *b)
{
    return b->count_rows == 0 && b->count_marks == 0;
}

/* Appends logical rows [from, to) of a batch with the same column types (ops included, marks
 * not). */
void sb_batch_builder_append(sb_batch_builder *b, const sb_batch *from, int32_t from_row,
                             int32_t to_row);
sb_status sb_batch_builder_finish(sb_batch_builder *b, sb_batch **out, sb_error *err);

#endif
