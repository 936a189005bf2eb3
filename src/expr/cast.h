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

#endif
