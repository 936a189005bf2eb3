CREATE TABLE t (a INT) DISTRIBUTED BY HASH(b) INTO 4 BUCKETS WITH ('connector' = 'datagen', 'number-of-rows' = '1');
