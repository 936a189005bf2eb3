/*
 * kernels/compare_op.tmpl.h -- one comparison of one kind: to booleans, and to a selection.
 *
 * Parameters: T, SFX, OP, TEST(x, y) over pointers. Undefines OP and TEST.
 */
static void
SB_KERNEL_NAME(compare, OP, SFX)(uint8_t *restrict out, const sb_operands *in, const int32_t *rows,
                                 int32_t count)
{
    const T *restrict a = in->a, *restrict b = in->b;
    int32_t mask = in->b_const ? 0 : -1;
    if (rows) {
        for (int32_t i = 0; i < count; i++) {
            int32_t r = rows[i];
            out[r] = TEST(&a[r], &b[r & mask]);
        }
    } else if (in->b_const) {
        const T c = *b;
        for (int32_t i = 0; i < count; i++) {
            out[i] = TEST(&a[i], &c);
        }
    } else {
        for (int32_t i = 0; i < count; i++) {
            out[i] = TEST(&a[i], &b[i]);
        }
    }
}

static int32_t
SB_KERNEL_NAME(select, OP, SFX)(int32_t *out, const sb_operands *in, const uint64_t *validity,
                                const int32_t *rows, int32_t count)
{
    /* No restrict: `out` may be `rows` (a selection that is narrowed in place). */
    const T *a = in->a, *b = in->b;
    int32_t mask = in->b_const ? 0 : -1, n = 0;
    if (!rows && !validity && in->b_const) {
        const T c = *b;
        for (int32_t i = 0; i < count; i++) {
            out[n] = i;
            n += TEST(&a[i], &c);
        }
    } else if (!validity && in->b_const) {
        const T c = *b;
        for (int32_t i = 0; i < count; i++) {
            int32_t r = rows[i];
            out[n] = r;
            n += TEST(&a[r], &c);
        }
    } else if (!rows) {
        for (int32_t i = 0; i < count; i++) {
            bool valid = !validity || sb_bit_get(validity, i);
            out[n] = i;
            n += valid & (TEST(&a[i], &b[i & mask]));
        }
    } else {
        for (int32_t i = 0; i < count; i++) {
            int32_t r = rows[i];
            bool valid = !validity || sb_bit_get(validity, r);
            out[n] = r;
            n += valid & (TEST(&a[r], &b[r & mask]));
        }
    }
    return n;
}

#undef OP
#undef TEST
