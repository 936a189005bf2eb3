"""What a test does to topics, by a client that shares no code with Sabot: confluent-kafka, whose wheel carries a librdkafka of
its own. `read_pure` reads by a second one, kafka-python, which is Python all the way down.

A record is a dict: topic, partition, offset, timestamp (ms), timestamp_type ("create", "append" or "none"), key and value (bytes or
None), headers (list of [name, bytes or None]). To produce, value alone is enough.
"""
import sys
import time

import confluent_kafka as ck
from confluent_kafka import admin as ck_admin

TIMESTAMP_TYPES = {ck.TIMESTAMP_NOT_AVAILABLE: "none", ck.TIMESTAMP_CREATE_TIME: "create", ck.TIMESTAMP_LOG_APPEND_TIME: "append"}
QUIET = {"log_level": 2}  # a broker that is killed on purpose is no news
# What a broker that came back, or a leader or coordinator that moves, may answer for a while.
PASSING = {getattr(ck.KafkaError, name) for name in (
    "_TRANSPORT", "_TIMED_OUT", "_ALL_BROKERS_DOWN", "_UNKNOWN_PARTITION", "NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS",
    "COORDINATOR_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION", "LEADER_NOT_AVAILABLE", "BROKER_NOT_AVAILABLE", "REPLICA_NOT_AVAILABLE",
    "REQUEST_TIMED_OUT", "NETWORK_EXCEPTION", "UNKNOWN_TOPIC_OR_PART", "KAFKA_STORAGE_ERROR", "OFFSET_NOT_AVAILABLE",
    "FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH")}
UNCOMMITTED, COMMITTED = "read_uncommitted", "read_committed"


def encode(value):
    return value.encode() if isinstance(value, str) else value


def patiently(ask, timeout_s=30):
    """The answer, asked for again while it is an error that passes."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return ask()
        except ck.KafkaException as error:
            if error.args[0].code() not in PASSING or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


class Client:
    """Works on one cluster; thread-safe as far as confluent-kafka is. `security` as Cluster.client_security gives it."""

    def __init__(self, bootstrap, security=None):
        self.config = {"bootstrap.servers": bootstrap, **QUIET, **(security or {})}
        self._admin = None

    @property
    def admin(self):
        if self._admin is None:
            self._admin = ck_admin.AdminClient(dict(self.config))
        return self._admin

    # ---- topics -----------------------------------------------------------------------------------
    def create_topic(self, name, partitions=1, replication=-1, config=None, timeout_s=30):
        new = ck_admin.NewTopic(name, num_partitions=partitions, replication_factor=replication, config=config or {})
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                self.admin.create_topics([new], operation_timeout=10)[name].result(20)
                break
            except ck.KafkaException as error:
                # A broker that has just come back may not be in service, and a deleted topic not quite gone.
                if error.args[0].code() == ck.KafkaError.TOPIC_ALREADY_EXISTS and time.monotonic() > deadline - timeout_s + 5:
                    raise
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)
        self.wait_topic(name, partitions, timeout_s)

    def delete_topic(self, name):
        self.admin.delete_topics([name], operation_timeout=10)[name].result(20)

    def add_partitions(self, name, total):
        self.admin.create_partitions([ck_admin.NewPartitions(name, total)])[name].result(20)
        self.wait_topic(name, total)

    def topics(self, timeout_s=10):
        """Name -> number of partitions."""
        found = patiently(lambda: self.admin.list_topics(timeout=timeout_s)).topics
        return {name: len(topic.partitions) for name, topic in found.items() if topic.error is None}

    def wait_topic(self, name, partitions, timeout_s=30):
        """Until every partition has a leader."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                topic = self.admin.list_topics(name, timeout=5).topics.get(name)
                if topic and topic.error is None and len(topic.partitions) >= partitions \
                        and all(p.leader >= 0 for p in topic.partitions.values()):
                    return
            except ck.KafkaException:
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f"topic {name} has no {partitions} partitions with leaders after {timeout_s} s")
            time.sleep(0.1)

    def leader(self, topic, partition=0):
        return self.admin.list_topics(topic, timeout=10).topics[topic].partitions[partition].leader

    # ---- writing ----------------------------------------------------------------------------------
    def producer(self, **config):
        return ck.Producer({**self.config, "linger.ms": 2, **{k.replace("_", "."): v for k, v in config.items()}})

    @staticmethod
    def send(producer, topic, record, failures):
        """One record into the queue of a producer; waits where the queue is full."""
        headers = record.get("headers")
        if isinstance(headers, dict):
            headers = list(headers.items())
        options = {}
        if record.get("partition") is not None:
            options["partition"] = record["partition"]
        if record.get("timestamp") is not None:
            options["timestamp"] = record["timestamp"]
        if headers:
            options["headers"] = [(name, encode(value)) for name, value in headers]

        def delivered(error, _):
            if error is not None:
                failures.append(error)

        while True:
            try:
                producer.produce(topic, key=encode(record.get("key")), value=encode(record.get("value")), on_delivery=delivered, **options)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)

    def produce(self, topic, records, timeout_s=60, **config):
        """Writes records and waits until they are there."""
        producer, failures = self.producer(**config), []
        for record in records:
            self.send(producer, topic, record if isinstance(record, dict) else {"value": record}, failures)
        left = producer.flush(timeout_s)
        if left or failures:
            raise RuntimeError(f"{topic}: {left} records not delivered, {failures[:1]}")

    def transaction(self, topic, records, end="commit", transactional_id=None, timeout_ms=60000):
        """Writes records in one transaction. end: commit, abort, or open, which gives the producer to the caller."""
        name = transactional_id or f"test-{time.monotonic_ns()}"
        producer, failures = self.producer(**{"transactional.id": name, "transaction.timeout.ms": timeout_ms}), []
        producer.init_transactions(30)
        producer.begin_transaction()
        for record in records:
            self.send(producer, topic, record if isinstance(record, dict) else {"value": record}, failures)
        producer.flush(30)
        if failures:
            raise RuntimeError(f"{topic}: {failures[0]}")
        if end == "open":
            return producer
        if end == "commit":
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
        self.wait_no_open_transaction([topic])  # the coordinator writes the markers later
        return None

    # ---- reading ----------------------------------------------------------------------------------
    def consumer(self, isolation=COMMITTED, **config):
        return ck.Consumer({**self.config, "group.id": config.pop("group", f"test-{time.monotonic_ns()}"), "enable.auto.commit": False,
                            "isolation.level": isolation, "enable.partition.eof": True, "auto.offset.reset": "earliest", **config})

    def read(self, topic, isolation=COMMITTED, timeout_s=60, start=None):
        """All records of a topic up to the end it has now (of that isolation), by partition and offset.

        start: partition -> first offset
        """
        consumer = self.consumer(isolation)
        try:
            ends = self.end_offsets(topic, isolation)
            begin = start or {}
            consumer.assign([ck.TopicPartition(topic, p, begin.get(p, ck.OFFSET_BEGINNING)) for p in sorted(ends)])
            waiting = {p for p in ends if ends[p] > begin.get(p, 0)}
            records, deadline = [], time.monotonic() + timeout_s
            while waiting:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{topic}: partitions {sorted(waiting)} not read to their end {ends} in {timeout_s} s")
                for message in consumer.consume(5000, 0.5):
                    error = message.error()
                    if error is None:
                        if message.offset() < ends[message.partition()]:
                            records.append(self._record(message))
                        else:
                            waiting.discard(message.partition())
                    elif error.code() == ck.KafkaError._PARTITION_EOF:
                        # The end that was asked for may lie behind an open transaction that has ended since.
                        if message.offset() >= ends[message.partition()]:
                            waiting.discard(message.partition())
                    elif error.fatal() or not error.retriable() and error.code() not in PASSING:
                        raise ck.KafkaException(error)
            records.sort(key=lambda r: (r["partition"], r["offset"]))
            return records
        finally:
            consumer.close()

    @staticmethod
    def _record(message):
        kind, stamp = message.timestamp()
        return {"topic": message.topic(), "partition": message.partition(), "offset": message.offset(), "timestamp": stamp,
                "timestamp_type": TIMESTAMP_TYPES[kind], "key": message.key(), "value": message.value(),
                "headers": [[name, value] for name, value in message.headers() or []]}

    # ---- offsets ----------------------------------------------------------------------------------
    def partitions(self, topic):
        """How many there are; UNKNOWN_TOPIC_OR_PART if there is no such topic."""
        found = self.admin.list_topics(topic, timeout=10).topics[topic]
        if found.error is not None:
            raise ck.KafkaException(found.error)
        return len(found.partitions)

    def _list_offsets(self, topic, spec, isolation):
        level = ck.IsolationLevel.READ_COMMITTED if isolation == COMMITTED else ck.IsolationLevel.READ_UNCOMMITTED

        def ask():
            wanted = {ck.TopicPartition(topic, p): spec for p in range(self.partitions(topic))}
            asked = self.admin.list_offsets(wanted, isolation_level=level, request_timeout=20)
            return {one.partition: future.result(25).offset for one, future in asked.items()}
        return patiently(ask)

    def end_offsets(self, topic, isolation=UNCOMMITTED):
        """Partition -> offset behind the last record. For read_committed that is before the first open transaction."""
        return self._list_offsets(topic, ck_admin.OffsetSpec.latest(), isolation)

    def begin_offsets(self, topic):
        return self._list_offsets(topic, ck_admin.OffsetSpec.earliest(), UNCOMMITTED)

    def open_partitions(self, topic):
        """Partitions in which a transaction is open: partition -> (committed end, end)."""
        high, low = self.end_offsets(topic, UNCOMMITTED), self.end_offsets(topic, COMMITTED)
        return {p: (low[p], high[p]) for p in high if low[p] < high[p]}

    def wait_no_open_transaction(self, topics, timeout_s=30):
        """Until a read_committed reader reaches the end of each topic. TimeoutError names what stays open."""
        deadline = time.monotonic() + timeout_s
        while True:
            left = {topic: found for topic in topics for found in [self.open_partitions(topic)] if found}
            if not left:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"transactions stay open: {left}")
            time.sleep(0.2)

    def group_offsets(self, group):
        """(topic, partition) -> offset that the group has committed."""
        found = self._of_group(lambda: self.admin.list_consumer_group_offsets([ck.ConsumerGroupTopicPartitions(group)])[group])
        return {(one.topic, one.partition): one.offset for one in found if one.offset >= 0}

    def set_group_offsets(self, group, topic, offsets):
        wanted = [ck.ConsumerGroupTopicPartitions(group, [ck.TopicPartition(topic, p, offset) for p, offset in offsets.items()])]
        self._of_group(lambda: self.admin.alter_consumer_group_offsets(wanted)[group])

    @staticmethod
    def _of_group(ask):
        """The partitions of an answer; the broker makes the coordinator of a group with the first question."""
        def once():
            found = ask().result(20).topic_partitions
            for one in found:
                if one.error is not None:
                    raise ck.KafkaException(one.error)
            return found
        return patiently(once)


def read_pure(bootstrap, topic, isolation=COMMITTED, timeout_s=60):
    """As Client.read, by kafka-python; (partition, key, value) in order of partition and offset."""
    import kafka
    consumer = kafka.KafkaConsumer(bootstrap_servers=bootstrap.split(","), isolation_level=isolation, auto_offset_reset="earliest",
                                   enable_auto_commit=False, group_id=None)
    try:
        deadline, partitions = time.monotonic() + timeout_s, None
        while not partitions:
            partitions = consumer.partitions_for_topic(topic)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{topic}: no partitions")
        wanted = [kafka.TopicPartition(topic, p) for p in sorted(partitions)]
        consumer.assign(wanted)
        ends = consumer.end_offsets(wanted)  # by the consumer's isolation level
        consumer.seek_to_beginning(*wanted)
        records = []
        while any(consumer.position(one) < ends[one] for one in wanted):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{topic}: not read to its end {ends} in {timeout_s} s")
            for batch in consumer.poll(timeout_ms=500).values():
                records += [(r.partition, r.offset, r.key, r.value) for r in batch]
        return [(p, key, value) for p, _, key, value in sorted(records, key=lambda r: r[:2])]
    finally:
        consumer.close()


def quiet_kafka_python():
    import logging
    logging.getLogger("kafka").setLevel(logging.CRITICAL)


if __name__ == "__main__":
    sys.exit(__doc__)
