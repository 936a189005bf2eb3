/*
 * engine/user_testing.h -- for tests of user functions: an engine, statements and what they give.
 */
#ifndef SB_ENGINE_USER_TESTING_H
#define SB_ENGINE_USER_TESTING_H

#include <stddef.h>

#include "sabot/sabot.h"

enum { DET = SABOT_FUNCTION_DETERMINISTIC, STRICT = SABOT_FUNCTION_STRICT };

typedef struct sb_user_text { /* rows of a result: "+a|b;" each */
    char data[8192];
    size_t size;
} sb_user_text;

/* For sabot_result_each: appends a row to the sb_user_text that is ctx. */
bool sb_user_collect(void *ctx, sabot_op op, const char *const *cells, int32_t count);
/* Rows of a batch of the engines that are opened; 0: the default. */
extern int sb_user_batch_rows;
sabot_engine *sb_user_engine(void);
void sb_user_registers(sabot_engine *engine, const char *name, const sabot_function *function);
/* The script succeeds, and the rows of its last statement are "+a|b;-a|b;"; "" for none. */
void sb_user_gives(sabot_engine *engine, const char *sql, const char *expected);
/* It fails, when it is planned or when it runs, with `part` in the text of the error. */
void sb_user_fails(sabot_engine *engine, const char *sql, sabot_status wanted, const char *part);

/* Samples: usum(BIGINT), as SUM; series(first, last), at most three numbers; shout(text). */
typedef struct sb_user_total { /* the accumulator of usum */
    int64_t sum, count;
} sb_user_total;

extern const sabot_function sb_user_sum, sb_user_series, sb_user_shout;

#endif
