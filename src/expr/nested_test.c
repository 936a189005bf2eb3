/*
 * expr/nested_test.c -- what recorded answers cannot show of arrays, maps, JSON and PRINTF: every
 * budget of memory, and texts of any kind.
 *
 * DESIGN     Texts come from a generator with a seed: pieces of valid texts, changed here and
 *            there.
 */
#include "expr/expr_testing.h"
#include "expr/json_doc.h"
#include "expr/json_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- memory ---- */

static const char *const expressions[] = {
    "CAST(ARRAY_DISTINCT(ARRAY_CONCAT(ARRAY('a long text, not inline', 'b'), ARRAY('c'))) AS "
    "STRING)",
    "CAST(ARRAY_SORT(ARRAY_UNION(ARRAY(3, 1, 2), ARRAY(4, 1))) AS STRING)",
    "CAST(MAP_KEYS(MAP('a long text, not inline', 1, 'b', 2)) AS STRING)",
    "CAST(MAP_ENTRIES(MAP_UNION(MAP('a', 1), MAP('b', 2))) AS STRING)",
    "CAST(STR_TO_MAP('a=1,b=2,a=3') AS STRING)",
    "CAST(SPLIT('a,b,a long text that is not inline', ',') AS STRING)",
    "CAST(REGEXP_EXTRACT_ALL('a1b2c3', '[a-z][0-9]', 0) AS STRING)",
    "ARRAY_JOIN(ARRAY('x', 'y', 'z'), ' a long separator, not inline ')",
    "CAST(ROW(1, 'a long text, not inline', ARRAY(1, 2)) AS STRING)",
    "JSON_VALUE('STRING NULL NULL', '{\"a\":{\"b\":[1,2,\"a long text, not inline\"]}}', "
    "'$.a.b[2]')",
    "CAST(JSON_QUERY('ARRAY WITHOUT NULL NULL', '{\"b\":[1,{\"z\":1}]}', '$.b') AS STRING)",
    "JSON_OBJECT('NULL', 'k', ARRAY(1, 2), 'a', MAP('x', 'y'), 'r', ROW(1, 2))",
    "PRINTF('%s and %08.3f of %d', 'a long text, not inline', 2.5e0, 7)",
    "ITEM(ARRAY(ARRAY(1), ARRAY(2, 3)), 2) = ARRAY(2, 3)",
};

/* One run under a budget; true: it was enough. Nothing else than too little memory may go wrong,
 * and nothing may be left. */
static bool
run_under(const char *sql, int64_t budget, sb_testing_mode mode)
{
    sb_mem *mem = sb_mem_new(sb_mem_root(), "test", budget);
    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_schema none = {0};
    sb_text type, value;
    sb_expr *e = NULL;
    sb_error err;

    sb_error_clear(&err);
    sb_text_init(&type, sb_mem_root());
    sb_text_init(&value, sb_mem_root());
    sb_status status = sb_testing_parse(arena, sql, &none, &e, &err);
    assert_int_equal(status, SB_OK);
    if (e->type.id != SB_TYPE_VARCHAR && e->type.id != SB_TYPE_BOOLEAN) {
        fail_msg("%s is no text", sql);
    }
    status = sb_testing_evaluate(mem, arena, e, "UTC", mode, &type, &value, &err);
    if (status != SB_OK && status != SB_STATUS_NOMEM) {
        fail_msg("%s under %lld bytes: %s", sql, (long long)budget, err.message);
    }
    sb_text_deinit(&type);
    sb_text_deinit(&value);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_arena_free(arena);
    sb_mem_unref(mem);
    return status == SB_OK;
}

static void
test_budgets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++) {
        bool enough = false;
        for (int64_t budget = 1; !enough; budget += 512) {
            enough = run_under(expressions[i], budget, SB_TESTING_LITERALS);
            assert_true(budget < 1 << 22);
        }
    }
}

/* ---- any text ---- */

static uint64_t
next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static size_t
make_text(uint64_t *seed, size_t most, char *out, size_t room, const char *const *pieces,
          size_t count_pieces)
{
    size_t size = 0, count = next_random(seed) % most;
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[next_random(seed) % count_pieces];
        size_t n = strlen(piece);
        if (size + n < room) {
            memcpy(out + size, piece, n);
            size += n;
        }
    }
    if (size > 0 && next_random(seed) % 4 == 0) {
        out[next_random(seed) % size] = (char)next_random(seed);
    }
    return size;
}

/* What is written is JSON, and writes as itself. */
static void
test_any_json(void **state)
{
    static const char *const pieces[] = {"{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         ":",
                                         "\"a\"",
                                         "\"\\u00e9\\n\"",
                                         "1",
                                         "-0.50",
                                         "1e-7",
                                         "null",
                                         "true",
                                         " ",
                                         "\"b\":1",
                                         "[1,2,{\"z\":[],\"a\":{}}]",
                                         "12345678901234567890",
                                         "\"\xF0\x9F\x98\x80\"",
                                         "0",
                                         "\"k\":[{}]"};
    uint64_t seed = 7;
    int valid = 0;
    sb_jdoc doc, again;
    sb_text first, second;
    (void)state;
    sb_jdoc_init(&doc, sb_mem_root());
    sb_jdoc_init(&again, sb_mem_root());
    sb_text_init(&first, sb_mem_root());
    sb_text_init(&second, sb_mem_root());
    for (int i = 0; i < 20000; i++) {
        char text[256];
        size_t size =
            make_text(&seed, 12, text, sizeof text, pieces, sizeof pieces / sizeof pieces[0]);
        if (!sb_jdoc_parse(&doc, (sb_str){text, size})) {
            continue;
        }
        valid++;
        sb_text_clear(&first);
        sb_text_clear(&second);
        sb_jdoc_write(&doc, 0, &first);
        assert_true(sb_jdoc_parse(&again, (sb_str){first.data, first.size}));
        sb_jdoc_write(&again, 0, &second);
        assert_string_equal(first.data, second.data);
    }
    assert_true(valid > 500);
    sb_text_deinit(&first);
    sb_text_deinit(&second);
    sb_jdoc_deinit(&doc);
    sb_jdoc_deinit(&again);
}

static void
test_any_path(void **state)
{
    static const char *const pieces[] = {"$",
                                         ".",
                                         "..",
                                         "*",
                                         "[",
                                         "]",
                                         "0",
                                         "-1",
                                         ":",
                                         ",",
                                         "'a'",
                                         "a",
                                         "\"b\"",
                                         " ",
                                         "lax ",
                                         "strict ",
                                         "$.a",
                                         "[0]",
                                         "[*]",
                                         ".b",
                                         "?(",
                                         "()",
                                         "\\",
                                         "[1:2]",
                                         "[?(@.b == 4)]",
                                         "?(@",
                                         "== 2",
                                         ">'x'",
                                         "&&",
                                         "||",
                                         "[?(@.a.b > 1 || @[0] != 'q')]",
                                         ".length()",
                                         ".sum()",
                                         ".keys()",
                                         ".index(-1)",
                                         "['a','b']",
                                         "!",
                                         "$.b",
                                         "=~ /b?/i",
                                         "===",
                                         "[?(!(@.length() == $.a[0]))]",
                                         ")]"};
    static const char json[] = "{\"a\":[1,{\"b\":[2,3]},null],\"b\":{\"a\":{\"b\":4}}}";
    uint64_t seed = 11;
    int found = 0;
    sb_jdoc doc;
    sb_json_path *path = calloc(1, sizeof *path);
    (void)state;
    sb_jdoc_init(&doc, sb_mem_root());
    sb_json_path_init(path, sb_mem_root());
    assert_true(sb_jdoc_parse(&doc, (sb_str){json, sizeof json - 1}));
    for (int i = 0; i < 20000; i++) {
        char text[128];
        size_t size =
            make_text(&seed, 5, text, sizeof text, pieces, sizeof pieces / sizeof pieces[0]);
        assert_int_equal(sb_json_path_compile(path, (sb_str){text, size}, NULL), SB_OK);
        if (path->broken || path->unsupported || !sb_json_path_find(path, &doc)) {
            continue;
        }
        for (int32_t k = 0; k < path->count_found; k++) {
            assert_true(path->found[k] >= 0 && path->found[k] < doc.count);
            found++;
        }
        assert_true(!path->definite || path->count_found <= 1);
    }
    assert_true(found > 500);
    sb_json_path_deinit(path);
    free(path);
    sb_jdoc_deinit(&doc);
}

/* Arrays and objects are unequal to everything; each document has its own answer. */
static void
test_filters(void **state)
{
    static const struct {
        const char *path, *json, *found;
    } cases[] = {{"$.l[?(@.a == $.b)]", "{\"l\":[{\"a\":[1]},{\"a\":1}],\"b\":[1]}", ""},
                 {"$.l[?(@.a != $.b)].a", "{\"l\":[{\"a\":[1]},{\"a\":1}],\"b\":[1]}", "[1] 1 "},
                 {"$.l[?(@.a != $.b)].a", "{\"l\":[{\"a\":[1]},{\"a\":1}],\"b\":1}", "[1] "},
                 {"$.l[?(@.a < $.b)].a", "{\"l\":[{\"a\":{}},{\"a\":1}],\"b\":2}", "1 "},
                 {"$.l[?(@ =~ /a+/i)]", "{\"l\":[\"aA\",\"ab\",\"ba\",\"\",7]}", "\"aA\" "},
                 {"$.l[?(@ =~ /[0-9]/)]", "{\"l\":[\"aA\",7,77]}", "7 "}};

    sb_text got;
    (void)state;
    sb_text_init(&got, sb_mem_root());
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sb_jdoc doc;
        sb_json_path *path = calloc(1, sizeof *path);
        sb_jdoc_init(&doc, sb_mem_root());
        sb_json_path_init(path, sb_mem_root());
        sb_text_clear(&got);
        sb_text_add(&got, "");
        assert_int_equal(sb_json_path_compile(path, sb_str_of(cases[i].path), NULL), SB_OK);
        assert_false(path->broken || path->unsupported);
        assert_true(sb_jdoc_parse(&doc, sb_str_of(cases[i].json)));
        assert_true(sb_json_path_find(path, &doc));
        for (int32_t k = 0; k < path->count_found; k++) {
            sb_jdoc_write(&doc, path->found[k], &got);
            sb_text_char(&got, ' ');
        }
        assert_string_equal(got.data ? got.data : "", cases[i].found);
        sb_json_path_deinit(path);
        free(path);
        sb_jdoc_deinit(&doc);
    }
    sb_text_deinit(&got);
}

/* Formats of any kind give a text or NULL. */
static void
test_any_format(void **state)
{
    static const char *const pieces[] = {"%",   "d", "s", "5", ".", "2", "$",   "-",       "0",
                                         ",",   "(", "f", "e", "g", "x", "%s",  "%08.3f",  "%1$s",
                                         "%<d", "n", "c", "#", "+", "b", "%5d", "\xC3\xA9"};
    uint64_t seed = 13;
    (void)state;
    for (int i = 0; i < 1500; i++) {
        char format[64], sql[160];
        size_t size =
            make_text(&seed, 12, format, sizeof format, pieces, sizeof pieces / sizeof pieces[0]);
        for (size_t k = 0; k < size; k++) {
            format[k] = format[k] == '\'' || format[k] == 0 ? 'q' : format[k];
        }
        snprintf(sql, sizeof sql, "PRINTF('%.*s', 42, 'text', -2.5e0, TRUE)", (int)size, format);
        run_under(sql, 0, SB_TESTING_FLAT);
    }
}

/* Depth is limited, not the stack. */
static void
test_depth(void **state)
{
    static char deep[4000];
    sb_jdoc doc;
    (void)state;
    sb_jdoc_init(&doc, sb_mem_root());
    memset(deep, '[', sizeof deep);
    assert_false(sb_jdoc_parse(&doc, (sb_str){deep, sizeof deep}));
    memset(deep + 900, ']', 900);
    assert_true(sb_jdoc_parse(&doc, (sb_str){deep, 1800}));
    sb_jdoc_deinit(&doc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budgets),  cmocka_unit_test(test_any_json),
        cmocka_unit_test(test_any_path), cmocka_unit_test(test_any_format),
        cmocka_unit_test(test_depth),    cmocka_unit_test(test_filters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
