#!/usr/bin/env python3
"""The same answer at any batch size and any parallelism.

Makes inputs of a million rows (50,000 keys, retractions, times out of order), runs each query of the suite at batch size 1, 7
and 4096 with one subtask and demands the identical changelog, then with 1, 2 and 7 subtasks, mini-batch on and off, and
demands the identical final table. Rows that are late are counted the same everywhere, and some are late. Every run proves by
the program's own counts that it read all rows and that each subtask it claims to have used was given rows.

Inputs with event time are one file, so that what is late does not depend on who reads faster. The others are also cut by key
into many files: runs at a parallelism read those, and then the sources' subtasks must all have read rows, too.

    same_answer.py --sabot PATH [--rows N] [--keys N] [--query NAME]... [--keep DIR]
"""

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time

PARTS = 28

TABLES = """
CREATE TABLE events (k BIGINT, v BIGINT, s STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
  WITH ('connector' = 'filesystem', 'path' = 'events.json', 'format' = 'json');
CREATE TABLE visits (k BIGINT, v BIGINT, s STRING) WITH ('connector' = 'filesystem', 'path' = 'events@PARTS@', 'format' = 'json');
CREATE TABLE changes (k BIGINT, v BIGINT, g STRING)
  WITH ('connector' = 'filesystem', 'path' = 'changes@PARTS@', 'format' = 'changelog-json');
CREATE TABLE upserts (id BIGINT, name STRING, PRIMARY KEY (id) NOT ENFORCED)
  WITH ('connector' = 'filesystem', 'path' = 'upserts@PARTS@', 'format' = 'changelog-json', 'changelog-json.changelog-mode' = 'I,UA,D');
"""

# name -> (columns of the sink, query)
TUMBLE = "FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '{}' SECOND))"
QUERIES = {
    "calc": ("k BIGINT, w BIGINT, s STRING", "SELECT k, v * 2 + 1, UPPER(s) FROM visits WHERE v % 7 <> 3"),
    "group": ("k BIGINT, n BIGINT, total BIGINT, low BIGINT, high BIGINT, mean BIGINT, kinds BIGINT",
              "SELECT k, COUNT(*), SUM(v), MIN(v), MAX(v), AVG(v), COUNT(DISTINCT g) FROM changes GROUP BY k"),
    "nested": ("rest BIGINT, n BIGINT, count_groups BIGINT, high BIGINT",
               "SELECT MOD(k, 97), n, COUNT(*), MAX(total) FROM (SELECT k, COUNT(*) AS n, SUM(v) AS total FROM changes GROUP BY k)"
               " GROUP BY MOD(k, 97), n"),
    "having": ("k BIGINT, total BIGINT", "SELECT k, SUM(v) FROM changes GROUP BY k HAVING SUM(v) > 100"),
    "distinct": ("k BIGINT, s STRING", "SELECT DISTINCT k, s FROM visits WHERE v < 5"),
    "upsert": ("id BIGINT, name STRING", "SELECT id, name FROM upserts"),
    "union": ("name STRING, n BIGINT", "SELECT name, COUNT(*) FROM (SELECT name FROM upserts UNION ALL SELECT s FROM visits) GROUP BY name"),
    "tumble": ("k BIGINT, ws TIMESTAMP(3), n BIGINT, total BIGINT, names BIGINT",
               f"SELECT k, window_start, COUNT(*), SUM(v), COUNT(DISTINCT s) {TUMBLE.format(10)} GROUP BY k, window_start, window_end"),
    "hop": ("k BIGINT, we TIMESTAMP(3), n BIGINT, high BIGINT",
            "SELECT k, window_end, COUNT(*), MAX(v) FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND))"
            " GROUP BY k, window_start, window_end"),
    "join": ("k BIGINT, v BIGINT, name STRING", "SELECT c.k, c.v, u.name FROM changes AS c JOIN upserts AS u ON c.k = u.id AND c.v > 2"),
    "window_join": ("k BIGINT, ws TIMESTAMP(3), a BIGINT, b BIGINT",
                    "SELECT x.k, x.window_start, x.n, y.n FROM"
                    f" (SELECT k, window_start, window_end, COUNT(*) AS n {TUMBLE.format(5)} WHERE v > 4 GROUP BY k, window_start, window_end) AS x JOIN"
                    f" (SELECT k, window_start, window_end, COUNT(*) AS n {TUMBLE.format(5)} WHERE v <= 4 GROUP BY k, window_start, window_end) AS y"
                    " ON x.k = y.k AND x.window_start = y.window_start AND x.window_end = y.window_end"),
}
INTERLEAVED = ("join", "union")  # two inputs: one subtask reads them in turn, so that the changelog is one
WINDOWED = ("tumble", "hop", "window_join")
LATE = ("tumble", "window_join")  # a row of the others is never too late for all of its windows
KEYED = ("GroupAggregate", "WindowAggregate", "Join", "WindowJoin", "ChangelogNormalize")
MINIBATCH = ("SET 'table.exec.mini-batch.enabled' = 'true'; SET 'table.exec.mini-batch.allow-latency' = '1 s';"
             " SET 'table.exec.mini-batch.size' = '5000';\n")


def stamp(ms):
    seconds, ms = divmod(ms, 1000)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"2024-01-01 {hours % 24:02d}:{minutes:02d}:{seconds:02d}.{ms:03d}"


def make_inputs(folder, rows, seed, keys):
    rng = random.Random(seed)
    with open(os.path.join(folder, "events.json"), "w", encoding="ascii") as file:
        for i in range(rows):
            ms = i * max(3, 120000 // rows) // 2 + rng.randrange(-3500, 1) + 5000
            key = "null" if i % 997 == 0 else rng.randrange(keys)
            file.write(f'{{"k":{key},"v":{rng.randrange(10)},"s":"name-{rng.randrange(300)}","ts":"{stamp(ms)}"}}\n')
    live = []
    with open(os.path.join(folder, "changes.json"), "w", encoding="ascii") as file:
        for i in range(rows):
            dice = rng.random()
            if dice < 0.3 and live:
                at = rng.randrange(len(live))
                data = live[at]
                if dice < 0.15:
                    file.write(f'{{"op":"-D","data":{data}}}\n')
                    live[at] = live[-1]
                    live.pop()
                    continue
                key = data[5:data.index(",")]
                new = f'{{"k":{key},"v":{rng.randrange(-50, 50)},"g":"g{rng.randrange(9)}"}}'
                file.write(f'{{"op":"-U","data":{data}}}\n{{"op":"+U","data":{new}}}\n')
                live[at] = new
                continue
            key = "null" if i % 1009 == 0 else rng.randrange(keys)
            new = f'{{"k":{key},"v":{"null" if i % 31 == 0 else rng.randrange(-50, 50)},"g":"g{rng.randrange(9)}"}}'
            file.write(f'{{"op":"+I","data":{new}}}\n')
            live.append(new)
    with open(os.path.join(folder, "upserts.json"), "w", encoding="ascii") as file:
        for i in range(rows // 10):
            key = rng.randrange(keys)
            op = "-D" if rng.random() < 0.1 else "+U"
            file.write(f'{{"op":"{op}","data":{{"id":{key},"name":"name {rng.randrange(1000)}"}}}}\n')


def digest(folder):
    """(hash of the lines in order, sum of line hashes with their sign, lines); hashes are those of this process"""
    ordered, final, count = hashlib.sha256(), 0, 0
    for name in sorted(os.listdir(folder)):
        if name[0] in "._":
            continue
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        ordered.update(data)
        lines = data.splitlines()
        count += len(lines)
        final += sum(-hash(line[10:]) if line[7:9] in (b"-U", b"-D") else hash(line[10:]) for line in lines)
    return ordered.hexdigest(), final, count


def cut(folder, name, key):
    """The same lines by key in files of their own: a change never overtakes an earlier one of its key."""
    files = []
    os.makedirs(os.path.join(folder, name))
    for part in range(PARTS):
        files.append(open(os.path.join(folder, name, f"{part:02d}.json"), "wb"))
    with open(os.path.join(folder, name + ".json"), "rb") as whole:
        for line in whole:
            at = line.index(key) + len(key)
            end = line.index(b",", at)
            files[0 if line[at:end] == b"null" else int(line[at:end]) % PARTS].write(line)
    for file in files:
        file.close()


def count_lines(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def check_fed(name, label, job, parallelism, rows):
    """Every row was read, every subtask that the run stands for was given rows."""
    keyed = False
    scans = 0
    for operator in job["operators"]:
        what = operator["description"].split("(")[0]
        fed = [s["rows_out"] if what == "TableSourceScan" else s["rows_in"] for s in operator["subtasks"]]
        if what == "TableSourceScan":
            scans += sum(fed)
        keyed = keyed or what in KEYED
        if (what in KEYED + ("Sink",) or name not in WINDOWED) and (len(fed) != parallelism or min(fed) == 0):
            raise RuntimeError(f"{name} {label}: {operator['description']} was given {fed}, {parallelism} subtasks were to get rows")
    if name != "calc" and not keyed:
        raise RuntimeError(f"{name} {label}: there is no keyed operator in {job}")
    if scans != rows or job["rows_in"] != rows or job["bad_records"] or job["restarts"]:
        raise RuntimeError(f"{name} {label}: read {scans} of {rows} rows: {job}")


def run(args, folder, name, label, settings, minibatch, parts=False):
    columns, query = QUERIES[name]
    out = f"out-{name}-{label}"
    subprocess.run(["rm", "-rf", os.path.join(folder, out)], check=True)  # of a run that was stopped, with --keep
    script = os.path.join(folder, f"{name}-{label}.sql")
    with open(script, "w", encoding="utf-8") as file:
        file.write((MINIBATCH if minibatch else "") + TABLES.replace("@PARTS@", "" if parts else ".json"))
        file.write(f"CREATE TABLE sink ({columns}) WITH ('connector' = 'filesystem', 'path' = '{out}', 'format' = 'changelog-json',"
                   f" 'sink.rolling-policy.file-size' = '10 gb');\nINSERT INTO sink {query};\n")
    command = [args.sabot, "run", script, "--json"]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1200)
    if done.returncode != 0:
        raise RuntimeError(f"{name} {label}: exit {done.returncode}: {done.stderr[-500:]}")
    job = json.loads(done.stdout)["job"]
    rows = sum(args.rows_of[table] * (table in query) for table in args.rows_of)
    check_fed(name, label, job, settings["parallelism.default"], rows)
    result = digest(os.path.join(folder, out))
    subprocess.run(["rm", "-rf", os.path.join(folder, out)], check=True)
    return result, job["late_rows"]


def check_query(args, folder, name):
    failures = []
    begin = time.monotonic()
    base = None
    for batch in (4096, 7, 1):
        settings = {"execution.batch-rows": batch, "parallelism.default": 1}
        if name in INTERLEAVED:
            settings["scan.interleave"] = "true"
        got = run(args, folder, name, f"batch{batch}", settings, False)
        base = base or got
        # Two aggregates feed the window join: the order across keys within one firing is open there.
        same = got[0][1:] == base[0][1:] if name == "window_join" else got[0] == base[0]
        if not same or got[1] != base[1]:
            failures.append(f"{name}: batch {batch} gives {got}, batch 4096 gave {base}")
    for parallelism in (1, 2, 7):
        for minibatch in (False, True):
            got = run(args, folder, name, f"p{parallelism}{'m' if minibatch else ''}", {"parallelism.default": parallelism}, minibatch, True)
            if got[0][1] != base[0][1] or got[1] != base[1]:
                failures.append(f"{name}: parallelism {parallelism} mini-batch {minibatch} gives {got}, expected table {base[0][1]} and {base[1]} late rows")
    if (base[1] > 0) != (name in LATE) or base[0][2] < 100:
        failures.append(f"{name}: {base[1]} late rows, {base[0][2]} changes: this shows nothing")
    for line in failures:
        print(line, flush=True)
    print(("FAIL " if failures else "ok   ") + f"{name}: {base[0][2]} changes, {base[1]} late, {time.monotonic() - begin:.1f} s", flush=True)
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sabot", default=os.environ.get("SABOT"))
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--keys", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--query", action="append")
    parser.add_argument("--keep")
    args = parser.parse_args()
    failures, names = [], args.query or list(QUERIES)
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or temporary
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(os.path.join(folder, "upserts.json")):
            make_inputs(folder, args.rows, args.seed, args.keys)
            for table, key in (("events", b'"k":'), ("changes", b'"k":'), ("upserts", b'"id":')):
                cut(folder, table, key)
        args.rows_of = {table: count_lines(os.path.join(folder, file + ".json")) for table, file in
                        (("events", "events"), ("visits", "events"), ("changes", "changes"), ("upserts", "upserts"))}
        for name in names:
            try:
                failures += check_query(args, folder, name)
            except RuntimeError as error:
                failures.append(str(error))
                print(error, flush=True)
    bad = len({line.split(":")[0].split()[0] for line in failures})
    print(f"{len(names) - bad} passed, {bad} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
