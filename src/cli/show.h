/*
 * cli/show.h -- what a statement gave, shown to whoever asked: rows, messages, jobs that run.
 *
 * THREADS    the main thread; jobs run on theirs.
 */
#ifndef SB_CLI_SHOW_H
#define SB_CLI_SHOW_H

#include "cli/cli.h"
#include "cli/print.h"
#include "cli/term.h"

typedef struct sb_show {
    sb_print_options print;
    bool job_json; /* a JSON line for each job that ends */
    bool verbose;
    bool has_state; /* a state directory is given */
    bool messages;  /* tell what statements without rows did */
    bool timer;     /* tell how long it took */
    bool pager;     /* long tables go through a pager */
    sb_term *term;  /* NULL: no live view */
} sb_show;

/* As suits standard output: a box on a terminal, else plain; whether colours, how wide. */
void sb_show_init(sb_show *show);
/* Runs and prints one result to its end. Returns the exit code. */
int sb_show_result(sb_show *show, sabot_result *result);

/* ---- among the files that show ---- */
/* All rows of a result. */
int sb_show_rows(sb_show *show, sabot_result *result);
/* The same as a table that is drawn anew while it changes, until its end, `q` or Ctrl-C. */
int sb_show_live(sb_show *show, sb_printer *printer);
/* An INSERT, run to its end, or stopped. */
int sb_show_job(sb_show *show, sabot_result *result);
void sb_show_log_line(void *ctx, int level, const char *line); /* ctx: sb_show */

#endif
