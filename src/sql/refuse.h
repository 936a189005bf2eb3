/*
 * sql/refuse.h -- what parses and cannot be done (yet).
 *
 * THREADS    T:any
 */
#ifndef SB_SQL_REFUSE_H
#define SB_SQL_REFUSE_H

#include "sql/ast.h"

/* NOT_SUPPORTED with a place for the first thing in the statement that sabot cannot do. */
sb_status sb_sql_refuse(const sb_ast_statement *statement, sb_error *err);

#endif
