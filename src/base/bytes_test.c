/* Durable bytes: formats by hand, round trips, over-reads, hostile lengths; hashes against
 * published values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/hash.h"

static void
test_formats(void **unused)
{
    (void)unused;
    sb_writer w;
    sb_writer_init(&w, sb_mem_root());
    sb_write_u8(&w, 0xAB);
    sb_write_u16(&w, 0x0102);
    sb_write_u32(&w, 0x01020304);
    sb_write_u64(&w, 0x0102030405060708);
    sb_write_i64(&w, -2);
    sb_write_varint(&w, 0);
    sb_write_varint(&w, 127);
    /* AC 02: the example of the protobuf documentation has 150 = 96 01 and 300 = AC 02 */
    sb_write_varint(&w, 300);
    sb_write_str(&w, SB_STR("hi"));
    sb_write_cstr(&w, NULL);
    sb_write_cstr(&w, "");
    sb_write_cstr(&w, "x");
    size_t block = sb_write_block_begin(&w);
    sb_write_u8(&w, 7);
    sb_write_block_end(&w, block);
    static const uint8_t expected[] = {
        0xAB, 0x02, 0x01, 0x04, 0x03, 0x02, 0x01, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
        0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x7F, 0xAC, 0x02, 2,    'h',  'i',
        0,    1,    2,    'x',  1,    0,    0,    0,    0,    0,    0,    0,    7};
    assert_int_equal(w.out.size, sizeof expected);
    assert_memory_equal(w.out.data, expected, sizeof expected);
    sb_writer_deinit(&w);
}

static void
write_all(sb_writer *w)
{
    sb_write_u8(w, 1);
    sb_write_u16(w, 60000);
    size_t outer = sb_write_block_begin(w);
    sb_write_u32(w, 4000000000u);
    size_t inner = sb_write_block_begin(w);
    sb_write_varint(w, UINT64_MAX);
    sb_write_block_end(w, inner);
    sb_write_cstr(w, "text");
    sb_write_cstr(w, NULL);
    sb_write_block_end(w, outer);
    sb_write_i64(w, INT64_MIN);
    sb_write_str(w, SB_STR("a\0b"));
    sb_write_u64(w, UINT64_MAX);
}

/* True if all came out as it was written. */
static bool
read_all(sb_reader *r, sb_arena *arena)
{
    bool fine = sb_read_u8(r) == 1 && sb_read_u16(r) == 60000;
    sb_reader outer = sb_read_block(r);
    fine &= sb_read_u32(&outer) == 4000000000u;
    sb_reader inner = sb_read_block(&outer);
    fine &= sb_read_varint(&inner) == UINT64_MAX && sb_reader_left(&inner) == 0;
    char *text = sb_read_cstr(&outer, arena);
    fine &= text && strcmp(text, "text") == 0 && !sb_read_cstr(&outer, arena) && !outer.failed;
    fine &= sb_read_i64(r) == INT64_MIN && sb_str_equal(sb_read_str(r), SB_STR("a\0b"));
    return sb_read_u64(r) == UINT64_MAX && fine && sb_reader_done(r, "test", NULL) == SB_OK;
}

static void
test_round_trip_and_over_reads(void **unused)
{
    (void)unused;
    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_writer w;
    sb_writer_init(&w, sb_mem_root());
    write_all(&w);
    sb_reader r = sb_reader_of(w.out.data, w.out.size);
    assert_true(read_all(&r, arena));
    assert_int_equal(sb_reader_left(&r), 0);
    for (size_t size = 0; size < w.out.size; size++) {
        char *exact = sb_alloc(sb_mem_root(), size); /* the sanitizer sees a byte too much */
        memcpy(exact, w.out.data, size);
        r = sb_reader_of(exact, size);
        assert_false(read_all(&r, arena));
        sb_error err;
        assert_int_equal(sb_reader_done(&r, "snapshot", &err), SB_STATUS_CORRUPT);
        assert_non_null(strstr(err.message, "snapshot"));
        sb_free(sb_mem_root(), exact, size);
    }
    r = sb_reader_of(NULL, 0);
    assert_int_equal(sb_read_u64(&r), 0);
    assert_true(r.failed);
    assert_int_equal(sb_read_u8(&r), 0); /* stays failed, yields zeroes */
    assert_int_equal(sb_read_str(&r).size, 0);
    assert_null(sb_read_raw(&r, 0));
    sb_writer_deinit(&w);
    sb_arena_free(arena);
}

static void
check_failing(const char *bytes, size_t size, int what)
{
    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_reader r = sb_reader_of(bytes, size);
    switch (what) {
    case 0: sb_read_varint(&r); break;
    case 1: sb_read_str(&r); break;
    case 2: sb_read_cstr(&r, arena); break;
    default: sb_read_block(&r);
    }
    assert_true(r.failed);
    sb_arena_free(arena);
}

static void
test_hostile_lengths(void **unused)
{
    (void)unused;
    check_failing("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", 10, 0); /* more than 64 bits */
    check_failing("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11, 0);
    check_failing("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 10,
                  1); /* a string of 2^64 - 1 bytes */
    check_failing("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 10, 2);
    check_failing("\x03\x00x", 3, 2); /* a zero inside of a C string */
    check_failing("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, 3);
    sb_reader r = sb_reader_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 10);
    assert_true(sb_read_varint(&r) == UINT64_MAX && !r.failed);
}

static void
test_writer_without_memory(void **unused)
{
    (void)unused;
    sb_mem *mem = sb_mem_new(NULL, "m", 0);
    for (int64_t n = 1;; n++) {
        sb_writer w;
        sb_writer_init(&w, mem);
        sb_mem_fail_after(n);
        write_all(&w);
        bool failed = sb_mem_fail_after(0) >= n;
        assert_int_equal(w.out.failed, failed);
        sb_writer_deinit(&w);
        assert_int_equal(sb_mem_used(mem), 0);
        if (!failed) {
            break;
        }
    }
    sb_arena *arena = sb_arena_new(mem);
    sb_reader r = sb_reader_of("\x02x", 2);
    sb_mem_fail_after(1);
    assert_null(sb_read_cstr(&r, arena));
    sb_mem_fail_after(0);
    assert_true(r.failed); /* not taken for NULL */
    assert_int_equal(sb_reader_done(&r, "test", NULL), SB_STATUS_NOMEM);
    sb_arena_free(arena);
    sb_mem_unref(mem);
}

static void
test_hashes(void **unused)
{
    (void)unused;
    /* CRC-32C: RFC 3720 B.4, and the check value of the catalogue of Greg Cook */
    unsigned char zeroes[32] = {0}, ones[32], up[32];
    memset(ones, 0xFF, sizeof ones);
    for (int i = 0; i < 32; i++) {
        up[i] = (unsigned char)i;
    }
    assert_int_equal(sb_crc32c(0, "123456789", 9), 0xE3069283);
    assert_int_equal(sb_crc32c(0, zeroes, 32), 0x8A9136AA);
    assert_int_equal(sb_crc32c(0, ones, 32), 0x62A8AB43);
    assert_int_equal(sb_crc32c(0, up, 32), 0x46DD794E);
    assert_int_equal(sb_crc32c(sb_crc32c(0, "1234", 4), "56789", 5), 0xE3069283); /* in parts */
    assert_int_equal(sb_crc32c(0, NULL, 0), 0);
    /* XXH3-64 of nothing, seed 0: published test vector */
    assert_true(sb_hash_bytes("", 0) == UINT64_C(0x2D06800538D394C2));
    /* SplitMix64, seed 1234567: the first outputs, as in Rosetta Code */
    uint64_t state = 1234567;
    assert_true(sb_hash_u64(state) == UINT64_C(6457827717110365317));
    assert_true(sb_hash_u64(state + SB_HASH_GAMMA) == UINT64_C(3203168211198807973));
    assert_true(sb_hash_combine(1, 2) != sb_hash_combine(2, 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),         cmocka_unit_test(test_round_trip_and_over_reads),
        cmocka_unit_test(test_hostile_lengths), cmocka_unit_test(test_writer_without_memory),
        cmocka_unit_test(test_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
