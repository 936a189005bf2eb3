/*
 * sabot/arrow_help.h -- reading and making Arrow arrays in user functions, without a library.
 *
 * Reading: arrays as the engine gives them (sabot/function.h). Making: sabot_column_new for values
 * of a fixed size, sabot_text_new for STRING and BYTES. They belong to who made them until they are
 * given to the engine.
 *
 *     sabot_column out;
 *     if (!sabot_column_new(&out, "l", sizeof(int64_t), count)) return SABOT_NOMEM;
 *     ((int64_t *)out.values)[i] = 42;              or  sabot_column_null(&out, i);
 *     sabot_column_give(&out, result, result_schema);
 *
 * A dictionary that is put into one of these arrays or schemas must come from malloc, and goes with
 * it.
 *
 * Header only; C and C++. BOOLEAN results are bits: sabot_bit_set.
 */
#ifndef SABOT_ARROW_HELP_H
#define SABOT_ARROW_HELP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sabot/arrow_c_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- reading ---- */

static inline bool
sabot_bit_get(const void *bits, int64_t i)
{
    return (((const uint8_t *)bits)[i >> 3] >> (i & 7)) & 1;
}

static inline bool
sabot_array_is_null(const struct ArrowArray *array, int64_t row)
{
    return array->n_buffers > 0 && array->buffers[0] != NULL &&
           !sabot_bit_get(array->buffers[0], array->offset + row);
}

/* Values of a fixed size: cast to the type and index by row. BOOLEAN: sabot_array_bool. */
static inline const void *
sabot_array_values(const struct ArrowArray *array, size_t width)
{
    return (const char *)array->buffers[1] + (size_t)array->offset * width;
}

static inline int64_t
sabot_array_i64(const struct ArrowArray *array, int64_t row)
{
    return ((const int64_t *)sabot_array_values(array, 8))[row];
}

static inline int32_t
sabot_array_i32(const struct ArrowArray *array, int64_t row)
{
    return ((const int32_t *)sabot_array_values(array, 4))[row];
}

static inline double
sabot_array_f64(const struct ArrowArray *array, int64_t row)
{
    return ((const double *)sabot_array_values(array, 8))[row];
}

static inline bool
sabot_array_bool(const struct ArrowArray *array, int64_t row)
{
    return sabot_bit_get(array->buffers[1], array->offset + row);
}

/* STRING and BYTES as they come ("vu", "vz"); the bytes are not zero-terminated. */
static inline const char *
sabot_array_text(const struct ArrowArray *array, int64_t row, size_t *out_size)
{
    const char *view = (const char *)array->buffers[1] + 16 * (size_t)(array->offset + row);
    int32_t words[4];

    memcpy(words, view, sizeof words);
    *out_size = (size_t)words[0];
    return words[0] <= 12 ? view + 4 : (const char *)array->buffers[2 + words[2]] + words[3];
}

/* ---- making ---- */

typedef struct sabot_column {
    const char *format; /* Arrow; not copied: a literal */
    int64_t count;
    void *values;      /* count values, zero; STRING, BYTES: count + 1 offsets (int32_t) */
    uint8_t *validity; /* bits; NULL until the first NULL */
    int64_t count_null;
    char *bytes; /* STRING, BYTES */
    size_t size, capacity;
} sabot_column;

static inline void
sabot_bit_set(void *bits, int64_t i, bool value)
{
    uint8_t *byte = (uint8_t *)bits + (i >> 3);

    *byte = (uint8_t)((*byte & ~(1u << (i & 7))) | ((unsigned)value << (i & 7)));
}

/* `width` bytes a value; 0: BOOLEAN ("b"). False: out of memory. */
static inline bool
sabot_column_new(sabot_column *out, const char *format, size_t width, int64_t count)
{
    size_t bytes = width > 0 ? width * (size_t)count : (size_t)(count + 7) / 8;

    memset(out, 0, sizeof *out);
    out->format = format;
    out->count = count;
    out->values = calloc(bytes + 16, 1);
    return out->values != NULL;
}

/* STRING ("u") or BYTES ("z"): append the values in order with sabot_text_add. */
static inline bool
sabot_text_new(sabot_column *out, const char *format, int64_t count)
{
    return sabot_column_new(out, format, sizeof(int32_t), count + 1) && (out->count = count, true);
}

/* The value of a row; rows in order, none left out (a NULL row too: size 0, then
 * sabot_column_null). False: out of memory, or more than 2 GB. */
static inline bool
sabot_text_add(sabot_column *column, int64_t row, const char *data, size_t size)
{
    if (column->size + size > column->capacity) {
        size_t capacity = (column->size + size) * 2 + 64;
        char *bytes =
            capacity < ((size_t)1 << 31) ? (char *)realloc(column->bytes, capacity) : NULL;

        if (bytes == NULL) {
            return false;
        }
        column->bytes = bytes;
        column->capacity = capacity;
    }
    if (size > 0) {
        memcpy(column->bytes + column->size, data, size);
    }
    column->size += size;
    ((int32_t *)column->values)[row + 1] = (int32_t)column->size;
    return true;
}

static inline bool
sabot_column_null(sabot_column *column, int64_t row)
{
    if (column->validity == NULL) {
        size_t size = (size_t)(column->count + 7) / 8 + 8;

        column->validity = (uint8_t *)malloc(size);
        if (column->validity == NULL) {
            return false;
        }
        memset(column->validity, 0xFF, size);
    }
    column->count_null += sabot_bit_get(column->validity, row);
    sabot_bit_set(column->validity, row, false);
    return true;
}

static inline void
sabot_column_free(sabot_column *column)
{
    free(column->values);
    free(column->validity);
    free(column->bytes);
    memset(column, 0, sizeof *column);
}

typedef struct sabot_column_holder { /* what release frees */
    const void *buffers[3];
    struct ArrowArray *children;
    struct ArrowArray **pointers;
} sabot_column_holder;

static inline void
sabot_array_release(struct ArrowArray *array)
{
    sabot_column_holder *holder = (sabot_column_holder *)array->private_data;

    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i]->release != NULL) {
            array->children[i]->release(array->children[i]);
        }
    }
    if (array->dictionary != NULL) {
        if (array->dictionary->release != NULL) {
            array->dictionary->release(array->dictionary);
        }
        free(array->dictionary);
    }
    free((void *)(uintptr_t)holder->buffers[0]);
    free((void *)(uintptr_t)holder->buffers[1]);
    free((void *)(uintptr_t)holder->buffers[2]);
    free(holder->children);
    free(holder->pointers);
    free(holder);
    array->release = NULL;
}

static inline void
sabot_schema_release(struct ArrowSchema *schema)
{
    struct ArrowSchema *children = (struct ArrowSchema *)schema->private_data;

    for (int64_t i = 0; i < schema->n_children; i++) {
        if (children[i].release != NULL) {
            children[i].release(&children[i]);
        }
    }
    if (schema->dictionary != NULL) {
        if (schema->dictionary->release != NULL) {
            schema->dictionary->release(schema->dictionary);
        }
        free(schema->dictionary);
    }
    free(children);
    free(schema->children);
    schema->release = NULL;
}

/* A schema of a format without children; `format` and `name` are literals. */
static inline void
sabot_schema_new(struct ArrowSchema *out, const char *format, const char *name)
{
    memset(out, 0, sizeof *out);
    out->format = format;
    out->name = name;
    out->flags = ARROW_FLAG_NULLABLE;
    out->release = sabot_schema_release;
}

/* A struct of `count` children, to be filled through out->children. False: out of memory. */
static inline bool
sabot_schema_struct(struct ArrowSchema *out, int64_t count)
{
    struct ArrowSchema *children =
        (struct ArrowSchema *)calloc((size_t)count + 1, sizeof *children);
    struct ArrowSchema **pointers =
        (struct ArrowSchema **)calloc((size_t)count + 1, sizeof *pointers);

    sabot_schema_new(out, "+s", "");
    if (children == NULL || pointers == NULL) {
        free(children);
        free(pointers);
        out->release = NULL;
        return false;
    }
    for (int64_t i = 0; i < count; i++) {
        pointers[i] = &children[i];
    }
    out->private_data = children;
    out->children = pointers;
    out->n_children = count;
    return true;
}

/* Gives the column away as an array, with its schema (NULL: not wanted). On failure (out of memory)
 * the column is freed. */
static inline bool
sabot_column_give(sabot_column *column, struct ArrowArray *out, struct ArrowSchema *out_schema)
{
    bool text = column->format[0] == 'u' || column->format[0] == 'z';
    sabot_column_holder *holder = (sabot_column_holder *)calloc(1, sizeof *holder);

    if (holder == NULL ||
        (text && column->bytes == NULL && (column->bytes = (char *)calloc(1, 1)) == NULL)) {
        free(holder);
        sabot_column_free(column);
        return false;
    }
    holder->buffers[0] = column->validity;
    holder->buffers[1] = column->values;
    holder->buffers[2] = column->bytes;
    memset(out, 0, sizeof *out);
    out->length = column->count;
    out->null_count = column->count_null;
    out->n_buffers = text ? 3 : 2;
    out->buffers = holder->buffers;
    out->private_data = holder;
    out->release = sabot_array_release;
    if (out_schema != NULL) {
        sabot_schema_new(out_schema, column->format, "");
    }
    memset(column, 0, sizeof *column);
    return true;
}

/* Gives columns of `length` rows away as one struct; as sabot_column_give. */
static inline bool
sabot_columns_give(sabot_column *columns, int64_t count, int64_t length, struct ArrowArray *out,
                   struct ArrowSchema *out_schema)
{
    sabot_column_holder *holder = (sabot_column_holder *)calloc(1, sizeof *holder);
    struct ArrowSchema *child;
    bool ok = holder != NULL;

    if (ok) {
        holder->children = (struct ArrowArray *)calloc((size_t)count + 1, sizeof *holder->children);
        holder->pointers =
            (struct ArrowArray **)calloc((size_t)count + 1, sizeof *holder->pointers);
        ok = holder->children != NULL && holder->pointers != NULL &&
             (out_schema == NULL || sabot_schema_struct(out_schema, count));
    }
    if (!ok) {
        for (int64_t i = 0; i < count; i++) {
            sabot_column_free(&columns[i]);
        }
        if (holder != NULL) {
            free(holder->children);
            free(holder->pointers);
        }
        free(holder);
        return false;
    }
    memset(out, 0, sizeof *out);
    out->length = length;
    out->n_buffers = 1;
    out->buffers = holder->buffers;
    out->n_children = count;
    out->children = holder->pointers;
    out->private_data = holder;
    out->release = sabot_array_release;
    for (int64_t i = 0; i < count; i++) {
        holder->pointers[i] = &holder->children[i];
        child = out_schema != NULL ? out_schema->children[i] : NULL;
        columns[i].count = length; /* made with room for more */
        ok = ok && sabot_column_give(&columns[i], &holder->children[i], child);
    }
    if (!ok) {
        for (int64_t i = 0; i < count; i++) {
            sabot_column_free(&columns[i]);
        }
        out->release(out);
        if (out_schema != NULL) {
            out_schema->release(out_schema);
        }
    }
    return ok;
}

#ifdef __cplusplus
}
#endif

#endif
