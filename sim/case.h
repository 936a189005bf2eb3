/*
 * sim/case.h -- one job to simulate: its script, its input files, and what its sinks must hold in
 * the end.
 *
 * DESIGN     Rows are drawn first; input files and expected results are both made from them, the
 * latter by slow and plain code that shares nothing with the engine: aggregates by scanning all
 * rows, joins by comparing all pairs, windows row by row under a clock. Which rows are late depends
 * on the order of the rows of one split only, so a case either has rows out of order by less than
 * the watermark's delay (none is late, any number of files), or one file with any disorder (then
 * the late rows are known). OWNERSHIP  All in the case's arena.
 */
#ifndef SIM_CASE_H
#define SIM_CASE_H

#include "sim/lines.h"
#include "sim/random.h"

#define SIM_TABLES_MAX 3
#define SIM_FILES_MAX  5
#define SIM_SINKS_MAX  3
#define SIM_NONE       INT64_MIN /* NULL */

typedef struct sb_sim_row {
    int64_t k, v; /* v may be SIM_NONE */
    int64_t g;    /* the string column, as a number: "g<n>" */
    int64_t ts_ms;
    int32_t file;
    bool live; /* changes: not taken back in the end; upserts: the last of its key */
    bool late; /* events: behind the watermark in force before it (exact cases), see clock_ms */
    int64_t clock_ms; /* events: watermark in force at the row, SIM_NONE: none yet */
} sb_sim_row;

typedef enum sb_sim_table_kind { SIM_EVENTS, SIM_CHANGES, SIM_UPSERTS } sb_sim_table_kind;

typedef struct sb_sim_table {
    sb_sim_table_kind kind;
    const char *name;
    sb_sim_row *rows;
    int32_t count;
    int32_t count_files;
    int64_t delay_ms;
    sb_text files[SIM_FILES_MAX]; /* or partitions */
    bool in_log;                  /* records of a topic of its name; else lines of files */
} sb_sim_table;

typedef enum sb_sim_sink_mode {
    SIM_APPEND,  /* json: rows are only added; what is visible is always a part of the result */
    SIM_RETRACT, /* changelog-json: added and taken away */
    SIM_UPSERT   /* changelog-json with a key: the last row of each key */
} sb_sim_sink_mode;

typedef struct sb_sim_sink {
    const char *folder; /* below out/; in_log: the topic */
    bool in_log;        /* exactly-once rows of a topic; SIM_UPSERT: of upsert-kafka */
    int32_t partitions;
    sb_sim_sink_mode mode;
    sb_sim_lines expected; /* rows as JSON objects, sorted */
} sb_sim_sink;

typedef struct sb_sim_case {
    sb_arena *arena;
    sb_mem *mem;
    sb_sim_random random;
    const char *job;
    sb_text sql;
    sb_sim_table tables[SIM_TABLES_MAX];
    int32_t count_tables;
    sb_sim_sink sinks[SIM_SINKS_MAX];
    int32_t count_sinks;
    bool exact; /* one file, rows may be late */
    bool wide;  /* splits go idle while they have rows; the delay is so long that only the end moves
                   event time */
    bool small; /* few rows */
    bool log;   /* some of it is in a log */
    int32_t transaction_ms; /* 0: as it is by itself */
    int64_t expected_late;  /* rows dropped as late; -1: not known */
} sb_sim_case;

typedef struct sb_sim_job {
    const char *name;
    void (*make)(sb_sim_case *c);
} sb_sim_job;

extern const sb_sim_job sb_sim_jobs[];
extern const int32_t sb_sim_count_jobs;

/* job NULL: drawn. False: there is no such job. */
bool sb_sim_case_init(sb_sim_case *c, sb_mem *mem, uint64_t seed, const char *job);
void sb_sim_case_deinit(sb_sim_case *c);

/* data.c */
/* Rows in files of their own, out of order within the delay, or exactly known (c->exact). */
sb_sim_table *sb_sim_add_events(sb_sim_case *c, const char *name);
sb_sim_table *sb_sim_add_changes(sb_sim_case *c, const char *name, int32_t keys);
sb_sim_table *sb_sim_add_upserts(sb_sim_case *c, const char *name, int32_t keys);
sb_sim_sink *sb_sim_add_sink(sb_sim_case *c, const char *name, const char *columns,
                             sb_sim_sink_mode mode);
/* "2024-01-01 00:00:10.500", without the fraction when it is 0; `out` has room for 32 bytes */
const char *sb_sim_stamp(int64_t ms, char *out);

/* jobs_*.c */
void sb_sim_make_calc(sb_sim_case *c);
void sb_sim_make_union(sb_sim_case *c);
void sb_sim_make_tumble(sb_sim_case *c);
void sb_sim_make_hop(sb_sim_case *c);
void sb_sim_make_cascade(sb_sim_case *c);
void sb_sim_make_window_join(sb_sim_case *c);
void sb_sim_make_diamond(sb_sim_case *c);
void sb_sim_make_group(sb_sim_case *c);
void sb_sim_make_different(sb_sim_case *c);
void sb_sim_make_nested(sb_sim_case *c);
void sb_sim_make_join(sb_sim_case *c);
void sb_sim_make_normalize(sb_sim_case *c);
void sb_sim_make_process(sb_sim_case *c);

/* The process function of sb_sim_make_process, registered under this name. */
struct sabot_engine;
bool sb_sim_register_process(struct sabot_engine *engine);

#endif
