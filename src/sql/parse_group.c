/*
 * sql/parse_group.c -- GROUP BY: plain expressions, GROUPING SETS, ROLLUP, CUBE.
 *
 * DESIGN     A GROUP BY of plain expressions only is kept as a list of expressions, because most
 *            are; as soon as one element is more than that, all are elements of group_sets.
 * THREADS    one thread at a time.
 */
#include "sql/parser.h"

static sb_status group_element(sb_parser *p, sb_ast_group **out);

static sb_status
group_parts(sb_parser *p, sb_ast_group *group)
{
    sb_parse_list list = {0};

    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    do {
        sb_ast_group *part;

        SB_TRY(group_element(p, &part), p->err);
        SB_TRY(sb_parse_list_add(p, &list, part), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    group->parts = (sb_ast_group **)list.at;
    group->count = list.count;
    return SB_OK;
}

/* (), ( a, b ): a list; ( a ) and ( a ) + 1 are expressions. */
static sb_status
group_plain(sb_parser *p, sb_ast_group *group)
{
    sb_ast_expr *expr;

    if (sb_parse_is_symbol(p, 0, "(") && sb_parse_is_symbol(p, 1, ")")) {
        p->at += 2;
        group->kind = SB_AST_GROUP_LIST;
        return SB_OK;
    }
    SB_TRY(sb_parse_expr(p, &expr), p->err);
    if (expr->kind == SB_AST_CALL && p->text[expr->begin] == '(' && expr->over == NULL &&
        sb_str_equal(sb_str_of(expr->name), SB_STR("ROW"))) {
        group->kind = SB_AST_GROUP_LIST;
        group->exprs = expr->args;
        group->count_exprs = expr->count_args;
        return SB_OK;
    }
    group->exprs = sb_arena_memdup(p->arena, &expr, sizeof(expr));
    if (group->exprs == NULL) {
        SB_NOMEM(p->err);
    }
    group->count_exprs = 1;
    return SB_OK;
}

static sb_status
group_element(sb_parser *p, sb_ast_group **out)
{
    sb_ast_group *group = SB_NEW(p->arena, sb_ast_group);

    if (group == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_enter(p), p->err);
    group->begin = sb_parse_peek(p, 0)->begin;
    if (sb_parse_take_words(p, "GROUPING SETS")) {
        group->kind = SB_AST_GROUP_SETS;
        SB_TRY(group_parts(p, group), p->err);
    } else if (sb_parse_is_symbol(p, 1, "(") &&
               (sb_parse_is_word(p, 0, "ROLLUP") || sb_parse_is_word(p, 0, "CUBE"))) {
        group->kind = sb_parse_is_word(p, 0, "CUBE") ? SB_AST_GROUP_CUBE : SB_AST_GROUP_ROLLUP;
        p->at++;
        SB_TRY(group_parts(p, group), p->err);
    } else {
        SB_TRY(group_plain(p, group), p->err);
    }
    group->end = sb_parse_last_end(p);
    sb_parse_leave(p);
    *out = group;
    return SB_OK;
}

sb_status
sb_parse_group(sb_parser *p, sb_ast_query *query)
{
    sb_parse_list list = {0}, all = {0};
    bool plain = true;

    query->has_group = true;
    query->group_distinct = sb_parse_take_word(p, "DISTINCT");
    if (!query->group_distinct) {
        (void)sb_parse_take_word(p, "ALL");
    }
    do {
        sb_ast_group *group;

        SB_TRY(group_element(p, &group), p->err);
        plain &= group->kind == SB_AST_GROUP_EXPR || group->kind == SB_AST_GROUP_LIST;
        SB_TRY(sb_parse_list_add(p, &list, group), p->err);
    } while (sb_parse_take_symbol(p, ","));
    if (!plain) {
        query->group_sets = (sb_ast_group **)list.at;
        query->count_group_sets = list.count;
        return SB_OK;
    }
    for (int32_t i = 0; i < list.count; i++) { /* (), ( a, b ): the same as without brackets */
        const sb_ast_group *group = list.at[i];

        for (int32_t k = 0; k < group->count_exprs; k++) {
            SB_TRY(sb_parse_list_add(p, &all, group->exprs[k]), p->err);
        }
    }
    query->group = (sb_ast_expr **)all.at;
    query->count_group = all.count;
    return SB_OK;
}
