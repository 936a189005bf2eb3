/*
 * cli/final.h -- the rows that a changelog amounts to.
 *
 * OWNERSHIP  sb_final copies the cells.
 * THREADS    the main thread
 */
#ifndef SB_CLI_FINAL_H
#define SB_CLI_FINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "sabot/sabot.h"

typedef struct sb_final sb_final;

/* Keeps at most `limit` different rows (0: all): the oldest place is given up for a new one. NULL:
 * out of memory. */
sb_final *sb_final_new(int32_t count_columns, int64_t limit);
void sb_final_free(sb_final *final);
/* cells[i] NULL: SQL NULL. False: out of memory. */
bool sb_final_change(sb_final *final, sabot_op op, const char *const *cells);
int64_t sb_final_count(const sb_final *final); /* rows, each as often as it is there */
/* Rows in the order in which they came first, each as often as it is there, until `row` says
 * false. */
void sb_final_each(const sb_final *final, bool (*row)(void *ctx, const char *const *cells),
                   void *ctx);

#endif
