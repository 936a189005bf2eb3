/*
 * engine/topic.h -- a topic of Apache Kafka read as it is, without a table: for PRINT, SHOW TOPICS
 * and sabot infer.
 *
 * DESIGN     A consumer without a group reads all partitions from the first record, or from what is
 *            the end when it is opened. Properties are those of a Kafka table, with or without
 *            "properties." in front; the brokers may come from the option
 *            sabot.kafka.bootstrap.servers instead.
 * THREADS    the engine's thread.
 */
#ifndef SB_ENGINE_TOPIC_H
#define SB_ENGINE_TOPIC_H

#include "engine/engine_priv.h"
#include "ports/log.h"

typedef struct sb_topic_part {
    int32_t partition, handle;
    int64_t end;  /* behind the last record when it was opened */
    int64_t next; /* offset of what comes next */
} sb_topic_part;

typedef struct sb_topic {
    sabot_engine *engine;
    sb_arena *arena;
    const sb_log_driver *driver;
    sb_log *log;
    sb_log_consumer *consumer;
    const char *name;
    sb_topic_part *parts;
    int32_t count, count_open; /* partitions; those that are consumed */
    int32_t polled;            /* which was polled last */
    sb_log_records records;
    bool uncommitted; /* sees all records */
    bool holds;       /* `records` are to be released */
    int32_t at;       /* next one of them */
} sb_topic;

/* The name of a property without "properties." in front. */
const char *sb_topic_property(const char *key);

/* All topics but internal ones, in the arena of *topic, which is opened for that. T:io */
sb_status sb_topic_list(sb_topic *topic, sabot_engine *engine, const sabot_option *properties,
                        size_t count, sb_log_topic **out, int32_t *out_count, sb_error *err);

/* Zeroed before. NOT_FOUND: the hint tells which topics there are. T:io */
sb_status sb_topic_open(sb_topic *topic, sabot_engine *engine, const char *name,
                        const sabot_option *properties, size_t count, bool from_beginning,
                        sb_error *err);
void sb_topic_close(sb_topic *topic); /* accepts a zeroed one */
/* The next record, valid until the next call; *out NULL: none within timeout_ms. T:io */
sb_status sb_topic_next(sb_topic *topic, int64_t timeout_ms, const sb_log_record **out,
                        int32_t *out_partition, sb_error *err);
/* Has all been read that was there when it was opened? */
bool sb_topic_is_read(const sb_topic *topic);

#endif
