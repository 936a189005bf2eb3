/*
 * state/blob.c -- writing and reading the file of a snapshot.
 *
 * THREADS    T:io
 */
#include "state/blob.h"

#include <string.h>
#include <zstd.h>

#include "base/bytes.h"
#include "base/hash.h"

#define FILE_MAGIC  0x42534253u /* "SBSB" */
#define BLOCK_MAGIC 0x4B4C4253u /* "SBLK" */
#define RAW_MAX     (UINT32_C(1) << 31)
#define LEVEL       1

typedef struct file_head {
    uint32_t magic;
    uint16_t version, zero;
    uint64_t id, checkpoint;
    uint32_t zero2;
    uint32_t crc; /* of the bytes before */
} file_head;

SB_STATIC_ASSERT(sizeof(file_head) == 32, "part of the format");

typedef struct block_head {
    uint32_t magic;
    uint8_t kind, codec; /* codec 1: zstd */
    uint16_t zero;
    uint32_t raw, stored; /* bytes of the payload unpacked, and in the file without padding */
    uint32_t payload_crc; /* padding included */
    uint32_t crc;         /* of the bytes before */
} block_head;

SB_STATIC_ASSERT(sizeof(block_head) == 24, "part of the format");
SB_STATIC_ASSERT(sizeof(sb_record) == 32, "part of the format");

static size_t
pad8(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

/* ---- writing
 * -------------------------------------------------------------------------------------- */

static void
out_free(sb_blob_out *out)
{
    ZSTD_freeCCtx(out->zstd);
    sb_free(out->mem, out->raw, out->raw_capacity);
    sb_free(out->mem, out->packed, out->packed_capacity);
    *out = (sb_blob_out){0};
}

sb_status
sb_blob_out_open(sb_blob_out *out, sb_mem *mem, sb_store *store, const char *name, uint64_t id,
                 uint64_t checkpoint, sb_error *err)
{
    file_head head = {
        .magic = FILE_MAGIC, .version = SB_BLOB_VERSION, .id = id, .checkpoint = checkpoint};
    head.crc = sb_crc32c(0, &head, sizeof head - sizeof head.crc);
    *out = (sb_blob_out){.mem = mem};
    out->zstd = ZSTD_createCCtx();
    if (!out->zstd) {
        SB_NOMEM(err);
    }
    sb_status status = sb_blob_create(store, name, &out->writer, err);
    if (status == SB_OK) {
        out->file_bytes = sizeof head;
        status = sb_blob_append(out->writer, &head, sizeof head, err);
    }
    if (status != SB_OK) {
        sb_blob_out_abort(out);
    }
    return status;
}

uint8_t *
sb_blob_out_reserve(sb_blob_out *out, size_t size)
{
    if (size > out->raw_capacity - out->raw_size) {
        size_t capacity = out->raw_capacity ? out->raw_capacity * 2 : 512 * 1024;
        capacity = capacity < out->raw_size + size ? out->raw_size + size : capacity;
        uint8_t *raw = sb_realloc(out->mem, out->raw, out->raw_capacity, capacity);
        if (!raw) {
            return NULL;
        }
        out->raw = raw;
        out->raw_capacity = capacity;
    }
    return out->raw + out->raw_size;
}

/* Tries to make the block smaller. Leaves `packed` alone where that gains nothing. */
static size_t
compress(sb_blob_out *out)
{
    size_t bound = ZSTD_compressBound(out->raw_size);
    if (out->raw_size < 256) {
        return 0;
    }
    if (bound + 8 > out->packed_capacity) {
        uint8_t *packed = sb_alloc(out->mem, bound + 8);
        if (!packed) {
            return 0; /* larger, but right */
        }
        sb_free(out->mem, out->packed, out->packed_capacity);
        out->packed = packed;
        out->packed_capacity = bound + 8;
    }
    size_t size = ZSTD_compressCCtx(out->zstd, out->packed, bound, out->raw, out->raw_size, LEVEL);
    return ZSTD_isError(size) || size > out->raw_size - out->raw_size / 8 ? 0 : size;
}

sb_status
sb_blob_out_flush(sb_blob_out *out, sb_block_kind kind, sb_error *err)
{
    if (out->raw_size >= RAW_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT, "a block of a snapshot has %zu bytes", out->raw_size);
    }
    if (!sb_blob_out_reserve(out, 8)) {
        SB_NOMEM(err);
    }
    size_t packed = compress(out);
    uint8_t *payload = packed ? out->packed : out->raw;
    size_t stored = packed ? packed : out->raw_size, padded = pad8(stored);
    memset(payload + stored, 0, padded - stored);
    block_head head = {
        .magic = BLOCK_MAGIC,
        .kind = (uint8_t)kind,
        .codec = packed != 0,
        .raw = (uint32_t)out->raw_size,
        .stored = (uint32_t)stored,
        .payload_crc = sb_crc32c(0, payload, padded),
    };
    head.crc = sb_crc32c(0, &head, sizeof head - sizeof head.crc);
    SB_TRY(sb_blob_append(out->writer, &head, sizeof head, err), err);
    SB_TRY(sb_blob_append(out->writer, payload, padded, err), err);
    out->file_bytes += (int64_t)(sizeof head + padded);
    out->count_blocks++;
    out->raw_size = 0;
    return SB_OK;
}

static sb_status
write_end(sb_blob_out *out, sb_error *err)
{
    uint64_t counts[2] = {out->count_records, out->count_blocks};
    uint8_t *at = sb_blob_out_reserve(out, sizeof counts);
    if (!at) {
        SB_NOMEM(err);
    }
    memcpy(at, counts, sizeof counts);
    out->raw_size += sizeof counts;
    return sb_blob_out_flush(out, SB_BLOCK_END, err);
}

sb_status
sb_blob_out_close(sb_blob_out *out, sb_error *err)
{
    sb_status status = write_end(out, err);
    if (status == SB_OK) {
        status = sb_blob_finish(out->writer, err);
        out->writer = NULL;
    }
    int64_t bytes = out->file_bytes;
    sb_blob_out_abort(out);
    out->file_bytes = bytes;
    return status;
}

void
sb_blob_out_abort(sb_blob_out *out)
{
    sb_blob_abort(out->writer);
    out_free(out);
}

/* ---- reading
 * -------------------------------------------------------------------------------------- */

sb_status
sb_blob_corrupt(const sb_blob_in *in, const char *what, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_CORRUPT, "state blob '%s' is damaged: %s", in->name, what);
}

static sb_status
check_file(const sb_blob_in *in, int64_t file_bytes, uint64_t id, sb_error *err)
{
    file_head head;
    if ((int64_t)in->size != file_bytes) {
        SB_FAIL(err, SB_STATUS_CORRUPT,
                "state blob '%s' is damaged: it has %zu bytes instead of %lld", in->name, in->size,
                (long long)file_bytes);
    }
    if (in->size < sizeof head) {
        return sb_blob_corrupt(in, "it has no header", err);
    }
    memcpy(&head, in->data, sizeof head);
    if (head.magic != FILE_MAGIC ||
        head.crc != sb_crc32c(0, &head, sizeof head - sizeof head.crc)) {
        return sb_blob_corrupt(in, "bad header", err);
    }
    if (head.version > SB_BLOB_VERSION) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: state blob '%s' has format version %u, this program reads %u",
                in->name, head.version, SB_BLOB_VERSION);
    }
    if (head.id != id) {
        return sb_blob_corrupt(in, "it is another one than the checkpoint names", err);
    }
    return SB_OK;
}

sb_status
sb_blob_in_open(sb_blob_in *in, sb_mem *mem, sb_store *store, const char *name, int64_t file_bytes,
                uint64_t id, sb_error *err)
{
    const void *data;
    *in = (sb_blob_in){.mem = mem, .store = store, .name = name};
    SB_TRY(sb_store_map(store, name, &data, &in->size, err), err);
    in->data = data;
    in->at = sizeof(file_head);
    sb_status status = check_file(in, file_bytes, id, err);
    if (status != SB_OK) {
        sb_blob_in_close(in);
    }
    return status;
}

void
sb_blob_in_close(sb_blob_in *in)
{
    if (in->data) {
        sb_store_unmap(in->store, in->data, in->size);
    }
    sb_free(in->mem, in->raw, in->raw_capacity);
    *in = (sb_blob_in){0};
}

static sb_status
unpack(sb_blob_in *in, const block_head *head, const uint8_t *payload, sb_error *err)
{
    if (head->raw > in->raw_capacity) {
        sb_free(in->mem, in->raw, in->raw_capacity);
        in->raw_capacity = 0;
        in->raw = sb_alloc(in->mem, head->raw);
        if (!in->raw) {
            SB_NOMEM(err);
        }
        in->raw_capacity = head->raw;
    }
    size_t size = head->raw;
    if (head->codec == 0) {
        memcpy(in->raw, payload, size);
    } else {
        size = ZSTD_decompress(in->raw, in->raw_capacity, payload, head->stored);
    }
    return size == head->raw ? SB_OK : sb_blob_corrupt(in, "a block does not unpack", err);
}

static sb_status
read_head(sb_blob_in *in, block_head *head, sb_error *err)
{
    if (in->size - in->at < sizeof *head) {
        return sb_blob_corrupt(in, "it ends early", err);
    }
    memcpy(head, in->data + in->at, sizeof *head);
    if (head->magic != BLOCK_MAGIC ||
        head->crc != sb_crc32c(0, head, sizeof *head - sizeof head->crc)) {
        return sb_blob_corrupt(in, "bad block header", err);
    }
    in->at += sizeof *head;
    bool fits = head->stored <= in->size - in->at && pad8(head->stored) <= in->size - in->at;
    bool possible = head->kind >= SB_BLOCK_TABLES && head->kind <= SB_BLOCK_END &&
                    head->codec <= 1 && head->raw < RAW_MAX &&
                    (head->codec == 1 || head->raw == head->stored);
    return fits && possible ? SB_OK : sb_blob_corrupt(in, "impossible block header", err);
}

sb_status
sb_blob_in_next(sb_blob_in *in, sb_block_kind *out_kind, const uint8_t **out_data, size_t *out_size,
                sb_error *err)
{
    block_head head;
    SB_TRY(read_head(in, &head, err), err);
    const uint8_t *payload = in->data + in->at;
    in->at += pad8(head.stored);
    if (head.payload_crc != sb_crc32c(0, payload, pad8(head.stored))) {
        return sb_blob_corrupt(in, "bad checksum of a block", err);
    }
    if ((in->count_blocks == 0) != (head.kind == SB_BLOCK_TABLES)) {
        return sb_blob_corrupt(in, "blocks are out of order", err);
    }
    SB_TRY(unpack(in, &head, payload, err), err);
    *out_kind = (sb_block_kind)head.kind;
    *out_data = in->raw;
    *out_size = head.raw;
    if (head.kind == SB_BLOCK_END) {
        uint64_t counts[2];
        if (head.raw != sizeof counts || in->at != in->size) {
            return sb_blob_corrupt(in, "bad end", err);
        }
        memcpy(counts, in->raw, sizeof counts);
        if (counts[0] != in->count_records || counts[1] != in->count_blocks) {
            return sb_blob_corrupt(in, "blocks are missing", err);
        }
    }
    in->count_blocks++;
    return SB_OK;
}
