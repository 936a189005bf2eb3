-- CREATE: tables with their columns, constraints and options; LIKE, AS, REPLACE; catalogs, databases, views, functions, models.

-- setup
CREATE TABLE src (a INT NOT NULL, b INT, ts TIMESTAMP(3)) WITH ('connector' = 'values', 'rows' = '{"a":1,"b":2,"ts":"2024-01-01 10:00:00"}
{"a":10,"b":20,"ts":"2024-01-01 10:00:10"}');

-- ok
CREATE TABLE t (`user_id` BIGINT, `name` STRING) WITH ('connector' = 'datagen');
DESCRIBE t;
-- names: name | type | null | key | extras | watermark
-- > user_id | BIGINT | TRUE | NULL | NULL | NULL
-- > name | STRING | TRUE | NULL | NULL | NULL

-- ok
CREATE TABLE t (a INT COMMENT 'first', b STRING NOT NULL) COMMENT 'a table' WITH ('connector' = 'datagen');
DESCRIBE t;
-- names: name | type | null | key | extras | watermark | comment
-- > a | INT | TRUE | NULL | NULL | NULL | first
-- > b | STRING | FALSE | NULL | NULL | NULL | NULL

-- ok
CREATE TABLE IF NOT EXISTS t (a INT) WITH ('connector' = 'datagen');
CREATE TABLE IF NOT EXISTS t (b STRING) WITH ('connector' = 'datagen');
DESCRIBE t;
-- > a | INT | TRUE | NULL | NULL | NULL

-- error: exists already
CREATE TABLE src (a INT) WITH ('connector' = 'datagen');

-- ok
CREATE TABLE default_catalog.default_database.t (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT COUNT(*) FROM default_database.t;
-- > 1

-- # columns of a connector's own
-- ok
CREATE TABLE t (a INT, x BIGINT METADATA VIRTUAL, y INT METADATA FROM 'k') WITH ('connector' = 'datagen');
DESCRIBE t;
-- > a | INT | TRUE | NULL | NULL | NULL
-- > x | BIGINT | TRUE | NULL | METADATA VIRTUAL | NULL
-- > y | INT | TRUE | NULL | METADATA FROM 'k' | NULL

-- error: etadata
CREATE TABLE t (a INT, `timestamp` TIMESTAMP_LTZ(3) METADATA) WITH ('connector' = 'datagen');
SELECT * FROM t;

-- ok
CREATE TABLE t (a INT, b INT, c AS a * b COMMENT 'product') WITH ('connector' = 'values', 'rows' = '{"a":2,"b":3}');
SELECT c, a FROM t;
-- > 6 | 2

-- # a computed column is not written
-- ok
CREATE TABLE t (a INT, c AS a + 1) WITH ('connector' = 'print');
INSERT INTO t SELECT a FROM src WHERE a = 1;
-- names: +I[1]

-- refused: scalar subquery
CREATE TABLE t (a INT, c AS (SELECT 1)) WITH ('connector' = 'datagen');

-- ok
CREATE TABLE t (a INT, p AS PROCTIME()) WITH ('connector' = 'datagen');
DESCRIBE t;
-- > a | INT | TRUE | NULL | NULL | NULL
-- > p | TIMESTAMP_LTZ(3) *PROCTIME* | FALSE | NULL | AS PROCTIME() | NULL

-- ok
CREATE TABLE t (ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'datagen');
DESCRIBE t;
-- > ts | TIMESTAMP(3) *ROWTIME* | TRUE | NULL | NULL | `ts` - INTERVAL '5' SECOND

-- ok
CREATE TABLE t (s STRING, ts AS TO_TIMESTAMP(s), WATERMARK FOR ts AS ts - INTERVAL '0.001' SECOND)
WITH ('connector' = 'values', 'rows' = '{"s":"2024-01-01 10:00:07"}');
SELECT window_start, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end;
-- > 2024-01-01 10:00:00.000 | 1

-- ok
CREATE TABLE t (ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"ts":"2024-01-01 10:00:07"}');
SELECT COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end;
-- > 1

-- error: TIMESTAMP
CREATE TABLE t (ts STRING, WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen');

-- ok
CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED, b INT) WITH ('connector' = 'datagen');
DESCRIBE t;
-- > a | INT | FALSE | PRI(a) | NULL | NULL
-- > b | INT | TRUE | NULL | NULL | NULL

-- ok
CREATE TABLE t (a INT, b INT, CONSTRAINT pk PRIMARY KEY (a, b) NOT ENFORCED) WITH ('connector' = 'datagen');
DESCRIBE t;
-- > a | INT | FALSE | PRI(a, b) | NULL | NULL
-- > b | INT | FALSE | PRI(a, b) | NULL | NULL

-- error: NOT ENFORCED
CREATE TABLE t (a INT, PRIMARY KEY (a)) WITH ('connector' = 'datagen');

-- error: ENFORCED
CREATE TABLE t (a INT, PRIMARY KEY (a) ENFORCED) WITH ('connector' = 'datagen');

-- error: rimary key
CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED, b INT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'datagen');

-- ok
CREATE TABLE t (a INT, d STRING) PARTITIONED BY (d) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv');
SHOW CREATE TABLE t;
-- has: PARTITIONED BY (`d`)

-- refused: PARTITIONED BY
CREATE TABLE t (a INT, b INT) PARTITIONED BY (b) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv');
INSERT INTO t SELECT a, b FROM src;

-- ok
CREATE TABLE t (a INT) DISTRIBUTED BY HASH (a) INTO 4 BUCKETS WITH ('connector' = 'datagen');
SHOW CREATE TABLE t;
-- has: DISTRIBUTED BY HASH(`a`) INTO 4 BUCKETS

-- ok
CREATE TABLE t (a INT) DISTRIBUTED BY (a) INTO 4 BUCKETS WITH ('connector' = 'datagen');
SHOW CREATE TABLE t;
-- has: DISTRIBUTED BY (`a`) INTO 4 BUCKETS

-- ok
CREATE TABLE t (a INT) DISTRIBUTED BY (a) WITH ('connector' = 'datagen');
SHOW CREATE TABLE t;
-- has: DISTRIBUTED BY (`a`)

-- ok
CREATE TABLE t (a INT) DISTRIBUTED BY RANGE (a) INTO 2 BUCKETS WITH ('connector' = 'datagen');
SHOW CREATE TABLE t;
-- has: DISTRIBUTED BY RANGE(`a`) INTO 2 BUCKETS

-- ok
CREATE TABLE t (a INT) DISTRIBUTED INTO 4 BUCKETS WITH ('connector' = 'datagen');
SHOW CREATE TABLE t;
-- has: DISTRIBUTED INTO 4 BUCKETS

-- error: no-such
CREATE TABLE t (a INT) WITH ('connector' = 'no-such');
SELECT * FROM t;

-- ok
CREATE TABLE base (a INT, ts TIMESTAMP(3)) WITH ('connector' = 'datagen', 'number-of-rows' = '5');
CREATE TABLE t (WATERMARK FOR ts AS ts) WITH ('number-of-rows' = '1') LIKE base;
DESCRIBE t;
-- > a | INT | TRUE | NULL | NULL | NULL
-- > ts | TIMESTAMP(3) *ROWTIME* | TRUE | NULL | NULL | `ts`

-- ok
CREATE TABLE base (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '5');
CREATE TABLE t WITH ('number-of-rows' = '1') LIKE base;
SELECT COUNT(*) FROM t;
-- > 1

-- ok
CREATE TABLE base (a INT, b INT, c AS a * b, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'datagen');
CREATE TABLE t (d STRING) WITH ('connector' = 'blackhole') LIKE base (EXCLUDING ALL INCLUDING GENERATED);
DESCRIBE t;
-- > a | INT | FALSE | NULL | NULL | NULL
-- > b | INT | TRUE | NULL | NULL | NULL
-- > c | INT | TRUE | NULL | AS `a` * `b` | NULL
-- > d | STRING | TRUE | NULL | NULL | NULL

-- error: number-of-rows
CREATE TABLE base (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '5');
CREATE TABLE t WITH ('number-of-rows' = '1') LIKE base (INCLUDING OPTIONS);

-- ok
CREATE TABLE base (a INT, ts TIMESTAMP(3), x INT METADATA VIRTUAL, c AS a + 1, PRIMARY KEY (a) NOT ENFORCED, WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen');
CREATE TABLE t (WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'blackhole') LIKE base
(EXCLUDING CONSTRAINTS EXCLUDING METADATA EXCLUDING GENERATED OVERWRITING WATERMARKS EXCLUDING OPTIONS EXCLUDING PARTITIONS EXCLUDING DISTRIBUTION);
SHOW COLUMNS FROM t LIKE 'a';
-- > a | INT | FALSE | NULL | NULL | NULL

-- ok
CREATE DATABASE d;
CREATE TABLE d.base (a INT) WITH ('connector' = 'datagen');
CREATE TABLE t LIKE default_catalog.d.base;
DESCRIBE t;
-- > a | INT | TRUE | NULL | NULL | NULL

-- ok
CREATE TABLE t WITH ('connector' = 'print') AS SELECT a, b FROM src WHERE MOD(a, 10) = 0;
-- names: +I[10, 20]

-- ok
CREATE TABLE t WITH ('connector' = 'blackhole') AS SELECT a, b, ts FROM src;
DESCRIBE t;
-- > a | INT | FALSE | NULL | NULL | NULL
-- > b | INT | TRUE | NULL | NULL | NULL
-- > ts | TIMESTAMP(3) | TRUE | NULL | NULL | NULL

-- ok
CREATE TABLE t (d STRING, b DOUBLE, c AS a + 1, WATERMARK FOR ts AS ts) WITH ('connector' = 'blackhole') AS SELECT a, b, ts FROM src;
DESCRIBE t;
-- > d | STRING | TRUE | NULL | NULL | NULL
-- > c | INT | FALSE | NULL | AS `a` + 1 | NULL
-- > a | INT | FALSE | NULL | NULL | NULL
-- > b | DOUBLE | TRUE | NULL | NULL | NULL
-- > ts | TIMESTAMP(3) *ROWTIME* | TRUE | NULL | NULL | `ts`

-- ok
CREATE TABLE t (d STRING, b BIGINT, c AS a + 1) WITH ('connector' = 'print') AS SELECT a, b FROM src WHERE MOD(a, 10) = 0;
-- names: +I[null, 10, 20]

-- error: can be NULL in the query
CREATE TABLE t (PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'blackhole') AS SELECT a, b FROM src;

-- error: column "a" is one of the query
CREATE TABLE t (a AS 1) WITH ('connector' = 'blackhole') AS SELECT a, b FROM src;

-- error: column "b" of "t" is STRING
CREATE TABLE t (b STRING) WITH ('connector' = 'blackhole') AS SELECT a, b FROM src;

-- error: is NOT NULL and gets no value
CREATE TABLE t (x INT NOT NULL) WITH ('connector' = 'blackhole') AS SELECT a, b FROM src;

-- error: columns with and without types
CREATE TABLE t (b INT, a) WITH ('connector' = 'blackhole') AS SELECT a, b FROM src;

-- error: column "a" has no type
CREATE TABLE t (a, b) WITH ('connector' = 'blackhole');

-- ok
CREATE TABLE t PARTITIONED BY (b) WITH ('connector' = 'blackhole') AS SELECT a, b FROM src;

-- ok
CREATE TABLE t (PRIMARY KEY (a) NOT ENFORCED) DISTRIBUTED BY (a) INTO 4 BUCKETS WITH ('connector' = 'blackhole') AS SELECT a, b FROM src;

-- ok
CREATE TABLE t (ts, b, a) WITH ('connector' = 'blackhole') AS SELECT a, b, ts FROM src;
DESCRIBE t;
-- > ts | TIMESTAMP(3) | TRUE | NULL | NULL | NULL
-- > b | INT | TRUE | NULL | NULL | NULL
-- > a | INT | FALSE | NULL | NULL | NULL

-- ok
CREATE TABLE t (b, a) WITH ('connector' = 'print') AS SELECT a, b FROM src WHERE MOD(a, 10) = 0;
-- names: +I[20, 10]

-- error: 1 names for the 2 columns
CREATE TABLE t (b) WITH ('connector' = 'print') AS SELECT a, b FROM src;

-- error: column "x" is not one of the query
CREATE TABLE t (b, x) WITH ('connector' = 'print') AS SELECT a, b FROM src;

-- error: TEMPORARY
CREATE TEMPORARY TABLE t WITH ('connector' = 'blackhole') AS SELECT a FROM src;

-- ok
CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
REPLACE TABLE t WITH ('connector' = 'blackhole') AS SELECT b FROM src;
DESCRIBE t;
-- > b | INT | TRUE | NULL | NULL | NULL

-- ok
CREATE OR REPLACE TABLE t WITH ('connector' = 'print') AS SELECT a FROM src WHERE a = 1;
-- names: +I[1]

-- error: not
REPLACE TABLE t WITH ('connector' = 'blackhole') AS SELECT b FROM src;

-- ok
CREATE CATALOG c2 COMMENT 'second' WITH ('type' = 'generic_in_memory', 'default-database' = 'db');
DESCRIBE CATALOG EXTENDED c2;
-- names: info name | info value
-- > name | c2
-- > type | generic_in_memory
-- > comment | second
-- > option:default-database | db

-- ok
CREATE CATALOG IF NOT EXISTS c2 WITH ('type' = 'generic_in_memory');
CREATE CATALOG IF NOT EXISTS c2 WITH ('type' = 'generic_in_memory');
SHOW CATALOGS;
-- names: catalog name
-- > c2
-- > default_catalog

-- error: exists already
CREATE CATALOG default_catalog WITH ('type' = 'generic_in_memory');

-- error: no-such
CREATE CATALOG c2 WITH ('type' = 'no-such');

-- ok
CREATE DATABASE IF NOT EXISTS d COMMENT 'x' WITH ('k' = 'v');
CREATE DATABASE IF NOT EXISTS default_catalog.d;
SHOW DATABASES;
-- names: database name
-- > d
-- > default_database

-- error: exists already
CREATE DATABASE default_database;

-- ok
CREATE VIEW v (x, y) COMMENT 'c' AS SELECT a, b FROM src WHERE a = 1;
SELECT y, x FROM default_database.v;
-- names: y | x
-- > 2 | 1

-- ok
CREATE TEMPORARY VIEW IF NOT EXISTS v AS SELECT 1 AS a;
CREATE TEMPORARY VIEW IF NOT EXISTS v AS SELECT 2 AS a;
SELECT a FROM v;
-- > 1

-- ok
CREATE VIEW v AS SELECT 1 AS a;
CREATE TEMPORARY VIEW v AS SELECT 2 AS a;
SELECT a FROM v;
-- > 2

-- ok
CREATE TEMPORARY TABLE src (z INT) WITH ('connector' = 'values', 'rows' = '{"z":5}');
SELECT * FROM src;
-- > 5

-- error: exists already
CREATE VIEW src AS SELECT 1;

-- refused: CREATE FUNCTION
CREATE FUNCTION f AS 'com.example.F';

-- refused: CREATE FUNCTION
CREATE TEMPORARY FUNCTION IF NOT EXISTS default_catalog.default_database.f AS 'com.example.F' LANGUAGE JAVA USING JAR 'f.jar', JAR 'g.jar';

-- refused: CREATE FUNCTION
CREATE TEMPORARY SYSTEM FUNCTION f AS 'pkg.f' LANGUAGE PYTHON;

-- refused: CREATE FUNCTION
CREATE FUNCTION f AS 'com.example.F' LANGUAGE SCALA USING JAR 'f.jar';

-- refused: CREATE FUNCTION
CREATE FUNCTION f AS 'com.example.F' LANGUAGE JAVA USING ARTIFACT 'f.jar' WITH ('k' = 'v');

-- refused: CREATE MODEL
CREATE MODEL m INPUT (x STRING COMMENT 'in') OUTPUT (y STRING COMMENT 'out') COMMENT 'c' WITH ('provider' = 'openai', 'model' = 'g');

-- refused: CREATE MODEL
CREATE TEMPORARY MODEL IF NOT EXISTS default_database.m WITH ('provider' = 'openai');

-- refused: UNIQUE
CREATE TABLE t (a INT, UNIQUE (a) NOT ENFORCED) WITH ('connector' = 'datagen');

-- refused: WATERMARK FOR a nested field
CREATE TABLE t (r ROW<ts TIMESTAMP(3)>, WATERMARK FOR r.ts AS r.ts) WITH ('connector' = 'datagen');
