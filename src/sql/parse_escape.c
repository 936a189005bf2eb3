/*
 * sql/parse_escape.c -- escapes of JDBC and ODBC: {fn NAME(...)}, {d '...'}, {t '...'}, {ts '...'}.
 *
 * DESIGN     Each becomes what it stands for; fmt prints that. The functions are those that run in
 * Flink, by their names in capital letters.
 * THREADS    one thread at a time.
 */
#include "sql/parse_special.h"

#include <string.h>

typedef enum escape_form { PLAIN, JOIN, INSERTION, SPECIAL, CONVERSION } escape_form;

static const struct {
    const char *name, *call; /* as the escape and as this SQL calls it */
    int32_t least, most;     /* arguments */
    escape_form form;
} escape_functions[] = {
    {"ABS", "ABS", 1, 1, PLAIN},
    {"ACOS", "ACOS", 1, 1, PLAIN},
    {"ASIN", "ASIN", 1, 1, PLAIN},
    {"ATAN", "ATAN", 1, 1, PLAIN},
    {"ATAN2", "ATAN2", 2, 2, PLAIN},
    {"CEILING", "CEIL", 1, 1, PLAIN},
    {"CONCAT", "||", 2, 2, JOIN},
    {"CONVERT", "CAST", 2, 2, CONVERSION},
    {"COS", "COS", 1, 1, PLAIN},
    {"COT", "COT", 1, 1, PLAIN},
    {"DAYOFMONTH", "DAYOFMONTH", 1, 1, PLAIN},
    {"DAYOFWEEK", "DAYOFWEEK", 1, 1, PLAIN},
    {"DAYOFYEAR", "DAYOFYEAR", 1, 1, PLAIN},
    {"DEGREES", "DEGREES", 1, 1, PLAIN},
    {"EXP", "EXP", 1, 1, PLAIN},
    {"FLOOR", "FLOOR", 1, 1, PLAIN},
    {"HOUR", "HOUR", 1, 1, PLAIN},
    {"IFNULL", "COALESCE", 2, 2, PLAIN},
    {"INSERT", "OVERLAY", 4, 4, INSERTION},
    {"LCASE", "LOWER", 1, 1, PLAIN},
    {"LENGTH", "CHAR_LENGTH", 1, 1, PLAIN},
    {"LOCATE", "LOCATE", 2, 3, PLAIN},
    {"LOG", "LN", 1, 1, PLAIN},
    {"LOG10", "LOG10", 1, 1, PLAIN},
    {"LTRIM", "LTRIM", 1, 1, PLAIN},
    {"MINUTE", "MINUTE", 1, 1, PLAIN},
    {"MOD", "MOD", 2, 2, PLAIN},
    {"MONTH", "MONTH", 1, 1, PLAIN},
    {"PI", "PI", 0, 0, PLAIN},
    {"POWER", "POWER", 2, 2, PLAIN},
    {"QUARTER", "QUARTER", 1, 1, PLAIN},
    {"RADIANS", "RADIANS", 1, 1, PLAIN},
    {"RTRIM", "RTRIM", 1, 1, PLAIN},
    {"SECOND", "SECOND", 1, 1, PLAIN},
    {"SIGN", "SIGN", 1, 1, PLAIN},
    {"SIN", "SIN", 1, 1, PLAIN},
    {"SQRT", "SQRT", 1, 1, PLAIN},
    {"TAN", "TAN", 1, 1, PLAIN},
    {"TIMESTAMPADD", "TIMESTAMPADD", 3, 3, SPECIAL},
    {"TIMESTAMPDIFF", "TIMESTAMPDIFF", 3, 3, SPECIAL},
    {"UCASE", "UPPER", 1, 1, PLAIN},
    {"WEEK", "WEEK", 1, 1, PLAIN},
    {"YEAR", "YEAR", 1, 1, PLAIN},
};

#define ESCAPE_ARGS_MAX 4

/* Arguments up to the closing bracket; the cursor is behind the opening one. */
static sb_status
escape_args(sb_parser *p, sb_ast_expr **args, int32_t least, int32_t most, int32_t *out_count)
{
    int32_t count = 0;

    while (count < most) {
        if (count > 0 && !sb_parse_is_symbol(p, 0, ",") && count >= least) {
            break;
        }
        if (count > 0) {
            SB_TRY(sb_parse_want_symbol(p, ","), p->err);
        }
        SB_TRY(sb_parse_expr(p, &args[count++]), p->err);
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    *out_count = count;
    return SB_OK;
}

/* CONVERT(x, type) is a CAST; the cursor is behind the opening bracket. */
static sb_status
escape_convert(sb_parser *p, int32_t begin, sb_ast_expr **out)
{
    sb_ast_expr *expr = sb_parse_expr_new(p, SB_AST_CAST, begin), *arg;

    if (expr == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_expr(p, &arg), p->err);
    SB_TRY(sb_parse_want_symbol(p, ","), p->err);
    expr->type_begin = sb_parse_peek(p, 0)->begin;
    SB_TRY(sb_parse_type(p, &expr->type), p->err);
    expr->type_end = sb_parse_last_end(p);
    *out = expr;
    return sb_parse_end_of_call(p, expr, arg);
}

/* The cursor is on the name of the function. */
static sb_status
escape_function(sb_parser *p, sb_ast_expr **out)
{
    const sb_token *name = sb_parse_peek(p, 0);
    sb_ast_expr *args[ESCAPE_ARGS_MAX];
    int32_t count = 0, found = -1;
    bool taken;

    for (size_t i = 0; i < sizeof(escape_functions) / sizeof(escape_functions[0]); i++) {
        bool same = sb_str_equal(name->value, sb_str_of(escape_functions[i].name));

        found = same ? (int32_t)i : found;
    }
    if (name->kind != SB_TOKEN_NAME || !sb_parse_is_symbol(p, 1, "(")) {
        return sb_parse_fail(p, "a function");
    }
    if (found < 0) {
        return sb_sql_error(
            p->err, SB_SQL_UNSUPPORTED, name->begin, name->end, "not supported: {fn %.*s(...)}",
            (int)(name->value.size > 100 ? 100 : name->value.size), name->value.data);
    }
    if (escape_functions[found].form == SPECIAL) {
        return sb_parse_special_call(p, out, &taken);
    }
    p->at += 2;
    if (escape_functions[found].form == CONVERSION) {
        return escape_convert(p, name->begin, out);
    }
    SB_TRY(
        escape_args(p, args, escape_functions[found].least, escape_functions[found].most, &count),
        p->err);
    if (escape_functions[found].form == INSERTION) {
        sb_ast_expr *text = args[3]; /* INSERT(s, from, for, text): OVERLAY has it second */

        args[3] = args[2];
        args[2] = args[1];
        args[1] = text;
    }
    return sb_parse_call_new(p, escape_functions[found].call, name->begin, args, count, out);
}

/* d '...', t '...', ts '...' */
static sb_status
escape_moment(sb_parser *p, sb_type_id id, sb_ast_expr **out)
{
    const sb_token *text = sb_parse_peek(p, 1);
    sb_ast_expr *expr = sb_parse_expr_new(p, SB_AST_TEMPORAL, sb_parse_peek(p, 0)->begin);

    if (expr == NULL) {
        SB_NOMEM(p->err);
    }
    if (text->kind != SB_TOKEN_STRING) {
        p->at++;
        return sb_parse_fail(p, "a text");
    }
    expr->type = (sb_type){.id = (uint8_t)id};
    expr->text = text->value;
    p->at += 2;
    expr->end = sb_parse_last_end(p);
    *out = expr;
    return SB_OK;
}

sb_status
sb_parse_escape(sb_parser *p, sb_ast_expr **out)
{
    static const struct {
        const char *word;
        sb_type_id id;
    } moments[] = {{"d", SB_TYPE_DATE}, {"t", SB_TYPE_TIME}, {"ts", SB_TYPE_TIMESTAMP}};

    int32_t begin = sb_parse_peek(p, 0)->begin;
    bool taken = false;

    p->at++;
    if (sb_parse_take_word(p, "FN")) {
        SB_TRY(escape_function(p, out), p->err);
        taken = true;
    }
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]) && !taken; i++) {
        if (sb_parse_is_word(p, 0, moments[i].word)) {
            SB_TRY(escape_moment(p, moments[i].id, out), p->err);
            taken = true;
        }
    }
    if (!taken) {
        return sb_parse_fail(p, "fn, d, t or ts");
    }
    SB_TRY(sb_parse_want_symbol(p, "}"), p->err);
    (*out)->begin = begin;
    (*out)->end = sb_parse_last_end(p);
    return SB_OK;
}
