/*
 * expr/expr_testing.h -- for tests: expressions from SQL text, and their values as text.
 *
 * DESIGN     A small recursive-descent parser of the scalar part of SQL, independent of the
 * product's. Columns are written $0, $1.. THREADS    one thread at a time.
 */
#ifndef SB_EXPR_EXPR_TESTING_H
#define SB_EXPR_EXPR_TESTING_H

#include "expr/expr.h"

sb_status sb_testing_parse(sb_arena *arena, const char *sql, const sb_schema *schema, sb_expr **out,
                           sb_error *err);

/* A budget "test" and an arena apart from it, for the setup of a test; then its teardown: not 0
 * when something is still charged. */
int sb_testing_open(sb_mem **mem, sb_arena **arena, sb_error *err);
int sb_testing_close(sb_mem **mem, sb_arena **arena);
/* Parses over the batch's schema and evaluates; the test fails where that fails. */
sb_vector *sb_testing_run(sb_mem *mem, sb_arena *arena, const char *sql, const sb_batch *batch,
                          const sb_eval_context *context);

typedef enum sb_testing_mode {
    SB_TESTING_LITERALS, /* as written */
    SB_TESTING_FLAT,     /* every literal comes from a flat column with NULL rows around it */
    SB_TESTING_CONST,    /* ... from a constant column */
    SB_TESTING_DICT,     /* ... from a dictionary column */
    SB_TESTING_SPARSE,   /* ... from a flat column of a batch with a selection */
    SB_TESTING_MODES
} sb_testing_mode;

/* The same of an expression that was made elsewhere; its literals are replaced in place. */
sb_status sb_testing_evaluate(sb_mem *mem, sb_arena *arena, sb_expr *e, const char *zone,
                              sb_testing_mode mode, sb_text *out_type, sb_text *out_value,
                              sb_error *err);
/* Evaluates one expression in a mode and gives CAST(value AS STRING), "\N" for NULL. zone NULL:
 * UTC. */
sb_status sb_testing_value(sb_mem *mem, const char *sql, const char *zone, sb_testing_mode mode,
                           sb_text *out_type, sb_text *out_value, sb_error *err);

#endif
