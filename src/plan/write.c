/*
 * plan/write.c -- plans to bytes and back.
 *
 * DESIGN     Plan version, then each node as a block: kind, version of its body, ids of its
 *            inputs by index, exchanges, schema, traits, body. A reader that meets a newer plan,
 *            a newer body or an unknown kind refuses and names it. Nothing is trusted: counts are
 *            bounded by what is left, indexes are checked against the schemas they point into
 *            (check.c).
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "plan/plan_priv.h"

/* ---- pieces ---- */

void
sb_plan_write_columns(sb_writer *w, const sb_columns *columns)
{
    sb_write_varint(w, (uint64_t)columns->count);
    for (int32_t i = 0; i < columns->count; i++) {
        sb_write_varint(w, (uint64_t)columns->at[i]);
    }
}

int32_t
sb_plan_read_count(sb_reader *r)
{
    uint64_t count = sb_read_varint(r);

    if (count > sb_reader_left(r) || count > SB_PLAN_LIST_MAX) {
        r->failed = true;
        return 0;
    }
    return (int32_t)count;
}

sb_status
sb_plan_read_columns(sb_reader *r, sb_arena *arena, sb_columns *out, sb_error *err)
{
    int32_t count = sb_plan_read_count(r);
    int32_t *at = SB_NEW_ARRAY(arena, int32_t, count + 1);

    if (at == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        uint64_t column = sb_read_varint(r);

        at[i] = column > INT32_MAX ? -1 : (int32_t)column;
    }
    *out = (sb_columns){.count = count, .at = at};
    return SB_OK;
}

void
sb_plan_write_options(sb_writer *w, const sb_options *options)
{
    sb_write_varint(w, (uint64_t)options->count);
    for (int32_t i = 0; i < options->count; i++) {
        sb_write_cstr(w, options->at[i].key);
        sb_write_cstr(w, options->at[i].value);
    }
}

sb_status
sb_plan_read_options(sb_reader *r, sb_arena *arena, sb_options *out, sb_error *err)
{
    int32_t count = sb_plan_read_count(r);

    out->at = SB_NEW_ARRAY(arena, sb_option, count + 1);
    if (out->at == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        out->at[i] = (sb_option){
            .key = sb_read_cstr(r, arena), .value = sb_read_cstr(r, arena), .position = -1};
        if (out->at[i].key == NULL || out->at[i].value == NULL) {
            r->failed = true;
            count = 0;
        }
    }
    out->count = count;
    return SB_OK;
}

/* ---- traits and exchanges ---- */

static void
write_traits(sb_writer *w, const sb_traits *traits)
{
    sb_write_u8(w, traits->row_ops);
    sb_write_u8(w, traits->delete_by_key);
    sb_write_varint(w, (uint64_t)traits->upsert_keys.count);
    for (int32_t i = 0; i < traits->upsert_keys.count; i++) {
        sb_plan_write_columns(w, &traits->upsert_keys.at[i]);
    }
    sb_write_u8(w, (uint8_t)traits->count_time);
    for (int32_t i = 0; i < traits->count_time; i++) {
        sb_write_u8(w, (uint8_t)traits->time[i].kind);
        sb_write_varint(w, (uint64_t)traits->time[i].column);
    }
    sb_write_u8(w, (uint8_t)traits->determinism);
    sb_plan_write_columns(w, &traits->partition);
}

static sb_status
read_traits(sb_reader *r, sb_arena *arena, sb_traits *out, sb_error *err)
{
    sb_columns *sets;

    out->row_ops = sb_read_u8(r) & SB_ROWS_ALL;
    out->delete_by_key = sb_read_u8(r) != 0;
    out->upsert_keys.count = sb_plan_read_count(r);
    sets = SB_NEW_ARRAY(arena, sb_columns, out->upsert_keys.count + 1);
    if (sets == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < out->upsert_keys.count; i++) {
        SB_TRY(sb_plan_read_columns(r, arena, &sets[i], err), err);
    }
    out->upsert_keys.at = sets;
    out->count_time = sb_read_u8(r);
    if (out->count_time > 2) {
        r->failed = true;
        out->count_time = 0;
    }
    for (int32_t i = 0; i < out->count_time; i++) {
        uint8_t kind = sb_read_u8(r);
        uint64_t column = sb_read_varint(r);

        r->failed |= kind > SB_TIME_PROCESSING || column > INT32_MAX;
        out->time[i] = (sb_time_attribute){.kind = kind, .column = (int32_t)column};
    }
    out->determinism = sb_read_u8(r);
    r->failed |= out->determinism > SB_PER_RECORD;
    return sb_plan_read_columns(r, arena, &out->partition, err);
}

/* ---- nodes ---- */

static void
write_node(sb_writer *w, const sb_plan *plan, const sb_plan_node *node)
{
    size_t block = sb_write_block_begin(w);

    sb_write_u16(w, node->kind);
    sb_write_u16(w, node->version);
    sb_write_u32(w, node->node_id);
    sb_write_u8(w, node->count_inputs);
    for (int32_t i = 0; i < node->count_inputs; i++) {
        sb_write_varint(w, (uint64_t)sb_plan_index(plan, node->inputs[i]));
        sb_write_u8(w, i < 2 ? node->input_ports[i] : 0);
        sb_write_u8(w, (uint8_t)node->exchanges[i].kind);
        sb_plan_write_columns(w, &node->exchanges[i].keys);
    }
    sb_write_varint(w, (uint64_t)node->parallelism);
    sb_write_cstr(w, node->description);
    sb_schema_write(w, node->schema);
    write_traits(w, &node->traits);
    sb_plan_write_body(w, node);
    sb_write_block_end(w, block);
}

void
sb_plan_write(sb_writer *w, const sb_plan *plan)
{
    sb_write_u16(w, SB_PLAN_VERSION);
    sb_write_cstr(w, plan->zone);
    sb_write_cstr(w, plan->sql);
    sb_plan_write_options(w, &plan->config);
    sb_write_varint(w, (uint64_t)plan->count_nodes);
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        write_node(w, plan, plan->nodes[i]);
    }
    sb_write_varint(w, (uint64_t)plan->count_sinks);
    for (int32_t i = 0; i < plan->count_sinks; i++) {
        sb_write_varint(w, (uint64_t)sb_plan_index(plan, plan->sinks[i]));
    }
}

static sb_status
read_inputs(sb_reader *r, sb_plan *plan, sb_plan_node *node, sb_error *err)
{
    node->count_inputs = sb_read_u8(r);
    node->inputs = SB_NEW_ARRAY(plan->arena, sb_plan_node *, node->count_inputs + 1);
    node->exchanges = SB_NEW_ARRAY(plan->arena, sb_exchange, node->count_inputs + 1);
    if (node->inputs == NULL || node->exchanges == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < node->count_inputs; i++) {
        uint64_t index = sb_read_varint(r);
        uint8_t port = sb_read_u8(r), kind = sb_read_u8(r);

        if (index >= (uint64_t)plan->count_nodes || kind > SB_EXCHANGE_GLOBAL) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "plan: input or exchange of node %d is not valid",
                    plan->count_nodes);
        }
        if (i < 2) {
            node->input_ports[i] = port;
        }
        node->inputs[i] = plan->nodes[index];
        node->inputs[i]->count_consumers++;
        node->exchanges[i].kind = kind;
        SB_TRY(sb_plan_read_columns(r, plan->arena, &node->exchanges[i].keys, err), err);
    }
    return SB_OK;
}

static sb_status
read_node(sb_reader *outer, sb_plan *plan, sb_error *err)
{
    sb_reader r = sb_read_block(outer);
    sb_plan_node *node = SB_NEW(plan->arena, sb_plan_node);
    sb_schema *schema;
    uint64_t parallelism;

    if (node == NULL) {
        SB_NOMEM(err);
    }
    node->kind = sb_read_u16(&r);
    node->version = sb_read_u16(&r);
    SB_TRY(sb_reader_done(&r, "plan node", err), err);
    if (node->kind >= SB_NODE_KIND_COUNT) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: plan node kind %d (this version knows %d kinds)", node->kind,
                SB_NODE_KIND_COUNT);
    }
    if (node->version > SB_PLAN_NODE_VERSION) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: plan node %s of version %d (this version knows %d)",
                sb_plan_kind_name(node->kind), node->version, SB_PLAN_NODE_VERSION);
    }
    node->node_id = sb_read_u32(&r);
    SB_TRY(read_inputs(&r, plan, node, err), err);
    parallelism = sb_read_varint(&r);
    r.failed |= parallelism > 1000000;
    node->parallelism = (int32_t)parallelism;
    node->description = sb_read_cstr(&r, plan->arena);
    SB_TRY(sb_schema_read(&r, plan->arena, &schema, err), err);
    node->schema = schema;
    SB_TRY(read_traits(&r, plan->arena, &node->traits, err), err);
    SB_TRY(sb_reader_done(&r, "plan node", err), err);
    SB_TRY(sb_plan_read_body(&r, plan->arena, node, err), err);
    SB_TRY(sb_reader_done(&r, "plan node body", err), err);
    SB_TRY(sb_plan_check_node(node, err), err);
    plan->nodes[plan->count_nodes++] = node;
    return SB_OK;
}

static sb_status
read_plan(sb_reader *r, sb_plan *plan, sb_error *err)
{
    uint16_t version = sb_read_u16(r);
    int32_t count;

    SB_TRY(sb_reader_done(r, "plan", err), err);
    if (version == 0 || version > SB_PLAN_VERSION) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: plan of version %d (this version knows %d)", version,
                SB_PLAN_VERSION);
    }
    plan->zone = sb_read_cstr(r, plan->arena);
    plan->sql = sb_read_cstr(r, plan->arena);
    SB_TRY(sb_plan_read_options(r, plan->arena, &plan->config, err), err);
    count = sb_plan_read_count(r);
    if (plan->zone == NULL || plan->sql == NULL || count > SB_PLAN_NODES_MAX) {
        r->failed = true;
    }
    SB_TRY(sb_reader_done(r, "plan", err), err);
    plan->nodes = SB_NEW_ARRAY(plan->arena, sb_plan_node *, count + 1);
    if (plan->nodes == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(read_node(r, plan, err), err);
    }
    count = sb_plan_read_count(r);
    plan->sinks = SB_NEW_ARRAY(plan->arena, sb_plan_node *, count + 1);
    if (plan->sinks == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        uint64_t index = sb_read_varint(r);

        if (index >= (uint64_t)plan->count_nodes || plan->nodes[index]->kind != SB_NODE_SINK) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "plan: sink %d is not valid", i);
        }
        plan->sinks[plan->count_sinks++] = plan->nodes[index];
    }
    return sb_reader_done(r, "plan", err);
}

sb_status
sb_plan_read(sb_reader *r, sb_mem *mem, sb_plan **out, sb_error *err)
{
    sb_plan *plan = sb_plan_new(mem);
    sb_status status;

    if (plan == NULL) {
        SB_NOMEM(err);
    }
    status = read_plan(r, plan, err);
    if (status != SB_OK) {
        sb_plan_free(plan);
        return status;
    }
    *out = plan;
    return SB_OK;
}
