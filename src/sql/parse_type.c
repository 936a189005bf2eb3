/*
 * sql/parse_type.c -- type names, with Flink's defaults for what is left out.
 *
 * DESIGN     CHAR and BINARY are of length 1, VARCHAR and VARBINARY unlimited, DECIMAL is (10,
 *            0), TIMESTAMP (6), TIME (0). Types are nullable unless NOT NULL follows; that holds
 *            inside ROW, ARRAY and MAP too.
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "sql/parser.h"

static sb_status
type_number(sb_parser *p, int64_t low, int64_t high, const char *what, int64_t *out)
{
    const sb_token *token = sb_parse_peek(p, 0);
    int64_t value = 0;

    if (token->kind != SB_TOKEN_INTEGER) {
        return sb_parse_fail(p, what);
    }
    for (size_t i = 0; i < token->value.size && value <= high; i++) {
        value = value * 10 + (token->value.data[i] - '0');
    }
    if (value < low || value > high) {
        return sb_sql_error(p->err, SB_SQL_VALUE, token->begin, token->end,
                            "%s must be between %lld and %lld", what, (long long)low,
                            (long long)high);
    }
    p->at++;
    *out = value;
    return SB_OK;
}

static sb_status
type_length(sb_parser *p, int32_t otherwise, sb_type *out)
{
    int64_t length = otherwise;

    if (sb_parse_take_symbol(p, "(")) {
        SB_TRY(type_number(p, 1, SB_LENGTH_MAX, "length", &length), p->err);
        SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    }
    out->length = (int32_t)length;
    return SB_OK;
}

static sb_status
type_precision(sb_parser *p, uint8_t otherwise, sb_type *out)
{
    int64_t precision = otherwise;

    if (sb_parse_take_symbol(p, "(")) {
        SB_TRY(type_number(p, 0, 9, "precision", &precision), p->err);
        SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    }
    out->precision = (uint8_t)precision;
    return SB_OK;
}

static sb_status
type_decimal(sb_parser *p, sb_type *out)
{
    int64_t precision = 10, scale = 0;

    if (sb_parse_take_symbol(p, "(")) {
        SB_TRY(type_number(p, 1, 38, "precision", &precision), p->err);
        if (sb_parse_take_symbol(p, ",")) {
            SB_TRY(type_number(p, 0, precision, "scale", &scale), p->err);
        }
        SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    }
    *out = sb_type_decimal((int)precision, (int)scale, true);
    return SB_OK;
}

static sb_status
type_timestamp(sb_parser *p, sb_type *out)
{
    SB_TRY(type_precision(p, 6, out), p->err);
    if (sb_parse_take_words(p, "WITH LOCAL TIME ZONE")) {
        out->id = SB_TYPE_TIMESTAMP_LTZ;
    } else if (sb_parse_is_word(p, 0, "WITH") && sb_parse_is_word(p, 1, "TIME")) {
        return sb_parse_unsupported(p, 3, "TIMESTAMP WITH TIME ZONE");
    } else {
        (void)sb_parse_take_words(p, "WITHOUT TIME ZONE");
    }
    return SB_OK;
}

static sb_status
type_interval(sb_parser *p, sb_type *out)
{
    sb_unit from = sb_parse_unit(p), to = SB_UNIT_NONE;

    if (from == SB_UNIT_NONE) {
        return sb_parse_fail(p, "an interval unit");
    }
    if (sb_parse_take_symbol(p, "(")) {
        int64_t ignored;

        SB_TRY(type_number(p, 0, 9, "precision", &ignored), p->err);
        SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    }
    if (sb_parse_take_word(p, "TO")) {
        to = sb_parse_unit(p);
        if (to == SB_UNIT_NONE || to <= from || (from <= SB_UNIT_MONTH && to > SB_UNIT_MONTH)) {
            p->at -= to != SB_UNIT_NONE;
            return sb_parse_fail(p, "a smaller interval unit");
        }
        if (sb_parse_take_symbol(p, "(")) {
            int64_t ignored;

            SB_TRY(type_number(p, 0, 9, "precision", &ignored), p->err);
            SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
        }
    }
    *out = from <= SB_UNIT_MONTH ? SB_TYPE(INTERVAL_MONTH, true) : SB_TYPE(INTERVAL_DAY, true);
    return SB_OK;
}

static sb_status
type_children(sb_parser *p, sb_type *type, const sb_field *fields, int32_t count)
{
    type->children = sb_arena_memdup(p->arena, fields, sizeof(fields[0]) * (size_t)count);
    if (type->children == NULL) {
        SB_NOMEM(p->err);
    }
    type->count_children = count;
    return SB_OK;
}

static sb_status
type_fields(sb_parser *p, const char *close, sb_type *out)
{
    sb_parse_list list = {0};
    sb_field *fields;

    do {
        sb_field *field = SB_NEW(p->arena, sb_field);
        sb_ast_name name;

        if (field == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_name(p, "a name of a field", &name), p->err);
        for (int32_t i = 0; i < list.count; i++) {
            if (strcmp(((sb_field *)list.at[i])->name, name.text) == 0) {
                return sb_sql_error(p->err, SB_SQL_DUPLICATE, name.begin, name.end,
                                    "field \"%s\" is there twice", name.text);
            }
        }
        field->name = name.text;
        SB_TRY(sb_parse_type(p, &field->type), p->err);
        if (sb_parse_peek(p, 0)->kind == SB_TOKEN_STRING) {
            p->at++; /* a comment of the field */
        }
        SB_TRY(sb_parse_list_add(p, &list, field), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_TRY(sb_parse_want_symbol(p, close), p->err);
    fields = SB_NEW_ARRAY(p->arena, sb_field, list.count);
    if (fields == NULL) {
        SB_NOMEM(p->err);
    }
    for (int32_t i = 0; i < list.count; i++) {
        fields[i] = *(sb_field *)list.at[i];
    }
    out->id = SB_TYPE_ROW;
    out->children = fields;
    out->count_children = list.count;
    return SB_OK;
}

static sb_status
type_row(sb_parser *p, sb_type *out)
{
    const char *close = sb_parse_is_symbol(p, 0, "<") ? ">" : ")";

    if (!sb_parse_take_symbol(p, "<") && !sb_parse_take_symbol(p, "(")) {
        return sb_parse_fail(p, "\"<\"");
    }
    if (sb_parse_is_symbol(p, 0, "<>")) {
        return sb_parse_fail(p, "the fields of ROW");
    }
    return type_fields(p, close, out);
}

/* STRUCTURED<'class', name type, ...> */
static sb_status
type_structured(sb_parser *p, sb_type *out)
{
    const sb_token *name;

    SB_TRY(sb_parse_want_symbol(p, "<"), p->err);
    name = sb_parse_peek(p, 0);
    if (name->kind != SB_TOKEN_STRING) {
        return sb_parse_fail(p, "the name of a class as a string");
    }
    out->class_name = sb_arena_strndup(p->arena, name->value.data, name->value.size);
    if (out->class_name == NULL) {
        SB_NOMEM(p->err);
    }
    p->at++;
    SB_TRY(sb_parse_want_symbol(p, ","), p->err);
    return type_fields(p, ">", out);
}

/* ARRAY<t>, MULTISET<t>, MAP<k, v> */
static sb_status
type_collection(sb_parser *p, sb_type_id id, sb_type *out)
{
    sb_field fields[2] = {{.name = id == SB_TYPE_MAP ? "key" : "element"}, {.name = "value"}};

    out->id = (uint8_t)id;
    SB_TRY(sb_parse_want_symbol(p, "<"), p->err);
    SB_TRY(sb_parse_type(p, &fields[0].type), p->err);
    if (id == SB_TYPE_MAP) {
        SB_TRY(sb_parse_want_symbol(p, ","), p->err);
        SB_TRY(sb_parse_type(p, &fields[1].type), p->err);
    }
    SB_TRY(sb_parse_want_symbol(p, ">"), p->err);
    return type_children(p, out, fields, id == SB_TYPE_MAP ? 2 : 1);
}

typedef enum type_form {
    FORM_PLAIN,
    FORM_LENGTH_1,
    FORM_LENGTH_MAX,
    FORM_MAX,
    FORM_DECIMAL,
    FORM_TIME,
    FORM_TIMESTAMP,
    FORM_LTZ,
    FORM_INTERVAL,
    FORM_ROW,
    FORM_STRUCTURED,
    FORM_COLLECTION,
    FORM_UNSUPPORTED
} type_form;

static const struct {
    const char *name;
    sb_type_id id;
    type_form form;
} type_names[] = {
    {"BOOLEAN", SB_TYPE_BOOLEAN, FORM_PLAIN},
    {"TINYINT", SB_TYPE_TINYINT, FORM_PLAIN},
    {"SMALLINT", SB_TYPE_SMALLINT, FORM_PLAIN},
    {"INT", SB_TYPE_INT, FORM_PLAIN},
    {"INTEGER", SB_TYPE_INT, FORM_PLAIN},
    {"BIGINT", SB_TYPE_BIGINT, FORM_PLAIN},
    {"FLOAT", SB_TYPE_FLOAT, FORM_PLAIN},
    {"DOUBLE", SB_TYPE_DOUBLE, FORM_PLAIN},
    {"REAL", SB_TYPE_FLOAT, FORM_PLAIN},
    {"DATE", SB_TYPE_DATE, FORM_PLAIN},
    {"CHAR", SB_TYPE_CHAR, FORM_LENGTH_1},
    {"CHARACTER", SB_TYPE_CHAR, FORM_LENGTH_1},
    {"VARCHAR", SB_TYPE_VARCHAR, FORM_LENGTH_MAX},
    {"STRING", SB_TYPE_VARCHAR, FORM_MAX},
    {"BINARY", SB_TYPE_BINARY, FORM_LENGTH_1},
    {"VARBINARY", SB_TYPE_VARBINARY, FORM_LENGTH_MAX},
    {"BYTES", SB_TYPE_VARBINARY, FORM_MAX},
    {"DECIMAL", SB_TYPE_DECIMAL, FORM_DECIMAL},
    {"DEC", SB_TYPE_DECIMAL, FORM_DECIMAL},
    {"NUMERIC", SB_TYPE_DECIMAL, FORM_DECIMAL},
    {"TIME", SB_TYPE_TIME, FORM_TIME},
    {"TIMESTAMP", SB_TYPE_TIMESTAMP, FORM_TIMESTAMP},
    {"TIMESTAMP_LTZ", SB_TYPE_TIMESTAMP_LTZ, FORM_LTZ},
    {"INTERVAL", SB_TYPE_INTERVAL_DAY, FORM_INTERVAL},
    {"ROW", SB_TYPE_ROW, FORM_ROW},
    {"ARRAY", SB_TYPE_ARRAY, FORM_COLLECTION},
    {"MAP", SB_TYPE_MAP, FORM_COLLECTION},
    {"MULTISET", SB_TYPE_MULTISET, FORM_COLLECTION},
    {"RAW", SB_TYPE_NULL, FORM_UNSUPPORTED},
    {"STRUCTURED", SB_TYPE_ROW, FORM_STRUCTURED},
    {"VARIANT", SB_TYPE_VARIANT, FORM_PLAIN},
    {"BITMAP", SB_TYPE_BITMAP, FORM_PLAIN},
    {"DESCRIPTOR", SB_TYPE_NULL, FORM_UNSUPPORTED},
    {"TIMESTAMP_TZ", SB_TYPE_NULL, FORM_UNSUPPORTED},
};

static sb_status
type_unknown(sb_parser *p)
{
    const sb_token *token = sb_parse_peek(p, 0);
    int best = 3;
    const char *guess = NULL;

    if (token->kind != SB_TOKEN_NAME) {
        return sb_parse_fail(p, "a type");
    }
    (void)sb_sql_error(p->err, SB_SQL_SYNTAX, token->begin, token->end, "unknown type \"%.*s\"",
                       (int)token->value.size, token->value.data);
    for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
        char upper[16];
        size_t size = token->value.size < sizeof(upper) ? token->value.size : sizeof(upper);
        int distance;

        for (size_t j = 0; j < size; j++) {
            char c = token->value.data[j];

            upper[j] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        }
        distance = sb_str_distance((sb_str){upper, size}, sb_str_of(type_names[i].name), 2);
        if (distance < best) {
            best = distance;
            guess = type_names[i].name;
        }
    }
    if (sb_str_equal_nocase(token->value, SB_STR("TEXT")) ||
        sb_str_equal_nocase(token->value, SB_STR("JSON"))) {
        guess = "STRING";
    } else if (sb_str_equal_nocase(token->value, SB_STR("LONG"))) {
        guess = "BIGINT";
    } else if (sb_str_equal_nocase(token->value, SB_STR("DATETIME"))) {
        guess = "TIMESTAMP(3)";
    }
    if (guess != NULL) {
        sb_error_hint(p->err, "did you mean %s?", guess);
    }
    return SB_STATUS_SYNTAX;
}

static sb_status
type_by_form(sb_parser *p, sb_type_id id, type_form form, sb_type *out)
{
    switch (form) {
    case FORM_PLAIN:
        if (id == SB_TYPE_DOUBLE) {
            (void)sb_parse_take_word(p, "PRECISION");
        }
        return SB_OK;
    case FORM_LENGTH_1:
        if (id == SB_TYPE_CHAR && sb_parse_take_word(p, "VARYING")) {
            out->id = SB_TYPE_VARCHAR;
            return type_length(p, SB_LENGTH_MAX, out);
        }
        return type_length(p, 1, out);
    case FORM_LENGTH_MAX: return type_length(p, SB_LENGTH_MAX, out);
    case FORM_MAX: out->length = SB_LENGTH_MAX; return SB_OK;
    case FORM_DECIMAL: return type_decimal(p, out);
    case FORM_TIME:
        SB_TRY(type_precision(p, 0, out), p->err);
        (void)sb_parse_take_words(p, "WITHOUT TIME ZONE");
        return SB_OK;
    case FORM_TIMESTAMP: return type_timestamp(p, out);
    case FORM_LTZ: return type_precision(p, 6, out);
    case FORM_INTERVAL: return type_interval(p, out);
    case FORM_ROW: return type_row(p, out);
    case FORM_STRUCTURED: return type_structured(p, out);
    case FORM_COLLECTION: return type_collection(p, id, out);
    case FORM_UNSUPPORTED: break;
    }
    return SB_OK;
}

/* INT ARRAY, INT MULTISET: the SQL standard's way of writing collections. */
static sb_status
type_suffix(sb_parser *p, sb_type *out)
{
    for (int32_t nested = 0; sb_parse_is_word(p, 0, "ARRAY") || sb_parse_is_word(p, 0, "MULTISET");
         nested++) {
        sb_field element = {.name = "element", .type = *out};

        if (nested == 32) {
            return sb_parse_fail(p, "a type that is nested less");
        }
        *out = (sb_type){.nullable = true,
                         .id = sb_parse_is_word(p, 0, "ARRAY") ? SB_TYPE_ARRAY : SB_TYPE_MULTISET};
        p->at++;
        SB_TRY(type_children(p, out, &element, 1), p->err);
    }
    return SB_OK;
}

sb_status
sb_parse_type(sb_parser *p, sb_type *out)
{
    const sb_token *token = sb_parse_peek(p, 0);
    size_t count = sizeof(type_names) / sizeof(type_names[0]), i = 0;

    SB_TRY(sb_parse_enter(p), p->err);
    while (i < count && !(token->kind == SB_TOKEN_NAME &&
                          sb_str_equal_nocase(token->value, sb_str_of(type_names[i].name)))) {
        i++;
    }
    if (i == count) {
        return type_unknown(p);
    }
    if (type_names[i].form == FORM_UNSUPPORTED) {
        char name[48];

        snprintf(name, sizeof(name), "type %s", type_names[i].name);
        return sb_parse_unsupported(p, 1, name);
    }
    p->at++;
    *out = (sb_type){.id = (uint8_t)type_names[i].id, .nullable = true};
    SB_TRY(type_by_form(p, type_names[i].id, type_names[i].form, out), p->err);
    SB_TRY(type_suffix(p, out), p->err);
    if (sb_parse_take_words(p, "NOT NULL")) {
        out->nullable = false;
    } else {
        (void)sb_parse_take_word(p, "NULL");
    }
    sb_parse_leave(p);
    return SB_OK;
}
