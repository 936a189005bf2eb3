/*
 * formats/json_confluent.c -- the format json-confluent: json behind the header of a schema
 * registry. Flink has no such format.
 *
 * DESIGN     Reading: the header is cut off, the rest is read as json. With a url the registry is
 *            asked for every new id, which must be there and be of type JSON; the schema itself is
 *            not needed. Writing: a JSON schema made of the columns is registered before the first
 *            row.
 */
#include <string.h>

#include "formats/confluent.h"
#include "formats/json_options.h"
#include "formats/json_text.h"
#include "formats/records.h"
#include "formats/registry.h"

#define KNOWN_MAX 256 /* ids that are remembered */
#define BATCH     512 /* records given to the inner decoder at once */

static const sb_format_option json_confluent_options[] = {
    SB_JSON_OPTIONS, SB_REGISTRY_OPTIONS, {NULL, NULL, NULL, NULL}};

/* ---- the schema ---- */

static void put_type(sb_text *out, const sb_type *type);

static void
put_object(sb_text *out, const char *kind, int32_t count, const sb_field *fields)
{
    sb_text_printf(out, "\"type\":%s,\"properties\":{", kind);
    for (int32_t i = 0; i < count; i++) {
        sb_text_add(out, i ? "," : "");
        sb_json_write_string(out, fields[i].name, strlen(fields[i].name), SB_JSON_ASTRAL_RAW);
        sb_text_char(out, ':');
        put_type(out, &fields[i].type);
    }
    sb_text_char(out, '}');
}

static void
put_type(sb_text *out, const sb_type *type)
{
    static const struct {
        const char *plain, *nullable, *more;
    } kinds[SB_TYPE_ID_COUNT] = {
        [SB_TYPE_BOOLEAN] = {"\"boolean\"", "[\"boolean\",\"null\"]", ""},
        [SB_TYPE_TINYINT] = {"\"integer\"", "[\"integer\",\"null\"]", ""},
        [SB_TYPE_SMALLINT] = {"\"integer\"", "[\"integer\",\"null\"]", ""},
        [SB_TYPE_INT] = {"\"integer\"", "[\"integer\",\"null\"]", ""},
        [SB_TYPE_BIGINT] = {"\"integer\"", "[\"integer\",\"null\"]", ""},
        [SB_TYPE_INTERVAL_MONTH] = {"\"integer\"", "[\"integer\",\"null\"]", ""},
        [SB_TYPE_INTERVAL_DAY] = {"\"integer\"", "[\"integer\",\"null\"]", ""},
        [SB_TYPE_FLOAT] = {"\"number\"", "[\"number\",\"null\"]", ""},
        [SB_TYPE_DOUBLE] = {"\"number\"", "[\"number\",\"null\"]", ""},
        [SB_TYPE_DECIMAL] = {"\"number\"", "[\"number\",\"null\"]", ""},
        [SB_TYPE_BINARY] = {"\"string\"", "[\"string\",\"null\"]",
                            ",\"contentEncoding\":\"base64\""},
        [SB_TYPE_VARBINARY] = {"\"string\"", "[\"string\",\"null\"]",
                               ",\"contentEncoding\":\"base64\""},
        [SB_TYPE_DATE] = {"\"string\"", "[\"string\",\"null\"]", ",\"format\":\"date\""},
        [SB_TYPE_ARRAY] = {"\"array\"", "[\"array\",\"null\"]", ""},
        [SB_TYPE_MAP] = {"\"object\"", "[\"object\",\"null\"]", ""},
        [SB_TYPE_MULTISET] = {"\"object\"", "[\"object\",\"null\"]", ""},
        [SB_TYPE_ROW] = {"\"object\"", "[\"object\",\"null\"]", ""},
    };

    const char *kind = type->nullable ? kinds[type->id].nullable : kinds[type->id].plain;
    if (!kind) { /* strings and times */
        kind = type->nullable ? "[\"string\",\"null\"]" : "\"string\"";
    }
    sb_text_char(out, '{');
    if (type->id == SB_TYPE_ROW) {
        put_object(out, kind, type->count_children, type->children);
    } else {
        sb_text_printf(out, "\"type\":%s%s", kind,
                       kinds[type->id].more ? kinds[type->id].more : "");
    }
    if (type->id == SB_TYPE_ARRAY) {
        sb_text_add(out, ",\"items\":");
        put_type(out, &type->children[0].type);
    } else if (type->id == SB_TYPE_MAP) {
        sb_text_add(out, ",\"additionalProperties\":");
        put_type(out, &type->children[1].type);
    } else if (type->id == SB_TYPE_MULTISET) {
        sb_text_add(out, ",\"additionalProperties\":{\"type\":\"integer\"}");
    }
    sb_text_char(out, '}');
}

static void
derive_schema(const sb_schema *columns, sb_text *out)
{
    sb_text_add(out,
                "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"title\":\"record\","
                "\"additionalProperties\":false,");
    put_object(out, "\"object\"", columns->count, columns->fields);
    sb_text_char(out, '}');
}

/* ---- options ---- */

static sb_status
json_confluent_check(const sb_format_table *table, bool source, sb_format_facts *out, sb_error *err)
{
    sb_json_options options;
    SB_TRY(sb_json_options_read(table, false, &options, err), err);
    SB_TRY(sb_json_check_source(table, source, err), err);
    SB_TRY(sb_registry_check(table, !source, err), err);
    if (!source && !sb_format_get(table, "subject", NULL)) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "option 'subject' is missing: a sink registers its schema under it");
    }
    *out = (sb_format_facts){.row_ops = 1u << SB_ROW_INSERT};
    return SB_OK;
}

/* ---- reading ---- */

typedef struct json_confluent_decoder {
    sb_decoder base;
    sb_decoder *inner;
    sb_registry *registry; /* NULL: ids are not looked up */
    sb_text schema, type, reason;
    int32_t known[KNOWN_MAX]; /* ids of schemas of type JSON; a ring */
    int32_t count_known, next_known;
    sb_str cut[BATCH];
} json_confluent_decoder;

static void
json_confluent_free(sb_decoder *base)
{
    json_confluent_decoder *d = (json_confluent_decoder *)(void *)base;
    sb_decoder_free(d->inner);
    sb_registry_free(d->registry);
    sb_text_deinit(&d->schema);
    sb_text_deinit(&d->type);
    sb_text_deinit(&d->reason);
    sb_free(base->mem, d, sizeof *d);
}

/* Is it the id of a JSON schema? *why: it is not, its records are bad. */
static sb_status
check_id(json_confluent_decoder *d, int32_t id, const char **why, sb_error *err)
{
    for (int32_t i = 0; i < d->count_known; i++) {
        if (d->known[i] == id) {
            return SB_OK;
        }
    }
    sb_text_clear(&d->reason);
    sb_status status = sb_registry_schema(d->registry, id, &d->schema, &d->type, err);
    if (status == SB_STATUS_NOT_FOUND || status == SB_STATUS_NOT_SUPPORTED) {
        bool found = status == SB_STATUS_NOT_SUPPORTED; /* it refers to others: that is no matter */
        if (!found) {
            sb_text_printf(&d->reason, "schema %d: %s", id, err->message);
        }
        sb_error_clear(err);
    } else if (status != SB_OK) {
        sb_error_prefix(err, "schema %d", id);
        return status;
    } else if (!sb_str_equal((sb_str){d->type.data, d->type.size}, SB_STR("JSON"))) {
        sb_text_printf(&d->reason, "schema %d is of type %s, not JSON", id, d->type.data);
    }
    if (d->reason.failed) {
        SB_NOMEM(err);
    }
    if (d->reason.size > 0) {
        *why = d->reason.data;
        return SB_OK;
    }
    d->known[d->next_known] = id;
    d->next_known = (d->next_known + 1) % KNOWN_MAX;
    d->count_known += d->count_known < KNOWN_MAX;
    return SB_OK;
}

/* Records of the batch without their headers; bad ones are told and are none. */
static sb_status
cut_headers(json_confluent_decoder *d, sb_decode_records *call, int32_t count, sb_error *err)
{
    for (int32_t i = 0; i < count; i++) {
        int32_t id, at = call->consumed + i;
        const char *why = NULL;
        d->cut[i] = call->records[at];
        if (sb_record_is_none(&d->cut[i])) {
            continue;
        }
        if (!sb_confluent_cut(&d->cut[i], &id)) {
            why = sb_confluent_no_header;
        } else if (d->registry) {
            SB_TRY(check_id(d, id, &why, err), err);
        }
        if (why) {
            SB_TRY(sb_records_bad(call, at, why, false, err), err);
            d->cut[i] = (sb_str){NULL, 0};
        }
    }
    return SB_OK;
}

typedef struct shifted { /* bad records of a batch, as records of the call */
    const sb_decode_records *call;
    int32_t by;
} shifted;

static sb_status
shift_bad(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    const shifted *s = ctx;
    return sb_records_bad(s->call, (int32_t)bad->offset + s->by, bad->reason, bad->tolerated, err);
}

static sb_status
json_confluent_decode(sb_decoder *base, sb_decode_records *call, sb_error *err)
{
    json_confluent_decoder *d = (json_confluent_decoder *)(void *)base;
    sb_records_begin(call);
    while (call->consumed < call->count && call->rows < call->limit_rows) {
        int32_t left = call->count - call->consumed, room = call->limit_rows - call->rows;
        int32_t count = left < BATCH ? left : BATCH;
        count = count < room ? count : room; /* a record makes one row: all have room */
        SB_TRY(cut_headers(d, call, count, err), err);
        shifted bad = {call, call->consumed};
        sb_decode_records inner = {.records = d->cut,
                                   .count = count,
                                   .limit_rows = room,
                                   .columns = call->columns,
                                   .ops = call->ops + call->rows,
                                   .record_of = call->record_of + call->rows,
                                   .bad = {shift_bad, &bad}};
        SB_TRY(d->inner->vtable->decode_records(d->inner, &inner, err), err);
        for (int32_t i = 0; i < inner.rows; i++) {
            inner.record_of[i] += call->consumed;
        }
        call->rows += inner.rows;
        call->consumed += count;
    }
    return SB_OK;
}

static const sb_decoder_vtable json_confluent_vtable = {.decode_records = json_confluent_decode,
                                                        .free = json_confluent_free};

static sb_status
json_confluent_decoder_new(sb_mem *mem, const sb_format_table *table, const int32_t *project,
                           int32_t count, sb_decoder **out, sb_error *err)
{
    sb_json_options options;
    SB_TRY(sb_json_options_read(table, false, &options, err), err);
    json_confluent_decoder *d = sb_alloc_zero(mem, sizeof *d);
    if (!d) {
        SB_NOMEM(err);
    }
    d->base = (sb_decoder){&json_confluent_vtable, mem};
    sb_text_init(&d->schema, mem);
    sb_text_init(&d->type, mem);
    sb_text_init(&d->reason, mem);
    sb_status status = sb_json_decoder_new(mem, table, &options, project, count, &d->inner, err);
    if (status == SB_OK && sb_format_get(table, "url", NULL)) {
        status = sb_registry_new(mem, table, &d->registry, err);
    }
    if (status != SB_OK) {
        json_confluent_free(&d->base);
        return status;
    }
    *out = &d->base;
    return SB_OK;
}

/* ---- writing ---- */

typedef struct json_confluent_encoder {
    sb_encoder base;
    sb_encoder *inner;
    sb_registry *registry;
    sb_text schema;
    const char *subject;
    bool registered;
    int32_t id;
} json_confluent_encoder;

static void
json_confluent_encoder_free(sb_encoder *base)
{
    json_confluent_encoder *e = (json_confluent_encoder *)(void *)base;
    sb_encoder_free(e->inner);
    sb_registry_free(e->registry);
    sb_text_deinit(&e->schema);
    sb_free(base->mem, e, sizeof *e);
}

static sb_status
json_confluent_encode(sb_encoder *base, const sb_batch *batch, int32_t from, int32_t to,
                      sb_text *out, size_t *ends, sb_error *err)
{
    json_confluent_encoder *e = (json_confluent_encoder *)(void *)base;
    if (!e->registered) {
        SB_TRY(sb_registry_register(e->registry, e->subject, "JSON", e->schema.data, &e->id, err),
               err);
        e->registered = true;
    }
    for (int32_t i = from; i < to; i++) {
        sb_confluent_put(out, e->id);
        SB_TRY(
            e->inner->vtable->encode_records(e->inner, batch, i, i + 1, out, &ends[i - from], err),
            err);
    }
    return SB_OK;
}

static const sb_encoder_vtable json_confluent_encoder_vtable = {
    .encode_records = json_confluent_encode, .free = json_confluent_encoder_free};

static sb_status
json_confluent_encoder_new(sb_mem *mem, const sb_format_table *table, sb_encoder **out,
                           sb_error *err)
{
    sb_json_options options;
    sb_format_facts facts;
    SB_TRY(json_confluent_check(table, false, &facts, err), err);
    SB_TRY(sb_json_options_read(table, false, &options, err), err);
    json_confluent_encoder *e = sb_alloc_zero(mem, sizeof *e);
    if (!e) {
        SB_NOMEM(err);
    }
    e->base = (sb_encoder){&json_confluent_encoder_vtable, mem};
    e->subject = sb_format_get(table, "subject", NULL);
    sb_text_init(&e->schema, mem);
    const char *given = sb_format_get(table, "schema", NULL);
    if (given) {
        sb_text_add(&e->schema, given);
    } else {
        derive_schema(table->columns, &e->schema);
    }
    sb_status status = e->schema.failed ? SB_STATUS_NOMEM : SB_OK;
    if (status != SB_OK) {
        sb_error_set(err, status, __FILE__, __LINE__, "out of memory");
    } else {
        status = sb_json_encoder_new(mem, table, &options, &e->inner, err);
    }
    if (status == SB_OK) {
        status = sb_registry_new(mem, table, &e->registry, err);
    }
    if (status != SB_OK) {
        json_confluent_encoder_free(&e->base);
        return status;
    }
    *out = &e->base;
    return SB_OK;
}

const sb_format sb_format_json_confluent = {
    .name = "json-confluent",
    .options = json_confluent_options,
    .check = json_confluent_check,
    .decoder = json_confluent_decoder_new,
    .encoder = json_confluent_encoder_new,
};
