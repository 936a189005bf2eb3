/*
 * state/state_step_testing.c -- random operations on a table and on its model, also with memory
 * that runs out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "state/state_testing.h"
#include "state/table_priv.h"

/* ---- operations
 * ----------------------------------------------------------------------------------- */

static void
zero_values(const sb_st_table *kind, sb_st_row *row)
{
    for (int32_t c = 0; c < kind->row.count; c++) {
        sb_phys phys = sb_type_phys(&kind->row.fields[c].type);
        row->values[c] =
            (sb_st_cell){.size = phys == SB_PHYS_VIEW ? 0 : (uint32_t)sb_phys_size(phys)};
    }
}

/* Writes random values into a row: fixed ones in place, strings by set_view. */
static void
write_values(sb_table *t, const sb_st_model *m, uint8_t *row, sb_st_row *mine, sb_st_rng *r)
{
    for (int32_t c = 0; c < m->kind->row.count; c++) {
        const sb_type *type = &m->kind->row.fields[c].type;
        sb_phys phys = sb_type_phys(type);
        sb_st_cell cell = sb_st_cell_random(type, r, 6);
        if (phys == SB_PHYS_VIEW) {
            sb_view view = sb_view_make((const char *)cell.bytes, cell.null ? 0 : cell.size);
            row = sb_table_set_view(t, row, c, &view, cell.null);
            assert_non_null(row);
        } else {
            if (phys != SB_PHYS_I64 && phys != SB_PHYS_I128 && phys != SB_PHYS_TSNS &&
                phys != SB_PHYS_F64) {
                continue; /* narrow values are widened by the encoder only */
            }
            sb_table_touch(t, row);
            void *slot = sb_row_slot(sb_table_layout(t), row, sb_table_field(t, c));
            memset(slot, 0, (size_t)sb_phys_size(phys));
            if (sb_st_cell_is_nan(&cell, 8) && phys == SB_PHYS_F64) {
                sb_st_cell_set(&cell, &(uint64_t){UINT64_C(0x7FF8000000000000)}, 8);
            }
            if (!cell.null) {
                memcpy(slot, cell.bytes, cell.size);
            }
            sb_row_set_null(row, sb_table_field(t, c), cell.null);
        }
        mine->values[c] = cell;
        mine->write_ms = m->now_ms;
    }
}

static void
step_map_insert(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    sb_error err;
    assert_int_equal(sb_map_insert(t, &b->keys, b->found, sb_st_below(r, 2) ? b->bits : NULL, &err),
                     SB_OK);
    assert_int_equal(sb_map_insert(t, &b->keys, b->found, NULL, &err), SB_OK);
    for (int32_t i = 0; i < b->count; i++) {
        sb_st_row *mine = sb_st_find(m, &b->rows[i]);
        if (!mine) {
            for (int32_t k = 0; k < m->count; k++) { /* one that has expired */
                if (sb_st_same_key(m->kind, m->rows[k], &b->rows[i])) {
                    sb_st_remove_row(m, m->rows[k--]);
                }
            }
            zero_values(m->kind, &b->rows[i]);
            sb_st_add_row(m, &b->rows[i]);
        }
    }
    for (int32_t i = 0; i < b->count; i++) {
        /* rows may have moved by set_view of an equal key: ask again */
        sb_map_find(t, &b->keys, b->found);
        if (sb_st_below(r, 3) == 0) {
            write_values(t, m, b->found[i], sb_st_find(m, &b->rows[i]), r);
        }
    }
}

static void
step_map_created(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    sb_error err;
    (void)r;
    memset(b->bits, 0xFF, sizeof b->bits);
    assert_int_equal(sb_map_insert(t, &b->keys, b->found, b->bits, &err), SB_OK);
    for (int32_t i = 0; i < b->count; i++) {
        sb_st_row *mine = sb_st_find(m, &b->rows[i]), have;
        assert_int_equal(sb_bit_get(b->bits, i), mine == NULL);
        if (!mine) {
            for (int32_t k = 0; k < m->count; k++) {
                if (sb_st_same_key(m->kind, m->rows[k], &b->rows[i])) {
                    sb_st_remove_row(m, m->rows[k--]);
                }
            }
            zero_values(m->kind, &b->rows[i]);
            mine = sb_st_add_row(m, &b->rows[i]);
        }
        sb_st_read_row(t, m->kind, b->found[i], &have);
        sb_st_assert_same_row(m->kind, &have, mine);
    }
}

static void
model_put(sb_st_model *m, const sb_st_row *row)
{
    sb_st_row *mine = sb_st_find(m, row);
    if (mine) {
        memcpy(mine->values, row->values, sizeof mine->values);
        mine->write_ms = m->now_ms;
        return;
    }
    for (int32_t k = 0; k < m->count; k++) {
        if (sb_st_same_key(m->kind, m->rows[k], row)) {
            sb_st_remove_row(m, m->rows[k--]);
        }
    }
    sb_st_add_row(m, row);
}

static void
step_map_flags(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    sb_error err;
    sb_map_find(t, &b->keys, b->found);
    for (int32_t i = 0; i < b->count; i++) {
        sb_st_row *mine = sb_st_find(m, &b->rows[i]);
        assert_int_equal(mine != NULL, b->found[i] != NULL);
        if (mine && sb_st_below(r, 2)) {
            assert_int_equal(sb_map_flag(t, b->found[i], &err), SB_OK);
            mine->flag = mine->flag ? mine->flag : m->next_flag++;
        }
    }
    for (uint64_t n = sb_st_below(r, (uint64_t)b->count + 1); n > 0; n--) {
        uint8_t *row = sb_map_flagged_first(t);
        sb_st_row have, *first = NULL;
        for (int32_t i = 0; i < m->count; i++) {
            if (m->rows[i]->flag && (!first || m->rows[i]->flag < first->flag)) {
                first = m->rows[i];
            }
        }
        assert_int_equal(row != NULL, first != NULL);
        if (!row) {
            break;
        }
        sb_st_read_row(t, m->kind, row, &have);
        sb_st_assert_same_row(m->kind, &have, first);
        sb_map_unflag_first(t);
        first->flag = 0;
        first->write_ms = m->now_ms;
    }
}

static void
step_map(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    sb_error err;
    switch (sb_st_below(r, 7)) {
    case 0: step_map_insert(t, m, r, b); break;
    case 1: step_map_created(t, m, r, b); break;
    case 2:
    case 3:
        assert_int_equal(sb_map_put(t, &b->keys, b->values, &err), SB_OK);
        for (int32_t i = 0; i < b->count; i++) {
            model_put(m, &b->rows[i]);
        }
        break;
    case 4:
        sb_map_erase(t, &b->keys);
        for (int32_t i = 0; i < b->count; i++) {
            for (int32_t k = 0; k < m->count; k++) {
                if (sb_st_same_key(m->kind, m->rows[k], &b->rows[i])) {
                    sb_st_remove_row(m, m->rows[k--]);
                }
            }
        }
        break;
    case 5: step_map_flags(t, m, r, b); break;
    default:
        sb_map_find(t, &b->keys, b->found);
        for (int32_t i = 0; i < b->count; i++) {
            sb_st_row *mine = sb_st_find(m, &b->rows[i]), have;
            assert_int_equal(mine != NULL, b->found[i] != NULL);
            if (mine) {
                sb_st_read_row(t, m->kind, b->found[i], &have);
                sb_st_assert_same_row(m->kind, &have, mine);
            }
        }
    }
}

static sb_st_row *
find_equal_row(const sb_st_model *m, const sb_st_row *like)
{
    for (int32_t i = 0; i < m->count; i++) {
        if (sb_st_same_key(m->kind, m->rows[i], like) && sb_st_alive(m, m->rows[i]) &&
            sb_st_same_values(m->kind, m->rows[i], like)) {
            return m->rows[i];
        }
    }
    return NULL;
}

static bool
has_null_key(const sb_st_table *kind, const sb_st_row *row, const bool *null_matches)
{
    for (int32_t c = 0; c < kind->key.count; c++) {
        if (row->key[c].null && !(null_matches && null_matches[c])) {
            return true;
        }
    }
    return false;
}

/* All matches of the batch, asked for in random pieces. */
static void
step_bag_match(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    bool null_matches[SB_ST_COLUMNS];
    for (int c = 0; c < SB_ST_COLUMNS; c++) {
        null_matches[c] = sb_st_below(r, 2);
    }
    const bool *nulls = sb_st_below(r, 2) ? null_matches : NULL;
    sb_match cursor = {0};
    int32_t at = 0, n = 0, count = 0, keys[64], key = -1;
    uint8_t *rows[64];
    sb_st_row **want = NULL, have;
    for (;;) {
        if (at == count) {
            if (cursor.key == b->count) {
                break;
            }
            if (sb_st_below(r, 4) == 0) {
                t->match_row = NULL; /* as after a restore */
            }
            count = sb_bag_match(t, &b->keys, nulls, &cursor, 1 + (int32_t)sb_st_below(r, 64), keys,
                                 rows);
            at = 0;
            continue;
        }
        while (n == 0 && key < keys[at]) {
            free(want);
            want = sb_st_rows_of_key(m, &b->rows[++key], &n);
            n = has_null_key(m->kind, &b->rows[key], nulls) ? 0 : n;
            if (n > 0) {
                memmove(want + 1, want, 0);
            }
        }
        assert_int_equal(keys[at], key);
        int32_t total;
        sb_st_row **all = sb_st_rows_of_key(m, &b->rows[key], &total);
        sb_st_read_row(t, m->kind, rows[at], &have);
        sb_st_assert_same_row(m->kind, &have, all[total - n]);
        free(all);
        n--;
        at++;
    }
    assert_int_equal(n, 0);
    while (++key < b->count) {
        free(want);
        want = sb_st_rows_of_key(m, &b->rows[key], &n);
        assert_true(n == 0 || has_null_key(m->kind, &b->rows[key], nulls));
    }
    free(want);
}

/* A random row of one key is replaced, in place. */
static void
step_bag_replace(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    int32_t n;
    sb_st_row like = b->rows[0];
    sb_st_row **rows = sb_st_rows_of_key(m, &like, &n);
    if (n > 0) {
        int32_t no = (int32_t)sb_st_below(r, (uint64_t)n);
        uint8_t *row = sb_bag_first(t, &(sb_keys){.columns = b->keys.columns,
                                                  .rows = b->keys.rows,
                                                  .hashes = b->keys.hashes,
                                                  .space = b->keys.space,
                                                  .count = 1});
        for (int32_t i = 0; i < no; i++) {
            row = sb_bag_next(t, row);
        }
        uint64_t seq = sb_bag_seq(row);
        row = sb_bag_replace(t, row, b->values, b->physical[0]);
        assert_non_null(row);
        assert_true(sb_bag_seq(row) == seq);
        memcpy(rows[no]->values, like.values, sizeof like.values);
        rows[no]->write_ms = m->now_ms;
    }
    free(rows);
}

static void
step_bag(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    sb_error err;
    switch (sb_st_below(r, 8)) {
    case 0:
    case 1:
    case 2:
        assert_int_equal(sb_bag_add(t, &b->keys, b->values, &err), SB_OK);
        for (int32_t i = 0; i < b->count; i++) {
            sb_st_add_row(m, &b->rows[i]);
        }
        break;
    case 3:
    case 4:
        memset(b->bits, 0xFF, sizeof b->bits);
        sb_bag_remove(t, &b->keys, b->values, b->bits);
        for (int32_t i = 0; i < b->count; i++) {
            sb_st_row *mine = find_equal_row(m, &b->rows[i]);
            assert_int_equal(sb_bit_get(b->bits, i), mine != NULL);
            if (mine) {
                sb_st_remove_row(m, mine);
            }
        }
        break;
    case 5: step_bag_match(t, m, r, b); break;
    case 6: step_bag_replace(t, m, r, b); break;
    default:
        b->keys.count = b->count = 1 + (b->count - 1) / 4;
        sb_bag_erase(t, &b->keys);
        for (int32_t i = 0; i < b->count; i++) {
            for (int32_t k = 0; k < m->count; k++) {
                if (sb_st_same_key(m->kind, m->rows[k], &b->rows[i])) {
                    sb_st_remove_row(m, m->rows[k--]);
                }
            }
        }
    }
}

static void
model_forget_expired(sb_st_model *m, const sb_st_row *like)
{
    for (int32_t k = 0; k < m->count; k++) {
        if (sb_st_same_key(m->kind, m->rows[k], like) &&
            sb_st_same_sort(m->kind, m->rows[k], like) && !sb_st_alive(m, m->rows[k])) {
            sb_st_remove_row(m, m->rows[k--]);
        }
    }
}

static void
step_ordered(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    sb_error err;
    sb_st_row have;
    switch (sb_st_below(r, 4)) {
    case 0:
    case 1:
        assert_int_equal(sb_ordered_put(t, &b->keys, b->sort, b->found, b->bits, &err), SB_OK);
        for (int32_t i = 0; i < b->count; i++) {
            sb_st_row *mine = sb_st_find(m, &b->rows[i]);
            assert_int_equal(sb_bit_get(b->bits, i), mine == NULL);
            if (!mine) {
                model_forget_expired(m, &b->rows[i]);
                zero_values(m->kind, &b->rows[i]);
                sb_st_add_row(m, &b->rows[i]);
            }
        }
        for (int32_t i = 0; i < b->count; i++) {
            sb_ordered_find(t, &b->keys, b->sort, b->found);
            if (sb_st_below(r, 3) == 0) {
                write_values(t, m, b->found[i], sb_st_find(m, &b->rows[i]), r);
            }
        }
        break;
    case 2:
        sb_ordered_erase(t, &b->keys, b->sort);
        for (int32_t i = 0; i < b->count; i++) {
            sb_st_row *mine = sb_st_find(m, &b->rows[i]);
            if (mine) {
                sb_st_remove_row(m, mine);
            }
            model_forget_expired(m, &b->rows[i]);
        }
        break;
    default:
        sb_ordered_find(t, &b->keys, b->sort, b->found);
        for (int32_t i = 0; i < b->count; i++) {
            sb_st_row *mine = sb_st_find(m, &b->rows[i]);
            assert_int_equal(mine != NULL, b->found[i] != NULL);
            if (mine) {
                sb_st_read_row(t, m->kind, b->found[i], &have);
                sb_st_assert_same_row(m->kind, &have, mine);
            }
        }
    }
}

/* Mostly keys that are there. */
static void
reuse_rows(const sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    for (int32_t i = 0; i < b->count && m->count > 0; i++) {
        if (sb_st_below(r, 2)) {
            const sb_st_row *row = m->rows[sb_st_below(r, (uint64_t)m->count)];
            memcpy(b->rows[i].key, row->key, sizeof row->key);
            memcpy(b->rows[i].sort, row->sort, sizeof row->sort);
            b->rows[i].space = row->space;
            if (sb_st_below(r, 2)) {
                memcpy(b->rows[i].values, row->values, sizeof row->values);
            }
        }
    }
}

static void
step_common(sb_table *t, sb_st_model *m, sb_st_rng *r)
{
    uint64_t what = sb_st_below(r, 10);
    if (what == 0 && m->kind->has_space) {
        int64_t space = (int64_t)sb_st_below(r, 5) * 1000 - 2000;
        sb_table_drop_space(t, space);
        for (int32_t k = 0; k < m->count; k++) {
            if (m->rows[k]->space == space) {
                sb_st_remove_row(m, m->rows[k--]);
            }
        }
    } else if (what <= 3) {
        m->now_ms += (int64_t)sb_st_below(r, 150);
        sb_table_set_now(t, m->now_ms);
    }
}

static void
prepare_batch(const sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    int32_t n = 1 + (int32_t)sb_st_below(r, sb_st_below(r, 6) == 0 ? SB_ST_BATCH : 12);
    b->count = n;
    for (int32_t i = 0; i < n; i++) {
        sb_st_row_random(&b->rows[i], m->kind, r);
    }
    reuse_rows(m, r, b);
    sb_st_batch_build(b, m->kind, r);
}

void
sb_st_step(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    prepare_batch(m, r, b);
    step_common(t, m, r);
    switch (m->kind->shape) {
    case SB_MAP: step_map(t, m, r, b); break;
    case SB_BAG: step_bag(t, m, r, b); break;
    case SB_ORDERED: step_ordered(t, m, r, b); break;
    }
}

/* ---- failing allocations
 * -------------------------------------------------------------------------- */

static void
fail_map(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    sb_error err;
    sb_st_row have;
    bool put = sb_st_below(r, 2);
    sb_mem_fail_after(1 + (int64_t)sb_st_below(r, 6));
    sb_status status = put ? sb_map_put(t, &b->keys, b->values, &err)
                           : sb_map_insert(t, &b->keys, b->found, NULL, &err);
    sb_mem_fail_after(0);
    if (status != SB_OK) {
        assert_int_equal(status, SB_STATUS_NOMEM);
    }
    for (int32_t i = 0; i < b->count; i++) {
        sb_st_row *mine = sb_st_find(m, &b->rows[i]);
        if (status == SB_OK && put) {
            model_put(m, &b->rows[i]);
        } else if (status == SB_OK && !mine) {
            model_put(m, &b->rows[i]);
            zero_values(m->kind, sb_st_find(m, &b->rows[i]));
        } else if (status != SB_OK && put) {
            /* each key has its old row or one of the new ones: take over what the table says */
            sb_map_find(t, &b->keys, b->found);
            if (b->found[i]) {
                sb_st_read_row(t, m->kind, b->found[i], &have);
                bool known = mine && sb_st_same_values(m->kind, &have, mine);
                for (int32_t k = 0; k < b->count && !known; k++) {
                    known = sb_st_same_key(m->kind, &b->rows[k], &have) &&
                            sb_st_same_values(m->kind, &b->rows[k], &have);
                }
                assert_true(known);
                if (!mine || !sb_st_same_values(m->kind, &have, mine)) {
                    model_put(m, &have);
                } else if (m->kind->ttl_ms) {
                    mine->write_ms = *sb_write_ms(t, b->found[i]);
                }
            } else {
                assert_null(mine);
                model_forget_expired(m, &b->rows[i]);
            }
        }
    }
}

static void
fail_bag(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    sb_error err;
    uint64_t what = sb_st_below(r, 3);
    sb_mem_fail_after(1 + (int64_t)sb_st_below(r, 6));
    if (what == 0) {
        sb_bag_remove(t, &b->keys, b->values, b->bits);
        sb_mem_fail_after(0);
        for (int32_t i = 0; i < b->count; i++) {
            sb_st_row *mine = find_equal_row(m, &b->rows[i]);
            assert_int_equal(sb_bit_get(b->bits, i), mine != NULL);
            if (mine) {
                sb_st_remove_row(m, mine);
            }
        }
        return;
    }
    if (what == 1) {
        sb_keys one = b->keys;
        one.count = 1;
        uint8_t *row = sb_bag_first(t, &one);
        if (row && sb_bag_replace(t, row, b->values, b->physical[0])) {
            sb_st_row *mine = sb_st_find(m, &b->rows[0]);
            memcpy(mine->values, b->rows[0].values, sizeof mine->values);
            mine->write_ms = m->now_ms;
        }
        sb_mem_fail_after(0);
        return;
    }
    sb_status status = sb_bag_add(t, &b->keys, b->values, &err);
    sb_mem_fail_after(0);
    for (int32_t i = 0; status == SB_OK && i < b->count; i++) {
        sb_st_add_row(m, &b->rows[i]);
    }
}

static void
fail_ordered(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    sb_error err;
    sb_mem_fail_after(1 + (int64_t)sb_st_below(r, 6));
    sb_status status = sb_ordered_put(t, &b->keys, b->sort, b->found, NULL, &err);
    sb_mem_fail_after(0);
    for (int32_t i = 0; i < b->count; i++) {
        if (status == SB_OK && !sb_st_find(m, &b->rows[i])) {
            model_forget_expired(m, &b->rows[i]);
            zero_values(m->kind, &b->rows[i]);
            sb_st_add_row(m, &b->rows[i]);
        }
    }
}

void
sb_st_step_failing(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b)
{
    prepare_batch(m, r, b);
    switch (m->kind->shape) {
    case SB_MAP: fail_map(t, m, r, b); break;
    case SB_BAG: fail_bag(t, m, r, b); break;
    case SB_ORDERED: fail_ordered(t, m, r, b); break;
    }
}
