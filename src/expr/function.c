/*
 * expr/function.c -- the catalogue table, look-up by name, calls and casts as the binder makes
 * them.
 */
#include "expr/function.h"

#include "expr/infer.h"

#include <string.h>
#include <strings.h>

#define FUNCTION(category, name, args, result, flags, impl, doc) \
    extern const sb_impl sb_impl_##impl;
#include "expr/catalogue.def"
#undef FUNCTION

#define FUNCTION(category, name, args, result, flags, impl, doc) \
    {name, args, result, flags, &sb_impl_##impl, doc, SB_CATEGORY_##category},
static const sb_function functions[] = {
#include "expr/catalogue.def"
};
#undef FUNCTION

#define COUNT_FUNCTIONS ((int32_t)(sizeof functions / sizeof functions[0]))

const sb_function *
sb_function_all(int32_t *out_count)
{
    *out_count = COUNT_FUNCTIONS;
    return functions;
}

const sb_function *
sb_function_find(const char *name, const sb_function *after)
{
    for (const sb_function *f = after ? after + 1 : functions; f < functions + COUNT_FUNCTIONS;
         f++) {
        if (strcasecmp(f->name, name) == 0) {
            return f;
        }
    }
    return NULL;
}

int32_t
sb_function_id(const sb_function *function)
{
    int32_t id = 0;
    const sb_function *f = sb_function_find(function->name, NULL);
    for (; f != function; f = sb_function_find(function->name, f)) {
        sb_assert(f);
        id++;
    }
    return id;
}

const sb_function *
sb_function_by_id(const char *name, int32_t id)
{
    const sb_function *f = sb_function_find(name, NULL);
    while (f && id-- > 0) {
        f = sb_function_find(name, f);
    }
    return f;
}

static const char *
letter_name(char letter)
{
    switch (letter) {
    case 'a': return "ANY";
    case 'b': return "BOOLEAN";
    case 's':
    case 'v':
    case 'w': return "STRING";
    case 'x': return "BYTES";
    case 'n': return "NUMERIC";
    case 'e': return "EXACT NUMERIC";
    case 'i': return "INT";
    case 'l': return "BIGINT";
    case 'd': return "DOUBLE";
    case 't': return "TIMESTAMP";
    case 'p': return "DATE or TIMESTAMP";
    case 'D': return "DATE";
    case 'T': return "TIME";
    case 'y': return "INTERVAL YEAR TO MONTH";
    case 'z': return "INTERVAL DAY TO SECOND";
    case 'u': return "unit";
    case 'k': return "keyword";
    case 'm': return "TIMESTAMP(3)";
    case 'L': return "TIMESTAMP_LTZ(3)";
    case 'A': return "ARRAY";
    case 'M': return "MAP";
    case 'R': return "ROW";
    case 'V': return "VARIANT";
    case 'B': return "BITMAP";
    default: return "the common type";
    }
}

void
sb_function_signature(const sb_function *function, sb_text *out)
{
    bool first = true, optional = false;
    sb_text_printf(out, "%s(", function->name);
    for (const char *p = function->args; *p; p++) {
        if (*p == '?') {
            sb_text_add(out, first ? "[" : " [");
            optional = true;
        } else if (*p == '*') {
            sb_text_add(out, ", ...");
        } else {
            sb_text_printf(out, "%s%s", first ? "" : ", ", letter_name(*p));
            first = false;
        }
    }
    sb_text_add(out, optional ? "])" : ")");
    char r = function->result[0];
    if (r >= '0' && r <= '9') {
        sb_text_add(out, " -> type of an argument");
    } else {
        sb_text_printf(out, " -> %s", letter_name(r));
    }
}

/* ---- calls --------------------------------------------------------------------------------------
 */

static sb_status
unknown_function(const char *name, sb_error *err)
{
    const char *best = NULL;
    int best_distance = 3;
    for (int32_t i = 0; i < COUNT_FUNCTIONS; i++) {
        if (functions[i].flags & SB_FN_INTERNAL) {
            continue;
        }
        char upper[64];
        size_t n = strnlen(name, sizeof upper - 1);
        for (size_t c = 0; c < n; c++) {
            upper[c] = (char)(name[c] >= 'a' && name[c] <= 'z' ? name[c] - 32 : name[c]);
        }
        int d = sb_str_distance((sb_str){upper, n}, sb_str_of(functions[i].name), best_distance);
        if (d < best_distance) {
            best_distance = d;
            best = functions[i].name;
        }
    }
    sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__, "unknown function '%.100s'", name);
    if (best && strlen(name) > 2) {
        sb_error_hint(err, "did you mean %s?", best);
    }
    return SB_STATUS_NOT_FOUND;
}

static void
hint_signatures(const char *name, sb_error *err)
{
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    for (const sb_function *f = sb_function_find(name, NULL); f; f = sb_function_find(name, f)) {
        sb_text_add(&text, text.size ? "; " : "");
        sb_function_signature(f, &text);
    }
    sb_error_hint(err, "it takes %.450s", text.data);
    sb_text_deinit(&text);
}

/* Tries one overload. */
static sb_status
try_signature(sb_arena *arena, const sb_function *f, sb_expr *const *args, int32_t count,
              sb_expr **out, sb_error *err)
{
    sb_infer in = {.arena = arena, .function = f, .count = count};
    in.args = SB_NEW_ARRAY(arena, sb_expr *, count + 1);
    if (!in.args) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        in.args[i] = args[i];
    }
    SB_TRY(f->impl->infer ? f->impl->infer(&in, err) : sb_infer_pattern(&in, err), err);
    if (f->impl->row && count > SB_MAX_ROW_ARGS) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: %s with more than %d arguments",
                f->name, SB_MAX_ROW_ARGS);
    }
    *out = in.replace ? in.replace : sb_expr_make_call(arena, f, in.args, in.count, &in.type);
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_expr_call(sb_arena *arena, const char *name, sb_expr *const *args, int32_t count, sb_expr **out,
             sb_error *err)
{
    const sb_function *f = sb_function_find(name, NULL);
    sb_status status = SB_STATUS_SEMANTIC;
    if (!f || (f->flags & SB_FN_INTERNAL)) {
        return unknown_function(name, err);
    }
    sb_error first;
    for (bool again = false; f; f = sb_function_find(name, f), again = true) {
        sb_error *e = again ? err : &first;
        status = try_signature(arena, f, args, count, out, e);
        if (status != SB_STATUS_SEMANTIC) {
            if (status != SB_OK && err && e == &first) {
                *err = first;
            }
            return status;
        }
    }
    if (err) {
        *err = first;
        if (!err->hint[0]) {
            hint_signatures(name, err);
        }
    }
    return status;
}

/* ---- casts --------------------------------------------------------------------------------------
 */

sb_expr *
sb_expr_make_cast(sb_arena *arena, sb_expr *arg, const sb_type *to, bool try_cast)
{
    const sb_function *f = sb_function_find(try_cast ? "TRY_CAST" : "CAST", NULL);
    sb_type type = *to;
    type.nullable = arg->type.nullable || try_cast;
    return sb_expr_make_call(arena, f, &arg, 1, &type);
}

static bool
is_moment(uint8_t id)
{
    return id == SB_TYPE_DATE || id == SB_TYPE_TIMESTAMP || id == SB_TYPE_TIMESTAMP_LTZ;
}

/* Two nested types of one kind, each part by itself. */
static bool
parts_exist(const sb_type *from, const sb_type *to,
            bool (*exists)(const sb_type *, const sb_type *))
{
    if (from->id != to->id || from->count_children != to->count_children) {
        return false;
    }
    for (int32_t i = 0; i < from->count_children; i++) {
        const sb_type *a = &from->children[i].type, *b = &to->children[i].type;
        if (a->id != SB_TYPE_NULL && !sb_type_same_ignoring_null(a, b) && !exists(a, b)) {
            return false;
        }
    }
    return true;
}

bool
sb_cast_exists(const sb_type *from, const sb_type *to)
{
    bool string = sb_type_is_string(from), numeric = sb_type_is_numeric(from);
    if (from->id == SB_TYPE_NULL || sb_type_same_ignoring_null(from, to)) {
        return true;
    }
    switch (to->id) {
    case SB_TYPE_CHAR:
    case SB_TYPE_VARCHAR: return from->id != SB_TYPE_VARIANT;
    case SB_TYPE_ARRAY:
    case SB_TYPE_MAP:
    case SB_TYPE_MULTISET:
    case SB_TYPE_ROW: return parts_exist(from, to, sb_cast_exists);
    case SB_TYPE_BOOLEAN: return string || numeric || from->id == SB_TYPE_BOOLEAN;
    case SB_TYPE_BINARY:
    case SB_TYPE_VARBINARY: return string || sb_type_is_binary(from);
    case SB_TYPE_TINYINT:
    case SB_TYPE_SMALLINT:
    case SB_TYPE_INT:
    case SB_TYPE_BIGINT:
    case SB_TYPE_FLOAT:
    case SB_TYPE_DOUBLE:
    case SB_TYPE_DECIMAL: return string || numeric || from->id == SB_TYPE_BOOLEAN;
    case SB_TYPE_DATE: return string || is_moment(from->id);
    case SB_TYPE_TIME: return string || from->id == SB_TYPE_TIME || sb_type_is_timestamp(from);
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return string || is_moment(from->id) || from->id == SB_TYPE_TIME;
    case SB_TYPE_INTERVAL_MONTH:
    case SB_TYPE_INTERVAL_DAY:
        return from->id == to->id || sb_type_is_integer(from) || from->id == SB_TYPE_DECIMAL;
    default: return false;
    }
}

static bool
coercion_exists(const sb_type *from, const sb_type *to)
{
    bool numeric = sb_type_is_numeric(from);
    switch (to->id) {
    case SB_TYPE_CHAR: return from->id == SB_TYPE_CHAR;
    case SB_TYPE_VARCHAR: return sb_type_is_string(from);
    case SB_TYPE_BINARY: return from->id == SB_TYPE_BINARY;
    case SB_TYPE_VARBINARY: return sb_type_is_binary(from);
    case SB_TYPE_DECIMAL: return numeric;
    case SB_TYPE_TINYINT:
    case SB_TYPE_SMALLINT:
    case SB_TYPE_INT:
    case SB_TYPE_BIGINT: return sb_type_is_integer(from) && from->id <= to->id;
    case SB_TYPE_FLOAT: return numeric && from->id != SB_TYPE_DOUBLE;
    case SB_TYPE_DOUBLE: return numeric;
    case SB_TYPE_DATE: return from->id == SB_TYPE_TIMESTAMP;
    case SB_TYPE_TIME: return from->id == SB_TYPE_TIMESTAMP || from->id == SB_TYPE_TIME;
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return sb_type_is_timestamp(from);
    default:
        return (!from->class_name || !to->class_name
                    ? from->class_name == to->class_name
                    : strcmp(from->class_name, to->class_name) == 0) &&
               parts_exist(from, to, coercion_exists);
    }
}

static sb_status
no_cast(const sb_expr *arg, const sb_type *to, const char *what, sb_error *err)
{
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    sb_type_print(&arg->type, &text);
    sb_text_add(&text, " to ");
    sb_type_print(to, &text);
    sb_error_set(err, SB_STATUS_SEMANTIC, __FILE__, __LINE__, "there is no %s from %.800s", what,
                 text.data);
    sb_error_at(err, arg->position, arg->position_end);
    sb_text_deinit(&text);
    return SB_STATUS_SEMANTIC;
}

sb_status
sb_expr_cast(sb_arena *arena, sb_expr *arg, const sb_type *to, bool try_cast, sb_expr **out,
             sb_error *err)
{
    if (!sb_cast_exists(&arg->type, to)) {
        return no_cast(arg, to, "cast", err);
    }
    *out = sb_expr_make_cast(arena, arg, to, try_cast);
    if (!*out) {
        SB_NOMEM(err);
    }
    (*out)->position = arg->position;
    (*out)->position_end = arg->position_end;
    return SB_OK;
}

/* Of types that are the same but for names and nullability: are the fields of their ROWs called the
 * same? */
static bool
same_names(const sb_type *a, const sb_type *b)
{
    for (int32_t i = 0; i < a->count_children; i++) {
        const char *x = a->children[i].name, *y = b->children[i].name;
        if (a->id == SB_TYPE_ROW && (!x || !y ? x != y : strcmp(x, y) != 0)) {
            return false;
        }
        if (!same_names(&a->children[i].type, &b->children[i].type)) {
            return false;
        }
    }
    return true;
}

sb_status
sb_expr_coerce(sb_arena *arena, sb_expr *arg, const sb_type *to, sb_expr **out, sb_error *err)
{
    bool same = sb_type_same_ignoring_null(&arg->type, to);
    if (same && !same_names(&arg->type, to)) {
        *out = sb_expr_make_cast(arena, arg, to, false);
        if (!*out) {
            SB_NOMEM(err);
        }
        return SB_OK;
    }
    if (same) {
        *out = arg;
        return SB_OK;
    }
    if (arg->type.id == SB_TYPE_NULL) {
        *out = arg->kind == SB_EXPR_LITERAL ? sb_expr_null(arena, to)
                                            : sb_expr_make_cast(arena, arg, to, false);
    } else if (coercion_exists(&arg->type, to)) {
        *out = sb_expr_make_cast(arena, arg, to, false);
    } else {
        return no_cast(arg, to, "implicit cast", err);
    }
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_expr_field(sb_arena *arena, sb_expr *row, int32_t field, sb_expr **out, sb_error *err)
{
    if (row->type.id != SB_TYPE_ROW) {
        sb_text text;
        sb_text_init(&text, sb_mem_root());
        sb_type_print(&row->type, &text);
        sb_error_set(err, SB_STATUS_SEMANTIC, __FILE__, __LINE__,
                     "a value of type %.800s has no fields", text.data);
        sb_text_deinit(&text);
        return SB_STATUS_SEMANTIC;
    }
    sb_assert(field >= 0 && field < row->type.count_children);
    sb_type type = row->type.children[field].type;
    type.nullable = type.nullable || row->type.nullable;
    *out = sb_expr_make_call(arena, sb_function_find("FIELD", NULL), &row, 1, &type);
    if (!*out) {
        SB_NOMEM(err);
    }
    (*out)->field = field;
    return SB_OK;
}
