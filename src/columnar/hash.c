/*
 * columnar/hash.c -- hashing of key columns in typed loops.
 *
 * DESIGN     Integers are sign-extended to 64 bits and mixed, so a column keeps its hashes when it
 *            is widened. Strings up to 12 bytes are always inline: their 16 view bytes are mixed;
 *            longer ones take XXH3. Lists and rows fold the hashes of their parts (slow path). A
 *            column is hashed block by block, then folded into the hashes of the columns before it.
 *            Never change a result: it decides where state lives.
 * THREADS    T:any
 */
#include "columnar/hash.h"

#include <string.h>

#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define INLINE static inline __attribute__((always_inline))
#define BLOCK  512

/* ---- one value
 * ---------------------------------------------------------------------------------- */

INLINE uint64_t
hash_u8(const void *values, size_t i)
{
    return sb_hash_u64(((const uint8_t *)values)[i]);
}

INLINE uint64_t
hash_i8(const void *values, size_t i)
{
    return sb_hash_u64((uint64_t)(int64_t)((const int8_t *)values)[i]);
}

INLINE uint64_t
hash_i16(const void *values, size_t i)
{
    return sb_hash_u64((uint64_t)(int64_t)((const int16_t *)values)[i]);
}

INLINE uint64_t
hash_i32(const void *values, size_t i)
{
    return sb_hash_u64((uint64_t)(int64_t)((const int32_t *)values)[i]);
}

INLINE uint64_t
hash_i64(const void *values, size_t i)
{
    return sb_hash_u64((uint64_t)((const int64_t *)values)[i]);
}

INLINE uint64_t
hash_f32(const void *values, size_t i)
{
    float v = ((const float *)values)[i];
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return sb_hash_u64(v == v ? bits : 0x7FC00000u);
}

INLINE uint64_t
hash_f64(const void *values, size_t i)
{
    double v = ((const double *)values)[i];
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return sb_hash_u64(v == v ? bits : UINT64_C(0x7FF8000000000000));
}

INLINE uint64_t
hash_i128(const void *values, size_t i)
{
    uint64_t words[2];
    memcpy(words, (const char *)values + i * 16, sizeof words);
    return sb_hash_combine(sb_hash_u64(words[0]), words[1]);
}

INLINE uint64_t
hash_tsns(const void *values, size_t i)
{
    const sb_ts_ns *v = (const sb_ts_ns *)values + i;
    return sb_hash_combine(sb_hash_u64((uint64_t)v->us), (uint64_t)v->ns);
}

INLINE uint64_t
hash_view(const void *values, size_t i)
{
    const sb_view *v = (const sb_view *)values + i;
    if (__builtin_expect(v->small.size <= SB_VIEW_INLINE, 1)) {
        return sb_hash_combine(sb_hash_u64(v->words[0]), v->words[1]);
    }
    return XXH3_64bits(v->large.data, v->large.size);
}

INLINE void
hash_loop(const void *values, const int32_t *index, int32_t n, uint64_t *out,
          uint64_t (*one)(const void *values, size_t i))
{
    if (index) {
        for (int32_t i = 0; i < n; i++) {
            out[i] = one(values, (size_t)(uint32_t)index[i]);
        }
    } else {
        for (int32_t i = 0; i < n; i++) {
            out[i] = one(values, (size_t)(uint32_t)i);
        }
    }
}

static void
hash_flat(sb_phys phys, const void *values, const int32_t *index, int32_t n, uint64_t *out)
{
    switch (phys) {
    case SB_PHYS_BOOL: hash_loop(values, index, n, out, hash_u8); return;
    case SB_PHYS_I8: hash_loop(values, index, n, out, hash_i8); return;
    case SB_PHYS_I16: hash_loop(values, index, n, out, hash_i16); return;
    case SB_PHYS_I32: hash_loop(values, index, n, out, hash_i32); return;
    case SB_PHYS_I64: hash_loop(values, index, n, out, hash_i64); return;
    case SB_PHYS_F32: hash_loop(values, index, n, out, hash_f32); return;
    case SB_PHYS_F64: hash_loop(values, index, n, out, hash_f64); return;
    case SB_PHYS_I128: hash_loop(values, index, n, out, hash_i128); return;
    case SB_PHYS_TSNS: hash_loop(values, index, n, out, hash_tsns); return;
    case SB_PHYS_VIEW: hash_loop(values, index, n, out, hash_view); return;
    case SB_PHYS_NULL:
    case SB_PHYS_LIST:
    case SB_PHYS_STRUCT:
    case SB_PHYS_COUNT: break;
    }
    sb_assert(!"not a flat kind");
}

uint64_t
sb_hash_value(sb_phys phys, const void *value)
{
    uint64_t hash = SB_HASH_NULL;
    if (phys != SB_PHYS_NULL) {
        hash_flat(phys, value, NULL, 1, &hash);
    }
    return hash;
}

/* Any value of any vector. */
static uint64_t
hash_at(const sb_vector *v, int32_t row)
{
    if (!sb_vector_valid(v, row)) {
        return SB_HASH_NULL;
    }
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
    if (v->phys == SB_PHYS_STRUCT) {
        int32_t index = sb_vector_index(v, row);
        uint64_t hash = sb_hash_u64((uint64_t)flat->count_children);
        for (int32_t c = 0; c < flat->count_children; c++) {
            hash = sb_hash_combine(hash, hash_at(flat->children[c], index));
        }
        return hash;
    }
    if (v->phys == SB_PHYS_LIST) {
        const sb_list_entry *list = sb_vector_at(v, row);
        uint64_t hash = sb_hash_u64((uint64_t)list->count);
        for (int32_t i = 0; i < list->count; i++) {
            for (int32_t c = 0; c < flat->count_children; c++) {
                hash = sb_hash_combine(hash, hash_at(flat->children[c], list->offset + i));
            }
        }
        return hash;
    }
    return sb_hash_value((sb_phys)v->phys, sb_vector_at(v, row));
}

/* ---- columns
 * ------------------------------------------------------------------------------------ */

/* Puts the hash of NULL where rows are NULL. `at` is the first row when rows is NULL. */
static void
patch_nulls(const sb_vector *v, const int32_t *rows, int32_t at, int32_t n, uint64_t *out)
{
    const uint64_t *bits = v->validity;
    for (int32_t i = 0; i < n; i++) {
        int32_t row = rows ? rows[i] : at + i;
        out[i] = (bits[row >> 6] >> (row & 63)) & 1 ? out[i] : SB_HASH_NULL;
    }
}

/* A dictionary that is smaller than the number of rows is hashed once. */
typedef struct dict_hashes {
    bool ready;
    uint64_t hashes[BLOCK];
} dict_hashes;

static void
hash_block(const sb_vector *v, dict_hashes *dict, const int32_t *rows, int32_t at, int32_t n,
           uint64_t *out)
{
    int32_t index[BLOCK];
    bool nested = v->phys == SB_PHYS_LIST || v->phys == SB_PHYS_STRUCT || v->phys == SB_PHYS_NULL;
    if (nested) {
        for (int32_t i = 0; i < n; i++) {
            out[i] = hash_at(v, rows ? rows[i] : at + i);
        }
        return;
    }
    if (v->encoding == SB_FLAT) {
        size_t skip = rows ? 0 : (size_t)at * (size_t)sb_phys_size((sb_phys)v->phys);
        hash_flat((sb_phys)v->phys, (const char *)v->values + skip, rows, n, out);
    } else {
        const int32_t *codes = v->values;
        for (int32_t i = 0; i < n; i++) {
            index[i] = codes[rows ? rows[i] : at + i];
        }
        if (dict->ready) {
            for (int32_t i = 0; i < n; i++) {
                out[i] = dict->hashes[index[i]];
            }
        } else {
            hash_flat((sb_phys)v->phys, v->dict->values, index, n, out);
        }
    }
    if (v->validity) {
        patch_nulls(v, rows, at, n, out);
    }
}

static void
hash_column(const sb_vector *v, bool first, const int32_t *rows, int32_t count, uint64_t *out)
{
    uint64_t block[BLOCK];
    dict_hashes dict;
    dict.ready = v->encoding == SB_DICT && v->dict->length <= BLOCK && v->dict->length < count &&
                 v->phys != SB_PHYS_LIST && v->phys != SB_PHYS_STRUCT && v->phys != SB_PHYS_NULL;
    if (dict.ready) {
        hash_flat((sb_phys)v->phys, v->dict->values, NULL, v->dict->length, dict.hashes);
    }
    uint64_t same = v->encoding == SB_CONST && count > 0 ? hash_at(v, 0) : 0;
    for (int32_t at = 0; at < count; at += BLOCK) {
        int32_t n = count - at < BLOCK ? count - at : BLOCK;
        uint64_t *target = first ? out + at : block;
        if (v->encoding == SB_CONST) {
            for (int32_t i = 0; i < n; i++) {
                target[i] = same;
            }
        } else {
            hash_block(v, &dict, rows ? rows + at : NULL, at, n, target);
        }
        for (int32_t i = 0; !first && i < n; i++) {
            out[at + i] = sb_hash_combine(out[at + i], block[i]);
        }
    }
}

void
sb_hash_columns(sb_vector *const *columns, int32_t count_columns, const int32_t *rows,
                int32_t count, uint64_t *out)
{
    if (count_columns == 0 && count > 0) {
        memset(out, 0, sizeof *out * (size_t)count);
    }
    for (int32_t c = 0; c < count_columns; c++) {
        hash_column(columns[c], c == 0, rows, count, out);
    }
}
