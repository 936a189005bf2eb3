/*
 * connectors/print/java_text.c -- values as Java's toString gives them.
 */
#include "connectors/print/java_text.h"

#include <string.h>

#include "formats/number_text.h"
#include "formats/time_text.h"
#include "kernels/bitmap.h"
#include "kernels/number.h"
#include "kernels/variant.h"

/* The fraction in three, six or nine digits, as LocalTime and Instant write it. */
static void
add_fraction(sb_text *out, int32_t ns)
{
    if (ns == 0) {
        return;
    }
    if (ns % 1000000 == 0) {
        sb_text_printf(out, ".%03d", ns / 1000000);
    } else if (ns % 1000 == 0) {
        sb_text_printf(out, ".%06d", ns / 1000);
    } else {
        sb_text_printf(out, ".%09d", ns);
    }
}

/* LocalTime.toString leaves zero seconds out, Instant.toString does not. */
static void
add_clock(sb_text *out, int64_t seconds, int32_t ns, bool always_seconds)
{
    sb_text_printf(out, "%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60));
    if (always_seconds || seconds % 60 != 0 || ns != 0) {
        sb_text_printf(out, ":%02d", (int)(seconds % 60));
        add_fraction(out, ns);
    }
}

static void
add_date(sb_text *out, int64_t days)
{
    char *at = sb_text_reserve(out, SB_TIME_TEXT_MAX);
    if (at) {
        out->size += (size_t)sb_fmt_print_date(at, days);
        out->data[out->size] = 0;
    }
}

static void
add_timestamp(sb_text *out, sb_ts_ns ts, bool instant)
{
    const int64_t day = INT64_C(86400000000);
    int64_t days = ts.us / day, us = ts.us % day;
    if (us < 0) {
        us += day;
        days--;
    }
    add_date(out, days);
    sb_text_char(out, 'T');
    add_clock(out, us / 1000000, (int32_t)(us % 1000000 * 1000) + ts.ns, instant);
    if (instant) {
        sb_text_char(out, 'Z');
    }
}

static void
add_nested(const sb_vector *v, int32_t row, sb_text *out)
{
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
    int32_t index = sb_vector_index(v, row);
    if (v->phys == SB_PHYS_STRUCT) {
        sb_text_add(out, "+I[");
        for (int32_t i = 0; i < flat->count_children; i++) {
            sb_text_add(out, i ? ", " : "");
            sb_java_text(flat->children[i], index, out);
        }
        sb_text_char(out, ']');
        return;
    }
    sb_list_entry entry = ((const sb_list_entry *)flat->values)[index];
    bool map = v->type->id != SB_TYPE_ARRAY;
    sb_text_char(out, map ? '{' : '[');
    for (int32_t i = entry.offset; i < entry.offset + entry.count; i++) {
        sb_text_add(out, i > entry.offset ? ", " : "");
        sb_java_text(flat->children[0], i, out);
        if (map && flat->count_children > 1) {
            sb_text_char(out, '=');
            sb_java_text(flat->children[1], i, out);
        }
    }
    sb_text_char(out, map ? '}' : ']');
}

static void
add_bytes(const sb_view *view, sb_text *out)
{
    const char *data = sb_view_data(view);
    sb_text_char(out, '[');
    for (uint32_t i = 0; i < sb_view_size(view); i++) {
        sb_text_printf(out, i ? ", %d" : "%d", (int)(signed char)data[i]);
    }
    sb_text_char(out, ']');
}

static void
add_number(const sb_vector *v, const void *value, sb_text *out)
{
    char *at = sb_text_reserve(out, SB_NUMBER_TEXT_MAX);
    int size = 0;
    if (!at) {
        return;
    }
    switch ((sb_type_id)v->type->id) {
    case SB_TYPE_TINYINT: size = sb_fmt_print_i64(at, *(const int8_t *)value); break;
    case SB_TYPE_SMALLINT: size = sb_fmt_print_i64(at, *(const int16_t *)value); break;
    case SB_TYPE_FLOAT: size = (int)sb_float_print(at, *(const float *)value); break;
    case SB_TYPE_DOUBLE: size = (int)sb_double_print(at, *(const double *)value); break;
    case SB_TYPE_DECIMAL:
        size = sb_fmt_print_decimal(at, sb_fmt_decimal_at((sb_phys)v->phys, value), v->type->scale,
                                    SB_DECIMAL_JAVA);
        break;
    default:
        size = sb_fmt_print_i64(at, v->phys == SB_PHYS_I64 ? *(const int64_t *)value
                                                           : *(const int32_t *)value);
        break;
    }
    out->size += (size_t)size;
    out->data[out->size] = 0;
}

/* Period.toString: P1Y2M; Duration.toString: PT1H2M3.5S. */
static void
add_interval(const sb_vector *v, const void *value, sb_text *out)
{
    if (v->type->id == SB_TYPE_INTERVAL_MONTH) {
        int32_t months = *(const int32_t *)value;
        sb_text_char(out, 'P');
        if (months / 12) {
            sb_text_printf(out, "%dY", months / 12);
        }
        if (months % 12) {
            sb_text_printf(out, "%dM", months % 12);
        }
        sb_text_add(out, months ? "" : "0D");
        return;
    }
    int64_t ms = *(const int64_t *)value, seconds = ms / 1000, fraction = ms % 1000;
    int64_t hours = seconds / 3600, minutes = seconds / 60 % 60;
    sb_text_add(out, "PT");
    if (hours) {
        sb_text_printf(out, "%lldH", (long long)hours);
    }
    if (minutes) {
        sb_text_printf(out, "%lldM", (long long)minutes);
    }
    if (seconds % 60 || fraction || !ms) {
        sb_text_printf(out, "%s%lld", ms < 0 && seconds % 60 == 0 && fraction ? "-" : "",
                       (long long)(seconds % 60));
        if (fraction) {
            int64_t digits = fraction < 0 ? -fraction : fraction;
            int width = digits % 100 == 0 ? 1 : digits % 10 == 0 ? 2 : 3;
            sb_text_printf(out, ".%0*lld", width,
                           (long long)(width == 1   ? digits / 100
                                       : width == 2 ? digits / 10
                                                    : digits));
        }
        sb_text_char(out, 'S');
    }
}

void
sb_java_text(const sb_vector *v, int32_t row, sb_text *out)
{
    if (!sb_vector_valid(v, row)) {
        sb_text_append(out, "null", 4);
        return;
    }
    if (v->phys == SB_PHYS_STRUCT || v->phys == SB_PHYS_LIST) {
        add_nested(v, row, out);
        return;
    }
    const void *value = sb_vector_at(v, row);
    const sb_view *view = value;
    switch ((sb_type_id)v->type->id) {
    case SB_TYPE_BOOLEAN: sb_text_add(out, *(const uint8_t *)value ? "true" : "false"); break;
    case SB_TYPE_CHAR:
    case SB_TYPE_VARCHAR: sb_text_append(out, sb_view_data(view), sb_view_size(view)); break;
    case SB_TYPE_BINARY:
    case SB_TYPE_VARBINARY: add_bytes(view, out); break;
    case SB_TYPE_VARIANT:
        sb_variant_write_json((sb_str){sb_view_data(view), sb_view_size(view)}, out);
        break;
    case SB_TYPE_BITMAP:
        sb_bitmap_print((sb_str){sb_view_data(view), sb_view_size(view)}, out);
        break;
    case SB_TYPE_DATE: add_date(out, *(const int32_t *)value); break;
    case SB_TYPE_TIME:
        add_clock(out, *(const int32_t *)value / 1000, *(const int32_t *)value % 1000 * 1000000,
                  false);
        break;
    case SB_TYPE_TIMESTAMP:
        add_timestamp(out, sb_fmt_timestamp_at((sb_phys)v->phys, value), false);
        break;
    case SB_TYPE_TIMESTAMP_LTZ:
        add_timestamp(out, sb_fmt_timestamp_at((sb_phys)v->phys, value), true);
        break;
    case SB_TYPE_INTERVAL_MONTH:
    case SB_TYPE_INTERVAL_DAY: add_interval(v, value, out); break;
    default: add_number(v, value, out); break;
    }
}
