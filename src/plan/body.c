/*
 * plan/body.c -- the body of each kind of node as bytes.
 *
 * DESIGN     One writer and one reader per kind, side by side. A change of a body is a new node
 *            version.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "plan/plan_priv.h"

/* ---- shared pieces ---- */

static void
write_flags(sb_writer *w, const bool *flags, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        sb_write_u8(w, flags[i]);
    }
}

static sb_status
read_flags(sb_reader *r, sb_arena *arena, int32_t count, const bool **out, sb_error *err)
{
    bool *flags = SB_NEW_ARRAY(arena, bool, count + 1);

    if (flags == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        flags[i] = sb_read_u8(r) != 0;
    }
    *out = flags;
    return SB_OK;
}

static void
write_index(sb_writer *w, int32_t column) /* -1 is allowed */
{
    sb_write_varint(w, (uint64_t)(column + 1));
}

static int32_t
read_index(sb_reader *r)
{
    uint64_t value = sb_read_varint(r);

    if (value > INT32_MAX) {
        r->failed = true;
        return -1;
    }
    return (int32_t)value - 1;
}

static void
write_optional(sb_writer *w, const sb_expr *expr)
{
    sb_write_u8(w, expr != NULL);
    if (expr != NULL) {
        sb_expr_write(w, expr);
    }
}

static sb_status
read_optional(sb_reader *r, sb_arena *arena, sb_expr **out, sb_error *err)
{
    *out = NULL;
    return sb_read_u8(r) != 0 ? sb_expr_read(r, arena, out, err) : SB_OK;
}

static void
write_window(sb_writer *w, const sb_window_spec *window)
{
    sb_write_u8(w, (uint8_t)window->kind);
    sb_write_i64(w, window->size_ms);
    sb_write_i64(w, window->slide_ms);
    sb_write_i64(w, window->offset_ms);
    sb_write_u8(w, window->local_zone);
}

static sb_status
read_window(sb_reader *r, sb_window_spec *out, sb_error *err)
{
    uint8_t kind = sb_read_u8(r);

    *out = (sb_window_spec){.kind = kind};
    out->size_ms = sb_read_i64(r);
    out->slide_ms = sb_read_i64(r);
    out->offset_ms = sb_read_i64(r);
    out->local_zone = sb_read_u8(r) != 0;
    if (!r->failed && (kind > SB_WINDOW_HOP || out->size_ms <= 0 || out->slide_ms <= 0 ||
                       out->size_ms % out->slide_ms != 0)) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "plan: window is not valid");
    }
    return SB_OK;
}

static void
write_collecting(sb_writer *w, const sb_agg_call *call)
{
    write_index(w, call->second);
    sb_write_u8(w, call->nulls);
    sb_write_varint(w, (uint64_t)call->count_shares);
    for (int32_t i = 0; i < call->count_shares; i++) {
        uint64_t bits;

        memcpy(&bits, &call->shares[i], sizeof(bits));
        sb_write_u64(w, bits);
    }
}

static sb_status
read_collecting(sb_reader *r, sb_arena *arena, sb_agg_call *call, sb_error *err)
{
    call->second = read_index(r);
    call->nulls = sb_read_u8(r) != 0;
    call->count_shares = sb_plan_read_count(r);
    double *shares = SB_NEW_ARRAY(arena, double, call->count_shares + 1);
    if (shares == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < call->count_shares; i++) {
        uint64_t bits = sb_read_u64(r);

        memcpy(&shares[i], &bits, sizeof(bits));
    }
    call->shares = shares;
    return SB_OK;
}

static void
write_aggs(sb_writer *w, const sb_agg_call *aggs, int32_t count)
{
    sb_write_varint(w, (uint64_t)count);
    for (int32_t i = 0; i < count; i++) {
        sb_write_u8(w, (uint8_t)aggs[i].kind);
        write_index(w, aggs[i].arg);
        write_index(w, aggs[i].filter);
        sb_write_u8(w, aggs[i].distinct);
        sb_type_write(w, &aggs[i].type);
        if (aggs[i].kind == SB_AGG_LIST) {
            sb_write_cstr(w, aggs[i].separator);
        }
        if (aggs[i].kind > SB_AGG_M2) {
            write_collecting(w, &aggs[i]);
        }
        if (aggs[i].kind == SB_AGG_USER) {
            sb_udf_write(w, aggs[i].function);
            write_index(w, aggs[i].count_packed);
        }
    }
}

static sb_status
read_aggs(sb_reader *r, sb_arena *arena, const sb_agg_call **out, int32_t *out_count, sb_error *err)
{
    int32_t count = sb_plan_read_count(r);
    sb_agg_call *aggs = SB_NEW_ARRAY(arena, sb_agg_call, count + 1);

    if (aggs == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        uint8_t kind = sb_read_u8(r);

        if (kind > SB_AGG_USER) {
            SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: aggregate kind %d in a plan",
                    kind);
        }
        aggs[i].kind = kind;
        aggs[i].arg = read_index(r);
        aggs[i].filter = read_index(r);
        aggs[i].distinct = sb_read_u8(r) != 0;
        SB_TRY(sb_type_read(r, arena, &aggs[i].type, err), err);
        if (kind == SB_AGG_LIST) {
            aggs[i].separator = sb_read_cstr(r, arena);
            if (!r->failed && aggs[i].separator == NULL) {
                SB_FAIL(err, SB_STATUS_CORRUPT, "plan: LISTAGG without a separator");
            }
        }
        if (kind > SB_AGG_M2) {
            SB_TRY(read_collecting(r, arena, &aggs[i], err), err);
        }
        if (kind == SB_AGG_USER) {
            SB_TRY(sb_udf_read(r, arena, &aggs[i].function, err), err);
            aggs[i].count_packed = read_index(r);
        }
    }
    *out = aggs;
    *out_count = count;
    return SB_OK;
}

static void
write_table(sb_writer *w, const sb_table_desc *table)
{
    sb_columns partition = {.count = table->count_partition, .at = table->partition};

    sb_write_cstr(w, table->name);
    sb_write_cstr(w, table->connector);
    sb_plan_write_options(w, &table->options);
    sb_schema_write(w, table->columns);
    sb_plan_write_columns(w, &table->primary_key);
    sb_plan_write_columns(w, &partition);
}

static sb_status
read_table(sb_reader *r, sb_arena *arena, const sb_table_desc **out, sb_error *err)
{
    sb_table_desc *table = SB_NEW(arena, sb_table_desc);
    sb_columns partition;
    sb_schema *schema;

    if (table == NULL) {
        SB_NOMEM(err);
    }
    table->name = sb_read_cstr(r, arena);
    table->connector = sb_read_cstr(r, arena);
    r->failed |= table->name == NULL;
    SB_TRY(sb_plan_read_options(r, arena, &table->options, err), err);
    SB_TRY(sb_schema_read(r, arena, &schema, err), err);
    table->columns = schema;
    SB_TRY(sb_plan_read_columns(r, arena, &table->primary_key, err), err);
    SB_TRY(sb_plan_read_columns(r, arena, &partition, err), err);
    table->count_partition = partition.count;
    table->partition = partition.at;
    *out = table;
    return SB_OK;
}

/* ---- kinds ---- */

static void
write_metadata(sb_writer *w, int32_t count, const sb_metadata_column *metadata)
{
    sb_write_varint(w, (uint64_t)count);
    for (int32_t i = 0; i < count; i++) {
        sb_write_cstr(w, metadata[i].key);
        sb_type_write(w, &metadata[i].type);
    }
}

static sb_status
read_metadata(sb_reader *r, sb_arena *arena, int32_t *out_count, const sb_metadata_column **out,
              sb_error *err)
{
    int32_t count = sb_plan_read_count(r);
    sb_metadata_column *metadata = SB_NEW_ARRAY(arena, sb_metadata_column, count + 1);

    if (metadata == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        metadata[i].key = sb_read_cstr(r, arena);
        r->failed |= metadata[i].key == NULL;
        SB_TRY(sb_type_read(r, arena, &metadata[i].type, err), err);
    }
    *out_count = count;
    *out = metadata;
    return SB_OK;
}

static void
write_source(sb_writer *w, const sb_source_node *body)
{
    write_table(w, body->table);
    sb_plan_write_columns(w, &body->project);
    sb_write_u8(w, body->fields != NULL);
    for (int32_t i = 0; body->fields != NULL && i < body->project.count; i++) {
        sb_write_u64(w, body->fields[i]);
    }
    write_metadata(w, body->count_metadata, body->metadata);
    sb_write_varint(w, (uint64_t)body->parallelism);
    sb_write_varint(w, (uint64_t)body->ordinal);
}

static sb_status
read_source(sb_reader *r, sb_arena *arena, sb_source_node *body, sb_error *err)
{
    uint64_t *fields;

    SB_TRY(read_table(r, arena, &body->table, err), err);
    SB_TRY(sb_plan_read_columns(r, arena, &body->project, err), err);
    if (sb_read_u8(r) != 0) {
        fields = SB_NEW_ARRAY(arena, uint64_t, body->project.count + 1);
        if (fields == NULL) {
            SB_NOMEM(err);
        }
        for (int32_t i = 0; i < body->project.count; i++) {
            fields[i] = sb_read_u64(r);
        }
        body->fields = fields;
    }
    SB_TRY(read_metadata(r, arena, &body->count_metadata, &body->metadata, err), err);
    body->parallelism = (int32_t)(sb_read_varint(r) & 0xFFFFF);
    body->ordinal = (int32_t)(sb_read_varint(r) & INT32_MAX);
    return SB_OK;
}

static void
write_watermark(sb_writer *w, const sb_watermark_node *body)
{
    write_index(w, body->rowtime);
    sb_expr_write(w, body->expr);
    sb_write_i64(w, body->idle_timeout_ms);
    sb_write_i64(w, body->interval_ms);
    sb_write_u8(w, body->on_event);
    sb_write_cstr(w, body->alignment_group);
    sb_write_i64(w, body->alignment_max_drift_ms);
    sb_write_i64(w, body->alignment_update_ms);
}

static sb_status
read_watermark(sb_reader *r, sb_arena *arena, sb_watermark_node *body, sb_error *err)
{
    body->rowtime = read_index(r);
    SB_TRY(sb_expr_read(r, arena, &body->expr, err), err);
    body->idle_timeout_ms = sb_read_i64(r);
    body->interval_ms = sb_read_i64(r);
    body->on_event = sb_read_u8(r) != 0;
    body->alignment_group = sb_read_cstr(r, arena);
    body->alignment_max_drift_ms = sb_read_i64(r);
    body->alignment_update_ms = sb_read_i64(r);
    return SB_OK;
}

static void
write_calc(sb_writer *w, const sb_calc_node *body)
{
    write_optional(w, body->condition);
    sb_write_varint(w, (uint64_t)body->count);
    for (int32_t i = 0; i < body->count; i++) {
        sb_expr_write(w, body->projections[i]);
    }
}

static sb_status
read_calc(sb_reader *r, sb_arena *arena, sb_calc_node *body, sb_error *err)
{
    SB_TRY(read_optional(r, arena, &body->condition, err), err);
    body->count = sb_plan_read_count(r);
    body->projections = SB_NEW_ARRAY(arena, sb_expr *, body->count + 1);
    if (body->projections == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < body->count; i++) {
        SB_TRY(sb_expr_read(r, arena, &body->projections[i], err), err);
    }
    return SB_OK;
}

static void
write_group_agg(sb_writer *w, const sb_plan_node *node)
{
    const sb_group_agg_node *body = node->body;

    sb_plan_write_columns(w, &body->keys);
    write_aggs(w, body->aggs, body->count_aggs);
    sb_write_u8(w, body->input_retracts);
    sb_write_u8(w, body->emit_before);
    sb_write_i64(w, body->ttl_ms);
    sb_write_i64(w, body->minibatch_rows);
    sb_write_i64(w, body->minibatch_ms);
    if (node->version >= 2) {
        sb_write_u8(w, body->row_of_none);
    }
}

static sb_status
read_group_agg(sb_reader *r, sb_arena *arena, const sb_plan_node *node, sb_group_agg_node *body,
               sb_error *err)
{
    SB_TRY(sb_plan_read_columns(r, arena, &body->keys, err), err);
    SB_TRY(read_aggs(r, arena, &body->aggs, &body->count_aggs, err), err);
    body->input_retracts = sb_read_u8(r) != 0;
    body->emit_before = sb_read_u8(r) != 0;
    body->ttl_ms = sb_read_i64(r);
    body->minibatch_rows = sb_read_i64(r);
    body->minibatch_ms = sb_read_i64(r);
    body->row_of_none = node->version >= 2 && sb_read_u8(r) != 0;
    return SB_OK;
}

static void
write_window_agg(sb_writer *w, const sb_window_agg_node *body)
{
    write_window(w, &body->window);
    write_index(w, body->time);
    sb_write_u8(w, body->attached);
    write_index(w, body->start_column);
    write_index(w, body->end_column);
    sb_plan_write_columns(w, &body->keys);
    write_aggs(w, body->aggs, body->count_aggs);
    sb_write_u8(w, body->input_retracts);
    sb_write_u8(w, (uint8_t)body->count_properties);
    for (int32_t i = 0; i < body->count_properties; i++) {
        sb_write_u8(w, (uint8_t)body->properties[i]);
    }
}

static sb_status
read_window_agg(sb_reader *r, sb_arena *arena, sb_window_agg_node *body, sb_error *err)
{
    sb_window_property *properties = SB_NEW_ARRAY(arena, sb_window_property, 256);

    if (properties == NULL) {
        SB_NOMEM(err);
    }
    SB_TRY(read_window(r, &body->window, err), err);
    body->time = read_index(r);
    body->attached = sb_read_u8(r) != 0;
    body->start_column = read_index(r);
    body->end_column = read_index(r);
    SB_TRY(sb_plan_read_columns(r, arena, &body->keys, err), err);
    SB_TRY(read_aggs(r, arena, &body->aggs, &body->count_aggs, err), err);
    body->input_retracts = sb_read_u8(r) != 0;
    body->count_properties = sb_read_u8(r);
    for (int32_t i = 0; i < body->count_properties; i++) {
        uint8_t property = sb_read_u8(r);

        r->failed |= property > SB_WINDOW_TIME;
        properties[i] = property;
    }
    body->properties = properties;
    return SB_OK;
}

static void
write_join(sb_writer *w, const sb_join_node *body)
{
    sb_plan_write_columns(w, &body->left_keys);
    sb_plan_write_columns(w, &body->right_keys);
    write_flags(w, body->null_safe, body->left_keys.count);
    write_optional(w, body->residual);
    sb_write_u8(w, body->left_retracts);
    sb_write_u8(w, body->right_retracts);
    sb_write_i64(w, body->left_ttl_ms);
    sb_write_i64(w, body->right_ttl_ms);
}

static sb_status
read_join(sb_reader *r, sb_arena *arena, sb_join_node *body, sb_error *err)
{
    SB_TRY(sb_plan_read_columns(r, arena, &body->left_keys, err), err);
    SB_TRY(sb_plan_read_columns(r, arena, &body->right_keys, err), err);
    SB_TRY(read_flags(r, arena, body->left_keys.count, &body->null_safe, err), err);
    SB_TRY(read_optional(r, arena, &body->residual, err), err);
    body->left_retracts = sb_read_u8(r) != 0;
    body->right_retracts = sb_read_u8(r) != 0;
    body->left_ttl_ms = sb_read_i64(r);
    body->right_ttl_ms = sb_read_i64(r);
    return SB_OK;
}

static void
write_window_join(sb_writer *w, const sb_window_join_node *body)
{
    sb_plan_write_columns(w, &body->left_keys);
    sb_plan_write_columns(w, &body->right_keys);
    write_flags(w, body->null_safe, body->left_keys.count);
    write_index(w, body->left_end);
    write_index(w, body->right_end);
    write_index(w, body->left_start);
    write_index(w, body->right_start);
    sb_write_u8(w, body->local_zone);
    write_optional(w, body->residual);
}

static sb_status
read_window_join(sb_reader *r, sb_arena *arena, sb_window_join_node *body, sb_error *err)
{
    SB_TRY(sb_plan_read_columns(r, arena, &body->left_keys, err), err);
    SB_TRY(sb_plan_read_columns(r, arena, &body->right_keys, err), err);
    SB_TRY(read_flags(r, arena, body->left_keys.count, &body->null_safe, err), err);
    body->left_end = read_index(r);
    body->right_end = read_index(r);
    body->left_start = read_index(r);
    body->right_start = read_index(r);
    body->local_zone = sb_read_u8(r) != 0;
    return read_optional(r, arena, &body->residual, err);
}

static void
write_process(sb_writer *w, const sb_process_node *body)
{
    sb_write_cstr(w, body->name);
    sb_plan_write_columns(w, &body->keys);
    write_index(w, body->rowtime);
    sb_write_varint(w, (uint64_t)body->count_sides);
    for (int32_t i = 0; i < body->count_sides; i++) {
        sb_schema_write(w, body->side_schemas[i]);
    }
}

static sb_status
read_process(sb_reader *r, sb_arena *arena, sb_process_node *body, sb_error *err)
{
    const sb_schema **sides;

    body->name = sb_read_cstr(r, arena);
    r->failed |= body->name == NULL;
    SB_TRY(sb_plan_read_columns(r, arena, &body->keys, err), err);
    body->rowtime = read_index(r);
    body->count_sides = sb_plan_read_count(r);
    sides = SB_NEW_ARRAY(arena, const sb_schema *, body->count_sides + 1);
    if (sides == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < body->count_sides; i++) {
        sb_schema *schema;

        SB_TRY(sb_schema_read(r, arena, &schema, err), err);
        sides[i] = schema;
    }
    body->side_schemas = sides;
    return SB_OK;
}

static void
write_small(sb_writer *w, const sb_plan_node *node)
{
    if (node->kind == SB_NODE_WINDOW_ASSIGN) {
        const sb_window_assign_node *body = node->body;

        write_window(w, &body->window);
        write_index(w, body->time);
    } else if (node->kind == SB_NODE_NORMALIZE) {
        const sb_normalize_node *body = node->body;

        sb_plan_write_columns(w, &body->keys);
        sb_write_u8(w, body->emit_before);
        write_optional(w, body->condition);
        sb_write_i64(w, body->ttl_ms);
    } else if (node->kind == SB_NODE_MATERIALIZE) {
        const sb_materialize_node *body = node->body;

        sb_plan_write_columns(w, &body->keys);
        sb_plan_write_columns(w, &body->upsert_key);
        sb_write_i64(w, body->ttl_ms);
    } else if (node->kind == SB_NODE_SINK) {
        const sb_sink_node *body = node->body;

        write_table(w, body->table);
        sb_write_u8(w, body->upsert);
        sb_write_u8(w, body->collect);
        if (node->version >= 2) {
            sb_plan_write_columns(w, &body->not_null);
            sb_write_u8(w, body->drop_nulls);
        }
        if (node->version >= 3) {
            write_metadata(w, body->count_metadata, body->metadata);
        }
        if (node->version >= 4) {
            sb_write_u8(w, body->lengths);
        }
    }
}

static sb_status
read_small(sb_reader *r, sb_arena *arena, sb_plan_node *node, void *raw, sb_error *err)
{
    if (node->kind == SB_NODE_WINDOW_ASSIGN) {
        sb_window_assign_node *body = raw;

        SB_TRY(read_window(r, &body->window, err), err);
        body->time = read_index(r);
    } else if (node->kind == SB_NODE_NORMALIZE) {
        sb_normalize_node *body = raw;

        SB_TRY(sb_plan_read_columns(r, arena, &body->keys, err), err);
        body->emit_before = sb_read_u8(r) != 0;
        SB_TRY(read_optional(r, arena, &body->condition, err), err);
        body->ttl_ms = sb_read_i64(r);
    } else if (node->kind == SB_NODE_MATERIALIZE) {
        sb_materialize_node *body = raw;

        SB_TRY(sb_plan_read_columns(r, arena, &body->keys, err), err);
        SB_TRY(sb_plan_read_columns(r, arena, &body->upsert_key, err), err);
        body->ttl_ms = sb_read_i64(r);
    } else if (node->kind == SB_NODE_SINK) {
        sb_sink_node *body = raw;

        SB_TRY(read_table(r, arena, &body->table, err), err);
        body->upsert = sb_read_u8(r) != 0;
        body->collect = sb_read_u8(r) != 0;
        if (node->version >= 2) {
            SB_TRY(sb_plan_read_columns(r, arena, &body->not_null, err), err);
            body->drop_nulls = sb_read_u8(r) != 0;
        }
        if (node->version >= 3) {
            SB_TRY(read_metadata(r, arena, &body->count_metadata, &body->metadata, err), err);
        }
        if (node->version >= 4) {
            body->lengths = sb_read_u8(r);
        }
    }
    return SB_OK;
}

static void
write_rows(sb_writer *w, const sb_plan_node *node)
{
    if (node->kind == SB_NODE_EXPAND) {
        const sb_expand_node *body = node->body;

        sb_plan_write_columns(w, &body->keys);
        sb_write_varint(w, (uint64_t)body->sets.count);
        for (int32_t i = 0; i < body->sets.count; i++) {
            sb_plan_write_columns(w, &body->sets.at[i]);
        }
    } else if (node->kind == SB_NODE_UNNEST) {
        const sb_unnest_node *body = node->body;

        write_index(w, body->column);
        sb_write_u8(w, body->outer);
        sb_write_u8(w, body->ordinality);
        if (node->version >= 2) {
            sb_write_u8(w, body->function != NULL);
        }
        if (node->version >= 2 && body->function != NULL) {
            sb_udf_write(w, body->function);
            write_index(w, body->count_args);
        }
    } else if (node->kind == SB_NODE_SORT) {
        const sb_sort_node *body = node->body;

        sb_plan_write_columns(w, &body->order);
        write_flags(w, body->descending, body->order.count);
        sb_write_i64(w, body->offset);
        sb_write_i64(w, body->limit);
        sb_write_u8(w, body->retracts);
    } else {
        const sb_limit_node *body = node->body;

        sb_write_i64(w, body->offset);
        sb_write_i64(w, body->limit);
    }
}

static sb_status
read_expand(sb_reader *r, sb_arena *arena, sb_expand_node *body, sb_error *err)
{
    SB_TRY(sb_plan_read_columns(r, arena, &body->keys, err), err);
    body->sets.count = sb_plan_read_count(r);
    sb_columns *sets = SB_NEW_ARRAY(arena, sb_columns, body->sets.count + 1);

    if (sets == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < body->sets.count; i++) {
        SB_TRY(sb_plan_read_columns(r, arena, &sets[i], err), err);
    }
    body->sets.at = sets;
    return SB_OK;
}

static sb_status
read_rows(sb_reader *r, sb_arena *arena, const sb_plan_node *node, void *raw, sb_error *err)
{
    if (node->kind == SB_NODE_EXPAND) {
        return read_expand(r, arena, raw, err);
    }
    if (node->kind == SB_NODE_UNNEST) {
        sb_unnest_node *body = raw;

        body->column = read_index(r);
        body->outer = sb_read_u8(r) != 0;
        body->ordinality = sb_read_u8(r) != 0;
        if (node->version >= 2 && sb_read_u8(r) != 0) {
            SB_TRY(sb_udf_read(r, arena, &body->function, err), err);
            body->count_args = read_index(r);
        }
    } else if (node->kind == SB_NODE_SORT) {
        sb_sort_node *body = raw;

        SB_TRY(sb_plan_read_columns(r, arena, &body->order, err), err);
        SB_TRY(read_flags(r, arena, body->order.count, &body->descending, err), err);
        body->offset = sb_read_i64(r);
        body->limit = sb_read_i64(r);
        body->retracts = sb_read_u8(r) != 0;
    } else {
        sb_limit_node *body = raw;

        body->offset = sb_read_i64(r);
        body->limit = sb_read_i64(r);
    }
    return SB_OK;
}

/* ---- by kind ---- */

void
sb_plan_write_body(sb_writer *w, const sb_plan_node *node)
{
    switch (node->kind) {
    case SB_NODE_SOURCE: write_source(w, node->body); break;
    case SB_NODE_WATERMARK: write_watermark(w, node->body); break;
    case SB_NODE_CALC: write_calc(w, node->body); break;
    case SB_NODE_GROUP_AGG: write_group_agg(w, node); break;
    case SB_NODE_WINDOW_AGG: write_window_agg(w, node->body); break;
    case SB_NODE_JOIN: write_join(w, node->body); break;
    case SB_NODE_WINDOW_JOIN: write_window_join(w, node->body); break;
    case SB_NODE_PROCESS: write_process(w, node->body); break;
    case SB_NODE_EXPAND:
    case SB_NODE_UNNEST:
    case SB_NODE_SORT:
    case SB_NODE_LIMIT: write_rows(w, node); break;
    default: write_small(w, node); break;
    }
}

static const size_t body_sizes[] = {
#define X(name, text, body) sizeof(body),
    SB_NODE_KINDS(X)
#undef X
};

sb_status
sb_plan_read_body(sb_reader *r, sb_arena *arena, sb_plan_node *node, sb_error *err)
{
    void *body = sb_arena_alloc(arena, body_sizes[node->kind]);

    if (body == NULL) {
        SB_NOMEM(err);
    }
    node->body = body;
    switch (node->kind) {
    case SB_NODE_SOURCE: return read_source(r, arena, body, err);
    case SB_NODE_WATERMARK: return read_watermark(r, arena, body, err);
    case SB_NODE_CALC: return read_calc(r, arena, body, err);
    case SB_NODE_GROUP_AGG: return read_group_agg(r, arena, node, body, err);
    case SB_NODE_WINDOW_AGG: return read_window_agg(r, arena, body, err);
    case SB_NODE_JOIN: return read_join(r, arena, body, err);
    case SB_NODE_WINDOW_JOIN: return read_window_join(r, arena, body, err);
    case SB_NODE_PROCESS: return read_process(r, arena, body, err);
    case SB_NODE_EXPAND:
    case SB_NODE_UNNEST:
    case SB_NODE_SORT:
    case SB_NODE_LIMIT: return read_rows(r, arena, node, body, err);
    default: return read_small(r, arena, node, body, err);
    }
}
