-- The connector print: each change on a line.

-- setup
CREATE TABLE src (a INT, b STRING) WITH ('connector' = 'values', 'rows' = '{"a":1,"b":"x"}
{"a":2}');

-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'print');
INSERT INTO t SELECT a, b FROM src;
-- names: +I[1, x]
-- > +I[2, null]

-- ok
CREATE TABLE t WITH ('connector' = 'print', 'print-identifier' = 'out') LIKE src (EXCLUDING ALL);
INSERT INTO t SELECT a, b FROM src WHERE a = 1;
-- names: out> +I[1, x]

-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'print', 'print-identifier' = 'out', 'sink.parallelism' = '2');
INSERT INTO t SELECT a, b FROM src WHERE a = 1;
-- names: out:1> +I[1, x]

-- # its lines can go to standard error
-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'print', 'standard-error' = 'true');
INSERT INTO t SELECT a, b FROM src;

-- # a table that is written, not read
-- error: read
CREATE TABLE t (a INT) WITH ('connector' = 'print');
SELECT * FROM t;
