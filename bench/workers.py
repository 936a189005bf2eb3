#!/usr/bin/env python3
"""Two workers against one: wall time per event of Nexmark queries, the runs alternating. The goal is 1.7 times as fast.

    workers.py [--sabot PATH] [-q q5,q17] [-n EVENTS] [--runs N] [--no-minibatch]
"""

import argparse
import json
import statistics
import subprocess

GOAL = 1.7


def run(args, query, parallelism):
    command = [args.sabot, "bench", "nexmark", "-q", query, "-n", str(args.n), "--parallelism", str(parallelism), "--set", "memory.prefault=500mb"]
    done = subprocess.run(command + (["--no-minibatch"] if args.no_minibatch else []), capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[0])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sabot", default="build/release/sabot")
    parser.add_argument("-q", default="q5,q17")
    parser.add_argument("-n", type=int, default=20000000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-minibatch", action="store_true")
    args = parser.parse_args()
    print("| query | speed-up (median) | wall ns, 1 | wall ns, 2 | CPU ns, 1 | CPU ns, 2 | rows out, 1 | rows out, 2 | goal |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for query in args.q.split(","):
        one, two = zip(*((run(args, query, 1), run(args, query, 2)) for _ in range(args.runs)))
        if one[0]["value_checksum"] != two[0]["value_checksum"]:
            print(f"| {query} | WRONG RESULT {two[0]['value_checksum']} {one[0]['value_checksum']} |")
            continue
        middle = lambda runs, key: statistics.median(r[key] for r in runs)
        print(f"| {query} | {middle(one, 'wall_ns') / middle(two, 'wall_ns'):.2f} | {middle(one, 'wall_ns'):.0f} | {middle(two, 'wall_ns'):.0f} | "
              f"{middle(one, 'total_ns'):.0f} | {middle(two, 'total_ns'):.0f} | {middle(one, 'sink_rows'):.0f} | {middle(two, 'sink_rows'):.0f} | {GOAL} |",
              flush=True)


if __name__ == "__main__":
    main()
