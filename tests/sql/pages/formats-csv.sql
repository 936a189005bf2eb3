-- The format csv.

-- setup
CREATE TABLE src (a INT, b STRING, c ARRAY<INT>) WITH ('connector' = 'values', 'rows' = '{"a":1,"b":"x,y","c":[1,2]}
{"a":2}');
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'raw');

-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv');
INSERT INTO t SELECT a, b FROM src;
SELECT line FROM text;
-- > 1,"x,y"
-- > 2,

-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'csv.field-delimiter' = ';', 'csv.null-literal' = 'n/a');
INSERT INTO t SELECT a, b FROM src;
SELECT line FROM text;
-- > 1;"x,y"
-- > 2;n/a

-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'csv.field-delimiter' = '|', 'csv.quote-character' = '''');
INSERT INTO t SELECT 1, 'a|b';
SELECT line FROM text;
-- > 1|'a|b'

-- ok
CREATE TABLE t (a INT, c ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'csv.array-element-delimiter' = '+');
INSERT INTO t SELECT a, c FROM src WHERE a = 1;
SELECT * FROM t;
-- > 1 | [1, 2]

-- ok
INSERT INTO text VALUES ('1,a'), ('# a comment'), ('2,b');
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'csv.allow-comments' = 'true');
SELECT * FROM t;
-- > 1 | a
-- > 2 | b

-- ok
INSERT INTO text VALUES ('1,a'), ('x,b'), ('2,c');
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
SELECT b FROM t;
-- > a
-- > b
-- > c

-- error: x
INSERT INTO text VALUES ('1,a'), ('x,b');
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv');
SELECT b, a FROM t;

-- ok
INSERT INTO text VALUES ('1,a\,b');
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'csv.escape-character' = '\', 'csv.disable-quote-character' = 'true');
SELECT b FROM t;
-- > a,b

-- ok
CREATE TABLE t (d DECIMAL(20, 0), s DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'csv.write-bigdecimal-in-scientific-notation' = 'false');
INSERT INTO t SELECT CAST(100000 AS DECIMAL(20, 0)), 1.5e0;
SELECT line FROM text;
-- > 100000,1.5
