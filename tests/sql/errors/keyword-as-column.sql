CREATE TABLE t (user STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
