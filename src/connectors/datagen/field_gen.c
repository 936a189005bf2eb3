/*
 * connectors/datagen/field_gen.c -- random or sequential values of one column.
 */
#include "connectors/datagen/field_gen.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "formats/number_text.h"

#define KEY_MAX       256
#define LENGTH_STRING 100 /* Flink's defaults */
#define LENGTH_LIST   3

/* ---- options
 * ---------------------------------------------------------------------------------------------- */

typedef struct gen_reader {
    sb_arena *arena;
    const sb_table_desc *table;
    char path[KEY_MAX]; /* "fields.NAME" */
    char key[KEY_MAX];  /* path and suffix */
} gen_reader;

static const char *
key_of(gen_reader *r, const char *suffix)
{
    snprintf(r->key, sizeof r->key, "%.*s.%s", KEY_MAX - 32, r->path, suffix);
    return r->key;
}

static bool
is_set(gen_reader *r, const char *suffix)
{
    return sb_table_option(r->table, key_of(r, suffix), NULL) != NULL;
}

static sb_int128
power_of_ten(int n)
{
    sb_int128 v = 1;
    while (n-- > 0) {
        v *= 10;
    }
    return v;
}

static sb_status
read_decimal(gen_reader *r, const char *suffix, const sb_type *type, sb_int128 otherwise,
             sb_int128 *out, sb_error *err)
{
    const char *value = sb_table_option(r->table, key_of(r, suffix), NULL);
    *out = otherwise;
    if (value && sb_fmt_parse_decimal(sb_str_of(value), type->precision, type->scale, out) !=
                     SB_DECIMAL_OK) {
        return sb_table_option_bad(r->table, r->key, "expected a number that fits the column", err);
    }
    return SB_OK;
}

static sb_status
read_integers(gen_reader *r, sb_field_gen *g, int64_t lo, int64_t hi, sb_error *err)
{
    SB_TRY(sb_table_option_i64(r->table, key_of(r, "min"), lo, lo, hi, &g->min, err), err);
    SB_TRY(sb_table_option_i64(r->table, key_of(r, "max"), hi, lo, hi, &g->max, err), err);
    return g->min <= g->max
               ? SB_OK
               : sb_table_option_bad(r->table, r->key, "is less than the minimum", err);
}

/* The range of an integer type; false: it is none. */
static bool
integer_range(const sb_type *type, int64_t *lo, int64_t *hi)
{
    switch ((sb_type_id)type->id) {
    case SB_TYPE_TINYINT: *lo = INT8_MIN, *hi = INT8_MAX; return true;
    case SB_TYPE_SMALLINT: *lo = INT16_MIN, *hi = INT16_MAX; return true;
    case SB_TYPE_INT: *lo = INT32_MIN, *hi = INT32_MAX; return true;
    case SB_TYPE_BIGINT: *lo = INT64_MIN, *hi = INT64_MAX; return true;
    case SB_TYPE_INTERVAL_MONTH: *lo = 0, *hi = 120000; return true;
    case SB_TYPE_INTERVAL_DAY: *lo = 0, *hi = INT64_C(8640000000); return true;
    default: return false;
    }
}

static sb_status
read_sequence(gen_reader *r, sb_field_gen *g, sb_error *err)
{
    sb_type_id id = g->type->id;
    int64_t lo = INT64_MIN, hi = INT64_MAX;
    bool can = integer_range(g->type, &lo, &hi) || id == SB_TYPE_FLOAT || id == SB_TYPE_DOUBLE ||
               id == SB_TYPE_DECIMAL || sb_type_is_string(g->type);
    if (!can) {
        return sb_table_option_bad(r->table, key_of(r, "kind"), "this type has no sequence", err);
    }
    if (!is_set(r, "start") || !is_set(r, "end")) {
        return sb_table_option_bad(r->table, key_of(r, "kind"),
                                   "a sequence needs 'start' and 'end'", err);
    }
    g->sequence = true;
    SB_TRY(sb_table_option_i64(r->table, key_of(r, "start"), 0, lo, hi, &g->start, err), err);
    SB_TRY(sb_table_option_i64(r->table, key_of(r, "end"), 0, lo, hi, &g->end, err), err);
    return g->start <= g->end
               ? SB_OK
               : sb_table_option_bad(r->table, r->key, "is less than the start", err);
}

static sb_status read_gen(gen_reader *r, const sb_type *type, sb_field_gen *g, sb_error *err);

static sb_status
read_parts(gen_reader *r, sb_field_gen *g, sb_error *err)
{
    size_t size = strlen(r->path);
    g->count_parts = g->type->count_children;
    g->parts = SB_NEW_ARRAY(r->arena, sb_field_gen, g->count_parts + 1);
    if (!g->parts) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < g->count_parts; i++) {
        const char *name = g->type->id == SB_TYPE_ROW   ? g->type->children[i].name
                           : g->type->id == SB_TYPE_MAP ? (i ? "value" : "key")
                                                        : "element";
        snprintf(r->path + size, sizeof r->path - size, ".%s", name);
        SB_TRY(read_gen(r, &g->type->children[i].type, &g->parts[i], err), err);
        r->path[size] = 0;
    }
    return SB_OK;
}

static sb_status
read_random(gen_reader *r, sb_field_gen *g, sb_error *err)
{
    const sb_type *type = g->type;
    int64_t lo, hi;
    bool list = type->count_children > 0 && type->id != SB_TYPE_ROW;
    if (integer_range(type, &lo, &hi)) {
        return read_integers(r, g, lo, hi, err);
    }
    if (type->id == SB_TYPE_FLOAT || type->id == SB_TYPE_DOUBLE) {
        double most = type->id == SB_TYPE_FLOAT ? (double)FLT_MAX : DBL_MAX;
        SB_TRY(sb_table_option_f64(r->table, key_of(r, "min"), -most, -most, most, &g->min_f, err),
               err);
        SB_TRY(sb_table_option_f64(r->table, key_of(r, "max"), most, -most, most, &g->max_f, err),
               err);
        return g->min_f <= g->max_f
                   ? SB_OK
                   : sb_table_option_bad(r->table, r->key, "is less than the minimum", err);
    }
    if (type->id == SB_TYPE_DECIMAL) {
        sb_int128 most = power_of_ten(type->precision) - 1;
        SB_TRY(read_decimal(r, "min", type, -most, &g->min_d, err), err);
        SB_TRY(read_decimal(r, "max", type, most, &g->max_d, err), err);
        return g->min_d <= g->max_d
                   ? SB_OK
                   : sb_table_option_bad(r->table, r->key, "is less than the minimum", err);
    }
    if (sb_type_is_timestamp(type)) {
        return sb_table_option_duration(r->table, key_of(r, "max-past"), 0, &g->max_past_ms, err);
    }
    bool fixed = type->id == SB_TYPE_CHAR || type->id == SB_TYPE_BINARY;
    bool sized = type->id == SB_TYPE_VARCHAR || type->id == SB_TYPE_VARBINARY || fixed;
    if (sized || list) {
        int64_t most = sized && type->length < 1 << 20 ? type->length : 1 << 20;
        int64_t otherwise = list                   ? LENGTH_LIST
                            : fixed                ? type->length
                            : most < LENGTH_STRING ? most
                                                   : LENGTH_STRING;
        SB_TRY(
            sb_table_option_i64(r->table, key_of(r, "length"), otherwise, 0, most, &g->length, err),
            err);
        SB_TRY(sb_table_option_bool(r->table, key_of(r, "var-len"), false, &g->var_len, err), err);
    }
    return type->count_children > 0 ? read_parts(r, g, err) : SB_OK;
}

static sb_status
read_gen(gen_reader *r, const sb_type *type, sb_field_gen *g, sb_error *err)
{
    *g = (sb_field_gen){.type = type};
    SB_TRY(sb_table_option_f64(r->table, key_of(r, "null-rate"), 0, 0, 1, &g->null_rate, err), err);
    if (g->null_rate > 0 && !type->nullable) {
        return sb_table_option_bad(r->table, r->key, "the column is NOT NULL", err);
    }
    if (sb_type_is_opaque(type)) {
        return sb_table_option_bad(r->table, key_of(r, "kind"), "this type cannot be generated",
                                   err);
    }
    const char *kind = sb_table_option(r->table, key_of(r, "kind"), "random");
    if (strcmp(kind, "sequence") == 0) {
        return read_sequence(r, g, err);
    }
    if (strcmp(kind, "random") != 0) {
        return sb_table_option_bad(r->table, r->key, "expected random or sequence", err);
    }
    return read_random(r, g, err);
}

sb_status
sb_field_gen_read(sb_arena *arena, const sb_table_desc *table, const sb_field *field,
                  sb_field_gen *out, sb_error *err)
{
    gen_reader r = {.arena = arena, .table = table};
    snprintf(r.path, sizeof r.path, "fields.%.100s", field->name);
    return read_gen(&r, &field->type, out, err);
}

int64_t
sb_field_gen_rows(const sb_field_gen *gen)
{
    int64_t rows = INT64_MAX;
    if (gen->sequence) {
        uint64_t span = (uint64_t)gen->end - (uint64_t)gen->start;
        rows = span >= INT64_MAX ? INT64_MAX : (int64_t)span + 1;
    }
    for (int32_t i = 0; gen->type->id == SB_TYPE_ROW && i < gen->count_parts; i++) {
        int64_t part = sb_field_gen_rows(&gen->parts[i]);
        rows = part < rows ? part : rows;
    }
    return rows;
}

void
sb_field_gen_seed(sb_field_gen *gen, uint64_t seed)
{
    gen->seed = sb_hash_mix(seed + SB_HASH_GAMMA);
    for (int32_t i = 0; i < gen->count_parts; i++) {
        sb_field_gen_seed(&gen->parts[i], gen->seed + (uint64_t)i * SB_HASH_GAMMA + 1);
    }
}

/* ---- values
 * ------------------------------------------------------------------------------------------------
 */

/* Draw k of row n. */
static inline uint64_t
draw(const sb_field_gen *gen, uint64_t n, uint64_t k)
{
    return sb_hash_mix(sb_hash_mix(gen->seed + n * SB_HASH_GAMMA) +
                       k * UINT64_C(0xD1342543DE82EF95));
}

/* 0 <= x < 1 */
static inline double
unit(uint64_t w)
{
    return (double)(w >> 11) * 0x1p-53;
}

/* A number of [lo, hi]. */
static inline int64_t
between(uint64_t w, int64_t lo, int64_t hi)
{
    uint64_t range = (uint64_t)hi - (uint64_t)lo + 1; /* 0: all of them */
    uint64_t offset = range ? (uint64_t)(((unsigned __int128)w * range) >> 64) : w;
    return (int64_t)((uint64_t)lo + offset);
}

static int64_t
length_of(const sb_field_gen *gen, uint64_t n)
{
    return gen->var_len && gen->length > 1 ? between(draw(gen, n, 1), 1, gen->length) : gen->length;
}

/* Hexadecimal digits, as Flink's random strings; bytes of any value. */
static void
append_random_text(const sb_field_gen *gen, uint64_t n, bool digits, sb_column_builder *to)
{
    int64_t size = length_of(gen, n);
    char small[16], *text = size > SB_VIEW_INLINE ? sb_column_heap(to, (size_t)size) : small;
    if (!text) {
        return;
    }
    uint64_t w = 0;
    for (int64_t i = 0; i < size; i++) {
        if (i % (digits ? 16 : 8) == 0) {
            w = draw(gen, n, 2 + (uint64_t)i);
        }
        text[i] = digits ? "0123456789abcdef"[w & 15] : (char)w;
        w >>= digits ? 4 : 8;
    }
    sb_column_view(to, size ? sb_view_make(text, (uint32_t)size) : (sb_view){.words = {0, 0}});
}

static void
append_decimal(const sb_field_gen *gen, uint64_t n, sb_column_builder *to)
{
    sb_int128 v;
    if (gen->sequence) {
        v = (sb_int128)((uint64_t)gen->start + n) * power_of_ten(gen->type->scale);
    } else {
        unsigned __int128 range = (unsigned __int128)(gen->max_d - gen->min_d) + 1;
        unsigned __int128 w = (unsigned __int128)draw(gen, n, 2) << 64 | draw(gen, n, 3);
        v = gen->min_d + (sb_int128)(w % range);
    }
    if (to->phys == SB_PHYS_I64) {
        sb_column_i64(to, (int64_t)v);
    } else {
        sb_column_value(to, &v);
    }
}

static void
append_timestamp(const sb_field_gen *gen, uint64_t n, int64_t now_us, sb_column_builder *to)
{
    static const int64_t units[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    int64_t us =
        now_us - (gen->max_past_ms > 0 ? between(draw(gen, n, 2), 0, gen->max_past_ms) * 1000 : 0);
    us -= us % units[gen->type->precision > 6 ? 6 : gen->type->precision];
    sb_column_i64(to, us);
}

static void
append_parts(const sb_field_gen *gen, uint64_t n, int64_t now_us, sb_column_builder *to)
{
    if (gen->type->id == SB_TYPE_ROW) {
        for (int32_t i = 0; i < gen->count_parts; i++) {
            sb_field_gen_append(&gen->parts[i], n, now_us, &to->children[i]);
        }
        sb_column_struct(to);
        return;
    }
    int64_t count = length_of(gen, n);
    sb_column_list_begin(to);
    for (int64_t k = 0; k < count; k++) {
        for (int32_t i = 0; i < gen->count_parts; i++) {
            sb_field_gen_append(&gen->parts[i], n * 1048583 + (uint64_t)k, now_us,
                                &to->children[i]);
        }
    }
    sb_column_list_end(to);
}

static void
append_sequence_text(const sb_field_gen *gen, uint64_t n, sb_column_builder *to)
{
    char text[SB_NUMBER_TEXT_MAX];
    int size = sb_fmt_print_i64(text, (int64_t)((uint64_t)gen->start + n));
    sb_column_bytes(to, text, (size_t)size);
}

void
sb_field_gen_append(const sb_field_gen *gen, uint64_t n, int64_t now_us, sb_column_builder *to)
{
    if (gen->null_rate > 0 && unit(draw(gen, n, 0)) < gen->null_rate) {
        sb_column_null(to);
        return;
    }
    int64_t next = (int64_t)((uint64_t)gen->start + n);
    switch ((sb_type_id)gen->type->id) {
    case SB_TYPE_BOOLEAN: sb_column_i64(to, (int64_t)(draw(gen, n, 2) & 1)); break;
    case SB_TYPE_FLOAT:
    case SB_TYPE_DOUBLE: {
        /* so weighted, the whole range of DOUBLE does not overflow */
        double u = unit(draw(gen, n, 2));
        sb_column_f64(to, gen->sequence ? (double)next : gen->min_f * (1 - u) + gen->max_f * u);
        break;
    }
    case SB_TYPE_DECIMAL: append_decimal(gen, n, to); break;
    case SB_TYPE_CHAR:
    case SB_TYPE_VARCHAR:
        if (gen->sequence) {
            append_sequence_text(gen, n, to);
            break;
        }
        append_random_text(gen, n, true, to);
        break;
    case SB_TYPE_BINARY:
    case SB_TYPE_VARBINARY: append_random_text(gen, n, false, to); break;
    case SB_TYPE_DATE: sb_column_i64(to, now_us / INT64_C(86400000000)); break;
    case SB_TYPE_TIME: sb_column_i64(to, now_us / 1000 % 86400000); break;
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: append_timestamp(gen, n, now_us, to); break;
    case SB_TYPE_ARRAY:
    case SB_TYPE_MAP:
    case SB_TYPE_MULTISET:
    case SB_TYPE_ROW: append_parts(gen, n, now_us, to); break;
    case SB_TYPE_NULL: sb_column_null(to); break;
    default:
        sb_column_i64(to, gen->sequence ? next : between(draw(gen, n, 2), gen->min, gen->max));
        break;
    }
}
