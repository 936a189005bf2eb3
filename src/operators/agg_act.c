/*
 * operators/agg_act.c -- what each row of a run does to each aggregate.
 *
 * DESIGN     Aggregates mostly share filters and arguments: each filter is read once a run, each
 *            argument is asked once for NULLs; an aggregate that leaves out nothing more uses the
 *            shared array.
 * THREADS    T:task
 */
#include <string.h>

#include "operators/agg_side.h"

static int32_t
list_column(int32_t *columns, int32_t *count, int32_t column)
{
    int32_t at = 0;
    if (column < 0) {
        return -1;
    }
    while (at < *count && columns[at] != column) {
        at++;
    }
    if (at == *count) {
        columns[(*count)++] = column;
    }
    return at;
}

bool
sb_agg_takes_nulls(const sb_agg_call *call)
{
    return call->kind == SB_AGG_JSON_OBJECT || (call->kind > SB_AGG_M2 && call->nulls);
}

bool
sb_agg_set_share(sb_agg_set *set, int32_t capacity)
{
    int32_t n = set->count + 1;
    set->filters = SB_NEW_ARRAY(set->arena, int32_t, n);
    set->args = SB_NEW_ARRAY(set->arena, int32_t, n);
    set->filter_of = SB_NEW_ARRAY(set->arena, int32_t, n);
    set->arg_of = SB_NEW_ARRAY(set->arena, int32_t, n);
    set->arg_nulls = SB_NEW_ARRAY(set->arena, bool, n);
    if (!set->filters || !set->args || !set->filter_of || !set->arg_of || !set->arg_nulls) {
        return false;
    }
    for (int32_t i = 0; i < set->count; i++) {
        const sb_agg_call *call = &set->aggs[i].call;
        set->filter_of[i] = list_column(set->filters, &set->count_filters, call->filter);
        set->arg_of[i] = list_column(set->args, &set->count_args, call->arg);
    }
    set->passes = sb_arena_alloc(set->arena, (size_t)capacity * (size_t)(set->count_filters + 1));
    return set->passes != NULL;
}

static bool
any_null(const sb_vector *v, const int32_t *physical, int32_t count)
{
    uint64_t all = 1;
    if (v->phys == SB_PHYS_NULL) {
        return count > 0;
    }
    if (!v->validity) {
        return false;
    }
    if (v->encoding == SB_FLAT) {
        const uint64_t *bits = v->validity;
        for (int32_t i = 0; i < count; i++) {
            all &= bits[physical[i] >> 6] >> (physical[i] & 63);
        }
    } else {
        for (int32_t i = 0; i < count; i++) {
            all &= sb_vector_valid(v, physical[i]);
        }
    }
    return !(all & 1);
}

/* 1 where the filter is TRUE. */
static void
load_filter(const sb_vector *v, const int32_t *physical, int32_t count, int8_t *pass)
{
    const uint8_t *values = v->values;
    const uint64_t *bits = v->validity;
    if (v->encoding != SB_FLAT || v->phys != SB_PHYS_BOOL) {
        for (int32_t i = 0; i < count; i++) {
            pass[i] = sb_vector_valid(v, physical[i]) &&
                      *(const uint8_t *)sb_vector_at(v, physical[i]) != 0;
        }
    } else if (bits) {
        for (int32_t i = 0; i < count; i++) {
            int32_t row = physical[i];
            pass[i] = (int8_t)((values[row] != 0) & (bits[row >> 6] >> (row & 63)));
        }
    } else {
        for (int32_t i = 0; i < count; i++) {
            pass[i] = values[physical[i]] != 0;
        }
    }
}

/* The aggregate's own array: what the signs, the filter and NULLs leave. */
static void
own_acts(const sb_agg_set *set, const sb_agg_run *run, int32_t i, const int8_t *sign, bool nulls)
{
    int8_t *act = sb_agg_acts(set, i);
    memcpy(act, sign, (size_t)run->count);
    if (set->filter_of[i] >= 0) {
        const int8_t *pass = &set->passes[(size_t)set->filter_of[i] * (size_t)set->capacity];
        for (int32_t k = 0; k < run->count; k++) {
            act[k] = (int8_t)(act[k] & -pass[k]);
        }
    }
    const sb_vector *arg = nulls ? run->head->columns[set->aggs[i].call.arg] : NULL;
    for (int32_t k = 0; nulls && k < run->count; k++) {
        if (!sb_vector_valid(arg, run->physical[k])) {
            act[k] = 0;
        }
    }
}

void
sb_agg_set_acts(sb_agg_set *set, const sb_agg_run *run)
{
    const int8_t *sign = run->sign ? run->sign : set->ones;
    for (int32_t f = 0; f < set->count_filters; f++) {
        load_filter(run->head->columns[set->filters[f]], run->physical, run->count,
                    &set->passes[(size_t)f * (size_t)set->capacity]);
    }
    for (int32_t a = 0; a < set->count_args; a++) {
        set->arg_nulls[a] = any_null(run->head->columns[set->args[a]], run->physical, run->count);
    }
    for (int32_t i = 0; i < set->count; i++) {
        bool nulls = set->arg_of[i] >= 0 && set->arg_nulls[set->arg_of[i]] &&
                     !sb_agg_takes_nulls(&set->aggs[i].call);
        bool filter = set->filter_of[i] >= 0;
        bool counted = set->retracts && set->aggs[i].call.distinct; /* they will be changed */
        if (!filter && !nulls && !counted) {
            set->act[i] = sign;
        } else if (filter && !nulls && !counted && sign == set->ones) {
            set->act[i] = &set->passes[(size_t)set->filter_of[i] * (size_t)set->capacity];
        } else {
            own_acts(set, run, i, sign, nulls);
            set->act[i] = sb_agg_acts(set, i);
        }
    }
}
