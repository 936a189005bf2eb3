/*
 * expr/sort.h -- sorting row numbers in place, without memory of its own. Inside this folder only.
 */
#ifndef SB_EXPR_SORT_H
#define SB_EXPR_SORT_H

#include <stdint.h>

/* compare: as of qsort_r, of two pointers to row numbers; never 0, so that the order is one. */
void sb_sort_rows(int32_t *rows, int32_t count,
                  int (*compare)(const void *a, const void *b, void *ctx), void *ctx);

#endif
