/*
 * expr/udf_scalar.c -- scalar user functions as steps of an expression.
 *
 * DESIGN     A call gets the active rows only, without those that have a NULL if the function is
 *            STRICT, as dense arrays; its values go to their rows again. A deterministic function
 *            of one dictionary is called for the values that some row uses.
 * THREADS    T:task
 */
#include <string.h>

#include "columnar/gather.h"
#include "expr/eval_priv.h"
#include "expr/udf_priv.h"
#include "kernels/bits.h"

static sb_status
udf_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    const sb_expr *e = call->expr;
    sb_udf_instance *instance = NULL;
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, e->count_args + 1);
    if (!fields) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < e->count_args; i++) {
        fields[i] = (sb_field){.name = "", .type = e->args[i]->type};
    }
    fields[e->count_args] = (sb_field){.name = "result", .type = e->type};
    sb_schema args = {e->count_args, fields}, result = {1, fields + e->count_args};
    SB_TRY(sb_udf_open(sb_udf_of(e->function), call->mem, &args, &result,
                       call->zone ? sb_zone_name(call->zone) : NULL, &instance, err),
           err);
    instance->position = e->position;
    instance->position_end = e->position_end;
    call->state = instance;
    return SB_OK;
}

static void
udf_release(void *state)
{
    sb_udf_close(state);
}

/* Values for rows[0..count) (NULL: the first `count`), dense. */
static sb_status
run_dense(sb_call *call, const int32_t *rows, int32_t count, sb_vector **out, sb_error *err)
{
    sb_udf_instance *self = call->state;
    struct ArrowArray arguments = {0}, array = {0};
    struct ArrowSchema schema = {0};
    SB_TRY(sb_udf_arguments(self, call->args, rows, count, &arguments, err), err);
    sabot_status status =
        self->udf->def.scalar(self->state, &arguments, &array, &schema, sb_udf_context(self));
    sb_udf_release(&arguments, NULL);
    if (status != SABOT_OK) {
        sb_udf_release(&array, &schema);
        return sb_udf_status(self, status, err);
    }
    SB_TRY(sb_udf_take(self, &array, &schema, count, out, err), err);
    sb_vector *typed = sb_vector_retype(call->mem, *out, sb_call_type(call));
    sb_vector_unref(*out);
    *out = typed;
    if (!typed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
all_null(sb_call *call, sb_vector **out, sb_error *err)
{
    *out = sb_vector_const(call->mem, sb_call_type(call), NULL, call->length);
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* Row r of the result is value places[r] of the dense ones. */
static sb_status
spread(sb_call *call, sb_vector *dense, const int32_t *rows, int32_t count, int32_t *places,
       sb_vector **out, sb_error *err)
{
    for (int32_t r = 0; r < call->length; r++) {
        places[r] = -1;
    }
    for (int32_t i = 0; i < count; i++) {
        places[rows[i]] = i;
    }
    sb_vector *wide = sb_vector_gather(call->mem, dense, places, call->length);
    *out = wide ? sb_vector_retype(call->mem, wide, sb_call_type(call)) : NULL;
    sb_vector_unref(wide);
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* `rows`: room for count rows; places: room for all. */
static sb_status
run_chosen(sb_call *call, int32_t *rows, int32_t *places, sb_vector **out, sb_error *err)
{
    sb_udf_instance *self = call->state;
    int32_t count = sb_udf_rows(self, call->args, call->rows, call->count, rows);
    bool some = count < call->count || call->rows != NULL;
    if (count == 0) {
        return all_null(call, out, err);
    }
    if (!some && call->count == call->length) {
        return run_dense(call, NULL, count, out, err);
    }
    for (int32_t i = 0; i < count; i++) {
        int32_t k = count < call->count ? rows[i] : i;
        rows[i] = call->rows ? call->rows[k] : k;
    }
    sb_vector *dense = NULL;
    SB_TRY(run_dense(call, rows, count, &dense, err), err);
    sb_status status = spread(call, dense, rows, count, places, out, err);
    sb_vector_unref(dense);
    return status;
}

static sb_status
run_rows(sb_call *call, sb_vector **out, sb_error *err)
{
    size_t size = sizeof(int32_t) * (size_t)(call->count + call->length + 1);
    int32_t *scratch = sb_alloc(call->mem, size);
    if (!scratch) {
        SB_NOMEM(err);
    }
    sb_status status = run_chosen(call, scratch, scratch + call->count, out, err);
    sb_free(call->mem, scratch, size);
    return status;
}

/* ---- dictionaries ---- */

typedef struct used_values { /* of a dictionary */
    const sb_call *outer;
    int32_t arg;
} used_values;

/* `inner` is over the values of the dictionary. */
static sb_status
run_used(sb_call *inner, const void *with, sb_vector **out, sb_error *err)
{
    const used_values *used = with;
    const sb_call *outer = used->outer;
    const sb_vector *arg = outer->args[used->arg];
    const int32_t *codes = arg->values;
    size_t size = sizeof(int32_t) * (size_t)(inner->length + 1);
    int32_t *rows = sb_alloc_zero(inner->mem, size);
    if (!rows) {
        SB_NOMEM(err);
    }
    SB_EACH_ROW(r, outer->rows, outer->count)
    {
        rows[codes[r]] = 1;
    }
    int32_t n = 0;
    for (int32_t i = 0; i < inner->length; i++) {
        int32_t is_used = rows[i];
        rows[n] = i;
        n += is_used;
    }
    inner->rows = rows;
    inner->count = n;
    sb_vector *made = NULL;
    sb_status status = run_rows(inner, &made, err);
    sb_free(inner->mem, rows, size);
    SB_TRY(status, err);
    *out = sb_vector_flatten(inner->mem, made);
    sb_vector_unref(made);
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static int32_t
dictionary_of(const sb_call *call)
{
    const sb_udf *udf = sb_udf_of(call->expr->function);
    sb_phys phys = sb_type_phys(sb_call_type(call));
    if (!(udf->def.flags & SABOT_FUNCTION_DETERMINISTIC) ||
        call->expr->count_args > SB_MAX_ROW_ARGS || phys == SB_PHYS_LIST ||
        phys == SB_PHYS_STRUCT) {
        return -1;
    }
    int32_t arg = sb_call_dictionary_arg(call);
    return arg >= 0 && !call->args[arg]->validity ? arg : -1;
}

static sb_status
udf_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    int32_t arg = dictionary_of(call);
    if (arg >= 0) {
        used_values used = {call, arg};
        return sb_call_over_dictionary(call, arg, run_used, &used, out, err);
    }
    return run_rows(call, out, err);
}

const sb_impl sb_udf_impl = {.vector = udf_vector, .prepare = udf_prepare, .release = udf_release};
