/*
 * sql/lower_exchange.c -- how rows are spread over subtasks.
 *
 * DESIGN     Keyed operators get their rows by hash of the key, unless they lie so already.
 *            Without a key all rows go to one subtask. Where parallelism changes, inserts are
 *            spread evenly, changes by their key so that they stay in order.
 * THREADS    one thread at a time.
 */
#include "sql/lower.h"

static sb_exchange
exchange_of(sb_dist_kind kind, sb_columns keys)
{
    return (sb_exchange){.kind = kind, .keys = keys};
}

/* By hash of `keys`; forward when the input lies so. */
static sb_exchange
exchange_keyed(const sb_rel *input, sb_columns keys)
{
    if (keys.count == 0) {
        return exchange_of(input->parallelism == 1 ? SB_EXCHANGE_FORWARD : SB_EXCHANGE_GLOBAL,
                           keys);
    }
    if (input->has_partition && input->parallelism == 0 &&
        sb_columns_equal(&input->partition, &keys)) {
        return exchange_of(SB_EXCHANGE_FORWARD, (sb_columns){0});
    }
    return exchange_of(SB_EXCHANGE_HASH, keys);
}

/* To `parallelism` subtasks without a key of its own. */
static sb_exchange
exchange_spread(const sb_rel *input, int32_t *parallelism)
{
    sb_columns none = {0};

    if (input->parallelism == *parallelism) {
        return exchange_of(SB_EXCHANGE_FORWARD, none);
    }
    if (sb_ops_insert_only(input->row_ops)) {
        return exchange_of(SB_EXCHANGE_REBALANCE, none);
    }
    if (input->upsert_keys.count > 0 && input->upsert_keys.at[0].count > 0) {
        return exchange_of(SB_EXCHANGE_HASH, input->upsert_keys.at[0]);
    }
    *parallelism = 1;
    return exchange_of(SB_EXCHANGE_GLOBAL, none);
}

/* Key columns 0..count of the output are what rows are hashed by. */
static sb_status
exchange_set_partition(sb_rel_context *ctx, sb_rel *rel, int32_t count)
{
    int32_t *at = SB_NEW_ARRAY(ctx->arena, int32_t, count + 1);

    if (at == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < count; i++) {
        at[i] = i;
    }
    rel->partition = (sb_columns){.count = count, .at = at};
    rel->has_partition = count > 0;
    return SB_OK;
}

/* The input's partition seen through a projection. */
static sb_status
exchange_calc_partition(sb_rel_context *ctx, sb_rel *rel)
{
    const sb_rel *input = rel->inputs[0];
    int32_t *at;

    if (!input->has_partition) {
        return SB_OK;
    }
    at = SB_NEW_ARRAY(ctx->arena, int32_t, input->partition.count + 1);
    if (at == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < input->partition.count; i++) {
        at[i] = -1;
        for (int32_t c = 0; c < rel->schema.count && at[i] < 0; c++) {
            if (rel->exprs[c]->kind == SB_EXPR_COLUMN &&
                rel->exprs[c]->column == input->partition.at[i]) {
                at[i] = c;
            }
        }
        if (at[i] < 0) {
            return SB_OK;
        }
    }
    rel->partition = (sb_columns){.count = input->partition.count, .at = at};
    rel->has_partition = true;
    return SB_OK;
}

static void
exchange_pass(sb_rel *rel, sb_exchange *out)
{
    const sb_rel *input = rel->inputs[0];

    rel->parallelism = input->parallelism;
    if (input->kind == SB_REL_SCAN) {
        rel->parallelism = 0; /* scan.parallelism is the source's alone */
    }
    out[0] = exchange_spread(input, &rel->parallelism);
}

static void
exchange_union(sb_rel *rel, sb_exchange *out)
{
    bool same = true, inserts = true;

    for (int32_t i = 0; i < rel->count_inputs; i++) {
        same &= rel->inputs[i]->parallelism == rel->inputs[0]->parallelism;
        inserts &= sb_ops_insert_only(rel->inputs[i]->row_ops);
    }
    rel->parallelism = same ? rel->inputs[0]->parallelism : inserts ? 0 : 1;
    for (int32_t i = 0; i < rel->count_inputs; i++) {
        bool forward = rel->inputs[i]->parallelism == rel->parallelism;

        out[i] = exchange_of(forward   ? SB_EXCHANGE_FORWARD
                             : inserts ? SB_EXCHANGE_REBALANCE
                                       : SB_EXCHANGE_GLOBAL,
                             (sb_columns){0});
    }
}

static void
exchange_sink(sb_rel *rel, sb_exchange *out)
{
    const sb_rel *input = rel->inputs[0];
    const sb_columns *key = &rel->sink->primary_key;

    rel->parallelism = rel->collect                ? 1
                       : rel->sink_parallelism > 0 ? rel->sink_parallelism
                                                   : input->parallelism;
    if (input->kind == SB_REL_SCAN && rel->sink_parallelism == 0 && !rel->collect) {
        rel->parallelism = 0;
    }
    if (rel->collect) {
        out[0] = exchange_of(input->parallelism == 1 ? SB_EXCHANGE_FORWARD : SB_EXCHANGE_GLOBAL,
                             (sb_columns){0});
    } else if (rel->parallelism != input->parallelism && key->count > 0 &&
               !sb_ops_insert_only(input->row_ops)) {
        out[0] = exchange_of(SB_EXCHANGE_HASH, *key);
    } else {
        out[0] = exchange_spread(input, &rel->parallelism);
    }
}

/* Of two equal columns the left one is what the output lies by; NULLs that match (IS NOT DISTINCT
 * FROM) are equal too. */
static void
exchange_join(sb_rel *rel, sb_exchange *out)
{
    out[0] = exchange_keyed(rel->inputs[0], rel->keys);
    out[1] = exchange_keyed(rel->inputs[1], rel->right_keys);
    rel->parallelism = rel->keys.count == 0 ? 1 : 0;
    rel->partition = rel->keys;
    rel->has_partition = rel->keys.count > 0;
}

sb_status
sb_lower_exchanges(sb_lower *lower, sb_rel *rel, sb_exchange *out)
{
    sb_rel_context *ctx = lower->rel;

    rel->has_partition = false;
    switch (rel->kind) {
    case SB_REL_SCAN: return SB_OK;
    case SB_REL_AGG:
    case SB_REL_WINDOW_AGG:
        out[0] = exchange_keyed(rel->inputs[0], rel->keys);
        rel->parallelism = rel->keys.count == 0 ? 1 : 0;
        return exchange_set_partition(ctx, rel, rel->keys.count);
    case SB_REL_NORMALIZE:
    case SB_REL_MATERIALIZE:
        out[0] = exchange_keyed(rel->inputs[0], rel->keys);
        rel->parallelism = 0;
        rel->partition = rel->keys;
        rel->has_partition = true;
        return SB_OK;
    case SB_REL_JOIN:
    case SB_REL_WINDOW_JOIN: exchange_join(rel, out); return SB_OK;
    case SB_REL_UNION: exchange_union(rel, out); return SB_OK;
    case SB_REL_SINK: exchange_sink(rel, out); return SB_OK;
    case SB_REL_CALC:
        exchange_pass(rel, out);
        return out[0].kind == SB_EXCHANGE_FORWARD ? exchange_calc_partition(ctx, rel) : SB_OK;
    case SB_REL_DROP_BEFORE:
        rel->parallelism = rel->inputs[0]->parallelism; /* stays with its input */
        rel->has_partition = rel->inputs[0]->has_partition;
        rel->partition = rel->inputs[0]->partition;
        out[0] = exchange_of(SB_EXCHANGE_FORWARD, (sb_columns){0});
        return SB_OK;
    case SB_REL_SORT:
        out[0] = exchange_keyed(rel->inputs[0], (sb_columns){0});
        rel->parallelism = 1;
        return SB_OK;
    case SB_REL_EXPAND:
    case SB_REL_UNNEST: exchange_pass(rel, out); return SB_OK;
    case SB_REL_WINDOW:
        exchange_pass(rel, out);
        rel->has_partition = out[0].kind == SB_EXCHANGE_FORWARD && rel->inputs[0]->has_partition;
        rel->partition = rel->inputs[0]->partition;
        return SB_OK;
    }
    return SB_OK;
}
