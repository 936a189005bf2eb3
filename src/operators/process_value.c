/*
 * operators/process_value.c -- see process_value.h.
 */
#include "operators/process_value.h"

#include <string.h>

bool
sb_process_is_flat(sb_phys phys)
{
    return phys != SB_PHYS_LIST && phys != SB_PHYS_STRUCT;
}

static sabot_value
wide_value(sb_phys phys, const void *at)
{
    sabot_value v = {.kind = SABOT_VALUE_WIDE};
    if (phys == SB_PHYS_I128) {
        sb_int128 wide;
        memcpy(&wide, at, sizeof wide);
        v.as.wide.low = (uint64_t)wide;
        v.as.wide.high = (int64_t)(wide >> 64);
    } else {
        sb_ts_ns ts;
        memcpy(&ts, at, sizeof ts);
        v.as.wide.high = ts.us;
        v.as.wide.low = (uint64_t)ts.ns;
    }
    return v;
}

sabot_value
sb_process_vector_value(const sb_vector *vector, int32_t row)
{
    if (!sb_vector_valid(vector, row)) {
        return sabot_null();
    }
    const void *at = sb_vector_at(vector, row);
    switch ((sb_phys)vector->phys) {
    case SB_PHYS_BOOL: return sabot_int(*(const uint8_t *)at);
    case SB_PHYS_I8: return sabot_int(*(const int8_t *)at);
    case SB_PHYS_I16: return sabot_int(*(const int16_t *)at);
    case SB_PHYS_I32: return sabot_int(*(const int32_t *)at);
    case SB_PHYS_I64: return sabot_int(*(const int64_t *)at);
    case SB_PHYS_F32: return sabot_double((double)*(const float *)at);
    case SB_PHYS_F64: return sabot_double(*(const double *)at);
    case SB_PHYS_I128:
    case SB_PHYS_TSNS: return wide_value((sb_phys)vector->phys, at);
    case SB_PHYS_VIEW: return sabot_bytes(sb_view_data(at), sb_view_size(at));
    default: return sabot_null();
    }
}

/* A field of a row in a table; bytes point into the row. */
sabot_value
sb_process_row_value(const sb_row_layout *layout, uint8_t *row, int32_t field)
{
    if (sb_row_is_null(row, field)) {
        return sabot_null();
    }
    sb_phys phys = sb_type_phys(&layout->schema->fields[field].type);
    const char *slot = sb_row_slot(layout, row, field);
    int64_t i64;
    float f32;
    double f64;
    memcpy(&i64, slot, sizeof i64);
    switch (phys) {
    case SB_PHYS_F32: memcpy(&f32, slot, sizeof f32); return sabot_double((double)f32);
    case SB_PHYS_F64: memcpy(&f64, slot, sizeof f64); return sabot_double(f64);
    case SB_PHYS_I128:
    case SB_PHYS_TSNS: return wide_value(phys, slot);
    case SB_PHYS_VIEW: {
        sb_view view = sb_row_view(layout, row, field);
        bool is_inline = sb_view_size(&view) <= SB_VIEW_INLINE;
        return sabot_bytes(is_inline ? slot + offsetof(sb_view, small.data) : view.large.data,
                           sb_view_size(&view));
    }
    default: return sabot_int(i64);
    }
}

static bool
fits_integer(const sb_type *type, int64_t v)
{
    static const int64_t powers[] = {1,
                                     10,
                                     100,
                                     1000,
                                     10000,
                                     100000,
                                     1000000,
                                     10000000,
                                     100000000,
                                     1000000000,
                                     10000000000,
                                     100000000000,
                                     1000000000000,
                                     10000000000000,
                                     100000000000000,
                                     1000000000000000,
                                     10000000000000000,
                                     100000000000000000,
                                     1000000000000000000};
    switch (type->id) {
    case SB_TYPE_BOOLEAN: return v == 0 || v == 1;
    case SB_TYPE_TINYINT: return v >= INT8_MIN && v <= INT8_MAX;
    case SB_TYPE_SMALLINT: return v >= INT16_MIN && v <= INT16_MAX;
    case SB_TYPE_TIME: return v >= 0 && v < 86400000;
    case SB_TYPE_DECIMAL:
        return type->precision > 18 ||
               (v > -powers[type->precision] && v < powers[type->precision]);
    case SB_TYPE_INT:
    case SB_TYPE_DATE:
    case SB_TYPE_INTERVAL_MONTH: return v >= INT32_MIN && v <= INT32_MAX;
    default: return true;
    }
}

static sabot_value_kind
kind_of(sb_phys phys)
{
    switch (phys) {
    case SB_PHYS_F32:
    case SB_PHYS_F64: return SABOT_VALUE_DOUBLE;
    case SB_PHYS_VIEW: return SABOT_VALUE_BYTES;
    case SB_PHYS_I128:
    case SB_PHYS_TSNS: return SABOT_VALUE_WIDE;
    default: return SABOT_VALUE_INT;
    }
}

const char *
sb_process_value_problem(const sb_type *type, const sabot_value *v)
{
    sb_phys phys = sb_type_phys(type);
    if (v->kind == SABOT_VALUE_NULL) {
        return type->nullable ? NULL : "NULL";
    }
    if (v->kind != kind_of(phys)) {
        return "value of the wrong kind";
    }
    bool fits = v->kind == SABOT_VALUE_INT     ? fits_integer(type, v->as.i64)
                : v->kind == SABOT_VALUE_BYTES ? v->as.bytes.size <= INT32_MAX
                : phys == SB_PHYS_TSNS         ? v->as.wide.low < 1000
                                               : true;
    return fits ? NULL : "value out of range";
}

/* TIMESTAMP(p) keeps p digits of the second. */
int64_t
sb_process_cut_timestamp(const sb_type *type, int64_t us)
{
    static const int64_t units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    if (!sb_type_is_timestamp(type) || type->precision >= 6) {
        return us;
    }
    int64_t unit = units[type->precision], rest = us % unit;
    return us - (rest < 0 ? rest + unit : rest);
}

/* One physical value as it lies in memory; 16 bytes at most. */
void
sb_process_store_value(const sb_type *type, const sabot_value *v, void *out)
{
    sb_phys phys = sb_type_phys(type);
    if (phys == SB_PHYS_F32) {
        float f32 = (float)v->as.f64;
        memcpy(out, &f32, sizeof f32);
    } else if (phys == SB_PHYS_F64) {
        memcpy(out, &v->as.f64, sizeof v->as.f64);
    } else if (phys == SB_PHYS_VIEW) {
        sb_view view = sb_view_make(v->as.bytes.data, (uint32_t)v->as.bytes.size);
        memcpy(out, &view, sizeof view);
    } else if (phys == SB_PHYS_I128) {
        sb_int128 wide =
            (sb_int128)(((unsigned __int128)(uint64_t)v->as.wide.high << 64) | v->as.wide.low);
        memcpy(out, &wide, sizeof wide);
    } else if (phys == SB_PHYS_TSNS) {
        sb_ts_ns ts = {.us = v->as.wide.high, .ns = (int32_t)v->as.wide.low};
        memcpy(out, &ts, sizeof ts);
    } else {
        /* little-endian: narrow values are its first bytes */
        int64_t i64 = sb_process_cut_timestamp(type, v->as.i64);
        memcpy(out, &i64, (size_t)sb_phys_size(phys));
    }
}
