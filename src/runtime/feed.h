/*
 * runtime/feed.h -- the splits of one source node, from the enumerator to the subtasks.
 *
 * DESIGN     The enumerator (I/O pool) works on a list of its own. When it returns, what is new is
 *            published under the lock; readers copy what they have not seen. Split ids and
 *            descriptors never move and live as long as the job.
 * THREADS    enumerate: one I/O job at a time. Readers: T:any through sb_feed_read.
 */
#ifndef SB_RUNTIME_FEED_H
#define SB_RUNTIME_FEED_H

#include "flow/connector.h"

typedef struct sb_feed {
    const sb_plan_node *node;
    const sb_source_vtable *vtable;
    int32_t parallelism;
    sb_os *os;
    sb_mem *mem;
    sb_mutex *mutex;
    sb_split_list work;       /* the enumerator's */
    sb_split *splits;         /* mutex: published */
    int32_t count, capacity;  /* mutex */
    bool complete;            /* mutex */
    _Atomic uint64_t version; /* grows with each publication */
    int64_t interval_ms;      /* 0: enumerate once */
    int64_t next_ms;          /* coordinator: when to enumerate again */
    _Atomic bool busy;        /* an enumeration is under way */
    /* set before init: see sb_split_list */
    void (*note)(void *note_ctx, bool warning, const char *line);
    void *note_ctx;
} sb_feed;

sb_status sb_feed_init(sb_feed *feed, const sb_plan_node *node, const sb_source_vtable *vtable,
                       int32_t parallelism, sb_os *os, sb_mem *mem, sb_error *err);
void sb_feed_deinit(sb_feed *feed); /* accepts a zeroed one */
/* Forgets everything, or starts with what a checkpoint knew. */
sb_status sb_feed_reset(sb_feed *feed, sb_error *err);
/* T:setup, then publish */
sb_status sb_feed_add(sb_feed *feed, const char *id, sb_str descriptor, sb_error *err);
void sb_feed_set_complete(sb_feed *feed);
/* T:io */
sb_status sb_feed_enumerate(sb_feed *feed, sb_error *err);
/* Publishes what `work` has. */
sb_status sb_feed_publish(sb_feed *feed, sb_error *err);
/* Copies split `index` if there is one; out_complete: no more will come. T:any */
bool sb_feed_read(sb_feed *feed, int32_t index, sb_split *out, bool *out_complete);
/* Splits and complete flag for the manifest. T:any */
void sb_feed_write(sb_feed *feed, sb_writer *w);

#endif
