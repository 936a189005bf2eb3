#!/usr/bin/env python3
"""Sums up the JUnit files that tools/test.sh had ctest write: test_summary.py <results> <allowed skips> <row>...

A row without a JUnit file is a build (only its minutes are shown). `<results>/broken` has one line
`<row>: <reason>` for each suite that could not run: it counts as one failed test.
"""
import os
import sys
import xml.etree.ElementTree as xml


def read_skips(path):
    allowed = set()
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = [] if line.startswith("#") else line.split(None, 1)
            if not words:
                continue
            if len(words) < 2:
                sys.exit(f"{path}:{number}: a name and a reason are needed")
            allowed.add(words[0])
    return allowed


def read_suite(path):
    passed, failed, skipped = [], [], []
    for case in xml.parse(path).getroot().iter("testcase"):
        name = case.get("name")
        skip = case.find("skipped")
        if case.find("failure") is not None or case.get("status") == "fail":
            failed.append(name)
        elif skip is not None and (skip.get("message") or "").startswith("SKIP_"):
            skipped.append(name)
        elif case.get("status") == "disabled":
            skipped.append(name)
        elif case.get("status") == "run":
            passed.append(name)
        else:  # not run: the program is missing, or something it needs failed
            failed.append(name)
    return passed, failed, skipped


def main(results, skips_path, rows):
    allowed = read_skips(skips_path)
    broken = {}
    if os.path.exists(os.path.join(results, "broken")):
        with open(os.path.join(results, "broken"), encoding="utf-8") as file:
            broken = dict(line.rstrip("\n").split(": ", 1) for line in file)
    totals = [0, 0, 0]
    bad = []
    minutes_all = 0.0
    table = []
    for row in rows:
        counts = ["", "", ""]
        time_path = os.path.join(results, row + ".time")
        minutes = int(open(time_path, encoding="utf-8").read()) / 60 if os.path.exists(time_path) else 0.0
        minutes_all += minutes
        if not row.startswith("build-"):
            passed, failed, skipped = [], [], []
            path = os.path.join(results, row + ".xml")
            if os.path.exists(path):
                try:
                    passed, failed, skipped = read_suite(path)
                except xml.ParseError as error:
                    broken.setdefault(row, f"its results cannot be read: {error}")
            if row in broken:
                failed.append(f"({broken[row]})")
            bad += [f"failed: {row}/{name}" for name in failed]
            bad += [f"skipped, and not in {skips_path}: {row}/{name}" for name in skipped
                    if name not in allowed and f"{row}/{name}" not in allowed]
            counts = [len(passed), len(failed), len(skipped)]
            totals = [a + b for a, b in zip(totals, counts)]
        table.append((row.replace("build-", "build ", 1), *counts, f"{minutes:.1f}"))
    table.append(("all", *totals, f"{minutes_all:.1f}"))
    print()
    for line in [("suite", "passed", "failed", "skipped", "minutes"), *table]:
        print(f"{line[0]:<16} {line[1]:>7} {line[2]:>7} {line[3]:>8} {line[4]:>8}")
    print()
    for line in bad:
        print(line)
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
