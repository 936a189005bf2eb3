/*
 * kernels/divide.tmpl.h -- integer / and % of one kind. Rows that are NULL are stepped over.
 *
 * Parameters: T, U (unsigned twin), SFX. Undefines all three.
 */
static int32_t
SB_KERNEL_NAME(arith, div, SFX)(void *result, const sb_arith_in *in)
{
    T *out = result;
    const T *a = in->a, *b = in->b;
    int32_t mask_a = in->shape == SB_SHAPE_CV ? 0 : -1, mask_b = in->shape == SB_SHAPE_VC ? 0 : -1;
    for (int32_t i = 0; i < in->count; i++) {
        int32_t r = in->rows ? in->rows[i] : i;
        T x = a[r & mask_a], y = b[r & mask_b];
        if (__builtin_expect(y == 0 || y == -1, 0)) { /* MIN / -1 would trap */
            if (y == 0 && (!in->validity || sb_bit_get(in->validity, r))) {
                return r;
            }
            out[r] = y == 0 ? 0 : (T)((U)0 - (U)x);
        } else {
            out[r] = (T)(x / y);
        }
    }
    return -1;
}

static int32_t
SB_KERNEL_NAME(arith, rem, SFX)(void *result, const sb_arith_in *in)
{
    T *out = result;
    const T *a = in->a, *b = in->b;
    int32_t mask_a = in->shape == SB_SHAPE_CV ? 0 : -1, mask_b = in->shape == SB_SHAPE_VC ? 0 : -1;
    for (int32_t i = 0; i < in->count; i++) {
        int32_t r = in->rows ? in->rows[i] : i;
        T x = a[r & mask_a], y = b[r & mask_b];
        if (__builtin_expect(y == 0 || y == -1, 0)) {
            if (y == 0 && (!in->validity || sb_bit_get(in->validity, r))) {
                return r;
            }
            out[r] = 0;
        } else {
            out[r] = (T)(x % y);
        }
    }
    return -1;
}

#undef T
#undef U
#undef SFX
