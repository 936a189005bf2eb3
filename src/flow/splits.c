/*
 * flow/splits.c -- the list of a source's splits.
 *
 * THREADS    one thread at a time
 */
#include "flow/source.h"

#include <string.h>

#include "base/hash.h"

/* The index's place of the id, or the free one where it would be. */
static int32_t *
split_place(const sb_split_list *list, const char *id)
{
    uint32_t mask = 2 * (uint32_t)list->capacity - 1; /* capacities are powers of two */
    uint32_t at = (uint32_t)sb_hash_bytes(id, strlen(id)) & mask;
    while (list->index[at] && strcmp(list->at[list->index[at] - 1].id, id) != 0) {
        at = (at + 1) & mask;
    }
    return &list->index[at];
}

static bool
split_list_grow(sb_split_list *list)
{
    if (list->count < list->capacity) {
        return true;
    }
    /* The old arrays stay in the arena; doubling bounds the waste by the size of the list. */
    sb_split_list grown = *list;
    grown.capacity = list->capacity ? list->capacity * 2 : 16;
    grown.at = SB_NEW_ARRAY(list->arena, sb_split, grown.capacity);
    grown.index = SB_NEW_ARRAY(list->arena, int32_t, 2 * grown.capacity);
    if (!grown.at || !grown.index) {
        return false;
    }
    for (int32_t i = 0; i < list->count; i++) {
        grown.at[i] = list->at[i];
        *split_place(&grown, grown.at[i].id) = i + 1;
    }
    *list = grown;
    return true;
}

sb_status
sb_split_add(sb_split_list *list, const char *id, sb_str descriptor, sb_error *err)
{
    if (list->count > 0 && *split_place(list, id)) {
        return SB_OK;
    }
    char *copy = sb_arena_strdup(list->arena, id);
    void *bytes =
        descriptor.size ? sb_arena_memdup(list->arena, descriptor.data, descriptor.size) : NULL;
    if (!copy || (descriptor.size && !bytes) || !split_list_grow(list)) {
        SB_NOMEM(err);
    }
    list->at[list->count] =
        (sb_split){.ordinal = list->count, .id = copy, .descriptor = {bytes, descriptor.size}};
    *split_place(list, copy) = ++list->count;
    return SB_OK;
}
