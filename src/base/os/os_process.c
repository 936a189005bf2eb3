/*
 * base/os/os_process.c -- standard streams, environment, pages, signals, crash points.
 *
 * THREADS    T:any; sb_signals_install once, at start.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/os/os.h"

static int
write_all(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t put = write(fd, at, size);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return errno;
        }
        at += put;
        size -= (size_t)put;
    }
    return 0;
}

sb_status
sb_stdout_write(const void *data, size_t size, sb_error *err)
{
    int cause = write_all(STDOUT_FILENO, data, size);
    if (cause != 0) {
        char text[128];
        SB_FAIL(err, SB_STATUS_IO, "cannot write to standard output: %s",
                strerror_r(cause, text, sizeof text));
    }
    return SB_OK;
}

void
sb_stderr_write(const void *data, size_t size)
{
    (void)write_all(STDERR_FILENO, data, size);
}

bool
sb_stdout_is_tty(void)
{
    return isatty(STDOUT_FILENO) == 1;
}

const char *
sb_env(const char *name)
{
    return getenv(name);
}

void
sb_memory_want_huge_pages(void *data, size_t size)
{
#ifdef MADV_HUGEPAGE
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)data + page - 1) & ~(page - 1);
    uintptr_t to = ((uintptr_t)data + size) & ~(page - 1);
    if (to > from) {
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
    }
#else
    (void)data;
    (void)size;
#endif
}

/* ---- signals
 * ------------------------------------------------------------------------------------ */

static _Atomic int signals_seen;

static void
on_signal(int number)
{
    (void)number;
    atomic_fetch_add_explicit(&signals_seen, 1, memory_order_relaxed);
}

void
sb_signals_install(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN}; /* a closed pipe is a status of write */
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
}

int
sb_signal_pending(void)
{
    return atomic_load_explicit(&signals_seen, memory_order_relaxed);
}

/* ---- crash points
 * ------------------------------------------------------------------------------- */

bool sb_crash_armed = true; /* until the environment was looked at */

static pthread_once_t crash_once = PTHREAD_ONCE_INIT;
static void (*crash_hook)(const char *name);
static char crash_name[64];        /* the point that kills; empty: none */
static _Atomic int64_t crash_left; /* passes until it does */

static void
crash_parse(void)
{
    const char *spec = getenv("SABOT_CRASH_AT");
    const char *colon = spec ? strrchr(spec, ':') : NULL;
    size_t size = !spec ? 0 : colon ? (size_t)(colon - spec) : strlen(spec);
    long long n = colon ? strtoll(colon + 1, NULL, 10) : 1;
    if (size > 0 && size < sizeof crash_name && n > 0) {
        memcpy(crash_name, spec, size);
        atomic_store(&crash_left, n);
    } else {
        __atomic_store_n(&sb_crash_armed, false, __ATOMIC_RELAXED);
    }
}

void
sb_crash_set_hook(void (*hook)(const char *name))
{
    crash_hook = hook;
    if (hook) {
        __atomic_store_n(&sb_crash_armed, true, __ATOMIC_RELAXED);
    }
}

void
sb_crash_point_hit(const char *name)
{
    if (crash_hook) {
        crash_hook(name);
        return;
    }
    pthread_once(&crash_once, crash_parse);
    if (crash_name[0] && strcmp(crash_name, name) == 0 && atomic_fetch_sub(&crash_left, 1) == 1) {
        kill(getpid(), SIGKILL);
        for (;;) {
            pause(); /* the signal is on its way */
        }
    }
}
