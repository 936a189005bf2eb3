/*
 * sql/bind_literal.c -- literals to values, with the types Flink gives them.
 *
 * DESIGN     Integers are INT, then BIGINT, then DECIMAL; 1.50 is DECIMAL(3, 2), by the digits as
 *            written; 1e3 is DOUBLE; a string is CHAR(n); TIMESTAMP '...' has as many digits of
 *            precision as were written.
 * THREADS    one thread at a time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql/bind.h"
#include "sql/lexer.h"

static sb_status
literal_bad(sb_binder *b, const sb_ast_expr *ast, const char *what, const char *form)
{
    (void)sb_sql_error(b->rel.err, SB_SQL_BAD_LITERAL, ast->begin, ast->end,
                       "%s literal '%.*s' is not valid", what,
                       (int)(ast->text.size < 60 ? ast->text.size : 60), ast->text.data);
    sb_error_hint(b->rel.err, "the form is %s", form);
    return SB_STATUS_SYNTAX;
}

/* ---- numbers ---- */

static sb_status
literal_decimal(sb_binder *b, const sb_ast_expr *ast, sb_expr **out)
{
    unsigned __int128 value = 0;
    int digits = 0, scale = 0, significant = 0;
    bool after_point = false;
    sb_type type;

    for (size_t i = 0; i < ast->text.size; i++) {
        char c = ast->text.data[i];

        if (c == '.') {
            after_point = true;
            continue;
        }
        significant += significant > 0 || c != '0';
        if (significant > 38) {
            return sb_sql_error(b->rel.err, SB_SQL_VALUE, ast->begin, ast->end,
                                "number has more than 38 digits");
        }
        value = value * 10 + (unsigned)(c - '0');
        digits++;
        scale += after_point;
    }
    if (scale > 38) {
        return sb_sql_error(b->rel.err, SB_SQL_VALUE, ast->begin, ast->end,
                            "number has more than 38 digits after the point");
    }
    if (ast->token == SB_TOKEN_INTEGER && value <= (unsigned __int128)INT64_MAX + ast->negative) {
        int64_t number = ast->negative ? (int64_t)(0 - (uint64_t)value) : (int64_t)value;

        type = number >= INT32_MIN && number <= INT32_MAX ? SB_TYPE(INT, false)
                                                          : SB_TYPE(BIGINT, false);
        *out = sb_expr_i64(b->rel.arena, &type, number);
    } else {
        sb_int128 number = ast->negative ? -(sb_int128)value : (sb_int128)value;
        int precision = ast->token == SB_TOKEN_INTEGER ? significant : digits > 38 ? 38 : digits;

        type = sb_type_decimal(precision > 0 ? precision : 1, scale, false);
        if (type.precision <= 18) {
            *out = sb_expr_i64(b->rel.arena, &type, (int64_t)number);
        } else {
            *out = sb_expr_i128(b->rel.arena, &type, number);
        }
    }
    return SB_OK;
}

static sb_status
literal_number(sb_binder *b, const sb_ast_expr *ast, sb_expr **out)
{
    sb_type type = SB_TYPE(DOUBLE, false);
    char *copy;
    double value;

    if (ast->token != SB_TOKEN_DOUBLE) {
        return literal_decimal(b, ast, out);
    }
    copy = sb_arena_strndup(b->rel.arena, ast->text.data, ast->text.size);
    if (copy == NULL) {
        SB_NOMEM(b->rel.err);
    }
    value = strtod(copy, NULL);
    if (value > 1.7976931348623157e308) {
        return sb_sql_error(b->rel.err, SB_SQL_VALUE, ast->begin, ast->end,
                            "number is out of the range of DOUBLE");
    }
    *out = sb_expr_f64(b->rel.arena, &type, ast->negative ? -value : value);
    return SB_OK;
}

/* ---- dates and times ---- */

typedef struct literal_cursor {
    const char *at, *end;
    bool failed;
} literal_cursor;

static int64_t
cursor_number(literal_cursor *c, int min_digits, int max_digits, int *out_digits)
{
    int64_t value = 0;
    int digits = 0;

    while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && digits < max_digits) {
        value = value * 10 + (*c->at++ - '0');
        digits++;
    }
    if (digits < min_digits) {
        c->failed = true;
    }
    if (out_digits != NULL) {
        *out_digits = digits;
    }
    return value;
}

static void
cursor_char(literal_cursor *c, char wanted)
{
    if (c->at < c->end && *c->at == wanted) {
        c->at++;
    } else {
        c->failed = true;
    }
}

/* Days from 1970-01-01; proleptic Gregorian. */
static int64_t
cursor_date(literal_cursor *c)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year = cursor_number(c, 4, 4, NULL), month, day, era, year_of_era, day_of_year;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    cursor_char(c, '-');
    month = cursor_number(c, 1, 2, NULL);
    cursor_char(c, '-');
    day = cursor_number(c, 1, 2, NULL);
    if (c->failed || year < 1 || month < 1 || month > 12 || day < 1 ||
        day > month_days[month - 1] + (month == 2 && leap)) {
        c->failed = true;
        return 0;
    }
    year -= month <= 2;
    era = year / 400;
    year_of_era = year - era * 400;
    day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

/* Nanoseconds of the day; the digits of the fraction. */
static int64_t
cursor_time(literal_cursor *c, int *out_digits)
{
    int64_t hour = cursor_number(c, 1, 2, NULL), minute, second = 0, nanos = 0;

    *out_digits = 0;
    cursor_char(c, ':');
    minute = cursor_number(c, 1, 2, NULL);
    if (c->at < c->end && *c->at == ':') {
        c->at++;
        second = cursor_number(c, 1, 2, NULL);
        if (c->at < c->end && *c->at == '.') {
            c->at++;
            nanos = cursor_number(c, 0, 9, out_digits);
            for (int i = *out_digits; i < 9; i++) {
                nanos *= 10;
            }
        }
    }
    if (hour > 23 || minute > 59 || second > 59) {
        c->failed = true;
    }
    return ((hour * 60 + minute) * 60 + second) * INT64_C(1000000000) + nanos;
}

static sb_status
literal_timestamp(sb_binder *b, const sb_ast_expr *ast, literal_cursor *c, sb_expr **out)
{
    int64_t days = cursor_date(c), nanos = 0, micros;
    int digits = 0;
    sb_type type;

    if (!c->failed && c->at < c->end) {
        cursor_char(c, ' ');
        nanos = cursor_time(c, &digits);
    }
    if (c->failed || c->at != c->end) {
        return literal_bad(b, ast, "TIMESTAMP", "TIMESTAMP 'yyyy-mm-dd hh:mm:ss.fff'");
    }
    type = sb_type_timestamp(digits, false);
    micros = days * INT64_C(86400000000) + nanos / 1000;
    if (digits <= 6) {
        *out = sb_expr_i64(b->rel.arena, &type, micros);
    } else {
        *out = sb_expr_i64(b->rel.arena, &type, 0);
        if (*out != NULL) {
            (*out)->value.tsns = (sb_ts_ns){.us = micros, .ns = (int32_t)(nanos % 1000)};
        }
    }
    return SB_OK;
}

static sb_status
literal_temporal(sb_binder *b, const sb_ast_expr *ast, sb_expr **out)
{
    literal_cursor c = {.at = ast->text.data, .end = ast->text.data + ast->text.size};
    sb_type type = {.id = ast->type.id};
    int64_t value;
    int digits = 0;

    if (ast->type.id == SB_TYPE_TIMESTAMP) {
        return literal_timestamp(b, ast, &c, out);
    }
    if (ast->type.id == SB_TYPE_DATE) {
        value = cursor_date(&c);
        if (c.failed || c.at != c.end) {
            return literal_bad(b, ast, "DATE", "DATE 'yyyy-mm-dd'");
        }
    } else {
        value = cursor_time(&c, &digits) / 1000000;
        if (c.failed || c.at != c.end) {
            return literal_bad(b, ast, "TIME", "TIME 'hh:mm:ss'");
        }
        type.precision = (uint8_t)(digits > 3 ? 3 : digits);
    }
    *out = sb_expr_i64(b->rel.arena, &type, value);
    return SB_OK;
}

/* ---- intervals ---- */

static const char *
interval_form(const sb_ast_expr *ast)
{
    static const char *const single[] = {"",
                                         "INTERVAL '1' YEAR",
                                         "INTERVAL '1' MONTH",
                                         "INTERVAL '1' DAY",
                                         "INTERVAL '1' HOUR",
                                         "INTERVAL '1' MINUTE",
                                         "INTERVAL '1.5' SECOND"};

    if (ast->unit_from == ast->unit_to) {
        return single[ast->unit_from];
    }
    if (ast->unit_from == SB_UNIT_YEAR) {
        return "INTERVAL '1-2' YEAR TO MONTH";
    }
    return ast->unit_from == SB_UNIT_DAY ? "INTERVAL '1 02:03:04.5' DAY TO SECOND"
                                         : "INTERVAL '02:03' HOUR TO MINUTE";
}

/* The parts of '1 02:03:04.5': each unit from unit_from to unit_to, with the separator before it.
 */
static int64_t
interval_milliseconds(literal_cursor *c, const sb_ast_expr *ast)
{
    static const int64_t unit_ms[] = {0, 0, 0, 86400000, 3600000, 60000, 1000};
    static const int64_t unit_max[] = {0, 0, 0, 0, 23, 59, 59};
    int64_t value = 0;

    for (int unit = ast->unit_from; unit <= ast->unit_to && !c->failed; unit++) {
        int64_t number;

        if (unit > ast->unit_from) {
            cursor_char(c, unit == SB_UNIT_HOUR ? ' ' : ':');
        }
        number = cursor_number(c, 1, 10, NULL);
        if (unit > ast->unit_from && number > unit_max[unit]) {
            c->failed = true;
        }
        value += number * unit_ms[unit];
    }
    if (ast->unit_to == SB_UNIT_SECOND && c->at < c->end && *c->at == '.') {
        int digits;
        int64_t fraction;

        c->at++;
        fraction = cursor_number(c, 1, 9, &digits);
        for (; digits < 3; digits++) {
            fraction *= 10;
        }
        for (; digits > 3; digits--) {
            fraction /= 10;
        }
        value += fraction;
    }
    return value;
}

static int64_t
interval_months(literal_cursor *c, const sb_ast_expr *ast)
{
    int64_t value = cursor_number(c, 1, 9, NULL) * (ast->unit_from == SB_UNIT_YEAR ? 12 : 1);

    if (ast->unit_from != ast->unit_to) {
        int64_t months;

        cursor_char(c, '-');
        months = cursor_number(c, 1, 2, NULL);
        if (months > 11) {
            c->failed = true;
        }
        value += months;
    }
    return value;
}

static sb_status
literal_interval(sb_binder *b, const sb_ast_expr *ast, sb_expr **out)
{
    literal_cursor c = {.at = ast->text.data, .end = ast->text.data + ast->text.size};
    bool negative = ast->negative;
    bool months = ast->unit_from <= SB_UNIT_MONTH;
    sb_type type = months ? SB_TYPE(INTERVAL_MONTH, false) : SB_TYPE(INTERVAL_DAY, false);
    int64_t value;

    while (c.at < c.end && *c.at == ' ') {
        c.at++;
    }
    while (c.end > c.at && c.end[-1] == ' ') {
        c.end--;
    }
    if (c.at < c.end && (*c.at == '-' || *c.at == '+')) {
        negative ^= *c.at++ == '-';
    }
    value = months ? interval_months(&c, ast) : interval_milliseconds(&c, ast);
    if (c.failed || c.at != c.end || (months && value > INT32_MAX)) {
        return literal_bad(b, ast, "INTERVAL", interval_form(ast));
    }
    *out = sb_expr_i64(b->rel.arena, &type, negative ? -value : value);
    return SB_OK;
}

/* ---- strings ---- */

static sb_status
literal_string(sb_binder *b, const sb_ast_expr *ast, sb_expr **out)
{
    sb_type type = {.id = SB_TYPE_CHAR};

    for (size_t i = 0; i < ast->text.size; i++) {
        type.length += ((unsigned char)ast->text.data[i] & 0xC0) != 0x80;
    }
    *out = sb_expr_string(b->rel.arena, &type, ast->text);
    return SB_OK;
}

static int
literal_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static sb_status
literal_binary(sb_binder *b, const sb_ast_expr *ast, sb_expr **out)
{
    size_t size = ast->text.size / 2;
    sb_type type = {.id = SB_TYPE_BINARY, .length = (int32_t)size};
    char *bytes = sb_arena_alloc(b->rel.arena, size > 0 ? size : 1);

    if (bytes == NULL) {
        SB_NOMEM(b->rel.err);
    }
    if (ast->text.size % 2 != 0) {
        return literal_bad(b, ast, "binary", "X'0aff', two hexadecimal digits a byte");
    }
    for (size_t i = 0; i < size; i++) {
        int high = literal_hex(ast->text.data[2 * i]), low = literal_hex(ast->text.data[2 * i + 1]);

        if (high < 0 || low < 0) {
            return literal_bad(b, ast, "binary", "X'0aff', two hexadecimal digits a byte");
        }
        bytes[i] = (char)(high * 16 + low);
    }
    *out = sb_expr_string(b->rel.arena, &type, (sb_str){bytes, size});
    return SB_OK;
}

sb_status
sb_bind_literal(sb_binder *b, const sb_ast_expr *ast, sb_expr **out)
{
    sb_type boolean = SB_TYPE(BOOLEAN, false);
    sb_status status = SB_OK;

    *out = NULL;
    switch (ast->kind) {
    case SB_AST_NULL: *out = sb_expr_null(b->rel.arena, &ast->type); break;
    case SB_AST_BOOLEAN: *out = sb_expr_i64(b->rel.arena, &boolean, ast->boolean); break;
    case SB_AST_NUMBER: status = literal_number(b, ast, out); break;
    case SB_AST_STRING: status = literal_string(b, ast, out); break;
    case SB_AST_BINARY: status = literal_binary(b, ast, out); break;
    case SB_AST_TEMPORAL: status = literal_temporal(b, ast, out); break;
    default:
        sb_assert(ast->kind == SB_AST_INTERVAL);
        status = literal_interval(b, ast, out);
        break;
    }
    SB_TRY(status, b->rel.err);
    if (*out == NULL) {
        SB_NOMEM(b->rel.err);
    }
    (*out)->position = ast->begin;
    (*out)->position_end = ast->end;
    return SB_OK;
}
