/*
 * expr/charset.c -- see charset.h.
 */
#include "expr/charset.h"

#include "base/mem.h"

#include <iconv.h>
#include <string.h>

#define PAGE       256
#define NONE       SB_CHARSET_NONE
#define BEYOND     0x10000u /* the first code point that GB18030 counts through */
#define GB_BEYOND  189000u  /* its number among those of four bytes */
#define GB_NUMBERS 39420u   /* numbers below this are of the BMP */

const char *
sb_charset_find(sb_str name)
{
    static const struct {
        const char *name, *iconv;
    } names[] = {

#include "expr/charset_names.def"
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (sb_str_equal_nocase(name, sb_str_of(names[i].name))) {
            return names[i].iconv;
        }
    }
    return NULL;
}

static const struct {
    const char *set;
    char kind;
    uint32_t first, last, to;
} fixes[] = {

#include "expr/charset_fixes.def"
};

bool
sb_charset_is_installed(const char *name)
{
    iconv_t to = iconv_open("UTF-32LE", name), from = iconv_open(name, "UTF-32LE");
    bool both = to != (iconv_t)-1 && from != (iconv_t)-1;
    if (to != (iconv_t)-1) {
        (void)iconv_close(to);
    }
    if (from != (iconv_t)-1) {
        (void)iconv_close(from);
    }
    return both;
}

/* ---- life ---- */

void
sb_charset_init(sb_charset *set, sb_mem *mem)
{
    *set = (sb_charset){.mem = mem};
}

static void
free_pages(sb_mem *mem, uint32_t **pages, int count)
{
    for (int i = 0; i < count; i++) {
        sb_free(mem, pages[i], sizeof **pages * PAGE);
    }
}

void
sb_charset_deinit(sb_charset *set)
{
    free_pages(set->mem, set->codes, PAGE);
    free_pages(set->mem, set->longer, PAGE);
    free_pages(set->mem, set->points, PAGE);
    free_pages(set->mem, set->beyond, 2 * PAGE);
    sb_charset_init(set, set->mem);
}

static sb_charset_family
family_of(const char *name)
{
    static const char *const doubles[] = {"BIG5", "CP932", "CP950",     "EUC-CN", "EUC-KR",
                                          "GBK",  "JOHAB", "SHIFT_JIS", "UHC"};
    for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
        if (strcmp(name, doubles[i]) == 0) {
            return SB_CHARSET_DOUBLE;
        }
    }
    return strcmp(name, "EUC-JP") == 0    ? SB_CHARSET_EUC_JP
           : strcmp(name, "GB18030") == 0 ? SB_CHARSET_GB18030
                                          : SB_CHARSET_SINGLE;
}

/* ---- pages of code points ---- */

/* The bytes of a code, the highest first; four for those that GB18030 counts. */
static size_t
bytes_of(uint32_t code, char *to)
{
    size_t size = code > 0xFFFFFF ? 4 : code > 0xFFFF ? 3 : code > 0xFF ? 2 : 1;
    for (size_t i = 0; i < size; i++) {
        to[i] = (char)(code >> 8 * (size - 1 - i));
    }
    return size;
}

/* Of four bytes, counted through. */
static uint32_t
gb_code(uint32_t number)
{
    return (0x81 + number / 12600) << 24 | (0x30 + number / 1260 % 10) << 16 |
           (0x81 + number / 10 % 126) << 8 | (0x30 + number % 10);
}

/* The code point of some bytes; NONE: none, or several. */
static uint32_t
read_point(iconv_t convert, uint32_t code)
{
    char bytes[4], points[16], *in = bytes, *out = points;
    size_t left = bytes_of(code, bytes), room = sizeof points;
    uint32_t point;
    bool read = iconv(convert, &in, &left, &out, &room) == 0 && left == 0;
    read = iconv(convert, NULL, NULL, &out, &room) == 0 && read; /* what it has kept back, too */
    (void)iconv(convert, NULL, NULL, NULL, NULL);
    memcpy(&point, points, sizeof point);
    return read && sizeof points - room == sizeof point ? point : NONE;
}

/* A page, and what fills it: the caller closes that. */
static sb_status
open_page(sb_charset *set, const char *to, const char *from, uint32_t **page, iconv_t *convert,
          sb_error *err)
{
    *convert = iconv_open(to, from);
    if (*convert == (iconv_t)-1) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: character set '%s' is not installed",
                set->name);
    }
    *page = sb_alloc(set->mem, sizeof **page * PAGE);
    if (!*page) {
        (void)iconv_close(*convert);
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* Codes of four bytes are only in the fixes of code points: they lead back. */
static void
fix_codes(const sb_charset *set, uint32_t *page, uint32_t first, bool counted)
{
    for (size_t k = 0; k < sizeof fixes / sizeof fixes[0]; k++) {
        if ((fixes[k].kind == 'D') == counted || strcmp(fixes[k].set, set->name) != 0) {
            continue;
        }
        uint32_t from = counted ? fixes[k].to : fixes[k].first;
        uint32_t to = counted ? fixes[k].first : fixes[k].to;
        for (uint32_t i = 0; from != NONE && i < PAGE; i++) {
            uint32_t code = counted ? gb_code(first + i) : first + i;
            if (code >= from && code - from <= fixes[k].last - fixes[k].first) {
                page[i] = to == NONE ? NONE : to + (code - from);
            }
        }
    }
}

/* Fills a page with what the codes from `first` on stand for; counted: they are numbers of
 * GB18030. */
static sb_status
load_codes(sb_charset *set, uint32_t **page, uint32_t first, bool counted, sb_error *err)
{
    iconv_t convert;
    SB_TRY(open_page(set, "UTF-32LE", set->name, page, &convert, err), err);
    for (uint32_t i = 0; i < PAGE; i++) {
        (*page)[i] = read_point(convert, counted ? gb_code(first + i) : first + i);
    }
    (void)iconv_close(convert);
    fix_codes(set, *page, first, counted);
    return SB_OK;
}

sb_status
sb_charset_use(sb_charset *set, const char *name, sb_error *err)
{
    if (set->name == name) {
        return SB_OK;
    }
    sb_charset_deinit(set);
    set->name = name;
    set->family = family_of(name);
    sb_status status = load_codes(set, &set->codes[0], 0, false, err);
    for (uint32_t lead = 0x80; status == SB_OK && set->family != SB_CHARSET_SINGLE && lead < 0x100;
         lead++) {
        if (set->codes[0][lead] == NONE) {
            status = load_codes(set, &set->codes[lead], lead << 8, false, err);
            for (int i = 0; status == SB_OK && i < PAGE; i++) {
                set->leads[lead] = set->leads[lead] || set->codes[lead][i] != NONE;
            }
        }
    }
    set->name = status == SB_OK ? name : NULL;
    return status;
}

/* ---- several sets ---- */

void
sb_charsets_init(sb_charsets *all, sb_mem *mem)
{
    *all = (sb_charsets){.mem = mem};
}

void
sb_charsets_deinit(sb_charsets *all)
{
    for (int32_t i = 0; i < SB_CHARSETS_MAX && all->sets[i]; i++) {
        sb_charset_deinit(all->sets[i]);
        sb_free(all->mem, all->sets[i], sizeof *all->sets[i]);
    }
    sb_charsets_init(all, all->mem);
}

sb_status
sb_charsets_use(sb_charsets *all, const char *name, sb_charset **out, sb_error *err)
{
    for (int32_t i = 0; i < SB_CHARSETS_MAX && all->sets[i]; i++) {
        if (all->sets[i]->name == name) {
            *out = all->sets[i];
            return SB_OK;
        }
    }
    sb_charset **place = &all->sets[all->next];
    if (!*place) {
        *place = sb_alloc(all->mem, sizeof **place);
        if (!*place) {
            SB_NOMEM(err);
        }
        sb_charset_init(*place, all->mem);
    }
    all->next = (all->next + 1) % SB_CHARSETS_MAX;
    *out = *place;
    return sb_charset_use(*place, name, err);
}

/* ---- decoding ---- */

void
sb_charset_put(sb_text *out, uint32_t c)
{
    if (c < 0x80) {
        sb_text_char(out, (char)c);
        return;
    }
    if (c < 0x800) {
        sb_text_char(out, (char)(0xC0 | c >> 6));
    } else {
        if (c < 0x10000) {
            sb_text_char(out, (char)(0xE0 | c >> 12));
        } else {
            sb_text_char(out, (char)(0xF0 | c >> 18));
            sb_text_char(out, (char)(0x80 | (c >> 12 & 0x3F)));
        }
        sb_text_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
    }
    sb_text_char(out, (char)(0x80 | (c & 0x3F)));
}

static inline uint32_t
pair(const sb_charset *set, uint32_t first, uint32_t second)
{
    return set->codes[first] ? set->codes[first][second] : NONE;
}

/* One or two bytes. What cannot begin a pair, or is followed by what can stand by itself or begin
 * one, goes alone. */
static size_t
take_double(const sb_charset *set, const unsigned char *b, size_t left, uint32_t *out)
{
    *out = left > 1 ? pair(set, b[0], b[1]) : NONE;
    bool alone = *out == NONE && left > 1 &&
                 (!set->leads[b[0]] || set->leads[b[1]] || set->codes[0][b[1]] != NONE);
    return alone || left < 2 ? 1 : 2;
}

static sb_status
take_euc_jp(sb_charset *set, const unsigned char *b, size_t left, uint32_t *out, size_t *out_size,
            sb_error *err)
{
    size_t wanted = b[0] == 0x8F ? 3 : 2;
    *out = NONE;
    *out_size = left < wanted ? left : wanted;
    if (left < wanted) {
        return SB_OK;
    }
    if (wanted == 2) {
        *out = pair(set, b[0], b[1]);
        return SB_OK;
    }
    if (!set->longer[b[1]]) {
        SB_TRY(load_codes(set, &set->longer[b[1]], 0x8F0000u | (uint32_t)b[1] << 8, false, err),
               err);
    }
    *out = set->longer[b[1]][b[2]];
    return SB_OK;
}

static sb_status
take_gb18030(sb_charset *set, const unsigned char *b, size_t left, uint32_t *out, size_t *out_size,
             sb_error *err)
{
    *out = NONE;
    *out_size = 1;
    if (b[0] < 0x81 || b[0] > 0xFE || left < 2 || b[1] < 0x30) {
        return SB_OK;
    }
    if (b[1] > 0x39) {
        *out_size = 2;
        *out = pair(set, b[0], b[1]);
        return SB_OK;
    }
    if (left < 4) {
        *out_size = left;
        return SB_OK;
    }
    bool third = b[2] >= 0x81 && b[2] <= 0xFE, fourth = b[3] >= 0x30 && b[3] <= 0x39;
    *out_size = third ? 4 : 3;
    if (!third || !fourth) {
        return SB_OK;
    }
    uint32_t number = ((uint32_t)(b[0] - 0x81) * 10 + (b[1] - 0x30u)) * 1260 + (b[2] - 0x81u) * 10 +
                      (b[3] - 0x30u);
    if (number >= GB_BEYOND) {
        *out = number - GB_BEYOND <= 0xFFFFF ? BEYOND + number - GB_BEYOND : NONE;
    } else if (number < GB_NUMBERS) {
        uint32_t **page = &set->longer[number / PAGE];
        if (!*page) {
            SB_TRY(load_codes(set, page, number / PAGE * PAGE, true, err), err);
        }
        *out = (*page)[number % PAGE];
    }
    return SB_OK;
}

sb_status
sb_charset_decode(sb_charset *set, sb_str bytes, sb_text *out, sb_error *err)
{
    for (size_t i = 0; i < bytes.size;) {
        const unsigned char *b = (const unsigned char *)bytes.data + i;
        size_t size = 1, left = bytes.size - i;
        uint32_t point = set->codes[0][*b];
        if (point != NONE || set->family == SB_CHARSET_SINGLE) {
        } else if (set->family == SB_CHARSET_DOUBLE) {
            size = take_double(set, b, left, &point);
        } else if (set->family == SB_CHARSET_EUC_JP) {
            SB_TRY(take_euc_jp(set, b, left, &point, &size, err), err);
        } else {
            SB_TRY(take_gb18030(set, b, left, &point, &size, err), err);
        }
        sb_charset_put(out, point == NONE ? 0xFFFD : point);
        i += size;
    }
    return SB_OK;
}

/* ---- encoding ---- */

/* The code of the bytes that iconv makes of a code point; NONE: it has none. */
static uint32_t
write_point(iconv_t convert, uint32_t point)
{
    char bytes[16], points[4], *in = points, *out = bytes;
    size_t left = sizeof points, room = sizeof bytes;
    uint32_t code = 0;
    memcpy(points, &point, sizeof point);
    bool written = iconv(convert, &in, &left, &out, &room) == 0 && left == 0;
    written = iconv(convert, NULL, NULL, &out, &room) == 0 && written;
    (void)iconv(convert, NULL, NULL, NULL, NULL);
    size_t size = sizeof bytes - room;
    for (size_t i = 0; i < size; i++) {
        code = code << 8 | (unsigned char)bytes[i];
    }
    return written && size >= 1 && size <= 4 ? code : NONE;
}

/* Codes of one or two bytes count only if they are read as the code point. */
static bool
leads_back(const sb_charset *set, uint32_t code, uint32_t point)
{
    return code > 0xFFFF ||
           (code < PAGE ? set->codes[0][code] : pair(set, code >> 8, code & 0xFF)) == point;
}

static void
fix_points(const sb_charset *set, uint32_t *page, uint32_t first)
{
    for (size_t k = 0; k < sizeof fixes / sizeof fixes[0]; k++) {
        if (strcmp(fixes[k].set, set->name) != 0 || (fixes[k].kind == 'D' && fixes[k].to == NONE)) {
            continue;
        }
        bool read = fixes[k].kind == 'D';
        for (uint32_t i = 0; i < PAGE; i++) {
            uint32_t from = read ? fixes[k].to : fixes[k].first;
            uint32_t to = read ? fixes[k].first : fixes[k].to;
            if (first + i >= from && first + i - from <= fixes[k].last - fixes[k].first) {
                page[i] = to == NONE ? NONE : to + (first + i - from);
            }
        }
    }
}

static sb_status
load_points(sb_charset *set, uint32_t **page, uint32_t first, sb_error *err)
{
    iconv_t convert;
    SB_TRY(open_page(set, set->name, "UTF-32LE", page, &convert, err), err);
    for (uint32_t i = 0; i < PAGE; i++) {
        uint32_t code = write_point(convert, first + i);
        (*page)[i] = code != NONE && leads_back(set, code, first + i) ? code : NONE;
    }
    (void)iconv_close(convert);
    fix_points(set, *page, first);
    return SB_OK;
}

sb_status
sb_charset_encode(sb_charset *set, uint32_t point, sb_text *out, sb_error *err)
{
    char bytes[4];
    uint32_t code = NONE;
    if (set->family == SB_CHARSET_GB18030 && point >= BEYOND) {
        code = gb_code(point - BEYOND + GB_BEYOND);
    } else if (point < 0x30000) {
        uint32_t **page =
            point < BEYOND ? &set->points[point / PAGE] : &set->beyond[(point - BEYOND) / PAGE];
        if (!*page) {
            SB_TRY(load_points(set, page, point / PAGE * PAGE, err), err);
        }
        code = (*page)[point % PAGE];
    }
    if (code == NONE) {
        sb_text_char(out, '?');
    } else {
        sb_text_append(out, bytes, bytes_of(code, bytes));
    }
    return SB_OK;
}
