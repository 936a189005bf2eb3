/*
 * formats/unpack.h -- compressed files read as the bytes that were packed.
 *
 * DESIGN     A stream has no index: its bytes come in order, and to begin in the middle is to
 *            unpack all that is before. Streams that stand one behind the other (members of gzip,
 *            frames of zstd and lz4) read as one. An end in the middle of a stream, a damaged block
 *            and a wrong checksum are errors that name the file and the place in it; what was given
 *            out before was read before the damage showed.
 * OWNERSHIP  The maker frees a stream; it borrows the open file and the path.
 * THREADS    one thread at a time.
 */
#ifndef SB_FORMATS_UNPACK_H
#define SB_FORMATS_UNPACK_H

#include "base/os/os.h"

typedef enum sb_codec {
    SB_CODEC_NONE,
    SB_CODEC_GZIP,
    SB_CODEC_ZSTD,
    SB_CODEC_LZ4,
    SB_CODEC_UNKNOWN /* compressed, and nothing here reads it */
} sb_codec;

/* By the end of a file's name; *out_stem: bytes of the path without that end. */
sb_codec sb_codec_of_path(const char *path, size_t *out_stem);
/* "none", "gzip", "zstd", "lz4"; else UNKNOWN. */
sb_codec sb_codec_of_name(const char *name);
const char *sb_codec_name(sb_codec codec);

typedef struct sb_unpack sb_unpack;

/* size: bytes of the file that count. NONE reads the bytes as they are. */
sb_status sb_unpack_new(sb_mem *mem, sb_os *os, sb_file *file, const char *path, int64_t size,
                        sb_codec codec, sb_unpack **out, sb_error *err);
/* Up to `size` bytes, at least one; 0: the end. */
sb_status sb_unpack_read(sb_unpack *u, void *data, size_t size, size_t *out_read, sb_error *err);
/* Steps over `count` bytes; DATA when there are fewer. */
sb_status sb_unpack_skip(sb_unpack *u, int64_t count, sb_error *err);
int64_t sb_unpack_taken(const sb_unpack *u); /* bytes of the file that have been read */
sb_unpack *sb_unpack_free(sb_unpack *u);     /* returns NULL; NULL is fine */

#endif
