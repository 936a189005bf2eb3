/*
 * expr/cast_nested.c -- casts of ARRAY, MAP, MULTISET and ROW: to text, and part by part.
 *
 * DESIGN     Elements are cast as a column of their own, for the lists of active rows only: an
 * element that nobody asks for never fails. TRY_CAST gives NULL for the whole value when one
 * element does not convert.
 */
#include "expr/cast.h"
#include "expr/eval_priv.h"
#include "expr/nested.h"
#include "kernels/bitmap.h"
#include "kernels/bits.h"
#include "kernels/variant.h"

#include <string.h>

/* ---- to text ---- */

static void print_value(const sb_call *call, const sb_vector *v, int32_t row, sb_text *out);

/* {value=count, ...}: equal elements stand side by side. */
static void
print_multiset(const sb_call *call, const sb_vector *v, int32_t row, sb_text *out)
{
    const sb_vector *values = sb_list_child(v, 0);
    sb_list_entry list = sb_list_at(v, row);
    int32_t end = list.offset + list.count;
    sb_text_char(out, '{');
    for (int32_t i = list.offset, next; i < end; i = next) {
        for (next = i + 1; next < end && sb_value_equal(values, i, values, next);) {
            next++;
        }
        sb_text_add(out, i > list.offset ? ", " : "");
        print_value(call, values, i, out);
        sb_text_printf(out, "=%d", next - i);
    }
    sb_text_char(out, '}');
}

static void
print_value(const sb_call *call, const sb_vector *v, int32_t row, sb_text *out)
{
    if (!sb_vector_valid(v, row)) {
        sb_text_add(out, "NULL");
        return;
    }
    if (v->type->id == SB_TYPE_VARIANT) {
        sb_variant_write_json(sb_arg_str(sb_vector_at(v, row)), out);
        return;
    }
    if (v->type->id == SB_TYPE_BITMAP) {
        sb_bitmap_print(sb_arg_str(sb_vector_at(v, row)), out);
        return;
    }
    if (v->phys == SB_PHYS_VIEW) {
        sb_str s = sb_arg_str(sb_vector_at(v, row));
        sb_text_append(out, s.data, s.size);
        return;
    }
    if (v->phys != SB_PHYS_LIST && v->phys != SB_PHYS_STRUCT) {
        char buffer[64];
        size_t size = sb_value_text(v->type, sb_vector_at(v, row), call->zone, buffer);
        sb_text_append(out, buffer, size);
        return;
    }
    if (v->type->id == SB_TYPE_MULTISET) {
        print_multiset(call, v, row, out);
        return;
    }
    bool map = v->type->id == SB_TYPE_MAP, is_row = v->phys == SB_PHYS_STRUCT;
    sb_list_entry list = {0};
    int32_t at = sb_vector_index(v, row);
    if (!is_row) {
        list = sb_list_at(v, row);
    }
    int32_t count = is_row ? v->type->count_children : list.count;
    sb_text_char(out, is_row ? '(' : map ? '{' : '[');
    for (int32_t i = 0; i < count; i++) {
        sb_text_add(out, i > 0 ? ", " : "");
        if (v->type->class_name) {
            sb_text_printf(out, "%s=", v->type->children[i].name);
        }
        print_value(call, sb_list_child(v, is_row ? i : 0), is_row ? at : list.offset + i, out);
        if (map) {
            sb_text_char(out, '=');
            print_value(call, sb_list_child(v, 1), list.offset + i, out);
        }
    }
    sb_text_char(out, is_row ? ')' : map ? '}' : ']');
}

sb_status
sb_cast_nested_text(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_vector *arg = call->args[0];
    sb_status status = sb_call_strict_result(call, out, err);
    SB_TRY(status, err);
    call->result = *out;
    sb_view *to = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        if (status != SB_OK || !sb_vector_valid(arg, r)) {
            continue;
        }
        sb_text text = call->text;
        sb_text_clear(&text);
        print_value(call, arg, r, &text);
        call->text = text;
        status = sb_text_failed(&text)
                     ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                     : sb_cast_fit_text(call, &to[r], err);
    }
    sb_call_finish(call, status, out);
    return status;
}

/* ---- part by part ---- */

struct sb_nested_cast {
    sb_mem *mem;
    int32_t count;
    sb_call *parts; /* one per child: CAST of a column */
    sb_nested_scratch rows;
};

sb_status
sb_cast_nested_prepare(sb_call *call, sb_arena *arena, sb_nested_cast **out, sb_error *err)
{
    const sb_type *from = sb_call_arg_type(call, 0), *to = sb_call_type(call);
    bool try_cast = call->expr->function->impl->code != 0;
    sb_nested_cast *s = SB_NEW(arena, sb_nested_cast);
    *out = s;
    if (!s || !(s->parts = SB_NEW_ARRAY(arena, sb_call, from->count_children))) {
        SB_NOMEM(err);
    }
    s->mem = s->rows.mem = call->mem;
    for (int32_t i = 0; i < from->count_children; i++) {
        sb_expr *column = sb_expr_column(arena, i, &from->children[i].type);
        sb_expr *cast =
            column ? sb_expr_make_cast(arena, column, &to->children[i].type, try_cast) : NULL;
        if (!cast) {
            SB_NOMEM(err);
        }
        s->parts[i] = (sb_call){.expr = cast, .mem = call->mem, .zone = call->zone};
        sb_text_init(&s->parts[i].text, call->mem);
        s->count = i + 1;
        SB_TRY(cast->function->impl->prepare(&s->parts[i], arena, err), err);
    }
    return SB_OK;
}

void
sb_cast_nested_release(sb_nested_cast *s)
{
    for (int32_t i = 0; i < s->count; i++) {
        const sb_impl *impl = s->parts[i].expr->function->impl;
        if (s->parts[i].state) {
            impl->release(s->parts[i].state);
        }
        sb_text_deinit(&s->parts[i].text);
    }
    sb_nested_release(&s->rows);
}

/* The rows of the children that active rows use. */
static sb_status
used_rows(sb_call *call, sb_nested_cast *s, const sb_vector *v, int32_t *out_count, sb_error *err)
{
    int32_t count = v->encoding == SB_CONST ? 1 : call->count, n = 0;
    const int32_t *rows = v->encoding == SB_CONST ? NULL : call->rows;
    SB_EACH_ROW(r, rows, count)
    {
        if (!sb_vector_valid(v, r)) {
            continue;
        }
        sb_list_entry list = {.offset = r, .count = 1};
        if (v->phys == SB_PHYS_LIST) {
            list = sb_list_at(v, r);
        }
        SB_TRY(sb_nested_reserve(&s->rows, n + list.count, err), err);
        for (int32_t i = 0; i < list.count; i++) {
            s->rows.at[n++] = list.offset + i;
        }
    }
    *out_count = n;
    return SB_OK;
}

/* One child as a column of the new type. */
static sb_status
cast_child(sb_call *call, sb_call *part, sb_nested_cast *s, sb_vector *child, int32_t count,
           sb_vector **out, sb_error *err)
{
    sb_vector *flat = child->encoding == SB_CONST
                          ? sb_vector_gather(call->mem, child, NULL, child->length)
                          : sb_vector_ref(child);
    if (!flat) {
        SB_NOMEM(err);
    }
    part->args = &flat;
    part->rows = s->rows.at;
    part->count = count;
    part->length = flat->length;
    part->context = call->context;
    sb_status status;
    if (count == 0) { /* nothing to convert, and no row to point at */
        *out = sb_vector_const(call->mem, sb_call_type(part), NULL, flat->length);
        status = *out ? SB_OK : SB_STATUS_NOMEM;
    } else {
        status = part->expr->function->impl->vector(part, out, err);
    }
    sb_vector_unref(flat);
    return status;
}

static bool
part_failed(const sb_vector *from, const sb_vector *to, int32_t row)
{
    return sb_vector_valid(from, row) && !sb_vector_valid(to, row);
}

/* TRY_CAST: a value with a part that did not convert is NULL. */
static sb_status
drop_failed(sb_call *call, const sb_vector *v, sb_vector *made, sb_error *err)
{
    int32_t count = v->encoding == SB_CONST ? 1 : call->count;
    const int32_t *rows = v->encoding == SB_CONST ? NULL : call->rows;
    SB_EACH_ROW(r, rows, count)
    {
        bool failed = false;
        if (!sb_vector_valid(v, r)) {
            continue;
        }
        sb_list_entry list = {.offset = r, .count = 1};
        if (v->phys == SB_PHYS_LIST) {
            list = sb_list_at(v, r);
        }
        for (int32_t c = 0; c < v->count_children; c++) {
            for (int32_t i = list.offset; i < list.offset + list.count; i++) {
                failed = failed || part_failed(v->children[c], made->children[c], i);
            }
        }
        if (failed) {
            SB_TRY(sb_vector_make_validity(made, err), err);
            sb_bit_clear(sb_vector_validity_mut(made), r);
        }
    }
    return SB_OK;
}

static sb_status
cast_parts(sb_call *call, sb_nested_cast *s, const sb_vector *v, sb_vector *made, sb_error *err)
{
    int32_t count = 0, rows = v->encoding == SB_CONST ? 1 : v->length;
    if (v->phys == SB_PHYS_LIST) {
        memcpy(sb_vector_values_mut(made), v->values, sizeof(sb_list_entry) * (size_t)rows);
    }
    if (v->validity) {
        memcpy(sb_vector_validity_mut(made), v->validity, (size_t)sb_bits_bytes(rows));
    }
    SB_TRY(used_rows(call, s, v, &count, err), err);
    for (int32_t i = 0; i < s->count; i++) {
        SB_TRY(cast_child(call, &s->parts[i], s, v->children[i], count, &made->children[i], err),
               err);
        made->pinned_bytes += made->children[i]->pinned_bytes;
    }
    return call->expr->function->impl->code ? drop_failed(call, v, made, err) : SB_OK;
}

sb_status
sb_cast_nested_parts(sb_call *call, sb_nested_cast *s, sb_vector **out, sb_error *err)
{
    sb_vector *v;
    SB_TRY(sb_call_flat(call, 0, &v, err), err);
    int32_t rows = v->encoding == SB_CONST ? 1 : v->length;
    sb_vector *made = sb_vector_alloc(call->mem, sb_call_type(call), rows, v->validity != NULL);
    sb_status status =
        made ? cast_parts(call, s, v, made, err)
             : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK) {
        made->encoding = v->encoding;
        made->length = v->length;
        *out = made;
    } else {
        sb_vector_unref(made);
    }
    sb_vector_unref(v);
    return status;
}
