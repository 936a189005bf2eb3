/*
 * cli/print.h -- rows of a result as text, in one of several modes.
 *
 * DESIGN     A printer gets rows as they come. Where a result has updates and ends by itself, the
 *            modes print what it amounts to, at the end (sb_final); where it does not end, or for
 *            the modes tableau, changelog and changelog-json, the changes as they come, with their
 *            kind (+I, -U, +U, -D) in a first column "op".
 * OWNERSHIP  The printer borrows options, result and file.
 * THREADS    the main thread
 */
#ifndef SB_CLI_PRINT_H
#define SB_CLI_PRINT_H

#include <stdio.h>

#include "cli/final.h"

typedef enum sb_mode {
    SB_MODE_BOX,
    SB_MODE_PLAIN,
    SB_MODE_TABLEAU,
    SB_MODE_CHANGELOG,
    SB_MODE_CSV,
    SB_MODE_TSV,
    SB_MODE_JSON,
    SB_MODE_JSONL,
    SB_MODE_CHANGELOG_JSON,
    SB_MODE_MARKDOWN,
    SB_MODE_LINE,
    SB_MODE_COUNT
} sb_mode;

const char *sb_mode_name(sb_mode mode);
const char *sb_mode_text(sb_mode mode); /* what it is, a few words */
/* False: there is none of that name. */
bool sb_mode_find(const char *name, sb_mode *out);

typedef struct sb_print_options {
    sb_mode mode;
    bool headers;
    bool colours;
    bool live;             /* BOX without an end: rows are collected for the live view */
    const char *null_text; /* for NULL, where the mode has no own way to write it */
    int columns;           /* tables are cut to it; 0: not */
    int64_t rows_max;      /* tables: more are left out; 0: all */
    FILE *to;
} sb_print_options;

typedef struct sb_printer {
    const sb_print_options *options;
    sabot_result *result;
    FILE *to;
    int32_t count; /* columns */
    bool with_op;  /* changes as they come: the first cell is the kind */
    bool collects; /* `final` is printed at the end */
    sb_final *final;
    const char **cells; /* count + 1 */
    int32_t *widths;    /* of columns as they come */
    bool headed, failed;
    int64_t rows;     /* printed */
    int64_t left_out; /* not even collected: more than rows_max */
} sb_printer;

/* False: out of memory. */
bool sb_printer_init(sb_printer *printer, const sb_print_options *options, sabot_result *result);
void sb_printer_deinit(sb_printer *printer);
/* `failed` tells of a file that cannot be written, or no memory. */
void sb_printer_rows(sb_printer *printer, sabot_rows *rows);
/* What is left to print. complete: the result came to its end. */
void sb_printer_end(sb_printer *printer, bool complete);

extern const char *const sb_op_names[]; /* by sabot_op */

/* ---- among the files that print ---- */
/* Final rows as a table with columns as wide as they need: BOX, PLAIN, MARKDOWN. */
void sb_print_table(sb_printer *printer);
/* `rows` rows of it only: the last ones of a result that only grows, else the first ones. */
void sb_print_table_part(sb_printer *printer, FILE *to, int64_t rows);
/* One row of the modes that need no widths. first: nothing was printed before. */
void sb_print_line(sb_printer *printer, const char *const *cells, bool first);
/* One row of TABLEAU, CHANGELOG, and PLAIN as it comes. */
void sb_print_change(sb_printer *printer, const char *const *cells);
void sb_print_change_end(sb_printer *printer);
/* On `width` columns, cut with "…" when it is wider; line ends and controls are made visible. */
void sb_print_cell(FILE *to, const char *text, int32_t width, bool right);

#endif
