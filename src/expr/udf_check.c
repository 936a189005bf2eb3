/*
 * expr/udf_check.c -- arrays that user functions hand in, looked at before they are used.
 *
 * DESIGN     Everything that the C Data Interface lets one check is checked, so that a function
 *            that fills an array wrongly makes the job fail and not crash: buffers that are there,
 *            numbers of buffers and children, offsets. Sizes of buffers are not part of the
 *            interface.
 * THREADS    T:any
 */
#include <stdio.h>
#include <string.h>

#include "columnar/arrow.h"
#include "expr/udf_priv.h"
#include "kernels/decimal.h"
#include "kernels/utf8.h"

#define DEPTH_MAX 64

static sb_status
broken(sb_error *err, const char *what)
{
    SB_FAIL(err, SB_STATUS_INVALID, "the result is not a valid Arrow array: %s", what);
}

/* Buffers that an array of the format has, at least. */
static int64_t
least_buffers(const struct ArrowSchema *schema)
{
    const char *f = schema->format;
    if (schema->dictionary) {
        return 2;
    }
    switch (*f) {
    case 'n': return 0;
    case 'u':
    case 'U':
    case 'z':
    case 'Z':
    case 'v': return 3;
    case '+': return f[1] == 's' || f[1] == 'w' ? 1 : 2;
    default: return 2;
    }
}

static int64_t
offset_at(const void *offsets, bool large, int64_t i)
{
    return large ? ((const int64_t *)offsets)[i] : ((const int32_t *)offsets)[i];
}

/* Offsets of strings and lists: rising from 0 or more. */
static sb_status
check_offsets(const struct ArrowArray *array, bool large, int64_t *out_last, sb_error *err)
{
    const void *offsets = array->buffers[1];
    size_t width = large ? 8 : 4;
    if ((uintptr_t)offsets % width != 0) {
        return broken(err, "offsets are not aligned");
    }
    int64_t last = offset_at(offsets, large, array->offset);
    for (int64_t i = 0; i < array->length && last >= 0; i++) {
        int64_t next = offset_at(offsets, large, array->offset + i + 1);
        last = next < last ? -1 : next;
    }
    if (last < 0) {
        return broken(err, "offsets fall");
    }
    *out_last = last;
    return SB_OK;
}

static sb_status
check_content(const struct ArrowSchema *schema, const struct ArrowArray *array, sb_error *err)
{
    const char *f = schema->format;
    bool text = strchr("uUzZ", *f) != NULL, large = *f == 'U' || *f == 'Z';
    bool list = *f == '+' && (f[1] == 'l' || f[1] == 'L' || f[1] == 'm');
    int64_t last = 0;
    if (array->length == 0 || schema->dictionary || (!text && !list)) {
        return SB_OK;
    }
    SB_TRY(check_offsets(array, large || (list && f[1] == 'L'), &last, err), err);
    if (text && last > 0 && !array->buffers[2]) {
        return broken(err, "no bytes");
    }
    if (list && last > array->children[0]->length) {
        return broken(err, "a list has more elements than there are");
    }
    return SB_OK;
}

static sb_status
check_long_views(const struct ArrowArray *array, sb_error *err)
{
    const char *views = array->buffers[1];
    for (int64_t i = 0; i < array->length; i++) {
        int32_t words[4];
        memcpy(words, views + 16 * (array->offset + i), sizeof words);
        if (words[0] > 12 && (words[2] < 0 || words[2] >= array->n_buffers - 3 || words[3] < 0 ||
                              !array->buffers[2 + words[2]])) {
            return broken(err, "a view points outside of the buffers");
        }
    }
    return SB_OK;
}

/* Formats with numbers in them: decimal128 only, sizes that are not negative. */
static bool
is_known_format(const char *f)
{
    int precision, scale, bits = 128, size;
    if (*f == 'd') {
        int found = sscanf(f, "d:%d,%d,%d", &precision, &scale, &bits);
        return found >= 2 && bits == 128;
    }
    if (strncmp(f, "w:", 2) == 0 || strncmp(f, "+w:", 3) == 0) {
        return sscanf(strchr(f, ':') + 1, "%d", &size) == 1 && size >= 0;
    }
    return true;
}

static sb_status check(const struct ArrowSchema *schema, const struct ArrowArray *array, int depth,
                       sb_error *err);

static sb_status
check_children(const struct ArrowSchema *schema, const struct ArrowArray *array, int depth,
               sb_error *err)
{
    if (array->n_children != schema->n_children || (array->n_children > 0 && !array->children)) {
        return broken(err, "the number of children is not that of the schema");
    }
    for (int64_t i = 0; i < array->n_children; i++) {
        if (!array->children[i] || !schema->children || !schema->children[i]) {
            return broken(err, "a child is missing");
        }
        SB_TRY(check(schema->children[i], array->children[i], depth + 1, err), err);
        if (strcmp(schema->format, "+s") == 0 &&
            array->children[i]->length < array->offset + array->length) {
            return broken(err, "a child is too short");
        }
    }
    return SB_OK;
}

static sb_status
check(const struct ArrowSchema *schema, const struct ArrowArray *array, int depth, sb_error *err)
{
    if (!schema->format || !schema->release || depth > DEPTH_MAX) {
        return broken(err, "its schema has no format, or is nested too deeply");
    }
    if (!is_known_format(schema->format)) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: Arrow type '%.40s'", schema->format);
    }
    if (!array->release || array->length < 0 || array->offset < 0 ||
        array->length > INT32_MAX - 64 || array->offset > INT32_MAX) {
        return broken(err, "length or offset is out of range, or it was released");
    }
    int64_t least = least_buffers(schema);
    if (array->n_buffers < least || (array->n_buffers > 0 && !array->buffers)) {
        return broken(err, "buffers are missing");
    }
    if (least > 1 && array->length > 0 && !array->buffers[1]) {
        return broken(err, "no values");
    }
    if ((schema->dictionary != NULL) != (array->dictionary != NULL)) {
        return broken(err, "dictionary of array and schema differ");
    }
    if (schema->dictionary) {
        return check(schema->dictionary, array->dictionary, depth + 1, err);
    }
    SB_TRY(check_children(schema, array, depth, err), err);
    return *schema->format == 'v' && array->length > 0 ? check_long_views(array, err)
                                                       : check_content(schema, array, err);
}

sb_status
sb_udf_check_array(const struct ArrowSchema *schema, const struct ArrowArray *array, sb_error *err)
{
    return check(schema, array, 0, err);
}

/* ---- values ---- */

static sb_status
check_text(const sb_vector *v, sb_error *err)
{
    const sb_view *views = v->values;
    for (int32_t i = 0; i < v->length; i++) {
        if (sb_vector_valid(v, i) &&
            !sb_utf8_is_valid(sb_view_data(&views[i]), sb_view_size(&views[i]))) {
            SB_FAIL(err, SB_STATUS_DATA, "the result has text that is not UTF-8");
        }
    }
    return SB_OK;
}

static sb_status
check_decimals(const sb_vector *v, sb_error *err)
{
    for (int32_t i = 0; i < v->length; i++) {
        if (sb_vector_valid(v, i) &&
            !sb_decimal_fits(sb_exact_load(v->type, sb_vector_at(v, i)), v->type->precision)) {
            SB_FAIL(err, SB_STATUS_DATA, "the result has a decimal of more than %d digits",
                    v->type->precision);
        }
    }
    return SB_OK;
}

static sb_status
check_times(const sb_vector *v, sb_error *err)
{
    const int32_t *values = v->values;
    for (int32_t i = 0; i < v->length; i++) {
        if (sb_vector_valid(v, i) && (values[i] < 0 || values[i] >= 86400000)) {
            SB_FAIL(err, SB_STATUS_DATA, "the result has a TIME outside of the day");
        }
    }
    return SB_OK;
}

sb_status
sb_udf_check_values(const sb_vector *v, sb_error *err)
{
    if (v->encoding == SB_DICT) {
        return sb_udf_check_values(v->dict, err);
    }
    for (int32_t i = 0; i < v->count_children; i++) {
        SB_TRY(sb_udf_check_values(v->children[i], err), err);
    }
    return sb_type_is_string(v->type)       ? check_text(v, err)
           : v->type->id == SB_TYPE_DECIMAL ? check_decimals(v, err)
           : v->type->id == SB_TYPE_TIME    ? check_times(v, err)
                                            : SB_OK;
}
