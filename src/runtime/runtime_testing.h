/*
 * runtime/runtime_testing.h -- for tests: a small world of sources, operators and sinks to run jobs
 * in.
 *
 * DESIGN     One row schema everywhere: k BIGINT (key), v BIGINT, t BIGINT (event time in ms).
 *            Sources are computed: row j of split i is a function of (i, j), so the expected result
 *            is computed by the test without any of the code under test. The sink is transactional
 *            over the simulated (or real) files: results count only when they are in a published
 *            file. Operators: watermark per split, filter (row-wise), keyed running sum (state),
 *            tumbling count (state and timers), two-input merge.
 * THREADS    as the job's
 */
#ifndef SB_RUNTIME_RUNTIME_TESTING_H
#define SB_RUNTIME_RUNTIME_TESTING_H

#include "base/os/sim.h"
#include "runtime/job.h"

extern const sb_schema sb_rt_schema;      /* k, v, t */
extern const sb_schema sb_rt_wide_schema; /* twice that: what a join gives */

typedef struct sb_rt_source { /* what the test source reads; the table's option "world" points here
                                 by name */
    int32_t splits, rows;     /* rows per split */
    int32_t late_splits;      /* this many of them are discovered only later */
    int32_t keys;
    bool never_ends;    /* after its rows a split waits for more */
    int32_t slow_split; /* this split pauses between rows (idle tests); -1: none */
    int32_t poison_row; /* row that makes poll fail; -1: none */
    /* so many polls of the poison row fail, then it goes through; 0: all */
    int32_t fail_polls;
    int64_t time_step_ms; /* event time between rows of a split */
    int32_t jitter_ms;    /* rows go back in time by up to this much */
    /* rows of splits that are discovered later are so much later in time, too */
    int64_t late_offset_ms;
} sb_rt_source;

/* Row j of split i; what every expectation is made from. */
typedef struct sb_rt_row {
    int64_t k, v, t;
} sb_rt_row;

sb_rt_row sb_rt_make_row(const sb_rt_source *world, int32_t source, int32_t split, int32_t row);

typedef struct sb_rt_world {
    sb_rt_source source[2];
    char folder[64];  /* of published results */
    int64_t delay_ms; /* watermark = highest t - delay */
    int64_t window_ms;
    /* one split, watermarks closer than the jitter: which rows are late is certain */
    bool exact_late;
    int32_t filter_modulo;   /* the filter drops rows with v % modulo == 0; 0: none */
    int32_t commit_failures; /* so many commits fail */
    _Atomic int64_t commits, prepares, decided_source; /* counters */
    _Atomic int64_t collected;
    const sb_decider_vtable *decider; /* that the sinks have; NULL: none */
    bool other_version;               /* the operators' tables have a column less */
    bool align; /* the sources are one alignment group: 200 ms drift, updates every 20 ms */
} sb_rt_world;

/* The connector finds its world here; one at a time. */
extern sb_rt_world *sb_rt_current;
const sb_factories *sb_rt_factories(void);

/* Plans over the world. Freed by sb_plan_free. */
typedef enum sb_rt_shape {
    SB_RT_COPY,   /* source -> filter -> sink */
    SB_RT_SUM,    /* source -> watermark -> filter -> hash(k) -> sum -> sink */
    SB_RT_WINDOW, /* source -> watermark -> filter -> hash(k) -> window count -> sink */
    SB_RT_MERGE,  /* two sources -> watermarks -> hash(k) -> two-input merge -> sink */
    SB_RT_UNION,  /* two sources -> watermarks -> union -> hash(k) -> window count -> sink */
    /* source -> watermark -> hash(k) -> sum -> forward filter -> hash(k) -> window count -> sink */
    SB_RT_CHAIN,
    SB_RT_COLLECT,       /* source -> rebalance filter -> collecting sink */
    SB_RT_UNION_COLLECT, /* two sources -> watermarks -> union -> collecting sink */
    SB_RT_SHAPES
} sb_rt_shape;

sb_plan *sb_rt_plan(sb_mem *mem, sb_rt_shape shape);

/* All rows in published files, sorted by (k, v, t). Free with free(). */
typedef struct sb_rt_rows {
    sb_rt_row *at;
    int64_t count, capacity;
} sb_rt_rows;

void sb_rt_rows_add(sb_rt_rows *rows, sb_rt_row row);
void sb_rt_rows_sort(sb_rt_rows *rows);
void sb_rt_rows_free(sb_rt_rows *rows);
void sb_rt_published(sb_os *os, const char *folder, sb_rt_rows *out);
/* What the shape must give, computed naively; sorted. */
void sb_rt_expected(const sb_rt_world *world, sb_rt_shape shape, sb_rt_rows *out);
/* NULL: equal; else a static text about the first difference. */
const char *sb_rt_compare(const sb_rt_rows *expected, const sb_rt_rows *got);

uint64_t sb_rt_random(uint64_t *state);

/* A whole life of a job on the simulated operating system: drawn schedule, crashes, restarts at
 * other parallelisms. */
typedef struct sb_rt_life {
    uint64_t seed;
    sb_rt_shape shape;
    int32_t parallelism; /* 0: drawn 1..3 at each start */
    int32_t batch_rows;  /* 0: drawn of 1, 7, 4096 */
    int64_t ring_bytes;  /* 0: drawn of 1, 1000, 1 MiB */
    bool overtaking, draw_overtaking;
    sb_checkpoint_mode mode;
    bool no_checkpoints;
    int64_t interval_ms;
    int32_t crash_one_in; /* chance per step; 0: never */
    int32_t max_crashes;
    int32_t num_retained; /* 0: 1 */
    int32_t steps_max;    /* 0: 2,000,000; more is a hang */
    sb_mutants mutants;
    sb_restart_options restart;
    sb_sim_faults faults;
    bool interleave;
    sb_rt_rows *keep_published; /* NULL; or: not compared, the caller gets what was published */
    bool quiet;                 /* log nothing */
} sb_rt_life;

typedef struct sb_rt_outcome {
    const char *problem; /* NULL: everything as it must be; static text */
    int32_t crashes, restarts, starts;
    int64_t checkpoints, steps, late;
    sb_job_state state;
    sb_error error;
} sb_rt_outcome;

/* Runs until FINISHED and compares what was published. sb_rt_current must be set (or it is made
 * by sb_rt_draw_world). */
sb_rt_outcome sb_rt_live(sb_rt_world *world, const sb_rt_life *life);
/* A small world. Rows are never late; or there is one split and its rows may be late, exactly as
 * the order of that split says; or some splits are discovered later. */
void sb_rt_draw_world(sb_rt_world *world, uint64_t seed);

#endif
