#!/usr/bin/env python3
"""Nexmark queries against the results of an independent program.

expected.json holds rows and value checksum of the first 100,000 events per query, seed and rate, as a hand-written
program (one loop per query, no engine) computed them. Every setting of the engine must give the same.

    check_floor.py --sabot PATH [--quick | --small | --kill] [--query NAME]...
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
EVENTS = 100000
QUERIES = ["q0", "q1", "q2", "q3", "q5", "q7", "q8", "q14", "q15", "q16", "q17", "q20", "q21", "q22"]


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
    for key, want in list(expected.items())[:1 if args.small else None]:
        _, seed, _, rate = key.split()
        for extra in [["--parallelism", "3"]] if args.small else settings(args.quick):
            label = f"{key} {' '.join(extra)}"
            done = subprocess.run(command(args, seed, rate, extra), capture_output=True, text=True, timeout=600)
            wrong = check(label, done.stdout, want) if done.returncode == 0 else [f"{label}: {done.stderr.strip()}"]
            passed += len(QUERIES) - min(len(wrong), len(QUERIES))
            failed += wrong
            print(("ok   " if not wrong else "FAIL ") + label, flush=True)
    return passed, failed


def newest_checkpoint(folder):
    """Number of the newest whole checkpoint, 0: none."""
    found = 0
    for base, _, names in os.walk(folder):
        if "manifest" in names and os.path.basename(base).startswith("chk-"):
            found = max(found, int(os.path.basename(base)[4:]))
    return found


def kill_and_resume(base, state, kills, parallelism):
    """Kills the query `kills` times, each time a while after a new checkpoint, then lets it end. (json line, what was wrong)"""
    resumed, before, wrong = [], 0, []
    for attempt in range(kills + 1):
        with open(state + ".err", "w+", encoding="utf-8") as told:
            process = subprocess.Popen(base + ["--parallelism", str(parallelism[attempt % len(parallelism)])], stdout=subprocess.PIPE,
                                       stderr=told, text=True)
            while attempt < kills and process.poll() is None:
                if newest_checkpoint(state) > before + attempt and (attempt == 0 or os.path.getsize(state + ".err")):
                    process.send_signal(signal.SIGKILL)
                    break
                time.sleep(0.002)
            out, _ = process.communicate(timeout=600)
            told.seek(0)
            err = told.read()
        said = re.search(r"resumed from checkpoint (\d+)", err)
        if attempt > 0 and (not said or int(said.group(1)) != before or before == 0):
            wrong.append(f"start {attempt} does not say that it resumed from checkpoint {before}: {err.strip()[-300:]}")
        if said:
            resumed.append(int(said.group(1)))
        if process.returncode != -signal.SIGKILL:
            break
        before = newest_checkpoint(state)
    if attempt < 2:
        wrong.append(f"it ended (exit {process.returncode}) after {attempt} kills: {err.strip()[-300:]}")
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    if process.returncode != 0 or not lines:
        return None, wrong + [f"exit {process.returncode}: {err.strip()[-300:]}"], resumed
    # What the last start read was pending at every kill before it.
    if lines[0]["source_rows"] <= 0 or lines[0]["source_rows"] >= EVENTS or lines[0]["restored_from"] != before:
        wrong.append(f"the last start read {lines[0]['source_rows']} events from checkpoint {lines[0]['restored_from']}: nothing was pending")
    return lines[0], wrong, resumed


def run_killed(args, expected):
    """Each query is killed again and again while it runs, then goes on from its checkpoint, at the same and another parallelism."""
    passed, failed = 0, []
    want = expected["seed 1 rate 100000"]
    for query in args.query or QUERIES:
        for parallelism in ((1,), (2, 1, 3)):
            with tempfile.TemporaryDirectory() as folder:
                state = os.path.join(folder, "s")
                base = [args.sabot, "bench", "nexmark", "--no-gen", "-q", query, "-n", str(EVENTS), "--checkpoint", "5ms",
                        "--batch", "2", "--state", state]
                line, wrong, resumed = kill_and_resume(base, state, 3, parallelism)
                value = [line["rows"], line["value_checksum"]] if line else None
                if value != want[query]:
                    wrong.append(f"expected {want[query]}, got {value}")
                failed += [f"killed {query} parallelism {parallelism}: {one}" for one in wrong]
                passed += not wrong
                print(f"{'FAIL' if wrong else 'ok  '} killed {query} parallelism {parallelism}: resumed from checkpoints {resumed},"
                      f" {line['source_rows'] if line else 0} of {EVENTS} events after the last", flush=True)
    return passed, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sabot", default=os.environ.get("SABOT"))
    parser.add_argument("--quick", action="store_true", help="one setting per seed and rate")
    parser.add_argument("--small", action="store_true", help="one seed, one setting")
    parser.add_argument("--query", action="append", help="with --kill")
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
