/*
 * cli/cli.h -- what the verbs of the program share.
 *
 * DESIGN     One file per verb, each with a function sb_cli_<verb>(argc, argv) that gets the words
 *            behind the verb and returns the exit code. Results go to stdout, everything else to
 *            stderr; a failed run writes nothing to stdout that is not a result.
 * THREADS    the main thread
 */
#ifndef SB_CLI_CLI_H
#define SB_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sabot/sabot.h"

enum sb_exit {
    SB_EXIT_OK = 0,
    SB_EXIT_ERROR = 1,
    SB_EXIT_USAGE = 2,
    SB_EXIT_SQL = 3,          /* validate, fmt: the SQL is wrong */
    SB_EXIT_INTERRUPTED = 130 /* 128 + SIGINT; a second SIGTERM gives 143 */
};

/* ---- verbs ---- */
int sb_cli_run(int argc, char **argv);
int sb_cli_shell(int argc, char **argv);
int sb_cli_explain(int argc, char **argv);
int sb_cli_validate(int argc, char **argv);
int sb_cli_fmt(int argc, char **argv);
int sb_cli_inspect(int argc, char **argv);
int sb_cli_bench(int argc, char **argv);
int sb_cli_infer(int argc, char **argv);
int sb_cli_help(int argc, char **argv);
void sb_cli_print_help(FILE *to, const char *verb); /* NULL: the overview */

/* ---- configuration (config_file.c, main.c) ---- */
/* Puts the options of the configuration file and of the environment into the command line, which
 * then is *out_made: the caller frees it with free() when the verb has ended. Returns SB_EXIT_OK,
 * or the code to exit with after a message. */
int sb_cli_configure(int *argc, char ***argv, char ***out_made);
/* Puts words behind the verb, in front of what follows it; verbs without --set get none. */
int sb_cli_put_words(int *argc, char ***argv, char *const *words, int count, char ***out_made);

/* ---- options (args.c) ---- */
typedef struct sb_flag {
    const char *name;       /* "--state" */
    const char *short_name; /* "-s" or NULL */
    bool takes_value;
} sb_flag;

typedef struct sb_args {
    const char *verb;
    const sb_flag *flags; /* ends with name NULL */
    int argc;
    char **argv;
    int at;
    const char *value; /* of the flag given back last */
} sb_args;

/* Next word: index of the flag in `flags`, -1 for a word that is none (in value), -2 at the end, -3
 * after an error was printed. --help prints the verb's help and gives -4. */
enum { SB_ARG_WORD = -1, SB_ARG_END = -2, SB_ARG_BAD = -3, SB_ARG_HELP = -4 };

int sb_cli_next_arg(sb_args *args);
/* returns SB_EXIT_USAGE */
int sb_cli_usage(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool sb_cli_parse_count(const char *text, int64_t low, int64_t high, int64_t *out);

/* Options for the engine, collected from the command line. */
#define SB_CLI_OPTIONS_MAX 128

typedef struct sb_engine_options {
    sabot_option at[SB_CLI_OPTIONS_MAX];
    size_t count;
    char *owned[SB_CLI_OPTIONS_MAX];
    size_t count_owned;
} sb_engine_options;

bool sb_cli_add_option(sb_engine_options *options, const char *key, const char *value);
bool sb_cli_add_assignment(sb_engine_options *options, const char *text); /* "key=value" */
void sb_cli_free_options(sb_engine_options *options);

/* ---- topics (topics.c): PRINT 'topic' ..., SHOW TOPICS ... ---- */
struct sb_show;
/* Does the text begin with such a statement? */
bool sb_cli_is_topics(const char *text, size_t size);
/* Runs that one and gives back its exit code; *out_size: its bytes, with the semicolon. */
int sb_cli_topics(sabot_engine *engine, struct sb_show *show, const char *text, size_t size,
                  size_t *out_size);

/* ---- text (source.c) ---- */
/* A whole file, "-": standard input. NULL after a message. Freed with free(). */
char *sb_cli_read_file(const char *path, size_t *out_size);
/* Is the word a statement rather than a verb or a file? */
bool sb_cli_is_sql(const char *word);

/* ---- messages ---- */
void sb_cli_print_error(sabot_error *error); /* frees it */
void sb_cli_print_warnings(const sabot_result *result);

/* ---- signals (signals.c) ---- */
void sb_cli_catch_signals(void); /* SIGINT, SIGTERM: the second one ends the process */
bool sb_cli_interrupted(void);
/* For a shell: Ctrl-C never ends the process, and what came before is forgotten. */
void sb_cli_signals_again(void);

/* ---- progress (progress.c) ---- */
typedef struct sb_progress {
    bool on, bounded;
    int64_t began_ms, printed_ms, rows_before;
    int64_t bytes_first; /* read when it began: of a resumed job; -1: not known yet */
    bool shown;
    bool was_behind; /* records of a topic have waited: how many is told from then on */
} sb_progress;

void sb_progress_begin(sb_progress *progress, bool bounded); /* bounded: the job ends by itself */
void sb_progress_show(sb_progress *progress, sabot_job *job);
void sb_progress_end(sb_progress *progress);
int64_t sb_cli_now_ms(void);
/* "12", "34.5k", "6.78M" */
void sb_cli_short_count(char *out, size_t size, double value);
/* "12", "34,567"; value >= 0. Room for 27 bytes is always enough. */
void sb_cli_full_count(char *out, size_t size, int64_t value);

/* ---- nexmark_sql.c ---- */
typedef struct sb_nexmark_query {
    const char *name; /* "q5" */
    bool minibatch;   /* mini-batch on by default */
    const char *sink; /* columns of the sink table */
    const char *sql;  /* the INSERT's query */
} sb_nexmark_query;

const sb_nexmark_query *sb_nexmark_query_at(int index); /* NULL behind the last */
extern const char sb_nexmark_columns[];                 /* column list of the generator's table */
extern const char sb_nexmark_views[]; /* CREATE VIEW person, auction, bid over it */

#endif
