/*
 * columnar/value.c -- single values: comparison and text, over any encoding.
 *
 * DESIGN     Slow paths: one value at a time. Lists compare element by element, then by length;
 *            maps as lists of (key, value) in their order; rows field by field.
 * THREADS    T:any
 */
#include <stdio.h>
#include <string.h>

#include "columnar/vector.h"

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

/* The bits of a float in an order that is Java's Float.compare: NaN (all equal) greatest, -0.0 <
 * 0.0. */
static int64_t
float_key(float v)
{
    int32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return v != v ? INT64_MAX : bits < 0 ? (int64_t)(bits ^ INT32_MAX) : bits;
}

static int64_t
double_key(double v)
{
    int64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return v != v ? INT64_MAX : bits < 0 ? bits ^ INT64_MAX : bits;
}

#define COMPARE_AS(type)                                      \
    do {                                                      \
        type va, vb;                                          \
        memcpy(&va, a, sizeof va), memcpy(&vb, b, sizeof vb); \
        return ORDER(va, vb);                                 \
    } while (0)

int
sb_phys_compare(sb_phys phys, const void *a, const void *b)
{
    switch (phys) {
    case SB_PHYS_BOOL: COMPARE_AS(uint8_t);
    case SB_PHYS_I8: COMPARE_AS(int8_t);
    case SB_PHYS_I16: COMPARE_AS(int16_t);
    case SB_PHYS_I32: COMPARE_AS(int32_t);
    case SB_PHYS_I64: COMPARE_AS(int64_t);
    case SB_PHYS_I128: COMPARE_AS(sb_int128);
    case SB_PHYS_F32: {
        float va, vb;
        memcpy(&va, a, sizeof va), memcpy(&vb, b, sizeof vb);
        return ORDER(float_key(va), float_key(vb));
    }
    case SB_PHYS_F64: {
        double va, vb;
        memcpy(&va, a, sizeof va), memcpy(&vb, b, sizeof vb);
        return ORDER(double_key(va), double_key(vb));
    }
    case SB_PHYS_TSNS: {
        sb_ts_ns va, vb;
        memcpy(&va, a, sizeof va), memcpy(&vb, b, sizeof vb);
        return va.us != vb.us ? ORDER(va.us, vb.us) : ORDER(va.ns, vb.ns);
    }
    case SB_PHYS_VIEW: return sb_view_compare(a, b);
    case SB_PHYS_NULL:
    case SB_PHYS_LIST:
    case SB_PHYS_STRUCT:
    case SB_PHYS_COUNT: break;
    }
    sb_assert(!"values of this kind are not compared as memory");
}

static const sb_vector *
flat_of(const sb_vector *v)
{
    return v->encoding == SB_DICT ? v->dict : v;
}

static int
compare_lists(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b)
{
    const sb_list_entry *la = sb_vector_at(a, row_a), *lb = sb_vector_at(b, row_b);
    sb_vector *const *ca = flat_of(a)->children, *const *cb = flat_of(b)->children;
    for (int32_t i = 0; i < la->count && i < lb->count; i++) {
        for (int32_t c = 0; c < a->type->count_children; c++) {
            int order = sb_value_compare(ca[c], la->offset + i, cb[c], lb->offset + i);
            if (order) {
                return order;
            }
        }
    }
    return ORDER(la->count, lb->count);
}

static int
compare_structs(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b)
{
    sb_vector *const *ca = flat_of(a)->children, *const *cb = flat_of(b)->children;
    row_a = sb_vector_index(a, row_a);
    row_b = sb_vector_index(b, row_b);
    for (int32_t c = 0; c < a->type->count_children; c++) {
        int order = sb_value_compare(ca[c], row_a, cb[c], row_b);
        if (order) {
            return order;
        }
    }
    return 0;
}

/* The index of a STRUCT has no values to look up when FLAT; a CONST STRUCT is read at row 0. */
int
sb_value_compare(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b)
{
    sb_dassert(a->phys == b->phys);
    bool valid_a = sb_vector_valid(a, row_a), valid_b = sb_vector_valid(b, row_b);
    if (!valid_a || !valid_b) {
        return (int)valid_a - (int)valid_b;
    }
    if (a->phys == SB_PHYS_LIST) {
        return compare_lists(a, row_a, b, row_b);
    }
    if (a->phys == SB_PHYS_STRUCT) {
        return compare_structs(a, row_a, b, row_b);
    }
    return sb_phys_compare((sb_phys)a->phys, sb_vector_at(a, row_a), sb_vector_at(b, row_b));
}

bool
sb_value_equal(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b)
{
    if (a->phys == SB_PHYS_VIEW && sb_vector_valid(a, row_a) && sb_vector_valid(b, row_b)) {
        return sb_view_equal(sb_vector_at(a, row_a), sb_vector_at(b, row_b));
    }
    return sb_value_compare(a, row_a, b, row_b) == 0;
}

/* ---- text
 * --------------------------------------------------------------------------------------- */

static void
print_int128(sb_int128 v, int scale, sb_text *out)
{
    char digits[64];
    int at = (int)sizeof digits, shown = 0;
    unsigned __int128 rest = v < 0 ? -(unsigned __int128)v : (unsigned __int128)v;
    while (rest > 0 || shown <= scale) {
        if (scale > 0 && shown == scale) {
            digits[--at] = '.';
        }
        digits[--at] = (char)('0' + (int)(rest % 10));
        rest /= 10;
        shown++;
    }
    if (v < 0) {
        sb_text_char(out, '-');
    }
    sb_text_append(out, digits + at, sizeof digits - (size_t)at);
}

/* Proleptic Gregorian date of a day number; Howard Hinnant, "chrono-compatible low-level date
 * algorithms". */
static void
print_date(int64_t days, sb_text *out)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int64_t month = mp < 10 ? mp + 3 : mp - 9;
    sb_text_printf(out, "%04lld-%02d-%02d", (long long)(yoe + era * 400 + (month <= 2)), (int)month,
                   (int)(doy - (153 * mp + 2) / 5 + 1));
}

static void
print_clock(int64_t us, int32_t ns, int precision, sb_text *out)
{
    int64_t seconds = us / 1000000;
    sb_text_printf(out, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
                   (int)(seconds % 60));
    if (precision > 0) {
        char fraction[32];
        snprintf(fraction, sizeof fraction, ".%06d%03d", (int)(us % 1000000), (int)ns);
        sb_text_append(out, fraction, (size_t)precision + 1);
    }
}

static void
print_timestamp(int64_t us, int32_t ns, const sb_type *type, sb_text *out)
{
    const int64_t day = INT64_C(86400000000);
    int64_t days = us / day - (us % day < 0);
    print_date(days, out);
    sb_text_char(out, ' ');
    print_clock(us - days * day, ns, type->precision, out);
    if (type->id == SB_TYPE_TIMESTAMP_LTZ) {
        sb_text_char(out, 'Z');
    }
}

static void
print_double(double v, int digits, sb_text *out)
{
    char text[64];
    /* The shortest form that reads back as the same value. */
    for (int precision = 1; precision <= digits; precision++) {
        snprintf(text, sizeof text, "%.*g", precision, v);
        double back;
        if (sscanf(text, "%lf", &back) == 1 && (digits > 9 ? back == v : (float)back == (float)v)) {
            break;
        }
    }
    sb_text_add(out, text);
}

static void
print_list(const sb_vector *v, int32_t row, sb_text *out)
{
    const sb_list_entry *list = sb_vector_at(v, row);
    sb_vector *const *children = flat_of(v)->children;
    bool map = v->type->id == SB_TYPE_MAP;
    sb_text_char(out, map ? '{' : '[');
    for (int32_t i = 0; i < list->count; i++) {
        sb_text_add(out, i > 0 ? ", " : "");
        sb_value_print(children[0], list->offset + i, out);
        if (map) {
            sb_text_char(out, '=');
            sb_value_print(children[1], list->offset + i, out);
        }
    }
    sb_text_char(out, map ? '}' : ']');
}

static void
print_struct(const sb_vector *v, int32_t row, sb_text *out)
{
    row = sb_vector_index(v, row);
    sb_text_char(out, '(');
    for (int32_t i = 0; i < v->type->count_children; i++) {
        sb_text_add(out, i > 0 ? ", " : "");
        sb_value_print(flat_of(v)->children[i], row, out);
    }
    sb_text_char(out, ')');
}

static void
print_whole(int64_t v, const sb_type *type, sb_text *out)
{
    switch ((sb_type_id)type->id) {
    case SB_TYPE_DECIMAL: print_int128(v, type->scale, out); break;
    case SB_TYPE_DATE: print_date(v, out); break;
    case SB_TYPE_TIME: print_clock(v * 1000, 0, type->precision, out); break;
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: print_timestamp(v, 0, type, out); break;
    default: sb_text_printf(out, "%lld", (long long)v);
    }
}

void
sb_value_print(const sb_vector *v, int32_t row, sb_text *out)
{
    if (!sb_vector_valid(v, row)) {
        sb_text_add(out, "NULL");
        return;
    }
    const void *at = v->phys == SB_PHYS_STRUCT ? NULL : sb_vector_at(v, row);
    bool bytes;
    switch ((sb_phys)v->phys) {
    case SB_PHYS_BOOL: sb_text_add(out, *(const uint8_t *)at ? "true" : "false"); break;
    case SB_PHYS_I8: print_whole(*(const int8_t *)at, v->type, out); break;
    case SB_PHYS_I16: print_whole(*(const int16_t *)at, v->type, out); break;
    case SB_PHYS_I32: print_whole(*(const int32_t *)at, v->type, out); break;
    case SB_PHYS_I64: print_whole(*(const int64_t *)at, v->type, out); break;
    case SB_PHYS_F32: print_double((double)*(const float *)at, 9, out); break;
    case SB_PHYS_F64: print_double(*(const double *)at, 17, out); break;
    case SB_PHYS_I128: print_int128(*(const sb_int128 *)at, v->type->scale, out); break;
    case SB_PHYS_TSNS:
        print_timestamp(((const sb_ts_ns *)at)->us, ((const sb_ts_ns *)at)->ns, v->type, out);
        break;
    case SB_PHYS_VIEW:
        bytes = sb_type_is_binary(v->type) || sb_type_is_opaque(v->type);
        for (uint32_t i = 0; bytes && i < sb_view_size(at); i++) {
            sb_text_printf(out, "%02x", (uint8_t)sb_view_data(at)[i]);
        }
        sb_text_append(out, sb_view_data(at), bytes ? 0 : sb_view_size(at));
        break;
    case SB_PHYS_LIST: print_list(v, row, out); break;
    case SB_PHYS_STRUCT: print_struct(v, row, out); break;
    case SB_PHYS_NULL:
    case SB_PHYS_COUNT: break;
    }
}
