CREATE TABLE o (a INT) WITH ('connector' = 'filesystem', 'format' = 'json');
SELECT * FROM o;
