/*
 * columnar/type.c -- physical kinds, comparison and copies of types, names as Flink prints them.
 *
 * THREADS    T:any
 */
#include "columnar/type.h"

#include <string.h>

sb_phys
sb_type_phys(const sb_type *type)
{
    switch ((sb_type_id)type->id) {
    case SB_TYPE_NULL: return SB_PHYS_NULL;
    case SB_TYPE_BOOLEAN: return SB_PHYS_BOOL;
    case SB_TYPE_TINYINT: return SB_PHYS_I8;
    case SB_TYPE_SMALLINT: return SB_PHYS_I16;
    case SB_TYPE_INT:
    case SB_TYPE_DATE:
    case SB_TYPE_TIME:
    case SB_TYPE_INTERVAL_MONTH: return SB_PHYS_I32;
    case SB_TYPE_BIGINT:
    case SB_TYPE_INTERVAL_DAY: return SB_PHYS_I64;
    case SB_TYPE_FLOAT: return SB_PHYS_F32;
    case SB_TYPE_DOUBLE: return SB_PHYS_F64;
    case SB_TYPE_DECIMAL: return type->precision <= 18 ? SB_PHYS_I64 : SB_PHYS_I128;
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return type->precision <= 6 ? SB_PHYS_I64 : SB_PHYS_TSNS;
    case SB_TYPE_CHAR:
    case SB_TYPE_VARCHAR:
    case SB_TYPE_BINARY:
    case SB_TYPE_VARBINARY:
    case SB_TYPE_VARIANT:
    case SB_TYPE_BITMAP: return SB_PHYS_VIEW;
    case SB_TYPE_ARRAY:
    case SB_TYPE_MAP:
    case SB_TYPE_MULTISET: return SB_PHYS_LIST;
    case SB_TYPE_ROW: return SB_PHYS_STRUCT;
    case SB_TYPE_ID_COUNT: break;
    }
    sb_assert(!"type id");
}

int
sb_view_compare(const sb_view *a, const sb_view *b)
{
    uint32_t shorter = a->small.size < b->small.size ? a->small.size : b->small.size;
    int order = memcmp(sb_view_data(a), sb_view_data(b), shorter);
    return order ? order : (a->small.size > b->small.size) - (a->small.size < b->small.size);
}

static bool
same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
same_class(const sb_type *a, const sb_type *b)
{
    return same_name(a->class_name, b->class_name);
}

static bool
same_shape(const sb_type *a, const sb_type *b)
{
    return a->id == b->id && a->precision == b->precision && a->scale == b->scale &&
           a->length == b->length && a->count_children == b->count_children && same_class(a, b);
}

bool
sb_type_equal(const sb_type *a, const sb_type *b)
{
    if (!same_shape(a, b) || a->nullable != b->nullable) {
        return false;
    }
    for (int32_t i = 0; i < a->count_children; i++) {
        /* Only fields of a ROW have names that mean something. */
        if ((a->id == SB_TYPE_ROW && !same_name(a->children[i].name, b->children[i].name)) ||
            !sb_type_equal(&a->children[i].type, &b->children[i].type)) {
            return false;
        }
    }
    return true;
}

bool
sb_type_same_ignoring_null(const sb_type *a, const sb_type *b)
{
    if (!same_shape(a, b)) {
        return false;
    }
    for (int32_t i = 0; i < a->count_children; i++) {
        if (!sb_type_same_ignoring_null(&a->children[i].type, &b->children[i].type)) {
            return false;
        }
    }
    return true;
}

static void
print_length(const char *name, const char *unlimited, int32_t length, sb_text *out)
{
    if (length == SB_LENGTH_MAX && unlimited) {
        sb_text_add(out, unlimited);
    } else {
        sb_text_printf(out, "%s(%d)", name, length);
    }
}

static void
print_children(const sb_type *type, const char *name, sb_text *out)
{
    if (type->class_name) {
        sb_text_printf(out, "STRUCTURED<'%s', ", type->class_name);
    } else {
        sb_text_printf(out, "%s<", name);
    }
    for (int32_t i = 0; i < type->count_children; i++) {
        if (i > 0) {
            sb_text_add(out, ", ");
        }
        if (type->id == SB_TYPE_ROW) {
            sb_text_char(out, '`');
            for (const char *c = type->children[i].name; c && *c; c++) {
                sb_text_append(out, "``", *c == '`' ? 2 : 0);
                if (*c != '`') {
                    sb_text_char(out, *c);
                }
            }
            sb_text_add(out, "` ");
        }
        sb_type_print(&type->children[i].type, out);
    }
    sb_text_char(out, '>');
}

void
sb_type_print(const sb_type *type, sb_text *out)
{
    switch ((sb_type_id)type->id) {
    case SB_TYPE_NULL: sb_text_add(out, "NULL"); break;
    case SB_TYPE_BOOLEAN: sb_text_add(out, "BOOLEAN"); break;
    case SB_TYPE_TINYINT: sb_text_add(out, "TINYINT"); break;
    case SB_TYPE_SMALLINT: sb_text_add(out, "SMALLINT"); break;
    case SB_TYPE_INT: sb_text_add(out, "INT"); break;
    case SB_TYPE_BIGINT: sb_text_add(out, "BIGINT"); break;
    case SB_TYPE_FLOAT: sb_text_add(out, "FLOAT"); break;
    case SB_TYPE_DOUBLE: sb_text_add(out, "DOUBLE"); break;
    case SB_TYPE_DECIMAL:
        sb_text_printf(out, "DECIMAL(%d, %d)", type->precision, type->scale);
        break;
    case SB_TYPE_CHAR: print_length("CHAR", NULL, type->length, out); break;
    case SB_TYPE_VARCHAR: print_length("VARCHAR", "STRING", type->length, out); break;
    case SB_TYPE_BINARY: print_length("BINARY", NULL, type->length, out); break;
    case SB_TYPE_VARBINARY: print_length("VARBINARY", "BYTES", type->length, out); break;
    case SB_TYPE_DATE: sb_text_add(out, "DATE"); break;
    case SB_TYPE_TIME: sb_text_printf(out, "TIME(%d)", type->precision); break;
    case SB_TYPE_TIMESTAMP: sb_text_printf(out, "TIMESTAMP(%d)", type->precision); break;
    case SB_TYPE_TIMESTAMP_LTZ: sb_text_printf(out, "TIMESTAMP_LTZ(%d)", type->precision); break;
    case SB_TYPE_INTERVAL_MONTH: sb_text_add(out, "INTERVAL MONTH"); break;
    case SB_TYPE_INTERVAL_DAY: sb_text_add(out, "INTERVAL SECOND(3)"); break;
    case SB_TYPE_ARRAY: print_children(type, "ARRAY", out); break;
    case SB_TYPE_MAP: print_children(type, "MAP", out); break;
    case SB_TYPE_MULTISET: print_children(type, "MULTISET", out); break;
    case SB_TYPE_ROW: print_children(type, "ROW", out); break;
    case SB_TYPE_VARIANT: sb_text_add(out, "VARIANT"); break;
    case SB_TYPE_BITMAP: sb_text_add(out, "BITMAP"); break;
    case SB_TYPE_ID_COUNT: sb_assert(!"type id");
    }
    if (!type->nullable && type->id != SB_TYPE_NULL) {
        sb_text_add(out, " NOT NULL");
    }
}

static sb_status
copy_fields(sb_arena *arena, const sb_field *fields, int32_t count, const sb_field **out,
            sb_error *err)
{
    sb_field *copy = SB_NEW_ARRAY(arena, sb_field, count);
    if (!copy) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        copy[i].column_id = fields[i].column_id;
        if (fields[i].name && !(copy[i].name = sb_arena_strdup(arena, fields[i].name))) {
            SB_NOMEM(err);
        }
        SB_TRY(sb_type_copy(arena, &fields[i].type, &copy[i].type, err), err);
    }
    *out = copy;
    return SB_OK;
}

sb_status
sb_type_copy(sb_arena *arena, const sb_type *type, sb_type *out, sb_error *err)
{
    sb_type copy = *type;
    copy.children = NULL;
    if (type->class_name && !(copy.class_name = sb_arena_strdup(arena, type->class_name))) {
        SB_NOMEM(err);
    }
    if (type->count_children > 0) {
        SB_TRY(copy_fields(arena, type->children, type->count_children, &copy.children, err), err);
    }
    *out = copy;
    return SB_OK;
}

sb_status
sb_schema_copy(sb_arena *arena, const sb_schema *schema, sb_schema **out, sb_error *err)
{
    sb_schema *copy = SB_NEW(arena, sb_schema);
    if (!copy) {
        SB_NOMEM(err);
    }
    copy->count = schema->count;
    SB_TRY(copy_fields(arena, schema->fields, schema->count, &copy->fields, err), err);
    *out = copy;
    return SB_OK;
}

bool
sb_schema_equal(const sb_schema *a, const sb_schema *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (int32_t i = 0; i < a->count; i++) {
        if (!same_name(a->fields[i].name, b->fields[i].name) ||
            !sb_type_equal(&a->fields[i].type, &b->fields[i].type)) {
            return false;
        }
    }
    return true;
}

int32_t
sb_schema_find(const sb_schema *schema, sb_str name)
{
    for (int32_t i = 0; i < schema->count; i++) {
        if (sb_str_equal(sb_str_of(schema->fields[i].name), name)) {
            return i;
        }
    }
    return -1;
}
