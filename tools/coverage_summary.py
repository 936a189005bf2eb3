#!/usr/bin/env python3
"""Sums gcov's JSON of an instrumented build per folder of src/: coverage_summary.py <build dir>"""
import collections
import gzip
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main(build):
    build = os.path.abspath(build)
    counters = [os.path.join(folder, name) for folder, _, names in os.walk(build)
                for name in names if name.endswith(".gcda")]
    lines = {}
    branches = {}
    with tempfile.TemporaryDirectory() as scratch:
        for start in range(0, len(counters), 50):
            subprocess.run(["gcov", "--json-format", "--branch-probabilities", *counters[start:start + 50]],
                           cwd=scratch, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for name in os.listdir(scratch):
                with gzip.open(os.path.join(scratch, name), "rt") as file:
                    data = json.load(file)
                os.remove(os.path.join(scratch, name))
                for source in data["files"]:
                    path = os.path.relpath(os.path.join(data["current_working_directory"], source["file"]), ROOT)
                    if not path.startswith("src/") or path.endswith(("_test.c", "_testing.c")):
                        continue
                    for line in source["lines"]:
                        key = (path, line["line_number"])
                        lines[key] = lines.get(key, 0) + line["count"]
                        for i, branch in enumerate(line["branches"]):
                            key = (path, line["line_number"], i)
                            branches[key] = branches.get(key, 0) + branch["count"]
    table = collections.defaultdict(lambda: [0, 0, 0, 0])
    for counts, column in ((lines, 0), (branches, 2)):
        for key, count in counts.items():
            for row in (key[0].split("/")[1], "all"):
                table[row][column] += 1
                table[row][column + 1] += count > 0
    print(f"{'folder':<12} {'lines':>7} {'covered':>8} {'branches':>9} {'taken':>7}")
    for row in sorted(table, key=lambda name: (name == "all", name)):
        total, hit, forks, taken = table[row]
        print(f"{row:<12} {total:>7} {100 * hit / max(total, 1):>7.1f}% {forks:>9} {100 * taken / max(forks, 1):>6.1f}%")


if __name__ == "__main__":
    main(sys.argv[1])
