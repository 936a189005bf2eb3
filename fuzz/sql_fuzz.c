/*
 * fuzz/sql_fuzz.c -- any text as a SQL script: parsed, bound, planned, written, read, reported;
 * nothing runs.
 *
 * DESIGN     Every connector is accepted, so that scripts get as far as a plan. A few tables are
 *            there from the start. What is checked: no crash, errors have a place inside the
 *            text, a plan that was made can be read back and is the same.
 * OWNERSHIP  One session per input.
 * THREADS    One.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sql/ast_equal.h"
#include "sql/print.h"
#include "sql/report.h"
#include "sql/sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char tables[] =
    "CREATE TABLE t (id INT, name STRING, v BIGINT, d DECIMAL(10, 2), r ROW<a INT, b STRING>, ts "
    "TIMESTAMP(3),"
    " WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'x');"
    "CREATE TABLE u (id INT, city STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = "
    "'upsert');"
    "CREATE TABLE s (k STRING, n BIGINT) WITH ('connector' = 'x');"
    "CREATE VIEW w AS SELECT window_start, window_end, name, COUNT(*) AS n FROM TUMBLE(TABLE t, "
    "DESCRIPTOR(ts), INTERVAL '1' MINUTE)"
    " GROUP BY window_start, window_end, name;";

static sb_status
fuzz_source(void *ctx, const sb_table_desc *table, sb_source_info *out, sb_error *err)
{
    (void)ctx;
    (void)err;
    *out =
        (sb_source_info){.row_ops = SB_ROWS_INSERT, .supports_projection = true, .bounded = true};
    if (strcmp(table->connector, "upsert") == 0) {
        out->row_ops = SB_ROWS_UPSERT;
    }
    return SB_OK;
}

static sb_status
fuzz_sink(void *ctx, const sb_table_desc *table, sb_sink_info *out, sb_error *err)
{
    (void)ctx;
    (void)err;
    *out = (sb_sink_info){.accepts = SB_ROWS_ALL, .upsert = table->primary_key.count > 0};
    return SB_OK;
}

static sb_status
fuzz_metadata(void *ctx, const sb_table_desc *table, const char *key, bool for_sink, sb_type *out,
              sb_error *err)
{
    (void)ctx;
    (void)table;
    (void)key;
    (void)for_sink;
    (void)err;
    *out = sb_type_string(true);
    return SB_OK;
}

static void
fuzz_plan(const sb_plan *plan)
{
    sb_text text;
    sb_writer w;
    sb_reader r;
    sb_error err;
    sb_plan *back = NULL;

    sb_error_clear(&err);
    sb_text_init(&text, sb_mem_root());
    sb_writer_init(&w, sb_mem_root());
    sb_plan_write(&w, plan);
    r = sb_reader_of(w.out.data, w.out.size);
    sb_assert(sb_plan_read(&r, sb_mem_root(), &back, &err) == SB_OK);
    sb_assert(sb_plan_same(plan, back, &text));
    sb_plan_print(plan, true, &text);
    sb_plan_print_json(plan, &text);
    sb_plan_print_dot(plan, &text);
    sb_plan_free(back);
    sb_writer_deinit(&w);
    sb_text_deinit(&text);
}

static sb_status
fuzz_script(sb_sql_session *session, const char *text, size_t size, sb_error *err)
{
    sb_sql_script *script = NULL;
    sb_status status = sb_sql_parse(sb_mem_root(), text, size, &script, err);

    for (int32_t i = 0; status == SB_OK && i < sb_sql_script_count(script); i++) {
        sb_sql_result *result = NULL;

        status = sb_sql_execute(session, script, i, &result, err);
        if (status == SB_OK && sb_sql_result_get_kind(result) == SB_SQL_RESULT_PLAN) {
            fuzz_plan(sb_sql_result_plan(result));
        }
        sb_sql_result_free(result);
    }
    sb_sql_script_free(script);
    return status;
}

/* What parses is printed, parses again to equal trees, and loses no comment. */
static void
fuzz_format(const char *text, size_t size)
{
    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_ast_statement **first, **second;
    sb_comment *comments;
    int32_t count_first, count_second, comments_first, comments_second;
    sb_text once, twice;
    sb_error err;

    sb_error_clear(&err);
    sb_text_init(&once, sb_mem_root());
    sb_text_init(&twice, sb_mem_root());
    if (sb_ast_parse(arena, text, (int32_t)size, &first, &count_first, &err) == SB_OK) {
        sb_assert(sb_sql_format(sb_mem_root(), text, size, &once, &err) == SB_OK);
        sb_assert(sb_ast_parse(arena, once.data, (int32_t)once.size, &second, &count_second,
                               &err) == SB_OK);
        sb_assert(count_first == count_second);
        for (int32_t i = 0; i < count_first; i++) {
            sb_assert(sb_ast_equal(first[i], second[i]));
        }
        sb_assert(sb_lex_comments(arena, text, (int32_t)size, &comments, &comments_first, &err) ==
                  SB_OK);
        sb_assert(sb_lex_comments(arena, once.data, (int32_t)once.size, &comments, &comments_second,
                                  &err) == SB_OK);
        sb_assert(comments_first == comments_second);
        sb_assert(sb_sql_format(sb_mem_root(), once.data, once.size, &twice, &err) == SB_OK);
    }
    sb_text_deinit(&once);
    sb_text_deinit(&twice);
    sb_arena_free(arena);
}

/* All errors at once: the same first one, each with a place inside the text. */
static void
fuzz_errors(const char *text, size_t size)
{
    sb_sql_script *script = NULL;
    sb_sql_errors errors;
    sb_error err;

    sb_error_clear(&err);
    sb_sql_errors_init(&errors, sb_mem_root());
    if (sb_sql_parse_all(sb_mem_root(), text, size, &script, &errors, &err) == SB_OK) {
        sb_sql_script *again = NULL;
        bool fine = sb_sql_parse(sb_mem_root(), text, size, &again, &err) == SB_OK;

        sb_assert(fine == (errors.count == 0));
        sb_sql_script_free(again);
    }
    for (int32_t i = 0; i < errors.count; i++) {
        sb_assert(errors.at[i].position <= (int32_t)size);
    }
    sb_sql_errors_deinit(&errors);
    sb_sql_script_free(script);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sb_connector_info info = {
        .source_info = fuzz_source, .sink_info = fuzz_sink, .metadata = fuzz_metadata};
    sb_sql_session *session = NULL;
    sb_error err;

    if (size > 65536) {
        return 0;
    }
    sb_error_clear(&err);
    sb_assert(sb_sql_session_new(sb_mem_root(), &info, &session, &err) == SB_OK);
    sb_assert(fuzz_script(session, tables, sizeof(tables) - 1, &err) == SB_OK);
    (void)sb_sql_is_complete((const char *)data, size);
    fuzz_errors((const char *)data, size);
    if (memchr(data, '\0', size) == NULL) {
        fuzz_format((const char *)data, size);
    }
    if (fuzz_script(session, (const char *)data, size, &err) != SB_OK) {
        sb_text text;

        sb_assert(err.status != SB_STATUS_INTERNAL);
        sb_assert(err.position <= (int32_t)size && err.position_end <= (int32_t)size);
        sb_text_init(&text, sb_mem_root());
        sb_sql_report(&err, "fuzz.sql", (const char *)data, size, false, &text);
        sb_text_deinit(&text);
    }
    sb_sql_session_free(session);
    return 0;
}
