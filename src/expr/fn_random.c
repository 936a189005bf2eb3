/*
 * expr/fn_random.c -- RAND, RAND_INTEGER as java.util.Random, UUID.
 *
 * DESIGN     A seed that is written down starts one sequence for all rows of a task; a seed from a
 * column starts one per row. Without a seed the machine chooses one.
 */
#include "expr/function.h"

#include "base/os/os.h"

#define MASK (((uint64_t)1 << 48) - 1)

typedef struct random_state {
    uint64_t seed; /* of 48 bits */
    bool running;  /* goes on from row to row */
} random_state;

static uint64_t
scramble(int64_t seed)
{
    return ((uint64_t)seed ^ 0x5DEECE66D) & MASK;
}

/* The upper bits of the next number. */
static int32_t
next_bits(uint64_t *seed, int bits)
{
    *seed = (*seed * 0x5DEECE66D + 0xB) & MASK;
    return (int32_t)(*seed >> (48 - bits));
}

static double
next_double(uint64_t *seed)
{
    int64_t high = next_bits(seed, 26);
    return (double)((high << 27) + next_bits(seed, 27)) * 0x1.0p-53;
}

/* Below bound, which is positive. */
static int32_t
next_below(uint64_t *seed, int32_t bound)
{
    int32_t v = next_bits(seed, 31), m = bound - 1;
    if ((bound & m) == 0) {
        return (int32_t)(((int64_t)bound * v) >> 31);
    }
    while ((int64_t)v - v % bound + m > INT32_MAX) {
        v = next_bits(seed, 31);
    }
    return v % bound;
}

static sb_status
random_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    int32_t seeded = call->expr->function->impl->code; /* arguments when there is a seed */
    random_state *s = SB_NEW(arena, random_state);
    const sb_expr *e = sb_call_literal(call, 0);
    if (!s) {
        SB_NOMEM(err);
    }
    s->running = call->expr->count_args < seeded || e;
    if (call->expr->count_args < seeded) {
        s->seed = sb_os_real()->random(sb_os_real()) & MASK;
    } else if (e) {
        s->seed = scramble(e->value.i64);
    }
    call->state = s;
    return SB_OK;
}

static uint64_t *
seed_of(sb_call *call, const void *const *args)
{
    random_state *s = call->state;
    if (!s->running) {
        s->seed = scramble(*(const int32_t *)args[0]);
    }
    return &s->seed;
}

static sb_status
rand_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)err;
    *(double *)out = next_double(seed_of(call, args));
    return SB_OK;
}

static sb_status
rand_integer_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    int32_t bound = *(const int32_t *)args[call->expr->count_args - 1];
    if (bound <= 0) {
        SB_FAIL(err, SB_STATUS_DATA, "the bound of RAND_INTEGER must be positive, not %d", bound);
    }
    *(int32_t *)out = next_below(seed_of(call, args), bound);
    return SB_OK;
}

/* Version 4: 122 random bits. */
static sb_status
uuid_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    uint64_t high = sb_os_real()->random(sb_os_real()), low = sb_os_real()->random(sb_os_real());
    (void)args;
    high = (high & ~(uint64_t)0xF000) | 0x4000;
    low = (low & ~((uint64_t)3 << 62)) | (uint64_t)1 << 63;
    sb_text_clear(&call->text);
    sb_text_printf(&call->text, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(high >> 32),
                   (unsigned)(high >> 16 & 0xFFFF), (unsigned)(high & 0xFFFF),
                   (unsigned)(low >> 48), (unsigned long long)(low & 0xFFFFFFFFFFFF));
    if (sb_text_failed(&call->text)) {
        SB_NOMEM(err);
    }
    return sb_call_string(call, out, call->text.data, call->text.size, err);
}

const sb_impl sb_impl_rand = {.row = rand_row, .prepare = random_prepare, .code = 1};
const sb_impl sb_impl_rand_integer = {
    .row = rand_integer_row, .prepare = random_prepare, .code = 2};
const sb_impl sb_impl_uuid = {.row = uuid_row};
