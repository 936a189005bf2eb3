-- GROUP BY a BITMAP.
CREATE TABLE t (id INT, k STRING, v ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (j STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT BITMAP_TO_STRING(b), COUNT(*) FROM (SELECT BITMAP_BUILD(v) AS b FROM t) GROUP BY b;
