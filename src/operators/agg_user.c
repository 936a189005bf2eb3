/*
 * operators/agg_user.c -- accumulators of user aggregates: in and out of their table, calls.
 *
 * THREADS    T:task
 */
#include "operators/agg_user.h"

#include <string.h>

#include "operators/agg_user_priv.h"

/* Buffers larger than this are given back after a run. */
#define KEEP_BYTES ((size_t)1 << 16)

static const sb_field acc_field = {
    .name = "acc", .type = {.id = SB_TYPE_VARBINARY, .nullable = false, .length = SB_LENGTH_MAX}};
const sb_schema sb_agg_user_row = {1, &acc_field};

/* ---- opening and closing ---- */

static sb_status
alloc_scratch(sb_agg_user *u, sb_arena *arena, sb_error *err)
{
    size_t n = (size_t)u->capacity;
    u->map_size = 16;
    while (u->map_size < 2 * u->capacity) {
        u->map_size *= 2;
    }
    u->accs = SB_NEW_ARRAY(arena, sabot_accumulator, n);
    u->slots = SB_NEW_ARRAY(arena, sb_user_slot, n);
    u->groups = SB_NEW_ARRAY(arena, sb_user_group, n);
    u->rows = SB_NEW_ARRAY(arena, uint8_t *, n);
    u->hashes = SB_NEW_ARRAY(arena, uint64_t, n);
    u->spaces = SB_NEW_ARRAY(arena, int64_t, n);
    u->key_rows = SB_NEW_ARRAY(arena, int32_t, n);
    u->asked = SB_NEW_ARRAY(arena, sabot_accumulator, n);
    u->merged = SB_NEW_ARRAY(arena, sabot_accumulator, n);
    u->asked_groups = SB_NEW_ARRAY(arena, int32_t, n);
    u->positions = SB_NEW_ARRAY(arena, sb_user_row, n);
    u->order = SB_NEW_ARRAY(arena, int32_t, n);
    u->starts = SB_NEW_ARRAY(arena, int32_t, n + 2);
    u->map = SB_NEW_ARRAY(arena, int32_t, u->map_size);
    u->chosen = SB_NEW_ARRAY(arena, int32_t, 2 * n);
    u->places = SB_NEW_ARRAY(arena, int32_t, n);
    u->chosen_groups = SB_NEW_ARRAY(arena, int32_t, n);
    if (!u->accs || !u->slots || !u->groups || !u->rows || !u->hashes || !u->spaces ||
        !u->key_rows || !u->asked || !u->merged || !u->asked_groups || !u->positions || !u->order ||
        !u->starts || !u->map || !u->chosen || !u->places || !u->chosen_groups) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static void *
resize(sabot_accumulator *self, size_t size)
{
    sb_user_slot *slot = self->engine;
    if (size > SB_UDF_ACCUMULATOR_MAX) {
        return NULL;
    }
    if (size > slot->capacity || !self->data) {
        size_t capacity = size + size / 2 + 16;
        void *grown = sb_realloc(slot->mem, self->data, slot->capacity, capacity);
        if (!grown) {
            return NULL;
        }
        self->data = grown;
        slot->capacity = capacity;
    }
    if (size > self->size) {
        memset((char *)self->data + self->size, 0, size - self->size);
    }
    self->size = size;
    return self->data;
}

sb_status
sb_agg_user_open(sb_agg_set *set, int32_t i, sb_init *ctx, sb_table *table, sb_error *err)
{
    const sb_agg_call *call = &set->aggs[i].call;
    const sb_field *arg = &ctx->inputs[0]->fields[call->arg];
    sb_agg_user *u = SB_NEW(set->arena, sb_agg_user);
    sb_field *result = SB_NEW_ARRAY(set->arena, sb_field, 1);
    if (!u || !result) {
        SB_NOMEM(err);
    }
    set->users[i] = u;
    u->mem = set->mem;
    u->table = table;
    u->arg = call->arg;
    u->packed = call->count_packed >= 0;
    u->capacity = set->capacity;
    u->args = u->packed ? (sb_schema){call->count_packed, arg->type.children} : (sb_schema){1, arg};
    *result = (sb_field){.name = "result", .type = *set->aggs[i].type};
    u->result = (sb_schema){1, result};
    SB_TRY(alloc_scratch(u, set->arena, err), err);
    for (int32_t g = 0; g < u->capacity; g++) {
        u->slots[g].mem = set->mem;
        u->accs[g] = (sabot_accumulator){.resize = resize, .engine = &u->slots[g]};
    }
    SB_TRY(sb_column_builder_init(&u->values, set->mem, set->aggs[i].type, err), err);
    u->has_values = true;
    return sb_udf_open(call->function, set->mem, &u->args, &u->result, ctx->zone, &u->function,
                       err);
}

static void
drop_buffer(sb_agg_user *u, int32_t g)
{
    sb_free(u->mem, u->accs[g].data, u->slots[g].capacity);
    u->accs[g].data = NULL;
    u->accs[g].size = u->slots[g].capacity = 0;
}

void
sb_agg_user_close(sb_agg_set *set, int32_t i)
{
    sb_agg_user *u = set->users[i];
    for (int32_t g = 0; u->accs && u->slots && g < u->capacity; g++) {
        if (u->accs[g].data) {
            drop_buffer(u, g);
        }
    }
    if (u->has_values) {
        sb_column_builder_deinit(&u->values);
    }
    sb_udf_close(u->function);
}

/* ---- accumulators ---- */

sb_status
sb_agg_user_create(sb_agg_user *u, int32_t g, sb_error *err)
{
    sb_udf_instance *f = u->function;
    sabot_accumulator *acc = &u->accs[g];
    acc->size = 0;
    if (!resize(acc, f->udf->def.accumulator_size)) {
        SB_NOMEM(err);
    }
    return f->udf->def.create
               ? sb_udf_status(f, f->udf->def.create(f->state, acc, sb_udf_context(f)), err)
               : SB_OK;
}

sb_status
sb_agg_user_load(sb_agg_user *u, int32_t g, const uint8_t *row, sb_error *err)
{
    sb_view bytes = sb_row_view(sb_table_layout(u->table), row, sb_table_field(u->table, 0));
    sabot_accumulator *acc = &u->accs[g];
    acc->size = 0;
    if (!resize(acc, sb_view_size(&bytes))) {
        SB_NOMEM(err);
    }
    memcpy(acc->data, sb_view_data(&bytes), sb_view_size(&bytes));
    return SB_OK;
}

sb_status
sb_agg_user_store(sb_agg_user *u, int32_t g, uint8_t *row, sb_error *err)
{
    sb_view bytes = sb_view_make(u->accs[g].data, (uint32_t)u->accs[g].size);
    if (!sb_table_set_view(u->table, row, 0, &bytes, false)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

void
sb_agg_user_trim(sb_agg_user *u, int32_t count)
{
    for (int32_t g = 0; g < count; g++) {
        if (u->slots[g].capacity > KEEP_BYTES) {
            drop_buffer(u, g);
        }
    }
}

/* ---- calls ---- */

/* Arguments of chosen[0..count), physical rows; those with a NULL leave when the function is
 * STRICT: *out_count are left, u->chosen_groups follows. */
static sb_status
export_rows(sb_agg_user *u, const sb_batch *head, int32_t count, struct ArrowArray *out,
            int32_t *out_count, sb_error *err)
{
    sb_vector *arg = sb_vector_gather(u->mem, head->columns[u->arg], u->chosen, count);
    bool ok = arg != NULL;
    if (ok && !u->packed) {
        u->columns[0] = sb_vector_ref(arg);
    }
    for (int32_t i = 0; ok && u->packed && i < u->args.count; i++) {
        u->columns[i] = sb_vector_field(u->mem, arg, i);
        ok = u->columns[i] != NULL;
    }
    sb_vector_unref(arg);
    if (!ok) {
        SB_NOMEM(err);
    }
    int32_t left = sb_udf_rows(u->function, u->columns, NULL, count, u->places);
    bool some = left < count;
    *out_count = left;
    for (int32_t k = 0; some && k < left; k++) {
        u->chosen_groups[k] = u->chosen_groups[u->places[k]];
    }
    return left > 0
               ? sb_udf_arguments(u->function, u->columns, some ? u->places : NULL, left, out, err)
               : SB_OK;
}

sb_status
sb_agg_user_apply(sb_agg_user *u, const sb_batch *head, int32_t count, int8_t sign, sb_error *err)
{
    sb_udf_instance *f = u->function;
    const sabot_function *def = &f->udf->def;
    struct ArrowArray arguments = {0};
    int32_t left = 0;
    if (count == 0) {
        return SB_OK;
    }
    if (sign < 0 && !def->retract) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "function %s has no `retract`, and rows change",
                f->udf->function.name);
    }
    sb_status status = export_rows(u, head, count, &arguments, &left, err);
    for (int32_t i = 0; i < u->args.count; i++) {
        sb_vector_unref(u->columns[i]);
        u->columns[i] = NULL;
    }
    if (status == SB_OK && left > 0) {
        sabot_status answer = (sign > 0 ? def->accumulate : def->retract)(
            f->state, u->accs, (size_t)u->count_groups, &arguments, u->chosen_groups,
            sb_udf_context(f));
        status = sb_udf_status(f, answer, err);
    }
    sb_udf_release(&arguments, NULL);
    return status;
}

sb_status
sb_agg_user_values(sb_agg_user *u, const sabot_accumulator *accs, int32_t count,
                   sb_column_builder *out, sb_error *err)
{
    sb_udf_instance *f = u->function;
    struct ArrowArray array = {0};
    struct ArrowSchema schema = {0};
    sb_vector *made = NULL;
    if (count == 0) {
        return SB_OK;
    }
    sabot_status answer =
        f->udf->def.value(f->state, accs, (size_t)count, &array, &schema, sb_udf_context(f));
    if (answer != SABOT_OK) {
        sb_udf_release(&array, &schema);
        return sb_udf_status(f, answer, err);
    }
    SB_TRY(sb_udf_take(f, &array, &schema, count, &made, err), err);
    for (int32_t i = 0; i < count; i++) {
        u->order[i] = i;
    }
    sb_column_gather(out, made, u->order, count);
    sb_vector_unref(made);
    if (out->failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* ---- results of groups ---- */

/* The accumulators of one slice of all groups, in u->rows; NULL where there is none. */
static void
find_slice(sb_agg_set *set, sb_agg_user *u, const sb_agg_groups *groups, int32_t slice)
{
    uint8_t *const *main = groups->rows + (size_t)slice * (size_t)groups->count;
    int32_t n = 0;
    for (int32_t i = 0; i < groups->count; i++) {
        if (main[i]) {
            u->key_rows[n] = groups->numbers[i];
            u->hashes[n] = sb_row_hash(main[i]);
            u->spaces[n] = set->has_space ? sb_row_space(set->table, main[i]) : 0;
            u->asked_groups[n++] = i;
        }
    }
    sb_keys keys = {groups->keys, u->key_rows, u->hashes, set->has_space ? u->spaces : NULL, n};
    uint8_t **found = u->rows;
    sb_map_find(u->table, &keys, found);
    for (int32_t i = groups->count, k = n; i-- > 0;) { /* to their groups, from behind */
        bool has = k > 0 && u->asked_groups[k - 1] == i;
        u->rows[i] = has ? found[--k] : NULL;
    }
}

/* Adds the accumulators of a slice to those that are loaded. */
static sb_status
merge_slice(sb_agg_user *u, int32_t count, bool *loaded, sb_error *err)
{
    sb_udf_instance *f = u->function;
    int32_t n = 0;
    for (int32_t i = 0; i < count; i++) {
        if (!u->rows[i]) {
            continue;
        }
        if (!loaded[i]) {
            SB_TRY(sb_agg_user_load(u, i, u->rows[i], err), err);
            loaded[i] = true;
            continue;
        }
        sb_view bytes =
            sb_row_view(sb_table_layout(u->table), u->rows[i], sb_table_field(u->table, 0));
        u->merged[n] = u->accs[i];
        u->asked_groups[n] = i;
        void *copy = sb_alloc(u->mem, sb_view_size(&bytes) + 1);
        if (copy) {
            memcpy(copy, sb_view_data(&bytes), sb_view_size(&bytes));
        }
        u->asked[n++] = (sabot_accumulator){.data = copy, .size = sb_view_size(&bytes)};
        if (!copy) {
            break;
        }
    }
    sb_status status = n > 0 && !u->asked[n - 1].data
                           ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                           : SB_OK;
    if (status == SB_OK && n > 0) {
        sabot_status answer =
            f->udf->def.merge(f->state, u->merged, u->asked, (size_t)n, sb_udf_context(f));
        status = sb_udf_status(f, answer, err);
    }
    for (int32_t k = 0; k < n; k++) { /* they may have been resized, also when it failed */
        u->accs[u->asked_groups[k]] = u->merged[k];
        sb_free(u->mem, u->asked[k].data, u->asked[k].data ? u->asked[k].size + 1 : 0);
    }
    return status;
}

sb_status
sb_agg_user_results(sb_agg_set *set, int32_t index, const sb_agg_groups *groups,
                    sb_column_builder *out, sb_error *err)
{
    sb_agg_user *u = set->users[index];
    sb_assert(groups->count <= u->capacity);
    bool *loaded = sb_alloc_zero(set->mem, (size_t)groups->count + 1);
    if (!loaded) {
        SB_NOMEM(err);
    }
    sb_status status = SB_OK;
    for (int32_t s = 0; s < groups->slices && status == SB_OK; s++) {
        find_slice(set, u, groups, s);
        status = merge_slice(u, groups->count, loaded, err);
    }
    for (int32_t i = 0; i < groups->count && status == SB_OK; i++) {
        status = loaded[i] ? SB_OK : sb_agg_user_create(u, i, err);
    }
    sb_free(set->mem, loaded, (size_t)groups->count + 1);
    if (status == SB_OK) {
        status = sb_agg_user_values(u, u->accs, groups->count, out, err);
    }
    sb_agg_user_trim(u, groups->count);
    return status;
}
