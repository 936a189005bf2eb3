/*
 * formats/cdc_rows.c -- see cdc_rows.h.
 */
#include "formats/cdc_rows.h"

#include <string.h>

#include "formats/json_keys.h"
#include "formats/json_text.h"
#include "formats/number_text.h"
#include "formats/ogg_time.h"

#define NAME_SIZE 512 /* of a database or table */

typedef enum change { INSERT, UPDATE, DELETE, NOTHING, UNKNOWN } change;

void
sb_cdc_rows_deinit(sb_cdc_rows *r)
{
    sb_free(r->mem, r->rows, sizeof *r->rows * (size_t)r->capacity);
    sb_free(r->mem, r->at, sizeof *r->at * (size_t)r->capacity);
    r->include[0] = sb_pattern_free(r->include[0]);
    r->include[1] = sb_pattern_free(r->include[1]);
    sb_text_deinit(&r->flags);
}

sb_status
sb_cdc_rows_begin(sb_cdc_rows *r, int32_t limit, int32_t used, sb_error *err)
{
    r->count = 0;
    r->limit = limit;
    r->room = limit - used;
    sb_text_clear(&r->flags);
    if (r->capacity >= limit) {
        return SB_OK;
    }
    sb_free(r->mem, r->rows, sizeof *r->rows * (size_t)r->capacity);
    sb_free(r->mem, r->at, sizeof *r->at * (size_t)r->capacity);
    r->capacity = 0;
    r->rows = sb_alloc(r->mem, sizeof *r->rows * (size_t)limit);
    r->at = sb_alloc(r->mem, sizeof *r->at * (size_t)limit);
    if (!r->rows || !r->at) {
        sb_free(r->mem, r->rows, sizeof *r->rows * (size_t)limit);
        sb_free(r->mem, r->at, sizeof *r->at * (size_t)limit);
        r->rows = NULL;
        r->at = NULL;
        SB_NOMEM(err);
    }
    r->capacity = limit;
    return SB_OK;
}

/* ---- which messages ---- */

static const char *const include_names[2] = {"database", "table"};

/* 1: included, 0: not, -1: the message does not tell. */
static int
text_included(sb_cdc_rows *r, int i, sb_str message)
{
    sb_str value;
    char plain[NAME_SIZE];
    if (!sb_json_member(message, sb_str_of(include_names[i]), &value)) {
        return -1;
    }
    if (value.size >= 2 && value.data[0] == '"') {
        value = (sb_str){value.data + 1, value.size - 2};
        if (value.size > sizeof plain ||
            !sb_json_unescape(value.data, value.size, plain, &value.size)) {
            return -1;
        }
        value.data = plain;
    }
    return sb_pattern_matches(r->include[i], value);
}

bool
sb_cdc_text_included(sb_cdc_rows *r, sb_str message)
{
    for (int i = 0; i < 2; i++) {
        if (r->include[i]) {
            int included = text_included(r, i, message);
            if (included != 1) {
                return included != 0;
            }
        }
    }
    return true;
}

static int
is_included(sb_cdc_rows *r, const sb_cdc_envelope *e, int32_t row, sb_str message)
{
    for (int i = 0; i < 2; i++) {
        if (!r->include[i]) {
            continue;
        }
        const sb_vector *names = e->fields[r->layout->include[i]];
        int included;
        if (sb_vector_valid(names, row)) {
            const sb_view *name = sb_vector_at(names, row);
            included =
                sb_pattern_matches(r->include[i], (sb_str){sb_view_data(name), sb_view_size(name)});
        } else {
            included = text_included(r, i, message); /* null is the text "null", nothing is bad */
        }
        if (included != 1) {
            return included;
        }
    }
    return 1;
}

/* ---- what happened ---- */

static change
change_of(sb_cdc_kind kind, sb_str op)
{
    static const struct {
        sb_cdc_kind kind;
        sb_str text;
        change what;
    } changes[] = {
        {SB_CDC_DEBEZIUM, {"c", 1}, INSERT},     {SB_CDC_DEBEZIUM, {"r", 1}, INSERT},
        {SB_CDC_DEBEZIUM, {"u", 1}, UPDATE},     {SB_CDC_DEBEZIUM, {"d", 1}, DELETE},
        {SB_CDC_DEBEZIUM, {"t", 1}, NOTHING},    {SB_CDC_CANAL, {"INSERT", 6}, INSERT},
        {SB_CDC_CANAL, {"UPDATE", 6}, UPDATE},   {SB_CDC_CANAL, {"DELETE", 6}, DELETE},
        {SB_CDC_CANAL, {"CREATE", 6}, NOTHING},  {SB_CDC_MAXWELL, {"insert", 6}, INSERT},
        {SB_CDC_MAXWELL, {"update", 6}, UPDATE}, {SB_CDC_MAXWELL, {"delete", 6}, DELETE},
        {SB_CDC_OGG, {"I", 1}, INSERT},          {SB_CDC_OGG, {"U", 1}, UPDATE},
        {SB_CDC_OGG, {"D", 1}, DELETE},
    };

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (changes[i].kind == kind && sb_str_equal(changes[i].text, op)) {
            return changes[i].what;
        }
    }
    return UNKNOWN;
}

static const char *
why_unknown(sb_cdc_kind kind, bool there)
{
    switch (kind) {
    case SB_CDC_DEBEZIUM: return there ? "\"op\" is not one of c r u d t" : "\"op\" is missing";
    case SB_CDC_OGG: return there ? "\"op_type\" is not one of I U D" : "\"op_type\" is missing";
    case SB_CDC_CANAL:
        return there ? "\"type\" is not one of INSERT UPDATE DELETE CREATE" : "\"type\" is missing";
    default: return there ? "\"type\" is not one of insert update delete" : "\"type\" is missing";
    }
}

static const char *
why_missing(const sb_cdc *cdc, bool before, change what)
{
    bool full = cdc->kind == SB_CDC_DEBEZIUM || cdc->kind == SB_CDC_OGG;
    if (before && full) {
        return what == UPDATE ? "\"before\" of an update is missing: a Postgres table needs "
                                "REPLICA IDENTITY FULL"
                              : "\"before\" of a delete is missing: a Postgres table needs "
                                "REPLICA IDENTITY FULL";
    }
    return before ? "\"old\" is missing" : full ? "\"after\" is missing" : "\"data\" is missing";
}

/* ---- planning ---- */

static sb_cdc_row *
add_row(sb_cdc_rows *r, int32_t envelope, int32_t record, uint8_t op)
{
    sb_cdc_row *row = &r->rows[r->count++];
    *row = (sb_cdc_row){.envelope = envelope, .record = record, .unchanged = -1, .op = op};
    return row;
}

/* Marks which columns of `before` are as in `after`: NULL there, and not named in the text. */
static bool
mark_unchanged(sb_cdc_rows *r, const sb_cdc_envelope *e, sb_cdc_row *row, sb_str message)
{
    const sb_cdc_layout *l = r->layout;
    char *flags = sb_text_reserve(&r->flags, (size_t)l->count_columns + 1);
    sb_str old;
    if (!flags) {
        return false;
    }
    row->unchanged = (int32_t)r->flags.size;
    r->flags.size += (size_t)l->count_columns;
    bool any = false;
    for (int32_t c = 0; c < l->count_columns; c++) {
        flags[c] = !sb_vector_valid(e->before[c], row->before);
        any = any || flags[c];
    }
    if (!any || !sb_json_member(message, sb_str_of(l->cdc->before), &old)) {
        return true;
    }
    sb_json_key_scan scan = sb_json_key_scan_of(old);
    while (sb_json_next_key(&scan)) {
        for (int32_t c = 0; c < l->count_columns; c++) {
            flags[c] = flags[c] && !sb_json_key_is(&scan, sb_str_of(l->names[c]));
        }
    }
    return true;
}

/* One row before and after. NULL, or why there is none. */
static const char *
plan_one(sb_cdc_rows *r, const sb_cdc_envelope *e, change what, sb_cdc_row one, sb_str message,
         bool *nomem)
{
    if (what == UPDATE) {
        sb_cdc_row *before = add_row(r, one.envelope, one.record, SB_ROW_UPDATE_BEFORE);
        before->after = one.after;
        before->before = one.before;
        before->is_before = true;
        bool parts = r->layout->cdc->kind == SB_CDC_CANAL || r->layout->cdc->kind == SB_CDC_MAXWELL;
        if (parts && !mark_unchanged(r, e, before, message)) {
            *nomem = true;
            return NULL;
        }
        add_row(r, one.envelope, one.record, SB_ROW_UPDATE_AFTER)->after = one.after;
        return NULL;
    }
    sb_cdc_row *row =
        add_row(r, one.envelope, one.record, what == INSERT ? SB_ROW_INSERT : SB_ROW_DELETE);
    *row = (sb_cdc_row){.envelope = one.envelope,
                        .record = one.record,
                        .after = one.after,
                        .before = one.before,
                        .unchanged = -1,
                        .is_before = one.is_before,
                        .op = row->op};
    return NULL;
}

static bool
has_room(const sb_cdc_rows *r, int64_t need, const char **why)
{
    if (need > SB_RECORD_ROWS_MAX || need > r->limit) {
        *why = "makes too many rows";
    }
    return !*why && r->count + need <= r->room;
}

/* The lists of canal. */
static sb_cdc_plan
plan_lists(sb_cdc_rows *r, const sb_cdc_envelope *e, change what, sb_cdc_row one, sb_str message,
           const char **why)
{
    const sb_cdc_layout *l = r->layout;
    const sb_vector *data = e->fields[l->after], *old = e->fields[l->before];
    if (!sb_vector_valid(data, one.envelope)) {
        *why = why_missing(l->cdc, false, what);
        return SB_CDC_BAD;
    }
    sb_list_entry after = *(const sb_list_entry *)sb_vector_at(data, one.envelope);
    sb_list_entry before = {0, 0};
    if (what == UPDATE && !sb_vector_valid(old, one.envelope)) {
        *why = after.count > 0 ? why_missing(l->cdc, true, what) : NULL;
        return after.count > 0 ? SB_CDC_BAD : SB_CDC_PLANNED;
    }
    if (what == UPDATE) {
        before = *(const sb_list_entry *)sb_vector_at(old, one.envelope);
    }
    if (!has_room(r, (int64_t)after.count * (what == UPDATE ? 2 : 1), why)) {
        return *why ? SB_CDC_BAD : SB_CDC_NO_ROOM;
    }
    for (int32_t i = 0; i < after.count && !*why; i++) {
        bool nomem = false;
        one.after = after.offset + i;
        one.before = before.offset + i;
        if (!sb_vector_valid(data->children[0], one.after)) {
            *why = "an element of \"data\" is NULL";
        } else if (what == UPDATE &&
                   (i >= before.count || !sb_vector_valid(old->children[0], one.before))) {
            *why = "an element of \"old\" is missing";
        } else {
            *why = plan_one(r, e, what, one, message, &nomem);
        }
        if (nomem) {
            return SB_CDC_NOMEM;
        }
    }
    return *why ? SB_CDC_BAD : SB_CDC_PLANNED;
}

static sb_cdc_plan
plan_pair(sb_cdc_rows *r, const sb_cdc_envelope *e, change what, sb_cdc_row one, sb_str message,
          const char **why)
{
    const sb_cdc_layout *l = r->layout;
    bool nomem = false;
    /* of Maxwell and canal a deleted row stands where inserted ones do */
    one.is_before = what == DELETE && l->cdc->kind != SB_CDC_MAXWELL;
    bool need_before = what == UPDATE || one.is_before;
    one.after = one.before = one.envelope;
    if (need_before && !sb_vector_valid(e->fields[l->before], one.envelope)) {
        *why = why_missing(l->cdc, true, what);
        return SB_CDC_BAD;
    }
    if (!one.is_before && !sb_vector_valid(e->fields[l->after], one.envelope)) {
        *why = why_missing(l->cdc, false, what);
        return SB_CDC_BAD;
    }
    if (!has_room(r, what == UPDATE ? 2 : 1, why)) {
        return *why ? SB_CDC_BAD : SB_CDC_NO_ROOM;
    }
    *why = plan_one(r, e, what, one, message, &nomem);
    return nomem ? SB_CDC_NOMEM : SB_CDC_PLANNED;
}

/* ---- metadata ---- */

/* The value of a property of a map of strings; false: none, or NULL. */
static bool
find_property(const sb_vector *map, int32_t row, const char *name, sb_str *out)
{
    if (!sb_vector_valid(map, row)) {
        return false;
    }
    sb_list_entry entry = *(const sb_list_entry *)sb_vector_at(map, row);
    const sb_vector *keys = map->children[0], *values = map->children[1];
    for (int32_t i = entry.offset + entry.count - 1; i >= entry.offset; i--) {
        const sb_view *key = sb_vector_at(keys, i);
        if (sb_str_equal((sb_str){sb_view_data(key), sb_view_size(key)}, sb_str_of(name))) {
            const sb_view *value = sb_vector_at(values, i);
            *out = (sb_str){sb_view_data(value), sb_view_size(value)};
            return sb_vector_valid(values, i);
        }
    }
    return false;
}

static int64_t
scaled(int64_t v, uint64_t by)
{
    return (int64_t)((uint64_t)v * by);
}

typedef enum got_time { TIME_NULL, TIME_VALUE, TIME_BAD } got_time;

static got_time
get_time(const sb_cdc_metadata *m, const sb_vector *v, int32_t row, int64_t *us)
{
    sb_str text;
    if (m->how == SB_CDC_PROPERTY_MILLIS) {
        if (!find_property(v, row, m->property, &text)) {
            return TIME_NULL;
        }
        bool fine = sb_fmt_parse_i64(text, INT64_MIN, INT64_MAX, us);
        *us = scaled(fine ? *us : 0, 1000);
        return fine ? TIME_VALUE : TIME_BAD;
    }
    if (!sb_vector_valid(v, row)) {
        return TIME_NULL;
    }
    if (m->how == SB_CDC_EVENT_TIME || m->how == SB_CDC_INGESTION_TIME) {
        const sb_view *view = sb_vector_at(v, row);
        text = (sb_str){sb_view_data(view), sb_view_size(view)};
        if (m->how == SB_CDC_INGESTION_TIME) {
            return sb_ogg_ingestion_time(text, us) ? TIME_VALUE : TIME_NULL;
        }
        return sb_ogg_event_time(text, us) ? TIME_VALUE : TIME_BAD;
    }
    *us = scaled(*(const int64_t *)sb_vector_at(v, row), m->how == SB_CDC_SECONDS ? 1000000 : 1000);
    return TIME_VALUE;
}

static const char *
check_metadata(const sb_cdc_rows *r, const sb_cdc_envelope *e, int32_t row)
{
    const sb_cdc_layout *l = r->layout;
    for (int32_t i = 0; i < l->count_metadata; i++) {
        const sb_cdc_metadata *m = l->metadata[i];
        int64_t us;
        if ((m->how == SB_CDC_PROPERTY_MILLIS || m->how == SB_CDC_EVENT_TIME) &&
            get_time(m, e->fields[l->metadata_field[i]], row, &us) == TIME_BAD) {
            return m->property ? "\"source\".\"ts_ms\" is no number" : "a timestamp cannot be read";
        }
    }
    return NULL;
}

sb_cdc_plan
sb_cdc_rows_plan(sb_cdc_rows *r, const sb_cdc_envelope *e, int32_t row, int32_t record,
                 sb_str message, const char **why)
{
    const sb_cdc_layout *l = r->layout;
    int32_t count = r->count;
    *why = NULL;
    int included = is_included(r, e, row, message);
    if (included != 1) {
        *why = included < 0 ? "\"database\" or \"table\" is missing" : NULL;
        return included < 0 ? SB_CDC_BAD : SB_CDC_PLANNED;
    }
    if (e->payload && !sb_vector_valid(e->payload, row)) {
        *why = "\"payload\" is missing";
        return SB_CDC_BAD;
    }
    const sb_vector *ops = e->fields[l->op];
    bool there = sb_vector_valid(ops, row);
    const sb_view *op = there ? sb_vector_at(ops, row) : NULL;
    change what =
        there ? change_of(l->cdc->kind, (sb_str){sb_view_data(op), sb_view_size(op)}) : UNKNOWN;
    if (what == UNKNOWN) {
        *why = why_unknown(l->cdc->kind, there);
        return SB_CDC_BAD;
    }
    if (what == NOTHING) {
        return SB_CDC_PLANNED;
    }
    *why = check_metadata(r, e, row);
    if (*why) {
        return SB_CDC_BAD;
    }
    sb_cdc_row one = {.envelope = row, .record = record, .unchanged = -1};
    sb_cdc_plan plan = l->cdc->kind == SB_CDC_CANAL ? plan_lists(r, e, what, one, message, why)
                                                    : plan_pair(r, e, what, one, message, why);
    if (plan != SB_CDC_PLANNED && !(plan == SB_CDC_BAD && r->tolerant)) {
        r->count = count;
    }
    return plan;
}

/* ---- to the builders ---- */

static void
append_column(sb_cdc_rows *r, const sb_cdc_envelope *e, int32_t c, sb_column_builder *to)
{
    sb_vector *from = NULL;
    int32_t count = 0;
    for (int32_t i = 0; i <= r->count; i++) {
        const sb_cdc_row *row = &r->rows[i];
        bool before = i < r->count && row->is_before &&
                      !(row->unchanged >= 0 && r->flags.data[row->unchanged + c]);
        sb_vector *next = i == r->count ? NULL : before ? e->before[c] : e->after[c];
        if (next != from && count > 0) {
            sb_column_gather(to, from, r->at, count);
            count = 0;
        }
        from = next;
        if (i < r->count) {
            r->at[count++] = before ? row->before : row->after;
        }
    }
}

static void
append_metadata(sb_cdc_rows *r, const sb_cdc_metadata *m, sb_vector *from, sb_column_builder *to)
{
    if (m->how == SB_CDC_COPY) {
        for (int32_t i = 0; i < r->count; i++) {
            r->at[i] = r->rows[i].envelope;
        }
        if (r->count > 0) {
            sb_column_gather(to, from, r->at, r->count);
        }
        return;
    }
    for (int32_t i = 0; i < r->count; i++) {
        sb_str text;
        int64_t us;
        int32_t row = r->rows[i].envelope;
        bool property = m->how == SB_CDC_PROPERTY;
        if (property && find_property(from, row, m->property, &text)) {
            sb_column_bytes(to, text.data, text.size);
        } else if (!property && get_time(m, from, row, &us) == TIME_VALUE) {
            sb_column_i64(to, us);
        } else {
            sb_column_null(to);
        }
    }
}

void
sb_cdc_rows_append(sb_cdc_rows *r, const sb_cdc_envelope *e, sb_column_builder *columns)
{
    const sb_cdc_layout *l = r->layout;
    for (int32_t c = 0; c < l->count_columns; c++) {
        append_column(r, e, c, &columns[c]);
    }
    for (int32_t i = 0; i < l->count_metadata; i++) {
        append_metadata(r, l->metadata[i], e->fields[l->metadata_field[i]],
                        &columns[l->count_columns + i]);
    }
}
