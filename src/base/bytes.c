/*
 * base/bytes.c -- durable bytes: little-endian fields, varints, strings and nested blocks.
 *
 * DESIGN     Formats: varint is LEB128, at most 10 bytes. A string is varint length and bytes. A C
 *            string is varint length + 1 and bytes, 0 for NULL. A block is u64 length and bytes.
 * THREADS    one thread at a time.
 */
#include "base/bytes.h"

#include <string.h>

SB_STATIC_ASSERT(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "durable bytes are little-endian");

void
sb_writer_init(sb_writer *w, sb_mem *mem)
{
    sb_text_init(&w->out, mem);
    w->is_copy = false;
}

void
sb_writer_deinit(sb_writer *w)
{
    sb_text_deinit(&w->out);
}

void
sb_write_raw(sb_writer *w, const void *data, size_t size)
{
    sb_text_append(&w->out, data, size);
}

void
sb_write_u8(sb_writer *w, uint8_t v)
{
    sb_write_raw(w, &v, sizeof v);
}

void
sb_write_u16(sb_writer *w, uint16_t v)
{
    sb_write_raw(w, &v, sizeof v);
}

void
sb_write_u32(sb_writer *w, uint32_t v)
{
    sb_write_raw(w, &v, sizeof v);
}

void
sb_write_u64(sb_writer *w, uint64_t v)
{
    sb_write_raw(w, &v, sizeof v);
}

void
sb_write_i64(sb_writer *w, int64_t v)
{
    sb_write_raw(w, &v, sizeof v);
}

void
sb_write_varint(sb_writer *w, uint64_t v)
{
    uint8_t bytes[10];
    size_t size = 0;
    for (; v >= 0x80; v >>= 7) {
        bytes[size++] = (uint8_t)(v | 0x80);
    }
    bytes[size++] = (uint8_t)v;
    sb_write_raw(w, bytes, size);
}

void
sb_write_str(sb_writer *w, sb_str s)
{
    sb_write_varint(w, s.size);
    sb_write_raw(w, s.data, s.size);
}

void
sb_write_cstr(sb_writer *w, const char *s)
{
    size_t size = s ? strlen(s) : 0;
    sb_write_varint(w, s ? (uint64_t)size + 1 : 0);
    sb_write_raw(w, s, size);
}

size_t
sb_write_block_begin(sb_writer *w)
{
    sb_write_u64(w, 0);
    return w->out.size;
}

void
sb_write_block_end(sb_writer *w, size_t begin)
{
    if (!w->out.failed) {
        uint64_t size = w->out.size - begin;
        memcpy(w->out.data + begin - sizeof size, &size, sizeof size);
    }
}

sb_reader
sb_reader_of(const void *data, size_t size)
{
    static const uint8_t nothing[1] = {0};
    const uint8_t *at = data ? data : nothing;
    return (sb_reader){.at = at, .end = at + (data ? size : 0)};
}

const void *
sb_read_raw(sb_reader *r, size_t size)
{
    if (r->failed || size > sb_reader_left(r)) {
        r->failed = true;
        r->at = r->end;
        return NULL;
    }
    const void *at = r->at;
    r->at += size;
    return at;
}

#define READ_FIXED(r, type)                      \
    type v = 0;                                  \
    const void *at = sb_read_raw((r), sizeof v); \
    if (at)                                      \
    memcpy(&v, at, sizeof v)

uint8_t
sb_read_u8(sb_reader *r)
{
    READ_FIXED(r, uint8_t);
    return v;
}

uint16_t
sb_read_u16(sb_reader *r)
{
    READ_FIXED(r, uint16_t);
    return v;
}

uint32_t
sb_read_u32(sb_reader *r)
{
    READ_FIXED(r, uint32_t);
    return v;
}

uint64_t
sb_read_u64(sb_reader *r)
{
    READ_FIXED(r, uint64_t);
    return v;
}

int64_t
sb_read_i64(sb_reader *r)
{
    READ_FIXED(r, int64_t);
    return v;
}

uint64_t
sb_read_varint(sb_reader *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = sb_read_u8(r);
        if (r->failed || (shift == 63 && byte > 1)) {
            break;
        }
        v |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            return v;
        }
    }
    r->failed = true;
    r->at = r->end;
    return 0;
}

sb_str
sb_read_str(sb_reader *r)
{
    uint64_t size = sb_read_varint(r);
    const char *data = sb_read_raw(r, size);
    return data ? (sb_str){data, size} : (sb_str){"", 0};
}

char *
sb_read_cstr(sb_reader *r, sb_arena *arena)
{
    uint64_t size = sb_read_varint(r);
    if (size == 0) {
        return NULL;
    }
    const char *data = sb_read_raw(r, size - 1);
    if (!data || memchr(data, 0, size - 1)) {
        r->failed = true;
        return NULL;
    }
    char *copy = sb_arena_strndup(arena, data, size - 1);
    r->no_memory |= !copy;
    r->failed |= !copy;
    return copy;
}

sb_reader
sb_read_block(sb_reader *r)
{
    uint64_t size = sb_read_u64(r);
    const void *at = sb_read_raw(r, size);
    sb_reader block = sb_reader_of(at, at ? size : 0);
    block.failed = !at;
    block.names = r->names;
    return block;
}

sb_status
sb_reader_done(const sb_reader *r, const char *what, sb_error *err)
{
    if (r->no_memory) {
        SB_NOMEM(err);
    }
    if (r->failed) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "%s is damaged: it ends early or holds an impossible value",
                what);
    }
    return SB_OK;
}
