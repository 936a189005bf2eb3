/*
 * expr/nested.h -- what the functions over ARRAY, MAP and ROW share. Inside this folder only.
 *
 * DESIGN     Results are built value by value through a column builder, or by picking elements of
 * one child vector. Elements are compared as SQL compares them: 0.0 = -0.0, NaN equals nothing,
 * NULL equals NULL, maps without regard to the order of their entries.
 * THREADS    T:task
 */
#ifndef SB_EXPR_NESTED_H
#define SB_EXPR_NESTED_H

#include "columnar/builder.h"
#include "expr/function.h"

/* Appends the value of one row to `to`: exactly one. */
typedef sb_status (*sb_build_fn)(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err);
/* Runs it for every active row; a row with a NULL argument is NULL unless the function has
 * SB_FN_OWN_NULLS. Once per distinct value when the only argument that varies is a dictionary. */
sb_status sb_call_build(sb_call *call, sb_build_fn fn, sb_vector **out, sb_error *err);

/* The element (row of the child vector) that is the result of a row; -1: NULL. */
typedef sb_status (*sb_pick_fn)(sb_call *call, int32_t row, int32_t *out, sb_error *err);
/* The result of picking from child `child` of the first argument. */
sb_status sb_call_pick(sb_call *call, sb_pick_fn fn, int32_t child, sb_vector **out, sb_error *err);

/* The list at a row that is not NULL, and the vectors its elements lie in. */
static inline sb_list_entry
sb_list_at(const sb_vector *v, int32_t row)
{
    return *(const sb_list_entry *)sb_vector_at(v, row);
}

static inline sb_vector *
sb_list_child(const sb_vector *v, int32_t child)
{
    return (v->encoding == SB_DICT ? v->dict : v)->children[child];
}

/* Appends elements as a list; `rows` are rows of `from`. */
void sb_build_list(sb_column_builder *to, sb_vector *from, const int32_t *rows, int32_t count);

/* Room for element numbers, kept from row to row; state of the functions that need it. */
typedef struct sb_nested_scratch {
    sb_mem *mem;
    int32_t *at;
    int32_t capacity;
} sb_nested_scratch;

sb_status sb_nested_prepare(sb_call *call, sb_arena *arena, sb_error *err);
void sb_nested_release(void *state);
sb_status sb_nested_reserve(sb_nested_scratch *s, int32_t count, sb_error *err);

/* Equality of two values of one type; NULL equals NULL. */
bool sb_nested_equal(const sb_vector *a, int32_t row_a, const sb_vector *b, int32_t row_b);

/* ---- type rules ---- */

sb_type sb_type_array_of(sb_arena *arena, const sb_type *element, bool null, sb_error *err);
sb_type sb_type_map_of(sb_arena *arena, const sb_type *key, const sb_type *value, bool null,
                       sb_error *err);
/* Is argument i an ARRAY (MAP)? NULL literals are none. */
bool sb_infer_is(const sb_infer *in, int32_t i, sb_type_id id);
/* Casts argument i implicitly to a type; a mismatch when Flink would refuse. */
sb_status sb_infer_coerce(sb_infer *in, int32_t i, sb_type to, sb_error *err);

#endif
