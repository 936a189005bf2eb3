/*
 * formats/sniff.c -- which format files have: by the end of their names, else by what is in them.
 */
#include "formats/sniff.h"

#include <string.h>

#include "formats/format.h"
#include "formats/sniff_priv.h"

typedef enum known { KNOWN_NOT, KNOWN_JSON, KNOWN_CSV, KNOWN_TSV, KNOWN_OTHER, KNOWN_LINES } known;

static known
known_of(const sb_sniff_file *file)
{
    static const struct {
        const char *end;
        known what;
    } ends[] = {
        {".json", KNOWN_JSON}, {".jsonl", KNOWN_JSON},    {".ndjson", KNOWN_JSON},
        {".csv", KNOWN_CSV},   {".tsv", KNOWN_TSV},       {".txt", KNOWN_LINES},
        {".log", KNOWN_LINES}, {".parquet", KNOWN_OTHER}, {".avro", KNOWN_OTHER},
        {".orc", KNOWN_OTHER}, {".arrow", KNOWN_OTHER},   {".xlsx", KNOWN_OTHER},
    };

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        sb_str end = sb_str_of(ends[i].end);
        if (file->name.size >= end.size &&
            sb_str_equal_nocase((sb_str){file->name.data + file->name.size - end.size, end.size},
                                end)) {
            return ends[i].what;
        }
    }
    return KNOWN_NOT;
}

void
sb_sniff_option_add(sb_sniff_guess *guess, const char *key, const char *value)
{
    sb_assert(guess->count_options < (int32_t)(sizeof guess->options / sizeof guess->options[0]));
    guess->options[guess->count_options++] = (sb_sniff_option){key, value};
}

static sb_status
guess_lines(sb_arena *arena, const sb_sniff_file *files, sb_sniff_guess *out, sb_error *err)
{
    const sb_sniff_file *file = &files[0];
    sb_field *fields = SB_NEW(arena, sb_field);
    if (!fields) {
        SB_NOMEM(err);
    }
    size_t size = file->size;
    while (size > 0 && !file->whole && file->data[size - 1] != '\n') {
        size--; /* a character may be cut */
    }
    if (memchr(file->data, 0, file->size) || !sb_format_is_utf8(file->data, size)) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: file '%s' is neither JSON nor text in UTF-8", file->path);
    }
    *fields = (sb_field){.name = "line", .type = sb_type_string(true)};
    *out = (sb_sniff_guess){.format = "raw", .columns = {1, fields}};
    for (size_t i = 0; i < size; i++) {
        out->rows += file->data[i] == '\n';
    }
    return SB_OK;
}

static const char byte_order_mark[] = "\xEF\xBB\xBF";

/* Whose names say nothing: JSON if the first line is an object, CSV if records are cut alike. */
static sb_status
guess_unknown(sb_arena *arena, sb_mem *mem, const sb_sniff_file *files, int32_t count, bool lines,
              sb_sniff_guess *out, sb_error *err)
{
    const sb_sniff_file *file = &files[0];
    size_t blank = 0;
    while (blank < file->size && strchr(" \t\r\n", file->data[blank])) {
        blank++;
    }
    if (blank < file->size && file->data[blank] == '{') {
        sb_status status = sb_sniff_json(arena, files, count, out, err);
        if (status != SB_STATUS_DATA) {
            return status;
        }
    } else if (!lines) {
        sb_status status = sb_sniff_csv(arena, mem, files, count, 0, false, out, err);
        if (status != SB_STATUS_NOT_FOUND) {
            return status;
        }
    }
    return guess_lines(arena, files, out, err);
}

sb_status
sb_sniff(sb_arena *arena, sb_mem *mem, const sb_sniff_file *given, int32_t count,
         sb_sniff_guess *out, sb_error *err)
{
    sb_sniff_file *files = sb_arena_memdup(arena, given, sizeof *given * (size_t)count);
    if (!files) {
        SB_NOMEM(err);
    }
    known what = known_of(&files[0]);
    int32_t empty = 0;
    for (int32_t i = 0; i < count; i++) {
        if (known_of(&files[i]) != what) {
            SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                    "not supported: files of several kinds as one table ('%s' and '%s')",
                    files[0].path, files[i].path);
        }
        if (files[i].size >= 3 && memcmp(files[i].data, byte_order_mark, 3) == 0) {
            files[i].data += 3;
            files[i].size -= 3;
        }
        empty += files[i].size == 0;
    }
    if (empty == count) {
        SB_FAIL(err, SB_STATUS_DATA, "file '%s' is empty: there is nothing to guess columns from",
                files[0].path);
    }
    for (int32_t i = 0; i < count; i++) { /* one with content first */
        if (files[0].size == 0 && files[i].size > 0) {
            sb_sniff_file first = files[i];
            files[i] = files[0];
            files[0] = first;
        }
    }
    switch (what) {
    case KNOWN_JSON: return sb_sniff_json(arena, files, count, out, err);
    case KNOWN_CSV: return sb_sniff_csv(arena, mem, files, count, 0, true, out, err);
    case KNOWN_TSV: return sb_sniff_csv(arena, mem, files, count, '\t', true, out, err);
    case KNOWN_OTHER:
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: the format of file '%s'",
                files[0].path);
    default: break;
    }
    return guess_unknown(arena, mem, files, count, what == KNOWN_LINES, out, err);
}
