/*
 * formats/sniff_seen.c -- what a value could be, and which type holds all values of a column.
 */
#include <string.h>

#include "formats/number_text.h"
#include "formats/sniff_priv.h"
#include "formats/time_text.h"

/* ---- values ---- */

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* yyyy-MM-dd and what may follow; not a date that only a lenient reader takes. */
static uint32_t
time_bits(sb_str text, int32_t *out_digits)
{
    int32_t days, ms;
    *out_digits = 0;
    if (text.size == 8 && text.data[2] == ':' && text.data[5] == ':' &&
        sb_fmt_parse_time_iso(text, &ms)) {
        return SB_SEEN_TIME;
    }
    if (text.size < 10 || text.size > 35 || text.data[4] != '-' || text.data[7] != '-' ||
        !sb_fmt_parse_date((sb_str){text.data, 10}, &days)) {
        return 0;
    }
    if (text.size == 10) {
        return SB_SEEN_DATE;
    }
    char between = text.data[10];
    bool instant = text.data[text.size - 1] == 'Z';
    sb_ts_ns unused;
    char strict[40];
    if (text.size < 16 || (between != ' ' && between != 'T') ||
        !sb_fmt_parse_timestamp(text, between == 'T', instant, 9, &unused)) {
        return 0;
    }
    memcpy(strict, text.data, text.size); /* SQL timestamps may say 24:00 and February 30 */
    strict[10] = 'T';
    if (!sb_fmt_parse_timestamp((sb_str){strict, text.size - instant}, true, false, 9, &unused)) {
        return 0;
    }
    *out_digits = sb_fmt_fraction_digits(text);
    if (between == 'T') {
        return instant ? SB_SEEN_ISO_INSTANT : SB_SEEN_ISO_TIMESTAMP;
    }
    return instant ? SB_SEEN_SQL_INSTANT : SB_SEEN_SQL_TIMESTAMP;
}

void
sb_seen_string(sb_seen *seen, sb_str text)
{
    int32_t digits;
    uint32_t bits = time_bits(text, &digits);
    seen->bits |= bits ? bits : SB_SEEN_TEXT;
    seen->digits = digits > seen->digits ? digits : seen->digits;
}

uint32_t
sb_seen_number(sb_str text)
{
    size_t sign = text.size > 0 && text.data[0] == '-', digits = sign;
    int64_t unused;
    while (digits < text.size && is_digit(text.data[digits])) {
        digits++;
    }
    if (digits < text.size || digits == sign) {
        return SB_SEEN_NUMBER;
    }
    return sb_fmt_parse_i64(text, INT64_MIN, INT64_MAX, &unused) ? SB_SEEN_INTEGER
           : digits - sign <= 38                                 ? SB_SEEN_LONG_INTEGER
                                                                 : SB_SEEN_NUMBER;
}

/* -12, 1.5, .5, 1e3; no leading zeros (they mean something: a code, not a number), no names. */
static bool
looks_like_number(sb_str text)
{
    size_t at = text.size > 0 && text.data[0] == '-';
    if (at == text.size || (!is_digit(text.data[at]) && text.data[at] != '.')) {
        return false;
    }
    if (text.data[at] == '0' && at + 1 < text.size && is_digit(text.data[at + 1])) {
        return false;
    }
    for (; at < text.size; at++) {
        char c = text.data[at];
        if (!is_digit(c) && c != '.' && c != 'e' && c != 'E' && c != '-' && c != '+') {
            return false;
        }
    }
    double unused;
    return sb_fmt_parse_f64(text, &unused);
}

void
sb_seen_plain(sb_seen *seen, sb_str text)
{
    sb_str trimmed = sb_fmt_str_trim(text);
    if (text.size == 0) {
        seen->bits |= SB_SEEN_NULL;
    } else if (sb_str_equal_nocase(text, SB_STR("true")) ||
               sb_str_equal_nocase(text, SB_STR("false"))) {
        seen->bits |= SB_SEEN_BOOLEAN;
    } else if (looks_like_number(trimmed)) {
        seen->bits |= sb_seen_number(trimmed);
    } else {
        sb_seen_string(seen, text);
    }
}

/* ---- trees ---- */

sb_seen *
sb_seen_field(sb_arena *arena, sb_seen *object, sb_str name)
{
    sb_seen *at = object->guess ? object->guess : object->first;
    for (int32_t i = 0; i < object->count; i++) { /* records of a file are alike */
        if (at->name_size == name.size && memcmp(at->name, name.data, name.size) == 0) {
            object->guess = at->next ? at->next : object->first;
            return at;
        }
        at = at->next ? at->next : object->first;
    }
    sb_seen *field = SB_NEW(arena, sb_seen);
    char *copy = sb_arena_strndup(arena, name.data, name.size);
    if (!field || !copy) {
        return NULL;
    }
    field->name = copy;
    field->name_size = (uint32_t)name.size;
    if (object->last) {
        object->last->next = field;
    } else {
        object->first = field;
    }
    object->last = field;
    object->count++;
    object->guess = object->first;
    return field;
}

uint32_t
sb_seen_all(const sb_seen *seen)
{
    uint32_t bits = seen->bits;
    for (const sb_seen *field = seen->first; field; field = field->next) {
        bits |= sb_seen_all(field);
    }
    return bits | (seen->element ? sb_seen_all(seen->element) : 0);
}

/* ---- types ---- */

static sb_type
timestamp_type(uint8_t id, int32_t digits)
{
    uint8_t precision = digits <= 3 ? 3 : digits <= 6 ? 6 : 9;
    return (sb_type){.id = id, .nullable = true, .precision = precision};
}

static sb_type
scalar_type(const sb_seen *seen, bool iso)
{
    const uint32_t numbers = SB_SEEN_INTEGER | SB_SEEN_LONG_INTEGER | SB_SEEN_NUMBER;
    uint32_t bits = seen->bits & ~(uint32_t)SB_SEEN_NULL;
    if (bits == SB_SEEN_BOOLEAN) {
        return SB_TYPE(BOOLEAN, true);
    }
    if (bits == SB_SEEN_INTEGER) {
        return SB_TYPE(BIGINT, true);
    }
    if (bits != 0 && (bits & ~numbers) == 0) {
        return bits & SB_SEEN_NUMBER
                   ? SB_TYPE(DOUBLE, true)
                   : (sb_type){.id = SB_TYPE_DECIMAL, .nullable = true, .precision = 38};
    }
    if (bits == SB_SEEN_DATE) {
        return SB_TYPE(DATE, true);
    }
    if (bits == SB_SEEN_TIME) {
        return SB_TYPE(TIME, true);
    }
    if (bits == (iso ? SB_SEEN_ISO_TIMESTAMP : SB_SEEN_SQL_TIMESTAMP)) {
        return timestamp_type(SB_TYPE_TIMESTAMP, seen->digits);
    }
    if (bits == (iso ? SB_SEEN_ISO_INSTANT : SB_SEEN_SQL_INSTANT)) {
        return timestamp_type(SB_TYPE_TIMESTAMP_LTZ, seen->digits);
    }
    return sb_type_string(true);
}

/* The values of an object with too many names for a ROW. */
static sb_status
map_type(sb_arena *arena, const sb_seen *seen, bool iso, sb_type *out, sb_error *err)
{
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, 2);
    sb_seen all = {.bits = 0};
    if (!fields) {
        SB_NOMEM(err);
    }
    for (const sb_seen *field = seen->first; field; field = field->next) {
        all.bits |= field->bits;
        all.digits = field->digits > all.digits ? field->digits : all.digits;
    }
    fields[0] = (sb_field){.name = "key", .type = sb_type_string(false)};
    fields[1] = (sb_field){.name = "value", .type = scalar_type(&all, iso)};
    *out = (sb_type){.id = SB_TYPE_MAP, .nullable = true, .count_children = 2, .children = fields};
    return SB_OK;
}

static sb_status
row_type(sb_arena *arena, const sb_seen *seen, bool iso, sb_type *out, sb_error *err)
{
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, seen->count + 1);
    int32_t i = 0;
    if (!fields) {
        SB_NOMEM(err);
    }
    for (const sb_seen *field = seen->first; field; field = field->next, i++) {
        fields[i].name = field->name;
        SB_TRY(sb_seen_type(arena, field, iso, &fields[i].type, err), err);
    }
    *out = (sb_type){
        .id = SB_TYPE_ROW, .nullable = true, .count_children = seen->count, .children = fields};
    return SB_OK;
}

sb_status
sb_seen_type(sb_arena *arena, const sb_seen *seen, bool iso, sb_type *out, sb_error *err)
{
    uint32_t bits = seen->bits & ~(uint32_t)SB_SEEN_NULL;
    if (bits == SB_SEEN_OBJECT && seen->count > SB_SNIFF_FIELDS) {
        return map_type(arena, seen, iso, out, err);
    }
    if (bits == SB_SEEN_OBJECT && seen->count > 0) {
        return row_type(arena, seen, iso, out, err);
    }
    if (bits == SB_SEEN_ARRAY) {
        sb_field *element = SB_NEW(arena, sb_field);
        if (!element) {
            SB_NOMEM(err);
        }
        element->name = "element";
        element->type = sb_type_string(true);
        if (seen->element) {
            SB_TRY(sb_seen_type(arena, seen->element, iso, &element->type, err), err);
        }
        *out = (sb_type){
            .id = SB_TYPE_ARRAY, .nullable = true, .count_children = 1, .children = element};
        return SB_OK;
    }
    *out = scalar_type(seen, iso);
    return SB_OK;
}
