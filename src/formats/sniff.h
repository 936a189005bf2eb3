/*
 * formats/sniff.h -- guessing what is in a file: format, columns and types, from its first bytes.
 *
 * DESIGN     Values say what they could be; what all values of a column could be is its type, and
 *            text when they have nothing in common. The result is what CREATE TABLE would say, so
 *            that a guess can be written down and changed. What comes behind the sample is read
 *            with the option strict-types: a value that does not fit is an error, never changed.
 * OWNERSHIP  All of a guess lies in the caller's arena.
 * THREADS    T:any; no state.
 */
#ifndef SB_FORMATS_SNIFF_H
#define SB_FORMATS_SNIFF_H

#include "columnar/type.h"

#define SB_SNIFF_ROWS    20480     /* most rows that are looked at, over all files */
#define SB_SNIFF_BYTES   (1 << 20) /* most bytes of a file */
#define SB_SNIFF_FILES   16        /* most files */
#define SB_SNIFF_COLUMNS 2000
#define SB_SNIFF_FIELDS  200 /* an object within a record with more names is a MAP */
#define SB_SNIFF_DEPTH   32  /* what is nested deeper is text */

typedef struct sb_sniff_file {
    const char *path; /* for messages */
    sb_str name;      /* the path without what says how it is compressed */
    const char *data; /* SB_FORMAT_PADDING bytes readable behind it */
    size_t size;
    bool whole;     /* `data` is all of the file */
    bool no_header; /* all records of CSV are rows */
} sb_sniff_file;

typedef struct sb_sniff_option {
    const char *key; /* with the format's prefix */
    const char *value;
} sb_sniff_option;

typedef struct sb_sniff_guess {
    sb_schema columns;
    const char *format; /* "json", "csv", "raw" */
    sb_sniff_option options[8];
    int32_t count_options;
    int64_t rows; /* that were looked at */
} sb_sniff_guess;

/* DATA, NOT_SUPPORTED: it is nothing that can be a table; the message names file and line. */
sb_status sb_sniff(sb_arena *arena, sb_mem *mem, const sb_sniff_file *files, int32_t count,
                   sb_sniff_guess *out, sb_error *err);

#endif
