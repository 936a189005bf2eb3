-- Data types: how they are declared, and how values are cast.

-- ok
CREATE TABLE t (a CHAR, b CHAR(3), c VARCHAR, d VARCHAR(4), e STRING, f BINARY, g BINARY(2), h VARBINARY, i VARBINARY(3), j BYTES) WITH ('connector' = 'datagen');
DESCRIBE t;
-- > a | CHAR(1) | TRUE | NULL | NULL | NULL
-- > b | CHAR(3) | TRUE | NULL | NULL | NULL
-- > c | STRING | TRUE | NULL | NULL | NULL
-- > d | VARCHAR(4) | TRUE | NULL | NULL | NULL
-- > e | STRING | TRUE | NULL | NULL | NULL
-- > f | BINARY(1) | TRUE | NULL | NULL | NULL
-- > g | BINARY(2) | TRUE | NULL | NULL | NULL
-- > h | BYTES | TRUE | NULL | NULL | NULL
-- > i | VARBINARY(3) | TRUE | NULL | NULL | NULL
-- > j | BYTES | TRUE | NULL | NULL | NULL

-- ok
CREATE TABLE t (a DECIMAL, b DECIMAL(4), c DECIMAL(4, 1), d DEC, e DEC(4, 1), f NUMERIC, g NUMERIC(4, 1), h TINYINT, i SMALLINT, j INT, k INTEGER, l BIGINT, m FLOAT,
    n DOUBLE, o DOUBLE PRECISION, p BOOLEAN) WITH ('connector' = 'datagen');
DESCRIBE t;
-- > a | DECIMAL(10, 0) | TRUE | NULL | NULL | NULL
-- > b | DECIMAL(4, 0) | TRUE | NULL | NULL | NULL
-- > c | DECIMAL(4, 1) | TRUE | NULL | NULL | NULL
-- > d | DECIMAL(10, 0) | TRUE | NULL | NULL | NULL
-- > e | DECIMAL(4, 1) | TRUE | NULL | NULL | NULL
-- > f | DECIMAL(10, 0) | TRUE | NULL | NULL | NULL
-- > g | DECIMAL(4, 1) | TRUE | NULL | NULL | NULL
-- > h | TINYINT | TRUE | NULL | NULL | NULL
-- > i | SMALLINT | TRUE | NULL | NULL | NULL
-- > j | INT | TRUE | NULL | NULL | NULL
-- > k | INT | TRUE | NULL | NULL | NULL
-- > l | BIGINT | TRUE | NULL | NULL | NULL
-- > m | FLOAT | TRUE | NULL | NULL | NULL
-- > n | DOUBLE | TRUE | NULL | NULL | NULL
-- > o | DOUBLE | TRUE | NULL | NULL | NULL
-- > p | BOOLEAN | TRUE | NULL | NULL | NULL

-- ok
CREATE TABLE t (a DATE, b TIME, c TIME(3), d TIMESTAMP, e TIMESTAMP(3), f TIMESTAMP(9) WITHOUT TIME ZONE, g TIMESTAMP_LTZ, h TIMESTAMP_LTZ(3),
    i TIMESTAMP(9) WITH LOCAL TIME ZONE, j TIMESTAMP WITH LOCAL TIME ZONE) WITH ('connector' = 'datagen');
DESCRIBE t;
-- > a | DATE | TRUE | NULL | NULL | NULL
-- > b | TIME(0) | TRUE | NULL | NULL | NULL
-- > c | TIME(3) | TRUE | NULL | NULL | NULL
-- > d | TIMESTAMP(6) | TRUE | NULL | NULL | NULL
-- > e | TIMESTAMP(3) | TRUE | NULL | NULL | NULL
-- > f | TIMESTAMP(9) | TRUE | NULL | NULL | NULL
-- > g | TIMESTAMP_LTZ(6) | TRUE | NULL | NULL | NULL
-- > h | TIMESTAMP_LTZ(3) | TRUE | NULL | NULL | NULL
-- > i | TIMESTAMP_LTZ(9) | TRUE | NULL | NULL | NULL
-- > j | TIMESTAMP_LTZ(6) | TRUE | NULL | NULL | NULL

-- # Flink's parser does not have this one either
-- error: TIME ZONE
CREATE TABLE t (a TIMESTAMP(3) WITH TIME ZONE) WITH ('connector' = 'datagen');

-- # Flink has these in expressions only
-- ok
CREATE TABLE t (a INTERVAL YEAR, b INTERVAL YEAR(4), c INTERVAL YEAR(2) TO MONTH, d INTERVAL MONTH, e INTERVAL DAY, f INTERVAL DAY(3) TO HOUR, g INTERVAL DAY(2) TO MINUTE,
    h INTERVAL DAY TO SECOND(3), i INTERVAL HOUR, j INTERVAL HOUR TO MINUTE, k INTERVAL HOUR TO SECOND(3), l INTERVAL MINUTE, m INTERVAL MINUTE TO SECOND(3),
    n INTERVAL SECOND, o INTERVAL SECOND(3)) WITH ('connector' = 'values', 'rows' = '');
SELECT * FROM t;

-- ok
CREATE TABLE t (a ARRAY<INT>, b INT ARRAY, c MAP<STRING, INT>, d MULTISET<INT>, e INT MULTISET, f ROW<x INT, y STRING 'text'>, g ROW(x INT NOT NULL, y STRING),
    h ARRAY<ROW<a INT, b MAP<INT, DATE>>>, i INT NOT NULL, j ARRAY<INT NOT NULL> NOT NULL) WITH ('connector' = 'datagen');
DESCRIBE t;
-- > a | ARRAY<INT> | TRUE | NULL | NULL | NULL
-- > b | ARRAY<INT> | TRUE | NULL | NULL | NULL
-- > c | MAP<STRING, INT> | TRUE | NULL | NULL | NULL
-- > d | MULTISET<INT> | TRUE | NULL | NULL | NULL
-- > e | MULTISET<INT> | TRUE | NULL | NULL | NULL
-- > f | ROW<`x` INT, `y` STRING> | TRUE | NULL | NULL | NULL
-- > g | ROW<`x` INT NOT NULL, `y` STRING> | TRUE | NULL | NULL | NULL
-- > h | ARRAY<ROW<`a` INT, `b` MAP<INT, DATE>>> | TRUE | NULL | NULL | NULL
-- > i | INT | FALSE | NULL | NULL | NULL
-- > j | ARRAY<INT NOT NULL> | FALSE | NULL | NULL | NULL

-- ok
CREATE TABLE t (a VARIANT) WITH ('connector' = 'datagen');
-- any

-- ok
CREATE TABLE t (a BITMAP) WITH ('connector' = 'datagen');
-- any

-- refused: type RAW
CREATE TABLE t (a RAW('java.lang.String', 'AA==')) WITH ('connector' = 'datagen');

-- ok
CREATE TABLE t (a STRUCTURED<'c', x INT, y STRING>) WITH ('connector' = 'datagen');
-- any

-- error: unknown type
CREATE TABLE t (a NULL) WITH ('connector' = 'datagen');

-- ok
SELECT CAST('42' AS INT), TRY_CAST('x' AS INT), CAST(NULL AS VARCHAR), TRY_CAST(NULL AS VARCHAR), COALESCE(TRY_CAST('x' AS INT), 0);
-- > 42 | NULL | NULL | NULL | 0

-- error: x
SELECT CAST('x' AS INT);

-- ok
SELECT CAST('abc' AS CHAR(2)), '<' || CAST('a' AS CHAR(3)) || '>', CAST('abcd' AS VARCHAR(3)), CAST(X'4142' AS STRING), HEX(CAST(CAST('AB' AS BYTES) AS STRING)), CAST(CAST(X'414243' AS BINARY(2)) AS STRING);
-- > ab | <a  > | abc | AB | 4142 | AB

-- ok
SELECT CAST(TRUE AS STRING), CAST(TRUE AS INT), CAST(0 AS BOOLEAN), CAST('true' AS BOOLEAN), CAST(TRUE AS DECIMAL(3, 1)), CAST(1.0 AS BOOLEAN);
-- > TRUE | 1 | FALSE | TRUE | 1.0 | TRUE

-- ok
SELECT CAST(1.5 AS INT), CAST(1e0 AS DECIMAL(4, 2)), CAST(300 AS TINYINT), CAST(2.5 AS FLOAT), CAST(1 AS DOUBLE), CAST('1.25' AS DECIMAL(4, 1)), CAST(12345678901 AS INT);
-- > 1 | 1.00 | 44 | 2.5 | 1.0 | 1.3 | -539222987

-- ok
SELECT CAST(DATE '2024-01-02' AS TIMESTAMP(3)), CAST(TIMESTAMP '2024-01-02 03:04:05' AS DATE), CAST(TIMESTAMP '2024-01-02 03:04:05' AS TIME), CAST('2024-01-02' AS DATE), CAST('03:04:05' AS TIME), CAST('2024-01-02 03:04:05.678' AS TIMESTAMP(3));
-- > 2024-01-02 00:00:00.000 | 2024-01-02 | 03:04:05 | 2024-01-02 | 03:04:05 | 2024-01-02 03:04:05.678

-- ok
SELECT CAST(INTERVAL '50' MONTH AS STRING), CAST(INTERVAL '70' SECOND AS STRING), CAST(MAP['a', 1] AS STRING), CAST(ARRAY[1, 2] AS STRING), CAST(ROW(1, 'x') AS STRING);
-- > +4-02 | +0 00:01:10.000 | {a=1} | [1, 2] | (1, x)

-- ok
SELECT CAST(ARRAY[1, 2] AS ARRAY<STRING>), CAST(MAP['a', '1'] AS MAP<STRING, INT>), CAST(ROW(1, '2') AS ROW<a STRING, b INT>);
-- > [1, 2] | {a=1} | (1, 2)

-- error: there is no cast
SELECT CAST(TIMESTAMP '2024-01-01 00:00:00' AS INTERVAL SECOND);

-- error: there is no cast
SELECT CAST(TIMESTAMP '2024-01-01 00:00:00' AS INT);

-- error: there is no cast
SELECT CAST(1 AS TIMESTAMP(3));

-- error: there is no cast
SELECT CAST(INTERVAL '3' YEAR AS INT);

-- error: there is no cast
SELECT CAST(X'41' AS INT);

-- error: there is no cast
SELECT CAST(ARRAY[1] AS INT);

-- # casts as they were before Flink 1.15
-- refused: 'enabled' of option 'table.exec.legacy-cast-behaviour'
SET 'table.exec.legacy-cast-behaviour' = 'enabled';
