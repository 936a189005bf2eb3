-- Queries: the grammar, names, and how texts are written.

-- setup
CREATE TABLE t (a INT, b STRING, `my field` INT) WITH ('connector' = 'values', 'rows' = '{"a":1,"b":"x","my field":7}
{"a":2,"b":"y","my field":8}
{"a":3,"b":"y"}');

-- ok
VALUES (1, 'one'), (2, 'two');
-- > 1 | one
-- > 2 | two

-- ok
VALUES 1, 2;
-- > 1
-- > 2

-- ok
WITH w AS (SELECT a FROM t WHERE a > 1) SELECT a + 1 FROM w;
-- > 3
-- > 4

-- ok
WITH w (n, m) AS (SELECT a, b FROM t), v AS (SELECT n FROM w WHERE m = 'y') SELECT n FROM v;
-- > 2
-- > 3

-- ok
SELECT 1 + 2, 'text';
-- names: EXPR$0 | EXPR$1
-- > 3 | text

-- ok
SELECT ALL b FROM t;
-- > x
-- > y
-- > y

-- ok
SELECT DISTINCT b FROM t;
-- > x
-- > y

-- ok
SELECT t.* FROM t WHERE a = 1;
-- > 1 | x | 7

-- ok
SELECT s.* FROM t AS s (x, y, z) WHERE x = 3;
-- names: x | y | z
-- > 3 | y | NULL

-- ok
SELECT a x, b AS y FROM t WHERE `my field` = 8;
-- names: x | y
-- > 2 | y

-- ok
SELECT a AS `a b` FROM t WHERE a = 1;
-- names: a b
-- > 1

-- # the grammar of the page has it, Flink's parser does not
-- error: expected
SELECT a FROM TABLE t WHERE a = 1;

-- refused: TABLE as a query
SELECT a FROM (TABLE t);

-- ok
SELECT x.a, y.b FROM t AS x, t AS y WHERE x.a = y.a AND x.a < 3;
-- > 1 | x
-- > 2 | y

-- ok
SELECT a FROM (SELECT a, b FROM t) WHERE b = 'y';
-- > 2
-- > 3

-- ok
(SELECT a FROM t WHERE a = 1) UNION ALL (SELECT a FROM t WHERE a = 3);
-- > 1
-- > 3

-- ok
SELECT b, COUNT(*) FROM t GROUP BY b HAVING COUNT(*) > 1;
-- > y | 2

-- ok
SELECT COUNT(*) FROM t GROUP BY ();
-- > 3

-- ok
SELECT a, b, COUNT(*) FROM t WHERE a < 3 GROUP BY (a, b);
-- > 1 | x | 1
-- > 2 | y | 1

-- ok
SELECT b, COUNT(*) FROM t GROUP BY CUBE (b);
-- > x | 1
-- > y | 2
-- > NULL | 3

-- ok
SELECT b, COUNT(*) FROM t GROUP BY ROLLUP (b);
-- > x | 1
-- > y | 2
-- > NULL | 3

-- ok
SELECT b, COUNT(*) FROM t GROUP BY GROUPING SETS ((b), ());
-- > x | 1
-- > y | 2
-- > NULL | 3

-- ok
SELECT a FROM t ORDER BY a DESC;
-- > 3
-- > 2
-- > 1

-- ok
SELECT b, a FROM t ORDER BY b ASC, a DESC;
-- > x | 1
-- > y | 3
-- > y | 2

-- ok
SELECT a FROM t ORDER BY a LIMIT 2;
-- > 1
-- > 2

-- ok
SELECT a FROM t ORDER BY a LIMIT ALL;
-- > 1
-- > 2
-- > 3

-- ok
SELECT a FROM t ORDER BY a LIMIT 1 OFFSET 1 ROW;
-- > 2

-- ok
SELECT a FROM t ORDER BY a OFFSET 2 ROWS;
-- > 3

-- ok
SELECT a FROM t ORDER BY a OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY;
-- > 2

-- # as before
-- error: expected
SELECT a FROM t ORDER BY a FETCH FIRST ROW ONLY;

-- ok
SELECT a FROM default_catalog.default_database.t WHERE a = 1;
-- > 1

-- ok
SELECT a FROM default_database.t WHERE a = 1;
-- > 1

-- # options of a table for one query
-- ok
SELECT a FROM t /*+ OPTIONS('rows' = '{"a":9}') */;
-- > 9

-- ok
SELECT n FROM UNNEST(ARRAY[1, 2]) AS u (n);
-- > 1
-- > 2

-- # names keep their case
-- error: column "A" not found
SELECT A FROM t;

-- error: table "T" not found
SELECT a FROM T;

-- ok
SELECT 'It''s', 'a "b"', '';
-- > It's | a "b" | 

-- ok
SELECT 'Grüße 日本';
-- > Grüße 日本

-- refused: E'' string with C escapes
SELECT e'\u0062\x62\142', E'a\tb\nc', E'\U0001F600';

-- ok
SELECT U&'\00E4';
-- > ä

-- ok
SELECT U&'!00E4' UESCAPE '!';
-- > ä

-- refused: INTERSECT
SELECT a FROM t INTERSECT SELECT a FROM t;

-- refused: EXCEPT
SELECT a FROM t EXCEPT SELECT a FROM t;

-- refused: NATURAL JOIN
SELECT * FROM t NATURAL JOIN (SELECT 1 AS a) AS s;

-- refused: LEFT JOIN
SELECT * FROM t LEFT JOIN (SELECT 1 AS c) AS s ON a = c;

-- refused: RIGHT JOIN
SELECT * FROM t RIGHT JOIN (SELECT 1 AS c) AS s ON a = c;

-- refused: FULL JOIN
SELECT * FROM t FULL JOIN (SELECT 1 AS c) AS s ON a = c;

-- refused: JOIN USING
SELECT * FROM t JOIN (SELECT 1 AS a) AS s USING (a);

-- error: unknown function 'f'
SELECT * FROM t, LATERAL TABLE(f(a));

-- error: unknown function 'f'
SELECT * FROM t, LATERAL f(a);

-- refused: LATERAL
SELECT * FROM t, LATERAL (SELECT t.a + 1);

-- refused: FOR SYSTEM_TIME AS OF
SELECT * FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2024-01-01 00:00:00';

-- refused: WINDOW
SELECT SUM(a) OVER w FROM t WINDOW w AS (ORDER BY a);

-- refused: MATCH_RECOGNIZE
SELECT * FROM t MATCH_RECOGNIZE (ORDER BY a MEASURES A.a AS x PATTERN (A) DEFINE A AS A.a > 1);

-- ok
EXPLAIN SELECT * FROM t;
-- has: TableSourceScan
