/*
 * cli/shell.h -- the interactive shell among its files.
 *
 * DESIGN     Input is read with the line editor on a terminal, else line by line. A line that
 *            begins with a point or a backslash at the start of a statement is a command of the
 *            shell; everything else is SQL up to its semicolon. Each statement is executed and
 *            shown before the next one is looked at.
 * THREADS    the main thread; queries run on theirs.
 */
#ifndef SB_CLI_SHELL_H
#define SB_CLI_SHELL_H

#include "cli/edit.h"
#include "cli/show.h"

#define SB_SHELL_READ_DEPTH 16 /* .read within .read */

typedef struct sb_shell {
    sabot_engine *engine;
    sb_show show;
    sb_term term;
    bool on_terminal; /* statements are typed */
    sb_history history;
    sb_edit edit;
    FILE *output; /* of .output and .once; NULL: standard output */
    bool once;    /* ... for one statement */
    bool bail;    /* the first error ends a text */
    bool echo;    /* statements are printed before they run */
    bool quit;
    int depth;
    int exit_code; /* of the last failure that nobody saw on a terminal, or .exit N */
    char null_text[64];
} sb_shell;

/* Statements of a text; name: what errors call it, NULL: typed. False: one failed. */
bool sb_shell_execute(sb_shell *shell, const char *text, size_t size, const char *name);
/* Lines of a file with statements and commands. False: one failed, and `bail` is on. */
bool sb_shell_read(sb_shell *shell, FILE *from, const char *name);
/* ".mode csv", "\d bids". False: it failed. */
bool sb_shell_command(sb_shell *shell, const char *line);
/* Commands that begin with `typed`, for completion. */
void sb_shell_command_words(const char *typed, size_t size, sb_words *out);
/* Names of files when the cursor is in FROM '...'; false: it is not. */
bool sb_shell_file_words(const char *text, size_t cursor, sb_words *out);
/* .schema 'file': what sabot infer prints. */
bool sb_shell_file_schema(sb_shell *shell, const char *quoted);
/* NULL: the list. */
bool sb_shell_demo(sb_shell *shell, const char *name);
void sb_shell_close_output(sb_shell *shell);

#endif
