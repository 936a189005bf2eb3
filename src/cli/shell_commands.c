/*
 * cli/shell_commands.c -- commands of the shell: .mode, .read, \d ...
 *
 * DESIGN     One row a command: names (its own and psql's), arguments, one line of help, and a
 *            function that gets the rest of the line.
 * THREADS    the main thread
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/shell.h"

typedef struct command {
    const char *name;  /* without the point */
    const char *alias; /* psql's, without the backslash; NULL: none */
    const char *args;
    const char *help;
    bool (*run)(sb_shell *shell, const char *rest); /* rest: without blanks around it */
} command;

static bool show_help(sb_shell *shell, const char *rest);

static bool
complain(const char *what, const char *rest)
{
    fprintf(stderr, "error: %s \"%s\"\n", what, rest);
    return false;
}

static bool
set_switch(const char *rest, bool *out)
{
    if (!*rest) {
        *out = !*out;
    } else if (strcasecmp(rest, "on") == 0 || strcasecmp(rest, "off") == 0) {
        *out = strcasecmp(rest, "on") == 0;
    } else {
        return complain("on or off is wanted, not", rest);
    }
    return true;
}

/* ---- output ---- */

static bool
set_mode(sb_shell *shell, const char *rest)
{
    if (!*rest) {
        for (int i = 0; i < SB_MODE_COUNT; i++) {
            printf("%c %-14s %s\n", shell->show.print.mode == (sb_mode)i ? '*' : ' ',
                   sb_mode_name((sb_mode)i), sb_mode_text((sb_mode)i));
        }
        return true;
    }
    return sb_mode_find(rest, &shell->show.print.mode) ||
           complain(".mode lists the output modes; there is no", rest);
}

static bool
set_headers(sb_shell *shell, const char *rest)
{
    return set_switch(rest, &shell->show.print.headers);
}

static bool
set_null(sb_shell *shell, const char *rest)
{
    snprintf(shell->null_text, sizeof shell->null_text, "%s", rest);
    shell->show.print.null_text = shell->null_text;
    return true;
}

static bool
set_rows(sb_shell *shell, const char *rest)
{
    return sb_cli_parse_count(rest, 0, INT64_MAX, &shell->show.print.rows_max) ||
           complain("a number of rows is wanted (0: all), not", rest);
}

static bool
set_timer(sb_shell *shell, const char *rest)
{
    return set_switch(rest, &shell->show.timer);
}

static bool
set_pager(sb_shell *shell, const char *rest)
{
    return set_switch(rest, &shell->show.pager);
}

static bool
set_expanded(sb_shell *shell, const char *rest)
{
    bool on = shell->show.print.mode == SB_MODE_LINE;
    if (!set_switch(rest, &on)) {
        return false;
    }
    shell->show.print.mode = on ? SB_MODE_LINE : SB_MODE_BOX;
    return true;
}

static bool
open_output(sb_shell *shell, const char *rest, bool once)
{
    sb_shell_close_output(shell);
    if (!*rest || strcmp(rest, "stdout") == 0) {
        return true;
    }
    FILE *file = fopen(rest, "w");
    if (!file) {
        fprintf(stderr, "error: cannot write file \"%s\": %s\n", rest, strerror(errno));
        return false;
    }
    shell->output = shell->show.print.to = file;
    shell->once = once;
    return true;
}

static bool
set_output(sb_shell *shell, const char *rest)
{
    return open_output(shell, rest, false);
}

static bool
set_once(sb_shell *shell, const char *rest)
{
    return *rest ? open_output(shell, rest, true) : complain(".once wants the name of a file", "");
}

/* ---- input ---- */

static bool
read_file(sb_shell *shell, const char *rest)
{
    if (shell->depth == SB_SHELL_READ_DEPTH) {
        return complain("files read each other too deep:", rest);
    }
    FILE *file = *rest ? fopen(rest, "r") : NULL;
    if (!file) {
        fprintf(stderr, "error: cannot read file \"%s\": %s\n", rest,
                *rest ? strerror(errno) : "it has no name");
        return false;
    }
    shell->depth++;
    bool ok = sb_shell_read(shell, file, rest);
    shell->depth--;
    fclose(file);
    return ok;
}

static bool
set_echo(sb_shell *shell, const char *rest)
{
    return set_switch(rest, &shell->echo);
}

static bool
set_bail(sb_shell *shell, const char *rest)
{
    return set_switch(rest, &shell->bail);
}

static bool
show_history(sb_shell *shell, const char *rest)
{
    int64_t count = 20;
    if (*rest && !sb_cli_parse_count(rest, 1, INT64_MAX, &count)) {
        return complain("a number of entries is wanted, not", rest);
    }
    size_t all = shell->history.count;
    for (size_t i = all > (size_t)count ? all - (size_t)count : 0; i < all; i++) {
        printf("%s\n", shell->history.entries[i]);
    }
    return true;
}

static bool
quit(sb_shell *shell, const char *rest)
{
    int64_t code = 0;
    if (*rest && !sb_cli_parse_count(rest, 0, 255, &code)) {
        return complain("an exit code is wanted, not", rest);
    }
    shell->exit_code = (int)code;
    shell->quit = true;
    return true;
}

/* ---- catalog ---- */

/* A statement with the rest of the line behind it. */
static bool
execute_with(sb_shell *shell, const char *statement, const char *rest)
{
    size_t size = strlen(statement) + strlen(rest) + 4;
    char *text = malloc(size);
    if (!text) {
        return complain("out of memory", "");
    }
    snprintf(text, size, "%s%s%s;", statement, *rest ? " " : "", rest);
    bool ok = sb_shell_execute(shell, text, strlen(text), NULL);
    free(text);
    return ok;
}

static bool
show_tables(sb_shell *shell, const char *rest)
{
    return execute_with(shell, *rest ? "DESCRIBE" : "SHOW TABLES", rest);
}

static bool
show_views(sb_shell *shell, const char *rest)
{
    return execute_with(shell, "SHOW VIEWS", rest);
}

static bool
show_schema(sb_shell *shell, const char *rest)
{
    if (*rest == '\'') {
        return sb_shell_file_schema(shell, rest);
    }
    return *rest ? execute_with(shell, "SHOW CREATE TABLE", rest)
                 : complain(".schema wants the name of a table", "");
}

static bool
show_catalogs(sb_shell *shell, const char *rest)
{
    return execute_with(shell, "SHOW CATALOGS", rest);
}

static bool
show_functions(sb_shell *shell, const char *rest)
{
    return execute_with(shell, "SHOW FUNCTIONS", rest);
}

static bool
show_options(sb_shell *shell, const char *rest)
{
    return execute_with(shell, "SET", rest);
}

static bool
demo(sb_shell *shell, const char *rest)
{
    return sb_shell_demo(shell, *rest ? rest : NULL);
}

/* ---- table of commands ---- */

static const command commands[] = {
    {"help", "?", "[COMMAND]", "this list", show_help},
    {"mode", "a", "[MODE]", "how results are printed", set_mode},
    {"headers", NULL, "on|off", "names of columns above the rows", set_headers},
    {"nullvalue", NULL, "TEXT", "what is printed for NULL", set_null},
    {"rows", NULL, "N", "most rows of a table in a frame; 0: all", set_rows},
    {"expanded", "x", "[on|off]", "a line for each value", set_expanded},
    {"output", "o", "[FILE]", "results go to a file; without a name: to the terminal", set_output},
    {"once", NULL, "FILE", "the result of the next statement goes to a file", set_once},
    {"pager", NULL, "on|off", "long tables go through $PAGER", set_pager},
    {"timer", "timing", "on|off", "tell how long each statement took", set_timer},
    {"read", "i", "FILE", "run the statements and commands of a file", read_file},
    {"bail", NULL, "on|off", "the first error ends a file", set_bail},
    {"echo", NULL, "on|off", "print statements before they run", set_echo},
    {"history", "s", "[N]", "what was typed before", show_history},
    {"tables", "d", "[NAME]", "list tables and views, or the columns of one", show_tables},
    {"views", "dv", "", "list views", show_views},
    {"schema", NULL, "NAME",
     "the statement that makes a table; of a 'file': what its columns are guessed to be",
     show_schema},
    {"catalogs", "l", "", "list catalogs", show_catalogs},
    {"functions", "df", "", "list functions", show_functions},
    {"options", NULL, "", "list options that are set", show_options},
    {"demo", NULL, "[NAME]", "tables and queries to try", demo},
    {"quit", "q", "[CODE]", "leave, as Ctrl-D", quit},
    {"exit", NULL, "[CODE]", "the same", quit},
};

enum { COUNT_COMMANDS = sizeof commands / sizeof commands[0] };

static void
print_help(const command *c)
{
    char name[64], alias[16] = "";
    snprintf(name, sizeof name, ".%s %s", c->name, c->args);
    if (c->alias) {
        snprintf(alias, sizeof alias, "\\%s", c->alias);
    }
    printf("  %-22s %-8s %s\n", name, alias, c->help);
}

static bool
show_help(sb_shell *shell, const char *rest)
{
    bool found = false;
    (void)shell;
    rest += *rest == '.' || *rest == '\\';
    for (int i = 0; i < COUNT_COMMANDS; i++) {
        const command *c = &commands[i];
        if (!*rest || strncmp(c->name, rest, strlen(rest)) == 0 ||
            (c->alias && strcmp(c->alias, rest) == 0)) {
            print_help(c);
            found = true;
        }
    }
    if (!*rest) {
        puts(
            "\nPRINT 'topic' [FROM BEGINNING] [LIMIT n]; and SHOW TOPICS; look into Apache Kafka.");
        puts("\nKeys: Tab completes, Ctrl-R searches the history, Alt-Enter begins a new line, "
             "Ctrl-_ undoes,\nCtrl-C gives up what is typed or stops a query, Ctrl-D leaves.");
    }
    return found || complain("there is no command", rest);
}

void
sb_shell_command_words(const char *typed, size_t size, sb_words *out)
{
    for (int i = 0; i < COUNT_COMMANDS; i++) {
        char word[32] = "";
        if (typed[0] == '.') {
            snprintf(word, sizeof word, ".%s", commands[i].name);
        } else if (commands[i].alias) {
            snprintf(word, sizeof word, "\\%s", commands[i].alias);
        }
        if (*word && strncmp(word, typed, size) == 0) {
            (void)sb_words_add(out, word);
        }
    }
}

/* By its name or the beginning of it that no other has; psql's only in full. */
static const command *
find_command(const char *name, size_t size, bool psql)
{
    const command *found = NULL;
    for (int i = 0; i < COUNT_COMMANDS; i++) {
        const command *c = &commands[i];
        const char *own = psql ? c->alias : c->name;
        if (own && strlen(own) == size && strncmp(own, name, size) == 0) {
            return c;
        }
        if (!psql && strncmp(c->name, name, size) == 0) {
            found = found ? &commands[COUNT_COMMANDS - 1] + 1 : c;
        }
    }
    return found == &commands[COUNT_COMMANDS - 1] + 1 ? NULL : found;
}

bool
sb_shell_command(sb_shell *shell, const char *line)
{
    bool psql = line[0] == '\\';
    const char *name = line + 1;
    size_t size = strcspn(name, " \t\r\n;");
    /* \dt and \d+ are \d here: tables and views stand in one list */
    size_t known = psql && (strncmp(name, "dt", 2) == 0 || strncmp(name, "d+", 2) == 0) && size == 2
                       ? 1
                       : size;
    const command *c = size > 0 ? find_command(name, known, psql) : NULL;
    if (!c) {
        fprintf(stderr, "error: unknown command \"%.*s\"; .help lists them\n", (int)(size + 1),
                line);
        shell->exit_code = SB_EXIT_ERROR;
        return false;
    }
    const char *rest = name + size + strspn(name + size, " \t\r\n");
    size_t length = strlen(rest);
    while (length > 0 && strchr(" \t\r\n;", rest[length - 1])) {
        length--;
    }
    char *copy = strndup(rest, length);
    bool ok = copy && c->run(shell, copy);
    free(copy);
    fflush(stdout);
    shell->exit_code = ok || shell->exit_code ? shell->exit_code : SB_EXIT_ERROR;
    return ok;
}
