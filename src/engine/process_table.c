/*
 * engine/process_table.c -- tables of the connector 'process': their scans are replaced by the
 * function over its input's plan.
 *
 * DESIGN     The planner sees a table with the function's output columns. Afterwards every scan of
 *            it is taken out of the plan; the input query is planned, its nodes (without the
 *            collecting sink) come in, then a KeyedProcess node on an exchange by the key. Scans
 *            with the same function, input and keys share one node, so that a table and its side
 *            outputs come from one instance. Node ids of the input are mixed with a hash of
 *            function, input and keys: stable, and apart from the query's own.
 * OWNERSHIP  Nodes of an input stay in its plan's arena; the job frees the plans together.
 * THREADS    the engine's thread.
 */
#include <string.h>

#include "base/hash.h"
#include "engine/engine_priv.h"

enum { MAX_DEPTH = 16, MAX_INPUTS = 64 };

typedef struct process_use { /* one KeyedProcess node to be shared */
    const char *function, *input, *keys;
    sb_plan_node *node;
} process_use;

typedef struct graft {
    sabot_engine *engine;
    sb_plan *plan; /* the outer one: its arena takes what is made here */
    sb_grafts *grafts;
    process_use uses[MAX_INPUTS];
    int32_t count_uses;
    sb_plan_node **nodes; /* the new list */
    int32_t count_nodes, capacity_nodes;
} graft;

static const char *
option(const sb_table_desc *table, const char *key)
{
    return sb_options_get(&table->options, key);
}

static bool
is_process_scan(const sb_plan_node *node)
{
    const sb_source_node *body = node->body;
    return node->kind == SB_NODE_SOURCE && strcmp(body->table->connector, "process") == 0;
}

static int32_t
find_side(const sb_user_process *user, const char *tag)
{
    for (int32_t i = 0; i < user->count_sides; i++) {
        if (strcmp(user->side_tags[i], tag) == 0) {
            return i;
        }
    }
    return -1;
}

sb_status
sb_process_table_check(sabot_engine *engine, const sb_table_desc *table, sb_error *err)
{
    const char *name = option(table, "function"), *tag = option(table, "side");
    if (!name || !option(table, "input")) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "table \"%s\": connector 'process' needs the options 'function' and 'input'",
                table->name);
    }
    const sb_process_entry *entry = sb_engine_process(engine, name);
    if (!entry) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "table \"%s\": process function '%s' is not registered",
                table->name, name);
    }
    int32_t side = tag ? find_side(&entry->user, tag) : -1;
    if (tag && side < 0) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND,
                "table \"%s\": process function '%s' has no side output '%s'", table->name, name,
                tag);
    }
    const sb_schema *wanted = side < 0 ? entry->user.output : entry->user.sides[side];
    bool same = wanted->count == table->columns->count;
    for (int32_t i = 0; same && i < wanted->count; i++) {
        same = strcmp(wanted->fields[i].name, table->columns->fields[i].name) == 0 &&
               sb_type_same_ignoring_null(&wanted->fields[i].type, &table->columns->fields[i].type);
    }
    if (!same) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "table \"%s\" has other columns than process function '%s' gives", table->name,
                name);
    }
    return SB_OK;
}

static bool
is_name(const char *text)
{
    for (const char *at = text; *at; at++) {
        bool letter =
            (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_' || *at == '$';
        if (!letter && !(at > text && *at >= '0' && *at <= '9')) {
            return false;
        }
    }
    return *text != '\0';
}

static sb_status
execute_input(sabot_engine *engine, const sb_sql_script *script, sb_plan **out, bool *out_bounded,
              sb_error *err)
{
    sb_sql_result *result;
    SB_TRY(sb_sql_execute(engine->session, script, 0, &result, err), err);
    sb_status status = SB_OK;
    if (sb_sql_result_get_kind(result) != SB_SQL_RESULT_PLAN ||
        sb_sql_result_plan_kind(result) != SB_SQL_PLAN_SELECT) {
        status = sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__, "it is no query");
    } else {
        *out_bounded = sb_sql_result_is_bounded(result);
        *out = sb_sql_result_take_plan(result);
    }
    sb_sql_result_free(result);
    return status;
}

/* Plans the input query; the plan joins the grafts. */
static sb_status
plan_input(graft *g, const char *input, sb_plan **out, sb_error *err)
{
    sabot_engine *engine = g->engine;
    sb_sql_script *script = NULL;
    sb_text text;
    bool bounded = true;
    if (g->grafts->count == MAX_INPUTS) {
        SB_FAIL(err, SB_STATUS_LIMIT, "more than %d process inputs in a statement", MAX_INPUTS);
    }
    sb_text_init(&text, engine->mem);
    if (is_name(input)) {
        sb_text_printf(&text, "SELECT * FROM `%s`", input);
    } else {
        sb_text_add(&text, input);
    }
    sb_plan *plan = NULL;
    sb_status status = sb_sql_parse(engine->mem, text.data, text.size, &script, err);
    if (status == SB_OK && sb_sql_script_count(script) != 1) {
        status = sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__, "it is not one query");
    }
    if (status == SB_OK) {
        status = execute_input(engine, script, &plan, &bounded, err);
    }
    sb_sql_script_free(script);
    sb_text_deinit(&text);
    if (status != SB_OK) {
        sb_error_prefix(err, "input of a process function");
        sb_error_at(err, -1, -1);
        sb_sql_session_forget_errors(engine->session); /* their places are not the statement's */
        return status;
    }
    sb_grafts *grafts = g->grafts;
    sb_plan **more = sb_realloc(engine->mem, grafts->plans, sizeof *more * (size_t)grafts->count,
                                sizeof *more * (size_t)(grafts->count + 1));
    if (!more) {
        sb_plan_free(plan);
        SB_NOMEM(err);
    }
    grafts->plans = more;
    grafts->plans[grafts->count++] = plan;
    grafts->all_bounded = grafts->all_bounded && bounded;
    *out = plan;
    return SB_OK;
}

static sb_status
add_node(graft *g, sb_plan_node *node, sb_error *err)
{
    if (g->count_nodes == g->capacity_nodes) {
        int32_t capacity = g->capacity_nodes ? 2 * g->capacity_nodes : 32;
        sb_plan_node **nodes = SB_NEW_ARRAY(g->plan->arena, sb_plan_node *, capacity);
        if (!nodes) {
            SB_NOMEM(err);
        }
        if (g->count_nodes > 0) {
            memcpy(nodes, g->nodes, sizeof *nodes * (size_t)g->count_nodes);
        }
        g->nodes = nodes;
        g->capacity_nodes = capacity;
    }
    g->nodes[g->count_nodes++] = node;
    return SB_OK;
}

static bool
id_is_taken(const graft *g, uint32_t id)
{
    for (int32_t i = 0; i < g->plan->count_nodes; i++) {
        if (g->plan->nodes[i]->node_id == id) {
            return true;
        }
    }
    for (int32_t i = 0; i < g->count_nodes; i++) {
        if (g->nodes[i]->node_id == id) {
            return true;
        }
    }
    return false;
}

static uint32_t
new_id(const graft *g, uint64_t use_hash, uint32_t id)
{
    uint32_t mixed = (uint32_t)sb_hash_combine(use_hash, id) | 0x40000000u;
    while (id_is_taken(g, mixed)) {
        mixed++;
    }
    return mixed;
}

/* "a, b" -> columns of the input. */
static sb_status
find_keys(graft *g, const char *keys, const sb_schema *schema, sb_columns *out, sb_error *err)
{
    int32_t *at = SB_NEW_ARRAY(g->plan->arena, int32_t, strlen(keys) + 1);
    int32_t count = 0;
    if (!at) {
        SB_NOMEM(err);
    }
    for (const char *from = keys; *from;) {
        size_t size = strcspn(from, ",");
        sb_str name = {from, size};
        while (name.size > 0 && name.data[0] == ' ') {
            name = (sb_str){name.data + 1, name.size - 1};
        }
        while (name.size > 0 && name.data[name.size - 1] == ' ') {
            name.size--;
        }
        int32_t column = sb_schema_find(schema, name);
        if (column < 0) {
            SB_FAIL(err, SB_STATUS_NOT_FOUND,
                    "process input has no column \"%.*s\" to partition by", (int)name.size,
                    name.data);
        }
        at[count++] = column;
        from += size + (from[size] == ',');
    }
    *out = (sb_columns){count, at};
    return SB_OK;
}

static sb_status
make_body(graft *g, const sb_user_process *user, const sb_plan_node *input, const char *keys,
          sb_process_node **out, sb_error *err)
{
    sb_process_node *body = SB_NEW(g->plan->arena, sb_process_node);
    if (!body) {
        SB_NOMEM(err);
    }
    body->name = user->name;
    body->rowtime = -1;
    for (int32_t i = input->traits.count_time - 1; i >= 0; i--) {
        if (input->traits.time[i].kind == SB_TIME_EVENT) {
            body->rowtime = input->traits.time[i].column;
        }
    }
    body->count_sides = user->count_sides;
    body->side_schemas = user->sides;
    SB_TRY(find_keys(g, keys, input->schema, &body->keys, err), err);
    *out = body;
    return SB_OK;
}

/* The KeyedProcess node over the plan of its input. */
static sb_status
make_node(graft *g, const sb_user_process *user, const sb_plan *inner, const process_use *use,
          uint64_t hash, sb_plan_node **out, sb_error *err)
{
    sb_arena *arena = g->plan->arena;
    const sb_plan_node *sink = inner->sinks[0];
    sb_plan_node *input = sink->inputs[0];
    sb_process_node *body = NULL;
    input->schema = sink->schema; /* the names that the query gives; the types are the same */
    if (input->traits.row_ops != SB_ROWS_INSERT && !user->takes_changelog) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "process function '%s' takes no updates and its input has them", user->name);
    }
    SB_TRY(make_body(g, user, input, use->keys, &body, err), err);
    sb_plan_node *node = SB_NEW(arena, sb_plan_node);
    sb_plan_node **inputs = SB_NEW_ARRAY(arena, sb_plan_node *, 1);
    sb_exchange *exchange = SB_NEW(arena, sb_exchange);
    const char *description =
        sb_arena_printf(arena, "KeyedProcess(function=[%s], keys=[%s])", user->name, use->keys);
    if (!node || !inputs || !exchange || !description) {
        SB_NOMEM(err);
    }
    inputs[0] = input;
    *exchange = (sb_exchange){.kind = body->keys.count > 0 ? SB_EXCHANGE_HASH : SB_EXCHANGE_GLOBAL,
                              .keys = body->keys};
    node->node_id = new_id(g, hash, UINT32_MAX);
    node->kind = SB_NODE_PROCESS;
    node->version = sink->version;
    node->count_inputs = 1;
    node->input_ports[0] = sink->input_ports[0];
    node->inputs = inputs;
    node->exchanges = exchange;
    node->schema = user->output;
    node->traits = (sb_traits){.row_ops = SB_ROWS_INSERT, .determinism = SB_PER_RECORD};
    node->parallelism = body->keys.count > 0 ? 0 : 1;
    node->description = description;
    node->body = body;
    *out = node;
    return SB_OK;
}

static sb_status
graft_use(graft *g, const sb_table_desc *table, process_use **out, sb_error *err)
{
    process_use use = {option(table, "function"), option(table, "input"),
                       option(table, "partition-by"), NULL};
    use.keys = use.keys ? use.keys : "";
    for (int32_t i = 0; i < g->count_uses; i++) {
        process_use *one = &g->uses[i];
        if (strcmp(one->function, use.function) == 0 && strcmp(one->input, use.input) == 0 &&
            strcmp(one->keys, use.keys) == 0) {
            *out = one;
            return SB_OK;
        }
    }
    const sb_process_entry *entry = sb_engine_process(g->engine, use.function);
    if (!entry || g->count_uses == MAX_INPUTS) {
        SB_FAIL(err, SB_STATUS_LIMIT, "too many process functions in a statement");
    }
    sb_plan *inner = NULL;
    SB_TRY(plan_input(g, use.input, &inner, err), err);
    SB_TRY(sb_process_graft(g->engine, inner, g->grafts, err), err);
    uint64_t hash = sb_hash_combine(sb_hash_bytes(use.function, strlen(use.function)),
                                    sb_hash_bytes(use.input, strlen(use.input)));
    hash = sb_hash_combine(hash, sb_hash_bytes(use.keys, strlen(use.keys)));
    for (int32_t i = 0; i < inner->count_nodes; i++) {
        sb_plan_node *node = inner->nodes[i];
        if (node != inner->sinks[0]) {
            node->node_id = new_id(g, hash, node->node_id);
            SB_TRY(add_node(g, node, err), err);
        }
    }
    SB_TRY(make_node(g, &entry->user, inner, &use, hash, &use.node, err), err);
    SB_TRY(add_node(g, use.node, err), err);
    g->uses[g->count_uses] = use;
    *out = &g->uses[g->count_uses++];
    return SB_OK;
}

static void
replace_input(sb_plan *plan, const sb_plan_node *scan, process_use *use, int32_t port)
{
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        sb_plan_node *node = plan->nodes[i];
        for (int32_t k = 0; k < node->count_inputs; k++) {
            if (node->inputs[k] == scan) {
                node->inputs[k] = use->node;
                node->input_ports[k < 2 ? k : 1] = (uint8_t)port;
                use->node->count_consumers++;
            }
        }
    }
}

static sb_status
replace_scans(graft *g, sb_error *err)
{
    sb_plan *plan = g->plan;
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        sb_plan_node *scan = plan->nodes[i];
        if (!is_process_scan(scan)) {
            continue;
        }
        const sb_table_desc *table = ((const sb_source_node *)scan->body)->table;
        const char *tag = option(table, "side");
        process_use *use = NULL;
        SB_TRY(graft_use(g, table, &use, err), err);
        const sb_process_entry *entry = sb_engine_process(g->engine, use->function);
        int32_t port = tag ? 1 + find_side(&entry->user, tag) : 0;
        replace_input(plan, scan, use, port);
    }
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        if (!is_process_scan(plan->nodes[i])) {
            SB_TRY(add_node(g, plan->nodes[i], err), err);
        }
    }
    plan->nodes = g->nodes;
    plan->count_nodes = g->count_nodes;
    return SB_OK;
}

sb_status
sb_process_graft(sabot_engine *engine, sb_plan *plan, sb_grafts *grafts, sb_error *err)
{
    bool found = false;
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        found = found || is_process_scan(plan->nodes[i]);
    }
    if (!found) {
        return SB_OK;
    }
    if (engine->planning_depth == MAX_DEPTH) {
        SB_FAIL(err, SB_STATUS_LIMIT, "process tables are nested more than %d deep, or in a circle",
                MAX_DEPTH);
    }
    graft *g = sb_alloc_zero(engine->mem, sizeof *g);
    if (!g) {
        SB_NOMEM(err);
    }
    g->engine = engine;
    g->plan = plan;
    g->grafts = grafts;
    engine->planning_depth++;
    sb_status status = replace_scans(g, err);
    engine->planning_depth--;
    sb_free(engine->mem, g, sizeof *g);
    return status;
}

void
sb_grafts_free(sb_grafts *grafts, sb_mem *mem)
{
    for (int32_t i = 0; i < grafts->count; i++) {
        sb_plan_free(grafts->plans[i]);
    }
    sb_free(mem, grafts->plans, sizeof *grafts->plans * (size_t)grafts->count);
    *grafts = (sb_grafts){0};
}
