/*
 * sql/scan.c -- tokens of text that may be unfinished.
 *
 * THREADS    any
 */
#include "sql/words.h"

#include <string.h>

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* Behind the closing quote; *out_closed: there is one. */
static size_t
behind_quotes(const char *text, size_t size, size_t at, bool *out_closed)
{
    char quote = text[at++];

    *out_closed = true;
    while (at < size) {
        if (text[at] == quote && (at + 1 >= size || text[at + 1] != quote)) {
            return at + 1;
        }
        at += text[at] == quote ? 2 : 1;
    }
    *out_closed = false;
    return size;
}

static size_t
behind_comment(const char *text, size_t size, size_t at, bool *out_closed)
{
    bool block = text[at] == '/' && text[at + 1] == '*';

    *out_closed = true;
    if (!block) {
        const char *end = memchr(text + at, '\n', size - at);
        return end ? (size_t)(end - text) : size;
    }
    for (at += 2; at + 1 < size; at++) {
        if (text[at] == '*' && text[at + 1] == '/') {
            return at + 2;
        }
    }
    *out_closed = false;
    return size;
}

static size_t
behind_number(const char *text, size_t size, size_t at)
{
    while (at < size && (is_digit(text[at]) || text[at] == '.')) {
        at++;
    }
    if (at + 1 < size && (text[at] == 'e' || text[at] == 'E')) {
        size_t sign = text[at + 1] == '+' || text[at + 1] == '-';

        if (at + 1 + sign < size && is_digit(text[at + 1 + sign])) {
            for (at += 1 + sign; at < size && is_digit(text[at]); at++) {
            }
        }
    }
    return at;
}

static size_t
behind_word(const char *text, size_t size, size_t at)
{
    while (at < size && (is_letter(text[at]) || is_digit(text[at]) || text[at] == '$')) {
        at++;
    }
    return at;
}

bool
sb_sql_scan(const char *text, size_t size, size_t *at, size_t *out_begin, sb_word_kind *out_kind)
{
    size_t i = *at;
    bool closed = true;

    while (i < size && strchr(" \t\r\n\f", text[i]) != NULL && text[i] != '\0') {
        i++;
    }
    *out_begin = i;
    if (i >= size) {
        *at = i;
        return false;
    }
    char c = text[i], next = i + 1 < size ? text[i + 1] : '\0';
    if ((c == '-' && next == '-') || (c == '/' && (next == '/' || next == '*'))) {
        i = behind_comment(text, size, i, &closed);
        *out_kind = SB_WORD_COMMENT;
    } else if (c == '\'' || c == '`') {
        i = behind_quotes(text, size, i, &closed);
        *out_kind = !closed ? SB_WORD_BAD : c == '`' ? SB_WORD_QUOTED : SB_WORD_STRING;
    } else if ((c == 'x' || c == 'X') && next == '\'') {
        i = behind_quotes(text, size, i + 1, &closed);
        *out_kind = closed ? SB_WORD_STRING : SB_WORD_BAD;
    } else if (is_digit(c) || (c == '.' && is_digit(next))) {
        i = behind_number(text, size, i);
        *out_kind = SB_WORD_NUMBER;
    } else if (is_letter(c)) {
        i = behind_word(text, size, i);
        *out_kind = sb_sql_is_syntax_word((sb_str){text + *out_begin, i - *out_begin})
                        ? SB_WORD_KEYWORD
                        : SB_WORD_NAME;
    } else {
        i++;
        *out_kind =
            c != '\0' && strchr("+-*/%=<>()[]{},.;:?|^!", c) != NULL ? SB_WORD_SYMBOL : SB_WORD_BAD;
    }
    *at = i;
    return true;
}
