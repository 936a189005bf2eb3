/*
 * formats/json.c -- the formats json and changelog-json: options, facts, makers.
 *
 * DESIGN     changelog-json is json in an envelope: {"op":"+I","data":{...}}. Its options are those
 *            of json plus changelog-mode (the kinds of rows a table has) and delete-by-key.
 */
#include <string.h>

#include "formats/json_options.h"

static const sb_format_option json_options[] = {SB_JSON_OPTIONS, {NULL, NULL, NULL, NULL}};

static const sb_format_option changelog_options[] = {
    SB_JSON_OPTIONS,
    {"changelog-mode", "string", NULL,
     "kinds of rows the table has: I, UB, UA, D separated by commas"},
    {"delete-by-key", "bool", "false", "-D rows carry the primary key only"},
    {NULL, NULL, NULL, NULL},
};

static const sb_json_wrap changelog_wrap = {
    .before = {"{\"op\":\"+I\",\"data\":", "{\"op\":\"-U\",\"data\":", "{\"op\":\"+U\",\"data\":",
               "{\"op\":\"-D\",\"data\":"},
    .behind = {"}", "}", "}", "}"},
};

/* JSON keys are strings: maps must have character keys, and multisets character elements. */
static sb_status
check_type(const char *column, const sb_type *type, sb_error *err)
{
    if (type->id == SB_TYPE_MAP && !sb_type_is_string(&type->children[0].type)) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "column '%s': JSON has no map keys other than strings",
                column);
    }
    if (type->class_name) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "column '%s': there is no form for a structured type; CAST it to ROW<...>", column);
    }
    if (sb_type_is_opaque(type)) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "column '%s': JSON has no form for %s", column,
                type->id == SB_TYPE_VARIANT ? "a VARIANT; write JSON_STRING(x)"
                                            : "a BITMAP; write BITMAP_TO_BYTES(x)");
    }
    if (type->id == SB_TYPE_MULTISET && !sb_type_is_string(&type->children[0].type)) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "column '%s': JSON writes a MULTISET as a map of its values, which must be strings",
                column);
    }
    for (int32_t i = 0; i < type->count_children; i++) {
        SB_TRY(check_type(column, &type->children[i].type, err), err);
    }
    return SB_OK;
}

static sb_status
read_modes(const sb_format_table *table, sb_json_options *out, sb_error *err)
{
    static const char *const names[] = {"I", "UB", "UA", "D"}; /* in the order of sb_row_op */
    const char *at = sb_format_get(table, "changelog-mode", NULL);
    while (at) {
        const char *comma = strchr(at, ',');
        size_t size = comma ? (size_t)(comma - at) : strlen(at);
        while (size && *at == ' ') {
            at++;
            size--;
        }
        while (size && at[size - 1] == ' ') {
            size--;
        }
        int op = 0;
        while (op < 4 && !sb_str_equal((sb_str){at, size}, sb_str_of(names[op]))) {
            op++;
        }
        if (op == 4) {
            return sb_format_bad_option(table, "changelog-mode",
                                        "expected I, UB, UA, D separated by commas", err);
        }
        out->modes |= (uint8_t)(1u << op);
        at = comma ? comma + 1 : NULL;
    }
    return SB_OK;
}

static sb_status
read_null_key(const sb_format_table *table, sb_json_options *out, sb_error *err)
{
    sb_str mode = sb_str_of(sb_format_get(table, "map-null-key.mode", "FAIL"));
    if (sb_str_equal_nocase(mode, SB_STR("FAIL"))) {
        out->null_key = SB_JSON_NULL_KEY_FAIL;
    } else if (sb_str_equal_nocase(mode, SB_STR("DROP"))) {
        out->null_key = SB_JSON_NULL_KEY_DROP;
    } else if (sb_str_equal_nocase(mode, SB_STR("LITERAL"))) {
        out->null_key = SB_JSON_NULL_KEY_LITERAL;
    } else {
        return sb_format_bad_option(table, "map-null-key.mode", "expected FAIL, DROP or LITERAL",
                                    err);
    }
    out->null_key_literal = sb_format_get(table, "map-null-key.literal", "null");
    return SB_OK;
}

sb_status
sb_json_options_read(const sb_format_table *table, bool envelope, sb_json_options *out,
                     sb_error *err)
{
    *out = (sb_json_options){.envelope = envelope};
    bool unused;
    SB_TRY(sb_format_bool(table, "fail-on-missing-field", false, &out->fail_on_missing_field, err),
           err);
    SB_TRY(sb_format_bool(table, "ignore-parse-errors", false, &out->ignore_parse_errors, err),
           err);
    SB_TRY(sb_format_bool(table, "strict-types", false, &out->strict, err), err);
    SB_TRY(sb_format_bool(table, "encode.decimal-as-plain-number", envelope, &out->plain_decimals,
                          err),
           err);
    SB_TRY(sb_format_bool(table, "encode.ignore-null-fields", false, &out->ignore_null_fields, err),
           err);
    SB_TRY(sb_format_bool(table, "decode.json-parser.enabled", true, &unused, err), err);
    if (out->fail_on_missing_field && out->ignore_parse_errors) {
        return sb_format_bad_option(table, "fail-on-missing-field",
                                    "cannot be true together with ignore-parse-errors", err);
    }
    sb_str standard = sb_str_of(sb_format_get(table, "timestamp-format.standard", "SQL"));
    out->iso = sb_str_equal(standard, SB_STR("ISO-8601"));
    if (!out->iso && !sb_str_equal(standard, SB_STR("SQL"))) {
        return sb_format_bad_option(table, "timestamp-format.standard", "expected SQL or ISO-8601",
                                    err);
    }
    SB_TRY(read_null_key(table, out, err), err);
    if (envelope) {
        SB_TRY(read_modes(table, out, err), err);
        SB_TRY(sb_format_bool(table, "delete-by-key", false, &out->delete_by_key, err), err);
    }
    for (int32_t i = 0; i < table->columns->count; i++) {
        SB_TRY(check_type(table->columns->fields[i].name, &table->columns->fields[i].type, err),
               err);
    }
    return SB_OK;
}

static bool
has_multiset(const sb_type *type)
{
    bool has = type->id == SB_TYPE_MULTISET;
    for (int32_t i = 0; i < type->count_children && !has; i++) {
        has = has_multiset(&type->children[i].type);
    }
    return has;
}

sb_status
sb_json_check_source(const sb_format_table *table, bool source, sb_error *err)
{
    for (int32_t i = 0; source && i < table->columns->count; i++) {
        if (has_multiset(&table->columns->fields[i].type)) {
            SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                    "not supported: reading a MULTISET from JSON "
                    "(column '%s')",
                    table->columns->fields[i].name);
        }
    }
    return SB_OK;
}

static sb_status
json_check(const sb_format_table *table, bool source, sb_format_facts *out, sb_error *err)
{
    sb_json_options options;
    SB_TRY(sb_json_options_read(table, false, &options, err), err);
    SB_TRY(sb_json_check_source(table, source, err), err);
    *out = (sb_format_facts){.row_ops = 1u << SB_ROW_INSERT};
    return SB_OK;
}

static sb_status
changelog_check(const sb_format_table *table, bool source, sb_format_facts *out, sb_error *err)
{
    sb_json_options options;
    SB_TRY(sb_json_options_read(table, true, &options, err), err);
    SB_TRY(sb_json_check_source(table, source, err), err);
    const uint8_t all = 15, upserts = 15 & ~(1u << SB_ROW_UPDATE_BEFORE);
    uint8_t otherwise = !source && table->count_key > 0 ? upserts : all;
    *out = (sb_format_facts){.row_ops = options.modes ? options.modes : otherwise,
                             .delete_by_key = options.delete_by_key};
    out->upsert = !source && table->count_key > 0 && out->row_ops == upserts;
    return SB_OK;
}

static sb_status
json_decoder(sb_mem *mem, const sb_format_table *table, const int32_t *project, int32_t count,
             sb_decoder **out, sb_error *err)
{
    sb_json_options options;
    SB_TRY(sb_json_options_read(table, false, &options, err), err);
    return sb_json_decoder_new(mem, table, &options, project, count, out, err);
}

static sb_status
changelog_decoder(sb_mem *mem, const sb_format_table *table, const int32_t *project, int32_t count,
                  sb_decoder **out, sb_error *err)
{
    sb_json_options options;
    SB_TRY(sb_json_options_read(table, true, &options, err), err);
    return sb_json_decoder_new(mem, table, &options, project, count, out, err);
}

static sb_status
json_encoder(sb_mem *mem, const sb_format_table *table, sb_encoder **out, sb_error *err)
{
    sb_json_options options;
    SB_TRY(sb_json_options_read(table, false, &options, err), err);
    return sb_json_encoder_new(mem, table, &options, out, err);
}

static sb_status
changelog_encoder(sb_mem *mem, const sb_format_table *table, sb_encoder **out, sb_error *err)
{
    sb_json_options options;
    SB_TRY(sb_json_options_read(table, true, &options, err), err);
    options.wrap = &changelog_wrap;
    return sb_json_encoder_new(mem, table, &options, out, err);
}

const sb_format sb_format_json = {
    .name = "json",
    .options = json_options,
    .check = json_check,
    .decoder = json_decoder,
    .encoder = json_encoder,
};

const sb_format sb_format_changelog_json = {
    .name = "changelog-json",
    .options = changelog_options,
    .check = changelog_check,
    .decoder = changelog_decoder,
    .encoder = changelog_encoder,
};
