/*
 * columnar/arrow_schema.c -- schemas to and from the Arrow C Data interface.
 *
 * OWNERSHIP  Each exported ArrowSchema node owns a schema_node with its strings and children;
 *            release frees it.
 * THREADS    T:any
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columnar/arrow.h"

/* ---- export
 * ------------------------------------------------------------------------------------- */

typedef struct schema_node {
    char format[32];
    char metadata[64]; /* VARIANT, BITMAP: the name of an extension type */
    char *name;
    size_t name_size;
    int64_t count_children;
    struct ArrowSchema **children; /* pointers into `storage` */
    struct ArrowSchema *storage;
} schema_node;

static void
schema_release(struct ArrowSchema *self)
{
    schema_node *node = self->private_data;
    sb_mem *mem = sb_mem_root();
    for (int64_t i = 0; i < node->count_children && node->storage; i++) {
        if (node->storage[i].release) { /* a child may have been moved away */
            node->storage[i].release(&node->storage[i]);
        }
    }
    sb_free(mem, node->storage, sizeof *node->storage * (size_t)node->count_children);
    sb_free(mem, node->children, sizeof *node->children * (size_t)node->count_children);
    sb_free(mem, node->name, node->name_size);
    sb_free(mem, node, sizeof *node);
    self->release = NULL;
}

static sb_status
start_node(struct ArrowSchema *out, const char *name, int64_t count_children, int64_t flags,
           sb_error *err)
{
    sb_mem *mem = sb_mem_root();
    schema_node *node = sb_alloc_zero(mem, sizeof *node);
    if (!node) {
        SB_NOMEM(err);
    }
    node->name_size = strlen(name) + 1;
    node->name = sb_alloc(mem, node->name_size);
    node->count_children = count_children;
    node->storage = sb_alloc_zero(mem, sizeof *node->storage * (size_t)count_children);
    node->children = sb_alloc_zero(mem, sizeof *node->children * (size_t)count_children);
    *out = (struct ArrowSchema){.private_data = node, .release = schema_release};
    if (!node->name || !node->storage || !node->children) {
        schema_release(out);
        SB_NOMEM(err);
    }
    memcpy(node->name, name, node->name_size);
    for (int64_t i = 0; i < count_children; i++) {
        node->children[i] = &node->storage[i];
    }
    out->format = node->format;
    out->name = node->name;
    out->flags = flags;
    out->n_children = count_children;
    out->children = count_children ? node->children : NULL;
    return SB_OK;
}

static const char *
simple_format(sb_type_id id)
{
    static const char *const formats[SB_TYPE_ID_COUNT] = {
        [SB_TYPE_NULL] = "n",           [SB_TYPE_BOOLEAN] = "b", [SB_TYPE_TINYINT] = "c",
        [SB_TYPE_SMALLINT] = "s",       [SB_TYPE_INT] = "i",     [SB_TYPE_BIGINT] = "l",
        [SB_TYPE_FLOAT] = "f",          [SB_TYPE_DOUBLE] = "g",  [SB_TYPE_CHAR] = "vu",
        [SB_TYPE_VARCHAR] = "vu",       [SB_TYPE_BINARY] = "vz", [SB_TYPE_VARBINARY] = "vz",
        [SB_TYPE_DATE] = "tdD",         [SB_TYPE_TIME] = "ttm",  [SB_TYPE_INTERVAL_MONTH] = "tiM",
        [SB_TYPE_INTERVAL_DAY] = "tDm", [SB_TYPE_ARRAY] = "+l",  [SB_TYPE_MULTISET] = "+l",
        [SB_TYPE_MAP] = "+m",           [SB_TYPE_ROW] = "+s",    [SB_TYPE_VARIANT] = "vz",
        [SB_TYPE_BITMAP] = "vz",
    };
    return formats[id];
}

/* The one pair ARROW:extension:name=... as Arrow lays metadata out. */
static void
set_extension(struct ArrowSchema *out, const char *name)
{
    static const char key[] = "ARROW:extension:name";
    schema_node *node = out->private_data;
    int32_t sizes[3] = {1, sizeof key - 1, (int32_t)strlen(name)};
    char *to = node->metadata;
    memcpy(to, sizes, 8);
    memcpy(to + 8, key, sizeof key - 1);
    memcpy(to + 8 + sizeof key - 1, &sizes[2], 4);
    memcpy(to + 12 + sizeof key - 1, name, (size_t)sizes[2]);
    out->metadata = to;
}

static void
set_format(struct ArrowSchema *out, const sb_type *type)
{
    schema_node *node = out->private_data;
    if (sb_type_is_opaque(type)) {
        set_extension(out, type->id == SB_TYPE_VARIANT ? "sabot.variant" : "sabot.bitmap");
    }
    if (type->id == SB_TYPE_DECIMAL) {
        snprintf(node->format, sizeof node->format, "d:%d,%d", type->precision, type->scale);
    } else if (sb_type_is_timestamp(type)) {
        char unit = type->precision <= 3 ? 'm' : type->precision <= 6 ? 'u' : 'n';
        const char *zone = type->id == SB_TYPE_TIMESTAMP_LTZ ? "UTC" : "";
        snprintf(node->format, sizeof node->format, "ts%c:%s", unit, zone);
    } else {
        snprintf(node->format, sizeof node->format, "%s", simple_format((sb_type_id)type->id));
    }
}

static sb_status export_type(const sb_type *type, const char *name, struct ArrowSchema *out,
                             sb_error *err);

static sb_status
export_children(const sb_field *fields, int32_t count, struct ArrowSchema *out, int64_t first,
                sb_error *err)
{
    for (int32_t i = 0; i < count; i++) {
        const char *name = fields[i].name ? fields[i].name : "";
        SB_TRY(export_type(&fields[i].type, name, out->children[first + i], err), err);
    }
    return SB_OK;
}

/* A MAP has one child, the struct of key and value. */
static sb_status
export_entries(const sb_type *map, struct ArrowSchema *out, sb_error *err)
{
    SB_TRY(start_node(out, "entries", 2, 0, err), err);
    memcpy(((schema_node *)out->private_data)->format, "+s", 3);
    sb_status status = export_children(map->children, 2, out, 0, err);
    if (status != SB_OK) {
        out->release(out);
        return status;
    }
    out->children[0]->flags &= ~ARROW_FLAG_NULLABLE;
    return SB_OK;
}

static sb_status
export_type(const sb_type *type, const char *name, struct ArrowSchema *out, sb_error *err)
{
    bool map = type->id == SB_TYPE_MAP;
    int64_t flags = type->nullable ? ARROW_FLAG_NULLABLE : 0;
    SB_TRY(start_node(out, name, map ? 1 : type->count_children, flags, err), err);
    set_format(out, type);
    sb_status status = map ? export_entries(type, out->children[0], err)
                           : export_children(type->children, type->count_children, out, 0, err);
    if (status != SB_OK) {
        out->release(out);
    }
    return status;
}

sb_status
sb_arrow_export_schema(const sb_schema *schema, bool with_op, struct ArrowSchema *out,
                       sb_error *err)
{
    struct ArrowSchema root;
    SB_TRY(start_node(&root, "", schema->count + with_op, 0, err), err);
    memcpy(((schema_node *)root.private_data)->format, "+s", 3);
    sb_status status = SB_OK;
    if (with_op) {
        sb_type op = SB_TYPE(TINYINT, false);
        status = export_type(&op, "op", root.children[0], err);
    }
    if (status == SB_OK) {
        status = export_children(schema->fields, schema->count, &root, with_op, err);
    }
    if (status != SB_OK) {
        root.release(&root);
        return status;
    }
    *out = root; /* release works on a moved structure: it looks at private_data only */
    return SB_OK;
}

/* ---- import
 * ------------------------------------------------------------------------------------- */

#define DEPTH_MAX 64

static sb_status import_type(sb_arena *arena, const struct ArrowSchema *in, int depth, sb_type *out,
                             sb_error *err);

static sb_status
unsupported(const struct ArrowSchema *in, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: Arrow type '%s' of column '%s'",
            in->format, in->name ? in->name : "");
}

static sb_status
import_fields(sb_arena *arena, struct ArrowSchema *const *children, int64_t count, int depth,
              sb_type *out, sb_error *err)
{
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, count);
    if (!fields) {
        SB_NOMEM(err);
    }
    for (int64_t i = 0; i < count; i++) {
        fields[i].name = sb_arena_strdup(arena, children[i]->name ? children[i]->name : "");
        if (!fields[i].name) {
            SB_NOMEM(err);
        }
        SB_TRY(import_type(arena, children[i], depth + 1, &fields[i].type, err), err);
    }
    out->count_children = (int32_t)count;
    out->children = fields;
    return SB_OK;
}

static sb_status
import_nested(sb_arena *arena, const struct ArrowSchema *in, int depth, sb_type *out, sb_error *err)
{
    const char *f = in->format;
    bool list = strcmp(f, "+l") == 0 || strcmp(f, "+L") == 0 || strncmp(f, "+w:", 3) == 0;
    if (list && in->n_children == 1) {
        out->id = SB_TYPE_ARRAY;
        return import_fields(arena, in->children, 1, depth, out, err);
    }
    if (strcmp(f, "+s") == 0 && in->n_children >= 0 && in->n_children <= INT32_MAX) {
        out->id = SB_TYPE_ROW;
        return import_fields(arena, in->children, in->n_children, depth, out, err);
    }
    if (strcmp(f, "+m") == 0 && in->n_children == 1 && in->children[0]->n_children == 2) {
        out->id = SB_TYPE_MAP;
        return import_fields(arena, in->children[0]->children, 2, depth, out, err);
    }
    return unsupported(in, err);
}

static bool
import_decimal(const char *format, sb_type *out)
{
    int precision, scale, bits = 128, end = 0;
    if (sscanf(format, "d:%d,%d%n", &precision, &scale, &end) != 2) {
        return false;
    }
    if (format[end] == ',' && sscanf(format + end, ",%d", &bits) != 1) {
        return false;
    }
    if (bits != 128 || precision < 1 || precision > 38 || scale < 0 || scale > precision) {
        return false;
    }
    out->id = SB_TYPE_DECIMAL;
    out->precision = (uint8_t)precision;
    out->scale = (uint8_t)scale;
    return true;
}

static bool
import_temporal(const char *f, sb_type *out)
{
    static const char units[] = "smun"; /* digits: 0 3 6 9 */
    const char *unit = f[1] && f[2] ? strchr(units, f[2]) : NULL;
    int digits = unit ? (int)(unit - units) * 3 : -1;
    if (strcmp(f, "tdD") == 0 || strcmp(f, "tdm") == 0) {
        out->id = SB_TYPE_DATE;
    } else if (f[1] == 't' && digits >= 0) {
        out->id = SB_TYPE_TIME;
        out->precision = digits ? 3 : 0; /* kept in milliseconds */
    } else if (f[1] == 's' && digits >= 0 && f[3] == ':') {
        out->id = f[4] ? SB_TYPE_TIMESTAMP_LTZ : SB_TYPE_TIMESTAMP;
        out->precision = (uint8_t)digits;
    } else if (f[1] == 'D' && digits >= 0) {
        out->id = SB_TYPE_INTERVAL_DAY;
    } else if (strcmp(f, "tiM") == 0) {
        out->id = SB_TYPE_INTERVAL_MONTH;
    } else {
        return false;
    }
    return true;
}

/* Formats of one letter, and the views. */
static bool
import_simple(const char *f, sb_type *out)
{
    static const struct {
        const char *format;
        uint8_t id;
    } rows[] = {
        {"n", SB_TYPE_NULL},      {"b", SB_TYPE_BOOLEAN},   {"c", SB_TYPE_TINYINT},
        {"C", SB_TYPE_SMALLINT},  {"s", SB_TYPE_SMALLINT},  {"S", SB_TYPE_INT},
        {"i", SB_TYPE_INT},       {"I", SB_TYPE_BIGINT},    {"l", SB_TYPE_BIGINT},
        {"L", SB_TYPE_DECIMAL},   {"f", SB_TYPE_FLOAT},     {"g", SB_TYPE_DOUBLE},
        {"u", SB_TYPE_VARCHAR},   {"U", SB_TYPE_VARCHAR},   {"vu", SB_TYPE_VARCHAR},
        {"z", SB_TYPE_VARBINARY}, {"Z", SB_TYPE_VARBINARY}, {"vz", SB_TYPE_VARBINARY},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].format, f) == 0) {
            out->id = rows[i].id;
            out->precision = rows[i].id == SB_TYPE_DECIMAL ? 20 : 0;
            out->length = sb_type_is_string(out) || sb_type_is_binary(out) ? SB_LENGTH_MAX : 0;
            return true;
        }
    }
    return false;
}

static sb_status
import_type(sb_arena *arena, const struct ArrowSchema *in, int depth, sb_type *out, sb_error *err)
{
    if (!in->format || !in->release || depth > DEPTH_MAX) {
        SB_FAIL(err, SB_STATUS_INVALID, "the Arrow schema was released, or is nested too deeply");
    }
    if (in->dictionary) {
        SB_TRY(import_type(arena, in->dictionary, depth + 1, out, err), err);
        out->nullable = (in->flags & ARROW_FLAG_NULLABLE) != 0;
        return SB_OK;
    }
    sb_type type = {.nullable = (in->flags & ARROW_FLAG_NULLABLE) != 0};
    const char *f = in->format;
    int length = 0;
    if (*f == '+') {
        SB_TRY(import_nested(arena, in, depth, &type, err), err);
    } else if (sscanf(f, "w:%d", &length) == 1 && length >= 0) {
        type.id = SB_TYPE_BINARY;
        type.length = length;
    } else if (!import_simple(f, &type) && !(*f == 't' && import_temporal(f, &type)) &&
               !(*f == 'd' && import_decimal(f, &type))) {
        return unsupported(in, err);
    }
    type.nullable |= type.id == SB_TYPE_NULL;
    *out = type;
    return SB_OK;
}

sb_status
sb_arrow_import_schema(sb_arena *arena, const struct ArrowSchema *in, sb_schema **out,
                       sb_error *err)
{
    sb_type root;
    SB_TRY(import_type(arena, in, 0, &root, err), err);
    if (root.id != SB_TYPE_ROW) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "the Arrow schema is of type '%s': a struct of columns is needed", in->format);
    }
    sb_schema *schema = SB_NEW(arena, sb_schema);
    if (!schema) {
        SB_NOMEM(err);
    }
    *schema = (sb_schema){.count = root.count_children, .fields = root.children};
    *out = schema;
    return SB_OK;
}
