/*
 * expr/cast.h -- what fn_cast.c and cast_text.c share. Inside this folder only.
 */
#ifndef SB_EXPR_CAST_H
#define SB_EXPR_CAST_H

#include "expr/function.h"

/* This row's value does not convert: DATA, or NULL under TRY_CAST. */
sb_status sb_cast_fail(sb_call *call, const char *data, size_t size, sb_error *err);
/* Casts from or to CHAR, VARCHAR, BINARY, VARBINARY; NULL: none. */
sb_row_fn sb_cast_text_row(const sb_type *from, const sb_type *to);
int64_t sb_time_truncate_ms(int64_t ms, int precision);
/* A value of any scalar type as CAST(x AS STRING) prints it; room for 64 bytes; not for strings and
 * bytes. */
size_t sb_value_text(const sb_type *type, const void *value, const sb_zone *zone, char *buffer);
/* The bytes of call->text, cut or padded to the length of the result's type. */
sb_status sb_cast_fit_text(sb_call *call, void *out, sb_error *err);

/* VARIANT and BITMAP as text, for casts. */
sb_status sb_variant_to_text(sb_call *call, const void *const *args, void *out, sb_error *err);
sb_status sb_bitmap_to_text(sb_call *call, const void *const *args, void *out, sb_error *err);

/* cast_nested.c: ARRAY, MAP, MULTISET, ROW to text, and to others of their kind. */
typedef struct sb_nested_cast sb_nested_cast;
sb_status sb_cast_nested_text(sb_call *call, sb_vector **out, sb_error *err);
/* *out is to be released even when this fails, unless it is NULL. */
sb_status sb_cast_nested_prepare(sb_call *call, sb_arena *arena, sb_nested_cast **out,
                                 sb_error *err);
sb_status sb_cast_nested_parts(sb_call *call, sb_nested_cast *s, sb_vector **out, sb_error *err);
void sb_cast_nested_release(sb_nested_cast *s);

#endif
