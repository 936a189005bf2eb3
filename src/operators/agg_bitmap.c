/*
 * operators/agg_bitmap.c -- results of BITMAP_BUILD_AGG, BITMAP_AND_AGG, BITMAP_OR_AGG,
 * BITMAP_XOR_AGG and of their forms with CARDINALITY, made of the values of a group
 * (agg_collect.c).
 *
 * DESIGN     NULL of no values. A value that is taken out before it came in is not seen, but by
 *            BITMAP_XOR_AGG, where in and out are the same.
 * THREADS    T:task
 */
#include "kernels/bitmap.h"
#include "operators/agg_side.h"

static bool
is_seen(const sb_agg *agg, const sb_agg_entry *e)
{
    return agg->call.kind == SB_AGG_BITMAP_XOR ? (e->count & 1) != 0 : e->count > 0;
}

static sb_bitmap_status
build(const sb_agg *agg, const sb_row_layout *layout, int32_t field, const sb_agg_entry *entries,
      int32_t n, sb_text *out)
{
    sb_text numbers;
    sb_text_init(&numbers, out->mem);
    uint32_t *at = (uint32_t *)(void *)sb_text_reserve(&numbers, sizeof *at * (size_t)n);
    size_t count = 0;
    for (int32_t i = 0; at && i < n; i++) {
        if (is_seen(agg, &entries[i])) {
            __builtin_memcpy(&at[count++], entries[i].row + layout->offsets[field], sizeof *at);
        }
    }
    sb_bitmap_status status = at ? sb_bitmap_of(at, count, out) : SB_BITMAP_NOMEM;
    sb_text_deinit(&numbers);
    return status;
}

static sb_bitmap_status
combine(const sb_agg *agg, const sb_row_layout *layout, int32_t field, const sb_agg_entry *entries,
        int32_t n, sb_text *out)
{
    sb_bitmap_op op = agg->call.kind == SB_AGG_BITMAP_AND  ? SB_BITMAP_AND
                      : agg->call.kind == SB_AGG_BITMAP_OR ? SB_BITMAP_OR
                                                           : SB_BITMAP_XOR;
    sb_bitmap_status status = sb_bitmap_of(NULL, 0, out);
    bool first = true;
    sb_text next;
    sb_text_init(&next, out->mem);
    for (int32_t i = 0; status == SB_BITMAP_OK && i < n; i++) {
        if (!is_seen(agg, &entries[i])) {
            continue;
        }
        sb_view view = sb_row_view(layout, entries[i].row, field);
        sb_str value = {sb_view_data(&view), sb_view_size(&view)};
        status = sb_bitmap_combine(first ? SB_BITMAP_OR : op, (sb_str){out->data, out->size}, value,
                                   &next);
        sb_text swap = *out;
        *out = next;
        next = swap;
        first = false;
    }
    sb_text_deinit(&next);
    return status;
}

sb_status
sb_agg_append_bitmap(const sb_agg_set *set, const sb_agg *agg, const sb_row_layout *layout,
                     int32_t field, const sb_agg_entry *entries, int32_t n, sb_column_builder *out,
                     sb_error *err)
{
    sb_text text;
    int64_t total = 0;
    for (int32_t i = 0; i < n; i++) {
        total += entries[i].count;
    }
    if (total <= 0) {
        sb_column_null(out);
        return SB_OK;
    }
    sb_text_init(&text, set->mem);
    sb_bitmap_status status = agg->call.kind == SB_AGG_BITMAP_BUILD
                                  ? build(agg, layout, field, entries, n, &text)
                                  : combine(agg, layout, field, entries, n, &text);
    if (status == SB_BITMAP_OK && agg->call.type.id == SB_TYPE_BIGINT) {
        sb_column_i64(out, sb_bitmap_count((sb_str){text.data, text.size}));
    } else if (status == SB_BITMAP_OK) {
        sb_column_bytes(out, text.data, text.size);
    }
    sb_text_deinit(&text);
    if (status == SB_BITMAP_NOMEM) {
        SB_NOMEM(err);
    }
    if (status != SB_BITMAP_OK) {
        SB_FAIL(err, SB_STATUS_DATA, "%s: a BITMAP is damaged", sb_agg_name(agg->call.kind));
    }
    return SB_OK;
}
