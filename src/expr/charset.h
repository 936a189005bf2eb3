/*
 * expr/charset.h -- character sets of one to four bytes a character as tables that iconv fills, as
 * Java reads and writes them. Inside this folder only.
 *
 * DESIGN     A table is loaded a page of 256 entries at a time, when one of them is first needed,
 * so that no converter stays open. Where Java differs from iconv, charset_fixes.def says how. What
 * leads nowhere in both directions has no entry, so characters that iconv would put together out of
 * two (windows-1258) stay two.
 * OWNERSHIP  sb_charset_deinit, sb_charsets_deinit free the pages.
 * THREADS    T:task
 */
#ifndef SB_EXPR_CHARSET_H
#define SB_EXPR_CHARSET_H

#include "base/status.h"
#include "base/text.h"

#define SB_CHARSET_NONE UINT32_MAX /* no character, no code */

typedef enum sb_charset_family {
    SB_CHARSET_SINGLE, /* one byte a character */
    SB_CHARSET_DOUBLE, /* one or two */
    SB_CHARSET_EUC_JP, /* three behind 8F */
    SB_CHARSET_GB18030 /* four where the second is a digit */
} sb_charset_family;

typedef struct sb_charset {
    const char *name; /* what is loaded, for iconv; NULL: nothing */
    sb_charset_family family;
    uint32_t *codes[256];  /* by the first byte: code points by the second; [0]: by the only one */
    uint32_t *longer[256]; /* EUC-JP: by the second byte, by the third; GB18030: by 256 numbers */
    uint32_t *points[256]; /* by the code point through 256: codes; the BMP */
    uint32_t *beyond[0x200]; /* the same from U+10000 to U+2FFFF */
    bool leads[256];         /* has a page with characters; valid with `codes` loaded */
    sb_mem *mem;
} sb_charset;

#define SB_CHARSETS_MAX 8

/* Sets that stay loaded for a call whose set differs by row. */
typedef struct sb_charsets {
    sb_charset *sets[SB_CHARSETS_MAX]; /* NULL: not needed yet */
    int32_t next;                      /* the one to give up for another set */
    sb_mem *mem;
} sb_charsets;

/* The name for iconv of a set that Java knows by `name`; NULL: it is none of these. */
const char *sb_charset_find(sb_str name);
/* Does iconv have it on this machine? */
bool sb_charset_is_installed(const char *name);

void sb_charset_init(sb_charset *set, sb_mem *mem);
void sb_charset_deinit(sb_charset *set);
/* Makes it the set of this name, as sb_charset_find gave it. NOT_SUPPORTED: not on this machine. */
sb_status sb_charset_use(sb_charset *set, const char *name, sb_error *err);
void sb_charsets_init(sb_charsets *all, sb_mem *mem);
void sb_charsets_deinit(sb_charsets *all);
/* The set of this name, until the next call. */
sb_status sb_charsets_use(sb_charsets *all, const char *name, sb_charset **out, sb_error *err);

/* Appends the text of bytes; U+FFFD for what is malformed or stands for nothing. */
sb_status sb_charset_decode(sb_charset *set, sb_str bytes, sb_text *out, sb_error *err);
/* Appends the bytes of a code point, '?' when it has none. */
sb_status sb_charset_encode(sb_charset *set, uint32_t point, sb_text *out, sb_error *err);

/* Appends a code point as UTF-8. */
void sb_charset_put(sb_text *out, uint32_t c);

#endif
