/*
 * sql/lower_keys.c -- upsert keys (R41).
 *
 * DESIGN     A join hands on a side's key only if it contains that side's join columns (rows are
 *            hashed by them), and only if the other side is unique on its join columns, or both
 *            keys together. A projection that drops a column of a key loses the key.
 * THREADS    one thread at a time.
 */
#include "sql/lower.h"

#define KEYS_MAX 16 /* of one relation */

bool
sb_lower_key_within(const sb_column_sets *keys, const sb_columns *columns)
{
    for (int32_t i = 0; i < keys->count; i++) {
        if (sb_columns_subset(&keys->at[i], columns)) {
            return true;
        }
    }
    return false;
}

bool
sb_lower_key_equals(const sb_column_sets *keys, const sb_columns *columns)
{
    for (int32_t i = 0; i < keys->count; i++) {
        if (sb_columns_subset(&keys->at[i], columns) && sb_columns_subset(columns, &keys->at[i])) {
            return true;
        }
    }
    return false;
}

typedef struct keys_list {
    sb_columns at[KEYS_MAX];
    int32_t count;
} keys_list;

/* Adds a key unless a smaller one is there; larger ones go. */
static void
keys_add(keys_list *list, sb_columns key)
{
    int32_t kept = 0;

    for (int32_t i = 0; i < list->count; i++) {
        if (sb_columns_subset(&list->at[i], &key)) {
            return;
        }
    }
    for (int32_t i = 0; i < list->count; i++) {
        if (!sb_columns_subset(&key, &list->at[i])) {
            list->at[kept++] = list->at[i];
        }
    }
    list->count = kept;
    if (list->count < KEYS_MAX) {
        list->at[list->count++] = key;
    }
}

/* Decimal digits that every value of an exact number type fits into, before its point; 0: none. */
static int32_t
keys_digits(const sb_type *type)
{
    switch (type->id) {
    case SB_TYPE_TINYINT: return 3;
    case SB_TYPE_SMALLINT: return 5;
    case SB_TYPE_INT: return 10;
    case SB_TYPE_BIGINT: return 19;
    case SB_TYPE_DECIMAL: return type->precision - type->scale;
    default: return 0;
    }
}

/* Do different values stay different? */
static bool
keys_cast_is_one_to_one(const sb_type *from, const sb_type *to)
{
    int32_t digits = keys_digits(from);

    if (sb_type_same_ignoring_null(from, to)) {
        return true;
    }
    if ((sb_type_is_string(from) && to->id == SB_TYPE_VARCHAR) ||
        (sb_type_is_binary(from) && to->id == SB_TYPE_VARBINARY)) {
        return to->length >= from->length;
    }
    if (sb_type_is_integer(from) && to->id == SB_TYPE_VARCHAR) {
        return to->length > digits; /* with its sign */
    }
    if (digits > 0 && keys_digits(to) > 0) {
        int32_t scale = from->id == SB_TYPE_DECIMAL ? from->scale : 0;

        return keys_digits(to) >= digits && (to->id == SB_TYPE_DECIMAL ? to->scale : 0) >= scale;
    }
    if (to->id == SB_TYPE_DOUBLE) {
        return from->id == SB_TYPE_FLOAT ||
               (sb_type_is_integer(from) && from->id != SB_TYPE_BIGINT);
    }
    return from->id == to->id && sb_type_is_timestamp(from) && to->precision >= from->precision;
}

/* Does an output column hold that input column, perhaps as another type? */
static bool
keys_carries(const sb_expr *expr, int32_t column)
{
    if (sb_expr_is_call(expr, "CAST") &&
        keys_cast_is_one_to_one(&expr->args[0]->type, &expr->type)) {
        expr = expr->args[0];
    }
    return expr->kind == SB_EXPR_COLUMN && expr->column == column;
}

static sb_status
keys_calc(sb_rel_context *ctx, const sb_rel *rel, keys_list *list)
{
    const sb_rel *input = rel->inputs[0];

    for (int32_t k = 0; k < input->upsert_keys.count; k++) {
        const sb_columns *key = &input->upsert_keys.at[k];
        int32_t *at = SB_NEW_ARRAY(ctx->arena, int32_t, key->count + 1);
        int32_t found = 0;

        if (at == NULL) {
            SB_NOMEM(ctx->err);
        }
        for (int32_t i = 0; i < key->count; i++) {
            for (int32_t c = 0; c < rel->schema.count && found == i; c++) {
                if (keys_carries(rel->exprs[c], key->at[i])) {
                    at[found++] = c;
                }
            }
        }
        if (found == key->count) {
            keys_add(list, (sb_columns){.count = found, .at = at});
        }
    }
    return SB_OK;
}

static sb_status
keys_range(sb_rel_context *ctx, int32_t from, int32_t count, int32_t extra, sb_columns *out)
{
    int32_t *at = SB_NEW_ARRAY(ctx->arena, int32_t, count + 2);

    if (at == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < count; i++) {
        at[i] = from + i;
    }
    if (extra >= 0) {
        at[count++] = extra;
    }
    *out = (sb_columns){.count = count, .at = at};
    return SB_OK;
}

static sb_status
keys_agg(sb_rel_context *ctx, const sb_rel *rel, keys_list *list)
{
    sb_columns key;

    if (rel->kind == SB_REL_AGG) {
        SB_TRY(keys_range(ctx, 0, rel->keys.count, -1, &key), ctx->err);
        keys_add(list, key);
        return SB_OK;
    }
    for (int32_t i = 0; i < rel->count_properties; i++) {
        SB_TRY(keys_range(ctx, 0, rel->keys.count, rel->keys.count + rel->count_aggs + i, &key),
               ctx->err);
        keys_add(list, key);
    }
    return SB_OK;
}

static sb_status
keys_join(sb_rel_context *ctx, const sb_rel *rel, keys_list *list)
{
    const sb_rel *left = rel->inputs[0], *right = rel->inputs[1];
    bool left_unique = sb_lower_key_within(&left->upsert_keys, &rel->keys);
    bool right_unique = sb_lower_key_within(&right->upsert_keys, &rel->right_keys);
    int32_t shift = left->schema.count;

    for (int32_t l = 0; l <= left->upsert_keys.count; l++) {
        const sb_columns *left_key = l < left->upsert_keys.count ? &left->upsert_keys.at[l] : NULL;

        if (left_key != NULL && !sb_columns_subset(&rel->keys, left_key)) {
            continue;
        }
        for (int32_t r = 0; r <= right->upsert_keys.count; r++) {
            const sb_columns *right_key =
                r < right->upsert_keys.count ? &right->upsert_keys.at[r] : NULL;
            int32_t count = 0, *at;

            if (right_key != NULL && !sb_columns_subset(&rel->right_keys, right_key)) {
                continue;
            }
            if ((left_key == NULL && right_key == NULL) || (left_key == NULL && !left_unique) ||
                (right_key == NULL && !right_unique)) {
                continue;
            }
            at = SB_NEW_ARRAY(ctx->arena, int32_t, left->schema.count + right->schema.count + 1);
            if (at == NULL) {
                SB_NOMEM(ctx->err);
            }
            for (int32_t i = 0; left_key != NULL && i < left_key->count; i++) {
                at[count++] = left_key->at[i];
            }
            for (int32_t i = 0; right_key != NULL && i < right_key->count; i++) {
                at[count++] = shift + right_key->at[i];
            }
            keys_add(list, (sb_columns){.count = count, .at = at});
        }
    }
    return SB_OK;
}

/* The primary key of a scan, if all of it is read. */
static sb_status
keys_scan(sb_rel_context *ctx, const sb_rel *rel, keys_list *list)
{
    const sb_catalog_table *catalog = rel->table->catalog;
    int32_t *at = SB_NEW_ARRAY(ctx->arena, int32_t, catalog->keys.count + 1), *map;

    map = SB_NEW_ARRAY(ctx->arena, int32_t, catalog->count_columns + 1);
    if (at == NULL || map == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0, kept = 0; i < catalog->count_columns; i++) {
        map[i] = rel->table->used[i] ? kept++ : -1;
    }
    for (int32_t i = 0; i < catalog->keys.count; i++) {
        at[i] = map[catalog->keys.at[i]];
        if (at[i] < 0) {
            return SB_OK;
        }
    }
    if (catalog->keys.count > 0) {
        keys_add(list, (sb_columns){.count = catalog->keys.count, .at = at});
    }
    return SB_OK;
}

sb_status
sb_lower_upsert_keys(sb_rel_context *ctx, sb_rel *rel)
{
    keys_list list = {.count = 0};
    sb_columns *sets;

    switch (rel->kind) {
    case SB_REL_SCAN: SB_TRY(keys_scan(ctx, rel, &list), ctx->err); break;
    case SB_REL_CALC: SB_TRY(keys_calc(ctx, rel, &list), ctx->err); break;
    case SB_REL_AGG:
    case SB_REL_WINDOW_AGG: SB_TRY(keys_agg(ctx, rel, &list), ctx->err); break;
    case SB_REL_JOIN:
    case SB_REL_WINDOW_JOIN: SB_TRY(keys_join(ctx, rel, &list), ctx->err); break;
    case SB_REL_UNION:
    case SB_REL_EXPAND:
    case SB_REL_UNNEST: break;
    case SB_REL_NORMALIZE:
    case SB_REL_MATERIALIZE: keys_add(&list, rel->keys); break;
    case SB_REL_WINDOW:
        if (rel->window.kind == SB_WINDOW_HOP) {
            break; /* each row is there several times */
        }
        __attribute__((fallthrough));
    case SB_REL_DROP_BEFORE:
    case SB_REL_SORT:
    case SB_REL_SINK: rel->upsert_keys = rel->inputs[0]->upsert_keys; return SB_OK;
    }
    sets = sb_arena_memdup(ctx->arena, list.at,
                           sizeof(list.at[0]) * (size_t)(list.count > 0 ? list.count : 1));
    if (sets == NULL) {
        SB_NOMEM(ctx->err);
    }
    rel->upsert_keys = (sb_column_sets){.count = list.count, .at = sets};
    return SB_OK;
}
