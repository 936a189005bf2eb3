/*
 * kernels/wide.c -- see wide.h.
 */
#include "kernels/wide.h"

#include "base/status.h"

static void
trim(sb_wide *w)
{
    while (w->count > 0 && w->limb[w->count - 1] == 0) {
        w->count--;
    }
}

sb_wide
sb_wide_of(unsigned __int128 value)
{
    sb_wide w = {.count = 4};
    for (int i = 0; i < 4; i++) {
        w.limb[i] = (uint32_t)(value >> (32 * i));
    }
    trim(&w);
    return w;
}

bool
sb_wide_to_u128(const sb_wide *value, unsigned __int128 *out)
{
    unsigned __int128 v = 0;
    if (value->count > 4) {
        return false;
    }
    for (int i = value->count - 1; i >= 0; i--) {
        v = v << 32 | value->limb[i];
    }
    *out = v;
    return true;
}

sb_wide
sb_wide_multiply(const sb_wide *a, const sb_wide *b)
{
    sb_wide w = {.count = a->count + b->count};
    sb_assert(w.count <= SB_WIDE_LIMBS);
    for (int i = 0; i < a->count; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < b->count; j++) {
            carry += (uint64_t)a->limb[i] * b->limb[j] + w.limb[i + j];
            w.limb[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        w.limb[i + b->count] = (uint32_t)carry;
    }
    trim(&w);
    return w;
}

sb_wide
sb_wide_add(const sb_wide *a, const sb_wide *b)
{
    sb_wide w = {.count = (a->count > b->count ? a->count : b->count) + 1};
    uint64_t carry = 0;
    sb_assert(w.count <= SB_WIDE_LIMBS);
    for (int i = 0; i < w.count; i++) {
        carry += (uint64_t)(i < a->count ? a->limb[i] : 0) + (i < b->count ? b->limb[i] : 0);
        w.limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    trim(&w);
    return w;
}

sb_wide
sb_wide_subtract(const sb_wide *a, const sb_wide *b)
{
    sb_wide w = {.count = a->count};
    uint64_t borrow = 0;
    for (int i = 0; i < a->count; i++) {
        uint64_t d = (uint64_t)a->limb[i] - (i < b->count ? b->limb[i] : 0) - borrow;
        w.limb[i] = (uint32_t)d;
        borrow = d >> 63;
    }
    sb_assert(borrow == 0);
    trim(&w);
    return w;
}

int
sb_wide_compare(const sb_wide *a, const sb_wide *b)
{
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    for (int i = a->count - 1; i >= 0; i--) {
        if (a->limb[i] != b->limb[i]) {
            return a->limb[i] < b->limb[i] ? -1 : 1;
        }
    }
    return 0;
}

static void
divide_small(const sb_wide *a, uint32_t b, sb_wide *quotient, sb_wide *remainder)
{
    uint64_t rest = 0;
    *quotient = (sb_wide){.count = a->count};
    for (int i = a->count - 1; i >= 0; i--) {
        rest = rest << 32 | a->limb[i];
        quotient->limb[i] = (uint32_t)(rest / b);
        rest %= b;
    }
    trim(quotient);
    *remainder = sb_wide_of(rest);
}

/* w = a << bits, into count limbs. */
static void
shift_left(uint32_t *w, int count, const sb_wide *a, int bits)
{
    for (int i = 0; i < count; i++) {
        uint64_t high = i < a->count ? a->limb[i] : 0;
        uint64_t low = i > 0 && i - 1 < a->count ? a->limb[i - 1] : 0;
        w[i] = (uint32_t)((high << 32 | low) << bits >> 32);
    }
}

void
sb_wide_divide(const sb_wide *a, const sb_wide *b, sb_wide *quotient, sb_wide *remainder)
{
    uint32_t u[SB_WIDE_LIMBS + 1], v[SB_WIDE_LIMBS];
    int n = b->count, m = a->count - n;
    sb_assert(n > 0);
    if (m < 0) {
        *remainder = *a;
        *quotient = (sb_wide){.count = 0};
        return;
    }
    if (n == 1) {
        divide_small(a, b->limb[0], quotient, remainder);
        return;
    }
    int bits = __builtin_clz(b->limb[n - 1]);
    shift_left(v, n, b, bits);
    shift_left(u, a->count + 1, a, bits);
    *quotient = (sb_wide){.count = m + 1};
    for (int j = m; j >= 0; j--) {
        uint64_t top = (uint64_t)u[j + n] << 32 | u[j + n - 1];
        uint64_t q = top / v[n - 1], r = top % v[n - 1];
        while (q >> 32 || q * v[n - 2] > (r << 32 | u[j + n - 2])) {
            q--;
            r += v[n - 1];
            if (r >> 32) {
                break;
            }
        }
        int64_t borrow = 0;
        uint64_t carry = 0;
        for (int i = 0; i < n; i++) {
            carry += q * v[i];
            int64_t d = (int64_t)u[i + j] - (int64_t)(uint32_t)carry + borrow;
            u[i + j] = (uint32_t)d;
            borrow = d >> 32;
            carry >>= 32;
        }
        int64_t d = (int64_t)u[j + n] - (int64_t)carry + borrow;
        u[j + n] = (uint32_t)d;
        if (d < 0) { /* q was one too large: add the divisor back */
            q--;
            carry = 0;
            for (int i = 0; i < n; i++) {
                carry += (uint64_t)u[i + j] + v[i];
                u[i + j] = (uint32_t)carry;
                carry >>= 32;
            }
            u[j + n] += (uint32_t)carry;
        }
        quotient->limb[j] = (uint32_t)q;
    }
    trim(quotient);
    *remainder = (sb_wide){.count = n};
    for (int i = 0; i < n; i++) {
        remainder->limb[i] = (uint32_t)((((uint64_t)u[i + 1] << 32) | u[i]) >> bits);
    }
    trim(remainder);
}

sb_wide
sb_wide_pow10(int exponent)
{
    sb_wide w = sb_wide_of(1), billion = sb_wide_of(1000000000);
    for (; exponent >= 9; exponent -= 9) {
        w = sb_wide_multiply(&w, &billion);
    }
    uint32_t rest = 1;
    for (; exponent > 0; exponent--) {
        rest *= 10;
    }
    sb_wide last = sb_wide_of(rest);
    return sb_wide_multiply(&w, &last);
}
