/*
 * state/btree.c -- B+tree over the rows of one key.
 *
 * DESIGN     see btree.h. Leaves of a tree with more than one node are of full size; a lone leaf
 *            grows by doubling. An insert takes its nodes from what sb_tree_reserve has put aside.
 * THREADS    T:task
 */
#include "state/btree.h"

#include <string.h>

#define FIRST_CAPACITY 4
#define MERGE_BELOW    (SB_NODE_FULL / 4)
#define MERGE_UP_TO    (SB_NODE_FULL / 2)

/* ---- order
 * ---------------------------------------------------------------------------------------- */

static uint64_t
float_prefix(uint64_t bits, unsigned width)
{
    uint64_t sign = UINT64_C(1) << (width - 1);
    uint64_t ordered = bits & sign ? ~bits : bits | sign;
    return width == 64 ? ordered : ordered << 32;
}

static uint64_t
value_prefix(sb_phys phys, const uint8_t *slot, const uint8_t *row)
{
    uint64_t word;
    memcpy(&word, slot, sizeof word);
    switch (phys) {
    case SB_PHYS_F32: return float_prefix(word & UINT32_MAX, 32);
    case SB_PHYS_F64: return float_prefix(word, 64);
    case SB_PHYS_I128: memcpy(&word, slot + 8, sizeof word); return word ^ (UINT64_C(1) << 63);
    case SB_PHYS_VIEW: {
        sb_view view;
        char bytes[8] = {0};
        memcpy(&view, slot, sizeof view);
        uint32_t size = view.small.size;
        const char *data =
            size <= SB_VIEW_INLINE ? view.small.data : (const char *)row + view.words[1];
        memcpy(bytes, data, size < 8 ? size : 8);
        memcpy(&word, bytes, sizeof word);
        return __builtin_bswap64(word);
    }
    case SB_PHYS_LIST:
    case SB_PHYS_STRUCT:
    case SB_PHYS_NULL: return 0;
    default: return word ^ (UINT64_C(1) << 63); /* integers, TSNS by its microseconds */
    }
}

uint64_t
sb_sort_prefix(const sb_table *t, const uint8_t *row)
{
    uint64_t prefix = 0; /* NULL is lowest */
    if (!sb_row_is_null(row, t->at_sort)) {
        sb_phys phys = sb_type_phys(&t->schema.fields[t->at_sort].type);
        prefix = value_prefix(phys, row + t->layout.offsets[t->at_sort], row);
    }
    return t->descending[0] ? ~prefix : prefix;
}

int
sb_sort_compare(const sb_table *t, uint64_t prefix_a, const uint8_t *a, uint64_t prefix_b,
                const uint8_t *b)
{
    if (prefix_a != prefix_b) {
        return prefix_a < prefix_b ? -1 : 1;
    }
    /* NULL shares its prefix with the smallest value. */
    if (t->sort_exact && prefix_a != 0 && prefix_a != UINT64_MAX) {
        return 0;
    }
    for (int32_t c = 0; c < t->count_sort; c++) {
        int order = sb_row_compare_field(&t->layout, a, b, t->at_sort + c);
        if (order != 0) {
            return t->descending[c] ? -order : order;
        }
    }
    return 0;
}

/* ---- nodes
 * ---------------------------------------------------------------------------------------- */

static size_t
node_size(unsigned capacity)
{
    return sizeof(sb_node) + capacity * sizeof(struct sb_node_entry);
}

static sb_node *
node_alloc(sb_table *t, unsigned capacity)
{
    sb_node *node = sb_alloc(t->mem, node_size(capacity));
    if (node) {
        *node = (sb_node){.capacity = (uint16_t)capacity};
        t->node_bytes += (int64_t)node_size(capacity);
    }
    return node;
}

static void
node_free(sb_table *t, sb_node *node)
{
    if (node) {
        t->node_bytes -= (int64_t)node_size(node->capacity);
        sb_free(t->mem, node, node_size(node->capacity));
    }
}

static sb_node *
take_full(sb_table *t, bool is_leaf)
{
    sb_node *node = t->free_nodes;
    sb_assert(node != NULL);
    t->free_nodes = node->next;
    t->count_free_nodes--;
    *node = (sb_node){.capacity = SB_NODE_FULL, .is_leaf = is_leaf};
    return node;
}

static void
give_node(sb_table *t, sb_node *node)
{
    if (node->capacity == SB_NODE_FULL && t->count_free_nodes < 16) {
        node->next = t->free_nodes;
        t->free_nodes = node;
        t->count_free_nodes++;
    } else {
        node_free(t, node);
    }
}

void
sb_tree_free_reserve(sb_table *t)
{
    while (t->free_nodes) {
        sb_node *node = t->free_nodes;
        t->free_nodes = node->next;
        node_free(t, node);
    }
    t->count_free_nodes = 0;
    node_free(t, t->spare_node);
    t->spare_node = NULL;
}

void
sb_tree_free_nodes(sb_table *t, sb_node *root)
{
    for (unsigned i = 0; !root->is_leaf && i < root->count; i++) {
        sb_tree_free_nodes(t, root->entries[i].child);
    }
    node_free(t, root);
}

static bool
reserve_small(sb_table *t, unsigned capacity)
{
    if (t->spare_node && t->spare_node->capacity != capacity) {
        node_free(t, t->spare_node);
        t->spare_node = NULL;
    }
    if (!t->spare_node) {
        t->spare_node = node_alloc(t, capacity);
    }
    return t->spare_node != NULL;
}

bool
sb_tree_reserve(sb_table *t, uint8_t *first)
{
    sb_node *leaf = sb_leaf_of(first);
    int32_t depth = 1;
    if (!leaf) {
        return reserve_small(t, FIRST_CAPACITY);
    }
    if (!leaf->parent && leaf->count < leaf->capacity) {
        return true;
    }
    if (leaf->capacity < SB_NODE_FULL / 2) {
        return reserve_small(t, leaf->capacity * 2u);
    }
    for (sb_node *node = leaf; node; node = node->parent) {
        depth++;
    }
    while (t->count_free_nodes < depth) {
        sb_node *node = node_alloc(t, SB_NODE_FULL);
        if (!node) {
            return false;
        }
        node->next = t->free_nodes;
        t->free_nodes = node;
        t->count_free_nodes++;
    }
    return true;
}

/* What an entry holds points back to its node. */
static void
adopt(sb_node *node, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        if (node->is_leaf) {
            sb_head(node->entries[i].row)->seq = (uint64_t)(uintptr_t)node;
        } else {
            node->entries[i].child->parent = node;
        }
    }
}

static unsigned
child_index(const sb_node *parent, const sb_node *child)
{
    unsigned i = 0;
    while (parent->entries[i].child != child) {
        i++;
        sb_assert(i < parent->count);
    }
    return i;
}

static unsigned
row_index(const sb_node *leaf, const uint8_t *row)
{
    unsigned i = 0;
    while (leaf->entries[i].row != row) {
        i++;
        sb_assert(i < leaf->count);
    }
    return i;
}

/* The first entry of a node has changed. */
static void
update_smallest(sb_node *node)
{
    for (sb_node *parent = node->parent; parent; node = parent, parent = node->parent) {
        unsigned i = child_index(parent, node);
        parent->entries[i].prefix = node->entries[0].prefix;
        parent->entries[i].row = node->entries[0].row;
        if (i > 0) {
            break;
        }
    }
}

/* ---- search
 * --------------------------------------------------------------------------------------- */

static sb_node *
root_of(sb_node *node)
{
    while (node->parent) {
        node = node->parent;
    }
    return node;
}

/* How many entries are smaller than the row (or not larger, when `or_equal`). */
static unsigned
count_below(const sb_table *t, const sb_node *node, uint64_t prefix, const uint8_t *row,
            bool or_equal)
{
    unsigned low = 0, high = node->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        const struct sb_node_entry *e = &node->entries[middle];
        int order = sb_sort_compare(t, e->prefix, e->row, prefix, row);
        if (order < 0 || (or_equal && order == 0)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The leaf where a row is or belongs. */
static sb_node *
leaf_for(const sb_table *t, sb_node *node, uint64_t prefix, const uint8_t *row)
{
    while (!node->is_leaf) {
        unsigned i = count_below(t, node, prefix, row, true);
        node = node->entries[i > 0 ? i - 1 : 0].child;
    }
    return node;
}

uint8_t *
sb_tree_find(sb_table *t, uint8_t *first, const uint8_t *like)
{
    uint64_t prefix = sb_sort_prefix(t, like);
    sb_node *leaf = sb_leaf_of(first);
    if (!leaf) {
        return sb_sort_compare(t, sb_sort_prefix(t, first), first, prefix, like) == 0 ? first
                                                                                      : NULL;
    }
    leaf = leaf_for(t, root_of(leaf), prefix, like);
    unsigned i = count_below(t, leaf, prefix, like, false);
    if (i == leaf->count) {
        return NULL;
    }
    const struct sb_node_entry *e = &leaf->entries[i];
    return sb_sort_compare(t, e->prefix, e->row, prefix, like) == 0 ? e->row : NULL;
}

uint8_t *
sb_tree_first(const sb_table *t, uint8_t *any)
{
    sb_node *node = sb_leaf_of(any);
    (void)t;
    return node ? root_of(node)->entries[0].row : any;
}

uint8_t *
sb_tree_last(const sb_table *t, uint8_t *any)
{
    sb_node *node = sb_leaf_of(any);
    (void)t;
    if (!node) {
        return any;
    }
    node = root_of(node);
    while (!node->is_leaf) {
        node = node->entries[node->count - 1].child;
    }
    return node->entries[node->count - 1].row;
}

uint8_t *
sb_tree_next(const uint8_t *row)
{
    const sb_node *leaf = sb_leaf_of(row);
    if (!leaf) {
        return NULL;
    }
    unsigned i = row_index(leaf, row) + 1;
    if (i < leaf->count) {
        return leaf->entries[i].row;
    }
    return leaf->next ? leaf->next->entries[0].row : NULL;
}

uint8_t *
sb_tree_prev(const uint8_t *row)
{
    const sb_node *leaf = sb_leaf_of(row);
    if (!leaf) {
        return NULL;
    }
    unsigned i = row_index(leaf, row);
    if (i > 0) {
        return leaf->entries[i - 1].row;
    }
    return leaf->prev ? leaf->prev->entries[leaf->prev->count - 1].row : NULL;
}

/* ---- insert
 * --------------------------------------------------------------------------------------- */

static void
insert_at(sb_node *node, unsigned i, struct sb_node_entry entry)
{
    memmove(node->entries + i + 1, node->entries + i, (node->count - i) * sizeof entry);
    node->entries[i] = entry;
    node->count++;
    adopt(node, i, i + 1);
}

/* Moves the upper half into `right`. */
static void
divide(sb_node *node, sb_node *right)
{
    unsigned keep = node->count / 2;
    right->count = (uint16_t)(node->count - keep);
    memcpy(right->entries, node->entries + keep, right->count * sizeof node->entries[0]);
    node->count = (uint16_t)keep;
    adopt(right, 0, right->count);
    if (node->is_leaf) {
        right->next = node->next;
        right->prev = node;
        if (node->next) {
            node->next->prev = right;
        }
        node->next = right;
    }
}

static struct sb_node_entry
entry_for(sb_node *node)
{
    return (struct sb_node_entry){node->entries[0].prefix, node->entries[0].row, node};
}

/* Splits a full node and the full ones above it. */
static void
split(sb_table *t, sb_node *node)
{
    sb_node *right = take_full(t, node->is_leaf);
    divide(node, right);
    if (!node->parent) {
        sb_node *root = take_full(t, false);
        insert_at(root, 0, entry_for(node));
        insert_at(root, 1, entry_for(right));
        return;
    }
    if (node->parent->count == SB_NODE_FULL) {
        split(t, node->parent);
    }
    insert_at(node->parent, child_index(node->parent, node) + 1, entry_for(right));
}

/* A lone leaf of small size gets a larger one. */
static sb_node *
grow_leaf(sb_table *t, sb_node *leaf)
{
    sb_node *wider;
    if (leaf->capacity < SB_NODE_FULL / 2) {
        wider = t->spare_node;
        t->spare_node = NULL;
        sb_assert(wider && wider->capacity == leaf->capacity * 2);
    } else {
        wider = take_full(t, true);
    }
    unsigned capacity = wider->capacity;
    *wider = (sb_node){.capacity = (uint16_t)capacity, .is_leaf = true, .count = leaf->count};
    memcpy(wider->entries, leaf->entries, leaf->count * sizeof leaf->entries[0]);
    adopt(wider, 0, wider->count);
    give_node(t, leaf);
    return wider;
}

uint8_t *
sb_tree_insert(sb_table *t, uint8_t *first, uint8_t *row)
{
    uint64_t prefix = sb_sort_prefix(t, row);
    sb_node *leaf = sb_leaf_of(first);
    if (!leaf) {
        leaf = t->spare_node;
        t->spare_node = NULL;
        sb_assert(leaf && leaf->capacity == FIRST_CAPACITY);
        leaf->is_leaf = true;
        insert_at(leaf, 0, (struct sb_node_entry){sb_sort_prefix(t, first), first, NULL});
    } else {
        leaf = leaf_for(t, root_of(leaf), prefix, row);
    }
    if (leaf->count == leaf->capacity) {
        if (leaf->capacity < SB_NODE_FULL) {
            leaf = grow_leaf(t, leaf);
        } else {
            split(t, leaf);
            leaf = leaf_for(t, root_of(leaf), prefix, row);
        }
    }
    unsigned i = count_below(t, leaf, prefix, row, false);
    insert_at(leaf, i, (struct sb_node_entry){prefix, row, NULL});
    if (i > 0) {
        return first;
    }
    update_smallest(leaf);
    return leaf->prev ? first : row;
}

/* ---- remove
 * --------------------------------------------------------------------------------------- */

static void
remove_at(sb_node *node, unsigned i)
{
    node->count--;
    memmove(node->entries + i, node->entries + i + 1, (node->count - i) * sizeof node->entries[0]);
}

static void
unlink_leaf(sb_node *leaf)
{
    if (leaf->next) {
        leaf->next->prev = leaf->prev;
    }
    if (leaf->prev) {
        leaf->prev->next = leaf->next;
    }
}

/* Appends the entries of `right` to `left`, its neighbour in the same parent. */
static void
absorb(sb_node *left, sb_node *right)
{
    unsigned at = left->count;
    memcpy(left->entries + at, right->entries, right->count * sizeof right->entries[0]);
    left->count = (uint16_t)(at + right->count);
    adopt(left, at, left->count);
    right->count = 0;
}

/* The node has lost an entry. `smallest`: it was its first one. */
static void
shrunk(sb_table *t, sb_node *node, bool smallest)
{
    sb_node *parent = node->parent;
    if (!parent) {
        while (!node->is_leaf && node->count == 1) {
            sb_node *root = node->entries[0].child;
            root->parent = NULL;
            give_node(t, node);
            node = root;
        }
        return;
    }
    unsigned i = child_index(parent, node);
    if (node->count > 0 && smallest) {
        update_smallest(node);
    }
    sb_node *gone = node->count == 0 ? node : NULL;
    if (!gone && node->count < MERGE_BELOW) {
        sb_node *left = i > 0 ? parent->entries[i - 1].child : NULL;
        sb_node *right = i + 1u < parent->count ? parent->entries[i + 1].child : NULL;
        if (right && node->count + right->count <= MERGE_UP_TO) {
            absorb(node, right);
            gone = right;
            i++;
        } else if (left && left->count + node->count <= MERGE_UP_TO) {
            absorb(left, node);
            gone = node;
        }
    }
    if (gone) {
        if (gone->is_leaf) {
            unlink_leaf(gone);
        }
        remove_at(parent, i);
        give_node(t, gone);
        shrunk(t, parent, i == 0);
    }
}

uint8_t *
sb_tree_remove(sb_table *t, uint8_t *first, uint8_t *row)
{
    sb_node *leaf = sb_leaf_of(row);
    if (!leaf) {
        return NULL;
    }
    uint8_t *smallest = row == first ? sb_tree_next(row) : first;
    unsigned i = row_index(leaf, row);
    remove_at(leaf, i);
    sb_head(row)->seq = 0;
    if (!leaf->parent && leaf->count <= 1) {
        if (leaf->count == 1) {
            sb_head(leaf->entries[0].row)->seq = 0;
        }
        give_node(t, leaf);
    } else {
        shrunk(t, leaf, i == 0);
    }
    return smallest;
}

void
sb_tree_moved(sb_table *t, uint8_t *row, uint8_t *to)
{
    sb_node *leaf = sb_leaf_of(to);
    (void)t;
    if (leaf) {
        unsigned i = row_index(leaf, row);
        leaf->entries[i].row = to;
        if (i == 0) {
            update_smallest(leaf);
        }
    }
}
