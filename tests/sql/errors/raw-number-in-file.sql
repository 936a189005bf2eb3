CREATE TABLE t (n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'raw');
SELECT * FROM t;
