CREATE TABLE o (a INT) WITH ('connector' = 'datagen', 'connector' = 'datagen');
