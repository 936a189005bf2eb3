#!/usr/bin/env python3
"""User functions from libraries through the program: their life in catalogs, how names are resolved, what cannot be loaded, and
jobs that are killed and go on. The libraries are examples/c/functions.c and bad.c here. Expected values by hand, or from a
built-in function that does the same."""
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

SABOT = os.environ.get("SABOT", "sabot")
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "../..")
COMPILER = os.environ.get("CC", "cc")


def build(folder, source, name, *flags):
    """lib<name>.so in the folder."""
    subprocess.run([COMPILER, "-std=c11", "-Wall", "-Wextra", "-O1", "-shared", "-fPIC", "-I", os.path.join(ROOT, "include"), *flags,
                    os.path.join(ROOT, source), "-o", os.path.join(folder, f"lib{name}.so")], check=True)


class Functions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.built = tempfile.mkdtemp(prefix="sabot-functions-")
        cls.addClassCleanup(shutil.rmtree, cls.built)
        build(cls.built, "examples/c/functions.c", "functions")
        for result in (1, 2, 3, 4):
            build(cls.built, "tests/functions/bad.c", f"bad{result}", f"-DRESULT={result}")

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sabot-functions-")
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copytree(self.built, self.folder, dirs_exist_ok=True)

    def run_it(self, sql, *options):
        return subprocess.run([SABOT, "run", "-e", sql, "-m", "csv", *options], capture_output=True, text=True, timeout=120, cwd=self.folder,
                              check=False)

    def rows(self, sql, *options):
        done = self.run_it(sql, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()[1:]

    def fails(self, sql, *parts):
        done = self.run_it(sql)
        self.assertEqual(done.returncode, 1, done.stdout)
        for part in parts:
            self.assertIn(part, done.stderr)

    def test_the_example(self):
        create = "".join(f"CREATE FUNCTION {f} AS 'libfunctions.so:{f}' LANGUAGE C; " for f in ("mask", "wavg", "words"))
        self.assertEqual(self.rows(create + "SELECT mask('4111', 2), mask(CAST(NULL AS STRING), 1)"), ["**11,"])
        self.assertEqual(self.rows(create + "SELECT w, wavg(v, n) FROM (VALUES ('a', 1.0, 3), ('a', 5.0, 1)) AS t (w, v, n) GROUP BY w",
                                   "--set", "execution.runtime-mode=batch"), ["a,2.0"])
        self.assertEqual(self.rows(create + "SELECT id, word, size FROM (VALUES (1, 'to be '), (2, '')) AS t (id, s), LATERAL TABLE(words(s))"),
                         ["1,to,2", "1,be,2"])
        self.assertEqual(self.rows(create + "SELECT id, word FROM (VALUES (1, 'to be '), (2, '')) AS t (id, s) LEFT JOIN LATERAL words(s) AS w ON TRUE"),
                         ["1,to", "1,be", "2,"])
        self.fails(create + "SELECT mask('x', v) FROM (VALUES (1), (-1)) AS t (v)", "function mask: a negative number of characters")
        self.fails(create + "SELECT mask(1, 1)", "cannot apply mask to arguments of type (INT NOT NULL, INT NOT NULL)",
                   "SELECT mask(1, 1)", "^^^^", "mask is SCALAR (STRING, INT) -> STRING")

    def test_what_cannot_be_loaded(self):
        with open(os.path.join(self.folder, "text.so"), "w", encoding="ascii") as f:
            f.write("not a library\n")
        for text, part in (("nothing.so:f", "library 'nothing.so' not found"), ("text.so:f", "cannot be loaded"),
                           ("libbad1.so:nosuch", "exports no symbol 'nosuch'"), ("libbad1.so:", "names no library and symbol"),
                           ("libbad1.so:other_version", "made for version 2 of the function interface, this program has 1"),
                           ("libbad1.so:unknown_kind", "unknown kind of function 12"),
                           ("libbad1.so:unknown_type", "the types that it declares"),
                           ("libbad1.so:no_descriptor", "there is no descriptor")):
            self.fails(f"SELECT 1; CREATE FUNCTION f AS '{text}' LANGUAGE C", "error[SB2018]", part, "^" * len(f"'{text}'"))
        self.assertEqual(self.rows("CREATE FUNCTION f AS 'libbad1.so' LANGUAGE C; SELECT f(5)"), ["1"])  # the symbol sabot_functions
        self.assertEqual(self.rows(f"CREATE FUNCTION f AS '{self.folder}/libbad2.so:sabot_functions' LANGUAGE C; SELECT f(5)"), ["2"])

    def test_names(self):
        """A temporary function of the system, a built-in one, a temporary one, one of the catalog: in this order."""
        make = "CREATE {}FUNCTION {} AS 'libbad{}.so' LANGUAGE C; "
        sql = make.format("", "reverse", 1)
        self.assertEqual(self.rows(sql + "SELECT REVERSE('ab'), default_database.reverse(0), default_catalog.default_database.REVERSE(0)"),
                         ["ba,1,1"])
        sql += make.format("TEMPORARY ", "reverse", 2)
        self.assertEqual(self.rows(sql + "SELECT REVERSE('ab'), default_database.reverse(0)"), ["ba,2"])
        sql += make.format("TEMPORARY SYSTEM ", "Reverse", 3)
        self.assertEqual(self.rows(sql + "SELECT REVERSE(0), `reverse`(0), default_database.reverse(0)"), ["3,3,2"])
        sql += "DROP TEMPORARY FUNCTION reverse; "
        self.assertEqual(self.rows(sql + "SELECT reverse(0), default_database.reverse(0)"), ["3,1"])
        sql += "DROP TEMPORARY SYSTEM FUNCTION reverse; ALTER FUNCTION default_database.reverse AS 'libbad4.so' LANGUAGE C; "
        self.assertEqual(self.rows(sql + "SELECT REVERSE('ab'), default_database.reverse(0)"), ["ba,4"])
        self.fails(sql + "CREATE FUNCTION REVERSE AS 'libbad1.so' LANGUAGE C", "function \"REVERSE\" exists already")
        self.rows(sql + "CREATE FUNCTION IF NOT EXISTS REVERSE AS 'nothing.so' LANGUAGE C; SELECT 1")
        self.fails(sql + "DROP TEMPORARY FUNCTION reverse", "unknown function 'reverse'", "there is a function that is not temporary")
        other = "CREATE DATABASE d; " + make.format("", "d.uno", 2)
        self.fails(other + "SELECT uno(1)", "unknown function 'UNO'")
        self.assertEqual(self.rows(other + "SELECT d.uno(1)"), ["2"])
        self.assertEqual(self.rows(other + "USE d; SELECT uno(1)"), ["2"])
        self.assertEqual(self.rows(other + "SHOW USER FUNCTIONS FROM d"), ["uno"])
        self.assertEqual(self.rows(other + "SHOW USER FUNCTIONS"), [])
        self.fails(other + "DROP DATABASE d", "database \"d\" is not empty")
        self.fails(other + "DROP DATABASE d CASCADE; SELECT d.uno(1)", "database \"d\" not found")

    def test_one_plan_keeps_its_code(self):
        """What a statement was planned with stays, whatever the name means when it runs."""
        sql = ("CREATE TEMPORARY FUNCTION f AS 'libbad1.so' LANGUAGE C; "
               "CREATE TABLE o (v BIGINT) WITH ('connector' = 'filesystem', 'path' = 'o', 'format' = 'csv'); "
               "INSERT INTO o SELECT f(v) FROM (VALUES (0)) AS t (v); "
               "DROP TEMPORARY FUNCTION f; CREATE TEMPORARY FUNCTION f AS 'libbad2.so' LANGUAGE C; "
               "INSERT INTO o SELECT f(v) FROM (VALUES (0)) AS t (v); SELECT v FROM o ORDER BY v")
        self.assertEqual(self.rows(sql, "--set", "execution.runtime-mode=batch"), ["1", "2"])

    def test_catalog_in_a_file(self):
        use = "CREATE CATALOG c WITH ('type' = 'sqlite', 'path' = 'c.db'); USE CATALOG c; "
        self.rows(use + "CREATE FUNCTION mask AS 'libfunctions.so:mask' LANGUAGE C; CREATE TEMPORARY FUNCTION gone AS 'libbad1.so' LANGUAGE C; SELECT 1")
        self.assertEqual(self.rows(use + "SHOW USER FUNCTIONS"), ["mask"])
        self.assertEqual(self.rows(use + "SELECT mask('abc', 1)"), ["**c"])
        self.assertIn("is temporary,false", self.rows(use + "DESCRIBE FUNCTION mask"))
        self.rows(use + "ALTER FUNCTION mask AS 'libbad3.so' LANGUAGE C; SELECT 1")
        self.assertEqual(self.rows(use + "SELECT mask(0)"), ["3"])
        os.remove(os.path.join(self.folder, "libbad3.so"))
        self.assertEqual(self.rows(use + "SELECT 1"), ["1"])  # the catalog opens: it is missed where it is used
        self.fails(use + "SELECT mask(0)", "function mask: library 'libbad3.so' not found", "^^^^")
        self.rows(use + "DROP FUNCTION mask; SELECT 1")
        self.assertEqual(self.rows(use + "SHOW USER FUNCTIONS"), [])

    def test_views_keep_names(self):
        sql = ("CREATE DATABASE d; USE d; CREATE FUNCTION f AS 'libbad2.so' LANGUAGE C; CREATE VIEW v AS SELECT f(1) AS x; "
               "USE default_database; SELECT x FROM d.v")
        self.assertEqual(self.rows(sql), ["2"])

    # ---- jobs ----

    def stream(self, count):
        rng = random.Random(7)
        os.makedirs(os.path.join(self.folder, "in"))
        for part in range(3):
            with open(os.path.join(self.folder, "in", f"{part}.json"), "w", encoding="ascii") as f:
                for _ in range(count // 3):
                    f.write(json.dumps({"k": rng.randrange(300), "v": rng.randrange(100), "n": rng.randrange(1, 9)}) + "\n")

    def job(self, query, columns, functions="libfunctions.so:wavg AS wavg"):
        text, name = functions.split(" AS ")
        path = os.path.join(self.folder, "job.sql")
        with open(path, "w", encoding="ascii") as f:
            f.write(f"CREATE FUNCTION {name} AS '{text}' LANGUAGE C;\n"
                    "CREATE TABLE i (k BIGINT, v BIGINT, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'in', 'format' = 'json');\n"
                    f"CREATE TABLE o ({columns}) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'changelog-json');\n"
                    f"INSERT INTO o {query};\n")
        return path

    def start(self, path, parallelism):
        return subprocess.Popen([SABOT, "run", path, "--state", "state", "--json", "-p", str(parallelism),
                                 "--set", "execution.checkpointing.interval=20 ms", "--set", "execution.batch-rows=32"],
                                cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for_checkpoint(self, process):
        """Until there is one that was not there, or the program has ended."""
        def manifests():
            return {base for base, _, files in os.walk(os.path.join(self.folder, "state")) if "manifest" in files}
        before = manifests()
        for _ in range(20000):
            if process.poll() is not None or manifests() - before:
                break
            time.sleep(0.002)

    def published(self):
        table = collections.Counter()
        out = os.path.join(self.folder, "out")
        for name in sorted(os.listdir(out)) if os.path.isdir(out) else []:
            if name[0] not in "._":
                with open(os.path.join(out, name), encoding="utf-8") as f:
                    for line in map(json.loads, f):
                        table[tuple(line["data"].values())] += -1 if line["op"] in ("-U", "-D") else 1
        return {row: n for row, n in table.items() if n}

    def test_killed_and_resumed(self):
        """kill -9 at any moment, other parallelisms: the accumulators are those of a run that nobody disturbed."""
        self.stream(150000)
        expected = {}
        for part in range(3):
            with open(os.path.join(self.folder, "in", f"{part}.json"), encoding="ascii") as f:
                for row in map(json.loads, f):
                    total = expected.setdefault(row["k"], [0, 0, 0])
                    total[0] += row["v"] * row["n"]
                    total[1] += row["n"]
                    total[2] += 1
        path = self.job("SELECT k, wavg(CAST(v AS DOUBLE), n), COUNT(*) FROM i GROUP BY k", "k BIGINT, w DOUBLE, n BIGINT")
        kills = 0
        for turn in range(5):
            process = self.start(path, (1, 3, 2)[turn % 3])
            if turn < 4:
                self.wait_for_checkpoint(process)
                time.sleep(0.01 * turn)
                kills += process.poll() is None
                process.send_signal(signal.SIGKILL)
            _, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, err)
        self.assertIn("resumed", err)
        self.assertGreaterEqual(kills, 2)
        self.assertEqual(self.published(), {(k, s / w, n): 1 for k, (s, w, n) in expected.items()})

    def test_another_function_is_refused(self):
        self.stream(240000)
        path = self.job("SELECT k, counted(v) FROM i GROUP BY k", "k BIGINT, n BIGINT", "libbad1.so:counted AS counted")
        process = self.start(path, 1)
        self.wait_for_checkpoint(process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        build(self.folder, "tests/functions/bad.c", "bad1", "-DRESULT=1", "-DSTATE=2")
        done = subprocess.run([SABOT, "run", path, "--state", "state"], cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("counted has changed: it was AGGREGATE (BIGINT) -> BIGINT, state version 1, and is now AGGREGATE (BIGINT) -> BIGINT, "
                      "state version 2", done.stderr)
        build(self.folder, "tests/functions/bad.c", "bad1", "-DRESULT=7")  # other code, the same state: it goes on
        done = subprocess.run([SABOT, "run", path, "--state", "state"], cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sum(n for (_, n) in self.published()), 240000)


if __name__ == "__main__":
    unittest.main()
