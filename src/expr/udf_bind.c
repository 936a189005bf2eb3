/*
 * expr/udf_bind.c -- calls of user functions: types of arguments and results.
 *
 * THREADS    T:any
 */
#include <stdio.h>
#include <string.h>

#include "columnar/arrow.h"
#include "expr/udf_priv.h"

/* ---- types by call ---- */

static sb_status
given_schema(sb_arena *arena, sb_expr *const *args, int32_t count, struct ArrowSchema *out,
             sb_error *err)
{
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, count + 1);
    if (!fields) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        fields[i] = (sb_field){.name = "", .type = args[i]->type};
    }
    sb_schema schema = {.count = count, .fields = fields};
    return sb_arrow_export_schema(&schema, false, out, err);
}

static const char *
type_with_form(const sb_field *fields, int32_t count)
{
    const char *found = NULL;
    for (int32_t i = 0; i < count && !found; i++) {
        const sb_type *type = &fields[i].type;
        found = type->id == SB_TYPE_VARIANT  ? "VARIANT"
                : type->id == SB_TYPE_BITMAP ? "BITMAP"
                                             : type_with_form(type->children, type->count_children);
    }
    return found;
}

sb_status
sb_udf_check_result(const sb_schema *result, sb_error *err)
{
    const char *name = type_with_form(result->fields, result->count);
    if (name) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: results of type %s of user functions",
                name);
    }
    return SB_OK;
}

static sb_status
infer_failed(const sb_udf *udf, sabot_status status, const sabot_function_context *context,
             sb_error *err)
{
    sb_status given =
        status < (sabot_status)SB_STATUS_COUNT ? (sb_status)status : SB_STATUS_INTERNAL;
    SB_FAIL(err, given == SB_STATUS_NOMEM ? given : SB_STATUS_SEMANTIC, "function %s: %.*s",
            udf->function.name, SABOT_FUNCTION_MESSAGE - 1,
            context->message[0] ? context->message : "it does not take these arguments");
}

/* Takes what the function has filled in: result, and arguments or NULL. */
static sb_status
take_inferred(sb_arena *arena, const sb_udf *udf, int32_t count, struct ArrowSchema *arguments,
              struct ArrowSchema *result, const sb_schema **out_args, const sb_schema **out_result,
              sb_error *err)
{
    sb_schema *schema = NULL;
    if (!result->release) {
        SB_FAIL(err, SB_STATUS_INVALID, "function %s: `infer` gives no type of the result",
                udf->function.name);
    }
    SB_TRY(sb_arrow_import_schema(arena, result, &schema, err), err);
    *out_result = schema;
    if (schema->count == 0 || (!sb_udf_is(udf, SABOT_FUNCTION_TABLE) && schema->count != 1)) {
        SB_FAIL(err, SB_STATUS_INVALID, "function %s: `infer` gives %d columns", udf->function.name,
                schema->count);
    }
    SB_TRY(sb_udf_check_result(schema, err), err);
    *out_args = NULL;
    if (arguments->release) {
        SB_TRY(sb_arrow_import_schema(arena, arguments, &schema, err), err);
        *out_args = schema;
        if (schema->count != count) {
            SB_FAIL(err, SB_STATUS_INVALID,
                    "function %s: `infer` gives types of %d arguments, there are %d",
                    udf->function.name, schema->count, count);
        }
    }
    return SB_OK;
}

static sb_status
infer_types(sb_arena *arena, const sb_udf *udf, sb_expr *const *args, int32_t count,
            const sb_schema **out_args, const sb_schema **out_result, sb_error *err)
{
    struct ArrowSchema given = {0}, arguments = {0}, result = {0};
    sabot_function_context context = {
        .struct_size = sizeof context, .function = udf->function.name, .zone = "UTC", .row = -1};
    if (!udf->def.infer) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "user function %.200s is not there", udf->id);
    }
    SB_TRY(given_schema(arena, args, count, &given, err), err);
    sabot_status answer = udf->def.infer(udf->def.user, &given, &arguments, &result, &context);
    sb_udf_release(NULL, &given);
    sb_status status = answer == SABOT_OK ? take_inferred(arena, udf, count, &arguments, &result,
                                                          out_args, out_result, err)
                                          : infer_failed(udf, answer, &context, err);
    sb_udf_release(NULL, &arguments);
    sb_udf_release(NULL, &result);
    return status;
}

/* ---- arguments ---- */

static sb_status
mismatch(const sb_udf *udf, sb_expr *const *args, int32_t count, sb_error *err)
{
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    for (int32_t i = 0; i < count; i++) {
        sb_text_add(&text, i > 0 ? ", " : "");
        sb_type_print(&args[i]->type, &text);
    }
    sb_error_set(err, SB_STATUS_SEMANTIC, __FILE__, __LINE__,
                 "cannot apply %s to arguments of type (%.500s)", udf->function.name, text.data);
    sb_error_hint(err, "%s is %.400s", udf->function.name, udf->signature);
    sb_text_deinit(&text);
    return SB_STATUS_SEMANTIC;
}

static bool
count_fits(const sb_udf *udf, int32_t count)
{
    return udf->def.flags & SABOT_FUNCTION_VARIADIC ? count >= udf->count_args - 1
                                                    : count == udf->count_args;
}

static const sb_type *
wanted_type(const sb_udf *udf, const sb_schema *args, int32_t i)
{
    if (args) {
        return &args->fields[i].type;
    }
    return udf->by_call ? NULL : &udf->args[i < udf->count_args ? i : udf->count_args - 1].type;
}

sb_status
sb_udf_bind(sb_arena *arena, const sb_udf *udf, sb_expr **args, int32_t count,
            const sb_schema **out_result, sb_error *err)
{
    const sb_schema *wanted = NULL;
    sb_error ignored;
    if (count > SB_UDF_ARGS_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT, "function %s with more than %d arguments", udf->function.name,
                SB_UDF_ARGS_MAX);
    }
    *out_result = udf->result;
    if (udf->by_call) {
        SB_TRY(infer_types(arena, udf, args, count, &wanted, out_result, err), err);
    } else if (!count_fits(udf, count)) {
        return mismatch(udf, args, count, err);
    }
    for (int32_t i = 0; i < count; i++) {
        const sb_type *to = wanted_type(udf, wanted, i);
        if (!to) {
            continue;
        }
        sb_status status = !to->nullable && args[i]->type.nullable
                               ? SB_STATUS_SEMANTIC
                               : sb_expr_coerce(arena, args[i], to, &args[i], &ignored);
        if (status == SB_STATUS_NOMEM) {
            SB_NOMEM(err);
        }
        if (status != SB_OK) {
            return mismatch(udf, args, count, err);
        }
    }
    return SB_OK;
}

sb_status
sb_udf_scalar(sb_arena *arena, const sb_udf *udf, sb_expr *const *args, int32_t count,
              sb_expr **out, sb_error *err)
{
    const sb_schema *result;
    sb_expr **copy = SB_NEW_ARRAY(arena, sb_expr *, count + 1);
    if (!copy) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        copy[i] = args[i];
    }
    SB_TRY(sb_udf_bind(arena, udf, copy, count, &result, err), err);
    sb_type type;
    SB_TRY(sb_type_copy(arena, &result->fields[0].type, &type, err), err);
    for (int32_t i = 0; i < count && (udf->def.flags & SABOT_FUNCTION_STRICT); i++) {
        type.nullable = type.nullable || copy[i]->type.nullable;
    }
    *out = sb_expr_make_call(arena, &udf->function, copy, count, &type);
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}
