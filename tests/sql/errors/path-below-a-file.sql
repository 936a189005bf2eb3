CREATE TABLE o (a INT) WITH ('connector' = 'filesystem', 'path' = 'path-below-a-file.sql/x', 'format' = 'json');
INSERT INTO o SELECT 1;
