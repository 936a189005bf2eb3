/*
 * plan/plan_test.c -- a plan built by hand: bytes, text, comparison, damage.
 *
 * THREADS    one
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "plan/nodes.h"

static sb_plan_node *
node(sb_plan *plan, sb_node_kind kind, const sb_schema *schema, const void *body, const char *text)
{
    sb_plan_node *out = SB_NEW(plan->arena, sb_plan_node);

    assert_non_null(out);
    out->kind = (uint16_t)kind;
    out->version = 1;
    out->node_id = (uint32_t)(100 + plan->count_nodes);
    out->schema = schema;
    out->body = body;
    out->description = text;
    out->traits.row_ops = SB_ROWS_INSERT;
    plan->nodes[plan->count_nodes++] = out;
    return out;
}

static void
link(sb_plan *plan, sb_plan_node *to, sb_plan_node *const *inputs, const sb_exchange *exchanges,
     int count)
{
    to->count_inputs = (uint8_t)count;
    to->inputs = sb_arena_memdup(plan->arena, inputs, sizeof(inputs[0]) * (size_t)count);
    to->exchanges = sb_arena_memdup(plan->arena, exchanges, sizeof(exchanges[0]) * (size_t)count);
    for (int i = 0; i < count; i++) {
        inputs[i]->count_consumers++;
    }
}

static const sb_field fields[] = {
    {.name = "k", .type = {.id = SB_TYPE_INT, .nullable = true}, .column_id = 7},
    {.name = "v", .type = {.id = SB_TYPE_BIGINT}, .column_id = 8},
};
static const sb_schema schema = {.count = 2, .fields = fields};
static const int32_t first[] = {0}, both[] = {0, 1};
static const sb_columns key = {.count = 1, .at = first};
static const sb_columns all = {.count = 2, .at = both};
static sb_option options[] = {{"connector", "x", -1}, {"path", "in", -1}};
static const sb_table_desc table = {.name = "t",
                                    .connector = "x",
                                    .options = {.count = 2, .at = options},
                                    .columns = &schema,
                                    .primary_key = {.count = 1, .at = first}};
static const sb_schema *const sides[] = {&schema};
static const sb_source_node source_body = {.table = &table, .project = {.count = 2, .at = both}};
static const sb_process_node process_body = {.name = "fn",
                                             .keys = {.count = 1, .at = first},
                                             .rowtime = -1,
                                             .count_sides = 1,
                                             .side_schemas = sides};
static const sb_union_node union_body = {0};
static const sb_sink_node sink_body = {.table = &table, .upsert = true};

/* source -> process; its main output and side output 1 -> union -> sink */
static sb_plan *
build(void)
{
    sb_plan *plan = sb_plan_new(sb_mem_root());
    sb_exchange hash = {.kind = SB_EXCHANGE_HASH, .keys = key};
    sb_exchange forward[2] = {{.kind = SB_EXCHANGE_FORWARD}, {.kind = SB_EXCHANGE_REBALANCE}};
    sb_plan_node *source, *process, *both_ports[2], *merged, *sink;

    assert_non_null(plan);
    plan->nodes = SB_NEW_ARRAY(plan->arena, sb_plan_node *, 4);
    plan->sinks = SB_NEW_ARRAY(plan->arena, sb_plan_node *, 1);
    plan->zone = "Europe/Berlin";
    source = node(plan, SB_NODE_SOURCE, &schema, &source_body, "Source(t)");
    process = node(plan, SB_NODE_PROCESS, &schema, &process_body, "KeyedProcess(fn)");
    link(plan, process, &source, &hash, 1);
    process->traits.partition = key;
    process->traits.row_ops = SB_ROWS_ALL;
    both_ports[0] = both_ports[1] = process;
    merged = node(plan, SB_NODE_UNION, &schema, &union_body, "Union");
    link(plan, merged, both_ports, forward, 2);
    merged->input_ports[1] = 1;
    sink = node(plan, SB_NODE_SINK, &schema, &sink_body, "Sink(t)");
    link(plan, sink, &merged, forward, 1);
    sink->parallelism = 3;
    plan->sinks[plan->count_sinks++] = sink;
    return plan;
}

static sb_status
copy(const sb_plan *plan, sb_plan **out, sb_error *err)
{
    sb_writer w;
    sb_reader r;
    sb_status status;

    sb_error_clear(err);
    sb_writer_init(&w, sb_mem_root());
    sb_plan_write(&w, plan);
    r = sb_reader_of(w.out.data, w.out.size);
    status = sb_plan_read(&r, sb_mem_root(), out, err);
    sb_writer_deinit(&w);
    return status;
}

static void
bytes(void **state)
{
    sb_plan *plan = build(), *back = NULL;
    const sb_process_node *process;
    sb_error err;

    (void)state;
    assert_int_equal(copy(plan, &back, &err), SB_OK);
    assert_int_equal(back->count_nodes, 4);
    assert_int_equal(back->count_sinks, 1);
    assert_string_equal(back->zone, "Europe/Berlin");
    assert_ptr_equal(back->sinks[0], back->nodes[3]);
    assert_int_equal(back->nodes[3]->parallelism, 3);
    assert_int_equal(back->nodes[2]->input_ports[0], 0);
    assert_int_equal(back->nodes[2]->input_ports[1], 1);
    assert_ptr_equal(back->nodes[2]->inputs[0], back->nodes[2]->inputs[1]);
    assert_int_equal(back->nodes[1]->count_consumers, 2);
    assert_int_equal(back->nodes[1]->node_id, 101);
    assert_int_equal(back->nodes[1]->traits.row_ops, SB_ROWS_ALL);
    assert_int_equal(back->nodes[1]->traits.partition.count, 1);
    assert_int_equal(back->nodes[1]->exchanges[0].kind, SB_EXCHANGE_HASH);
    process = back->nodes[1]->body;
    assert_string_equal(process->name, "fn");
    assert_int_equal(process->rowtime, -1);
    assert_int_equal(process->count_sides, 1);
    assert_true(sb_schema_equal(process->side_schemas[0], &schema));
    assert_int_equal(back->nodes[0]->schema->fields[1].column_id, 8);
    sb_plan_free(back);
    sb_plan_free(plan);
}

static void
text(void **state)
{
    sb_plan *plan = build();
    sb_text out;

    (void)state;
    sb_text_init(&out, sb_mem_root());
    sb_plan_print(plan, SB_PLAN_CHANGELOG, &out);
    assert_string_equal(out.data,
                        "Sink(t, changelogMode=[NONE])\n"
                        "+- Union(changelogMode=[I])\n"
                        "   :- KeyedProcess(fn, changelogMode=[I,UB,UA,D])(reuse_id=[1])\n"
                        "   :  +- Exchange(distribution=[hash[k]], changelogMode=[I])\n"
                        "   :     +- Source(t, changelogMode=[I])\n"
                        "   +- Exchange(distribution=[rebalance], changelogMode=[I,UB,UA,D])\n"
                        "      +- Reused(reference_id=[1])\n");
    sb_text_clear(&out);
    sb_plan_print_dot(plan, &out);
    assert_non_null(strstr(out.data, "n1 -> n2 [label=\"rebalance\"];"));
    sb_text_deinit(&out);
    sb_plan_free(plan);
}

static void
options_last_wins(void **state)
{
    sb_option list[] = {{"a", "1", -1}, {"b", "2", -1}, {"a", "3", -1}};
    sb_options set = {.count = 3, .at = list};

    (void)state;
    assert_string_equal(sb_options_get(&set, "a"), "3");
    assert_string_equal(sb_options_get(&set, "b"), "2");
    assert_null(sb_options_get(&set, "c"));
}

static void
comparison(void **state)
{
    sb_plan *a = build(), *b = build();
    sb_process_node other = process_body;
    sb_text out;

    (void)state;
    sb_text_init(&out, sb_mem_root());
    b->nodes[3]->parallelism = 9; /* does not matter */
    assert_true(sb_plan_same(a, b, &out));
    assert_int_equal(out.size, 0);
    other.name = "fn2";
    b->nodes[1]->body = &other;
    b->nodes[1]->description = "KeyedProcess(fn2)";
    assert_false(sb_plan_same(a, b, &out));
    assert_string_equal(out.data, "- KeyedProcess(fn) -> (k INT, v BIGINT NOT NULL)\n"
                                  "+ KeyedProcess(fn2) -> (k INT, v BIGINT NOT NULL)\n");
    sb_text_deinit(&out);
    sb_plan_free(a);
    sb_plan_free(b);
}

/* What does not fit together is refused when it is read. */
static void
damage(void **state)
{
    static const int32_t far[] = {5};
    const sb_columns outside = {.count = 1, .at = far};
    sb_plan *plan = build(), *back = NULL;
    sb_process_node process = process_body;
    sb_error err;

    (void)state;
    process.keys = outside;
    plan->nodes[1]->body = &process;
    assert_int_equal(copy(plan, &back, &err), SB_STATUS_CORRUPT);
    plan->nodes[1]->body = &process_body;
    plan->nodes[1]->exchanges[0].keys = outside;
    assert_int_equal(copy(plan, &back, &err), SB_STATUS_CORRUPT);
    plan->nodes[1]->exchanges[0].keys = key;
    plan->nodes[1]->traits.upsert_keys = (sb_column_sets){.count = 1, .at = &outside};
    assert_int_equal(copy(plan, &back, &err), SB_STATUS_CORRUPT);
    plan->nodes[1]->traits.upsert_keys = (sb_column_sets){.count = 1, .at = &all};
    assert_int_equal(copy(plan, &back, &err), SB_OK);
    sb_plan_free(back);
    plan->nodes[0]->kind = SB_NODE_KIND_COUNT + 4;
    assert_int_equal(copy(plan, &back, &err), SB_STATUS_NOT_SUPPORTED);
    assert_non_null(strstr(err.message, "not supported: plan node kind "));
    sb_plan_free(plan);
}

/* The node of a plan in the place of the process: its body there and back, and refused when it does
 * not fit. */
static void
there_and_back(sb_node_kind kind, const sb_schema *output, const void *body, bool fits)
{
    sb_plan *plan = build(), *back = NULL;
    sb_writer one, two;
    sb_error err;

    plan->nodes[1]->kind = (uint16_t)kind;
    plan->nodes[1]->schema = output;
    plan->nodes[1]->body = body;
    plan->nodes[2]->input_ports[1] = 0;
    assert_int_equal(copy(plan, &back, &err), fits ? SB_OK : SB_STATUS_CORRUPT);
    if (fits) {
        sb_writer_init(&one, sb_mem_root());
        sb_writer_init(&two, sb_mem_root());
        sb_plan_write(&one, plan);
        sb_plan_write(&two, back);
        assert_int_equal(one.out.size, two.out.size);
        assert_memory_equal(one.out.data, two.out.data, one.out.size);
        sb_writer_deinit(&one);
        sb_writer_deinit(&two);
        sb_plan_free(back);
    }
    sb_plan_free(plan);
}

static void
bodies_of_rows(void **state)
{
    static const int32_t far[] = {5};
    static const bool down[] = {false, true};
    static const sb_columns sets[] = {{2, both}, {1, first}, {0, NULL}}, beyond[] = {{1, far}};
    static const sb_field added[] = {
        {.name = "k", .type = {.id = SB_TYPE_INT, .nullable = true}},
        {.name = "v", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
        {.name = "$e", .type = {.id = SB_TYPE_BIGINT}}};
    static const sb_schema expanded = {.count = 3, .fields = added};
    sb_sort_node sort = {
        .order = {2, both}, .descending = down, .offset = 3, .limit = -1, .retracts = true};
    sb_limit_node limit = {.offset = 1, .limit = 7};
    sb_expand_node expand = {.keys = {2, both}, .sets = {3, sets}};
    sb_unnest_node unnest = {.column = 0};

    (void)state;
    there_and_back(SB_NODE_SORT, &schema, &sort, true);
    there_and_back(SB_NODE_LIMIT, &schema, &limit, true);
    there_and_back(SB_NODE_EXPAND, &schema, &expand, false);
    there_and_back(SB_NODE_UNNEST, &schema, &unnest, false); /* k is no collection */
    sort.limit = -2;
    there_and_back(SB_NODE_SORT, &schema, &sort, false);
    limit.offset = -1;
    there_and_back(SB_NODE_LIMIT, &schema, &limit, false);
    expand.sets = (sb_column_sets){1, beyond};
    there_and_back(SB_NODE_EXPAND, &expanded, &expand, false);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes),      cmocka_unit_test(text),   cmocka_unit_test(options_last_wins),
        cmocka_unit_test(comparison), cmocka_unit_test(damage), cmocka_unit_test(bodies_of_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
