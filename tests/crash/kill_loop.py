#!/usr/bin/env python3
"""Kills the real program under load and compares what it published with an undisturbed run.

A job runs with a state directory and frequent checkpoints. It is killed with SIGKILL at random instants and at every named
point of a checkpoint (SABOT_CRASH_AT), started again at another parallelism, killed again, until it ends by itself. A kill counts only
when the job had input pending and a checkpoint behind it. The published rows must then be those of the undisturbed run: as
a multiset for rows that are never taken back, as the final table for changelogs.

    kill_loop.py --sabot PATH [--kills N] [--seed S] [--job NAME]...
"""

import argparse
import collections
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

POINTS = ["barrier-received", "snapshot-write", "manifest-before", "manifest-after", "sink-publish-before", "sink-publish-after",
          "file-rename"]

TABLES = """
CREATE TABLE events (k BIGINT, v BIGINT, s STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
  WITH ('connector' = 'filesystem', 'path' = 'events', 'format' = 'json');
CREATE TABLE changes (k BIGINT, v BIGINT) WITH ('connector' = 'filesystem', 'path' = 'changes', 'format' = 'changelog-json');
"""
JOBS = {
    "stateless": ("k BIGINT, v BIGINT, s STRING", "SELECT k, v + 1, UPPER(s) FROM events WHERE v <> 3"),
    "window": ("k BIGINT, ws TIMESTAMP(3), n BIGINT, total BIGINT, kinds BIGINT",
               "SELECT k, window_start, COUNT(*), SUM(v), COUNT(DISTINCT s) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND))"
               " GROUP BY k, window_start, window_end"),
    "hop": ("k BIGINT, we TIMESTAMP(3), n BIGINT", "SELECT k, window_end, COUNT(*) FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts),"
            " INTERVAL '5' SECOND, INTERVAL '15' SECOND)) GROUP BY k, window_start, window_end"),
    "group": ("k BIGINT, n BIGINT, total BIGINT, high BIGINT", "SELECT k, COUNT(*), SUM(v), MAX(v) FROM changes GROUP BY k"),
    # groups by the hundred, numbered by each instance: those of several meet after a restart at another parallelism
    "distinct": ("k BIGINT, v BIGINT, kinds BIGINT, high STRING", "SELECT k, v, COUNT(DISTINCT s), MAX(s) FROM events GROUP BY k, v"),
    "join": ("k BIGINT, v BIGINT, w BIGINT, n BIGINT",
             "SELECT a.k, a.v, b.v, COUNT(*) FROM changes AS a JOIN changes AS b ON a.k = b.k AND a.v < b.v GROUP BY a.k, a.v, b.v"),
    # user functions of all kinds (examples/c/functions.c): accumulators over changes, rows of a table function cut by batches
    "user": ("k BIGINT, w DOUBLE, n BIGINT", "SELECT k, wavg(CAST(size AS DOUBLE), v), COUNT(*) FROM changes, LATERAL TABLE(words("
             "CONCAT(REPEAT('to ', CAST(v * 3 AS INT)), mask(CAST(k AS STRING), 1)))) AS t (word, size) GROUP BY k"),
}
FUNCTIONS = "".join(f"CREATE FUNCTION {name} AS 'libfunctions.so:{name}' LANGUAGE C;\n" for name in ("mask", "wavg", "words"))
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")


def make_library(folder):
    subprocess.run([os.environ.get("CC", "cc"), "-O1", "-shared", "-fPIC", "-I", os.path.join(ROOT, "include"),
                    os.path.join(ROOT, "examples/c/functions.c"), "-o", os.path.join(folder, "libfunctions.so")], check=True)


def make_inputs(folder, rows, seed):
    rng = random.Random(seed)
    for name in ("events", "changes"):
        os.makedirs(os.path.join(folder, name))
    for part in range(4):
        with open(os.path.join(folder, "events", f"{part}.json"), "w", encoding="ascii") as file:
            for i in range(rows // 4):
                ms = i * 12 + rng.randrange(-1500, 1) + 5000
                second, milli = divmod(ms, 1000)
                stamp = f"2024-01-01 {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{milli:03d}"
                file.write(f'{{"k":{rng.randrange(200)},"v":{rng.randrange(10)},"s":"n{rng.randrange(9)}","ts":"{stamp}"}}\n')
        live = []
        with open(os.path.join(folder, "changes", f"{part}.json"), "w", encoding="ascii") as file:
            for i in range(rows // 8):
                if live and rng.random() < 0.3:
                    at = rng.randrange(len(live))
                    data = live[at]
                    live[at] = live[-1]
                    live.pop()
                    file.write(f'{{"op":"-D","data":{data}}}\n')
                    continue
                # Keys of a part are its own: a deletion never overtakes its insertion in another file.
                data = f'{{"k":{4 * rng.randrange(900) + part},"v":{rng.randrange(20)}}}'
                file.write(f'{{"op":"+I","data":{data}}}\n')
                live.append(data)


def script(folder, name):
    columns, query = JOBS[name]
    path = os.path.join(folder, f"{name}.sql")
    with open(path, "w", encoding="utf-8") as file:
        file.write(TABLES + (FUNCTIONS if name == "user" else "") + f"CREATE TABLE sink ({columns}) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'changelog-json',"
                   f" 'sink.rolling-policy.file-size' = '64kb');\n"
                   f"INSERT INTO sink {query};\n")
    return path


def published(folder):
    """The final table (rows with their count), after adding and taking away."""
    table = collections.Counter()
    out = os.path.join(folder, "out")
    for name in sorted(os.listdir(out)) if os.path.isdir(out) else []:
        if name[0] in "._":
            continue
        with open(os.path.join(out, name), "rb") as file:
            for line in file:
                table[line[10:]] += -1 if line[7:9] in (b"-U", b"-D") else 1
    return collections.Counter({row: n for row, n in table.items() if n})


class Loop:
    def __init__(self, args, base, rng):
        self.args, self.base, self.rng = args, base, rng
        self.kills = collections.Counter()
        self.failures = []

    def command(self, sql, state, parallelism):
        return [self.args.sabot, "run", sql, "--state", state, "--json", "--parallelism", str(parallelism),
                "--set", "execution.checkpointing.interval=15 ms", "--set", "execution.checkpointing.num-retained=2",
                "--set", "execution.batch-rows=32"]

    def link_inputs(self, folder):
        for name in ("events", "changes", "libfunctions.so"):
            os.symlink(os.path.join(self.base, name), os.path.join(folder, name))

    def undisturbed(self, name):
        with tempfile.TemporaryDirectory() as folder:
            self.link_inputs(folder)
            done = subprocess.run([self.args.sabot, "run", script(folder, name)], cwd=folder, capture_output=True, text=True, timeout=600)
            if done.returncode != 0:
                raise RuntimeError(f"{name}: undisturbed run failed: {done.stderr[-800:]}")
            return published(folder)

    def start(self, sql, folder, parallelism, point):
        env = dict(os.environ)
        if point:
            env["SABOT_CRASH_AT"] = point
        return subprocess.Popen(self.command(sql, "state", parallelism), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)

    def one_run(self, name, expected):
        """One job from its start to its end, killed on the way."""
        with tempfile.TemporaryDirectory() as folder:
            self.link_inputs(folder)
            sql = script(folder, name)
            pending = []  # kills whose next start must say that it resumed
            hits = []  # kills with the checkpoint that the next start resumed from
            for attempt in range(400):
                parallelism = self.rng.choice((1, 3, 2))
                point = None
                if self.rng.random() < 0.6:
                    point = f"{self.rng.choice(POINTS)}:{self.rng.randrange(1, 8)}"
                process = self.start(sql, folder, parallelism, point)
                try:
                    out, err = process.communicate(timeout=self.rng.uniform(0.05, 0.5) if not point else 20)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    out, err = process.communicate()
                resumed = re.search(r"resumed from checkpoint (\d+)", err)
                if resumed:
                    hits += [(where, int(resumed.group(1))) for where in pending]
                pending = []
                if process.returncode == 0:
                    # With nothing left to read, the kills after its checkpoint found no input pending.
                    if json.loads(out)["job"]["rows_in"] == 0 and resumed:
                        hits = [hit for hit in hits if hit[1] != int(resumed.group(1))]
                    self.kills.update(where for where, _ in hits)
                    break
                if process.returncode == -signal.SIGKILL:
                    pending = [point.split(":")[0] if point else "random"]
                else:
                    self.failures.append(f"{name}: exit {process.returncode} at parallelism {parallelism} point {point}: {err[-600:]}")
                    return
            else:
                self.failures.append(f"{name}: never ended")
                return
            got = published(folder)
            if got != expected:
                missing, extra = expected - got, got - expected
                self.failures.append(f"{name}: {sum(missing.values())} rows missing, {sum(extra.values())} too many, e.g. {list((missing + extra).items())[:3]}")
            left = [n for n in os.listdir(os.path.join(folder, "out")) if n[0] in "._"]
            if left:
                self.failures.append(f"{name}: left behind {left[:3]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sabot", default=os.environ.get("SABOT"))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=160000)
    parser.add_argument("--job", action="append")
    parser.add_argument("--seconds", type=int, default=900)
    args = parser.parse_args()
    rng, jobs = random.Random(args.seed), args.job or list(JOBS)
    begin, runs = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as base:
        make_inputs(base, args.rows, args.seed)
        make_library(base)
        loop = Loop(args, base, rng)
        expected = {name: loop.undisturbed(name) for name in jobs}
        while sum(loop.kills.values()) < args.kills and not loop.failures and time.monotonic() - begin < args.seconds:
            for name in jobs:
                loop.one_run(name, expected[name])
                runs += 1
                print(f"{runs} runs, {sum(loop.kills.values())} kills {dict(loop.kills)}", flush=True)
    total = sum(loop.kills.values())
    missed = [p for p in POINTS if loop.kills[p] == 0]
    if not loop.failures and (total < args.kills or missed):
        loop.failures.append(f"only {total} of {args.kills} kills hit a job with a checkpoint behind it; never hit: {missed}")
    for line in loop.failures:
        print("FAIL", line)
    print(f"kills: {json.dumps(loop.kills)} in {runs} runs, seed {args.seed}")
    print(f"{runs - len(loop.failures) if runs else 0} passed, {len(loop.failures)} failed")
    return 1 if loop.failures else 0


if __name__ == "__main__":
    sys.exit(main())
