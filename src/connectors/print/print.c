/*
 * connectors/print/print.c -- rows to standard output, as Flink's print connector writes them.
 *
 * DESIGN     One line a row, "+I[1, abc, null]". Values as Java's toString gives them:
 *            2024-05-01T12:00, 2024-05-01T12:00:00Z, [1, 2], {a=1}. With 'print-identifier' the
 *            line begins with "id> ", with several subtasks "id:2> " or "2> ".
 */
#include "connectors/print/print.h"

#include <string.h>

#include "connectors/options.h"
#include "connectors/print/java_text.h"

typedef struct print_sink {
    sb_sink base;
    sb_text text; /* lines of the running write */
    sb_text prefix;
    bool to_stderr;
} print_sink;

static const sb_option_spec print_options[] = {
    {"print-identifier", "string", NULL, "goes before every line, followed by '> '"},
    {"standard-error", "bool", "false", "write to standard error"},
    {NULL, NULL, NULL, NULL},
};

static const sb_sink_vtable print_vtable;

static print_sink *
sink_of(sb_sink *s)
{
    sb_assert(s->vtable == &print_vtable);
    return (print_sink *)(void *)s;
}

static sb_status
print_facts(const sb_table_desc *table, sb_sink_facts *out, sb_error *err)
{
    bool to_stderr;
    SB_TRY(sb_table_options_check(table, print_options, NULL, err), err);
    SB_TRY(sb_refuse_partitions(table, err), err);
    SB_TRY(sb_table_option_bool(table, "standard-error", false, &to_stderr, err), err);
    *out = (sb_sink_facts){.row_ops = SB_ROWS_ALL};
    return SB_OK;
}

static sb_status
print_init(sb_sink *base, const sb_sink_init *ctx, sb_error *err)
{
    print_sink *s = sink_of(base);
    base->ctx = ctx;
    sb_text_init(&s->text, ctx->mem);
    sb_text_init(&s->prefix, ctx->mem);
    SB_TRY(sb_table_option_bool(ctx->node->table, "standard-error", false, &s->to_stderr, err),
           err);
    sb_text_add(&s->prefix, sb_table_option(ctx->node->table, "print-identifier", ""));
    if (ctx->parallelism > 1) {
        sb_text_printf(&s->prefix, "%s%d", s->prefix.size ? ":" : "", ctx->subtask + 1);
    }
    if (s->prefix.size) {
        sb_text_add(&s->prefix, "> ");
    }
    if (s->prefix.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
print_write(sb_sink *base, const sb_batch *in, int32_t from_row, int64_t now_ms, int32_t *out_rows,
            sb_error *err)
{
    static const char *const ops[4] = {"+I[", "-U[", "+U[", "-D["};
    print_sink *s = sink_of(base);
    (void)now_ms;
    sb_text_clear(&s->text);
    for (int32_t i = from_row; i < in->count_rows; i++) {
        int32_t row = sb_batch_row(in, i);
        sb_text_append(&s->text, s->prefix.data, s->prefix.size);
        sb_text_add(&s->text, ops[sb_batch_op(in, row) & 3]);
        for (int32_t c = 0; c < in->schema->count; c++) {
            if (c > 0) {
                sb_text_append(&s->text, ", ", 2);
            }
            sb_java_text(in->columns[c], row, &s->text);
        }
        sb_text_append(&s->text, "]\n", 2);
    }
    if (s->text.failed) {
        SB_NOMEM(err);
    }
    if (s->to_stderr) {
        sb_stderr_write(s->text.data, s->text.size);
    } else {
        SB_TRY(sb_stdout_write(s->text.data, s->text.size, err), err);
    }
    *out_rows = in->count_rows - from_row;
    return SB_OK;
}

static sb_status
print_prepare(sb_sink *base, uint64_t checkpoint, bool last, sb_writer *handle, sb_error *err)
{
    (void)base;
    (void)checkpoint;
    (void)last;
    (void)handle;
    (void)err;
    return SB_OK;
}

static void
print_close(sb_sink *base)
{
    if (base->ctx) {
        sb_text_deinit(&sink_of(base)->text);
        sb_text_deinit(&sink_of(base)->prefix);
    }
}

static const sb_sink_vtable print_vtable = {
    .name = "print",
    .instance_size = sizeof(print_sink),
    .capabilities = SB_SINK_ORDERED,
    .init = print_init,
    .write = print_write,
    .prepare = print_prepare,
    .close = print_close,
};

const sb_connector sb_connector_print = {
    .name = "print",
    .sink = &print_vtable,
    .options = print_options,
    .sink_facts = print_facts,
};
