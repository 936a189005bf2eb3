"""The input of the kill loop: a known sequence, written at a steady rate while brokers come and go.

Row n has the id n, and everything else follows from it, so a test can say what must come out. Each row goes to every topic,
to partition n % partitions, by an idempotent producer that tries for minutes: each row is there once, in order.
"""
import json
import threading
import time

import confluent_kafka as ck

START_MS = 1704067200000  # 2024-01-01 00:00:00
STEP_MS = 10
KEYS = 50


def row(number):
    ms = START_MS + number * STEP_MS
    return {"id": number, "k": number % KEYS, "v": number * 7919 % 1000, "ts": stamp(ms)}


def stamp(ms):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(ms // 1000)) + ".%03d" % (ms % 1000)


def last_row(behind_ms):
    """A row far ahead in time, which fires all windows; jobs leave it out by its id."""
    return {"id": -1, "k": 0, "v": 0, "ts": stamp(START_MS + behind_ms)}


class Feeder(threading.Thread):
    """Rows 0, 1, 2, ... until finish(). `partitions`: topic -> how many are written to; only this thread changes them."""

    def __init__(self, client, partitions, rate):
        super().__init__(daemon=True)
        self.producer = client.producer(**{"enable.idempotence": True, "message.timeout.ms": 300000, "linger.ms": 5,
                                           "topic.metadata.refresh.interval.ms": 1000})
        self.partitions, self.rate = dict(partitions), rate
        self.count = 0          # rows handed to the producer
        self.delivered = 0      # records that a broker has acknowledged
        self.problem = None     # what went wrong, for good
        self._growth = {}       # topic -> new number of partitions, for the thread to take up
        self._again = []        # records of a partition that the client did not know yet
        self._end = threading.Event()

    def grow(self, topic, partitions):
        self._growth[topic] = partitions

    def run(self):
        begin = time.monotonic()
        try:
            while not self._end.is_set() and self.problem is None:
                due = int((time.monotonic() - begin) * self.rate)
                while self.count < due and not self._end.is_set():
                    self._take_growth()
                    text = json.dumps(row(self.count)).encode()
                    for topic, partitions in self.partitions.items():
                        self._send(topic, self.count % partitions, text)
                    self.count += 1
                self._send_again()
                self.producer.poll(0.005)
        except Exception as error:  # noqa: BLE001  shown by the loop
            self.problem = f"{type(error).__name__}: {error}"

    def _take_growth(self):
        for topic in list(self._growth):
            partitions = self._growth.pop(topic)
            self.producer.list_topics(topic, timeout=30)
            self.partitions[topic] = partitions

    def _send_again(self):
        again, self._again = self._again, []
        for topic, partition, text in again:
            self._send(topic, partition, text)

    def _send(self, topic, partition, text):
        def delivered(error, _):
            if error is None:
                self.delivered += 1
            elif error.code() in (ck.KafkaError._UNKNOWN_PARTITION, ck.KafkaError.UNKNOWN_TOPIC_OR_PART):
                self._again.append((topic, partition, text))
            else:
                self.problem = f"{topic} {partition}: {error}"

        while True:
            try:
                self.producer.produce(topic, value=text, partition=partition, on_delivery=delivered)
                return
            except BufferError:
                self.producer.poll(0.1)

    def finish(self, timeout_s=180):
        """Stops, writes the last row into every partition, and waits until all is acknowledged. Gives the number of rows."""
        self._end.set()
        self.join()
        self._take_growth()
        text = json.dumps(last_row(self.count * STEP_MS + 86400000)).encode()
        for topic, partitions in self.partitions.items():
            for partition in range(partitions):
                self._send(topic, partition, text)
        deadline = time.monotonic() + timeout_s
        while (len(self.producer) or self._again) and time.monotonic() < deadline and self.problem is None:
            self._send_again()
            self.producer.poll(0.1)
        if len(self.producer) or self._again:
            self.problem = self.problem or f"{len(self.producer)} records not acknowledged after {timeout_s} s"
        return self.count
