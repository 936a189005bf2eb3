/*
 * expr/infer.c -- types: what is cast implicitly, the common type of several, the DECIMAL rules.
 *
 * DESIGN     Calcite's least restrictive type with Flink's type system. NULL literals take any
 * type.
 */
#include "expr/infer.h"

#include "kernels/decimal.h"

#include <string.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

sb_type
sb_type_as_decimal(const sb_type *type)
{
    static const uint8_t digits[] = {
        [SB_TYPE_TINYINT] = 3, [SB_TYPE_SMALLINT] = 5, [SB_TYPE_INT] = 10, [SB_TYPE_BIGINT] = 19};
    return type->id == SB_TYPE_DECIMAL ? *type
                                       : sb_type_decimal(digits[type->id], 0, type->nullable);
}

/* Cuts a result of more than 38 digits: the integer digits stay, the scale shrinks, to 6 at the
 * least. */
static sb_type
decimal_cut(int p, int s, bool null)
{
    if (p > SB_DECIMAL_MAX) {
        int integer = p - s;
        s = MAX(SB_DECIMAL_MAX - integer, MIN(s, 6));
        p = SB_DECIMAL_MAX;
    }
    return sb_type_decimal(p, s, null);
}

sb_type
sb_decimal_type(sb_arith_op op, const sb_type *a, const sb_type *b)
{
    int p1 = a->precision, s1 = a->scale, p2 = b->precision, s2 = b->scale;
    bool null = a->nullable || b->nullable;
    int s = MAX(s1, s2);
    switch (op) {
    case SB_MUL: return decimal_cut(p1 + p2 + 1, s1 + s2, null);
    case SB_DIV: s = MAX(6, s1 + p2 + 1); return decimal_cut(p1 - s1 + s2 + s, s, null);
    case SB_REM: return decimal_cut(MIN(p1 - s1, p2 - s2) + s, s, null);
    default: return decimal_cut(MAX(p1 - s1, p2 - s2) + s + 1, s, null);
    }
}

bool
sb_infer_nullable(const sb_infer *in)
{
    for (int32_t i = 0; i < in->count; i++) {
        if (in->args[i]->type.nullable) {
            return true;
        }
    }
    return false;
}

sb_status
sb_infer_cast(sb_infer *in, int32_t arg, sb_type to, sb_error *err)
{
    sb_expr *e = in->args[arg];
    to.nullable = e->type.nullable;
    if (sb_type_same_ignoring_null(&e->type, &to)) {
        return SB_OK;
    }
    if (e->kind == SB_EXPR_LITERAL && e->is_null) {
        in->args[arg] = sb_expr_null(in->arena, &to);
    } else {
        in->args[arg] = sb_expr_make_cast(in->arena, e, &to, false);
    }
    if (!in->args[arg]) {
        SB_NOMEM(err);
    }
    in->args[arg]->position = e->position;
    in->args[arg]->position_end = e->position_end;
    return SB_OK;
}

sb_status
sb_infer_mismatch(const sb_infer *in, sb_error *err)
{
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    for (int32_t i = 0; i < in->count; i++) {
        sb_text_add(&text, i ? ", " : "");
        sb_type_print(&in->args[i]->type, &text);
    }
    sb_error_set(err, SB_STATUS_SEMANTIC, __FILE__, __LINE__,
                 "cannot apply %s to arguments of type (%.600s)", in->function->name, text.data);
    sb_text_deinit(&text);
    return SB_STATUS_SEMANTIC;
}

/* ---- common type --------------------------------------------------------------------------------
 */

static sb_type
common_numeric(const sb_type *a, const sb_type *b)
{
    bool null = a->nullable || b->nullable;
    bool approximate_a = a->id == SB_TYPE_FLOAT || a->id == SB_TYPE_DOUBLE;
    bool approximate_b = b->id == SB_TYPE_FLOAT || b->id == SB_TYPE_DOUBLE;
    if (approximate_a && approximate_b) { /* Calcite gives both 15 digits, so the first one wins */
        return a->id == SB_TYPE_FLOAT ? SB_TYPE(FLOAT, null) : SB_TYPE(DOUBLE, null);
    }
    if (a->id == SB_TYPE_DOUBLE || b->id == SB_TYPE_DOUBLE) {
        return SB_TYPE(DOUBLE, null);
    }
    if (approximate_a || approximate_b) {
        bool decimal = a->id == SB_TYPE_DECIMAL || b->id == SB_TYPE_DECIMAL;
        return decimal ? SB_TYPE(DOUBLE, null) : SB_TYPE(FLOAT, null);
    }
    if (a->id != SB_TYPE_DECIMAL && b->id != SB_TYPE_DECIMAL) {
        sb_type t = a->id > b->id ? *a : *b;
        t.nullable = null;
        return t;
    }
    sb_type x = sb_type_as_decimal(a), y = sb_type_as_decimal(b);
    int scale = MAX(x.scale, y.scale);
    int integer = MAX(x.precision - x.scale, y.precision - y.scale);
    if (integer + scale > SB_DECIMAL_MAX) {
        integer = MIN(integer, SB_DECIMAL_MAX);
        scale = SB_DECIMAL_MAX - integer;
    }
    return sb_type_decimal(integer + scale, scale, null);
}

/* CHAR stays CHAR only when the lengths agree; any difference gives the variable kind, as long as
 * the longer one. */
static sb_type
common_string(const sb_type *a, const sb_type *b)
{
    sb_type t = *a;
    bool binary = sb_type_is_binary(a);
    uint8_t fixed = binary ? SB_TYPE_BINARY : SB_TYPE_CHAR;
    bool both_fixed = a->id == fixed && b->id == fixed && a->length == b->length;
    t.id = both_fixed ? fixed : binary ? SB_TYPE_VARBINARY : SB_TYPE_VARCHAR;
    t.length = MAX(a->length, b->length);
    t.nullable = a->nullable || b->nullable;
    return t;
}

static bool
common_time(const sb_type *a, const sb_type *b, sb_type *out)
{
    bool date_a = a->id == SB_TYPE_DATE, date_b = b->id == SB_TYPE_DATE;
    if (a->id == b->id) {
        *out = *a;
        out->precision = MAX(a->precision, b->precision);
    } else if (sb_type_is_timestamp(a) && sb_type_is_timestamp(b)) {
        *out = *a;
        out->id = SB_TYPE_TIMESTAMP_LTZ;
        out->precision = MAX(a->precision, b->precision);
    } else if (date_a && sb_type_is_timestamp(b)) {
        *out = *b;
    } else if (date_b && sb_type_is_timestamp(a)) {
        *out = *a;
    } else {
        return false;
    }
    out->nullable = a->nullable || b->nullable;
    return true;
}

static bool common_type(sb_arena *arena, const sb_type *a, const sb_type *b, sb_type *out);

/* Both no structured types, or of one class and with the same names. */
static bool
same_attributes(const sb_type *a, const sb_type *b)
{
    if (!a->class_name || !b->class_name) {
        return a->class_name == b->class_name;
    }
    bool same = strcmp(a->class_name, b->class_name) == 0;
    for (int32_t i = 0; same && i < a->count_children; i++) {
        same = strcmp(a->children[i].name, b->children[i].name) == 0;
    }
    return same;
}

/* Nested types: child by child; names of the first. */
static bool
common_nested(sb_arena *arena, const sb_type *a, const sb_type *b, sb_type *out)
{
    if (a->count_children != b->count_children || !same_attributes(a, b)) {
        return false;
    }
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, a->count_children);
    if (!fields) {
        return false;
    }
    for (int32_t i = 0; i < a->count_children; i++) {
        fields[i] = a->children[i];
        if (!common_type(arena, &a->children[i].type, &b->children[i].type, &fields[i].type)) {
            return false;
        }
    }
    *out = *a;
    out->children = fields;
    out->nullable = a->nullable || b->nullable;
    return true;
}

static bool
common_type(sb_arena *arena, const sb_type *a, const sb_type *b, sb_type *out)
{
    if (a->id == SB_TYPE_NULL || b->id == SB_TYPE_NULL) {
        *out = a->id == SB_TYPE_NULL ? *b : *a;
        out->nullable = true;
        return true;
    }
    if (sb_type_is_numeric(a) && sb_type_is_numeric(b)) {
        *out = common_numeric(a, b);
        return true;
    }
    if ((sb_type_is_string(a) && sb_type_is_string(b)) ||
        (sb_type_is_binary(a) && sb_type_is_binary(b))) {
        *out = common_string(a, b);
        return true;
    }
    if (a->id >= SB_TYPE_DATE && a->id <= SB_TYPE_TIMESTAMP_LTZ && b->id >= SB_TYPE_DATE &&
        b->id <= SB_TYPE_TIMESTAMP_LTZ) {
        return common_time(a, b, out);
    }
    if (a->id != b->id) {
        return false;
    }
    if (a->count_children > 0) {
        return common_nested(arena, a, b, out);
    }
    *out = *a;
    out->nullable = a->nullable || b->nullable;
    return true;
}

sb_status
sb_type_common(sb_arena *arena, const sb_type *const *types, int32_t count, sb_type *out,
               sb_error *err)
{
    sb_assert(count > 0);
    sb_type type = *types[0];
    for (int32_t i = 1; i < count; i++) {
        sb_type next;
        if (!common_type(arena, &type, types[i], &next)) {
            sb_text text;
            sb_text_init(&text, sb_mem_root());
            sb_type_print(&type, &text);
            sb_text_add(&text, " and ");
            sb_type_print(types[i], &text);
            sb_error_set(err, SB_STATUS_SEMANTIC, __FILE__, __LINE__,
                         "there is no common type of %.800s", text.data);
            sb_text_deinit(&text);
            return SB_STATUS_SEMANTIC;
        }
        type = next;
    }
    *out = type;
    return SB_OK;
}

sb_status
sb_infer_common(sb_infer *in, int32_t first, int32_t step, int32_t last, sb_type *out,
                sb_error *err)
{
    const sb_type **types = SB_NEW_ARRAY(in->arena, const sb_type *, in->count);
    int32_t count = 0;
    if (!types) {
        SB_NOMEM(err);
    }
    for (int32_t i = first; i < in->count; i += step) {
        types[count++] = &in->args[i]->type;
    }
    if (last >= 0) {
        types[count++] = &in->args[last]->type;
    }
    SB_TRY(sb_type_common(in->arena, types, count, out, err), err);
    for (int32_t i = first; i < in->count; i += step) {
        SB_TRY(sb_infer_cast(in, i, *out, err), err);
    }
    if (last >= 0) {
        SB_TRY(sb_infer_cast(in, last, *out, err), err);
    }
    return SB_OK;
}

/* ---- patterns of the catalogue
 * ------------------------------------------------------------------- */

/* The type that an argument is cast to for a letter; false: does not fit. */
static bool
pattern_type(char letter, const sb_expr *arg, sb_type *to)
{
    const sb_type *t = &arg->type;
    bool null = t->id == SB_TYPE_NULL;
    bool date = t->id == SB_TYPE_DATE, ts = sb_type_is_timestamp(t);
    *to = *t;
    switch (letter) {
    case 'a': return true;
    case 'b': *to = SB_TYPE(BOOLEAN, t->nullable); return null || t->id == SB_TYPE_BOOLEAN;
    case 's':
        *to = sb_type_is_string(t) ? *t : sb_type_string(t->nullable);
        return null || sb_type_is_string(t);
    case 'x':
        if (null) {
            *to = (sb_type){.id = SB_TYPE_VARBINARY, .nullable = true, .length = SB_LENGTH_MAX};
        }
        return null || sb_type_is_binary(t);
    case 'n': *to = null ? SB_TYPE(INT, true) : *t; return null || sb_type_is_numeric(t);
    case 'e':
        *to = null ? SB_TYPE(INT, true) : *t;
        return null || sb_type_is_integer(t) || t->id == SB_TYPE_DECIMAL;
    case 'i':
        *to = SB_TYPE(INT, t->nullable);
        return null || (t->id >= SB_TYPE_TINYINT && t->id <= SB_TYPE_INT);
    case 'l': *to = SB_TYPE(BIGINT, t->nullable); return null || sb_type_is_integer(t);
    case 'd': *to = SB_TYPE(DOUBLE, t->nullable); return null || sb_type_is_numeric(t);
    case 't': *to = null ? sb_type_timestamp(3, true) : *t; return null || ts;
    case 'p': *to = null ? sb_type_timestamp(3, true) : *t; return null || date || ts;
    case 'D': *to = SB_TYPE(DATE, t->nullable); return null || date;
    case 'T': *to = null ? SB_TYPE(TIME, true) : *t; return null || t->id == SB_TYPE_TIME;
    case 'y':
        *to = SB_TYPE(INTERVAL_MONTH, t->nullable);
        return null || t->id == SB_TYPE_INTERVAL_MONTH;
    case 'z':
        *to = SB_TYPE(INTERVAL_DAY, t->nullable);
        return null || t->id == SB_TYPE_INTERVAL_DAY;
    case 'V': *to = SB_TYPE(VARIANT, t->nullable); return null || t->id == SB_TYPE_VARIANT;
    case 'B': *to = SB_TYPE(BITMAP, t->nullable); return null || t->id == SB_TYPE_BITMAP;
    case 'u':
    case 'k': return arg->kind == SB_EXPR_LITERAL && sb_type_is_string(t) && !arg->is_null;
    default: return false;
    }
}

static sb_status
match_args(sb_infer *in, sb_error *err)
{
    const char *p = in->function->args;
    char last = 0;
    bool optional = false;
    int32_t i = 0;
    for (; i < in->count; i++) {
        optional = optional || *p == '?';
        p += *p == '?';
        if (*p && *p != '*') {
            last = *p++;
        } else if (*p != '*') {
            return sb_infer_mismatch(in, err);
        }
        sb_type to;
        if (!pattern_type(last, in->args[i], &to)) {
            return sb_infer_mismatch(in, err);
        }
        SB_TRY(sb_infer_cast(in, i, to, err), err);
    }
    return optional || *p == 0 || *p == '?' || *p == '*' ? SB_OK : sb_infer_mismatch(in, err);
}

static sb_type
result_type(sb_infer *in, char letter, bool null)
{
    sb_type t;
    switch (letter) {
    case 'b': return SB_TYPE(BOOLEAN, null);
    case 's': return sb_type_string(null);
    case 'x': return (sb_type){.id = SB_TYPE_VARBINARY, .nullable = null, .length = SB_LENGTH_MAX};
    case 'i': return SB_TYPE(INT, null);
    case 'l': return SB_TYPE(BIGINT, null);
    case 'd': return SB_TYPE(DOUBLE, null);
    case 'D': return SB_TYPE(DATE, null);
    case 'T': return SB_TYPE(TIME, null);
    case 'V': return SB_TYPE(VARIANT, null);
    case 'B': return SB_TYPE(BITMAP, null);
    case 'm': return sb_type_timestamp(3, null);
    case 'A':
    case 'M': return (sb_type){.nullable = null}; /* the rule of the function completes it */
    case 'L':
        t = sb_type_timestamp(3, null);
        t.id = SB_TYPE_TIMESTAMP_LTZ;
        return t;
    case 'v':
    case 'w':
        t = sb_type_string(null);
        t.length = in->args[letter == 'v' ? 0 : in->count - 1]->type.length;
        return t;
    default:
        sb_assert(letter >= '0' && letter <= '9' && letter - '0' < in->count);
        t = in->args[letter - '0']->type;
        t.nullable = null;
        return t;
    }
}

sb_status
sb_infer_pattern(sb_infer *in, sb_error *err)
{
    const char *result = in->function->result;
    SB_TRY(match_args(in, err), err);
    bool null = result[1] == '?' || (result[1] != '!' && sb_infer_nullable(in));
    if (result[0] == 'c') {
        SB_TRY(sb_infer_common(in, 0, 1, -1, &in->type, err), err);
        in->type.nullable = null;
    } else {
        in->type = result_type(in, result[0], null);
    }
    return SB_OK;
}
