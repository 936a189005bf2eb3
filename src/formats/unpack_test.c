/*
 * formats/unpack_test.c -- compressed streams: whole, several in a row, cut at every byte, damaged.
 *
 * DESIGN     The streams are made with the compressors of the libraries; what must come out is what
 *            went in.
 */
#include <lz4frame.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "base/os/sim.h"
#include "formats/unpack.h"

#define PLAIN_SIZE 300000

static sb_os *os;
static sb_mem *mem;
static sb_error err;
static char *plain;
static const sb_codec codecs[] = {SB_CODEC_GZIP, SB_CODEC_ZSTD, SB_CODEC_LZ4};

static int
set_up(void **state)
{
    (void)state;
    os = sb_os_sim_new(1);
    mem = sb_mem_new(NULL, "test", 0);
    plain = sb_alloc(mem, PLAIN_SIZE);
    uint32_t seed = 7;
    for (int i = 0; i < PLAIN_SIZE; i++) { /* neither constant nor without a pattern */
        seed = seed * 1664525u + 1013904223u;
        plain[i] = (char)(i % 3 == 0 ? 'a' + (seed >> 24) % 26 : 'x');
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    sb_free(mem, plain, PLAIN_SIZE);
    assert_int_equal(sb_mem_used(mem), 0); /* also what the libraries were charged for */
    sb_mem_unref(mem);
    sb_os_sim_free(os);
    return 0;
}

static size_t
pack(sb_codec codec, const char *data, size_t size, char *out, size_t room)
{
    if (codec == SB_CODEC_ZSTD) {
        ZSTD_CCtx *context = ZSTD_createCCtx();
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
        size_t made = ZSTD_compress2(context, out, room, data, size);
        ZSTD_freeCCtx(context);
        assert_false(ZSTD_isError(made));
        return made;
    }
    if (codec == SB_CODEC_LZ4) {
        LZ4F_preferences_t how = LZ4F_INIT_PREFERENCES;
        how.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
        size_t made = LZ4F_compressFrame(out, room, data, size, &how);
        assert_false(LZ4F_isError(made));
        return made;
    }
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)size;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t made = room - z.avail_out;
    deflateEnd(&z);
    return made;
}

static void
put(const char *data, size_t size)
{
    sb_file *file;
    assert_int_equal(os->open(os, "f", SB_OPEN_CREATE, &file, &err), SB_OK);
    assert_int_equal(os->write(os, file, data, size, &err), SB_OK);
    os->close(os, file);
}

/* Reads all of file "f" behind `skip` bytes, `piece` bytes at a time. */
static sb_status
unpack(sb_codec codec, int64_t skip, size_t piece, char *out, size_t room, size_t *out_size)
{
    sb_file *file;
    sb_unpack *u = NULL;
    size_t got = 1;
    *out_size = 0;
    assert_int_equal(os->open(os, "f", SB_OPEN_READ, &file, &err), SB_OK);
    sb_status status = sb_unpack_new(mem, os, file, "f", os->size(os, file), codec, &u, &err);
    if (status == SB_OK) {
        status = sb_unpack_skip(u, skip, &err);
    }
    while (status == SB_OK && got > 0) {
        assert_true(*out_size + piece <= room);
        status = sb_unpack_read(u, out + *out_size, piece, &got, &err);
        *out_size += status == SB_OK ? got : 0;
    }
    sb_unpack_free(u);
    os->close(os, file);
    return status;
}

static void
test_round_trip(void **state)
{
    (void)state;
    static char packed[2 * PLAIN_SIZE], out[2 * PLAIN_SIZE + 4096];
    for (size_t c = 0; c < 3; c++) {
        size_t size = pack(codecs[c], plain, PLAIN_SIZE, packed, sizeof packed), got;
        put(packed, size);
        for (size_t piece = 4096; piece > 0; piece = piece == 4096 ? 777 : 0) {
            assert_int_equal(unpack(codecs[c], 0, piece, out, sizeof out, &got), SB_OK);
            assert_int_equal(got, PLAIN_SIZE);
            assert_memory_equal(out, plain, PLAIN_SIZE);
        }
        assert_int_equal(unpack(codecs[c], 123457, 4096, out, sizeof out, &got), SB_OK);
        assert_int_equal(got, PLAIN_SIZE - 123457);
        assert_memory_equal(out, plain + 123457, got);
        assert_int_equal(unpack(codecs[c], PLAIN_SIZE, 10, out, sizeof out, &got), SB_OK);
        assert_int_equal(got, 0);
        assert_int_equal(unpack(codecs[c], PLAIN_SIZE + 1, 10, out, sizeof out, &got),
                         SB_STATUS_DATA);
    }
}

/* Members and frames one behind the other, an empty one among them, read as one file. */
static void
test_several_streams(void **state)
{
    (void)state;
    static char packed[3 * 4096], out[8192];
    for (size_t c = 0; c < 3; c++) {
        size_t size = 0, got;
        size += pack(codecs[c], plain, 1000, packed, sizeof packed);
        size += pack(codecs[c], plain, 0, packed + size, sizeof packed - size);
        size += pack(codecs[c], plain + 1000, 500, packed + size, sizeof packed - size);
        put(packed, size);
        assert_int_equal(unpack(codecs[c], 0, 64, out, sizeof out, &got), SB_OK);
        assert_int_equal(got, 1500);
        assert_memory_equal(out, plain, 1500);
        /* zeros behind a gzip member are what tapes leave; anything else is damage */
        memset(packed + size, 0, 64);
        put(packed, size + 64);
        assert_int_equal(unpack(codecs[c], 0, 64, out, sizeof out, &got),
                         codecs[c] == SB_CODEC_GZIP ? SB_OK : SB_STATUS_DATA);
        memcpy(packed + size, "garbage garbage garbage", 23);
        put(packed, size + 23);
        assert_int_equal(unpack(codecs[c], 0, 64, out, sizeof out, &got), SB_STATUS_DATA);
    }
    put("", 0);
    size_t got;
    assert_int_equal(unpack(SB_CODEC_GZIP, 0, 64, out, sizeof out, &got), SB_OK);
    assert_int_equal(got, 0);
}

static void
test_truncated_everywhere(void **state)
{
    (void)state;
    static char packed[4096], out[8192];
    for (size_t c = 0; c < 3; c++) {
        size_t size = pack(codecs[c], plain, 900, packed, sizeof packed), got;
        for (size_t cut = 1; cut < size; cut++) {
            put(packed, cut);
            sb_error_clear(&err);
            assert_int_equal(unpack(codecs[c], 0, 256, out, sizeof out, &got), SB_STATUS_DATA);
            assert_non_null(strstr(err.message, "file 'f', byte "));
            assert_non_null(strstr(err.message, sb_codec_name(codecs[c])));
            assert_true(got <= 900 && memcmp(out, plain, got) == 0);
        }
    }
}

/* A byte that is wrong gives an error or, where it means nothing, the right bytes: never others
 * without an error. */
static void
test_damaged_everywhere(void **state)
{
    (void)state;
    static char packed[4096], out[1 << 20];
    int found = 0, tried = 0;
    for (size_t c = 0; c < 3; c++) {
        size_t size = pack(codecs[c], plain, 900, packed, sizeof packed), got;
        for (size_t at = 0; at < size; at++) {
            packed[at] ^= 0x15;
            put(packed, size);
            sb_status status = unpack(codecs[c], 0, 4096, out, sizeof out, &got);
            packed[at] ^= 0x15;
            assert_true(status == SB_STATUS_DATA ||
                        (status == SB_OK && got == 900 && memcmp(out, plain, 900) == 0));
            found += status == SB_STATUS_DATA;
            tried++;
        }
    }
    assert_true(found * 100 > tried * 95); /* the rest: time and system of a gzip header */
}

static void
test_memory(void **state)
{
    (void)state;
    static char packed[4096], out[8192];
    for (size_t c = 0; c < 3; c++) {
        size_t size = pack(codecs[c], plain, 900, packed, sizeof packed), got;
        put(packed, size);
        for (int n = 1; n < 8; n++) {
            sb_mem_fail_after(n);
            sb_status status = unpack(codecs[c], 10, 256, out, sizeof out, &got);
            sb_mem_fail_after(0);
            assert_true(status == SB_OK || status == SB_STATUS_NOMEM);
        }
        sb_mem *whole = mem; /* a budget too small for any of them */
        mem = sb_mem_new(NULL, "small", 20000);
        assert_int_equal(unpack(codecs[c], 0, 256, out, sizeof out, &got), SB_STATUS_NOMEM);
        assert_int_equal(sb_mem_used(mem), 0);
        sb_mem_unref(mem);
        mem = whole;
    }
}

static void
test_names(void **state)
{
    (void)state;
    size_t stem;
    assert_int_equal(sb_codec_of_path("a/b.json.gz", &stem), SB_CODEC_GZIP);
    assert_int_equal(stem, 8);
    assert_int_equal(sb_codec_of_path("b.csv.ZST", &stem), SB_CODEC_ZSTD);
    assert_int_equal(sb_codec_of_path("b.lz4", &stem), SB_CODEC_LZ4);
    assert_int_equal(sb_codec_of_path("b.csv.bz2", &stem), SB_CODEC_UNKNOWN);
    assert_int_equal(sb_codec_of_path("b.csv", &stem), SB_CODEC_NONE);
    assert_int_equal(stem, 5);
    assert_int_equal(sb_codec_of_path(".gz", &stem), SB_CODEC_NONE);
    assert_int_equal(sb_codec_of_name("zstd"), SB_CODEC_ZSTD);
    assert_int_equal(sb_codec_of_name("none"), SB_CODEC_NONE);
    assert_int_equal(sb_codec_of_name("zip"), SB_CODEC_UNKNOWN);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_several_streams),
        cmocka_unit_test(test_truncated_everywhere),
        cmocka_unit_test(test_damaged_everywhere),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
