/*
 * sql/parse_hint.c -- hints: the text between the marks of a hint comment.
 *
 * DESIGN     A hint is one token; its inside is cut into tokens of its own. OPTIONS goes into the
 *            options of the table; every other hint is kept with its arguments as written.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/parser.h"

typedef struct hint_argument {
    sb_ast_name key;
    const char *value;
    bool quoted;
} hint_argument;

/* a, 'a', 12, 'k' = 'v', k = v */
static sb_status
hint_argument_one(sb_parser *p, hint_argument *out)
{
    const sb_token *token = sb_parse_peek(p, 0);

    if (token->kind != SB_TOKEN_NAME && token->kind != SB_TOKEN_QUOTED &&
        token->kind != SB_TOKEN_STRING && token->kind != SB_TOKEN_INTEGER) {
        return sb_parse_fail(p, "an argument of a hint");
    }
    out->quoted = token->kind == SB_TOKEN_STRING;
    out->key.begin = token->begin;
    out->key.end = token->end;
    out->key.text = sb_arena_strndup(p->arena, token->value.data, token->value.size);
    if (out->key.text == NULL) {
        SB_NOMEM(p->err);
    }
    p->at++;
    while (!out->quoted && sb_parse_take_symbol(p, ".")) {
        sb_ast_name part;

        SB_TRY(sb_parse_name(p, "a name after \".\"", &part), p->err);
        out->key.text = sb_arena_printf(p->arena, "%s.%s", out->key.text, part.text);
        out->key.end = part.end;
        if (out->key.text == NULL) {
            SB_NOMEM(p->err);
        }
    }
    if (sb_parse_take_symbol(p, "=")) {
        return sb_parse_string(p, "a quoted value", &out->value);
    }
    return SB_OK;
}

static sb_status
hint_arguments(sb_parser *p, sb_ast_hint *hint)
{
    sb_parse_list list = {0};

    if (!sb_parse_take_symbol(p, "(")) {
        return SB_OK;
    }
    if (!sb_parse_is_symbol(p, 0, ")")) {
        do {
            hint_argument *argument = SB_NEW(p->arena, hint_argument);

            if (argument == NULL) {
                SB_NOMEM(p->err);
            }
            SB_TRY(hint_argument_one(p, argument), p->err);
            SB_TRY(sb_parse_list_add(p, &list, argument), p->err);
        } while (sb_parse_take_symbol(p, ","));
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    hint->count = list.count;
    hint->keys = SB_NEW_ARRAY(p->arena, sb_ast_name, list.count + 1);
    hint->values = SB_NEW_ARRAY(p->arena, const char *, list.count + 1);
    hint->quoted = SB_NEW_ARRAY(p->arena, bool, list.count + 1);
    if (hint->keys == NULL || hint->values == NULL || hint->quoted == NULL) {
        SB_NOMEM(p->err);
    }
    for (int32_t i = 0; i < list.count; i++) {
        const hint_argument *argument = list.at[i];

        hint->keys[i] = argument->key;
        hint->values[i] = argument->value;
        hint->quoted[i] = argument->quoted;
    }
    return SB_OK;
}

static sb_status
hint_one(sb_parser *p, sb_options *options, sb_parse_list *others)
{
    const sb_token *token = sb_parse_peek(p, 0);
    sb_ast_hint *hint;

    if (options != NULL && sb_parse_is_word(p, 0, "OPTIONS")) {
        if (options->at != NULL) {
            return sb_parse_fail(p, "one OPTIONS hint only");
        }
        p->at++;
        return sb_parse_options(p, options);
    }
    if (token->kind != SB_TOKEN_NAME) {
        return sb_parse_fail(p, "a hint such as OPTIONS('key' = 'value')");
    }
    if (sb_parse_is_word(p, 0, "OPTIONS")) {
        return sb_sql_error(p->err, SB_SQL_SYNTAX, token->begin, token->end,
                            "the hint OPTIONS belongs behind the name of a table");
    }
    hint = SB_NEW(p->arena, sb_ast_hint);
    if (hint == NULL) {
        SB_NOMEM(p->err);
    }
    hint->name.begin = token->begin;
    hint->name.end = token->end;
    hint->name.text = sb_arena_strndup(p->arena, token->value.data, token->value.size);
    if (hint->name.text == NULL) {
        SB_NOMEM(p->err);
    }
    p->at++;
    SB_TRY(hint_arguments(p, hint), p->err);
    return sb_parse_list_add(p, others, hint);
}

static sb_status
hint_token(sb_parser *p, const sb_token *hint, sb_options *options, sb_parse_list *others)
{
    sb_parser inner = *p;
    sb_token *tokens;

    SB_TRY(sb_lex(p->arena, p->text, hint->begin + 3, hint->end - 2, &tokens, &inner.count, p->err),
           p->err);
    inner.tokens = tokens;
    inner.at = 0;
    while (sb_parse_peek(&inner, 0)->kind != SB_TOKEN_END) {
        SB_TRY(hint_one(&inner, options, others), p->err);
        (void)sb_parse_take_symbol(&inner, ",");
    }
    return SB_OK;
}

sb_status
sb_parse_hints(sb_parser *p, sb_options *options, sb_ast_hint **out, int32_t *out_count)
{
    sb_parse_list others = {0};

    while (sb_parse_peek(p, 0)->kind == SB_TOKEN_HINT) {
        SB_TRY(hint_token(p, sb_parse_peek(p, 0), options, &others), p->err);
        p->at++;
    }
    SB_PARSE_COPY(p, &others, sb_ast_hint, out, out_count);
    return SB_OK;
}
