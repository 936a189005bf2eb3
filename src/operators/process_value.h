/*
 * operators/process_value.h -- values between process functions and the engine: out of vectors and
 * table rows, into builders and rows.
 *
 * THREADS    T:any; no state.
 */
#ifndef SB_OPERATORS_PROCESS_VALUE_H
#define SB_OPERATORS_PROCESS_VALUE_H

#include "columnar/row.h"
#include "sabot/types.h"

bool sb_process_is_flat(sb_phys phys); /* can be a sabot_value */
/* bytes point into the vector */
sabot_value sb_process_vector_value(const sb_vector *vector, int32_t row);
/* bytes point into the row */
sabot_value sb_process_row_value(const sb_row_layout *layout, uint8_t *row, int32_t field);
/* NULL: the value fits the type; else what is wrong: "NULL", "value out of range". */
const char *sb_process_value_problem(const sb_type *type, const sabot_value *v);
/* A value that fits and is not NULL, as it lies in a vector; at most 16 bytes. Strings: a view
 * of the value's bytes. */
void sb_process_store_value(const sb_type *type, const sabot_value *v, void *out);
/* TIMESTAMP(p) keeps p digits of the second */
int64_t sb_process_cut_timestamp(const sb_type *type, int64_t us);

#endif
