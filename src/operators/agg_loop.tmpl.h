/*
 * operators/agg_loop.tmpl.h -- one accumulator loop per numeric type; included once per type by
 * agg.c.
 *
 * The loops work on copies of what describes the aggregate and the run: stores into rows could
 * alias the originals, and each field would be read again for each row.
 *
 * Parameters (undefined again at the end):
 *   NAME           function name
 *   VAL, ACC, OUT  C types: of the argument, of the slot, of the result
 *   ADD(acc, v, sign)  false: overflow, the sum becomes NULL
 *   LESS(a, b)     order for MIN and MAX, over VAL widened to ACC
 *   AVERAGE(acc, count, agg, out)  false: NULL
 */

typedef struct SB_CAT(NAME, _state) { /* of one row, in registers */
    ACC acc;
    int64_t count;
    bool null;
} SB_CAT(NAME, _state);

static inline __attribute__((always_inline)) bool
SB_CAT(NAME, _result)(const sb_agg *agg, SB_CAT(NAME, _state) s, sb_agg_kind kind, bool counts,
                      OUT *out)
{
    (void)agg; /* only decimal averages ask for it */
    if (s.null || (counts && s.count == 0)) {
        return false;
    }
    if (kind == SB_AGG_AVG) {
        return AVERAGE(s.acc, s.count, agg, out);
    }
    *out = (OUT)s.acc;
    return true;
}

/* MIN, MAX, FIRST, LAST: does the value take the place of the one that is held? */
static inline __attribute__((always_inline)) bool
SB_CAT(NAME, _replaces)(sb_agg_kind kind, ACC v, ACC held)
{
    switch (kind) {
    case SB_AGG_MIN: return LESS(v, held);
    case SB_AGG_MAX: return LESS(held, v);
    default: return kind == SB_AGG_LAST;
    }
}

static inline __attribute__((always_inline)) SB_CAT(NAME, _state)
    SB_CAT(NAME, _apply)(SB_CAT(NAME, _state) s, sb_agg_kind kind, VAL v, int8_t act)
{
    s.count += act;
    if (kind == SB_AGG_AVG) {
        if (!s.null &&
            !ADD(s.acc, v, act)) { /* NULL: it has overflowed, and NULL plus anything is NULL */
            s.null = true;
        }
    } else if (kind == SB_AGG_SUM) {
        s.acc = s.null ? (ACC)0 : s.acc;
        s.null = !ADD(s.acc, v, act);
    } else {
        bool better = s.null || SB_CAT(NAME, _replaces)(kind, (ACC)v, s.acc);
        s.acc = better ? (ACC)v : s.acc;
        s.null = false;
    }
    return s;
}

static inline __attribute__((always_inline)) void
SB_CAT(NAME, _emit)(const sb_agg *agg, SB_CAT(NAME, _state) s, sb_agg_kind kind, bool counts,
                    OUT *values, uint64_t *validity, int32_t at)
{
    OUT value = (OUT)0;
    if (!SB_CAT(NAME, _result)(agg, s, kind, counts, &value)) {
        value = (OUT)0;
        sb_bit_clear(validity, at);
    }
    values[at] = value;
}

static inline __attribute__((always_inline)) void
SB_CAT(NAME, _save)(const sb_agg *agg, uint8_t *row, SB_CAT(NAME, _state) s, sb_agg_kind kind,
                    bool counts)
{
    OUT value = (OUT)0;
    bool valid = SB_CAT(NAME, _result)(agg, s, kind, counts, &value);
    SLOT slot = valid ? (SLOT)value : (SLOT)0;
    sb_row_set_null(row, agg->prev_field, !valid);
    memcpy(row + agg->prev_at, &slot, sizeof slot);
}

static inline __attribute__((always_inline)) void
SB_CAT(NAME, _loop)(const sb_agg *of, const sb_agg_input *in, sb_vector *pairs, sb_agg_kind kind,
                    bool counts)
{
    const sb_agg agg = *of;
    const sb_agg_input run = *in;
    const VAL *values = run.arg->values;
    OUT *out = pairs ? sb_vector_values_mut(pairs) : NULL;
    uint64_t *validity = pairs ? sb_vector_validity_mut(pairs) : NULL;
    for (int32_t i = 0; i < run.count; i++) {
        uint8_t *row = run.rows[i];
        uint8_t how = run.how ? run.how[i] : 0;
        SB_CAT(NAME, _state) s = {.null = sb_row_is_null(row, agg.value_field)};
        memcpy(&s.acc, row + agg.value_at, sizeof s.acc);
        if (counts) {
            memcpy(&s.count, row + agg.count_at, sizeof s.count);
        }
        if (how & SB_AGG_SAVE) {
            SB_CAT(NAME, _save)(&agg, row, s, kind, counts);
        }
        if (how & SB_AGG_RESET) {
            agg_reset(&agg, row);
            s = (SB_CAT(NAME, _state)){.null = kind != SB_AGG_AVG};
        }
        if (pairs) {
            SB_CAT(NAME, _emit)(&agg, s, kind, counts, out, validity, 2 * i);
        }
        if (run.act[i]) {
            bool null = s.null;
            s = SB_CAT(NAME, _apply)(s, kind, values[run.physical[i]], run.act[i]);
            s.acc = s.null ? (ACC)0 : s.acc;
            memcpy(row + agg.value_at, &s.acc, sizeof s.acc);
            if (counts) {
                memcpy(row + agg.count_at, &s.count, sizeof s.count);
            }
            if (null != s.null) {
                sb_row_set_null(row, agg.value_field, s.null);
            }
        }
        if (pairs) {
            SB_CAT(NAME, _emit)(&agg, s, kind, counts, out, validity, 2 * i + 1);
        }
    }
}

/* Stretches of the same row: its state stays in registers. */
static inline __attribute__((always_inline)) void
SB_CAT(NAME, _stretches)(const sb_agg *of, const sb_agg_input *in, sb_vector *pairs,
                         sb_agg_kind kind, bool counts)
{
    const sb_agg agg = *of;
    const sb_agg_input run = *in;
    const VAL *values = run.arg->values;
    OUT *out = pairs ? sb_vector_values_mut(pairs) : NULL;
    uint64_t *validity = pairs ? sb_vector_validity_mut(pairs) : NULL;
    for (int32_t e = 0, i = 0; e < run.count_ends; e++) {
        uint8_t *row = run.rows[i];
        SB_CAT(NAME, _state) s = {.null = sb_row_is_null(row, agg.value_field)};
        memcpy(&s.acc, row + agg.value_at, sizeof s.acc);
        if (counts) {
            memcpy(&s.count, row + agg.count_at, sizeof s.count);
        }
        for (; !pairs && run.plain && i < run.ends[e]; i++) {
            s = SB_CAT(NAME, _apply)(s, kind, values[run.physical[i]], 1);
            s.acc = s.null ? (ACC)0 : s.acc;
        }
        for (; i < run.ends[e]; i++) {
            if (pairs) {
                SB_CAT(NAME, _emit)(&agg, s, kind, counts, out, validity, 2 * i);
            }
            if (run.act[i]) {
                s = SB_CAT(NAME, _apply)(s, kind, values[run.physical[i]], run.act[i]);
                s.acc = s.null ? (ACC)0 : s.acc;
            }
            if (pairs) {
                SB_CAT(NAME, _emit)(&agg, s, kind, counts, out, validity, 2 * i + 1);
            }
        }
        memcpy(row + agg.value_at, &s.acc, sizeof s.acc);
        if (counts) {
            memcpy(row + agg.count_at, &s.count, sizeof s.count);
        }
        sb_row_set_null(row, agg.value_field, s.null);
    }
}

static inline __attribute__((always_inline)) void
SB_CAT(NAME, _rows)(const sb_agg *agg, const sb_agg_input *in, sb_vector *pairs, sb_agg_kind kind,
                    bool counts)
{
    if (in->ends) {
        SB_CAT(NAME, _stretches)(agg, in, pairs, kind, counts);
    } else {
        SB_CAT(NAME, _loop)(agg, in, pairs, kind, counts);
    }
}

/* The result of now into the `previous` columns. */
static void
SB_CAT(NAME, _save_row)(const sb_agg *agg, uint8_t *row)
{
    SB_CAT(NAME, _state) s = {.null = sb_row_is_null(row, agg->value_field)};
    memcpy(&s.acc, row + agg->value_at, sizeof s.acc);
    if (agg->keeps_count) {
        memcpy(&s.count, row + agg->count_at, sizeof s.count);
    }
    SB_CAT(NAME, _save)(agg, row, s, agg->call.kind, agg->keeps_count);
}

/* One call per constant kind, so that each loop is compiled without the other kinds. */
static void
NAME(const sb_agg *agg, const sb_agg_input *in, sb_vector *pairs)
{
    switch (agg->call.kind) {
    case SB_AGG_SUM:
        if (agg->keeps_count) {
            SB_CAT(NAME, _rows)(agg, in, pairs, SB_AGG_SUM, true);
        } else {
            SB_CAT(NAME, _rows)(agg, in, pairs, SB_AGG_SUM, false);
        }
        break;
    case SB_AGG_AVG: SB_CAT(NAME, _rows)(agg, in, pairs, SB_AGG_AVG, true); break;
    case SB_AGG_MIN: SB_CAT(NAME, _rows)(agg, in, pairs, SB_AGG_MIN, false); break;
    case SB_AGG_FIRST: SB_CAT(NAME, _rows)(agg, in, pairs, SB_AGG_FIRST, false); break;
    case SB_AGG_LAST: SB_CAT(NAME, _rows)(agg, in, pairs, SB_AGG_LAST, false); break;
    default: SB_CAT(NAME, _rows)(agg, in, pairs, SB_AGG_MAX, false); break;
    }
}

/* Accumulators of the same group in several slices, merged into one result, the newest slice first.
 * A sum that does not fit starts again with the next slice; an average stays NULL. */
static bool
SB_CAT(NAME, _merged)(const sb_agg *agg, uint8_t *const *rows, int32_t slices, int32_t stride,
                      OUT *out)
{
    ACC total = (ACC)0;
    int64_t count = 0;
    bool any = false;
    sb_agg_kind kind = agg->call.kind;
    for (int32_t s = slices - 1; s >= 0; s--) {
        const uint8_t *row = rows[(size_t)s * (size_t)stride];
        if (!row) {
            continue;
        }
        if (agg->keeps_count) {
            int64_t own;
            memcpy(&own, row + agg->count_at, sizeof own);
            count += own;
        }
        if (sb_row_is_null(row, agg->value_field)) {
            if (kind == SB_AGG_AVG) {
                return false;
            }
            continue;
        }
        ACC acc;
        memcpy(&acc, row + agg->value_at, sizeof acc);
        if (!any || kind == SB_AGG_MIN || kind == SB_AGG_MAX) {
            bool better = !any || (kind == SB_AGG_MIN ? LESS(acc, total) : LESS(total, acc));
            total = better ? acc : total;
            any = true;
        } else if (!MERGE(total, acc)) {
            if (kind == SB_AGG_AVG) {
                return false;
            }
            any = false;
        }
    }
    if (!any || (agg->keeps_count && count == 0)) {
        return false;
    }
    if (kind == SB_AGG_AVG) {
        return AVERAGE(total, count, agg, out);
    }
    *out = (OUT)total;
    return true;
}

static void
SB_CAT(NAME, _results)(const sb_agg *agg, uint8_t *const *rows, int32_t slices, int32_t count,
                       sb_column_builder *out)
{
    for (int32_t i = 0; i < count; i++) {
        OUT value;
        if (SB_CAT(NAME, _merged)(agg, rows + i, slices, count, &value)) {
            sb_column_value(out, &value);
        } else {
            sb_column_null(out);
        }
    }
}

#undef NAME
#undef VAL
#undef ACC
#undef OUT
#undef SLOT
#undef ADD
#undef MERGE
#undef LESS
#undef AVERAGE
