/*
 * engine/promises_test.c -- EXPLAIN with details names what a job promises after a failure, and the
 * weakest link.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sabot/sabot.h"

#define KAFKA "'connector' = 'kafka', 'properties.bootstrap.servers' = 'x:1', 'format' = 'json'"

static void
promises(const char *sink, const char *key, const char *expected)
{
    sabot_engine *engine;
    sabot_error *error = NULL;
    char sql[1024], *text = NULL;
    assert_int_equal(sabot_engine_open(NULL, 0, &engine, &error), SABOT_OK);
    snprintf(sql, sizeof sql,
             "CREATE TABLE i (a BIGINT) WITH (" KAFKA ", 'topic' = 'in', 'scan.startup.mode' = "
             "'earliest-offset'); CREATE TABLE o (a BIGINT%s) WITH (%s); INSERT INTO o SELECT a "
             "FROM i;",
             key, sink);
    if (sabot_explain(engine, sql, NULL, SABOT_EXPLAIN_DETAILS, &text, &error) != SABOT_OK) {
        fail_msg("%s: %s", sink, sabot_error_message(error));
    }
    const char *found = strstr(text, "== Promises ==\n");
    assert_non_null(found);
    assert_string_equal(found + strlen("== Promises ==\n"), expected);
    sabot_string_free(text);
    sabot_engine_close(engine);
}

static void
sinks(void **state)
{
    (void)state;
    promises(KAFKA ", 'topic' = 'out', 'sink.delivery-guarantee' = 'exactly-once', "
                   "'sink.transactional-id-prefix' = 'p'",
             "", "o: exactly once, decided by a transaction of kafka\n");
    promises(KAFKA ", 'topic' = 'out'", "",
             "o: at least once (weakest link: the sink, rows are there before their checkpoint)\n");
    promises(KAFKA ", 'topic' = 'out', 'sink.delivery-guarantee' = 'none'", "",
             "o: none (weakest link: the sink waits for no acknowledgement)\n");
    promises("'connector' = 'upsert-kafka', 'properties.bootstrap.servers' = 'x:1', 'topic' = "
             "'out', 'key.format' = 'json', 'value.format' = 'json'",
             ", PRIMARY KEY (a) NOT ENFORCED",
             "o: at least once, and right in the end for each key (weakest link: the sink, rows "
             "are there before their checkpoint)\n");
    promises("'connector' = 'filesystem', 'path' = 'out', 'format' = 'json'", "",
             "o: exactly once\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sinks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
