/*
 * runtime/runtime_ops_testing.h -- the test operators and connector, for runtime_testing.c alone.
 */
#ifndef SB_RUNTIME_RUNTIME_OPS_TESTING_H
#define SB_RUNTIME_RUNTIME_OPS_TESTING_H

#include "flow/connector.h"

#include <stdatomic.h>

#define SB_RT_CHAINED_SUM 40
/* The merge gives each row on so many times, over several steps: a cursor on the head row. */
#define SB_RT_COPIES(v) (1 + (int32_t)(((v) < 0 ? -(v) : (v)) % 4))

extern const sb_op_vtable rt_watermark, rt_filter, rt_union, rt_sum, rt_window, rt_merge;
extern const sb_source_vtable rt_source;
extern const sb_sink_vtable rt_sink;

#endif
