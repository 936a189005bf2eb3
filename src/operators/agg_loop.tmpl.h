/*
 * operators/agg_loop.tmpl.h -- one accumulator loop per numeric type; included once per type by agg.c.
 *
 * The loops work on copies of what describes the aggregate and the run: stores into rows could alias the originals, and
 * each field would be read again for each row.
 *
 * Parameters (undefined again at the end):
 *   NAME           function name
 *   VAL, ACC, OUT  C types: of the argument, of the slot, of the result
 *   ADD(acc, v, sign)  false: overflow, the sum becomes NULL
 *   LESS(a, b)     order for MIN and MAX, over VAL widened to ACC
 *   AVERAGE(acc, count, agg, out)  false: NULL
 */

static inline __attribute__((always_inline)) bool
SB_CAT(NAME, _result)(const sb_agg *agg, const uint8_t *row, sb_agg_kind kind, bool counts, OUT *out)
{
    ACC acc;
    memcpy(&acc, row + agg->value_at, sizeof acc);
    if (counts) {
        int64_t count;
        memcpy(&count, row + agg->count_at, sizeof count);
        if (count == 0 || sb_row_is_null(row, agg->value_field)) {
            return false;
        }
        if (kind == SB_AGG_AVG) {
            return AVERAGE(acc, count, agg, out);
        }
    } else if (sb_row_is_null(row, agg->value_field)) {
        return false;
    }
    *out = (OUT)acc;
    return true;
}

static inline __attribute__((always_inline)) void
SB_CAT(NAME, _apply)(const sb_agg *agg, uint8_t *row, sb_agg_kind kind, bool counts, VAL v, int8_t act)
{
    ACC acc;
    memcpy(&acc, row + agg->value_at, sizeof acc);
    bool empty = sb_row_is_null(row, agg->value_field);
    if (counts) {
        int64_t count;
        memcpy(&count, row + agg->count_at, sizeof count);
        count += act;
        memcpy(row + agg->count_at, &count, sizeof count);
    }
    if (kind == SB_AGG_SUM || kind == SB_AGG_AVG) {
        if (empty && kind == SB_AGG_AVG) {
            return; /* it has overflowed: NULL plus anything is NULL */
        }
        acc = empty ? (ACC)0 : acc;
        bool fits = ADD(acc, v, act);
        if (empty || !fits) {
            sb_row_set_null(row, agg->value_field, !fits);
            acc = fits ? acc : (ACC)0;
        }
    } else if (empty) {
        acc = (ACC)v;
        sb_row_set_null(row, agg->value_field, false);
    } else if (kind == SB_AGG_MIN ? LESS((ACC)v, acc) : LESS(acc, (ACC)v)) {
        acc = (ACC)v;
    } else {
        return;
    }
    memcpy(row + agg->value_at, &acc, sizeof acc);
}

static inline __attribute__((always_inline)) void
SB_CAT(NAME, _emit)(const sb_agg *agg, const uint8_t *row, sb_agg_kind kind, bool counts, OUT *values,
                    uint64_t *validity, int32_t at)
{
    OUT value;
    if (SB_CAT(NAME, _result)(agg, row, kind, counts, &value)) {
        values[at] = value;
    } else {
        memset(&values[at], 0, sizeof value);
        sb_bit_clear(validity, at);
    }
}

static inline __attribute__((always_inline)) void
SB_CAT(NAME, _save)(const sb_agg *agg, uint8_t *row, sb_agg_kind kind, bool counts)
{
    OUT value;
    bool valid = SB_CAT(NAME, _result)(agg, row, kind, counts, &value);
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
        if (how & SB_AGG_SAVE) {
            SB_CAT(NAME, _save)(&agg, row, kind, counts);
        }
        if (how & SB_AGG_RESET) {
            agg_reset(&agg, row);
        }
        if (pairs) {
            SB_CAT(NAME, _emit)(&agg, row, kind, counts, out, validity, 2 * i);
        }
        if (run.act[i]) {
            SB_CAT(NAME, _apply)(&agg, row, kind, counts, values[run.physical[i]], run.act[i]);
        }
        if (pairs) {
            SB_CAT(NAME, _emit)(&agg, row, kind, counts, out, validity, 2 * i + 1);
        }
    }
}

/* One call per constant kind, so that each loop is compiled without the other kinds. */
static void
NAME(const sb_agg *agg, const sb_agg_input *in, sb_vector *pairs)
{
    switch (agg->call.kind) {
    case SB_AGG_SUM:
        if (agg->keeps_count) {
            SB_CAT(NAME, _loop)(agg, in, pairs, SB_AGG_SUM, true);
        } else {
            SB_CAT(NAME, _loop)(agg, in, pairs, SB_AGG_SUM, false);
        }
        break;
    case SB_AGG_AVG:
        SB_CAT(NAME, _loop)(agg, in, pairs, SB_AGG_AVG, true);
        break;
    case SB_AGG_MIN:
        SB_CAT(NAME, _loop)(agg, in, pairs, SB_AGG_MIN, false);
        break;
    default:
        SB_CAT(NAME, _loop)(agg, in, pairs, SB_AGG_MAX, false);
        break;
    }
}

/* Accumulators of the same group in several slices, merged into one result, the newest slice first. A sum that does not fit
 * starts again with the next slice; an average stays NULL. */
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
