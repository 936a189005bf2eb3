/*
 * base/mem.h -- memory budgets: engine > job > task > operator.
 *
 * DESIGN     Every allocation of the data path is charged to a budget; a budget has a limit and a
 *            parent. Reaching a limit is a status (NULL), never an abort. Budgets are counters, not
 *            heaps.
 * OWNERSHIP  A budget must outlive what is charged to it; sb_mem_free asserts that nothing is left.
 * THREADS    T:any; counters are atomic.
 */
#ifndef SB_BASE_MEM_H
#define SB_BASE_MEM_H

#include "base/status.h"

typedef struct sb_mem sb_mem;

/* limit_bytes 0: only the parents limit. parent NULL: a root. NULL on allocation failure. */
sb_mem *sb_mem_new(sb_mem *parent, const char *name, int64_t limit_bytes);
/* returns NULL; the budget lives until the last charge is gone (reference counted by charges) */
sb_mem *sb_mem_unref(sb_mem *mem);
int64_t sb_mem_used(const sb_mem *mem);
int64_t sb_mem_peak(const sb_mem *mem);
int64_t sb_mem_limit(const sb_mem *mem);
const char *sb_mem_name(const sb_mem *mem);

/* Memory is 64-byte aligned from 1 KiB on, else 16. NULL when a limit is hit. Sizes are given
 * back by the caller. */
void *sb_alloc(sb_mem *mem, size_t size);
void *sb_alloc_zero(sb_mem *mem, size_t size);
/* old stays valid on NULL */
void *sb_realloc(sb_mem *mem, void *old, size_t old_size, size_t new_size);
void sb_free(sb_mem *mem, void *ptr, size_t size); /* ptr NULL is fine */
/* Charge without allocating (memory that a library owns). */
bool sb_mem_charge(sb_mem *mem, int64_t bytes);
void sb_mem_discharge(sb_mem *mem, int64_t bytes);

/* Process-wide root without a limit, for tests and start-up. */
sb_mem *sb_mem_root(void);
/* Tests: the n-th allocation from now on fails (1 = next); 0 switches off. Returns how many have
 * been counted. T:any */
int64_t sb_mem_fail_after(int64_t n);

/* Sets up libc's heap for batches (keep freed pages, few arenas); nothing where another one stands
 * in its place. Call once, before the first thread. */
void sb_mem_setup(void);

#define SB_NOMEM(err) SB_FAIL(err, SB_STATUS_NOMEM, "out of memory")

#endif
