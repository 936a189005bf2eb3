/*
 * sabot/sabot.h -- the public API of Sabot: run streaming SQL inside another program.
 *
 *     sabot_engine *engine;  sabot_result *result;  sabot_error *error = NULL;
 *     if (sabot_engine_open(NULL, 0, &engine, &error) != SABOT_OK) ...
 *     sabot_execute(engine, "CREATE TABLE ...; SELECT ...", &result, &error);
 *     sabot_result_stream(result, SABOT_STREAM_OP_AUTO, &stream, &error);   -- an ArrowArrayStream
 *     sabot_result_free(result);
 *     sabot_engine_close(engine);
 *
 * Ownership  A handle is freed by its own function; NULL is fine there. Results, scripts and jobs
 * must be freed before the engine is closed.
 *            Strings given in are copied. Strings given out belong to the handle they come from,
 *            unless said otherwise.
 * Errors     Functions that can fail return a status and, when `error` is not NULL, put an error
 * object there that the caller frees. *error is written on failure only. Outputs are untouched on
 * failure. Threads    An engine, its scripts and results are used by one thread at a time.
 * Functions on a sabot_job are callable from any thread unless said otherwise. Nothing here
 * installs signal handlers or writes to standard streams (the `print` connector does). Options Keys
 * are Flink's (docs/guide.md lists them); an unknown key is a warning, a bad value an error.
 */
#ifndef SABOT_SABOT_H
#define SABOT_SABOT_H

#include "sabot/arrow_c_abi.h"
#include "sabot/function.h"
#include "sabot/process.h"
#include "sabot/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sabot_engine sabot_engine; /* a session: catalog, options, registered functions */
typedef struct sabot_script sabot_script; /* a parsed text of statements */
typedef struct sabot_result sabot_result; /* what a statement gave */
typedef struct sabot_rows sabot_rows;     /* some rows of a result, as text */
typedef struct sabot_job sabot_job;       /* a running or runnable statement */
typedef struct sabot_error sabot_error;

SABOT_API const char *sabot_version(void); /* "0.1.0" */

/* ---- errors
 * -------------------------------------------------------------------------------------------------
 */

SABOT_API sabot_status sabot_error_status(const sabot_error *error);
SABOT_API const char *sabot_error_code(const sabot_error *error);    /* "SB1042", or "" */
SABOT_API const char *sabot_error_message(const sabot_error *error); /* one line */
SABOT_API const char *sabot_error_hint(const sabot_error *error);    /* what to do, or "" */
/* 1.. in the SQL text; 0: no position */
SABOT_API int32_t sabot_error_line(const sabot_error *error);
/* 1.. in characters; 0: no position */
SABOT_API int32_t sabot_error_column(const sabot_error *error);
/* one behind the last character of the culprit; 0: no position, or it goes on in the next line */
SABOT_API int32_t sabot_error_end_column(const sabot_error *error);
/* For people: message, place, the line with a caret, hint; ends with a line end. */
SABOT_API const char *sabot_error_text(const sabot_error *error);
/* The functions that the failure came through, for reports of bugs in Sabot; one a line, may be
 * "". */
SABOT_API const char *sabot_error_trace(const sabot_error *error);
/* A statement can have several errors: the next one in the order of their places, which belongs to
 * the first. NULL: this is the last. */
SABOT_API const sabot_error *sabot_error_next(const sabot_error *error);
SABOT_API void sabot_error_free(sabot_error *error);
/* What a code like "SB1042" means; NULL: unknown. Lives as long as the program. */
SABOT_API const char *sabot_explain_code(const char *code);

/* ---- engine
 * -------------------------------------------------------------------------------------------------
 */

typedef struct sabot_option {
    const char *key;
    const char *value;
} sabot_option;

/* Options as with sabot_engine_set. `engine.threads` = 'none': jobs start no threads; they run
 * where they are stepped or read. */
SABOT_API sabot_status sabot_engine_open(const sabot_option *options, size_t count,
                                         sabot_engine **out, sabot_error **error);
SABOT_API void sabot_engine_close(sabot_engine *engine);
/* As SET 'key' = 'value' does: for statements executed afterwards. */
SABOT_API sabot_status sabot_engine_set(sabot_engine *engine, const char *key, const char *value,
                                        sabot_error **error);
/* NULL: not set; valid until it is set again */
SABOT_API const char *sabot_engine_get(sabot_engine *engine, const char *key);
/* From now on the definitions that go into catalogs in files wait for sabot_catalogs_write; when
 * the engine is closed before, the files are as they were. For a script of which all or nothing is
 * to count: execute its statements, write, and run its jobs then. */
SABOT_API void sabot_catalogs_hold(sabot_engine *engine);
SABOT_API sabot_status sabot_catalogs_write(sabot_engine *engine, sabot_error **error);
/* Is this a key that the engine reads, or one of Flink's that it takes in silence? */
SABOT_API bool sabot_engine_knows(sabot_engine *engine, const char *key);

typedef struct sabot_option_info {
    const char *key;
    const char *type;  /* "duration", "true or false", "STREAMING|BATCH" ... */
    const char *value; /* default; NULL: none */
    const char *text;  /* what it does, one line */
} sabot_option_info;

/* The i-th key of SET; false: there are no more. Strings live as long as the program. */
SABOT_API bool sabot_option_describe(int32_t index, sabot_option_info *out);

/* A table that is read from an Arrow stream; the stream is taken over (moved), also on failure. It
 * can be read once, by one scan. extra: NULL, or what follows the columns in CREATE TABLE:
 * "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND". */
SABOT_API sabot_status sabot_register_stream(sabot_engine *engine, const char *table,
                                             struct ArrowArrayStream *stream, const char *extra,
                                             sabot_error **error);

/* Makes a user function (sabot/function.h) of this program a temporary function of the system: SQL
 * calls it by `name`, in any case, before a built-in one. What the descriptor points to must live
 * until the engine is closed, which calls its `release`. SABOT_EXISTS: there is one of this name;
 * SABOT_INVALID: the name or the descriptor is wrong. */
SABOT_API sabot_status sabot_register_function(sabot_engine *engine, const char *name,
                                               const sabot_function *function, sabot_error **error);

/* Registers a keyed process function (sabot/process.h) under its name. */
SABOT_API sabot_status sabot_register_process(sabot_engine *engine,
                                              const sabot_process_function *function,
                                              sabot_error **error);
/* Declares `table` as the output of a registered function over a query (or table name), partitioned
 * by the given columns; side outputs are the tables <table>$<tag>. The same as CREATE TABLE with
 * the connector 'process'. */
SABOT_API sabot_status sabot_process_table(sabot_engine *engine, const char *table,
                                           const char *function, const char *input,
                                           const char *const *keys, size_t count_keys,
                                           sabot_error **error);

/* ---- statements
 * ------------------------------------------------------------------------------------------------
 */

/* Parses all of it; nothing is executed. name: NULL, or what errors call the text (a file name). */
SABOT_API sabot_status sabot_script_parse(sabot_engine *engine, const char *text, size_t size,
                                          const char *name, sabot_script **out,
                                          sabot_error **error);
SABOT_API void sabot_script_free(sabot_script *script);
SABOT_API int32_t sabot_script_count(const sabot_script *script);
/* Text of a statement, not zero-terminated. */
SABOT_API const char *sabot_script_statement(const sabot_script *script, int32_t index,
                                             size_t *out_size);
/* Executes one statement. DDL and SET take effect. INSERT and SELECT are planned, not run: see
 * sabot_result_job, sabot_result_fetch. */
SABOT_API sabot_status sabot_script_execute(sabot_script *script, int32_t index, sabot_result **out,
                                            sabot_error **error);

/* Executes all statements of a text in order. INSERTs run to their end, one after another. The last
 * statement's result is given back; a SELECT that is not the last is SABOT_INVALID. out may be
 * NULL. */
SABOT_API sabot_status sabot_execute(sabot_engine *engine, const char *sql, sabot_result **out,
                                     sabot_error **error);

/* SQL text in canonical form: layout, capital letters of keywords; comments stay. Freed with
 * sabot_string_free. */
SABOT_API sabot_status sabot_format(const char *sql, size_t size, const char *name, char **out,
                                    sabot_error **error);

/* All errors of a text, in its order: of syntax, and of every statement that parses. DDL in the
 * text takes effect in a session that is thrown away. *out is never NULL on SABOT_OK and may hold
 * no error. SABOT_LIMIT and SABOT_NOMEM: it could not be checked. */
typedef struct sabot_errors sabot_errors;
SABOT_API sabot_status sabot_check(const sabot_option *options, size_t count, const char *sql,
                                   size_t size, const char *name, sabot_errors **out,
                                   sabot_error **error);
SABOT_API int32_t sabot_errors_count(const sabot_errors *errors);
/* Lives as long as the list. */
SABOT_API const sabot_error *sabot_errors_at(const sabot_errors *errors, int32_t index);
/* All of them as a JSON array. Freed with sabot_string_free. NULL: out of memory. */
SABOT_API char *sabot_errors_json(const sabot_errors *errors);
SABOT_API void sabot_errors_free(sabot_errors *errors);

/* Everything that can be checked without running: syntax, names, types, options. DDL in the text
 * takes effect in the engine. */
SABOT_API sabot_status sabot_validate(sabot_engine *engine, const char *sql, const char *name,
                                      sabot_error **error);

typedef enum sabot_infer_format {
    SABOT_INFER_SQL = 0, /* a CREATE TABLE statement */
    SABOT_INFER_JSON = 1 /* path, format, rows, columns, options and that statement as an object */
} sabot_infer_format;

/* What the files of a path (a file, folder or glob) would be as a table: format and columns are
 * guessed from the first rows, as for SELECT ... FROM 'path'. table: its name; NULL: made from the
 * path. kafka://host:port/topic: from the first records of a topic, with these properties of
 * Kafka's clients (count 0: none; at most 32). The string is freed with sabot_string_free. */
SABOT_API sabot_status sabot_infer(sabot_engine *engine, const char *path, const char *table,
                                   const sabot_option *properties, size_t count,
                                   sabot_infer_format format, char **out, sabot_error **error);

typedef enum sabot_explain_format {
    SABOT_EXPLAIN_TEXT = 0,
    SABOT_EXPLAIN_CHANGELOG = 1, /* text, with the kinds of change on each node */
    SABOT_EXPLAIN_JSON = 2,
    SABOT_EXPLAIN_DOT = 3,
    SABOT_EXPLAIN_DETAILS =
        4 /* text, with all that is known of each node, and the rules that fired */
} sabot_explain_format;

/* The plans of all queries and INSERTs of a text. The string is freed with sabot_string_free. */
SABOT_API sabot_status sabot_explain(sabot_engine *engine, const char *sql, const char *name,
                                     sabot_explain_format format, char **out, sabot_error **error);
SABOT_API void sabot_string_free(char *text);

/* ---- results
 * -------------------------------------------------------------------------------------------------
 */

typedef enum sabot_kind {
    SABOT_RESULT_DONE = 0,  /* it is done; the message tells what */
    SABOT_RESULT_TABLE = 1, /* rows of SHOW, DESCRIBE, SET */
    SABOT_RESULT_TEXT = 2,  /* EXPLAIN: the message */
    SABOT_RESULT_JOB = 3,   /* INSERT, statement set, CREATE TABLE AS: sabot_result_job */
    SABOT_RESULT_QUERY = 4  /* SELECT: rows come from a job that starts with the first read */
} sabot_kind;

/* a job that still runs is cancelled and waited for */
SABOT_API void sabot_result_free(sabot_result *result);
SABOT_API sabot_kind sabot_result_kind(const sabot_result *result);
SABOT_API const char *sabot_result_message(const sabot_result *result);
SABOT_API int32_t sabot_result_count_warnings(const sabot_result *result);
SABOT_API const char *sabot_result_warning(const sabot_result *result, int32_t index);
SABOT_API int32_t sabot_result_count_columns(const sabot_result *result);
SABOT_API const char *sabot_result_column_name(const sabot_result *result, int32_t column);
/* "DECIMAL(10, 2) NOT NULL" */
SABOT_API const char *sabot_result_column_type(const sabot_result *result, int32_t column);
SABOT_API bool sabot_result_column_is_number(const sabot_result *result, int32_t column);
SABOT_API bool sabot_result_is_bounded(const sabot_result *result); /* ends by itself */
/* no updates or deletes will come */
SABOT_API bool sabot_result_is_insert_only(const sabot_result *result);
/* The job of kinds JOB and QUERY, else NULL. Lives as long as the result. */
SABOT_API sabot_job *sabot_result_job(sabot_result *result);

typedef enum sabot_stream_op {
    /* a first column "op" (int8, sabot_op) unless the result is insert-only */
    SABOT_STREAM_OP_AUTO = 0,
    SABOT_STREAM_OP_NEVER = 1, /* SABOT_INVALID unless insert-only */
    SABOT_STREAM_OP_ALWAYS = 2
} sabot_stream_op;

/* Kinds TABLE and QUERY, once. The stream is independent of `result` in memory; get_next blocks
 * until rows come, and its errors are errno values with get_last_error. Releasing it early cancels
 * the job. The engine must outlive it. */
SABOT_API sabot_status sabot_result_stream(sabot_result *result, sabot_stream_op op,
                                           struct ArrowArrayStream *out, sabot_error **error);

/* Kinds TABLE and QUERY, not together with a stream. Waits up to timeout_ms for rows (-1: without
 * limit). *out is NULL at the end. SABOT_TIMEOUT (without error object): nothing yet. */
SABOT_API sabot_status sabot_result_fetch(sabot_result *result, int64_t timeout_ms,
                                          sabot_rows **out, sabot_error **error);
SABOT_API void sabot_rows_free(sabot_rows *rows);
SABOT_API int32_t sabot_rows_count(const sabot_rows *rows);
SABOT_API sabot_op sabot_rows_op(const sabot_rows *rows, int32_t row);
/* A cell as text, zero-terminated; NULL: SQL NULL. */
SABOT_API const char *sabot_rows_text(const sabot_rows *rows, int32_t row, int32_t column,
                                      size_t *out_size);
/* The whole row as one JSON object (as the json format writes it), without line end. NULL: out
 * of memory. */
SABOT_API const char *sabot_rows_json(sabot_rows *rows, int32_t row, size_t *out_size);

/* Gives every row to `row` until the end or until it returns false (the job is then cancelled).
 * cells[i] is NULL for SQL NULL. */
typedef bool (*sabot_row_callback)(void *ctx, sabot_op op, const char *const *cells, int32_t count);
SABOT_API sabot_status sabot_result_each(sabot_result *result, sabot_row_callback row, void *ctx,
                                         sabot_error **error);

/* ---- jobs
 * -------------------------------------------------------------------------------------------------
 */

typedef enum sabot_job_state {
    SABOT_JOB_CREATED = 0,
    SABOT_JOB_RUNNING = 1,
    SABOT_JOB_RESTARTING = 2,
    SABOT_JOB_FINISHED = 3,
    SABOT_JOB_STOPPED = 4,
    SABOT_JOB_CANCELLED = 5,
    SABOT_JOB_FAILED = 6
} sabot_job_state;

SABOT_API const char *sabot_job_state_name(sabot_job_state state);

/* Takes the state directory's lock and finds the checkpoint to resume from, or says why it cannot
 * (SABOT_CONFLICT with the difference, if the directory is another query's). Optional: start, run
 * and step do it first. One thread. */
SABOT_API sabot_status sabot_job_open(sabot_job *job, sabot_error **error);
/* Starts it on threads of its own. A QUERY starts with its first read. One thread. */
SABOT_API sabot_status sabot_job_start(sabot_job *job, sabot_error **error);
/* Waits for the end, at most timeout_ms (-1: without limit): SABOT_TIMEOUT (without error object)
 * when it still runs. SABOT_OK: finished, stopped or cancelled. Else what it failed with. One
 * thread. */
SABOT_API sabot_status sabot_job_wait(sabot_job *job, int64_t timeout_ms, sabot_error **error);
SABOT_API sabot_status sabot_job_run(sabot_job *job, sabot_error **error); /* start and wait */

typedef struct sabot_progress {
    bool ended;    /* nothing will happen any more */
    bool progress; /* something was done: step again at once */
    /* without progress: step again at this time; INT64_MAX: only when something outside has
     * changed */
    int64_t wake_ms;
} sabot_progress;

/* Host-driven: one bounded piece of work on the calling thread, with the caller's clock (ms since
 * the epoch, never going back). The engine must have been opened with `engine.threads` = 'none'.
 * Rows of a QUERY are then taken with sabot_result_fetch(result, 0, ...). One thread. */
SABOT_API sabot_status sabot_job_step(sabot_job *job, int64_t now_ms, sabot_progress *out,
                                      sabot_error **error);

/* a last checkpoint, then the end; drain: fires all windows first */
SABOT_API void sabot_job_stop(sabot_job *job, bool drain);
SABOT_API void sabot_job_cancel(sabot_job *job); /* ends at once */
/* takes one now, if the job has a state directory */
SABOT_API void sabot_job_checkpoint(sabot_job *job);

/* struct_size: set it to sizeof(sabot_job_info) before the call; fields a library does not know
 * are untouched. */
typedef struct sabot_job_info {
    size_t struct_size;
    sabot_job_state state;
    int32_t restarts;
    bool restored; /* it began with a checkpoint */
    uint64_t restored_from;
    uint64_t last_checkpoint; /* newest complete one; 0: none */
    int64_t checkpoints, checkpoints_failed;
    int64_t last_checkpoint_ms, last_checkpoint_bytes;
    int64_t source_rows, sink_rows;
    int64_t net_rows;     /* checksum sinks: inserts minus deletes */
    uint64_t checksum;    /* checksum sinks: sum of row hashes */
    int64_t watermark_ms; /* lowest at the sinks; INT64_MIN: none */
    int64_t state_bytes;
    int64_t late_rows, bad_records;
    int64_t memory_bytes, memory_peak_bytes;
    bool has_state; /* checkpoints are taken: it can be resumed */
    /* files: what has been read, and how long those are together that were found; 0, 0: none */
    int64_t bytes_read, bytes_found;
    /* topics: records that are there and were not read yet, as far as it is known; 0 else */
    int64_t pending_records;
} sabot_job_info;

SABOT_API void sabot_job_get_info(sabot_job *job, sabot_job_info *out);
/* Metrics of each operator as a JSON array. Freed with sabot_string_free. NULL: out of memory. */
SABOT_API char *sabot_job_metrics(sabot_job *job);
/* The plan as EXPLAIN prints it. Freed with sabot_string_free. NULL: out of memory. */
SABOT_API char *sabot_job_plan(sabot_job *job, sabot_explain_format format);
/* Lines about restarts, checkpoints, restore: level 0 debug, 1 info, 2 warning, 3 error. Set before
 * the job starts. May be called from several threads at a time. */
SABOT_API void sabot_job_set_log(sabot_job *job,
                                 void (*log)(void *ctx, int level, const char *line), void *ctx);

/* ---- topics of Apache Kafka
 * --------------------------------------------------------------------------------------
 */

/* Looking into topics, without tables. properties are those of a table
 * ("properties.bootstrap.servers"; the prefix may be left out); brokers that they do not name are
 * those of the option sabot.kafka.bootstrap.servers. The engine's thread; calls wait for the
 * cluster. */

/* Topics and how many partitions they have, sorted, as a result of kind TABLE; internal ones are
 * left out. */
SABOT_API sabot_status sabot_topics(sabot_engine *engine, const sabot_option *properties,
                                    size_t count, sabot_result **out, sabot_error **error);

typedef struct sabot_topic sabot_topic;

/* Reads all partitions, from the first record or from now on. SABOT_NOT_FOUND: the hint tells which
 * topics there are. The engine must outlive it. */
SABOT_API sabot_status sabot_topic_open(sabot_engine *engine, const char *name,
                                        const sabot_option *properties, size_t count,
                                        bool from_beginning, sabot_topic **out,
                                        sabot_error **error);
SABOT_API void sabot_topic_close(sabot_topic *topic); /* NULL is fine */

typedef struct sabot_record {
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms; /* INT64_MIN: it has none */
    /* in one line, as what they were guessed to be; "null": there is none */
    const char *key, *value;
    /* what they were guessed to be: "json", "text", "number", "null" ...; of all records that came
     * together with this one */
    const char *key_formats, *value_formats;
} sabot_record;

/* The next record, valid until the next call. SABOT_TIMEOUT (without error object): none came
 * within timeout_ms. */
SABOT_API sabot_status sabot_topic_next(sabot_topic *topic, int64_t timeout_ms,
                                        const sabot_record **out, sabot_error **error);

/* ---- help for editors
 * -------------------------------------------------------------------------------------------
 */

/* Does the text end with a ';' that is outside of quotes and comments (in BEGIN .. END: behind the
 * END)? Then a shell can execute it. Any thread. */
SABOT_API bool sabot_is_complete(const char *text, size_t size);

typedef enum sabot_token {
    SABOT_TOKEN_KEYWORD = 0,
    SABOT_TOKEN_NAME = 1,
    SABOT_TOKEN_QUOTED_NAME = 2,
    SABOT_TOKEN_STRING = 3,
    SABOT_TOKEN_NUMBER = 4,
    SABOT_TOKEN_COMMENT = 5,
    SABOT_TOKEN_SYMBOL = 6,
    SABOT_TOKEN_BAD = 7 /* what no statement can hold, or quotes that are not closed */
} sabot_token;

/* The token that begins at text[*at] or behind it: [*out_begin, *at). False: there is none. Any
 * text will do. Any thread. */
SABOT_API bool sabot_next_token(const char *text, size_t size, size_t *at, size_t *out_begin,
                                sabot_token *out_token);

/* Gives words that could replace text[*out_begin, cursor): names of tables and columns, functions,
 * keywords, option keys. In no order; some twice. */
SABOT_API void sabot_complete(sabot_engine *engine, const char *text, size_t size, size_t cursor,
                              size_t *out_begin, void (*word)(void *ctx, const char *word),
                              void *ctx);

/* ---- state directories
 * ------------------------------------------------------------------------------------------ */

/* What a state directory holds: checkpoints, operators, tables, positions. Text for people, or
 * JSON. Freed with sabot_string_free. */
SABOT_API sabot_status sabot_inspect(const char *directory, bool json, char **out,
                                     sabot_error **error);

#ifdef __cplusplus
}
#endif

#endif
