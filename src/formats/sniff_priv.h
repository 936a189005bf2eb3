/*
 * formats/sniff_priv.h -- what the files of the sniffer share: values seen, as a tree.
 */
#ifndef SB_FORMATS_SNIFF_PRIV_H
#define SB_FORMATS_SNIFF_PRIV_H

#include "formats/sniff.h"

/* What a value can be; a column has the bits of all its values. */
enum {
    SB_SEEN_NULL = 1,
    SB_SEEN_BOOLEAN = 2,
    SB_SEEN_INTEGER = 4,      /* fits in BIGINT */
    SB_SEEN_LONG_INTEGER = 8, /* fits in DECIMAL(38, 0) */
    SB_SEEN_NUMBER = 16,
    SB_SEEN_DATE = 32,
    SB_SEEN_TIME = 64,
    SB_SEEN_SQL_TIMESTAMP = 128, /* 2024-01-01 10:00:00 */
    SB_SEEN_SQL_INSTANT = 256,   /* the same with Z */
    SB_SEEN_ISO_TIMESTAMP = 512, /* 2024-01-01T10:00:00 */
    SB_SEEN_ISO_INSTANT = 1024,  /* the same with Z */
    SB_SEEN_TEXT = 2048,
    SB_SEEN_OBJECT = 4096,
    SB_SEEN_ARRAY = 8192
};

#define SB_SEEN_ISO (SB_SEEN_ISO_TIMESTAMP | SB_SEEN_ISO_INSTANT)
#define SB_SEEN_SQL (SB_SEEN_SQL_TIMESTAMP | SB_SEEN_SQL_INSTANT)

typedef struct sb_seen {
    uint32_t bits;
    int32_t digits; /* most digits of a fraction of a second */
    const char *name;
    uint32_t name_size;
    struct sb_seen *element; /* of arrays; NULL: none was seen */
    /* fields of objects in the order in which they came */
    struct sb_seen *first, *last, *next;
    struct sb_seen *guess; /* the field behind the one that came last */
    int32_t count;
} sb_seen;

/* What a text without quotes could be (csv), and what a string could be (JSON: no numbers). */
void sb_seen_plain(sb_seen *seen, sb_str text);
void sb_seen_string(sb_seen *seen, sb_str text);
/* The bits of a number in JSON. */
uint32_t sb_seen_number(sb_str text);
/* Field of an object; made when it is new; NULL: out of memory. */
sb_seen *sb_seen_field(sb_arena *arena, sb_seen *object, sb_str name);
/* The type of all that was seen. iso: which standard timestamps of the table are written in. */
sb_status sb_seen_type(sb_arena *arena, const sb_seen *seen, bool iso, sb_type *out, sb_error *err);
/* Bits of a tree, all together. */
uint32_t sb_seen_all(const sb_seen *seen);

/* NOT_FOUND: the sample is not of this format; nothing is set. */
sb_status sb_sniff_json(sb_arena *arena, const sb_sniff_file *files, int32_t count,
                        sb_sniff_guess *out, sb_error *err);
/* delimiter 0: guessed; sure: a single column is fine. */
sb_status sb_sniff_csv(sb_arena *arena, sb_mem *mem, const sb_sniff_file *files, int32_t count,
                       char delimiter, bool sure, sb_sniff_guess *out, sb_error *err);
void sb_sniff_option_add(sb_sniff_guess *guess, const char *key, const char *value);

#endif
