/*
 * operators/operators_testing.h -- for tests: drives one operator with no runtime, and slow
 * references to compare with.
 *
 * DESIGN     Rows are lists of nullable int64: TIMESTAMP(3) columns take milliseconds; VARCHAR
 *            columns a text of several lengths that sorts as the number does. A feed is a list of
 *            rows, watermarks and news of splits. The driver cuts it into batches (with selections
 *            and dictionary columns at random), steps the operator with random room, and may stop
 *            between any two steps, snapshot everything and go on in a new instance: output must
 *            not change. It can also let each single allocation of the operator fail.
 * THREADS    one thread.
 */
#ifndef SB_OPERATORS_OPERATORS_TESTING_H
#define SB_OPERATORS_OPERATORS_TESTING_H

#include "operators/operators.h"

enum { SB_TEST_COLUMNS = 9 };

/* Values that int64 does not have: of DOUBLE columns, and of DECIMAL columns (38 nines and its
 * negative). */
#define SB_TEST_NAN           (INT64_MIN + 1)
#define SB_TEST_NEGATIVE_ZERO (INT64_MIN + 2)
#define SB_TEST_NINES         INT64_MAX

typedef enum sb_test_event {
    SB_TEST_ROW,
    SB_TEST_MARK,      /* time_ms: the watermark */
    SB_TEST_SPLIT,     /* a batch without rows announces `split` */
    SB_TEST_SPLIT_END, /* `split` has ended: another one */
    SB_TEST_PAUSE,     /* `split` is paused by alignment, from SB_TEST_GO_ON on no more */
    SB_TEST_GO_ON,     /* both with no row waiting */
    SB_TEST_CLOCK      /* processing time becomes time_ms, with no row waiting */
} sb_test_event;

typedef struct sb_test_row {
    uint8_t event;
    int64_t time_ms;
    int32_t split; /* source split; uses_splits */
    int32_t order; /* place over all feeds; in_order */
    uint8_t op;
    int64_t v[SB_TEST_COLUMNS];
    bool null[SB_TEST_COLUMNS];
} sb_test_row;

typedef struct sb_test_rows {
    sb_test_row *at;
    int32_t count, capacity;
} sb_test_rows;

void sb_test_rows_free(sb_test_rows *rows);
sb_test_row *sb_test_add(sb_test_rows *rows, uint8_t op, int32_t count_values,
                         const int64_t *values, const bool *nulls);
void sb_test_mark(sb_test_rows *rows, int64_t watermark_ms);
sb_test_row *sb_test_event_add(sb_test_rows *rows, sb_test_event event, int64_t time_ms,
                               int32_t split);

/* The text that stands for a number in VARCHAR columns; NUL-terminated. */
enum { SB_TEST_TEXT = 64 };

void sb_test_text(int64_t value, char text[SB_TEST_TEXT]);
/* What stands for a list, an element after the other, and for JSON, a byte after the other; from 0
 * on. NULL elements are INT32_MIN, DOUBLE ones millionths. */
int64_t sb_test_fold(int64_t folded, int64_t next);
bool sb_test_row_same(const sb_test_row *a, const sb_test_row *b, int32_t columns);
uint64_t sb_test_random(uint64_t *state);

typedef struct sb_test_run {
    const sb_op_vtable *vtable;
    const sb_plan_node *node;
    const sb_schema *inputs[2];
    int32_t count_inputs;
    const sb_test_rows *feeds; /* count_inputs of them; END follows */
    int32_t batch_rows;        /* rows of input batches and of output batches */
    uint64_t seed;             /* room, turns of inputs, restarts */
    int32_t restart_every;     /* on average a restart each so many steps; 0: never */
    int64_t now_ms;
    const char *zone; /* NULL: UTC */
    /* two inputs: rows come one by one in the order of sb_test_row.order */
    bool in_order;
    /* two inputs: the left one gets nothing before the right one has ended */
    bool right_first;
    bool uses_splits;  /* batches are of one split */
    bool announces;    /* after a restart the first mark must be the last one before it */
    bool no_end_mark;  /* the feed does not end event time */
    int64_t fail_at;   /* this allocation of the operator fails; 0: none */
    int32_t port_rows; /* rows of output batches; 0: batch_rows */
    /* results */
    /* how the operator failed, when fail_at made it or may_fail allows it */
    sb_status failed;
    bool may_fail;
    bool fault_hit;      /* fail_at was reached */
    bool idle_out;       /* as the operator said last */
    char message[256];   /* of `failed` */
    sb_test_rows out[2]; /* rows of ports 0 and 1 (marks included) */
    sb_metrics metrics;
    int32_t count_restarts;
} sb_test_run;

/* Runs to DONE; fails the test on FAIL, on a hang (no progress) and on memory left over. */
void sb_test_run_all(sb_test_run *run);
/* Runs again and again, each time with the next allocation of the operator (init, step, snapshot,
 * restore) failing: it must end in NOMEM, or with the same output, and leave nothing behind. From
 * `stride` 1 on: only each stride-th allocation. */
void sb_test_fail_allocations(const sb_test_run *run, int32_t columns, int64_t stride);
void sb_test_run_free(sb_test_run *run);
/* As multisets of rows (marks ignored). On difference prints it and returns false. */
bool sb_test_same_multiset(const sb_test_rows *a, const sb_test_rows *b, int32_t columns);
bool sb_test_same_sequence(const sb_test_rows *a, const sb_test_rows *b, int32_t columns);
/* Slow: one aggregate over a list of rows. False: NULL. */
bool sb_test_aggregate(const sb_agg_call *call, const sb_test_rows *rows, int64_t *out);
/* The table at the end: +I/+U add, -U/-D take away. */
void sb_test_materialize(const sb_test_rows *in, int32_t columns, sb_test_rows *out);

#endif
