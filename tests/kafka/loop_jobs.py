"""The jobs of the kill loop: their SQL, and what each must have written, computed from the number of rows fed."""
import collections
import json
import os

from feeder import KEYS, START_MS, STEP_MS, row, stamp

WINDOW_MS = 10000
COLUMNS = "id BIGINT, k INT, v INT, ts TIMESTAMP(3)"
INPUTS = {"a": 3, "b": 2, "w": 3}  # topics and their partitions; all get the same rows


def source(name, topic, bootstrap, columns=COLUMNS):
    return (f"CREATE TABLE {name} ({columns}) WITH ('connector' = 'kafka', 'topic' = '{topic}', 'properties.bootstrap.servers' = '{bootstrap}',\n"
            f"  'properties.group.id' = 'loop-{topic}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json',\n"
            f"  'scan.topic-partition-discovery.interval' = '1 s');\n")


def sink(name, columns, bootstrap, timeout_ms, job, guarantee="exactly-once"):
    return (f"CREATE TABLE {name} ({columns}) WITH ('connector' = 'kafka', 'topic' = 'out-{job}', 'properties.bootstrap.servers' = '{bootstrap}',\n"
            f"  'format' = 'json', 'sink.delivery-guarantee' = '{guarantee}', 'sink.transactional-id-prefix' = 'loop-{job}',\n"
            f"  'properties.transaction.timeout.ms' = '{timeout_ms}');\n")


def stateless(bootstrap, timeout_ms):
    return (source("a", "a", bootstrap) + sink("o", "id BIGINT, twice INT", bootstrap, timeout_ms, "stateless") +
            "INSERT INTO o SELECT id, v * 2 FROM a WHERE MOD(id, 10) <> 3 AND id >= 0;\n")


def window(bootstrap, timeout_ms):
    return (source("w", "w", bootstrap, COLUMNS + ", WATERMARK FOR ts AS ts - INTERVAL '1' SECOND") +
            sink("o", "k INT, ws TIMESTAMP(3), n BIGINT, total INT", bootstrap, timeout_ms, "window") +
            "INSERT INTO o SELECT k, window_start, COUNT(*), SUM(v) FROM TABLE(TUMBLE(TABLE w, DESCRIPTOR(ts), INTERVAL '10' SECOND))\n"
            "  WHERE id >= 0 GROUP BY k, window_start, window_end;\n")


def join(bootstrap, timeout_ms):
    return (source("a", "a", bootstrap) + source("b", "b", bootstrap) + sink("o", "id BIGINT, total INT", bootstrap, timeout_ms, "join") +
            "INSERT INTO o SELECT a.id, a.v + b.v FROM a JOIN b ON a.id = b.id WHERE a.id >= 0;\n")


def both(bootstrap, timeout_ms):
    return (source("a", "a", bootstrap) + sink("o", "id BIGINT, v INT", bootstrap, timeout_ms, "both") +
            "CREATE TABLE f (id BIGINT, v INT) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json',"
            " 'sink.rolling-policy.file-size' = '64kb');\n"
            "EXECUTE STATEMENT SET BEGIN\n  INSERT INTO o SELECT id, v FROM a WHERE MOD(id, 2) = 0;\n"
            "  INSERT INTO f SELECT id, v FROM a WHERE MOD(id, 2) = 0;\nEND;\n")


def expect_stateless(count):
    return collections.Counter((n, row(n)["v"] * 2) for n in range(count) if n % 10 != 3)


def expect_window(count):
    rows, per_window = collections.Counter(), WINDOW_MS // STEP_MS
    for first in range(0, count, per_window):
        sums = {}
        for n in range(first, min(first + per_window, count)):
            one = row(n)
            number, total = sums.get(one["k"], (0, 0))
            sums[one["k"]] = number + 1, total + one["v"]
        start = stamp(START_MS + first * STEP_MS)[:19]
        rows.update((k, start, number, total) for k, (number, total) in sums.items())
    assert not rows or KEYS > 0
    return rows


def expect_join(count):
    return collections.Counter((n, row(n)["v"] * 2) for n in range(count))


def expect_both(count):
    return collections.Counter((n, row(n)["v"]) for n in range(0, count, 2))


def as_row(value):
    """The members of a JSON text in their order; a time without the zeros of its fraction."""
    return tuple(x[:19] if isinstance(x, str) else x for x in json.loads(value).values())


def read_files(folder):
    """Rows of the published files; files whose name starts with . or _ are in progress."""
    rows, left = collections.Counter(), []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if name[0] in "._":
            left.append(name)
            continue
        with open(os.path.join(folder, name), "rb") as file:
            rows.update(as_row(line) for line in file)
    return rows, left


Job = collections.namedtuple("Job", "name sql expect inputs files grows")
JOBS = {
    "stateless": Job("stateless", stateless, expect_stateless, ["a"], False, True),
    "window": Job("window", window, expect_window, ["w"], False, False),  # rows of a partition found late would be late
    "join": Job("join", join, expect_join, ["a", "b"], False, True),
    "both": Job("both", both, expect_both, ["a"], True, True),
}
