/*
 * formats/json_tree.h -- what a JSON decoder looks for: the wanted columns as a tree of names.
 *
 * DESIGN     Nodes stand in preorder in one array: the record itself, the wanted columns, the
 *            fields of ROW columns. Each has a slot per record of a chunk: which token its value
 *            is. Lists and maps are leaves; their inside is read when the value is. With an
 *            envelope the record has "op" and "data", and the columns stand under "data".
 *            Fields of a ROW column that nobody reads have no node: the field is NULL.
 * OWNERSHIP  sb_json_tree_deinit frees all.
 */
#ifndef SB_FORMATS_JSON_TREE_H
#define SB_FORMATS_JSON_TREE_H

#include "columnar/type.h"

#define SB_JSON_CHUNK   128        /* records between conversions */
#define SB_JSON_MISSING UINT32_MAX /* slot: the record does not have it */

typedef enum sb_json_kind { SB_JSON_ROW, SB_JSON_LEAF, SB_JSON_LIST, SB_JSON_OP } sb_json_kind;

/* The names of the fields of one object, by hash: open addressing, at most a quarter full. */
typedef struct sb_json_keys {
    uint32_t mask;    /* buckets - 1 */
    int32_t *buckets; /* index of a node, -1: empty */
} sb_json_keys;

/* What the k-th key of an object was in the last record: records of a file are alike. */
#define SB_JSON_GUESSES 32

typedef struct sb_json_guess {
    uint64_t head; /* of the name */
    /* of the name; longer than 8 bytes is never guessed unless somebody wants it */
    uint32_t size;
    int32_t node; /* -1: nobody wants it */
} sb_json_guess;

typedef struct sb_json_node {
    sb_json_kind kind;
    const sb_type *type; /* NULL: record, data, op */
    const char *name;    /* SB_FORMAT_PADDING bytes readable */
    uint32_t name_size;
    uint64_t name_head;     /* first bytes, zero-padded */
    int32_t parent;         /* -1: the record */
    int32_t place;          /* among the fields of a parent that is a ROW column */
    int32_t end;            /* index behind its last descendant */
    sb_json_keys keys;      /* ROW */
    sb_json_guess *guesses; /* ROW: SB_JSON_GUESSES */
    uint32_t *slots;        /* SB_JSON_CHUNK */
    uint8_t *values;        /* LEAF: SB_JSON_CHUNK values of `width` bytes */
    uint8_t *valid;         /* LEAF, ROW: 0 = NULL */
    int32_t width;
} sb_json_node;

typedef struct sb_json_tree {
    sb_arena *arena;
    int32_t count;
    sb_json_node *nodes;
    int32_t op;   /* node of "op"; -1: no envelope */
    int32_t data; /* node whose children are the columns: 0, or that of "data" */
    int32_t count_columns;
    int32_t *columns; /* node of each projected column */
} sb_json_tree;

sb_status sb_json_tree_init(sb_json_tree *tree, sb_mem *mem, const sb_schema *schema,
                            const int32_t *project, const uint64_t *fields, int32_t count,
                            bool envelope, sb_error *err);
void sb_json_tree_deinit(sb_json_tree *tree);

static inline uint64_t
sb_json_name_head(const char *name, uint32_t size)
{
    uint64_t head;
    __builtin_memcpy(&head, name, sizeof head); /* readable: names and text are padded */
    return size >= 8 ? head : head & ~(UINT64_MAX << (size * 8));
}

static inline uint32_t
sb_json_name_hash(uint64_t head, uint32_t size)
{
    return (uint32_t)(((head + size) * UINT64_C(0x9E3779B97F4A7C15)) >> 40);
}

/* Node of the field with this name in an object; -1: nobody wants it. */
static inline int32_t
sb_json_find(const sb_json_tree *tree, const sb_json_keys *keys, const char *name, uint32_t size)
{
    uint64_t head = sb_json_name_head(name, size);
    for (uint32_t at = sb_json_name_hash(head, size);; at++) {
        int32_t node = keys->buckets[at & keys->mask];
        if (node < 0) {
            return -1;
        }
        const sb_json_node *n = &tree->nodes[node];
        if (n->name_head == head && n->name_size == size &&
            (size <= 8 || __builtin_memcmp(n->name, name, size) == 0)) {
            return node;
        }
    }
}

#endif
