/*
 * state/blob.h -- the file of one snapshot: header, checksummed blocks, end.
 *
 * DESIGN     File: 32 bytes of header (magic, version, id, checkpoint, CRC-32C), then blocks. A
 *            block: 32 bytes of header with a CRC of its own, then the payload, padded to 8 bytes,
 *            with XXH3-64 over it, mixed with the blob's id and the number of the block, so that a
 *            good block in a wrong place is found as well. Nothing is compressed: time of the CPU
 *            is dearer than bytes (docs/decisions/0005). Blocks are made in the buffer that is
 *            written. Kinds: TABLES (heads of all
 *            tables, first), RECORDS (any number), END (last; counts). A record: 32 bytes of
 *            sb_record, `count_erased` u32 slots (padded to 8), then per row: u64 slot, u64 hash,
 *            [u64 seq], [i64 TTL stamp], the row. All is 8-byte aligned. Records do not cross
 *            blocks.
 * THREADS    T:io
 */
#ifndef SB_STATE_BLOB_H
#define SB_STATE_BLOB_H

#include "ports/store.h"

#define SB_BLOB_VERSION 2

typedef enum sb_block_kind {
    SB_BLOCK_TABLES = 1,
    SB_BLOCK_RECORDS = 2,
    SB_BLOCK_END = 3
} sb_block_kind;

typedef struct sb_record { /* a page, or what changed in it */
    uint32_t size;         /* of the record, this header included */
    uint32_t table_id;
    uint32_t page_id;
    uint32_t is_delta;
    uint32_t page_size;
    uint32_t slot_size;
    uint32_t count_rows;
    uint32_t count_erased; /* delta: slots that are free now */
} sb_record;

typedef struct sb_blob_out {
    sb_blob_writer *writer;
    uint64_t id;
    size_t raw_size; /* of the open block's payload, in the buffer of `writer` */
    int64_t file_bytes;
    uint64_t count_records, count_blocks;
} sb_blob_out;

sb_status sb_blob_out_open(sb_blob_out *out, sb_store *store, const char *name, uint64_t id,
                           uint64_t checkpoint, sb_error *err);
/* Room for `size` more bytes of the open block (then add to raw_size); NULL: out of memory. */
uint8_t *sb_blob_out_reserve(sb_blob_out *out, size_t size);
/* ends the open block */
sb_status sb_blob_out_flush(sb_blob_out *out, sb_block_kind kind, sb_error *err);
/* durable on success; gives up the writer, also on failure */
sb_status sb_blob_out_close(sb_blob_out *out, sb_error *err);
void sb_blob_out_abort(sb_blob_out *out);

typedef struct sb_blob_in {
    sb_store *store;
    const char *name; /* the caller's */
    const uint8_t *data;
    size_t size, at;
    uint64_t id;
    uint64_t count_records, count_blocks; /* records are counted by the caller */
} sb_blob_in;

/* file_bytes and id are what the descriptor says. */
sb_status sb_blob_in_open(sb_blob_in *in, sb_store *store, const char *name, int64_t file_bytes,
                          uint64_t id, sb_error *err);
/* The next block, checked; *out_kind END: all was read and the counts agree. 8-byte aligned, valid
 * until close. */
sb_status sb_blob_in_next(sb_blob_in *in, sb_block_kind *out_kind, const uint8_t **out_data,
                          size_t *out_size, sb_error *err);
void sb_blob_in_close(sb_blob_in *in);
sb_status sb_blob_corrupt(const sb_blob_in *in, const char *what, sb_error *err);

#endif
