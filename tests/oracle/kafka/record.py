#!/usr/bin/env python3
"""Records what Apache Flink 2.3.0 with its Kafka connector makes of the cases, into cases/*/expected.

usage: record.py [--kit DIR] [--flink DIR] [--check] [CASE...]     (names or patterns; all without)
  --kit DIR    the recording kit [$SABOT_ORACLE_KIT, or shared/oracle beside the repository]
  --flink DIR  where the kit's setup.sh has put Flink [sabot-flink-oracle in $XDG_CACHE_HOME]
  --check      record into a temporary folder and compare, instead of replacing what is there
Needs mvn, a JDK 17 and the Python packages of the tests. README.md says what a case is.
"""
import argparse
import json
import os
import shutil
import sys
import tempfile
from types import SimpleNamespace

from kafka_case import CASES, ROOT, Case, differ, names, now_ms, read_records, write_records

import broker
import compare as files
import kafka_install
from client import Client
from registry import Registry


def flink_folder(flink):
    """Flink's jars and those of the connector in one folder of ours."""
    folder = os.path.join(kafka_install.HOME, "flink-home")
    shutil.rmtree(os.path.join(folder, "lib"), ignore_errors=True)
    os.makedirs(os.path.join(folder, "lib"))
    for lib in (os.path.join(flink, "lib"), os.path.join(kafka_install.HOME, "flink")):
        for name in os.listdir(lib):
            if name.endswith(".jar"):
                os.symlink(os.path.join(os.path.abspath(lib), name), os.path.join(folder, "lib", name))
    shutil.copy(os.path.join(flink, "VERSION"), folder)
    return folder


def run(kit, flink, case, client, cluster, registry):
    """Runs a case in a copy of its folder; gives the folder with the results."""
    temp = tempfile.mkdtemp(prefix=f"record-{case.name}-")
    with open(os.path.join(temp, "script.sql"), "w", encoding="utf-8") as file:
        file.write(case.script_for(cluster.bootstrap, registry and registry.url))
    if os.path.isdir(os.path.join(case.folder, "in")):
        shutil.copytree(os.path.join(case.folder, "in"), os.path.join(temp, "in"))
    case.make_topics(client)
    begin = now_ms()
    fine = kit.record(flink, os.path.join(temp, "script.sql"), SimpleNamespace(set={}, out="expected", timeout=60))
    out = os.path.join(temp, "expected")
    if fine:
        for topic, rows in case.read_outputs(client, begin).items():
            write_records(os.path.join(out, topic + ".records"), rows)
    else:  # what its jobs wrote before is chance
        for name in os.listdir(out):
            if name not in ("error.txt", "flink.json"):
                os.remove(os.path.join(out, name))
        with open(os.path.join(out, "error.txt"), encoding="utf-8") as file:
            first = file.readline().replace(cluster.bootstrap, "localhost:9092")
        with open(os.path.join(out, "error.txt"), "w", encoding="utf-8") as file:
            file.write(first)
    with open(os.path.join(out, "flink.json"), encoding="utf-8") as file:
        record = json.load(file)
    if not fine:
        record["outputs"] = {}
    record["connector"] = " ".join(kafka_install.FLINK_JARS[0][1:])
    record["outputs"] = {n: x for n, x in record["outputs"].items() if os.path.exists(os.path.join(out, n))}  # topics have no types
    with open(os.path.join(out, "flink.json"), "w", encoding="utf-8") as file:
        file.write(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    return temp, out, fine


def differs(case, out):
    """What a second recording says against the first."""
    expected = os.path.join(case.folder, "expected")
    a, b = (sorted(os.listdir(x)) for x in (expected, out))
    if a != b:
        return f"other files: {a} and {b}"
    with open(os.path.join(out, "flink.json"), encoding="utf-8") as file:
        types = {name: x["columns"] for name, x in json.load(file)["outputs"].items()}
    for name in a:
        paths = [os.path.join(x, name) for x in (expected, out)]
        wrong = None
        if name.endswith(".records"):
            wrong = differ(*map(read_records, paths), case.compare.get(name[:-8], {}))
        elif name == "error.txt":
            texts = [open(p, encoding="utf-8").read().split(":")[0] for p in paths]
            wrong = None if texts[0] == texts[1] else f"{texts[0]} and {texts[1]}"
        elif name != "flink.json":
            rows = [files.read(p, types.get(name, {})) for p in paths]
            wrong = files.differ(*rows, case.compare.get("out/" + name, "ordered"), files.tables(case.script).get(name))
        if wrong:
            return f"{name}: {wrong}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--kit", default=os.environ.get("SABOT_ORACLE_KIT", os.path.join(ROOT, "..", "shared", "oracle")))
    parser.add_argument("--flink", default=os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "sabot-flink-oracle"))
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if not os.path.exists(os.path.join(args.kit, "flink_oracle.py")):
        sys.exit(f"no recording kit in {args.kit}: give --kit DIR")
    if not os.path.exists(os.path.join(args.flink, "VERSION")):
        sys.exit(f"no Flink in {args.flink}: run the kit's setup.sh, or give --flink DIR")
    kafka_install.install(flink=True)
    broker.make_archive()
    sys.path.insert(0, args.kit)
    import flink_oracle as kit
    chosen, bad = [Case(name) for name in names(args.cases)], 0
    flink = kit.Flink(flink_folder(args.flink))
    registry = None
    with broker.Cluster() as cluster:
        try:
            client = Client(cluster.bootstrap)
            if any(case.needs_registry for case in chosen):
                registry = Registry().start()
            for case in chosen:
                temp, out, fine = run(kit, flink, case, client, cluster, registry)
                if fine == case.name.startswith("error-"):
                    bad += 1
                    print(f"{case.name}: {'succeeded' if fine else 'failed'}, which its name does not say")
                if args.check:
                    wrong = differs(case, out)
                    bad += wrong is not None
                    print(f"SAME {case.name}" if wrong is None else f"DIFFERENT {case.name}: {wrong}", flush=True)
                else:
                    target = os.path.join(CASES, case.name, "expected")
                    shutil.rmtree(target, ignore_errors=True)
                    shutil.copytree(out, target)
                shutil.rmtree(temp, ignore_errors=True)
        finally:
            if registry is not None:
                registry.close()
            flink.close()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
