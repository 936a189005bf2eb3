CREATE TABLE o (order INT) WITH ('connector' = 'blackhole');
