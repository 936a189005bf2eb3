/*
 * sql/bind_values.c -- VALUES, and SELECT without FROM.
 *
 * DESIGN     Rows become a bounded source with connector 'values': option 'rows' holds one JSON
 *            object a line. What JSON has a form for travels as itself, dates, times and decimals
 *            as text that a CAST above turns back. Rows with something that is not constant
 *            (NOW(), RAND()) are a UNION ALL of projections over one row.
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "sql/bind.h"

/* ---- the source ---- */

static sb_status
values_source(sb_binder *b, const char *rows, sb_field *fields, int32_t count, int32_t begin,
              int32_t end, sb_rel **out)
{
    sb_rel_table *table = SB_NEW(b->rel.arena, sb_rel_table);
    sb_catalog_table *catalog = SB_NEW(b->rel.arena, sb_catalog_table);
    sb_schema *schema = SB_NEW(b->rel.arena, sb_schema);
    sb_rel *rel;

    SB_TRY(sb_rel_new(&b->rel, SB_REL_SCAN, NULL, 0, &rel), b->rel.err);
    if (table == NULL || catalog == NULL || schema == NULL) {
        SB_NOMEM(b->rel.err);
    }
    *schema = (sb_schema){.count = count, .fields = fields};
    catalog->name = "values";
    catalog->watermark_column = -1;
    catalog->count_columns = count;
    catalog->columns = SB_NEW_ARRAY(b->rel.arena, sb_catalog_column, count + 1);
    table->desc = (sb_table_desc){.name = "values", .connector = "values", .columns = schema};
    table->desc.options.at = SB_NEW_ARRAY(b->rel.arena, sb_option, 2);
    table->used = SB_NEW_ARRAY(b->rel.arena, uint8_t, count + 1);
    rel->time = SB_NEW_ARRAY(b->rel.arena, uint8_t, count + 1);
    rel->props = SB_NEW_ARRAY(b->rel.arena, uint8_t, count + 1);
    if (catalog->columns == NULL || table->desc.options.at == NULL || table->used == NULL ||
        rel->time == NULL || rel->props == NULL) {
        SB_NOMEM(b->rel.err);
    }
    table->desc.options.count = 2;
    table->desc.options.at[0] = (sb_option){.key = "connector", .value = "values", .position = -1};
    table->desc.options.at[1] = (sb_option){.key = "rows", .value = rows, .position = -1};
    for (int32_t i = 0; i < count; i++) {
        catalog->columns[i] = (sb_catalog_column){.name = fields[i].name, .type = fields[i].type};
    }
    table->catalog = catalog;
    table->is_values = true;
    table->source =
        (sb_source_info){.row_ops = SB_ROWS_INSERT, .bounded = true, .supports_projection = true};
    table->key = sb_arena_printf(b->rel.arena, "values %d\n%s", b->rel.count_tables, rows);
    table->begin = begin;
    table->end = end;
    if (table->key == NULL) {
        SB_NOMEM(b->rel.err);
    }
    table->next = b->rel.tables;
    b->rel.tables = table;
    b->rel.count_tables++;
    rel->schema = *schema;
    rel->table = table;
    rel->begin = begin;
    rel->end = end;
    *out = rel;
    return SB_OK;
}

sb_status
sb_bind_one_row(sb_binder *b, sb_rel **out)
{
    sb_field *field = SB_NEW(b->rel.arena, sb_field);

    if (field == NULL) {
        SB_NOMEM(b->rel.err);
    }
    *field = (sb_field){.name = "ZERO", .type = SB_TYPE(INT, false)};
    return values_source(b, "{\"ZERO\":0}", field, 1, -1, -1, out);
}

/* ---- literals as JSON ---- */

static void
json_string(sb_text *out, const char *data, size_t size)
{
    sb_text_char(out, '"');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];

        if (c == '"' || c == '\\') {
            sb_text_printf(out, "\\%c", c);
        } else if (c < 0x20) {
            sb_text_printf(out, "\\u%04x", c);
        } else {
            sb_text_char(out, (char)c);
        }
    }
    sb_text_char(out, '"');
}

static void
json_decimal(sb_text *out, const sb_expr *expr)
{
    sb_int128 value =
        sb_type_phys(&expr->type) == SB_PHYS_I128 ? expr->value.i128 : (sb_int128)expr->value.i64;
    unsigned __int128 rest = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    char digits[64];
    int count = 0;

    for (; rest > 0 || count <= expr->type.scale; count++) {
        digits[count] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    sb_text_add(out, value < 0 ? "\"-" : "\"");
    while (count > 0) {
        count--;
        sb_text_char(out, digits[count]);
        if (count == expr->type.scale && count > 0) {
            sb_text_char(out, '.');
        }
    }
    sb_text_char(out, '"');
}

static void
json_civil(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097, yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

static void
json_timestamp(sb_text *out, int64_t micros, int32_t nanos, int precision)
{
    int64_t days = micros / 86400000000, year;
    int64_t of_day = micros % 86400000000, seconds;
    int month, day;
    char fraction[16];

    if (of_day < 0) {
        of_day += 86400000000;
        days--;
    }
    seconds = of_day / 1000000;
    json_civil(days, &year, &month, &day);
    sb_text_printf(out, "\"%04lld-%02d-%02d %02d:%02d:%02d", (long long)year, month, day,
                   (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
    if (precision > 0) {
        snprintf(fraction, sizeof(fraction), "%06d%03d", (int)(of_day % 1000000), nanos % 1000);
        sb_text_printf(out, ".%.*s", precision, fraction);
    }
    sb_text_char(out, '"');
}

/* How a column of values travels. */
typedef enum values_form { VALUES_PLAIN, VALUES_TEXT, VALUES_NONE } values_form;

static values_form
values_form_of(const sb_type *type)
{
    switch (type->id) {
    case SB_TYPE_BOOLEAN:
    case SB_TYPE_TINYINT:
    case SB_TYPE_SMALLINT:
    case SB_TYPE_INT:
    case SB_TYPE_BIGINT:
    case SB_TYPE_VARCHAR: return VALUES_PLAIN;
    case SB_TYPE_CHAR:
    case SB_TYPE_DECIMAL:
    case SB_TYPE_DOUBLE:
    case SB_TYPE_DATE:
    case SB_TYPE_TIME:
    case SB_TYPE_TIMESTAMP: return VALUES_TEXT;
    default: return VALUES_NONE;
    }
}

static void
json_literal(sb_text *out, const sb_expr *expr)
{
    int64_t value = expr->value.i64, year;
    int month, day;

    if (expr->is_null) {
        sb_text_add(out, "null");
        return;
    }
    switch (expr->type.id) {
    case SB_TYPE_BOOLEAN: sb_text_add(out, value != 0 ? "true" : "false"); break;
    case SB_TYPE_TINYINT:
    case SB_TYPE_SMALLINT:
    case SB_TYPE_INT:
    case SB_TYPE_BIGINT: sb_text_printf(out, "%lld", (long long)value); break;
    case SB_TYPE_CHAR:
    case SB_TYPE_VARCHAR:
        json_string(out, sb_view_data(&expr->value.view), sb_view_size(&expr->value.view));
        break;
    case SB_TYPE_DECIMAL: json_decimal(out, expr); break;
    case SB_TYPE_DOUBLE: sb_text_printf(out, "\"%.17g\"", expr->value.f64); break;
    case SB_TYPE_DATE:
        json_civil(value, &year, &month, &day);
        sb_text_printf(out, "\"%04lld-%02d-%02d\"", (long long)year, month, day);
        break;
    case SB_TYPE_TIME:
        sb_text_printf(out, "\"%02d:%02d:%02d.%03d\"", (int)(value / 3600000),
                       (int)(value / 60000 % 60), (int)(value / 1000 % 60), (int)(value % 1000));
        break;
    default:
        if (sb_type_phys(&expr->type) == SB_PHYS_TSNS) {
            json_timestamp(out, expr->value.tsns.us, expr->value.tsns.ns, expr->type.precision);
        } else {
            json_timestamp(out, value, 0, expr->type.precision);
        }
        break;
    }
}

/* ---- VALUES ---- */

typedef struct values_table {
    int32_t rows, columns;
    sb_expr **cells; /* rows * columns, all of the common types */
    const char **names;
    sb_type *types;
    bool constant; /* all cells are literals of types that travel */
} values_table;

static sb_status
values_bind(sb_binder *b, const sb_ast_query *query, values_table *v)
{
    sb_scope scope = {.no_aggs = "VALUES"};
    const sb_type **types = SB_NEW_ARRAY(b->rel.arena, const sb_type *, v->rows + 1);
    sb_status failed = SB_OK;

    if (types == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < v->rows * v->columns; i++) {
        const sb_ast_expr *ast = query->rows[i / v->columns][i % v->columns];

        SB_KEEP(b, sb_bind_expr(b, &scope, ast, &v->cells[i]), ast, &failed);
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
    for (int32_t c = 0; c < v->columns; c++) {
        for (int32_t r = 0; r < v->rows; r++) {
            types[r] = &v->cells[r * v->columns + c]->type;
        }
        v->names[c] = sb_arena_printf(b->rel.arena, "EXPR$%d", c);
        if (v->names[c] == NULL) {
            SB_NOMEM(b->rel.err);
        }
        if (sb_type_common(b->rel.arena, types, v->rows, &v->types[c], b->rel.err) != SB_OK) {
            sb_error_prefix(b->rel.err, "column %d of VALUES", c + 1);
            return sb_sql_error_place(b->rel.err, SB_SQL_TYPE, query->rows[v->rows - 1][c]->begin,
                                      query->rows[v->rows - 1][c]->end);
        }
        v->constant &= values_form_of(&v->types[c]) != VALUES_NONE;
        for (int32_t r = 0; r < v->rows; r++) {
            sb_expr **cell = &v->cells[r * v->columns + c];
            sb_type type = v->types[c];

            type.nullable = (*cell)->type.nullable;
            SB_TRY(sb_expr_coerce(b->rel.arena, *cell, &type, cell, b->rel.err), b->rel.err);
            SB_TRY(sb_expr_fold(b->rel.arena, *cell, b->rel.zone, cell, b->rel.err), b->rel.err);
            v->constant &= (*cell)->kind == SB_EXPR_LITERAL && (*cell)->type.id == v->types[c].id;
        }
    }
    return SB_OK;
}

static sb_status
values_json(sb_binder *b, const values_table *v, const char **out)
{
    sb_text text;

    sb_text_init(&text, sb_mem_root());
    for (int32_t r = 0; r < v->rows; r++) {
        sb_text_add(&text, r > 0 ? "\n{" : "{");
        for (int32_t c = 0; c < v->columns; c++) {
            sb_text_add(&text, c > 0 ? "," : "");
            json_string(&text, v->names[c], strlen(v->names[c]));
            sb_text_char(&text, ':');
            json_literal(&text, v->cells[r * v->columns + c]);
        }
        sb_text_char(&text, '}');
    }
    *out = sb_text_failed(&text) ? NULL : sb_arena_strdup(b->rel.arena, text.data);
    sb_text_deinit(&text);
    if (*out == NULL) {
        SB_NOMEM(b->rel.err);
    }
    return SB_OK;
}

static sb_status
values_constant(sb_binder *b, const sb_ast_query *query, const values_table *v, sb_rel **out)
{
    sb_field *fields = SB_NEW_ARRAY(b->rel.arena, sb_field, v->columns);
    sb_expr **exprs = SB_NEW_ARRAY(b->rel.arena, sb_expr *, v->columns);
    const char *rows;
    sb_rel *source;

    if (fields == NULL || exprs == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t c = 0; c < v->columns; c++) {
        sb_type type = v->types[c];

        if (values_form_of(&type) == VALUES_TEXT) {
            type = sb_type_string(v->types[c].nullable);
        }
        fields[c] = (sb_field){.name = v->names[c], .type = type};
        exprs[c] = sb_expr_column(b->rel.arena, c, &type);
        if (exprs[c] == NULL) {
            SB_NOMEM(b->rel.err);
        }
        if (!sb_type_equal(&type, &v->types[c])) {
            SB_TRY(sb_expr_cast(b->rel.arena, exprs[c], &v->types[c], false, &exprs[c], b->rel.err),
                   b->rel.err);
        }
    }
    SB_TRY(values_json(b, v, &rows), b->rel.err);
    SB_TRY(values_source(b, rows, fields, v->columns, query->begin, query->end, &source),
           b->rel.err);
    return sb_rel_calc(&b->rel, source, NULL, exprs, v->names, v->columns, out);
}

sb_status
sb_bind_values(sb_binder *b, const sb_ast_query *query, sb_rel **out)
{
    values_table v = {.rows = query->count_rows, .columns = query->count_columns, .constant = true};
    int64_t cells = (int64_t)v.rows * v.columns;
    sb_rel **inputs;

    if (cells > 1000000 || v.columns > SB_REL_COLUMNS_MAX) {
        return sb_sql_error(b->rel.err, SB_SQL_TOO_DEEP, query->begin, query->end,
                            "more than a million values");
    }
    v.cells = SB_NEW_ARRAY(b->rel.arena, sb_expr *, cells);
    v.names = SB_NEW_ARRAY(b->rel.arena, const char *, v.columns);
    v.types = SB_NEW_ARRAY(b->rel.arena, sb_type, v.columns);
    if (v.cells == NULL || v.names == NULL || v.types == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_TRY(values_bind(b, query, &v), b->rel.err);
    if (v.constant) {
        return values_constant(b, query, &v, out);
    }
    inputs = SB_NEW_ARRAY(b->rel.arena, sb_rel *, v.rows);
    if (inputs == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t r = 0; r < v.rows; r++) {
        SB_TRY(sb_bind_one_row(b, &inputs[r]), b->rel.err);
        SB_TRY(sb_rel_calc(&b->rel, inputs[r], NULL, &v.cells[r * v.columns], v.names, v.columns,
                           &inputs[r]),
               b->rel.err);
    }
    if (v.rows == 1) {
        *out = inputs[0];
        return SB_OK;
    }
    SB_TRY(sb_rel_new(&b->rel, SB_REL_UNION, inputs, v.rows, out), b->rel.err);
    return sb_rel_derive(&b->rel, *out);
}
