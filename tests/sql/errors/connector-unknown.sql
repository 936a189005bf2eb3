CREATE TABLE o (a INT) WITH ('connector' = 'postgres');
SELECT * FROM o;
