/*
 * sql/parse_from.c -- what stands behind FROM: tables with hints, subqueries, window functions,
 * joins.
 *
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "sql/parser.h"

static sb_ast_from *
from_new(sb_parser *p, sb_ast_from_kind kind)
{
    sb_ast_from *from = SB_NEW(p->arena, sb_ast_from);

    if (from != NULL) {
        from->kind = kind;
        from->begin = sb_parse_peek(p, 0)->begin;
    }
    return from;
}

/* ---- hints ---- */

static sb_status
from_hint(sb_parser *p, const sb_token *hint, sb_options *out)
{
    sb_parser inner = *p;
    sb_token *tokens;

    SB_TRY(sb_lex(p->arena, p->text, hint->begin + 3, hint->end - 2, &tokens, &inner.count, p->err),
           p->err);
    inner.tokens = tokens;
    inner.at = 0;
    while (sb_parse_peek(&inner, 0)->kind != SB_TOKEN_END) {
        if (sb_parse_is_word(&inner, 0, "OPTIONS")) {
            if (out->count > 0) {
                return sb_parse_fail(&inner, "one OPTIONS hint only");
            }
            inner.at++;
            SB_TRY(sb_parse_options(&inner, out), p->err);
        } else {
            char name[64];
            const sb_token *token = sb_parse_peek(&inner, 0);

            if (token->kind != SB_TOKEN_NAME) {
                return sb_parse_fail(&inner, "a hint such as OPTIONS('key' = 'value')");
            }
            snprintf(name, sizeof(name), "hint %.*s",
                     (int)(token->value.size < 40 ? token->value.size : 40), token->value.data);
            return sb_parse_unsupported(&inner, 1, name);
        }
        (void)sb_parse_take_symbol(&inner, ",");
    }
    return SB_OK;
}

sb_status
sb_parse_hints(sb_parser *p, sb_options *out)
{
    while (sb_parse_peek(p, 0)->kind == SB_TOKEN_HINT) {
        SB_TRY(from_hint(p, sb_parse_peek(p, 0), out), p->err);
        p->at++;
    }
    return SB_OK;
}

/* ---- one relation ---- */

static sb_status
from_alias(sb_parser *p, sb_ast_from *from)
{
    const sb_token *token = sb_parse_peek(p, 0);

    if (sb_parse_take_word(p, "AS")) {
        SB_TRY(sb_parse_name(p, "a name after AS", &from->alias), p->err);
    } else if (token->kind == SB_TOKEN_QUOTED ||
               (token->kind == SB_TOKEN_NAME && !sb_sql_is_reserved(token->value))) {
        SB_TRY(sb_parse_name(p, "a name", &from->alias), p->err);
    }
    if (from->alias.text != NULL && sb_parse_is_symbol(p, 0, "(")) {
        SB_TRY(sb_parse_names(p, "a name of a column", &from->columns, &from->count_columns),
               p->err);
    }
    if (sb_parse_is_word(p, 0, "MATCH_RECOGNIZE")) {
        return sb_parse_unsupported(p, 1, "MATCH_RECOGNIZE");
    }
    if (sb_parse_is_word(p, 0, "TABLESAMPLE")) {
        return sb_parse_unsupported(p, 1, "TABLESAMPLE");
    }
    from->end = sb_parse_last_end(p);
    return SB_OK;
}

static sb_status
from_table(sb_parser *p, sb_ast_from **out)
{
    sb_ast_from *from = from_new(p, SB_AST_FROM_TABLE);

    if (from == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_path(p, "a name of a table", &from->path), p->err);
    SB_TRY(sb_parse_hints(p, &from->hints), p->err);
    if (sb_parse_is_word(p, 0, "FOR") &&
        (sb_parse_is_word(p, 1, "SYSTEM_TIME") || sb_parse_is_word(p, 1, "SYSTEM"))) {
        return sb_parse_unsupported(p, sb_parse_is_word(p, 1, "SYSTEM") ? 3 : 2,
                                    "FOR SYSTEM_TIME AS OF (temporal and lookup join)");
    }
    if (sb_parse_is_symbol(p, 0, "(")) {
        return sb_sql_error(p->err, SB_SQL_UNSUPPORTED, from->path.begin, from->path.end,
                            "not supported: table function %s",
                            from->path.parts[from->path.count - 1].text);
    }
    from->end = sb_parse_last_end(p);
    *out = from;
    return SB_OK;
}

static sb_status
from_query(sb_parser *p, sb_ast_from **out)
{
    sb_ast_from *from = from_new(p, SB_AST_FROM_QUERY);

    if (from == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    SB_TRY(sb_parse_query(p, &from->query), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    from->end = sb_parse_last_end(p);
    *out = from;
    return SB_OK;
}

/* ---- windowing table functions ---- */

enum { ARG_DATA, ARG_TIMECOL, ARG_SLIDE, ARG_SIZE, ARG_OFFSET, ARG_COUNT };

static sb_status
window_data(sb_parser *p, sb_ast_from *from)
{
    if (sb_parse_take_word(p, "TABLE") && !sb_parse_is_symbol(p, 0, "(")) {
        SB_TRY(from_table(p, &from->left), p->err);
    } else if (sb_parse_is_symbol(p, 0, "(") && sb_parse_is_query(p, 1)) {
        SB_TRY(from_query(p, &from->left), p->err);
    } else {
        return sb_parse_fail(p, "TABLE and a name");
    }
    if (sb_parse_is_word(p, 0, "PARTITION")) {
        return sb_parse_unsupported(p, 2, "PARTITION BY in a window function");
    }
    return SB_OK;
}

static sb_status
window_descriptor(sb_parser *p, sb_ast_from *from)
{
    SB_TRY(sb_parse_want_word(p, "DESCRIPTOR"), p->err);
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    SB_TRY(sb_parse_name(p, "a name of a column", &from->time), p->err);
    if (sb_parse_is_symbol(p, 0, ",")) {
        return sb_parse_fail(p, "one time column");
    }
    return sb_parse_want_symbol(p, ")");
}

static sb_status
window_argument(sb_parser *p, sb_ast_from *from, int argument)
{
    switch (argument) {
    case ARG_DATA: return window_data(p, from);
    case ARG_TIMECOL: return window_descriptor(p, from);
    case ARG_SLIDE: return sb_parse_expr(p, &from->slide);
    case ARG_SIZE: return sb_parse_expr(p, &from->size);
    default: return sb_parse_expr(p, &from->offset);
    }
}

static sb_status
window_named(sb_parser *p, sb_ast_from *from, bool *seen)
{
    static const char *const names[ARG_COUNT] = {"DATA", "TIMECOL", "SLIDE", "SIZE", "OFFSET"};
    int argument = 0;

    while (argument < ARG_COUNT && !sb_parse_is_word(p, 0, names[argument])) {
        argument++;
    }
    if (argument == ARG_COUNT || (argument == ARG_SLIDE && !from->hop)) {
        return sb_parse_fail(p, from->hop ? "DATA, TIMECOL, SLIDE, SIZE or OFFSET"
                                          : "DATA, TIMECOL, SIZE or OFFSET");
    }
    if (seen[argument]) {
        return sb_sql_error(p->err, SB_SQL_SYNTAX, sb_parse_peek(p, 0)->begin,
                            sb_parse_peek(p, 0)->end, "argument %s is there twice",
                            names[argument]);
    }
    p->at += 2;
    seen[argument] = true;
    return window_argument(p, from, argument);
}

/* TUMBLE( ... ) or HOP( ... ): the cursor is on the name */
static sb_status
from_window(sb_parser *p, sb_ast_from **out)
{
    static const int hop_order[] = {ARG_DATA, ARG_TIMECOL, ARG_SLIDE, ARG_SIZE, ARG_OFFSET};
    static const int tumble_order[] = {ARG_DATA, ARG_TIMECOL, ARG_SIZE, ARG_OFFSET};
    sb_ast_from *from = from_new(p, SB_AST_FROM_WINDOW);
    bool seen[ARG_COUNT] = {false};
    bool named;
    int position = 0;

    if (from == NULL) {
        SB_NOMEM(p->err);
    }
    from->hop = sb_parse_is_word(p, 0, "HOP");
    p->at += 2;
    named = sb_parse_peek(p, 0)->kind == SB_TOKEN_NAME && sb_parse_is_symbol(p, 1, "=>");
    do {
        if (named) {
            SB_TRY(window_named(p, from, seen), p->err);
        } else if (position >= (from->hop ? 5 : 4)) {
            return sb_parse_fail(p, "\")\"");
        } else {
            int argument = from->hop ? hop_order[position] : tumble_order[position];

            position++;
            seen[argument] = true;
            SB_TRY(window_argument(p, from, argument), p->err);
        }
    } while (sb_parse_take_symbol(p, ","));
    if (!seen[ARG_DATA] || !seen[ARG_TIMECOL] || !seen[ARG_SIZE] ||
        (from->hop && !seen[ARG_SLIDE])) {
        sb_status status = sb_parse_fail(p, "more arguments");

        sb_error_hint(p->err, from->hop ? "HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, "
                                          "INTERVAL '10' MINUTE): slide, then size"
                                        : "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTE)");
        return status;
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    from->end = sb_parse_last_end(p);
    *out = from;
    return SB_OK;
}

static bool
from_is_window(const sb_parser *p)
{
    return (sb_parse_is_word(p, 0, "TUMBLE") || sb_parse_is_word(p, 0, "HOP")) &&
           sb_parse_is_symbol(p, 1, "(");
}

static sb_status
from_refuse(sb_parser *p)
{
    static const char *const windows[] = {"CUMULATE", "SESSION"};

    for (int i = 0; i < 2; i++) {
        if (sb_parse_is_word(p, 0, windows[i]) && sb_parse_is_symbol(p, 1, "(")) {
            return sb_parse_unsupported(p, 1, i == 0 ? "CUMULATE windows" : "SESSION windows");
        }
    }
    if (sb_parse_is_word(p, 0, "LATERAL")) {
        return sb_parse_unsupported(p, 1, "LATERAL");
    }
    if (sb_parse_is_word(p, 0, "UNNEST") && sb_parse_is_symbol(p, 1, "(")) {
        return sb_parse_unsupported(p, 1, "UNNEST");
    }
    return SB_OK;
}

static sb_status
from_primary(sb_parser *p, sb_ast_from **out)
{
    SB_TRY(from_refuse(p), p->err);
    if (sb_parse_is_word(p, 0, "TABLE") && sb_parse_is_symbol(p, 1, "(")) {
        p->at += 2;
        SB_TRY(from_refuse(p), p->err);
        if (!from_is_window(p)) {
            if (sb_parse_is_symbol(p, 1, "(") && sb_parse_peek(p, 0)->kind == SB_TOKEN_NAME) {
                char name[80];
                const sb_token *token = sb_parse_peek(p, 0);

                snprintf(name, sizeof(name), "table function %.*s",
                         (int)(token->value.size < 40 ? token->value.size : 40), token->value.data);
                return sb_parse_unsupported(p, 1, name);
            }
            return sb_parse_fail(p, "TUMBLE or HOP");
        }
        SB_TRY(from_window(p, out), p->err);
        SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    } else if (from_is_window(p)) {
        SB_TRY(from_window(p, out), p->err);
    } else if (sb_parse_is_symbol(p, 0, "(") && sb_parse_is_query(p, 1)) {
        SB_TRY(from_query(p, out), p->err);
    } else if (sb_parse_take_symbol(p, "(")) {
        SB_TRY(sb_parse_enter(p), p->err);
        SB_TRY(sb_parse_from(p, out), p->err);
        sb_parse_leave(p);
        return sb_parse_want_symbol(p, ")");
    } else {
        SB_TRY(from_table(p, out), p->err);
    }
    return from_alias(p, *out);
}

/* ---- joins ---- */

static sb_status
join_refuse(sb_parser *p)
{
    static const char *const outer[] = {"LEFT", "RIGHT", "FULL"};

    for (int i = 0; i < 3; i++) {
        if (sb_parse_is_word(p, 0, outer[i])) {
            char name[32];
            int32_t words = 2 + sb_parse_is_word(p, 1, "OUTER");

            words += sb_parse_is_word(p, 1, "SEMI") || sb_parse_is_word(p, 1, "ANTI");
            snprintf(name, sizeof(name), "%s JOIN", outer[i]);
            return sb_parse_unsupported(p, words, name);
        }
    }
    if (sb_parse_is_word(p, 0, "NATURAL")) {
        return sb_parse_unsupported(p, 1, "NATURAL JOIN");
    }
    return SB_OK;
}

static sb_status
join_step(sb_parser *p, sb_ast_from **left, bool cross)
{
    sb_ast_from *join = from_new(p, SB_AST_FROM_JOIN);

    if (join == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_enter(p),
           p->err); /* left when the whole FROM is read: a chain is as deep as it is long */
    join->left = *left;
    join->begin = (*left)->begin;
    SB_TRY(from_primary(p, &join->right), p->err);
    if (!cross) {
        if (sb_parse_is_word(p, 0, "USING")) {
            return sb_parse_unsupported(p, 1, "JOIN USING");
        }
        SB_TRY(sb_parse_want_word(p, "ON"), p->err);
        SB_TRY(sb_parse_expr(p, &join->condition), p->err);
    }
    join->end = sb_parse_last_end(p);
    *left = join;
    return SB_OK;
}

/* a JOIN b ON ... CROSS JOIN c */
static sb_status
from_joins(sb_parser *p, sb_ast_from **out)
{
    SB_TRY(from_primary(p, out), p->err);
    for (;;) {
        SB_TRY(join_refuse(p), p->err);
        if (sb_parse_take_words(p, "CROSS JOIN")) {
            SB_TRY(join_step(p, out, true), p->err);
        } else if (sb_parse_take_words(p, "INNER JOIN") || sb_parse_take_word(p, "JOIN")) {
            SB_TRY(join_step(p, out, false), p->err);
        } else {
            return SB_OK;
        }
    }
}

sb_status
sb_parse_from(sb_parser *p, sb_ast_from **out)
{
    int32_t depth = p->depth;

    SB_TRY(from_joins(p, out), p->err);
    while (sb_parse_take_symbol(p, ",")) {
        sb_ast_from *join = from_new(p, SB_AST_FROM_JOIN);

        if (join == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_enter(p), p->err);
        join->left = *out;
        join->begin = join->left->begin;
        SB_TRY(from_joins(p, &join->right), p->err);
        join->end = sb_parse_last_end(p);
        *out = join;
    }
    p->depth = depth;
    return SB_OK;
}
