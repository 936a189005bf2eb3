/*
 * registry/registry_test.c -- every node kind has code, names are unique and sorted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "registry/registry.h"

static void
every_kind_has_an_operator(void **state)
{
    (void)state;
    for (int kind = 0; kind < SB_NODE_KIND_COUNT; kind++) {
        const sb_op_vtable *op = sb_registry_op((sb_node_kind)kind);
        if (kind == SB_NODE_SOURCE || kind == SB_NODE_SINK) {
            assert_null(op);
            continue;
        }
        assert_non_null(op);
        assert_non_null(op->name);
        assert_true((op->step != NULL) != (op->process != NULL));
        assert_true(op->instance_size >= sizeof(sb_op));
        assert_int_equal(op->count_inputs,
                         kind == SB_NODE_JOIN || kind == SB_NODE_WINDOW_JOIN ? 2 : 1);
    }
    assert_null(sb_registry_op(SB_NODE_KIND_COUNT));
}

static void
connectors_are_found_by_name(void **state)
{
    (void)state;
    const char *before = "";
    const sb_connector *one;
    int32_t count = 0;
    for (; (one = sb_registry_connector_at(count)) != NULL; count++) {
        assert_true(strcmp(before, one->name) < 0);
        before = one->name;
        assert_ptr_equal(sb_registry_connector(one->name), one);
        assert_true(one->source != NULL || one->sink != NULL);
        assert_true((one->source == NULL) == (one->source_facts == NULL));
        assert_true((one->sink == NULL) == (one->sink_facts == NULL));
    }
    assert_true(count >= 7);
    assert_null(sb_registry_connector("kafkaa"));
    assert_null(sb_registry_connector(""));
    assert_null(sb_registry_connector_at(-1));
    assert_ptr_equal(sb_registry_factories()->connector("print"), sb_registry_connector("print"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_an_operator),
        cmocka_unit_test(connectors_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
