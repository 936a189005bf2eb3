/*
 * formats/unpack.c -- a file through its unpacker.
 *
 * THREADS    one thread at a time.
 */
#include "formats/unpack.h"

#include <string.h>

#include "formats/unpack_priv.h"

#define INPUT_BYTES (128 << 10)
#define SKIP_BYTES  (64 << 10)

struct sb_unpack {
    sb_mem *mem;
    sb_os *os;
    sb_file *file;
    const char *path;
    int64_t size;   /* of the file */
    int64_t offset; /* behind the bytes in `input` */
    const sb_unpacker *unpacker;
    void *state;
    uint8_t *input;
    size_t used, filled;
    bool inside; /* of a stream: the file must not end here */
    bool any;    /* a stream has ended: zeros may fill the rest of a gzip file */
};

/* ---- names ---- */

static const struct codec_end {
    const char *end;
    sb_codec codec;
} codec_ends[] = {
    {".gz", SB_CODEC_GZIP},        {".gzip", SB_CODEC_GZIP},   {".deflate", SB_CODEC_GZIP},
    {".zst", SB_CODEC_ZSTD},       {".zstd", SB_CODEC_ZSTD},   {".lz4", SB_CODEC_LZ4},
    {".xz", SB_CODEC_UNKNOWN},     {".bz2", SB_CODEC_UNKNOWN}, {".br", SB_CODEC_UNKNOWN},
    {".snappy", SB_CODEC_UNKNOWN},
};

sb_codec
sb_codec_of_path(const char *path, size_t *out_stem)
{
    size_t size = strlen(path);
    *out_stem = size;
    for (size_t i = 0; i < sizeof codec_ends / sizeof codec_ends[0]; i++) {
        sb_str end = sb_str_of(codec_ends[i].end);
        if (size > end.size &&
            sb_str_equal_nocase((sb_str){path + size - end.size, end.size}, end)) {
            *out_stem = size - end.size;
            return codec_ends[i].codec;
        }
    }
    return SB_CODEC_NONE;
}

static const char *const codec_names[] = {"none", "gzip", "zstd", "lz4"};

sb_codec
sb_codec_of_name(const char *name)
{
    int i = 0;
    while (i < SB_CODEC_UNKNOWN && strcmp(name, codec_names[i]) != 0) {
        i++;
    }
    return (sb_codec)i;
}

const char *
sb_codec_name(sb_codec codec)
{
    return codec < SB_CODEC_UNKNOWN ? codec_names[codec] : "unknown";
}

/* ---- reading ---- */

sb_status
sb_unpack_new(sb_mem *mem, sb_os *os, sb_file *file, const char *path, int64_t size, sb_codec codec,
              sb_unpack **out, sb_error *err)
{
    static const sb_unpacker *const unpackers[] = {NULL, &sb_unpacker_gzip, &sb_unpacker_zstd,
                                                   &sb_unpacker_lz4};
    sb_assert(codec < SB_CODEC_UNKNOWN);
    sb_unpack *u = sb_alloc_zero(mem, sizeof *u);
    if (!u) {
        SB_NOMEM(err);
    }
    *u = (sb_unpack){.mem = mem, .os = os, .file = file, .path = path, .size = size};
    u->unpacker = unpackers[codec];
    sb_status status = SB_OK;
    if (u->unpacker) {
        u->input = sb_alloc(mem, INPUT_BYTES);
        u->state = sb_alloc_zero(mem, u->unpacker->size);
        status = u->input && u->state
                     ? u->unpacker->begin(u->state, mem, err)
                     : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    if (status != SB_OK) {
        sb_unpack_free(u);
        return status;
    }
    *out = u;
    return SB_OK;
}

static sb_status
shrunk(const sb_unpack *u, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_DATA, "file '%s' was truncated while it was read, at byte %lld of %lld",
            u->path, (long long)u->offset, (long long)u->size);
}

static sb_status
read_plain(sb_unpack *u, void *data, size_t size, size_t *out_read, sb_error *err)
{
    int64_t left = u->size - u->offset;
    size_t want = (int64_t)size > left ? (size_t)left : size;
    *out_read = 0;
    if (want == 0) {
        return SB_OK;
    }
    SB_TRY(u->os->read(u->os, u->file, u->offset, data, want, out_read, err), err);
    u->offset += (int64_t)*out_read;
    return *out_read > 0 ? SB_OK : shrunk(u, err);
}

/* More of the file into `input`, which is used up; nothing: the file ends. */
static sb_status
fill_input(sb_unpack *u, sb_error *err)
{
    u->used = u->filled = 0;
    return read_plain(u, u->input, INPUT_BYTES, &u->filled, err);
}

/* Behind a member of a gzip file tapes leave zeros. */
static void
skip_zeros(sb_unpack *u)
{
    while (u->any && !u->inside && u->unpacker == &sb_unpacker_gzip && u->used < u->filled &&
           u->input[u->used] == 0) {
        u->used++;
    }
}

static sb_status
damaged(const sb_unpack *u, const char *why, sb_error *err)
{
    long long at = (long long)(u->offset - (int64_t)(u->filled - u->used));
    sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__,
                 "file '%s', byte %lld: damaged %s data: %s", u->path, at, u->unpacker->name, why);
    sb_error_hint(err, "'source.compression' tells how a file is compressed whose name does not");
    return SB_STATUS_DATA;
}

sb_status
sb_unpack_read(sb_unpack *u, void *data, size_t size, size_t *out_read, sb_error *err)
{
    *out_read = 0;
    if (!u->unpacker) {
        return read_plain(u, data, size, out_read, err);
    }
    while (*out_read == 0) {
        skip_zeros(u);
        bool more = true;
        if (u->used == u->filled) {
            SB_TRY(fill_input(u, err), err);
            more = u->filled > 0;
            if (more) {
                continue;
            }
        }
        if (!more && !u->inside) {
            return SB_OK;
        }
        sb_unpack_step step = {.in = u->input + u->used,
                               .in_size = u->filled - u->used,
                               .out = data,
                               .out_size = size};
        SB_TRY(u->unpacker->run(u->state, &step, err), err);
        u->used += step.in_used;
        *out_read = step.out_made;
        u->inside = !step.ended;
        u->any = u->any || step.ended;
        if (step.why) {
            return damaged(u, step.why, err);
        }
        if (!more && step.out_made == 0 && !step.ended) {
            return damaged(u, "it ends in the middle", err);
        }
        if (more && step.in_used == 0 && step.out_made == 0 && !step.ended) {
            return damaged(u, "it cannot be read", err);
        }
    }
    return SB_OK;
}

sb_status
sb_unpack_skip(sb_unpack *u, int64_t count, sb_error *err)
{
    if (count == 0) {
        return SB_OK;
    }
    char *nobody = sb_alloc(u->mem, SKIP_BYTES);
    sb_status status =
        nobody ? SB_OK : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    while (status == SB_OK && count > 0) {
        size_t got;
        size_t want = count < SKIP_BYTES ? (size_t)count : SKIP_BYTES;
        status = sb_unpack_read(u, nobody, want, &got, err);
        if (status == SB_OK && got == 0) {
            status = sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__,
                                  "file '%s' was truncated: %lld bytes of what it held are gone",
                                  u->path, (long long)count);
        }
        count -= status == SB_OK ? (int64_t)got : 0;
    }
    sb_free(u->mem, nobody, nobody ? SKIP_BYTES : 0);
    return status;
}

int64_t
sb_unpack_taken(const sb_unpack *u)
{
    return u->offset;
}

sb_unpack *
sb_unpack_free(sb_unpack *u)
{
    if (u) {
        if (u->state) {
            u->unpacker->end(u->state);
            sb_free(u->mem, u->state, u->unpacker->size);
        }
        sb_free(u->mem, u->input, u->input ? INPUT_BYTES : 0);
        sb_free(u->mem, u, sizeof *u);
    }
    return NULL;
}
