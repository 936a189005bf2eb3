/*
 * ports/store.h -- an object store: named, immutable blobs. Checkpoints live in it.
 *
 * DESIGN     A blob appears under its name when finish() returns, whole and durable, or not at all.
 *            Names may have '/'. The folder implementation goes through sb_os, so the simulator's
 *            crash loss reaches it. Conditional publication (put_new) is what makes ownership and
 *            manifests safe: it fails with EXISTS when the name is taken.
 * THREADS    T:any (I/O pool); one sb_blob_writer belongs to one thread.
 */
#ifndef SB_PORTS_STORE_H
#define SB_PORTS_STORE_H

#include "base/os/os.h"

typedef struct sb_store sb_store;
typedef struct sb_blob_writer sb_blob_writer;

typedef struct sb_blob_list {
    char **names; /* full names, sorted */
    int64_t *sizes;
    int32_t count;
} sb_blob_list;

/* Folder is created with parents. */
sb_status sb_store_open_folder(sb_os *os, sb_mem *mem, const char *folder, sb_store **out,
                               sb_error *err);
sb_store *sb_store_close(sb_store *store); /* returns NULL; releases the ownership lock if held */
/* One owner per folder: CONFLICT with a clear message if another process (or handle) holds it. */
sb_status sb_store_lock(sb_store *store, sb_error *err);
sb_status sb_blob_create(sb_store *store, const char *name, sb_blob_writer **out, sb_error *err);
sb_status sb_blob_append(sb_blob_writer *w, const void *data, size_t size, sb_error *err);
/* To write without a copy: 8-byte aligned room for `size` bytes behind what was appended (if that
 * is a multiple of 8), of which `kept` were written there since and stay. NULL: out of memory.
 * Then commit as many of them as are part of the blob. */
void *sb_blob_room(sb_blob_writer *w, size_t kept, size_t size);
sb_status sb_blob_commit(sb_blob_writer *w, size_t size, sb_error *err);
sb_status sb_blob_finish(sb_blob_writer *w, sb_error *err); /* frees w, also on failure */
void sb_blob_abort(sb_blob_writer *w);                      /* NULL is fine */
sb_status sb_store_put(sb_store *store, const char *name, const void *data, size_t size,
                       sb_error *err);
/* EXISTS */
sb_status sb_store_put_new(sb_store *store, const char *name, const void *data, size_t size,
                           sb_error *err);
/* A blob that can be seen may be of a put whose last step failed: its name is durable
 * afterwards. */
sb_status sb_store_settle(sb_store *store, const char *name, sb_error *err);
sb_status sb_store_get(sb_store *store, const char *name, sb_text *out, sb_error *err);
/* Mapped read for large blobs; unmap with sb_store_unmap. */
sb_status sb_store_map(sb_store *store, const char *name, const void **out, size_t *out_size,
                       sb_error *err);
void sb_store_unmap(sb_store *store, const void *data, size_t size);
sb_status sb_store_list(sb_store *store, const char *prefix, sb_blob_list *out, sb_error *err);
void sb_blob_list_free(sb_store *store, sb_blob_list *list);
sb_status sb_store_remove(sb_store *store, const char *name, sb_error *err); /* missing is fine */
const char *sb_store_where(const sb_store *store);                           /* for messages */
uint64_t sb_store_random(sb_store *store); /* for names that are unique for ever */

#endif
