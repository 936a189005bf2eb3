/*
 * sql/keywords.h -- the words that statements are made of, reserved or not: for colours,
 * completion and guesses.
 *
 * THREADS    any
 */
#ifndef SB_SQL_KEYWORDS_H
#define SB_SQL_KEYWORDS_H

#include "base/text.h"

bool sb_sql_is_keyword(sb_str word);          /* in any case */
const char *sb_sql_keyword_at(int32_t index); /* sorted, upper case; NULL behind the last */

#endif
