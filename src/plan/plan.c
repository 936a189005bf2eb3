/*
 * plan/plan.c -- making and freeing plans; options; names of node kinds.
 *
 * THREADS    T:any for plans that are built.
 */
#include "plan/plan.h"

#include <string.h>

#include "plan/plan_priv.h"

const char *
sb_agg_name(sb_agg_kind kind)
{
    static const char *const names[] = {"COUNT",
                                        "COUNT",
                                        "SUM",
                                        "MIN",
                                        "MAX",
                                        "AVG",
                                        "FIRST_VALUE",
                                        "LAST_VALUE",
                                        "LISTAGG",
                                        "WELFORD_M2",
                                        "COLLECT",
                                        "ARRAY_AGG",
                                        "PERCENTILE",
                                        "JSON_ARRAYAGG",
                                        "JSON_OBJECTAGG",
                                        "BITMAP_BUILD_AGG",
                                        "BITMAP_AND_AGG",
                                        "BITMAP_OR_AGG",
                                        "BITMAP_XOR_AGG",
                                        "USER"};

    return names[kind];
}

bool
sb_agg_call_same_rest(const sb_agg_call *a, const sb_agg_call *b)
{
    if (a->kind <= SB_AGG_M2 || b->kind <= SB_AGG_M2) {
        return true;
    }
    if (a->nulls != b->nulls || a->count_shares != b->count_shares || a->type.id != b->type.id ||
        a->function != b->function || (a->function && a->count_packed != b->count_packed)) {
        return false;
    }
    for (int32_t i = 0; i < a->count_shares; i++) {
        if (a->shares[i] != b->shares[i]) {
            return false;
        }
    }
    return true;
}

const char *
sb_options_get(const sb_options *options, const char *key)
{
    for (int32_t i = options->count - 1; i >= 0; i--) {
        if (strcmp(options->at[i].key, key) == 0) {
            return options->at[i].value;
        }
    }
    return NULL;
}

sb_plan *
sb_plan_new(sb_mem *mem)
{
    sb_arena *arena = sb_arena_new(mem);
    sb_plan *plan = arena != NULL ? SB_NEW(arena, sb_plan) : NULL;

    if (plan == NULL) {
        sb_arena_free(arena);
        return NULL;
    }
    plan->arena = arena;
    plan->zone = "UTC";
    plan->sql = "";
    return plan;
}

sb_plan *
sb_plan_free(sb_plan *plan)
{
    if (plan != NULL) {
        sb_arena_free(plan->arena); /* the plan lies in it */
    }
    return NULL;
}

static const char *const plan_kind_names[] = {
#define X(name, text, body) text,
    SB_NODE_KINDS(X)
#undef X
};
SB_STATIC_ASSERT(sizeof(plan_kind_names) / sizeof(plan_kind_names[0]) == SB_NODE_KIND_COUNT,
                 "one name per kind");

const char *
sb_plan_kind_name(uint16_t kind)
{
    return kind < SB_NODE_KIND_COUNT ? plan_kind_names[kind] : "?";
}

int32_t
sb_plan_index(const sb_plan *plan, const sb_plan_node *node)
{
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        if (plan->nodes[i] == node) {
            return i;
        }
    }
    return -1;
}
