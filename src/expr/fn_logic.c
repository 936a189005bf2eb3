/*
 * expr/fn_logic.c -- NOT, IS NULL and its like, CASE, IF, COALESCE, NULLIF. AND, OR and CASE run as
 * steps: compile.c.
 */
#include "expr/eval_priv.h"
#include "expr/infer.h"
#include "kernels/bits.h"

const sb_impl sb_impl_and = {.code = SB_SPECIAL_AND};
const sb_impl sb_impl_or = {.code = SB_SPECIAL_OR};

static sb_status
not_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_vector *v = call->args[0];
    SB_TRY(sb_call_strict_result(call, out, err), err);
    uint8_t *values = sb_vector_values_mut(*out);
    if (v->encoding == SB_FLAT && !call->rows) {
        const uint8_t *from = v->values;
        for (int32_t i = 0; i < call->count; i++) {
            values[i] = from[i] ^ 1;
        }
        return SB_OK;
    }
    SB_EACH_ROW(r, call->rows, call->count)
    {
        values[r] = !*(const uint8_t *)sb_vector_at(v, r);
    }
    return SB_OK;
}

const sb_impl sb_impl_not = {.vector = not_vector};

sb_status
sb_is_null_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    bool negate = call->expr->function->impl->code;
    const sb_vector *v = call->args[0];
    SB_TRY(sb_call_result(call, false, out, err), err);
    uint8_t *values = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        values[r] = sb_vector_valid(v, r) == negate;
    }
    return SB_OK;
}

const sb_impl sb_impl_is_null = {.vector = sb_is_null_vector, .code = 0};
const sb_impl sb_impl_is_not_null = {.vector = sb_is_null_vector, .code = 1};

/* code: bit 0 the result for FALSE, bit 1 for TRUE, bit 2 for NULL */
static sb_status
is_truth_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    int code = call->expr->function->impl->code;
    const sb_vector *v = call->args[0];
    SB_TRY(sb_call_result(call, false, out, err), err);
    uint8_t *values = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        int truth = sb_vector_valid(v, r) ? *(const uint8_t *)sb_vector_at(v, r) : 2;
        values[r] = (code >> truth) & 1;
    }
    return SB_OK;
}

const sb_impl sb_impl_is_true = {.vector = is_truth_vector, .code = 2};
const sb_impl sb_impl_is_not_true = {.vector = is_truth_vector, .code = 5};
const sb_impl sb_impl_is_false = {.vector = is_truth_vector, .code = 1};
const sb_impl sb_impl_is_not_false = {.vector = is_truth_vector, .code = 6};

/* ---- conditions ---------------------------------------------------------------------------------
 */

static sb_status
case_infer(sb_infer *in, sb_error *err)
{
    if (in->count < 3 || in->count % 2 == 0) {
        return sb_infer_mismatch(in, err);
    }
    for (int32_t i = 0; i < in->count - 1; i += 2) {
        uint8_t id = in->args[i]->type.id;
        if (id != SB_TYPE_BOOLEAN && id != SB_TYPE_NULL) {
            return sb_infer_mismatch(in, err);
        }
        SB_TRY(sb_infer_cast(in, i, SB_TYPE(BOOLEAN, true), err), err);
    }
    return sb_infer_common(in, 1, 2, in->count - 1, &in->type, err);
}

const sb_impl sb_impl_case = {.infer = case_infer, .code = SB_SPECIAL_CASE};

static sb_status
if_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 3) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(sb_expr_call(in->arena, "CASE", in->args, 3, &in->replace, err), err);
    if (in->args[0]->type.nullable) {
        in->replace->type.nullable = true; /* as Flink declares it */
    }
    return SB_OK;
}

const sb_impl sb_impl_if = {.infer = if_infer};

static sb_status
coalesce_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    /* Not NULL as soon as one argument is not. */
    for (int32_t i = 0; i < in->count; i++) {
        if (!in->args[i]->type.nullable) {
            in->type.nullable = false;
        }
    }
    return SB_OK;
}

const sb_impl sb_impl_coalesce = {.infer = coalesce_infer, .code = SB_SPECIAL_COALESCE};

static sb_status
nullif_infer(sb_infer *in, sb_error *err)
{
    sb_expr *equal;
    if (in->count != 2) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(sb_expr_call(in->arena, "=", in->args, 2, &equal, err), err);
    sb_expr *parts[3] = {equal, sb_expr_null(in->arena, &in->args[0]->type), in->args[0]};
    if (!parts[1]) {
        SB_NOMEM(err);
    }
    return sb_expr_call(in->arena, "CASE", parts, 3, &in->replace, err);
}

const sb_impl sb_impl_nullif = {.infer = nullif_infer};

/* The name is known when the call is made. PROCTIME has a type that Flink refuses to name. */
static sb_status
typeof_infer(sb_infer *in, sb_error *err)
{
    const sb_type type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX};
    const sb_function *f = in->count > 0 ? in->args[0]->function : NULL;
    bool forced = in->count == 2 && in->args[1]->kind == SB_EXPR_LITERAL &&
                  in->args[1]->type.id == SB_TYPE_BOOLEAN;
    sb_text name;
    if ((in->count != 1 && !forced) || (f && __builtin_strcmp(f->name, "PROCTIME") == 0)) {
        return sb_infer_mismatch(in, err);
    }
    sb_text_init(&name, sb_mem_root());
    sb_type_print(&in->args[0]->type, &name);
    in->replace = sb_text_failed(&name)
                      ? NULL
                      : sb_expr_string(in->arena, &type, (sb_str){name.data, name.size});
    sb_text_deinit(&name);
    if (!in->replace) {
        SB_NOMEM(err);
    }
    in->replace->type.nullable = true; /* as Flink declares it */
    return SB_OK;
}

const sb_impl sb_impl_typeof = {.infer = typeof_infer};
