/*
 * sql/parse_from.c -- what stands behind FROM: tables, subqueries, functions, joins.
 *
 * DESIGN     A chain of joins counts as depth: the tree is as deep as the chain is long.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/parser.h"

sb_ast_from *
sb_parse_from_new(sb_parser *p, sb_ast_from_kind kind)
{
    sb_ast_from *from = SB_NEW(p->arena, sb_ast_from);

    if (from != NULL) {
        from->kind = kind;
        from->begin = sb_parse_peek(p, 0)->begin;
    }
    return from;
}

/* ---- one relation ---- */

static sb_status
from_alias(sb_parser *p, sb_ast_from *from)
{
    SB_TRY(sb_parse_alias(p, &from->alias), p->err);
    if (from->alias.text != NULL && sb_parse_is_symbol(p, 0, "(")) {
        SB_TRY(sb_parse_names(p, "a name of a column", &from->columns, &from->count_columns),
               p->err);
    }
    from->end = sb_parse_last_end(p);
    return SB_OK;
}

/* FOR SYSTEM_TIME AS OF x */
static sb_status
from_system_time(sb_parser *p, sb_ast_from *from)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;

    if (sb_parse_take_words(p, "FOR SYSTEM_TIME AS OF")) {
        from->word_begin = begin;
        from->word_end = sb_parse_last_end(p);
        return sb_parse_expr(p, &from->system_time);
    }
    return sb_parse_is_word(p, 0, "FOR") ? sb_parse_fail(p, "FOR SYSTEM_TIME AS OF") : SB_OK;
}

sb_status
sb_parse_table_name(sb_parser *p, sb_ast_from **out)
{
    sb_ast_from *from = sb_parse_from_new(p, SB_AST_FROM_TABLE);

    if (from == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_path(p, "a name of a table", &from->path), p->err);
    SB_TRY(sb_parse_hints(p, &from->hints, &from->other_hints, &from->count_other_hints), p->err);
    from->end = sb_parse_last_end(p);
    *out = from;
    return SB_OK;
}

/* 'x.csv': a file as a table */
static sb_status
from_file(sb_parser *p, sb_ast_from **out)
{
    sb_ast_from *from = sb_parse_from_new(p, SB_AST_FROM_TABLE);
    sb_ast_name *name = SB_NEW(p->arena, sb_ast_name);

    if (from == NULL || name == NULL) {
        SB_NOMEM(p->err);
    }
    name->begin = sb_parse_peek(p, 0)->begin;
    name->end = sb_parse_peek(p, 0)->end;
    SB_TRY(sb_parse_string(p, "a name of a file", &name->text), p->err);
    from->is_file = true;
    from->path = (sb_ast_path){.count = 1, .parts = name, .begin = name->begin, .end = name->end};
    SB_TRY(sb_parse_hints(p, &from->hints, &from->other_hints, &from->count_other_hints), p->err);
    from->end = sb_parse_last_end(p);
    *out = from;
    return SB_OK;
}

static sb_status
from_query(sb_parser *p, sb_ast_from **out)
{
    sb_ast_from *from = sb_parse_from_new(p, SB_AST_FROM_QUERY);

    if (from == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_query_brackets(p, &from->query), p->err);
    from->end = sb_parse_last_end(p);
    *out = from;
    return SB_OK;
}

/* UNNEST ( a, b ) [WITH ORDINALITY] */
static sb_status
from_unnest(sb_parser *p, sb_ast_from **out)
{
    sb_ast_from *from = sb_parse_from_new(p, SB_AST_FROM_UNNEST);

    if (from == NULL) {
        SB_NOMEM(p->err);
    }
    p->at += 2;
    SB_TRY(sb_parse_expr_list(p, &from->exprs, &from->count_exprs), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    from->ordinality = sb_parse_take_words(p, "WITH ORDINALITY");
    from->end = sb_parse_last_end(p);
    *out = from;
    return SB_OK;
}

/* TABLE ( f ( ... ) ) */
static sb_status
from_function(sb_parser *p, sb_ast_from **out)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;

    p->at += 2;
    SB_TRY(sb_parse_table_function(p, out), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    (*out)->bare = false;
    (*out)->begin = begin;
    return SB_OK;
}

/* Is a name with a bracket behind it at the cursor: f(, a.b.f( ? */
static bool
from_is_call(const sb_parser *p)
{
    int32_t at = 0;

    for (;;) {
        const sb_token *token = sb_parse_peek(p, at);

        if (token->kind != SB_TOKEN_NAME && token->kind != SB_TOKEN_QUOTED) {
            return false;
        }
        if (!sb_parse_is_symbol(p, at + 1, ".")) {
            return sb_parse_is_symbol(p, at + 1, "(");
        }
        at += 2;
    }
}

/* ( a JOIN b ON ... ) */
static sb_status
from_brackets(sb_parser *p, sb_ast_from **out)
{
    SB_TRY(sb_parse_enter(p), p->err);
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    SB_TRY(sb_parse_from(p, out), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    sb_parse_leave(p);
    if ((*out)->kind == SB_AST_FROM_JOIN) {
        (*out)->bracketed = true;
    }
    return SB_OK;
}

/* Does a query begin at the bracket, and not a join that begins with a query? */
static bool
from_is_query(const sb_parser *p)
{
    int32_t at = 0, depth = 0;

    if (!sb_parse_is_query(p, 0)) {
        return false;
    }
    if (!sb_parse_is_symbol(p, 1, "(")) {
        return true;
    }
    do { /* to the end of the inner bracket: an alias or a join behind it makes it a relation */
        at++;
        depth += sb_parse_is_symbol(p, at, "(") - sb_parse_is_symbol(p, at, ")");
        if (sb_parse_peek(p, at)->kind == SB_TOKEN_END) {
            return true;
        }
    } while (depth > 0);
    at++;
    return sb_parse_is_symbol(p, at, ")") || sb_parse_is_word(p, at, "UNION") ||
           sb_parse_is_word(p, at, "INTERSECT") || sb_parse_is_word(p, at, "EXCEPT") ||
           sb_parse_is_word(p, at, "MINUS") || sb_parse_is_word(p, at, "ORDER") ||
           sb_parse_is_word(p, at, "LIMIT") || sb_parse_is_word(p, at, "OFFSET") ||
           sb_parse_is_word(p, at, "FETCH");
}

sb_status
sb_parse_relation(sb_parser *p, sb_ast_from **out)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;
    bool lateral = sb_parse_take_word(p, "LATERAL");

    if (sb_parse_is_word(p, 0, "TABLE") && sb_parse_is_symbol(p, 1, "(")) {
        SB_TRY(from_function(p, out), p->err);
    } else if (sb_parse_is_word(p, 0, "UNNEST") && sb_parse_is_symbol(p, 1, "(")) {
        SB_TRY(from_unnest(p, out), p->err);
    } else if (sb_parse_is_symbol(p, 0, "(") && from_is_query(p)) {
        SB_TRY(from_query(p, out), p->err);
    } else if (lateral && !from_is_call(p)) {
        return sb_parse_fail(p, "TABLE( ... ), UNNEST( ... ) or a query in brackets");
    } else if (sb_parse_is_symbol(p, 0, "(")) {
        SB_TRY(from_brackets(p, out), p->err);
    } else if (sb_parse_peek(p, 0)->kind == SB_TOKEN_STRING) {
        SB_TRY(from_file(p, out), p->err);
    } else if (from_is_call(p)) {
        SB_TRY(sb_parse_table_function(p, out), p->err);
        (*out)->bare = true;
    } else {
        SB_TRY(sb_parse_table_name(p, out), p->err);
        SB_TRY(from_system_time(p, *out), p->err);
    }
    if (lateral) {
        (*out)->lateral = true;
        (*out)->word_begin = begin;
        (*out)->word_end = begin + 7;
        (*out)->begin = begin;
    }
    SB_TRY(sb_parse_from_suffix(p, out), p->err);
    if ((*out)->kind == SB_AST_FROM_JOIN) {
        return SB_OK;
    }
    SB_TRY(from_alias(p, *out), p->err);
    return sb_parse_from_suffix(p, out);
}

/* ---- joins ---- */

typedef struct join_words {
    const char *words;
    sb_ast_join join;
} join_words;

/* The kind of a join at the cursor, behind NATURAL; false: none. */
static bool
join_kind(sb_parser *p, sb_ast_join *out)
{
    static const join_words kinds[] = {
        {"CROSS JOIN", SB_AST_JOIN_CROSS}, {"INNER JOIN", SB_AST_JOIN_INNER},
        {"JOIN", SB_AST_JOIN_INNER},       {"LEFT OUTER JOIN", SB_AST_JOIN_LEFT},
        {"LEFT JOIN", SB_AST_JOIN_LEFT},   {"RIGHT OUTER JOIN", SB_AST_JOIN_RIGHT},
        {"RIGHT JOIN", SB_AST_JOIN_RIGHT}, {"FULL OUTER JOIN", SB_AST_JOIN_FULL},
        {"FULL JOIN", SB_AST_JOIN_FULL},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (sb_parse_take_words(p, kinds[i].words)) {
            *out = kinds[i].join;
            return true;
        }
    }
    return false;
}

static sb_status
join_step(sb_parser *p, sb_ast_join kind, bool natural, int32_t begin, sb_ast_from **left)
{
    sb_ast_from *join = sb_parse_from_new(p, SB_AST_FROM_JOIN);

    if (join == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_enter(p),
           p->err); /* left when the whole FROM is read: a chain is as deep as it is long */
    join->join = kind;
    join->natural = natural;
    join->word_begin = begin;
    join->word_end = sb_parse_last_end(p);
    join->left = *left;
    join->begin = (*left)->begin;
    SB_TRY(sb_parse_relation(p, &join->right), p->err);
    if (!natural && kind != SB_AST_JOIN_CROSS) {
        if (sb_parse_take_word(p, "USING")) {
            SB_TRY(sb_parse_names(p, "a name of a column", &join->columns, &join->count_columns),
                   p->err);
        } else {
            SB_TRY(sb_parse_want_word(p, "ON"), p->err);
            SB_TRY(sb_parse_expr(p, &join->condition), p->err);
        }
    }
    join->end = sb_parse_last_end(p);
    *left = join;
    return SB_OK;
}

/* a JOIN b ON ... CROSS JOIN c */
static sb_status
from_joins(sb_parser *p, sb_ast_from **out)
{
    sb_ast_join kind;

    SB_TRY(sb_parse_relation(p, out), p->err);
    for (;;) {
        int32_t begin = sb_parse_peek(p, 0)->begin;
        bool natural = sb_parse_take_word(p, "NATURAL");

        if (!join_kind(p, &kind)) {
            return natural || sb_parse_is_word(p, 0, "LEFT") || sb_parse_is_word(p, 0, "RIGHT") ||
                           sb_parse_is_word(p, 0, "FULL") || sb_parse_is_word(p, 0, "INNER") ||
                           sb_parse_is_word(p, 0, "CROSS")
                       ? sb_parse_fail(p, "a join such as JOIN or LEFT JOIN")
                       : SB_OK;
        }
        if (natural && kind == SB_AST_JOIN_CROSS) {
            p->at -= 2;
            return sb_parse_fail(p, "a join that can be NATURAL");
        }
        SB_TRY(join_step(p, kind, natural, begin, out), p->err);
    }
}

sb_status
sb_parse_from(sb_parser *p, sb_ast_from **out)
{
    int32_t depth = p->depth;

    SB_TRY(from_joins(p, out), p->err);
    while (sb_parse_take_symbol(p, ",")) {
        sb_ast_from *join = sb_parse_from_new(p, SB_AST_FROM_JOIN);

        if (join == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_enter(p), p->err);
        join->join = SB_AST_JOIN_COMMA;
        join->left = *out;
        join->begin = join->left->begin;
        SB_TRY(from_joins(p, &join->right), p->err);
        join->end = sb_parse_last_end(p);
        *out = join;
    }
    p->depth = depth;
    return SB_OK;
}
