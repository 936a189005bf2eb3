#!/usr/bin/env python3
"""Aggregates where Sabot differs from Flink on purpose (docs/gaps.md). Expected values by hand."""
import json
import os
import subprocess
import tempfile
import unittest

SABOT = os.environ.get("SABOT", "sabot")
TABLE = ("CREATE TABLE t (id STRING, s STRING, v INT, w BOOLEAN, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '4' SECOND) WITH "
         "('connector' = 'filesystem', 'path' = 't.json', 'format' = '%s', 'scan.watermark.emit.strategy' = 'on-event'); ")
HOP = "FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND) GROUP BY window_start, window_end"
TUMBLE = "FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end"


def row(name, v, second, w=True):
    return {"id": name, "s": name, "v": v, "w": w, "ts": f"2024-01-01 00:00:{second:02}"}


class Aggregates(unittest.TestCase):
    def run_it(self, rows, query, form="json"):
        """The rows of the sink, in order of their window."""
        with tempfile.TemporaryDirectory(prefix="sabot-aggregates-") as folder:
            with open(os.path.join(folder, "t.json"), "w", encoding="utf-8") as f:
                f.writelines(json.dumps(r) + "\n" for r in rows)
            done = subprocess.run([SABOT, "run", "--json", TABLE % form + query], capture_output=True, text=True, timeout=60,
                                  cwd=folder, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = [json.loads(x) for x in done.stdout.splitlines()]
            return sorted((x.get("data", x) for x in lines), key=lambda x: x.get("ws", ""))

    def changes(self, rows, query):
        return self.run_it([{"op": op, "data": r} for op, r in rows], query, "changelog-json")

    def test_separator_of_a_filtered_list(self):
        rows = [row("a", 1, 1), row("b", 2, 2, False), row("c", 3, 6)]
        got = self.run_it(rows, f"SELECT window_start AS ws, LISTAGG(s, ';') FILTER (WHERE w) AS l {HOP}")
        self.assertEqual([x["l"] for x in got], ["a", "c;a", "c"])

    def test_variance_over_changes(self):
        rows = [("+I", row("a", 9, 1)), ("+I", row("b", 5, 2)), ("+I", row("c", 1, 3)), ("-D", row("b", 5, 2))]
        got = self.changes(rows, f"SELECT window_start AS ws, VAR_POP(CAST(v AS DOUBLE)) AS p, STDDEV_POP(CAST(v AS DOUBLE)) AS d {TUMBLE}")
        self.assertEqual([(x["p"], x["d"]) for x in got], [(16.0, 4.0)])

    def test_beside_distinct(self):
        rows = [row("a", 1, 1), row("c", 3, 6)]
        alone = self.run_it(rows, f"SELECT window_start AS ws, LISTAGG(s) AS l, ARRAY_AGG(v) AS a {HOP}")
        beside = self.run_it(rows, f"SELECT window_start AS ws, LISTAGG(s) AS l, ARRAY_AGG(v) AS a, VAR_POP(CAST(v AS DOUBLE)) AS p, "
                                   f"COUNT(DISTINCT v) AS n {HOP}")
        self.assertEqual([(x["l"], x["a"]) for x in alone], [("a", [1]), ("c,a", [3, 1]), ("c", [3])])
        self.assertEqual([(x["l"], x["a"], x["p"], x["n"]) for x in beside],
                         [("a", [1], 0.0, 1), ("a,c", [1, 3], 1.0, 2), ("c", [3], 0.0, 1)])

    def test_collections_over_changes(self):
        rows = [("+I", row("a", 1, 1)), ("+I", row("b", 2, 2)), ("+I", row("c", 3, 9)), ("-D", row("a", 1, 1)), ("+I", row("a", 1, 9))]
        got = self.changes(rows, "SELECT window_start AS ws, CAST(COLLECT(s) AS STRING) AS c, ARRAY_AGG(s) AS a, "
                                 f"JSON_OBJECTAGG(KEY id VALUE v) AS o {TUMBLE}")
        self.assertEqual([(x["c"], x["a"], x["o"]) for x in got], [("{a=1, b=1, c=1}", ["b", "c", "a"], '{"a":1,"b":2,"c":3}')])
        got = self.changes(rows[:4], f"SELECT window_start AS ws, CAST(COLLECT(s) AS STRING) AS c, JSON_OBJECTAGG(KEY id VALUE v) AS o {TUMBLE}")
        self.assertEqual([(x["c"], x["o"]) for x in got], [("{b=1, c=1}", '{"b":2,"c":3}')])

    def test_a_member_that_is_null_leaves(self):
        null = dict(row("a", None, 1))
        got = self.changes([("+I", null), ("+I", row("b", 2, 2)), ("-D", null), ("+I", row("a", 3, 3))],
                           "SELECT JSON_OBJECTAGG(KEY id VALUE v) AS o FROM t")
        self.assertEqual(got[-1]["o"], '{"a":3,"b":2}')

    def test_what_was_taken_out_first_is_not_seen(self):
        got = self.changes([("+I", row("a", 1, 1)), ("+I", row("c", 3, 1)), ("-D", row("b", 2, 1)), ("+I", row("d", 4, 1))],
                           "SELECT CAST(COLLECT(s) AS STRING) AS c FROM t")
        self.assertEqual(got[-1]["c"], "{a=1, c=1, d=1}")

    def test_bitmaps_taken_out_first(self):
        got = self.changes([("+I", row("a", 1, 1)), ("-D", row("b", 2, 1)), ("+I", row("c", 1, 1))],
                           "SELECT BITMAP_TO_STRING(BITMAP_AND_AGG(BITMAP_BUILD(ARRAY[v, 9]))) AS a, "
                           "BITMAP_TO_STRING(BITMAP_OR_AGG(BITMAP_BUILD(ARRAY[v, 9]))) AS o FROM t")
        self.assertEqual((got[-1]["a"], got[-1]["o"]), ("{1,9}", "{1,9}"))

    def test_distinct_numbers_of_a_hop_window(self):
        rows = [row("a", 1, 1), row("b", 1, 2), row("c", 3, 6), row("d", None, 7)]
        got = self.run_it(rows, "SELECT window_start AS ws, BITMAP_TO_STRING(BITMAP_BUILD_AGG(DISTINCT v)) AS b, "
                                f"BITMAP_BUILD_CARDINALITY_AGG(DISTINCT v) AS n {HOP}")
        self.assertEqual([(x["b"], x["n"]) for x in got], [("{1}", 1), ("{1,3}", 2), ("{3}", 1)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
