/*
 * cli/edit.h -- the line editor: a text of one or more lines, changed key by key.
 *
 * DESIGN     The state and the effect of a key know nothing of a terminal (sb_edit_key); drawing
 *            turns the state into bytes (sb_edit_draw); sb_edit_read ties both to one. Keys are
 *            emacs's, as in readline and Flink's SQL client: docs/guide.md lists them. Enter ends
 *            the input when the host says that it is whole, else it begins a new line; Alt-Enter
 *            always does. Up and Down walk through the lines, and from the first and last line
 *            through the history.
 * OWNERSHIP  sb_edit owns its text; the history is borrowed.
 * THREADS    the main thread
 */
#ifndef SB_CLI_EDIT_H
#define SB_CLI_EDIT_H

#include <stdio.h>

#include "cli/history.h"
#include "cli/term.h"

#define SB_EDIT_TEXT_MAX ((size_t)1 << 20) /* bytes; what would make it longer is not taken */
#define SB_EDIT_UNDO_MAX 100

typedef struct sb_words { /* what could stand at the cursor */
    char **at;
    size_t count, capacity;
    size_t begin; /* they replace text[begin, cursor) */
} sb_words;

bool sb_words_add(sb_words *words, const char *word); /* a copy; false: out of memory */
void sb_words_clear(sb_words *words);
void sb_words_sort(sb_words *words); /* and without repetitions */

/* What stands in the text; the drawing gives each a colour. */
typedef enum sb_style {
    SB_STYLE_PLAIN,
    SB_STYLE_KEYWORD,
    SB_STYLE_STRING,
    SB_STYLE_NUMBER,
    SB_STYLE_COMMENT,
    SB_STYLE_NAME, /* quoted */
    SB_STYLE_BAD,
    SB_STYLE_BRACKET, /* of the pair at the cursor; put in by the drawing */
    SB_STYLE_COUNT
} sb_style;

typedef struct sb_edit_host {
    void *ctx;
    bool (*is_whole)(void *ctx, const char *text, size_t size);
    void (*words)(void *ctx, const char *text, size_t size, size_t cursor, sb_words *out);
    /* out[size]: a sb_style for each byte; NULL: no colours */
    void (*styles)(void *ctx, const char *text, size_t size, unsigned char *out);
} sb_edit_host;

typedef enum sb_edit_state {
    SB_EDIT_GOES_ON,
    SB_EDIT_DONE,      /* the text is whole */
    SB_EDIT_CANCELLED, /* Ctrl-C */
    SB_EDIT_END,       /* Ctrl-D without text, or the end of input */
    SB_EDIT_CLEAR      /* goes on, on an empty screen (Ctrl-L) */
} sb_edit_state;

typedef struct sb_snapshot {
    char *text;
    size_t size, cursor;
} sb_snapshot;

typedef struct sb_edit {
    const sb_edit_host *host;
    sb_history *history;
    char *text; /* zero-terminated */
    size_t size, capacity, cursor;
    char *killed; /* Ctrl-K, Ctrl-U, Ctrl-W, Alt-D; Ctrl-Y brings it back */
    sb_snapshot undo[SB_EDIT_UNDO_MAX];
    size_t count_undo;
    bool typing; /* the last key put a character in: no snapshot for the next one */
    bool pasting;
    long entry;  /* of the history that is shown; history->count: none */
    char *draft; /* what stood there before the history was shown */
    sb_words words;
    bool show_words; /* below the text */
    bool searching;  /* Ctrl-R */
    char search[128];
    long found;    /* entry; -1: none */
    int drawn_row; /* of the cursor, counted from the first row drawn */
} sb_edit;

void sb_edit_init(sb_edit *edit, const sb_edit_host *host, sb_history *history);
void sb_edit_deinit(sb_edit *edit);
void sb_edit_clear(sb_edit *edit); /* the next input: no text, no undo */
void sb_edit_set(sb_edit *edit, const char *text, size_t size);
sb_edit_state sb_edit_key(sb_edit *edit, sb_key key);

/* The prompt, the text in colours, the cursor, below them the words; over what was drawn before.
 * At most `rows` rows around the cursor. */
void sb_edit_draw(sb_edit *edit, const char *prompt, const char *more, bool colours, int columns,
                  int rows, FILE *to);
/* One input from the terminal. After SB_EDIT_DONE: edit->text. */
sb_edit_state sb_edit_read(sb_edit *edit, sb_term *term, const char *prompt, const char *more,
                           bool colours);

#endif
