/*
 * operators/operators.h -- the vtables of all operators. A new operator adds its row here and in
 * registry/operators.def.
 */
#ifndef SB_OPERATORS_OPERATORS_H
#define SB_OPERATORS_OPERATORS_H

#include "flow/op.h"

extern const sb_op_vtable sb_op_calc;
extern const sb_op_vtable sb_op_watermark;
extern const sb_op_vtable sb_op_union;
extern const sb_op_vtable sb_op_drop_before;
extern const sb_op_vtable sb_op_group_agg;
extern const sb_op_vtable sb_op_window_assign;
extern const sb_op_vtable sb_op_window_agg;
extern const sb_op_vtable sb_op_join;
extern const sb_op_vtable sb_op_window_join;
extern const sb_op_vtable sb_op_normalize;
extern const sb_op_vtable sb_op_materialize;
extern const sb_op_vtable sb_op_process;
extern const sb_op_vtable sb_op_expand;
extern const sb_op_vtable sb_op_unnest;
extern const sb_op_vtable sb_op_sort;
extern const sb_op_vtable sb_op_limit;

#endif
