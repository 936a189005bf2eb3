/*
 * expr/fn_watermark.c -- CURRENT_WATERMARK, SOURCE_WATERMARK.
 *
 * DESIGN     The watermark before the first row of a batch is in the context of the run; the marks
 *            of the batch raise it for the rows behind them. Whether the argument is a time
 *            attribute only the front end can tell. SOURCE_WATERMARK is a mark in a WATERMARK
 *            clause and never runs.
 */
#include "expr/function.h"
#include "expr/infer.h"
#include "kernels/time.h"

static sb_status
current_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    in->type.precision = 3;
    in->type.nullable = true;
    return SB_OK;
}

/* SB_WM_MIN: there has been none. */
static void
put_watermark(sb_vector *v, int32_t row, int64_t watermark_ms)
{
    int64_t *values = sb_vector_values_mut(v);
    if (watermark_ms == SB_WM_MIN) {
        values[row] = 0;
        sb_bit_clear(sb_vector_validity_mut(v), row);
    } else {
        values[row] = sb_wrap_mul(watermark_ms, 1000);
    }
}

static sb_status
current_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_batch *batch = call->batch;
    int64_t watermark_ms = call->context->batch_mode ? SB_WM_MIN : call->context->watermark_ms;
    int32_t mark = 0;
    SB_TRY(sb_call_result(call, true, out, err), err);
    for (int32_t i = 0; i < batch->count_rows; i++) {
        for (; mark < batch->count_marks && batch->marks[mark].row <= i; mark++) {
            if (!call->context->batch_mode) {
                watermark_ms = batch->marks[mark].watermark_ms;
            }
        }
        put_watermark(*out, sb_batch_row(batch, i), watermark_ms);
    }
    return SB_OK;
}

static sb_status
source_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    (void)call, (void)out;
    SB_FAIL(err, SB_STATUS_SEMANTIC, "SOURCE_WATERMARK may only stand alone in a WATERMARK clause");
}

const sb_impl sb_impl_current_watermark = {.infer = current_infer, .vector = current_vector};
const sb_impl sb_impl_source_watermark = {.vector = source_vector};
