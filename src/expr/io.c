/*
 * expr/io.c -- expressions as durable bytes, in plans and manifests.
 *
 * DESIGN     kind, type, then by kind: column index; null flag and value; function name, overload,
 * field, arguments. The depth of what is read is bounded, so damaged bytes cannot overflow the
 * stack.
 */
#include "expr/expr.h"

#include "expr/udf.h"

#include <string.h>

#define MAX_DEPTH 2000

static const char user_function[] = "USER FUNCTION"; /* in place of a name: an sb_udf follows */

static void
write_function(sb_writer *w, const sb_function *function)
{
    const sb_udf *udf = sb_udf_of(function);
    sb_write_cstr(w, udf ? user_function : function->name);
    if (udf) {
        sb_udf_write(w, udf);
    } else {
        sb_write_varint(w, (uint64_t)sb_function_id(function));
    }
}

static void
write_literal(sb_writer *w, const sb_expr *e)
{
    sb_write_u8(w, e->is_null);
    if (e->is_null) {
        return;
    }
    switch (sb_type_phys(&e->type)) {
    case SB_PHYS_VIEW:
        sb_write_str(w, (sb_str){sb_view_data(&e->value.view), sb_view_size(&e->value.view)});
        break;
    case SB_PHYS_I128:
        sb_write_u64(w, (uint64_t)e->value.i128);
        sb_write_i64(w, (int64_t)(e->value.i128 >> 64));
        break;
    case SB_PHYS_TSNS:
        sb_write_i64(w, e->value.tsns.us);
        sb_write_u32(w, (uint32_t)e->value.tsns.ns);
        break;
    default: sb_write_i64(w, e->value.i64); /* doubles by their bits */
    }
}

void
sb_expr_write(sb_writer *w, const sb_expr *expr)
{
    sb_write_u8(w, (uint8_t)expr->kind);
    sb_type_write(w, &expr->type);
    sb_write_u32(w, (uint32_t)expr->position);
    sb_write_u32(w, (uint32_t)expr->position_end);
    if (expr->kind == SB_EXPR_COLUMN) {
        sb_write_u32(w, (uint32_t)expr->column);
    } else if (expr->kind == SB_EXPR_LITERAL) {
        write_literal(w, expr);
    } else {
        write_function(w, expr->function);
        sb_write_u32(w, (uint32_t)expr->field);
        sb_write_varint(w, (uint64_t)expr->count_args);
        for (int32_t i = 0; i < expr->count_args; i++) {
            sb_expr_write(w, expr->args[i]);
        }
    }
}

static sb_status
read_literal(sb_reader *r, sb_arena *arena, sb_expr *e, sb_error *err)
{
    e->is_null = sb_read_u8(r);
    if (e->is_null) {
        return SB_OK;
    }
    switch (sb_type_phys(&e->type)) {
    case SB_PHYS_VIEW: {
        sb_str s = sb_read_str(r);
        char *bytes = sb_arena_strndup(arena, s.data ? s.data : "", s.size);
        if (!bytes) {
            SB_NOMEM(err);
        }
        e->value.view = sb_view_make(bytes, (uint32_t)s.size);
        break;
    }
    case SB_PHYS_I128: {
        unsigned __int128 low = sb_read_u64(r);
        e->value.i128 = (sb_int128)(low | (unsigned __int128)(uint64_t)sb_read_i64(r) << 64);
        break;
    }
    case SB_PHYS_TSNS:
        e->value.tsns.us = sb_read_i64(r);
        e->value.tsns.ns = (int32_t)(sb_read_u32(r) % 1000);
        break;
    case SB_PHYS_LIST:
    case SB_PHYS_STRUCT:
        SB_FAIL(err, SB_STATUS_CORRUPT, "expression has a literal of a nested type");
    default: e->value.i64 = sb_read_i64(r);
    }
    return SB_OK;
}

static sb_status read_expr(sb_reader *r, sb_arena *arena, int depth, sb_expr **out, sb_error *err);

static sb_status
read_function(sb_reader *r, sb_arena *arena, const sb_function **out, sb_error *err)
{
    char *name = sb_read_cstr(r, arena);
    if (name && strcmp(name, user_function) == 0) {
        const sb_udf *udf;
        SB_TRY(sb_udf_read(r, arena, &udf, err), err);
        if (!sb_udf_is(udf, SABOT_FUNCTION_SCALAR)) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "expression is damaged");
        }
        *out = &udf->function;
        return SB_OK;
    }
    uint64_t id = sb_read_varint(r);
    SB_TRY(sb_reader_done(r, "expression", err), err);
    if (!name) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "expression is damaged");
    }
    *out = id > INT32_MAX ? NULL : sb_function_by_id(name, (int32_t)id);
    if (!*out) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: function %s (signature %llu)", name,
                (unsigned long long)id);
    }
    return SB_OK;
}

static sb_status
read_call(sb_reader *r, sb_arena *arena, int depth, sb_expr *e, sb_error *err)
{
    SB_TRY(read_function(r, arena, &e->function, err), err);
    e->field = (int32_t)sb_read_u32(r);
    uint64_t count = sb_read_varint(r);
    SB_TRY(sb_reader_done(r, "expression", err), err);
    if (count > sb_reader_left(r)) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "expression is damaged");
    }
    e->count_args = (int32_t)count;
    e->args = SB_NEW_ARRAY(arena, sb_expr *, count > 0 ? count : 1);
    if (!e->args) {
        SB_NOMEM(err);
    }
    for (uint64_t i = 0; i < count; i++) {
        SB_TRY(read_expr(r, arena, depth + 1, &e->args[i], err), err);
    }
    return SB_OK;
}

static sb_status
read_expr(sb_reader *r, sb_arena *arena, int depth, sb_expr **out, sb_error *err)
{
    if (depth > MAX_DEPTH) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "expression is nested too deeply");
    }
    sb_expr *e = SB_NEW(arena, sb_expr);
    if (!e) {
        SB_NOMEM(err);
    }
    uint8_t kind = sb_read_u8(r);
    SB_TRY(sb_type_read(r, arena, &e->type, err), err);
    e->position = (int32_t)sb_read_u32(r);
    e->position_end = (int32_t)sb_read_u32(r);
    if (kind > SB_EXPR_CALL) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "expression has unknown kind %u", kind);
    }
    e->kind = (sb_expr_kind)kind;
    if (e->kind == SB_EXPR_COLUMN) {
        e->column = (int32_t)sb_read_u32(r);
        if (e->column < 0) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "expression has column %d", e->column);
        }
    } else if (e->kind == SB_EXPR_LITERAL) {
        SB_TRY(read_literal(r, arena, e, err), err);
    } else {
        SB_TRY(read_call(r, arena, depth, e, err), err);
    }
    SB_TRY(sb_reader_done(r, "expression", err), err);
    *out = e;
    return SB_OK;
}

sb_status
sb_expr_read(sb_reader *r, sb_arena *arena, sb_expr **out, sb_error *err)
{
    return read_expr(r, arena, 0, out, err);
}
