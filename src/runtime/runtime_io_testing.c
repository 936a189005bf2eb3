/*
 * runtime/runtime_io_testing.c -- the test connector: computed sources, a transactional file sink;
 * see runtime_testing.h.
 *
 * DESIGN     The sink writes one file per checkpoint epoch under
 *            <folder>/<job>-<attempt>-<subtask>-<n>.part; prepare syncs it, the handle is its name;
 *            commit renames it to .done. A crash between decision and rename leaves a .part that
 *            the next start must publish; one that no checkpoint holds must vanish (cleanup).
 */
#include "runtime/runtime_ops_testing.h"
#include "runtime/runtime_testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

sb_rt_world *sb_rt_current;

uint64_t
sb_rt_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

sb_rt_row
sb_rt_make_row(const sb_rt_source *world, int32_t source, int32_t split, int32_t row)
{
    uint64_t state = (uint64_t)source * 1000003 + (uint64_t)split * 7919 + (uint64_t)row;
    uint64_t r = sb_rt_random(&state);
    int64_t back =
        world->jitter_ms ? (int64_t)(sb_rt_random(&state) % (uint64_t)world->jitter_ms) : 0;
    bool late_split = split >= world->splits - world->late_splits;
    return (sb_rt_row){.k = (int64_t)(r % (uint64_t)world->keys),
                       .v = (int64_t)source * 1000000 + (int64_t)split * 10000 + row,
                       .t = 10000 + (int64_t)row * world->time_step_ms - back +
                            (late_split ? world->late_offset_ms : 0)};
}

/* --- source --- */

typedef struct open_split {
    int32_t ordinal, row;
} open_split;

typedef struct rt_source_state {
    sb_source base;
    const sb_rt_source *world;
    int32_t source;
    open_split open[64];
    int32_t count_open;
} rt_source_state;

static int32_t
world_index(const sb_source_node *node)
{
    return strcmp(node->table->name, "right") == 0;
}

static sb_status
src_enumerate(const sb_source_node *node, sb_os *os, sb_mem *mem, int32_t parallelism,
              sb_split_list *list, sb_error *err)
{
    const sb_rt_source *world = &sb_rt_current->source[world_index(node)];
    bool first = list->count == 0;
    (void)os;
    (void)mem;
    (void)parallelism;
    int32_t count = first ? world->splits - world->late_splits : world->splits;
    for (int32_t i = 0; i < count; i++) {
        char id[32];
        snprintf(id, sizeof id, "split-%d", i);
        SB_TRY(sb_split_add(list, id, (sb_str){id, strlen(id)}, err), err);
    }
    list->complete = count == world->splits;
    return SB_OK;
}

static int64_t
src_monitor(const sb_source_node *node)
{
    return sb_rt_current->source[world_index(node)].late_splits ? 5 : 0;
}

static sb_status
src_init(sb_source *s, const sb_source_init *ctx, sb_error *err)
{
    rt_source_state *self = (rt_source_state *)(void *)s;
    (void)err;
    self->source = world_index(ctx->node);
    self->world = &sb_rt_current->source[self->source];
    return SB_OK;
}

static open_split *
src_find(rt_source_state *self, int32_t ordinal)
{
    for (int32_t i = 0; i < self->count_open; i++) {
        if (self->open[i].ordinal == ordinal) {
            return &self->open[i];
        }
    }
    return NULL;
}

static sb_status
src_open(sb_source *s, const sb_split *split, sb_reader *position, sb_error *err)
{
    rt_source_state *self = (rt_source_state *)(void *)s;
    sb_assert(self->count_open < 64 && split->ordinal % s->ctx->parallelism == s->ctx->subtask);
    open_split *o = &self->open[self->count_open++];
    *o = (open_split){.ordinal = split->ordinal};
    if (position) {
        o->row = (int32_t)sb_read_u32(position);
        return sb_reader_done(position, "test position", err);
    }
    return SB_OK;
}

static sb_status
src_batch(rt_source_state *self, int32_t ordinal, int32_t from, int32_t count, sb_batch **out,
          sb_error *err)
{
    sb_batch_builder b;
    sb_mem *mem = self->base.ctx->mem;
    SB_TRY(sb_batch_builder_init(&b, mem, &sb_rt_schema, err), err);
    for (int32_t i = 0; i < count; i++) {
        sb_rt_row row = sb_rt_make_row(self->world, self->source, ordinal, from + i);
        sb_column_i64(&b.columns[0], row.k);
        sb_column_i64(&b.columns[1], row.v);
        sb_column_i64(&b.columns[2], row.t);
        sb_batch_builder_row(&b, SB_ROW_INSERT);
    }
    sb_status status = sb_batch_builder_finish(&b, out, err);
    sb_batch_builder_deinit(&b);
    return status;
}

static sb_step
src_poll(sb_source *s, int32_t split, int32_t limit, int64_t now_ms, sb_batch **out,
         int64_t *wake_ms, sb_error *err)
{
    rt_source_state *self = (rt_source_state *)(void *)s;
    open_split *o = src_find(self, split);
    sb_rt_source *world = &sb_rt_current->source[self->source];
    sb_assert(o && limit <= s->ctx->batch_rows);
    int32_t left = world->rows - o->row;
    if (left == 0) {
        *wake_ms = now_ms + 50;
        return world->never_ends ? SB_WAIT_CLOCK : SB_STEP_DONE;
    }
    if (split == world->slow_split && now_ms % 7 != 0) {
        return SB_STEP_AGAIN; /* nothing now */
    }
    if (split == 0 && o->row >= world->poison_row && world->poison_row >= 0 &&
        world->fail_polls >= 0) {
        if (world->fail_polls > 0 && --world->fail_polls == 0) {
            world->fail_polls = -1; /* the last failure: from now on the row goes through */
        }
        sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__, "poison in row %d",
                     world->poison_row);
        return SB_STEP_FAIL;
    }
    int32_t count = left < limit ? left : limit;
    if (src_batch(self, split, o->row, count, out, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    o->row += count;
    return o->row == world->rows && !world->never_ends && o->row % 2 ? SB_STEP_DONE : SB_STEP_AGAIN;
}

static sb_status
src_position(sb_source *s, int32_t split, sb_writer *w, sb_error *err)
{
    rt_source_state *self = (rt_source_state *)(void *)s;
    (void)err;
    sb_write_u32(w, (uint32_t)src_find(self, split)->row);
    return SB_OK;
}

static sb_status
src_commit(sb_source *s, uint64_t checkpoint, sb_error *err)
{
    (void)s;
    (void)checkpoint;
    (void)err;
    atomic_fetch_add(&sb_rt_current->decided_source, 1);
    return SB_OK;
}

static void
src_close_split(sb_source *s, int32_t split)
{
    rt_source_state *self = (rt_source_state *)(void *)s;
    *src_find(self, split) = self->open[self->count_open - 1];
    self->count_open--;
}

const sb_source_vtable rt_source = {.name = "rt",
                                    .instance_size = sizeof(rt_source_state),
                                    .enumerate = src_enumerate,
                                    .monitor_interval_ms = src_monitor,
                                    .init = src_init,
                                    .open = src_open,
                                    .poll = src_poll,
                                    .position = src_position,
                                    .commit = src_commit,
                                    .close_split = src_close_split};

/* --- sink --- */

typedef struct rt_sink_state {
    sb_sink base;
    sb_file *file; /* NULL: nothing written since the last prepare */
    char path[160];
    int32_t number;
} rt_sink_state;

static sb_status
snk_init(sb_sink *s, const sb_sink_init *ctx, sb_error *err)
{
    (void)s;
    return ctx->os->mkdirs(ctx->os, sb_rt_current->folder, err);
}

static sb_status
snk_write(sb_sink *s, const sb_batch *in, int32_t from, int64_t now_ms, int32_t *out_rows,
          sb_error *err)
{
    rt_sink_state *self = (rt_sink_state *)(void *)s;
    sb_os *os = s->ctx->os;
    (void)now_ms;
    if (!self->file) {
        snprintf(self->path, sizeof self->path, "%s/%s-%llu-%d-%d.part", sb_rt_current->folder,
                 s->ctx->job_id, (unsigned long long)s->ctx->attempt, s->ctx->subtask,
                 self->number++);
        SB_TRY(os->open(os, self->path, SB_OPEN_NEW, &self->file, err), err);
    }
    int32_t count = in->count_rows - from;
    count = count > 5 ? 5 : count; /* takes a little at a time */
    for (int32_t i = from; i < from + count; i++) {
        sb_rt_row row;
        int32_t p = sb_batch_row(in, i);
        row.k = *(const int64_t *)sb_vector_at(in->columns[0], p);
        row.v = *(const int64_t *)sb_vector_at(in->columns[1], p);
        row.t = *(const int64_t *)sb_vector_at(in->columns[2], p);
        SB_TRY(os->write(os, self->file, &row, sizeof row, err), err);
    }
    *out_rows = count;
    return SB_OK;
}

static sb_status
snk_prepare(sb_sink *s, uint64_t checkpoint, bool last, sb_writer *handle, sb_error *err)
{
    rt_sink_state *self = (rt_sink_state *)(void *)s;
    sb_os *os = s->ctx->os;
    (void)checkpoint;
    (void)last;
    atomic_fetch_add(&sb_rt_current->prepares, 1);
    if (!self->file) {
        return SB_OK;
    }
    SB_TRY(os->sync(os, self->file, err), err);
    SB_TRY(os->sync_dir(os, sb_rt_current->folder, err), err);
    os->close(os, self->file);
    self->file = NULL;
    sb_write_cstr(handle, self->path);
    return SB_OK;
}

/* Published name of the file that the same sink wrote after this one. */
static void
name_after(const char *path, char *out, size_t size)
{
    const char *dash = strrchr(path, '-');
    snprintf(out, size, "%.*s-%d.done", (int)(dash - path), path,
             (int)strtol(dash + 1, NULL, 10) + 1);
}

static sb_status
snk_commit(const sb_sink_node *node, sb_os *os, sb_mem *mem, sb_reader *handle, bool recovering,
           sb_error *err)
{
    (void)node;
    (void)recovering;
    atomic_fetch_add(&sb_rt_current->commits, 1);
    if (sb_reader_left(handle) == 0) {
        return SB_OK;
    }
    if (sb_rt_current->commit_failures > 0) {
        sb_rt_current->commit_failures--;
        SB_FAIL(err, SB_STATUS_IO, "the test says that publishing fails");
    }
    sb_arena *arena = sb_arena_new(mem);
    char *path = arena ? sb_read_cstr(handle, arena) : NULL;
    if (!path) {
        sb_arena_free(arena);
        SB_NOMEM(err);
    }
    char done[200], next[200];
    sb_file_info info;
    sb_error ignored;
    snprintf(done, sizeof done, "%.*s.done", (int)strlen(path) - 5, path);
    name_after(path, next, sizeof next);
    sb_status status = SB_OK;
    if (os->stat(os, done, &info, &ignored) != SB_OK) { /* not published before */
        if (os->stat(os, next, &info, &ignored) == SB_OK) {
            status = sb_error_set(err, SB_STATUS_INTERNAL, __FILE__, __LINE__,
                                  "%s is published before %s", next, path);
        } else {
            status = os->rename(os, path, done, err);
        }
    }
    sb_arena_free(arena);
    return status == SB_OK ? os->sync_dir(os, sb_rt_current->folder, err) : status;
}

static bool
ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static sb_status
snk_cleanup(const sb_sink_node *node, sb_os *os, sb_mem *mem, const char *job_id, sb_error *err)
{
    sb_dir_list list = {0};
    sb_error ignored;
    (void)node;
    (void)job_id;
    if (os->list(os, sb_rt_current->folder, mem, &list, &ignored) != SB_OK) {
        return SB_OK;
    }
    sb_status status = SB_OK;
    for (int32_t i = 0; i < list.count && status == SB_OK; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", sb_rt_current->folder, list.entries[i].name);
        if (ends_with(path, ".part")) {
            status = os->remove(os, path, err);
        }
    }
    os->list_free(os, mem, &list);
    return status;
}

static void
snk_close(sb_sink *s)
{
    rt_sink_state *self = (rt_sink_state *)(void *)s;
    s->ctx->os->close(s->ctx->os, self->file);
}

static const sb_decider_vtable *
snk_decider(const sb_sink_node *node)
{
    (void)node;
    return sb_rt_current->decider;
}

const sb_sink_vtable rt_sink = {.name = "rt",
                                .decider = snk_decider,
                                .instance_size = sizeof(rt_sink_state),
                                .capabilities = SB_SINK_TRANSACTIONAL,
                                .init = snk_init,
                                .write = snk_write,
                                .prepare = snk_prepare,
                                .commit = snk_commit,
                                .cleanup = snk_cleanup,
                                .close = snk_close};

/* --- reading what was published --- */

void
sb_rt_rows_add(sb_rt_rows *rows, sb_rt_row row)
{
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity ? 2 * rows->capacity : 256;
        rows->at = realloc(rows->at, sizeof row * (size_t)rows->capacity);
        sb_assert(rows->at);
    }
    rows->at[rows->count++] = row;
}

static int
compare_rows(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    for (int i = 0; i < 3; i++) {
        if (x[i] != y[i]) {
            return x[i] < y[i] ? -1 : 1;
        }
    }
    return 0;
}

void
sb_rt_rows_sort(sb_rt_rows *rows)
{
    if (rows->count > 0) {
        qsort(rows->at, (size_t)rows->count, sizeof *rows->at, compare_rows);
    }
}

void
sb_rt_rows_free(sb_rt_rows *rows)
{
    free(rows->at);
    *rows = (sb_rt_rows){0};
}

void
sb_rt_published(sb_os *os, const char *folder, sb_rt_rows *out)
{
    sb_dir_list list = {0};
    sb_error err;
    sb_mem *mem = sb_mem_root();
    *out = (sb_rt_rows){0};
    if (os->list(os, folder, mem, &list, &err) != SB_OK) {
        return;
    }
    for (int32_t i = 0; i < list.count; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", folder, list.entries[i].name);
        sb_text text;
        sb_text_init(&text, mem);
        if (ends_with(path, ".done") && sb_os_read_file(os, path, &text, &err) == SB_OK) {
            for (size_t at = 0; at + sizeof(sb_rt_row) <= text.size; at += sizeof(sb_rt_row)) {
                sb_rt_row row;
                memcpy(&row, text.data + at, sizeof row);
                sb_rt_rows_add(out, row);
            }
        }
        sb_text_deinit(&text);
    }
    os->list_free(os, mem, &list);
    sb_rt_rows_sort(out);
}

const char *
sb_rt_compare(const sb_rt_rows *expected, const sb_rt_rows *got)
{
    static char text[256];
    for (int64_t i = 0; i < expected->count || i < got->count; i++) {
        const sb_rt_row *e = i < expected->count ? &expected->at[i] : NULL;
        const sb_rt_row *g = i < got->count ? &got->at[i] : NULL;
        if (e && g && compare_rows(e, g) == 0) {
            continue;
        }
        snprintf(text, sizeof text,
                 "row %lld of %lld/%lld: expected (%lld, %lld, %lld), got (%lld, %lld, %lld)",
                 (long long)i, (long long)expected->count, (long long)got->count,
                 e ? (long long)e->k : -1, e ? (long long)e->v : -1, e ? (long long)e->t : -1,
                 g ? (long long)g->k : -1, g ? (long long)g->v : -1, g ? (long long)g->t : -1);
        return text;
    }
    return NULL;
}
