/*
 * sql/ast_walk.h -- going through all queries, relations and expressions of a syntax tree.
 *
 * DESIGN     A visitor is called for every node before its parts, in the order of the text as far
 *            as the tree keeps it. An error ends the walk.
 * THREADS    T:any
 */
#ifndef SB_SQL_AST_WALK_H
#define SB_SQL_AST_WALK_H

#include "sql/ast.h"

typedef struct sb_ast_visitor { /* functions may be NULL */
    void *ctx;
    sb_status (*query)(void *ctx, const sb_ast_query *query);
    sb_status (*from)(void *ctx, const sb_ast_from *from);
    sb_status (*expr)(void *ctx, const sb_ast_expr *expr);
    sb_error *err;
} sb_ast_visitor;

sb_status sb_ast_walk_expr(const sb_ast_visitor *v, const sb_ast_expr *expr); /* NULL is fine */
sb_status sb_ast_walk_from(const sb_ast_visitor *v, const sb_ast_from *from);
sb_status sb_ast_walk_query(const sb_ast_visitor *v, const sb_ast_query *query);
sb_status sb_ast_walk_statement(const sb_ast_visitor *v, const sb_ast_statement *statement);

#endif
