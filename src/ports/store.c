/*
 * ports/store.c -- the object store as a folder of files.
 *
 * DESIGN     A blob is written to a temporary name beside its own, synced, and then renamed (or,
 *            where the name must be new, hard-linked), then its folder is synced. Temporary names
 *            end in ".tmp-<hex>" and are never listed; what a crash left of them is removed when
 *            the folder is locked. The owner holds a lock on the file LOCK. A large blob goes out
 *            in aligned pieces of 2 MiB, which need not pass the page cache (base/os).
 * OWNERSHIP  A writer owns its file until finish or abort.
 * THREADS    T:any with a T:any sb_os: a store has no state that changes after opening, but for the
 *            lock.
 */
#include "ports/store.h"

#include <stdlib.h>
#include <string.h>

#define PATH_MAX_BYTES 4096
#define NAME_MAX_BYTES 1024
#define BUFFER_MIN     (64 * 1024)
#define BUFFER_FULL    (2 * 1024 * 1024) /* is written; larger writes are not cheaper */
#define LOCK_NAME      "LOCK"
#define TMP_MARK       ".tmp-"

struct sb_store {
    sb_os *os;
    sb_mem *mem;
    char *folder;       /* without '/' at the end */
    size_t folder_size; /* of the allocation */
    sb_file *lock;      /* NULL: not the owner */
};

struct sb_blob_writer {
    sb_store *store;
    sb_file *file;
    bool is_new;      /* publish only if the name is free */
    sb_status failed; /* of an earlier call; SB_OK: none */
    char name[NAME_MAX_BYTES + 1];
    char temporary[NAME_MAX_BYTES + 64];
    char *buffer; /* aligned to SB_LARGE_ALIGN; NULL: none yet */
    size_t buffered, capacity;
    void *memory; /* that `buffer` is a part of */
};

/* ---- names and paths
 * ------------------------------------------------------------------------------ */

/* Segments that are not empty, "." or ".."; none that the store uses itself. */
static bool
is_valid_name(const char *name)
{
    size_t size = strlen(name);
    if (size == 0 || size > NAME_MAX_BYTES || strstr(name, TMP_MARK) ||
        strcmp(name, LOCK_NAME) == 0) {
        return false;
    }
    for (const char *at = name;; at++) {
        size_t length = strcspn(at, "/");
        if (length == 0 || length > 200 || strncmp(at, ".", length) == 0 ||
            strncmp(at, "..", length) == 0) {
            return false;
        }
        at += length;
        if (*at == 0) {
            return true;
        }
    }
}

static sb_status
check_name(const char *name, sb_error *err)
{
    if (!is_valid_name(name)) {
        SB_FAIL(err, SB_STATUS_INVALID, "'%.200s' is not a valid blob name", name);
    }
    return SB_OK;
}

static sb_status
make_path(const sb_store *store, const char *name, char path[PATH_MAX_BYTES], sb_error *err)
{
    size_t folder = strlen(store->folder), size = strlen(name);
    if (folder + 1 + size >= PATH_MAX_BYTES) {
        SB_FAIL(err, SB_STATUS_INVALID, "the path of blob '%.200s' is too long", name);
    }
    memcpy(path, store->folder, folder);
    path[folder] = '/';
    memcpy(path + folder + 1, name, size + 1);
    return SB_OK;
}

static void
cut_last(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash) {
        slash[slash == path] = 0;
    }
}

static sb_status
sync_folder_of(const sb_store *store, const char *path, sb_error *err)
{
    char folder[PATH_MAX_BYTES];
    memcpy(folder, path, strlen(path) + 1);
    cut_last(folder);
    return store->os->sync_dir(store->os, folder, err);
}

/* ---- open and close
 * ------------------------------------------------------------------------------- */

sb_status
sb_store_open_folder(sb_os *os, sb_mem *mem, const char *folder, sb_store **out, sb_error *err)
{
    size_t size = strlen(folder);
    if (size == 0 || size > PATH_MAX_BYTES - NAME_MAX_BYTES - 64) {
        SB_FAIL(err, SB_STATUS_INVALID, "'%.200s' is not a valid folder for a store", folder);
    }
    while (size > 1 && folder[size - 1] == '/') {
        size--;
    }
    sb_store *store = sb_alloc_zero(mem, sizeof *store);
    char *copy = sb_alloc(mem, size + 1);
    sb_status status = SB_OK;
    if (!store || !copy) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    } else {
        memcpy(copy, folder, size);
        copy[size] = 0;
        status = os->mkdirs(os, copy, err);
    }
    if (status != SB_OK) {
        sb_free(mem, copy, size + 1);
        sb_free(mem, store, sizeof *store);
        return status;
    }
    *store = (sb_store){.os = os, .mem = mem, .folder = copy, .folder_size = size + 1};
    *out = store;
    return SB_OK;
}

sb_store *
sb_store_close(sb_store *store)
{
    if (store) {
        store->os->close(store->os, store->lock);
        sb_free(store->mem, store->folder, store->folder_size);
        sb_free(store->mem, store, sizeof *store);
    }
    return NULL;
}

const char *
sb_store_where(const sb_store *store)
{
    return store->folder;
}

uint64_t
sb_store_random(sb_store *store)
{
    return store->os->random(store->os);
}

/* Who holds the lock, as it wrote into the file. */
static void
name_holder(sb_store *store, sb_file *file, sb_error *err)
{
    char text[128];
    size_t size = 0;
    if (store->os->read(store->os, file, 0, text, sizeof text - 1, &size, NULL) != SB_OK) {
        size = 0;
    }
    text[size] = 0;
    text[strcspn(text, "\n")] = 0;
    sb_error_set(err, SB_STATUS_CONFLICT, __FILE__, __LINE__,
                 "folder '%.300s' is in use by another process%s%s%s", store->folder,
                 size ? " (" : "", text, size ? ")" : "");
    sb_error_hint(err, "stop the other process, or use another folder");
}

static sb_status remove_leftovers(sb_store *store, sb_error *err);

static sb_status
take_lock(sb_store *store, sb_file *file, sb_error *err)
{
    sb_os *os = store->os;
    sb_status status = os->lock(os, file, err);
    if (status == SB_STATUS_CONFLICT) {
        name_holder(store, file, err);
    }
    if (status != SB_OK) {
        return status;
    }
    sb_text text;
    sb_text_init(&text, store->mem);
    sb_text_printf(&text, "owner %016llx since %lld s after the epoch\n",
                   (unsigned long long)os->random(os), (long long)(os->wall_us(os) / 1000000));
    status = sb_text_failed(&text)
                 ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                 : os->truncate(os, file, 0, err);
    if (status == SB_OK) {
        status = os->write(os, file, text.data, text.size, err);
    }
    sb_text_deinit(&text);
    return status == SB_OK ? remove_leftovers(store, err) : status;
}

sb_status
sb_store_lock(sb_store *store, sb_error *err)
{
    char path[PATH_MAX_BYTES];
    sb_file *file;
    if (store->lock) {
        return SB_OK;
    }
    SB_TRY(make_path(store, LOCK_NAME, path, err), err);
    SB_TRY(store->os->open(store->os, path, SB_OPEN_APPEND, &file, err), err);
    sb_status status = take_lock(store, file, err);
    if (status != SB_OK) {
        store->os->close(store->os, file);
        return status;
    }
    store->lock = file;
    return SB_OK;
}

/* ---- writing
 * -------------------------------------------------------------------------------------- */

static size_t
memory_size(size_t capacity)
{
    return capacity ? capacity + SB_LARGE_ALIGN : 0;
}

static sb_status
writer_free(sb_blob_writer *w, sb_status status)
{
    char path[PATH_MAX_BYTES];
    sb_store *store = w->store;
    store->os->close(store->os, w->file);
    if (w->temporary[0] && make_path(store, w->temporary, path, NULL) == SB_OK) {
        (void)store->os->remove(store->os, path, NULL);
    }
    sb_free(store->mem, w->memory, memory_size(w->capacity));
    sb_free(store->mem, w, sizeof *w);
    return status;
}

static sb_status
open_temporary(sb_blob_writer *w, sb_error *err)
{
    char path[PATH_MAX_BYTES], folder[PATH_MAX_BYTES];
    sb_os *os = w->store->os;
    size_t size = strlen(w->name);
    sb_text mark;
    sb_text_init(&mark, w->store->mem);
    sb_text_printf(&mark, TMP_MARK "%016llx", (unsigned long long)os->random(os));
    if (sb_text_failed(&mark)) {
        sb_text_deinit(&mark);
        SB_NOMEM(err);
    }
    memcpy(w->temporary, w->name, size);
    memcpy(w->temporary + size, mark.data, mark.size + 1);
    sb_text_deinit(&mark);
    SB_TRY(make_path(w->store, w->temporary, path, err), err);
    if (strchr(w->name, '/')) {
        memcpy(folder, path, strlen(path) + 1);
        cut_last(folder);
        SB_TRY(os->mkdirs(os, folder, err), err);
    }
    SB_TRY(os->open(os, path, SB_OPEN_NEW_LARGE, &w->file, err), err);
    return SB_OK;
}

static sb_status
create(sb_store *store, const char *name, bool is_new, sb_blob_writer **out, sb_error *err)
{
    SB_TRY(check_name(name, err), err);
    sb_blob_writer *w = sb_alloc(store->mem, sizeof *w);
    if (!w) {
        SB_NOMEM(err);
    }
    *w = (sb_blob_writer){.store = store, .is_new = is_new};
    memcpy(w->name, name, strlen(name) + 1);
    sb_status status = open_temporary(w, err);
    if (status != SB_OK) {
        return writer_free(w, status);
    }
    *out = w;
    return SB_OK;
}

sb_status
sb_blob_create(sb_store *store, const char *name, sb_blob_writer **out, sb_error *err)
{
    return create(store, name, false, out, err);
}

/* Room for `want` bytes in the buffer; those that stay are the first `kept`. */
static bool
reserve(sb_blob_writer *w, size_t kept, size_t want)
{
    sb_mem *mem = w->store->mem;
    size_t large = BUFFER_FULL + BUFFER_FULL / 4; /* full, and a block that is not complete */
    size_t capacity = want <= BUFFER_MIN ? BUFFER_MIN : want <= large ? large : want + want / 4;
    if (want <= w->capacity) {
        return true;
    }
    void *memory = sb_alloc(mem, memory_size(capacity));
    if (!memory) {
        return false;
    }
    uintptr_t at = ((uintptr_t)memory + SB_LARGE_ALIGN - 1) & ~(uintptr_t)(SB_LARGE_ALIGN - 1);
    if (kept > 0) {
        memcpy((void *)at, w->buffer, kept);
    }
    sb_free(mem, w->memory, memory_size(w->capacity));
    w->memory = memory;
    w->buffer = (char *)at;
    w->capacity = capacity;
    return true;
}

void *
sb_blob_room(sb_blob_writer *w, size_t kept, size_t size)
{
    sb_dassert(kept <= size);
    return reserve(w, w->buffered + kept, w->buffered + size) ? w->buffer + w->buffered : NULL;
}

/* Writes the first `size` bytes of the buffer. */
static sb_status
flush(sb_blob_writer *w, size_t size, sb_error *err)
{
    sb_os *os = w->store->os;
    w->failed = size ? os->write(os, w->file, w->buffer, size, err) : SB_OK;
    w->buffered -= size;
    if (w->buffered > 0) {
        memmove(w->buffer, w->buffer + size, w->buffered);
    }
    return w->failed;
}

static sb_status
check_failed(const sb_blob_writer *w, sb_error *err)
{
    if (w->failed != SB_OK) {
        SB_FAIL(err, w->failed, "blob '%s' could not be written before", w->name);
    }
    return SB_OK;
}

sb_status
sb_blob_commit(sb_blob_writer *w, size_t size, sb_error *err)
{
    SB_TRY(check_failed(w, err), err);
    w->buffered += size;
    sb_assert(w->buffered <= w->capacity);
    return w->buffered < BUFFER_FULL ? SB_OK
                                     : flush(w, w->buffered - w->buffered % SB_LARGE_ALIGN, err);
}

sb_status
sb_blob_append(sb_blob_writer *w, const void *data, size_t size, sb_error *err)
{
    const char *at = data;
    SB_TRY(check_failed(w, err), err);
    while (size > 0) {
        size_t left = BUFFER_FULL - w->buffered, part = size < left ? size : left;
        void *room = sb_blob_room(w, 0, part);
        if (!room) {
            w->failed = SB_STATUS_NOMEM;
            SB_NOMEM(err);
        }
        memcpy(room, at, part);
        SB_TRY(sb_blob_commit(w, part, err), err);
        at += part;
        size -= part;
    }
    return SB_OK;
}

/* The synced temporary file gets its name. */
static sb_status
publish(sb_blob_writer *w, sb_error *err)
{
    char from[PATH_MAX_BYTES], to[PATH_MAX_BYTES];
    sb_os *os = w->store->os;
    SB_TRY(make_path(w->store, w->temporary, from, err), err);
    SB_TRY(make_path(w->store, w->name, to, err), err);
    sb_crash_point("store-synced");
    if (w->is_new) {
        /* the temporary name is removed with the writer */
        SB_TRY(os->link_new(os, from, to, err), err);
    } else {
        SB_TRY(os->rename(os, from, to, err), err);
        w->temporary[0] = 0;
    }
    sb_crash_point("store-renamed");
    return sync_folder_of(w->store, to, err);
}

sb_status
sb_blob_finish(sb_blob_writer *w, sb_error *err)
{
    sb_os *os = w->store->os;
    sb_status status = w->failed;
    if (status != SB_OK) {
        sb_error_set(err, status, __FILE__, __LINE__, "blob '%s' could not be written before",
                     w->name);
    } else {
        status = flush(w, w->buffered, err);
    }
    if (status == SB_OK) {
        status = os->sync(os, w->file, err);
    }
    if (status == SB_OK) {
        status = publish(w, err);
    }
    return writer_free(w, status);
}

void
sb_blob_abort(sb_blob_writer *w)
{
    if (w) {
        (void)writer_free(w, SB_OK);
    }
}

static sb_status
put(sb_store *store, const char *name, bool is_new, const void *data, size_t size, sb_error *err)
{
    sb_blob_writer *w;
    SB_TRY(create(store, name, is_new, &w, err), err);
    sb_status status = sb_blob_append(w, data, size, err);
    return status == SB_OK ? sb_blob_finish(w, err) : writer_free(w, status);
}

sb_status
sb_store_put(sb_store *store, const char *name, const void *data, size_t size, sb_error *err)
{
    return put(store, name, false, data, size, err);
}

sb_status
sb_store_put_new(sb_store *store, const char *name, const void *data, size_t size, sb_error *err)
{
    return put(store, name, true, data, size, err);
}

sb_status
sb_store_settle(sb_store *store, const char *name, sb_error *err)
{
    char path[PATH_MAX_BYTES];
    SB_TRY(check_name(name, err), err);
    SB_TRY(make_path(store, name, path, err), err);
    return sync_folder_of(store, path, err);
}

/* ---- reading
 * -------------------------------------------------------------------------------------- */

/* Says which blob is missing instead of which file. */
static sb_status
explain(const sb_store *store, const char *name, sb_status status, sb_error *err)
{
    if (status == SB_STATUS_NOT_FOUND) {
        return sb_error_set(err, status, __FILE__, __LINE__, "blob '%s' is not in store '%.300s'",
                            name, store->folder);
    }
    return status;
}

sb_status
sb_store_get(sb_store *store, const char *name, sb_text *out, sb_error *err)
{
    char path[PATH_MAX_BYTES];
    SB_TRY(check_name(name, err), err);
    SB_TRY(make_path(store, name, path, err), err);
    return explain(store, name, sb_os_read_file(store->os, path, out, err), err);
}

sb_status
sb_store_map(sb_store *store, const char *name, const void **out, size_t *out_size, sb_error *err)
{
    char path[PATH_MAX_BYTES];
    sb_file *file;
    SB_TRY(check_name(name, err), err);
    SB_TRY(make_path(store, name, path, err), err);
    SB_TRY(explain(store, name, store->os->open(store->os, path, SB_OPEN_READ, &file, err), err),
           err);
    sb_status status = store->os->map(store->os, file, out, out_size, err);
    store->os->close(store->os, file);
    return status;
}

void
sb_store_unmap(sb_store *store, const void *data, size_t size)
{
    store->os->unmap(store->os, data, size);
}

sb_status
sb_store_remove(sb_store *store, const char *name, sb_error *err)
{
    char path[PATH_MAX_BYTES];
    SB_TRY(check_name(name, err), err);
    SB_TRY(make_path(store, name, path, err), err);
    return store->os->remove(store->os, path, err);
}

/* ---- listing
 * -------------------------------------------------------------------------------------- */

typedef struct listing {
    sb_store *store;
    const char *prefix;
    bool leftovers; /* list the temporary names instead of blobs */
    sb_blob_list *out;
    int32_t capacity;
    int32_t depth;
} listing;

#define DEPTH_MAX 64

static sb_status
list_add(listing *l, const char *name, sb_error *err)
{
    char path[PATH_MAX_BYTES];
    sb_mem *mem = l->store->mem;
    sb_file_info info;
    SB_TRY(make_path(l->store, name, path, err), err);
    sb_status status = l->store->os->stat(l->store->os, path, &info, err);
    if (status == SB_STATUS_NOT_FOUND) {
        return SB_OK; /* removed meanwhile */
    }
    SB_TRY(status, err);
    if (l->out->count == l->capacity) {
        int32_t capacity = l->capacity ? l->capacity * 2 : 16;
        char **names = sb_alloc(mem, (size_t)capacity * sizeof *names);
        int64_t *sizes = sb_alloc(mem, (size_t)capacity * sizeof *sizes);
        if (!names || !sizes) {
            sb_free(mem, names, (size_t)capacity * sizeof *names);
            sb_free(mem, sizes, (size_t)capacity * sizeof *sizes);
            SB_NOMEM(err);
        }
        if (l->capacity) {
            memcpy(names, l->out->names, (size_t)l->capacity * sizeof *names);
            memcpy(sizes, l->out->sizes, (size_t)l->capacity * sizeof *sizes);
            sb_free(mem, l->out->names, (size_t)l->capacity * sizeof *names);
            sb_free(mem, l->out->sizes, (size_t)l->capacity * sizeof *sizes);
        }
        l->out->names = names;
        l->out->sizes = sizes;
        l->capacity = capacity;
    }
    char *copy = sb_alloc(mem, strlen(name) + 1);
    if (!copy) {
        SB_NOMEM(err);
    }
    memcpy(copy, name, strlen(name) + 1);
    l->out->names[l->out->count] = copy;
    l->out->sizes[l->out->count++] = info.size;
    return SB_OK;
}

static sb_status list_folder(listing *l, const char *folder, sb_error *err);

/* An entry of a folder: a blob, a folder to go into, or nothing of ours. */
static sb_status
list_entry(listing *l, const char *folder, const sb_dir_entry *entry, sb_error *err)
{
    char name[NAME_MAX_BYTES + 64];
    size_t before = strlen(folder), size = strlen(entry->name), prefix = strlen(l->prefix);
    if (before + 1 + size >= sizeof name) {
        return SB_OK;
    }
    memcpy(name, folder, before);
    if (before) {
        name[before++] = '/';
    }
    memcpy(name + before, entry->name, size + 1);
    size += before;
    bool starts = strncmp(name, l->prefix, prefix) == 0;
    if (entry->is_dir) {
        bool on_the_way =
            size < prefix && strncmp(name, l->prefix, size) == 0 && l->prefix[size] == '/';
        return starts || on_the_way ? list_folder(l, name, err) : SB_OK;
    }
    bool wanted = l->leftovers ? strstr(name, TMP_MARK) != NULL : starts && is_valid_name(name);
    return wanted ? list_add(l, name, err) : SB_OK;
}

static sb_status
list_folder(listing *l, const char *folder, sb_error *err)
{
    char path[PATH_MAX_BYTES];
    sb_os *os = l->store->os;
    sb_dir_list entries;
    SB_TRY(make_path(l->store, folder, path, err), err);
    if (!*folder) {
        path[strlen(path) - 1] = 0;
    }
    if (++l->depth > DEPTH_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT, "folders in store '%.300s' are nested too deeply",
                l->store->folder);
    }
    sb_status status = os->list(os, *path ? path : "/", l->store->mem, &entries, err);
    if (status == SB_OK) {
        for (int32_t i = 0; i < entries.count && status == SB_OK; i++) {
            status = list_entry(l, folder, &entries.entries[i], err);
        }
        if (status == SB_OK && l->leftovers && *folder && entries.count == 0) {
            sb_error ignored;
            (void)os->remove(os, path, &ignored); /* of a writer that crashed or gave up */
        }
        os->list_free(os, l->store->mem, &entries);
    }
    l->depth--;
    return status == SB_STATUS_NOT_FOUND ? SB_OK : status;
}

typedef struct named_size {
    char *name;
    int64_t size;
} named_size;

static int
compare_named(const void *a, const void *b)
{
    return strcmp(((const named_size *)a)->name, ((const named_size *)b)->name);
}

/* Folders come in order of their names, but '/' is not the smallest byte. Arrays become exactly
 * as long as the list. */
static sb_status
sort_list(listing *l, sb_error *err)
{
    sb_mem *mem = l->store->mem;
    sb_blob_list *list = l->out;
    size_t count = (size_t)list->count, capacity = (size_t)l->capacity;
    named_size *pairs = sb_alloc(mem, count * sizeof *pairs);
    char **names = sb_alloc(mem, count * sizeof *names);
    int64_t *sizes = sb_alloc(mem, count * sizeof *sizes);
    bool failed = !pairs || !names || !sizes;
    if (!failed) {
        for (size_t i = 0; i < count; i++) {
            pairs[i] = (named_size){list->names[i], list->sizes[i]};
        }
        if (count > 0) {
            qsort(pairs, count, sizeof *pairs, compare_named);
        }
        for (size_t i = 0; i < count; i++) {
            names[i] = pairs[i].name;
            sizes[i] = pairs[i].size;
        }
        sb_free(mem, list->names, capacity * sizeof *names);
        sb_free(mem, list->sizes, capacity * sizeof *sizes);
        list->names = names;
        list->sizes = sizes;
    } else {
        sb_free(mem, names, count * sizeof *names);
        sb_free(mem, sizes, count * sizeof *sizes);
    }
    sb_free(mem, pairs, count * sizeof *pairs);
    if (failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static void
free_list(sb_store *store, sb_blob_list *list, size_t capacity)
{
    for (int32_t i = 0; i < list->count; i++) {
        sb_free(store->mem, list->names[i], strlen(list->names[i]) + 1);
    }
    sb_free(store->mem, list->names, capacity * sizeof *list->names);
    sb_free(store->mem, list->sizes, capacity * sizeof *list->sizes);
    *list = (sb_blob_list){0};
}

void
sb_blob_list_free(sb_store *store, sb_blob_list *list)
{
    free_list(store, list, (size_t)list->count);
}

static sb_status
list_all(sb_store *store, const char *prefix, bool leftovers, sb_blob_list *out, sb_error *err)
{
    sb_blob_list found = {0};
    listing l = {.store = store, .prefix = prefix, .leftovers = leftovers, .out = &found};
    sb_status status = list_folder(&l, "", err);
    if (status == SB_OK) {
        status = sort_list(&l, err);
    }
    if (status != SB_OK) {
        free_list(store, &found, (size_t)l.capacity);
        return status;
    }
    *out = found;
    return SB_OK;
}

sb_status
sb_store_list(sb_store *store, const char *prefix, sb_blob_list *out, sb_error *err)
{
    return list_all(store, prefix, false, out, err);
}

/* Temporary files of writers that crashed: the owner of the lock is the only writer. */
static sb_status
remove_leftovers(sb_store *store, sb_error *err)
{
    sb_blob_list list;
    char path[PATH_MAX_BYTES];
    SB_TRY(list_all(store, "", true, &list, err), err);
    sb_status status = SB_OK;
    for (int32_t i = 0; i < list.count && status == SB_OK; i++) {
        status = make_path(store, list.names[i], path, err);
        if (status == SB_OK) {
            status = store->os->remove(store->os, path, err);
        }
        if (status == SB_OK && strchr(list.names[i], '/')) {
            sb_error ignored;
            cut_last(path);
            (void)store->os->remove(store->os, path, &ignored); /* if it is empty now */
        }
    }
    sb_blob_list_free(store, &list);
    return status;
}
