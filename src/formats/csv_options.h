/*
 * formats/csv_options.h -- the options of csv, read once; the parts its files share.
 */
#ifndef SB_FORMATS_CSV_OPTIONS_H
#define SB_FORMATS_CSV_OPTIONS_H

#include "formats/format.h"

typedef struct sb_csv_options {
    char delimiter;
    char quote;  /* 0: none */
    char escape; /* 0: none */
    bool allow_comments;
    bool ignore_parse_errors;
    bool trim_spaces;
    bool strict;              /* strict-types */
    bool header;              /* the first record is no row */
    bool match_header;        /* and must hold the names of the columns */
    bool ignore_trailing;     /* ignore-trailing-unmappable */
    bool fail_on_missing;     /* fail-on-missing-columns */
    bool empty_is_null;       /* empty-string-as-null */
    bool scientific;          /* write-bigdecimal-in-scientific-notation */
    const char *null_literal; /* NULL: none */
    sb_str element_delimiter; /* of arrays and rows */
} sb_csv_options;

sb_status sb_csv_options_read(const sb_format_table *table, sb_csv_options *out, sb_error *err);
sb_status sb_csv_decoder_new(sb_mem *mem, const sb_format_table *table, const int32_t *project,
                             int32_t count, sb_decoder **out, sb_error *err);
sb_status sb_csv_encoder_new(sb_mem *mem, const sb_format_table *table, sb_encoder **out,
                             sb_error *err);

#endif
