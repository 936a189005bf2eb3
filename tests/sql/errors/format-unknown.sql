CREATE TABLE o (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'jsn');
SELECT * FROM o;
