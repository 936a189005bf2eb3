/*
 * sql/words.h -- help for editors: tokens of text that may be unfinished, and what could stand at a
 * place in it.
 *
 * DESIGN     The lexer refuses what no statement can hold and leaves out comments; here every byte
 *            belongs to some token or is white space, so that half a statement can be coloured.
 * THREADS    sb_sql_scan: any. sb_sql_words: the session's thread.
 */
#ifndef SB_SQL_WORDS_H
#define SB_SQL_WORDS_H

#include "sql/sql.h"
#include "sql/syntax_words.h"

typedef enum sb_word_kind {
    SB_WORD_KEYWORD,
    SB_WORD_NAME,
    SB_WORD_QUOTED, /* `name` */
    SB_WORD_STRING, /* also X'0a' */
    SB_WORD_NUMBER,
    SB_WORD_COMMENT, /* also hints */
    SB_WORD_SYMBOL,
    SB_WORD_BAD /* a byte that no statement has outside of strings, or what is not closed */
} sb_word_kind;

/* The token at or behind text[*at]; *at goes behind it. False: there is none. */
bool sb_sql_scan(const char *text, size_t size, size_t *at, size_t *out_begin,
                 sb_word_kind *out_kind);

typedef enum sb_words_want {                            /* what sb_sql_words does not know itself */
                             SB_WORDS_OPTION = 1,       /* a key of SET */
                             SB_WORDS_TABLE_OPTION = 2, /* a key of WITH (...) */
                             SB_WORDS_TABLE_OPTION_VALUE =
                                 4 /* 'connector' = '... and 'format' = '... */
} sb_words_want;

typedef struct sb_words_place {
    size_t begin; /* what is typed already: [begin, cursor) */
    sb_str typed;
    uint32_t want;     /* sb_words_want */
    sb_str option_key; /* TABLE_OPTION_VALUE: the key */
} sb_words_place;

/* Gives each word that could stand at `cursor` and begins as what is typed there; some twice. */
void sb_sql_words(const sb_sql_session *session, const char *text, size_t size, size_t cursor,
                  void (*word)(void *ctx, const char *word), void *ctx, sb_words_place *out);

#endif
