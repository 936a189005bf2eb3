/*
 * kernels/compare.tmpl.h -- the six comparisons of one physical kind; included once per kind by
 * compare.c.
 *
 * Parameters: T (value type), SFX (suffix of names), EQUAL(x, y), LESS(x, y) over pointers to
 * values. The operator templates compare_op.tmpl.h adds OP and TEST.
 */
#define OP         eq
#define TEST(x, y) EQUAL(x, y)
#include "kernels/compare_op.tmpl.h"
#define OP         ne
#define TEST(x, y) (!EQUAL(x, y))
#include "kernels/compare_op.tmpl.h"
#define OP         lt
#define TEST(x, y) LESS(x, y)
#include "kernels/compare_op.tmpl.h"
#define OP         gt
#define TEST(x, y) LESS(y, x)
#include "kernels/compare_op.tmpl.h"
#define OP         le
#define TEST(x, y) LESS_EQUAL(x, y)
#include "kernels/compare_op.tmpl.h"
#define OP         ge
#define TEST(x, y) LESS_EQUAL(y, x)
#include "kernels/compare_op.tmpl.h"

#undef T
#undef SFX
#undef EQUAL
#undef LESS
#undef LESS_EQUAL
