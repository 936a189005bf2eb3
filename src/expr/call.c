/*
 * expr/call.c -- what functions are given to make their results: buffers, validity, strings, the
 * loop over rows.
 *
 * DESIGN     A result that stays inside the eval is taken again for the next batch when nobody else
 * holds it. The row loop runs over the distinct values of a dictionary when that is the only
 * argument that varies. THREADS    T:task
 */
#include "expr/eval_priv.h"
#include "kernels/bits.h"
#include "kernels/utf8.h"
#include "kernels/view.h"

#include <stdatomic.h>
#include <string.h>

#define MAX_ROW_ARGS SB_MAX_ROW_ARGS
#define HEAP_BLOCK   65536 /* at most; short batches take less */

const sb_expr *
sb_call_literal(const sb_call *call, int32_t i)
{
    const sb_expr *e = i < call->expr->count_args ? call->expr->args[i] : NULL;
    return e && e->kind == SB_EXPR_LITERAL && !e->is_null ? e : NULL;
}

/* Can the vector of the last run be written again? */
static bool
is_free(const sb_vector *v, int32_t length)
{
    return v && atomic_load_explicit(&v->refs, memory_order_acquire) == 1 && !v->base &&
           v->encoding == SB_FLAT && v->length >= length && v->own_values &&
           atomic_load_explicit(&v->own_values->refs, memory_order_acquire) == 1 &&
           (!v->own_validity ||
            atomic_load_explicit(&v->own_validity->refs, memory_order_acquire) == 1) &&
           v->count_heaps == 0;
}

static sb_vector *
take_spare(sb_call *call, int32_t length)
{
    sb_vector *v = call->spare;
    if (!is_free(v, length)) {
        return NULL;
    }
    call->spare = NULL;
    v->length = length;
    v->validity = NULL; /* its buffer stays for sb_vector_make_validity */
    return v;
}

sb_status
sb_vector_make_validity(sb_vector *v, sb_error *err)
{
    if (v->validity) {
        return SB_OK;
    }
    int64_t size = sb_bits_bytes(v->length);
    if (!v->own_validity || v->own_validity->size < size) {
        sb_buffer_unref(v->own_validity);
        v->own_validity = sb_buffer_new(v->mem, size);
        if (!v->own_validity) {
            SB_NOMEM(err);
        }
        v->pinned_bytes += size;
    }
    memset(v->own_validity->data, 0xFF, (size_t)size);
    v->validity = (const uint64_t *)(const void *)v->own_validity->data;
    return SB_OK;
}

sb_status
sb_call_result(sb_call *call, bool with_validity, sb_vector **out, sb_error *err)
{
    sb_vector *v = take_spare(call, call->length);
    if (!v) {
        v = sb_vector_alloc(call->mem, sb_call_type(call), call->length, false);
        if (!v) {
            SB_NOMEM(err);
        }
    }
    if (call->rows || v->phys == SB_PHYS_VIEW) {
        memset(sb_vector_values_mut(v), 0,
               (size_t)call->length * (size_t)sb_phys_size((sb_phys)v->phys));
    }
    if (with_validity) {
        sb_status status = sb_vector_make_validity(v, err);
        if (status != SB_OK) {
            sb_vector_unref(v);
            return status;
        }
    }
    *out = v;
    return SB_OK;
}

sb_status
sb_call_strict_result(sb_call *call, sb_vector **out, sb_error *err)
{
    SB_TRY(sb_call_result(call, false, out, err), err);
    for (int32_t i = 0; i < call->expr->count_args; i++) {
        const sb_vector *arg = call->args[i];
        if (!arg->validity || arg->encoding == SB_CONST) {
            continue;
        }
        bool first = !(*out)->validity;
        sb_status status = sb_vector_make_validity(*out, err);
        if (status != SB_OK) {
            sb_vector_unref(*out);
            return status;
        }
        uint64_t *bits = sb_vector_validity_mut(*out);
        if (first) {
            memcpy(bits, arg->validity, (size_t)sb_bits_bytes(call->length));
        } else {
            sb_bits_and(bits, bits, arg->validity, call->length);
        }
    }
    return SB_OK;
}

sb_status
sb_call_flat(sb_call *call, int32_t i, sb_vector **out, sb_error *err)
{
    sb_vector *v = call->args[i];
    *out = v->encoding == SB_DICT ? sb_vector_flatten(call->mem, v) : sb_vector_ref(v);
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* ---- strings ------------------------------------------------------------------------------------
 */

sb_status
sb_call_room(sb_call *call, size_t max_size, char **out, sb_error *err)
{
    if (max_size > INT32_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT, "%s makes a string of %zu bytes", call->expr->function->name,
                max_size);
    }
    if (!call->heap || call->heap->size - call->heap_used < (int64_t)max_size) {
        int64_t block = (int64_t)call->count * 32;
        block = block < HEAP_BLOCK ? block : HEAP_BLOCK;
        block = block > (int64_t)max_size ? block : (int64_t)max_size;
        sb_buffer *heap = sb_buffer_new(call->mem, block);
        if (!heap) {
            SB_NOMEM(err);
        }
        sb_buffer_unref(call->heap);
        call->heap = heap;
        call->heap_used = 0;
        call->heap_kept = false;
    }
    *out = (char *)call->heap->data + call->heap_used;
    return SB_OK;
}

sb_status
sb_call_take(sb_call *call, void *out, const char *data, size_t size, sb_error *err)
{
    *(sb_view *)out = sb_view_of(data, (uint32_t)size);
    if (size <= SB_VIEW_INLINE) {
        return SB_OK;
    }
    call->heap_used += (int64_t)size;
    if (call->heap_kept) {
        return SB_OK;
    }
    call->heap_kept = true; /* the result holds a second reference */
    return sb_vector_add_heap(call->result, call->heap, err);
}

sb_status
sb_call_string(sb_call *call, void *out, const char *data, size_t size, sb_error *err)
{
    char *at = NULL;
    if (size <= SB_VIEW_INLINE) {
        *(sb_view *)out = sb_view_of(data, (uint32_t)size);
        return SB_OK;
    }
    SB_TRY(sb_call_room(call, size, &at, err), err);
    sb_copy_short(at, data, size);
    return sb_call_take(call, out, at, size, err);
}

sb_status
sb_call_text(sb_call *call, void *out, sb_error *err)
{
    if (sb_text_failed(&call->text)) {
        SB_NOMEM(err);
    }
    return sb_call_string(call, out, call->text.data, call->text.size, err);
}

void
sb_call_finish(sb_call *call, sb_status status, sb_vector **out)
{
    sb_buffer_unref(call->heap);
    call->heap = NULL;
    call->result = NULL;
    if (status != SB_OK) {
        sb_vector_unref(*out);
        *out = NULL;
    }
}

sb_status
sb_call_ascii_case(sb_call *call, void *out, sb_str s, bool upper, sb_error *err)
{
    char *at = NULL;
    SB_TRY(sb_call_room(call, s.size, &at, err), err);
    sb_utf8_ascii_case(at, s.data, s.size, upper);
    return sb_call_take(call, out, at, s.size, err);
}

void
sb_call_slice(sb_call *call, void *out, int32_t arg, const char *data, size_t size)
{
    *(sb_view *)out = sb_view_of(data, (uint32_t)size);
    if (size > SB_VIEW_INLINE && arg >= 0) {
        call->pins |= 1u << arg;
    }
}

/* ---- values -------------------------------------------------------------------------------------
 */

sb_ts_ns
sb_ts_load(const sb_type *type, const void *value)
{
    if (type->precision > 6) {
        return *(const sb_ts_ns *)value;
    }
    return (sb_ts_ns){.us = *(const int64_t *)value};
}

void
sb_ts_store(const sb_type *type, void *value, sb_ts_ns ts)
{
    if (type->precision > 6) {
        *(sb_ts_ns *)value = ts;
    } else {
        *(int64_t *)value = ts.us;
    }
}

sb_int128
sb_exact_load(const sb_type *type, const void *value)
{
    switch (sb_type_phys(type)) {
    case SB_PHYS_I8: return *(const int8_t *)value;
    case SB_PHYS_I16: return *(const int16_t *)value;
    case SB_PHYS_I32: return *(const int32_t *)value;
    case SB_PHYS_I64: return *(const int64_t *)value;
    default: return *(const sb_int128 *)value;
    }
}

void
sb_exact_store(const sb_type *type, void *value, sb_int128 v)
{
    switch (sb_type_phys(type)) {
    case SB_PHYS_I8: *(int8_t *)value = (int8_t)v; break;
    case SB_PHYS_I16: *(int16_t *)value = (int16_t)v; break;
    case SB_PHYS_I32: *(int32_t *)value = (int32_t)v; break;
    case SB_PHYS_I64: *(int64_t *)value = (int64_t)v; break;
    default: *(sb_int128 *)value = v;
    }
}

/* ---- rows ---------------------------------------------------------------------------------------
 */

typedef struct row_arg { /* how to find the value of a row */
    const char *values;
    const int32_t *index; /* DICT */
    size_t stride;        /* 0: CONST */
} row_arg;

static row_arg
row_arg_of(const sb_vector *v)
{
    size_t size = (size_t)sb_phys_size((sb_phys)v->phys);
    if (v->encoding == SB_DICT) {
        return (row_arg){v->dict->values, v->values, size};
    }
    return (row_arg){v->values, NULL, v->encoding == SB_CONST ? 0 : size};
}

/* Where constants are; the arguments that vary go to out_varying. Returns how many. */
static int32_t
open_args(const sb_call *call, row_arg *args, const void **values, int32_t *out_varying)
{
    int32_t n = 0;
    for (int32_t i = 0; i < call->expr->count_args; i++) {
        args[i] = row_arg_of(call->args[i]);
        values[i] = args[i].values;
        if (args[i].stride) {
            out_varying[n++] = i;
        }
    }
    return n;
}

static sb_status
set_null(sb_vector *out, int32_t row, void *value, size_t size, sb_error *err)
{
    memset(value, 0, size);
    SB_TRY(sb_vector_make_validity(out, err), err);
    sb_bit_clear(sb_vector_validity_mut(out), row);
    return SB_OK;
}

static sb_status
run_rows(sb_call *call, sb_row_fn row, sb_vector *out, sb_error *err)
{
    row_arg args[MAX_ROW_ARGS];
    const void *values[MAX_ROW_ARGS];
    int32_t varying[MAX_ROW_ARGS];
    size_t size = (size_t)sb_phys_size((sb_phys)out->phys);
    char *to = sb_vector_values_mut(out);
    const uint64_t *validity = out->validity;
    sb_assert(call->expr->count_args <= MAX_ROW_ARGS);
    int32_t count_varying = open_args(call, args, values, varying);
    call->is_null = false;
    SB_EACH_ROW(r, call->rows, call->count)
    {
        if (validity && !sb_bit_get(validity, r)) {
            continue;
        }
        for (int32_t k = 0; k < count_varying; k++) {
            const row_arg *arg = &args[varying[k]];
            size_t at = (size_t)(arg->index ? arg->index[r] : r);
            values[varying[k]] = arg->values + at * arg->stride;
        }
        SB_TRY(row(call, values, to + (size_t)r * size, err), err);
        if (__builtin_expect(call->is_null, 0)) {
            SB_TRY(set_null(out, r, to + (size_t)r * size, size, err), err);
            validity = out->validity;
            call->is_null = false;
        }
    }
    for (int32_t i = 0; i < call->expr->count_args; i++) {
        if (call->pins & (1u << i)) {
            SB_TRY(sb_vector_pin(out, call->args[i], err), err);
        }
    }
    return SB_OK;
}

/* with: the sb_row_fn */
static sb_status
fill_rows(sb_call *call, const void *with, sb_vector **out, sb_error *err)
{
    const sb_row_fn *row = with;
    SB_TRY(sb_call_strict_result(call, out, err), err);
    call->result = *out;
    call->pins = 0;
    sb_status status = run_rows(call, *row, *out, err);
    sb_call_finish(call, status, out);
    return status;
}

int32_t
sb_call_dictionary_arg(const sb_call *call)
{
    int32_t found = -1;
    for (int32_t i = 0; i < call->expr->count_args; i++) {
        const sb_vector *v = call->args[i];
        if (v->encoding == SB_CONST) {
            continue;
        }
        if (found >= 0 || v->encoding != SB_DICT || v->dict->length > call->count) {
            return -1;
        }
        found = i;
    }
    return found;
}

/* Gives a result per distinct value the indexes of the argument. NULLs of the dictionary go to the
 * outer validity. */
static sb_status
spread(sb_call *call, sb_vector *arg, sb_vector *dict, sb_vector **out, sb_error *err)
{
    sb_vector *v = sb_vector_new(call->mem, sb_call_type(call), arg->length);
    if (!v) {
        SB_NOMEM(err);
    }
    const uint64_t *nulls = dict->validity;
    v->encoding = SB_DICT;
    v->dict = sb_vector_ref(dict);
    v->values = arg->values;
    v->validity = arg->validity;
    v->base = sb_vector_ref(arg); /* its indexes and validity are borrowed */
    v->pinned_bytes = arg->pinned_bytes + dict->pinned_bytes;
    if (nulls) {
        v->validity = NULL;
        sb_status status = sb_vector_make_validity(v, err);
        if (status != SB_OK) {
            sb_vector_unref(v);
            return status;
        }
        uint64_t *bits = sb_vector_validity_mut(v);
        const int32_t *index = v->values;
        if (arg->validity) {
            memcpy(bits, arg->validity, (size_t)sb_bits_bytes(arg->length));
        }
        SB_EACH_ROW(r, call->rows, call->count)
        {
            if (sb_bit_get(bits, r) && !sb_bit_get(nulls, index[r])) {
                sb_bit_clear(bits, r);
            }
        }
        dict->validity = NULL; /* the values under its NULLs are zero */
    }
    *out = v;
    return SB_OK;
}

sb_status
sb_call_over_dictionary(sb_call *call, int32_t arg, sb_with_fn fn, const void *with,
                        sb_vector **out, sb_error *err)
{
    sb_vector *args[MAX_ROW_ARGS], *dict;
    sb_call inner = *call;
    for (int32_t i = 0; i < call->expr->count_args; i++) {
        args[i] = i == arg ? call->args[i]->dict : call->args[i];
    }
    inner.args = args;
    inner.rows = NULL;
    inner.count = inner.length = args[arg]->length;
    inner.spare = NULL;
    sb_status status = fn(&inner, with, &dict, err);
    call->text = inner.text; /* scratch may have grown */
    SB_TRY(status, err);
    status = spread(call, call->args[arg], dict, out, err);
    sb_vector_unref(dict);
    return status;
}

sb_status
sb_call_rows(sb_call *call, sb_row_fn row, sb_vector **out, sb_error *err)
{
    int32_t arg = sb_call_dictionary_arg(call);
    /* Values that no row uses must not raise errors. */
    if (arg >= 0 && sb_type_phys(sb_call_type(call)) == SB_PHYS_VIEW && !call->can_fail) {
        return sb_call_over_dictionary(call, arg, fill_rows, &row, out, err);
    }
    return fill_rows(call, &row, out, err);
}
