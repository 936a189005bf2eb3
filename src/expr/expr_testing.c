/*
 * expr/expr_testing.c -- see expr_testing.h. Evaluation in modes: expr_modes_testing.c.
 */
#include "expr/expr_testing.h"

#include "kernels/decimal.h"
#include "kernels/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct parser {
    const char *at;
    sb_arena *arena;
    const sb_schema *schema;
    sb_error *err;
} parser;

static sb_status parse_or(parser *p, sb_expr **out);
static sb_status parse_add(parser *p, sb_expr **out);

static sb_status
bad(parser *p, const char *what)
{
    SB_FAIL(p->err, SB_STATUS_SYNTAX, "expected %s at '%.40s'", what, p->at);
}

static void
skip(parser *p)
{
    while (*p->at == ' ') {
        p->at++;
    }
}

static bool
is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A keyword, which must end there. */
static bool
word(parser *p, const char *keyword)
{
    size_t n = strlen(keyword);
    skip(p);
    if (strncasecmp(p->at, keyword, n) != 0 || (is_name(keyword[n - 1]) && is_name(p->at[n]))) {
        return false;
    }
    p->at += n;
    return true;
}

static sb_status
expect(parser *p, const char *keyword)
{
    return word(p, keyword) ? SB_OK : bad(p, keyword);
}

#define TRY(e) SB_TRY(e, p->err)

static sb_status
call(parser *p, const char *name, sb_expr **args, int32_t count, sb_expr **out)
{
    return sb_expr_call(p->arena, name, args, count, out, p->err);
}

static sb_status
call2(parser *p, const char *name, sb_expr *a, sb_expr *b, sb_expr **out)
{
    sb_expr *args[2] = {a, b};
    return call(p, name, args, 2, out);
}

/* 'text' with '' for a quote. */
static sb_status
quoted(parser *p, sb_str *out)
{
    skip(p);
    char *to = sb_arena_alloc(p->arena, strlen(p->at) + 1);
    size_t n = 0;
    if (*p->at++ != '\'') {
        return bad(p, "text");
    }
    for (; *p->at && (*p->at != '\'' || p->at[1] == '\''); p->at++) {
        p->at += *p->at == '\'';
        to[n++] = *p->at;
    }
    TRY(expect(p, "'"));
    *out = (sb_str){to, n};
    return SB_OK;
}

static int32_t
utf8_length(sb_str s)
{
    int32_t n = 0;
    for (size_t i = 0; i < s.size; i++) {
        n += (s.data[i] & 0xC0) != 0x80;
    }
    return n;
}

static sb_expr *
string_literal(parser *p, sb_str s)
{
    sb_type type = {.id = SB_TYPE_CHAR, .length = utf8_length(s)};
    return sb_expr_string(p->arena, &type, s);
}

static sb_status
number(parser *p, sb_expr **out)
{
    const char *from = p->at;
    int digits = 0, scale = -1;
    for (; (*p->at >= '0' && *p->at <= '9') || (*p->at == '.' && scale < 0); p->at++) {
        if (*p->at == '.') {
            scale = 0;
        } else {
            digits++;
            scale += scale >= 0;
        }
    }
    if (*p->at == 'e' || *p->at == 'E') {
        char *end;
        double v = strtod(from, &end);
        p->at = end;
        sb_type type = SB_TYPE(DOUBLE, false);
        *out = sb_expr_f64(p->arena, &type, v);
        return SB_OK;
    }
    if (scale < 0) {
        int64_t v = (int64_t)strtoull(from, NULL, 10); /* up to 2^63: its negative is a BIGINT */
        if (digits > 19) {
            return bad(p, "a smaller number");
        }
        sb_type type = v > INT32_MAX || v < 0 ? SB_TYPE(BIGINT, false) : SB_TYPE(INT, false);
        *out = sb_expr_i64(p->arena, &type, v);
        return SB_OK;
    }
    int lead = 0; /* 0.5 has one digit */
    while (from[lead] == '0' && digits > scale) {
        lead++;
        digits--;
    }
    sb_type type = sb_type_decimal(
        digits > scale ? digits : scale + (scale == 0 || lead == 0 ? 0 : 1), scale, false);
    sb_int128 v = 0;
    for (const char *c = from; c < p->at; c++) {
        v = *c == '.' ? v : v * 10 + (*c - '0');
    }
    *out = sb_expr_i128(p->arena, &type, v);
    return SB_OK;
}

static sb_status
time_literal(parser *p, uint8_t id, sb_expr **out)
{
    sb_str s;
    int64_t v = 0;
    sb_ts_ns ts = {0};
    TRY(quoted(p, &s));
    const char *dot = memchr(s.data, '.', s.size);
    sb_type type = {.id = id, .precision = dot ? (uint8_t)(s.data + s.size - dot - 1) : 0};
    bool fine = id == SB_TYPE_DATE   ? sb_date_parse(s.data, s.size, &v)
                : id == SB_TYPE_TIME ? sb_time_parse(s.data, s.size, &v)
                                     : sb_ts_parse(s.data, s.size, &ts);
    if (!fine) {
        return bad(p, "a moment");
    }
    *out = sb_expr_i64(p->arena, &type, id == SB_TYPE_TIMESTAMP ? ts.us : v);
    if (type.precision > 6 && id == SB_TYPE_TIMESTAMP) {
        (*out)->value.tsns = ts;
    }
    return SB_OK;
}

/* INTERVAL '1 02:03:04.005' DAY TO SECOND, '1-2' YEAR TO MONTH, '5' HOUR, '0.5' SECOND */
static sb_status
interval(parser *p, sb_expr **out)
{
    sb_str s;
    TRY(quoted(p, &s));
    bool negative = s.size > 0 && s.data[0] == '-';
    const char *text = s.data + negative;
    double a = 0, b = 0, c = 0, d = 0;
    int64_t ms = 0, months = 0;
    bool by_month = false;
    if (word(p, "YEAR")) {
        by_month = true;
        if (word(p, "TO")) {
            TRY(expect(p, "MONTH"));
            char *end;
            months = strtol(text, &end, 10) * 12;
            months += strtol(end + 1, NULL, 10);
        } else {
            months = strtol(text, NULL, 10) * 12;
        }
    } else if (word(p, "MONTH")) {
        by_month = true;
        months = strtol(text, NULL, 10);
    } else if (word(p, "DAY")) {
        a = strtod(text, NULL);
        if (word(p, "TO")) {
            char *end;
            TRY(expect(p, "SECOND"));
            a = (double)strtol(text, &end, 10);
            b = (double)strtol(end, &end, 10);
            c = (double)strtol(end + 1, &end, 10);
            d = strtod(end + 1, NULL);
        }
    } else if (word(p, "HOUR")) {
        b = strtod(text, NULL);
    } else if (word(p, "MINUTE")) {
        c = strtod(text, NULL);
    } else {
        TRY(expect(p, "SECOND"));
        d = strtod(text, NULL);
    }
    ms = (int64_t)((((a * 24 + b) * 60 + c) * 60 + d) * 1000 + 0.5);
    sb_type type = by_month ? SB_TYPE(INTERVAL_MONTH, false) : SB_TYPE(INTERVAL_DAY, false);
    int64_t v = by_month ? months : ms;
    *out = sb_expr_i64(p->arena, &type, negative ? -v : v);
    return SB_OK;
}

/* (n) or (p, s); keeps the defaults where nothing is written. */
static void
type_params(parser *p, int *a, int *b)
{
    if (word(p, "(")) {
        *a = (int)strtol(p->at, (char **)(uintptr_t)&p->at, 10);
        if (word(p, ",")) {
            skip(p);
            *b = (int)strtol(p->at, (char **)(uintptr_t)&p->at, 10);
        }
        word(p, ")");
    }
}

static sb_status
type_name(parser *p, sb_type *out)
{
    static const struct {
        const char *name;
        uint8_t id;
        int default_param;
    } names[] = {{"BOOLEAN", SB_TYPE_BOOLEAN, 0},
                 {"TINYINT", SB_TYPE_TINYINT, 0},
                 {"SMALLINT", SB_TYPE_SMALLINT, 0},
                 {"INTEGER", SB_TYPE_INT, 0},
                 {"INT", SB_TYPE_INT, 0},
                 {"BIGINT", SB_TYPE_BIGINT, 0},
                 {"FLOAT", SB_TYPE_FLOAT, 0},
                 {"DOUBLE", SB_TYPE_DOUBLE, 0},
                 {"DECIMAL", SB_TYPE_DECIMAL, 10},
                 {"CHAR", SB_TYPE_CHAR, 1},
                 {"VARCHAR", SB_TYPE_VARCHAR, SB_LENGTH_MAX},
                 {"STRING", SB_TYPE_VARCHAR, SB_LENGTH_MAX},
                 {"BINARY", SB_TYPE_BINARY, 1},
                 {"VARBINARY", SB_TYPE_VARBINARY, SB_LENGTH_MAX},
                 {"BYTES", SB_TYPE_VARBINARY, SB_LENGTH_MAX},
                 {"DATE", SB_TYPE_DATE, 0},
                 {"TIMESTAMP_LTZ", SB_TYPE_TIMESTAMP_LTZ, 6},
                 {"TIMESTAMP", SB_TYPE_TIMESTAMP, 6},
                 {"TIME", SB_TYPE_TIME, 0}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (word(p, names[i].name)) {
            int a = names[i].default_param, b = 0;
            type_params(p, &a, &b);
            *out = (sb_type){.id = names[i].id, .nullable = true};
            if (sb_type_is_string(out) || sb_type_is_binary(out)) {
                out->length = a;
            } else {
                out->precision = (uint8_t)a;
                out->scale = (uint8_t)b;
            }
            return SB_OK;
        }
    }
    return bad(p, "a type");
}

static sb_status
cast(parser *p, bool try_cast, sb_expr **out)
{
    sb_expr *e;
    sb_type type;
    TRY(expect(p, "("));
    TRY(parse_or(p, &e));
    TRY(expect(p, "AS"));
    TRY(type_name(p, &type));
    TRY(expect(p, ")"));
    return sb_expr_cast(p->arena, e, &type, try_cast, out, p->err);
}

static sb_status
case_form(parser *p, sb_expr **out)
{
    sb_expr *args[40], *subject = NULL, *boolean_null;
    int32_t count = 0;
    (void)boolean_null;
    if (!word(p, "WHEN")) {
        TRY(parse_or(p, &subject));
        TRY(expect(p, "WHEN"));
    }
    do {
        TRY(parse_or(p, &args[count]));
        if (subject) {
            TRY(call2(p, "=", subject, args[count], &args[count]));
        }
        count++;
        TRY(expect(p, "THEN"));
        TRY(parse_or(p, &args[count++]));
    } while (word(p, "WHEN"));
    if (word(p, "ELSE")) {
        TRY(parse_or(p, &args[count++]));
    } else {
        sb_type type = SB_TYPE(NULL, true);
        args[count++] = sb_expr_null(p->arena, &type);
    }
    TRY(expect(p, "END"));
    return call(p, "CASE", args, count, out);
}

/* A bare word as text literal: units. */
static sb_status
unit(parser *p, sb_expr **out)
{
    skip(p);
    const char *from = p->at;
    while (is_name(*p->at)) {
        p->at++;
    }
    *out = string_literal(p, (sb_str){from, (size_t)(p->at - from)});
    return SB_OK;
}

static sb_status
trim_form(parser *p, sb_expr **out)
{
    sb_expr *args[3] = {string_literal(p, SB_STR("BOTH")), string_literal(p, SB_STR(" ")), NULL};
    bool keyword = true;
    if (word(p, "LEADING")) {
        args[0] = string_literal(p, SB_STR("LEADING"));
    } else if (word(p, "TRAILING")) {
        args[0] = string_literal(p, SB_STR("TRAILING"));
    } else {
        keyword = word(p, "BOTH");
    }
    if (!word(p, "FROM")) {
        TRY(parse_or(p, &args[2]));
        if (word(p, "FROM")) {
            args[1] = args[2];
            TRY(parse_or(p, &args[2]));
        }
    } else {
        TRY(parse_or(p, &args[2]));
    }
    (void)keyword;
    TRY(expect(p, ")"));
    return call(p, "TRIM", args, 3, out);
}

/* Functions whose arguments are not a plain list; *out stays NULL when it is none of them. */
static sb_status
special_form(parser *p, const char *name, sb_expr **out)
{
    sb_expr *a, *b;
    *out = NULL;
    if (strcasecmp(name, "TRIM") == 0) {
        return trim_form(p, out);
    }
    if (strcasecmp(name, "EXTRACT") == 0) {
        TRY(unit(p, &a));
        TRY(expect(p, "FROM"));
        TRY(parse_or(p, &b));
        TRY(expect(p, ")"));
        return call2(p, name, a, b, out);
    }
    if (strcasecmp(name, "POSITION") == 0) {
        TRY(parse_add(p, &a));
        TRY(expect(p, "IN"));
        TRY(parse_or(p, &b));
        TRY(expect(p, ")"));
        return call2(p, name, a, b, out);
    }
    return SB_OK;
}

static sb_status
function(parser *p, const char *name, sb_expr **out)
{
    sb_expr *args[40];
    int32_t count = 0;
    TRY(special_form(p, name, out));
    if (*out) {
        return SB_OK;
    }
    if (strcasecmp(name, "TIMESTAMPADD") == 0 || strcasecmp(name, "TIMESTAMPDIFF") == 0) {
        TRY(unit(p, &args[count++]));
        TRY(expect(p, ","));
    }
    while (!word(p, ")")) {
        TRY(parse_or(p, &args[count++]));
        if (word(p, "TO")) {
            TRY(unit(p, &args[count++]));
        } else if (!word(p, ",") && !word(p, "FROM") && !word(p, "FOR") && !word(p, "PLACING")) {
            TRY(expect(p, ")"));
            break;
        }
    }
    return call(p, name, args, count, out);
}

static sb_status
bytes_literal(parser *p, sb_expr **out)
{
    sb_str s;
    TRY(quoted(p, &s));
    char *bytes = sb_arena_alloc(p->arena, s.size + 1);
    for (size_t i = 0; i + 1 < s.size; i += 2) {
        char two[3] = {s.data[i], s.data[i + 1], 0};
        bytes[i / 2] = (char)strtol(two, NULL, 16);
    }
    sb_type type = {.id = SB_TYPE_BINARY, .length = (int32_t)(s.size / 2)};
    *out = sb_expr_string(p->arena, &type, (sb_str){bytes, s.size / 2});
    return SB_OK;
}

static sb_status
name_or_call(parser *p, sb_expr **out)
{
    char name[64];
    size_t n = 0;
    while (is_name(*p->at) && n < sizeof name - 1) {
        name[n++] = *p->at++;
    }
    name[n] = 0;
    if (n == 0) {
        return bad(p, "an expression");
    }
    return word(p, "(") ? function(p, name, out) : call(p, name, NULL, 0, out);
}

static sb_status
primary(parser *p, sb_expr **out)
{
    sb_str s;
    skip(p);
    if ((*p->at >= '0' && *p->at <= '9') || *p->at == '.') {
        return number(p, out);
    }
    if (*p->at == '\'') {
        TRY(quoted(p, &s));
        *out = string_literal(p, s);
        return SB_OK;
    }
    if (*p->at == '$') {
        int32_t column = (int32_t)strtol(p->at + 1, (char **)(uintptr_t)&p->at, 10);
        *out = sb_expr_column(p->arena, column, &p->schema->fields[column].type);
        return SB_OK;
    }
    if (word(p, "(")) {
        TRY(parse_or(p, out));
        return expect(p, ")");
    }
    if ((*p->at == 'X' || *p->at == 'x') && p->at[1] == '\'') {
        p->at++;
        return bytes_literal(p, out);
    }
    const char *start = p->at;
    uint8_t id = word(p, "DATE")        ? SB_TYPE_DATE
                 : word(p, "TIMESTAMP") ? SB_TYPE_TIMESTAMP
                 : word(p, "TIME")      ? SB_TYPE_TIME
                                        : 0;
    skip(p);
    if (id && *p->at == '\'') {
        return time_literal(p, id, out);
    }
    p->at = start;
    if (word(p, "TRUE") || word(p, "FALSE")) {
        sb_type type = SB_TYPE(BOOLEAN, false);
        *out = sb_expr_i64(p->arena, &type, (*start | 0x20) == 't');
        return SB_OK;
    }
    if (word(p, "NULL")) {
        sb_type type = SB_TYPE(NULL, true);
        *out = sb_expr_null(p->arena, &type);
        return SB_OK;
    }
    return word(p, "INTERVAL")   ? interval(p, out)
           : word(p, "CAST")     ? cast(p, false, out)
           : word(p, "TRY_CAST") ? cast(p, true, out)
           : word(p, "CASE")     ? case_form(p, out)
                                 : name_or_call(p, out);
}

static sb_status
unary(parser *p, sb_expr **out)
{
    if (!word(p, "-")) {
        return primary(p, out);
    }
    sb_expr *e;
    TRY(unary(p, &e));
    bool number_literal = e->kind == SB_EXPR_LITERAL && sb_type_is_numeric(&e->type);
    if (number_literal) {
        sb_type type = e->type;
        *out = type.id == SB_TYPE_DOUBLE ? sb_expr_f64(p->arena, &type, -e->value.f64)
               : sb_type_phys(&type) == SB_PHYS_I128
                   ? sb_expr_i128(p->arena, &type, -e->value.i128)
                   : sb_expr_i64(p->arena, &type, (int64_t)(0 - (uint64_t)e->value.i64));
        return SB_OK;
    }
    return call(p, "-", &e, 1, out);
}

static sb_status
parse_mul(parser *p, sb_expr **out)
{
    sb_expr *right;
    TRY(unary(p, out));
    for (;;) {
        const char *op = word(p, "*") ? "*" : word(p, "/") ? "/" : word(p, "%") ? "%" : NULL;
        if (!op) {
            return SB_OK;
        }
        TRY(unary(p, &right));
        TRY(call2(p, op, *out, right, out));
    }
}

static sb_status
parse_add(parser *p, sb_expr **out)
{
    sb_expr *right;
    TRY(parse_mul(p, out));
    for (;;) {
        const char *op = word(p, "||") ? "||" : word(p, "+") ? "+" : word(p, "-") ? "-" : NULL;
        if (!op) {
            return SB_OK;
        }
        TRY(parse_mul(p, &right));
        TRY(call2(p, op, *out, right, out));
    }
}

static sb_status
parse_is(parser *p, sb_expr *left, sb_expr **out)
{
    static const char *const tests[] = {"NULL", "TRUE", "FALSE", "UNKNOWN"};
    bool negate = word(p, "NOT");
    for (int i = 0; i < 4; i++) {
        if (word(p, tests[i])) {
            char name[32];
            snprintf(name, sizeof name, "IS %s%s", negate ? "NOT " : "", tests[i]);
            return call(p, name, &left, 1, out);
        }
    }
    if (word(p, "JSON")) {
        static const char *const kinds[] = {"VALUE", "OBJECT", "ARRAY", "SCALAR"};
        char name[32];
        snprintf(name, sizeof name, "IS %sJSON", negate ? "NOT " : "");
        for (int i = 0; i < 4; i++) {
            if (word(p, kinds[i])) {
                snprintf(name, sizeof name, "IS %sJSON %s", negate ? "NOT " : "", kinds[i]);
                break;
            }
        }
        return call(p, name, &left, 1, out);
    }
    TRY(expect(p, "DISTINCT"));
    TRY(expect(p, "FROM"));
    sb_expr *right;
    TRY(parse_add(p, &right));
    return call2(p, negate ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM", left, right, out);
}

/* BETWEEN, IN, LIKE, perhaps behind NOT. */
static sb_status
parse_range(parser *p, sb_expr *left, sb_expr **out)
{
    sb_expr *args[40] = {left};
    int32_t count = 1;
    bool negate = word(p, "NOT");
    if (word(p, "BETWEEN")) {
        TRY(parse_add(p, &args[count++]));
        TRY(expect(p, "AND"));
        TRY(parse_add(p, &args[count++]));
        return call(p, negate ? "NOT BETWEEN" : "BETWEEN", args, count, out);
    }
    if (word(p, "LIKE")) {
        TRY(parse_add(p, &args[count++]));
        if (word(p, "ESCAPE")) {
            TRY(parse_add(p, &args[count++]));
        }
        return call(p, negate ? "NOT LIKE" : "LIKE", args, count, out);
    }
    if (word(p, "SIMILAR")) {
        TRY(expect(p, "TO"));
        TRY(parse_add(p, &args[count++]));
        if (word(p, "ESCAPE")) {
            TRY(parse_add(p, &args[count++]));
        }
        return call(p, negate ? "NOT SIMILAR TO" : "SIMILAR TO", args, count, out);
    }
    TRY(expect(p, "IN"));
    TRY(expect(p, "("));
    do {
        TRY(parse_add(p, &args[count++]));
    } while (word(p, ","));
    TRY(expect(p, ")"));
    return call(p, negate ? "NOT IN" : "IN", args, count, out);
}

static sb_status
parse_comparison(parser *p, sb_expr **out)
{
    static const char *const ops[] = {"<>", "<=", ">=", "=", "<", ">"};
    sb_expr *left, *right;
    TRY(parse_add(p, &left));
    for (int i = 0; i < 6; i++) {
        if (word(p, ops[i])) {
            TRY(parse_add(p, &right));
            return call2(p, ops[i], left, right, out);
        }
    }
    if (word(p, "IS")) {
        return parse_is(p, left, out);
    }
    const char *start = p->at;
    if (word(p, "NOT") || word(p, "BETWEEN") || word(p, "LIKE") || word(p, "SIMILAR") ||
        word(p, "IN")) {
        p->at = start;
        return parse_range(p, left, out);
    }
    *out = left;
    return SB_OK;
}

static sb_status
parse_not(parser *p, sb_expr **out)
{
    if (!word(p, "NOT")) {
        return parse_comparison(p, out);
    }
    sb_expr *e;
    TRY(parse_not(p, &e));
    return call(p, "NOT", &e, 1, out);
}

static sb_status
parse_and(parser *p, sb_expr **out)
{
    sb_expr *right;
    TRY(parse_not(p, out));
    while (word(p, "AND")) {
        TRY(parse_not(p, &right));
        TRY(call2(p, "AND", *out, right, out));
    }
    return SB_OK;
}

static sb_status
parse_or(parser *p, sb_expr **out)
{
    sb_expr *right;
    TRY(parse_and(p, out));
    while (word(p, "OR")) {
        TRY(parse_and(p, &right));
        TRY(call2(p, "OR", *out, right, out));
    }
    return SB_OK;
}

sb_status
sb_testing_parse(sb_arena *arena, const char *sql, const sb_schema *schema, sb_expr **out,
                 sb_error *err)
{
    parser state = {.at = sql, .arena = arena, .schema = schema, .err = err}, *p = &state;
    TRY(parse_or(p, out));
    skip(p);
    return *p->at ? bad(p, "the end") : SB_OK;
}
