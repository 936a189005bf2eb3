/*
 * cli/show.c -- what a statement gave: messages, text, rows.
 *
 * THREADS    the main thread
 */
#include "cli/show.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { POLL_MS = 100, ROWS_MAX = 10000 };

void
sb_show_init(sb_show *show)
{
    bool terminal = isatty(1);
    const char *no_colour = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");
    const char *kind = getenv("TERM");
    bool dumb = kind && strcmp(kind, "dumb") == 0;
    int columns, rows;
    sb_term_size(1, &columns, &rows);
    *show = (sb_show){.print = {.mode = terminal ? SB_MODE_BOX : SB_MODE_PLAIN,
                                .headers = true,
                                .null_text = "NULL",
                                .columns = terminal ? columns : 0,
                                .rows_max = terminal ? ROWS_MAX : 0,
                                .to = stdout}};
    show->print.colours = (force && *force && strcmp(force, "0") != 0) ||
                          (terminal && !dumb && !(no_colour && *no_colour));
}

void
sb_show_log_line(void *ctx, int level, const char *line)
{
    const sb_show *show = ctx;
    static const char *const names[] = {"debug", "note", "warning"};
    if (level == 2 || (show->verbose && level < 3)) { /* an error ends the job, and is shown then */
        fprintf(stderr, "%s: %s\n", names[level < 0 ? 0 : level], line);
    }
}

/* Fetches until the end. Returns the exit code. */
static int
fetch_all(sb_printer *printer, sabot_job *job)
{
    sb_progress progress;
    sb_progress_begin(&progress, sabot_result_is_bounded(printer->result));
    progress.on = progress.on && (printer->collects || !isatty(fileno(printer->to)));
    for (;;) {
        sabot_rows *rows = NULL;
        sabot_error *error = NULL;
        sabot_status status = sabot_result_fetch(printer->result, POLL_MS, &rows, &error);
        if (status != SABOT_OK && status != SABOT_TIMEOUT) {
            sb_progress_end(&progress);
            fflush(printer->to);
            sb_cli_print_error(error);
            return SB_EXIT_ERROR;
        }
        if (rows) {
            sb_printer_rows(printer, rows);
            sabot_rows_free(rows);
        } else if (status == SABOT_OK) {
            sb_progress_end(&progress);
            return SB_EXIT_OK;
        }
        if (!printer->collects && (!rows || !sabot_result_is_bounded(printer->result))) {
            fflush(printer->to); /* who waits for rows gets them at once */
        }
        if (printer->failed || sb_cli_interrupted()) {
            sb_progress_end(&progress);
            if (job) {
                sabot_job_cancel(job);
            }
            return printer->failed ? SB_EXIT_ERROR : SB_EXIT_INTERRUPTED;
        }
        if (job) {
            sb_progress_show(&progress, job);
        }
    }
}

/* A table that has more lines than the terminal goes through $PAGER. NULL: not. */
static FILE *
open_pager(const sb_show *show, const sb_printer *printer)
{
    int columns, rows;
    const char *pager = getenv("PAGER");
    if (!show->pager || !printer->final || show->print.to != stdout || !isatty(1)) {
        return NULL;
    }
    sb_term_size(1, &columns, &rows);
    if (sb_final_count(printer->final) + 6 <= rows || (pager && !*pager)) {
        return NULL;
    }
    (void)setenv("LESS", "-SRX", 0); /* wide tables are moved sideways, not folded */
    (void)signal(SIGPIPE, SIG_IGN);  /* the pager may end first */
    fflush(stdout);
    return popen(pager ? pager : "less", "w");
}

static int
finish(const sb_show *show, sb_printer *printer, int code)
{
    sb_print_options wide = *printer->options;
    FILE *pager = code == SB_EXIT_OK ? open_pager(show, printer) : NULL;
    if (pager) {
        wide.columns = 0;
        wide.to = pager;
        printer->options = &wide;
        printer->to = pager;
        sb_printer_end(printer, true);
        (void)pclose(pager);
        return code;
    }
    if (code != SB_EXIT_ERROR || !printer->collects) {
        sb_printer_end(printer, code == SB_EXIT_OK);
    }
    if (printer->failed) {
        fputs("error: cannot write the result\n", stderr);
        code = SB_EXIT_ERROR;
    }
    return code;
}

int
sb_show_rows(sb_show *show, sabot_result *result)
{
    sb_printer printer;
    sb_print_options options = show->print;
    options.live = show->term && options.mode == SB_MODE_BOX && options.to == stdout &&
                   sabot_result_job(result) && !sabot_result_is_bounded(result);
    int code = SB_EXIT_ERROR;
    if (sb_printer_init(&printer, &options, result)) {
        if (options.live) {
            code = sb_show_live(show, &printer);
        } else {
            code = finish(show, &printer, fetch_all(&printer, sabot_result_job(result)));
        }
    } else {
        fputs("error: out of memory\n", stderr);
    }
    sb_printer_deinit(&printer);
    return code;
}

int
sb_show_result(sb_show *show, sabot_result *result)
{
    int64_t began_ms = sb_cli_now_ms();
    int code = SB_EXIT_OK;
    const char *text = sabot_result_message(result);
    switch (sabot_result_kind(result)) {
    case SABOT_RESULT_DONE:
        if (show->verbose || show->messages) {
            fprintf(stderr, "%s\n", text);
        }
        break;
    case SABOT_RESULT_TEXT: {
        size_t size = strlen(text);
        fputs(text, show->print.to);
        fputs(size > 0 && text[size - 1] == '\n' ? "" : "\n", show->print.to);
        fflush(show->print.to);
        break;
    }
    case SABOT_RESULT_TABLE: code = sb_show_rows(show, result); break;
    case SABOT_RESULT_QUERY:
        if (show->has_state) {
            fputs("warning: a SELECT keeps no state; write an INSERT to use --state\n", stderr);
        }
        sabot_job_set_log(sabot_result_job(result), sb_show_log_line, show);
        code = sb_show_rows(show, result);
        break;
    case SABOT_RESULT_JOB: code = sb_show_job(show, result); break;
    }
    if (show->timer) {
        fprintf(stderr, "%.3f s\n", (double)(sb_cli_now_ms() - began_ms) / 1000);
    }
    return code;
}
