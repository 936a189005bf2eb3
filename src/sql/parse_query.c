/*
 * sql/parse_query.c -- SELECT, UNION, VALUES, WITH.
 *
 * DESIGN     A chain of UNIONs and a chain of joins count as depth: trees built from them are as
 *            deep as the chain is long.
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
           sb_parse_is_word(p, ahead, "WITH");
}

static sb_status
query_item(sb_parser *p, sb_ast_item **out)
{
    sb_ast_item *item = SB_NEW(p->arena, sb_ast_item);

    if (item == NULL) {
        SB_NOMEM(p->err);
    }
    if (sb_parse_is_symbol(p, 0, "*")) {
        item->expr = sb_parse_expr_new(p, SB_AST_STAR, sb_parse_peek(p, 0)->begin);
        if (item->expr == NULL) {
            SB_NOMEM(p->err);
        }
        p->at++;
        item->expr->end = sb_parse_last_end(p);
        *out = item;
        return SB_OK;
    }
    SB_TRY(sb_parse_expr(p, &item->expr), p->err);
    if (sb_parse_take_word(p, "AS")) {
        SB_TRY(sb_parse_name(p, "a name after AS", &item->alias), p->err);
    } else if (sb_parse_peek(p, 0)->kind == SB_TOKEN_QUOTED ||
               (sb_parse_peek(p, 0)->kind == SB_TOKEN_NAME &&
                !sb_sql_is_reserved(sb_parse_peek(p, 0)->value))) {
        SB_TRY(sb_parse_name(p, "a name", &item->alias), p->err);
    }
    *out = item;
    return SB_OK;
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
    query->count_items = list.count;
    query->items = SB_NEW_ARRAY(p->arena, sb_ast_item, list.count);
    if (query->items == NULL) {
        SB_NOMEM(p->err);
    }
    for (int32_t i = 0; i < list.count; i++) {
        query->items[i] = *(sb_ast_item *)list.at[i];
    }
    return SB_OK;
}

static sb_status
query_group(sb_parser *p, sb_ast_query *query)
{
    query->has_group = true;
    if (sb_parse_is_word(p, 0, "GROUPING") ||
        ((sb_parse_is_word(p, 0, "ROLLUP") || sb_parse_is_word(p, 0, "CUBE")) &&
         sb_parse_is_symbol(p, 1, "("))) {
        return sb_parse_unsupported(p, sb_parse_is_word(p, 0, "GROUPING") ? 2 : 1,
                                    sb_parse_is_word(p, 0, "GROUPING") ? "GROUPING SETS"
                                    : sb_parse_is_word(p, 0, "CUBE")   ? "CUBE"
                                                                       : "ROLLUP");
    }
    if (sb_parse_is_symbol(p, 0, "(") && sb_parse_is_symbol(p, 1, ")")) {
        p->at += 2;
        return SB_OK;
    }
    return sb_parse_expr_list(p, &query->group, &query->count_group);
}

/* Clauses that Flink has behind a SELECT and we do not. */
static sb_status
query_refuse_tail(sb_parser *p)
{
    static const struct {
        const char *word, *name;
    } tails[] = {
        {"QUALIFY", "QUALIFY"},     {"WINDOW", "WINDOW"},
        {"ORDER", "ORDER BY"},      {"LIMIT", "LIMIT"},
        {"OFFSET", "OFFSET"},       {"FETCH", "FETCH"},
        {"INTERSECT", "INTERSECT"}, {"EXCEPT", "EXCEPT"},
        {"MINUS", "MINUS"},         {"MATCH_RECOGNIZE", "MATCH_RECOGNIZE"},
    };

    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        if (sb_parse_is_word(p, 0, tails[i].word)) {
            return sb_parse_unsupported(
                p, strcmp(tails[i].word, "ORDER") == 0 && sb_parse_is_word(p, 1, "BY") ? 2 : 1,
                tails[i].name);
        }
    }
    return SB_OK;
}

static sb_status
query_select(sb_parser *p, sb_ast_query **out)
{
    sb_ast_query *query = query_new(p, SB_AST_SELECT);
    sb_options hints = {0};

    if (query == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_want_word(p, "SELECT"), p->err);
    SB_TRY(sb_parse_hints(p, &hints), p->err);
    if (hints.count > 0) {
        return sb_sql_error(p->err, SB_SQL_SYNTAX, p->tokens[p->at - 1].begin,
                            p->tokens[p->at - 1].end,
                            "the hint OPTIONS belongs behind the name of a table");
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
        SB_TRY(query_group(p, query), p->err);
    }
    if (sb_parse_take_word(p, "HAVING")) {
        SB_TRY(sb_parse_expr(p, &query->having), p->err);
    }
    SB_TRY(query_refuse_tail(p), p->err);
    query->end = sb_parse_last_end(p);
    *out = query;
    return SB_OK;
}

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

static sb_status
query_term(sb_parser *p, sb_ast_query **out)
{
    if (sb_parse_is_symbol(p, 0, "(")) {
        p->at++;
        SB_TRY(sb_parse_query(p, out), p->err);
        return sb_parse_want_symbol(p, ")");
    }
    if (sb_parse_is_word(p, 0, "VALUES")) {
        return query_values(p, out);
    }
    if (sb_parse_is_word(p, 0, "TABLE")) {
        return sb_parse_unsupported(p, 1, "TABLE as a query");
    }
    if (!sb_parse_is_word(p, 0, "SELECT")) {
        return sb_parse_fail(p, "SELECT, VALUES or WITH");
    }
    return query_select(p, out);
}

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
        SB_TRY(sb_parse_want_symbol(p, "("), p->err);
        SB_TRY(sb_parse_query(p, &cte->query), p->err);
        SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
        SB_TRY(sb_parse_list_add(p, list, cte), p->err);
    } while (sb_parse_take_symbol(p, ","));
    return SB_OK;
}

static sb_status
query_with(sb_parser *p, sb_ast_query **out)
{
    sb_parse_list list = {0};
    sb_ast_query *query;

    p->at++;
    if (sb_parse_is_word(p, 0, "RECURSIVE")) {
        return sb_parse_unsupported(p, 1, "WITH RECURSIVE");
    }
    SB_TRY(query_ctes(p, &list), p->err);
    SB_TRY(sb_parse_query(p, &query), p->err);
    if (query->count_ctes > 0) {
        return sb_sql_error(p->err, SB_SQL_SYNTAX, query->begin, query->end,
                            "WITH directly behind WITH");
    }
    query->count_ctes = list.count;
    query->ctes = SB_NEW_ARRAY(p->arena, sb_ast_cte, list.count);
    if (query->ctes == NULL) {
        SB_NOMEM(p->err);
    }
    for (int32_t i = 0; i < list.count; i++) {
        query->ctes[i] = *(sb_ast_cte *)list.at[i];
    }
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
        p->depth = depth;
        return SB_OK;
    }
    SB_TRY(query_term(p, out), p->err);
    while (sb_parse_take_word(p, "UNION")) {
        sb_ast_query *query = query_new(p, SB_AST_UNION);

        if (query == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_enter(p), p->err);
        query->all = sb_parse_take_word(p, "ALL");
        if (!query->all) {
            (void)sb_parse_take_word(p, "DISTINCT");
        }
        query->left = *out;
        query->begin = query->left->begin;
        SB_TRY(query_term(p, &query->right), p->err);
        query->end = sb_parse_last_end(p);
        *out = query;
    }
    SB_TRY(query_refuse_tail(p), p->err);
    p->depth = depth;
    return SB_OK;
}
