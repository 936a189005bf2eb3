/*
 * formats/sniff_csv.c -- guessing delimiter, header and columns of CSV.
 *
 * DESIGN     The delimiter is the one that cuts the first records into the most fields, the same
 *            number in nearly each. The first record is a header when its fields are names that are
 *            all there, and the fields below are of other types (or all are text).
 */
#include <stdio.h>
#include <string.h>

#include "formats/csv_scan.h"
#include "formats/sniff_priv.h"

#define PROBE_RECORDS 200
#define QUOTED_TEXT   4096 /* a longer field with quotes inside is text */

typedef struct csv_sniffer {
    sb_arena *arena;
    sb_mem *mem;
    sb_csv_options options;
    const sb_sniff_file *files;
    int32_t count_files;
    int32_t count; /* columns */
    int32_t *want; /* 0.. */
    sb_csv_field *fields;
    sb_seen *first, *rest; /* of the first record, of all others; per column */
    sb_str *names;         /* texts of the first record */
    int64_t rows;          /* without the first one */
    bool has_first;
} csv_sniffer;

/* ---- delimiter ---- */

typedef struct probe {
    int32_t records, same, fields, other; /* same: as the first; other: bad ones */
} probe;

static sb_status
probe_file(csv_sniffer *s, const sb_sniff_file *file, probe *out, sb_error *err)
{
    sb_csv_scan scan = {.options = &s->options, .mem = s->mem};
    *out = (probe){.records = 0};
    sb_status status = sb_csv_scan_window(&scan, file->data, file->size, file->whole, err);
    while (status == SB_OK && scan.at < scan.size && out->records < PROBE_RECORDS) {
        uint32_t start, end;
        int32_t fields = 0, lines;
        const char *why;
        sb_csv_next next =
            sb_csv_scan_next(&scan, NULL, 0, NULL, &fields, &start, &end, &lines, &why);
        if (next == SB_CSV_MORE) {
            break;
        }
        if (next == SB_CSV_NONE) {
            continue;
        }
        out->fields = out->records == 0 ? fields : out->fields;
        out->records++;
        out->same += next == SB_CSV_RECORD && fields == out->fields;
    }
    sb_csv_scan_deinit(&scan);
    return status;
}

/* The best delimiter; none that cuts records into equal numbers of fields: one column. */
static sb_status
guess_delimiter(csv_sniffer *s, sb_error *err)
{
    static const char candidates[] = {',', '\t', ';', '|'};
    char best = ',';
    int32_t most = 1, most_same = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        probe got;
        s->options.delimiter = candidates[i];
        SB_TRY(probe_file(s, &s->files[0], &got, err), err);
        int32_t same = got.records > 0 ? got.same * 100 / got.records : 0;
        bool better = got.fields > 1 && same >= 80 &&
                      (same > most_same || (same == most_same && got.fields > most));
        if (better) {
            best = candidates[i];
            most = got.fields;
            most_same = same;
        }
    }
    s->options.delimiter = best;
    return SB_OK;
}

/* ---- records ---- */

static sb_str
field_text(const csv_sniffer *s, const sb_csv_field *field, const char *data, char *plain)
{
    sb_str text = {data + field->start, field->size};
    if (field->escaped && text.size <= QUOTED_TEXT) {
        text.size = sb_csv_unescape(&s->options, text.data, text.size, field->quoted, plain);
        text.data = plain;
    }
    return text;
}

static sb_status
take_first(csv_sniffer *s, const char *data, sb_error *err)
{
    char plain[QUOTED_TEXT + 16];
    for (int32_t c = 0; c < s->count; c++) {
        sb_str text = field_text(s, &s->fields[c], data, plain);
        char *copy = sb_arena_strndup(s->arena, text.data, text.size);
        if (!copy) {
            SB_NOMEM(err);
        }
        s->names[c] = (sb_str){copy, text.size};
        sb_seen_plain(&s->first[c], text);
    }
    s->has_first = true;
    return SB_OK;
}

/* Is the record that of the first file's first line? Then it is that file's header. */
static bool
is_first_again(const csv_sniffer *s, const char *data)
{
    char plain[QUOTED_TEXT + 16];
    bool same = true;
    for (int32_t c = 0; same && c < s->count; c++) {
        same = sb_str_equal(field_text(s, &s->fields[c], data, plain), s->names[c]);
    }
    return same;
}

static void
take_record(csv_sniffer *s, const char *data)
{
    char plain[QUOTED_TEXT + 16];
    for (int32_t c = 0; c < s->count; c++) {
        sb_seen_plain(&s->rest[c], field_text(s, &s->fields[c], data, plain));
    }
    s->rows++;
}

static sb_status
read_file(csv_sniffer *s, const sb_sniff_file *file, sb_error *err)
{
    sb_csv_scan scan = {.options = &s->options, .mem = s->mem};
    bool begin = true;
    sb_status status = sb_csv_scan_window(&scan, file->data, file->size, file->whole, err);
    while (status == SB_OK && scan.at < scan.size && s->rows < SB_SNIFF_ROWS) {
        uint32_t start, end;
        int32_t fields = 0, lines;
        const char *why;
        sb_csv_next next = sb_csv_scan_next(&scan, s->want, s->count, s->fields, &fields, &start,
                                            &end, &lines, &why);
        if (next == SB_CSV_MORE) {
            break;
        }
        if (next != SB_CSV_RECORD || fields != s->count) {
            continue; /* a bad one is told where it is read */
        }
        if (begin && !s->has_first) {
            status = take_first(s, file->data, err);
        } else if (!begin || !is_first_again(s, file->data)) {
            take_record(s, file->data);
        }
        begin = false;
    }
    sb_csv_scan_deinit(&scan);
    return status;
}

/* ---- header ---- */

static bool
has_header(const csv_sniffer *s)
{
    bool all_text = true, differs = false;
    for (int32_t c = 0; c < s->count; c++) {
        uint32_t rest = s->rest[c].bits & ~(uint32_t)SB_SEEN_NULL;
        if (s->first[c].bits != SB_SEEN_TEXT || memchr(s->names[c].data, 0, s->names[c].size) ||
            !sb_format_is_utf8(s->names[c].data, s->names[c].size)) {
            return false; /* an empty field, a number, a date: no name */
        }
        all_text = all_text && (rest == 0 || (rest & SB_SEEN_TEXT) != 0);
        differs = differs || (rest != 0 && (rest & SB_SEEN_TEXT) == 0);
    }
    for (int32_t c = 0; !differs && all_text && c < s->count; c++) {
        for (int32_t k = 0; k < c; k++) {
            if (sb_str_equal(s->names[c], s->names[k])) {
                return false;
            }
        }
    }
    return differs || all_text;
}

static bool
is_taken(const sb_field *fields, int32_t count, const char *name)
{
    for (int32_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The name of column c; *out_as_written: it is that of the header. */
static const char *
column_name(const csv_sniffer *s, const sb_field *fields, int32_t c, bool header,
            bool *out_as_written)
{
    const char *name = header ? s->names[c].data : sb_arena_printf(s->arena, "column%d", c);
    for (int32_t n = 1; name && is_taken(fields, c, name); n++) {
        name = sb_arena_printf(s->arena, "%s_%d", header ? s->names[c].data : "column", n);
        *out_as_written = false;
    }
    return name;
}

static sb_status
make_guess(csv_sniffer *s, sb_sniff_guess *out, sb_error *err)
{
    bool header = !s->files[0].no_header && has_header(s), as_written = true;
    sb_field *fields = SB_NEW_ARRAY(s->arena, sb_field, s->count);
    char *delimiter = sb_arena_strndup(s->arena, &s->options.delimiter, 1);
    if (!fields || !delimiter) {
        SB_NOMEM(err);
    }
    for (int32_t c = 0; c < s->count; c++) {
        sb_seen seen = s->rest[c];
        if (!header) {
            seen.bits |= s->first[c].bits;
            seen.digits = seen.digits > s->first[c].digits ? seen.digits : s->first[c].digits;
        }
        fields[c].name = column_name(s, fields, c, header, &as_written);
        if (!fields[c].name) {
            SB_NOMEM(err);
        }
        SB_TRY(sb_seen_type(s->arena, &seen, false, &fields[c].type, err), err);
    }
    out->columns = (sb_schema){s->count, fields};
    out->rows = s->rows + !header;
    if (header) {
        sb_sniff_option_add(out, "csv.header", as_written ? "match" : "skip");
    }
    if (s->options.delimiter != ',') {
        sb_sniff_option_add(out, "csv.field-delimiter", delimiter);
    }
    sb_sniff_option_add(out, "csv.empty-string-as-null", "true");
    sb_sniff_option_add(out, "csv.strict-types", "true");
    return SB_OK;
}

sb_status
sb_sniff_csv(sb_arena *arena, sb_mem *mem, const sb_sniff_file *files, int32_t count,
             char delimiter, bool sure, sb_sniff_guess *out, sb_error *err)
{
    csv_sniffer s = {.arena = arena, .mem = mem, .files = files, .count_files = count};
    probe got;
    s.options = (sb_csv_options){.delimiter = delimiter, .quote = '"'};
    *out = (sb_sniff_guess){.format = "csv"};
    if (!delimiter) {
        SB_TRY(guess_delimiter(&s, err), err);
    }
    SB_TRY(probe_file(&s, &files[0], &got, err), err);
    if (got.records == 0 || (!sure && (got.fields < 2 || got.same < got.records))) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "file '%s' has no records of CSV to guess columns from",
                files[0].path);
    }
    if (got.fields > SB_SNIFF_COLUMNS) {
        SB_FAIL(err, SB_STATUS_LIMIT, "file '%s' has more than %d columns", files[0].path,
                SB_SNIFF_COLUMNS);
    }
    s.count = got.fields > 0 ? got.fields : 1;
    s.want = SB_NEW_ARRAY(arena, int32_t, s.count);
    s.fields = SB_NEW_ARRAY(arena, sb_csv_field, s.count);
    s.first = SB_NEW_ARRAY(arena, sb_seen, s.count);
    s.rest = SB_NEW_ARRAY(arena, sb_seen, s.count);
    s.names = SB_NEW_ARRAY(arena, sb_str, s.count);
    if (!s.want || !s.fields || !s.first || !s.rest || !s.names) {
        SB_NOMEM(err);
    }
    for (int32_t c = 0; c < s.count; c++) {
        s.want[c] = c;
    }
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(read_file(&s, &files[i], err), err);
    }
    if (!s.has_first) {
        SB_FAIL(err, SB_STATUS_DATA, "file '%s' begins with no record of CSV", files[0].path);
    }
    return make_guess(&s, out, err);
}
