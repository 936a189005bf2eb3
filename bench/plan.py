#!/usr/bin/env python3
"""Parsing and planning of a script of 200 lines with varied statements: tables, views, joins, windows, aggregates, pattern matching, unions.

`sabot validate` parses, binds and plans every statement. Time is that of the whole process (user and system) with the script less that with a script of
one CREATE TABLE, medians of alternating runs.

    plan.py [--sabot PATH] [--runs N] [--print]
"""

import argparse
import os
import resource
import statistics
import subprocess
import tempfile

GOAL_MS, LINES = 10, 200

TABLES = """CREATE TABLE orders (
  id BIGINT, customer BIGINT, product STRING, price DECIMAL(10, 2), quantity INT,
  note STRING, ts TIMESTAMP(3),
  total AS price * quantity,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'datagen', 'number-of-rows' = '10');
CREATE TABLE customers (
  id BIGINT, name STRING, city STRING, address ROW<street STRING, zip STRING>, tags ARRAY<STRING>,
  PRIMARY KEY (id) NOT ENFORCED
) WITH ('connector' = 'datagen', 'number-of-rows' = '10');
CREATE TABLE clicks (
  customer BIGINT, url STRING, props MAP<STRING, STRING>, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'datagen', 'number-of-rows' = '10');
"""

SINK = "CREATE TABLE sink_{0} ({1}) WITH ('connector' = 'blackhole');\n"

QUERIES = [
    ("a BIGINT, b STRING, c DECIMAL(20, 2)", """SELECT id, UPPER(product) || '-' || CAST(quantity AS STRING), total
FROM orders
WHERE price > {0} AND (quantity BETWEEN 1 AND 100 OR note LIKE '%x{0}%')
"""),
    ("a STRING, b BIGINT, c DECIMAL(38, 2)", """SELECT c.city, COUNT(*), SUM(o.total)
FROM orders o
JOIN customers c ON o.customer = c.id
WHERE c.name <> 'nobody {0}'
GROUP BY c.city
HAVING COUNT(*) > {0}
"""),
    ("s TIMESTAMP(3), e TIMESTAMP(3), p STRING, n BIGINT, m DECIMAL(10, 2)", """SELECT window_start, window_end, product, COUNT(*), MAX(price)
FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '{1}' MINUTE))
GROUP BY window_start, window_end, product
"""),
    ("a STRING, b BIGINT, c BIGINT, d DOUBLE", """SELECT p, COUNT(*) FILTER (WHERE q > {0}), COUNT(DISTINCT customer), AVG(CAST(price AS DOUBLE))
FROM (
  SELECT COALESCE(NULLIF(product, ''), 'none') AS p, quantity AS q, customer, price
  FROM orders WHERE quantity % {1} = 0
)
GROUP BY p
"""),
    ("a BIGINT, b STRING, c STRING", """WITH big AS (
  SELECT customer, product, SUM(total) AS s FROM orders GROUP BY customer, product
), few AS (
  SELECT customer, COUNT(DISTINCT url) AS n FROM clicks WHERE url LIKE 'https://%/{0}' GROUP BY customer
)
SELECT big.customer, big.product, CASE WHEN few.n > 10 THEN 'many' WHEN few.n > 1 THEN 'some' ELSE 'one' END
FROM big JOIN few ON big.customer = few.customer
WHERE big.s > {0}
"""),
    ("a BIGINT, b STRING", """SELECT id, name FROM customers WHERE city IN ('Rome', 'Oslo', 'Bonn {0}')
UNION ALL
SELECT customer, REGEXP_EXTRACT(url, '/([a-z]+)/{0}', 1) FROM clicks
"""),
    ("a BIGINT, b STRING, c STRING", """SELECT o.id, c.address.zip, k.url
FROM orders o, customers c, clicks k
WHERE o.customer = c.id AND k.customer = c.id
  AND k.ts BETWEEN o.ts - INTERVAL '{1}' MINUTE AND o.ts + INTERVAL '{1}' MINUTE
  AND CHAR_LENGTH(k.url) + {0} < 1000
"""),
]


def script():
    """Statements until there are LINES lines."""
    text, inserts, i = TABLES, [], 0
    while True:
        columns, query = QUERIES[i % len(QUERIES)]
        query = query.format(i, i % 9 + 1)
        more = SINK.format(i, columns)
        if i % 3 == 0:
            more += f"CREATE VIEW view_{i} AS\n{query.rstrip()};\n"
            query = f"SELECT * FROM view_{i}\n"
        inserts.append(f"INSERT INTO sink_{i}\n{query.rstrip()};\n")
        text += more
        i += 1
        whole = text + "EXECUTE STATEMENT SET\nBEGIN\n" + "".join(inserts) + "END;\n"
        if whole.count("\n") >= LINES:
            return whole


def cpu_ms(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sabot", default="build/release/sabot")
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--print", action="store_true", help="the script")
    args = parser.parse_args()
    text = script()
    if args.print:
        print(text)
        return
    sabot = os.path.abspath(args.sabot)
    with tempfile.TemporaryDirectory() as folder:
        long, short = os.path.join(folder, "long.sql"), os.path.join(folder, "short.sql")
        for path, sql in ((long, text), (short, "CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');\n")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(sql)
        times = [(cpu_ms([sabot, "validate", long]), cpu_ms([sabot, "validate", short])) for _ in range(args.runs)]
    whole, start = (statistics.median(column) for column in zip(*times))
    print(f"parsing and planning {text.count(chr(10))} lines, {text.count(';')} statements: {whole - start:.1f} ms"
          f" (the process {whole:.1f} ms, without the script {start:.1f} ms; goal {GOAL_MS})")


if __name__ == "__main__":
    main()
