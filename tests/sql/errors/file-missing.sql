CREATE TABLE o (a INT) WITH ('connector' = 'filesystem', 'path' = 'nowhere/x.json', 'format' = 'json');
SELECT * FROM o;
