/*
 * cli/box.c -- the final rows of a result: changes are applied as they come, then the table is
 * printed in a box.
 *
 * DESIGN     A row is one block of bytes: per cell its length (-1: NULL), bytes, a zero. Equal rows
 *            stand once, with a count; they keep the place where they came first, and +U takes the
 *            place that its -U left. Found by hash.
 * THREADS    the main thread
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"

enum { PRINT_ROWS_MAX = 10000 };

typedef struct box_row {
    char *bytes;
    size_t size;
    uint64_t hash;
    int64_t count;
} box_row;

struct sb_box {
    int32_t count_columns;
    box_row *rows;
    size_t count_rows, capacity_rows;
    size_t *slots; /* index + 1 into rows; 0: free */
    size_t count_slots;
    size_t freed; /* index + 1 of the row that a -U took away last; 0: none */
};

sb_box *
sb_box_new(int32_t count_columns)
{
    sb_box *box = calloc(1, sizeof *box);
    if (box) {
        box->count_columns = count_columns;
    }
    return box;
}

void
sb_box_free(sb_box *box)
{
    if (box) {
        for (size_t i = 0; i < box->count_rows; i++) {
            free(box->rows[i].bytes);
        }
        free(box->rows);
        free(box->slots);
        free(box);
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

static uint64_t
hash_bytes(const char *bytes, size_t size)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    }
    return hash ^ (hash >> 29);
}

static size_t *
find_slot(const sb_box *box, const char *bytes, size_t size, uint64_t hash)
{
    size_t mask = box->count_slots - 1, at = hash & mask;
    while (box->slots[at] != 0) {
        const box_row *row = &box->rows[box->slots[at] - 1];
        if (row->hash == hash && row->size == size && memcmp(row->bytes, bytes, size) == 0) {
            break;
        }
        at = (at + 1) & mask;
    }
    return &box->slots[at];
}

/* All rows anew in a table of twice as many slots as rows; rows without a count are dropped from
 * it (they keep their place). */
static bool
rebuild(sb_box *box)
{
    size_t count = 64;
    while (count < 4 * (box->count_rows + 1)) {
        count *= 2;
    }
    size_t *slots = calloc(count, sizeof *slots);
    if (!slots) {
        return false;
    }
    free(box->slots);
    box->slots = slots;
    box->count_slots = count;
    for (size_t i = 0; i < box->count_rows; i++) {
        const box_row *row = &box->rows[i];
        if (row->bytes) {
            *find_slot(box, row->bytes, row->size, row->hash) = i + 1;
        }
    }
    return true;
}

static bool
add_row(sb_box *box, sabot_op op, char *bytes, size_t size, uint64_t hash)
{
    if (op == SABOT_UPDATE_AFTER && box->freed > 0 && box->rows[box->freed - 1].count == 0) {
        /* the old row's slot no longer finds it: rebuild */
        box_row *row = &box->rows[box->freed - 1];
        free(row->bytes);
        *row = (box_row){bytes, size, hash, 1};
        box->freed = 0;
        return rebuild(box);
    }
    if (box->count_rows == box->capacity_rows) {
        size_t capacity = box->capacity_rows ? 2 * box->capacity_rows : 256;
        box_row *rows = realloc(box->rows, capacity * sizeof *rows);
        if (!rows) {
            free(bytes);
            return false;
        }
        box->rows = rows;
        box->capacity_rows = capacity;
    }
    box->rows[box->count_rows++] = (box_row){bytes, size, hash, 1};
    if (box->count_slots < 2 * (box->count_rows + 1)) {
        return rebuild(box);
    }
    *find_slot(box, bytes, size, hash) = box->count_rows;
    return true;
}

bool
sb_box_change(sb_box *box, sabot_op op, const char *const *cells)
{
    bool adds = op == SABOT_INSERT || op == SABOT_UPDATE_AFTER;
    size_t size;
    char *bytes = encode_row(box->count_columns, cells, &size);
    if (!bytes || (box->count_slots == 0 && !rebuild(box))) {
        free(bytes);
        return false;
    }
    uint64_t hash = hash_bytes(bytes, size);
    size_t found = *find_slot(box, bytes, size, hash);
    if (found > 0) {
        free(bytes);
        box_row *row = &box->rows[found - 1];
        row->count += adds ? 1 : -1;
        box->freed = op == SABOT_UPDATE_BEFORE && row->count == 0 ? found : 0;
        return true;
    }
    if (!adds) { /* nothing to take away: the row was never there */
        free(bytes);
        return true;
    }
    return add_row(box, op, bytes, size, hash);
}

void
sb_box_each(const sb_box *box, void (*row)(void *ctx, const char *const *cells), void *ctx)
{
    const char **cells = calloc((size_t)box->count_columns + 1, sizeof *cells);
    for (size_t i = 0; cells && i < box->count_rows; i++) {
        const char *at = box->rows[i].bytes;
        for (int32_t c = 0; c < box->count_columns; c++) {
            int32_t length;
            memcpy(&length, at, sizeof length);
            at += sizeof length;
            cells[c] = length < 0 ? NULL : at;
            at += (length < 0 ? 0 : length) + 1;
        }
        for (int64_t n = 0; n < box->rows[i].count; n++) {
            row(ctx, cells);
        }
    }
    free(cells);
}

/* ---- printing
 * -------------------------------------------------------------------------------------------------
 */

int32_t
sb_text_columns(const char *text)
{
    int32_t width = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        bool wide = at[0] >= 0xe3 && at[0] <= 0xed; /* CJK and kana; emoji below */
        width += (*at & 0xc0) != 0x80;
        width += wide || at[0] == 0xf0;
    }
    return width;
}

static void
print_padded(FILE *to, const char *text, int32_t width, bool right)
{
    int32_t pad = width - sb_text_columns(text);
    if (right && pad > 0) {
        fprintf(to, "%*s", (int)pad, "");
    }
    for (const char *at = text; *at; at++) { /* a line end would tear the table */
        fputs(*at == '\n'   ? "\\n"
              : *at == '\t' ? " "
              : *at == '\r' ? "\\r"
                            : (char[]){*at, '\0'},
              to);
    }
    if (!right && pad > 0) {
        fprintf(to, "%*s", (int)pad, "");
    }
}

typedef struct layout {
    FILE *to;
    int32_t count;
    int32_t *widths;
    bool *right;
    int64_t rows;
} layout;

static void
measure(void *ctx, const char *const *cells)
{
    layout *l = ctx;
    for (int32_t c = 0; c < l->count && l->rows < PRINT_ROWS_MAX; c++) {
        int32_t width = sb_text_columns(cells[c] ? cells[c] : "NULL");
        for (const char *at = cells[c]; at && *at; at++) {
            width += *at == '\n' || *at == '\r';
        }
        l->widths[c] = width > l->widths[c] ? width : l->widths[c];
    }
    l->rows++;
}

static void
print_row(void *ctx, const char *const *cells)
{
    layout *l = ctx;
    if (l->rows++ >= PRINT_ROWS_MAX) {
        return;
    }
    for (int32_t c = 0; c < l->count; c++) {
        fputs(c == 0 ? "│ " : " │ ", l->to);
        print_padded(l->to, cells[c] ? cells[c] : "NULL", l->widths[c], l->right[c]);
    }
    fputs(" │\n", l->to);
}

static void
print_rule(const layout *l, const char *left, const char *middle, const char *right)
{
    for (int32_t c = 0; c < l->count; c++) {
        fputs(c == 0 ? left : middle, l->to);
        for (int32_t i = 0; i < l->widths[c] + 2; i++) {
            fputs("─", l->to);
        }
    }
    fprintf(l->to, "%s\n", right);
}

static void
print_head(const layout *l, sabot_result *result, bool types)
{
    for (int32_t c = 0; c < l->count; c++) {
        fputs(c == 0 ? "│ " : " │ ", l->to);
        print_padded(l->to,
                     types ? sabot_result_column_type(result, c)
                           : sabot_result_column_name(result, c),
                     l->widths[c], l->right[c]);
    }
    fputs(" │\n", l->to);
}

void
sb_box_print(const sb_box *box, sabot_result *result, FILE *to)
{
    layout l = {.to = to, .count = box->count_columns};
    l.widths = calloc((size_t)l.count + 1, sizeof *l.widths);
    l.right = calloc((size_t)l.count + 1, sizeof *l.right);
    if (l.widths && l.right && l.count > 0) {
        for (int32_t c = 0; c < l.count; c++) {
            int32_t name = sb_text_columns(sabot_result_column_name(result, c));
            int32_t type = sb_text_columns(sabot_result_column_type(result, c));
            l.widths[c] = name > type ? name : type;
            l.right[c] = sabot_result_column_is_number(result, c);
        }
        sb_box_each(box, measure, &l);
        int64_t rows = l.rows;
        print_rule(&l, "┌", "┬", "┐");
        print_head(&l, result, false);
        print_head(&l, result, true);
        print_rule(&l, "├", "┼", "┤");
        l.rows = 0;
        sb_box_each(box, print_row, &l);
        print_rule(&l, "└", "┴", "┘");
        if (rows > PRINT_ROWS_MAX) {
            fprintf(to, "%d of %lld rows; --json prints all\n", PRINT_ROWS_MAX, (long long)rows);
        } else {
            fprintf(to, "%lld row%s\n", (long long)rows, rows == 1 ? "" : "s");
        }
    }
    free(l.widths);
    free(l.right);
}
