/*
 * expr/udf_call.c -- calling user functions: their states, arguments out, results in.
 *
 * THREADS    T:task
 */
#include <string.h>

#include "columnar/arrow.h"
#include "columnar/gather.h"
#include "expr/udf_priv.h"

/* ---- states ---- */

/* Formats that a result has when its function does not tell: ours, but strings with offsets. */
static void
plain_formats(struct ArrowSchema *schema)
{
    if (strcmp(schema->format, "vu") == 0) {
        schema->format = "u";
    } else if (strcmp(schema->format, "vz") == 0) {
        schema->format = "z";
    }
    for (int64_t i = 0; i < schema->n_children; i++) {
        plain_formats(schema->children[i]);
    }
}

static sb_status
open_state(sb_udf_instance *self, sb_error *err)
{
    struct ArrowSchema args = {0}, result = {0};
    const sabot_function *def = &self->udf->def;
    self->state = def->user;
    if (!def->open) {
        self->is_open = true;
        return SB_OK;
    }
    SB_TRY(sb_arrow_export_schema(&self->args, false, &args, err), err);
    sb_status status = sb_arrow_export_schema(&self->result, false, &result, err);
    if (status == SB_OK) {
        sabot_function_types types = {
            .struct_size = sizeof types, .arguments = &args, .result = &result};
        status = sb_udf_status(
            self, def->open(def->user, &types, &self->state, sb_udf_context(self)), err);
        self->is_open = status == SB_OK;
    }
    sb_udf_release(NULL, &args);
    sb_udf_release(NULL, &result);
    return status;
}

static sb_status
fill_instance(sb_udf_instance *self, const char *zone, sb_error *err)
{
    self->arena = sb_arena_new(self->mem);
    const char *copy = self->arena ? sb_arena_strdup(self->arena, zone ? zone : "UTC") : NULL;
    if (!copy) {
        SB_NOMEM(err);
    }
    self->context.zone = copy;
    /* the formats that the descriptor tells are good for the types that it tells */
    if (self->udf->by_call || !self->udf->def.result_schema) {
        SB_TRY(sb_arrow_export_schema(&self->result, false, &self->result_formats, err), err);
        plain_formats(&self->result_formats);
    }
    return open_state(self, err);
}

sb_status
sb_udf_open(const sb_udf *udf, sb_mem *mem, const sb_schema *args, const sb_schema *result,
            const char *zone, sb_udf_instance **out, sb_error *err)
{
    if (udf->serial == 0) {
        sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                     "user function %.200s is not there: %.400s", udf->id, udf->signature);
        sb_error_hint(err, "run its CREATE FUNCTION, or register it, before the job");
        return SB_STATUS_NOT_FOUND;
    }
    sb_udf_instance *self = sb_alloc_zero(mem, sizeof *self);
    if (!self) {
        SB_NOMEM(err);
    }
    self->udf = udf;
    self->mem = mem;
    self->args = *args;
    self->result = *result;
    self->position = self->position_end = -1;
    sb_status status = fill_instance(self, zone, err);
    if (status != SB_OK) {
        sb_udf_close(self);
        return status;
    }
    *out = self;
    return SB_OK;
}

void
sb_udf_close(sb_udf_instance *self)
{
    if (!self) {
        return;
    }
    if (self->is_open && self->udf->def.close) {
        self->udf->def.close(self->state);
    }
    sb_udf_release(NULL, &self->result_formats);
    sb_arena_free(self->arena);
    sb_free(self->mem, self, sizeof *self);
}

sabot_function_context *
sb_udf_context(sb_udf_instance *self)
{
    const char *zone = self->context.zone;
    self->context = (sabot_function_context){.struct_size = sizeof self->context,
                                             .function = self->udf->function.name,
                                             .zone = zone,
                                             .row = -1};
    return &self->context;
}

sb_status
sb_udf_status(sb_udf_instance *self, sabot_status status, sb_error *err)
{
    const sabot_function_context *context = &self->context;
    if (status == SABOT_OK) {
        return SB_OK;
    }
    bool known = (int)status > 0 && (int)status < SB_STATUS_COUNT;
    sb_status given = known ? (sb_status)status : SB_STATUS_INTERNAL;
    sb_error_set(err, given, __FILE__, __LINE__, "function %s: %.*s", self->udf->function.name,
                 SABOT_FUNCTION_MESSAGE - 1,
                 context->message[0] ? context->message : sb_status_text(given));
    sb_error_at(err, self->position, self->position_end);
    return given;
}

void
sb_udf_release(struct ArrowArray *array, struct ArrowSchema *schema)
{
    if (array && array->release) {
        array->release(array);
        array->release = NULL;
    }
    if (schema && schema->release) {
        schema->release(schema);
        schema->release = NULL;
    }
}

/* ---- arguments ---- */

sb_status
sb_udf_arguments(sb_udf_instance *self, sb_vector *const *columns, const int32_t *rows,
                 int32_t count, struct ArrowArray *out, sb_error *err)
{
    sb_vector *lent[SB_UDF_ARGS_MAX + 1];
    bool ok = true;
    sb_assert(self->args.count <= SB_UDF_ARGS_MAX);
    for (int32_t i = 0; i < self->args.count; i++) {
        bool as_is = !rows && columns[i]->encoding == SB_FLAT && columns[i]->length == count;
        lent[i] = as_is ? sb_vector_ref(columns[i])
                        : sb_vector_gather(self->mem, columns[i], rows, count);
        ok = ok && lent[i];
    }
    if (!ok) {
        for (int32_t i = 0; i < self->args.count; i++) {
            sb_vector_unref(lent[i]);
        }
        SB_NOMEM(err);
    }
    sb_batch *batch = sb_batch_new(self->mem, &self->args, lent, count); /* takes them over */
    if (!batch) {
        SB_NOMEM(err);
    }
    sb_status status = sb_arrow_export_batch(self->mem, batch, false, out, err);
    sb_batch_free(batch);
    return status;
}

int32_t
sb_udf_rows(const sb_udf_instance *self, sb_vector *const *columns, const int32_t *rows,
            int32_t count, int32_t *out_places)
{
    bool strict = self->udf->def.flags & SABOT_FUNCTION_STRICT, may_be_null = false;
    for (int32_t i = 0; strict && i < self->args.count; i++) {
        may_be_null |= columns[i]->phys == SB_PHYS_NULL || columns[i]->validity != NULL;
    }
    if (!may_be_null) {
        return count;
    }
    int32_t n = 0;
    for (int32_t k = 0; k < count; k++) {
        bool null = false;
        for (int32_t i = 0; i < self->args.count; i++) {
            null |= !sb_vector_valid(columns[i], rows ? rows[k] : k);
        }
        out_places[n] = k;
        n += !null;
    }
    return n;
}

/* ---- results ---- */

typedef struct take_root { /* makes a struct of a single column */
    struct ArrowArray child;
    struct ArrowArray *children[1];
    const void *buffers[1];
    struct ArrowSchema *schemas[1];
    sb_mem *mem;
} take_root;

static void
root_release(struct ArrowArray *self)
{
    take_root *root = self->private_data;
    sb_udf_release(&root->child, NULL);
    sb_free(root->mem, root, sizeof *root);
    self->release = NULL;
}

static void
schema_keep(struct ArrowSchema *self)
{
    self->release = NULL;
}

static sb_status
check_result(const sb_udf_instance *self, const struct ArrowArray *array,
             const struct ArrowSchema *schema, int64_t count, sb_error *err)
{
    bool table = sb_udf_is(self->udf, SABOT_FUNCTION_TABLE);
    if (!array->release) {
        SB_FAIL(err, SB_STATUS_INVALID, "it gave no array");
    }
    if (array->length != count) {
        SB_FAIL(err, SB_STATUS_INVALID, "it gave %lld values for %lld rows",
                (long long)array->length, (long long)count);
    }
    SB_TRY(sb_udf_check_array(schema, array, err), err);
    if (table && (strcmp(schema->format, "+s") != 0 || schema->n_children != self->result.count)) {
        SB_FAIL(err, SB_STATUS_INVALID, "it gave '%.20s' of %lld columns, not a struct of %d",
                schema->format, (long long)schema->n_children, self->result.count);
    }
    return SB_OK;
}

/* Imports; takes the array over. */
static sb_status
import_result(sb_udf_instance *self, struct ArrowArray *array, struct ArrowSchema *schema,
              sb_vector **out, sb_error *err)
{
    sb_batch *batch = NULL;
    struct ArrowArray whole = *array;
    struct ArrowSchema formats = *schema;
    if (!sb_udf_is(self->udf, SABOT_FUNCTION_TABLE)) {
        take_root *root = sb_alloc_zero(self->mem, sizeof *root);
        if (!root) {
            SB_NOMEM(err);
        }
        *root = (take_root){.child = *array, .mem = self->mem};
        root->children[0] = &root->child;
        root->schemas[0] = schema;
        whole = (struct ArrowArray){.length = array->length,
                                    .n_buffers = 1,
                                    .n_children = 1,
                                    .buffers = root->buffers,
                                    .children = root->children,
                                    .release = root_release,
                                    .private_data = root};
        formats = (struct ArrowSchema){
            .format = "+s", .n_children = 1, .children = root->schemas, .release = schema_keep};
    }
    array->release = NULL;
    SB_TRY(sb_arrow_import_batch(self->mem, &self->result, &formats, &whole, &batch, err), err);
    sb_status status = SB_OK;
    for (int32_t i = 0; i < self->result.count; i++) {
        if (status == SB_OK) {
            status = sb_udf_check_values(batch->columns[i], err);
        }
        out[i] = sb_vector_ref(batch->columns[i]);
    }
    sb_batch_free(batch);
    for (int32_t i = 0; status != SB_OK && i < self->result.count; i++) {
        sb_vector_unref(out[i]);
        out[i] = NULL;
    }
    return status;
}

sb_status
sb_udf_take(sb_udf_instance *self, struct ArrowArray *array, struct ArrowSchema *schema,
            int64_t count, sb_vector **out, sb_error *err)
{
    bool table = sb_udf_is(self->udf, SABOT_FUNCTION_TABLE);
    struct ArrowSchema *formats = schema;
    if (!schema->release) { /* as declared */
        bool own = self->result_formats.release != NULL;
        formats = own ? &self->result_formats
                      : (struct ArrowSchema *)(uintptr_t)self->udf->def.result_schema;
        formats = table ? formats : formats->children[0];
    }
    sb_status status = check_result(self, array, formats, count, err);
    if (status == SB_OK) {
        status = import_result(self, array, formats, out, err);
    }
    sb_udf_release(array, NULL);
    if (status != SB_OK && status != SB_STATUS_NOMEM) {
        sb_error_prefix(err, "function %s", self->udf->function.name);
        sb_error_at(err, self->position, self->position_end);
    }
    sb_udf_release(NULL, schema);
    return status;
}
