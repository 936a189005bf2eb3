/*
 * sql/parse_window.c -- ORDER BY lists, and the windows of OVER and WINDOW.
 *
 * THREADS    one thread at a time.
 */
#include "sql/parse_special.h"

sb_status
sb_parse_order_one(sb_parser *p, sb_ast_order **out)
{
    sb_ast_order *order = SB_NEW(p->arena, sb_ast_order);

    if (order == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_expr(p, &order->expr), p->err);
    order->asc = sb_parse_take_word(p, "ASC");
    order->desc = !order->asc && sb_parse_take_word(p, "DESC");
    order->nulls_first = sb_parse_take_words(p, "NULLS FIRST");
    order->nulls_last = !order->nulls_first && sb_parse_take_words(p, "NULLS LAST");
    *out = order;
    return SB_OK;
}

/* Behind ORDER BY. */
sb_status
sb_parse_order(sb_parser *p, sb_ast_order **out, int32_t *out_count)
{
    sb_parse_list list = {0};

    do {
        sb_ast_order *order;

        SB_TRY(sb_parse_order_one(p, &order), p->err);
        SB_TRY(sb_parse_list_add(p, &list, order), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_PARSE_COPY(p, &list, sb_ast_order, out, out_count);
    return SB_OK;
}

static sb_status
window_bound(sb_parser *p, sb_ast_bound *out)
{
    if (sb_parse_take_words(p, "UNBOUNDED PRECEDING")) {
        out->kind = SB_AST_BOUND_UNBOUNDED_PRECEDING;
    } else if (sb_parse_take_words(p, "UNBOUNDED FOLLOWING")) {
        out->kind = SB_AST_BOUND_UNBOUNDED_FOLLOWING;
    } else if (sb_parse_take_words(p, "CURRENT ROW")) {
        out->kind = SB_AST_BOUND_CURRENT_ROW;
    } else {
        SB_TRY(sb_parse_expr_tight(p, &out->offset), p->err);
        if (sb_parse_take_word(p, "PRECEDING")) {
            out->kind = SB_AST_BOUND_PRECEDING;
        } else if (sb_parse_take_word(p, "FOLLOWING")) {
            out->kind = SB_AST_BOUND_FOLLOWING;
        } else {
            return sb_parse_fail(p, "PRECEDING or FOLLOWING");
        }
    }
    return SB_OK;
}

static sb_status
window_frame(sb_parser *p, sb_ast_window *out)
{
    if (sb_parse_take_word(p, "ROWS")) {
        out->frame = SB_AST_FRAME_ROWS;
    } else if (sb_parse_take_word(p, "RANGE")) {
        out->frame = SB_AST_FRAME_RANGE;
    } else {
        return SB_OK;
    }
    if (!sb_parse_take_word(p, "BETWEEN")) {
        return window_bound(p, &out->from);
    }
    SB_TRY(window_bound(p, &out->from), p->err);
    SB_TRY(sb_parse_want_word(p, "AND"), p->err);
    return window_bound(p, &out->to);
}

/* The brackets of a window and what stands in them. */
static sb_status
window_spec(sb_parser *p, sb_ast_window *out)
{
    const sb_token *token;

    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    out->bracketed = true;
    token = sb_parse_peek(p, 0);
    if (token->kind == SB_TOKEN_QUOTED ||
        (token->kind == SB_TOKEN_NAME && !sb_sql_is_reserved(token->value))) {
        SB_TRY(sb_parse_name(p, "a name of a window", &out->base), p->err);
    }
    if (sb_parse_take_words(p, "PARTITION BY")) {
        SB_TRY(sb_parse_expr_list(p, &out->partition, &out->count_partition), p->err);
    }
    if (sb_parse_take_words(p, "ORDER BY")) {
        SB_TRY(sb_parse_order(p, &out->order, &out->count_order), p->err);
    }
    SB_TRY(window_frame(p, out), p->err);
    out->allow_partial = sb_parse_take_words(p, "ALLOW PARTIAL");
    out->disallow_partial = !out->allow_partial && sb_parse_take_words(p, "DISALLOW PARTIAL");
    if (!sb_parse_is_symbol(p, 0, ")") && out->frame == SB_AST_FRAME_NONE) {
        return sb_parse_fail(p, "PARTITION BY, ORDER BY, ROWS, RANGE or \")\"");
    }
    return sb_parse_want_symbol(p, ")");
}

/* Behind OVER: a name or brackets. */
sb_status
sb_parse_over(sb_parser *p, sb_ast_window **out)
{
    sb_ast_window *window = SB_NEW(p->arena, sb_ast_window);

    if (window == NULL) {
        SB_NOMEM(p->err);
    }
    window->begin = sb_parse_peek(p, 0)->begin;
    if (sb_parse_is_symbol(p, 0, "(")) {
        SB_TRY(window_spec(p, window), p->err);
    } else {
        SB_TRY(sb_parse_name(p, "a name of a window or \"(\"", &window->base), p->err);
    }
    window->end = sb_parse_last_end(p);
    *out = window;
    return SB_OK;
}

/* Behind WINDOW: w AS ( ... ), v AS ( ... ) */
sb_status
sb_parse_windows(sb_parser *p, sb_ast_window ***out, int32_t *out_count)
{
    sb_parse_list list = {0};

    do {
        sb_ast_window *window = SB_NEW(p->arena, sb_ast_window);

        if (window == NULL) {
            SB_NOMEM(p->err);
        }
        window->begin = sb_parse_peek(p, 0)->begin;
        SB_TRY(sb_parse_name(p, "a name of a window", &window->name), p->err);
        SB_TRY(sb_parse_want_word(p, "AS"), p->err);
        SB_TRY(window_spec(p, window), p->err);
        window->end = sb_parse_last_end(p);
        SB_TRY(sb_parse_list_add(p, &list, window), p->err);
    } while (sb_parse_take_symbol(p, ","));
    *out = (sb_ast_window **)list.at;
    *out_count = list.count;
    return SB_OK;
}
