/*
 * sql/parse_json.c -- JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT, JSON_ARRAY.
 *
 * DESIGN     Each becomes a plain call whose first argument is a string literal with what its words
 *            say (expr/fn_json_path.c, expr/fn_json_build.c).
 * THREADS    one thread at a time.
 */
#include "sql/parse_special.h"

#include <string.h>

#define JSON_ARGS_MAX 5

typedef struct json_call {
    const char *returning, *wrapper, *empty, *error;
    sb_type type;                     /* behind RETURNING; length 0: none to cut to */
    sb_ast_expr *args[JSON_ARGS_MAX]; /* words, text, path, defaults */
    sb_ast_expr *default_empty, *default_error;
} json_call;

/* text, path of a call; the cursor is behind the opening bracket */
static sb_status
json_text_path(sb_parser *p, json_call *call)
{
    SB_TRY(sb_parse_expr(p, &call->args[1]), p->err);
    SB_TRY(sb_parse_want_symbol(p, ","), p->err);
    return sb_parse_expr(p, &call->args[2]);
}

static const char *
json_type_name(const sb_type *type)
{
    switch (type->id) {
    case SB_TYPE_VARCHAR: return type->length == SB_LENGTH_MAX ? "STRING" : NULL;
    case SB_TYPE_BOOLEAN: return "BOOLEAN";
    case SB_TYPE_INT: return "INTEGER";
    case SB_TYPE_DOUBLE: return "DOUBLE";
    case SB_TYPE_ARRAY: {
        const sb_type *element = &type->children[0].type;

        return element->id == SB_TYPE_VARCHAR && element->length == SB_LENGTH_MAX ? "ARRAY" : NULL;
    }
    default: return NULL;
    }
}

/* RETURNING type: one that the function can return */
static sb_status
json_returning(sb_parser *p, const char *name, json_call *call)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;
    bool query = strcmp(name, "JSON_QUERY") == 0;
    sb_type type;

    call->returning = "STRING";
    if (!sb_parse_take_word(p, "RETURNING")) {
        return SB_OK;
    }
    SB_TRY(sb_parse_type(p, &type), p->err);
    if (sb_parse_is_word(p, -1, "NULL") && sb_parse_is_word(p, 0, "ON")) {
        p->at--; /* not "type NULL" but NULL ON EMPTY */
    }
    if (type.id == SB_TYPE_VARCHAR && type.length != SB_LENGTH_MAX) {
        call->type = type;
        type.length = SB_LENGTH_MAX;
    }
    call->returning = json_type_name(&type);
    if (call->returning == NULL || (query ? call->returning[0] != 'S' && call->returning[0] != 'A'
                                          : call->returning[0] == 'A')) {
        sb_status status = sb_sql_error(p->err, SB_SQL_TYPE, begin, sb_parse_last_end(p),
                                        "%s cannot return this type", name);

        sb_error_hint(p->err, query ? "it returns STRING or ARRAY<STRING>"
                                    : "it returns STRING, BOOLEAN, INTEGER or DOUBLE");
        return status;
    }
    return SB_OK;
}

/* NULL | ERROR | DEFAULT x | EMPTY ARRAY | EMPTY OBJECT, each ON EMPTY or ON ERROR */
static sb_status
json_behaviours(sb_parser *p, bool query, json_call *call)
{
    call->empty = call->error = "NULL";
    for (int round = 0; round < 2; round++) {
        const char *word = NULL;
        sb_ast_expr *value = NULL;

        if (sb_parse_take_word(p, "NULL")) {
            word = "NULL";
        } else if (sb_parse_take_word(p, "ERROR")) {
            word = "ERROR";
        } else if (query && (sb_parse_take_words(p, "EMPTY ARRAY") ||
                             (sb_parse_is_word(p, 0, "EMPTY") && sb_parse_is_word(p, 1, "ON") &&
                              sb_parse_take_word(p, "EMPTY")))) {
            word = "ARRAY";
        } else if (query && sb_parse_take_words(p, "EMPTY OBJECT")) {
            word = "OBJECT";
        } else if (!query && sb_parse_take_word(p, "DEFAULT")) {
            SB_TRY(sb_parse_expr(p, &value), p->err);
            word = value->kind == SB_AST_NULL ? "NULL" : "DEFAULT";
        } else {
            return SB_OK;
        }
        SB_TRY(sb_parse_want_word(p, "ON"), p->err);
        if (round == 0 && sb_parse_take_word(p, "EMPTY")) {
            call->empty = word;
            call->default_empty = word[0] == 'D' ? value : NULL;
        } else {
            SB_TRY(sb_parse_want_word(p, "ERROR"), p->err);
            call->error = word;
            call->default_error = word[0] == 'D' ? value : NULL;
            return SB_OK;
        }
    }
    return SB_OK;
}

static sb_status
json_wrapper(sb_parser *p, json_call *call)
{
    call->wrapper = "WITHOUT";
    if (sb_parse_take_word(p, "WITHOUT")) {
        (void)sb_parse_take_word(p, "ARRAY");
        return sb_parse_want_word(p, "WRAPPER");
    }
    if (sb_parse_take_word(p, "WITH")) {
        call->wrapper = sb_parse_take_word(p, "CONDITIONAL") ? "CONDITIONAL" : "UNCONDITIONAL";
        (void)sb_parse_take_word(p, "UNCONDITIONAL");
        (void)sb_parse_take_word(p, "ARRAY");
        return sb_parse_want_word(p, "WRAPPER");
    }
    return SB_OK;
}

/* RETURNING VARCHAR(n): a cast of the call. */
static sb_status
json_cast(sb_parser *p, const json_call *call, sb_ast_expr **out)
{
    sb_ast_expr *inner = *out;

    if (call->type.length == 0) {
        return SB_OK;
    }
    SB_TRY(sb_parse_call_new(p, NULL, inner->begin, &inner, 1, out), p->err);
    (*out)->kind = SB_AST_CAST;
    (*out)->type = call->type;
    return SB_OK;
}

/* The words as the first argument. */
static sb_status
json_words(sb_parser *p, json_call *call, const char *words, int32_t begin)
{
    if (words == NULL) {
        SB_NOMEM(p->err);
    }
    return sb_parse_string_new(p, words, begin, begin, &call->args[0]);
}

static sb_status
json_value(sb_parser *p, int32_t begin, sb_ast_expr **out)
{
    json_call call = {0};
    int32_t count = 3;

    SB_TRY(json_text_path(p, &call), p->err);
    SB_TRY(json_returning(p, "JSON_VALUE", &call), p->err);
    SB_TRY(json_behaviours(p, false, &call), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_TRY(json_words(p, &call,
                      sb_arena_printf(p->arena, "%s %s %s", call.returning, call.empty, call.error),
                      begin),
           p->err);
    if (call.default_empty != NULL) {
        call.args[count++] = call.default_empty;
    }
    if (call.default_error != NULL) {
        call.args[count++] = call.default_error;
    }
    SB_TRY(sb_parse_call_new(p, "JSON_VALUE", begin, call.args, count, out), p->err);
    return json_cast(p, &call, out);
}

static sb_status
json_query(sb_parser *p, int32_t begin, sb_ast_expr **out)
{
    json_call call = {0};

    SB_TRY(json_text_path(p, &call), p->err);
    SB_TRY(json_returning(p, "JSON_QUERY", &call), p->err);
    SB_TRY(json_wrapper(p, &call), p->err);
    SB_TRY(json_behaviours(p, true, &call), p->err);
    if (call.returning[0] == 'A' && (call.empty[0] == 'O' || call.error[0] == 'O')) {
        return sb_sql_error(p->err, SB_SQL_TYPE, begin, sb_parse_last_end(p),
                            "EMPTY OBJECT is no ARRAY");
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_TRY(json_words(p, &call,
                      sb_arena_printf(p->arena, "%s %s %s %s", call.returning, call.wrapper,
                                      call.empty, call.error),
                      begin),
           p->err);
    SB_TRY(sb_parse_call_new(p, "JSON_QUERY", begin, call.args, 3, out), p->err);
    return json_cast(p, &call, out);
}

static sb_status
json_exists(sb_parser *p, int32_t begin, sb_ast_expr **out)
{
    static const char *const words[] = {"TRUE", "FALSE", "UNKNOWN", "ERROR"};
    const char *on_error = "FALSE";
    json_call call = {0};

    SB_TRY(json_text_path(p, &call), p->err);
    for (int i = 0; i < 4; i++) {
        if (sb_parse_take_word(p, words[i])) {
            on_error = words[i];
            SB_TRY(sb_parse_want_word(p, "ON"), p->err);
            SB_TRY(sb_parse_want_word(p, "ERROR"), p->err);
            break;
        }
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_TRY(json_words(p, &call, on_error, begin), p->err);
    return sb_parse_call_new(p, "JSON_EXISTS", begin, call.args, 3, out);
}

/* NULL ON NULL, ABSENT ON NULL, or nothing */
static const char *
json_on_null(sb_parser *p, const char *otherwise)
{
    if (sb_parse_take_words(p, "NULL ON NULL")) {
        return "NULL";
    }
    return sb_parse_take_words(p, "ABSENT ON NULL") ? "ABSENT" : otherwise;
}

/* [KEY] k VALUE v, k : v */
static sb_status
json_member(sb_parser *p, sb_parse_list *list)
{
    sb_ast_expr *part;

    if (sb_parse_is_word(p, 0, "KEY") && !sb_parse_is_symbol(p, 1, ",") &&
        !sb_parse_is_symbol(p, 1, ".")) {
        p->at++;
    }
    SB_TRY(sb_parse_expr(p, &part), p->err);
    SB_TRY(sb_parse_list_add(p, list, part), p->err);
    if (!sb_parse_take_word(p, "VALUE") && !sb_parse_take_symbol(p, ":")) {
        return sb_parse_fail(p, "VALUE");
    }
    SB_TRY(sb_parse_expr(p, &part), p->err);
    return sb_parse_list_add(p, list, part);
}

static sb_status
json_build(sb_parser *p, const char *name, int32_t begin, sb_ast_expr **out)
{
    bool object = strcmp(name, "JSON_OBJECT") == 0;
    const char *on_null = object ? "NULL" : "ABSENT";
    sb_parse_list list = {0};
    json_call call = {0};

    SB_TRY(sb_parse_list_add(p, &list, NULL), p->err);
    while (!sb_parse_is_symbol(p, 0, ")")) {
        sb_ast_expr *value;

        if (list.count == 1 && (sb_parse_is_word(p, 1, "ON"))) {
            break;
        }
        if (object) {
            SB_TRY(json_member(p, &list), p->err);
        } else {
            SB_TRY(sb_parse_expr(p, &value), p->err);
            SB_TRY(sb_parse_list_add(p, &list, value), p->err);
        }
        if (!sb_parse_take_symbol(p, ",")) {
            break;
        }
        if (sb_parse_is_symbol(p, 0, ")")) {
            return sb_parse_fail(p, "an expression");
        }
    }
    on_null = json_on_null(p, on_null);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_TRY(json_words(p, &call, on_null, begin), p->err);
    list.at[0] = call.args[0];
    return sb_parse_call_new(p, name, begin, (sb_ast_expr **)list.at, list.count, out);
}

/* JSON_OBJECTAGG, JSON_ARRAYAGG: what becomes of NULLs stands in ignore_nulls (ABSENT ON NULL) and
 * respect_nulls (NULL ON NULL). */
static sb_status
json_aggregate(sb_parser *p, const char *name, int32_t begin, sb_ast_expr **out)
{
    bool object = strcmp(name, "JSON_OBJECTAGG") == 0;
    sb_parse_list list = {0};
    sb_ast_expr *value;

    if (object) {
        SB_TRY(json_member(p, &list), p->err);
    } else {
        SB_TRY(sb_parse_expr(p, &value), p->err);
        SB_TRY(sb_parse_list_add(p, &list, value), p->err);
    }
    bool absent = json_on_null(p, object ? "NULL" : "ABSENT")[0] == 'A';
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_TRY(sb_parse_call_new(p, name, begin, (sb_ast_expr **)list.at, list.count, out), p->err);
    (*out)->kind = SB_AST_AGGREGATE;
    (*out)->ignore_nulls = absent;
    (*out)->respect_nulls = !absent;
    return SB_OK;
}

/* The cursor is on the name; an opening bracket follows. */
sb_status
sb_parse_json_call(sb_parser *p, sb_ast_expr **out, bool *out_taken)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;

    *out_taken = true;
    p->at += 2;
    if (sb_parse_is_word(p, -2, "JSON_VALUE")) {
        return json_value(p, begin, out);
    }
    if (sb_parse_is_word(p, -2, "JSON_QUERY")) {
        return json_query(p, begin, out);
    }
    if (sb_parse_is_word(p, -2, "JSON_EXISTS")) {
        return json_exists(p, begin, out);
    }
    if (sb_parse_is_word(p, -2, "JSON_OBJECT")) {
        return json_build(p, "JSON_OBJECT", begin, out);
    }
    if (sb_parse_is_word(p, -2, "JSON_ARRAY")) {
        return json_build(p, "JSON_ARRAY", begin, out);
    }
    if (sb_parse_is_word(p, -2, "JSON_OBJECTAGG")) {
        return json_aggregate(p, "JSON_OBJECTAGG", begin, out);
    }
    if (sb_parse_is_word(p, -2, "JSON_ARRAYAGG")) {
        return json_aggregate(p, "JSON_ARRAYAGG", begin, out);
    }
    p->at -= 2;
    *out_taken = false;
    return SB_OK;
}
