/*
 * columnar/arrow_import.c -- batches in through the Arrow C Data interface.
 *
 * DESIGN     The array moves into a foreign buffer (the *holder*) that every vector using its
 *            memory refers to; the last one releases the array. Values are shared where layout and
 *            alignment agree, else converted. Validity is always copied: Arrow's bitmaps may start
 *            at any bit and end at any byte. A slice of a parent shifts its children: `at` is the
 *            first row wanted, the array's own offset included.
 * OWNERSHIP  See the header.
 * THREADS    T:any; the array may be released on another thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columnar/arrow.h"
#include "columnar/gather.h"

typedef struct import {
    sb_mem *mem;
    sb_buffer *holder;  /* the whole array */
    const char *column; /* for messages */
    sb_error *err;
} import;

/* One array, or a part of it, and what it shall become. */
typedef struct source {
    const struct ArrowSchema *schema;
    const struct ArrowArray *array;
    const sb_type *type;
    int64_t at; /* first row in the buffers */
    int32_t count;
} source;

static sb_status import_vector(import *im, const source *in, sb_vector **out);

static sb_status
mismatch(import *im, const source *in)
{
    sb_text text;
    sb_text_init(&text, im->mem);
    sb_type_print(in->type, &text);
    sb_error_set(im->err, SB_STATUS_SEMANTIC, __FILE__, __LINE__,
                 "column '%s': Arrow type '%s' cannot be taken as %s", im->column,
                 in->schema->format, text.data);
    sb_text_deinit(&text);
    return SB_STATUS_SEMANTIC;
}

static sb_status
broken(import *im, const char *what)
{
    SB_FAIL(im->err, SB_STATUS_INVALID, "column '%s': the Arrow array is broken: %s", im->column,
            what);
}

static sb_status
no_memory(import *im)
{
    SB_NOMEM(im->err);
}

/* ---- validity
 * ----------------------------------------------------------------------------------- */

static bool
arrow_bit(const void *bits, int64_t i)
{
    return (((const uint8_t *)bits)[i >> 3] >> (i & 7)) & 1;
}

/* Copies the bitmap; drops it when nothing is NULL. */
static sb_status
import_validity(import *im, const source *in, sb_vector *v)
{
    const void *bits = in->array->n_buffers > 0 ? in->array->buffers[0] : NULL;
    if (!bits || in->array->null_count == 0 || in->count == 0) {
        return SB_OK;
    }
    v->own_validity = sb_buffer_new(im->mem, sb_bits_bytes(in->count));
    if (!v->own_validity) {
        return no_memory(im);
    }
    memset(v->own_validity->data, 0, (size_t)v->own_validity->size);
    uint64_t *to = (uint64_t *)(void *)v->own_validity->data;
    int64_t valid = 0;
    for (int32_t i = 0; i < in->count; i++) {
        uint64_t bit = arrow_bit(bits, in->at + i);
        to[i >> 6] |= bit << (i & 63);
        valid += (int64_t)bit;
    }
    if (valid == in->count) {
        sb_buffer_unref(v->own_validity);
        v->own_validity = NULL;
        return SB_OK;
    }
    v->validity = to;
    v->pinned_bytes += v->own_validity->size;
    return SB_OK;
}

/* ---- fixed values
 * ------------------------------------------------------------------------------- */

static const char *
values_of(const source *in, size_t width)
{
    static const char nothing[16] = {0};
    const char *values = in->array->n_buffers > 1 ? in->array->buffers[1] : NULL;
    return values ? values + (size_t)in->at * width : nothing;
}

/* Shares the buffer if it is aligned for the type. */
static sb_status
share_values(import *im, const source *in, sb_vector *v)
{
    size_t width = (size_t)sb_phys_size((sb_phys)v->phys);
    const char *values = values_of(in, width);
    if ((uintptr_t)values % width == 0) {
        v->values = values;
        v->own_values = sb_buffer_ref(im->holder);
        v->pinned_bytes += (int64_t)width * in->count;
        return SB_OK;
    }
    v->own_values = sb_buffer_new(im->mem, (int64_t)width * in->count);
    if (!v->own_values) {
        return no_memory(im);
    }
    memcpy(v->own_values->data, values, width * (size_t)in->count);
    v->values = v->own_values->data;
    v->pinned_bytes += v->own_values->size;
    return SB_OK;
}

static void *
new_values(import *im, const source *in, sb_vector *v)
{
    v->own_values = sb_buffer_new(im->mem, (int64_t)sb_phys_size((sb_phys)v->phys) * in->count);
    if (!v->own_values) {
        no_memory(im);
        return NULL;
    }
    v->values = v->own_values->data;
    v->pinned_bytes += v->own_values->size;
    return v->own_values->data;
}

static int64_t
load_whole(const char *values, char format, int64_t i)
{
    union {
        int8_t i8;
        uint8_t u8;
        int16_t i16;
        uint16_t u16;
        int32_t i32;
        uint32_t u32;
        int64_t i64;
    } v;

    switch (format) {
    case 'c': memcpy(&v, values + i, 1); return v.i8;
    case 'C': memcpy(&v, values + i, 1); return v.u8;
    case 's': memcpy(&v, values + i * 2, 2); return v.i16;
    case 'S': memcpy(&v, values + i * 2, 2); return v.u16;
    case 'i': memcpy(&v, values + i * 4, 4); return v.i32;
    case 'I': memcpy(&v, values + i * 4, 4); return v.u32;
    default: memcpy(&v, values + i * 8, 8); return v.i64;
    }
}

static size_t
whole_width(char format)
{
    return strchr("cC", format) ? 1 : strchr("sS", format) ? 2 : strchr("iI", format) ? 4 : 8;
}

/* Any integer format into BOOL..I64 of a type that is as wide. */
static sb_status
widen_values(import *im, const source *in, sb_vector *v, char format)
{
    void *out = new_values(im, in, v);
    if (!out) {
        return SB_STATUS_NOMEM;
    }
    const char *values = values_of(in, whole_width(format));
    for (int32_t i = 0; i < in->count; i++) {
        int64_t value = load_whole(values, format, i);
        switch ((sb_phys)v->phys) {
        case SB_PHYS_I16: ((int16_t *)out)[i] = (int16_t)value; break;
        case SB_PHYS_I32: ((int32_t *)out)[i] = (int32_t)value; break;
        case SB_PHYS_I128: ((sb_int128 *)out)[i] = (uint64_t)value; break; /* uint64 */
        default: ((int64_t *)out)[i] = value;
        }
    }
    return SB_OK;
}

static sb_status
import_bools(import *im, const source *in, sb_vector *v)
{
    const void *bits = in->array->n_buffers > 1 ? in->array->buffers[1] : NULL;
    uint8_t *out = new_values(im, in, v);
    if (!out) {
        return SB_STATUS_NOMEM;
    }
    for (int32_t i = 0; i < in->count; i++) {
        out[i] = bits ? arrow_bit(bits, in->at + i) : 0;
    }
    return SB_OK;
}

static sb_status
import_decimals(import *im, const source *in, sb_vector *v)
{
    int precision = 0, scale = 0;
    sscanf(in->schema->format, "d:%d,%d", &precision, &scale);
    if (scale != in->type->scale) {
        return mismatch(im, in);
    }
    if (v->phys == SB_PHYS_I128) {
        return share_values(im, in, v);
    }
    const char *values = values_of(in, 16);
    int64_t *out = new_values(im, in, v);
    if (!out) {
        return SB_STATUS_NOMEM;
    }
    for (int32_t i = 0; i < in->count; i++) {
        sb_int128 value;
        memcpy(&value, values + (size_t)i * 16, sizeof value);
        out[i] = (int64_t)value;
        if (value != out[i]) {
            if (sb_vector_valid(v, i)) {
                SB_FAIL(im->err, SB_STATUS_DATA, "column '%s': a decimal has more than %d digits",
                        im->column, in->type->precision);
            }
            out[i] = 0;
        }
    }
    return SB_OK;
}

/* ---- temporal values
 * ---------------------------------------------------------------------------- */

static int64_t
floor_div(int64_t v, int64_t by)
{
    return v / by - (v % by < 0);
}

/* value * from / to without overflow; false if it does not fit. */
static bool
rescale(int64_t value, int64_t from, int64_t to, int64_t *out)
{
    if (from >= to) {
        *out = floor_div(value, from / to);
        return true;
    }
    return !__builtin_mul_overflow(value, to / from, out);
}

static int64_t
units_per_second(char unit)
{
    return unit == 's' ? 1 : unit == 'm' ? 1000 : unit == 'u' ? 1000000 : 1000000000;
}

static bool
store_temporal(sb_vector *v, void *out, int32_t i, int64_t value, int64_t unit)
{
    int64_t scaled = 0;
    bool fits;
    switch (v->type->id) {
    case SB_TYPE_DATE: /* from milliseconds */
        scaled = floor_div(value, 86400000);
        fits = scaled == (int32_t)scaled;
        ((int32_t *)out)[i] = (int32_t)scaled;
        return fits;
    case SB_TYPE_TIME:
        fits = rescale(value, unit, 1000, &scaled) && scaled >= 0 && scaled < 86400000;
        ((int32_t *)out)[i] = fits ? (int32_t)scaled : 0;
        return fits;
    case SB_TYPE_INTERVAL_DAY:
        fits = rescale(value, unit, 1000, &scaled);
        ((int64_t *)out)[i] = fits ? scaled : 0;
        return fits;
    default: break;
    }
    fits = rescale(value, unit, 1000000, &scaled);
    if (v->phys == SB_PHYS_TSNS) {
        int32_t ns = unit == 1000000000 ? (int32_t)(value - scaled * 1000) : 0;
        ((sb_ts_ns *)out)[i] = (sb_ts_ns){.us = fits ? scaled : 0, .ns = ns};
    } else {
        ((int64_t *)out)[i] = fits ? scaled : 0;
    }
    return fits;
}

static sb_status
convert_temporal(import *im, const source *in, sb_vector *v, bool wide, int64_t unit)
{
    const char *values = values_of(in, wide ? 8 : 4);
    void *out = new_values(im, in, v);
    if (!out) {
        return SB_STATUS_NOMEM;
    }
    for (int32_t i = 0; i < in->count; i++) {
        int64_t value = load_whole(values, wide ? 'l' : 'i', i);
        if (!store_temporal(v, out, i, value, unit) && sb_vector_valid(v, i)) {
            SB_FAIL(im->err, SB_STATUS_DATA,
                    "column '%s': the time %lld (Arrow type '%s') is out of range", im->column,
                    (long long)value, in->schema->format);
        }
    }
    return SB_OK;
}

static sb_status
import_temporal(import *im, const source *in, sb_vector *v)
{
    const char *f = in->schema->format;
    bool same = strcmp(f, "tdD") == 0 || strcmp(f, "ttm") == 0 || strcmp(f, "tDm") == 0 ||
                strcmp(f, "tiM") == 0 || (f[1] == 's' && f[2] == 'u' && v->phys == SB_PHYS_I64);
    if (same) {
        return share_values(im, in, v);
    }
    bool narrow = f[1] == 't' && (f[2] == 's' || f[2] == 'm');
    return convert_temporal(im, in, v, !narrow, units_per_second(f[2]));
}

/* ---- strings
 * ------------------------------------------------------------------------------------ */

/* Views into the bytes of the array; the holder keeps them alive. */
static sb_status
import_slices(import *im, const source *in, sb_vector *v, bool large)
{
    static const char nothing[1] = {0};
    const char *offsets = in->array->n_buffers > 2 ? in->array->buffers[1] : NULL;
    const char *bytes =
        in->array->n_buffers > 2 && in->array->buffers[2] ? in->array->buffers[2] : nothing;
    sb_view *out = new_values(im, in, v);
    if (!out) {
        return SB_STATUS_NOMEM;
    }
    if (in->count > 0 && !offsets) {
        return broken(im, "no offsets");
    }
    for (int32_t i = 0; i < in->count; i++) {
        int64_t from = load_whole(offsets, large ? 'l' : 'i', in->at + i);
        int64_t to = load_whole(offsets, large ? 'l' : 'i', in->at + i + 1);
        if (from < 0 || to < from || to - from > SB_LENGTH_MAX) {
            return broken(im, "offsets fall, or a value is too long");
        }
        out[i] = sb_view_make(bytes + from, (uint32_t)(to - from));
        v->pinned_bytes += to - from;
    }
    return sb_vector_add_heap(v, im->holder, im->err);
}

static sb_status
import_views(import *im, const source *in, sb_vector *v)
{
    struct {
        int32_t size;
        char prefix[4];
        int32_t buffer, offset;
    } from;

    const char *views = values_of(in, sizeof from);
    int64_t count_data = in->array->n_buffers - 3;
    sb_view *out = new_values(im, in, v);
    if (!out) {
        return SB_STATUS_NOMEM;
    }
    for (int32_t i = 0; i < in->count; i++) {
        memcpy(&from, views + (size_t)i * sizeof from, sizeof from);
        if (!sb_vector_valid(v, i)) {
            out[i] = (sb_view){.words = {0, 0}};
        } else if (from.size >= 0 && from.size <= SB_VIEW_INLINE) {
            /* made anew: bytes behind the value need not be zero in Arrow */
            out[i] = sb_view_make(views + (size_t)i * sizeof from + 4, (uint32_t)from.size);
        } else if (from.size < 0 || from.buffer < 0 || from.buffer >= count_data ||
                   from.offset < 0) {
            return broken(im, "a view points nowhere");
        } else {
            const char *bytes = in->array->buffers[2 + from.buffer];
            out[i] = sb_view_make(bytes + from.offset, (uint32_t)from.size);
            v->pinned_bytes += from.size;
        }
    }
    return sb_vector_add_heap(v, im->holder, im->err);
}

static sb_status
import_fixed_bytes(import *im, const source *in, sb_vector *v)
{
    int size = (int)strtol(in->schema->format + 2, NULL, 10);
    const char *values = values_of(in, (size_t)size);
    sb_view *out = new_values(im, in, v);
    if (!out) {
        return SB_STATUS_NOMEM;
    }
    for (int32_t i = 0; i < in->count; i++) {
        out[i] = sb_view_make(values + (size_t)i * (size_t)size, (uint32_t)size);
    }
    return sb_vector_add_heap(v, im->holder, im->err);
}

/* ---- nested
 * ------------------------------------------------------------------------------------- */

static sb_status
import_child(import *im, const struct ArrowSchema *schema, const struct ArrowArray *array,
             const sb_type *type, int64_t from, int64_t count, sb_vector **out)
{
    if (count < 0 || count > INT32_MAX || from + count > array->length) {
        return broken(im, "a child is too short");
    }
    source child = {.schema = schema,
                    .array = array,
                    .type = type,
                    .at = array->offset + from,
                    .count = (int32_t)count};
    return import_vector(im, &child, out);
}

/* Entries of lists; offsets become relative to the first element that is used. Fixed: `width`
 * elements each. */
static sb_status
list_entries(import *im, const source *in, sb_vector *v, int64_t width, int64_t *out_first,
             int64_t *out_count)
{
    bool large = strcmp(in->schema->format, "+L") == 0;
    const char *offsets = width < 0 && in->array->n_buffers > 1 ? in->array->buffers[1] : NULL;
    sb_list_entry *out = new_values(im, in, v);
    if (!out) {
        return SB_STATUS_NOMEM;
    }
    if (width < 0 && in->count > 0 && !offsets) {
        return broken(im, "no offsets");
    }
    int64_t first = 0, last = 0;
    for (int32_t i = 0; i < in->count; i++) {
        int64_t row = in->at + i;
        int64_t from = width >= 0 ? row * width : load_whole(offsets, large ? 'l' : 'i', row);
        int64_t to = width >= 0 ? from + width : load_whole(offsets, large ? 'l' : 'i', row + 1);
        first = i == 0 ? from : first;
        if (from < first || to < from || to - first > INT32_MAX) {
            return broken(im, "offsets fall, or there are too many elements");
        }
        last = to;
        bool valid = sb_vector_valid(v, i);
        out[i] = (sb_list_entry){.offset = (int32_t)(from - first),
                                 .count = valid ? (int32_t)(to - from) : 0};
    }
    *out_first = first;
    *out_count = last - first;
    return SB_OK;
}

static sb_status
import_list(import *im, const source *in, sb_vector *v)
{
    const char *f = in->schema->format;
    int64_t width = strncmp(f, "+w:", 3) == 0 ? strtol(f + 3, NULL, 10) : -1, first = 0, count = 0;
    if (in->array->n_children != 1 || in->schema->n_children != 1) {
        return broken(im, "a list without elements");
    }
    SB_TRY(list_entries(im, in, v, width, &first, &count), im->err);
    const struct ArrowSchema *schema = in->schema->children[0];
    const struct ArrowArray *array = in->array->children[0];
    if (in->type->id != SB_TYPE_MAP) {
        SB_TRY(import_child(im, schema, array, &in->type->children[0].type, first, count,
                            &v->children[0]),
               im->err);
        v->pinned_bytes += v->children[0]->pinned_bytes;
        return SB_OK;
    }
    if (array->n_children != 2 || schema->n_children != 2) {
        return broken(im, "a map without keys and values");
    }
    for (int32_t i = 0; i < 2; i++) {
        SB_TRY(import_child(im, schema->children[i], array->children[i],
                            &in->type->children[i].type, array->offset + first, count,
                            &v->children[i]),
               im->err);
        v->pinned_bytes += v->children[i]->pinned_bytes;
    }
    return SB_OK;
}

static sb_status
import_struct(import *im, const source *in, sb_vector *v)
{
    if (in->array->n_children != v->count_children || in->schema->n_children != v->count_children) {
        return mismatch(im, in);
    }
    for (int32_t i = 0; i < v->count_children; i++) {
        SB_TRY(import_child(im, in->schema->children[i], in->array->children[i],
                            &in->type->children[i].type, in->at, in->count, &v->children[i]),
               im->err);
        v->pinned_bytes += v->children[i]->pinned_bytes;
    }
    return SB_OK;
}

/* ---- dictionaries
 * ------------------------------------------------------------------------------- */

/* A NULL of the dictionary moves to the rows that point to it. */
static sb_status
dict_codes(import *im, const source *in, sb_vector *v)
{
    char format = in->schema->format[0];
    if (!strchr("cCsSiIlL", format) || in->schema->format[1]) {
        return mismatch(im, in);
    }
    v->own_values = sb_buffer_new(im->mem, (int64_t)sizeof(int32_t) * in->count);
    if (!v->own_values) {
        return no_memory(im);
    }
    v->values = v->own_values->data;
    v->pinned_bytes += v->own_values->size;
    const char *indexes = values_of(in, whole_width(format));
    int32_t *codes = sb_vector_values_mut(v);
    if (v->dict->validity && !v->validity) {
        v->own_validity = sb_buffer_new(im->mem, sb_bits_bytes(in->count));
        if (!v->own_validity) {
            return no_memory(im);
        }
        memset(v->own_validity->data, 0xFF, (size_t)v->own_validity->size);
        v->validity = (const uint64_t *)(const void *)v->own_validity->data;
    }
    for (int32_t i = 0; i < in->count; i++) {
        int64_t code = load_whole(indexes, format, i);
        bool valid = sb_vector_valid(v, i);
        if (valid && (code < 0 || code >= v->dict->length)) {
            return broken(im, "an index lies outside of the dictionary");
        }
        codes[i] = valid ? (int32_t)code : 0;
        if (valid && !sb_vector_valid(v->dict, codes[i])) {
            sb_bit_clear(sb_vector_validity_mut(v), i);
        }
    }
    return SB_OK;
}

static sb_status
import_dictionary(import *im, const source *in, sb_vector *v)
{
    const struct ArrowArray *values = in->array->dictionary;
    sb_vector *dict;
    if (!values) {
        return broken(im, "no dictionary");
    }
    SB_TRY(import_child(im, in->schema->dictionary, values, in->type, 0, values->length, &dict),
           im->err);
    v->encoding = SB_DICT;
    v->dict = sb_vector_flatten(im->mem, dict);
    sb_vector_unref(dict);
    if (!v->dict) {
        return no_memory(im);
    }
    v->pinned_bytes += v->dict->pinned_bytes;
    SB_TRY(dict_codes(im, in, v), im->err);
    if (v->dict->length ==
        0) { /* all rows are NULL; code 0 has to exist: a dictionary of one NULL */
        static const int32_t none[1] = {-1};
        sb_vector *one = sb_vector_gather(im->mem, v->dict, none, 1);
        if (!one) {
            return no_memory(im);
        }
        sb_vector_unref(v->dict);
        v->dict = one;
    }
    return SB_OK;
}

/* ---- any vector
 * --------------------------------------------------------------------------------- */

static sb_status
import_whole(import *im, const source *in, sb_vector *v)
{
    static const struct {
        char format;
        uint8_t id;
        bool same; /* memory is the same */
    } rows[] = {
        {'c', SB_TYPE_TINYINT, true},   {'s', SB_TYPE_SMALLINT, true}, {'i', SB_TYPE_INT, true},
        {'l', SB_TYPE_BIGINT, true},    {'f', SB_TYPE_FLOAT, true},    {'g', SB_TYPE_DOUBLE, true},
        {'C', SB_TYPE_SMALLINT, false}, {'S', SB_TYPE_INT, false},     {'I', SB_TYPE_BIGINT, false},
        {'L', SB_TYPE_DECIMAL, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].format == in->schema->format[0] && rows[i].id == in->type->id) {
            if (rows[i].same) {
                return share_values(im, in, v);
            }
            bool fits =
                rows[i].format != 'L' || (in->type->precision >= 20 && in->type->scale == 0);
            return fits ? widen_values(im, in, v, rows[i].format) : mismatch(im, in);
        }
    }
    return mismatch(im, in);
}

static sb_status
import_values(import *im, const source *in, sb_vector *v)
{
    const char *f = in->schema->format;
    const sb_type *t = in->type;
    bool string = sb_type_is_string(t), binary = sb_type_is_binary(t) || sb_type_is_opaque(t);
    bool u = *f == 'u' || *f == 'U', z = *f == 'z' || *f == 'Z';
    if ((u && string) || (z && binary)) {
        return import_slices(im, in, v, *f == 'U' || *f == 'Z');
    }
    if ((strcmp(f, "vu") == 0 && string) || (strcmp(f, "vz") == 0 && binary)) {
        return import_views(im, in, v);
    }
    if (strncmp(f, "w:", 2) == 0 && binary) {
        return import_fixed_bytes(im, in, v);
    }
    if (strcmp(f, "b") == 0 && t->id == SB_TYPE_BOOLEAN) {
        return import_bools(im, in, v);
    }
    if (*f == 'd' && t->id == SB_TYPE_DECIMAL) {
        return import_decimals(im, in, v);
    }
    bool temporal = *f == 't' && ((f[1] == 'd' && t->id == SB_TYPE_DATE) ||
                                  (f[1] == 't' && t->id == SB_TYPE_TIME) ||
                                  (f[1] == 's' && sb_type_is_timestamp(t)) ||
                                  (f[1] == 'D' && t->id == SB_TYPE_INTERVAL_DAY) ||
                                  (f[1] == 'i' && t->id == SB_TYPE_INTERVAL_MONTH));
    if (temporal) {
        return import_temporal(im, in, v);
    }
    bool list = strcmp(f, "+l") == 0 || strcmp(f, "+L") == 0 || strncmp(f, "+w:", 3) == 0;
    if ((list && (t->id == SB_TYPE_ARRAY || t->id == SB_TYPE_MULTISET)) ||
        (strcmp(f, "+m") == 0 && t->id == SB_TYPE_MAP)) {
        return import_list(im, in, v);
    }
    if (strcmp(f, "+s") == 0 && t->id == SB_TYPE_ROW) {
        return import_struct(im, in, v);
    }
    if (strcmp(f, "n") == 0) {
        return t->id == SB_TYPE_NULL ? SB_OK : mismatch(im, in);
    }
    return f[0] && !f[1] ? import_whole(im, in, v) : mismatch(im, in);
}

static sb_status
fill_vector(import *im, const source *in, sb_vector *v)
{
    const char *f = in->schema->format;
    bool has_values =
        in->schema->dictionary || (strcmp(f, "n") != 0 && strcmp(f, "+s") != 0 &&
                                   strcmp(f, "w:0") != 0 && strncmp(f, "+w:", 3) != 0);
    if (has_values && in->count > 0 && (in->array->n_buffers < 2 || !in->array->buffers[1])) {
        return broken(im, "no values");
    }
    SB_TRY(import_validity(im, in, v), im->err);
    if (in->schema->dictionary) {
        SB_TRY(import_dictionary(im, in, v), im->err);
    } else {
        SB_TRY(import_values(im, in, v), im->err);
    }
    if (!v->values) { /* kinds without values */
        v->own_values = sb_buffer_new(im->mem, 0);
        if (!v->own_values) {
            return no_memory(im);
        }
        v->values = v->own_values->data;
    }
    for (int32_t i = 0; !in->type->nullable && v->validity && i < in->count; i++) {
        if (!sb_vector_valid(v, i)) {
            SB_FAIL(im->err, SB_STATUS_DATA,
                    "column '%s' is NOT NULL, but row %d of the Arrow array is NULL", im->column,
                    i);
        }
    }
    return SB_OK;
}

static sb_status
import_vector(import *im, const source *in, sb_vector **out)
{
    sb_vector *v = sb_vector_new(im->mem, in->type, in->count);
    if (!v) {
        return no_memory(im);
    }
    sb_status status = fill_vector(im, in, v);
    if (status != SB_OK) {
        sb_vector_unref(v);
        return status;
    }
    *out = v;
    return SB_OK;
}

/* ---- batch
 * -------------------------------------------------------------------------------------- */

static void
holder_release(sb_buffer *self)
{
    struct ArrowArray *array = self->ctx;
    array->release(array);
    sb_free(self->mem, array, sizeof *array);
}

/* Moves the array to the heap under a buffer. On failure it is released. */
static sb_status
hold(sb_mem *mem, struct ArrowArray *in, sb_buffer **out, sb_error *err)
{
    struct ArrowArray *moved = sb_alloc(mem, sizeof *moved);
    sb_buffer *holder = moved ? sb_buffer_foreign(mem, moved, 0, holder_release, moved) : NULL;
    if (!holder) {
        sb_free(mem, moved, sizeof *moved);
        in->release(in);
        SB_NOMEM(err);
    }
    *moved = *in;
    in->release = NULL;
    *out = holder;
    return SB_OK;
}

static sb_status
import_columns(import *im, const sb_schema *schema, const struct ArrowSchema *from,
               sb_vector **columns, int32_t *out_rows)
{
    const struct ArrowArray *root = im->holder->ctx;
    if (root->n_children != schema->count || from->n_children != schema->count ||
        strcmp(from->format, "+s") != 0) {
        SB_FAIL(im->err, SB_STATUS_SEMANTIC, "the Arrow array has %lld columns, %d are needed",
                (long long)root->n_children, schema->count);
    }
    if (root->length > INT32_MAX - 64) {
        SB_FAIL(im->err, SB_STATUS_LIMIT, "the Arrow array has %lld rows: too many for one batch",
                (long long)root->length);
    }
    const void *bits = root->n_buffers > 0 && root->null_count != 0 ? root->buffers[0] : NULL;
    for (int64_t i = 0; bits && i < root->length; i++) {
        if (!arrow_bit(bits, root->offset + i)) {
            SB_FAIL(im->err, SB_STATUS_INVALID, "row %lld of the Arrow array is NULL as a whole",
                    (long long)i);
        }
    }
    for (int32_t i = 0; i < schema->count; i++) {
        im->column = schema->fields[i].name ? schema->fields[i].name : "";
        SB_TRY(import_child(im, from->children[i], root->children[i], &schema->fields[i].type,
                            root->offset, root->length, &columns[i]),
               im->err);
    }
    *out_rows = (int32_t)root->length;
    /* The array lives as a whole; each column counts its share of it as pinned. */
    int64_t bytes = 0;
    for (int32_t i = 0; i < schema->count; i++) {
        bytes += columns[i]->pinned_bytes;
    }
    im->holder->size = schema->count > 0 ? bytes / schema->count : 0;
    return SB_OK;
}

sb_status
sb_arrow_import_batch(sb_mem *mem, const sb_schema *schema, const struct ArrowSchema *from,
                      struct ArrowArray *in, sb_batch **out, sb_error *err)
{
import im = {.mem = mem, .err = err, .column = "" };
    if (!in->release) {
        SB_FAIL(err, SB_STATUS_INVALID, "the Arrow array was released");
    }
    SB_TRY(hold(mem, in, &im.holder, err), err);
    size_t size = sizeof(sb_vector *) * (size_t)schema->count;
    sb_vector **columns = sb_alloc_zero(mem, size);
    int32_t rows = 0;
    sb_status status = columns ? import_columns(&im, schema, from, columns, &rows) : no_memory(&im);
    sb_batch *batch = NULL;
    if (status == SB_OK) {
        /* takes the columns over, also on failure */
        batch = sb_batch_new(mem, schema, columns, rows);
        status = batch ? SB_OK : no_memory(&im);
    } else {
        for (int32_t i = 0; columns && i < schema->count; i++) {
            sb_vector_unref(columns[i]);
        }
    }
    sb_free(mem, columns, size);
    sb_buffer_unref(im.holder);
    if (status == SB_OK) {
        *out = batch;
    }
    return status;
}
