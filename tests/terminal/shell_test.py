#!/usr/bin/env python3
"""The shell on a pseudo-terminal: editing, completion, history, live results, Ctrl-C, resizing, colours, commands.

    shell_test.py [unittest argument...]      SABOT names the program; SCREENS=FOLDER keeps the screens as text
"""
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

from terminal import Terminal

SABOT = os.environ.get("SABOT") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/dev/sabot")
SLOW = 5 if os.environ.get("SABOT_SANITIZE", "none") != "none" else 1
UP, DOWN, RIGHT, LEFT, HOME, DELETE = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[3~"
NO_COLOURS = {"NO_COLOR": "1"}


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="sabot-shell-")
        self.folder = self.scratch.name
        self.addCleanup(self.scratch.cleanup)

    def open(self, *words, columns=80, rows=24, **env):
        env = dict({"SABOT_HISTORY": os.path.join(self.folder, "history"), "NO_COLOR": None, "PAGER": ""}, **env)
        terminal = Terminal([SABOT, *words], columns, rows, env, self.folder)
        self.addCleanup(terminal.kill)
        self.addCleanup(self.keep_screen, terminal)
        terminal.wait("sabot>", 20 * SLOW)
        return terminal

    def keep_screen(self, terminal):
        if os.environ.get("SCREENS"):
            with open(os.path.join(os.environ["SCREENS"], self.id() + ".txt"), "w", encoding="utf-8") as file:
                file.write(terminal.text() + "\n")

    def piped(self, text, *words, code=0):
        done = subprocess.run([SABOT, *words], input=text, capture_output=True, text=True, cwd=self.folder, check=False,
                              timeout=60 * SLOW)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def last(self, terminal):
        """The lines behind the last prompt that something was typed at."""
        return terminal.text().split("sabot>")[-2]


class Editing(Case):
    def test_statement_over_lines(self):
        t = self.open()
        t.send("SELECT 1 AS a,\r")
        t.send("2 AS b;\r")
        t.wait("1 row")
        self.assertIn("    -> 2 AS b;", t.text())
        self.assertIn("│            1 │            2 │", t.text())

    def test_moving_and_erasing(self):
        t = self.open()
        t.send("SELECT 12 AS größe;" + LEFT * 10 + "\x7f" + "日" + "\x7f" + "3\x05")
        t.wait("SELECT 13 AS größe;")
        t.send("\r")
        t.wait("1 row")
        self.assertIn("│           13 │", t.text())

    def test_wide_and_long_lines_wrap(self):
        t = self.open(columns=20)
        t.send("SELECT '日本語日本語日本語' AS x;")
        t.wait(lambda screen: screen.endswith(" AS x\n;"))
        lines = t.lines()
        self.assertEqual(t.cursor(), (len(t.text().splitlines()) - 1, 1))
        self.assertTrue(all(len(line) <= 20 for line in lines))
        t.send(HOME + DELETE * 6 + "VALUES (")
        t.wait("VALUES ( '日")
        t.send("\x03")

    def test_many_lines_stay_on_the_screen(self):
        t = self.open(rows=8)
        for i in range(20):
            t.send(f"-- line {i}\r")
        t.settle()
        t.send("SELECT 'the end' AS x;\r")
        t.wait("1 row")

    def test_undo_and_kill(self):
        t = self.open()
        t.send("SELECT 1 AS uno;\x17\x17")
        t.wait(lambda screen: screen.endswith("sabot> SELECT 1"))
        t.send("\x19\x1f\x1f")
        t.wait(lambda screen: screen.endswith("SELECT 1 AS"))
        t.send("\x03")

    def test_paste_is_not_run_line_by_line(self):
        t = self.open()
        t.send("\x1b[200~SELECT 1 AS a;\nSELECT\t2 AS b;\n\x1b[201~")
        t.settle()
        self.assertNotIn("row", t.text())
        t.send("\r")
        t.wait(lambda screen: screen.count("1 row") == 2)

    def test_ctrl_c_gives_up_what_is_typed(self):
        t = self.open()
        t.send("SELECT nonsense,\rmore\x03")
        t.wait("^C")
        t.send("SELECT 5 AS five;\r")
        t.wait("1 row")
        self.assertNotIn("error", t.text())

    def test_ctrl_d_leaves(self):
        t = self.open()
        t.send("x\x04")
        t.settle()
        t.send("\x7f\x04")
        self.assertEqual(t.end(), 0)

    def test_unknown_sequences_are_swallowed(self):
        t = self.open()
        t.send("\x1b[99;7~\x1bOZSELECT 7 AS x\x1b[57R;\r")
        t.wait("│            7 │")

    def test_resize(self):
        t = self.open(columns=60)
        t.send("SELECT 'abcdefghijklmnopqrstuvwxyz' AS letters, 1 AS n")
        t.settle()
        t.resize(30, 24)
        t.settle()
        t.send(" ;")
        t.settle()
        t.send("\r")
        t.wait("1 row")
        self.assertTrue(all(len(line) <= 30 for line in t.lines()))
        self.assertIn("…", t.text())  # the table was cut to the narrow terminal


class History(Case):
    def test_up_and_search_and_file(self):
        t = self.open()
        t.send("SELECT 1 AS a\r;\rSELECT 22 AS b;\r")
        t.wait("│           22 │")
        t.send(UP + UP)
        t.wait(lambda screen: screen.endswith("sabot> SELECT 1 AS a\n    -> ;"))
        t.send("\x03\x12SELECT 2")
        t.wait('(search "SELECT 2") SELECT 22 AS b;')
        t.send("\r")
        t.wait(lambda screen: screen.count("│           22 │") == 2)
        t.send(".quit\r")
        self.assertEqual(t.end(), 0)
        again = self.open()  # what was typed is there in the next shell
        again.send(UP + UP + UP + UP)
        again.wait(lambda screen: screen.endswith("SELECT 1 AS a\n    -> ;"))

    def test_no_history(self):
        t = self.open(SABOT_HISTORY="")
        t.send("SELECT 1 AS a;\r")
        t.wait("1 row")
        t.send(".quit\r")
        t.end()
        self.assertFalse(os.path.exists(self.path("history")))


class Completion(Case):
    def test_words(self):
        t = self.open()
        t.send("CREATE TABLE orders (order_id INT, order_amount INT) WITH ('connector' = 'data\t);\r")
        t.wait("table orders created")
        self.assertIn("'datagen');", t.text())
        t.send("DESCRIBE ord\t;\r")
        t.wait("order_amount")
        t.send("SELECT order_\t\t FROM orders")
        t.settle()
        t.send("\x01" + RIGHT * 13 + "\t")
        t.settle()
        t.send("\t")
        t.wait("order_amount  order_id")  # the list below
        t.send("a\t")
        t.wait("SELECT order_amount FROM orders")
        self.assertNotIn("order_amount  order_id", t.text().split("sabot>")[-1])
        os.makedirs(self.path("some data"))
        self.write("some data/visits.csv", "id,page\n1,/home\n")
        t.send("\x03SELECT page AS visited FROM 'so\tvi\t;\r")
        t.wait("/home")
        t.send(".schema 'some data/visits.csv'\r")
        t.wait("`page` STRING")
        t.send("\x03.mo\t")
        t.wait(".mode")
        t.send("js\t")
        t.wait(".mode json")
        t.send("\x03SET 'parallelism.d\t")
        t.wait("SET 'parallelism.default")


class Results(Case):
    def test_error_has_a_caret_and_the_shell_goes_on(self):
        t = self.open(**NO_COLOURS)
        t.send("SELECT lentgh('a');\r")
        t.wait("^")
        t.send("SELECT 3 AS x;\r")
        t.wait("│            3 │")

    def test_live_result(self):
        t = self.open(rows=12)
        t.send(".demo clicks\r")
        t.wait("Try:")
        t.send("SELECT page, COUNT(*) AS hits FROM clicks GROUP BY page;\r")
        t.wait("q stop", 30 * SLOW)
        first = t.wait(lambda screen: re.search(r"[1-9]\d* changes", screen), 30 * SLOW)
        self.assertLessEqual(len(first.splitlines()), 12)
        t.wait(lambda screen: screen != first and "q stop" in screen, 30 * SLOW)
        t.send("p")
        t.wait("p go on")
        t.settle(0.3)
        held = t.text()
        time.sleep(0.6)
        t.settle(0.1)
        self.assertEqual(t.text(), held)
        t.send("pq")
        t.wait(lambda screen: screen.endswith("sabot>"))
        self.assertRegex(t.text(), r"\d+ of 20 rows")
        t.send("SELECT 4 AS four;\r")
        t.wait("│            4 │")

    def test_ctrl_c_stops_the_query_and_not_the_shell(self):
        t = self.open()
        t.send(".demo clicks\r.mode changelog\r")
        t.wait("Try:")
        t.send("SELECT user_id FROM clicks;\r")
        t.wait(lambda screen: screen.count("+I") > 5, 30 * SLOW)
        t.send("\x03")
        t.wait("interrupted", 30 * SLOW)
        t.send(".mode box\rSELECT 'still here' AS x;\r")
        t.wait("│ still here")
        t.send(".quit\r")
        self.assertEqual(t.end(), 0)

    def test_insert_is_stopped_by_ctrl_c(self):
        t = self.open()
        t.send("CREATE TABLE s (n BIGINT) WITH ('connector' = 'datagen');\r"
               "CREATE TABLE d (n BIGINT) WITH ('connector' = 'blackhole');\r")
        t.wait("table d created")
        t.send("INSERT INTO d SELECT n FROM s;\r")
        t.wait("rows in", 30 * SLOW)
        t.send("\x03")
        t.wait("stopped", 30 * SLOW)
        t.send("SELECT 6 AS six;\r")
        t.wait("│            6 │")

    def test_progress_of_a_file(self):
        self.write("n.json", '{"n":1}\n' * 2_000_000)
        t = self.open(columns=160)
        t.send("CREATE TABLE s (n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'n.json', 'format' = 'json');\r"
               "CREATE TABLE d (m BIGINT, c STRING) WITH ('connector' = 'blackhole');\r")
        t.wait("table d created")
        t.send("INSERT INTO d SELECT n, x FROM s CROSS JOIN UNNEST(SPLIT(REPEAT('a,', 9999), ',')) AS u (x);\r")
        t.wait("of 16.0 MB", 30 * SLOW)
        t.send("\x03")
        t.wait("stopped", 60 * SLOW)

    def test_pager(self):
        t = self.open(PAGER="sed 's/^/> /'", rows=12)
        t.send("SELECT * FROM (VALUES " + ", ".join(f"({i})" for i in range(30)) + ") AS t(n);\r")
        t.wait("> 30 rows")

    def test_colours(self):
        t = self.open()
        t.send("SELECT 'x' AS a, 5 -- c")
        t.settle()
        row = t.cursor()[0]
        plain = t.style(row, 7 + 14).fg
        self.assertNotEqual(t.style(row, 7).fg, plain)  # SELECT
        self.assertNotEqual(t.style(row, 7 + 7).fg, plain)  # 'x'
        self.assertNotEqual(t.style(row, 7 + 17).fg, plain)  # 5
        t.send("\x03")
        without = self.open(**NO_COLOURS)
        without.send("SELECT 'x' AS a, NULL;\r")
        without.wait("1 row")
        self.assertNotRegex(without.bytes.decode(), r"\x1b\[[0-9;]*m")

    def test_first_row_comes_at_once(self):
        """No figure (machines differ): the shell does not wait for anything before it prints."""
        t = self.open()
        t.send(".timer on\rSELECT 9 AS nine;\r")
        t.wait(lambda screen: re.search(r"0\.\d+ s", screen))


class Commands(Case):
    def test_help_and_unknown(self):
        t = self.open(columns=100, rows=40)
        t.send(".help\r")
        screen = t.wait("Ctrl-R")
        for name in (".mode", ".read", ".output", ".timer", ".demo", "\\d"):
            self.assertIn(name, screen)
        t.send(".nonsense\r")
        t.wait('unknown command ".nonsense"')
        t.send("help\r")
        t.wait(lambda screen: screen.count("Ctrl-R") == 2 or screen.count(".exit") > 1)

    def test_catalog(self):
        t = self.open()
        t.send("CREATE TABLE bids (price INT) WITH ('connector' = 'datagen');\r")
        t.wait("created")
        t.send("\\d\r")
        t.wait("│ bids")
        t.send("\\d bids\r")
        t.wait("│ price")
        t.send(".schema bids\r")
        t.wait("'connector' = 'datagen'")

    def test_piped_shell(self):
        self.write("more.sql", "SELECT 2 AS b;\n.mode line\nSELECT 3 AS c;\n")
        done = self.piped(".mode csv\nSELECT 1 AS a;\n.read more.sql\n.headers off\n.mode csv\n.output out.csv\n"
                          "SELECT 'x,y' AS t, CAST(NULL AS INT) AS n\n;\n.output\nSELECT 4 AS d")
        self.assertEqual(done.stdout, "a\n1\nb\n2\nc = 3\n4\n")
        with open(self.path("out.csv"), encoding="utf-8") as file:
            self.assertEqual(file.read(), '"x,y",\n')

    def test_piped_shell_stops_at_an_error(self):
        done = self.piped("SELECT 1 AS a;\nSELECT x;\nSELECT 2 AS b;\n", "shell", "-m", "csv", code=1)
        self.assertEqual(done.stdout, "a\n1\n")
        self.assertIn("stdin:1:8", done.stderr)
        done = self.piped(".bail off\nSELECT x;\nSELECT 2 AS b;\n", "shell", "-m", "csv", code=1)
        self.assertEqual(done.stdout, "b\n2\n")

    def test_once_and_echo_and_exit(self):
        done = self.piped(".once one.csv\nSELECT 1 AS a;\n.echo on\nSELECT 2 AS b;\n.exit 7\nSELECT 3;\n", "shell", "-m", "csv",
                          code=7)
        self.assertEqual(done.stdout, "SELECT 2 AS b;\n\nb\n2\n")
        with open(self.path("one.csv"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "a\n1\n")

    def test_bad_commands(self):
        for line, message in ((".read none.sql", "cannot read file"), (".mode none", "there is no"), (".rows x", "number of rows"),
                              (".output no/such/file", "cannot write file"), (".timer maybe", "on or off"), (".demo none", "no demo"),
                              ("\\zzz", "unknown command")):
            done = self.piped(line + "\n", "shell", code=1)
            self.assertIn(message, done.stderr)

    def test_init_file(self):
        self.write("init.sql", "CREATE TABLE t (n INT) WITH ('connector' = 'datagen', 'number-of-rows' = '2');\n.mode csv\n")
        done = self.piped("SELECT COUNT(*) AS n FROM t;\n", "shell", "-i", "init.sql")
        self.assertEqual(done.stdout, "n\n2\n")

    def test_read_in_a_circle(self):
        self.write("loop.sql", ".read loop.sql\n")
        self.assertIn("too deep", self.piped(".read loop.sql\n", "shell", code=1).stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
