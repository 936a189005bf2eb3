/*
 * cli/help.c -- taking help pages apart.
 *
 * THREADS    the main thread
 */
#include "cli/help.h"

#include <ctype.h>
#include <string.h>

/* Bytes up to the end of the line. */
static size_t
line_size(const char *line)
{
    return strcspn(line, "\n");
}

static const char *
next_line(const char *line)
{
    size_t size = line_size(line);
    return line[size] ? line + size + 1 : line + size;
}

/* Where an option begins in the line; NULL: it describes none. */
static const char *
option_of(const char *line)
{
    size_t indent = strspn(line, " ");
    return indent >= 2 && indent <= 6 && line[indent] == '-' ? line + indent : NULL;
}

static void
append(char *out, size_t room, const char *text, size_t size)
{
    size_t used = strlen(out);
    if (used > 0 && used + 1 < room) {
        out[used++] = ' ';
    }
    size = size < room - used - 1 ? size : room - used - 1;
    memcpy(out + used, text, size);
    out[used + size] = '\0';
}

/* A word of `text` without the comma behind it. */
static const char *
take_word(const char *text, char *out, size_t room)
{
    size_t size = strcspn(text, " ,\n");
    snprintf(out, room, "%.*s", (int)size, text);
    text += size;
    return text + (*text == ',');
}

bool
sb_help_next_option(const char **at, sb_help_option *out)
{
    const char *line = *at, *text;
    while (*line && !option_of(line)) {
        line = next_line(line);
    }
    memset(out, 0, sizeof *out);
    *at = line;
    if (!*line) {
        return false;
    }
    text = option_of(line);
    if (text[1] != '-') {
        text = take_word(text, out->short_name, sizeof out->short_name);
        text += strspn(text, " ");
    }
    text = take_word(text, out->name, sizeof out->name);
    if (text[0] == ' ' && isupper((unsigned char)text[1])) {
        text = take_word(text + 1, out->value, sizeof out->value);
    }
    text += strspn(text, " ");
    append(out->text, sizeof out->text, text, line_size(text));
    for (line = next_line(line); strspn(line, " ") > 6; line = next_line(line)) {
        text = line + strspn(line, " ");
        append(out->text, sizeof out->text, text, line_size(text));
    }
    *at = line;
    return true;
}

void
sb_help_summary(const sb_help_page *page, char *out, size_t size)
{
    const char *text = strstr(page->text, "\n\n");
    const char *end = text ? strpbrk(text += 2, ".:\n") : NULL;
    snprintf(out, size, "%.*s", end ? (int)(end - text) : 0, text ? text : "");
}
