/*
 * bench/barrier_bench.c -- how long a barrier keeps an operator's thread, by size of the state.
 *
 * Usage: bench_barrier_bench [barriers, default 10000] [MB of state ..., default 10 300 3000]
 *
 * A map of counters is updated at random. Per barrier: half of the updates, freeze, the other half
 * while another thread writes the snapshot, its end. Reported, each as p50, p99, p99.9 and worst of
 * all barriers, in us of CPU time of the operator's thread, and of wall time:
 *   barrier  freeze and end: what the thread gives to the checkpoint and to nothing else
 *   kept     what updates cost more while a snapshot runs (rows are kept for it): the batches after
 *            the barrier less as many batches before it; both touch rows for the first time since
 *            a barrier, so that what is left is what the snapshot adds
 *   batch    the longest batch of 256 updates after the barrier: the longest pause by keeping rows
 * What the writing thread makes is dropped by the disk: it reads the state as it would, but neither
 * disk nor page cache are measured. A thread that loses its core in the middle has a long wall time
 * and a short CPU time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "state/state.h"

enum { BATCH = 256, BATCHES = 2, BARRIERS_MAX = 1000000 };

typedef struct series {
    int64_t *ns;
    int count;
} series;

typedef struct bench {
    sb_state *state;
    sb_table *table;
    sb_store *store;
    sb_vector *key;
    int64_t rows;
    uint64_t hashes[BATCH];
    uint8_t *found[BATCH];
    series barrier_cpu, barrier_wall, kept_cpu, batch_cpu, batch_wall;
    uint64_t random;
    int64_t written_ns; /* CPU time of all writing */
} bench;

typedef struct writing { /* handed to the writing thread and back */
    bench *b;
    sb_state_snapshot *snapshot;
    sb_mutex *mutex;
    sb_cond *changed;
    bool has_work, ends;
} writing;

static sb_error err;
static sb_os os; /* the real one, but for writing */

static void
must(bool done)
{
    if (!done) {
        fprintf(stderr, "failed: %s\n", err.message);
        exit(1);
    }
}

static sb_status
drop_write(sb_os *self, sb_file *f, const void *data, size_t size, sb_error *e)
{
    (void)self, (void)f, (void)data, (void)size, (void)e;
    return SB_OK;
}

static sb_status
drop_sync(sb_os *self, sb_file *f, sb_error *e)
{
    (void)self, (void)f, (void)e;
    return SB_OK;
}

static sb_status
drop_sync_dir(sb_os *self, const char *path, sb_error *e)
{
    (void)self, (void)path, (void)e;
    return SB_OK;
}

static int64_t
wall_ns(void)
{
    return os.monotonic_ns(&os);
}

/* ---- updates
 * -------------------------------------------------------------------------------------- */

static void
open_table(bench *b)
{
    static const sb_field fields[3] = {
        {.name = "a", .type = {.id = SB_TYPE_BIGINT}},
        {.name = "b", .type = {.id = SB_TYPE_BIGINT}},
        {.name = "c", .type = {.id = SB_TYPE_BIGINT}},
    };
    static const sb_schema one = {.count = 1, .fields = fields};
    static const sb_schema three = {.count = 3, .fields = fields};
    sb_table_spec spec = {.table_id = 1, .shape = SB_MAP, .key = &one, .row = &three};
    b->state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    must(sb_state_open_table(b->state, &spec, &b->table, &err) == SB_OK);
    b->key = sb_vector_alloc(sb_mem_root(), &fields[0].type, BATCH, false);
}

static void
update_keys(bench *b, int64_t from) /* -1: random ones */
{
    int64_t *keys = sb_vector_values_mut(b->key);
    for (int i = 0; i < BATCH; i++) {
        uint64_t r = sb_hash_u64(b->random++);
        keys[i] = from < 0 ? (int64_t)(((unsigned __int128)r * (uint64_t)b->rows) >> 64) : from + i;
    }
    sb_hash_columns(&b->key, 1, NULL, BATCH, b->hashes);
    sb_keys k = {.columns = &b->key, .hashes = b->hashes, .count = BATCH};
    must(sb_map_insert(b->table, &k, b->found, NULL, &err) == SB_OK);
    for (int i = 0; i < BATCH; i++) {
        sb_table_touch(b->table, b->found[i]);
        *(int64_t *)sb_row_slot(sb_table_layout(b->table), b->found[i],
                                sb_table_field(b->table, 0)) += 1;
    }
}

/* Returns the CPU time of all batches. */
static int64_t
update_batches(bench *b, int64_t *out_longest_cpu, int64_t *out_longest_wall)
{
    int64_t sum = 0;
    *out_longest_cpu = *out_longest_wall = 0;
    for (int i = 0; i < BATCHES; i++) {
        int64_t wall = wall_ns(), cpu = sb_thread_cpu_ns();
        update_keys(b, -1);
        cpu = sb_thread_cpu_ns() - cpu;
        wall = wall_ns() - wall;
        sum += cpu;
        *out_longest_cpu = cpu > *out_longest_cpu ? cpu : *out_longest_cpu;
        *out_longest_wall = wall > *out_longest_wall ? wall : *out_longest_wall;
    }
    return sum;
}

/* ---- barriers
 * ------------------------------------------------------------------------------------- */

static void
write_snapshots(void *ctx)
{
    writing *w = ctx;
    sb_mutex_lock(w->mutex);
    while (!w->ends) {
        if (!w->has_work) {
            sb_cond_wait(w->changed, w->mutex, -1);
            continue;
        }
        sb_mutex_unlock(w->mutex);
        sb_writer out;
        int64_t start = sb_thread_cpu_ns();
        sb_writer_init(&out, sb_mem_root());
        must(sb_state_snapshot_write(w->snapshot, w->b->store, "barrier", &out, &err) == SB_OK);
        sb_writer_deinit(&out);
        w->b->written_ns += sb_thread_cpu_ns() - start;
        sb_mutex_lock(w->mutex);
        w->has_work = false;
        sb_cond_broadcast(w->changed);
    }
    sb_mutex_unlock(w->mutex);
}

static void
hand_over(writing *w)
{
    sb_mutex_lock(w->mutex);
    w->has_work = true;
    sb_cond_broadcast(w->changed);
    sb_mutex_unlock(w->mutex);
}

static void
wait_written(writing *w)
{
    sb_mutex_lock(w->mutex);
    while (w->has_work) {
        sb_cond_wait(w->changed, w->mutex, -1);
    }
    sb_mutex_unlock(w->mutex);
}

static void
add(series *s, int64_t ns)
{
    s->ns[s->count++] = ns;
}

static void
one_barrier(bench *b, writing *w, uint64_t number, bool counts)
{
    int64_t longest_cpu, longest_wall;
    int64_t before = update_batches(b, &longest_cpu, &longest_wall);
    int64_t wall = wall_ns(), cpu = sb_thread_cpu_ns();
    must(sb_state_freeze(b->state, number, &w->snapshot, &err) == SB_OK);
    cpu = sb_thread_cpu_ns() - cpu;
    wall = wall_ns() - wall;
    hand_over(w);
    int64_t after = update_batches(b, &longest_cpu, &longest_wall);
    wait_written(w);
    int64_t end_wall = wall_ns(), end_cpu = sb_thread_cpu_ns();
    sb_state_snapshot_end(w->snapshot, true);
    cpu += sb_thread_cpu_ns() - end_cpu;
    wall += wall_ns() - end_wall;
    if (counts) {
        add(&b->barrier_cpu, cpu);
        add(&b->barrier_wall, wall);
        add(&b->kept_cpu, after - before);
        add(&b->batch_cpu, longest_cpu);
        add(&b->batch_wall, longest_wall);
    }
}

static int
compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void
print(const char *name, series *s)
{
    qsort(s->ns, (size_t)s->count, sizeof *s->ns, compare);
    printf("  %-14s p50 %8.1f  p99 %8.1f  p99.9 %8.1f  worst %8.1f us\n", name,
           (double)s->ns[s->count / 2] / 1e3, (double)s->ns[s->count - 1 - s->count / 100] / 1e3,
           (double)s->ns[s->count - 1 - s->count / 1000] / 1e3, (double)s->ns[s->count - 1] / 1e3);
}

static void
remove_blobs(sb_store *store)
{
    sb_blob_list list;
    must(sb_store_list(store, "barrier/", &list, &err) == SB_OK);
    for (int32_t i = 0; i < list.count; i++) {
        must(sb_store_remove(store, list.names[i], &err) == SB_OK);
    }
    sb_blob_list_free(store, &list);
}

static void
run(int64_t bytes, int barriers, sb_store *store)
{
    bench b = {.store = store, .random = 1};
    series *all[] = {&b.barrier_cpu, &b.barrier_wall, &b.kept_cpu, &b.batch_cpu, &b.batch_wall};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        all[i]->ns = malloc((size_t)barriers * sizeof(int64_t));
        must(all[i]->ns != NULL);
    }
    open_table(&b);
    for (; sb_table_bytes(b.table) < bytes; b.rows += BATCH) {
        update_keys(&b, b.rows);
    }
    writing w = {.b = &b, .mutex = sb_mutex_new(), .changed = sb_cond_new()};
    sb_thread *thread;
    must(sb_thread_start(&thread, "writer", write_snapshots, &w, &err) == SB_OK);
    one_barrier(&b, &w, 1, false); /* the first one writes everything */
    int64_t wall = wall_ns();
    b.written_ns = 0;
    for (int i = 0; i < barriers; i++) {
        one_barrier(&b, &w, (uint64_t)i + 2, true);
        if (i % 1000 == 999) {
            remove_blobs(store);
        }
    }
    wall = wall_ns() - wall;
    sb_mutex_lock(w.mutex);
    w.ends = true;
    sb_cond_broadcast(w.changed);
    sb_mutex_unlock(w.mutex);
    sb_thread_join(thread);
    printf("%lld MB of state, %lld rows, %d barriers with %d updates each in %.1f s, written in "
           "%.2f ms of CPU each\n",
           (long long)(sb_table_bytes(b.table) / 1000000), (long long)b.rows, barriers,
           2 * BATCH * BATCHES, (double)wall / 1e9, (double)b.written_ns / 1e6 / barriers);
    print("barrier, CPU", &b.barrier_cpu);
    print("barrier, wall", &b.barrier_wall);
    print("kept, CPU", &b.kept_cpu);
    print("batch, CPU", &b.batch_cpu);
    print("batch, wall", &b.batch_wall);
    fflush(stdout);
    remove_blobs(store);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        free(all[i]->ns);
    }
    sb_mutex_free(w.mutex);
    sb_cond_free(w.changed);
    sb_vector_unref(b.key);
    sb_state_free(b.state);
}

int
main(int argc, char **argv)
{
    static const int64_t sizes[] = {10, 300, 3000};
    int64_t barriers = argc > 1 ? strtoll(argv[1], NULL, 10) : 10000;
    sb_store *store;
    if (barriers < 1 || barriers > BARRIERS_MAX) {
        fprintf(stderr, "usage: %s [barriers] [MB of state ...]\n", argv[0]);
        return 2;
    }
    sb_mem_setup();
    os = *sb_os_real();
    os.write = drop_write;
    os.sync = drop_sync;
    os.sync_dir = drop_sync_dir;
    must(sb_store_open_folder(&os, sb_mem_root(), "barrier-bench.tmp", &store, &err) == SB_OK);
    if (argc > 2) {
        for (int i = 2; i < argc; i++) {
            run(strtoll(argv[i], NULL, 10) * 1000000, (int)barriers, store);
        }
    } else {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            run(sizes[i] * 1000000, (int)barriers, store);
        }
    }
    sb_store_close(store);
    sb_os_real()->remove(sb_os_real(), "barrier-bench.tmp/barrier", NULL);
    sb_os_real()->remove(sb_os_real(), "barrier-bench.tmp", NULL);
    return 0;
}
