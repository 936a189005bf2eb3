/*
 * base/mem.c -- budgets as counters over the C heap.
 *
 * DESIGN     `state` packs what keeps a budget alive: references (owner and child budgets) above,
 *            charged bytes below. Whoever brings it to zero frees the budget, so a charge may
 *            outlive its owner's unref. A budget reserves from its parent in chunks; an allocation
 *            that fits into the reserve touches one counter. `reserved` never exceeds the limit, so
 *            the limit is checked only when the reserve grows. A root's reserve is its limit. From
 *            1 KiB on, blocks are aligned to 64 bytes by hand: the heap's own aligned allocation
 *            splits and fragments chunks. The word before such a block holds the address the heap
 *            gave.
 * THREADS    T:any
 */
#include "base/mem.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_BITS  44 /* 16 TiB */
#define BYTES_MASK  ((INT64_C(1) << BYTES_BITS) - 1)
#define ONE_REF     (INT64_C(1) << BYTES_BITS)
#define CHUNK_MAX   (256 * 1024) /* bytes reserved from the parent at a time */
#define CHUNK_SHARE 1024         /* ... but at most this part of the tightest limit above */
#define ALIGN_FROM  1024
#define ALIGN       64

struct sb_mem {
    _Atomic int64_t state;    /* references << BYTES_BITS | bytes charged */
    _Atomic int64_t reserved; /* bytes charged to the parent for us; the limit for a root */
    _Atomic int64_t peak;     /* highest number of bytes charged */
    int64_t limit;            /* 0: none of our own */
    int64_t tightest;         /* smallest limit from here up, 0: none */
    int64_t chunk;            /* step of `reserved` */
    sb_mem *parent;           /* one reference; NULL: a root */
    char name[32];
};

static sb_mem the_root = {
    .state = ONE_REF, .reserved = INT64_MAX, .chunk = CHUNK_MAX, .name = "process"};

/* Counting of allocations for tests: `fail_armed` is the only thing the hot path looks at. */
static _Atomic bool fail_armed;
static _Atomic int64_t fail_at, fail_counted;

static bool
fails_by_order(void)
{
    if (__builtin_expect(!atomic_load_explicit(&fail_armed, memory_order_relaxed), 1)) {
        return false;
    }
    return atomic_fetch_add(&fail_counted, 1) + 1 == atomic_load(&fail_at);
}

int64_t
sb_mem_fail_after(int64_t n)
{
    int64_t counted = atomic_load(&fail_counted);
    atomic_store(&fail_armed, false);
    atomic_store(&fail_counted, 0);
    atomic_store(&fail_at, n);
    atomic_store(&fail_armed, n > 0);
    return counted;
}

sb_mem *
sb_mem_root(void)
{
    return &the_root;
}

sb_mem *
sb_mem_new(sb_mem *parent, const char *name, int64_t limit_bytes)
{
    sb_assert(limit_bytes >= 0);
    sb_mem *mem = fails_by_order() ? NULL : calloc(1, sizeof *mem);
    if (!mem) {
        return NULL;
    }
    mem->limit = limit_bytes;
    mem->tightest = limit_bytes;
    if (parent && parent->tightest && (!limit_bytes || parent->tightest < limit_bytes)) {
        mem->tightest = parent->tightest;
    }
    mem->chunk = CHUNK_MAX;
    if (mem->tightest && mem->tightest / CHUNK_SHARE < CHUNK_MAX) {
        mem->chunk = mem->tightest / CHUNK_SHARE + 1;
    }
    mem->parent = parent;
    if (parent) {
        atomic_fetch_add_explicit(&parent->state, ONE_REF, memory_order_relaxed);
    } else {
        atomic_init(&mem->reserved, limit_bytes ? limit_bytes : INT64_MAX);
    }
    atomic_init(&mem->state, ONE_REF);
    size_t size = strnlen(name, sizeof mem->name - 1);
    memcpy(mem->name, name, size);
    return mem;
}

static void drop(sb_mem *mem, int64_t amount);

static void
mem_destroy(sb_mem *mem)
{
    sb_mem *parent = mem->parent;
    sb_assert(mem != &the_root);
    if (parent) {
        drop(parent, atomic_load_explicit(&mem->reserved, memory_order_relaxed) + ONE_REF);
    }
    free(mem);
}

/* Gives back part of the reserve when much of it is unused. The caller still holds `bytes` of
 * charge, so `mem` lives. */
static void
shrink_reserve(sb_mem *mem, int64_t bytes)
{
    int64_t rest = (atomic_load_explicit(&mem->state, memory_order_relaxed) & BYTES_MASK) - bytes;
    int64_t reserved = atomic_load_explicit(&mem->reserved, memory_order_relaxed);
    int64_t keep = rest > 0 ? rest + mem->chunk : 0;
    if (reserved <= keep || (rest > 0 && reserved - rest <= 3 * mem->chunk)) {
        return;
    }
    if (atomic_compare_exchange_strong_explicit(&mem->reserved, &reserved, keep,
                                                memory_order_relaxed, memory_order_relaxed)) {
        drop(mem->parent, reserved - keep);
    }
}

/* Takes `amount` (bytes, and references above) off; frees the budget when nothing is left. */
static void
drop(sb_mem *mem, int64_t amount)
{
    int64_t bytes = amount & BYTES_MASK;
    if (mem->parent && bytes > 0) {
        shrink_reserve(mem, bytes);
    }
    int64_t before = atomic_fetch_sub_explicit(&mem->state, amount, memory_order_acq_rel);
    sb_assert((before & BYTES_MASK) >= bytes);
    if (before == amount) {
        mem_destroy(mem);
    }
}

static bool charge(sb_mem *mem, int64_t bytes);

/* Grows the reserve until it covers what is charged. */
static __attribute__((noinline)) bool
grow_reserve(sb_mem *mem)
{
    if (!mem->parent) {
        return false;
    }
    for (;;) {
        int64_t used = atomic_load_explicit(&mem->state, memory_order_relaxed) & BYTES_MASK;
        int64_t reserved = atomic_load_explicit(&mem->reserved, memory_order_relaxed);
        int64_t need = used - reserved;
        if (need <= 0) {
            return true;
        }
        if (mem->limit && used > mem->limit) {
            return false;
        }
        int64_t want = need + mem->chunk;
        if (mem->limit && reserved + want > mem->limit) {
            want = mem->limit - reserved;
        }
        if (!charge(mem->parent, want)) {
            want = need;
            if (!charge(mem->parent, want)) {
                return false;
            }
        }
        if (atomic_compare_exchange_strong_explicit(&mem->reserved, &reserved, reserved + want,
                                                    memory_order_relaxed, memory_order_relaxed)) {
            return true;
        }
        drop(mem->parent, want);
    }
}

static void
note_peak(sb_mem *mem, int64_t used)
{
    int64_t peak = atomic_load_explicit(&mem->peak, memory_order_relaxed);
    while (used > peak &&
           !atomic_compare_exchange_weak_explicit(&mem->peak, &peak, used, memory_order_relaxed,
                                                  memory_order_relaxed)) {
    }
}

static bool
charge(sb_mem *mem, int64_t bytes)
{
    int64_t used =
        (atomic_fetch_add_explicit(&mem->state, bytes, memory_order_relaxed) & BYTES_MASK) + bytes;
    if (__builtin_expect(used > atomic_load_explicit(&mem->reserved, memory_order_relaxed), 0) &&
        !grow_reserve(mem)) {
        /* Cannot be the last charge: the caller holds a reference or another charge. */
        atomic_fetch_sub_explicit(&mem->state, bytes, memory_order_relaxed);
        return false;
    }
    note_peak(mem, used);
    return true;
}

sb_mem *
sb_mem_unref(sb_mem *mem)
{
    if (mem && mem != &the_root) {
        drop(mem, ONE_REF);
    }
    return NULL;
}

int64_t
sb_mem_used(const sb_mem *mem)
{
    return atomic_load_explicit(&mem->state, memory_order_relaxed) & BYTES_MASK;
}

int64_t
sb_mem_peak(const sb_mem *mem)
{
    return atomic_load_explicit(&mem->peak, memory_order_relaxed);
}

int64_t
sb_mem_limit(const sb_mem *mem)
{
    return mem->limit;
}

const char *
sb_mem_name(const sb_mem *mem)
{
    return mem->name;
}

/* ---- blocks
 * ------------------------------------------------------------------------------------- */

#define SIZE_LIMIT (INT64_C(1) << 42) /* one allocation */

/* Blocks of no bytes count as one: every block keeps its budget alive. */
static int64_t
charged_size(size_t size)
{
    return size ? (int64_t)size : 1;
}

static void *
heap_get(size_t size, bool zero)
{
    if (size < ALIGN_FROM) {
        size = size ? size : 1;
        return zero ? calloc(1, size) : malloc(size);
    }
    char *raw = zero ? calloc(1, size + ALIGN + sizeof raw) : malloc(size + ALIGN + sizeof raw);
    if (!raw) {
        return NULL;
    }
    char *block = (char *)(((uintptr_t)raw + sizeof raw + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
    memcpy(block - sizeof raw, &raw, sizeof raw);
    return block;
}

static void
heap_put(void *block, size_t size)
{
    if (size >= ALIGN_FROM) {
        memcpy(&block, (char *)block - sizeof block, sizeof block);
    }
    free(block);
}

static void *
get(sb_mem *mem, size_t size, bool zero)
{
    if (size > (size_t)SIZE_LIMIT || fails_by_order() || !charge(mem, charged_size(size))) {
        return NULL;
    }
    void *block = heap_get(size, zero);
    if (!block) {
        drop(mem, charged_size(size));
    }
    return block;
}

void *
sb_alloc(sb_mem *mem, size_t size)
{
    return get(mem, size, false);
}

void *
sb_alloc_zero(sb_mem *mem, size_t size)
{
    return get(mem, size, true);
}

void *
sb_realloc(sb_mem *mem, void *old, size_t old_size, size_t new_size)
{
    if (!old) {
        return sb_alloc(mem, new_size);
    }
    if (old_size < ALIGN_FROM && new_size < ALIGN_FROM) {
        int64_t more = charged_size(new_size) - charged_size(old_size);
        if (fails_by_order() || (more > 0 && !charge(mem, more))) {
            return NULL;
        }
        void *block = realloc(old, new_size ? new_size : 1);
        if (more != 0 && (!block) == (more > 0)) {
            drop(mem, more > 0 ? more : -more);
        }
        return block;
    }
    void *block = sb_alloc(mem, new_size);
    if (block) {
        memcpy(block, old, old_size < new_size ? old_size : new_size);
        sb_free(mem, old, old_size);
    }
    return block;
}

void
sb_free(sb_mem *mem, void *ptr, size_t size)
{
    if (ptr) {
        heap_put(ptr, size);
        drop(mem, charged_size(size));
    }
}

bool
sb_mem_charge(sb_mem *mem, int64_t bytes)
{
    sb_assert(bytes >= 0);
    return bytes <= SIZE_LIMIT && !fails_by_order() && charge(mem, bytes);
}

void
sb_mem_discharge(sb_mem *mem, int64_t bytes)
{
    sb_assert(bytes >= 0);
    if (bytes > 0) {
        drop(mem, bytes);
    }
}

void
sb_mem_setup(void)
{
    /* Pages given back to the system have to be zeroed and mapped again at the next batch: keep
     * them. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, INT32_MAX);
    mallopt(M_TOP_PAD, 4 << 20);
    mallopt(M_ARENA_MAX, 8);
}
