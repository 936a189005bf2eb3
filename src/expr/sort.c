/*
 * expr/sort.c -- see sort.h.
 *
 * DESIGN     Insertion for a few rows, else a heap: n log n at the worst.
 */
#include "expr/sort.h"

#define FEW 12

typedef int (*compare_fn)(const void *a, const void *b, void *ctx);

static void
insertion(int32_t *rows, int32_t count, compare_fn compare, void *ctx)
{
    for (int32_t i = 1; i < count; i++) {
        int32_t row = rows[i], at = i;
        for (; at > 0 && compare(&row, &rows[at - 1], ctx) < 0; at--) {
            rows[at] = rows[at - 1];
        }
        rows[at] = row;
    }
}

/* Lets the row at `at` sink in the heap of the first `count` rows. */
static void
sink(int32_t *rows, int32_t at, int32_t count, compare_fn compare, void *ctx)
{
    int32_t row = rows[at];
    for (int64_t child = 2 * (int64_t)at + 1; child < count; child = 2 * (int64_t)at + 1) {
        child += child + 1 < count && compare(&rows[child], &rows[child + 1], ctx) < 0;
        if (compare(&row, &rows[child], ctx) >= 0) {
            break;
        }
        rows[at] = rows[child];
        at = (int32_t)child;
    }
    rows[at] = row;
}

void
sb_sort_rows(int32_t *rows, int32_t count, compare_fn compare, void *ctx)
{
    if (count <= FEW) {
        insertion(rows, count, compare, ctx);
        return;
    }
    for (int32_t i = count / 2; i-- > 0;) {
        sink(rows, i, count, compare, ctx);
    }
    for (int32_t end = count - 1; end > 0; end--) {
        int32_t largest = rows[0];
        rows[0] = rows[end];
        rows[end] = largest;
        sink(rows, 0, end, compare, ctx);
    }
}
