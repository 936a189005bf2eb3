/*
 * state/btree.h -- sorted row pointers of one key of an ordered table: a B+tree with cached sort
 * prefixes.
 *
 * DESIGN     A leaf entry is (8-byte prefix of the sort columns that orders as they do, row); most
 *            steps of a search compare prefixes and touch no row. An inner entry names the smallest
 *            row below it. A key with one row has no node at all; leaves start with 4 entries. A
 *            row's head names its leaf. Nodes merge when two neighbours fit half a node.
 * OWNERSHIP  Nodes belong to the table that the rows are in.
 * THREADS    T:task
 */
#ifndef SB_STATE_BTREE_H
#define SB_STATE_BTREE_H

#include "state/table_priv.h"

#define SB_NODE_FULL 64

typedef struct sb_node {
    struct sb_node *parent;      /* NULL: root */
    struct sb_node *next, *prev; /* leaves, in order */
    uint16_t count, capacity;
    bool is_leaf;

    struct sb_node_entry {
        uint64_t prefix;
        uint8_t *row;          /* inner: the smallest row below `child` */
        struct sb_node *child; /* inner only */
    } entries[];
} sb_node;

static inline sb_node *
sb_leaf_of(const uint8_t *row)
{
    return (sb_node *)(uintptr_t)sb_head(row)->seq;
}

uint64_t sb_sort_prefix(const sb_table *t, const uint8_t *row);
/* Sort columns of two rows, in the order of the table; prefixes are theirs. */
int sb_sort_compare(const sb_table *t, uint64_t prefix_a, const uint8_t *a, uint64_t prefix_b,
                    const uint8_t *b);

/* Makes sure that the insert of one row next to `first` (smallest of its key) cannot fail. */
bool sb_tree_reserve(sb_table *t, uint8_t *first);
/* Inserts a row whose sort columns are not there yet. Returns the smallest row of the key
 * afterwards. */
uint8_t *sb_tree_insert(sb_table *t, uint8_t *first, uint8_t *row);
/* the row with equal sort columns, or NULL */
uint8_t *sb_tree_find(sb_table *t, uint8_t *first, const uint8_t *like);
/* Takes a row out. Returns the smallest row that is left, NULL: none. `first` is the smallest
 * now. */
uint8_t *sb_tree_remove(sb_table *t, uint8_t *first, uint8_t *row);
void sb_tree_moved(sb_table *t, uint8_t *row, uint8_t *to);
uint8_t *sb_tree_first(const sb_table *t, uint8_t *any);
uint8_t *sb_tree_last(const sb_table *t, uint8_t *any);
uint8_t *sb_tree_next(const uint8_t *row);
uint8_t *sb_tree_prev(const uint8_t *row);
void sb_tree_free_reserve(sb_table *t);
void sb_tree_free_nodes(sb_table *t, sb_node *root); /* rows are left alone */

#endif
