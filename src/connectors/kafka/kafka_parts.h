/*
 * connectors/kafka/kafka_parts.h -- key and value of the messages of a table: formats and columns.
 */
#ifndef SB_CONNECTORS_KAFKA_KAFKA_PARTS_H
#define SB_CONNECTORS_KAFKA_KAFKA_PARTS_H

#include "connectors/kafka/kafka_options.h"

/* "a;b;c" -> names without the blanks around them; an empty one is refused. */
sb_status sb_kafka_list(const sb_table_desc *table, const char *key, sb_arena *arena,
                        const char *const **out, int32_t *out_count, sb_error *err);

/* Finds the formats; needs `upsert`. */
sb_status sb_kafka_find_formats(const sb_table_desc *table, sb_arena *arena, sb_kafka_options *o,
                                sb_error *err);
/* Finds the columns of the parts, and asks the formats about them. */
sb_status sb_kafka_fill_parts(const sb_table_desc *table, sb_kafka_side side, sb_arena *arena,
                              sb_kafka_options *o, sb_error *err);

#endif
