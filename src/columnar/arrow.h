/*
 * columnar/arrow.h -- batches in and out through the Arrow C Data and C Stream interfaces.
 *
 * DESIGN     Strings leave as utf8_view / binary_view ("vu", "vz") and enter from utf8, large_utf8,
 *            utf8_view, binary kinds and dictionaries. BOOLEAN becomes a bitmap, DECIMAL
 *            decimal128, TIME time32[ms], TIMESTAMP(<=3) timestamp[ms], (<=6) [us], (<=9) [ns]
 *            without zone, TIMESTAMP_LTZ the same with "UTC", DATE date32, intervals month /
 *            duration[ms]. Selection is applied on the way out. A changelog leaves with a first
 *            column "op" (int8 sb_row_op) when asked. Unsigned integers enter as the next wider
 *            signed type (uint64: DECIMAL(20, 0)), fixed-size binary as BINARY(n), fixed-size lists
 *            as ARRAY, other units of time in ours. MULTISET leaves as a list. What cannot be
 *            represented (half floats, unions, 256-bit decimals, day-time intervals, run-end
 *            encoding) is NOT_SUPPORTED.
 * OWNERSHIP  As the Arrow specification says: who receives a structure calls its release. An
 *            imported array is always taken over, also when the import fails. Formats, names and
 *            buffers of an export live until its release.
 * THREADS    T:any; a released structure may be released on another thread.
 */
#ifndef SB_COLUMNAR_ARROW_H
#define SB_COLUMNAR_ARROW_H

#include "columnar/batch.h"
#include "sabot/arrow_c_abi.h"

sb_status sb_arrow_export_schema(const sb_schema *schema, bool with_op, struct ArrowSchema *out,
                                 sb_error *err);
/* Shares buffers where layouts agree; the batch may be freed afterwards. */
sb_status sb_arrow_export_batch(sb_mem *mem, const sb_batch *batch, bool with_op,
                                struct ArrowArray *out, sb_error *err);
sb_status sb_arrow_import_schema(sb_arena *arena, const struct ArrowSchema *in, sb_schema **out,
                                 sb_error *err);
/* Takes the array over (moves it); sharing its buffers until the last vector is gone. `from` is the
 * schema that the array has. The types of `schema` must be what sb_arrow_import_schema makes of
 * `from`, but for lengths, precisions of time and nullability. */
sb_status sb_arrow_import_batch(sb_mem *mem, const sb_schema *schema,
                                const struct ArrowSchema *from, struct ArrowArray *in,
                                sb_batch **out, sb_error *err);

#endif
