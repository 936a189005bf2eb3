/*
 * expr/select.c -- steps that make selections: split by a condition, compare, the rest.
 */
#include "expr/eval_priv.h"
#include "kernels/bits.h"

#include <string.h>

/* All rows of the parent, or none. */
static void
all_or_none(sb_selection *out, const sb_selection *sel, bool all)
{
    out->rows = all ? sel->rows : NULL;
    out->count = all ? sel->count : 0;
}

static bool
passes(sb_split_mode mode, bool valid, bool value)
{
    switch (mode) {
    case SB_SPLIT_TRUE: return valid && value;
    case SB_SPLIT_NOT_FALSE: return !valid || value;
    case SB_SPLIT_NOT_TRUE: return !valid || !value;
    case SB_SPLIT_NOT_NULL: return valid;
    default: return !valid;
    }
}

/* Rows of a flat BOOLEAN column that pass. */
static int32_t
split_flat(int32_t *out, const sb_vector *v, sb_split_mode mode, const sb_selection *sel)
{
    const uint8_t *values = v->values;
    const uint64_t *validity = v->validity;
    uint8_t want = mode != SB_SPLIT_NOT_TRUE; /* the value that passes when not NULL */
    bool null_passes = mode != SB_SPLIT_TRUE;
    int32_t n = 0;
    if (!validity && !sel->rows) {
        for (int32_t i = 0; i < sel->count; i++) {
            out[n] = i;
            n += values[i] == want;
        }
        return n;
    }
    SB_EACH_ROW(r, sel->rows, sel->count)
    {
        bool valid = !validity || sb_bit_get(validity, r);
        out[n] = r;
        n += valid ? values[r] == want : null_passes;
    }
    return n;
}

sb_status
sb_step_split(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err)
{
    const sb_selection *sel = &p->selections[s->sel];
    sb_selection *out = &p->selections[s->sel_out];
    const sb_vector *v = p->registers[s->args[0]].vector;
    sb_split_mode mode = (sb_split_mode)s->mode;
    bool by_null = mode == SB_SPLIT_NOT_NULL || mode == SB_SPLIT_NULL;
    if (sel->count == 0) {
        all_or_none(out, sel, false);
        return SB_OK;
    }
    if (v->encoding == SB_CONST || v->phys == SB_PHYS_NULL) {
        bool valid = sb_vector_valid(v, 0);
        all_or_none(out, sel,
                    passes(mode, valid, !by_null && valid && *(const uint8_t *)v->values));
        return SB_OK;
    }
    if (by_null && !v->validity) {
        all_or_none(out, sel, mode == SB_SPLIT_NOT_NULL);
        return SB_OK;
    }
    SB_TRY(sb_selection_reserve(eval, out, eval->length, err), err);
    if (by_null) {
        out->count =
            sb_bits_select(out->own, v->validity, mode == SB_SPLIT_NOT_NULL, sel->rows, sel->count);
    } else if (v->encoding == SB_FLAT) {
        out->count = split_flat(out->own, v, mode, sel);
    } else {
        int32_t n = 0;
        SB_EACH_ROW(r, sel->rows, sel->count)
        {
            bool valid = sb_vector_valid(v, r);
            out->own[n] = r;
            n += passes(mode, valid, valid && *(const uint8_t *)sb_vector_at(v, r));
        }
        out->count = n;
    }
    out->rows = out->own;
    return SB_OK;
}

/* Without branches on the data: which row is in `then` is anyone's guess. */
static inline __attribute__((always_inline)) int32_t
rest_of(int32_t *restrict out, const int32_t *restrict rows, bool dense, int32_t count,
        const int32_t *restrict then, int32_t count_then)
{
    int32_t n = 0, at = 0, i = 0;
    for (; at < count_then; i++) {
        int32_t r = dense ? i : rows[i];
        bool taken = then[at] == r;
        out[n] = r;
        n += !taken;
        at += taken;
    }
    for (; i < count; i++) {
        out[n++] = dense ? i : rows[i];
    }
    return n;
}

sb_status
sb_step_rest(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err)
{
    const sb_selection *sel = &p->selections[s->sel], *then = &p->selections[s->sel_then];
    sb_selection *out = &p->selections[s->sel_out];
    if (then->count == 0 || then->count == sel->count) {
        all_or_none(out, sel, then->count == 0);
        return SB_OK;
    }
    SB_TRY(sb_selection_reserve(eval, out, eval->length, err), err);
    out->count = sel->rows
                     ? rest_of(out->own, sel->rows, false, sel->count, then->rows, then->count)
                     : rest_of(out->own, NULL, true, sel->count, then->rows, then->count);
    out->rows = out->own;
    return SB_OK;
}

sb_status
sb_step_union(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err)
{
    const sb_selection *sel = &p->selections[s->sel];
    const sb_selection *a = &p->selections[s->sels[0]], *b = &p->selections[s->sels[1]];
    sb_selection *out = &p->selections[s->sel_out];
    if (a->count == 0 || b->count == 0 || a->count + b->count == sel->count) {
        const sb_selection *same = a->count == 0 ? b : b->count == 0 ? a : sel;
        out->rows = same->rows;
        out->count = same->count;
        return SB_OK;
    }
    SB_TRY(sb_selection_reserve(eval, out, eval->length, err), err);
    int32_t n = 0, i = 0, j = 0;
    while (i < a->count && j < b->count) {
        int32_t x = a->rows[i], y = b->rows[j];
        out->own[n++] = x < y ? x : y;
        i += x < y;
        j += x > y;
    }
    memcpy(out->own + n, a->rows + i, sizeof *out->own * (size_t)(a->count - i));
    n += a->count - i;
    memcpy(out->own + n, b->rows + j, sizeof *out->own * (size_t)(b->count - j));
    out->count = n + b->count - j;
    out->rows = out->own;
    return SB_OK;
}

bool
sb_selection_covers(const sb_selection *all, const sb_selection *part)
{
    int32_t last = part->count - 1, at = 0;
    if (part->count > all->count || part->count == 0) {
        return part->count == 0;
    }
    if (!all->rows) {
        return (part->rows ? part->rows[last] : last) < all->count;
    }
    if (!part->rows) {
        return all->rows[last] == last; /* rows ascend */
    }
    for (int32_t i = 0; i <= last; i++) {
        while (at < all->count && all->rows[at] < part->rows[i]) {
            at++;
        }
        if (at == all->count || all->rows[at] != part->rows[i]) {
            return false;
        }
    }
    return true;
}

/* dictionary op constant: one comparison per distinct value. */
static sb_status
compare_dictionary(sb_eval *eval, const sb_vector *a, const sb_vector *b, sb_compare_op op,
                   const sb_selection *sel, sb_selection *out, sb_error *err)
{
    uint8_t *table;
    const int32_t *index = a->values;
    int32_t n = 0;
    SB_TRY(sb_eval_scratch(eval, a->dict->length + 1, &table, err), err);
    sb_operands in = {a->dict->values, b->values, true};
    sb_compare_kernel((sb_phys)a->phys, op)(table, &in, NULL, a->dict->length);
    SB_EACH_ROW(r, sel->rows, sel->count)
    {
        bool valid = !a->validity || sb_bit_get(a->validity, r);
        out->own[n] = r;
        n += valid && table[index[r]];
    }
    out->count = n;
    return SB_OK;
}

/* Both sides flat or constant. */
static sb_status
compare_flat(sb_eval *eval, const sb_vector *a, const sb_vector *b, sb_compare_op op,
             const sb_selection *sel, sb_selection *out, sb_error *err)
{
    if (a->encoding == SB_CONST && b->encoding != SB_CONST) {
        const sb_vector *t = a;
        a = b;
        b = t;
        op = sb_compare_swap(op);
    }
    if (a->encoding == SB_CONST) {
        uint8_t holds;
        sb_operands in = {a->values, b->values, true};
        sb_compare_kernel((sb_phys)a->phys, op)(&holds, &in, NULL, 1);
        all_or_none(out, sel, holds);
        return SB_OK;
    }
    const uint64_t *validity = a->validity;
    const uint64_t *other = b->encoding == SB_CONST ? NULL : b->validity;
    if (validity && other) {
        uint64_t *bits;
        SB_TRY(sb_eval_bits(eval, eval->length, &bits, err), err);
        sb_bits_and(bits, validity, other, eval->length);
        validity = bits;
    } else if (other) {
        validity = other;
    }
    sb_operands in = {a->values, b->values, b->encoding == SB_CONST};
    out->count = sb_compare_select_kernel((sb_phys)a->phys, op)(out->own, &in, validity, sel->rows,
                                                                sel->count);
    return SB_OK;
}

sb_status
sb_step_compare(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err)
{
    const sb_selection *sel = &p->selections[s->sel];
    sb_selection *out = &p->selections[s->sel_out];
    sb_vector *a = p->registers[s->args[0]].vector, *b = p->registers[s->args[1]].vector;
    sb_vector *flat_a = NULL, *flat_b = NULL;
    all_or_none(out, sel, false);
    if (sel->count == 0 || a->phys == SB_PHYS_NULL || b->phys == SB_PHYS_NULL ||
        (a->encoding == SB_CONST && !sb_vector_valid(a, 0)) ||
        (b->encoding == SB_CONST && !sb_vector_valid(b, 0))) {
        return SB_OK;
    }
    SB_TRY(sb_selection_reserve(eval, out, eval->length, err), err);
    out->rows = out->own;
    if (a->encoding == SB_DICT && b->encoding == SB_CONST && a->dict->length <= sel->count) {
        return compare_dictionary(eval, a, b, (sb_compare_op)s->mode, sel, out, err);
    }
    flat_a = a->encoding == SB_DICT ? sb_vector_flatten(eval->mem, a) : sb_vector_ref(a);
    flat_b = b->encoding == SB_DICT ? sb_vector_flatten(eval->mem, b) : sb_vector_ref(b);
    sb_status status;
    if (!flat_a || !flat_b) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    } else {
        status = compare_flat(eval, flat_a, flat_b, (sb_compare_op)s->mode, sel, out, err);
    }
    sb_vector_unref(flat_a);
    sb_vector_unref(flat_b);
    return status;
}

/* A bit per physical row of the selection; kept for the next that asks in this run. */
static sb_status
load_chosen(sb_eval *eval, const sb_program *p, int32_t sel, sb_error *err)
{
    int32_t size = (int32_t)sb_bits_bytes(eval->length);
    const sb_selection *of = &p->selections[sel];
    if (eval->chosen_of == sel) {
        return SB_OK;
    }
    if (size > eval->chosen_size) {
        uint64_t *chosen = sb_alloc(eval->mem, (size_t)size);
        if (!chosen) {
            SB_NOMEM(err);
        }
        sb_free(eval->mem, eval->chosen, (size_t)eval->chosen_size);
        eval->chosen = chosen;
        eval->chosen_size = size;
    }
    memset(eval->chosen, 0, (size_t)size);
    int32_t at = 0;
    uint64_t word = 0;
    for (int32_t i = 0; i < of->count; i++) {
        int32_t row = of->rows[i];
        if (row >> 6 != at) {
            eval->chosen[at] |= word;
            word = 0;
            at = row >> 6;
        }
        word |= UINT64_C(1) << (row & 63);
    }
    eval->chosen[at] |= word;
    eval->chosen_of = sel;
    return SB_OK;
}

sb_status
sb_eval_drop_validity(sb_eval *eval, const sb_program *p, int32_t sel, sb_vector *v, sb_error *err)
{
    const sb_selection *of = &p->selections[sel];
    /* Only what is this run's own, and what may be read blindly. */
    if (v->refs != 1 || !v->own_validity || v->encoding != SB_FLAT || v->phys < SB_PHYS_BOOL ||
        v->phys > SB_PHYS_F64 || of->count == 0) {
        return SB_OK;
    }
    uint64_t missing = 0;
    int32_t words = of->rows ? (eval->length + 63) / 64 : of->count / 64;
    if (of->rows) {
        SB_TRY(load_chosen(eval, p, sel, err), err);
    }
    for (int32_t w = 0; w < words; w++) {
        missing |= (of->rows ? eval->chosen[w] : UINT64_MAX) & ~v->validity[w];
    }
    if (!of->rows && of->count % 64 != 0) {
        missing |= ~v->validity[words] & ((UINT64_C(1) << (of->count % 64)) - 1);
    }
    if (missing == 0) {
        v->pinned_bytes -= v->own_validity->size;
        sb_buffer_unref(v->own_validity);
        v->own_validity = NULL;
        v->validity = NULL;
    }
    return SB_OK;
}
