/*
 * cli/man.c -- sabot help --man FOLDER: the help pages as man pages.
 *
 * THREADS    the main thread
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/help.h"

/* Text that roff shall not take for commands. */
static void
put_text(FILE *to, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool starts = i == 0 || text[i - 1] == '\n';
        if (starts && (text[i] == '.' || text[i] == '\'')) {
            fputs("\\&", to);
        }
        fputs(text[i] == '-' ? "\\-" : text[i] == '\\' ? "\\e" : (char[]){text[i], '\0'}, to);
    }
}

static void
put_options(FILE *to, const sb_help_page *page)
{
    const char *at = page->text;
    sb_help_option option;
    bool any = false;
    while (sb_help_next_option(&at, &option)) {
        fputs(any ? "" : ".SH OPTIONS\n", to);
        any = true;
        fputs(".TP\n\\fB", to);
        if (*option.short_name) {
            put_text(to, option.short_name, strlen(option.short_name));
            fputs("\\fR, \\fB", to);
        }
        put_text(to, option.name, strlen(option.name));
        fprintf(to, "\\fR%s\\fI", *option.value ? " " : "");
        put_text(to, option.value, strlen(option.value));
        fputs("\\fR\n", to);
        put_text(to, option.text, strlen(option.text));
        putc('\n', to);
    }
}

/* All paragraphs but those of options. */
static void
put_paragraphs(FILE *to, const char *text)
{
    bool fresh = true;
    while (*text) {
        size_t size = strcspn(text, "\n"), indent = strspn(text, " ");
        if (size == 0) {
            fresh = true;
        } else if (indent < 2) {
            fputs(fresh ? ".PP\n" : "", to);
            put_text(to, text, size);
            putc('\n', to);
            fresh = false;
        }
        text += size + (text[size] == '\n');
    }
}

static void
put_page(FILE *to, const sb_help_page *page)
{
    char summary[256], name[64];
    const char *usage = page->text + strlen("usage: ");
    size_t size = strcspn(usage, "\n");
    sb_help_summary(page, summary, sizeof summary);
    snprintf(name, sizeof name, "sabot-%s", page->verb);
    for (char *at = name; *at; at++) {
        *at = (char)toupper((unsigned char)*at);
    }
    fprintf(to, ".TH %s 1 \"\" \"sabot %s\"\n.SH NAME\nsabot\\-%s \\- ", name, sabot_version(),
            page->verb);
    put_text(to, *summary ? summary : "more about a command",
             strlen(*summary ? summary : "more about a command"));
    fputs("\n.SH SYNOPSIS\n", to);
    put_text(to, usage, size);
    fputs("\n.SH DESCRIPTION\n", to);
    put_paragraphs(to, usage + size);
    put_options(to, page);
    fputs(".SH SEE ALSO\n\\fBsabot\\fR(1)\n", to);
}

static void
put_overview(FILE *to)
{
    fprintf(to,
            ".TH SABOT 1 \"\" \"sabot %s\"\n.SH NAME\nsabot \\- streaming SQL over files and "
            "streams\n.SH SYNOPSIS\n\\fBsabot\\fR [\\fICOMMAND\\fR] [\\fIOPTION\\fR]...\n.SH "
            "DESCRIPTION\n",
            sabot_version());
    put_paragraphs(to, sb_help_overview());
    fputs(".SH COMMANDS\n", to);
    const sb_help_page *page;
    for (int i = 0; (page = sb_help_page_at(i)); i++) {
        char summary[256];
        sb_help_summary(page, summary, sizeof summary);
        fprintf(to, ".TP\n\\fBsabot\\-%s\\fR(1)\n", page->verb);
        put_text(to, summary, strlen(summary));
        putc('\n', to);
    }
}

static bool
write_page(const char *folder, const sb_help_page *page)
{
    size_t size = strlen(folder) + 64;
    char *path = malloc(size);
    FILE *to = NULL;
    if (path) {
        snprintf(path, size, "%s/sabot%s%s.1", folder, page ? "-" : "", page ? page->verb : "");
        to = fopen(path, "w");
    }
    if (to && page) {
        put_page(to, page);
    } else if (to) {
        put_overview(to);
    }
    bool ok = to && fclose(to) == 0;
    if (!ok) {
        fprintf(stderr, "error: cannot write file \"%s\": %s\n", path ? path : folder,
                strerror(errno));
    }
    free(path);
    return ok;
}

bool
sb_help_write_man(const char *folder)
{
    const sb_help_page *page;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "error: cannot make folder \"%s\": %s\n", folder, strerror(errno));
        return false;
    }
    bool ok = write_page(folder, NULL);
    for (int i = 0; ok && (page = sb_help_page_at(i)); i++) {
        ok = write_page(folder, page);
    }
    return ok;
}
