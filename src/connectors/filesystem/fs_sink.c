/*
 * connectors/filesystem/fs_sink.c -- part files in a folder, exactly once.
 *
 * DESIGN     Rows go to a hidden file, ".part-JOB-SUBTASK-ATTEMPT-N.inprogress". At the barrier it
 *            is flushed and synced; if it is large or old enough (or the input ends) it is closed.
 *            The handle names the files closed since the last barrier and the one in progress, with
 *            their lengths and checksums: a recovering commit publishes no byte that has changed
 *            since. commit renames closed files to "part-JOB-SUBTASK-ATTEMPT-N". A
 *            recovering commit also publishes what was in progress: a COPY of the recorded bytes,
 *            since a later handle of the same restore may know the file as closed and longer; that
 *            one then replaces the copy. What no handle knows, cleanup removes. So a reader sees
 *            whole decided rows only, at any instant. Two sinks with one path (two INSERTs) may
 *            meet: a name is taken by creating it, and only if neither form of it is there.
 * OWNERSHIP  The sink owns encoder, buffers and the open file.
 * THREADS    T:task; commit, cleanup: any one thread.
 */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "connectors/filesystem/filesystem.h"

#define FLUSH_BYTES    (256 << 10)
#define HANDLE_VERSION 2
#define NAMES_MAX      1000000 /* taken names in a row before giving up */

typedef struct part_file {
    int64_t number;
    int64_t length;
    uint32_t crc; /* of these bytes */
} part_file;

typedef struct fs_sink {
    sb_sink base;
    sb_fs_options options;
    sb_encoder *encoder;
    sb_text rows;   /* encoded, not written yet */
    sb_text path;   /* scratch */
    sb_file *file;  /* in progress; NULL: none */
    part_file open; /* the file in progress: what is in it */
    int64_t opened_ms, written_ms;
    int64_t next_number;
    part_file *closed; /* since the last handle */
    int32_t count_closed, capacity_closed;
} fs_sink;

static fs_sink *
sink_of(sb_sink *s)
{
    sb_assert(s->vtable == &sb_fs_sink);
    return (fs_sink *)(void *)s;
}

/* Job ids become part of file names. */
static void
add_job_id(sb_text *out, const char *job_id)
{
    for (const char *p = job_id; *p; p++) {
        sb_text_char(out, *p == '/' || (unsigned char)*p < ' ' ? '_' : *p);
    }
}

typedef struct part_names { /* everything about the names of one instance but the number */
    const char *folder, *job_id;
    int32_t subtask;
    uint64_t attempt;
} part_names;

static void
part_path(const part_names *names, int64_t number, bool hidden, sb_text *out)
{
    sb_text_clear(out);
    size_t size = strlen(names->folder);
    sb_text_append(out, names->folder, size);
    sb_text_add(out, size && names->folder[size - 1] == '/' ? "" : "/");
    sb_text_add(out, hidden ? ".part-" : "part-");
    add_job_id(out, names->job_id);
    sb_text_printf(out, "-%d-%llu-%lld%s", names->subtask, (unsigned long long)names->attempt,
                   (long long)number, hidden ? ".inprogress" : "");
}

static part_names
names_of(const fs_sink *s)
{
    const sb_sink_init *ctx = s->base.ctx;
    return (part_names){s->options.path, ctx->job_id, ctx->subtask, ctx->attempt};
}

static int64_t
wall_ms(sb_os *os)
{
    return os->wall_us(os) / 1000;
}

static sb_status
fs_sink_init(sb_sink *base, const sb_sink_init *ctx, sb_error *err)
{
    fs_sink *s = sink_of(base);
    sb_format_bridge bridge;
    sb_format_table view;
    base->ctx = ctx;
    sb_text_init(&s->rows, ctx->mem);
    sb_text_init(&s->path, ctx->mem);
    SB_TRY(sb_fs_options_read(ctx->node->table, &s->options, err), err);
    SB_TRY(ctx->os->mkdirs(ctx->os, s->options.path, err), err);
    sb_table_for_format(ctx->node->table, s->options.format, &bridge, &view);
    return s->options.format->encoder(ctx->mem, &view, &s->encoder, err);
}

/* ---- writing
 * ------------------------------------------------------------------------------------------ */

/* Takes the next free number. */
static sb_status
open_part(fs_sink *s, int64_t now_ms, sb_error *err)
{
    sb_os *os = s->base.ctx->os;
    part_names names = names_of(s);
    sb_file_info info;
    for (int64_t tries = 0; tries < NAMES_MAX; tries++) {
        int64_t number = s->next_number++;
        part_path(&names, number, true, &s->path);
        if (s->path.failed) {
            SB_NOMEM(err);
        }
        sb_status status = os->open(os, s->path.data, SB_OPEN_NEW, &s->file, err);
        if (status == SB_STATUS_EXISTS) {
            continue;
        }
        if (status != SB_OK) {
            s->file = NULL;
            return status;
        }
        part_path(&names, number, false, &s->path);
        status = s->path.failed ? SB_STATUS_NOMEM : os->stat(os, s->path.data, &info, NULL);
        if (status == SB_STATUS_NOT_FOUND) {
            s->open = (part_file){number, 0, 0};
            s->opened_ms = s->written_ms = now_ms;
            return SB_OK;
        }
        os->close(os, s->file); /* published already by a sink with the same names */
        s->file = NULL;
        part_path(&names, number, true, &s->path);
        if (s->path.failed) {
            SB_NOMEM(err);
        }
        SB_TRY(os->remove(os, s->path.data, err), err);
    }
    SB_FAIL(err, SB_STATUS_EXISTS, "no free file name in folder '%s'", s->options.path);
}

static sb_status
flush_rows(fs_sink *s, sb_error *err)
{
    sb_os *os = s->base.ctx->os;
    if (s->rows.failed) {
        SB_NOMEM(err);
    }
    if (s->rows.size > 0) {
        SB_TRY(os->write(os, s->file, s->rows.data, s->rows.size, err), err);
        s->open.length += (int64_t)s->rows.size;
        s->open.crc = sb_crc32c(s->open.crc, s->rows.data, s->rows.size);
        sb_text_clear(&s->rows);
    }
    return SB_OK;
}

/* The file in progress is complete: durable, and remembered for the next handle. */
static sb_status
close_part(fs_sink *s, sb_error *err)
{
    const sb_sink_init *ctx = s->base.ctx;
    SB_TRY(flush_rows(s, err), err);
    SB_TRY(ctx->os->sync(ctx->os, s->file, err), err);
    if (s->count_closed == s->capacity_closed) {
        int32_t capacity = s->capacity_closed ? s->capacity_closed * 2 : 8;
        size_t old_size = sizeof *s->closed * (size_t)s->capacity_closed;
        part_file *closed =
            sb_realloc(ctx->mem, s->closed, old_size, sizeof *closed * (size_t)capacity);
        if (!closed) {
            SB_NOMEM(err);
        }
        s->closed = closed;
        s->capacity_closed = capacity;
    }
    s->closed[s->count_closed++] = s->open;
    ctx->os->close(ctx->os, s->file);
    s->file = NULL;
    return SB_OK;
}

static bool
is_due(const fs_sink *s, int64_t now_ms)
{
    return s->open.length + (int64_t)s->rows.size >= s->options.roll_bytes ||
           now_ms - s->opened_ms >= s->options.roll_ms ||
           now_ms - s->written_ms >= s->options.idle_ms;
}

static sb_status
fs_write(sb_sink *base, const sb_batch *in, int32_t from_row, int64_t now_ms, int32_t *out_rows,
         sb_error *err)
{
    fs_sink *s = sink_of(base);
    *out_rows = in->count_rows - from_row;
    if (*out_rows == 0) {
        return SB_OK;
    }
    if (s->file && is_due(s, now_ms)) {
        SB_TRY(close_part(s, err), err);
    }
    if (!s->file) {
        SB_TRY(open_part(s, now_ms, err), err);
    }
    for (int32_t row = from_row; row < in->count_rows;) {
        int32_t to = in->count_rows - row > 512 ? row + 512 : in->count_rows;
        SB_TRY(s->encoder->vtable->encode(s->encoder, in, row, to, &s->rows, err), err);
        row = to;
        if (s->rows.size >= FLUSH_BYTES || s->rows.failed) {
            SB_TRY(flush_rows(s, err), err);
        }
    }
    s->written_ms = now_ms;
    return SB_OK;
}

/* ---- checkpoints
 * -------------------------------------------------------------------------------------- */

static void
write_part(sb_writer *w, const part_file *part)
{
    sb_write_i64(w, part->number);
    sb_write_i64(w, part->length);
    sb_write_u32(w, part->crc);
}

static part_file
read_part(sb_reader *r)
{
    part_file part = {.number = sb_read_i64(r)};
    part.length = sb_read_i64(r);
    part.crc = sb_read_u32(r);
    return part;
}

static sb_status
fs_prepare(sb_sink *base, uint64_t checkpoint, bool last, sb_writer *handle, sb_error *err)
{
    fs_sink *s = sink_of(base);
    const sb_sink_init *ctx = base->ctx;
    (void)checkpoint;
    if (s->file && (last || is_due(s, wall_ms(ctx->os)))) {
        SB_TRY(close_part(s, err), err);
    } else if (s->file) {
        SB_TRY(flush_rows(s, err), err);
        SB_TRY(ctx->os->sync(ctx->os, s->file, err), err);
    }
    if (s->file || s->count_closed > 0) {
        /* the hidden names are durable too */
        SB_TRY(ctx->os->sync_dir(ctx->os, s->options.path, err), err);
    }
    sb_write_u8(handle, HANDLE_VERSION);
    sb_write_str(handle, sb_str_of(ctx->job_id));
    sb_write_u32(handle, (uint32_t)ctx->subtask);
    sb_write_u64(handle, ctx->attempt);
    sb_write_varint(handle, (uint64_t)s->count_closed);
    for (int32_t i = 0; i < s->count_closed; i++) {
        write_part(handle, &s->closed[i]);
    }
    sb_write_u8(handle, s->file != NULL);
    if (s->file) {
        write_part(handle, &s->open);
    }
    if (handle->out.failed) {
        SB_NOMEM(err);
    }
    s->count_closed = 0;
    return SB_OK;
}

typedef struct publisher {
    sb_os *os;
    sb_mem *mem;
    part_names names;
    sb_text hidden, final;
    int64_t published; /* names whose folder must be synced */
} publisher;

static sb_status
set_paths(publisher *p, int64_t number, sb_error *err)
{
    part_path(&p->names, number, true, &p->hidden);
    part_path(&p->names, number, false, &p->final);
    if (p->hidden.failed || p->final.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* Is the hidden file there with at least `length` bytes? Missing is fine when it was published
 * before. */
static sb_status
check_hidden(publisher *p, int64_t length, bool *out_there, int64_t *out_size, sb_error *err)
{
    sb_file_info info;
    sb_status status = p->os->stat(p->os, p->hidden.data, &info, err);
    *out_there = status == SB_OK;
    if (status == SB_STATUS_NOT_FOUND) {
        if (p->os->stat(p->os, p->final.data, &info, err) == SB_OK) {
            return SB_OK;
        }
        SB_FAIL(err, SB_STATUS_CORRUPT, "file '%s' of a checkpoint is neither there nor published",
                p->final.data);
    }
    if (status != SB_OK) {
        return status;
    }
    *out_size = info.size;
    if (info.size < length) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "file '%s' has %lld bytes, the checkpoint says %lld",
                p->hidden.data, (long long)info.size, (long long)length);
    }
    return SB_OK;
}

/* Reads the recorded bytes of the hidden file, copying them to `to` if there is one. */
static sb_status
copy_bytes(publisher *p, sb_file *from, sb_file *to, const part_file *part, sb_error *err)
{
    size_t room = 1 << 20;
    uint32_t crc = 0;
    char *block = sb_alloc(p->mem, room);
    sb_status status =
        block ? SB_OK : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    for (int64_t at = 0; at < part->length && status == SB_OK;) {
        int64_t left = part->length - at;
        size_t want = left < (int64_t)room ? (size_t)left : room, got = 0;
        status = p->os->read(p->os, from, at, block, want, &got, err);
        if (status == SB_OK && got == 0) {
            status = sb_error_set(err, SB_STATUS_CORRUPT, __FILE__, __LINE__,
                                  "file '%s' ends at byte %lld", p->hidden.data, (long long)at);
        }
        if (status == SB_OK && to) {
            status = p->os->write(p->os, to, block, got, err);
        }
        crc = status == SB_OK ? sb_crc32c(crc, block, got) : crc;
        at += (int64_t)got;
    }
    sb_free(p->mem, block, room);
    if (status == SB_OK && crc != part->crc) {
        status =
            sb_error_set(err, SB_STATUS_CORRUPT, __FILE__, __LINE__,
                         "file '%s' has changed since the checkpoint (checksum %08x, not %08x)",
                         p->hidden.data, crc, part->crc);
    }
    return status == SB_OK && to ? p->os->sync(p->os, to, err) : status;
}

static sb_status
check_bytes(publisher *p, const part_file *part, sb_error *err)
{
    sb_file *file = NULL;
    SB_TRY(p->os->open(p->os, p->hidden.data, SB_OPEN_READ, &file, err), err);
    sb_status status = copy_bytes(p, file, NULL, part, err);
    p->os->close(p->os, file);
    return status;
}

static sb_status
publish_closed(publisher *p, const part_file *part, bool recovering, sb_error *err)
{
    bool there;
    int64_t size;
    SB_TRY(set_paths(p, part->number, err), err);
    SB_TRY(check_hidden(p, part->length, &there, &size, err), err);
    p->published++; /* also when it was before: its name may not be durable yet */
    if (!there) {
        return SB_OK;
    }
    if (size != part->length) { /* it was closed at this length: somebody else has written to it */
        SB_FAIL(err, SB_STATUS_CORRUPT, "file '%s' has %lld bytes, the checkpoint says %lld",
                p->hidden.data, (long long)size, (long long)part->length);
    }
    if (recovering) {
        SB_TRY(check_bytes(p, part, err), err);
    }
    sb_crash_point("file-rename");
    SB_TRY(p->os->rename(p->os, p->hidden.data, p->final.data, err), err);
    return SB_OK;
}

/* The copy has a hidden name of its own until it is complete. */
static sb_status
publish_copy(publisher *p, const part_file *part, sb_error *err)
{
    bool there;
    int64_t size;
    sb_file *from = NULL, *to = NULL;
    sb_text copy;
    SB_TRY(set_paths(p, part->number, err), err);
    SB_TRY(check_hidden(p, part->length, &there, &size, err), err);
    p->published += !there; /* before: its name may not be durable yet */
    if (!there || part->length == 0) {
        return SB_OK;
    }
    sb_text_init(&copy, p->mem);
    sb_text_printf(&copy, "%s.copy", p->hidden.data);
    sb_status status = copy.failed
                           ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                           : p->os->open(p->os, p->hidden.data, SB_OPEN_READ, &from, err);
    if (status == SB_OK) {
        status = p->os->open(p->os, copy.data, SB_OPEN_CREATE, &to, err);
    }
    if (status == SB_OK) {
        status = copy_bytes(p, from, to, part, err);
    }
    p->os->close(p->os, from);
    p->os->close(p->os, to);
    if (status == SB_OK) {
        sb_crash_point("file-rename");
        status = p->os->rename(p->os, copy.data, p->final.data, err);
        p->published++;
    }
    sb_text_deinit(&copy);
    return status;
}

static sb_status
publish_all(publisher *p, sb_reader *handle, bool recovering, sb_error *err)
{
    uint64_t count = sb_read_varint(handle);
    for (uint64_t i = 0; i < count && !handle->failed; i++) {
        part_file part = read_part(handle);
        if (!handle->failed) {
            SB_TRY(publish_closed(p, &part, recovering, err), err);
        }
    }
    if (sb_read_u8(handle)) {
        part_file part = read_part(handle);
        if (!handle->failed && recovering) {
            SB_TRY(publish_copy(p, &part, err), err);
        }
    }
    return sb_reader_done(handle, "handle of a file sink", err);
}

static sb_status
fs_commit(const sb_sink_node *node, sb_os *os, sb_mem *mem, sb_reader *handle, bool recovering,
          sb_error *err)
{
    sb_fs_options options;
    SB_TRY(sb_fs_options_read(node->table, &options, err), err);
    if (sb_read_u8(handle) != HANDLE_VERSION) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "the handle of a file sink has an unknown version");
    }
    sb_arena *arena = sb_arena_new(mem);
    if (!arena) {
        SB_NOMEM(err);
    }
    publisher p = {.os = os, .mem = mem, .names = {.folder = options.path}};
    sb_text_init(&p.hidden, mem);
    sb_text_init(&p.final, mem);
    sb_str job_id = sb_read_str(handle);
    p.names.job_id = sb_arena_strndup(arena, job_id.data ? job_id.data : "", job_id.size);
    p.names.subtask = (int32_t)sb_read_u32(handle);
    p.names.attempt = sb_read_u64(handle);
    sb_status status = SB_OK;
    if (!p.names.job_id) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    } else {
        status = publish_all(&p, handle, recovering, err);
    }
    if (p.published > 0 && status == SB_OK) {
        status = os->sync_dir(os, options.path, err);
    }
    sb_text_deinit(&p.hidden);
    sb_text_deinit(&p.final);
    sb_arena_free(arena);
    return status;
}

/* ".part-JOB-1-2-3.inprogress" (or its copy) of this job? Numbers are told apart strictly, since
 * job ids may end in "-1". */
static bool
is_left_over(const char *name, const char *prefix)
{
    size_t size = strlen(prefix);
    if (strncmp(name, prefix, size) != 0) {
        return false;
    }
    const char *p = name + size;
    for (int i = 0; i < 3; i++) {
        const char *first = p;
        while (*p >= '0' && *p <= '9') {
            p++;
        }
        if (p == first || (i < 2 && *p++ != '-')) {
            return false;
        }
    }
    return strcmp(p, ".inprogress") == 0 || strcmp(p, ".inprogress.copy") == 0;
}

static sb_status
fs_cleanup(const sb_sink_node *node, sb_os *os, sb_mem *mem, const char *job_id, sb_error *err)
{
    sb_fs_options options;
    sb_dir_list list = {NULL, 0};
    sb_text prefix, path;
    SB_TRY(sb_fs_options_read(node->table, &options, err), err);
    sb_status status = os->list(os, options.path, mem, &list, err);
    if (status == SB_STATUS_NOT_FOUND) {
        return SB_OK; /* nothing was ever written */
    }
    if (status != SB_OK) {
        return status;
    }
    sb_text_init(&prefix, mem);
    sb_text_init(&path, mem);
    sb_text_add(&prefix, ".part-");
    add_job_id(&prefix, job_id);
    sb_text_char(&prefix, '-');
    for (int32_t i = 0; i < list.count && status == SB_OK; i++) {
        if (prefix.failed || list.entries[i].is_dir ||
            !is_left_over(list.entries[i].name, prefix.data)) {
            continue;
        }
        sb_text_clear(&path);
        sb_text_printf(&path, "%s/%s", options.path, list.entries[i].name);
        status = path.failed
                     ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                     : os->remove(os, path.data, err);
    }
    if (prefix.failed && status == SB_OK) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    sb_text_deinit(&prefix);
    sb_text_deinit(&path);
    os->list_free(os, mem, &list);
    return status;
}

/* What is in progress stays where it is: a checkpoint may know it. */
static void
fs_close(sb_sink *base)
{
    fs_sink *s = sink_of(base);
    if (!base->ctx) {
        return;
    }
    base->ctx->os->close(base->ctx->os, s->file);
    s->file = NULL;
    s->encoder = sb_encoder_free(s->encoder);
    sb_text_deinit(&s->rows);
    sb_text_deinit(&s->path);
    sb_free(base->ctx->mem, s->closed, sizeof *s->closed * (size_t)s->capacity_closed);
    s->closed = NULL;
    s->count_closed = s->capacity_closed = 0;
}

const sb_sink_vtable sb_fs_sink = {
    .name = "filesystem",
    .instance_size = sizeof(fs_sink),
    .capabilities = SB_SINK_TRANSACTIONAL | SB_SINK_ORDERED,
    .init = fs_sink_init,
    .write = fs_write,
    .prepare = fs_prepare,
    .commit = fs_commit,
    .cleanup = fs_cleanup,
    .close = fs_close,
};
