/*
 * sql/parse_special.h -- between parse_expr.c and parse_primary.c.
 *
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_PARSE_SPECIAL_H
#define SB_SQL_PARSE_SPECIAL_H

#include "sql/parser.h"

/* A value without operators: literal, name, call, CASE, CAST, bracket. */
sb_status sb_parse_primary(sb_parser *p, sb_ast_expr **out);
/* Functions with words between their arguments (EXTRACT, TRIM, ...). out_taken false: none of them.
 */
/* The same of JSON_VALUE and the like (parse_json.c). */
sb_status sb_parse_json_call(sb_parser *p, sb_ast_expr **out, bool *out_taken);
sb_status sb_parse_special_call(sb_parser *p, sb_ast_expr **out, bool *out_taken);
/* An expression that stops before comparison, IN and AND. */
sb_status sb_parse_expr_tight(sb_parser *p, sb_ast_expr **out);
/* Ends at the token before the cursor. The arguments are copied. */
sb_status sb_parse_call_new(sb_parser *p, const char *name, int32_t begin, sb_ast_expr *const *args,
                            int32_t count, sb_ast_expr **out);
/* A string literal node. */
sb_status sb_parse_string_new(sb_parser *p, const char *text, int32_t begin, int32_t end,
                              sb_ast_expr **out);

#endif
