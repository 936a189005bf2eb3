/*
 * expr/expr_modes_testing.c -- one expression evaluated over literals or over columns in every
 * encoding.
 *
 * DESIGN     In the column modes every literal that is not a keyword becomes a column of 5 rows:
 * the value in rows 1 and 3, NULL elsewhere (constant columns: the value everywhere). Rows 1 and 3
 * must agree.
 */
#include "expr/expr_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "columnar/builder.h"
#include "expr/function.h"

#include <stdio.h>
#include <string.h>

#define ROWS        5
#define MAX_COLUMNS 32

typedef struct lift {
    sb_arena *arena;
    sb_field fields[MAX_COLUMNS];
    const sb_expr *literals[MAX_COLUMNS];
    int32_t count;
} lift;

/* Must this argument stay a literal? */
static bool
is_fixed(const sb_expr *call, int32_t i)
{
    char letter = call->function->args[0];
    if (strncmp(call->function->name, "OBJECT_", 7) == 0) {
        return i % 2 != 0 || (i == 0 && letter == 'k');
    }
    return strcmp(call->function->name, "IN") == 0 ? i > 0
           : i == 0                                ? letter == 'u' || letter == 'k'
                    : (size_t)i < strlen(call->function->args) && call->function->args[i] == 'u';
}

static sb_expr *
lift_literals(lift *l, sb_expr *e)
{
    if (e->kind == SB_EXPR_LITERAL && e->type.id != SB_TYPE_NULL && l->count < MAX_COLUMNS) {
        sb_type type = e->type;
        type.nullable = true;
        l->fields[l->count] = (sb_field){.name = "c", .type = type};
        l->literals[l->count] = e;
        return sb_expr_column(l->arena, l->count++, &type);
    }
    for (int32_t i = 0; e->kind == SB_EXPR_CALL && i < e->count_args; i++) {
        if (!is_fixed(e, i)) {
            e->args[i] = lift_literals(l, e->args[i]);
        }
    }
    return e;
}

static void
append_literal(sb_column_builder *c, const sb_expr *e)
{
    if (e->is_null) {
        sb_column_null(c);
        return;
    }
    switch (sb_type_phys(&e->type)) {
    case SB_PHYS_VIEW:
        sb_column_bytes(c, sb_view_data(&e->value.view), sb_view_size(&e->value.view));
        break;
    case SB_PHYS_I128:
    case SB_PHYS_TSNS: sb_column_value(c, &e->value); break;
    case SB_PHYS_F32:
    case SB_PHYS_F64: sb_column_f64(c, e->value.f64); break;
    default: sb_column_i64(c, e->value.i64);
    }
}

/* Values of a flat column by row; dictionaries are made of it. */
static sb_vector *
column_of(sb_mem *mem, const sb_type *type, const sb_expr *e, sb_testing_mode mode, sb_error *err)
{
    sb_column_builder c;
    int32_t rows = mode == SB_TESTING_CONST ? 1 : ROWS;
    if (sb_column_builder_init(&c, mem, type, err) != SB_OK) {
        return NULL;
    }
    for (int32_t r = 0; r < rows; r++) {
        if (rows == 1 || r == 1 || r == 3) {
            append_literal(&c, e);
        } else {
            sb_column_null(&c);
        }
    }
    sb_vector *v = sb_column_finish(&c, err);
    sb_column_builder_deinit(&c);
    if (v && mode == SB_TESTING_CONST) {
        v->encoding = SB_CONST;
        v->length = ROWS;
    }
    if (!v || mode != SB_TESTING_DICT) {
        return v;
    }
    /* Two entries: the value twice, so that both are used. */
    static const int32_t both[2] = {1, 3};
    sb_vector *dict = sb_vector_gather(mem, v, both, 2);
    sb_type index_type = SB_TYPE(INT, false);
    static const int32_t index[ROWS] = {0, 0, 0, 1, 1};
    sb_vector *out = sb_vector_alloc(mem, &index_type, ROWS, true);
    memcpy(sb_vector_values_mut(out), index, sizeof index);
    for (int32_t r = 0; r < ROWS; r++) {
        if (!sb_vector_valid(v, r)) {
            sb_bit_clear(sb_vector_validity_mut(out), r);
        }
    }
    out->type = type;
    out->phys = dict->phys;
    out->encoding = SB_DICT;
    out->dict = dict;
    dict->validity = NULL;
    if (e->is_null) {
        memset((void *)(uintptr_t)dict->values, 0, (size_t)(2 * sb_phys_size((sb_phys)dict->phys)));
    }
    sb_vector_unref(v);
    return out;
}

static void
append_value(const sb_vector *v, int32_t row, sb_text *out)
{
    if (sb_vector_valid(v, row)) {
        const sb_view *view = sb_vector_at(v, row);
        sb_text_append(out, sb_view_data(view), sb_view_size(view));
    } else {
        sb_text_add(out, "\\N");
    }
}

static sb_status
evaluate(sb_mem *mem, sb_expr *e, lift *l, const char *zone, sb_testing_mode mode, sb_text *out,
         sb_error *err)
{
    sb_schema schema = {l->count, l->fields};
    sb_vector *columns[MAX_COLUMNS + 1] = {0}, *result = NULL;
    sb_eval *eval = NULL;
    sb_batch *batch = NULL;
    /* 2026-01-01: two-digit years depend on it. */
    sb_eval_context context = {.zone = zone, .now_us = INT64_C(1767225600000000)};
    for (int32_t i = 0; i < l->count; i++) {
        columns[i] = column_of(mem, &l->fields[i].type, l->literals[i], mode, err);
        sb_assert(columns[i]);
    }
    batch = sb_batch_new(mem, &schema, columns, mode == SB_TESTING_LITERALS ? 1 : ROWS);
    if (!batch) {
        SB_NOMEM(err);
    }
    if (mode == SB_TESTING_SPARSE) {
        sb_buffer *own = sb_buffer_new(mem, 8);
        ((int32_t *)(void *)own->data)[0] = 1;
        ((int32_t *)(void *)own->data)[1] = 3;
        sb_batch_set_selection(batch, own, (const int32_t *)(const void *)own->data, 2);
    }
    sb_status status = sb_eval_new(mem, &schema, &e, 1, zone, &eval, err);
    for (int again = 0; status == SB_OK && again < 2;
         again++) { /* the second time buffers are reused */
        sb_vector_unref(result);
        result = NULL;
        status = sb_eval_run(eval, batch, &context, &result, err);
    }
    if (status == SB_OK) {
        append_value(result, mode == SB_TESTING_LITERALS ? 0 : 1, out);
        if (mode != SB_TESTING_LITERALS) {
            sb_text other;
            sb_text_init(&other, mem);
            append_value(result, 3, &other);
            if (strcmp(other.data, out->data) != 0) {
                status = sb_error_set(err, SB_STATUS_INTERNAL, __FILE__, __LINE__,
                                      "rows differ: '%s' and '%s'", out->data, other.data);
            }
            sb_text_deinit(&other);
        }
    }
    sb_vector_unref(result);
    sb_eval_free(eval);
    sb_batch_free(batch);
    return status;
}

sb_status
sb_testing_evaluate(sb_mem *mem, sb_arena *arena, sb_expr *e, const char *zone,
                    sb_testing_mode mode, sb_text *out_type, sb_text *out_value, sb_error *err)
{
    lift l = {.arena = arena};
    sb_type string = sb_type_string(true);
    sb_type_print(&e->type, out_type);
    SB_TRY(sb_expr_cast(arena, e, &string, false, &e, err), err);
    if (mode != SB_TESTING_LITERALS) {
        e = lift_literals(&l, e);
    }
    return evaluate(mem, e, &l, zone, mode, out_value, err);
}

sb_status
sb_testing_value(sb_mem *mem, const char *sql, const char *zone, sb_testing_mode mode,
                 sb_text *out_type, sb_text *out_value, sb_error *err)
{
    sb_arena *arena = sb_arena_new(mem);
    sb_schema none = {0};
    sb_expr *e = NULL;
    sb_status status = sb_testing_parse(arena, sql, &none, &e, err);
    if (status == SB_OK) {
        status = sb_testing_evaluate(mem, arena, e, zone, mode, out_type, out_value, err);
    }
    sb_arena_free(arena);
    return status;
}

/* ---- setup and single runs ----------------------------------------------------------------------
 */

int
sb_testing_open(sb_mem **mem, sb_arena **arena, sb_error *err)
{
    *mem = sb_mem_new(sb_mem_root(), "test", 0);
    *arena = sb_arena_new(sb_mem_root());
    sb_error_clear(err);
    return *mem && *arena ? 0 : 1;
}

int
sb_testing_close(sb_mem **mem, sb_arena **arena)
{
    *arena = sb_arena_free(*arena);
    int left = sb_mem_used(*mem) != 0;
    *mem = sb_mem_unref(*mem);
    return left;
}

sb_vector *
sb_testing_run(sb_mem *mem, sb_arena *arena, const char *sql, const sb_batch *batch,
               const sb_eval_context *context)
{
    sb_error err;
    sb_expr *e = NULL;
    sb_eval *eval = NULL;
    sb_vector *out = NULL;
    if (sb_testing_parse(arena, sql, batch->schema, &e, &err) != SB_OK ||
        sb_eval_new(mem, batch->schema, &e, 1, "UTC", &eval, &err) != SB_OK ||
        sb_eval_run(eval, batch, context, &out, &err) != SB_OK) {
        fail_msg("%s: %s", sql, err.message);
    }
    sb_eval_free(eval);
    return out;
}
