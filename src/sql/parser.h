/*
 * sql/parser.h -- the parts of the parser among themselves.
 *
 * DESIGN     Recursive descent over the token array; expressions by precedence (Pratt). Depth is
 *            limited, so no input can overflow the stack. An error ends the statement: the parse
 *            ends too, or goes on behind the next semicolon when all errors are wanted.
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
    sb_sql_errors *errors; /* all errors go here; NULL: the first one ends the parse */
    bool recovered;        /* the statement had errors that are in `errors` */
} sb_parser;

/* A growing list in the arena, for lists whose length is not known before. */
typedef struct sb_parse_list {
    void **at;
    int32_t count, capacity;
} sb_parse_list;

sb_status sb_parse_list_add(sb_parser *p, sb_parse_list *list, void *item);
/* The items, each of `size` bytes, one behind another; NULL: out of memory. */
void *sb_parse_list_copy(sb_parser *p, const sb_parse_list *list, size_t size);

/* Sets *out and *count_out to a copy of the list; returns from the function when out of memory. */
#define SB_PARSE_COPY(p, list, type, out, count_out)                    \
    do {                                                                \
        *(out) = (type *)sb_parse_list_copy((p), (list), sizeof(type)); \
        if (*(out) == NULL) {                                           \
            SB_NOMEM((p)->err);                                         \
        }                                                               \
        *(count_out) = (list)->count;                                   \
    } while (0)

/* ---- tokens ---- */
const sb_token *sb_parse_peek(const sb_parser *p, int32_t ahead);
bool sb_parse_is_word(const sb_parser *p, int32_t ahead, const char *word); /* bare, any case */
bool sb_parse_is_symbol(const sb_parser *p, int32_t ahead, const char *symbol);
bool sb_parse_take_word(sb_parser *p, const char *word);
bool sb_parse_take_symbol(sb_parser *p, const char *symbol);
bool sb_parse_is_words(const sb_parser *p, const char *words); /* "IF NOT EXISTS" */
bool sb_parse_take_words(sb_parser *p, const char *words);     /* "IF NOT EXISTS": all or nothing */
sb_status sb_parse_want_word(sb_parser *p, const char *word);
sb_status sb_parse_want_symbol(sb_parser *p, const char *symbol);
int32_t sb_parse_last_end(const sb_parser *p); /* end of the token before the cursor */
/* "expected X, found Y" at the cursor. */
sb_status sb_parse_fail(sb_parser *p, const char *expected);
/* "not supported: NAME" over `count_tokens` tokens from the cursor. */
sb_status sb_parse_unsupported(sb_parser *p, int32_t count_tokens, const char *name);
sb_status sb_parse_enter(sb_parser *p);
/* Keeps the error and goes on behind the next semicolon; false: the error ends the parse. */
bool sb_parse_recover(sb_parser *p, bool in_set);

static inline void
sb_parse_leave(sb_parser *p)
{
    p->depth--;
}

/* ---- pieces ---- */
sb_status sb_parse_name(sb_parser *p, const char *what, sb_ast_name *out);
sb_status sb_parse_word(sb_parser *p, const char *what,
                        sb_ast_name *out); /* as a name, reserved or not */
sb_status sb_parse_single(sb_parser *p, const char *what, sb_ast_path *out); /* one part */
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
/* One relation without joins: table, query in brackets, function ... */
sb_status sb_parse_relation(sb_parser *p, sb_ast_from **out);
sb_ast_from *sb_parse_from_new(sb_parser *p, sb_ast_from_kind kind);
sb_status sb_parse_table_name(sb_parser *p, sb_ast_from **out); /* with hints and FOR SYSTEM_TIME */
/* TUMBLE( ... ), f( ... ): the cursor is on the name. */
sb_status sb_parse_table_function(sb_parser *p, sb_ast_from **out);
bool sb_parse_is_window(const sb_parser *p); /* TUMBLE ( and such at the cursor? */
/* MATCH_RECOGNIZE, PIVOT, UNPIVOT, TABLESAMPLE behind a relation. */
sb_status sb_parse_from_suffix(sb_parser *p, sb_ast_from **from);
/* Hints at the cursor; `options`: where OPTIONS goes, NULL: it may not be here. */
sb_status sb_parse_hints(sb_parser *p, sb_options *options, sb_ast_hint **out, int32_t *out_count);
sb_status sb_parse_order(sb_parser *p, sb_ast_order **out, int32_t *out_count);
sb_status sb_parse_order_one(sb_parser *p, sb_ast_order **out);
/* a, b in an argument: ends before a comma behind which another argument begins */
sb_status sb_parse_partition_list(sb_parser *p, sb_ast_expr ***out, int32_t *out_count);
sb_status sb_parse_over(sb_parser *p, sb_ast_window **out);
sb_status sb_parse_windows(sb_parser *p, sb_ast_window ***out, int32_t *out_count);
sb_status sb_parse_group(sb_parser *p, sb_ast_query *query); /* behind GROUP BY */
sb_status sb_parse_query(sb_parser *p, sb_ast_query **out);
/* ( query ): the cursor is on the bracket. */
sb_status sb_parse_query_brackets(sb_parser *p, sb_ast_query **out);
bool sb_parse_is_query(const sb_parser *p,
                       int32_t ahead); /* SELECT, VALUES, WITH or an opening bracket before one */
/* [AS] name, unless a reserved word follows. */
sb_status sb_parse_alias(sb_parser *p, sb_ast_name *out);

/* ---- statements; the cursor is behind the words that the names tell ---- */
sb_status sb_parse_create(sb_parser *p, sb_ast_statement *out);
sb_status sb_parse_replace(sb_parser *p, sb_ast_statement *out);
/* ( columns, keys, watermark ) */
sb_status sb_parse_elements(sb_parser *p, sb_ast_create_table *table, bool alter);
sb_status sb_parse_element(sb_parser *p, sb_ast_create_table *table, bool alter,
                           sb_parse_list *columns);
sb_status sb_parse_elements_end(sb_parser *p, sb_ast_create_table *table,
                                const sb_parse_list *columns);
sb_status sb_parse_distribution(sb_parser *p, sb_ast_distribution *out);
sb_status sb_parse_column_list(sb_parser *p, sb_ast_column **out, int32_t *out_count);
/* Everything that is made by CREATE and is neither a table nor a view. out_taken false: none. */
sb_status sb_parse_create_object(sb_parser *p, sb_ast_statement *out, bool *out_taken);
sb_status sb_parse_class(sb_parser *p, sb_ast_statement *out); /* 'class' LANGUAGE .. USING .. */
sb_status sb_parse_create_materialized(sb_parser *p, sb_ast_statement *out);
sb_status sb_parse_freshness(sb_parser *p, sb_ast_expr **out);
sb_status sb_parse_refresh_mode(sb_parser *p, sb_ast_refresh *out);
sb_status sb_parse_alter(sb_parser *p, sb_ast_statement *out);
sb_status sb_parse_drop(sb_parser *p, sb_ast_statement *out);
sb_status sb_parse_show(sb_parser *p, sb_ast_statement *out);
sb_status sb_parse_describe(sb_parser *p, sb_ast_statement *out);
sb_status sb_parse_insert(sb_parser *p, sb_ast_insert **out);
sb_status sb_parse_explain(sb_parser *p, sb_ast_statement *out);
sb_status sb_parse_set_body(sb_parser *p, sb_ast_statement *out);   /* behind BEGIN */
sb_status sb_parse_partition(sb_parser *p, sb_ast_partition **out); /* ( a = 1, b ) */
/* UPDATE, DELETE, CALL, ... : what runs on tables and is no INSERT. out_taken false: none. */
sb_status sb_parse_command(sb_parser *p, sb_ast_statement *out, bool *out_taken);
/* A string with its place. */
sb_status sb_parse_text(sb_parser *p, const char *what, sb_ast_statement *out);
/* TABLE, CATALOG, MATERIALIZED TABLE ... at the cursor. out_taken false: none. */
bool sb_parse_object(sb_parser *p, sb_ast_object *out);
bool sb_parse_if_exists(sb_parser *p);
bool sb_parse_if_not_exists(sb_parser *p);
sb_status sb_parse_with(sb_parser *p, sb_options *out, bool *out_has); /* [WITH ( ... )] */

sb_ast_expr *sb_parse_expr_new(sb_parser *p, sb_ast_expr_kind kind, int32_t begin);
/* The closing bracket of what has one argument. */
sb_status sb_parse_end_of_call(sb_parser *p, sb_ast_expr *expr, sb_ast_expr *arg);
/* unit words: YEAR .. SECOND; NONE if there is none at the cursor */
sb_unit sb_parse_unit(sb_parser *p);

#endif
