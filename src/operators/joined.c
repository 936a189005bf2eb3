/*
 * operators/joined.c -- see joined.h.
 */
#include "operators/joined.h"

#include "operators/emit.h"

bool
sb_joined_key_matches(const sb_keys *keys, int32_t position, int32_t count_keys,
                      const bool *null_safe)
{
    for (int32_t k = 0; k < count_keys; k++) {
        if (!(null_safe && null_safe[k]) &&
            !sb_vector_valid(keys->columns[k], keys->rows[position])) {
            return false;
        }
    }
    return true;
}

sb_status
sb_joined_stored(const sb_table *table, int32_t count_columns, uint8_t *const *rows, int32_t n,
                 const sb_field *fields, sb_mem *mem, sb_vector **out, sb_error *err)
{
    for (int32_t c = 0; c < count_columns; c++) {
        sb_column_builder b;
        SB_TRY(sb_column_builder_init(&b, mem, &fields[c].type, err), err);
        sb_row_decode(sb_table_layout(table), rows, n, sb_table_field(table, c), 1, &b, true);
        out[c] = sb_column_finish(&b, err);
        sb_column_builder_deinit(&b);
        if (!out[c]) {
            return SB_STATUS_NOMEM;
        }
    }
    return SB_OK;
}

sb_status
sb_joined_push(sb_io *io, sb_eval *residual, int32_t *keep, sb_batch *batch, sb_error *err)
{
    sb_status status = SB_OK;
    if (residual) {
        int32_t count;
        status = sb_eval_select(residual, batch, &io->eval, keep, &count, err);
        status = status == SB_OK && count < batch->count_rows
                     ? sb_batch_filter(batch, keep, count, err)
                     : status;
    }
    if (status != SB_OK || batch->count_rows == 0) {
        sb_batch_free(batch);
        return status;
    }
    sb_emit(io, 0, batch);
    return SB_OK;
}
