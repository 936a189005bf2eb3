/*
 * engine/process_register.c -- registering keyed process functions: checks, copies, types.
 *
 * DESIGN     Column lists and types are SQL text. They are read by the SQL front end itself: a
 *            table with these columns is declared in a session of its own and planned, and the
 *            plan's schema is taken.
 * THREADS    the engine's thread.
 */
#include <string.h>

#include "engine/engine_priv.h"

static sb_status
any_source(void *ctx, const sb_table_desc *table, sb_source_info *out, sb_error *err)
{
    (void)ctx;
    (void)table;
    (void)err;
    *out = (sb_source_info){.row_ops = SB_ROWS_INSERT, .bounded = true};
    return SB_OK;
}

static sb_status
any_sink(void *ctx, const sb_table_desc *table, sb_sink_info *out, sb_error *err)
{
    (void)ctx;
    (void)table;
    (void)err;
    *out = (sb_sink_info){.accepts = SB_ROWS_INSERT};
    return SB_OK;
}

static sb_status
no_metadata(void *ctx, const sb_table_desc *table, const char *key, bool for_sink, sb_type *out,
            sb_error *err)
{
    (void)ctx;
    (void)table;
    (void)for_sink;
    (void)out;
    SB_FAIL(err, SB_STATUS_NOT_FOUND, "no metadata '%s' here", key);
}

static sb_status
plan_columns(sb_sql_session *session, const sb_sql_script *script, sb_arena *arena,
             const sb_schema **out, sb_error *err)
{
    sb_schema *copy;
    for (int32_t i = 0; i < 2; i++) {
        sb_sql_result *result;
        SB_TRY(sb_sql_execute(session, script, i, &result, err), err);
        sb_status status = SB_OK;
        if (i == 1) {
            const sb_plan *plan = sb_sql_result_plan(result);
            status = sb_schema_copy(arena, plan->sinks[0]->inputs[0]->schema, &copy, err);
        }
        sb_sql_result_free(result);
        SB_TRY(status, err);
    }
    *out = copy;
    return SB_OK;
}

sb_status
sb_engine_columns(sabot_engine *engine, const char *columns, sb_arena *arena, const sb_schema **out,
                  sb_error *err)
{
    sb_connector_info info = {
        .source_info = any_source, .sink_info = any_sink, .metadata = no_metadata};
    sb_sql_session *session = NULL;
    sb_sql_script *script = NULL;
    sb_text text;
    sb_text_init(&text, engine->mem);
    sb_text_printf(&text, "CREATE TABLE t (%s) WITH ('connector' = 'columns'); SELECT * FROM t",
                   columns);
    sb_status status = sb_text_failed(&text)
                           ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                           : sb_sql_session_new(engine->mem, &info, &session, err);
    if (status == SB_OK) {
        status = sb_sql_parse(engine->mem, text.data, text.size, &script, err);
    }
    if (status == SB_OK && sb_sql_script_count(script) != 2) {
        status = sb_error_set(err, SB_STATUS_SYNTAX, __FILE__, __LINE__, "not a list of columns");
    }
    if (status == SB_OK) {
        status = plan_columns(session, script, arena, out, err);
    }
    sb_sql_script_free(script);
    sb_sql_session_free(session);
    sb_text_deinit(&text);
    if (status != SB_OK) {
        sb_error_prefix(err, "columns \"%s\"", columns);
        sb_error_at(err, -1, -1);
    }
    return status;
}

const sb_process_entry *
sb_engine_process(const sabot_engine *engine, const char *name)
{
    for (const sb_process_entry *entry = engine->functions; entry; entry = entry->next) {
        if (strcmp(entry->user.name, name) == 0) {
            return entry;
        }
    }
    return NULL;
}

void
sb_engine_release_processes(sabot_engine *engine)
{
    while (engine->functions) {
        sb_process_entry *entry = engine->functions;
        engine->functions = entry->next;
        if (entry->release) {
            entry->release(entry->user.user);
        }
        sb_arena_free(entry->arena);
        sb_free(engine->mem, entry, sizeof *entry);
    }
}

static sb_status
copy_states(sabot_engine *engine, const sabot_process_function *function, sb_process_entry *entry,
            sb_error *err)
{
    sb_user_state *states = SB_NEW_ARRAY(entry->arena, sb_user_state, function->count_states + 1);
    if (!states) {
        SB_NOMEM(err);
    }
    for (size_t i = 0; i < function->count_states; i++) {
        const sabot_state_declaration *from = &function->states[i];
        const sb_schema *types;
        if (!from->name || !from->value || from->ttl_ms < 0) {
            SB_FAIL(err, SB_STATUS_INVALID,
                    "state %zu needs a name, a value type and a time to live that is not negative",
                    i);
        }
        const char *columns =
            from->map_key
                ? sb_arena_printf(entry->arena, "`value` %s, `key` %s", from->value, from->map_key)
                : sb_arena_printf(entry->arena, "`value` %s", from->value);
        states[i].name = sb_arena_strdup(entry->arena, from->name);
        if (!columns || !states[i].name) {
            SB_NOMEM(err);
        }
        SB_TRY(sb_engine_columns(engine, columns, entry->arena, &types, err), err);
        states[i].is_map = from->map_key != NULL;
        states[i].ttl_ms = from->ttl_ms;
        for (int32_t t = 0; t < types->count; t++) {
            sb_phys phys = sb_type_phys(&types->fields[t].type);
            if (phys == SB_PHYS_LIST || phys == SB_PHYS_STRUCT) {
                SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                        "not supported: state \"%s\" of a nested type", from->name);
            }
        }
        states[i].value = types->fields[0].type;
        states[i].key = states[i].is_map ? types->fields[1].type : (sb_type){0};
    }
    entry->user.states = states;
    entry->user.count_states = (int32_t)function->count_states;
    return SB_OK;
}

static sb_status
copy_sides(sabot_engine *engine, const sabot_process_function *function, sb_process_entry *entry,
           sb_error *err)
{
    const char **tags = SB_NEW_ARRAY(entry->arena, const char *, function->count_sides + 1);
    const sb_schema **sides =
        SB_NEW_ARRAY(entry->arena, const sb_schema *, function->count_sides + 1);
    if (!tags || !sides) {
        SB_NOMEM(err);
    }
    for (size_t i = 0; i < function->count_sides; i++) {
        if (!function->sides[i].tag || !function->sides[i].columns) {
            SB_FAIL(err, SB_STATUS_INVALID, "side output %zu needs a tag and columns", i);
        }
        tags[i] = sb_arena_strdup(entry->arena, function->sides[i].tag);
        if (!tags[i]) {
            SB_NOMEM(err);
        }
        SB_TRY(sb_engine_columns(engine, function->sides[i].columns, entry->arena, &sides[i], err),
               err);
    }
    entry->user.side_tags = tags;
    entry->user.sides = sides;
    entry->user.count_sides = (int32_t)function->count_sides;
    return SB_OK;
}

static sb_status
check_flat(const sb_schema *schema, sb_error *err)
{
    for (int32_t i = 0; i < schema->count; i++) {
        sb_phys phys = sb_type_phys(&schema->fields[i].type);
        if (phys == SB_PHYS_LIST || phys == SB_PHYS_STRUCT) {
            SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                    "not supported: output column \"%s\" of a nested type", schema->fields[i].name);
        }
    }
    return SB_OK;
}

static sb_status
fill_entry(sabot_engine *engine, const sabot_process_function *function, sb_process_entry *entry,
           sb_error *err)
{
    sb_user_process *user = &entry->user;
    entry->arena = sb_arena_new(engine->mem);
    user->name = entry->arena ? sb_arena_strdup(entry->arena, function->name) : NULL;
    if (!user->name) {
        SB_NOMEM(err);
    }
    SB_TRY(sb_engine_columns(engine, function->columns, entry->arena, &user->output, err), err);
    SB_TRY(check_flat(user->output, err), err);
    SB_TRY(copy_sides(engine, function, entry, err), err);
    for (int32_t i = 0; i < user->count_sides; i++) {
        SB_TRY(check_flat(user->sides[i], err), err);
    }
    SB_TRY(copy_states(engine, function, entry, err), err);
    user->takes_changelog = function->takes_changelog;
    user->user = function->user;
    user->open = function->open;
    user->close = function->close;
    user->on_row = function->on_row;
    user->on_timer = function->on_timer;
    return SB_OK;
}

static sb_status
register_function(sabot_engine *engine, const sabot_process_function *given, sb_error *err)
{
    sabot_process_function function = {0};
    size_t least = offsetof(sabot_process_function, on_row) + sizeof given->on_row;
    if (given->struct_size < least) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "process function: struct_size %zu is smaller than the first version's",
                given->struct_size);
    }
    memcpy(&function, given,
           given->struct_size < sizeof function ? given->struct_size : sizeof function);
    if (!function.name || !*function.name || !function.columns || !function.on_row) {
        SB_FAIL(err, SB_STATUS_INVALID, "process function needs a name, columns and on_row");
    }
    if (function.count_sides > 16 || function.count_states > 64) {
        SB_FAIL(err, SB_STATUS_LIMIT,
                "process function '%s' has more than 16 side outputs or 64 states", function.name);
    }
    if (sb_engine_process(engine, function.name)) {
        SB_FAIL(err, SB_STATUS_EXISTS, "process function '%s' is registered already",
                function.name);
    }
    sb_process_entry *entry = sb_alloc_zero(engine->mem, sizeof *entry);
    if (!entry) {
        SB_NOMEM(err);
    }
    sb_status status = fill_entry(engine, &function, entry, err);
    if (status != SB_OK) {
        sb_error_prefix(err, "process function '%s'", function.name);
        sb_arena_free(entry->arena);
        sb_free(engine->mem, entry, sizeof *entry);
        return status;
    }
    entry->release = function.release;
    entry->next = engine->functions;
    engine->functions = entry;
    return SB_OK;
}

sabot_status
sabot_register_function(sabot_engine *engine, const char *name, const sabot_function *function,
                        sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    return sb_engine_status(error, sb_sql_session_register(engine->session, name, function, &err),
                            &err);
}

sabot_status
sabot_register_process(sabot_engine *engine, const sabot_process_function *function,
                       sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    return sb_engine_status(error, register_function(engine, function, &err), &err);
}
