/*
 * engine/info.c -- what the planner asks about connectors and formats, answered from the registry.
 *
 * DESIGN     Connectors of the registry check their options; those of the engine itself ('arrow',
 *            'process') are checked here.
 * THREADS    The session's thread.
 */
#include <stdio.h>
#include <string.h>

#include "engine/engine_priv.h"
#include "registry/registry.h"

/* A table whose rows come from a process function: replaced before the plan runs
 * (process_table.c). */
static const sb_option_spec process_options[] = {
    {"function", "string", NULL, "registered name of the process function"},
    {"input", "string", NULL, "a query, or the name of a table"},
    {"partition-by", "string", NULL, "key columns of the input, separated by commas"},
    {"side", "string", NULL, "tag of the side output that this table shows"},
    {NULL, NULL, NULL, NULL},
};
static const sb_connector connector_process = {.name = "process", .options = process_options};

const sb_connector *
sb_engine_connector(const char *name)
{
    return strcmp(name, sb_connector_arrow.name) == 0 ? &sb_connector_arrow
                                                      : sb_registry_connector(name);
}

static const sb_connector *
find_connector(const char *name)
{
    return strcmp(name, connector_process.name) == 0 ? &connector_process
                                                     : sb_engine_connector(name);
}

static void
suggest(sb_str name, const char *candidate, const char **best, int *distance)
{
    int d = sb_str_distance(name, sb_str_of(candidate), *distance - 1);
    if (d < *distance) {
        *distance = d;
        *best = candidate;
    }
}

static sb_status
unknown_connector(const sb_table_desc *table, sb_error *err)
{
    char names[400] = "arrow, process";
    const char *best = NULL;
    int distance = 4;
    const sb_connector *one;
    for (int32_t i = 0; (one = sb_registry_connector_at(i)) != NULL; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, ", %s", one->name);
        suggest(sb_str_of(table->connector), one->name, &best, &distance);
    }
    sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                 "unknown connector '%s' of table \"%s\"", table->connector, table->name);
    if (best) {
        sb_error_hint(err, "did you mean '%s'? connectors: %s", best, names);
    } else {
        sb_error_hint(err, "connectors: %s", names);
    }
    return SB_STATUS_NOT_FOUND;
}

static bool
key_of_connector(const sb_connector *connector, const char *key, const char **best, int *distance)
{
    if (strcmp(key, "connector") == 0) {
        return true;
    }
    for (const sb_option_spec *spec = connector->options; spec && spec->key; spec++) {
        if (strcmp(spec->key, key) == 0) {
            return true;
        }
        suggest(sb_str_of(key), spec->key, best, distance);
    }
    return false;
}

/* The engine's own connectors have few options; those of the registry check theirs. */
static sb_status
check_options(const sb_connector *connector, const sb_table_desc *table, sb_error *err)
{
    for (int32_t i = 0; i < table->options.count; i++) {
        const sb_option *option = &table->options.at[i];
        const char *best = NULL;
        int distance = 6;
        if (key_of_connector(connector, option->key, &best, &distance)) {
            continue;
        }
        sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                     "unknown option '%s' of connector '%s' (table \"%s\")", option->key,
                     connector->name, table->name);
        if (best) {
            sb_error_hint(err, "did you mean '%s'?", best);
        }
        if (option->position >= 0) {
            sb_error_at(err, option->position, option->position + (int32_t)strlen(option->key) + 2);
        }
        return SB_STATUS_INVALID;
    }
    return SB_OK;
}

static sb_status
find_checked(const sb_table_desc *table, const sb_connector **out, sb_error *err)
{
    const sb_connector *connector = find_connector(table->connector);
    if (!connector) {
        return unknown_connector(table, err);
    }
    if (connector == &connector_process || connector == &sb_connector_arrow) {
        SB_TRY(check_options(connector, table, err), err);
    }
    *out = connector;
    return SB_OK;
}

static sb_status
source_info(void *ctx, const sb_table_desc *table, sb_source_info *out, sb_error *err)
{
    const sb_connector *connector;
    sb_source_facts facts = {.row_ops = SB_ROWS_INSERT};
    SB_TRY(find_checked(table, &connector, err), err);
    *out = (sb_source_info){.row_ops = SB_ROWS_INSERT, .bounded = true};
    if (connector == &connector_process) {
        return sb_process_table_check(ctx, table, err);
    }
    if (!connector->source) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "table \"%s\" cannot be read: connector '%s' is a sink only", table->name,
                connector->name);
    }
    SB_TRY(connector->source_facts(table, &facts, err), err);
    out->row_ops = facts.row_ops;
    out->delete_by_key = facts.delete_by_key;
    out->bounded = facts.bounded;
    out->supports_projection = true;
    return SB_OK;
}

static sb_status
sink_info(void *ctx, const sb_table_desc *table, sb_sink_info *out, sb_error *err)
{
    (void)ctx;
    const sb_connector *connector;
    sb_sink_facts facts = {.row_ops = SB_ROWS_INSERT};
    SB_TRY(find_checked(table, &connector, err), err);
    if (!connector->sink) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "table \"%s\" cannot be written: connector '%s' is a source only", table->name,
                connector->name);
    }
    SB_TRY(connector->sink_facts(table, &facts, err), err);
    *out = (sb_sink_info){
        .accepts = facts.row_ops, .upsert = facts.upsert, .needs_metadata = facts.needs_metadata};
    out->no_before = !facts.upsert && facts.row_ops == SB_ROWS_UPSERT;
    return SB_OK;
}

static sb_status
metadata(void *ctx, const sb_table_desc *table, const char *key, bool for_sink, sb_type *out,
         sb_error *err)
{
    (void)ctx;
    const sb_connector *connector;
    SB_TRY(find_checked(table, &connector, err), err);
    if (!connector->metadata) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "connector '%s' has no %smetadata '%s'", connector->name,
                for_sink ? "writable " : "", key);
    }
    return connector->metadata(table, key, for_sink, out, err);
}

static sb_status
file_table(void *ctx, const char *path, sb_arena *arena, const char **out_sql, sb_error *err)
{
    sabot_engine *engine = ctx;
    sb_text text;
    const char *file = path;
    sb_text_init(&text, engine->mem);
    sb_status status = strcmp(path, "-") == 0 ? sb_engine_spool(engine, &file, err) : SB_OK;
    if (status == SB_OK) {
        status = sb_engine_infer(engine, file, path, (sb_infer_properties){0}, SB_INFER_FROM, &text,
                                 err);
    }
    if (status == SB_OK) {
        *out_sql = sb_arena_strdup(arena, text.data);
        status = *out_sql ? SB_OK
                          : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    sb_text_deinit(&text);
    return status;
}

sb_connector_info
sb_engine_info(sabot_engine *engine)
{
    return (sb_connector_info){.ctx = engine,
                               .source_info = source_info,
                               .sink_info = sink_info,
                               .metadata = metadata,
                               .file_table = file_table,
                               .catalog_open = sb_engine_catalog_open,
                               .functions = engine->users.library};
}
