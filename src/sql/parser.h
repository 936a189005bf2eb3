/*
 * sql/parser.h -- the parts of the parser among themselves.
 *
 * DESIGN     Recursive descent over the token array; expressions by precedence (Pratt). Depth is
 *            limited, so no input can overflow the stack. The first error ends the parse.
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_PARSER_H
#define SB_SQL_PARSER_H

#include "sql/ast.h"
#include "sql/code.h"
#include "sql/lexer.h"

#define SB_PARSE_DEPTH_MAX 200
#define SB_PARSE_TREE_MAX  1000  /* depth of an expression; a + b + c is as deep as it is long */
#define SB_PARSE_LIST_MAX  20000 /* elements of any list */

typedef struct sb_parser {
    sb_arena *arena;
    const char *text;
    const sb_token *tokens;
    int32_t at, count;
    int32_t depth;
    sb_error *err;
} sb_parser;

/* A growing list in the arena, for lists whose length is not known before. */
typedef struct sb_parse_list {
    void **at;
    int32_t count, capacity;
} sb_parse_list;

sb_status sb_parse_list_add(sb_parser *p, sb_parse_list *list, void *item);

/* ---- tokens ---- */
const sb_token *sb_parse_peek(const sb_parser *p, int32_t ahead);
bool sb_parse_is_word(const sb_parser *p, int32_t ahead, const char *word); /* bare, any case */
bool sb_parse_is_symbol(const sb_parser *p, int32_t ahead, const char *symbol);
bool sb_parse_take_word(sb_parser *p, const char *word);
bool sb_parse_take_symbol(sb_parser *p, const char *symbol);
bool sb_parse_take_words(sb_parser *p, const char *words); /* "IF NOT EXISTS": all or nothing */
sb_status sb_parse_want_word(sb_parser *p, const char *word);
sb_status sb_parse_want_symbol(sb_parser *p, const char *symbol);
int32_t sb_parse_last_end(const sb_parser *p); /* end of the token before the cursor */
/* "expected X, found Y" at the cursor. */
sb_status sb_parse_fail(sb_parser *p, const char *expected);
/* "not supported: NAME" over `count_tokens` tokens from the cursor. */
sb_status sb_parse_unsupported(sb_parser *p, int32_t count_tokens, const char *name);
sb_status sb_parse_enter(sb_parser *p);

static inline void
sb_parse_leave(sb_parser *p)
{
    p->depth--;
}

/* ---- pieces ---- */
sb_status sb_parse_name(sb_parser *p, const char *what, sb_ast_name *out);
sb_status sb_parse_path(sb_parser *p, const char *what, sb_ast_path *out);
sb_status sb_parse_names(sb_parser *p, const char *what, sb_ast_name **out,
                         int32_t *out_count); /* ( a, b ) */
sb_status sb_parse_string(sb_parser *p, const char *what, const char **out);
sb_status sb_parse_options(sb_parser *p, sb_options *out); /* ( 'k' = 'v', ... ) */
sb_status sb_parse_type(sb_parser *p, sb_type *out);
sb_status sb_parse_expr(sb_parser *p, sb_ast_expr **out);
sb_status sb_parse_expr_list(sb_parser *p, sb_ast_expr ***out,
                             int32_t *out_count); /* a, b, c: no brackets */
sb_status sb_parse_from(sb_parser *p, sb_ast_from **out);
sb_status sb_parse_hints(sb_parser *p, sb_options *out); /* a hint at the cursor, if there is one */
sb_status sb_parse_query(sb_parser *p, sb_ast_query **out);
bool sb_parse_is_query(const sb_parser *p,
                       int32_t ahead); /* SELECT, VALUES, WITH or an opening bracket before one */
sb_status sb_parse_create(sb_parser *p, sb_ast_statement *out);
sb_status sb_parse_insert(sb_parser *p, sb_ast_insert **out);

sb_ast_expr *sb_parse_expr_new(sb_parser *p, sb_ast_expr_kind kind, int32_t begin);
/* unit words: YEAR .. SECOND; NONE if there is none at the cursor */
sb_unit sb_parse_unit(sb_parser *p);

#endif
