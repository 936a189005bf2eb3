/*
 * sql/parse_match.c -- what may stand behind a relation: MATCH_RECOGNIZE, PIVOT, TABLESAMPLE.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/parser.h"

static sb_status pattern_choice(sb_parser *p, sb_ast_pattern **out);

/* ---- patterns ---- */

static sb_ast_pattern *
pattern_new(sb_parser *p, sb_ast_pattern_kind kind, int32_t begin)
{
    sb_ast_pattern *pattern = SB_NEW(p->arena, sb_ast_pattern);

    if (pattern != NULL) {
        pattern->kind = kind;
        pattern->begin = begin;
    }
    return pattern;
}

static sb_status
pattern_parts(sb_parser *p, sb_ast_pattern *pattern, const sb_parse_list *list)
{
    pattern->parts = (sb_ast_pattern **)list->at;
    pattern->count = list->count;
    pattern->end = sb_parse_last_end(p);
    return SB_OK;
}

static sb_status
pattern_number(sb_parser *p, int32_t *out)
{
    const sb_token *token = sb_parse_peek(p, 0);
    int64_t value = 0;

    if (token->kind != SB_TOKEN_INTEGER) {
        return sb_parse_fail(p, "a number of repetitions");
    }
    for (size_t i = 0; i < token->value.size && value <= INT32_MAX; i++) {
        value = value * 10 + (token->value.data[i] - '0');
    }
    if (value > INT32_MAX) {
        return sb_sql_error(p->err, SB_SQL_VALUE, token->begin, token->end,
                            "number of repetitions is too large");
    }
    p->at++;
    *out = (int32_t)value;
    return SB_OK;
}

/* { 2 }, { 2, }, { , 3 }, { 2, 3 } */
static sb_status
pattern_braces(sb_parser *p, sb_ast_pattern *repeat)
{
    bool low = sb_parse_peek(p, 0)->kind == SB_TOKEN_INTEGER;

    if (low) {
        SB_TRY(pattern_number(p, &repeat->low), p->err);
    }
    if (!sb_parse_take_symbol(p, ",")) {
        repeat->high = repeat->low;
        return low ? sb_parse_want_symbol(p, "}") : sb_parse_fail(p, "a number of repetitions");
    }
    repeat->high = -1;
    if (sb_parse_peek(p, 0)->kind == SB_TOKEN_INTEGER || !low) {
        SB_TRY(pattern_number(p, &repeat->high), p->err);
    }
    return sb_parse_want_symbol(p, "}");
}

/* + * ? {n,m} behind a part, each with ? for as few as possible */
static sb_status
pattern_repeat(sb_parser *p, sb_ast_pattern **part)
{
    sb_ast_pattern *repeat;
    const sb_token *token = sb_parse_peek(p, 0);
    sb_parse_list list = {0};

    if (token->kind != SB_TOKEN_SYMBOL || strchr("+*?{", token->value.data[0]) == NULL ||
        token->value.size != 1 || sb_parse_is_symbol(p, 1, "-")) {
        return SB_OK;
    }
    repeat = pattern_new(p, SB_AST_PATTERN_REPEAT, (*part)->begin);
    if (repeat == NULL) {
        SB_NOMEM(p->err);
    }
    p->at++;
    repeat->high = -1;
    switch (token->value.data[0]) {
    case '+': repeat->low = 1; break;
    case '*': break;
    case '?': repeat->high = 1; break;
    default: SB_TRY(pattern_braces(p, repeat), p->err); break;
    }
    repeat->reluctant = sb_parse_take_symbol(p, "?");
    SB_TRY(sb_parse_list_add(p, &list, *part), p->err);
    *part = repeat;
    return pattern_parts(p, repeat, &list);
}

/* PERMUTE ( a, b ) */
static sb_status
pattern_permute(sb_parser *p, sb_ast_pattern **out)
{
    sb_ast_pattern *pattern = pattern_new(p, SB_AST_PATTERN_PERMUTE, sb_parse_peek(p, 0)->begin);
    sb_parse_list list = {0};

    if (pattern == NULL) {
        SB_NOMEM(p->err);
    }
    p->at += 2;
    do {
        sb_ast_pattern *part;

        SB_TRY(pattern_choice(p, &part), p->err);
        SB_TRY(sb_parse_list_add(p, &list, part), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    *out = pattern;
    return pattern_parts(p, pattern, &list);
}

/* a, ( ... ), {- ... -}, PERMUTE( ... ) */
static sb_status
pattern_part(sb_parser *p, sb_ast_pattern **out)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;

    if (sb_parse_is_word(p, 0, "PERMUTE") && sb_parse_is_symbol(p, 1, "(")) {
        SB_TRY(pattern_permute(p, out), p->err);
    } else if (sb_parse_take_symbol(p, "(")) {
        SB_TRY(pattern_choice(p, out), p->err);
        SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    } else if (sb_parse_is_symbol(p, 0, "{") && sb_parse_is_symbol(p, 1, "-")) {
        sb_ast_pattern *pattern = pattern_new(p, SB_AST_PATTERN_EXCLUDE, begin), *inner;
        sb_parse_list list = {0};

        if (pattern == NULL) {
            SB_NOMEM(p->err);
        }
        p->at += 2;
        SB_TRY(pattern_choice(p, &inner), p->err);
        SB_TRY(sb_parse_want_symbol(p, "-"), p->err);
        SB_TRY(sb_parse_want_symbol(p, "}"), p->err);
        SB_TRY(sb_parse_list_add(p, &list, inner), p->err);
        SB_TRY(pattern_parts(p, pattern, &list), p->err);
        *out = pattern;
    } else {
        *out = pattern_new(p, SB_AST_PATTERN_VARIABLE, begin);
        if (*out == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_name(p, "a pattern variable", &(*out)->name), p->err);
        (*out)->end = sb_parse_last_end(p);
    }
    return pattern_repeat(p, out);
}

static bool
pattern_goes_on(const sb_parser *p)
{
    const sb_token *token = sb_parse_peek(p, 0);

    return token->kind == SB_TOKEN_NAME || token->kind == SB_TOKEN_QUOTED ||
           sb_parse_is_symbol(p, 0, "(") || sb_parse_is_symbol(p, 0, "{");
}

static sb_status
pattern_sequence(sb_parser *p, sb_ast_pattern **out)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;
    sb_parse_list list = {0};

    do {
        sb_ast_pattern *part;

        SB_TRY(pattern_part(p, &part), p->err);
        SB_TRY(sb_parse_list_add(p, &list, part), p->err);
    } while (pattern_goes_on(p));
    if (list.count == 1) {
        *out = list.at[0];
        return SB_OK;
    }
    *out = pattern_new(p, SB_AST_PATTERN_SEQUENCE, begin);
    if (*out == NULL) {
        SB_NOMEM(p->err);
    }
    return pattern_parts(p, *out, &list);
}

static sb_status
pattern_choice(sb_parser *p, sb_ast_pattern **out)
{
    int32_t begin = sb_parse_peek(p, 0)->begin;
    sb_parse_list list = {0};

    SB_TRY(sb_parse_enter(p), p->err);
    do {
        sb_ast_pattern *part;

        SB_TRY(pattern_sequence(p, &part), p->err);
        SB_TRY(sb_parse_list_add(p, &list, part), p->err);
    } while (sb_parse_take_symbol(p, "|"));
    sb_parse_leave(p);
    if (list.count == 1) {
        *out = list.at[0];
        return SB_OK;
    }
    *out = pattern_new(p, SB_AST_PATTERN_CHOICE, begin);
    if (*out == NULL) {
        SB_NOMEM(p->err);
    }
    return pattern_parts(p, *out, &list);
}

/* ---- clauses of MATCH_RECOGNIZE ---- */

/* MEASURES expr AS name, ...; DEFINE name AS expr, ... */
static sb_status
match_items(sb_parser *p, bool define, sb_ast_item **out, int32_t *out_count)
{
    sb_parse_list list = {0};

    do {
        sb_ast_item *item = SB_NEW(p->arena, sb_ast_item);

        if (item == NULL) {
            SB_NOMEM(p->err);
        }
        if (define) {
            SB_TRY(sb_parse_name(p, "a pattern variable", &item->alias), p->err);
            SB_TRY(sb_parse_want_word(p, "AS"), p->err);
        } else {
            (void)(sb_parse_take_word(p, "FINAL") || sb_parse_take_word(p, "RUNNING"));
        }
        SB_TRY(sb_parse_expr(p, &item->expr), p->err);
        if (!define) {
            SB_TRY(sb_parse_want_word(p, "AS"), p->err);
            SB_TRY(sb_parse_name(p, "a name after AS", &item->alias), p->err);
        }
        SB_TRY(sb_parse_list_add(p, &list, item), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_PARSE_COPY(p, &list, sb_ast_item, out, out_count);
    return SB_OK;
}

static sb_status
match_skip(sb_parser *p, sb_ast_match *match)
{
    if (sb_parse_take_words(p, "TO NEXT ROW")) {
        match->skip = SB_AST_SKIP_NEXT_ROW;
        return SB_OK;
    }
    if (sb_parse_take_words(p, "PAST LAST ROW")) {
        match->skip = SB_AST_SKIP_PAST_LAST_ROW;
        return SB_OK;
    }
    if (!sb_parse_take_word(p, "TO")) {
        return sb_parse_fail(p, "PAST LAST ROW, TO NEXT ROW, TO FIRST or TO LAST");
    }
    match->skip = sb_parse_take_word(p, "FIRST")  ? SB_AST_SKIP_TO_FIRST
                  : sb_parse_take_word(p, "LAST") ? SB_AST_SKIP_TO_LAST
                                                  : SB_AST_SKIP_TO;
    return sb_parse_name(p, "a pattern variable", &match->skip_to);
}

static sb_status
match_subsets(sb_parser *p, sb_ast_match *match)
{
    sb_parse_list list = {0};

    do {
        sb_ast_subset *subset = SB_NEW(p->arena, sb_ast_subset);

        if (subset == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_name(p, "a name of a subset", &subset->name), p->err);
        SB_TRY(sb_parse_want_symbol(p, "="), p->err);
        SB_TRY(sb_parse_names(p, "a pattern variable", &subset->parts, &subset->count), p->err);
        SB_TRY(sb_parse_list_add(p, &list, subset), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_PARSE_COPY(p, &list, sb_ast_subset, &match->subsets, &match->count_subsets);
    return SB_OK;
}

static sb_status
match_pattern(sb_parser *p, sb_ast_match *match)
{
    SB_TRY(sb_parse_want_word(p, "PATTERN"), p->err);
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    match->strict_start = sb_parse_take_symbol(p, "^");
    SB_TRY(pattern_choice(p, &match->pattern), p->err);
    match->strict_end = sb_parse_take_symbol(p, "$");
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    if (sb_parse_take_word(p, "WITHIN")) {
        SB_TRY(sb_parse_expr(p, &match->within), p->err);
    }
    if (sb_parse_take_word(p, "SUBSET")) {
        SB_TRY(match_subsets(p, match), p->err);
    }
    SB_TRY(sb_parse_want_word(p, "DEFINE"), p->err);
    return match_items(p, true, &match->defines, &match->count_defines);
}

static sb_status
match_body(sb_parser *p, sb_ast_match *match)
{
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    if (sb_parse_take_words(p, "PARTITION BY")) {
        SB_TRY(sb_parse_expr_list(p, &match->partition, &match->count_partition), p->err);
    }
    if (sb_parse_take_words(p, "ORDER BY")) {
        SB_TRY(sb_parse_order(p, &match->order, &match->count_order), p->err);
    }
    if (sb_parse_take_word(p, "MEASURES")) {
        SB_TRY(match_items(p, false, &match->measures, &match->count_measures), p->err);
    }
    match->one_row = sb_parse_take_words(p, "ONE ROW PER MATCH");
    match->all_rows = !match->one_row && sb_parse_take_words(p, "ALL ROWS PER MATCH");
    if (sb_parse_take_words(p, "AFTER MATCH SKIP")) {
        SB_TRY(match_skip(p, match), p->err);
    }
    SB_TRY(match_pattern(p, match), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    match->end = sb_parse_last_end(p);
    return SB_OK;
}

static sb_status
suffix_wrap(sb_parser *p, sb_ast_from_kind kind, sb_ast_from **from)
{
    sb_ast_from *outer = sb_parse_from_new(p, kind);

    if (outer == NULL) {
        SB_NOMEM(p->err);
    }
    outer->left = *from;
    outer->begin = (*from)->begin;
    outer->body_begin = outer->word_begin = sb_parse_peek(p, 0)->begin;
    outer->word_end = sb_parse_peek(p, 0)->end;
    *from = outer;
    return SB_OK;
}

static sb_status
suffix_match(sb_parser *p, sb_ast_from **from)
{
    SB_TRY(suffix_wrap(p, SB_AST_FROM_MATCH, from), p->err);
    (*from)->match = SB_NEW(p->arena, sb_ast_match);
    if ((*from)->match == NULL) {
        SB_NOMEM(p->err);
    }
    (*from)->match->begin = sb_parse_peek(p, 0)->begin;
    p->at++;
    SB_TRY(match_body(p, (*from)->match), p->err);
    (*from)->end = sb_parse_last_end(p);
    return SB_OK;
}

/* Only that the brackets close: Flink reads it and cannot plan it either. */
static sb_status
suffix_pivot(sb_parser *p, sb_ast_from **from)
{
    int32_t depth = 0;

    SB_TRY(suffix_wrap(p, SB_AST_FROM_PIVOT, from), p->err);
    while (!sb_parse_is_symbol(p, 0, "(")) {
        if (sb_parse_peek(p, 0)->kind != SB_TOKEN_NAME) {
            return sb_parse_fail(p, "\"(\"");
        }
        p->at++;
    }
    do {
        if (sb_parse_peek(p, 0)->kind == SB_TOKEN_END || sb_parse_is_symbol(p, 0, ";")) {
            return sb_parse_fail(p, "\")\"");
        }
        depth += sb_parse_is_symbol(p, 0, "(") - sb_parse_is_symbol(p, 0, ")");
        p->at++;
    } while (depth > 0);
    (*from)->body_end = (*from)->end = sb_parse_last_end(p);
    return SB_OK;
}

/* TABLESAMPLE BERNOULLI ( 10 ) REPEATABLE ( 1 ) */
static sb_status
suffix_sample(sb_parser *p, sb_ast_from *from)
{
    sb_ast_sample *sample = SB_NEW(p->arena, sb_ast_sample);

    if (sample == NULL) {
        SB_NOMEM(p->err);
    }
    p->at++;
    if (!sb_parse_is_word(p, 0, "BERNOULLI") && !sb_parse_is_word(p, 0, "SYSTEM") &&
        !sb_parse_is_word(p, 0, "SUBSTITUTE")) {
        return sb_parse_fail(p, "BERNOULLI or SYSTEM");
    }
    SB_TRY(sb_parse_word(p, "BERNOULLI or SYSTEM", &sample->method), p->err);
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    SB_TRY(sb_parse_expr(p, &sample->percent), p->err);
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    if (sb_parse_take_word(p, "REPEATABLE")) {
        SB_TRY(sb_parse_want_symbol(p, "("), p->err);
        SB_TRY(sb_parse_expr(p, &sample->seed), p->err);
        SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    }
    from->sample = sample;
    from->sample_last = from->alias.text != NULL;
    from->end = sb_parse_last_end(p);
    return SB_OK;
}

sb_status
sb_parse_from_suffix(sb_parser *p, sb_ast_from **from)
{
    if (sb_parse_is_word(p, 0, "TABLESAMPLE")) {
        SB_TRY(suffix_sample(p, *from), p->err);
    }
    if (sb_parse_is_word(p, 0, "MATCH_RECOGNIZE") || sb_parse_is_word(p, 0, "PIVOT") ||
        sb_parse_is_word(p, 0, "UNPIVOT")) {
        SB_TRY(sb_parse_is_word(p, 0, "MATCH_RECOGNIZE") ? suffix_match(p, from)
                                                         : suffix_pivot(p, from),
               p->err);
        SB_TRY(sb_parse_alias(p, &(*from)->alias), p->err);
        if ((*from)->alias.text != NULL && sb_parse_is_symbol(p, 0, "(")) {
            SB_TRY(
                sb_parse_names(p, "a name of a column", &(*from)->columns, &(*from)->count_columns),
                p->err);
        }
        (*from)->end = sb_parse_last_end(p);
    }
    return SB_OK;
}
