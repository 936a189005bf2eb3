/*
 * base/bytes.h -- writing and reading durable bytes: little-endian, explicit sizes, checked on the
 * way in.
 *
 * DESIGN     A reader never trusts: an over-read sets `failed` and yields zeroes, so decoding code
 *            checks once at the end (sb_reader_done). Lengths are bounded by what is left before
 *            anything is allocated.
 * THREADS    one thread at a time.
 */
#ifndef SB_BASE_BYTES_H
#define SB_BASE_BYTES_H

#include "base/arena.h"
#include "base/text.h"

typedef struct sb_writer {
    sb_text out; /* out.failed: out of memory */
    /* the bytes are read again by this process: what they refer to is named by identity */
    bool is_copy;
} sb_writer;

void sb_writer_init(sb_writer *w, sb_mem *mem);
void sb_writer_deinit(sb_writer *w);
void sb_write_u8(sb_writer *w, uint8_t v);
void sb_write_u16(sb_writer *w, uint16_t v);
void sb_write_u32(sb_writer *w, uint32_t v);
void sb_write_u64(sb_writer *w, uint64_t v);
void sb_write_i64(sb_writer *w, int64_t v);
void sb_write_varint(sb_writer *w, uint64_t v);
void sb_write_str(sb_writer *w, sb_str s);       /* varint length, bytes */
void sb_write_cstr(sb_writer *w, const char *s); /* NULL is kept apart from "" */
void sb_write_raw(sb_writer *w, const void *data, size_t size);
/* A block: length prefix patched at the end, so that readers may skip or nest. */
size_t sb_write_block_begin(sb_writer *w);
void sb_write_block_end(sb_writer *w, size_t begin);

typedef struct sb_reader {
    const uint8_t *at, *end;
    bool failed;
    bool no_memory; /* a string found no memory; `failed` is set too */
    /* where names in the bytes are looked up, known to who reads them; NULL: nowhere */
    void *names;
} sb_reader;

sb_reader sb_reader_of(const void *data, size_t size);
uint8_t sb_read_u8(sb_reader *r);
uint16_t sb_read_u16(sb_reader *r);
uint32_t sb_read_u32(sb_reader *r);
uint64_t sb_read_u64(sb_reader *r);
int64_t sb_read_i64(sb_reader *r);
uint64_t sb_read_varint(sb_reader *r);
sb_str sb_read_str(sb_reader *r);                   /* a view into the input */
char *sb_read_cstr(sb_reader *r, sb_arena *arena);  /* NULL when NULL was written */
const void *sb_read_raw(sb_reader *r, size_t size); /* view, NULL on failure */
sb_reader sb_read_block(sb_reader *r);

static inline size_t
sb_reader_left(const sb_reader *r)
{
    return (size_t)(r->end - r->at);
}

/* SB_STATUS_CORRUPT when an over-read happened (NOMEM when a string found no memory); `what`
 * names the thing read. */
sb_status sb_reader_done(const sb_reader *r, const char *what, sb_error *err);

#endif
