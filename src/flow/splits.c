/*
 * flow/splits.c -- the list of a source's splits.
 *
 * THREADS    one thread at a time
 */
#include "flow/source.h"

#include <string.h>

static bool
split_known(const sb_split_list *list, const char *id)
{
    for (int32_t i = 0; i < list->count; i++) {
        if (strcmp(list->at[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

static bool
split_list_grow(sb_split_list *list)
{
    if (list->count < list->capacity) {
        return true;
    }
    /* The old array stays in the arena; doubling bounds the waste by the size of the list. */
    int32_t capacity = list->capacity ? list->capacity * 2 : 16;
    sb_split *at = SB_NEW_ARRAY(list->arena, sb_split, capacity);
    if (!at) {
        return false;
    }
    if (list->count > 0) {
        memcpy(at, list->at, sizeof(sb_split) * (size_t)list->count);
    }
    list->at = at;
    list->capacity = capacity;
    return true;
}

sb_status
sb_split_add(sb_split_list *list, const char *id, sb_str descriptor, sb_error *err)
{
    if (split_known(list, id)) {
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
    list->count++;
    return SB_OK;
}
