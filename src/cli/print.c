/*
 * cli/print.c -- rows to the mode that prints them.
 *
 * THREADS    the main thread
 */
#include "cli/print.h"

#include <stdlib.h>
#include <string.h>

#include "cli/term.h"

const char *const sb_op_names[] = {"+I", "-U", "+U", "-D"};

enum { LIVE_ROWS_MAX = 100000 };

typedef struct mode {
    const char *name, *text;
} mode;

static const mode modes[SB_MODE_COUNT] = {
    [SB_MODE_BOX] = {"box", "a table in a frame; on a terminal live when the input does not end"},
    [SB_MODE_PLAIN] = {"plain", "columns side by side, without a frame"},
    [SB_MODE_TABLEAU] = {"tableau", "changes as they come, in a frame with a column op"},
    [SB_MODE_CHANGELOG] = {"changelog", "changes as they come, a line each"},
    [SB_MODE_CSV] = {"csv", "comma-separated values"},
    [SB_MODE_TSV] = {"tsv", "values separated by tabs"},
    [SB_MODE_JSON] = {"json", "one JSON array"},
    [SB_MODE_JSONL] = {"jsonl", "a JSON object a line"},
    [SB_MODE_CHANGELOG_JSON] = {"changelog-json", "{\"op\":\"+I\",\"data\":{...}} a line"},
    [SB_MODE_MARKDOWN] = {"markdown", "a table for Markdown"},
    [SB_MODE_LINE] = {"line", "a line for each value"},
};

const char *
sb_mode_name(sb_mode which)
{
    return modes[which].name;
}

const char *
sb_mode_text(sb_mode which)
{
    return modes[which].text;
}

bool
sb_mode_find(const char *name, sb_mode *out)
{
    for (int i = 0; i < SB_MODE_COUNT; i++) {
        if (strcasecmp(name, modes[i].name) == 0) {
            *out = (sb_mode)i;
            return true;
        }
    }
    return false;
}

static bool
is_json(sb_mode which)
{
    return which == SB_MODE_JSON || which == SB_MODE_JSONL || which == SB_MODE_CHANGELOG_JSON;
}

static bool
needs_widths(sb_mode which)
{
    return which == SB_MODE_BOX || which == SB_MODE_PLAIN || which == SB_MODE_MARKDOWN;
}

bool
sb_printer_init(sb_printer *printer, const sb_print_options *options, sabot_result *result)
{
    sb_mode which = options->mode;
    bool is_log =
        which == SB_MODE_TABLEAU || which == SB_MODE_CHANGELOG || which == SB_MODE_CHANGELOG_JSON;
    bool bounded = sabot_result_is_bounded(result), inserts = sabot_result_is_insert_only(result);
    *printer = (sb_printer){.options = options, .result = result, .to = options->to};
    printer->count = sabot_result_count_columns(result);
    printer->collects = options->live || (bounded && !is_log && (!inserts || needs_widths(which)));
    printer->with_op = is_log ? which != SB_MODE_TABLEAU || !bounded || !inserts
                              : !printer->collects && !bounded && !inserts;
    printer->cells = calloc((size_t)printer->count + 2, sizeof *printer->cells);
    printer->widths = calloc((size_t)printer->count + 2, sizeof *printer->widths);
    if (printer->collects) {
        printer->final =
            sb_final_new(is_json(which) ? 1 : printer->count, options->live ? LIVE_ROWS_MAX : 0);
    }
    return printer->cells && printer->widths && (printer->final || !printer->collects);
}

void
sb_printer_deinit(sb_printer *printer)
{
    sb_final_free(printer->final);
    free(printer->cells);
    free(printer->widths);
}

static void
print_one(sb_printer *printer)
{
    bool first = printer->rows++ == 0;
    switch (printer->options->mode) {
    case SB_MODE_TABLEAU:
    case SB_MODE_CHANGELOG:
    case SB_MODE_BOX:
    case SB_MODE_PLAIN: sb_print_change(printer, printer->cells); break;
    default: sb_print_line(printer, printer->cells, first); break;
    }
}

/* Rows of a table that only grows need not be kept when they will not be printed. */
static bool
is_beyond(const sb_printer *printer)
{
    int64_t max = printer->options->rows_max;
    return max > 0 && !printer->options->live && printer->options->mode == SB_MODE_BOX &&
           sabot_result_is_insert_only(printer->result) && sb_final_count(printer->final) >= max;
}

void
sb_printer_rows(sb_printer *printer, sabot_rows *rows)
{
    bool json = is_json(printer->options->mode);
    int32_t shift = printer->with_op ? 1 : 0;
    for (int32_t r = 0; r < sabot_rows_count(rows) && !printer->failed; r++) {
        sabot_op op = sabot_rows_op(rows, r);
        printer->cells[0] = sb_op_names[op];
        if (json) {
            printer->cells[shift] = sabot_rows_json(rows, r, NULL);
            printer->failed = printer->cells[shift] == NULL;
        }
        for (int32_t c = 0; !json && c < printer->count; c++) {
            printer->cells[c + shift] = sabot_rows_text(rows, r, c, NULL);
        }
        if (printer->failed) {
            break;
        }
        if (printer->final && is_beyond(printer)) {
            printer->left_out++;
        } else if (printer->final) {
            printer->failed = !sb_final_change(printer->final, op, printer->cells);
        } else {
            print_one(printer);
        }
    }
    printer->failed = printer->failed || ferror(printer->to);
}

static bool
print_final_line(void *ctx, const char *const *cells)
{
    sb_printer *printer = ctx;
    sb_print_line(printer, cells, printer->rows++ == 0);
    return !ferror(printer->to);
}

void
sb_printer_end(sb_printer *printer, bool complete)
{
    sb_mode which = printer->options->mode;
    if (printer->final && needs_widths(which)) {
        sb_print_table(printer);
    } else if (printer->final) {
        sb_final_each(printer->final, print_final_line, printer);
    }
    if (!printer->final && (which == SB_MODE_TABLEAU || needs_widths(which))) {
        sb_print_change_end(printer);
    }
    if (which == SB_MODE_JSON) {
        fputs(printer->rows == 0 ? "[]\n" : complete ? "\n]\n" : "\n", printer->to);
    } else if (printer->rows == 0 && (which == SB_MODE_CSV || which == SB_MODE_TSV)) {
        sb_print_line(printer, NULL, true); /* the names alone */
    }
    printer->failed = printer->failed || fflush(printer->to) != 0 || ferror(printer->to);
}
