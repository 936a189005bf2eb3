/*
 * sql/parse_primary.c -- values without operators: literals, names, calls, CASE, CAST, brackets.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "expr/function.h"
#include "sql/parse_special.h"

static const char *const primary_aggregates[] = {
    "COUNT",
    "SUM",
    "MIN",
    "MAX",
    "AVG",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "STDDEV",
    "VAR_POP",
    "VAR_SAMP",
    "VARIANCE",
    "COLLECT",
    "ARRAY_AGG",
    "LISTAGG",
    "FIRST_VALUE",
    "LAST_VALUE",
    "PERCENTILE",
    "APPROX_COUNT_DISTINCT",
    "SINGLE_VALUE",
    "BITMAP_BUILD_AGG",
    "BITMAP_BUILD_CARDINALITY_AGG",
    "BITMAP_AND_AGG",
    "BITMAP_AND_CARDINALITY_AGG",
    "BITMAP_OR_AGG",
    "BITMAP_OR_CARDINALITY_AGG",
    "BITMAP_XOR_AGG",
    "BITMAP_XOR_CARDINALITY_AGG",
    "RANK",
    "DENSE_RANK",
    "ROW_NUMBER",
    "LEAD",
    "LAG",
    "NTILE",
    "CUME_DIST",
    "PERCENT_RANK",
    "GROUPING",
    "GROUPING_ID",
    "GROUP_ID",
    "JSON_OBJECTAGG",
    "JSON_ARRAYAGG",
};

bool
sb_sql_is_aggregate(const char *name)
{
    for (size_t i = 0; i < sizeof(primary_aggregates) / sizeof(primary_aggregates[0]); i++) {
        if (sb_str_equal_nocase(sb_str_of(name), sb_str_of(primary_aggregates[i]))) {
            return true;
        }
    }
    return false;
}

sb_unit
sb_parse_unit(sb_parser *p)
{
    static const char *const units[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};
    static const char *const plurals[] = {"YEARS", "MONTHS", "DAYS", "HOURS", "MINUTES", "SECONDS"};

    for (int i = 0; i < 6; i++) {
        if (sb_parse_take_word(p, units[i]) || sb_parse_take_word(p, plurals[i])) {
            return (sb_unit)(SB_UNIT_YEAR + i);
        }
    }
    return SB_UNIT_NONE;
}

/* (3), (3, 6) after a unit: accepted and of no effect */
static sb_status
primary_unit_precision(sb_parser *p)
{
    if (!sb_parse_take_symbol(p, "(")) {
        return SB_OK;
    }
    do {
        if (sb_parse_peek(p, 0)->kind != SB_TOKEN_INTEGER) {
            return sb_parse_fail(p, "a precision");
        }
        p->at++;
    } while (sb_parse_take_symbol(p, ","));
    return sb_parse_want_symbol(p, ")");
}

/* INTERVAL [-] '1 02:03' DAY TO MINUTE */
static sb_status
primary_interval(sb_parser *p, sb_ast_expr **out)
{
    sb_ast_expr *expr = sb_parse_expr_new(p, SB_AST_INTERVAL, sb_parse_peek(p, 0)->begin);

    if (expr == NULL) {
        SB_NOMEM(p->err);
    }
    p->at++;
    if (sb_parse_take_symbol(p, "-")) {
        expr->negative = true;
    } else {
        (void)sb_parse_take_symbol(p, "+");
    }
    if (sb_parse_peek(p, 0)->kind != SB_TOKEN_STRING) {
        sb_status status = sb_parse_fail(p, "a quoted number after INTERVAL");

        sb_error_hint(p->err, "write INTERVAL '10' SECOND");
        return status;
    }
    expr->text = sb_parse_peek(p, 0)->value;
    p->at++;
    expr->unit_from = (uint8_t)sb_parse_unit(p);
    if (expr->unit_from == SB_UNIT_NONE) {
        if (sb_parse_is_word(p, 0, "WEEK") || sb_parse_is_word(p, 0, "QUARTER")) {
            return sb_parse_unsupported(
                p, 1, sb_parse_is_word(p, 0, "WEEK") ? "INTERVAL in WEEK" : "INTERVAL in QUARTER");
        }
        return sb_parse_fail(p, "an interval unit such as DAY or SECOND");
    }
    SB_TRY(primary_unit_precision(p), p->err);
    expr->unit_to = expr->unit_from;
    if (sb_parse_is_word(p, 0, "TO")) {
        sb_unit to;

        p->at++;
        to = sb_parse_unit(p);
        if (to <= (sb_unit)expr->unit_from ||
            (expr->unit_from <= SB_UNIT_MONTH && to > SB_UNIT_MONTH)) {
            p->at -= to != SB_UNIT_NONE;
            return sb_parse_fail(p, "a smaller interval unit");
        }
        expr->unit_to = (uint8_t)to;
        SB_TRY(primary_unit_precision(p), p->err);
    }
    expr->end = sb_parse_last_end(p);
    *out = expr;
    return SB_OK;
}

/* DATE '...', TIME '...', TIMESTAMP '...' */
static sb_status
primary_temporal(sb_parser *p, sb_type_id id, int32_t words, sb_ast_expr **out)
{
    sb_ast_expr *expr = sb_parse_expr_new(p, SB_AST_TEMPORAL, sb_parse_peek(p, 0)->begin);

    if (expr == NULL) {
        SB_NOMEM(p->err);
    }
    p->at += words;
    expr->type = (sb_type){.id = (uint8_t)id};
    expr->text = sb_parse_peek(p, 0)->value;
    p->at++;
    expr->end = sb_parse_last_end(p);
    *out = expr;
    return SB_OK;
}

/* a THEN v; CASE x WHEN a, b THEN v is CASE x WHEN a THEN v WHEN b THEN v. */
static sb_status
primary_when(sb_parser *p, bool many, sb_parse_list *list)
{
    sb_ast_expr *item;
    int32_t first = list->count;

    do {
        SB_TRY(sb_parse_expr(p, &item), p->err);
        SB_TRY(sb_parse_list_add(p, list, item), p->err);
        SB_TRY(sb_parse_list_add(p, list, NULL), p->err);
    } while (many && sb_parse_take_symbol(p, ","));
    SB_TRY(sb_parse_want_word(p, "THEN"), p->err);
    SB_TRY(sb_parse_expr(p, &item), p->err);
    for (int32_t i = first + 1; i < list->count; i += 2) {
        list->at[i] = item;
    }
    return SB_OK;
}

static sb_status
primary_case(sb_parser *p, sb_ast_expr **out)
{
    sb_ast_expr *expr = sb_parse_expr_new(p, SB_AST_CASE, sb_parse_peek(p, 0)->begin);
    sb_parse_list list = {0};
    sb_ast_expr *item = NULL;

    if (expr == NULL) {
        SB_NOMEM(p->err);
    }
    p->at++;
    if (!sb_parse_is_word(p, 0, "WHEN")) {
        SB_TRY(sb_parse_expr(p, &item), p->err);
    }
    SB_TRY(sb_parse_list_add(p, &list, item), p->err);
    if (!sb_parse_is_word(p, 0, "WHEN")) {
        return sb_parse_fail(p, "WHEN");
    }
    while (sb_parse_take_word(p, "WHEN")) {
        SB_TRY(primary_when(p, item != NULL, &list), p->err);
    }
    item = NULL;
    if (sb_parse_take_word(p, "ELSE")) {
        SB_TRY(sb_parse_expr(p, &item), p->err);
    }
    SB_TRY(sb_parse_list_add(p, &list, item), p->err);
    SB_TRY(sb_parse_want_word(p, "END"), p->err);
    expr->args = (sb_ast_expr **)list.at;
    expr->count_args = list.count;
    expr->end = sb_parse_last_end(p);
    *out = expr;
    return SB_OK;
}

sb_status
sb_parse_end_of_call(sb_parser *p, sb_ast_expr *expr, sb_ast_expr *arg)
{
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    expr->args = sb_arena_memdup(p->arena, &arg, sizeof(arg));
    if (expr->args == NULL) {
        SB_NOMEM(p->err);
    }
    expr->count_args = 1;
    expr->end = sb_parse_last_end(p);
    return SB_OK;
}

static sb_status
primary_cast(sb_parser *p, bool try_cast, sb_ast_expr **out)
{
    sb_ast_expr *expr = sb_parse_expr_new(p, SB_AST_CAST, sb_parse_peek(p, 0)->begin);
    sb_ast_expr *arg;
    int32_t at;

    if (expr == NULL) {
        SB_NOMEM(p->err);
    }
    p->at += 2;
    expr->try_cast = try_cast;
    SB_TRY(sb_parse_expr(p, &arg), p->err);
    SB_TRY(sb_parse_want_word(p, "AS"), p->err);
    at = p->at;
    expr->type_begin = sb_parse_peek(p, 0)->begin;
    SB_TRY(sb_parse_type(p, &expr->type), p->err);
    expr->type_end = sb_parse_last_end(p);
    if (expr->type.id == SB_TYPE_INTERVAL_DAY || expr->type.id == SB_TYPE_INTERVAL_MONTH) {
        int32_t end = p->at;

        p->at = at + 1;
        expr->unit_from = (uint8_t)sb_parse_unit(p);
        if (sb_parse_is_word(p, 0, "TO")) {
            expr->unit_from = SB_UNIT_NONE; /* no number is one of several units */
        }
        p->at = end;
    }
    *out = expr;
    return sb_parse_end_of_call(p, expr, arg);
}

/* ARRAY[...], MAP[...]: the cursor is on the word */
static sb_status
primary_brackets(sb_parser *p, const char *name, sb_ast_expr **out)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;
    sb_ast_expr **items = NULL;
    int32_t count = 0;

    p->at += 2;
    if (!sb_parse_is_symbol(p, 0, "]")) {
        SB_TRY(sb_parse_expr_list(p, &items, &count), p->err);
    }
    SB_TRY(sb_parse_want_symbol(p, "]"), p->err);
    return sb_parse_call_new(p, name, begin, items, count, out);
}

/* ( expr ), ( a, b ): the latter is a ROW */
static sb_status
primary_parentheses(sb_parser *p, sb_ast_expr **out)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;
    sb_ast_expr **items;
    int32_t count;

    if (sb_parse_is_query(p, 1)) {
        return sb_parse_subquery(p, SB_AST_SUBQUERY, NULL, out);
    }
    p->at++;
    SB_TRY(sb_parse_expr_list(p, &items, &count), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    if (count > 1) {
        return sb_parse_call_new(p, "ROW", begin, items, count, out);
    }
    *out = items[0];
    (*out)->bracketed = true;
    return SB_OK;
}

static char *
primary_upper(sb_parser *p, sb_str word)
{
    char *name = sb_arena_strndup(p->arena, word.data, word.size);

    for (char *c = name; c != NULL && *c != '\0'; c++) {
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
    }
    return name;
}

static sb_status
primary_filter(sb_parser *p, sb_ast_expr *call)
{
    if (sb_parse_take_words(p, "WITHIN GROUP")) {
        call->within_group = true;
        SB_TRY(sb_parse_want_symbol(p, "("), p->err);
        SB_TRY(sb_parse_want_word(p, "ORDER"), p->err);
        SB_TRY(sb_parse_want_word(p, "BY"), p->err);
        SB_TRY(sb_parse_order(p, &call->order, &call->count_order), p->err);
        SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    }
    call->ignore_nulls |= sb_parse_take_words(p, "IGNORE NULLS");
    call->respect_nulls |= sb_parse_take_words(p, "RESPECT NULLS");
    if (sb_parse_is_word(p, 0, "FILTER") && sb_parse_is_symbol(p, 1, "(")) {
        if (call->kind != SB_AST_AGGREGATE && sb_function_find(call->name, NULL) != NULL) {
            return sb_sql_error(p->err, SB_SQL_AGGREGATE_PLACE, sb_parse_peek(p, 0)->begin,
                                sb_parse_peek(p, 0)->end,
                                "FILTER after %s, which is not an aggregate function", call->name);
        }
        p->at += 2;
        SB_TRY(sb_parse_want_word(p, "WHERE"), p->err);
        SB_TRY(sb_parse_expr(p, &call->filter), p->err);
        SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    }
    if (sb_parse_take_word(p, "OVER")) {
        SB_TRY(sb_parse_over(p, &call->over), p->err);
    }
    call->end = sb_parse_last_end(p);
    return SB_OK;
}

/* What stands in the brackets of a call; the cursor is behind the first. */
static sb_status
primary_inside(sb_parser *p, sb_ast_expr *call)
{
    const char *name = call->name;

    if (call->kind == SB_AST_AGGREGATE) {
        call->distinct = sb_parse_take_word(p, "DISTINCT");
        if (!call->distinct) {
            (void)sb_parse_take_word(p, "ALL");
        }
        call->star = sb_parse_take_symbol(p, "*");
    } else if (sb_parse_is_word(p, 0, "DISTINCT") && sb_function_find(name, NULL) == NULL) {
        p->at++;
        call->distinct = true; /* maybe an aggregate of the user */
    } else if (sb_parse_is_word(p, 0, "DISTINCT")) {
        return sb_sql_error(p->err, SB_SQL_AGGREGATE_PLACE, sb_parse_peek(p, 0)->begin,
                            sb_parse_peek(p, 0)->end,
                            "DISTINCT in %s, which is not an aggregate function", name);
    }
    if (!call->star && !sb_parse_is_symbol(p, 0, ")")) {
        if (sb_parse_peek(p, 0)->kind == SB_TOKEN_NAME && sb_parse_is_symbol(p, 1, "=>")) {
            return sb_parse_unsupported(p, 2, "named arguments of a function");
        }
        SB_TRY(sb_parse_expr_list(p, &call->args, &call->count_args), p->err);
    }
    call->ignore_nulls = sb_parse_take_words(p, "IGNORE NULLS");
    call->respect_nulls = !call->ignore_nulls && sb_parse_take_words(p, "RESPECT NULLS");
    if (call->kind == SB_AST_AGGREGATE && sb_parse_take_words(p, "ORDER BY")) {
        SB_TRY(sb_parse_order(p, &call->order, &call->count_order), p->err);
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    call->end = sb_parse_last_end(p);
    return primary_filter(p, call);
}

/* f ( ... ), a.b.f ( ... ): the cursor is on the bracket. A name of one part is kept in capital
 * letters. */
static sb_status
primary_call_of(sb_parser *p, sb_ast_name *parts, int32_t count, sb_ast_expr **out)
{
    sb_ast_name *last = &parts[count - 1];
    sb_ast_expr *call = sb_parse_expr_new(p, SB_AST_CALL, parts[0].begin);

    if (call == NULL || (call->name = primary_upper(p, sb_str_of(last->text))) == NULL) {
        SB_NOMEM(p->err);
    }
    if (count == 1) {
        last->text = call->name;
    }
    call->path = (sb_ast_path){.count = count, .begin = parts[0].begin, .end = last->end};
    call->path.parts = sb_arena_memdup(p->arena, parts, sizeof(parts[0]) * (size_t)count);
    if (call->path.parts == NULL) {
        SB_NOMEM(p->err);
    }
    call->kind = count == 1 && sb_sql_is_aggregate(call->name) ? SB_AST_AGGREGATE : SB_AST_CALL;
    p->at++;
    *out = call;
    return primary_inside(p, call);
}

/* name ( [DISTINCT] args ): the cursor is on the name */
static sb_status
primary_call(sb_parser *p, sb_ast_expr **out)
{
    const sb_token *token = sb_parse_peek(p, 0);
    sb_ast_name name = {.begin = token->begin, .end = token->end};

    name.text = sb_arena_strndup(p->arena, token->value.data, token->value.size);
    if (name.text == NULL) {
        SB_NOMEM(p->err);
    }
    p->at++;
    return primary_call_of(p, &name, 1, out);
}

static sb_status
primary_name(sb_parser *p, sb_ast_expr **out)
{
    sb_ast_expr *expr = sb_parse_expr_new(p, SB_AST_NAME, sb_parse_peek(p, 0)->begin);
    bool quoted = sb_parse_peek(p, 0)->kind == SB_TOKEN_QUOTED;
    sb_ast_name parts[8];
    int32_t count = 0;

    if (expr == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_name(p, "an expression", &parts[count++]), p->err);
    while (count < 8 && sb_parse_is_symbol(p, 0, ".")) {
        p->at++;
        if (sb_parse_is_symbol(p, 0, "*")) {
            p->at++;
            expr->kind = SB_AST_STAR;
            break;
        }
        SB_TRY(sb_parse_name(p, "a name after \".\"", &parts[count++]), p->err);
    }
    if (expr->kind == SB_AST_NAME && sb_parse_is_symbol(p, 0, "(") && (count > 1 || quoted)) {
        return primary_call_of(p, parts, count, out);
    }
    expr->path.count = count;
    expr->path.parts = sb_arena_memdup(p->arena, parts, sizeof(parts[0]) * (size_t)count);
    if (expr->path.parts == NULL) {
        SB_NOMEM(p->err);
    }
    expr->path.begin = expr->begin;
    expr->path.end = parts[count - 1].end;
    expr->end = sb_parse_last_end(p);
    *out = expr;
    return SB_OK;
}

static sb_status
primary_literal(sb_parser *p, sb_ast_expr_kind kind, sb_ast_expr **out)
{
    const sb_token *token = sb_parse_peek(p, 0);
    sb_ast_expr *expr = sb_parse_expr_new(p, kind, token->begin);

    if (expr == NULL) {
        SB_NOMEM(p->err);
    }
    expr->text = token->value;
    expr->token = (uint8_t)token->kind;
    expr->boolean = sb_parse_is_word(p, 0, "TRUE");
    p->at++;
    /* 'a' 'b' on two lines is one string in the standard; nobody means it. */
    expr->end = sb_parse_last_end(p);
    *out = expr;
    return SB_OK;
}

/* Words that start something of their own. out_taken false: a plain name or call. */
static sb_status
primary_word(sb_parser *p, sb_ast_expr **out, bool *out_taken)
{
    const char *niladic;
    bool string_next = sb_parse_peek(p, 1)->kind == SB_TOKEN_STRING;

    *out_taken = true;
    if (sb_parse_is_word(p, 0, "TRUE") || sb_parse_is_word(p, 0, "FALSE")) {
        return primary_literal(p, SB_AST_BOOLEAN, out);
    }
    if (sb_parse_is_word(p, 0, "NULL") || sb_parse_is_word(p, 0, "UNKNOWN")) {
        bool unknown = sb_parse_is_word(p, 0, "UNKNOWN");

        SB_TRY(primary_literal(p, SB_AST_NULL, out), p->err);
        (*out)->type = unknown ? SB_TYPE(BOOLEAN, true) : SB_TYPE(NULL, true);
        return SB_OK;
    }
    if (sb_parse_is_word(p, 0, "DATE") && string_next) {
        return primary_temporal(p, SB_TYPE_DATE, 1, out);
    }
    if (sb_parse_is_word(p, 0, "TIME") && string_next) {
        return primary_temporal(p, SB_TYPE_TIME, 1, out);
    }
    if (sb_parse_is_word(p, 0, "TIMESTAMP") && string_next) {
        return primary_temporal(p, SB_TYPE_TIMESTAMP, 1, out);
    }
    if (sb_parse_is_word(p, 0, "INTERVAL")) {
        return primary_interval(p, out);
    }
    if (sb_parse_is_word(p, 0, "CASE")) {
        return primary_case(p, out);
    }
    if (sb_parse_is_symbol(p, 1, "(") &&
        (sb_parse_is_word(p, 0, "CAST") || sb_parse_is_word(p, 0, "TRY_CAST"))) {
        return primary_cast(p, sb_parse_is_word(p, 0, "TRY_CAST"), out);
    }
    if (sb_parse_is_symbol(p, 1, "(") && sb_parse_is_query(p, 2) &&
        (sb_parse_is_word(p, 0, "ARRAY") || sb_parse_is_word(p, 0, "MAP") ||
         sb_parse_is_word(p, 0, "MULTISET"))) {
        return sb_parse_subquery(p, SB_AST_SUBQUERY, NULL, out);
    }
    if (sb_parse_is_symbol(p, 1, "[") &&
        (sb_parse_is_word(p, 0, "ARRAY") || sb_parse_is_word(p, 0, "MAP"))) {
        return primary_brackets(p, sb_parse_is_word(p, 0, "ARRAY") ? "ARRAY" : "MAP", out);
    }
    if (sb_parse_is_word(p, 0, "EXISTS") && sb_parse_is_symbol(p, 1, "(")) {
        return sb_parse_subquery(p, SB_AST_EXISTS, NULL, out);
    }
    niladic = sb_parse_peek(p, 0)->kind == SB_TOKEN_NAME
                  ? sb_sql_niladic(sb_parse_peek(p, 0)->value)
                  : NULL;
    if (niladic != NULL && !sb_parse_is_symbol(p, 1, "(") && !sb_parse_is_symbol(p, 1, ".")) {
        p->at++;
        return sb_parse_call_new(p, niladic, p->tokens[p->at - 1].begin, NULL, 0, out);
    }
    *out_taken = false;
    return SB_OK;
}

sb_status
sb_parse_primary(sb_parser *p, sb_ast_expr **out)
{
    const sb_token *token = sb_parse_peek(p, 0);
    bool taken = false;

    switch (token->kind) {
    case SB_TOKEN_INTEGER:
    case SB_TOKEN_DECIMAL:
    case SB_TOKEN_DOUBLE: return primary_literal(p, SB_AST_NUMBER, out);
    case SB_TOKEN_STRING: return primary_literal(p, SB_AST_STRING, out);
    case SB_TOKEN_BINARY: return primary_literal(p, SB_AST_BINARY, out);
    case SB_TOKEN_QUOTED: return primary_name(p, out);
    case SB_TOKEN_SYMBOL:
        if (sb_parse_is_symbol(p, 0, "(")) {
            return primary_parentheses(p, out);
        }
        if (sb_parse_is_symbol(p, 0, "{")) {
            return sb_parse_escape(p, out);
        }
        return sb_parse_fail(p, "an expression");
    case SB_TOKEN_NAME: break;
    case SB_TOKEN_END:
    case SB_TOKEN_BAD:
    case SB_TOKEN_HINT: return sb_parse_fail(p, "an expression");
    }
    SB_TRY(primary_word(p, out, &taken), p->err);
    if (taken) {
        return SB_OK;
    }
    if (sb_parse_is_symbol(p, 1, "(")) {
        bool callable = !sb_sql_is_keyword(token->value) || sb_parse_is_word(p, 0, "LEFT") ||
                        sb_parse_is_word(p, 0, "RIGHT");

        if (callable) {
            SB_TRY(sb_parse_special_call(p, out, &taken), p->err);
            return taken ? SB_OK : primary_call(p, out);
        }
    }
    return primary_name(p, out);
}
