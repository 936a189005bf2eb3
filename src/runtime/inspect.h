/*
 * runtime/inspect.h -- looking into a checkpoint folder without running anything.
 *
 * OWNERSHIP  An sb_checkpoint_list is freed by sb_checkpoint_list_free.
 * THREADS    one thread
 */
#ifndef SB_RUNTIME_INSPECT_H
#define SB_RUNTIME_INSPECT_H

#include "plan/plan.h"
#include "ports/store.h"

typedef struct sb_checkpoint_info {
    uint64_t id;
    int64_t bytes;       /* of the manifest */
    int64_t taken_at_ms; /* processing time */
    bool valid;
    char problem[256]; /* why it is not valid */
} sb_checkpoint_info;

typedef struct sb_checkpoint_list { /* ascending by id */
    sb_checkpoint_info *at;
    int32_t count;
    sb_mem *mem;
} sb_checkpoint_list;

sb_status sb_checkpoint_list_read(sb_store *store, sb_mem *mem, sb_checkpoint_list *out,
                                  sb_error *err);
void sb_checkpoint_list_free(sb_checkpoint_list *list);

/* Text for people about checkpoint `id` (0: the newest): plan, operators with subtasks, tables with
 * rows and bytes, splits, sink handles, rests. NOT_FOUND, CORRUPT name the file. */
sb_status sb_checkpoint_describe(sb_store *store, sb_mem *mem, uint64_t id, sb_text *out,
                                 sb_error *err);
/* The plan that a checkpoint holds; the caller frees it. */
sb_status sb_checkpoint_plan(sb_store *store, sb_mem *mem, uint64_t id, sb_plan **out,
                             sb_error *err);

#endif
