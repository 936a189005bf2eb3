/* Arrow in and out: round trips over all types, hand-written arrays (offsets, dictionaries,
 * units), damage, no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "columnar/arrow.h"
#include "columnar/columnar_testing.h"

static sb_mem *mem;

static int
setup(void **state)
{
    (void)state;
    mem = sb_mem_new(NULL, "test", 0);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    int64_t used = sb_mem_used(mem);
    sb_mem_unref(mem);
    return used == 0 ? 0 : -1;
}

/* ---- round trips
 * -------------------------------------------------------------------------------- */

/* What a type becomes on the way through Arrow: MULTISET leaves as a list, lengths are not
 * carried. */
static bool
comes_back_as(const sb_type *out, const sb_type *back)
{
    uint8_t id = out->id == SB_TYPE_MULTISET ? SB_TYPE_ARRAY
                 : out->id == SB_TYPE_CHAR   ? SB_TYPE_VARCHAR
                 : sb_type_is_opaque(out)    ? SB_TYPE_VARBINARY
                                             : out->id;
    if (back->id != id || back->count_children != out->count_children) {
        return false;
    }
    for (int32_t i = 0; i < out->count_children; i++) {
        if (!comes_back_as(&out->children[i].type, &back->children[i].type)) {
            return false;
        }
    }
    return out->id != SB_TYPE_DECIMAL ||
           (back->precision == out->precision && back->scale == out->scale);
}

static void
test_schema_round_trip(void **unused)
{
    (void)unused;
    struct ArrowSchema out, moved;
    sb_schema *back;
    sb_arena *arena = sb_arena_new(mem);
    assert_int_equal(sb_arrow_export_schema(&sb_testing_schema, true, &out, NULL), SB_OK);
    assert_string_equal(out.format, "+s");
    assert_int_equal(out.n_children, sb_testing_schema.count + 1);
    assert_string_equal(out.children[0]->format, "c");
    assert_string_equal(out.children[0]->name, "op");

    static const struct {
        int child;
        const char *format;
    } formats[] = {{1, "n"},        {2, "b"},    {9, "d:10,2"}, {10, "d:38,10"}, {12, "vu"},
                   {13, "vz"},      {14, "tdD"}, {15, "ttm"},   {16, "tsm:"},    {17, "tsn:"},
                   {18, "tsu:UTC"}, {19, "tiM"}, {20, "tDm"},   {22, "+m"}};

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        assert_string_equal(out.children[formats[i].child]->format, formats[i].format);
    }
    /* An extension type, as Arrow lays out one pair of metadata. */
    int32_t variant = 1 + sb_schema_find(&sb_testing_schema, SB_STR("variant"));
    static const char metadata[] = "\1\0\0\0\024\0\0\0ARROW:extension:name\015\0\0\0sabot.variant";
    assert_string_equal(out.children[variant]->format, "vz");
    assert_memory_equal(out.children[variant]->metadata, metadata, sizeof metadata - 1);
    assert_null(out.children[1]->metadata);
    moved = out; /* as consumers do */
    assert_int_equal(sb_arrow_import_schema(arena, &moved, &back, NULL), SB_OK);
    for (int32_t i = 0; i < sb_testing_schema.count; i++) {
        assert_string_equal(back->fields[i + 1].name, sb_testing_schema.fields[i].name);
        assert_true(comes_back_as(&sb_testing_schema.fields[i].type, &back->fields[i + 1].type));
        assert_true(back->fields[i + 1].type.nullable);
    }
    moved.release(&moved);
    assert_null(moved.release);
    sb_arena_free(arena);
}

/* TIMESTAMP(3) leaves in milliseconds: make the values whole ones. */
static void
whole_milliseconds(sb_batch *b)
{
    int32_t column = sb_schema_find(b->schema, SB_STR("ts"));
    int64_t *values = sb_vector_values_mut(b->columns[column]);
    for (int32_t i = 0; i < b->columns[column]->length; i++) {
        values[i] = values[i] / 1000 * 1000;
    }
    column = sb_schema_find(b->schema, SB_STR("time"));
    int32_t *times = sb_vector_values_mut(b->columns[column]);
    for (int32_t i = 0; i < b->columns[column]->length; i++) {
        times[i] = times[i] < 0 ? -times[i] : times[i];
    }
}

static sb_batch *
make_batch(sb_mem *budget, uint64_t seed, int32_t rows)
{
    uint64_t state = seed;
    sb_vector *columns[64];
    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
        columns[f] = sb_testing_vector(budget, &sb_testing_schema.fields[f].type, rows, &state,
                                       seed % 3 ? 4 : 0);
    }
    sb_batch *b = sb_batch_new(budget, &sb_testing_schema, columns, rows);
    assert_non_null(b);
    whole_milliseconds(b);
    for (int32_t f = 0; f < sb_testing_schema.count; f++) { /* in all encodings */
        sb_vector *flat = b->columns[f];
        uint64_t pick = (sb_testing_random(&state) >> 40) % 3;
        if (pick == 0 && rows > 0) {
            b->columns[f] = sb_testing_as_dict(budget, flat, &state);
            sb_vector_unref(flat);
        } else if (pick == 1 && rows > 0) {
            b->columns[f] = sb_testing_as_const(budget, flat, 0, rows);
            sb_vector_unref(flat);
        }
    }
    return b;
}

static void
test_batch_round_trip(void **unused)
{
    (void)unused;
    static const int32_t keep[] = {0, 2, 3, 8, 20, 21, 22, 40, 69};
    for (uint64_t seed = 1; seed < 25; seed++) {
        struct ArrowSchema schema;
        struct ArrowArray array;
        sb_batch *b = make_batch(mem, seed, seed == 7 ? 0 : 70), *back;
        if (seed % 2 && seed != 7) {
            assert_int_equal(sb_batch_filter(b, keep, 9, NULL), SB_OK);
        }
        sb_batch *reference = sb_batch_share(mem, b);
        assert_int_equal(sb_arrow_export_schema(&sb_testing_schema, false, &schema, NULL), SB_OK);
        assert_int_equal(sb_arrow_export_batch(mem, b, false, &array, NULL), SB_OK);
        sb_batch_free(b); /* the array does not need it */
        assert_int_equal(array.length, reference->count_rows);
        assert_int_equal(
            sb_arrow_import_batch(mem, &sb_testing_schema, &schema, &array, &back, NULL), SB_OK);
        assert_null(array.release);
        schema.release(&schema);
        assert_true(sb_batch_valid(back));
        assert_int_equal(back->count_rows, reference->count_rows);
        for (int32_t f = 0; f < sb_testing_schema.count; f++) {
            for (int32_t i = 0; i < back->count_rows; i++) {
                assert_true(sb_testing_equal(back->columns[f], i, reference->columns[f],
                                             sb_batch_row(reference, i)));
            }
        }
        sb_batch_free(reference);
        assert_int_equal(sb_batch_compact(back, true, NULL), SB_OK); /* lets go of the array */
        sb_text text;
        sb_text_init(&text, mem);
        sb_batch_dump(back, &text);
        sb_text_deinit(&text);
        sb_batch_free(back);
    }
}

static void
test_ops_and_sharing(void **unused)
{
    (void)unused;
    static const sb_field fields[] = {
        {.name = "n", .type = {.id = SB_TYPE_BIGINT, .nullable = false}}};
    static const sb_schema schema = {1, fields};
    sb_batch_builder builder;
    sb_batch *b;
    assert_int_equal(sb_batch_builder_init(&builder, mem, &schema, NULL), SB_OK);
    for (int i = 0; i < 4; i++) {
        sb_column_i64(builder.columns, i * 10);
        sb_batch_builder_row(&builder, (uint8_t)i);
    }
    assert_int_equal(sb_batch_builder_finish(&builder, &b, NULL), SB_OK);
    sb_batch_builder_deinit(&builder);
    const void *values = b->columns[0]->values;
    struct ArrowArray array;
    assert_int_equal(sb_arrow_export_batch(mem, b, true, &array, NULL), SB_OK);
    assert_int_equal(array.n_children, 2);
    static const uint8_t ops[] = {0, 1, 2, 3};
    assert_memory_equal(array.children[0]->buffers[1], ops, 4);
    assert_ptr_equal(array.children[1]->buffers[1], values); /* shared */
    assert_int_equal(array.children[1]->null_count, 0);
    static const int32_t keep[] = {1, 3};
    assert_int_equal(sb_batch_filter(b, keep, 2, NULL), SB_OK);
    struct ArrowArray selected;
    assert_int_equal(sb_arrow_export_batch(mem, b, true, &selected, NULL), SB_OK);
    assert_int_equal(selected.length, 2);
    assert_memory_equal(selected.children[0]->buffers[1], ((uint8_t[]){1, 3}), 2);
    assert_memory_equal(selected.children[1]->buffers[1], ((int64_t[]){10, 30}), 16);
    sb_batch_free(b);
    /* a child may be moved out before the parent goes */
    struct ArrowArray child = *array.children[1];
    array.children[1]->release = NULL;
    array.release(&array);
    assert_int_equal(((const int64_t *)child.buffers[1])[3], 30);
    child.release(&child);
    selected.release(&selected);
}

static void
test_utf8_view_layout(void **unused)
{
    (void)unused;
    static const sb_field fields[] = {
        {.name = "s", .type = {.id = SB_TYPE_VARCHAR, .length = SB_LENGTH_MAX}}};
    static const sb_schema schema = {1, fields};
    sb_batch_builder builder;
    sb_batch *b;
    assert_int_equal(sb_batch_builder_init(&builder, mem, &schema, NULL), SB_OK);
    static const char *const texts[] = {"short", "longer than twelve", "twelve bytes",
                                        "another long string"};
    for (int i = 0; i < 4; i++) {
        sb_column_bytes(builder.columns, texts[i], strlen(texts[i]));
        sb_batch_builder_row(&builder, SB_ROW_INSERT);
    }
    assert_int_equal(sb_batch_builder_finish(&builder, &b, NULL), SB_OK);
    sb_batch_builder_deinit(&builder);
    struct ArrowArray array;
    assert_int_equal(sb_arrow_export_batch(mem, b, false, &array, NULL), SB_OK);
    sb_batch_free(b);
    struct ArrowArray *s = array.children[0];
    assert_int_equal(s->n_buffers, 4); /* validity, views, one data buffer, sizes */
    const int32_t *views = s->buffers[1];
    assert_int_equal(views[0], 5);
    assert_memory_equal(&views[1], "short\0\0\0\0\0\0\0", 12);
    assert_int_equal(views[4], 18);
    assert_memory_equal(&views[5], "long", 4);
    assert_int_equal(views[6], 0);
    assert_int_equal(views[7], 0);
    assert_int_equal(views[14], 0);
    assert_int_equal(views[15], 18);
    assert_memory_equal(s->buffers[2], "longer than twelveanother long string", 37);
    assert_int_equal(*(const int64_t *)s->buffers[3], 37);
    array.release(&array);
}

/* ---- hand-written arrays
 * ------------------------------------------------------------------------ */

static int released;

static void
count_release(struct ArrowArray *self)
{
    released++;
    self->release = NULL;
}

static void
no_schema_release(struct ArrowSchema *self)
{
    self->release = NULL;
}

/* One column in a root; all in static or caller's memory. */
typedef struct one_column {
    struct ArrowSchema schema, child_schema, *schema_children[1];
    struct ArrowArray array, child, *children[1];
    const void *no_buffers[1];
    sb_field field;
    sb_schema target;
} one_column;

static void
one_column_init(one_column *x, const char *format, sb_type type, int64_t offset, int64_t length,
                int64_t count_buffers, const void **buffers)
{
    *x = (one_column){
        .schema = {.format = "+s", .name = "", .n_children = 1, .release = no_schema_release},
        .child_schema = {.format = format,
                         .name = "c",
                         .flags = ARROW_FLAG_NULLABLE,
                         .release = no_schema_release},
        .array = {.length = length, .n_buffers = 1, .n_children = 1, .release = count_release},
        .child = {.length = length,
                  .offset = offset,
                  .null_count = -1,
                  .n_buffers = count_buffers,
                  .buffers = buffers},
        .field = {.name = "c", .type = type},
    };
    x->schema_children[0] = &x->child_schema;
    x->schema.children = x->schema_children;
    x->children[0] = &x->child;
    x->array.children = x->children;
    x->array.buffers = x->no_buffers;
    x->target = (sb_schema){1, &x->field};
}

/* Imports and compares the dump. */
static void
check_import(one_column *x, const char *expected)
{
    sb_batch *b = NULL;
    sb_error err;
    sb_text text;
    sb_error_clear(&err);
    released = 0;
    sb_status status = sb_arrow_import_batch(mem, &x->target, &x->schema, &x->array, &b, &err);
    if (status != SB_OK) {
        fail_msg("%s", err.message);
    }
    assert_true(sb_batch_valid(b));
    sb_text_init(&text, mem);
    for (int32_t i = 0; i < b->count_rows; i++) {
        sb_value_print(b->columns[0], i, &text);
        sb_text_char(&text, ' ');
    }
    assert_string_equal(text.data, expected);
    sb_text_deinit(&text);
    sb_batch_free(b);
    assert_int_equal(released, 1); /* already at the import when all was converted */
}

static void
check_refused(one_column *x, sb_status expected)
{
    sb_batch *b = NULL;
    released = 0;
    assert_int_equal(sb_arrow_import_batch(mem, &x->target, &x->schema, &x->array, &b, NULL),
                     expected);
    assert_null(b);
    assert_int_equal(released, 1);
}

static void
test_import_numbers(void **unused)
{
    (void)unused;
    one_column x;
    static const uint8_t valid[] = {0xB5}; /* rows 0, 2, 4, 5, 7 */
    static const int32_t ints[] = {1, 2, 3, 4, 5, 6, 7, 8};
    one_column_init(&x, "i", SB_TYPE(INT, true), 3, 4, 2, (const void *[]){valid, ints});
    check_import(&x, "NULL 5 6 NULL ");
    one_column_init(&x, "i", SB_TYPE(INT, true), 0, 8, 2,
                    (const void *[]){NULL, (const char *)ints + 0});
    x.array.offset = 2; /* a slice of the whole */
    x.array.length = 3;
    check_import(&x, "3 4 5 ");
    static const char odd[] = {0, 1, 0, 0, 0, 2, 0, 0, 0}; /* not aligned */
    one_column_init(&x, "i", SB_TYPE(INT, true), 0, 2, 2, (const void *[]){NULL, odd + 1});
    check_import(&x, "1 2 ");
    static const uint8_t bytes[] = {0, 200, 255};
    one_column_init(&x, "C", SB_TYPE(SMALLINT, true), 0, 3, 2, (const void *[]){NULL, bytes});
    check_import(&x, "0 200 255 ");
    static const uint64_t wide[] = {UINT64_MAX, 1};
    one_column_init(&x, "L", sb_type_decimal(20, 0, true), 0, 2, 2, (const void *[]){NULL, wide});
    check_import(&x, "18446744073709551615 1 ");
    static const uint8_t bits[] = {0x0C};
    one_column_init(&x, "b", SB_TYPE(BOOLEAN, true), 1, 3, 2, (const void *[]){NULL, bits});
    check_import(&x, "false true true ");
    static const sb_int128 decimals[] = {-150, 12345};
    one_column_init(&x, "d:10,2", sb_type_decimal(10, 2, true), 0, 2, 2,
                    (const void *[]){NULL, decimals});
    check_import(&x, "-1.50 123.45 ");
    static const sb_int128 too_wide[] = {(sb_int128)1 << 100};
    one_column_init(&x, "d:10,2", sb_type_decimal(10, 2, true), 0, 1, 2,
                    (const void *[]){NULL, too_wide});
    check_refused(&x, SB_STATUS_DATA);
    one_column_init(&x, "d:38,2", sb_type_decimal(38, 2, true), 0, 1, 2,
                    (const void *[]){NULL, too_wide});
    check_import(&x, "12676506002282294014967032053.76 "); /* 2^100 / 100 */
}

static void
test_import_times(void **unused)
{
    (void)unused;
    one_column x;
    static const int64_t seconds[] = {1704067200, -1};
    one_column_init(&x, "tss:", sb_type_timestamp(0, true), 0, 2, 2,
                    (const void *[]){NULL, seconds});
    check_import(&x, "2024-01-01 00:00:00 1969-12-31 23:59:59 ");
    static const int64_t nanos[] = {1704067200123456789, -1};
    one_column_init(&x, "tsn:", sb_type_timestamp(9, true), 0, 2, 2, (const void *[]){NULL, nanos});
    check_import(&x, "2024-01-01 00:00:00.123456789 1969-12-31 23:59:59.999999999 ");
    one_column_init(&x, "tsn:", sb_type_timestamp(6, true), 0, 2, 2, (const void *[]){NULL, nanos});
    check_import(&x, "2024-01-01 00:00:00.123456 1969-12-31 23:59:59.999999 ");
    sb_type ltz = {.id = SB_TYPE_TIMESTAMP_LTZ, .nullable = true, .precision = 3};
    static const int64_t millis[] = {1704067200123};
    one_column_init(&x, "tsm:Europe/Berlin", ltz, 0, 1, 2, (const void *[]){NULL, millis});
    check_import(&x, "2024-01-01 00:00:00.123Z ");
    static const int64_t far[] = {INT64_MAX};
    one_column_init(&x, "tss:", sb_type_timestamp(0, true), 0, 1, 2, (const void *[]){NULL, far});
    check_refused(&x, SB_STATUS_DATA);
    static const int64_t date64[] = {-1};
    one_column_init(&x, "tdm", SB_TYPE(DATE, true), 0, 1, 2, (const void *[]){NULL, date64});
    check_import(&x, "1969-12-31 ");
    static const int64_t time64[] = {3723004005};
    sb_type time = {.id = SB_TYPE_TIME, .nullable = true, .precision = 3};
    one_column_init(&x, "ttu", time, 0, 1, 2, (const void *[]){NULL, time64});
    check_import(&x, "01:02:03.004 ");
}

static void
test_import_strings(void **unused)
{
    (void)unused;
    one_column x;
    static const char text[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static const int32_t offsets[] = {0, 3, 3, 29, 36};
    one_column_init(&x, "u", sb_type_string(true), 1, 3, 3, (const void *[]){NULL, offsets, text});
    check_import(&x, " defghijklmnopqrstuvwxyz012 3456789 ");
    static const int64_t large[] = {1, 20};
    one_column_init(&x, "U", sb_type_string(true), 0, 1, 3, (const void *[]){NULL, large, text});
    check_import(&x, "bcdefghijklmnopqrst ");
    static const int32_t falling[] = {5, 3};
    one_column_init(&x, "u", sb_type_string(true), 0, 1, 3, (const void *[]){NULL, falling, text});
    check_refused(&x, SB_STATUS_INVALID);
    sb_type binary = {.id = SB_TYPE_VARBINARY, .nullable = true, .length = SB_LENGTH_MAX};
    one_column_init(&x, "w:2", binary, 1, 2, 2, (const void *[]){NULL, "\x01\x02\x03\x04\x05\x06"});
    check_import(&x, "0304 0506 ");
    /* views: dirty padding, two buffers, one that points nowhere */
    static const int32_t views[] = {2, 0x58586261, 0x58585858, 0x58585858, 14, 0x64636261,
                                    1, 2,          14,         0,          2,  0};
    static const int64_t sizes[] = {4, 20};
    static const char second[] = "..abcdefghijklmn....";
    one_column_init(&x, "vu", sb_type_string(true), 0, 2, 5,
                    (const void *[]){NULL, views, "xxxx", second, sizes});
    check_import(&x, "ab abcdefghijklmn ");
    one_column_init(&x, "vu", sb_type_string(true), 0, 3, 5,
                    (const void *[]){NULL, views, "xxxx", second, sizes});
    check_refused(&x, SB_STATUS_INVALID);
}

static void
test_import_dictionary(void **unused)
{
    (void)unused;
    one_column x;
    struct ArrowSchema values_schema = {.format = "u", .name = "", .release = no_schema_release};
    static const uint8_t dict_valid[] = {0x05};
    static const int32_t offsets[] = {0, 1, 2, 4};
    const void *dict_buffers[] = {dict_valid, offsets, "abcd"};
    struct ArrowArray dictionary = {
        .length = 3, .null_count = 1, .n_buffers = 3, .buffers = dict_buffers};
    static const uint8_t valid[] = {0x1F};
    static const int8_t codes[] = {2, 0, 1, 0, 2, 99};
    for (int round = 0; round < 3; round++) {
        one_column_init(&x, "c", sb_type_string(true), round == 2 ? 1 : 0, 5, 2,
                        (const void *[]){valid, codes});
        x.child_schema.dictionary = &values_schema;
        x.child.dictionary = &dictionary;
        if (round == 0) {
            check_import(&x, "cd a NULL a cd ");
        } else if (round == 1) {
            x.field.type.nullable = false;
            check_refused(&x, SB_STATUS_DATA);
        } else {
            check_import(&x, "a NULL a cd NULL "); /* the code under a NULL is not looked at */
        }
    }
    one_column_init(&x, "c", sb_type_string(true), 0, 6, 2, (const void *[]){NULL, codes});
    x.child_schema.dictionary = &values_schema;
    x.child.dictionary = &dictionary;
    check_refused(&x, SB_STATUS_INVALID);
    static const uint8_t none[] = {0};
    struct ArrowArray empty = {.length = 0, .n_buffers = 3, .buffers = dict_buffers};
    one_column_init(&x, "c", sb_type_string(true), 0, 2, 2, (const void *[]){none, codes});
    x.child_schema.dictionary = &values_schema;
    x.child.dictionary = &empty;
    check_import(&x, "NULL NULL ");
}

static void
test_import_nested_slices(void **unused)
{
    (void)unused;
    one_column x;
    static const int32_t values[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    struct ArrowSchema item = {
        .format = "i", .name = "item", .flags = ARROW_FLAG_NULLABLE, .release = no_schema_release};
    struct ArrowSchema *items[] = {&item};
    struct ArrowArray child = {
        .length = 9, .offset = 1, .n_buffers = 2, .buffers = (const void *[]){NULL, values}};
    struct ArrowArray *children[] = {&child};
    const sb_field element = {.name = "element", .type = SB_TYPE(INT, true)};
    sb_type array = {
        .id = SB_TYPE_ARRAY, .nullable = true, .count_children = 1, .children = &element};
    static const int32_t offsets[] = {0, 1, 3, 3, 7};
    one_column_init(&x, "+l", array, 1, 3, 2, (const void *[]){NULL, offsets});
    x.child.n_children = x.child_schema.n_children = 1;
    x.child.children = children;
    x.child_schema.children = items;
    check_import(&x, "[2, 3] [] [4, 5, 6, 7] ");
    one_column_init(&x, "+w:3", array, 1, 2, 1, (const void *[]){NULL});
    x.child.n_children = x.child_schema.n_children = 1;
    x.child.children = children;
    x.child_schema.children = items;
    check_import(&x, "[4, 5, 6] [7, 8, 9] ");
    one_column_init(&x, "+w:5", array, 1, 2, 1, (const void *[]){NULL});
    x.child.n_children = x.child_schema.n_children = 1;
    x.child.children = children;
    x.child_schema.children = items;
    check_refused(&x, SB_STATUS_INVALID); /* needs 10 elements from 5 on, 9 are there */
    static const uint8_t valid[] = {0x02};
    sb_type row = {.id = SB_TYPE_ROW, .nullable = true, .count_children = 1, .children = &element};
    one_column_init(&x, "+s", row, 1, 2, 1, (const void *[]){valid});
    x.child.n_children = x.child_schema.n_children = 1;
    x.child.children = children;
    x.child_schema.children = items;
    check_import(&x, "(2) NULL ");
}

static void
test_refusals(void **unused)
{
    (void)unused;
    one_column x;
    static const int32_t ints[] = {1};
    one_column_init(&x, "i", SB_TYPE(BIGINT, true), 0, 1, 2, (const void *[]){NULL, ints});
    check_refused(&x, SB_STATUS_SEMANTIC);
    one_column_init(&x, "i", SB_TYPE(INT, true), 0, 1, 2, (const void *[]){NULL, NULL});
    check_refused(&x, SB_STATUS_INVALID);
    static const uint8_t none[] = {0};
    one_column_init(&x, "i", SB_TYPE(INT, false), 0, 1, 2, (const void *[]){none, ints});
    check_refused(&x, SB_STATUS_DATA);
    one_column_init(&x, "i", SB_TYPE(INT, true), 0, 1, 2, (const void *[]){NULL, ints});
    x.array.n_buffers = 1;
    x.no_buffers[0] = none;
    x.array.null_count = 1;
    check_refused(&x, SB_STATUS_INVALID);
    sb_arena *arena = sb_arena_new(mem);
    static const char *const formats[] = {"e",  "+ud:0,1", "d:50,2,256", "tiD", "tin",
                                          "+r", "+vl",     "q",          ""};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        sb_schema *schema;
        sb_error err;
        one_column_init(&x, formats[i], SB_TYPE(INT, true), 0, 0, 0, NULL);
        assert_int_equal(sb_arrow_import_schema(arena, &x.schema, &schema, &err),
                         SB_STATUS_NOT_SUPPORTED);
        assert_non_null(strstr(err.message, "not supported: "));
    }
    sb_arena_free(arena);
}

/* ---- no memory
 * ---------------------------------------------------------------------------------- */

static sb_status
export_import(sb_mem *budget, void *ctx, sb_error *err)
{
    sb_batch *input = ctx, *back = NULL;
    struct ArrowSchema schema;
    struct ArrowArray array;
    SB_TRY(sb_arrow_export_schema(&sb_testing_schema, true, &schema, err), err);
    schema.release(&schema);
    SB_TRY(sb_arrow_export_schema(&sb_testing_schema, false, &schema, err), err);
    sb_status status = sb_arrow_export_batch(budget, input, false, &array, err);
    if (status == SB_OK) {
        status = sb_arrow_import_batch(budget, &sb_testing_schema, &schema, &array, &back, err);
    }
    schema.release(&schema);
    sb_batch_free(back);
    return status;
}

static void
test_allocation_failures(void **unused)
{
    (void)unused;
    sb_batch *input = make_batch(mem, 11, 12);
    int64_t before = sb_mem_used(sb_mem_root());
    assert_true(sb_testing_fail_each_allocation(export_import, input) > 300);
    assert_int_equal(sb_mem_used(sb_mem_root()), before);
    sb_batch_free(input);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_schema_round_trip), T(test_batch_round_trip),    T(test_ops_and_sharing),
        T(test_utf8_view_layout),  T(test_import_numbers),      T(test_import_times),
        T(test_import_strings),    T(test_import_dictionary),   T(test_import_nested_slices),
        T(test_refusals),          T(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
