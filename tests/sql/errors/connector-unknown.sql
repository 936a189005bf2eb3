CREATE TABLE o (a INT) WITH ('connector' = 'kafkaa');
SELECT * FROM o;
