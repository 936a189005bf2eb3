#!/usr/bin/env python3
"""Files as tables: FROM 'file', sabot infer, compressed files; columns, types and rows against DuckDB.

    files_test.py [unittest argument...]      SABOT names the program; the comparison is left out where duckdb is missing
"""
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import duckdb
except ImportError:
    duckdb = None

SABOT = os.environ.get("SABOT") or os.path.join(os.path.dirname(__file__), "../../build/dev/sabot")
SLOW = 5 if os.environ.get("SABOT_SANITIZE", "none") != "none" else 1

# DuckDB's type -> ours. HUGEINT and what lies between have no type of their own in Flink.
TYPES = {"BIGINT": "BIGINT", "DOUBLE": "DOUBLE", "VARCHAR": "STRING", "BOOLEAN": "BOOLEAN", "DATE": "DATE", "TIME": "TIME(0)",
         "TIMESTAMP": "TIMESTAMP", "JSON": "STRING", "UBIGINT": ("BIGINT", "DECIMAL(38, 0)"), "HUGEINT": ("BIGINT", "DECIMAL(38, 0)")}


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="sabot-files-")
        self.folder = scratch.name
        self.addCleanup(scratch.cleanup)

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def sabot(self, *words, code=0):
        done = subprocess.run([SABOT, *words], capture_output=True, text=True, timeout=60 * SLOW, cwd=self.folder, check=False)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout if code == 0 else done.stderr

    def rows(self, sql):
        return [json.loads(line) for line in self.sabot("-m", "jsonl", sql).splitlines()]

    def infer(self, path):
        return json.loads(self.sabot("infer", "--json", path))

    def columns(self, path):
        return {c["name"]: c["type"] for c in self.infer(path)["columns"]}


class FromFile(Case):
    def test_json_lines(self):
        self.write("d/x.jsonl", '{"a":1,"b":{"c":[1,2]},"t":"2024-01-01 10:00:00"}\n{"a":2,"s":"x"}\n')
        self.assertEqual(self.rows("SELECT * FROM 'd/x.jsonl'"),
                         [{"a": 1, "b": {"c": [1, 2]}, "t": "2024-01-01 10:00:00", "s": None}, {"a": 2, "b": None, "t": None, "s": "x"}])
        self.assertEqual(self.rows("SELECT x.b.c[2] AS c FROM 'd/x.jsonl' WHERE x.a = 1"), [{"c": 2}])
        self.assertEqual(self.rows("SELECT l.a, r.s FROM 'd/x.jsonl' AS l JOIN 'd/x.jsonl' AS r ON l.a = r.a WHERE r.s IS NOT NULL"),
                         [{"a": 2, "s": "x"}])

    def test_globs_and_folders(self):
        self.write("d/1.csv", "id,name\n1,ann\n")
        self.write("d/2.csv", "id,name\n2,bob\n")
        for path in ("d/*.csv", "d"):
            self.assertEqual(sorted(r["id"] for r in self.rows(f"SELECT * FROM '{path}'")), [1, 2])
        self.assertIn("no file matches 'd/*.json'", self.sabot("SELECT * FROM 'd/*.json'", code=1))

    def test_views_and_inserts(self):
        self.write("in.csv", "a;b\n1;x\n2;y\n")
        self.sabot("CREATE VIEW v AS SELECT * FROM 'in.csv'; "
                   "CREATE TABLE res (a BIGINT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'res', 'format' = 'csv'); "
                   "INSERT INTO res SELECT * FROM v WHERE a > 1")
        self.assertEqual(self.rows("SELECT * FROM 'res'"), [{"column0": 2, "column1": "y"}])

    def test_hints_change_what_was_guessed(self):
        self.write("x.csv", "a,b\n1,2\nbad,line,here\n3,4\n")
        self.assertIn("line 3", self.sabot("SELECT * FROM 'x.csv'", code=1))
        self.assertEqual(self.rows("SELECT a FROM 'x.csv' /*+ OPTIONS('bad-records' = 'skip') */"), [{"a": 1}, {"a": 3}])

    def test_a_header_that_differs(self):
        self.write("d/1.csv", "id,name\n1,ann\n")
        self.write("d/2.csv", "name,id\nbob,2\n")
        self.assertIn('the header has "name" where the table has column "id"', self.sabot("SELECT * FROM 'd/*.csv'", code=1))

    def test_rows_behind_the_sample(self):
        """A value that does not fit is an error with its place, never another value."""
        many = '{"n":1,"b":true,"t":"2024-01-01 10:00:00.000"}\n' * 20480
        for last, field in (('{"n":1.5}', "n"), ('{"n":"x"}', "n"), ('{"b":"yes"}', "b"), ('{"b":1}', "b"),
                            ('{"t":"2024-01-01 10:00:00.123456"}', "t"), ('{"t":"soon"}', "t")):
            self.write("x.json", many + last + "\n")
            told = self.sabot(f"SELECT MAX({field}) FROM 'x.json'" if field != "b" else "SELECT b FROM 'x.json' WHERE NOT b", code=1)
            self.assertIn("file 'x.json', line 20481", told)
            self.assertIn(f"'{field}'", told)
            self.assertIn("sabot infer 'x.json'", told)
        many = "n,b,d\n" + "1,true,2024-01-01\n" * 20480
        for last, field in (("1.5,,", "n"), (",yes,", "b"), (",,2024-02-31", "d")):
            self.write("x.csv", many + last + "\n")
            told = self.sabot(f"SELECT {field} FROM 'x.csv' WHERE {field} IS NULL", code=1)
            self.assertIn("file 'x.csv', line 20482", told)
            self.assertIn(f"'{field}'", told)

    def test_standard_input(self):
        for text, expected in (('{"a":1}\n{"a":2}\n', [{"n": 2, "a": 3}]), ("a,b\n1,x\n5,y\n", [{"n": 2, "a": 6}])):
            done = subprocess.run([SABOT, "-m", "jsonl", "SELECT COUNT(*) AS n, SUM(l.a) AS a FROM '-' AS l JOIN '-' AS r ON l.a = r.a"],
                                  input=text, capture_output=True, text=True, timeout=60 * SLOW, check=False,
                                  env=os.environ | {"TMPDIR": self.folder})
            self.assertEqual([json.loads(line) for line in done.stdout.splitlines()], expected, done.stderr)
            self.assertEqual(os.listdir(self.folder), [])

    def test_infer_standard_input(self):
        done = subprocess.run([SABOT, "infer", "-"], input="a,b\n1,x\n2,y\n", capture_output=True, text=True, timeout=60 * SLOW, check=False,
                              env=os.environ | {"TMPDIR": self.folder})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("CREATE TABLE `stdin` (\n    `a` BIGINT,\n    `b` STRING\n) WITH (", done.stdout)
        self.assertIn("'path' = '-'", done.stdout)
        self.assertEqual(os.listdir(self.folder), [])

    def test_describe_a_file(self):
        self.write("y.csv", "a,b\n1,x\n2,y\n")
        self.assertEqual([(r["name"], r["type"]) for r in self.rows("DESCRIBE 'y.csv'")], [("a", "BIGINT"), ("b", "STRING")])
        self.assertIn("'nowhere.csv' does not exist", self.sabot("DESC 'nowhere.csv'", code=1))

    def test_mistakes(self):
        self.write("x.json", "[1, 2]\n")
        self.assertIn("a JSON array", self.sabot("SELECT * FROM 'x.json'", code=1))
        self.assertIn("'nowhere.csv' does not exist", self.sabot("SELECT * FROM 'nowhere.csv'", code=1))
        self.assertIn("column 15", self.sabot("SELECT * FROM 'nowhere.csv'", code=1))
        self.write("x.parquet", b"PAR1")
        self.assertIn("not supported", self.sabot("SELECT * FROM 'x.parquet'", code=1))
        self.write("e.csv", "")
        self.assertIn("is empty", self.sabot("SELECT * FROM 'e.csv'", code=1))


class Compressed(Case):
    def test_all_three(self):
        text = "".join(f'{{"a":{i},"s":"{"x" * (i % 50)}"}}\n' for i in range(50000)).encode()
        self.write("x.jsonl", text)
        self.write("x.jsonl.gz", gzip.compress(text[:1000000]) + gzip.compress(text[1000000:]))
        names = ["x.jsonl", "x.jsonl.gz"]
        for program, end in (("zstd", "zst"), ("lz4", "lz4")):
            try:
                subprocess.run([program, "-q", "-k", "x.jsonl", f"x.jsonl.{end}"], cwd=self.folder, check=True)
                names.append(f"x.jsonl.{end}")
            except FileNotFoundError:
                pass
        sums = {name: self.rows(f"SELECT COUNT(*) AS n, SUM(a) AS a, SUM(CHAR_LENGTH(s)) AS s FROM '{name}'")[-1] for name in names}
        for name in names:
            self.assertEqual(sums[name], {"n": 50000, "a": 50000 * 49999 // 2, "s": 1000 * sum(range(50))}, name)

    def test_killed_in_the_middle(self):
        """Each row once, whenever the program was killed."""
        count = 300000
        self.write("x.json.gz", gzip.compress("".join(f'{{"id":{i},"s":"x{i * 7919}"}}\n' for i in range(count)).encode(), 1))
        self.write("job.sql", "CREATE TABLE res (id BIGINT, s STRING) WITH ('connector' = 'filesystem', 'path' = 'res', 'format' = 'csv');"
                              "INSERT INTO res SELECT * FROM 'x.json.gz';")
        words = [SABOT, "run", "job.sql", "--state", "st", "--set", "execution.checkpointing.interval=50ms"]
        for seconds in (0.3, 0.4, 0.5):
            process = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(seconds * SLOW)
            process.kill()
            process.wait()
        self.sabot(*words[1:])
        got = []
        for folder, _, names in os.walk(os.path.join(self.folder, "res")):
            for name in names:
                if not name.startswith("."):
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        got += file.read().splitlines()
        self.assertEqual(len(got), count)
        self.assertTrue(set(got) == {f"{i},x{i * 7919}" for i in range(count)}, "other rows")

    def test_truncated(self):
        random.seed(1)
        packed = gzip.compress("".join(f'{{"a":{random.random()}}}\n' for _ in range(5000)).encode())
        self.write("x.json.gz", packed[:-10])
        told = self.sabot("SELECT COUNT(*) FROM 'x.json.gz' /*+ OPTIONS('bad-records' = 'skip') */", code=1)
        self.assertIn("file 'x.json.gz', byte ", told)
        self.assertIn("it ends in the middle", told)


class Infer(Case):
    def test_the_statement_gives_the_same_rows(self):
        self.write("we`ird 'n;ame.csv", "`a`,b b,select\n1,x,2024-01-01 10:00:00\n2,,\n")
        path = "we`ird 'n;ame.csv"
        sql = self.sabot("infer", path, "--name", "t`1")
        self.assertIn("-- for windows: , WATERMARK FOR `select` AS `select` - INTERVAL '5' SECOND", sql)
        quoted = path.replace("'", "''")
        self.assertEqual(self.rows(sql + "SELECT * FROM `t``1`"), self.rows(f"SELECT * FROM '{quoted}'"))
        self.assertEqual(self.infer(path)["table"], "we_ird_n_ame")

    def test_the_suggested_watermark_can_be_taken(self):
        self.write("x.json", '{"ts":"2024-01-01 10:00:00","n":1}\n')
        sql = self.sabot("infer", "x.json").replace("-- for windows: ", "")
        self.assertEqual(self.rows(sql + "SELECT n FROM TABLE(TUMBLE(TABLE x, DESCRIPTOR(ts), INTERVAL '1' MINUTE))"), [{"n": 1}])

    def test_usage(self):
        self.sabot("infer", code=2)
        self.sabot("infer", "a", "b", code=2)
        self.assertIn("does not exist", self.sabot("infer", "nowhere", code=1))


@unittest.skipIf(duckdb is None, "duckdb is missing")
class DuckDB(Case):
    def check(self, name, text):
        path = self.write(name, text)
        duck = duckdb.sql(f"SELECT * FROM '{path}'")
        theirs = {n: str(t) for n, t in zip(duck.columns, duck.types)}
        ours = self.columns(name)
        self.assertEqual(list(ours), list(theirs), name)
        for column, theirs_type in theirs.items():
            expected = TYPES.get(theirs_type)
            if expected:
                self.assertTrue(ours[column].startswith(expected), f"{name} {column}: {ours[column]}, DuckDB {theirs_type}")
        simple = [c for c, t in theirs.items() if t in TYPES]
        columns = ", ".join(f"CAST(`{c}` AS STRING) AS `{c}`" if ours[c] != "DOUBLE" else f"`{c}`" for c in simple)
        got = [[self.plain(row[c]) for c in simple] for row in self.rows(f"SELECT {columns} FROM '{name}'")]
        want = [[self.plain(v) for v in row] for row in duck.project(", ".join(f'"{c}"' for c in simple)).fetchall()]
        self.assertEqual(got, want, name)

    @staticmethod
    def plain(value):
        """Booleans, dates and timestamps as text of one kind."""
        if value is None or isinstance(value, float):
            return value
        text = str(value)
        if text in ("True", "TRUE", "False", "FALSE", "true", "false"):
            return text.lower()
        return text.split(".")[0] if ":" in text else text

    def test_generated_csv(self):
        random.seed(2)
        makers = {
            "i": lambda r: str(r.randrange(-10**12, 10**12)),
            "f": lambda r: repr(round(r.uniform(-1000, 1000), 3)),
            "s": lambda r: r.choice(["ann", "bob", "a b c", "x-1"]),
            "q": lambda r: '"' + r.choice(["a,b;c|d", 'say ""hi""', "two\nlines"]) + '"',
            "b": lambda r: r.choice(["true", "false"]),
            "d": lambda r: f"20{r.randrange(10, 30)}-{r.randrange(1, 13):02}-{r.randrange(1, 28):02}",
            "t": lambda r: f"2024-01-{r.randrange(1, 28):02} {r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}",
        }
        for number in range(40):
            kinds = [random.choice("ifsqbdt") for _ in range(random.randrange(2, 7))]
            delimiter = random.choice(",;\t|")
            empty = random.random() < 0.3
            lines = [delimiter.join(f"c{i}{k}" for i, k in enumerate(kinds))]
            for _ in range(random.randrange(2, 60)):
                values = [makers[k](random) for k in kinds]
                if empty and random.random() < 0.3:
                    values[random.randrange(1, len(values))] = ""
                lines.append(delimiter.join(values))
            self.check(f"g{number}.csv", "\n".join(lines) + "\n")

    def test_generated_json(self):
        random.seed(3)
        makers = {
            "i": lambda r: r.randrange(-10**12, 10**12),
            "f": lambda r: round(r.uniform(-1000, 1000), 3),
            "m": lambda r: r.choice([1, 2.5]),
            "s": lambda r: r.choice(["ann", "bob \"q\"", "ü"]),
            "b": lambda r: r.choice([True, False]),
            "d": lambda r: f"2024-{r.randrange(1, 13):02}-{r.randrange(1, 28):02}",
            "t": lambda r: f"2024-01-{r.randrange(1, 28):02} {r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}",
        }
        for number in range(40):
            kinds = [random.choice("ifmsbdt") for _ in range(random.randrange(1, 7))]
            lines = []
            for row in range(random.randrange(10, 60)):
                record = {f"c{i}{k}": makers[k](random) for i, k in enumerate(kinds) if row == 0 or random.random() < 0.9}
                lines.append(json.dumps(record, ensure_ascii=random.random() < 0.5))
            self.check(f"g{number}.json", "\n".join(lines) + "\n")

    def test_nested(self):
        self.write("n.json", '{"a":{"x":1,"y":"s"},"l":[1,2.5],"r":[{"k":true}]}\n{"a":{"x":2,"z":null}}\n')
        theirs = {n: str(t) for n, t in zip(*(lambda d: (d.columns, d.types))(duckdb.sql(f"SELECT * FROM '{self.folder}/n.json'")))}
        self.assertEqual(theirs["l"], "DOUBLE[]")
        self.assertEqual(self.columns("n.json"), {"a": "ROW<`x` BIGINT, `y` STRING, `z` STRING>", "l": "ARRAY<DOUBLE>",
                                                  "r": "ARRAY<ROW<`k` BOOLEAN>>"})


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
