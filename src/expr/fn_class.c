/*
 * expr/fn_class.c -- IS_ALPHA, IS_DIGIT, IS_DECIMAL.
 *
 * DESIGN     Java asks UTF-16 units, so a character beyond the BMP is neither letter nor digit. A
 * number is known by its type alone.
 */
#include "expr/infer.h"
#include "kernels/bits.h"
#include "kernels/number.h"
#include "kernels/utf8.h"

#include <utf8proc.h>

enum { ALPHA, DIGIT, DECIMAL };

static bool
is_class(utf8proc_int32_t c, int class)
{
    utf8proc_category_t k = utf8proc_category(c);
    if (c > 0xFFFF) {
        return false;
    }
    return class == DIGIT ? k == UTF8PROC_CATEGORY_ND
                          : k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO;
}

static bool
all_of(sb_str s, int class)
{
    for (size_t i = 0; i < s.size;) {
        utf8proc_int32_t c = 0;
        utf8proc_ssize_t w = utf8proc_iterate((const utf8proc_uint8_t *)s.data + i,
                                              (utf8proc_ssize_t)(s.size - i), &c);
        if (w <= 0 || !is_class(c, class)) {
            return false;
        }
        i += (size_t)w;
    }
    return s.size > 0;
}

/* Digits of any script, or what Double.parseDouble reads. */
static bool
is_decimal(sb_str s)
{
    double value;
    if (all_of(s, DIGIT)) {
        return true;
    }
    while (s.size > 0 && (unsigned char)s.data[0] <= ' ') {
        s.data++;
        s.size--;
    }
    while (s.size > 0 && (unsigned char)s.data[s.size - 1] <= ' ') {
        s.size--;
    }
    return sb_double_parse(s.data, s.size, &value);
}

static sb_status
class_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    int class = call->expr->function->impl->code;
    const sb_vector *arg = call->args[0];
    SB_TRY(sb_call_result(call, false, out, err), err);
    uint8_t *to = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        bool yes = false;
        if (sb_vector_valid(arg, r)) {
            sb_str s = sb_arg_str(sb_vector_at(arg, r));
            yes = class == DECIMAL ? is_decimal(s) : all_of(s, class);
        }
        to[r] = yes;
    }
    return SB_OK;
}

const sb_impl sb_impl_is_alpha = {.vector = class_vector, .code = ALPHA};
const sb_impl sb_impl_is_digit = {.vector = class_vector, .code = DIGIT};
const sb_impl sb_impl_is_decimal = {.vector = class_vector, .code = DECIMAL};

static sb_status
class_number_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    const sb_type *t = &in->args[0]->type;
    int class = in->function->impl->code;
    bool yes =
        class != ALPHA && (sb_type_is_integer(t) || (class == DECIMAL && t->id != SB_TYPE_DECIMAL));
    in->replace = sb_expr_i64(in->arena, &in->type, yes);
    return SB_OK;
}

const sb_impl sb_impl_is_alpha_number = {.infer = class_number_infer, .code = ALPHA};
const sb_impl sb_impl_is_digit_number = {.infer = class_number_infer, .code = DIGIT};
const sb_impl sb_impl_is_decimal_number = {.infer = class_number_infer, .code = DECIMAL};
