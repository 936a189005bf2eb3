/*
 * kernels/arith.tmpl.h -- one operation that cannot fail on one numeric kind.
 *
 * Parameters: T, SFX, OP, CALC(x, y). Undefines OP and CALC.
 */
static int32_t
SB_KERNEL_NAME(arith, OP, SFX)(void *restrict result, const sb_arith_in *in)
{
    T *restrict out = result;
    const T *restrict a = in->a, *restrict b = in->b;
    int32_t count = in->count;
    if (in->rows) {
        int32_t mask_a = in->shape == SB_SHAPE_CV ? 0 : -1;
        int32_t mask_b = in->shape == SB_SHAPE_VC ? 0 : -1;
        for (int32_t i = 0; i < count; i++) {
            int32_t r = in->rows[i];
            out[r] = (T)(CALC(a[r & mask_a], b[r & mask_b]));
        }
    } else if (in->shape == SB_SHAPE_VV) {
        for (int32_t i = 0; i < count; i++) {
            out[i] = (T)(CALC(a[i], b[i]));
        }
    } else if (in->shape == SB_SHAPE_VC) {
        const T c = *b;
        for (int32_t i = 0; i < count; i++) {
            out[i] = (T)(CALC(a[i], c));
        }
    } else {
        const T c = *a;
        for (int32_t i = 0; i < count; i++) {
            out[i] = (T)(CALC(c, b[i]));
        }
    }
    return -1;
}

#undef OP
#undef CALC
