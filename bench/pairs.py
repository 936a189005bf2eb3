#!/usr/bin/env python3
"""Nexmark against a hand-written program, in pairs within the same minute.

Each pair runs the peer and the engine once, the order alternating; the multiple of a pair is CPU time per event of the engine's whole process
over the peer's total. Printed: median, least and greatest multiple, median times. Results are compared first: different checksums are not
performance results.

    pairs.py --floor PATH [--sabot PATH] [-q q0,q5] [-n EVENTS] [--pairs N] [--no-minibatch] [--parallelism P]

The peer prints one JSON line per query with query, rows, value_checksum and total_ns (CPU time per event).
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile

GATES = {"q0": 3, "q1": 3, "q2": 3, "q3": 4, "q5": 4, "q8": 4, "q15": 3, "q17": 3, "q20": 5, "q7": 5,
         "q14": 4, "q16": 3, "q21": 4, "q22": 4}
ROW_GATES = {"q15": 6, "q17": 6}


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}: {done.stderr[-500:]}")
    return lines[0]


def pair(args, query, turn):
    pin = ["taskset", "-c", "0"] if args.parallelism == 1 else []
    peer = "q20" if query == "q7" else query  # the plain join of q7 is measured against the floor of a join
    floor = lambda: run(pin + [args.floor, "-n", str(args.n), "-q", peer])
    with tempfile.TemporaryDirectory() as state:
        engine = lambda: run(pin + [args.sabot, "bench", "nexmark", "-q", query, "-n", str(args.n), "--parallelism", str(args.parallelism),
                                    "--checkpoint", "10s", "--state", state + "/s"] + (["--no-minibatch"] if args.no_minibatch else []) + ["--set", "memory.prefault=" + args.prefault])
        first, second = (floor, engine) if turn % 2 == 0 else (engine, floor)
        a, b = first(), second()
    return (a, b) if turn % 2 == 0 else (b, a)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--floor", required=True)
    parser.add_argument("--sabot", default="build/release/sabot")
    parser.add_argument("-q", default="q0,q1,q2,q3,q5,q7,q8,q14,q15,q16,q17,q20,q21,q22")
    parser.add_argument("-n", type=int, default=20000000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--parallelism", type=int, default=1)
    parser.add_argument("--no-minibatch", action="store_true")
    parser.add_argument("--prefault", default="0", help="memory touched before the clock starts, as the peer does")
    args = parser.parse_args()
    gates = {**GATES, **ROW_GATES} if args.no_minibatch else GATES
    print("| query | multiple (median) | least | greatest | engine ns | peer ns | engine wall ns | gate |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
    for query in args.q.split(","):
        floors, engines = zip(*(pair(args, query, turn) for turn in range(args.pairs)))
        if query != "q7" and floors[0]["value_checksum"] != engines[0]["value_checksum"]:
            print(f"| {query} | WRONG RESULT {engines[0]['value_checksum']} {floors[0]['value_checksum']} |")
            continue
        ratios = [e["total_ns"] / f["total_ns"] for f, e in zip(floors, engines)]
        print(f"| {query} | {statistics.median(ratios):.2f} | {min(ratios):.2f} | {max(ratios):.2f} |"
              f" {statistics.median(e['total_ns'] for e in engines):.1f} | {statistics.median(f['total_ns'] for f in floors):.1f} |"
              f" {statistics.median(e['wall_ns'] for e in engines):.1f} | {gates.get(query, '')} |", flush=True)


if __name__ == "__main__":
    main()
