/*
 * sim/world.c -- see world.h.
 */
#include "sim/world.h"

#include "sim/world_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ALWAYS 65536

const char *const sb_sim_step_names[] = {
#define X(id, name, text) name,
    SIM_STEPS(X)
#undef X
};
const char *const sb_sim_fault_names[] = {
#define X(id, name, text) name,
    SIM_FAULTS(X)
#undef X
};

static sb_sim_world *current; /* who hears the crash points */

static sb_sim_world *
world_of(sb_os *os)
{
    return (sb_sim_world *)(void *)os;
}

/* ---- trace ---- */

void
sb_sim_world_fold(sb_sim_world *world, uint64_t value)
{
    world->hash = sb_sim_mix(world->hash ^ (value + UINT64_C(0x9E3779B97F4A7C15)));
}

void
sb_sim_world_fold_text(sb_sim_world *world, const char *text)
{
    uint64_t h = 14695981039346656037u;
    for (; *text; text++) {
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    }
    sb_sim_world_fold(world, h);
}

void
sb_sim_world_trace(sb_sim_world *world, const char *fmt, ...)
{
    char *line = world->tail[world->count_lines++ % SIM_TAIL_LINES];
    va_list args;
    int size = snprintf(line, SIM_LINE_SIZE, "%8.3f  ",
                        (double)world->inner->monotonic_ns(world->inner) / 1e6);
    va_start(args, fmt);
    vsnprintf(line + size, SIM_LINE_SIZE - (size_t)size, fmt, args);
    va_end(args);
    sb_sim_world_fold_text(world, line);
    if (world->verbose) {
        printf("%s\n", line);
    }
}

void
sb_sim_world_tail(sb_sim_world *world, sb_text *out)
{
    int64_t first = world->count_lines > SIM_TAIL_LINES ? world->count_lines - SIM_TAIL_LINES : 0;
    for (int64_t i = first; i < world->count_lines; i++) {
        sb_text_printf(out, "  %s\n", world->tail[i % SIM_TAIL_LINES]);
    }
}

uint64_t
sb_sim_world_hash(const sb_sim_world *world)
{
    return world->hash;
}

/* ---- steps ---- */

static sb_sim_place
place_of(const char *path)
{
    if (strncmp(path, "in/", 3) == 0 || strcmp(path, "in") == 0) {
        return SIM_PLACE_IN;
    }
    if (strncmp(path, "out", 3) == 0) {
        return strstr(path, ".copy") ? SIM_PLACE_COPY : SIM_PLACE_OUT;
    }
    if (strncmp(path, "state/chk-", 10) == 0 || strcmp(path, "state") == 0) {
        return SIM_PLACE_MANIFEST;
    }
    if (strncmp(path, "state/settled", 13) == 0) {
        return SIM_PLACE_SETTLED;
    }
    return strncmp(path, "state/state", 11) == 0 ? SIM_PLACE_BLOB : SIM_PLACE_STATE;
}

static sb_sim_step
step_of_output(const sb_sim_world *world, sb_sim_call call)
{
    if (world->in_publish || call == SIM_CALL_RENAME) {
        return SIM_STEP_PUBLISH;
    }
    return world->in_barrier ? SIM_STEP_PREPARE : SIM_STEP_PROCESSING;
}

static sb_sim_step
step_of(const sb_sim_world *world, sb_sim_call call, sb_sim_place where)
{
    bool reads = call == SIM_CALL_READ || call == SIM_CALL_OTHER;
    if (world->starting) {
        return SIM_STEP_RESTORE;
    }
    switch (where) {
    case SIM_PLACE_IN: return SIM_STEP_PROCESSING;
    case SIM_PLACE_OUT: return step_of_output(world, call);
    case SIM_PLACE_COPY: return SIM_STEP_PUBLISH;
    case SIM_PLACE_MANIFEST: return SIM_STEP_MANIFEST;
    case SIM_PLACE_BLOB:
        return reads                     ? SIM_STEP_RESTORE
               : call == SIM_CALL_REMOVE ? SIM_STEP_MANIFEST
                                         : SIM_STEP_SNAPSHOT;
    case SIM_PLACE_SETTLED: return reads ? SIM_STEP_RESTORE : SIM_STEP_DECIDE;
    case SIM_PLACE_STATE: break;
    }
    return SIM_STEP_RESTORE;
}

static bool
fits(sb_sim_fault fault, sb_sim_call call)
{
    switch (fault) {
    case SIM_FAULT_CRASH: return call != SIM_CALL_OTHER;
    case SIM_FAULT_WRITE_FAILS:
    case SIM_FAULT_WRITE_TORN:
    case SIM_FAULT_DISK_FULL: return call == SIM_CALL_WRITE;
    case SIM_FAULT_SYNC_FAILS: return call == SIM_CALL_SYNC || call == SIM_CALL_SYNC_DIR;
    case SIM_FAULT_RENAME_FAILS: return call == SIM_CALL_RENAME;
    case SIM_FAULT_READ_FAILS: return call == SIM_CALL_READ;
    default: return false;
    }
}

void
sb_sim_world_count(sb_sim_world *world, sb_sim_fault fault, sb_sim_step step)
{
    world->hits[fault][step]++;
}

int64_t
sb_sim_world_hits(sb_sim_world *world, sb_sim_fault fault, sb_sim_step step)
{
    bool own =
        fault == SIM_FAULT_CRASH || (fault >= SIM_FAULT_SLOW_ACK && fault < SIM_FAULT_CRASH_LOST);
    return own ? world->hits[fault][step]
               : sb_os_sim_count_at(world->inner, sb_sim_fault_names[fault],
                                    sb_sim_step_names[step]);
}

/* ---- striking ---- */

void
sb_sim_world_die(sb_sim_world *world, sb_sim_step step, const char *how)
{
    if (!world->dead) {
        sb_sim_world_count(world, SIM_FAULT_CRASH, step);
        sb_sim_world_trace(world, "CRASH at %s (%s)", sb_sim_step_names[step], how);
        world->last_step = step;
        world->dead = true;
    }
}

/* One target at the most strikes a call. Sets what the disk shall do to it. */
static void
strike(sb_sim_world *world, sb_sim_call call, sb_sim_step step, const char *path,
       sb_sim_faults *faults)
{
    for (int32_t i = 0; i < world->count_targets; i++) {
        sb_sim_target *t = &world->targets[i];
        if (t->done || t->step != step || !fits(t->fault, call) || t->skip-- > 0) {
            continue;
        }
        t->done = true;
        if (t->fault == SIM_FAULT_CRASH) {
            world->die_after = t->after;
            if (!t->after) {
                sb_sim_world_die(world, step, path);
            }
            return;
        }
        sb_sim_world_trace(world, "FAULT %s at %s: %s", sb_sim_fault_names[t->fault],
                           sb_sim_step_names[step], path);
        switch (t->fault) {
        case SIM_FAULT_WRITE_FAILS: faults->write_fails = ALWAYS; break;
        case SIM_FAULT_WRITE_TORN: faults->write_torn = ALWAYS; break;
        case SIM_FAULT_SYNC_FAILS: faults->sync_fails = ALWAYS; break;
        case SIM_FAULT_RENAME_FAILS: faults->rename_fails = ALWAYS; break;
        case SIM_FAULT_READ_FAILS: faults->read_fails = ALWAYS; break;
        default:
            world->full_until_ms = sb_sim_world_now_ms(world) + 1 + (int64_t)(world->hash % 40);
            break;
        }
        return;
    }
}

/* Before each call; false: the program is dead, the call fails. */
static bool
enter(sb_sim_world *world, sb_sim_call call, const char *path, sb_sim_place where)
{
    sb_sim_step step = step_of(world, call, where);
    world->calls++;
    world->last_step = step;
    world->die_after = false;
    if (world->dead) {
        return false;
    }
    sb_sim_faults faults = {.write_fails = world->noise,
                            .write_torn = world->noise,
                            .sync_fails = world->noise,
                            .rename_fails = world->noise,
                            .read_fails = world->noise};
    strike(world, call, step, path, &faults);
    faults.disk_full_after = sb_sim_world_now_ms(world) < world->full_until_ms ? 1 : 0;
    sb_os_sim_set_step(world->inner, sb_sim_step_names[step]);
    sb_os_sim_set_faults(world->inner, &faults);
    sb_sim_world_fold(world, (uint64_t)call);
    sb_sim_world_fold_text(world, path);
    return !world->dead;
}

static sb_status
leave(sb_sim_world *world, sb_status status)
{
    sb_sim_world_fold(world, status);
    if (world->die_after) {
        world->die_after = false;
        sb_sim_world_die(world, world->last_step, "after the call");
    }
    return status;
}

static sb_status
gone(sb_error *err)
{
    sb_error_set(err, SB_STATUS_IO, __FILE__, __LINE__, "the process is dead");
    if (err) {
        err->retriable = true;
    }
    return SB_STATUS_IO;
}

/* ---- the calls ---- */

static int64_t
world_monotonic_ns(sb_os *os)
{
    return world_of(os)->inner->monotonic_ns(world_of(os)->inner);
}

static int64_t
world_wall_us(sb_os *os)
{
    return world_of(os)->inner->wall_us(world_of(os)->inner);
}

static uint64_t
world_random(sb_os *os)
{
    return world_of(os)->inner->random(world_of(os)->inner);
}

static sb_sim_place
place_of_file(const sb_sim_world *world, const sb_file *file)
{
    for (int32_t i = 0; i < world->count_files; i++) {
        if (world->files[i].file == file) {
            return world->files[i].place;
        }
    }
    sb_assert(!"a file that was opened");
    return SIM_PLACE_STATE;
}

static const char *
place_name(sb_sim_place where)
{
    static const char *const names[] = {"input", "output", "copy",   "manifest",
                                        "state", "folder", "settled"};
    return names[where];
}

static sb_status
world_open(sb_os *os, const char *path, sb_open_mode mode, sb_file **out, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    sb_sim_place where = place_of(path);
    if (!enter(world, mode == SB_OPEN_READ ? SIM_CALL_OTHER : SIM_CALL_OPEN, path, where)) {
        return gone(err);
    }
    sb_status status = world->inner->open(world->inner, path, mode, out, err);
    if (status == SB_OK) {
        sb_assert(world->count_files < SIM_WORLD_FILES_MAX);
        world->files[world->count_files++] = (sb_sim_open_file){*out, where};
    }
    return leave(world, status);
}

static void
world_close(sb_os *os, sb_file *f)
{
    sb_sim_world *world = world_of(os);
    for (int32_t i = 0; f && i < world->count_files; i++) {
        if (world->files[i].file == f) {
            world->files[i] = world->files[--world->count_files];
            break;
        }
    }
    world->inner->close(world->inner, f);
}

static sb_status
world_read(sb_os *os, sb_file *f, int64_t offset, void *data, size_t size, size_t *out_read,
           sb_error *err)
{
    sb_sim_world *world = world_of(os);
    sb_sim_place where = place_of_file(world, f);
    *out_read = 0;
    if (!enter(world, SIM_CALL_READ, place_name(where), where)) {
        return gone(err);
    }
    return leave(world, world->inner->read(world->inner, f, offset, data, size, out_read, err));
}

static sb_status
world_write(sb_os *os, sb_file *f, const void *data, size_t size, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    sb_sim_place where = place_of_file(world, f);
    if (!enter(world, SIM_CALL_WRITE, place_name(where), where)) {
        return gone(err);
    }
    sb_sim_world_fold(world, size);
    return leave(world, world->inner->write(world->inner, f, data, size, err));
}

static sb_status
world_truncate(sb_os *os, sb_file *f, int64_t size, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    sb_sim_place where = place_of_file(world, f);
    if (!enter(world, SIM_CALL_REMOVE, place_name(where), where)) {
        return gone(err);
    }
    return leave(world, world->inner->truncate(world->inner, f, size, err));
}

static sb_status
world_sync(sb_os *os, sb_file *f, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    sb_sim_place where = place_of_file(world, f);
    if (!enter(world, SIM_CALL_SYNC, place_name(where), where)) {
        return gone(err);
    }
    sb_os_sim_lie_about_sync(world->inner, world->lies.file_sync);
    sb_status status = world->inner->sync(world->inner, f, err);
    sb_os_sim_lie_about_sync(world->inner, false);
    return leave(world, status);
}

static int64_t
world_size(sb_os *os, sb_file *f)
{
    return world_of(os)->inner->size(world_of(os)->inner, f);
}

static sb_status
world_lock(sb_os *os, sb_file *f, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    sb_sim_place where = place_of_file(world, f);
    if (!enter(world, SIM_CALL_OTHER, place_name(where), where)) {
        return gone(err);
    }
    sb_status status = world->inner->lock(world->inner, f, err);
    if (status == SB_STATUS_CONFLICT && world->lies.lock) {
        sb_error_clear(err);
        status = SB_OK;
    }
    return leave(world, status);
}

static sb_status
world_map(sb_os *os, sb_file *f, const void **out, size_t *out_size, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    sb_sim_place where = place_of_file(world, f);
    if (!enter(world, SIM_CALL_READ, place_name(where), where)) {
        return gone(err);
    }
    return leave(world, world->inner->map(world->inner, f, out, out_size, err));
}

static void
world_unmap(sb_os *os, const void *data, size_t size)
{
    world_of(os)->inner->unmap(world_of(os)->inner, data, size);
}

static sb_status
world_stat(sb_os *os, const char *path, sb_file_info *out, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    if (!enter(world, SIM_CALL_OTHER, path, place_of(path))) {
        return gone(err);
    }
    return leave(world, world->inner->stat(world->inner, path, out, err));
}

/* The lie: death in a rename leaves a half of the file under the new name. */
static sb_status
rename_in_steps(sb_sim_world *world, const char *from, const char *to, sb_error *err)
{
    sb_os *disk = world->inner;
    if (!world->die_after) {
        return disk->rename(disk, from, to, err);
    }
    sb_file *file;
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    sb_status status = sb_os_read_file(disk, from, &text, err);
    if (status == SB_OK && (status = disk->open(disk, to, SB_OPEN_CREATE, &file, err)) == SB_OK) {
        status = disk->write(disk, file, text.data, text.size / 2, err);
        (void)disk->sync(disk, file, NULL);
        disk->close(disk, file);
    }
    sb_text_deinit(&text);
    return status;
}

static sb_status
world_rename(sb_os *os, const char *from, const char *to, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    sb_sim_place where = place_of(to);
    if (!enter(world, SIM_CALL_RENAME, to, where)) {
        return gone(err);
    }
    world->published += where == SIM_PLACE_OUT;
    sb_status status = world->lies.rename ? rename_in_steps(world, from, to, err)
                                          : world->inner->rename(world->inner, from, to, err);
    return leave(world, status);
}

static sb_status
world_link_new(sb_os *os, const char *from, const char *to, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    if (!enter(world, SIM_CALL_RENAME, to, place_of(to))) {
        return gone(err);
    }
    return leave(world, world->inner->link_new(world->inner, from, to, err));
}

static sb_status
world_remove(sb_os *os, const char *path, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    if (!enter(world, SIM_CALL_REMOVE, path, place_of(path))) {
        return gone(err);
    }
    return leave(world, world->inner->remove(world->inner, path, err));
}

static sb_status
world_mkdirs(sb_os *os, const char *path, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    if (!enter(world, SIM_CALL_OTHER, path, place_of(path))) {
        return gone(err);
    }
    return leave(world, world->inner->mkdirs(world->inner, path, err));
}

static sb_status
world_sync_dir(sb_os *os, const char *path, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    if (!enter(world, SIM_CALL_SYNC_DIR, path, place_of(path))) {
        return gone(err);
    }
    sb_os_sim_lie_about_sync(world->inner, world->lies.dir_sync);
    sb_status status = world->inner->sync_dir(world->inner, path, err);
    sb_os_sim_lie_about_sync(world->inner, false);
    return leave(world, status);
}

static sb_status
world_list(sb_os *os, const char *path, sb_mem *mem, sb_dir_list *out, sb_error *err)
{
    sb_sim_world *world = world_of(os);
    if (!enter(world, SIM_CALL_OTHER, path, place_of(path))) {
        return gone(err);
    }
    return leave(world, world->inner->list(world->inner, path, mem, out, err));
}

static void
world_list_free(sb_os *os, sb_mem *mem, sb_dir_list *list)
{
    world_of(os)->inner->list_free(world_of(os)->inner, mem, list);
}

/* ---- crash points ---- */

static void
die_at_point(sb_sim_world *world, sb_sim_step step, const char *name)
{
    if (!world->dead && sb_sim_world_takes(world, SIM_FAULT_CRASH, step)) {
        sb_sim_world_die(world, step, name);
    }
}

static void
hear(const char *name)
{
    sb_sim_world *world = current;
    if (!world || world->dead) {
        return;
    }
    sb_sim_world_fold_text(world, name);
    if (strcmp(name, "barrier-received") == 0) {
        world->in_barrier = true;
        die_at_point(world, SIM_STEP_BARRIER, name);
    } else if (strcmp(name, "sink-publish-before") == 0) {
        world->in_publish = true;
    } else if (strcmp(name, "sink-publish-after") == 0) {
        world->in_publish = false;
        die_at_point(world, world->starting ? SIM_STEP_RESTORE : SIM_STEP_PUBLISH, name);
    } else if (strcmp(name, "manifest-after") == 0) {
        die_at_point(world, SIM_STEP_MANIFEST, name);
    } else if (strcmp(name, "source-commit") == 0) {
        die_at_point(world, SIM_STEP_COMMIT, name);
    }
}

/* ---- life ---- */

sb_sim_world *
sb_sim_world_new(uint64_t seed, bool verbose)
{
    sb_sim_world *world = sb_alloc_zero(sb_mem_root(), sizeof *world);
    sb_assert(world);
    world->inner = sb_os_sim_new(seed);
    sb_assert(world->inner);
    world->verbose = verbose;
    world->base = (sb_os){
        .name = "world",
        .monotonic_ns = world_monotonic_ns,
        .wall_us = world_wall_us,
        .random = world_random,
        .open = world_open,
        .read = world_read,
        .write = world_write,
        .truncate = world_truncate,
        .sync = world_sync,
        .size = world_size,
        .close = world_close,
        .lock = world_lock,
        .map = world_map,
        .unmap = world_unmap,
        .stat = world_stat,
        .rename = world_rename,
        .link_new = world_link_new,
        .remove = world_remove,
        .mkdirs = world_mkdirs,
        .sync_dir = world_sync_dir,
        .list = world_list,
        .list_free = world_list_free,
    };
    world->log = sb_log_sim_new(world->inner, sb_sim_mix(seed ^ UINT64_C(0x106)));
    sb_log_sim_set_fate(world->log, sb_sim_world_fate, world);
    world->base.log_driver = &sb_log_driver_sim;
    world->base.log_cluster = world->log;
    for (int i = 0; i < SIM_STEP_COUNT; i++) {
        sb_os_sim_set_step(world->inner, sb_sim_step_names[i]);
    }
    current = world;
    sb_crash_set_hook(hear);
    return world;
}

void
sb_sim_world_free(sb_sim_world *world)
{
    if (world) {
        sb_log_sim_free(world->log);
        sb_os_sim_free(world->inner);
        sb_free(sb_mem_root(), world, sizeof *world);
        current = NULL;
    }
}

sb_os *
sb_sim_world_os(sb_sim_world *world)
{
    return &world->base;
}

sb_os *
sb_sim_world_disk(sb_sim_world *world)
{
    sb_os_sim_set_faults(world->inner, NULL);
    return world->inner;
}

void
sb_sim_world_set_lies(sb_sim_world *world, const sb_sim_lies *lies)
{
    world->lies = *lies;
    sb_log_sim_set_lies(world->log, &lies->log);
}

void
sb_sim_world_aim(sb_sim_world *world, const sb_sim_target *target)
{
    sb_assert(world->count_targets < SIM_WORLD_TARGETS_MAX);
    world->targets[world->count_targets++] = *target;
}

void
sb_sim_world_noise(sb_sim_world *world, uint32_t chance)
{
    world->noise = chance;
}

void
sb_sim_world_quiet(sb_sim_world *world)
{
    world->count_targets = 0;
    world->noise = 0;
    world->full_until_ms = 0;
    sb_sim_world_trace(world, "no more faults");
}

bool
sb_sim_world_takes(sb_sim_world *world, sb_sim_fault fault, sb_sim_step step)
{
    for (int32_t i = 0; i < world->count_targets; i++) {
        sb_sim_target *t = &world->targets[i];
        if (!t->done && t->fault == fault && t->step == step && t->skip-- <= 0) {
            t->done = true;
            return true;
        }
    }
    return false;
}

void
sb_sim_world_starting(sb_sim_world *world, bool starting)
{
    world->starting = starting;
}

void
sb_sim_world_turn(sb_sim_world *world)
{
    world->in_barrier = world->in_publish = false;
}

bool
sb_sim_world_is_dead(const sb_sim_world *world)
{
    return world->dead;
}

void
sb_sim_world_kill(sb_sim_world *world, sb_sim_step step)
{
    sb_sim_world_die(world, step, "between two turns");
}

void
sb_sim_world_crash(sb_sim_world *world)
{
    sb_os_sim_set_step(world->inner, sb_sim_step_names[world->last_step]);
    sb_os_sim_crash(world->inner);
    world->dead = world->die_after = false;
    world->in_barrier = world->in_publish = false;
}

int64_t
sb_sim_world_now_ms(sb_sim_world *world)
{
    return world->inner->wall_us(world->inner) / 1000;
}

void
sb_sim_world_advance_us(sb_sim_world *world, int64_t us)
{
    sb_os_sim_advance(world->inner, us * 1000);
}

int64_t
sb_sim_world_published(const sb_sim_world *world)
{
    return world->published + sb_log_sim_commits(world->log);
}

int64_t
sb_sim_world_calls(const sb_sim_world *world)
{
    return world->calls;
}
