/*
 * sim/main.c -- the program: seeds, coverage, mutants.
 *
 * DESIGN     Seeds run in child processes, so that a bug (or a mutant) that aborts is one more
 * failing seed, and both cores work. A child tells its results through a pipe: before each seed its
 * number, behind it the outcome. THREADS    one per process
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/run.h"

#define CHILDREN_MAX 8
#define COVERAGE_MIN 100

typedef struct arguments {
    uint64_t seed;
    int64_t count;
    const char *job, *mutant;
    bool verbose, all_mutants, coverage, require_coverage, twice, keep_going;
    int32_t processes;
    int64_t limit; /* seeds per mutant */
} arguments;

/* ---- mutants: those of the runtime, and lies of the machine ---- */

typedef struct mutant {
    const char *name, *text;
    sb_mutants switches;
    sb_sim_lies lies;
} mutant;

#include "sim/mutants.inc"

#define COUNT_MUTANTS ((int32_t)(sizeof mutants / sizeof mutants[0]))

static const mutant *
find_mutant(const char *name)
{
    for (int32_t i = 0; i < COUNT_MUTANTS; i++) {
        if (strcmp(mutants[i].name, name) == 0) {
            return &mutants[i];
        }
    }
    return NULL;
}

/* NULL: it must be found; else why it is not. */
static const char *
why_unfound(const mutant *m)
{
    for (size_t i = 0; i < sizeof unfound / sizeof unfound[0]; i++) {
        if (strcmp(unfound[i].name, m->name) == 0) {
            return unfound[i].why;
        }
    }
    return NULL;
}

/* ---- children ---- */

typedef struct report { /* fits into one atomic write */
    bool begins;        /* before the seed */
    uint64_t seed;
    bool failed;
    char job[16];
    char problem[400];
    int64_t hits[SIM_FAULT_COUNT][SIM_STEP_COUNT];
    int64_t starts, crashes, restarts, checkpoints, turns;
} report;

SB_STATIC_ASSERT(sizeof(report) <= 4096, "one atomic write");

static void
run_seed(const arguments *a, const mutant *m, uint64_t seed, bool show, report *r)
{
    sb_sim_options options = {.job = a->job, .verbose = a->verbose};
    sb_sim_outcome outcome, second;
    if (m) {
        options.mutants = &m->switches;
        options.lies = m->lies;
    }
    sb_sim_run(seed, &options, &outcome);
    if (a->twice && !outcome.failed) {
        sb_sim_run(seed, &options, &second);
        if (second.hash != outcome.hash) {
            outcome.failed = true;
            snprintf(outcome.problem, sizeof outcome.problem,
                     "not deterministic: traces %016" PRIx64 " and %016" PRIx64, outcome.hash,
                     second.hash);
        }
        sb_sim_outcome_deinit(&second);
    }
    *r = (report){.seed = seed,
                  .failed = outcome.failed,
                  .starts = outcome.starts,
                  .crashes = outcome.crashes,
                  .restarts = outcome.restarts,
                  .checkpoints = outcome.checkpoints,
                  .turns = outcome.turns};
    snprintf(r->job, sizeof r->job, "%.15s", outcome.job);
    snprintf(r->problem, sizeof r->problem, "%.399s", outcome.problem);
    memcpy(r->hits, outcome.hits, sizeof r->hits);
    if (outcome.failed && show) {
        fprintf(stderr,
                "seed %" PRIu64 " (%s) failed: %s\n%s  again: sabot-sim --seed %" PRIu64
                "%s%s%s%s --verbose\n",
                seed, outcome.job, outcome.problem, outcome.trace.data ? outcome.trace.data : "",
                seed, a->job ? " --job " : "", a->job ? a->job : "", m ? " --mutant " : "",
                m ? m->name : "");
    } else if (a->verbose) {
        printf("seed %" PRIu64 " (%s): trace %016" PRIx64 ", %" PRId64 " starts, %" PRId64
               " crashes, %" PRId64 " checkpoints\n",
               seed, outcome.job, outcome.hash, outcome.starts, outcome.crashes,
               outcome.checkpoints);
    }
    sb_sim_outcome_deinit(&outcome);
}

static void
send_report(int pipe, const report *r)
{
    if (write(pipe, r, sizeof *r) != (ssize_t)sizeof *r) {
        _exit(3);
    }
}

/* Runs seeds first, first + step, ... below `end`; ends at the first failure. */
static void
child(const arguments *a, const mutant *m, uint64_t first, uint64_t end, uint64_t step, bool show,
      int pipe)
{
    for (uint64_t seed = first; seed < end; seed += step) {
        report r = {.begins = true, .seed = seed};
        send_report(pipe, &r);
        run_seed(a, m, seed, show, &r);
        send_report(pipe, &r);
        if (r.failed && !a->keep_going) {
            break;
        }
    }
    fflush(stdout);
    _exit(0);
}

typedef struct team {
    pid_t pid[CHILDREN_MAX];
    int pipe[CHILDREN_MAX];
    report last[CHILDREN_MAX];
    int32_t tag[CHILDREN_MAX]; /* which mutant */
} team;

static bool
team_start(team *t, int32_t i, const arguments *a, const mutant *m, uint64_t first, uint64_t end,
           uint64_t step, bool show)
{
    int ends[2];
    fflush(stdout);
    fflush(stderr);
    if (pipe(ends) != 0) {
        return false;
    }
    t->pid[i] = fork();
    if (t->pid[i] == 0) {
        close(ends[0]);
        if (!show) {
            if (!freopen("/dev/null", "w", stderr)) { /* asserts of mutants are no news */
                _exit(3);
            }
        }
        child(a, m, first, end, step, show, ends[1]);
    }
    close(ends[1]);
    t->pipe[i] = ends[0];
    memset(&t->last[i], 0, sizeof t->last[i]);
    return t->pid[i] > 0;
}

/* Next report of some child; false: that child has ended (*out_i). A child that died in a seed has
 * failed it. */
static bool
team_next(team *t, int32_t count, int32_t *out_i, report *out, bool *out_died)
{
    struct pollfd polls[CHILDREN_MAX];
    for (;;) {
        for (int32_t i = 0; i < count; i++) {
            polls[i] = (struct pollfd){.fd = t->pipe[i], .events = POLLIN};
        }
        poll(polls, (nfds_t)count, -1);
        for (int32_t i = 0; i < count; i++) {
            if (t->pipe[i] < 0 || !(polls[i].revents & (POLLIN | POLLHUP))) {
                continue;
            }
            *out_i = i;
            size_t got = 0;
            while (got < sizeof *out) {
                ssize_t n = read(t->pipe[i], (char *)out + got, sizeof *out - got);
                if (n <= 0) {
                    break;
                }
                got += (size_t)n;
            }
            if (got == sizeof *out) {
                t->last[i] = *out;
                return true;
            }
            int status = 0;
            close(t->pipe[i]);
            t->pipe[i] = -1;
            waitpid(t->pid[i], &status, 0);
            *out = t->last[i];
            *out_died = out->begins;
            out->failed = out->failed || out->begins;
            if (out->begins) {
                snprintf(out->problem, sizeof out->problem, "the simulator died (%s %d)",
                         WIFSIGNALED(status) ? "signal" : "exit",
                         WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
            }
            return false;
        }
    }
}

/* ---- coverage ---- */

static bool
print_coverage(int64_t hits[SIM_FAULT_COUNT][SIM_STEP_COUNT], bool require)
{
    bool enough = true;
    printf("%-12s", "fault");
    for (int32_t s = 0; s < SIM_STEP_COUNT; s++) {
        printf(" %10s", sb_sim_step_names[s]);
    }
    printf("\n");
    for (int32_t f = 0; f < SIM_FAULT_COUNT; f++) {
        printf("%-12s", sb_sim_fault_names[f]);
        for (int32_t s = 0; s < SIM_STEP_COUNT; s++) {
            if (f < SIM_FAULT_CRASH_LOST && !sb_sim_pair_exists((sb_sim_fault)f, (sb_sim_step)s)) {
                printf(" %10s", hits[f][s] ? "?" : "-");
                continue;
            }
            printf(" %10" PRId64, hits[f][s]);
            enough = enough && (hits[f][s] >= COVERAGE_MIN ||
                                !sb_sim_pair_exists((sb_sim_fault)f, (sb_sim_step)s));
        }
        printf("\n");
    }
    if (require && !enough) {
        printf("a pair was hit fewer than %d times\n", COVERAGE_MIN);
    }
    return enough || !require;
}

/* ---- runs ---- */

static int
run_seeds(const arguments *a)
{
    team t;
    int64_t hits[SIM_FAULT_COUNT][SIM_STEP_COUNT] = {{0}};
    report sum = {0}, r;
    const mutant *m = a->mutant ? find_mutant(a->mutant) : NULL;
    int32_t count = (int32_t)(a->count < a->processes ? a->count : a->processes), running = count;
    int64_t failed = 0, done = 0;
    for (int32_t i = 0; i < count; i++) {
        if (!team_start(&t, i, a, m, a->seed + (uint64_t)i, a->seed + (uint64_t)a->count,
                        (uint64_t)count, true)) {
            return 3;
        }
    }
    while (running > 0) {
        int32_t i;
        bool died = false, more = team_next(&t, count, &i, &r, &died);
        running -= !more;
        if (died) {
            fprintf(stderr,
                    "seed %" PRIu64 ": %s\n  again: sabot-sim --seed %" PRIu64 " --verbose\n",
                    r.seed, r.problem, r.seed);
            failed++;
        }
        if (!more || r.begins) {
            continue;
        }
        done++;
        failed += r.failed;
        sum.starts += r.starts;
        sum.crashes += r.crashes;
        sum.restarts += r.restarts;
        sum.checkpoints += r.checkpoints;
        for (int32_t f = 0; f < SIM_FAULT_COUNT; f++) {
            for (int32_t s = 0; s < SIM_STEP_COUNT; s++) {
                hits[f][s] += r.hits[f][s];
            }
        }
    }
    bool enough = !a->coverage || print_coverage(hits, a->require_coverage);
    printf("%" PRId64 " seeds from %" PRIu64 ": %" PRId64 " failed; %" PRId64 " starts, %" PRId64
           " crashes, %" PRId64 " restarts, %" PRId64 " checkpoints\n",
           done, a->seed, failed, sum.starts, sum.crashes, sum.restarts, sum.checkpoints);
    return failed || !enough ? 1 : 0;
}

static bool
report_mutant(const mutant *m, const report *r)
{
    const char *why = why_unfound(m);
    bool found = r->failed, as_expected = found == (why == NULL);
    if (found) {
        printf("%-24s seed %5" PRIu64 " (%s): %.100s%s\n", m->name, r->seed,
               r->job[0] ? r->job : "-", r->problem, as_expected ? "" : "   UNEXPECTED");
    } else {
        printf("%-24s not found in %" PRIu64 " seeds%s%s\n", m->name, r->seed,
               as_expected ? ": " : "   UNEXPECTED", why ? why : "");
    }
    fflush(stdout);
    return as_expected;
}

static int
run_mutants(const arguments *a)
{
    team t;
    int32_t next = 0, running = 0, wrong = 0, found = 0;
    for (int32_t i = 0; i < a->processes; i++) {
        t.pipe[i] = -1;
    }
    while (next < COUNT_MUTANTS || running > 0) {
        for (int32_t i = 0; i < a->processes && next < COUNT_MUTANTS; i++) {
            if (t.pipe[i] < 0) {
                t.tag[i] = next++;
                uint64_t limit =
                    (uint64_t)(why_unfound(&mutants[t.tag[i]]) ? a->limit / 10 : a->limit);
                if (!team_start(&t, i, a, &mutants[t.tag[i]], a->seed, a->seed + limit, 1, false)) {
                    return 3;
                }
                running++;
            }
        }
        int32_t i;
        report r;
        bool died = false;
        if (!team_next(&t, a->processes, &i, &r, &died)) {
            running--;
            found += r.failed;
            wrong += !report_mutant(&mutants[t.tag[i]], &r);
        }
    }
    printf("%d mutants, %d found, %d not as expected\n", COUNT_MUTANTS, found, wrong);
    return wrong ? 1 : 0;
}

/* ---- arguments ---- */

static int
usage(void)
{
    fprintf(stderr, "usage: sabot-sim [--seed N] [--count M] [--job NAME] [--mutant NAME] "
                    "[--verbose] [--twice] [--keep-going]\n"
                    "                 [--coverage] [--require-coverage] [--processes N] "
                    "[--all-mutants [--limit SEEDS]]\n"
                    "jobs:");
    for (int32_t i = 0; i < sb_sim_count_jobs; i++) {
        fprintf(stderr, " %s", sb_sim_jobs[i].name);
    }
    fprintf(stderr, "\nmutants:");
    for (int32_t i = 0; i < COUNT_MUTANTS; i++) {
        fprintf(stderr, " %s", mutants[i].name);
    }
    fprintf(stderr, "\n");
    return 2;
}

static bool
is_job(const char *name)
{
    for (int32_t i = 0; i < sb_sim_count_jobs; i++) {
        if (strcmp(sb_sim_jobs[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool
take_flag(arguments *a, const char *name)
{
    struct {
        const char *name;
        bool *flag;
    } flags[] = {{"--verbose", &a->verbose},   {"--all-mutants", &a->all_mutants},
                 {"--coverage", &a->coverage}, {"--require-coverage", &a->require_coverage},
                 {"--twice", &a->twice},       {"--keep-going", &a->keep_going}};

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(name, flags[i].name) == 0) {
            *flags[i].flag = true;
            return true;
        }
    }
    return false;
}

static bool
take_value(arguments *a, const char *name, const char *value)
{
    char *end = NULL;
    int64_t number = value ? strtoll(value, &end, 10) : 0;
    bool is_number = value && *value && *end == 0 && number >= 0;
    if (strcmp(name, "--job") == 0) {
        a->job = value;
        return value && is_job(value);
    }
    if (strcmp(name, "--mutant") == 0) {
        a->mutant = value;
        return value && find_mutant(value);
    }
    if (strcmp(name, "--seed") == 0) {
        a->seed = (uint64_t)number;
        return is_number;
    }
    if (strcmp(name, "--count") == 0) {
        a->count = number;
        return is_number && number > 0;
    }
    if (strcmp(name, "--limit") == 0) {
        a->limit = number;
        return is_number && number > 0;
    }
    if (strcmp(name, "--processes") == 0) {
        a->processes = (int32_t)number;
        return is_number && number > 0 && number <= CHILDREN_MAX;
    }
    return false;
}

int
main(int argc, char **argv)
{
    arguments a = {.seed = 1, .count = 1, .processes = 2, .limit = 1000};
    for (int i = 1; i < argc; i++) {
        if (take_flag(&a, argv[i])) {
            continue;
        }
        if (!take_value(&a, argv[i], i + 1 < argc ? argv[i + 1] : NULL)) {
            return usage();
        }
        i++;
    }
    a.coverage = a.coverage || a.require_coverage;
    return a.all_mutants ? run_mutants(&a) : run_seeds(&a);
}
