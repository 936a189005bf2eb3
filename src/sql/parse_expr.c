/*
 * sql/parse_expr.c -- expressions by precedence.
 *
 * DESIGN     Loosest first: OR, AND, NOT, IS, comparison, BETWEEN / IN / LIKE, + -, * / % ||,
 *            sign, then what follows a value (.field, [index]). One loop per operand takes all
 *            operators that bind at least as tight as asked for.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/parse_special.h"

enum {
    BIND_OR = 1,
    BIND_AND,
    BIND_NOT,
    BIND_IS,
    BIND_COMPARE,
    BIND_RANGE,
    BIND_ADD,
    BIND_MULTIPLY,
    BIND_SIGN
};

static sb_status expr_at(sb_parser *p, int level, sb_ast_expr **out);

sb_ast_expr *
sb_parse_expr_new(sb_parser *p, sb_ast_expr_kind kind, int32_t begin)
{
    sb_ast_expr *expr = SB_NEW(p->arena, sb_ast_expr);

    if (expr != NULL) {
        expr->kind = kind;
        expr->begin = begin;
    }
    return expr;
}

sb_status
sb_parse_expr_depth(sb_parser *p, sb_ast_expr *expr)
{
    int32_t depth = expr->filter != NULL ? expr->filter->depth : 0;

    for (int32_t i = 0; i < expr->count_args; i++) {
        if (expr->args[i] != NULL && expr->args[i]->depth > depth) {
            depth = expr->args[i]->depth;
        }
    }
    expr->depth = depth + 1;
    if (expr->depth > SB_PARSE_TREE_MAX) {
        return sb_sql_error(p->err, SB_SQL_TOO_DEEP, expr->begin, expr->end,
                            "expression more than %d levels deep", SB_PARSE_TREE_MAX);
    }
    return SB_OK;
}

sb_status
sb_parse_call_new(sb_parser *p, const char *name, int32_t begin, sb_ast_expr *const *args,
                  int32_t count, sb_ast_expr **out)
{
    sb_ast_expr *call = sb_parse_expr_new(p, SB_AST_CALL, begin);

    if (call == NULL) {
        SB_NOMEM(p->err);
    }
    call->name = name;
    call->count_args = count;
    if (count > 0) {
        call->args = sb_arena_memdup(p->arena, args, sizeof(args[0]) * (size_t)count);
        if (call->args == NULL) {
            SB_NOMEM(p->err);
        }
    }
    call->end = sb_parse_last_end(p);
    *out = call;
    return sb_parse_expr_depth(p, call);
}

/* ---- operators after an operand ---- */

static sb_status
expr_is(sb_parser *p, sb_ast_expr **left)
{
    static const struct {
        const char *words, *name;
    } tests[] = {
        {"NOT NULL", "IS NOT NULL"},
        {"NULL", "IS NULL"},
        {"NOT TRUE", "IS NOT TRUE"},
        {"TRUE", "IS TRUE"},
        {"NOT FALSE", "IS NOT FALSE"},
        {"FALSE", "IS FALSE"},
        {"NOT UNKNOWN", "IS NOT UNKNOWN"},
        {"UNKNOWN", "IS UNKNOWN"},
        {"NOT JSON VALUE", "IS NOT JSON VALUE"},
        {"JSON VALUE", "IS JSON VALUE"},
        {"NOT JSON OBJECT", "IS NOT JSON OBJECT"},
        {"JSON OBJECT", "IS JSON OBJECT"},
        {"NOT JSON ARRAY", "IS NOT JSON ARRAY"},
        {"JSON ARRAY", "IS JSON ARRAY"},
        {"NOT JSON SCALAR", "IS NOT JSON SCALAR"},
        {"JSON SCALAR", "IS JSON SCALAR"},
        {"NOT JSON", "IS NOT JSON"},
        {"JSON", "IS JSON"},
    };

    p->at++;
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (sb_parse_take_words(p, tests[i].words)) {
            return sb_parse_call_new(p, tests[i].name, (*left)->begin, left, 1, left);
        }
    }
    if (sb_parse_is_word(p, 0, "DISTINCT") ||
        (sb_parse_is_word(p, 0, "NOT") && sb_parse_is_word(p, 1, "DISTINCT"))) {
        bool negated = sb_parse_take_word(p, "NOT");
        sb_ast_expr *args[2] = {*left};

        p->at++;
        SB_TRY(sb_parse_want_word(p, "FROM"), p->err);
        SB_TRY(expr_at(p, BIND_COMPARE + 1, &args[1]), p->err);
        return sb_parse_call_new(p, negated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM",
                                 args[0]->begin, args, 2, left);
    }
    return sb_parse_fail(p, "NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM");
}

static sb_status
expr_not(sb_parser *p, bool negated, sb_ast_expr **expr)
{
    return negated ? sb_parse_call_new(p, "NOT", (*expr)->begin, expr, 1, expr) : SB_OK;
}

static sb_status
expr_between(sb_parser *p, bool negated, sb_ast_expr **left)
{
    sb_ast_expr *args[3] = {*left};
    bool symmetric;

    p->at++;
    symmetric = sb_parse_take_word(p, "SYMMETRIC");
    (void)sb_parse_take_word(p, "ASYMMETRIC");
    SB_TRY(expr_at(p, BIND_ADD, &args[1]), p->err);
    SB_TRY(sb_parse_want_word(p, "AND"), p->err);
    SB_TRY(expr_at(p, BIND_ADD, &args[2]), p->err);
    SB_TRY(sb_parse_call_new(p, symmetric ? "BETWEEN SYMMETRIC" : "BETWEEN", args[0]->begin, args,
                             3, left),
           p->err);
    return expr_not(p, negated, left);
}

static sb_status
expr_like(sb_parser *p, const char *name, bool negated, sb_ast_expr **left)
{
    sb_ast_expr *args[3] = {*left};
    int32_t count = 2;

    p->at++;
    SB_TRY(expr_at(p, BIND_ADD, &args[1]), p->err);
    if (sb_parse_take_word(p, "ESCAPE")) {
        SB_TRY(expr_at(p, BIND_ADD, &args[2]), p->err);
        count = 3;
    }
    SB_TRY(sb_parse_call_new(p, name, args[0]->begin, args, count, left), p->err);
    return expr_not(p, negated, left);
}

static sb_status
expr_in(sb_parser *p, bool negated, sb_ast_expr **left)
{
    sb_parse_list list = {0};
    sb_ast_expr **items;
    int32_t count, begin = (*left)->begin;

    if (sb_parse_is_symbol(p, 1, "(") && sb_parse_is_query(p, 2)) {
        p->at++;
        SB_TRY(sb_parse_subquery(p, SB_AST_IN_QUERY, *left, left), p->err);
        return expr_not(p, negated, left);
    }
    p->at++;
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    SB_TRY(sb_parse_expr_list(p, &items, &count), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_TRY(sb_parse_list_add(p, &list, *left), p->err);
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(sb_parse_list_add(p, &list, items[i]), p->err);
    }
    SB_TRY(sb_parse_call_new(p, "IN", begin, (sb_ast_expr **)list.at, list.count, left), p->err);
    return expr_not(p, negated, left);
}

/* (a, b) OVERLAPS (c, d) */
static sb_status
expr_overlaps(sb_parser *p, sb_ast_expr **left)
{
    sb_ast_expr *right, *args[4];

    p->at++;
    SB_TRY(expr_at(p, BIND_ADD, &right), p->err);
    if ((*left)->count_args != 2 || (*left)->name == NULL || strcmp((*left)->name, "ROW") != 0 ||
        right->count_args != 2 || right->name == NULL || strcmp(right->name, "ROW") != 0) {
        return sb_sql_error(p->err, SB_SQL_SYNTAX, (*left)->begin, right->end,
                            "OVERLAPS stands between two pairs (start, end)");
    }
    memcpy(args, (*left)->args, sizeof(args[0]) * 2);
    memcpy(args + 2, right->args, sizeof(args[0]) * 2);
    return sb_parse_call_new(p, "OVERLAPS", (*left)->begin, args, 4, left);
}

/* [NOT] BETWEEN, IN, LIKE, SIMILAR TO, OVERLAPS; out_taken: was there one? */
static sb_status
expr_range(sb_parser *p, sb_ast_expr **left, bool *out_taken)
{
    int32_t skip = sb_parse_is_word(p, 0, "NOT") ? 1 : 0;

    *out_taken = true;
    if (sb_parse_is_word(p, skip, "BETWEEN")) {
        p->at += skip;
        return expr_between(p, skip != 0, left);
    }
    if (sb_parse_is_word(p, skip, "IN")) {
        p->at += skip;
        return expr_in(p, skip != 0, left);
    }
    if (sb_parse_is_word(p, skip, "LIKE")) {
        p->at += skip;
        return expr_like(p, "LIKE", skip != 0, left);
    }
    if (sb_parse_is_word(p, skip, "SIMILAR") && sb_parse_is_word(p, skip + 1, "TO")) {
        p->at += skip + 1;
        return expr_like(p, "SIMILAR TO", skip != 0, left);
    }
    if (skip == 0 && sb_parse_is_word(p, 0, "OVERLAPS")) {
        return expr_overlaps(p, left);
    }
    if (sb_parse_is_word(p, skip, "RLIKE") || sb_parse_is_word(p, skip, "ILIKE")) {
        p->at += skip;
        return sb_parse_unsupported(p, 1, sb_parse_is_word(p, 0, "RLIKE") ? "RLIKE" : "ILIKE");
    }
    *out_taken = false;
    return SB_OK;
}

static const struct {
    const char *symbol, *name;
    int level;
} expr_symbols[] = {
    {"=", "=", BIND_COMPARE},    {"<>", "<>", BIND_COMPARE}, {"!=", "<>", BIND_COMPARE},
    {"<", "<", BIND_COMPARE},    {"<=", "<=", BIND_COMPARE}, {">", ">", BIND_COMPARE},
    {">=", ">=", BIND_COMPARE},  {"+", "+", BIND_ADD},       {"-", "-", BIND_ADD},
    {"*", "*", BIND_MULTIPLY},   {"/", "/", BIND_MULTIPLY},  {"%", "%", BIND_MULTIPLY},
    {"||", "||", BIND_MULTIPLY},
};

/* One binary operator of at least `level` and its right side; out_taken false: none here. */
static sb_status
expr_operator(sb_parser *p, int level, sb_ast_expr **left, bool *out_taken)
{
    const sb_token *token = sb_parse_peek(p, 0);
    sb_ast_expr *args[2] = {*left};

    *out_taken = true;
    if (level <= BIND_OR && sb_parse_take_word(p, "OR")) {
        SB_TRY(expr_at(p, BIND_OR + 1, &args[1]), p->err);
        return sb_parse_call_new(p, "OR", args[0]->begin, args, 2, left);
    }
    if (level <= BIND_AND && sb_parse_take_word(p, "AND")) {
        SB_TRY(expr_at(p, BIND_AND + 1, &args[1]), p->err);
        return sb_parse_call_new(p, "AND", args[0]->begin, args, 2, left);
    }
    if (level <= BIND_IS && sb_parse_is_word(p, 0, "IS")) {
        return expr_is(p, left);
    }
    for (size_t i = 0;
         token->kind == SB_TOKEN_SYMBOL && i < sizeof(expr_symbols) / sizeof(expr_symbols[0]);
         i++) {
        if (level <= expr_symbols[i].level && sb_parse_take_symbol(p, expr_symbols[i].symbol)) {
            if (expr_symbols[i].level == BIND_COMPARE && sb_parse_is_quantified(p)) {
                return sb_parse_quantified(p, expr_symbols[i].name, left);
            }
            SB_TRY(expr_at(p, expr_symbols[i].level + 1, &args[1]), p->err);
            return sb_parse_call_new(p, expr_symbols[i].name, args[0]->begin, args, 2, left);
        }
    }
    if (level <= BIND_RANGE) {
        return expr_range(p, left, out_taken);
    }
    *out_taken = false;
    return SB_OK;
}

/* ---- operands ---- */

static sb_status
expr_field(sb_parser *p, sb_ast_expr **expr)
{
    sb_ast_expr *field;
    sb_ast_name name;

    p->at++;
    field = sb_parse_expr_new(p, sb_parse_is_symbol(p, 0, "*") ? SB_AST_ROW_STAR : SB_AST_FIELD,
                              (*expr)->begin);
    if (field == NULL) {
        SB_NOMEM(p->err);
    }
    field->args = sb_arena_memdup(p->arena, expr, sizeof(*expr));
    if (field->args == NULL) {
        SB_NOMEM(p->err);
    }
    field->count_args = 1;
    if (field->kind == SB_AST_FIELD) {
        SB_TRY(sb_parse_name(p, "a name of a field", &name), p->err);
        field->name = name.text;
    } else {
        p->at++;
    }
    field->end = sb_parse_last_end(p);
    *expr = field;
    return sb_parse_expr_depth(p, field);
}

/* What follows a value: .field, .*, [index] */
static sb_status
expr_suffix(sb_parser *p, sb_ast_expr **expr)
{
    for (;;) {
        if (sb_parse_is_symbol(p, 0, ".")) {
            if ((*expr)->kind == SB_AST_ROW_STAR) {
                return sb_parse_fail(p, "the end of the expression");
            }
            SB_TRY(expr_field(p, expr), p->err);
        } else if (sb_parse_is_symbol(p, 0, "[")) {
            sb_ast_expr *args[2] = {*expr};

            p->at++;
            SB_TRY(sb_parse_expr(p, &args[1]), p->err);
            SB_TRY(sb_parse_want_symbol(p, "]"), p->err);
            SB_TRY(sb_parse_call_new(p, "ITEM", args[0]->begin, args, 2, expr), p->err);
        } else {
            return SB_OK;
        }
    }
}

static sb_status
expr_sign(sb_parser *p, sb_ast_expr **out)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;
    bool minus = sb_parse_is_symbol(p, 0, "-");
    sb_ast_expr *arg;

    p->at++;
    SB_TRY(expr_at(p, BIND_SIGN, &arg), p->err);
    if (!minus) {
        *out = arg;
        return SB_OK;
    }
    if (arg->kind == SB_AST_NUMBER && !arg->negative && p->text[arg->begin] != '-') {
        arg->negative = true; /* so that the smallest BIGINT can be written */
        arg->begin = begin;
        *out = arg;
        return SB_OK;
    }
    return sb_parse_call_new(p, "-", begin, &arg, 1, out);
}

static sb_status
expr_operand(sb_parser *p, int level, sb_ast_expr **out)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;

    if (sb_parse_is_word(p, 0, "NOT") && level <= BIND_NOT) {
        sb_ast_expr *arg;

        p->at++;
        SB_TRY(expr_at(p, BIND_NOT, &arg), p->err);
        return sb_parse_call_new(p, "NOT", begin, &arg, 1, out);
    }
    if (sb_parse_is_symbol(p, 0, "-") || sb_parse_is_symbol(p, 0, "+")) {
        return expr_sign(p, out);
    }
    SB_TRY(sb_parse_primary(p, out), p->err);
    return expr_suffix(p, out);
}

static sb_status
expr_at(sb_parser *p, int level, sb_ast_expr **out)
{
    bool taken = true;

    SB_TRY(sb_parse_enter(p), p->err);
    SB_TRY(expr_operand(p, level, out), p->err);
    SB_TRY(sb_parse_expr_depth(p, *out), p->err);
    while (taken) {
        SB_TRY(expr_operator(p, level, out, &taken), p->err);
    }
    sb_parse_leave(p);
    return SB_OK;
}

sb_status
sb_parse_expr(sb_parser *p, sb_ast_expr **out)
{
    return expr_at(p, BIND_OR, out);
}

sb_status
sb_parse_expr_tight(sb_parser *p, sb_ast_expr **out)
{
    return expr_at(p, BIND_ADD, out);
}

sb_status
sb_parse_expr_list(sb_parser *p, sb_ast_expr ***out, int32_t *out_count)
{
    sb_parse_list list = {0};

    do {
        sb_ast_expr *expr;

        SB_TRY(sb_parse_expr(p, &expr), p->err);
        SB_TRY(sb_parse_list_add(p, &list, expr), p->err);
    } while (sb_parse_take_symbol(p, ","));
    *out = (sb_ast_expr **)list.at;
    *out_count = list.count;
    return SB_OK;
}
