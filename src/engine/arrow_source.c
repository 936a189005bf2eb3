/*
 * engine/arrow_source.c -- the connector 'arrow': a table that is read from an Arrow C stream of
 * the host program.
 *
 * DESIGN     Streams stand in one list of the process, named by a number in the table's options. A
 *            stream has one split and can be read once. Its position is a count of rows: a restart
 *            inside the process goes on only if nothing was lost in between, else it says so.
 *            get_next runs on a worker thread and may block it.
 * OWNERSHIP  The list owns the streams until their engine closes.
 * THREADS    the list: T:any, under a spin lock; a stream: the one task that reads it.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "columnar/arrow.h"
#include "engine/engine_priv.h"

typedef struct arrow_entry {
    uint64_t id;
    sb_mem *mem;
    sb_arena *arena;
    struct ArrowArrayStream stream;
    struct ArrowSchema from;
    sb_schema *schema;
    int64_t count_rows; /* given out so far */
    bool ended;
    struct arrow_entry *next;
} arrow_entry;

static atomic_flag list_lock = ATOMIC_FLAG_INIT;
static arrow_entry *list;
static uint64_t last_id;

static void
lock_list(void)
{
    while (atomic_flag_test_and_set_explicit(&list_lock, memory_order_acquire)) {
        sb_cpu_relax();
    }
}

static void
unlock_list(void)
{
    atomic_flag_clear_explicit(&list_lock, memory_order_release);
}

static arrow_entry *
find_entry(uint64_t id)
{
    lock_list();
    arrow_entry *entry = list;
    while (entry && entry->id != id) {
        entry = entry->next;
    }
    unlock_list();
    return entry;
}

static void
entry_free(arrow_entry *entry)
{
    if (entry->from.release) {
        entry->from.release(&entry->from);
    }
    if (entry->stream.release) {
        entry->stream.release(&entry->stream);
    }
    sb_arena_free(entry->arena);
    sb_free(entry->mem, entry, sizeof *entry);
}

static sb_status
stream_failed(struct ArrowArrayStream *stream, const char *what, sb_error *err)
{
    const char *why = stream->get_last_error ? stream->get_last_error(stream) : NULL;
    SB_FAIL(err, SB_STATUS_IO, "arrow stream: %s failed%s%s", what, why ? ": " : "",
            why ? why : "");
}

static sb_status
read_schema(arrow_entry *entry, sb_error *err)
{
    if (!entry->stream.get_schema || entry->stream.get_schema(&entry->stream, &entry->from) != 0) {
        return stream_failed(&entry->stream, "get_schema", err);
    }
    return sb_arrow_import_schema(entry->arena, &entry->from, &entry->schema, err);
}

sb_status
sb_arrow_source_add(sb_mem *mem, struct ArrowArrayStream *stream, uint64_t *out_id,
                    const sb_schema **out_schema, sb_error *err)
{
    arrow_entry *entry = sb_alloc_zero(mem, sizeof *entry);
    if (!entry) {
        stream->release(stream);
        SB_NOMEM(err);
    }
    entry->mem = mem;
    entry->stream = *stream;
    memset(stream, 0, sizeof *stream);
    entry->arena = sb_arena_new(mem);
    sb_status status =
        entry->arena ? read_schema(entry, err)
                     : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status != SB_OK) {
        entry_free(entry);
        return status;
    }
    lock_list();
    entry->id = ++last_id;
    entry->next = list;
    list = entry;
    unlock_list();
    *out_id = entry->id;
    *out_schema = entry->schema;
    return SB_OK;
}

static void
remove_where(uint64_t id, const sb_mem *mem)
{
    arrow_entry *removed = NULL;
    lock_list();
    for (arrow_entry **at = &list; *at;) {
        arrow_entry *entry = *at;
        if (entry->id == id || entry->mem == mem) {
            *at = entry->next;
            entry->next = removed;
            removed = entry;
        } else {
            at = &entry->next;
        }
    }
    unlock_list();
    while (removed) {
        arrow_entry *next = removed->next;
        entry_free(removed);
        removed = next;
    }
}

void
sb_arrow_source_remove(uint64_t id)
{
    remove_where(id, NULL);
}

void
sb_arrow_source_remove_all(sb_mem *mem)
{
    remove_where(0, mem);
}

/* ---- the source
 * ------------------------------------------------------------------------------------------------
 */

typedef struct arrow_source {
    sb_source base;
    arrow_entry *entry;
    sb_batch *current; /* imported, being given out */
    int32_t row;       /* of `current`: next to give */
    int64_t position;
} arrow_source;

static sb_status
entry_of(const sb_table_desc *table, arrow_entry **out, sb_error *err)
{
    const char *id = sb_options_get(&table->options, "stream");
    *out = id ? find_entry(strtoull(id, NULL, 10)) : NULL;
    if (!*out) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "table \"%s\": there is no arrow stream '%s'",
                table->name, id ? id : "");
    }
    return SB_OK;
}

static sb_status
arrow_facts(const sb_table_desc *table, sb_source_facts *out, sb_error *err)
{
    arrow_entry *entry;
    SB_TRY(entry_of(table, &entry, err), err);
    if (entry->schema->count != table->columns->count) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "table \"%s\" has %d columns, its arrow stream %d",
                table->name, (int)table->columns->count, (int)entry->schema->count);
    }
    for (int32_t i = 0; i < entry->schema->count; i++) {
        if (!sb_type_same_ignoring_null(&entry->schema->fields[i].type,
                                        &table->columns->fields[i].type)) {
            SB_FAIL(err, SB_STATUS_SEMANTIC,
                    "column \"%s\" of table \"%s\" has another type than in its arrow stream",
                    table->columns->fields[i].name, table->name);
        }
    }
    *out = (sb_source_facts){.row_ops = SB_ROWS_INSERT, .bounded = true};
    return SB_OK;
}

static sb_status
arrow_enumerate(const sb_source_node *node, sb_os *os, sb_mem *mem, int32_t parallelism,
                sb_split_list *splits, sb_error *err)
{
    (void)node;
    (void)os;
    (void)mem;
    (void)parallelism;
    SB_TRY(sb_split_add(splits, "stream", (sb_str){"", 0}, err), err);
    splits->complete = true;
    return SB_OK;
}

static sb_status
arrow_init(sb_source *s, const sb_source_init *ctx, sb_error *err)
{
    return entry_of(ctx->node->table, &((arrow_source *)(void *)s)->entry, err);
}

static sb_status
arrow_open(sb_source *s, const sb_split *split, sb_reader *position, sb_error *err)
{
    arrow_source *self = (arrow_source *)(void *)s;
    (void)split;
    self->position = position ? sb_read_i64(position) : 0;
    if (position) {
        SB_TRY(sb_reader_done(position, "position of an arrow stream", err), err);
    }
    if (self->position != self->entry->count_rows) {
        SB_FAIL(err, SB_STATUS_CONFLICT,
                "table \"%s\": an arrow stream cannot be read again (%lld rows were read, %lld are "
                "wanted)",
                s->ctx->node->table->name, (long long)self->entry->count_rows,
                (long long)self->position);
    }
    return SB_OK;
}

/* Columns that the node wants, under its schema. Takes `from` over. */
static sb_status
project(arrow_source *self, sb_batch *from, sb_batch **out, sb_error *err)
{
    const sb_source_init *ctx = self->base.ctx;
    const sb_columns *columns = &ctx->node->project;
    size_t size = sizeof(sb_vector *) * ((size_t)columns->count + 1);
    sb_vector **vectors = sb_alloc_zero(ctx->mem, size);
    bool failed = vectors == NULL;
    int32_t made = 0;
    for (; !failed && made < columns->count; made++) {
        sb_vector *column = from->columns[columns->at[made]];
        vectors[made] = sb_vector_retype(ctx->mem, column, &ctx->output->fields[made].type);
        failed = vectors[made] == NULL;
    }
    sb_batch *batch =
        failed ? NULL : sb_batch_new(ctx->mem, ctx->output, vectors, from->count_rows);
    for (int32_t i = 0; failed && vectors && i < made; i++) {
        sb_vector_unref(vectors[i]);
    }
    sb_free(ctx->mem, vectors, vectors ? size : 0);
    sb_batch_free(from);
    if (!batch) {
        SB_NOMEM(err);
    }
    *out = batch;
    return SB_OK;
}

static sb_status
next_array(arrow_source *self, sb_error *err)
{
    arrow_entry *entry = self->entry;
    struct ArrowArray array = {0};
    sb_batch *batch;
    if (entry->stream.get_next(&entry->stream, &array) != 0) {
        return stream_failed(&entry->stream, "get_next", err);
    }
    if (!array.release) {
        entry->ended = true;
        return SB_OK;
    }
    SB_TRY(sb_arrow_import_batch(self->base.ctx->mem, entry->schema, &entry->from, &array, &batch,
                                 err),
           err);
    self->row = 0;
    return project(self, batch, &self->current, err);
}

static sb_step
arrow_poll(sb_source *s, int32_t split, int32_t limit_rows, int64_t now_ms, sb_batch **out,
           int64_t *wake_ms, sb_error *err)
{
    arrow_source *self = (arrow_source *)(void *)s;
    (void)now_ms;
    (void)wake_ms;
    *out = NULL;
    while (!self->current && !self->entry->ended) {
        if (next_array(self, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        if (self->current && self->current->count_rows == 0) {
            self->current = sb_batch_free(self->current);
        }
    }
    if (!self->current) {
        return SB_STEP_DONE;
    }
    int32_t left = self->current->count_rows - self->row;
    int32_t count = left < limit_rows ? left : limit_rows;
    sb_batch *batch =
        sb_batch_slice(s->ctx->mem, self->current, self->row, self->row + count, false);
    if (!batch) {
        (void)sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        return SB_STEP_FAIL;
    }
    batch->split = split;
    self->row += count;
    self->position += count;
    self->entry->count_rows += count;
    if (self->row == self->current->count_rows) {
        self->current = sb_batch_free(self->current);
    }
    *out = batch;
    return SB_STEP_AGAIN;
}

static sb_status
arrow_position(sb_source *s, int32_t split, sb_writer *w, sb_error *err)
{
    (void)split;
    (void)err;
    sb_write_i64(w, ((arrow_source *)(void *)s)->position);
    return SB_OK;
}

static void
arrow_close_split(sb_source *s, int32_t split)
{
    (void)s;
    (void)split;
}

static void
arrow_close(sb_source *s)
{
    arrow_source *self = (arrow_source *)(void *)s;
    self->current = sb_batch_free(self->current);
}

static const sb_source_vtable arrow_vtable = {
    .name = "arrow",
    .instance_size = sizeof(arrow_source),
    .enumerate = arrow_enumerate,
    .init = arrow_init,
    .open = arrow_open,
    .poll = arrow_poll,
    .position = arrow_position,
    .close_split = arrow_close_split,
    .close = arrow_close,
};

static const sb_option_spec arrow_options[] = {
    {"stream", "int", NULL, "number of a registered stream"},
    {NULL, NULL, NULL, NULL},
};

const sb_connector sb_connector_arrow = {
    .name = "arrow",
    .source = &arrow_vtable,
    .options = arrow_options,
    .source_facts = arrow_facts,
};
