/*
 * base/os/sim_fs.h -- inside base/os: the simulated disk.
 *
 * DESIGN     A *node* is a file or a folder. A file has its bytes now and the bytes of its last
 *            sync. A folder has its names now and the names that would survive; between them stands
 *            the journal, the ordered list of changes not yet durable. Syncing a folder applies its
 *            changes; a crash applies a random prefix per folder. A rename between two folders is
 *            one change of both: it survives whole or not at all. Memory is not budgeted and
 *            running out of it is a bug: this runs in tests only.
 * OWNERSHIP  Nodes are counted: by names (now, durable), changes, and open files.
 * THREADS    single-threaded.
 */
#ifndef SB_BASE_OS_SIM_FS_H
#define SB_BASE_OS_SIM_FS_H

#include "base/os/os.h"

typedef struct sb_sim_node sb_sim_node;

typedef struct sb_sim_name {
    char *name;
    sb_sim_node *node; /* one reference */
} sb_sim_name;

typedef struct sb_sim_names { /* sorted by bytes */
    sb_sim_name *entries;
    int32_t count, capacity;
} sb_sim_names;

struct sb_sim_node {
    int32_t refs;
    bool is_dir;
    int64_t modified_us;
    uint64_t limit; /* work space of the journal: changes up to this number are applied */
    /* file */
    char *now, *durable;
    size_t now_size, now_capacity, durable_size;
    size_t low_size; /* smallest size since the last sync */
    sb_file *lock;   /* who holds it */
    /* folder */
    sb_sim_names names, durable_names;
};

typedef struct sb_sim_change { /* `unset` name in one folder, `set` another in (maybe) another
                               folder, at once */
    uint64_t number;
    sb_sim_node *unset_dir, *set_dir; /* NULL: that half is missing */
    char *unset_name, *set_name;
    sb_sim_node *node; /* for set */
} sb_sim_change;

typedef struct sb_sim_disk {
    sb_sim_node *root;
    sb_sim_change *journal;
    int32_t count_journal, capacity_journal;
    uint64_t next_number;
    uint64_t *random; /* state of the generator of the simulation */
    int64_t bytes;    /* in all files, now */
} sb_sim_disk;

typedef struct sb_sim_damage { /* what a crash did */
    int64_t lost, torn, names;
} sb_sim_damage;

void sb_sim_disk_init(sb_sim_disk *disk, uint64_t *random);
void sb_sim_disk_deinit(sb_sim_disk *disk);
uint64_t sb_sim_random(uint64_t *state);

sb_sim_node *sb_sim_node_ref(sb_sim_node *node);
void sb_sim_node_unref(sb_sim_disk *disk, sb_sim_node *node);

/* Finds the folder that holds the last part of `path` and copies that part to `last` ("" for the
 * root). NULL: a part is missing or is no folder. */
sb_sim_node *sb_sim_find_parent(const sb_sim_disk *disk, const char *path, char last[256]);
sb_sim_node *sb_sim_find(const sb_sim_disk *disk, const char *path);
sb_sim_node *sb_sim_child(const sb_sim_node *dir, const char *name);

/* Changes of names. They are visible at once and pending until the folder is synced. */
void sb_sim_set(sb_sim_disk *disk, sb_sim_node *dir, const char *name, sb_sim_node *node);
void sb_sim_unset(sb_sim_disk *disk, sb_sim_node *dir, const char *name);
void sb_sim_move(sb_sim_disk *disk, sb_sim_node *from, const char *from_name, sb_sim_node *to,
                 const char *to_name);
/* A folder, new, durable with its name. */
sb_sim_node *sb_sim_make_dir(sb_sim_disk *disk, sb_sim_node *parent, const char *name,
                             int64_t now_us);
sb_sim_node *sb_sim_make_file(sb_sim_disk *disk, sb_sim_node *parent, const char *name,
                              int64_t now_us);

void sb_sim_file_append(sb_sim_disk *disk, sb_sim_node *file, const void *data, size_t size);
void sb_sim_file_truncate(sb_sim_disk *disk, sb_sim_node *file, size_t size);
void sb_sim_file_sync(sb_sim_node *file);
void sb_sim_dir_sync(sb_sim_disk *disk, sb_sim_node *dir);
/* What is left after a power cut becomes the state now, and durable. */
void sb_sim_disk_crash(sb_sim_disk *disk, sb_sim_damage *damage);

#endif
