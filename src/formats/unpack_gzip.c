/*
 * formats/unpack_gzip.c -- gzip and zlib streams.
 *
 * THREADS    one thread at a time.
 */
#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "formats/unpack_priv.h"

#define WINDOW_BITS (15 + 32) /* the greatest window; gzip or zlib, by the header */
#define BLOCK_HEAD  16        /* in front of each block of zlib: its size */

typedef struct gzip_state {
    sb_mem *mem;
    z_stream stream;
    bool begun;
} gzip_state;

static void *
take(void *mem, unsigned count, unsigned size)
{
    size_t bytes = (size_t)count * size + BLOCK_HEAD;
    char *block = sb_alloc(mem, bytes);
    if (!block) {
        return NULL;
    }
    memcpy(block, &bytes, sizeof bytes);
    return block + BLOCK_HEAD;
}

static void
give(void *mem, void *data)
{
    char *block = (char *)data - BLOCK_HEAD;
    size_t bytes;
    memcpy(&bytes, block, sizeof bytes);
    sb_free(mem, block, bytes);
}

static sb_status
gzip_begin(void *state, sb_mem *mem, sb_error *err)
{
    gzip_state *g = state;
    g->mem = mem;
    g->stream.zalloc = take;
    g->stream.zfree = give;
    g->stream.opaque = mem;
    if (inflateInit2(&g->stream, WINDOW_BITS) != Z_OK) {
        SB_NOMEM(err);
    }
    g->begun = true;
    return SB_OK;
}

static sb_status
gzip_run(void *state, sb_unpack_step *step, sb_error *err)
{
    z_stream *z = &((gzip_state *)state)->stream;
    uInt in = step->in_size > UINT_MAX ? UINT_MAX : (uInt)step->in_size;
    uInt out = step->out_size > UINT_MAX ? UINT_MAX : (uInt)step->out_size;
    z->next_in = (Bytef *)step->in; /* zlib does not write there */
    z->avail_in = in;
    z->next_out = step->out;
    z->avail_out = out;
    int got = inflate(z, Z_NO_FLUSH);
    step->in_used = in - z->avail_in;
    step->out_made = out - z->avail_out;
    switch (got) {
    case Z_OK:
    case Z_BUF_ERROR: return SB_OK; /* the caller sees that nothing moved */
    case Z_STREAM_END:
        step->ended = true;
        (void)inflateReset(z); /* fails only for a stream that was never begun */
        return SB_OK;
    case Z_MEM_ERROR: SB_NOMEM(err);
    case Z_NEED_DICT: step->why = "it needs a dictionary"; return SB_OK;
    default: step->why = z->msg ? z->msg : "it cannot be read"; return SB_OK;
    }
}

static void
gzip_end(void *state)
{
    gzip_state *g = state;
    if (g->begun) {
        inflateEnd(&g->stream);
    }
}

const sb_unpacker sb_unpacker_gzip = {"gzip", sizeof(gzip_state), gzip_begin, gzip_run, gzip_end};
