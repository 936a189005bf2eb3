#!/usr/bin/env python3
"""Catalogs that are kept in a file: what one run defines, the next one finds."""
import os
import sqlite3
import subprocess
import tempfile
import unittest

SABOT = os.environ.get("SABOT", "sabot")
OPEN = "CREATE CATALOG c WITH ('type' = 'sqlite', 'path' = 'c.db'); USE CATALOG c; "
TABLE = "CREATE TABLE t (a INT COMMENT 'it''s', b STRING, c AS a + 1) COMMENT 'x' WITH ('connector' = 'datagen', 'number-of-rows' = '3'); "


class Catalog(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sabot-catalog-")
        self.addCleanup(self.folder.cleanup)

    def run_it(self, sql, *words, code=0):
        done = subprocess.run([SABOT, *(words or ("run", "-m", "csv")), sql], capture_output=True, text=True, timeout=60,
                              cwd=self.folder.name, check=False)
        self.assertEqual(done.returncode, code, f"{sql}: {done.stdout}{done.stderr}")
        return done

    def lines(self, sql):
        return self.run_it(sql).stdout.splitlines()[1:]

    def test_definitions_survive(self):
        self.run_it(OPEN + TABLE + "CREATE DATABASE d COMMENT 'y' WITH ('k' = 'v'); CREATE TABLE d.u LIKE t; "
                    "CREATE VIEW v AS SELECT b, c FROM t; CREATE TEMPORARY TABLE gone (a INT)")
        self.assertEqual(self.lines(OPEN + "SHOW DATABASES"), ["d", "default"])
        self.assertEqual(self.lines(OPEN + "SHOW TABLES"), ["t", "v"])
        self.assertEqual(self.lines(OPEN + "SHOW TABLES FROM d"), ["u"])
        self.assertEqual(self.lines(OPEN + "SELECT COUNT(*) AS n FROM v"), ["3"])
        self.assertIn("it''s", self.run_it(OPEN + "SHOW CREATE TABLE t").stdout)
        self.assertIn("option:k,v", self.run_it(OPEN + "DESCRIBE DATABASE EXTENDED d").stdout)

    def test_changes_are_kept(self):
        self.run_it(OPEN + TABLE + "CREATE TABLE w LIKE t")
        self.run_it(OPEN + "ALTER TABLE t ADD z BIGINT; ALTER TABLE w RENAME TO x; CREATE VIEW v AS SELECT z FROM t")
        self.assertEqual(self.lines(OPEN + "SHOW TABLES"), ["t", "v", "x"])
        self.run_it(OPEN + "DROP VIEW v; DROP TABLE x")
        self.assertEqual(self.lines(OPEN + "SHOW TABLES"), ["t"])
        self.assertIn("z,BIGINT", self.run_it(OPEN + "DESCRIBE t").stdout)
        self.run_it(OPEN + "CREATE DATABASE d; CREATE TABLE d.t LIKE t; DROP DATABASE d CASCADE")
        self.assertEqual(self.lines(OPEN + "SHOW DATABASES"), ["default"])

    def objects(self):
        """The definitions in the file, as another program sees them."""
        with sqlite3.connect(os.path.join(self.folder.name, "c.db")) as db:
            return sorted(db.execute("SELECT kind, name FROM object"))

    def test_a_refused_script_writes_nothing(self):
        view = "CREATE VIEW v AS SELECT a FROM t; "
        self.run_it(OPEN + TABLE + view + "SELECT nope FROM t", code=1)
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "c.db")), "the file was made by the script that was refused")
        self.run_it(OPEN + TABLE)
        before = self.objects()
        self.assertEqual(before, [("table", "t")])
        self.run_it(OPEN + view + "DROP TABLE t; CREATE DATABASE d; SELECT nope FROM v", code=1)
        self.assertEqual(self.objects(), before)
        # what the script itself defines is there for its later statements, also by another name
        other = OPEN.replace("CATALOG c", "CATALOG other")
        self.assertEqual(self.lines(OPEN + view + other + "SELECT COUNT(*) AS n FROM v"), ["3"])
        self.assertEqual(self.objects(), [("table", "t"), ("view", "v")])
        self.run_it(OPEN + "DROP VIEW v; DROP TABLE t; USE CATALOG default_catalog; DROP CATALOG c; " + OPEN + "SHOW TABLES")
        self.assertEqual(self.objects(), [])

    def test_one_file_under_two_spellings(self):
        both = OPEN + OPEN.replace("CATALOG c", "CATALOG other").replace("'c.db'", "'./c.db'")
        self.assertEqual(self.lines(both + TABLE + "USE CATALOG c; SHOW TABLES"), [])
        self.assertEqual(self.lines(OPEN + "SHOW TABLES"), ["t"])

    def test_modules_are_of_the_session(self):
        self.run_it(OPEN + "CREATE VIEW v AS SELECT COALESCE(1, 2) AS q")
        done = self.run_it("UNLOAD MODULE core; " + OPEN + "LOAD MODULE core; SELECT q FROM v")
        self.assertEqual((done.stdout.split(), done.stderr), (["q", "1"], ""))

    def test_a_replaced_table_is_read(self):
        """CREATE OR REPLACE TABLE AS: the query reads the table that it replaces."""
        for name, text in (("old", "1,x\n2,y\n"), ("new", "777,z\n")):
            os.mkdir(os.path.join(self.folder.name, name))
            with open(os.path.join(self.folder.name, name, "a.csv"), "w", encoding="ascii") as file:
                file.write(text)
        table = "TABLE d (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'old', 'format' = 'csv'); "
        again = "TABLE d WITH ('connector' = 'filesystem', 'path' = 'new', 'format' = 'csv') AS SELECT a + 1 AS a, b FROM d; "
        self.run_it(OPEN + "CREATE " + table + "CREATE OR REPLACE " + again)
        self.assertEqual(sorted(self.lines(OPEN + "SELECT * FROM d")), ["2,x", "3,y", "777,z"])

    def test_what_runs_is_written(self):
        """A job that fails leaves the definitions: execution had begun."""
        self.run_it(OPEN + TABLE + "CREATE TABLE o (x INT) WITH ('connector' = 'blackhole'); INSERT INTO o SELECT 1 / (a - a) FROM t", code=1)
        self.assertEqual(self.objects(), [("table", "o"), ("table", "t")])

    def test_explain_writes_nothing(self):
        self.run_it(OPEN + TABLE + "SELECT a FROM t", "explain")
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "c.db")))
        self.run_it(OPEN + TABLE, "validate")
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "c.db")))

    def test_no_partitions(self):
        done = self.run_it(OPEN + "CREATE TABLE p (a INT, d STRING) PARTITIONED BY (d) WITH ('connector' = 'blackhole'); ALTER TABLE p ADD PARTITION (d = 'x')", code=1)
        self.assertIn("not supported: partitions in a catalog of type 'sqlite'", done.stderr)

    def test_under_another_name(self):
        self.run_it(OPEN + TABLE + "CREATE VIEW v AS SELECT b FROM t")
        other = OPEN.replace("CATALOG c", "CATALOG other")
        self.assertEqual(self.lines(other + "SELECT COUNT(*) AS n FROM v"), ["3"])

    def test_information_schema(self):
        made = ("CREATE TABLE o (id INT, n STRING COMMENT 'who''s', v AS id + 1, o BIGINT METADATA FROM 'offset' VIRTUAL, ts TIMESTAMP(3), "
                "WATERMARK FOR ts AS ts, CONSTRAINT k PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'datagen'); "
                "CREATE TEMPORARY VIEW w AS SELECT 'it''s' AS x; ")

        def ask(query, before=made):
            return self.lines(before + query)
        self.assertEqual(ask("SELECT TABLE_NAME, TABLE_TYPE, IS_TEMPORARY, IS_WATERMARKED, WATERMARK_COLUMN, WATERMARK_EXPRESSION "
                             "FROM information_schema.tables"), ["o,BASE TABLE,NO,YES,ts,`ts`", "w,VIEW,YES,NO,,"])
        self.assertEqual(ask("SELECT COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, DATA_TYPE, IS_GENERATED, GENERATION_EXPRESSION, IS_METADATA, "
                             "METADATA_KEY, IS_PERSISTED, REMARKS FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'o'"),
                         ["id,1,NO,INT,NO,,NO,,YES,", "n,2,YES,STRING,NO,,NO,,YES,who's", "v,3,NO,INT,YES,`id` + 1,NO,,NO,",
                          "o,4,YES,BIGINT,NO,,YES,offset,NO,", "ts,5,YES,TIMESTAMP(3),NO,,NO,,YES,"])
        self.assertEqual(ask("SELECT CONSTRAINT_NAME, COLUMN_NAME, ORDINAL_POSITION FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE"), ["k,id,1"])
        self.assertEqual(ask("SELECT CONSTRAINT_NAME, TABLE_NAME, CONSTRAINT_TYPE, ENFORCED FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS"),
                         ["k,o,PRIMARY KEY,NO"])
        self.assertEqual(ask("SELECT TABLE_NAME, OPTION_KEY, OPTION_VALUE FROM INFORMATION_SCHEMA.TABLE_OPTIONS"), ["o,connector,datagen"])
        self.assertEqual(ask("SELECT VIEW_DEFINITION FROM INFORMATION_SCHEMA.VIEWS"), ["SELECT 'it''s' AS x"])
        # of a table that has no row, of another catalog, joined with itself
        self.assertEqual(ask("SELECT * FROM INFORMATION_SCHEMA.VIEWS", ""), [])
        self.assertEqual(ask("SELECT TABLE_SCHEMA, TABLE_NAME FROM c.INFORMATION_SCHEMA.TABLES", OPEN + TABLE + "USE CATALOG default_catalog; "),
                         ["default,t"])
        self.assertEqual(ask("SELECT CATALOG_NAME FROM INFORMATION_SCHEMA.INFORMATION_SCHEMA_CATALOG_NAME", OPEN), ["c"])
        self.assertEqual(ask("SELECT CATALOG_NAME, CATALOG_TYPE FROM INFORMATION_SCHEMA.CATALOGS", OPEN),
                         ["default_catalog,generic_in_memory", "c,sqlite"])
        self.assertEqual(ask("SELECT SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA", ""), ["default_database", "INFORMATION_SCHEMA"])
        self.assertEqual(ask("SELECT t.TABLE_NAME, COUNT(*) FROM INFORMATION_SCHEMA.TABLES t JOIN INFORMATION_SCHEMA.COLUMNS c "
                             "ON t.TABLE_NAME = c.TABLE_NAME GROUP BY t.TABLE_NAME"), ["o,5", "w,1"])
        self.assertIn("VIEWS", ask("SHOW TABLES FROM information_schema", ""))
        self.assertIn("VIEW_DEFINITION,STRING,FALSE,,,", ask("DESCRIBE INFORMATION_SCHEMA.VIEWS", ""))
        # a database of that name is what was asked for
        self.run_it("CREATE DATABASE INFORMATION_SCHEMA; SELECT * FROM INFORMATION_SCHEMA.TABLES", code=1)

    def test_validate_writes_nothing(self):
        self.run_it(OPEN + TABLE)
        self.run_it(OPEN + "CREATE TABLE u (a INT) WITH ('connector' = 'datagen'); DROP TABLE t; SELECT a FROM u", "validate")
        self.assertEqual(self.lines(OPEN + "SHOW TABLES"), ["t"])

    def test_bad_files(self):
        with open(os.path.join(self.folder.name, "c.db"), "w", encoding="utf-8") as f:
            f.write("this is no database, and it is long enough to be looked at as one\n" * 20)
        self.assertIn("catalog file", self.run_it(OPEN, code=1).stderr)
        os.remove(os.path.join(self.folder.name, "c.db"))
        self.run_it(OPEN + TABLE)
        db = sqlite3.connect(os.path.join(self.folder.name, "c.db"))
        db.execute("UPDATE object SET text = 'CREATE TABLE t (a NOTYPE)'")
        db.commit()
        done = self.run_it(OPEN + "SHOW TABLES")
        self.assertIn("t is left out", done.stderr)
        db.execute("UPDATE meta SET value = 99")
        db.commit()
        db.close()
        self.assertIn("has version 99", self.run_it(OPEN, code=1).stderr)
        self.assertIn("cannot open", self.run_it("CREATE CATALOG c WITH ('type' = 'sqlite', 'path' = 'no/such/folder/c.db')",
                                                 code=1).stderr)
        self.assertIn("no option 'path'", self.run_it("CREATE CATALOG c WITH ('type' = 'sqlite')", code=1).stderr)


if __name__ == "__main__":
    unittest.main()
