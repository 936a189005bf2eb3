/*
 * operators/agg_collect.c -- COLLECT, ARRAY_AGG, PERCENTILE, JSON_ARRAYAGG, JSON_OBJECTAGG and the
 * aggregates of BITMAPs: the values of a group in a table beside the main one, results made of them
 * when they go out.
 *
 * DESIGN     A value costs one row of its table and O(log n) or less; a result costs O(n) of its n
 *            values each time it is emitted: for each row, or once a flush or window. ARRAY_AGG and
 *            JSON_ARRAYAGG: a bag, which keeps the order in which values came; one taken out is the
 *            oldest like it, as in Flink. COLLECT, PERCENTILE, BITMAP_...: value -> count, in
 *            order; a value taken out before it came in has a count below 0 and is not seen.
 *            JSON_OBJECTAGG: key -> value, in order of the keys. Slices of a HOP window are put
 *            together when it fires, the newest first. Mini-batch: `previous` holds the result as
 *            bytes of a row.
 * OWNERSHIP  Tables belong to the operator's state; scratch to the set.
 * THREADS    T:task
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expr/json_doc.h"
#include "operators/agg_side.h"
#include "operators/agg_user.h"

enum { DECODE_ROWS = 128 };

static bool
is_bag(const sb_agg *agg)
{
    return agg->call.kind == SB_AGG_ARRAY || agg->call.kind == SB_AGG_JSON_ARRAY;
}

/* ---- opening and closing ---- */

sb_status
sb_agg_collect_open(sb_agg_set *set, int32_t i, sb_init *ctx, const sb_schema *key, uint32_t id,
                    int64_t ttl_ms, sb_error *err)
{
    const sb_agg *agg = &set->aggs[i];
    const sb_schema *input = ctx->inputs[0];
    sb_agg_contents *c = SB_NEW(set->arena, sb_agg_contents);
    sb_field *fields = SB_NEW_ARRAY(set->arena, sb_field, 3);
    if (!c || !fields) {
        SB_NOMEM(err);
    }
    fields[0] = (sb_field){.name = "value", .type = input->fields[agg->call.arg].type};
    fields[1] = (sb_field){.name = "count", .type = SB_TYPE(BIGINT, false)};
    if (agg->call.kind == SB_AGG_JSON_OBJECT) {
        fields[1] = (sb_field){.name = "member", .type = input->fields[agg->call.second].type};
        fields[1].type.nullable = true;
    }
    fields[2] = (sb_field){.name = "previous", .type = *agg->type};
    fields[2].type.nullable = true;
    c->sort = (sb_schema){1, fields};
    c->row = (sb_schema){1, is_bag(agg) ? fields : fields + 1};
    c->saved_schema = (sb_schema){1, fields + 2};
    SB_TRY(sb_row_layout_init(&c->saved, set->mem, &c->saved_schema, err), err);
    set->contents[i] = c;
    if (agg->call.kind == SB_AGG_USER) {
        sb_table_spec map = {.table_id = id,
                             .shape = SB_MAP,
                             .key = key,
                             .has_space = set->has_space,
                             .row = &sb_agg_user_row,
                             .ttl_ms = ttl_ms};
        SB_TRY(sb_state_open_table(ctx->state, &map, &c->table, err), err);
        return sb_agg_user_open(set, i, ctx, c->table, err);
    }
    sb_table_spec spec = {.table_id = id,
                          .shape = is_bag(agg) ? SB_BAG : SB_ORDERED,
                          .key = key,
                          .has_space = set->has_space,
                          .sort = is_bag(agg) ? NULL : &c->sort,
                          .row = &c->row,
                          .ttl_ms = ttl_ms,
                          .index_rows = is_bag(agg) && set->retracts};
    return sb_state_open_table(ctx->state, &spec, &c->table, err);
}

void
sb_agg_collect_close(sb_agg_set *set, int32_t i)
{
    sb_agg_contents *c = set->contents[i];
    sb_row_layout_deinit(&c->saved);
    if (set->users[i]) {
        sb_agg_user_close(set, i);
    }
    sb_free(set->mem, c->entries, sizeof *c->entries * (size_t)c->capacity);
}

/* ---- values in and out ---- */

/* The value, or key, of an entry. */
static int32_t
value_field(const sb_agg *agg, const sb_agg_contents *c)
{
    return is_bag(agg) ? sb_table_field(c->table, 0) : sb_table_field(c->table, 0) - 1;
}

static int64_t
count_of(const sb_agg_contents *c, const uint8_t *entry)
{
    int64_t count;
    memcpy(&count, entry + sb_table_layout(c->table)->offsets[sb_table_field(c->table, 0)],
           sizeof count);
    return count;
}

static sb_status
count_value(sb_agg_contents *c, const sb_keys *one, sb_vector *value, int64_t change, sb_error *err)
{
    uint8_t *entry;
    SB_TRY(sb_ordered_put(c->table, one, &value, &entry, NULL, err), err);
    sb_table_touch(c->table, entry);
    int64_t count = (int64_t)((uint64_t)count_of(c, entry) + (uint64_t)change);
    memcpy(entry + sb_table_layout(c->table)->offsets[sb_table_field(c->table, 0)], &count,
           sizeof count);
    if (count == 0) {
        sb_table_erase_row(c->table, entry);
    }
    return SB_OK;
}

/* How often PERCENTILE takes the value: 0 where the frequency is NULL or not above 0. */
static int64_t
frequency_at(const sb_agg *agg, const sb_agg_run *run, int32_t i)
{
    if (agg->call.second < 0) {
        return 1;
    }
    const sb_vector *v = run->head->columns[agg->call.second];
    if (!sb_vector_valid(v, run->physical[i])) {
        return 0;
    }
    int64_t frequency = *(const int64_t *)sb_vector_at(v, run->physical[i]);
    return frequency > 0 ? frequency : 0;
}

static sb_status
key_error(const sb_view *key, sb_error *err)
{
    if (!key) {
        SB_FAIL(err, SB_STATUS_DATA, "JSON_OBJECTAGG: a key is NULL");
    }
    uint32_t size = sb_view_size(key);
    sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__,
                 "JSON_OBJECTAGG: the key '%.*s' is there twice", (int)(size < 200 ? size : 200),
                 sb_view_data(key));
    sb_error_hint(err, "the keys of one object must differ");
    return SB_STATUS_DATA;
}

/* A member comes. Absent ones (NULL, unless NULLs are kept) only must not repeat a key. */
static sb_status
member_put(const sb_agg *agg, sb_agg_contents *c, const sb_keys *one, sb_vector *key,
           const sb_view *value, sb_error *err)
{
    uint8_t *entry;
    uint64_t created = 0;
    sb_ordered_find(c->table, one, &key, &entry);
    if (entry) {
        return key_error(sb_vector_at(key, one->rows[0]), err);
    }
    if (!value && !agg->call.nulls) {
        return SB_OK;
    }
    SB_TRY(sb_ordered_put(c->table, one, &key, &entry, &created, err), err);
    sb_table_touch(c->table, entry);
    if (!sb_table_set_view(c->table, entry, 0, value, value == NULL)) {
        sb_table_erase_row(c->table, entry);
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* A member goes, if it is there with this value. */
static void
member_take(sb_agg_contents *c, const sb_keys *one, sb_vector *key, const sb_view *value)
{
    uint8_t *entry;
    int32_t field = sb_table_field(c->table, 0);
    sb_ordered_find(c->table, one, &key, &entry);
    if (!entry) {
        return;
    }
    bool null = sb_row_is_null(entry, field);
    sb_view held = sb_row_view(sb_table_layout(c->table), entry, field);
    if (value ? !null && sb_view_equal(&held, value) : null) {
        sb_table_erase_row(c->table, entry);
    }
}

static sb_status
change(sb_agg_set *set, int32_t index, const sb_agg_run *run, int32_t i, int8_t act, sb_error *err)
{
    const sb_agg *agg = &set->aggs[index];
    sb_agg_contents *c = set->contents[index];
    sb_vector *arg = run->head->columns[agg->call.arg];
    sb_keys one = sb_agg_one_key(run, i);
    int32_t row = run->physical[i];
    if (is_bag(agg)) {
        uint64_t found = 0;
        if (act > 0) {
            return sb_bag_add(c->table, &one, &arg, err);
        }
        sb_bag_remove(c->table, &one, &arg, &found);
        return SB_OK;
    }
    if (agg->call.kind == SB_AGG_JSON_OBJECT) {
        const sb_vector *members = run->head->columns[agg->call.second];
        const sb_view *member = sb_vector_valid(members, row) ? sb_vector_at(members, row) : NULL;
        if (!sb_vector_valid(arg, row)) {
            return key_error(NULL, err);
        }
        if (act > 0) {
            return member_put(agg, c, &one, arg, member, err);
        }
        member_take(c, &one, arg, member);
        return SB_OK;
    }
    int64_t times = agg->call.kind == SB_AGG_PERCENTILE ? frequency_at(agg, run, i) : 1;
    return times == 0 ? SB_OK : count_value(c, &one, arg, act * times, err);
}

/* ---- results ---- */

static bool
reserve(sb_agg_set *set, sb_agg_contents *c, int32_t count)
{
    if (count < c->capacity) {
        return true;
    }
    if (c->capacity > INT32_MAX / 2) {
        return false;
    }
    int32_t capacity = c->capacity ? 2 * c->capacity : 64;
    sb_agg_entry *grown = sb_realloc(set->mem, c->entries, sizeof *grown * (size_t)c->capacity,
                                     sizeof *grown * (size_t)capacity);
    if (!grown) {
        return false;
    }
    c->entries = grown;
    c->capacity = capacity;
    return true;
}

static int
compare_entries(const void *a, const void *b, void *ctx)
{
    const sb_agg_contents *c = ctx;
    return sb_row_compare_field(sb_table_layout(c->table), ((const sb_agg_entry *)a)->row,
                                ((const sb_agg_entry *)b)->row, sb_table_field(c->table, 0) - 1);
}

/* Entries of all slices in order; equal values stand side by side. */
static sb_status
gather(sb_agg_set *set, const sb_agg *agg, sb_agg_contents *c, const sb_keys *slices, int32_t count,
       int32_t *out_count, sb_error *err)
{
    int32_t n = 0;
    bool counts = agg->call.kind != SB_AGG_JSON_OBJECT;
    for (int32_t s = 0; s < count; s++) {
        for (uint8_t *e = sb_ordered_first(c->table, &slices[s]); e;
             e = sb_ordered_next(c->table, e)) {
            if (!reserve(set, c, n)) {
                SB_NOMEM(err);
            }
            c->entries[n++] = (sb_agg_entry){e, counts ? count_of(c, e) : 1};
        }
    }
    if (count > 1 && n > 1) {
        qsort_r(c->entries, (size_t)n, sizeof *c->entries, compare_entries, c);
    }
    int32_t kept = 0;
    for (int32_t i = 0; counts && i < n; i++) {
        if (kept > 0 && count > 1 &&
            compare_entries(&c->entries[kept - 1], &c->entries[i], c) == 0) {
            c->entries[kept - 1].count += c->entries[i].count;
        } else {
            c->entries[kept++] = c->entries[i];
        }
    }
    *out_count = counts ? kept : n;
    set->emitted += n;
    return SB_OK;
}

typedef struct element_sink { /* values of entries on their way into a list */
    const sb_row_layout *layout;
    sb_column_builder *to;
    int32_t field, count;
    uint8_t *rows[DECODE_ROWS];
} element_sink;

static void
sink_flush(element_sink *sink)
{
    sb_row_decode(sink->layout, sink->rows, sink->count, sink->field, 1, sink->to, true);
    sink->count = 0;
}

static void
sink_add(element_sink *sink, uint8_t *row)
{
    sink->rows[sink->count++] = row;
    if (sink->count == DECODE_ROWS) {
        sink_flush(sink);
    }
}

static void
append_array(sb_agg_set *set, const sb_agg *agg, sb_agg_contents *c, const sb_keys *slices,
             int32_t count, sb_column_builder *out)
{
    element_sink sink = {sb_table_layout(c->table), &out->children[0], value_field(agg, c), 0, {0}};
    bool any = false;
    for (int32_t s = 0; s < count; s++) {
        for (uint8_t *e = sb_bag_first(c->table, &slices[s]); e; e = sb_bag_next(c->table, e)) {
            if (!any) {
                sb_column_list_begin(out);
            }
            any = true;
            sink_add(&sink, e);
            set->emitted++;
        }
    }
    if (any) {
        sink_flush(&sink);
        sb_column_list_end(out);
    } else {
        sb_column_null(out);
    }
}

static void
append_multiset(sb_agg_set *set, const sb_agg *agg, const sb_agg_contents *c, int32_t n,
                sb_column_builder *out)
{
    element_sink sink = {sb_table_layout(c->table), &out->children[0], value_field(agg, c), 0, {0}};
    sb_column_list_begin(out);
    for (int32_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < c->entries[i].count && !out->children[0].failed; k++) {
            sink_add(&sink, c->entries[i].row);
            set->emitted++;
        }
    }
    sink_flush(&sink);
    sb_column_list_end(out);
}

/* ---- PERCENTILE ---- */

static double
double_of(const sb_agg_contents *c, const uint8_t *entry)
{
    double value;
    memcpy(&value, entry + sb_table_layout(c->table)->offsets[sb_table_field(c->table, 0) - 1],
           sizeof value);
    return value;
}

/* The value at a share of the way from the first to the last, on the line between its two
 * neighbours. */
static double
percentile(const sb_agg_contents *c, int32_t n, int64_t total, double share)
{
    double position = share * (double)(total - 1) + 1;
    double lower = floor(position), higher = ceil(position);
    int32_t i = 0;
    int64_t before = c->entries[0].count;
    while ((double)before < lower && i + 1 < n) {
        before += c->entries[++i].count;
    }
    if ((double)before >= higher || i + 1 == n) {
        return double_of(c, c->entries[i].row);
    }
    return (higher - position) * double_of(c, c->entries[i].row) +
           (position - lower) * double_of(c, c->entries[i + 1].row);
}

static void
append_percentile(const sb_agg *agg, const sb_agg_contents *c, int32_t n, sb_column_builder *out)
{
    int64_t total = 0;
    for (int32_t i = 0; i < n; i++) {
        total += c->entries[i].count;
    }
    if (total <= 0 || agg->call.count_shares == 0) {
        sb_column_null(out);
        return;
    }
    if (out->phys != SB_PHYS_LIST) {
        sb_column_f64(out, percentile(c, n, total, agg->call.shares[0]));
        return;
    }
    sb_column_list_begin(out);
    for (int32_t p = 0; p < agg->call.count_shares; p++) {
        sb_column_f64(&out->children[0], percentile(c, n, total, agg->call.shares[p]));
    }
    sb_column_list_end(out);
}

/* ---- JSON ---- */

/* Values stand in the tables as JSON already. */
static void
write_json(const sb_row_layout *layout, const uint8_t *entry, int32_t field, sb_text *text)
{
    if (sb_row_is_null(entry, field)) {
        sb_text_add(text, "null");
    } else {
        sb_view v = sb_row_view(layout, entry, field);
        sb_text_append(text, sb_view_data(&v), sb_view_size(&v));
    }
}

static sb_status
append_text(sb_text *text, sb_column_builder *out, sb_error *err)
{
    bool failed = sb_text_failed(text);
    if (!failed) {
        sb_column_bytes(out, text->data, text->size);
    }
    sb_text_deinit(text);
    if (failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
append_json_array(sb_agg_set *set, const sb_agg *agg, sb_agg_contents *c, const sb_keys *slices,
                  int32_t count, sb_column_builder *out, sb_error *err)
{
    sb_text text;
    bool first = true;
    sb_text_init(&text, set->mem);
    sb_text_char(&text, '[');
    for (int32_t s = 0; s < count; s++) {
        for (uint8_t *e = sb_bag_first(c->table, &slices[s]); e; e = sb_bag_next(c->table, e)) {
            sb_text_add(&text, first ? "" : ",");
            write_json(sb_table_layout(c->table), e, value_field(agg, c), &text);
            first = false;
            set->emitted++;
        }
    }
    sb_text_char(&text, ']');
    return append_text(&text, out, err);
}

static sb_status
append_json_object(sb_agg_set *set, const sb_agg_contents *c, int32_t n, sb_column_builder *out,
                   sb_error *err)
{
    const sb_row_layout *layout = sb_table_layout(c->table);
    int32_t member = sb_table_field(c->table, 0);
    sb_text text;
    sb_text_init(&text, set->mem);
    sb_text_char(&text, '{');
    for (int32_t i = 0; i < n; i++) {
        sb_view key = sb_row_view(layout, c->entries[i].row, member - 1);
        sb_view last =
            i > 0 ? sb_row_view(layout, c->entries[i - 1].row, member - 1) : (sb_view){{0}};
        if (i > 0 && sb_view_equal(&key, &last)) { /* in two slices of a window */
            sb_text_deinit(&text);
            return key_error(&key, err);
        }
        sb_text_add(&text, i > 0 ? "," : "");
        sb_jdoc_write_string((sb_str){sb_view_data(&key), sb_view_size(&key)}, &text);
        sb_text_char(&text, ':');
        write_json(layout, c->entries[i].row, member, &text);
    }
    sb_text_char(&text, '}');
    return append_text(&text, out, err);
}

/* The result of one group, whose slices come the newest first. */
static sb_status
append_result(sb_agg_set *set, int32_t index, const sb_keys *slices, int32_t count,
              sb_column_builder *out, sb_error *err)
{
    const sb_agg *agg = &set->aggs[index];
    sb_agg_contents *c = set->contents[index];
    int32_t n = 0;
    if (!is_bag(agg)) {
        SB_TRY(gather(set, agg, c, slices, count, &n, err), err);
    }
    switch (agg->call.kind) {
    case SB_AGG_ARRAY: append_array(set, agg, c, slices, count, out); break;
    case SB_AGG_COLLECT: append_multiset(set, agg, c, n, out); break;
    case SB_AGG_PERCENTILE: append_percentile(agg, c, n, out); break;
    case SB_AGG_JSON_ARRAY:
        SB_TRY(append_json_array(set, agg, c, slices, count, out, err), err);
        break;
    case SB_AGG_JSON_OBJECT: SB_TRY(append_json_object(set, c, n, out, err), err); break;
    default:
        SB_TRY(sb_agg_append_bitmap(set, agg, sb_table_layout(c->table), value_field(agg, c),
                                    c->entries, n, out, err),
               err);
    }
    if (out->failed || (out->count_children > 0 && out->children[0].failed)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_agg_collect_results(sb_agg_set *set, int32_t index, const sb_agg_groups *groups,
                       sb_column_builder *out, sb_error *err)
{
    if (set->users[index]) {
        return sb_agg_user_results(set, index, groups, out, err);
    }
    size_t size = (sizeof(sb_keys) + sizeof(uint64_t) + sizeof(int64_t)) * (size_t)groups->slices;
    sb_keys *slices = sb_alloc(set->mem, size);
    if (!slices) {
        SB_NOMEM(err);
    }
    uint64_t *hashes = (uint64_t *)(void *)(slices + groups->slices);
    int64_t *spaces = (int64_t *)(void *)(hashes + groups->slices);
    sb_status status = SB_OK;
    for (int32_t i = 0; i < groups->count && status == SB_OK; i++) {
        int32_t n = 0;
        for (int32_t s = groups->slices - 1; s >= 0; s--) {
            const uint8_t *row = groups->rows[(size_t)s * (size_t)groups->count + (size_t)i];
            if (row) {
                hashes[n] = sb_row_hash(row);
                spaces[n] = set->has_space ? sb_row_space(set->table, row) : 0;
                slices[n] = (sb_keys){groups->keys, &groups->numbers[i], &hashes[n],
                                      set->has_space ? &spaces[n] : NULL, 1};
                n++;
            }
        }
        status = append_result(set, index, slices, n, out, err);
    }
    sb_free(set->mem, slices, size);
    return status;
}

/* ---- mini-batch: the result of before ---- */

/* As a row of its own. */
sb_status
sb_agg_collect_keep(sb_agg_set *set, int32_t index, sb_agg_run *run, int32_t i, sb_vector *v,
                    sb_error *err)
{
    const sb_agg *agg = &set->aggs[index];
    sb_agg_contents *c = set->contents[index];
    uint32_t size = 0;
    sb_row_sizes(&c->saved, &v, NULL, 1, &size);
    uint8_t *bytes = size < SB_ROW_SIZE_MAX ? sb_alloc(set->mem, size) : NULL;
    if (!bytes) {
        SB_FAIL(err, size < SB_ROW_SIZE_MAX ? SB_STATUS_NOMEM : SB_STATUS_LIMIT,
                "no memory for a result of %u bytes", size);
    }
    sb_row_encode(&c->saved, &v, NULL, 1, &bytes);
    sb_view view = sb_view_make((const char *)bytes, size);
    sb_status status = sb_agg_set_view(set, run, i, agg->prev_column, &view, err);
    sb_free(set->mem, bytes, size);
    return status;
}

static sb_status
save(sb_agg_set *set, int32_t index, sb_agg_run *run, int32_t i, sb_error *err)
{
    sb_agg_contents *c = set->contents[index];
    sb_keys one = sb_agg_one_key(run, i);
    sb_column_builder b;
    SB_TRY(sb_column_builder_init(&b, set->mem, &c->saved_schema.fields[0].type, err), err);
    sb_status status = append_result(set, index, &one, 1, &b, err);
    sb_vector *v = status == SB_OK ? sb_column_finish(&b, err) : NULL;
    sb_column_builder_deinit(&b);
    if (!v) {
        return status == SB_OK ? SB_STATUS_NOMEM : status;
    }
    status = sb_agg_collect_keep(set, index, run, i, v, err);
    sb_vector_unref(v);
    return status;
}

void
sb_agg_collect_previous(const sb_agg_set *set, int32_t index, uint8_t *const *rows, int32_t count,
                        sb_column_builder *out)
{
    const sb_agg *agg = &set->aggs[index];
    for (int32_t i = 0; i < count; i++) {
        sb_view v = sb_row_view(sb_table_layout(set->table), rows[i], agg->prev_field);
        if (sb_row_is_null(rows[i], agg->prev_field) || sb_view_size(&v) == 0) {
            sb_column_null(out);
            continue;
        }
        uint8_t *saved = (uint8_t *)(uintptr_t)sb_view_data(&v);
        sb_row_decode(&set->contents[index]->saved, &saved, 1, 0, 1, out, true);
    }
}

/* ---- a run ---- */

static void
clear(const sb_agg *agg, sb_agg_contents *c, const sb_keys *one)
{
    if (is_bag(agg)) {
        sb_bag_erase(c->table, one);
    } else {
        sb_agg_clear_group(c->table, one);
    }
}

sb_status
sb_agg_collect_update(sb_agg_set *set, int32_t index, sb_agg_run *run, const int8_t *act,
                      sb_column_builder *pairs, sb_error *err)
{
    if (set->users[index]) {
        return sb_agg_user_update(set, index, run, act, pairs, err);
    }
    for (int32_t i = 0; i < run->count; i++) {
        uint8_t how = run->how ? run->how[i] : 0;
        sb_keys one = sb_agg_one_key(run, i);
        if (how & SB_AGG_SAVE) {
            SB_TRY(save(set, index, run, i, err), err);
        }
        if (pairs && (how & SB_AGG_RESET)) { /* nobody asks what was before the first row */
            sb_column_null(pairs);
        } else if (pairs) {
            SB_TRY(append_result(set, index, &one, 1, pairs, err), err);
        }
        if (act[i]) {
            SB_TRY(change(set, index, run, i, act[i], err), err);
        }
        if (pairs && (how & SB_AGG_DROP)) { /* nor what is after the last */
            sb_column_null(pairs);
        } else if (pairs) {
            SB_TRY(append_result(set, index, &one, 1, pairs, err), err);
        }
        if (how & SB_AGG_DROP) {
            clear(&set->aggs[index], set->contents[index], &one);
        }
    }
    return SB_OK;
}
