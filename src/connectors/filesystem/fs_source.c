/*
 * connectors/filesystem/fs_source.c -- files as a source: a split is a file, read in large blocks,
 * record by record.
 *
 * DESIGN     A file is read up to the size it had when it was found, so that a replay sees the same
 *            bytes. The format takes complete records out of the block; what is left moves to its
 *            front before the next read. Position: offset and line of the next record, length of
 *            the dead letters. Files are opened at their first poll and closed at their end: a
 *            thousand splits cost a thousand small structs.
 *            A compressed file is read through its unpacker: positions count unpacked bytes, its
 *            end shows when it is reached, and a restore unpacks all that is before the position.
 * OWNERSHIP  The source owns its splits, the decoder, and the builders of the open batch.
 * THREADS    T:task; enumerate: T:io.
 */
#include <stdatomic.h>
#include <string.h>

#include "connectors/filesystem/filesystem.h"

#define BLOCK_BYTES      (256 << 10) /* stays in the cache between read and decode */
#define POLL_BYTES       (8 << 20)   /* a poll reads no more, however few rows that gives */
#define POSITION_VERSION 1

typedef struct fs_split {
    int32_t ordinal;
    char *id;         /* path; in the source's arena */
    sb_fs_file found; /* size and time when it was found */
    sb_file *file;    /* NULL: not open */
    sb_codec codec;
    sb_unpack *unpack; /* of a compressed file that is open; NULL: its bytes are read as they are */
    bool ended;        /* the unpacker has nothing more */
    int64_t taken;     /* bytes that the unpacker has read */
    char *block;
    size_t block_size;    /* without padding */
    size_t used, filled;  /* of the block: taken, read */
    int64_t read_offset;  /* of the (unpacked) file: where the next read begins */
    int64_t offset, line; /* of the next record */
    bool done;
    sb_dead_letters dead;
} fs_split;

typedef struct fs_source {
    sb_source base;
    sb_fs_options options;
    sb_decoder *decoder;
    sb_arena *arena;
    fs_split **splits; /* in order of opening */
    int32_t count_splits, capacity_splits;
    sb_column_builder *builders; /* one per projected column */
    int32_t count_builders;
    uint8_t *ops;        /* batch_rows of them */
    fs_split *polled;    /* whose records are being decoded */
    int64_t call_offset; /* of the input of the running decode call, in the file */
} fs_source;

static fs_source *
source_of(sb_source *s)
{
    sb_assert(s->vtable == &sb_fs_source);
    return (fs_source *)(void *)s;
}

static fs_split *
find_split(fs_source *s, int32_t ordinal)
{
    for (int32_t i = 0; i < s->count_splits; i++) {
        if (s->splits[i]->ordinal == ordinal) {
            return s->splits[i];
        }
    }
    return NULL;
}

static sb_status
fs_enumerate(const sb_source_node *node, sb_os *os, sb_mem *mem, int32_t parallelism,
             sb_split_list *list, sb_error *err)
{
    sb_fs_options options;
    (void)parallelism;
    SB_TRY(sb_fs_options_read(node->table, &options, err), err);
    return sb_fs_enumerate(&options, os, mem, list, err);
}

static int64_t
fs_monitor_interval(const sb_source_node *node)
{
    sb_fs_options options;
    return sb_fs_options_read(node->table, &options, NULL) == SB_OK ? options.monitor_ms : 0;
}

static sb_status
fs_init(sb_source *base, const sb_source_init *ctx, sb_error *err)
{
    fs_source *s = source_of(base);
    sb_format_bridge bridge;
    sb_format_table view;
    base->ctx = ctx;
    SB_TRY(sb_fs_options_read(ctx->node->table, &s->options, err), err);
    sb_table_for_format(ctx->node->table, s->options.format, &bridge, &view);
    view.fields = ctx->node->fields;
    s->arena = sb_arena_new(ctx->mem);
    s->ops = sb_alloc(ctx->mem, (size_t)ctx->batch_rows);
    int32_t count = ctx->node->project.count;
    sb_assert(ctx->output->count == count + ctx->node->count_metadata);
    s->builders = sb_alloc_zero(ctx->mem, sizeof *s->builders * (size_t)(count + 1));
    if (!s->arena || !s->ops || !s->builders) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(sb_column_builder_init(&s->builders[i], ctx->mem, &ctx->output->fields[i].type, err),
               err);
        s->count_builders++;
    }
    return s->options.format->decoder(ctx->mem, &view, ctx->node->project.at, count, &s->decoder,
                                      err);
}

static sb_status
read_position(fs_split *split, sb_reader *position, int64_t *out_dead, sb_error *err)
{
    if (sb_read_u8(position) != POSITION_VERSION) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "the position in file '%s' has an unknown version",
                split->id);
    }
    split->offset = sb_read_i64(position);
    split->line = sb_read_i64(position);
    *out_dead = sb_read_i64(position);
    split->done = sb_read_u8(position) != 0;
    SB_TRY(sb_reader_done(position, "position in a file", err), err);
    bool beyond = split->codec == SB_CODEC_NONE && split->offset > split->found.size;
    if (split->offset < 0 || beyond || split->line < 0 || *out_dead < 0) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "the position in file '%s' is out of range", split->id);
    }
    return SB_OK;
}

static void
count_bytes(_Atomic int64_t *counter, int64_t bytes)
{
    atomic_fetch_add_explicit(counter, bytes, memory_order_relaxed);
}

static sb_status
fs_open(sb_source *base, const sb_split *split, sb_reader *position, sb_error *err)
{
    fs_source *s = source_of(base);
    int64_t dead = 0;
    if (s->count_splits == s->capacity_splits) {
        int32_t capacity = s->capacity_splits ? s->capacity_splits * 2 : 8;
        size_t old_size = sizeof *s->splits * (size_t)s->capacity_splits;
        fs_split **splits =
            sb_realloc(base->ctx->mem, s->splits, old_size, sizeof *s->splits * (size_t)capacity);
        if (!splits) {
            SB_NOMEM(err);
        }
        s->splits = splits;
        s->capacity_splits = capacity;
    }
    fs_split *own = SB_NEW(s->arena, fs_split);
    char *id = sb_arena_strdup(s->arena, split->id);
    if (!own || !id) {
        SB_NOMEM(err);
    }
    own->ordinal = split->ordinal;
    own->id = id;
    SB_TRY(sb_fs_file_read(split->descriptor, &own->found, err), err);
    SB_TRY(sb_fs_codec(&s->options, own->id, &own->codec, err), err);
    if (position) {
        SB_TRY(read_position(own, position, &dead, err), err);
    }
    own->read_offset = own->offset;
    s->splits[s->count_splits++] = own;
    count_bytes(&base->ctx->metrics->bytes_found, own->found.size);
    count_bytes(&base->ctx->metrics->bytes_read, own->codec == SB_CODEC_NONE ? own->offset
                                                 : own->done                 ? own->found.size
                                                                             : 0);
    if (s->options.bad == SB_BAD_DEAD_LETTER) {
        SB_TRY(sb_dead_letters_init(&own->dead, base->ctx->mem, base->ctx->os, s->options.bad_path,
                                    own->ordinal, dead, err),
               err);
    }
    return SB_OK;
}

static void
close_file(fs_source *s, fs_split *split)
{
    const sb_source_init *ctx = s->base.ctx;
    split->unpack = sb_unpack_free(split->unpack);
    ctx->os->close(ctx->os, split->file);
    split->file = NULL;
    sb_free(ctx->mem, split->block, split->block_size + SB_FORMAT_PADDING);
    split->block = NULL;
    split->block_size = 0;
}

/* ---- bad records
 * ----------------------------------------------------------------------------------- */

static sb_status
fs_bad(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    fs_source *s = ctx;
    fs_split *split = s->polled;
    int64_t offset = s->call_offset + bad->offset, line = split->line + bad->line + 1;
    atomic_fetch_add_explicit(&s->base.ctx->metrics->bad_records, 1, memory_order_relaxed);
    if (s->options.bad == SB_BAD_DEAD_LETTER) {
        return sb_dead_letters_add(&split->dead, split->id, line, offset, bad->reason, bad->bytes,
                                   err);
    }
    if (s->options.bad == SB_BAD_SKIP || bad->tolerated) {
        return SB_OK;
    }
    int size = bad->bytes.size > 200 ? 200 : (int)bad->bytes.size;
    sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__,
                 "file '%s', line %lld, byte %lld: %s: %.*s%s", split->id, (long long)line,
                 (long long)offset, bad->reason, size, bad->bytes.data,
                 bad->bytes.size > 200 ? "..." : "");
    if (s->options.guessed) {
        sb_error_hint(err,
                      "the columns were guessed from the first rows: write a table with columns "
                      "that fit, beginning with what \"sabot infer '%s'\" prints",
                      s->options.path);
    } else {
        sb_error_hint(err, "'bad-records' = 'skip' or 'dead-letter' goes on without such records");
    }
    return SB_STATUS_DATA;
}

/* ---- reading
 * --------------------------------------------------------------------------------------- */

static sb_status
open_file(fs_source *s, fs_split *split, sb_error *err)
{
    const sb_source_init *ctx = s->base.ctx;
    sb_status status = ctx->os->open(ctx->os, split->id, SB_OPEN_READ, &split->file, err);
    if (status == SB_STATUS_NOT_FOUND) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "file '%s' has vanished since it was found", split->id);
    }
    if (status != SB_OK) {
        return status;
    }
    int64_t size = ctx->os->size(ctx->os, split->file);
    if (size < split->found.size) {
        SB_FAIL(err, SB_STATUS_DATA,
                "file '%s' was truncated: it had %lld bytes when it was found and has %lld now",
                split->id, (long long)split->found.size, (long long)size);
    }
    int64_t left = split->found.size - split->offset;
    bool small = split->codec == SB_CODEC_NONE && left < BLOCK_BYTES;
    split->block_size = small ? (size_t)left + 1 : BLOCK_BYTES;
    split->block = sb_alloc(ctx->mem, split->block_size + SB_FORMAT_PADDING);
    if (!split->block) {
        split->block_size = 0;
        SB_NOMEM(err);
    }
    split->used = split->filled = 0;
    split->read_offset = split->offset;
    split->ended = false;
    if (split->codec != SB_CODEC_NONE) {
        SB_TRY(sb_unpack_new(ctx->mem, ctx->os, split->file, split->id, split->found.size,
                             split->codec, &split->unpack, err),
               err);
        return sb_unpack_skip(split->unpack, split->offset, err);
    }
    return SB_OK;
}

/* A record is longer than the block. */
static sb_status
grow_block(fs_source *s, fs_split *split, sb_error *err)
{
    sb_mem *mem = s->base.ctx->mem;
    size_t size = split->block_size * 2;
    if (split->filled - split->used > SB_FORMAT_RECORD_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT,
                "file '%s', line %lld, byte %lld: a record is longer than %d bytes", split->id,
                (long long)split->line + 1, (long long)split->offset, SB_FORMAT_RECORD_MAX);
    }
    char *block = sb_realloc(mem, split->block, split->block_size + SB_FORMAT_PADDING,
                             size + SB_FORMAT_PADDING);
    if (!block) {
        SB_NOMEM(err);
    }
    split->block = block;
    split->block_size = size;
    return SB_OK;
}

static const unsigned char byte_order_mark[3] = {0xEF, 0xBB, 0xBF};

static bool
all_is_read(const fs_split *split)
{
    return split->unpack ? split->ended : split->read_offset == split->found.size;
}

static sb_status
read_bytes(fs_source *s, fs_split *split, char *to, size_t room, size_t *got, sb_error *err)
{
    const sb_source_init *ctx = s->base.ctx;
    if (split->unpack) {
        SB_TRY(sb_unpack_read(split->unpack, to, room, got, err), err);
        split->ended = *got == 0;
        count_bytes(&ctx->metrics->bytes_read, sb_unpack_taken(split->unpack) - split->taken);
        split->taken = sb_unpack_taken(split->unpack);
        return SB_OK;
    }
    int64_t left = split->found.size - split->read_offset;
    size_t want = (int64_t)room > left ? (size_t)left : room;
    SB_TRY(ctx->os->read(ctx->os, split->file, split->read_offset, to, want, got, err), err);
    if (*got == 0) {
        SB_FAIL(err, SB_STATUS_DATA,
                "file '%s' was truncated while it was read, at byte %lld of %lld", split->id,
                (long long)split->read_offset, (long long)split->found.size);
    }
    count_bytes(&ctx->metrics->bytes_read, (int64_t)*got);
    return SB_OK;
}

/* Makes more of the file available; there is more, or the end of a compressed file shows. */
static sb_status
read_more(fs_source *s, fs_split *split, sb_error *err)
{
    size_t rest = split->filled - split->used, got;
    if (split->used > 0) {
        memmove(split->block, split->block + split->used, rest);
        split->used = 0;
        split->filled = rest;
    }
    if (rest == split->block_size) {
        SB_TRY(grow_block(s, split, err), err);
    }
    SB_TRY(read_bytes(s, split, split->block + rest, split->block_size - rest, &got, err), err);
    split->read_offset += (int64_t)got;
    split->filled += got;
    memset(split->block + split->filled, 0, SB_FORMAT_PADDING);
    if (split->offset == 0 && split->used == 0 && split->filled >= 3 &&
        memcmp(split->block, byte_order_mark, 3) == 0) {
        split->used = 3;
        split->offset = 3;
    }
    return SB_OK;
}

/* One call of the format over what is in the block. */
static sb_status
decode_block(fs_source *s, fs_split *split, int32_t limit, int32_t *rows, bool *has_ops,
             sb_error *err)
{
    bool final = all_is_read(split);
    sb_decode call = {
        .data = split->block + split->used,
        .size = split->filled - split->used,
        .begin = split->line == 0 && split->offset <= 3, /* 3: behind a byte order mark */
        .final = final,
        .limit_rows = limit - *rows,
        .columns = s->builders,
        .ops = s->ops + *rows,
        .bad = {fs_bad, s},
    };
    s->call_offset = split->offset;
    sb_status status = s->decoder->vtable->decode(s->decoder, &call, err);
    if (status == SB_STATUS_LIMIT || status == SB_STATUS_SEMANTIC) {
        sb_error_prefix(err, "file '%s', byte %lld", split->id, (long long)split->offset);
    }
    if (status != SB_OK) {
        return status;
    }
    split->used += call.consumed;
    split->offset += (int64_t)call.consumed;
    split->line += call.lines;
    *rows += call.rows;
    *has_ops = *has_ops || call.has_ops;
    split->done = final && split->used == split->filled;
    return call.consumed > 0 || call.size == 0 || !final
               ? SB_OK
               : sb_error_set(err, SB_STATUS_INTERNAL, __FILE__, __LINE__,
                              "file '%s', byte %lld: the format takes no record", split->id,
                              (long long)split->offset);
}

/* ---- batches
 * --------------------------------------------------------------------------------------- */

static sb_vector *
metadata_vector(fs_source *s, const fs_split *split, const sb_field *field, const char *key,
                int32_t rows)
{
    sb_mem *mem = s->base.ctx->mem;
    sb_view view;
    sb_ts_ns ts = {split->found.modified_us / 1000 * 1000, 0, 0};
    const void *value = &view;
    if (strcmp(key, "file.path") == 0) {
        view = sb_view_make(split->id, (uint32_t)strlen(split->id));
    } else if (strcmp(key, "file.name") == 0) {
        const char *slash = strrchr(split->id, '/');
        const char *name = slash ? slash + 1 : split->id;
        view = sb_view_make(name, (uint32_t)strlen(name));
    } else if (strcmp(key, "file.size") == 0) {
        value = &split->found.size;
    } else {
        value = &ts;
    }
    return sb_vector_const(mem, &field->type, value, rows);
}

static sb_status
finish_batch(fs_source *s, fs_split *split, int32_t rows, bool has_ops, sb_batch **out,
             sb_error *err)
{
    const sb_source_init *ctx = s->base.ctx;
    int32_t count = ctx->output->count;
    size_t size = sizeof(sb_vector *) * (size_t)(count + 1);
    sb_vector **columns = sb_alloc_zero(ctx->mem, size);
    if (!columns) {
        SB_NOMEM(err);
    }
    sb_status status = SB_OK;
    for (int32_t i = 0; i < count && status == SB_OK; i++) {
        if (i < s->count_builders) {
            columns[i] = sb_column_finish(&s->builders[i], err);
        } else {
            const char *key = ctx->node->metadata[i - s->count_builders].key;
            columns[i] = metadata_vector(s, split, &ctx->output->fields[i], key, rows);
        }
        status = columns[i]
                     ? SB_OK
                     : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    sb_batch *batch = NULL;
    if (status == SB_OK) {
        /* takes the columns over, also when it fails */
        batch = sb_batch_new(ctx->mem, ctx->output, columns, rows);
        status =
            batch ? SB_OK : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    } else {
        for (int32_t i = 0; i < count; i++) {
            sb_vector_unref(columns[i]);
        }
    }
    sb_free(ctx->mem, columns, size);
    if (status == SB_OK && has_ops) {
        sb_buffer *ops = sb_buffer_new(ctx->mem, rows);
        if (!ops) {
            sb_batch_free(batch);
            SB_NOMEM(err);
        }
        memcpy(ops->data, s->ops, (size_t)rows);
        sb_batch_set_ops(batch, ops, ops->data);
    }
    if (status == SB_OK) {
        batch->split = split->ordinal;
        *out = batch;
    }
    return status;
}

static sb_status
poll_split(fs_source *s, fs_split *split, int32_t limit, sb_batch **out, sb_error *err)
{
    int32_t rows = 0;
    bool has_ops = false;
    int64_t first = split->offset;
    bool plain = split->codec == SB_CODEC_NONE;
    if (!split->file && !split->done &&
        (plain ? split->offset < split->found.size : split->found.size > 0)) {
        SB_TRY(open_file(s, split, err), err);
    }
    split->done = split->done || !split->file;
    while (!split->done && rows < limit && split->offset - first < POLL_BYTES) {
        size_t before = split->used;
        if (split->filled > split->used) {
            SB_TRY(decode_block(s, split, limit, &rows, &has_ops, err), err);
        }
        if (!split->done && rows < limit &&
            (split->used == before || split->used == split->filled)) {
            SB_TRY(read_more(s, split, err), err);
            /* nothing but a byte order mark, or nothing more to unpack */
            split->done = all_is_read(split) && split->used == split->filled;
        }
    }
    if (split->done) {
        SB_TRY(sb_dead_letters_flush(&split->dead, err), err);
    }
    return rows > 0 ? finish_batch(s, split, rows, has_ops, out, err) : SB_OK;
}

static sb_step
fs_poll(sb_source *base, int32_t ordinal, int32_t limit_rows, int64_t now_ms, sb_batch **out,
        int64_t *wake_ms, sb_error *err)
{
    fs_source *s = source_of(base);
    fs_split *split = find_split(s, ordinal);
    (void)now_ms;
    (void)wake_ms;
    sb_assert(split && limit_rows > 0 && limit_rows <= base->ctx->batch_rows);
    *out = NULL;
    s->polled = split;
    sb_status status = poll_split(s, split, limit_rows, out, err);
    s->polled = NULL;
    if (status != SB_OK) {
        sb_error_frame(err, __FILE__, __LINE__, __func__);
        return SB_STEP_FAIL;
    }
    if (!split->done) {
        return SB_STEP_AGAIN;
    }
    close_file(s, split);
    return SB_STEP_DONE;
}

static sb_status
fs_position(sb_source *base, int32_t ordinal, sb_writer *w, sb_error *err)
{
    fs_split *split = find_split(source_of(base), ordinal);
    sb_assert(split);
    sb_assert(split->dead.buffer.size == 0); /* prepare comes first */
    sb_write_u8(w, POSITION_VERSION);
    sb_write_i64(w, split->offset);
    sb_write_i64(w, split->line);
    sb_write_i64(w, split->dead.length);
    sb_write_u8(w, split->done);
    if (w->out.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
fs_prepare(sb_source *base, uint64_t checkpoint, sb_error *err)
{
    fs_source *s = source_of(base);
    (void)checkpoint;
    for (int32_t i = 0; i < s->count_splits; i++) {
        SB_TRY(sb_dead_letters_flush(&s->splits[i]->dead, err), err);
    }
    return SB_OK;
}

static void
fs_close_split(sb_source *base, int32_t ordinal)
{
    fs_source *s = source_of(base);
    for (int32_t i = 0; i < s->count_splits; i++) {
        if (s->splits[i]->ordinal == ordinal) {
            (void)sb_dead_letters_flush(&s->splits[i]->dead, NULL);
            sb_dead_letters_deinit(&s->splits[i]->dead);
            close_file(s, s->splits[i]);
            s->splits[i] = s->splits[--s->count_splits];
            return;
        }
    }
}

static void
fs_close(sb_source *base)
{
    fs_source *s = source_of(base);
    if (!base->ctx) {
        return;
    }
    sb_mem *mem = base->ctx->mem;
    for (int32_t i = 0; i < s->count_splits; i++) {
        /* a bounded job ends without a checkpoint */
        (void)sb_dead_letters_flush(&s->splits[i]->dead, NULL);
        sb_dead_letters_deinit(&s->splits[i]->dead);
        close_file(s, s->splits[i]);
    }
    s->decoder = sb_decoder_free(s->decoder);
    for (int32_t i = 0; i < s->count_builders; i++) {
        sb_column_builder_deinit(&s->builders[i]);
    }
    if (s->builders) {
        sb_free(mem, s->builders,
                sizeof *s->builders * (size_t)(base->ctx->node->project.count + 1));
    }
    sb_free(mem, s->ops, s->ops ? (size_t)base->ctx->batch_rows : 0);
    sb_free(mem, s->splits, sizeof *s->splits * (size_t)s->capacity_splits);
    s->arena = sb_arena_free(s->arena);
    s->count_splits = s->capacity_splits = s->count_builders = 0;
    s->splits = NULL;
    s->builders = NULL;
    s->ops = NULL;
}

const sb_source_vtable sb_fs_source = {
    .name = "filesystem",
    .instance_size = sizeof(fs_source),
    .enumerate = fs_enumerate,
    .monitor_interval_ms = fs_monitor_interval,
    .init = fs_init,
    .open = fs_open,
    .poll = fs_poll,
    .position = fs_position,
    .prepare = fs_prepare,
    .close_split = fs_close_split,
    .close = fs_close,
};
