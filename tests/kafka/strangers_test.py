#!/usr/bin/env python3
"""Records exchanged both ways with programs that share no code with Sabot: Kafka's Java tools, confluent-kafka, kafka-python,
fastavro and a schema registry; and over SASL and TLS with the settings of a Java client.

    strangers_test.py --sabot PATH [NAME...]
"""
import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time

import broker

broker.require()

import confluent_kafka  # noqa: E402
import fastavro  # noqa: E402

import client as clients  # noqa: E402
import java_tools  # noqa: E402
from client import Client, read_pure  # noqa: E402
from probe import has_kafka  # noqa: E402
from registry import Registry  # noqa: E402

clients.quiet_kafka_python()


def same(got, want, what):
    if got != want:
        raise AssertionError(f"{what}\n    expected: {want}\n    got:      {got}")


class World:
    def __init__(self, sabot, cluster):
        self.sabot, self.cluster, self.library = sabot, cluster, None
        self.client = Client(cluster.bootstrap)

    def run(self, sql, timeout_s=60):
        with tempfile.TemporaryDirectory() as folder:
            env = {**os.environ, **({"SABOT_LIBRDKAFKA": self.library} if self.library else {})}
            done = subprocess.run([self.sabot, "run", "-"], input=sql, cwd=folder, capture_output=True, text=True, timeout=timeout_s, env=env)
        if done.returncode != 0:
            raise AssertionError(f"exit code {done.returncode}: {done.stderr[-1500:]}\n{sql}")
        return done.stdout

    def table(self, name, columns, topic, options, bounded=True):
        words = {"connector": "kafka", "topic": topic, "properties.bootstrap.servers": self.cluster.bootstrap}
        if bounded:
            words.update({"scan.startup.mode": "earliest-offset", "scan.bounded.mode": "latest-offset"})
        words.update(options)
        listed = ", ".join("'%s' = '%s'" % (k, v.replace("'", "''")) for k, v in words.items())
        return f"CREATE TABLE {name} ({columns}) WITH ({listed});\n"


def json_and_java(world):
    """The console producer writes, Sabot filters, the console consumer, kafka-python and confluent-kafka read."""
    address = world.cluster.bootstrap
    java_tools.create_topic(address, "j.in", 2)
    java_tools.create_topic(address, "j.out", 2)
    java_tools.produce(address, "j.in", [f'k{n % 3}\t{{"id":{n},"name":"n {n} é \\u00fc 😀","deep":{{"a":[1,{n}]}}}}' for n in range(50)], parse_key="true")
    world.run(world.table("i", "k STRING, id BIGINT, name STRING, deep ROW<a ARRAY<INT>>", "j.in",
                          {"key.format": "raw", "key.fields": "k", "value.format": "json", "value.fields-include": "EXCEPT_KEY"}) +
              world.table("o", "k STRING, id BIGINT, name STRING, deep ROW<a ARRAY<INT>>", "j.out",
                          {"key.format": "raw", "key.fields": "k", "value.format": "json", "value.fields-include": "EXCEPT_KEY"}, False) +
              "INSERT INTO o SELECT * FROM i WHERE MOD(id, 2) = 0;\n")
    wanted = sorted((f"k{n % 3}", n, f"n {n} é ü 😀", [1, n]) for n in range(0, 50, 2))

    def rows(pairs):
        values = [(key, json.loads(value)) for key, value in pairs]
        return sorted((key, v["id"], v["name"], v["deep"]["a"]) for key, v in values)
    same(rows(line.split("\t", 1) for line in java_tools.consume(address, "j.out", count=25, print_key="true")), wanted, "console consumer")
    same(rows((key.decode(), value) for _, key, value in read_pure(address, "j.out")), wanted, "kafka-python")
    records = world.client.read("j.out")
    same(rows((r["key"].decode(), r["value"]) for r in records), wanted, "confluent-kafka")
    # one key, one partition, the one that the Java producer chose: both use murmur2
    places = {r["key"]: r["partition"] for r in world.client.read("j.in")}
    same({r["key"]: r["partition"] for r in records}, places, "partitions of keys")


def compressed(world):
    """Every compression that the Python client can write, and that Sabot writes."""
    for codec in ("gzip", "snappy", "lz4", "zstd"):
        world.client.create_topic(f"c.{codec}")
        world.client.create_topic(f"c.{codec}.out")
        world.client.produce(f"c.{codec}", [json.dumps({"a": n, "s": "x" * 100}) for n in range(200)], **{"compression.type": codec})
        world.run(world.table("i", "a INT, s STRING", f"c.{codec}", {"format": "json"}) +
                  world.table("o", "a INT, s STRING", f"c.{codec}.out", {"format": "json", "properties.compression.type": codec}, False) +
                  "INSERT INTO o SELECT * FROM i;\n")
        got = [json.loads(r["value"])["a"] for r in world.client.read(f"c.{codec}.out")]
        same(sorted(got), list(range(200)), codec)


def avro(world):
    """fastavro and the registry write what Sabot reads, by two versions of a schema; and read what Sabot wrote."""
    first = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}, {"name": "name", "type": ["null", "string"], "default": None}]}
    second = {"type": "record", "name": "R", "fields": [
        {"name": "extra", "type": "string", "default": "?"}, {"name": "id", "type": "int"},
        {"name": "name", "type": ["null", "string"], "default": None},
        {"name": "ts", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "default": None},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []}]}

    def framed(registry_id, schema, row):
        out = io.BytesIO()
        fastavro.schemaless_writer(out, schema, row)
        return b"\x00" + registry_id.to_bytes(4, "big") + out.getvalue()
    with Registry() as registry:
        for topic in ("a.in", "a.out"):
            world.client.create_topic(topic)
        old = registry.register("a.in-value", first)
        registry.set_compatibility("NONE", "a.in-value")
        new = registry.register("a.in-value", second)
        rows = [framed(old, first, {"id": n, "name": f"n{n}" if n % 2 else None}) for n in range(20)]
        rows += [framed(new, second, {"extra": "e", "id": n, "name": "née", "ts": 1700000000123, "tags": ["a", "b" * n]}) for n in range(20, 40)]
        world.client.produce("a.in", rows)
        format_of = {"format": "avro-confluent", "avro-confluent.url": registry.url}
        world.run("SET 'table.local-time-zone' = 'UTC';\n" + world.table("i", "id BIGINT, name STRING", "a.in", format_of) +
                  world.table("o", "id BIGINT, name STRING, twice DECIMAL(10, 2), day_of DATE", "a.out", format_of, False) +
                  "INSERT INTO o SELECT id, name, CAST(id AS DECIMAL(10, 2)) * 2, DATE '2024-02-29' FROM i;\n")
        got = []
        for record in world.client.read("a.out"):
            value = record["value"]
            same(value[:1], b"\x00", "magic byte")
            schema = json.loads(registry.schema(int.from_bytes(value[1:5], "big")))
            row = fastavro.schemaless_reader(io.BytesIO(value[5:]), fastavro.parse_schema(schema))
            got.append((row["id"], row["name"], float(row["twice"]), row["day_of"].isoformat()))
        same(sorted(got), [(n, "née" if n >= 20 else f"n{n}" if n % 2 else None, 2.0 * n, "2024-02-29") for n in range(40)], "fastavro")
        same([s for s in registry.subjects() if s.startswith("a.out")], ["a.out-value"], "subject")


def debezium(world):
    """Envelopes as Debezium's connectors write them, with schema and without; and the changes that Sabot writes give the same table."""
    def envelope(op, before, after):
        return {"before": before, "after": after, "source": {"connector": "postgresql", "db": "shop", "schema": "public", "table": "t", "ts_ms": 1},
                "op": op, "ts_ms": 1700000000000, "transaction": None}
    changes, table = [], {}
    for n in range(60):
        key, row = n % 7, {"id": n % 7, "v": n}
        if key not in table:
            changes.append(envelope("r" if n < 3 else "c", None, row))
            table[key] = row
        elif n % 5 == 0:
            changes.append(envelope("d", table.pop(key), None))
        else:
            changes.append(envelope("u", table[key], row))
            table[key] = row
    for name in ("d.plain", "d.schema", "d.out"):
        world.client.create_topic(name)
    tombstone = {"key": json.dumps({"id": 0}), "value": None}
    world.client.produce("d.plain", [x for c in changes for x in ([{"value": json.dumps(c)}, tombstone] if c["op"] == "d" else [{"value": json.dumps(c)}])])
    java_tools.produce(world.cluster.bootstrap, "d.schema", [json.dumps({"schema": {"type": "struct", "fields": []}, "payload": c}) for c in changes])
    for topic, option in (("d.plain", "false"), ("d.schema", "true")):
        lines = world.run(world.table("i", "id INT, v BIGINT", topic, {"format": "debezium-json", "debezium-json.schema-include": option}) +
                          "SET 'execution.runtime-mode' = 'batch';\nSELECT id, v FROM i;\n")
        got = sorted(tuple(int(x) for x in line.split("|")[1:3]) if "|" in line else tuple(int(x) for x in line.replace(",", " ").split()[:2])
                     for line in lines.splitlines() if any(ch.isdigit() for ch in line) and "row" not in line)
        same(got, sorted((r["id"], r["v"]) for r in table.values()), f"{topic}: {lines}")
    world.run(world.table("i", "id INT, v BIGINT", "d.plain", {"format": "debezium-json"}) +
              world.table("o", "id INT, n BIGINT, total BIGINT", "d.out", {"format": "debezium-json"}, False) +
              "INSERT INTO o SELECT id, COUNT(*), SUM(v) FROM i GROUP BY id;\n")
    left = {}
    for record in world.client.read("d.out"):
        change = json.loads(record["value"])
        row = tuple((change["after"] or change["before"])[k] for k in ("id", "n", "total"))
        left[row] = left.get(row, 0) + (1 if change["op"] == "c" else -1)
    same(sorted(row for row, count in left.items() if count), sorted((r["id"], 1, r["v"]) for r in table.values()), "changes of d.out")


def newest_library():
    """The librdkafka inside confluent-kafka: Debian 12's speaks SCRAM in a way that Kafka 4 refuses."""
    beside = os.path.join(os.path.dirname(os.path.dirname(confluent_kafka.__file__)), "confluent_kafka.libs")
    return [os.path.join(beside, name) for name in os.listdir(beside) if name.startswith("librdkafka")][0]


def guessed(world, security):
    """sabot infer with the properties of the cluster: what it prints reads the topic."""
    words = [word for k, v in security.items() if k != "bootstrap.servers" for word in ("--property", f"{k}={v}")]
    url = f"kafka://{security['bootstrap.servers']}/safe"
    done = subprocess.run([world.sabot, "infer", url, "--name", "t", *words], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"infer: exit code {done.returncode}: {done.stderr}")
    rows = world.run(done.stdout.replace("'scan.startup.mode'", "'scan.bounded.mode' = 'latest-offset', 'scan.startup.mode'") +
                     "SET 'execution.runtime-mode' = 'BATCH'; SELECT SUM(a) FROM t;\n")
    if "3" not in rows:
        raise AssertionError(rows)


def secure(world):
    """SASL and TLS with the properties that a Java client (and so a Flink script) has; a wrong password ends the job with a reason."""
    with broker.Cluster(secure=True) as cluster:
        plain = World(world.sabot, cluster)
        plain.client.create_topic("safe")
        plain.client.produce("safe", ['{"a":1}', '{"a":2}'])
        ways = [("SASL_PLAINTEXT", "PLAIN"), ("SASL_PLAINTEXT", "SCRAM-SHA-256"), ("SASL_SSL", "SCRAM-SHA-512"), ("SSL", "PLAIN")]
        for number, way in enumerate(ways):
            plain.library = newest_library() if "SCRAM" in way[1] else None
            options = {"format": "json", **{f"properties.{k}": v for k, v in cluster.java_security(*way).items()}}
            plain.client.create_topic(f"safe.{number}")
            plain.run(plain.table("i", "a INT", "safe", options) + plain.table("o", "a INT", f"safe.{number}", options, False) +
                      "INSERT INTO o SELECT a * 10 FROM i;\n")
            same([r["value"] for r in plain.client.read(f"safe.{number}")], [b'{"a":10}', b'{"a":20}'], str(way))
        guessed(plain, cluster.java_security("SASL_PLAINTEXT", "PLAIN"))
        options = {"format": "json", **{f"properties.{k}": v for k, v in cluster.java_security("SASL_PLAINTEXT", "PLAIN").items()}}
        options["properties.sasl.jaas.config"] = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="wrong";'
        try:
            plain.run(plain.table("i", "a INT", "safe", options) + "SELECT a FROM i;\n")
        except AssertionError as error:
            if "uthentication" not in str(error) or "check the user and password" not in str(error):
                raise
            if "wrong" in str(error).split("\n")[0]:
                raise AssertionError("the message holds the password") from None
        else:
            raise AssertionError("a wrong password was taken")


TESTS = [json_and_java, compressed, avro, debezium, secure]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sabot", default=os.environ.get("SABOT"), required=not os.environ.get("SABOT"))
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    args.sabot = os.path.abspath(args.sabot)
    if not has_kafka(args.sabot):
        print(f"skipped: {args.sabot} has no connector 'kafka'")
        return 77
    failed = 0
    broker.make_archive()
    with broker.Cluster() as cluster:
        world = World(args.sabot, cluster)
        for test in TESTS:
            if args.names and test.__name__ not in args.names:
                continue
            begin = time.monotonic()
            try:
                test(world)
                print(f"PASS {test.__name__} ({time.monotonic() - begin:.1f} s)", flush=True)
            except Exception as error:  # noqa: BLE001  each failure is reported, the rest goes on
                failed += 1
                print(f"FAIL {test.__name__}: {type(error).__name__}: {error}", flush=True)
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
