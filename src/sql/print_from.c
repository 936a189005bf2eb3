/*
 * sql/print_from.c -- what stands behind FROM: tables, functions, joins, MATCH_RECOGNIZE.
 *
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "sql/printer.h"

/* ---- functions ---- */

static void
from_data(sb_printer *p, const sb_ast_from *data, sb_ast_expr *const *partition,
          int32_t count_partition)
{
    if (data->kind == SB_AST_FROM_QUERY) {
        sb_pr_subquery(p, data->query);
    } else {
        sb_pr_add(p, "TABLE ");
        sb_pr_path(p, &data->path);
        sb_pr_hints(p, &data->hints, data->other_hints, data->count_other_hints);
    }
    if (count_partition > 0) {
        sb_pr_add(p, count_partition > 1 ? " PARTITION BY (" : " PARTITION BY ");
        sb_pr_exprs(p, partition, count_partition);
        sb_pr_add(p, count_partition > 1 ? ")" : "");
    }
}

static void
window_value(sb_printer *p, const sb_ast_from *from, const char *name, const sb_ast_expr *value)
{
    if (value == NULL) {
        return;
    }
    sb_pr_add(p, ",");
    sb_pr_line(p);
    sb_pr_comments(p, value->begin);
    if (from->named) {
        sb_pr_add(p, name);
        sb_pr_add(p, " => ");
    }
    sb_pr_expr(p, value);
}

static void
window_inside(sb_printer *p, const void *node)
{
    static const char *const names[] = {"TUMBLE", "HOP", "CUMULATE", "SESSION"};
    const sb_ast_from *from = node;

    sb_pr_add(p, names[from->window]);
    sb_pr_open(p);
    sb_pr_add(p, from->named ? "DATA => " : "");
    from_data(p, from->left, from->partition, from->count_partition);
    sb_pr_add(p, ",");
    sb_pr_line(p);
    sb_pr_comments(p, from->time.begin);
    sb_pr_add(p, from->named ? "TIMECOL => DESCRIPTOR(" : "DESCRIPTOR(");
    sb_pr_name(p, &from->time);
    sb_pr_add(p, ")");
    window_value(p, from, from->window == SB_AST_TVF_HOP ? "SLIDE" : "STEP", from->slide);
    window_value(p, from, from->window == SB_AST_TVF_SESSION ? "GAP" : "SIZE", from->size);
    window_value(p, from, "`OFFSET`", from->offset);
    window_value(p, from, "EMITONLYONUPDATE", from->only_on_update);
    sb_pr_close(p);
}

static void
function_argument(sb_printer *p, const sb_ast_arg *arg)
{
    sb_pr_comments(p, arg->begin);
    if (arg->name.text != NULL) {
        if (p->text != NULL && arg->name.end > arg->name.begin) {
            sb_pr_source(p, arg->name.begin, arg->name.end);
        } else {
            sb_pr_name(p, &arg->name);
        }
        sb_pr_add(p, " => ");
    }
    switch (arg->kind) {
    case SB_AST_ARG_EXPR: sb_pr_expr(p, arg->expr); break;
    case SB_AST_ARG_DESCRIPTOR:
        sb_pr_add(p, "DESCRIPTOR");
        sb_pr_names(p, arg->columns, arg->count_columns);
        break;
    case SB_AST_ARG_MODEL:
        sb_pr_add(p, "MODEL ");
        sb_pr_path(p, &arg->path);
        break;
    case SB_AST_ARG_DEFAULT: sb_pr_add(p, "DEFAULT"); break;
    case SB_AST_ARG_TABLE:
        from_data(p, arg->table, arg->partition, arg->count_partition);
        if (arg->count_order > 0) {
            sb_pr_add(p, arg->count_order > 1 ? " ORDER BY (" : " ORDER BY ");
            sb_pr_order(p, arg->order, arg->count_order);
            sb_pr_add(p, arg->count_order > 1 ? ")" : "");
        }
        break;
    }
}

static void
function_inside(sb_printer *p, const void *node)
{
    const sb_ast_from *from = node;

    sb_pr_path(p, &from->path);
    if (from->count_args == 0) {
        sb_pr_add(p, "()");
        return;
    }
    sb_pr_open(p);
    for (int32_t i = 0; i < from->count_args; i++) {
        if (i > 0) {
            sb_pr_add(p, ",");
            sb_pr_line(p);
        }
        function_argument(p, &from->args[i]);
    }
    sb_pr_close(p);
}

/* ---- joins ---- */

static void
from_join(sb_printer *p, const sb_ast_from *from)
{
    static const char *const words[] = {"JOIN ",      "LEFT JOIN ",  "RIGHT JOIN ",
                                        "FULL JOIN ", "CROSS JOIN ", ""};

    if (from->bracketed) {
        sb_pr_open(p);
    }
    sb_pr_from(p, from->left);
    sb_pr_add(p, from->join == SB_AST_JOIN_COMMA ? "," : "");
    sb_pr_line(p);
    sb_pr_comments(p, from->right->begin);
    sb_pr_add(p, from->natural ? "NATURAL " : "");
    sb_pr_add(p, words[from->join]);
    sb_pr_from(p, from->right);
    if (from->condition != NULL) {
        sb_pr_add(p, " ON ");
        sb_pr_condition(p, from->condition);
    } else if (from->count_columns > 0) {
        sb_pr_add(p, " USING ");
        sb_pr_names(p, from->columns, from->count_columns);
    }
    if (from->bracketed) {
        sb_pr_close(p);
    }
}

/* ---- MATCH_RECOGNIZE ---- */

static void
match_pattern(sb_printer *p, const sb_ast_pattern *pattern, bool inside)
{
    const char *between = pattern->kind == SB_AST_PATTERN_CHOICE    ? " | "
                          : pattern->kind == SB_AST_PATTERN_PERMUTE ? ", "
                                                                    : " ";
    bool brackets = inside && (pattern->kind == SB_AST_PATTERN_CHOICE ||
                               pattern->kind == SB_AST_PATTERN_SEQUENCE);

    if (pattern->kind == SB_AST_PATTERN_VARIABLE) {
        sb_pr_name(p, &pattern->name);
        return;
    }
    sb_pr_add(p, brackets                                  ? "("
                 : pattern->kind == SB_AST_PATTERN_EXCLUDE ? "{- "
                 : pattern->kind == SB_AST_PATTERN_PERMUTE ? "PERMUTE("
                                                           : "");
    for (int32_t i = 0; i < pattern->count; i++) {
        const sb_ast_pattern *part = pattern->parts[i];
        bool loose =
            pattern->kind == SB_AST_PATTERN_EXCLUDE || pattern->kind == SB_AST_PATTERN_PERMUTE ||
            (pattern->kind == SB_AST_PATTERN_CHOICE && part->kind == SB_AST_PATTERN_SEQUENCE);
        bool twice = pattern->kind == SB_AST_PATTERN_REPEAT && part->kind == SB_AST_PATTERN_REPEAT;

        sb_pr_add(p, i > 0 ? between : twice ? "(" : "");
        match_pattern(p, part, !loose);
        sb_pr_add(p, twice ? ")" : "");
    }
    if (pattern->kind == SB_AST_PATTERN_REPEAT) {
        char text[48] = "+";

        if (pattern->high >= 0 && !(pattern->low == 0 && pattern->high == 1)) {
            if (pattern->low == pattern->high) {
                snprintf(text, sizeof(text), "{%d}", pattern->low);
            } else {
                snprintf(text, sizeof(text), "{%d,%d}", pattern->low, pattern->high);
            }
        } else if (pattern->high == 1) {
            snprintf(text, sizeof(text), "?");
        } else if (pattern->low == 0) {
            snprintf(text, sizeof(text), "*");
        } else if (pattern->low > 1) {
            snprintf(text, sizeof(text), "{%d,}", pattern->low);
        }
        sb_pr_add(p, text);
        sb_pr_add(p, pattern->reluctant ? "?" : "");
    }
    sb_pr_add(p, brackets                                  ? ")"
                 : pattern->kind == SB_AST_PATTERN_EXCLUDE ? " -}"
                 : pattern->kind == SB_AST_PATTERN_PERMUTE ? ")"
                                                           : "");
}

static void
match_items(sb_printer *p, const char *word, const sb_ast_item *items, int32_t count, bool define)
{
    sb_pr_add(p, word);
    p->indent += SB_PRINT_INDENT;
    for (int32_t i = 0; i < count; i++) {
        sb_pr_add(p, i > 0 ? "," : "");
        sb_pr_line(p);
        sb_pr_comments(p, define ? items[i].alias.begin : items[i].expr->begin);
        if (define) {
            sb_pr_name(p, &items[i].alias);
            sb_pr_add(p, " AS ");
            sb_pr_condition(p, items[i].expr);
        } else {
            sb_pr_expr(p, items[i].expr);
            sb_pr_add(p, " AS ");
            sb_pr_name(p, &items[i].alias);
        }
    }
    p->indent -= SB_PRINT_INDENT;
}

static void
match_skip(sb_printer *p, const sb_ast_match *match)
{
    static const char *const words[] = {"",          "TO NEXT ROW", "PAST LAST ROW",
                                        "TO FIRST ", "TO LAST ",    "TO "};

    if (match->skip == SB_AST_SKIP_NONE) {
        return;
    }
    sb_pr_line(p);
    sb_pr_add(p, "AFTER MATCH SKIP ");
    sb_pr_add(p, words[match->skip]);
    if (match->skip_to.text != NULL) {
        sb_pr_name(p, &match->skip_to);
    }
}

static void
match_tail(sb_printer *p, const sb_ast_match *match)
{
    sb_pr_line(p);
    sb_pr_comments(p, match->pattern->begin);
    sb_pr_add(p, match->strict_start ? "PATTERN (^ " : "PATTERN (");
    match_pattern(p, match->pattern, false);
    sb_pr_add(p, match->strict_end ? " $)" : ")");
    if (match->within != NULL) {
        sb_pr_add(p, " WITHIN ");
        sb_pr_expr(p, match->within);
    }
    for (int32_t i = 0; i < match->count_subsets; i++) {
        if (i == 0) {
            sb_pr_line(p);
        }
        sb_pr_add(p, i > 0 ? ", " : "SUBSET ");
        sb_pr_name(p, &match->subsets[i].name);
        sb_pr_add(p, " = ");
        sb_pr_names(p, match->subsets[i].parts, match->subsets[i].count);
    }
    sb_pr_line(p);
    match_items(p, "DEFINE", match->defines, match->count_defines, true);
}

static void
match_inside(sb_printer *p, const sb_ast_match *match)
{
    const char *gap = "";

    sb_pr_open(p);
    if (match->count_partition > 0) {
        sb_pr_add(p, "PARTITION BY ");
        sb_pr_exprs(p, match->partition, match->count_partition);
        gap = " ";
    }
    if (match->count_order > 0) {
        if (gap[0] != '\0') {
            sb_pr_line(p);
        }
        sb_pr_add(p, "ORDER BY ");
        sb_pr_order(p, match->order, match->count_order);
        gap = " ";
    }
    if (match->count_measures > 0) {
        if (gap[0] != '\0') {
            sb_pr_line(p);
        }
        match_items(p, "MEASURES", match->measures, match->count_measures, false);
    }
    if (match->one_row || match->all_rows) {
        sb_pr_line(p);
        sb_pr_add(p, match->one_row ? "ONE ROW PER MATCH" : "ALL ROWS PER MATCH");
    }
    match_skip(p, match);
    match_tail(p, match);
    sb_pr_close(p);
}

/* ---- any relation ---- */

static void
from_table(sb_printer *p, const sb_ast_from *from)
{
    if (from->is_file) {
        sb_pr_string(p, from->path.parts[0].text);
    } else {
        sb_pr_path(p, &from->path);
    }
    sb_pr_hints(p, &from->hints, from->other_hints, from->count_other_hints);
    if (from->system_time != NULL) {
        sb_pr_add(p, " FOR SYSTEM_TIME AS OF ");
        sb_pr_expr(p, from->system_time);
    }
}

static void
from_unnest(sb_printer *p, const sb_ast_from *from)
{
    sb_pr_add(p, "UNNEST(");
    sb_pr_exprs(p, from->exprs, from->count_exprs);
    sb_pr_add(p, from->ordinality ? ") WITH ORDINALITY" : ")");
}

static void
from_called(sb_printer *p, const sb_ast_from *from, sb_pr_function inside)
{
    sb_pr_add(p, from->bare ? "" : "TABLE(");
    sb_pr_node(p, inside, from, from->end);
    sb_pr_add(p, from->bare ? "" : ")");
}

static void
from_sample(sb_printer *p, const sb_ast_sample *sample)
{
    sb_pr_add(p, " TABLESAMPLE ");
    sb_pr_add(p, sample->method.text);
    sb_pr_add(p, "(");
    sb_pr_expr(p, sample->percent);
    sb_pr_add(p, ")");
    if (sample->seed != NULL) {
        sb_pr_add(p, " REPEATABLE(");
        sb_pr_expr(p, sample->seed);
        sb_pr_add(p, ")");
    }
}

static void
from_alias(sb_printer *p, const sb_ast_from *from)
{
    if (from->alias.text == NULL) {
        return;
    }
    sb_pr_add(p, " AS ");
    sb_pr_name(p, &from->alias);
    if (from->count_columns > 0) {
        sb_pr_add(p, " ");
        sb_pr_names(p, from->columns, from->count_columns);
    }
}

void
sb_pr_from(sb_printer *p, const sb_ast_from *from)
{
    sb_pr_add(p, from->lateral ? "LATERAL " : "");
    switch (from->kind) {
    case SB_AST_FROM_JOIN: from_join(p, from); break;
    case SB_AST_FROM_TABLE: from_table(p, from); break;
    case SB_AST_FROM_QUERY: sb_pr_subquery(p, from->query); break;
    case SB_AST_FROM_WINDOW: from_called(p, from, window_inside); break;
    case SB_AST_FROM_FUNCTION: from_called(p, from, function_inside); break;
    case SB_AST_FROM_UNNEST: from_unnest(p, from); break;
    case SB_AST_FROM_MATCH:
        sb_pr_from(p, from->left);
        sb_pr_add(p, " MATCH_RECOGNIZE ");
        match_inside(p, from->match);
        break;
    case SB_AST_FROM_PIVOT:
        sb_pr_from(p, from->left);
        sb_pr_add(p, " ");
        sb_pr_source(p, from->body_begin, from->body_end);
        break;
    }
    if (from->kind != SB_AST_FROM_JOIN) {
        if (from->sample != NULL && !from->sample_last) {
            from_sample(p, from->sample);
        }
        from_alias(p, from);
        if (from->sample != NULL && from->sample_last) {
            from_sample(p, from->sample);
        }
    }
}
