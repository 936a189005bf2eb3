/*
 * base/os/stdin.h -- standard input, read once from its begin to its end.
 *
 * THREADS    one thread at a time.
 */
#ifndef SB_BASE_OS_STDIN_H
#define SB_BASE_OS_STDIN_H

#include "base/status.h"

bool sb_stdin_is_tty(void);
/* *out_read 0: the end. Blocks until something comes. */
sb_status sb_stdin_read(void *data, size_t size, size_t *out_read, sb_error *err);

#endif
