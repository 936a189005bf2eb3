-- WITH, views over views with column names, subqueries in FROM, names that hide each other.
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (k STRING, total INT, share STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

CREATE VIEW v1 (key_name, amount) AS SELECT k, v FROM t WHERE v IS NOT NULL;
CREATE VIEW v2 AS SELECT key_name AS k, amount * 2 AS doubled FROM v1;

INSERT INTO o
WITH t AS (SELECT k, doubled AS v FROM v2 WHERE doubled > 2),
     s AS (SELECT k, v + 1 AS v FROM t)
SELECT q.k, q.w - 1, CASE q.k WHEN 'a' THEN 'first' WHEN 'b' THEN 'second' ELSE 'none' END
FROM (SELECT r.k, r.v AS w FROM (SELECT * FROM s) AS r WHERE r.v <> 9) AS q;
