/*
 * cli/signals.c -- Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once.
 *
 * THREADS    handlers run on any thread.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static volatile sig_atomic_t count_signals, in_shell;

static void
on_signal(int number)
{
    if (count_signals++ > 0 && (number != SIGINT || !in_shell)) {
        _exit(128 + number);
    }
}

void
sb_cli_catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool
sb_cli_interrupted(void)
{
    return count_signals > 0;
}

void
sb_cli_signals_again(void)
{
    in_shell = 1;
    count_signals = 0;
}
