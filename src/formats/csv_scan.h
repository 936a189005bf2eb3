/*
 * formats/csv_scan.h -- where records and fields of CSV text begin and end.
 *
 * DESIGN     A window is scanned once, 16 bytes at a time, for the bytes that mean something
 *            (delimiter, line end, quote, escape); records are then walked over these positions.
 *            Quoted values may hold line ends; a quote that is not closed within CSV_QUOTED_MAX
 *            bytes makes its line a bad record, not the rest of the file.
 * THREADS    One thread at a time.
 */
#ifndef SB_FORMATS_CSV_SCAN_H
#define SB_FORMATS_CSV_SCAN_H

#include "formats/csv_options.h"

#define SB_CSV_QUOTED_MAX (1 << 20)

typedef struct sb_csv_field { /* of the window */
    uint32_t start, size;     /* without the enclosing quotes */
    bool quoted;
    bool escaped; /* has doubled quotes or escapes: sb_csv_unescape */
} sb_csv_field;

typedef struct sb_csv_scan {
    const sb_csv_options *options;
    sb_mem *mem;
    uint32_t *marks; /* positions of bytes that mean something, then `size` */
    size_t capacity;
    uint32_t count;
    const char *data; /* the window */
    uint32_t size;
    bool final;    /* no more input follows the window */
    bool ascii;    /* no byte of the window is above 127 */
    uint32_t mark; /* next mark */
    uint32_t at;   /* start of the next record */
} sb_csv_scan;

typedef enum sb_csv_next {
    SB_CSV_RECORD, /* a record; its fields are in `fields` */
    SB_CSV_BAD,    /* a bad record; *why */
    SB_CSV_NONE,   /* an empty line or a comment */
    SB_CSV_MORE    /* the record does not end within the window */
} sb_csv_next;

sb_status sb_csv_scan_window(sb_csv_scan *s, const char *data, size_t size, bool final,
                             sb_error *err);
void sb_csv_scan_deinit(sb_csv_scan *s);

/* Takes the next record. want[i]: place of field i in `fields`, -1: only counted. *out_count:
 * fields of the record; more than `count` are counted. *out_start, *out_end: the record without its
 * line end; `s->at` is behind it; *out_lines: line ends in it. */
sb_csv_next sb_csv_scan_next(sb_csv_scan *s, const int32_t *want, int32_t count,
                             sb_csv_field *fields, int32_t *out_count, uint32_t *out_start,
                             uint32_t *out_end, int32_t *out_lines, const char **why);

/* The text of an escaped field; at most size bytes go to `out`. Returns its size. */
size_t sb_csv_unescape(const sb_csv_options *options, const char *text, size_t size, bool quoted,
                       char *out);

#endif
