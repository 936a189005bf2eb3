/*
 * operators/repeat.h -- what operators share that give several rows for one: window functions,
 * Expand, Unnest.
 *
 * DESIGN     A run of head rows becomes a list of positions, each a physical row and the number of
 *            the copy. A row may have more copies than there is room: how many of the head row's
 *            copies are out is the cursor `at`, which is part of a snapshot.
 * OWNERSHIP  sb_repeat owns its arrays.
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_REPEAT_H
#define SB_OPERATORS_REPEAT_H

#include "flow/op.h"

typedef struct sb_repeat {
    sb_mem *mem;
    int32_t at;       /* copies of the head row that are out already; 0: none */
    int32_t capacity; /* positions of a batch */
    int32_t count;    /* positions of the last run */
    int32_t *rows;    /* physical row of each position */
    int32_t *copies;  /* which copy of the row, from 0 */
} sb_repeat;

sb_status sb_repeat_init(sb_repeat *repeat, sb_mem *mem, int32_t capacity, sb_error *err);
void sb_repeat_deinit(sb_repeat *repeat);

/* How many copies a physical row of the head has. */
typedef int32_t (*sb_repeat_copies)(void *ctx, int32_t physical);

/* Positions for rows from the cursor up to logical row `end`, at most `room`. Returns how many rows
 * of the head are done. */
int32_t sb_repeat_fill(sb_repeat *repeat, const sb_input *in, int32_t end, int32_t room,
                       sb_repeat_copies copies, void *ctx);
/* Puts columns of the output that are more than gathered ones of the input into `out`; NULL where
 * memory ended. */
typedef void (*sb_repeat_columns)(sb_op *op, sb_mem *mem, const sb_batch *head, sb_vector **out);

/* The end of a run: a batch of the positions goes out, each with the kind of its row, and `rows`
 * rows of the head are consumed. Columns of the input that `columns` leaves NULL are gathered. */
sb_status sb_repeat_emit(const sb_repeat *repeat, sb_op *op, sb_io *io, int32_t rows,
                         sb_repeat_columns columns, sb_error *err);

/* The step of such an operator: `run` gives one batch of at most `room` rows and consumes. */
typedef sb_status (*sb_repeat_run)(sb_op *op, sb_io *io, int32_t room, sb_error *err);
sb_step sb_repeat_step(sb_op *op, sb_io *io, sb_repeat_run run, sb_error *err);

sb_status sb_repeat_snapshot(const sb_repeat *repeat, sb_writer *w, sb_error *err);
/* copies_max: what `at` stays below; 0: unknown before the row is there. */
sb_status sb_repeat_restore(sb_repeat *repeat, const sb_piece *piece, int32_t copies_max,
                            sb_error *err);

#endif
