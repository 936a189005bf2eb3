-- The connector datagen: made-up rows.

-- ok
CREATE TABLE t (a BIGINT, b DECIMAL(32, 2), c ROW<x STRING, y STRING>, d TIMESTAMP(3)) WITH ('connector' = 'datagen', 'number-of-rows' = '3');
SELECT COUNT(*), COUNT(a), COUNT(b), COUNT(c), COUNT(d) FROM t;
-- > 3 | 3 | 3 | 3 | 3

-- ok
CREATE TABLE base (a BIGINT, d TIMESTAMP(3)) WITH ('connector' = 'blackhole');
CREATE TEMPORARY TABLE t WITH ('connector' = 'datagen', 'number-of-rows' = '10') LIKE base (EXCLUDING ALL);
SELECT COUNT(*) FROM t;
-- > 10

-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'datagen', 'fields.a.kind' = 'sequence', 'fields.a.start' = '5', 'fields.a.end' = '7', 'fields.b.length' = '4');
SELECT a, CHAR_LENGTH(b) FROM t;
-- > 5 | 4
-- > 6 | 4
-- > 7 | 4

-- ok
CREATE TABLE t (a INT, b DOUBLE) WITH ('connector' = 'datagen', 'number-of-rows' = '50', 'rows-per-second' = '100000', 'fields.a.min' = '1', 'fields.a.max' = '3', 'fields.b.min' = '0', 'fields.b.max' = '1');
SELECT COUNT(*) FROM t WHERE a BETWEEN 1 AND 3 AND b >= 0 AND b <= 1;
-- > 50

-- ok
CREATE TABLE t (a VARCHAR(9)) WITH ('connector' = 'datagen', 'number-of-rows' = '20', 'fields.a.var-len' = 'true');
SELECT COUNT(*) FROM t WHERE CHAR_LENGTH(a) BETWEEN 1 AND 9;
-- > 20

-- ok
CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '5', 'fields.a.null-rate' = '1');
SELECT COUNT(*), COUNT(a) FROM t;
-- > 5 | 0

-- ok
CREATE TABLE t (a TIMESTAMP(3), b TIMESTAMP_LTZ(3)) WITH ('connector' = 'datagen', 'number-of-rows' = '5', 'fields.a.max-past' = '1 h', 'fields.b.max-past' = '1 h');
SELECT COUNT(*) FROM t WHERE b > TO_TIMESTAMP_LTZ(1700000000, 0) AND a > TIMESTAMP '2024-01-01 00:00:00';
-- > 5

-- ok
CREATE TABLE t (a BOOLEAN, b CHAR(2), c BINARY(3), d VARBINARY(4), e TINYINT, f SMALLINT, g FLOAT, h DATE, i TIME, j ARRAY<INT>, k MAP<INT, STRING>, l MULTISET<INT>)
WITH ('connector' = 'datagen', 'number-of-rows' = '2', 'fields.j.length' = '3');
SELECT CHAR_LENGTH(b), CARDINALITY(j), a IS NULL, h = CURRENT_DATE OR h <> CURRENT_DATE, k IS NULL, l IS NULL FROM t;
-- > 2 | 3 | FALSE | TRUE | FALSE | FALSE
-- > 2 | 3 | FALSE | TRUE | FALSE | FALSE

-- ok
CREATE TABLE t (a INTERVAL YEAR TO MONTH, b INTERVAL DAY TO SECOND(3)) WITH ('connector' = 'datagen', 'number-of-rows' = '2');
SELECT COUNT(a), COUNT(b) FROM t;
-- > 2 | 2

-- ok
CREATE TABLE t (a STRING, b DECIMAL(5, 1), c BIGINT) WITH ('connector' = 'datagen', 'fields.a.kind' = 'sequence', 'fields.a.start' = '1', 'fields.a.end' = '2',
    'fields.b.kind' = 'sequence', 'fields.b.start' = '1', 'fields.b.end' = '2', 'fields.c.kind' = 'sequence', 'fields.c.start' = '1', 'fields.c.end' = '9');
SELECT a, b, c FROM t;
-- > 1 | 1.0 | 1
-- > 2 | 2.0 | 2

-- error: fields.a.kind
CREATE TABLE t (a BOOLEAN) WITH ('connector' = 'datagen', 'fields.a.kind' = 'sequence', 'fields.a.start' = '1', 'fields.a.end' = '2');
SELECT a FROM t;
