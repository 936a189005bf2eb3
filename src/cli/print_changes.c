/*
 * cli/print_changes.c -- rows as they come, in columns whose widths follow from names and types
 * alone: tableau, changelog, and plain where the result has no end.
 *
 * THREADS    the main thread
 */
#include <string.h>

#include "cli/print.h"
#include "cli/term.h"

enum { TEXT_WIDTH = 24, NUMBER_WIDTH = 12, OP_WIDTH = 2 };

typedef struct look {
    const char *left, *between, *right, *rule_left, *rule_cross, *rule_right, *line;
    bool closed; /* rules above and below */
} look;

static const look look_frame = {"| ", " | ", " |", "+-", "-+-", "-+", "-", true};
static const look look_log = {"", " │ ", "", "", "─┼─", "", "─", false};
static const look look_plain = {"", "  ", "", NULL, NULL, NULL, NULL, false};

static const look *
look_of(const sb_printer *printer)
{
    return printer->options->mode == SB_MODE_TABLEAU     ? &look_frame
           : printer->options->mode == SB_MODE_CHANGELOG ? &look_log
           : printer->options->mode == SB_MODE_BOX       ? &look_log
                                                         : &look_plain;
}

static void
rule(const sb_printer *printer, const look *l, int32_t count)
{
    for (int32_t c = 0; l->line && c < count; c++) {
        fputs(c == 0 ? l->rule_left : l->rule_cross, printer->to);
        for (int32_t i = 0; i < printer->widths[c]; i++) {
            fputs(l->line, printer->to);
        }
    }
    if (l->line) {
        fprintf(printer->to, "%s\n", l->rule_right);
    }
}

static void
cells_of(const sb_printer *printer, const look *l, const char *const *cells, int32_t count)
{
    int32_t shift = printer->with_op ? 1 : 0;
    for (int32_t c = 0; c < count; c++) {
        bool right = c >= shift && sabot_result_column_is_number(printer->result, c - shift);
        const char *text = cells[c] ? cells[c] : printer->options->null_text;
        int32_t own = sb_text_columns(text), width = printer->widths[c];
        fputs(c == 0 ? l->left : l->between, printer->to);
        sb_print_cell(printer->to, text,
                      c == count - 1 && !*l->right && !right && own < width ? own : width, right);
    }
    fprintf(printer->to, "%s\n", l->right);
}

static void
head(sb_printer *printer, const look *l, int32_t count)
{
    const char *names[2] = {"op", NULL};
    int32_t shift = printer->with_op ? 1 : 0;
    for (int32_t c = 0; c < count; c++) {
        bool op = c < shift;
        int32_t name =
            op ? OP_WIDTH : sb_text_columns(sabot_result_column_name(printer->result, c - shift));
        int32_t base = op                                                          ? OP_WIDTH
                       : sabot_result_column_is_number(printer->result, c - shift) ? NUMBER_WIDTH
                                                                                   : TEXT_WIDTH;
        printer->widths[c] = name > base ? name : base;
    }
    printer->headed = true;
    if (l->closed) {
        rule(printer, l, count);
    }
    if (!printer->options->headers) {
        return;
    }
    for (int32_t c = 0; c < count; c++) {
        const char *name =
            c < shift ? names[0] : sabot_result_column_name(printer->result, c - shift);
        bool right = c >= shift && sabot_result_column_is_number(printer->result, c - shift);
        fputs(c == 0 ? l->left : l->between, printer->to);
        bool last = c == count - 1 && !*l->right && !right;
        sb_print_cell(printer->to, name, last ? sb_text_columns(name) : printer->widths[c], right);
    }
    fprintf(printer->to, "%s\n", l->right);
    rule(printer, l, count);
}

void
sb_print_change(sb_printer *printer, const char *const *cells)
{
    const look *l = look_of(printer);
    int32_t count = printer->count + (printer->with_op ? 1 : 0);
    if (!printer->headed) {
        head(printer, l, count);
    }
    cells_of(printer, l, cells, count);
}

void
sb_print_change_end(sb_printer *printer)
{
    const look *l = look_of(printer);
    int32_t count = printer->count + (printer->with_op ? 1 : 0);
    if (!printer->headed) {
        head(printer, l, count);
    }
    if (l->closed) {
        rule(printer, l, count);
    }
    if (printer->options->mode == SB_MODE_TABLEAU) {
        fprintf(printer->to, "%lld row%s\n", (long long)printer->rows,
                printer->rows == 1 ? "" : "s");
    }
}
