/*
 * sql/printer.h -- the parts of the printer among themselves.
 *
 * DESIGN     Two modes. Flat: everything on one line; going over the width sets `overflow`, and the
 *            caller takes the attempt back (sb_pr_try). Broken: sb_pr_line ends the line, the
 *            indent follows with the next text. Comments are only written in broken mode; what
 *            holds a comment is never flat.
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_PRINTER_H
#define SB_SQL_PRINTER_H

#include "sql/print.h"

typedef struct sb_printer {
    sb_text *out;
    sb_arena *arena;  /* for cutting pieces of the source into tokens; NULL: copied as they are */
    const char *text; /* the source */
    const sb_comment *comments;
    int32_t count_comments, next_comment;
    int32_t indent;
    size_t line; /* where the line begins in out */
    bool flat, overflow;
    bool kept;    /* an expression of a definition: names in back-ticks, one line of any length */
    bool newline; /* ends the line before the next text */
} sb_printer;

/* ---- text (print.c) ---- */
void sb_pr_add(sb_printer *p, const char *text);
void sb_pr_bytes(sb_printer *p, const char *data, size_t size);
void sb_pr_name(sb_printer *p, const sb_ast_name *name);
void sb_pr_path(sb_printer *p, const sb_ast_path *path);
void sb_pr_string(sb_printer *p, const char *text);
void sb_pr_quoted(sb_printer *p, sb_str text, char quote); /* quote doubled inside */
void sb_pr_line(sb_printer *p);                            /* flat: a blank */
void sb_pr_open(sb_printer *p);                            /* "(" and one step in */
void sb_pr_close(sb_printer *p);                           /* one step out and ")" */
void sb_pr_comments(sb_printer *p, int32_t position);      /* those that begin before it */
/* The source from `begin` to `end`, words as written, blanks made regular. */
void sb_pr_source(sb_printer *p, int32_t begin, int32_t end);

typedef void (*sb_pr_function)(sb_printer *p, const void *node);

/* Prints flat if it fits and no comment begins before `end`; false: nothing was printed. */
bool sb_pr_try(sb_printer *p, sb_pr_function print, const void *node, int32_t end);
/* Flat if it fits, else broken. */
void sb_pr_node(sb_printer *p, sb_pr_function print, const void *node, int32_t end);

/* ---- names and options ---- */
void sb_pr_names(sb_printer *p, const sb_ast_name *names, int32_t count); /* (a, b) */
void sb_pr_options(sb_printer *p, const sb_options *options);             /* ('k' = 'v') */
void sb_pr_hints(sb_printer *p, const sb_options *options, const sb_ast_hint *hints, int32_t count);

/* ---- expressions (print_expr.c, print_call.c) ---- */
void sb_pr_expr(sb_printer *p, const sb_ast_expr *expr);
void sb_pr_expr_level(sb_printer *p, const sb_ast_expr *expr, int level);
void sb_pr_exprs(sb_printer *p, sb_ast_expr *const *exprs, int32_t count); /* a, b */
void sb_pr_order(sb_printer *p, const sb_ast_order *order, int32_t count);
void sb_pr_over(sb_printer *p, const sb_ast_window *window);
void sb_pr_window(sb_printer *p, const sb_ast_window *window); /* the brackets */
void sb_pr_call(sb_printer *p, const sb_ast_expr *expr, int *out_level);
int sb_pr_level(const sb_ast_expr *expr);
/* AND and OR one a line when it is long */
void sb_pr_condition(sb_printer *p, const sb_ast_expr *expr);
void sb_pr_type(sb_printer *p, const sb_type *type, int32_t begin, int32_t end);

/* Levels as in parse_expr.c: the looser the smaller. */
enum {
    SB_PR_OR = 1,
    SB_PR_AND,
    SB_PR_NOT,
    SB_PR_IS,
    SB_PR_COMPARE,
    SB_PR_RANGE,
    SB_PR_ADD,
    SB_PR_MULTIPLY,
    SB_PR_SIGN,
    SB_PR_PRIMARY
};

/* ---- the rest ---- */
void sb_pr_from(sb_printer *p, const sb_ast_from *from);
void sb_pr_match(sb_printer *p, const sb_ast_match *match);
void sb_pr_query(sb_printer *p, const sb_ast_query *query);
void sb_pr_subquery(sb_printer *p, const sb_ast_query *query); /* with brackets */
void sb_pr_table(sb_printer *p, const sb_ast_statement *statement);
void sb_pr_elements(sb_printer *p, const sb_ast_create_table *table);
void sb_pr_element_list(sb_printer *p, const sb_ast_create_table *table, bool brackets);
void sb_pr_distribution(sb_printer *p, const sb_ast_distribution *distribution);
void sb_pr_columns(sb_printer *p, const sb_ast_column *columns, int32_t count);
void sb_pr_alter(sb_printer *p, const sb_ast_statement *statement);
void sb_pr_show(sb_printer *p, const sb_ast_statement *statement);
void sb_pr_describe(sb_printer *p, const sb_ast_statement *statement);
void sb_pr_class(sb_printer *p, const sb_ast_statement *statement);
void sb_pr_partition(sb_printer *p, const sb_ast_partition *partition);
void sb_pr_insert(sb_printer *p, const sb_ast_insert *insert);
void sb_pr_statement(sb_printer *p, const sb_ast_statement *statement);

#endif
