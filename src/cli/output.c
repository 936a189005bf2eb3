/*
 * cli/output.c -- rows of a result on stdout.
 *
 * DESIGN     For machines (a pipe, --json): one JSON object a line, {"op":"+I","data":{...}}, as
 *            they come. For a terminal: bounded results as a table of the final rows, unbounded
 *            ones as they come, with the kind of change in front.
 * THREADS    the main thread
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

enum { POLL_MS = 100, LIVE_WIDTH = 24 };

static const char *const op_names[] = {"+I", "-U", "+U", "-D"};

typedef struct output {
    sabot_result *result;
    sb_output_mode mode;
    sb_box *box; /* final rows; NULL: rows are printed as they come */
    const char **cells;
    int32_t count;
    bool headed;
    bool failed; /* stdout cannot be written or no memory */
    int64_t rows;
} output;

static void
json_rows(output *o, sabot_rows *rows)
{
    for (int32_t r = 0; r < sabot_rows_count(rows) && !o->failed; r++) {
        size_t size;
        const char *data = sabot_rows_json(rows, r, &size);
        o->failed =
            !data ||
            fprintf(stdout, "{\"op\":\"%s\",\"data\":", op_names[sabot_rows_op(rows, r)]) < 0 ||
            fwrite(data, 1, size, stdout) != size || fputs("}\n", stdout) == EOF;
    }
}

/* Without its last characters if it is wider than the column. */
static void
print_live_cell(const char *text, bool right, int32_t width)
{
    int32_t have = sb_text_columns(text);
    if (have <= width) {
        if (right) {
            printf("%*s%s", (int)(width - have), "", text);
        } else {
            printf("%s%*s", text, (int)(width - have), "");
        }
        return;
    }
    int32_t shown = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        shown += (*at & 0xc0) != 0x80;
        if (shown >= width) {
            break;
        }
        putchar(*at < 0x20 ? ' ' : *at);
    }
    fputs("…", stdout);
}

static int32_t
live_width(const output *o, int32_t column)
{
    int32_t name = sb_text_columns(sabot_result_column_name(o->result, column));
    int32_t base = sabot_result_column_is_number(o->result, column) ? 12 : LIVE_WIDTH;
    return name > base ? name : base;
}

static void
live_head(output *o)
{
    fputs("op ", stdout);
    for (int32_t c = 0; c < o->count; c++) {
        fputs(" │ ", stdout);
        print_live_cell(sabot_result_column_name(o->result, c),
                        sabot_result_column_is_number(o->result, c), live_width(o, c));
    }
    fputs("\n───", stdout);
    for (int32_t c = 0; c < o->count; c++) {
        fputs("─┼─", stdout);
        for (int32_t i = 0; i < live_width(o, c); i++) {
            fputs("─", stdout);
        }
    }
    putchar('\n');
    o->headed = true;
}

static void
live_rows(output *o, sabot_rows *rows)
{
    if (!o->headed) {
        live_head(o);
    }
    for (int32_t r = 0; r < sabot_rows_count(rows); r++) {
        printf("%s ", op_names[sabot_rows_op(rows, r)]);
        for (int32_t c = 0; c < o->count; c++) {
            const char *text = sabot_rows_text(rows, r, c, NULL);
            fputs(" │ ", stdout);
            print_live_cell(text ? text : "NULL", sabot_result_column_is_number(o->result, c),
                            live_width(o, c));
        }
        putchar('\n');
    }
    o->failed = ferror(stdout) != 0;
}

static void
box_rows(output *o, sabot_rows *rows)
{
    for (int32_t r = 0; r < sabot_rows_count(rows) && !o->failed; r++) {
        for (int32_t c = 0; c < o->count; c++) {
            o->cells[c] = sabot_rows_text(rows, r, c, NULL);
        }
        o->failed = !sb_box_change(o->box, sabot_rows_op(rows, r), o->cells);
    }
}

static void
take_rows(output *o, sabot_rows *rows)
{
    o->rows += sabot_rows_count(rows);
    if (o->box) {
        box_rows(o, rows);
    } else if (o->mode == SB_OUTPUT_LIVE) {
        live_rows(o, rows);
        fflush(stdout);
    } else {
        json_rows(o, rows);
    }
}

/* Fetches until the end. Returns the exit code. */
static int
fetch_all(output *o)
{
    sabot_job *job = sabot_result_job(o->result);
    sb_progress progress;
    sb_progress_begin(&progress);
    progress.on = progress.on && o->mode != SB_OUTPUT_LIVE;
    for (;;) {
        sabot_rows *rows = NULL;
        sabot_error *error = NULL;
        sabot_status status = sabot_result_fetch(o->result, POLL_MS, &rows, &error);
        if (status != SABOT_OK && status != SABOT_TIMEOUT) {
            sb_progress_end(&progress);
            fflush(stdout);
            sb_cli_print_error(error);
            return SB_EXIT_ERROR;
        }
        if (rows) {
            take_rows(o, rows);
            sabot_rows_free(rows);
        } else if (status == SABOT_OK) {
            sb_progress_end(&progress);
            return SB_EXIT_OK;
        } else if (!o->box) {
            fflush(stdout);
        }
        if (o->failed || sb_cli_interrupted()) {
            sb_progress_end(&progress);
            if (job) {
                sabot_job_cancel(job);
            }
            if (o->failed) {
                fputs("error: cannot write the result\n", stderr);
            }
            return o->failed ? SB_EXIT_ERROR : SB_EXIT_INTERRUPTED;
        }
        if (job) {
            sb_progress_show(&progress, job);
        }
    }
}

bool
sb_cli_print_rows(sabot_result *result, bool json, int *out_exit)
{
    bool terminal = isatty(1) && !json;
    output o = {.result = result, .count = sabot_result_count_columns(result)};
    o.mode = !terminal                         ? SB_OUTPUT_JSON
             : sabot_result_is_bounded(result) ? SB_OUTPUT_BOX
                                               : SB_OUTPUT_LIVE;
    o.cells = calloc((size_t)o.count + 1, sizeof *o.cells);
    if (o.mode == SB_OUTPUT_BOX) {
        o.box = sb_box_new(o.count);
    }
    int code = SB_EXIT_ERROR;
    if (o.cells && (o.box || o.mode != SB_OUTPUT_BOX)) {
        code = fetch_all(&o);
        if (o.box && code != SB_EXIT_ERROR) {
            sb_box_print(o.box, result, stdout);
        }
    }
    if (fflush(stdout) != 0 && code == SB_EXIT_OK) {
        fputs("error: cannot write the result\n", stderr);
        code = SB_EXIT_ERROR;
    }
    sb_box_free(o.box);
    free(o.cells);
    *out_exit = code;
    return code == SB_EXIT_OK;
}
