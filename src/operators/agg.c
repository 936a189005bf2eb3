/*
 * operators/agg.c -- see agg.h.
 *
 * DESIGN     Slots follow columnar/row.h: integers and times stand sign-extended in 8 bytes, so the
 *            integer loops accumulate in int64 and narrow (wrap) at each addition for SUM. A NULL
 *            accumulator means "no value yet".
 */
#include "operators/agg.h"

#include <string.h>

#include "kernels/decimal.h"
#include "operators/agg_priv.h"

#define SB_CAT_(a, b) a##b
#define SB_CAT(a, b)  SB_CAT_(a, b)

static void
agg_reset(const sb_agg *agg, uint8_t *row)
{
    if (sb_agg_is_collecting(agg)) {
        return;
    }
    /* The sum of an average starts at 0: once NULL (a decimal overflow) it stays NULL. */
    sb_row_set_null(row, agg->value_field,
                    agg->call.kind != SB_AGG_AVG && agg->call.kind != SB_AGG_M2);
    memset(row + agg->value_at, 0, agg->value_size);
    if (agg->keeps_count) {
        memset(row + agg->count_at, 0, 8);
    }
    if (agg->mean_column >= 0) {
        memset(row + agg->mean_at, 0, 8);
    }
}

void
sb_agg_start(const sb_agg *agg, uint8_t *row)
{
    if (agg->call.kind != SB_AGG_COUNT && agg->call.kind != SB_AGG_COUNT_STAR) {
        agg_reset(agg, row);
    }
}

static inline bool
add_i64(int64_t *acc, int64_t v, int8_t sign)
{
    *acc = (int64_t)((uint64_t)*acc + (uint64_t)v * (uint64_t)(int64_t)sign);
    return true;
}

static bool
add_i128(sb_int128 *acc, sb_int128 v, int8_t sign)
{
    sb_int128 sum;
    if (__builtin_add_overflow(*acc, sign < 0 ? -v : v, &sum) ||
        !sb_decimal_fits(sum, SB_DECIMAL_MAX)) {
        return false;
    }
    *acc = sum;
    return true;
}

static bool
average_decimal(sb_int128 sum, int64_t count, const sb_agg *agg, sb_int128 *out)
{
    sb_decimal_spec to = {agg->call.type.precision, agg->call.type.scale};
    return sb_decimal_divide(sum, agg->sum_scale, count, 0, to, out);
}

/* Truncates as Java does; INT64_MIN / -1 wraps. Small sums divide as doubles, which is several
 * times faster: both are exact, and a quotient that was rounded up to the next integer is put
 * right. */
static inline __attribute__((always_inline)) int64_t
average_i64(int64_t sum, int64_t count)
{
    const int64_t exact = INT64_C(1) << 52;
    if (__builtin_expect(sum > -exact && sum < exact && count > 0 && count < exact, 1)) {
        int64_t quotient = (int64_t)((double)sum / (double)count);
        int64_t rest = sum - quotient * count;
        return sum >= 0 ? quotient - (rest < 0) : quotient + (rest > 0);
    }
    return count == -1 ? (int64_t)(0 - (uint64_t)sum) : sum / count;
}

#define PLAIN_LESS(a, b) ((a) < (b))
#define INT_AVERAGE(acc, count, agg, out) \
    (*(out) = (__typeof__(*(out)))average_i64(acc, count), true)
#define FLOAT_AVERAGE(acc, count, agg, out) \
    (*(out) = (__typeof__(*(out)))((acc) / (double)(count)), true)
#define FLOAT_ADD(acc, v, sign) ((acc) += (sign) < 0 ? -(v) : (v), true)
#define FLOAT_MERGE(total, acc) ((total) += (acc), true)

#define NAME                    agg_bool
#define VAL                     uint8_t
#define ACC                     int64_t
#define OUT                     uint8_t
#define SLOT                    int64_t
#define ADD(acc, v, sign)       add_i64(&(acc), v, sign)
#define MERGE(total, acc)       add_i64(&(total), acc, 1)
#define LESS                    PLAIN_LESS
#define AVERAGE                 INT_AVERAGE
#include "operators/agg_loop.tmpl.h"

#define NAME              agg_i8
#define VAL               int8_t
#define ACC               int64_t
#define OUT               int8_t
#define SLOT              int64_t
#define ADD(acc, v, sign) add_i64(&(acc), v, sign)
#define MERGE(total, acc) add_i64(&(total), acc, 1)
#define LESS              PLAIN_LESS
#define AVERAGE           INT_AVERAGE
#include "operators/agg_loop.tmpl.h"

#define NAME              agg_i16
#define VAL               int16_t
#define ACC               int64_t
#define OUT               int16_t
#define SLOT              int64_t
#define ADD(acc, v, sign) add_i64(&(acc), v, sign)
#define MERGE(total, acc) add_i64(&(total), acc, 1)
#define LESS              PLAIN_LESS
#define AVERAGE           INT_AVERAGE
#include "operators/agg_loop.tmpl.h"

#define NAME              agg_i32
#define VAL               int32_t
#define ACC               int64_t
#define OUT               int32_t
#define SLOT              int64_t
#define ADD(acc, v, sign) add_i64(&(acc), v, sign)
#define MERGE(total, acc) add_i64(&(total), acc, 1)
#define LESS              PLAIN_LESS
#define AVERAGE           INT_AVERAGE
#include "operators/agg_loop.tmpl.h"

#define NAME              agg_i64
#define VAL               int64_t
#define ACC               int64_t
#define OUT               int64_t
#define SLOT              int64_t
#define ADD(acc, v, sign) add_i64(&(acc), v, sign)
#define MERGE(total, acc) add_i64(&(total), acc, 1)
#define LESS              PLAIN_LESS
#define AVERAGE           INT_AVERAGE
#include "operators/agg_loop.tmpl.h"

/* FLOAT: sums, minima and maxima stay FLOAT; AVG sums in DOUBLE. */
#define NAME    agg_f32
#define VAL     float
#define ACC     float
#define OUT     float
#define SLOT    float
#define ADD     FLOAT_ADD
#define MERGE   FLOAT_MERGE
#define LESS    PLAIN_LESS
#define AVERAGE FLOAT_AVERAGE
#include "operators/agg_loop.tmpl.h"

#define NAME    agg_f32_avg
#define VAL     float
#define ACC     double
#define OUT     float
#define SLOT    float
#define ADD     FLOAT_ADD
#define MERGE   FLOAT_MERGE
#define LESS    PLAIN_LESS
#define AVERAGE FLOAT_AVERAGE
#include "operators/agg_loop.tmpl.h"

#define NAME    agg_f64
#define VAL     double
#define ACC     double
#define OUT     double
#define SLOT    double
#define ADD     FLOAT_ADD
#define MERGE   FLOAT_MERGE
#define LESS    PLAIN_LESS
#define AVERAGE FLOAT_AVERAGE
#include "operators/agg_loop.tmpl.h"

/* Decimals: the sum is DECIMAL(38, s) whatever the argument's size. */
#define NAME              agg_dec64
#define VAL               int64_t
#define ACC               sb_int128
#define OUT               sb_int128
#define SLOT              sb_int128
#define ADD(acc, v, sign) add_i128(&(acc), v, sign)
#define MERGE(total, acc) add_i128(&(total), acc, 1)
#define LESS              PLAIN_LESS
#define AVERAGE           average_decimal
#include "operators/agg_loop.tmpl.h"

#define NAME              agg_i128
#define VAL               sb_int128
#define ACC               sb_int128
#define OUT               sb_int128
#define SLOT              sb_int128
#define ADD(acc, v, sign) add_i128(&(acc), v, sign)
#define MERGE(total, acc) add_i128(&(total), acc, 1)
#define LESS              PLAIN_LESS
#define AVERAGE           average_decimal
#include "operators/agg_loop.tmpl.h"

/* TIMESTAMP(7..9), minimum and maximum only: the 16 bytes of an sb_ts_ns, microseconds first. */
static inline bool
ts_less(sb_int128 a, sb_int128 b)
{
    int64_t us_a = (int64_t)a, us_b = (int64_t)b;
    return us_a != us_b ? us_a < us_b : (a >> 64) < (b >> 64);
}

#define NAME              agg_tsns
#define VAL               sb_int128
#define ACC               sb_int128
#define OUT               sb_int128
#define SLOT              sb_int128
#define ADD(acc, v, sign) add_i128(&(acc), v, sign)
#define MERGE(total, acc) add_i128(&(total), acc, 1)
#define LESS              ts_less
#define AVERAGE           average_decimal
#include "operators/agg_loop.tmpl.h"

/* The type of the accumulator's column. */
static sb_type
accumulator_type(const sb_agg_call *call, const sb_type *arg)
{
    switch (call->kind) {
    case SB_AGG_COUNT_STAR:
    case SB_AGG_COUNT: return SB_TYPE(BIGINT, true);
    case SB_AGG_AVG:
        if (arg->id == SB_TYPE_DECIMAL) {
            return sb_type_decimal(SB_DECIMAL_MAX, arg->scale, true);
        }
        return sb_type_is_integer(arg) ? SB_TYPE(BIGINT, true) : SB_TYPE(DOUBLE, true);
    case SB_AGG_SUM:
    case SB_AGG_M2:
    case SB_AGG_LIST: break;
    default: { /* MIN, MAX, FIRST, LAST: the argument itself */
        sb_type same = *arg;
        same.nullable = true;
        return same;
    }
    }
    sb_type sum = call->type;
    sum.nullable = true;
    return sum;
}

static bool
is_count(const sb_agg *agg)
{
    return agg->call.kind == SB_AGG_COUNT || agg->call.kind == SB_AGG_COUNT_STAR;
}

/* Which arguments the loops below can take. */
static sb_status
check_argument(const sb_agg *agg, const sb_type *arg, sb_error *err)
{
    bool sums =
        agg->call.kind == SB_AGG_SUM || agg->call.kind == SB_AGG_AVG || agg->call.kind == SB_AGG_M2;
    bool works = is_count(agg);
    if (sb_agg_is_collecting(agg)) {
        works = arg && agg->arg_phys != SB_PHYS_NULL;
    } else if (!works && arg) {
        sb_phys phys = (sb_phys)agg->arg_phys;
        works = phys != SB_PHYS_NULL && phys != SB_PHYS_LIST && phys != SB_PHYS_STRUCT &&
                (!sums || sb_type_is_numeric(arg)) &&
                (agg->call.kind != SB_AGG_LIST || phys == SB_PHYS_VIEW);
    }
    if (!works) {
        sb_text name;
        sb_text_init(&name, sb_mem_root());
        if (arg) {
            sb_type_print(arg, &name);
        }
        sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__, "not supported: %s(%s)",
                     sb_agg_name(agg->call.kind), name.data);
        sb_text_deinit(&name);
        return SB_STATUS_NOT_SUPPORTED;
    }
    return SB_OK;
}

sb_status
sb_agg_columns(sb_agg *agg, const sb_agg_call *call, const sb_type *arg, bool retracts,
               bool previous, sb_field *fields, int32_t *count, sb_error *err)
{
    *agg = (sb_agg){.call = *call,
                    .type = &call->type,
                    .count_column = -1,
                    .prev_column = -1,
                    .mean_column = -1};
    agg->arg_phys = arg ? (uint8_t)sb_type_phys(arg) : SB_PHYS_BOOL;
    agg->result_phys = (uint8_t)sb_type_phys(&call->type);
    agg->sum_scale = arg ? arg->scale : 0;
    SB_TRY(check_argument(agg, arg, err), err);
    if (sb_agg_is_collecting(agg)) {
        agg->value_column = -1;
        if (previous) { /* the bytes of a row */
            agg->prev_column = *count;
            fields[(*count)++] = (sb_field){
                .name = "previous",
                .type = {.id = SB_TYPE_VARBINARY, .nullable = true, .length = SB_LENGTH_MAX}};
        }
        return SB_OK;
    }
    bool sums = call->kind == SB_AGG_SUM || call->kind == SB_AGG_AVG;
    agg->is_decimal = arg && arg->id == SB_TYPE_DECIMAL;
    agg->keeps_count = call->kind == SB_AGG_AVG || call->kind == SB_AGG_M2 || (sums && retracts);
    agg->value_column = *count;
    sb_type accumulator = accumulator_type(call, arg);
    agg->value_size = sb_phys_size(sb_type_phys(&accumulator)) == 16 ? 16 : 8;
    fields[(*count)++] = (sb_field){.name = "acc", .type = accumulator};
    if (agg->keeps_count) {
        agg->count_column = *count;
        fields[(*count)++] = (sb_field){.name = "count", .type = SB_TYPE(BIGINT, true)};
    }
    if (call->kind == SB_AGG_M2) {
        agg->mean_column = *count;
        fields[(*count)++] = (sb_field){.name = "mean", .type = SB_TYPE(DOUBLE, true)};
    }
    if (previous) {
        sb_type type = call->type;
        type.nullable = true;
        agg->prev_column = *count;
        fields[(*count)++] = (sb_field){.name = "previous", .type = type};
    }
    return SB_OK;
}

void
sb_agg_bind(sb_agg *agg, const sb_table *table)
{
    const sb_row_layout *layout = sb_table_layout(table);
    if (agg->value_column >= 0) {
        agg->value_field = sb_table_field(table, agg->value_column);
        agg->value_at = layout->offsets[agg->value_field];
    }
    if (agg->count_column >= 0) {
        agg->count_field = sb_table_field(table, agg->count_column);
        agg->count_at = layout->offsets[agg->count_field];
    }
    if (agg->mean_column >= 0) {
        agg->mean_at = layout->offsets[sb_table_field(table, agg->mean_column)];
    }
    if (agg->prev_column >= 0) {
        agg->prev_field = sb_table_field(table, agg->prev_column);
        agg->prev_at = layout->offsets[agg->prev_field];
    }
}

static inline __attribute__((always_inline)) void
count_loop(const sb_agg *agg, const sb_agg_input *in, sb_vector *pairs, bool how)
{
    int64_t *out = pairs ? sb_vector_values_mut(pairs) : NULL;
    const sb_agg_input run = *in;
    const uint32_t value_at = agg->value_at, prev_at = agg->prev_at;
    for (int32_t i = 0; i < run.count; i++) {
        uint8_t *row = run.rows[i];
        int64_t count;
        memcpy(&count, row + value_at, sizeof count);
        if (how && run.how[i]) {
            if (run.how[i] & SB_AGG_SAVE) {
                memcpy(row + prev_at, &count, sizeof count);
            }
            if (run.how[i] & SB_AGG_RESET) {
                count = 0;
            }
        }
        int64_t after = count + run.act[i];
        if (out) {
            out[2 * i] = count;
            out[2 * i + 1] = after;
        }
        memcpy(row + value_at, &after, sizeof after);
    }
}

/* Stretches of the same row: its count stays in a register. */
static void
count_stretches(const sb_agg *agg, const sb_agg_input *in, sb_vector *pairs)
{
    int64_t *out = pairs ? sb_vector_values_mut(pairs) : NULL;
    const int8_t *act = in->act;
    for (int32_t s = 0, i = 0; s < in->count_ends; s++) {
        int32_t end = in->ends[s];
        uint8_t *row = in->rows[i];
        int64_t count;
        memcpy(&count, row + agg->value_at, sizeof count);
        if (out) {
            for (; i < end; i++) {
                out[2 * i] = count;
                count += act[i];
                out[2 * i + 1] = count;
            }
        } else if (in->plain) {
            count += end - i;
            i = end;
        } else {
            int32_t sum = 0;
            for (; i < end; i++) {
                sum += act[i];
            }
            count += sum;
        }
        memcpy(row + agg->value_at, &count, sizeof count);
    }
}

static void
agg_count(const sb_agg *agg, const sb_agg_input *in, sb_vector *pairs)
{
    if (in->ends) {
        count_stretches(agg, in, pairs);
    } else if (in->how) {
        count_loop(agg, in, pairs, true);
    } else {
        count_loop(agg, in, pairs, false);
    }
}

typedef void (*update_fn)(const sb_agg *agg, const sb_agg_input *in, sb_vector *pairs);
typedef void (*results_fn)(const sb_agg *agg, uint8_t *const *rows, int32_t slices, int32_t count,
                           sb_column_builder *out);
typedef void (*save_fn)(const sb_agg *agg, uint8_t *row);

typedef struct agg_code {
    update_fn update;
    results_fn results;
    save_fn save;
} agg_code;

static agg_code
agg_code_of(const sb_agg *agg)
{
    bool sums = agg->call.kind == SB_AGG_SUM || agg->call.kind == SB_AGG_AVG;
    bool decimal = agg->call.type.id == SB_TYPE_DECIMAL;
    if (agg->call.kind == SB_AGG_M2) {
        return (agg_code){sb_agg_m2_update, sb_agg_m2_results, sb_agg_m2_save};
    }
    switch ((sb_phys)agg->arg_phys) {
    case SB_PHYS_BOOL: return (agg_code){agg_bool, agg_bool_results, agg_bool_save_row};
    case SB_PHYS_I8: return (agg_code){agg_i8, agg_i8_results, agg_i8_save_row};
    case SB_PHYS_I16: return (agg_code){agg_i16, agg_i16_results, agg_i16_save_row};
    case SB_PHYS_I32: return (agg_code){agg_i32, agg_i32_results, agg_i32_save_row};
    case SB_PHYS_I64:
        return sums && decimal ? (agg_code){agg_dec64, agg_dec64_results, agg_dec64_save_row}
                               : (agg_code){agg_i64, agg_i64_results, agg_i64_save_row};
    case SB_PHYS_F32:
        return agg->call.kind == SB_AGG_AVG
                   ? (agg_code){agg_f32_avg, agg_f32_avg_results, agg_f32_avg_save_row}
                   : (agg_code){agg_f32, agg_f32_results, agg_f32_save_row};
    case SB_PHYS_F64: return (agg_code){agg_f64, agg_f64_results, agg_f64_save_row};
    case SB_PHYS_TSNS: return (agg_code){agg_tsns, agg_tsns_results, agg_tsns_save_row};
    default:
        sb_assert(agg->arg_phys == SB_PHYS_I128);
        return (agg_code){agg_i128, agg_i128_results, agg_i128_save_row};
    }
}

void
sb_agg_update(const sb_agg *agg, const sb_agg_input *in, sb_agg_output *pairs)
{
    sb_vector *out = pairs ? pairs->vector : NULL;
    if (is_count(agg)) {
        agg_count(agg, in, out);
    } else {
        agg_code_of(agg).update(agg, in, out);
    }
}

void
sb_agg_save(const sb_agg *agg, uint8_t *row)
{
    if (is_count(agg)) {
        memcpy(row + agg->prev_at, row + agg->value_at, 8);
    } else {
        agg_code_of(agg).save(agg, row);
    }
}

/* A text that stands in its slot goes to the other slot as it is. */
sb_status
sb_agg_save_bytes(const sb_agg *agg, sb_table *table, uint8_t **row, sb_error *err)
{
    bool null = sb_row_is_null(*row, agg->value_field);
    sb_view value, previous;
    memcpy(&value, *row + agg->value_at, sizeof value);
    memcpy(&previous, *row + agg->prev_at, sizeof previous);
    if (value.small.size <= SB_VIEW_INLINE && previous.small.size <= SB_VIEW_INLINE) {
        sb_row_set_null(*row, agg->prev_field, null);
        memcpy(*row + agg->prev_at, &value, sizeof value);
        return SB_OK;
    }
    value = sb_row_view(sb_table_layout(table), *row, agg->value_field);
    uint8_t *to = sb_table_set_view(table, *row, agg->prev_column, null ? NULL : &value, null);
    if (!to) {
        SB_NOMEM(err);
    }
    *row = to;
    return SB_OK;
}

/* After a row moved, all positions of the same group must see it where it is now. */
static void
repoint(uint8_t **rows, int32_t count, const uint8_t *from, uint8_t *to)
{
    for (int32_t i = 0; from != to && i < count; i++) {
        if (rows[i] == from) {
            rows[i] = to;
        }
    }
}

static sb_status
set_bytes(sb_table *table, const sb_agg_input *in, int32_t at, int32_t column, const sb_view *value,
          sb_error *err)
{
    uint8_t *old = in->rows[at];
    uint8_t *row = sb_table_set_view(table, old, column, value, value == NULL);
    if (!row) {
        SB_NOMEM(err);
    }
    repoint(in->all_rows, in->count_all, old, row);
    return SB_OK;
}

static void
emit_bytes(const sb_agg *agg, const sb_row_layout *layout, const uint8_t *row,
           sb_column_builder *out)
{
    if (sb_row_is_null(row, agg->value_field)) {
        sb_column_null(out);
    } else {
        sb_view view = sb_row_view(layout, row, agg->value_field);
        sb_column_bytes(out, sb_view_data(&view), sb_view_size(&view));
    }
}

static bool
replaces_bytes(sb_agg_kind kind, const sb_view *v, const sb_view *held)
{
    switch (kind) {
    case SB_AGG_MIN: return sb_view_compare(v, held) < 0;
    case SB_AGG_MAX: return sb_view_compare(v, held) > 0;
    default: return kind == SB_AGG_LAST;
    }
}

void
sb_agg_join_text(const sb_agg *agg, sb_text *list, const sb_view *v)
{
    sb_text_add(list, agg->call.separator);
    sb_text_append(list, sb_view_data(v), sb_view_size(v));
}

static sb_status
append_bytes(const sb_agg *agg, sb_table *table, const sb_agg_input *in, int32_t at,
             const sb_view *held, const sb_view *v, sb_error *err)
{
    sb_text list;
    sb_text_init(&list, in->mem);
    sb_text_append(&list, sb_view_data(held), sb_view_size(held));
    sb_agg_join_text(agg, &list, v);
    sb_view view = sb_view_make(list.data, (uint32_t)list.size);
    sb_status status = sb_text_failed(&list)
                           ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                           : set_bytes(table, in, at, agg->value_column, &view, err);
    sb_text_deinit(&list);
    return status;
}

/* The value of a position into its row. */
static inline sb_status
add_bytes(const sb_agg *agg, sb_table *table, const sb_agg_input *in, int32_t i, sb_error *err)
{
    const uint8_t *row = in->rows[i];
    const sb_view *v = sb_vector_at(in->arg, in->physical[i]);
    bool null = sb_row_is_null(row, agg->value_field);
    uint64_t words[2];
    memcpy(words, row + agg->value_at, sizeof words);
    if (v->words[0] == words[0] && v->words[1] == words[1] && v->small.size <= SB_VIEW_INLINE &&
        !null && agg->call.kind != SB_AGG_LIST) {
        return SB_OK; /* a short text, and the same */
    }
    sb_view held = sb_row_view(sb_table_layout(table), row, agg->value_field);
    if (agg->call.kind == SB_AGG_LIST && !null) {
        return append_bytes(agg, table, in, i, &held, v, err);
    }
    return null || replaces_bytes(agg->call.kind, v, &held)
               ? set_bytes(table, in, i, agg->value_column, v, err)
               : SB_OK;
}

sb_status
sb_agg_update_bytes(const sb_agg *agg, sb_table *table, const sb_agg_input *in,
                    sb_column_builder *pairs, sb_error *err)
{
    enum { AHEAD = 12 };

    const sb_row_layout *layout = sb_table_layout(table);
    if (!pairs && !in->how) {
        for (int32_t i = 0; i < in->count; i++) {
            if (in->act[i]) {
                SB_TRY(add_bytes(agg, table, in, i, err), err);
            }
        }
        return SB_OK;
    }
    for (int32_t i = 0; i < in->count; i++) {
        if (i + AHEAD < in->count) { /* texts are compared: nothing else runs ahead here */
            const uint8_t *next = in->rows[i + AHEAD];
            for (uint32_t at = 0; at < layout->fixed_size; at += 64) {
                __builtin_prefetch(next + at);
            }
        }
        uint8_t how = in->how ? in->how[i] : 0;
        if (how & SB_AGG_SAVE) { /* the table copies the value before the row moves */
            sb_view view = sb_row_view(layout, in->rows[i], agg->value_field);
            bool null = sb_row_is_null(in->rows[i], agg->value_field);
            SB_TRY(set_bytes(table, in, i, agg->prev_column, null ? NULL : &view, err), err);
        }
        if (how & SB_AGG_RESET) {
            SB_TRY(set_bytes(table, in, i, agg->value_column, NULL, err), err);
        }
        if (pairs) {
            emit_bytes(agg, layout, in->rows[i], pairs);
        }
        if (in->act[i]) {
            SB_TRY(add_bytes(agg, table, in, i, err), err);
        }
        if (pairs) {
            emit_bytes(agg, layout, in->rows[i], pairs);
        }
    }
    return SB_OK;
}

static void
results_bytes(const sb_agg *agg, const sb_row_layout *layout, uint8_t *const *rows, int32_t slices,
              int32_t count, sb_column_builder *out)
{
    for (int32_t i = 0; i < count; i++) {
        const uint8_t *best = NULL;
        sb_view held = {.words = {0, 0}};
        for (int32_t s = 0; s < slices; s++) {
            const uint8_t *row = rows[(size_t)s * (size_t)count + (size_t)i];
            if (!row || sb_row_is_null(row, agg->value_field)) {
                continue;
            }
            sb_view v = sb_row_view(layout, row, agg->value_field);
            int order = best ? sb_view_compare(&v, &held) : 0;
            if (!best || (agg->call.kind == SB_AGG_MIN ? order < 0 : order > 0)) {
                best = row;
                held = v;
            }
        }
        if (best) {
            sb_column_bytes(out, sb_view_data(&held), sb_view_size(&held));
        } else {
            sb_column_null(out);
        }
    }
}

/* Lists of the slices, the newest first, as Flink merges them. */
static sb_status
results_list(const sb_agg *agg, const sb_row_layout *layout, uint8_t *const *rows, int32_t slices,
             int32_t count, sb_column_builder *out, sb_error *err)
{
    sb_text list;
    sb_text_init(&list, out->mem);
    for (int32_t i = 0; i < count; i++) {
        bool any = false;
        sb_text_clear(&list);
        for (int32_t s = slices - 1; s >= 0; s--) {
            const uint8_t *row = rows[(size_t)s * (size_t)count + (size_t)i];
            if (!row || sb_row_is_null(row, agg->value_field)) {
                continue;
            }
            sb_view v = sb_row_view(layout, row, agg->value_field);
            if (any) {
                sb_agg_join_text(agg, &list, &v);
            } else {
                sb_text_append(&list, sb_view_data(&v), sb_view_size(&v));
            }
            any = true;
        }
        if (any) {
            sb_column_bytes(out, list.data, (uint32_t)list.size);
        } else {
            sb_column_null(out);
        }
    }
    bool failed = sb_text_failed(&list);
    sb_text_deinit(&list);
    if (failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static void
results_count(const sb_agg *agg, uint8_t *const *rows, int32_t slices, int32_t count,
              sb_column_builder *out)
{
    const uint32_t at = agg->value_at;
    int64_t *totals = sb_column_reserve(out, count);
    if (!totals) {
        return;
    }
    memset(totals, 0, sizeof *totals * (size_t)count);
    for (int32_t s = 0; s < slices; s++) {
        uint8_t *const *own = rows + (size_t)s * (size_t)count;
        for (int32_t i = 0; i < count; i++) {
            int64_t value = 0;
            if (own[i]) {
                memcpy(&value, own[i] + at, sizeof value);
            }
            totals[i] += value;
        }
    }
    sb_column_added(out, count, NULL);
}

sb_status
sb_agg_results(const sb_agg *agg, const sb_row_layout *layout, uint8_t *const *rows, int32_t slices,
               int32_t count, sb_column_builder *out, sb_error *err)
{
    if (is_count(agg)) {
        results_count(agg, rows, slices, count, out);
    } else if (agg->call.kind == SB_AGG_LIST && slices > 1) {
        SB_TRY(results_list(agg, layout, rows, slices, count, out, err), err);
    } else if (sb_agg_is_bytes(agg)) {
        results_bytes(agg, layout, rows, slices, count, out);
    } else {
        agg_code_of(agg).results(agg, rows, slices, count, out);
    }
    if (out->failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_agg_previous(const sb_agg *agg, const sb_row_layout *layout, uint8_t *const *rows, int32_t count,
                sb_column_builder *out, sb_error *err)
{
    sb_row_decode(layout, rows, count, agg->prev_field, 1, out, true);
    if (out->failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}
