#!/usr/bin/env python3
"""Runs the cases through sabot against a real broker and compares topics and files with what Apache Flink 2.3.0 gave.

usage: compare.py --sabot PATH [options] [CASE...]        (names or patterns; all without)

Prints PASS or FAIL per case with the first difference, then "N passed, N failed". A program without a Kafka connector is skipped with
exit code 77; cases that are listed in not-yet.txt may fail. README.md says what a case is.
"""
import argparse
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile

import kafka_case
from kafka_case import Case, differ, names, now_ms, read_records

import broker
from probe import has_kafka

broker.require()

from confluent_kafka import KafkaException  # noqa: E402

import compare as files  # noqa: E402  tests/oracle/compare.py: how files are compared
from client import Client  # noqa: E402
from registry import Registry  # noqa: E402


def not_yet():
    """Patterns of cases that may fail."""
    with open(os.path.join(kafka_case.HERE, "not-yet.txt"), encoding="utf-8") as file:
        return [line.split()[0] for line in file if line.strip() and not line.startswith("#")]


def check_error(case, expected, done):
    stderr = done.stderr.decode("utf-8", "replace")
    with open(os.path.join(expected, "error.txt"), encoding="utf-8") as file:
        flink = file.readline().strip()
    if done.returncode < 0:
        return f"killed by signal {-done.returncode} where an error was due"
    if done.returncode == 0:
        return "succeeded, but should fail like: " + flink[:200]
    for text in case.compare.get("error_contains", []):
        if text.lower() not in stderr.lower():
            return f"the error does not contain {text!r}: {stderr.strip()[-300:]}\n    Flink: {flink[:300]}"
    return None


def check(case, args, client, cluster, registry):
    """None if the case passes, else what is wrong."""
    expected = os.path.join(case.folder, "expected")
    if not os.path.isdir(expected):
        return "nothing recorded"
    temp = tempfile.mkdtemp(prefix=f"sabot-{case.name}-")
    try:
        with open(os.path.join(temp, "script.sql"), "w", encoding="utf-8") as file:
            file.write(files.script_with(case.script_for(cluster.bootstrap, registry and registry.url), args.set))
        if os.path.isdir(os.path.join(case.folder, "in")):
            shutil.copytree(os.path.join(case.folder, "in"), os.path.join(temp, "in"))
        case.make_topics(client)
        begin = now_ms()
        try:
            done = subprocess.run([args.sabot, "run", "script.sql"], cwd=temp, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=args.timeout, env=dict(os.environ, TZ="UTC"))
        except subprocess.TimeoutExpired:
            return f"still running after {args.timeout:g} s"
        if os.path.exists(os.path.join(expected, "error.txt")):
            return check_error(case, expected, done)
        if done.returncode:
            return f"exit code {done.returncode}: {done.stderr.decode('utf-8', 'replace').strip()[-600:] or '(no message)'}"
        with open(os.path.join(expected, "flink.json"), encoding="utf-8") as file:
            types = {name: x["columns"] for name, x in json.load(file)["outputs"].items()}
        got = case.read_outputs(client, begin)
        for topic in case.outputs():
            wrong = differ(read_records(os.path.join(expected, topic + ".records")), got[topic], case.compare.get(topic, {}))
            if wrong:
                return f"{topic}: {wrong}"
        sinks = files.tables(case.script)
        for name in sorted(set(sinks) | {n for n in os.listdir(expected) if n != "flink.json" and not n.endswith(".records")}):
            rows = [files.read(os.path.join(x, name), types.get(name, {})) for x in (expected, os.path.join(temp, "out"))]
            wrong = files.differ(*rows, case.compare.get("out/" + name, "ordered"), sinks.get(name))
            if wrong:
                return f"out/{name}: {wrong}"
        return None
    except (OSError, ValueError, TimeoutError, KafkaException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        if args.keep:
            print(f"{case.name}: {temp}", file=sys.stderr)
        else:
            shutil.rmtree(temp, ignore_errors=True)


def main():
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--sabot", default=os.environ.get("SABOT"))
    parser.add_argument("--timeout", type=float, default=60, metavar="S", help="per case")
    parser.add_argument("--set", action="append", default=[], metavar="K=V", help="put in front of each script as SET")
    parser.add_argument("--without", action="append", default=[], metavar="PATTERN", help="leave cases out")
    parser.add_argument("--strict", action="store_true", help="cases in not-yet.txt count too")
    parser.add_argument("--keep", action="store_true", help="keep the temporary folders")
    args = parser.parse_args()
    if not args.sabot:
        parser.error("give --sabot PATH")
    args.sabot = os.path.abspath(args.sabot)
    if not has_kafka(args.sabot):
        print(f"skipped: {args.sabot} has no connector 'kafka'")
        return broker.SKIP
    broker.make_archive()
    chosen, bad, later, known, registry = [Case(name) for name in names(args.cases, args.without)], 0, 0, not_yet(), None
    with broker.Cluster() as cluster:
        try:
            client = Client(cluster.bootstrap)
            if any(case.needs_registry for case in chosen):
                registry = Registry().start()
            for case in chosen:
                wrong = check(case, args, client, cluster, registry)
                excused = any(fnmatch.fnmatchcase(case.name, pattern) for pattern in known) and not args.strict
                bad += wrong is not None and not excused
                later += wrong is not None and excused
                word = "PASS" if wrong is None else "LATER" if excused else "FAIL"
                note = f": {wrong}" if wrong else " (take it off not-yet.txt)" if excused else ""
                print(f"{word} {case.name}{note}", flush=True)
        finally:
            if registry is not None:
                registry.close()
    print(f"{len(chosen) - bad - later} passed, {bad} failed, {later} later (not-yet.txt)")
    return 1 if bad else 0


if __name__ == "__main__":
    assert kafka_case.CASES
    sys.exit(main())
