/*
 * base/os/os.h -- the only door to clock, threads, files and random numbers.
 *
 * DESIGN     One table of functions (sb_os) with two implementations: the real one (os_real.c) and
 *            a simulated one (os_sim.c) whose files lose what was not synced when they crash. Code
 *            gets its sb_os from the engine; nobody calls the C library for these things. Paths are
 *            as the user wrote them (relative to the current folder).
 * THREADS    T:any for the real one; the simulated one is single-threaded.
 */
#ifndef SB_BASE_OS_OS_H
#define SB_BASE_OS_OS_H

#include "base/text.h"

typedef struct sb_os sb_os;
typedef struct sb_file sb_file;

typedef enum sb_open_mode {
    SB_OPEN_READ,
    SB_OPEN_CREATE,    /* create or truncate, for writing */
    SB_OPEN_NEW,       /* create; fails with EXISTS */
    SB_OPEN_APPEND,    /* create or open, writes go to the end */
    SB_OPEN_READWRITE, /* open what exists */
    SB_OPEN_NEW_LARGE  /* as NEW, for a file that is written once and not read soon: see `write` */
} sb_open_mode;

/* What writes to a file opened as SB_OPEN_NEW_LARGE should be aligned to, in memory and file. */
#define SB_LARGE_ALIGN 4096

typedef struct sb_file_info {
    int64_t size;
    int64_t modified_us; /* since the epoch */
    bool is_dir;
} sb_file_info;

typedef struct sb_dir_entry {
    char *name; /* without the folder */
    bool is_dir;
} sb_dir_entry;

typedef struct sb_dir_list { /* sorted by name (bytes) */
    sb_dir_entry *entries;
    int32_t count;
} sb_dir_list;

struct sb_os {
    const char *name;
    /* Clock. monotonic for durations, wall for processing time and file times. */
    int64_t (*monotonic_ns)(sb_os *os);
    int64_t (*wall_us)(sb_os *os);
    uint64_t (*random)(sb_os *os);
    /* Files. All return statuses IO, NOT_FOUND, EXISTS, CONFLICT (lock) with a message naming
     * the path and cause. */
    sb_status (*open)(sb_os *os, const char *path, sb_open_mode mode, sb_file **out, sb_error *err);
    sb_status (*read)(sb_os *os, sb_file *f, int64_t offset, void *data, size_t size,
                      size_t *out_read, sb_error *err);
    /* At the end; all or error. NEW_LARGE: aligned writes of 256 KiB or more go past the page
     * cache where the file system can do that, which costs a tenth of the CPU time. */
    sb_status (*write)(sb_os *os, sb_file *f, const void *data, size_t size, sb_error *err);
    sb_status (*truncate)(sb_os *os, sb_file *f, int64_t size, sb_error *err);
    /* data and size are durable afterwards */
    sb_status (*sync)(sb_os *os, sb_file *f, sb_error *err);
    int64_t (*size)(sb_os *os, sb_file *f);
    void (*close)(sb_os *os, sb_file *f); /* NULL is fine */
    /* exclusive, lives until close or process end; CONFLICT if held */
    sb_status (*lock)(sb_os *os, sb_file *f, sb_error *err);
    /* read-only; may copy */
    sb_status (*map)(sb_os *os, sb_file *f, const void **out, size_t *out_size, sb_error *err);
    void (*unmap)(sb_os *os, const void *data, size_t size);
    sb_status (*stat)(sb_os *os, const char *path, sb_file_info *out, sb_error *err);
    /* atomic, replaces */
    sb_status (*rename)(sb_os *os, const char *from, const char *to, sb_error *err);
    /* hard link; EXISTS if `to` is there */
    sb_status (*link_new)(sb_os *os, const char *from, const char *to, sb_error *err);
    /* file or empty folder; missing is fine */
    sb_status (*remove)(sb_os *os, const char *path, sb_error *err);
    /* with parents; existing is fine; durable afterwards */
    sb_status (*mkdirs)(sb_os *os, const char *path, sb_error *err);
    /* renames in it are durable afterwards */
    sb_status (*sync_dir)(sb_os *os, const char *path, sb_error *err);
    sb_status (*list)(sb_os *os, const char *path, sb_mem *mem, sb_dir_list *out, sb_error *err);
    void (*list_free)(sb_os *os, sb_mem *mem, sb_dir_list *list);
    /* NULL, or what stands for clusters of a log (ports/log.h), and its cluster. */
    const struct sb_log_driver *log_driver;
    void *log_cluster;
};

sb_os *sb_os_real(void);

/* Whole-file helpers over any sb_os. */
sb_status sb_os_read_file(sb_os *os, const char *path, sb_text *out, sb_error *err);
/* Writes path.tmp, syncs, renames to path, syncs the folder: after success the content is
 * durable under its name. */
sb_status sb_os_publish_file(sb_os *os, const char *path, const void *data, size_t size,
                             sb_error *err);

/* Threads: only the real scheduler and the I/O pool use these. */
typedef struct sb_thread sb_thread;
sb_status sb_thread_start(sb_thread **out, const char *name, void (*run)(void *ctx), void *ctx,
                          sb_error *err);
void sb_thread_join(sb_thread *thread);
typedef struct sb_mutex sb_mutex;
typedef struct sb_cond sb_cond;
sb_mutex *sb_mutex_new(void);
void sb_mutex_free(sb_mutex *m);
void sb_mutex_lock(sb_mutex *m);
void sb_mutex_unlock(sb_mutex *m);
sb_cond *sb_cond_new(void);
void sb_cond_free(sb_cond *c);
/* false: timed out; timeout < 0: none */
bool sb_cond_wait(sb_cond *c, sb_mutex *m, int64_t timeout_ns);
void sb_cond_signal(sb_cond *c);
void sb_cond_broadcast(sb_cond *c);
void sb_cpu_relax(void);
void sb_thread_sleep_ns(int64_t ns);
int32_t sb_cpu_count(void);
int64_t sb_process_cpu_ns(void);
int64_t sb_thread_cpu_ns(void);
int64_t sb_process_rss_bytes(void);
/* Asks for huge pages for the whole pages inside; where the system has none nothing happens. */
void sb_memory_want_huge_pages(void *data, size_t size);
/* Large blocks, kept for reuse: sizes are multiples of SB_BLOCK_MIN up to SB_BLOCK_MAX, huge-page
 * aligned, not zeroed. take may give a larger block than asked for (*out_size); NULL: the system
 * has no memory. give takes the size that take said. */
#define SB_BLOCK_MIN ((size_t)2 << 20)
#define SB_BLOCK_MAX ((size_t)32 << 20)
void *sb_block_take(size_t size, size_t *out_size);
void sb_block_give(void *data, size_t size);
/* touches memory now, so that later takes find it; false: not enough */
bool sb_blocks_prefault(int64_t bytes);
int64_t sb_blocks_kept_bytes(void);

/* Standard streams and terminal, for the command line and the print connector. */
sb_status sb_stdout_write(const void *data, size_t size, sb_error *err);
void sb_stderr_write(const void *data, size_t size);
bool sb_stdout_is_tty(void);
const char *sb_env(const char *name); /* NULL: not set */
/* SIGINT/SIGTERM: after install, sb_signal_pending() says how many have come. */
void sb_signals_install(void);
int sb_signal_pending(void);
/* Fault points: `SABOT_CRASH_AT=name[:n]` makes the n-th pass through sb_crash_point("name") end
 * the process at once with SIGKILL. Tests use it to kill at named steps; costs one load when off.
 */
extern bool sb_crash_armed; /* true until the variable was looked at; relaxed atomic */
/* The simulator: every point that is passed is told to `hook` instead; NULL: as before. Before the
 * first thread. */
void sb_crash_set_hook(void (*hook)(const char *name));
void sb_crash_point_hit(const char *name);
#define sb_crash_point(name)                                                        \
    ((void)(__builtin_expect(__atomic_load_n(&sb_crash_armed, __ATOMIC_RELAXED), 0) \
                ? (sb_crash_point_hit(name), 0)                                     \
                : 0))

#endif
