/*
 * engine/engine.c -- opening and closing an engine, its options, tables from Arrow streams.
 *
 * THREADS    one thread per engine.
 */
#include <string.h>

#include "base/quantity.h"
#include "columnar/arrow.h"
#include "engine/engine_priv.h"
#include "registry/registry.h"
#include "sql/config.h"

static const sb_user_process *
find_process(const sb_user_functions *self, const char *name)
{
    const sabot_engine *engine =
        (const sabot_engine *)(const void *)((const char *)self - offsetof(sabot_engine, users));
    const sb_process_entry *entry = sb_engine_process(engine, name);
    return entry ? &entry->user : NULL;
}

static sabot_engine *
new_engine(void)
{
    sb_mem *mem = sb_mem_new(NULL, "engine", 0);
    sabot_engine *engine = mem ? sb_alloc_zero(mem, sizeof *engine) : NULL;
    if (!engine) {
        sb_mem_unref(mem);
        return NULL;
    }
    engine->mem = mem;
    engine->os = sb_os_real();
    engine->users.process = find_process;
    engine->users.library = sb_udf_library_new(mem);
    if (!engine->users.library) {
        sb_free(mem, engine, sizeof *engine);
        sb_mem_unref(mem);
        return NULL;
    }
    engine->factories = (sb_factories){
        .op = sb_registry_op, .connector = sb_engine_connector, .users = &engine->users};
    sb_text_init(&engine->text, mem);
    return engine;
}

sabot_status
sabot_engine_open(const sabot_option *options, size_t count, sabot_engine **out,
                  sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    sb_mem_setup();
    sabot_engine *engine = new_engine();
    if (!engine) {
        return sb_engine_status(
            error, sb_error_set(&err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory"), &err);
    }
    sb_connector_info info = sb_engine_info(engine);
    sb_status opened = sb_sql_session_new(engine->mem, &info, &engine->session, &err);
    sabot_status status = sb_engine_status(error, opened, &err);
    for (size_t i = 0; i < count && status == SABOT_OK; i++) {
        status = sabot_engine_set(engine, options[i].key, options[i].value, error);
    }
    if (status != SABOT_OK) {
        sabot_engine_close(engine);
        return status;
    }
    *out = engine;
    return SABOT_OK;
}

void
sabot_engine_close(sabot_engine *engine)
{
    if (!engine) {
        return;
    }
    sb_mem *mem = engine->mem;
    sb_sql_session_free(engine->session);
    sb_engine_catalogs_close(engine);
    sb_engine_release_processes(engine);
    sb_udf_library_free(engine->users.library);
    sb_engine_spool_remove(engine);
    sb_arrow_source_remove_all(mem);
    sb_text_deinit(&engine->text);
    sb_free(mem, engine, sizeof *engine);
    sb_mem_unref(mem);
}

sabot_status
sabot_engine_set(sabot_engine *engine, const char *key, const char *value, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    sb_status status = sb_sql_session_set(engine->session, key, value, &err);
    int64_t prefault = 0;
    if (status == SB_OK && strcmp(key, "memory.prefault") == 0 &&
        sb_parse_memory(value, &prefault) && !sb_blocks_prefault(prefault)) {
        status = sb_error_set(&err, SB_STATUS_NOMEM, __FILE__, __LINE__,
                              "memory.prefault: the system does not have %s", value);
    }
    return sb_engine_status(error, status, &err);
}

const char *
sabot_engine_get(sabot_engine *engine, const char *key)
{
    return sb_sql_session_get(engine->session, key);
}

bool
sabot_engine_knows(sabot_engine *engine, const char *key)
{
    const char *nearest;
    (void)engine;
    return sb_config_known(key, &nearest);
}

void
sb_engine_quote(sb_text *out, const char *text, char quote)
{
    sb_text_char(out, quote);
    for (; *text; text++) {
        if (*text == quote) {
            sb_text_char(out, quote);
        }
        sb_text_char(out, *text);
    }
    sb_text_char(out, quote);
}

static void
arrow_ddl(sb_text *out, const char *table, const sb_schema *schema, const char *extra, uint64_t id)
{
    sb_text_add(out, "CREATE TABLE ");
    sb_engine_quote(out, table, '`');
    sb_text_add(out, " (");
    for (int32_t i = 0; i < schema->count; i++) {
        sb_text_add(out, i > 0 ? ", " : "");
        sb_engine_quote(out, schema->fields[i].name, '`');
        sb_text_char(out, ' ');
        sb_type_print(&schema->fields[i].type, out);
    }
    if (extra && *extra) {
        sb_text_printf(out, ", %s", extra);
    }
    sb_text_printf(out, ") WITH ('connector' = 'arrow', 'stream' = '%llu')",
                   (unsigned long long)id);
}

static sabot_status
run_ddl(sabot_engine *engine, const sb_text *ddl, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    if (sb_text_failed(ddl)) {
        return sb_engine_status(
            error, sb_error_set(&err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory"), &err);
    }
    return sabot_execute(engine, ddl->data, NULL, error);
}

sabot_status
sabot_register_stream(sabot_engine *engine, const char *table, struct ArrowArrayStream *stream,
                      const char *extra, sabot_error **error)
{
    sb_error err;
    uint64_t id;
    const sb_schema *schema;
    sb_error_clear(&err);
    sb_status status = sb_arrow_source_add(engine->mem, stream, &id, &schema, &err);
    if (status != SB_OK) {
        return sb_engine_status(error, status, &err);
    }
    sb_text ddl;
    sb_text_init(&ddl, engine->mem);
    arrow_ddl(&ddl, table, schema, extra, id);
    sabot_status done = run_ddl(engine, &ddl, error);
    sb_text_deinit(&ddl);
    if (done != SABOT_OK) {
        sb_arrow_source_remove(id);
    }
    return done;
}

/* A table of the connector 'process'; tag NULL: the main output. */
typedef struct process_ddl {
    const char *table, *tag, *function, *input;
    const char *const *keys;
    size_t count_keys;
    const sb_schema *columns;
} process_ddl;

static void
process_table_ddl(sb_text *out, sb_mem *mem, const process_ddl *what)
{
    sb_text name;
    sb_text_init(&name, mem);
    sb_text_add(&name, what->table);
    if (what->tag) {
        sb_text_printf(&name, "$%s", what->tag);
    }
    sb_text_add(out, "CREATE TABLE ");
    sb_engine_quote(out, name.data, '`');
    sb_text_add(out, " (");
    for (int32_t i = 0; i < what->columns->count; i++) {
        sb_text_add(out, i > 0 ? ", " : "");
        sb_engine_quote(out, what->columns->fields[i].name, '`');
        sb_text_char(out, ' ');
        sb_type_print(&what->columns->fields[i].type, out);
    }
    sb_text_add(out, ") WITH ('connector' = 'process', 'function' = ");
    sb_engine_quote(out, what->function, '\'');
    sb_text_add(out, ", 'input' = ");
    sb_engine_quote(out, what->input, '\'');
    sb_text_clear(&name);
    for (size_t i = 0; i < what->count_keys; i++) {
        sb_text_printf(&name, "%s%s", i > 0 ? "," : "", what->keys[i]);
    }
    sb_text_add(out, ", 'partition-by' = ");
    sb_engine_quote(out, name.data, '\'');
    if (what->tag) {
        sb_text_add(out, ", 'side' = ");
        sb_engine_quote(out, what->tag, '\'');
    }
    sb_text_add(out, ")");
    sb_text_deinit(&name);
}

sabot_status
sabot_process_table(sabot_engine *engine, const char *table, const char *function,
                    const char *input, const char *const *keys, size_t count_keys,
                    sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    const sb_process_entry *entry = sb_engine_process(engine, function);
    if (!entry) {
        sb_error_set(&err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                     "process function '%s' is not registered", function);
        return sb_engine_status(error, err.status, &err);
    }
    const sb_user_process *user = &entry->user;
    sabot_status status = SABOT_OK;
    for (int32_t i = -1; i < user->count_sides && status == SABOT_OK; i++) {
        process_ddl what = {.table = table,
                            .function = function,
                            .input = input,
                            .keys = keys,
                            .count_keys = count_keys,
                            .columns = i < 0 ? user->output : user->sides[i],
                            .tag = i < 0 ? NULL : user->side_tags[i]};
        sb_text ddl;
        sb_text_init(&ddl, engine->mem);
        process_table_ddl(&ddl, engine->mem, &what);
        status = run_ddl(engine, &ddl, error);
        sb_text_deinit(&ddl);
    }
    return status;
}
