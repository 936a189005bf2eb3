/*
 * cli/cmd_completion.c -- sabot completion bash|zsh|fish: completion of the command line, made from
 * the help pages.
 *
 * THREADS    the main thread
 */
#include <string.h>

#include "cli/help.h"
#include "cli/print.h"

/* Options whose value is a folder; all other values are words or files. */
static bool
wants_folder(const sb_help_option *option)
{
    return strcmp(option->value, "DIR") == 0;
}

static void
put_modes(const char *between)
{
    for (int i = 0; i < SB_MODE_COUNT; i++) {
        printf("%s%s", i > 0 ? between : "", sb_mode_name((sb_mode)i));
    }
}

/* ---- bash ---- */

static void
bash(void)
{
    const sb_help_page *page;
    sb_help_option option;
    puts("_sabot() {\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n"
         "    case $before in");
    fputs("        -m|--mode) COMPREPLY=($(compgen -W '", stdout);
    put_modes(" ");
    puts("' -- \"$word\")); return ;;\n"
         "        -s|--state) COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
         "    esac\n"
         "    case ${COMP_WORDS[1]} in");
    for (int i = 0; (page = sb_help_page_at(i)); i++) {
        const char *at = page->text;
        printf("        %s) words='--help", page->verb);
        while (sb_help_next_option(&at, &option)) {
            printf(" %s", option.name);
        }
        puts("' ;;");
    }
    fputs("    esac\n    [[ $COMP_CWORD -eq 1 ]] && words='--version --help", stdout);
    for (int i = 0; (page = sb_help_page_at(i)); i++) {
        printf(" %s", page->verb);
    }
    puts("'\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "    [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- \"$word\"))\n"
         "}\n"
         "complete -o filenames -F _sabot sabot");
}

/* ---- zsh ---- */

/* Text within '...[...]' of zsh, or '...' of fish. */
static void
put_quoted(const char *text, const char *escaped)
{
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("'\\''", stdout);
        } else {
            fputs(strchr(escaped, *text) ? "\\" : "", stdout);
            putchar(*text);
        }
    }
}

static void
zsh_option(const sb_help_option *option)
{
    if (*option->short_name) {
        printf(" \\\n            '(%s %s)'{%s,%s}'[", option->short_name, option->name,
               option->short_name, option->name);
    } else {
        printf(" \\\n            '%s[", option->name);
    }
    put_quoted(option->text, "[]:");
    putchar(']');
    if (strcmp(option->name, "--mode") == 0) {
        fputs(":MODE:(", stdout);
        put_modes(" ");
        putchar(')');
    } else if (*option->value) {
        printf(":%s:_files%s", option->value, wants_folder(option) ? " -/" : "");
    }
    putchar('\'');
}

static void
zsh(void)
{
    const sb_help_page *page;
    sb_help_option option;
    puts("#compdef sabot\n_sabot() {\n    local -a commands=(");
    for (int i = 0; (page = sb_help_page_at(i)); i++) {
        char summary[256];
        sb_help_summary(page, summary, sizeof summary);
        printf("        '%s:", page->verb);
        put_quoted(summary, "");
        puts("'");
    }
    puts("    )\n"
         "    if (( CURRENT == 2 )); then\n"
         "        _describe command commands\n        _files\n        return\n    fi\n"
         "    case $words[2] in");
    for (int i = 0; (page = sb_help_page_at(i)); i++) {
        const char *at = page->text;
        printf("        %s) _arguments '--help[show help]'", page->verb);
        while (sb_help_next_option(&at, &option)) {
            zsh_option(&option);
        }
        puts(" \\\n            '*:file:_files' ;;");
    }
    puts("        *) _files ;;\n    esac\n}\n_sabot \"$@\"");
}

/* ---- fish ---- */

static void
fish(void)
{
    const sb_help_page *page;
    sb_help_option option;
    for (int i = 0; (page = sb_help_page_at(i)); i++) {
        char summary[256];
        sb_help_summary(page, summary, sizeof summary);
        printf("complete -c sabot -n __fish_use_subcommand -a %s -d '", page->verb);
        put_quoted(summary, "");
        puts("'");
    }
    for (int i = 0; (page = sb_help_page_at(i)); i++) {
        const char *at = page->text;
        while (sb_help_next_option(&at, &option)) {
            printf("complete -c sabot -n '__fish_seen_subcommand_from %s' -l %s", page->verb,
                   option.name + 2);
            if (*option.short_name) {
                printf(" -s %s", option.short_name + 1);
            }
            if (strcmp(option.name, "--mode") == 0) {
                fputs(" -x -a '", stdout);
                put_modes(" ");
                putchar('\'');
            } else if (*option.value) {
                fputs(" -r", stdout);
            }
            fputs(" -d '", stdout);
            put_quoted(option.text, "");
            puts("'");
        }
    }
}

int
sb_cli_completion(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

    if (argc == 1 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)) {
        sb_cli_print_help(stdout, "completion");
        return SB_EXIT_OK;
    }
    for (size_t i = 0; argc == 1 && i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(argv[0], shells[i].name) == 0) {
            shells[i].print();
            return fflush(stdout) == 0 ? SB_EXIT_OK : SB_EXIT_ERROR;
        }
    }
    return sb_cli_usage("completion",
                        argc == 1 ? "no script for \"%s\": bash, zsh and fish are known"
                                  : "bash, zsh or fish is wanted",
                        argc == 1 ? argv[0] : "");
}
