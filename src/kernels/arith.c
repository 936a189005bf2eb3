/*
 * kernels/arith.c -- see arith.h. Bodies: arith.tmpl.h, divide.tmpl.h.
 *
 * DESIGN     Integers are calculated in an unsigned type at least as wide as int, so nothing
 * overflows.
 */
#include "kernels/arith.h"

#include "kernels/template.h"

#include <math.h>

#define T          int8_t
#define SFX        i8
#define OP         add
#define CALC(x, y) ((unsigned)(x) + (unsigned)(y))
#include "kernels/arith.tmpl.h"
#define OP         sub
#define CALC(x, y) ((unsigned)(x) - (unsigned)(y))
#include "kernels/arith.tmpl.h"
#define OP         mul
#define CALC(x, y) ((unsigned)(x) * (unsigned)(y))
#include "kernels/arith.tmpl.h"
#define U uint8_t
#include "kernels/divide.tmpl.h"

#define T          int16_t
#define SFX        i16
#define OP         add
#define CALC(x, y) ((unsigned)(x) + (unsigned)(y))
#include "kernels/arith.tmpl.h"
#define OP         sub
#define CALC(x, y) ((unsigned)(x) - (unsigned)(y))
#include "kernels/arith.tmpl.h"
#define OP         mul
#define CALC(x, y) ((unsigned)(x) * (unsigned)(y))
#include "kernels/arith.tmpl.h"
#define U uint16_t
#include "kernels/divide.tmpl.h"

#define T          int32_t
#define SFX        i32
#define OP         add
#define CALC(x, y) ((uint32_t)(x) + (uint32_t)(y))
#include "kernels/arith.tmpl.h"
#define OP         sub
#define CALC(x, y) ((uint32_t)(x) - (uint32_t)(y))
#include "kernels/arith.tmpl.h"
#define OP         mul
#define CALC(x, y) ((uint32_t)(x) * (uint32_t)(y))
#include "kernels/arith.tmpl.h"
#define U uint32_t
#include "kernels/divide.tmpl.h"

#define T          int64_t
#define SFX        i64
#define OP         add
#define CALC(x, y) ((uint64_t)(x) + (uint64_t)(y))
#include "kernels/arith.tmpl.h"
#define OP         sub
#define CALC(x, y) ((uint64_t)(x) - (uint64_t)(y))
#include "kernels/arith.tmpl.h"
#define OP         mul
#define CALC(x, y) ((uint64_t)(x) * (uint64_t)(y))
#include "kernels/arith.tmpl.h"
#define U uint64_t
#include "kernels/divide.tmpl.h"

#define T          float
#define SFX        f32
#define OP         add
#define CALC(x, y) ((x) + (y))
#include "kernels/arith.tmpl.h"
#define OP         sub
#define CALC(x, y) ((x) - (y))
#include "kernels/arith.tmpl.h"
#define OP         mul
#define CALC(x, y) ((x) * (y))
#include "kernels/arith.tmpl.h"
#define OP         div
#define CALC(x, y) ((x) / (y))
#include "kernels/arith.tmpl.h"
#define OP         rem
#define CALC(x, y) fmodf(x, y)
#include "kernels/arith.tmpl.h"
#undef T
#undef SFX

#define T          double
#define SFX        f64
#define OP         add
#define CALC(x, y) ((x) + (y))
#include "kernels/arith.tmpl.h"
#define OP         sub
#define CALC(x, y) ((x) - (y))
#include "kernels/arith.tmpl.h"
#define OP         mul
#define CALC(x, y) ((x) * (y))
#include "kernels/arith.tmpl.h"
#define OP         div
#define CALC(x, y) ((x) / (y))
#include "kernels/arith.tmpl.h"
#define OP         rem
#define CALC(x, y) fmod(x, y)
#include "kernels/arith.tmpl.h"
#undef T
#undef SFX

#define ROW(sfx)                                                                            \
    {                                                                                       \
        arith_add_##sfx, arith_sub_##sfx, arith_mul_##sfx, arith_div_##sfx, arith_rem_##sfx \
    }

sb_arith_fn
sb_arith_kernel(sb_phys phys, sb_arith_op op)
{
    static const sb_arith_fn table[SB_PHYS_COUNT][SB_ARITH_COUNT] = {
        [SB_PHYS_I8] = ROW(i8),   [SB_PHYS_I16] = ROW(i16), [SB_PHYS_I32] = ROW(i32),
        [SB_PHYS_I64] = ROW(i64), [SB_PHYS_F32] = ROW(f32), [SB_PHYS_F64] = ROW(f64)};
    return table[phys][op];
}
