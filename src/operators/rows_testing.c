/*
 * operators/rows_testing.c -- the rows of operator tests: lists of them, texts for numbers,
 * comparing, slow aggregates.
 */
#include "operators/operators_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void
sb_test_rows_free(sb_test_rows *rows)
{
    free(rows->at);
    *rows = (sb_test_rows){0};
}

int64_t
sb_test_fold(int64_t folded, int64_t next)
{
    uint64_t h = ((uint64_t)folded + 17) * UINT64_C(1000003) ^ (uint64_t)next;
    return (int64_t)(h >> 1);
}

static sb_test_row *
add_row(sb_test_rows *rows)
{
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity ? 2 * rows->capacity : 64;
        rows->at = realloc(rows->at, sizeof *rows->at * (size_t)rows->capacity);
        assert_non_null(rows->at);
    }
    sb_test_row *row = &rows->at[rows->count++];
    memset(row, 0, sizeof *row);
    return row;
}

sb_test_row *
sb_test_add(sb_test_rows *rows, uint8_t op, int32_t count_values, const int64_t *values,
            const bool *nulls)
{
    sb_test_row *row = add_row(rows);
    row->op = op;
    for (int32_t c = 0; c < count_values; c++) {
        row->null[c] = nulls && nulls[c];
        row->v[c] = row->null[c] ? 0 : values[c];
    }
    return row;
}

void
sb_test_mark(sb_test_rows *rows, int64_t watermark_ms)
{
    (void)sb_test_event_add(rows, SB_TEST_MARK, watermark_ms, 0);
}

sb_test_row *
sb_test_event_add(sb_test_rows *rows, sb_test_event event, int64_t time_ms, int32_t split)
{
    sb_test_row *row = add_row(rows);
    row->event = (uint8_t)event;
    row->time_ms = time_ms;
    row->split = split;
    return row;
}

void
sb_test_text(int64_t value, char text[SB_TEST_TEXT])
{
    static const char tail[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop";
    uint64_t mix = (uint64_t)value * UINT64_C(0x9E3779B97F4A7C15) >> 60;
    int length = mix % 3 == 0 ? 0 : mix % 3 == 1 ? 5 + (int)mix : 20 + (int)mix;
    snprintf(text, SB_TEST_TEXT, "%08lld%.*s", (long long)(value + 10000000), length, tail);
}

uint64_t
sb_test_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

bool
sb_test_row_same(const sb_test_row *a, const sb_test_row *b, int32_t columns)
{
    if (a->op != b->op) {
        return false;
    }
    for (int32_t c = 0; c < columns; c++) {
        if (a->null[c] != b->null[c] || (!a->null[c] && a->v[c] != b->v[c])) {
            return false;
        }
    }
    return true;
}

/* --- comparing --- */

static int
compare_rows(const void *a, const void *b)
{
    const sb_test_row *x = a, *y = b;
    if (x->op != y->op) {
        return x->op < y->op ? -1 : 1;
    }
    for (int32_t c = 0; c < SB_TEST_COLUMNS; c++) {
        if (x->null[c] != y->null[c]) {
            return x->null[c] ? -1 : 1;
        }
        if (!x->null[c] && x->v[c] != y->v[c]) {
            return x->v[c] < y->v[c] ? -1 : 1;
        }
    }
    return 0;
}

static sb_test_rows
without_marks(const sb_test_rows *in)
{
    sb_test_rows out = {0};
    for (int32_t i = 0; i < in->count; i++) {
        if (!in->at[i].event != SB_TEST_ROW) {
            *add_row(&out) = in->at[i];
        }
    }
    return out;
}

static void
print_row(const char *what, const sb_test_row *row, int32_t columns)
{
    static const char *const ops[] = {"+I", "-U", "+U", "-D"};
    print_message("  %s %s", what, row ? ops[row->op] : "(none)");
    for (int32_t c = 0; row && c < columns; c++) {
        row->null[c] ? print_message(" NULL") : print_message(" %lld", (long long)row->v[c]);
    }
    print_message("\n");
}

static bool
same(sb_test_rows *a, sb_test_rows *b, int32_t columns)
{
    int32_t i = 0;
    while (i < a->count && i < b->count && sb_test_row_same(&a->at[i], &b->at[i], columns)) {
        i++;
    }
    bool equal = i == a->count && i == b->count;
    if (!equal) {
        print_message("difference at row %d (of %d and %d)\n", i, a->count, b->count);
        for (int32_t k = i > 3 ? i - 3 : 0; k < i + 3; k++) {
            print_row("a", k < a->count ? &a->at[k] : NULL, columns);
            print_row("b", k < b->count ? &b->at[k] : NULL, columns);
        }
    }
    sb_test_rows_free(a);
    sb_test_rows_free(b);
    return equal;
}

bool
sb_test_same_sequence(const sb_test_rows *a, const sb_test_rows *b, int32_t columns)
{
    sb_test_rows x = without_marks(a), y = without_marks(b);
    return same(&x, &y, columns);
}

bool
sb_test_same_multiset(const sb_test_rows *a, const sb_test_rows *b, int32_t columns)
{
    sb_test_rows x = without_marks(a), y = without_marks(b);
    if (x.count) {
        qsort(x.at, (size_t)x.count, sizeof *x.at, compare_rows);
    }
    if (y.count) {
        qsort(y.at, (size_t)y.count, sizeof *y.at, compare_rows);
    }
    return same(&x, &y, columns);
}

bool
sb_test_aggregate(const sb_agg_call *call, const sb_test_rows *rows, int64_t *out)
{
    int64_t count = 0, sum = 0, low = 0, high = 0;
    int32_t arg = call->arg, filter = call->filter;
    for (int32_t i = 0; i < rows->count; i++) {
        const sb_test_row *r = &rows->at[i];
        if ((filter >= 0 && (r->null[filter] || !r->v[filter])) || (arg >= 0 && r->null[arg])) {
            continue;
        }
        bool seen = false;
        for (int32_t k = 0; call->distinct && k < i; k++) {
            const sb_test_row *o = &rows->at[k];
            bool counts = filter < 0 || (!o->null[filter] && o->v[filter]);
            seen = seen || (!o->null[arg] && o->v[arg] == r->v[arg] && counts);
        }
        if (seen) {
            continue;
        }
        int64_t v = arg >= 0 ? r->v[arg] : 0;
        low = count == 0 || v < low ? v : low;
        high = count == 0 || v > high ? v : high;
        sum += v;
        count++;
    }
    switch (call->kind) {
    case SB_AGG_COUNT_STAR:
    case SB_AGG_COUNT: *out = count; return true;
    case SB_AGG_SUM: *out = sum; break;
    case SB_AGG_MIN: *out = low; break;
    case SB_AGG_MAX: *out = high; break;
    case SB_AGG_AVG: *out = count ? sum / count : 0; break;
    default: sb_assert(false); /* tested by hand */
    }
    return count > 0;
}

void
sb_test_materialize(const sb_test_rows *in, int32_t columns, sb_test_rows *out)
{
    for (int32_t i = 0; i < in->count; i++) {
        if (in->at[i].event != SB_TEST_ROW) {
            continue;
        }
        sb_test_row row = in->at[i];
        bool adds = sb_row_op_adds(row.op);
        row.op = SB_ROW_INSERT;
        if (adds) {
            *add_row(out) = row;
            continue;
        }
        int32_t k = 0;
        while (k < out->count && !sb_test_row_same(&out->at[k], &row, columns)) {
            k++;
        }
        assert_true(k < out->count); /* only what is there is taken away */
        out->at[k] = out->at[--out->count];
    }
}
