"""A case with Kafka topics: its description, its topics on a broker, and what is in its outputs afterwards.

Shared by record.py (real Flink) and compare.py (Sabot), so that both look at topics through the same eyes.
"""
import json
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "cases")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [os.path.join(ROOT, "tests", "kafka"), os.path.join(ROOT, "tests", "oracle")]

BOOTSTRAP, REGISTRY = "localhost:9092", "http://localhost:8081"  # what scripts say; replaced by what is there
FIELDS = ["partition", "key", "value", "headers", "timestamp", "timestamp_type"]


def to_bytes(value):
    """As topics.json writes keys and values: text, {"hex": "..."}, null, or any other JSON for its compact text."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict) and list(value) == ["hex"]:
        return bytes.fromhex(value["hex"])
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def from_bytes(value):
    if value is None:
        return None
    try:
        text = value.decode()
        if text.isprintable() or not re.search("[\x00-\x08\x0b-\x1f\x7f]", text):
            return text
    except UnicodeDecodeError:
        pass
    return {"hex": value.hex()}


class Case:
    def __init__(self, name):
        self.name, self.folder = name, os.path.join(CASES, name)
        with open(os.path.join(self.folder, "script.sql"), encoding="utf-8") as file:
            self.script = file.read()
        self.topics, self.groups, self.compare = {}, {}, {}
        path = os.path.join(self.folder, "topics.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                described = json.load(file)
            self.topics, self.groups = described.get("topics", {}), described.get("groups", {})
        path = os.path.join(self.folder, "compare.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.compare = json.load(file)
        for topic in self.topics:
            if topic != name and not topic.startswith(name + "."):
                raise ValueError(f"{name}: topic {topic} must be named {name}.SOMETHING: all cases share one broker")

    @property
    def needs_registry(self):
        return REGISTRY in self.script

    def outputs(self):
        return [name for name, topic in self.topics.items() if topic.get("output")]

    def script_for(self, bootstrap, registry_url):
        text = self.script.replace(BOOTSTRAP, bootstrap)
        return text.replace(REGISTRY, registry_url) if registry_url else text

    def make_topics(self, client):
        for name, topic in self.topics.items():
            client.create_topic(name, topic.get("partitions", 1), config=topic.get("config"))
            for record in topic.get("records", []):
                wire = {"key": to_bytes(record.get("key")), "value": to_bytes(record.get("value")), "partition": record.get("partition", 0),
                        "timestamp": record.get("timestamp", 1700000000000), "headers": [(n, to_bytes(v)) for n, v in record.get("headers", [])]}
                client.produce(name, [wire])  # one by one: each batch holds one record, so any offset can be started from
        for group, topics in self.groups.items():
            for topic, offsets in topics.items():
                client.set_group_offsets(group, topic, {int(p): offset for p, offset in offsets.items()})

    def read_outputs(self, client, begin_ms):
        """Output topic -> records as JSON objects. A time on or after the start of the run is "now"."""
        found = {}
        for name in self.outputs():
            rows = []
            for record in client.read(name, "read_committed"):
                row = {"partition": record["partition"], "key": from_bytes(record["key"]), "value": from_bytes(record["value"]),
                       "headers": [[n, from_bytes(v)] for n, v in record["headers"]],
                       "timestamp": "now" if record["timestamp"] >= begin_ms else record["timestamp"], "timestamp_type": record["timestamp_type"]}
                rows.append(row)
            found[name] = rows
        client.wait_no_open_transaction(found)
        return found


def write_records(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps({k: row[k] for k in FIELDS}, ensure_ascii=False) + "\n")


def read_records(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def differ(want, got, how):
    """None, or the first difference of two lists of records. `how` is the topic's entry in compare.json."""
    mode, ignored = how.get("mode", "ordered"), how.get("ignore", [])

    def text(row):
        row = {k: row[k] for k in FIELDS if k not in ignored}
        for name in (x[len("value."):] for x in ignored if x.startswith("value.")):
            try:
                row["value"] = json.dumps({k: v for k, v in json.loads(row["value"]).items() if k != name}, ensure_ascii=False)
            except (TypeError, ValueError, AttributeError):
                pass  # no JSON object: compared whole
        return json.dumps(row, ensure_ascii=False)

    def groups(rows):
        """Lists that are compared one by one."""
        split = {}
        for row in rows:
            split.setdefault({"by-key": json.dumps(row["key"]), "ordered": row["partition"]}.get(mode, ""), []).append(row)
        return split

    if mode == "final":  # the table that an upsert topic amounts to
        want, got = [list({json.dumps(r["key"]): r for r in rows}.values()) for rows in (want, got)]
        want, got = [[r for r in rows if r["value"] is not None] for rows in (want, got)]
    elif mode not in ("ordered", "by-key", "multiset"):
        return "no such mode: " + mode
    ours, theirs = groups(got), groups(want)
    for name in sorted(set(ours) | set(theirs), key=str):
        a, b = [text(r) for r in theirs.get(name, [])], [text(r) for r in ours.get(name, [])]
        if mode in ("multiset", "final"):
            a.sort()
            b.sort()
        for at in range(max(len(a), len(b))):
            left, right = (x[at] if at < len(x) else "(no more)" for x in (a, b))
            if left != right:
                where = f"{'partition' if mode == 'ordered' else mode} {name} " if name != "" else ""
                return f"{where}record {at + 1} (of {len(a)} expected, {len(b)} got)\n    expected: {left}\n    got:      {right}"
    return None


def names(patterns, without=()):
    import fnmatch
    every = sorted(n for n in os.listdir(CASES) if os.path.exists(os.path.join(CASES, n, "script.sql")))
    for pattern in patterns:
        if not fnmatch.filter(every, pattern):
            sys.exit("no such case: " + pattern)
    return [n for n in every if (not patterns or any(fnmatch.fnmatchcase(n, p) for p in patterns))
            and not any(fnmatch.fnmatchcase(n, p) for p in without)]


def now_ms():
    return int(time.time() * 1000)
