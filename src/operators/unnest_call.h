/*
 * operators/unnest_call.h -- inside Correlate: rows that a table function of the user gives.
 *
 * DESIGN     Some rows of the head go to the function, which gives as many result rows as there is
 *            room for and says which rows it is done with. Of a row that is not done the number of
 *            its result rows that are out is the cursor of sb_repeat: the function begins behind
 *            them. So a row with millions of results waits for room like any other.
 * OWNERSHIP  The results of a run are freed by the next one.
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_UNNEST_CALL_H
#define SB_OPERATORS_UNNEST_CALL_H

#include "expr/udf.h"
#include "operators/repeat.h"

typedef struct sb_unnest_call {
    sb_mem *mem;
    const sb_unnest_node *body;
    sb_udf_instance *function; /* NULL: this Correlate has none */
    sb_schema args, result;    /* its types: fields of the ROW, columns of the output */
    sb_vector **columns;       /* arguments of a run */
    sb_vector **results;       /* of the last run */
    int32_t count_results;     /* rows in them */
    int32_t capacity;
    int32_t *physical; /* of the rows that are given to it */
    int32_t *places;   /* those of them without a NULL, if it wants that */
    int32_t *rows;     /* OUT of the function */
    int32_t *elements; /* per position: row of the results; -1: none */
    int32_t hint;      /* rows to give it */
} sb_unnest_call;

sb_status sb_unnest_call_init(sb_unnest_call *self, const sb_plan_node *node, sb_init *ctx,
                              sb_error *err);
void sb_unnest_call_close(sb_unnest_call *self);
/* Fills `repeat` with positions; *out_rows of the head are done. */
sb_status sb_unnest_call_run(sb_unnest_call *self, sb_repeat *repeat, sb_io *io, int32_t room,
                             int32_t *out_rows, sb_error *err);
/* The columns of the result at the positions; false: out of memory. */
bool sb_unnest_call_columns(sb_unnest_call *self, sb_mem *mem, int32_t count, sb_vector **out);

#endif
