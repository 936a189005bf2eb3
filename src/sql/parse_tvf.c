/*
 * sql/parse_tvf.c -- functions that give tables: windows and all others.
 *
 * DESIGN     TUMBLE, HOP, CUMULATE and SESSION have arguments that are known by name, so they are
 *            kept by what they mean; other functions keep their arguments as written.
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "sql/parser.h"

enum {
    ARG_DATA,
    ARG_TIMECOL,
    ARG_SLIDE,
    ARG_STEP,
    ARG_GAP,
    ARG_SIZE,
    ARG_OFFSET,
    ARG_EMIT,
    ARG_COUNT
};

static const char *const window_arguments[ARG_COUNT] = {
    "DATA", "TIMECOL", "SLIDE", "STEP", "GAP", "SIZE", "OFFSET", "EMITONLYONUPDATE"};

static const struct {
    const char *name;
    sb_ast_tvf window;
    int count, required;
    int order[6]; /* what is only known by name stands behind `count` */
    int named;
    const char *expected, *hint;
} window_rows[] = {
    {"TUMBLE",
     SB_AST_TVF_TUMBLE,
     4,
     3,
     {ARG_DATA, ARG_TIMECOL, ARG_SIZE, ARG_OFFSET},
     4,
     "DATA, TIMECOL, SIZE or OFFSET",
     "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTE)"},
    {"HOP",
     SB_AST_TVF_HOP,
     5,
     4,
     {ARG_DATA, ARG_TIMECOL, ARG_SLIDE, ARG_SIZE, ARG_OFFSET},
     5,
     "DATA, TIMECOL, SLIDE, SIZE or OFFSET",
     "HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '10' MINUTE): slide, then size"},
    {"CUMULATE",
     SB_AST_TVF_CUMULATE,
     5,
     4,
     {ARG_DATA, ARG_TIMECOL, ARG_STEP, ARG_SIZE, ARG_OFFSET, ARG_EMIT},
     6,
     "DATA, TIMECOL, STEP, SIZE, OFFSET or EMITONLYONUPDATE",
     "CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR): step, then size"},
    {"SESSION",
     SB_AST_TVF_SESSION,
     3,
     3,
     {ARG_DATA, ARG_TIMECOL, ARG_GAP},
     3,
     "DATA, TIMECOL or GAP",
     "SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '5' MINUTE)"},
};

enum { WINDOW_ROWS = sizeof(window_rows) / sizeof(window_rows[0]) };

/* ---- windows ---- */

static sb_status
window_data(sb_parser *p, sb_ast_from *from)
{
    if (sb_parse_take_word(p, "TABLE") && !sb_parse_is_symbol(p, 0, "(")) {
        SB_TRY(sb_parse_table_name(p, &from->left), p->err);
    } else if (sb_parse_is_symbol(p, 0, "(") && sb_parse_is_query(p, 1)) {
        from->left = sb_parse_from_new(p, SB_AST_FROM_QUERY);
        if (from->left == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_query_brackets(p, &from->left->query), p->err);
        from->left->end = sb_parse_last_end(p);
    } else {
        return sb_parse_fail(p, "TABLE and a name");
    }
    if (sb_parse_take_words(p, "PARTITION BY")) {
        if (sb_parse_take_symbol(p, "(")) {
            SB_TRY(sb_parse_expr_list(p, &from->partition, &from->count_partition), p->err);
            return sb_parse_want_symbol(p, ")");
        }
        /* A comma may begin the next argument: DESCRIPTOR( or name =>. */
        return sb_parse_partition_list(p, &from->partition, &from->count_partition);
    }
    return SB_OK;
}

static sb_status
window_descriptor(sb_parser *p, sb_ast_from *from)
{
    SB_TRY(sb_parse_want_word(p, "DESCRIPTOR"), p->err);
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    SB_TRY(sb_parse_name(p, "a name of a column", &from->time), p->err);
    if (sb_parse_is_symbol(p, 0, ",")) {
        return sb_parse_fail(p, "one time column");
    }
    return sb_parse_want_symbol(p, ")");
}

static sb_status
window_argument(sb_parser *p, sb_ast_from *from, int argument)
{
    switch (argument) {
    case ARG_DATA: return window_data(p, from);
    case ARG_TIMECOL: return window_descriptor(p, from);
    case ARG_SLIDE:
    case ARG_STEP: return sb_parse_expr(p, &from->slide);
    case ARG_GAP:
    case ARG_SIZE: return sb_parse_expr(p, &from->size);
    case ARG_EMIT: return sb_parse_expr(p, &from->only_on_update);
    default: return sb_parse_expr(p, &from->offset);
    }
}

static sb_status
window_named(sb_parser *p, int row, sb_ast_from *from, bool *seen)
{
    int i = 0, argument;

    while (i < window_rows[row].named &&
           !sb_str_equal_nocase(sb_parse_peek(p, 0)->value,
                                sb_str_of(window_arguments[window_rows[row].order[i]]))) {
        i++;
    }
    if (i == window_rows[row].named) {
        return sb_parse_fail(p, window_rows[row].expected);
    }
    argument = window_rows[row].order[i];
    if (seen[argument]) {
        return sb_sql_error(p->err, SB_SQL_SYNTAX, sb_parse_peek(p, 0)->begin,
                            sb_parse_peek(p, 0)->end, "argument %s is there twice",
                            window_arguments[argument]);
    }
    p->at += 2;
    seen[argument] = true;
    return window_argument(p, from, argument);
}

static int
window_row(const sb_parser *p)
{
    int row = 0;

    while (row < WINDOW_ROWS && !sb_parse_is_word(p, 0, window_rows[row].name)) {
        row++;
    }
    return row < WINDOW_ROWS && sb_parse_is_symbol(p, 1, "(") ? row : -1;
}

bool
sb_parse_is_window(const sb_parser *p)
{
    return window_row(p) >= 0;
}

static sb_status
window_call(sb_parser *p, sb_ast_from **out)
{
    sb_ast_from *from = sb_parse_from_new(p, SB_AST_FROM_WINDOW);
    int row = window_row(p), position = 0;
    bool seen[ARG_COUNT] = {false};

    if (from == NULL) {
        SB_NOMEM(p->err);
    }
    from->window = window_rows[row].window;
    p->at += 2;
    from->named = sb_parse_is_symbol(p, 1, "=>");
    do {
        if (from->named) {
            SB_TRY(window_named(p, row, from, seen), p->err);
        } else if (position >= window_rows[row].count) {
            return sb_parse_fail(p, "\")\"");
        } else {
            int argument = window_rows[row].order[position++];

            seen[argument] = true;
            SB_TRY(window_argument(p, from, argument), p->err);
        }
    } while (sb_parse_take_symbol(p, ","));
    for (int i = 0; i < window_rows[row].required; i++) {
        if (!seen[window_rows[row].order[i]]) {
            sb_status status = sb_parse_fail(p, "more arguments");

            sb_error_hint(p->err, "%s", window_rows[row].hint);
            return status;
        }
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    from->end = sb_parse_last_end(p);
    *out = from;
    return SB_OK;
}

/* ---- other functions ---- */

/* a, b up to a comma behind which the next argument begins */
sb_status
sb_parse_partition_list(sb_parser *p, sb_ast_expr ***out, int32_t *out_count)
{
    sb_parse_list list = {0};

    for (;;) {
        sb_ast_expr *expr;
        bool next;

        SB_TRY(sb_parse_expr(p, &expr), p->err);
        SB_TRY(sb_parse_list_add(p, &list, expr), p->err);
        next = sb_parse_is_symbol(p, 0, ",") && sb_parse_peek(p, 1)->kind <= SB_TOKEN_QUOTED &&
               !sb_parse_is_symbol(p, 2, "=>") && !sb_parse_is_symbol(p, 2, "(") &&
               !sb_parse_is_word(p, 1, "TABLE") && !sb_parse_is_word(p, 1, "MODEL") &&
               !sb_parse_is_word(p, 1, "INTERVAL");
        if (!next) {
            break;
        }
        p->at++;
    }
    *out = (sb_ast_expr **)list.at;
    *out_count = list.count;
    return SB_OK;
}

/* TABLE t or ( query ), then PARTITION BY and ORDER BY */
static sb_status
argument_table(sb_parser *p, sb_ast_arg *arg)
{
    arg->kind = SB_AST_ARG_TABLE;
    if (sb_parse_take_word(p, "TABLE") && !sb_parse_is_symbol(p, 0, "(")) {
        SB_TRY(sb_parse_table_name(p, &arg->table), p->err);
    } else {
        arg->table = sb_parse_from_new(p, SB_AST_FROM_QUERY);
        if (arg->table == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_query_brackets(p, &arg->table->query), p->err);
        arg->table->end = sb_parse_last_end(p);
    }
    if (sb_parse_take_words(p, "PARTITION BY")) {
        if (sb_parse_take_symbol(p, "(")) {
            SB_TRY(sb_parse_expr_list(p, &arg->partition, &arg->count_partition), p->err);
            SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
        } else {
            SB_TRY(sb_parse_partition_list(p, &arg->partition, &arg->count_partition), p->err);
        }
    }
    if (sb_parse_take_words(p, "ORDER BY")) {
        bool brackets = sb_parse_take_symbol(p, "(");
        sb_parse_list list = {0};

        do {
            sb_ast_order *order;

            SB_TRY(sb_parse_order_one(p, &order), p->err);
            SB_TRY(sb_parse_list_add(p, &list, order), p->err);
        } while (brackets && sb_parse_take_symbol(p, ","));
        SB_PARSE_COPY(p, &list, sb_ast_order, &arg->order, &arg->count_order);
        return brackets ? sb_parse_want_symbol(p, ")") : SB_OK;
    }
    return SB_OK;
}

static sb_status
argument_one(sb_parser *p, sb_ast_arg *arg)
{
    arg->begin = sb_parse_peek(p, 0)->begin;
    if (sb_parse_is_symbol(p, 1, "=>")) {
        SB_TRY(sb_parse_word(p, "a name of an argument", &arg->name), p->err);
        p->at++;
    }
    if ((sb_parse_is_word(p, 0, "TABLE") && !sb_parse_is_symbol(p, 1, "=>")) ||
        (sb_parse_is_symbol(p, 0, "(") && sb_parse_is_query(p, 1))) {
        SB_TRY(argument_table(p, arg), p->err);
    } else if (sb_parse_is_word(p, 0, "DESCRIPTOR") && sb_parse_is_symbol(p, 1, "(")) {
        p->at++;
        arg->kind = SB_AST_ARG_DESCRIPTOR;
        SB_TRY(sb_parse_names(p, "a name of a column", &arg->columns, &arg->count_columns), p->err);
    } else if (sb_parse_is_word(p, 0, "MODEL") && sb_parse_peek(p, 1)->kind <= SB_TOKEN_QUOTED &&
               sb_parse_peek(p, 1)->kind != SB_TOKEN_END) {
        p->at++;
        arg->kind = SB_AST_ARG_MODEL;
        SB_TRY(sb_parse_path(p, "a name of a model", &arg->path), p->err);
    } else if (sb_parse_take_word(p, "DEFAULT")) {
        arg->kind = SB_AST_ARG_DEFAULT;
    } else {
        SB_TRY(sb_parse_expr(p, &arg->expr), p->err);
    }
    arg->end = sb_parse_last_end(p);
    return SB_OK;
}

sb_status
sb_parse_table_function(sb_parser *p, sb_ast_from **out)
{
    sb_ast_from *from;
    sb_parse_list list = {0};

    if (sb_parse_is_window(p)) {
        return window_call(p, out);
    }
    from = sb_parse_from_new(p, SB_AST_FROM_FUNCTION);
    if (from == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_path(p, "a function that gives a table", &from->path), p->err);
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    if (!sb_parse_is_symbol(p, 0, ")")) {
        do {
            sb_ast_arg *arg = SB_NEW(p->arena, sb_ast_arg);

            if (arg == NULL) {
                SB_NOMEM(p->err);
            }
            SB_TRY(argument_one(p, arg), p->err);
            SB_TRY(sb_parse_list_add(p, &list, arg), p->err);
        } while (sb_parse_take_symbol(p, ","));
    }
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_PARSE_COPY(p, &list, sb_ast_arg, &from->args, &from->count_args);
    from->end = sb_parse_last_end(p);
    *out = from;
    return SB_OK;
}
