/*
 * expr/variant_build.c -- see variant_build.h.
 */
#include "expr/variant_build.h"

#include "base/mem.h"
#include "expr/sort.h"
#include "kernels/decimal.h"
#include "kernels/number.h"
#include "kernels/variant.h"

#include <string.h>

#define NAME_MAX_BYTES  50000 /* Jackson's limits */
#define INTEGER_DIGITS  1000
#define SHORT_TEXT_MAX  63
#define DECIMAL_DIGITS  38
#define FAIL(b, reason) ((b)->why = (reason), false)

void
sb_variant_builder_init(sb_variant_builder *b, sb_mem *mem)
{
    *b = (sb_variant_builder){.mem = mem};
    sb_jdoc_init(&b->doc, mem);
    b->doc.long_exponents = true;
    sb_text_init(&b->value, mem);
    sb_text_init(&b->names, mem);
}

void
sb_variant_builder_deinit(sb_variant_builder *b)
{
    sb_jdoc_deinit(&b->doc);
    sb_text_deinit(&b->value);
    sb_text_deinit(&b->names);
    sb_free(b->mem, b->ends, sizeof *b->ends * (size_t)b->capacity_names);
    sb_free(b->mem, b->slots, sizeof *b->slots * (size_t)b->count_slots);
    sb_free(b->mem, b->entries, sizeof *b->entries * (size_t)b->capacity_entries);
    sb_free(b->mem, b->order, sizeof *b->order * (size_t)b->capacity_order);
    sb_free(b->mem, b->offsets, sizeof *b->offsets * (size_t)b->capacity_offsets);
}

/* ---- bytes ---- */

static void
put_number(char *to, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        to[i] = (char)(v >> (8 * i));
    }
}

static int
width_of(size_t v)
{
    return v <= 0xFF ? 1 : v <= 0xFFFF ? 2 : 3;
}

/* Room for `size` more bytes of the value. */
static char *
value_room(sb_variant_builder *b, size_t size)
{
    if (b->value.size + size > SB_VARIANT_SIZE_MAX) {
        b->why = "it is larger than 16 MiB";
        return NULL;
    }
    char *to = sb_text_reserve(&b->value, size);
    if (to) {
        b->value.size += size;
    }
    return to;
}

static bool
put_scalar(sb_variant_builder *b, int id, uint64_t v, int bytes)
{
    char *to = value_room(b, 1 + (size_t)bytes);
    if (!to) {
        return false;
    }
    to[0] = (char)(id << 2);
    put_number(to + 1, v, bytes);
    return true;
}

static bool
put_text(sb_variant_builder *b, sb_str s)
{
    bool is_short = s.size <= SHORT_TEXT_MAX;
    char *to = value_room(b, (is_short ? 1 : 5) + s.size);
    if (!to) {
        return false;
    }
    if (is_short) {
        *to++ = (char)(s.size << 2 | SB_VARIANT_SHORT_TEXT);
    } else {
        *to++ = (char)(SB_VARIANT_TEXT << 2);
        put_number(to, s.size, 4);
        to += 4;
    }
    if (s.size > 0) {
        memcpy(to, s.data, s.size);
    }
    return true;
}

/* ---- numbers ---- */

/* Digits with at most a sign and a point, few enough for a decimal. */
static bool
read_decimal(sb_str s, sb_int128 *out, int *out_digits, int *out_scale)
{
    sb_int128 v = 0;
    size_t scale = 0;
    int digits = 0;
    bool point = false, negative = s.size > 0 && s.data[0] == '-';
    for (size_t i = negative; i < s.size; i++) {
        char c = s.data[i];
        if (c == '.') {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') {
            return false;
        }
        scale += point;
        digits += digits > 0 || c != '0';
        if (digits > DECIMAL_DIGITS || scale > DECIMAL_DIGITS) {
            return false;
        }
        v = v * 10 + (c - '0');
    }
    *out = negative ? -v : v;
    *out_digits = digits;
    *out_scale = (int)scale;
    return true;
}

static bool
put_decimal(sb_variant_builder *b, sb_int128 v, int digits, int scale)
{
    int wide = digits > scale ? digits : scale;
    int bytes = wide <= 9 ? 4 : wide <= 18 ? 8 : 16;
    char *to = value_room(b, 2 + (size_t)bytes);
    if (!to) {
        return false;
    }
    to[0] = (char)((bytes == 4   ? SB_VARIANT_DECIMAL4
                    : bytes == 8 ? SB_VARIANT_DECIMAL8
                                 : SB_VARIANT_DECIMAL16)
                   << 2);
    to[1] = (char)scale;
    put_number(to + 2, (uint64_t)v, bytes > 8 ? 8 : bytes);
    if (bytes == 16) {
        put_number(to + 10, (uint64_t)((unsigned __int128)v >> 64), 8);
    }
    return true;
}

static bool
put_json_number(sb_variant_builder *b, const sb_jdoc_node *n)
{
    int64_t whole;
    sb_int128 exact;
    double number = 0;
    uint64_t bits;
    int digits, scale;
    bool negative = n->text.data[0] == '-';
    if (n->kind == SB_JSON_INTEGER) {
        if (n->text.size - negative > INTEGER_DIGITS) {
            return FAIL(b, "it has a number of more than 1000 digits");
        }
        if (sb_int_parse(n->text.data, n->text.size, INT64_MIN, INT64_MAX, &whole) == SB_INT_OK) {
            return whole == (int8_t)whole    ? put_scalar(b, SB_VARIANT_INT1, (uint64_t)whole, 1)
                   : whole == (int16_t)whole ? put_scalar(b, SB_VARIANT_INT2, (uint64_t)whole, 2)
                   : whole == (int32_t)whole ? put_scalar(b, SB_VARIANT_INT4, (uint64_t)whole, 4)
                                             : put_scalar(b, SB_VARIANT_INT8, (uint64_t)whole, 8);
        }
    }
    if (read_decimal(n->text, &exact, &digits, &scale)) {
        return put_decimal(b, exact, digits, scale);
    }
    if (!sb_double_parse(n->text.data, n->text.size, &number)) {
        return FAIL(b, "it has a number that cannot be read");
    }
    memcpy(&bits, &number, sizeof bits);
    return put_scalar(b, SB_VARIANT_DOUBLE, bits, 8);
}

/* ---- names ---- */

static sb_str
name_at(const sb_variant_builder *b, int32_t name)
{
    int32_t from = name > 0 ? b->ends[name - 1] : 0;
    return (sb_str){b->names.data + from, (size_t)(b->ends[name] - from)};
}

static uint32_t
name_hash(sb_str s)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < s.size; i++) {
        h = (h ^ (unsigned char)s.data[i]) * 16777619U;
    }
    return h ^ h >> 15;
}

static bool
grow_names(sb_variant_builder *b)
{
    int32_t more = b->capacity_names ? 2 * b->capacity_names : 32, count_slots = 2 * more;
    int32_t *ends = sb_realloc(b->mem, b->ends, sizeof *ends * (size_t)b->capacity_names,
                               sizeof *ends * (size_t)more);
    if (!ends) {
        return false;
    }
    b->ends = ends;
    b->capacity_names = more;
    int32_t *slots = sb_alloc_zero(b->mem, sizeof *slots * (size_t)count_slots);
    if (!slots) {
        return false;
    }
    sb_free(b->mem, b->slots, sizeof *b->slots * (size_t)b->count_slots);
    b->slots = slots;
    b->count_slots = count_slots;
    for (int32_t i = 0; i < b->count_names; i++) {
        uint32_t at = name_hash(name_at(b, i)) & (uint32_t)(count_slots - 1);
        while (slots[at]) {
            at = (at + 1) & (uint32_t)(count_slots - 1);
        }
        slots[at] = i + 1;
    }
    return true;
}

/* The number of a name, an old or a new one; -1: failed. */
static int32_t
name_number(sb_variant_builder *b, sb_str name)
{
    if ((b->count_names == b->capacity_names || b->count_slots < 2 * b->capacity_names) &&
        !grow_names(b)) {
        return -1;
    }
    uint32_t mask = (uint32_t)(b->count_slots - 1), at = name_hash(name) & mask;
    for (; b->slots[at]; at = (at + 1) & mask) {
        if (sb_str_equal(name_at(b, b->slots[at] - 1), name)) {
            return b->slots[at] - 1;
        }
    }
    if (b->names.size + name.size > SB_VARIANT_SIZE_MAX) {
        b->why = "its names are larger than 16 MiB";
        return -1;
    }
    sb_text_append(&b->names, name.data, name.size);
    b->ends[b->count_names] = (int32_t)b->names.size;
    b->slots[at] = ++b->count_names;
    return b->count_names - 1;
}

/* As Java compares strings: by UTF-16 units, so characters beyond the BMP come before U+E000. */
static int
compare_utf16(sb_str a, sb_str b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    for (size_t i = 0; i < shorter; i++) {
        unsigned char x = (unsigned char)a.data[i], y = (unsigned char)b.data[i];
        if (x != y) {
            if (x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0)) {
                return x >= 0xF0 ? -1 : 1;
            }
            return x < y ? -1 : 1;
        }
    }
    return (a.size > b.size) - (a.size < b.size);
}

/* ---- objects and arrays ---- */

static bool
push_entry(sb_variant_builder *b, sb_variant_entry entry)
{
    if (b->count_entries == b->capacity_entries) {
        int32_t have = b->capacity_entries, more = have ? 2 * have : 32;
        sb_variant_entry *entries = sb_realloc(b->mem, b->entries, sizeof *entries * (size_t)have,
                                               sizeof *entries * (size_t)more);
        if (!entries) {
            return false;
        }
        b->entries = entries;
        b->capacity_entries = more;
    }
    b->entries[b->count_entries++] = entry;
    return true;
}

static bool
reserve_order(sb_variant_builder *b, int32_t count)
{
    if (count <= b->capacity_order) {
        return true;
    }
    int32_t *order = sb_alloc(b->mem, sizeof *order * (size_t)count * 2);
    if (!order) {
        return false;
    }
    sb_free(b->mem, b->order, sizeof *b->order * (size_t)b->capacity_order);
    b->order = order;
    b->capacity_order = count * 2;
    return true;
}

typedef struct entry_order {
    const sb_variant_builder *builder;
    const sb_variant_entry *entries;
} entry_order;

/* By name; of equal names the later first. */
static int
compare_entries(const void *a, const void *b, void *ctx)
{
    const entry_order *o = ctx;
    const sb_variant_entry *x = &o->entries[*(const int32_t *)a];
    const sb_variant_entry *y = &o->entries[*(const int32_t *)b];
    int c = x->name == y->name
                ? 0
                : compare_utf16(name_at(o->builder, x->name), name_at(o->builder, y->name));
    return c ? c : y->offset - x->offset;
}

static int
compare_offsets(const void *a, const void *b, void *ctx)
{
    const entry_order *o = ctx;
    return o->entries[*(const int32_t *)a].offset - o->entries[*(const int32_t *)b].offset;
}

/* Moves the values of the members that stay, order[0..count), together. Entries stand in the order
 * in which they were written: a value ends where that of the next entry begins. */
static void
close_gaps(sb_variant_builder *b, size_t start, entry_order *o, sb_variant_entry *entries,
           int32_t count, int32_t all)
{
    size_t to = 0, data = b->value.size - start;
    sb_sort_rows(b->order, count, compare_offsets, o);
    for (int32_t i = 0; i < count; i++) {
        int32_t k = b->order[i];
        size_t from = (size_t)entries[k].offset;
        size_t size = (k + 1 < all ? (size_t)entries[k + 1].offset : data) - from;
        memmove(b->value.data + start + to, b->value.data + start + from, size);
        entries[k].offset = (int32_t)to;
        to += size;
    }
    b->value.size = start + to;
}

/* Sorts the members; of equal names the last stays. Their number, or -1: failed. */
static int32_t
order_entries(sb_variant_builder *b, size_t start, sb_variant_entry *entries, int32_t all)
{
    entry_order o = {b, entries};
    int32_t count = 0;
    if (!reserve_order(b, all)) {
        return -1;
    }
    for (int32_t i = 0; i < all; i++) {
        b->order[i] = i;
    }
    if (all > 1) {
        sb_sort_rows(b->order, all, compare_entries, &o);
    }
    for (int32_t i = 0; i < all; i++) {
        if (count > 0 && entries[b->order[count - 1]].name == entries[b->order[i]].name) {
            if (!b->allow_duplicates) {
                b->why = "a name is twice in an object";
                return -1;
            }
            continue;
        }
        b->order[count++] = b->order[i];
    }
    if (count < all) {
        close_gaps(b, start, &o, entries, count, all);
        sb_sort_rows(b->order, count, compare_entries, &o);
    }
    return count;
}

/* Makes room for a head of `size` bytes before the values that begin at `start`. */
static char *
insert_head(sb_variant_builder *b, size_t start, size_t size)
{
    size_t data = b->value.size - start;
    if (!value_room(b, size)) {
        return NULL;
    }
    memmove(b->value.data + start + size, b->value.data + start, data);
    return b->value.data + start;
}

static bool
finish_object(sb_variant_builder *b, size_t start, int32_t base)
{
    sb_variant_entry *entries = b->entries + base;
    int32_t all = b->count_entries - base, largest = 0, count = 0;
    for (int32_t i = 0; i < all; i++) {
        largest = entries[i].name > largest ? entries[i].name : largest;
    }
    if (all > 0 && (count = order_entries(b, start, entries, all)) < 0) {
        return false;
    }
    size_t data = b->value.size - start;
    bool large = count > 0xFF;
    int size_width = large ? 4 : 1, id_width = width_of((size_t)largest), width = width_of(data);
    size_t head = 1 + (size_t)size_width + (size_t)count * (size_t)id_width +
                  ((size_t)count + 1) * (size_t)width;
    char *to = insert_head(b, start, head);
    if (!to) {
        return false;
    }
    *to++ = (char)(large << 6 | (id_width - 1) << 4 | (width - 1) << 2 | SB_VARIANT_OBJECT);
    put_number(to, (uint64_t)count, size_width);
    to += size_width;
    for (int32_t i = 0; i < count; i++, to += id_width) {
        put_number(to, (uint64_t)entries[b->order[i]].name, id_width);
    }
    for (int32_t i = 0; i < count; i++, to += width) {
        put_number(to, (uint64_t)entries[b->order[i]].offset, width);
    }
    put_number(to, data, width);
    b->count_entries = base;
    return true;
}

static bool
finish_array(sb_variant_builder *b, size_t start, int32_t base)
{
    int32_t count = b->count_offsets - base;
    size_t data = b->value.size - start;
    bool large = count > 0xFF;
    int size_width = large ? 4 : 1, width = width_of(data);
    char *to = insert_head(b, start, 1 + (size_t)size_width + ((size_t)count + 1) * (size_t)width);
    if (!to) {
        return false;
    }
    *to++ = (char)(large << 4 | (width - 1) << 2 | SB_VARIANT_ARRAY);
    put_number(to, (uint64_t)count, size_width);
    to += size_width;
    for (int32_t i = 0; i < count; i++, to += width) {
        put_number(to, (uint64_t)b->offsets[base + i], width);
    }
    put_number(to, data, width);
    b->count_offsets = base;
    return true;
}

static bool put_node(sb_variant_builder *b, int32_t node, int depth);

static bool
put_members(sb_variant_builder *b, int32_t first, int depth)
{
    size_t start = b->value.size;
    int32_t base = b->count_entries;
    for (int32_t i = first; i >= 0; i = b->doc.nodes[i].next) {
        const sb_jdoc_node *n = &b->doc.nodes[i];
        sb_str name = n->key;
        if (n->key_escaped) {
            sb_text_clear(&b->doc.key);
            sb_jdoc_unescape(&b->doc.key, n->key);
            name = (sb_str){b->doc.key.data, b->doc.key.size};
        }
        if (name.size > NAME_MAX_BYTES) {
            return FAIL(b, "it has a name of more than 50000 characters");
        }
        int32_t number = name_number(b, name);
        if (number < 0 ||
            !push_entry(b, (sb_variant_entry){number, (int32_t)(b->value.size - start)}) ||
            !put_node(b, i, depth + 1)) {
            return false;
        }
    }
    return finish_object(b, start, base);
}

static bool
put_elements(sb_variant_builder *b, int32_t first, int depth)
{
    size_t start = b->value.size;
    int32_t base = b->count_offsets;
    for (int32_t i = first; i >= 0; i = b->doc.nodes[i].next) {
        if (b->count_offsets == b->capacity_offsets) {
            int32_t have = b->capacity_offsets, more = have ? 2 * have : 32;
            int32_t *offsets = sb_realloc(b->mem, b->offsets, sizeof *offsets * (size_t)have,
                                          sizeof *offsets * (size_t)more);
            if (!offsets) {
                return false;
            }
            b->offsets = offsets;
            b->capacity_offsets = more;
        }
        b->offsets[b->count_offsets++] = (int32_t)(b->value.size - start);
        if (!put_node(b, i, depth + 1)) {
            return false;
        }
    }
    return finish_array(b, start, base);
}

static bool
put_node(sb_variant_builder *b, int32_t node, int depth)
{
    const sb_jdoc_node *n = &b->doc.nodes[node];
    if (n->kind >= SB_JSON_ARRAY && depth >= SB_VARIANT_DEPTH) {
        return FAIL(b, "it is nested more than 1000 deep");
    }
    switch ((sb_jdoc_kind)n->kind) {
    case SB_JSON_NULL: return put_scalar(b, SB_VARIANT_NULL, 0, 0);
    case SB_JSON_FALSE: return put_scalar(b, SB_VARIANT_FALSE, 0, 0);
    case SB_JSON_TRUE: return put_scalar(b, SB_VARIANT_TRUE, 0, 0);
    case SB_JSON_INTEGER:
    case SB_JSON_FLOAT: return put_json_number(b, n);
    case SB_JSON_STRING:
        if (!n->escaped) {
            return put_text(b, n->text);
        }
        sb_text_clear(&b->doc.other);
        sb_jdoc_unescape(&b->doc.other, n->text);
        return put_text(b, (sb_str){b->doc.other.data, b->doc.other.size});
    case SB_JSON_ARRAY: return put_elements(b, n->first, depth);
    default: return put_members(b, n->first, depth);
    }
}

static void
put_metadata(const sb_variant_builder *b, sb_text *out)
{
    size_t most = b->names.size > (size_t)b->count_names ? b->names.size : (size_t)b->count_names;
    int width = width_of(most);
    size_t head = 1 + ((size_t)b->count_names + 2) * (size_t)width;
    char *to = sb_text_reserve(out, head);
    if (!to) {
        return;
    }
    out->size += head;
    *to++ = (char)(1 | (width - 1) << 6);
    put_number(to, (uint64_t)b->count_names, width);
    to += width;
    put_number(to, 0, width);
    to += width;
    for (int32_t i = 0; i < b->count_names; i++, to += width) {
        put_number(to, (uint64_t)b->ends[i], width);
    }
    sb_text_append(out, b->names.data, b->names.size);
}

/* A number alone must be followed by a blank, or nothing. */
static bool
ends_well(const sb_variant_builder *b, sb_str json)
{
    const sb_jdoc_node *root = &b->doc.nodes[0];
    const char *end = root->text.data + root->text.size;
    return (root->kind != SB_JSON_INTEGER && root->kind != SB_JSON_FLOAT) ||
           end == json.data + json.size || *end == ' ' || *end == '\t' || *end == '\n' ||
           *end == '\r';
}

bool
sb_variant_from_json(sb_variant_builder *b, sb_str json, sb_text *out)
{
    sb_text_clear(&b->value);
    sb_text_clear(&b->names);
    b->count_names = b->count_entries = b->count_offsets = 0;
    if (b->count_slots > 0) {
        memset(b->slots, 0, sizeof *b->slots * (size_t)b->count_slots);
    }
    b->why = NULL;
    if (!sb_jdoc_parse(&b->doc, json) || !ends_well(b, json)) {
        return b->doc.failed ? false : FAIL(b, "it is no JSON");
    }
    if (!put_node(b, 0, 0)) {
        return false;
    }
    sb_text_clear(out);
    put_metadata(b, out);
    if (out->size > SB_VARIANT_SIZE_MAX) {
        return FAIL(b, "its names are larger than 16 MiB");
    }
    sb_text_append(out, b->value.data, b->value.size);
    return !sb_text_failed(out) && !sb_text_failed(&b->names) && !sb_text_failed(&b->doc.key) &&
           !sb_text_failed(&b->doc.other);
}
