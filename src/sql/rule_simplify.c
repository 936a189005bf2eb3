/*
 * sql/rule_simplify.c -- expressions that say the same in fewer words.
 *
 * DESIGN     Bottom-up, each call on its own: x AND TRUE, x OR x, NOT (a < b), x IS NULL of what
 *            cannot be, COALESCE and CASE whose choice is known, equalities of one expression to
 *            many literals (IN), a factor common to all sides of an OR, which then may move down
 *            alone. The type of an expression stays what it was. Nothing is negated that may hold
 *            a NaN: NOT (x < 1) of it is TRUE and x >= 1 is FALSE.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "expr/function.h"
#include "sql/rules.h"

#define SIMPLIFY_IN_MIN    3   /* so many equalities become an IN */
#define SIMPLIFY_PARTS_MAX 200 /* of an AND or OR that are compared with one another */

typedef struct expr_list {
    sb_expr **at;
    int32_t count;
} expr_list;

static const sb_type boolean = {.id = SB_TYPE_BOOLEAN};

static sb_status
list_new(sb_rel_context *ctx, int32_t capacity, expr_list *out)
{
    *out = (expr_list){.at = SB_NEW_ARRAY(ctx->arena, sb_expr *, capacity + 1)};
    if (out->at == NULL) {
        SB_NOMEM(ctx->err);
    }
    return SB_OK;
}

static sb_status
truth(sb_rel_context *ctx, bool value, sb_expr **out)
{
    *out = sb_expr_i64(ctx->arena, &boolean, value);
    if (*out == NULL) {
        SB_NOMEM(ctx->err);
    }
    return SB_OK;
}

static bool
is_truth(const sb_expr *expr, bool value)
{
    return expr->kind == SB_EXPR_LITERAL && expr->type.id == SB_TYPE_BOOLEAN && !expr->is_null &&
           (expr->value.i64 != 0) == value;
}

static bool
is_same(const sb_expr *a, const sb_expr *b)
{
    return sb_expr_equal(a, b) && sb_expr_is_deterministic(a);
}

static bool
list_has(const expr_list *list, const sb_expr *expr)
{
    for (int32_t i = 0; i < list->count; i++) {
        if (is_same(list->at[i], expr)) {
            return true;
        }
    }
    return false;
}

/* NaN, or 0 and -0: not IN and = agree about these; nor about what may hold one inside. */
static bool
may_be_nan(const sb_type *type)
{
    return type->id == SB_TYPE_FLOAT || type->id == SB_TYPE_DOUBLE ||
           sb_type_phys(type) == SB_PHYS_LIST || sb_type_phys(type) == SB_PHYS_STRUCT;
}

/* ---- AND, OR ---- */

static int32_t
count_parts(const sb_expr *expr, const sb_function *function)
{
    int32_t count = 0;

    if (expr->kind != SB_EXPR_CALL || expr->function != function) {
        return 1;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        count += count_parts(expr->args[i], function);
    }
    return count;
}

static void
collect_parts(sb_expr *expr, const sb_function *function, expr_list *out)
{
    if (expr->kind != SB_EXPR_CALL || expr->function != function) {
        out->at[out->count++] = expr;
        return;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        collect_parts(expr->args[i], function, out);
    }
}

/* Calls of two, nested to the left: what the binder makes. */
static sb_status
join_parts(sb_rel_context *ctx, const char *name, const expr_list *list, sb_expr **out)
{
    *out = list->at[0];
    for (int32_t i = 1; i < list->count; i++) {
        sb_expr *args[2] = {*out, list->at[i]};

        SB_TRY(sb_expr_call(ctx->arena, name, args, 2, out, ctx->err), ctx->err);
    }
    return SB_OK;
}

/* x = literal, or x IN (literals): the literals go into `values` and x into *of. */
static bool
take_equalities(const sb_expr *expr, sb_expr **of, expr_list *values)
{
    bool in = sb_expr_is_call(expr, "IN");

    if ((!in && !sb_expr_is_call(expr, "=")) || may_be_nan(&expr->args[0]->type) ||
        (*of != NULL && !is_same(*of, expr->args[0])) || expr->args[0]->kind == SB_EXPR_LITERAL ||
        !sb_expr_is_deterministic(expr->args[0])) {
        return false;
    }
    for (int32_t i = 1; i < expr->count_args; i++) {
        if (expr->args[i]->kind != SB_EXPR_LITERAL ||
            (values->count + i > 1 &&
             !sb_type_same_ignoring_null(&expr->args[1]->type, &expr->args[i]->type))) {
            return false;
        }
    }
    if (values->count > 0 &&
        !sb_type_same_ignoring_null(&values->at[0]->type, &expr->args[1]->type)) {
        return false;
    }
    *of = expr->args[0];
    for (int32_t i = 1; i < expr->count_args; i++) {
        values->at[values->count++] = expr->args[i];
    }
    return true;
}

/* a = 1 OR a = 2 OR a = 3: a IN (1, 2, 3) */
static sb_status
or_to_in(sb_rel_context *ctx, const expr_list *parts, sb_expr **out)
{
    sb_expr *of = NULL;
    expr_list values;
    int32_t room = 1;

    for (int32_t i = 0; i < parts->count; i++) {
        room += parts->at[i]->count_args;
    }
    SB_TRY(list_new(ctx, room, &values), ctx->err);
    values.at[values.count++] = NULL;
    values = (expr_list){.at = values.at + 1};
    for (int32_t i = 0; i < parts->count; i++) {
        if (!take_equalities(parts->at[i], &of, &values)) {
            return SB_OK;
        }
    }
    if (values.count < SIMPLIFY_IN_MIN) {
        return SB_OK;
    }
    values.at[-1] = of;
    return sb_expr_call(ctx->arena, "IN", values.at - 1, values.count + 1, out, ctx->err);
}

/* (a AND b) OR (a AND c): a AND (b OR c) */
static sb_status
or_factor(sb_rel_context *ctx, const expr_list *parts, sb_expr **out)
{
    expr_list *sides = SB_NEW_ARRAY(ctx->arena, expr_list, parts->count), common, rests;
    sb_expr *rest;
    bool alone = false;

    if (sides == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < parts->count; i++) {
        SB_TRY(sb_expr_conjuncts(ctx->arena, parts->at[i], &sides[i].at, &sides[i].count, ctx->err),
               ctx->err);
    }
    SB_TRY(list_new(ctx, sides[0].count + 1, &common), ctx->err);
    SB_TRY(list_new(ctx, parts->count, &rests), ctx->err);
    for (int32_t i = 0; i < sides[0].count; i++) {
        bool everywhere = !sb_expr_can_fail(sides[0].at[i]) && !list_has(&common, sides[0].at[i]);

        for (int32_t k = 1; k < parts->count && everywhere; k++) {
            everywhere = list_has(&sides[k], sides[0].at[i]);
        }
        if (everywhere) {
            common.at[common.count++] = sides[0].at[i];
        }
    }
    if (common.count == 0) {
        return SB_OK;
    }
    for (int32_t i = 0; i < parts->count; i++) {
        int32_t kept = 0;

        for (int32_t k = 0; k < sides[i].count; k++) {
            if (!list_has(&common, sides[i].at[k])) {
                sides[i].at[kept++] = sides[i].at[k];
            }
        }
        sides[i].count = kept;
        alone |= kept == 0;
        if (kept > 0) {
            SB_TRY(join_parts(ctx, "AND", &sides[i], &rests.at[rests.count++]), ctx->err);
        }
    }
    if (!alone) {
        SB_TRY(join_parts(ctx, "OR", &rests, &rest), ctx->err);
        common.at[common.count++] = rest;
    }
    return join_parts(ctx, "AND", &common, out);
}

static sb_status
simplify_logic(sb_rel_context *ctx, sb_expr *expr, sb_expr **out)
{
    bool is_and = strcmp(expr->function->name, "AND") == 0;
    expr_list parts, kept;

    SB_TRY(list_new(ctx, count_parts(expr, expr->function), &parts), ctx->err);
    collect_parts(expr, expr->function, &parts);
    SB_TRY(list_new(ctx, parts.count, &kept), ctx->err);
    for (int32_t i = 0; i < parts.count; i++) {
        if (is_truth(parts.at[i], !is_and)) {
            return truth(ctx, !is_and, out);
        }
        if (!is_truth(parts.at[i], is_and) &&
            (parts.count > SIMPLIFY_PARTS_MAX || !list_has(&kept, parts.at[i]))) {
            kept.at[kept.count++] = parts.at[i];
        }
    }
    if (kept.count == 0) {
        return truth(ctx, is_and, out);
    }
    if (!is_and && kept.count > 1) {
        SB_TRY(or_to_in(ctx, &kept, out), ctx->err);
        if (*out == NULL && kept.count <= SIMPLIFY_PARTS_MAX) {
            SB_TRY(or_factor(ctx, &kept, out), ctx->err);
        }
    }
    return kept.count < parts.count && *out == NULL
               ? join_parts(ctx, expr->function->name, &kept, out)
               : SB_OK;
}

/* ---- NOT, IS [NOT] NULL ---- */

static const char *
opposite(const char *name)
{
    static const char *const pairs[][2] = {
        {"=", "<>"},
        {"<", ">="},
        {">", "<="},
        {"IS NULL", "IS NOT NULL"},
        {"IS TRUE", "IS NOT TRUE"},
        {"IS FALSE", "IS NOT FALSE"},
        {"IS DISTINCT FROM", "IS NOT DISTINCT FROM"},
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        for (int side = 0; side < 2; side++) {
            if (strcmp(name, pairs[i][side]) == 0) {
                return pairs[i][!side];
            }
        }
    }
    return NULL;
}

static sb_status
simplify_not(sb_rel_context *ctx, sb_expr *expr, sb_expr **out)
{
    sb_expr *arg = expr->args[0];
    const char *name = arg->kind == SB_EXPR_CALL ? opposite(arg->function->name) : NULL;

    if (sb_expr_is_call(arg, "NOT")) {
        *out = arg->args[0];
        return SB_OK;
    }
    for (int32_t i = 0; name != NULL && i < arg->count_args; i++) {
        name = may_be_nan(&arg->args[i]->type) && arg->count_args > 1 ? NULL : name;
    }
    return name == NULL ? SB_OK
                        : sb_expr_call(ctx->arena, name, arg->args, arg->count_args, out, ctx->err);
}

static sb_status
simplify_is_null(sb_rel_context *ctx, sb_expr *expr, sb_expr **out)
{
    const sb_expr *arg = expr->args[0];

    if (arg->type.nullable || sb_expr_can_fail(arg)) {
        return SB_OK;
    }
    return truth(ctx, strcmp(expr->function->name, "IS NOT NULL") == 0, out);
}

/* ---- COALESCE, CASE ---- */

static sb_status
simplify_coalesce(sb_rel_context *ctx, sb_expr *expr, sb_expr **out)
{
    expr_list kept;

    SB_TRY(list_new(ctx, expr->count_args, &kept), ctx->err);
    for (int32_t i = 0; i < expr->count_args; i++) {
        sb_expr *arg = expr->args[i];

        if (arg->kind == SB_EXPR_LITERAL && arg->is_null) {
            continue;
        }
        kept.at[kept.count++] = arg;
        if (!arg->type.nullable) {
            break;
        }
    }
    if (kept.count == expr->count_args || kept.count == 0) {
        return SB_OK;
    }
    if (kept.count == 1) {
        *out = kept.at[0];
        return SB_OK;
    }
    return sb_expr_call(ctx->arena, "COALESCE", kept.at, kept.count, out, ctx->err);
}

/* Branches: condition, value, ..., the value of ELSE. */
static sb_status
simplify_case(sb_rel_context *ctx, sb_expr *expr, sb_expr **out)
{
    expr_list kept;
    int32_t i;

    SB_TRY(list_new(ctx, expr->count_args, &kept), ctx->err);
    for (i = 0; i + 1 < expr->count_args; i += 2) {
        const sb_expr *condition = expr->args[i];

        if (is_truth(condition, true)) {
            i++;
            break; /* its value is what ELSE would be */
        }
        if (!is_truth(condition, false) &&
            !(condition->kind == SB_EXPR_LITERAL && condition->is_null)) {
            kept.at[kept.count++] = expr->args[i];
            kept.at[kept.count++] = expr->args[i + 1];
        }
    }
    kept.at[kept.count++] = expr->args[i];
    if (kept.count == expr->count_args) {
        return SB_OK;
    }
    if (kept.count == 1) {
        *out = kept.at[0];
        return SB_OK;
    }
    return sb_expr_call(ctx->arena, "CASE", kept.at, kept.count, out, ctx->err);
}

/* ---- the walk ---- */

static const struct simplifier {
    const char *name;
    sb_status (*simplify)(sb_rel_context *ctx, sb_expr *expr, sb_expr **out);
} simplifiers[] = {
    {"AND", simplify_logic},           {"OR", simplify_logic},  {"NOT", simplify_not},
    {"IS NULL", simplify_is_null},     {"CASE", simplify_case}, {"COALESCE", simplify_coalesce},
    {"IS NOT NULL", simplify_is_null},
};

/* What stands for `expr` must have its type, for its readers were bound to that. */
static sb_status
simplify_take(sb_rel_context *ctx, const sb_expr *expr, sb_expr *found, sb_expr **out)
{
    if (found == NULL || !sb_type_same_ignoring_null(&expr->type, &found->type)) {
        return SB_OK;
    }
    if (found->type.nullable != expr->type.nullable) {
        found = sb_arena_memdup(ctx->arena, found, sizeof(*found));
        if (found == NULL) {
            SB_NOMEM(ctx->err);
        }
        found->type.nullable = expr->type.nullable;
    }
    ctx->fired[SB_RULE_SIMPLIFY]++;
    *out = found;
    return SB_OK;
}

/* parent: the call that expr is an argument of; a chain of ANDs or ORs is looked at from its
 * top. */
static sb_status
simplify_expr(sb_rel_context *ctx, sb_expr *expr, const sb_function *parent, sb_expr **out)
{
    sb_expr *copy = expr, *found = NULL;

    *out = expr;
    if (expr->kind != SB_EXPR_CALL) {
        return SB_OK;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        sb_expr *arg;

        SB_TRY(simplify_expr(ctx, expr->args[i], expr->function, &arg), ctx->err);
        if (arg == expr->args[i]) {
            continue;
        }
        if (copy == expr) {
            copy = sb_arena_memdup(ctx->arena, expr, sizeof(*expr));
            sb_expr **args =
                sb_arena_memdup(ctx->arena, expr->args, sizeof(args[0]) * (size_t)expr->count_args);

            if (copy == NULL || args == NULL) {
                SB_NOMEM(ctx->err);
            }
            copy->args = args;
        }
        copy->args[i] = arg;
    }
    *out = copy;
    for (size_t i = 0; i < sizeof(simplifiers) / sizeof(simplifiers[0]); i++) {
        bool inner = simplifiers[i].simplify == simplify_logic && copy->function == parent;

        if (strcmp(copy->function->name, simplifiers[i].name) == 0 && !inner) {
            SB_TRY(simplifiers[i].simplify(ctx, copy, &found), ctx->err);
            return simplify_take(ctx, copy, found, out);
        }
    }
    return SB_OK;
}

sb_status
sb_rule_simplify(sb_rel_context *ctx, sb_rel **slot)
{
    sb_rel *rel = *slot;

    for (int32_t i = 0; i < rel->count_inputs; i++) {
        SB_TRY(sb_rule_simplify(ctx, &rel->inputs[i]), ctx->err);
    }
    if (rel->condition != NULL) {
        SB_TRY(simplify_expr(ctx, rel->condition, NULL, &rel->condition), ctx->err);
        if (is_truth(rel->condition, true)) {
            rel->condition = NULL;
        }
    }
    for (int32_t i = 0; rel->kind == SB_REL_CALC && i < rel->schema.count; i++) {
        SB_TRY(simplify_expr(ctx, rel->exprs[i], NULL, &rel->exprs[i]), ctx->err);
    }
    return SB_OK;
}
