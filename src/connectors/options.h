/*
 * connectors/options.h -- options of a table: reading, checking, and the bridge to a format's
 * options.
 *
 * DESIGN     Errors name the key and the value and point at the option in the SQL text. An unknown
 *            key is an error with "did you mean".
 * THREADS    T:any.
 */
#ifndef SB_CONNECTORS_OPTIONS_H
#define SB_CONNECTORS_OPTIONS_H

#include "flow/connector.h"
#include "formats/format.h"

/* Each takes the default when the key is not set. */
const char *sb_table_option(const sb_table_desc *table, const char *key, const char *otherwise);
sb_status sb_table_option_i64(const sb_table_desc *table, const char *key, int64_t otherwise,
                              int64_t lo, int64_t hi, int64_t *out, sb_error *err);
sb_status sb_table_option_f64(const sb_table_desc *table, const char *key, double otherwise,
                              double lo, double hi, double *out, sb_error *err);
sb_status sb_table_option_bool(const sb_table_desc *table, const char *key, bool otherwise,
                               bool *out, sb_error *err);
/* Flink's durations: "10 s", "1 min", "500ms", "2 h", "1 d"; a bare number is milliseconds. */
sb_status sb_table_option_duration(const sb_table_desc *table, const char *key,
                                   int64_t otherwise_ms, int64_t *out_ms, sb_error *err);
/* Flink's sizes: "128MB", "64 kb", "1 g"; a bare number is bytes. */
sb_status sb_table_option_memory(const sb_table_desc *table, const char *key, int64_t otherwise,
                                 int64_t *out, sb_error *err);
/* SB_STATUS_INVALID: option 'key' = 'value': why; points at it. */
sb_status sb_table_option_bad(const sb_table_desc *table, const char *key, const char *why,
                              sb_error *err);
void sb_table_option_blame(const sb_table_desc *table, const char *key, sb_error *err);

/* bad-records: what happens to a record that cannot be read. */
typedef enum sb_bad_policy { SB_BAD_FAIL, SB_BAD_SKIP, SB_BAD_DEAD_LETTER } sb_bad_policy;

/* `to`: the option that says where dead letters go, for the message when it is missing. */
sb_status sb_table_bad_policy(const sb_table_desc *table, const char *to, sb_bad_policy *out,
                              const char **out_to, sb_error *err);

/* Every option of the table must be 'connector', in `specs` (a '#' in a spec's key stands for any
 * name without a point), in the format's list under its prefix, or one that every table may have
 * (scan.watermark.*, scan.parallelism, sink.parallelism). */
sb_status sb_table_options_check(const sb_table_desc *table, const sb_option_spec *specs,
                                 const sb_format *format, sb_error *err);

/* The same with formats that have prefixes of their own ("key.json"). */
typedef struct sb_format_part {
    const sb_format *format; /* NULL: none */
    const char *prefix;
} sb_format_part;

sb_status sb_table_options_check_parts(const sb_table_desc *table, const sb_option_spec *specs,
                                       const sb_format_part *parts, int32_t count, sb_error *err);

/* The format named by 'format'. */
sb_status sb_table_format(const sb_table_desc *table, const sb_format **out, sb_error *err);
/* The format named by the option `key`, which is set. */
sb_status sb_table_format_of(const sb_table_desc *table, const char *key, const sb_format **out,
                             sb_error *err);

/* The table as its format sees it; `bridge` must live as long as `out`. */
typedef struct sb_format_bridge {
    const sb_table_desc *table;
    const char *prefix; /* the format's name */
} sb_format_bridge;

void sb_table_for_format(const sb_table_desc *table, const sb_format *format,
                         sb_format_bridge *bridge, sb_format_table *out);
/* The format's check, for a connector of files: columns that have no place there are refused. */
sb_status sb_table_format_check(const sb_table_desc *table, const sb_format *format, bool source,
                                sb_format_facts *out, sb_error *err);

sb_status sb_refuse_partitions(const sb_table_desc *table, sb_error *err);

#endif
