/*
 * formats/cdc_decode.c -- messages with changes into rows: the envelope, and the calls.
 *
 * DESIGN     Bad messages that the JSON decoder finds are kept until the turn of the message has
 *            come: it may be of a table that nobody wants, or its rows may have no room any more.
 */
#include <string.h>

#include "formats/cdc_rows.h"

typedef struct kept_bad { /* a message that could not be decoded */
    int32_t record;       /* in the batch */
    uint32_t reason;      /* where it begins in `reasons`; zero-terminated */
    bool tolerated;
} kept_bad;

typedef struct cdc_decoder {
    sb_decoder base;
    sb_cdc_layout layout;
    sb_arena *arena;
    sb_schema schema; /* of the envelope */
    sb_decoder *inner;
    sb_column_builder *builders; /* of the envelope */
    int32_t count_builders;
    sb_cdc_rows rows;
    sb_cdc_envelope envelope;
    sb_vector **tops; /* finished columns of the envelope */
    sb_text reasons;
    kept_bad bads[SB_CDC_BATCH];
    int32_t count_bads;
    uint8_t ops[SB_CDC_BATCH];
    int32_t record_of[SB_CDC_BATCH];
} cdc_decoder;

/* ---- the envelope ---- */

static int32_t
add_field(sb_field *fields, int32_t *count, const char *name, sb_type type)
{
    for (int32_t i = 0; i < *count; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return i;
        }
    }
    fields[*count] = (sb_field){.name = name, .type = type};
    return (*count)++;
}

/* A row of the table: its projected columns. */
static sb_status
row_type(cdc_decoder *d, const sb_schema *columns, const int32_t *project, sb_type *out,
         sb_error *err)
{
    int32_t count = d->layout.count_columns;
    sb_field *fields = SB_NEW_ARRAY(d->arena, sb_field, count + 1);
    const char **names = SB_NEW_ARRAY(d->arena, const char *, count + 1);
    if (!fields || !names) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        fields[i] = columns->fields[project[i]];
        fields[i].type.nullable = true;
        names[i] = fields[i].name;
    }
    d->layout.names = names;
    *out =
        (sb_type){.id = SB_TYPE_ROW, .nullable = true, .count_children = count, .children = fields};
    if (count == 0) { /* rows are counted only */
        fields[0] = (sb_field){.name = "", .type = sb_type_string(true)};
        out->count_children = 1;
    }
    if (d->layout.cdc->kind == SB_CDC_CANAL) {
        sb_field *element = SB_NEW(d->arena, sb_field);
        if (!element) {
            SB_NOMEM(err);
        }
        *element = (sb_field){.name = "element", .type = *out};
        *out = (sb_type){
            .id = SB_TYPE_ARRAY, .nullable = true, .count_children = 1, .children = element};
    }
    return SB_OK;
}

static sb_type
metadata_field_type(const sb_cdc_metadata *m)
{
    static const sb_field strings[] = {
        {.name = "key", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
        {.name = "value",
         .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}}};
    switch (m->how) {
    case SB_CDC_MILLIS:
    case SB_CDC_SECONDS: return SB_TYPE(BIGINT, true);
    case SB_CDC_PROPERTY:
    case SB_CDC_PROPERTY_MILLIS:
        return (sb_type){
            .id = SB_TYPE_MAP, .nullable = true, .count_children = 2, .children = strings};
    case SB_CDC_EVENT_TIME:
    case SB_CDC_INGESTION_TIME: return sb_type_string(true);
    default: return m->type;
    }
}

/* The fields of the message; those beside the payload come last. */
static sb_status
lay_out(cdc_decoder *d, const sb_format_table *table, const sb_cdc_options *options,
        const int32_t *project, sb_error *err)
{
    sb_cdc_layout *l = &d->layout;
    sb_type row;
    int32_t count = 0;
    SB_TRY(row_type(d, table->columns, project, &row, err), err);
    sb_field *fields = SB_NEW_ARRAY(d->arena, sb_field, SB_CDC_FIELDS_MAX);
    const sb_cdc_metadata **wanted =
        SB_NEW_ARRAY(d->arena, const sb_cdc_metadata *, table->count_metadata + 1);
    l->metadata_field = SB_NEW_ARRAY(d->arena, int32_t, table->count_metadata + 1);
    if (!fields || !wanted || !l->metadata_field) {
        SB_NOMEM(err);
    }
    l->after = add_field(fields, &count, l->cdc->after, row);
    l->before = add_field(fields, &count, l->cdc->before, row);
    l->op = add_field(fields, &count, l->cdc->op, sb_type_string(true));
    for (int i = 0; i < 2; i++) {
        l->include[i] = options->include[i] ? add_field(fields, &count, i ? "table" : "database",
                                                        sb_type_string(true))
                                            : -1;
    }
    l->count_metadata = table->count_metadata;
    l->metadata = wanted;
    for (int outside = 0; outside < 2; outside++) {
        for (int32_t i = 0; i < table->count_metadata; i++) {
            wanted[i] = sb_cdc_find_metadata(l->cdc, table->metadata[i]);
            sb_assert(wanted[i]); /* the planner has asked for its type */
            if (wanted[i]->outside == (outside == 1)) {
                l->metadata_field[i] =
                    add_field(fields, &count, wanted[i]->field, metadata_field_type(wanted[i]));
            }
        }
        if (outside == 0 && options->schema_include) {
            sb_field *tops = SB_NEW_ARRAY(d->arena, sb_field, SB_CDC_FIELDS_MAX);
            if (!tops) {
                SB_NOMEM(err);
            }
            l->in_payload = true;
            l->count_fields = count;
            tops[0] = (sb_field){.name = "payload",
                                 .type = {.id = SB_TYPE_ROW,
                                          .nullable = true,
                                          .count_children = count,
                                          .children = fields}};
            fields = tops;
            count = 1;
        }
    }
    /* with a payload: its fields, then those beside it */
    int32_t inside = l->in_payload ? l->count_fields : 0;
    for (int32_t i = 0; l->in_payload && i < l->count_metadata; i++) {
        l->metadata_field[i] += wanted[i]->outside ? inside - 1 : 0;
    }
    l->count_fields = l->in_payload ? inside + count - 1 : count;
    d->schema = (sb_schema){count, fields};
    return SB_OK;
}

static sb_vector *
field_of(cdc_decoder *d, sb_vector *v, int32_t field, sb_error *err)
{
    sb_vector *got = sb_vector_field(d->base.mem, v, field);
    if (!got) {
        sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    return got;
}

static void
envelope_close(cdc_decoder *d)
{
    sb_cdc_envelope *e = &d->envelope;
    for (int32_t i = 0; i < d->layout.count_columns; i++) {
        sb_vector_unref(e->after[i]);
        sb_vector_unref(e->before[i]);
        e->after[i] = e->before[i] = NULL;
    }
    for (int32_t i = 0; i < d->layout.count_fields; i++) {
        sb_vector_unref(e->fields[i]);
        e->fields[i] = NULL;
    }
    for (int32_t i = 0; i < d->count_builders; i++) {
        sb_vector_unref(d->tops[i]);
        d->tops[i] = NULL;
    }
    e->payload = NULL;
}

static sb_status
open_rows(cdc_decoder *d, sb_vector *rows, sb_vector **out, sb_error *err)
{
    sb_vector *row = rows->phys == SB_PHYS_LIST ? rows->children[0] : rows;
    for (int32_t i = 0; i < d->layout.count_columns; i++) {
        out[i] = field_of(d, row, i, err);
        if (!out[i]) {
            return SB_STATUS_NOMEM;
        }
    }
    return SB_OK;
}

/* Takes what the builders hold. */
static sb_status
envelope_open(cdc_decoder *d, sb_error *err)
{
    sb_cdc_envelope *e = &d->envelope;
    const sb_cdc_layout *l = &d->layout;
    for (int32_t i = 0; i < d->count_builders; i++) {
        d->tops[i] = sb_column_finish(&d->builders[i], err);
        if (!d->tops[i]) {
            return SB_STATUS_NOMEM;
        }
    }
    int32_t inside = l->in_payload ? l->count_fields - (d->count_builders - 1) : 0;
    e->payload = l->in_payload ? d->tops[0] : NULL;
    for (int32_t i = 0; i < l->count_fields; i++) {
        if (i < inside) {
            e->fields[i] = field_of(d, e->payload, i, err);
        } else {
            e->fields[i] = sb_vector_ref(d->tops[i - inside + l->in_payload]);
        }
        if (!e->fields[i]) {
            return SB_STATUS_NOMEM;
        }
    }
    SB_TRY(open_rows(d, e->fields[l->after], e->after, err), err);
    return open_rows(d, e->fields[l->before], e->before, err);
}

/* ---- a call ---- */

static sb_status
keep_bad(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    cdc_decoder *d = ctx;
    d->bads[d->count_bads++] = (kept_bad){
        .record = (int32_t)bad->offset,
        .reason = (uint32_t)d->reasons.size,
        .tolerated = bad->tolerated,
    };
    sb_text_append(&d->reasons, bad->reason, strlen(bad->reason) + 1);
    if (d->reasons.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* Plans the rows of the messages; returns how many of them are done with. */
static sb_status
plan(cdc_decoder *d, sb_decode_records *call, int32_t count, int32_t rows, int32_t *done,
     sb_error *err)
{
    bool tolerant = d->rows.tolerant;
    int32_t row = 0, bad = 0;
    for (*done = 0; *done < count; (*done)++) {
        int32_t record = call->consumed + *done;
        const sb_str *message = &call->records[record];
        if (bad < d->count_bads && d->bads[bad].record == *done) {
            const kept_bad *kept = &d->bads[bad++];
            if (sb_cdc_text_included(&d->rows, *message)) {
                SB_TRY(sb_records_bad(call, record, d->reasons.data + kept->reason, kept->tolerated,
                                      err),
                       err);
            }
            continue;
        }
        if (row == rows || d->record_of[row] != *done) {
            continue; /* no message */
        }
        const char *why;
        switch (sb_cdc_rows_plan(&d->rows, &d->envelope, row++, record, *message, &why)) {
        case SB_CDC_PLANNED: break;
        case SB_CDC_BAD: SB_TRY(sb_records_bad(call, record, why, tolerant, err), err); break;
        case SB_CDC_NO_ROOM: return SB_OK;
        case SB_CDC_NOMEM: SB_NOMEM(err);
        }
    }
    return SB_OK;
}

static sb_status
decode_batch(cdc_decoder *d, sb_decode_records *call, int32_t count, sb_error *err)
{
    sb_decode_records inner = {.records = call->records + call->consumed,
                               .count = count,
                               .limit_rows = count,
                               .columns = d->builders,
                               .ops = d->ops,
                               .record_of = d->record_of,
                               .bad = {keep_bad, d}};
    d->count_bads = 0;
    sb_text_clear(&d->reasons);
    SB_TRY(d->inner->vtable->decode_records(d->inner, &inner, err), err);
    sb_assert(inner.consumed == count);
    SB_TRY(envelope_open(d, err), err);
    SB_TRY(sb_cdc_rows_begin(&d->rows, call->limit_rows, call->rows, err), err);
    int32_t done;
    SB_TRY(plan(d, call, count, inner.rows, &done, err), err);
    sb_cdc_rows_append(&d->rows, &d->envelope, call->columns);
    for (int32_t i = 0; i < d->rows.count; i++) {
        sb_records_add_row(call, d->rows.rows[i].record, d->rows.rows[i].op);
    }
    call->consumed += done;
    return SB_OK;
}

static sb_status
cdc_decode_records(sb_decoder *base, sb_decode_records *call, sb_error *err)
{
    cdc_decoder *d = (cdc_decoder *)(void *)base;
    sb_records_begin(call);
    while (call->consumed < call->count && call->rows < call->limit_rows) {
        int32_t before = call->consumed, room = (call->limit_rows - call->rows) / 2;
        int32_t count = call->count - call->consumed;
        count = count < SB_CDC_BATCH ? count : SB_CDC_BATCH;
        if (d->layout.cdc->kind != SB_CDC_CANAL && count > room) {
            count = room > 0 ? room : 1; /* so that nothing is decoded in vain */
        }
        sb_status status = decode_batch(d, call, count, err);
        envelope_close(d);
        if (status != SB_OK) {
            for (int32_t i = 0; i < d->count_builders; i++) { /* what a failed call left */
                sb_vector_unref(sb_column_finish(&d->builders[i], &(sb_error){.status = SB_OK}));
            }
            return status;
        }
        if (call->consumed == before) {
            break; /* the rows of the next message have no room */
        }
    }
    return SB_OK;
}

static sb_status
cdc_decode(sb_decoder *base, sb_decode *call, sb_error *err)
{
    return sb_records_decode_lines(base, call, err);
}

/* ---- life ---- */

static void
cdc_free(sb_decoder *base)
{
    cdc_decoder *d = (cdc_decoder *)(void *)base;
    sb_decoder_free(d->inner);
    for (int32_t i = 0; i < d->count_builders; i++) {
        sb_column_builder_deinit(&d->builders[i]);
    }
    sb_cdc_rows_deinit(&d->rows);
    sb_text_deinit(&d->reasons);
    sb_arena_free(d->arena);
    sb_free(base->mem, d, sizeof *d);
}

static const sb_decoder_vtable cdc_decoder_vtable = {
    .decode = cdc_decode, .decode_records = cdc_decode_records, .free = cdc_free};

static sb_status
make_inner(cdc_decoder *d, const sb_cdc_options *options, sb_error *err)
{
    sb_mem *mem = d->base.mem;
    int32_t count = d->schema.count, columns = d->layout.count_columns + 1;
    int32_t *project = SB_NEW_ARRAY(d->arena, int32_t, count);
    d->builders = SB_NEW_ARRAY(d->arena, sb_column_builder, count);
    d->tops = SB_NEW_ARRAY(d->arena, sb_vector *, count);
    d->envelope.after = SB_NEW_ARRAY(d->arena, sb_vector *, columns);
    d->envelope.before = SB_NEW_ARRAY(d->arena, sb_vector *, columns);
    if (!project || !d->builders || !d->tops || !d->envelope.after || !d->envelope.before) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        project[i] = i;
        SB_TRY(sb_column_builder_init(&d->builders[i], mem, &d->schema.fields[i].type, err), err);
        d->count_builders++;
    }
    for (int i = 0; i < 2; i++) {
        if (options->include[i]) {
            SB_TRY(sb_pattern_new(mem, options->include[i], &d->rows.include[i], err), err);
        }
    }
    sb_format_table inner = {.columns = &d->schema};
    return sb_json_decoder_new(mem, &inner, &options->json, project, count, &d->inner, err);
}

sb_status
sb_cdc_decoder_new(sb_mem *mem, const sb_cdc *cdc, const sb_format_table *table,
                   const sb_cdc_options *options, const int32_t *project, int32_t count,
                   sb_decoder **out, sb_error *err)
{
    cdc_decoder *d = sb_alloc_zero(mem, sizeof *d);
    if (!d) {
        SB_NOMEM(err);
    }
    d->base = (sb_decoder){&cdc_decoder_vtable, mem};
    d->layout.cdc = cdc;
    d->layout.count_columns = count;
    sb_text_init(&d->reasons, mem);
    d->rows = (sb_cdc_rows){
        .mem = mem, .layout = &d->layout, .tolerant = options->json.ignore_parse_errors};
    sb_text_init(&d->rows.flags, mem);
    d->arena = sb_arena_new(mem);
    sb_status status =
        d->arena ? lay_out(d, table, options, project, err)
                 : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK) {
        status = make_inner(d, options, err);
    }
    if (status != SB_OK) {
        cdc_free(&d->base);
        return status;
    }
    *out = &d->base;
    return SB_OK;
}
