/*
 * connectors/filesystem/fs_walk.c -- which files a path names.
 *
 * DESIGN     Folders are walked with all folders in them; names that begin with '.' or '_' are left
 *            out, as Flink does. The files found in one look are sorted by their whole path, so
 *            that ordinals do not depend on the order of folders.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/filesystem/filesystem.h"
#include "formats/pattern.h"

#define DEPTH_MAX 64
#define FILES_MAX 100000 /* splits are kept in memory and in every checkpoint */

typedef struct found_file {
    char *path;
    sb_fs_file file;
} found_file;

typedef struct walk {
    sb_os *os;
    sb_mem *mem;
    sb_arena *arena;
    sb_pattern *regex;
    found_file *files;
    int32_t count, capacity;
} walk;

static bool
has_glob(const char *s)
{
    return strpbrk(s, "*?[") != NULL;
}

static sb_status
add_file(walk *w, const char *path, const sb_file_info *info, sb_error *err)
{
    if (w->regex && !sb_pattern_matches(w->regex, sb_str_of(path))) {
        char *rooted = *path == '/' ? NULL : sb_arena_printf(w->arena, "/%s", path);
        if (!rooted || !sb_pattern_matches(w->regex, sb_str_of(rooted))) {
            return SB_OK;
        }
    }
    if (w->count == w->capacity) {
        if (w->count >= FILES_MAX) {
            SB_FAIL(err, SB_STATUS_LIMIT, "more than %d files to read", FILES_MAX);
        }
        int32_t capacity = w->capacity ? w->capacity * 2 : 64;
        found_file *files = sb_realloc(w->mem, w->files, sizeof *files * (size_t)w->capacity,
                                       sizeof *files * (size_t)capacity);
        if (!files) {
            SB_NOMEM(err);
        }
        w->files = files;
        w->capacity = capacity;
    }
    char *copy = sb_arena_strdup(w->arena, path);
    if (!copy) {
        SB_NOMEM(err);
    }
    w->files[w->count++] = (found_file){copy, {info->size, info->modified_us}};
    return SB_OK;
}

static char *
join(walk *w, const char *folder, const char *name)
{
    size_t size = strlen(folder);
    const char *slash = size == 0 || folder[size - 1] == '/' ? "" : "/";
    return sb_arena_printf(w->arena, "%s%s%s", folder, slash, name);
}

static sb_status
walk_folder(walk *w, const char *folder, int depth, sb_error *err)
{
    sb_dir_list list = {NULL, 0};
    if (depth > DEPTH_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT, "folders nested deeper than %d at '%s'", DEPTH_MAX, folder);
    }
    sb_status status = w->os->list(w->os, folder, w->mem, &list, err);
    for (int32_t i = 0; i < list.count && status == SB_OK; i++) {
        const sb_dir_entry *entry = &list.entries[i];
        if (entry->name[0] == '.' || entry->name[0] == '_') {
            continue;
        }
        char *path = join(w, folder, entry->name);
        sb_file_info info;
        if (!path) {
            status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        } else if (entry->is_dir) {
            status = walk_folder(w, path, depth + 1, err);
        } else {
            status = w->os->stat(w->os, path, &info, err);
            if (status == SB_OK) {
                status = info.is_dir ? walk_folder(w, path, depth + 1, err)
                                     : add_file(w, path, &info, err);
            } else if (status == SB_STATUS_NOT_FOUND) {
                status = SB_OK; /* gone since the folder was listed */
            }
        }
    }
    w->os->list_free(w->os, w->mem, &list);
    return status;
}

static sb_status
walk_path(walk *w, const char *path, sb_error *err)
{
    sb_file_info info;
    SB_TRY(w->os->stat(w->os, path, &info, err), err);
    return info.is_dir ? walk_folder(w, path, 0, err) : add_file(w, path, &info, err);
}

/* `rest` is what the pattern still says below `base`. */
static sb_status
walk_glob(walk *w, const char *base, const char *rest, sb_error *err)
{
    while (*rest == '/') {
        rest++;
    }
    if (!*rest) {
        return walk_path(w, base, err);
    }
    const char *slash = strchr(rest, '/');
    char *name = sb_arena_strndup(w->arena, rest, slash ? (size_t)(slash - rest) : strlen(rest));
    const char *after = slash ? slash : "";
    if (!name) {
        SB_NOMEM(err);
    }
    if (!has_glob(name)) {
        char *path = join(w, base, name);
        sb_file_info info;
        if (!path) {
            SB_NOMEM(err);
        }
        sb_status status = w->os->stat(w->os, path, &info, err);
        return status == SB_STATUS_NOT_FOUND ? SB_OK
               : status != SB_OK             ? status
                                             : walk_glob(w, path, after, err);
    }
    sb_dir_list list = {NULL, 0};
    sb_status status = w->os->list(w->os, *base ? base : ".", w->mem, &list, err);
    for (int32_t i = 0; i < list.count && status == SB_OK; i++) {
        bool hidden = (list.entries[i].name[0] == '.' || list.entries[i].name[0] == '_') &&
                      name[0] != list.entries[i].name[0];
        if (hidden || !sb_fs_glob(name, list.entries[i].name) ||
            (*after && !list.entries[i].is_dir)) {
            continue;
        }
        char *path = join(w, base, list.entries[i].name);
        status = path ? walk_glob(w, path, after, err)
                      : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    w->os->list_free(w->os, w->mem, &list);
    return status;
}

static int
compare_files(const void *a, const void *b)
{
    return strcmp(((const found_file *)a)->path, ((const found_file *)b)->path);
}

static sb_status
walk_all(walk *w, const sb_fs_options *options, sb_error *err)
{
    if (!has_glob(options->path)) {
        sb_status status = walk_path(w, options->path, err);
        if (status == SB_STATUS_NOT_FOUND && options->monitor_ms > 0) {
            return SB_OK; /* it may come yet */
        }
        if (status == SB_STATUS_NOT_FOUND) {
            SB_FAIL(err, SB_STATUS_NOT_FOUND, "path '%s' does not exist", options->path);
        }
        return status;
    }
    return walk_glob(w, options->path[0] == '/' ? "/" : "", options->path, err);
}

void
sb_fs_file_write(sb_writer *w, const sb_fs_file *file)
{
    sb_write_u8(w, 1);
    sb_write_i64(w, file->size);
    sb_write_i64(w, file->modified_us);
}

sb_status
sb_fs_file_read(sb_str descriptor, sb_fs_file *out, sb_error *err)
{
    sb_reader r = sb_reader_of(descriptor.data, descriptor.size);
    if (sb_read_u8(&r) != 1) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "the description of a file has an unknown version");
    }
    out->size = sb_read_i64(&r);
    out->modified_us = sb_read_i64(&r);
    return sb_reader_done(&r, "description of a file", err);
}

static sb_status
add_splits(walk *w, sb_split_list *list, sb_error *err)
{
    sb_writer descriptor;
    sb_status status = SB_OK;
    sb_writer_init(&descriptor, w->mem);
    for (int32_t i = 0; i < w->count && status == SB_OK; i++) {
        sb_text_clear(&descriptor.out);
        sb_fs_file_write(&descriptor, &w->files[i].file);
        if (descriptor.out.failed) {
            status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        } else {
            status = sb_split_add(list, w->files[i].path,
                                  (sb_str){descriptor.out.data, descriptor.out.size}, err);
        }
    }
    sb_writer_deinit(&descriptor);
    return status;
}

sb_status
sb_fs_enumerate(const sb_fs_options *options, sb_os *os, sb_mem *mem, sb_split_list *list,
                sb_error *err)
{
    walk w = {.os = os, .mem = mem, .arena = sb_arena_new(mem)};
    sb_status status =
        w.arena ? SB_OK : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK && options->regex) {
        status = sb_pattern_new(mem, options->regex, &w.regex, err);
    }
    if (status == SB_OK) {
        status = walk_all(&w, options, err);
    }
    if (status == SB_OK) {
        if (w.count > 1) {
            qsort(w.files, (size_t)w.count, sizeof *w.files, compare_files);
        }
        status = add_splits(&w, list, err);
    }
    if (status == SB_OK && options->monitor_ms == 0) {
        list->complete = true;
    }
    sb_pattern_free(w.regex);
    sb_free(mem, w.files, sizeof *w.files * (size_t)w.capacity);
    sb_arena_free(w.arena);
    return status;
}
