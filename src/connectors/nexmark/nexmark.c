/*
 * connectors/nexmark/nexmark.c -- the Nexmark event stream as a source.
 *
 * DESIGN     Columns event_type, person, auction, bid (see events.h for what stands in them); any
 *            subset in any order, and of a ROW the fields that are read (the others are NULL).
 *            Split s of S takes blocks of 1000 events in turn, so event time ascends within a
 *            split. The position is the number of the next event. Batches are cut at groups of
 *            fifty. Frames (the memory of a batch) are used again when their last reader is gone;
 *            at most FRAMES_MAX are kept.
 * OWNERSHIP  The source holds one reference on the pools and on each kept frame; so does every
 *            vector.
 * THREADS    T:task.
 */
#include "connectors/nexmark/nexmark.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "connectors/nexmark/events.h"
#include "connectors/options.h"

#define BLOCK_EVENTS     1000
#define FRAMES_MAX       32
#define POSITION_VERSION 1
#define EVENTS_MAX       INT64_C(9000000000000) /* n * 10^6 stays below 2^63 */

typedef enum column_kind {
    COLUMN_TYPE,
    COLUMN_PERSON,
    COLUMN_AUCTION,
    COLUMN_BID,
    COLUMN_KINDS
} column_kind;

typedef struct field_spec {
    const char *name;
    char kind; /* i: BIGINT, s: STRING, t: TIMESTAMP */
} field_spec;

static const field_spec person_fields[] = {
    {"id", 'i'},   {"name", 's'},  {"emailAddress", 's'}, {"creditCard", 's'},
    {"city", 's'}, {"state", 's'}, {"dateTime", 't'},     {"extra", 's'}};
static const field_spec auction_fields[] = {
    {"id", 'i'},       {"itemName", 's'}, {"description", 's'}, {"initialBid", 'i'},
    {"reserve", 'i'},  {"dateTime", 't'}, {"expires", 't'},     {"seller", 'i'},
    {"category", 'i'}, {"extra", 's'}};
static const field_spec bid_fields[] = {{"auction", 'i'}, {"bidder", 'i'}, {"price", 'i'},
                                        {"channel", 's'}, {"url", 's'},    {"dateTime", 't'},
                                        {"extra", 's'}};

typedef struct column_spec {
    const char *name;
    const field_spec *fields;
    int32_t count;
} column_spec;

#define FIELDS(array) array, (int32_t)(sizeof array / sizeof array[0])
static const column_spec columns[COLUMN_KINDS] = {
    [COLUMN_TYPE] = {"event_type", NULL, 0},
    [COLUMN_PERSON] = {"person", FIELDS(person_fields)},
    [COLUMN_AUCTION] = {"auction", FIELDS(auction_fields)},
    [COLUMN_BID] = {"bid", FIELDS(bid_fields)},
};

typedef struct nexmark_options {
    /* events: INT64_MAX without end; splits: 0 = parallelism */
    int64_t events, first, seed, rate, precision, per_second, splits;
} nexmark_options;

static const sb_option_spec nexmark_specs[] = {
    {"events", "int", NULL, "how many events; not set: without end"},
    {"first-event", "int", "0", "number of the first event"},
    {"seed", "int", "1", "of the random numbers"},
    {"rate", "int", "100000", "events per second of event time"},
    {"precision", "int", "3", "digits of the second of event times: 3 or 6"},
    {"events-per-second", "int", "0", "pace in processing time; 0: as fast as possible"},
    {"splits", "int", NULL, "default: the parallelism of the job"},
    {NULL, NULL, NULL, NULL},
};

typedef struct nexmark_split {
    int32_t ordinal, index, count; /* this is split `index` of `count` */
    int64_t next;                  /* number of its next event */
    int64_t started_ms, produced;  /* pace, since it was opened; started -1: not polled yet */
    bool open;
} nexmark_split;

typedef struct nexmark_frame { /* the memory of one batch */
    sb_buffer *values;         /* all columns */
    /* bytes of e-mails and cards; apart, because gathered strings keep it alive */
    sb_buffer *heap;
} nexmark_frame;

typedef struct nexmark_source {
    sb_source base;
    nexmark_options options;
    sb_nexmark_law law;
    sb_buffer *pools;
    column_kind *kinds; /* per output column */
    int32_t capacity;   /* rows of a frame */
    int64_t frame_size;
    nexmark_frame frames[FRAMES_MAX];
    int32_t count_frames;
    nexmark_split *splits;
    int32_t count_splits;
} nexmark_source;

static const sb_source_vtable nexmark_vtable;

static nexmark_source *
source_of(sb_source *s)
{
    sb_assert(s->vtable == &nexmark_vtable);
    return (nexmark_source *)(void *)s;
}

/* ---- options and columns
 * ---------------------------------------------------------------------------------- */

static sb_status
read_options(const sb_table_desc *t, nexmark_options *o, sb_error *err)
{
    SB_TRY(sb_table_options_check(t, nexmark_specs, NULL, err), err);
    SB_TRY(sb_table_option_i64(t, "events", INT64_MAX, 0, EVENTS_MAX, &o->events, err), err);
    SB_TRY(sb_table_option_i64(t, "first-event", 0, 0, EVENTS_MAX, &o->first, err), err);
    SB_TRY(sb_table_option_i64(t, "seed", 1, INT64_MIN, INT64_MAX, &o->seed, err), err);
    SB_TRY(sb_table_option_i64(t, "rate", 100000, 1, 1000000000, &o->rate, err), err);
    SB_TRY(sb_table_option_i64(t, "precision", 3, 3, 6, &o->precision, err), err);
    SB_TRY(sb_table_option_i64(t, "events-per-second", 0, 0, 1000000000, &o->per_second, err), err);
    SB_TRY(sb_table_option_i64(t, "splits", 0, 1, 4096, &o->splits, err), err);
    if (o->precision != 3 && o->precision != 6) {
        return sb_table_option_bad(t, "precision", "must be 3 or 6", err);
    }
    return SB_OK;
}

static int64_t
end_of(const nexmark_options *o)
{
    return o->events == INT64_MAX              ? EVENTS_MAX
           : o->first + o->events < EVENTS_MAX ? o->first + o->events
                                               : EVENTS_MAX;
}

static bool
field_fits(const field_spec *spec, const sb_field *field, int64_t precision)
{
    const sb_type *type = &field->type;
    if (strcmp(spec->name, field->name) != 0) {
        return false;
    }
    switch (spec->kind) {
    case 'i': return type->id == SB_TYPE_BIGINT;
    case 's': return type->id == SB_TYPE_VARCHAR;
    default:
        return type->id == SB_TYPE_TIMESTAMP && type->precision >= precision &&
               type->precision <= 6;
    }
}

static sb_status
column_of(const sb_field *field, int64_t precision, column_kind *out, sb_error *err)
{
    for (int k = 0; k < COLUMN_KINDS; k++) {
        const column_spec *spec = &columns[k];
        if (strcmp(spec->name, field->name) != 0) {
            continue;
        }
        bool fits = spec->fields
                        ? field->type.id == SB_TYPE_ROW && field->type.count_children == spec->count
                        : field->type.id == SB_TYPE_INT;
        for (int32_t i = 0; i < spec->count && fits; i++) {
            fits = field_fits(&spec->fields[i], &field->type.children[i], precision);
        }
        if (!fits) {
            sb_error_set(err, SB_STATUS_SEMANTIC, __FILE__, __LINE__,
                         "connector 'nexmark': column '%s' has not the type it must have",
                         field->name);
            sb_error_hint(err, "bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel "
                               "STRING, url STRING, dateTime "
                               "TIMESTAMP(3), extra STRING>, see docs for person and auction");
            return SB_STATUS_SEMANTIC;
        }
        *out = (column_kind)k;
        return SB_OK;
    }
    SB_FAIL(err, SB_STATUS_SEMANTIC,
            "connector 'nexmark' has no column '%s', only event_type, person, auction, bid",
            field->name);
}

static sb_status
nexmark_facts(const sb_table_desc *table, sb_source_facts *out, sb_error *err)
{
    nexmark_options o;
    column_kind kind;
    SB_TRY(read_options(table, &o, err), err);
    SB_TRY(sb_refuse_partitions(table, err), err);
    for (int32_t i = 0; i < table->columns->count; i++) {
        SB_TRY(column_of(&table->columns->fields[i], o.precision, &kind, err), err);
    }
    *out = (sb_source_facts){
        .row_ops = SB_ROWS_INSERT, .bounded = o.events != INT64_MAX, .replayable = true};
    return SB_OK;
}

static sb_status
nexmark_enumerate(const sb_source_node *node, sb_os *os, sb_mem *mem, int32_t parallelism,
                  sb_split_list *list, sb_error *err)
{
    nexmark_options o;
    (void)os;
    (void)mem;
    SB_TRY(read_options(node->table, &o, err), err);
    int32_t count = o.splits ? (int32_t)o.splits : parallelism;
    if (list->count > 0) { /* restored: their number is part of the state */
        list->complete = true;
        return SB_OK;
    }
    for (int32_t i = 0; i < count; i++) {
        char id[48];
        int size = snprintf(id, sizeof id, "nexmark-%d-of-%d", i, count);
        SB_TRY(sb_split_add(list, id, (sb_str){id, (size_t)size}, err), err);
    }
    list->complete = true;
    return SB_OK;
}

/* ---- frames
 * ------------------------------------------------------------------------------------------------
 */

typedef struct layout { /* cuts a frame into pieces; base NULL: only counts */
    char *base;
    int64_t at;
} layout;

static void *
cut(layout *l, int64_t size)
{
    void *piece = l->base ? l->base + l->at : NULL;
    l->at += (size + 63) / 64 * 64;
    return piece;
}

/* Which fields of the column are wanted; bit k: field k. */
typedef struct cutter {
    layout *l;
    int32_t rows;
    uint64_t wanted;
} cutter;

static void *
cut_field(cutter *c, int32_t field, int32_t width)
{
    return c->wanted >> field & 1 ? cut(c->l, (int64_t)c->rows * width) : NULL;
}

static void
cut_person(cutter *c, sb_nexmark_frame *f)
{
    f->person_valid = cut(c->l, sb_bits_bytes(c->rows));
    f->person.id = cut_field(c, 0, 8);
    f->person.name = cut_field(c, 1, 16);
    f->person.email = cut_field(c, 2, 16);
    f->person.card = cut_field(c, 3, 16);
    f->person.city = cut_field(c, 4, 16);
    f->person.state = cut_field(c, 5, 16);
    f->person.time = cut_field(c, 6, 8);
    f->person.extra = cut_field(c, 7, 16);
    f->person_strings = (c->wanted & 0xBE) != 0;
}

static void
cut_auction(cutter *c, sb_nexmark_frame *f)
{
    f->auction_valid = cut(c->l, sb_bits_bytes(c->rows));
    f->auction.id = cut_field(c, 0, 8);
    f->auction.name = cut_field(c, 1, 16);
    f->auction.description = cut_field(c, 2, 16);
    f->auction.initial = cut_field(c, 3, 8);
    f->auction.reserve = cut_field(c, 4, 8);
    f->auction.time = cut_field(c, 5, 8);
    f->auction.expires = cut_field(c, 6, 8);
    f->auction.seller = cut_field(c, 7, 8);
    f->auction.category = cut_field(c, 8, 8);
    f->auction.extra = cut_field(c, 9, 16);
    f->auction_strings = (c->wanted & 0x206) != 0;
}

static void
cut_bid(cutter *c, sb_nexmark_frame *f)
{
    f->bid_valid = cut(c->l, sb_bits_bytes(c->rows));
    f->bid.auction = cut_field(c, 0, 8);
    f->bid.bidder = cut_field(c, 1, 8);
    f->bid.price = cut_field(c, 2, 8);
    f->bid.channel = cut_field(c, 3, 16);
    f->bid.url = cut_field(c, 4, 16);
    f->bid.time = cut_field(c, 5, 8);
    f->bid.extra = cut_field(c, 6, 16);
    f->bid_strings = (c->wanted & 0x58) != 0;
    f->bid_draws = (c->wanted & 0x5F) != 0;
}

/* Lays the frame out; returns its size. */
static int64_t
lay_out(const nexmark_source *s, char *base, sb_nexmark_frame *f)
{
    layout l = {.base = base};
    *f = (sb_nexmark_frame){0};
    const uint64_t *fields = s->base.ctx->node->fields;
    for (int32_t i = 0; i < s->base.ctx->output->count; i++) {
        cutter c = {&l, s->capacity, fields ? fields[i] : UINT64_MAX};
        switch (s->kinds[i]) {
        case COLUMN_TYPE: f->type = cut(&l, s->capacity * INT64_C(4)); break;
        case COLUMN_PERSON: cut_person(&c, f); break;
        case COLUMN_AUCTION: cut_auction(&c, f); break;
        default: cut_bid(&c, f); break;
        }
    }
    return l.at + 64;
}

static void
drop_frame(nexmark_frame frame)
{
    sb_buffer_unref(frame.values);
    sb_buffer_unref(frame.heap);
}

static nexmark_frame
share_frame(nexmark_frame frame)
{
    return (nexmark_frame){sb_buffer_ref(frame.values), sb_buffer_ref(frame.heap)};
}

static bool
is_free(nexmark_frame frame)
{
    return atomic_load_explicit(&frame.values->refs, memory_order_acquire) == 1 &&
           atomic_load_explicit(&frame.heap->refs, memory_order_acquire) == 1;
}

/* A frame nobody reads, with one reference for the caller. */
static sb_status
take_frame(nexmark_source *s, nexmark_frame *out, sb_error *err)
{
    for (int32_t i = 0; i < s->count_frames; i++) {
        if (is_free(s->frames[i])) {
            *out = share_frame(s->frames[i]);
            return SB_OK;
        }
    }
    sb_mem *mem = s->base.ctx->mem;
    nexmark_frame frame = {
        .values = sb_buffer_new(mem, s->frame_size),
        .heap = sb_buffer_new(mem, (int64_t)(s->capacity / 50 + 2) * SB_NEXMARK_HEAP_ROW),
    };
    if (!frame.values || !frame.heap) {
        drop_frame(frame);
        SB_NOMEM(err);
    }
    memset(frame.values->data, 0, (size_t)s->frame_size);
    memset(frame.heap->data, 0, (size_t)frame.heap->size);
    if (s->count_frames < FRAMES_MAX) {
        s->frames[s->count_frames++] = share_frame(frame);
    }
    *out = frame;
    return SB_OK;
}

/* ---- batches
 * -----------------------------------------------------------------------------------------------
 */

/* A vector over a piece of the frame. */
static sb_vector *
frame_vector(nexmark_source *s, const sb_type *type, nexmark_frame frame, bool own_bytes,
             const void *values, int32_t rows)
{
    sb_vector *v = sb_vector_new(s->base.ctx->mem, type, rows);
    if (!v) {
        return NULL;
    }
    v->values = values;
    v->own_values = sb_buffer_ref(frame.values);
    v->pinned_bytes = (int64_t)rows * sb_phys_size((sb_phys)v->phys);
    if (v->phys == SB_PHYS_VIEW) {
        v->heaps[v->count_heaps++] = sb_buffer_ref(s->pools); /* of size 0 for accounting */
    }
    if (v->phys == SB_PHYS_VIEW && own_bytes) {
        v->heaps[v->count_heaps++] = sb_buffer_ref(frame.heap);
        v->pinned_bytes += frame.heap->size;
    }
    return v;
}

/* The values of the fields, in the order of the column's fields; NULL: not wanted. */
static int32_t
field_values(column_kind kind, const sb_nexmark_frame *f, const void **out)
{
    if (kind == COLUMN_PERSON) {
        const void *all[] = {f->person.id,   f->person.name,  f->person.email, f->person.card,
                             f->person.city, f->person.state, f->person.time,  f->person.extra};
        memcpy(out, all, sizeof all);
        return sizeof all / sizeof *all;
    }
    if (kind == COLUMN_AUCTION) {
        const void *all[] = {f->auction.id,      f->auction.name,    f->auction.description,
                             f->auction.initial, f->auction.reserve, f->auction.time,
                             f->auction.expires, f->auction.seller,  f->auction.category,
                             f->auction.extra};
        memcpy(out, all, sizeof all);
        return sizeof all / sizeof *all;
    }
    const void *all[] = {f->bid.auction, f->bid.bidder, f->bid.price, f->bid.channel,
                         f->bid.url,     f->bid.time,   f->bid.extra};
    memcpy(out, all, sizeof all);
    return sizeof all / sizeof *all;
}

static sb_vector *
struct_vector(nexmark_source *s, const sb_type *type, column_kind kind, nexmark_frame frame,
              const sb_nexmark_frame *f, int32_t rows)
{
    const void *values[16];
    int32_t count = field_values(kind, f, values);
    sb_vector *v = sb_vector_new(s->base.ctx->mem, type, rows);
    if (!v) {
        return NULL;
    }
    sb_assert(v->count_children == count);
    v->validity = kind == COLUMN_PERSON    ? f->person_valid
                  : kind == COLUMN_AUCTION ? f->auction_valid
                                           : f->bid_valid;
    v->own_validity = sb_buffer_ref(frame.values);
    v->pinned_bytes = sb_bits_bytes(rows);
    for (int32_t i = 0; i < count; i++) {
        const sb_type *field = &type->children[i].type;
        v->children[i] = values[i]
                             ? frame_vector(s, field, frame, kind == COLUMN_PERSON, values[i], rows)
                             : sb_vector_const(s->base.ctx->mem, field, NULL, rows);
        if (!v->children[i]) {
            sb_vector_unref(v);
            return NULL;
        }
        v->pinned_bytes += v->children[i]->pinned_bytes;
    }
    return v;
}

/* Takes the reference on the frame over. */
static sb_batch *
frame_batch(nexmark_source *s, nexmark_frame frame, const sb_nexmark_frame *f, int32_t rows)
{
    const sb_schema *schema = s->base.ctx->output;
    sb_vector *vectors[COLUMN_KINDS] = {NULL};
    bool fine = true;
    for (int32_t i = 0; i < schema->count && fine; i++) {
        const sb_type *type = &schema->fields[i].type;
        vectors[i] = s->kinds[i] == COLUMN_TYPE
                         ? frame_vector(s, type, frame, false, f->type, rows)
                         : struct_vector(s, type, s->kinds[i], frame, f, rows);
        fine = vectors[i] != NULL;
    }
    drop_frame(frame);
    if (!fine) {
        for (int32_t i = 0; i < schema->count; i++) {
            sb_vector_unref(vectors[i]);
        }
        return NULL;
    }
    return sb_batch_new(s->base.ctx->mem, schema, vectors, rows);
}

static void
clear_bits(uint64_t *bits, int32_t rows)
{
    if (bits) {
        memset(bits, 0, (size_t)sb_bits_bytes(rows));
    }
}

/* Up to `limit` events of the split; fewer at the end of the stream. */
static sb_status
make_batch(nexmark_source *s, nexmark_split *split, int32_t limit, sb_batch **out, sb_error *err)
{
    const int64_t end = end_of(&s->options), first = s->options.first;
    nexmark_frame frame = {NULL, NULL};
    sb_nexmark_frame f;
    SB_TRY(take_frame(s, &frame, err), err);
    lay_out(s, (char *)frame.values->data, &f);
    f.heap = (char *)frame.heap->data;
    clear_bits(f.person_valid, s->capacity);
    clear_bits(f.auction_valid, s->capacity);
    clear_bits(f.bid_valid, s->capacity);
    int32_t rows = 0;
    while (rows < limit && split->next < end) {
        int64_t block_end = split->count == 1
                                ? end
                                : first + ((split->next - first) / BLOCK_EVENTS + 1) * BLOCK_EVENTS;
        int64_t run = block_end < end ? block_end - split->next : end - split->next;
        run = run < limit - rows ? run : limit - rows;
        sb_nexmark_events(&s->law, &f, rows, split->next, (int32_t)run);
        rows += (int32_t)run;
        split->next += run;
        if (split->count > 1 && split->next == block_end) {
            split->next += (int64_t)(split->count - 1) * BLOCK_EVENTS;
        }
    }
    split->produced += rows;
    *out = frame_batch(s, frame, &f, rows);
    if (!*out) {
        SB_NOMEM(err);
    }
    (*out)->split = split->ordinal;
    return SB_OK;
}

/* How many events are due now; 0: none before *wake_ms. */
static int32_t
due_events(const nexmark_source *s, nexmark_split *split, int32_t limit, int64_t now_ms,
           int64_t *wake_ms)
{
    if (s->options.per_second == 0) {
        return limit;
    }
    if (split->started_ms < 0) {
        split->started_ms = now_ms;
    }
    double per_ms = (double)s->options.per_second / 1000 / split->count;
    double due = (double)(now_ms - split->started_ms) * per_ms - (double)split->produced;
    if (due < 1) {
        double wait = (1 - due) / per_ms;
        *wake_ms = now_ms + (wait < 1 ? 1 : (int64_t)wait);
        return 0;
    }
    return due < limit ? (int32_t)due : limit;
}

static nexmark_split *
find_split(nexmark_source *s, int32_t ordinal)
{
    for (int32_t i = 0; i < s->count_splits; i++) {
        if (s->splits[i].open && s->splits[i].ordinal == ordinal) {
            return &s->splits[i];
        }
    }
    return NULL;
}

static sb_step
nexmark_poll(sb_source *base, int32_t ordinal, int32_t limit_rows, int64_t now_ms, sb_batch **out,
             int64_t *wake_ms, sb_error *err)
{
    nexmark_source *s = source_of(base);
    nexmark_split *split = find_split(s, ordinal);
    sb_assert(split && limit_rows > 0 && limit_rows <= s->capacity);
    *out = NULL;
    int64_t end = end_of(&s->options);
    if (split->next >= end) {
        return SB_STEP_DONE;
    }
    /* Whole groups where possible: a batch then has the same kinds in the same rows as the last
     * one. */
    int32_t limit = due_events(s, split, limit_rows, now_ms, wake_ms);
    if (limit == 0) {
        return SB_WAIT_CLOCK;
    }
    if (limit >= 50 && split->next % 50 == 0) {
        limit -= limit % 50;
    }
    if (make_batch(s, split, limit, out, err) != SB_OK) {
        sb_error_frame(err, __FILE__, __LINE__, __func__);
        return SB_STEP_FAIL;
    }
    return split->next >= end ? SB_STEP_DONE : SB_STEP_AGAIN;
}

/* ---- life
 * -------------------------------------------------------------------------------------------------
 */

static sb_status
nexmark_init(sb_source *base, const sb_source_init *ctx, sb_error *err)
{
    nexmark_source *s = source_of(base);
    base->ctx = ctx;
    SB_TRY(read_options(ctx->node->table, &s->options, err), err);
    if (ctx->node->count_metadata > 0) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "connector 'nexmark' has no metadata columns");
    }
    sb_assert(ctx->output->count <= COLUMN_KINDS);
    s->capacity = ctx->batch_rows;
    s->kinds = sb_alloc_zero(ctx->mem, sizeof *s->kinds * COLUMN_KINDS);
    if (!s->kinds) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < ctx->output->count; i++) {
        SB_TRY(column_of(&ctx->output->fields[i], s->options.precision, &s->kinds[i], err), err);
    }
    sb_nexmark_frame frame;
    s->frame_size = lay_out(s, NULL, &frame);
    bool texts = frame.person_strings || frame.auction_strings || frame.bid_strings;
    s->pools = sb_nexmark_pools_new(ctx->mem, (uint64_t)s->options.seed, texts);
    if (!s->pools) {
        SB_NOMEM(err);
    }
    s->law = (sb_nexmark_law){
        .pools = sb_nexmark_pools_of(s->pools),
        .rate = s->options.rate,
        .tick = s->options.precision == 3 ? 1000 : 1,
    };
    return SB_OK;
}

/* "nexmark-1-of-4" */
static bool
parse_descriptor(sb_str descriptor, int32_t *index, int32_t *count)
{
    char text[64];
    if (descriptor.size >= sizeof text) {
        return false;
    }
    memcpy(text, descriptor.data, descriptor.size);
    text[descriptor.size] = 0;
    return sscanf(text, "nexmark-%d-of-%d", index, count) == 2 && *index >= 0 && *index < *count;
}

static sb_status
nexmark_open(sb_source *base, const sb_split *split, sb_reader *position, sb_error *err)
{
    nexmark_source *s = source_of(base);
    nexmark_split own = {.ordinal = split->ordinal, .started_ms = -1, .open = true};
    if (!parse_descriptor(split->descriptor, &own.index, &own.count)) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "split '%s' is none of connector 'nexmark'", split->id);
    }
    own.next = s->options.first + (int64_t)own.index * BLOCK_EVENTS;
    if (position) {
        if (sb_read_u8(position) != POSITION_VERSION) {
            SB_FAIL(err, SB_STATUS_CORRUPT,
                    "the position of a nexmark split has an unknown version");
        }
        own.next = sb_read_i64(position);
        SB_TRY(sb_reader_done(position, "position of a nexmark split", err), err);
        if (own.next < s->options.first) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "the position of a nexmark split is out of range");
        }
    }
    size_t one = sizeof *s->splits;
    nexmark_split *splits = sb_realloc(base->ctx->mem, s->splits, one * (size_t)s->count_splits,
                                       one * (size_t)(s->count_splits + 1));
    if (!splits) {
        SB_NOMEM(err);
    }
    s->splits = splits;
    s->splits[s->count_splits++] = own;
    return SB_OK;
}

static sb_status
nexmark_position(sb_source *base, int32_t ordinal, sb_writer *w, sb_error *err)
{
    const nexmark_split *split = find_split(source_of(base), ordinal);
    sb_assert(split);
    sb_write_u8(w, POSITION_VERSION);
    sb_write_i64(w, split->next);
    if (w->out.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static void
nexmark_close_split(sb_source *base, int32_t ordinal)
{
    nexmark_split *split = find_split(source_of(base), ordinal);
    if (split) {
        split->open = false;
    }
}

static void
nexmark_close(sb_source *base)
{
    nexmark_source *s = source_of(base);
    if (!base->ctx) {
        return;
    }
    for (int32_t i = 0; i < s->count_frames; i++) {
        drop_frame(s->frames[i]);
    }
    s->count_frames = 0;
    sb_buffer_unref(s->pools);
    s->pools = NULL;
    sb_free(base->ctx->mem, s->kinds, s->kinds ? sizeof *s->kinds * COLUMN_KINDS : 0);
    s->kinds = NULL;
    sb_free(base->ctx->mem, s->splits, sizeof *s->splits * (size_t)s->count_splits);
    s->splits = NULL;
    s->count_splits = 0;
}

static const sb_source_vtable nexmark_vtable = {
    .name = "nexmark",
    .instance_size = sizeof(nexmark_source),
    .enumerate = nexmark_enumerate,
    .init = nexmark_init,
    .open = nexmark_open,
    .poll = nexmark_poll,
    .position = nexmark_position,
    .close_split = nexmark_close_split,
    .close = nexmark_close,
};

const sb_connector sb_connector_nexmark = {
    .name = "nexmark",
    .source = &nexmark_vtable,
    .options = nexmark_specs,
    .source_facts = nexmark_facts,
};
