/*
 * cli/edit_draw.c -- the line editor on a screen.
 *
 * DESIGN     The whole block (prompt, text, words) is drawn anew after each key, as one write: go
 *            up to its first row, erase what is below, print. Rows are broken here and not by the
 *            terminal, so that the cursor's row is known. Two walks over the text: the first finds
 *            the rows and the cursor's place, the second prints the rows that fit.
 * THREADS    the main thread
 */
#include <stdlib.h>
#include <string.h>

#include "cli/edit.h"

enum { WORD_ROWS_MAX = 8, CONTROL_COLUMNS = 1 };

typedef struct canvas {
    FILE *to;
    int columns;
    int first, last; /* rows that are printed */
    int row, column;
    const char *style; /* that is on; NULL: none */
    bool colours;
} canvas;

static const char *const style_codes[SB_STYLE_COUNT] = {
    [SB_STYLE_PLAIN] = NULL,  [SB_STYLE_KEYWORD] = "1;34", [SB_STYLE_STRING] = "32",
    [SB_STYLE_NUMBER] = "36", [SB_STYLE_COMMENT] = "2",    [SB_STYLE_NAME] = "33",
    [SB_STYLE_BAD] = "4;31",  [SB_STYLE_BRACKET] = "1;4",
};
static const char prompt_code[] = "1", dim_code[] = "2";

static bool
is_shown(const canvas *c)
{
    return c->to && c->row >= c->first && c->row <= c->last;
}

static void
set_style(canvas *c, const char *code)
{
    if (!is_shown(c) || !c->colours || code == c->style) {
        return;
    }
    fprintf(c->to, "\033[0%s%sm", code ? ";" : "", code ? code : "");
    c->style = code;
}

static void
new_row(canvas *c)
{
    set_style(c, NULL);
    if (is_shown(c) && c->row < c->last) {
        fputs("\r\n", c->to);
    }
    c->row++;
    c->column = 0;
}

static void
put(canvas *c, const char *bytes, size_t size, int width, const char *code)
{
    if (c->column + width > c->columns) {
        new_row(c);
    }
    set_style(c, code);
    if (is_shown(c)) {
        fwrite(bytes, 1, size, c->to);
    }
    c->column += width;
}

static void
put_text(canvas *c, const char *text, const char *code)
{
    size_t size = strlen(text), at = 0;
    while (at < size) {
        size_t begin = at;
        uint32_t point = sb_point_next(text, size, &at);
        put(c, text + begin, at - begin, sb_point_width(point), code);
    }
}

/* Prompt and text; gives the place of the cursor. */
static void
put_all(canvas *c, const sb_edit *edit, const char *prompt, const char *more,
        const unsigned char *styles, int *out_row, int *out_column)
{
    size_t at = 0;
    put_text(c, prompt, prompt_code);
    for (;;) {
        if (at == edit->cursor) {
            if (c->column >= c->columns) {
                new_row(c);
            }
            *out_row = c->row;
            *out_column = c->column;
        }
        if (at >= edit->size) {
            return;
        }
        size_t begin = at;
        uint32_t point = sb_point_next(edit->text, edit->size, &at);
        const char *code = styles ? style_codes[styles[begin]] : NULL;
        if (point == '\n') {
            new_row(c);
            put_text(c, more, prompt_code);
        } else if (point < 0x20 || point == 0x7f || point == 0xfffd) {
            put(c, "?", 1, CONTROL_COLUMNS, style_codes[SB_STYLE_BAD]);
        } else {
            put(c, edit->text + begin, at - begin, sb_point_width(point), code);
        }
    }
}

/* How many words stand side by side, and in how many columns. */
static int
word_layout(const sb_words *words, int columns, int *out_width)
{
    int width = 1;
    for (size_t i = 0; i < words->count; i++) {
        int own = sb_text_columns(words->at[i]);
        width = own > width ? own : width;
    }
    width = width > columns - 2 ? columns - 2 : width;
    *out_width = width < 1 ? 1 : width;
    int beside = columns / (*out_width + 2);
    return beside < 1 ? 1 : beside;
}

static int
word_rows(const sb_words *words, int columns)
{
    int width, beside = word_layout(words, columns, &width);
    size_t rows = (words->count + (size_t)beside - 1) / (size_t)beside;
    return rows > WORD_ROWS_MAX ? WORD_ROWS_MAX + 1 : (int)rows;
}

static void
put_words(canvas *c, const sb_words *words)
{
    int width, beside = word_layout(words, c->columns, &width);
    for (size_t i = 0; i < words->count; i++) {
        if (i % (size_t)beside == 0) {
            new_row(c);
            if (i / (size_t)beside == WORD_ROWS_MAX) {
                char rest[64];
                snprintf(rest, sizeof rest, "and %zu more", words->count - i);
                put_text(c, rest, dim_code);
                return;
            }
        }
        int own = sb_text_columns(words->at[i]);
        if (own <= width) {
            put_text(c, words->at[i], dim_code);
            for (int pad = own; pad < width + 2 && c->column < c->columns; pad++) {
                put(c, " ", 1, 1, NULL);
            }
        }
    }
}

static char
partner(char bracket)
{
    const char *pairs = "()[]{}", *at = strchr(pairs, bracket);
    return !at || !bracket ? '\0' : (at - pairs) % 2 == 0 ? at[1] : at[-1];
}

/* The bracket before the cursor and its partner. */
static void
mark_brackets(const sb_edit *edit, unsigned char *styles)
{
    if (edit->cursor == 0 || styles[edit->cursor - 1] != SB_STYLE_PLAIN) {
        return;
    }
    char own = edit->text[edit->cursor - 1], other = partner(own);
    bool forward = own == '(' || own == '[' || own == '{';
    if (!other) {
        return;
    }
    long depth = 0, step = forward ? 1 : -1;
    for (long at = (long)edit->cursor - 1; at >= 0 && at < (long)edit->size; at += step) {
        if (styles[at] == SB_STYLE_PLAIN) {
            depth += edit->text[at] == own ? 1 : edit->text[at] == other ? -1 : 0;
            if (depth == 0) {
                styles[at] = styles[edit->cursor - 1] = SB_STYLE_BRACKET;
                return;
            }
        }
    }
}

void
sb_edit_draw(sb_edit *edit, const char *prompt, const char *more, bool colours, int columns,
             int rows, FILE *to)
{
    unsigned char *styles = colours && edit->host->styles ? malloc(edit->size + 1) : NULL;
    if (styles) {
        memset(styles, 0, edit->size + 1);
        edit->host->styles(edit->host->ctx, edit->text, edit->size, styles);
        mark_brackets(edit, styles);
    }
    char search[sizeof edit->search + 32];
    snprintf(search, sizeof search, "(search \"%s\"%s) ", edit->search,
             edit->found < 0 && *edit->search ? ": nothing" : "");
    prompt = edit->searching ? search : prompt;
    int below = edit->show_words ? word_rows(&edit->words, columns) : 0;
    int height = rows - below > 1 ? rows - below : 1;
    int row = 0, column = 0;
    canvas measure = {.columns = columns, .first = 0, .last = -1};
    put_all(&measure, edit, prompt, more, styles, &row, &column);
    int first = row >= height ? row - height + 1 : 0;
    int last = first + height - 1 < measure.row ? first + height - 1 : measure.row;

    fputs("\033[?25l", to); /* the cursor is hidden while it moves */
    if (edit->drawn_row > 0) {
        fprintf(to, "\033[%dA", edit->drawn_row);
    }
    fputs("\r\033[J", to);
    canvas c = {.to = to, .columns = columns, .first = first, .last = last, .colours = colours};
    put_all(&c, edit, prompt, more, styles, &row, &column);
    set_style(&c, NULL);
    if (c.style) {
        fputs("\033[0m", to);
    }
    if (below > 0) {
        canvas w = {
            .to = to, .columns = columns, .last = last + below, .row = last, .colours = colours};
        put_words(&w, &edit->words);
        set_style(&w, NULL);
    }
    if (last + below > row) {
        fprintf(to, "\033[%dA", last + below - row);
    }
    fputs("\r", to);
    if (column > 0) {
        fprintf(to, "\033[%dC", column);
    }
    fputs("\033[?25h", to);
    edit->drawn_row = row - first;
    free(styles);
}

/* One write, so that nothing is seen half drawn. */
static bool
draw(sb_edit *edit, const sb_term *term, const char *prompt, const char *more, bool colours)
{
    char *bytes = NULL;
    size_t size = 0;
    int columns, rows;
    FILE *to = open_memstream(&bytes, &size);
    if (!to) {
        return false;
    }
    sb_term_size(term->out, &columns, &rows);
    sb_edit_draw(edit, prompt, more, colours, columns, rows, to);
    bool ok = fclose(to) == 0 && sb_term_write(term, bytes, size);
    free(bytes);
    return ok;
}

sb_edit_state
sb_edit_read(sb_edit *edit, sb_term *term, const char *prompt, const char *more, bool colours)
{
    sb_edit_state state = SB_EDIT_GOES_ON;
    sb_edit_clear(edit);
    sb_term_raw(term, false);
    while (state == SB_EDIT_GOES_ON) {
        /* what is pasted is drawn when it is there as a whole */
        if (!edit->pasting && term->at == term->have && !draw(edit, term, prompt, more, colours)) {
            state = SB_EDIT_END;
            break;
        }
        state = sb_edit_key(edit, sb_term_key(term, -1));
        if (state == SB_EDIT_CLEAR) {
            (void)sb_term_write(term, "\033[H\033[2J", 7);
            edit->drawn_row = 0;
            state = SB_EDIT_GOES_ON;
        }
    }
    edit->show_words = edit->searching = false;
    edit->cursor = edit->size;
    (void)draw(edit, term, prompt, more, colours);
    (void)sb_term_write(term, state == SB_EDIT_CANCELLED ? "^C\r\n" : "\r\n",
                        state == SB_EDIT_CANCELLED ? 4 : 2);
    sb_term_cooked(term);
    return state;
}
