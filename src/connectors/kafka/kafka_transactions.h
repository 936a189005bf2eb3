/*
 * connectors/kafka/kafka_transactions.h -- Kafka transactions as what decides checkpoints.
 *
 * DESIGN     Two producers with the transactional ids PREFIX-sabot-0 and -1 take turns: epoch k is
 *            a transaction of producer k mod 2, so rows behind a barrier go on while the one before
 *            it commits. A transaction carries, as the committed offset of the group PREFIX-sabot
 *            on partition 0 of a topic it writes (the first by name), the number of the checkpoint;
 *            the offset's metadata says whose it is. All exactly-once sinks of the job, and all
 *            their subtasks, write through them. Order of an opening: look, and leave a job alone
 *            that is another's and may go on; fence both producers; look again, for what was open
 *            is now committed or aborted.
 */
#ifndef SB_CONNECTORS_KAFKA_KAFKA_TRANSACTIONS_H
#define SB_CONNECTORS_KAFKA_KAFKA_TRANSACTIONS_H

#include "flow/decider.h"
#include "ports/log.h"

extern const sb_decider_vtable sb_kafka_transactions;

/* May this sink write rows of its epoch? Not before what it wrote in the one before is with the
 * log: rows of one partition must not change places. Asked until true, once an epoch; its wake is
 * called when it may have become true. T:task, any number at a time. */
bool sb_kafka_transactions_ready(sb_decider *d, int64_t epoch);

/* The producer whose open transaction is this epoch; valid until the decider is closed. T:task, any
 * number at a time. */
sb_log_producer *sb_kafka_transactions_producer(sb_decider *d, int64_t epoch);

#endif
