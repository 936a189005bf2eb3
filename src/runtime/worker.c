/*
 * runtime/worker.c -- worker threads: each steps its own tasks, spins briefly when there is
 * nothing, then sleeps.
 *
 * DESIGN     Subtask i of every chain belongs to worker i mod W. A worker whose own tasks have
 *            nothing to do steps a task of another one that waits for its turn: `running` lets one
 *            thread at a time step a task, and hands over what the last one wrote. A task whose
 *            sources are ahead of those of its siblings in event time comes last, behind others'
 *            tasks: so sources stay in step, and rows of one key and time meet in one mini-batch.
 *            It never waits when there is nothing else to do. Sleeping is an event count: the
 *            worker says that it sleeps, looks at its tasks once more, then waits; who signals a
 *            task sets its flag first and then looks whether the worker sleeps (all sequentially
 *            consistent), so no signal is lost.
 */
#include "runtime/job_priv.h"

#include <stdatomic.h>

#define TASK_LIMIT  12 /* unit turns before the next task gets its turn */
#define SPIN_LIMIT  400
#define PACE_ROWS   8192 /* a source that is ahead for more rows lets others go first */
#define AHEAD_ROUND 16   /* ... but each so many rounds */
#define PARK_MAX_NS (INT64_C(100) * 1000 * 1000)

struct sb_worker {
    sb_job *job;
    sb_graph *graph;
    sb_thread *thread;
    sb_task **tasks;
    int32_t count_tasks;
    uint32_t rounds;
    int32_t next_help; /* task of the graph where the next look for others' work begins */
    sb_mutex *mutex;
    sb_cond *cond;
    _Atomic bool sleeping;
    _Atomic bool stop;
};

void
sb_worker_wake(struct sb_worker *worker)
{
    if (atomic_load(&worker->sleeping)) {
        sb_mutex_lock(worker->mutex);
        sb_cond_signal(worker->cond);
        sb_mutex_unlock(worker->mutex);
    }
}

void
sb_task_signal(void *ctx)
{
    sb_task *task = ctx;
    /* An exchange, not a look and a store: it must meet the worker's own exchange in one order,
     * else a push could be missed. */
    if (atomic_exchange(&task->signaled, 1) == 0 && task->worker) {
        sb_worker_wake(task->worker);
    }
}

static bool
task_is_due(const sb_task *task, int64_t now_ms)
{
    return atomic_load_explicit(&task->signaled, memory_order_relaxed) ||
           atomic_load_explicit(&task->wake_ms, memory_order_relaxed) <= now_ms;
}

/* Steps it unless another worker does, or it is not due any more. */
static bool
try_task(sb_task *task, int64_t now_ms)
{
    if (atomic_load_explicit(&task->running, memory_order_relaxed) ||
        atomic_exchange(&task->running, 1)) {
        return false;
    }
    bool due = atomic_exchange(&task->signaled, 0) ||
               atomic_load_explicit(&task->wake_ms, memory_order_relaxed) <= now_ms;
    if (due && sb_task_step(task, TASK_LIMIT, NULL).progress) {
        atomic_store(&task->signaled, 1);
    }
    atomic_store(&task->running, 0);
    return due;
}

/* Are its sources further in event time than those of a sibling, for some rows already? */
static bool
task_is_ahead(const struct sb_worker *worker, sb_task *task)
{
    if (!task->has_source || task->count_siblings < 2) {
        return false;
    }
    int64_t own_ms = atomic_load_explicit(&task->progress_ms, memory_order_relaxed);
    int64_t rows = atomic_load_explicit(&task->progress_rows, memory_order_relaxed);
    const sb_task *siblings = &worker->graph->tasks[task->first_sibling];
    for (int32_t i = 0; i < task->count_siblings; i++) {
        if (atomic_load_explicit(&siblings[i].progress_ms, memory_order_relaxed) < own_ms) {
            return rows - task->even_rows > PACE_ROWS;
        }
    }
    task->even_rows = rows;
    return false;
}

/* Steps every own task that is due, but those that are ahead; false: none was. Now and then those,
 * too: a sibling whose watermark stands still must not keep them for ever. */
static bool
worker_round(struct sb_worker *worker, int64_t now_ms)
{
    bool any = false, all = ++worker->rounds % AHEAD_ROUND == 0;
    for (int32_t i = 0; i < worker->count_tasks; i++) {
        sb_task *task = worker->tasks[i];
        if (task_is_due(task, now_ms) && (all || !task_is_ahead(worker, task))) {
            any |= try_task(task, now_ms);
        }
    }
    return any;
}

/* Steps a task of another worker; false: none waits. Its owner may have gone to sleep meanwhile. */
static bool
worker_help(struct sb_worker *worker, int64_t now_ms)
{
    sb_graph *graph = worker->graph;
    for (int32_t i = 0; i < graph->count_tasks; i++) {
        sb_task *task = &graph->tasks[(worker->next_help + i) % graph->count_tasks];
        if (task->worker != worker && atomic_load_explicit(&task->signaled, memory_order_relaxed) &&
            try_task(task, now_ms)) {
            worker->next_help = (worker->next_help + i) % graph->count_tasks;
            sb_worker_wake(task->worker);
            return true;
        }
    }
    return false;
}

/* Own tasks that are ahead. */
static bool
worker_round_ahead(struct sb_worker *worker, int64_t now_ms)
{
    for (int32_t i = 0; i < worker->count_tasks; i++) {
        if (task_is_due(worker->tasks[i], now_ms) && try_task(worker->tasks[i], now_ms)) {
            return true;
        }
    }
    return false;
}

static bool
worker_work(struct sb_worker *worker)
{
    int64_t now_ms = sb_job_now_ms(worker->job);
    return worker_round(worker, now_ms) || worker_help(worker, now_ms) ||
           worker_round_ahead(worker, now_ms);
}

static bool
worker_may_sleep(struct sb_worker *worker, int64_t *out_wake_ms)
{
    *out_wake_ms = INT64_MAX;
    for (int32_t i = 0; i < worker->count_tasks; i++) {
        if (atomic_load(&worker->tasks[i]->signaled)) {
            return false;
        }
        int64_t wake_ms = atomic_load_explicit(&worker->tasks[i]->wake_ms, memory_order_relaxed);
        *out_wake_ms = wake_ms < *out_wake_ms ? wake_ms : *out_wake_ms;
    }
    return !atomic_load(&worker->stop);
}

static void
worker_park(struct sb_worker *worker)
{
    int64_t wake_ms;
    sb_mutex_lock(worker->mutex);
    atomic_store(&worker->sleeping, true);
    if (worker_may_sleep(worker, &wake_ms)) {
        int64_t wait_ns = PARK_MAX_NS;
        int64_t now_ms = sb_job_now_ms(worker->job);
        if (wake_ms <= now_ms) {
            wait_ns = 0;
        } else if (wake_ms - now_ms < PARK_MAX_NS / 1000000) {
            wait_ns = (wake_ms - now_ms) * 1000000;
        }
        if (wait_ns > 0) {
            sb_cond_wait(worker->cond, worker->mutex, wait_ns);
        }
    }
    atomic_store(&worker->sleeping, false);
    sb_mutex_unlock(worker->mutex);
}

static void
worker_run(void *ctx)
{
    struct sb_worker *worker = ctx;
    int32_t idle = 0;
    while (!atomic_load_explicit(&worker->stop, memory_order_relaxed) &&
           !atomic_load_explicit(&worker->graph->failed, memory_order_relaxed)) {
        if (worker_work(worker)) {
            idle = 0;
        } else if (++idle < SPIN_LIMIT) {
            sb_cpu_relax();
        } else {
            worker_park(worker);
            idle = SPIN_LIMIT / 2;
        }
    }
}

static int32_t
count_wanted(const sb_job *job)
{
    int32_t subtasks = 1;
    int32_t workers = job->config.workers > 0 ? job->config.workers : sb_cpu_count();
    for (int32_t i = 0; i < job->graph->count_tasks; i++) {
        if (job->graph->tasks[i].subtask + 1 > subtasks) {
            subtasks = job->graph->tasks[i].subtask + 1;
        }
    }
    return workers < subtasks ? workers : subtasks;
}

static sb_status
worker_init(sb_job *job, struct sb_worker *worker, int32_t index, sb_error *err)
{
    sb_graph *graph = job->graph;
    worker->job = job;
    worker->graph = graph;
    worker->mutex = sb_mutex_new();
    worker->cond = sb_cond_new();
    worker->tasks = SB_NEW_ARRAY(graph->arena, sb_task *, graph->count_tasks);
    if (!worker->mutex || !worker->cond || !worker->tasks) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < graph->count_tasks; i++) {
        if (graph->tasks[i].subtask % job->count_workers == index) {
            worker->tasks[worker->count_tasks++] = &graph->tasks[i];
            graph->tasks[i].worker = worker;
        }
    }
    return SB_OK;
}

sb_status
sb_workers_start(sb_job *job, sb_error *err)
{
    int32_t count = count_wanted(job);
    job->workers = sb_alloc_zero(job->mem, sizeof *job->workers * (size_t)count);
    if (!job->workers) {
        SB_NOMEM(err);
    }
    job->count_workers = count;
    for (int32_t i = 0; i < count;
         i++) { /* all are complete before the first thread can signal another's task */
        SB_TRY(worker_init(job, &job->workers[i], i, err), err);
    }
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(sb_thread_start(&job->workers[i].thread, "sabot-worker", worker_run,
                               &job->workers[i], err),
               err);
    }
    return SB_OK;
}

void
sb_workers_stop(sb_job *job)
{
    for (int32_t i = 0; i < job->count_workers; i++) {
        atomic_store(&job->workers[i].stop, true);
        if (job->workers[i].thread) {
            sb_worker_wake(&job->workers[i]);
        }
    }
    for (int32_t i = 0; i < job->count_workers; i++) {
        if (job->workers[i].thread) {
            sb_thread_join(job->workers[i].thread);
            job->workers[i].thread = NULL;
        }
    }
}

void
sb_workers_free(sb_job *job)
{
    for (int32_t i = 0; job->graph && i < job->graph->count_tasks; i++) {
        job->graph->tasks[i].worker = NULL;
    }
    for (int32_t i = 0; i < job->count_workers; i++) {
        if (job->workers[i].mutex) {
            sb_mutex_free(job->workers[i].mutex);
        }
        if (job->workers[i].cond) {
            sb_cond_free(job->workers[i].cond);
        }
    }
    sb_free(job->mem, job->workers, sizeof *job->workers * (size_t)job->count_workers);
    job->workers = NULL;
    job->count_workers = 0;
}
