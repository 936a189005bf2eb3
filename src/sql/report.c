/*
 * sql/report.c -- an error as people read it.
 *
 * DESIGN     The line that holds the first byte of the culprit is printed, tabs as one blank, cut
 *            around the culprit when it is very long. The underline never leaves that line and is
 *            at least one caret.
 * THREADS    T:any
 */
#include "sql/report.h"

#include <stdio.h>
#include <string.h>

#define REPORT_WIDTH 160 /* bytes of a source line that are shown */
#define REPORT_LEAD  60  /* of them before the culprit when the line is cut */

typedef struct report_line {
    size_t begin, end; /* bytes of the shown part of the line */
    bool cut_front, cut_back;
} report_line;

static bool
report_is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

void
sb_sql_locate(const char *text, size_t size, int32_t position, int32_t *out_line,
              int32_t *out_column)
{
    size_t at = position < 0 ? 0 : (size_t)position;
    int32_t line = 1, column = 1;

    if (at > size) {
        at = size;
    }
    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else if (!report_is_continuation(text[i])) {
            column++;
        }
    }
    *out_line = line;
    *out_column = column;
}

static report_line
report_line_of(const char *text, size_t size, size_t at)
{
    report_line line = {.begin = at, .end = at};

    while (line.begin > 0 && text[line.begin - 1] != '\n') {
        line.begin--;
    }
    while (line.end < size && text[line.end] != '\n') {
        line.end++;
    }
    if (line.end > line.begin && text[line.end - 1] == '\r') {
        line.end--;
    }
    if (line.end - line.begin > REPORT_WIDTH) {
        if (at - line.begin > REPORT_LEAD) {
            line.begin = at - REPORT_LEAD;
            line.cut_front = true;
            while (line.begin < at && report_is_continuation(text[line.begin])) {
                line.begin++;
            }
        }
        if (line.end - line.begin > REPORT_WIDTH) {
            line.end = line.begin + REPORT_WIDTH;
            line.cut_back = true;
            while (line.end > line.begin && report_is_continuation(text[line.end])) {
                line.end--;
            }
        }
    }
    return line;
}

static void
report_source(const sb_error *err, const char *text, size_t size, bool color, int32_t number,
              sb_text *out)
{
    size_t at = (size_t)err->position;
    size_t end;
    report_line line;
    char digits[16];
    int width = snprintf(digits, sizeof(digits), "%d", number);

    if (at > size) {
        at = size;
    }
    end = err->position_end > err->position ? (size_t)err->position_end : at + 1;
    line = report_line_of(text, size, at);
    if (at < line.begin) {
        line.begin = at;
    }
    sb_text_printf(out, " %s | %s", digits, line.cut_front ? "..." : "");
    for (size_t i = line.begin; i < line.end; i++) {
        sb_text_char(out, (unsigned char)text[i] < 0x20 || text[i] == 0x7F ? ' ' : text[i]);
    }
    sb_text_printf(out, "%s\n %*s | %s", line.cut_back ? "..." : "", width, "",
                   line.cut_front ? "   " : "");
    for (size_t i = line.begin; i < at && i < line.end; i++) {
        if (!report_is_continuation(text[i])) {
            sb_text_char(out, ' ');
        }
    }
    sb_text_add(out, color ? "\x1b[1;31m^" : "^");
    for (size_t i = at + 1; i < end && i < line.end; i++) {
        if (!report_is_continuation(text[i])) {
            sb_text_char(out, '^');
        }
    }
    sb_text_add(out, color ? "\x1b[0m\n" : "\n");
}

void
sb_sql_report(const sb_error *err, const char *name, const char *text, size_t size, bool color,
              sb_text *out)
{
    const char *bold = color ? "\x1b[1m" : "", *red = color ? "\x1b[1;31m" : "",
               *off = color ? "\x1b[0m" : "";

    sb_text_printf(out, "%serror%s%s%s%s: %s%s%s\n", red, err->code[0] != '\0' ? "[" : "",
                   err->code, err->code[0] != '\0' ? "]" : "", off, bold, err->message, off);
    if (err->position >= 0 && text != NULL) {
        int32_t line, column;

        sb_sql_locate(text, size, err->position, &line, &column);
        if (name != NULL) {
            sb_text_printf(out, "  --> %s:%d:%d\n", name, line, column);
        } else {
            sb_text_printf(out, "  --> line %d, column %d\n", line, column);
        }
        report_source(err, text, size, color, line, out);
    }
    if (err->hint[0] != '\0') {
        sb_text_printf(out, "  hint: %s\n", err->hint);
    }
}
