#!/usr/bin/env python3
"""Stands in for sabot in the kill loop's own test: copies topic `a` to `out-stateless` as the stateless job does.

    standin.py run job.sql --state DIR        offsets and output in one transaction: exactly once
    STANDIN=leaky standin.py run ...          output at once, offsets later: the kill loop must find the duplicates
    STANDIN=lossy standin.py run ...          offsets first, output later: the kill loop must find the loss
"""
import json
import os
import re
import signal
import sys
import time

import confluent_kafka as ck

PASSED = {}


def crash_point(name):
    """SABOT_CRASH_AT=name[:n], as in sabot."""
    spec = os.environ.get("SABOT_CRASH_AT", "").split(":")
    PASSED[name] = PASSED.get(name, 0) + 1
    if spec[0] == name and PASSED[name] == int(spec[1] if len(spec) > 1 else 1):
        os.kill(os.getpid(), signal.SIGKILL)


def result(message):
    row = json.loads(message.value())
    return None if row["id"] < 0 or row["id"] % 10 == 3 else json.dumps({"id": row["id"], "twice": row["v"] * 2}).encode()


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        sql = file.read()
    bootstrap = re.search(r"'properties.bootstrap.servers' = '([^']*)'", sql).group(1)
    timeout_ms = int(re.search(r"'properties.transaction.timeout.ms' = '(\d+)'", sql).group(1))
    kind, stop = os.environ.get("STANDIN", "exact"), []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    consumer = ck.Consumer({"bootstrap.servers": bootstrap, "group.id": "standin", "enable.auto.commit": False, "auto.offset.reset": "earliest",
                            "isolation.level": "read_committed", "log_level": 2, "session.timeout.ms": 6000,
                            "topic.metadata.refresh.interval.ms": 1000})
    config = {"bootstrap.servers": bootstrap, "log_level": 2}
    if kind == "exact":
        config.update({"transactional.id": "loop-stateless-0", "transaction.timeout.ms": timeout_ms})
    producer = ck.Producer(config)
    if kind == "exact":
        producer.init_transactions()
    assigned, looked = 0, 0.0
    while not stop:
        # Partitions are assigned, not subscribed: what fences an old copy is the transactional id alone.
        if time.monotonic() > looked + 1:
            looked, count = time.monotonic(), len(consumer.list_topics("a", timeout=30).topics["a"].partitions)
            if count > assigned:
                try:
                    fresh = consumer.committed([ck.TopicPartition("a", p) for p in range(assigned, count)], timeout=30)
                except ck.KafkaException:  # the coordinator is not there yet
                    looked = 0.0
                    continue
                if any(p.error is not None for p in fresh):
                    looked = 0.0
                    continue
                consumer.incremental_assign([ck.TopicPartition("a", p.partition, p.offset if p.offset >= 0 else 0) for p in fresh])
                assigned = count
        messages = [m for m in consumer.consume(500, 0.3) if m.error() is None]
        if not messages:
            continue
        ends = {m.partition(): m.offset() + 1 for m in messages}
        offsets = [ck.TopicPartition("a", p, offset) for p, offset in ends.items()]
        values = [x for x in map(result, messages) if x is not None]
        if kind == "exact":
            producer.begin_transaction()
        if kind == "lossy":
            consumer.commit(offsets=offsets, asynchronous=False)
            time.sleep(0.2)
        for value in values:
            producer.produce("out-stateless", value=value)
        crash_point("kafka-flush-before")
        producer.flush()
        crash_point("kafka-flush-after")
        if kind == "exact":
            producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata())
            crash_point("kafka-commit-before")
            producer.commit_transaction()
            crash_point("kafka-commit-after")
        elif kind == "leaky":
            time.sleep(0.2)
            consumer.commit(offsets=offsets, asynchronous=False)
    consumer.close()


if __name__ == "__main__":
    main()
