/*
 * kernels/cast.c -- see cast.h. Bodies: cast.tmpl.h.
 */
#include "kernels/cast.h"

#include "kernels/template.h"

#define FROM int8_t
#define A    i8
#include "kernels/cast_from.tmpl.h"
#define FROM int16_t
#define A    i16
#include "kernels/cast_from.tmpl.h"
#define FROM int32_t
#define A    i32
#include "kernels/cast_from.tmpl.h"
#define FROM int64_t
#define A    i64
#include "kernels/cast_from.tmpl.h"
#define FROM float
#define A    f32
#define SATURATE
#include "kernels/cast_from.tmpl.h"
#define FROM double
#define A    f64
#define SATURATE
#include "kernels/cast_from.tmpl.h"

#define ROW(a)                                                          \
    {                                                                   \
        [SB_PHYS_I8] = cast_##a##_i8, [SB_PHYS_I16] = cast_##a##_i16,   \
        [SB_PHYS_I32] = cast_##a##_i32, [SB_PHYS_I64] = cast_##a##_i64, \
        [SB_PHYS_F32] = cast_##a##_f32, [SB_PHYS_F64] = cast_##a##_f64  \
    }

sb_cast_fn
sb_cast_kernel(sb_phys from, sb_phys to)
{
    static const sb_cast_fn table[SB_PHYS_COUNT][SB_PHYS_COUNT] = {
        [SB_PHYS_I8] = ROW(i8),   [SB_PHYS_I16] = ROW(i16), [SB_PHYS_I32] = ROW(i32),
        [SB_PHYS_I64] = ROW(i64), [SB_PHYS_F32] = ROW(f32), [SB_PHYS_F64] = ROW(f64)};
    return table[from][to];
}
