/*
 * sql/rule_share.c -- equal sub-trees become one.
 *
 * DESIGN     Bottom-up: a relation whose kind, inputs and body equal those of one seen before is
 *            replaced by it. Names do not count. What is not deterministic is never shared: two
 *            RAND() are two.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "base/hash.h"
#include "sql/rules.h"

#define SHARE_BUCKETS 4096

typedef struct share_entry {
    struct share_entry *next;
    sb_rel *rel;
    uint64_t hash;
} share_entry;

static uint64_t
share_hash_expr(const sb_expr *expr)
{
    uint64_t hash = sb_hash_u64((uint64_t)expr->kind * 31 + expr->type.id);

    if (expr->kind == SB_EXPR_COLUMN) {
        return sb_hash_combine(hash, (uint64_t)expr->column);
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        hash = sb_hash_combine(hash, share_hash_expr(expr->args[i]));
    }
    return sb_hash_combine(hash, (uint64_t)(uintptr_t)expr->function);
}

static uint64_t
share_hash(const sb_rel *rel)
{
    uint64_t hash = sb_hash_u64((uint64_t)rel->kind);

    for (int32_t i = 0; i < rel->count_inputs; i++) {
        hash = sb_hash_combine(hash, (uint64_t)(uintptr_t)rel->inputs[i]);
    }
    hash = sb_hash_combine(hash, (uint64_t)(uintptr_t)rel->table);
    hash = sb_hash_combine(hash, (uint64_t)rel->schema.count);
    if (rel->condition != NULL) {
        hash = sb_hash_combine(hash, share_hash_expr(rel->condition));
    }
    for (int32_t i = 0; rel->kind == SB_REL_CALC && i < rel->schema.count; i++) {
        hash = sb_hash_combine(hash, share_hash_expr(rel->exprs[i]));
    }
    for (int32_t i = 0; i < rel->count_aggs; i++) {
        hash = sb_hash_combine(hash,
                               (uint64_t)rel->aggs[i].kind * 1000003 + (uint64_t)rel->aggs[i].arg);
    }
    return hash;
}

static bool
share_expr_equal(const sb_expr *a, const sb_expr *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    return sb_expr_equal(a, b);
}

static bool
share_aggs_equal(const sb_rel *a, const sb_rel *b)
{
    if (a->count_aggs != b->count_aggs) {
        return false;
    }
    for (int32_t i = 0; i < a->count_aggs; i++) {
        const sb_agg_call *x = &a->aggs[i], *y = &b->aggs[i];

        if (x->kind != y->kind || x->arg != y->arg || x->filter != y->filter ||
            x->distinct != y->distinct || !sb_type_equal(&x->type, &y->type) ||
            (x->kind == SB_AGG_LIST && strcmp(x->separator, y->separator) != 0) ||
            (x->kind > SB_AGG_M2 && x->second != y->second) || !sb_agg_call_same_rest(x, y)) {
            return false;
        }
    }
    return true;
}

static bool
share_window_equal(const sb_rel *a, const sb_rel *b)
{
    return sb_window_spec_equal(&a->window, &b->window) && a->time_column == b->time_column &&
           a->attached == b->attached && a->start_column == b->start_column &&
           a->end_column == b->end_column && a->right_start == b->right_start &&
           a->right_end == b->right_end && a->count_properties == b->count_properties &&
           (a->count_properties == 0 ||
            memcmp(a->properties, b->properties,
                   sizeof(a->properties[0]) * (size_t)a->count_properties) == 0);
}

static bool
share_rows_equal(const sb_rel *a, const sb_rel *b)
{
    if (a->sets.count != b->sets.count || a->offset != b->offset || a->limit != b->limit ||
        a->column != b->column || a->outer != b->outer || a->ordinality != b->ordinality ||
        a->function != b->function || a->count_args != b->count_args) {
        return false;
    }
    if (a->function != NULL && (a->function->def.flags & SABOT_FUNCTION_DETERMINISTIC) == 0) {
        return false;
    }
    for (int32_t i = 0; i < a->sets.count; i++) {
        if (!sb_columns_equal(&a->sets.at[i], &b->sets.at[i])) {
            return false;
        }
    }
    for (int32_t i = 0; a->kind == SB_REL_SORT && i < a->keys.count; i++) {
        if (a->descending[i] != b->descending[i]) {
            return false;
        }
    }
    return true;
}

static bool
share_equal(const sb_rel *a, const sb_rel *b)
{
    if (a->kind != b->kind || a->count_inputs != b->count_inputs ||
        a->schema.count != b->schema.count || a->table != b->table ||
        !share_expr_equal(a->condition, b->condition) || !sb_columns_equal(&a->keys, &b->keys) ||
        !sb_columns_equal(&a->right_keys, &b->right_keys) || !share_aggs_equal(a, b)) {
        return false;
    }
    for (int32_t i = 0; i < a->count_inputs; i++) {
        if (a->inputs[i] != b->inputs[i]) {
            return false;
        }
    }
    for (int32_t i = 0; a->kind == SB_REL_CALC && i < a->schema.count; i++) {
        if (!share_expr_equal(a->exprs[i], b->exprs[i])) {
            return false;
        }
    }
    for (int32_t i = 0;
         (a->kind == SB_REL_JOIN || a->kind == SB_REL_WINDOW_JOIN) && i < a->keys.count; i++) {
        if (a->null_safe[i] != b->null_safe[i]) {
            return false;
        }
    }
    if (a->kind == SB_REL_WINDOW || a->kind == SB_REL_WINDOW_AGG || a->kind == SB_REL_WINDOW_JOIN) {
        return share_window_equal(a, b);
    }
    return share_rows_equal(a, b);
}

static bool
share_allowed(const sb_rel *rel)
{
    if (rel->kind == SB_REL_SINK ||
        (rel->condition != NULL && !sb_expr_is_deterministic(rel->condition))) {
        return false;
    }
    for (int32_t i = 0; rel->kind == SB_REL_CALC && i < rel->schema.count; i++) {
        if (!sb_expr_is_deterministic(rel->exprs[i])) {
            return false;
        }
    }
    return true;
}

static sb_status
share_walk(sb_rel_context *ctx, share_entry **buckets, sb_rel **slot)
{
    sb_rel *rel = *slot;
    share_entry *entry;
    uint64_t hash;

    for (int32_t i = 0; i < rel->count_inputs; i++) {
        SB_TRY(share_walk(ctx, buckets, &rel->inputs[i]), ctx->err);
    }
    if (!share_allowed(rel)) {
        return SB_OK;
    }
    hash = share_hash(rel);
    for (entry = buckets[hash % SHARE_BUCKETS]; entry != NULL; entry = entry->next) {
        if (entry->rel == rel) {
            return SB_OK;
        }
        if (entry->hash == hash && share_equal(entry->rel, rel)) {
            ctx->fired[SB_RULE_SHARE]++;
            *slot = entry->rel;
            return SB_OK;
        }
    }
    entry = SB_NEW(ctx->arena, share_entry);
    if (entry == NULL) {
        SB_NOMEM(ctx->err);
    }
    *entry = (share_entry){.next = buckets[hash % SHARE_BUCKETS], .rel = rel, .hash = hash};
    buckets[hash % SHARE_BUCKETS] = entry;
    return SB_OK;
}

sb_status
sb_rule_share(sb_rel_context *ctx, sb_rel **sinks, int32_t count)
{
    share_entry **buckets = SB_NEW_ARRAY(ctx->arena, share_entry *, SHARE_BUCKETS);

    if (buckets == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(share_walk(ctx, buckets, &sinks[i]), ctx->err);
    }
    return SB_OK;
}
