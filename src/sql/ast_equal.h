/*
 * sql/ast_equal.h -- do two syntax trees say the same?
 *
 * DESIGN     Everything is compared but places in the text, brackets without effect and the order
 *            in which words without effect were written. For tests and the fuzzer of the printer.
 * THREADS    T:any
 */
#ifndef SB_SQL_AST_EQUAL_H
#define SB_SQL_AST_EQUAL_H

#include "sql/ast.h"

bool sb_ast_equal(const sb_ast_statement *a, const sb_ast_statement *b);

#endif
