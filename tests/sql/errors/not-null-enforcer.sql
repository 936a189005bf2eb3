CREATE TABLE o (a INT NOT NULL, b INT) WITH ('connector' = 'blackhole');
INSERT INTO o SELECT a, b FROM (VALUES (1, 2), (CAST(NULL AS INT), 3)) AS x (a, b);
