/*
 * cli/final.c -- the rows that a changelog amounts to: changes are applied as they come.
 *
 * DESIGN     A row is one block of bytes: per cell its length (-1: NULL), bytes, a zero. Equal rows
 *            stand once, with a count; they keep the place where they came first, and +U takes the
 *            place that its -U left. Found by an open hash table of places (linear probing,
 *            removal moves followers up). Places without a row are squeezed out when they are the
 *            most.
 * THREADS    the main thread
 */
#include "cli/final.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 64 };

typedef struct final_row {
    char *bytes; /* NULL: the place is empty */
    size_t size;
    uint64_t hash;
    int64_t count;
} final_row;

struct sb_final {
    int32_t count_columns;
    final_row *rows;
    size_t count_rows, capacity_rows; /* places */
    size_t count_live;                /* places with a row */
    size_t *slots;                    /* place + 1; 0: free */
    size_t count_slots;               /* a power of two */
    int64_t count_all, limit;
    size_t oldest; /* no place below it has a row */
    size_t left;   /* place + 1 that the last -U emptied; 0: none */
};

sb_final *
sb_final_new(int32_t count_columns, int64_t limit)
{
    sb_final *final = calloc(1, sizeof *final);
    if (final) {
        final->count_columns = count_columns;
        final->limit = limit;
        final->slots = calloc(SLOTS_MIN, sizeof *final->slots);
        final->count_slots = SLOTS_MIN;
        if (!final->slots) {
            free(final);
            return NULL;
        }
    }
    return final;
}

void
sb_final_free(sb_final *final)
{
    if (final) {
        for (size_t i = 0; i < final->count_rows; i++) {
            free(final->rows[i].bytes);
        }
        free(final->rows);
        free(final->slots);
        free(final);
    }
}

static char *
encode_row(int32_t count, const char *const *cells, size_t *out_size)
{
    size_t size = 0;
    for (int32_t i = 0; i < count; i++) {
        size += sizeof(int32_t) + (cells[i] ? strlen(cells[i]) : 0) + 1;
    }
    char *bytes = malloc(size + 1), *at = bytes;
    for (int32_t i = 0; bytes && i < count; i++) {
        int32_t length = cells[i] ? (int32_t)strlen(cells[i]) : -1;
        memcpy(at, &length, sizeof length);
        at += sizeof length;
        memcpy(at, cells[i] ? cells[i] : "", (size_t)(length < 0 ? 0 : length) + 1);
        at += (length < 0 ? 0 : length) + 1;
    }
    *out_size = size;
    return bytes;
}

/* FNV-1a */
static uint64_t
hash_bytes(const char *bytes, size_t size)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    }
    return hash ^ (hash >> 29);
}

/* The slot of the row, or the free one where it belongs. */
static size_t
find_slot(const sb_final *final, const char *bytes, size_t size, uint64_t hash)
{
    size_t mask = final->count_slots - 1, at = hash & mask;
    while (final->slots[at] != 0) {
        const final_row *row = &final->rows[final->slots[at] - 1];
        if (row->hash == hash && row->size == size && memcmp(row->bytes, bytes, size) == 0) {
            break;
        }
        at = (at + 1) & mask;
    }
    return at;
}

static void
remove_slot(sb_final *final, size_t at)
{
    size_t mask = final->count_slots - 1, hole = at;
    for (;;) {
        at = (at + 1) & mask;
        if (final->slots[at] == 0) {
            break;
        }
        size_t home = final->rows[final->slots[at] - 1].hash & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) { /* its home is not behind the hole */
            final->slots[hole] = final->slots[at];
            hole = at;
        }
    }
    final->slots[hole] = 0;
}

/* Squeezes out empty places and makes the table fit. */
static bool
rebuild(sb_final *final)
{
    size_t kept = 0, count = SLOTS_MIN;
    while (count < 4 * (final->count_live + 1)) {
        count *= 2;
    }
    size_t *slots = calloc(count, sizeof *slots);
    if (!slots) {
        return false;
    }
    free(final->slots);
    final->slots = slots;
    final->count_slots = count;
    for (size_t i = 0; i < final->count_rows; i++) {
        if (final->rows[i].bytes) {
            final->rows[kept++] = final->rows[i];
        }
    }
    final->count_rows = kept;
    final->left = final->oldest = 0;
    for (size_t i = 0; i < kept; i++) {
        const final_row *row = &final->rows[i];
        slots[find_slot(final, row->bytes, row->size, row->hash)] = i + 1;
    }
    return true;
}

/* A place for a row that is new. */
static bool
take_place(sb_final *final, sabot_op op, size_t *out_place)
{
    if (op == SABOT_UPDATE_AFTER && final->left > 0) {
        *out_place = final->left - 1;
        final->oldest = *out_place < final->oldest ? *out_place : final->oldest;
        return true;
    }
    if (final->count_rows == final->capacity_rows) {
        size_t capacity = final->capacity_rows ? 2 * final->capacity_rows : 256;
        final_row *rows = realloc(final->rows, capacity * sizeof *rows);
        if (!rows) {
            return false;
        }
        final->rows = rows;
        final->capacity_rows = capacity;
    }
    *out_place = final->count_rows++;
    return true;
}

static bool
add_row(sb_final *final, sabot_op op, char *bytes, size_t size, uint64_t hash)
{
    size_t place;
    bool crowded = final->count_slots < 2 * (final->count_live + 1);
    bool sparse = final->count_rows > 1024 && final->count_rows > 2 * final->count_live;
    if (((crowded || sparse) && !(op == SABOT_UPDATE_AFTER && final->left) && !rebuild(final)) ||
        !take_place(final, op, &place)) {
        free(bytes);
        return false;
    }
    final->rows[place] = (final_row){bytes, size, hash, 1};
    final->slots[find_slot(final, bytes, size, hash)] = place + 1;
    final->count_live++;
    final->count_all++;
    return true;
}

static void
empty_place(sb_final *final, size_t slot)
{
    final_row *row = &final->rows[final->slots[slot] - 1];
    remove_slot(final, slot);
    free(row->bytes);
    row->bytes = NULL;
    final->count_live--;
}

static void
take_away(sb_final *final, sabot_op op, size_t slot)
{
    size_t place = final->slots[slot] - 1;
    final->count_all--;
    if (--final->rows[place].count == 0) {
        empty_place(final, slot);
        final->left = op == SABOT_UPDATE_BEFORE ? place + 1 : 0;
    }
}

static void
give_up_oldest(sb_final *final)
{
    while (!final->rows[final->oldest].bytes) {
        final->oldest++;
    }
    const final_row *row = &final->rows[final->oldest];
    final->count_all -= row->count;
    empty_place(final, find_slot(final, row->bytes, row->size, row->hash));
}

bool
sb_final_change(sb_final *final, sabot_op op, const char *const *cells)
{
    bool adds = op == SABOT_INSERT || op == SABOT_UPDATE_AFTER;
    size_t size;
    char *bytes = encode_row(final->count_columns, cells, &size);
    if (!bytes) {
        return false;
    }
    uint64_t hash = hash_bytes(bytes, size);
    size_t slot = find_slot(final, bytes, size, hash);
    bool there = final->slots[slot] != 0, ok = true;
    if (adds && !there) {
        ok = add_row(final, op, bytes, size, hash);
        bytes = NULL;
    } else if (adds) {
        final->rows[final->slots[slot] - 1].count++;
        final->count_all++;
    }
    final->left = 0;
    if (!adds && there) {
        take_away(final, op, slot);
    }
    free(bytes);
    if (final->limit > 0 && (int64_t) final->count_live > final->limit) {
        give_up_oldest(final);
    }
    return ok;
}

int64_t
sb_final_count(const sb_final *final)
{
    return final->count_all;
}

void
sb_final_each(const sb_final *final, bool (*row)(void *ctx, const char *const *cells), void *ctx)
{
    const char **cells = calloc((size_t) final->count_columns + 1, sizeof *cells);
    bool more = cells != NULL;
    for (size_t i = 0; more && i < final->count_rows; i++) {
        const char *at = final->rows[i].bytes;
        for (int32_t c = 0; at && c < final->count_columns; c++) {
            int32_t length;
            memcpy(&length, at, sizeof length);
            at += sizeof length;
            cells[c] = length < 0 ? NULL : at;
            at += (length < 0 ? 0 : length) + 1;
        }
        for (int64_t n = 0; at && more && n < final->rows[i].count; n++) {
            more = row(ctx, cells);
        }
    }
    free(cells);
}
