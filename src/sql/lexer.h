/*
 * sql/lexer.h -- text to tokens.
 *
 * DESIGN     The whole text is cut at once into an array that ends with END. Comments vanish;
 *            a hint is one token. Keywords are not a kind: a NAME is compared with the
 *            word where the grammar wants one, so that most words can be names.
 * OWNERSHIP  Tokens and their values live in the arena; `text` must outlive them.
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_LEXER_H
#define SB_SQL_LEXER_H

#include "base/arena.h"
#include "base/text.h"
#include "sql/code.h"

#define SB_SQL_TEXT_MAX (16 << 20) /* bytes of a script */

typedef enum sb_token_kind {
    SB_TOKEN_END,
    SB_TOKEN_NAME,    /* bare word: keyword or name */
    SB_TOKEN_QUOTED,  /* `name`: never a keyword */
    SB_TOKEN_STRING,  /* 'text', value without quotes */
    SB_TOKEN_BINARY,  /* X'0aff', value is the digits */
    SB_TOKEN_INTEGER, /* 12 */
    SB_TOKEN_DECIMAL, /* 1.5 */
    SB_TOKEN_DOUBLE,  /* 1e3 */
    SB_TOKEN_SYMBOL,  /* operator or punctuation: value is its text */
    SB_TOKEN_HINT,    /* of a hint: from after its opening to before its closing marks */
    SB_TOKEN_BAD      /* not a token; only when the lexer goes on behind errors */
} sb_token_kind;

typedef struct sb_token {
    sb_token_kind kind;
    int32_t begin, end; /* bytes of the text */
    sb_str value;
} sb_token;

typedef struct sb_comment {
    int32_t begin, end; /* with its marks, without the end of the line */
    bool line;          /* up to the end of the line */
    bool trailing;      /* something stands before it in its line */
} sb_comment;

/* Cuts text[begin, end). SYNTAX with position. */
sb_status sb_lex(sb_arena *arena, const char *text, int32_t begin, int32_t end, sb_token **out,
                 int32_t *out_count, sb_error *err);
/* The same, and goes on behind an error: the culprit becomes a BAD token. errors NULL: as
 * sb_lex. */
sb_status sb_lex_all(sb_arena *arena, const char *text, int32_t begin, int32_t end, sb_token **out,
                     int32_t *out_count, sb_sql_errors *errors, sb_error *err);
/* The comments of a text that sb_lex can cut. */
sb_status sb_lex_comments(sb_arena *arena, const char *text, int32_t size, sb_comment **out,
                          int32_t *out_count, sb_error *err);
/* Is this a word that cannot be a name without quotes? */
bool sb_sql_is_reserved(sb_str word);
/* The function, in capitals, that is called without brackets (CURRENT_DATE); NULL: none. */
const char *sb_sql_niladic(sb_str word);
/* Can it not even be the name of a function? */
bool sb_sql_is_keyword(sb_str word);

#endif
