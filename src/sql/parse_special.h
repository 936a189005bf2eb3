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
/* {fn f(...)}, {d '...'}, {t '...'}, {ts '...'}: the cursor is on the opening brace. */
sb_status sb_parse_escape(sb_parser *p, sb_ast_expr **out);
/* An expression that stops before comparison, IN and AND. */
sb_status sb_parse_expr_tight(sb_parser *p, sb_ast_expr **out);
/* Ends at the token before the cursor. The arguments are copied. */
sb_status sb_parse_call_new(sb_parser *p, const char *name, int32_t begin, sb_ast_expr *const *args,
                            int32_t count, sb_ast_expr **out);
/* A string literal node. */
sb_status sb_parse_string_new(sb_parser *p, const char *text, int32_t begin, int32_t end,
                              sb_ast_expr **out);
/* Counts how deep the tree below is; too deep is an error. */
sb_status sb_parse_expr_depth(sb_parser *p, sb_ast_expr *expr);
/* ( query ), EXISTS ( query ), left IN ( query ): the cursor is on EXISTS or on the bracket. */
sb_status sb_parse_subquery(sb_parser *p, sb_ast_expr_kind kind, sb_ast_expr *left,
                            sb_ast_expr **out);
/* ALL ( query ), SOME ( query ), ANY ( query ) at the cursor? */
bool sb_parse_is_quantified(const sb_parser *p);
/* left <name> ALL ( query ) */
sb_status sb_parse_quantified(sb_parser *p, const char *name, sb_ast_expr **left);

#endif
