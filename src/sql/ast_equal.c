/*
 * sql/ast_equal.c -- do two syntax trees say the same?
 *
 * DESIGN     One function per kind of struct; EACH compares two lists of the same length.
 * THREADS    T:any
 */
#include "sql/ast_equal.h"

#include <string.h>

static bool equal_expr(const sb_ast_expr *a, const sb_ast_expr *b);
static bool equal_query(const sb_ast_query *a, const sb_ast_query *b);
static bool equal_from(const sb_ast_from *a, const sb_ast_from *b);
static bool equal_statement(const sb_ast_statement *a, const sb_ast_statement *b);

/* Elements i of a->list and b->list, by a function over pointers. */
#define EACH(count, list, equal)                \
    if (a->count != b->count) {                 \
        return false;                           \
    }                                           \
    for (int32_t i = 0; i < a->count; i++) {    \
        if (!equal(&a->list[i], &b->list[i])) { \
            return false;                       \
        }                                       \
    }
/* The same for lists of pointers. */
#define EACH_POINTER(count, list, equal)      \
    if (a->count != b->count) {               \
        return false;                         \
    }                                         \
    for (int32_t i = 0; i < a->count; i++) {  \
        if (!equal(a->list[i], b->list[i])) { \
            return false;                     \
        }                                     \
    }
#define SAME(field)             \
    if (a->field != b->field) { \
        return false;           \
    }

static bool
equal_string(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
equal_name(const sb_ast_name *a, const sb_ast_name *b)
{
    return equal_string(a->text, b->text);
}

static bool
equal_path(const sb_ast_path *a, const sb_ast_path *b)
{
    EACH(count, parts, equal_name)
    return true;
}

static bool
equal_option(const sb_option *a, const sb_option *b)
{
    return equal_string(a->key, b->key) && equal_string(a->value, b->value);
}

static bool
equal_options(const sb_options *a, const sb_options *b)
{
    EACH(count, at, equal_option)
    return true;
}

static bool
equal_hint(const sb_ast_hint *a, const sb_ast_hint *b)
{
    EACH(count, keys, equal_name)
    for (int32_t i = 0; i < a->count; i++) {
        if (!equal_string(a->values[i], b->values[i]) || a->quoted[i] != b->quoted[i]) {
            return false;
        }
    }
    return equal_name(&a->name, &b->name);
}

/* ---- expressions ---- */

static bool
equal_order(const sb_ast_order *a, const sb_ast_order *b)
{
    return a->desc == b->desc && a->nulls_first == b->nulls_first &&
           a->nulls_last == b->nulls_last && equal_expr(a->expr, b->expr);
}

static bool
equal_window(const sb_ast_window *a, const sb_ast_window *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    SAME(bracketed)
    SAME(frame)
    SAME(from.kind)
    SAME(to.kind)
    SAME(allow_partial)
    SAME(disallow_partial)
    EACH_POINTER(count_partition, partition, equal_expr)
    EACH(count_order, order, equal_order)
    return equal_name(&a->name, &b->name) && equal_name(&a->base, &b->base) &&
           equal_expr(a->from.offset, b->from.offset) && equal_expr(a->to.offset, b->to.offset);
}

/* Calls by one name: written as an operator or with words they have no path. */
static bool
equal_plain_call(const sb_ast_expr *a, const sb_ast_expr *b)
{
    return (a->kind == SB_AST_CALL || a->kind == SB_AST_AGGREGATE) && a->path.count <= 1 &&
           b->path.count <= 1;
}

static bool
equal_expr(const sb_ast_expr *a, const sb_ast_expr *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    SAME(kind)
    SAME(boolean)
    SAME(negative)
    SAME(distinct)
    SAME(star)
    SAME(try_cast)
    SAME(unit_from)
    SAME(unit_to)
    SAME(within_group)
    SAME(ignore_nulls)
    SAME(respect_nulls)
    EACH_POINTER(count_args, args, equal_expr)
    EACH(count_order, order, equal_order)
    return equal_string(a->name, b->name) && sb_str_equal(a->text, b->text) &&
           (a->kind == SB_AST_NULL || sb_type_equal(&a->type, &b->type)) &&
           a->type.id == b->type.id && (equal_plain_call(a, b) || equal_path(&a->path, &b->path)) &&
           equal_expr(a->filter, b->filter) && equal_query(a->query, b->query) &&
           equal_window(a->over, b->over);
}

/* ---- relations ---- */

static bool
equal_item(const sb_ast_item *a, const sb_ast_item *b)
{
    return equal_name(&a->alias, &b->alias) && equal_expr(a->expr, b->expr);
}

static bool
equal_arg(const sb_ast_arg *a, const sb_ast_arg *b)
{
    SAME(kind)
    EACH_POINTER(count_partition, partition, equal_expr)
    EACH(count_order, order, equal_order)
    EACH(count_columns, columns, equal_name)
    return equal_name(&a->name, &b->name) && equal_expr(a->expr, b->expr) &&
           equal_from(a->table, b->table) && equal_path(&a->path, &b->path);
}

static bool
equal_pattern(const sb_ast_pattern *a, const sb_ast_pattern *b)
{
    SAME(kind)
    SAME(low)
    SAME(high)
    SAME(reluctant)
    EACH_POINTER(count, parts, equal_pattern)
    return equal_name(&a->name, &b->name);
}

static bool
equal_subset(const sb_ast_subset *a, const sb_ast_subset *b)
{
    EACH(count, parts, equal_name)
    return equal_name(&a->name, &b->name);
}

static bool
equal_match(const sb_ast_match *a, const sb_ast_match *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    SAME(one_row)
    SAME(all_rows)
    SAME(skip)
    SAME(strict_start)
    SAME(strict_end)
    EACH_POINTER(count_partition, partition, equal_expr)
    EACH(count_order, order, equal_order)
    EACH(count_measures, measures, equal_item)
    EACH(count_subsets, subsets, equal_subset)
    EACH(count_defines, defines, equal_item)
    return equal_name(&a->skip_to, &b->skip_to) && equal_pattern(a->pattern, b->pattern) &&
           equal_expr(a->within, b->within);
}

static bool
equal_sample(const sb_ast_sample *a, const sb_ast_sample *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    return equal_name(&a->method, &b->method) && equal_expr(a->percent, b->percent) &&
           equal_expr(a->seed, b->seed);
}

static bool
equal_from(const sb_ast_from *a, const sb_ast_from *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    SAME(kind)
    SAME(join)
    SAME(natural)
    SAME(lateral)
    SAME(bare)
    SAME(window)
    SAME(named)
    SAME(ordinality)
    SAME(is_file)
    SAME(sample_last)
    EACH(count_columns, columns, equal_name)
    EACH(count_other_hints, other_hints, equal_hint)
    EACH_POINTER(count_partition, partition, equal_expr)
    EACH(count_args, args, equal_arg)
    EACH_POINTER(count_exprs, exprs, equal_expr)
    return equal_name(&a->alias, &b->alias) && equal_path(&a->path, &b->path) &&
           equal_options(&a->hints, &b->hints) && equal_query(a->query, b->query) &&
           equal_from(a->left, b->left) && equal_from(a->right, b->right) &&
           equal_expr(a->condition, b->condition) && equal_name(&a->time, &b->time) &&
           equal_expr(a->size, b->size) && equal_expr(a->slide, b->slide) &&
           equal_expr(a->offset, b->offset) && equal_expr(a->only_on_update, b->only_on_update) &&
           equal_expr(a->system_time, b->system_time) && equal_sample(a->sample, b->sample) &&
           equal_match(a->match, b->match);
}

/* ---- queries ---- */

static bool
equal_group(const sb_ast_group *a, const sb_ast_group *b)
{
    SAME(kind)
    EACH_POINTER(count_exprs, exprs, equal_expr)
    EACH_POINTER(count, parts, equal_group)
    return true;
}

static bool
equal_cte(const sb_ast_cte *a, const sb_ast_cte *b)
{
    EACH(count_columns, columns, equal_name)
    return equal_name(&a->name, &b->name) && equal_query(a->query, b->query);
}

static bool
equal_rows(const sb_ast_query *a, const sb_ast_query *b)
{
    SAME(count_rows)
    SAME(count_columns)
    for (int32_t i = 0; i < a->count_rows; i++) {
        for (int32_t k = 0; k < a->count_columns; k++) {
            if (!equal_expr(a->rows[i][k], b->rows[i][k])) {
                return false;
            }
        }
    }
    return true;
}

static bool
equal_query(const sb_ast_query *a, const sb_ast_query *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    SAME(kind)
    SAME(recursive)
    SAME(distinct)
    SAME(has_group)
    SAME(group_distinct)
    SAME(all)
    SAME(limit_all)
    SAME(fetch)
    EACH(count_ctes, ctes, equal_cte)
    EACH(count_hints, hints, equal_hint)
    EACH(count_items, items, equal_item)
    EACH_POINTER(count_group, group, equal_expr)
    EACH_POINTER(count_group_sets, group_sets, equal_group)
    EACH_POINTER(count_windows, windows, equal_window)
    EACH(count_order, order, equal_order)
    return equal_from(a->from, b->from) && equal_expr(a->where, b->where) &&
           equal_expr(a->having, b->having) && equal_expr(a->qualify, b->qualify) &&
           equal_query(a->left, b->left) && equal_query(a->right, b->right) && equal_rows(a, b) &&
           equal_expr(a->limit, b->limit) && equal_expr(a->offset, b->offset);
}

/* ---- statements ---- */

static bool
equal_column(const sb_ast_column *a, const sb_ast_column *b)
{
    SAME(kind)
    SAME(is_virtual)
    SAME(primary_key)
    SAME(first)
    return equal_name(&a->name, &b->name) && sb_type_equal(&a->type, &b->type) &&
           equal_expr(a->expr, b->expr) && equal_string(a->metadata_key, b->metadata_key) &&
           equal_name(&a->constraint, &b->constraint) && equal_string(a->comment, b->comment) &&
           equal_path(&a->after, &b->after) && equal_path(&a->path, &b->path);
}

static bool
equal_like(const sb_ast_like_option *a, const sb_ast_like_option *b)
{
    return a->merge == b->merge && a->feature == b->feature;
}

static bool
equal_distribution(const sb_ast_distribution *a, const sb_ast_distribution *b)
{
    SAME(is_set)
    SAME(buckets)
    EACH(count_columns, columns, equal_name)
    return equal_string(a->kind, b->kind);
}

static bool
equal_table(const sb_ast_create_table *a, const sb_ast_create_table *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    SAME(temporary)
    SAME(if_not_exists)
    SAME(or_replace)
    SAME(replace)
    SAME(materialized)
    SAME(has_elements)
    SAME(unique)
    SAME(enforced)
    SAME(has_options)
    SAME(refresh)
    EACH(count_columns, columns, equal_column)
    EACH(count_keys, keys, equal_name)
    EACH(count_partition, partition, equal_name)
    EACH(count_like, like_options, equal_like)
    return equal_path(&a->name, &b->name) && equal_path(&a->watermark_path, &b->watermark_path) &&
           equal_expr(a->watermark, b->watermark) && equal_name(&a->constraint, &b->constraint) &&
           equal_distribution(&a->distribution, &b->distribution) &&
           equal_string(a->comment, b->comment) && equal_options(&a->options, &b->options) &&
           equal_path(&a->like, &b->like) && equal_expr(a->freshness, b->freshness) &&
           equal_string(a->start_mode, b->start_mode) &&
           equal_expr(a->start_value, b->start_value) && equal_query(a->query, b->query);
}

static bool
equal_partition(const sb_ast_partition *a, const sb_ast_partition *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    EACH(count, names, equal_name)
    EACH_POINTER(count, values, equal_expr)
    return equal_options(&a->options, &b->options);
}

static bool
equal_insert(const sb_ast_insert *a, const sb_ast_insert *b)
{
    SAME(upsert)
    SAME(overwrite)
    SAME(partition_last)
    SAME(conflict)
    EACH(count_columns, columns, equal_name)
    EACH(count_other_hints, other_hints, equal_hint)
    return equal_path(&a->table, &b->table) && equal_options(&a->hints, &b->hints) &&
           equal_query(a->query, b->query) && equal_partition(a->partition, b->partition);
}

static bool
equal_flags(const sb_ast_statement *a, const sb_ast_statement *b)
{
    SAME(kind)
    SAME(execute)
    SAME(begin_set)
    SAME(object)
    SAME(temporary)
    SAME(is_system)
    SAME(or_replace)
    SAME(if_exists)
    SAME(is_view)
    SAME(cascade)
    SAME(restrict_)
    SAME(has_options)
    SAME(show)
    SAME(show_user)
    SAME(show_full)
    SAME(not_like)
    SAME(ilike)
    SAME(extended)
    SAME(desc)
    SAME(alter)
    SAME(all_columns)
    SAME(with_savepoint)
    SAME(with_drain)
    SAME(and_execute)
    SAME(explain_plan_for)
    SAME(explain_changelog)
    SAME(explain_json)
    SAME(explain_dot)
    SAME(explain_cost)
    SAME(explain_advice)
    return true;
}

static bool
equal_statement(const sb_ast_statement *a, const sb_ast_statement *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    EACH_POINTER(count_inserts, inserts, equal_insert)
    EACH(count_columns, columns, equal_name)
    EACH_POINTER(count_strings, strings, equal_string)
    EACH_POINTER(count_partitions, partitions, equal_partition)
    EACH(count_paths, paths, equal_path)
    EACH(count_inputs, input, equal_column)
    EACH(count_outputs, output, equal_column)
    EACH_POINTER(count_exprs, exprs, equal_expr)
    return equal_flags(a, b) && equal_query(a->query, b->query) &&
           equal_table(a->table, b->table) && equal_path(&a->name, &b->name) &&
           equal_string(a->comment, b->comment) && equal_options(&a->options, &b->options) &&
           equal_string(a->key, b->key) && equal_string(a->value, b->value) &&
           equal_string(a->text, b->text) && equal_string(a->language, b->language) &&
           equal_string(a->resource_kind, b->resource_kind) &&
           equal_string(a->preposition, b->preposition) && equal_string(a->pattern, b->pattern) &&
           equal_path(&a->to, &b->to) && equal_expr(a->where, b->where) &&
           equal_name(&a->alias, &b->alias) && equal_from(a->called, b->called) &&
           equal_statement(a->explained, b->explained);
}

bool
sb_ast_equal(const sb_ast_statement *a, const sb_ast_statement *b)
{
    return equal_statement(a, b);
}
