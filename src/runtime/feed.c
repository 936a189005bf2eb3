/*
 * runtime/feed.c -- see feed.h.
 */
#include "runtime/feed.h"

#include <stdatomic.h>
#include <string.h>

sb_status
sb_feed_init(sb_feed *feed, const sb_plan_node *node, const sb_source_vtable *vtable,
             int32_t parallelism, sb_os *os, sb_mem *mem, sb_error *err)
{
    void (*note)(void *, bool, const char *) = feed->note;
    void *note_ctx = feed->note_ctx;
    memset(feed, 0, sizeof *feed);
    feed->note = note;
    feed->note_ctx = note_ctx;
    feed->node = node;
    feed->vtable = vtable;
    feed->parallelism = parallelism;
    feed->os = os;
    feed->mem = mem;
    feed->mutex = sb_mutex_new();
    feed->interval_ms = vtable->monitor_interval_ms ? vtable->monitor_interval_ms(node->body) : 0;
    if (!feed->mutex) {
        SB_NOMEM(err);
    }
    return sb_feed_reset(feed, err);
}

void
sb_feed_deinit(sb_feed *feed)
{
    if (!feed->mem) {
        return;
    }
    if (feed->mutex) {
        sb_mutex_free(feed->mutex);
    }
    sb_arena_free(feed->work.arena);
    sb_free(feed->mem, feed->splits, sizeof(sb_split) * (size_t)feed->capacity);
    memset(feed, 0, sizeof *feed);
}

sb_status
sb_feed_reset(sb_feed *feed, sb_error *err)
{
    sb_arena_free(feed->work.arena);
    feed->work = (sb_split_list){
        .arena = sb_arena_new(feed->mem), .note = feed->note, .note_ctx = feed->note_ctx};
    feed->count = 0;
    feed->complete = false;
    feed->next_ms = INT64_MIN;
    if (!feed->work.arena) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_feed_add(sb_feed *feed, const char *id, sb_str descriptor, sb_error *err)
{
    return sb_split_add(&feed->work, id, descriptor, err);
}

void
sb_feed_set_complete(sb_feed *feed)
{
    feed->work.complete = true;
}

sb_status
sb_feed_publish(sb_feed *feed, sb_error *err)
{
    sb_mutex_lock(feed->mutex);
    if (feed->work.count > feed->capacity) {
        int32_t capacity = feed->work.count * 2;
        sb_split *splits =
            sb_realloc(feed->mem, feed->splits, sizeof(sb_split) * (size_t)feed->capacity,
                       sizeof(sb_split) * (size_t)capacity);
        if (!splits) {
            sb_mutex_unlock(feed->mutex);
            SB_NOMEM(err);
        }
        feed->splits = splits;
        feed->capacity = capacity;
    }
    for (int32_t i = feed->count; i < feed->work.count; i++) {
        feed->splits[i] = feed->work.at[i];
    }
    feed->count = feed->work.count;
    feed->complete = feed->work.complete;
    atomic_fetch_add(&feed->version, 1);
    sb_mutex_unlock(feed->mutex);
    return SB_OK;
}

sb_status
sb_feed_enumerate(sb_feed *feed, sb_error *err)
{
    if (feed->work.complete) {
        return SB_OK;
    }
    SB_TRY(feed->vtable->enumerate(feed->node->body, feed->os, feed->mem, feed->parallelism,
                                   &feed->work, err),
           err);
    /* A source that enumerates once has said all; that its splits never end is their own
     * business. */
    if (feed->interval_ms <= 0) {
        feed->work.complete = true;
    }
    return sb_feed_publish(feed, err);
}

bool
sb_feed_read(sb_feed *feed, int32_t index, sb_split *out, bool *out_complete)
{
    sb_mutex_lock(feed->mutex);
    bool found = index < feed->count;
    if (found) {
        *out = feed->splits[index];
    }
    *out_complete = feed->complete;
    sb_mutex_unlock(feed->mutex);
    return found;
}

void
sb_feed_write(sb_feed *feed, sb_writer *w)
{
    sb_mutex_lock(feed->mutex);
    sb_write_u32(w, feed->node->node_id);
    sb_write_u8(w, feed->complete);
    sb_write_varint(w, (uint64_t)feed->count);
    for (int32_t i = 0; i < feed->count; i++) {
        sb_write_cstr(w, feed->splits[i].id);
        sb_write_str(w, feed->splits[i].descriptor);
    }
    sb_mutex_unlock(feed->mutex);
}
