/*
 * state/homes.h -- where the pages of a state lie in the blobs of its checkpoints.
 *
 * DESIGN     A page's home is the blob with the whole page, then those with later changes of it (at
 *            most SB_HOME_REFS in all, then it is written whole again). A blob that is no page's
 *            home is not needed any more. While a snapshot is written, changes are logged; how it
 *            ended is heard later, and the log is then dropped or undone.
 * THREADS    the thread that writes a snapshot, or restores; one at a time.
 */
#ifndef SB_STATE_HOMES_H
#define SB_STATE_HOMES_H

#include "base/bytes.h"

#define SB_HOME_REFS 4

typedef struct sb_home_ref {
    uint32_t blob;  /* number */
    uint32_t bytes; /* of the record */
} sb_home_ref;

typedef struct sb_home {
    struct sb_page *page; /* NULL in a descriptor that was read */
    uint32_t born;        /* epoch of the page: another page with its id is not a change of it */
    uint32_t count;       /* 0: the page does not exist */
    sb_home_ref refs[SB_HOME_REFS];
} sb_home;

typedef struct sb_home_table {
    uint32_t table_id;
    sb_home *homes; /* by page id */
    uint32_t count, capacity;
} sb_home_table;

typedef struct sb_home_blob {
    uint32_t number; /* ascending */
    bool evacuate;   /* its pages are on their way into other blobs */
    uint64_t id;     /* random */
    char *name;
    int64_t file_bytes;
    int64_t total; /* bytes of all its records */
    int64_t live;  /* bytes of those that are in a home */
    int64_t refs;  /* how many */
} sb_home_blob;

typedef struct sb_home_undo {
    uint32_t table; /* index */
    uint32_t page;
    sb_home old;
} sb_home_undo;

typedef struct sb_homes {
    sb_mem *mem;
    sb_home_table *tables;
    uint32_t count_tables;
    sb_home_blob *blobs; /* oldest first */
    uint32_t count_blobs, capacity_blobs;
    uint32_t next_number;
    sb_home_undo *undo;
    size_t count_undo, capacity_undo;
    uint32_t logged_blob; /* number of the blob of the logged snapshot, UINT32_MAX: none */
} sb_homes;

bool sb_homes_init(sb_homes *h, sb_mem *mem, const uint32_t *table_ids, uint32_t count_tables);
void sb_homes_deinit(sb_homes *h);
sb_home *sb_homes_get(const sb_homes *h, uint32_t table, uint32_t page); /* NULL: no such page */
sb_home_blob *sb_homes_blob(const sb_homes *h, uint32_t number);         /* NULL: no such blob */
/* A new blob, youngest of all. NULL: out of memory. */
sb_home_blob *sb_homes_add_blob(sb_homes *h, const char *name, uint64_t id);
/* Sets a home and keeps the blobs' counts; logged. False: out of memory. */
bool sb_homes_set(sb_homes *h, uint32_t table, uint32_t page, const sb_home *home);
void sb_homes_commit(sb_homes *h); /* what was logged stays; blobs without pages go */
void sb_homes_roll_back(sb_homes *h);
/* Chooses blobs to be emptied until no more than half of what the others hold is dead: marks
 * them `evacuate`. */
void sb_homes_choose(sb_homes *h, int64_t least_total);

/* Part of the descriptor: blobs that are needed, then per table the pages in each of them. */
bool sb_homes_write(const sb_homes *h, sb_writer *w);
/* Into an initialised, empty sb_homes. */
sb_status sb_homes_read(sb_homes *h, sb_reader *r, sb_error *err);

#endif
