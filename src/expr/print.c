/*
 * expr/print.c -- expressions as SQL, for EXPLAIN and messages.
 */
#include "expr/cast.h"
#include "expr/function.h"
#include "kernels/time.h"
#include "kernels/variant.h"

#include <string.h>

static void
print_quoted(sb_text *out, sb_str s)
{
    sb_text_char(out, '\'');
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] == '\'') {
            sb_text_char(out, '\'');
        }
        sb_text_char(out, s.data[i]);
    }
    sb_text_char(out, '\'');
}

/* Points at the physical value of a literal that is not NULL. */
static const void *
physical(const sb_expr *e, void *room)
{
    switch (sb_type_phys(&e->type)) {
    case SB_PHYS_BOOL: *(uint8_t *)room = e->value.i64 != 0; return room;
    case SB_PHYS_I8: *(int8_t *)room = (int8_t)e->value.i64; return room;
    case SB_PHYS_I16: *(int16_t *)room = (int16_t)e->value.i64; return room;
    case SB_PHYS_I32: *(int32_t *)room = (int32_t)e->value.i64; return room;
    case SB_PHYS_F32: *(float *)room = (float)e->value.f64; return room;
    default: return &e->value;
    }
}

static void
print_bytes(sb_text *out, sb_str s)
{
    sb_text_add(out, "X'");
    for (size_t i = 0; i < s.size; i++) {
        sb_text_printf(out, "%02X", (unsigned char)s.data[i]);
    }
    sb_text_char(out, '\'');
}

/* As the call that makes it. */
static void
print_opaque(const sb_expr *e, sb_text *out)
{
    sb_str bytes = sb_arg_str(&e->value.view);
    sb_text json;
    if (e->type.id == SB_TYPE_BITMAP) {
        sb_text_add(out, "BITMAP_FROM_BYTES(");
        print_bytes(out, bytes);
        sb_text_char(out, ')');
        return;
    }
    sb_text_init(&json, out->mem);
    sb_variant_write_json(bytes, &json);
    sb_text_add(out, "PARSE_JSON(");
    print_quoted(out, (sb_str){json.data, json.size});
    sb_text_char(out, ')');
    sb_text_deinit(&json);
}

static void
print_literal(const sb_expr *e, sb_text *out)
{
    static const char *const prefix[SB_TYPE_ID_COUNT] = {[SB_TYPE_DATE] = "DATE ",
                                                         [SB_TYPE_TIME] = "TIME ",
                                                         [SB_TYPE_TIMESTAMP] = "TIMESTAMP ",
                                                         [SB_TYPE_TIMESTAMP_LTZ] = "TIMESTAMP_LTZ ",
                                                         [SB_TYPE_INTERVAL_MONTH] = "INTERVAL ",
                                                         [SB_TYPE_INTERVAL_DAY] = "INTERVAL "};
    char buffer[64];
    sb_int128 room = 0;
    const sb_zone *utc = NULL;
    if (e->is_null) {
        sb_text_add(out, "NULL");
        return;
    }
    if (sb_type_is_string(&e->type)) {
        print_quoted(out, sb_arg_str(&e->value.view));
        return;
    }
    if (sb_type_is_binary(&e->type)) {
        print_bytes(out, sb_arg_str(&e->value.view));
        return;
    }
    if (sb_type_is_opaque(&e->type)) {
        print_opaque(e, out);
        return;
    }
    sb_type type = e->type;
    if (type.id == SB_TYPE_TIMESTAMP_LTZ) { /* an instant: shown in UTC */
        type.id = SB_TYPE_TIMESTAMP;
    }
    size_t size = sb_value_text(&type, physical(e, &room), utc, buffer);
    if (prefix[e->type.id]) {
        sb_text_add(out, prefix[e->type.id]);
        print_quoted(out, (sb_str){buffer, size});
    } else {
        sb_text_append(out, buffer, size);
    }
}

static void print_expr(const sb_expr *e, const sb_schema *schema, bool nested, sb_text *out);

static void
print_list(const sb_expr *e, int32_t from, const sb_schema *schema, sb_text *out)
{
    sb_text_char(out, '(');
    for (int32_t i = from; i < e->count_args; i++) {
        sb_text_add(out, i > from ? ", " : "");
        print_expr(e->args[i], schema, false, out);
    }
    sb_text_char(out, ')');
}

static void
print_case(const sb_expr *e, const sb_schema *schema, sb_text *out)
{
    sb_text_add(out, "CASE");
    for (int32_t i = 0; i + 1 < e->count_args; i += 2) {
        sb_text_add(out, " WHEN ");
        print_expr(e->args[i], schema, false, out);
        sb_text_add(out, " THEN ");
        print_expr(e->args[i + 1], schema, false, out);
    }
    sb_text_add(out, " ELSE ");
    print_expr(e->args[e->count_args - 1], schema, false, out);
    sb_text_add(out, " END");
}

static void
print_cast(const sb_expr *e, const sb_schema *schema, sb_text *out)
{
    sb_type type = e->type;
    type.nullable = true; /* CAST names no nullability */
    sb_text_printf(out, "%s(", e->function->name);
    print_expr(e->args[0], schema, false, out);
    sb_text_add(out, " AS ");
    sb_type_print(&type, out);
    sb_text_char(out, ')');
}

static void
print_field(const sb_expr *e, const sb_schema *schema, sb_text *out)
{
    const sb_type *row = &e->args[0]->type;
    print_expr(e->args[0], schema, true, out);
    if (e->field < row->count_children && row->children[e->field].name) {
        sb_text_printf(out, ".%s", row->children[e->field].name);
    } else {
        sb_text_printf(out, ".$%d", e->field);
    }
}

static void
print_call(const sb_expr *e, const sb_schema *schema, bool nested, sb_text *out)
{
    const char *name = e->function->name;
    bool infix = (e->function->flags & SB_FN_INFIX) && e->count_args > 1;
    bool postfix = (e->function->flags & SB_FN_POSTFIX) && e->count_args == 1;
    if (!infix && !postfix && strcmp(name, "NOT") != 0 && strcmp(name, "IN") != 0) {
        sb_text_add(out, name);
        print_list(e, 0, schema, out);
        return;
    }
    sb_text_add(out, nested ? "(" : "");
    if (infix) {
        for (int32_t i = 0; i < e->count_args; i++) {
            if (i > 0) {
                sb_text_printf(out, " %s ", name);
            }
            print_expr(e->args[i], schema, true, out);
        }
    } else if (postfix) {
        print_expr(e->args[0], schema, true, out);
        sb_text_printf(out, " %s", name);
    } else if (name[0] == 'I') {
        print_expr(e->args[0], schema, true, out);
        sb_text_add(out, " IN ");
        print_list(e, 1, schema, out);
    } else {
        sb_text_add(out, "NOT ");
        print_expr(e->args[0], schema, true, out);
    }
    sb_text_add(out, nested ? ")" : "");
}

static void
print_expr(const sb_expr *e, const sb_schema *schema, bool nested, sb_text *out)
{
    if (e->kind == SB_EXPR_COLUMN) {
        if (schema && e->column < schema->count && schema->fields[e->column].name) {
            sb_text_add(out, schema->fields[e->column].name);
        } else {
            sb_text_printf(out, "$%d", e->column);
        }
    } else if (e->kind == SB_EXPR_LITERAL) {
        print_literal(e, out);
    } else if (strcmp(e->function->name, "CASE") == 0) {
        print_case(e, schema, out);
    } else if (strcmp(e->function->name, "CAST") == 0 ||
               strcmp(e->function->name, "TRY_CAST") == 0) {
        print_cast(e, schema, out);
    } else if (strcmp(e->function->name, "FIELD") == 0) {
        print_field(e, schema, out);
    } else {
        print_call(e, schema, nested, out);
    }
}

void
sb_expr_print(const sb_expr *expr, const sb_schema *schema, sb_text *out)
{
    print_expr(expr, schema, false, out);
}
