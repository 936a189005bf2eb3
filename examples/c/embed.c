/*
 * embed.c -- Sabot inside another program: tables from Arrow, SQL over them, results as Arrow.
 *
 * Makes a table of ten orders in memory, hands it to the engine as an Arrow C stream, sums it up in
 * SQL, and reads the result through the Arrow C stream interface. Nothing is copied on the way but
 * what the query computes.
 *
 *     cc embed.c $(pkg-config --cflags --libs sabot) -o embed && ./embed
 */
#include <sabot/sabot.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a stream of one batch: id BIGINT, amount BIGINT ---- */

enum { ORDERS = 10 };

static const int64_t ids[ORDERS] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 1};
static const int64_t amounts[ORDERS] = {10, 20, 30, 11, 21, 31, 12, 22, 32, 13};

static void
release_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++) {
        schema->children[i]->release(schema->children[i]);
        free(schema->children[i]);
    }
    free(schema->children);
    schema->release = NULL;
}

static void
release_array(struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_children; i++) {
        array->children[i]->release(array->children[i]);
        free(array->children[i]);
    }
    free(array->children);
    free(array->buffers);
    array->release = NULL;
}

static void
make_schema(struct ArrowSchema *out, const char *format, const char *name, int64_t children)
{
    memset(out, 0, sizeof *out);
    out->format = format;
    out->name = name;
    out->flags = ARROW_FLAG_NULLABLE;
    out->n_children = children;
    out->children = calloc((size_t)children + 1, sizeof *out->children);
    for (int64_t i = 0; i < children; i++) {
        out->children[i] = calloc(1, sizeof **out->children);
    }
    out->release = release_schema;
}

static void
make_array(struct ArrowArray *out, int64_t length, const void *values, int64_t children)
{
    memset(out, 0, sizeof *out);
    out->length = length;
    out->n_buffers = children ? 1 : 2; /* a struct has validity only; here nothing is NULL */
    out->buffers = calloc(2, sizeof *out->buffers);
    out->buffers[1] = values;
    out->n_children = children;
    out->children = calloc((size_t)children + 1, sizeof *out->children);
    for (int64_t i = 0; i < children; i++) {
        out->children[i] = calloc(1, sizeof **out->children);
    }
    out->release = release_array;
}

static int
orders_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    (void)stream;
    make_schema(out, "+s", "", 2);
    make_schema(out->children[0], "l", "id", 0);
    make_schema(out->children[1], "l", "amount", 0);
    return 0;
}

static int
orders_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    if (stream->private_data) { /* given already */
        memset(out, 0, sizeof *out);
        return 0;
    }
    stream->private_data = stream;
    make_array(out, ORDERS, NULL, 2);
    make_array(out->children[0], ORDERS, ids, 0);
    make_array(out->children[1], ORDERS, amounts, 0);
    return 0;
}

static const char *
orders_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return NULL;
}

static void
orders_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

/* ---- reading the result ---- */

/* The final rows of the changelog: the last value of each id. */
static int
print_result(struct ArrowArrayStream *stream)
{
    int64_t totals[8] = {0};
    for (;;) {
        struct ArrowArray batch;
        if (stream->get_next(stream, &batch) != 0) {
            fprintf(stderr, "%s\n", stream->get_last_error(stream));
            return 1;
        }
        if (!batch.release) {
            break;
        }
        const struct ArrowArray *op = batch.children[0], *id = batch.children[1],
                                *total = batch.children[2];
        for (int64_t i = 0; i < batch.length; i++) {
            int8_t kind = ((const int8_t *)op->buffers[1])[op->offset + i];
            int64_t key = ((const int64_t *)id->buffers[1])[id->offset + i];
            int64_t value = ((const int64_t *)total->buffers[1])[total->offset + i];
            if (kind == SABOT_INSERT || kind == SABOT_UPDATE_AFTER) {
                totals[key] = value;
            }
        }
        batch.release(&batch);
    }
    for (int64_t id = 1; id <= 3; id++) {
        printf("order %" PRId64 ": %" PRId64 "\n", id, totals[id]);
    }
    return 0;
}

static int
fail(sabot_error *error)
{
    fputs(sabot_error_text(error), stderr);
    sabot_error_free(error);
    return 1;
}

int
main(void)
{
    sabot_engine *engine = NULL;
    sabot_result *result = NULL;
    sabot_error *error = NULL;
    struct ArrowArrayStream orders = {orders_schema, orders_next, orders_error, orders_release,
                                      NULL};
    struct ArrowArrayStream totals = {0};
    int code = 1;

    if (sabot_engine_open(NULL, 0, &engine, &error) != SABOT_OK ||
        sabot_register_stream(engine, "orders", &orders, NULL, &error) != SABOT_OK ||
        sabot_execute(engine, "SELECT id, SUM(amount) AS total FROM orders GROUP BY id", &result,
                      &error) != SABOT_OK ||
        sabot_result_stream(result, SABOT_STREAM_OP_ALWAYS, &totals, &error) != SABOT_OK) {
        code = fail(error);
    } else {
        code = print_result(&totals);
        totals.release(&totals);
    }
    sabot_result_free(result);
    sabot_engine_close(engine);
    return code;
}
