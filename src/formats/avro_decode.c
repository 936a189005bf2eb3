/*
 * formats/avro_decode.c -- binary Avro records into columns.
 *
 * DESIGN     A chunk of records at a time: scalars go into arrays, of nested values it is noted
 *            where they are once they have been checked; then the columns are appended one after
 *            the other. A record that turns out bad is taken out by writing the next one over it.
 */
#include "formats/avro.h"
#include "formats/chunk.h"

#define CHUNK 128 /* records between flushes */

typedef struct avro_column {
    const sb_type *type;
    bool nested;
    int32_t width;
    uint8_t *values;            /* of scalars; an sb_str for texts */
    uint8_t *valid;             /* 0 = NULL */
    const sb_avro_step **steps; /* of nested values */
    sb_avro_cursor *at;         /* where they stand */
} avro_column;

typedef struct avro_decoder {
    sb_decoder base;
    sb_arena *arena;
    sb_avro_steps steps;
    int32_t count_columns;
    avro_column *columns;
    sb_text reason;
    int32_t count;          /* records of the chunk */
    int32_t records[CHUNK]; /* which they are */
    sb_avro_cursor none;    /* an empty text */
} avro_decoder;

/* ---- one record ---- */

static const char *
take_field(avro_decoder *d, const sb_avro_step *step, sb_avro_cursor *c)
{
    const char *why = NULL;
    int32_t r = d->count;
    sb_avro_cursor own = {step->otherwise.data, step->otherwise.data + step->otherwise.size};
    if (step->otherwise.data) {
        c = &own;
    }
    if (step->place < 0) {
        return sb_avro_skip(step->writer, c, 0);
    }
    avro_column *column = &d->columns[step->place];
    if (column->nested) {
        column->steps[r] = step;
        column->at[r] = *c;
        return sb_avro_check(step, c, 0);
    }
    sb_avro_got got =
        sb_avro_read_scalar(step, c, column->values + (size_t)r * (size_t)column->width, &why);
    column->valid[r] = got == SB_AVRO_VALUE;
    return got == SB_AVRO_BAD ? why : NULL;
}

/* NULL, or why the record is bad; then *field is the one where it was found, if any. */
static const char *
take_record(avro_decoder *d, const sb_avro_step *top, sb_str bytes, const sb_avro_step **field)
{
    sb_avro_cursor c = {bytes.data, bytes.data + bytes.size};
    *field = NULL;
    if (top->op == SB_AVRO_BRANCH) {
        int64_t n;
        if (!sb_avro_get_long(&c, &n) || n < 0 || n >= top->count) {
            return "no such branch of a union";
        }
        top = &top->steps[n];
    }
    if (top->op != SB_AVRO_AS_ROW) {
        return top->why;
    }
    for (int32_t i = 0; i < top->count; i++) {
        const char *why = take_field(d, &top->steps[i], &c);
        if (__builtin_expect(why != NULL, 0)) {
            *field = &top->steps[i];
            return why;
        }
    }
    return NULL;
}

/* ---- chunks ---- */

static void
flush(avro_decoder *d, sb_decode_records *call)
{
    for (int32_t i = 0; i < d->count_columns && d->count > 0; i++) {
        avro_column *column = &d->columns[i];
        sb_column_builder *to = &call->columns[i];
        if (!column->nested && column->width > 0) {
            sb_chunk_append(to, column->values, column->valid, d->count);
            continue;
        }
        for (int32_t r = 0; r < d->count; r++) {
            if (column->nested) {
                sb_avro_cursor c = column->at[r];
                sb_avro_append(column->steps[r], &c, to);
            } else {
                sb_column_null(to);
            }
        }
    }
    for (int32_t r = 0; r < d->count; r++) {
        sb_records_add_row(call, d->records[r], SB_ROW_INSERT);
    }
    d->count = 0;
}

static sb_status
tell_bad(avro_decoder *d, sb_decode_records *call, const char *why, const sb_avro_step *field,
         sb_error *err)
{
    sb_text_clear(&d->reason);
    if (field && field->name) {
        sb_text_printf(&d->reason, "field '%s' ", field->name);
    } else if (field) {
        sb_text_add(&d->reason, "a field that is not read ");
    }
    sb_text_add(&d->reason, why);
    if (d->reason.failed) {
        SB_NOMEM(err);
    }
    return sb_records_bad(call, call->consumed, d->reason.data, false, err);
}

static sb_status
take_next(avro_decoder *d, sb_decode_records *call, sb_error *err)
{
    const sb_avro_step *top, *field = NULL;
    const char *why = NULL;
    sb_str record = call->records[call->consumed];
    if (record.size > SB_FORMAT_RECORD_MAX) {
        return tell_bad(d, call, "longer than 64 MiB", NULL, err);
    }
    SB_TRY(d->steps.find(d->steps.ctx, &record, &top, &why, err), err);
    if (top) {
        why = take_record(d, top, record, &field);
    }
    if (why) {
        return tell_bad(d, call, why, field, err);
    }
    d->records[d->count++] = call->consumed;
    return SB_OK;
}

static sb_status
avro_decode_records(sb_decoder *base, sb_decode_records *call, sb_error *err)
{
    avro_decoder *d = (avro_decoder *)(void *)base;
    sb_records_begin(call);
    d->count = 0;
    for (; call->consumed < call->count; call->consumed++) {
        if (sb_record_is_none(&call->records[call->consumed])) {
            continue;
        }
        if (call->rows + d->count == call->limit_rows) {
            break;
        }
        SB_TRY(take_next(d, call, err), err);
        if (d->count == CHUNK) {
            flush(d, call);
        }
    }
    flush(d, call);
    return SB_OK;
}

/* ---- life ---- */

static void
avro_free(sb_decoder *base)
{
    avro_decoder *d = (avro_decoder *)(void *)base;
    if (d->steps.free) {
        d->steps.free(d->steps.ctx);
    }
    sb_text_deinit(&d->reason);
    sb_arena_free(d->arena);
    sb_free(base->mem, d, sizeof *d);
}

static const sb_decoder_vtable avro_decoder_vtable = {.decode_records = avro_decode_records,
                                                      .free = avro_free};

static sb_status
make_columns(avro_decoder *d, const sb_schema *columns, const int32_t *project, int32_t count,
             sb_error *err)
{
    d->columns = SB_NEW_ARRAY(d->arena, avro_column, count + 1);
    if (!d->columns) {
        SB_NOMEM(err);
    }
    d->count_columns = count;
    for (int32_t i = 0; i < count; i++) {
        avro_column *column = &d->columns[i];
        column->type = &columns->fields[project[i]].type;
        column->nested = sb_avro_is_nested(column->type);
        column->width = sb_phys_size(sb_type_phys(column->type));
        column->valid = SB_NEW_ARRAY(d->arena, uint8_t, CHUNK);
        column->values = SB_NEW_ARRAY(d->arena, uint8_t, (column->width + 1) * CHUNK);
        column->steps = SB_NEW_ARRAY(d->arena, const sb_avro_step *, CHUNK);
        column->at = SB_NEW_ARRAY(d->arena, sb_avro_cursor, CHUNK);
        if (!column->valid || !column->values || !column->steps || !column->at) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

sb_status
sb_avro_decoder_new(sb_mem *mem, const sb_schema *columns, const int32_t *project, int32_t count,
                    const sb_avro_steps *steps, sb_decoder **out, sb_error *err)
{
    avro_decoder *d = sb_alloc_zero(mem, sizeof *d);
    if (!d) {
        SB_NOMEM(err);
    }
    d->base = (sb_decoder){&avro_decoder_vtable, mem};
    sb_text_init(&d->reason, mem);
    d->arena = sb_arena_new(mem);
    sb_status status =
        d->arena ? make_columns(d, columns, project, count, err)
                 : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status != SB_OK) {
        avro_free(&d->base);
        return status;
    }
    d->steps = *steps;
    *out = &d->base;
    return SB_OK;
}
