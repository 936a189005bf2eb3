/*
 * sim/run.c -- see run.h.
 */
#include "sim/run.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine_priv.h"
#include "runtime/job_priv.h"

#define TURNS_QUIET 40000  /* no more faults after so many turns */
#define TURNS_MAX   250000 /* not finished by then: it hangs */
#define STARTS_MAX  60

typedef struct sim {
    sb_sim_case c;
    sb_sim_random random; /* schedule and faults; the case has its own */
    sb_sim_world *world;
    const sb_sim_options *options;
    sb_sim_outcome *out;
    sb_mem *mem; /* of the simulator */
    sb_sim_plan plan;
    /* options of all instances */
    sb_checkpoint_options checkpoint;
    sb_restart_options restart;
    int64_t tick_us;
    bool quiet;
    int32_t failures_when_quiet;
    bool rots; /* after some crash a byte of the newest manifest is wrong: the next start must say
                  so, and that is the end */
    bool rotten;
    int64_t checked_published;
    /* the instance */
    sb_mem *job_mem;
    sb_store *store;
    sb_job *job;
    uint64_t last_decided;
    int64_t stop_at, probe_at; /* turns of this instance; INT64_MAX: never */
    int64_t turns;
} sim;

static void
fail(sim *s, const char *fmt, ...)
{
    va_list args;
    if (s->out->failed) {
        return;
    }
    s->out->failed = true;
    va_start(args, fmt);
    vsnprintf(s->out->problem, sizeof s->out->problem, fmt, args);
    va_end(args);
    sb_sim_world_trace(s->world, "FAILED: %s", s->out->problem);
}

/* No more faults; and a machine that is fast enough for any timeout. */
static void
be_quiet(sim *s)
{
    if (!s->quiet) {
        sb_sim_world_quiet(s->world);
        s->quiet = true;
        s->tick_us = 1;
    }
}

/* ---- what is drawn ---- */

bool
sb_sim_pair_exists(sb_sim_fault fault, sb_sim_step step)
{
    return sb_sim_pair_reason(fault, step)[0] == 0;
}

const char *
sb_sim_pair_reason(sb_sim_fault fault, sb_sim_step step)
{
    bool writes = fault == SIM_FAULT_WRITE_FAILS || fault == SIM_FAULT_WRITE_TORN ||
                  fault == SIM_FAULT_DISK_FULL;
    if (fault == SIM_FAULT_CRASH) {
        return "";
    }
    if (fault == SIM_FAULT_REQUEST_LOST || fault == SIM_FAULT_ANSWER_LOST ||
        fault == SIM_FAULT_RETRIED) {
        bool asks = step == SIM_STEP_DECIDE || step == SIM_STEP_RESTORE;
        return asks || (step == SIM_STEP_PROCESSING && fault == SIM_FAULT_REQUEST_LOST)
                   ? ""
                   : "the log is not asked for anything here that could be so";
    }
    if (fault == SIM_FAULT_SLOW_ACK) {
        return step == SIM_STEP_BARRIER || step == SIM_STEP_SNAPSHOT
                   ? ""
                   : "only a checkpoint whose pieces are being collected has a timeout";
    }
    if (fault >= SIM_FAULT_CRASH_LOST) {
        return "what a crash does to the disk depends on what is not durable then: counted, not "
               "demanded";
    }
    if (step == SIM_STEP_BARRIER || step == SIM_STEP_COMMIT) {
        return "nothing touches the disk here";
    }
    if (writes) {
        return step == SIM_STEP_PUBLISH
                   ? "publishing is renaming; copies are made at a start only, which is restore"
                   : "";
    }
    if (fault == SIM_FAULT_READ_FAILS) {
        bool reads =
            step == SIM_STEP_PROCESSING || step == SIM_STEP_MANIFEST || step == SIM_STEP_RESTORE;
        return reads ? "" : "nothing is read here";
    }
    if (fault == SIM_FAULT_RENAME_FAILS) {
        return step == SIM_STEP_PROCESSING || step == SIM_STEP_PREPARE ? "nothing is renamed here"
                                                                       : "";
    }
    return "";
}

static int32_t
draw_skip(sim *s, sb_sim_fault fault, sb_sim_step step)
{
    sb_sim_random *r = &s->random;
    if (fault == SIM_FAULT_CRASH && step == SIM_STEP_PROCESSING) {
        return (int32_t)sb_sim_below(r, sb_sim_percent(r, 50) ? 200 : 3000);
    }
    if (step == SIM_STEP_RESTORE) {
        return (int32_t)sb_sim_below(r, sb_sim_percent(r, 75) ? 5 : 40);
    }
    if (step == SIM_STEP_COMMIT || step == SIM_STEP_PREPARE || step == SIM_STEP_PUBLISH ||
        step == SIM_STEP_DECIDE) {
        return (int32_t)sb_sim_below(r, 3);
    }
    return (int32_t)sb_sim_below(r, sb_sim_percent(r, 75) ? 5 : 30);
}

static void
draw_targets(sim *s)
{
    static const sb_sim_step rare[] = {
        SIM_STEP_PREPARE,  SIM_STEP_PREPARE,  SIM_STEP_PUBLISH,  SIM_STEP_SNAPSHOT,
        SIM_STEP_SNAPSHOT, SIM_STEP_SNAPSHOT, SIM_STEP_SNAPSHOT, SIM_STEP_SNAPSHOT,
        SIM_STEP_RESTORE,  SIM_STEP_PUBLISH,  SIM_STEP_MANIFEST, SIM_STEP_PUBLISH,
        SIM_STEP_BARRIER,  SIM_STEP_DECIDE,   SIM_STEP_DECIDE,   SIM_STEP_DECIDE,
        SIM_STEP_PREPARE,  SIM_STEP_PREPARE,  SIM_STEP_PUBLISH,  SIM_STEP_PREPARE};
    sb_sim_random *r = &s->random;
    int32_t count = sb_sim_percent(r, 12)
                        ? 0
                        : (int32_t)(sb_sim_percent(r, 20) ? sb_sim_between(r, 1, 10) : 56);
    for (int32_t i = 0; i < count; i++) {
        sb_sim_target t = {.fault = (sb_sim_fault)sb_sim_below(r, SIM_FAULT_CRASH_LOST),
                           .step = (sb_sim_step)sb_sim_below(r, SIM_STEP_COUNT)};
        if (i > 0 && sb_sim_percent(r, 78)) { /* those that are passed seldom */
            t.step = rare[sb_sim_below(r, (int64_t)(sizeof rare / sizeof rare[0]))];
        }
        if (sb_sim_percent(r, 3)) {
            t.fault = SIM_FAULT_CRASH;
        }
        /* One call in many there. */
        if ((t.step == SIM_STEP_PUBLISH && sb_sim_percent(r, 50)) ||
            (t.step == SIM_STEP_PREPARE && sb_sim_percent(r, 15))) {
            t.fault = SIM_FAULT_SYNC_FAILS;
        }
        if (s->c.log && sb_sim_percent(r, 15)) {
            t.fault = (sb_sim_fault)sb_sim_between(r, SIM_FAULT_REQUEST_LOST, SIM_FAULT_RETRIED);
            t.step = sb_sim_percent(r, 40)   ? SIM_STEP_DECIDE
                     : sb_sim_percent(r, 40) ? SIM_STEP_PROCESSING
                                             : SIM_STEP_RESTORE;
        }
        while (!sb_sim_pair_exists(t.fault, t.step)) {
            t.fault = (sb_sim_fault)sb_sim_below(r, SIM_FAULT_CRASH_LOST);
        }
        t.after = sb_sim_percent(r, 50);
        t.skip = draw_skip(s, t.fault, t.step);
        sb_sim_world_aim(s->world, &t);
    }
    if (count > 0 && sb_sim_percent(r, 10)) {
        sb_sim_world_noise(s->world, (uint32_t)sb_sim_between(r, 50, 1000));
    }
}

static void
draw_options(sim *s)
{
    static const int64_t intervals[] = {1, 3, 8, 20, 60, 200, 0};
    sb_sim_random *r = &s->random;
    sb_checkpoint_options *c = &s->checkpoint;
    sb_checkpoint_options_default(c);
    c->enabled = true;
    c->interval_ms = intervals[sb_sim_below(r, 7)];
    c->overtaking = sb_sim_percent(r, 50);
    c->timeout_ms = sb_sim_percent(r, 30) ? sb_sim_between(r, 5, 100) : c->timeout_ms;
    c->min_pause_ms = sb_sim_percent(r, 20) ? sb_sim_between(r, 1, 20) : 0;
    c->tolerable_failed = (int32_t)(sb_sim_percent(r, 40) ? sb_sim_between(r, 1, 3) : 0);
    c->num_retained = (int32_t)(sb_sim_percent(r, 30) ? sb_sim_between(r, 2, 3) : 1);
    sb_restart_options_default(&s->restart);
    if (sb_sim_percent(r, 20)) {
        s->restart.kind = SB_RESTART_FIXED_DELAY;
        s->restart.delay_ms = sb_sim_between(r, 0, 50);
    }
    s->rots = sb_sim_percent(r, 6) && !sb_sim_writes_log(&s->c); /* one not decided may rot */
    c->no_fallback = s->rots;
    s->tick_us = sb_sim_percent(r, 50) ? sb_sim_between(r, 2, 50) : sb_sim_between(r, 50, 1000);
}

/* ---- input ---- */

static void
put_file(sb_os *disk, const char *path, const sb_text *text)
{
    sb_file *file;
    sb_error err;
    sb_assert(disk->open(disk, path, SB_OPEN_NEW, &file, &err) == SB_OK);
    sb_assert(disk->write(disk, file, text->data, text->size, &err) == SB_OK);
    sb_assert(disk->sync(disk, file, &err) == SB_OK);
    disk->close(disk, file);
}

static void
put_topic(sim *s, const sb_sim_table *t)
{
    sb_log_sim *log = sb_sim_world_log(s->world);
    char topic[64];
    snprintf(topic, sizeof topic, "in-%s", t->name);
    sb_log_sim_topic(log, topic, t->count_files);
    for (int32_t f = 0; f < t->count_files; f++) {
        const char *at = t->files[f].data, *end = at + t->files[f].size;
        while (at < end) {
            const char *line = memchr(at, '\n', (size_t)(end - at));
            sb_log_sim_put(log, topic, f, (sb_str){NULL, 0}, (sb_str){at, (size_t)(line - at)},
                           1704067200000);
            at = line + 1;
        }
    }
}

static void
put_inputs(sim *s)
{
    sb_os *disk = sb_sim_world_disk(s->world);
    sb_error err;
    char path[128];
    for (int32_t i = 0; i < s->c.count_sinks; i++) {
        if (s->c.sinks[i].in_log) {
            sb_log_sim_topic(sb_sim_world_log(s->world), s->c.sinks[i].folder,
                             s->c.sinks[i].partitions);
        }
    }
    for (int32_t i = 0; i < s->c.count_tables; i++) {
        const sb_sim_table *t = &s->c.tables[i];
        if (t->in_log) {
            put_topic(s, t);
            continue;
        }
        snprintf(path, sizeof path, "in/%s", t->name);
        sb_assert(disk->mkdirs(disk, path, &err) == SB_OK);
        for (int32_t f = 0; f < t->count_files; f++) {
            snprintf(path, sizeof path, "in/%s/%d.json", t->name, f);
            put_file(disk, path, &t->files[f]);
        }
        snprintf(path, sizeof path, "in/%s", t->name);
        sb_assert(disk->sync_dir(disk, path, &err) == SB_OK);
    }
}

/* One bit of the newest manifest turns over. */
static void
rot_manifest(sim *s)
{
    sb_os *disk = sb_sim_world_disk(s->world);
    sb_store *store = NULL;
    uint64_t *ids = NULL;
    int32_t count = 0;
    char name[48], path[64];
    sb_text text;
    sb_error err;
    sb_assert(sb_store_open_folder(disk, s->mem, "state", &store, &err) == SB_OK);
    sb_assert(sb_manifest_list(store, s->mem, &ids, &count, &err) == SB_OK);
    sb_text_init(&text, s->mem);
    if (count > 0) {
        sb_manifest_name(ids[count - 1], name);
        snprintf(path, sizeof path, "state/%s", name);
        sb_assert(sb_os_read_file(disk, path, &text, &err) == SB_OK);
        int64_t at = sb_sim_below(&s->random, (int64_t)text.size);
        text.data[at] = (char)(text.data[at] ^ (1 << sb_sim_below(&s->random, 8)));
        sb_sim_world_trace(s->world, "byte %lld of %lld of %s rots", (long long)at,
                           (long long)text.size, path);
        sb_assert(disk->remove(disk, path, &err) == SB_OK);
        put_file(disk, path, &text);
        *strrchr(path, '/') = 0; /* durable: another crash must not heal it */
        sb_assert(disk->sync_dir(disk, path, &err) == SB_OK);
        s->rotten = true;
    }
    sb_text_deinit(&text);
    sb_free(s->mem, ids, sizeof *ids * (size_t)(count + 1));
    sb_store_close(store);
}

/* ---- an instance ---- */

static void
hear_log(void *ctx, sb_log_level level, const char *line)
{
    sim *s = ctx;
    (void)level;
    if (!sb_sim_world_is_dead(s->world)) {
        sb_sim_world_trace(s->world, "log: %s", line);
    }
    /* No fault that the machine can have damages a published checkpoint. */
    bool damage = strstr(line, "falling back") || strstr(line, "trying the checkpoint before") ||
                  strstr(line, "cannot be loaded");
    if (damage && !s->rotten && !sb_sim_world_is_dead(s->world)) {
        fail(s, "a checkpoint is damaged: %s", line);
    }
}

static void
draw_instance(sim *s, sb_job_config *config)
{
    static const int32_t batches[] = {1, 7, 64, 4096};
    sb_sim_random *r = &s->random;
    config->parallelism = (int32_t)sb_sim_between(r, 1, 3);
    config->batch_rows = batches[sb_sim_below(r, 4)];
    config->ring_bytes = sb_sim_percent(r, 40) ? sb_sim_between(r, 1, 4000) : 0;
    config->max_open_splits = sb_sim_percent(r, 30) ? (int32_t)sb_sim_between(r, 1, 3) : 0;
    config->seed = sb_sim_percent(r, 8) ? 0 : sb_sim_next(r) | 1;
    s->stop_at = sb_sim_percent(r, 12) && !s->quiet ? sb_sim_below(r, 2000) : INT64_MAX;
    s->probe_at = sb_sim_percent(r, 10) ? sb_sim_below(r, 500) : INT64_MAX;
    sb_sim_world_trace(s->world, "start %lld: parallelism %d, batch %d, ring %lld, seed %llx",
                       (long long)s->out->starts, config->parallelism, config->batch_rows,
                       (long long)config->ring_bytes, (unsigned long long)config->seed);
}

/* False: it could not even begin; instance_end all the same. */
static bool
instance_begin(sim *s, sb_error *err)
{
    sb_job_config config;
    s->out->starts++;
    sb_sim_world_advance_us(s->world, 20000); /* somebody has to start it */
    s->turns = 0;
    s->last_decided = 0;
    s->job_mem = sb_mem_new(NULL, "job", 0);
    sb_assert(s->job_mem);
    sb_sim_world_starting(s->world, true);
    sb_job_config_default(&config, s->job_mem, &s->plan.engine->factories);
    config.os = sb_sim_world_os(s->world);
    config.job_id = "sim";
    config.host_driven = true;
    config.checkpoint = s->checkpoint;
    config.restart = s->restart;
    config.mutants = s->options->mutants;
    config.log = hear_log;
    config.log_ctx = s;
    draw_instance(s, &config);
    if (sb_store_open_folder(config.os, s->job_mem, "state", &s->store, err) != SB_OK) {
        return false;
    }
    config.checkpoint.store = s->store;
    return sb_job_new(s->plan.plan, &config, &s->job, err) == SB_OK;
}

/* Frees everything of the instance and looks at what it leaves. */
static void
instance_end(sim *s)
{
    s->job = sb_job_free(s->job);
    s->store = sb_store_close(s->store);
    int64_t used = sb_mem_used(s->job_mem);
    if (used != 0) {
        fail(s, "%lld bytes of the job's budget are not given back", (long long)used);
    }
    s->job_mem = sb_mem_unref(s->job_mem);
    sb_sim_world_starting(s->world, false);
    if (sb_sim_world_is_dead(s->world)) {
        s->out->crashes++;
        sb_sim_world_crash(s->world);
    }
}

static void
check_visible(sim *s)
{
    char problem[1024] = "";
    if (sb_sim_world_published(s->world) == s->checked_published || s->out->failed) {
        return;
    }
    s->checked_published = sb_sim_world_published(s->world);
    if (!sb_sim_check_output(&s->c, s->world, false, problem)) {
        fail(s, "while running: %s", problem);
    }
}

/* Nobody else may own the folder while the job runs. */
static void
probe_lock(sim *s)
{
    sb_store *other = NULL;
    sb_error err;
    sb_error_clear(&err);
    if (sb_store_open_folder(sb_sim_world_os(s->world), s->mem, "state", &other, &err) == SB_OK &&
        sb_store_lock(other, &err) == SB_OK) {
        fail(s, "a second owner got the state folder");
    }
    sb_store_close(other);
}

/* Faults that come between two turns. */
static void
disturb(sim *s)
{
    sb_coordinator *c = &s->job->coordinator;
    if (s->turns == s->probe_at && s->job->state == SB_JOB_RUNNING) {
        probe_lock(s);
    }
    if (s->turns == s->stop_at) {
        sb_sim_world_trace(s->world, "stop");
        sb_job_stop(s->job, false);
    }
    if (c->phase == SB_CHECKPOINT_COLLECTING && s->job->pool) {
        sb_sim_step step =
            sb_io_pool_count(s->job->pool) > 0 ? SIM_STEP_SNAPSHOT : SIM_STEP_BARRIER;
        if (sb_sim_world_takes(s->world, SIM_FAULT_SLOW_ACK, step)) {
            sb_sim_world_count(s->world, SIM_FAULT_SLOW_ACK, step);
            sb_sim_world_trace(s->world, "FAULT slow_ack at %s of checkpoint %llu",
                               sb_sim_step_names[step], (unsigned long long)c->id);
            sb_sim_world_advance_us(s->world, (s->checkpoint.timeout_ms + 1) * 1000);
        }
    }
    if (c->last_id != s->last_decided) {
        s->last_decided = c->last_id;
        s->out->checkpoints++;
        sb_sim_world_trace(s->world, "checkpoint %llu is decided", (unsigned long long)c->last_id);
        if (sb_sim_world_takes(s->world, SIM_FAULT_CRASH, SIM_STEP_COMMIT)) {
            sb_sim_world_kill(s->world, SIM_STEP_COMMIT);
        }
    }
    if (s->job->state == SB_JOB_RUNNING &&
        sb_sim_world_takes(s->world, SIM_FAULT_CRASH, SIM_STEP_PROCESSING)) {
        sb_sim_world_kill(s->world, c->phase == SB_CHECKPOINT_COLLECTING ? SIM_STEP_BARRIER
                                                                         : SIM_STEP_PROCESSING);
    }
}

static void
pass_time(sim *s, const sb_job_turn *turn)
{
    int64_t now_ms = sb_sim_world_now_ms(s->world);
    if (turn->progress || turn->ended) {
        sb_sim_world_advance_us(s->world, sb_sim_below(&s->random, s->tick_us + 1));
    } else if (turn->wake_ms == INT64_MAX) {
        fail(s, "it hangs: nothing to do and nothing to wait for");
    } else {
        sb_sim_world_advance_us(s->world,
                                turn->wake_ms > now_ms ? (turn->wake_ms - now_ms) * 1000 : 100);
    }
}

static void
check_late(sim *s)
{
    sb_node_status nodes[64];
    int64_t late = 0;
    int32_t count = sb_job_nodes(s->job, nodes, 64);
    for (int32_t i = 0; i < count && i < 64; i++) {
        late += nodes[i].late_dropped;
    }
    if (!s->c.exact && late != 0) {
        fail(s, "%lld rows were dropped as late; none is", (long long)late);
    } else if (s->c.exact && s->c.expected_late >= 0 && s->out->starts == 1 &&
               s->out->restarts == 0 && late != s->c.expected_late) {
        fail(s, "%lld rows were dropped as late, expected %lld", (long long)late,
             (long long)s->c.expected_late);
    }
}

typedef enum ending {
    ENDING_FINISHED,
    ENDING_STOPPED,
    ENDING_DIED,
    ENDING_FAILED,
    ENDING_REFUSED
} ending;

static ending
ending_of(sim *s, sb_status status, const sb_error *err)
{
    s->out->restarts += s->job ? s->job->count_restarts : 0;
    if (sb_sim_world_is_dead(s->world)) {
        return ENDING_DIED;
    }
    if (s->rotten && status == SB_STATUS_CORRUPT) {
        return ENDING_REFUSED;
    }
    if (status != SB_OK) {
        /* A transaction that took too long; a rival would make it hopeless. */
        bool fenced = status == SB_STATUS_CONFLICT && s->job && !s->job->hopeless;
        bool excusable = status == SB_STATUS_IO || status == SB_STATUS_TIMEOUT || fenced;
        sb_sim_world_trace(s->world, "the job failed: %s", err->message);
        if (!excusable) {
            fail(s, "the job failed (%s): %s", sb_status_text(status), err->message);
        } else if (s->quiet && ++s->failures_when_quiet > 3) {
            fail(s, "it does not recover: %s", err->message);
        }
        return ENDING_FAILED;
    }
    if (s->job->state != SB_JOB_FINISHED) {
        return ENDING_STOPPED;
    }
    check_late(s);
    return ENDING_FINISHED;
}

/* From its start to its end, one way or the other. */
static ending
instance_run(sim *s)
{
    sb_error err;
    sb_job_turn turn = {0};
    sb_error_clear(&err);
    sb_status status = instance_begin(s, &err) ? SB_OK : err.status;
    while (status == SB_OK && !turn.ended && !s->out->failed && !sb_sim_world_is_dead(s->world)) {
        sb_sim_world_turn(s->world);
        sb_sim_world_starting(s->world, s->job->state != SB_JOB_RUNNING);
        status = sb_job_step(s->job, &turn, &err);
        sb_sim_world_fold(s->world, (uint64_t)turn.progress);
        sb_sim_world_starting(s->world, false);
        s->turns++;
        if (s->rotten && status == SB_OK && s->job->state == SB_JOB_RUNNING) {
            fail(s, "a damaged manifest was taken");
        }
        if (++s->out->turns == TURNS_QUIET) {
            be_quiet(s);
        } else if (s->out->turns > TURNS_MAX) {
            fail(s, "it hangs: not finished after %d turns", TURNS_MAX);
        }
        if (status == SB_OK && !sb_sim_world_is_dead(s->world)) {
            pass_time(s, &turn);
            check_visible(s);
        }
        if (status == SB_OK && !turn.ended && !sb_sim_world_is_dead(s->world) && !s->out->failed) {
            disturb(s);
        }
    }
    return s->out->failed ? ENDING_FAILED : ending_of(s, status, &err);
}

/* ---- the whole ---- */

static void
check_end(sim *s, const char *when)
{
    char problem[1024] = "";
    if (!s->out->failed && !sb_sim_check_output(&s->c, s->world, true, problem)) {
        fail(s, "%s: %s", when, problem);
    }
}

/* Instances until one has finished. */
static bool
run_to_end(sim *s)
{
    ending how = ENDING_DIED;
    while (!s->out->failed && how != ENDING_FINISHED && how != ENDING_REFUSED) {
        if (s->out->starts > STARTS_MAX && !s->quiet) {
            be_quiet(s);
        }
        how = instance_run(s);
        instance_end(s);
        check_visible(s);
        if (how == ENDING_DIED && s->rots && !s->rotten && !s->out->failed) {
            rot_manifest(s);
        }
        if (s->out->starts > STARTS_MAX + 10) {
            fail(s, "it does not come to an end");
        }
    }
    return how == ENDING_FINISHED;
}

/* The power fails just after the end; then the same job is started once more: it must find
 * everything done. */
static void
run_again(sim *s)
{
    char problem[1024] = "";
    be_quiet(s);
    sb_sim_world_kill(s->world, SIM_STEP_PROCESSING);
    sb_sim_world_crash(s->world);
    check_end(s, "after a crash behind the end");
    s->rots = false;
    (void)run_to_end(s);
    check_end(s, "after one more start");
    if (!s->out->failed && !sb_sim_check_no_leftovers(&s->c, s->world, problem)) {
        fail(s, "at the end: %s", problem);
    }
    if (!s->out->failed && !sb_sim_check_state(sb_sim_world_disk(s->world), s->mem,
                                               s->checkpoint.num_retained, problem)) {
        fail(s, "state folder: %s", problem);
    }
}

static void
run_case(sim *s)
{
    sb_error err;
    char problem[1024] = "";
    sb_error_clear(&err);
    put_inputs(s);
    sb_status status =
        sb_sim_plan_make(&s->c, s->mem, sb_sim_percent(&s->random, 50), &s->plan, &err);
    if (status != SB_OK) {
        fail(s, "the script is refused: %s\n%s", err.message, s->c.sql.data);
        return;
    }
    draw_options(s);
    sb_sim_world_trace(
        s->world,
        "checkpoints: every %lld ms, %s, timeout %lld, pause %lld, tolerable %d, retained %d",
        (long long)s->checkpoint.interval_ms, s->checkpoint.overtaking ? "overtaking" : "strict",
        (long long)s->checkpoint.timeout_ms, (long long)s->checkpoint.min_pause_ms,
        s->checkpoint.tolerable_failed, s->checkpoint.num_retained);
    for (int32_t i = 0; i < s->c.count_tables; i++) {
        sb_sim_world_trace(s->world, "table %s: %d rows in %d files, delay %lld ms%s",
                           s->c.tables[i].name, s->c.tables[i].count, s->c.tables[i].count_files,
                           (long long)s->c.tables[i].delay_ms,
                           s->c.exact ? ", rows may be late" : "");
    }
    draw_targets(s);
    if (!run_to_end(s)) {
        return;
    }
    check_end(s, "at the end");
    if (!s->out->failed && !sb_sim_check_no_leftovers(&s->c, s->world, problem)) {
        fail(s, "at the end: %s", problem);
    }
    if (!s->out->failed) {
        run_again(s);
    }
}

void
sb_sim_run(uint64_t seed, const sb_sim_options *options, sb_sim_outcome *out)
{
    sim s = {.options = options, .out = out};
    memset(out, 0, sizeof *out);
    sb_text_init(&out->trace, sb_mem_root());
    s.mem = sb_mem_new(NULL, "sim", 0);
    sb_assert(s.mem);
    s.random.state = sb_sim_mix(seed ^ UINT64_C(0x5EED));
    bool known = sb_sim_case_init(&s.c, s.mem, seed, options->job);
    sb_assert(known);
    snprintf(out->job, sizeof out->job, "%s", s.c.job);
    s.world = sb_sim_world_new(sb_sim_mix(seed), options->verbose);
    sb_sim_world_set_lies(s.world, &options->lies);
    if (options->verbose) {
        printf("%s", s.c.sql.data);
    }
    run_case(&s);
    out->hash = sb_sim_world_hash(s.world);
    for (int32_t f = 0; f < SIM_FAULT_COUNT; f++) {
        for (int32_t step = 0; step < SIM_STEP_COUNT; step++) {
            out->hits[f][step] = sb_sim_world_hits(s.world, (sb_sim_fault)f, (sb_sim_step)step);
        }
    }
    if (out->failed) {
        sb_sim_world_tail(s.world, &out->trace);
    }
    sb_sim_plan_free(&s.plan);
    sb_sim_world_free(s.world);
    sb_sim_case_deinit(&s.c);
    sb_mem_unref(s.mem);
}

void
sb_sim_outcome_deinit(sb_sim_outcome *outcome)
{
    sb_text_deinit(&outcome->trace);
}
