/*
 * connectors/kafka/kafka_testing.c -- see kafka_testing.h.
 */
#include "connectors/kafka/kafka_testing.h"

#include <string.h>

#include "base/os/sim.h"

void
sb_kafka_testing_open(sb_kafka_testing *t, uint64_t seed)
{
    t->arena = sb_arena_new(sb_mem_root());
    t->os = sb_os_sim_new(seed);
    t->sim = sb_log_sim_new(t->os, seed);
    t->os->log_driver = &sb_log_driver_sim;
    t->os->log_cluster = t->sim;
}

void
sb_kafka_testing_close(sb_kafka_testing *t)
{
    sb_log_sim_free(t->sim);
    sb_os_sim_free(t->os);
    t->arena = sb_arena_free(t->arena);
}

sb_table_desc *
sb_kafka_testing_table(sb_arena *arena, const char *connector, const char *schema, const char *key,
                       const char *const *pairs)
{
    const char *all[64] = {"properties.bootstrap.servers", "here:9092"};
    int32_t count = 2;
    bool topic = false;
    for (int32_t i = 0; pairs && pairs[i]; i += 2) {
        topic |= strncmp(pairs[i], "topic", 5) == 0;
        all[count++] = pairs[i];
        all[count++] = pairs[i + 1];
    }
    if (!topic) {
        all[count++] = "topic";
        all[count++] = "t";
    }
    sb_table_desc *table = sb_testing_table(arena, connector, schema, all);
    int32_t *columns = SB_NEW_ARRAY(arena, int32_t, 8);
    for (const char *p = key; p && *p;) {
        size_t size = strcspn(p, " ");
        int32_t column = sb_schema_find(table->columns, (sb_str){p, size});
        sb_assert(column >= 0);
        columns[table->primary_key.count++] = column;
        p += size + (p[size] == ' ');
    }
    table->primary_key.at = columns;
    return table;
}

static void
add(sb_text *out, const char *name, sb_str text)
{
    if (text.data) {
        sb_text_printf(out, " %s=%.*s", name, (int)text.size, text.data);
    }
}

static void
visit(void *ctx, int32_t partition, const sb_log_record *record)
{
    sb_text *out = ctx;
    sb_log_header header;
    sb_text_printf(out, "%d", partition);
    add(out, "key", record->key);
    add(out, "value", record->value);
    if (record->timestamp_ms > 0 && record->timestamp_ms < 1000000) { /* no clock says so */
        sb_text_printf(out, " @%lld", (long long)record->timestamp_ms);
    }
    for (int32_t i = 0; sb_log_driver_sim.header(record, i, &header); i++) {
        sb_text_printf(out, " {%.*s=%.*s}", (int)header.key.size, header.key.data,
                       header.value.data ? (int)header.value.size : 4,
                       header.value.data ? header.value.data : "NULL");
    }
    sb_text_char(out, '\n');
}

char *
sb_kafka_testing_read(sb_kafka_testing *t, const char *topic, bool committed)
{
    sb_text out;
    sb_text_init(&out, sb_mem_root());
    sb_log_sim_read(t->sim, topic, committed, visit, &out);
    char *text = sb_arena_strdup(t->arena, out.data);
    sb_text_deinit(&out);
    return text;
}
