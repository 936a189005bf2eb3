/*
 * columnar/batch.h -- rows that travel together: schema, columns, and optionally ops, rowtime,
 * selection, marks.
 *
 * DESIGN     A cheap header over shared vectors; immutable once on an edge (I2). A header belongs
 *            to ONE consumer: the gate rewrites marks, a filter the selection, each in a header of
 *            its own. See docs/contracts.md section 1. `ops` and `rowtime_ms` are by physical row,
 *            marks by logical row.
 * OWNERSHIP  sb_batch_free frees the header and drops its references.
 * THREADS    T:task (header), T:any (vectors)
 */
#ifndef SB_COLUMNAR_BATCH_H
#define SB_COLUMNAR_BATCH_H

#include "columnar/vector.h"

#define SB_WM_MIN     INT64_MIN
#define SB_WM_MAX     INT64_MAX
#define SB_BATCH_ROWS 4096 /* default limit of rows in a batch */

/* "Before logical row `row` the watermark became `watermark_ms`." row == count_rows: after the
 * last row (I1). */
typedef struct sb_mark {
    int32_t row;
    int64_t watermark_ms;
} sb_mark;

typedef enum sb_row_op {
    SB_ROW_INSERT,
    SB_ROW_UPDATE_BEFORE,
    SB_ROW_UPDATE_AFTER,
    SB_ROW_DELETE
} sb_row_op;

static inline bool
sb_row_op_adds(uint8_t op)
{
    return op == SB_ROW_INSERT || op == SB_ROW_UPDATE_AFTER;
}

typedef struct sb_batch {
    const sb_schema *schema;
    sb_vector **columns;       /* schema->count, one reference each */
    const int32_t *selection;  /* NULL, or physical row of each logical row, ascending */
    const uint8_t *ops;        /* sb_row_op by physical row; NULL: all inserts */
    const int64_t *rowtime_ms; /* by physical row; NULL: time is a column */
    const sb_mark *marks;
    int32_t count_rows;     /* logical rows; may be 0 */
    int32_t count_physical; /* rows of the vectors */
    int32_t count_marks;
    int32_t split;        /* source split of all rows, or -1 */
    int64_t pinned_bytes; /* what this header keeps alive, shared or not */
    sb_buffer *own_selection, *own_ops, *own_rowtime;
    int32_t capacity_marks;
    sb_mem *mem;
} sb_batch;

static inline int32_t
sb_batch_row(const sb_batch *b, int32_t logical)
{
    return b->selection ? b->selection[logical] : logical;
}

static inline uint8_t
sb_batch_op(const sb_batch *b, int32_t physical)
{
    return b->ops ? b->ops[physical] : SB_ROW_INSERT;
}

/* columns: array of schema->count references that the batch takes over (also on failure they are
 * dropped). NULL: out of memory. */
sb_batch *sb_batch_new(sb_mem *mem, const sb_schema *schema, sb_vector *const *columns,
                       int32_t count_rows);
/* 0 rows, all columns of length 0 */
sb_batch *sb_batch_empty(sb_mem *mem, const sb_schema *schema);
/* 0 rows, one mark */
sb_batch *sb_batch_watermark(sb_mem *mem, const sb_schema *schema, int64_t watermark_ms);
sb_batch *sb_batch_free(sb_batch *batch); /* returns NULL; NULL is fine */
/* another header over the same vectors */
sb_batch *sb_batch_share(sb_mem *mem, const sb_batch *batch);
/* Replaces marks by a copy. */
sb_status sb_batch_set_marks(sb_batch *batch, const sb_mark *marks, int32_t count, sb_error *err);
/* Takes over one reference of the buffer; `data` lies in it. */
void sb_batch_set_selection(sb_batch *batch, sb_buffer *own, const int32_t *selection,
                            int32_t count_rows);
void sb_batch_set_ops(sb_batch *batch, sb_buffer *own, const uint8_t *ops);
/* Rows keep[0..count) (LOGICAL indexes, ascending) stay. Marks are remapped: a mark before a
 * dropped row moves to the next kept row; marks that fall together coalesce, the last wins. */
sb_status sb_batch_filter(sb_batch *batch, const int32_t *keep, int32_t count, sb_error *err);
/* A new header with the logical rows [from, to) and the marks in (from or at `from` if
 * with_first_marks) .. to. */
sb_batch *sb_batch_slice(sb_mem *mem, const sb_batch *batch, int32_t from, int32_t to,
                         bool with_marks);
/* Dense copy without selection, sharing string bytes only when at least half of what is pinned
 * is live. */
sb_status sb_batch_compact(sb_batch *batch, bool copy_bytes, sb_error *err);
/* less than half of the physical rows are selected */
bool sb_batch_is_sparse(const sb_batch *batch);
/* Checks I1, lengths, selection order; for sb_dassert and tests. */
bool sb_batch_valid(const sb_batch *batch);
/* "+I (1, abc)" a line, marks as "@ 123" */
void sb_batch_dump(const sb_batch *batch, sb_text *out);

#endif
