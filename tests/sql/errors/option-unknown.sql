CREATE TABLE o (a INT) WITH ('connector' = 'datagen', 'rows-per-secnd' = '5');
SELECT * FROM o;
