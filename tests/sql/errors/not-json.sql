CREATE TABLE o (a INT) WITH ('connector' = 'filesystem', 'path' = 'not-json.sql', 'format' = 'json');
SELECT * FROM o;
