/*
 * engine/engine_priv.h -- the structures behind the public handles.
 *
 * DESIGN     engine > script > result > job. A job (and what its rows need) is counted by
 *            reference: a result and an Arrow stream may both hold it. Everything of a job is
 *            charged to the job's budget, below the engine's.
 * THREADS    One thread per engine, but for jobs (see sabot/sabot.h).
 */
#ifndef SB_ENGINE_ENGINE_PRIV_H
#define SB_ENGINE_ENGINE_PRIV_H

#include <stdatomic.h>

#include "engine/options.h"
#include "flow/user.h"
#include "formats/format.h"
#include "sabot/sabot.h"
#include "sql/sql.h"

typedef struct sb_process_entry { /* a registered process function */
    sb_user_process user;
    sb_arena *arena;             /* owns names and schemas */
    void (*release)(void *user); /* NULL: nothing to do */
    struct sb_process_entry *next;
} sb_process_entry;

struct sabot_engine {
    sb_mem *mem;
    sb_os *os;
    sb_sql_session *session;
    sb_user_functions users;
    sb_process_entry *functions;
    sb_factories factories;
    int32_t count_jobs; /* jobs planned so far: place of each in the state directory */
    sb_text text;       /* answer of sabot_engine_get */
    char *spool_root;   /* folder of `spool`; NULL: none */
    char *spool;        /* file with what came on standard input; NULL: nobody has asked */
    int planning_depth; /* nested inputs of process tables */
    struct sb_catalog_file *catalog_files; /* that are open */
    bool catalogs_held;                    /* changes of catalogs wait for sabot_catalogs_write */
};

struct sabot_script {
    sabot_engine *engine;
    sb_sql_script *script;
    char *name; /* NULL: none */
    size_t name_size;
};

/* Rows on their way from a job to who reads them. */
typedef struct sb_collect {
    sb_mem *mem;
    sb_mutex *mutex;
    sb_cond *cond;
    sb_batch **ring;
    int32_t capacity, first, count;
    bool refused; /* the job wants to know when there is room */
    bool closed;  /* nobody reads any more: rows are dropped */
} sb_collect;

struct sabot_job {
    _Atomic int32_t refs;
    sabot_engine *engine;
    sb_mem *mem;
    sb_plan *plan;
    sb_plan **inputs; /* plans of process inputs, grafted into `plan` */
    int32_t count_inputs;
    sb_engine_config config; /* strings are the job's own */
    char *state_folder;      /* NULL: no checkpoints */
    bool is_temporary;       /* state_folder goes with the job */
    char job_id[48];
    sb_factories factories;
    sb_store *store;
    sb_job *job; /* NULL: not opened yet */
    sb_os host;  /* engine.threads = none: the real one with the caller's clock */
    _Atomic int64_t host_us;
    bool clock_set; /* host_us is the caller's */
    bool has_collect;
    int64_t rows_left; /* of a query that ends with a LIMIT over rows as they come; -1: no limit */
    sb_collect collect;
    sb_thread *thread;
    sb_mutex *mutex; /* guards started, ended, status, error, early_* */
    sb_cond *cond;
    bool opened, started, ended, early_stop, early_drain, early_cancel;
    sb_status status;
    sb_error error;
    void (*log)(void *ctx, int level, const char *line);
    void *log_ctx;
    /* the script up to the last line of the statement it comes from; for errors. NULL: none */
    char *place_text, *place_name;
    size_t place_size; /* of place_text, without its zero */
    int32_t place_begin, place_end;
};

/* How the cells of a result become text: made once per result. */
typedef struct sb_row_text {
    sb_mem *mem;
    sb_arena *arena;
    const sb_schema *schema;
    char *zone;
    bool *by_cast; /* per column: CAST AS STRING; else sb_value_print (BYTES: hex) */
    sb_eval *eval; /* the casts, in order of their columns; NULL: none */
    int32_t count_casts;
    sb_encoder *encoder; /* json; NULL: not made yet */
    sb_format_table format;
} sb_row_text;

struct sabot_rows {
    sb_mem *mem;
    sb_batch *batch;
    sb_row_text *how; /* of the result */
    sb_text cells;    /* texts, zero-terminated, one after another */
    size_t *offsets;  /* of each cell, SIZE_MAX: NULL */
    size_t *sizes;
    int32_t count_rows, count_columns;
    sb_text json;
    size_t *json_ends; /* NULL: not made yet */
};

struct sabot_result {
    sabot_engine *engine;
    sb_mem *mem;
    sb_sql_result *sql; /* NULL: made by the engine (a message) */
    sabot_kind kind;
    const sb_schema *schema; /* of TABLE and QUERY */
    sb_text types;           /* column types, zero-terminated, one after another */
    sb_text message;
    bool is_bounded, is_insert_only;
    sb_row_text *how;       /* NULL: no rows were read as text yet */
    bool streamed;          /* rows were given to an Arrow stream */
    bool table_read;        /* the rows of a TABLE were fetched */
    sb_batch *table;        /* of a TABLE that is not of `sql` */
    sb_schema table_schema; /* ... and its columns */
    sb_field table_fields[2];
    sabot_job *job;
};

/* error.c */
/* Makes the public error from err (and the SQL text it points into) and returns its status. */
sabot_status sb_engine_fail(sabot_error **out, const sb_error *err, const char *name,
                            const char *text, size_t size);

/* The error of a job, at the statement that it comes from. */
sabot_status sb_engine_job_status(sabot_job *job, sabot_error **out, sb_status status,
                                  sb_error *err);
/* Keeps where in a script the job stands. */
sb_status sb_engine_job_place(sabot_job *job, const sabot_script *script, int32_t index,
                              sb_error *err);
/* `next` stands behind `error`, which is the last of its list and takes it over. */
void sb_engine_chain(sabot_error *error, sabot_error *next);

static inline sabot_status
sb_engine_status(sabot_error **out, sb_status status, const sb_error *err)
{
    return status == SB_OK ? SABOT_OK : sb_engine_fail(out, err, NULL, NULL, 0);
}

/* info.c: what the planner asks about connectors; ctx is the engine. */
sb_connector_info sb_engine_info(sabot_engine *engine);
const sb_connector *sb_engine_connector(const char *name); /* registry's and the engine's own */

/* infer.c: what a file would be as a table. */
typedef enum sb_infer_form {
    SB_INFER_SQL,  /* CREATE TABLE for people */
    SB_INFER_JSON, /* for programs */
    SB_INFER_FROM  /* CREATE TABLE for FROM 'file': rows that do not fit say that it was guessed */
} sb_infer_form;

/* How a cluster is to be asked besides its brokers: names with or without "properties.". */
typedef struct sb_infer_properties {
    const sabot_option *at;
    size_t count;
} sb_infer_properties;

/* table NULL: a name made from the path. */
sb_status sb_engine_infer(sabot_engine *engine, const char *path, const char *table,
                          sb_infer_properties properties, sb_infer_form form, sb_text *out,
                          sb_error *err);
/* spool.c: all of standard input as a file. */
sb_status sb_engine_spool(sabot_engine *engine, const char **out_path, sb_error *err);
void sb_engine_spool_remove(sabot_engine *engine);
/* With ` around, or ', doubled inside. */
void sb_engine_quote(sb_text *out, const char *text, char quote);

/* catalog_file.c: a catalog in a file; ctx is the engine */
void sb_engine_catalogs_close(sabot_engine *engine);
sb_status sb_engine_catalog_open(void *ctx, const char *path, struct sb_catalog_store **out,
                                 sb_error *err);

/* arrow_source.c */
extern const sb_connector sb_connector_arrow;
/* Takes the stream over, also on failure; *out_id names it in the table's options; the schema
 * lives as long as it is there. */
sb_status sb_arrow_source_add(sb_mem *mem, struct ArrowArrayStream *stream, uint64_t *out_id,
                              const sb_schema **out_schema, sb_error *err);
void sb_arrow_source_remove(uint64_t id);
void sb_arrow_source_remove_all(sb_mem *mem); /* those that were added with this budget */

/* process_register.c */
sb_status sb_engine_columns(sabot_engine *engine, const char *columns, sb_arena *arena,
                            const sb_schema **out, sb_error *err);
const sb_process_entry *sb_engine_process(const sabot_engine *engine, const char *name);
void sb_engine_release_processes(sabot_engine *engine);
/* process_table.c */
sb_status sb_process_table_check(sabot_engine *engine, const sb_table_desc *table, sb_error *err);

typedef struct sb_grafts { /* plans whose nodes have become part of another */
    sb_plan **plans;
    int32_t count;
    bool all_bounded;
} sb_grafts;

/* Puts the inputs of process tables in place of their scans. */
sb_status sb_process_graft(sabot_engine *engine, sb_plan *plan, sb_grafts *grafts, sb_error *err);
void sb_grafts_free(sb_grafts *grafts, sb_mem *mem);

/* collect.c */
sb_status sb_collect_init(sb_collect *collect, sb_mem *mem, int32_t capacity, sb_error *err);
void sb_collect_deinit(sb_collect *collect);
bool sb_collect_push(sb_collect *collect, sb_batch *batch);    /* false: full */
sb_batch *sb_collect_pop(sb_collect *collect, bool *out_wake); /* NULL: empty */
void sb_collect_close(sb_collect *collect);                    /* drops rows, now and later */

/* script.c: as sabot_script_execute; positions are those of the script's text */
sb_status sb_engine_execute(sabot_script *script, int32_t index, sabot_result **out, sb_error *err);

/* script.c: the types of result->schema as text */
sb_status sb_engine_print_types(sabot_result *result, sb_error *err);

/* explain.c */
void sb_engine_print_plan(const sb_plan *plan, sabot_explain_format format, sb_text *out);
/* promises.c: what each sink's results are after a failure, and the weakest link */
void sb_engine_print_promises(const sabot_engine *engine, const sb_plan *plan, sb_text *out);

/* job.c: takes plan and grafts over, also on failure. */
sb_status sb_engine_job_new(sabot_engine *engine, sb_plan *plan, sb_grafts *grafts, bool collects,
                            const sb_engine_config *config, sabot_job **out, sb_error *err);
sabot_job *sb_engine_job_ref(sabot_job *job);
void sb_engine_job_unref(sabot_job *job); /* the last one cancels and waits */
sb_status sb_engine_job_open(sabot_job *job, sb_error *err);
sb_status sb_engine_job_start(sabot_job *job, sb_error *err);
/* Next rows of a collecting job; *out NULL: the end. TIMEOUT: nothing yet (err untouched).
 * Starts the job. */
sb_status sb_engine_job_take(sabot_job *job, int64_t timeout_ms, sb_batch **out, sb_error *err);

/* state_dir.c */
/* Folder and id of the engine's n-th job below `root`; both are made on disk. */
sb_status sb_state_dir_prepare(sb_os *os, sb_mem *mem, const char *root, int32_t ordinal,
                               char **out_folder, char out_id[48], sb_error *err);
sb_status sb_state_dir_temporary(sb_os *os, sb_mem *mem, char **out_root, sb_error *err);
/* with all it holds; best effort */
void sb_state_dir_remove(sb_os *os, sb_mem *mem, const char *root);
void sb_state_dir_free(sb_mem *mem, char *folder);

/* rows.c */
sb_status sb_row_text_new(sb_mem *mem, const sb_schema *schema, const char *zone, sb_row_text **out,
                          sb_error *err);
sb_row_text *sb_row_text_free(sb_row_text *how); /* returns NULL; NULL is fine */
/* Takes the batch over, also on failure. */
sb_status sb_rows_new(sb_row_text *how, sb_batch *batch, sabot_rows **out, sb_error *err);

/* stream.c: takes a reference to the job; batch (for tables) is taken over. */
sb_status sb_stream_export(sb_mem *mem, sabot_job *job, sb_batch *batch, const sb_schema *schema,
                           bool with_op, struct ArrowArrayStream *out, sb_error *err);

/* Copies of strings on a budget. */
char *sb_engine_strdup(sb_mem *mem, const char *text); /* NULL in, NULL out */
void sb_engine_strfree(sb_mem *mem, char *text);
/* malloc'ed, for sabot_string_free; deinits text */
char *sb_engine_export_text(sb_text *text, sb_error *err);

#endif
