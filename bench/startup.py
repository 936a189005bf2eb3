#!/usr/bin/env python3
"""Start to first row, and memory of a job that waits for input.

    startup.py [--sabot PATH] [--runs N]
"""

import argparse
import os
import signal
import statistics
import subprocess
import tempfile
import time

GOAL_MS, GOAL_MB = 50, 32
ONE_ROW = "CREATE TABLE v (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1'); SELECT a FROM v;"
FILE_ROWS = '{{"id":{0},"name":"name {0}","at":"2024-01-01 10:00:00","user":{{"x":{0},"y":[1,2]}}}}\n'
WAITING = """CREATE TABLE v (a INT) WITH ('connector' = 'datagen', 'rows-per-second' = '1');
CREATE TABLE c (a INT, n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO c SELECT a, COUNT(*) FROM v GROUP BY a;"""


def first_row_ms(sabot, sql):
    begin = time.monotonic()
    with subprocess.Popen([sabot, "run", "-m", "jsonl", "-e", sql], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        line = process.stdout.readline()
        ms = (time.monotonic() - begin) * 1000
    assert line, "no row came"
    return ms


def idle_mb(sabot):
    process = subprocess.Popen([sabot, "run", "-e", WAITING], stderr=subprocess.DEVNULL)
    time.sleep(3)
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        kb = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    process.send_signal(signal.SIGTERM)
    process.wait()
    return kb / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sabot", default="build/release/sabot")
    parser.add_argument("--runs", type=int, default=15)
    args = parser.parse_args()
    sabot = os.path.abspath(args.sabot)
    with tempfile.TemporaryDirectory(prefix="sabot-startup-") as folder:
        path = os.path.join(folder, "small.json")
        with open(path, "w", encoding="ascii") as file:
            file.writelines(FILE_ROWS.format(i) for i in range(1000))
        for what, sql in (("generator", ONE_ROW), ("guessed file of 1000 rows", f"SELECT * FROM '{path}'")):
            times = [first_row_ms(sabot, sql) for _ in range(args.runs)]
            print(f"start to first row, {what}: median {statistics.median(times):.0f} ms, greatest {max(times):.0f} (goal {GOAL_MS})")
    print(f"idle memory: {idle_mb(sabot):.1f} MB resident (goal {GOAL_MB})")


if __name__ == "__main__":
    main()
