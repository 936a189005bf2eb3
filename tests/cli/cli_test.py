#!/usr/bin/env python3
"""The program from outside: exit codes, messages, output for pipes and terminals, signals, state directories.

    cli_test.py [unittest argument...]      SABOT names the program
"""
import json
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SABOT = os.environ.get("SABOT") or os.path.join(os.path.dirname(__file__), "../../build/dev/sabot")
SLOW = 5 if os.environ.get("SABOT_SANITIZE", "none") != "none" else 1

BIDS = """CREATE TABLE bids (auction BIGINT, price BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'filesystem', 'path' = '{folder}/bids.json', 'format' = 'json');
"""
COUNTS = """CREATE TABLE counts (auction BIGINT, begin_at TIMESTAMP(3), n BIGINT)
WITH ('connector' = 'filesystem', 'path' = '{folder}/{out}', 'format' = 'json');
INSERT INTO counts SELECT auction, window_start, COUNT(*)
FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY auction, window_start, window_end;
"""
NEXMARK = """CREATE TABLE nexmark (event_type INT, bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR,
    `dateTime` TIMESTAMP(3), extra VARCHAR>) WITH ('connector' = 'nexmark'{options});
CREATE TABLE sums (n BIGINT) WITH ('connector' = '{sink}');
INSERT INTO sums SELECT {what} FROM nexmark;
"""


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="sabot-cli-")
        self.folder = self.scratch.name
        self.addCleanup(self.scratch.cleanup)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def run_it(self, *words, code=0, stdin=None):
        done = subprocess.run([SABOT, *words], capture_output=True, text=True, timeout=60 * SLOW, cwd=self.folder, check=False,
                              input=stdin)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        return done

    def fails(self, *words, code=1):
        """Fails with nothing on stdout; the message."""
        done = self.run_it(*words, code=code)
        self.assertEqual(done.stdout, "")
        self.assertNotEqual(done.stderr, "")
        return done.stderr

    def rows(self, sql):
        return [json.loads(line) for line in self.run_it("run", "--json", sql).stdout.splitlines()]

    def start(self, *words):
        return subprocess.Popen([SABOT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder)

    def wait_for_checkpoint(self, process, state, limit_s=30):
        end = time.monotonic() + limit_s * SLOW
        job, ended = self.path(os.path.join(state, "job-1")), False
        while time.monotonic() < end and not ended:
            ended = process.poll() is not None  # before the last look: it may end between two
            if os.path.isdir(job) and any(name.startswith("chk-") for name in os.listdir(job)):
                return
            time.sleep(0.02)
        self.fail("no checkpoint: " + (process.stderr.read() if process.poll() is not None else ""))

    def finish(self, process, code, limit_s=30):
        out, err = process.communicate(timeout=limit_s * SLOW)
        self.assertIn(process.returncode, code if isinstance(code, tuple) else (code,), out + err)
        return out, err

    def make_bids(self, count=3000):
        with open(self.path("bids.json"), "w", encoding="utf-8") as file:
            for i in range(count):
                second = i * 60 // count
                file.write(f'{{"auction":{i % 7},"price":{i},"ts":"2024-01-01 00:00:{second:02d}"}}\n')

    def read_folder(self, name):
        lines = []
        for base, _, names in os.walk(self.path(name)):
            for one in names:
                if not one.startswith((".", "_")):
                    with open(os.path.join(base, one), encoding="utf-8") as file:
                        lines += file.read().splitlines()
        return sorted(lines)

    def counts_of(self, count=3000):
        expected = {}
        for i in range(count):
            key = (i % 7, i * 60 // count // 10 * 10)
            expected[key] = expected.get(key, 0) + 1
        return sorted(f'{{"auction":{a},"begin_at":"2024-01-01 00:00:{s:02d}","n":{n}}}' for (a, s), n in expected.items())


class Words(Case):
    def test_version_and_help(self):
        self.assertRegex(self.run_it("--version").stdout, r"^sabot \d+\.\d+\.\d+\n$")
        self.assertIn("sabot run FILE", self.run_it("--help").stdout)
        for verb in ("run", "explain", "validate", "fmt", "inspect", "bench"):
            self.assertTrue(self.run_it(verb, "--help").stdout.startswith(f"usage: sabot {verb}"))
            self.assertEqual(self.run_it("help", verb).stdout, self.run_it(verb, "--help").stdout)

    def test_help_for_a_code(self):
        self.assertTrue(self.run_it("help", "SB2002").stdout.startswith("SB2002: "))
        self.assertIn("nothing", self.fails("help", "nothing", code=2))

    def test_wrong_words(self):
        for words in (["fly"], ["shell", "word"], ["shell", "-m", "none"], ["run", "-m", "none", "SELECT 1"], ["run"], ["run", "--speed", "3"], ["run", "--state"], ["run", "a", "b"], ["explain"], ["inspect"],
                      ["inspect", "a", "b"], ["run", "x.sql", "--parallelism", "none"], ["run", "x.sql", "--set", "novalue"],
                      ["bench"], ["bench", "tpch"], ["bench", "nexmark", "-n", "many"], ["bench", "nexmark", "-q", "q99"],
                      ["help", "a", "b"]):
            self.fails(*words, code=2)

    def test_completion_scripts(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("parallelism", self.run_it("completion", shell).stdout)
        self.write("script", self.run_it("completion", "bash").stdout)

        def complete(*words):
            script = f"""source ./script; COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}
                _sabot; printf '%s\\n' "${{COMPREPLY[@]}}" """
            done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=self.folder, check=True)
            return done.stdout.split()

        self.assertEqual(complete("sabot", "val"), ["validate"])
        self.assertEqual(complete("sabot", "run", "--para"), ["--parallelism"])
        self.assertEqual(complete("sabot", "run", "-m", "json"), ["json", "jsonl"])
        self.assertIn("script", complete("sabot", "run", "scr"))
        self.fails("completion", "tcsh", code=2)
        self.fails("completion", code=2)

    def test_man_pages(self):
        self.run_it("help", "--man", "man")
        page = self.read("man/sabot-run.1")
        self.assertIn(".SH OPTIONS", page)
        self.assertIn("\\fB\\-s\\fR, \\fB\\-\\-state\\fR \\fIDIR\\fR", page)
        self.assertIn("sabot\\-validate", self.read("man/sabot.1"))
        self.fails("help", "--man", "no/such/folder")

    def test_a_failing_job_shows_its_statement(self):
        self.write("f.sql", "CREATE TABLE o (x INT) WITH ('connector' = 'blackhole');\n\nINSERT INTO o\nSELECT 1 / (a - a) FROM (VALUES (1), (2)) AS t(a);\n")
        place = "  --> f.sql:3:1\n 3 | INSERT INTO o\n   | ^^^^^^^^^^^^^\n"
        self.assertIn("division by zero\n" + place, self.fails("run", "f.sql"))
        self.write("file", "no folder")
        self.assertIn(place, self.fails("run", "--state", "file/state", "f.sql"))

    def test_missing_file(self):
        self.assertIn("missing.sql", self.fails("run", "missing.sql"))
        self.assertIn("folder", self.fails("run", self.folder))
        self.assertIn("no statement", self.fails("run", self.write("empty.sql", "-- nothing\n")))

    def test_file_word_and_stdin(self):
        self.write("a.sql", "SELECT 1 AS uno")
        expected = "uno\n  1\n"
        for words in (["run", "a.sql"], ["-f", "a.sql"], ["run", "-f", "a.sql"], ["SELECT 1 AS uno"], ["-e", "SELECT 1 AS uno"],
                      ["run", "SELECT 1 AS uno;"], ["  select 1 as uno"]):
            self.assertEqual(self.run_it(*words).stdout, expected)
        self.assertEqual(self.run_it("run", "-", stdin="SELECT 1 AS uno").stdout, expected)


class Errors(Case):
    def test_unknown_column_has_line_column_caret_and_hint(self):
        self.write("a.sql", "CREATE TABLE t (auction BIGINT) WITH ('connector' = 'datagen');\n\nSELECT\n  actuion FROM t;\n")
        message = self.fails("run", "a.sql")
        self.assertIn('column "actuion"', message)
        self.assertIn("a.sql:4:3", message)
        self.assertIn("  actuion FROM t;", message)
        self.assertIn("^^^^^^^", message)
        self.assertIn('"auction"', message)

    def test_syntax_error_stops_the_first_statement(self):
        self.make_bids(10)
        self.write("a.sql", BIDS.format(folder=self.folder) + COUNTS.format(folder=self.folder, out="out") + "SELEC 1;")
        message = self.fails("run", "a.sql")
        self.assertRegex(message, r"a\.sql:\d+:1")
        self.assertFalse(os.path.exists(self.path("out")))

    def test_a_mistake_in_the_last_statement_stops_the_first(self):
        self.make_bids(10)
        self.write("a.sql", BIDS.format(folder=self.folder) + COUNTS.format(folder=self.folder, out="out") + "SELECT nothing FROM bids;")
        self.assertIn("nothing", self.fails("run", "a.sql"))
        self.assertFalse(os.path.exists(self.path("out")))

    def test_unknown_connector_format_and_option(self):
        table = "CREATE TABLE t (a BIGINT) WITH ({}); SELECT * FROM t"
        self.assertIn("did you mean 'filesystem'", self.fails(table.format("'connector' = 'filesytem'")))
        self.assertIn("jsn", self.fails(table.format("'connector' = 'filesystem', 'path' = 'x', 'format' = 'jsn'")))
        message = self.fails(table.format("'connector' = 'nexmark', 'evnts' = '3'"))
        self.assertIn("evnts", message)
        self.assertIn("events", message)

    def test_bad_values_of_options(self):
        self.assertIn("execution.checkpointing.interval", self.fails("run", "--set", "execution.checkpointing.interval=soon", "SELECT 1"))
        message = self.fails("SET 'parallelism.default' = 'all'; SELECT 1")
        self.assertIn("parallelism.default", message)
        self.assertIn("line 1, column", message)

    def test_unknown_keys_are_warnings(self):
        done = self.run_it("SET 'no.such.key' = '1'; SELECT 1 AS a")
        self.assertIn("no.such.key", done.stderr)
        self.assertEqual(done.stdout, "a\n1\n")
        self.assertIn("no.such.key", self.run_it("run", "--set", "no.such.key=1", "SELECT 1 AS a").stderr)

    def test_a_job_that_fails(self):
        done = self.run_it("SELECT 1 / (a - a) AS x FROM (VALUES (1), (2)) AS t(a)", code=1)
        self.assertIn("zero", done.stderr)
        self.assertIn("missing.json", self.fails(
            "CREATE TABLE t (a BIGINT) WITH ('connector' = 'filesystem', 'path' = 'missing.json', 'format' = 'json'); SELECT * FROM t"))

    def test_validate(self):
        self.assertEqual(self.run_it("validate", "SELECT 1").stdout, "")
        self.assertIn("nothing", self.fails("validate", "SELECT nothing FROM (VALUES (1)) AS t(a)", code=3))

    def test_validate_tells_all_errors(self):
        self.write("a.sql", "CREATE TABLE t (a INTT);\nSELECT a FROM t;\nSELEC 1;\nSELECT b FROM (VALUES (1)) AS v (a);\nSELECT 'x")
        self.write("b.sql", "SELECT 1 FROM nowhere")
        text = self.fails("validate", "a.sql", "b.sql", code=3)
        places = re.findall(r"--> (\w+\.sql:\d+:\d+)", text)
        self.assertEqual(places, ["a.sql:1:19", "a.sql:3:1", "a.sql:4:8", "a.sql:5:8", "b.sql:1:15"])
        self.assertIn("5 errors", text)
        self.assertIn("did you mean SELECT?", text)
        done = self.run_it("validate", "--json", "a.sql", "b.sql", code=3)
        errors = json.loads(done.stdout)
        self.assertEqual([f"{e['file']}:{e['line']}:{e['column']}" for e in errors], places)
        self.assertEqual(errors[0]["end_column"], 23)
        self.assertEqual(errors[0]["source_line"], "CREATE TABLE t (a INTT);")
        self.assertEqual(json.loads(self.run_it("validate", "--json", "SELECT 1").stdout), [])

    def test_help_options(self):
        text = self.run_it("help", "options").stdout
        keys = [line for line in text.splitlines() if line and not line.startswith(" ")]
        self.assertEqual(keys, sorted(set(keys)))
        for key in ("parallelism.default", "table.exec.state.ttl", "execution.checkpointing.interval", "table.local-time-zone"):
            self.assertIn(key, keys)
        some = self.run_it("help", "options", "mini-batch.size").stdout
        self.assertIn("type: number; default: -1", some)
        self.fails("help", "options", "no such part", code=2)
        done = self.run_it("run", "SET 'restart-strategy.fixed-delay.atempts' = '3'")
        self.assertIn("did you mean 'restart-strategy.fixed-delay.attempts'?", done.stderr)

    def test_config_file_and_environment(self):
        self.write("c.yaml", "# options\ntable:\n  local-time-zone: Asia/Tokyo\n  exec:\n    state.ttl: 1 h\nparallelism.default: 2\n")
        self.write("a.sql", "SET")
        values = self.run_it("--config", "c.yaml", "run", "-m", "csv", "a.sql").stdout
        for line in ("table.local-time-zone,Asia/Tokyo", "table.exec.state.ttl,1 h", "parallelism.default,2"):
            self.assertIn(line, values)
        os.environ["SABOT_PARALLELISM_DEFAULT"] = "3"
        os.environ["SABOT_CONFIG"] = "c.yaml"
        try:
            self.assertIn("parallelism.default,3", self.run_it("run", "-m", "csv", "a.sql").stdout)
            self.assertIn("parallelism.default,4", self.run_it("run", "-m", "csv", "a.sql", "--set", "parallelism.default=4").stdout)
            self.assertIn("parallelism.default,5", self.run_it("-m", "csv", "-e", "SET 'parallelism.default' = '5'; SET").stdout)
            self.assertEqual(self.run_it("fmt", "-", stdin="select 1").stdout, "SELECT 1;\n")
        finally:
            del os.environ["SABOT_PARALLELISM_DEFAULT"], os.environ["SABOT_CONFIG"]
        self.write("bad.yaml", "a: b\n c: [d\n")
        self.assertIn("bad.yaml:", self.fails("--config", "bad.yaml", "run", "a.sql", code=2))
        self.write("bad.yaml", "parallelism.default: many\n")
        self.assertIn("parallelism.default", self.fails("--config=bad.yaml", "run", "a.sql", code=1))
        self.fails("run", "a.sql", "--config", code=2)
        self.fails("--config", "missing.yaml", "run", "a.sql", code=2)

    def test_fmt(self):
        self.write("a.sql", "select a,b -- two\nfrom t")
        done = self.run_it("fmt", "--check", "a.sql", code=1)
        self.assertEqual(done.stdout, "a.sql\n")
        self.run_it("fmt", "a.sql")
        with open(self.path("a.sql"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "SELECT a, b -- two\nFROM t;\n")
        self.assertEqual(self.run_it("fmt", "--check", "a.sql").stdout, "")
        self.assertEqual(self.run_it("fmt", "-", stdin="select 1").stdout, "SELECT 1;\n")
        self.write("bad.sql", "select from")
        self.fails("fmt", "bad.sql", code=3)
        with open(self.path("bad.sql"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "select from")


class Output(Case):
    def test_rows_for_people_behind_a_pipe(self):
        done = self.run_it("SELECT * FROM (VALUES (1, 'a', CAST(NULL AS STRING)), (20, 'b\nc', 'x')) AS t(n, b, c)")
        self.assertEqual(done.stdout, " n  b     c\n 1  a     NULL\n20  b\\nc  x\n")
        done = self.run_it("SELECT a, COUNT(*) AS n FROM (VALUES (1), (1), (2)) AS t(a) GROUP BY a")
        self.assertEqual(done.stdout, "a  n\n1  2\n2  1\n")

    def modes(self, sql):
        return {mode: self.run_it("run", "-m", mode, sql).stdout for mode in
                ("csv", "tsv", "json", "jsonl", "markdown", "line", "tableau", "changelog", "changelog-json")}

    def test_modes(self):
        out = self.modes("SELECT * FROM (VALUES (1, 'a,\"b\"', CAST(NULL AS STRING)), (2, 'c|\t', '')) AS t(n, s, e)")
        self.assertEqual(out["csv"], 'n,s,e\n1,"a,""b""",\n2,c|\t,""\n')
        self.assertEqual(out["tsv"], 'n\ts\te\n1\ta,"b"\t\\N\n2\tc|\\t\t\n')
        self.assertEqual(json.loads(out["json"]), [{"n": 1, "s": 'a,"b"', "e": None}, {"n": 2, "s": "c|\t", "e": ""}])
        self.assertEqual([json.loads(line) for line in out["jsonl"].splitlines()], json.loads(out["json"]))
        self.assertEqual(out["markdown"], '|   n | s     | e    |\n| --: | ----- | ---- |\n|   1 | a,"b" | NULL |\n|   2 | c\\|   |      |\n')
        self.assertEqual(out["line"], 'n = 1\ns = a,"b"\ne = NULL\n\nn = 2\ns = c|\t\ne = \n')

    def test_modes_of_changes(self):
        """Modes that show changes show them all; the others what they amount to."""
        out = self.modes("SELECT a, COUNT(*) AS n FROM (VALUES (1), (1), (2)) AS t(a) GROUP BY a")
        self.assertEqual(out["csv"], "a,n\n1,2\n2,1\n")
        self.assertEqual(out["jsonl"], '{"a":1,"n":2}\n{"a":2,"n":1}\n')
        changes = [["+I", "1", "1"], ["-U", "1", "1"], ["+U", "1", "2"], ["+I", "2", "1"]]
        self.assertEqual([line.split()[1:-1:2] for line in out["tableau"].splitlines() if line.startswith("| ")][1:], changes)
        self.assertEqual([re.split(r"\s*│\s*", line) for line in out["changelog"].splitlines()[2:]], changes)
        self.assertEqual([json.loads(line)["op"] for line in out["changelog-json"].splitlines()], [c[0] for c in changes])

    def test_modes_without_rows(self):
        out = self.modes("SELECT a FROM (VALUES (1)) AS t(a) WHERE a > 1")
        self.assertEqual(out["csv"], "a\n")
        self.assertEqual(out["json"], "[]\n")
        self.assertEqual(out["jsonl"], "")
        self.assertEqual(out["markdown"], "|   a |\n| --: |\n")

    def test_rows_as_json_for_machines(self):
        rows = self.rows("SELECT * FROM (VALUES (1, 'a', CAST(NULL AS STRING)), (2, 'b \"q\"', 'x')) AS t(a, b, c)")
        self.assertEqual(rows, [{"op": "+I", "data": {"a": 1, "b": "a", "c": None}}, {"op": "+I", "data": {"a": 2, "b": 'b "q"', "c": "x"}}])

    def test_a_changelog_as_json(self):
        rows = self.rows("SELECT a, COUNT(*) AS n FROM (VALUES (1), (1), (2)) AS t(a) GROUP BY a")
        self.assertEqual([(r["op"], r["data"]["a"], r["data"]["n"]) for r in rows],
                         [("+I", 1, 1), ("-U", 1, 1), ("+U", 1, 2), ("+I", 2, 1)])

    def on_terminal(self, *words):
        pid, fd = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.environ["TERM"] = "dumb"
            os.execv(SABOT, [SABOT, *words])
        out = b""
        while True:
            try:
                data = os.read(fd, 4096)
            except OSError:
                break
            if not data:
                break
            out += data
        os.close(fd)
        _, status = os.waitpid(pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 0, out)
        return out.decode().replace("\r\n", "\n")

    def test_final_rows_in_a_box_on_a_terminal(self):
        out = self.on_terminal("SELECT a, COUNT(*) AS n FROM (VALUES ('x'), ('x'), ('y')) AS t(a) GROUP BY a")
        lines = out.splitlines()
        self.assertTrue(lines[0].startswith("┌"), out)
        self.assertEqual([re.split(r"\s*│\s*", line)[1:3] for line in lines if line.startswith("│")][-2:], [["x", "2"], ["y", "1"]])
        self.assertEqual(lines[-1], "2 rows")
        self.assertEqual(len(set(map(len, lines[:-1]))), 1, out)
        self.assertTrue(self.on_terminal("run", "--json", "SELECT 1 AS a").startswith('{"op":"+I"'))

    def test_tables_of_show(self):
        rows = self.rows("CREATE TABLE t (a BIGINT) WITH ('connector' = 'print'); SHOW TABLES")
        self.assertEqual([list(r["data"].values()) for r in rows], [["t"]])

    def test_explain(self):
        sql = "SELECT a, COUNT(*) AS n FROM (VALUES (1)) AS t(a) GROUP BY a"
        self.assertIn("GroupAggregate", self.run_it("explain", sql).stdout)
        self.assertIn("GroupAggregate", self.run_it("EXPLAIN " + sql).stdout)
        self.assertIn("changelogMode=[I,UB,UA", self.run_it("explain", "--changelog", sql).stdout)
        plans = json.loads(self.run_it("explain", "--json", sql).stdout)
        self.assertEqual(len(plans), 1)
        self.assertTrue(self.run_it("explain", "--dot", sql).stdout.startswith("digraph"))

    def test_windows_from_file_to_file(self):
        self.make_bids()
        self.write("a.sql", BIDS.format(folder=self.folder) + COUNTS.format(folder=self.folder, out="out"))
        done = self.run_it("run", "--json", "a.sql")
        self.assertEqual(self.read_folder("out"), self.counts_of())
        job = json.loads(done.stdout)["job"]
        self.assertEqual((job["state"], job["rows_in"], job["rows_out"]), ("finished", 3000, len(self.counts_of())))

    def test_bench_prints_one_line_a_query(self):
        out = self.run_it("bench", "nexmark", "-q", "q0,q2", "-n", "100k").stdout.splitlines()
        lines = [json.loads(line) for line in out]
        self.assertEqual([line["query"] for line in lines], ["q0", "q2"])
        self.assertEqual([(line["rows"], line["value_checksum"]) for line in lines],
                         [(92000, "9f3a5f3278d1038e"), (379, "4fe5b1febc56e556")])
        for line in lines:
            self.assertLessEqual({"events", "sink_rows", "total_ns", "gen_ns", "wall_ns", "state_mb", "checkpoints"}, set(line))


class State(Case):
    def script(self, sink="checksum", what="bid.price", options=""):
        return self.write("job.sql", NEXMARK.format(options=options, sink=sink, what=what))

    def begin_endless(self, state="st"):
        self.script(options=", 'events-per-second' = '20000'")
        process = self.start("run", "job.sql", "--state", state, "--set", "execution.checkpointing.interval=50 ms")
        self.addCleanup(process.kill)
        self.wait_for_checkpoint(process, state)
        return process

    def test_interrupt_saves_and_resume_goes_on(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.begin_endless(f"st{number}")
            process.send_signal(number)
            _, err = self.finish(process, 0)
            saved = re.search(r"checkpoint (\d+) saved", err)
            self.assertIsNotNone(saved, err)
            again = self.start("run", "job.sql", "--state", f"st{number}")
            time.sleep(0.5 * SLOW)
            again.send_signal(number)
            _, err = self.finish(again, 0)
            self.assertIn(f"resumed from checkpoint {saved.group(1)}", err)

    def test_two_signals_end_at_once(self):
        process = self.begin_endless()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        self.finish(process, (130, 143, 0))

    def test_interrupt_without_state(self):
        self.script(options=", 'events-per-second' = '1000'")
        process = self.start("run", "job.sql")
        time.sleep(0.5 * SLOW)
        process.send_signal(signal.SIGINT)
        _, err = self.finish(process, 130)
        self.assertIn("--state", err)

    def stop_while_waiting(self, interval, code):
        """A job whose row 60 always fails waits an hour before it starts again: what is told when it is stopped then."""
        self.write("fails.sql", "SET 'restart-strategy.type' = 'fixed-delay'; SET 'restart-strategy.fixed-delay.delay' = '1 h';\n"
                   "CREATE TABLE i (v BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '100', 'fields.v.kind' = 'sequence',\n"
                   "  'fields.v.start' = '1', 'fields.v.end' = '1000');\n"
                   "CREATE TABLE o (v BIGINT) WITH ('connector' = 'blackhole'); INSERT INTO o SELECT 1 / (v - 60) FROM i;\n")
        process = self.start("run", "fails.sql", "--state", "failed", "--set", f"execution.checkpointing.interval={interval}")
        self.addCleanup(process.kill)
        lines = ""
        while "restart 1 in " not in lines:
            line = process.stderr.readline()
            self.assertNotEqual(line, "", lines)
            lines += line
        process.send_signal(signal.SIGINT)
        return lines + self.finish(process, code)[1]

    def test_interrupt_while_a_job_waits_to_start_again(self):
        self.assertIn("stopped before the first checkpoint", self.stop_while_waiting("1 h", 130))
        saved = re.search(r"checkpoint (\d+) saved", self.stop_while_waiting("20 ms", 0))
        self.assertIsNotNone(saved)
        err = self.stop_while_waiting("1 h", 130)
        self.assertIn(f"resumed from checkpoint {saved.group(1)}", err)
        self.assertIn(f"stopped; checkpoint {saved.group(1)} is the last", err)

    def test_one_process_a_directory(self):
        process = self.begin_endless()
        message = self.fails("run", "job.sql", "--state", "st")
        self.assertRegex(message, r"st")
        process.send_signal(signal.SIGINT)
        self.finish(process, 0)

    def test_another_query_is_refused(self):
        process = self.begin_endless()
        process.send_signal(signal.SIGINT)
        self.finish(process, 0)
        self.script(what="bid.price + 1", options=", 'events-per-second' = '20000'")
        message = self.fails("run", "job.sql", "--state", "st")
        self.assertRegex(message, r"(?m)^\s*[-+] ")

    def test_a_folder_with_other_things_is_refused(self):
        os.mkdir(self.path("mine"))
        self.write("mine/letter.txt", "dear")
        self.script(options=", 'events' = '10'")
        self.assertIn("not empty", self.fails("run", "job.sql", "--state", "mine"))
        self.assertEqual(os.listdir(self.path("mine")), ["letter.txt"])

    def test_a_finished_job_finishes_again_at_once(self):
        self.script(options=", 'events' = '5000'")
        first = self.run_it("run", "job.sql", "--state", "st", "--json")
        second = self.run_it("run", "job.sql", "--state", "st", "--json")
        self.assertIn("resumed from checkpoint", second.stderr)
        one, two = json.loads(first.stdout)["job"], json.loads(second.stdout)["job"]
        self.assertEqual((one["value_checksum"], one["net_rows"]), (two["value_checksum"], two["net_rows"]))

    def test_killed_and_resumed_gives_the_same_files(self):
        self.make_bids(200000)
        common = BIDS.format(folder=self.folder)
        self.write("plain.sql", common + COUNTS.format(folder=self.folder, out="plain"))
        self.write("hurt.sql", common + COUNTS.format(folder=self.folder, out="hurt"))
        self.run_it("run", "plain.sql")
        options = ["--state", "st", "--set", "execution.checkpointing.interval=5 ms", "--set", "execution.batch-rows=64"]
        for _ in range(3):
            process = self.start("run", "hurt.sql", *options)
            self.wait_for_checkpoint(process, "st")
            time.sleep(0.02)
            process.kill()
            process.communicate()
        self.run_it("run", "hurt.sql", "--state", "st")
        self.assertEqual(self.read_folder("hurt"), self.read_folder("plain"))
        self.assertEqual(self.read_folder("plain"), self.counts_of(200000))

    def test_inspect(self):
        self.script(options=", 'events' = '5000'")
        self.run_it("run", "job.sql", "--state", "st")
        text = self.run_it("inspect", "st").stdout
        self.assertIn("job-1", text)
        self.assertIn("checkpoint", text)
        shown = json.loads(self.run_it("inspect", "st", "--json").stdout)
        self.assertEqual([job["name"] for job in shown["jobs"]], ["job-1"])
        self.assertTrue(all(c["valid"] and c["bytes"] > 0 for c in shown["jobs"][0]["checkpoints"]))
        self.assertIn("newest", shown["jobs"][0])
        self.fails("inspect", "missing")
        os.mkdir(self.path("other"))
        self.assertIn("no state directory", self.fails("inspect", "other"))

    def test_a_select_keeps_no_state(self):
        done = self.run_it("run", "--state", "st", "SELECT 1 AS a")
        self.assertIn("keeps no state", done.stderr)
        self.assertFalse(os.path.exists(self.path("st")))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
