/*
 * state/blob.c -- writing and reading the file of a snapshot.
 *
 * THREADS    T:io
 */
#include "state/blob.h"

#include <string.h>

#include "base/hash.h"

#define FILE_MAGIC  0x42534253u /* "SBSB" */
#define BLOCK_MAGIC 0x4B4C4253u /* "SBLK" */
#define RAW_MAX     (UINT32_C(1) << 31)

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
    uint32_t kind;
    uint64_t size; /* of the payload, without padding */
    uint64_t sum;  /* of the payload, padding included, and its place */
    uint32_t zero;
    uint32_t crc; /* of the bytes before */
} block_head;

SB_STATIC_ASSERT(sizeof(block_head) == 32, "part of the format");
SB_STATIC_ASSERT(sizeof(sb_record) == 32, "part of the format");

static size_t
pad8(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static uint64_t
sum_of(const void *payload, size_t padded, uint64_t id, uint64_t number)
{
    return sb_hash_bytes(payload, padded) ^ sb_hash_mix(id + number * SB_HASH_GAMMA);
}

/* ---- writing
 * -------------------------------------------------------------------------------------- */

sb_status
sb_blob_out_open(sb_blob_out *out, sb_store *store, const char *name, uint64_t id,
                 uint64_t checkpoint, sb_error *err)
{
    file_head head = {
        .magic = FILE_MAGIC, .version = SB_BLOB_VERSION, .id = id, .checkpoint = checkpoint};
    head.crc = sb_crc32c(0, &head, sizeof head - sizeof head.crc);
    *out = (sb_blob_out){.id = id};
    SB_TRY(sb_blob_create(store, name, &out->writer, err), err);
    out->file_bytes = sizeof head;
    sb_status status = sb_blob_append(out->writer, &head, sizeof head, err);
    if (status != SB_OK) {
        sb_blob_out_abort(out);
    }
    return status;
}

/* The payload of the open block, with room for `size` more bytes; its head comes before it. */
static uint8_t *
payload_room(sb_blob_out *out, size_t size)
{
    size_t kept = sizeof(block_head) + out->raw_size;
    uint8_t *at = sb_blob_room(out->writer, kept, kept + size);
    return at ? at + sizeof(block_head) : NULL;
}

uint8_t *
sb_blob_out_reserve(sb_blob_out *out, size_t size)
{
    uint8_t *payload = payload_room(out, size);
    return payload ? payload + out->raw_size : NULL;
}

sb_status
sb_blob_out_flush(sb_blob_out *out, sb_block_kind kind, sb_error *err)
{
    size_t size = out->raw_size, padded = pad8(size);
    uint8_t *payload = payload_room(out, padded - size);
    if (size >= RAW_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT, "a block of a snapshot has %zu bytes", size);
    }
    if (!payload) {
        SB_NOMEM(err);
    }
    memset(payload + size, 0, padded - size);
    block_head head = {
        .magic = BLOCK_MAGIC,
        .kind = (uint32_t)kind,
        .size = size,
        .sum = sum_of(payload, padded, out->id, out->count_blocks),
    };
    head.crc = sb_crc32c(0, &head, sizeof head - sizeof head.crc);
    memcpy(payload - sizeof head, &head, sizeof head);
    out->raw_size = 0;
    SB_TRY(sb_blob_commit(out->writer, sizeof head + padded, err), err);
    out->file_bytes += (int64_t)(sizeof head + padded);
    out->count_blocks++;
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
    *out = (sb_blob_out){0};
}

/* ---- reading
 * -------------------------------------------------------------------------------------- */

sb_status
sb_blob_corrupt(const sb_blob_in *in, const char *what, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_CORRUPT, "state blob '%s' is damaged: %s", in->name, what);
}

static sb_status
check_file(sb_blob_in *in, int64_t file_bytes, sb_error *err)
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
    if (head.version != SB_BLOB_VERSION) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: state blob '%s' has format version %u, this program reads %u",
                in->name, head.version, SB_BLOB_VERSION);
    }
    if (head.id != in->id) {
        return sb_blob_corrupt(in, "it is another one than the checkpoint names", err);
    }
    return SB_OK;
}

sb_status
sb_blob_in_open(sb_blob_in *in, sb_store *store, const char *name, int64_t file_bytes, uint64_t id,
                sb_error *err)
{
    const void *data;
    *in = (sb_blob_in){.store = store, .name = name, .id = id};
    SB_TRY(sb_store_map(store, name, &data, &in->size, err), err);
    in->data = data;
    in->at = sizeof(file_head);
    sb_status status = check_file(in, file_bytes, err);
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
    *in = (sb_blob_in){0};
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
    bool fits = head->size < RAW_MAX && pad8(head->size) <= in->size - in->at;
    bool possible = head->kind >= SB_BLOCK_TABLES && head->kind <= SB_BLOCK_END;
    return fits && possible ? SB_OK : sb_blob_corrupt(in, "impossible block header", err);
}

sb_status
sb_blob_in_next(sb_blob_in *in, sb_block_kind *out_kind, const uint8_t **out_data, size_t *out_size,
                sb_error *err)
{
    block_head head;
    SB_TRY(read_head(in, &head, err), err);
    const uint8_t *payload = in->data + in->at;
    in->at += pad8(head.size);
    if (head.sum != sum_of(payload, pad8(head.size), in->id, in->count_blocks)) {
        return sb_blob_corrupt(in, "bad checksum of a block", err);
    }
    if ((in->count_blocks == 0) != (head.kind == SB_BLOCK_TABLES)) {
        return sb_blob_corrupt(in, "blocks are out of order", err);
    }
    *out_kind = (sb_block_kind)head.kind;
    *out_data = payload;
    *out_size = head.size;
    if (head.kind == SB_BLOCK_END) {
        uint64_t counts[2];
        if (head.size != sizeof counts || in->at != in->size) {
            return sb_blob_corrupt(in, "bad end", err);
        }
        memcpy(counts, payload, sizeof counts);
        if (counts[0] != in->count_records || counts[1] != in->count_blocks) {
            return sb_blob_corrupt(in, "blocks are missing", err);
        }
    }
    in->count_blocks++;
    return SB_OK;
}
