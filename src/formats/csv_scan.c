/*
 * formats/csv_scan.c -- records and fields of CSV text.
 */
#include "formats/csv_scan.h"

#include <immintrin.h>
#include <string.h>

static sb_status
make_room(sb_csv_scan *s, size_t size, sb_error *err)
{
    size_t need = size + 72;
    if (need <= s->capacity) {
        return SB_OK;
    }
    sb_free(s->mem, s->marks, sizeof *s->marks * s->capacity);
    s->capacity = 0;
    s->marks = sb_alloc(s->mem, sizeof *s->marks * need);
    if (!s->marks) {
        SB_NOMEM(err);
    }
    s->capacity = need;
    return SB_OK;
}

void
sb_csv_scan_deinit(sb_csv_scan *s)
{
    sb_free(s->mem, s->marks, sizeof *s->marks * s->capacity);
    s->marks = NULL;
    s->capacity = 0;
}

/* The positions of the bits of a block of 64 bytes. Most have at most eight: those are written
 * without asking how many there are. */
static inline __attribute__((always_inline)) uint32_t *
put_bits(uint32_t *out, uint32_t position, uint64_t bits)
{
    int32_t n = __builtin_popcountll(bits);
    for (int32_t i = 0; i < 8; i++) {
        out[i] = position + (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
        bits &= bits - 1;
    }
    for (int32_t i = 8; __builtin_expect(i < n, 0); i++) {
        out[i] = position + (uint32_t)__builtin_ctzll(bits);
        bits &= bits - 1;
    }
    return out + n;
}

/* *out_ascii: no byte is above 127, those of the last block that stand behind the window included.
 */
static uint32_t *
mark_plain(const sb_csv_options *o, const char *data, size_t size, uint32_t *out, bool *out_ascii)
{
    const __m128i delimiter = _mm_set1_epi8(o->delimiter), lf = _mm_set1_epi8('\n');
    const __m128i quote = _mm_set1_epi8(o->quote ? o->quote : '\n'),
                  escape = _mm_set1_epi8(o->escape ? o->escape : '\n');
    __m128i all = _mm_setzero_si128();
    for (size_t at = 0; at < size; at += 64) {
        uint64_t bits = 0;
        for (int k = 0; k < 4; k++) {
            __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(data + at + 16 * k));
            __m128i hit =
                _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, delimiter), _mm_cmpeq_epi8(v, lf)),
                             _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, escape)));
            all = _mm_or_si128(all, v);
            bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << (16 * k);
        }
        out = put_bits(out, (uint32_t)at, bits);
    }
    *out_ascii = _mm_movemask_epi8(all) == 0;
    return out;
}

static __attribute__((target("avx2,bmi,popcnt"))) uint32_t *
mark_avx2(const sb_csv_options *o, const char *data, size_t size, uint32_t *out, bool *out_ascii)
{
    const __m256i delimiter = _mm256_set1_epi8(o->delimiter), lf = _mm256_set1_epi8('\n');
    const __m256i quote = _mm256_set1_epi8(o->quote ? o->quote : '\n'),
                  escape = _mm256_set1_epi8(o->escape ? o->escape : '\n');
    __m256i all = _mm256_setzero_si256();
    for (size_t at = 0; at < size; at += 64) {
        uint64_t bits = 0;
        for (int k = 0; k < 2; k++) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(data + at + 32 * k));
            __m256i hit = _mm256_or_si256(
                _mm256_or_si256(_mm256_cmpeq_epi8(v, delimiter), _mm256_cmpeq_epi8(v, lf)),
                _mm256_or_si256(_mm256_cmpeq_epi8(v, quote), _mm256_cmpeq_epi8(v, escape)));
            all = _mm256_or_si256(all, v);
            bits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(hit) << (32 * k);
        }
        out = put_bits(out, (uint32_t)at, bits);
    }
    *out_ascii = _mm256_movemask_epi8(all) == 0;
    return out;
}

/* The bytes behind the window are readable (SB_FORMAT_PADDING); marks there are cut off
 * afterwards. */
sb_status
sb_csv_scan_window(sb_csv_scan *s, const char *data, size_t size, bool final, sb_error *err)
{
    SB_TRY(make_room(s, size, err), err);
    const sb_csv_options *o = s->options;
    bool ascii = true, wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
    uint32_t *out = (wide ? mark_avx2 : mark_plain)(o, data, size, s->marks, &ascii);
    while (out > s->marks && out[-1] >= size) {
        out--;
    }
    s->count = (uint32_t)(out - s->marks);
    for (int i = 0; i < 4; i++) {
        *out++ = (uint32_t)size;
    }
    s->data = data;
    s->size = (uint32_t)size;
    s->final = final;
    s->ascii = ascii;
    s->mark = 0;
    s->at = 0;
    return SB_OK;
}

/* Position of the next mark at or behind `from`; the window's size when there is none. */
static inline uint32_t
next_mark(sb_csv_scan *s, uint32_t from)
{
    while (s->marks[s->mark] < from) {
        s->mark++;
    }
    return s->marks[s->mark];
}

typedef enum field_end { FIELD_DELIMITER, FIELD_LINE, FIELD_OPEN, FIELD_JUNK } field_end;

/* From behind the closing quote to what ends the field: only blanks may stand between. */
static field_end
behind_quote(sb_csv_scan *s, uint32_t *at)
{
    uint32_t p = *at;
    while (p < s->size && (s->data[p] == ' ' || s->data[p] == '\t' || s->data[p] == '\r') &&
           s->data[p] != s->options->delimiter) {
        p++;
    }
    *at = p;
    if (p >= s->size) {
        return s->final ? FIELD_LINE : FIELD_OPEN;
    }
    return s->data[p] == s->options->delimiter ? FIELD_DELIMITER
           : s->data[p] == '\n'                ? FIELD_LINE
                                               : FIELD_JUNK;
}

/* `at` is behind the opening quote; then at what ends the field. */
static field_end
scan_quoted(sb_csv_scan *s, uint32_t *at, sb_csv_field *field, int32_t *lines)
{
    const sb_csv_options *o = s->options;
    uint32_t p = *at;
    *field = (sb_csv_field){.start = p, .quoted = true};
    for (;;) {
        p = next_mark(s, p);
        if (p >= s->size || p - *at > SB_CSV_QUOTED_MAX) {
            return FIELD_OPEN;
        }
        char c = s->data[p];
        if (c == o->quote && p + 1 < s->size && s->data[p + 1] == o->quote) {
            field->escaped = true;
            p += 2;
        } else if (c == o->quote) {
            if (p + 1 == s->size && !s->final) {
                return FIELD_OPEN; /* it may be doubled */
            }
            field->size = p - field->start;
            *at = p + 1;
            return behind_quote(s, at);
        } else if (o->escape && c == o->escape) {
            field->escaped = true;
            p += 2;
        } else {
            *lines += c == '\n';
            p++;
        }
    }
}

static field_end
scan_plain(sb_csv_scan *s, uint32_t *at, sb_csv_field *field)
{
    const sb_csv_options *o = s->options;
    uint32_t p = *at;
    *field = (sb_csv_field){.start = p};
    for (;;) {
        p = next_mark(s, p);
        char c = p < s->size ? s->data[p] : '\n';
        if (p < s->size && c == o->delimiter) {
            field->size = p - field->start;
            *at = p;
            return FIELD_DELIMITER;
        }
        if (c == '\n') {
            if (p >= s->size && !s->final) {
                return FIELD_OPEN;
            }
            field->size = p - field->start;
            *at = p;
            return FIELD_LINE;
        }
        if (o->escape && c == o->escape) {
            field->escaped = true;
            p++;
        }
        p++;
    }
}

static void
trim(const sb_csv_scan *s, sb_csv_field *field)
{
    while (field->size && s->data[field->start] == ' ') {
        field->start++;
        field->size--;
    }
    while (field->size && s->data[field->start + field->size - 1] == ' ') {
        field->size--;
    }
}

/* The line that begins at `start` is bad as it stands. */
static sb_csv_next
bad_line(sb_csv_scan *s, uint32_t start, uint32_t *out_end, int32_t *out_lines)
{
    const char *lf = memchr(s->data + start, '\n', s->size - start);
    if (!lf && !s->final) {
        return SB_CSV_MORE;
    }
    uint32_t end = lf ? (uint32_t)(lf - s->data) : s->size;
    *out_end = end > start && s->data[end - 1] == '\r' ? end - 1 : end;
    *out_lines = lf != NULL;
    s->at = end + (lf != NULL);
    while (s->mark > 0 && s->marks[s->mark - 1] >= s->at) {
        s->mark--;
    }
    return SB_CSV_BAD;
}

/* Empty lines and comments. */
static bool
skip_line(sb_csv_scan *s, int32_t *out_lines, bool *out_more)
{
    char c = s->data[s->at];
    uint32_t first = s->at;
    if (c == '\r' && (first + 1 < s->size ? s->data[first + 1] == '\n' : s->final)) {
        c = '\n';
    }
    if (c != '\n' && !(c == '#' && s->options->allow_comments)) {
        return false;
    }
    const char *lf = memchr(s->data + first, '\n', s->size - first);
    if (!lf && !s->final) {
        *out_more = true;
        return true;
    }
    s->at = lf ? (uint32_t)(lf - s->data) + 1 : s->size;
    *out_lines = lf != NULL;
    return true;
}

/* A value in quotes without doubled ones and line ends; `mark` is at the opening one, and then at
 * what ends the field. */
static inline bool
quoted_field(const sb_csv_scan *s, const uint32_t **mark, uint32_t *out_size)
{
    const uint32_t *m = *mark;
    uint32_t start = *m + 1, end;
    char quote = s->options->quote;
    do {
        end = *++m;
        if (end + 1 >= s->size || s->data[end] == '\n') {
            return false;
        }
    } while (s->data[end] != quote);
    if (m[1] != end + 1 || s->data[end + 1] == quote) {
        return false;
    }
    *out_size = end - start;
    *mark = m + 1;
    return true;
}

/* A record of at most `count` fields in which nothing is out of the ordinary, and that does not end
 * with the window. False: nothing is taken. */
static bool
take_ordinary(sb_csv_scan *s, const int32_t *want, int32_t count, sb_csv_field *fields,
              int32_t *out_count, uint32_t *out_end)
{
    const char *data = s->data, delimiter = s->options->delimiter, quote = s->options->quote;
    uint32_t at = s->at;
    (void)next_mark(s, at);
    const uint32_t *mark = s->marks + s->mark;
    for (int32_t n = 0; n < count; n++, mark++) {
        if (*mark + 1 >= s->size) {
            return false;
        }
        uint32_t size = *mark - at;
        bool quoted = quote && data[at] == quote;
        if (quoted && !quoted_field(s, &mark, &size)) {
            return false;
        }
        char c = data[*mark];
        bool last = c == '\n';
        if (!last && c != delimiter) {
            return false; /* a quote within a value */
        }
        size -= last && !quoted && size && data[*mark - 1] == '\r';
        if (want[n] >= 0) { /* part by part: a copy of the whole waits for its parts */
            sb_csv_field *field = &fields[want[n]];
            field->start = at + quoted;
            field->size = size;
            field->quoted = quoted;
            field->escaped = false;
        }
        if (last) {
            *out_count = n + 1;
            *out_end = *mark > s->at && data[*mark - 1] == '\r' ? *mark - 1 : *mark;
            s->at = *mark + 1;
            s->mark = (uint32_t)(mark - s->marks);
            return true;
        }
        at = *mark + 1;
    }
    return false;
}

sb_csv_next
sb_csv_scan_next(sb_csv_scan *s, const int32_t *want, int32_t count, sb_csv_field *fields,
                 int32_t *out_count, uint32_t *out_start, uint32_t *out_end, int32_t *out_lines,
                 const char **why)
{
    const sb_csv_options *o = s->options;
    uint32_t start = s->at, at = start;
    bool more = false;
    *out_start = start;
    *out_lines = 0;
    if (skip_line(s, out_lines, &more)) {
        return more ? SB_CSV_MORE : SB_CSV_NONE;
    }
    if (!o->escape && !o->trim_spaces &&
        take_ordinary(s, want, count, fields, out_count, out_end)) {
        *out_lines = 1;
        return SB_CSV_RECORD;
    }
    for (int32_t n = 0;; n++) {
        sb_csv_field field;
        uint32_t first = at;
        bool quoted = o->quote && first < s->size && s->data[first] == o->quote;
        if (quoted) {
            at++;
        }
        field_end end =
            quoted ? scan_quoted(s, &at, &field, out_lines) : scan_plain(s, &at, &field);
        if (end == FIELD_OPEN) {
            bool lost = quoted && (s->final || s->size - first > SB_CSV_QUOTED_MAX);
            *why = "a quoted value is not closed";
            return lost ? bad_line(s, start, out_end, out_lines) : SB_CSV_MORE;
        }
        if (end == FIELD_JUNK) {
            *why = "something follows a quoted value";
            return bad_line(s, start, out_end, out_lines);
        }
        if (end == FIELD_LINE && !quoted && field.size &&
            s->data[field.start + field.size - 1] == '\r') {
            field.size--;
        }
        if (!quoted && o->trim_spaces) {
            trim(s, &field);
        }
        if (n < count && want[n] >= 0) {
            fields[want[n]] = field;
        }
        if (end == FIELD_LINE) {
            /* One empty field too many is a delimiter at the end of the line. */
            *out_count = n > 0 && n == count && field.size == 0 && !quoted ? n : n + 1;
            *out_end = at > start && at <= s->size && s->data[at - 1] == '\r' ? at - 1 : at;
            *out_lines += at < s->size;
            s->at = at + (at < s->size);
            return SB_CSV_RECORD;
        }
        at++;
    }
}

size_t
sb_csv_unescape(const sb_csv_options *options, const char *text, size_t size, bool quoted,
                char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (options->escape && c == options->escape && i + 1 < size) {
            c = text[++i];
            c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == '0' ? '\0' : c;
        } else if (quoted && c == options->quote && i + 1 < size && text[i + 1] == c) {
            i++;
        }
        out[n++] = c;
    }
    return n;
}
