-- INSERT: from queries and values, lists of columns, partitions, several tables at once, conflicts.

-- setup
CREATE TABLE src (a INT, b STRING) WITH ('connector' = 'values', 'rows' = '{"a":1,"b":"x"}
{"a":2,"b":"y"}');
CREATE TABLE sink (a INT, b STRING, c INT) WITH ('connector' = 'print');
CREATE TABLE parts (a INT, d STRING, e STRING) PARTITIONED BY (d, e) WITH ('connector' = 'filesystem', 'path' = 'parts', 'format' = 'csv');

-- ok
INSERT INTO sink SELECT a, b, a + 1 FROM src WHERE b LIKE '%y%';
-- names: +I[2, y, 3]

-- ok
EXECUTE INSERT INTO sink SELECT a, b, a FROM src WHERE a = 1;
-- names: +I[1, x, 1]

-- ok
INSERT INTO default_catalog.default_database.sink SELECT a, b, a FROM src WHERE a = 1;
-- names: +I[1, x, 1]

-- # columns that are not in the list are NULL
-- ok
INSERT INTO sink (c, b) SELECT a, b FROM src WHERE a = 1;
-- names: +I[null, x, 1]

-- error: is NOT NULL and gets no value
CREATE TABLE strict (a INT NOT NULL, b INT) WITH ('connector' = 'print');
INSERT INTO strict (b) SELECT a FROM src;

-- ok
CREATE TABLE students (name STRING, age INT, mark DECIMAL(3, 2)) WITH ('connector' = 'print');
INSERT INTO students VALUES ('ann', 35, 1.28), ('bob', 32, 2.32);
-- names: +I[ann, 35, 1.28]
-- > +I[bob, 32, 2.32]

-- ok
EXECUTE INSERT INTO sink VALUES (1, 'z', 2);
-- names: +I[1, z, 2]

-- # a file that was written is read again
-- ok
CREATE TABLE f (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'f', 'format' = 'json');
INSERT INTO f SELECT * FROM src;
SELECT * FROM f;
-- > 1 | x
-- > 2 | y

-- ok
CREATE TABLE f1 (a INT) WITH ('connector' = 'filesystem', 'path' = 'f1', 'format' = 'csv');
CREATE TABLE f2 (b STRING) WITH ('connector' = 'filesystem', 'path' = 'f2', 'format' = 'csv');
EXECUTE STATEMENT SET
BEGIN
INSERT INTO f1 SELECT a FROM src;
INSERT INTO f2 SELECT b FROM src;
INSERT INTO f2 VALUES ('z');
END;
SELECT CAST(a AS STRING) FROM f1 UNION ALL SELECT b FROM f2;
-- > 1
-- > 2
-- > x
-- > y
-- > z

-- error: the query gives 1 column
INSERT INTO sink SELECT a FROM src;

-- error: sink
INSERT INTO sink SELECT b, a, a FROM src;

-- error: not found
INSERT INTO nothing SELECT a FROM src;

-- refused: INSERT OVERWRITE
INSERT OVERWRITE sink SELECT a, b, a FROM src;

-- refused: INSERT OVERWRITE
INSERT OVERWRITE sink VALUES (1, 'z', 2);

-- refused: INSERT INTO a partition
INSERT INTO parts PARTITION (d = '2024-01-01', e = 'x') SELECT a FROM src;

-- refused: INSERT INTO a partition
EXECUTE INSERT INTO parts PARTITION (d = '2024-01-01') SELECT a, b FROM src;

-- refused: INSERT OVERWRITE
INSERT OVERWRITE parts PARTITION (d = '2024-01-01', e = 'x') SELECT a FROM src;

-- refused: INSERT INTO a partition
INSERT INTO parts PARTITION (d = '2024-01-01', e = 'x') (a) SELECT a FROM src;

-- refused: PARTITIONED BY
INSERT INTO parts SELECT a, b, b FROM src;

-- # rows of several groups go to one key of the table: Flink wants ON CONFLICT unless this option says otherwise
-- ok
SET 'table.exec.sink.require-on-conflict' = 'false';
CREATE TABLE keyed (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO keyed SELECT b, COUNT(*) FROM (VALUES (1, 'x'), (2, 'x')) AS t (a, b) GROUP BY a, b;
-- names: +I[x, 1]
-- > +U[x, 1]

-- error: differs from the primary key of the sink table
SET 'table.exec.sink.require-on-conflict' = 'true';
CREATE TABLE keyed (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO keyed SELECT b, COUNT(*) FROM (VALUES (1, 'x'), (2, 'x')) AS t (a, b) GROUP BY a, b;

-- ok
SET 'table.exec.sink.require-on-conflict' = 'true';
CREATE TABLE keyed (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO keyed SELECT b, COUNT(*) FROM src GROUP BY b;
-- names: +I[x, 1]
-- > +I[y, 1]

-- A key that is cast without loss is still one.

-- ok
SET 'table.exec.sink.require-on-conflict' = 'true';
CREATE TABLE keyed (b BIGINT, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO keyed SELECT a, COUNT(*) FROM src GROUP BY a;
-- names: +I[1, 1]
-- > +I[2, 1]

-- ok
SET 'table.exec.sink.require-on-conflict' = 'true';
CREATE TABLE keyed (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO keyed SELECT CAST(a AS STRING), COUNT(*) FROM src GROUP BY a;
-- names: +I[1, 1]
-- > +I[2, 1]

-- ok
SET 'table.exec.sink.require-on-conflict' = 'true';
CREATE TABLE keyed (b DOUBLE, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO keyed SELECT a, COUNT(*) FROM src GROUP BY a;
-- any

-- error: differs from the primary key of the sink table
SET 'table.exec.sink.require-on-conflict' = 'true';
CREATE TABLE keyed (b SMALLINT, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO keyed SELECT CAST(a AS SMALLINT), COUNT(*) FROM src GROUP BY a;

-- refused: ON CONFLICT
INSERT INTO sink SELECT a, b, a FROM src ON CONFLICT DO NOTHING;

-- refused: ON CONFLICT
INSERT INTO sink SELECT a, b, a FROM src ON CONFLICT DO ERROR;

-- refused: ON CONFLICT
INSERT INTO sink SELECT a, b, a FROM src ON CONFLICT DO DEDUPLICATE;
