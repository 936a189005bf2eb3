/*
 * formats/chunk.c -- a chunk of values into a column builder.
 *
 * DESIGN     Fixed widths are copied at once; long strings of the chunk go into one piece of the
 *            builder's heap, by blocks of 16 bytes that overlap what the next one overwrites.
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

/* Whole blocks: up to 15 bytes behind the text are read and written. */
static inline void
copy_blocks(char *to, const char *from, size_t size)
{
    for (size_t at = 0; at < size; at += 16) {
        memcpy(to + at, from + at, 16);
    }
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
    const char *heap_end = total ? heap + total : NULL;
    for (int32_t r = 0; r < count; r++) {
        if (!valid[r] || text[r].size == 0) {
            view[r] = (sb_view){.words = {0, 0}};
        } else if (text[r].size <= SB_VIEW_INLINE) {
            view[r] = short_view(text[r].data, text[r].size);
        } else {
            size_t size = text[r].size;
            uint32_t prefix;
            if (size <= 256 && (size_t)(heap_end - heap) >= size + 15) {
                copy_blocks(heap, text[r].data, size);
            } else {
                memcpy(heap, text[r].data, size);
            }
            memcpy(&prefix, text[r].data, sizeof prefix);
            view[r] =
                (sb_view){.words = {size | (uint64_t)prefix << 32, (uint64_t)(uintptr_t)heap}};
            heap += size;
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
