/*
 * base/os/os_thread.c -- threads, mutexes, conditions, processor time.
 *
 * OWNERSHIP  Objects are freed by their free or join function; freeing NULL is fine.
 * THREADS    T:any
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/os/os.h"

struct sb_thread {
    pthread_t id;
    void (*run)(void *ctx);
    void *ctx;
    char name[16]; /* the kernel's limit */
};

struct sb_mutex {
    pthread_mutex_t mutex;
};

struct sb_cond {
    pthread_cond_t cond; /* waits on the monotonic clock */
};

static void *
thread_main(void *arg)
{
    sb_thread *thread = arg;
    pthread_setname_np(pthread_self(), thread->name);
    thread->run(thread->ctx);
    return NULL;
}

sb_status
sb_thread_start(sb_thread **out, const char *name, void (*run)(void *ctx), void *ctx, sb_error *err)
{
    sb_thread *thread = calloc(1, sizeof *thread);
    if (!thread) {
        SB_NOMEM(err);
    }
    thread->run = run;
    thread->ctx = ctx;
    memcpy(thread->name, name, strnlen(name, sizeof thread->name - 1));
    int cause = pthread_create(&thread->id, NULL, thread_main, thread);
    if (cause != 0) {
        free(thread);
        char text[128];
        SB_FAIL(err, SB_STATUS_LIMIT, "cannot start the thread '%s': %s", name,
                strerror_r(cause, text, sizeof text));
    }
    *out = thread;
    return SB_OK;
}

void
sb_thread_join(sb_thread *thread)
{
    if (thread) {
        int failed = pthread_join(thread->id, NULL);
        sb_assert(failed == 0);
        free(thread);
    }
}

sb_mutex *
sb_mutex_new(void)
{
    sb_mutex *m = malloc(sizeof *m);
    if (m && pthread_mutex_init(&m->mutex, NULL) != 0) {
        free(m);
        m = NULL;
    }
    return m;
}

void
sb_mutex_free(sb_mutex *m)
{
    if (m) {
        int failed = pthread_mutex_destroy(&m->mutex);
        sb_assert(failed == 0);
        free(m);
    }
}

void
sb_mutex_lock(sb_mutex *m)
{
    int failed = pthread_mutex_lock(&m->mutex);
    sb_assert(failed == 0);
}

void
sb_mutex_unlock(sb_mutex *m)
{
    int failed = pthread_mutex_unlock(&m->mutex);
    sb_assert(failed == 0);
}

sb_cond *
sb_cond_new(void)
{
    sb_cond *c = malloc(sizeof *c);
    pthread_condattr_t attributes;
    if (!c || pthread_condattr_init(&attributes) != 0) {
        free(c);
        return NULL;
    }
    bool fine = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(&c->cond, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    if (!fine) {
        free(c);
        return NULL;
    }
    return c;
}

void
sb_cond_free(sb_cond *c)
{
    if (c) {
        pthread_cond_destroy(&c->cond);
        free(c);
    }
}

bool
sb_cond_wait(sb_cond *c, sb_mutex *m, int64_t timeout_ns)
{
    if (timeout_ns < 0) {
        return pthread_cond_wait(&c->cond, &m->mutex) == 0;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ns / 1000000000;
    until.tv_nsec += timeout_ns % 1000000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return pthread_cond_timedwait(&c->cond, &m->mutex, &until) == 0;
}

void
sb_cond_signal(sb_cond *c)
{
    pthread_cond_signal(&c->cond);
}

void
sb_cond_broadcast(sb_cond *c)
{
    pthread_cond_broadcast(&c->cond);
}

void
sb_cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void
sb_thread_sleep_ns(int64_t ns)
{
    struct timespec rest = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    if (ns > 0) {
        while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
        }
    }
}

int32_t
sb_cpu_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) {
        return CPU_COUNT(&set);
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int32_t)online : 1;
}

static int64_t
clock_ns(clockid_t clock)
{
    struct timespec now;
    return clock_gettime(clock, &now) == 0 ? (int64_t)now.tv_sec * 1000000000 + now.tv_nsec : 0;
}

int64_t
sb_process_cpu_ns(void)
{
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t
sb_thread_cpu_ns(void)
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

int64_t
sb_process_rss_bytes(void)
{
    long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file) {
        if (fscanf(file, "%*s %lld", &pages) != 1) {
            pages = 0;
        }
        fclose(file);
    }
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}
