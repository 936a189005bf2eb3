-- A structured type kept in state: COUNT of different ones, MAX beside them.
CREATE TABLE t (id INT, k STRING, v STRING, a ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (k STRING, n BIGINT, m INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT CAST(x AS STRING), COUNT(*), MAX(id) FROM (SELECT id, OBJECT_OF('com.X', 'k', k) AS x FROM t) GROUP BY x;
