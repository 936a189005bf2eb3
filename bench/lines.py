#!/usr/bin/env python3
"""JSON lines and CSV from the page cache; gigabytes per second of one core.

The input is Nexmark bids, seven fields, written by the program itself. JSON: three fields, a filter and a group aggregate; all fields into a sink that
drops them. CSV: all fields. Runs alternate with `wc -l` over the same files, the unit of how fast the machine is in that minute. Time is user and system
time of the whole process.

    lines.py [--sabot PATH] [--events N] [--runs N] [--only json3,json7,csv7]
"""

import argparse
import glob
import os
import resource
import statistics
import subprocess
import tempfile

COLUMNS = "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3), extra STRING"
FILES = f"CREATE TABLE bids ({COLUMNS}) WITH ('connector' = 'filesystem', 'path' = '{{form}}', 'format' = '{{form}}');\n"
MAKE = """CREATE TABLE nexmark (event_type INT, bid ROW<{columns}>) WITH ('connector' = 'nexmark', 'events' = '{events}');
{files}INSERT INTO bids SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, bid.`dateTime`, bid.extra FROM nexmark WHERE event_type = 2;
"""
THREE = FILES + """CREATE TABLE totals (auction BIGINT, n BIGINT, high BIGINT, bidder BIGINT, PRIMARY KEY (auction) NOT ENFORCED)
WITH ('connector' = 'blackhole');
INSERT INTO totals SELECT auction, COUNT(*), MAX(price), MAX(bidder) FROM bids WHERE price > 1000 GROUP BY auction;
"""
ALL = FILES + f"CREATE TABLE nothing ({COLUMNS}) WITH ('connector' = 'blackhole');\nINSERT INTO nothing SELECT * FROM bids;\n"
CASES = {"json3": ("JSON lines, 3 of 7 fields", "json", THREE, 1.5), "json7": ("JSON lines, all 7 fields", "json", ALL, 1.2), "csv7": ("CSV, all 7 fields", "csv", ALL, 0.8)}


def cpu_seconds(command, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(args, sabot, folder, case):
    what, form, query, goal = CASES[case]
    parts = sorted(glob.glob(f"{folder}/{form}/part-*"))
    size = sum(os.path.getsize(part) for part in parts)
    engine, lines = [], []
    for _ in range(args.runs + 1):  # the first one fills the page cache
        lines.append(cpu_seconds(["taskset", "-c", "0", "wc", "-l", *parts], folder))
        engine.append(cpu_seconds(["taskset", "-c", "0", sabot, "run", "-p", "1", "-e", query.format(form=form)], folder))
    rate = lambda seconds: size / statistics.median(seconds[1:]) / 1e9
    print(f"{what}: {size / 1e6:.0f} MB, median {rate(engine):.2f} GB/s (goal {goal}), "
          f"least {size / max(engine[1:]) / 1e9:.2f}, greatest {size / min(engine[1:]) / 1e9:.2f}; wc -l in the same minute {rate(lines):.2f} GB/s", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sabot", default="build/release/sabot")
    parser.add_argument("--events", type=int, default=2000000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", default=",".join(CASES))
    args = parser.parse_args()
    sabot = os.path.abspath(args.sabot)
    cases = args.only.split(",")
    with tempfile.TemporaryDirectory() as folder:
        for form in sorted({CASES[case][1] for case in cases}):
            make = MAKE.format(columns=COLUMNS, files=FILES.format(form=form), events=args.events)
            subprocess.run([sabot, "run", "-e", make], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        for case in cases:
            measure(args, sabot, folder, case)


if __name__ == "__main__":
    main()
