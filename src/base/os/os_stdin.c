/*
 * base/os/os_stdin.c -- standard input.
 *
 * THREADS    one thread at a time.
 */
#include "base/os/stdin.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool
sb_stdin_is_tty(void)
{
    return isatty(STDIN_FILENO) == 1;
}

sb_status
sb_stdin_read(void *data, size_t size, size_t *out_read, sb_error *err)
{
    ssize_t got;
    do {
        got = read(STDIN_FILENO, data, size);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        char text[128];
        SB_FAIL(err, SB_STATUS_IO, "cannot read standard input: %s",
                strerror_r(errno, text, sizeof text));
    }
    *out_read = (size_t)got;
    return SB_OK;
}
