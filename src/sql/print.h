/*
 * sql/print.h -- syntax tree to text.
 *
 * DESIGN     A statement is tried on one line first and broken where it does not fit: lists one
 *            element a line, clauses one a line, conditions at AND and OR. Comments are handed in
 *            with their places; each is written before the first thing that stood behind it and
 *            can begin a line, or at the end of the line when it stood there. None is lost.
 *            What is printed parses to an equal tree (ast_equal.h).
 * OWNERSHIP  the caller's text
 * THREADS    T:any
 */
#ifndef SB_SQL_PRINT_H
#define SB_SQL_PRINT_H

#include "sql/ast.h"
#include "sql/lexer.h"

#define SB_PRINT_WIDTH  100
#define SB_PRINT_INDENT 2

/* One statement without semicolon and without comments. `text`: what it was parsed from. */
void sb_ast_print(const sb_ast_statement *statement, const char *text, sb_text *out);
/* A query; for views whose text is made anew. */
void sb_ast_print_query(const sb_ast_query *query, const char *text, sb_text *out);
/* An expression on one line, names in back-ticks: as definitions of columns are kept and shown. */
void sb_ast_print_expr(const sb_ast_expr *expr, const char *text, sb_arena *arena, sb_text *out);
/* A whole script in canonical form, with its comments. Fails as the parser does. */
sb_status sb_sql_format(sb_mem *mem, const char *text, size_t size, sb_text *out, sb_error *err);
/* `name` when it can stand without quotes, else in back-ticks. */
void sb_sql_print_name(const char *name, sb_text *out);
void sb_sql_print_string(const char *text, sb_text *out); /* 'it''s' */

#endif
