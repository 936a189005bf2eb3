/*
 * formats/unpack_priv.h -- what unpack.c asks of each compression.
 */
#ifndef SB_FORMATS_UNPACK_PRIV_H
#define SB_FORMATS_UNPACK_PRIV_H

#include "formats/unpack.h"

typedef struct sb_unpack_step { /* one call: takes from `in`, puts at `out` */
    const uint8_t *in;
    size_t in_size, in_used;
    uint8_t *out;
    size_t out_size, out_made;
    bool ended;      /* the stream ends here; the next byte begins another */
    const char *why; /* not NULL: what is wrong with the bytes */
} sb_unpack_step;

typedef struct sb_unpacker {
    const char *name;
    size_t size; /* of the state, which begins zeroed */
    sb_status (*begin)(void *state, sb_mem *mem, sb_error *err);
    /* Not OK: out of memory. Bad bytes are told in step->why. */
    sb_status (*run)(void *state, sb_unpack_step *step, sb_error *err);
    void (*end)(void *state); /* accepts half-built */
} sb_unpacker;

extern const sb_unpacker sb_unpacker_gzip, sb_unpacker_zstd, sb_unpacker_lz4;

#endif
