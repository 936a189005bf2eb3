/*
 * cli/print_table.c -- final rows as a table whose columns are as wide as they need: box, plain,
 * markdown.
 *
 * DESIGN     Two walks over the rows: widths, then text. A table that is wider than the terminal
 *            takes columns from the widest ones.
 * THREADS    the main thread
 */
#include <stdlib.h>
#include <string.h>

#include "cli/print.h"
#include "cli/term.h"

enum { COLUMN_MIN = 6, MARKDOWN_MIN = 3 };

typedef struct frame {
    const char *left, *between, *right; /* of a row */
    const char *top, *rule, *bottom;    /* left, cross, right, line: four texts behind each other */
    bool types;
} frame;

static const frame frames[SB_MODE_COUNT] = {
    [SB_MODE_BOX] = {"│ ", " │ ", " │", "┌┬┐─", "├┼┤─", "└┴┘─", true},
    [SB_MODE_PLAIN] = {"", "  ", "", NULL, NULL, NULL, false},
    [SB_MODE_MARKDOWN] = {"| ", " | ", " |", NULL, NULL, NULL, false},
};

typedef struct table {
    sb_printer *printer;
    const frame *frame;
    FILE *to;
    int32_t count;
    int32_t *widths;
    bool *right;
    int64_t rows, skip, rows_max; /* rows_max 0: all */
    char *escaped;                /* of the last cell of Markdown with a bar in it */
} table;

void
sb_print_cell(FILE *to, const char *text, int32_t width, bool right)
{
    int32_t have = sb_text_columns(text), room = width;
    bool cut = have > width;
    if (!cut && right) {
        fprintf(to, "%*s", (int)(width - have), "");
    }
    size_t size = strlen(text), at = 0;
    while (at < size) {
        size_t begin = at;
        uint32_t point = sb_point_next(text, size, &at);
        int32_t own = point == '\n' || point == '\r' ? 2 : sb_point_width(point);
        if (cut && own > room - 1) {
            break;
        }
        room -= own;
        if (point == '\n' || point == '\r') { /* a line end would tear the table */
            fputs(point == '\n' ? "\\n" : "\\r", to);
        } else if (point < 0x20 || point == 0x7f) {
            putc(' ', to);
        } else {
            fwrite(text + begin, 1, at - begin, to);
        }
    }
    if (cut && width > 0) {
        fputs("…", to);
        room--;
    }
    if (cut || !right) {
        fprintf(to, "%*s", (int)(room > 0 ? room : 0), "");
    }
}

/* The text of a cell; good until the next call. A bar would end a cell of Markdown. */
static const char *
shown(table *t, const char *cell)
{
    cell = cell ? cell : t->printer->options->null_text;
    if (t->printer->options->mode != SB_MODE_MARKDOWN || !strchr(cell, '|')) {
        return cell;
    }
    free(t->escaped);
    char *to = t->escaped = malloc(2 * strlen(cell) + 1);
    if (!to) {
        t->printer->failed = true;
        return "";
    }
    for (; *cell; cell++) {
        if (*cell == '|') {
            *to++ = '\\';
        }
        *to++ = *cell;
    }
    *to = '\0';
    return t->escaped;
}

static bool
is_left_out(const table *t)
{
    return t->rows <= t->skip || (t->rows_max > 0 && t->rows > t->skip + t->rows_max);
}

static bool
measure(void *ctx, const char *const *cells)
{
    table *t = ctx;
    t->rows++;
    for (int32_t c = 0; c < t->count && !is_left_out(t); c++) {
        int32_t width = sb_text_columns(shown(t, cells[c]));
        t->widths[c] = width > t->widths[c] ? width : t->widths[c];
    }
    return true;
}

static void
print_cells(table *t, const char *const *cells, const char *code)
{
    const char *on = t->printer->options->colours && code ? code : NULL;
    for (int32_t c = 0; c < t->count; c++) {
        bool last = c == t->count - 1 && !*t->frame->right && !t->right[c];
        const char *text = shown(t, cells[c]);
        const char *own = !on && t->printer->options->colours && !cells[c] ? "\033[2m" : on;
        fputs(c == 0 ? t->frame->left : t->frame->between, t->to);
        fputs(own ? own : "", t->to);
        sb_print_cell(t->to, text,
                      last && sb_text_columns(text) < t->widths[c] ? sb_text_columns(text)
                                                                   : t->widths[c],
                      t->right[c]);
        fputs(own ? "\033[0m" : "", t->to);
    }
    fprintf(t->to, "%s\n", t->frame->right);
}

static bool
print_row(void *ctx, const char *const *cells)
{
    table *t = ctx;
    t->rows++;
    if (!is_left_out(t)) {
        print_cells(t, cells, NULL);
    }
    return !ferror(t->to) && (t->rows <= t->skip || !is_left_out(t));
}

/* Three bytes each: the characters of a frame. */
static void
print_rule(const table *t, const char *marks)
{
    for (int32_t c = 0; marks && c < t->count; c++) {
        fwrite(marks + (c == 0 ? 0 : 3), 1, 3, t->to);
        for (int32_t i = 0; i < t->widths[c] + 2; i++) {
            fwrite(marks + 9, 1, 3, t->to);
        }
    }
    if (marks) {
        fwrite(marks + 6, 1, 3, t->to);
        putc('\n', t->to);
    }
}

static void
print_head(table *t)
{
    const char **cells = calloc((size_t)t->count + 1, sizeof *cells);
    for (int pass = 0; cells && pass < (t->frame->types ? 2 : 1); pass++) {
        for (int32_t c = 0; c < t->count; c++) {
            cells[c] = pass == 0 ? sabot_result_column_name(t->printer->result, c)
                                 : sabot_result_column_type(t->printer->result, c);
        }
        print_cells(t, cells, pass == 0 ? "\033[1m" : "\033[2m");
    }
    if (t->printer->options->mode == SB_MODE_MARKDOWN) {
        for (int32_t c = 0; c < t->count; c++) {
            fputs(c == 0 ? "| " : " | ", t->to);
            for (int32_t i = 0; i < t->widths[c] - (t->right[c] ? 1 : 0); i++) {
                putc('-', t->to);
            }
            fputs(t->right[c] ? ":" : "", t->to);
        }
        fputs(" |\n", t->to);
    }
    free(cells);
}

/* Takes columns from the widest until the table fits. */
static void
fit(table *t)
{
    int32_t limit = t->printer->options->columns, all = 1;
    for (int32_t c = 0; c < t->count; c++) {
        all += t->widths[c] + 3;
    }
    while (limit > 0 && all > limit) {
        int32_t widest = 0;
        for (int32_t c = 1; c < t->count; c++) {
            widest = t->widths[c] > t->widths[widest] ? c : widest;
        }
        if (t->widths[widest] <= COLUMN_MIN) {
            return;
        }
        t->widths[widest]--;
        all--;
    }
}

static void
print_table(sb_printer *printer, FILE *to, int64_t skip, int64_t rows_max)
{
    table t = {
        .printer = printer, .to = to, .count = printer->count, .skip = skip, .rows_max = rows_max};
    t.frame = &frames[printer->options->mode];
    t.widths = calloc((size_t)t.count + 1, sizeof *t.widths);
    t.right = calloc((size_t)t.count + 1, sizeof *t.right);
    printer->failed = !t.widths || !t.right;
    if (!printer->failed && t.count > 0) {
        for (int32_t c = 0; c < t.count; c++) {
            int32_t name = sb_text_columns(sabot_result_column_name(printer->result, c));
            int32_t type = sb_text_columns(sabot_result_column_type(printer->result, c));
            t.widths[c] = t.frame->types && type > name ? type : name;
            if (printer->options->mode == SB_MODE_MARKDOWN && t.widths[c] < MARKDOWN_MIN) {
                t.widths[c] = MARKDOWN_MIN;
            }
            t.right[c] = sabot_result_column_is_number(printer->result, c);
        }
        sb_final_each(printer->final, measure, &t);
        fit(&t);
        print_rule(&t, t.frame->top);
        if (printer->options->headers) {
            print_head(&t);
            print_rule(&t, t.frame->rule);
        }
        t.rows = 0;
        sb_final_each(printer->final, print_row, &t);
        print_rule(&t, t.frame->bottom);
    }
    free(t.widths);
    free(t.right);
    free(t.escaped);
}

void
sb_print_table_part(sb_printer *printer, FILE *to, int64_t rows)
{
    int64_t all = sb_final_count(printer->final);
    bool tail = sabot_result_is_insert_only(printer->result) && all > rows;
    print_table(printer, to, tail ? all - rows : 0, rows);
}

void
sb_print_table(sb_printer *printer)
{
    int64_t rows = sb_final_count(printer->final) + printer->left_out;
    int64_t max = printer->options->rows_max;
    print_table(printer, printer->to, 0, max);
    if (printer->options->mode != SB_MODE_BOX) {
        return;
    }
    if (max > 0 && rows > max) {
        fprintf(printer->to, "%lld of %lld rows; other modes print all\n", (long long)max,
                (long long)rows);
    } else {
        fprintf(printer->to, "%lld row%s\n", (long long)rows, rows == 1 ? "" : "s");
    }
}
