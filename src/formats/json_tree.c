/*
 * formats/json_tree.c -- the wanted columns of a JSON decoder as a tree of names.
 */
#include "formats/json_tree.h"

#include <string.h>

#include "formats/format.h"

static int32_t
count_nodes(const sb_type *type)
{
    int32_t count = 1;
    for (int32_t i = 0; type->id == SB_TYPE_ROW && i < type->count_children; i++) {
        count += count_nodes(&type->children[i].type);
    }
    return count;
}

/* A new node behind the last one; its memory. */
static sb_json_node *
add_node(sb_json_tree *tree, sb_json_kind kind, const char *name, const sb_type *type,
         int32_t parent, sb_error *err)
{
    sb_json_node *node = &tree->nodes[tree->count];
    size_t size = strlen(name);
    char *copy = sb_arena_alloc(tree->arena, size + SB_FORMAT_PADDING);
    *node = (sb_json_node){
        .kind = kind, .type = type, .name = copy, .name_size = (uint32_t)size, .parent = parent};
    sb_phys phys = type ? sb_type_phys(type) : SB_PHYS_NULL;
    node->width = kind == SB_JSON_LEAF ? sb_phys_size(phys) : 0;
    node->slots = sb_arena_alloc(tree->arena, sizeof(uint32_t) * SB_JSON_CHUNK);
    node->valid = SB_NEW_ARRAY(tree->arena, uint8_t, SB_JSON_CHUNK);
    node->values =
        sb_arena_alloc(tree->arena, (size_t)(node->width ? node->width : 1) * SB_JSON_CHUNK);
    if (!copy || !node->slots || !node->valid || !node->values) {
        sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        return NULL;
    }
    memcpy(copy, name, size);
    node->name_head = sb_json_name_head(copy, node->name_size);
    tree->count++;
    return node;
}

/* Puts the children of `parent` (whose parent link says so) into its key table. */
static sb_status
index_children(sb_json_tree *tree, int32_t parent, sb_error *err)
{
    sb_json_node *node = &tree->nodes[parent];
    uint32_t count = 0, room = 4;
    for (int32_t i = parent + 1; i < node->end; i = tree->nodes[i].end) {
        count++;
    }
    while (room < count * 4) {
        room *= 2;
    }
    node->keys =
        (sb_json_keys){.mask = room - 1, .buckets = SB_NEW_ARRAY(tree->arena, int32_t, room)};
    node->guesses = SB_NEW_ARRAY(tree->arena, sb_json_guess, SB_JSON_GUESSES);
    if (!node->keys.buckets || !node->guesses) {
        SB_NOMEM(err);
    }
    for (int i = 0; i < SB_JSON_GUESSES; i++) {
        node->guesses[i] = (sb_json_guess){.size = UINT32_MAX, .node = -1};
    }
    memset(node->keys.buckets, -1, sizeof(int32_t) * room);
    for (int32_t i = parent + 1; i < node->end; i = tree->nodes[i].end) {
        uint32_t at = sb_json_name_hash(tree->nodes[i].name_head, tree->nodes[i].name_size);
        while (node->keys.buckets[at & node->keys.mask] >= 0) {
            at++;
        }
        node->keys.buckets[at & node->keys.mask] = i;
    }
    return SB_OK;
}

static sb_status
add_field(sb_json_tree *tree, const sb_field *field, int32_t parent, uint64_t wanted, sb_error *err)
{
    const sb_type *type = &field->type;
    bool list =
        type->id == SB_TYPE_ARRAY || type->id == SB_TYPE_MAP || type->id == SB_TYPE_MULTISET;
    sb_json_kind kind = type->id == SB_TYPE_ROW ? SB_JSON_ROW : list ? SB_JSON_LIST : SB_JSON_LEAF;
    int32_t index = tree->count;
    if (!add_node(tree, kind, field->name, type, parent, err)) {
        return SB_STATUS_NOMEM;
    }
    for (int32_t i = 0; kind == SB_JSON_ROW && i < type->count_children; i++) {
        if (wanted >> (i < 63 ? i : 63) & 1) {
            int32_t child = tree->count;
            SB_TRY(add_field(tree, &type->children[i], index, UINT64_MAX, err), err);
            tree->nodes[child].place = i;
        }
    }
    tree->nodes[index].end = tree->count;
    return kind == SB_JSON_ROW ? index_children(tree, index, err) : SB_OK;
}

static sb_status
build(sb_json_tree *tree, const sb_schema *schema, const int32_t *project, const uint64_t *fields,
      int32_t count, bool envelope, sb_error *err)
{
    int32_t total = 3;
    for (int32_t i = 0; i < count; i++) {
        total += count_nodes(&schema->fields[project[i]].type);
    }
    tree->nodes = SB_NEW_ARRAY(tree->arena, sb_json_node, total);
    tree->columns = SB_NEW_ARRAY(tree->arena, int32_t, count + 1);
    if (!tree->nodes || !tree->columns || !add_node(tree, SB_JSON_ROW, "", NULL, -1, err)) {
        SB_NOMEM(err);
    }
    tree->op = -1;
    if (envelope) {
        tree->op = tree->count;
        if (!add_node(tree, SB_JSON_OP, "op", NULL, 0, err)) {
            return SB_STATUS_NOMEM;
        }
        tree->nodes[tree->op].end = tree->count;
        tree->data = tree->count;
        if (!add_node(tree, SB_JSON_ROW, "data", NULL, 0, err)) {
            return SB_STATUS_NOMEM;
        }
    }
    for (int32_t i = 0; i < count; i++) {
        tree->columns[i] = tree->count;
        SB_TRY(add_field(tree, &schema->fields[project[i]], tree->data,
                         fields ? fields[i] : UINT64_MAX, err),
               err);
    }
    tree->count_columns = count;
    tree->nodes[tree->data].end = tree->count;
    tree->nodes[0].end = tree->count;
    if (tree->data != 0) {
        SB_TRY(index_children(tree, tree->data, err), err);
    }
    return index_children(tree, 0, err);
}

sb_status
sb_json_tree_init(sb_json_tree *tree, sb_mem *mem, const sb_schema *schema, const int32_t *project,
                  const uint64_t *fields, int32_t count, bool envelope, sb_error *err)
{
    *tree = (sb_json_tree){.arena = sb_arena_new(mem)};
    if (!tree->arena) {
        SB_NOMEM(err);
    }
    sb_status status = build(tree, schema, project, fields, count, envelope, err);
    if (status != SB_OK) {
        sb_json_tree_deinit(tree);
    }
    return status;
}

void
sb_json_tree_deinit(sb_json_tree *tree)
{
    tree->arena = sb_arena_free(tree->arena);
}
