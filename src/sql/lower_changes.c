/*
 * sql/lower_changes.c -- which row kinds flow where, and the operators that make them fit.
 *
 * DESIGN     As Flink infers it: kinds bottom-up; then each sink says whether it can do without
 *            -U, which holds only if every operator on the way can (a filter on other columns
 *            than the key cannot, a join only where the key contains the join columns), else -U
 *            is demanded down to the aggregates and sources. Where consumers of one relation
 *            differ, Flink plans it twice; here it stands once, makes -U, and DropUpdateBefore
 *            stands on the edges that want none. A join keeps rows without a key, so it always
 *            wants -U; if its consumers do not, they get DropUpdateBefore too. An upsert source
 *            is followed by ChangelogNormalize unless a consumer does not need what it makes.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/code.h"
#include "sql/lower.h"

#define BIT_INSERT SB_ROW_BIT(SB_ROW_INSERT)
#define BIT_BEFORE SB_ROW_BIT(SB_ROW_UPDATE_BEFORE)
#define BIT_AFTER  SB_ROW_BIT(SB_ROW_UPDATE_AFTER)
#define BIT_DELETE SB_ROW_BIT(SB_ROW_DELETE)

/* ---- ChangelogNormalize ---- */

static sb_status
changes_replace(sb_rel **order, int32_t total, sb_rel *from, sb_rel *to)
{
    for (int32_t i = 0; i < total; i++) {
        for (int32_t k = 0; k < order[i]->count_inputs; k++) {
            if (order[i]->inputs[k] == from && order[i] != to) {
                order[i]->inputs[k] = to;
            }
        }
    }
    return SB_OK;
}

/* A filter of the only consumer goes into the normalize: on the key below it, on other columns
 * inside it. */
static sb_status
changes_push_filter(sb_rel_context *ctx, sb_rel *calc, sb_rel *normalize)
{
    sb_expr **conjuncts, **below, **inside, **above;
    int32_t count, count_below = 0, count_inside = 0, count_above = 0,
                   width = normalize->schema.count;
    uint8_t *used;

    SB_TRY(sb_expr_conjuncts(ctx->arena, calc->condition, &conjuncts, &count, ctx->err), ctx->err);
    below = SB_NEW_ARRAY(ctx->arena, sb_expr *, count + 1);
    inside = SB_NEW_ARRAY(ctx->arena, sb_expr *, count + 1);
    above = SB_NEW_ARRAY(ctx->arena, sb_expr *, count + 1);
    used = SB_NEW_ARRAY(ctx->arena, uint8_t, width + 1);
    if (below == NULL || inside == NULL || above == NULL || used == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < count; i++) {
        bool on_key = true;

        memset(used, 0, (size_t)width);
        sb_expr_columns(conjuncts[i], used, width);
        for (int32_t c = 0; c < width; c++) {
            on_key &= !used[c] || sb_columns_index(&normalize->keys, c) >= 0;
        }
        if (!sb_expr_is_deterministic(conjuncts[i]) || count_above > 0) {
            above[count_above++] = conjuncts[i];
        } else if (on_key && count_inside == 0) {
            below[count_below++] = conjuncts[i];
        } else {
            inside[count_inside++] = conjuncts[i];
        }
    }
    SB_TRY(sb_expr_conjunction(ctx->arena, above, count_above, &calc->condition, ctx->err),
           ctx->err);
    SB_TRY(sb_expr_conjunction(ctx->arena, inside, count_inside, &normalize->condition, ctx->err),
           ctx->err);
    if (count_below > 0) {
        sb_expr *condition;

        SB_TRY(sb_expr_conjunction(ctx->arena, below, count_below, &condition, ctx->err), ctx->err);
        SB_TRY(sb_rel_filter(ctx, normalize->inputs[0], condition, &normalize->inputs[0]),
               ctx->err);
    }
    return SB_OK;
}

static sb_status
changes_add_normalize(sb_rel_context *ctx, sb_rel *scan, sb_rel **order, int32_t total)
{
    sb_rel *normalize, *consumer = NULL;
    int32_t consumers = 0;

    SB_TRY(sb_rel_new(ctx, SB_REL_NORMALIZE, &scan, 1, &normalize), ctx->err);
    SB_TRY(sb_lower_upsert_keys(ctx, scan), ctx->err);
    sb_assert(scan->upsert_keys.count == 1);
    normalize->keys = scan->upsert_keys.at[0];
    SB_TRY(sb_rel_derive(ctx, normalize), ctx->err);
    for (int32_t i = 0; i < total; i++) {
        for (int32_t k = 0; k < order[i]->count_inputs; k++) {
            if (order[i]->inputs[k] == scan) {
                consumers++;
                consumer = order[i];
            }
        }
    }
    SB_TRY(changes_replace(order, total, scan, normalize), ctx->err);
    if (consumers == 1 && consumer->kind == SB_REL_CALC && consumer->condition != NULL) {
        SB_TRY(changes_push_filter(ctx, consumer, normalize), ctx->err);
    }
    return SB_OK;
}

/* ---- bottom-up ---- */

static bool
changes_condition_on_key(sb_rel_context *ctx, const sb_rel *calc)
{
    int32_t width = calc->inputs[0]->schema.count;
    uint8_t *used = SB_NEW_ARRAY(ctx->arena, uint8_t, width + 1);

    if (used == NULL) {
        return false;
    }
    sb_expr_columns(calc->condition, used, width);
    for (int32_t k = 0; k < calc->inputs[0]->upsert_keys.count; k++) {
        bool within = true;

        for (int32_t c = 0; c < width; c++) {
            within &= !used[c] || sb_columns_index(&calc->inputs[0]->upsert_keys.at[k], c) >= 0;
        }
        if (within) {
            return true;
        }
    }
    return false;
}

static bool
changes_side_after_ok(const sb_rel *input, const sb_columns *join_columns)
{
    if (!sb_ops_updates(input->row_ops)) {
        return true;
    }
    for (int32_t k = 0; k < input->upsert_keys.count; k++) {
        if (sb_columns_subset(join_columns, &input->upsert_keys.at[k])) {
            return input->after_ok;
        }
    }
    return false;
}

static bool
changes_after_ok(sb_rel_context *ctx, const sb_rel *rel)
{
    if (!sb_ops_updates(rel->row_ops)) {
        return true;
    }
    switch (rel->kind) {
    case SB_REL_CALC:
        return rel->inputs[0]->after_ok &&
               (rel->condition == NULL || changes_condition_on_key(ctx, rel));
    case SB_REL_JOIN:
        return changes_side_after_ok(rel->inputs[0], &rel->keys) &&
               changes_side_after_ok(rel->inputs[1], &rel->right_keys);
    case SB_REL_UNION:
        for (int32_t i = 0; i < rel->count_inputs; i++) {
            if (!rel->inputs[i]->after_ok) {
                return false;
            }
        }
        return true;
    case SB_REL_EXPAND:
    case SB_REL_UNNEST: return false; /* what came of the old row must be taken back */
    case SB_REL_WINDOW:
    case SB_REL_SINK: return rel->inputs[0]->after_ok;
    default: return true;
    }
}

/* with_before: what it sends when -U is demanded; else by need_before. */
static void
changes_row_ops(sb_rel *rel, bool first)
{
    uint8_t before = first || rel->need_before ? BIT_BEFORE : 0;

    rel->row_ops = 0;
    rel->delete_by_key = false;
    for (int32_t i = 0; i < rel->count_inputs; i++) {
        rel->row_ops |= rel->inputs[i]->row_ops;
        rel->delete_by_key |= rel->inputs[i]->delete_by_key;
    }
    switch (rel->kind) {
    case SB_REL_SCAN:
        rel->row_ops = rel->table->source.row_ops;
        rel->delete_by_key = rel->table->source.delete_by_key && (rel->row_ops & BIT_DELETE) != 0;
        break;
    case SB_REL_AGG:
        rel->row_ops = (uint8_t)(BIT_INSERT | BIT_AFTER | before |
                                 (sb_ops_insert_only(rel->row_ops) ? 0 : BIT_DELETE));
        rel->delete_by_key = false;
        break;
    case SB_REL_WINDOW_AGG:
    case SB_REL_WINDOW_JOIN:
        rel->row_ops = BIT_INSERT;
        rel->delete_by_key = false;
        break;
    case SB_REL_NORMALIZE:
        rel->row_ops = (uint8_t)(BIT_INSERT | BIT_AFTER | BIT_DELETE | before);
        rel->delete_by_key = false;
        break;
    case SB_REL_MATERIALIZE:
        rel->row_ops = BIT_INSERT | BIT_AFTER | BIT_DELETE;
        rel->delete_by_key = false;
        break;
    case SB_REL_SORT:
        rel->row_ops = BIT_INSERT;
        rel->delete_by_key = false;
        break;
    case SB_REL_DROP_BEFORE: rel->row_ops &= (uint8_t)~BIT_BEFORE; break;
    default: break;
    }
}

static sb_status
changes_up(sb_rel_context *ctx, sb_rel **order, int32_t total, bool first)
{
    for (int32_t i = 0; i < total; i++) {
        changes_row_ops(order[i], first);
        SB_TRY(sb_lower_upsert_keys(ctx, order[i]), ctx->err);
        order[i]->after_ok = changes_after_ok(ctx, order[i]);
    }
    return SB_OK;
}

/* ---- sinks ---- */

static const char *
changes_kinds(uint8_t ops)
{
    bool update = (ops & (BIT_BEFORE | BIT_AFTER)) != 0, remove = (ops & BIT_DELETE) != 0;

    return update && remove ? "update and delete" : update ? "update" : "delete";
}

/* The relation whose changes arrive. */
static const char *
changes_culprit(const sb_rel *rel)
{
    while (rel->count_inputs > 0 && rel->kind != SB_REL_AGG && rel->kind != SB_REL_NORMALIZE) {
        const sb_rel *next = rel->inputs[0];

        for (int32_t i = 0; i < rel->count_inputs; i++) {
            if (!sb_ops_insert_only(rel->inputs[i]->row_ops)) {
                next = rel->inputs[i];
                break;
            }
        }
        rel = next;
    }
    switch (rel->kind) {
    case SB_REL_AGG: return rel->count_aggs == 0 ? "DISTINCT" : "GROUP BY without a window";
    case SB_REL_SCAN: return rel->table->desc.name;
    default:
        return rel->count_inputs > 0 && rel->inputs[0]->table != NULL
                   ? rel->inputs[0]->table->desc.name
                   : "an upsert source";
    }
}

static sb_status
changes_check_sink(sb_rel_context *ctx, const sb_rel *sink)
{
    uint8_t ops = sink->inputs[0]->row_ops, accepts = sink->sink_info.accepts, lack = 0;

    if (sb_ops_updates(ops) && (accepts & (BIT_AFTER | BIT_BEFORE)) == 0) {
        lack |= BIT_AFTER;
    }
    if ((ops & BIT_DELETE) != 0 && (accepts & BIT_DELETE) == 0) {
        lack |= BIT_DELETE;
    }
    if (lack == 0) {
        return SB_OK;
    }
    (void)sb_sql_error(ctx->err, SB_SQL_SINK_CHANGES, sink->begin, sink->end,
                       "table \"%s\" cannot take %s changes, which %s makes", sink->sink->name,
                       changes_kinds(lack), changes_culprit(sink->inputs[0]));
    sb_error_hint(
        ctx->err,
        "use a sink that takes changes, e.g. format 'changelog-json' or 'debezium-json'%s",
        sink->sink->primary_key.count == 0 ? ", or aggregate over a window" : "");
    return SB_STATUS_SEMANTIC;
}

static bool
changes_wants_materialize(const sb_lower *lower, const sb_rel *sink)
{
    const char *mode = sb_config_get(lower->config, "table.exec.sink.upsert-materialize");
    const sb_columns *key = &sink->sink->primary_key;
    const sb_rel *input = sink->inputs[0];

    if (key->count == 0 || (mode != NULL && sb_str_equal_nocase(sb_str_of(mode), SB_STR("NONE")))) {
        return false;
    }
    if (mode != NULL && sb_str_equal_nocase(sb_str_of(mode), SB_STR("FORCE"))) {
        return true;
    }
    return !sb_ops_insert_only(sink->sink_info.accepts) &&
           !sb_lower_key_within(&input->upsert_keys, key);
}

/* "a, b"; NULL: out of memory. */
static const char *
changes_names(sb_rel_context *ctx, const sb_schema *schema, const sb_columns *columns)
{
    const char *text = "";

    for (int32_t i = 0; text != NULL && i < columns->count; i++) {
        text = sb_arena_printf(ctx->arena, "%s%s%s", text, i > 0 ? ", " : "",
                               schema->fields[columns->at[i]].name);
    }
    return text;
}

/* table.exec.sink.require-on-conflict, in Flink's words. */
static sb_status
changes_key_conflict(sb_rel_context *ctx, const sb_rel *sink)
{
    const sb_rel *input = sink->inputs[0];
    const char *key = changes_names(ctx, sink->sink->columns, &sink->sink->primary_key);
    const char *upsert = input->upsert_keys.count > 0
                             ? changes_names(ctx, &input->schema, &input->upsert_keys.at[0])
                             : "";

    if (key == NULL || upsert == NULL) {
        SB_NOMEM(ctx->err);
    }
    (void)sb_sql_error(
        ctx->err, SB_SQL_SINK_CHANGES, sink->begin, sink->end,
        "the query has an upsert key that differs from the primary key of the sink table \"%s\": "
        "primary key [%s], upsert key [%s]",
        sink->sink->name, key, upsert);
    sb_error_hint(ctx->err, "SET 'table.exec.sink.require-on-conflict' = 'false' keeps all rows of "
                            "a key and shows the last");
    return SB_STATUS_SEMANTIC;
}

/* Rows that table.exec.sink.not-null-enforcer = DROP drops must not enter a materializer. */
static sb_status
changes_drop_nulls(sb_lower *lower, const sb_rel *sink, sb_rel **input)
{
    sb_rel_context *ctx = lower->rel;
    const sb_schema *columns = sink->sink->columns;
    sb_expr **list = SB_NEW_ARRAY(ctx->arena, sb_expr *, columns->count + 1), *condition;
    int32_t count = 0;

    if (list == NULL) {
        SB_NOMEM(ctx->err);
    }
    if (!sb_lower_drops_nulls(lower)) {
        return SB_OK;
    }
    for (int32_t i = 0; i < columns->count; i++) {
        const sb_type *type = &(*input)->schema.fields[i].type;

        if (!columns->fields[i].type.nullable && type->nullable) {
            sb_expr *column = sb_expr_column(ctx->arena, i, type);

            if (column == NULL) {
                SB_NOMEM(ctx->err);
            }
            SB_TRY(sb_expr_call(ctx->arena, "IS NOT NULL", &column, 1, &list[count++], ctx->err),
                   ctx->err);
        }
    }
    SB_TRY(sb_expr_conjunction(ctx->arena, list, count, &condition, ctx->err), ctx->err);
    return condition != NULL ? sb_rel_filter(ctx, *input, condition, input) : SB_OK;
}

static sb_status
changes_sink(sb_lower *lower, sb_rel *sink)
{
    sb_rel_context *ctx = lower->rel;
    sb_rel *input = sink->inputs[0], *materialize;
    const sb_columns *key = &sink->sink->primary_key;
    bool prefers_after = (sink->sink_info.upsert && key->count > 0) || sink->sink_info.no_before;

    SB_TRY(changes_check_sink(ctx, sink), ctx->err);
    sink->need_before = true;
    sink->need_full_delete = !sink->sink_info.delete_by_key;
    if (sink->collect) {
        return SB_OK;
    }
    if (prefers_after && (key->count == 0 || sb_lower_key_equals(&input->upsert_keys, key))) {
        sink->need_before = !input->after_ok;
    }
    if (!changes_wants_materialize(lower, sink)) {
        return SB_OK;
    }
    if (sb_config_bool(lower->config, "table.exec.sink.require-on-conflict", false)) {
        return changes_key_conflict(ctx, sink);
    }
    SB_TRY(changes_drop_nulls(lower, sink, &input), ctx->err);
    SB_TRY(sb_rel_new(ctx, SB_REL_MATERIALIZE, &input, 1, &materialize), ctx->err);
    materialize->keys = *key;
    if (input->upsert_keys.count > 0) {
        materialize->upsert_key = input->upsert_keys.at[0];
    }
    SB_TRY(sb_rel_derive(ctx, materialize), ctx->err);
    sink->inputs[0] = materialize;
    return SB_OK;
}

/* ---- top-down ---- */

typedef struct changes_need {
    bool before; /* -U */
    bool full;   /* whole rows in -D */
} changes_need;

/* What rel wants of its inputs, after what is wanted of it. */
static changes_need
changes_wants(sb_rel_context *ctx, const sb_rel *rel)
{
    changes_need need = {.before = rel->need_before, .full = rel->need_full_delete};

    switch (rel->kind) {
    case SB_REL_AGG:
    case SB_REL_WINDOW_AGG:
    case SB_REL_MATERIALIZE:
    case SB_REL_JOIN:
    case SB_REL_EXPAND:
    case SB_REL_UNNEST:
    case SB_REL_SORT:
    case SB_REL_WINDOW_JOIN: return (changes_need){.before = true, .full = true};
    case SB_REL_NORMALIZE: return (changes_need){.before = false, .full = false};
    case SB_REL_CALC:
        need.full |= rel->condition != NULL && !changes_condition_on_key(ctx, rel);
        return need;
    default: return need;
    }
}

static void
changes_down(sb_rel_context *ctx, sb_rel **order, int32_t total)
{
    for (int32_t i = total - 1; i >= 0; i--) {
        sb_rel *rel = order[i];
        changes_need need = changes_wants(ctx, rel);

        for (int32_t k = 0; k < rel->count_inputs; k++) {
            rel->inputs[k]->need_before |= need.before && sb_ops_updates(rel->inputs[k]->row_ops);
            rel->inputs[k]->need_full_delete |= need.full;
        }
    }
}

static bool
changes_reads_metadata(const sb_rel_table *table)
{
    for (int32_t i = 0; i < table->catalog->count_columns; i++) {
        if (table->used[i] && table->catalog->columns[i].kind == SB_AST_COLUMN_METADATA) {
            return true;
        }
    }
    return false;
}

/* Is the normalize of no use to a consumer? */
static bool
changes_normalize_idle(const sb_lower *lower, const sb_rel *rel, changes_need need)
{
    const sb_rel *below = rel->inputs[0];

    while (below->kind != SB_REL_SCAN) {
        below = below->inputs[0];
    }
    return rel->condition == NULL && !need.before && !(below->delete_by_key && need.full) &&
           !changes_reads_metadata(below->table) &&
           !sb_config_bool(lower->config, "table.exec.source.cdc-events-duplicate", false);
}

/* One consumer of rel: goes around a normalize that is of no use to it, or gets no -U. */
static sb_status
changes_settle_edge(sb_lower *lower, sb_rel *rel, sb_rel *consumer, int32_t k, sb_rel **drop)
{
    sb_rel_context *ctx = lower->rel;
    changes_need need = changes_wants(ctx, consumer);

    if (rel->kind == SB_REL_NORMALIZE && changes_normalize_idle(lower, rel, need)) {
        consumer->inputs[k] = rel->inputs[0];
        rel->inputs[0]->need_full_delete |= need.full;
        return SB_OK;
    }
    if ((rel->row_ops & BIT_BEFORE) == 0 || need.before || consumer->kind == SB_REL_NORMALIZE ||
        (rel->kind == SB_REL_SCAN && rel->table->normalize)) {
        return SB_OK;
    }
    if (*drop == NULL) {
        SB_TRY(sb_rel_new(ctx, SB_REL_DROP_BEFORE, &rel, 1, drop), ctx->err);
        SB_TRY(sb_rel_derive(ctx, *drop), ctx->err);
        SB_TRY(sb_lower_upsert_keys(ctx, *drop), ctx->err);
        changes_row_ops(*drop, false);
    }
    consumer->inputs[k] = *drop;
    return SB_OK;
}

/* Bottom-up, so that a relation that got no -U sends none. */
static sb_status
changes_settle(sb_lower *lower, sb_rel **order, int32_t total)
{
    for (int32_t i = 0; i < total; i++) {
        sb_rel *rel = order[i], *drop = NULL;

        changes_row_ops(rel, false);
        if (rel->kind != SB_REL_NORMALIZE && (rel->row_ops & BIT_BEFORE) == 0) {
            continue;
        }
        for (int32_t j = i + 1; j < total; j++) {
            for (int32_t k = 0; k < order[j]->count_inputs; k++) {
                if (order[j]->inputs[k] == rel) {
                    SB_TRY(changes_settle_edge(lower, rel, order[j], k, &drop), lower->rel->err);
                }
            }
        }
    }
    return SB_OK;
}

/* The first table below that never ends; NULL: none. */
static const sb_rel *
changes_endless(const sb_rel *rel)
{
    const sb_rel *found = rel->kind == SB_REL_SCAN && !rel->table->source.bounded ? rel : NULL;

    for (int32_t i = 0; i < rel->count_inputs && found == NULL; i++) {
        found = changes_endless(rel->inputs[i]);
    }
    return found;
}

/* Rows leave a sort when its input has ended. */
static sb_status
changes_check_sort(sb_rel_context *ctx, const sb_rel *sort)
{
    bool retracts = !sb_ops_insert_only(sort->inputs[0]->row_ops);
    const sb_rel *endless = changes_endless(sort);

    if (retracts || sort->keys.count > 0) {
        const sb_schema *schema = &sort->schema;

        if (endless != NULL) {
            (void)sb_sql_error(ctx->err, SB_SQL_UNSUPPORTED, sort->begin, sort->end,
                               "not supported: %s over input that does not end",
                               sort->keys.count > 0 ? "ORDER BY" : "LIMIT of changing rows");
            sb_error_hint(ctx->err, "table \"%s\" has no end", endless->table->desc.name);
            return SB_STATUS_NOT_SUPPORTED;
        }
        for (int32_t i = 0; retracts && i < schema->count; i++) {
            if (schema->fields[i].type.id >= SB_TYPE_ARRAY) {
                return sb_sql_error(ctx->err, SB_SQL_UNSUPPORTED, sort->begin, sort->end,
                                    "not supported: sorting changes of rows with the nested "
                                    "column \"%s\"",
                                    schema->fields[i].name);
            }
        }
    }
    return SB_OK;
}

bool
sb_lower_is_batch(const sb_lower *lower)
{
    const char *mode = sb_config_get(lower->config, "execution.runtime-mode");

    return mode != NULL && sb_str_equal_nocase(sb_str_of(mode), SB_STR("BATCH"));
}

/* execution.runtime-mode = BATCH: the sink gets what the changes amount to, when all have been
 * made. */
static sb_status
changes_batch(sb_lower *lower, sb_rel *sink)
{
    sb_rel_context *ctx = lower->rel;
    const sb_rel *endless = changes_endless(sink);
    sb_rel *sort;

    if (endless != NULL) {
        (void)sb_sql_error(ctx->err, SB_SQL_OPTION, sink->begin, sink->end,
                           "execution.runtime-mode = BATCH: table \"%s\" has no end",
                           endless->table->desc.name);
        sb_error_hint(ctx->err, "SET 'execution.runtime-mode' = 'STREAMING'");
        return SB_STATUS_INVALID;
    }
    if (sb_ops_insert_only(sink->inputs[0]->row_ops)) {
        return SB_OK;
    }
    SB_TRY(sb_rel_new(ctx, SB_REL_SORT, &sink->inputs[0], 1, &sort), ctx->err);
    sort->limit = -1;
    sort->begin = sink->begin;
    sort->end = sink->end;
    SB_TRY(sb_rel_derive(ctx, sort), ctx->err);
    sink->inputs[0] = sort;
    return SB_OK;
}

static sb_status
changes_check(sb_rel_context *ctx, const sb_rel *rel)
{
    if (rel->kind == SB_REL_SORT) {
        return changes_check_sort(ctx, rel);
    }
    if (rel->kind == SB_REL_WINDOW_JOIN) {
        for (int32_t i = 0; i < 2; i++) {
            if (!sb_ops_insert_only(rel->inputs[i]->row_ops)) {
                return sb_sql_error(ctx->err, SB_SQL_UNSUPPORTED, rel->begin, rel->end,
                                    "not supported: window join over updates");
            }
        }
    }
    return rel->kind == SB_REL_JOIN ? sb_lower_check_interval(ctx, rel) : SB_OK;
}

sb_status
sb_lower_changes(sb_lower *lower, sb_rel **sinks, int32_t count)
{
    sb_rel_context *ctx = lower->rel;
    sb_rel **order;
    int32_t total;

    SB_TRY(sb_rel_order(ctx, sinks, count, &order, &total), ctx->err);
    for (int32_t i = 0; i < total; i++) {
        if (order[i]->kind == SB_REL_SCAN && order[i]->table->normalize) {
            SB_TRY(changes_add_normalize(ctx, order[i], order, total), ctx->err);
        }
    }
    SB_TRY(sb_rel_order(ctx, sinks, count, &order, &total), ctx->err);
    SB_TRY(changes_up(ctx, order, total, true), ctx->err);
    if (sb_lower_is_batch(lower)) {
        for (int32_t i = 0; i < count; i++) {
            SB_TRY(changes_batch(lower, sinks[i]), ctx->err);
        }
        SB_TRY(sb_rel_order(ctx, sinks, count, &order, &total), ctx->err);
        SB_TRY(changes_up(ctx, order, total, true), ctx->err);
    }
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(changes_sink(lower, sinks[i]), ctx->err);
    }
    SB_TRY(sb_rel_order(ctx, sinks, count, &order, &total), ctx->err);
    SB_TRY(changes_up(ctx, order, total, true), ctx->err);
    changes_down(ctx, order, total);
    SB_TRY(changes_settle(lower, order, total), ctx->err);
    SB_TRY(sb_rel_order(ctx, sinks, count, &order, &total), ctx->err);
    SB_TRY(changes_up(ctx, order, total, false), ctx->err);
    for (int32_t i = 0; i < total; i++) {
        SB_TRY(changes_check(ctx, order[i]), ctx->err);
    }
    return SB_OK;
}
