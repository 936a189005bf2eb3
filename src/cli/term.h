/*
 * cli/term.h -- the terminal: raw mode, size, keys, and how wide text is on it.
 *
 * DESIGN     Escape sequences of xterm and its kin; what is not known is swallowed whole. Pasted
 *            text comes between PASTE_BEGIN and PASTE_END (bracketed paste). A resize ends a wait
 *            for a key.
 * OWNERSHIP  sb_term is the caller's; close it to get the terminal back as it was.
 * THREADS    the main thread
 */
#ifndef SB_CLI_TERM_H
#define SB_CLI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

typedef enum sb_key_code {
    SB_KEY_NONE, /* nothing came in time */
    SB_KEY_END_OF_INPUT,
    SB_KEY_CHAR, /* point; alt */
    SB_KEY_CTRL, /* point: 'a'.. and '_', of what the table below does not name */
    SB_KEY_ENTER,
    SB_KEY_TAB,
    SB_KEY_BACK_TAB,
    SB_KEY_BACKSPACE,
    SB_KEY_DELETE,
    SB_KEY_UP,
    SB_KEY_DOWN,
    SB_KEY_LEFT,
    SB_KEY_RIGHT,
    SB_KEY_WORD_LEFT,
    SB_KEY_WORD_RIGHT,
    SB_KEY_HOME,
    SB_KEY_END,
    SB_KEY_PAGE_UP,
    SB_KEY_PAGE_DOWN,
    SB_KEY_ESCAPE,
    SB_KEY_PASTE_BEGIN,
    SB_KEY_PASTE_END,
    SB_KEY_RESIZE
} sb_key_code;

typedef struct sb_key {
    sb_key_code code;
    bool alt;
    uint32_t point; /* a Unicode code point, 0xfffd for bytes that are none */
} sb_key;

typedef struct sb_term {
    int in, out;
    struct termios saved;
    bool raw;
    unsigned char bytes[512]; /* read and not taken yet: [at, have) */
    int at, have;
} sb_term;

/* False: not a terminal, or one that cannot move its cursor (TERM=dumb). */
bool sb_term_open(sb_term *term, int in, int out);
void sb_term_close(sb_term *term);
/* Keys one by one, without echo. signals: Ctrl-C and Ctrl-Z stay signals instead of keys. */
void sb_term_raw(sb_term *term, bool signals);
void sb_term_cooked(sb_term *term);
/* In characters; 80 by 24 where it is not known. */
void sb_term_size(int out, int *out_columns, int *out_rows);
/* Waits up to timeout_ms (-1: without limit). */
sb_key sb_term_key(sb_term *term, int timeout_ms);
/* All bytes, over interrupted and short writes. False: the terminal is gone. */
bool sb_term_write(const sb_term *term, const char *bytes, size_t size);

/* The code point at text[*at] and on to the next; 0xfffd for a byte that begins none. */
uint32_t sb_point_next(const char *text, size_t size, size_t *at);
size_t sb_point_before(const char *text, size_t at); /* begin of the code point before `at` */
int sb_point_width(uint32_t point);                  /* 0, 1 or 2 columns; controls: 1 */
/* Columns of a zero-terminated text; a line end counts 2 (it is printed as \n). */
int32_t sb_text_columns(const char *text);

#endif
