#!/usr/bin/env python3
"""JSON lines from the page cache: three of seven fields, a filter, a group aggregate; gigabytes per second of one core.

The input is Nexmark bids, written by the program itself. Runs alternate with `wc -l` over the same files, the unit of how fast the machine is in
that minute. Time is user and system time of the whole process.

    json_lines.py [--sabot PATH] [--events N] [--runs N]
"""

import argparse
import glob
import os
import resource
import statistics
import subprocess
import tempfile

GOAL = 1.5
COLUMNS = "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3), extra STRING"
FILES = f"CREATE TABLE bids ({COLUMNS}) WITH ('connector' = 'filesystem', 'path' = 'bids', 'format' = 'json');\n"
MAKE = """CREATE TABLE nexmark (event_type INT, bid ROW<{columns}>) WITH ('connector' = 'nexmark', 'events' = '{events}');
{files}INSERT INTO bids SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, bid.`dateTime`, bid.extra FROM nexmark WHERE event_type = 2;
"""
QUERY = FILES + """CREATE TABLE totals (auction BIGINT, n BIGINT, high BIGINT, bidder BIGINT, PRIMARY KEY (auction) NOT ENFORCED)
WITH ('connector' = 'blackhole');
INSERT INTO totals SELECT auction, COUNT(*), MAX(price), MAX(bidder) FROM bids WHERE price > 1000 GROUP BY auction;
"""


def cpu_seconds(command, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sabot", default="build/release/sabot")
    parser.add_argument("--events", type=int, default=2000000)
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    sabot = os.path.abspath(args.sabot)
    with tempfile.TemporaryDirectory() as folder:
        make = MAKE.format(columns=COLUMNS, files=FILES, events=args.events)
        subprocess.run([sabot, "run", "-e", make], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        parts = sorted(glob.glob(folder + "/bids/part-*"))
        size = sum(os.path.getsize(part) for part in parts)
        engine, lines = [], []
        for _ in range(args.runs + 1):  # the first one fills the page cache
            lines.append(cpu_seconds(["taskset", "-c", "0", "wc", "-l", *parts], folder))
            engine.append(cpu_seconds(["taskset", "-c", "0", sabot, "run", "-p", "1", "-e", QUERY], folder))
        rate = lambda seconds: size / statistics.median(seconds[1:]) / 1e9
        print(f"JSON lines, 3 of 7 fields: {size / 1e6:.0f} MB, median {rate(engine):.2f} GB/s (goal {GOAL}), "
              f"least {size / max(engine[1:]) / 1e9:.2f}, greatest {size / min(engine[1:]) / 1e9:.2f}; wc -l in the same minute {rate(lines):.2f} GB/s")


if __name__ == "__main__":
    main()
