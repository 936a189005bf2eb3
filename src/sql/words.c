/*
 * sql/words.c -- what could stand at a place of a statement that is being typed.
 *
 * DESIGN     No grammar: the words before the cursor tell what is wanted. Behind FROM, JOIN, INTO
 *            and their kin: tables. Behind `t.`: columns of the table t or of what t is an alias
 *            of. Within quotes of SET or WITH (...): option keys and values. Elsewhere: columns of
 *            the tables that the statement names, functions, keywords. Words come as they are
 *            declared, keywords and functions in the case in which the typing began.
 * THREADS    the session's thread
 */
#include "sql/words.h"

#include <string.h>

#include "expr/function.h"
#include "sql/lexer.h"
#include "sql/session.h"

enum { TOKENS_MAX = 2000 }; /* of the statement; what comes earlier is not looked at */

typedef struct token {
    sb_word_kind kind;
    sb_str text;
    size_t begin;
} token;

typedef struct search {
    const sb_sql_session *session;
    token tokens[TOKENS_MAX]; /* of the statement around the cursor, without comments */
    int32_t count, here;      /* here: first one at or behind the cursor (what is typed is none) */
    sb_words_place *place;
    bool lower, upper;
    void (*word)(void *ctx, const char *word);
    void *ctx;
} search;

/* ---- tokens ---- */

static void
add_token(search *s, token t)
{
    if (s->count == TOKENS_MAX) {
        memmove(s->tokens, s->tokens + 1, sizeof(s->tokens[0]) * (TOKENS_MAX - 1));
        s->count--;
        s->here -= s->here > 0;
    }
    s->tokens[s->count++] = t;
}

/* Takes the statement around the cursor apart; what is typed at the cursor goes into the place. */
static void
cut(search *s, const char *text, size_t size, size_t cursor)
{
    size_t at = 0, begin;
    sb_word_kind kind;

    s->here = -1;
    while (sb_sql_scan(text, size, &at, &begin, &kind)) {
        sb_str word = {text + begin, at - begin};
        bool is_word = kind == SB_WORD_KEYWORD || kind == SB_WORD_NAME;
        bool is_quote = text[begin] == '\'' || text[begin] == '`';

        if (s->here < 0 && begin >= cursor) {
            s->here = s->count;
        }
        if (kind == SB_WORD_SYMBOL && word.data[0] == ';') {
            if (s->here >= 0) {
                return;
            }
            s->count = 0;
            continue;
        }
        if (s->here < 0 && at >= cursor && begin < cursor &&
            (is_word || (is_quote && kind == SB_WORD_BAD))) {
            s->place->begin = begin + is_quote;
            s->here = s->count;
        } else if (s->here < 0 && at > cursor && is_quote) { /* within closed quotes */
            s->place->begin = begin + 1;
            s->here = s->count;
        } else if (kind != SB_WORD_COMMENT) {
            add_token(s, (token){kind, word, begin});
        }
        if (s->here >= 0 && is_quote && begin < cursor && kind == SB_WORD_BAD) {
            break; /* the rest of the text is in the quotes */
        }
    }
    s->here = s->here < 0 ? s->count : s->here;
}

static bool
is(const search *s, int32_t index, const char *word)
{
    return index >= 0 && index < s->count && s->tokens[index].kind != SB_WORD_STRING &&
           sb_str_equal_nocase(s->tokens[index].text, sb_str_of(word));
}

static bool
is_any(const search *s, int32_t index, const char *const *words)
{
    for (; *words; words++) {
        if (is(s, index, *words)) {
            return true;
        }
    }
    return false;
}

/* ---- giving words ---- */

static bool
begins_as_typed(const search *s, const char *word)
{
    sb_str typed = s->place->typed;
    size_t size = strlen(word);

    return size >= typed.size && sb_str_equal_nocase((sb_str){word, typed.size}, typed);
}

/* Keywords and functions: in lower case if the typing is. */
static void
give_in_case(search *s, const char *word, const char *behind)
{
    char copy[128];
    size_t size = strlen(word);

    if (!begins_as_typed(s, word) || size + strlen(behind) >= sizeof(copy)) {
        return;
    }
    for (size_t i = 0; i < size; i++) {
        copy[i] =
            s->lower && word[i] >= 'A' && word[i] <= 'Z' ? (char)(word[i] - 'A' + 'a') : word[i];
    }
    memcpy(copy + size, behind, strlen(behind) + 1);
    s->word(s->ctx, copy);
}

static bool
is_plain_name(const char *name)
{
    for (const char *at = name; *at; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_';

        if (!letter && (at == name || *at < '0' || *at > '9')) {
            return false;
        }
    }
    return *name && !sb_sql_is_reserved(sb_str_of(name));
}

static void
give_name(search *s, const char *name)
{
    char copy[256];
    size_t size = strlen(name);

    if (!begins_as_typed(s, name)) {
        return;
    }
    if (is_plain_name(name)) {
        s->word(s->ctx, name);
    } else if (size + 3 < sizeof(copy) && strchr(name, '`') == NULL) {
        copy[0] = '`';
        memcpy(copy + 1, name, size);
        memcpy(copy + 1 + size, "`", 2);
        s->word(s->ctx, copy);
    }
}

static void
give_tables(search *s)
{
    const char *name;

    for (int32_t i = 0; (name = sb_sql_session_table(s->session, i)) != NULL; i++) {
        give_name(s, name);
    }
}

static void
give_columns(search *s, sb_str table)
{
    const char *name;

    for (int32_t i = 0; (name = sb_sql_session_table(s->session, i)) != NULL; i++) {
        if (sb_str_equal_nocase(table, sb_str_of(name))) {
            const char *column;

            for (int32_t c = 0; (column = sb_sql_session_column(s->session, name, c)) != NULL;
                 c++) {
                give_name(s, column);
            }
        }
    }
}

static sb_str
without_quotes(sb_str name)
{
    return name.size >= 2 && name.data[0] == '`' ? (sb_str){name.data + 1, name.size - 2} : name;
}

static bool
is_name(const search *s, int32_t index)
{
    return index >= 0 && index < s->count &&
           (s->tokens[index].kind == SB_WORD_NAME || s->tokens[index].kind == SB_WORD_QUOTED);
}

static const char *const before_tables[] = {"FROM",   "JOIN",     "INTO", "TABLE",     "VIEW",
                                            "UPDATE", "DESCRIBE", "DESC", "OVERWRITE", NULL};

/* Columns of the tables that the statement names; alias.data NULL: of all of them, else of the one
 * that is called so. */
static void
give_statement_columns(search *s, sb_str alias)
{
    for (int32_t i = 1; i < s->count; i++) {
        if (!is_name(s, i) || !is_any(s, i - 1, before_tables)) {
            continue;
        }
        int32_t last = i; /* of a path a.b.c */
        while (is(s, last + 1, ".") && is_name(s, last + 2)) {
            last += 2;
        }
        sb_str table = without_quotes(s->tokens[last].text), own = table;
        int32_t next = last + 1 + is(s, last + 1, "AS") + is(s, last + 1, ")");
        if (is_name(s, next)) {
            own = without_quotes(s->tokens[next].text);
        }
        if (alias.data == NULL || sb_str_equal_nocase(alias, own) ||
            sb_str_equal_nocase(alias, table)) {
            give_columns(s, table);
        }
    }
}

static void
give_functions(search *s)
{
    int32_t count;
    const sb_function *all = sb_function_all(&count);
    static const char *const aggregates[] = {"BITMAP_AND_AGG",
                                             "BITMAP_AND_CARDINALITY_AGG",
                                             "BITMAP_BUILD_AGG",
                                             "BITMAP_BUILD_CARDINALITY_AGG",
                                             "BITMAP_OR_AGG",
                                             "BITMAP_OR_CARDINALITY_AGG",
                                             "BITMAP_XOR_AGG",
                                             "BITMAP_XOR_CARDINALITY_AGG",
                                             "ARRAY_AGG",
                                             "AVG",
                                             "COLLECT",
                                             "COUNT",
                                             "FIRST_VALUE",
                                             "JSON_ARRAYAGG",
                                             "JSON_OBJECTAGG",
                                             "LAST_VALUE",
                                             "LISTAGG",
                                             "MAX",
                                             "MIN",
                                             "PERCENTILE",
                                             "STDDEV_POP",
                                             "STDDEV_SAMP",
                                             "SUM",
                                             "VAR_POP",
                                             "VAR_SAMP",
                                             NULL};

    for (int32_t i = 0; i < count; i++) {
        bool is_word =
            all[i].name[0] >= 'A' && all[i].name[0] <= 'Z' && strpbrk(all[i].name, " $") == NULL;

        if (is_word && (all[i].flags & (SB_FN_INTERNAL | SB_FN_INFIX | SB_FN_POSTFIX)) == 0) {
            give_in_case(s, all[i].name, "(");
        }
    }
    for (int32_t i = 0; aggregates[i]; i++) {
        give_in_case(s, aggregates[i], "(");
    }
}

static void
give_keywords(search *s)
{
    const char *keyword;

    for (int32_t i = 0; (keyword = sb_sql_syntax_word_at(i)) != NULL; i++) {
        give_in_case(s, keyword, "");
    }
}

/* ---- places ---- */

/* Is the cursor in the brackets of WITH (...) or OPTIONS(...)? */
static bool
in_options(const search *s)
{
    int32_t depth = 0;

    for (int32_t i = s->here - 1; i > 0; i--) {
        depth += is(s, i, ")") ? 1 : is(s, i, "(") ? -1 : 0;
        if (depth < 0) {
            return is(s, i - 1, "WITH") || is(s, i - 1, "OPTIONS") || is(s, i - 1, "SET");
        }
    }
    return false;
}

static void
look_in_quotes(search *s)
{
    int32_t before = s->here - 1;

    if (is(s, before, "SET") || is(s, before, "RESET")) {
        s->place->want |= SB_WORDS_OPTION;
    } else if (in_options(s) && is(s, before, "=")) {
        sb_str key = before > 0 ? s->tokens[before - 1].text : (sb_str){"", 0};

        if (key.size >= 2) {
            s->place->option_key = (sb_str){key.data + 1, key.size - 2};
            s->place->want |= SB_WORDS_TABLE_OPTION_VALUE;
        }
    } else if (in_options(s)) {
        s->place->want |= SB_WORDS_TABLE_OPTION;
    }
}

static void
look(search *s, char quote)
{
    int32_t before = s->here - 1;

    if (quote == '\'') {
        look_in_quotes(s);
    } else if (is(s, before, ".") && is_name(s, before - 1)) {
        give_statement_columns(s, without_quotes(s->tokens[before - 1].text));
    } else if (is_any(s, before, before_tables)) {
        give_tables(s);
        give_keywords(s);
    } else {
        give_statement_columns(s, (sb_str){NULL, 0});
        give_functions(s);
        give_keywords(s);
    }
}

void
sb_sql_words(const sb_sql_session *session, const char *text, size_t size, size_t cursor,
             void (*word)(void *ctx, const char *word), void *ctx, sb_words_place *out)
{
    search *s = sb_alloc_zero(session->mem, sizeof(*s));

    *out = (sb_words_place){.begin = cursor};
    if (s == NULL) {
        return; /* no memory, no words */
    }
    s->session = session;
    s->word = word;
    s->ctx = ctx;
    s->place = out;
    cut(s, text, size, cursor);
    out->typed = (sb_str){text + out->begin, cursor - out->begin};
    for (size_t i = 0; i < out->typed.size; i++) {
        s->lower = s->lower || (out->typed.data[i] >= 'a' && out->typed.data[i] <= 'z');
    }
    look(s, out->begin > 0 && out->begin <= cursor &&
                    (text[out->begin - 1] == '\'' || text[out->begin - 1] == '`')
                ? text[out->begin - 1]
                : '\0');
    sb_free(session->mem, s, sizeof(*s));
}
