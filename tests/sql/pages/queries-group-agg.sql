-- Group aggregation: GROUP BY, DISTINCT, grouping sets, HAVING.

-- setup
CREATE TABLE t (k STRING, n INT) WITH ('connector' = 'values', 'rows' = '{"k":"a","n":1}
{"k":"a","n":2}
{"k":"b","n":2}
{"k":"b"}');
CREATE VIEW p AS SELECT * FROM (VALUES ('s', 'x', 1), ('s', 'y', 2), ('t', 'z', 2)) AS v (supplier, product, stars);

-- ok
SELECT COUNT(*) FROM t;
-- > 4

-- changes
SELECT COUNT(*) FROM t WHERE k = 'a';
-- > +I | 1
-- > -U | 1
-- > +U | 2

-- # without GROUP BY there is a row even if nothing is counted; a stream has none before the first row comes
-- ok
SELECT COUNT(*), SUM(n) FROM t WHERE k = 'z';

-- batch
SELECT COUNT(*), SUM(n) FROM t WHERE k = 'z';
-- > 0 | NULL

-- ok
SELECT COUNT(*) FROM t WHERE k = 'z' GROUP BY k;

-- ok
SELECT k, COUNT(*), COUNT(n), SUM(n), MIN(n), MAX(n), AVG(n) FROM t GROUP BY k;
-- > a | 2 | 2 | 3 | 1 | 2 | 1
-- > b | 2 | 1 | 2 | 2 | 2 | 2

-- ok
SELECT COUNT(*) FROM t GROUP BY k;
-- > 2
-- > 2

-- ok
SELECT COUNT(DISTINCT n), SUM(DISTINCT n) FROM t;
-- > 2 | 3

-- ok
SELECT COUNT(DISTINCT k), COUNT(DISTINCT n), COUNT(n) FROM t;
-- > 2 | 2 | 3

-- ok
SELECT COUNT(*) FILTER (WHERE n > 1), COUNT(*) FILTER (WHERE k = 'a') FROM t;
-- > 2 | 2

-- ok
SELECT supplier, stars, COUNT(*) FROM p GROUP BY GROUPING SETS ((supplier, stars), (supplier), ());
-- > s | 1 | 1
-- > s | 2 | 1
-- > t | 2 | 1
-- > s | NULL | 2
-- > t | NULL | 1
-- > NULL | NULL | 3

-- ok
SELECT supplier, stars, COUNT(*) FROM p GROUP BY ROLLUP (supplier, stars);
-- > s | 1 | 1
-- > s | 2 | 1
-- > t | 2 | 1
-- > s | NULL | 2
-- > t | NULL | 1
-- > NULL | NULL | 3

-- ok
SELECT supplier, stars, COUNT(*) FROM p GROUP BY CUBE (supplier, stars);
-- > s | 1 | 1
-- > s | 2 | 1
-- > t | 2 | 1
-- > s | NULL | 2
-- > t | NULL | 1
-- > NULL | 1 | 1
-- > NULL | 2 | 2
-- > NULL | NULL | 3

-- ok
SELECT supplier, GROUPING(supplier), GROUPING_ID(supplier, stars), COUNT(*) FROM p GROUP BY GROUPING SETS ((supplier), (stars));
-- > s | 0 | 1 | 2
-- > t | 0 | 1 | 1
-- > NULL | 1 | 2 | 1
-- > NULL | 1 | 2 | 2

-- ok
SELECT supplier, CHAR_LENGTH(product), COUNT(*) FROM p GROUP BY supplier, CHAR_LENGTH(product);
-- > s | 1 | 2
-- > t | 1 | 1

-- ok
SELECT k, SUM(n) FROM t GROUP BY k HAVING SUM(n) > 2;
-- > a | 3

-- ok
SELECT SUM(n) FROM t HAVING COUNT(*) > 3;
-- > 5

-- ok
SELECT SUM(n) FROM t HAVING COUNT(*) > 4;

-- ok
SELECT 1 FROM t HAVING COUNT(*) > 3;
-- > 1

-- error: GROUP BY
SELECT k, n FROM t GROUP BY k;

-- error: GROUP BY
SELECT k, SUM(n) FROM t;

-- # Flink refuses it, too
-- refused: COUNT of several columns
SELECT COUNT(DISTINCT k, n) FROM t;

-- refused: WITHIN GROUP
SELECT LISTAGG(k) WITHIN GROUP (ORDER BY n) FROM t;

-- refused: IGNORE NULLS and RESPECT NULLS
SELECT FIRST_VALUE(n) IGNORE NULLS FROM t;
