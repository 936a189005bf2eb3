/*
 * engine/rows.c -- rows as text: cells as CAST(column AS STRING) gives them in the session's zone,
 * or whole rows as JSON.
 *
 * OWNERSHIP  sabot_rows own their batch; sb_row_text belongs to the result and outlives them.
 * THREADS    the result's thread.
 */
#include <string.h>

#include "engine/engine_priv.h"
#include "expr/function.h"

/* 30.00 and not 3E+1, which is what the format does in files, as Flink's. */
static const char *
row_option(const void *ctx, const char *key)
{
    (void)ctx;
    return strcmp(key, "encode.decimal-as-plain-number") == 0 ? "true" : NULL;
}

static sb_status
make_casts(sb_row_text *how, sb_error *err)
{
    const sb_schema *schema = how->schema;
    sb_expr **casts = SB_NEW_ARRAY(how->arena, sb_expr *, schema->count + 1);
    how->by_cast = SB_NEW_ARRAY(how->arena, bool, schema->count + 1);
    if (!casts || !how->by_cast) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < schema->count; i++) {
        const sb_type *type = &schema->fields[i].type;
        sb_type string = sb_type_string(type->nullable);
        sb_error ignored;
        sb_expr *column = sb_expr_column(how->arena, i, type);
        if (!column) {
            SB_NOMEM(err);
        }
        if (type->id == SB_TYPE_VARIANT) { /* which SQL does not cast */
            how->by_cast[i] = true;
            casts[how->count_casts] = sb_expr_make_cast(how->arena, column, &string, false);
            if (!casts[how->count_casts++]) {
                SB_NOMEM(err);
            }
            continue;
        }
        how->by_cast[i] = !sb_type_is_binary(type) && type->id != SB_TYPE_NULL &&
                          sb_expr_cast(how->arena, column, &string, false, &casts[how->count_casts],
                                       &ignored) == SB_OK;
        how->count_casts += how->by_cast[i];
    }
    if (how->count_casts == 0) {
        return SB_OK;
    }
    return sb_eval_new(how->mem, schema, casts, how->count_casts, how->zone, &how->eval, err);
}

sb_status
sb_row_text_new(sb_mem *mem, const sb_schema *schema, const char *zone, sb_row_text **out,
                sb_error *err)
{
    sb_row_text *how = sb_alloc_zero(mem, sizeof *how);
    if (!how) {
        SB_NOMEM(err);
    }
    how->mem = mem;
    how->schema = schema;
    how->arena = sb_arena_new(mem);
    how->zone = how->arena ? sb_arena_strdup(how->arena, zone ? zone : "UTC") : NULL;
    sb_status status =
        how->zone ? make_casts(how, err)
                  : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status != SB_OK) {
        sb_row_text_free(how);
        return status;
    }
    *out = how;
    return SB_OK;
}

sb_row_text *
sb_row_text_free(sb_row_text *how)
{
    if (how) {
        sb_encoder_free(how->encoder);
        sb_eval_free(how->eval);
        sb_arena_free(how->arena);
        sb_free(how->mem, how, sizeof *how);
    }
    return NULL;
}

static void
print_hex(const sb_view *view, sb_text *out)
{
    const unsigned char *data = (const unsigned char *)sb_view_data(view);
    sb_text_add(out, "x'");
    for (uint32_t i = 0; i < sb_view_size(view); i++) {
        sb_text_printf(out, "%02x", data[i]);
    }
    sb_text_char(out, '\'');
}

static void
print_cell(sabot_rows *rows, sb_vector *column, bool cast, int32_t physical, int32_t cell)
{
    rows->offsets[cell] = rows->cells.size;
    if (!sb_vector_valid(column, physical)) {
        rows->offsets[cell] = SIZE_MAX;
        return;
    }
    if (cast) {
        const sb_view *view = sb_vector_at(column, physical);
        sb_text_append(&rows->cells, sb_view_data(view), sb_view_size(view));
    } else if (sb_type_is_binary(column->type)) {
        print_hex(sb_vector_at(column, physical), &rows->cells);
    } else {
        sb_value_print(column, physical, &rows->cells);
    }
    rows->sizes[cell] = rows->cells.size - rows->offsets[cell];
    sb_text_char(&rows->cells, '\0');
}

static sb_status
print_rows(sabot_rows *rows, sb_error *err)
{
    sb_row_text *how = rows->how;
    sb_vector *casts[64];
    sb_vector **cast = casts;
    if (how->count_casts > 64) {
        cast = sb_alloc(rows->mem, sizeof *cast * (size_t)how->count_casts);
        if (!cast) {
            SB_NOMEM(err);
        }
    }
    sb_eval_context context = {.zone = how->zone};
    sb_status status = how->eval ? sb_eval_run(how->eval, rows->batch, &context, cast, err) : SB_OK;
    for (int32_t c = 0, next = 0; status == SB_OK && c < rows->count_columns; c++) {
        sb_vector *column = how->by_cast[c] ? cast[next] : rows->batch->columns[c];
        for (int32_t r = 0; r < rows->count_rows; r++) {
            print_cell(rows, column, how->by_cast[c], sb_batch_row(rows->batch, r),
                       r * rows->count_columns + c);
        }
        if (how->by_cast[c]) {
            sb_vector_unref(cast[next++]);
        }
    }
    if (cast != casts) {
        sb_free(rows->mem, cast, sizeof *cast * (size_t)how->count_casts);
    }
    if (status == SB_OK && sb_text_failed(&rows->cells)) {
        SB_NOMEM(err);
    }
    return status;
}

sb_status
sb_rows_new(sb_row_text *how, sb_batch *batch, sabot_rows **out, sb_error *err)
{
    sabot_rows *rows = sb_alloc_zero(how->mem, sizeof *rows);
    if (!rows) {
        sb_batch_free(batch);
        SB_NOMEM(err);
    }
    rows->mem = how->mem;
    rows->how = how;
    rows->batch = batch;
    rows->count_rows = batch->count_rows;
    rows->count_columns = how->schema->count;
    size_t cells = (size_t)rows->count_rows * (size_t)rows->count_columns + 1;
    sb_text_init(&rows->cells, rows->mem);
    sb_text_init(&rows->json, rows->mem);
    rows->offsets = sb_alloc_zero(rows->mem, sizeof(size_t) * cells);
    rows->sizes = sb_alloc_zero(rows->mem, sizeof(size_t) * cells);
    sb_status status = rows->offsets && rows->sizes ? print_rows(rows, err)
                                                    : sb_error_set(err, SB_STATUS_NOMEM, __FILE__,
                                                                   __LINE__, "out of memory");
    if (status != SB_OK) {
        sabot_rows_free(rows);
        return status;
    }
    *out = rows;
    return SB_OK;
}

void
sabot_rows_free(sabot_rows *rows)
{
    if (!rows) {
        return;
    }
    sb_mem *mem = rows->mem;
    size_t cells = (size_t)rows->count_rows * (size_t)rows->count_columns + 1;
    sb_batch_free(rows->batch);
    sb_free(mem, rows->offsets, rows->offsets ? sizeof(size_t) * cells : 0);
    sb_free(mem, rows->sizes, rows->sizes ? sizeof(size_t) * cells : 0);
    sb_free(mem, rows->json_ends,
            rows->json_ends ? sizeof(size_t) * ((size_t)rows->count_rows + 1) : 0);
    sb_text_deinit(&rows->cells);
    sb_text_deinit(&rows->json);
    sb_free(mem, rows, sizeof *rows);
}

int32_t
sabot_rows_count(const sabot_rows *rows)
{
    return rows->count_rows;
}

sabot_op
sabot_rows_op(const sabot_rows *rows, int32_t row)
{
    return (sabot_op)sb_batch_op(rows->batch, sb_batch_row(rows->batch, row));
}

const char *
sabot_rows_text(const sabot_rows *rows, int32_t row, int32_t column, size_t *out_size)
{
    if (row < 0 || row >= rows->count_rows || column < 0 || column >= rows->count_columns) {
        return NULL;
    }
    int32_t cell = row * rows->count_columns + column;
    if (rows->offsets[cell] == SIZE_MAX) {
        return NULL;
    }
    if (out_size) {
        *out_size = rows->sizes[cell];
    }
    return rows->cells.data + rows->offsets[cell];
}

/* Encodes all rows, one line each, and notes where each ends. */
static bool
make_json(sabot_rows *rows)
{
    sb_row_text *how = rows->how;
    sb_error ignored;
    if (!how->encoder) {
        how->format = (sb_format_table){.columns = how->schema, .options = {.get = row_option}};
        if (sb_format_json.encoder(how->mem, &how->format, &how->encoder, &ignored) != SB_OK) {
            return false;
        }
    }
    rows->json_ends = sb_alloc_zero(rows->mem, sizeof(size_t) * ((size_t)rows->count_rows + 1));
    if (!rows->json_ends) {
        return false;
    }
    for (int32_t r = 0; r < rows->count_rows; r++) {
        if (how->encoder->vtable->encode(how->encoder, rows->batch, r, r + 1, &rows->json,
                                         &ignored) != SB_OK ||
            sb_text_failed(&rows->json)) {
            return false;
        }
        rows->json_ends[r + 1] = rows->json.size;
    }
    for (int32_t r = 0; r < rows->count_rows; r++) {
        size_t end = rows->json_ends[r + 1];
        if (end > rows->json_ends[r] && rows->json.data[end - 1] == '\n') {
            rows->json.data[end - 1] = '\0';
        }
    }
    return true;
}

const char *
sabot_rows_json(sabot_rows *rows, int32_t row, size_t *out_size)
{
    if (row < 0 || row >= rows->count_rows || (!rows->json_ends && !make_json(rows))) {
        return NULL;
    }
    const char *text = rows->json.data + rows->json_ends[row];
    if (out_size) {
        *out_size = strlen(text);
    }
    return text;
}
