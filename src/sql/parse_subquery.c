/*
 * sql/parse_subquery.c -- queries inside expressions: one value, EXISTS, IN, ALL and SOME.
 *
 * THREADS    one thread at a time.
 */
#include "sql/parse_special.h"

sb_status
sb_parse_subquery(sb_parser *p, sb_ast_expr_kind kind, sb_ast_expr *left, sb_ast_expr **out)
{
    int32_t begin = left != NULL ? left->begin : sb_parse_peek(p, 0)->begin;
    sb_ast_expr *expr = sb_parse_expr_new(p, kind, begin);

    if (expr == NULL) {
        SB_NOMEM(p->err);
    }
    p->at += kind == SB_AST_EXISTS;
    if (kind == SB_AST_SUBQUERY && !sb_parse_is_symbol(p, 0, "(")) {
        expr->name = sb_parse_is_word(p, 0, "ARRAY") ? "ARRAY"
                     : sb_parse_is_word(p, 0, "MAP") ? "MAP"
                                                     : "MULTISET";
        p->at++;
    }
    if (left != NULL) {
        expr->args = sb_arena_memdup(p->arena, &left, sizeof(left));
        if (expr->args == NULL) {
            SB_NOMEM(p->err);
        }
        expr->count_args = 1;
    }
    SB_TRY(sb_parse_query_brackets(p, &expr->query), p->err);
    expr->end = sb_parse_last_end(p);
    *out = expr;
    return sb_parse_expr_depth(p, expr);
}

bool
sb_parse_is_quantified(const sb_parser *p)
{
    return (sb_parse_is_word(p, 0, "ALL") || sb_parse_is_word(p, 0, "SOME") ||
            sb_parse_is_word(p, 0, "ANY")) &&
           sb_parse_is_symbol(p, 1, "(");
}

/* left <name> ALL ( a, b ) */
static sb_status
subquery_list(sb_parser *p, sb_ast_expr **left)
{
    sb_ast_expr *expr = sb_parse_expr_new(p, SB_AST_QUANTIFIED, (*left)->begin), **items;
    sb_parse_list list = {0};
    int32_t count;

    if (expr == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    SB_TRY(sb_parse_expr_list(p, &items, &count), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_TRY(sb_parse_list_add(p, &list, *left), p->err);
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(sb_parse_list_add(p, &list, items[i]), p->err);
    }
    expr->args = (sb_ast_expr **)list.at;
    expr->count_args = list.count;
    expr->end = sb_parse_last_end(p);
    *left = expr;
    return sb_parse_expr_depth(p, expr);
}

sb_status
sb_parse_quantified(sb_parser *p, const char *name, sb_ast_expr **left)
{
    bool all = sb_parse_is_word(p, 0, "ALL");

    p->at++;
    SB_TRY(sb_parse_is_query(p, 1) ? sb_parse_subquery(p, SB_AST_QUANTIFIED, *left, left)
                                   : subquery_list(p, left),
           p->err);
    (*left)->name = name;
    (*left)->distinct = all;
    return SB_OK;
}
