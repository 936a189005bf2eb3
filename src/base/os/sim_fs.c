/*
 * base/os/sim_fs.c -- the simulated disk: nodes, names, journal, crash.
 *
 * THREADS    single-threaded.
 */
#include "base/os/sim_fs.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

uint64_t
sb_sim_random(uint64_t *state)
{
    *state += SB_HASH_GAMMA;
    return sb_hash_mix(*state);
}

static void *
must(void *block)
{
    sb_assert(block); /* the simulation does not run out of memory */
    return block;
}

/* ---- nodes and sorted names
 * --------------------------------------------------------------------- */

sb_sim_node *
sb_sim_node_ref(sb_sim_node *node)
{
    node->refs++;
    return node;
}

static sb_sim_node *
node_new(bool is_dir, int64_t now_us)
{
    sb_sim_node *node = must(calloc(1, sizeof *node));
    node->refs = 1;
    node->is_dir = is_dir;
    node->modified_us = now_us;
    return node;
}

static void
names_clear(sb_sim_disk *disk, sb_sim_names *names)
{
    for (int32_t i = 0; i < names->count; i++) {
        free(names->entries[i].name);
        sb_sim_node_unref(disk, names->entries[i].node);
    }
    free(names->entries);
    *names = (sb_sim_names){0};
}

void
sb_sim_node_unref(sb_sim_disk *disk, sb_sim_node *node)
{
    if (!node || --node->refs > 0) {
        return;
    }
    sb_assert(node->refs == 0);
    disk->bytes -= (int64_t)node->now_size;
    free(node->now);
    free(node->durable);
    names_clear(disk, &node->names);
    names_clear(disk, &node->durable_names);
    free(node);
}

/* Where `name` is, or where it would have to be put. */
static int32_t
names_find(const sb_sim_names *names, const char *name, bool *out_found)
{
    int32_t low = 0, high = names->count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        int order = strcmp(names->entries[middle].name, name);
        if (order == 0) {
            *out_found = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *out_found = false;
    return low;
}

static void
names_unset(sb_sim_disk *disk, sb_sim_names *names, const char *name)
{
    bool found;
    int32_t at = names_find(names, name, &found);
    if (!found) {
        return;
    }
    sb_sim_name gone = names->entries[at];
    memmove(names->entries + at, names->entries + at + 1,
            sizeof gone * (size_t)(names->count - at - 1));
    names->count--;
    free(gone.name);
    sb_sim_node_unref(disk, gone.node);
}

static void
names_set(sb_sim_disk *disk, sb_sim_names *names, const char *name, sb_sim_node *node)
{
    bool found;
    sb_sim_node_ref(node);
    int32_t at = names_find(names, name, &found);
    if (found) {
        sb_sim_node_unref(disk, names->entries[at].node);
        names->entries[at].node = node;
        return;
    }
    if (names->count == names->capacity) {
        names->capacity = names->capacity ? names->capacity * 2 : 8;
        names->entries =
            must(realloc(names->entries, sizeof *names->entries * (size_t)names->capacity));
    }
    memmove(names->entries + at + 1, names->entries + at,
            sizeof *names->entries * (size_t)(names->count - at));
    names->entries[at] = (sb_sim_name){.name = must(strdup(name)), .node = node};
    names->count++;
}

sb_sim_node *
sb_sim_child(const sb_sim_node *dir, const char *name)
{
    bool found;
    int32_t at = names_find(&dir->names, name, &found);
    return found ? dir->names.entries[at].node : NULL;
}

/* ---- paths
 * -------------------------------------------------------------------------------------- */

#define DEPTH_MAX 64

/* Parts of a path without "", "." and with ".." resolved; -1: too deep or a part is too long. */
static int
split_path(const char *path, char parts[DEPTH_MAX][256])
{
    int count = 0;
    while (*path) {
        size_t size = strcspn(path, "/");
        if (size == 2 && path[0] == '.' && path[1] == '.') {
            count -= count > 0;
        } else if (size > 0 && !(size == 1 && path[0] == '.')) {
            if (count == DEPTH_MAX || size > 255) {
                return -1;
            }
            memcpy(parts[count], path, size);
            parts[count++][size] = 0;
        }
        path += size + (path[size] == '/');
    }
    return count;
}

sb_sim_node *
sb_sim_find_parent(const sb_sim_disk *disk, const char *path, char last[256])
{
    char parts[DEPTH_MAX][256];
    int count = split_path(path, parts);
    sb_sim_node *dir = disk->root;
    if (count < 0) {
        return NULL;
    }
    for (int i = 0; i < count - 1 && dir; i++) {
        dir = sb_sim_child(dir, parts[i]);
        dir = dir && dir->is_dir ? dir : NULL;
    }
    memcpy(last, count > 0 ? parts[count - 1] : "", count > 0 ? sizeof parts[0] : 1);
    return dir;
}

sb_sim_node *
sb_sim_find(const sb_sim_disk *disk, const char *path)
{
    char last[256];
    sb_sim_node *dir = sb_sim_find_parent(disk, path, last);
    return dir && *last ? sb_sim_child(dir, last) : dir;
}

/* ---- journal
 * ------------------------------------------------------------------------------------ */

static void
change_clear(sb_sim_disk *disk, sb_sim_change *change)
{
    sb_sim_node_unref(disk, change->unset_dir);
    sb_sim_node_unref(disk, change->set_dir);
    sb_sim_node_unref(disk, change->node);
    free(change->unset_name);
    free(change->set_name);
}

static void
journal_add(sb_sim_disk *disk, sb_sim_node *unset_dir, const char *unset_name, sb_sim_node *set_dir,
            const char *set_name, sb_sim_node *node)
{
    if (disk->count_journal == disk->capacity_journal) {
        disk->capacity_journal = disk->capacity_journal ? disk->capacity_journal * 2 : 16;
        disk->journal =
            must(realloc(disk->journal, sizeof *disk->journal * (size_t)disk->capacity_journal));
    }
    disk->journal[disk->count_journal++] = (sb_sim_change){
        .number = ++disk->next_number,
        .unset_dir = unset_dir ? sb_sim_node_ref(unset_dir) : NULL,
        .set_dir = set_dir ? sb_sim_node_ref(set_dir) : NULL,
        .unset_name = unset_name ? must(strdup(unset_name)) : NULL,
        .set_name = set_name ? must(strdup(set_name)) : NULL,
        .node = node ? sb_sim_node_ref(node) : NULL,
    };
}

/* A change of two folders that is within the limit of one must be within that of the other, with
 * all before it. */
static void
close_limits(sb_sim_disk *disk)
{
    bool moved = true;
    while (moved) {
        moved = false;
        for (int32_t i = 0; i < disk->count_journal; i++) {
            sb_sim_change *change = &disk->journal[i];
            sb_sim_node *a = change->unset_dir, *b = change->set_dir;
            if (!a || !b || a == b || (change->number > a->limit && change->number > b->limit)) {
                continue;
            }
            if (a->limit < change->number || b->limit < change->number) {
                a->limit = a->limit < change->number ? change->number : a->limit;
                b->limit = b->limit < change->number ? change->number : b->limit;
                moved = true;
            }
        }
    }
}

/* Makes the changes within the limits of their folders durable, in order. */
static void
apply_journal(sb_sim_disk *disk)
{
    int32_t kept = 0;
    close_limits(disk);
    for (int32_t i = 0; i < disk->count_journal; i++) {
        sb_sim_change *change = &disk->journal[i];
        sb_sim_node *dir = change->set_dir ? change->set_dir : change->unset_dir;
        if (change->number > dir->limit) {
            disk->journal[kept++] = *change;
            continue;
        }
        if (change->unset_dir) {
            names_unset(disk, &change->unset_dir->durable_names, change->unset_name);
        }
        if (change->set_dir) {
            names_set(disk, &change->set_dir->durable_names, change->set_name, change->node);
        }
        change_clear(disk, change);
    }
    disk->count_journal = kept;
}

static void
each_dir_set_limit(sb_sim_disk *disk, uint64_t limit)
{
    for (int32_t i = 0; i < disk->count_journal; i++) {
        if (disk->journal[i].set_dir) {
            disk->journal[i].set_dir->limit = limit;
        }
        if (disk->journal[i].unset_dir) {
            disk->journal[i].unset_dir->limit = limit;
        }
    }
}

void
sb_sim_dir_sync(sb_sim_disk *disk, sb_sim_node *dir)
{
    each_dir_set_limit(disk, 0);
    dir->limit = disk->next_number;
    apply_journal(disk);
}

void
sb_sim_set(sb_sim_disk *disk, sb_sim_node *dir, const char *name, sb_sim_node *node)
{
    names_set(disk, &dir->names, name, node);
    journal_add(disk, NULL, NULL, dir, name, node);
}

void
sb_sim_unset(sb_sim_disk *disk, sb_sim_node *dir, const char *name)
{
    names_unset(disk, &dir->names, name);
    journal_add(disk, dir, name, NULL, NULL, NULL);
}

void
sb_sim_move(sb_sim_disk *disk, sb_sim_node *from, const char *from_name, sb_sim_node *to,
            const char *to_name)
{
    sb_sim_node *node = sb_sim_child(from, from_name);
    if (from == to && strcmp(from_name, to_name) == 0) {
        return;
    }
    names_set(disk, &to->names, to_name, node);
    journal_add(disk, from, from_name, to, to_name, node);
    names_unset(disk, &from->names, from_name);
}

sb_sim_node *
sb_sim_make_dir(sb_sim_disk *disk, sb_sim_node *parent, const char *name, int64_t now_us)
{
    sb_sim_node *node = node_new(true, now_us);
    sb_sim_set(disk, parent, name, node);
    sb_sim_dir_sync(disk, parent);
    node->refs--; /* the names hold it */
    return node;
}

sb_sim_node *
sb_sim_make_file(sb_sim_disk *disk, sb_sim_node *parent, const char *name, int64_t now_us)
{
    sb_sim_node *node = node_new(false, now_us);
    sb_sim_set(disk, parent, name, node);
    node->refs--;
    return node;
}

/* ---- bytes
 * -------------------------------------------------------------------------------------- */

void
sb_sim_file_append(sb_sim_disk *disk, sb_sim_node *file, const void *data, size_t size)
{
    if (size == 0) {
        return;
    }
    if (file->now_size + size > file->now_capacity) {
        file->now_capacity = (file->now_size + size) * 2;
        file->now = must(realloc(file->now, file->now_capacity));
    }
    memcpy(file->now + file->now_size, data, size);
    file->now_size += size;
    disk->bytes += (int64_t)size;
}

void
sb_sim_file_truncate(sb_sim_disk *disk, sb_sim_node *file, size_t size)
{
    if (size > file->now_size) { /* grows by zeroes */
        size_t more = size - file->now_size;
        char *zeroes = must(calloc(1, more));
        sb_sim_file_append(disk, file, zeroes, more);
        free(zeroes);
        return;
    }
    disk->bytes -= (int64_t)(file->now_size - size);
    file->now_size = size;
    file->low_size = file->low_size < size ? file->low_size : size;
}

void
sb_sim_file_sync(sb_sim_node *file)
{
    if (file->now_size > 0) {
        file->durable = must(realloc(file->durable, file->now_size));
        memcpy(file->durable, file->now, file->now_size);
    }
    file->durable_size = file->now_size;
    file->low_size = file->now_size;
}

/* ---- crash
 * -------------------------------------------------------------------------------------- */

/* The three fates of what was not synced: gone, there, or a prefix of it. After a truncation "gone"
 * means that the truncation is undone too. */
static void
crash_file(sb_sim_disk *disk, sb_sim_node *file, sb_sim_damage *damage)
{
    size_t low = file->low_size < file->durable_size ? file->low_size : file->durable_size;
    bool dirty = file->now_size != file->durable_size || low < file->durable_size;
    uint64_t fate = sb_sim_random(disk->random) % 4;
    if (!dirty || fate == 3) {
        sb_sim_file_sync(file); /* nothing to lose, or the system had written it already */
        return;
    }
    if (fate == 2 && file->now_size > low) {
        size_t keep = low + (size_t)(sb_sim_random(disk->random) % (file->now_size - low + 1));
        damage->torn++;
        sb_sim_file_truncate(disk, file, keep);
        sb_sim_file_sync(file);
        return;
    }
    damage->lost++;
    disk->bytes += (int64_t)file->durable_size - (int64_t)file->now_size;
    file->now_size = 0;
    if (file->durable_size > 0) {
        file->now_capacity = file->durable_size;
        file->now = must(realloc(file->now, file->durable_size));
        memcpy(file->now, file->durable, file->durable_size);
    }
    file->now_size = file->durable_size;
    file->low_size = file->durable_size;
}

/* Names become the durable ones; files under them lose what was not synced. */
static void
crash_dir(sb_sim_disk *disk, sb_sim_node *dir, sb_sim_damage *damage)
{
    sb_sim_names old = dir->names;
    dir->names = (sb_sim_names){0};
    for (int32_t i = 0; i < dir->durable_names.count; i++) {
        sb_sim_name *entry = &dir->durable_names.entries[i];
        names_set(disk, &dir->names, entry->name, entry->node);
        if (entry->node->is_dir) {
            crash_dir(disk, entry->node, damage);
        } else if (entry->node->limit != UINT64_MAX) {
            entry->node->limit = UINT64_MAX; /* a file with two names is hit once */
            crash_file(disk, entry->node, damage);
        }
    }
    names_clear(disk, &old);
}

static void
reset_limits(sb_sim_node *dir)
{
    for (int32_t i = 0; i < dir->durable_names.count; i++) {
        dir->durable_names.entries[i].node->limit = 0;
        reset_limits(dir->durable_names.entries[i].node);
    }
}

void
sb_sim_disk_crash(sb_sim_disk *disk, sb_sim_damage *damage)
{
    /* Per folder a random prefix of the pending changes survives: often none, often all. */
    each_dir_set_limit(disk, 0);
    for (int32_t i = 0; i < disk->count_journal; i++) {
        sb_sim_change *change = &disk->journal[i];
        sb_sim_node *dir = change->set_dir ? change->set_dir : change->unset_dir;
        if (dir->limit == 0) {
            uint64_t fate = sb_sim_random(disk->random) % 3;
            uint64_t first = disk->journal[0].number, span = disk->next_number - first + 1;
            dir->limit = fate == 0   ? 1
                         : fate == 1 ? disk->next_number
                                     : first + sb_sim_random(disk->random) % span;
        }
    }
    apply_journal(disk);
    damage->names += disk->count_journal;
    for (int32_t i = 0; i < disk->count_journal; i++) {
        change_clear(disk, &disk->journal[i]);
    }
    disk->count_journal = 0;
    reset_limits(disk->root);
    crash_dir(disk, disk->root, damage);
    reset_limits(disk->root);
}

void
sb_sim_disk_init(sb_sim_disk *disk, uint64_t *random)
{
    *disk = (sb_sim_disk){.root = node_new(true, 0), .next_number = 1, .random = random};
}

void
sb_sim_disk_deinit(sb_sim_disk *disk)
{
    for (int32_t i = 0; i < disk->count_journal; i++) {
        change_clear(disk, &disk->journal[i]);
    }
    free(disk->journal);
    sb_sim_node_unref(disk, disk->root);
    *disk = (sb_sim_disk){0};
}
