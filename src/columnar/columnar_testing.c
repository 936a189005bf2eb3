/*
 * columnar/columnar_testing.c -- random vectors and slow references for tests.
 *
 * THREADS    one thread at a time.
 */
#include "columnar/columnar_testing.h"

#include <stdio.h>
#include <string.h>

static const sb_field array_child[] = {
    {.name = "element", .type = {.id = SB_TYPE_INT, .nullable = true}}};
static const sb_field strings_child[] = {
    {.name = "element",
     .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}}};
static const sb_field map_children[] = {
    {.name = "key", .type = {.id = SB_TYPE_VARCHAR, .length = SB_LENGTH_MAX}},
    {.name = "value", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
};
static const sb_field row_children[] = {
    {.name = "x", .type = {.id = SB_TYPE_SMALLINT, .nullable = true}},
    {.name = "y", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = 100}},
    {.name = "z",
     .type = {.id = SB_TYPE_ARRAY, .nullable = true, .count_children = 1, .children = array_child}},
};
static const sb_field nested_child[] = {
    {.name = "element",
     .type = {.id = SB_TYPE_ROW, .nullable = true, .count_children = 3, .children = row_children}}};

static const sb_field fields[] = {
    {.name = "nul", .type = {.id = SB_TYPE_NULL, .nullable = true}},
    {.name = "bool", .type = {.id = SB_TYPE_BOOLEAN, .nullable = true}},
    {.name = "i8", .type = {.id = SB_TYPE_TINYINT, .nullable = true}},
    {.name = "i16", .type = {.id = SB_TYPE_SMALLINT, .nullable = true}},
    {.name = "i32", .type = {.id = SB_TYPE_INT, .nullable = true}},
    {.name = "i64", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "f32", .type = {.id = SB_TYPE_FLOAT, .nullable = true}},
    {.name = "f64", .type = {.id = SB_TYPE_DOUBLE, .nullable = true}},
    {.name = "dec", .type = {.id = SB_TYPE_DECIMAL, .nullable = true, .precision = 10, .scale = 2}},
    {.name = "big",
     .type = {.id = SB_TYPE_DECIMAL, .nullable = true, .precision = 38, .scale = 10}},
    {.name = "chars", .type = {.id = SB_TYPE_CHAR, .nullable = true, .length = 40}},
    {.name = "str", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "bytes", .type = {.id = SB_TYPE_VARBINARY, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "date", .type = {.id = SB_TYPE_DATE, .nullable = true}},
    {.name = "time", .type = {.id = SB_TYPE_TIME, .nullable = true, .precision = 3}},
    {.name = "ts", .type = {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 3}},
    {.name = "ts9", .type = {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 9}},
    {.name = "ltz", .type = {.id = SB_TYPE_TIMESTAMP_LTZ, .nullable = true, .precision = 6}},
    {.name = "months", .type = {.id = SB_TYPE_INTERVAL_MONTH, .nullable = true}},
    {.name = "millis", .type = {.id = SB_TYPE_INTERVAL_DAY, .nullable = true}},
    {.name = "ints",
     .type = {.id = SB_TYPE_ARRAY, .nullable = true, .count_children = 1, .children = array_child}},
    {.name = "map",
     .type = {.id = SB_TYPE_MAP, .nullable = true, .count_children = 2, .children = map_children}},
    {.name = "bag",
     .type = {.id = SB_TYPE_MULTISET,
              .nullable = true,
              .count_children = 1,
              .children = strings_child}},
    {.name = "row",
     .type = {.id = SB_TYPE_ROW, .nullable = true, .count_children = 3, .children = row_children}},
    {.name = "rows",
     .type =
         {.id = SB_TYPE_ARRAY, .nullable = true, .count_children = 1, .children = nested_child}},
    {.name = "variant", .type = {.id = SB_TYPE_VARIANT, .nullable = true}},
    {.name = "bitmap", .type = {.id = SB_TYPE_BITMAP, .nullable = true}},
};

const sb_schema sb_testing_schema = {.count = sizeof fields / sizeof *fields, .fields = fields};

uint64_t
sb_testing_random(uint64_t *state)
{
    /* xorshift64*, Vigna 2016 */
    uint64_t x = *state ? *state : 88172645463325252u;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(0x2545F4914F6CDD1D);
}

static int
below(uint64_t *state, int limit)
{
    return (int)((sb_testing_random(state) >> 33) % (uint64_t)limit);
}

static void
append_string(sb_column_builder *c, uint64_t *state)
{
    static const char text[] =
        "the quick brown fox jumps over the lazy dog and runs away 0123456789";
    static const int sizes[] = {0, 1, 4, 11, 12, 13, 16, 17, 60};
    int size = sizes[below(state, 9)], at = below(state, 4);
    sb_column_bytes(c, text + at, (size_t)size);
}

static void
append_i128(sb_column_builder *c, uint64_t *state)
{
    sb_int128 v = (sb_int128)(below(state, 5) - 2) * ((sb_int128)1 << 90) + below(state, 5) - 2;
    sb_column_value(c, &v);
}

static void
append_double(sb_column_builder *c, uint64_t *state)
{
    static const double values[] = {0.0, -0.0, 1.5, -1.5, 1e300, -1e-30};
    static const uint64_t nans[] = {0x7FF8000000000000, 0xFFF8000000000001, 0x7FF0000000000000,
                                    0xFFF0000000000000};
    int pick = below(state, 10);
    double v = pick < 6 ? values[pick] : 0;
    if (pick >= 6) {
        memcpy(&v, &nans[pick - 6], sizeof v);
    }
    sb_column_f64(c, v);
}

static void
append_nested(sb_column_builder *c, uint64_t *state, int nulls)
{
    if (c->phys == SB_PHYS_LIST) {
        int count = below(state, 4);
        sb_column_list_begin(c);
        for (int k = 0; k < c->count_children; k++) {
            for (int i = 0; i < count; i++) {
                sb_testing_append(&c->children[k], state,
                                  c->type->children[k].type.nullable ? nulls : 0);
            }
        }
        sb_column_list_end(c);
        return;
    }
    for (int k = 0; k < c->count_children; k++) {
        sb_testing_append(&c->children[k], state, nulls);
    }
    sb_column_struct(c);
}

void
sb_testing_append(sb_column_builder *c, uint64_t *state, int nulls)
{
    if (c->phys == SB_PHYS_NULL || (nulls > 0 && below(state, nulls) == 0)) {
        sb_column_null(c);
        return;
    }
    switch ((sb_phys)c->phys) {
    case SB_PHYS_BOOL: sb_column_i64(c, below(state, 2)); break;
    case SB_PHYS_I8:
    case SB_PHYS_I16: sb_column_i64(c, below(state, 7) - 3); break;
    case SB_PHYS_I32: sb_column_i64(c, below(state, 7) * 10000 - 30000); break;
    case SB_PHYS_I64: sb_column_i64(c, (below(state, 7) - 3) * INT64_C(123456789012)); break;
    case SB_PHYS_F32:
    case SB_PHYS_F64: append_double(c, state); break;
    case SB_PHYS_I128: append_i128(c, state); break;
    case SB_PHYS_TSNS: {
        sb_ts_ns v = {.us = below(state, 5) - 2, .ns = below(state, 3) * 400};
        sb_column_value(c, &v);
        break;
    }
    case SB_PHYS_VIEW: append_string(c, state); break;
    case SB_PHYS_LIST:
    case SB_PHYS_STRUCT: append_nested(c, state, nulls); break;
    case SB_PHYS_NULL:
    case SB_PHYS_COUNT: break;
    }
}

sb_vector *
sb_testing_vector(sb_mem *mem, const sb_type *type, int32_t length, uint64_t *state, int nulls)
{
    sb_column_builder c;
    sb_status status = sb_column_builder_init(&c, mem, type, NULL);
    sb_assert(status == SB_OK);
    for (int32_t i = 0; i < length; i++) {
        sb_testing_append(&c, state, nulls);
    }
    sb_vector *v = sb_column_finish(&c, NULL);
    sb_assert(v);
    sb_column_builder_deinit(&c);
    return v;
}

sb_vector *
sb_testing_as_dict(sb_mem *mem, sb_vector *flat, uint64_t *state)
{
    /* The dictionary is the vector backwards, without its NULLs, each value once or twice. */
    int32_t *rows = sb_alloc(mem, sizeof *rows * 2 * (size_t)(flat->length + 1));
    int32_t count = 0;
    sb_vector *v = sb_vector_alloc(mem, flat->type, 0, false);
    sb_assert(rows && v);
    v->length = flat->length;
    sb_buffer_unref(v->own_values);
    v->own_values = sb_buffer_new(mem, (int64_t)sizeof(int32_t) * flat->length);
    v->own_validity = sb_buffer_new(mem, sb_bits_bytes(flat->length));
    sb_assert(v->own_values && v->own_validity);
    memset(v->own_validity->data, 0xFF, (size_t)v->own_validity->size);
    v->values = v->own_values->data;
    v->validity = (const uint64_t *)(const void *)v->own_validity->data;
    int32_t *codes = sb_vector_values_mut(v);
    for (int32_t i = flat->length - 1; i >= 0; i--) {
        codes[i] = 0;
        if (!sb_vector_valid(flat, i)) {
            sb_bit_clear(sb_vector_validity_mut(v), i);
            continue;
        }
        rows[count++] = i;
        if (below(state, 2)) {
            rows[count++] = i;
        }
        codes[i] = count - 1;
    }
    if (count == 0 && flat->length > 0) {
        rows[count++] = 0; /* code 0 must exist */
    }
    v->dict = sb_vector_gather(mem, flat, rows, count);
    sb_assert(v->dict);
    v->encoding = SB_DICT;
    sb_free(mem, rows, sizeof *rows * 2 * (size_t)(flat->length + 1));
    return v;
}

sb_vector *
sb_testing_as_const(sb_mem *mem, sb_vector *flat, int32_t row, int32_t length)
{
    sb_vector *v = sb_vector_gather(mem, flat, &row, 1);
    sb_assert(v);
    v->encoding = SB_CONST;
    v->length = length;
    return v;
}

int64_t
sb_testing_fail_each_allocation(sb_status (*body)(sb_mem *mem, void *ctx, sb_error *err), void *ctx)
{
    for (int64_t n = 1;; n++) {
        sb_error err;
        sb_error_clear(&err);
        sb_mem *mem = sb_mem_new(NULL, "test", 0);
        sb_mem_fail_after(n);
        sb_status status = body(mem, ctx, &err);
        int64_t counted = sb_mem_fail_after(0);
        sb_assert(sb_mem_used(mem) == 0);
        sb_mem_unref(mem);
        if (counted < n) {
            sb_assert(status == SB_OK);
            return n - 1;
        }
        sb_assert(status == SB_STATUS_NOMEM);
    }
}

/* ---- slow equality
 * ------------------------------------------------------------------------------ */

static bool
is_null(const sb_vector *v, int32_t row)
{
    const uint8_t *bits = (const uint8_t *)v->validity;
    row = v->encoding == SB_CONST ? 0 : row;
    return v->type->id == SB_TYPE_NULL || (bits && !(bits[row / 8] & (1 << (row % 8))));
}

static void
locate(const sb_vector **v, int32_t *row)
{
    if ((*v)->encoding == SB_CONST) {
        *row = 0;
    } else if ((*v)->encoding == SB_DICT) {
        *row = ((const int32_t *)(*v)->values)[*row];
        *v = (*v)->dict;
    }
}

static bool
same_string(const sb_view *a, const sb_view *b)
{
    if (a->small.size != b->small.size) {
        return false;
    }
    for (uint32_t i = 0; i < a->small.size; i++) {
        char ca = a->small.size <= 12 ? a->small.data[i] : a->large.data[i];
        char cb = b->small.size <= 12 ? b->small.data[i] : b->large.data[i];
        if (ca != cb) {
            return false;
        }
    }
    return true;
}

static bool
same_float(double a, double b)
{
    return a != a || b != b ? (a != a) == (b != b)
                            : a == b && !__builtin_signbit(a) == !__builtin_signbit(b);
}

bool
sb_testing_equal(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b)
{
    if (is_null(a, row_a) || is_null(b, row_b)) {
        return is_null(a, row_a) == is_null(b, row_b);
    }
    locate(&a, &row_a);
    locate(&b, &row_b);
    switch ((sb_phys)a->phys) {
    case SB_PHYS_BOOL:
    case SB_PHYS_I8:
        return ((const int8_t *)a->values)[row_a] == ((const int8_t *)b->values)[row_b];
    case SB_PHYS_I16:
        return ((const int16_t *)a->values)[row_a] == ((const int16_t *)b->values)[row_b];
    case SB_PHYS_I32:
        return ((const int32_t *)a->values)[row_a] == ((const int32_t *)b->values)[row_b];
    case SB_PHYS_I64:
        return ((const int64_t *)a->values)[row_a] == ((const int64_t *)b->values)[row_b];
    case SB_PHYS_I128:
        return ((const sb_int128 *)a->values)[row_a] == ((const sb_int128 *)b->values)[row_b];
    case SB_PHYS_F32:
        return same_float((double)((const float *)a->values)[row_a],
                          (double)((const float *)b->values)[row_b]);
    case SB_PHYS_F64:
        return same_float(((const double *)a->values)[row_a], ((const double *)b->values)[row_b]);
    case SB_PHYS_TSNS: {
        sb_ts_ns ta = ((const sb_ts_ns *)a->values)[row_a],
                 tb = ((const sb_ts_ns *)b->values)[row_b];
        return ta.us == tb.us && ta.ns == tb.ns;
    }
    case SB_PHYS_VIEW:
        return same_string((const sb_view *)a->values + row_a, (const sb_view *)b->values + row_b);
    case SB_PHYS_STRUCT:
    case SB_PHYS_LIST: break;
    case SB_PHYS_NULL:
    case SB_PHYS_COUNT: return true;
    }
    sb_list_entry la = {row_a, 1}, lb = {row_b, 1};
    if (a->phys == SB_PHYS_LIST) {
        la = ((const sb_list_entry *)a->values)[row_a];
        lb = ((const sb_list_entry *)b->values)[row_b];
    }
    if (la.count != lb.count) {
        return false;
    }
    for (int32_t k = 0; k < a->count_children; k++) {
        for (int32_t i = 0; i < la.count; i++) {
            if (!sb_testing_equal(a->children[k], la.offset + i, b->children[k], lb.offset + i)) {
                return false;
            }
        }
    }
    return true;
}
