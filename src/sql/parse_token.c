/*
 * sql/parse_token.c -- the cursor of the parser, names, lists and the messages of what was
 * expected.
 *
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "sql/parser.h"

const sb_token *
sb_parse_peek(const sb_parser *p, int32_t ahead)
{
    int32_t at = p->at + ahead;

    return &p->tokens[at < p->count ? at : p->count - 1];
}

bool
sb_parse_is_word(const sb_parser *p, int32_t ahead, const char *word)
{
    const sb_token *token = sb_parse_peek(p, ahead);

    return token->kind == SB_TOKEN_NAME && sb_str_equal_nocase(token->value, sb_str_of(word));
}

bool
sb_parse_is_symbol(const sb_parser *p, int32_t ahead, const char *symbol)
{
    const sb_token *token = sb_parse_peek(p, ahead);

    return token->kind == SB_TOKEN_SYMBOL && sb_str_equal(token->value, sb_str_of(symbol));
}

bool
sb_parse_take_word(sb_parser *p, const char *word)
{
    if (!sb_parse_is_word(p, 0, word)) {
        return false;
    }
    p->at++;
    return true;
}

bool
sb_parse_take_symbol(sb_parser *p, const char *symbol)
{
    if (!sb_parse_is_symbol(p, 0, symbol)) {
        return false;
    }
    p->at++;
    return true;
}

/* How many words; 0: they are not there. */
static int32_t
parse_words(const sb_parser *p, const char *words)
{
    int32_t count = 0;

    while (*words != '\0') {
        const sb_token *token = sb_parse_peek(p, count);
        sb_str word = {words, strcspn(words, " ")};

        if (token->kind != SB_TOKEN_NAME || !sb_str_equal_nocase(token->value, word)) {
            return 0;
        }
        count++;
        words += word.size;
        words += strspn(words, " ");
    }
    return count;
}

bool
sb_parse_is_words(const sb_parser *p, const char *words)
{
    return parse_words(p, words) > 0;
}

bool
sb_parse_take_words(sb_parser *p, const char *words)
{
    int32_t count = parse_words(p, words);

    p->at += count;
    return count > 0;
}

int32_t
sb_parse_last_end(const sb_parser *p)
{
    return p->at > 0 ? p->tokens[p->at - 1].end : 0;
}

static void
parse_describe(const sb_parser *p, const sb_token *token, char *out, size_t size)
{
    int length = token->end - token->begin;

    if (token->kind == SB_TOKEN_END) {
        snprintf(out, size, "end of input");
    } else if (token->kind == SB_TOKEN_HINT) {
        snprintf(out, size, "a hint");
    } else if (length > 40) {
        int cut = 37;

        while (cut > 0 && ((unsigned char)p->text[token->begin + cut] & 0xC0) == 0x80) {
            cut--;
        }
        snprintf(out, size, "\"%.*s...\"", cut, p->text + token->begin);
    } else {
        snprintf(out, size, "\"%.*s\"", length, p->text + token->begin);
    }
}

sb_status
sb_parse_fail(sb_parser *p, const char *expected)
{
    const sb_token *token = sb_parse_peek(p, 0);
    char found[64];
    sb_status status;

    parse_describe(p, token, found, sizeof(found));
    status = sb_sql_error(p->err, SB_SQL_SYNTAX, token->begin, token->end, "expected %s, found %s",
                          expected, found);
    if (token->kind == SB_TOKEN_NAME && sb_sql_is_reserved(token->value) &&
        (strncmp(expected, "a name", 6) == 0 ||
         (strcmp(expected, "an expression") == 0 && !sb_sql_is_keyword(token->value)))) {
        sb_error_hint(p->err, "%.*s is a keyword: write `%.*s` to use it as a name",
                      (int)token->value.size, token->value.data, (int)token->value.size,
                      token->value.data);
    }
    return status;
}

sb_status
sb_parse_unsupported(sb_parser *p, int32_t count_tokens, const char *name)
{
    return sb_sql_error(p->err, SB_SQL_UNSUPPORTED, sb_parse_peek(p, 0)->begin,
                        sb_parse_peek(p, count_tokens - 1)->end, "not supported: %s", name);
}

sb_status
sb_parse_want_word(sb_parser *p, const char *word)
{
    return sb_parse_take_word(p, word) ? SB_OK : sb_parse_fail(p, word);
}

sb_status
sb_parse_want_symbol(sb_parser *p, const char *symbol)
{
    char expected[16];

    if (sb_parse_take_symbol(p, symbol)) {
        return SB_OK;
    }
    snprintf(expected, sizeof(expected), "\"%s\"", symbol);
    return sb_parse_fail(p, expected);
}

sb_status
sb_parse_enter(sb_parser *p)
{
    if (++p->depth > SB_PARSE_DEPTH_MAX) {
        const sb_token *token = sb_parse_peek(p, 0);

        return sb_sql_error(p->err, SB_SQL_TOO_DEEP, token->begin, token->end,
                            "nested more than %d levels deep", SB_PARSE_DEPTH_MAX);
    }
    return SB_OK;
}

sb_status
sb_parse_list_add(sb_parser *p, sb_parse_list *list, void *item)
{
    if (list->count == SB_PARSE_LIST_MAX) {
        const sb_token *token = sb_parse_peek(p, 0);

        return sb_sql_error(p->err, SB_SQL_TOO_DEEP, token->begin, token->end,
                            "list of more than %d elements", SB_PARSE_LIST_MAX);
    }
    if (list->count == list->capacity) {
        int32_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        void **grown = SB_NEW_ARRAY(p->arena, void *, capacity);

        if (grown == NULL) {
            SB_NOMEM(p->err);
        }
        if (list->count > 0) {
            memcpy(grown, list->at, sizeof(void *) * (size_t)list->count);
        }
        list->at = grown;
        list->capacity = capacity;
    }
    list->at[list->count++] = item;
    return SB_OK;
}

void *
sb_parse_list_copy(sb_parser *p, const sb_parse_list *list, size_t size)
{
    char *copy = sb_arena_alloc(p->arena, size * (size_t)(list->count + 1));

    for (int32_t i = 0; copy != NULL && i < list->count; i++) {
        memcpy(copy + size * (size_t)i, list->at[i], size);
    }
    return copy;
}

sb_status
sb_parse_name(sb_parser *p, const char *what, sb_ast_name *out)
{
    const sb_token *token = sb_parse_peek(p, 0);

    if (token->kind == SB_TOKEN_NAME && sb_sql_is_reserved(token->value)) {
        return sb_parse_fail(p, what);
    }
    return sb_parse_word(p, what, out);
}

sb_status
sb_parse_word(sb_parser *p, const char *what, sb_ast_name *out)
{
    const sb_token *token = sb_parse_peek(p, 0);

    if (token->kind != SB_TOKEN_QUOTED && token->kind != SB_TOKEN_NAME) {
        return sb_parse_fail(p, what);
    }
    out->text = sb_arena_strndup(p->arena, token->value.data, token->value.size);
    if (out->text == NULL) {
        SB_NOMEM(p->err);
    }
    out->begin = token->begin;
    out->end = token->end;
    p->at++;
    return SB_OK;
}

sb_status
sb_parse_single(sb_parser *p, const char *what, sb_ast_path *out)
{
    out->parts = SB_NEW(p->arena, sb_ast_name);
    if (out->parts == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_name(p, what, &out->parts[0]), p->err);
    out->count = 1;
    out->begin = out->parts[0].begin;
    out->end = out->parts[0].end;
    return SB_OK;
}

sb_status
sb_parse_path(sb_parser *p, const char *what, sb_ast_path *out)
{
    sb_ast_name parts[8];
    int32_t count = 0;

    SB_TRY(sb_parse_name(p, what, &parts[count++]), p->err);
    while (sb_parse_is_symbol(p, 0, ".")) {
        /* TABLES and VIEWS are reserved, and its tables have no other names. */
        bool information =
            sb_str_equal_nocase(sb_str_of(parts[count - 1].text), SB_STR("INFORMATION_SCHEMA"));

        p->at++;
        if (count == 8) {
            return sb_parse_fail(p, "a shorter name");
        }
        SB_TRY(
            (information ? sb_parse_word : sb_parse_name)(p, "a name after \".\"", &parts[count]),
            p->err);
        count++;
    }
    out->count = count;
    out->parts = sb_arena_memdup(p->arena, parts, sizeof(parts[0]) * (size_t)count);
    if (out->parts == NULL) {
        SB_NOMEM(p->err);
    }
    out->begin = parts[0].begin;
    out->end = parts[count - 1].end;
    return SB_OK;
}

sb_status
sb_parse_names(sb_parser *p, const char *what, sb_ast_name **out, int32_t *out_count)
{
    sb_parse_list list = {0};

    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    do {
        sb_ast_name *name = SB_NEW(p->arena, sb_ast_name);

        if (name == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_name(p, what, name), p->err);
        SB_TRY(sb_parse_list_add(p, &list, name), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_PARSE_COPY(p, &list, sb_ast_name, out, out_count);
    return SB_OK;
}

sb_status
sb_parse_string(sb_parser *p, const char *what, const char **out)
{
    const sb_token *token = sb_parse_peek(p, 0);

    if (token->kind != SB_TOKEN_STRING) {
        return sb_parse_fail(p, what);
    }
    if (token->value.size > 0 && memchr(token->value.data, '\0', token->value.size) != NULL) {
        return sb_sql_error(p->err, SB_SQL_BAD_TOKEN, token->begin, token->end,
                            "string with a zero byte");
    }
    *out = sb_arena_strndup(p->arena, token->value.data, token->value.size);
    if (*out == NULL) {
        SB_NOMEM(p->err);
    }
    p->at++;
    return SB_OK;
}

sb_status
sb_parse_options(sb_parser *p, sb_options *out)
{
    sb_parse_list list = {0};

    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    if (!sb_parse_is_symbol(p, 0, ")")) {
        do {
            sb_option *option = SB_NEW(p->arena, sb_option);

            if (option == NULL) {
                SB_NOMEM(p->err);
            }
            option->position = sb_parse_peek(p, 0)->begin;
            SB_TRY(sb_parse_string(p, "a quoted option name", &option->key), p->err);
            SB_TRY(sb_parse_want_symbol(p, "="), p->err);
            SB_TRY(sb_parse_string(p, "a quoted option value", &option->value), p->err);
            SB_TRY(sb_parse_list_add(p, &list, option), p->err);
        } while (sb_parse_take_symbol(p, ","));
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_PARSE_COPY(p, &list, sb_option, &out->at, &out->count);
    return SB_OK;
}

sb_status
sb_parse_with(sb_parser *p, sb_options *out, bool *out_has)
{
    if (!sb_parse_take_word(p, "WITH")) {
        return SB_OK;
    }
    *out_has = true;
    return sb_parse_options(p, out);
}

sb_status
sb_parse_alias(sb_parser *p, sb_ast_name *out)
{
    const sb_token *token = sb_parse_peek(p, 0);

    if (sb_parse_take_word(p, "AS")) {
        return sb_parse_name(p, "a name after AS", out);
    }
    if (token->kind == SB_TOKEN_QUOTED ||
        (token->kind == SB_TOKEN_NAME && !sb_sql_is_reserved(token->value))) {
        return sb_parse_name(p, "a name", out);
    }
    return SB_OK;
}

bool
sb_parse_if_exists(sb_parser *p)
{
    return sb_parse_take_words(p, "IF EXISTS");
}

bool
sb_parse_if_not_exists(sb_parser *p)
{
    return sb_parse_take_words(p, "IF NOT EXISTS");
}
