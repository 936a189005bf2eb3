/*
 * connectors/datagen/datagen.c -- made-up rows: random or sequential columns, at a given pace.
 *
 * DESIGN     Flink's options, and 'seed'. Row n of the table goes to split n mod S; the split's
 *            position is the number of rows it has given. The seed (drawn once when it is not set)
 *            and S are in the split's descriptor, so a restored job goes on with the same rows at
 *            any parallelism. A table with 'number-of-rows' or a sequence is bounded.
 * THREADS    T:task; enumerate: T:io.
 */
#include "connectors/datagen/datagen.h"

#include <stdio.h>
#include <string.h>

#include "connectors/datagen/field_gen.h"

#define POSITION_VERSION   1
#define DESCRIPTOR_VERSION 1

static const sb_option_spec datagen_specs[] = {
    {"rows-per-second", "int", "10000", "pace; 0: as fast as possible"},
    {"number-of-rows", "int", NULL, "how many; not set: without end"},
    {"seed", "int", NULL, "of the random values; not set: another one for every job"},
    {"fields.#.kind", "enum:random|sequence", "random", "how the column is made"},
    {"fields.#.min", "number", NULL, "least value"},
    {"fields.#.max", "number", NULL, "greatest value"},
    {"fields.#.max-past", "duration", "0", "timestamps lie so far back at most"},
    {"fields.#.length", "int", "100", "of strings and bytes; 3 of collections"},
    {"fields.#.var-len", "bool", "false", "length varies between 1 and 'length'"},
    {"fields.#.start", "int", NULL, "first value of a sequence"},
    {"fields.#.end", "int", NULL, "last value of a sequence"},
    {"fields.#.null-rate", "number", "0", "share of NULLs"},
    {NULL, NULL, NULL, NULL},
};

typedef struct datagen_split {
    int32_t ordinal;
    uint64_t index, count, seed; /* this is split `index` of `count` */
    int64_t given;               /* rows */
    int64_t started_ms, paced;   /* since it was opened; -1: not polled yet */
    bool open;
} datagen_split;

typedef struct datagen_source {
    sb_source base;
    int64_t per_second, rows; /* of the table; INT64_MAX: without end */
    sb_arena *arena;
    sb_field_gen *gens; /* one per output column */
    sb_batch_builder builder;
    bool has_builder;
    datagen_split *splits;
    int32_t count_splits;
} datagen_source;

static const sb_source_vtable datagen_vtable;

static datagen_source *
source_of(sb_source *s)
{
    sb_assert(s->vtable == &datagen_vtable);
    return (datagen_source *)(void *)s;
}

/* All generators of the table, also of columns nobody reads: their sequences bound it too. */
static sb_status
read_table(const sb_table_desc *table, sb_arena *arena, sb_field_gen *gens, int64_t *rows,
           int64_t *per_second, sb_error *err)
{
    SB_TRY(sb_table_option_i64(table, "rows-per-second", 10000, 0, 1000000000, per_second, err),
           err);
    SB_TRY(sb_table_option_i64(table, "number-of-rows", INT64_MAX, 0, INT64_MAX, rows, err), err);
    for (int32_t i = 0; i < table->columns->count; i++) {
        SB_TRY(sb_field_gen_read(arena, table, &table->columns->fields[i], &gens[i], err), err);
        int64_t count = sb_field_gen_rows(&gens[i]);
        *rows = count < *rows ? count : *rows;
    }
    return SB_OK;
}

/* 'fields.x.kind' where there is no column x. */
static sb_status
check_columns(const sb_table_desc *table, sb_error *err)
{
    for (int32_t i = 0; i < table->options.count; i++) {
        const char *key = table->options.at[i].key;
        if (strncmp(key, "fields.", 7) != 0) {
            continue;
        }
        bool known = false;
        for (int32_t c = 0; c < table->columns->count && !known; c++) {
            size_t size = strlen(table->columns->fields[c].name);
            known =
                strncmp(key + 7, table->columns->fields[c].name, size) == 0 && key[7 + size] == '.';
        }
        if (!known) {
            return sb_table_option_bad(table, key, "the table has no such column", err);
        }
    }
    return SB_OK;
}

static sb_status
datagen_facts(const sb_table_desc *table, sb_source_facts *out, sb_error *err)
{
    int64_t rows, per_second, seed;
    SB_TRY(sb_table_options_check(table, datagen_specs, NULL, err), err);
    SB_TRY(sb_refuse_partitions(table, err), err);
    SB_TRY(sb_table_option_i64(table, "seed", 0, INT64_MIN, INT64_MAX, &seed, err), err);
    SB_TRY(check_columns(table, err), err);
    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_field_gen *gens =
        arena ? SB_NEW_ARRAY(arena, sb_field_gen, table->columns->count + 1) : NULL;
    sb_status status =
        gens ? read_table(table, arena, gens, &rows, &per_second, err)
             : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    sb_arena_free(arena);
    if (status == SB_OK) {
        *out = (sb_source_facts){
            .row_ops = SB_ROWS_INSERT, .bounded = rows != INT64_MAX, .replayable = true};
    }
    return status;
}

static sb_status
datagen_enumerate(const sb_source_node *node, sb_os *os, sb_mem *mem, int32_t parallelism,
                  sb_split_list *list, sb_error *err)
{
    int64_t seed;
    if (list->count > 0) { /* restored */
        list->complete = true;
        return SB_OK;
    }
    SB_TRY(sb_table_option_i64(node->table, "seed", 0, INT64_MIN, INT64_MAX, &seed, err), err);
    if (!sb_table_option(node->table, "seed", NULL)) {
        seed = (int64_t)os->random(os);
    }
    for (int32_t i = 0; i < parallelism; i++) {
        char id[48];
        sb_writer w;
        snprintf(id, sizeof id, "datagen-%d-of-%d", i, parallelism);
        sb_writer_init(&w, mem);
        sb_write_u8(&w, DESCRIPTOR_VERSION);
        sb_write_u32(&w, (uint32_t)i);
        sb_write_u32(&w, (uint32_t)parallelism);
        sb_write_i64(&w, seed);
        sb_status status =
            w.out.failed ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                         : sb_split_add(list, id, (sb_str){w.out.data, w.out.size}, err);
        sb_writer_deinit(&w);
        SB_TRY(status, err);
    }
    list->complete = true;
    return SB_OK;
}

static sb_status
datagen_init(sb_source *base, const sb_source_init *ctx, sb_error *err)
{
    datagen_source *s = source_of(base);
    base->ctx = ctx;
    if (ctx->node->count_metadata > 0) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "connector 'datagen' has no metadata columns");
    }
    const sb_table_desc *table = ctx->node->table;
    s->arena = sb_arena_new(ctx->mem);
    s->gens = s->arena ? SB_NEW_ARRAY(s->arena, sb_field_gen, table->columns->count + 1) : NULL;
    if (!s->gens) {
        SB_NOMEM(err);
    }
    SB_TRY(read_table(table, s->arena, s->gens, &s->rows, &s->per_second, err), err);
    SB_TRY(sb_batch_builder_init(&s->builder, ctx->mem, ctx->output, err), err);
    s->has_builder = true;
    return SB_OK;
}

static sb_status
datagen_open(sb_source *base, const sb_split *split, sb_reader *position, sb_error *err)
{
    datagen_source *s = source_of(base);
    datagen_split own = {.ordinal = split->ordinal, .started_ms = -1, .open = true};
    sb_reader r = sb_reader_of(split->descriptor.data, split->descriptor.size);
    uint8_t version = sb_read_u8(&r);
    own.index = sb_read_u32(&r);
    own.count = sb_read_u32(&r);
    own.seed = sb_read_u64(&r);
    if (r.failed || version != DESCRIPTOR_VERSION || own.index >= own.count) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "split '%s' is none of connector 'datagen'", split->id);
    }
    if (position) {
        version = sb_read_u8(position);
        own.given = sb_read_i64(position);
        if (position->failed || version != POSITION_VERSION || own.given < 0) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "the position of split '%s' is damaged", split->id);
        }
    }
    size_t one = sizeof *s->splits;
    datagen_split *splits = sb_realloc(base->ctx->mem, s->splits, one * (size_t)s->count_splits,
                                       one * (size_t)(s->count_splits + 1));
    if (!splits) {
        SB_NOMEM(err);
    }
    s->splits = splits;
    s->splits[s->count_splits++] = own;
    return SB_OK;
}

static datagen_split *
find_split(datagen_source *s, int32_t ordinal)
{
    for (int32_t i = 0; i < s->count_splits; i++) {
        if (s->splits[i].open && s->splits[i].ordinal == ordinal) {
            return &s->splits[i];
        }
    }
    return NULL;
}

/* Rows the split has in all. */
static int64_t
split_rows(const datagen_source *s, const datagen_split *split)
{
    if (s->rows == INT64_MAX) {
        return INT64_MAX;
    }
    int64_t count = (int64_t)split->count;
    return s->rows / count + ((int64_t)split->index < s->rows % count);
}

/* How many rows are due now; 0: none before *wake_ms. */
static int32_t
due_rows(const datagen_source *s, datagen_split *split, int32_t limit, int64_t now_ms,
         int64_t *wake_ms)
{
    if (s->per_second == 0) {
        return limit;
    }
    if (split->started_ms < 0) {
        split->started_ms = now_ms;
    }
    double per_ms = (double)s->per_second / 1000 / (double)split->count;
    /* the first one at once */
    double due = (double)(now_ms - split->started_ms) * per_ms - (double)split->paced + 1;
    if (due < 1) {
        double wait = (1 - due) / per_ms;
        *wake_ms = now_ms + (wait < 1 ? 1 : (int64_t)wait);
        return 0;
    }
    return due < limit ? (int32_t)due : limit;
}

static sb_step
datagen_poll(sb_source *base, int32_t ordinal, int32_t limit_rows, int64_t now_ms, sb_batch **out,
             int64_t *wake_ms, sb_error *err)
{
    datagen_source *s = source_of(base);
    datagen_split *split = find_split(s, ordinal);
    sb_assert(split && limit_rows > 0);
    *out = NULL;
    int64_t left = split_rows(s, split) - split->given;
    if (left <= 0) {
        return SB_STEP_DONE;
    }
    int32_t rows = due_rows(s, split, limit_rows, now_ms, wake_ms);
    if (rows == 0) {
        return SB_WAIT_CLOCK;
    }
    rows = left < rows ? (int32_t)left : rows;
    const sb_columns *project = &base->ctx->node->project;
    int64_t now_us = base->ctx->os->wall_us(base->ctx->os);
    for (int32_t c = 0; c < project->count; c++) {
        sb_field_gen *gen = &s->gens[project->at[c]];
        sb_field_gen_seed(gen,
                          split->seed + (uint64_t)project->at[c] * UINT64_C(0x9FB21C651E98DF25));
        for (int32_t i = 0; i < rows; i++) {
            uint64_t n = (uint64_t)(split->given + i) * split->count + split->index;
            sb_field_gen_append(gen, n, now_us, &s->builder.columns[c]);
        }
    }
    sb_batch_builder_rows(&s->builder, rows, SB_ROW_INSERT);
    if (sb_batch_builder_finish(&s->builder, out, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    (*out)->split = ordinal;
    split->given += rows;
    split->paced += rows;
    return left == rows ? SB_STEP_DONE : SB_STEP_AGAIN;
}

static sb_status
datagen_position(sb_source *base, int32_t ordinal, sb_writer *w, sb_error *err)
{
    const datagen_split *split = find_split(source_of(base), ordinal);
    sb_assert(split);
    sb_write_u8(w, POSITION_VERSION);
    sb_write_i64(w, split->given);
    if (w->out.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static void
datagen_close_split(sb_source *base, int32_t ordinal)
{
    datagen_split *split = find_split(source_of(base), ordinal);
    if (split) {
        split->open = false;
    }
}

static void
datagen_close(sb_source *base)
{
    datagen_source *s = source_of(base);
    if (!base->ctx) {
        return;
    }
    if (s->has_builder) {
        sb_batch_builder_deinit(&s->builder);
        s->has_builder = false;
    }
    s->arena = sb_arena_free(s->arena);
    sb_free(base->ctx->mem, s->splits, sizeof *s->splits * (size_t)s->count_splits);
    s->splits = NULL;
    s->count_splits = 0;
}

static const sb_source_vtable datagen_vtable = {
    .name = "datagen",
    .instance_size = sizeof(datagen_source),
    .enumerate = datagen_enumerate,
    .init = datagen_init,
    .open = datagen_open,
    .poll = datagen_poll,
    .position = datagen_position,
    .close_split = datagen_close_split,
    .close = datagen_close,
};

const sb_connector sb_connector_datagen = {
    .name = "datagen",
    .source = &datagen_vtable,
    .options = datagen_specs,
    .source_facts = datagen_facts,
};
