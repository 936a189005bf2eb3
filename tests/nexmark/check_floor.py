#!/usr/bin/env python3
"""Nexmark queries against the results of an independent program.

expected.json holds rows and value checksum of the first 100,000 events per query, seed and rate, as a hand-written
program (one loop per query, no engine) computed them. Every setting of the engine must give the same.

    check_floor.py --sabot PATH [--quick] [--kill]
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
EVENTS = 100000
QUERIES = ["q0", "q1", "q2", "q3", "q5", "q7", "q8", "q15", "q17", "q20"]


def command(args, seed, rate, extra):
    return [args.sabot, "bench", "nexmark", "-q", ",".join(QUERIES), "-n", str(EVENTS), "--seed", str(seed),
            "--rate", str(rate)] + extra


def check(label, lines, expected):
    failed = []
    got = {}
    for line in lines.splitlines():
        if line.startswith("{"):
            row = json.loads(line)
            got[row["query"]] = [row["rows"], row["value_checksum"]]
    for query in QUERIES:
        if got.get(query) != expected[query]:
            failed.append(f"{label} {query}: expected {expected[query]}, got {got.get(query)}")
    return failed


def settings(quick):
    if quick:
        return [["--parallelism", "1"]]
    return [["--parallelism", p, "--batch", b] for p in ("1", "2") for b in ("4096", "1")] + [["--no-minibatch"]]


def run_settings(args, expected):
    passed, failed = 0, []
    for key, want in expected.items():
        _, seed, _, rate = key.split()
        for extra in settings(args.quick):
            label = f"{key} {' '.join(extra)}"
            done = subprocess.run(command(args, seed, rate, extra), capture_output=True, text=True, timeout=600)
            wrong = check(label, done.stdout, want) if done.returncode == 0 else [f"{label}: {done.stderr.strip()}"]
            passed += len(QUERIES) - min(len(wrong), len(QUERIES))
            failed += wrong
            print(("ok   " if not wrong else "FAIL ") + label, flush=True)
    return passed, failed


def run_killed(args, expected):
    """Each query is killed at random instants while it runs, then goes on from its checkpoint."""
    passed, failed = 0, []
    want = expected["seed 1 rate 100000"]
    for query in QUERIES:
        with tempfile.TemporaryDirectory() as state:
            base = [args.sabot, "bench", "nexmark", "-q", query, "-n", str(EVENTS), "--checkpoint", "20ms",
                    "--batch", "16", "--state", os.path.join(state, "s")]
            kills, resumed = 0, 0
            for attempt in range(40):
                process = subprocess.Popen(base, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                if kills < 5:
                    time.sleep(0.06 + 0.02 * (attempt % 5))
                    if process.poll() is None:
                        process.send_signal(signal.SIGKILL)
                        kills += 1
                out, err = process.communicate(timeout=300)
                resumed += "resumed from checkpoint" in err
                if process.returncode == 0:
                    break
            got = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
            value = [got[0]["rows"], got[0]["value_checksum"]] if got else None
            if process.returncode != 0 or value != want[query] or (kills and not resumed):
                failed.append(f"killed {query}: {kills} kills, {resumed} resumed, expected {want[query]}, got {value} {err[-300:]}")
            else:
                passed += 1
            print(f"{'ok   ' if not failed or not failed[-1].startswith('killed ' + query) else 'FAIL '}killed {query}: {kills} kills, {resumed} resumed", flush=True)
    return passed, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sabot", default=os.environ.get("SABOT"))
    parser.add_argument("--quick", action="store_true", help="one setting per seed and rate")
    parser.add_argument("--kill", action="store_true", help="kill and resume instead")
    args = parser.parse_args()
    with open(os.path.join(HERE, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    passed, failed = run_killed(args, expected) if args.kill else run_settings(args, expected)
    for line in failed[:40]:
        print(line)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
