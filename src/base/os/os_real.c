/*
 * base/os/os_real.c -- clock, random numbers and files of the machine.
 *
 * DESIGN     Files that are written are opened with O_APPEND, so "at the end" holds also after a
 *            truncation and for two writers. Locks are flock locks: they belong to the open file,
 *            so a second open conflicts in the same process too, and they die with the process.
 *            Large files are written with O_DIRECT where that works: copying into the page cache
 *            costs more CPU time than making what is copied.
 * OWNERSHIP  An sb_file is freed by close.
 * THREADS    T:any
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/os/os.h"

#define DIRECT_MIN (256 * 1024) /* smaller writes are not worth a direct one */

struct sb_file {
    int fd;
    char *path;        /* for messages; owned */
    bool wants_direct; /* opened as NEW_LARGE, and direct writes work */
    bool is_direct;    /* O_DIRECT is set */
    int64_t written;   /* bytes by this handle */
};

static sb_status
fail_errno(sb_error *err, int cause, const char *what, const char *path)
{
    sb_status status = cause == ENOENT   ? SB_STATUS_NOT_FOUND
                       : cause == EEXIST ? SB_STATUS_EXISTS
                       : cause == ENOMEM ? SB_STATUS_NOMEM
                                         : SB_STATUS_IO;
    char text[128];
    sb_error_set(err, status, __FILE__, __LINE__, "cannot %s '%s': %s", what, path,
                 strerror_r(cause, text, sizeof text));
    if (err) {
        err->retriable = cause == ENOSPC || cause == EDQUOT || cause == EIO || cause == EAGAIN ||
                         cause == EMFILE || cause == ENFILE || cause == EBUSY;
    }
    return status;
}

/* ---- clock and random numbers
 * ------------------------------------------------------------------- */

static int64_t
real_monotonic_ns(sb_os *os)
{
    (void)os;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t
real_wall_us(sb_os *os)
{
    (void)os;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static uint64_t
real_random(sb_os *os)
{
    uint64_t v = 0;
    if (getrandom(&v, sizeof v, GRND_NONBLOCK) != (ssize_t)sizeof v) {
        /* Only at boot, before the kernel has entropy. */
        v = (uint64_t)real_monotonic_ns(os) * UINT64_C(0x9E3779B97F4A7C15) ^ (uint64_t)getpid();
    }
    return v;
}

/* ---- files
 * -------------------------------------------------------------------------------------- */

static int
open_retrying(const char *path, int flags)
{
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, 0666);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static sb_status
real_open(sb_os *os, const char *path, sb_open_mode mode, sb_file **out, sb_error *err)
{
    static const int flags[] = {
        [SB_OPEN_READ] = O_RDONLY,
        [SB_OPEN_CREATE] = O_RDWR | O_APPEND | O_CREAT | O_TRUNC,
        [SB_OPEN_NEW] = O_RDWR | O_APPEND | O_CREAT | O_EXCL,
        [SB_OPEN_APPEND] = O_RDWR | O_APPEND | O_CREAT,
        [SB_OPEN_READWRITE] = O_RDWR | O_APPEND,
        [SB_OPEN_NEW_LARGE] = O_RDWR | O_APPEND | O_CREAT | O_EXCL,
    };
    (void)os;
    sb_assert((unsigned)mode < sizeof flags / sizeof *flags);
    int fd = open_retrying(path, flags[mode]);
    if (fd < 0 && errno == EACCES && (mode == SB_OPEN_CREATE || mode == SB_OPEN_APPEND)) {
        /* may be written but not read */
        fd = open_retrying(path, (flags[mode] & ~O_RDWR) | O_WRONLY);
    }
    if (fd < 0) {
        bool creates = mode != SB_OPEN_READ && mode != SB_OPEN_READWRITE;
        return fail_errno(err, errno, creates ? "create" : "open", path);
    }
    sb_file *file = malloc(sizeof *file);
    char *copy = strdup(path);
    if (!file || !copy) {
        free(file);
        free(copy);
        close(fd);
        SB_NOMEM(err);
    }
    *file = (sb_file){.fd = fd, .path = copy, .wants_direct = mode == SB_OPEN_NEW_LARGE};
    *out = file;
    return SB_OK;
}

static sb_status
real_read(sb_os *os, sb_file *f, int64_t offset, void *data, size_t size, size_t *out_read,
          sb_error *err)
{
    (void)os;
    size_t done = 0;
    bool seekable = true;
    while (done < size) {
        ssize_t got = seekable
                          ? pread(f->fd, (char *)data + done, size - done, offset + (int64_t)done)
                          : read(f->fd, (char *)data + done, size - done);
        if (got < 0 && errno == ESPIPE && seekable) {
            seekable = false; /* a pipe: in order */
            continue;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            *out_read = done;
            return fail_errno(err, errno, "read", f->path);
        }
        if (got == 0) {
            break;
        }
        done += (size_t)got;
        if (!seekable) {
            break; /* what is there now; the rest may take long */
        }
    }
    *out_read = done;
    return SB_OK;
}

/* False: the file system has no direct writes. */
static bool
set_direct(sb_file *f, bool direct)
{
    if (f->is_direct != direct) {
        int flags = fcntl(f->fd, F_GETFL);
        int want = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
        if (flags < 0 || fcntl(f->fd, F_SETFL, want) != 0) {
            return false;
        }
        f->is_direct = direct;
    }
    return true;
}

/* How much of a write goes past the page cache. Anything unexpected ends that for the file. */
static size_t
write_direct(sb_file *f, const void *data, size_t size)
{
    bool aligned = ((uintptr_t)data | (uint64_t)f->written) % SB_LARGE_ALIGN == 0;
    size_t part = size - size % SB_LARGE_ALIGN, done = 0;
    if (!f->wants_direct || !aligned || size < DIRECT_MIN) {
        return 0;
    }
    f->wants_direct = set_direct(f, true);
    while (done < part && f->wants_direct) {
        ssize_t put = write(f->fd, (const char *)data + done, part - done);
        if (put > 0) {
            done += (size_t)put;
        }
        f->wants_direct = (put < 0 && errno == EINTR) || (put > 0 && put % SB_LARGE_ALIGN == 0);
    }
    return done;
}

static sb_status
real_write(sb_os *os, sb_file *f, const void *data, size_t size, sb_error *err)
{
    (void)os;
    size_t done = write_direct(f, data, size);
    if (done < size && !set_direct(f, false)) {
        return fail_errno(err, errno, "write to", f->path);
    }
    while (done < size) {
        ssize_t put = write(f->fd, (const char *)data + done, size - done);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return fail_errno(err, errno, "write to", f->path);
        }
        done += (size_t)put;
    }
    f->written += (int64_t)size;
    return SB_OK;
}

static sb_status
real_truncate(sb_os *os, sb_file *f, int64_t size, sb_error *err)
{
    (void)os;
    while (ftruncate(f->fd, size) != 0) {
        if (errno != EINTR) {
            return fail_errno(err, errno, "truncate", f->path);
        }
    }
    return SB_OK;
}

static sb_status
real_sync(sb_os *os, sb_file *f, sb_error *err)
{
    (void)os;
    while (fdatasync(f->fd) != 0) {
        if (errno == EINVAL || errno == EROFS) {
            return SB_OK; /* a pipe or device: there is nothing to sync */
        }
        if (errno != EINTR) {
            return fail_errno(err, errno, "sync", f->path);
        }
    }
    return SB_OK;
}

static int64_t
real_size(sb_os *os, sb_file *f)
{
    (void)os;
    struct stat st;
    return fstat(f->fd, &st) == 0 ? (int64_t)st.st_size : 0;
}

static void
real_close(sb_os *os, sb_file *f)
{
    (void)os;
    if (f) {
        close(f->fd);
        free(f->path);
        free(f);
    }
}

static sb_status
real_lock(sb_os *os, sb_file *f, sb_error *err)
{
    (void)os;
    while (flock(f->fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            SB_FAIL(err, SB_STATUS_CONFLICT, "'%s' is locked by another user", f->path);
        }
        if (errno != EINTR) {
            return fail_errno(err, errno, "lock", f->path);
        }
    }
    return SB_OK;
}

static sb_status
real_map(sb_os *os, sb_file *f, const void **out, size_t *out_size, sb_error *err)
{
    (void)os;
    struct stat st;
    if (fstat(f->fd, &st) != 0) {
        return fail_errno(err, errno, "map", f->path);
    }
    if (st.st_size == 0) {
        *out = "";
        *out_size = 0;
        return SB_OK;
    }
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, f->fd, 0);
    if (at == MAP_FAILED) {
        return fail_errno(err, errno, "map", f->path);
    }
    *out = at;
    *out_size = (size_t)st.st_size;
    return SB_OK;
}

static void
real_unmap(sb_os *os, const void *data, size_t size)
{
    (void)os;
    if (size > 0) {
        munmap((void *)(uintptr_t)data, size);
    }
}

/* ---- names
 * -------------------------------------------------------------------------------------- */

static sb_status
real_stat(sb_os *os, const char *path, sb_file_info *out, sb_error *err)
{
    (void)os;
    struct stat st;
    if (stat(path, &st) != 0) {
        return fail_errno(err, errno, "look at", path);
    }
    *out = (sb_file_info){
        .size = st.st_size,
        .modified_us = (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000,
        .is_dir = S_ISDIR(st.st_mode),
    };
    return SB_OK;
}

static sb_status
real_rename(sb_os *os, const char *from, const char *to, sb_error *err)
{
    (void)os;
    if (rename(from, to) != 0) {
        int cause = errno;
        sb_status status = fail_errno(err, cause, "rename", from);
        sb_error_hint(err, "the new name was '%.400s'", to);
        return status;
    }
    return SB_OK;
}

static sb_status
real_link_new(sb_os *os, const char *from, const char *to, sb_error *err)
{
    (void)os;
    if (link(from, to) != 0) {
        int cause = errno;
        return fail_errno(err, cause, "link", cause == EEXIST ? to : from);
    }
    return SB_OK;
}

static sb_status
real_remove(sb_os *os, const char *path, sb_error *err)
{
    (void)os;
    if (unlink(path) == 0 || errno == ENOENT) {
        return SB_OK;
    }
    int cause = errno;
    if ((cause == EISDIR || cause == EPERM) && (rmdir(path) == 0 || errno == ENOENT)) {
        return SB_OK;
    }
    return fail_errno(err, cause == EISDIR ? errno : cause, "remove", path);
}

static sb_status
real_sync_dir(sb_os *os, const char *path, sb_error *err)
{
    (void)os;
    int fd = open_retrying(*path ? path : ".", O_RDONLY | O_DIRECTORY);
    if (fd < 0) {
        return fail_errno(err, errno, "sync the folder", path);
    }
    /* some file systems have no such call */
    int failed = fsync(fd) != 0 && errno != EINVAL ? errno : 0;
    close(fd);
    return failed ? fail_errno(err, failed, "sync the folder", path) : SB_OK;
}

/* A folder that lost its own name in a crash would take along what was synced in it: make the
 * name durable. */
static sb_status
sync_parent(sb_os *os, const char *path, sb_error *err)
{
    char parent[4096];
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return real_sync_dir(os, ".", err);
    }
    size_t size = slash == path ? 1 : (size_t)(slash - path);
    memcpy(parent, path, size);
    parent[size] = 0;
    return real_sync_dir(os, parent, err);
}

static sb_status
make_one_dir(sb_os *os, const char *path, sb_error *err)
{
    if (mkdir(path, 0777) == 0) {
        return sync_parent(os, path, err);
    }
    int cause = errno;
    struct stat st;
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode)) {
            return SB_OK;
        }
        cause = ENOTDIR;
    }
    return fail_errno(err, cause, "create the folder", path);
}

static sb_status
real_mkdirs(sb_os *os, const char *path, sb_error *err)
{
    char part[4096];
    size_t size = strlen(path);
    if (size >= sizeof part) {
        return fail_errno(err, ENAMETOOLONG, "create the folder", path);
    }
    for (size_t i = 1; i <= size; i++) {
        if ((path[i] == '/' || path[i] == 0) && path[i - 1] != '/') {
            memcpy(part, path, i);
            part[i] = 0;
            SB_TRY(make_one_dir(os, part, err), err);
        }
    }
    return SB_OK;
}

/* ---- listing
 * ------------------------------------------------------------------------------------ */

/* The room of a list follows from its count, so that list_free knows what was allocated. */
static int32_t
list_room(int32_t count)
{
    int32_t room = 16;
    while (room < count) {
        room *= 2;
    }
    return count ? room : 0;
}

static int
entry_order(const void *a, const void *b)
{
    return strcmp(((const sb_dir_entry *)a)->name, ((const sb_dir_entry *)b)->name);
}

static void
real_list_free(sb_os *os, sb_mem *mem, sb_dir_list *list)
{
    (void)os;
    for (int32_t i = 0; i < list->count; i++) {
        sb_free(mem, list->entries[i].name, strlen(list->entries[i].name) + 1);
    }
    sb_free(mem, list->entries, sizeof *list->entries * (size_t)list_room(list->count));
    *list = (sb_dir_list){0};
}

static bool
list_add(sb_mem *mem, sb_dir_list *list, const char *name, bool is_dir)
{
    size_t size = strlen(name) + 1;
    char *copy = sb_alloc(mem, size);
    if (!copy) {
        return false;
    }
    int32_t room = list_room(list->count), need = list_room(list->count + 1);
    if (need > room) {
        size_t one = sizeof *list->entries;
        sb_dir_entry *grown =
            sb_realloc(mem, list->entries, one * (size_t)room, one * (size_t)need);
        if (!grown) {
            sb_free(mem, copy, size);
            return false;
        }
        list->entries = grown;
    }
    memcpy(copy, name, size);
    list->entries[list->count++] = (sb_dir_entry){.name = copy, .is_dir = is_dir};
    return true;
}

static bool
is_folder(DIR *dir, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK) {
        return entry->d_type == DT_DIR;
    }
    return fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static sb_status
real_list(sb_os *os, const char *path, sb_mem *mem, sb_dir_list *out, sb_error *err)
{
    sb_dir_list list = {0};
    DIR *dir = opendir(*path ? path : ".");
    if (!dir) {
        return fail_errno(err, errno, "list the folder", path);
    }
    sb_status status = SB_OK;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry) {
            status = errno ? fail_errno(err, errno, "list the folder", path) : SB_OK;
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (!list_add(mem, &list, entry->d_name, is_folder(dir, entry))) {
            status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
            break;
        }
    }
    closedir(dir);
    if (status != SB_OK) {
        real_list_free(os, mem, &list);
        return status;
    }
    if (list.count > 1) {
        qsort(list.entries, (size_t)list.count, sizeof *list.entries, entry_order);
    }
    *out = list;
    return SB_OK;
}

sb_os *
sb_os_real(void)
{
    static sb_os real = {
        .name = "real",
        .monotonic_ns = real_monotonic_ns,
        .wall_us = real_wall_us,
        .random = real_random,
        .open = real_open,
        .read = real_read,
        .write = real_write,
        .truncate = real_truncate,
        .sync = real_sync,
        .size = real_size,
        .close = real_close,
        .lock = real_lock,
        .map = real_map,
        .unmap = real_unmap,
        .stat = real_stat,
        .rename = real_rename,
        .link_new = real_link_new,
        .remove = real_remove,
        .mkdirs = real_mkdirs,
        .sync_dir = real_sync_dir,
        .list = real_list,
        .list_free = real_list_free,
    };
    return &real;
}
