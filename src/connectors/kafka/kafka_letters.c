/*
 * connectors/kafka/kafka_letters.c -- records that cannot be read, in a topic.
 *
 * DESIGN     A letter is the record itself, key, value, time and headers, with headers of ours that
 *            say why, and from where it came. Letters are delivered before positions behind them
 *            are written, so none is lost; one may come twice.
 * THREADS    T:task
 */
#include <stdio.h>
#include <string.h>

#include "connectors/kafka/kafka_source.h"

#define OWN_HEADERS 7
#define ALL_HEADERS 64 /* more of the record's own are left out */

static void
own_header(sb_log_append *letter, sb_log_header *headers, const char *key, const char *value)
{
    headers[letter->count_headers++] = (sb_log_header){sb_str_of(key), sb_str_of(value)};
}

static sb_status
deliver(sb_kafka_letters *l, const sb_log_append *letter, sb_error *err)
{
    int32_t taken = 0;
    while (taken == 0) {
        SB_TRY(l->driver->append(l->producer, letter, 1, &taken, err), err);
        if (taken == 0) {
            SB_TRY(l->driver->flush(l->producer, err), err);
        }
    }
    l->waiting++;
    return SB_OK;
}

sb_status
sb_kafka_letters_add(sb_kafka_letters *l, const char *topic, int32_t partition,
                     const sb_log_record *record, bool key, const char *reason, sb_error *err)
{
    static const sb_log_producer_options options = {0};
    sb_log_header headers[ALL_HEADERS];
    char partition_text[16], offset_text[24], time_text[24];
    sb_log_append letter = {
        .topic = l->topic,
        .partition = -1,
        .key = record->key,
        .value = record->value,
        .timestamp_ms = record->timestamp_ms,
        .headers = headers,
    };
    if (!l->producer) {
        SB_TRY(l->driver->producer_open(l->log, &options, &l->producer, err), err);
    }
    snprintf(partition_text, sizeof partition_text, "%d", partition);
    snprintf(offset_text, sizeof offset_text, "%lld", (long long)record->offset);
    snprintf(time_text, sizeof time_text, "%lld", (long long)record->timestamp_ms);
    sb_log_header theirs;
    for (int32_t i = 0;
         letter.count_headers < ALL_HEADERS - OWN_HEADERS && l->driver->header(record, i, &theirs);
         i++) {
        headers[letter.count_headers++] = theirs;
    }
    own_header(&letter, headers, "__sabot_reason", reason);
    own_header(&letter, headers, "__sabot_part", key ? "key" : "value");
    own_header(&letter, headers, "__sabot_topic", topic);
    own_header(&letter, headers, "__sabot_partition", partition_text);
    own_header(&letter, headers, "__sabot_offset", offset_text);
    own_header(&letter, headers, "__sabot_timestamp", time_text);
    sb_status status = deliver(l, &letter, err);
    if (status != SB_OK) {
        sb_error_prefix(err, "dead letters ('bad-records.topic' = '%s')", l->topic);
    }
    return status;
}

sb_status
sb_kafka_letters_flush(sb_kafka_letters *l, sb_error *err)
{
    if (!l->producer || l->waiting == 0) {
        return SB_OK;
    }
    sb_status status = l->driver->flush(l->producer, err);
    if (status != SB_OK) {
        sb_error_prefix(err, "dead letters ('bad-records.topic' = '%s')", l->topic);
        return status;
    }
    l->waiting = 0;
    return SB_OK;
}

void
sb_kafka_letters_close(sb_kafka_letters *l)
{
    if (l->producer) {
        (void)sb_kafka_letters_flush(l, NULL); /* a bounded job may end without a checkpoint */
        l->driver->producer_close(l->producer);
        l->producer = NULL;
    }
}
