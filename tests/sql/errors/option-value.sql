CREATE TABLE o (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = 'many');
SELECT * FROM o;
