CREATE TABLE o (a INT, b INT, a INT) WITH ('connector' = 'blackhole');
