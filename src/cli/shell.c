/*
 * cli/shell.c -- sabot: statements typed one after another.
 *
 * THREADS    the main thread
 */
#include "cli/shell.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what the editor asks ---- */

static bool
is_command(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size && isspace((unsigned char)text[at])) {
        at++;
    }
    return at < size && (text[at] == '.' || text[at] == '\\') &&
           !(at + 1 < size && isdigit((unsigned char)text[at + 1]));
}

/* Words that people type to leave or to ask, which are no SQL. */
static const char *
plain_word(const char *text)
{
    static const char *const words[] = {"quit", ".quit", "exit", ".quit", "help", ".help", NULL};
    char word[8] = "";
    int end = 0;
    if (sscanf(text, " %7[A-Za-z] %n", word, &end) == 1 &&
        (text[end] == '\0' || strcmp(text + end, ";") == 0)) {
        for (int i = 0; words[i]; i += 2) {
            if (strcasecmp(word, words[i]) == 0) {
                return words[i + 1];
            }
        }
    }
    return NULL;
}

static bool
is_whole(void *ctx, const char *text, size_t size)
{
    (void)ctx;
    bool blank = strspn(text, " \t\r\n") == size;
    return blank || is_command(text, size) || plain_word(text) || sabot_is_complete(text, size);
}

static void
add_word(void *ctx, const char *word)
{
    (void)sb_words_add(ctx, word);
}

static void
find_words(void *ctx, const char *text, size_t size, size_t cursor, sb_words *out)
{
    sb_shell *shell = ctx;
    out->begin = cursor;
    if (is_command(text, size)) {
        while (out->begin > 0 && !isspace((unsigned char)text[out->begin - 1])) {
            out->begin--;
        }
        if (strspn(text, " \t") == out->begin) {
            sb_shell_command_words(text + out->begin, cursor - out->begin, out);
        } else if (strstr(text, "mode")) {
            for (int i = 0; i < SB_MODE_COUNT; i++) {
                const char *name = sb_mode_name((sb_mode)i);
                if (strncmp(name, text + out->begin, cursor - out->begin) == 0) {
                    (void)sb_words_add(out, name);
                }
            }
        }
    } else if (!sb_shell_file_words(text, cursor, out)) {
        sabot_complete(shell->engine, text, size, cursor, &out->begin, add_word, out);
    }
    sb_words_sort(out);
}

static void
find_styles(void *ctx, const char *text, size_t size, unsigned char *out)
{
    (void)ctx;
    static const unsigned char styles[] = {
        [SABOT_TOKEN_KEYWORD] = SB_STYLE_KEYWORD,  [SABOT_TOKEN_NAME] = SB_STYLE_PLAIN,
        [SABOT_TOKEN_QUOTED_NAME] = SB_STYLE_NAME, [SABOT_TOKEN_STRING] = SB_STYLE_STRING,
        [SABOT_TOKEN_NUMBER] = SB_STYLE_NUMBER,    [SABOT_TOKEN_COMMENT] = SB_STYLE_COMMENT,
        [SABOT_TOKEN_SYMBOL] = SB_STYLE_PLAIN,     [SABOT_TOKEN_BAD] = SB_STYLE_BAD,
    };
    size_t at = 0, begin;
    sabot_token token;
    if (is_command(text, size)) {
        return;
    }
    while (sabot_next_token(text, size, &at, &begin, &token)) {
        /* quotes that are being typed are not wrong yet */
        bool open = token == SABOT_TOKEN_BAD && at == size && at > begin + 1;
        memset(out + begin, open ? SB_STYLE_STRING : styles[token], at - begin);
    }
}

/* ---- executing ---- */

static bool
execute_one(sb_shell *shell, sabot_script *script, int32_t index)
{
    sabot_error *error = NULL;
    sabot_result *result = NULL;
    if (sabot_script_execute(script, index, &result, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        shell->exit_code = SB_EXIT_ERROR;
        return false;
    }
    sb_cli_print_warnings(result);
    if (shell->on_terminal) {
        int columns, rows;
        sb_term_size(1, &columns, &rows);
        shell->show.print.columns = shell->output ? 0 : columns;
    }
    int code = sb_show_result(&shell->show, result);
    sabot_result_free(result);
    if (code != SB_EXIT_OK) {
        shell->exit_code = code;
    }
    return code == SB_EXIT_OK;
}

static bool execute_text(sb_shell *shell, const char *text, size_t size, const char *name);

/* PRINT or SHOW TOPICS, and what stands behind it. */
static bool
execute_topics(sb_shell *shell, const char *text, size_t size, const char *name)
{
    size_t used;
    sb_cli_signals_again();
    int code = sb_cli_topics(shell->engine, &shell->show, text, size, &used);
    if (code == SB_EXIT_INTERRUPTED) {
        fputs("interrupted\n", stderr);
    }
    shell->exit_code = code != SB_EXIT_OK ? code : shell->exit_code;
    if (shell->once) {
        sb_shell_close_output(shell);
    }
    while (used < size && strchr(" \t\r\n", text[used])) {
        used++;
    }
    return code == SB_EXIT_OK &&
           (used == size || execute_text(shell, text + used, size - used, name));
}

static bool
execute_text(sb_shell *shell, const char *text, size_t size, const char *name)
{
    sabot_error *error = NULL;
    sabot_script *script = NULL;
    if (sb_cli_is_topics(text, size)) {
        return execute_topics(shell, text, size, name);
    }
    if (sabot_script_parse(shell->engine, text, size, name, &script, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        shell->exit_code = SB_EXIT_ERROR;
        return false;
    }
    bool ok = true;
    sb_cli_signals_again();
    for (int32_t i = 0; ok && i < sabot_script_count(script); i++) {
        ok = execute_one(shell, script, i);
        if (!ok && sb_cli_interrupted()) {
            fputs("interrupted\n", stderr);
        }
    }
    sabot_script_free(script);
    if (shell->once) {
        sb_shell_close_output(shell);
    }
    return ok;
}

bool
sb_shell_execute(sb_shell *shell, const char *text, size_t size, const char *name)
{
    if (shell->echo) {
        fprintf(shell->show.print.to, "%.*s\n", (int)size, text);
    }
    return execute_text(shell, text, size, name);
}

/* One input as it was typed or read. */
static bool
execute_input(sb_shell *shell, const char *text, size_t size, const char *name)
{
    const char *word = plain_word(text);
    if (word) {
        return sb_shell_command(shell, word);
    }
    if (is_command(text, size)) {
        return sb_shell_command(shell, text + strspn(text, " \t\r\n"));
    }
    return strspn(text, " \t\r\n") == size || sb_shell_execute(shell, text, size, name);
}

bool
sb_shell_read(sb_shell *shell, FILE *from, const char *name)
{
    char *text = NULL, *line = NULL;
    size_t size = 0, capacity = 0;
    ssize_t got;
    bool ok = true;
    while (!shell->quit && ok && (got = getline(&line, &capacity, from)) >= 0) {
        char *more = realloc(text, size + (size_t)got + 1);
        if (!more) {
            fputs("error: out of memory\n", stderr);
            ok = false;
            break;
        }
        text = more;
        memcpy(text + size, line, (size_t)got + 1);
        size += (size_t)got;
        if (is_whole(shell, text, size)) {
            ok = execute_input(shell, text, size, name) || !shell->bail;
            size = 0;
        }
    }
    if (ok && !shell->quit && size > 0) { /* the last semicolon may be left out */
        ok = execute_input(shell, text, size, name) || !shell->bail;
    }
    free(line);
    free(text);
    return ok;
}

/* ---- the shell ---- */

static void
type_statements(sb_shell *shell)
{
    static const sb_edit_host hooks = {NULL, is_whole, find_words, find_styles};
    sb_edit_host host = hooks;
    host.ctx = shell;
    sb_edit_init(&shell->edit, &host, &shell->history);
    bool colours = shell->show.print.colours;
    while (!shell->quit) {
        sb_edit_state state =
            sb_edit_read(&shell->edit, &shell->term, "sabot> ", "    -> ", colours);
        if (state == SB_EDIT_END) {
            break;
        }
        if (state == SB_EDIT_DONE) {
            sb_history_add(&shell->history, shell->edit.text, shell->edit.size);
            (void)execute_input(shell, shell->edit.text, shell->edit.size, NULL);
        }
    }
    sb_edit_deinit(&shell->edit);
}

static bool
read_init(sb_shell *shell, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "error: cannot read file \"%s\": %s\n", path, strerror(errno));
        return false;
    }
    bool ok = sb_shell_read(shell, file, path);
    fclose(file);
    return ok;
}

static int
run_shell(sb_shell *shell, const char *init)
{
    shell->on_terminal = sb_term_open(&shell->term, 0, 1);
    shell->bail = !shell->on_terminal;
    shell->show.messages = shell->show.pager = shell->on_terminal;
    shell->show.term = shell->on_terminal ? &shell->term : NULL;
    sb_cli_catch_signals();
    if (init && !read_init(shell, init)) {
        return SB_EXIT_ERROR;
    }
    if (!shell->on_terminal) {
        (void)sb_shell_read(shell, stdin, "stdin");
        return shell->exit_code;
    }
    char *path = sb_history_default_path();
    sb_history_open(&shell->history, path);
    free(path);
    printf("Sabot %s. SQL ends with a semicolon.\n"
           ".help lists commands, .demo has tables to try, .quit leaves.\n",
           sabot_version());
    type_statements(shell);
    sb_history_close(&shell->history);
    return shell->quit ? shell->exit_code : SB_EXIT_OK;
}

void
sb_shell_close_output(sb_shell *shell)
{
    if (shell->output && fclose(shell->output) != 0) {
        fprintf(stderr, "error: cannot write the output: %s\n", strerror(errno));
    }
    shell->output = NULL;
    shell->once = false;
    shell->show.print.to = stdout;
}

static const sb_flag flags[] = {
    {"--init", "-i", true}, {"--set", NULL, true},   {"--parallelism", "-p", true},
    {"--mode", "-m", true}, {"--state", "-s", true}, {NULL, NULL, false},
};

/* -1: go on, else the exit code. */
static int
read_words(sb_shell *shell, sb_engine_options *options, const char **out_init, sb_args *args)
{
    int flag;
    int64_t count;
    while ((flag = sb_cli_next_arg(args)) != SB_ARG_END) {
        bool ok = true;
        switch (flag) {
        case 0: *out_init = args->value; break;
        case 1: ok = sb_cli_add_assignment(options, args->value); break;
        case 2:
            ok = sb_cli_parse_count(args->value, 1, 1024, &count) &&
                 sb_cli_add_option(options, "parallelism.default", args->value);
            break;
        case 3: ok = sb_mode_find(args->value, &shell->show.print.mode); break;
        case 4:
            ok = *args->value && sb_cli_add_option(options, "state.dir", args->value);
            shell->show.has_state = ok;
            break;
        case SB_ARG_HELP: return SB_EXIT_OK;
        case SB_ARG_BAD: return SB_EXIT_USAGE;
        default: return sb_cli_usage("shell", "unexpected word \"%s\"", args->value);
        }
        if (!ok) {
            return sb_cli_usage("shell", "%s cannot be \"%s\"", flags[flag].name, args->value);
        }
    }
    return -1;
}

int
sb_cli_shell(int argc, char **argv)
{
    sb_shell shell = {0};
    sb_engine_options options = {0};
    const char *init = NULL;
    sb_args args = {.verb = "shell", .flags = flags, .argc = argc, .argv = argv};
    sb_show_init(&shell.show);
    int code = read_words(&shell, &options, &init, &args);
    sabot_error *error = NULL;
    if (code < 0 &&
        sabot_engine_open(options.at, options.count, &shell.engine, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        code = SB_EXIT_ERROR;
    }
    if (code < 0) {
        code = run_shell(&shell, init);
    }
    sb_shell_close_output(&shell);
    sabot_engine_close(shell.engine);
    sb_cli_free_options(&options);
    return code;
}
