/*
 * sql/parse_special.c -- functions with words between their arguments.
 *
 * DESIGN     Each becomes a plain call: units and trim specifications are string literals
 *            (expr/expr.h).
 * THREADS    one thread at a time.
 */
#include "sql/parse_special.h"

#include <string.h>

sb_status
sb_parse_string_new(sb_parser *p, const char *text, int32_t begin, int32_t end, sb_ast_expr **out)
{
    *out = sb_parse_expr_new(p, SB_AST_STRING, begin);
    if (*out == NULL) {
        SB_NOMEM(p->err);
    }
    (*out)->text = sb_str_of(text);
    (*out)->end = end;
    return SB_OK;
}

static const char *const special_units[] = {
    "YEAR",   "QUARTER",     "MONTH",       "WEEK",       "DAY",    "HOUR",    "MINUTE",
    "SECOND", "MILLISECOND", "MICROSECOND", "NANOSECOND", "DECADE", "CENTURY", "MILLENNIUM",
    "DOY",    "DOW",         "ISODOW",      "ISOYEAR",    "EPOCH",
};

/* A unit word as a string literal; SQL_TSI_x counts as x. */
static sb_status
special_unit(sb_parser *p, sb_ast_expr **out)
{
    const sb_token *token = sb_parse_peek(p, 0);
    sb_str word = token->value;

    if (token->kind == SB_TOKEN_NAME) {
        if (word.size > 8 && sb_str_equal_nocase((sb_str){word.data, 8}, SB_STR("SQL_TSI_"))) {
            word = (sb_str){word.data + 8, word.size - 8};
        }
        for (size_t i = 0; i < sizeof(special_units) / sizeof(special_units[0]); i++) {
            if (sb_str_equal_nocase(word, sb_str_of(special_units[i]))) {
                p->at++;
                return sb_parse_string_new(p, special_units[i], token->begin, token->end, out);
            }
        }
    }
    return sb_parse_fail(p, "a time unit such as DAY or SECOND");
}

static sb_status
special_extract(sb_parser *p, int32_t begin, sb_ast_expr **out)
{
    sb_ast_expr *args[2];

    SB_TRY(special_unit(p, &args[0]), p->err);
    SB_TRY(sb_parse_want_word(p, "FROM"), p->err);
    SB_TRY(sb_parse_expr(p, &args[1]), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    return sb_parse_call_new(p, "EXTRACT", begin, args, 2, out);
}

/* FLOOR(x), FLOOR(x TO unit) */
static sb_status
special_floor(sb_parser *p, const char *name, int32_t begin, sb_ast_expr **out)
{
    sb_ast_expr *args[2];
    int32_t count = 1;

    SB_TRY(sb_parse_expr(p, &args[0]), p->err);
    if (sb_parse_take_word(p, "TO")) {
        SB_TRY(special_unit(p, &args[1]), p->err);
        count = 2;
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    return sb_parse_call_new(p, name, begin, args, count, out);
}

/* TIMESTAMPADD(unit, a, b), TIMESTAMPDIFF(unit, a, b) */
static sb_status
special_timestamp(sb_parser *p, const char *name, int32_t begin, sb_ast_expr **out)
{
    sb_ast_expr *args[3];

    SB_TRY(special_unit(p, &args[0]), p->err);
    for (int32_t i = 1; i < 3; i++) {
        SB_TRY(sb_parse_want_symbol(p, ","), p->err);
        SB_TRY(sb_parse_expr(p, &args[i]), p->err);
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    return sb_parse_call_new(p, name, begin, args, 3, out);
}

/* SUBSTRING(s FROM a FOR b), SUBSTRING(s, a, b) */
static sb_status
special_substring(sb_parser *p, int32_t begin, sb_ast_expr **out)
{
    sb_ast_expr *args[3];
    int32_t count = 2;

    SB_TRY(sb_parse_expr(p, &args[0]), p->err);
    if (!sb_parse_take_symbol(p, ",")) {
        SB_TRY(sb_parse_want_word(p, "FROM"), p->err);
    }
    SB_TRY(sb_parse_expr(p, &args[1]), p->err);
    if (sb_parse_take_symbol(p, ",") || sb_parse_take_word(p, "FOR")) {
        SB_TRY(sb_parse_expr(p, &args[2]), p->err);
        count = 3;
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    return sb_parse_call_new(p, "SUBSTRING", begin, args, count, out);
}

/* TRIM([BOTH | LEADING | TRAILING] [chars] FROM s), TRIM(s) */
static sb_status
special_trim(sb_parser *p, int32_t begin, sb_ast_expr **out)
{
    static const char *const specs[] = {"BOTH", "LEADING", "TRAILING"};
    int32_t at = sb_parse_peek(p, 0)->begin;
    const char *spec = NULL;
    sb_ast_expr *args[3] = {0};

    for (int i = 0; i < 3 && spec == NULL; i++) {
        if (sb_parse_is_word(p, 0, specs[i]) && !sb_parse_is_symbol(p, 1, ")") &&
            !sb_parse_is_symbol(p, 1, ".")) {
            spec = specs[i];
            p->at++;
        }
    }
    SB_TRY(sb_parse_string_new(p, spec != NULL ? spec : "BOTH", at, sb_parse_last_end(p), &args[0]),
           p->err);
    if (spec == NULL || !sb_parse_take_word(p, "FROM")) {
        SB_TRY(sb_parse_expr(p, &args[1]), p->err);
        if (!sb_parse_take_word(p, "FROM")) {
            if (spec != NULL) {
                return sb_parse_fail(p, "FROM");
            }
            args[2] = args[1];
            args[1] = NULL;
        }
    }
    if (args[1] == NULL) {
        SB_TRY(sb_parse_string_new(p, " ", at, at, &args[1]), p->err);
    }
    if (args[2] == NULL) {
        SB_TRY(sb_parse_expr(p, &args[2]), p->err);
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    return sb_parse_call_new(p, "TRIM", begin, args, 3, out);
}

static sb_status
special_position(sb_parser *p, int32_t begin, sb_ast_expr **out)
{
    sb_ast_expr *args[2];

    SB_TRY(sb_parse_expr_tight(p, &args[0]), p->err);
    SB_TRY(sb_parse_want_word(p, "IN"), p->err);
    SB_TRY(sb_parse_expr(p, &args[1]), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    return sb_parse_call_new(p, "POSITION", begin, args, 2, out);
}

/* OVERLAY(a PLACING b FROM c [FOR d]) */
static sb_status
special_overlay(sb_parser *p, int32_t begin, sb_ast_expr **out)
{
    static const char *const words[] = {"PLACING", "FROM", "FOR"};
    sb_ast_expr *args[4];
    int32_t count = 1;

    SB_TRY(sb_parse_expr(p, &args[0]), p->err);
    for (int i = 0; i < 3; i++) {
        if (!sb_parse_take_symbol(p, ",") && !sb_parse_take_word(p, words[i])) {
            if (i < 2) {
                return sb_parse_fail(p, words[i]);
            }
            break;
        }
        SB_TRY(sb_parse_expr(p, &args[count++]), p->err);
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    return sb_parse_call_new(p, "OVERLAY", begin, args, count, out);
}

/* The cursor is on the name; an opening bracket follows. */
sb_status
sb_parse_special_call(sb_parser *p, sb_ast_expr **out, bool *out_taken)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;

    *out_taken = true;
    p->at += 2;
    if (sb_parse_is_word(p, -2, "EXTRACT")) {
        return special_extract(p, begin, out);
    }
    if (sb_parse_is_word(p, -2, "FLOOR")) {
        return special_floor(p, "FLOOR", begin, out);
    }
    if (sb_parse_is_word(p, -2, "CEIL") || sb_parse_is_word(p, -2, "CEILING")) {
        return special_floor(p, "CEIL", begin, out);
    }
    if (sb_parse_is_word(p, -2, "TIMESTAMPADD")) {
        return special_timestamp(p, "TIMESTAMPADD", begin, out);
    }
    if (sb_parse_is_word(p, -2, "TIMESTAMPDIFF")) {
        return special_timestamp(p, "TIMESTAMPDIFF", begin, out);
    }
    if (sb_parse_is_word(p, -2, "SUBSTRING") || sb_parse_is_word(p, -2, "SUBSTR")) {
        return special_substring(p, begin, out);
    }
    if (sb_parse_is_word(p, -2, "TRIM")) {
        return special_trim(p, begin, out);
    }
    if (sb_parse_is_word(p, -2, "POSITION")) {
        return special_position(p, begin, out);
    }
    if (sb_parse_is_word(p, -2, "OVERLAY")) {
        return special_overlay(p, begin, out);
    }
    p->at -= 2;
    return sb_parse_json_call(p, out, out_taken);
}
