/*
 * cli/shell_demo.c -- .demo: tables with made-up rows, and queries to begin with.
 *
 * THREADS    the main thread
 */
#include <stdlib.h>
#include <string.h>

#include "cli/shell.h"

typedef struct demo {
    const char *name, *text, *sql, *tries;
} demo;

static const char clicks_sql[] =
    "CREATE TEMPORARY TABLE clicks (\n"
    "  user_id INT, page INT, took_ms INT,\n"
    "  ts AS LOCALTIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND\n"
    ") WITH ('connector' = 'datagen', 'rows-per-second' = '1000',\n"
    "  'fields.user_id.min' = '1', 'fields.user_id.max' = '500',\n"
    "  'fields.page.min' = '1', 'fields.page.max' = '20',\n"
    "  'fields.took_ms.min' = '3', 'fields.took_ms.max' = '900');\n";

static const char orders_sql[] =
    "CREATE TEMPORARY TABLE customers (id INT, country STRING) WITH ('connector' = 'datagen',\n"
    "  'number-of-rows' = '50', 'rows-per-second' = '0',\n"
    "  'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '50',\n"
    "  'fields.country.length' = '2');\n"
    "CREATE TEMPORARY TABLE orders (id BIGINT, customer INT, amount DECIMAL(8, 2))\n"
    "WITH ('connector' = 'datagen', 'rows-per-second' = '100', 'number-of-rows' = '2000',\n"
    "  'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '2000',\n"
    "  'fields.customer.min' = '1', 'fields.customer.max' = '50',\n"
    "  'fields.amount.min' = '1', 'fields.amount.max' = '500');\n";

static const demo demos[] = {
    {"clicks", "1,000 page views a second, without end", clicks_sql,
     "SELECT page, COUNT(*) AS hits, MAX(took_ms) AS slowest FROM clicks GROUP BY page;\n"
     "SELECT window_end, COUNT(*) AS hits, COUNT(DISTINCT user_id) AS users\n"
     "FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '2' SECOND))\n"
     "GROUP BY window_start, window_end;\n"},
    {"orders", "2,000 orders of 50 customers, 100 a second", orders_sql,
     "SELECT country, COUNT(*) AS orders, SUM(amount) AS total\n"
     "FROM orders JOIN customers ON customer = customers.id GROUP BY country;\n"},
    {"nexmark", "the auction of the Nexmark benchmark, 10,000 events a second", NULL,
     "SELECT channel, COUNT(*) AS bids, MAX(price) AS highest FROM bid GROUP BY channel;\n"
     "SELECT window_end, COUNT(*) AS bids\n"
     "FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '5' SECOND))\n"
     "GROUP BY window_start, window_end;\n"},
};

enum { COUNT_DEMOS = sizeof demos / sizeof demos[0] };

/* Freed with free(); NULL: out of memory. */
static char *
sql_of(const demo *d)
{
    if (d->sql) {
        return strdup(d->sql);
    }
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    if (to) {
        fprintf(to,
                "CREATE TABLE nexmark (\n%s) WITH ('connector' = 'nexmark', 'events-per-second' = "
                "'10000', 'rate' = '10000');\n%s",
                sb_nexmark_columns, sb_nexmark_views);
        fclose(to);
    }
    return text;
}

bool
sb_shell_demo(sb_shell *shell, const char *name)
{
    if (!name) {
        for (int i = 0; i < COUNT_DEMOS; i++) {
            printf("  .demo %-10s %s\n", demos[i].name, demos[i].text);
        }
        return true;
    }
    for (int i = 0; i < COUNT_DEMOS; i++) {
        if (strcmp(demos[i].name, name) == 0) {
            char *sql = sql_of(&demos[i]);
            if (!sql) {
                return false;
            }
            fputs(sql, stdout);
            fflush(stdout);
            bool ok = sb_shell_execute(shell, sql, strlen(sql), NULL);
            if (ok) {
                printf("\nTry:\n%s", demos[i].tries);
            }
            free(sql);
            return ok;
        }
    }
    fprintf(stderr, "error: there is no demo \"%s\"; .demo lists them\n", name);
    return false;
}
