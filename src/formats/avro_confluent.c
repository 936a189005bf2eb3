/*
 * formats/avro_confluent.c -- the format avro-confluent: binary Avro behind a header with the id of
 * the writer's schema, which a registry holds.
 *
 * DESIGN     Reading: for each id the writer's schema is asked for once and resolved with that of
 *            the table; the steps are kept for the ids used last. Records of ids that the registry
 *            does not have are bad; a registry that does not answer fails the call. Writing: the
 *            table's schema is registered before the first row.
 */
#include "formats/avro.h"
#include "formats/confluent.h"
#include "formats/registry.h"

#define KEPT  256  /* ids; more than the records of a chunk, whose steps must stay */
#define TRUST 1000 /* bad records of an unknown id before the registry is asked again */

const char sb_confluent_no_header[] = "no header of a schema registry (byte 0 and a schema id)";

static const sb_format_option confluent_options[] = {
    SB_REGISTRY_OPTIONS,
    {"timestamp_mapping.legacy", "bool", "true", "as of the format avro"},
    {NULL, NULL, NULL, NULL},
};

/* The table's schema: option 'schema', or derived. Its text into `text`. */
static sb_status
table_schema(const sb_format_table *table, bool source, sb_arena *arena, sb_text *text,
             const sb_avro_schema **out, sb_error *err)
{
    const char *given = sb_format_get(table, "schema", NULL);
    if (given) {
        sb_text_add(text, given);
    } else {
        SB_TRY(sb_avro_table_schema(table, source, text, err), err);
    }
    if (text->failed) {
        SB_NOMEM(err);
    }
    SB_TRY(sb_avro_schema_parse(arena, (sb_str){text->data, text->size}, out, err), err);
    return given ? sb_avro_schema_fits(*out, table->columns, source, err) : SB_OK;
}

static sb_status
check_schema(const sb_format_table *table, bool source, sb_error *err)
{
    sb_text text;
    const sb_avro_schema *schema;
    sb_arena *arena = sb_arena_new(sb_mem_root());
    if (!arena) {
        SB_NOMEM(err);
    }
    sb_text_init(&text, sb_mem_root());
    sb_status status = table_schema(table, source, arena, &text, &schema, err);
    sb_text_deinit(&text);
    sb_arena_free(arena);
    return status;
}

static sb_status
confluent_check(const sb_format_table *table, bool source, sb_format_facts *out, sb_error *err)
{
    SB_TRY(sb_registry_check(table, true, err), err);
    if (!source && !sb_format_get(table, "subject", NULL)) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "option 'subject' is missing: a sink registers its schema under it");
    }
    SB_TRY(check_schema(table, source, err), err);
    *out = (sb_format_facts){.row_ops = 1u << SB_ROW_INSERT};
    return SB_OK;
}

/* ---- reading ---- */

typedef struct kept_schema {
    int32_t id;
    sb_arena *arena; /* NULL: the place is free */
    sb_avro_step top;
    const char *why; /* its records are bad; NULL: `top` reads them */
    int32_t trust;   /* how often that is believed */
    int64_t used;    /* when, in lookups */
} kept_schema;

typedef struct writers { /* schemas of writers, and what the table wants */
    sb_mem *mem;
    sb_arena *arena;
    sb_registry *registry;
    sb_avro_wanted wanted;
    int64_t lookups;
    kept_schema *last;
    sb_text schema, type;
    kept_schema kept[KEPT];
} writers;

static void
writers_free(void *ctx)
{
    writers *w = ctx;
    for (int i = 0; i < KEPT; i++) {
        sb_arena_free(w->kept[i].arena);
    }
    sb_registry_free(w->registry);
    sb_text_deinit(&w->schema);
    sb_text_deinit(&w->type);
    sb_arena_free(w->arena);
    sb_free(w->mem, w, sizeof *w);
}

/* Resolves the schema that was asked for; what is wrong with it makes its records bad. */
static sb_status
resolve(writers *w, kept_schema *kept, sb_status asked, sb_error *err)
{
    const sb_avro_schema *schema;
    sb_status status = asked;
    if (status == SB_OK && !sb_str_equal((sb_str){w->type.data, w->type.size}, SB_STR("AVRO"))) {
        status =
            sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__, "it is of type %s", w->type.data);
    }
    if (status == SB_OK) {
        status = sb_avro_schema_parse(kept->arena, (sb_str){w->schema.data, w->schema.size},
                                      &schema, err);
    }
    if (status == SB_OK) {
        status = sb_avro_plan_record(kept->arena, schema, &w->wanted, &kept->top, err);
    }
    if (status == SB_OK) {
        return SB_OK;
    }
    if (status != SB_STATUS_NOT_FOUND && status != SB_STATUS_DATA && status != SB_STATUS_LIMIT &&
        status != SB_STATUS_NOT_SUPPORTED) {
        return status;
    }
    kept->why = sb_arena_printf(kept->arena, "schema %d: %s", kept->id, err->message);
    kept->trust = TRUST;
    sb_error_clear(err);
    if (!kept->why) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
fetch(writers *w, int32_t id, kept_schema **out, sb_error *err)
{
    kept_schema *kept = &w->kept[0];
    for (int i = 0; i < KEPT; i++) { /* a free place, or the one not used for longest */
        if (w->kept[i].arena == NULL || (kept->arena && w->kept[i].used < kept->used)) {
            kept = &w->kept[i];
        }
    }
    sb_arena_free(kept->arena);
    *kept = (kept_schema){.id = id, .arena = sb_arena_new(w->mem)};
    if (!kept->arena) {
        SB_NOMEM(err);
    }
    sb_status asked = sb_registry_schema(w->registry, id, &w->schema, &w->type, err);
    sb_status status = resolve(w, kept, asked, err);
    if (status != SB_OK) {
        sb_error_prefix(err, "schema %d", id);
        kept->arena = sb_arena_free(kept->arena);
        w->last = NULL;
        return status;
    }
    *out = kept;
    return SB_OK;
}

static kept_schema *
find_kept(writers *w, int32_t id)
{
    if (w->last && w->last->arena && w->last->id == id) {
        return w->last;
    }
    for (int i = 0; i < KEPT; i++) {
        if (w->kept[i].arena && w->kept[i].id == id) {
            return &w->kept[i];
        }
    }
    return NULL;
}

static sb_status
find_steps(void *ctx, sb_str *record, const sb_avro_step **out, const char **why, sb_error *err)
{
    writers *w = ctx;
    int32_t id;
    *out = NULL;
    if (!sb_confluent_cut(record, &id)) {
        *why = sb_confluent_no_header;
        return SB_OK;
    }
    kept_schema *kept = find_kept(w, id);
    if (!kept || (kept->why && kept->trust-- == 0)) {
        if (kept) {
            kept->arena = sb_arena_free(kept->arena);
        }
        SB_TRY(fetch(w, id, &kept, err), err);
    }
    kept->used = ++w->lookups;
    w->last = kept;
    *why = kept->why;
    *out = kept->why ? NULL : &kept->top;
    return SB_OK;
}

static sb_status
make_writers(writers *w, const sb_format_table *table, const int32_t *project, int32_t count,
             sb_error *err)
{
    int32_t columns = table->columns->count;
    int32_t *places = SB_NEW_ARRAY(w->arena, int32_t, columns + 1);
    if (!places) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < columns; i++) {
        places[i] = -1;
    }
    for (int32_t i = 0; i < count; i++) {
        places[project[i]] = i;
    }
    w->wanted = (sb_avro_wanted){NULL, columns, table->columns->fields, places};
    SB_TRY(table_schema(table, true, w->arena, &w->schema, &w->wanted.reader, err), err);
    return sb_registry_new(w->mem, table, &w->registry, err);
}

static sb_status
confluent_decoder(sb_mem *mem, const sb_format_table *table, const int32_t *project, int32_t count,
                  sb_decoder **out, sb_error *err)
{
    writers *w = sb_alloc_zero(mem, sizeof *w);
    if (!w) {
        SB_NOMEM(err);
    }
    w->mem = mem;
    sb_text_init(&w->schema, mem);
    sb_text_init(&w->type, mem);
    w->arena = sb_arena_new(mem);
    sb_status status =
        w->arena ? make_writers(w, table, project, count, err)
                 : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK) {
        sb_avro_steps steps = {find_steps, writers_free, w};
        status = sb_avro_decoder_new(mem, table->columns, project, count, &steps, out, err);
    }
    if (status != SB_OK) {
        writers_free(w);
    }
    return status;
}

/* ---- writing ---- */

typedef struct confluent_encoder {
    sb_encoder base;
    sb_arena *arena;
    sb_registry *registry;
    const sb_avro_schema *schema;
    sb_text text; /* of the schema */
    const char *subject;
    bool registered;
    int32_t id;
} confluent_encoder;

static sb_status
confluent_encode_records(sb_encoder *base, const sb_batch *batch, int32_t from, int32_t to,
                         sb_text *out, size_t *ends, sb_error *err)
{
    confluent_encoder *e = (confluent_encoder *)(void *)base;
    if (!e->registered) {
        SB_TRY(sb_registry_register(e->registry, e->subject, "AVRO", e->text.data, &e->id, err),
               err);
        e->registered = true;
    }
    for (int32_t i = from; i < to; i++) {
        sb_confluent_put(out, e->id);
        SB_TRY(sb_avro_write_row(e->schema, batch, sb_batch_row(batch, i), out, err), err);
        ends[i - from] = out->size;
    }
    return SB_OK;
}

static void
confluent_encoder_free(sb_encoder *base)
{
    confluent_encoder *e = (confluent_encoder *)(void *)base;
    sb_registry_free(e->registry);
    sb_text_deinit(&e->text);
    sb_arena_free(e->arena);
    sb_free(base->mem, e, sizeof *e);
}

static const sb_encoder_vtable confluent_encoder_vtable = {
    .encode_records = confluent_encode_records, .free = confluent_encoder_free};

static sb_status
confluent_encoder_new(sb_mem *mem, const sb_format_table *table, sb_encoder **out, sb_error *err)
{
    sb_format_facts facts;
    SB_TRY(confluent_check(table, false, &facts, err), err);
    confluent_encoder *e = sb_alloc_zero(mem, sizeof *e);
    if (!e) {
        SB_NOMEM(err);
    }
    e->base = (sb_encoder){&confluent_encoder_vtable, mem};
    sb_text_init(&e->text, mem);
    e->subject = sb_format_get(table, "subject", NULL);
    e->arena = sb_arena_new(mem);
    sb_status status =
        e->arena ? table_schema(table, false, e->arena, &e->text, &e->schema, err)
                 : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK) {
        status = sb_registry_new(mem, table, &e->registry, err);
    }
    if (status != SB_OK) {
        confluent_encoder_free(&e->base);
        return status;
    }
    *out = &e->base;
    return SB_OK;
}

const sb_format sb_format_avro_confluent = {
    .name = "avro-confluent",
    .options = confluent_options,
    .check = confluent_check,
    .decoder = confluent_decoder,
    .encoder = confluent_encoder_new,
};
