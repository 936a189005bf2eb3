/*
 * runtime/note.c -- lines that connectors have for the job's log.
 *
 * DESIGN     All subtasks of a node, its enumerator and its decider open clients of their own, and
 *            each of these says the same when a broker is gone. So a warning is kept, as a hash
 *            with the second it was said in, and not said again for a minute. A place in the table
 *            is that of the hash's low bits; two warnings that meet there may be said more often.
 * THREADS    T:any, without locks: clients call from threads of their own.
 */
#include "base/hash.h"
#include "runtime/job_priv.h"

#include <stdatomic.h>
#include <string.h>

#define QUIET_S   60
#define TIME_BITS 24
#define TIME_MASK ((UINT64_C(1) << TIME_BITS) - 1)

/* False: it was said a moment ago. */
static bool
is_news(sb_job *job, const char *line)
{
    uint64_t hash = sb_hash_bytes(line, strlen(line));
    uint64_t now = (uint64_t)(sb_job_now_ms(job) / 1000) & TIME_MASK;
    uint64_t mine = (hash & ~TIME_MASK) | now;
    _Atomic uint64_t *place = &job->said[hash & (SB_NOTES_KEPT - 1)];
    uint64_t before = atomic_load(place);
    do {
        if (((before ^ mine) & ~TIME_MASK) == 0 && ((now - before) & TIME_MASK) < QUIET_S) {
            return false;
        }
    } while (!atomic_compare_exchange_weak(place, &before, mine));
    return true;
}

void
sb_job_note(void *ctx, bool warning, const char *line)
{
    sb_job *job = ctx;
    if (!warning || is_news(job, line)) {
        sb_job_log(job, warning ? SB_LOG_WARNING : SB_LOG_DEBUG, "%s", line);
    }
}
