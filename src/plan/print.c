/*
 * plan/print.c -- plans for people: tree (EXPLAIN), JSON, DOT.
 *
 * DESIGN     The tree reads from the sink down, as Flink prints it. A node with several consumers
 *            is printed once, with a number that the other places refer to.
 * THREADS    T:any
 */
#include <string.h>

#include "plan/plan_priv.h"

/* ---- pieces ---- */

static void
print_ops(uint8_t ops, sb_text *out)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } names[] = {{SB_ROW_BIT(SB_ROW_INSERT), "I"},
                 {SB_ROW_BIT(SB_ROW_UPDATE_BEFORE), "UB"},
                 {SB_ROW_BIT(SB_ROW_UPDATE_AFTER), "UA"},
                 {SB_ROW_BIT(SB_ROW_DELETE), "D"}};

    bool first = true;

    for (int i = 0; i < 4; i++) {
        if (ops & names[i].bit) {
            sb_text_printf(out, "%s%s", first ? "" : ",", names[i].name);
            first = false;
        }
    }
}

static void
print_columns(const sb_columns *columns, const sb_schema *schema, sb_text *out)
{
    for (int32_t i = 0; i < columns->count; i++) {
        sb_text_printf(out, "%s%s", i > 0 ? ", " : "", schema->fields[columns->at[i]].name);
    }
}

static void
print_exchange(const sb_exchange *exchange, const sb_schema *schema, sb_text *out)
{
    switch (exchange->kind) {
    case SB_EXCHANGE_FORWARD: sb_text_add(out, "forward"); break;
    case SB_EXCHANGE_HASH:
        sb_text_add(out, "hash[");
        print_columns(&exchange->keys, schema, out);
        sb_text_char(out, ']');
        break;
    case SB_EXCHANGE_REBALANCE: sb_text_add(out, "rebalance"); break;
    case SB_EXCHANGE_BROADCAST: sb_text_add(out, "broadcast"); break;
    case SB_EXCHANGE_GLOBAL: sb_text_add(out, "single"); break;
    }
}

/* ---- tree ---- */

#define PRINT_DEPTH_MAX 2000

typedef struct printer {
    const sb_plan *plan;
    sb_plan_detail detail;
    sb_text *out;
    int32_t
        *reuse; /* per node: 0 not printed yet, else its number (or -1: printed, single consumer) */
    int32_t count_reuse;
    sb_text prefix; /* what stands before the line of a child */
} printer;

/* Upsert keys, time, distribution, parallelism and columns of a node, each as ", name=[...]". */
static void
print_traits(const sb_plan_node *node, sb_text *out)
{
    const sb_traits *traits = &node->traits;

    if (traits->upsert_keys.count > 0) {
        sb_text_add(out, ", upsertKeys=[");
        for (int32_t i = 0; i < traits->upsert_keys.count; i++) {
            sb_text_add(out, i > 0 ? ", (" : "(");
            print_columns(&traits->upsert_keys.at[i], node->schema, out);
            sb_text_char(out, ')');
        }
        sb_text_char(out, ']');
    }
    for (int32_t i = 0; i < traits->count_time; i++) {
        sb_text_printf(out, ", %s=[%s]",
                       traits->time[i].kind == SB_TIME_EVENT ? "rowtime" : "proctime",
                       node->schema->fields[traits->time[i].column].name);
    }
    if (traits->partition.count > 0) {
        sb_text_add(out, ", distributedBy=[");
        print_columns(&traits->partition, node->schema, out);
        sb_text_char(out, ']');
    }
    if (traits->determinism != SB_DETERMINISTIC) {
        sb_text_printf(out, ", deterministic=[%s]",
                       traits->determinism == SB_PER_QUERY ? "per query" : "no");
    }
    if (node->parallelism > 0) {
        sb_text_printf(out, ", parallelism=[%d]", node->parallelism);
    }
    sb_text_add(out, ", columns=[");
    for (int32_t i = 0; i < node->schema->count; i++) {
        sb_text_printf(out, "%s%s ", i > 0 ? ", " : "", node->schema->fields[i].name);
        sb_type_print(&node->schema->fields[i].type, out);
    }
    sb_text_char(out, ']');
}

static void
print_description(printer *p, const sb_plan_node *node, int32_t reuse)
{
    const char *text =
        node->description != NULL ? node->description : sb_plan_kind_name(node->kind);
    size_t length = strlen(text);
    bool closed = length > 0 && text[length - 1] == ')';

    sb_text_append(p->out, text, closed ? length - 1 : length);
    if (p->detail != SB_PLAN_PLAIN) {
        sb_text_add(p->out, closed ? ", changelogMode=[" : "(changelogMode=[");
        if (node->kind == SB_NODE_SINK) {
            sb_text_add(p->out, "NONE");
        } else {
            print_ops(node->traits.row_ops, p->out);
        }
        sb_text_char(p->out, ']');
        closed = true;
    }
    if (p->detail == SB_PLAN_ALL) {
        print_traits(node, p->out);
    }
    sb_text_add(p->out, closed ? ")" : "");
    if (reuse > 0) {
        sb_text_printf(p->out, "(reuse_id=[%d])", reuse);
    }
    sb_text_char(p->out, '\n');
}

static void print_node(printer *p, const sb_plan_node *node, int32_t depth);

static void
print_child(printer *p, const sb_plan_node *node, int32_t input, int32_t depth)
{
    const sb_exchange *exchange = &node->exchanges[input];
    bool last = input == node->count_inputs - 1;
    size_t before = p->prefix.size;

    sb_text_printf(p->out, "%s%s", p->prefix.data, last ? "+- " : ":- ");
    sb_text_add(&p->prefix, last ? "   " : ":  ");
    if (exchange->kind != SB_EXCHANGE_FORWARD) {
        sb_text_add(p->out, "Exchange(distribution=[");
        print_exchange(exchange, node->inputs[input]->schema, p->out);
        sb_text_char(p->out, ']');
        if (p->detail != SB_PLAN_PLAIN) {
            sb_text_add(p->out, ", changelogMode=[");
            print_ops(node->inputs[input]->traits.row_ops, p->out);
            sb_text_char(p->out, ']');
        }
        sb_text_printf(p->out, ")\n%s+- ", p->prefix.data);
        sb_text_add(&p->prefix, "   ");
    }
    print_node(p, node->inputs[input], depth + 1);
    p->prefix.size = before;
    p->prefix.data[before] = '\0';
}

static void
print_node(printer *p, const sb_plan_node *node, int32_t depth)
{
    int32_t index = sb_plan_index(p->plan, node);

    if (depth > PRINT_DEPTH_MAX || sb_text_failed(&p->prefix)) {
        sb_text_add(p->out, "...\n");
        return;
    }
    if (p->reuse[index] > 0) {
        sb_text_printf(p->out, "Reused(reference_id=[%d])\n", p->reuse[index]);
        return;
    }
    p->reuse[index] = node->count_consumers > 1 ? ++p->count_reuse : -1;
    print_description(p, node, p->reuse[index]);
    for (int32_t i = 0; i < node->count_inputs; i++) {
        print_child(p, node, i, depth);
    }
}

void
sb_plan_print(const sb_plan *plan, sb_plan_detail detail, sb_text *out)
{
    size_t size = sizeof(int32_t) * (size_t)(plan->count_nodes + 1);
    printer p = {
        .plan = plan, .detail = detail, .out = out, .reuse = sb_alloc_zero(out->mem, size)};

    if (p.reuse == NULL) {
        out->failed = true;
        return;
    }
    sb_text_init(&p.prefix, out->mem);
    for (int32_t i = 0; i < plan->count_sinks; i++) {
        sb_text_add(out, i > 0 ? "\n" : "");
        print_node(&p, plan->sinks[i], 0);
    }
    if (detail == SB_PLAN_ALL && plan->rules != NULL) {
        sb_text_printf(out, "\nRules: %s\n", plan->rules);
    }
    sb_text_deinit(&p.prefix);
    sb_free(out->mem, p.reuse, size);
}

/* ---- JSON ---- */

static void
print_json_string(const char *text, sb_text *out)
{
    sb_text_char(out, '"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\') {
            sb_text_printf(out, "\\%c", c);
        } else if (c == '\n') {
            sb_text_add(out, "\\n");
        } else if (c < 0x20) {
            sb_text_printf(out, "\\u%04x", c);
        } else {
            sb_text_char(out, (char)c);
        }
    }
    sb_text_char(out, '"');
}

static void
print_json_node(const sb_plan_node *node, sb_text *out)
{
    sb_text_printf(out, "    {\"id\": %u, \"type\": ", node->node_id);
    print_json_string(sb_plan_kind_name(node->kind), out);
    sb_text_add(out, ", \"contents\": ");
    print_json_string(node->description != NULL ? node->description : "", out);
    sb_text_printf(out, ", \"parallelism\": %d, \"changelog_mode\": \"", node->parallelism);
    print_ops(node->traits.row_ops, out);
    sb_text_add(out, "\", \"upsert_keys\": [");
    for (int32_t i = 0; i < node->traits.upsert_keys.count; i++) {
        sb_text_add(out, i > 0 ? ", [" : "[");
        for (int32_t k = 0; k < node->traits.upsert_keys.at[i].count; k++) {
            sb_text_add(out, k > 0 ? ", " : "");
            print_json_string(node->schema->fields[node->traits.upsert_keys.at[i].at[k]].name, out);
        }
        sb_text_char(out, ']');
    }
    sb_text_add(out, "], \"columns\": [");
    for (int32_t i = 0; i < node->schema->count; i++) {
        sb_text type;

        sb_text_init(&type, out->mem);
        sb_type_print(&node->schema->fields[i].type, &type);
        sb_text_add(out, i > 0 ? ", {\"name\": " : "{\"name\": ");
        print_json_string(node->schema->fields[i].name, out);
        sb_text_add(out, ", \"type\": ");
        print_json_string(type.data, out);
        sb_text_char(out, '}');
        sb_text_deinit(&type);
    }
    sb_text_add(out, "], \"predecessors\": [");
    for (int32_t i = 0; i < node->count_inputs; i++) {
        sb_text exchange;

        sb_text_init(&exchange, out->mem);
        print_exchange(&node->exchanges[i], node->inputs[i]->schema, &exchange);
        sb_text_printf(out, "%s{\"id\": %u, \"ship_strategy\": ", i > 0 ? ", " : "",
                       node->inputs[i]->node_id);
        print_json_string(exchange.data, out);
        sb_text_char(out, '}');
        sb_text_deinit(&exchange);
    }
    sb_text_add(out, "]}");
}

void
sb_plan_print_json(const sb_plan *plan, sb_text *out)
{
    sb_text_add(out, "{\n  \"nodes\": [\n");
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        print_json_node(plan->nodes[i], out);
        sb_text_add(out, i + 1 < plan->count_nodes ? ",\n" : "\n");
    }
    sb_text_add(out, "  ]");
    if (plan->rules != NULL) {
        sb_text_add(out, ",\n  \"rules\": ");
        print_json_string(plan->rules, out);
    }
    sb_text_add(out, "\n}\n");
}

/* ---- DOT ---- */

static void
print_dot_string(const char *text, size_t limit, sb_text *out)
{
    sb_text_char(out, '"');
    for (size_t i = 0; text[i] != '\0' && (i < limit || ((unsigned char)text[i] & 0xC0) == 0x80);
         i++) {
        if (text[i] == '"' || text[i] == '\\') {
            sb_text_char(out, '\\');
        }
        sb_text_char(out, text[i] == '\n' ? ' ' : text[i]);
    }
    sb_text_char(out, '"');
}

void
sb_plan_print_dot(const sb_plan *plan, sb_text *out)
{
    sb_text_add(out, "digraph plan {\n  rankdir=LR;\n  node [shape=box];\n");
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        const sb_plan_node *node = plan->nodes[i];

        sb_text_printf(out, "  n%d [label=", i);
        print_dot_string(node->description != NULL ? node->description
                                                   : sb_plan_kind_name(node->kind),
                         120, out);
        sb_text_add(out, "];\n");
        for (int32_t k = 0; k < node->count_inputs; k++) {
            sb_text label;

            sb_text_init(&label, out->mem);
            print_exchange(&node->exchanges[k], node->inputs[k]->schema, &label);
            sb_text_printf(out, "  n%d -> n%d [label=", sb_plan_index(plan, node->inputs[k]), i);
            print_dot_string(label.data, 120, out);
            sb_text_add(out, "];\n");
            sb_text_deinit(&label);
        }
    }
    sb_text_add(out, "}\n");
}
