-- LIKE with both wildcards, an escape, a pattern from a column, and characters that mean something elsewhere.
CREATE TABLE t (id INT, s STRING, p STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, a BOOLEAN, b BOOLEAN, c BOOLEAN, d BOOLEAN, e BOOLEAN, f BOOLEAN, g BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, s LIKE 'a%', s LIKE '%b', s LIKE '%b%', s LIKE 'a_c', s LIKE p, s NOT LIKE '%\_%' ESCAPE '\', s LIKE '_' FROM t;
