/*
 * operators/agg_arrival.c -- FIRST_VALUE, LAST_VALUE and LISTAGG over retracting input: all values
 * of a group in the order in which they came (R26, R29).
 *
 * DESIGN     Two ordered tables. The list: group key -> (number, value), numbers growing. The
 *            places: (group key, value) -> number. A value taken out is the oldest one like it, as
 *            in Flink; one that is not there is ignored. The accumulator in the main row holds the
 *            first or last value, or the text of all.
 * THREADS    T:task
 */
#include <string.h>

#include "base/hash.h"
#include "operators/agg_side.h"

#define SLOT_BITS (~(UINT64_MAX >> 15))

bool
sb_agg_is_arrival(const sb_agg *agg)
{
    return agg->call.kind >= SB_AGG_FIRST && agg->call.kind <= SB_AGG_LIST;
}

/* Index of the number among the fields of a row of the list; the value follows. */
static int32_t
number_field(const sb_agg_set *set, const sb_agg_arrival *a)
{
    return a->key.count - 1 + (set->has_space ? 1 : 0);
}

sb_status
sb_arrival_open(sb_agg_set *set, int32_t i, sb_init *ctx, const sb_schema *key, uint32_t id,
                int64_t ttl_ms, sb_error *err)
{
    sb_agg_arrival *a = SB_NEW(set->arena, sb_agg_arrival);
    sb_field *fields = SB_NEW_ARRAY(set->arena, sb_field, key->count + 1);
    sb_field *sort = SB_NEW_ARRAY(set->arena, sb_field, 2);
    if (!a || !fields || !sort) {
        SB_NOMEM(err);
    }
    a->columns = SB_NEW_ARRAY(set->arena, sb_vector *, key->count + 1);
    if (!a->columns) {
        SB_NOMEM(err);
    }
    for (int32_t k = 0; k < key->count; k++) {
        fields[k] = key->fields[k];
    }
    sb_type type = ctx->inputs[0]->fields[set->aggs[i].call.arg].type;
    fields[key->count] = (sb_field){.name = "value", .type = type};
    sort[0] = (sb_field){.name = "number", .type = SB_TYPE(BIGINT, false)};
    sort[1] = fields[key->count];
    a->key = (sb_schema){key->count + 1, fields};
    a->list_sort = (sb_schema){2, sort};
    a->place_sort = (sb_schema){1, sort};
    a->row = (sb_schema){0, sort};
    set->arrivals[i] = a;
    sb_table_spec list = {.table_id = id,
                          .shape = SB_ORDERED,
                          .key = key,
                          .has_space = set->has_space,
                          .sort = &a->list_sort,
                          .row = &a->row,
                          .ttl_ms = ttl_ms};
    sb_table_spec places = list;
    places.table_id = id + 1;
    places.key = &a->key;
    places.sort = &a->place_sort;
    SB_TRY(sb_state_open_table(ctx->state, &list, &set->extremes[i], err), err);
    return sb_state_open_table(ctx->state, &places, &a->places, err);
}

static int64_t
number_of(const sb_table *table, const uint8_t *entry, int32_t field)
{
    int64_t number;
    memcpy(&number, entry + sb_table_layout(table)->offsets[field], sizeof number);
    return number;
}

/* The key (group key, value) of one position. `hash` is room for its hash. */
static sb_keys
place_key(sb_agg_arrival *a, const sb_keys *one, sb_vector *value, uint64_t *hash)
{
    int32_t group = a->key.count - 1;
    for (int32_t k = 0; k < group; k++) {
        a->columns[k] = one->columns[k];
    }
    a->columns[group] = value;
    sb_hash_columns(&value, 1, one->rows, 1, hash);
    *hash = (one->hashes[0] & SLOT_BITS) | (sb_hash_combine(one->hashes[0], *hash) & ~SLOT_BITS);
    return (sb_keys){a->columns, one->rows, hash, one->space, 1};
}

/* Puts the value behind the others. */
static sb_status
put(sb_agg_set *set, int32_t index, const sb_keys *one, sb_vector *value, sb_error *err)
{
    sb_agg_arrival *a = set->arrivals[index];
    sb_table *list = set->extremes[index];
    const uint8_t *last = sb_ordered_last(list, one);
    int64_t number = last ? number_of(list, last, number_field(set, a)) + 1 : 0;
    uint64_t hash;
    uint8_t *entry;
    sb_vector *numbers =
        sb_vector_const(set->mem, &a->list_sort.fields[0].type, &number, value->length);
    if (!numbers) {
        SB_NOMEM(err);
    }
    sb_vector *sort[] = {numbers, value};
    sb_status status = sb_ordered_put(list, one, sort, &entry, NULL, err);
    if (status == SB_OK) {
        sb_table_touch(list, entry);
        sb_keys key = place_key(a, one, value, &hash);
        status = sb_ordered_put(a->places, &key, sort, &entry, NULL, err);
        if (status == SB_OK) {
            sb_table_touch(a->places, entry);
        }
    }
    sb_vector_unref(numbers);
    return status;
}

/* Takes out the oldest one like the value. */
static sb_status
take(sb_agg_set *set, int32_t index, const sb_keys *one, sb_vector *value, bool *out_found,
     sb_error *err)
{
    sb_agg_arrival *a = set->arrivals[index];
    uint64_t hash;
    sb_keys key = place_key(a, one, value, &hash);
    uint8_t *place = sb_ordered_first(a->places, &key);
    *out_found = place != NULL;
    if (!place) {
        return SB_OK;
    }
    int64_t number = number_of(a->places, place, number_field(set, a) + 1);
    sb_vector *numbers =
        sb_vector_const(set->mem, &a->list_sort.fields[0].type, &number, value->length);
    if (!numbers) {
        SB_NOMEM(err);
    }
    sb_vector *sort[] = {numbers, value};
    sb_table_erase_row(a->places, place);
    sb_ordered_erase(set->extremes[index], one, sort);
    sb_vector_unref(numbers);
    return SB_OK;
}

/* The accumulator of a list, from all values. */
static sb_status
join_all(sb_agg_set *set, int32_t index, sb_agg_run *run, int32_t i, sb_error *err)
{
    const sb_agg *agg = &set->aggs[index];
    sb_table *list = set->extremes[index];
    const sb_row_layout *layout = sb_table_layout(list);
    int32_t field = number_field(set, set->arrivals[index]) + 1;
    sb_keys one = sb_agg_one_key(run, i);
    const uint8_t *entry = sb_ordered_first(list, &one);
    if (!entry) {
        return sb_agg_set_view(set, run, i, agg->value_column, NULL, err);
    }
    sb_text text;
    sb_text_init(&text, set->mem);
    for (bool first = true; entry; entry = sb_ordered_next(list, entry), first = false) {
        sb_view v = sb_row_view(layout, entry, field);
        if (first) {
            sb_text_append(&text, sb_view_data(&v), sb_view_size(&v));
        } else {
            sb_agg_join_text(agg, &text, &v);
        }
    }
    sb_view view = sb_view_make(text.data, (uint32_t)text.size);
    sb_status status = sb_text_failed(&text)
                           ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                           : sb_agg_set_view(set, run, i, agg->value_column, &view, err);
    sb_text_deinit(&text);
    return status;
}

/* One more value: a list grows without being read again. */
static sb_status
join_one(sb_agg_set *set, int32_t index, sb_agg_run *run, int32_t i, sb_error *err)
{
    const sb_agg *agg = &set->aggs[index];
    uint8_t *row = run->rows[i];
    if (sb_row_is_null(row, agg->value_field)) {
        return join_all(set, index, run, i, err);
    }
    sb_text text;
    sb_view held = sb_row_view(sb_table_layout(set->table), row, agg->value_field);
    sb_text_init(&text, set->mem);
    sb_text_append(&text, sb_view_data(&held), sb_view_size(&held));
    sb_agg_join_text(agg, &text, sb_vector_at(run->head->columns[agg->call.arg], run->physical[i]));
    sb_view view = sb_view_make(text.data, (uint32_t)text.size);
    sb_status status = sb_text_failed(&text)
                           ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                           : sb_agg_set_view(set, run, i, agg->value_column, &view, err);
    sb_text_deinit(&text);
    return status;
}

sb_status
sb_arrival_row(sb_agg_set *set, int32_t index, sb_agg_run *run, int32_t i, int8_t act,
               sb_error *err)
{
    const sb_agg *agg = &set->aggs[index];
    sb_table *list = set->extremes[index];
    sb_vector *arg = run->head->columns[agg->call.arg];
    sb_keys one = sb_agg_one_key(run, i);
    bool found = true;
    if (act > 0) {
        SB_TRY(put(set, index, &one, arg, err), err);
    } else {
        SB_TRY(take(set, index, &one, arg, &found, err), err);
    }
    if (!found) {
        return SB_OK;
    }
    if (agg->call.kind == SB_AGG_LIST) {
        return act > 0 ? join_one(set, index, run, i, err) : join_all(set, index, run, i, err);
    }
    const uint8_t *entry =
        agg->call.kind == SB_AGG_FIRST ? sb_ordered_first(list, &one) : sb_ordered_last(list, &one);
    return sb_agg_hold(set, agg, run, i, list, number_field(set, set->arrivals[index]) + 1, entry,
                       err);
}

/* One column of an entry of the list. NULL: out of memory. */
static sb_vector *
entry_column(sb_agg_set *set, const sb_table *list, uint8_t *entry, int32_t field,
             const sb_type *type, sb_error *err)
{
    sb_column_builder b;
    if (sb_column_builder_init(&b, set->mem, type, err) != SB_OK) {
        return NULL;
    }
    sb_row_decode(sb_table_layout(list), &entry, 1, field, 1, &b, true);
    sb_vector *out = sb_column_finish(&b, err);
    sb_column_builder_deinit(&b);
    return out;
}

/* The place of an entry of the list leaves. */
static sb_status
drop_place(sb_agg_set *set, int32_t index, const sb_keys *one, uint8_t *entry, sb_error *err)
{
    sb_agg_arrival *a = set->arrivals[index];
    sb_table *list = set->extremes[index];
    int32_t group = a->key.count - 1, made = 0;
    sb_vector **columns = sb_alloc_zero(set->mem, sizeof *columns * (size_t)(group + 2));
    bool ok = columns != NULL;
    for (; ok && made < group + 2; made++) { /* the number stands before the value */
        int32_t field = made < group ? made : number_field(set, a) + (made == group);
        columns[made] = entry_column(
            set, list, entry, field,
            made <= group ? &a->key.fields[made].type : &a->list_sort.fields[0].type, err);
        ok = columns[made] != NULL;
    }
    if (ok) {
        const int32_t zero = 0;
        uint64_t hash;
        sb_keys only = {columns, &zero, one->hashes, one->space, 1};
        sb_keys key = place_key(a, &only, columns[group], &hash);
        sb_ordered_erase(a->places, &key, &columns[group + 1]);
    }
    for (int32_t c = 0; columns && c < group + 2; c++) {
        sb_vector_unref(columns[c]);
    }
    sb_free(set->mem, columns, columns ? sizeof *columns * (size_t)(group + 2) : 0);
    return ok ? SB_OK : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
}

sb_status
sb_arrival_clear(sb_agg_set *set, int32_t index, const sb_keys *one, sb_error *err)
{
    uint8_t *entry;
    while ((entry = sb_ordered_first(set->extremes[index], one)) != NULL) {
        SB_TRY(drop_place(set, index, one, entry, err), err);
        sb_table_erase_row(set->extremes[index], entry);
    }
    return SB_OK;
}
