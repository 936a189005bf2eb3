/*
 * expr/merge.c -- steps that combine columns: AND and OR of two booleans, the branches of CASE and
 * COALESCE.
 */
#include "columnar/builder.h"
#include "expr/eval_priv.h"
#include "kernels/bits.h"

#include <string.h>

/* ---- AND, OR ------------------------------------------------------------------------------------
 */

/* A boolean column as one byte per row: 0 FALSE, 1 TRUE, 2 NULL. */
static inline uint8_t
truth(const sb_vector *v, int32_t row)
{
    return sb_vector_valid(v, row) ? *(const uint8_t *)sb_vector_at(v, row) : 2;
}

static const uint8_t truth_and[3][3] = {{0, 0, 0}, {0, 1, 2}, {0, 2, 2}};
static const uint8_t truth_or[3][3] = {{0, 1, 2}, {1, 1, 1}, {2, 1, 2}};

static bool
is_dense(const sb_vector *v)
{
    return v->encoding == SB_FLAT && !v->validity;
}

/* No NULLs. Where x decides y may be anything: it was not computed there. */
static void
logic_dense(uint8_t *values, const uint8_t *x, const uint8_t *y, bool and, const sb_selection *sel)
{
    if (and) {
        SB_EACH_ROW(r, sel->rows, sel->count)
        {
            values[r] = x[r] & y[r];
        }
    } else {
        SB_EACH_ROW(r, sel->rows, sel->count)
        {
            values[r] = (uint8_t)(x[r] | (y[r] & (x[r] - 1)));
        }
    }
}

sb_status
sb_step_logic(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err)
{
    const sb_selection *sel = &p->selections[s->sel];
    sb_vector **out = &p->registers[s->dst].vector;
    sb_vector *a = p->registers[s->args[0]].vector, *b = p->registers[s->args[1]].vector;
    if (sel->count == 0) {
        return SB_OK;
    }
    if (!b) { /* no row was open: the first argument decides everywhere */
        *out = sb_vector_ref(a);
        return SB_OK;
    }
    s->call.rows = sel->rows;
    s->call.count = sel->count;
    s->call.length = eval->length;
    SB_TRY(sb_call_result(&s->call, false, out, err), err);
    uint8_t *values = sb_vector_values_mut(*out);
    const uint8_t(*table)[3] = s->mode ? truth_and : truth_or;
    if (is_dense(a) && is_dense(b)) {
        logic_dense(values, a->values, b->values, s->mode, sel);
        return SB_OK;
    }
    SB_EACH_ROW(r, sel->rows, sel->count)
    {
        uint8_t t = table[truth(a, r)][truth(b, r)];
        values[r] = t & 1;
        if (t == 2) {
            SB_TRY(sb_vector_make_validity(*out, err), err);
            sb_bit_clear(sb_vector_validity_mut(*out), r);
        }
    }
    return SB_OK;
}

/* ---- CASE, COALESCE -----------------------------------------------------------------------------
 */

/* Copies the rows of a selection, by the size of a value. */
static void
copy_rows(char *to, const sb_vector *v, const sb_selection *sel)
{
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
    const int32_t *index = v->encoding == SB_DICT ? v->values : NULL;
    const char *from = flat->values;
    int32_t mask = v->encoding == SB_CONST ? 0 : -1;
#define COPY(T)                                                                              \
    SB_EACH_ROW(r, sel->rows, sel->count)                                                    \
    {                                                                                        \
        ((T *)(void *)to)[r] = ((const T *)(const void *)from)[index ? index[r] : r & mask]; \
    }                                                                                        \
    break
    switch (sb_phys_size((sb_phys)v->phys)) {
    case 1: COPY(uint8_t);
    case 2: COPY(uint16_t);
    case 4: COPY(uint32_t);
    case 8: COPY(uint64_t);
    default: COPY(sb_int128);
    }
#undef COPY
}

static sb_status
copy_validity(sb_vector *out, const sb_vector *v, const sb_selection *sel, sb_error *err)
{
    if (v->phys != SB_PHYS_NULL && !v->validity) {
        return SB_OK;
    }
    SB_TRY(sb_vector_make_validity(out, err), err);
    uint64_t *bits = sb_vector_validity_mut(out);
    SB_EACH_ROW(r, sel->rows, sel->count)
    {
        if (!sb_vector_valid(v, r)) {
            sb_bit_clear(bits, r);
        }
    }
    return SB_OK;
}

static sb_status
merge_flat(sb_program *p, sb_eval_step *s, sb_vector *out, sb_error *err)
{
    for (int32_t i = 0; i < s->count_args; i++) {
        const sb_selection *sel = &p->selections[s->sels[i]];
        sb_vector *v = p->registers[s->args[i]].vector;
        if (sel->count == 0) {
            continue;
        }
        SB_TRY(copy_validity(out, v, sel, err), err);
        if (v->phys == SB_PHYS_NULL || (v->encoding == SB_CONST && !sb_vector_valid(v, 0))) {
            continue;
        }
        copy_rows(sb_vector_values_mut(out), v, sel);
        if (out->phys == SB_PHYS_VIEW) {
            SB_TRY(sb_vector_pin(out, v, err), err);
        }
    }
    return SB_OK;
}

/* ROW, ARRAY, MAP: value by value through a builder. */
static sb_status
merge_nested(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_vector **out, sb_error *err)
{
    int32_t rows = eval->length;
    int32_t *at = sb_alloc_zero(eval->mem, sizeof *at * (size_t)(s->count_args + 1));
    sb_column_builder builder;
    if (!at) {
        SB_NOMEM(err);
    }
    sb_status status = sb_column_builder_init(&builder, eval->mem, &s->call.expr->type, err);
    if (status != SB_OK) {
        sb_free(eval->mem, at, sizeof *at * (size_t)(s->count_args + 1));
        return status;
    }
    for (int32_t r = 0; r < rows; r++) {
        bool done = false;
        for (int32_t i = 0; i < s->count_args && !done; i++) {
            const sb_selection *sel = &p->selections[s->sels[i]];
            if (at[i] < sel->count && (sel->rows ? sel->rows[at[i]] : at[i]) == r) {
                at[i]++;
                done = true;
                sb_column_gather(&builder, p->registers[s->args[i]].vector, &r, 1);
            }
        }
        if (!done) {
            sb_column_null(&builder);
        }
    }
    *out = sb_column_finish(&builder, err);
    sb_column_builder_deinit(&builder);
    sb_free(eval->mem, at, sizeof *at * (size_t)(s->count_args + 1));
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_step_merge(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err)
{
    const sb_selection *all = &p->selections[s->sel];
    sb_vector **out = &p->registers[s->dst].vector;
    if (all->count == 0) {
        return SB_OK;
    }
    for (int32_t i = 0; i < s->count_args; i++) {
        sb_vector *v = p->registers[s->args[i]].vector;
        if (p->selections[s->sels[i]].count == all->count && v->phys != SB_PHYS_NULL) {
            *out = sb_vector_ref(v); /* one branch took all rows */
            return SB_OK;
        }
    }
    s->call.rows = all->rows;
    s->call.count = all->count;
    s->call.length = eval->length;
    sb_phys phys = sb_type_phys(&s->call.expr->type);
    if (phys == SB_PHYS_LIST || phys == SB_PHYS_STRUCT) {
        return merge_nested(eval, p, s, out, err);
    }
    SB_TRY(sb_call_result(&s->call, false, out, err), err);
    return merge_flat(p, s, *out, err);
}
