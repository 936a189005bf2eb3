/*
 * formats/unpack_lz4.c -- LZ4 frames (not those of the format before frames).
 *
 * THREADS    one thread at a time.
 */
#include <lz4frame.h>
#include <string.h>

#include "formats/unpack_priv.h"

/* Most that the library holds: two blocks of 4 MiB and what they may refer to. */
#define HELD_BYTES ((2 * 4096 + 192) << 10)

typedef struct lz4_state {
    sb_mem *mem;
    LZ4F_dctx *stream;
    bool charged;
} lz4_state;

static sb_status
lz4_begin(void *state, sb_mem *mem, sb_error *err)
{
    lz4_state *l = state;
    l->mem = mem;
    l->charged = sb_mem_charge(mem, HELD_BYTES);
    if (!l->charged || LZ4F_isError(LZ4F_createDecompressionContext(&l->stream, LZ4F_VERSION))) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
lz4_run(void *state, sb_unpack_step *step, sb_error *err)
{
    lz4_state *l = state;
    size_t in = step->in_size, out = step->out_size;
    size_t left = LZ4F_decompress(l->stream, step->out, &out, step->in, &in, NULL);
    if (LZ4F_isError(left)) {
        const char *why = LZ4F_getErrorName(left);
        if (strstr(why, "allocation")) {
            SB_NOMEM(err);
        }
        step->why = why;
        return SB_OK;
    }
    step->in_used = in;
    step->out_made = out;
    step->ended = left == 0;
    return SB_OK;
}

static void
lz4_end(void *state)
{
    lz4_state *l = state;
    if (l->stream) {
        LZ4F_freeDecompressionContext(l->stream);
    }
    if (l->charged) {
        sb_mem_discharge(l->mem, HELD_BYTES);
    }
}

const sb_unpacker sb_unpacker_lz4 = {"lz4", sizeof(lz4_state), lz4_begin, lz4_run, lz4_end};
