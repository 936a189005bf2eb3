/*
 * operators/agg_set.c -- see agg_set.h.
 */
#include "operators/agg_set.h"

#include <string.h>

#include "operators/agg_side.h"

bool
sb_agg_set_merges(const sb_agg_call *calls, int32_t count, bool retracts)
{
    for (int32_t i = 0; i < count; i++) {
        bool extreme = calls[i].kind == SB_AGG_MIN || calls[i].kind == SB_AGG_MAX;
        bool arrival = calls[i].kind == SB_AGG_FIRST || calls[i].kind == SB_AGG_LAST ||
                       calls[i].kind == SB_AGG_JSON_ARRAY ||
                       (calls[i].kind == SB_AGG_LIST && retracts);
        bool alone = calls[i].kind == SB_AGG_USER && !calls[i].function->def.merge;
        if ((calls[i].distinct && !extreme) || (extreme && retracts) || arrival || alone) {
            return false;
        }
    }
    return true;
}

static bool
is_extreme(const sb_agg *agg)
{
    return agg->call.kind == SB_AGG_MIN || agg->call.kind == SB_AGG_MAX;
}

/* Does it take part in a set of different values? */
static bool
shares_values(const sb_agg_call *call)
{
    return call->distinct && call->kind != SB_AGG_MIN && call->kind != SB_AGG_MAX;
}

sb_status
sb_agg_set_declare(sb_agg_set *set, sb_mem *mem, const sb_agg_call *calls, int32_t count,
                   const sb_schema *input, bool retracts, bool previous, bool numbers,
                   sb_field *fields, int32_t *count_fields, sb_error *err)
{
    *set = (sb_agg_set){.mem = mem, .count = count, .retracts = retracts, .number_column = -1};
    set->arena = sb_arena_new(mem);
    if (!set->arena) {
        SB_NOMEM(err);
    }
    set->aggs = SB_NEW_ARRAY(set->arena, sb_agg, count + 1);
    set->extremes = SB_NEW_ARRAY(set->arena, sb_table *, count + 1);
    set->distincts = SB_NEW_ARRAY(set->arena, sb_distinct_set, count + 1);
    set->arrivals = SB_NEW_ARRAY(set->arena, sb_agg_arrival *, count + 1);
    set->contents = SB_NEW_ARRAY(set->arena, sb_agg_contents *, count + 1);
    set->users = SB_NEW_ARRAY(set->arena, sb_agg_user *, count + 1);
    set->inputs = SB_NEW_ARRAY(set->arena, sb_agg_input, count + 1);
    set->flats = SB_NEW_ARRAY(set->arena, sb_vector *, count + 1);
    if (!set->inputs || !set->flats || !set->users || !set->contents || !set->aggs ||
        !set->arrivals || !set->extremes || !set->distincts) {
        SB_NOMEM(err);
    }
    /* Beside the keys: they are in the cache when the number is wanted. */
    for (int32_t i = 0; i < count && numbers && !retracts && set->number_column < 0; i++) {
        if (shares_values(&calls[i])) {
            set->number_column = *count_fields;
            fields[(*count_fields)++] =
                (sb_field){.name = "number", .type = SB_TYPE(BIGINT, false)};
        }
    }
    for (int32_t i = 0; i < count; i++) {
        const sb_type *arg = calls[i].arg >= 0 ? &input->fields[calls[i].arg].type : NULL;
        SB_TRY(sb_agg_columns(&set->aggs[i], &calls[i], arg, retracts, previous, fields,
                              count_fields, err),
               err);
    }
    return SB_OK;
}

static sb_status
alloc_scratch(sb_agg_set *set, int32_t capacity, sb_error *err)
{
    size_t n = (size_t)capacity;
    set->capacity = capacity;
    set->acts = sb_arena_alloc(set->arena, n * (size_t)(set->count + 1));
    set->act = SB_NEW_ARRAY(set->arena, const int8_t *, set->count + 1);
    set->ones = sb_arena_alloc(set->arena, n);
    set->hashes = SB_NEW_ARRAY(set->arena, uint64_t, n);
    set->rows = SB_NEW_ARRAY(set->arena, uint8_t *, n);
    set->ends = SB_NEW_ARRAY(set->arena, int32_t, n);
    set->masks = SB_NEW_ARRAY(set->arena, uint64_t, n);
    set->numbers = SB_NEW_ARRAY(set->arena, int32_t, n);
    set->last = SB_NEW_ARRAY(set->arena, int32_t, SB_DISTINCT_SLOTS);
    set->positions = SB_NEW_ARRAY(set->arena, int32_t, n);
    set->physical = SB_NEW_ARRAY(set->arena, int32_t, n);
    set->space = SB_NEW_ARRAY(set->arena, int64_t, n);
    if (!set->acts || !set->act || !set->ones || !set->hashes || !set->rows || !set->positions ||
        !set->physical || !set->space || !set->ends || !set->masks || !set->numbers || !set->last ||
        !sb_agg_set_share(set, capacity) || !sb_agg_set_order_init(set, capacity)) {
        SB_NOMEM(err);
    }
    memset(set->ones, 1, n);
    return SB_OK;
}

static sb_status
open_numbers(sb_agg_set *set, sb_error *err)
{
    static const sb_type number = SB_TYPE(BIGINT, false);
    set->number_at =
        sb_table_layout(set->table)->offsets[sb_table_field(set->table, set->number_column)];
    set->groups = SB_NEW_ARRAY(set->arena, int64_t, set->capacity);
    set->words = SB_NEW_ARRAY(set->arena, uint64_t, set->capacity);
    set->group_key = sb_vector_alloc(set->mem, &number, set->capacity, false);
    if (!set->groups || !set->words || !set->group_key) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_agg_set_open(sb_agg_set *set, sb_init *ctx, sb_table *table, const sb_schema *key,
                bool has_space, uint32_t first_id, int64_t ttl_ms, int32_t capacity, sb_error *err)
{
    set->table = table;
    set->has_space = has_space;
    SB_TRY(alloc_scratch(set, capacity, err), err);
    if (set->number_column >= 0) {
        SB_TRY(open_numbers(set, err), err);
    }
    for (int32_t i = 0; i < set->count; i++) {
        sb_agg *agg = &set->aggs[i];
        sb_agg_bind(agg, table);
        set->has_bytes = set->has_bytes || sb_agg_is_bytes(agg) || sb_agg_is_collecting(agg);
        if (is_extreme(agg) && set->retracts) {
            SB_TRY(sb_extreme_open(set, i, ctx, key, first_id + (uint32_t)i, ttl_ms, err), err);
        } else if (shares_values(&agg->call)) {
            SB_TRY(sb_distinct_join(set, i, err), err);
        }
        uint32_t id = first_id + (uint32_t)(set->count + 2 * i); /* behind those of the others */
        if (sb_agg_is_collecting(agg)) {
            SB_TRY(sb_agg_collect_open(set, i, ctx, key, id, ttl_ms, err), err);
        } else if (sb_agg_is_arrival(agg) && set->retracts) {
            SB_TRY(sb_arrival_open(set, i, ctx, key, id, ttl_ms, err), err);
        }
    }
    for (int32_t i = 0; i < set->count_distincts; i++) {
        sb_distinct_set *d = &set->distincts[i];
        SB_TRY(sb_distinct_open(set, d, ctx, key, first_id + (uint32_t)d->members[0], ttl_ms, err),
               err);
    }
    return SB_OK;
}

void
sb_agg_set_close(sb_agg_set *set)
{
    for (int32_t i = 0; set->contents && i < set->count; i++) {
        if (set->contents[i]) {
            sb_agg_collect_close(set, i);
        }
    }
    for (int32_t i = 0; i < set->count_distincts; i++) {
        sb_vector_unref(set->distincts[i].values);
    }
    sb_vector_unref(set->group_key);
    set->group_key = NULL;
    set->count_distincts = 0;
    set->contents = NULL;
    set->arena = sb_arena_free(set->arena);
}

void
sb_agg_set_drop_space(sb_agg_set *set, int64_t space)
{
    for (int32_t i = 0; i < set->count_distincts; i++) {
        sb_table_drop_space(set->distincts[i].table, space);
    }
    for (int32_t i = 0; i < set->count; i++) {
        if (set->extremes[i]) {
            sb_table_drop_space(set->extremes[i], space);
        }
        if (set->arrivals[i]) {
            sb_table_drop_space(set->arrivals[i]->places, space);
        }
        if (set->contents[i]) {
            sb_table_drop_space(set->contents[i]->table, space);
        }
    }
}

sb_status
sb_agg_set_results(sb_agg_set *set, int32_t index, const sb_agg_groups *groups,
                   sb_column_builder *out, sb_error *err)
{
    return set->contents[index]
               ? sb_agg_collect_results(set, index, groups, out, err)
               : sb_agg_results(&set->aggs[index], sb_table_layout(set->table), groups->rows,
                                groups->slices, groups->count, out, err);
}

sb_status
sb_agg_set_previous(const sb_agg_set *set, int32_t index, uint8_t *const *rows, int32_t count,
                    sb_column_builder *out, sb_error *err)
{
    if (!set->contents[index]) {
        return sb_agg_previous(&set->aggs[index], sb_table_layout(set->table), rows, count, out,
                               err);
    }
    sb_agg_collect_previous(set, index, rows, count, out);
    if (out->failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

bool
sb_agg_set_collects(const sb_agg_set *set)
{
    for (int32_t i = 0; i < set->count; i++) {
        if (sb_agg_is_collecting(&set->aggs[i])) {
            return true;
        }
    }
    return false;
}

sb_status
sb_agg_set_save(const sb_agg_set *set, uint8_t **row, sb_error *err)
{
    for (int32_t i = 0; i < set->count; i++) {
        if (sb_agg_is_bytes(&set->aggs[i])) {
            SB_TRY(sb_agg_save_bytes(&set->aggs[i], set->table, row, err), err);
        } else {
            sb_agg_save(&set->aggs[i], *row);
        }
    }
    return SB_OK;
}

void
sb_agg_set_start(const sb_agg_set *set, uint8_t *row)
{
    for (int32_t i = 0; i < set->count; i++) {
        sb_agg_start(&set->aggs[i], row);
    }
}

/* Aggregates whose results go through a builder: bytes, and extremes of retracting input. */
static sb_status
update_built(sb_agg_set *set, int32_t index, sb_agg_run *run, const sb_agg_input *in,
             sb_vector **pairs, sb_error *err)
{
    sb_agg *agg = &set->aggs[index];
    sb_column_builder builder;
    SB_TRY(sb_column_builder_init(&builder, set->mem, agg->type, err), err);
    sb_column_builder *out = pairs ? &builder : NULL;
    sb_status status =
        set->contents[index]   ? sb_agg_collect_update(set, index, run, in->act, out, err)
        : set->extremes[index] ? sb_extreme_update(set, index, run, in->act, out, err)
                               : sb_agg_update_bytes(agg, set->table, in, out, err);
    if (status == SB_OK && pairs) {
        *pairs = sb_column_finish(&builder, err);
        status = *pairs ? SB_OK : SB_STATUS_NOMEM;
    }
    sb_column_builder_deinit(&builder);
    return status;
}

/* Ends of the stretches of positions with the same row; 0: rows change too often, or move. */
static int32_t
find_stretches(sb_agg_set *set, const sb_agg_run *run)
{
    int32_t n = 0, limit = run->count / 8;
    if (run->how || set->has_bytes) {
        return 0;
    }
    for (int32_t i = 1; i < run->count && n < limit; i++) {
        set->ends[n] = i;
        n += run->rows[i] != run->rows[i - 1];
    }
    if (n == limit) {
        return 0;
    }
    set->ends[n++] = run->count;
    return n;
}

static bool
is_built(const sb_agg_set *set, int32_t index)
{
    return set->extremes[index] || set->contents[index] || sb_agg_is_bytes(&set->aggs[index]);
}

/* The argument is one reference of the caller's. */
static sb_status
open_input(sb_agg_set *set, int32_t index, const sb_agg_run *run, int32_t stretches,
           sb_agg_input *in, sb_vector **out_flat, sb_error *err)
{
    int32_t column = set->aggs[index].call.arg;
    sb_vector *arg = column >= 0 ? run->head->columns[column] : NULL;
    *out_flat = arg ? sb_vector_flatten(set->mem, arg) : NULL;
    if (arg && !*out_flat) {
        SB_NOMEM(err);
    }
    *in = (sb_agg_input){.count = run->count,
                         .rows = run->rows,
                         .physical = run->physical,
                         .arg = *out_flat,
                         .mem = set->mem,
                         .act = set->act[index],
                         .how = run->how,
                         .ends = stretches > 0 ? set->ends : NULL,
                         .count_ends = stretches,
                         .plain = set->act[index] == set->ones,
                         .all_rows = run->rows,
                         .count_all = run->count};
    return SB_OK;
}

static sb_status
update_one(sb_agg_set *set, int32_t index, sb_agg_run *run, int32_t stretches, sb_vector **pairs,
           sb_error *err)
{
    sb_agg *agg = &set->aggs[index];
    sb_agg_input in;
    sb_vector *flat;
    sb_status status = SB_OK;
    SB_TRY(open_input(set, index, run, stretches, &in, &flat, err), err);
    if (is_built(set, index)) {
        status = update_built(set, index, run, &in, pairs, err);
    } else if (!pairs) {
        sb_agg_update(agg, &in, NULL);
    } else {
        sb_agg_output out = {sb_vector_alloc(set->mem, agg->type, 2 * run->count, true)};
        if (!out.vector) {
            status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        } else {
            sb_agg_update(agg, &in, &out);
            *pairs = out.vector;
        }
    }
    sb_vector_unref(flat);
    return status;
}

/* Asks for the rows of some positions. */
static void
fetch_rows(const sb_agg_set *set, uint8_t *const *rows, int32_t count)
{
    uint32_t size = sb_table_layout(set->table)->fixed_size;
    for (int32_t i = 0; i < count; i++) {
        for (uint32_t at = 0; at < size; at += 64) {
            __builtin_prefetch(rows[i] + at, 1);
        }
    }
}

/* Has it a table of its own? */
static bool
is_beside(const sb_agg_set *set, int32_t index)
{
    return set->extremes[index] || set->contents[index];
}

/* Aggregates with all they need in the row, a block of positions after the other: the rows of a
 * block stay in the cache from one aggregate to the next. */
static sb_status
update_blocks(sb_agg_set *set, sb_agg_run *run, sb_error *err)
{
    enum { BLOCK = 256 };

    sb_status status = SB_OK;
    int32_t n = 0;
    for (; n < set->count && status == SB_OK; n++) {
        set->flats[n] = NULL;
        if (!is_beside(set, n)) {
            status = open_input(set, n, run, 0, &set->inputs[n], &set->flats[n], err);
        }
    }
    for (int32_t from = 0; status == SB_OK && from < run->count; from += BLOCK) {
        int32_t rows = run->count - from < BLOCK ? run->count - from : BLOCK;
        fetch_rows(set, run->rows + from, rows);
        for (int32_t i = 0; i < set->count && status == SB_OK; i++) {
            if (is_beside(set, i)) {
                continue;
            }
            sb_agg_input in = set->inputs[i];
            in.count = rows;
            in.rows += from;
            in.physical += from;
            in.act += from;
            in.how = in.how ? in.how + from : NULL;
            if (sb_agg_is_bytes(&set->aggs[i])) {
                status = sb_agg_update_bytes(&set->aggs[i], set->table, &in, NULL, err);
            } else {
                sb_agg_update(&set->aggs[i], &in, NULL);
            }
        }
    }
    while (n-- > 0) {
        sb_vector_unref(set->flats[n]);
    }
    return status;
}

sb_status
sb_agg_set_update(sb_agg_set *set, sb_agg_run *run, sb_vector **pairs, sb_error *err)
{
    sb_assert(run->count <= set->capacity);
    sb_agg_run ordered;
    int32_t stretches = find_stretches(set, run);
    if (stretches == 0 && !pairs) {
        stretches = sb_agg_set_order(set, run, &ordered);
        run = stretches > 0 ? &ordered : run;
    }
    sb_agg_set_acts(set, run);
    if (set->number_column >= 0) {
        sb_agg_number_groups(set, run);
    }
    for (int32_t i = 0; i < set->count_distincts; i++) {
        SB_TRY(sb_distinct_update(set, &set->distincts[i], run, err), err);
    }
    bool blocks = stretches == 0 && !pairs;
    if (blocks) {
        SB_TRY(update_blocks(set, run, err), err);
    }
    for (int32_t i = 0; i < set->count; i++) {
        if (blocks && !is_beside(set, i)) {
            continue;
        }
        sb_status status = update_one(set, i, run, stretches, pairs ? &pairs[i] : NULL, err);
        if (status != SB_OK) {
            for (int32_t k = 0; pairs && k < i; k++) {
                sb_vector_unref(pairs[k]);
                pairs[k] = NULL;
            }
            return status;
        }
    }
    return SB_OK;
}
