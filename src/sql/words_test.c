/*
 * sql/words_test.c -- tokens of half a statement, and the words that are offered in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sql/sql_testing.h"
#include "sql/words.h"

static void
assert_tokens(const char *text, const char *expected)
{
    static const char letters[] = "knqsdc.b";
    char have[256] = "";
    size_t at = 0, begin, size = strlen(text), before = 0, used = 0;
    sb_word_kind kind;

    while (sb_sql_scan(text, size, &at, &begin, &kind)) {
        assert_true(begin >= before && at > begin && at <= size);
        before = at;
        have[used++] = letters[kind];
    }
    assert_string_equal(have, expected);
}

static void
test_tokens(void **state)
{
    (void)state;
    assert_tokens("SELECT a, `b``c` FROM t -- end", "kn.qknc");
    assert_tokens("select 'it''s', X'0a', 1.5e3 /* c */ + .5;", "ks.s.dc.d.");
    assert_tokens("'open", "b");
    assert_tokens("/* open", "c");
    assert_tokens("a \"b\" \x01", "nbnbb");
    assert_tokens("", "");
    assert_tokens("größe", "n");
    assert_tokens("1e", "dn");
    assert_false(sb_sql_is_syntax_word(SB_STR("selec")));
    assert_true(sb_sql_is_syntax_word(SB_STR("zone")));
    for (int32_t i = 1; sb_sql_syntax_word_at(i); i++) { /* sorted, as the search needs it */
        assert_true(strcmp(sb_sql_syntax_word_at(i - 1), sb_sql_syntax_word_at(i)) < 0);
    }
}

typedef struct words {
    char text[65536];
    size_t size;
} words;

static void
add(void *ctx, const char *word)
{
    words *w = ctx;
    w->size += (size_t)snprintf(w->text + w->size, sizeof(w->text) - w->size, " %s ", word);
    assert_true(w->size < sizeof(w->text));
}

static sb_words_place
ask(sb_sql_session *session, const char *text, words *out)
{
    sb_words_place place;
    const char *bar = strchr(text, '|'); /* the cursor */
    static char plain[512];              /* the place points into it */
    size_t cursor = (size_t)(bar - text);

    memcpy(plain, text, cursor);
    memcpy(plain + cursor, bar + 1, strlen(bar));
    out->text[0] = '\0';
    out->size = 0;
    sb_sql_words(session, plain, strlen(plain), cursor, add, out, &place);
    return place;
}

static void
assert_offered(sb_sql_session *session, const char *text, const char *word, bool offered)
{
    words *w = malloc(sizeof(*w));
    char wanted[128];

    (void)ask(session, text, w);
    snprintf(wanted, sizeof(wanted), " %s ", word);
    if ((strstr(w->text, wanted) != NULL) != offered) {
        fail_msg("%s: \"%s\" is %soffered:%s", text, word, offered ? "not " : "", w->text);
    }
    free(w);
}

static void
test_words(void **state)
{
    sb_sql_session *s = *state;

    assert_offered(s, "SELECT * FROM |", "orders", true);
    assert_offered(s, "SELECT * FROM o|", "orders", true);
    assert_offered(s, "SELECT * FROM x|", "orders", false);
    assert_offered(s, "SELECT a| FROM orders", "amount", true);
    assert_offered(s, "SELECT A| FROM orders", "amount", true);
    assert_offered(s, "SELECT a| FROM rates", "amount", false);
    assert_offered(s, "SELECT | FROM orders", "`order`", true);
    assert_offered(s, "SELECT r.| FROM orders AS o JOIN rates r ON TRUE", "rate", true);
    assert_offered(s, "SELECT r.| FROM orders AS o JOIN rates r ON TRUE", "amount", false);
    assert_offered(s, "SELECT o.am| FROM default_catalog.default_database.orders o", "amount",
                   true);
    assert_offered(s, "sel|", "select", true);
    assert_offered(s, "SEL|", "SELECT", true);
    assert_offered(s, "SELECT up|", "upper(", true);
    assert_offered(s, "SELECT UP|", "UPPER(", true);
    assert_offered(s, "SELECT 1; SELECT a| FROM rates; SELECT * FROM orders", "amount", false);
    assert_offered(s, "SELECT 'a|' FROM orders", "amount", false);
    assert_offered(s, "SELECT am| -- FROM rates\n FROM orders", "amount", true);
}

static void
test_places_of_options(void **state)
{
    sb_sql_session *s = *state;
    words *w = malloc(sizeof(*w));
    sb_words_place place = ask(s, "SET 'table.ex|", w);

    assert_int_equal(place.want, SB_WORDS_OPTION);
    assert_int_equal(place.begin, 5);
    place = ask(s, "CREATE TABLE t (a INT) WITH ('conn|", w);
    assert_int_equal(place.want, SB_WORDS_TABLE_OPTION);
    place = ask(s, "CREATE TABLE t (a INT) WITH ('connector' = 'fi|')", w);
    assert_int_equal(place.want, SB_WORDS_TABLE_OPTION_VALUE);
    assert_true(sb_str_equal(place.option_key, SB_STR("connector")));
    assert_true(sb_str_equal(place.typed, SB_STR("fi")));
    place = ask(s, "SELECT * FROM t WHERE a = 'x|", w);
    assert_int_equal(place.want, 0);
    free(w);
}

/* Every place of some texts, whole and cut short. */
static void
test_no_place_is_bad(void **state)
{
    static const char text[] =
        "SELECT o.`x`, '' FROM orders o /*+ h */ WHERE (a = 'b;' -- c\n;SET ''";
    words *w = malloc(sizeof(*w));

    for (size_t size = 0; size < sizeof(text); size++) {
        for (size_t cursor = 0; cursor <= size; cursor++) {
            sb_words_place place;

            w->size = 0;
            sb_sql_words(*state, text, size, cursor, add, w, &place);
            assert_true(place.begin <= cursor);
        }
    }
    free(w);
}

static int
set_up(void **state)
{
    static const char tables[] =
        "CREATE TABLE orders (id BIGINT, amount INT, `order` INT) WITH ('connector' = 'append');"
        "CREATE TABLE rates (rate DOUBLE) WITH ('connector' = 'append')";
    sb_sql_session *session;
    sb_sql_script *script;
    sb_error err;

    sb_error_clear(&err);
    assert_int_equal(sb_sql_session_new(sb_mem_root(), &sb_sql_testing_info, &session, &err),
                     SB_OK);
    assert_int_equal(sb_sql_parse(sb_mem_root(), tables, strlen(tables), &script, &err), SB_OK);
    for (int32_t i = 0; i < 2; i++) {
        sb_sql_result *result;

        assert_int_equal(sb_sql_execute(session, script, i, &result, &err), SB_OK);
        sb_sql_result_free(result);
    }
    sb_sql_script_free(script);
    *state = session;
    return 0;
}

static int
tear_down(void **state)
{
    sb_sql_session_free(*state);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_places_of_options),
        cmocka_unit_test(test_no_place_is_bad),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
