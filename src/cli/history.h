/*
 * cli/history.h -- what was typed before: in memory and in a file.
 *
 * DESIGN     One entry a line, line ends within an entry as byte 1. Entries are appended to the
 *            file as they are made, so several shells can share it; the file is cut to the newest
 *            SB_HISTORY_MAX when it is read with more than twice as many. Entries that begin with
 *            a space are not kept, nor one that repeats the one before.
 * OWNERSHIP  sb_history owns its entries.
 * THREADS    the main thread
 */
#ifndef SB_CLI_HISTORY_H
#define SB_CLI_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#define SB_HISTORY_MAX       5000
#define SB_HISTORY_ENTRY_MAX 65536 /* bytes; longer ones are not kept */

typedef struct sb_history {
    char **entries; /* oldest first */
    size_t count, capacity;
    char *path; /* NULL: memory only */
} sb_history;

/* path may be NULL. A file that cannot be read is an empty history. */
void sb_history_open(sb_history *history, const char *path);
void sb_history_close(sb_history *history);
void sb_history_add(sb_history *history, const char *text, size_t size);
/* The newest entry before index `before` that has `part` in it; -1: none. */
long sb_history_find(const sb_history *history, long before, const char *part);
/* $SABOT_HISTORY, or sabot/history in $XDG_STATE_HOME or ~/.local/state, whose folders are made.
 * NULL: there is no place, or SABOT_HISTORY is empty. Freed with free(). */
char *sb_history_default_path(void);

#endif
