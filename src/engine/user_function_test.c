/*
 * engine/user_function_test.c -- user functions of the host program in SQL: what is accepted, what
 * they see, what happens when they are wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/user_testing.h"
#include "sabot/arrow_help.h"

/* ---- functions ---- */

static int64_t calls, rows_seen, opened, closed;

static sabot_status
open_counted(void *user, const sabot_function_types *types, void **out, sabot_function_context *c)
{
    (void)types, (void)c;
    opened++;
    *out = user;
    return SABOT_OK;
}

static void
close_counted(void *state)
{
    (void)state;
    closed++;
}

/* The argument plus one; NULL gives -1. */
static sabot_status
plus_one(void *state, const struct ArrowArray *args, struct ArrowArray *out,
         struct ArrowSchema *schema, sabot_function_context *c)
{
    sabot_column column;
    (void)state, (void)c;
    calls++;
    rows_seen += args->length;
    assert_true(args->length > 0);
    assert_true(sabot_column_new(&column, "l", 8, args->length));
    for (int64_t i = 0; i < args->length; i++) {
        ((int64_t *)column.values)[i] = sabot_array_is_null(args->children[0], i)
                                            ? -1
                                            : sabot_array_i64(args->children[0], i) + 1;
    }
    return sabot_column_give(&column, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

/* How many rows came before: 0, 1, 2 ... */
static sabot_status
counter(void *state, const struct ArrowArray *args, struct ArrowArray *out,
        struct ArrowSchema *schema, sabot_function_context *c)
{
    sabot_column column;
    (void)c;
    assert_true(sabot_column_new(&column, "l", 8, args->length));
    for (int64_t i = 0; i < args->length; i++) {
        ((int64_t *)column.values)[i] = (*(int64_t *)state)++;
    }
    return sabot_column_give(&column, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

#define SCALAR(call, bits, takes, makes)                                              \
    {                                                                                 \
        .abi_version = SABOT_FUNCTION_ABI, .kind = SABOT_FUNCTION_SCALAR,             \
        .struct_size = sizeof(sabot_function), .flags = (bits), .arguments = (takes), \
        .result = (makes), .scalar = (call)                                           \
    }

/* ---- registration ---- */

static void
refused(sabot_engine *engine, const char *name, const sabot_function *f, sabot_status wanted,
        const char *part)
{
    sabot_error *error = NULL;
    assert_int_equal(sabot_register_function(engine, name, f, &error), wanted);
    if (!strstr(sabot_error_text(error), part)) {
        fail_msg("\"%s\" is not in: %s", part, sabot_error_text(error));
    }
    sabot_error_free(error);
}

static void
descriptors_are_checked(void **state)
{
    const sabot_function good = SCALAR(plus_one, DET, "BIGINT", "BIGINT");
    sabot_engine *engine = sb_user_engine();
    sabot_function f;
    (void)state;
    refused(engine, "f", NULL, SABOT_INVALID, "there is no descriptor");
    f = good, f.abi_version = 77;
    refused(engine, "f", &f, SABOT_INVALID, "made for version 77 of the function interface");
    f = good, f.struct_size = 40;
    refused(engine, "f", &f, SABOT_INVALID, "struct_size 40 is smaller");
    f = good, f.kind = 9;
    refused(engine, "f", &f, SABOT_INVALID, "unknown kind of function 9");
    f = good, f.scalar = NULL;
    refused(engine, "f", &f, SABOT_INVALID, "needs `scalar`");
    f = good, f.kind = SABOT_FUNCTION_AGGREGATE;
    refused(engine, "f", &f, SABOT_INVALID, "needs `accumulate` and `value`");
    f = good, f.kind = SABOT_FUNCTION_TABLE;
    refused(engine, "f", &f, SABOT_INVALID, "needs `table`");
    f = good, f.arguments = NULL;
    refused(engine, "f", &f, SABOT_INVALID, "no types of its arguments");
    f = good, f.result = "BIGNUM";
    refused(engine, "f", &f, SABOT_INVALID, "the types that it declares");
    f = good, f.result = "BIGINT, INT";
    refused(engine, "f", &f, SABOT_INVALID, "a result of 2 columns");
    f = good, f.arguments = "", f.flags = SABOT_FUNCTION_VARIADIC;
    refused(engine, "f", &f, SABOT_INVALID, "VARIADIC without");
    f = good, f.result = "ARRAY<BITMAP>";
    refused(engine, "f", &f, SABOT_NOT_SUPPORTED, "results of type BITMAP");
    f = good, f.result = "VARIANT";
    refused(engine, "f", &f, SABOT_NOT_SUPPORTED, "results of type VARIANT");
    refused(engine, "=", &good, SABOT_INVALID, "begins with a letter");
    refused(engine, "", &good, SABOT_INVALID, "begins with a letter");
    sb_user_registers(engine, "f", &good);
    refused(engine, "F", &good, SABOT_EXISTS, "registered already");
    sabot_engine_close(engine);
}

static void
functions_are_found_and_dropped(void **state)
{
    const sabot_function f = SCALAR(plus_one, DET | STRICT, "BIGINT", "BIGINT");
    sabot_engine *engine = sb_user_engine();
    (void)state;
    sb_user_registers(engine, "Next_One", &f);
    sb_user_registers(engine, "REVERSE", &f); /* before the built-in one */
    sb_user_gives(engine, "SELECT next_one(1), NEXT_ONE(2), reverse(5)", "+2|3|6;");
    sb_user_gives(engine, "SHOW USER FUNCTIONS", "+next_one;+reverse;");
    sb_user_gives(engine, "SHOW USER FUNCTIONS LIKE 'next%'", "+next_one;");
    sb_user_gives(
        engine, "DESCRIBE FUNCTION next_one",
        "+name|next_one;+is system function|true;+is temporary|true;+class name|(host program);"
        "+function language|C;+signature|SCALAR (BIGINT) -> BIGINT;");
    sb_user_fails(engine, "SELECT next_one('x')", SABOT_SEMANTIC,
                  "cannot apply next_one to arguments");
    sb_user_fails(engine, "SELECT next_one(1, 2)", SABOT_SEMANTIC, "SCALAR (BIGINT) -> BIGINT");
    sb_user_fails(engine, "SELECT next_one(DISTINCT 1)", SABOT_SEMANTIC,
                  "not an aggregate function");
    sb_user_fails(engine, "SELECT d.next_one(1)", SABOT_NOT_FOUND, "database \"d\" not found");
    sb_user_fails(engine, "SELECT default_database.next_one(1)", SABOT_NOT_FOUND,
                  "unknown function");
    sb_user_fails(engine, "SELECT * FROM TABLE(next_one(1))", SABOT_SEMANTIC,
                  "is not a table function");
    sb_user_fails(engine, "DROP FUNCTION next_one", SABOT_NOT_FOUND, "unknown function");
    sb_user_fails(engine, "ALTER TEMPORARY SYSTEM FUNCTION reverse AS 'x' LANGUAGE C",
                  SABOT_NOT_SUPPORTED, "ALTER TEMPORARY SYSTEM FUNCTION");
    sb_user_gives(engine, "DROP TEMPORARY SYSTEM FUNCTION reverse; SELECT REVERSE('abc')", "+cba;");
    sb_user_gives(engine, "DROP TEMPORARY SYSTEM FUNCTION IF EXISTS reverse", "");
    sabot_engine_close(engine);
}

/* ---- scalar functions ---- */

static const char three[] = "CREATE TEMPORARY VIEW t AS SELECT * FROM (VALUES (1, 10), (2, "
                            "CAST(NULL AS BIGINT)), (3, 30)) AS t (id, v)";

static void
nulls_are_given_when_wanted(void **state)
{
    const sabot_function strict = SCALAR(plus_one, DET | STRICT, "BIGINT", "BIGINT NOT NULL");
    const sabot_function called = SCALAR(plus_one, DET, "BIGINT", "BIGINT NOT NULL");
    const sabot_function never = SCALAR(plus_one, DET, "BIGINT NOT NULL", "BIGINT");
    sabot_engine *engine = sb_user_engine();
    (void)state;
    sb_user_registers(engine, "strict", &strict);
    sb_user_registers(engine, "called", &called);
    sb_user_registers(engine, "never", &never);
    sb_user_gives(engine, three, "");
    sb_user_gives(engine, "SELECT id, strict(v), called(v) FROM t",
                  "+1|11|11;+2|NULL|-1;+3|31|31;");
    sb_user_gives(engine, "SELECT id, strict(v) FROM t WHERE id = 2", "+2|NULL;");
    sb_user_gives(engine, "SELECT strict(NULL), called(NULL)", "+NULL|-1;");
    sb_user_gives(engine, "SELECT id, CASE WHEN v > 15 THEN strict(v) ELSE called(v) END FROM t",
                  "+1|11;+2|-1;+3|31;");
    sb_user_gives(engine, "SELECT never(id) FROM t", "+2;+3;+4;");
    sb_user_fails(engine, "SELECT never(v) FROM t", SABOT_SEMANTIC, "cannot apply never");
    sabot_engine_close(engine);
}

static void
calls_are_as_few_as_may_be(void **state)
{
    static int64_t count;
    const sabot_function fixed = SCALAR(plus_one, DET | STRICT, "BIGINT", "BIGINT");
    sabot_function moving = SCALAR(counter, 0, "INT", "BIGINT");
    sabot_engine *engine = sb_user_engine();
    (void)state;
    moving.user = &count;
    moving.open = open_counted;
    moving.close = close_counted;
    sb_user_registers(engine, "fixed", &fixed);
    sb_user_registers(engine, "moving", &moving);
    sb_user_gives(engine, three, "");
    opened = closed = 0;
    sb_user_gives(engine, "SELECT id, moving(0) FROM t",
                  "+1|0;+2|1;+3|2;"); /* not folded, one a row */
    assert_true(opened > 0);
    assert_int_equal(opened, closed);
    count = 0;
    sb_user_gives(engine, "SELECT id FROM t WHERE moving(id) = 1", "+2;");
    calls = 0;
    sb_user_gives(engine, "SELECT id FROM t WHERE fixed(41) = 42", "+1;+2;+3;");
    int64_t folded = calls;
    assert_true(folded > 0 && folded <= 2); /* while planning: not once a row */
    sabot_engine_close(engine);
}

/* A stream of one batch: a dictionary of 4 words, of which rows use two. */
typedef struct words_stream {
    bool done;
    int32_t codes[6];
} words_stream;

static int
words_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    struct ArrowSchema *dictionary = calloc(1, sizeof *dictionary);
    (void)self;
    sabot_schema_struct(out, 1);
    sabot_schema_new(out->children[0], "i", "w");
    sabot_schema_new(dictionary, "l", "");
    out->children[0]->dictionary = dictionary;
    return 0;
}

static int
words_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    words_stream *s = self->private_data;
    sabot_column codes, values;
    struct ArrowArray *dictionary;
    memset(out, 0, sizeof *out);
    if (s->done) {
        return 0;
    }
    s->done = true;
    sabot_column_new(&codes, "i", 4, 6);
    memcpy(codes.values, s->codes, sizeof s->codes);
    sabot_column_new(&values, "l", 8, 4);
    for (int i = 0; i < 4; i++) {
        ((int64_t *)values.values)[i] = 100 * (i + 1);
    }
    dictionary = calloc(1, sizeof *dictionary);
    sabot_column_give(&values, dictionary, NULL);
    sabot_columns_give(&codes, 1, 6, out, NULL);
    out->children[0]->dictionary = dictionary;
    return 0;
}

static const char *
words_error(struct ArrowArrayStream *self)
{
    (void)self;
    return "";
}

static void
words_release(struct ArrowArrayStream *self)
{
    self->release = NULL;
}

static void
dictionaries_are_looked_at_once(void **state)
{
    const sabot_function fixed = SCALAR(plus_one, DET | STRICT, "BIGINT", "BIGINT");
    const sabot_function moving = SCALAR(plus_one, STRICT, "BIGINT", "BIGINT");
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        words_stream words = {.codes = {3, 1, 3, 3, 1, 1}};
        struct ArrowArrayStream stream = {words_schema, words_next, words_error, words_release,
                                          &words};
        sabot_engine *engine = sb_user_engine();
        sb_user_registers(engine, "f", turn == 0 ? &fixed : &moving);
        assert_int_equal(sabot_register_stream(engine, "w", &stream, NULL, NULL), SABOT_OK);
        rows_seen = 0;
        sb_user_gives(engine, "SELECT f(w) FROM w", "+401;+201;+401;+401;+201;+201;");
        assert_int_equal(rows_seen, turn == 0 ? 2 : 6);
        sabot_engine_close(engine);
    }
}

/* ---- types by call ---- */

/* The type of the result is that of the first argument. */
static sabot_status
same_type(void *user, const struct ArrowSchema *given, struct ArrowSchema *args,
          struct ArrowSchema *result, sabot_function_context *c)
{
    (void)user, (void)args;
    if (given->n_children == 0) {
        return sabot_function_fail(c, -1, "it takes at least one argument");
    }
    const char *format = strcmp(given->children[0]->format, "l") == 0   ? "l"
                         : strcmp(given->children[0]->format, "i") == 0 ? "i"
                                                                        : "g";
    if (!sabot_schema_struct(result, 1)) {
        return SABOT_NOMEM;
    }
    sabot_schema_new(result->children[0], format, "");
    return SABOT_OK;
}

static sabot_status
echo(void *state, const struct ArrowArray *args, struct ArrowArray *out, struct ArrowSchema *schema,
     sabot_function_context *c)
{
    const struct ArrowArray *from = args->children[0];
    size_t width = *(const size_t *)state;
    sabot_column column;
    (void)schema, (void)c; /* the type that infer gave is taken */
    if (!sabot_column_new(&column, "?", width, args->length)) {
        return SABOT_NOMEM;
    }
    memcpy(column.values, sabot_array_values(from, width), width * (size_t)args->length);
    return sabot_column_give(&column, out, NULL) ? SABOT_OK : SABOT_NOMEM;
}

static sabot_status
echo_open(void *user, const sabot_function_types *types, void **out, sabot_function_context *c)
{
    static const size_t four = 4, eight = 8;
    (void)user, (void)c;
    *out = (void *)(uintptr_t)(types->arguments->children[0]->format[0] == 'i' ? &four : &eight);
    return SABOT_OK;
}

static void
types_can_depend_on_the_call(void **state)
{
    sabot_function f = SCALAR(echo, DET | STRICT, NULL, NULL);
    sabot_engine *engine = sb_user_engine();
    (void)state;
    f.infer = same_type;
    f.open = echo_open;
    sb_user_registers(engine, "echo", &f);
    sb_user_gives(engine, "SELECT echo(7), echo(CAST(8 AS BIGINT)), echo(CAST(2.5 AS DOUBLE))",
                  "+7|8|2.5;");
    sb_user_gives(
        engine, "DESCRIBE FUNCTION echo",
        "+name|echo;+is system function|true;+is temporary|true;+class name|(host program);"
        "+function language|C;+signature|SCALAR (...) -> by its arguments;");
    sb_user_fails(engine, "SELECT echo()", SABOT_SEMANTIC, "it takes at least one argument");
    sabot_engine_close(engine);
}

static sabot_status
count_args(void *state, const struct ArrowArray *args, struct ArrowArray *out,
           struct ArrowSchema *schema, sabot_function_context *c)
{
    sabot_column column;
    (void)state, (void)c;
    assert_true(sabot_column_new(&column, "l", 8, args->length));
    for (int64_t i = 0; i < args->length; i++) {
        ((int64_t *)column.values)[i] = args->n_children;
    }
    return sabot_column_give(&column, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

static void
arguments_can_be_any_number(void **state)
{
    const sabot_function any =
        SCALAR(count_args, DET | SABOT_FUNCTION_VARIADIC, "BIGINT", "BIGINT");
    const sabot_function each =
        SCALAR(count_args, SABOT_FUNCTION_VARIADIC, "INT, BIGINT", "BIGINT");
    const sabot_function none = SCALAR(count_args, 0, "", "BIGINT");
    sabot_engine *engine = sb_user_engine();
    (void)state;
    sb_user_registers(engine, "any_of", &any);
    sb_user_registers(engine, "more", &each);
    sb_user_registers(engine, "nothing", &none);
    sb_user_gives(engine, three, "");
    sb_user_gives(engine,
                  "SELECT any_of(), any_of(v), any_of(id, v, 5), more(id), nothing() FROM t",
                  "+0|1|3|1|0;+0|1|3|1|0;+0|1|3|1|0;");
    sb_user_fails(engine, "SELECT more()", SABOT_SEMANTIC, "SCALAR (INT, BIGINT, ...) -> BIGINT");
    sb_user_fails(engine, "SELECT any_of(1, 'x')", SABOT_SEMANTIC, "cannot apply any_of");
    sabot_engine_close(engine);
}

/* All types there and back: a function that gives its argument again, in the format it came in. */
static sabot_status
same_result(void *user, const struct ArrowSchema *given, struct ArrowSchema *args,
            struct ArrowSchema *result, sabot_function_context *c)
{
    static char formats[16][16];
    static int next;
    char *format = formats[next++ % 16];
    (void)user, (void)args, (void)c;
    snprintf(format, sizeof formats[0], "%s", given->children[0]->format);
    if (!sabot_schema_struct(result, 1)) {
        return SABOT_NOMEM;
    }
    sabot_schema_new(result->children[0], format, "");
    return SABOT_OK;
}

static sabot_status
keep_format(void *user, const sabot_function_types *types, void **out, sabot_function_context *c)
{
    (void)user, (void)c;
    char *format = malloc(16);
    snprintf(format, 16, "%s", types->arguments->children[0]->format);
    *out = format;
    return SABOT_OK;
}

static sabot_status
give_back(void *state, const struct ArrowArray *args, struct ArrowArray *out,
          struct ArrowSchema *schema, sabot_function_context *c)
{
    const struct ArrowArray *from = args->children[0];
    const char *format = state;
    sabot_column column;
    (void)c;
    if (format[0] == 'v') {
        bool text = format[1] == 'u';
        assert_true(sabot_text_new(&column, text ? "u" : "z", args->length));
        for (int64_t i = 0; i < args->length; i++) {
            size_t size = 0;
            const char *bytes =
                sabot_array_is_null(from, i) ? "" : sabot_array_text(from, i, &size);
            assert_true(sabot_text_add(&column, i, bytes, size));
        }
    } else {
        bool narrow = strcmp(format, "tdD") == 0 || strcmp(format, "ttm") == 0 ||
                      strcmp(format, "i") == 0 || strcmp(format, "f") == 0 ||
                      strcmp(format, "tiM") == 0;
        size_t width = format[0] == 'b'   ? 0
                       : format[0] == 'd' ? 16
                       : format[0] == 'c' ? 1
                       : format[0] == 's' ? 2
                       : narrow           ? 4
                                          : 8;
        size_t bytes = width > 0 ? width * (size_t)args->length : (size_t)(args->length + 7) / 8;
        assert_true(sabot_column_new(&column, format, width, args->length));
        memcpy(column.values, from->buffers[1], bytes);
    }
    for (int64_t i = 0; i < args->length; i++) {
        assert_true(!sabot_array_is_null(from, i) || sabot_column_null(&column, i));
    }
    return sabot_column_give(&column, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

static void
all_types_go_there_and_back(void **state)
{
    static const char *const values[] = {
        "TRUE",
        "CAST(-7 AS TINYINT)",
        "CAST(-300 AS SMALLINT)",
        "-70000",
        "CAST(9000000000 AS BIGINT)",
        "CAST(0.5 AS FLOAT)",
        "CAST(-2.25 AS DOUBLE)",
        "CAST(-123.45 AS DECIMAL(9, 2))",
        "CAST(12345678901234567890123.5 AS DECIMAL(30, 1))",
        "'short'",
        "'a text that is longer than a view holds'",
        "CAST(X'00FF10' AS BYTES)",
        "DATE '2024-02-29'",
        "TIME '23:59:58'",
        "TIMESTAMP '2024-02-29 12:13:14.567'",
        "TIMESTAMP '1969-12-31 23:59:59.999999'",
        "TIMESTAMP '2024-02-29 12:13:14.567891234'",
        "CAST(TIMESTAMP '2024-02-29 12:13:14.567' AS TIMESTAMP_LTZ(3))",
        "INTERVAL '3' MONTH",
        "INTERVAL '3 04:05:06.007' DAY TO SECOND(3)",
    };
    sabot_function f = SCALAR(give_back, 0, NULL, NULL);
    sabot_engine *engine = sb_user_engine();
    (void)state;
    f.infer = same_result;
    f.open = keep_format;
    f.close = free;
    sb_user_registers(engine, "same", &f);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char sql[400];
        snprintf(sql, sizeof sql,
                 "SELECT id FROM (SELECT id, CASE WHEN id <> 2 THEN %s END AS x FROM (VALUES (1), "
                 "(2), (3)) AS t (id)) WHERE same(x) IS NOT DISTINCT FROM x",
                 values[i]);
        sb_user_gives(engine, sql, "+1;+2;+3;");
        snprintf(sql, sizeof sql,
                 "SELECT id FROM (SELECT id, CASE WHEN id <> 2 THEN %s END AS x FROM (VALUES (1), "
                 "(2), (3)) AS t (id)) WHERE same(x) IS NULL",
                 values[i]);
        sb_user_gives(engine, sql, "+2;");
    }
    sabot_engine_close(engine);
}

/* ARRAY<BIGINT> -> ROW<n INT, total BIGINT> */
static sabot_status
totals(void *state, const struct ArrowArray *args, struct ArrowArray *out,
       struct ArrowSchema *schema, sabot_function_context *c)
{
    const struct ArrowArray *lists = args->children[0];
    const int32_t *offsets = lists->buffers[1];
    sabot_column columns[2];
    (void)state, (void)c;
    assert_true(sabot_column_new(&columns[0], "i", 4, args->length));
    assert_true(sabot_column_new(&columns[1], "l", 8, args->length));
    for (int64_t i = 0; i < args->length; i++) {
        for (int32_t k = offsets[i]; k < offsets[i + 1]; k++) {
            ((int32_t *)columns[0].values)[i]++;
            ((int64_t *)columns[1].values)[i] += sabot_array_i64(lists->children[0], k);
        }
    }
    return sabot_columns_give(columns, 2, args->length, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

static void
nested_values_are_arguments_and_results(void **state)
{
    const sabot_function f =
        SCALAR(totals, DET | STRICT, "ARRAY<BIGINT>", "ROW<n INT, total BIGINT>");
    sabot_engine *engine = sb_user_engine();
    (void)state;
    sb_user_registers(engine, "totals", &f);
    sb_user_gives(engine, three, "");
    sb_user_gives(engine,
                  "SELECT id, r.n, r.total FROM (SELECT id, totals(CASE WHEN id < 3 THEN ARRAY[id, "
                  "CAST(10 AS BIGINT)] END) AS r FROM t)",
                  "+1|2|11;+2|2|12;+3|NULL|NULL;");
    sb_user_gives(engine, "SELECT totals(ARRAY[CAST(1 AS BIGINT), 2, 3]).total", "+6;");
    sabot_engine_close(engine);
}

/* ---- wrong results ---- */

typedef enum wrong {
    WRONG_NOTHING,
    WRONG_SHORT,
    WRONG_LONG,
    WRONG_TYPE,
    WRONG_NO_BUFFERS,
    WRONG_NULL_BUFFERS,
    WRONG_NO_VALUES,
    WRONG_NEGATIVE,
    WRONG_CHILDREN,
    WRONG_NULL_VALUE,
    WRONG_MESSAGE,
    WRONG_STATUS,
    WRONG_OFFSETS,
    WRONG_NO_BYTES,
    WRONG_UTF8,
    WRONG_DECIMAL,
    WRONG_DECIMAL_BITS,
    WRONG_DICTIONARY,
    WRONG_FORMAT,
    WRONG_VIEW,
    WRONG_COUNT
} wrong;

static void
spoil_array(wrong how, struct ArrowArray *out)
{
    switch (how) {
    case WRONG_SHORT: out->length--; break;
    case WRONG_LONG: out->length++; break;
    case WRONG_NO_BUFFERS: out->n_buffers = 0; break;
    case WRONG_NULL_BUFFERS: out->buffers = NULL; break;
    case WRONG_NO_VALUES: out->n_buffers = 1; break;
    case WRONG_NEGATIVE: out->offset = -5; break;
    case WRONG_CHILDREN: out->n_children = 1; break;
    case WRONG_DICTIONARY: out->dictionary = out; break;
    case WRONG_NULL_VALUE: {
        static const uint8_t none[64] = {0};
        out->buffers[0] = none;
        out->null_count = -1;
        break;
    }
    default: break;
    }
}

/* Releases what was given before it was spoilt. */
static struct ArrowArray kept;

static void
release_kept(struct ArrowArray *self)
{
    kept.release(&kept);
    self->release = NULL;
}

static sabot_status
give_wrong(void *state, const struct ArrowArray *args, struct ArrowArray *out,
           struct ArrowSchema *schema, sabot_function_context *c)
{
    wrong how = *(const wrong *)state;
    sabot_column column;
    static const void *buffers[3];
    if (how == WRONG_NOTHING) {
        return SABOT_OK;
    }
    if (how == WRONG_MESSAGE || how == WRONG_STATUS) {
        return how == WRONG_MESSAGE ? sabot_function_fail(c, 0, "the moon is down")
                                    : (sabot_status)99;
    }
    assert_true(sabot_column_new(&column, "l", 8, args->length));
    assert_true(sabot_column_give(&column, &kept, schema));
    *out = kept;
    out->release = release_kept;
    memcpy(buffers, kept.buffers, 2 * sizeof *buffers);
    out->buffers = buffers;
    schema->format = how == WRONG_TYPE ? "u" : how == WRONG_FORMAT ? NULL : "l";
    out->n_buffers = how == WRONG_TYPE ? 3 : 2;
    buffers[2] = "";
    spoil_array(how, out);
    return SABOT_OK;
}

/* Results of text: offsets and bytes. */
static sabot_status
give_wrong_text(void *state, const struct ArrowArray *args, struct ArrowArray *out,
                struct ArrowSchema *schema, sabot_function_context *c)
{
    wrong how = *(const wrong *)state;
    sabot_column column;
    static const void *buffers[4];
    static const int32_t view[4] = {20, 0, 7, 0};
    (void)c;
    assert_true(sabot_text_new(&column, "u", args->length));
    for (int64_t i = 0; i < args->length; i++) {
        assert_true(sabot_text_add(&column, i, how == WRONG_UTF8 ? "\xFF\xFE" : "ok", 2));
    }
    if (how == WRONG_OFFSETS) {
        ((int32_t *)column.values)[1] = -3;
    }
    assert_true(sabot_column_give(&column, &kept, schema));
    *out = kept;
    out->release = release_kept;
    memcpy(buffers, kept.buffers, 3 * sizeof *buffers);
    out->buffers = buffers;
    if (how == WRONG_NO_BYTES) {
        buffers[2] = NULL;
    } else if (how == WRONG_VIEW) {
        schema->format = "vu";
        buffers[1] = view;
        buffers[2] = view;
    }
    return SABOT_OK;
}

static sabot_status
give_wrong_decimal(void *state, const struct ArrowArray *args, struct ArrowArray *out,
                   struct ArrowSchema *schema, sabot_function_context *c)
{
    wrong how = *(const wrong *)state;
    sabot_column column;
    (void)c;
    assert_true(
        sabot_column_new(&column, how == WRONG_DECIMAL ? "d:5,2" : "d:5,2,256", 32, args->length));
    ((int64_t *)column.values)[0] = 12345678;
    return sabot_column_give(&column, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

static void
wrong_results_are_errors(void **state)
{
    static const struct {
        wrong how;
        sabot_status status;
        const char *part;
    } cases[] = {
        {WRONG_NOTHING, SABOT_INVALID, "it gave no array"},
        {WRONG_SHORT, SABOT_INVALID, "it gave 0 values for 1 rows"},
        {WRONG_LONG, SABOT_INVALID, "it gave 2 values for 1 rows"},
        {WRONG_TYPE, SABOT_SEMANTIC, "Arrow type 'u' cannot be taken as BIGINT"},
        {WRONG_NO_BUFFERS, SABOT_INVALID, "buffers are missing"},
        {WRONG_NULL_BUFFERS, SABOT_INVALID, "buffers are missing"},
        {WRONG_NO_VALUES, SABOT_INVALID, "buffers are missing"},
        {WRONG_NEGATIVE, SABOT_INVALID, "length or offset is out of range"},
        {WRONG_CHILDREN, SABOT_INVALID, "the number of children"},
        {WRONG_NULL_VALUE, SABOT_DATA, "is NOT NULL"},
        {WRONG_MESSAGE, SABOT_DATA, "function w: the moon is down"},
        {WRONG_STATUS, SABOT_INTERNAL, "function w: internal error"},
        {WRONG_DICTIONARY, SABOT_INVALID, "dictionary of array and schema differ"},
        {WRONG_FORMAT, SABOT_INVALID, "its schema has no format"},
        {WRONG_OFFSETS, SABOT_INVALID, "offsets fall"},
        {WRONG_NO_BYTES, SABOT_INVALID, "no bytes"},
        {WRONG_UTF8, SABOT_DATA, "not UTF-8"},
        {WRONG_VIEW, SABOT_INVALID, "a view points outside"},
        {WRONG_DECIMAL, SABOT_DATA, "a decimal of more than 5 digits"},
        {WRONG_DECIMAL_BITS, SABOT_NOT_SUPPORTED, "not supported: Arrow type 'd:5,2,256'"},
    };

    (void)state;
    assert_int_equal(sizeof cases / sizeof *cases, WRONG_COUNT);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wrong how = cases[i].how;
        bool is_text =
            how == WRONG_OFFSETS || how == WRONG_NO_BYTES || how == WRONG_UTF8 || how == WRONG_VIEW;
        bool decimal = how == WRONG_DECIMAL || how == WRONG_DECIMAL_BITS;
        sabot_function f = SCALAR(is_text   ? give_wrong_text
                                  : decimal ? give_wrong_decimal
                                            : give_wrong,
                                  0, "BIGINT",
                                  is_text   ? "STRING"
                                  : decimal ? "DECIMAL(5, 2)"
                                            : "BIGINT NOT NULL");
        sabot_engine *engine = sb_user_engine();
        f.user = &how;
        sb_user_registers(engine, "w", &f);
        sb_user_fails(engine, "SELECT w(v) FROM (VALUES (1)) AS t (v)", cases[i].status,
                      cases[i].part);
        sabot_engine_close(engine);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_are_checked),
        cmocka_unit_test(functions_are_found_and_dropped),
        cmocka_unit_test(nulls_are_given_when_wanted),
        cmocka_unit_test(calls_are_as_few_as_may_be),
        cmocka_unit_test(dictionaries_are_looked_at_once),
        cmocka_unit_test(types_can_depend_on_the_call),
        cmocka_unit_test(arguments_can_be_any_number),
        cmocka_unit_test(all_types_go_there_and_back),
        cmocka_unit_test(nested_values_are_arguments_and_results),
        cmocka_unit_test(wrong_results_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
