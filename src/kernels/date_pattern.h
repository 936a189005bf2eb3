/*
 * kernels/date_pattern.h -- patterns such as 'yyyy-MM-dd HH:mm' for writing and reading timestamps.
 *
 * DESIGN     Two dialects, because Flink uses two Java classes: java.time.format.DateTimeFormatter
 * (DATE_FORMAT and TO_TIMESTAMP of timestamps) and java.text.SimpleDateFormat (FROM_UNIXTIME,
 * UNIX_TIMESTAMP, TO_DATE, DATE_FORMAT of text), which is lenient: 31 February is 3 March, text
 * behind the end is ignored. English names, weeks begin on Sunday. OWNERSHIP  A pattern owns
 * nothing; its literals point into the text it was made from. THREADS    T:any
 */
#ifndef SB_KERNELS_DATE_PATTERN_H
#define SB_KERNELS_DATE_PATTERN_H

#include "kernels/time.h"

typedef enum sb_pattern_dialect { SB_PATTERN_FORMATTER, SB_PATTERN_SIMPLE } sb_pattern_dialect;

typedef struct sb_pattern_item {
    char letter; /* 0: literal; '[' and ']': optional part */
    int32_t count;
    const char *text; /* literal */
    int32_t size;
} sb_pattern_item;

#define SB_PATTERN_ITEMS 64

typedef struct sb_date_pattern {
    sb_pattern_dialect dialect;
    int32_t count;
    sb_pattern_item items[SB_PATTERN_ITEMS];
    size_t max_size;  /* bytes that a printed text can have */
    int64_t step_us;  /* all moments in a step of this length print alike; 0: none do */
    char printed;     /* a letter that can only be printed (z, V, O, N, B); 0: there is none */
    bool has_zone;    /* z or V: what they print is `zone` */
    const char *zone; /* as Java calls it; sb_pattern_compile sets UTC */
} sb_date_pattern;

/* NOT_SUPPORTED for a letter we do not know, DATA for a broken pattern. `text` must outlive the
 * pattern. */
sb_status sb_pattern_compile(const char *text, size_t size, sb_pattern_dialect dialect,
                             sb_date_pattern *out, sb_error *err);
/* Names of zones other than these are not known here: true for UTC and GMT+hh:mm. */
bool sb_pattern_knows_zone(const sb_date_pattern *pattern, const char *zone);
/* To `to`, which has room for max_size bytes; returns the length. offset_s: of the time zone, for
 * Z, X and O. */
size_t sb_pattern_write(const sb_date_pattern *pattern, sb_ts_ns local, int32_t offset_s, char *to);
void sb_pattern_print(const sb_date_pattern *pattern, sb_ts_ns local, int32_t offset_s,
                      sb_text *out);
#define SB_PATTERN_NO_OFFSET INT32_MIN

/* False: the text does not fit. Parts without a letter are those of 1970-01-01 00:00. now_year: for
 * two-digit years of the simple dialect. *out_offset_s (NULL: not wanted): what the text says of
 * its time zone, in seconds east of UTC; SB_PATTERN_NO_OFFSET: nothing. `out` is local either way.
 */
bool sb_pattern_parse(const sb_date_pattern *pattern, const char *text, size_t size,
                      int64_t now_year, sb_ts_ns *out, int32_t *out_offset_s);

extern const char *const sb_month_names[12];
extern const char *const sb_day_names[7]; /* from Monday */

#endif
