-- The connector blackhole: takes everything.

-- setup
CREATE TABLE src (a INT, b STRING) WITH ('connector' = 'values', 'rows' = '{"a":1,"b":"x"}');

-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'blackhole');
INSERT INTO t SELECT a, b FROM src;

-- ok
CREATE TABLE t WITH ('connector' = 'blackhole') LIKE src (EXCLUDING ALL);
INSERT INTO t SELECT a, b FROM src;

-- ok
CREATE TABLE t (b STRING, n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO t SELECT b, COUNT(*) FROM src GROUP BY b;

-- error: read
CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
SELECT * FROM t;
