/*
 * base/os/os_sim.c -- the simulated operating system: clock, faults, files over the simulated disk.
 *
 * DESIGN     All choices come from two generators with the same seed: one for the program's random
 *            numbers, one for faults and crashes, so that switching faults on does not change what
 *            the program draws.
 * OWNERSHIP  After a crash the program's sb_file handles stay valid to close and answer IO to all
 *            else.
 * THREADS    single-threaded.
 */
#include <stdlib.h>
#include <string.h>

#include "base/os/sim.h"
#include "base/os/sim_fs.h"

#define EPOCH_US  INT64_C(1704067200000000) /* wall clock at the start: 2024-01-01 00:00 UTC */
#define STEPS_MAX 64

typedef enum fault {
    WRITE_FAILS,
    WRITE_TORN,
    SYNC_FAILS,
    RENAME_FAILS,
    READ_FAILS,
    DISK_FULL,
    CRASH_LOST,
    CRASH_TORN,
    CRASH_NAMES,
    FAULT_COUNT
} fault;

static const char *const fault_names[] = {"write_fails",  "write_torn", "sync_fails",
                                          "rename_fails", "read_fails", "disk_full",
                                          "crash_lost",   "crash_torn", "crash_names"};
SB_STATIC_ASSERT(sizeof fault_names / sizeof *fault_names == FAULT_COUNT, "one name per fault");

struct sb_file {
    sb_os *os;
    sb_sim_node *node; /* NULL after a crash */
    bool readable, writable;
    sb_file *next, **link; /* list of all open files */
    char path[];
};

typedef struct sim_os {
    sb_os base;
    sb_sim_disk disk;
    uint64_t program_random, fault_random;
    int64_t now_ns;
    sb_sim_faults faults;
    bool lies;
    sb_file *files;
    int count_steps, step; /* labels; 0 is "" */
    char steps[STEPS_MAX][32];
    int64_t counts[STEPS_MAX][FAULT_COUNT];
} sim_os;

static sim_os *
self_of(sb_os *os)
{
    return (sim_os *)os;
}

/* ---- faults
 * ------------------------------------------------------------------------------------- */

static void
count_fault(sim_os *self, fault kind, int64_t times)
{
    self->counts[self->step][kind] += times;
}

static bool
strikes(sim_os *self, fault kind, uint32_t chance)
{
    if (chance == 0 || (sb_sim_random(&self->fault_random) & 0xFFFF) >= chance) {
        return false;
    }
    count_fault(self, kind, 1);
    return true;
}

static sb_status
fail_io(sb_error *err, const char *what, const char *path, const char *cause)
{
    sb_error_set(err, SB_STATUS_IO, __FILE__, __LINE__, "cannot %s '%s': %s", what, path, cause);
    if (err) {
        err->retriable = true;
    }
    return SB_STATUS_IO;
}

#define INJECTED "simulated fault"

static int
fault_of(const char *name)
{
    for (int i = 0; i < FAULT_COUNT; i++) {
        if (strcmp(fault_names[i], name) == 0) {
            return i;
        }
    }
    sb_assert(!"unknown kind of fault");
}

int64_t
sb_os_sim_count(sb_os *os, const char *name)
{
    sim_os *self = self_of(os);
    int kind = fault_of(name);
    int64_t sum = 0;
    for (int i = 0; i < self->count_steps; i++) {
        sum += self->counts[i][kind];
    }
    return sum;
}

int64_t
sb_os_sim_count_at(sb_os *os, const char *name, const char *step)
{
    sim_os *self = self_of(os);
    int kind = fault_of(name);
    for (int i = 0; i < self->count_steps; i++) {
        if (strcmp(self->steps[i], step) == 0) {
            return self->counts[i][kind];
        }
    }
    return 0;
}

void
sb_os_sim_set_step(sb_os *os, const char *step)
{
    sim_os *self = self_of(os);
    for (int i = 0; i < self->count_steps; i++) {
        if (strcmp(self->steps[i], step) == 0) {
            self->step = i;
            return;
        }
    }
    sb_assert(self->count_steps < STEPS_MAX && strlen(step) < sizeof self->steps[0]);
    self->step = self->count_steps++;
    memcpy(self->steps[self->step], step, strlen(step) + 1);
}

void
sb_os_sim_set_faults(sb_os *os, const sb_sim_faults *faults)
{
    self_of(os)->faults = faults ? *faults : (sb_sim_faults){0};
}

void
sb_os_sim_lie_about_sync(sb_os *os, bool lie)
{
    self_of(os)->lies = lie;
}

/* ---- clock and random numbers
 * ------------------------------------------------------------------- */

static int64_t
sim_monotonic_ns(sb_os *os)
{
    return self_of(os)->now_ns;
}

static int64_t
sim_wall_us(sb_os *os)
{
    return EPOCH_US + self_of(os)->now_ns / 1000;
}

static uint64_t
sim_os_random(sb_os *os)
{
    return sb_sim_random(&self_of(os)->program_random);
}

void
sb_os_sim_advance(sb_os *os, int64_t ns)
{
    sb_assert(ns >= 0);
    self_of(os)->now_ns += ns;
}

/* ---- files
 * -------------------------------------------------------------------------------------- */

static sb_status
not_found(sb_error *err, const char *what, const char *path)
{
    SB_FAIL(err, SB_STATUS_NOT_FOUND, "cannot %s '%s': No such file or directory", what, path);
}

static sb_status
exists(sb_error *err, const char *what, const char *path)
{
    SB_FAIL(err, SB_STATUS_EXISTS, "cannot %s '%s': File exists", what, path);
}

static sb_status
check_open(const sb_file *f, const char *what, sb_error *err)
{
    return f->node ? SB_OK : fail_io(err, what, f->path, "the file was open in a crash");
}

static sb_status
sim_open(sb_os *os, const char *path, sb_open_mode mode, sb_file **out, sb_error *err)
{
    sim_os *self = self_of(os);
    char last[256];
    bool creates = mode != SB_OPEN_READ && mode != SB_OPEN_READWRITE;
    const char *what = creates ? "create" : "open";
    sb_sim_node *dir = sb_sim_find_parent(&self->disk, path, last);
    if (!dir) {
        return not_found(err, what, path);
    }
    sb_sim_node *node = *last ? sb_sim_child(dir, last) : dir;
    if (!node && !creates) {
        return not_found(err, what, path);
    }
    if (node && (mode == SB_OPEN_NEW || mode == SB_OPEN_NEW_LARGE)) {
        return exists(err, what, path);
    }
    if (node && node->is_dir) {
        return fail_io(err, what, path, "Is a directory");
    }
    if (!node) {
        node = sb_sim_make_file(&self->disk, dir, last, sim_wall_us(os));
    } else if (mode == SB_OPEN_CREATE) {
        sb_sim_file_truncate(&self->disk, node, 0);
    }
    sb_file *file = malloc(sizeof *file + strlen(path) + 1);
    sb_assert(file);
    *file = (sb_file){.os = os,
                      .node = sb_sim_node_ref(node),
                      .readable = true,
                      .writable = mode != SB_OPEN_READ,
                      .next = self->files,
                      .link = &self->files};
    memcpy(file->path, path, strlen(path) + 1);
    if (file->next) {
        file->next->link = &file->next;
    }
    self->files = file;
    *out = file;
    return SB_OK;
}

static void
file_detach(sim_os *self, sb_file *f)
{
    if (f->node) {
        if (f->node->lock == f) {
            f->node->lock = NULL;
        }
        sb_sim_node_unref(&self->disk, f->node);
        f->node = NULL;
    }
}

static void
sim_close(sb_os *os, sb_file *f)
{
    if (!f) {
        return;
    }
    file_detach(self_of(os), f);
    *f->link = f->next;
    if (f->next) {
        f->next->link = f->link;
    }
    free(f);
}

static sb_status
sim_read(sb_os *os, sb_file *f, int64_t offset, void *data, size_t size, size_t *out_read,
         sb_error *err)
{
    sim_os *self = self_of(os);
    *out_read = 0;
    SB_TRY(check_open(f, "read", err), err);
    if (strikes(self, READ_FAILS, self->faults.read_fails)) {
        return fail_io(err, "read", f->path, INJECTED);
    }
    size_t left =
        offset < 0 || (size_t)offset >= f->node->now_size ? 0 : f->node->now_size - (size_t)offset;
    size = size < left ? size : left;
    if (size > 0) {
        memcpy(data, f->node->now + offset, size);
    }
    *out_read = size;
    return SB_OK;
}

static sb_status
sim_write(sb_os *os, sb_file *f, const void *data, size_t size, sb_error *err)
{
    sim_os *self = self_of(os);
    SB_TRY(check_open(f, "write to", err), err);
    if (!f->writable) {
        return fail_io(err, "write to", f->path, "Bad file descriptor");
    }
    if (strikes(self, WRITE_FAILS, self->faults.write_fails)) {
        return fail_io(err, "write to", f->path, INJECTED);
    }
    if (self->faults.disk_full_after &&
        self->disk.bytes + (int64_t)size > self->faults.disk_full_after) {
        count_fault(self, DISK_FULL, 1);
        return fail_io(err, "write to", f->path, "No space left on device");
    }
    f->node->modified_us = sim_wall_us(os);
    if (strikes(self, WRITE_TORN, self->faults.write_torn)) {
        sb_sim_file_append(&self->disk, f->node, data,
                           sb_sim_random(&self->fault_random) % (size + 1));
        return fail_io(err, "write to", f->path, INJECTED);
    }
    sb_sim_file_append(&self->disk, f->node, data, size);
    return SB_OK;
}

static sb_status
sim_truncate(sb_os *os, sb_file *f, int64_t size, sb_error *err)
{
    SB_TRY(check_open(f, "truncate", err), err);
    if (size < 0 || !f->writable) {
        return fail_io(err, "truncate", f->path, "Invalid argument");
    }
    sb_sim_file_truncate(&self_of(os)->disk, f->node, (size_t)size);
    f->node->modified_us = sim_wall_us(os);
    return SB_OK;
}

static sb_status
sim_sync(sb_os *os, sb_file *f, sb_error *err)
{
    sim_os *self = self_of(os);
    SB_TRY(check_open(f, "sync", err), err);
    if (strikes(self, SYNC_FAILS, self->faults.sync_fails)) {
        return fail_io(err, "sync", f->path, INJECTED);
    }
    if (!self->lies) {
        sb_sim_file_sync(f->node);
    }
    return SB_OK;
}

static int64_t
sim_size(sb_os *os, sb_file *f)
{
    (void)os;
    return f->node ? (int64_t)f->node->now_size : 0;
}

static sb_status
sim_lock(sb_os *os, sb_file *f, sb_error *err)
{
    (void)os;
    SB_TRY(check_open(f, "lock", err), err);
    if (f->node->lock && f->node->lock != f) {
        SB_FAIL(err, SB_STATUS_CONFLICT, "'%s' is locked by another user", f->path);
    }
    f->node->lock = f;
    return SB_OK;
}

static sb_status
sim_map(sb_os *os, sb_file *f, const void **out, size_t *out_size, sb_error *err)
{
    sim_os *self = self_of(os);
    SB_TRY(check_open(f, "map", err), err);
    if (strikes(self, READ_FAILS, self->faults.read_fails)) {
        return fail_io(err, "map", f->path, INJECTED);
    }
    size_t size = f->node->now_size;
    char *copy = size ? malloc(size) : NULL;
    sb_assert(size == 0 || copy);
    if (size > 0) {
        memcpy(copy, f->node->now, size);
    }
    *out = size ? copy : "";
    *out_size = size;
    return SB_OK;
}

static void
sim_unmap(sb_os *os, const void *data, size_t size)
{
    (void)os;
    if (size > 0) {
        free((void *)(uintptr_t)data);
    }
}

/* ---- names
 * -------------------------------------------------------------------------------------- */

static sb_status
sim_stat(sb_os *os, const char *path, sb_file_info *out, sb_error *err)
{
    sb_sim_node *node = sb_sim_find(&self_of(os)->disk, path);
    if (!node) {
        return not_found(err, "look at", path);
    }
    *out = (sb_file_info){
        .size = (int64_t)node->now_size, .modified_us = node->modified_us, .is_dir = node->is_dir};
    return SB_OK;
}

/* The rules of rename(2) for what stands at the new name. */
static sb_status
check_target(const sb_sim_node *node, const sb_sim_node *target, const char *path, sb_error *err)
{
    if (!target) {
        return SB_OK;
    }
    if (target->is_dir && !node->is_dir) {
        return fail_io(err, "rename", path, "Is a directory");
    }
    if (!target->is_dir && node->is_dir) {
        return fail_io(err, "rename", path, "Not a directory");
    }
    if (target->is_dir && target->names.count > 0) {
        return fail_io(err, "rename", path, "Directory not empty");
    }
    return SB_OK;
}

static bool
is_under(const sb_sim_node *dir, const sb_sim_node *wanted)
{
    for (int32_t i = 0; i < dir->names.count; i++) {
        const sb_sim_node *node = dir->names.entries[i].node;
        if (node == wanted || (node->is_dir && is_under(node, wanted))) {
            return true;
        }
    }
    return false;
}

static sb_status
sim_rename(sb_os *os, const char *from, const char *to, sb_error *err)
{
    sim_os *self = self_of(os);
    char from_name[256], to_name[256];
    sb_sim_node *from_dir = sb_sim_find_parent(&self->disk, from, from_name);
    sb_sim_node *to_dir = sb_sim_find_parent(&self->disk, to, to_name);
    sb_sim_node *node = from_dir && *from_name ? sb_sim_child(from_dir, from_name) : NULL;
    if (!node || !to_dir) {
        return not_found(err, "rename", from);
    }
    sb_sim_node *target = *to_name ? sb_sim_child(to_dir, to_name) : to_dir;
    SB_TRY(check_target(node, target, from, err), err);
    if (node->is_dir && (node == to_dir || is_under(node, to_dir))) {
        return fail_io(err, "rename", from, "Invalid argument");
    }
    if (strikes(self, RENAME_FAILS, self->faults.rename_fails)) {
        return fail_io(err, "rename", from, INJECTED);
    }
    if (node != target) { /* two names of one file: rename does nothing */
        sb_sim_move(&self->disk, from_dir, from_name, to_dir, to_name);
    }
    return SB_OK;
}

static sb_status
sim_link_new(sb_os *os, const char *from, const char *to, sb_error *err)
{
    sim_os *self = self_of(os);
    char name[256];
    sb_sim_node *node = sb_sim_find(&self->disk, from);
    sb_sim_node *dir = sb_sim_find_parent(&self->disk, to, name);
    if (!node || !dir) {
        return not_found(err, "link", from);
    }
    if (node->is_dir) {
        return fail_io(err, "link", from, "Operation not permitted");
    }
    if (!*name || sb_sim_child(dir, name)) {
        return exists(err, "link", to);
    }
    if (strikes(self, RENAME_FAILS, self->faults.rename_fails)) {
        return fail_io(err, "link", from, INJECTED);
    }
    sb_sim_set(&self->disk, dir, name, node);
    return SB_OK;
}

static sb_status
sim_remove(sb_os *os, const char *path, sb_error *err)
{
    sim_os *self = self_of(os);
    char name[256];
    sb_sim_node *dir = sb_sim_find_parent(&self->disk, path, name);
    sb_sim_node *node = dir && *name ? sb_sim_child(dir, name) : NULL;
    if (dir && !*name) {
        return fail_io(err, "remove", path, "Device or resource busy");
    }
    if (!node) {
        return SB_OK;
    }
    if (node->is_dir && node->names.count > 0) {
        return fail_io(err, "remove", path, "Directory not empty");
    }
    sb_sim_unset(&self->disk, dir, name);
    return SB_OK;
}

static sb_status
sim_mkdirs(sb_os *os, const char *path, sb_error *err)
{
    sim_os *self = self_of(os);
    char part[4096], name[256];
    size_t size = strlen(path);
    if (size >= sizeof part) {
        return fail_io(err, "create the folder", path, "File name too long");
    }
    for (size_t i = 1; i <= size; i++) {
        if (path[i] != '/' && path[i] != 0) {
            continue;
        }
        memcpy(part, path, i);
        part[i] = 0;
        sb_sim_node *dir = sb_sim_find_parent(&self->disk, part, name);
        sb_sim_node *node = dir && *name ? sb_sim_child(dir, name) : dir;
        if (!dir || (node && !node->is_dir)) {
            return fail_io(err, "create the folder", part, "Not a directory");
        }
        if (!node) {
            sb_sim_make_dir(&self->disk, dir, name, sim_wall_us(os));
        }
    }
    return SB_OK;
}

static sb_status
sim_sync_dir(sb_os *os, const char *path, sb_error *err)
{
    sim_os *self = self_of(os);
    sb_sim_node *dir = sb_sim_find(&self->disk, path);
    if (!dir) {
        return not_found(err, "sync the folder", path);
    }
    if (!dir->is_dir) {
        return fail_io(err, "sync the folder", path, "Not a directory");
    }
    if (strikes(self, SYNC_FAILS, self->faults.sync_fails)) {
        return fail_io(err, "sync the folder", path, INJECTED);
    }
    if (!self->lies) {
        sb_sim_dir_sync(&self->disk, dir);
    }
    return SB_OK;
}

static void
sim_list_free(sb_os *os, sb_mem *mem, sb_dir_list *list)
{
    (void)os;
    for (int32_t i = 0; i < list->count && list->entries; i++) {
        if (list->entries[i].name) {
            sb_free(mem, list->entries[i].name, strlen(list->entries[i].name) + 1);
        }
    }
    sb_free(mem, list->entries, sizeof *list->entries * (size_t)list->count);
    *list = (sb_dir_list){0};
}

static sb_status
sim_list(sb_os *os, const char *path, sb_mem *mem, sb_dir_list *out, sb_error *err)
{
    sb_sim_node *dir = sb_sim_find(&self_of(os)->disk, path);
    if (!dir) {
        return not_found(err, "list the folder", path);
    }
    if (!dir->is_dir) {
        return fail_io(err, "list the folder", path, "Not a directory");
    }
    sb_dir_list list = {.count = dir->names.count};
    list.entries = sb_alloc_zero(mem, sizeof *list.entries * (size_t)list.count);
    if (!list.entries) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < list.count; i++) {
        const sb_sim_name *from = &dir->names.entries[i];
        size_t size = strlen(from->name) + 1;
        list.entries[i].name = sb_alloc(mem, size);
        if (!list.entries[i].name) {
            sim_list_free(os, mem, &list);
            SB_NOMEM(err);
        }
        memcpy(list.entries[i].name, from->name, size);
        list.entries[i].is_dir = from->node->is_dir;
    }
    *out = list;
    return SB_OK;
}

/* ---- life
 * --------------------------------------------------------------------------------------- */

void
sb_os_sim_crash(sb_os *os)
{
    sim_os *self = self_of(os);
    sb_sim_damage damage = {0};
    for (sb_file *f = self->files; f; f = f->next) {
        file_detach(self, f);
    }
    sb_sim_disk_crash(&self->disk, &damage);
    count_fault(self, CRASH_LOST, damage.lost);
    count_fault(self, CRASH_TORN, damage.torn);
    count_fault(self, CRASH_NAMES, damage.names);
}

sb_os *
sb_os_sim_new(uint64_t seed)
{
    sim_os *self = calloc(1, sizeof *self);
    if (!self) {
        return NULL;
    }
    self->base = (sb_os){
        .name = "sim",
        .monotonic_ns = sim_monotonic_ns,
        .wall_us = sim_wall_us,
        .random = sim_os_random,
        .open = sim_open,
        .read = sim_read,
        .write = sim_write,
        .truncate = sim_truncate,
        .sync = sim_sync,
        .size = sim_size,
        .close = sim_close,
        .lock = sim_lock,
        .map = sim_map,
        .unmap = sim_unmap,
        .stat = sim_stat,
        .rename = sim_rename,
        .link_new = sim_link_new,
        .remove = sim_remove,
        .mkdirs = sim_mkdirs,
        .sync_dir = sim_sync_dir,
        .list = sim_list,
        .list_free = sim_list_free,
    };
    self->program_random = seed;
    self->fault_random = seed ^ UINT64_C(0xD1B54A32D192ED03);
    self->count_steps = 1;
    sb_sim_disk_init(&self->disk, &self->fault_random);
    return &self->base;
}

void
sb_os_sim_free(sb_os *os)
{
    sim_os *self = self_of(os);
    if (!self) {
        return;
    }
    while (self->files) {
        sim_close(os, self->files);
    }
    sb_sim_disk_deinit(&self->disk);
    free(self);
}
