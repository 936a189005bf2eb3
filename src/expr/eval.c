/*
 * expr/eval.c -- running compiled expressions over a batch. See expr.h and eval_priv.h.
 *
 * OWNERSHIP  During a run a register holds one reference (columns are borrowed from the batch). At
 * the end results of steps are dropped or kept as the step's spare, constants stay. THREADS T:task
 */
#include "expr/eval_priv.h"

#include "kernels/bits.h"

#include <string.h>

sb_eval *
sb_eval_free(sb_eval *eval)
{
    if (eval) {
        sb_program_deinit(eval, &eval->values);
        sb_program_deinit(eval, &eval->predicate);
        sb_free(eval->mem, eval->scratch, (size_t)eval->scratch_size);
        sb_free(eval->mem, eval->bits, (size_t)eval->bits_size);
        sb_free(eval->mem, eval->chosen, (size_t)eval->chosen_size);
        sb_arena_free(eval->arena);
        sb_free(eval->mem, eval, sizeof *eval);
    }
    return NULL;
}

sb_status
sb_eval_new(sb_mem *mem, const sb_schema *input, sb_expr *const *exprs, int32_t count,
            const char *zone, sb_eval **out, sb_error *err)
{
    return sb_eval_new_filter(mem, input, NULL, exprs, count, zone, out, err);
}

sb_status
sb_eval_new_filter(sb_mem *mem, const sb_schema *input, const sb_expr *condition,
                   sb_expr *const *exprs, int32_t count, const char *zone, sb_eval **out,
                   sb_error *err)
{
    sb_status status = SB_OK;
    sb_eval *eval = sb_alloc_zero(mem, sizeof *eval);
    if (!eval) {
        SB_NOMEM(err);
    }
    eval->mem = mem;
    eval->input = input;
    eval->condition = condition;
    eval->count = count;
    eval->arena = sb_arena_new(mem);
    eval->exprs = eval->arena ? SB_NEW_ARRAY(eval->arena, sb_expr *, count + 1) : NULL;
    if (!eval->exprs) {
        sb_eval_free(eval);
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        eval->exprs[i] = exprs[i];
    }
    SB_GOTO(sb_zone_load(sb_os_real(), zone ? zone : "UTC", &eval->zone, err), err, fail);
    SB_GOTO(sb_compile_values(eval, err), err, fail);
    *out = eval;
    return SB_OK;
fail:
    sb_eval_free(eval);
    return status;
}

/* ---- scratch ------------------------------------------------------------------------------------
 */

sb_status
sb_selection_reserve(sb_eval *eval, sb_selection *s, int32_t rows, sb_error *err)
{
    if (rows <= s->capacity) {
        return SB_OK;
    }
    int32_t *own = sb_alloc(eval->mem, sizeof *own * (size_t)rows);
    if (!own) {
        SB_NOMEM(err);
    }
    sb_free(eval->mem, s->own, sizeof *own * (size_t)s->capacity);
    s->own = own;
    s->capacity = rows;
    return SB_OK;
}

sb_status
sb_eval_bits(sb_eval *eval, int32_t rows, uint64_t **out, sb_error *err)
{
    int32_t size = (int32_t)sb_bits_bytes(rows);
    if (size > eval->bits_size) {
        uint64_t *bits = sb_alloc(eval->mem, (size_t)size);
        if (!bits) {
            SB_NOMEM(err);
        }
        sb_free(eval->mem, eval->bits, (size_t)eval->bits_size);
        eval->bits = bits;
        eval->bits_size = size;
    }
    *out = eval->bits;
    return SB_OK;
}

sb_status
sb_eval_scratch(sb_eval *eval, int32_t size, uint8_t **out, sb_error *err)
{
    if (size > eval->scratch_size) {
        uint8_t *scratch = sb_alloc(eval->mem, (size_t)size);
        if (!scratch) {
            SB_NOMEM(err);
        }
        sb_free(eval->mem, eval->scratch, (size_t)eval->scratch_size);
        eval->scratch = scratch;
        eval->scratch_size = size;
    }
    *out = eval->scratch;
    return SB_OK;
}

/* ---- calls --------------------------------------------------------------------------------------
 */

static sb_status
run_function(sb_eval_step *s, sb_vector **out, sb_error *err)
{
    const sb_impl *impl = s->call.expr->function->impl;
    sb_vector *made = NULL; /* a function that fails may leave anything here */
    SB_TRY(impl->vector ? impl->vector(&s->call, &made, err)
                        : sb_call_rows(&s->call, impl->row, &made, err),
           err);
    *out = made;
    return SB_OK;
}

/* All arguments are constant: one row, which then stands for all. */
static sb_status
run_constant(sb_eval *eval, sb_eval_step *s, sb_vector **out, sb_error *err)
{
    s->call.rows = NULL;
    s->call.count = s->call.length = 1;
    SB_TRY(run_function(s, out, err), err);
    if ((*out)->encoding == SB_FLAT) {
        (*out)->encoding = SB_CONST;
        (*out)->length = eval->length;
    }
    return SB_OK;
}

static sb_status
null_result(sb_eval *eval, sb_eval_step *s, sb_vector **out, sb_error *err)
{
    if (!s->null_result) {
        s->null_result = sb_vector_const(eval->mem, &s->call.expr->type, NULL, 1);
        if (!s->null_result) {
            SB_NOMEM(err);
        }
    }
    *out = sb_vector_ref(s->null_result);
    return SB_OK;
}

static sb_status
step_call(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err)
{
    const sb_selection *sel = &p->selections[s->sel];
    sb_vector **out = &p->registers[s->dst].vector;
    bool all_constant = true, constant_null = false;
    if (*out || sel->count == 0) {
        return SB_OK; /* a constant of an earlier run, or nobody asks */
    }
    sb_register *earlier = s->earlier >= 0 ? &p->registers[s->earlier] : NULL;
    if (earlier && earlier->vector && sb_selection_covers(&p->selections[earlier->sel], sel)) {
        *out = sb_vector_ref(earlier->vector);
        s->borrowed = true;
        return SB_OK;
    }
    s->borrowed = false;
    for (int32_t i = 0; i < s->count_args; i++) {
        sb_vector *arg = p->registers[s->args[i]].vector;
        s->vectors[i] = arg;
        all_constant = all_constant && arg->encoding == SB_CONST;
        constant_null = constant_null || arg->phys == SB_PHYS_NULL ||
                        (arg->encoding == SB_CONST && !sb_vector_valid(arg, 0));
    }
    s->call.args = s->vectors;
    if (constant_null && !(s->call.expr->function->flags & SB_FN_OWN_NULLS)) {
        return null_result(eval, s, out, err);
    }
    if (all_constant && !(s->call.expr->function->flags & SB_FN_PER_ROW)) {
        return run_constant(eval, s, out, err);
    }
    s->call.rows = sel->rows;
    s->call.count = sel->count;
    s->call.length = eval->length;
    SB_TRY(run_function(s, out, err), err);
    bool field = s->call.expr->function->impl == &sb_impl_field;
    return field ? sb_eval_drop_validity(eval, p, s->sel, *out, err) : SB_OK;
}

/* ---- a run --------------------------------------------------------------------------------------
 */

static sb_status
run_step(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err)
{
    switch ((sb_step_kind)s->kind) {
    case SB_STEP_CALL: return step_call(eval, p, s, err);
    case SB_STEP_LOGIC: return sb_step_logic(eval, p, s, err);
    case SB_STEP_SPLIT: return sb_step_split(eval, p, s, err);
    case SB_STEP_COMPARE: return sb_step_compare(eval, p, s, err);
    case SB_STEP_REST: return sb_step_rest(eval, p, s, err);
    case SB_STEP_UNION: return sb_step_union(eval, p, s, err);
    default: return sb_step_merge(eval, p, s, err);
    }
}

static sb_status
run_program(sb_eval *eval, sb_program *p, const sb_batch *batch, const sb_eval_context *context,
            sb_error *err)
{
    eval->length = batch->count_physical;
    eval->chosen_of = -1;
    p->selections[0].rows = batch->selection;
    p->selections[0].count = batch->count_rows;
    for (int32_t i = 0; i < p->count_registers; i++) {
        if (p->registers[i].kind == SB_REG_COLUMN) {
            p->registers[i].vector = batch->columns[p->registers[i].column];
        }
    }
    for (int32_t i = 0; i < p->count_steps; i++) {
        p->steps[i].call.context = context;
        p->steps[i].call.batch = batch;
        SB_TRY(run_step(eval, p, &p->steps[i], err), err);
    }
    return SB_OK;
}

/* Drops what the run has made, but for constants and buffers worth keeping. */
static void
finish_run(sb_program *p)
{
    for (int32_t i = 0; i < p->count_steps; i++) {
        sb_eval_step *s = &p->steps[i];
        if (s->kind == SB_STEP_SPLIT || s->kind == SB_STEP_COMPARE || s->kind == SB_STEP_REST ||
            s->kind == SB_STEP_UNION) {
            continue;
        }
        sb_register *r = &p->registers[s->dst];
        if (!r->vector || s->constant) {
            continue;
        }
        if (!r->is_output && !s->borrowed && r->vector->encoding == SB_FLAT &&
            r->vector->own_values && r->vector->count_heaps == 0) {
            sb_vector_unref(s->call.spare);
            s->call.spare = r->vector;
        } else {
            sb_vector_unref(r->vector);
        }
        r->vector = NULL;
    }
    for (int32_t i = 0; i < p->count_registers; i++) {
        if (p->registers[i].kind == SB_REG_COLUMN) {
            p->registers[i].vector = NULL;
        }
    }
}

/* A vector that is handed out: constants get the length of this batch. */
static sb_vector *
output_vector(sb_eval *eval, sb_vector *v)
{
    if (v->encoding != SB_CONST || v->length == eval->length) {
        return sb_vector_ref(v);
    }
    sb_vector *copy = sb_vector_retype(eval->mem, v, v->type);
    if (copy) {
        copy->length = eval->length;
    }
    return copy;
}

/* The expressions' values; one reference each. */
static sb_status
take_outputs(sb_eval *eval, sb_vector **out, sb_error *err)
{
    const sb_program *p = &eval->values;
    for (int32_t i = 0; i < eval->count; i++) {
        sb_vector *v = p->registers[p->roots[i]].vector;
        /* NULL: no row is selected. */
        out[i] = v ? output_vector(eval, v)
                   : sb_vector_const(eval->mem, &eval->exprs[i]->type, NULL, eval->length);
        if (!out[i]) {
            while (i-- > 0) {
                sb_vector_unref(out[i]);
            }
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

sb_status
sb_eval_run(sb_eval *eval, const sb_batch *batch, const sb_eval_context *context, sb_vector **out,
            sb_error *err)
{
    sb_assert(!eval->condition);
    sb_status status = run_program(eval, &eval->values, batch, context, err);
    status = status == SB_OK ? take_outputs(eval, out, err) : status;
    finish_run(&eval->values);
    return status;
}

/* Physical rows, a subset of the selection in order, to positions in the selection. */
static void
to_logical(const sb_batch *batch, const sb_selection *result, int32_t *keep)
{
    if (!batch->selection) {
        if (result->rows) {
            memcpy(keep, result->rows, sizeof *keep * (size_t)result->count);
        } else {
            for (int32_t i = 0; i < result->count; i++) {
                keep[i] = i;
            }
        }
        return;
    }
    for (int32_t i = 0, logical = 0; i < result->count; i++, logical++) {
        while (batch->selection[logical] != result->rows[i]) {
            logical++;
        }
        keep[i] = logical;
    }
}

sb_status
sb_eval_run_filter(sb_eval *eval, const sb_batch *batch, const sb_eval_context *context,
                   int32_t *keep, int32_t *out_count, sb_vector **out, sb_error *err)
{
    sb_program *p = &eval->values;
    sb_assert(eval->condition);
    sb_status status = run_program(eval, p, batch, context, err);
    status = status == SB_OK ? take_outputs(eval, out, err) : status;
    if (status == SB_OK) {
        const sb_selection *result = &p->selections[p->result];
        if (result->count < batch->count_rows) {
            to_logical(batch, result, keep);
        }
        *out_count = result->count;
    }
    finish_run(p);
    return status;
}

sb_status
sb_eval_select(sb_eval *eval, const sb_batch *batch, const sb_eval_context *context, int32_t *keep,
               int32_t *out_count, sb_error *err)
{
    sb_program *p = &eval->predicate;
    sb_assert(eval->count > 0 && eval->exprs[0]->type.id == SB_TYPE_BOOLEAN);
    if (p->count_selections == 0) {
        sb_status compiled = sb_compile_predicate(eval, err);
        if (compiled != SB_OK) {
            sb_program_deinit(eval, p);
            return compiled;
        }
    }
    sb_status status = run_program(eval, p, batch, context, err);
    if (status == SB_OK) {
        const sb_selection *result = &p->selections[p->result];
        to_logical(batch, result, keep);
        *out_count = result->count;
    }
    finish_run(p);
    return status;
}
