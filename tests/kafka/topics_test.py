#!/usr/bin/env python3
"""Topics seen from the program: PRINT, SHOW TOPICS, sabot infer, how many records wait, warnings of the client.

    topics_test.py [--sabot PROGRAM] [NAME...]
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import broker

broker.require()

from client import Client  # noqa: E402

sys.path.insert(0, os.path.join(broker.ROOT, "tests", "terminal"))
from terminal import Terminal  # noqa: E402

SABOT = os.environ.get("SABOT", os.path.join(broker.ROOT, "build", "release", "sabot"))


def same(got, want, what):
    if got != want:
        raise AssertionError(f"{what}\n    expected: {want}\n    got:      {got}")


def sabot(*words, code=0, text=None):
    done = subprocess.run([SABOT, *words], input=text, stdin=None if text else subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    if done.returncode != code:
        raise AssertionError(f"{words}: exit code {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}")
    return done


def servers(cluster):
    return ("--set", "sabot.kafka.bootstrap.servers=" + cluster.bootstrap)


def fill(client):
    client.create_topic("orders", 1)
    client.produce("orders", [{"partition": 0, "key": "k1", "value": '{"id": 1, "at": "2024-05-01 10:00:00"}', "timestamp": 1700000000123},
                              {"partition": 0, "key": None, "value": '{"id": 2, "at": "2024-05-01 10:00:01"}', "timestamp": 1},
                              {"partition": 0, "key": "k3", "value": None, "timestamp": 1700000000000}])
    client.create_topic("bytes", 1)
    client.produce("bytes", [{"partition": 0, "key": b"\x00\x00\x00\x00\x00\x00\x00\x2a", "value": b"\x00\x00\x00\x00\x05\x02\xff", "timestamp": 1000},
                             {"partition": 0, "key": "7", "value": b"\x1b]0;title\x07", "timestamp": 2000}])
    client.create_topic("two", 2)
    client.create_topic("empty", 1)


ORDERS = ["key: text, null; value: json, null",
          'partition 0, offset 0, 2023-11-14T22:13:20.123Z, key: k1, value: {"id": 1, "at": "2024-05-01 10:00:00"}',
          'partition 0, offset 1, 1970-01-01T00:00:00.001Z, key: null, value: {"id": 2, "at": "2024-05-01 10:00:01"}',
          "partition 0, offset 2, 2023-11-14T22:13:20.000Z, key: k3, value: null"]


def printed(cluster, client):
    """Offset, time, key and value of each record, what they are first; LIMIT ends it."""
    same(sabot("run", "-e", "PRINT 'orders' FROM BEGINNING LIMIT 3", *servers(cluster)).stdout.splitlines(), ORDERS, "PRINT")
    by_statement = f"print `orders` from beginning limit 2 with ('properties.bootstrap.servers' = '{cluster.bootstrap}');"
    same(sabot("run", "-e", by_statement).stdout.splitlines(), ORDERS[:3], "brokers in the statement")
    same(sabot("run", "-e", "PRINT bytes FROM BEGINNING LIMIT 2", *servers(cluster)).stdout.splitlines(),
         ["key: number, bigint (8 bytes); value: avro or protobuf with a schema id (Confluent), binary",
          "partition 0, offset 0, 1970-01-01T00:00:01.000Z, key: 42, value: schema 5: 0x02ff",
          "partition 0, offset 1, 1970-01-01T00:00:02.000Z, key: 7, value: 0x1b5d303b7469746c6507"], "bytes")


def shown(cluster, client):
    """Topics with their partitions, internal ones hidden, in all output modes."""
    client.set_group_offsets("someone", "orders", {0: 1})  # makes __consumer_offsets
    same(sabot("run", "-e", "SHOW TOPICS", "-m", "csv", *servers(cluster)).stdout.splitlines(),
         ["topic,partitions", "bytes,1", "empty,1", "orders,1", "two,2"], "SHOW TOPICS")
    text = f"SET 'sabot.kafka.bootstrap.servers' = '{cluster.bootstrap}';\n.mode csv\nSHOW TOPICS; PRINT two FROM BEGINNING\n LIMIT x;\nSELECT 1 AS a;\n"
    done = sabot("shell", text=text, code=1)
    same(done.stdout.splitlines()[-1], "two,2", "the shell stops at an error")
    assert "a number of records is wanted" in done.stderr, done.stderr


def refused(cluster, client):
    """A topic that is not there, brokers that are not known."""
    done = sabot("run", "-e", "PRINT 'order'", *servers(cluster), code=1)
    assert "topic 'order' is not there" in done.stderr and "did you mean 'orders'? topics: " in done.stderr, done.stderr
    done = sabot("run", "-e", "SHOW TOPICS", code=1)
    assert "SET 'sabot.kafka.bootstrap.servers'" in done.stderr, done.stderr
    done = sabot("run", "-e", "SHOW TOPICS; SELECT 1", *servers(cluster), code=1)
    assert "not among SQL" in done.stderr, done.stderr


def stopped(cluster, client):
    """In the shell: records as they come, and Ctrl-C."""
    folder = tempfile.mkdtemp()
    t = Terminal([SABOT, "shell", *servers(cluster)], columns=150, env={"HOME": folder, "XDG_STATE_HOME": folder, "SABOT_HISTORY": None})
    t.wait("sabot>")
    t.send("PRINT two;\r")
    t.wait("Ctrl-C stops")
    client.produce("two", [{"partition": 1, "key": None, "value": "first"}])
    screen = t.wait("value: first")
    assert "key: null; value: text" in screen and "partition 1, offset 0" in screen, screen
    client.produce("two", [{"partition": 0, "key": None, "value": "second"}])
    t.wait("value: second")
    t.send("\x03")
    t.wait("interrupted")
    t.send("SELECT 40 + 2 AS answer;\r")
    t.wait("42")
    t.send("\x04")


def waiting(cluster, client):
    """How many records wait is told on the terminal and at the end; a warning of the client once for two subtasks."""
    client.create_topic("many", 2)
    client.produce("many", [{"partition": i % 2, "key": None, "value": '{"a": 1}'} for i in range(20000)])
    table = ("CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = 'many', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset', "
             f"'properties.bootstrap.servers' = '127.0.0.1:1,127.0.0.1:2,{cluster.bootstrap}'%s); CREATE TABLE b (a INT) WITH ('connector' = 'blackhole'); ")
    ended = sabot("run", "--json", "-p", "2", "-e", table % ", 'scan.bounded.mode' = 'latest-offset'" + "INSERT INTO b SELECT a FROM t")
    job = json.loads(ended.stdout.splitlines()[-1])["job"]
    same((job["rows_in"], job["pending_records"]), (20000, 0), "at the end nothing waits")
    warnings = [line for line in ended.stderr.splitlines() if line.startswith("warning: ") and "Connection refused" in line]
    same(len(warnings), len(set(warnings)), f"each warning once: {ended.stderr}")
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "slow.sql")
        with open(script, "w", encoding="utf-8") as file:
            file.write(table % "" + "CREATE TABLE n (a INT, b BIGINT) WITH ('connector' = 'blackhole'); "
                       "INSERT INTO n SELECT x.a, COUNT(*) FROM t x JOIN t y ON x.a = y.a GROUP BY x.a;")
        t = Terminal([SABOT, "run", script], columns=200)
        screen = t.wait(lambda screen: re.search(r", lag [0-9,]+ records?", screen))
        os.kill(t.pid, signal.SIGKILL)
        lag = int(re.search(r", lag ([0-9,]+) record", screen).group(1).replace(",", ""))
        assert 0 <= lag <= 40000, screen


def inferred(cluster, client):
    """The table that is proposed for a topic reads it; keys, CSV, text; what cannot be guessed."""
    url = "kafka://" + cluster.bootstrap + "/"
    same(sabot("infer", url + "orders").stdout,
         "CREATE TABLE `orders` (\n    `id` BIGINT,\n    `at` TIMESTAMP(3)\n    -- for windows: , WATERMARK FOR `at` AS `at` - INTERVAL '5' SECOND\n"
         ") WITH (\n    'connector' = 'kafka',\n    'topic' = 'orders',\n"
         f"    'properties.bootstrap.servers' = '{cluster.bootstrap}',\n    'scan.startup.mode' = 'earliest-offset',\n    'format' = 'json',\n"
         "    'json.strict-types' = 'true'\n);\n", "some keys are null: no key format")
    client.create_topic("shop.users", 2)
    client.produce("shop.users", [{"partition": i % 2, "key": f'{{"id": {i}}}', "value": f'{{"id": {i},\n "name": "n{i}"}}'} for i in range(3)])
    client.create_topic("lines", 1)
    client.produce("lines", [{"partition": 0, "key": f"k{i}", "value": f"red,{i},2024-05-0{i + 1}"} for i in range(4)])
    client.create_topic("counts", 1)
    client.produce("counts", [{"partition": 0, "key": bytes([0, 0, 0, 0, 0, 0, 0, 9]), "value": "just words"}])
    for topic, table, columns, query, rows in (
            ("shop.users", "shop_users", "`key_id` BIGINT|`id` BIGINT|`name` VARCHAR(2147483647)", "SELECT SUM(key_id), SUM(id), MAX(name) FROM shop_users", "3,3,n2"),
            ("lines", "lines", "`key` STRING|`column0` STRING|`column1` BIGINT|`column2` DATE",
             "SELECT MIN(key), MAX(column0), SUM(column1), MAX(column2) FROM lines", "k0,red,6,2024-05-04"),
            ("counts", "counts", "`key` BYTES|`value` STRING", "SELECT `value`, HEX(CAST(key AS STRING)) FROM counts WHERE key IS NOT NULL",
             "just words,0000000000000009")):
        statement = sabot("infer", url + topic).stdout
        assert statement.startswith(f"CREATE TABLE `{table}` ("), statement
        same([line.strip(" ,") for line in statement.split("\n)")[0].splitlines()[1:]],
             columns.replace("VARCHAR(2147483647)", "STRING").split("|"), statement)
        bounded = statement.replace("'scan.startup.mode'", "'scan.bounded.mode' = 'latest-offset', 'scan.startup.mode'")
        same(sabot("run", "-m", "csv", "-e", "SET 'execution.runtime-mode' = 'BATCH';" + bounded + query).stdout.splitlines()[1:], [rows], statement)
    shown = json.loads(sabot("infer", "--json", "--name", "t", url + "lines").stdout)
    same((shown["table"], shown["format"], shown["rows"], len(shown["columns"])), ("t", "csv", 4, 4), "as JSON")
    for topic, message in (("empty", "topic 'empty' has no records to guess columns from"), ("order", "did you mean 'orders'?"),
                           ("bytes", "not supported: guessing the columns of records with a schema id"), ("", "names no topic")):
        done = sabot("infer", url + topic, code=1)
        assert message in done.stderr, done.stderr


TESTS = [printed, shown, refused, stopped, inferred, waiting]


def main(words):
    global SABOT
    if words[:1] == ["--sabot"]:
        SABOT, words = os.path.abspath(words[1]), words[2:]
    chosen = [t for t in TESTS if not words or t.__name__ in words]
    failed = 0
    broker.make_archive()
    with broker.Cluster(brokers=1) as cluster:
        client = Client(cluster.bootstrap)
        fill(client)
        for test in chosen:
            begin = time.monotonic()
            try:
                test(cluster, client)
                print(f"PASS {test.__name__} ({time.monotonic() - begin:.1f} s)", flush=True)
            except Exception as error:  # noqa: BLE001  each failure is reported, the rest goes on
                failed += 1
                print(f"FAIL {test.__name__}: {type(error).__name__}: {error}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
