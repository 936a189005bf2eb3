/*
 * state/fixture_testing.c -- see fixture_testing.h.
 */
#include "state/fixture_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "columnar/hash.h"
#include <cmocka.h>

#include "columnar/row.h"

const sb_type sb_st_bigint = {.id = SB_TYPE_BIGINT, .nullable = true};
static const sb_field one_field = {.name = "a", .type = {.id = SB_TYPE_BIGINT, .nullable = true}};
const sb_schema sb_st_one_i64 = {.count = 1, .fields = &one_field};

void
sb_st_open(sb_st_fixture *f, const sb_table_spec *spec, int64_t limit)
{
    sb_error err;
    f->mem = sb_mem_new(NULL, "test", limit);
    f->state = sb_state_new(f->mem, 0, SB_KEY_SLOTS);
    assert_int_equal(sb_state_open_table(f->state, spec, &f->t, &err), SB_OK);
}

void
sb_st_close(sb_st_fixture *f)
{
    sb_state_free(f->state);
    assert_int_equal(sb_mem_used(f->mem), 0);
    sb_mem_unref(f->mem);
}

sb_st_ints
sb_st_ints_make(const int64_t *values, int32_t n)
{
    sb_st_ints x = {.v = sb_vector_alloc(sb_mem_root(), &sb_st_bigint, n, false),
                    .hashes = malloc((size_t)n * 8)};
    memcpy(sb_vector_values_mut(x.v), values, (size_t)n * 8);
    sb_hash_columns(&x.v, 1, NULL, n, x.hashes);
    return x;
}

sb_keys
sb_st_ints_keys(sb_st_ints *x)
{
    return (sb_keys){.columns = &x->v, .hashes = x->hashes, .count = x->v->length};
}

void
sb_st_ints_free(sb_st_ints *x)
{
    sb_vector_unref(x->v);
    free(x->hashes);
}

int64_t *
sb_st_value(const sb_table *t, uint8_t *row, int32_t column)
{
    return sb_row_slot(sb_table_layout(t), row, sb_table_field(t, column));
}
