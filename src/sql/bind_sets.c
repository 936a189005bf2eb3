/*
 * sql/bind_sets.c -- GROUPING SETS, ROLLUP, CUBE, and what tells them apart: GROUPING,
 * GROUPING_ID, GROUP_ID.
 *
 * DESIGN     A set is a bit mask over the different group expressions. The elements of GROUP BY
 *            multiply: each combination of one set from each of them is a set. In the plan, rows
 *            are repeated once per set (EXPAND) with the number of the set, which is one more
 *            group column; GROUPING(...) is a CASE over that number.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"

enum { SETS_MAX = 4096, EXPRS_MAX = 63 };

typedef struct set_list {
    uint64_t *at;
    int32_t count, capacity;
} set_list;

typedef struct sets {
    sb_binder *b;
    const sb_scope *scope;
    sb_bind_sets *out;
} sets;

static sb_status
sets_add(sets *s, set_list *list, uint64_t set, const sb_ast_group *place)
{
    if (list->count == SETS_MAX) {
        return sb_sql_error(s->b->rel.err, SB_SQL_TOO_DEEP, place->begin, place->end,
                            "more than %d grouping sets", SETS_MAX);
    }
    if (list->count == list->capacity) {
        int32_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        uint64_t *grown = SB_NEW_ARRAY(s->b->rel.arena, uint64_t, capacity);

        if (grown == NULL) {
            SB_NOMEM(s->b->rel.err);
        }
        if (list->count > 0) {
            memcpy(grown, list->at, sizeof(grown[0]) * (size_t)list->count);
        }
        list->at = grown;
        list->capacity = capacity;
    }
    list->at[list->count++] = set;
    return SB_OK;
}

/* The bits of some group expressions. */
static sb_status
sets_exprs(sets *s, const sb_ast_group *group, uint64_t *out)
{
    sb_bind_sets *all = s->out;
    sb_status failed = SB_OK;

    *out = 0;
    for (int32_t i = 0; i < group->count_exprs; i++) {
        sb_expr *expr;
        int32_t found = 0;

        SB_KEEP(s->b, sb_bind_expr(s->b, s->scope, group->exprs[i], &expr), group->exprs[i],
                &failed);
        if (failed != SB_OK) {
            continue;
        }
        while (found < all->count_exprs && !sb_expr_equal(all->exprs[found], expr)) {
            found++;
        }
        if (found == all->count_exprs) {
            if (all->count_exprs == EXPRS_MAX) {
                return sb_sql_error(s->b->rel.err, SB_SQL_TOO_DEEP, group->begin, group->end,
                                    "more than %d expressions in grouping sets", EXPRS_MAX);
            }
            all->exprs[all->count_exprs++] = expr;
        }
        *out |= UINT64_C(1) << found;
    }
    return sb_bind_settle(s->b, failed);
}

static sb_status sets_of(sets *s, const sb_ast_group *group, set_list *out);

/* The bits of each part of a ROLLUP or CUBE. */
static sb_status
sets_parts(sets *s, const sb_ast_group *group, uint64_t *out)
{
    sb_status failed = SB_OK;

    for (int32_t i = 0; i < group->count; i++) {
        const sb_ast_group *part = group->parts[i];

        if (part->kind != SB_AST_GROUP_EXPR && part->kind != SB_AST_GROUP_LIST) {
            return sb_sql_error(s->b->rel.err, SB_SQL_SYNTAX, part->begin, part->end,
                                "expressions are expected in ROLLUP and CUBE");
        }
        SB_KEEP(s->b, sets_exprs(s, part, &out[i]), part, &failed);
    }
    return sb_bind_settle(s->b, failed);
}

static sb_status
sets_rollup(sets *s, const sb_ast_group *group, set_list *out)
{
    uint64_t *parts = SB_NEW_ARRAY(s->b->rel.arena, uint64_t, group->count + 1), set = 0;

    if (parts == NULL) {
        SB_NOMEM(s->b->rel.err);
    }
    SB_TRY(sets_parts(s, group, parts), s->b->rel.err);
    for (int32_t i = 0; i < group->count; i++) {
        set |= parts[i];
    }
    for (int32_t left = group->count; left >= 0; left--) {
        set = 0;
        for (int32_t i = 0; i < left; i++) {
            set |= parts[i];
        }
        SB_TRY(sets_add(s, out, set, group), s->b->rel.err);
    }
    return SB_OK;
}

/* All subsets, those with the first parts first. */
static sb_status
sets_cube(sets *s, const sb_ast_group *group, set_list *out)
{
    uint64_t *parts = SB_NEW_ARRAY(s->b->rel.arena, uint64_t, group->count + 1);

    if (parts == NULL) {
        SB_NOMEM(s->b->rel.err);
    }
    if (group->count > 12) {
        return sb_sql_error(s->b->rel.err, SB_SQL_TOO_DEEP, group->begin, group->end,
                            "more than %d grouping sets", SETS_MAX);
    }
    SB_TRY(sets_parts(s, group, parts), s->b->rel.err);
    for (int32_t mask = (1 << group->count) - 1; mask >= 0; mask--) {
        uint64_t set = 0;

        for (int32_t i = 0; i < group->count; i++) {
            set |= mask >> (group->count - 1 - i) & 1 ? parts[i] : 0;
        }
        SB_TRY(sets_add(s, out, set, group), s->b->rel.err);
    }
    return SB_OK;
}

static sb_status
sets_of(sets *s, const sb_ast_group *group, set_list *out)
{
    sb_status failed = SB_OK;
    uint64_t set;

    switch (group->kind) {
    case SB_AST_GROUP_EXPR:
    case SB_AST_GROUP_LIST:
        SB_TRY(sets_exprs(s, group, &set), s->b->rel.err);
        return sets_add(s, out, set, group);
    case SB_AST_GROUP_SETS:
        for (int32_t i = 0; i < group->count; i++) {
            SB_KEEP(s->b, sets_of(s, group->parts[i], out), group->parts[i], &failed);
        }
        return sb_bind_settle(s->b, failed);
    case SB_AST_GROUP_ROLLUP: return sets_rollup(s, group, out);
    case SB_AST_GROUP_CUBE: return sets_cube(s, group, out);
    }
    return SB_OK;
}

static sb_status
sets_multiply(sets *s, const sb_ast_group *group, set_list *all)
{
    set_list own = {0}, product = {0};

    SB_TRY(sets_of(s, group, &own), s->b->rel.err);
    for (int32_t i = 0; i < all->count; i++) {
        for (int32_t j = 0; j < own.count; j++) {
            SB_TRY(sets_add(s, &product, all->at[i] | own.at[j], group), s->b->rel.err);
        }
    }
    *all = product;
    return SB_OK;
}

static int32_t
sets_capacity(const sb_ast_group *group)
{
    int32_t count = group->count_exprs;

    for (int32_t i = 0; i < group->count; i++) {
        count += sets_capacity(group->parts[i]);
    }
    return count;
}

sb_status
sb_bind_group_sets(sb_binder *b, const sb_scope *scope, const sb_ast_query *query,
                   sb_bind_sets *out)
{
    sets s = {.b = b, .scope = scope, .out = out};
    set_list all = {0};
    int32_t capacity = 1, kept = 0;
    sb_status failed = SB_OK;

    for (int32_t i = 0; i < query->count_group_sets; i++) {
        capacity += sets_capacity(query->group_sets[i]);
    }
    *out = (sb_bind_sets){.exprs = SB_NEW_ARRAY(b->rel.arena, sb_expr *, capacity)};
    if (out->exprs == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_TRY(sets_add(&s, &all, 0, query->group_sets[0]), b->rel.err);
    for (int32_t i = 0; i < query->count_group_sets; i++) {
        SB_KEEP(b, sets_multiply(&s, query->group_sets[i], &all), query->group_sets[i], &failed);
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    for (int32_t i = 0; i < all.count; i++) {
        bool seen = false;

        for (int32_t j = 0; query->group_distinct && j < kept; j++) {
            seen |= all.at[j] == all.at[i];
        }
        if (!seen) {
            all.at[kept++] = all.at[i];
        }
    }
    out->sets = all.at;
    out->count = kept;
    return SB_OK;
}

/* ---- GROUPING and its kin ---- */

bool
sb_bind_is_grouping(const char *name)
{
    return strcmp(name, "GROUPING") == 0 || strcmp(name, "GROUPING_ID") == 0 ||
           strcmp(name, "GROUP_ID") == 0;
}

sb_status
sb_bind_grouping_call(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr **out)
{
    struct sb_scope_aggs *aggs = scope->aggs;
    const sb_type type = SB_TYPE(BIGINT, false);
    bool is_id = strcmp(ast->name, "GROUP_ID") == 0;
    sb_bind_grouped *grouped;
    sb_status failed = SB_OK;
    sb_scope plain = *scope;

    if (aggs == NULL || scope->in_agg || !aggs->grouped_allowed) {
        (void)sb_sql_error(b->rel.err, SB_SQL_AGGREGATE_PLACE, ast->begin, ast->end,
                           "%s without a GROUP BY around it", ast->name);
        sb_error_hint(b->rel.err,
                      "it stands in SELECT, HAVING or ORDER BY of a query with GROUP BY");
        return SB_STATUS_SEMANTIC;
    }
    if ((ast->count_args == 0) != is_id || ast->star || ast->count_args > EXPRS_MAX ||
        ast->filter != NULL || ast->distinct) {
        return sb_sql_error(b->rel.err, SB_SQL_TYPE, ast->begin, ast->end,
                            is_id ? "%s takes no arguments" : "%s takes expressions of GROUP BY",
                            ast->name);
    }
    grouped = SB_NEW(b->rel.arena, sb_bind_grouped);
    if (grouped == NULL) {
        SB_NOMEM(b->rel.err);
    }
    grouped->args = SB_NEW_ARRAY(b->rel.arena, sb_expr *, ast->count_args + 1);
    if (grouped->args == NULL) {
        SB_NOMEM(b->rel.err);
    }
    plain.aggs = NULL;
    plain.no_aggs = ast->name;
    for (int32_t i = 0; i < ast->count_args; i++) {
        SB_KEEP(b, sb_bind_expr(b, &plain, ast->args[i], &grouped->args[i]), ast->args[i], &failed);
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    grouped->count = ast->count_args;
    grouped->name = ast->name;
    grouped->next = aggs->grouped;
    aggs->grouped = grouped;
    *out = sb_expr_column(b->rel.arena, SB_BIND_GROUPED + aggs->count_grouped, &type);
    if (*out == NULL) {
        SB_NOMEM(b->rel.err);
    }
    grouped->index = aggs->count_grouped++;
    (*out)->position = ast->begin;
    (*out)->position_end = ast->end;
    return SB_OK;
}

/* The answer for one set: a bit per argument, the last one least, set where the set lacks it. */
static sb_status
grouped_value(sb_binder *b, const sb_bind_grouped *grouped, const sb_bind_sets *all, int32_t set,
              const sb_expr *place, int64_t *out)
{
    *out = 0;
    if (grouped->count == 0) { /* GROUP_ID: how many equal sets stand before it */
        for (int32_t i = 0; i < set; i++) {
            *out += all->sets[i] == all->sets[set];
        }
        return SB_OK;
    }
    for (int32_t i = 0; i < grouped->count; i++) {
        int32_t found = 0;

        while (found < all->count_exprs && !sb_expr_equal(all->exprs[found], grouped->args[i])) {
            found++;
        }
        if (found == all->count_exprs) {
            return sb_sql_error(b->rel.err, SB_SQL_GROUPING, place->position, place->position_end,
                                "argument %d of %s is not grouped by", i + 1, grouped->name);
        }
        *out = *out << 1 | !(all->sets[set] >> found & 1);
    }
    return SB_OK;
}

sb_status
sb_bind_grouped_expr(sb_binder *b, const sb_bind_grouped *grouped, const sb_bind_sets *all,
                     int32_t set_column, const sb_expr *place, sb_expr **out)
{
    const sb_type type = SB_TYPE(BIGINT, false);
    sb_expr **args = SB_NEW_ARRAY(b->rel.arena, sb_expr *, 2 * all->count + 1);
    int32_t count = 0;

    if (args == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t s = 0; s < all->count; s++) {
        sb_expr *compared[2] = {sb_expr_column(b->rel.arena, set_column, &type),
                                sb_expr_i64(b->rel.arena, &type, s)};
        int64_t value;

        SB_TRY(grouped_value(b, grouped, all, s, place, &value), b->rel.err);
        if (compared[0] == NULL || compared[1] == NULL) {
            SB_NOMEM(b->rel.err);
        }
        if (s < all->count - 1) { /* the last one is what is left */
            SB_TRY(sb_expr_call(b->rel.arena, "=", compared, 2, &args[count++], b->rel.err),
                   b->rel.err);
        }
        args[count] = sb_expr_i64(b->rel.arena, &type, value);
        if (args[count++] == NULL) {
            SB_NOMEM(b->rel.err);
        }
    }
    *out = args[0];
    return count == 1 ? SB_OK : sb_expr_call(b->rel.arena, "CASE", args, count, out, b->rel.err);
}
