/*
 * kernels/cast_from.tmpl.h -- the casts of one type to all others.
 *
 * Parameters: FROM, A (suffix), SATURATE if FROM is floating point. Undefines all.
 */
#ifdef SATURATE
#define TO_INT(x)  sb_double_to_i32((double)(x))
#define TO_LONG(x) sb_double_to_i64((double)(x))
#else
#define TO_INT(x)  (x)
#define TO_LONG(x) (x)
#endif

#define TO      int8_t
#define B       i8
#define CONVERT TO_INT
#include "kernels/cast.tmpl.h"
#define TO      int16_t
#define B       i16
#define CONVERT TO_INT
#include "kernels/cast.tmpl.h"
#define TO      int32_t
#define B       i32
#define CONVERT TO_INT
#include "kernels/cast.tmpl.h"
#define TO      int64_t
#define B       i64
#define CONVERT TO_LONG
#include "kernels/cast.tmpl.h"
#define TO         float
#define B          f32
#define CONVERT(x) (x)
#include "kernels/cast.tmpl.h"
#define TO         double
#define B          f64
#define CONVERT(x) (x)
#include "kernels/cast.tmpl.h"

#undef FROM
#undef A
#undef TO_INT
#undef TO_LONG
#undef SATURATE
