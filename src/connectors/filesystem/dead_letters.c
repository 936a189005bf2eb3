/*
 * connectors/filesystem/dead_letters.c -- records that cannot be read, kept in a file.
 *
 * DESIGN     One file per split, so that its length can be part of the split's position: what is
 *            behind it after a restart is cut off and written again. Split 0 has the file the user
 *            named, split n has ".n" behind it.
 */
#include <string.h>

#include "connectors/filesystem/filesystem.h"
#include "formats/base64.h"
#include "formats/json_text.h"

#define BUFFER_BYTES (64 << 10)

sb_status
sb_dead_letters_init(sb_dead_letters *d, sb_mem *mem, sb_os *os, const char *path, int32_t split,
                     int64_t length, sb_error *err)
{
    *d = (sb_dead_letters){.os = os, .on = true, .length = length};
    sb_text_init(&d->buffer, mem);
    sb_text_init(&d->path, mem);
    sb_text_add(&d->path, path);
    if (split > 0) {
        sb_text_printf(&d->path, ".%d", split);
    }
    if (d->path.failed) {
        SB_NOMEM(err);
    }
    return length == 0 ? os->remove(os, d->path.data, err) : SB_OK;
}

static sb_status
open_file(sb_dead_letters *d, sb_error *err)
{
    if (d->length == 0) {
        return d->os->open(d->os, d->path.data, SB_OPEN_CREATE, &d->file, err);
    }
    SB_TRY(d->os->open(d->os, d->path.data, SB_OPEN_APPEND, &d->file, err), err);
    int64_t size = d->os->size(d->os, d->file);
    if (size < d->length) {
        SB_FAIL(err, SB_STATUS_CORRUPT,
                "dead letters '%s' have %lld bytes, the checkpoint says %lld", d->path.data,
                (long long)size, (long long)d->length);
    }
    return size > d->length ? d->os->truncate(d->os, d->file, d->length, err) : SB_OK;
}

static sb_status
write_buffer(sb_dead_letters *d, sb_error *err)
{
    if (!d->file && (d->buffer.size > 0 || d->length > 0)) {
        SB_TRY(open_file(d, err), err);
        d->unsynced = true;
    }
    if (d->buffer.size > 0) {
        SB_TRY(d->os->write(d->os, d->file, d->buffer.data, d->buffer.size, err), err);
        d->length += (int64_t)d->buffer.size;
        d->unsynced = true;
        sb_text_clear(&d->buffer);
    }
    return SB_OK;
}

sb_status
sb_dead_letters_add(sb_dead_letters *d, const char *file, int64_t line, int64_t offset,
                    const char *reason, sb_str record, sb_error *err)
{
    sb_text *out = &d->buffer;
    sb_text_add(out, "{\"file\":");
    sb_json_write_string(out, file, strlen(file), SB_JSON_ASTRAL_RAW);
    sb_text_printf(out, ",\"line\":%lld,\"offset\":%lld,\"reason\":", (long long)line,
                   (long long)offset);
    if (sb_format_is_utf8(reason, strlen(reason))) {
        sb_json_write_string(out, reason, strlen(reason), SB_JSON_ASTRAL_RAW);
    } else {
        sb_text_add(out, "\"cannot be read\"");
    }
    if (sb_format_is_utf8(record.data, record.size)) {
        sb_text_add(out, ",\"record\":");
        sb_json_write_string(out, record.data, record.size, SB_JSON_ASTRAL_RAW);
    } else {
        sb_text_add(out, ",\"record_base64\":\"");
        sb_fmt_base64_encode(out, record.data, record.size);
        sb_text_char(out, '"');
    }
    sb_text_add(out, "}\n");
    if (out->failed) {
        SB_NOMEM(err);
    }
    return out->size >= BUFFER_BYTES ? write_buffer(d, err) : SB_OK;
}

sb_status
sb_dead_letters_flush(sb_dead_letters *d, sb_error *err)
{
    if (!d->on) {
        return SB_OK;
    }
    SB_TRY(write_buffer(d, err), err);
    if (d->unsynced) {
        SB_TRY(d->os->sync(d->os, d->file, err), err);
        d->unsynced = false;
    }
    return SB_OK;
}

void
sb_dead_letters_deinit(sb_dead_letters *d)
{
    if (d->file) {
        d->os->close(d->os, d->file);
    }
    if (d->on) {
        sb_text_deinit(&d->buffer);
        sb_text_deinit(&d->path);
    }
    *d = (sb_dead_letters){0};
}
