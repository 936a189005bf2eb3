/*
 * formats/json_options.h -- the options of json and changelog-json, read once.
 */
#ifndef SB_FORMATS_JSON_OPTIONS_H
#define SB_FORMATS_JSON_OPTIONS_H

#include "formats/format.h"

/* For sb_format.options of formats that write rows as JSON objects. */
#define SB_JSON_OPTIONS                                                                           \
    {"fail-on-missing-field", "bool", "false", "a missing field is an error, not NULL"},          \
        {"ignore-parse-errors", "bool", "false",                                                  \
         "a field that cannot be read is NULL, a record is skipped"},                             \
        {"strict-types", "bool", "false",                                                         \
         "a value that its type would change (1.5 for BIGINT, \"x\" for BOOLEAN, too many "       \
         "digits) "                                                                               \
         "cannot be read"},                                                                       \
        {"timestamp-format.standard", "enum:SQL|ISO-8601", "SQL", "how timestamps are written"},  \
        {"map-null-key.mode", "enum:FAIL|DROP|LITERAL", "FAIL",                                   \
         "what to do with a NULL key of a map"},                                                  \
        {"map-null-key.literal", "string", "null", "the key written for NULL with mode LITERAL"}, \
        {"encode.decimal-as-plain-number", "bool", "false", "write 100.00, not 1E+2"},            \
        {"encode.ignore-null-fields", "bool", "false", "leave NULL fields out"},                  \
    {                                                                                             \
        "decode.json-parser.enabled", "bool", "true", "accepted; there is one parser"             \
    }

typedef enum sb_json_null_key {
    SB_JSON_NULL_KEY_FAIL,
    SB_JSON_NULL_KEY_DROP,
    SB_JSON_NULL_KEY_LITERAL
} sb_json_null_key;

/* What stands around a row that is written, by sb_row_op; with and without members that are NULL.
 */
typedef struct sb_json_wrap {
    const char *before[4], *behind[4];
} sb_json_wrap;

typedef struct sb_json_options {
    bool fail_on_missing_field;
    bool ignore_parse_errors;
    bool strict;             /* strict-types */
    bool iso;                /* timestamp-format.standard = ISO-8601 */
    bool plain_decimals;     /* encode.decimal-as-plain-number */
    bool ignore_null_fields; /* encode.ignore-null-fields */
    sb_json_null_key null_key;
    const char *null_key_literal;
    const sb_json_wrap *wrap; /* NULL: nothing */
    bool envelope;            /* changelog-json: {"op": ..., "data": {...}} */
    /* changelog-json: bits 1 << sb_row_op of changelog-mode; 0: not set */
    uint8_t modes;
    bool delete_by_key; /* changelog-json */
} sb_json_options;

/* Reads and checks the options; column types that JSON cannot hold are refused (SEMANTIC). */
sb_status sb_json_options_read(const sb_format_table *table, bool envelope, sb_json_options *out,
                               sb_error *err);

/* Multisets are only written. */
sb_status sb_json_check_source(const sb_format_table *table, bool source, sb_error *err);

sb_status sb_json_decoder_new(sb_mem *mem, const sb_format_table *table,
                              const sb_json_options *options, const int32_t *project, int32_t count,
                              sb_decoder **out, sb_error *err);
sb_status sb_json_encoder_new(sb_mem *mem, const sb_format_table *table,
                              const sb_json_options *options, sb_encoder **out, sb_error *err);

#endif
