/*
 * cli/help.h -- the help pages, the one source of --help, man pages and completion scripts.
 *
 * DESIGN     A page is the text that --help prints. Its first line is the usage; then come
 *            paragraphs; a line that begins with an option ("  -s, --state DIR   text") describes
 *            it, deeper lines go on with the text.
 * THREADS    the main thread
 */
#ifndef SB_CLI_HELP_H
#define SB_CLI_HELP_H

#include "cli/cli.h"

typedef struct sb_help_page {
    const char *verb; /* "run" */
    const char *text;
} sb_help_page;

const sb_help_page *sb_help_page_at(int index); /* NULL behind the last */
const char *sb_help_overview(void);

typedef struct sb_help_option {
    char short_name[4]; /* "-s" or "" */
    char name[32];      /* "--state" */
    char value[32];     /* "DIR" or "" */
    char text[512];     /* in one line */
} sb_help_option;

/* The next option of a page; *at begins as page->text. False: there is none. */
bool sb_help_next_option(const char **at, sb_help_option *out);
/* What the verb does: the first sentence of its page. */
void sb_help_summary(const sb_help_page *page, char *out, size_t size);

int sb_cli_completion(int argc, char **argv); /* cmd_completion.c */
/* man pages of the program and of each verb into a folder, which is made. False after a message. */
bool sb_help_write_man(const char *folder); /* man.c */

#endif
