/*
 * formats/csv.c -- the format csv: options and facts.
 */
#include <string.h>

#include "formats/csv_options.h"

static const sb_format_option csv_options[] = {
    {"field-delimiter", "char", ",", "between fields"},
    {"disable-quote-character", "bool", "false", "no character encloses values"},
    {"quote-character", "char", "\"", "encloses values; doubled inside"},
    {"allow-comments", "bool", "false", "lines that begin with # are skipped"},
    {"ignore-parse-errors", "bool", "false",
     "a field that cannot be read is NULL, a record is skipped"},
    {"array-element-delimiter", "string", ";", "between elements of ARRAY and fields of ROW"},
    {"escape-character", "char", NULL, "takes the meaning from the next character"},
    {"null-literal", "string", NULL, "text that stands for NULL"},
    {"write-bigdecimal-in-scientific-notation", "bool", "true", "write 1E-7, not 0.0000001"},
    {"trim-spaces", "bool", "false", "remove blanks around values without quotes"},
    {"ignore-trailing-unmappable", "bool", "false", "more fields than columns are no error"},
    {"fail-on-missing-columns", "bool", "false",
     "with ignore-parse-errors: fewer fields than columns skip the record"},
    {"header", "enum:none|skip|match", "none",
     "the first record of a file is no row; match: it must hold the names of the columns"},
    {"strict-types", "bool", "false",
     "a value that its type would change (x for BOOLEAN, too many digits) cannot be read"},
    {"empty-string-as-null", "bool", "false", "an empty value is NULL"},
    {NULL, NULL, NULL, NULL},
};

/* Flink: scalars; arrays and rows of scalars. */
static sb_status
check_type(const sb_field *column, const sb_type *type, int depth, sb_error *err)
{
    if (type->id == SB_TYPE_MAP || type->id == SB_TYPE_MULTISET) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "column '%s': csv has no maps", column->name);
    }
    if (type->class_name) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "column '%s': there is no form for a structured type; CAST it to ROW<...>",
                column->name);
    }
    if (sb_type_is_opaque(type)) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "column '%s': csv has no form for %s", column->name,
                type->id == SB_TYPE_VARIANT ? "a VARIANT; write JSON_STRING(x)"
                                            : "a BITMAP; write BITMAP_TO_BYTES(x)");
    }
    if (type->count_children > 0 && depth > 0) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "column '%s': csv has no nested types within ARRAY and ROW", column->name);
    }
    if (type->id == SB_TYPE_TIME && type->precision > 3) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "column '%s': csv reads TIME with a precision of 3 at most", column->name);
    }
    for (int32_t i = 0; i < type->count_children; i++) {
        SB_TRY(check_type(column, &type->children[i].type, depth + 1, err), err);
    }
    return SB_OK;
}

static sb_status
read_bools(const sb_format_table *table, sb_csv_options *out, sb_error *err)
{
    const struct {
        const char *key;
        bool *out;
        bool otherwise;
    } all[] = {
        {"allow-comments", &out->allow_comments, false},
        {"ignore-parse-errors", &out->ignore_parse_errors, false},
        {"trim-spaces", &out->trim_spaces, false},
        {"ignore-trailing-unmappable", &out->ignore_trailing, false},
        {"strict-types", &out->strict, false},
        {"fail-on-missing-columns", &out->fail_on_missing, false},
        {"empty-string-as-null", &out->empty_is_null, false},
        {"write-bigdecimal-in-scientific-notation", &out->scientific, true},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        SB_TRY(sb_format_bool(table, all[i].key, all[i].otherwise, all[i].out, err), err);
    }
    return SB_OK;
}

sb_status
sb_csv_options_read(const sb_format_table *table, sb_csv_options *out, sb_error *err)
{
    bool no_quote;
    *out = (sb_csv_options){.null_literal = sb_format_get(table, "null-literal", NULL)};
    SB_TRY(read_bools(table, out, err), err);
    SB_TRY(sb_format_char(table, "field-delimiter", ',', &out->delimiter, err), err);
    SB_TRY(sb_format_char(table, "escape-character", 0, &out->escape, err), err);
    SB_TRY(sb_format_bool(table, "disable-quote-character", false, &no_quote, err), err);
    if (no_quote && sb_format_get(table, "quote-character", NULL)) {
        return sb_format_bad_option(table, "quote-character",
                                    "cannot be set together with disable-quote-character", err);
    }
    SB_TRY(sb_format_char(table, "quote-character", no_quote ? 0 : '"', &out->quote, err), err);
    if (out->quote == out->delimiter || (out->escape && out->escape == out->delimiter)) {
        return sb_format_bad_option(table, "field-delimiter",
                                    "is also the quote or escape character", err);
    }
    const char *header = sb_format_get(table, "header", "none");
    out->match_header = strcmp(header, "match") == 0;
    out->header = out->match_header || strcmp(header, "skip") == 0;
    if (!out->header && strcmp(header, "none") != 0) {
        return sb_format_bad_option(table, "header", "expected none, skip or match", err);
    }
    out->element_delimiter = sb_str_of(sb_format_get(table, "array-element-delimiter", ";"));
    if (out->element_delimiter.size == 0) {
        return sb_format_bad_option(table, "array-element-delimiter", "is empty", err);
    }
    for (int32_t i = 0; i < table->columns->count; i++) {
        SB_TRY(check_type(&table->columns->fields[i], &table->columns->fields[i].type, 0, err),
               err);
    }
    return SB_OK;
}

static sb_status
csv_check(const sb_format_table *table, bool source, sb_format_facts *out, sb_error *err)
{
    sb_csv_options options;
    (void)source;
    SB_TRY(sb_csv_options_read(table, &options, err), err);
    if (table->columns->count == 0) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "format 'csv' needs at least one physical column");
    }
    *out = (sb_format_facts){.row_ops = 1u << SB_ROW_INSERT};
    return SB_OK;
}

const sb_format sb_format_csv = {
    .name = "csv",
    .options = csv_options,
    .check = csv_check,
    .decoder = sb_csv_decoder_new,
    .encoder = sb_csv_encoder_new,
};
