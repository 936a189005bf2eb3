/*
 * kernels/cast.tmpl.h -- one cast. Parameters: FROM, TO, A, B (suffixes), CONVERT(x). Undefines
 * all.
 */
static void
SB_KERNEL_NAME(cast, A, B)(void *result, const void *in, const int32_t *rows, int32_t count)
{
    TO *restrict out = result;
    const FROM *restrict from = in;
    if (rows) {
        for (int32_t i = 0; i < count; i++) {
            out[rows[i]] = (TO)(CONVERT(from[rows[i]]));
        }
    } else {
        for (int32_t i = 0; i < count; i++) {
            out[i] = (TO)(CONVERT(from[i]));
        }
    }
}

#undef TO
#undef B
#undef CONVERT
