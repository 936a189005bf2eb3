/*
 * sql/sql.h -- from SQL text to what is to be done: parse a script, keep a session, plan a
 * statement.
 *
 * DESIGN     A script is parsed as a whole (so that a syntax error in the last statement stops
 *            the first), then its statements are executed one by one against a session: DDL and
 *            SET change the session and answer with a message, SHOW and friends answer with a
 *            small table, EXPLAIN with text, INSERT / statement set / SELECT with a plan to run.
 *            Nothing runs here. To refuse a script before any of it runs, execute all its
 *            statements first and run the plans afterwards.
 *                sb_sql_parse(mem, text, size, &script, err);
 *                for i < sb_sql_script_count(script):
 *                    sb_sql_execute(session, script, i, &result, err);
 * OWNERSHIP  Script, session and result are freed by their *_free. A plan owns its memory;
 *            sb_sql_result_take_plan gives it away. A result stands alone: it survives script and
 *            session.
 * THREADS    One thread per session at a time.
 */
#ifndef SB_SQL_SQL_H
#define SB_SQL_SQL_H

#include "sql/connector_info.h"

/* ---- script ---- */

typedef struct sb_sql_script sb_sql_script;

typedef struct sb_sql_range { /* bytes of the script's text, without the semicolon */
    int32_t begin, end;
} sb_sql_range;

/* The text is copied. Errors: SYNTAX and NOT_SUPPORTED, with position. Statements end with ';'
 * (optional after the last). */
struct sb_sql_errors;
sb_status sb_sql_parse(sb_mem *mem, const char *text, size_t size, sb_sql_script **out,
                       sb_error *err);
/* The same, and goes on behind errors: all are added to `errors`, and the script holds the
 * statements that parse. NOMEM, LIMIT: nothing was parsed. */
sb_status sb_sql_parse_all(sb_mem *mem, const char *text, size_t size, sb_sql_script **out,
                           struct sb_sql_errors *errors, sb_error *err);
/* Is the error only that a name is unknown whose own definition failed (in statements below
 * `index`)? Keeps reports short. */
bool sb_sql_is_follow_up(const sb_sql_script *script, const struct sb_sql_errors *errors,
                         const sb_error *err);
sb_sql_script *sb_sql_script_free(sb_sql_script *script); /* returns NULL; NULL is fine */
int32_t sb_sql_script_count(const sb_sql_script *script);
sb_sql_range sb_sql_script_range(const sb_sql_script *script, int32_t index);
const char *sb_sql_script_text(const sb_sql_script *script);
/* For shells: does `text` end outside of quotes and comments with a ';' (and, inside BEGIN .. END,
 * after END)? */
bool sb_sql_is_complete(const char *text, size_t size);

/* ---- session ---- */

typedef struct sb_sql_session sb_sql_session;

/* `info` is copied; its ctx must outlive the session. */
sb_status sb_sql_session_new(sb_mem *mem, const sb_connector_info *info, sb_sql_session **out,
                             sb_error *err);
sb_sql_session *sb_sql_session_free(sb_sql_session *session); /* returns NULL; NULL is fine */
/* Definitions in catalogs that are kept in files are not written: for checking a script. */
void sb_sql_session_scratch(sb_sql_session *session);
/* A user function of the host program, as a temporary one of the system. */
struct sabot_function;
sb_status sb_sql_session_register(sb_sql_session *session, const char *name,
                                  const struct sabot_function *function, sb_error *err);
/* As SET does: for options of the command line and of a configuration file. INVALID if a known key
 * has a bad value. */
sb_status sb_sql_session_set(sb_sql_session *session, const char *key, const char *value,
                             sb_error *err);
const char *sb_sql_session_get(const sb_sql_session *session, const char *key); /* NULL: not set */
sb_options sb_sql_session_options(
    const sb_sql_session *session); /* all that are set, in order; valid until the next statement */

/* Names of tables and views in order of their CREATE; NULL at the end. For completion. */
const char *sb_sql_session_table(const sb_sql_session *session, int32_t index);
/* Declared columns of a table; NULL behind the last, and for views. */
const char *sb_sql_session_column(const sb_sql_session *session, const char *table, int32_t index);

/* ---- execution ---- */

typedef enum sb_sql_result_kind {
    SB_SQL_RESULT_OK,    /* done; message tells what */
    SB_SQL_RESULT_TABLE, /* static rows: SHOW, DESCRIBE, SET without arguments */
    SB_SQL_RESULT_TEXT,  /* EXPLAIN: message holds it */
    SB_SQL_RESULT_PLAN   /* run it */
} sb_sql_result_kind;

typedef enum sb_sql_plan_kind {
    SB_SQL_PLAN_INSERT, /* one INSERT, or CREATE TABLE AS */
    SB_SQL_PLAN_STATEMENT_SET,
    SB_SQL_PLAN_SELECT /* its sink has collect = true */
} sb_sql_plan_kind;

typedef struct sb_sql_result sb_sql_result;

/* Statement `index` of the script. Error positions are bytes of the script's text. */
sb_status sb_sql_execute(sb_sql_session *session, const sb_sql_script *script, int32_t index,
                         sb_sql_result **out, sb_error *err);
/* All errors of the statement that was refused last, in the order of their places; the one that
 * sb_sql_execute gave is the first. Valid until the next statement. */
const struct sb_sql_errors *sb_sql_session_errors(const sb_sql_session *session);
/* When the statement was none of the user's: the places of its errors would mislead. */
void sb_sql_session_forget_errors(sb_sql_session *session);
sb_sql_result *sb_sql_result_free(sb_sql_result *result); /* returns NULL; NULL is fine */

sb_sql_result_kind sb_sql_result_get_kind(const sb_sql_result *result);
const char *sb_sql_result_message(const sb_sql_result *result); /* OK, TEXT; else "" */
/* TABLE: columns are STRING or BOOLEAN ("true" / "false"); cell NULL is SQL NULL. */
int32_t sb_sql_result_count_columns(const sb_sql_result *result);
int32_t sb_sql_result_count_rows(const sb_sql_result *result);
const sb_schema *sb_sql_result_schema(const sb_sql_result *result);
const char *sb_sql_result_cell(const sb_sql_result *result, int32_t row, int32_t column);
/* TABLE as a batch. */
sb_status sb_sql_result_batch(const sb_sql_result *result, sb_mem *mem, sb_batch **out,
                              sb_error *err);
/* PLAN */
sb_sql_plan_kind sb_sql_result_plan_kind(const sb_sql_result *result);
sb_plan *sb_sql_result_plan(const sb_sql_result *result);   /* borrowed */
sb_plan *sb_sql_result_take_plan(sb_sql_result *result);    /* given away; NULL the second time */
bool sb_sql_result_is_bounded(const sb_sql_result *result); /* all sources end by themselves */
/* Things worth telling (unknown keys, weak spots), one line each. */
int32_t sb_sql_result_count_warnings(const sb_sql_result *result);
const char *sb_sql_result_warning(const sb_sql_result *result, int32_t index);

#endif
