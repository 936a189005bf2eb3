/*
 * operators/agg_variance.c -- the sum of squared distances from the mean, of which STDDEV and VAR
 * are made.
 *
 * DESIGN     Welford's algorithm in DOUBLE, operation by operation as Flink does it: values, mean
 *            and squares go up with each value and down with each retraction. Values taken out
 *            before they came in only count. A sum below 0 (rounding) is NULL.
 * THREADS    T:task
 */
#include <string.h>

#include "kernels/decimal.h"
#include "operators/agg_priv.h"

typedef struct m2_state { /* of one row */
    int64_t n;
    double mean, m2;
} m2_state;

static m2_state
load(const sb_agg *agg, const uint8_t *row)
{
    m2_state s;
    memcpy(&s.n, row + agg->count_at, sizeof s.n);
    memcpy(&s.mean, row + agg->mean_at, sizeof s.mean);
    memcpy(&s.m2, row + agg->value_at, sizeof s.m2);
    return s;
}

static void
store(const sb_agg *agg, uint8_t *row, const m2_state *s)
{
    memcpy(row + agg->count_at, &s->n, sizeof s->n);
    memcpy(row + agg->mean_at, &s->mean, sizeof s->mean);
    memcpy(row + agg->value_at, &s->m2, sizeof s->m2);
}

static double
value_at(const sb_agg *agg, const void *values, int32_t at)
{
    bool decimal = agg->is_decimal;
    switch ((sb_phys)agg->arg_phys) {
    case SB_PHYS_I8: return (double)((const int8_t *)values)[at];
    case SB_PHYS_I16: return (double)((const int16_t *)values)[at];
    case SB_PHYS_I32: return (double)((const int32_t *)values)[at];
    case SB_PHYS_F32: return (double)((const float *)values)[at];
    case SB_PHYS_F64: return ((const double *)values)[at];
    case SB_PHYS_I64: {
        int64_t v = ((const int64_t *)values)[at];
        return decimal ? sb_decimal_to_double(v, agg->sum_scale) : (double)v;
    }
    default:
        sb_assert(agg->arg_phys == SB_PHYS_I128);
        return sb_decimal_to_double(((const sb_int128 *)values)[at], agg->sum_scale);
    }
}

static void
add(m2_state *s, double v)
{
    if (++s->n <= 0) {
        return;
    }
    double delta = v - s->mean;
    s->mean += delta / (double)s->n;
    s->m2 += delta * (v - s->mean);
}

static void
take(m2_state *s, double v)
{
    if (--s->n <= 0) {
        if (s->n == 0) {
            s->mean = s->m2 = 0;
        }
        return;
    }
    double delta2 = v - s->mean;
    s->mean -= delta2 / (double)s->n;
    s->m2 -= (v - s->mean) * delta2;
}

static bool
has_result(const m2_state *s)
{
    return s->n > 0 && !(s->m2 < 0);
}

static void
emit(const m2_state *s, double *values, uint64_t *validity, int32_t at)
{
    values[at] = has_result(s) ? s->m2 : 0;
    if (!has_result(s)) {
        sb_bit_clear(validity, at);
    }
}

void
sb_agg_m2_save(const sb_agg *agg, uint8_t *row)
{
    m2_state s = load(agg, row);
    double value = has_result(&s) ? s.m2 : 0;
    sb_row_set_null(row, agg->prev_field, !has_result(&s));
    memcpy(row + agg->prev_at, &value, sizeof value);
}

void
sb_agg_m2_update(const sb_agg *agg, const sb_agg_input *in, sb_vector *pairs)
{
    double *out = pairs ? sb_vector_values_mut(pairs) : NULL;
    uint64_t *validity = pairs ? sb_vector_validity_mut(pairs) : NULL;
    for (int32_t i = 0; i < in->count; i++) {
        uint8_t *row = in->rows[i], how = in->how ? in->how[i] : 0;
        if (how & SB_AGG_SAVE) {
            sb_agg_m2_save(agg, row);
        }
        m2_state s = how & SB_AGG_RESET ? (m2_state){0, 0, 0} : load(agg, row);
        if (pairs) {
            emit(&s, out, validity, 2 * i);
        }
        if (in->act[i] > 0) {
            add(&s, value_at(agg, in->arg->values, in->physical[i]));
        } else if (in->act[i] < 0) {
            take(&s, value_at(agg, in->arg->values, in->physical[i]));
        }
        store(agg, row, &s);
        if (pairs) {
            emit(&s, out, validity, 2 * i + 1);
        }
    }
}

/* Slices of one group, the newest first. */
static m2_state
merged(const sb_agg *agg, uint8_t *const *rows, int32_t slices, int32_t stride)
{
    m2_state total = {0, 0, 0};
    int64_t lacking = 0;
    for (int32_t i = slices - 1; i >= 0; i--) {
        const uint8_t *row = rows[(size_t)i * (size_t)stride];
        m2_state s = row ? load(agg, row) : (m2_state){0, 0, 0};
        if (s.n <= 0) {
            lacking += s.n;
        } else if (total.n == 0) {
            total = s;
        } else {
            double count = (double)(total.n + s.n), delta = s.mean - total.mean;
            double squares = (double)total.n * (double)s.n / count * delta * delta;
            total.mean = total.mean + (double)s.n / count * delta;
            total.m2 = total.m2 + s.m2 + squares;
            total.n += s.n;
        }
    }
    total.n += lacking;
    return total;
}

void
sb_agg_m2_results(const sb_agg *agg, uint8_t *const *rows, int32_t slices, int32_t count,
                  sb_column_builder *out)
{
    for (int32_t i = 0; i < count; i++) {
        m2_state s = merged(agg, rows + i, slices, count);
        if (has_result(&s)) {
            sb_column_value(out, &s.m2);
        } else {
            sb_column_null(out);
        }
    }
}
