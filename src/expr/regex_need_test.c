/*
 * expr/regex_need_test.c -- the literal of a regular expression: by hand; and searching by it finds
 * what PCRE2 finds without it.
 */
#include "expr/regex_need.h"

#include "columnar/columnar_testing.h"
#include "expr/regex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define ANY SIZE_MAX

static void
test_by_hand(void **state)
{
    static const struct {
        const char *pattern, *need;
        size_t before;
    } cases[] = {
        {"(&|^)channel_id=([^&]*)", "channel_id=", 1},
        {"abc", "abc", 0},
        {"^abc$", "abc", 0},
        {"a.bcd", "bcd", 5},
        {"x*abc", "abc", ANY},
        {"ab.*abcdef", "ab", 0},
        {".*ab.*abcdef", "abcdef", ANY},
        {"abc+de", "abc", 0},
        {"abc?de", "ab", 0},
        {"xyc?def", "def", 3},
        {"[a-z]{2,3}key", "key", 12},
        {"(?:ab|c{2})key", "key", 2},
        {"\\d\\wkey\\.x", "key.x", 2},
        {"(a(b|cd)*)?key", "key", ANY},
        {"[]x]key", "key", 4},
        {"[^]\\]]key", "key", 4},
        {"\xC3\xA4key", "key", 4},
        {"a{2}key", "key", 2},
        {"key{2,}", "key", 0},
        {"ab\\b", "ab", 0},
        /* nothing is known */
        {"", "", 0},
        {"a", "", 0},
        {"abc|abd", "", 0},
        {"(abc)?", "", 0},
        {"(?i)abc", "", 0},
        {"abc(?=d)", "", 0},
        {"abc\\1", "", 0},
        {"abc\\x41", "", 0},
        {"abc[[:alpha:]]", "", 0},
        {"\\Qabc\\E", "", 0},
        {"(*UCP)abc", "", 0},
        {"abc)", "", 0},
        {"(abc", "", 0},
        {"[abc", "", 0},
        {"abc\\", "", 0},
        {"abc{x", "", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sb_text need;
        sb_text_init(&need, sb_mem_root());
        size_t before = sb_regex_need(sb_str_of(cases[i].pattern), &need);
        if (strcmp(need.data, cases[i].need) != 0 || (need.size > 0 && before != cases[i].before)) {
            fail_msg("%s: '%s' behind %zu", cases[i].pattern, need.data, before);
        }
        sb_text_deinit(&need);
    }
}

/* ---- against PCRE2 alone --------------------------------------------------------------------
 */

static const char *const parts[] = {
    "a",   "b",   "ab",    "ba",       "abb",     "a*",  "b+",   "[ab]",   "[^a]",     ".",
    "(a)", "(b)", "(a|b)", "(ab|b)",   "(a|ab)*", "a?",  "a{2}", "b{0,2}", "\xC3\xA4", "^",
    "$",   "\\w", "\\W",   "(?:ba|b)", ".*",      "(.)", "\\b",  "a{1,}?"};
static const char *const letters[] = {"a", "b", "a", "b", "\xC3\xA4", " ", "\xC3", "\x80"};

static size_t
random_text(char *to, const char *const *from, size_t count, uint64_t most, uint64_t *seed)
{
    size_t size = 0;
    for (uint64_t n = sb_testing_random(seed) % most; n > 0; n--) {
        const char *part = from[sb_testing_random(seed) % count];
        memcpy(to + size, part, strlen(part));
        size += strlen(part);
    }
    to[size] = 0;
    return size;
}

/* All groups, or none. */
static int
plain_match(const pcre2_code *code, pcre2_match_data *match, sb_str s, size_t from)
{
    int rc = pcre2_match(code, (PCRE2_SPTR)s.data, s.size, from, 0, match, NULL);
    assert_true(rc > 0 || rc == PCRE2_ERROR_NOMATCH);
    return rc < 0 ? 0 : rc;
}

static int
check_texts(sb_regex *r, const pcre2_code *code, pcre2_match_data *match, uint64_t *seed)
{
    char text[256];
    sb_error err;
    int found = 0;
    for (int k = 0; k < 40; k++) {
        sb_str s = {text, random_text(text, letters, sizeof letters / sizeof *letters, 24, seed)};
        size_t from = k % 4 == 0 && s.size > 0 ? sb_testing_random(seed) % s.size : 0;
        while (from > 0 && ((unsigned char)text[from] & 0xC0) == 0x80) {
            from--;
        }
        int groups = -1, want = plain_match(code, match, s, from);
        assert_int_equal(sb_regex_find(r, "TEST", s, from, &groups, &err), SB_OK);
        const size_t *a = sb_regex_groups(r), *b = pcre2_get_ovector_pointer(match);
        if (groups != want || (want > 0 && memcmp(a, b, sizeof *a * 2 * (size_t)want) != 0)) {
            fail_msg("'%.*s' in '%s' from %zu: %d groups, not %d", (int)r->pattern.size,
                     r->pattern.data, text, from, groups, want);
        }
        found += want > 0;
    }
    return found;
}

static void
test_same_matches(void **state)
{
    uint64_t seed = 3;
    int needs = 0, found = 0;
    char pattern[256];
    (void)state;
    for (int i = 0; i < 3000; i++) {
        sb_error err;
        sb_regex r;
        int code_error;
        PCRE2_SIZE at;
        size_t size = random_text(pattern, parts, sizeof parts / sizeof *parts, 9, &seed);
        pcre2_code *code = pcre2_compile(
            (PCRE2_SPTR)pattern, size, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code_error, &at, NULL);
        sb_regex_init(&r, sb_mem_root());
        assert_int_equal(sb_regex_compile(&r, (sb_str){pattern, size}, &err), SB_OK);
        assert_int_equal(code != NULL, r.code != NULL);
        if (code) {
            pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
            pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
            found += check_texts(&r, code, match, &seed);
            needs += r.need.size > 0;
            pcre2_match_data_free(match);
            pcre2_code_free(code);
        }
        sb_regex_deinit(&r);
    }
    assert_true(needs > 500 && found > 10000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_same_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
