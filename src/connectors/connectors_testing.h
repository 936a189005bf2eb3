/*
 * connectors/connectors_testing.h -- for tests: tables, a source run to its end, a sink fed from
 * text.
 */
#ifndef SB_CONNECTORS_CONNECTORS_TESTING_H
#define SB_CONNECTORS_CONNECTORS_TESTING_H

#include "flow/connector.h"

/* A table from a schema text (formats_testing.h) and key, value, ..., NULL; all in the arena. */
sb_table_desc *sb_testing_table(sb_arena *arena, const char *connector, const char *schema,
                                const char *const *pairs);
/* all columns */
sb_source_node *sb_testing_source_node(sb_arena *arena, const sb_table_desc *table);

/* A running source of one subtask that owns all splits. */
typedef struct sb_testing_source {
    sb_source *instance;
    sb_source_init init;
    const sb_connector *connector;
    sb_arena *arena;
    sb_split_list splits;
    sb_metrics metrics;
    bool *done;
    uint64_t checkpoint; /* number of the last one */
    sb_error err;
} sb_testing_source;

/* Enumerates and opens; positions: per split what sb_testing_source_positions gave, or NULL. */
sb_status sb_testing_source_start(sb_testing_source *s, sb_mem *mem, sb_os *os,
                                  const sb_connector *connector, const sb_source_node *node,
                                  int32_t parallelism, int32_t batch_rows, const sb_str *positions);
/* Polls until a batch, the end (AGAIN with *out NULL never comes back: SB_STEP_DONE when all
 * splits are done), a wait or a failure. */
sb_step sb_testing_source_next(sb_testing_source *s, int32_t limit_rows, int64_t now_ms,
                               sb_batch **out);
/* Positions of all splits, in the arena: a checkpoint, with the next number. */
sb_str *sb_testing_source_positions(sb_testing_source *s);
void sb_testing_source_stop(sb_testing_source *s);

/* Rows of a batch as changelog-json lines. */
void sb_testing_print(const sb_batch *batch, sb_text *out);
/* A batch from changelog-json lines. */
sb_batch *sb_testing_batch(sb_mem *mem, const sb_schema *schema, const char *lines);

#endif
