/*
 * formats/json_marks.c -- see json_marks.h.
 */
#include "formats/json_marks.h"

#include <string.h>

#include "base/status.h"

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int8_t signed16 __attribute__((vector_size(16)));

static inline uint64_t
special16(const char *p)
{
    bytes16 c;
    memcpy(&c, p, sizeof c);
    /* as signed numbers, bytes above 127 are below ' ' too */
    bytes16 v = (bytes16)((c == '"') | (c == '\\') | ((signed16)c < ' '));
#ifdef __SSE2__
    typedef char char16 __attribute__((vector_size(16)));
    return (uint32_t)__builtin_ia32_pmovmskb128((char16)v);
#else
    uint64_t bits = 0;
    for (int i = 0; i < 16; i++) {
        bits |= (uint64_t)(v[i] >> 7) << i;
    }
    return bits;
#endif
}

/* The positions of the bits of a block, from `at` on. Most blocks have at most eight: those are
 * written without asking how many there are. */
static inline uint32_t *
put_bits(uint32_t *at, uint32_t position, uint64_t bits)
{
    int32_t n = __builtin_popcountll(bits);
    for (int32_t i = 0; i < 8; i++) {
        at[i] = position + (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
        bits &= bits - 1;
    }
    for (int32_t i = 8; __builtin_expect(i < n, 0); i++) {
        at[i] = position + (uint32_t)__builtin_ctzll(bits);
        bits &= bits - 1;
    }
    return at + n;
}

static uint32_t *
scan_plain(const char *base, uint32_t from, uint32_t to, uint32_t *at)
{
    for (; from < to; from += 64) {
        const char *p = base + from;
        uint64_t bits = special16(p) | special16(p + 16) << 16 | special16(p + 32) << 32 |
                        special16(p + 48) << 48;
        at = put_bits(at, from, bits);
    }
    return at;
}

#ifdef __x86_64__
typedef uint8_t bytes32 __attribute__((vector_size(32)));
typedef int8_t signed32 __attribute__((vector_size(32)));
typedef char char32 __attribute__((vector_size(32)));

static __attribute__((target("avx2,bmi,popcnt"))) uint32_t *
scan_avx2(const char *base, uint32_t from, uint32_t to, uint32_t *at)
{
    for (; from < to; from += 64) {
        bytes32 a, b;
        memcpy(&a, base + from, sizeof a);
        memcpy(&b, base + from + 32, sizeof b);
        a = (bytes32)((a == '"') | (a == '\\') | ((signed32)a < ' '));
        b = (bytes32)((b == '"') | (b == '\\') | ((signed32)b < ' '));
        uint64_t bits = (uint32_t)__builtin_ia32_pmovmskb256((char32)a) |
                        (uint64_t)(uint32_t)__builtin_ia32_pmovmskb256((char32)b) << 32;
        int32_t n = __builtin_popcountll(bits);
        for (int32_t i = 0; i < 8; i++) {
            at[i] = from + (uint32_t)__builtin_ia32_tzcnt_u64(bits);
            bits &= bits - 1;
        }
        for (int32_t i = 8; __builtin_expect(i < n, 0); i++) {
            at[i] = from + (uint32_t)__builtin_ctzll(bits);
            bits &= bits - 1;
        }
        at += n;
    }
    return at;
}
#endif

static uint32_t *
scan(const sb_json_marks *marks, uint32_t from, uint32_t to, uint32_t *at)
{
#ifdef __x86_64__
    if (!marks->narrow && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")) {
        return scan_avx2(marks->base, from, to, at);
    }
#endif
    return scan_plain(marks->base, from, to, at);
}

void
sb_json_marks_begin(sb_json_marks *marks, const char *base, uint32_t size)
{
    marks->base = base;
    marks->size = size;
    marks->scanned = marks->count = marks->next = 0;
    marks->narrow = false;
}

static void
scan_piece(sb_json_marks *marks)
{
    uint32_t left = marks->size - marks->scanned;
    uint32_t take = left < SB_JSON_MARKS_PIECE ? left : SB_JSON_MARKS_PIECE;
    uint32_t *end = scan(marks, marks->scanned, marks->scanned + take, marks->at + marks->count);
    marks->scanned += take;
    marks->count = (uint32_t)(end - marks->at);
    if (marks->scanned == marks->size) {
        while (marks->count > 0 && marks->at[marks->count - 1] >= marks->size) {
            marks->count--; /* what stands behind the text */
        }
        marks->at[marks->count++] = marks->size;
    }
}

bool
sb_json_marks_more(sb_json_marks *marks, uint32_t need)
{
    sb_assert(need <= SB_JSON_MARKS_NEED);
    while (marks->count - marks->next < need && marks->scanned < marks->size) {
        marks->count -= marks->next;
        memmove(marks->at, marks->at + marks->next, sizeof *marks->at * marks->count);
        marks->next = 0;
        scan_piece(marks);
    }
    return marks->count - marks->next >= need;
}
