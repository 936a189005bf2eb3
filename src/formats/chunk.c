/*
 * formats/chunk.c -- a chunk of values into a column builder.
 *
 * DESIGN     Fixed widths are copied at once; long strings of the chunk go into one piece of the
 *            builder's heap.
 */
#include "formats/chunk.h"

#include <string.h>

/* A view of at most twelve bytes, from a place where 16 are readable. */
static inline sb_view
short_view(const char *data, size_t size)
{
    uint32_t head;
    uint64_t tail;
    memcpy(&head, data, sizeof head);
    memcpy(&tail, data + 4, sizeof tail);
    head = size >= 4 ? head : head & ~(UINT32_MAX << (size * 8));
    tail = size <= 4 ? 0 : size == 12 ? tail : tail & ~(UINT64_MAX << ((size - 4) * 8));
    return (sb_view){.words = {size | (uint64_t)head << 32, tail}};
}

static void
append_strings(sb_column_builder *to, sb_view *view, const sb_str *text, const uint8_t *valid,
               int32_t count)
{
    size_t total = 0;
    for (int32_t r = 0; r < count; r++) {
        total += valid[r] && text[r].size > SB_VIEW_INLINE ? text[r].size : 0;
    }
    char *heap = total ? sb_column_heap(to, total) : NULL;
    if (total && !heap) {
        return; /* the builder knows that it failed */
    }
    for (int32_t r = 0; r < count; r++) {
        if (!valid[r] || text[r].size == 0) {
            view[r] = (sb_view){.words = {0, 0}};
        } else if (text[r].size <= SB_VIEW_INLINE) {
            view[r] = short_view(text[r].data, text[r].size);
        } else {
            memcpy(heap, text[r].data, text[r].size);
            view[r] = sb_view_make(heap, (uint32_t)text[r].size);
            heap += text[r].size;
        }
    }
    sb_column_added(to, count, valid);
}

void
sb_chunk_append(sb_column_builder *to, const void *values, const uint8_t *valid, int32_t count)
{
    void *at = sb_column_reserve(to, count);
    if (!at) {
        return;
    }
    if (to->phys == SB_PHYS_VIEW) {
        append_strings(to, at, values, valid, count);
        return;
    }
    memcpy(at, values, (size_t)count * (size_t)sb_phys_size((sb_phys)to->phys));
    sb_column_added(to, count, valid);
}
