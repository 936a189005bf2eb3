#!/usr/bin/env python3
"""Speed of jobs on Kafka: Sabot, and Apache Flink on the same broker and topics if it is there.

    kafka.py --sabot PATH [--flink DIR --kit DIR] [--records N] [--part read|copy|latency]...

read      JSON records are read, filtered and counted in windows of 10 s, nothing is written: records a second, and CPU time of the
          program (all its threads, /proc/PID/stat) per million records; the broker is not counted
copy      records from one topic into another, with a checkpoint every second: at least once and exactly once
latency   a producer stamps records with the time and sends --rate of them a second, a job copies them, a read_committed consumer
          compares: median, 99 and 99.9 per cent, for both guarantees

One broker on loopback serves everything, so all share the machine's cores. Runs of the programs take turns, so that a minute in which the
machine is slow is slow for all of them. --flink is the folder that the recording kit's setup.sh filled,
--kit the kit (tests/oracle/kafka/record.py uses the same).
Figures are the best of --repeat runs; of the CPU time also the median.
"""
import argparse
import functools
import json
import multiprocessing
import os
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "tests", "kafka"), os.path.join(ROOT, "tests", "oracle", "kafka"), os.path.join(ROOT, "tools")]

import broker  # noqa: E402

broker.require()

import kafka_install  # noqa: E402
from client import COMMITTED, Client  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
START_MS = 1704067200000


def cpu_s(pid):
    """User and system time of a process with all its threads, those that ended included."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICKS


def fill(client, topic, records, partitions):
    """JSON records of about 110 bytes, a millisecond of event time apart, in all partitions alike."""
    client.create_topic(topic, partitions)
    producer = client.producer(**{"linger.ms": 50, "batch.size": 262144, "queue.buffering.max.messages": 500000})
    for n in range(records):
        ms = START_MS + n
        text = b'{"id":%d,"user":"user-%d","kind":"%s","amount":%d.%02d,"ts":"2024-01-01 %02d:%02d:%02d.%03d"}' % (
            n, n % 5000, b"view" if n % 3 else b"order", n % 900, n % 100, (ms - START_MS) // 3600000 % 24, n // 60000 % 60, n // 1000 % 60, n % 1000)
        while True:
            try:
                producer.produce(topic, value=text, partition=n % partitions)
                break
            except BufferError:
                producer.poll(0.05)
        if n % 10000 == 0:
            producer.poll(0)
    producer.flush(120)


class Sabot:
    name = "sabot"

    def __init__(self, path, folder, parallelism):
        self.path, self.folder, self.parallelism = os.path.abspath(path), folder, parallelism

    def command(self, sql):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        with open(os.path.join(self.folder, "job.sql"), "w", encoding="utf-8") as file:
            file.write(sql)
        return [self.path, "run", "job.sql", "--state", "state", "--parallelism", str(self.parallelism)]

    def run(self, sql):
        """(seconds, CPU seconds) of a job that ends; the start of the program counts."""
        begin = time.monotonic()
        process = subprocess.Popen(self.command(sql), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            raise RuntimeError(f"sabot ended with {status}: {process.stderr.read()[-800:].decode(errors='replace')}")
        return time.monotonic() - begin, usage.ru_utime + usage.ru_stime

    def run_for(self, sql, seconds, meanwhile):
        process = broker.spawn(self.command(sql), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            result = meanwhile()
            if process.poll() is not None:
                raise RuntimeError(f"sabot ended with {process.returncode}: {process.stderr.read()[-800:].decode(errors='replace')}")
            return result
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


class Flink:
    """The recording kit's mini cluster in one JVM, which stays: its start and warm-up are not counted."""
    name = "flink"

    def __init__(self, folder, kit, parallelism):
        sys.path.insert(0, kit)
        import flink_oracle
        from record import flink_folder
        self.kit, self.parallelism = flink_oracle, parallelism
        self.flink = flink_oracle.Flink(flink_folder(folder))
        self.work = broker.scratch("flink")

    def request(self, sql, timeout_s):
        path = os.path.join(self.work, "job.sql")
        with open(path, "w", encoding="utf-8") as file:
            file.write(sql)
        options = argparse.Namespace(set={"parallelism.default": str(self.parallelism), "execution.buffer-timeout.interval": "100 ms",
                                          "pipeline.auto-watermark-interval": "200 ms", "pipeline.object-reuse": "true"},
                                     out="out", timeout=timeout_s)
        return self.kit.request(path, options)

    def run(self, sql):
        before, begin = cpu_s(self.flink.jvm.pid), time.monotonic()
        answer = self.flink.ask(self.request(sql, 600))
        if answer.get("error"):
            raise RuntimeError("flink: " + answer["error"][0])
        return time.monotonic() - begin, cpu_s(self.flink.jvm.pid) - before

    def run_for(self, sql, seconds, meanwhile):
        thread = threading.Thread(target=lambda: self.flink.ask(self.request(sql, int(seconds))), daemon=True)
        thread.start()  # the driver cancels the job after that time
        result = meanwhile()
        thread.join()
        return result

    def close(self):
        self.flink.close()
        shutil.rmtree(self.work, ignore_errors=True)


COLUMNS = "id BIGINT, `user` STRING, kind STRING, amount DECIMAL(10, 2), ts TIMESTAMP(3)"


def source(bootstrap, topic, bounded, columns=COLUMNS, more=""):
    end = "'scan.bounded.mode' = 'latest-offset'," if bounded else ""
    start = "earliest-offset" if bounded else "latest-offset"
    return (f"CREATE TABLE i ({columns}{more}) WITH ('connector' = 'kafka', 'topic' = '{topic}', 'properties.bootstrap.servers' = '{bootstrap}',"
            f" 'properties.group.id' = 'bench', 'scan.startup.mode' = '{start}', {end} 'format' = 'json');\n")


def sink(bootstrap, topic, guarantee, columns):
    once = f", 'sink.transactional-id-prefix' = 'bench-{time.monotonic_ns()}', 'properties.transaction.timeout.ms' = '60000'"
    return (f"CREATE TABLE o ({columns}) WITH ('connector' = 'kafka', 'topic' = '{topic}', 'properties.bootstrap.servers' = '{bootstrap}',"
            f" 'format' = 'json', 'sink.delivery-guarantee' = '{guarantee}'{once if guarantee == 'exactly-once' else ''});\n")


CHECKPOINTS = "SET 'execution.checkpointing.interval' = '1 s';\n"


def take_turns(args, programs, what, run):
    """`run(program, number)`, --repeat times for each program, gives seconds and seconds of CPU."""
    runs = {program.name: [] for program in programs}
    for number in range(args.repeat):
        for program in programs:
            runs[program.name].append(run(program, number))
    for name, each in runs.items():
        seconds = min(s for s, _ in each)
        cpu = [c / args.records * 1e6 for _, c in each]
        print(f"| {what} | {name} | {args.records / seconds:,.0f} | {min(cpu):.2f} | {statistics.median(cpu):.2f} | {seconds:.2f} |", flush=True)


def part_read(args, programs, client, bootstrap):
    sql = (source(bootstrap, "in", True, more=", WATERMARK FOR ts AS ts - INTERVAL '1' SECOND") +
           "CREATE TABLE o (kind STRING, ws TIMESTAMP(3), n BIGINT) WITH ('connector' = 'blackhole');\n"
           "INSERT INTO o SELECT kind, window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE i, DESCRIPTOR(ts), INTERVAL '10' SECOND))\n"
           "  WHERE amount > 100 GROUP BY kind, window_start, window_end;\n")
    for program in programs:
        program.run(sql)  # what has a virtual machine has warmed it up
    take_turns(args, programs, "read, filter, window", lambda program, number: program.run(sql))


def part_copy(args, programs, client, bootstrap):
    def copy(program, number, guarantee):
        topic = f"copy-{program.name}-{guarantee}-{number}"
        client.create_topic(topic, args.partitions)
        sql = CHECKPOINTS + source(bootstrap, "in", True) + sink(bootstrap, topic, guarantee, COLUMNS) + "INSERT INTO o SELECT * FROM i WHERE amount >= 0;\n"
        result = program.run(sql)
        client.delete_topic(topic)
        return result

    for guarantee in ("none", "at-least-once", "exactly-once"):
        take_turns(args, programs, f"copy, {guarantee}", functools.partial(copy, guarantee=guarantee))


def stamp_records(bootstrap, topic, partitions, rate, seconds):
    """In a process of its own: `rate` records a second, each with the microsecond in which it was handed over."""
    producer = Client(bootstrap).producer(**{"linger.ms": 1, "queue.buffering.max.messages": 1000000})
    begin, sent = time.monotonic(), 0
    while time.monotonic() < begin + seconds:
        due = int((time.monotonic() - begin) * rate)
        text = b'{"t":%d,"pad":"%s"}' % (time.time_ns() // 1000, b"x" * 60)
        while sent < due:
            try:
                producer.produce(topic, value=text, partition=sent % partitions)
                sent += 1
            except BufferError:
                producer.poll(0.01)
        producer.poll(0.0005)
    producer.flush(30)


def read_delays(bootstrap, topic, seconds, skip_s, answer):
    """In a process of its own: the delays in microseconds of every tenth record, after a warm-up."""
    consumer = Client(bootstrap).consumer(COMMITTED, **{"auto.offset.reset": "latest", "fetch.wait.max.ms": 5, "fetch.min.bytes": 1,
                                                        "enable.partition.eof": False})
    consumer.subscribe([topic])
    delays, begin, count = [], time.monotonic(), 0
    while time.monotonic() < begin + seconds:
        messages = consumer.consume(5000, 0.02)
        now = time.time_ns() // 1000
        count += len(messages)
        if time.monotonic() < begin + skip_s:
            continue
        delays += [now - json.loads(m.value())["t"] for m in messages[::10] if m.error() is None]
    consumer.close()
    answer.put((count, sorted(delays)))


def part_latency(args, programs, client, bootstrap):
    context = multiprocessing.get_context("spawn")
    for guarantee in ("at-least-once", "exactly-once"):
        for program in programs:
            name = f"{program.name}-{guarantee}"
            for topic in ("t-in-" + name, "t-out-" + name):
                client.create_topic(topic, args.partitions)
            sql = (CHECKPOINTS + source(bootstrap, "t-in-" + name, False, "t BIGINT, pad STRING") +
                   sink(bootstrap, "t-out-" + name, guarantee, "t BIGINT, pad STRING") + "INSERT INTO o SELECT t, pad FROM i WHERE t > 0;\n")

            def meanwhile():
                time.sleep(4)  # the job starts at the end of its input
                answer = context.Queue()
                reader = context.Process(target=read_delays, args=(bootstrap, "t-out-" + name, args.seconds + 6, 12, answer), daemon=True)
                writer = context.Process(target=stamp_records, args=(bootstrap, "t-in-" + name, args.partitions, args.rate, args.seconds), daemon=True)
                reader.start()
                time.sleep(3)
                writer.start()
                result = answer.get(timeout=args.seconds + 60)
                reader.join()
                writer.join()
                return result

            count, delays = program.run_for(sql, args.seconds + 20, meanwhile)
            if not delays:
                print(f"| latency, {guarantee} | {program.name} | no records came |")
                continue
            p50, p99, p999 = (delays[min(len(delays) - 1, int(len(delays) * q))] / 1000 for q in (0.5, 0.99, 0.999))
            print(f"| latency, {guarantee}, {args.rate:,} a second | {program.name} | {p50:.1f} ms | {p99:.1f} ms | {p999:.1f} ms | {count:,} records |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sabot", default=os.environ.get("SABOT", os.path.join(ROOT, "build", "release", "sabot")))
    parser.add_argument("--without-sabot", action="store_true", help="Flink only")
    parser.add_argument("--flink", metavar="DIR")
    parser.add_argument("--kit", default=os.environ.get("SABOT_ORACLE_KIT", os.path.join(ROOT, "..", "shared", "oracle")))
    parser.add_argument("--part", action="append", choices=["read", "copy", "latency"])
    parser.add_argument("--records", type=int, default=2000000)
    parser.add_argument("--partitions", type=int, default=2)
    parser.add_argument("--parallelism", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--rate", type=int, default=50000, help="records a second of the part latency")
    parser.add_argument("--seconds", type=int, default=30, help="of the part latency")
    args = parser.parse_args()
    parts = args.part or ["read", "copy", "latency"]
    broker.make_archive()
    programs, flink = [], None
    work = broker.scratch("bench")
    if not args.without_sabot:
        programs.append(Sabot(args.sabot, os.path.join(work, "sabot"), args.parallelism))
    if args.flink:
        kafka_install.install(flink=True)
        flink = Flink(args.flink, args.kit, args.parallelism)
        programs.append(flink)
    if not programs:
        parser.error("nothing to measure")
    try:
        with broker.Cluster(heap_mb=1024, settings={"num.io.threads": 4, "log.segment.bytes": 1 << 30}) as cluster:
            client = Client(cluster.bootstrap)
            if {"read", "copy"} & set(parts):
                fill(client, "in", args.records, args.partitions)
                print("| job | program | records/s | CPU s per million | median | s |\n| --- | --- | --- | --- | --- | --- |")
            for part in parts:
                if part == "latency":
                    print("| job | program | median | 99 % | 99.9 % | read |\n| --- | --- | --- | --- | --- | --- |")
                globals()["part_" + part](args, programs, client, cluster.bootstrap)
    finally:
        if flink is not None:
            flink.close()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
