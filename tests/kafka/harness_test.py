#!/usr/bin/env python3
"""The harness itself: brokers start, answer three independent clients alike, keep data over kill -9, and leave nothing behind.

    harness_test.py [NAME...]
"""
import json
import os
import signal
import subprocess
import sys
import time

import broker

broker.require()

import client as clients  # noqa: E402
import java_tools  # noqa: E402
from client import COMMITTED, UNCOMMITTED, Client, read_pure  # noqa: E402
from registry import Registry, RegistryError  # noqa: E402

clients.quiet_kafka_python()


def same(got, want, what):
    if got != want:
        raise AssertionError(f"{what}\n    expected: {want}\n    got:      {got}")


def values(records):
    return [r["value"] for r in records]


def round_trip(cluster, client):
    """Key, value, headers, timestamp and partition survive; the Java tools and kafka-python see the same."""
    client.create_topic("round", 2)
    sent = [{"partition": 0, "key": "k1", "value": "v1", "timestamp": 1700000000123, "headers": [["h", "x"], ["h", None], ["", b"\x00\xff"]]},
            {"partition": 0, "key": None, "value": "v2", "timestamp": 1},
            {"partition": 1, "key": "k1", "value": None, "timestamp": 1700000000000},
            {"partition": 1, "key": "", "value": "", "timestamp": 1700000000001}]
    client.produce("round", sent)
    got = client.read("round")
    same([(r["partition"], r["offset"], r["key"], r["value"], r["timestamp"], r["timestamp_type"]) for r in got],
         [(0, 0, b"k1", b"v1", 1700000000123, "create"), (0, 1, None, b"v2", 1, "create"),
          (1, 0, b"k1", None, 1700000000000, "create"), (1, 1, b"", b"", 1700000000001, "create")], "read back by confluent-kafka")
    same(got[0]["headers"], [["h", b"x"], ["h", None], ["", b"\x00\xff"]], "headers")
    same(read_pure(cluster.bootstrap, "round"), [(0, b"k1", b"v1"), (0, None, b"v2"), (1, b"k1", None), (1, b"", b"")], "read back by kafka-python")
    lines = java_tools.consume(cluster.bootstrap, "round", count=4, print_key="true", print_partition="true", print_timestamp="true")
    same(sorted(lines), sorted(["CreateTime:1700000000123\tPartition:0\tk1\tv1", "CreateTime:1\tPartition:0\tnull\tv2",
                                "CreateTime:1700000000000\tPartition:1\tk1\tnull", "CreateTime:1700000000001\tPartition:1\t\t"]),
         "read back by the console consumer")
    same(java_tools.end_offsets(cluster.bootstrap, "round"), {0: 2, 1: 2}, "GetOffsetShell")
    same(client.end_offsets("round"), {0: 2, 1: 2}, "end offsets")
    java_tools.create_topic(cluster.bootstrap, "java", 1, message_timestamp_type="LogAppendTime")
    java_tools.produce(cluster.bootstrap, "java", ["a\t1", "b\t2"], parse_key="true")
    got = client.read("java")
    same([(r["key"], r["value"], r["timestamp_type"]) for r in got], [(b"a", b"1", "append"), (b"b", b"2", "append")], "written by the console producer")
    same(sorted(t for t in java_tools.list_topics(cluster.bootstrap) if t[0] != "_"), ["java", "round"], "topics")


def transactions(cluster, client):
    """read_committed sees committed records only, and an open transaction shows in all ways of looking."""
    client.create_topic("tx")
    client.produce("tx", ["plain"])
    client.transaction("tx", ["kept 1", "kept 2"])
    client.transaction("tx", ["lost 1", "lost 2"], end="abort")
    same(values(client.read("tx", COMMITTED)), [b"plain", b"kept 1", b"kept 2"], "read_committed")
    same(values(client.read("tx", UNCOMMITTED)), [b"plain", b"kept 1", b"kept 2", b"lost 1", b"lost 2"], "read_uncommitted")
    same([v for _, _, v in read_pure(cluster.bootstrap, "tx", COMMITTED)], [b"plain", b"kept 1", b"kept 2"], "kafka-python")
    same(java_tools.consume(cluster.bootstrap, "tx", count=3), ["plain", "kept 1", "kept 2"], "console consumer")
    producer = client.transaction("tx", ["pending"], end="open", transactional_id="stays-open")
    client.produce("tx", ["behind it"])
    same(client.open_partitions("tx"), {0: (7, 9)}, "an open transaction holds the committed end")
    same(java_tools.open_transactions(cluster.bootstrap), {"stays-open": "Ongoing"}, "TransactionsCommand")
    same(values(client.read("tx", COMMITTED))[3:], [], "nothing behind an open transaction")
    try:
        client.wait_no_open_transaction(["tx"], timeout_s=0.5)
    except TimeoutError:
        pass
    else:
        raise AssertionError("an open transaction was not noticed")
    producer.abort_transaction(30)
    client.wait_no_open_transaction(["tx"])
    same(java_tools.open_transactions(cluster.bootstrap), {}, "TransactionsCommand after the abort")
    same(values(client.read("tx", COMMITTED))[3:], [b"behind it"], "after the abort")
    client.transaction("tx", ["left"], end="open", transactional_id="timed-out", timeout_ms=2000)
    client.wait_no_open_transaction(["tx"], timeout_s=15)  # the broker aborts it


def groups(cluster, client):
    """Offsets of a group, set and read by two clients."""
    client.create_topic("grouped", 2)
    client.produce("grouped", [{"partition": p, "value": str(i)} for i in range(5) for p in (0, 1)])
    client.set_group_offsets("readers", "grouped", {0: 2, 1: 4})
    same(client.group_offsets("readers"), {("grouped", 0): 2, ("grouped", 1): 4}, "group offsets")
    same(java_tools.group_offsets(cluster.bootstrap, "readers"), {("grouped", 0): 2, ("grouped", 1): 4}, "ConsumerGroupCommand")
    same(len(client.read("grouped", start={0: 2, 1: 4})), 4, "read from offsets")
    client.add_partitions("grouped", 3)
    same(client.topics()["grouped"], 3, "after growth")


def killed(cluster, client):
    """kill -9, and SIGSTOP, of the only broker: acknowledged records are there when it is back."""
    client.create_topic("durable")
    client.produce("durable", [str(i) for i in range(1000)])
    broker = cluster.brokers[0]
    broker.kill()
    assert not broker.is_running()
    cluster.restart(broker)
    same(values(Client(cluster.bootstrap).read("durable")), [b"%d" % i for i in range(1000)], "after kill -9")
    broker.pause()
    started = time.monotonic()
    resumed = subprocess.Popen(["sh", "-c", f"sleep 2; kill -CONT {broker.pid}"])
    Client(cluster.bootstrap).produce("durable", ["after the pause"])
    resumed.wait()
    assert time.monotonic() - started > 1.5, "the broker answered while it was stopped"
    same(len(Client(cluster.bootstrap).read("durable")), 1001, "after SIGSTOP")
    broker.stop()
    cluster.restart(broker)
    same(len(Client(cluster.bootstrap).read("durable")), 1001, "after a stop in order")


def three(_cluster, _client):
    """Three brokers: what was acknowledged survives the loss of the leader, and writing goes on."""
    with broker.Cluster(brokers=3) as cluster:
        client = Client(cluster.bootstrap)
        client.create_topic("copied", 1, replication=3)
        client.produce("copied", ["before"] * 10, acks="all")
        leader = cluster.brokers[client.leader("copied") - 1]
        leader.kill()
        client = Client(",".join(b.address for b in cluster.brokers if b is not leader))
        client.produce("copied", ["without it"] * 10, acks="all")
        client.transaction("copied", ["in a transaction"] * 10)
        same(len(client.read("copied")), 30, "while one broker is gone")
        assert client.leader("copied") != leader.node
        cluster.restart(leader)
        same(len(Client(leader.address).read("copied")), 30, "asked at the one that came back")


def secure(_cluster, _client):
    """SASL PLAIN and SCRAM, TLS, and TLS with a client certificate; wrong passwords and strangers are refused."""
    with broker.Cluster(secure=True) as cluster:
        Client(cluster.bootstrap).create_topic("safe")
        ways = [("SASL_PLAINTEXT", "PLAIN"), ("SASL_PLAINTEXT", "SCRAM-SHA-256"), ("SASL_PLAINTEXT", "SCRAM-SHA-512"),
                ("SASL_SSL", "PLAIN"), ("SASL_SSL", "SCRAM-SHA-512"), ("SSL", "PLAIN")]
        for number, way in enumerate(ways, 1):
            client = Client("", cluster.client_security(*way))
            client.produce("safe", [" ".join(way)])
            same(len(client.read("safe")), number, f"by {way}")
        wrong = cluster.client_security("SASL_PLAINTEXT", "SCRAM-SHA-256")
        wrong["sasl.password"] = "not it"
        stranger = cluster.client_security("SSL")
        stranger.update({"ssl.certificate.location": cluster.certificates["stranger.crt"], "ssl.key.location": cluster.certificates["stranger.key"]})
        for refused in (wrong, stranger):
            try:
                Client("", {**refused, "message.timeout.ms": 2000}).produce("safe", ["x"])
            except RuntimeError:
                continue
            raise AssertionError("a stranger was let in")


def schemas(_cluster, _client):
    """The registry gives ids, keeps versions, refuses what is incompatible."""
    first = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
    wider = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string", "default": ""}]}
    other = {"type": "record", "name": "R", "fields": [{"name": "c", "type": "string"}]}
    with Registry() as registry:
        number = registry.register("t-value", first)
        same(json.loads(registry.schema(number)), first, "schema by id")
        same(registry.register("t-value", first), number, "the same schema again")
        registry.set_compatibility("BACKWARD", "t-value")
        newer = registry.register("t-value", wider)
        assert newer != number
        same(registry.versions("t-value"), [1, 2], "versions")
        same(registry.latest("t-value")["id"], newer, "latest")
        try:
            registry.register("t-value", other)
        except RegistryError as error:
            same(error.code, 409, "code of an incompatible schema")
        else:
            raise AssertionError("an incompatible schema was taken")
        same(registry.subjects(), ["t-value"], "subjects")


ORPHAN = """
import broker, sys, time
cluster = broker.Cluster().start()
print(cluster.brokers[0].pid, cluster.folder, flush=True)
time.sleep(60)
"""


def nothing_left(_cluster, _client):
    """A test that is killed leaves no broker; its folder goes with the next test."""
    process = broker.spawn([sys.executable, "-c", ORPHAN], cwd=broker.HERE, stdout=subprocess.PIPE, text=True)
    pid, folder = process.stdout.readline().split()
    assert broker.is_alive(int(pid)) and os.path.isdir(folder)
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 10
    while broker.is_alive(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not broker.is_alive(int(pid)), "the broker outlived its test"
    broker.sweep()
    assert not os.path.exists(folder), "the folder of a killed test stays"


TESTS = [round_trip, transactions, groups, killed, three, secure, schemas, nothing_left]
OWN_CLUSTER = [three, secure, schemas, nothing_left]


def main(names):
    chosen = [t for t in TESTS if not names or t.__name__ in names]
    if not chosen:
        sys.exit(f"no such test: {names}")
    broker.make_archive()
    failed, cluster, client = 0, None, None
    try:
        for test in chosen:
            if cluster is None and test not in OWN_CLUSTER:
                cluster = broker.Cluster().start()
                client = Client(cluster.bootstrap)
            if test in OWN_CLUSTER and cluster is not None:
                cluster.close()
                cluster = client = None
            begin = time.monotonic()
            try:
                test(cluster, client)
                print(f"PASS {test.__name__} ({time.monotonic() - begin:.1f} s)", flush=True)
            except Exception as error:  # noqa: BLE001  each failure is reported, the rest goes on
                failed += 1
                print(f"FAIL {test.__name__}: {type(error).__name__}: {error}", flush=True)
    finally:
        if cluster is not None:
            cluster.close()
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
