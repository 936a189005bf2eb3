/*
 * engine/stream.c -- rows of a result as an Arrow C stream.
 *
 * OWNERSHIP  The stream holds a reference to the job, or the one batch of a static table, and a
 *            copy of the schema.
 * THREADS    one thread at a time per stream.
 */
#include <errno.h>
#include <string.h>

#include "columnar/arrow.h"
#include "engine/engine_priv.h"

typedef struct stream {
    sb_mem *mem;
    sb_arena *arena; /* owns schema */
    sb_schema *schema;
    bool with_op;
    sabot_job *job;  /* NULL: static rows */
    sb_batch *batch; /* static rows, until they are read */
    sb_error err;    /* of the last call */
} stream;

static int
errno_of(sb_status status)
{
    switch (status) {
    case SB_STATUS_NOMEM: return ENOMEM;
    case SB_STATUS_CANCELLED: return ECANCELED;
    case SB_STATUS_NOT_SUPPORTED: return ENOTSUP;
    case SB_STATUS_IO:
    case SB_STATUS_CORRUPT: return EIO;
    default: return EINVAL;
    }
}

static int
stream_get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    stream *s = self->private_data;
    sb_error_clear(&s->err);
    sb_status status = sb_arrow_export_schema(s->schema, s->with_op, out, &s->err);
    return status == SB_OK ? 0 : errno_of(status);
}

static int
stream_get_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    stream *s = self->private_data;
    sb_batch *batch = s->batch;
    sb_status status = SB_OK;
    sb_error_clear(&s->err);
    s->batch = NULL;
    if (s->job) {
        status = sb_engine_job_take(s->job, -1, &batch, &s->err);
    }
    if (status == SB_OK && batch) {
        status = sb_arrow_export_batch(s->mem, batch, s->with_op, out, &s->err);
    } else if (status == SB_OK) {
        memset(out, 0, sizeof *out); /* released: the end */
    }
    sb_batch_free(batch);
    return status == SB_OK ? 0 : errno_of(status);
}

static const char *
stream_get_last_error(struct ArrowArrayStream *self)
{
    const stream *s = self->private_data;
    return s->err.status != SB_OK ? s->err.message : NULL;
}

static void
stream_release(struct ArrowArrayStream *self)
{
    stream *s = self->private_data;
    if (s) {
        sb_batch_free(s->batch);
        if (s->job) {
            sabot_job_cancel(s->job);
        }
        sb_engine_job_unref(s->job);
        sb_arena_free(s->arena);
        sb_free(s->mem, s, sizeof *s);
    }
    memset(self, 0, sizeof *self);
}

sb_status
sb_stream_export(sb_mem *mem, sabot_job *job, sb_batch *batch, const sb_schema *schema,
                 bool with_op, struct ArrowArrayStream *out, sb_error *err)
{
    stream *s = sb_alloc_zero(mem, sizeof *s);
    sb_arena *arena = s ? sb_arena_new(mem) : NULL;
    if (!arena) {
        sb_free(mem, s, sizeof *s);
        sb_batch_free(batch);
        SB_NOMEM(err);
    }
    s->mem = mem;
    s->arena = arena;
    s->with_op = with_op;
    s->batch = batch;
    sb_status status = sb_schema_copy(arena, schema, &s->schema, err);
    if (status != SB_OK) {
        sb_batch_free(batch);
        sb_arena_free(arena);
        sb_free(mem, s, sizeof *s);
        return status;
    }
    s->job = job ? sb_engine_job_ref(job) : NULL;
    memset(out, 0, sizeof *out);
    out->get_schema = stream_get_schema;
    out->get_next = stream_get_next;
    out->get_last_error = stream_get_last_error;
    out->release = stream_release;
    out->private_data = s;
    return SB_OK;
}
