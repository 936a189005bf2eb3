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
           sb_parse_is_symbol(p, 1, "(") && sb_parse_is_query(p, 2);
}

sb_status
sb_parse_quantified(sb_parser *p, const char *name, sb_ast_expr **left)
{
    bool all = sb_parse_is_word(p, 0, "ALL");

    p->at++;
    SB_TRY(sb_parse_subquery(p, SB_AST_QUANTIFIED, *left, left), p->err);
    (*left)->name = name;
    (*left)->distinct = all;
    return SB_OK;
}
