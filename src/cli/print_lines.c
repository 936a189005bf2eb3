/*
 * cli/print_lines.c -- modes that print a row without looking at others: csv, tsv, json, jsonl,
 * changelog-json, line.
 *
 * THREADS    the main thread
 */
#include <string.h>

#include "cli/print.h"
#include "cli/term.h"

static const char *
column_name(const sb_printer *printer, int32_t cell)
{
    int32_t column = printer->with_op ? cell - 1 : cell;
    return column < 0 ? "op" : sabot_result_column_name(printer->result, column);
}

static int32_t
count_cells(const sb_printer *printer)
{
    return printer->count + (printer->with_op ? 1 : 0);
}

/* RFC 4180: NULL is nothing, an empty text is "". */
static void
csv_cell(FILE *to, const char *text)
{
    if (!text) {
        return;
    }
    if (*text && !strpbrk(text, ",\"\r\n")) {
        fputs(text, to);
        return;
    }
    putc('"', to);
    for (; *text; text++) {
        fputs(*text == '"' ? "\"\"" : (char[]){*text, '\0'}, to);
    }
    putc('"', to);
}

/* As PostgreSQL's COPY: NULL is \N, tabs, line ends and backslashes are escaped. */
static void
tsv_cell(FILE *to, const char *text)
{
    for (text = text ? text : "\1"; *text; text++) {
        switch (*text) {
        case '\1': fputs("\\N", to); break;
        case '\t': fputs("\\t", to); break;
        case '\n': fputs("\\n", to); break;
        case '\r': fputs("\\r", to); break;
        case '\\': fputs("\\\\", to); break;
        default: putc(*text, to);
        }
    }
}

static void
separated(sb_printer *printer, const char *const *cells, bool first)
{
    bool csv = printer->options->mode == SB_MODE_CSV;
    int32_t count = count_cells(printer);
    for (int head = first && printer->options->headers ? 0 : 1; head < (cells ? 2 : 1); head++) {
        for (int32_t c = 0; c < count; c++) {
            const char *text = head == 0 ? column_name(printer, c) : cells[c];
            fputs(c == 0 ? "" : csv ? "," : "\t", printer->to);
            if (csv) {
                csv_cell(printer->to, text);
            } else {
                tsv_cell(printer->to, text);
            }
        }
        putc('\n', printer->to);
    }
}

/* Names to the right, as psql and DuckDB do. */
static void
lines(sb_printer *printer, const char *const *cells, bool first)
{
    int32_t count = count_cells(printer), width = 0;
    for (int32_t c = 0; c < count; c++) {
        int32_t own = sb_text_columns(column_name(printer, c));
        width = own > width ? own : width;
    }
    if (!first) {
        putc('\n', printer->to);
    }
    for (int32_t c = 0; c < count; c++) {
        const char *text = cells[c] ? cells[c] : printer->options->null_text;
        sb_print_cell(printer->to, column_name(printer, c), width, true);
        fprintf(printer->to, " = %s\n", text);
    }
}

void
sb_print_line(sb_printer *printer, const char *const *cells, bool first)
{
    FILE *to = printer->to;
    bool op = printer->with_op;
    switch (printer->options->mode) {
    case SB_MODE_CSV:
    case SB_MODE_TSV: separated(printer, cells, first); break;
    case SB_MODE_LINE: lines(printer, cells, first); break;
    case SB_MODE_JSON:
        fputs(first ? "[\n" : ",\n", to);
        if (op) {
            fprintf(to, "{\"op\":\"%s\",\"data\":%s}", cells[0], cells[1]);
        } else {
            fputs(cells[0], to);
        }
        break;
    default:
        if (op) {
            fprintf(to, "{\"op\":\"%s\",\"data\":%s}\n", cells[0], cells[1]);
        } else {
            fputs(cells[0], to);
            putc('\n', to);
        }
    }
}
