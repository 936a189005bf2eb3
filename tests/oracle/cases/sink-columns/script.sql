-- A column list in INSERT: the others are NULL, in the table's order; values are cast to the sink's types.
CREATE TABLE t (a INT, b STRING, c DECIMAL(8, 4)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (x STRING, y BIGINT, z DECIMAL(10, 2), w DOUBLE, n STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o (z, x, y, w) SELECT c, b, a, a FROM t;
