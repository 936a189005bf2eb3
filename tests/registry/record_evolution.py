#!/usr/bin/env python3
"""Records what Flink's avro-confluent makes of evolution.txt, into evolution.expected.

usage: record_evolution.py CLASSPATH   (the jars and FormatVectors of tests/oracle/formats, which `record` there compiles)
"""
import json
import os
import subprocess
import sys

from stub_registry import Registry

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "evolution_schemas.json")) as f:
    registry = Registry(json.load(f))
with open(os.path.join(here, "evolution.txt")) as f:
    script, own = f.read().split("# Sabot only\n")
done = subprocess.run(["java", "-cp", sys.argv[1], "FormatVectors"], input=script.replace("{URL}", registry.url), capture_output=True,
                      text=True, check=True)
with open(os.path.join(here, "evolution_registered.json"), "w") as f:
    json.dump({s: [json.loads(b["schema"]) for _, b in known] for s, known in registry.subjects.items()}, f, indent=1)
    f.write("\n")
with open(os.path.join(here, "evolution.expected"), "w") as f:
    f.write(done.stdout.replace(registry.url, "{URL}") + own)
