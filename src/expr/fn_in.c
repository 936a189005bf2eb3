/*
 * expr/fn_in.c -- IN over a list of constants: a hash set, or OR of comparisons when an item is not
 * constant.
 *
 * DESIGN     Items are cast to the common type of all. The set is open addressing over the values'
 * hashes. Floating point is found by equality of Java's Double, as in Flink's hash set.
 */
#include "columnar/hash.h"
#include "expr/eval_priv.h"
#include "expr/infer.h"
#include "kernels/bits.h"

#include <string.h>

#define FEW 8 /* items: comparing them beats hashing */

typedef struct in_set {
    sb_phys phys;
    int32_t size;
    uint32_t mask;
    bool has_null;
    sb_compare_fn equal;
    uint64_t *hashes;
    const void **slots;  /* NULL: empty */
    int32_t count_views; /* a short list of texts: compared one by one */
    sb_view views[FEW];
} in_set;

static bool
all_literals(const sb_infer *in)
{
    for (int32_t i = 1; i < in->count; i++) {
        if (in->args[i]->kind != SB_EXPR_LITERAL) {
            return false;
        }
    }
    return true;
}

/* Literals of the wrong type are folded into the right one. */
static sb_status
cast_literals(sb_infer *in, const sb_type *common, sb_error *err)
{
    for (int32_t i = 0; i < in->count; i++) {
        SB_TRY(sb_infer_cast(in, i, *common, err), err);
        if (i > 0) {
            sb_expr *folded;
            SB_TRY(sb_expr_fold(in->arena, in->args[i], "UTC", &folded, err), err);
            in->args[i] = folded;
        }
    }
    return SB_OK;
}

static sb_status
as_comparisons(sb_infer *in, sb_error *err)
{
    sb_expr **parts = SB_NEW_ARRAY(in->arena, sb_expr *, in->count);
    if (!parts) {
        SB_NOMEM(err);
    }
    for (int32_t i = 1; i < in->count; i++) {
        sb_expr *pair[2] = {in->args[0], in->args[i]};
        SB_TRY(sb_expr_call(in->arena, "=", pair, 2, &parts[i - 1], err), err);
    }
    if (in->count == 2) {
        in->replace = parts[0];
        return SB_OK;
    }
    return sb_expr_call(in->arena, "OR", parts, in->count - 1, &in->replace, err);
}

static sb_status
in_infer(sb_infer *in, sb_error *err)
{
    const sb_type **types = SB_NEW_ARRAY(in->arena, const sb_type *, in->count);
    sb_type common;
    if (!types) {
        SB_NOMEM(err);
    }
    if (in->count < 2) {
        return sb_infer_mismatch(in, err);
    }
    for (int32_t i = 0; i < in->count; i++) {
        types[i] = &in->args[i]->type;
    }
    bool nested = in->args[0]->type.count_children > 0;
    if (nested || sb_type_common(in->arena, types, in->count, &common, err) != SB_OK) {
        return sb_infer_mismatch(in, err);
    }
    bool strings = sb_type_is_string(&common) || sb_type_is_binary(&common);
    if (!all_literals(in) || in->count == 2 || common.id == SB_TYPE_NULL) {
        return as_comparisons(in, err);
    }
    if (!strings) {
        SB_TRY(cast_literals(in, &common, err), err);
        if (!all_literals(in)) { /* an item does not convert: the comparison says so at run time */
            return as_comparisons(in, err);
        }
    }
    in->type = SB_TYPE(BOOLEAN, sb_infer_nullable(in));
    return SB_OK;
}

static sb_status
not_in_infer(sb_infer *in, sb_error *err)
{
    sb_expr *positive;
    SB_TRY(sb_expr_call(in->arena, "IN", in->args, in->count, &positive, err), err);
    return sb_expr_call(in->arena, "NOT", &positive, 1, &in->replace, err);
}

/* Points to the physical value of a literal. */
static sb_status
literal_value(const sb_expr *e, sb_arena *arena, const void **out, sb_error *err)
{
    sb_phys phys = sb_type_phys(&e->type);
    void *value = sb_arena_alloc(arena, 16);
    if (!value) {
        SB_NOMEM(err);
    }
    switch (phys) {
    case SB_PHYS_BOOL:
    case SB_PHYS_I8:
    case SB_PHYS_I16:
    case SB_PHYS_I32: /* little-endian: the low bytes come first */
    case SB_PHYS_I64: memcpy(value, &e->value.i64, 8); break;
    case SB_PHYS_F32: *(float *)value = (float)e->value.f64; break;
    case SB_PHYS_F64: *(double *)value = e->value.f64; break;
    default: memcpy(value, &e->value, 16);
    }
    *out = value;
    return SB_OK;
}

/* The place of a value, or the empty one where it would be. */
static uint32_t
find_slot(const in_set *set, const void *value, uint64_t hash)
{
    for (uint32_t i = (uint32_t)hash & set->mask;; i = (i + 1) & set->mask) {
        uint8_t same = 0;
        if (set->slots[i] && set->hashes[i] == hash) {
            sb_operands in = {value, set->slots[i], true};
            set->equal(&same, &in, NULL, 1);
            /* The hash of floating point knows Java's equality: NaN equals itself, -0.0 is not 0.0.
             */
            same |= set->phys == SB_PHYS_F32 || set->phys == SB_PHYS_F64;
        }
        if (!set->slots[i] || same) {
            return i;
        }
    }
}

static sb_status
in_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    const sb_expr *e = call->expr;
    in_set *set = SB_NEW(arena, in_set);
    uint32_t size = 16;
    while (size < (uint32_t)e->count_args * 2) {
        size *= 2;
    }
    if (!set || !(set->hashes = SB_NEW_ARRAY(arena, uint64_t, size)) ||
        !(set->slots = SB_NEW_ARRAY(arena, const void *, size))) {
        SB_NOMEM(err);
    }
    set->phys = sb_type_phys(&e->args[0]->type);
    set->mask = size - 1;
    set->equal = sb_compare_kernel(set->phys, SB_EQ);
    for (int32_t i = 1; i < e->count_args; i++) {
        const void *value = NULL;
        if (e->args[i]->is_null) {
            set->has_null = true;
            continue;
        }
        SB_TRY(literal_value(e->args[i], arena, &value, err), err);
        uint64_t hash = sb_hash_value(set->phys, value);
        uint32_t slot = find_slot(set, value, hash);
        set->slots[slot] = value;
        set->hashes[slot] = hash;
        if (set->phys == SB_PHYS_VIEW && e->count_args - 1 <= FEW) {
            set->views[set->count_views++] = *(const sb_view *)value;
        }
    }
    call->state = set;
    return SB_OK;
}

/* The bytes of short text are in the words; of longer text the size and the beginning. */
static bool
in_few_views(const in_set *set, const sb_view *value)
{
    bool found = false;
    for (int32_t i = 0; i < set->count_views; i++) {
        const sb_view *item = &set->views[i];
        if (item->words[0] == value->words[0]) {
            found |= item->words[1] == value->words[1] || sb_view_equal(item, value);
        }
    }
    return found;
}

static bool
in_set_has(const in_set *set, const void *value)
{
    if (set->count_views > 0) {
        return in_few_views(set, value);
    }
    return set->slots[find_slot(set, value, sb_hash_value(set->phys, value))] != NULL;
}

/* A column of texts without a NULL among its rows; false: it is something else. */
static bool
in_views(const sb_call *call, const in_set *set, const sb_vector *v, uint8_t *values)
{
    const sb_view *views = v->values;
    const uint64_t *validity = v->validity;
    if (set->count_views == 0 || set->has_null || v->encoding != SB_FLAT) {
        return false;
    }
    SB_EACH_ROW(r, call->rows, call->count)
    {
        if (validity && !sb_bit_get(validity, r)) {
            return false;
        }
        values[r] = in_few_views(set, &views[r]);
    }
    return true;
}

static sb_status
in_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const in_set *set = call->state;
    const sb_vector *v = call->args[0];
    SB_TRY(sb_call_result(call, false, out, err), err);
    uint8_t *values = sb_vector_values_mut(*out);
    if (in_views(call, set, v, values)) {
        return SB_OK;
    }
    SB_EACH_ROW(r, call->rows, call->count)
    {
        bool null = !sb_vector_valid(v, r), found = false;
        if (!null) {
            const void *value = sb_vector_at(v, r);
            found = in_set_has(set, value);
            null = !found && set->has_null;
        }
        values[r] = found;
        if (null) {
            sb_status status = sb_vector_make_validity(*out, err);
            if (status != SB_OK) {
                sb_vector_unref(*out);
                return status;
            }
            sb_bit_clear(sb_vector_validity_mut(*out), r);
        }
    }
    return SB_OK;
}

const sb_impl sb_impl_in = {.infer = in_infer, .vector = in_vector, .prepare = in_prepare};
const sb_impl sb_impl_not_in = {.infer = not_in_infer};
