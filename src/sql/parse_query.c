/*
 * sql/parse_query.c -- SELECT, VALUES, TABLE, set operations, WITH, ORDER BY and LIMIT.
 *
 * DESIGN     Set operations and joins that are chained count as depth: trees built from them are
 *            as deep as the chain is long. INTERSECT binds tighter than UNION and EXCEPT. What
 *            stands behind a chain (ORDER BY, LIMIT, OFFSET, FETCH) belongs to the whole chain; a
 *            query in brackets that has such a tail or a WITH of its own is wrapped (NESTED) when
 *            the outer one has them too.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/parser.h"

static sb_ast_query *
query_new(sb_parser *p, sb_ast_query_kind kind)
{
    sb_ast_query *query = SB_NEW(p->arena, sb_ast_query);

    if (query != NULL) {
        query->kind = kind;
        query->begin = sb_parse_peek(p, 0)->begin;
    }
    return query;
}

bool
sb_parse_is_query(const sb_parser *p, int32_t ahead)
{
    while (sb_parse_is_symbol(p, ahead, "(")) {
        ahead++;
    }
    return sb_parse_is_word(p, ahead, "SELECT") || sb_parse_is_word(p, ahead, "VALUES") ||
           sb_parse_is_word(p, ahead, "WITH") ||
           (sb_parse_is_word(p, ahead, "TABLE") && !sb_parse_is_symbol(p, ahead + 1, "("));
}

sb_status
sb_parse_query_brackets(sb_parser *p, sb_ast_query **out)
{
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    SB_TRY(sb_parse_query(p, out), p->err);
    return sb_parse_want_symbol(p, ")");
}

/* ---- SELECT ---- */

static sb_status
query_item(sb_parser *p, sb_ast_item **out)
{
    sb_ast_item *item = SB_NEW(p->arena, sb_ast_item);

    if (item == NULL) {
        SB_NOMEM(p->err);
    }
    *out = item;
    if (sb_parse_is_symbol(p, 0, "*")) {
        item->expr = sb_parse_expr_new(p, SB_AST_STAR, sb_parse_peek(p, 0)->begin);
        if (item->expr == NULL) {
            SB_NOMEM(p->err);
        }
        p->at++;
        item->expr->end = sb_parse_last_end(p);
        return SB_OK;
    }
    SB_TRY(sb_parse_expr(p, &item->expr), p->err);
    return sb_parse_alias(p, &item->alias);
}

static sb_status
query_items(sb_parser *p, sb_ast_query *query)
{
    sb_parse_list list = {0};

    do {
        sb_ast_item *item = NULL;

        SB_TRY(query_item(p, &item), p->err);
        SB_TRY(sb_parse_list_add(p, &list, item), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_PARSE_COPY(p, &list, sb_ast_item, &query->items, &query->count_items);
    return SB_OK;
}

static sb_status
query_select(sb_parser *p, sb_ast_query **out)
{
    sb_ast_query *query = query_new(p, SB_AST_SELECT);

    if (query == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_want_word(p, "SELECT"), p->err);
    SB_TRY(sb_parse_hints(p, NULL, &query->hints, &query->count_hints), p->err);
    if (sb_parse_is_word(p, 0, "STREAM")) {
        return sb_parse_unsupported(p, 1, "SELECT STREAM");
    }
    query->distinct = sb_parse_take_word(p, "DISTINCT");
    if (!query->distinct) {
        (void)sb_parse_take_word(p, "ALL");
    }
    SB_TRY(query_items(p, query), p->err);
    if (sb_parse_take_word(p, "FROM")) {
        SB_TRY(sb_parse_from(p, &query->from), p->err);
    }
    if (sb_parse_take_word(p, "WHERE")) {
        SB_TRY(sb_parse_expr(p, &query->where), p->err);
    }
    if (sb_parse_take_words(p, "GROUP BY")) {
        SB_TRY(sb_parse_group(p, query), p->err);
    }
    if (sb_parse_take_word(p, "HAVING")) {
        SB_TRY(sb_parse_expr(p, &query->having), p->err);
    }
    if (sb_parse_take_word(p, "WINDOW")) {
        SB_TRY(sb_parse_windows(p, &query->windows, &query->count_windows), p->err);
    }
    if (sb_parse_take_word(p, "QUALIFY")) {
        SB_TRY(sb_parse_expr(p, &query->qualify), p->err);
    }
    query->end = sb_parse_last_end(p);
    *out = query;
    return SB_OK;
}

/* ---- VALUES, TABLE ---- */

/* One row of VALUES: ( a, b ), ROW ( a, b ) or a. */
static sb_status
query_row(sb_parser *p, sb_ast_expr ***out, int32_t *out_count)
{
    if (sb_parse_is_word(p, 0, "ROW") && sb_parse_is_symbol(p, 1, "(")) {
        p->at++;
    }
    if (sb_parse_take_symbol(p, "(")) {
        SB_TRY(sb_parse_expr_list(p, out, out_count), p->err);
        return sb_parse_want_symbol(p, ")");
    }
    *out = SB_NEW_ARRAY(p->arena, sb_ast_expr *, 1);
    if (*out == NULL) {
        SB_NOMEM(p->err);
    }
    *out_count = 1;
    return sb_parse_expr(p, &(*out)[0]);
}

static sb_status
query_values(sb_parser *p, sb_ast_query **out)
{
    sb_ast_query *query = query_new(p, SB_AST_VALUES);
    sb_parse_list list = {0};

    if (query == NULL) {
        SB_NOMEM(p->err);
    }
    p->at++;
    do {
        int32_t begin = sb_parse_peek(p, 0)->begin, count;
        sb_ast_expr **row;

        SB_TRY(query_row(p, &row, &count), p->err);
        if (list.count > 0 && count != query->count_columns) {
            return sb_sql_error(p->err, SB_SQL_COLUMN_COUNT, begin, sb_parse_last_end(p),
                                "row %d of VALUES has %d columns, the first has %d", list.count + 1,
                                count, query->count_columns);
        }
        query->count_columns = count;
        SB_TRY(sb_parse_list_add(p, &list, row), p->err);
    } while (sb_parse_take_symbol(p, ","));
    query->rows = (sb_ast_expr ***)list.at;
    query->count_rows = list.count;
    query->end = sb_parse_last_end(p);
    *out = query;
    return SB_OK;
}

/* TABLE t */
static sb_status
query_table(sb_parser *p, sb_ast_query **out)
{
    sb_ast_query *query = query_new(p, SB_AST_TABLE_QUERY);

    if (query == NULL) {
        SB_NOMEM(p->err);
    }
    p->at++;
    query->from = sb_parse_from_new(p, SB_AST_FROM_TABLE);
    if (query->from == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_path(p, "a name of a table", &query->from->path), p->err);
    query->from->end = query->end = sb_parse_last_end(p);
    *out = query;
    return SB_OK;
}

static sb_status
query_term(sb_parser *p, sb_ast_query **out)
{
    if (sb_parse_is_symbol(p, 0, "(")) {
        return sb_parse_query_brackets(p, out);
    }
    if (sb_parse_is_word(p, 0, "VALUES")) {
        return query_values(p, out);
    }
    if (sb_parse_is_word(p, 0, "TABLE")) {
        return query_table(p, out);
    }
    if (!sb_parse_is_word(p, 0, "SELECT")) {
        return sb_parse_fail(p, "SELECT, VALUES or WITH");
    }
    return query_select(p, out);
}

/* ---- set operations ---- */

/* A query that already has a tail or a WITH becomes the only part of a new one. */
static sb_status
query_wrap(sb_parser *p, sb_ast_query **query)
{
    sb_ast_query *inner = *query, *outer;

    if (inner->count_ctes == 0 && inner->tail_end == 0) {
        return SB_OK;
    }
    outer = query_new(p, SB_AST_NESTED);
    if (outer == NULL) {
        SB_NOMEM(p->err);
    }
    outer->begin = inner->begin;
    outer->end = sb_parse_last_end(p);
    outer->left = inner;
    *query = outer;
    return SB_OK;
}

/* UNION, INTERSECT, EXCEPT at the cursor: taken; NESTED: none. */
static sb_ast_query_kind
query_operator(sb_parser *p, bool tight)
{
    if (tight) {
        return sb_parse_take_word(p, "INTERSECT") ? SB_AST_INTERSECT : SB_AST_NESTED;
    }
    if (sb_parse_take_word(p, "UNION")) {
        return SB_AST_UNION;
    }
    return sb_parse_take_word(p, "EXCEPT") || sb_parse_take_word(p, "MINUS") ? SB_AST_EXCEPT
                                                                             : SB_AST_NESTED;
}

static sb_status
query_chain(sb_parser *p, bool tight, sb_ast_query **out)
{
    sb_ast_query_kind kind;

    SB_TRY(tight ? query_term(p, out) : query_chain(p, true, out), p->err);
    while ((kind = query_operator(p, tight)) != SB_AST_NESTED) {
        sb_ast_query *query = query_new(p, kind);

        if (query == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_enter(p), p->err);
        query->word_begin = p->tokens[p->at - 1].begin;
        query->word_end = sb_parse_last_end(p);
        query->all = sb_parse_take_word(p, "ALL");
        if (!query->all) {
            (void)sb_parse_take_word(p, "DISTINCT");
        }
        query->left = *out;
        query->begin = query->left->begin;
        SB_TRY(tight ? query_term(p, &query->right) : query_chain(p, true, &query->right), p->err);
        query->end = sb_parse_last_end(p);
        *out = query;
    }
    return SB_OK;
}

/* ---- ORDER BY, LIMIT, OFFSET, FETCH ---- */

static bool
query_has_tail(const sb_parser *p)
{
    return (sb_parse_is_word(p, 0, "ORDER") && sb_parse_is_word(p, 1, "BY")) ||
           sb_parse_is_word(p, 0, "LIMIT") || sb_parse_is_word(p, 0, "OFFSET") ||
           sb_parse_is_word(p, 0, "FETCH");
}

static sb_status
query_limit(sb_parser *p, sb_ast_query *query)
{
    if (sb_parse_take_word(p, "ALL")) {
        query->limit_all = true;
        return SB_OK;
    }
    SB_TRY(sb_parse_expr(p, &query->limit), p->err);
    if (sb_parse_take_symbol(p, ",")) { /* LIMIT start, count */
        query->offset = query->limit;
        query->offset_begin = query->offset->begin;
        return sb_parse_expr(p, &query->limit);
    }
    return SB_OK;
}

static sb_status
query_tail(sb_parser *p, sb_ast_query **out)
{
    sb_ast_query *query;

    if (!query_has_tail(p)) {
        return SB_OK;
    }
    SB_TRY(query_wrap(p, out), p->err);
    query = *out;
    query->tail_begin = sb_parse_peek(p, 0)->begin;
    if (sb_parse_take_words(p, "ORDER BY")) {
        SB_TRY(sb_parse_order(p, &query->order, &query->count_order), p->err);
    }
    for (bool limit = false; query_has_tail(p) && !sb_parse_is_word(p, 0, "ORDER");) {
        if (!limit && sb_parse_take_word(p, "LIMIT")) {
            limit = true;
            query->limit_begin = p->tokens[p->at - 1].begin;
            SB_TRY(query_limit(p, query), p->err);
        } else if (query->offset == NULL && sb_parse_take_word(p, "OFFSET")) {
            query->offset_begin = p->tokens[p->at - 1].begin;
            SB_TRY(sb_parse_expr(p, &query->offset), p->err);
            (void)(sb_parse_take_word(p, "ROWS") || sb_parse_take_word(p, "ROW"));
        } else if (!limit && sb_parse_take_word(p, "FETCH")) {
            limit = query->fetch = true;
            query->limit_begin = p->tokens[p->at - 1].begin;
            if (!sb_parse_take_word(p, "FIRST") && !sb_parse_take_word(p, "NEXT")) {
                return sb_parse_fail(p, "FIRST or NEXT");
            }
            SB_TRY(sb_parse_expr(p, &query->limit), p->err);
            if (!sb_parse_take_word(p, "ROWS") && !sb_parse_take_word(p, "ROW")) {
                return sb_parse_fail(p, "ROWS ONLY");
            }
            SB_TRY(sb_parse_want_word(p, "ONLY"), p->err);
        } else {
            break;
        }
    }
    query->end = query->tail_end = sb_parse_last_end(p);
    return SB_OK;
}

/* ---- WITH ---- */

static sb_status
query_ctes(sb_parser *p, sb_parse_list *list)
{
    do {
        sb_ast_cte *cte = SB_NEW(p->arena, sb_ast_cte);

        if (cte == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_name(p, "a name of a common table expression", &cte->name), p->err);
        if (sb_parse_is_symbol(p, 0, "(")) {
            SB_TRY(sb_parse_names(p, "a name of a column", &cte->columns, &cte->count_columns),
                   p->err);
        }
        SB_TRY(sb_parse_want_word(p, "AS"), p->err);
        SB_TRY(sb_parse_query_brackets(p, &cte->query), p->err);
        SB_TRY(sb_parse_list_add(p, list, cte), p->err);
    } while (sb_parse_take_symbol(p, ","));
    return SB_OK;
}

static sb_status
query_with(sb_parser *p, sb_ast_query **out)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;
    sb_parse_list list = {0};
    sb_ast_query *query;
    bool recursive;

    p->at++;
    recursive = sb_parse_take_word(p, "RECURSIVE");
    SB_TRY(query_ctes(p, &list), p->err);
    if (sb_parse_is_word(p, 0, "WITH")) {
        return sb_parse_fail(p, "SELECT or VALUES (WITH directly behind WITH)");
    }
    SB_TRY(query_chain(p, false, &query), p->err);
    if (query->count_ctes > 0 || query->tail_end > 0) {
        SB_TRY(query_wrap(p, &query), p->err);
    }
    SB_TRY(query_tail(p, &query), p->err);
    query->begin = begin;
    query->end = sb_parse_last_end(p);
    query->recursive = recursive;
    SB_PARSE_COPY(p, &list, sb_ast_cte, &query->ctes, &query->count_ctes);
    *out = query;
    return SB_OK;
}

sb_status
sb_parse_query(sb_parser *p, sb_ast_query **out)
{
    int32_t depth = p->depth;

    SB_TRY(sb_parse_enter(p), p->err);
    if (sb_parse_is_word(p, 0, "WITH")) {
        SB_TRY(query_with(p, out), p->err);
    } else {
        SB_TRY(query_chain(p, false, out), p->err);
        SB_TRY(query_tail(p, out), p->err);
    }
    p->depth = depth;
    return SB_OK;
}
