/*
 * runtime/sink_length.c -- see sink_length.h.
 *
 * DESIGN     CHAR(n) and BINARY(n) have exactly n characters or bytes, VARCHAR(n) and VARBINARY(n)
 *            at most n. Characters are code points. Padding is blanks, or zero bytes. Values inside
 *            of ARRAY, MAP and ROW are left as they are, as in Flink. A column is only made anew
 *            when one of its values does not fit.
 * OWNERSHIP  a column that is replaced loses the batch's reference.
 * THREADS    T:task
 */
#include "runtime/sink_length.h"

#include <string.h>

#include "columnar/builder.h"

typedef struct length_rule {
    int32_t length;
    bool exact, bytes; /* CHAR, BINARY; BINARY, VARBINARY */
} length_rule;

/* False: any length is fine. */
static bool
rule_of(const sb_type *type, length_rule *out)
{
    bool character = type->id == SB_TYPE_CHAR || type->id == SB_TYPE_VARCHAR;
    bool binary = type->id == SB_TYPE_BINARY || type->id == SB_TYPE_VARBINARY;
    *out = (length_rule){.length = type->length,
                         .exact = type->id == SB_TYPE_CHAR || type->id == SB_TYPE_BINARY,
                         .bytes = binary};
    return (character || binary) && type->length != SB_LENGTH_MAX;
}

static int32_t
length_of(const length_rule *rule, const char *data, uint32_t size)
{
    int32_t count = 0;
    if (rule->bytes) {
        return (int32_t)size;
    }
    for (uint32_t i = 0; i < size; i++) {
        count += ((unsigned char)data[i] & 0xC0) != 0x80;
    }
    return count;
}

static bool
fits(const length_rule *rule, const sb_view *view, int32_t *out_length)
{
    uint32_t size = sb_view_size(view);
    if (!rule->exact && size <= (uint32_t)rule->length) { /* no more characters than bytes */
        return true;
    }
    *out_length = length_of(rule, sb_view_data(view), size);
    return rule->exact ? *out_length == rule->length : *out_length <= rule->length;
}

/* How many bytes the first `length` characters have. */
static size_t
prefix_of(const length_rule *rule, const char *data, uint32_t size)
{
    int32_t count = 0;
    uint32_t i = 0;
    if (rule->bytes) {
        return size < (uint32_t)rule->length ? size : (uint32_t)rule->length;
    }
    for (; i < size; i++) {
        count += ((unsigned char)data[i] & 0xC0) != 0x80;
        if (count > rule->length) {
            break;
        }
    }
    return i;
}

static void
add_fitting(const length_rule *rule, const sb_view *view, sb_column_builder *out)
{
    const char *data = sb_view_data(view);
    int32_t length = length_of(rule, data, sb_view_size(view));
    size_t size = prefix_of(rule, data, sb_view_size(view));
    size_t pad = rule->exact && length < rule->length ? (size_t)(rule->length - length) : 0;
    if (pad == 0) {
        sb_column_bytes(out, data, size);
        return;
    }
    char *bytes = sb_alloc(out->mem, size + pad);
    if (!bytes) {
        out->failed = true;
        return;
    }
    memcpy(bytes, data, size);
    memset(bytes + size, rule->bytes ? 0 : ' ', pad);
    sb_column_bytes(out, bytes, size + pad);
    sb_free(out->mem, bytes, size + pad);
}

/* The rows of the batch that do not fit: the first; -1: none. */
static int32_t
first_misfit(const length_rule *rule, const sb_batch *batch, const sb_vector *values,
             int32_t *out_length)
{
    for (int32_t i = 0; i < batch->count_rows; i++) {
        int32_t row = sb_batch_row(batch, i);
        if (sb_vector_valid(values, row) &&
            !fits(rule, (const sb_view *)sb_vector_at(values, row), out_length)) {
            return row;
        }
    }
    return -1;
}

/* Every row of the vector that the batch shows; the others become NULL. */
static sb_status
refit(sb_mem *mem, const length_rule *rule, sb_batch *batch, int32_t column, const sb_type *type,
      sb_error *err)
{
    sb_vector *values = batch->columns[column], *made;
    int32_t count = values->encoding == SB_CONST ? 1 : values->length;
    sb_column_builder builder;
    size_t size = (size_t)count + 1;
    uint8_t *shown = sb_alloc_zero(mem, size);
    if (!shown) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < batch->count_rows; i++) {
        int32_t row = sb_batch_row(batch, i);
        shown[values->encoding == SB_CONST ? 0 : row] = 1;
    }
    sb_status status = sb_column_builder_init(&builder, mem, type, err);
    if (status != SB_OK) {
        sb_free(mem, shown, size);
        return status;
    }
    for (int32_t row = 0; row < count; row++) {
        if (shown[row] && sb_vector_valid(values, row)) {
            add_fitting(rule, (const sb_view *)sb_vector_at(values, row), &builder);
        } else {
            sb_column_null(&builder);
        }
    }
    sb_free(mem, shown, size);
    made = sb_column_finish(&builder, err);
    sb_column_builder_deinit(&builder);
    if (!made) {
        SB_NOMEM(err);
    }
    if (values->encoding == SB_CONST) {
        made->encoding = SB_CONST;
        made->length = values->length;
    }
    batch->columns[column] = made;
    sb_vector_unref(values);
    return SB_OK;
}

sb_status
sb_sink_enforce_lengths(sb_mem *mem, const sb_sink_node *node, sb_batch *batch, sb_error *err)
{
    const sb_schema *columns = node->table->columns;
    for (int32_t c = 0; c < columns->count; c++) {
        const sb_type *type = &columns->fields[c].type;
        const sb_vector *values = batch->columns[c];
        length_rule rule;
        int32_t length = 0;
        if (!rule_of(type, &rule) || values->phys != SB_PHYS_VIEW ||
            first_misfit(&rule, batch, values, &length) < 0) {
            continue;
        }
        if (node->lengths == SB_SINK_LENGTHS_ERROR) {
            sb_text text;
            sb_type plain = *type;
            plain.nullable = true;
            sb_text_init(&text, mem);
            sb_type_print(&plain, &text);
            sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__,
                         "Column '%s' is %s, however, a string of length %d is being written into "
                         "it. You can set job configuration "
                         "'table.exec.sink.type-length-enforcer' to control this behaviour.",
                         columns->fields[c].name, text.data ? text.data : "", (int)length);
            sb_text_deinit(&text);
            return SB_STATUS_DATA;
        }
        SB_TRY(refit(mem, &rule, batch, c, values->type, err), err);
    }
    return SB_OK;
}
