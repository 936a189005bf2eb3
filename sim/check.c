/*
 * sim/check.c -- see run.h: what must be true of the disk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/manifest.h"
#include "sim/run.h"

/* ---- published files ---- */

typedef struct part {
    const char *name;
    int64_t subtask, attempt, number;
} part;

/* "part-JOB-SUBTASK-ATTEMPT-NUMBER"; the job's id has no '-'. */
static bool
read_part_name(const char *name, part *out)
{
    long long subtask, attempt, number;
    char job[32], rest;
    if (sscanf(name, "part-%31[^-]-%lld-%lld-%lld%c", job, &subtask, &attempt, &number, &rest) !=
        4) {
        return false;
    }
    *out = (part){name, subtask, attempt, number};
    return true;
}

static int
compare_parts(const void *a, const void *b)
{
    const part *x = a, *y = b;
    if (x->attempt != y->attempt) {
        return x->attempt < y->attempt ? -1 : 1;
    }
    if (x->subtask != y->subtask) {
        return x->subtask < y->subtask ? -1 : 1;
    }
    return x->number < y->number ? -1 : x->number > y->number;
}

/* ---- rows ---- */

typedef struct table {
    const sb_sim_sink *sink;
    sb_arena *arena;
    sb_sim_lines rows; /* added */
    sb_sim_lines gone; /* retract: taken away */
    char *problem;
} table;

/* {"op":"+I","data":{...}} */
static bool
split_change(const char *line, size_t size, char *out_op, sb_str *out_data)
{
    if (size < 20 || memcmp(line, "{\"op\":\"", 7) != 0 ||
        memcmp(line + 9, "\",\"data\":", 9) != 0 || line[size - 1] != '}') {
        return false;
    }
    memcpy(out_op, line + 7, 2);
    *out_data = (sb_str){line + 18, size - 19};
    return true;
}

static size_t
key_size(sb_str data)
{
    const char *comma = memchr(data.data, ',', data.size);
    return comma ? (size_t)(comma - data.data) : data.size - 1;
}

/* The last row of each key. */
static void
upsert(table *t, sb_str data, bool removes)
{
    size_t size = key_size(data);
    for (int32_t i = 0; i < t->rows.count; i++) {
        const char *old = t->rows.at[i];
        if (strncmp(old, data.data, size) == 0 && (old[size] == ',' || old[size] == '}')) {
            t->rows.at[i] = t->rows.at[--t->rows.count];
            break;
        }
    }
    if (!removes) {
        sb_sim_lines_add(&t->rows, data.data, data.size);
    }
}

static bool
take_line(table *t, const char *name, const char *line, size_t size)
{
    char op[3] = "";
    sb_str data;
    if (t->sink->mode == SIM_APPEND) {
        sb_sim_lines_add(&t->rows, line, size);
        return true;
    }
    if (!split_change(line, size, op, &data)) {
        snprintf(t->problem, 1024, "%s: no changelog line: %.*s", name,
                 (int)(size < 200 ? size : 200), line);
        return false;
    }
    bool removes = op[0] == '-';
    if (t->sink->mode == SIM_UPSERT) {
        upsert(t, data, removes);
    } else {
        sb_sim_lines_add(removes ? &t->gone : &t->rows, data.data, data.size);
    }
    return true;
}

static bool
take_file(table *t, sb_os *disk, sb_mem *mem, const char *path)
{
    sb_text text;
    sb_error err;
    bool fine = true;
    sb_text_init(&text, mem);
    if (sb_os_read_file(disk, path, &text, &err) != SB_OK) {
        snprintf(t->problem, 1024, "cannot read %s: %.500s", path, err.message);
        fine = false;
    }
    for (size_t at = 0; at < text.size && fine;) {
        const char *end = memchr(text.data + at, '\n', text.size - at);
        if (!end) {
            snprintf(t->problem, 1024, "%s ends within a line: %.200s", path, text.data + at);
            fine = false;
            break;
        }
        size_t size = (size_t)(end - text.data) - at;
        fine = take_line(t, path, text.data + at, size);
        at += size + 1;
    }
    sb_text_deinit(&text);
    return fine;
}

static bool
take_folder(table *t, sb_os *disk, sb_mem *mem)
{
    sb_dir_list list = {0};
    sb_error err;
    sb_status status = disk->list(disk, t->sink->folder, mem, &list, &err);
    if (status == SB_STATUS_NOT_FOUND) {
        return true;
    }
    part *parts = SB_NEW_ARRAY(t->arena, part, list.count + 1);
    int32_t count = 0;
    bool fine = true;
    sb_assert(status == SB_OK && parts);
    for (int32_t i = 0; i < list.count && fine; i++) {
        if (list.entries[i].name[0] != '.' &&
            !read_part_name(list.entries[i].name, &parts[count++])) {
            snprintf(t->problem, 1024, "what is file %s?", list.entries[i].name);
            fine = false;
        }
    }
    if (count > 1) {
        qsort(parts, (size_t)count, sizeof *parts, compare_parts);
    }
    for (int32_t i = 0; i < count && fine; i++) {
        fine = take_file(t, disk, mem,
                         sb_arena_printf(t->arena, "%s/%s", t->sink->folder, parts[i].name));
    }
    disk->list_free(disk, mem, &list);
    return fine;
}

/* rows - gone; false when something is gone that never came. Both get sorted. */
static bool
settle(table *t)
{
    const char *odd;
    sb_sim_lines_sort(&t->rows);
    sb_sim_lines_sort(&t->gone);
    if (!sb_sim_lines_within(&t->gone, &t->rows, &odd)) {
        snprintf(t->problem, 1024, "%s: taken back without having been there: %s", t->sink->folder,
                 odd);
        return false;
    }
    int32_t kept = 0, at = 0;
    for (int32_t i = 0; i < t->rows.count; i++) {
        if (at < t->gone.count && strcmp(t->gone.at[at], t->rows.at[i]) == 0) {
            at++;
        } else {
            t->rows.at[kept++] = t->rows.at[i];
        }
    }
    t->rows.count = kept;
    return true;
}

/* The line that shares the longest beginning with `odd`, for people. */
static const char *
nearest(const sb_sim_lines *lines, const char *odd)
{
    const char *best = "nothing";
    size_t longest = 0;
    for (int32_t i = 0; i < lines->count; i++) {
        size_t same = 0;
        while (odd[same] && lines->at[i][same] == odd[same]) {
            same++;
        }
        if (same > longest) {
            longest = same;
            best = lines->at[i];
        }
    }
    return best;
}

typedef struct topic_read {
    table *t;
    bool fine;
    bool in_order; /* nothing is taken back before it was there, record by record */
} topic_read;

static int32_t
count_of(const sb_sim_lines *lines, const char *line)
{
    int32_t count = 0;
    for (int32_t i = 0; i < lines->count; i++) {
        count += strcmp(lines->at[i], line) == 0;
    }
    return count;
}

static bool
is_in_order(const topic_read *read)
{
    const table *t = read->t;
    const char *last = t->gone.count > 0 ? t->gone.at[t->gone.count - 1] : NULL;
    if (!read->in_order || !last || count_of(&t->rows, last) >= count_of(&t->gone, last)) {
        return true;
    }
    snprintf(t->problem, 1024, "%s: taken back before it was there: %s", t->sink->folder, last);
    return false;
}

static void
take_record(void *ctx, int32_t partition, const sb_log_record *record)
{
    topic_read *read = ctx;
    (void)partition;
    if (!read->fine) {
        return;
    }
    if (read->t->sink->mode == SIM_UPSERT) {
        bool removes = !record->value.data;
        upsert(read->t, removes ? record->key : record->value, removes);
    } else {
        read->fine =
            take_line(read->t, read->t->sink->folder, record->value.data, record->value.size) &&
            is_in_order(read);
    }
}

static bool
take_topic(table *t, sb_log_sim *log, bool final)
{
    /* Rows of one key come from one subtask; a topic of one partition keeps their order. */
    bool ordered = final && t->sink->mode == SIM_RETRACT && t->sink->partitions == 1;
    topic_read read = {t, true, ordered};
    sb_log_sim_read(log, t->sink->folder, true, take_record, &read);
    return read.fine;
}

static bool
check_sink(const sb_sim_case *c, const sb_sim_sink *sink, sb_sim_world *world, bool final,
           char *problem)
{
    sb_os *disk = sb_sim_world_disk(world);
    table t = {.sink = sink, .arena = sb_arena_new(c->mem), .problem = problem};
    const char *odd;
    sb_assert(t.arena);
    t.rows.arena = t.gone.arena = t.arena;
    bool fine = (sink->in_log ? take_topic(&t, sb_sim_world_log(world), final)
                              : take_folder(&t, disk, c->mem)) &&
                (settle(&t) || (sink->in_log && !final && !(*problem = 0)));
    if (fine && (final || sink->mode == SIM_APPEND) &&
        !sb_sim_lines_within(&t.rows, &sink->expected, &odd)) {
        snprintf(problem, 1024, "%s: too much, or wrong: %s (%d rows, expected %d; nearest: %s)",
                 sink->folder, odd, t.rows.count, sink->expected.count,
                 nearest(&sink->expected, odd));
        fine = false;
    }
    if (fine && final && !sb_sim_lines_within(&sink->expected, &t.rows, &odd)) {
        snprintf(problem, 1024, "%s: missing: %s (%d rows, expected %d; nearest: %s)", sink->folder,
                 odd, t.rows.count, sink->expected.count, nearest(&t.rows, odd));
        fine = false;
    }
    sb_arena_free(t.arena);
    return fine;
}

bool
sb_sim_check_output(const sb_sim_case *c, sb_sim_world *world, bool final, char problem[1024])
{
    for (int32_t i = 0; i < c->count_sinks; i++) {
        if (!check_sink(c, &c->sinks[i], world, final, problem)) {
            return false;
        }
    }
    return true;
}

bool
sb_sim_check_no_leftovers(const sb_sim_case *c, sb_sim_world *world, char problem[1024])
{
    sb_os *disk = sb_sim_world_disk(world);
    int32_t open = sb_log_sim_open_transactions(sb_sim_world_log(world));
    if (open > 0) {
        snprintf(problem, 1024, "%d transactions are left open", open);
        return false;
    }
    for (int32_t i = 0; i < c->count_sinks; i++) {
        sb_dir_list list = {0};
        sb_error err;
        bool fine = true;
        if (c->sinks[i].in_log ||
            disk->list(disk, c->sinks[i].folder, c->mem, &list, &err) != SB_OK) {
            continue;
        }
        for (int32_t k = 0; k < list.count; k++) {
            if (list.entries[k].name[0] == '.') {
                snprintf(problem, 1024, "left in progress: %s/%s", c->sinks[i].folder,
                         list.entries[k].name);
                fine = false;
            }
        }
        disk->list_free(disk, c->mem, &list);
        if (!fine) {
            return false;
        }
    }
    return true;
}

/* ---- the state folder ---- */

typedef struct needed {
    const sb_blob_list *blobs;
    bool *used;
    char *problem;
} needed;

static void
mark_blob(void *ctx, const char *name, int64_t bytes)
{
    needed *n = ctx;
    (void)bytes;
    for (int32_t i = 0; i < n->blobs->count; i++) {
        if (strcmp(n->blobs->names[i], name) == 0) {
            n->used[i] = true;
            return;
        }
    }
    snprintf(n->problem, 1024, "a checkpoint needs %s, which is not there", name);
}

static void
check_manifest(sb_store *store, sb_mem *mem, uint64_t id, needed *n)
{
    sb_manifest *manifest = NULL;
    sb_error err;
    sb_status status = sb_manifest_read(store, mem, id, false, &manifest, &err);
    if (status == SB_OK) {
        status = sb_manifest_blobs(manifest, mark_blob, n, &err);
    }
    if (status != SB_OK) {
        snprintf(n->problem, 1024, "checkpoint %llu: %.600s", (unsigned long long)id, err.message);
    }
    sb_manifest_free(manifest);
}

static void
check_store(sb_store *store, sb_mem *mem, int32_t retained, char *problem)
{
    sb_blob_list blobs = {0};
    sb_error err;
    uint64_t *ids = NULL;
    int32_t count = 0;
    sb_assert(sb_store_list(store, SB_STATE_PREFIX, &blobs, &err) == SB_OK);
    sb_assert(sb_manifest_list(store, mem, &ids, &count, &err) == SB_OK);
    needed n = {&blobs, sb_alloc_zero(mem, (size_t)blobs.count + 1), problem};
    if (count == 0 || count > retained) {
        snprintf(problem, 1024, "%d checkpoints are kept, expected 1 .. %d", count, retained);
    }
    for (int32_t i = 0; i < count && !problem[0]; i++) {
        check_manifest(store, mem, ids[i], &n);
    }
    for (int32_t i = 0; i < blobs.count && !problem[0]; i++) {
        if (!n.used[i]) {
            snprintf(problem, 1024, "nobody needs %s", blobs.names[i]);
        }
    }
    sb_free(mem, n.used, (size_t)blobs.count + 1);
    sb_free(mem, ids, sizeof *ids * (size_t)(count + 1));
    sb_blob_list_free(store, &blobs);
}

bool
sb_sim_check_state(sb_os *disk, sb_mem *mem, int32_t retained, char problem[1024])
{
    sb_store *store = NULL;
    sb_error err;
    problem[0] = 0;
    sb_assert(sb_store_open_folder(disk, mem, "state", &store, &err) == SB_OK);
    check_store(store, mem, retained, problem);
    sb_store_close(store);
    return problem[0] == 0;
}

bool
sb_sim_writes_log(const sb_sim_case *c)
{
    for (int32_t i = 0; i < c->count_sinks; i++) {
        if (c->sinks[i].in_log) {
            return true;
        }
    }
    return false;
}
