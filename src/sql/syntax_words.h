/*
 * sql/syntax_words.h -- the words that statements are made of, reserved or not: for colours,
 * completion and guesses.
 *
 * THREADS    any
 */
#ifndef SB_SQL_SYNTAX_WORDS_H
#define SB_SQL_SYNTAX_WORDS_H

#include "base/text.h"

bool sb_sql_is_syntax_word(sb_str word);          /* in any case */
const char *sb_sql_syntax_word_at(int32_t index); /* sorted, upper case; NULL behind the last */

#endif
