/*
 * sql/lexer.c -- text to tokens.
 *
 * DESIGN     One pass, one function per kind of token. Every function gets the cursor behind what
 *            it has recognised and either appends one token or fails.
 * THREADS    one thread at a time.
 */
#include "sql/lexer.h"

#include <string.h>

#include "sql/code.h"
#include "sql/unicode_text.h"

typedef struct lexer {
    sb_arena *arena;
    const char *text;
    int32_t at, end;
    sb_token *tokens;
    int32_t count, capacity;
    sb_comment *comments; /* only when they are wanted */
    int32_t count_comments, capacity_comments;
    bool want_comments;
    sb_error *err;
} lexer;

static char
lexer_peek(const lexer *lx, int32_t ahead)
{
    return ahead < lx->end - lx->at ? lx->text[lx->at + ahead] : '\0';
}

static bool
lexer_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
lexer_is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool
lexer_is_name_part(char c)
{
    return lexer_is_name_start(c) || lexer_is_digit(c) || c == '$';
}

static sb_status
lexer_add(lexer *lx, sb_token_kind kind, int32_t begin, sb_str value)
{
    if (lx->count == lx->capacity) {
        int32_t capacity = lx->capacity == 0 ? 128 : lx->capacity * 2;
        sb_token *grown = SB_NEW_ARRAY(lx->arena, sb_token, capacity);

        if (grown == NULL) {
            SB_NOMEM(lx->err);
        }
        if (lx->count > 0) {
            memcpy(grown, lx->tokens, sizeof(sb_token) * (size_t)lx->count);
        }
        lx->tokens = grown;
        lx->capacity = capacity;
    }
    lx->tokens[lx->count++] =
        (sb_token){.kind = kind, .begin = begin, .end = lx->at, .value = value};
    return SB_OK;
}

/* 'it''s', `a``b`: the cursor is on the opening quote. A string may hold any byte; doubled quotes
 * stand for one. */
static sb_status
lexer_quoted(lexer *lx, sb_token_kind kind, char quote, int32_t begin)
{
    int32_t first = ++lx->at;
    bool doubled = false;
    sb_str value;

    for (;;) {
        if (lx->at >= lx->end) {
            return sb_sql_error(lx->err, SB_SQL_BAD_TOKEN, begin, begin + 1, "%s is not closed",
                                quote == '`' ? "quoted name" : "string");
        }
        if (lx->text[lx->at] == quote) {
            if (lexer_peek(lx, 1) != quote) {
                break;
            }
            doubled = true;
            lx->at++;
        }
        lx->at++;
    }
    value = (sb_str){lx->text + first, (size_t)(lx->at - first)};
    if (doubled) {
        char *copy = sb_arena_alloc(lx->arena, value.size);
        size_t size = 0;

        if (copy == NULL) {
            SB_NOMEM(lx->err);
        }
        for (size_t i = 0; i < value.size; i++) {
            copy[size++] = value.data[i];
            i += value.data[i] == quote;
        }
        value = (sb_str){copy, size};
    }
    lx->at++;
    if (kind == SB_TOKEN_QUOTED && value.size == 0) {
        return sb_sql_error(lx->err, SB_SQL_BAD_TOKEN, begin, lx->at, "quoted name is empty");
    }
    if (kind == SB_TOKEN_QUOTED && memchr(value.data, '\0', value.size) != NULL) {
        return sb_sql_error(lx->err, SB_SQL_BAD_TOKEN, begin, lx->at,
                            "quoted name holds a zero byte");
    }
    return lexer_add(lx, kind, begin, value);
}

/* The escape character behind UESCAPE, if the word follows. */
static sb_status
lexer_escape(lexer *lx, char *out)
{
    int32_t at = lx->at, begin;
    sb_str escape;

    *out = '\\';
    while (at < lx->end && memchr(" \t\r\n", lx->text[at], 4) != NULL) {
        at++;
    }
    if (lx->end - at < 8 || !sb_str_equal_nocase((sb_str){lx->text + at, 7}, SB_STR("UESCAPE")) ||
        lexer_is_name_part(lx->text[at + 7])) {
        return SB_OK;
    }
    at += 7;
    while (at < lx->end && memchr(" \t\r\n", lx->text[at], 4) != NULL) {
        at++;
    }
    begin = at;
    if (at >= lx->end || lx->text[at] != '\'') {
        return sb_sql_error(lx->err, SB_SQL_SYNTAX, at, at + 1,
                            "UESCAPE needs a character between quotes");
    }
    lx->at = at;
    SB_TRY(lexer_quoted(lx, SB_TOKEN_STRING, '\'', begin), lx->err);
    escape = lx->tokens[--lx->count].value;
    if (!sb_sql_is_escape(escape)) {
        return sb_sql_error(lx->err, SB_SQL_BAD_LITERAL, begin, lx->at,
                            "UESCAPE takes one character, which is no hexadecimal digit, blank, "
                            "plus sign or double quote");
    }
    *out = escape.data[0];
    return SB_OK;
}

/* U&'d\0061t' and U&'d!0061t' UESCAPE '!' */
static sb_status
lexer_unicode(lexer *lx, int32_t begin)
{
    sb_str text;
    char escape;

    lx->at += 2;
    SB_TRY(lexer_quoted(lx, SB_TOKEN_STRING, '\'', begin), lx->err);
    text = lx->tokens[--lx->count].value;
    SB_TRY(lexer_escape(lx, &escape), lx->err);
    if (!sb_sql_unescape(lx->arena, text, escape, &text)) {
        return sb_sql_error(lx->err, SB_SQL_BAD_LITERAL, begin, lx->at,
                            "an escape of U&'' is %c and four hexadecimal digits, or %c%c", escape,
                            escape, escape);
    }
    if (text.data == NULL) {
        SB_NOMEM(lx->err);
    }
    return lexer_add(lx, SB_TOKEN_STRING, begin, text);
}

static sb_status
lexer_number(lexer *lx)
{
    int32_t begin = lx->at;
    sb_token_kind kind = SB_TOKEN_INTEGER;

    while (lexer_is_digit(lexer_peek(lx, 0))) {
        lx->at++;
    }
    if (lexer_peek(lx, 0) == '.' && (lexer_is_digit(lexer_peek(lx, 1)) || lx->at > begin)) {
        kind = SB_TOKEN_DECIMAL;
        lx->at++;
        while (lexer_is_digit(lexer_peek(lx, 0))) {
            lx->at++;
        }
    }
    if (lexer_peek(lx, 0) == 'e' || lexer_peek(lx, 0) == 'E') {
        int32_t sign = lexer_peek(lx, 1) == '+' || lexer_peek(lx, 1) == '-';

        if (lexer_is_digit(lexer_peek(lx, 1 + sign))) {
            kind = SB_TOKEN_DOUBLE;
            lx->at += 1 + sign;
            while (lexer_is_digit(lexer_peek(lx, 0))) {
                lx->at++;
            }
        }
    }
    if (lexer_is_name_start(lexer_peek(lx, 0))) {
        do {
            lx->at++;
        } while (lexer_is_name_start(lexer_peek(lx, 0)) || lexer_is_digit(lexer_peek(lx, 0)));
        return sb_sql_error(lx->err, SB_SQL_BAD_TOKEN, begin, lx->at,
                            "number \"%.*s\" runs into a word",
                            lx->at - begin > 60 ? 60 : (int)(lx->at - begin), lx->text + begin);
    }
    return lexer_add(lx, kind, begin, (sb_str){lx->text + begin, (size_t)(lx->at - begin)});
}

static sb_status
lexer_word(lexer *lx)
{
    int32_t begin = lx->at;
    char c = lexer_peek(lx, 0);

    if ((c == 'x' || c == 'X') && lexer_peek(lx, 1) == '\'') {
        lx->at++;
        return lexer_quoted(lx, SB_TOKEN_BINARY, '\'', begin);
    }
    if ((c == 'n' || c == 'N') && lexer_peek(lx, 1) == '\'') {
        lx->at++;
        return lexer_quoted(lx, SB_TOKEN_STRING, '\'', begin);
    }
    if ((c == 'e' || c == 'E') && lexer_peek(lx, 1) == '\'') {
        sb_status status = sb_sql_error(lx->err, SB_SQL_UNSUPPORTED, begin, begin + 2,
                                        "not supported: E'' string with C escapes");

        sb_error_hint(lx->err, "write the characters themselves between plain quotes");
        return status;
    }
    if ((c == 'u' || c == 'U') && lexer_peek(lx, 1) == '&' && lexer_peek(lx, 2) == '\'') {
        return lexer_unicode(lx, begin);
    }
    while (lexer_is_name_part(lexer_peek(lx, 0))) {
        lx->at++;
    }
    return lexer_add(lx, SB_TOKEN_NAME, begin,
                     (sb_str){lx->text + begin, (size_t)(lx->at - begin)});
}

static sb_status
lexer_comment(lexer *lx, int32_t begin, bool line)
{
    int32_t end = lx->at, before = begin;

    if (!lx->want_comments) {
        return SB_OK;
    }
    if (lx->count_comments == lx->capacity_comments) {
        int32_t capacity = lx->capacity_comments == 0 ? 16 : lx->capacity_comments * 2;
        sb_comment *grown = SB_NEW_ARRAY(lx->arena, sb_comment, capacity);

        if (grown == NULL) {
            SB_NOMEM(lx->err);
        }
        if (lx->count_comments > 0) {
            memcpy(grown, lx->comments, sizeof(sb_comment) * (size_t)lx->count_comments);
        }
        lx->comments = grown;
        lx->capacity_comments = capacity;
    }
    while (before > 0 && (lx->text[before - 1] == ' ' || lx->text[before - 1] == '\t')) {
        before--;
    }
    while (line && end > begin &&
           (lx->text[end - 1] == '\r' || lx->text[end - 1] == ' ' || lx->text[end - 1] == '\t')) {
        end--;
    }
    lx->comments[lx->count_comments++] =
        (sb_comment){.begin = begin,
                     .end = end,
                     .line = line,
                     .trailing = before > 0 && lx->text[before - 1] != '\n'};
    return SB_OK;
}

/* A block comment or a hint; the cursor is on its first mark. */
static sb_status
lexer_block(lexer *lx)
{
    int32_t begin = lx->at;
    bool hint = lexer_peek(lx, 2) == '+';

    lx->at += 2;
    while (lx->at < lx->end && !(lx->text[lx->at] == '*' && lexer_peek(lx, 1) == '/')) {
        lx->at++;
    }
    if (lx->at >= lx->end) {
        return sb_sql_error(lx->err, SB_SQL_BAD_TOKEN, begin, begin + 2, "comment is not closed");
    }
    lx->at += 2;
    if (hint) {
        return lexer_add(lx, SB_TOKEN_HINT, begin,
                         (sb_str){lx->text + begin + 3, (size_t)(lx->at - begin - 5)});
    }
    return lexer_comment(lx, begin, false);
}

static sb_status
lexer_line_comment(lexer *lx)
{
    int32_t begin = lx->at;

    while (lx->at < lx->end && lx->text[lx->at] != '\n') {
        lx->at++;
    }
    return lexer_comment(lx, begin, true);
}

static sb_status
lexer_symbol(lexer *lx)
{
    static const char *const pairs[] = {"<>", "!=", "<=", ">=", "||", "=>", "->"};
    int32_t begin = lx->at;
    char c = lexer_peek(lx, 0);

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (c == pairs[i][0] && lexer_peek(lx, 1) == pairs[i][1]) {
            lx->at += 2;
            return lexer_add(lx, SB_TOKEN_SYMBOL, begin, sb_str_of(pairs[i]));
        }
    }
    if (c != '\0' && strchr("+-*/%=<>()[]{},.;:?|^$", c) != NULL) {
        lx->at++;
        return lexer_add(lx, SB_TOKEN_SYMBOL, begin, (sb_str){lx->text + begin, 1});
    }
    if (c == '"') {
        sb_status status =
            sb_sql_error(lx->err, SB_SQL_BAD_TOKEN, begin, begin + 1, "unexpected character '\"'");

        sb_error_hint(lx->err, "strings stand in single quotes, names in back-ticks");
        return status;
    }
    if ((unsigned char)c < 0x20 || c == 0x7F) {
        return sb_sql_error(lx->err, SB_SQL_BAD_TOKEN, begin, begin + 1,
                            "unexpected control character 0x%02x", (unsigned char)c);
    }
    return sb_sql_error(lx->err, SB_SQL_BAD_TOKEN, begin, begin + 1, "unexpected character '%c'",
                        c);
}

static sb_status
lexer_one(lexer *lx)
{
    char c = lexer_peek(lx, 0);

    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        lx->at++;
        return SB_OK;
    }
    if ((c == '-' && lexer_peek(lx, 1) == '-') || (c == '/' && lexer_peek(lx, 1) == '/')) {
        return lexer_line_comment(lx);
    }
    if (c == '/' && lexer_peek(lx, 1) == '*') {
        return lexer_block(lx);
    }
    if (c == '\'') {
        return lexer_quoted(lx, SB_TOKEN_STRING, '\'', lx->at);
    }
    if (c == '`') {
        return lexer_quoted(lx, SB_TOKEN_QUOTED, '`', lx->at);
    }
    if (lexer_is_digit(c) || (c == '.' && lexer_is_digit(lexer_peek(lx, 1)))) {
        /* After a name or a bracket the point is an access: t.1 is no number. */
        return lexer_number(lx);
    }
    if (lexer_is_name_start(c)) {
        return lexer_word(lx);
    }
    return lexer_symbol(lx);
}

/* Keeps the error and makes what was wrong a token; the cursor moves on. */
static sb_status
lexer_bad(lexer *lx, int32_t begin, sb_sql_errors *errors)
{
    if (!sb_sql_errors_add(errors, lx->err)) {
        return lx->err->status;
    }
    sb_error_clear(lx->err);
    if (lx->at == begin) {
        lx->at++;
    }
    if (lx->at > lx->end) {
        lx->at = lx->end;
    }
    return lexer_add(lx, SB_TOKEN_BAD, begin, (sb_str){lx->text + begin, (size_t)(lx->at - begin)});
}

static sb_status
lexer_all(lexer *lx, sb_sql_errors *errors)
{
    int32_t end = lx->end;

    /* A byte order mark at the start of a file means nothing. */
    if (end - lx->at >= 3 && memcmp(lx->text + lx->at, "\xEF\xBB\xBF", 3) == 0) {
        lx->at += 3;
    }
    while (lx->at < end) {
        int32_t begin = lx->at;
        sb_status status = lexer_one(lx);

        if (status != SB_OK && (errors == NULL || status == SB_STATUS_NOMEM)) {
            return status;
        }
        if (status != SB_OK) {
            SB_TRY(lexer_bad(lx, begin, errors), lx->err);
        }
    }
    SB_TRY(lexer_add(lx, SB_TOKEN_END, end, SB_STR("")), lx->err);
    lx->tokens[lx->count - 1].end = end;
    return SB_OK;
}

sb_status
sb_lex_all(sb_arena *arena, const char *text, int32_t begin, int32_t end, sb_token **out,
           int32_t *out_count, sb_sql_errors *errors, sb_error *err)
{
    lexer lx = {.arena = arena, .text = text, .at = begin, .end = end, .err = err};

    SB_TRY(lexer_all(&lx, errors), err);
    *out = lx.tokens;
    *out_count = lx.count;
    return SB_OK;
}

sb_status
sb_lex(sb_arena *arena, const char *text, int32_t begin, int32_t end, sb_token **out,
       int32_t *out_count, sb_error *err)
{
    return sb_lex_all(arena, text, begin, end, out, out_count, NULL, err);
}

sb_status
sb_lex_comments(sb_arena *arena, const char *text, int32_t size, sb_comment **out,
                int32_t *out_count, sb_error *err)
{
    lexer lx = {.arena = arena, .text = text, .end = size, .want_comments = true, .err = err};

    SB_TRY(lexer_all(&lx, NULL), err);
    *out = lx.comments;
    *out_count = lx.count_comments;
    return SB_OK;
}
