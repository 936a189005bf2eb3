/*
 * kernels/compare.c -- see compare.h. Bodies: compare.tmpl.h.
 */
#include "kernels/compare.h"

#include "kernels/template.h"

#define T                uint8_t
#define SFX              u8
#define EQUAL(x, y)      (*(x) == *(y))
#define LESS(x, y)       (*(x) < *(y))
#define LESS_EQUAL(x, y) (*(x) <= *(y))
#include "kernels/compare.tmpl.h"
#define T                int8_t
#define SFX              i8
#define EQUAL(x, y)      (*(x) == *(y))
#define LESS(x, y)       (*(x) < *(y))
#define LESS_EQUAL(x, y) (*(x) <= *(y))
#include "kernels/compare.tmpl.h"
#define T                int16_t
#define SFX              i16
#define EQUAL(x, y)      (*(x) == *(y))
#define LESS(x, y)       (*(x) < *(y))
#define LESS_EQUAL(x, y) (*(x) <= *(y))
#include "kernels/compare.tmpl.h"
#define T                int32_t
#define SFX              i32
#define EQUAL(x, y)      (*(x) == *(y))
#define LESS(x, y)       (*(x) < *(y))
#define LESS_EQUAL(x, y) (*(x) <= *(y))
#include "kernels/compare.tmpl.h"
#define T                int64_t
#define SFX              i64
#define EQUAL(x, y)      (*(x) == *(y))
#define LESS(x, y)       (*(x) < *(y))
#define LESS_EQUAL(x, y) (*(x) <= *(y))
#include "kernels/compare.tmpl.h"
#define T                float
#define SFX              f32
#define EQUAL(x, y)      (*(x) == *(y))
#define LESS(x, y)       (*(x) < *(y))
#define LESS_EQUAL(x, y) (*(x) <= *(y))
#include "kernels/compare.tmpl.h"
#define T                double
#define SFX              f64
#define EQUAL(x, y)      (*(x) == *(y))
#define LESS(x, y)       (*(x) < *(y))
#define LESS_EQUAL(x, y) (*(x) <= *(y))
#include "kernels/compare.tmpl.h"
#define T                sb_int128
#define SFX              i128
#define EQUAL(x, y)      (*(x) == *(y))
#define LESS(x, y)       (*(x) < *(y))
#define LESS_EQUAL(x, y) (*(x) <= *(y))
#include "kernels/compare.tmpl.h"

static inline bool
tsns_less(const sb_ts_ns *x, const sb_ts_ns *y)
{
    return x->us < y->us || (x->us == y->us && x->ns < y->ns);
}

#define T                sb_ts_ns
#define SFX              tsns
#define EQUAL(x, y)      ((x)->us == (y)->us && (x)->ns == (y)->ns)
#define LESS(x, y)       tsns_less(x, y)
#define LESS_EQUAL(x, y) (!tsns_less(y, x))
#include "kernels/compare.tmpl.h"
#define T                sb_view
#define SFX              view
#define EQUAL(x, y)      sb_view_equal(x, y)
#define LESS(x, y)       (sb_view_compare(x, y) < 0)
#define LESS_EQUAL(x, y) (sb_view_compare(x, y) <= 0)
#include "kernels/compare.tmpl.h"

#define OPS(kind, sfx)                                                                       \
    {                                                                                        \
        kind##_eq_##sfx, kind##_ne_##sfx, kind##_lt_##sfx, kind##_le_##sfx, kind##_gt_##sfx, \
            kind##_ge_##sfx                                                                  \
    }
#define KINDS(kind)                                                                               \
    [SB_PHYS_BOOL] = OPS(kind, u8), [SB_PHYS_I8] = OPS(kind, i8), [SB_PHYS_I16] = OPS(kind, i16), \
    [SB_PHYS_I32] = OPS(kind, i32), [SB_PHYS_I64] = OPS(kind, i64),                               \
    [SB_PHYS_F32] = OPS(kind, f32), [SB_PHYS_F64] = OPS(kind, f64),                               \
    [SB_PHYS_I128] = OPS(kind, i128), [SB_PHYS_TSNS] = OPS(kind, tsns),                           \
    [SB_PHYS_VIEW] = OPS(kind, view)

sb_compare_fn
sb_compare_kernel(sb_phys phys, sb_compare_op op)
{
    static const sb_compare_fn table[SB_PHYS_COUNT][SB_COMPARE_COUNT] = {KINDS(compare)};
    return table[phys][op];
}

sb_compare_select_fn
sb_compare_select_kernel(sb_phys phys, sb_compare_op op)
{
    static const sb_compare_select_fn table[SB_PHYS_COUNT][SB_COMPARE_COUNT] = {KINDS(select)};
    return table[phys][op];
}

sb_compare_op
sb_compare_swap(sb_compare_op op)
{
    static const sb_compare_op swap[] = {SB_EQ, SB_NE, SB_GT, SB_GE, SB_LT, SB_LE};
    return swap[op];
}

sb_compare_op
sb_compare_negate(sb_compare_op op)
{
    static const sb_compare_op negate[] = {SB_NE, SB_EQ, SB_GE, SB_GT, SB_LE, SB_LT};
    return negate[op];
}
