#!/usr/bin/env python3
"""SQL functions in nanoseconds per row, beside DuckDB's for the same columns.

Sabot: CPU time of the thread that evaluates the expression over batches of 4096 rows in memory (bench_functions_bench), the least of several runs.
DuckDB: what its own profiler says of the projection that computes the expression, over a table in memory, one thread, the least of several
runs that were not interrupted (the profiler's clock also runs when the thread does not).
Neither has source or sink in it. Where both mean the same, the number of values and what they add up to (strings: their bytes) must be equal.

    functions.py [--bench PATH] [--only TEXT] [--rows N] [--runs N] [--rounds N] [--write docs/performance.md]
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

import duckdb
import pyarrow as pa

GOAL = 2.0
BEGIN, END = "<!-- functions.py: begin -->", "<!-- functions.py: end -->"
ANY = "differs"  # the peer means something else by it, so results are not compared

# Sabot's expression, DuckDB's ("": it has none), and why results may differ ("": they may not)
CASES = [
    # case, length
    ("UPPER(name)", "upper(name)", ""),
    ("LOWER(text)", "lower(text)", ""),
    ("UPPER(uni)", "upper(uni)", ANY),
    ("LOWER(uni)", "lower(uni)", ANY),
    ("INITCAP(name)", "", ""),
    ("CHAR_LENGTH(word)", "length(word)", ""),
    ("CHAR_LENGTH(text)", "length(text)", ""),
    ("CHAR_LENGTH(uni)", "length(uni)", ""),
    # parts
    ("SUBSTRING(url, 9, 20)", "substring(url, 9, 20)", ""),
    ("SUBSTRING(uni, 4, 10)", "substring(uni, 4, 10)", ""),
    ("SUBSTRING(url, n)", "substring(url, n)", ""),
    ("LEFT(text, 10)", "left(text, 10)", ""),
    ("RIGHT(text, 10)", "right(text, 10)", ""),
    ("RIGHT(uni, 5)", "right(uni, 5)", ""),
    ("TRIM(padded)", "trim(padded)", ""),
    ("LTRIM(padded)", "ltrim(padded)", ""),
    ("RTRIM(padded)", "rtrim(padded)", ""),
    ("BTRIM(word, 'aeg')", "trim(word, 'aeg')", ""),
    ("SPLIT_INDEX(url, '/', 3)", "split_part(url, '/', 4)", ""),
    ("SPLIT_INDEX(url, '/item', 1)", "split_part(url, '/item', 2)", ANY),
    ("SPLIT(url, '/')", "string_split(url, '/')", ""),
    ("PARSE_URL(url, 'HOST')", "", ""),
    ("PARSE_URL(url, 'QUERY', 'channel_id')", "", ""),
    ("STR_TO_MAP(pairs, '&', '=')", "", ""),
    # making texts
    ("CONCAT(word, name)", "concat(word, name)", ""),
    ("name || ', ' || text", "name || ', ' || text", ""),
    ("CONCAT_WS('-', word, name, text)", "concat_ws('-', word, name, text)", ""),
    ("REPLACE(url, '/', '--')", "replace(url, '/', '--')", ""),
    ("REPLACE(text, 'lorem', 'x')", "replace(text, 'lorem', 'x')", ""),
    ("REPLACE(text, 'c', '')", "replace(text, 'c', '')", ""),
    ("TRANSLATE(text, 'abc', 'xyz')", "translate(text, 'abc', 'xyz')", ""),
    ("LPAD(word, 20, '*')", "lpad(word, 20, '*')", ""),
    ("RPAD(name, 12, '#')", "rpad(name, 12, '#')", ""),
    ("REVERSE(text)", "reverse(text)", ""),
    ("REVERSE(uni)", "reverse(uni)", ANY),
    ("REPEAT(word, 4)", "repeat(word, 4)", ""),
    ("OVERLAY(url PLACING 'ftp' FROM 1 FOR 5)", "overlay(url, 'ftp', 1, 5)", ""),
    ("ELT(n, word, name, text)", "", ""),
    ("PRINTF('%s: %d', word, n)", "printf('%s: %d', word, n)", ""),
    # searching
    ("POSITION('lorem' IN text)", "position('lorem' IN text)", ""),
    ("INSTR(url, 'q')", "instr(url, 'q')", ""),
    ("LOCATE('e', uni)", "strpos(uni, 'e')", ""),
    ("STARTSWITH(url, 'https://www.')", "starts_with(url, 'https://www.')", ""),
    ("ENDSWITH(url, '1')", "ends_with(url, '1')", ""),
    ("url LIKE 'https%'", "url LIKE 'https%'", ""),
    ("text LIKE '%lorem%'", "text LIKE '%lorem%'", ""),
    ("text LIKE '%lorem%dolor%'", "text LIKE '%lorem%dolor%'", ""),
    ("url LIKE '%i_em%'", "url LIKE '%i_em%'", ""),
    ("word IN ('apple', 'google', 'baidu')", "word IN ('apple', 'google', 'baidu')", ""),
    # encodings
    ("ASCII(word)", "ascii(word)", ""),
    ("CHR(n + 64)", "chr(n + 64)", ""),
    ("HEX(word)", "hex(word)", ""),
    ("HEX(id)", "hex(id)", ""),
    ("BIN(id)", "bin(id)", ""),
    ("UNHEX(hexes)", "unhex(hexes)", ""),
    ("TO_BASE64(text)", "to_base64(encode(text))", ""),
    ("FROM_BASE64(base)", "from_base64(base)", ""),
    ("ENCODE(text, 'UTF-8')", "encode(text)", ""),
    ("URL_ENCODE(text)", "url_encode(text)", ANY),
    ("URL_DECODE(encoded)", "url_decode(encoded)", ANY),
    ("MD5(text)", "md5(text)", ""),
    ("SHA1(text)", "sha1(text)", ""),
    ("SHA256(text)", "sha256(text)", ""),
    ("SHA512(text)", "", ""),
    ("IS_ALPHA(word)", "", ""),
    ("IS_DIGIT(number)", "", ""),
    ("IS_DECIMAL(number)", "", ""),
    ("INET_ATON(address)", "", ""),
    ("INET_NTOA(id)", "", ""),
    # regular expressions
    ("REGEXP(url, 'channel_id=[0-9]+')", "regexp_matches(url, 'channel_id=[0-9]+')", ""),
    ("REGEXP(text, '[0-9]')", "regexp_matches(text, '[0-9]')", ""),
    ("REGEXP(word, '^(apple|google)$')", "regexp_matches(word, '^(apple|google)$')", ""),
    ("REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2)", "regexp_extract(url, '(&|^)channel_id=([^&]*)', 2)", ANY),
    ("REGEXP_EXTRACT(text, '([a-z]+) ([a-z]+)', 2)", "regexp_extract(text, '([a-z]+) ([a-z]+)', 2)", ""),
    ("REGEXP_REPLACE(text, '[aeiou]+', '_')", "regexp_replace(text, '[aeiou]+', '_', 'g')", ""),
    ("REGEXP_REPLACE(url, 'item', '')", "regexp_replace(url, 'item', '', 'g')", ""),
    ("REGEXP_COUNT(text, 'o[a-z]')", "len(regexp_extract_all(text, 'o[a-z]'))", ""),
    ("REGEXP_EXTRACT_ALL(text, '([a-z]+)', 1)", "regexp_extract_all(text, '([a-z]+)', 1)", ""),
    ("REGEXP_SUBSTR(url, '[0-9]+')", "regexp_extract(url, '[0-9]+')", ANY),
    ("REGEXP_INSTR(url, '[0-9]+')", "", ""),
    ("name SIMILAR TO '%(er|on)'", "name SIMILAR TO '.*(er|on)'", ""),
    # JSON
    ("JSON_VALUE(doc, '$.name')", "json_extract_string(doc, '$.name')", ""),
    ("JSON_VALUE(doc, '$.user.city')", "json_extract_string(doc, '$.user.city')", ""),
    ("JSON_VALUE(doc, '$.tags[1]')", "json_extract_string(doc, '$.tags[1]')", ""),
    ("JSON_VALUE(doc, '$.id' RETURNING INTEGER)", "json_extract_string(doc, '$.id')::INTEGER", ""),
    ("JSON_QUERY(doc, '$.tags')", "json_extract(doc, '$.tags')", ""),
    ("JSON_QUERY(doc, '$.user')", "json_extract(doc, '$.user')", ""),
    ("JSON_QUERY(doc, '$.tags[*]' WITH WRAPPER)", "json_extract(doc, '$.tags[*]')", ANY),
    ("JSON_EXISTS(doc, '$.user.age')", "json_exists(doc, '$.user.age')", ""),
    ("doc IS JSON", "json_valid(doc)", ""),
    ("doc IS JSON OBJECT", "json_type(doc) = 'OBJECT'", ""),
    ("JSON_QUOTE(text)", "to_json(text)", ANY),
    ("JSON_UNQUOTE(quoted)", "json_extract_string(quoted, '$')", ""),
    ("JSON_STRING(x)", "to_json(x)", ANY),
    ("JSON_OBJECT('a' VALUE n, 'b' VALUE word)", "json_object('a', n, 'b', word)", ""),
    ("JSON_ARRAY(n, word, text)", "json_array(n, word, text)", ""),
    # time
    ("EXTRACT(YEAR FROM ts)", "year(ts)", ""),
    ("EXTRACT(QUARTER FROM ts)", "quarter(ts)", ""),
    ("EXTRACT(MONTH FROM birth)", "month(birth)", ""),
    ("EXTRACT(WEEK FROM ts)", "week(ts)", ""),
    ("EXTRACT(DOY FROM ts)", "dayofyear(ts)", ""),
    ("EXTRACT(DAY FROM ts)", "day(ts)", ""),
    ("DAYOFWEEK(ts)", "dayofweek(ts) + 1", ""),
    ("HOUR(ts)", "hour(ts)", ""),
    ("MINUTE(fine)", "minute(fine)", ""),
    ("SECOND(ts)", "second(ts)", ""),
    ("EXTRACT(EPOCH FROM ts)", "epoch_ms(ts) // 1000", ""),
    ("DATE_FORMAT(ts, 'yyyy-MM-dd')", "strftime(ts, '%Y-%m-%d')", ""),
    ("DATE_FORMAT(ts, 'HH:mm')", "strftime(ts, '%H:%M')", ""),
    ("DATE_FORMAT(ts, 'yyyy-MM-dd HH:mm:ss')", "strftime(ts, '%Y-%m-%d %H:%M:%S')", ""),
    ("DATE_FORMAT(ts, 'EEEE, d MMM yyyy')", "strftime(ts, '%A, %-d %b %Y')", ""),
    ("FLOOR(ts TO DAY)", "date_trunc('day', ts)", ANY),
    ("FLOOR(ts TO HOUR)", "date_trunc('hour', ts)", ""),
    ("FLOOR(ts TO MONTH)", "date_trunc('month', ts)", ANY),
    ("FLOOR(ts TO YEAR)", "date_trunc('year', ts)", ANY),
    ("CEIL(ts TO DAY)", "", ""),
    ("TIMESTAMPADD(DAY, n, ts)", "ts + to_days(n)", ""),
    ("TIMESTAMPADD(MONTH, n, ts)", "ts + to_months(n)", ""),
    ("ts + INTERVAL '1' HOUR", "ts + INTERVAL '1' HOUR", ""),
    ("TIMESTAMPDIFF(MINUTE, ts, fine)", "date_sub('minute', ts, fine)", ""),
    ("TIMESTAMPDIFF(MONTH, ts, fine)", "date_sub('month', ts, fine)", ANY),
    ("TIMESTAMPDIFF(DAY, birth, ts)", "date_sub('day', birth::TIMESTAMP, ts)", ""),
    ("TO_TIMESTAMP(moment)", "strptime(moment, '%Y-%m-%d %H:%M:%S')", ""),
    ("TO_TIMESTAMP(dmy, 'dd.MM.yyyy HH:mm')", "strptime(dmy, '%d.%m.%Y %H:%M')", ""),
    ("TO_DATE(daytext)", "strptime(daytext, '%Y-%m-%d')::DATE", ""),
    ("TO_TIMESTAMP_LTZ(id, 3)", "make_timestamp(id * 1000)", ""),
    ("FROM_UNIXTIME(id)", "strftime(make_timestamp(id * 1000000), '%Y-%m-%d %H:%M:%S')", ""),
    ("UNIX_TIMESTAMP(moment)", "epoch_ms(strptime(moment, '%Y-%m-%d %H:%M:%S')) // 1000", ""),
    ("CONVERT_TZ(moment, 'UTC', 'Europe/Berlin')", "strftime(timezone('Europe/Berlin', timezone('UTC', strptime(moment, '%Y-%m-%d %H:%M:%S'))), '%Y-%m-%d %H:%M:%S')", ""),
    ("OVERLAPS(ts, INTERVAL '1' HOUR, fine, INTERVAL '1' HOUR)", "", ""),
    # casts from and to text
    ("CAST(ts AS STRING)", "ts::VARCHAR", ANY),
    ("CAST(birth AS STRING)", "birth::VARCHAR", ""),
    ("CAST(moment AS TIMESTAMP(3))", "moment::TIMESTAMP", ""),
    ("CAST(daytext AS DATE)", "daytext::DATE", ""),
    ("CAST(id AS STRING)", "id::VARCHAR", ""),
    ("CAST(x AS STRING)", "x::VARCHAR", ANY),
    ("CAST(amount AS STRING)", "amount::VARCHAR", ""),
    ("CAST(number AS BIGINT)", "number::BIGINT", ""),
    ("CAST(decimals AS DOUBLE)", "decimals::DOUBLE", ""),
    ("CAST(decimals AS DECIMAL(12, 2))", "decimals::DECIMAL(12, 2)", ""),
]

WORDS = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua".split()
UNI = "Straße Öl über süß Čeština Ελλάδα Москва 東京 naïve café Ærø garçon".split()
FIRST = "Peter Paul Luke John Saul Vicky Kate Julie Sarah Deiter Walter".split()
LAST = "Shultz Abrams Spencer White Bartels Walton Smith Jones Noris".split()
CHANNELS = "apple google facebook baidu channel-4711 channel-815".split()
BASE = "https://www.nexmark.com/{}/{}/item.htm?query=1&channel_id={}"
EPOCH_2015, EPOCH_2025 = 1420070400, 1735689600


def two_timestamps(r):
    """Around each other, whole milliseconds."""
    ms = r.randrange(EPOCH_2015 * 1000, EPOCH_2025 * 1000)
    return ms * 1000, (ms + r.randrange(0, 10**10)) * 1000


def one_row(r):
    import base64
    import datetime
    import urllib.parse

    words = lambda n: " ".join(r.choice(WORDS) for _ in range(n))
    token = lambda: "".join(r.choice("abcdefghijklmnopqrstuvwxyz_") for _ in range(5))
    name, text = f"{r.choice(FIRST)} {r.choice(LAST)}", words(r.randrange(6, 16))
    ident, n, x = r.randrange(10**9, 2 * 10**9), r.randrange(1, 31), round(r.uniform(-1000, 1000), r.randrange(1, 8))
    ts, fine = two_timestamps(r)
    moment = datetime.datetime.fromtimestamp(ts // 1000000, datetime.timezone.utc)
    doc = {"id": ident, "name": name, "tags": [r.choice(WORDS) for _ in range(3)], "price": x, "ok": n > 15,
           "user": {"age": n + 20, "city": r.choice(UNI[:3] + WORDS), "active": True}, "note": words(4)}
    doc["user"] = dict(sorted(doc["user"].items()))
    return {
        "word": r.choice(CHANNELS), "name": name, "text": text, "uni": " ".join(r.choice(UNI) for _ in range(r.randrange(3, 9))),
        "url": BASE.format(token(), token(), r.randrange(10**8)), "padded": " " * r.randrange(0, 6) + name + " " * r.randrange(0, 6),
        "pairs": f"a={n}&b={token()}&c={ident}", "number": str(ident), "decimals": str(round(x, 2)), "address": ".".join(str(r.randrange(256)) for _ in range(4)),
        "hexes": text.encode()[:16].hex(), "base": base64.b64encode(text.encode()).decode(), "encoded": urllib.parse.quote_plus(text + " & +"),
        "doc": json.dumps(doc, separators=(",", ":"), ensure_ascii=False), "quoted": json.dumps(text), "moment": moment.strftime("%Y-%m-%d %H:%M:%S"),
        "dmy": moment.strftime("%d.%m.%Y %H:%M"), "daytext": moment.strftime("%Y-%m-%d"),
        "id": ident, "n": n, "x": x, "amount": r.randrange(-10**8, 10**10), "birth": ts // 86400000000, "ts": ts, "fine": fine,
    }


TYPES = {"id": ("bigint", pa.int64()), "n": ("int", pa.int32()), "x": ("double", pa.float64()), "amount": ("decimal", pa.int64()), "birth": ("date", pa.int32()),
         "ts": ("timestamp3", pa.int64()), "fine": ("timestamp", pa.int64())}
DUCK = {"amount": "(amount::DECIMAL(18, 2) / 100)::DECIMAL(12, 2)", "birth": "DATE '1970-01-01' + birth", "ts": "make_timestamp(ts)", "fine": "make_timestamp(fine)"}


def make_columns(folder, rows):
    """The columns as files for Sabot; the same as a table of DuckDB."""
    r = random.Random(1)
    lines = [one_row(r) for _ in range(rows)]
    for name in ("word", "name", "text", "url"):
        lines[0][name] += "é"  # so that no statistics of the column say ASCII, which a stream has not either
    arrays = {}
    with open(os.path.join(folder, "columns"), "w", encoding="ascii") as names:
        for name in lines[0]:
            kind, arrow = TYPES.get(name, ("string", pa.string()))
            array = arrays[name] = pa.array([line[name] for line in lines], arrow)
            with open(os.path.join(folder, name), "wb") as file:
                file.write(memoryview(array.buffers()[1])[: 4 * (rows + 1)] if kind == "string" else memoryview(array.buffers()[1]))
                file.write(memoryview(array.buffers()[2]) if kind == "string" else b"")
            print(name, kind, file=names)
    arrow_rows = pa.table(arrays)  # found by its name
    peer = duckdb.connect()
    columns = ", ".join(f"{DUCK[name]} AS {name}" if name in DUCK else name for name in arrays)
    peer.execute("SET threads = 1; SET TimeZone = 'UTC'")
    peer.execute(f"CREATE TABLE t AS SELECT {columns} FROM arrow_rows")
    return peer


NUMBER = {"VARCHAR": "strlen({})", "JSON": "strlen({}::VARCHAR)", "BLOB": "octet_length({})", "DATE": "({} - DATE '1970-01-01')", "TIMESTAMP": "epoch_us({})",
          "TIMESTAMP WITH TIME ZONE": "epoch_us({})", "VARCHAR[]": "len({})", "BOOLEAN": "{}::INTEGER"}


def projections(node):
    own = node.get("timing", 0) if node.get("type") == "PROJECTION" else 0
    return own + sum(projections(child) for child in node.get("children", []))


class Peer:
    def __init__(self, connection, folder, rows):
        self.connection, self.rows, self.profile = connection, rows, os.path.join(folder, "profile.json")

    def sums(self, sql):
        """How many values, and what they add up to."""
        kind = str(self.connection.execute(f"SELECT {sql} AS v FROM t LIMIT 0").description[0][1])
        number = next((form for key, form in NUMBER.items() if kind == key), "({})::DOUBLE")
        if kind.startswith("DECIMAL"):
            number = "({} * 100)::DOUBLE"
        return self.connection.execute(f"SELECT count(v), sum(({number.format('v')})::DOUBLE) FROM (SELECT {sql} AS v FROM t)").fetchone()

    def run(self, sql):
        """The share of the time in which the process ran, nanoseconds a row of the projection."""
        self.connection.execute("PRAGMA enable_profiling = 'json'")
        self.connection.execute(f"SET profiling_output = '{self.profile}'")
        wall, cpu = time.perf_counter(), time.process_time()
        self.connection.execute(f"SELECT max({sql}) FROM t").fetchall()
        share = min(1, (time.process_time() - cpu) / (time.perf_counter() - wall))  # the profiler's clock also runs when the thread does not
        self.connection.execute("PRAGMA disable_profiling")
        with open(self.profile, encoding="utf-8") as file:
            return share, sum(projections(node) for node in json.load(file)["operator"]) * 1e9 / self.rows


class Sabot:
    def __init__(self, bench, folder, rows, runs):
        self.process = subprocess.Popen([bench, folder, str(rows), str(runs)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, sql):
        self.process.stdin.write(sql + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the bench ended at {sql}")
        return json.loads(line)


def same(ours, theirs):
    valid, total = theirs
    return ours["valid"] == valid and abs(ours["total"] - (total or 0)) <= 1e-9 * max(1, abs(total or 0))


def least(runs, rows):
    """Of runs that nothing interrupted; else of long ones the share of those that were interrupted least; short ones wait for the profile's file only."""
    whole = [ns for share, ns in runs if share >= 0.97]
    if whole or min(ns for _, ns in runs) * rows < 2e7:
        return min(whole or [ns for _, ns in runs])
    return sorted(share * ns for share, ns in sorted(runs)[-3:])[1 if len(runs) > 2 else 0]


def measure(sabot, peer, case, runs, rounds):
    """(expression, Sabot's ns, DuckDB's ns or None, what is wrong)"""
    sql, theirs, differs = case
    own, other, wrong = [], [], ""
    for _ in range(rounds):
        got = sabot.run(sql)
        if "error" in got:
            return sql, None, None, got["error"]
        own.append(got["ns"])
        if theirs:
            other += [peer.run(theirs) for _ in range(runs)]
    if theirs and not differs and not same(got, peer.sums(theirs)):
        wrong = f"{got['valid']} values, {got['total']:.17g}; DuckDB {peer.sums(theirs)}"
    return sql, min(own), least(other, peer.rows) if theirs else None, wrong


def table(results):
    rated = sorted((r for r in results if r[2]), key=lambda r: -r[1] / r[2])
    lone = sorted((r for r in results if r[1] and not r[2]), key=lambda r: -r[1])
    lines = ["| expression | Sabot, ns a row | DuckDB, ns a row | ratio |", "| --- | --- | --- | --- |"]
    cell = lambda sql: "`" + sql.replace("|", "\\|").replace("`", "") + "`"
    lines += [f"| {cell(sql)} | {own:.1f} | {other:.1f} | {own / other:.2f} |" for sql, own, other, _ in rated]
    lines += [f"| {cell(sql)} | {own:.1f} | - | - |" for sql, own, _, _ in lone]
    return lines


def cpu_name():
    with open("/proc/cpuinfo", encoding="ascii") as info:
        return next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))


def write(path, lines):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + BEGIN + "\n" + "\n".join(lines) + "\n" + END + tail)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", default="build/release/bench/bench_functions_bench")
    parser.add_argument("--only", default="", help="expressions with this text in them")
    parser.add_argument("--rows", type=int, default=100000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3, help="of both, in turn")
    parser.add_argument("--write", help="put the table into this file")
    args = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        peer = Peer(make_columns(folder, args.rows), folder, args.rows)
        sabot = Sabot(os.path.abspath(args.bench), folder, args.rows, args.runs)
        for case in CASES:
            if args.only.lower() in case[0].lower():
                results.append(measure(sabot, peer, case, args.runs, args.rounds))
                print(results[-1], file=sys.stderr, flush=True)
    rated = [own / other for _, own, other, _ in results if own and other]
    within = sum(ratio <= GOAL for ratio in rated)
    head = [f"{cpu_name()}, DuckDB {duckdb.__version__}, {args.rows} rows: {within} of {len(rated)} expressions at most {GOAL:g} times DuckDB's, {sum(ratio <= 1 for ratio in rated)} at most its own.", ""]
    lines = head + table(results)
    print("\n".join(lines))
    for sql, _, _, wrong in results:
        if wrong:
            print(f"WRONG {sql}: {wrong}")
    if args.write:
        write(args.write, lines)
    return any(wrong for _, _, _, wrong in results)


if __name__ == "__main__":
    sys.exit(main())
