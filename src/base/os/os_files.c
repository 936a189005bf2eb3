/*
 * base/os/os_files.c -- whole-file helpers over any sb_os.
 *
 * THREADS    as the sb_os.
 */
#include <string.h>

#include "base/os/os.h"

#define READ_STEP (1 << 20)

static sb_status
read_all(sb_os *os, sb_file *file, sb_text *out, sb_error *err)
{
    int64_t size = os->size(os, file);
    int64_t offset = 0;
    /* The size is a first guess: the file may grow, and special files have none. */
    for (;;) {
        int64_t want = size > offset ? size - offset : 4096;
        want = want < READ_STEP ? want : READ_STEP;
        char *at = sb_text_reserve(out, (size_t)want);
        if (!at) {
            SB_NOMEM(err);
        }
        size_t got = 0;
        sb_status status = os->read(os, file, offset, at, (size_t)want, &got, err);
        out->size += got;
        out->data[out->size] = 0;
        SB_TRY(status, err);
        if (got == 0) {
            return SB_OK;
        }
        offset += (int64_t)got;
    }
}

sb_status
sb_os_read_file(sb_os *os, const char *path, sb_text *out, sb_error *err)
{
    sb_file *file;
    SB_TRY(os->open(os, path, SB_OPEN_READ, &file, err), err);
    sb_status status = read_all(os, file, out, err);
    os->close(os, file);
    return status;
}

static sb_status
write_synced(sb_os *os, const char *path, const void *data, size_t size, sb_error *err)
{
    sb_file *file;
    SB_TRY(os->open(os, path, SB_OPEN_CREATE, &file, err), err);
    sb_status status = os->write(os, file, data, size, err);
    sb_crash_point("publish-written");
    if (status == SB_OK) {
        status = os->sync(os, file, err);
    }
    os->close(os, file);
    return status;
}

sb_status
sb_os_publish_file(sb_os *os, const char *path, const void *data, size_t size, sb_error *err)
{
    char temporary[4096];
    size_t length = strlen(path);
    if (length + sizeof ".tmp" > sizeof temporary) {
        SB_FAIL(err, SB_STATUS_INVALID, "path is too long: %.200s...", path);
    }
    memcpy(temporary, path, length);
    memcpy(temporary + length, ".tmp", sizeof ".tmp");
    sb_status status = write_synced(os, temporary, data, size, err);
    sb_crash_point("publish-synced");
    if (status == SB_OK) {
        status = os->rename(os, temporary, path, err);
    }
    if (status != SB_OK) {
        os->remove(os, temporary, NULL);
        return status;
    }
    sb_crash_point("publish-renamed");
    char *slash = strrchr(temporary, '/');
    if (slash == temporary) {
        slash++;
    }
    if (slash) {
        *slash = 0;
    }
    return os->sync_dir(os, slash ? temporary : ".", err);
}
