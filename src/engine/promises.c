/*
 * engine/promises.c -- what a job promises about its results after a failure, and why not more.
 *
 * DESIGN     A chain of three links: sources that can be read again from a position, checkpoints,
 *            and a sink that publishes with them. The weakest one decides, and is named. Without a
 *            folder for checkpoints a job starts over; that is a matter of how it is run, not of
 *            the plan, so it is not told here.
 * THREADS    the engine's thread.
 */
#include "engine/engine_priv.h"

/* The first source below that cannot be read again; NULL: all can. */
static const sb_table_desc *
forgetful_source(const sabot_engine *engine, const sb_plan_node *node)
{
    const sb_source_node *source = node->body;
    const sb_connector *connector = NULL;
    if (node->kind == SB_NODE_SOURCE) {
        connector = engine->factories.connector(source->table->connector);
    }
    if (connector && connector->source_facts) {
        sb_source_facts facts = {0};
        sb_error ignored;
        sb_error_clear(&ignored);
        if (connector->source_facts(source->table, &facts, &ignored) == SB_OK &&
            !facts.replayable) {
            return source->table;
        }
    }
    for (int32_t i = 0; i < node->count_inputs; i++) {
        const sb_table_desc *found = forgetful_source(engine, node->inputs[i]);
        if (found) {
            return found;
        }
    }
    return NULL;
}

static void
print_sink(const sabot_engine *engine, const sb_plan_node *node, sb_text *out)
{
    const sb_sink_node *sink = node->body;
    const sb_connector *connector = engine->factories.connector(sink->table->connector);
    const sb_table_desc *forgets = forgetful_source(engine, node);
    sb_sink_facts facts = {0};
    sb_error ignored;
    sb_error_clear(&ignored);
    if (!connector || !connector->sink_facts ||
        connector->sink_facts(sink->table, &facts, &ignored) != SB_OK) {
        return;
    }
    const sb_decider_vtable *decider =
        connector->sink->decider ? connector->sink->decider(sink) : NULL;
    const char *kind = "at least once";
    if (facts.loses || (forgets && !facts.transactional)) {
        kind = "none";
    } else if (facts.transactional) {
        kind = forgets ? "at most once" : "exactly once";
    } else if (facts.upsert) {
        kind = "at least once, and right in the end for each key";
    }
    sb_text_printf(out, "%s: %s", sink->table->name, kind);
    if (facts.loses) {
        sb_text_printf(out, " (weakest link: the sink waits for no acknowledgement)");
    } else if (forgets) {
        sb_text_printf(out, " (weakest link: %s cannot be read again)", forgets->name);
    } else if (!facts.transactional) {
        sb_text_printf(out, " (weakest link: the sink, rows are there before their checkpoint)");
    }
    sb_text_printf(out, decider ? ", decided by a transaction of %s\n" : "\n",
                   decider ? decider->name : "");
}

void
sb_engine_print_promises(const sabot_engine *engine, const sb_plan *plan, sb_text *out)
{
    const char *head = "\n== Promises ==\n";
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        const sb_plan_node *node = plan->nodes[i];
        if (node->kind == SB_NODE_SINK && !((const sb_sink_node *)node->body)->collect) {
            sb_text_add(out, head);
            head = "";
            print_sink(engine, node, out);
        }
    }
}
