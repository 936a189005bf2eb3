/*
 * formats/unpack_zstd.c -- Zstandard frames, with a window of at most 128 MiB (what the zstd
 * program takes without being asked).
 *
 * THREADS    one thread at a time.
 */
#include <zstd.h>

#include "formats/unpack_priv.h"

#define WINDOW_LOG_MAX 27

typedef struct zstd_state {
    sb_mem *mem;
    ZSTD_DStream *stream;
    int64_t charged; /* what the library holds, on our budget */
} zstd_state;

static sb_status
zstd_charge(zstd_state *z, sb_error *err)
{
    int64_t now = (int64_t)ZSTD_sizeof_DStream(z->stream);
    if (now > z->charged && !sb_mem_charge(z->mem, now - z->charged)) {
        SB_NOMEM(err);
    }
    if (now < z->charged) {
        sb_mem_discharge(z->mem, z->charged - now);
    }
    z->charged = now;
    return SB_OK;
}

static sb_status
zstd_begin(void *state, sb_mem *mem, sb_error *err)
{
    zstd_state *z = state;
    z->mem = mem;
    z->stream = ZSTD_createDStream();
    if (!z->stream ||
        ZSTD_isError(ZSTD_DCtx_setParameter(z->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
        SB_NOMEM(err);
    }
    return zstd_charge(z, err);
}

static sb_status
zstd_run(void *state, sb_unpack_step *step, sb_error *err)
{
    zstd_state *z = state;
    ZSTD_inBuffer in = {step->in, step->in_size, 0};
    ZSTD_outBuffer out = {step->out, step->out_size, 0};
    size_t left = ZSTD_decompressStream(z->stream, &out, &in);
    step->in_used = in.pos;
    step->out_made = out.pos;
    if (ZSTD_isError(left)) {
        step->why = ZSTD_getErrorName(left);
        return SB_OK;
    }
    step->ended = left == 0;
    return zstd_charge(z, err);
}

static void
zstd_end(void *state)
{
    zstd_state *z = state;
    ZSTD_freeDStream(z->stream);
    if (z->charged > 0) {
        sb_mem_discharge(z->mem, z->charged);
    }
}

const sb_unpacker sb_unpacker_zstd = {"zstd", sizeof(zstd_state), zstd_begin, zstd_run, zstd_end};
