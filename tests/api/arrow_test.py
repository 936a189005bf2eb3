#!/usr/bin/env python3
"""Tables and results as Arrow C streams, against pyarrow: every type there and back, nulls, slices, changelogs, errors.

Exit code 77 where pyarrow is missing, or where the library is built with a sanitizer (Python is not).
"""
import ctypes
import datetime
import decimal
import os
import sys
import unittest

if os.environ.get("SABOT_SANITIZE", "none") != "none":
    sys.exit(77)
try:
    import pyarrow as pa
except ImportError:
    sys.exit(77)

from sabot_api import OK, P, I64, Engine, Failed, Result, call, lib, take_string

US = datetime.datetime(2024, 2, 29, 23, 59, 59, 123456)
MS = datetime.datetime(1969, 12, 31, 23, 59, 59, 999000)
BIG = decimal.Decimal("-12345678901234567890123456.78")

# name, type in, values; the type that comes back (None: the same)
TYPES = [
    ("boolean", pa.bool_(), [True, False, None, True], None),
    ("int8", pa.int8(), [-128, 127, None, 0], None),
    ("int16", pa.int16(), [-32768, 32767, None, 0], None),
    ("int32", pa.int32(), [-2**31, 2**31 - 1, None, 0], None),
    ("int64", pa.int64(), [-2**63, 2**63 - 1, None, 0], None),
    ("float", pa.float32(), [1.5, -0.0, None, float("inf")], None),
    ("double", pa.float64(), [1.1, 5e-324, None, -1e308], None),
    ("decimal_small", pa.decimal128(10, 2), [decimal.Decimal("12345678.90"), decimal.Decimal("-0.01"), None, decimal.Decimal("0.00")], None),
    ("decimal_large", pa.decimal128(38, 2), [BIG, decimal.Decimal("0.01"), None, -BIG], None),
    ("string", pa.string(), ["", "short", None, "a text of more than twelve bytes, ä ö ü €"], "text"),
    ("large_string", pa.large_string(), ["x", "exactly12byt", None, "y" * 1000], "text"),
    ("string_view", pa.string_view(), ["", "inline", None, "not inline: longer than twelve"], "text"),
    ("binary", pa.binary(), [b"", b"\0\xff", None, bytes(range(200))], "bytes"),
    ("date", pa.date32(), [datetime.date(1970, 1, 1), datetime.date(1969, 2, 28), None, datetime.date(9999, 12, 31)], None),
    ("time", pa.time32("ms"), [datetime.time(0, 0), datetime.time(23, 59, 59, 999000), None, datetime.time(12, 0)], None),
    ("timestamp_ms", pa.timestamp("ms"), [MS, datetime.datetime(2024, 1, 1), None, datetime.datetime(1, 1, 1)], None),
    ("timestamp_us", pa.timestamp("us"), [US, MS, None, datetime.datetime(9999, 12, 31)], None),
    ("timestamp_ns", pa.timestamp("ns"), [1, -1, None, 1709251199123456789], None),
    ("timestamp_ltz", pa.timestamp("ms", "UTC"), [MS.replace(tzinfo=datetime.timezone.utc), None, None,
                                                  datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)], None),
    ("list", pa.list_(pa.int64()), [[1, 2, None], [], None, [3]], None),
    ("list_of_text", pa.list_(pa.string()), [["a", None], ["longer than twelve bytes"], None, []], "list of text"),
    ("struct", pa.struct([("a", pa.int64()), ("b", pa.string())]), [{"a": 1, "b": "x"}, {"a": None, "b": None}, None, {"a": 2, "b": "y" * 40}], "struct"),
    ("map", pa.map_(pa.string(), pa.int64()), [[("a", 1), ("b", None)], [], None, [("a longer key than twelve", 2)]], "map"),
]


def plain(column):
    """Values without pyarrow's types: timestamps of nanoseconds as integers, maps as lists of pairs."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pa.int64()).to_pylist()
    return column.to_pylist()


class Types(unittest.TestCase):
    maxDiff = None

    def there_and_back(self, table, sql="SELECT * FROM t"):
        with Engine() as engine:
            engine.register("t", table.to_reader(max_chunksize=3))
            with engine.execute(sql) as result:
                reader = result.stream()
                got = reader.read_all()
                reader.close()
                return got

    def test_each_type(self):
        for name, kind, values, back in TYPES:
            with self.subTest(name):
                column = pa.array(values, type=kind)
                got = self.there_and_back(pa.table({"id": pa.array(range(4), pa.int64()), name: column}))
                got.validate(full=True)
                self.assertEqual(got.column_names, ["id", name])
                self.assertEqual(got.column("id").to_pylist(), [0, 1, 2, 3])
                self.assertEqual(plain(got.column(name)), plain(pa.chunked_array([column])))
                if back is None:
                    self.assertEqual(got.schema.field(name).type, kind)

    def test_all_types_at_once_sliced_and_filtered(self):
        columns = {name: pa.array(values * 50, type=kind) for name, kind, values, _ in TYPES}
        columns["id"] = pa.array(range(200), pa.int64())
        table = pa.table(columns).slice(7, 180)
        got = self.there_and_back(table, "SELECT * FROM t WHERE MOD(id, 3) <> 1")
        kept = [i for i, v in enumerate(table.column("id").to_pylist()) if v % 3 != 1]
        got.validate(full=True)
        for name in columns:
            with self.subTest(name):
                values = plain(table.column(name))
                self.assertEqual(plain(got.column(name)), [values[i] for i in kept])

    def test_dictionaries_come_in_as_values(self):
        column = pa.array(["a", "b", None, "a text of more than twelve bytes", "a"]).dictionary_encode()
        got = self.there_and_back(pa.table({"s": column}))
        self.assertEqual(got.column("s").to_pylist(), column.to_pylist())

    def test_not_null_is_kept(self):
        schema = pa.schema([pa.field("a", pa.int64(), nullable=False), pa.field("b", pa.int64())])
        got = self.there_and_back(pa.table({"a": [1], "b": [None]}, schema=schema))
        self.assertEqual([f.nullable for f in got.schema], [False, True])

    def test_an_empty_stream(self):
        got = self.there_and_back(pa.table({"a": pa.array([], pa.int64())}))
        self.assertEqual(got.num_rows, 0)
        self.assertEqual(got.schema.names, ["a"])

    def test_a_type_that_is_not_known_is_refused(self):
        with Engine() as engine:
            for kind in (pa.float16(), pa.decimal256(50, 2), pa.month_day_nano_interval()):
                with self.subTest(kind), self.assertRaises(Failed) as caught:
                    engine.register("t", pa.table({"a": pa.array([], kind)}).to_reader())
                self.assertIn("a", caught.exception.message)


class Results(unittest.TestCase):
    def test_windows_over_a_stream_with_a_watermark(self):
        start = datetime.datetime(2024, 1, 1)
        rows = [(i % 3, start + datetime.timedelta(seconds=i)) for i in range(600)]
        table = pa.table({"k": pa.array([k for k, _ in rows], pa.int64()), "ts": pa.array([t for _, t in rows], pa.timestamp("ms"))})
        with Engine() as engine:
            engine.register("t", table.to_reader(), "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND")
            with engine.execute("SELECT k, window_start, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), "
                                "INTERVAL '1' MINUTE)) GROUP BY k, window_start, window_end") as result:
                self.assertTrue(lib.sabot_result_is_insert_only(result.handle))
                got = result.stream(1).read_all()
        self.assertEqual(got.num_rows, 30)
        self.assertEqual(set(got.column("n").to_pylist()), {20})

    def test_a_changelog_has_an_op_column(self):
        with Engine() as engine:
            engine.register("t", pa.table({"k": [1, 1, 2]}).to_reader())
            with engine.execute("SELECT k, COUNT(*) AS n FROM t GROUP BY k") as result:
                got = result.stream().read_all().to_pydict()
        self.assertEqual(got, {"op": [0, 1, 2, 0], "k": [1, 1, 1, 2], "n": [1, 1, 2, 1]})

    def test_a_changelog_without_op_is_refused(self):
        with Engine() as engine:
            with engine.execute("SELECT COUNT(*) AS n FROM (VALUES (1)) AS t(a)") as result:
                with self.assertRaises(Failed):
                    result.stream(1)
                self.assertEqual(result.stream(2).read_all().to_pydict(), {"op": [0], "n": [1]})

    def test_static_tables_are_streams_too(self):
        with Engine() as engine:
            engine.register("t", pa.table({"a": [1]}).to_reader())
            with engine.execute("SHOW TABLES") as result:
                self.assertEqual(list(result.stream().read_all().to_pydict().values()), [["t"]])

    def test_a_stream_is_read_once(self):
        with Engine() as engine:
            engine.register("t", pa.table({"a": [1, 2]}).to_reader())
            with engine.execute("SELECT a FROM t") as result:
                self.assertEqual([cells for _, cells in result.rows()], [["1"], ["2"]])
            with engine.execute("SELECT a FROM t") as result:
                with self.assertRaises(Failed) as caught:
                    result.rows()
                self.assertIn("cannot be read again", caught.exception.message)

    def test_a_stream_that_fails_fails_the_job(self):
        def batches():
            yield pa.record_batch({"a": [1]})
            raise ValueError("the tape is torn")
        with Engine() as engine:
            engine.register("t", pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches()))
            with engine.execute("SELECT a FROM t") as result:
                with self.assertRaises((pa.ArrowException, OSError)) as caught:
                    result.stream().read_all()
                self.assertIn("the tape is torn", str(caught.exception))

    def test_leaving_an_endless_stream_ends_the_job(self):
        with Engine() as engine:
            with engine.execute("CREATE TABLE t (a BIGINT) WITH ('connector' = 'datagen'); SELECT a FROM t") as result:
                self.assertFalse(lib.sabot_result_is_bounded(result.handle))
                reader = result.stream()
                self.assertGreater(reader.read_next_batch().num_rows, 0)
                reader.close()


class Engines(unittest.TestCase):
    def test_errors_have_a_place(self):
        with Engine() as engine:
            with self.assertRaises(Failed) as caught:
                engine.execute("SELECT\n  nothing FROM (VALUES (1)) AS t(a)")
            error = caught.exception
            self.assertEqual((error.code, error.line, error.column), ("SB2002", 2, 3))
            self.assertIn("^", str(error))
            self.assertIsNotNone(lib.sabot_explain_code(error.code.encode()))
            with self.assertRaises(Failed):
                engine.execute("SELECT 1; SELECT 2")
            with self.assertRaises(Failed):
                engine.execute("")
            with self.assertRaises(Failed):
                engine.set("parallelism.default", "many")

    def test_options(self):
        with Engine(parallelism__default="2") as engine:
            self.assertEqual(lib.sabot_engine_get(engine.handle, b"parallelism.default"), b"2")
            self.assertTrue(lib.sabot_engine_knows(engine.handle, b"memory.limit"))
            self.assertFalse(lib.sabot_engine_knows(engine.handle, b"memory.limits"))

    def test_an_insert_runs_to_its_end(self):
        with Engine() as engine:
            engine.register("t", pa.table({"a": list(range(1000))}).to_reader())
            with engine.execute("CREATE TABLE s (a BIGINT) WITH ('connector' = 'checksum'); INSERT INTO s SELECT a FROM t") as result:
                info = result.info()
                self.assertEqual(lib.sabot_job_state_name(info.state), b"finished")
                self.assertEqual((info.source_rows, info.sink_rows, info.net_rows), (1000, 1000, 1000))
                self.assertIn("Sink", take_string(lib.sabot_job_plan(P(result.job), 0)))
                self.assertIn('"rows_in":1000', take_string(lib.sabot_job_metrics(P(result.job))))

    def test_a_memory_limit_is_an_error(self):
        with Engine(memory__limit="4 mb", **{"restart-strategy__type": "none"}) as engine:
            with self.assertRaises(Failed) as caught:
                engine.execute("CREATE TABLE t (a BIGINT, s STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '200000',"
                               " 'rows-per-second' = '0', 'fields.a.kind' = 'sequence', 'fields.a.start' = '1', 'fields.a.end' = '200000');"
                               "CREATE TABLE s (a BIGINT, s STRING) WITH ('connector' = 'checksum');"
                               "INSERT INTO s SELECT a, MAX(s) FROM t GROUP BY a")
            self.assertIn("memory", caught.exception.message)

    def test_explain(self):
        with Engine() as engine:
            sql = "SELECT a, COUNT(*) FROM (VALUES (1)) AS t(a) GROUP BY a"
            self.assertIn("GroupAggregate", engine.explain(sql))
            self.assertTrue(engine.explain(sql, 2).startswith("["))
            self.assertTrue(engine.explain(sql, 3).startswith("digraph"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
