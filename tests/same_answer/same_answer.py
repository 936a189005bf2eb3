#!/usr/bin/env python3
"""The same answer at any batch size and any parallelism.

Makes inputs of a million rows (50,000 keys, retractions, times out of order), runs each query of the suite at batch size 1, 7
and 4096 with one subtask and demands the identical changelog, then with 1, 2 and 7 subtasks, mini-batch on and off, and
demands the identical final table. Rows that are late are counted the same everywhere.

    same_answer.py --sabot PATH [--rows N] [--query NAME]... [--keep DIR]
"""

import argparse
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile

KEYS = 50000

TABLES = """
CREATE TABLE events (k BIGINT, v BIGINT, s STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
  WITH ('connector' = 'filesystem', 'path' = 'events.json', 'format' = 'json');
CREATE TABLE changes (k BIGINT, v BIGINT, g STRING)
  WITH ('connector' = 'filesystem', 'path' = 'changes.json', 'format' = 'changelog-json');
CREATE TABLE upserts (id BIGINT, name STRING, PRIMARY KEY (id) NOT ENFORCED)
  WITH ('connector' = 'filesystem', 'path' = 'upserts.json', 'format' = 'changelog-json', 'changelog-json.changelog-mode' = 'I,UA,D');
"""

# name -> (columns of the sink, query, mini-batch matters)
QUERIES = {
    "calc": ("k BIGINT, w BIGINT, s STRING", "SELECT k, v * 2 + 1, UPPER(s) FROM events WHERE v % 7 <> 3", False),
    "group": ("k BIGINT, n BIGINT, total BIGINT, low BIGINT, high BIGINT, mean BIGINT, kinds BIGINT",
              "SELECT k, COUNT(*), SUM(v), MIN(v), MAX(v), AVG(v), COUNT(DISTINCT g) FROM changes GROUP BY k", True),
    "nested": ("n BIGINT, groups BIGINT, high BIGINT",
               "SELECT n, COUNT(*), MAX(total) FROM (SELECT k, COUNT(*) AS n, SUM(v) AS total FROM changes GROUP BY k) GROUP BY n", True),
    "having": ("k BIGINT, total BIGINT", "SELECT k, SUM(v) FROM changes GROUP BY k HAVING SUM(v) > 100", True),
    "tumble": ("k BIGINT, ws TIMESTAMP(3), n BIGINT, total BIGINT, names BIGINT",
               "SELECT k, window_start, COUNT(*), SUM(v), COUNT(DISTINCT s) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND))"
               " GROUP BY k, window_start, window_end", False),
    "hop": ("k BIGINT, we TIMESTAMP(3), n BIGINT, high BIGINT",
            "SELECT k, window_end, COUNT(*), MAX(v) FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND))"
            " GROUP BY k, window_start, window_end", False),
    "join": ("k BIGINT, v BIGINT, name STRING", "SELECT c.k, c.v, u.name FROM changes AS c JOIN upserts AS u ON c.k = u.id AND c.v > 2", False),
    "window_join": ("k BIGINT, ws TIMESTAMP(3), a BIGINT, b BIGINT",
                    "SELECT x.k, x.window_start, x.n, y.n FROM"
                    " (SELECT k, window_start, window_end, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '5' SECOND)) WHERE v > 4 GROUP BY k, window_start, window_end) AS x JOIN"
                    " (SELECT k, window_start, window_end, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '5' SECOND)) WHERE v <= 4 GROUP BY k, window_start, window_end) AS y"
                    " ON x.k = y.k AND x.window_start = y.window_start AND x.window_end = y.window_end", False),
}
MINIBATCH = ("SET 'table.exec.mini-batch.enabled' = 'true'; SET 'table.exec.mini-batch.allow-latency' = '1 s';"
             " SET 'table.exec.mini-batch.size' = '5000';\n")


def stamp(ms):
    seconds, ms = divmod(ms, 1000)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"2024-01-01 {hours % 24:02d}:{minutes:02d}:{seconds:02d}.{ms:03d}"


def make_inputs(folder, rows, seed):
    rng = random.Random(seed)
    with open(os.path.join(folder, "events.json"), "w", encoding="ascii") as file:
        for i in range(rows):
            ms = i * 60000 // 40000 + rng.randrange(-3500, 1) + 5000
            key = "null" if i % 997 == 0 else rng.randrange(KEYS)
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
            key = "null" if i % 1009 == 0 else rng.randrange(KEYS)
            new = f'{{"k":{key},"v":{"null" if i % 31 == 0 else rng.randrange(-50, 50)},"g":"g{rng.randrange(9)}"}}'
            file.write(f'{{"op":"+I","data":{new}}}\n')
            live.append(new)
    with open(os.path.join(folder, "upserts.json"), "w", encoding="ascii") as file:
        for i in range(rows // 10):
            key = rng.randrange(KEYS)
            op = "-D" if rng.random() < 0.1 else "+U"
            file.write(f'{{"op":"{op}","data":{{"id":{key},"name":"name {rng.randrange(1000)}"}}}}\n')


def digest(folder):
    """(hash of the lines in order, sum of line hashes with their sign, lines)"""
    ordered, final, count = hashlib.sha256(), 0, 0
    for name in sorted(os.listdir(folder)):
        if name[0] in "._":
            continue
        with open(os.path.join(folder, name), "rb") as file:
            for line in file:
                ordered.update(line)
                sign = -1 if line[7:9] in (b"-U", b"-D") else 1
                final += sign * int.from_bytes(hashlib.blake2b(line[10:], digest_size=8).digest(), "big")
                count += 1
    return ordered.hexdigest(), final % 2**64, count


def run(args, folder, name, label, settings, minibatch):
    columns, query, _ = QUERIES[name]
    out = f"out-{name}-{label}"
    script = os.path.join(folder, f"{name}-{label}.sql")
    with open(script, "w", encoding="utf-8") as file:
        if name in ("join", "window_join"):
            file.write("SET 'scan.interleave' = 'true';\n" if settings.get("interleave") else "")
        file.write((MINIBATCH if minibatch else "") + TABLES)
        file.write(f"CREATE TABLE sink ({columns}) WITH ('connector' = 'filesystem', 'path' = '{out}', 'format' = 'changelog-json',"
                   f" 'sink.rolling-policy.file-size' = '10 gb');\nINSERT INTO sink {query};\n")
    command = [args.sabot, "run", script, "--json"]
    for key, value in settings.items():
        if key != "interleave":
            command += ["--set", f"{key}={value}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1200)
    if done.returncode != 0:
        raise RuntimeError(f"{name} {label}: exit {done.returncode}: {done.stderr[-500:]}")
    late = sum(int(n) for n in re.findall(r'"late_dropped": ?(\d+)', done.stdout + done.stderr))
    subtasks = set(re.findall(r"-(\d+)-\d+-\d+$", "\n".join(os.listdir(os.path.join(folder, out))), re.M))
    result = digest(os.path.join(folder, out))
    subprocess.run(["rm", "-rf", os.path.join(folder, out)], check=True)
    return result, late, len(subtasks)


def check_query(args, folder, name):
    failures = []
    two_inputs = name in ("join", "window_join")
    base = None
    for batch in (4096, 7, 1):
        settings = {"execution.batch-rows": batch, "parallelism.default": 1}
        if two_inputs:
            settings["interleave"] = True
        got = run(args, folder, name, f"batch{batch}", settings, False)
        base = base or got
        # Two aggregates feed the window join: the order across keys within one firing is open there.
        same = got[0][1:] == base[0][1:] if name == "window_join" else got[0] == base[0]
        if not same or got[1] != base[1]:
            failures.append(f"{name}: batch {batch} gives {got}, batch 4096 gave {base}")
    for parallelism in (1, 2, 7):
        for minibatch in ((False, True) if QUERIES[name][2] else (False,)):
            got = run(args, folder, name, f"p{parallelism}{'m' if minibatch else ''}", {"parallelism.default": parallelism}, minibatch)
            if got[0][1] != base[0][1] or got[1] != base[1]:
                failures.append(f"{name}: parallelism {parallelism} mini-batch {minibatch} gives {got}, expected table {base[0][1]} and {base[1]} late rows")
    print(("FAIL " if failures else "ok   ") + f"{name}: {base[0][2]} changes, {base[1]} late", flush=True)
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sabot", default=os.environ.get("SABOT"))
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--query", action="append")
    parser.add_argument("--keep")
    args = parser.parse_args()
    failures, names = [], args.query or list(QUERIES)
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or temporary
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(os.path.join(folder, "upserts.json")):
            make_inputs(folder, args.rows, args.seed)
        for name in names:
            try:
                failures += check_query(args, folder, name)
            except RuntimeError as error:
                failures.append(str(error))
    for line in failures:
        print(line)
    bad = len({line.split(":")[0].split()[0] for line in failures})
    print(f"{len(names) - bad} passed, {bad} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
