/*
 * sql/sql_testing.h -- helpers of the unit tests: a session with pretended connectors, plans as
 * text, errors as people see them.
 *
 * DESIGN     Connectors of the pretended registry: 'append' and 'datagen' (inserts), 'cdc' (all
 *            kinds), 'upsert' (I,UA,D by key), 'upsert-key' (-D by key), 'print' (takes all),
 *            'blackhole' (takes all, wants no -U), 'upsert-sink' by key, 'whole' (no projection),
 *            'bounded'. Option 'bad' is refused.
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_SQL_TESTING_H
#define SB_SQL_SQL_TESTING_H

#include "sql/sql.h"

extern const sb_connector_info sb_sql_testing_info;

/* Executes all statements of `script` in a new session. Returns the text of the last EXPLAIN,
 * message, table, or the plan printed with changelog modes; on an error the report (without file
 * name). To be freed with free(). */
char *sb_sql_testing_run(const char *script);
/* The plan of the last statement; fails the test when there is none. */
sb_plan *sb_sql_testing_plan(const char *script);
/* Two texts in a row; to be freed with free(). */
char *sb_sql_testing_join(const char *head, const char *tail);
/* The official Nexmark schema and a sink for each query. */
extern const char sb_sql_testing_nexmark[];

#endif
