/*
 * sql/sql_testing.c -- helpers of the unit tests.
 *
 * THREADS    one thread at a time.
 */
#include "sql/sql_testing.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sql/report.h"

static bool
testing_is(const sb_table_desc *table, const char *connector)
{
    return strcmp(table->connector, connector) == 0;
}

static sb_status
testing_check(const sb_table_desc *table, sb_error *err)
{
    static const char *const known[] = {"append",     "datagen", "cdc",        "upsert",
                                        "upsert-key", "print",   "blackhole",  "upsert-sink",
                                        "whole",      "bounded", "append-only"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (testing_is(table, known[i])) {
            if (sb_options_get(&table->options, "bad") != NULL) {
                SB_FAIL(err, SB_STATUS_INVALID, "unknown option 'bad'");
            }
            return SB_OK;
        }
    }
    SB_FAIL(err, SB_STATUS_NOT_FOUND, "connector '%s' not found", table->connector);
}

static sb_status
testing_source(void *ctx, const sb_table_desc *table, sb_source_info *out, sb_error *err)
{
    (void)ctx;
    SB_TRY(testing_check(table, err), err);
    *out = (sb_source_info){.row_ops = SB_ROWS_INSERT, .supports_projection = true};
    if (testing_is(table, "cdc")) {
        out->row_ops = SB_ROWS_ALL;
    } else if (testing_is(table, "upsert") || testing_is(table, "upsert-key")) {
        out->row_ops = SB_ROWS_UPSERT;
        out->delete_by_key = testing_is(table, "upsert-key");
    }
    out->supports_projection = !testing_is(table, "whole");
    out->bounded = testing_is(table, "bounded");
    return SB_OK;
}

static sb_status
testing_sink(void *ctx, const sb_table_desc *table, sb_sink_info *out, sb_error *err)
{
    (void)ctx;
    SB_TRY(testing_check(table, err), err);
    *out = (sb_sink_info){.accepts = SB_ROWS_INSERT};
    if (testing_is(table, "print") || testing_is(table, "cdc")) {
        out->accepts = SB_ROWS_ALL;
    } else if (testing_is(table, "blackhole")) {
        *out = (sb_sink_info){.accepts = SB_ROWS_ALL, .no_before = true};
    } else if (testing_is(table, "upsert-sink")) {
        *out = (sb_sink_info){.accepts = SB_ROWS_UPSERT, .upsert = table->primary_key.count > 0};
    }
    return SB_OK;
}

static sb_status
testing_metadata(void *ctx, const sb_table_desc *table, const char *key, bool for_sink,
                 sb_type *out, sb_error *err)
{
    (void)ctx;
    (void)table;
    if (strcmp(key, "timestamp") == 0) {
        *out = (sb_type){.id = SB_TYPE_TIMESTAMP_LTZ, .precision = 3, .nullable = for_sink};
        return SB_OK;
    }
    if (strcmp(key, "partition") == 0 && !for_sink) {
        *out = SB_TYPE(INT, false);
        return SB_OK;
    }
    (void)sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__, "metadata key '%s' not found",
                       key);
    sb_error_hint(err, for_sink ? "keys: timestamp" : "keys: timestamp, partition");
    return SB_STATUS_NOT_FOUND;
}

const sb_connector_info sb_sql_testing_info = {
    .source_info = testing_source,
    .sink_info = testing_sink,
    .metadata = testing_metadata,
};

static void
testing_print_result(const sb_sql_result *result, sb_text *out)
{
    sb_text_clear(out);
    for (int32_t i = 0; i < sb_sql_result_count_warnings(result); i++) {
        sb_text_printf(out, "warning: %s\n", sb_sql_result_warning(result, i));
    }
    switch (sb_sql_result_get_kind(result)) {
    case SB_SQL_RESULT_OK:
    case SB_SQL_RESULT_TEXT: sb_text_add(out, sb_sql_result_message(result)); break;
    case SB_SQL_RESULT_TABLE:
        for (int32_t row = 0; row < sb_sql_result_count_rows(result); row++) {
            for (int32_t c = 0; c < sb_sql_result_count_columns(result); c++) {
                const char *cell = sb_sql_result_cell(result, row, c);

                sb_text_printf(out, "%s%s", c > 0 ? "|" : "", cell != NULL ? cell : "NULL");
            }
            sb_text_char(out, '\n');
        }
        break;
    case SB_SQL_RESULT_PLAN:
        sb_plan_print(sb_sql_result_plan(result), SB_PLAN_CHANGELOG, out);
        break;
    }
}

/* Runs the script; the last plan goes to *out_plan when asked for. */
static sb_status
testing_execute(const char *text, sb_text *out, sb_plan **out_plan, sb_error *err)
{
    sb_sql_script *script = NULL;
    sb_sql_session *session = NULL;
    sb_status status;

    sb_error_clear(err);
    status = sb_sql_parse(sb_mem_root(), text, strlen(text), &script, err);
    if (status == SB_OK) {
        status = sb_sql_session_new(sb_mem_root(), &sb_sql_testing_info, &session, err);
    }
    for (int32_t i = 0; status == SB_OK && i < sb_sql_script_count(script); i++) {
        sb_sql_result *result = NULL;

        status = sb_sql_execute(session, script, i, &result, err);
        if (status == SB_OK) {
            testing_print_result(result, out);
            if (out_plan != NULL && sb_sql_result_get_kind(result) == SB_SQL_RESULT_PLAN) {
                sb_plan_free(*out_plan);
                *out_plan = sb_sql_result_take_plan(result);
            }
        }
        sb_sql_result_free(result);
    }
    if (status != SB_OK) {
        sb_text_clear(out);
        sb_sql_report(err, NULL, text, strlen(text), false, out);
    }
    sb_sql_session_free(session);
    sb_sql_script_free(script);
    return status;
}

char *
sb_sql_testing_run(const char *script)
{
    sb_text out;
    sb_error err;
    char *copy;

    sb_text_init(&out, sb_mem_root());
    (void)testing_execute(script, &out, NULL, &err);
    copy = strdup(out.data);
    sb_text_deinit(&out);
    return copy;
}

char *
sb_sql_testing_join(const char *head, const char *tail)
{
    size_t a = strlen(head), b = strlen(tail);
    char *text = malloc(a + b + 1);

    assert_non_null(text);
    memcpy(text, head, a);
    memcpy(text + a, tail, b + 1);
    return text;
}

sb_plan *
sb_sql_testing_plan(const char *script)
{
    sb_plan *plan = NULL;
    sb_text out;
    sb_error err;

    sb_text_init(&out, sb_mem_root());
    if (testing_execute(script, &out, &plan, &err) != SB_OK) {
        fail_msg("%s", out.data);
    }
    sb_text_deinit(&out);
    assert_non_null(plan);
    return plan;
}

const char sb_sql_testing_nexmark[] =
    "CREATE TABLE datagen (event_type INT,\n"
    "  person ROW<id BIGINT, name VARCHAR, emailAddress VARCHAR, creditCard VARCHAR, city VARCHAR, "
    "state VARCHAR, dateTime TIMESTAMP(3),\n"
    "    extra VARCHAR>,\n"
    "  auction ROW<id BIGINT, itemName VARCHAR, description VARCHAR, initialBid BIGINT, reserve "
    "BIGINT, dateTime TIMESTAMP(3),\n"
    "    expires TIMESTAMP(3), seller BIGINT, category BIGINT, extra VARCHAR>,\n"
    "  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, dateTime "
    "TIMESTAMP(3), extra VARCHAR>,\n"
    "  dateTime AS CASE WHEN event_type = 0 THEN person.dateTime WHEN event_type = 1 THEN "
    "auction.dateTime ELSE bid.dateTime END,\n"
    "  WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND) WITH ('connector' = 'datagen');\n"
    "CREATE VIEW person AS SELECT person.id, person.name, person.emailAddress, person.creditCard, "
    "person.city, person.state, dateTime,\n"
    "  person.extra FROM datagen WHERE event_type = 0;\n"
    "CREATE VIEW auction AS SELECT auction.id, auction.itemName, auction.description, "
    "auction.initialBid, auction.reserve, dateTime,\n"
    "  auction.expires, auction.seller, auction.category, auction.extra FROM datagen WHERE "
    "event_type = 1;\n"
    "CREATE VIEW bid AS SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, dateTime, "
    "bid.extra FROM datagen\n"
    "  WHERE event_type = 2;\n";
